package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// ciSE is the standard error that a normal 95% interval of this width has.
func ciSE(ci stats.Interval) float64 { return ci.Width() / (2 * num.NormQuantileUpper(0.025)) }

// percentText writes a difference of proportions in percentage points with its 95%
// interval and the p-value against no difference.
func percentText(e stats.Effect, method string) string {
	ci := e.CI(0.95)
	ci.Lo, ci.Hi = 100*ci.Lo, 100*ci.Hi
	d := show.DecimalsOf(100*e.Point(), ciSE(ci))
	return fmt.Sprintf("%s%% (95%% CI %s; p %s; %s)", show.Fixed(100*e.Point(), d), ci.Text(d, "%"), show.P(e.P(0)), method)
}

// ratioText writes a ratio with its 95% interval and the p-value against 1. A
// ratio is as exact at its lower limit as its logarithm's standard error says.
func ratioText(e stats.Effect, method string) string {
	ci, v := e.CI(0.95), e.Point()
	var d int
	switch {
	case ci.Lo > 0 && !math.IsInf(ci.Hi, 1):
		d = show.DecimalsOf(ci.Lo, ci.Lo*math.Log(ci.Hi/ci.Lo)/(2*num.NormQuantileUpper(0.025)))
	case ci.Lo > 0:
		d = show.DecimalsOf(ci.Lo)
	default:
		d = show.DecimalsOf(math.Min(ci.Hi, v+ci.Hi))
	}
	return fmt.Sprintf("%s (95%% CI %s; p %s; %s)", show.Fixed(v, d), ci.Text(d, ""), show.P(e.P(1)), method)
}
