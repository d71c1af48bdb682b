package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Marks in data units; 1.959963984540054 is qnorm(0.975) of R.
func TestFunnel(t *testing.T) {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -1, SE: 0.2}, {Value: -0.5, SE: 0.4}, {Value: 1.5, SE: 0.5}})
	require.NoError(t, err)
	for _, ratio := range []bool{false, true} {
		back := func(x float64) float64 { return x }
		if ratio {
			back = math.Exp
		}
		f, err := FunnelWith(m, FunnelOptions{Ratio: ratio})
		require.NoError(t, err)
		require.Empty(t, layoutProblems(f))
		items := marksOf[*intervalMarks](f.panels[0])[0].items
		for i, s := range m.Studies {
			assert.Equal(t, back(s.Value), items[i].at)
			assert.Equal(t, s.SE, items[i].value)
		}
		lines := marksOf[*linesMarks](f.panels[0])[0].lines
		for i, sign := range []float64{-1, 1} {
			assert.Equal(t, xy{back(m.Value), 0}, lines[i][0])
			end := lines[i][1]
			assert.InDelta(t, back(m.Value+sign*1.959963984540054*end.y), end.x, 1e-9)
		}
		y := f.Plot(0).Y
		assert.Greater(t, y.Norm(0.1), y.Norm(0.4), "the most precise at the top")
		assert.Contains(t, f.Caption(), "fewer than 10 studies (here 3)")
	}
	_, err = Funnel(stats.Meta{})
	assert.ErrorContains(t, err, "no studies")
	_, err = Funnel(stats.Meta{Studies: []stats.Estimate{{Value: 1, SE: 0}}})
	assert.ErrorContains(t, err, "study 0")
}

// Contours stand around no effect, at the normal quantiles of their p-values (qnorm of
// R at 0.95, 0.975 and 0.995); shades are cut at the axis.
func TestFunnelContours(t *testing.T) {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -1, SE: 0.2}, {Value: -0.5, SE: 0.4}, {Value: 1.5, SE: 0.5}})
	require.NoError(t, err)
	for _, ratio := range []bool{false, true} {
		f, err := FunnelWith(m, FunnelOptions{Ratio: ratio, Contours: true})
		require.NoError(t, err)
		require.Empty(t, layoutProblems(f))
		assert.Empty(t, marksOf[*linesMarks](f.panels[0]), "in place of the dashed limits")
		shades, x := marksOf[*shadeMarks](f.panels[0]), f.panels[0].plot.X
		require.Len(t, shades, 6)
		for i, s := range shades {
			z := []float64{1.644853626951473, 1.959963984540054, 2.575829303548901}[i/2]
			side := []float64{-1, 1}[i%2]
			for _, q := range s.pts[1 : len(s.pts)-1] {
				edge := side * z * q.y
				if ratio {
					edge = math.Exp(edge)
				}
				assert.InDelta(t, math.Min(math.Max(edge, x.Min), x.Max), q.x, 1e-12)
			}
			far := []float64{x.Min, x.Max}[i%2]
			assert.Equal(t, far, s.pts[0].x)
			assert.Equal(t, far, s.pts[len(s.pts)-1].x)
		}
		assert.Equal(t, []string{"p 0.05 to 0.10", "p 0.01 to 0.05", "p below 0.01"}, []string{f.legend[0].text, f.legend[1].text, f.legend[2].text})
		null := "0"
		if ratio {
			null = "1"
		}
		assert.Contains(t, f.Caption(), "a two-sided p of so much, tested against "+null+".")
	}
}
