package resample_test

import (
	"math"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/resample"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every result of this package prints as text and marshals to JSON.
func TestResultsPrintAndMarshal(t *testing.T) {
	x, y := []float64{3, 1, 4, 1, 5, 9, 2, 6}, []float64{5, 3, 5, 8, 9, 7, 9}
	p, err := resample.Permutation(x, y)
	require.NoError(t, err)
	mc, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermMonteCarlo, Seed: 1})
	require.NoError(t, err)
	assert.Contains(t, mc.String(), "Monte Carlo, 10000 draws, seed 1")
	b, err := resample.Bootstrap(x, y)
	require.NoError(t, err)
	d := resample.WYData{Arm: []string{"t", "t", "t", "t", "c", "c", "c", "c"}, Treated: "t", Control: "c"}
	d.Endpoints = []resample.WYEndpoint{{Name: "pain", Participant: []int{0, 1, 2, 3, 4, 5, 6, 7}, Value: x},
		{Name: "strength", Participant: []int{0, 1, 2, 3, 4, 5, 6}, Value: y}}
	w, err := resample.WestfallYoung(d)
	require.NoError(t, err)
	statstest.Results(t, p, mc, b, w, w.Tests[0])
}

// Beyond all values only the trial's own of the 15!/(8! 7!) = 6435 arrangements
// lies as far: p does not fall below it, nor rise where numbers overflow.
func TestPermutationOfFarNulls(t *testing.T) {
	x, y := []float64{3, 1, 4, 1, 5, 9, 2, 6}, []float64{5, 3, 5, 8, 9, 7, 9}
	for _, s := range []resample.PermStatistic{resample.PermMean, resample.PermStudentized} {
		p, err := resample.PermutationWith(x, y, resample.PermOptions{Statistic: s})
		require.NoError(t, err)
		for _, null := range []float64{1e4, 1e300, math.MaxFloat64, math.Inf(1)} {
			for _, n := range []float64{null, -null} {
				assert.InDelta(t, 1.0/6435, p.P(n), 1e-15, "%s %v", s, n)
			}
			assert.Equal(t, 1.0, p.PGreater(-null)+p.PLess(null)+1-2*p.P(null), "%s %v", s, null)
		}
	}
	// The series in the cumulants ends as well: at most twice the share of one of the
	// arrangements of 30 v 30, to within what it promises to say of such tails.
	p, err := resample.PermutationWith(statstest.RandomVAS(30, 1), statstest.RandomVAS(30, 2), resample.PermOptions{Method: resample.PermApprox})
	require.NoError(t, err)
	for _, null := range []float64{math.MaxFloat64, math.Inf(-1)} {
		assert.Greater(t, p.P(null), 1/p.Arrangements)
		assert.Less(t, p.P(null), 1e-4)
	}
}
