package study

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// fixed is an effect with a given interval, for literal cases.
type fixed struct {
	stats.Estimate
	ci stats.Interval
}

func (f fixed) CI(level float64) stats.Interval { f.ci.Level = level; return f.ci }

func effect(b, l, u float64) fixed {
	return fixed{stats.Estimate{Value: b, SE: 1, DF: 8}, stats.Interval{Lo: l, Hi: u}}
}

var cm226 = Threshold{Value: 2.26, Kind: MCID, Level: BetweenGroup}

func TestJudgeLevels(t *testing.T) {
	inf := math.Inf(1)
	cases := []struct {
		b, l, u       float64 // higher is better
		benefit, harm Verdict
		zero, both    bool
	}{
		{3, 2.26, 4, Definite, DefinitelyNot, false, false},
		{3, 2.2599, 4, Probable, DefinitelyNot, false, false},
		{2.26, 1, 4, Probable, DefinitelyNot, false, false},
		{2.2599, 1, 2.26, Possible, DefinitelyNot, false, false},
		{1, 0.5, 2.2599, DefinitelyNot, DefinitelyNot, false, false},
		{1, 0, 2, DefinitelyNot, DefinitelyNot, true, false},
		{1, -1, 3, Possible, DefinitelyNot, true, false},
		{0.5, -2.26, 3.26, Possible, Possible, true, true},
		{2.5, -2.3, 7.3, Probable, Possible, true, true},
		{-3, -4, -2.26, DefinitelyNot, Definite, false, false},
		{-3, -4, -1, DefinitelyNot, Probable, false, false},
		{-1, -3, 1, DefinitelyNot, Possible, true, false},
		{1, -inf, inf, Possible, Possible, true, true},
		{3, -inf, inf, Probable, Possible, true, true},
	}
	for _, c := range cases {
		j := Judge(effect(c.b, c.l, c.u), 0.95, cm226, HigherIsBetter)
		assert.Equal(t, c.benefit, j.Benefit, "%+v", c)
		assert.Equal(t, c.harm, j.Harm, "%+v", c)
		assert.Equal(t, c.zero, j.IncludesZero, "%+v", c)
		assert.Equal(t, c.both, j.ImportantBoth, "%+v", c)
		assert.True(t, j.HarmMirrored)
		// The mirror image, where lower is better.
		m := Judge(effect(-c.b, -c.u, -c.l), 0.95, cm226, LowerIsBetter)
		assert.Equal(t, j.Benefit, m.Benefit, "%+v", c)
		assert.Equal(t, j.Harm, m.Harm, "%+v", c)
		assert.Equal(t, j.Lower, m.Lower)
		assert.Equal(t, j.Value, m.Value)
	}
}

func TestJudgeOpenEnds(t *testing.T) {
	e := effect(1, 0, 2.26)
	assert.Equal(t, Possible, Judge(e, 0.95, cm226, HigherIsBetter).Benefit)
	assert.True(t, Judge(e, 0.95, cm226, HigherIsBetter).IncludesZero)
	e.ci.LoOpen, e.ci.HiOpen = true, true
	j := Judge(e, 0.95, cm226, HigherIsBetter)
	assert.Equal(t, DefinitelyNot, j.Benefit, "the open end does not belong to the interval")
	assert.False(t, j.IncludesZero)
}

func TestJudgeWorsening(t *testing.T) {
	worse := Threshold{Value: 2.91, Kind: MCID, Level: BetweenGroup, Worsening: true}
	e := effect(0.2, -2.5, 3)
	assert.Equal(t, Possible, Judge(e, 0.95, cm226, HigherIsBetter).Harm)
	j := JudgeWorsening(e, 0.95, cm226, worse, HigherIsBetter)
	assert.Equal(t, DefinitelyNot, j.Harm)
	assert.False(t, j.ImportantBoth)
	assert.False(t, j.HarmMirrored)
}

// With the estimate moving toward benefit the verdict never falls; swapping
// the arms swaps the sides; other units change nothing.
func TestJudgeProperties(t *testing.T) {
	rank := map[Verdict]int{DefinitelyNot: 0, Possible: 1, Probable: 2, Definite: 3}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		e := stats.Estimate{Value: -5, SE: 0.2 + 2*rng.Float64(), DF: 1 + 20*rng.Float64()}
		th := Threshold{Value: 0.5 + 2*rng.Float64(), Kind: MCID, Level: BetweenGroup}
		last := -1
		for ; e.Value < 5; e.Value += 0.25 {
			j := Judge(e, 0.95, th, HigherIsBetter)
			require.GreaterOrEqual(t, rank[j.Benefit], last)
			last = rank[j.Benefit]
			s := Judge(e.Neg(), 0.95, th, HigherIsBetter)
			require.Equal(t, j.Benefit, s.Harm)
			require.Equal(t, j.Harm, s.Benefit)
			require.Equal(t, j.IncludesZero, s.IncludesZero)
			scaled := th
			scaled.Value *= 8
			u := Judge(e.Scale(8), 0.95, scaled, HigherIsBetter)
			require.Equal(t, [2]Verdict{j.Benefit, j.Harm}, [2]Verdict{u.Benefit, u.Harm})
		}
	}
}

func TestJudgeRefusesWhatIsNoChange(t *testing.T) {
	e := effect(1, 0, 2)
	assert.Panics(t, func() { Judge(e, 0.95, Threshold{Value: 4, Kind: PASS}, HigherIsBetter) })
	assert.Panics(t, func() { Judge(e, 0.95, Threshold{Kind: MCID}, HigherIsBetter) })
	assert.Panics(t, func() { Judge(e, 0.95, cm226, BetterUnset) })
}

// Ten changes that differ by exactly 1.1 on average reach a threshold of 1.1,
// whatever the last bit of the computed means.
func TestJudgeRoundingErrorIsNoDifference(t *testing.T) {
	for _, m := range []float64{0.1, 0.7, 1.1, 2.26, 3.3} {
		th := Threshold{Value: m, Kind: MCID, Level: BetweenGroup}
		below, above := m*(1-3e-16), m*(1+3e-16)
		less := m * (1 - 1e-9)
		for _, c := range []struct {
			effect stats.Effect
			want   Verdict
		}{
			{effect(2*m, below, 4*m), Definite},
			{effect(below, 0, 4*m), Probable},
			{effect(m/2, 0, below), Possible},
			{fixed{stats.Estimate{Value: m / 2}, stats.Interval{Hi: above, HiOpen: true}}, DefinitelyNot},
			{effect(2*m, less, 4*m), Probable},
			{effect(less, 0, 4*m), Possible},
			{effect(m/2, 0, less), DefinitelyNot},
		} {
			assert.Equal(t, c.want, Judge(c.effect, 0.95, th, HigherIsBetter).Benefit, "%v %+v", m, c)
		}
	}
}
