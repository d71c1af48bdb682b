package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// StandardizedProportion is the standardized difference of two proportions,
//
//	(p₁ − p₂) / √((p₁(1 − p₁) + p₂(1 − p₂))/2),
//
// treated − control in units of a standard deviation: how unlike two groups are
// in a yes-or-no characteristic. It describes the participants at hand and
// estimates nothing: after randomization it is chance alone, and unlike a p-value
// it does not grow with their number. Exact.
//
// It is 0 where both proportions are 0, or both 1. It refuses an empty group
// (ErrTooFew), counts that are none, and 0 beside 1 (ErrNoVariation), where the
// standard deviation is 0.
// Source: Austin (2009), doi 10.1002/sim.3697, whose formula it agrees with as R
// computes it from table() (no call of base R has it).
func StandardizedProportion(treated, control Count) (float64, error) {
	d, err := StandardizedCounts([]int{treated.Events, treated.N - treated.Events}, []int{control.Events, control.N - control.Events})
	if err != nil {
		return 0, check.Renamed("StandardizedProportion", err)
	}
	return math.Copysign(d, treated.Rate()-control.Rate()), nil
}

// StandardizedCounts is the standardized difference of two groups in a
// characteristic with several levels, given how many of each group have each
// level: the Mahalanobis distance
//
//	√((p₁ − p₂)ᵀ S⁻¹ (p₁ − p₂)),  S = (S₁ + S₂)/2,
//
// where p holds the proportions of all levels but one, of those that anybody
// has, and S₁, S₂ are their multinomial covariances. It has no sign and does not
// depend on which level is left out; with two levels it is the absolute value of
// StandardizedProportion. It describes and estimates nothing, as that does. Exact.
//
// It refuses an empty group (ErrTooFew), a different number of levels
// (ErrLength), a negative count (ErrDomain) and groups without a common level
// (ErrNoVariation): S is then singular and the distance infinite.
// Source: Yang & Dalton (2012), SAS Global Forum, paper 335-2012. It agrees with
// R's mahalanobis of the proportions.
func StandardizedCounts(treated, control []int) (float64, error) {
	const fn = "StandardizedCounts"
	if len(treated) != len(control) {
		return 0, &check.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d and %d levels", len(treated), len(control))}
	}
	n1, n2, common := 0, 0, false
	for i := range treated {
		if treated[i] < 0 || control[i] < 0 {
			return 0, &check.SampleError{Func: fn, Arg: "treated, control", Index: i, Err: stats.ErrDomain, Info: "a negative count"}
		}
		n1, n2 = n1+treated[i], n2+control[i]
		common = common || treated[i] > 0 && control[i] > 0
	}
	switch {
	case n1 == 0:
		return 0, check.Sample(fn, "treated", nil, 1)
	case n2 == 0:
		return 0, check.Sample(fn, "control", nil, 1)
	case !common:
		return 0, check.NoVariation(fn, "treated, control")
	}
	var p1, p2 []float64
	for i := range treated {
		if treated[i]+control[i] > 0 {
			p1, p2 = append(p1, float64(treated[i])/float64(n1)), append(p2, float64(control[i])/float64(n2))
		}
	}
	k := len(p1) - 1
	s, d := make([][]float64, k), make([]float64, k)
	for i := range k {
		d[i] = p1[i] - p2[i]
		s[i] = make([]float64, k)
		for j := range k {
			s[i][j] = -(p1[i]*p1[j] + p2[i]*p2[j]) / 2
		}
		s[i][i] = (p1[i]*(1-p1[i]) + p2[i]*(1-p2[i])) / 2
	}
	return math.Sqrt(quadratic(s, d)), nil
}

// quadratic is dᵀ s⁻¹ d for a positive definite s, by Cholesky's factor: the
// squared length of the solution of L z = d.
func quadratic(s [][]float64, d []float64) float64 {
	sum := 0.0
	z := make([]float64, len(d))
	for i := range d {
		for j := range i {
			for m := range j {
				s[i][j] -= s[i][m] * s[j][m]
			}
			s[i][j] /= s[j][j]
		}
		z[i] = d[i]
		for m := range i {
			s[i][i] -= s[i][m] * s[i][m]
			z[i] -= s[i][m] * z[m]
		}
		s[i][i] = math.Sqrt(s[i][i])
		z[i] /= s[i][i]
		sum += z[i] * z[i]
	}
	return sum
}
