package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
)

func TestBlandAltmanMarks(t *testing.T) {
	a, b := []float64{10, 12, 15, 11, 18, 20}, []float64{11, 12, 13, 12, 16, 21}
	f, err := BlandAltman(a, b)
	require.NoError(t, err)
	g, err := assoc.BlandAltman(a, b)
	require.NoError(t, err)
	for i, q := range marksOf[*scatterMarks](f.panels[0])[0].pts {
		assert.Equal(t, xy{(a[i] + b[i]) / 2, a[i] - b[i]}, q)
	}
	lower, upper := g.Limits()
	var lines []float64
	for _, m := range marksOf[*refLine](f.panels[0]) {
		lines = append(lines, m.value)
	}
	assert.Equal(t, []float64{0, upper, g.Bias, lower}, lines)
	cl, cu := g.LimitsCI(0.95)
	bias := g.BiasCI(0.95)
	for i, ci := range []stats.Interval{cu, bias, cl} {
		r := marksOf[*bandMarks](f.panels[0])[0].rects[i]
		assert.Equal(t, [2]float64{ci.Lo, ci.Hi}, [2]float64{r.y0, r.y1})
	}
	_, err = BlandAltman(a, b[:3])
	assert.ErrorIs(t, err, stats.ErrLength)
	f, err = BlandAltman([]float64{1, 2, 3}, []float64{1, 2, 3})
	require.NoError(t, err)
	assert.Empty(t, layoutProblems(f))
}
