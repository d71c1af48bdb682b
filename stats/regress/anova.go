package regress

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// OneWay is a one-way analysis of variance of k independent groups.
type OneWay struct {
	stats.FTest
	// SSBetween has DF1 degrees of freedom, SSWithin DF2.
	SSBetween, SSWithin float64
}

// OneWayANOVA tests whether all groups have one mean, assuming independent
// normal values of one variance:
//
//	F = [Σ n(x̄ᵢ − x̄)²/(k − 1)] / [ΣΣ(x − x̄ᵢ)²/(N − k)]
//
// Sums are taken in double-double arithmetic, so data with a large offset keep
// their digits. It refuses fewer than two groups, an empty group, as many
// groups as values (ErrTooFew) and groups that are each constant
// (ErrNoVariation). Where variances may differ use WelchANOVA.
//
// Source: Fisher (1925). Agrees with R's aov and oneway.test(var.equal = TRUE).
func OneWayANOVA(groups ...[]float64) (OneWay, error) {
	const fn = "OneWayANOVA"
	n, err := checkGroups(fn, groups, 1)
	if err != nil {
		return OneWay{}, err
	}
	k := len(groups)
	if n <= k {
		return OneWay{}, &stats.SampleError{Func: fn, Arg: "groups", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("%d values in %d groups", n, k)}
	}
	between, within := sumsOfSquares(groups)
	if within == 0 || moments.NoSpread(groups, within, n) {
		return OneWay{}, &stats.SampleError{Func: fn, Arg: "groups", Index: -1, Err: stats.ErrNoVariation, Info: "within groups"}
	}
	d1, d2 := float64(k-1), float64(n-k)
	return OneWay{FTest: stats.FTest{F: between / d1 / (within / d2), DF1: d1, DF2: d2},
		SSBetween: between, SSWithin: within}, nil
}

// Eta2 returns η² = SSBetween/(SSBetween + SSWithin), the share of the
// sample's variation between groups.
func (o OneWay) Eta2() float64 { return o.PartialEta2() }

// Omega2 returns ω² = (SSB − (k−1)MSW)/(SST + MSW), less biased than η²;
// negative where F < 1.
func (o OneWay) Omega2() float64 { return o.PartialOmega2() }

// Epsilon2 returns ε² = (SSB − (k−1)MSW)/SST, negative where F < 1.
func (o OneWay) Epsilon2() float64 { return o.PartialEpsilon2() }

// WelchANOVA tests whether all groups have one mean without assuming one
// variance. It is approximate: F with estimated degrees of freedom.
// Every group needs two values and variation.
//
// Source: Welch 1951, doi:10.1093/biomet/38.3-4.330. Agrees with R's
// oneway.test.
func WelchANOVA(groups ...[]float64) (stats.FTest, error) {
	const fn = "WelchANOVA"
	if _, err := checkGroups(fn, groups, 2); err != nil {
		return stats.FTest{}, err
	}
	groups = moments.Rescaled(groups...)
	k := float64(len(groups))
	w := make([]float64, len(groups))
	mean := make([]num.DD, len(groups))
	var sw, swm num.DD
	for i, g := range groups {
		m, ss := moments.DD(g)
		if ss == 0 {
			return stats.FTest{}, &stats.SampleError{Func: fn, Arg: "groups", Index: i, Err: stats.ErrNoVariation}
		}
		n := float64(len(g))
		w[i], mean[i] = n*(n-1)/ss, m
		sw = sw.Add(num.ToDD(w[i]))
		swm = swm.Add(m.MulFloat(w[i]))
	}
	grand := swm.Div(sw)
	total := sw.Float()
	a, b := 0.0, 0.0
	for i, g := range groups {
		d := mean[i].Sub(grand).Float()
		a += w[i] * d * d
		r := 1 - w[i]/total
		b += r * r / float64(len(g)-1)
	}
	f := a / (k - 1) / (1 + 2*(k-2)/(k*k-1)*b)
	return stats.FTest{F: f, DF1: k - 1, DF2: (k*k - 1) / (3 * b)}, nil
}

func sumsOfSquares(groups [][]float64) (between, within float64) {
	means := make([]num.DD, len(groups))
	var total, w, b num.DD
	n := 0
	for i, g := range groups {
		var ss float64
		means[i], ss = moments.DD(g)
		w = w.Add(num.ToDD(ss))
		total = total.Add(means[i].MulFloat(float64(len(g))))
		n += len(g)
	}
	grand := total.Div(num.ToDD(float64(n)))
	for i, g := range groups {
		d := means[i].Sub(grand)
		b = b.Add(d.Mul(d).MulFloat(float64(len(g))))
	}
	return b.Float(), w.Float()
}

// checkGroups returns the number of values.
func checkGroups(fn string, groups [][]float64, min int) (n int, err error) {
	if len(groups) < 2 {
		return 0, &stats.SampleError{Func: fn, Arg: "groups", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("%d groups, need 2", len(groups))}
	}
	for i, g := range groups {
		if err := check.Moments(fn, fmt.Sprintf("groups[%d]", i), g, min); err != nil {
			return 0, err
		}
		n += len(g)
	}
	return n, nil
}

// PartialOmega2CI returns the interval of PartialOmega2 on the sample's scale:
// that of η² for the F statistic whose η² equals this ω²ₚ (0 where that is
// negative). Agrees with R's effectsize::omega_squared of a fitted model.
func (t TermTest) PartialOmega2CI(level float64) stats.Interval {
	return shareCI(t.PartialOmega2(), t.FTest, level)
}

// GeneralizedEta2CI returns an interval of GeneralizedEta2 on the sample's
// scale: that of η² for the F statistic, on the test's degrees of freedom,
// whose η² equals it. Approximate: no exact pivot of a ratio with several error
// terms is known. With one error term it is the interval of partial η².
// Agrees with R's effectsize::eta_squared(generalized = TRUE).
func (t RepeatedTest) GeneralizedEta2CI(level float64) stats.Interval {
	return shareCI(t.GeneralizedEta2, t.FTest, level)
}

// shareCI is the interval of a share of variance on the degrees of freedom of t.
func shareCI(share float64, t stats.FTest, level float64) stats.Interval {
	check.Level(level)
	if share >= 1 { // 1 less than a float can show: models without error are refused
		return stats.Interval{Lo: 1, Hi: 1, Level: level}
	}
	lo, hi := num.NCFShareCI(share, t.DF1, t.DF2, level)
	return stats.Interval{Lo: lo, Hi: hi, Level: level}
}
