package regress_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

type compareFunc func(groups ...[]float64) (regress.MeanDifferences, error)

func comparisons() map[string]compareFunc {
	out := map[string]compareFunc{"Tukey": regress.TukeyHSD, "Games-Howell": regress.GamesHowell}
	for _, a := range []stats.Adjustment{stats.NoAdjustment, stats.Bonferroni, stats.Sidak, regress.Scheffe} {
		out[string(a)] = func(groups ...[]float64) (regress.MeanDifferences, error) {
			return regress.ComparePairs(groups, regress.PairOptions{Adjust: a})
		}
	}
	out["Dunnett"] = func(groups ...[]float64) (regress.MeanDifferences, error) {
		return regress.DunnettTest(groups[1:], groups[0])
	}
	return out
}

func threeGroups() [][]float64 {
	return [][]float64{{12, 15, 11, 18, 14}, {17, 22, 19, 25}, {13, 12, 19, 16, 15, 14}}
}

func TestPostHocProperties(t *testing.T) {
	for name, f := range comparisons() {
		groups := threeGroups()
		ms, err := f(groups...)
		require.NoError(t, err, name)
		require.Equal(t, threeGroups(), groups, "inputs unchanged")
		var turned, shuffled [][]float64
		for _, g := range groups {
			turned = append(turned, statstest.Affine(g, -2, 40))
			s := slices.Clone(g)
			slices.Reverse(s)
			shuffled = append(shuffled, s)
		}
		ts, err := f(turned...)
		require.NoError(t, err)
		ss, err := f(shuffled...)
		require.NoError(t, err)
		for i, m := range ms {
			assert.InEpsilon(t, -2*m.Value, ts[i].Value, 1e-12, name)
			assert.InEpsilon(t, m.P(0), ts[i].P(0), 1e-9, name)
			assert.InEpsilon(t, m.PGreater(0), ts[i].PLess(0), 1e-9, name)
			assert.InEpsilon(t, -2*m.CI(0.9).Hi, ts[i].CI(0.9).Lo, 1e-8, name)
			assert.InEpsilon(t, m.P(0), ss[i].P(0), 1e-12, name)
			for _, null := range []float64{-4, 0, 1, 6} {
				for _, level := range []float64{0.8, 0.95, 0.99} {
					statstest.Agree(t, m, null, level, name)
				}
			}
			// The family's answers are never narrower than the single ones.
			assert.GreaterOrEqual(t, m.CI(0.95).Width(), m.Estimate.CI(0.95).Width()-1e-9, name)
			assert.GreaterOrEqual(t, m.P(0), m.Estimate.P(0)-1e-12, name)
		}
	}
}

func TestPostHocRefuses(t *testing.T) {
	for name, f := range comparisons() {
		_, err := f([]float64{1, 2, 3}, []float64{1, math.NaN(), 5})
		assert.ErrorIs(t, err, stats.ErrNotFinite, name)
		_, err = f([]float64{2, 2, 2}, []float64{2, 2}, []float64{5, 5})
		assert.ErrorIs(t, err, stats.ErrNoVariation, name)
		_, err = f([]float64{2}, []float64{3})
		assert.ErrorIs(t, err, stats.ErrTooFew, name)
		_, err = f([]float64{2, 3}, nil)
		assert.ErrorIs(t, err, stats.ErrTooFew, name)
	}
	assert.Panics(t, func() { regress.ComparePairs(threeGroups(), regress.PairOptions{Adjust: stats.Holm}) })
}

// With two groups there is one comparison and nothing to adjust for.
func TestPostHocOfTwoGroups(t *testing.T) {
	a, b := threeGroups()[0], threeGroups()[1]
	student, err := stats.Student(b, a)
	require.NoError(t, err)
	welch, err := stats.Welch(b, a)
	require.NoError(t, err)
	for name, f := range comparisons() {
		ms, err := f(a, b)
		require.NoError(t, err)
		require.Len(t, ms, 1, name)
		want := student
		if name == "Games-Howell" {
			want = welch
		}
		assert.InEpsilon(t, want.Value, ms[0].Value, 1e-13, name)
		assert.InEpsilon(t, want.P(0), ms[0].P(0), 1e-9, name)
		assert.InEpsilon(t, want.CI(0.95).Hi, ms[0].CI(0.95).Hi, 1e-8, name)
	}
}

// The model's comparisons and those of the groups are the same.
func TestPostHocEqualsLinearModel(t *testing.T) {
	groups := threeGroups()
	var y []float64
	var arm []string
	for i, g := range groups {
		for _, v := range g {
			y, arm = append(y, v), append(arm, string(rune('a'+i)))
		}
	}
	m, err := regress.Linear(y, regress.Category("arm", arm, "a"))
	require.NoError(t, err)
	ms, err := regress.TukeyHSD(groups...)
	require.NoError(t, err)
	for i, c := range m.Pairwise("arm") {
		assert.InEpsilon(t, c.Value, ms[i].Value, 1e-11)
		assert.InEpsilon(t, c.P(0), ms[i].P(0), 1e-9)
	}
}

// Under no effect at most one family in twenty has a false positive.
func TestSimultaneousErrorRate(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	const runs = 3000
	wrong, critical := map[string]int{}, map[string]float64{}
	for range runs {
		groups := make([][]float64, 4)
		for i := range groups {
			for range 5 {
				groups[i] = append(groups[i], rng.NormFloat64())
			}
		}
		tukey, err := regress.TukeyHSD(groups...)
		require.NoError(t, err)
		dunnett, err := regress.DunnettTest(groups[1:], groups[0])
		require.NoError(t, err)
		for name, ms := range map[string][]regress.MeanDifference{"tukey": tukey, "dunnett": dunnett} {
			if critical[name] == 0 {
				critical[name] = ms[0].Critical(0.95) // the same in all runs
			}
			if slices.ContainsFunc(ms, func(m regress.MeanDifference) bool { return math.Abs(m.T(0)) > critical[name] }) {
				wrong[name]++
			}
		}
	}
	for name, n := range wrong { // four binomial standard errors: 0.016
		assert.InDelta(t, 0.05, float64(n)/runs, 0.016, name)
	}
	assert.Len(t, wrong, 2)
}

func ExampleTukeyHSD() {
	placebo := []float64{12, 15, 11, 18, 14}
	low := []float64{17, 22, 19, 25}
	high := []float64{13, 12, 19, 16, 15, 14}
	ms, _ := regress.TukeyHSD(placebo, low, high)
	fmt.Println(ms)
	// Output:
	// Tukey              estimate   SE         95% CI       p  df
	// group 1 − group 0       6.8  1.9    1.6 to 11.9  0.0107  12
	// group 2 − group 0       0.8  1.7    -3.8 to 5.4    0.88  12
	// group 2 − group 1      -5.9  1.8  -10.8 to -1.0  0.0189  12
}

func ExampleDunnettTest() {
	placebo := []float64{12, 15, 11, 18, 14}
	doses := [][]float64{{17, 22, 19, 25}, {13, 12, 19, 16, 15, 14}}
	ms, _ := regress.DunnettTest(doses, placebo)
	for _, m := range ms {
		fmt.Printf("dose %d: %v, p = %.3f\n", m.A, m.CI(0.95), m.P(0))
	}
	// Output:
	// dose 0: 2.0 to 11.5, p = 0.008
	// dose 1: -3.5 to 5.2, p = 0.848
}

func ExampleGamesHowell() {
	placebo := []float64{12, 15, 11, 18, 14}
	low := []float64{17, 22, 19, 25}
	high := []float64{13, 12, 19, 16, 15, 14}
	ms, _ := regress.GamesHowell(placebo, low, high)
	fmt.Println(ms)
	// Output:
	// Tukey              estimate   SE        95% CI       p    df
	// group 1 − group 0       6.8  2.1   0.1 to 13.4  0.0480  5.64
	// group 2 − group 0       0.8  1.6   -3.7 to 5.3    0.86  8.26
	// group 2 − group 1      -5.9  2.0  -12.5 to 0.7  0.0714  5.01
}

func ExampleComparePairs() {
	// Holm has no intervals: adjust the p-values of the single comparisons.
	ms, _ := regress.ComparePairs(threeGroups(), regress.PairOptions{Adjust: stats.NoAdjustment})
	var p []float64
	for _, m := range ms {
		p = append(p, m.P(0))
	}
	p, _ = stats.AdjustP(p)
	fmt.Printf("%.4f\n", p)
	// Output:
	// [0.0125 0.6381 0.0149]
}
