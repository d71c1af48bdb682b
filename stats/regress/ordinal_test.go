package regress_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

// ordinalTrial draws a scale of the given steps in two arms with a covariate.
func ordinalTrial(r *rand.Rand, n, steps int, effect float64) (y []float64, arm []string, x []float64) {
	for i := range n {
		v := math.Round(8*r.NormFloat64()) / 8 // exact in other units
		u := r.Float64()
		latent := effect*float64(i%2) + v + math.Log(u/(1-u))
		y = append(y, math.Max(0, math.Min(float64(steps-1), math.Round(float64(steps)/2+latent))))
		arm, x = append(arm, []string{"c", "a"}[i%2]), append(x, v)
	}
	return y, arm, x
}

func ordinalTerms(arm []string, x []float64) []regress.Term {
	return []regress.Term{regress.Category("arm", arm, "c"), regress.Numeric("x", x)}
}

// Arms swapped and the scale reversed turn signs; origin, unit and the values given to
// the categories do not matter; equal to one observation at a time as to groups.
func TestOrdinalProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 1))
	for k := range 60 {
		y, arm, x := ordinalTrial(r, 40+r.IntN(80), 3+k%4, 0.7)
		m, err := regress.Ordinal(y, ordinalTerms(arm, x)...)
		require.NoError(t, err)
		b := m.Coefficient("arma")
		ci := m.Profile("arma").CI(0.95)

		swapped, err := regress.Ordinal(y, regress.Category("arm", arm, "a"), regress.Numeric("x", statstest.Affine(x, 0x1p-12, 2018)))
		require.NoError(t, err)
		assert.InDelta(t, -b.Value, swapped.Coefficient("armc").Value, 1e-9)
		assert.InEpsilon(t, b.SE, swapped.Coefficient("armc").SE, 1e-8)
		assert.InDelta(t, -ci.Hi, swapped.Profile("armc").CI(0.95).Lo, 1e-8)
		assert.InEpsilon(t, 0x1p12*m.Coefficient("x").Value, swapped.Coefficient("x").Value, 1e-8)

		down, other := make([]float64, len(y)), make([]float64, len(y))
		for i, v := range y {
			down[i], other[i] = -v, math.Exp(v)+1e8
		}
		reversed, err := regress.Ordinal(down, ordinalTerms(arm, x)...)
		require.NoError(t, err)
		assert.InDelta(t, -b.Value, reversed.Coefficient("arma").Value, 1e-9)
		assert.InDelta(t, m.LogLik(), reversed.LogLik(), 1e-9)
		renamed, err := regress.Ordinal(other, ordinalTerms(arm, x)...)
		require.NoError(t, err)
		assert.InDelta(t, b.Value, renamed.Coefficient("arma").Value, 1e-12)

		// The likelihood ratio's p-value touches its interval.
		p := m.Profile("arma")
		assert.InDelta(t, 0.05, p.P(ci.Lo), 1e-8)
		assert.InDelta(t, 0.05, p.P(ci.Hi), 1e-8)
		assert.Equal(t, p.P(0) < 0.05, ci.Excludes(0))

		// At the maximum no small step is higher.
		th := m.Thresholds()
		at := func(db float64) float64 {
			ll := 0.0
			for i, v := range y {
				eta := m.Coefficient("x").Value * x[i]
				if arm[i] == "a" {
					eta += b.Value + db
				}
				lo, hi := 0.0, 1.0
				levels, _ := m.Levels()
				for j := range levels {
					if levels[j] == v {
						if j > 0 {
							lo = 1 / (1 + math.Exp(eta-th[j-1].Value))
						}
						if j < len(th) {
							hi = 1 / (1 + math.Exp(eta-th[j].Value))
						}
					}
				}
				ll += math.Log(hi - lo)
			}
			return ll
		}
		assert.InDelta(t, m.LogLik(), at(0), 1e-9)
		assert.Less(t, at(1e-3), m.LogLik())
		assert.Less(t, at(-1e-3), m.LogLik())
	}
}

// Two categories are logistic regression, thresholds, profile and all.
func TestOrdinalOfTwoCategories(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(32, 1))
	y, arm, x := ordinalTrial(r, 90, 2, 0.8)
	m, err := regress.Ordinal(y, ordinalTerms(arm, x)...)
	require.NoError(t, err)
	yes := make([]bool, len(y))
	for i, v := range y {
		yes[i] = v == 1
	}
	l, err := regress.Logistic(yes, ordinalTerms(arm, x)...)
	require.NoError(t, err)
	for _, name := range m.Names() {
		assert.InDelta(t, l.Coefficient(name).Value, m.Coefficient(name).Value, 1e-10)
		assert.InEpsilon(t, l.Coefficient(name).SE, m.Coefficient(name).SE, 1e-9)
	}
	assert.InDelta(t, -l.Coefficient("(Intercept)").Value, m.Thresholds()[0].Value, 1e-10)
	assert.InEpsilon(t, l.Coefficient("(Intercept)").SE, m.Thresholds()[0].SE, 1e-9)
	assert.InDelta(t, l.Profile("arma").CI(0.9).Lo, m.Profile("arma").CI(0.9).Lo, 1e-8)
	assert.InDelta(t, l.LogLik(), m.LogLik(), 1e-9)
	_, err = m.Brant()
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = m.NominalTest("arm")
	assert.ErrorIs(t, err, stats.ErrTooFew)
	assert.Panics(t, func() { _, _ = m.NominalTest("site") })
	assert.Panics(t, func() { m.Coefficient("armb") })
}

// The robust errors of one participant twice are those of the sum of squared scores:
// doubling everybody divides both kinds by √2.
func TestOrdinalRobust(t *testing.T) {
	t.Parallel()
	y, arm, x := ordinalTrial(rand.New(rand.NewPCG(33, 1)), 70, 5, 0.5)
	one, err := regress.Ordinal(y, ordinalTerms(arm, x)...)
	require.NoError(t, err)
	two, err := regress.Ordinal(append(y, y...), ordinalTerms(append(arm, arm...), append(x, x...))...)
	require.NoError(t, err)
	a, b := one.Robust().Coefficient("arma"), two.Robust().Coefficient("arma")
	assert.InDelta(t, a.Value, b.Value, 1e-10)
	assert.InEpsilon(t, a.SE, b.SE*math.Sqrt2, 1e-9)
	assert.NotEqual(t, one.Coefficient("arma").SE, a.SE)
	assert.InEpsilon(t, one.Coefficient("arma").SE, a.SE, 0.3)
}

// Where the odds are proportional the tests reject at about their level.
func TestProportionalOddsTestsHoldTheirLevel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(34, 1))
	brant, nominal, done := 0, 0, 0
	for range 300 {
		y, arm, x := ordinalTrial(r, 250, 4, 0.6)
		m, err := regress.Ordinal(y, ordinalTerms(arm, x)...)
		require.NoError(t, err)
		b, err := m.Brant()
		require.NoError(t, err)
		n, err := m.NominalTest("arm")
		require.NoError(t, err)
		done++
		if b.Each[0].P() < 0.05 {
			brant++
		}
		if n.P() < 0.05 {
			nominal++
		}
	}
	for _, k := range []int{brant, nominal} {
		assert.InDelta(t, 0.05, float64(k)/float64(done), 0.04, "4 Monte Carlo errors of 300 draws are 0.05")
	}
}

func TestOrdinalRefuses(t *testing.T) {
	t.Parallel()
	arm := []string{"c", "c", "c", "c", "a", "a", "a", "a"}
	for name, c := range map[string]struct {
		y     []float64
		terms []regress.Term
		want  error
	}{
		"one category": {[]float64{2, 2, 2, 2, 2, 2, 2, 2}, []regress.Term{regress.Category("arm", arm, "c")}, stats.ErrNoVariation},
		"separated":    {[]float64{1, 1, 2, 1, 3, 4, 3, 3}, []regress.Term{regress.Category("arm", arm, "c")}, regress.ErrSeparation},
		"all best":     {[]float64{1, 2, 3, 4, 4, 4, 4, 4}, []regress.Term{regress.Category("arm", arm, "c")}, regress.ErrSeparation},
		"too few":      {[]float64{1, 2, 3, 4, 5, 6, 7, 8}, []regress.Term{regress.Category("arm", arm, "c")}, stats.ErrTooFew},
		"NaN":          {[]float64{1, 2, math.NaN()}, nil, stats.ErrNotFinite},
		"length":       {[]float64{1, 2, 1}, []regress.Term{regress.Category("arm", arm, "c")}, stats.ErrLength},
		"copy": {[]float64{1, 2, 1, 3, 2, 3, 1, 2}, []regress.Term{regress.Category("arm", arm, "c"),
			regress.Numeric("same", []float64{0, 0, 0, 0, 1, 1, 1, 1})}, stats.ErrSingular},
	} {
		_, err := regress.Ordinal(c.y, c.terms...)
		assert.ErrorIs(t, err, c.want, name)
	}
	many := make([]float64, 400)
	for i := range many {
		many[i] = float64(i / 2)
	}
	_, err := regress.Ordinal(many)
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = regress.Ordinal([]float64{1, 1, 2, 1, 3, 4, 3, 3}, regress.Category("arm", arm, "c"))
	assert.ErrorContains(t, err, "arma → +∞")
}

// Tiny and separated samples: a result or a named reason, no NaN, no hang; interval and
// likelihood ratio agree.
func TestOrdinalOfTinySamples(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(35, 1))
	answered, separated := 0, 0
	for range 3000 {
		y, arm, x := ordinalTrial(r, 3+r.IntN(14), 2+r.IntN(4), 3*r.NormFloat64())
		terms := ordinalTerms(arm, x)
		m, err := regress.Ordinal(y, terms[:1+r.IntN(2)]...)
		if err != nil {
			var s *stats.SampleError
			require.ErrorAs(t, err, &s)
			require.NotErrorIs(t, err, stats.ErrNotConverged, "%v in %v", y, arm)
			if errors.Is(err, regress.ErrSeparation) {
				separated++
			}
			continue
		}
		answered++
		b, p := m.Coefficient("arma"), m.Profile("arma")
		ci, err := p.CIContext(t.Context(), 0.95)
		require.NoError(t, err, "%v in %v, %v", y, arm, x)
		require.False(t, math.IsNaN(b.Value+b.SE+p.P(0)+ci.Lo+ci.Hi+m.Robust().Coefficient("arma").SE), "%v in %v", y, arm)
		require.Equal(t, p.P(0) < 0.05, ci.Excludes(0), "%v in %v", y, arm)
	}
	assert.Greater(t, answered, 500)
	assert.Greater(t, separated, 200)
}

func BenchmarkOrdinal10000(b *testing.B) {
	y, arm, x := ordinalTrial(rand.New(rand.NewPCG(36, 1)), 10_000, 5, 0.4)
	for b.Loop() {
		m, err := regress.Ordinal(y, ordinalTerms(arm, x)...)
		if err != nil {
			b.Fatal(err)
		}
		m.Coefficient("arma")
	}
}

// The same with a covariate of which no two participants have the same value.
func BenchmarkOrdinal10000Continuous(b *testing.B) {
	r := rand.New(rand.NewPCG(36, 1))
	y, arm, x := ordinalTrial(r, 10_000, 5, 0.4)
	for i := range x {
		x[i] += 1e-3 * r.Float64()
	}
	for b.Loop() {
		if _, err := regress.Ordinal(y, ordinalTerms(arm, x)...); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleOrdinal() {
	// Global impression of change, 1 worse to 4 much better.
	y := []float64{4, 3, 4, 2, 3, 4, 3, 2, 1, 3, 2, 2, 3, 1, 4, 2}
	arm := []string{"laser", "laser", "laser", "laser", "laser", "laser", "laser", "laser",
		"sham", "sham", "sham", "sham", "sham", "sham", "sham", "sham"}
	m, err := regress.Ordinal(y, regress.Category("arm", arm, "sham"))
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Profile("armlaser"))
	or := m.OddsRatio("armlaser")
	fmt.Printf("odds ratio of a better answer %.1f\n", or.Point())
	// Output:
	// armlaser: 1.72 (95% CI -0.15 to 3.83; p = 0.0721; profile likelihood, proportional odds)
	// odds ratio of a better answer 5.6
}
