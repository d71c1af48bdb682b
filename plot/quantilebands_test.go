package plot

import (
	"math"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quantile7 is the definition, from sorted values: x at 1 + (n − 1)p, linear
// between neighbors.
func quantile7(xs []float64, p float64) float64 {
	sort.Float64s(xs)
	h := float64(len(xs)-1) * p
	i := int(math.Floor(h))
	if i+1 == len(xs) {
		return xs[i]
	}
	return xs[i] + (h-float64(i))*(xs[i+1]-xs[i])
}

// From 200 participants on no chart paints their lines over each other: bands end
// at the quantiles of the values, and follow-up against baseline has a panel an arm.
func TestManyParticipantsAreNotPaintedOver(t *testing.T) {
	few, many := randomTrial(2, 4, 99, 0.02), randomTrial(2, 4, 120, 0.02)
	assert.NotEmpty(t, marksOf[*pathMarks](mustFig(t)(Trajectories(few.results(t))).panels[0]))
	rs := many.results(t)
	f := mustFig(t)(Trajectories(rs))
	assert.Empty(t, marksOf[*pathMarks](f.panels[0]))
	bands := marksOf[*shadeMarks](f.panels[0])
	require.Len(t, bands, 2, "control's first")
	for k, band := range []*shadeMarks{bands[1], bands[0]} {
		require.Len(t, band.pts, 8)
		for v, visit := range []float64{0, 4, 8, 12} {
			var xs []float64
			for _, p := range many.values[k] {
				if !math.IsNaN(p[v]) {
					xs = append(xs, p[v])
				}
			}
			up, down := band.pts[v], band.pts[7-v]
			assert.Equal(t, visit, up.x)
			assert.InDelta(t, quantile7(xs, 0.75), up.y, 1e-12)
			assert.InDelta(t, quantile7(xs, 0.25), down.y, 1e-12)
		}
	}
	assert.Contains(t, f.Caption(), "middle half")
	assert.NotContains(t, f.Caption(), "Thin lines")

	f = mustFig(t)(FollowUp(rs))
	require.Equal(t, 6, f.Panels(), "three visits, two arms")
	for i, p := range f.panels {
		dots := marksOf[*scatterMarks](p)
		require.Len(t, dots, 1)
		assert.Equal(t, many.arms[i%2].ID, dots[0].look.arm.ID)
		assert.Len(t, marksOf[*linesMarks](p), 3, "identity and both arms' lines")
	}
	assert.Equal(t, 3, mustFig(t)(FollowUp(few.results(t))).Panels())

	more := randomTrial(2, 3, 200, 0).results(t)
	for name, draw := range charts(Options{}) {
		f := mustFig(t)(draw(more))
		for i, p := range f.panels {
			n := 0
			for _, m := range marksOf[*pathMarks](p) {
				n += len(m.lines)
			}
			assert.Less(t, n, 200, "%s, panel %d", name, i)
			for j, m := range marksOf[*scatterMarks](p) {
				assert.Zero(t, j, "%s: symbols of a second arm over %d of the first", name, len(m.pts))
			}
		}
		assert.Empty(t, layoutProblems(f), name)
	}
	// Participants who improved, and the others: 10th to 90th percentile of each.
	f = mustFig(t)(Slopegraph(more))
	strong := marksOf[*shadeMarks](f.panels[0])[1]
	var base, follow []float64
	for _, r := range more[0].Records {
		if r.Arm == "a" && r.Change <= -2.26 {
			base, follow = append(base, r.Baseline), append(follow, r.Follow)
		}
	}
	assert.InDelta(t, quantile7(base, 0.9), strong.pts[0].y, 1e-12)
	assert.InDelta(t, quantile7(follow, 0.9), strong.pts[1].y, 1e-12)
	assert.InDelta(t, quantile7(follow, 0.1), strong.pts[2].y, 1e-12)
}
