package resample_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/resample"
)

// Whole numbers times any step, such as means of seven items, are counted as the whole
// numbers are: ties, p and interval.
func TestPermutationOnAnyStep(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for _, step := range []float64{1.0 / 7, math.Pi, 2.0 / 11} {
		for _, n := range []int{6, 30, 250} {
			var x, y, a, b []float64
			for i := range 2 * n {
				v := float64(r.IntN(30))
				if i%2 == 0 {
					x, a = append(x, v), append(a, v*step)
				} else {
					y, b = append(y, v), append(b, v*step)
				}
			}
			want, err := resample.Permutation(x, y)
			require.NoError(t, err)
			got, err := resample.Permutation(a, b)
			require.NoError(t, err)
			assert.Equal(t, want.Method, got.Method)
			for _, null := range []float64{0, 1, -2, 0.5} {
				assert.InDelta(t, want.P(null), got.P(null*step), 1e-9, "%v %d %v", step, n, null)
			}
			e, g := want.CI(0.95), got.CI(0.95)
			assert.InDelta(t, e.Lo*step, g.Lo, 1e-9)
			assert.InDelta(t, e.Hi*step, g.Hi, 1e-9)
		}
	}
}
