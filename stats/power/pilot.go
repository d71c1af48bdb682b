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
