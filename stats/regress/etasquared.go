package regress

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// PartialOmega2CI returns the interval of PartialOmega2 on the sample's scale:
// that of η² for the F statistic whose η² equals this ω²ₚ (0 where that is
// negative). Agrees with R's effectsize::omega_squared of a fitted model.
func (t TermTest) PartialOmega2CI(level float64) stats.Interval {
	o := math.Max(0, t.PartialOmega2())
	eta, _, _, _ := stats.FTest{F: o / t.DF1 / ((1 - o) / t.DF2), DF1: t.DF1, DF2: t.DF2}.Explained().SampleScaleCI(level)
	return eta
}

// GeneralizedEta2CI returns an interval of GeneralizedEta2 on the sample's
// scale: that of η² for the F statistic, on the test's degrees of freedom,
// whose η² equals it. Approximate: no exact pivot of a ratio with several error
// terms is known. With one error term it is the interval of partial η².
// Agrees with R's effectsize::eta_squared(generalized = TRUE).
func (t RepeatedTest) GeneralizedEta2CI(level float64) stats.Interval {
	e := t.GeneralizedEta2
	if e >= 1 { // no error at all
		check.Level(level)
		return stats.Interval{Lo: 1, Hi: 1, Level: level}
	}
	eta, _, _, _ := stats.FTest{F: e / t.DF1 / ((1 - e) / t.DF2), DF1: t.DF1, DF2: t.DF2}.Explained().SampleScaleCI(level)
	return eta
}
