package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Panels of a row that have one y axis say its numbers once, and only those that do.
func TestSharedAxes(t *testing.T) {
	for name, draw := range map[string]func([]study.Result) (*Figure, error){
		"followup": FollowUp, "compatibility": Compatibility, "paired": PairedEstimation, "waterfall": Waterfall, "slopegraph": Slopegraph} {
		f, err := draw(smallTrial().results(t))
		require.NoError(t, err)
		shared := 0
		for _, p := range f.panels {
			y := p.plot.Y
			for _, q := range f.panels {
				if q.row != p.row {
					continue
				}
				assert.Equal(t, [2]float64{q.plot.Y.Min, q.plot.Y.Max}, [2]float64{y.Min, y.Max}, name)
			}
			words := ""
			for _, k := range y.Tick.Marker.Ticks(y.Min, y.Max) {
				words += strings.TrimSpace(k.Label)
			}
			assert.Equal(t, p.col > 0, words == "", "%s: column %d", name, p.col)
			if p.col > 0 {
				shared++
			}
		}
		assert.Positive(t, shared, name)
	}
}

// Panels below each other may leave the name of their x axis to the lowest only where
// it has the same range: then the name and the unit are those of all.
func TestXAxesAreNamedOnce(t *testing.T) {
	rs := randomTrial(2, 8, 40, 0.02).results(t) // seven visits in columns of unequal height
	shared := map[string]bool{}
	for name, draw := range charts(Options{Width: 174}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		for i, p := range f.panels {
			x := p.plot.X
			if x.Label.Text != "" || len(x.Tick.Marker.Ticks(x.Min, x.Max)) == 0 || len(p.visits) > 0 || x.Tick.LineStyle.Width == 0 {
				continue // named, without an axis, or of visits, which are their own names
			}
			named := false
			for _, q := range f.panels {
				if q.col == p.col && q.row > p.row && q.plot.X.Label.Text != "" {
					named = true
					assert.Equal(t, [2]float64{x.Min, x.Max}, [2]float64{q.plot.X.Min, q.plot.X.Max}, "%s, panel %d", name, i)
				}
			}
			assert.True(t, named, "%s: nobody names the x axis of panel %d", name, i)
			shared[name] = true
		}
	}
	for _, name := range []string{"compatibility", "posterior", "responders", "sweep", "raincloud"} {
		assert.True(t, shared[name], name)
	}
}

// Axes of panels in a row stand at one height, whatever lies at their ends.
func TestAxesAlign(t *testing.T) {
	tr := randomTrial(2, 3, 20, 0)
	tr.values[0][0][1] = 0 // on the axis of the first panel alone
	f, err := FollowUp(tr.results(t))
	require.NoError(t, err)
	l := f.layout()
	assert.InDelta(t, float64(l.own[0].bottom), float64(l.own[1].bottom), 1e-6)
	w, h := l.data[0].Max.X-l.data[0].Min.X, l.data[0].Max.Y-l.data[0].Min.Y
	assert.InDelta(t, float64(w), float64(h), 0.5, "square, as both axes have one unit")
}

func TestDataAreasAlign(t *testing.T) {
	rs := randomTrial(2, 6, 20, 0).results(t)
	f, err := Responders(rs)
	require.NoError(t, err)
	l := f.layout()
	for i, p := range f.panels {
		for j, q := range f.panels[:i] {
			if p.row == q.row {
				assert.Equal(t, l.data[i].Min.Y, l.data[j].Min.Y)
				assert.Equal(t, l.data[i].Max.Y, l.data[j].Max.Y)
			}
			if p.col == q.col {
				assert.Equal(t, l.data[i].Min.X, l.data[j].Min.X)
				assert.Equal(t, l.data[i].Max.X, l.data[j].Max.X)
			}
		}
	}
}
