package plot

import (
	"fmt"
	"math"
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

// Among many participants the envelope is asked at some points only; how many lie
// outside is still counted over all. Singly drawn are residuals beyond 3 and the
// largest Cook's distances.
func TestResidualsOfMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	var x, y []float64
	for i := range 900 {
		e := rng.NormFloat64()
		if i%8 == 0 { // heavy tails, so that many are outside
			e *= 6
		}
		x, y = append(x, math.Round(10*rng.Float64())), append(y, e+float64(i%7))
	}
	m, err := regress.Linear(y, regress.Numeric("x", x))
	require.NoError(t, err)
	f, err := Residuals(m)
	require.NoError(t, err)
	assert.Empty(t, layoutProblems(f))
	std := m.Standardized()
	qq, err := regress.NormalQQ(std)
	require.NoError(t, err)
	outside, far := 0, 0
	for _, q := range qq {
		if q.Band(0.95).Excludes(q.Sample) {
			outside++
		}
	}
	require.Greater(t, outside, 50)
	assert.Contains(t, f.Alt(), fmt.Sprintf("of 900 residuals, %d lie outside", outside))
	for _, r := range std {
		if math.Abs(r) > 3 {
			far++
		}
	}
	require.Positive(t, far)
	marks := marksOf[*scatterMarks](f.panels[1])
	assert.Len(t, marks[len(marks)-1].pts, far)
	cook := slices.Clone(m.CooksDistance())
	slices.Sort(cook)
	assert.Len(t, marksOf[*scatterMarks](f.panels[2])[0].pts, 100)
	for _, q := range marksOf[*scatterMarks](f.panels[2])[0].pts {
		i := slices.Index(std, q.y)
		assert.GreaterOrEqual(t, m.CooksDistance()[i], cook[800])
	}
	assert.Contains(t, f.Caption(), "residuals beyond ±3 one by one. C: the 100 participants")
	band := marksOf[*shadeMarks](f.panels[0])[0].pts
	assert.Less(t, len(band), 600)
	assert.Equal(t, qq[0].Band(0.95).Hi, band[0].y)
}
