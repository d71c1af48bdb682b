package regress_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/regress"
)

// R: x <- c(1,2,3,4,6,9); y <- c(2,4,5,4,5,11); rstandard(lm(y ~ x)).
func TestStandardizedResiduals(t *testing.T) {
	y := []float64{2, 4, 5, 4, 5, 11}
	m, err := regress.Linear(y, regress.Numeric("x", []float64{1, 2, 3, 4, 6, 9}))
	require.NoError(t, err)
	h, e := m.Leverage(), m.Residuals()
	for i, r := range m.Standardized() {
		assert.InDelta(t, e[i]/m.Sigma()/math.Sqrt(1-h[i]), r, 1e-14)
	}
	want := []float64{-0.135859927987332, 0.751490771384958, 0.751174449301484, -0.785526826607306, -1.56722872002313, 1.6246613083614}
	assert.InDeltaSlice(t, want, m.Standardized(), 1e-12)
}

func TestNormalQQ(t *testing.T) {
	x := []float64{3, -1, 2, 2, 8}
	q, err := regress.NormalQQ(x)
	require.NoError(t, err)
	want := []float64{-1.17976111761186, -0.497200570681554, 0, 0.497200570681554, 1.17976111761186} // R: sort(qqnorm(x)$x)
	for i, p := range q {
		assert.InDelta(t, want[i], p.Theoretical, 1e-14)
		assert.Equal(t, x[p.Index], p.Sample)
		assert.Less(t, p.Band(0.95).Lo, p.Theoretical)
		assert.Greater(t, p.Band(0.95).Hi, p.Theoretical)
		assert.InDelta(t, -p.Band(0.95).Lo, q[len(q)-1-i].Band(0.95).Hi, 1e-12, "symmetric")
	}
	assert.InDelta(t, -2.57233440514773, q[0].Band(0.95).Lo, 1e-12) // R: qnorm(qbeta(0.025, 1, 5))
	assert.Equal(t, []int{1, 2, 3, 0, 4}, []int{q[0].Index, q[1].Index, q[2].Index, q[3].Index, q[4].Index})
	assert.Equal(t, []float64{3, -1, 2, 2, 8}, x, "input unchanged")
	long := make([]float64, 11)
	q, err = regress.NormalQQ(long)
	require.NoError(t, err)
	assert.InDelta(t, -1.6906216295849, q[0].Theoretical, 1e-14) // R: qnorm(ppoints(11))[1]
	for _, bad := range [][]float64{nil, {math.NaN()}, {1, math.Inf(1)}} {
		_, err := regress.NormalQQ(bad)
		assert.Error(t, err)
	}
	assert.Panics(t, func() { q[0].Band(95) })
}

func ExampleNormalQQ() {
	q, err := regress.NormalQQ([]float64{1.2, -0.4, 0.3})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range q {
		fmt.Printf("%5.2f %5.2f (%v)\n", p.Theoretical, p.Sample, p.Band(0.95))
	}
	// Output:
	// -0.87 -0.40 (-2.39 to 0.55)
	//  0.00  0.30 (-1.31 to 1.31)
	//  0.87  1.20 (-0.55 to 2.39)
}
