package plot

import (
	"math"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
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

// Of 200 participants or more a bar of percentiles stands for an arm at a visit: where
// the values say, in the figures that draw few as a swarm.
func TestManyParticipantsAsPercentiles(t *testing.T) {
	tr := randomTrial(2, 3, 110, 0.02)
	tr.values[1] = tr.values[1][:15] // too few for percentiles
	few := tr.results(t)
	tr.values[0] = append(tr.values[0], tr.values[0]...)
	rs := tr.results(t)
	var want [2][5]float64 // of the first arm at the last visit: changes, values
	for i := range want {
		var xs []float64
		for _, r := range rs[1].Records {
			if r.Arm != "a" || !r.HasBaseline || !r.HasFollow {
				continue
			}
			if xs = append(xs, r.Change); i == 1 {
				xs[len(xs)-1] = r.Follow
			}
		}
		for k, p := range []float64{0.1, 0.25, 0.5, 0.75, 0.9} {
			want[i][k] = quantile7(xs, p)
		}
	}
	for name, c := range map[string]struct {
		draw func([]study.Result) (*Figure, error)
		want [5]float64
		bars int // of the first arm; the last is of the last visit
	}{"change": {Change, want[0], 2}, "cumming": {Cumming, want[0], 2}, "bars": {MeanBars, want[1], 3},
		"gardneraltman": {func(rs []study.Result) (*Figure, error) { return GardnerAltman(rs[1]) }, want[0], 1}} {
		f := mustFig(t)(c.draw(rs))
		assert.Empty(t, layoutProblems(f), name)
		bars := marksOf[*quantileMarks](f.panels[0])
		require.Len(t, bars, c.bars, name)
		got := bars[c.bars-1]
		assert.Equal(t, "a", got.look.arm.ID)
		for k := range got.q {
			assert.InDelta(t, c.want[k], got.q[k], 1e-12, name)
		}
		points := marksOf[swarms](f.panels[0])
		require.Len(t, points, 1, name)
		for _, m := range points[0] {
			assert.Equal(t, "b", m.look.arm.ID, "%s: the small arm's own symbols", name)
			assert.Greater(t, len(m.values), 10)
		}
		assert.Contains(t, f.Caption(), "from the 10th to the 90th percentile, darker from the 25th to the 75th; line across: median. Small symbols: participants of arms with fewer than 20.", name)

		f = mustFig(t)(c.draw(few))
		assert.Empty(t, marksOf[*quantileMarks](f.panels[0]), name)
	}
	// A cloud needs no rain beneath; an arm without one has it.
	f := mustFig(t)(Raincloud(rs))
	rain := marksOf[*rainMarks](f.panels[0])
	require.Len(t, rain, 1)
	assert.Equal(t, "b", rain[0].look.arm.ID)
	assert.Contains(t, f.Caption(), "participants of arms without a cloud")
	f = mustFig(t)(Raincloud(randomTrial(2, 3, 100, 0).results(t)))
	assert.Empty(t, marksOf[*rainMarks](f.panels[0]))
	assert.Contains(t, f.Caption(), "too many for a symbol each")
}

// Groups along a value are about as large as each other and never part equal values.
func TestPartAlong(t *testing.T) {
	var pts []xy
	for i := range 100 {
		pts = append(pts, xy{float64(i / 7), float64(i % 7)})
	}
	seen := map[float64]int{}
	n := 0
	for k, g := range partAlong(pts, 5) {
		assert.InDelta(t, 20, len(g), 7, "group %d", k)
		for _, q := range g {
			before, ok := seen[q.x]
			assert.True(t, !ok || before == k, "%v is in groups %d and %d", q.x, before, k)
			seen[q.x] = k
			n++
		}
	}
	assert.Equal(t, 100, n)
	assert.Len(t, partAlong([]xy{{1, 2}, {1, 3}, {1, 4}}, 3), 1)
}

// Follow-up against baseline: medians and percentiles of groups of baselines.
func TestFollowUpBands(t *testing.T) {
	rs := randomTrial(2, 2, 300, 0).results(t)
	f := mustFig(t)(FollowUp(rs))
	var pts []xy
	for _, r := range rs[0].Records {
		if r.Arm == "a" {
			pts = append(pts, xy{r.Baseline, r.Follow})
		}
	}
	sort.Slice(pts, func(a, b int) bool { return pts[a].x < pts[b].x })
	groups := partAlong(pts, 10)
	medians, shades := marksOf[*scatterMarks](f.panels[0])[0].pts, marksOf[*shadeMarks](f.panels[0])
	require.Len(t, medians, len(groups))
	for k, g := range groups {
		var xs, ys []float64
		for _, q := range g {
			xs, ys = append(xs, q.x), append(ys, q.y)
		}
		assert.InDelta(t, quantile7(xs, 0.5), medians[k].x, 1e-12)
		assert.InDelta(t, quantile7(ys, 0.5), medians[k].y, 1e-12)
		for i, p := range []float64{0.1, 0.25} {
			n := len(shades[i].pts)
			assert.InDelta(t, quantile7(ys, 1-p), shades[i].pts[k].y, 1e-12)
			assert.InDelta(t, quantile7(ys, p), shades[i].pts[n-1-k].y, 1e-12)
		}
	}
	assert.NotContains(t, f.Caption(), "Symbols: participants")
	// An arm of 50 beside one of 250 keeps its symbols.
	tr := randomTrial(2, 2, 250, 0)
	tr.values[1] = tr.values[1][:50]
	f = mustFig(t)(FollowUp(tr.results(t)))
	assert.Len(t, marksOf[*scatterMarks](f.panels[1])[0].pts, 50)
	assert.Contains(t, f.Caption(), "fewer than 60 participants: symbols for each")
}
