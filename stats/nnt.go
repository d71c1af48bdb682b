package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"
)

// NNT is the number needed to treat for one more participant to benefit, or to
// be harmed, as the inverse of a risk difference. An interval of the
// difference that includes zero runs through infinity: "benefit 4 to ∞ to
// harm 20" (Altman 1998).
type NNT struct {
	// Difference is the risk difference, oriented so that positive is benefit.
	Difference float64
	// Interval of that difference.
	CI Interval
}

// NewNNT turns a risk difference and its interval into a number needed to
// treat. benefit is +1 where more events are better and −1 where fewer are.
// The interval's method is that of the difference; Wald's, often printed, is
// too narrow in small trials.
// Source: Altman (1998), BMJ 317:1309, doi 10.1136/bmj.317.7168.1309.
func NewNNT(difference float64, ci Interval, benefit int) NNT {
	if benefit < 0 {
		return NNT{-difference, ci.Neg()}
	}
	return NNT{difference, ci}
}

// Point returns 1/|difference|, +Inf at zero, and whether it is a number
// needed to benefit (true) or to harm.
func (n NNT) Point() (value float64, benefit bool) {
	return 1 / math.Abs(n.Difference), n.Difference >= 0
}

// ThroughInfinity reports whether the interval includes no difference.
func (n NNT) ThroughInfinity() bool { return n.CI.Contains(0) }

// Ends returns the interval's ends as numbers needed to treat: the best case
// first. A negative number is a number needed to harm; ±Inf is no difference.
func (n NNT) Ends() (best, worst float64) { return 1 / n.CI.Hi, 1 / n.CI.Lo }

// String writes "NNTB 4.0 (95% CI 2.1 to 30.2)" or, through infinity,
// "NNTB 10.0 (95% CI NNTB 4.0 to ∞ to NNTH 20.0)".
func (n NNT) String() string {
	if n == (NNT{}) {
		return show.NoResult
	}
	name := func(x float64) string {
		switch {
		case math.IsInf(x, 0):
			return "∞"
		case x < 0:
			return fmt.Sprintf("NNTH %.1f", -x)
		}
		return fmt.Sprintf("NNTB %.1f", x)
	}
	v, b := n.Point()
	if !b {
		v = -v
	}
	best, worst := n.Ends()
	level := fmt.Sprintf("%g%%", 100*n.CI.Level)
	if n.ThroughInfinity() {
		if math.IsInf(best, 0) || math.IsInf(worst, 0) {
			return fmt.Sprintf("%s (%s CI %s to %s)", name(v), level, name(best), name(worst))
		}
		return fmt.Sprintf("%s (%s CI %s to ∞ to %s)", name(v), level, name(best), name(worst))
	}
	return fmt.Sprintf("%s (%s CI %s to %s)", name(v), level, name(best), name(worst))
}
