package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

func TestJudgementSentence(t *testing.T) {
	vas := study.Outcome{ID: "vas", Unit: "cm", Resolution: 0.1, Better: study.LowerIsBetter}
	margin := study.Threshold{Value: 2.26, Kind: study.MCID, Level: study.BetweenGroup}
	plain := func(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }
	j := study.Judge(effect(-2.5, -7.3, 2.3), 0.95, study.Threshold{Value: 2.26, Kind: study.MCID, Level: study.Individual}, study.LowerIsBetter)
	s := plain(Sentence(text.English(), j, vas, 2))
	assert.True(t, strings.HasPrefix(s, "Inconclusive: the interval holds 0, and important benefit and important harm."), s)
	assert.Contains(t, s, "Important benefit (2.26 cm or more): probable; the estimate, 2.50 cm")
	assert.Contains(t, s, "Individual threshold used as between-arm margin")

	j = study.Judge(effect(-1, -2, 0.5), 0.95, margin, study.LowerIsBetter)
	s = plain(Sentence(text.English(), j, vas, 2))
	assert.True(t, strings.HasPrefix(s, "Inconclusive: the interval holds 0. Important benefit (2.26 cm or more): definitely not"), s)

	// A limit just short of the threshold is not printed as the threshold.
	j = study.Judge(effect(-3, -4, -2.2599), 0.95, margin, study.LowerIsBetter)
	assert.Contains(t, plain(Sentence(text.English(), j, vas, 2)), "lower end, 2.2599 cm")

	// Nor is a limit just on the other side of zero printed as zero.
	near := study.Judge(effect(-0.6, -1.27, 0.004), 0.95, study.Threshold{Value: 0.5, Kind: study.MCID, Level: study.BetweenGroup}, study.LowerIsBetter)
	assert.Contains(t, plain(Sentence(text.English(), near, vas, 2)), "lower end, −0.004 cm")

	nl, err := text.In("nl")
	require.NoError(t, err)
	s = plain(Sentence(nl, j, vas, 2))
	assert.Contains(t, s, "Belangrijk voordeel (2,26 cm of meer): waarschijnlijk")
	assert.NotContains(t, s, "2.2")
}

// printed is an effect whose interval is what it says, at every level.
type printed struct {
	stats.Estimate
	ci stats.Interval
}

func (p printed) CI(level float64) stats.Interval { p.ci.Level = level; return p.ci }

func effect(value, lo, hi float64) printed {
	return printed{stats.Estimate{Value: value, SE: 1, DF: 8}, stats.Interval{Lo: lo, Hi: hi}}
}
