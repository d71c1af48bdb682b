package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Tests of normality do not change with units, offset or order, and refuse
// what does not vary.
func TestNormalityProperties(t *testing.T) {
	x := []float64{2.1, 3.3, 2.8, 5.9, 4.4, 3.7, 3.1, 2.2, 9.5, 4.1}
	y := make([]float64, len(x))
	for i := range x {
		y[len(x)-1-i] = 1024 + 8*x[i]
	}
	for name, f := range map[string]func([]float64) (stats.GoodnessOfFit, error){
		"Shapiro–Wilk": stats.ShapiroWilk, "Anderson–Darling": stats.AndersonDarling, "Lilliefors": stats.Lilliefors,
	} {
		a, err := f(x)
		require.NoError(t, err)
		b, err := f(y)
		require.NoError(t, err)
		assert.InEpsilon(t, a.Statistic, b.Statistic, 1e-10, name)
		assert.InEpsilon(t, a.P(), b.P(), 1e-8, name)
		_, err = f([]float64{1, 1, 1, 1, 1, 1, 1, 1, 1})
		assert.ErrorIs(t, err, stats.ErrNoVariation, name)
		_, err = f([]float64{1, 2})
		assert.ErrorIs(t, err, stats.ErrTooFew, name)
		_, err = f([]float64{1, math.NaN(), 3, 4, 5, 6, 7, 8, 9})
		assert.ErrorIs(t, err, stats.ErrNotFinite, name)
	}
}

// The lattice of the exact two-sample test equals the list of arrangements,
// with ties.
func TestKolmogorovSmirnovEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 40 {
		x, y := make([]float64, 1+rng.IntN(5)), make([]float64, 1+rng.IntN(5))
		for i := range x {
			x[i] = float64(rng.IntN(5))
		}
		for i := range y {
			y[i] = float64(rng.IntN(5) + rng.IntN(2))
		}
		k, err := stats.KolmogorovSmirnov(x, y)
		require.NoError(t, err)
		assert.InDelta(t, statstest.EnumerateKS(x, y, ""), k.P(), 1e-12, "%v %v", x, y)
		assert.InDelta(t, statstest.EnumerateKS(x, y, "greater"), k.Above.P(), 1e-12, "%v %v", x, y)
		assert.InDelta(t, statstest.EnumerateKS(x, y, "less"), k.Below.P(), 1e-12, "%v %v", x, y)
		r, err := stats.KolmogorovSmirnov(y, x)
		require.NoError(t, err)
		assert.InDelta(t, k.P(), r.P(), 1e-12)
		assert.Equal(t, k.D, r.D)
		assert.InDelta(t, k.Above.P(), r.Below.P(), 1e-12)
		assert.InDelta(t, k.Below.P(), r.Above.P(), 1e-12)
		assert.Equal(t, k.Above.D, r.Below.D)
	}
}

func TestVarianceRatioQuestions(t *testing.T) {
	a, b := []float64{1, 4, 9, 2, 7}, []float64{3, 4, 5, 4.5}
	v, err := stats.CompareVariances(a, b)
	require.NoError(t, err)
	for _, null := range []float64{0.2, 1, 4, 30} {
		for _, level := range []float64{0.8, 0.95} {
			statstest.Agree(t, v, null, level, "variances")
		}
	}
	r, err := stats.CompareVariances(b, a)
	require.NoError(t, err)
	assert.InEpsilon(t, 1/v.Ratio, r.Ratio, 1e-12)
	assert.InEpsilon(t, v.P(1), r.P(1), 1e-10)
	_, err = stats.CompareVariances(a, []float64{2, 2})
	assert.ErrorIs(t, err, stats.ErrNoVariation)
}

func TestYuenWithoutTrimmingIsWelch(t *testing.T) {
	a, b := []float64{1, 4, 9, 2, 7}, []float64{3, 4, 5, 4.5}
	w, err := stats.Welch(a, b)
	require.NoError(t, err)
	y, err := stats.Yuen(a, b, 0)
	require.NoError(t, err)
	assert.InEpsilon(t, w.SE, y.SE, 1e-13)
	assert.InEpsilon(t, w.DF, y.DF, 1e-12)
}

func ExampleShapiroWilk() {
	w, err := stats.ShapiroWilk([]float64{2.1, 3.3, 2.8, 5.9, 4.4, 3.7, 3.1, 2.2, 9.5, 4.1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("W = %.3f, p = %.3f\n", w.Statistic, w.P())
	// Output: W = 0.811, p = 0.020
}

func ExampleKolmogorovSmirnov() {
	k, err := stats.KolmogorovSmirnov([]float64{1, 2, 2, 3}, []float64{3, 4, 5, 5, 6})
	if err != nil {
		panic(err)
	}
	fmt.Printf("D = %.2f, exact p = %.4f\n", k.D, k.P())
	// Output: D = 0.80, exact p = 0.0476
}
