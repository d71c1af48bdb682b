package stats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Ranks that agree perfectly do so in 2 of n! pairings. The interval used to
// be [1, 1] with P(0) = 0 from two pairs on, and Spearman's p 0 from 13.
func TestPerfectRanksAreNoCertainty(t *testing.T) {
	factorial := 1.0
	for n := 1.0; n <= 20; n++ {
		factorial *= n
		if n < 2 {
			continue
		}
		x := make([]float64, int(n))
		for i := range x {
			x[i] = float64(i * i)
		}
		for name, f := range map[string]func(x, y []float64) (assoc.Correlation, error){"spearman": assoc.Spearman, "kendall": assoc.Kendall} {
			up, err := f(x, statstest.Affine(x, 2, 1))
			require.NoError(t, err)
			down, err := f(x, statstest.Affine(x, -2, 1))
			require.NoError(t, err)
			want := math.Min(1, 2/factorial)
			assert.InEpsilon(t, want, up.Independence.P(), 1e-12, "%s %v", name, n)
			assert.InEpsilon(t, want, down.Independence.P(), 1e-12, "%s %v", name, n)
			assert.InEpsilon(t, 1/factorial, up.Independence.PGreater(), 1e-12, "%s %v", name, n)
			assert.InEpsilon(t, 1/factorial, down.Independence.PLess(), 1e-12, "%s %v", name, n)
			assert.InEpsilon(t, want, up.P(0), 1e-12)
			assert.InEpsilon(t, want, down.P(0), 1e-12)
			assert.InEpsilon(t, want, up.P(-0.5), 1e-12)
			assert.Equal(t, 1.0, up.P(0.5))
			assert.Equal(t, 1.0, down.P(-0.5))
			for _, level := range []float64{0.8, 0.95, 0.99} {
				for _, c := range []assoc.Correlation{up, down} {
					ci := c.CI(level)
					assert.Equal(t, assoc.WhyPerfect, ci.Why)
					assert.Equal(t, want < 1-level, ci.Excludes(0), "%s %v", name, n)
					assert.True(t, ci.Contains(c.Value) && ci.Contains(c.Value/2))
					assert.Greater(t, ci.Width(), 0.9)
				}
			}
			assert.True(t, math.IsNaN(up.P(math.NaN())))
		}
	}
}

// With ties the shares come from all 13!/(ties) pairings: of 13 values in
// groups of 3, 4 and 6 there are 13!/(3!·4!·6!) orders, one of them perfect; in
// groups of 4, 5 and 4 the reverse is as perfect.
func TestPerfectTiedRanks(t *testing.T) {
	orders := func(groups ...int) float64 {
		n, l := 0, 0.0
		for _, g := range groups {
			n += g
			v, _ := math.Lgamma(float64(g) + 1)
			l -= v
		}
		v, _ := math.Lgamma(float64(n) + 1)
		return math.Exp(l + v)
	}
	for _, c := range []struct {
		groups []int
		both   float64
	}{{[]int{3, 4, 6}, 1}, {[]int{4, 5, 4}, 2}} {
		var x []float64
		for k, g := range c.groups {
			for range g {
				x = append(x, float64(k))
			}
		}
		for _, f := range []func(x, y []float64) (assoc.Correlation, error){assoc.Spearman, assoc.Kendall} {
			r, err := f(x, x)
			require.NoError(t, err)
			assert.InEpsilon(t, c.both/orders(c.groups...), r.Independence.P(), 1e-11)
			assert.Equal(t, rank.Exact, r.Independence.Method)
			assert.Empty(t, r.Notes)
		}
	}
}

// One adjacent swap of 13 ranks: t on 11 degrees of freedom says 1e-12, the
// swap alone is one of 12 such pairings of 13!.
func TestSpearmanStaysAboveTheLeastShare(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}
	y := []float64{1, 2, 3, 4, 5, 7, 6, 8, 9, 10, 11, 12, 13}
	r, err := assoc.Spearman(x, y)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, r.Independence.P(), 2/6227020800.0*(1-1e-12))
}

// One degree of freedom: J = Γ(½)/(√½·Γ(0)) = 0, and g = 0 with an interval of
// 0 to 0 would be an answer for any data.
func TestHedgesGNeedsMoreThanOneDegreeOfFreedom(t *testing.T) {
	_, err := stats.HedgesG([]float64{1, 2}, []float64{4})
	assert.ErrorIs(t, err, stats.ErrTooFew)
	assert.ErrorContains(t, err, "HedgesG")
	_, err = stats.HedgesGSummary(stats.Summary{N: 2, Mean: 1.5, SD: 0.7}, stats.Summary{N: 1, Mean: 4})
	assert.ErrorIs(t, err, stats.ErrTooFew)
	d, err := stats.CohenD([]float64{1, 2}, []float64{4})
	require.NoError(t, err)
	assert.InDelta(t, -2.5/math.Sqrt(0.5), d.Value, 1e-12)
	g, err := stats.HedgesG([]float64{1, 2}, []float64{4, 7})
	require.NoError(t, err)
	assert.InEpsilon(t, 1/math.Sqrt(math.Pi), g.J, 1e-12) // Γ(1)/(√1·Γ(½))
}

func TestZeroHasNoSignAndEmptyIsNoNumber(t *testing.T) {
	e := stats.Estimate{Value: -0.001, SE: 0.002, DF: 20}
	assert.Equal(t, "-0.0010 (95% CI -0.0052 to 0.0032; p = 0.62; t, 20 df)", e.String())
	assert.Equal(t, "-0.00400 to -0.00100", stats.Interval{Lo: -0.004, Hi: -0.001}.String())
	assert.Equal(t, "empty", fmt.Sprint(stats.Interval{Why: stats.WhyEmpty, LoOpen: true, HiOpen: true}))
	assert.Equal(t, "none", fmt.Sprint(stats.Interval{Lo: math.NaN(), Hi: math.NaN(), Why: stats.WhyFailed}))
	risk, err := table.RiskDifference(table.Count{Events: 1, N: 5000}, table.Count{Events: 2, N: 5000})
	require.NoError(t, err)
	assert.NotContains(t, risk.String(), "-0.0%")
}
