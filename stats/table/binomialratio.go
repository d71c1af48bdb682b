package table

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// BinomialRatio is the ratio of two rates, First over Second, conditional on the
// total of both counts: of two Poisson rates (RateRatioExact), or of the discordant
// pairs of each kind (PairedOddsRatio). It implements Effect; interval and p-values
// invert both binomial tails.
type BinomialRatio struct {
	// First and Second are counts, in exposures that are 1 for pairs.
	First, Second                 int
	FirstExposure, SecondExposure float64
}

var _ stats.Effect = BinomialRatio{}

const binomialRatioMethod = "exact, conditional"

func (r BinomialRatio) total() int { return r.First + r.Second }

// Point returns the ratio of the observed rates; 0 or +Inf where a count is 0.
func (r BinomialRatio) Point() float64 {
	return float64(r.First) / r.FirstExposure / (float64(r.Second) / r.SecondExposure)
}

// CI returns Clopper–Pearson's limits of the first count's share, as a ratio.
func (r BinomialRatio) CI(level float64) stats.Interval {
	check.Level(level)
	a, scale := (1-level)/2, r.SecondExposure/r.FirstExposure
	// The complement of the upper end keeps its digits as the lower end of the
	// mirrored count.
	p, q := exactLower(Count{r.First, r.total()}, a), exactLower(Count{r.Second, r.total()}, a)
	ci := stats.Interval{Lo: p / (1 - p) * scale, Hi: (1 - q) / q * scale, Level: level}
	if r.First == 0 || r.Second == 0 {
		ci.Why = stats.WhyZero
	}
	return ci
}

// share is the first count's probability where the ratio is null.
func (r BinomialRatio) share(null float64) float64 {
	if math.IsInf(null, 1) {
		return 1
	}
	return null * r.FirstExposure / (null*r.FirstExposure + r.SecondExposure)
}

// P returns twice the smaller tail at the ratio null, at most 1.
func (r BinomialRatio) P(null float64) float64 {
	return math.Min(1, 2*math.Min(r.PGreater(null), r.PLess(null)))
}

// PGreater is the one-sided p-value against a ratio of at most null.
func (r BinomialRatio) PGreater(null float64) float64 {
	if null < 0 { // no ratio is
		return 0
	}
	return num.BinomSF(r.First, r.total(), r.share(null))
}

// PLess is the one-sided p-value against a ratio of at least null.
func (r BinomialRatio) PLess(null float64) float64 {
	if null < 0 {
		return 1
	}
	return num.BinomCDF(r.First, r.total(), r.share(null))
}

// Binomial returns the test of the ratio null by likelihood, as R's poisson.test
// gives it. It panics for a ratio below 0.
func (r BinomialRatio) Binomial(null float64) ExactTest {
	if !(null >= 0) {
		panic("table.BinomialRatio.Binomial: a ratio is not below 0")
	}
	return binomial(Count{r.First, r.total()}, r.share(null))
}

// String formats the ratio with its 95% interval and the p-value against 1.
func (r BinomialRatio) String() string {
	if r == (BinomialRatio{}) {
		return show.NoResult
	}
	return ratioText(r, binomialRatioMethod)
}
