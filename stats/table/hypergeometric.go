package table

import "math"

// hypergeometric returns weights proportional to P(X = lo + i), X being the
// events among n1 when m of n1 + n2 have one. They start at 1 at the mode, so
// nothing overflows and the far tails keep their digits as long as they are
// representable.
func hypergeometric(n1, n2, m int) (lo int, w []float64) {
	lo, hi := max(0, m-n2), min(m, n1)
	w = make([]float64, hi-lo+1)
	mode := int(math.Floor(float64(m+1) * float64(n1+1) / float64(n1+n2+2)))
	mode = max(lo, min(hi, mode))
	w[mode-lo] = 1
	for k := mode; k < hi; k++ { // ratio P(k+1)/P(k)
		w[k+1-lo] = w[k-lo] * float64(n1-k) / float64(k+1) * float64(m-k) / float64(n2-m+k+1)
	}
	for k := mode; k > lo; k-- {
		w[k-1-lo] = w[k-lo] * float64(k) / float64(n1-k+1) * float64(n2-m+k) / float64(m-k+1)
	}
	return lo, w
}
