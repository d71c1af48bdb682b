package num

import "math"

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
