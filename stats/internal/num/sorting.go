package num

import (
	"math"
	"slices"
)

// DoubledRanks returns twice the mid-ranks of v, in its order.
func DoubledRanks(v []float64) []int {
	idx := make([]int, len(v))
	for i := range idx {
		idx[i] = i
	}
	slices.SortFunc(idx, func(a, b int) int {
		switch {
		case v[a] < v[b]:
			return -1
		case v[a] > v[b]:
			return 1
		}
		return 0
	})
	r := make([]int, len(v))
	for i := 0; i < len(idx); {
		j := i + 1
		for j < len(idx) && v[idx[j]] == v[idx[i]] {
			j++
		}
		for k := i; k < j; k++ {
			r[idx[k]] = i + j + 1
		}
		i = j
	}
	return r
}

// Bisect returns the boundary in [lo, hi] between where below holds and where
// it does not, to the last bit.
func Bisect(lo, hi float64, below func(float64) bool) float64 {
	for range 2000 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if below(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

func GCD(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func Clip01(x float64) float64 { return math.Max(0, math.Min(1, x)) }
