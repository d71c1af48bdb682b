package resample

import (
	"math"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The cumulants against those of the sums of all subsets, listed.
func TestDrawnCumulantsAreThoseOfAllSubsets(t *testing.T) {
	for _, v := range [][]float64{{1, 4, 4, 9, 2, 17, 3, 3, 8, 6, 21}, {0.5, -3, 7, 1e3, 2}, {1, 2}, {5, 1, 1, 2}, {3, 3, 3}} {
		for pick := 1; pick < len(v); pick++ {
			var sums []float64
			for set := range 1 << len(v) {
				if bits.OnesCount(uint(set)) != pick {
					continue
				}
				var s float64
				for i, x := range v {
					s += x * float64(set>>i&1)
				}
				sums = append(sums, s)
			}
			sameCumulants(t, momentsOf(sums), drawnCumulants(v, 0, 0, pick))
			raised := append([]float64(nil), v...)
			raised[0] += 7.5
			sameCumulants(t, momentsOf(sums), drawnCumulants(raised, 1, 7.5, pick))
		}
	}
	assert.Zero(t, drawnCumulants([]float64{1, 5}, 0, 0, 0))
	assert.Zero(t, drawnCumulants([]float64{1, 5}, 0, 0, 2))
}

// Signs against all patterns, listed; a cell against 1,000 points within it.
func TestSignedCumulantsAreThoseOfAllPatterns(t *testing.T) {
	v := []float64{3, -2, 7, 1, 1, 12}
	var sums []float64
	for set := range 1 << len(v) {
		var s float64
		for i, x := range v {
			s += x * float64(set>>i&1)
		}
		sums = append(sums, s)
	}
	sameCumulants(t, momentsOf(sums), signedCumulants(v, 0))

	var points []float64
	for i := range 1000 {
		points = append(points, 3*(float64(i)+0.5)/1000)
	}
	var c sumCumulants
	c.cell(3)
	got := momentsOf(points)
	assert.InEpsilon(t, got.k2, c.k2, 1e-5)
	assert.InEpsilon(t, got.k4, c.k4, 1e-5)
	assert.InEpsilon(t, got.k6, c.k6, 1e-5)
}

// momentsOf turns the central moments of equally likely values into cumulants.
func momentsOf(x []float64) sumCumulants {
	var mean float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	var m [7]float64
	for _, v := range x {
		for r := range m {
			m[r] += math.Pow(v-mean, float64(r)) / float64(len(x))
		}
	}
	return sumCumulants{m[2], m[3], m[4] - 3*m[2]*m[2], m[5] - 10*m[2]*m[3],
		m[6] - 15*m[2]*m[4] - 10*m[3]*m[3] + 30*m[2]*m[2]*m[2]}
}

func sameCumulants(t *testing.T, want, got sumCumulants) {
	t.Helper()
	s := math.Sqrt(want.k2)
	for r, v := range [][2]float64{{want.k2, got.k2}, {want.k3, got.k3}, {want.k4, got.k4}, {want.k5, got.k5}, {want.k6, got.k6}} {
		assert.InDelta(t, v[0], v[1], 1e-11*math.Pow(s, float64(r+2))+1e-300, "cumulant %d", r+2)
	}
}
