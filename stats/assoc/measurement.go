package assoc

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// MeasurementError is the standard error of measurement, in the unit of the
// instrument, as estimated from a mean square on DF degrees of freedom.
type MeasurementError struct{ SEM, DF float64 }

// MeasurementErrorFromICC is SD·√(1 − ICC) from published numbers, on df
// degrees of freedom (+Inf where unknown: there is then no interval). SD is that
// of single measurements between participants. It refuses a negative or
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

// CI returns the interval of the SEM, SEM·√(DF/χ²): exact for normal errors. An SEM
// of 0, or one of unknown degrees of freedom, has none: 0 to +Inf with Why =
// WhyNoError.
func (m MeasurementError) CI(level float64) stats.Interval {
	check.Level(level)
	if math.IsInf(m.DF, 1) || m.SEM == 0 {
		return stats.Interval{Lo: 0, Hi: math.Inf(1), Level: level, Why: stats.WhyNoError}
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
	ci.Lo, ci.Hi = k*ci.Lo, k*ci.Hi
	return ci
}
