package stats_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Every adjusted interval agrees with its p-value, holds the unadjusted one,
// and turns with the arms.
func TestComparisonsAgreeWithThemselves(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 1))
	for range 30 {
		d := trialOf(rng, 24)
		f, err := stats.ANCOVA(d)
		require.NoError(t, err)
		m := f.Model()
		plain := m.Pairwise("arm", stats.NoAdjustment, stats.LSMeansOptions{})
		require.Len(t, plain, 3)
		for _, adjust := range simultaneous {
			for i, c := range m.Pairwise("arm", adjust, stats.LSMeansOptions{}) {
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
			vs := m.VersusControl("arm", "sham", adjust, stats.LSMeansOptions{})
			require.Len(t, vs, 2)
			for _, c := range vs {
				assertEstimate(t, f.Difference(c.A), c.Estimate, 1e-12)
				assert.Equal(t, "sham", c.B)
			}
		}
	}
	d := trialOf(rng, 24)
	f, err := stats.ANCOVA(d)
	require.NoError(t, err)
	assert.Panics(t, func() { f.Model().Pairwise("arm", stats.Holm, stats.LSMeansOptions{}) })
	assert.Panics(t, func() { f.Model().Pairwise("baseline", stats.Bonferroni, stats.LSMeansOptions{}) })
	assert.Panics(t, func() { f.Model().VersusControl("arm", "x", stats.Bonferroni, stats.LSMeansOptions{}) })
}

var simultaneous = []stats.Adjustment{stats.Bonferroni, stats.Sidak, stats.Scheffe, stats.Tukey}
