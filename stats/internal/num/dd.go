package num

import "math"

// DD is a number held as an unevaluated sum of two float64, Hi + Lo with
// |Lo| ≤ ulp(Hi)/2: about 32 significant digits. Least squares uses it, so
// that ill-conditioned designs and data with a large offset keep the digits
// that their float64 inputs have.
//
// Source: Dekker TJ. A floating-point technique for extending the available
// precision. Numer Math 1971;18:224–242. doi:10.1007/BF01397083.
type DD struct{ Hi, Lo float64 }

// ToDD returns x exactly.
func ToDD(x float64) DD { return DD{Hi: x} }

// Float returns the nearest float64.
func (a DD) Float() float64 { return a.Hi + a.Lo }

// Add returns a + b.
func (a DD) Add(b DD) DD {
	s := a.Hi + b.Hi
	v := s - a.Hi
	e := (a.Hi - (s - v)) + (b.Hi - v)
	t := a.Lo + b.Lo
	w := t - a.Lo
	f := (a.Lo - (t - w)) + (b.Lo - w)
	e += t
	h := s + e
	e -= h - s
	e += f
	r := h + e
	return DD{Hi: r, Lo: e - (r - h)}
}

// Neg returns −a.
func (a DD) Neg() DD { return DD{Hi: -a.Hi, Lo: -a.Lo} }

// Sub returns a − b.
func (a DD) Sub(b DD) DD { return a.Add(DD{Hi: -b.Hi, Lo: -b.Lo}) }

// Mul returns a·b.
func (a DD) Mul(b DD) DD {
	p := a.Hi * b.Hi
	e := math.FMA(a.Hi, b.Hi, -p)
	e = math.FMA(a.Hi, b.Lo, e)
	e = math.FMA(a.Lo, b.Hi, e)
	s := p + e
	return DD{Hi: s, Lo: e - (s - p)}
}

// MulFloat returns a·x.
func (a DD) MulFloat(x float64) DD {
	p := a.Hi * x
	e := math.FMA(a.Hi, x, -p)
	e = math.FMA(a.Lo, x, e)
	s := p + e
	return DD{Hi: s, Lo: e - (s - p)}
}

// Div returns a/b.
func (a DD) Div(b DD) DD {
	q1 := a.Hi / b.Hi
	r := a.Sub(b.MulFloat(q1))
	q2 := r.Hi / b.Hi
	r = r.Sub(b.MulFloat(q2))
	q3 := r.Hi / b.Hi
	return DD{Hi: q1}.Add(DD{Hi: q2}).Add(DD{Hi: q3})
}

// Sqrt returns the square root of a ≥ 0.
func (a DD) Sqrt() DD {
	if a.Hi <= 0 {
		return DD{}
	}
	x := DD{Hi: math.Sqrt(a.Hi)}
	// One Newton step doubles the digits, the second cleans the last ones.
	for range 2 {
		x = x.Add(a.Sub(x.Mul(x)).Div(x.MulFloat(2)))
	}
	return x
}
