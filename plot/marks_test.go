package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
)

// marksOf collects a panel's marks of one type.
func marksOf[T any](p *panel) []T {
	var out []T
	for _, m := range p.marks {
		if x, ok := m.(T); ok {
			out = append(out, x)
		}
	}
	return out
}

// strokes draws one plotter alone and returns its strokes in data units of
// the panel, the page offset of x not taken away.
func strokes(t *testing.T, f *Figure, i int, m interface {
	Plot(draw.Canvas, *plot.Plot)
}) [][]xy {
	t.Helper()
	l := f.layout()
	s := render.NewScene(l.w, l.h)
	c := draw.Canvas{Canvas: s, Rectangle: l.data[i]}
	p := f.Plot(i)
	m.Plot(c, p)
	var out [][]xy
	for _, k := range s.Marks {
		if k.Kind != render.MarkStroke {
			continue
		}
		var line []xy
		for _, q := range k.Path {
			if q.Type == vg.CloseComp {
				continue
			}
			fx := float64((q.Pos.X - c.Min.X) / (c.Max.X - c.Min.X))
			fy := float64((q.Pos.Y - c.Min.Y) / (c.Max.Y - c.Min.Y))
			line = append(line, xy{p.X.Min + fx*(p.X.Max-p.X.Min), p.Y.Min + fy*(p.Y.Max-p.Y.Min)})
		}
		out = append(out, line)
	}
	return out
}

func TestSwarmKeepsSymbolsApart(t *testing.T) {
	ys := []vg.Length{0, 0, 0, 1, 1, 5, 5.5, 9}
	dx := swarm(ys, 3, 100)
	for i := range ys {
		for j := range i {
			d := math.Hypot(float64(ys[i]-ys[j]), float64(dx[i]-dx[j]))
			assert.GreaterOrEqual(t, d, 3*0.999)
		}
	}
	assert.Equal(t, vg.Length(0), dx[7])
}
