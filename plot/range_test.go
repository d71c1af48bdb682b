package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// Three in an arm and values that scatter widely: every interval is wider than the
// instrument.
func scattered(low, high float64) trial {
	tr := smallTrial()
	tr.outcome.Min, tr.outcome.Max, tr.outcome.Thresholds = low, high, nil
	for k := range tr.values {
		w := high - low
		tr.values[k] = [][]float64{{low + 0.9*w, low + 0.1*w, low}, {low + 0.2*w, low + 0.8*w, low + 0.95*w}, {low + 0.5*w, low, low + 0.4*w + 0.1*w*float64(k)}}
	}
	return tr
}

// Axes of values are the instrument's range; axes of changes and differences are no
// wider than it. What goes on beyond ends in an arrow.
func TestAxesEndWithTheInstrument(t *testing.T) {
	x, y := func(p *plot.Plot) plot.Axis { return p.X }, func(p *plot.Plot) plot.Axis { return p.Y }
	for _, r := range [][2]float64{{0, 10}, {0, 68}, {0, 150}, {1, 5}} {
		rs := scattered(r[0], r[1]).results(t)
		wide := r[1] - r[0]
		for name, axis := range map[string]struct {
			panel int
			of    func(*plot.Plot) plot.Axis
			value bool
			cut   bool // intervals are
		}{
			"trajectories": {0, y, true, true}, "bars": {0, y, true, true}, "slopegraph": {0, y, true, false}, "followup": {0, x, true, false},
			"paired": {0, y, true, false}, "ecdf": {0, x, true, false}, "change": {0, y, false, true}, "differences": {0, x, false, true},
			"compatibility": {0, x, false, true}, "posterior": {0, x, false, true}, "raincloud": {0, x, false, false}, "waterfall": {0, y, false, false},
			"cumming": {1, y, false, true}, "gardneraltman": {0, y, false, true}, "responders": {0, x, false, false}, "histogram": {0, x, false, false},
			"subgroups": {0, x, false, false},
		} {
			f, err := everyChart(Options{})[name](rs)
			if name == "subgroups" && err != nil { // too few in the subgroups
				continue
			}
			require.NoError(t, err, name)
			a := axis.of(f.Plot(axis.panel))
			if axis.value {
				low := r[0]
				if name == "bars" {
					low = 0
				}
				assert.Equal(t, []float64{low, r[1]}, []float64{a.Min, a.Max}, name)
			} else {
				assert.GreaterOrEqual(t, a.Min, -wide-1e-9, name)
				assert.LessOrEqual(t, a.Max, wide+1e-9, name)
			}
			assert.Empty(t, layoutProblems(f), name)
			if axis.cut {
				assert.Positive(t, arrows(f), "%s of %v: an arrow says that the interval goes on", name, r)
			}
		}
	}
	// Values of a small part of the range are not pressed together.
	part := smallTrial()
	part.outcome.Max = 100
	f, err := Trajectories(part.results(t))
	require.NoError(t, err)
	assert.Less(t, f.Plot(0).Y.Max, 20.0)
	assert.GreaterOrEqual(t, f.Plot(0).Y.Min, 0.0)
}

// arrows counts the filled triangles of a figure's data areas that no marker is: as
// wide as 0.48 of the type and as high as 0.4.
func arrows(f *Figure) (n int) {
	em := float64(f.theme.size())
	for _, m := range f.render().Marks {
		if m.Kind != render.MarkFill || len(m.Path) < 3 || len(m.Path) > 4 {
			continue
		}
		x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
		corners := 0
		for _, c := range m.Path {
			if c.Pos.X == 0 && c.Pos.Y == 0 {
				continue // a closing
			}
			corners++
			x0, x1 = math.Min(x0, float64(c.Pos.X)), math.Max(x1, float64(c.Pos.X))
			y0, y1 = math.Min(y0, float64(c.Pos.Y)), math.Max(y1, float64(c.Pos.Y))
		}
		w, h := (x1-x0)/em, (y1-y0)/em
		if corners == 3 && (math.Abs(w-0.48) < 0.01 && math.Abs(h-0.4) < 0.01 || math.Abs(h-0.48) < 0.01 && math.Abs(w-0.4) < 0.01) {
			n++
		}
	}
	return n
}

// Outcomes share a panel if they have one unit and one range; without a unit the
// range alone tells, and without both nothing does.
func TestPanelsByUnitAndRange(t *testing.T) {
	of := func(id, unit string, low, high float64) []study.Result {
		tr := smallTrial()
		tr.outcome = study.Outcome{ID: id, Label: id, Unit: unit, Min: low, Max: high, Better: study.LowerIsBetter}
		return tr.results(t)
	}
	for _, c := range []struct {
		a, b   []study.Result
		panels int
	}{
		{of("nrs", "", 0, 10), of("womac", "", 0, 68), 2},
		{of("rest", "", 0, 10), of("walking", "", 0, 10), 1},
		{of("score", "", 0, 0), of("index", "", 0, 0), 2},
		{of("vas", "mm", 0, 100), of("gap", "mm", 0, 0), 2},
		{of("left", "kg", 0, 0), of("right", "kg", 0, 0), 1},
	} {
		f, err := Differences(append(c.a, c.b...))
		require.NoError(t, err)
		assert.Equal(t, c.panels, f.Panels(), "%s and %s", c.a[0].Outcome.ID, c.b[0].Outcome.ID)
	}
}
