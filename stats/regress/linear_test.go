package regress_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// trialOf draws a three-arm trial on whole millimeters.
func trialOf(rng *rand.Rand, n int) regress.ANCOVAData {
	d := regress.ANCOVAData{Control: "sham"}
	arms := []string{"sham", "low", "high"}
	var site []string
	for i := range n {
		b := math.Round(50 + 10*rng.NormFloat64())
		d.Arm = append(d.Arm, arms[i%3])
		d.Baseline = append(d.Baseline, b)
		d.Y = append(d.Y, math.Round(0.6*b+float64(i%3)*-4+8*rng.NormFloat64()))
		site = append(site, []string{"A", "B"}[rng.IntN(2)])
	}
	site[0], site[1] = "A", "B"
	d.Covariates = []regress.Term{regress.Category("site", site, "")}
	return d
}

func TestANCOVAProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		d := trialOf(rng, 18)
		f, err := regress.ANCOVA(d)
		require.NoError(t, err)
		e := statstest.Must(f.Difference("high", f.Arms()[0]))

		swapped := d
		swapped.Control = "high"
		g, err := regress.ANCOVA(swapped)
		require.NoError(t, err)
		assertEstimate(t, e.Neg(), statstest.Must(g.Difference("sham", g.Arms()[0])), 1e-12)
		assertEstimate(t, statstest.Must(f.LSMean("low")), statstest.Must(g.LSMean("low")), 1e-12)
		assertEstimate(t, statstest.Must(g.Difference("low", g.Arms()[0])), statstest.Must(f.Difference("low", "high")), 1e-12)

		// The difference of LS-means is the difference; a change from baseline
		// in place of the follow-up changes no difference.
		assert.InDelta(t, e.Value, statstest.Must(f.LSMean("high")).Value-statstest.Must(f.LSMean("sham")).Value, 1e-10)
		change := d
		change.Y = make([]float64, len(d.Y))
		for i := range d.Y {
			change.Y[i] = d.Y[i] - d.Baseline[i]
		}
		h, err := regress.ANCOVA(change)
		require.NoError(t, err)
		assertEstimate(t, e, statstest.Must(h.Difference("high", h.Arms()[0])), 1e-12)

		// Scale of the outcome, shift of the baseline.
		moved := d
		moved.Y, moved.Baseline = statstest.Affine(d.Y, 10, 3), statstest.Affine(d.Baseline, 1, 1e6)
		h, err = regress.ANCOVA(moved)
		require.NoError(t, err)
		assertEstimate(t, e.Scale(10), statstest.Must(h.Difference("high", h.Arms()[0])), 1e-12)

		// The interval at level 1 − p touches 0.
		p := e.P(0)
		if p > 1e-8 && p < 1-1e-8 {
			ci := e.CI(1 - p)
			assert.InDelta(t, 0, math.Min(math.Abs(ci.Lo), math.Abs(ci.Hi)), 1e-7*math.Abs(e.Value)+1e-9)
		}
	}
}

func TestANCOVAIgnoresRowOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	d := trialOf(rng, 20)
	d.Covariates = nil
	f, err := regress.ANCOVA(d)
	require.NoError(t, err)
	before := slices.Clone(d.Y)
	for range 20 {
		perm := rng.Perm(len(d.Y))
		s := regress.ANCOVAData{Control: d.Control}
		for _, i := range perm {
			s.Arm, s.Y, s.Baseline = append(s.Arm, d.Arm[i]), append(s.Y, d.Y[i]), append(s.Baseline, d.Baseline[i])
		}
		g, err := regress.ANCOVA(s)
		require.NoError(t, err)
		assertEstimate(t, statstest.Must(f.Difference("low", f.Arms()[0])), statstest.Must(g.Difference("low", g.Arms()[0])), 1e-14)
	}
	assert.Equal(t, before, d.Y)
}

func TestANCOVASmallestTrials(t *testing.T) {
	d := regress.ANCOVAData{
		Arm:      []string{"a", "a", "a", "a", "a", "c", "c", "c", "c", "c"},
		Control:  "c",
		Y:        []float64{3, 4, 2, 5, 3, 6, 7, 5, 6, 8},
		Baseline: []float64{6, 7, 5, 8, 6, 6, 8, 5, 7, 8},
	}
	f, err := regress.ANCOVA(d)
	require.NoError(t, err)
	assert.Equal(t, 7.0, f.DF())
	assert.Equal(t, 7.0, statstest.Must(f.Difference("a", f.Arms()[0])).DF)
	assert.Equal(t, 5, f.N("a"))
	assert.Equal(t, []string{"c", "a"}, f.Arms())

	small := regress.ANCOVAData{Arm: d.Arm[4:7], Control: "c", Y: d.Y[4:7], Baseline: d.Baseline[4:7]}
	_, err = regress.ANCOVA(small)
	assert.ErrorIs(t, err, stats.ErrTooFew)

	constant := d
	constant.Baseline = statstest.Affine(d.Baseline, 0, 6)
	_, err = regress.ANCOVA(constant)
	assert.ErrorIs(t, err, stats.ErrSingular)
	assert.ErrorContains(t, err, "baseline")

	site := make([]string, 10)
	for i, a := range d.Arm {
		site[i] = "site of " + a
	}
	aliased := d
	aliased.Covariates = []regress.Term{regress.Category("site", site, "")}
	_, err = regress.ANCOVA(aliased)
	assert.ErrorIs(t, err, stats.ErrSingular)

	for _, bad := range []struct {
		err error
		d   regress.ANCOVAData
	}{
		{stats.ErrDomain, regress.ANCOVAData{Arm: d.Arm, Control: "x", Y: d.Y, Baseline: d.Baseline}},
		{stats.ErrTooFew, regress.ANCOVAData{Arm: d.Arm[:5], Control: "a", Y: d.Y[:5], Baseline: d.Baseline[:5]}},
		{stats.ErrLength, regress.ANCOVAData{Arm: d.Arm, Control: "c", Y: d.Y, Baseline: d.Baseline[:9]}},
		{stats.ErrLength, regress.ANCOVAData{Arm: d.Arm[1:], Control: "c", Y: d.Y, Baseline: d.Baseline}},
		{stats.ErrNotFinite, regress.ANCOVAData{Arm: d.Arm, Control: "c", Y: statstest.With(d.Y, 3, math.NaN()), Baseline: d.Baseline}},
		{stats.ErrNotFinite, regress.ANCOVAData{Arm: d.Arm, Control: "c", Y: d.Y, Baseline: statstest.With(d.Baseline, 9, math.Inf(1))}},
		{stats.ErrNoVariation, regress.ANCOVAData{Arm: d.Arm, Control: "c", Y: statstest.Affine(d.Baseline, 0.1, 0.3), Baseline: d.Baseline}},
	} {
		_, err := regress.ANCOVA(bad.d)
		assert.ErrorIs(t, err, bad.err)
	}
}

func TestLinearNamesAliasedTerms(t *testing.T) {
	a := []float64{0.1, 0.2, 0.3, 0.7, 1.1, 1.3}
	b := []float64{3, 1, 4, 1, 5, 9}
	sum := make([]float64, len(a))
	for i := range a {
		sum[i] = a[i]*1.8 + b[i]/3
	}
	y := []float64{1, 2, 1, 3, 2, 5}
	_, err := regress.Linear(y, regress.Numeric("a", a), regress.Numeric("b", b), regress.Numeric("sum", sum))
	var se *stats.SampleError
	require.True(t, errors.As(err, &se))
	assert.ErrorIs(t, err, stats.ErrSingular)
	assert.Equal(t, "sum", se.Arg)
	_, err = regress.Linear(y, regress.Category("arm", []string{"x", "x", "x", "x", "x", "x"}, ""))
	assert.ErrorIs(t, err, stats.ErrSingular)
	assert.ErrorContains(t, err, "arm")
	_, err = regress.Linear(y, regress.Category("arm", []string{"x", "y", "x", "x", "", "x"}, ""))
	assert.ErrorIs(t, err, stats.ErrDomain)
}

func TestLinearAtTheEndsOfFloat64(t *testing.T) {
	x, y := []float64{1, 2, 3, 5, 8}, []float64{2, 1, 4, 4, 9}
	m, err := regress.Linear(y, regress.Numeric("x", x))
	require.NoError(t, err)
	for _, k := range []float64{1e-150, 1e150} {
		s, err := regress.Linear(statstest.Affine(y, k, 0), regress.Numeric("x", x))
		require.NoError(t, err)
		assertEstimate(t, m.Coefficient("x").Scale(k), s.Coefficient("x"), 1e-13)
	}
	for _, k := range []float64{1e-200, 1e200} {
		_, err := regress.Linear(statstest.Affine(y, k, 0), regress.Numeric("x", x))
		assert.ErrorIs(t, err, stats.ErrDomain)
		_, err = regress.Linear(y, regress.Numeric("x", statstest.Affine(x, k, 0)))
		assert.ErrorIs(t, err, stats.ErrDomain)
	}
	for _, k := range []float64{1e-70, 1e70} {
		s, err := regress.Linear(y, regress.Numeric("x", statstest.Affine(x, k, 0)))
		require.NoError(t, err)
		assertEstimate(t, m.Coefficient("x").Scale(1/k), s.Coefficient("x"), 1e-12)
		p, q := m.Predict(regress.At{Numbers: map[string]float64{"x": 4}}), s.Predict(regress.At{Numbers: map[string]float64{"x": 4 * k}})
		assertEstimate(t, p, q, 1e-12)
	}
	_, err = regress.LinearWith(y, nil, regress.LinearOptions{NoIntercept: true})
	assert.ErrorIs(t, err, stats.ErrTooFew)
}

// Weighting a row k times equals writing it k times, df aside.
func TestLinearWeightsAreReplication(t *testing.T) {
	x := []float64{1, 2, 3, 5, 8}
	y := []float64{2, 1, 4, 4, 9}
	w := []float64{1, 2, 3, 1, 2}
	m, err := regress.LinearWith(y, []regress.Term{regress.Numeric("x", x)}, regress.LinearOptions{Weights: w})
	require.NoError(t, err)
	var xs, ys []float64
	for i := range w {
		for range int(w[i]) {
			xs, ys = append(xs, x[i]), append(ys, y[i])
		}
	}
	r, err := regress.Linear(ys, regress.Numeric("x", xs))
	require.NoError(t, err)
	assert.InDelta(t, r.RSS(), m.RSS(), 1e-12)
	assert.InEpsilon(t, r.Coefficient("x").Value, m.Coefficient("x").Value, 1e-14)
	assert.InEpsilon(t, r.R2(), m.R2(), 1e-14)
}

func TestLeverageSumsToCoefficients(t *testing.T) {
	d := trialOf(rand.New(rand.NewPCG(5, 6)), 30)
	f, err := regress.ANCOVA(d)
	require.NoError(t, err)
	s := 0.0
	for _, h := range f.Model().Leverage() {
		s += h
	}
	assert.InDelta(t, 5, s, 1e-12)
}

// NIST StRD Norris (linear regression, average difficulty): certified values
// in the data file itself.
func TestNISTNorris(t *testing.T) {
	raw, err := os.ReadFile(reftest.File(t, "nist/Norris.dat"))
	require.NoError(t, err)
	lines := strings.Split(string(raw), "\n")
	var x, y []float64
	for _, l := range lines[60:] {
		f := strings.Fields(l)
		if len(f) == 2 {
			y, x = append(y, number(t, f[0])), append(x, number(t, f[1]))
		}
	}
	m, err := regress.Linear(y, regress.Numeric("x", x))
	require.NoError(t, err)
	c := m.Coefficients()
	assertDigits(t, -0.262323073774029, c[0].Value)
	assertDigits(t, 0.232818234301152, c[0].SE)
	assertDigits(t, 1.00211681802045, c[1].Value)
	assertDigits(t, 0.429796848199937e-3, c[1].SE)
	assertDigits(t, 0.884796396144373, m.Sigma())
	assertDigits(t, 0.999993745883712, m.R2())
}

// NIST StRD Longley (1967; higher difficulty): the published data and
// certified values, https://www.itl.nist.gov/div898/strd/lls/data/Longley.shtml.
func TestNISTLongley(t *testing.T) {
	y := []float64{60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551}
	x := [][]float64{
		{83, 88.5, 88.2, 89.5, 96.2, 98.1, 99, 100, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7, 116.9},
		{234289, 259426, 258054, 284599, 328975, 346999, 365385, 363112, 397469, 419180, 442769, 444546, 482704, 502601, 518173, 554894},
		{2356, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007},
		{1590, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827},
		{107608, 108632, 109773, 110929, 112075, 113270, 115094, 116219, 117388, 118734, 120445, 121950, 123366, 125368, 127852, 130081},
		{1947, 1948, 1949, 1950, 1951, 1952, 1953, 1954, 1955, 1956, 1957, 1958, 1959, 1960, 1961, 1962},
	}
	var terms []regress.Term
	for i, v := range x {
		terms = append(terms, regress.Numeric(fmt.Sprint("x", i+1), v))
	}
	m, err := regress.Linear(y, terms...)
	require.NoError(t, err)
	beta := []float64{-3482258.63459582, 15.0618722713733, -0.358191792925910e-1, -2.02022980381683, -1.03322686717359, -0.511041056535807e-1, 1829.15146461355}
	se := []float64{890420.383607373, 84.9149257747669, 0.334910077722432e-1, 0.488399681651699, 0.214274163161675, 0.226073200069370, 455.478499142212}
	for i, c := range m.Coefficients() {
		assertDigits(t, beta[i], c.Value)
		assertDigits(t, se[i], c.SE)
	}
	assertDigits(t, 304.854073561965, m.Sigma())
	assertDigits(t, 0.995479004577296, m.R2())
}

// A polynomial of degree 5 with every coefficient 1 (NIST StRD Wampler1) is
// reproduced, so it is refused; with a disturbance added, the coefficients are
// 1 plus those of the disturbance alone.
func TestHighDegreePolynomial(t *testing.T) {
	var x, y, noise []float64
	for i := range 21 {
		v := float64(i)
		x = append(x, v)
		y = append(y, 1+v+v*v+v*v*v+v*v*v*v+v*v*v*v*v)
		noise = append(noise, []float64{759, -2048, 2048}[i%3])
	}
	var terms []regress.Term
	pow := slices.Repeat([]float64{1}, len(x))
	for k := 1; k <= 5; k++ {
		next := make([]float64, len(x))
		for i := range x {
			next[i] = pow[i] * x[i]
		}
		pow = next
		terms = append(terms, regress.Numeric(fmt.Sprint("x^", k), pow))
	}
	_, err := regress.Linear(y, terms...)
	assert.ErrorIs(t, err, stats.ErrNoVariation)
	base, err := regress.Linear(noise, terms...)
	require.NoError(t, err)
	both := make([]float64, len(y))
	for i := range y {
		both[i] = y[i] + noise[i] // exact: whole numbers below 2^53
	}
	m, err := regress.Linear(both, terms...)
	require.NoError(t, err)
	for i, c := range m.Coefficients() {
		assert.InDelta(t, 1+base.Coefficients()[i].Value, c.Value, 1e-12*math.Max(1, math.Abs(c.Value)))
		assert.InEpsilon(t, base.Coefficients()[i].SE, c.SE, 1e-13)
	}
}

func assertEstimate(t *testing.T, want, got stats.Estimate, rel float64) {
	t.Helper()
	assert.InDelta(t, want.Value, got.Value, rel*math.Max(math.Abs(want.Value), want.SE), "value")
	assert.InDelta(t, want.SE, got.SE, rel*want.SE, "se")
	assert.Equal(t, want.DF, got.DF, "df")
}

// assertDigits holds got to the 15 certified digits: half a unit of the last
// and the rounding of decimal inputs to float64.
func assertDigits(t *testing.T, want, got float64) {
	t.Helper()
	assert.InEpsilon(t, want, got, 2e-14)
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return v
}

// The knee trial of five against five: the difference of arms at 24 hours,
// adjusted for baseline.
func ExampleANCOVA() {
	fit, err := regress.ANCOVA(regress.ANCOVAData{
		Arm:      []string{"hilt", "hilt", "hilt", "hilt", "hilt", "sham", "sham", "sham", "sham", "sham"},
		Control:  "sham",
		Baseline: []float64{6.1, 7.2, 5.4, 8, 6.6, 6.3, 7.9, 5.2, 7.1, 6.8},
		Y:        []float64{2.9, 4.1, 2.6, 4.4, 3.2, 5.9, 7.1, 5, 6.2, 6.9},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fit.Difference("hilt", "sham"))
	fmt.Println(fit.LSMean("hilt"))
	fmt.Println(fit.LSMean("sham"))
	// Output:
	// -2.78 (95% CI -3.22 to -2.34; p < 0.0001; t, 7 df) <nil>
	// 3.44 (95% CI 3.13 to 3.75; p < 0.0001; t, 7 df) <nil>
	// 6.22 (95% CI 5.91 to 6.53; p < 0.0001; t, 7 df) <nil>
}

func ExampleLinear() {
	m, err := regress.Linear([]float64{1, 2, 5, 7, 4, 9, 7}, regress.Numeric("week", []float64{1, 2, 3, 4, 5, 6, 7}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)
	// Output:
	// linear model: 7 rows, residual SD 1.771 on 5 df, R² 0.69
	// coefficient  estimate    SE        95% CI       p  df
	// (Intercept)       0.6   1.5   -3.3 to 4.4    0.72   5
	// week             1.11  0.33  0.25 to 1.97  0.0213   5
}
