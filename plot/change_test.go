package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

func TestChangeMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := Change(rs)
	require.NoError(t, err)
	p := f.panels[0]
	for _, m := range marksOf[*intervalMarks](p) {
		for i, it := range m.items {
			var row study.Row
			for _, r := range rs[i].Within {
				if r.Arm == m.look.arm.ID {
					row = r
				}
			}
			assert.Equal(t, interval{float64(i), row.Estimate, row.Lower, row.Upper}, it)
		}
		got := strokes(t, f, 0, m)
		assert.InDelta(t, m.items[0].lo, got[0][0].y, 0.001)
		assert.InDelta(t, m.items[0].hi, got[0][1].y, 0.001)
	}
	var lines []float64
	for _, m := range marksOf[*refLine](p) {
		lines = append(lines, m.value)
		got := strokes(t, f, 0, m)
		assert.InDelta(t, m.value, got[0][0].y, 0.001)
	}
	assert.Contains(t, lines, 0.0)
	assert.Contains(t, lines, -2.26, "lower is better: the threshold is a fall")
	points := 0
	for _, m := range marksOf[swarms](p)[0] {
		points += len(m.values)
	}
	assert.Equal(t, 20, points)
	// The threshold never runs behind a mean.
	l := f.layout()
	for _, line := range marksOf[*refLine](p) {
		if !line.limited {
			continue
		}
		for _, m := range marksOf[*intervalMarks](p) {
			for _, it := range m.items {
				if it.at == line.at {
					assert.False(t, line.before <= m.offset && m.offset <= line.after, "offset %v in %v..%v", m.offset, line.before, line.after)
				}
			}
		}
	}
	require.NotNil(t, l)
}

func TestChangeThresholdFollowsDirection(t *testing.T) {
	tr := smallTrial()
	tr.outcome = strength()
	tr.outcome.Thresholds = []study.Threshold{{Kind: study.MIC, Value: 1.5, Level: study.Individual}}
	f, err := Change(tr.results(t))
	require.NoError(t, err)
	var lines []float64
	for _, m := range marksOf[*refLine](f.panels[0]) {
		lines = append(lines, m.value)
	}
	assert.Contains(t, lines, 1.5)
	assert.NotContains(t, lines, -1.5)
}
