package power

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// DesignErrors says what a two-sided test at a given size can do when the true
// effect is known. The true effect has to come from outside the data: put in
// the observed effect and the power is only another way to write the p-value
// (Hoenig & Heisey 2001, doi 10.1198/000313001300339897).
type DesignErrors struct {
	// Power is the probability of p < alpha, in either direction.
	Power float64 `json:"power"`
	// TypeS is, among results with p < alpha, the share with the wrong sign.
	TypeS float64 `json:"type_s"`
	// TypeM is, among results with p < alpha, the mean of |estimate| divided by
	// |true effect|: the factor by which significant results exaggerate.
	TypeM float64 `json:"type_m"`
}

// String writes "power 0.24, wrong sign in 0.0026 of the significant results,
// exaggerated 1.91 times".
func (e DesignErrors) String() string {
	if e == (DesignErrors{}) {
		return show.NoResult
	}
	return fmt.Sprintf("power %s, wrong sign in %.2g of the significant results, exaggerated %s times",
		show.Fixed(e.Power, 2), e.TypeS, show.Fixed(e.TypeM, show.DecimalsOf(e.TypeM)))
}

// TypeSM returns power, type S and type M errors of the two-sided t-test of
// size alpha when the estimate is normal around the true effect with the true
// standard error se, and se is estimated on df degrees of freedom
// independently of the estimate; df = +Inf is the z-test.
//
// Exact under that model: power and type S are tails of the noncentral t
// distribution, type M a one-dimensional integral over the estimated standard
// error. (Gelman and Carlin's program shifts a central t instead, which
// exaggerates type M at small df: 3.75 in place of 2.92 for d = 0.5 with five
// a group.) It refuses an effect of 0, which has no sign, a se that is not
// positive and df ≤ 0, and panics unless 0 < alpha < 1.
//
// Source: Gelman & Carlin (2014), Perspect Psychol Sci 9:641,
// doi 10.1177/1745691614551642. Power agrees with R's
// power.t.test(strict = TRUE).
func TypeSM(effect, se, df, alpha float64) (DesignErrors, error) {
	check.Level(1 - alpha)
	bad := func(arg string, v float64) (DesignErrors, error) {
		return DesignErrors{}, &stats.SampleError{Func: "TypeSM", Arg: arg, Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(v)}
	}
	switch {
	case effect == 0 || math.IsNaN(effect) || math.IsInf(effect, 0):
		return bad("effect", effect)
	case !(se > 0) || math.IsInf(se, 0):
		return bad("se", se)
	case !(df > 0):
		return bad("df", df)
	}
	delta := math.Abs(effect) / se
	crit := num.TQuantileUpper(alpha/2, df)
	var right, wrong, size float64
	if math.IsInf(df, 1) {
		right, wrong = num.NormSF(crit-delta), num.NormSF(crit+delta)
		size = significantSize(delta, crit)
	} else {
		right, wrong = num.NCTSF(crit, df, delta), num.NCTSF(crit, df, -delta)
		// s is the estimated over the true standard error: √(χ²/df).
		lo := math.Sqrt(num.ChiSqQuantile(1e-18, df) / df)
		hi := math.Sqrt(num.ChiSqQuantileUpper(1e-18, df) / df)
		size = num.Integrate(func(s float64) float64 {
			return significantSize(delta, crit*s) * 2 * df * s * num.ChiSqPDF(df*s*s, df)
		}, lo, hi, 1e-12)
	}
	power := right + wrong
	return DesignErrors{Power: power, TypeS: wrong / power, TypeM: size / power / delta}, nil
}

// significantSize is E(|Z|; |Z| > k) for Z normal around delta with SD 1.
func significantSize(delta, k float64) float64 {
	return delta*(num.NormSF(k-delta)-num.NormSF(k+delta)) + num.NormPDF(k-delta) + num.NormPDF(k+delta)
}

// TypeSMGroups is TypeSM for the difference of two means by Student's t-test:
// d is the true difference in units of the common standard deviation, n1 and
// n2 the sizes of the groups. It refuses d = 0, an empty group and fewer than
// three observations in all. Source: Gelman & Carlin (2014),
// doi 10.1177/1745691614551642. Power agrees with R's
// power.t.test(n, delta = d, strict = TRUE) for equal groups.
func TypeSMGroups(d float64, n1, n2 int, alpha float64) (DesignErrors, error) {
	if err := checkGroupSizes("TypeSMGroups", n1, n2); err != nil {
		return DesignErrors{}, err
	}
	return TypeSM(d, math.Sqrt(1/float64(n1)+1/float64(n2)), float64(n1+n2-2), alpha)
}

func checkGroupSizes(fn string, n1, n2 int) error {
	if n1 < 1 || n2 < 1 || n1+n2 < 3 {
		return &stats.SampleError{Func: fn, Arg: "n1, n2", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("n = %d and %d", n1, n2)}
	}
	return nil
}

// DetectableD returns the true standardized difference of two means that
// Student's two-sided t-test of size alpha finds with the given power: with
// five a group, alpha 0.05 and power 0.8 it is 2.02 standard deviations.
// Exact for normal data. It refuses an empty group and fewer than three
// observations in all, and panics unless 0 < alpha < power < 1.
// Source: Cohen (1988), Statistical Power Analysis, doi 10.4324/9780203771587.
// It agrees with R's power.t.test(n, power = power, strict = TRUE).
func DetectableD(n1, n2 int, alpha, power float64) (float64, error) {
	check.Level(1 - alpha)
	if !(power > alpha && power < 1) {
		panic(fmt.Sprintf("power.DetectableD: power %v is not between alpha, %v, and 1", power, alpha))
	}
	if err := checkGroupSizes("DetectableD", n1, n2); err != nil {
		return 0, err
	}
	df := float64(n1 + n2 - 2)
	crit := num.TQuantileUpper(alpha/2, df)
	delta, err := num.RootExpand(func(delta float64) float64 {
		return num.NCTSF(crit, df, delta) + num.NCTSF(crit, df, -delta) - power
	}, crit, crit, 0, math.Inf(1), 1e-13)
	if err != nil {
		return 0, &stats.SampleError{Func: "DetectableD", Arg: "power", Index: -1, Err: stats.ErrNotConverged, Info: fmt.Sprint(power)}
	}
	return delta * math.Sqrt(1/float64(n1)+1/float64(n2)), nil
}

// SDOptions say what a needed standard deviation is to show.
type SDOptions struct {
	// Null is the value to differ from.
	Null float64
	// Alpha is the two-sided size; 0 means 0.05.
	Alpha float64
}

// NeededSDMean returns the largest standard deviation with which the mean of n
// values still differs from 0 at the two-sided size 0.05: the 95% confidence
// interval excludes 0 if and only if SD < |mean|·√n / t, with t on
// n − 1 degrees of freedom. It is 0 where mean is 0: no SD will do.
// It refuses n below 2 and numbers that are not finite. Source: Student (1908),
// doi 10.1093/biomet/6.1.1, solved for s. It agrees with R's
// abs(mean - null)*sqrt(n)/qt(1 - alpha/2, n - 1).
func NeededSDMean(mean float64, n int) (float64, error) {
	return NeededSDMeanWith(mean, n, SDOptions{})
}

// NeededSDMeanWith is NeededSDMean of another null or size. It panics unless 0 <
// Alpha < 1.
func NeededSDMeanWith(mean float64, n int, o SDOptions) (float64, error) {
	if n < 2 {
		return 0, &stats.SampleError{Func: "NeededSDMean", Arg: "n", Index: -1, Err: stats.ErrTooFew, Info: fmt.Sprintf("n = %d, need 2", n)}
	}
	return neededSD("NeededSDMean", mean, math.Sqrt(float64(n)), float64(n-1), o)
}

// NeededSDDifference returns the largest pooled standard deviation with which
// a difference of two means, of n1 and n2 values, still differs from 0 at
// the two-sided size 0.05 by Student's t: SD < |difference| /
// (t·√(1/n1 + 1/n2)), with t on n1 + n2 − 2 degrees of freedom.
// It refuses an empty group, fewer than three values in all and numbers that
// are not finite. Source: Student (1908), doi 10.1093/biomet/6.1.1, solved for
// s. It agrees with R's
// abs(difference - null)/(qt(1 - alpha/2, n1 + n2 - 2)*sqrt(1/n1 + 1/n2)).
func NeededSDDifference(difference float64, n1, n2 int) (float64, error) {
	return NeededSDDifferenceWith(difference, n1, n2, SDOptions{})
}

// NeededSDDifferenceWith is NeededSDDifference of another null or size. It panics
// unless 0 < Alpha < 1.
func NeededSDDifferenceWith(difference float64, n1, n2 int, o SDOptions) (float64, error) {
	if err := checkGroupSizes("NeededSDDifference", n1, n2); err != nil {
		return 0, err
	}
	return neededSD("NeededSDDifference", difference, 1/math.Sqrt(1/float64(n1)+1/float64(n2)), float64(n1+n2-2), o)
}

func neededSD(fn string, value, root, df float64, o SDOptions) (float64, error) {
	alpha := defaultAlpha(o.Alpha)
	check.Level(1 - alpha)
	d := math.Abs(value - o.Null)
	if math.IsNaN(d) || math.IsInf(d, 0) {
		return 0, &stats.SampleError{Func: fn, Arg: "value, null", Index: -1, Err: stats.ErrNotFinite, Info: fmt.Sprintf("%v, %v", value, o.Null)}
	}
	return d * root / num.TQuantileUpper(alpha/2, df), nil
}

// Allocation is how many of a randomization block's places went to each arm.
type Allocation struct{ Treated, Control int }

// ArrangementFloor returns the smallest two-sided p-value that a permutation
// or Mann–Whitney test can give, whatever the data: 1 over the number of ways
// in which the blocks' places can be dealt out, ∏ C(n₁ᵢ + n₂ᵢ, n₁ᵢ), and twice
// that where every block is split evenly, because exchanging the arms then
// gives a difference of the same size. Complete randomization is one block.
// 5 v 5 gives 2/252 and in blocks of two 2/32; 4 v 6 gives 1/210. Tied values
// can only raise the floor; see PermutationFloor for the data at hand.
// It refuses negative numbers and places for one arm only. Source: Fisher (1935),
// The Design of Experiments, section 21; Edgington & Onghena (2007),
// doi 10.1201/9781420011814. One even block agrees with R's 2/choose(2*n, n).
func ArrangementFloor(blocks ...Allocation) (float64, error) {
	logCount, even := 0.0, 1.0
	for i, b := range blocks {
		if b.Treated < 0 || b.Control < 0 {
			return 0, &stats.SampleError{Func: "ArrangementFloor", Arg: "blocks", Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf("%d and %d", b.Treated, b.Control)}
		}
		logCount += num.LogChoose(float64(b.Treated+b.Control), float64(b.Treated))
		if b.Treated != b.Control {
			even = 0
		}
	}
	if logCount == 0 {
		return 0, &stats.SampleError{Func: "ArrangementFloor", Arg: "blocks", Index: -1, Err: stats.ErrTooFew, Info: "only one arrangement exists"}
	}
	if logCount < 30 {
		// Small counts are whole numbers: do not leave them to the logarithm.
		count := 1.0
		for _, b := range blocks {
			count *= math.Round(num.Choose(b.Treated+b.Control, b.Treated))
		}
		return (1 + even) / count, nil
	}
	return (1 + even) * math.Exp(-logCount), nil
}

// SignFloor returns the smallest two-sided p-value of a signed-rank or sign
// test on n differences, none of them zero: 2/2ⁿ. With n = 5 it is 0.0625.
// It refuses n below 1. Source: Wilcoxon (1945), doi 10.2307/3001968. It agrees
// with R's wilcox.test(1:n)$p.value.
func SignFloor(n int) (float64, error) {
	if n < 1 {
		return 0, &stats.SampleError{Func: "SignFloor", Arg: "n", Index: -1, Err: stats.ErrTooFew, Info: fmt.Sprintf("n = %d", n)}
	}
	return math.Ldexp(1, 1-n), nil
}
