package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// RateStratum is the events of two arms in one stratum.
type RateStratum struct{ Treated, Control PoissonRate }

// ExactRateRatio is a ratio of two Poisson rates, treated over control, common to
// strata, conditional on each stratum's total count. It implements Effect.
type ExactRateRatio struct {
	// Events are those of all strata in each arm, Strata how many have any.
	TreatedEvents, ControlEvents, Strata int

	exact ExactOddsRatio // of the same family: weights times ratio to the power of the count
}

var _ stats.Effect = ExactRateRatio{}

// mostStratifiedEvents is the largest number of events that RateRatioStratified takes.
const mostStratifiedEvents = 3000

// RateRatioStratified estimates a ratio of two Poisson rates common to strata, treated
// over control, conditional on the number of events of every stratum: of a stratum's m
// events those of the treated arm are binomial with odds θt₁/t₀, and their sum over
// strata is what θ is judged by. Point is the conditional maximum likelihood estimate;
// the interval inverts both one-sided tests, and P is twice the smaller tail. With one
// stratum it is RateRatioExact. Exact for Poisson counts, whatever the strata's own
// rates; conservative. It assumes that the participants' counts vary no more than
// Poisson's: where they do, the interval is too short.
//
// Ends are 0 or +Inf where an arm has no events. It refuses what RateRatioExact
// refuses, no strata (ErrTooFew) and more than 3,000 events (ErrDomain), where
// regress.Counts with the strata as covariates takes its place.
// Source: Przyborowski & Wilenski (1940), doi 10.1093/biomet/31.3-4.313; Gart (1970),
// doi 10.1093/biomet/57.3.471, for the sum over strata.
// It agrees with SAS PROC GENMOD EXACT with STRATA and R's rateratio.test of one.
func RateRatioStratified(strata []RateStratum) (ExactRateRatio, error) {
	const fn = "RateRatioStratified"
	bad := func(err error, info string) (ExactRateRatio, error) {
		return ExactRateRatio{}, &stats.SampleError{Func: fn, Arg: "strata", Index: -1, Err: err, Info: info}
	}
	if len(strata) == 0 {
		return bad(stats.ErrTooFew, "no strata")
	}
	var r ExactRateRatio
	logw := []float64{0}
	for i, s := range strata {
		for arm, rate := range map[string]PoissonRate{"treated": s.Treated, "control": s.Control} {
			if err := checkRate(fn, fmt.Sprintf("strata[%d] %s", i, arm), rate); err != nil {
				return ExactRateRatio{}, err
			}
		}
		m := s.Treated.Events + s.Control.Events
		if m == 0 {
			continue // says nothing of a ratio
		}
		if r.TreatedEvents+r.ControlEvents+m > mostStratifiedEvents {
			return bad(stats.ErrDomain, "more than 3,000 events: use regress.Counts")
		}
		r.TreatedEvents, r.ControlEvents, r.Strata = r.TreatedEvents+s.Treated.Events, r.ControlEvents+s.Control.Events, r.Strata+1
		logw = logConvolve(logw, logBinomials(m, math.Log(s.Treated.Exposure)-math.Log(s.Control.Exposure)))
	}
	if r.Strata == 0 {
		return bad(stats.ErrDomain, "no events")
	}
	n := r.TreatedEvents + r.ControlEvents
	r.exact = ExactOddsRatio{Treated: Count{r.TreatedEvents, n}, logw: logw}
	return r, nil
}

// logBinomials are log C(m, k) + k·log for k = 0 … m.
func logBinomials(m int, log float64) []float64 {
	out := make([]float64, m+1)
	c := 0.0
	for k := range out {
		out[k] = c + float64(k)*log
		c += math.Log(float64(m-k)) - math.Log(float64(k+1))
	}
	return out
}

// logConvolve is the logarithm of the convolution of what a and b are logarithms of.
func logConvolve(a, b []float64) []float64 {
	out := make([]float64, len(a)+len(b)-1)
	for s := range out {
		lo, hi := max(0, s-len(b)+1), min(s, len(a)-1)
		top := math.Inf(-1)
		for i := lo; i <= hi; i++ {
			top = math.Max(top, a[i]+b[s-i])
		}
		sum := 0.0
		for i := lo; i <= hi; i++ {
			sum += math.Exp(a[i] + b[s-i] - top)
		}
		out[s] = top + math.Log(sum)
	}
	return out
}

// Point returns the conditional maximum likelihood estimate; 0 or +Inf where an arm has
// no events.
func (r ExactRateRatio) Point() float64 { return r.exact.Point() }

// CI inverts the one-sided exact tests at (1 − level)/2 each.
func (r ExactRateRatio) CI(level float64) stats.Interval { return r.exact.CI(level) }

// P returns twice the smaller tail at the ratio null, at most 1.
func (r ExactRateRatio) P(null float64) float64 { return r.exact.P(null) }

// PGreater is the one-sided p-value against a ratio of at most null.
func (r ExactRateRatio) PGreater(null float64) float64 { return r.exact.PGreater(null) }

// PLess is the one-sided p-value against a ratio of at least null.
func (r ExactRateRatio) PLess(null float64) float64 { return r.exact.PLess(null) }

func (r ExactRateRatio) method() string {
	return fmt.Sprintf("exact, conditional, in %d strata", r.Strata)
}

// String formats the ratio with its 95% interval and the p-value against 1.
func (r ExactRateRatio) String() string {
	if r.Strata == 0 {
		return show.NoResult
	}
	return ratioText(r, r.method())
}
