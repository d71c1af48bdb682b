package stats_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Values of both signs that are far larger than their mean: the difference of
// means is 2/15 to the last digits, of which 1e8 − 1/3 keeps eight.
func TestMeanOfCancelingValuesKeepsItsDigits(t *testing.T) {
	e, err := stats.Student([]float64{-1e8, 1, 1e8}, []float64{0.1, 0.2, 0.3})
	require.NoError(t, err)
	assert.InEpsilon(t, 2.0/15, e.Value, 1e-15)
}

func TestTooLargeToSquareIsRefused(t *testing.T) {
	x := []float64{1, 1e200, 2}
	var s *stats.SampleError
	_, err := stats.Describe(x)
	require.ErrorAs(t, err, &s)
	assert.ErrorIs(t, err, stats.ErrDomain)
	assert.Equal(t, 1, s.Index)
	_, err = stats.Welch([]float64{3, 4, 5}, x)
	assert.ErrorIs(t, err, stats.ErrDomain)
}
