package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/assoc"
)

func TestROCMarks(t *testing.T) {
	c, err := assoc.ROC([]float64{3, 5, 5, 8, 9}, []float64{1, 2, 5, 4})
	require.NoError(t, err)
	f, err := ROC(ROCLine{Label: "score", Curve: c})
	require.NoError(t, err)
	curves := marksOf[*curveMarks](f.panels[0])
	require.Len(t, curves, 2)
	assert.Equal(t, []xy{{0, 0}, {1, 1}}, curves[0].pts, "the diagonal")
	require.Len(t, curves[1].pts, len(c.Points))
	var area float64 // of what is drawn, by trapezoids
	for i, q := range curves[1].pts {
		assert.Equal(t, xy{1 - c.Points[i].Specificity, c.Points[i].Sensitivity}, q)
		if i > 0 {
			p := curves[1].pts[i-1]
			area += (q.x - p.x) * (q.y + p.y) / 2
		}
	}
	assert.InDelta(t, c.AUC, area, 1e-12)
	var want []xy
	for _, q := range c.BestYouden() {
		want = append(want, xy{1 - q.Specificity, q.Sensitivity})
	}
	assert.Equal(t, want, marksOf[*scatterMarks](f.panels[0])[0].pts)
	l := f.layout()
	assert.InDelta(t, float64(l.data[0].Max.X-l.data[0].Min.X), float64(l.data[0].Max.Y-l.data[0].Min.Y), 0.5, "square")

	f, err = ROCWith([]ROCLine{{Curve: c, Cutoffs: []assoc.ROCPoint{}}}, ROCOptions{})
	require.NoError(t, err)
	assert.Empty(t, marksOf[*scatterMarks](f.panels[0])[0].pts)
	_, err = ROC()
	assert.ErrorContains(t, err, "0 curves")
	_, err = ROC(ROCLine{})
	assert.ErrorContains(t, err, "no points")
	_, err = ROCWith([]ROCLine{{Curve: c}}, ROCOptions{Level: 95})
	assert.ErrorContains(t, err, "level")
	perfect, err := assoc.ROC([]float64{3, 4}, []float64{1, 2})
	require.NoError(t, err)
	f, err = ROC(ROCLine{Curve: perfect})
	require.NoError(t, err)
	assert.Contains(t, f.Alt(), "AUC 1.00 (no interval)")
}
