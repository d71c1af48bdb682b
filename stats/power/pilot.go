package power

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// PilotLevel is the usual level of the one-sided limits that a trial is planned
// with in place of a pilot's own SD and correlation (Browne 1995).
const PilotLevel = 0.8

// UpperSD returns the one-sided upper confidence limit, at a level, of the standard
// deviation of normal data that was estimated as sd on df degrees of freedom:
// sd·√(df/χ²), χ² the quantile of 1 − level on df degrees of freedom. Planned with it
// in place of sd, a trial has at least the power asked for in a share level of all
// pilots; with sd itself in fewer than half. Exact for normal data. It refuses an sd
// that is not positive and finite, and df that are not positive (+Inf gives sd),
// and panics unless 0 < level < 1.
// Source: Browne (1995), Stat Med 14:1933, doi 10.1002/sim.4780141709.
// It agrees with R's sd*sqrt(df/qchisq(1 - level, df)).
func UpperSD(sd, df, level float64) (float64, error) {
	checkShare("UpperSD", "level", level)
	bad := func(arg string, v float64) (float64, error) {
		return 0, &stats.SampleError{Func: "UpperSD", Arg: arg, Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(v)}
	}
	switch {
	case !(sd > 0) || math.IsInf(sd, 0):
		return bad("sd", sd)
	case !(df > 0):
		return bad("df", df)
	case math.IsInf(df, 1):
		return sd, nil
	}
	return sd * math.Sqrt(df/num.ChiSqQuantile(1-level, df)), nil
}

// LowerCorrelation returns the one-sided lower confidence limit, at a level, of a
// correlation r between normal variables in n pairs: tanh(atanh r − z/√(n − 3)),
// Fisher's. Approximate: z is normal to O(1/n). It refuses |r| ≥ 1 and n below 4, and
// panics unless 0 < level < 1.
// Source: Fisher (1921), Metron 1:3; it agrees with R's
// tanh(atanh(r) - qnorm(level)/sqrt(n - 3)) and
// cor.test(alternative = "greater", conf.level = level)$conf.int[1].
func LowerCorrelation(r float64, n int, level float64) (float64, error) {
	checkShare("LowerCorrelation", "level", level)
	switch {
	case !(math.Abs(r) < 1):
		return 0, &stats.SampleError{Func: "LowerCorrelation", Arg: "r", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(r)}
	case n < 4:
		return 0, &stats.SampleError{Func: "LowerCorrelation", Arg: "n", Index: -1, Err: stats.ErrTooFew, Info: fmt.Sprint(n)}
	}
	return math.Tanh(math.Atanh(r) - num.NormQuantileUpper(1-level)/math.Sqrt(float64(n-3))), nil
}

// checkShare panics unless 0 < x < 1: a programmer's mistake.
func checkShare(fn, arg string, x float64) {
	if !(x > 0 && x < 1) {
		panic(fmt.Sprintf("power.%s: %s %v is not between 0 and 1", fn, arg, x))
	}
}

// PilotPerArm is Julious's rule of thumb: twelve participants an arm in a pilot, beyond
// which the precision of a mean and its SD gains little for each one more.
// Source: Julious (2005), Pharm Stat 4:287, doi 10.1002/pst.185.
const PilotPerArm = 12

// PilotSize returns the stepped rule of Whitehead et al. for the participants an arm of a
// pilot that is to estimate the SD for a main trial of 90% power at a two-sided 5%, such
// that both trials together are small: 75 where the main trial is to find a
// standardized difference below 0.1, 25 below 0.3, 15 below 0.7, and 10 from there on. It
// refuses a difference that is 0 or not finite.
// Source: Whitehead, Julious, Cooper & Campbell (2016), Stat Methods Med Res 25:1057,
// doi 10.1177/0962280215588241.
func PilotSize(standardized float64) (int, error) {
	switch d := math.Abs(standardized); {
	case !(d > 0) || math.IsInf(d, 0):
		return 0, domain("PilotSize", "standardized", standardized)
	case d < 0.1:
		return 75, nil
	case d < 0.3:
		return 25, nil
	case d < 0.7:
		return 15, nil
	}
	return 10, nil
}

// PilotRisk is what becomes of a trial's power when its SD is a pilot's.
type PilotRisk struct {
	// Mean power of the main trial over pilots, the share of pilots after which it is Below the
	// power planned, and its lower and upper quartile.
	Mean  float64 `json:"mean"`
	Below float64 `json:"below"`
	Low   float64 `json:"lower_quartile"`
	High  float64 `json:"upper_quartile"`
	// Factor that the pilot's SD was multiplied by: 1 for the SD itself.
	Factor float64 `json:"factor"`
}

// NewPilotRisk returns the true power, over pilots, of a main trial planned for a power at a
// two-sided alpha with the SD of a pilot on df degrees of freedom; level above 0 plans with
// the upper limit of that SD at that level (UpperSD), 0 with the SD itself. Normal quantiles
// in the main trial, whose size grows with the SD planned with squared:
//
//	power(s) = Φ(k·s·(z_{1−α/2} + z_power) − z_{1−α/2}),  s² ~ χ²_df/df
//
// With the SD itself of two arms of five the mean is 0.73 where 0.80 was planned. It
// refuses df that are not positive, a power outside (alpha, 1) and levels outside [0, 1).
// Source: Browne (1995), Stat Med 14:1933, doi 10.1002/sim.4780141709.
func NewPilotRisk(df, power, alpha, level float64) (PilotRisk, error) {
	const fn = "NewPilotRisk"
	if err := checkPower(fn, power, defaultAlpha(alpha), 1); err != nil {
		return PilotRisk{}, err
	}
	if !(df > 0) || math.IsInf(df, 0) {
		return PilotRisk{}, domain(fn, "df", df)
	}
	k := 1.0
	if level != 0 {
		if !(level > 0 && level < 1) {
			return PilotRisk{}, domain(fn, "level", level)
		}
		k, _ = UpperSD(1, df, level)
	}
	z := num.NormQuantileUpper(defaultAlpha(alpha) / 2)
	sum := z + num.NormQuantileUpper(1-power)
	at := func(s float64) float64 { return num.NormCDF(k*s*sum - z) }
	quantile := func(p float64) float64 { return at(math.Sqrt(num.ChiSqQuantile(p, df) / df)) }
	lo, hi := math.Sqrt(num.ChiSqQuantile(1e-14, df)/df), math.Sqrt(num.ChiSqQuantileUpper(1e-14, df)/df)
	mean := num.Integrate(func(s float64) float64 { return 2 * df * s * num.ChiSqPDF(df*s*s, df) * at(s) }, lo, hi, 1e-11)
	return PilotRisk{Mean: mean, Below: num.ChiSqCDF(df/(k*k), df), Low: quantile(0.25), High: quantile(0.75), Factor: k}, nil
}
