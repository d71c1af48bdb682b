package table_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
)

// The reference cases hold the values; here are what it refuses and how it turns.
func TestStandardizedDifferenceOfCounts(t *testing.T) {
	a, b := []int{9, 9, 2, 0, 4}, []int{9, 7, 4, 0, 1}
	d, err := table.StandardizedCounts(a, b)
	require.NoError(t, err)
	for _, turned := range [][2][]int{{b, a}, {{4, 2, 9, 9}, {1, 4, 7, 9}}, {{90, 90, 20, 0, 40}, {18, 14, 8, 0, 2}}} {
		e, err := table.StandardizedCounts(turned[0], turned[1])
		require.NoError(t, err)
		assert.InEpsilon(t, d, e, 1e-13, "neither arms, nor order, nor an empty level, nor size matters")
	}
	// (0.4 − 0.7)/√((0.24 + 0.21)/2)
	p, err := table.StandardizedProportion(table.Count{Events: 4, N: 10}, table.Count{Events: 14, N: 20})
	require.NoError(t, err)
	assert.InEpsilon(t, -0.6324555320336759, p, 1e-14)
	p, err = table.StandardizedProportion(table.Count{Events: 0, N: 10}, table.Count{Events: 0, N: 20})
	require.NoError(t, err)
	assert.Zero(t, p)

	for _, x := range []struct {
		a, b []int
		want error
	}{
		{[]int{1, 0}, []int{0, 1}, stats.ErrNoVariation}, {[]int{1, 2}, []int{1}, stats.ErrLength}, {[]int{-1, 3}, []int{1, 1}, stats.ErrDomain},
		{[]int{0, 0}, []int{1, 1}, stats.ErrTooFew}, {[]int{1}, []int{0}, stats.ErrTooFew}, {nil, nil, stats.ErrTooFew},
	} {
		_, err := table.StandardizedCounts(x.a, x.b)
		assert.ErrorIs(t, err, x.want)
	}
	_, err = table.StandardizedProportion(table.Count{Events: 3, N: 2}, table.Count{Events: 1, N: 2})
	assert.ErrorIs(t, err, stats.ErrDomain)
	assert.ErrorContains(t, err, "StandardizedProportion")
}
