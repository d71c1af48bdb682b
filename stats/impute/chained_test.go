package impute_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/regress"
)

// table is a data set of n rows with an arm, an age, a smoking habit, a severity and an
// outcome, a share of the last three missing.
func table(n int, seed uint64, share float64) []impute.Column {
	rng := rand.New(rand.NewPCG(seed, 6))
	out := []impute.Column{{Name: "arm"}, {Name: "age"}, {Name: "smoke"}, {Name: "severity"}, {Name: "y"}}
	for i := range n {
		arm, age := float64(i%2), math.Round(60+8*rng.NormFloat64())
		smoke := rng.Float64() < 1/(1+math.Exp(-(age-60)/8))
		severity := min(2, int(3*rng.Float64()*rng.Float64()+age/90))
		y := math.Round(50 - 6*arm + 0.3*(age-60) + 4*float64(severity) + 6*rng.NormFloat64())
		out[0].Number, out[1].Number, out[4].Number = append(out[0].Number, arm), append(out[1].Number, age), append(out[4].Number, y)
		out[2].Category = append(out[2].Category, map[bool]string{true: "yes", false: "no"}[smoke])
		out[3].Category = append(out[3].Category, []string{"mild", "moderate", "severe"}[severity])
		for k := 2; k < 5; k++ {
			out[k].Missing = append(out[k].Missing, rng.Float64() < share)
		}
	}
	return out
}

func armEffect(c []impute.Column) (stats.Estimate, error) {
	fit, err := regress.Linear(c[4].Number, regress.Numeric("arm", c[0].Number), regress.Numeric("age", c[1].Number))
	if err != nil {
		return stats.Estimate{}, err
	}
	return fit.Coefficient("arm"), nil
}

// What was observed stays; what was not is one of the levels, or for matching one of
// the observed values; the same on any number of cores.
func TestChainedKeepsWhatWasObserved(t *testing.T) {
	c := table(80, 3, 0.25)
	c[4].Matching = true
	run := func(cores int) *impute.CompletedTables {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		out, err := impute.Chained(c, impute.ChainedOptions{Imputations: 12, Seed: 7, Arm: "arm"})
		require.NoError(t, err)
		return out
	}
	one, four := run(1), run(4)
	different := false
	for m := range 12 {
		a := one.Table(m)
		require.Equal(t, a, four.Table(m))
		for k, col := range a {
			for r := range 80 {
				switch missing := c[k].Missing != nil && c[k].Missing[r]; {
				case col.Category != nil && missing:
					require.Contains(t, []string{"yes", "no", "mild", "moderate", "severe"}, col.Category[r])
				case col.Category != nil:
					require.Equal(t, c[k].Category[r], col.Category[r])
				case missing:
					require.True(t, slices.Contains(c[4].Number, col.Number[r]), "a donor's value")
					different = different || col.Number[r] != one.Table(0)[k].Number[r]
				default:
					require.Equal(t, c[k].Number[r], col.Number[r])
				}
			}
		}
	}
	require.True(t, different)
}

// Only the outcome missing at random: the complete cases' estimate is the truth that
// imputation of it aims at, and Rubin's variance the complete cases'.
func TestChainedOutcomeIsTheCompleteCases(t *testing.T) {
	c := table(300, 11, 0.3)
	c = []impute.Column{c[0], c[1], c[4]}
	var y, arm, age []float64
	for r, m := range c[2].Missing {
		if !m {
			y, arm, age = append(y, c[2].Number[r]), append(arm, c[0].Number[r]), append(age, c[1].Number[r])
		}
	}
	fit, err := regress.Linear(y, regress.Numeric("arm", arm), regress.Numeric("age", age))
	require.NoError(t, err)
	want := fit.Coefficient("arm")
	for _, by := range []bool{false, true} {
		out, err := impute.Chained(c, impute.ChainedOptions{Imputations: 400, Iterations: 1, Seed: 2, Arm: "arm", ByArm: by})
		require.NoError(t, err)
		p, err := out.Pool(func(c []impute.Column) (stats.Estimate, error) {
			return armEffect([]impute.Column{c[0], c[1], {}, {}, c[2]})
		})
		require.NoError(t, err)
		assert.InDelta(t, want.Value, p.Value, 4*math.Sqrt(p.Between/400)+0.02*want.SE)
		assert.InEpsilon(t, want.SE, p.SE, 0.06)
	}
}

// A predictor that separates the levels keeps finite coefficients.
func TestChainedUnderSeparation(t *testing.T) {
	c := []impute.Column{{Name: "x"}, {Name: "event"}}
	for i := range 40 {
		c[0].Number = append(c[0].Number, float64(i))
		c[1].Category = append(c[1].Category, fmt.Sprint(i >= 20))
		c[1].Missing = append(c[1].Missing, i == 3 || i == 36)
	}
	out, err := impute.Chained(c, impute.ChainedOptions{Imputations: 50, Seed: 1})
	require.NoError(t, err)
	n := 0
	for m := range 50 {
		if out.Table(m)[1].Category[3] == "false" && out.Table(m)[1].Category[36] == "true" {
			n++
		}
	}
	assert.Greater(t, n, 40)
}

func TestChainedRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(c []impute.Column, o *impute.ChainedOptions)
		err    error
	}{
		"NaN":            {func(c []impute.Column, o *impute.ChainedOptions) { c[1].Number[3] = math.NaN() }, stats.ErrNotFinite},
		"twice":          {func(c []impute.Column, o *impute.ChainedOptions) { c[1].Name = "arm" }, stats.ErrDomain},
		"short":          {func(c []impute.Column, o *impute.ChainedOptions) { c[1].Number = c[1].Number[:9] }, stats.ErrLength},
		"one level":      {func(c []impute.Column, o *impute.ChainedOptions) { c[2].Category = make([]string, 60) }, stats.ErrNoVariation},
		"no such arm":    {func(c []impute.Column, o *impute.ChainedOptions) { o.Arm = "group" }, stats.ErrDomain},
		"arm missing":    {func(c []impute.Column, o *impute.ChainedOptions) { o.Arm = "smoke" }, stats.ErrDomain},
		"one imputation": {func(c []impute.Column, o *impute.ChainedOptions) { o.Imputations = 1 }, stats.ErrTooFew},
		"small by arm":   {func(c []impute.Column, o *impute.ChainedOptions) { o.Arm, o.ByArm = "arm", true }, stats.ErrTooFew},
		"the same twice": {func(c []impute.Column, o *impute.ChainedOptions) { c[1].Number = c[0].Number }, stats.ErrSingular},
		"nine in an arm": {func(c []impute.Column, o *impute.ChainedOptions) {
			o.Arm = "arm"
			for i := range c[0].Number {
				c[0].Number[i] = float64(min(1, i/51))
			}
		}, stats.ErrTooFew},
		"donors": {func(c []impute.Column, o *impute.ChainedOptions) {
			c[4].Matching = true
			for i := range c[4].Missing {
				c[4].Missing[i] = i > 18
			}
		}, stats.ErrTooFew},
	} {
		x := table(60, 1, 0.2)
		var o impute.ChainedOptions
		c.change(x, &o)
		_, err := impute.Chained(x, o)
		require.ErrorIs(t, err, c.err, name)
	}
}

// Within arms each has ten complete rows for each predictor, whatever the number of arms:
// age is one, a category of three levels two, and what is imputed none.
func TestChainedByArmNeedsTenCompleteRowsAPredictor(t *testing.T) {
	trial := func(arms, complete int, incomplete func(c []impute.Column) *impute.Column) []impute.Column {
		c := []impute.Column{{Name: "arm"}, {Name: "age"}, {Name: "stage"}, {Name: "y"}}
		for a := range arms {
			for i := range complete + 5 {
				c[0].Category = append(c[0].Category, fmt.Sprint(a))
				c[1].Number = append(c[1].Number, float64(i*i%17))
				c[2].Category = append(c[2].Category, fmt.Sprint(i%3))
				c[3].Number = append(c[3].Number, float64(i*7%11))
				gaps := incomplete(c)
				gaps.Missing = append(gaps.Missing, i >= complete)
			}
		}
		return c
	}
	for name, x := range map[string]struct {
		predictors int
		incomplete func(c []impute.Column) *impute.Column
	}{
		"of y: age, stage": {3, func(c []impute.Column) *impute.Column { return &c[3] }},
		"of stage: age, y": {2, func(c []impute.Column) *impute.Column { return &c[2] }},
	} {
		for _, arms := range []int{2, 3} {
			for _, complete := range []int{10*x.predictors - 1, 10 * x.predictors} {
				_, err := impute.Chained(trial(arms, complete, x.incomplete), impute.ChainedOptions{Imputations: 2, Seed: 1, Arm: "arm", ByArm: true})
				if complete == 10*x.predictors {
					require.NoError(t, err, "%s, %d arms", name, arms)
				} else {
					require.ErrorIs(t, err, stats.ErrTooFew, "%s, %d arms", name, arms)
				}
			}
		}
	}
	// An arm alone predicts nothing within it; ten complete rows are needed all the same.
	for _, complete := range []int{9, 10} {
		c := trial(2, complete, func(c []impute.Column) *impute.Column { return &c[3] })
		_, err := impute.Chained([]impute.Column{c[0], c[3]}, impute.ChainedOptions{Imputations: 2, Seed: 1, Arm: "arm", ByArm: true})
		assert.Equal(t, complete == 9, errors.Is(err, stats.ErrTooFew), complete)
	}
}
