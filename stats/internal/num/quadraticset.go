package num

import "math"

// QuadraticSet solves ax² − 2bx + c ≤ 0. The set is the interval from lo to hi, which
// may be infinite; with gap it is the whole line without what lies strictly between lo
// and hi. some is false where no number solves it.
func QuadraticSet(a, b, c float64) (lo, hi float64, gap, some bool) {
	all := func() (float64, float64, bool, bool) { return math.Inf(-1), math.Inf(1), false, true }
	if a == 0 {
		switch {
		case b > 0:
			return c / (2 * b), math.Inf(1), false, true
		case b < 0:
			return math.Inf(-1), c / (2 * b), false, true
		case c <= 0:
			return all()
		}
		return 0, 0, false, false
	}
	d := b*b - a*c
	if d < 0 || d == 0 && a < 0 {
		if a < 0 {
			return all()
		}
		return 0, 0, false, false
	}
	q := b + math.Copysign(math.Sqrt(d), b) // the two roots are q/a and c/q, neither of which cancels
	x := q / a
	y := x
	if q != 0 {
		y = c / q
	}
	return math.Min(x, y), math.Max(x, y), a < 0, true
}
