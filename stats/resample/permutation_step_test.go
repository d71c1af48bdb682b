package resample_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/resample"
)

// Means of seven, nine or eleven items are counted as the sums of the items are: ties, p
// and interval.
func TestPermutationOfMeansOfItems(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for _, items := range []float64{7, 9, 11} {
		for _, n := range []int{6, 30, 250} {
			var x, y, a, b []float64
			for i := range 2 * n {
				v := float64(r.IntN(30))
				if i%2 == 0 {
					x, a = append(x, v), append(a, v/items)
				} else {
					y, b = append(y, v), append(b, v/items)
				}
			}
			want, err := resample.Permutation(x, y)
			require.NoError(t, err)
			got, err := resample.Permutation(a, b)
			require.NoError(t, err)
			assert.Equal(t, want.Method, got.Method)
			for _, null := range []float64{0, 1, -2, 0.5} {
				assert.InDelta(t, want.P(null), got.P(null/items), 1e-9, "%v %d %v", items, n, null)
			}
			e, g := want.CI(0.95), got.CI(0.95)
			assert.InDelta(t, e.Lo/items, g.Lo, 1e-9)
			assert.InDelta(t, e.Hi/items, g.Hi, 1e-9)
		}
	}
}
