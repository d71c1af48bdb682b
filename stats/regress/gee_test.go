package regress_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// One observation a cluster: GEE is least squares, and its errors are HC0,
// HC2 and HC3.
func TestGEEOfSinglesIsRobustLeastSquares(t *testing.T) {
	d := trialOf(rand.New(rand.NewPCG(21, 1)), 30)
	terms := []regress.Term{regress.Numeric("baseline", d.Baseline), regress.Category("arm", d.Arm, "sham")}
	m, err := regress.Linear(d.Y, terms...)
	require.NoError(t, err)
	id := make([]string, len(d.Y))
	for i := range id {
		id[i] = fmt.Sprint(i)
	}
	for kind, hc := range map[regress.GEEErrors]regress.HC{
		regress.SandwichErrors: regress.HC0, regress.KauermannCarrollErrors: regress.HC2, regress.ManclDeRouenErrors: regress.HC3,
	} {
		g, err := regress.GEE(regress.GEEData{ID: id, Y: d.Y, Terms: terms},
			regress.GEEOptions{Family: regress.GaussianFamily, Correlation: regress.Independence, Errors: kind})
		require.NoError(t, err)
		r, err := m.RobustWith(regress.RobustOptions{Kind: hc})
		require.NoError(t, err)
		for i, c := range g.Coefficients() {
			want := r.Coefficients()[i]
			assert.InDelta(t, want.Value, c.Value, 1e-11*math.Max(1, math.Abs(want.Value)))
			assert.InEpsilon(t, want.SE, c.SE, 1e-10)
		}
	}
}

// visitsOf is n participants at three visits, some missing.
func visitsOf(rng *rand.Rand, n int, family regress.GEEFamily) regress.GEEData {
	var d regress.GEEData
	var arm []string
	var visit []float64
	for i := range n {
		u := rng.NormFloat64()
		for w := range 3 {
			if w > 0 && rng.Float64() < 0.2 {
				continue
			}
			eta := 0.3*u + 0.4*float64(i%2) - 0.1*float64(w)
			y := eta*10 + math.Round(5*rng.NormFloat64())
			switch family {
			case regress.BinomialFamily:
				y = 0
				if rng.Float64() < 1/(1+math.Exp(-eta-u)) {
					y = 1
				}
			case regress.PoissonFamily:
				y = math.Floor(math.Exp(eta) + 2*rng.Float64())
			}
			d.ID, d.Y, d.Wave = append(d.ID, fmt.Sprint("p", i)), append(d.Y, y), append(d.Wave, fmt.Sprint(w))
			arm, visit = append(arm, []string{"c", "t"}[i%2]), append(visit, float64(w))
		}
	}
	d.Terms = []regress.Term{regress.Category("arm", arm, "c"), regress.Numeric("visit", visit)}
	return d
}

// The order of rows changes nothing: observations are joined by ID and wave.
func TestGEEIgnoresRowOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	for _, family := range []regress.GEEFamily{regress.GaussianFamily, regress.BinomialFamily, regress.PoissonFamily} {
		for _, corr := range []regress.WorkingCorrelation{regress.Exchangeable, regress.AR1, regress.Unstructured, regress.Independence} {
			var f regress.Frame
			d := visitsOf(rng, 40, family)
			o := regress.GEEOptions{Family: family, Correlation: corr}
			m, err := regress.GEE(d, o)
			require.NoError(t, err)

			perm := rng.Perm(len(d.Y))
			s := regress.GEEData{}
			arm, visit := []string{}, []float64{}
			for _, i := range perm {
				s.ID, s.Y, s.Wave = append(s.ID, d.ID[i]), append(s.Y, d.Y[i]), append(s.Wave, d.Wave[i])
				k := 0
				fmt.Sscanf(d.ID[i], "p%d", &k)
				arm, visit = append(arm, []string{"c", "t"}[k%2]), append(visit, float64(d.Wave[i][0]-'0'))
			}
			f.Numeric("y", s.Y)
			f.Numeric("visit", visit)
			f.Category("arm", arm, "c")
			p, err := regress.ParseFormula("y ~ arm + visit")
			require.NoError(t, err)
			_, s.Terms, err = f.Terms(p)
			require.NoError(t, err)
			r, err := regress.GEE(s, o)
			require.NoError(t, err)
			assertEstimate(t, m.Coefficient("armt"), r.Coefficient("armt"), 1e-9)
			assert.Equal(t, float64(m.Clusters()-3), m.Coefficient("armt").DF)
			assert.InDelta(t, m.Scale(), r.Scale(), 1e-10*m.Scale())
			for i, a := range m.Alpha() {
				assert.InDelta(t, a, r.Alpha()[i], 1e-9)
			}
		}
	}
}

// Balanced gaussian data: the exchangeable GEE has the coefficients of least
// squares, and Mancl–DeRouen's errors are larger than Kauermann–Carroll's,
// which are larger than the sandwich's.
func TestGEEErrorsAreOrdered(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	d := visitsOf(rng, 12, regress.GaussianFamily)
	se := map[regress.GEEErrors]float64{}
	for _, e := range []regress.GEEErrors{regress.SandwichErrors, regress.KauermannCarrollErrors, regress.ManclDeRouenErrors} {
		m, err := regress.GEE(d, regress.GEEOptions{Family: regress.GaussianFamily, Errors: e})
		require.NoError(t, err)
		se[e] = m.Coefficient("armt").SE
	}
	assert.Less(t, se[regress.SandwichErrors], se[regress.KauermannCarrollErrors])
	assert.Less(t, se[regress.KauermannCarrollErrors], se[regress.ManclDeRouenErrors])
}

func TestGEERefuses(t *testing.T) {
	d := visitsOf(rand.New(rand.NewPCG(51, 1)), 10, regress.GaussianFamily)
	o := regress.GEEOptions{Family: regress.GaussianFamily}
	change := func(f func(*regress.GEEData, *regress.GEEOptions)) error {
		e, p := d, o
		f(&e, &p)
		_, err := regress.GEE(e, p)
		return err
	}
	assert.NoError(t, change(func(*regress.GEEData, *regress.GEEOptions) {}))
	assert.ErrorIs(t, change(func(e *regress.GEEData, p *regress.GEEOptions) { e.Wave, p.Correlation = nil, regress.AR1 }), stats.ErrLength)
	assert.ErrorIs(t, change(func(e *regress.GEEData, p *regress.GEEOptions) { p.Family = regress.BinomialFamily }), stats.ErrDomain)
	assert.ErrorIs(t, change(func(e *regress.GEEData, p *regress.GEEOptions) { e.Y = statstest.With(e.Y, 2, math.NaN()) }), stats.ErrNotFinite)
	assert.ErrorIs(t, change(func(e *regress.GEEData, p *regress.GEEOptions) { e.Wave = make([]string, len(e.Y)) }), stats.ErrDomain)
	assert.ErrorIs(t, change(func(e *regress.GEEData, p *regress.GEEOptions) {
		id := make([]string, len(e.Y))
		for i := range id {
			id[i] = "one"
		}
		e.ID, e.Wave = id, nil
	}), stats.ErrTooFew)
	assert.Panics(t, func() { _, _ = regress.GEE(d, regress.GEEOptions{}) })
}

func ExampleGEE() {
	d := regress.GEEData{
		ID:   []string{"1", "1", "2", "2", "3", "3", "4", "4", "5", "5", "6", "6"},
		Y:    []float64{3, 4, 5, 7, 2, 3, 8, 9, 6, 9, 7, 7},
		Wave: strings.Fields(strings.Repeat("before after ", 6)), Waves: []string{"before", "after"},
		Terms: []regress.Term{
			regress.Category("arm", []string{"t", "t", "t", "t", "t", "t", "c", "c", "c", "c", "c", "c"}, "c"),
		},
	}
	m, err := regress.GEE(d, regress.GEEOptions{Family: regress.GaussianFamily})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Coefficient("armt"))
	fmt.Printf("correlation within a participant %.2f\n", m.Alpha()[0])
	// Output:
	// -3.7 (95% CI -7.5 to 0.2; p = 0.0571; t, 4 df)
	// correlation within a participant 0.31
}

// Variances that grow from wave to wave make the moments of single pairs, over
// the common scale, exceed 1. The equations hold all the same; values of geepack
// 1.3.9 (control: epsilon 1e-12).
func TestGEEWithIndefiniteWorkingCorrelation(t *testing.T) {
	y := []float64{50, 47, 46, 51, 58, 61, 51, 51, 52, 48, 40, 36, 51, 50, 50, 49, 46, 44, 51, 52, 53, 50, 48, 47, 51, 55, 60,
		50, 48, 48, 49, 43, 37, 51, 53, 59, 52, 57, 59, 49, 45, 43}
	d := regress.GEEData{Y: y}
	var arm, wave []float64
	for i := range y {
		d.ID, d.Wave = append(d.ID, fmt.Sprint(i/3)), append(d.Wave, fmt.Sprint(i%3))
		arm, wave = append(arm, float64((i/3+1)%2)), append(wave, float64(i%3+1))
	}
	d.Terms = []regress.Term{regress.Numeric("arm", arm), regress.Numeric("wave", wave)}
	o := regress.GEEOptions{Family: regress.GaussianFamily, Correlation: regress.Unstructured, Errors: regress.SandwichErrors}
	m, err := regress.GEE(d, o)
	require.NoError(t, err)
	assert.False(t, m.PositiveDefinite())
	for i, want := range []stats.Estimate{{Value: 47.16234089031, SE: 1.884697841722}, {Value: 1.74131662587, SE: 1.898314879717},
		{Value: 1.08493508831, SE: 0.964514584494}} {
		assert.InEpsilon(t, want.Value, m.Coefficients()[i].Value, 1e-10)
		assert.InEpsilon(t, want.SE, m.Coefficients()[i].SE, 1e-10)
	}
	for i, a := range []float64{0.117346286929, 0.168080470448, 1.284260024301} {
		assert.InEpsilon(t, a, m.Alpha()[i], 1e-10)
	}
	assert.InEpsilon(t, 30.0871150122, m.Scale(), 1e-10)
	o.Errors = regress.NaiveErrors
	_, err = regress.GEE(d, o)
	assert.ErrorIs(t, err, stats.ErrNotConverged)
	o.Errors = regress.KauermannCarrollErrors
	_, err = regress.GEE(d, o)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// Where outcomes and columns are counted from changes nothing: not the
// differences, not their errors, not a mean in the middle of the data.
func TestGEEDoesNotDependOnOrigins(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 1))
	for _, family := range []regress.GEEFamily{regress.GaussianFamily, regress.BinomialFamily, regress.PoissonFamily} {
		for _, corr := range []regress.WorkingCorrelation{regress.Exchangeable, regress.AR1, regress.Unstructured, regress.Independence} {
			for _, kind := range []regress.GEEErrors{regress.SandwichErrors, regress.ManclDeRouenErrors, regress.KauermannCarrollErrors, regress.NaiveErrors} {
				d := visitsOf(rng, 40, family)
				x := make([]float64, len(d.Y))
				for i := range x {
					x[i] = float64(rng.IntN(11))
				}
				arm := d.Terms[0]
				o := regress.GEEOptions{Family: family, Correlation: corr, Errors: kind}
				fit := func(y0, x0 float64) *regress.GEEFit {
					e := d
					e.Y, e.Terms = append([]float64(nil), d.Y...), []regress.Term{arm, regress.Numeric("x", shifted(x, x0))}
					if family == regress.GaussianFamily {
						e.Y = shifted(d.Y, y0)
					}
					m, err := regress.GEE(e, o)
					require.NoError(t, err, "%s %s %s %v", family, corr, kind, x0)
					return m
				}
				plain := fit(0, 0)
				for _, origin := range []float64{-1e4, 1e4, 2018, 1 << 20, 1e9} {
					m := fit(origin, origin)
					// Values near 1e9 are spaced by 1e-7: that much of a column's
					// products is lost once it is weighed by the correlation.
					tol := max(1e-9, 1e-15*math.Abs(origin))
					assertEstimate(t, plain.Coefficient("armt"), m.Coefficient("armt"), tol)
					assertEstimate(t, plain.Coefficient("x"), m.Coefficient("x"), tol)
					at := plain.Contrast([]float64{1, 0, 5})
					if family == regress.GaussianFamily {
						at.Value += origin
					}
					got := m.Contrast([]float64{1, 0, origin + 5})
					assert.InDelta(t, at.Value, got.Value, tol*at.SE+4e-16*math.Abs(origin))
					assert.InEpsilon(t, at.SE, got.SE, tol)
				}
			}
		}
	}
}

// Without an intercept nothing takes a column's origin up; a mean for each arm
// does.
func TestGEEOfCellMeansDoesNotDependOnOrigins(t *testing.T) {
	d := visitsOf(rand.New(rand.NewPCG(71, 1)), 40, regress.GaussianFamily)
	arms := [2][]float64{}
	x := make([]float64, len(d.Y))
	for i, id := range d.ID {
		k := 0
		_, err := fmt.Sscanf(id, "p%d", &k)
		require.NoError(t, err)
		for a := range arms {
			arms[a] = append(arms[a], float64((k+a)%2))
		}
		x[i] = float64(i * 7 % 11)
	}
	for _, corr := range []regress.WorkingCorrelation{regress.Exchangeable, regress.AR1, regress.Unstructured} {
		var plain stats.Estimate
		for k, origin := range []float64{0, 1e4, 1 << 20} {
			e := d
			e.Y = shifted(d.Y, origin)
			e.Terms = []regress.Term{regress.Numeric("a", arms[0]), regress.Numeric("b", arms[1]), regress.Numeric("x", shifted(x, origin))}
			m, err := regress.GEE(e, regress.GEEOptions{Family: regress.GaussianFamily, Correlation: corr, NoIntercept: true})
			require.NoError(t, err, "%s %v", corr, origin)
			if got := m.Contrast([]float64{-1, 1, 0}); k == 0 {
				plain = got
			} else {
				assertEstimate(t, plain, got, 1e-14*origin)
			}
		}
	}
}

func shifted(x []float64, by float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = x[i] + by
	}
	return out
}

// The AR(1) correlation minimizes the distance between the products of
// residuals and its powers; the equation for it can have other roots. Here every
// participant has a level of their own and swings from wave to wave, which the
// means leave out: one minimum is above 0 and another below.
func TestGEEAR1FitsBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 1))
	var d regress.GEEData
	var arms []string
	for id := range 16 {
		level := 1.6 * rng.NormFloat64()
		for wave := range 15 {
			d.ID, d.Wave = append(d.ID, fmt.Sprint(id)), append(d.Wave, fmt.Sprint(wave))
			d.Y = append(d.Y, level+3*float64(wave%2)+rng.NormFloat64())
			arms = append(arms, string("ab"[id%2]))
		}
	}
	d.Terms = []regress.Term{regress.Category("arm", arms, "")}
	g, err := regress.GEE(d, regress.GEEOptions{Family: regress.GaussianFamily, Correlation: regress.AR1, Errors: regress.SandwichErrors})
	require.NoError(t, err)
	mean := map[string]float64{"a": g.Coefficient("(Intercept)").Value}
	mean["b"] = mean["a"] + g.Coefficient("armb").Value
	loss := func(a float64) float64 {
		s := 0.0
		for i := range d.Y {
			for j := range i {
				if d.ID[i] == d.ID[j] {
					s += math.Pow((d.Y[i]-mean[arms[i]])*(d.Y[j]-mean[arms[j]])/g.Scale()-math.Pow(a, float64(i-j)), 2)
				}
			}
		}
		return s
	}
	best, minima := loss(g.Alpha()[0]), 0
	for i := -98; i <= 98; i++ {
		at := func(i int) float64 { return loss(float64(i) / 100) }
		assert.GreaterOrEqual(t, at(i), best)
		if at(i) < at(i-1) && at(i) < at(i+1) {
			minima++
		}
	}
	assert.GreaterOrEqual(t, minima, 2, "data with one minimum prove nothing")
}

// Waves are labels: their order is that of the numbers in them or the one said,
// and one that nobody attended keeps its place.
func TestGEEWavesAreLabels(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 8))
	plain := visitsOf(rng, 40, regress.GaussianFamily)
	fit := func(d regress.GEEData, c regress.WorkingCorrelation) *regress.GEEFit {
		m, err := regress.GEE(d, regress.GEEOptions{Family: regress.GaussianFamily, Correlation: c})
		require.NoError(t, err)
		return m
	}
	most := 0
	for _, w := range plain.Wave {
		most = max(most, int(w[0]-'0'))
	}
	label := func(d regress.GEEData, names ...string) regress.GEEData {
		wave := make([]string, len(d.Wave))
		for i, w := range d.Wave {
			wave[i] = names[w[0]-'0']
		}
		d.Wave = wave
		return d
	}
	weeks, words := make([]string, most+1), make([]string, most+1)
	for k := range weeks {
		weeks[k], words[k] = fmt.Sprintf("week %d", 9*k+2), string(rune('z'-k)) // week 2, week 11
	}
	for _, c := range []regress.WorkingCorrelation{regress.AR1, regress.Unstructured} {
		want := fit(plain, c)
		got := fit(label(plain, weeks...), c)
		assert.Equal(t, want.Coefficients(), got.Coefficients(), c)
		assert.Equal(t, want.Alpha(), got.Alpha(), c)
		assert.Equal(t, weeks, got.Waves(), c)
		named := label(plain, words...)
		_, err := regress.GEE(named, regress.GEEOptions{Family: regress.GaussianFamily, Correlation: c})
		require.ErrorIs(t, err, stats.ErrDomain)
		assert.Contains(t, err.Error(), "Waves")
		named.Waves = words
		assert.Equal(t, want.Coefficients(), fit(named, c).Coefficients(), c)
		named.Waves = words[1:]
		_, err = regress.GEE(named, regress.GEEOptions{Family: regress.GaussianFamily, Correlation: c})
		require.ErrorIs(t, err, stats.ErrDomain)
		assert.Contains(t, err.Error(), `"z" is not among ["y"`)
		named.Waves = append(words[:len(words):len(words)], "z")
		_, err = regress.GEE(named, regress.GEEOptions{Family: regress.GaussianFamily, Correlation: c})
		assert.ErrorIs(t, err, stats.ErrDomain)
	}
	// Two observations a cluster, at the first and third wave of three: the AR1
	// correlation between them is α², so α is the root of that of two waves.
	pair := regress.GEEData{}
	for i := range 20 {
		x := rng.NormFloat64()
		pair.ID = append(pair.ID, fmt.Sprint(i), fmt.Sprint(i))
		pair.Y = append(pair.Y, x+0.5*rng.NormFloat64(), x+0.5*rng.NormFloat64())
		pair.Wave = append(pair.Wave, "1", "3")
	}
	near := fit(pair, regress.AR1)
	pair.Waves = []string{"1", "2", "3"}
	far := fit(pair, regress.AR1)
	assert.InDelta(t, near.Alpha()[0], far.Alpha()[0]*far.Alpha()[0], 1e-8)
}

// Without covariates the standardized risks are the fitted ones: with working independence
// the observed shares, whose difference is counted; turned it turns, rows counted twice
// change nothing, and with the identity link it is the coefficient.
func TestGEEStandardized(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 9))
	var d regress.GEEData
	var late, both []float64
	var n, events [2]float64
	for i := range 60 {
		arm, own := float64(i%2), r.NormFloat64()
		for k := range 2 {
			y := 0.0
			if own+r.NormFloat64()+0.5*arm > 0.3 {
				y = 1
			}
			d.ID, d.Y = append(d.ID, fmt.Sprint(i)), append(d.Y, y)
			late, both = append(late, float64(k)), append(both, arm*float64(k))
			if k == 1 {
				n[i%2]++
				events[i%2] += y
			}
		}
	}
	armEarly := make([]float64, len(d.Y))
	for i := range armEarly {
		armEarly[i] = float64(i/2%2) * (1 - late[i])
	}
	d.Terms = []regress.Term{regress.Numeric("late", late), regress.Numeric("early", armEarly), regress.Numeric("both", both)}
	m, err := regress.GEE(d, regress.GEEOptions{Family: regress.BinomialFamily, Correlation: regress.Independence})
	require.NoError(t, err)
	on, off := map[string]float64{"late": 1, "early": 0, "both": 1}, map[string]float64{"late": 1, "early": 0, "both": 0}
	e := m.Standardized([]int{0, 5}, on, off)
	assert.InDelta(t, events[1]/n[1]-events[0]/n[0], e.Value, 1e-12)
	assert.Equal(t, 56.0, e.DF)
	assert.InDelta(t, -e.Value, m.Standardized([]int{0}, off, on).Value, 1e-12)
	assert.InDelta(t, e.SE, m.Standardized([]int{0, 0, 7}, off, on).SE, 1e-12)
	// The sandwich of saturated means: Σ(y − p)²/n² of each arm at the visit.
	plain, err := regress.GEE(d, regress.GEEOptions{Family: regress.BinomialFamily, Correlation: regress.Independence, Errors: regress.SandwichErrors})
	require.NoError(t, err)
	v := 0.0
	for a := range n {
		p := events[a] / n[a]
		v += p * (1 - p) / n[a]
	}
	assert.InEpsilon(t, math.Sqrt(v), plain.Standardized([]int{3}, on, off).SE, 1e-10)
	linear, err := regress.GEE(d, regress.GEEOptions{Family: regress.GaussianFamily})
	require.NoError(t, err)
	want, got := linear.Coefficient("both"), linear.Standardized([]int{1, 2, 3}, on, off)
	assert.InDelta(t, want.Value, got.Value, 1e-12)
	assert.InEpsilon(t, want.SE, got.SE, 1e-10)
	assert.Panics(t, func() { m.Standardized(nil, on, off) })
	assert.Panics(t, func() { m.Standardized([]int{0}, map[string]float64{"no such": 1}, off) })
}
