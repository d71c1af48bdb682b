package topics_test

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// noError names what peers make of a standard error of 0.
const noError = "no-standard-error"

func init() {
	reftest.Exceptions(reftest.Finding{
		Code: noError, Topic: "agreement, correlation, effect_size, proportion_ci, risk_difference, roc, twobytwo",
		Text: "Where a large-sample standard error is 0, at the end of a range or without any variation, the peer's interval is the estimate itself (with a continuity correction, widened by it alone) and its p-value 0. Truth: no interval, which is all possible values; for pairs on a line the share of pairings that agree as well.",
	})
}

// wantEndsOrNone compares the ends of an interval. Where there is none it must be least to
// most, and the reference the estimate widened by its continuity correction.
func wantEndsOrNone(c *reftest.Case, lo, hi string, ci stats.Interval, least, most, point, widened float64, tol ...float64) {
	if ci.Why != stats.WhyNoError {
		c.Want(lo, ci.Lo, tol...)
		c.Want(hi, ci.Hi, tol...)
		return
	}
	end := func(want float64) func(ref float64) bool {
		return func(ref float64) bool { return reftest.Close(ref, want, reftest.Tol, 1e-12) }
	}
	c.WantTruthBy(lo, ci.Lo, least, noError, end(math.Max(least, point-widened)))
	c.WantTruthBy(hi, ci.Hi, most, noError, end(math.Min(most, point+widened)))
}
