package regress

import (
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// PartialOmega2CI returns the interval of PartialOmega2 on the sample's scale:
// that of η² for the F statistic whose η² equals this ω²ₚ (0 where that is
// negative). Agrees with R's effectsize::omega_squared of a fitted model.
func (t TermTest) PartialOmega2CI(level float64) stats.Interval {
	return shareCI(t.PartialOmega2(), t.FTest, level)
}

// GeneralizedEta2CI returns an interval of GeneralizedEta2 on the sample's
// scale: that of η² for the F statistic, on the test's degrees of freedom,
// whose η² equals it. Approximate: no exact pivot of a ratio with several error
// terms is known. With one error term it is the interval of partial η².
// Agrees with R's effectsize::eta_squared(generalized = TRUE).
func (t RepeatedTest) GeneralizedEta2CI(level float64) stats.Interval {
	return shareCI(t.GeneralizedEta2, t.FTest, level)
}

// shareCI is the interval of a share of variance on the degrees of freedom of t.
func shareCI(share float64, t stats.FTest, level float64) stats.Interval {
	check.Level(level)
	if share >= 1 { // 1 less than a float can show: models without error are refused
		return stats.Interval{Lo: 1, Hi: 1, Level: level}
	}
	lo, hi := num.NCFShareCI(share, t.DF1, t.DF2, level)
	return stats.Interval{Lo: lo, Hi: hi, Level: level}
}
