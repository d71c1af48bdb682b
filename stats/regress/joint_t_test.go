package regress

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/stoptest"
)

// Four arms and a covariate that is not balanced over them: correlations of no
// product form. The general integral's critical value has the size it claims,
// and lies between one comparison's and Bonferroni's.
func TestDunnettWithGeneralCorrelation(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var y, x []float64
	var arm []string
	for i, n := range []int{9, 6, 7, 5} {
		for range n {
			v := rng.NormFloat64() + 0.8*float64(i)
			x = append(x, v)
			y = append(y, v+float64(i)+rng.NormFloat64())
			arm = append(arm, string(rune('a'+i)))
		}
	}
	m, err := Linear(y, Numeric("x", x), Category("arm", arm, "a"))
	require.NoError(t, err)
	cs, err := m.VersusControl("arm", "a")
	require.NoError(t, err)
	require.Len(t, cs, 3)
	j := cs[0].joint
	require.NotNil(t, j)
	df := cs[0].DF
	// Force the general path, whether or not a product form exists, and hold it
	// against the exact one where it does.
	general := &jointT{corr: j.corr}
	c := general.critical(context.Background(), 0.05, df)
	assert.InDelta(t, 0.05, general.tail(c, df, true), 2e-6)
	for _, twoSided := range []bool{true, false} {
		p, e := general.general(context.Background(), 2.1, df, twoSided)
		assert.LessOrEqual(t, e, 1e-6)
		if j.lambda != nil {
			assert.InDelta(t, j.tail(2.1, df, twoSided), p, e)
		}
	}
	for _, e := range cs {
		assert.LessOrEqual(t, e.PError(0), 1e-6)
	}
	lo, hi := stats.Estimate{SE: 1, DF: df}.CI(0.95).Hi, stats.Estimate{SE: 1, DF: df}.CI(1-0.05/3).Hi
	assert.Greater(t, c, lo)
	assert.Less(t, c, hi)
	if j.lambda != nil {
		assert.InEpsilon(t, j.critical(context.Background(), 0.05, df), c, 2e-5)
	}
	for _, e := range cs {
		assert.False(t, math.IsNaN(e.CI(0.95).Lo))
	}
}

// What takes long ends with its context: ten differences whose correlations are
// of no product form.
func TestSimultaneousStopsInTime(t *testing.T) {
	const k = 10
	corr := make([][]float64, k)
	for i := range corr {
		corr[i] = make([]float64, k)
		for j := range corr {
			corr[i][j] = math.Pow(0.6, math.Abs(float64(i-j)))
		}
	}
	c := Comparison{Estimate: stats.Estimate{Value: 1.3, SE: 1, DF: 20}, adjust: Dunnett, count: k, joint: &jointT{corr: corr}}
	stoptest.Within(t, 10*time.Millisecond, func(ctx context.Context) error {
		_, err := c.PContext(ctx, 0)
		return err
	})
	stoptest.Within(t, 10*time.Millisecond, func(ctx context.Context) error {
		_, err := c.CIContext(ctx, 0.95)
		return err
	})
}
