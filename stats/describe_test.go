package stats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

func TestDescribeSmallSamples(t *testing.T) {
	d, err := stats.Describe(nil)
	require.NoError(t, err)
	assert.Zero(t, d.N)
	assert.True(t, math.IsNaN(d.Mean))
	d, err = stats.Describe([]float64{3.3})
	require.NoError(t, err)
	assert.Equal(t, 3.3, d.Mean)
	assert.Equal(t, 3.3, d.Median)
	assert.True(t, math.IsNaN(d.SD), "one value has no spread")
	_, err = stats.Describe([]float64{1, math.Inf(1)})
	assert.ErrorIs(t, err, stats.ErrNotFinite)
}

func TestDescribeLeavesInputAlone(t *testing.T) {
	x := []float64{5, 1, 4, 2}
	_, err := stats.Describe(x)
	require.NoError(t, err)
	for _, f := range []func() error{
		func() error { _, err := stats.Quantile(x, 0.3, 6); return err },
		func() error { _, err := stats.TrimmedMean(x, 0.25); return err },
		func() error { _, err := stats.Winsorized(x, 0.25); return err },
		func() error { m, err := stats.Median(x); m.CI(0.5); return err },
		func() error { _, err := stats.FiveNumbers(x); return err },
		func() error { _, err := stats.MAD(x); return err },
	} {
		require.NoError(t, f())
	}
	assert.Equal(t, []float64{5, 1, 4, 2}, x)
}

// SAS documents PCTLDEF = 5 as the empirical distribution function with
// averaging: the median of 1, 2, 3, 4 is 2.5 and its first quartile 1.5.
func TestSASQuantileType(t *testing.T) {
	q, err := stats.Quantile([]float64{1, 2, 3, 4}, 0.25, stats.SASQuantileType(5))
	require.NoError(t, err)
	assert.Equal(t, 1.5, q)
}

func TestTrimmedWithoutTrimmingIsMean(t *testing.T) {
	x := []float64{2.1, 3.5, 4.4, 9.9, 5.0}
	m, err := stats.Mean(x)
	require.NoError(t, err)
	for _, f := range []func([]float64, float64) (stats.Estimate, error){stats.Trimmed, stats.Winsorized} {
		e, err := f(x, 0)
		require.NoError(t, err)
		assert.InEpsilon(t, m.SE, e.SE, 1e-14)
		assert.InEpsilon(t, m.Value, e.Value, 1e-14)
		assert.Equal(t, m.DF, e.DF)
		_, err = f([]float64{1, 2, 3}, 0.4)
		assert.ErrorIs(t, err, stats.ErrTooFew)
	}
}

func TestRatioQuestions(t *testing.T) {
	g, err := stats.GeometricMean([]float64{1, 2, 4, 8})
	require.NoError(t, err)
	assert.InEpsilon(t, math.Sqrt(8), g.Point(), 1e-14)
	p := g.P(1)
	assert.InDelta(t, 1, g.CI(1-p).Lo, 1e-9, "the interval at level 1 − p touches the null")
	assert.Zero(t, g.P(0))
	assert.Equal(t, 1.0, g.PLess(-1))
	_, err = stats.GeometricMean([]float64{1, 0})
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// On 8 degrees of freedom, as with 5 + 5 participants.
func TestSDMultipliers(t *testing.T) {
	ci := stats.StandardDeviation{Value: 1, DF: 8}.CI(0.95)
	assert.InDelta(t, 0.675, ci.Lo, 5e-4)
	assert.InDelta(t, 1.916, ci.Hi, 5e-4)
}

func ExampleDescribe() {
	d, err := stats.Describe([]float64{6.2, 7.1, 5.8, 6.6, 7.4})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f (SD %.2f), median %.1f [%.1f to %.1f], n = %d\n", d.Mean, d.SD, d.Median, d.Q1, d.Q3, d.N)
	// Output: 6.62 (SD 0.65), median 6.6 [6.2 to 7.1], n = 5
}

func ExampleMedian() {
	m, err := stats.Median([]float64{3, 5, 4, 8, 6, 7, 2, 9})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%v; the interval really covers %.1f%%\n", m, 100*m.Coverage(0.95))
	// Output: 5.5 (95% CI 2.0 to 9.0; n = 8); the interval really covers 99.2%
}
