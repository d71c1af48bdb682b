package regress_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// A likelihood that is largest at α = 0 falls as Poisson's near its maximum, and may rise
// again where α grows. What the test then accepts is no interval: the first ends found
// left out 1 beside p = .107, and their hull held 1 beside p = .030.
func TestProfileThatRisesAgain(t *testing.T) {
	for _, x := range []struct {
		y, exposure []float64
		arm         []string
		age         []float64
		p           float64
	}{
		{[]float64{0, 3, 1, 0, 64, 436}, []float64{4, 9, 4, 2, 3, 5}, []string{"a", "a", "a", "a", "c", "c"}, []float64{54, 39, 52, 51, 60, 65}, 0.1072},
		{[]float64{1, 0, 1, 0, 16}, []float64{3, 8, 7, 1, 4}, []string{"a", "a", "a", "c", "c"}, []float64{38, 36, 57, 53, 64}, 0.0304},
	} {
		f, err := regress.Counts(x.y, x.exposure, regress.Category("arm", x.arm, "c"), regress.Numeric("age", x.age))
		require.NoError(t, err)
		p := f.Profile("arma")
		v, err := p.PContext(t.Context(), 0)
		require.NoError(t, err)
		assert.InDelta(t, x.p, v, 1e-4)
		i, err := p.CIContext(t.Context(), 0.95)
		assert.ErrorIs(t, err, stats.ErrNotConverged)
		assert.True(t, math.IsNaN(i.Lo) && math.IsNaN(i.Hi), "%v", i)
	}
}
