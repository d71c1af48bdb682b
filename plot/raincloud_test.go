package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
)

func TestRaincloudMarks(t *testing.T) {
	rs := randomTrial(2, 2, 30, 0).results(t)
	f, err := Raincloud(rs)
	require.NoError(t, err)
	s, err := newSeries("", rs)
	require.NoError(t, err)
	clouds, boxes, rain := marksOf[*violinMarks](f.panels[0]), marksOf[*boxMarks](f.panels[0]), marksOf[*rainMarks](f.panels[0])
	require.Len(t, clouds, 2)
	for k, a := range s.arms {
		ch := s.changes(0, a.ID)
		assert.Equal(t, ch, rain[k].values, "every participant")
		d, err := stats.Describe(ch)
		require.NoError(t, err)
		assert.Equal(t, [5]float64{d.Min, d.Q1, d.Median, d.Q3, d.Max},
			[5]float64{boxes[k].min, boxes[k].q1, boxes[k].median, boxes[k].q3, boxes[k].max})
		assert.InDelta(t, d.Min, clouds[k].pts[0].x, 1e-12, "no cloud beyond the data")
		assert.InDelta(t, d.Max, clouds[k].pts[len(clouds[k].pts)-1].x, 1e-12)
		// Dots move up and down only: what is drawn is at the values.
		centers := strokes(t, f, 0, rain[k])
		require.Len(t, centers, len(ch))
	}
	few, err := Raincloud(smallTrial().results(t))
	require.NoError(t, err)
	assert.Empty(t, marksOf[*violinMarks](few.panels[0]), "five participants have no shape")
	assert.Contains(t, few.Caption(), "fewer than 20")
}

// Swarms of the rain leave their strip nowhere, however many they are.
func TestRainStaysInItsStrip(t *testing.T) {
	f, err := Raincloud(randomTrial(2, 2, 1000, 0).results(t))
	require.NoError(t, err)
	l := f.layout()
	for _, m := range marksOf[*rainMarks](f.panels[0]) {
		s := render.NewScene(l.w, l.h)
		c := draw.Canvas{Canvas: s, Rectangle: l.data[0]}
		m.Plot(c, f.Plot(0))
		y := c.Y(f.Plot(0).Y.Norm(m.at)) + m.offset
		for _, k := range s.Marks {
			for _, q := range k.Path {
				if q.Type == vg.CloseComp {
					continue
				}
				assert.LessOrEqual(t, math.Abs(float64(q.Pos.Y-y)), float64(m.room)+1)
			}
		}
	}
}
