package num

import "math"

// Sum adds with Neumaier's (1974, doi:10.1002/zamm.19740540106) compensation:
// the error does not grow with the number of terms.
func Sum(x []float64) float64 {
	var s, c float64
	for _, v := range x {
		t := s + v
		if math.Abs(s) >= math.Abs(v) {
			c += (s - t) + v
		} else {
			c += (v - t) + s
		}
		s = t
	}
	if math.IsInf(s, 0) || math.IsNaN(s) {
		return s
	}
	return s + c
}

// MeanVar returns the mean and the variance (divisor n − 1; NaN for n < 2) by
// compensated sums about a first mean, with the correction for that mean's
// rounding, so that data like 1e9 + small keep their digits.
func MeanVar(x []float64) (mean, variance float64) {
	n := float64(len(x))
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	first := Sum(x) / n
	var s, cs, q, cq float64 // Σ d and Σ d², with compensations
	for _, v := range x {
		d := v - first
		s, cs = addTo(s, cs, d)
		p := d * d
		q, cq = addTo(q, cq, p)
		cq += math.FMA(d, d, -p)
	}
	rest := (s + cs) / n
	mean = first + rest
	if n < 2 {
		return mean, math.NaN()
	}
	return mean, math.Max(0, (q+cq-rest*(s+cs))/(n-1))
}

func addTo(s, c, v float64) (float64, float64) {
	t := s + v
	if math.Abs(s) >= math.Abs(v) {
		return t, c + ((s - t) + v)
	}
	return t, c + ((v - t) + s)
}
