package table_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

var proportionMethods = []table.ProportionMethod{table.WilsonScore, table.WilsonCC, table.ExactCP, table.AgrestiCoull, table.Jeffreys,
	table.Wald, table.WaldCC, table.MidP, table.Likelihood, table.Arcsine, table.Logit, table.Blaker,
	table.ModifiedWilson, table.ModifiedJeffreys}

var riskMethods = []table.RiskDifferenceMethod{table.NewcombeScore, table.NewcombeCC, table.NewcombeJeffreys, table.WaldRD,
	table.WaldRDCC, table.AgrestiCaffo, table.MiettinenNurminen, table.Mee, table.BrownLiJeffreys, table.HauckAnderson, table.Haldane, table.JeffreysPerks}

// p-value and interval of every method for one proportion tell the same story. Of
// Blaker's, whose interval is the hull of what the test accepts, half of it.
func TestProportionPAgreesWithInterval(t *testing.T) {
	t.Parallel()
	for _, m := range proportionMethods {
		for _, n := range []int{1, 2, 7, 60} {
			for x := 0; x <= n; x += max(1, n/12) {
				p, err := table.ProportionWith(table.Count{Events: x, N: n}, table.ProportionOptions{Method: m})
				if m == table.Logit && (x == 0 || x == n) {
					continue
				}
				require.NoError(t, err)
				for _, null := range []float64{0, 0.01, 0.2, 0.5, 0.55, 0.9, 1} {
					if m == table.Blaker {
						if p.CI(0.9).Excludes(null) {
							assert.Less(t, p.P(null), 0.1+1e-9, "%v at %v", p, null)
						}
						continue
					}
					statstest.Agree(t, p, null, 0.9, fmt.Sprint(p))
					assert.InDelta(t, p.P(null), math.Min(1, 2*math.Min(p.PGreater(null), p.PLess(null))), 1e-15)
				}
				for _, null := range []float64{-0.1, 1.1} {
					assert.Zero(t, p.P(null), "no probability is %v", null)
				}
			}
		}
	}
}

// The p-values of the tests that intervals invert: closed forms and tails by
// summation.
func TestProportionPs(t *testing.T) {
	t.Parallel()
	c := table.Count{Events: 4, N: 15}
	b := distuv.Binomial{N: 15, P: 0.5}
	less := b.CDF(4)
	for m, want := range map[table.ProportionMethod]float64{
		// R: prop.test(4, 15, 0.5, correct = FALSE)$p.value and correct = TRUE.
		table.WilsonScore: 0.07070114486598313,
		table.WilsonCC:    0.121335250358483,
		table.ExactCP:     2 * less,
		table.MidP:        2*less - b.Prob(4),
		// The estimate's distance in standard errors, in those of its log odds, and the
		// signed root of the deviance.
		table.Wald:       2 * distuv.UnitNormal.CDF((4.0/15-0.5)/math.Sqrt(4.0/15*11/15/15)),
		table.Logit:      2 * distuv.UnitNormal.CDF(math.Log(4.0/11)/math.Sqrt(1.0/4+1.0/11)),
		table.Likelihood: 2 * distuv.UnitNormal.CDF(-math.Sqrt(2*(4*math.Log(4.0/7.5)+11*math.Log(11/7.5)))),
		// At one half both tails are alike.
		table.Blaker: 2 * less,
	} {
		p, err := table.ProportionWith(c, table.ProportionOptions{Method: m})
		require.NoError(t, err)
		assert.InDelta(t, want, p.P(0.5), 1e-12, m)
	}
	exact, err := table.ClopperPearson(c)
	require.NoError(t, err)
	assert.InEpsilon(t, less, exact.PLess(0.5), 1e-12)
	assert.InEpsilon(t, 1-b.CDF(3), exact.PGreater(0.5), 1e-12)
	// A one-sided bound is the end of the interval with twice the tail.
	assert.InEpsilon(t, exact.CI(0.9).Hi, exact.Upper(0.95).Hi, 1e-14)
	assert.InEpsilon(t, exact.CI(0.9).Lo, exact.Lower(0.95).Lo, 1e-14)
	assert.Equal(t, stats.WhyOneSided, exact.Lower(0.95).Why)
	blaker, err := table.ProportionWith(c, table.ProportionOptions{Method: table.Blaker})
	require.NoError(t, err)
	assert.Equal(t, exact.Upper(0.95), blaker.Upper(0.95), "Blaker's ordering has no sides")
	assert.Panics(t, func() { blaker.Upper(0) })
	wilson, err := table.Proportion(c)
	require.NoError(t, err)
	assert.Panics(t, func() { wilson.Upper(0.4) })
}

// All methods for a risk difference against their intervals, nulls beyond ±1 too.
func TestRiskMethodsPAgreeWithInterval(t *testing.T) {
	t.Parallel()
	for _, m := range riskMethods {
		everyTable(4, func(a, b table.Count) {
			if m == table.HauckAnderson && min(a.N, b.N) < 2 {
				return
			}
			r, err := table.RiskDifferenceWith(a, b, table.RiskDifferenceOptions{Method: m})
			require.NoError(t, err)
			for _, null := range []float64{-0.999, -0.37, 0, 0.2, 0.81, 0.999} {
				statstest.Agree(t, r, null, 0.9, fmt.Sprintf("%s %v v %v", m, a, b))
			}
			assert.Zero(t, r.P(1.01))
			assert.Zero(t, r.PLess(1.01))
			assert.Equal(t, 1.0, r.PGreater(1.01))
		})
	}
	a, b := table.Count{Events: 56, N: 70}, table.Count{Events: 48, N: 80}
	wald, err := table.RiskDifferenceWith(a, b, table.RiskDifferenceOptions{Method: table.WaldRD})
	require.NoError(t, err)
	e, err := table.RiskDifferenceWald(a, b)
	require.NoError(t, err)
	for _, null := range []float64{-0.1, 0, 0.1, 0.2, 0.4} {
		assert.InEpsilon(t, e.P(null), wald.P(null), 1e-12)
		assert.InEpsilon(t, e.PGreater(null), wald.PGreater(null), 1e-12)
		assert.InEpsilon(t, e.PLess(null), wald.PLess(null), 1e-12)
	}
}

// The other exact effects: rates, their ratios, pairs, Blaker's odds ratio and the
// converted one.
func TestRatiosPAgreeWithInterval(t *testing.T) {
	t.Parallel()
	effects := map[string]stats.Effect{}
	keep := func(name string, e stats.Effect, err error) {
		if err == nil {
			effects[name] = e
		}
	}
	for x := 0; x <= 9; x += 3 {
		rate, err := table.Poisson(table.PoissonRate{Events: x, Exposure: 4.5})
		keep(fmt.Sprint("rate ", x), rate, err)
		for y := 0; y <= 8; y += 2 {
			ratio, err := table.RateRatioExact(table.PoissonRate{Events: x, Exposure: 4.5}, table.PoissonRate{Events: y, Exposure: 3})
			keep(fmt.Sprint("rates ", x, y), ratio, err)
			odds, err := table.PairedOddsRatio(table.PairedBinary{First: x, Second: y, Both: 3})
			keep(fmt.Sprint("pairs ", x, y), odds, err)
			converted, err := table.RiskRatioFromOdds(table.Count{Events: x, N: 11}, table.Count{Events: y, N: 9})
			keep(fmt.Sprint("converted ", x, y), converted, err)
		}
	}
	require.Greater(t, len(effects), 40)
	for name, e := range effects {
		for _, null := range []float64{0, 0.3, 1, 1.1, 2, 40} {
			statstest.Agree(t, e, null, 0.9, name)
		}
		assert.Zero(t, e.P(-0.5), "%s: no ratio or rate is negative", name)
	}
	// 11 events in 800 days at a rate of 0.01, and in 800 against 6 in 1083, by sums.
	poisson := distuv.Poisson{Lambda: 8}
	rate, err := table.Poisson(table.PoissonRate{Events: 11, Exposure: 800})
	require.NoError(t, err)
	assert.InEpsilon(t, 2*(1-poisson.CDF(10)), rate.P(0.01), 1e-12)
	ratio, err := table.RateRatioExact(table.PoissonRate{Events: 11, Exposure: 800}, table.PoissonRate{Events: 6, Exposure: 1083})
	require.NoError(t, err)
	assert.InEpsilon(t, 2*(1-distuv.Binomial{N: 17, P: 800.0 / 1883}.CDF(10)), ratio.P(1), 1e-12)
	for _, pair := range []table.PairedBinary{{First: 9, Second: 2}, {First: 3, Second: 3}, {First: 0, Second: 5}} {
		or, err := table.PairedOddsRatio(pair)
		require.NoError(t, err)
		m, err := table.McNemar(pair)
		require.NoError(t, err)
		assert.InEpsilon(t, m.P(), or.P(1), 1e-12, "McNemar's exact test is that of a ratio of 1")
	}
}

// Blaker's p-value by the definition: outcomes whose smaller tail is no larger than
// that of the observed one.
func TestBlakerPByDefinition(t *testing.T) {
	t.Parallel()
	everyTable(5, func(a, b table.Count) {
		e, err := table.BlakerOddsRatio(a, b)
		if err != nil {
			return
		}
		lo, hi := max(0, a.Events+b.Events-b.N), min(a.N, a.Events+b.Events)
		for _, null := range []float64{0.2, 0.73, 1, 3.1} {
			var w []float64
			total := 0.0
			for k := lo; k <= hi; k++ {
				v := math.Exp(statstest.LogChoose(a.N, k)+statstest.LogChoose(b.N, a.Events+b.Events-k)) * math.Pow(null, float64(k))
				w, total = append(w, v), total+v
			}
			small := func(i int) float64 {
				var up, down float64
				for j, v := range w {
					if j >= i {
						up += v / total
					}
					if j <= i {
						down += v / total
					}
				}
				return math.Min(up, down)
			}
			want := 0.0
			for i, v := range w {
				if small(i) <= small(a.Events-lo)*(1+1e-7) {
					want += v / total
				}
			}
			assert.InDelta(t, math.Min(1, want), e.P(null), 1e-9, "%v v %v at %v", a, b, null)
			for _, level := range []float64{0.8, 0.95} {
				if e.CI(level).Excludes(null) {
					assert.LessOrEqual(t, e.P(null), 1-level+1e-9)
				}
			}
		}
	})
}

// At the ends of the scale one table alone is possible.
func TestExactOddsRatioAtTheEnds(t *testing.T) {
	t.Parallel()
	inner, err := table.OddsRatioExact(table.Count{Events: 3, N: 4}, table.Count{Events: 1, N: 4})
	require.NoError(t, err)
	none, err := table.OddsRatioExact(table.Count{Events: 0, N: 4}, table.Count{Events: 2, N: 4})
	require.NoError(t, err)
	all, err := table.OddsRatioExact(table.Count{Events: 2, N: 4}, table.Count{Events: 0, N: 4})
	require.NoError(t, err)
	inf := math.Inf(1)
	for _, c := range []struct {
		e              table.ExactOddsRatio
		null           float64
		greater, less_ float64
	}{{inner, 0, 0, 1}, {inner, inf, 1, 0}, {inner, -1, 0, 1}, {none, 0, 1, 1}, {none, inf, 1, 0}, {all, inf, 1, 1}, {all, 0, 0, 1}} {
		assert.Equal(t, []float64{c.greater, c.less_}, []float64{c.e.PGreater(c.null), c.e.PLess(c.null)}, "%v at %v", c.e, c.null)
	}
	d, err := table.PairedRisk(table.PairedBinary{Both: 2, First: 3, Second: 1, Neither: 1})
	require.NoError(t, err)
	assert.Equal(t, []float64{0, 1, 0}, []float64{d.P(1.5), d.PGreater(1.5), d.PLess(1.5)}, "no difference is above 1")
}
