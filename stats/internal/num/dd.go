package num

import (
	"math"
)

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

// SqrtDD is √x of a float64 x ≥ 0.
func SqrtDD(x float64) DD {
	if x <= 0 {
		return DD{}
	}
	h := math.Sqrt(x)
	return DD{Hi: h, Lo: math.FMA(-h, h, x) / (2 * h)}
}

// DotDD is Σ a[i]·b[i] as if every product and sum had some 32 digits. Rounding
// errors are summed apart (Ogita, Rump & Oishi 2005, doi 10.1137/030601818), in
// four lanes, so that no sum waits for the one before.
func DotDD(a, b []DD) DD {
	var s, c [4]float64
	b = b[:len(a)]
	for i := range a {
		x, y := &a[i], &b[i]
		p := x.Hi * y.Hi
		e := math.FMA(x.Hi, y.Hi, -p)
		e = math.FMA(x.Hi, y.Lo, e)
		e = math.FMA(x.Lo, y.Hi, e)
		k := i & 3
		t := s[k] + p
		v := t - s[k]
		c[k] += (s[k] - (t - v)) + (p - v) + e
		s[k] = t
	}
	sum := DD{Hi: s[0]}
	for k := 1; k < 4; k++ {
		sum = sum.Add(DD{Hi: s[k]})
	}
	return sum.Add(ToDD(c[0]).Add(ToDD(c[1])).Add(ToDD(c[2])).Add(ToDD(c[3])))
}

// AddScaledDD adds d·v[i] to every c[i].
func AddScaledDD(c []DD, d DD, v []DD) {
	c = c[:len(v)]
	for i := range v {
		x, a := &v[i], &c[i]
		p := d.Hi * x.Hi
		e := math.FMA(d.Hi, x.Hi, -p)
		e = math.FMA(d.Hi, x.Lo, e)
		e = math.FMA(d.Lo, x.Hi, e)
		s := a.Hi + p
		t := s - a.Hi
		f := (a.Hi - (s - t)) + (p - t) + (a.Lo + e)
		h := s + f
		*a = DD{Hi: h, Lo: f - (h - s)}
	}
}
