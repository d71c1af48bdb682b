package impute

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// graded are n participants with an arm, a score and a grade of k levels that falls with
// both, by proportional odds.
func graded(n, k int, seed uint64) (arm, score, grade []float64) {
	rng := rand.New(rand.NewPCG(seed, 61))
	for i := range n {
		a, x := float64(i%2), rng.NormFloat64()
		u := rng.Float64()
		z := math.Log(u/(1-u)) + 0.8*a + 0.6*x
		g := 0
		for j := range k - 1 {
			if z > 1.6*float64(j+1)/float64(k-1)*2-1.6 {
				g = j + 1
			}
		}
		arm, score, grade = append(arm, a), append(score, x), append(grade, float64(g))
	}
	return arm, score, grade
}

// Without augmented rows the model is regress.Ordinal's, which was held against R's
// ordinal::clm: thresholds, slopes and information.
func TestCumulativeIsProportionalOdds(t *testing.T) {
	for _, k := range []int{3, 5} {
		arm, score, grade := graded(120, k, 4)
		m := cumulative{y: grade, k: k, p: 3}
		for i := range arm {
			m.x, m.w = append(m.x, []float64{1, arm[i], score[i]}), append(m.w, 1)
		}
		par, factor, err := m.fit(&equation{name: "grade"})
		require.NoError(t, err)
		want, err := regress.Ordinal(grade, regress.Numeric("arm", arm), regress.Numeric("score", score))
		require.NoError(t, err)
		assert.InDelta(t, want.LogLik(), m.derivatives(par, nil, nil), 1e-9)
		for c, name := range []string{"arm", "score"} {
			e := want.Coefficient(name)
			assert.InDelta(t, e.Value, par[k-1+c], 1e-8)
			unit := make([]float64, len(par))
			unit[k-1+c] = 1
			cholSolve(factor, unit, len(par))
			assert.InDelta(t, e.SE, math.Sqrt(unit[k-1+c]), 1e-6)
		}
	}
}

// Only the grade missing, given the arm and the score: what imputation aims at is the
// complete cases' log odds ratio, with its standard error.
func TestOrderedOutcomeIsTheCompleteCases(t *testing.T) {
	arm, score, grade := graded(400, 4, 9)
	rng := rand.New(rand.NewPCG(5, 5))
	names := []string{"none", "mild", "moderate", "severe"}
	c := []Column{{Name: "arm", Number: arm}, {Name: "score", Number: score}, {Name: "grade", Levels: names}}
	var y, a, x []float64
	for i := range arm {
		gone := rng.Float64() < 1/(1+math.Exp(1-score[i]))
		c[2].Category, c[2].Missing = append(c[2].Category, names[int(grade[i])]), append(c[2].Missing, gone)
		if !gone {
			y, a, x = append(y, grade[i]), append(a, arm[i]), append(x, score[i])
		}
	}
	effect := func(y, a, x []float64) (stats.Estimate, error) {
		m, err := regress.Ordinal(y, regress.Numeric("arm", a), regress.Numeric("score", x))
		if err != nil {
			return stats.Estimate{}, err
		}
		return m.Coefficient("arm"), nil
	}
	want, err := effect(y, a, x)
	require.NoError(t, err)
	sets, err := Chained(c, ChainedOptions{Imputations: 300, Iterations: 1, Seed: 3, Arm: "arm"})
	require.NoError(t, err)
	got, err := sets.Pool(func(c []Column) (stats.Estimate, error) {
		var y []float64
		for _, l := range c[2].Category {
			y = append(y, float64(slices.Index(names, l)))
		}
		return effect(y, arm, score)
	})
	require.NoError(t, err)
	// Augmented rows, and a normal for the posterior, move it by a few hundredths of its error.
	assert.InDelta(t, want.Value, got.Value, 4*math.Sqrt(got.Between/300)+0.05*want.SE)
	assert.InEpsilon(t, want.SE, got.SE, 0.06)
	assert.Greater(t, got.FractionMissing, 0.2)
}

// A level that an arm never has stays possible there, but rare; an arm in which everybody
// has one level is imputed with it nearly always, also without any predictor.
func TestOrderedUnderSeparation(t *testing.T) {
	levels := []string{"a", "b", "c"}
	c := []Column{{Name: "arm"}, {Name: "y", Levels: levels}}
	for i := range 60 {
		c[0].Category = append(c[0].Category, []string{"x", "z"}[i%2])
		l := "c"
		if i%2 == 0 {
			l = levels[i/2%3]
		}
		c[1].Category, c[1].Missing = append(c[1].Category, l), append(c[1].Missing, i < 6)
	}
	for _, by := range []bool{false, true} {
		sets, err := Chained(c, ChainedOptions{Imputations: 200, Seed: 8, Arm: "arm", ByArm: by})
		require.NoError(t, err)
		n := map[string]int{}
		for m := range 200 {
			y := sets.Table(m)[1].Category
			n[y[1]]++
			n["x:"+y[0]]++
		}
		assert.Greater(t, n["c"], 150, by)
		assert.Greater(t, n["x:a"], 30, by)
		assert.Greater(t, n["x:b"], 30, by)
	}
	c[1].Levels = levels[:2]
	_, err := Chained(c, ChainedOptions{Arm: "arm"})
	assert.ErrorIs(t, err, stats.ErrDomain)
}
