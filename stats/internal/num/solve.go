package num

import "math"

// solveTail finds v > 0 with tail(v) = p by Newton's method on the logarithms
// of both, where tails are nearly straight lines, within a bracket that every
// evaluation tightens. eval returns the tail and v times the density.
func solveTail(p, v float64, increasing bool, eval func(v float64) (tail, slope float64)) float64 {
	if v == 0 || math.IsInf(v, 1) {
		return v // beyond the range of float64
	}
	if math.IsNaN(v) {
		v = 1
	}
	lo, hi := 0.0, math.Inf(1)
	prev := math.Inf(1)
	for it := 0; it < 200; it++ {
		tail, slope := eval(v)
		h := math.Log1p((tail - p) / p)
		if tail < p/2 || tail > 2*p {
			h = math.Log(tail / p)
		}
		if h == 0 {
			return v
		}
		if (h > 0) == increasing {
			hi = math.Min(hi, v)
		} else {
			lo = math.Max(lo, v)
		}
		step := -h * tail / slope
		if !increasing {
			step = -step
		}
		next := v + v*step
		if math.Abs(step) > 0.1 {
			next = v * math.Exp(step)
		}
		if math.IsNaN(next) || math.IsInf(step, 0) || !(next > lo && next < hi) || (it > 20 && math.Abs(step) > prev/2) {
			if math.Abs(step) < 8*epsilon {
				return v
			}
			// Between the ends of the bracket, or away from the only end.
			switch {
			case lo > 0 && !math.IsInf(hi, 1):
				next = math.Sqrt(lo) * math.Sqrt(hi)
				if hi/lo < 1.5 {
					next = lo + (hi-lo)/2
				}
			case lo > 0:
				next = lo * math.Exp(math.Min(600, 2*float64(it+1)))
			default:
				next = hi * math.Exp(-math.Min(600, 2*float64(it+1)))
			}
			if next == v || next == lo || next == hi {
				return next
			}
			step = math.Log(next / v)
		}
		if next == v {
			return v
		}
		done := math.Abs(step) < 1e-9 && it > 0 // Newton squares the error: this step has settled it
		v = next
		if done || v == 0 || math.IsInf(v, 1) {
			return v
		}
		prev = math.Abs(step)
	}
	return v
}
