package plot

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/regress"
)

func TestResidualMarks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var x, y []float64
	for i := range 30 {
		x = append(x, float64(i%10))
		y = append(y, 2+0.5*x[i]+rng.NormFloat64())
	}
	m, err := regress.Linear(y, regress.Numeric("x", x))
	require.NoError(t, err)
	f, err := Residuals(m)
	require.NoError(t, err)
	require.Equal(t, 3, f.Panels())
	std := m.Standardized()
	qq, err := regress.NormalQQ(std)
	require.NoError(t, err)
	for i, p := range marksOf[*scatterMarks](f.panels[0])[0].pts {
		assert.Equal(t, xy{qq[i].Theoretical, qq[i].Sample}, p)
	}
	band := marksOf[*shadeMarks](f.panels[0])[0].pts
	for i, q := range qq {
		assert.Equal(t, xy{q.Theoretical, q.Band(0.95).Hi}, band[i])
		assert.Equal(t, xy{q.Theoretical, q.Band(0.95).Lo}, band[len(band)-1-i])
	}
	for i := range std {
		assert.Equal(t, xy{m.Fitted()[i], std[i]}, marksOf[*scatterMarks](f.panels[1])[0].pts[i])
		assert.Equal(t, xy{m.Leverage()[i], std[i]}, marksOf[*scatterMarks](f.panels[2])[0].pts[i])
	}
	// A point on the contour of distance d has Cook's distance d.
	for _, q := range cookContour(0.5, 2, 1, 0.9, -10, 10) {
		assert.InDelta(t, 0.5, q.y*q.y/2*q.x/(1-q.x), 1e-12)
	}
	// Contours are drawn where a participant comes near one, else in words.
	assert.NotEmpty(t, dashed(f.panels[2]))
	for i := range 170 {
		x, y = append(x, float64(i%10)), append(y, 2+rng.NormFloat64())
	}
	m, err = regress.Linear(y, regress.Numeric("x", x))
	require.NoError(t, err)
	require.Less(t, slices.Max(m.CooksDistance()), 0.25)
	f, err = Residuals(m)
	require.NoError(t, err)
	assert.Empty(t, dashed(f.panels[2]))
	assert.Contains(t, f.Caption(), "Largest Cook’s distance 0.")
	x, y = append(x, 60), append(y, 9)
	m, err = regress.Linear(y, regress.Numeric("x", x))
	require.NoError(t, err)
	require.Greater(t, slices.Max(m.CooksDistance()), 0.5)
	f, err = Residuals(m)
	require.NoError(t, err)
	assert.NotEmpty(t, dashed(f.panels[2]))
	assert.Contains(t, f.Caption(), "Dashed: Cook’s distance ½ and 1")

	exact, err := regress.Linear([]float64{1, 2, 3, 4}, regress.Numeric("x", []float64{1, 2, 3, 4}))
	if err == nil && exact.Sigma() == 0 {
		_, err = Residuals(exact)
		assert.ErrorContains(t, err, "exactly")
	}
	_, err = Residuals(nil)
	assert.Error(t, err)
}

// dashed are a panel's dashed curves.
func dashed(p *panel) (out []*curveMarks) {
	for _, m := range marksOf[*curveMarks](p) {
		if len(m.dashes) > 0 {
			out = append(out, m)
		}
	}
	return out
}
