package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// RatioMethod is a way to make the interval of a risk ratio or an odds ratio.
// The zero value is the log method (Katz for risks, Woolf for odds).
type RatioMethod string

// Methods for ratios.
const (
	// LogRatio is Wald's interval on the log scale: Katz et al. (1978,
	// doi 10.2307/2530610) for the risk ratio, Woolf (1955,
	// doi 10.1111/j.1469-1809.1955.tb01348.x) for the odds ratio. It does not
	// exist with a zero cell (ErrDomain).
	LogRatio RatioMethod = "log"
	// LogHalf adds ½ to each count: Walter (1975) for the risk ratio, Haldane
	// and Anscombe for the odds ratio. Its estimate moves with the counts.
	LogHalf RatioMethod = "log-half"
	// LogHalfSE centers on the observed ratio and adds ½ to the events in the
	// standard error only. Risk ratio.
	LogHalfSE RatioMethod = "log-half-se"
	// LogShrunk adds counts summing to two that follow the table's margins
	// (Agresti 2002, section 3.1). Odds ratio.
	LogShrunk RatioMethod = "log-shrunk"
	// ViaOddsRatio converts Woolf's odds ratio limits at the control risk
	// (Zhang & Yu 1998, doi 10.1001/jama.280.19.1690). It ignores that the
	// control risk is estimated, and is here for comparison only. Risk ratio.
	ViaOddsRatio RatioMethod = "via-odds-ratio"
)

// RiskRatio estimates the ratio of two risks, treated over control, on the log
// scale: SE² = 1/x₁ − 1/n₁ + 1/x₂ − 1/n₂. Approximate; for small or empty
// cells use RiskRatioScore, which always exists.
// It refuses n below 1, events outside 0 … n and an arm without events
// (ErrDomain).
// Source: Katz et al. (1978), Biometrics 34:469, doi 10.2307/2530610.
// It agrees with SAS PROC FREQ RELRISK and R's epitools::riskratio.wald.
func RiskRatio(treated, control Count) (stats.Ratio, error) {
	return RiskRatioWith(treated, control, LogRatio)
}

// RiskRatioWith is RiskRatio by a named method; ViaOddsRatio has no standard
// error and is offered by RiskRatioFromOdds.
func RiskRatioWith(treated, control Count, method RatioMethod) (stats.Ratio, error) {
	const fn = "RiskRatio"
	if err := check.Count(fn, "treated", treated.Events, treated.N); err != nil {
		return stats.Ratio{}, err
	}
	if err := check.Count(fn, "control", control.Events, control.N); err != nil {
		return stats.Ratio{}, err
	}
	t := newTable2(treated, control)
	add := 0.0
	switch method {
	case "", LogRatio, LogHalfSE:
	case LogHalf:
		add = 0.5
	default:
		panic(fmt.Sprintf("stats.RiskRatioWith: method %q is not for risk ratios", method))
	}
	x1, n1, x2, n2 := t.X1+add, t.N1+add, t.X2+add, t.N2+add
	if x1 == 0 || x2 == 0 {
		return stats.Ratio{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrDomain, Info: "an arm has no events"}
	}
	v := 1/x1 - 1/n1 + 1/x2 - 1/n2
	if method == LogHalfSE {
		v = 1/(x1+0.5) - 1/n1 + 1/(x2+0.5) - 1/n2
	}
	if v <= 0 {
		return stats.Ratio{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrNoVariation, Info: "everybody had the event"}
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(x1 / n1 / (x2 / n2)), SE: math.Sqrt(v), DF: math.Inf(1)}}, nil
}

// RiskRatioFromOdds converts Woolf's odds ratio and its limits into risk ratios
// at the observed control risk, OR/(1 − p₀ + p₀·OR); see ViaOddsRatio for why
// not to rely on it. It refuses what OddsRatio refuses, empty cells among it.
// Source: Zhang & Yu (1998), doi 10.1001/jama.280.19.1690.
// It agrees with R's DescTools::RelRisk(method = "use.or").
func RiskRatioFromOdds(treated, control Count, level float64) (value float64, ci stats.Interval, err error) {
	check.Level(level)
	or, err := OddsRatio(treated, control)
	if err != nil {
		return 0, stats.Interval{}, err
	}
	p0 := control.Rate()
	f := func(o float64) float64 { return o / (1 - p0 + p0*o) }
	w := or.CI(level)
	return f(or.Point()), stats.Interval{Lo: f(w.Lo), Hi: f(w.Hi), Level: level}, nil
}

// OddsRatio estimates the ratio of two odds, treated over control, on the log
// scale: SE² = Σ 1/cell. Approximate; for small tables use OddsRatioExact or
// OddsRatioScore.
// It refuses n below 1, events outside 0 … n and any empty cell (ErrDomain).
// Source: Woolf (1955), doi 10.1111/j.1469-1809.1955.tb01348.x.
// It agrees with SAS PROC FREQ RELRISK and R's exp(confint.default(glm)).
func OddsRatio(treated, control Count) (stats.Ratio, error) {
	return OddsRatioWith(treated, control, LogRatio)
}

// OddsRatioWith is OddsRatio by a named method.
func OddsRatioWith(treated, control Count, method RatioMethod) (stats.Ratio, error) {
	const fn = "OddsRatio"
	if err := check.Count(fn, "treated", treated.Events, treated.N); err != nil {
		return stats.Ratio{}, err
	}
	if err := check.Count(fn, "control", control.Events, control.N); err != nil {
		return stats.Ratio{}, err
	}
	t := newTable2(treated, control)
	a, b, c, d := t.X1, t.N1-t.X1, t.X2, t.N2-t.X2
	switch method {
	case "", LogRatio:
	case LogHalf:
		a, b, c, d = a+0.5, b+0.5, c+0.5, d+0.5
	case LogShrunk:
		n := a + b + c + d
		row1, row2, col1, col2 := a+b, c+d, a+c, b+d
		k := 2 / (n * n)
		a, b, c, d = a+k*row1*col1, b+k*row1*col2, c+k*row2*col1, d+k*row2*col2
	default:
		panic(fmt.Sprintf("stats.OddsRatioWith: method %q is not for odds ratios", method))
	}
	if a == 0 || b == 0 || c == 0 || d == 0 {
		return stats.Ratio{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrDomain, Info: "a cell is empty"}
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(a) - math.Log(b) - math.Log(c) + math.Log(d),
		SE: math.Sqrt(1/a + 1/b + 1/c + 1/d), DF: math.Inf(1)}}, nil
}

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

// OddsRatioExact estimates the odds ratio conditional on the margins, the
// companion of Fisher's test. Point is the conditional maximum likelihood
// estimate; the interval inverts both one-sided exact tests ("central"), and P
// is twice the smaller tail, so that they agree; Fisher's two-sided p-value
// (by likelihood) is another number, see Fisher.
// Exact, conservative; with midP its coverage is near nominal instead. Ends
// are 0 or +Inf where the margins set no bound (WhyZero).
// It refuses n below 1, events outside 0 … n and an empty margin (ErrDomain):
// only one table is possible then.
// Source: Cornfield (1956); Gart (1970), doi 10.1093/biomet/57.3.471.
// It agrees with R's fisher.test()$estimate and $conf.int (which are uniroot
// answers good to 1e-2 … 1e-5) and SAS PROC FREQ EXACT OR.
func OddsRatioExact(treated, control Count, midP bool) (ExactOddsRatio, error) {
	const fn = "OddsRatioExact"
	if err := check.Count(fn, "treated", treated.Events, treated.N); err != nil {
		return ExactOddsRatio{}, err
	}
	if err := check.Count(fn, "control", control.Events, control.N); err != nil {
		return ExactOddsRatio{}, err
	}
	lo, w := hypergeometric(treated.N, control.N, treated.Events+control.Events)
	if len(w) == 1 {
		return ExactOddsRatio{}, noEvents(fn)
	}
	return newExactOddsRatio(treated, control, midP, lo, w), nil
}

func newExactOddsRatio(t, c Count, midP bool, lo int, w []float64) ExactOddsRatio {
	e := ExactOddsRatio{Treated: t, Control: c, MidP: midP, lo: lo, logw: make([]float64, len(w))}
	for i, v := range w {
		e.logw[i] = math.Log(v)
	}
	return e
}

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
	obs := e.Treated.Events - e.lo
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
	obs := e.Treated.Events - e.lo
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
	obs := e.Treated.Events - e.lo
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
	if null <= 0 {
		if e.Treated.Events > e.lo {
			return 0
		}
		return 1
	}
	ge, _ := e.tails(math.Log(null))
	return math.Min(1, ge)
}

// PLess returns P(X ≤ x) at the odds ratio null.
func (e ExactOddsRatio) PLess(null float64) float64 {
	if null <= 0 {
		return 1
	}
	_, le := e.tails(math.Log(null))
	return math.Min(1, le)
}

// String formats the odds ratio with its 95% interval.
func (e ExactOddsRatio) String() string {
	return fmt.Sprintf("%s (95%% CI %s; p %s)", show.Fixed(e.Point(), 2), e.CI(0.95).Text(2, ""), show.P(e.P(1)))
}

// BlakerOddsRatio returns Blaker's exact p-value of odds ratio 1 and the
// interval of the same ordering, which lies within the central one.
// It refuses what OddsRatioExact refuses.
// Source: Blaker (2000), Can J Stat 28:783, doi 10.2307/3315916; Fay (2010),
// doi 10.1093/biostatistics/kxp050.
// It agrees with R's exact2x2::blaker.exact, which stops at four decimals.
func BlakerOddsRatio(treated, control Count, level float64) (p float64, ci stats.Interval, err error) {
	check.Level(level)
	e, err := OddsRatioExact(treated, control, false)
	if err != nil {
		return 0, stats.Interval{}, err
	}
	obs := treated.Events - e.lo
	central := e.CI(level)
	ci = stats.Interval{Lo: 0, Hi: math.Inf(1), Level: level, Why: central.Why}
	a := 1 - level
	if obs > 0 {
		ci.Lo = math.Exp(e.blakerLower(obs, a, math.Log(central.Lo)))
	}
	if k := len(e.logw) - 1; obs < k {
		r := e.mirrored()
		ci.Hi = math.Exp(-r.blakerLower(k-obs, a, -math.Log(central.Hi)))
	}
	dist := e.probs(0)
	ge, le := e.tails(0)
	small := math.Min(ge, le)
	other := 0.0
	if ge <= le {
		for i, s := 0, 0.0; i < len(dist); i++ {
			if s += dist[i]; s > ge*(1+1e-7) {
				break
			}
			other = s
		}
	} else {
		for i, s := len(dist)-1, 0.0; i >= 0; i-- {
			if s += dist[i]; s > le*(1+1e-7) {
				break
			}
			other = s
		}
	}
	return math.Min(1, small+other), ci, nil
}

// mirrored is the same table with events and non-events exchanged in rank.
func (e ExactOddsRatio) mirrored() ExactOddsRatio {
	r := e
	n := len(e.logw)
	r.logw = make([]float64, n)
	for i := range r.logw {
		r.logw[i] = e.logw[n-1-i]
	}
	return r
}

func (e ExactOddsRatio) blakerLower(obs int, a, start float64) float64 {
	up := func(l float64) float64 {
		s := 0.0
		for i, p := range e.probs(l) {
			if i >= obs {
				s += p
			}
		}
		return s
	}
	down := func(k int, l float64) float64 {
		s := 0.0
		for i, p := range e.probs(l) {
			if i <= k {
				s += p
			}
		}
		return s
	}
	return blakerSearch(obs, a, start, logFar, up, down)
}

// MedianUnbiased returns the odds ratio at which both mid-p tails are one
// half: an estimate that is too high as often as too low.
func (e ExactOddsRatio) MedianUnbiased() float64 {
	obs := e.Treated.Events - e.lo
	mid := e
	mid.MidP = true
	if obs == 0 || obs == len(e.logw)-1 {
		return e.Point()
	}
	return math.Exp(num.Bisect(-logFar, logFar, func(l float64) bool { ge, _ := mid.tails(l); return ge < 0.5 }))
}
