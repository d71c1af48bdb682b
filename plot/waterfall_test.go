package plot

import (
	"cmp"
	"math"
	"slices"
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

// More than 100 bars are one outline: as high at every participant as the bar was.
func TestWaterfallOutline(t *testing.T) {
	bars := &bandMarks{rects: []dataRect{{0, 1, 0, 4}, {1, 2, 0, 4}, {2, 3, 0, 1}, {5, 6, -2, 0}, {6, 7, -3, 0}}}
	assert.Equal(t, []xy{{0, 4}, {2, 4}, {2, 1}, {3, 1}, {3, 0}, {5, 0}, {5, -2}, {6, -2}, {6, -3}, {7, -3}, {7, 0}, {0, 0}}, outlined(bars).pts)
	assert.Empty(t, outlined(&bandMarks{}).pts)

	tr := randomTrial(2, 2, 101, 0)
	f := mustFig(t)(Waterfall(tr.results(t)))
	var changes []float64
	for _, p := range tr.values[0] {
		changes = append(changes, math.Round((p[1]-p[0])*1e6)/1e6)
	}
	slices.SortFunc(changes, func(a, b float64) int { return cmp.Compare(b, a) }) // lower is better: the worst first
	require.Empty(t, marksOf[*bandMarks](f.panels[0]))
	shades := marksOf[*shadeMarks](f.panels[0]) // short of the threshold, then beyond
	for k, want := range changes {
		got := 0.0
		for _, m := range shades {
			for i := 1; i < len(m.pts); i++ { // the upper side runs from left to right
				if a, b := m.pts[i-1], m.pts[i]; a.y == b.y && a.x <= float64(k) && b.x >= float64(k+1) && a.y != 0 {
					got = a.y
				}
			}
		}
		assert.Equal(t, want, got, "participant %d", k)
	}
}
