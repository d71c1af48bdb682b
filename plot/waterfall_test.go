package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWaterfallMarks(t *testing.T) {
	f, err := Waterfall(smallTrial().results(t))
	require.NoError(t, err)
	short, reach := marksOf[*bandMarks](f.panels[0])[0], marksOf[*bandMarks](f.panels[0])[1]
	assert.Equal(t, []dataRect{{0.1, 0.9, -2.2, 0}}, short.rects, "the worst first, short of the threshold")
	require.Len(t, reach.rects, 4)
	last := -2.26
	for _, r := range reach.rects {
		assert.LessOrEqual(t, r.y0, last, "from worst to best")
		last = r.y0
	}
	assert.Equal(t, -2.26, marksOf[*refLine](f.panels[0])[1].value)
	assert.Contains(t, f.Description(), "4 of 5 reached the threshold; 0 got worse")
	// A change of nothing is still seen.
	assert.Len(t, marksOf[*scatterMarks](f.panels[1])[0].pts, 1)
}
