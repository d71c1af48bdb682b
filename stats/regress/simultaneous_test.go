package regress_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

// Every adjusted interval agrees with its p-value, holds the unadjusted one,
// and turns with the arms.
func TestComparisonsAgreeWithThemselves(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 1))
	for range 30 {
		d := trialOf(rng, 24)
		f, err := regress.ANCOVA(d)
		require.NoError(t, err)
		m := f.Model()
		plain := m.PairwiseWith("arm", regress.CompareOptions{Adjust: stats.NoAdjustment})
		require.Len(t, plain, 3)
		for _, adjust := range simultaneous {
			for i, c := range m.PairwiseWith("arm", regress.CompareOptions{Adjust: adjust}) {
				assert.Equal(t, plain[i].Estimate, c.Estimate)
				ci := c.CI(0.9)
				assert.Equal(t, c.P(0) < 0.1, ci.Excludes(0))
				assert.GreaterOrEqual(t, c.P(0), plain[i].P(0))
				assert.LessOrEqual(t, ci.Lo, plain[i].CI(0.9).Lo)
				if p := c.P(0); p > 1e-6 && p < 0.999 {
					edge := c.CI(1 - p)
					assert.InDelta(t, 0, min(max(edge.Lo, -edge.Lo), max(edge.Hi, -edge.Hi)), 1e-6*c.SE, "%s", adjust)
				}
				if c.Value > 0 {
					assert.LessOrEqual(t, c.PGreater(0), c.P(0))
					assert.Less(t, c.PGreater(0), c.PLess(0)+1e-12)
				}
			}
			vs, err := m.VersusControlWith("arm", "sham", regress.CompareOptions{Adjust: adjust})
			require.NoError(t, err)
			require.Len(t, vs, 2)
			for _, c := range vs {
				assertEstimate(t, statstest.Must(f.Difference(c.A, f.Arms()[0])), c.Estimate, 1e-12)
				assert.Equal(t, "sham", c.B)
			}
		}
	}
	d := trialOf(rng, 24)
	f, err := regress.ANCOVA(d)
	require.NoError(t, err)
	assert.Panics(t, func() { f.Model().PairwiseWith("arm", regress.CompareOptions{Adjust: stats.Holm}) })
	assert.Panics(t, func() { f.Model().PairwiseWith("baseline", regress.CompareOptions{Adjust: stats.Bonferroni}) })
	assert.Panics(t, func() {
		_, _ = f.Model().VersusControlWith("arm", "x", regress.CompareOptions{Adjust: stats.Bonferroni})
	})
	assert.Panics(t, func() { f.Model().PairwiseWith("arm", regress.CompareOptions{Adjust: regress.Dunnett}) })
}

var simultaneous = []stats.Adjustment{stats.Bonferroni, stats.Sidak, regress.Scheffe, regress.Tukey}

// Dunnett's interval agrees with its p-value, lies between the single and the
// Bonferroni interval, and is the single one for one comparison.
func TestDunnettAgreesWithItself(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 1))
	for range 10 {
		d := trialOf(rng, 24)
		f, err := regress.ANCOVA(d)
		require.NoError(t, err)
		m := f.Model()
		got, err := m.VersusControl("arm", "sham")
		require.NoError(t, err)
		bonf, err := m.VersusControlWith("arm", "sham", regress.CompareOptions{Adjust: stats.Bonferroni})
		require.NoError(t, err)
		for i, c := range got {
			ci := c.CI(0.95)
			assert.Equal(t, c.P(0) < 0.05, ci.Excludes(0))
			assert.Less(t, ci.Width(), bonf[i].CI(0.95).Width())
			assert.Greater(t, ci.Width(), c.Estimate.CI(0.95).Width())
			assert.InDelta(t, 0.05, c.P(ci.Lo), 1e-9)
			if c.Value > 0 {
				assert.InDelta(t, c.P(0)/2, c.PGreater(0), 0.3*c.P(0)+1e-12)
			}
		}
	}
	one, err := regress.Linear([]float64{1, 3, 4, 7, 8, 8}, regress.Category("arm", []string{"c", "c", "c", "t", "t", "t"}, "c"))
	require.NoError(t, err)
	c, err := one.VersusControl("arm", "c")
	require.NoError(t, err)
	assert.InEpsilon(t, c[0].Estimate.P(0), c[0].P(0), 1e-9)
	assert.InEpsilon(t, c[0].Estimate.CI(0.95).Lo, c[0].CI(0.95).Lo, 1e-9)
}

// The reference's quadrature of Dunnett's p-values, cases "…/dunnett_crit_exact".
func TestDunnettOfGroupsMeetsQuadrature(t *testing.T) {
	matched := 0
	cases, err := reftest.Load(reftest.File(t, "posthoc.json"))
	require.NoError(t, err)
	for _, k := range cases {
		if !strings.HasSuffix(k.ID, "/dunnett_crit_exact") {
			continue
		}
		v, g := k.Floats("v"), k.Strs("g")
		m, err := regress.Linear(v, regress.Category("g", g, ""))
		if err != nil {
			continue // constant groups
		}
		cs, err := m.VersusControl("g", slices.Min(g))
		require.NoError(t, err, k.ID)
		for i, c := range cs {
			p, ok := k.Ref(fmt.Sprint("p.", i))
			if !ok {
				p, ok = k.Ref("p")
			}
			require.True(t, ok)
			assert.InDelta(t, p, c.P(0), 1e-7, k.ID)
		}
		matched++
	}
	assert.Greater(t, matched, 5)
}
