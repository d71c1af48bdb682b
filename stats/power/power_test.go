package power_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/table"
)

// Five a group: power 11, 20, 29, 55% at d = 0.5, 0.8, 1.0, 1.5; 80% needs
// d = 2.02 (published facts on the HILT design).
func TestPowerOfFivePerGroup(t *testing.T) {
	for d, want := range map[float64]float64{0.5: 0.11, 0.8: 0.20, 1.0: 0.29, 1.5: 0.55} {
		assert.InDelta(t, want, power.TDesign{N: 5, Effect: d}.Power(), 0.005)
	}
	d, err := power.TDesign{N: 5}.SolveEffect(0.8)
	require.NoError(t, err)
	assert.InDelta(t, 2.02, d, 0.005)
}

// Every unknown can be solved for, and goes back to the power asked for.
func TestPowerSolvesForAny(t *testing.T) {
	d := power.TDesign{Effect: 0.6, Ratio: 2}
	n, err := d.SolveN(0.85)
	require.NoError(t, err)
	d.N = n
	assert.InDelta(t, 0.85, d.Power(), 1e-12)
	a, err := d.SolveAlpha(0.85)
	require.NoError(t, err)
	assert.InDelta(t, 0.05, a, 1e-9)
	e, err := d.SolveEffect(0.85)
	require.NoError(t, err)
	assert.InDelta(t, 0.6, e, 1e-9)
	// At no effect a test rejects with its size.
	assert.InDelta(t, 0.05, power.TDesign{N: 12}.Power(), 1e-12)
	// The sign of the effect does not matter.
	assert.Equal(t, power.TDesign{N: 12, Effect: 1}.Power(), power.TDesign{N: 12, Effect: -1}.Power())
	for _, bad := range []float64{0, 0.05, 1, math.NaN()} {
		_, err = power.TDesign{Effect: 0.6}.SolveN(bad)
		assert.ErrorIs(t, err, stats.ErrDomain)
	}
	_, err = power.TDesign{}.SolveN(0.8)
	assert.ErrorIs(t, err, stats.ErrDomain, "no effect, no sample size")
}

// Exact equivalence power by simulation of both one-sided tests, and its
// relation to the one-sided test.
func TestEquivalencePower(t *testing.T) {
	q := power.Equivalence{N: 20, SD: 1, Margin: 0.9}
	ni := power.Equivalence{N: 20, SD: 1, Margin: 0.9, NonInferiority: true, Alpha: 0.05}
	assert.Less(t, q.Power(), ni.Power(), "two tests must reject")
	// Bonferroni's bound on the intersection from below.
	assert.GreaterOrEqual(t, q.Power(), 2*ni.Power()-1-1e-12)
	n, err := q.SolveN(0.9)
	require.NoError(t, err)
	q.N = n
	assert.InDelta(t, 0.9, q.Power(), 1e-9)
	_, err = power.Equivalence{SD: 1, Margin: 0.5, Diff: 0.6}.SolveN(0.8)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// Fisher's exact power by enumeration stays within its size at no difference.
func TestExactPowerKeepsItsSize(t *testing.T) {
	reject := func(a, b table.Count) bool {
		f, err := table.Fisher(a, b)
		return err == nil && f.P() < 0.05
	}
	for _, p := range []float64{0.1, 0.3, 0.5} {
		v, err := power.ExactPower(9, 8, p, p, reject)
		require.NoError(t, err)
		assert.LessOrEqual(t, v, 0.05)
	}
	// Large arms leave out only what no digit shows: an arm's tail, by the sum of
	// all of its probabilities.
	big, err := power.ExactPower(900, 2, 0.3, 0.5, func(a, _ table.Count) bool { return a.Events >= 300 })
	require.NoError(t, err)
	tail := 0.0
	for k := 300; k <= 900; k++ {
		tail += distuv.Binomial{N: 900, P: 0.3}.Prob(float64(k))
	}
	assert.InEpsilon(t, tail, big, 1e-10)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = power.ExactPowerContext(ctx, 9, 8, 0.5, 0.5, reject)
	assert.ErrorIs(t, err, context.Canceled)

	v, err := power.ExactPower(9, 8, 0.95, 0.1, reject)
	require.NoError(t, err)
	assert.Greater(t, v, 0.9)
	_, err = power.ExactPower(0, 8, 0.5, 0.5, reject)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

func ExampleTDesign() {
	d := power.TDesign{Effect: 0.5}
	n, err := d.SolveN(0.8)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f, so %.0f per group\n", n, math.Ceil(n))
	// Output: 63.77, so 64 per group
}

// Each design goes back to the unknown it was made of.
func TestDesignsSolveForAny(t *testing.T) {
	near := func(want float64) func(got float64, err error) {
		return func(got float64, err error) {
			t.Helper()
			require.NoError(t, err)
			assert.InEpsilon(t, want, got, 1e-7)
		}
	}
	a := power.ANOVADesign{K: 3, N: 15, F: 0.4, Alpha: 0.03}
	near(15)(a.SolveN(a.Power()))
	near(0.4)(a.SolveEffect(a.Power()))
	near(0.03)(a.SolveAlpha(a.Power()))
	r := power.CorrelationDesign{N: 40, R: 0.35, Alpha: 0.05}
	near(40)(r.SolveN(r.Power()))
	near(0.35)(r.SolveEffect(r.Power()))
	near(0.05)(r.SolveAlpha(r.Power()))
	c := power.ChiSquareDesign{N: 90, W: 0.3, DF: 2, Alpha: 0.05}
	near(90)(c.SolveN(c.Power()))
	near(0.3)(c.SolveEffect(c.Power()))
	near(0.05)(c.SolveAlpha(c.Power()))
	for _, m := range []power.ProportionPower{power.PooledZ, power.PooledZStrict, power.UnpooledZ, power.ArcsineH} {
		p := power.ProportionDesign{N: 60, P1: 0.55, P2: 0.3, Alpha: 0.05, Method: m}
		near(60)(p.SolveN(p.Power()))
		near(0.55)(p.SolveP1(p.Power()))
		near(0.05)(p.SolveAlpha(p.Power()))
		p.P1, p.P2 = 0.45, 0.7 // the same seen from the other end
		near(0.45)(p.SolveP1Below(p.Power()))
	}
	q := power.Equivalence{N: 30, SD: 4, Margin: 3, Diff: 0.5, Alpha: 0.05}
	near(30)(q.SolveN(q.Power()))
	near(3)(q.SolveMargin(q.Power()))
	near(0.05)(q.SolveAlpha(q.Power()))
	_, err := power.ProportionDesign{N: 5, P2: 0.9}.SolveP1(0.9)
	assert.ErrorIs(t, err, stats.ErrDomain, "nothing above 0.9 is far enough for five a group")
}
