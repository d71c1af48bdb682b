package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

func TestBarMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := MeanBars(rs)
	require.NoError(t, err)
	tiles := marksOf[*tileMarks](f.panels[0])[0].tiles
	require.Len(t, tiles, 6)
	k := 0
	for a, arm := range []string{"hilt", "sham"} {
		for _, v := range []string{"baseline", "post", "h24"} {
			s := find(t, rs, arm, v)
			assert.Equal(t, [2]float64{0, s.Mean}, [2]float64{tiles[k].y0, tiles[k].y1})
			k++
		}
		m := marksOf[*intervalMarks](f.panels[0])[a]
		ci := stats.Estimate{Value: find(t, rs, arm, "h24").Mean, SE: find(t, rs, arm, "h24").SE, DF: 4}.CI(0.95)
		assert.Equal(t, ci.Lo, m.items[2].lo, "a confidence interval, not a standard error")
		assert.Equal(t, ci.Hi, m.items[2].hi)
	}
	assert.Zero(t, f.Plot(0).Y.Min)
	tr := smallTrial()
	tr.outcome.Min, tr.outcome.Max = 0, 0
	tr.values[0][0][1] = -1
	_, err = MeanBars(tr.results(t))
	assert.ErrorContains(t, err, "negative")
}

// Few participants stand beside the interval in a bar, many behind it with a
// white edge; control's mean is open as in the legend.
func TestBarsKeepIntervalsClear(t *testing.T) {
	for n, few := range map[int]bool{19: true, 20: false} {
		f, err := MeanBars(randomTrial(2, 3, n, 0).results(t))
		require.NoError(t, err)
		for _, m := range marksOf[*intervalMarks](f.panels[0]) {
			assert.Equal(t, few, m.offset > 0, "%d participants", n)
			assert.Equal(t, !few, m.clear)
			assert.Equal(t, m.look.marker == squareMarker, m.look.arm.Control)
		}
		for _, s := range marksOf[swarms](f.panels[0]) {
			for _, p := range s {
				assert.Equal(t, few, p.offset < 0, "%d participants", n)
			}
		}
	}
}
