package regress_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Relabeling levels, another reference and another order of terms leave the
// type II and III tests and the LS-means as they are.
func TestTermTestsAreInvariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		n := 40
		arm, site, arm2, site2 := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		x, y := make([]float64, n), make([]float64, n)
		for i := range n {
			a, s := i%3, rng.IntN(2)
			if i < 6 {
				s = i % 2 // every cell has data
			}
			arm[i], arm2[i] = string(rune('a'+a)), string(rune('z'-a))
			site[i], site2[i] = string(rune('A'+s)), string(rune('Z'-s))
			x[i] = math.Round(10 * rng.NormFloat64())
			y[i] = math.Round(10*rng.NormFloat64()) + float64(a)*3 + x[i]/2
		}
		m, err := regress.Linear(y, regress.Numeric("x", x), regress.Category("arm", arm, ""), regress.Category("site", site, ""),
			regress.Interaction(regress.Category("arm", arm, ""), regress.Category("site", site, "")))
		require.NoError(t, err)
		site3, arm3 := regress.Category("site", site2, "Y"), regress.Category("arm", arm2, "y")
		r, err := regress.Linear(y, regress.Interaction(site3, arm3), site3, arm3, regress.Numeric("x", x))
		require.NoError(t, err)
		for _, kind := range []regress.SSType{regress.TypeII, regress.TypeIII} {
			for term, other := range map[string]string{"x": "x", "arm": "arm", "site": "site", "arm:site": "site:arm"} {
				a, b := m.TestWith(term, regress.TestOptions{Type: kind}), r.TestWith(other, regress.TestOptions{Type: kind})
				assert.InEpsilon(t, a.F, b.F, 1e-10, "%s type %q", term, kind)
				assert.Equal(t, a.DF1, b.DF1)
			}
		}
		for _, e := range m.LSMeans("arm") {
			for _, o := range r.LSMeans("arm") {
				if o.Levels["arm"][0] == 'z'-(e.Levels["arm"][0]-'a') {
					assertEstimate(t, e.Estimate, o.Estimate, 1e-11)
				}
			}
		}
		// The type III test of arm is that its LS-means are equal.
		ms := m.LSMeans("arm")
		j := m.Joint([][]float64{minus(ms[1].Row(), ms[0].Row()), minus(ms[2].Row(), ms[0].Row())})
		assert.InEpsilon(t, m.Test("arm").F, j.F, 1e-9)
		// Type I sums of squares add up to the explained sum of squares.
		total := 0.0
		for _, u := range m.TestsWith(regress.TestOptions{Type: regress.TypeI}) {
			total += u.SS
		}
		o, ok := m.Overall()
		require.True(t, ok)
		assert.InEpsilon(t, o.F*o.DF1*m.RSS()/m.DF(), total, 1e-12)
	}
}

func minus(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

// Two groups: F = t².
func TestOneWayOfTwoGroupsIsStudent(t *testing.T) {
	a, b := []float64{3, 3, 4, 6, 7, 7}, []float64{1, 2, 2, 5, 3}
	o, err := regress.OneWayANOVA(a, b)
	require.NoError(t, err)
	e, err := stats.Student(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, e.T(0)*e.T(0), o.F, 1e-13)
	assert.InEpsilon(t, e.P(0), o.P(), 1e-12)
	w, err := regress.WelchANOVA(a, b)
	require.NoError(t, err)
	v, err := stats.Welch(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, v.T(0)*v.T(0), w.F, 1e-13)
	assert.InEpsilon(t, v.DF, w.DF2, 1e-12)
}

func TestOneWayKeepsDigitsAtAnOffset(t *testing.T) {
	a, b, c := []float64{1, 2, 2, 4}, []float64{3, 5, 5, 6}, []float64{2, 2, 3, 3}
	o, err := regress.OneWayANOVA(a, b, c)
	require.NoError(t, err)
	far, err := regress.OneWayANOVA(statstest.Affine(a, 1, 1e12), statstest.Affine(b, 1, 1e12), statstest.Affine(c, 1, 1e12))
	require.NoError(t, err)
	assert.Equal(t, o, far)
}

func TestGroupTestsRefuse(t *testing.T) {
	ok := []float64{1, 2, 4}
	one := func(f func(...[]float64) (stats.FTest, error)) func(...[]float64) error {
		return func(g ...[]float64) error { _, err := f(g...); return err }
	}
	for name, f := range map[string]func(...[]float64) error{
		"OneWayANOVA":   func(g ...[]float64) error { _, err := regress.OneWayANOVA(g...); return err },
		"WelchANOVA":    one(regress.WelchANOVA),
		"Levene":        one(regress.Levene),
		"BrownForsythe": one(regress.BrownForsythe),
		"Bartlett":      func(g ...[]float64) error { _, err := regress.Bartlett(g...); return err },
		"Fligner":       func(g ...[]float64) error { _, err := regress.Fligner(g...); return err },
	} {
		assert.ErrorIs(t, f(ok), stats.ErrTooFew, name)
		assert.ErrorIs(t, f(ok, nil), stats.ErrTooFew, name)
		assert.ErrorIs(t, f(ok, statstest.With(ok, 1, math.NaN())), stats.ErrNotFinite, name)
		assert.ErrorIs(t, f([]float64{2, 2}, []float64{2, 2}), stats.ErrNoVariation, name)
		assert.ErrorContains(t, f(ok), name)
		assert.NoError(t, f(ok, []float64{3, 5, 9, 9}), name)
	}
}

// repeatedTrial is n participants in two arms at three visits.
func repeatedTrial(rng *rand.Rand, n int) (d regress.RepeatedData) {
	var visit, arm []string
	for i := range n {
		u := 5 * rng.NormFloat64()
		for j, v := range []string{"pre", "post", "h24"} {
			d.ID = append(d.ID, fmt.Sprint("p", i))
			visit = append(visit, v)
			arm = append(arm, []string{"sham", "hilt"}[i%2])
			d.Y = append(d.Y, math.Round(50+u+5*rng.NormFloat64()-float64(j*(i%2))*4))
		}
	}
	d.Within = []regress.Term{regress.Visit("visit", visit, []string{"pre", "post", "h24"})}
	d.Between = []regress.Term{regress.Category("arm", arm, "sham")}
	return d
}

func TestRepeatedANOVAOfTwoVisitsIsPaired(t *testing.T) {
	x, y := []float64{3, 5, 4, 8, 8, 6}, []float64{2, 5, 1, 7, 4, 5}
	d := regress.RepeatedData{}
	var visit []string
	for i := range x {
		d.ID = append(d.ID, fmt.Sprint(i), fmt.Sprint(i))
		visit = append(visit, "x", "y")
		d.Y = append(d.Y, x[i], y[i])
	}
	d.Within = []regress.Term{regress.Category("visit", visit, "")}
	f, err := regress.RepeatedANOVA(d)
	require.NoError(t, err)
	e, err := stats.Paired(x, y)
	require.NoError(t, err)
	assert.InEpsilon(t, e.T(0)*e.T(0), f.Test("visit").F, 1e-13)
	assert.Nil(t, f.Test("visit").Sphericity)
}

// The interaction in a two-arm, two-visit trial is the t test of changes, and
// the difference at a visit is that visit's t test.
func TestMixedANOVAContainsStudent(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	d := repeatedTrial(rng, 12)
	f, err := regress.RepeatedANOVA(d)
	require.NoError(t, err)
	var hilt, sham []float64
	for i := range d.Y {
		if i%3 == 2 {
			if (i/3)%2 == 1 {
				hilt = append(hilt, d.Y[i])
			} else {
				sham = append(sham, d.Y[i])
			}
		}
	}
	e, err := stats.Student(hilt, sham)
	require.NoError(t, err)
	assertEstimate(t, e, statstest.Must(f.Difference("hilt", "sham", map[string]string{"visit": "h24"})), 1e-12)

	s := f.Test("arm:visit").Sphericity
	assert.LessOrEqual(t, s.LowerBound, s.GreenhouseGeisser)
	assert.LessOrEqual(t, s.GreenhouseGeisser, 1.0)
	assert.Equal(t, 0.5, s.LowerBound)
	assert.Equal(t, 1.0, f.Test("arm:visit").CorrectedWith(regress.CorrectionOptions{Kind: regress.LowerBound}).DF1)
	assert.Equal(t, f.Test("arm").FTest, f.Test("arm").Corrected())

	// Row order, an offset, participants' names: no effect.
	g := regress.RepeatedData{}
	var visit, arm []string
	for _, i := range rng.Perm(len(d.Y)) {
		g.ID = append(g.ID, "x"+d.ID[i])
		g.Y = append(g.Y, d.Y[i]+1e9)
		visit = append(visit, []string{"pre", "post", "h24"}[i%3])
		arm = append(arm, []string{"sham", "hilt"}[(i/3)%2])
	}
	g.Within = []regress.Term{regress.Category("visit", visit, "")}
	g.Between = []regress.Term{regress.Category("arm", arm, "")}
	h, err := regress.RepeatedANOVA(g)
	require.NoError(t, err)
	for _, u := range f.Tests {
		v := h.Test(u.Term)
		assert.InEpsilon(t, u.F, v.F, 1e-11, u.Term)
		if u.Sphericity != nil {
			assert.InEpsilon(t, u.Sphericity.W, v.Sphericity.W, 1e-9)
			assert.InEpsilon(t, u.Sphericity.GreenhouseGeisser, v.Sphericity.GreenhouseGeisser, 1e-11)
		}
	}
}

func TestRepeatedANOVANamesWhoIsIncomplete(t *testing.T) {
	d := repeatedTrial(rand.New(rand.NewPCG(2, 2)), 8)
	short := regress.RepeatedData{ID: d.ID[1:], Y: d.Y[1:]}
	var visit, arm []string
	for i := 1; i < len(d.Y); i++ {
		visit = append(visit, []string{"pre", "post", "h24"}[i%3])
		arm = append(arm, []string{"sham", "hilt"}[(i/3)%2])
	}
	short.Within = []regress.Term{regress.Category("visit", visit, "")}
	short.Between = []regress.Term{regress.Category("arm", arm, "")}
	_, err := regress.RepeatedANOVA(short)
	assert.ErrorIs(t, err, regress.ErrIncomplete)
	assert.ErrorContains(t, err, "p0")
	f, err := regress.RepeatedANOVAWith(short, regress.RepeatedOptions{CompleteOnly: true})
	require.NoError(t, err)
	assert.Equal(t, []string{"p0"}, f.Dropped)
	assert.Equal(t, 7, f.N)

	twice := d
	twice.ID = append([]string{}, d.ID...)
	twice.ID[3], twice.ID[4], twice.ID[5] = "p0", "p0", "p0"
	_, err = regress.RepeatedANOVA(twice)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

func ExampleRepeatedANOVA() {
	f, err := regress.RepeatedANOVA(regress.RepeatedData{
		ID:     []string{"1", "1", "1", "2", "2", "2", "3", "3", "3"},
		Y:      []float64{1, 2, 4, 2, 3, 6, 1.5, 4, 3},
		Within: []regress.Term{regress.Visit("visit", []string{"a", "b", "c", "a", "b", "c", "a", "b", "c"}, []string{"a", "b", "c"})},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	t := f.Test("visit")
	fmt.Println(t.CorrectedWith(regress.CorrectionOptions{Kind: regress.Uncorrected}))
	fmt.Println(t.Corrected())
	// Output:
	// F(2, 4) = 5.42, p = 0.0726
	// F(1.026, 2.052) = 5.42, p = 0.14
}

func ExampleOneWayANOVA() {
	o, err := regress.OneWayANOVA([]float64{1, 2, 3}, []float64{2, 4, 6}, []float64{5, 8, 9})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o)
	fmt.Printf("η² = %.2f\n", o.Eta2())
	// Output:
	// F(2, 6) = 7.00, p = 0.0270; sums of squares 43.56 between, 18.67 within
	// η² = 0.70
}
