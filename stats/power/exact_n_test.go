package power_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/table"
)

// byTable is the exact power with a test of every table.
func byTable(t *testing.T, n int, p1, p2 float64, reject func(r, c table.Count) bool) float64 {
	t.Helper()
	sum := 0.0
	for x := range n + 1 {
		for y := range n + 1 {
			if reject(table.Count{Events: x, N: n}, table.Count{Events: y, N: n}) {
				sum += distuv.Binomial{N: float64(n), P: p1}.Prob(float64(x)) * distuv.Binomial{N: float64(n), P: p2}.Prob(float64(y))
			}
		}
	}
	return sum
}

// The region found by halving is that of the tests of all tables.
func TestUnconditionalRegionIsThatOfAllTables(t *testing.T) {
	for _, n := range []int{1, 2, 5, 9, 13} {
		for _, p := range [][2]float64{{0.8, 0.3}, {0.2, 0.6}, {0.5, 0.5}} {
			got, err := power.ExactProportions{N: n, P1: p[0], P2: p[1], Test: power.UnconditionalTest}.Power()
			require.NoError(t, err)
			assert.InDelta(t, byTable(t, n, p[0], p[1], func(r, c table.Count) bool {
				e, err := table.RiskDifferenceExact(r, c)
				require.NoError(t, err)
				return e.P(0) <= 0.05
			}), got, 1e-12, "%d %v", n, p)
			for _, margin := range []float64{0.15, 0.4} {
				got, err := power.ExactProportions{N: n, P1: p[0], P2: p[1], Margin: margin, Test: power.UnconditionalTest}.Power()
				require.NoError(t, err)
				assert.InDelta(t, byTable(t, n, p[0], p[1], func(r, c table.Count) bool {
					e, err := table.RiskDifferenceExact(r, c)
					require.NoError(t, err)
					return e.PGreater(-margin) <= 0.025
				}), got, 1e-12, "%d %v margin %v", n, p, margin)
			}
		}
	}
}

// Miettinen and Nurminen's power is that of their test.
func TestMiettinenNurminenPower(t *testing.T) {
	for _, n := range []int{8, 20} {
		got, err := power.ExactProportions{N: n, P1: 0.75, P2: 0.35, Test: power.MiettinenNurminenTest}.Power()
		require.NoError(t, err)
		assert.InDelta(t, byTable(t, n, 0.75, 0.35, func(r, c table.Count) bool {
			e, err := table.RiskDifferenceScore(r, c)
			require.NoError(t, err)
			return e.P(0) <= 0.05
		}), got, 1e-12)
		got, err = power.ExactProportions{N: n, P1: 0.75, P2: 0.7, Margin: 0.3, Test: power.MiettinenNurminenTest}.Power()
		require.NoError(t, err)
		assert.InDelta(t, byTable(t, n, 0.75, 0.7, func(r, c table.Count) bool {
			e, err := table.RiskDifferenceScore(r, c)
			require.NoError(t, err)
			return e.PGreater(-0.3) <= 0.025
		}), got, 1e-12)
	}
}

// A power that cannot be counted is an error, not a table that is not rejected.
func TestExactProportionsRefuse(t *testing.T) {
	for _, d := range []power.ExactProportions{
		{N: 101, P1: 0.5, P2: 0.4, Test: power.UnconditionalTest}, // beyond the exact test's size
		{N: 10, P1: 0.5, P2: 0.4, Test: "chi"},
		{N: 10, P1: 0.5, P2: 0.4, Margin: 0.1}, // Fisher's test has no margin
		{N: 10, P1: 0.5, P2: 0.4, Margin: 0.1, Test: power.ScoreTest},
		{N: 10, P1: 0.5, P2: 0.4, Margin: -0.1, Test: power.UnconditionalTest},
		{N: 0, P1: 0.5, P2: 0.4},
	} {
		_, err := d.Power()
		assert.ErrorIs(t, err, stats.ErrDomain, "%+v", d)
	}
	_, err := power.ExactProportions{P1: 0.5, P2: 0.7, Margin: 0.1, Test: power.UnconditionalTest}.SolveN(context.Background(), 0.8)
	assert.ErrorIs(t, err, stats.ErrDomain, "apart by more than the margin")
}

// A saw's first and lasting sizes are those that looking at every n finds.
func TestSolveSaw(t *testing.T) {
	saw := func(n int) (float64, error) { return 1 - 1/math.Sqrt(float64(n)) - 0.02*float64(n%3), nil }
	s, err := power.SolveSaw(0.8, saw)
	require.NoError(t, err)
	first, last := 0, 0
	for n := 1; n <= s.Searched; n++ {
		p, _ := saw(n)
		if p >= 0.8 && first == 0 {
			first = n
		}
		if p < 0.8 {
			last = n
		}
	}
	assert.Equal(t, first, s.First)
	assert.Equal(t, last+1, s.Lasting)
	assert.Greater(t, s.Lasting, s.First)
	_, err = power.SolveSaw(0.8, func(int) (float64, error) { return 0.5, nil })
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = power.SolveSaw(1, saw)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// One-sided, effects to control's advantage are not sized for; covariates cost their
// degrees of freedom and imbalance; what cannot be is refused.
func TestDunnettSolveN(t *testing.T) {
	solve := func(d power.DunnettDesign) float64 {
		n, err := d.SolveN(0.9)
		require.NoError(t, err)
		return n
	}
	one := power.DunnettDesign{Effects: []float64{0.8, -0.3}, OneSided: true}
	n := solve(one)
	one.N = n
	p, err := one.Power()
	require.NoError(t, err)
	assert.InDelta(t, 0.9, p.Each[0], 1e-9, "the benefit, not the smaller harm, is sized for")
	assert.Less(t, n, solve(power.DunnettDesign{Effects: []float64{0.8, -0.3}}))
	// One treated arm is the t-test, and with a covariate the analysis of covariance, whose
	// average over the imbalance the expected one is close to.
	single := power.DunnettDesign{Effects: []float64{0.7}}
	want, err := power.TDesign{Effect: 0.7}.SolveN(0.9)
	require.NoError(t, err)
	assert.InDelta(t, want, solve(single), 1e-6)
	single.Covariates = 3
	want, err = power.ANCOVADesign{Effect: 0.7, SD: 1, Covariates: 3}.SolveN(0.9)
	require.NoError(t, err)
	assert.InDelta(t, want, solve(single), 0.05)
	for _, d := range []power.DunnettDesign{
		{}, {Effects: []float64{0.5, math.NaN()}}, {Effects: []float64{0, 0}}, {Effects: []float64{-0.5}, OneSided: true},
		{Effects: []float64{0.5}, Alpha: 2}, {Effects: []float64{0.5}, Ratio: -1}, {Effects: []float64{0.5}, Covariates: -1},
	} {
		_, err := d.SolveN(0.9)
		assert.ErrorIs(t, err, stats.ErrDomain, "%+v", d)
	}
}
