package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/stats/table"
)

// p < α exactly where the interval excludes the null: small tied samples on
// grids of whole steps, tenths, thirds and 1e-7, tables with empty cells, nulls
// on cuts as subtraction rounds them, and the intervals' own ends.
func TestIntervalsAgreeWithTheirP(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 2))
	for range 60 {
		unit := []float64{1, 0.1, 0.5, 1e-7, 1. / 3}[rng.IntN(5)]
		steps := 1 + rng.IntN(6)
		sample := func(most int) []float64 {
			v := make([]float64, 1+rng.IntN(6))
			for i := range v {
				v[i] = float64(rng.IntN(most)) * unit
			}
			return v
		}
		x, y := sample(steps), sample(steps+1)
		d := make([]float64, min(len(x), len(y)))
		for i := range d {
			d[i] = x[i] - y[i]
		}
		var nulls []float64
		for range 4 {
			nulls = append(nulls, float64(rng.IntN(13)-6)*unit/2, x[rng.IntN(len(x))]-y[rng.IntN(len(y))], rng.NormFloat64()*unit)
		}
		data := fmt.Sprint(x, y, d)
		for _, o := range []rank.Options{{}, {MidP: true}, {Method: rank.Asymptotic}} {
			e, err := rank.MannWhitneyWith(x, y, o)
			sameAnswer(t, e, err, nulls, data)
			for _, z := range []rank.ZeroMethod{rank.ZerosPratt, rank.ZerosWilcoxon} {
				e, err := rank.SignedRankWith(d, rank.SignedRankOptions{Zeros: z, Method: o.Method, MidP: o.MidP})
				sameAnswer(t, e, err, nulls, data)
			}
		}
		sign, err := rank.SignTest(d)
		sameAnswer(t, sign, err, nulls, data)
		perm, err := resample.Permutation(x, y)
		sameAnswer(t, perm, err, nulls, data)
		paired, err := resample.PermutationPaired(d)
		sameAnswer(t, paired, err, nulls, data)

		n, m := 1+rng.IntN(9), 1+rng.IntN(9)
		a, b := table.Count{Events: rng.IntN(n + 1), N: n}, table.Count{Events: rng.IntN(m + 1), N: m}
		differences, ratios := []float64{-1, -0.9, -0.2, 0, 0.1, 0.7, 1}, []float64{0, 0.01, 0.3, 1, 7, 1e6}
		tab := fmt.Sprint(a, b)
		for _, o := range []table.ScoreOptions{{}, {NoBiasCorrection: true}, {OddsRatioBias: true}} {
			s, err := table.RiskDifferenceScoreWith(a, b, o)
			sameAnswer(t, s, err, differences, tab)
			s, err = table.RiskRatioScoreWith(a, b, o)
			sameAnswer(t, s, err, ratios, tab)
			s, err = table.OddsRatioScoreWith(a, b, o)
			sameAnswer(t, s, err, ratios, tab)
		}
		risk, err := table.RiskDifference(a, b)
		sameAnswer(t, risk, err, differences, tab)
		odds, err := table.OddsRatioExactWith(a, b, table.ExactOptions{MidP: rng.IntN(2) == 0})
		sameAnswer(t, odds, err, ratios, tab)
		two, err := table.PairedRisk(table.PairedBinary{Both: 1, First: rng.IntN(5), Second: rng.IntN(5), Neither: rng.IntN(4)})
		sameAnswer(t, two, err, differences, tab)
	}
}

func sameAnswer(t *testing.T, e stats.Effect, err error, nulls []float64, data string) {
	t.Helper()
	if err != nil {
		return // refusals have tests of their own
	}
	for _, level := range []float64{0.5, 0.8, 0.9, 0.95, 0.99} {
		ci := e.CI(level)
		require.True(t, ci.Lo <= ci.Hi, "%T %s: %+v", e, data, ci)
		for _, null := range append([]float64{ci.Lo, ci.Hi}, nulls...) {
			if math.IsInf(null, 0) {
				continue
			}
			p, alpha := e.P(null), math.Round((1-level)*1e15)/1e15
			require.True(t, p >= 0 && p <= 1, "%T %s at %v: p = %v", e, data, null, p)
			if math.Abs(p-alpha) < 1e-9 {
				continue // continuous tests at their own end
			}
			if g, ok := e.(interface {
				InGap(level, null float64) bool
			}); ok && g.InGap(level, null) {
				continue
			}
			assert.Equal(t, p < alpha, ci.Excludes(null), "%T %s at %v: p = %v, %+v", e, data, null, p, ci)
		}
	}
}

// At a low level a discrete test of few values can reject every null value.
func TestEmptyInterval(t *testing.T) {
	s, err := rank.MannWhitney([]float64{0, 0, 0, 0, 0, 0}, []float64{0, 0, 0, 0.5})
	require.NoError(t, err)
	ci := s.CI(0.5)
	assert.Equal(t, stats.Interval{LoOpen: true, HiOpen: true, Level: 0.5, Why: stats.WhyEmpty}, ci)
	assert.True(t, ci.Excludes(0))
	assert.Less(t, s.P(0), 0.5)
	assert.False(t, s.CI(0.95).Excludes(0))
}
