package stats_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
)

// The two-sample methods that a difference of means must satisfy.
var meanDifferences = map[string]func(a, b []float64) (stats.Estimate, error){
	"Student": stats.Student,
	"Welch":   stats.Welch,
}

func TestMeanDifferenceProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for name, f := range meanDifferences {
		t.Run(name, func(t *testing.T) {
			for range 200 {
				a, b := statstest.Draw(rng, 2+rng.IntN(8), 5), statstest.Draw(rng, 2+rng.IntN(8), 4)
				a0, b0 := append([]float64(nil), a...), append([]float64(nil), b...)
				e, err := f(a, b)
				if errors.Is(err, stats.ErrNoVariation) {
					continue
				}
				require.NoError(t, err)
				assert.Equal(t, a0, a, "input changed")
				assert.Equal(t, b0, b, "input changed")

				swapped, err := f(b, a)
				require.NoError(t, err)
				assert.Equal(t, e.Value, -swapped.Value)
				assert.InEpsilon(t, e.P(0), swapped.P(0), 1e-12)
				assert.InEpsilon(t, e.PGreater(0.3), swapped.PLess(-0.3), 1e-12)

				shift := func(x []float64, by, k float64) []float64 {
					out := make([]float64, len(x))
					for i := range x {
						out[i] = k * (x[i] + by)
					}
					return out
				}
				moved, err := f(shift(a, 64, 1), shift(b, 64, 1))
				require.NoError(t, err)
				assert.InEpsilon(t, e.SE, moved.SE, 1e-9)
				scaled, err := f(shift(a, 0, 8), shift(b, 0, 8))
				require.NoError(t, err)
				assert.InEpsilon(t, 8*e.SE, scaled.SE, 1e-12)
				assert.InDelta(t, 8*e.Value, scaled.Value, 1e-12)

				rng.Shuffle(len(a), func(i, j int) { a[i], a[j] = a[j], a[i] })
				again, err := f(a, b)
				require.NoError(t, err)
				assert.InEpsilon(t, e.SE, again.SE, 1e-13)

				// The interval at level 1 − p touches the null.
				if p := e.P(0); p > 1e-6 && p < 1-1e-6 {
					ci := e.CI(1 - p)
					assert.InDelta(t, 0, math.Min(math.Abs(ci.Lo), math.Abs(ci.Hi)), 1e-9)
				}
			}
		})
	}
}

func TestMeanDifferenceRefuses(t *testing.T) {
	for name, f := range meanDifferences {
		_, err := f([]float64{1, math.NaN(), 3}, []float64{1, 2})
		assert.ErrorIs(t, err, stats.ErrNotFinite, name)
		var se *stats.SampleError
		require.ErrorAs(t, err, &se)
		assert.Equal(t, 1, se.Index)
		assert.Equal(t, "treated", se.Arg)
		_, err = f([]float64{1, 2}, nil)
		assert.ErrorIs(t, err, stats.ErrTooFew, name)
		_, err = f([]float64{2, 2, 2}, []float64{5, 5})
		assert.ErrorIs(t, err, stats.ErrNoVariation, name)
		// Equal numbers that subtraction left unequal in the last bit are
		// still constant.
		_, err = f([]float64{0.1 + 0.2, 0.3}, []float64{0.3, 0.1 + 0.2})
		assert.ErrorIs(t, err, stats.ErrNoVariation, name)
	}
}

func TestSummariesEqualData(t *testing.T) {
	a, b := []float64{4.1, 2.2, 5.9, 3.3}, []float64{6.4, 7.1, 5.2}
	sa, err := stats.Summarize(a)
	require.NoError(t, err)
	sb, err := stats.Summarize(b)
	require.NoError(t, err)
	for _, m := range []struct {
		data func(a, b []float64) (stats.Estimate, error)
		sum  func(a, b stats.Summary) (stats.Estimate, error)
	}{{stats.Welch, stats.WelchSummary}, {stats.Student, stats.StudentSummary}} {
		want, err := m.data(a, b)
		require.NoError(t, err)
		got, err := m.sum(sa, sb)
		require.NoError(t, err)
		assert.InEpsilon(t, want.Value, got.Value, 1e-14)
		assert.InEpsilon(t, want.SE, got.SE, 1e-14)
		assert.InEpsilon(t, want.DF, got.DF, 1e-14)
	}
	// A summary survives the detour through its interval, and an estimate
	// through its p-value.
	m, err := stats.MeanSummary(sa)
	require.NoError(t, err)
	back, err := stats.SummaryFromCI(len(a), m.CI(0.9))
	require.NoError(t, err)
	assert.InEpsilon(t, sa.SD, back.SD, 1e-12)
	e, err := stats.EstimateFromP(m.Value, m.P(0), m.DF)
	require.NoError(t, err)
	assert.InEpsilon(t, m.SE, e.SE, 1e-12)
}

// A printed standard error that cannot be one is refused by name.
func TestSummaryFromSERefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		n        int
		mean, se float64
		arg      string
		want     error
	}{
		{1, 3, 1, "n", stats.ErrTooFew}, {0, 3, 1, "n", stats.ErrTooFew}, {-4, 3, 1, "n", stats.ErrTooFew},
		{9, nan, 1, "mean", stats.ErrNotFinite}, {9, inf, 1, "mean", stats.ErrNotFinite},
		{9, 3, nan, "se", stats.ErrNotFinite}, {9, 3, inf, "se", stats.ErrNotFinite}, {9, 3, -1, "se", stats.ErrDomain},
	} {
		_, err := stats.SummaryFromSE(c.n, c.mean, c.se)
		require.ErrorIs(t, err, c.want, "%+v", c)
		var e *stats.SampleError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, c.arg, e.Arg)
	}
	s, err := stats.SummaryFromSE(25, 3, 0.4)
	require.NoError(t, err)
	assert.Equal(t, stats.Summary{N: 25, Mean: 3, SD: 2}, s)
	s, err = stats.SummaryFromSE(25, 3, 0)
	require.NoError(t, err)
	_, err = stats.MeanSummary(s)
	assert.ErrorIs(t, err, stats.ErrNoVariation)
}

// Values around 1e9 with a spread of 1e-3 keep the digits of their spread.
func TestOffsetsKeepTheirDigits(t *testing.T) {
	small := []float64{0.25, 0.5, 0.75, 1.5}
	big := make([]float64, len(small))
	for i, v := range small {
		big[i] = 1e9 + v/1024
	}
	es, err := stats.Mean(small)
	require.NoError(t, err)
	eb, err := stats.Mean(big)
	require.NoError(t, err)
	assert.InEpsilon(t, es.SE/1024, eb.SE, 1e-15)
}

func ExampleWelch() {
	treated := []float64{-3.1, -4.0, -2.2, -3.6, -3.3}
	control := []float64{-0.4, 0.2, -1.1, -0.3, -0.5}
	e, err := stats.Welch(treated, control)
	if err != nil {
		panic(err)
	}
	fmt.Println(e)
	fmt.Printf("benefit of more than 2: p = %.4f\n", e.PLess(-2))
	// Output:
	// -2.82 (95% CI -3.68 to -1.96; p = 0.0001; t, 7.12 df)
	// benefit of more than 2: p = 0.0297
}

func ExampleStudentSummary() {
	// A paper prints 41.2 (SD 20.1, n = 30) and 52.9 (SD 18.8, n = 28).
	e, err := stats.StudentSummary(stats.Summary{N: 30, Mean: 41.2, SD: 20.1}, stats.Summary{N: 28, Mean: 52.9, SD: 18.8})
	if err != nil {
		panic(err)
	}
	fmt.Println(e)
	// Output: -11.7 (95% CI -22.0 to -1.4; p = 0.0261; t, 56 df)
}

func ExamplePaired() {
	before := []float64{6.2, 7.1, 5.8, 6.6, 7.4}
	after := []float64{4.1, 4.4, 3.9, 3.2, 4.8}
	e, err := stats.Paired(after, before)
	if err != nil {
		panic(err)
	}
	fmt.Println(e)
	// Output: -2.54 (95% CI -3.27 to -1.81; p = 0.0006; t, 4 df)
}
