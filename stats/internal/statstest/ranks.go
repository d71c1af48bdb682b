package statstest

import (
	"slices"
)

// MidRanks are the ranks by counting; equal values share the middle one.
func MidRanks(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, a := range x {
		out[i] = 0.5
		for _, b := range x {
			switch {
			case b < a:
				out[i]++
			case b == a:
				out[i] += 0.5
			}
		}
	}
	return out
}

// SharePairings is the share of all orders of b whose statistic is at least
// that of b as it stands (Heap's algorithm).
func SharePairings(a, b []float64, stat func(b []float64) float64) float64 {
	obs := stat(b) - 1e-9
	hit, all := 0.0, 0.0
	b = append([]float64(nil), b...)
	var visit func(k int)
	visit = func(k int) {
		if k <= 1 {
			all++
			if stat(b) >= obs {
				hit++
			}
			return
		}
		for i := range k {
			visit(k - 1)
			if k%2 == 0 {
				b[i], b[k-1] = b[k-1], b[i]
			} else {
				b[0], b[k-1] = b[k-1], b[0]
			}
		}
	}
	visit(len(b))
	return hit / all
}

// CenteredProduct is the sum of products of two samples' ranks about their mean.
func CenteredProduct(a, b []float64) float64 {
	s, m := 0.0, float64(len(a)+1)/2
	for i := range a {
		s += (a[i] - m) * (b[i] - m)
	}
	return s
}

// Scaled is a copy in another unit.
func Scaled(x []float64, unit float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] *= unit
	}
	return out
}
