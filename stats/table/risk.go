package table

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/twobytwo"
)

// Risk is a difference of two proportions, treated − control, with the interval of
// a method. Its p-values invert that interval, so that p and interval never
// disagree: P is 1 − the level at which the interval first reaches null. The test
// usually reported for a small table is Fisher's, which is another test.
type Risk struct {
	Treated, Control Count
	Method           RiskDifferenceMethod
}

var _ stats.Effect = Risk{}

// RiskDifference compares two proportions, treated − control, by Newcombe's
// hybrid score interval (his method 10), built from the Wilson limits of each
// arm. Approximate, with coverage close to nominal even for small groups; it
// stays within [−1, 1] and exists at 0 and 100%.
// It refuses n below 1 and events outside 0 … n.
// Source: Newcombe (1998), Stat Med 17:873,
// doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
// It agrees with R's DescTools::BinomDiffCI(method = "score") and SAS
// PROC FREQ RISKDIFF(CL=NEWCOMBE).
func RiskDifference(treated, control Count) (Risk, error) {
	if err := checkArms("RiskDifference", treated, control); err != nil {
		return Risk{}, err
	}
	return Risk{treated, control, NewcombeScore}, nil
}

// Point returns the difference of the observed proportions.
func (r Risk) Point() float64 { return r.Treated.Rate() - r.Control.Rate() }

// CI returns the method's interval, within [−1, 1]. It panics unless 0 < level < 1.
func (r Risk) CI(level float64) stats.Interval {
	check.Level(level)
	if r.Method == NewcombeScore { // the one that is asked most; its error never vanishes
		lo, hi := newcombe(r.Treated, r.Control, -num.NormQuantile((1-level)/2))
		return stats.Interval{Lo: lo, Hi: hi, Level: level}
	}
	lo, hi := r.limits(tailOf((1 - level) / 2))
	ci := stats.Interval{Lo: lo, Hi: hi, Level: level}
	if r.noError() {
		ci.Why = stats.WhyNoError
	}
	return ci
}

// P returns 1 − the level at which the interval first reaches null; it is 0 outside
// −1 to 1, where no difference is.
func (r Risk) P(null float64) float64 { return 2 * math.Min(r.PGreater(null), r.PLess(null)) }

// PGreater is the one-sided p-value against a difference of at most null: half of P
// where null is below the difference.
func (r Risk) PGreater(null float64) float64 {
	if r.Method == MiettinenNurminen || r.Method == Mee { // which invert a test
		return ScoreTest{r.Treated, r.Control, twobytwo.RiskDiff, ScoreOptions{NoBiasCorrection: r.Method == Mee}}.PGreater(null)
	}
	return oneSidedP(func(z float64) (lo, hi float64) { return r.limits(tail{num.NormSF(z), z}) }, null)
}

// PLess is the one-sided p-value against a difference of at least null.
func (r Risk) PLess(null float64) float64 {
	return Risk{r.Control, r.Treated, r.Method}.PGreater(-null)
}

// String formats the difference in percentage points.
func (r Risk) String() string {
	if r == (Risk{}) {
		return show.NoResult
	}
	return percentText(r, methodName(string(r.Method)))
}
