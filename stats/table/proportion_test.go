package table_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

// Published limits: no events among 5 and 10 (Clopper & Pearson 1934; Wilson
// 1927), as the facts in the published tables give them.
func TestZeroEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n                  int
		exact, wilson, one float64
	}{{5, 0.522, 0.434, 0.451}, {10, 0.308, 0.278, 0.259}} {
		exact, err := table.ClopperPearson(table.Count{N: c.n})
		require.NoError(t, err)
		e, o := exact.CI(0.95), exact.Upper(0.95)
		assert.InDelta(t, c.exact, e.Hi, 5e-4)
		assert.Zero(t, e.Lo)
		w, err := table.Proportion(table.Count{N: c.n})
		require.NoError(t, err)
		assert.InDelta(t, c.wilson, w.CI(0.95).Hi, 5e-4)
		assert.InDelta(t, c.one, o.Hi, 5e-4)
		assert.Equal(t, stats.WhyOneSided, o.Why)
	}
}

// Newcombe (1998), table II, method 10: the examples (a) to (h).
func TestNewcombePublished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		x1, n1, x2, n2 int
		lo, hi         float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		r, err := table.RiskDifference(table.Count{Events: c.x1, N: c.n1}, table.Count{Events: c.x2, N: c.n2})
		require.NoError(t, err)
		ci := r.CI(0.95)
		assert.InDelta(t, c.lo, ci.Lo, 5e-5)
		assert.InDelta(t, c.hi, ci.Hi, 5e-5)
	}
}

func TestRiskPAgreesWithInterval(t *testing.T) {
	t.Parallel()
	for n1 := 1; n1 <= 7; n1++ {
		for n2 := 1; n2 <= 6; n2++ {
			for x1 := 0; x1 <= n1; x1++ {
				for x2 := 0; x2 <= n2; x2++ {
					r, err := table.RiskDifference(table.Count{Events: x1, N: n1}, table.Count{Events: x2, N: n2})
					require.NoError(t, err)
					for _, null := range []float64{-0.5, -0.1, 0, 0.25, 0.9} {
						for _, level := range []float64{0.8, 0.95, 0.99} {
							assert.Equal(t, r.CI(level).Excludes(null), r.P(null) < 1-level,
								"%d/%d v %d/%d, null %v, level %v", x1, n1, x2, n2, null, level)
						}
					}
					s, err := table.RiskDifference(table.Count{Events: x2, N: n2}, table.Count{Events: x1, N: n1})
					require.NoError(t, err)
					assert.Equal(t, r.Point(), -s.Point())
					assert.InDelta(t, r.CI(0.9).Lo, -s.CI(0.9).Hi, 1e-15)
				}
			}
		}
	}
}

func TestProportionsRefuse(t *testing.T) {
	t.Parallel()
	_, err := table.Proportion(table.Count{Events: 3, N: 2})
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = table.ClopperPearson(table.Count{})
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = table.Fisher(table.Count{Events: -1, N: 2}, table.Count{N: 1})
	assert.ErrorIs(t, err, stats.ErrDomain)
	p, err := table.Proportion(table.Count{Events: 1, N: 2})
	require.NoError(t, err)
	assert.Panics(t, func() { p.CI(95) })
	assert.PanicsWithValue(t, `table.ProportionWith: no method "x"`, func() { _, _ = table.ProportionWith(p.Count, table.ProportionOptions{Method: "x"}) })
}

// Fisher's tea: 3 of 4 and 1 of 4 give 17/35 = 0.4857 two-sided.
func ExampleFisher() {
	f, err := table.Fisher(table.Count{Events: 3, N: 4}, table.Count{Events: 1, N: 4})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f two-sided, %.4f one-sided\n", f.P(), f.PGreater())
	// Output: 0.4857 two-sided, 0.2429 one-sided
}

func ExampleRiskDifference() {
	r, err := table.RiskDifference(table.Count{Events: 4, N: 5}, table.Count{Events: 0, N: 5})
	if err != nil {
		panic(err)
	}
	fmt.Println(r)
	// Output:
	// 80% (95% CI 19% to 96%; p = 0.0067; Newcombe)
}

func proportionCI(c table.Count, level float64, m table.ProportionMethod) (stats.Interval, error) {
	p, err := table.ProportionWith(c, table.ProportionOptions{Method: m})
	if err != nil {
		return stats.Interval{}, err
	}
	return p.CI(level), nil
}

// Every method is symmetric in events and non-events, stays in [0, 1], holds
// the observed rate, and widens with the level.
func TestProportionCIProperties(t *testing.T) {
	t.Parallel()
	for _, m := range []table.ProportionMethod{table.WilsonScore, table.WilsonCC, table.ExactCP, table.AgrestiCoull, table.Jeffreys,
		table.Wald, table.WaldCC, table.MidP, table.Likelihood, table.Arcsine, table.Logit, table.Blaker,
		table.ModifiedWilson, table.ModifiedJeffreys} {
		for _, n := range []int{1, 2, 5, 12, 60} {
			for x := 0; x <= n; x++ {
				c := table.Count{Events: x, N: n}
				ci, err := proportionCI(c, 0.95, m)
				if m == table.Logit && (x == 0 || x == n) {
					assert.ErrorIs(t, err, stats.ErrDomain)
					continue
				}
				require.NoError(t, err)
				flip, err := proportionCI(table.Count{Events: n - x, N: n}, 0.95, m)
				require.NoError(t, err)
				assert.InDelta(t, ci.Lo, 1-flip.Hi, 1e-15)
				assert.True(t, ci.Lo >= 0 && ci.Hi <= 1 && ci.Lo <= ci.Hi, "%s %d/%d: %v", m, x, n, ci)
				// Arcsine centers on a shifted rate, Jeffreys's repair at the
				// ends excludes what the others hold.
				if m != table.Arcsine && m != table.ModifiedJeffreys && m != table.ModifiedWilson {
					assert.True(t, ci.Lo <= c.Rate()+1e-12 && c.Rate() <= ci.Hi+1e-12, "%s %d/%d: %v", m, x, n, ci)
				}
				wide, err := proportionCI(c, 0.99, m)
				require.NoError(t, err)
				assert.True(t, wide.Lo <= ci.Lo+1e-12 && wide.Hi >= ci.Hi-1e-12, "%s %d/%d: 99%% %v, 95%% %v", m, x, n, wide, ci)
			}
		}
	}
}

// Clopper–Pearson's and Blaker's coverage never falls below the level, by
// enumeration of all outcomes.
func TestExactIntervalsCover(t *testing.T) {
	t.Parallel()
	for _, m := range []table.ProportionMethod{table.ExactCP, table.Blaker} {
		const n = 11
		cis := make([]stats.Interval, n+1)
		for x := range cis {
			var err error
			cis[x], err = proportionCI(table.Count{Events: x, N: n}, 0.9, m)
			require.NoError(t, err)
		}
		for p := 0.005; p < 1; p += 0.005 {
			cover := 0.0
			for x, ci := range cis {
				if ci.Contains(p) {
					cover += distuv.Binomial{N: n, P: p}.Prob(float64(x))
				}
			}
			assert.GreaterOrEqual(t, cover, 0.9-1e-9, "%s at %v", m, p)
		}
	}
}

// Blaker's interval is the hull of what its test accepts, pieces narrower than a
// step of any scan included: no point outside is accepted and the ends are, by
// the acceptability at and between all of its jumps.
func TestBlakerIsTheHull(t *testing.T) {
	t.Parallel()
	for _, c := range []table.Count{{Events: 1, N: 400}, {Events: 2, N: 400}, {Events: 7, N: 400}, {Events: 399, N: 400}, {Events: 3, N: 27}, {Events: 1, N: 3}, {Events: 60, N: 150}} {
		for _, level := range []float64{0.5, 0.8, 0.9, 0.95, 0.99} {
			ci, err := proportionCI(c, level, table.Blaker)
			require.NoError(t, err)
			assert.InEpsilon(t, 1+statstest.BlakerLower(c.Events, c.N, 1-level), 1+ci.Lo, 1e-11, "%v %v", c, level)
			assert.InEpsilon(t, 2-statstest.BlakerLower(c.N-c.Events, c.N, 1-level), 1+ci.Hi, 1e-11, "%v %v", c, level)
		}
	}
}

func ExampleProportionWith() {
	for _, m := range []table.ProportionMethod{table.WilsonScore, table.ExactCP, table.Jeffreys} {
		p, err := table.ProportionWith(table.Count{Events: 4, N: 5}, table.ProportionOptions{Method: m})
		if err != nil {
			panic(err)
		}
		fmt.Println(p)
	}
	// Output:
	// 4 of 5, 0.80 (95% CI 0.38 to 0.96; Wilson)
	// 4 of 5, 0.80 (95% CI 0.28 to 0.99; Clopper–Pearson)
	// 4 of 5, 0.80 (95% CI 0.37 to 0.98; Jeffreys)
}
