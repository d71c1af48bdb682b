package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
)

// pageArea is the area on the page of the first thing that a mark fills.
func pageArea(t *testing.T, f *Figure, i int, m interface {
	Plot(draw.Canvas, *plot.Plot)
}) float64 {
	t.Helper()
	l := f.layout()
	s := render.NewScene(l.w, l.h)
	m.Plot(draw.Canvas{Canvas: s, Rectangle: l.data[i]}, f.Plot(i))
	for _, k := range s.Marks {
		if k.Kind != render.MarkFill {
			continue
		}
		area, path := 0.0, k.Path
		if path[len(path)-1].Type == vg.CloseComp {
			path = path[:len(path)-1]
		}
		for j, q := range path {
			r := path[(j+1)%len(path)].Pos
			area += float64(q.Pos.X*r.Y - r.X*q.Pos.Y)
		}
		return math.Abs(area) / 2
	}
	t.Fatal("nothing is filled")
	return 0
}

// Every density holds all of its probability: drawn side by side on one axis they
// have equal areas, though one is four times as wide as the other.
func TestDensitiesHaveEqualAreas(t *testing.T) {
	tr := randomTrial(2, 3, 40, 0)
	for i, p := range tr.values[0] { // changes four times as spread in the first arm
		for v := 1; v < 3; v++ {
			p[v] = 5 + 0.1*float64(4*((7*i)%40-20))/4
			tr.values[1][i][v] = tr.values[1][i][0] - 0.5 + 0.025*float64((7*i)%40-20)
		}
		p[0] = 5
	}
	rs := tr.results(t)
	for name, draw := range charts(Options{}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		var areas []float64
		for i, p := range f.panels {
			for _, m := range marksOf[*violinMarks](p) {
				areas = append(areas, pageArea(t, f, i, m))
			}
		}
		if name == "raincloud" || name == "cumming" || name == "paired" {
			require.Greater(t, len(areas), 1, name)
		}
		for _, a := range areas {
			// Tails thinner than a line, or beyond the data, are not drawn.
			assert.InEpsilon(t, areas[0], a, 0.13, name)
		}
	}
	// A posterior's panels have one scale: half the standard error, twice the height.
	f, err := PosteriorWith(rs, PosteriorOptions{Curves: []PosteriorCurve{
		{Arm: "a", Visit: "w4", Prior: "flat", Posterior: stats.Estimate{Value: -1, SE: 0.5, DF: math.Inf(1)}},
		{Arm: "a", Visit: "w8", Prior: "flat", Posterior: stats.Estimate{Value: -1, SE: 0.25, DF: math.Inf(1)}}}})
	require.NoError(t, err)
	var high []float64
	for i := range 2 {
		top := 0.0
		for _, q := range marksOf[*linesMarks](f.panels[i])[0].lines[0] {
			top = math.Max(top, f.Plot(i).Y.Norm(q.y)-f.Plot(i).Y.Norm(0))
		}
		high = append(high, top*float64(f.panels[i].height))
	}
	assert.InEpsilon(t, 2*high[0], high[1], 1e-9)
}
