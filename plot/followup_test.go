package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

func TestFollowUpMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := FollowUp(rs)
	require.NoError(t, err)
	curves := marksOf[*linesMarks](f.panels[0])
	require.Len(t, curves, 3, "identity and two arms")
	assert.Equal(t, curves[0].lines[0][0].x, curves[0].lines[0][0].y)
	lines, err := study.BaselineLines(rs[0])
	require.NoError(t, err)
	for i, l := range lines {
		got := curves[i+1].lines[0]
		assert.InDelta(t, l.Intercept+l.Slope*l.Lo, got[0].y, 1e-12)
		assert.InDelta(t, l.Intercept+l.Slope*l.Hi, got[1].y, 1e-12)
	}
	assert.Len(t, marksOf[*scatterMarks](f.panels[0])[0].pts, 5)
	cut := cutLine(study.BaselineLine{Intercept: 0, Slope: 2, Lo: 1, Hi: 10}, 0, 10)
	assert.Equal(t, []xy{{1, 2}, {5, 10}}, cut, "a line ends at the axes")
}
