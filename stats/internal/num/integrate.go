package num

import "math"

// Nodes and weights of the 15-point Kronrod extension of Gauss's 7-point rule.
var (
	kronrodX = [...]float64{
		0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
		0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
		0.586087235467691130294144691258130, 0.405845151377397166906606412076961,
		0.207784955007898467600689403773245, 0,
	}
	kronrodW = [...]float64{
		0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
		0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
		0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
		0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
	}
	gaussW = [...]float64{
		0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
		0.381830050505118944950369775488975, 0.417959183673469387755102040816327,
	}
)

// Integrate is ∫ f over [a, b] by adaptive Gauss–Kronrod quadrature (Piessens
// et al. 1983, QUADPACK), bisecting until the two rules agree within tol
// relative to the integral of |f|. Ends may be infinite (x = t/(1−t²)). The
// estimate is conservative for smooth f; a peak much narrower than the interval
// must be bracketed by the caller, by splitting the interval at it.
func Integrate(f func(float64) float64, a, b, tol float64) float64 {
	switch {
	case a == b:
		return 0
	case a > b:
		return -Integrate(f, b, a, tol)
	case math.IsInf(a, -1) && math.IsInf(b, 1):
		return Integrate(func(t float64) float64 {
			u := (1 - t) * (1 + t)
			return f(t/u) * (1 + t*t) / (u * u)
		}, -1, 1, tol)
	case math.IsInf(b, 1):
		return Integrate(func(t float64) float64 { return f(a+t/(1-t)) / ((1 - t) * (1 - t)) }, 0, 1, tol)
	case math.IsInf(a, -1):
		return Integrate(func(t float64) float64 { return f(b-t/(1-t)) / ((1 - t) * (1 - t)) }, 0, 1, tol)
	}
	tol = math.Max(tol, 4*epsilon)
	whole, _, size := kronrod(f, a, b)
	ad := adaptive{f: f, tol: tol, size: size, budget: 20000}
	return ad.halve(a, b, whole, 0)
}

// adaptive carries what the bisection shares: the size of the integral and how
// many intervals may still be split, lest rounding noise above tol split
// forever.
type adaptive struct {
	f         func(float64) float64
	tol, size float64
	budget    int
}

func (ad *adaptive) halve(a, b, whole float64, depth int) float64 {
	m := a + (b-a)/2
	l, le, ls := kronrod(ad.f, a, m)
	r, re, rs := kronrod(ad.f, m, b)
	ad.size = math.Max(ad.size, ls+rs)
	ad.budget--
	small := ad.tol * ad.size
	if depth >= 45 || ad.budget < 0 || m <= a || m >= b ||
		depth >= 1 && le+re <= small && math.Abs(l+r-whole) <= small {
		return l + r
	}
	return ad.halve(a, m, l, depth+1) + ad.halve(m, b, r, depth+1)
}

// kronrod returns the integral, its difference to Gauss's rule and ∫|f|.
func kronrod(f func(float64) float64, a, b float64) (k, diff, size float64) {
	c, h := a+(b-a)/2, (b-a)/2
	v := f(c)
	k, size = kronrodW[7]*v, kronrodW[7]*math.Abs(v)
	g := gaussW[3] * v
	for i := range 7 {
		u, w := f(c-h*kronrodX[i]), f(c+h*kronrodX[i])
		k += kronrodW[i] * (u + w)
		size += kronrodW[i] * (math.Abs(u) + math.Abs(w))
		if i%2 == 1 {
			g += gaussW[i/2] * (u + w)
		}
	}
	return k * h, math.Abs(k-g) * h, size * h
}

// Minimize finds a local minimum of f in [lo, hi] by golden sections and
// parabolas (Brent 1973, ch. 5), x to about tol·|x| (not below 1e-8, where f is
// flat). It returns x and f(x).
func Minimize(f func(float64) float64, lo, hi, tol float64) (x, fx float64) {
	const golden = 0.3819660112501051
	tol = math.Max(tol, 1.5e-8)
	a, b := lo, hi
	x = a + golden*(b-a)
	w, v := x, x
	fx = f(x)
	fw, fv := fx, fx
	var d, e float64
	for range 200 {
		m := 0.5 * (a + b)
		t1 := tol*math.Abs(x) + 1e-12
		if math.Abs(x-m) <= 2*t1-0.5*(b-a) {
			break
		}
		useGolden := true
		if math.Abs(e) > t1 {
			r := (x - w) * (fx - fv)
			q := (x - v) * (fx - fw)
			p := (x-v)*q - (x-w)*r
			q = 2 * (q - r)
			if q > 0 {
				p = -p
			}
			q = math.Abs(q)
			if math.Abs(p) < math.Abs(0.5*q*e) && p > q*(a-x) && p < q*(b-x) {
				e, d = d, p/q
				if u := x + d; u-a < 2*t1 || b-u < 2*t1 {
					d = math.Copysign(t1, m-x)
				}
				useGolden = false
			}
		}
		if useGolden {
			e = b - x
			if x >= m {
				e = a - x
			}
			d = golden * e
		}
		u := x + d
		if math.Abs(d) < t1 {
			u = x + math.Copysign(t1, d)
		}
		fu := f(u)
		if fu <= fx {
			if u >= x {
				a = x
			} else {
				b = x
			}
			v, w, x = w, x, u
			fv, fw, fx = fw, fx, fu
			continue
		}
		if u < x {
			a = u
		} else {
			b = u
		}
		if fu <= fw || w == x {
			v, w, fv, fw = w, u, fw, fu
		} else if fu <= fv || v == x || v == w {
			v, fv = u, fu
		}
	}
	return x, fx
}
