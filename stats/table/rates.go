package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// PoissonRate is x events in an exposure (person-years, sessions).
type PoissonRate struct {
	Events   int     `json:"events"`
	Exposure float64 `json:"exposure"`
}

// Rate returns events per unit of exposure.
func (r PoissonRate) Rate() float64 { return float64(r.Events) / r.Exposure }

func checkRate(fn, arg string, r PoissonRate) error {
	if r.Events < 0 || !(r.Exposure > 0) || math.IsInf(r.Exposure, 1) {
		return &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%d events in %v", r.Events, r.Exposure)}
	}
	return nil
}

// ExactRate is the rate of one group by its Poisson distribution. It implements
// Effect.
type ExactRate struct{ PoissonRate }

var _ stats.Effect = ExactRate{}

// Poisson estimates a rate with the exact interval, by gamma quantiles. Exact for
// Poisson counts; conservative. P is twice the smaller tail, which is the test that
// the interval inverts; R's poisson.test sums by likelihood instead, see
// PoissonTest. It refuses negative counts and exposures that are not positive.
// Source: Garwood (1936), doi 10.1093/biomet/28.3-4.437.
// It agrees with R's poisson.test(x, T)$conf.int.
func Poisson(r PoissonRate) (ExactRate, error) { return ExactRate{r}, checkRate("Poisson", "r", r) }

// Point returns events per unit of exposure.
func (r ExactRate) Point() float64 { return r.Rate() }

// CI returns Garwood's interval.
func (r ExactRate) CI(level float64) stats.Interval {
	check.Level(level)
	a, x := (1-level)/2, float64(r.Events)
	ci := stats.Interval{Level: level}
	if r.Events > 0 {
		ci.Lo = num.ChiSqQuantile(a, 2*x) / 2 / r.Exposure
	}
	ci.Hi = num.ChiSqQuantileUpper(a, 2*x+2) / 2 / r.Exposure
	return ci
}

// P returns twice the smaller tail at the rate null, at most 1.
func (r ExactRate) P(null float64) float64 {
	return math.Min(1, 2*math.Min(r.PGreater(null), r.PLess(null)))
}

// PGreater returns the probability of as many events or more at the rate null.
func (r ExactRate) PGreater(null float64) float64 {
	switch {
	case null < 0 || null == 0 && r.Events > 0: // no rate is negative, and 0 has no events
		return 0
	case null == 0, math.IsInf(null, 1):
		return 1
	}
	return num.PoissonSF(r.Events, null*r.Exposure)
}

// PLess returns the probability of as many events or fewer at the rate null.
func (r ExactRate) PLess(null float64) float64 {
	switch {
	case null <= 0:
		return 1
	case math.IsInf(null, 1):
		return 0
	}
	return num.PoissonCDF(r.Events, null*r.Exposure)
}

// String formats the rate with its 95% interval.
func (r ExactRate) String() string {
	if r == (ExactRate{}) {
		return show.NoResult
	}
	ci := r.CI(0.95)
	d := show.DecimalsOf(r.Rate(), ciSE(ci))
	return fmt.Sprintf("%s (95%% CI %s; exact Poisson)", show.Fixed(r.Rate(), d), ci.Text(d, ""))
}

// PoissonTest tests whether a rate is rate0 > 0. Exact: the two-sided p-value sums
// the numbers of events that are no likelier than the observed. It refuses what
// Poisson refuses.
// Source: Fay (2010), Two-sided exact tests and matching confidence intervals for
// discrete data, R Journal. It agrees with R's poisson.test.
func PoissonTest(r PoissonRate, rate0 float64) (ExactTest, error) {
	if err := checkRate("PoissonTest", "r", r); err != nil {
		return ExactTest{}, err
	}
	if !(rate0 > 0) || math.IsInf(rate0, 1) {
		return ExactTest{}, &stats.SampleError{Func: "PoissonTest", Arg: "rate0", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(rate0)}
	}
	m, x := rate0*r.Exposure, r.Events
	t := ExactTest{Method: PoissonExact, greater: num.PoissonSF(x, m), less: num.PoissonCDF(x, m)}
	obs := num.PoissonPMF(x, m) * (1 + 1e-7)
	switch {
	case float64(x) == m:
		t.two = 1
	case float64(x) < m:
		// The first count above the mean that is no likelier.
		k := int(math.Ceil(m))
		for num.PoissonPMF(k, m) > obs {
			k++
		}
		t.two = t.less + num.PoissonSF(k, m)
	default:
		k := int(math.Floor(m))
		for k >= 0 && num.PoissonPMF(k, m) > obs {
			k--
		}
		t.two = t.greater
		if k >= 0 {
			t.two += num.PoissonCDF(k, m)
		}
	}
	t.two = math.Min(1, t.two)
	return t, nil
}

// RateRatioExact estimates the ratio of two Poisson rates, treated over
// control, conditional on the total count: a binomial probability turned into
// a ratio, with Clopper–Pearson limits. Exact; conservative. The interval's
// ends are 0 or +Inf where an arm has no events. P is twice the smaller tail,
// which the interval inverts; Binomial(1) is the test by likelihood. It refuses what
// Poisson refuses and two counts of zero (ErrDomain).
// Source: Przyborowski & Wilenski (1940), doi 10.1093/biomet/31.3-4.313.
// It agrees with R's poisson.test(c(x1, x2), c(T1, T2)).
func RateRatioExact(treated, control PoissonRate) (BinomialRatio, error) {
	const fn = "RateRatioExact"
	if err := checkRate(fn, "treated", treated); err != nil {
		return BinomialRatio{}, err
	}
	if err := checkRate(fn, "control", control); err != nil {
		return BinomialRatio{}, err
	}
	if treated.Events+control.Events == 0 {
		return BinomialRatio{}, badArms(fn, stats.ErrDomain, "no events")
	}
	return BinomialRatio{treated.Events, control.Events, treated.Exposure, control.Exposure}, nil
}
