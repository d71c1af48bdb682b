// Package moments computes means, sums of squares and products that keep their
// digits, and asks whether what is left of them is rounding.
package moments

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// NoSpread reports whether a sum of squares is rounding of the values.
func NoSpread(groups [][]float64, ss float64, n int) bool {
	big := 0.0
	for _, g := range groups {
		for _, v := range g {
			big = math.Max(big, math.Abs(v))
		}
	}
	return math.Sqrt(ss/float64(n)) <= 0x1p-52*big
}

// DD returns the mean and the sum of squares about it.
func DD(x []float64) (mean num.DD, ss float64) {
	var s num.DD
	for _, v := range x {
		s = s.Add(num.ToDD(v))
	}
	mean = s.Div(num.ToDD(float64(len(x))))
	var q num.DD
	for _, v := range x {
		d := num.ToDD(v).Sub(mean)
		q = q.Add(d.Mul(d))
	}
	return mean, q.Float()
}

// Joint are means, and the mean squares and product about them with
// divisor n, in double-double arithmetic.
type Joint struct{ MX, MY, VX, VY, VXY num.DD }

func NewJoint(x, y []float64) Joint {
	n := num.ToDD(float64(len(x)))
	mean := func(v []float64) num.DD {
		var s num.DD
		for _, a := range v {
			s = s.Add(num.ToDD(a))
		}
		return s.Div(n)
	}
	m := Joint{MX: mean(x), MY: mean(y)}
	for i := range x {
		dx, dy := num.ToDD(x[i]).Sub(m.MX), num.ToDD(y[i]).Sub(m.MY)
		m.VX, m.VY, m.VXY = m.VX.Add(dx.Mul(dx)), m.VY.Add(dy.Mul(dy)), m.VXY.Add(dx.Mul(dy))
	}
	m.VX, m.VY, m.VXY = m.VX.Div(n), m.VY.Div(n), m.VXY.Div(n)
	return m
}

// Correlation returns r and 1 − r².
func (m Joint) Correlation() (r, rest float64) {
	return RatioOfRoots(m.VXY, m.VX, m.VY)
}

// RatioOfRoots is r = c/√(a·b) and 1 − r².
func RatioOfRoots(c, a, b num.DD) (r, rest float64) {
	ab := a.Mul(b)
	rest = math.Max(0, ab.Sub(c.Mul(c)).Div(ab).Float())
	r = math.Max(-1, math.Min(1, c.Div(ab.Sqrt()).Float()))
	if rest == 0 {
		r = math.Copysign(1, r)
	}
	return r, rest
}

// Still reports whether a mean square is no more than the rounding of values.
func Still(v num.DD, x []float64) bool {
	big := 0.0
	for _, a := range x {
		big = math.Max(big, math.Abs(a))
	}
	return math.Sqrt(v.Float()) <= 0x1p-52*big
}

// Quantile is Quantile of sorted data. The order statistics are at
// position n·p + m with m by type; types 1–3 take one (or the mean of two) of
// them, the others interpolate.
func Quantile(s []float64, p float64, typ int) float64 {
	n := float64(len(s))
	at := func(i float64) float64 { // 1-based, clamped
		return s[int(math.Max(1, math.Min(n, i)))-1]
	}
	// fuzz absorbs the rounding of n·p: 10 × 0.3 must be 3.
	const fuzz = 4 * 0x1p-52
	if typ <= 3 {
		pos := n * p
		if typ == 3 {
			pos -= 0.5
		}
		j := math.Floor(pos + fuzz*math.Max(1, n))
		g := pos - j
		onPoint := math.Abs(g) <= fuzz*math.Max(1, n)
		switch {
		case !onPoint:
			return at(j + 1)
		case typ == 1:
			return at(j)
		case typ == 2:
			return (at(j) + at(j+1)) / 2
		default: // type 3: the even order statistic
			if math.Mod(j, 2) == 0 {
				return at(j)
			}
			return at(j + 1)
		}
	}
	var a, b float64
	switch typ {
	case 4:
		a, b = 0, 1
	case 5:
		a, b = 0.5, 0.5
	case 6:
		a, b = 0, 0
	case 7:
		a, b = 1, 1
	case 8:
		a, b = 1./3, 1./3
	case 9:
		a, b = 3./8, 3./8
	}
	pos := a + p*(n+1-a-b)
	j := math.Floor(pos + fuzz*math.Max(1, n))
	h := pos - j
	if math.Abs(h) <= fuzz*math.Max(1, n) {
		return at(j)
	}
	lo, hi := at(j), at(j+1)
	return lo + h*(hi-lo)
}

// DDMean is the mean of x to the last bit.
func DDMean(x []float64) float64 {
	var s num.DD
	for _, v := range x {
		s = s.Add(num.ToDD(v))
	}
	return s.Div(num.ToDD(float64(len(x)))).Float()
}

// Of returns the mean and the sum of squared deviations from it. The mean
// is a compensated sum and carries its own rounding error along, so that data
// like 1e9 + small keep their digits.
func Of(x []float64) (mean, ss float64) {
	hi, lo, ss := Parts(x)
	return hi + lo, ss
}

// Parts is moments with the mean as an unevaluated sum, so that the
// difference of two means does not lose what both round away.
func Parts(x []float64) (hi, lo, ss float64) {
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

// Rescaled returns the samples multiplied by one power of two that brings the
// largest value to about 1, or as they are where powers up to the fourth
// neither overflow nor vanish. Statistics without a unit keep every digit.
func Rescaled(samples ...[]float64) [][]float64 {
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

// Constant reports whether a standard error is no more than the rounding of
// the means it belongs to: then the data do not vary, and a t statistic would
// be made of rounding errors.
func Constant(se float64, means ...float64) bool {
	big := 0.0
	for _, m := range means {
		big = math.Max(big, math.Abs(m))
	}
	return se <= 10*0x1p-52*big || se == 0
}
