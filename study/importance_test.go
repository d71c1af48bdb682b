package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

func TestSGPV(t *testing.T) {
	iv := func(lo, hi float64) stats.Interval { return stats.Interval{Lo: lo, Hi: hi, Level: 0.95} }
	inf := math.Inf(1)
	for _, c := range []struct {
		ci         stats.Interval
		value, gap float64
	}{
		{iv(0.47, 4.85), 1.79 / 4.38, 0}, // .4087
		{iv(-1, 2), 1, 0},
		{iv(3.39, 4), 0, 1.13 / 2.26},
		{iv(-4, -3.39), 0, 1.13 / 2.26},
		{iv(2.26, 4), 0, 0},
		{iv(-10, 10), 0.5, 0}, // covers all: inconclusive
		{iv(-inf, inf), 0.5, 0},
		{iv(0, inf), 0.25, 0},
		{iv(1, 1), 1, 0},
		{iv(3, 3), 0, 0.74 / 2.26},
	} {
		s := SGPV(c.ci, -2.26, 2.26)
		assert.InDelta(t, c.value, s.Value, 1e-14, "%v", c.ci)
		assert.InDelta(t, c.gap, s.Gap, 1e-14, "%v", c.ci)
		// Turned and rescaled it is the same.
		turned := SGPV(c.ci.Neg(), -2.26, 2.26)
		assert.Equal(t, s, turned)
	}
	assert.Equal(t, "0.4087", fmt.Sprintf("%.4f", SGPV(iv(0.47, 4.85), -2.26, 2.26).Value))
	assert.Panics(t, func() { SGPV(iv(0, 1), 1, 1) })
}

// A test's p is at most alpha exactly where the interval lies on its side;
// the sides change places with the sign; the equivalence test never agrees
// with the test of an important effect.
func TestThresholdTestsMatchTheInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		e := stats.Estimate{Value: 4*rng.Float64() - 2, SE: 0.05 + rng.Float64(), DF: 1 + 30*rng.Float64()}
		m, h := 0.2+rng.Float64(), 0.2+rng.Float64()
		x := TestThreshold(e, 0.9, m, h, HigherIsBetter)
		ci := e.CI(0.9)
		assert.InDelta(t, 0.05, x.Alpha, 1e-15)
		require.Equal(t, ci.Lo >= 0, x.Superiority <= x.Alpha)
		require.Equal(t, ci.Lo >= -h, x.NonInferiority <= x.Alpha)
		require.Equal(t, ci.Lo >= m, x.MinimalEffect <= x.Alpha)
		require.Equal(t, ci.Hi <= -h, x.MinimalHarm <= x.Alpha)
		require.Equal(t, ci.Lo >= -h && ci.Hi <= m, x.Equivalence <= x.Alpha)
		require.False(t, x.Equivalence <= x.Alpha && x.MinimalEffect <= x.Alpha)
		require.Equal(t, x, TestThreshold(e.Neg(), 0.9, m, h, LowerIsBetter))
		swapped := TestThreshold(e, 0.9, h, m, LowerIsBetter)
		require.Equal(t, x.MinimalHarm, swapped.MinimalEffect)
		require.Equal(t, x.Equivalence, swapped.Equivalence)
	}
}

// The verdict changes exactly at the flips.
func TestFlipsAreWhereTheVerdictChanges(t *testing.T) {
	e := stats.Estimate{Value: -1.9, SE: 0.5, DF: 8}
	j := Judge(e, 0.95, cm226, LowerIsBetter)
	benefit, harm := j.Flips()
	assert.Equal(t, Flips{Definite: j.Lower, Probable: 1.9, Possible: j.Upper}, benefit)
	assert.Negative(t, harm.Possible, "harm is definitely not, at any threshold")
	eps := 1e-9
	for _, c := range []struct {
		m    float64
		want Verdict
	}{
		{benefit.Definite - eps, Definite}, {benefit.Definite + eps, Probable}, {benefit.Probable + eps, Possible},
		{benefit.Possible - eps, Possible}, {benefit.Possible + eps, DefinitelyNot},
	} {
		p := SweepThresholds(e, 0.95, LowerIsBetter, 2.26, []float64{c.m})[0]
		assert.Equal(t, c.want, p.Benefit)
		assert.Equal(t, DefinitelyNot, p.Harm)
	}
}

// Along the sweep the verdict and its probabilities never rise.
func TestSweepIsMonotone(t *testing.T) {
	rank := map[Verdict]int{DefinitelyNot: 0, Possible: 1, Probable: 2, Definite: 3}
	e := stats.Estimate{Value: 1.2, SE: 0.6, DF: 9}
	pts := SweepThresholds(e, 0.95, HigherIsBetter, 1, []float64{0.1, 0.3, 0.5, 1, 1.5, 2, 3})
	for i := 1; i < len(pts); i++ {
		assert.LessOrEqual(t, rank[pts[i].Benefit], rank[pts[i-1].Benefit])
		assert.Less(t, pts[i].Flat, pts[i-1].Flat)
		assert.Less(t, pts[i].Skeptical, pts[i-1].Skeptical)
		assert.Greater(t, pts[i].Tests.MinimalEffect, pts[i-1].Tests.MinimalEffect)
		assert.Less(t, pts[i].Tests.Equivalence, pts[i-1].Tests.Equivalence)
		assert.InDelta(t, 1-pts[i].Tests.MinimalEffect, pts[i].Flat, 1e-14)
	}
}

func TestProbabilityOfBenefit(t *testing.T) {
	a, c := []float64{-3, -2, -2, 0, -4}, []float64{-1, -2, 0, 1, -1}
	b, err := ProbabilityOfBenefit(a, c, 0.95, LowerIsBetter)
	require.NoError(t, err)
	// By hand: pairs in which a is lower count 1, ties ½: 5 + 4.5 + 4.5 + 1.5 + 5.
	assert.InDelta(t, 20.5/25, b.Value, 1e-15)
	assert.Less(t, b.Lower, b.Value)
	assert.LessOrEqual(t, b.Upper, 1.0)
	h, err := ProbabilityOfBenefit(a, c, 0.95, HigherIsBetter)
	require.NoError(t, err)
	assert.InDelta(t, 1-b.Value, h.Value, 1e-15)
	assert.InDelta(t, 1-b.Upper, h.Lower, 1e-12)
	apart, err := ProbabilityOfBenefit([]float64{-5, -4}, []float64{1, 2}, 0.95, LowerIsBetter)
	require.NoError(t, err)
	assert.Equal(t, 1.0, apart.Value)
	assert.True(t, math.IsNaN(apart.Lower))
	assert.Equal(t, "benefit-no-interval", apart.Notes[0].Code)
	_, err = ProbabilityOfBenefit([]float64{math.NaN(), 1}, c, 0.95, LowerIsBetter)
	assert.ErrorIs(t, err, stats.ErrNotFinite)
}

func ExampleSGPV() {
	ci := stats.Interval{Lo: 0.47, Hi: 4.85, Level: 0.95}
	fmt.Printf("%.4f\n", SGPV(ci, -2.26, 2.26).Value)
	// Output: 0.4087
}

func ExampleTestThreshold() {
	e := stats.Estimate{Value: -2.66, SE: 0.95, DF: 8} // pain, cm, lower is better
	x := TestThreshold(e, 0.95, 2.26, 2.26, LowerIsBetter)
	fmt.Printf("some benefit p %.3f, above 2.26 p %.2f, equivalence p %.2f\n", x.Superiority, x.MinimalEffect, x.Equivalence)
	// Output: some benefit p 0.012, above 2.26 p 0.34, equivalence p 0.66
}

// On both sides of a bound Judge gives another verdict.
func TestVerdictBounds(t *testing.T) {
	for _, better := range []Direction{LowerIsBetter, HigherIsBetter} {
		e := stats.Estimate{Value: better.Sign() * 3, SE: 1, DF: 20}
		definite, probable, possible := VerdictBounds(e, 0.95, better)
		assert.Equal(t, 3.0, probable)
		for bound, verdicts := range map[float64][2]Verdict{definite: {Definite, Probable}, probable: {Probable, Possible}, possible: {Possible, DefinitelyNot}} {
			for i, m := range []float64{bound - 1e-6, bound + 1e-6} {
				j := Judge(e, 0.95, Threshold{Kind: MCID, Value: m, Level: BetweenGroup}, better)
				assert.Equal(t, verdicts[i], j.Benefit, "threshold %v", m)
			}
		}
	}
}
