package impute_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
)

func TestBinaryProperties(t *testing.T) {
	a, b := impute.Counts{Events: 18, Nonevents: 15, Missing: 7}, impute.Counts{Events: 12, Nonevents: 20, Missing: 8}
	o := impute.IMOR{Treated: 2, Control: 0.7, SDTreated: 0.4, SDControl: 0.9, Correlation: 0.3}
	s, err := impute.IMORBinary(a, b, o)
	require.NoError(t, err)
	swapped, err := impute.IMORBinary(b, a, impute.IMOR{Treated: 0.7, Control: 2, SDTreated: 0.9, SDControl: 0.4, Correlation: 0.3})
	require.NoError(t, err)
	for _, ask := range []func(s impute.Shares) (stats.Estimate, error){impute.Shares.Difference, impute.Shares.LogRiskRatio, impute.Shares.LogOddsRatio} {
		x, err := ask(s)
		require.NoError(t, err)
		y, err := ask(swapped)
		require.NoError(t, err)
		assert.InDelta(t, x.Value, -y.Value, 1e-14)
		assert.InEpsilon(t, x.SE, y.SE, 1e-13)
	}
	// An IMOR far out is a guess of one outcome for all.
	far, err := impute.IMORBinary(a, b, impute.IMOR{Treated: 1e12, Control: 1e-12})
	require.NoError(t, err)
	guess, err := impute.GuessBinary(a, b, impute.EventsInTreated)
	require.NoError(t, err)
	assert.InDelta(t, guess.P[0], far.P[0], 1e-9)
	assert.InDelta(t, guess.P[1], far.P[1], 1e-9)
	// Every completion lies between the extremes.
	lo, err := impute.GuessBinary(a, b, impute.EventsInControl)
	require.NoError(t, err)
	m, err := impute.TippingBinary(a, b, func(x, n, y, k int) (float64, error) { return float64(x)/float64(n) - float64(y)/float64(k), nil })
	require.NoError(t, err)
	require.Len(t, m, 8)
	require.Len(t, m[0], 9)
	assert.InDelta(t, guess.P[1]-guess.P[0], m[7][0], 1e-15)
	assert.InDelta(t, lo.P[1]-lo.P[0], m[0][8], 1e-15)
	for _, bad := range []impute.IMOR{{}, {Treated: -1, Control: 1}, {Treated: 1, Control: math.NaN()}, {Treated: 1, Control: 1, SDTreated: -1}, {Treated: 1, Control: 1, Correlation: 2}} {
		_, err = impute.IMORBinary(a, b, bad)
		require.ErrorIs(t, err, stats.ErrDomain)
	}
	_, err = impute.GuessBinary(impute.Counts{Missing: 3}, b, impute.AsObserved)
	require.ErrorIs(t, err, stats.ErrTooFew)
	_, err = impute.GuessBinary(impute.Counts{Events: -1}, b, impute.AsObserved)
	require.ErrorIs(t, err, stats.ErrDomain)
	none, err := impute.GuessBinary(impute.Counts{Nonevents: 5}, impute.Counts{Nonevents: 6}, impute.AsObserved)
	require.NoError(t, err)
	_, err = none.Difference()
	require.ErrorIs(t, err, stats.ErrNoVariation)
	_, err = none.LogRiskRatio()
	require.ErrorIs(t, err, stats.ErrDomain)
}

// By hand: a gap, a loss, nothing at all.
func TestCarriedForward(t *testing.T) {
	d := &impute.Data{Trial: mmrm.Trial{Arms: []string{"c", "t"}, Control: "c", Arm: []int{0, 1, 0}, Visits: []string{"1", "2", "3", "4"}, Baseline: []float64{50, 40, 30},
		Values: []mmrm.Value{{Participant: 0, Visit: 0, Y: 44}, {Participant: 0, Visit: 2, Y: 60}, {Participant: 1, Visit: 1, Y: 38}, {Participant: 1, Visit: 3, Y: 20}}}}
	for _, c := range []struct {
		s    impute.Single
		want [][]float64 // 0: still missing
	}{
		{impute.Single{}, [][]float64{{44, 44, 60, 60}, {0, 38, 38, 20}, {0, 0, 0, 0}}},
		{impute.Single{FromBaseline: true}, [][]float64{{44, 44, 60, 60}, {40, 38, 38, 20}, {30, 30, 30, 30}}},
		{impute.Single{Rule: impute.BOCFAll}, [][]float64{{44, 50, 60, 50}, {40, 38, 40, 20}, {30, 30, 30, 30}}},
		{impute.Single{Rule: impute.BOCFDropout}, [][]float64{{44, 44, 60, 50}, {40, 38, 38, 20}, {30, 30, 30, 30}}},
		{impute.Single{Rule: impute.WOCF, FromBaseline: true}, [][]float64{{44, 50, 60, 60}, {40, 38, 40, 20}, {30, 30, 30, 30}}},
		{impute.Single{Rule: impute.WOCF, HigherIsBetter: true}, [][]float64{{44, 44, 60, 44}, {0, 38, 38, 20}, {0, 0, 0, 0}}},
	} {
		f, err := c.s.Fill(d)
		require.NoError(t, err)
		got := [][]float64{make([]float64, 4), make([]float64, 4), make([]float64, 4)}
		n := 0
		for _, v := range f.Data.Values {
			got[v.Participant][v.Visit] = v.Y
			n++
		}
		assert.Equal(t, c.want, got, "%+v", c.s)
		assert.Equal(t, 12-n, f.StillMissing)
		assert.Equal(t, n-4, f.Count)
		assert.Contains(t, f.String(), "only to reproduce")
	}
	d.Baseline = nil
	_, err := impute.Single{Rule: impute.BOCFAll}.Fill(d)
	require.ErrorIs(t, err, stats.ErrTooFew)
	require.Len(t, d.Values, 4, "the input is unchanged")
}

func TestBaselinesPutIn(t *testing.T) {
	x, missing := []float64{1, math.NaN(), 4, 7, 99}, []bool{false, true, false, false, true}
	f, mean, err := impute.MeanBaseline(x, missing)
	require.NoError(t, err)
	assert.InDelta(t, 4, mean, 1e-15)
	assert.Equal(t, []float64{1, mean, 4, 7, mean}, f)
	f, err = impute.RegressionBaseline([]float64{3, 0, 7, 11, 0, 9.5}, []bool{false, true, false, false, true, false}, []float64{1, 2, 3, 5, 10, 4})
	require.NoError(t, err)
	// Least squares of 3, 7, 11, 9.5 on 1, 3, 5, 4: slope 17.875/8.75.
	assert.InDelta(t, 7.625+(2-3.25)*17.875/8.75, f[1], 1e-12)
	assert.InDelta(t, 7.625+(10-3.25)*17.875/8.75, f[4], 1e-12)
	_, _, err = impute.MeanBaseline([]float64{1, math.NaN()}, []bool{false, false})
	require.ErrorIs(t, err, stats.ErrNotFinite)
	_, _, err = impute.MeanBaseline([]float64{1}, []bool{true})
	require.ErrorIs(t, err, stats.ErrTooFew)
	_, err = impute.RegressionBaseline([]float64{1, 2}, []bool{true, false})
	require.ErrorIs(t, err, stats.ErrTooFew)
}
