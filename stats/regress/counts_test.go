package regress_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

// countTrial draws counts in two arms, gamma-mixed with variance alpha, over exposures.
func countTrial(r *rand.Rand, n int, rate, alpha float64) (y, exposure []float64, arm []string, x []float64) {
	for i := range n {
		v := math.Round(8*r.NormFloat64()) / 8
		t := 0.25 + math.Round(8*r.Float64())/8
		mu := t * rate * math.Exp(-0.4*float64(i%2)+0.3*v)
		if alpha > 1e-3 { // below, one percent of it is lost in rounding
			mu *= distuv.Gamma{Alpha: 1 / alpha, Beta: 1 / alpha, Src: r}.Rand()
		}
		y = append(y, distuv.Poisson{Lambda: math.Max(mu, 1e-9), Src: r}.Rand())
		exposure, arm, x = append(exposure, t), append(arm, []string{"c", "a"}[i%2]), append(x, v)
	}
	return y, exposure, arm, x
}

// Arms swapped turn the sign; the unit of time moves the intercept alone; a covariate's
// origin and unit do not matter; the profile touches its interval; the score is 0.
func TestCountsProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(41, 1))
	models := map[regress.CountModel]int{}
	for k := range 60 {
		y, exposure, arm, x := countTrial(r, 40+r.IntN(60), 3, float64(k%3)*0.6)
		m, err := regress.Counts(y, exposure, ordinalTerms(arm, x)...)
		require.NoError(t, err)
		models[m.Model()]++
		b := m.Coefficient("arma")
		ci := m.Profile("arma").CI(0.95)
		days := make([]float64, len(exposure))
		for i, v := range exposure {
			days[i] = 365.25 * v
		}
		other, err := regress.Counts(y, days, regress.Category("arm", arm, "a"), regress.Numeric("x", statstest.Affine(x, 0x1p-12, 2018)))
		require.NoError(t, err)
		assert.InDelta(t, -b.Value, other.Coefficient("armc").Value, 1e-8)
		assert.InEpsilon(t, b.SE, other.Coefficient("armc").SE, 1e-7)
		assert.InEpsilon(t, m.Observed().Coefficient("arma").SE, other.Observed().Coefficient("armc").SE, 1e-7)
		assert.InDelta(t, -ci.Hi, other.Profile("armc").CI(0.95).Lo, 1e-7)
		p := m.Profile("arma")
		assert.InDelta(t, 0.05, p.P(ci.Lo), 1e-8)
		assert.InDelta(t, 0.05, p.P(ci.Hi), 1e-8)
		assert.Equal(t, p.P(0) < 0.05, ci.Excludes(0))

		alpha, _ := m.Alpha()
		assert.Positive(t, m.Deviance())
		ll, slopes := countLogLik(y, exposure, arm, x, m.Coefficients(), alpha)
		assert.InDelta(t, ll, m.LogLik(), 1e-8)
		for _, s := range slopes {
			assert.InDelta(t, 0, s, 1e-7)
		}
		if alpha > 1e-3 { // below, one percent of it is lost in rounding
			for _, other := range []float64{alpha * 0.99, alpha * 1.01} {
				less, _ := countLogLik(y, exposure, arm, x, m.Coefficients(), other)
				assert.Less(t, less, ll)
			}
		}
	}
	assert.Greater(t, models[regress.NegativeBinomial], 30)
	assert.Greater(t, models[regress.PoissonCounts], 3)
}

// countLogLik is the likelihood by the gamma function, and its slopes in the intercept,
// the arm and x.
func countLogLik(y, exposure []float64, arm []string, x []float64, b regress.Coefficients, alpha float64) (ll float64, slopes [3]float64) {
	for i, v := range y {
		is := 0.0
		if arm[i] == "a" {
			is = 1
		}
		mu := exposure[i] * math.Exp(b[0].Value+b[1].Value*is+b[2].Value*x[i])
		f, _ := math.Lgamma(v + 1)
		s := v - mu
		if alpha == 0 {
			ll += v*math.Log(mu) - mu - f
		} else {
			th := 1 / alpha
			a, _ := math.Lgamma(v + th)
			c, _ := math.Lgamma(th)
			ll += a - c - f + th*math.Log(th/(th+mu)) + v*math.Log(mu/(th+mu))
			s /= 1 + alpha*mu
		}
		slopes[0], slopes[1], slopes[2] = slopes[0]+s, slopes[1]+s*is, slopes[2]+s*x[i]
	}
	return ll, slopes
}

// Without covariates the Poisson rate ratio is that of the sums, and its standard error
// the root of the inverse counts.
func TestPoissonCountsOfTwoArms(t *testing.T) {
	t.Parallel()
	y := []float64{1, 0, 2, 3, 4, 1, 0, 0, 2, 5}
	exposure := []float64{1, 2, 1, 1, 3, 1, 1, 2, 1, 1}
	arm := []string{"a", "a", "a", "a", "a", "c", "c", "c", "c", "c"}
	m, err := regress.CountsWith(y, []regress.Term{regress.Category("arm", arm, "c")}, regress.CountsOptions{Model: regress.PoissonCounts, Exposure: exposure})
	require.NoError(t, err)
	rr := m.RateRatio("arma")
	assert.InEpsilon(t, (10.0/8)/(8.0/6), rr.Point(), 1e-12)
	assert.InEpsilon(t, math.Sqrt(1.0/10+1.0/8), rr.Log.SE, 1e-12)
	assert.Equal(t, 18, m.Events())
	// The residuals of an arm's rate, squared, over the square of its sum.
	ss := func(from int, rate, sum float64) (s float64) {
		for i := from; i < from+5; i++ {
			s += math.Pow(y[i]-rate*exposure[i], 2)
		}
		return s / sum / sum
	}
	assert.InEpsilon(t, math.Sqrt(ss(0, 10.0/8, 10)+ss(5, 8.0/6, 8)), m.Robust(regress.HC0).RateRatio("arma").Log.SE, 1e-12)
	assert.Panics(t, func() { m.Robust(regress.HC3) })
	quasi, err := regress.CountsWith(y, []regress.Term{regress.Category("arm", arm, "c")}, regress.CountsOptions{Model: regress.QuasiPoisson, Exposure: exposure})
	require.NoError(t, err)
	assert.InEpsilon(t, math.Sqrt(quasi.Dispersion())*rr.Log.SE, quasi.RateRatio("arma").Log.SE, 1e-12)
	assert.Equal(t, 8.0, quasi.RateRatio("arma").Log.DF)
	_, err = quasi.Profile("arma").CIContext(t.Context(), 0.95)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

func TestCountsRefuse(t *testing.T) {
	t.Parallel()
	arm := regress.Category("arm", []string{"c", "c", "c", "a", "a", "a"}, "c")
	ok := []float64{1, 2, 0, 1, 3, 2}
	for name, c := range map[string]struct {
		y, exposure []float64
		want        error
	}{
		"negative":    {[]float64{1, 2, 0, 1, -3, 2}, nil, stats.ErrDomain},
		"half":        {[]float64{1, 2, 0, 1, 0.5, 2}, nil, stats.ErrDomain},
		"NaN":         {[]float64{1, 2, 0, 1, math.NaN(), 2}, nil, stats.ErrNotFinite},
		"large":       {[]float64{1, 2, 0, 1, 1e7, 2}, nil, stats.ErrDomain},
		"no time":     {ok, []float64{1, 1, 1, 0, 1, 1}, stats.ErrDomain},
		"exposures":   {ok, []float64{1, 1}, stats.ErrLength},
		"no events":   {make([]float64, 6), nil, stats.ErrNoVariation},
		"empty arm":   {[]float64{1, 2, 2, 0, 0, 0}, nil, regress.ErrSeparation},
		"empty arm 2": {[]float64{0, 0, 0, 1, 4, 3}, []float64{1, 2, 3, 1, 2, 3}, regress.ErrSeparation},
	} {
		_, err := regress.Counts(c.y, c.exposure, arm)
		assert.ErrorIs(t, err, c.want, name)
	}
	_, err := regress.Counts([]float64{1, 2, 2, 0, 0, 0}, nil, arm)
	assert.ErrorContains(t, err, "arma → −∞")
	assert.Panics(t, func() { _, _ = regress.CountsWith(ok, []regress.Term{arm}, regress.CountsOptions{Model: "zip"}) })
}

// Tiny and sparse trials: a result or a named reason, no NaN, no hang; the likelihood
// ratio agrees with its interval.
func TestCountsOfTinyTrials(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(42, 1))
	kinds := map[string]int{}
	for range 3000 {
		y, exposure, arm, x := countTrial(r, 3+r.IntN(15), math.Exp(2*r.NormFloat64()), 2*r.Float64())
		terms := ordinalTerms(arm, x)
		m, err := regress.Counts(y, exposure, terms[:1+r.IntN(2)]...)
		if err != nil {
			var s *stats.SampleError
			require.ErrorAs(t, err, &s, "%v %v %v %v", y, exposure, arm, x)
			kinds[s.Err.Error()]++
			if errors.Is(err, stats.ErrNotConverged) {
				t.Logf("%v: %v %v %v %v", err, y, exposure, arm, x)
			}
			continue
		}
		kinds[string(m.Model())]++
		p := m.Profile("arma")
		ci, err := p.CIContext(t.Context(), 0.95)
		if err != nil {
			require.ErrorIs(t, err, stats.ErrNotConverged)
			kinds["profile"]++
			t.Logf("%v: %v %v %v %v", err, y, exposure, arm, x)
			continue
		}
		require.False(t, math.IsNaN(p.P(0)+ci.Lo+ci.Hi+m.Coefficient("arma").SE+m.Observed().Coefficient("arma").SE), "%v over %v in %v, %v: %v %v", y, exposure, arm, x, m, p)
		require.Equal(t, p.P(0) < 0.05, ci.Excludes(0), "%v %v", y, arm)
	}
	t.Log(kinds)
	assert.LessOrEqual(t, kinds["profile"]+kinds[stats.ErrNotConverged.Error()], 3)
	assert.Greater(t, kinds[string(regress.NegativeBinomial)], 300)
	assert.Greater(t, kinds[string(regress.PoissonCounts)], 300)
	assert.Greater(t, kinds[regress.ErrSeparation.Error()], 100)
}

// Quasi-binomial of one trial each is logistic regression with its errors times √φ; a
// complement turns the sign.
func TestBounded(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(43, 1))
	var y, m, one, rest []float64
	var yes []bool
	var arm []string
	for i := range 60 {
		arm = append(arm, []string{"c", "a"}[i%2])
		k := float64(r.IntN(11))
		y, m, rest = append(y, k), append(m, 10), append(rest, 10-k)
		yes, one = append(yes, k > 4), append(one, 1)
	}
	terms := []regress.Term{regress.Category("arm", arm, "c")}
	f, err := regress.Bounded(y, m, terms...)
	require.NoError(t, err)
	sums := map[string]float64{}
	for i, v := range y {
		sums[arm[i]] += v / 300
	}
	logit := func(p float64) float64 { return math.Log(p / (1 - p)) }
	assert.InDelta(t, logit(sums["a"])-logit(sums["c"]), f.Coefficient("arma").Value, 1e-12)
	pearson := 0.0
	for i, v := range y {
		p := sums[arm[i]]
		pearson += (v - 10*p) * (v - 10*p) / (10 * p * (1 - p))
	}
	assert.InEpsilon(t, pearson/58, f.Dispersion(), 1e-12)
	assert.Equal(t, 58.0, f.Coefficient("arma").DF)
	back, err := regress.Bounded(rest, m, terms...)
	require.NoError(t, err)
	assert.InDelta(t, -f.Coefficient("arma").Value, back.Coefficient("arma").Value, 1e-12)
	zeroOne := make([]float64, len(yes))
	for i, v := range yes {
		if v {
			zeroOne[i] = 1
		}
	}
	single, err := regress.Bounded(zeroOne, one, terms...)
	require.NoError(t, err)
	l, err := regress.Logistic(yes, terms...)
	require.NoError(t, err)
	assert.InDelta(t, l.Coefficient("arma").Value, single.Coefficient("arma").Value, 1e-12)
	assert.InEpsilon(t, l.Coefficient("arma").SE*math.Sqrt(single.Dispersion()), single.Coefficient("arma").SE, 1e-10)
	for name, c := range map[string]struct {
		y, m []float64
		want error
	}{
		"above": {[]float64{1, 11, 3}, []float64{10, 10, 10}, stats.ErrDomain},
		"none":  {[]float64{0, 0, 0}, []float64{10, 10, 10}, stats.ErrNoVariation},
		"all":   {[]float64{10, 10, 10}, []float64{10, 10, 10}, stats.ErrNoVariation},
		"short": {[]float64{1, 2, 3}, []float64{10, 10}, stats.ErrLength},
		"zero":  {[]float64{0, 2, 3}, []float64{0, 10, 10}, stats.ErrDomain},
	} {
		_, err := regress.Bounded(c.y, c.m)
		assert.ErrorIs(t, err, c.want, name)
	}
	_, err = regress.Bounded([]float64{0, 0, 0, 5, 5, 4}, []float64{5, 5, 5, 5, 5, 5}, regress.Category("arm", []string{"c", "c", "c", "a", "a", "a"}, "c"))
	assert.ErrorIs(t, err, regress.ErrSeparation)
}

// Of two arms alone the risk regressions are the observed contrast with its usual
// standard error.
func TestRiskRegressionOfTwoArms(t *testing.T) {
	t.Parallel()
	y, arm := table2x2(12, 40, 5, 35)
	term := regress.Category("arm", arm, "control")
	rr, err := regress.RiskRegression(y, regress.LogRisk, term)
	require.NoError(t, err)
	rd, err := regress.RiskRegression(y, regress.IdentityRisk, term)
	require.NoError(t, err)
	name := rr.Names()[1]
	p, q := 12.0/40, 5.0/35
	assert.InDelta(t, math.Log(p/q), rr.Coefficient(name).Value, 1e-12)
	assert.InEpsilon(t, math.Sqrt(1.0/12-1.0/40+1.0/5-1.0/35), rr.Coefficient(name).SE, 1e-11)
	assert.InDelta(t, p-q, rd.Coefficient(name).Value, 1e-12)
	assert.InEpsilon(t, math.Sqrt(p*(1-p)/40+q*(1-q)/35), rd.Coefficient(name).SE, 1e-11)
	assert.Panics(t, func() { _, _ = regress.RiskRegression(y, "", term) })
	all, arms := table2x2(40, 40, 5, 35)
	_, err = regress.RiskRegression(all, regress.LogRisk, regress.Category("arm", arms, "control"))
	assert.ErrorIs(t, err, stats.ErrNotConverged, "the largest likelihood is at a risk of 1")
}

func BenchmarkCounts10000(b *testing.B) {
	r := rand.New(rand.NewPCG(44, 1))
	y, exposure, arm, x := countTrial(r, 10_000, 2, 0.7)
	terms := ordinalTerms(arm, x)
	for k := range 3 {
		z := make([]float64, len(y))
		for i := range z {
			z[i] = math.Round(20*r.NormFloat64()) / 20
		}
		terms = append(terms, regress.Numeric(fmt.Sprint("z", k), z))
	}
	for b.Loop() {
		if _, err := regress.Counts(y, exposure, terms...); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleCounts() {
	// Falls of eight residents an arm, and the months that each was followed.
	y := []float64{0, 1, 0, 3, 0, 0, 1, 2, 2, 5, 0, 1, 7, 1, 3, 0}
	months := []float64{12, 12, 9, 12, 6, 12, 12, 11, 12, 12, 3, 12, 12, 8, 12, 12}
	arm := []string{"training", "training", "training", "training", "training", "training", "training", "training",
		"usual", "usual", "usual", "usual", "usual", "usual", "usual", "usual"}
	m, err := regress.Counts(y, months, regress.Category("arm", arm, "usual"))
	if err != nil {
		panic(err)
	}
	p := m.Profile("armtraining")
	ci := p.CI(0.95)
	fmt.Printf("%s: rate ratio %.2f (95%% CI %.2f to %.2f; p = %.2f)\n", m.Model(), math.Exp(p.Point()), math.Exp(ci.Lo), math.Exp(ci.Hi), p.P(0))
	// Output:
	// negative-binomial: rate ratio 0.36 (95% CI 0.11 to 1.09; p = 0.07)
}

// MASS::glm.nb gives this deviance to the example's falls, at its theta.
func TestCountsDeviance(t *testing.T) {
	y := []float64{0, 1, 0, 3, 0, 0, 1, 2, 2, 5, 0, 1, 7, 1, 3, 0}
	months := []float64{12, 12, 9, 12, 6, 12, 12, 11, 12, 12, 3, 12, 12, 8, 12, 12}
	arm := make([]float64, 16)
	for i := range 8 {
		arm[i] = 1
	}
	m, err := regress.Counts(y, months, regress.Numeric("arm", arm))
	require.NoError(t, err)
	assert.InDelta(t, 16.96039, m.Deviance(), 1e-4)
}
