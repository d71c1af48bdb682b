package stats_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

func TestPoolImputationsProperties(t *testing.T) {
	es := []stats.Estimate{{Value: -3.1, SE: 1.2, DF: 30}, {Value: -2.4, SE: 1.3, DF: 30}, {Value: -3.6, SE: 1.1, DF: 30}, {Value: -2.9, SE: 1.25, DF: 30}}
	p, err := stats.PoolImputations(es)
	require.NoError(t, err)
	var scaled []stats.Estimate
	for _, e := range es {
		scaled = append(scaled, e.Scale(-2.5))
	}
	slices.Reverse(scaled)
	q, err := stats.PoolImputations(scaled)
	require.NoError(t, err)
	assert.InEpsilon(t, -2.5*p.Value, q.Value, 1e-13)
	assert.InEpsilon(t, 2.5*p.SE, q.SE, 1e-13)
	assert.InEpsilon(t, p.DF, q.DF, 1e-12)
	assert.InEpsilon(t, p.FractionMissing, q.FractionMissing, 1e-12)
	assert.Less(t, p.DF, 30.0, "never more than the complete data have")
	statstest.Agree(t, p, 0, 0.95, "pooled")

	same, err := stats.PoolImputations([]stats.Estimate{{Value: 2, SE: 1, DF: math.Inf(1)}, {Value: 2, SE: 1, DF: math.Inf(1)}})
	require.NoError(t, err)
	assert.Equal(t, stats.Estimate{Value: 2, SE: 1, DF: math.Inf(1)}, same.Estimate)
	assert.Zero(t, same.FractionMissing)

	_, err = stats.PoolImputations(es[:1])
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = stats.PoolImputations([]stats.Estimate{{Value: 1, SE: 1, DF: 5}, {Value: math.NaN(), SE: 1, DF: 5}})
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	_, err = stats.PoolImputations([]stats.Estimate{{Value: 1, SE: 0, DF: 5}, {Value: 2, SE: 1, DF: 5}})
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// D1 of one quantity is Rubin's t squared, and it does not depend on how
// several quantities are coded.
func TestPoolWald(t *testing.T) {
	values := [][]float64{{1.2, -0.5}, {0.8, -0.9}, {1.5, -0.2}, {1.1, -0.6}}
	covs := [][][]float64{{{0.3, 0.1}, {0.1, 0.2}}, {{0.28, 0.09}, {0.09, 0.21}}, {{0.31, 0.12}, {0.12, 0.2}}, {{0.3, 0.1}, {0.1, 0.22}}}
	f, err := stats.PoolWald(values, covs)
	require.NoError(t, err)
	// New quantities 2a and a − 3b.
	var v2 [][]float64
	var c2 [][][]float64
	for i, v := range values {
		v2 = append(v2, []float64{2 * v[0], v[0] - 3*v[1]})
		a, b, d := covs[i][0][0], covs[i][0][1], covs[i][1][1]
		c2 = append(c2, [][]float64{{4 * a, 2*a - 6*b}, {2*a - 6*b, a - 6*b + 9*d}})
	}
	g, err := stats.PoolWald(v2, c2)
	require.NoError(t, err)
	assert.InEpsilon(t, f.F, g.F, 1e-12)
	assert.InEpsilon(t, f.DF2, g.DF2, 1e-12)

	var one [][]float64
	var oneCov [][][]float64
	var es []stats.Estimate
	for i, v := range values {
		one, oneCov = append(one, v[:1]), append(oneCov, [][]float64{{covs[i][0][0]}})
		es = append(es, stats.Estimate{Value: v[0], SE: math.Sqrt(covs[i][0][0]), DF: math.Inf(1)})
	}
	f, err = stats.PoolWald(one, oneCov)
	require.NoError(t, err)
	p, err := stats.PoolImputations(es)
	require.NoError(t, err)
	assert.InEpsilon(t, p.T(0)*p.T(0), f.F, 1e-12)

	_, err = stats.PoolWald(values, covs[:3])
	assert.ErrorIs(t, err, stats.ErrLength)
	_, err = stats.PoolWald([][]float64{{1, 2}, {1, 3}}, [][][]float64{{{1, 1}, {1, 1}}, {{1, 1}, {1, 1}}})
	assert.ErrorIs(t, err, stats.ErrSingular)
}

// bcg are the log risk ratios of the 13 trials of BCG vaccination of Colditz
// et al. (1994), doi 10.1001/jama.1994.03510330076038.
func bcg() []stats.Estimate {
	tpos := []float64{4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27}
	tneg := []float64{119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886}
	cpos := []float64{11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29}
	cneg := []float64{128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825}
	var out []stats.Estimate
	for i := range tpos {
		t, c := tpos[i]+tneg[i], cpos[i]+cneg[i]
		out = append(out, stats.Estimate{Value: math.Log(tpos[i]/t) - math.Log(cpos[i]/c),
			SE: math.Sqrt(1/tpos[i] - 1/t + 1/cpos[i] - 1/c), DF: math.Inf(1)})
	}
	return out
}

// Values of testdata/reference/association.R; REML, the interval of τ² and I²
// are also printed by Viechtbauer (2010), doi 10.18637/jss.v036.i03.
func TestMetaAnalyzeBCG(t *testing.T) {
	for _, c := range []struct {
		name                   string
		o                      stats.MetaOptions
		tau2, mean, se, hk, i2 float64
	}{
		{"EE", stats.MetaOptions{CommonEffect: true}, 0, -0.430285163654091, 0.0404987517108638, 0, (152.233008082373 - 12) / 152.233008082373},
		{"DL", stats.MetaOptions{Tau: stats.DerSimonianLaird}, 0.308760262862376, -0.714117222073227, 0.178742089535403, 0.180696628335547, 0.92117346854562},
		{"PM", stats.MetaOptions{Tau: stats.PauleMandel}, 0.318068452205024, -0.714968153493444, 0.180892191537624, 0.180892191537624, 0.923303379541532},
		{"REML", stats.MetaOptions{}, 0.313243258136481, -0.714532342158139, 0.179781516105206, 0.180791744092848, 0.922213845212689},
	} {
		m, err := stats.MetaAnalyzeWith(bcg(), c.o)
		require.NoError(t, err)
		assert.InDelta(t, c.tau2, m.Tau2, 1e-11, c.name)
		assert.InEpsilon(t, c.mean, m.Value, 1e-11, c.name)
		assert.InEpsilon(t, c.i2, m.I2(), 1e-11, c.name)
		assert.InEpsilon(t, 152.233008082373, m.Q, 1e-13, c.name)
		if c.o.CommonEffect {
			assert.InEpsilon(t, c.se, m.SE, 1e-12)
			assert.True(t, math.IsInf(m.DF, 1))
			continue
		}
		assert.InEpsilon(t, c.hk, m.SE, 1e-11, c.name)
		assert.Equal(t, 12.0, m.DF)
		c.o.NormalInterval = true
		m, err = stats.MetaAnalyzeWith(bcg(), c.o)
		require.NoError(t, err)
		assert.InEpsilon(t, c.se, m.SE, 1e-11, c.name)
		ci := m.Tau2CI(0.95)
		assert.InEpsilon(t, 0.119718361141261, ci.Lo, 1e-11)
		assert.InEpsilon(t, 1.11147908406093, ci.Hi, 1e-11)
	}
}

func TestMetaAnalyzeProperties(t *testing.T) {
	for _, o := range []stats.MetaOptions{{}, {Tau: stats.PauleMandel}, {Tau: stats.DerSimonianLaird}, {CommonEffect: true}, {NormalInterval: true}} {
		m, err := stats.MetaAnalyzeWith(bcg(), o)
		require.NoError(t, err)
		var s []stats.Estimate
		for _, e := range bcg() {
			s = append(s, stats.Estimate{Value: -3*e.Value + 1e4, SE: 3 * e.SE, DF: e.DF})
		}
		slices.Reverse(s)
		k, err := stats.MetaAnalyzeWith(s, o)
		require.NoError(t, err)
		assert.InEpsilon(t, -3*m.Value, k.Value-1e4, 1e-9)
		assert.InEpsilon(t, 3*m.SE, k.SE, 1e-8)
		assert.InDelta(t, 9*m.Tau2, k.Tau2, 1e-8)
		sum := 0.0
		for _, w := range m.Weights {
			sum += w
		}
		assert.InEpsilon(t, 1, sum, 1e-13)
		p := m.Prediction(0.95)
		assert.True(t, p.Lo < m.CI(0.95).Lo && p.Hi > m.CI(0.95).Hi, "a further study is less certain than the mean")
		statstest.Agree(t, m, -0.4, 0.95, "meta")
	}
	// Studies closer together than their errors leave no heterogeneity.
	close := []stats.Estimate{{Value: 1, SE: 1, DF: 9}, {Value: 1.1, SE: 1, DF: 9}, {Value: 0.9, SE: 1, DF: 9}}
	m, err := stats.MetaAnalyze(close)
	require.NoError(t, err)
	assert.Zero(t, m.Tau2)
	assert.Zero(t, m.I2())
	assert.Equal(t, "hartung-knapp-narrow", m.Notes[0].Code)
	assert.Zero(t, m.Tau2CI(0.95).Lo)

	same := []stats.Estimate{{Value: 1, SE: 1, DF: 9}, {Value: 1, SE: 2, DF: 9}}
	_, err = stats.MetaAnalyze(same)
	assert.ErrorIs(t, err, stats.ErrNoVariation)
	m, err = stats.MetaAnalyzeWith(same, stats.MetaOptions{NormalInterval: true})
	require.NoError(t, err)
	assert.Equal(t, 1.0, m.Value)
	assert.Equal(t, stats.WhySmall, m.Prediction(0.95).Why)
	_, err = stats.MetaAnalyze(same[:1])
	assert.ErrorIs(t, err, stats.ErrTooFew)
}

// REML is the maximum: no τ² nearby or far away has a larger restricted
// likelihood.
func TestMetaREMLIsMaximum(t *testing.T) {
	sets := [][]stats.Estimate{bcg(), bcg()[:4], {{Value: 0, SE: 0.1, DF: 9}, {Value: 5, SE: 3, DF: 9}, {Value: 5.2, SE: 0.1, DF: 9}, {Value: 1, SE: 0.5, DF: 9}}}
	for _, s := range sets {
		loglik := func(t2 float64) float64 {
			l, sw, swy := 0.0, 0.0, 0.0
			for _, e := range s {
				w := 1 / (e.SE*e.SE + t2)
				l += math.Log(w)
				sw, swy = sw+w, swy+w*e.Value
			}
			for _, e := range s {
				d := e.Value - swy/sw
				l -= d * d / (e.SE*e.SE + t2)
			}
			return l - math.Log(sw)
		}
		m, err := stats.MetaAnalyzeWith(s, stats.MetaOptions{NormalInterval: true})
		require.NoError(t, err)
		best := loglik(m.Tau2)
		for t2 := 0.0; t2 < 60; t2 = t2*1.01 + 1e-5 {
			require.LessOrEqual(t, loglik(t2), best+1e-12, "τ² = %v beats %v", t2, m.Tau2)
		}
	}
}

func ExamplePoolImputations() {
	// The treatment effect in five completed data sets, 38 residual df.
	p, _ := stats.PoolImputations([]stats.Estimate{
		{Value: -6.1, SE: 2.3, DF: 38}, {Value: -5.2, SE: 2.5, DF: 38}, {Value: -7.0, SE: 2.4, DF: 38}, {Value: -5.9, SE: 2.2, DF: 38}, {Value: -6.4, SE: 2.4, DF: 38}})
	fmt.Println(p)
	fmt.Printf("df %.1f, %.0f%% of the information is missing\n", p.DF, 100*p.FractionMissing)
	// Output:
	// -6.1 (95% CI -11.2 to -1.1; p = 0.0189; t, 31.1 df); 5 imputations, 14% of the information missing
	// df 31.1, 14% of the information is missing
}

func ExampleMetaAnalyze() {
	m, _ := stats.MetaAnalyze([]stats.Estimate{
		{Value: -8.2, SE: 2.9, DF: 38}, {Value: -3.1, SE: 2.1, DF: 60}, {Value: -11.4, SE: 4.0, DF: 18}, {Value: -5.6, SE: 2.6, DF: 44}, {Value: 1.0, SE: 3.1, DF: 30}})
	fmt.Println(m)
	fmt.Printf("tau² %.1f, I² %.0f%%, a further study: %v\n", m.Tau2, 100*m.I2(), m.Prediction(0.95))
	// Output:
	// -5.0 (95% CI -10.5 to 0.4; p = 0.0617; t, 4 df); 5 studies, τ² 8.63
	// tau² 8.6, I² 52%, a further study: -16.3 to 6.2
}

func TestPoolChiSquares(t *testing.T) {
	same, err := stats.PoolChiSquares([]float64{6, 6, 6}, 2)
	require.NoError(t, err)
	assert.InDelta(t, 3, same.F, 1e-14)
	assert.True(t, math.IsInf(same.DF2, 1))
	assert.InDelta(t, math.Exp(-3), same.P(), 1e-12, "without variation between imputations it is the chi-squared test")
	low, err := stats.PoolChiSquares([]float64{0, 9, 0, 0}, 1)
	require.NoError(t, err)
	assert.Negative(t, low.F)
	assert.Equal(t, 1.0, low.P())
	for _, bad := range [][]float64{{1}, {1, -1}, {1, math.NaN()}} {
		_, err = stats.PoolChiSquares(bad, 1)
		assert.Error(t, err)
	}
	_, err = stats.PoolChiSquares([]float64{1, 2}, 0)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

func TestPoolBootstrapped(t *testing.T) {
	x := [][]float64{{1, 2}, {4, 3}, {2, 6}, {8, 7}}
	e, err := stats.PoolBootstrapped(x)
	require.NoError(t, err)
	// By hand: means 1.5, 3.5, 4 and 7.5, squares within of 0.5, 0.5, 8 and 0.5.
	means, msw := []float64{1.5, 3.5, 4, 7.5}, 9.5/4
	ss := 0.0
	for _, m := range means {
		ss += (m - 4.125) * (m - 4.125)
	}
	msb := 2 * ss / 3
	assert.InDelta(t, 4.125, e.Value, 1e-14)
	assert.InEpsilon(t, math.Sqrt(5.0/8*msb-msw/2), e.SE, 1e-13)
	moved := [][]float64{{-13, -15}, {-19, -17}, {-15, -23}, {-27, -25}} // −2x − 11
	f, err := stats.PoolBootstrapped(moved)
	require.NoError(t, err)
	assert.InDelta(t, -2*e.Value-11, f.Value, 1e-12)
	assert.InEpsilon(t, 2*e.SE, f.SE, 1e-12)
	assert.InEpsilon(t, e.DF, f.DF, 1e-12)
	statstest.Agree(t, e, 0, 0.95, "bootstrapped")
	_, err = stats.PoolBootstrapped([][]float64{{1, 9}, {9, 1}, {2, 8}})
	assert.ErrorIs(t, err, stats.ErrNoVariation)
	_, err = stats.PoolBootstrapped([][]float64{{1, 9}, {9}})
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = stats.PoolBootstrapped([][]float64{{1, 9}, {9, 2, 3}})
	assert.ErrorIs(t, err, stats.ErrLength)
	_, err = stats.PoolBootstrapped(x[:1])
	assert.ErrorIs(t, err, stats.ErrTooFew)
}
