package mmrm

import (
	"math"

	"github.com/trialkit/trialkit/stats"
)

// informed inverts the information, and reports whether the errors that come from it
// exist.
func (s *Series) informed() bool {
	cholInverse(s.factor, s.omega, s.inv, s.d)
	for i := range s.omega {
		s.omega[i] *= 2
	}
	return s.df == Satterthwaite || s.adjustable()
}

// Difference is the arm's difference from control, Σ weights·(arm − control) over the
// visits, and whether Model.MMRM would answer so too.
func (s *Series) Difference(arm int, weights []float64) (stats.Estimate, bool) {
	p, r, own, d := s.p, s.r, s.own, s.d
	w := s.w
	clear(w)
	value := 0.0
	for j, x := range weights {
		w[j*own+arm] = x
		value += x * s.beta[j*own+arm]
	}
	forwardSolve(s.l, w, p)
	v := dot(w, w)
	// The change of the variance with each element, and F w.
	half := p * (p + 1) / 2
	grad := s.step
	for e := range d {
		fe, y := s.fe[e*half:(e+1)*half], s.few[e*p:(e+1)*p]
		clear(y)
		t := 0
		for i := range p {
			for k := range i {
				x := fe[t] * (1 / math.Sqrt2)
				y[i] += x * w[k]
				y[k] += x * w[i]
				t++
			}
			y[i] += fe[t] * w[i]
			t++
		}
		grad[e] = dot(w, y)
	}
	df := 2 * v * v / quad(grad, s.omega, grad)
	if !(df >= 2*LeastDF) {
		return stats.Estimate{}, false
	}
	e := stats.Estimate{Value: value, SE: math.Sqrt(v), DF: df}
	if s.df == Satterthwaite {
		return e, true
	}
	sum := 0.0
	for i := range d {
		for k := range i + 1 {
			x := s.omega[i*d+k] * dot(s.few[i*p:i*p+p], s.few[k*p:k*p+p])
			if i != k {
				x *= 2
			}
			sum -= x
		}
	}
	q := s.q
	for i := range p {
		q[i] = 0
		for k := i; k < p; k++ {
			q[i] += s.li[k*p+i] * w[k]
		}
	}
	s.unfold(s.qf, q)
	for i := range s.used {
		pt := &s.pats[i]
		k := len(pt.visit)
		t, u := pt.t1[:k*k], pt.t2[:k*k]
		for x := range k {
			for y := range k {
				z := 0.0
				for b := range k {
					row := s.omega[pt.elem[x*k+b]*d:]
					for c := range k {
						z += row[pt.elem[c*k+y]] * pt.w[b*k+c]
					}
				}
				t[x*k+y] = z
			}
		}
		mul(u, pt.w, t, k, k, k)
		mulT(t, u, pt.w, k, k, k) // W is symmetric
		for a, va := range pt.visit {
			qa := s.qf[va*r : va*r+r]
			for b, vb := range pt.visit {
				sum += t[a*k+b] * quadrature(qa, pt.zz, s.qf[vb*r:vb*r+r])
			}
		}
	}
	v += 2 * sum
	e.SE = math.Sqrt(v)
	return e, v > 0
}

// quadrature is xᵀAy.
func quadrature(x, a, y []float64) float64 {
	n := len(x)
	s := 0.0
	for i, v := range x {
		t := 0.0
		for k, c := range a[i*n : i*n+n] {
			t += c * y[k]
		}
		s += v * t
	}
	return s
}

// adjustable reports whether Kenward and Roger's covariance of all coefficients is
// positive definite, by a bound: the adjustment is 2ΣωQ, which adds, less 2ΣωFF, whose
// largest eigenvalue is no larger than its norm.
func (s *Series) adjustable() bool {
	p, d := s.p, s.d
	half := p * (p + 1) / 2
	trace := 0.0
	for e := range d {
		for f := range d {
			trace += s.omega[e*d+f] * dot(s.fe[e*half:(e+1)*half], s.fe[f*half:(f+1)*half])
		}
	}
	if 2*trace < 1 {
		return true
	}
	// With ω = RRᵀ the sum is that of the squares of the matrices ΣᵢRᵢₖFᵢ.
	root := s.inv
	copy(root, s.omega)
	if !cholesky(root, d) {
		return false
	}
	sum, m := s.tmp, s.te
	clear(sum)
	packed := s.work[:half]
	for k := range d {
		clear(packed)
		for e := k; e < d; e++ {
			x := root[e*d+k]
			for t, v := range s.fe[e*half : (e+1)*half] {
				packed[t] += x * v
			}
		}
		t := 0
		for i := range p {
			for j := range i {
				m[i*p+j] = packed[t] * (1 / math.Sqrt2)
				t++
			}
			m[i*p+i] = packed[t]
			t++
		}
		mirror(m, p)
		for i := range p {
			mi := m[i*p : i*p+p]
			for j := range i + 1 {
				sum[i*p+j] += dot(mi, m[j*p:j*p+p])
			}
		}
	}
	for i := range sum {
		sum[i] *= -2
	}
	for i := range p {
		sum[i*p+i]++
	}
	return cholesky(sum, p)
}
