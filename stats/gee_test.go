package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// One observation a cluster: GEE is least squares, and its errors are HC0,
// HC2 and HC3.
func TestGEEOfSinglesIsRobustLeastSquares(t *testing.T) {
	d := trialOf(rand.New(rand.NewPCG(21, 1)), 30)
	terms := []stats.Term{stats.Numeric("baseline", d.Baseline), stats.Category("arm", d.Arm, "sham")}
	m, err := stats.Linear(d.Y, terms...)
	require.NoError(t, err)
	id := make([]string, len(d.Y))
	for i := range id {
		id[i] = fmt.Sprint(i)
	}
	for kind, hc := range map[stats.GEEErrors]stats.HC{
		stats.SandwichErrors: stats.HC0, stats.KauermannCarrollErrors: stats.HC2, stats.ManclDeRouenErrors: stats.HC3,
	} {
		g, err := stats.GEE(stats.GEEData{ID: id, Y: d.Y, Terms: terms},
			stats.GEEOptions{Family: stats.GaussianFamily, Correlation: stats.Independence, Errors: kind})
		require.NoError(t, err)
		r, err := m.Robust(hc)
		require.NoError(t, err)
		for i, c := range g.Coefficients() {
			want := r.Coefficients()[i]
			assert.InDelta(t, want.Value, c.Value, 1e-11*math.Max(1, math.Abs(want.Value)))
			assert.InEpsilon(t, want.SE, c.SE, 1e-10)
		}
	}
}

// visitsOf is n participants at three visits, some missing.
func visitsOf(rng *rand.Rand, n int, family stats.GEEFamily) stats.GEEData {
	var d stats.GEEData
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
			case stats.BinomialFamily:
				y = 0
				if rng.Float64() < 1/(1+math.Exp(-eta-u)) {
					y = 1
				}
			case stats.PoissonFamily:
				y = math.Floor(math.Exp(eta) + 2*rng.Float64())
			}
			d.ID, d.Y, d.Wave = append(d.ID, fmt.Sprint("p", i)), append(d.Y, y), append(d.Wave, w)
			arm, visit = append(arm, []string{"c", "t"}[i%2]), append(visit, float64(w))
		}
	}
	d.Terms = []stats.Term{stats.Category("arm", arm, "c"), stats.Numeric("visit", visit)}
	return d
}

// The order of rows changes nothing: observations are joined by ID and wave.
func TestGEEIgnoresRowOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	for _, family := range []stats.GEEFamily{stats.GaussianFamily, stats.BinomialFamily, stats.PoissonFamily} {
		for _, corr := range []stats.WorkingCorrelation{stats.Exchangeable, stats.AR1, stats.Unstructured, stats.Independence} {
			var f stats.Frame
			d := visitsOf(rng, 40, family)
			o := stats.GEEOptions{Family: family, Correlation: corr}
			m, err := stats.GEE(d, o)
			require.NoError(t, err)

			perm := rng.Perm(len(d.Y))
			s := stats.GEEData{}
			arm, visit := []string{}, []float64{}
			for _, i := range perm {
				s.ID, s.Y, s.Wave = append(s.ID, d.ID[i]), append(s.Y, d.Y[i]), append(s.Wave, d.Wave[i])
				k := 0
				fmt.Sscanf(d.ID[i], "p%d", &k)
				arm, visit = append(arm, []string{"c", "t"}[k%2]), append(visit, float64(d.Wave[i]))
			}
			f.Numeric("y", s.Y)
			f.Numeric("visit", visit)
			f.Category("arm", arm, "c")
			p, err := stats.ParseFormula("y ~ arm + visit")
			require.NoError(t, err)
			_, s.Terms, err = f.Terms(p)
			require.NoError(t, err)
			r, err := stats.GEE(s, o)
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
	d := visitsOf(rng, 12, stats.GaussianFamily)
	se := map[stats.GEEErrors]float64{}
	for _, e := range []stats.GEEErrors{stats.SandwichErrors, stats.KauermannCarrollErrors, stats.ManclDeRouenErrors} {
		m, err := stats.GEE(d, stats.GEEOptions{Family: stats.GaussianFamily, Errors: e})
		require.NoError(t, err)
		se[e] = m.Coefficient("armt").SE
	}
	assert.Less(t, se[stats.SandwichErrors], se[stats.KauermannCarrollErrors])
	assert.Less(t, se[stats.KauermannCarrollErrors], se[stats.ManclDeRouenErrors])
}

func TestGEERefuses(t *testing.T) {
	d := visitsOf(rand.New(rand.NewPCG(51, 1)), 10, stats.GaussianFamily)
	o := stats.GEEOptions{Family: stats.GaussianFamily}
	change := func(f func(*stats.GEEData, *stats.GEEOptions)) error {
		e, p := d, o
		f(&e, &p)
		_, err := stats.GEE(e, p)
		return err
	}
	assert.NoError(t, change(func(*stats.GEEData, *stats.GEEOptions) {}))
	assert.ErrorIs(t, change(func(e *stats.GEEData, p *stats.GEEOptions) { e.Wave, p.Correlation = nil, stats.AR1 }), stats.ErrLength)
	assert.ErrorIs(t, change(func(e *stats.GEEData, p *stats.GEEOptions) { p.Family = stats.BinomialFamily }), stats.ErrDomain)
	assert.ErrorIs(t, change(func(e *stats.GEEData, p *stats.GEEOptions) { e.Y = with(e.Y, 2, math.NaN()) }), stats.ErrNotFinite)
	assert.ErrorIs(t, change(func(e *stats.GEEData, p *stats.GEEOptions) { e.Wave = make([]int, len(e.Y)) }), stats.ErrDomain)
	assert.ErrorIs(t, change(func(e *stats.GEEData, p *stats.GEEOptions) {
		id := make([]string, len(e.Y))
		for i := range id {
			id[i] = "one"
		}
		e.ID, e.Wave = id, nil
	}), stats.ErrTooFew)
	assert.Panics(t, func() { _, _ = stats.GEE(d, stats.GEEOptions{}) })
}

func ExampleGEE() {
	d := stats.GEEData{
		ID:   []string{"1", "1", "2", "2", "3", "3", "4", "4", "5", "5", "6", "6"},
		Y:    []float64{3, 4, 5, 7, 2, 3, 8, 9, 6, 9, 7, 7},
		Wave: []int{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1},
		Terms: []stats.Term{
			stats.Category("arm", []string{"t", "t", "t", "t", "t", "t", "c", "c", "c", "c", "c", "c"}, "c"),
		},
	}
	m, err := stats.GEE(d, stats.GEEOptions{Family: stats.GaussianFamily})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Coefficient("armt"))
	fmt.Printf("correlation within a participant %.2f\n", m.Alpha()[0])
	// Output:
	// -3.67 (95% CI -7.51 to 0.18; p = 0.0571)
	// correlation within a participant 0.31
}

// The AR(1) correlation minimizes the distance between the products of
// residuals and its powers; the equation for it can have other roots. With
// hours within phases left out of the means, steps from the correlation of
// neighbors lead to one below 0.
func TestGEEAR1FitsBest(t *testing.T) {
	table := readTable(reftest.Data(t, "obk_long.csv"))
	frame := table.frame("value", "treatment", "gender", "phase")
	p, err := stats.ParseFormula("value ~ treatment + gender + phase")
	require.NoError(t, err)
	d := stats.GEEData{ID: table.col("id")}
	d.Y, d.Terms, err = frame.Terms(p)
	require.NoError(t, err)
	seen := map[string]int{}
	for _, id := range d.ID {
		d.Wave = append(d.Wave, seen[id])
		seen[id]++
	}
	g, err := stats.GEE(d, stats.GEEOptions{Family: stats.GaussianFamily, Correlation: stats.AR1, Errors: stats.SandwichErrors})
	require.NoError(t, err)
	design, err := frame.Design("value ~ treatment + gender + phase")
	require.NoError(t, err)
	e := append([]float64(nil), d.Y...)
	for i, row := range design.X {
		for j, x := range row {
			e[i] -= x * g.Coefficient(design.Names[j]).Value
		}
	}
	loss := func(a float64) float64 {
		s := 0.0
		for i := range e {
			for j := range i {
				if d.ID[i] == d.ID[j] {
					s += math.Pow(e[i]*e[j]/g.Scale()-math.Pow(a, float64(i-j)), 2)
				}
			}
		}
		return s
	}
	best := loss(g.Alpha()[0])
	assert.InDelta(t, 0.8134164, g.Alpha()[0], 1e-7) // geepack 1.3.9
	for a := -0.99; a < 1; a += 0.01 {
		assert.Greater(t, loss(a), best)
	}
}
