package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Test and interval of a ratio of means are one, whether the set is bounded, has a hole
// or is everything; units cancel; the inverse ratio turns the ends.
func TestRatioOfMeans(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 1))
	kinds := map[string]int{}
	for range 3000 {
		y, x := make([]float64, 2+r.IntN(6)), make([]float64, 2+r.IntN(6))
		m := 4 * r.NormFloat64()
		for i := range y {
			y[i] = math.Round(10*(m+3*r.NormFloat64())) / 10
		}
		for i := range x {
			x[i] = math.Round(10*(m+3*r.NormFloat64())) / 10
		}
		f, err := stats.RatioOfMeans(y, x)
		if err != nil {
			continue
		}
		level := []float64{0.5, 0.9, 0.95}[r.IntN(3)]
		ci := f.CI(level)
		kinds[ci.Why]++
		name := fmt.Sprintf("%v / %v: %v, %v", y, x, ci, ci.Gaps())
		require.InDelta(t, 0, f.T(f.Point()), 1e-12, name)
		require.True(t, ci.Contains(f.Point()), name)
		for range 20 {
			null := 3 * r.NormFloat64() / r.Float64()
			p := f.P(null)
			if math.Abs(p-(1-level)) > 1e-6 {
				require.Equal(t, p < 1-level, ci.Excludes(null), "%s at %v: p = %v", name, null, p)
			}
			require.InDelta(t, p, math.Min(1, 2*math.Min(f.PGreater(null), f.PLess(null))), 1e-12)
		}
		// The unit of both cancels, and so does their sign.
		scaled := func(x []float64, k float64) (out []float64) {
			for _, v := range x {
				out = append(out, k*v)
			}
			return out
		}
		both, err := stats.RatioOfMeans(scaled(y, -1e100), scaled(x, -1e100))
		require.NoError(t, err)
		end := ci.Lo
		if len(ci.Gaps()) > 0 {
			end = ci.Gaps()[0].Lo
			require.Equal(t, len(both.CI(level).Gaps()), 1)
			require.InEpsilon(t, end, both.CI(level).Gaps()[0].Lo, 1e-6)
		} else if ci.Why == "" {
			require.InDelta(t, end, both.CI(level).Lo, 1e-8*(1+math.Abs(end)))
		}
		if back, err := stats.RatioOfMeans(x, y); err == nil {
			require.InDelta(t, f.P(0.8), back.P(1/0.8), 1e-9, name)
		}
	}
	for _, why := range []string{"", stats.WhyUnbounded, stats.WhyGaps} {
		assert.Greater(t, kinds[why], 100, "sets of kind %q", why)
	}
	_, err := stats.RatioOfMeans([]float64{1, 2}, []float64{-1, 1})
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = stats.RatioOfMeans([]float64{1, 1}, []float64{2, 2})
	assert.ErrorIs(t, err, stats.ErrNoVariation)
	_, err = stats.RatioOfMeans([]float64{1, math.NaN()}, []float64{2, 2})
	assert.ErrorIs(t, err, stats.ErrNotFinite)
}

func ExampleRatioOfMeans() {
	// Walking distance: not worse than 80 % of the control's?
	r, _ := stats.RatioOfMeans([]float64{98, 102, 95, 110, 99}, []float64{100, 96, 104, 108, 101})
	fmt.Println(r)
	fmt.Printf("one-sided p against a ratio of 0.8: %.5f\n", r.PGreater(0.8))
	// Output:
	// 0.990 (95% CI 0.919 to 1.066; p = 0.77; Fieller, 8 df)
	// one-sided p against a ratio of 0.8: 0.00009
}
