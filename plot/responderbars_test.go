package plot

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
)

func TestResponderBarsMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := ResponderBars(rs)
	require.NoError(t, err)
	bars, marks := marksOf[*bandMarks](f.panels[0]), marksOf[barIntervals](f.panels[0])
	assert.Equal(t, 80.0, bars[0].rects[0].y1)
	assert.Equal(t, 0.0, bars[0].rects[0].y0, "a bar begins at 0")
	share, err := table.ClopperPearson(table.Count{Events: 4, N: 5})
	require.NoError(t, err)
	ci := share.CI(0.95)
	it := marks[0].of.items[0]
	assert.Equal(t, []float64{80, 100 * ci.Lo, 100 * ci.Hi}, []float64{it.value, it.lo, it.hi})
	assert.Equal(t, 0.0, marks[1].of.items[0].value)
	_, err = ResponderBarsWith(rs, ResponderBarsOptions{Rule: study.RulePass})
	assert.ErrorContains(t, err, "pass")
}

// A report in another language has its thresholds' words in it, but the counts
// in their own: the bars are the same. An unknown rule names the known ones.
func TestResponderBarsOfTranslatedResults(t *testing.T) {
	rs := smallTrial().results(t)
	want, err := ResponderBars(rs)
	require.NoError(t, err)
	translated := smallTrial().results(t)
	for i := range translated {
		o := &translated[i].Outcome
		o.Thresholds = slices.Clone(o.Thresholds)
		for j := range o.Thresholds {
			o.Thresholds[j].Population = "mensen met knieartrose"
		}
	}
	got, err := ResponderBars(translated)
	require.NoError(t, err)
	assert.Equal(t, string(written(t, want, SVG)), string(written(t, got, SVG)))
	_, err = ResponderBarsWith(rs, ResponderBarsOptions{Rule: "improved"})
	assert.EqualError(t, err, `plot: ResponderBars: "vas" has no responders by rule "improved", but by change`)
}
