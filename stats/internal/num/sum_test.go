package num

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSumAndMeanVar(t *testing.T) {
	require.Equal(t, 2.0, Sum([]float64{1, 1e100, 1, -1e100}))
	m, v := MeanVar([]float64{1e9 + 0.25, 1e9 + 0.5, 1e9 + 0.75})
	require.Equal(t, 1e9+0.5, m)
	require.Equal(t, 0.0625, v)
	m, v = MeanVar([]float64{3, 3, 3})
	require.Equal(t, []float64{3, 0}, []float64{m, v})
}
