package num

import (
	"errors"
	"math"
)

// ErrNoRoot: the function has one sign at both ends of the interval, or never
// changes it as the interval grows.
var ErrNoRoot = errors.New("num: no change of sign")

// Root finds x in [lo, hi] with f(x) = 0 by Brent's method (Brent 1973,
// Algorithms for Minimization without Derivatives, ch. 4): f must be
// continuous with different signs at the ends. The root is within tol (or four
// units in the last place, if larger) of a change of sign.
func Root(f func(float64) float64, lo, hi, tol float64) (float64, error) {
	return brent(f, lo, hi, f(lo), f(hi), tol)
}

func brent(f func(float64) float64, a, b, fa, fb, tol float64) (float64, error) {
	switch {
	case fa == 0:
		return a, nil
	case fb == 0:
		return b, nil
	case math.IsNaN(fa) || math.IsNaN(fb) || (fa > 0) == (fb > 0):
		return math.NaN(), ErrNoRoot
	}
	c, fc := a, fa
	d := b - a
	e := d
	for range 300 {
		if math.Abs(fc) < math.Abs(fb) {
			a, b, c = b, c, b
			fa, fb, fc = fb, fc, fb
		}
		eps := 4*epsilon*math.Abs(b) + 0.5*tol
		m := 0.5 * (c - b)
		if math.Abs(m) <= eps || fb == 0 {
			return b, nil
		}
		if math.Abs(e) < eps || math.Abs(fa) <= math.Abs(fb) {
			d, e = m, m
		} else {
			// Secant, or inverse quadratic interpolation through three points.
			s := fb / fa
			var p, q float64
			if a == c {
				p, q = 2*m*s, 1-s
			} else {
				u, v := fa/fc, fb/fc
				p = s * (2*m*u*(u-v) - (b-a)*(v-1))
				q = (u - 1) * (v - 1) * (s - 1)
			}
			if p > 0 {
				q = -q
			} else {
				p = -p
			}
			if 2*p < math.Min(3*m*q-math.Abs(eps*q), math.Abs(e*q)) {
				e, d = d, p/q
			} else {
				d, e = m, m
			}
		}
		a, fa = b, fb
		if math.Abs(d) > eps {
			b += d
		} else {
			b += math.Copysign(eps, m)
		}
		fb = f(b)
		if math.IsNaN(fb) {
			return math.NaN(), ErrNoRoot
		}
		if (fb > 0) == (fc > 0) {
			c, fc = a, fa
			d = b - a
			e = d
		}
	}
	return b, nil
}

// RootExpand finds a root of a function that need not be bracketed: from start
// it goes outwards both ways by growing multiples of step until the sign
// changes, then uses Root. lo and hi bound the search (may be infinite).
func RootExpand(f func(float64) float64, start, step, lo, hi, tol float64) (float64, error) {
	a, b := start, start
	fa := f(start)
	fb := fa
	if fa == 0 {
		return start, nil
	}
	for range 200 {
		if a > lo {
			na := math.Max(lo, a-step)
			fn := f(na)
			if (fn > 0) != (fa > 0) || fn == 0 {
				return brent(f, na, a, fn, fa, tol)
			}
			a, fa = na, fn
		}
		if b < hi {
			nb := math.Min(hi, b+step)
			fn := f(nb)
			if (fn > 0) != (fb > 0) || fn == 0 {
				return brent(f, b, nb, fb, fn, tol)
			}
			b, fb = nb, fn
		}
		if a <= lo && b >= hi {
			break
		}
		step *= 2
	}
	return math.NaN(), ErrNoRoot
}

// monotoneRoot finds the root of an increasing, nearly straight function from
// a good start: outwards in the direction of its sign, then Brent.
func monotoneRoot(f func(float64) float64, start, step float64) (float64, error) {
	a := start
	fa := f(a)
	// A Newton-like first move of the size of f itself, as f has slope near 1
	// in the callers' scales or the step says so.
	for range 200 {
		if fa == 0 {
			return a, nil
		}
		if math.IsNaN(fa) {
			return math.NaN(), ErrNoRoot
		}
		b := a - math.Copysign(step, fa)
		fb := f(b)
		if (fb > 0) != (fa > 0) || fb == 0 {
			return brent(f, a, b, fa, fb, 0)
		}
		if s := (fa - fb) / (a - b); s > 0 {
			step = math.Min(math.Max(1.3*math.Abs(fb/s), step), 4*step)
		} else {
			step *= 2
		}
		a, fa = b, fb
	}
	return math.NaN(), ErrNoRoot
}
