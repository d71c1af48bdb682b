package impute

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/mmrm"
)

// Moments of what is drawn: gamma of shape k has mean and variance k; Σ with
// Σ⁻¹ ~ Wishart(ν, S⁻¹) has mean S/(ν − p − 1).
func TestDrawsHaveTheirMoments(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const n = 40000
	for _, k := range []float64{0.5, 1, 2.5, 40} {
		m, s := 0.0, 0.0
		for range n {
			x := gammaDraw(rng, k)
			m, s = m+x/n, s+x*x/n
		}
		assert.InDelta(t, k, m, 4*math.Sqrt(k/n))
		assert.InDelta(t, k, s-m*m, 4*math.Sqrt((2*k*k+6*k)/n))
	}
	scale := []float64{4, 1, 0.5, 1, 3, -1, 0.5, -1, 2}
	l := append([]float64(nil), scale...)
	require.True(t, cholesky(l, 3))
	sum, square := make([]float64, 9), make([]float64, 9)
	dst, a, tmp := make([]float64, 9), make([]float64, 9), make([]float64, 9)
	for range n {
		inverseWishart(rng, l, 12, 3, dst, a, tmp)
		for i, x := range dst {
			sum[i] += x / n
			square[i] += x * x / n
		}
	}
	for i, x := range sum {
		assert.InDelta(t, scale[i]/(12-3-1), x, 4*math.Sqrt((square[i]-x*x)/n), "element %d", i)
	}
}

// One visit: the posterior of the arms' difference has a closed form, Student's t on
// n − q degrees of freedom around the least squares estimate, with variance
// s²c(n − q)/(n − q − 2).
func TestPosteriorOfOneVisit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	d := &Data{Trial: mmrm.Trial{Arms: []string{"a", "b"}, Control: "a", Visits: []string{"end"}}}
	var rows [2][]float64
	for p := range 30 {
		arm := p % 2
		y := 10 + 3*rng.NormFloat64() + 2*float64(arm)
		d.Arm = append(d.Arm, arm)
		if p < 26 {
			d.Values = append(d.Values, mmrm.Value{Participant: p, Y: y})
			rows[arm] = append(rows[arm], y)
		}
	}
	f, err := Model{}.Fit(d)
	require.NoError(t, err)
	draws, err := f.Draw(DrawOptions{Imputations: 4000, Seed: 3})
	require.NoError(t, err)
	m, s := 0.0, 0.0
	for _, par := range draws.pars {
		x := par.mean[1][0] - par.mean[0][0]
		m, s = m+x/4000, s+x*x/4000
	}
	rss := 0.0
	for _, y := range rows {
		for _, x := range y {
			rss += (x - mean(y)) * (x - mean(y))
		}
	}
	free := 24.0
	variance := rss / free * (2.0 / 13) * free / (free - 2)
	assert.InDelta(t, mean(rows[1])-mean(rows[0]), m, 4*math.Sqrt(variance/4000))
	assert.InEpsilon(t, variance, s-m*m, 4*math.Sqrt(2.6/4000))
}

// What an analysis of completed data would give as its squared standard error, on
// average over imputations from given parameters, is Result.Within; and the degrees of
// freedom are the same under every strategy.
func TestWithinIsTheAverageOverImputations(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	d := &Data{Trial: mmrm.Trial{Arms: []string{"a", "b"}, Control: "a", Visits: []string{"1", "2", "3"}}}
	for p := range 40 {
		b := rng.NormFloat64()
		d.Arm, d.Baseline = append(d.Arm, p%2), append(d.Baseline, 10*b)
		for v := range 3 {
			if p%3 == 1 && v == 1+p%2 {
				d.Events = append(d.Events, Event{Participant: p, Visit: v})
				break
			}
			d.Values = append(d.Values, mmrm.Value{Participant: p, Visit: v, Y: 8*b + 3*float64(v*(p%2)) + 6*rng.NormFloat64()})
		}
	}
	df := 0.0
	for _, s := range []Strategy{MAR, J2R, CIR, LMCF, BOCF} {
		f, err := Model{}.Fit(d.Under(s))
		require.NoError(t, err)
		samples, err := f.Jackknife()
		require.NoError(t, err)
		r, err := samples.Analyze(Analysis{})
		require.NoError(t, err)
		want, err := r.Within("b", "a", "3")
		require.NoError(t, err)
		draws := &Draws{f: f, pars: make([]*params, 2000)}
		for i := range draws.pars {
			draws.pars[i] = f.par
		}
		im, err := draws.Impute()
		require.NoError(t, err)
		m, err := im.Analyze(Analysis{})
		require.NoError(t, err)
		es, err := m.Estimates("b", "a", "3")
		require.NoError(t, err)
		sum, square := 0.0, 0.0
		for _, e := range es {
			sum += e.SE * e.SE / 2000
			square += e.SE * e.SE * e.SE * e.SE / 2000
		}
		assert.InDelta(t, want, sum, 4*math.Sqrt(max(0, square-sum*sum)/2000)+1e-9*want, "%v", s)
		e, err := r.Difference("b", "a", "3")
		require.NoError(t, err)
		if s == MAR {
			df = e.DF
		}
		assert.InEpsilon(t, df, e.DF, 1e-9)
		assert.Less(t, e.DF, 35.0)
	}
}
