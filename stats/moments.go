package stats

import (
	"fmt"
	"math"
)

// moments returns the mean and the sum of squared deviations from it. The mean
// is a compensated sum and carries its own rounding error along, so that data
// like 1e9 + small keep their digits.
func moments(x []float64) (mean, ss float64) {
	hi, lo, ss := momentParts(x)
	return hi + lo, ss
}

// momentParts is moments with the mean as an unevaluated sum, so that the
// difference of two means does not lose what both round away.
func momentParts(x []float64) (hi, lo, ss float64) {
	n := float64(len(x))
	if n == 0 {
		return math.NaN(), 0, math.NaN()
	}
	sum, comp := twoSum(x, 0)
	mean := (sum + comp) / n
	// low is what the rounded mean misses of the exact one.
	s, c := twoSum(x, mean)
	low := (s + c) / n
	var q, qc float64
	for _, v := range x {
		d := (v - mean) - low
		y := d*d - qc
		t := q + y
		qc = (t - q) - y
		q = t
	}
	return mean, low, q
}

// twoSum is Neumaier's compensated sum of x − shift, as a rounded sum and the
// error it left behind.
func twoSum(x []float64, shift float64) (sum, comp float64) {
	for _, v := range x {
		d := v - shift
		// What the subtraction rounds away, so that values of both signs far
		// larger than their mean keep it.
		b := d - v
		comp += (v - (d - b)) - (shift + b)
		v = d
		t := sum + v
		if math.Abs(sum) >= math.Abs(v) {
			comp += (sum - t) + v
		} else {
			comp += (v - t) + sum
		}
		sum = t
	}
	return sum, comp
}

// tooLarge is where squares and their sums would overflow; no measurement is
// near it, and an infinite variance must not become NaN.
const tooLarge = 1e152

// checkScale refuses values whose squares, or the squares of their products,
// leave the range of float64: no measurement is near it, and a covariance
// matrix must not become NaN.
func checkScale(fn, arg string, x []float64) error {
	const widest = 1e75
	big, at := 0.0, 0
	for i, v := range x {
		if math.Abs(v) > big {
			big, at = math.Abs(v), i
		}
	}
	if big > widest || big > 0 && big < 1/widest {
		return &SampleError{Func: fn, Arg: arg, Index: at, Err: ErrDomain,
			Info: fmt.Sprintf("%v: squares of the values leave the range of float64: change the unit", x[at])}
	}
	return nil
}

// rescaled returns the samples multiplied by one power of two that brings the
// largest value to about 1, or as they are where powers up to the fourth
// neither overflow nor vanish. Statistics without a unit keep every digit.
func rescaled(samples ...[]float64) [][]float64 {
	big := 0.0
	for _, x := range samples {
		for _, v := range x {
			big = math.Max(big, math.Abs(v))
		}
	}
	if big == 0 || (big > 1e-60 && big < 1e60) {
		return samples
	}
	_, exp := math.Frexp(big)
	out := make([][]float64, len(samples))
	for i, x := range samples {
		out[i] = make([]float64, len(x))
		for j, v := range x {
			out[i][j] = math.Ldexp(v, -exp)
		}
	}
	return out
}

// checkMoments is checkSample that also refuses values too large to square.
func checkMoments(fn, arg string, x []float64, min int) error {
	if err := checkSample(fn, arg, x, min); err != nil {
		return err
	}
	for i, v := range x {
		if math.Abs(v) > tooLarge {
			return &SampleError{Func: fn, Arg: arg, Index: i, Err: ErrDomain, Info: fmt.Sprintf("%v, too large to square", v)}
		}
	}
	return nil
}
