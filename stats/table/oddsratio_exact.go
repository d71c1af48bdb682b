package table

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// ExactOddsRatio is the odds ratio conditional on both margins, by the
// noncentral hypergeometric distribution.
type ExactOddsRatio struct {
	Treated, Control Count
	// MidP counts half the observed table in each tail.
	MidP bool

	lo   int       // smallest possible count of treated events
	logw []float64 // log weights of lo, lo+1, …
}

var _ stats.Effect = ExactOddsRatio{}

// ExactOptions choose the tails of exact odds ratios.
type ExactOptions struct {
	// MidP counts half the observed table in each tail: near nominal in place of
	// conservative.
	MidP bool
}

// OddsRatioExact estimates the odds ratio conditional on the margins, the
// companion of Fisher's test. Point is the conditional maximum likelihood
// estimate; the interval inverts both one-sided exact tests ("central"), and P
// is twice the smaller tail, so that they agree; Fisher's two-sided p-value
// (by likelihood) is another number, see Fisher.
// Exact, conservative. Ends are 0 or +Inf where the margins set no bound
// (WhyZero).
// It refuses n below 1, events outside 0 … n and an empty margin (ErrDomain):
// only one table is possible then.
// Source: Cornfield (1956); Gart (1970), doi 10.1093/biomet/57.3.471.
// It agrees with R's fisher.test()$estimate and $conf.int (which are uniroot
// answers good to 1e-2 … 1e-5) and SAS PROC FREQ EXACT OR.
func OddsRatioExact(treated, control Count) (ExactOddsRatio, error) {
	return newExactOddsRatio("OddsRatioExact", treated, control, ExactOptions{})
}

// OddsRatioExactWith is OddsRatioExact with options: with MidP its coverage is
// near nominal.
func OddsRatioExactWith(treated, control Count, o ExactOptions) (ExactOddsRatio, error) {
	return newExactOddsRatio("OddsRatioExactWith", treated, control, o)
}

func newExactOddsRatio(fn string, treated, control Count, o ExactOptions) (ExactOddsRatio, error) {
	if err := checkArms(fn, treated, control); err != nil {
		return ExactOddsRatio{}, err
	}
	lo, w := hypergeometric(treated.N, control.N, treated.Events+control.Events)
	return exactOf(fn, treated, control, o, lo, w)
}

// exactOf takes the weights of lo, lo + 1, … treated events.
func exactOf(fn string, t, c Count, o ExactOptions, lo int, w []float64) (ExactOddsRatio, error) {
	if len(w) == 1 {
		return ExactOddsRatio{}, noEvents(fn)
	}
	e := ExactOddsRatio{Treated: t, Control: c, MidP: o.MidP, lo: lo, logw: make([]float64, len(w))}
	for i, v := range w {
		e.logw[i] = math.Log(v)
	}
	return e, nil
}

// obs is the place of the observed count among the possible ones.
func (e ExactOddsRatio) obs() int { return e.Treated.Events - e.lo }

// Fisher returns the test of odds ratio 1 by likelihood: Fisher's, of one table
// or of all strata.
func (e ExactOddsRatio) Fisher() ExactTest { return fisher(e.probs(0), e.obs()) }

// probs returns the distribution of the treated events at a log odds ratio.
func (e ExactOddsRatio) probs(logpsi float64) []float64 {
	p := make([]float64, len(e.logw))
	top := math.Inf(-1)
	for i, l := range e.logw {
		p[i] = l + float64(i)*logpsi
		top = math.Max(top, p[i])
	}
	sum := 0.0
	for i := range p {
		p[i] = math.Exp(p[i] - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// tails returns P(X ≥ x) and P(X ≤ x), each less half the observed with MidP.
func (e ExactOddsRatio) tails(logpsi float64) (ge, le float64) {
	obs := e.obs()
	for i, p := range e.probs(logpsi) {
		if e.MidP && i == obs {
			p /= 2
		}
		if i >= obs {
			ge += p
		}
		if i <= obs {
			le += p
		}
	}
	return ge, le
}

const logFar = 800 // beyond every odds ratio that float64 tables can show

// Point returns the conditional maximum likelihood estimate: the odds ratio
// whose expected count is the observed one; 0 or +Inf at the ends.
func (e ExactOddsRatio) Point() float64 {
	obs := e.obs()
	switch obs {
	case 0:
		return 0
	case len(e.logw) - 1:
		return math.Inf(1)
	}
	mean := func(l float64) float64 {
		s := 0.0
		for i, p := range e.probs(l) {
			s += float64(i) * p
		}
		return s
	}
	return math.Exp(num.Bisect(-logFar, logFar, func(l float64) bool { return mean(l) < float64(obs) }))
}

// CI inverts the one-sided exact tests at (1 − level)/2 each.
func (e ExactOddsRatio) CI(level float64) stats.Interval {
	check.Level(level)
	a := (1 - level) / 2
	ci := stats.Interval{Lo: 0, Hi: math.Inf(1), Level: level}
	obs := e.obs()
	if obs > 0 {
		ci.Lo = math.Exp(num.Bisect(-logFar, logFar, func(l float64) bool { ge, _ := e.tails(l); return ge < a }))
	} else {
		ci.Why = stats.WhyZero
	}
	if obs < len(e.logw)-1 {
		ci.Hi = math.Exp(num.Bisect(-logFar, logFar, func(l float64) bool { _, le := e.tails(l); return le > a }))
	} else {
		ci.Why = stats.WhyZero
	}
	return ci
}

// P returns twice the smaller tail at the odds ratio null, at most 1.
func (e ExactOddsRatio) P(null float64) float64 {
	return math.Min(1, 2*math.Min(e.PGreater(null), e.PLess(null)))
}

// PGreater returns P(X ≥ x) at the odds ratio null.
func (e ExactOddsRatio) PGreater(null float64) float64 {
	ge, _ := e.tailsAt(null)
	return ge
}

// PLess returns P(X ≤ x) at the odds ratio null.
func (e ExactOddsRatio) PLess(null float64) float64 {
	_, le := e.tailsAt(null)
	return le
}

// tailsAt is tails at an odds ratio; at 0 and at infinity one count is certain, and
// none is below 0.
func (e ExactOddsRatio) tailsAt(null float64) (ge, le float64) {
	switch obs := e.obs(); {
	case null < 0:
		return 0, 1
	case null == 0 && obs > 0:
		return 0, 1
	case math.IsInf(null, 1) && obs < len(e.logw)-1:
		return 1, 0
	case null == 0, math.IsInf(null, 1):
		if e.MidP {
			return 0.5, 0.5
		}
		return 1, 1
	}
	ge, le = e.tails(math.Log(null))
	return math.Min(1, ge), math.Min(1, le)
}

// String formats the odds ratio with its 95% interval and the p-value against 1.
func (e ExactOddsRatio) String() string {
	if len(e.logw) == 0 {
		return show.NoResult
	}
	return ratioText(e, e.method())
}

func (e ExactOddsRatio) method() string {
	if e.MidP {
		return "exact, mid-p"
	}
	return "exact"
}

// MedianUnbiased returns the odds ratio at which both mid-p tails are one
// half: an estimate that is too high as often as too low.
func (e ExactOddsRatio) MedianUnbiased() float64 {
	obs := e.obs()
	mid := e
	mid.MidP = true
	if obs == 0 || obs == len(e.logw)-1 {
		return e.Point()
	}
	return math.Exp(num.Bisect(-logFar, logFar, func(l float64) bool { ge, _ := mid.tails(l); return ge < 0.5 }))
}
