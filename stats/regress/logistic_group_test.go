package regress_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

// Participants alike in everything are counted together. The truth is summed here
// participant by participant: the score equations, the likelihood, and the
// variance of Ye et al. 2023, formula by formula.
func TestLogisticCountsParticipantsAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	const n = 3000
	y, arm, site, base := make([]bool, n), make([]string, n), make([]string, n), make([]float64, n)
	for i := range n {
		arm[i] = []string{"a", "b", "c"}[r.IntN(3)]
		site[i] = []string{"x", "y"}[r.IntN(2)]
		base[i] = 2018 + math.Round(4*r.NormFloat64())
		y[i] = r.NormFloat64() < 0.2*(base[i]-2018)+map[string]float64{"a": 0.3, "b": -0.2, "c": 0}[arm[i]]
	}
	arms, sites := regress.Category("arm", arm, "c"), regress.Category("site", site, "x")
	m, err := regress.Logistic(y, arms, regress.Numeric("baseline", base), sites, regress.Interaction(sites, regress.Numeric("baseline", base)))
	require.NoError(t, err)
	assert.Equal(t, n, m.N())
	b := map[string]float64{}
	for _, c := range m.Coefficients() {
		b[c.Name] = c.Value
	}
	risk := func(i int, arm string) float64 {
		e := b["(Intercept)"] + b["baseline"]*base[i]
		if arm != "c" {
			e += b["arm"+arm]
		}
		if site[i] == "y" {
			e += b["sitey"] + b["sitey:baseline"]*base[i]
		}
		return 1 / (1 + math.Exp(-e))
	}
	ll, events := 0.0, 0.0
	score := map[string]float64{}
	for i := range n {
		p, yi := risk(i, arm[i]), 0.0
		if y[i] {
			yi = 1
		}
		events += yi
		assert.InDelta(t, p, m.Fitted()[i], 1e-9)
		score["1"] += yi - p
		score[arm[i]] += yi - p
		score[site[i]] += yi - p
		score["baseline"] += (yi - p) * (base[i] - 2018)
		score[site[i]+" baseline"] += (yi - p) * (base[i] - 2018)
		ll += yi*math.Log(p) + (1-yi)*math.Log(1-p)
	}
	for name, s := range score {
		assert.InDelta(t, 0, s, 1e-7, name)
	}
	assert.InEpsilon(t, ll, m.LogLik(), 1e-9)
	share := events / n
	assert.InEpsilon(t, -2*n*(share*math.Log(share)+(1-share)*math.Log(1-share)), m.NullDeviance(), 1e-12)

	g, err := m.Marginal("arm")
	require.NoError(t, err)
	cov := func(in string, u, v func(i int) float64) float64 { // "": everybody
		var mu, mv, k float64
		for i := range n {
			if in == "" || arm[i] == in {
				mu, mv, k = mu+u(i), mv+v(i), k+1
			}
		}
		s := 0.0
		for i := range n {
			if in == "" || arm[i] == in {
				s += (u(i) - mu/k) * (v(i) - mv/k)
			}
		}
		return s / (k - 1)
	}
	observed := func(i int) float64 {
		if y[i] {
			return 1
		}
		return 0
	}
	of := func(a string) func(int) float64 { return func(i int) float64 { return risk(i, a) } }
	variance := func(a string) float64 {
		in := 0.0
		for i := range n {
			if arm[i] == a {
				in++
			}
		}
		res := func(i int) float64 { return observed(i) - risk(i, a) }
		return (cov(a, res, res)*n/in + 2*cov(a, observed, of(a)) - cov("", of(a), of(a))) / n
	}
	mixed := (cov("a", observed, of("c")) + cov("c", observed, of("a")) - cov("", of("a"), of("c"))) / n
	var ra, rc float64
	for i := range n {
		ra, rc = ra+risk(i, "a")/n, rc+risk(i, "c")/n
	}
	d := statstest.Must(g.Difference("a", "c"))
	assert.InDelta(t, ra-rc, d.Value, 1e-9)
	assert.InEpsilon(t, math.Sqrt(variance("a")+variance("c")-2*mixed), d.SE, 1e-9)
}

// Firth's penalty counts them too: of two arms the estimate is the closed form
// whatever the order of the participants.
func TestFirthCountsParticipantsAlike(t *testing.T) {
	y, arm := table2x2(3, 200, 11, 150)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(y), func(i, j int) { y[i], y[j], arm[i], arm[j] = y[j], y[i], arm[j], arm[i] })
	m, err := regress.LogisticWith(y, []regress.Term{regress.Category("arm", arm, "control")}, regress.LogisticOptions{Firth: true})
	require.NoError(t, err)
	assert.InDelta(t, math.Log(3.5/197.5)-math.Log(11.5/139.5), m.Coefficient("armactive").Value, 1e-10)
}
