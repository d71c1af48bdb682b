package regress_test

import (
	"context"
	"math"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Events by year of entry. Limits and p-value by maximizing the likelihood of
// the years less 2018 over the intercept with R's optimize, and uniroot for the
// limits. From 2018 years on the iterations used to fail, and the failure was
// read as −∞ to ∞ with p = 0.
func TestProfileDoesNotDependOnTheOrigin(t *testing.T) {
	years := []float64{-3, -2, -1, 0, 1, 2, 3, 4, -2, 0, 1, 2}
	y := []bool{false, true, false, true, false, false, true, false, false, true, false, true}
	for _, c := range []struct {
		firth        bool
		lo, hi, p    float64
		est, estFits float64
	}{
		{false, -0.499596618389, 0.682028576873, 0.794230708730, 0.07435514614, 1e-6},
		{true, -0.454128387136, 0.597714006197, 0.815866297169, 0.05919186762, 1e-6},
	} {
		for _, origin := range []float64{0, 2018, 1e6, 1e9, 1e12} {
			for _, unit := range []float64{1, 0x1p-40, 0x1p40} { // exact in float64
				m, err := regress.LogisticWith(y, []regress.Term{regress.Numeric("year", statstest.Affine(years, unit, origin*unit))},
					regress.LogisticOptions{Firth: c.firth})
				require.NoError(t, err)
				p := m.Profile("year")
				ci, err := p.CIContext(t.Context(), 0.95)
				require.NoError(t, err, origin)
				assert.InDelta(t, c.est, p.Point()*unit, c.estFits, origin)
				assert.InDelta(t, c.lo, ci.Lo*unit, 1e-9, origin)
				assert.InDelta(t, c.hi, ci.Hi*unit, 1e-9, origin)
				assert.InDelta(t, c.p, p.P(0), 1e-9, origin)
			}
		}
	}
}

// A category beside a covariate far from 0: the marginal risk difference and a
// contrast of coefficients stay what they are near 0.
func TestLogisticContrastsDoNotDependOnTheOrigin(t *testing.T) {
	y, arm := table2x2(12, 40, 5, 35)
	x := make([]float64, len(y))
	for i := range x {
		x[i] = float64(i * 7 % 11)
	}
	fit := func(origin float64) (risk, contrast stats.Estimate) {
		m, err := regress.Logistic(y, regress.Category("arm", arm, "control"), regress.Numeric("x", statstest.Affine(x, 1, origin)))
		require.NoError(t, err)
		g, err := m.MarginalWith("arm", regress.MarginalOptions{Errors: regress.DeltaErrors})
		require.NoError(t, err)
		return statstest.Must(g.Difference("active", "control")), m.Contrast([]float64{1, 1, origin + 5})
	}
	risk, contrast := fit(0)
	for _, origin := range []float64{2018, 1e9} {
		r, c := fit(origin)
		for _, pair := range [][2]stats.Estimate{{risk, r}, {contrast, c}} {
			assert.InEpsilon(t, pair[0].Value, pair[1].Value, 1e-11, origin)
			assert.InEpsilon(t, pair[0].SE, pair[1].SE, 1e-11, origin)
		}
	}
}

// separatedByX are 24 participants whose outcome a threshold of x tells, all
// but exactly.
func separatedByX() (y []bool, arm []string, x []float64) {
	events := []int{1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0}
	arms := "tctctttccctcttccttt" + "cctt" + "c"
	x = []float64{0.9, 1.6, 1.2, 0.3, 0.5, 1.2, 0.5, 1.9, 0.7, 0.6, 0.1, 0.2, 1.4, 0.2, 0.9, 1.7, 6.8, 0.7, 0.2, 0.6, 2, 0.1, 3, 0.1}
	for i, e := range events {
		y = append(y, e == 1)
		arm = append(arm, arms[i:i+1])
	}
	return y, arm, x
}

// Limits of the penalized profile by formula in R 4.2.2, confirmed there by a
// global search. The profile used to give −26.4 to +∞, −∞ to 4.47 and 2.39 to
// 31.938 here: an inner maximization failed or stopped early.
func TestFirthProfileOfSeparatedData(t *testing.T) {
	y, arm, x := separatedByX()
	m, err := regress.LogisticWith(y, []regress.Term{regress.Category("arm", arm, "c"), regress.Numeric("x", x)}, regress.LogisticOptions{Firth: true})
	require.NoError(t, err)
	for name, want := range map[string][5]float64{
		"(Intercept)": {-6.490821106064934, 3.0617902464368574, -26.400931133048076, -2.0409557171500516, 0.000221912174052853},
		"armt":        {0.1771028037925381, 1.7031079895306835, -4.883966106170179, 4.473536739704246, 0.9169498401931229},
		"x":           {7.780431769901574, 3.902561466861356, 2.386713473725614, 32.028430604172065, 5.23256369858194e-06},
	} {
		e := m.Coefficient(name)
		assert.InDelta(t, want[0], e.Value, 1e-8*want[1], name)
		assert.InEpsilon(t, want[1], e.SE, 1e-8, name)
		p := m.Profile(name)
		ci, err := p.CIContext(t.Context(), 0.95)
		require.NoError(t, err, name)
		assert.InDelta(t, want[2], ci.Lo, 1e-8*want[1], name)
		assert.InDelta(t, want[3], ci.Hi, 1e-8*want[1], name)
		assert.InEpsilon(t, want[4], p.P(0), 1e-7, name)
	}
}

// Two arms are a saturated model: Jeffreys' prior adds one half to each cell,
// also in an arm of one and without any event.
func TestFirthOfEveryTable(t *testing.T) {
	for _, n := range [][2]int{{1, 1}, {1, 2}, {1, 9}, {1, 99}, {2, 3}, {4, 1}} {
		for a := range n[0] + 1 {
			for _, b := range []int{0, n[1] / 2, n[1]} {
				y, arm := table2x2(a, n[0], b, n[1])
				m, err := regress.LogisticWith(y, []regress.Term{regress.Category("arm", arm, "control")}, regress.LogisticOptions{Firth: true})
				require.NoError(t, err, "%d/%d v %d/%d", a, n[0], b, n[1])
				cells := []float64{float64(a), float64(n[0] - a), float64(b), float64(n[1] - b)}
				want := math.Log((cells[0]+0.5)/(cells[1]+0.5)) - math.Log((cells[2]+0.5)/(cells[3]+0.5))
				assert.InDelta(t, want, m.Coefficient("armactive").Value, 1e-9, "%d/%d v %d/%d", a, n[0], b, n[1])
				p := m.Profile("armactive")
				ci, err := p.CIContext(t.Context(), 0.95)
				require.NoError(t, err, "%d/%d v %d/%d", a, n[0], b, n[1])
				assert.False(t, math.IsInf(ci.Lo, 0) || math.IsInf(ci.Hi, 0))
				assert.InDelta(t, 0.05, p.P(ci.Lo), 1e-8)
				assert.InDelta(t, 0.05, p.P(ci.Hi), 1e-8)
			}
		}
	}
}

// A site of one among 400 participants has leverage 1. Its own coefficient
// takes up half an event; the others are those of the model without it, by
// the closed form of the arm's table.
func TestFirthWithASiteOfOne(t *testing.T) {
	y, arm := table2x2(60, 200, 40, 199)
	y, arm = append(y, true), append(arm, "control")
	site := make([]string, 400)
	for i := range site {
		site[i] = "main"
	}
	site[399] = "single"
	m, err := regress.LogisticWith(y, []regress.Term{regress.Category("arm", arm, "control"), regress.Category("site", site, "main")}, regress.LogisticOptions{Firth: true})
	require.NoError(t, err)
	control := math.Log(40.5 / 159.5)
	assert.InDelta(t, math.Log(60.5/140.5)-control, m.Coefficient("armactive").Value, 1e-9)
	assert.InDelta(t, math.Log(1.5/0.5)-control, m.Coefficient("sitesingle").Value, 1e-9)
	_, err = m.Profile("sitesingle").CIContext(t.Context(), 0.95)
	assert.NoError(t, err)
}

// What cannot be computed is no number, neither infinity nor 0.
func TestProfileFailureIsNoNumber(t *testing.T) {
	y, arm, x := separatedByX()
	m, err := regress.LogisticWith(y, []regress.Term{regress.Category("arm", arm, "c"), regress.Numeric("x", x)}, regress.LogisticOptions{Firth: true})
	require.NoError(t, err)
	p := m.Profile("x")
	v, err := p.PContext(t.Context(), 1e9) // every weight underflows
	assert.ErrorIs(t, err, stats.ErrNotConverged)
	assert.True(t, math.IsNaN(v) && math.IsNaN(p.P(1e9)) && math.IsNaN(p.PLess(1e9)) && math.IsNaN(p.PGreater(1e9)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ci, err := p.CIContext(ctx, 0.95)
	assert.ErrorIs(t, err, context.Canceled)
	assert.True(t, math.IsNaN(ci.Lo) && math.IsNaN(ci.Hi))
	assert.Equal(t, stats.WhyFailed, ci.Why)

	// The likelihood's own profile is concave: far out p underflows to 0.
	y, arm = table2x2(12, 40, 5, 35)
	m, err = regress.Logistic(y, regress.Category("arm", arm, "control"))
	require.NoError(t, err)
	v, err = m.Profile("armactive").PContext(t.Context(), -1e9)
	assert.NoError(t, err)
	assert.Zero(t, v)
}
