package regress_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/regress"
)

// A likelihood that is largest at α = 0 falls as Poisson's near its maximum, and may rise
// again where α grows: the first end that a search meets is then not the end of what the
// test accepts. An interval that leaves out 1 beside p = .107 was such an end.
func TestProfileThatRisesAgain(t *testing.T) {
	f, err := regress.Counts([]float64{0, 3, 1, 0, 64, 436}, []float64{4, 9, 4, 2, 3, 5},
		regress.Category("arm", []string{"a", "a", "a", "a", "c", "c"}, "c"), regress.Numeric("age", []float64{54, 39, 52, 51, 60, 65}))
	require.NoError(t, err)
	require.Equal(t, regress.PoissonCounts, f.Model())
	p := f.Profile("arma")
	v, err := p.PContext(t.Context(), 0)
	require.NoError(t, err)
	require.InDelta(t, 0.107, v, 0.001)
	i, err := p.CIContext(t.Context(), 0.95)
	if err != nil {
		assert.True(t, math.IsNaN(i.Lo) && math.IsNaN(i.Hi), "a failure is no interval")
		return
	}
	assert.True(t, i.Contains(0), "%v beside p = %v", i, v)
}
