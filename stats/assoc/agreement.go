package assoc

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Agreement is a Bland–Altman comparison of two measurements of the same
// participants, in their unit.
type Agreement struct {
	N int
	// Bias is the mean of a − b, SD the standard deviation of the differences.
	Bias, SD float64
	// Multiplier z sets the limits of agreement, Bias ± z·SD.
	Multiplier float64
}

// AgreementOptions sets the limits of agreement. The zero value is 1.96, which
// Bland and Altman print, for about 95% of differences.
type AgreementOptions struct{ Multiplier float64 }

// BlandAltman compares measurements a[i] and b[i] of the same participants:
// bias a − b and 95% limits of agreement, Bias ± 1.96·SD. It assumes that
// differences are about normal, with mean and spread the same over the range of
// measurement; plot them against the means to see.
//
// Differences that vary by no more than the rounding of the measurements give
// limits equal to the bias, without intervals. It refuses
// slices of different lengths, fewer than two pairs, NaN and Inf.
// Source: Bland & Altman (1986), doi 10.1016/S0140-6736(86)90837-8, and (1999),
// doi 10.1177/096228029900800204. It agrees with R's blandr and
// BlandAltmanLeh::bland.altman.stats.
func BlandAltman(a, b []float64) (Agreement, error) {
	return BlandAltmanWith(a, b, AgreementOptions{})
}

// BlandAltmanWith is BlandAltman with other limits: a multiplier of 1.6449 is
// for 90% of differences. It panics for a negative one.
func BlandAltmanWith(a, b []float64, o AgreementOptions) (Agreement, error) {
	const fn = "BlandAltman"
	if o.Multiplier < 0 || math.IsNaN(o.Multiplier) || math.IsInf(o.Multiplier, 0) {
		panic(fmt.Sprintf("assoc.BlandAltmanWith: multiplier %v of the limits of agreement", o.Multiplier))
	}
	if o.Multiplier == 0 {
		o.Multiplier = 1.96
	}
	if err := checkMomentPairs(fn, a, b, 2); err != nil {
		return Agreement{}, err
	}
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	m, ss := moments.Of(d)
	if moments.NoSpread([][]float64{a, b}, ss, len(d)) {
		ss = 0
	}
	return Agreement{N: len(a), Bias: m, SD: math.Sqrt(ss / float64(len(a)-1)), Multiplier: o.Multiplier}, nil
}

// Limits returns the lower and upper limit of agreement.
func (g Agreement) Limits() (lower, upper float64) {
	return g.Bias - g.Multiplier*g.SD, g.Bias + g.Multiplier*g.SD
}

// BiasCI returns the t interval of the bias; exact for normal differences. Of
// differences that do not vary it is unbounded, with Why = WhyNoError, as are those
// of the limits.
func (g Agreement) BiasCI(level float64) stats.Interval {
	check.Level(level)
	if g.SD == 0 {
		return unbounded(level)
	}
	h := num.TQuantileUpper((1-level)/2, float64(g.N-1)) * g.SD / math.Sqrt(float64(g.N))
	return stats.Interval{Lo: g.Bias - h, Hi: g.Bias + h, Level: level}
}

// unbounded is the interval of what may have any value.
func unbounded(level float64) stats.Interval {
	return stats.Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level, Why: stats.WhyNoError}
}

// LimitsCI returns the exact intervals of both limits of agreement for normal
// differences: (L̂ − L)√n/s pivots on the noncentral t distribution with n − 1
// degrees of freedom and noncentrality z√n. Each covers its limit with the
// stated probability; they lean outwards, where a symmetric interval would
// leave out too much.
// Source: Carkeet (2015), Optom Vis Sci 92:e71, doi 10.1097/OPX.0000000000000513.
func (g Agreement) LimitsCI(level float64) (lower, upper stats.Interval) {
	check.Level(level)
	if g.SD == 0 {
		return unbounded(level), unbounded(level)
	}
	root := math.Sqrt(float64(g.N))
	df, ncp, a := float64(g.N-1), g.Multiplier*root, (1-level)/2
	in, out := num.NCTQuantile(a, df, ncp)*g.SD/root, num.NCTQuantileUpper(a, df, ncp)*g.SD/root
	return stats.Interval{Lo: g.Bias - out, Hi: g.Bias - in, Level: level},
		stats.Interval{Lo: g.Bias + in, Hi: g.Bias + out, Level: level}
}

// LimitsSE returns the large-sample standard error of either limit,
// s√(1/n + z²/(2(n−1))).
func (g Agreement) LimitsSE() float64 {
	n, z := float64(g.N), g.Multiplier
	return g.SD * math.Sqrt(1/n+z*z/(2*(n-1)))
}

// ApproximateLimitsCI returns L̂ ± t·LimitsSE for both limits, as Bland and
// Altman give them. LimitsCI is exact and as easy.
func (g Agreement) ApproximateLimitsCI(level float64) (lower, upper stats.Interval) {
	check.Level(level)
	if g.SD == 0 {
		return unbounded(level), unbounded(level)
	}
	lo, hi := g.Limits()
	h := num.TQuantileUpper((1-level)/2, float64(g.N-1)) * g.LimitsSE()
	return stats.Interval{Lo: lo - h, Hi: lo + h, Level: level}, stats.Interval{Lo: hi - h, Hi: hi + h, Level: level}
}

// MeasurementError returns the error of a single measurement when a and b are
// repeated measurements of unchanged participants: SEM = SD/√2, on n − 1
// degrees of freedom.
func (g Agreement) MeasurementError() MeasurementError {
	return MeasurementError{SEM: g.SD / math.Sqrt2, DF: float64(g.N - 1)}
}
