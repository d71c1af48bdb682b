package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// Count is x events among n participants.
type Count struct {
	Events int `json:"events"`
	N      int `json:"n"`
}

// Rate returns Events/N.
func (c Count) Rate() float64 { return float64(c.Events) / float64(c.N) }

// others are the participants without the event.
func (c Count) others() Count { return Count{c.N - c.Events, c.N} }

// String writes "4 of 5".
func (c Count) String() string { return fmt.Sprintf("%d of %d", c.Events, c.N) }

// OneProportion is the proportion of one group, whose interval and p-values come
// from one method. It implements Effect.
type OneProportion struct {
	Count
	Method ProportionMethod
}

var _ stats.Effect = OneProportion{}

// ProportionOptions choose the method for one proportion.
type ProportionOptions struct {
	Method ProportionMethod // "" means WilsonScore
}

// Proportion estimates the probability of an event with Wilson's score interval:
// the set of p with |p̂ − p| ≤ z·√(p(1−p)/n). Approximate; close to nominal on
// average from n about 10, and never leaves [0, 1].
// It refuses n below 1 and events outside 0 … n.
// Source: Wilson (1927), J Am Stat Assoc 22:209, doi 10.1080/01621459.1927.10502953.
// It agrees with R's prop.test(x, n, correct = FALSE) and SAS
// PROC FREQ BINOMIAL(WILSON).
func Proportion(c Count) (OneProportion, error) {
	return newProportion("Proportion", c, WilsonScore)
}

// ClopperPearson estimates the probability of an event with the exact interval:
// the p that neither binomial tail of size (1 − level)/2 rejects, by beta
// quantiles. It covers at least nominally for every p, and usually more. P is
// twice the smaller tail, which is the test that the interval inverts; R's
// binom.test sums by likelihood instead, see Binomial.
// For no events the lower end is 0 and the upper one 1 − ((1−level)/2)^(1/n);
// Upper(0.95) is then the bound known as the rule of three: with 0 of 5, 45.1%.
// It refuses n below 1 and events outside 0 … n.
// Source: Clopper & Pearson (1934), Biometrika 26:404, doi 10.1093/biomet/26.4.404.
// It agrees with R's binom.test and SAS PROC FREQ BINOMIAL(EXACT).
func ClopperPearson(c Count) (OneProportion, error) {
	return newProportion("ClopperPearson", c, ExactCP)
}

// ProportionWith is Proportion by the named method; the constants say what each
// is. WilsonScore and Jeffreys are good general choices, ExactCP where the coverage
// may never fall short. Where a method is not the inversion of a test that has a
// p-value of its own, P is 1 − the level at which the interval first reaches null.
// It refuses n below 1, events outside 0 … n, and 0 and n events for Logit
// (ErrDomain), and panics for an unknown method. It agrees with R's
// DescTools::BinomCI and SAS PROC FREQ BINOMIAL.
// Source: Newcombe (1998), doi
// 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E; Brown, Cai &
// DasGupta (2001), doi 10.1214/ss/1009213286.
func ProportionWith(c Count, o ProportionOptions) (OneProportion, error) {
	if o.Method == "" {
		o.Method = WilsonScore
	}
	return newProportion("ProportionWith", c, o.Method)
}

func newProportion(fn string, c Count, method ProportionMethod) (OneProportion, error) {
	if err := check.Count(fn, "c", c.Events, c.N); err != nil {
		return OneProportion{}, err
	}
	if proportionLower[method] == nil {
		panic(fmt.Sprintf("table.%s: no method %q", fn, method))
	}
	if method == Logit && (c.Events == 0 || c.Events == c.N) {
		return OneProportion{}, &stats.SampleError{Func: fn, Arg: "c", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("the log odds of %v are infinite", c)}
	}
	return OneProportion{c, method}, nil
}

// Point returns the observed proportion.
func (p OneProportion) Point() float64 { return p.Rate() }

// CI returns the method's interval. It panics unless 0 < level < 1.
func (p OneProportion) CI(level float64) stats.Interval {
	check.Level(level)
	lo, hi := p.limits(tailOf((1 - level) / 2))
	ci := stats.Interval{Lo: lo, Hi: hi, Level: level}
	if p.noError() {
		ci.Why = stats.WhyNoError
	}
	return ci
}

// noError reports that the method's standard error vanishes: its limits are then 0
// and 1 at every level.
func (p OneProportion) noError() bool {
	return (p.Method == Wald || p.Method == WaldCC) && (p.Events == 0 || p.Events == p.N)
}

// limits are the ends with a tail beyond each. Every method is symmetric: the
// upper end for x events is one minus the lower end for the n − x others.
func (p OneProportion) limits(t tail) (lo, hi float64) {
	if p.noError() {
		return 0, 1
	}
	lower := proportionLower[p.Method]
	return num.Clip01(lower(p.Count, t)), num.Clip01(1 - lower(p.others(), t))
}

// Upper returns the one-sided upper bound: the interval runs from 0 to it and is
// marked WhyOneSided. A level below one half panics but for Clopper–Pearson, whose
// bound agrees with R's binom.test(x, n, alternative = "less"); Blaker's ordering has
// no sides, and its bounds are Clopper–Pearson's.
func (p OneProportion) Upper(level float64) stats.Interval {
	_, hi := p.oneSided(level)
	return stats.Interval{Lo: 0, Hi: hi, Level: level, Why: stats.WhyOneSided}
}

// Lower returns the one-sided lower bound: the interval runs from it to 1.
func (p OneProportion) Lower(level float64) stats.Interval {
	lo, _ := p.oneSided(level)
	return stats.Interval{Lo: lo, Hi: 1, Level: level, Why: stats.WhyOneSided}
}

func (p OneProportion) oneSided(level float64) (lo, hi float64) {
	check.Level(level)
	if p.Method == Blaker { // whose ordering is that of two-sided tests
		p.Method = ExactCP
	}
	if level < 0.5 && p.Method != ExactCP {
		panic(fmt.Sprintf("table.OneProportion: %s has no one-sided bound at the level %v, below one half", p.Method, level))
	}
	return p.limits(tailOf(1 - level))
}

// P returns the two-sided p-value of the probability null.
func (p OneProportion) P(null float64) float64 {
	if p.Method == Blaker {
		return blakerP(p.Count, null)
	}
	return math.Min(1, 2*math.Min(p.PGreater(null), p.PLess(null)))
}

// PGreater is the one-sided p-value against a probability of at most null.
func (p OneProportion) PGreater(null float64) float64 {
	switch {
	case null < 0: // no probability is
		return 0
	case null > 1:
		return 1
	}
	switch p.Method {
	case ExactCP, Blaker:
		return num.BinomSF(p.Events, p.N, null)
	case MidP:
		return num.BinomSF(p.Events+1, p.N, null) + num.BinomPMF(p.Events, p.N, null)/2
	}
	return oneSidedP(func(z float64) (lo, hi float64) { return p.limits(tail{num.NormSF(z), z}) }, null)
}

// PLess is the one-sided p-value against a probability of at least null.
func (p OneProportion) PLess(null float64) float64 {
	return OneProportion{p.others(), p.Method}.PGreater(1 - null)
}

// String formats the proportion with its 95% interval.
func (p OneProportion) String() string {
	if p == (OneProportion{}) {
		return show.NoResult
	}
	ci := p.CI(0.95)
	d := show.DecimalsOf(p.Point(), ciSE(ci))
	return fmt.Sprintf("%v, %s (95%% CI %s; %s)", p.Count, show.Fixed(p.Point(), d), ci.Text(d, ""), methodName(string(p.Method)))
}

// tail is how much of a distribution lies beyond a limit: its probability, and
// the normal deviate that has it.
type tail struct{ p, z float64 }

func tailOf(p float64) tail { return tail{p, -num.NormQuantile(p)} }

// oneSidedP inverts two-sided limits that widen with the normal deviate: half of 1
// − the level at which they first reach null where null lies below them, the
// complement of that where it lies above, and one half where the narrowest hold it.
func oneSidedP(limits func(z float64) (lo, hi float64), null float64) float64 {
	below := reach(func(z float64) bool { lo, _ := limits(z); return null < lo })
	above := reach(func(z float64) bool { _, hi := limits(z); return null > hi })
	if above > below {
		return num.NormCDF(above)
	}
	return num.NormSF(below)
}

// reach returns the smallest normal deviate that is not short, infinite where all
// are.
func reach(short func(z float64) bool) float64 {
	if !short(0) {
		return 0
	}
	lo, hi := 0.0, 1.0
	for short(hi) {
		if lo, hi = hi, 2*hi; hi > 1e8 {
			return math.Inf(1)
		}
	}
	return num.Bisect(lo, hi, short)
}

// wilsonZ returns the score limits at a normal deviate.
func wilsonZ(c Count, z float64) (lo, hi float64) {
	n, p := float64(c.N), c.Rate()
	mid := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	den := 1 + z*z/n
	// The ends for no and for all events are known; do not leave them to
	// rounding.
	if c.Events > 0 {
		// (mid − half) cancels for small p: use the product of the roots.
		lo = p * p / (mid + half)
	}
	hi = 1
	if c.Events < c.N {
		hi = (mid + half) / den
	}
	return lo, hi
}

// exactLower is the p at which P(X ≥ x) = a: the a quantile of
// Beta(x, n − x + 1).
func exactLower(c Count, a float64) float64 {
	switch {
	case c.Events == 0:
		return 0
	case c.Events == c.N:
		return math.Pow(a, 1/float64(c.N))
	}
	return num.BetaQuantile(a, float64(c.Events), float64(c.N-c.Events+1))
}
