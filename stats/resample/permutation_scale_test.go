package resample_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/resample"
)

// The unit of measurement changes no p-value and scales the interval: moles per
// liter (1e-9) and microns (1e6) give what whole steps do, on a grid or off it.
func TestPermutationDoesNotDependOnTheUnit(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 3))
	questions := func(p resample.Perm, null, unit float64) []float64 {
		ci := p.CI(0.9)
		return []float64{p.P(null * unit), p.PLess(null * unit), p.PGreater(null * unit), p.MinP,
			p.Point() / unit, ci.Lo / unit, ci.Hi / unit}
	}
	for rep := range 6 {
		x, y := make([]float64, 5), make([]float64, 6)
		for _, v := range [][]float64{x, y} {
			for i := range v {
				v[i] = float64(rng.IntN(40))
				if rep%2 == 1 {
					v[i] = rng.NormFloat64() + 3
				}
			}
		}
		for _, unit := range []float64{1e-9, 1e-7, 1e-4, 1e6, 0x1p-40} {
			a, b := statstest.Scaled(x, unit), statstest.Scaled(y, unit)
			for _, s := range []resample.PermStatistic{resample.PermMean, resample.PermMedian, resample.PermStudentized} {
				want, err := resample.PermutationWith(x, y, resample.PermOptions{Statistic: s})
				require.NoError(t, err)
				got, err := resample.PermutationWith(a, b, resample.PermOptions{Statistic: s})
				require.NoError(t, err)
				for _, null := range []float64{0, 2.5} {
					assert.InDeltaSlice(t, questions(want, null, 1), questions(got, null, unit), 1e-9, fmt.Sprint(s, unit, x, y))
				}
			}
			want, err := resample.PermutationPaired(x)
			require.NoError(t, err)
			got, err := resample.PermutationPaired(a)
			require.NoError(t, err)
			assert.InDeltaSlice(t, questions(want, 1.5, 1), questions(got, 1.5, unit), 1e-9, fmt.Sprint(unit, x))
		}
	}
}
