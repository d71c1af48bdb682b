package stats

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// SummaryFromSE makes a summary from a printed standard error: SD = SE·√n, in
// the unit of the mean. Exact, but for the digits that were printed. It refuses
// n below 2 (ErrTooFew), a mean or SE that is not finite (ErrNotFinite), and a
// negative SE (ErrDomain); an SE of 0 passes, and what needs variation refuses it.
// Source: Cochrane Handbook (2019), section 6.5.2, doi 10.1002/9781119536604.ch6.
// It agrees with R's se * sqrt(n).
func SummaryFromSE(n int, mean, se float64) (Summary, error) {
	bad := func(arg string, err error, info any) (Summary, error) {
		return Summary{}, &SampleError{Func: "SummaryFromSE", Arg: arg, Index: -1, Err: err, Info: fmt.Sprint(info)}
	}
	switch {
	case n < 2:
		return bad("n", ErrTooFew, fmt.Sprintf("n = %d, need 2", n))
	case math.IsNaN(mean) || math.IsInf(mean, 0):
		return bad("mean", ErrNotFinite, mean)
	case math.IsNaN(se) || math.IsInf(se, 0):
		return bad("se", ErrNotFinite, se)
	case se < 0:
		return bad("se", ErrDomain, se)
	}
	return Summary{N: n, Mean: mean, SD: se * math.Sqrt(float64(n))}, nil
}

// SummaryFromCI makes a summary from a mean's printed confidence interval,
// taken to be mean ± t·SE with n − 1 degrees of freedom. It refuses n below 2
// and an interval whose ends are not finite and in order.
// Source: as SummaryFromSE.
func SummaryFromCI(n int, ci Interval) (Summary, error) {
	e, err := EstimateFromCI(ci, float64(n-1))
	if err != nil {
		return Summary{}, err
	}
	return SummaryFromSE(n, e.Value, e.SE)
}

// EstimateFromCI recovers an estimate from a printed symmetric interval:
// Value is its middle and SE = (Hi − Lo)/(2·t). The digits of a paper limit it.
// df = +Inf reads the interval as normal. It refuses df ≤ 0 and an interval
// that is not finite with Lo < Hi.
// Source: Cochrane Handbook (2019), section 6.3.2, doi 10.1002/9781119536604.ch6.
func EstimateFromCI(ci Interval, df float64) (Estimate, error) {
	check.Level(ci.Level)
	bad := func(arg string, info string) (Estimate, error) {
		return Estimate{}, &SampleError{Func: "EstimateFromCI", Arg: arg, Index: -1, Err: ErrDomain, Info: info}
	}
	if !(df > 0) {
		return bad("df", fmt.Sprint(df))
	}
	if !(ci.Lo < ci.Hi) || math.IsInf(ci.Lo, 0) || math.IsInf(ci.Hi, 0) {
		return bad("ci", fmt.Sprintf("%v to %v", ci.Lo, ci.Hi))
	}
	t := num.TQuantileUpper((1-ci.Level)/2, df)
	return Estimate{Value: ci.Lo + (ci.Hi-ci.Lo)/2, SE: (ci.Hi - ci.Lo) / (2 * t), DF: df}, nil
}

// EstimateFromP recovers an estimate from a printed value and its two-sided
// p-value against zero: SE = |value|/t. A value of zero or p = 1 says nothing
// about the SE and is refused, as are p outside (0, 1) and df ≤ 0.
// Source: as EstimateFromCI.
func EstimateFromP(value, p, df float64) (Estimate, error) {
	bad := func(arg string, v float64) (Estimate, error) {
		return Estimate{}, &SampleError{Func: "EstimateFromP", Arg: arg, Index: -1, Err: ErrDomain, Info: fmt.Sprint(v)}
	}
	switch {
	case !(df > 0):
		return bad("df", df)
	case !(p > 0 && p < 1):
		return bad("p", p)
	case value == 0 || math.IsNaN(value) || math.IsInf(value, 0):
		return bad("value", value)
	}
	return Estimate{Value: value, SE: math.Abs(value) / num.TQuantileUpper(p/2, df), DF: df}, nil
}
