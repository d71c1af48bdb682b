package mmrm

import (
	"fmt"
	"math"
)

// scale is a set of coordinates for the covariance parameters.
type scale int

const (
	fitScale scale = iota // unbounded: log standard deviations, transformed correlations
	sasScale              // SAS's: variances, plain correlations, range of sp_exp
)

// structure describes Σ as s_a·s_b·r_ab(κ): standard deviations s (one, or one
// a visit) and correlations r that depend on natural parameters κ. Everything
// is differentiable twice, in either scale.
type structure struct {
	kind  Covariance
	m     int       // visits
	nv    int       // standard deviations
	nk    int       // correlation parameters
	dist  []float64 // m × m distances of sp_exp, squared for sp_gau
	names []string  // of the parameters, v then κ
}

// elem is the index of element (a, b), a ≥ b, of a symmetric matrix.
func elem(a, b int) int {
	if a < b {
		a, b = b, a
	}
	return a*(a+1)/2 + b
}

// newStructure builds the structure for m visits with the given names; times
// are needed for the spatial structures only.
func newStructure(kind Covariance, visits []string, times []float64) *structure {
	m := len(visits)
	s := &structure{kind: kind, m: m, nv: 1}
	switch kind {
	case HeterogeneousCS, HeterogeneousAR1, HeterogeneousToep, HeterogeneousAnte, Unstructured:
		s.nv = m
	}
	switch kind {
	case CompoundSymmetry, HeterogeneousCS, AR1, HeterogeneousAR1:
		s.nk = 1
	case Toeplitz, HeterogeneousToep, AnteDependence, HeterogeneousAnte:
		s.nk = m - 1
	case SpatialExponential, SpatialGaussian:
		s.nk = 1
		s.dist = make([]float64, m*m)
		for a := range times {
			for b := range times {
				d := math.Abs(times[a] - times[b])
				if kind == SpatialGaussian {
					d *= d
				}
				s.dist[a*m+b] = d
			}
		}
	case Unstructured:
		s.nk = m * (m - 1) / 2
	}
	if m == 1 && kind != Unstructured {
		s.nk = 0 // one visit: nothing to correlate
	}
	for i := 0; i < s.nv; i++ {
		if s.nv == 1 {
			s.names = append(s.names, "variance")
		} else {
			s.names = append(s.names, "variance "+visits[i])
		}
	}
	for k := 0; k < s.nk; k++ {
		s.names = append(s.names, s.corrName(k, visits))
	}
	return s
}

func (s *structure) corrName(k int, visits []string) string {
	switch s.kind {
	case Toeplitz, HeterogeneousToep:
		return fmt.Sprintf("correlation lag %d", k+1)
	case AnteDependence, HeterogeneousAnte:
		return fmt.Sprintf("correlation %s, %s", visits[k], visits[k+1])
	case SpatialExponential, SpatialGaussian:
		return "range"
	case Unstructured:
		a := 1
		for k >= a {
			k -= a
			a++
		}
		return fmt.Sprintf("covariance %s, %s", visits[a], visits[k])
	}
	return "correlation"
}

// size is the number of parameters.
func (s *structure) size() int { return s.nv + s.nk }

// linear reports whether Σ is linear in SAS's parameters.
func (s *structure) linear() bool {
	return s.kind == Unstructured || s.kind == CompoundSymmetry || s.kind == Toeplitz
}

// corr writes r_ab and its first and second derivatives in κ.
func (s *structure) corr(a, b int, kap, d1, d2 []float64) float64 {
	clear(d1)
	clear(d2)
	n := s.nk
	if s.kind == Unstructured {
		return s.factorCorr(a, b, kap, d1, d2)
	}
	if a == b {
		return 1
	}
	if a < b {
		a, b = b, a
	}
	switch s.kind {
	case CompoundSymmetry, HeterogeneousCS:
		d1[0] = 1
		return kap[0]
	case AR1, HeterogeneousAR1:
		l := float64(a - b)
		d1[0] = l * math.Pow(kap[0], l-1)
		if a-b > 1 {
			d2[0] = l * (l - 1) * math.Pow(kap[0], l-2)
		}
		return math.Pow(kap[0], l)
	case Toeplitz, HeterogeneousToep:
		d1[a-b-1] = 1
		return kap[a-b-1]
	case AnteDependence, HeterogeneousAnte:
		r := 1.0
		for k := b; k < a; k++ {
			r *= kap[k]
		}
		for k := b; k < a; k++ {
			p := 1.0
			for t := b; t < a; t++ {
				if t != k {
					p *= kap[t]
				}
			}
			d1[k] = p
			for l := b; l < k; l++ {
				p = 1
				for t := b; t < a; t++ {
					if t != k && t != l {
						p *= kap[t]
					}
				}
				d2[k*n+l], d2[l*n+k] = p, p
			}
		}
		return r
	default: // spatial, κ = correlation at distance 1
		d := s.dist[a*s.m+b]
		r := math.Pow(kap[0], d)
		d1[0] = d * r / kap[0]
		d2[0] = d * (d - 1) * r / (kap[0] * kap[0])
		return r
	}
}

// factorCorr is (L̃L̃ᵀ)_ab for the unit lower triangular L̃ whose elements below
// the diagonal, by rows, are κ: mmrm's coordinates of the unstructured matrix.
func (s *structure) factorCorr(a, b int, kap, d1, d2 []float64) float64 {
	n := s.nk
	at := func(i, k int) (float64, int) { // element and its index, −1 if constant
		switch {
		case i == k:
			return 1, -1
		case i < k:
			return 0, -1
		}
		x := i*(i-1)/2 + k
		return kap[x], x
	}
	r := 0.0
	for k := 0; k <= min(a, b); k++ {
		x, ix := at(a, k)
		y, iy := at(b, k)
		r += x * y
		if ix >= 0 {
			d1[ix] += y
		}
		if iy >= 0 {
			d1[iy] += x
		}
		if ix >= 0 && iy >= 0 {
			d2[ix*n+iy]++
			d2[iy*n+ix]++
		}
	}
	return r
}

// sd returns the standard deviation of a variance coordinate, with its first
// and second derivatives.
func (sc scale) sd(v float64) (s, d1, d2 float64) {
	if sc == fitScale {
		s = math.Exp(v)
		return s, s, s
	}
	s = math.Sqrt(v)
	return s, 1 / (2 * s), -1 / (4 * s * v)
}

// kappa returns the natural correlation parameter of a coordinate, with
// derivatives.
func (s *structure) kappa(sc scale, x float64) (k, d1, d2 float64) {
	switch s.kind {
	case Unstructured:
		return x, 1, 0
	case SpatialExponential, SpatialGaussian:
		if sc == fitScale { // logit
			k = 1 / (1 + math.Exp(-x))
			d1 = k * (1 - k)
			return k, d1, d1 * (1 - 2*k)
		}
		if s.kind == SpatialExponential { // exp(−1/τ)
			k = math.Exp(-1 / x)
			return k, k / (x * x), k * (1/(x*x*x*x) - 2/(x*x*x))
		}
		k = math.Exp(-1 / (x * x))
		g := 2 / (x * x * x)
		return k, k * g, k * (g*g - 6/(x*x*x*x))
	}
	if sc == sasScale {
		return x, 1, 0
	}
	switch s.kind {
	case CompoundSymmetry, HeterogeneousCS: // (−1/(m−1), 1): all positive definite
		lo := -1 / float64(s.m-1)
		p := 1 / (1 + math.Exp(-x))
		d := p * (1 - p)
		return lo + (1-lo)*p, (1 - lo) * d, (1 - lo) * d * (1 - 2*p)
	}
	h := math.Hypot(1, x)
	return x / h, 1 / (h * h * h), -3 * x / (h * h * h * h * h)
}

// invert returns the coordinate whose natural parameter is k.
func (s *structure) invert(sc scale, k float64) float64 {
	switch s.kind {
	case Unstructured:
		return k
	case SpatialExponential, SpatialGaussian:
		if sc == fitScale {
			return math.Log(k / (1 - k))
		}
		if s.kind == SpatialExponential {
			return -1 / math.Log(k)
		}
		return math.Sqrt(-1 / math.Log(k))
	}
	if sc == sasScale {
		return k
	}
	switch s.kind {
	case CompoundSymmetry, HeterogeneousCS:
		lo := -1 / float64(s.m-1)
		return math.Log((k - lo) / (1 - k))
	}
	return k / math.Sqrt(1-k*k)
}

// convert moves parameters from one scale to another; d is the derivative of
// each new coordinate in its old one.
func (s *structure) convert(from, to scale, theta []float64) (out, d []float64) {
	out, d = make([]float64, len(theta)), make([]float64, len(theta))
	for i, x := range theta {
		var a, b float64
		if i < s.nv {
			sd, g, _ := from.sd(x)
			a = g
			out[i] = math.Log(sd)
			if to == sasScale {
				out[i] = sd * sd
			}
			_, b, _ = to.sd(out[i])
		} else {
			k, g, _ := s.kappa(from, x)
			a = g
			out[i] = s.invert(to, k)
			_, b, _ = s.kappa(to, out[i])
		}
		d[i] = a / b
	}
	return out, d
}

// eval writes the elements of Σ, and where asked the size × d matrix of first
// derivatives, and adds to curv the contraction Σ_e w_e ∂²σ_e/∂θ∂θᵀ, e running
// over the elements (a, b), a ≥ b.
func (s *structure) eval(sc scale, theta, sigma, jac, w, curv []float64) {
	q, d := s.size(), s.m*(s.m+1)/2
	sd := make([]float64, 3*s.nv)
	for i := 0; i < s.nv; i++ {
		sd[3*i], sd[3*i+1], sd[3*i+2] = sc.sd(theta[i])
	}
	kap := make([]float64, s.nk)
	k1, k2 := make([]float64, s.nk), make([]float64, s.nk)
	for k := range kap {
		kap[k], k1[k], k2[k] = s.kappa(sc, theta[s.nv+k])
	}
	d1, d2 := make([]float64, s.nk), make([]float64, s.nk*s.nk)
	if jac != nil {
		clear(jac)
	}
	for a := 0; a < s.m; a++ {
		for b := 0; b <= a; b++ {
			e := elem(a, b)
			va, vb := a, b
			if s.nv == 1 {
				va, vb = 0, 0
			}
			r := s.corr(a, b, kap, d1, d2)
			sa, sb := sd[3*va:3*va+3], sd[3*vb:3*vb+3]
			sigma[e] = sa[0] * sb[0] * r
			if jac != nil {
				jac[va*d+e] += sa[1] * sb[0] * r
				jac[vb*d+e] += sa[0] * sb[1] * r
				for k, g := range d1 {
					jac[(s.nv+k)*d+e] = sa[0] * sb[0] * g * k1[k]
				}
			}
			if curv == nil || w[e] == 0 {
				continue
			}
			we := w[e]
			curv[va*q+va] += we * sa[2] * sb[0] * r
			curv[vb*q+vb] += we * sa[0] * sb[2] * r
			curv[va*q+vb] += we * sa[1] * sb[1] * r
			curv[vb*q+va] += we * sa[1] * sb[1] * r
			for k, g := range d1 {
				kk := s.nv + k
				if g != 0 {
					x := we * g * k1[k]
					curv[va*q+kk] += x * sa[1] * sb[0]
					curv[kk*q+va] += x * sa[1] * sb[0]
					curv[vb*q+kk] += x * sa[0] * sb[1]
					curv[kk*q+vb] += x * sa[0] * sb[1]
					curv[kk*q+kk] += we * sa[0] * sb[0] * g * k2[k]
				}
				for l := 0; l < s.nk; l++ {
					if h := d2[k*s.nk+l]; h != 0 {
						curv[kk*q+s.nv+l] += we * sa[0] * sb[0] * h * k1[k] * k1[l]
					}
				}
			}
		}
	}
}

// shrink moves correlations that are not positive definite together toward
// their mean where that is high, and 0 otherwise.
func (s *structure) shrink(theta []float64) {
	to := 0.0
	if s.nk > 1 {
		mean := 0.0
		for _, x := range theta[s.nv:] {
			k, _, _ := s.kappa(fitScale, x)
			mean += k / float64(s.nk)
		}
		if mean > 0.9 {
			to = s.invert(fitScale, mean)
		}
	}
	for k := s.nv; k < len(theta); k++ {
		theta[k] = to + 0.8*(theta[k]-to)
	}
}

// start projects a positive definite matrix of elements onto the structure, in
// the fit scale, with correlations up to most.
func (s *structure) start(sigma []float64, most float64) []float64 {
	m := s.m
	theta := make([]float64, s.size())
	mean := 0.0
	for a := 0; a < m; a++ {
		mean += sigma[elem(a, a)] / float64(m)
	}
	for i := 0; i < s.nv; i++ {
		v := mean
		if s.nv > 1 {
			v = sigma[elem(i, i)]
		}
		theta[i] = math.Log(v) / 2
	}
	rho := func(a, b int) float64 {
		if s.nv == 1 {
			return sigma[elem(a, b)] / mean
		}
		return sigma[elem(a, b)] / math.Sqrt(sigma[elem(a, a)]*sigma[elem(b, b)])
	}
	for k := 0; k < s.nk; k++ {
		sum, n := 0.0, 0.0
		for a := 0; a < m; a++ {
			for b := 0; b < a; b++ {
				use := true
				r := rho(a, b)
				switch s.kind {
				case Toeplitz, HeterogeneousToep:
					use = a-b == k+1
				case AR1, HeterogeneousAR1:
					use = a-b == 1
				case AnteDependence, HeterogeneousAnte:
					use = a-b == 1 && b == k
				case SpatialExponential, SpatialGaussian:
					d := s.dist[a*m+b]
					use = a-b == 1 && d > 0
					r = math.Pow(math.Min(math.Max(r, 0.05), most), 1/d)
				}
				if use {
					sum, n = sum+r, n+1
				}
			}
		}
		r := 0.0
		if n > 0 {
			r = sum / n
		}
		least := -0.9
		switch s.kind {
		case CompoundSymmetry, HeterogeneousCS:
			lo := -1 / float64(m-1)
			least = lo + 0.05*(1-lo)
		case SpatialExponential, SpatialGaussian:
			least = 1e-6
		}
		theta[s.nv+k] = s.invert(fitScale, math.Min(math.Max(r, least), most))
	}
	return theta
}
