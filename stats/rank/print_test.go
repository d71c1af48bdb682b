package rank_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"
)

func first[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

func TestResultsPrintAndMarshal(t *testing.T) {
	x, y := []float64{3, 5, 5, 8, 9, 11}, []float64{1, 2, 5, 4, 6}
	blocks := [][]float64{{7, 4, 5}, {6, 6, 3}, {8, 5, 4}, {5, 2, 2}}
	kruskal := first[rank.KruskalWallisTest](t)(rank.KruskalWallis(x, y, []float64{2, 7, 9}))
	friedman := first[rank.FriedmanTest](t)(rank.Friedman(blocks))
	wins := first[rank.Wins](t)(rank.WinRatio([]bool{true, false, true, false}, rank.WinOutcome{Value: []float64{3, 2, 1, 2}, Margin: 0.5}))
	statstest.Printed(t, []any{
		first[rank.Shift](t)(rank.MannWhitney(x, y)),
		first[rank.PseudoMedian](t)(rank.SignedRank(x)),
		first[rank.MedianShift](t)(rank.SignTest(x)),
		first[rank.Superiority](t)(rank.BrunnerMunzel(x, y)),
		first[rank.SuperiorityPerm](t)(rank.BrunnerMunzelPermutation(x, y)),
		first[rank.WinProbability](t)(rank.Benefit(x, y)),
		first[rank.WinProbability](t)(rank.BenefitWith([][]float64{x, y}, [][]float64{y, x[:3]}, rank.BenefitOptions{Method: rank.BenefitNormal})),
		first[rank.WinProbability](t)(rank.Benefit(x, y)).WinOdds(),
		wins, wins.FinkelsteinSchoenfeld(),
		first[rank.RankBiserial](t)(rank.CliffDelta(x, y)),
		first[rank.RankBiserial](t)(rank.CliffDelta([]float64{3, 4}, []float64{1, 2})),
		first[rank.DispersionTest](t)(rank.Mood(x, y)),
		first[rank.DispersionTest](t)(rank.AnsariBradley(x, y)),
		first[rank.TrendTest](t)(rank.Jonckheere(y, x)),
		first[rank.StratifiedRankTest](t)(rank.VanElteren([][]float64{x, y}, [][]float64{y, x[:3]})),
		kruskal, kruskal.Permutation(), kruskal.PermutationWith(rank.PermOptions{MaxArrangements: 1}),
		kruskal.Dunn()[0], kruskal.Conover()[1], friedman, friedman.Conover()[0],
		first[rank.PermutationTest](t)(friedman.Exact()),
		first[rank.QuadeTest](t)(rank.Quade(blocks)),
		first[rank.QuadeTest](t)(rank.Quade([][]float64{{1, 2}, {1, 2}, {3, 4}})),
	}, "Options", "SignedRankOptions", "PermOptions", "BenefitOptions", "WinOutcome")
}

func TestResultsSay(t *testing.T) {
	x, y := []float64{3, 5, 5, 8, 9, 11}, []float64{1, 2, 5, 4, 6}
	shift := first[rank.Shift](t)(rank.MannWhitney(x, y))
	for want, r := range map[string]fmt.Stringer{
		"3.0 (95% CI -1.0 to 7.0; p = 0.13; Mann–Whitney, exact)":                      shift,
		"Jonckheere: J = 24, z = 1.66, p = 0.13 (exact)":                               first[rank.TrendTest](t)(rank.Jonckheere(y, x)),
		"Quade: F(1, 2) = Inf, p = 0.25 (all blocks agree)":                            first[rank.QuadeTest](t)(rank.Quade([][]float64{{1, 2}, {1, 2}, {3, 4}})),
		"1 (no interval: all pairs have one order)":                                    first[rank.RankBiserial](t)(rank.CliffDelta([]float64{3, 4}, []float64{1, 2})),
		"groups 0 and 1: mean ranks differ by -2.00, z = -1.55, p = 0.12 (unadjusted)": first[rank.KruskalWallisTest](t)(rank.KruskalWallis([]float64{1, 2}, []float64{3, 4})).Dunn()[0],
	} {
		assert.Equal(t, want, r.String())
	}
	b, err := json.Marshal(shift)
	require.NoError(t, err)
	assert.JSONEq(t, fmt.Sprintf(`{"estimate":3,"u":24,"z":%v,"p_superior":%v,"notes":[{"code":"rank-ties"}],"level":0.95,"lower":%v,"lower_open":true,"upper":%v,"null":0,"p":%v,"method":"Mann–Whitney, exact"}`,
		shift.Z(), 24.0/30, shift.CI(0.95).Lo, shift.CI(0.95).Hi, shift.P(0)), string(b))
}

// A zero value has no answer: its questions panic with what is wrong, and a test's
// p-value is no number.
func TestZeroValuesHaveNoAnswer(t *testing.T) {
	assert.PanicsWithValue(t, "rank.Shift: a zero value has no data; MannWhitney makes one", func() { rank.Shift{}.P(0) })
	assert.PanicsWithValue(t, "rank.PseudoMedian: a zero value has no data; SignedRank makes one", func() { rank.PseudoMedian{}.CI(0.95) })
	assert.PanicsWithValue(t, "rank.MedianShift: a zero value has no data; SignTest makes one", func() { rank.MedianShift{}.Point() })
	for _, z := range []stats.Test{rank.TrendTest{}, rank.DispersionTest{}, rank.StratifiedRankTest{}, rank.PermutationTest{}, rank.SuperiorityPerm{}, rank.PairwiseRank{}} {
		p := z.P()
		assert.True(t, p != p, "%T", z)
	}
	assert.PanicsWithValue(t, "rank.Method: no method 7", func() { _ = rank.Method(7).String() })
	assert.PanicsWithValue(t, "rank.MannWhitneyWith: no method 7", func() { _, _ = rank.MannWhitneyWith(nil, nil, rank.Options{Method: 7}) })
	assert.PanicsWithValue(t, "rank.Mood: a mid-p value belongs to an exact test, not to rank.Asymptotic", func() {
		_, _ = rank.MoodWith(nil, nil, rank.Options{Method: rank.Asymptotic, MidP: true})
	})
	assert.PanicsWithValue(t, "rank.Jonckheere: no numerical inversion", func() { _, _ = rank.JonckheereWith(nil, rank.Options{Method: rank.Inverted}) })
	assert.PanicsWithValue(t, "rank.SignedRankWith: no zero method 4", func() { _, _ = rank.SignedRankWith(nil, rank.SignedRankOptions{Zeros: 4}) })
}

// However far the null value, no exact test is surer than its least likely
// arrangement allows: 2 of the (11 choose 5) = 462 assignments, 2 of the 2⁶ sets of
// signs.
func TestFarNullHasTheSmallestP(t *testing.T) {
	x, y := []float64{3, 5, 5.5, 8, 9, 11}, []float64{1, 2, 6, 4, 7}
	for _, far := range []float64{-1e6, 1e6, math.Inf(-1), math.Inf(1)} {
		for _, c := range []struct {
			stats.Effect
			least float64
		}{
			{first[rank.Shift](t)(rank.MannWhitney(x, y)), 1.0 / 462},
			{first[rank.PseudoMedian](t)(rank.SignedRank(x)), 1.0 / 64},
			{first[rank.MedianShift](t)(rank.SignTest(x)), 1.0 / 64},
		} {
			assert.InEpsilon(t, 2*c.least, c.P(far), 1e-12, "%T", c.Effect)
			assert.InEpsilon(t, c.least, min(c.PGreater(far), c.PLess(far)), 1e-12, "%T", c.Effect)
		}
	}
}
