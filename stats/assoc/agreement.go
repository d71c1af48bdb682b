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
// Differences that do not vary give limits equal to the bias. It refuses
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
		panic(fmt.Sprintf("stats: multiplier %v of the limits of agreement", o.Multiplier))
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
	return Agreement{N: len(a), Bias: m, SD: math.Sqrt(ss / float64(len(a)-1)), Multiplier: o.Multiplier}, nil
}

// Limits returns the lower and upper limit of agreement.
func (g Agreement) Limits() (lower, upper float64) {
	return g.Bias - g.Multiplier*g.SD, g.Bias + g.Multiplier*g.SD
}

// BiasCI returns the t interval of the bias; exact for normal differences.
func (g Agreement) BiasCI(level float64) stats.Interval {
	check.Level(level)
	h := num.TQuantileUpper((1-level)/2, float64(g.N-1)) * g.SD / math.Sqrt(float64(g.N))
	return stats.Interval{Lo: g.Bias - h, Hi: g.Bias + h, Level: level}
}

// LimitsCI returns the exact intervals of both limits of agreement for normal
// differences: (L̂ − L)√n/s pivots on the noncentral t distribution with n − 1
// degrees of freedom and noncentrality z√n. Each covers its limit with the
// stated probability; they lean outwards, where a symmetric interval would
// leave out too much.
// Source: Carkeet (2015), Optom Vis Sci 92:e71, doi 10.1097/OPX.0000000000000513.
func (g Agreement) LimitsCI(level float64) (lower, upper stats.Interval) {
	check.Level(level)
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

// LimitsSE1986 returns Bland and Altman's first approximation of it for 95%
// limits, s√(3/n), which many papers used.
func (g Agreement) LimitsSE1986() float64 { return g.SD * math.Sqrt(3/float64(g.N)) }

// ApproximateLimitsCI returns L̂ ± t·LimitsSE for both limits, as Bland and
// Altman give them. LimitsCI is exact and as easy.
func (g Agreement) ApproximateLimitsCI(level float64) (lower, upper stats.Interval) {
	check.Level(level)
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

// MeasurementError is the standard error of measurement, in the unit of the
// instrument, as estimated from a mean square on DF degrees of freedom.
type MeasurementError struct{ SEM, DF float64 }

// MeasurementErrorFromICC is SD·√(1 − ICC) from published numbers, on df
// degrees of freedom (+Inf where unknown: intervals then have no width). SD is
// that of single measurements between participants. It refuses a negative or
// non-finite SD and an ICC outside [0, 1].
// Source: Weir (2005), J Strength Cond Res 19:231, doi 10.1519/15184.1.
func MeasurementErrorFromICC(sd, icc, df float64) (MeasurementError, error) {
	const fn = "MeasurementErrorFromICC"
	if !(sd >= 0) || math.IsInf(sd, 1) {
		return MeasurementError{}, &stats.SampleError{Func: fn, Arg: "sd", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(sd)}
	}
	if !(icc >= 0 && icc <= 1) {
		return MeasurementError{}, &stats.SampleError{Func: fn, Arg: "icc", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(icc)}
	}
	if !(df > 0) {
		return MeasurementError{}, &stats.SampleError{Func: fn, Arg: "df", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(df)}
	}
	return MeasurementError{SEM: sd * math.Sqrt(1-icc), DF: df}, nil
}

// CI returns the interval of the SEM, SEM·√(DF/χ²): exact for normal errors.
func (m MeasurementError) CI(level float64) stats.Interval {
	check.Level(level)
	if math.IsInf(m.DF, 1) {
		return stats.Interval{Lo: m.SEM, Hi: m.SEM, Level: level}
	}
	a := (1 - level) / 2
	return stats.Interval{Lo: m.SEM * math.Sqrt(m.DF/num.ChiSqQuantileUpper(a, m.DF)),
		Hi: m.SEM * math.Sqrt(m.DF/num.ChiSqQuantile(a, m.DF)), Level: level}
}

// MDC returns the minimal detectable change of one participant at a confidence
// such as 0.90 or 0.95: z·√2·SEM, the change that measurement error alone
// exceeds in 1 − confidence of unchanged participants (de Vet et al. 2006,
// doi 10.1186/1477-7525-4-54). It says nothing about whether the change
// matters to the participant: that is the MCID.
func (m MeasurementError) MDC(confidence float64) float64 {
	check.Level(confidence)
	return num.NormQuantileUpper((1-confidence)/2) * math.Sqrt2 * m.SEM
}

// MDCCI returns the interval of MDC(confidence), scaled from that of the SEM.
func (m MeasurementError) MDCCI(confidence, level float64) stats.Interval {
	ci := m.CI(level)
	k := num.NormQuantileUpper((1-confidence)/2) * math.Sqrt2
	return stats.Interval{Lo: k * ci.Lo, Hi: k * ci.Hi, Level: level}
}
