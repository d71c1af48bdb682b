package assoc_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// tiedPairs draws whole numbers with ties, neither variable constant.
func tiedPairs(rng *rand.Rand, n, spread int) (x, y []float64) {
	for {
		x, y = nil, nil
		for range n {
			v := rng.IntN(spread)
			x = append(x, float64(v))
			y = append(y, float64(v/2+rng.IntN(spread)))
		}
		if slices.Max(x) > slices.Min(x) && slices.Max(y) > slices.Min(y) {
			return x, y
		}
	}
}

func correlations() map[string]func(x, y []float64) (assoc.Correlation, error) {
	return map[string]func(x, y []float64) (assoc.Correlation, error){
		"Pearson": assoc.Pearson, "Spearman": assoc.Spearman, "Kendall": assoc.Kendall,
		"partial": func(x, y []float64) (assoc.Correlation, error) { return assoc.PartialCorrelation(x, y) },
		"Spearman t": func(x, y []float64) (assoc.Correlation, error) {
			return assoc.SpearmanWith(x, y, assoc.Options{Method: rank.Asymptotic})
		},
		"Kendall z": func(x, y []float64) (assoc.Correlation, error) {
			return assoc.KendallWith(x, y, assoc.Options{Method: rank.Asymptotic})
		},
	}
}

func TestCorrelationProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for range 60 {
		x, y := tiedPairs(rng, 5+rng.IntN(5), 8)
		for name, f := range correlations() {
			x0, y0 := slices.Clone(x), slices.Clone(y)
			c, err := f(x, y)
			require.NoError(t, err, name)
			require.Equal(t, x0, x, "inputs unchanged")
			require.Equal(t, y0, y, "inputs unchanged")
			in := c.Independence

			swapped, err := f(y, x)
			require.NoError(t, err)
			assert.InDelta(t, c.Value, swapped.Value, 1e-14, name)
			assert.InDelta(t, in.P(), swapped.Independence.P(), 1e-12, name)

			moved, err := f(statstest.Affine(x, 3, -7), statstest.Affine(y, -0.5, 100))
			require.NoError(t, err)
			assert.InDelta(t, -c.Value, moved.Value, 1e-13, name)
			assert.InDelta(t, in.P(), moved.Independence.P(), 1e-10, name)
			assert.InDelta(t, in.PGreater(), moved.Independence.PLess(), 1e-10, name)

			order := rng.Perm(len(x))
			xs, ys := make([]float64, len(x)), make([]float64, len(x))
			for i, k := range order {
				xs[i], ys[i] = x[k], y[k]
			}
			shuffled, err := f(xs, ys)
			require.NoError(t, err)
			assert.InDelta(t, c.Value, shuffled.Value, 1e-14, name)
			assert.InDelta(t, in.P(), shuffled.Independence.P(), 1e-13, name)

			assert.True(t, in.P() >= 0 && in.P() <= 1 && c.Value >= -1 && c.Value <= 1, name)
			for _, null := range []float64{-0.9, -0.2, 0, 0.4, c.Value} {
				for _, level := range []float64{0.8, 0.95, 0.99} {
					statstest.Agree(t, c, null, level, name)
				}
			}
		}
	}
}

func TestCorrelationRefuses(t *testing.T) {
	for name, f := range correlations() {
		_, err := f([]float64{1, 2, math.NaN(), 4}, []float64{1, 2, 3, 5})
		assert.ErrorIs(t, err, stats.ErrNotFinite, name)
		_, err = f([]float64{1, 2, 3}, []float64{1, 2, 3, 5})
		assert.ErrorIs(t, err, stats.ErrLength, name)
		_, err = f([]float64{1, 2, 3, 4}, []float64{0.1, 0.1, 0.1, 0.1})
		assert.ErrorIs(t, err, stats.ErrNoVariation, name)
		_, err = f([]float64{1}, []float64{1})
		assert.ErrorIs(t, err, stats.ErrTooFew, name)
	}
	// Of the partial correlation.
	_, err := assoc.PartialCorrelation([]float64{1, 2, 4, 3}, []float64{2, 1, 3, 5}, []float64{1, 2, 4, 3})
	assert.ErrorIs(t, err, stats.ErrNoVariation, "x is its own control")
	z := []float64{1, 5, 4, 3, 2}
	_, err = assoc.PartialCorrelation([]float64{1, 2, 4, 3, 3}, []float64{2, 1, 3, 5, 4}, z, statstest.Affine(z, 2, 1))
	assert.ErrorIs(t, err, stats.ErrSingular)
}

// The exact tests with ties are shares of all pairings.
func TestExactRankCorrelationEnumerates(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	for range 40 {
		x, y := tiedPairs(rng, 4+rng.IntN(4), 5)
		a, b := statstest.MidRanks(x), statstest.MidRanks(y)
		s, err := assoc.SpearmanWith(x, y, assoc.Options{Method: rank.Exact})
		require.NoError(t, err)
		assert.InDelta(t, statstest.SharePairings(a, b, func(b []float64) float64 { return math.Abs(statstest.CenteredProduct(a, b)) }), s.Independence.P(), 1e-12)
		assert.InDelta(t, statstest.SharePairings(a, b, func(b []float64) float64 { return statstest.CenteredProduct(a, b) }), s.Independence.PGreater(), 1e-12)
		concordance := func(b []float64) float64 {
			s := 0.0
			for i := range a {
				for j := range i {
					if d := (a[i] - a[j]) * (b[i] - b[j]); d != 0 {
						s += math.Copysign(1, d)
					}
				}
			}
			return s
		}
		k, err := assoc.KendallWith(x, y, assoc.Options{Method: rank.Exact})
		require.NoError(t, err)
		assert.InDelta(t, statstest.SharePairings(a, b, func(b []float64) float64 { return math.Abs(concordance(b)) }), k.Independence.P(), 1e-12)
		assert.InDelta(t, statstest.SharePairings(a, b, concordance), k.Independence.PGreater(), 1e-12)
		assert.InDelta(t, statstest.SharePairings(a, b, func(b []float64) float64 { return -concordance(b) }), k.Independence.PLess(), 1e-12)
	}
}

// The number of permutations of 5 with 0, 1, … inversions is 1, 4, 9, 15, 20, …
// (OEIS A008302).
func TestKendallUntiedDistribution(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5}
	below := 0.0
	for k, want := range []struct {
		y     []float64
		count float64
	}{{[]float64{5, 4, 3, 2, 1}, 1}, {[]float64{5, 4, 3, 1, 2}, 4}, {[]float64{5, 4, 1, 3, 2}, 9}, {[]float64{5, 1, 4, 3, 2}, 15}, {[]float64{1, 5, 4, 3, 2}, 20}} {
		below += want.count
		c, err := assoc.Kendall(x, want.y)
		require.NoError(t, err)
		assert.Equal(t, float64(k), c.Independence.Statistic)
		assert.InEpsilon(t, below/120, c.Independence.PLess(), 1e-14)
	}
}

// Correlation of the residuals and regression give one t.
func TestPartialCorrelationIsRegression(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 3))
	n := 20
	var x, y, u, v []float64
	for range n {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		u, v = append(u, a), append(v, b)
		x = append(x, a-b+rng.NormFloat64())
		y = append(y, 2*a+rng.NormFloat64())
	}
	c, err := assoc.PartialCorrelation(x, y, u, v)
	require.NoError(t, err)
	m, err := regress.Linear(y, regress.Numeric("x", x), regress.Numeric("u", u), regress.Numeric("v", v))
	require.NoError(t, err)
	coef := m.Coefficients()[1]
	assert.InEpsilon(t, coef.T(0), c.Independence.Statistic, 1e-10)
	assert.InEpsilon(t, coef.P(0), c.Independence.P(), 1e-9)
	assert.InEpsilon(t, 1/math.Sqrt(float64(n-2-3)), c.SE, 1e-12)
}

func TestSmallCorrelationHasNoInterval(t *testing.T) {
	c, err := assoc.Pearson([]float64{1, 2, 3}, []float64{1, 3, 2})
	require.NoError(t, err)
	assert.Equal(t, stats.Interval{Lo: -1, Hi: 1, Level: 0.95, Why: stats.WhySmall}, c.CI(0.95))
	assert.Equal(t, 1.0, c.P(0.2))
	c, err = assoc.Pearson([]float64{1, 2, 3, 4}, []float64{2, 4, 6, 8})
	require.NoError(t, err)
	// Of the 4! pairings one rises with x and one falls.
	assert.Equal(t, stats.Interval{Lo: -1, Hi: 1, Level: 0.95, Why: assoc.WhyPerfect}, c.CI(0.95))
	assert.InEpsilon(t, 2.0/24, c.Independence.P(), 1e-15)
	assert.InEpsilon(t, 2.0/24, c.P(0), 1e-15)
}

func TestOrdinalMeasures(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 4))
	for range 50 {
		x, y := tiedPairs(rng, 12, 4)
		p, err := assoc.CountPairs(x, y)
		require.NoError(t, err)
		n := float64(len(x))
		assert.Equal(t, n*(n-1)/2, p.Concordant+p.Discordant+p.TiedX+p.TiedY+p.TiedBoth)
		q, err := assoc.CountPairs(y, x)
		require.NoError(t, err)
		tau := p.TauB().Value
		assert.InDelta(t, tau*tau, p.SomersD().Value*q.SomersD().Value, 1e-13, "τ² is the product of both D")
		assert.InDelta(t, p.TauB().SE, q.TauB().SE, 1e-13)
		r, err := assoc.CountPairs(statstest.Affine(x, -1, 0), y)
		require.NoError(t, err)
		assert.InDelta(t, -p.SomersD().Value, r.SomersD().Value, 1e-14)
		assert.InDelta(t, p.SomersD().SE, r.SomersD().SE, 1e-13)
	}
	// With a binary predictor D is 2·AUC − 1; the standard errors are of
	// DeLong's with divisors n in place of n − 1.
	cases, controls := []float64{3, 5, 4, 6, 2}, []float64{1, 3, 2, 4, 2, 0}
	x := append(slices.Clone(cases), controls...)
	y := []float64{1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0}
	p, err := assoc.CountPairs(x, y)
	require.NoError(t, err)
	r, err := assoc.ROC(cases, controls)
	require.NoError(t, err)
	assert.InDelta(t, 2*r.AUC-1, p.SomersD().Value, 1e-14)
	assert.InEpsilon(t, 2*math.Sqrt(r.Var), p.SomersD().SE, 0.12)
}

// The delete-one jackknife estimates the same standard errors.
func TestOrdinalStandardErrorsJackknife(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	x, y := tiedPairs(rng, 300, 5)
	measures := map[string]func(p assoc.PairCounts) assoc.OrdinalMeasure{
		"D": assoc.PairCounts.SomersD, "tau": assoc.PairCounts.TauB,
		"gamma": func(p assoc.PairCounts) assoc.OrdinalMeasure { g := p.Gamma(); return g },
	}
	all, err := assoc.CountPairs(x, y)
	require.NoError(t, err)
	for name, f := range measures {
		var v []float64
		for i := range x {
			p, err := assoc.CountPairs(slices.Delete(slices.Clone(x), i, i+1), slices.Delete(slices.Clone(y), i, i+1))
			require.NoError(t, err)
			v = append(v, f(p).Value)
		}
		s, err := stats.Summarize(v)
		require.NoError(t, err)
		n := float64(len(x))
		assert.InEpsilon(t, s.SD*(n-1)/math.Sqrt(n), f(all).SE, 0.02, name)
	}
}

func TestLinConcordance(t *testing.T) {
	x, y := []float64{12, 15, 11, 19, 22, 14}, []float64{13, 15, 10, 21, 20, 17}
	c, err := assoc.LinConcordance(x, y)
	require.NoError(t, err)
	assert.InEpsilon(t, c.Value, c.Pearson*c.Accuracy, 1e-13)
	d, err := assoc.LinConcordance(y, x)
	require.NoError(t, err)
	assert.InEpsilon(t, c.Value, d.Value, 1e-13)
	assert.InEpsilon(t, c.SE, d.SE, 1e-12)
	assert.InEpsilon(t, -c.LocationShift, d.LocationShift, 1e-12)
	shifted, err := assoc.LinConcordance(x, statstest.Affine(y, 1, 5))
	require.NoError(t, err)
	assert.Less(t, shifted.Value, c.Value, "a constant shift is disagreement")
	for _, null := range []float64{0, 0.5, 0.8, 0.99} {
		statstest.Agree(t, c, null, 0.95, "concordance")
	}
}

func ExamplePearson() {
	// Pain in mm and walking time in s of eight patients.
	pain := []float64{62, 48, 71, 55, 30, 44, 80, 39}
	walk := []float64{14.1, 12.0, 15.2, 12.5, 10.9, 12.9, 14.8, 10.2}
	c, _ := assoc.Pearson(pain, walk)
	fmt.Println(c)
	fmt.Printf("t = %.2f, p = %.4f\n", c.Independence.Statistic, c.Independence.P())
	// Output:
	// 0.91 (95% CI 0.57 to 0.98; Fisher's z); independence: t = 5.34, 6 df, p = 0.0018
	// t = 5.34, p = 0.0018
}

func ExampleSpearman() {
	pain := []float64{62, 48, 71, 55, 30, 44, 80, 39}
	steps := []float64{2, 3, 1, 3, 5, 4, 1, 4}
	c, _ := assoc.Spearman(pain, steps)
	fmt.Println(c)
	fmt.Printf("%v p = %.4f\n", c.Independence.Method, c.Independence.P())
	// Output:
	// -0.982 (95% CI -0.998 to -0.857; Fisher's z); independence: p = 0.0004 (exact)
	// exact p = 0.0004
}

func ExampleCountPairs() {
	severity := []float64{1, 1, 2, 2, 3, 3, 3, 4}
	response := []float64{3, 2, 3, 2, 1, 2, 1, 1}
	p, _ := assoc.CountPairs(response, severity)
	g := p.Gamma()
	fmt.Printf("gamma %.2f, Somers' D %.2f, tau-b %.2f\n", g.Value, p.SomersD().Value, p.TauB().Value)
	// Output:
	// gamma -0.88, Somers' D -0.65, tau-b -0.68
}

func ExampleKendall() {
	pain := []float64{62, 48, 71, 55, 30, 44, 80, 39}
	steps := []float64{2, 3, 1, 3, 5, 4, 1, 4}
	c, _ := assoc.Kendall(pain, steps)
	fmt.Println(c)
	// Output:
	// -0.945 (95% CI -0.985 to -0.812; Fisher's z); independence: p = 0.0004 (exact)
}

func ExamplePartialCorrelation() {
	pain := []float64{62, 48, 71, 55, 30, 44, 80, 39}
	walk := []float64{14.1, 12.0, 15.2, 12.5, 10.9, 12.9, 14.8, 10.2}
	age := []float64{70, 61, 74, 58, 55, 66, 72, 57}
	c, _ := assoc.PartialCorrelation(pain, walk, age)
	fmt.Println(c)
	// Output:
	// 0.59 (95% CI -0.30 to 0.93; Fisher's z); independence: t = 1.63, 5 df, p = 0.16
}

func ExampleLinConcordance() {
	goniometer := []float64{112, 98, 125, 131, 104, 118}
	phone := []float64{115, 101, 126, 136, 104, 123}
	c, _ := assoc.LinConcordance(goniometer, phone)
	fmt.Println(c)
	// Output:
	// 0.960 (95% CI 0.817 to 0.992; Fisher's z; correlation 0.990, accuracy 0.970)
}

// R's cor.test(method = "spearman", exact = TRUE) takes 0.8 ms at n = 12 with an
// Edgeworth series; it has no exact test with ties.
func BenchmarkSpearmanExact12Tied(b *testing.B) { benchRankCorrelation(b, 12, assoc.SpearmanWith) }

func BenchmarkKendallExact12Tied(b *testing.B) { benchRankCorrelation(b, 12, assoc.KendallWith) }

func BenchmarkSpearmanExact14Tied(b *testing.B) { benchRankCorrelation(b, 14, assoc.SpearmanWith) }

func benchRankCorrelation(b *testing.B, n int, f func(x, y []float64, o assoc.Options) (assoc.Correlation, error)) {
	x, y := tiedPairs(rand.New(rand.NewPCG(5, 9)), n, 8)
	for b.Loop() {
		if _, err := f(x, y, assoc.Options{Method: rank.Exact}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSpearmanExact12(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 10))
	x, y := statstest.Draw(rng, 12, 0), statstest.Draw(rng, 12, 0)
	for b.Loop() {
		if _, err := assoc.Spearman(x, y); err != nil {
			b.Fatal(err)
		}
	}
}
