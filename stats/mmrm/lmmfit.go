package mmrm

import (
	"math"
)

// lmmState is the likelihood of an LMM at one point, with derivatives in the
// variance parameters v: the elements of the random effects' covariance, then
// the residual variance. The covariance is linear in them.
type lmmState struct {
	*clusters
	v         []float64
	f, noise  float64 // noise: how far rounding may have moved f
	l, beta   []float64
	t         [][]float64 // block → k × k inverse covariance
	fe        []float64   // parameter → p × p whitened P
	be        []float64   // parameter → p whitened
	grad      []float64
	observed  []float64
	expect    []float64
	jac, curv []float64 // of v in the free coordinates
	omega     []float64
	iter      int
	decrement float64
	singular  bool
	rank      int // of the random effects' covariance
}

// chart maps free coordinates φ to v: Cholesky factor of the random effects'
// covariance with logarithmic diagonal, log residual standard deviation. Of
// rank 1 (slope model on the boundary) the covariance is aaᵀ; of rank 0 zero.
func (s *lmmState) chart(phi []float64, w []float64) (v, jac, curv []float64) {
	q, n := len(phi), s.nv
	v, jac, curv = make([]float64, n), make([]float64, q*n), make([]float64, q*q)
	last := math.Exp(2 * phi[q-1])
	v[n-1] = last
	jac[(q-1)*n+n-1] = 2 * last
	if w != nil {
		curv[q*q-1] = 4 * last * w[n-1]
	}
	switch {
	case s.rank == 0:
	case s.ne == 1:
		x := math.Exp(2 * phi[0])
		v[0], jac[0] = x, 2*x
		if w != nil {
			curv[0] = 4 * x * w[0]
		}
	case s.rank == 1:
		a, b := phi[0], phi[1]
		v[0], v[1], v[2] = a*a, a*b, b*b
		jac[0], jac[1] = 2*a, b
		jac[n+1], jac[n+2] = a, 2*b
		if w != nil {
			curv[0], curv[1], curv[q], curv[q+1] = 2*w[0], w[1], w[1], 2*w[2]
		}
	default:
		a, b, d := math.Exp(phi[0]), phi[1], math.Exp(2*phi[2])
		v[0], v[1], v[2] = a*a, a*b, b*b+d
		jac[0], jac[1] = 2*a*a, a*b
		jac[n+1], jac[n+2] = a, 2*b
		jac[2*n+2] = 2 * d
		if w != nil {
			curv[0] = 4*a*a*w[0] + a*b*w[1]
			curv[1], curv[q] = a*w[1], a*w[1]
			curv[q+1] = 2 * w[2]
			curv[2*q+2] = 4 * d * w[2]
		}
	}
	return v, jac, curv
}

// param writes ∂(block covariance)/∂v_h.
func (s *lmmState) param(b *block, h int, out []float64) {
	clear(out)
	if h == s.nv-1 {
		for i := 0; i < b.k; i++ {
			out[i*b.k+i] = 1
		}
		return
	}
	a, c := 0, 0
	switch h {
	case 1:
		a = 1
	case 2:
		a, c = 1, 1
	}
	for i := 0; i < b.k; i++ {
		for j := 0; j < b.k; j++ {
			x := b.s[i*s.ne+a] * b.s[j*s.ne+c]
			if a != c {
				x += b.s[i*s.ne+c] * b.s[j*s.ne+a]
			}
			out[i*b.k+j] = x
		}
	}
}

// value evaluates −2ℓ at v.
func (s *lmmState) value(v []float64) bool {
	p := s.p
	s.v = append(s.v[:0], v...)
	s2 := v[s.nv-1]
	if !(s2 > 0) {
		return false
	}
	a, hx := make([]float64, p*p), make([]float64, p)
	axpy(a, 1/s2, s.xx)
	axpy(hx, 1/s2, s.xy)
	f := float64(s.outN)*math.Log(s2) + s.yy/s2
	if s.t == nil {
		for i := range s.blocks {
			s.t = append(s.t, make([]float64, s.blocks[i].k*s.blocks[i].k))
		}
	}
	var ch, wk, d [4]float64
	top := s2
	for i := range s.blocks {
		b := &s.blocks[i]
		k := b.k
		clear(ch[:])
		for h := 0; h < s.nv; h++ {
			s.param(b, h, d[:k*k])
			axpy(ch[:k*k], v[h], d[:k*k])
		}
		for a := 0; a < k; a++ {
			top = max(top, ch[a*k+a])
		}
		if !cholesky(ch[:k*k], k) {
			return false
		}
		f += cholLogDet(ch[:], k)
		t := s.t[i]
		cholInverse(ch[:], t, wk[:], k)
		for x := 0; x < k; x++ {
			ty := 0.0
			for y := 0; y < k; y++ {
				ty += t[x*k+y] * b.y[y]
				for j := 0; j < p; j++ {
					axpy(a[j*p:j*p+p], t[x*k+y]*b.x[x*p+j], b.x[y*p:y*p+p])
				}
			}
			f += b.y[x] * ty
			axpy(hx, ty, b.x[x*p:x*p+p])
		}
	}
	s.l = a
	if !cholesky(s.l, p) {
		return false
	}
	s.beta = hx
	sol := append([]float64(nil), hx...)
	cholSolve(s.l, sol, p)
	f -= dot(hx, sol)
	s.beta = sol
	if s.model.Method == REML {
		f += cholLogDet(s.l, p) + 2*s.logR
	}
	s.f = f
	s.noise = 0x1p-52 * (math.Abs(f) + float64(s.n)) * top / s2 // top/s2: the condition number of a cluster's covariance
	return finite(f)
}

// whiteRow overwrites a row of X with L⁻¹x.
func (s *lmmState) whiteRow(x []float64) { forwardSolve(s.l, x, s.p) }

// derivatives fills gradient, observed and expected information of −2ℓ in v.
func (s *lmmState) derivatives() {
	p, nv := s.p, s.nv
	reml := s.model.Method == REML
	s.fe, s.be = make([]float64, nv*p*p), make([]float64, nv*p)
	s.grad, s.observed, s.expect = make([]float64, nv), make([]float64, nv*nv), make([]float64, nv*nv)
	s2 := s.v[nv-1]
	// Rows that no random effect reaches.
	r := nv - 1
	rss := s.yy - 2*dot(s.beta, s.xy) + quad(s.beta, s.xx, s.beta)
	out := s.outsideWhite()
	trx := 0.0
	for j := 0; j < p; j++ {
		trx += out[j*p+j]
	}
	axpy(s.fe[r*p*p:(r+1)*p*p], 1/(s2*s2), out)
	bo := make([]float64, p) // L⁻¹ Σ x r
	copy(bo, s.xy)
	for j := 0; j < p; j++ {
		bo[j] -= dot(s.xx[j*p:j*p+p], s.beta)
	}
	forwardSolve(s.l, bo, p)
	axpy(s.be[r*p:r*p+p], 1/(s2*s2), bo)
	n := float64(s.outN)
	s.grad[r] += n/s2 - rss/(s2*s2)
	s.observed[r*nv+r] += -n/(s2*s2) + 2*rss/(s2*s2*s2)
	s.expect[r*nv+r] += n / (s2 * s2)
	if reml {
		s.observed[r*nv+r] += 2 * trx / (s2 * s2 * s2)
		s.expect[r*nv+r] -= 2 * trx / (s2 * s2 * s2)
	}
	d, td, tdt := make([][]float64, nv), make([][]float64, nv), make([][]float64, nv)
	for h := range d {
		d[h], td[h], tdt[h] = make([]float64, 4), make([]float64, 4), make([]float64, 4)
	}
	var rr, xx, m [4]float64
	for i := range s.blocks {
		b := &s.blocks[i]
		k, t := b.k, s.t[i]
		xw := append([]float64(nil), b.x...)
		var res [2]float64
		for a := 0; a < k; a++ {
			s.whiteRow(xw[a*p : a*p+p])
			res[a] = b.y[a] - dot(b.x[a*p:a*p+p], s.beta)
		}
		mulT(xx[:k*k], xw, xw, k, p, k)
		for a := 0; a < k; a++ {
			for c := 0; c < k; c++ {
				rr[a*k+c] = res[a] * res[c]
			}
		}
		for h := 0; h < nv; h++ {
			s.param(b, h, d[h][:k*k])
			mul(td[h][:k*k], t, d[h][:k*k], k, k, k)
			mul(tdt[h][:k*k], td[h][:k*k], t, k, k, k)
			for a := 0; a < k; a++ {
				s.grad[h] += td[h][a*k+a]
				for c := 0; c < k; c++ {
					w := tdt[h][a*k+c]
					s.grad[h] -= w * rr[a*k+c]
					axpy(s.be[h*p:h*p+p], w*res[c], xw[a*p:a*p+p])
					for j := 0; j < p; j++ {
						axpy(s.fe[(h*p+j)*p:(h*p+j)*p+p], w*xw[a*p+j], xw[c*p:c*p+p])
					}
				}
			}
		}
		for h := 0; h < nv; h++ {
			for g := 0; g <= h; g++ {
				mul(m[:k*k], td[h][:k*k], td[g][:k*k], k, k, k)
				tr, q, qr := 0.0, 0.0, 0.0
				for a := 0; a < k; a++ {
					tr += m[a*k+a]
				}
				var mt [4]float64
				mul(mt[:k*k], m[:k*k], t, k, k, k)
				for e := 0; e < k*k; e++ {
					q += mt[e] * xx[e]
					qr += mt[e] * rr[e]
				}
				o, x := -tr+2*qr, tr
				if reml {
					o += 2 * q
					x -= 2 * q
				}
				s.observed[h*nv+g] += o
				s.expect[h*nv+g] += x
			}
		}
	}
	for h := 0; h < nv; h++ {
		fh := s.fe[h*p*p : (h+1)*p*p]
		if reml {
			for j := 0; j < p; j++ {
				s.grad[h] -= fh[j*p+j]
			}
		}
		for g := 0; g <= h; g++ {
			if reml {
				x := dot(fh, s.fe[g*p*p:(g+1)*p*p])
				s.observed[h*nv+g] -= x
				s.expect[h*nv+g] += x
			}
			s.observed[h*nv+g] -= 2 * dot(s.be[h*p:h*p+p], s.be[g*p:g*p+p])
		}
	}
	mirror(s.observed, nv)
	mirror(s.expect, nv)
}

// outsideWhite is L⁻¹(Σ xxᵀ over the rows outside)L⁻ᵀ.
func (s *lmmState) outsideWhite() []float64 {
	p := s.p
	out := append([]float64(nil), s.xx...)
	for pass := 0; pass < 2; pass++ {
		for j := 0; j < p; j++ {
			s.whiteRow(out[j*p : j*p+p])
		}
		for i := 0; i < p; i++ {
			for j := 0; j < i; j++ {
				out[i*p+j], out[j*p+i] = out[j*p+i], out[i*p+j]
			}
		}
	}
	return out
}

// inverseInformation sets omega, the covariance of v, from the observed or the
// expected information. On the boundary it is of the free coordinates.
func (s *lmmState) inverseInformation(expected bool) error {
	q := len(s.jac) / s.nv
	h := s.observed
	if expected {
		h = s.expect
	}
	_, hess := s.transform(h, q)
	if expected {
		axpy(hess, -1, s.curv)
	}
	if !cholesky(hess, q) {
		return s.blame("the information of the variance parameters is singular")
	}
	inv, wk := make([]float64, q*q), make([]float64, q*q)
	cholInverse(hess, inv, wk, q)
	nv := s.nv
	t := make([]float64, q*nv)
	mul(t, inv, s.jac, q, q, nv)
	s.omega = make([]float64, nv*nv)
	for i := 0; i < q; i++ {
		for e := 0; e < nv; e++ {
			axpy(s.omega[e*nv:e*nv+nv], 2*s.jac[i*nv+e], t[i*nv:i*nv+nv])
		}
	}
	return nil
}

// kenwardRoger is the adjusted covariance in whitened coordinates; the
// covariance is linear in v, so there are no second derivatives.
func (s *lmmState) kenwardRoger() []float64 {
	p, nv := s.p, s.nv
	cov := make([]float64, p*p)
	s2 := s.v[nv-1]
	axpy(cov, s.omega[nv*nv-1]/(s2*s2*s2), s.outsideWhite())
	var d, td, m [4]float64
	for i := range s.blocks {
		b := &s.blocks[i]
		k, t := b.k, s.t[i]
		xw := append([]float64(nil), b.x...)
		for a := 0; a < k; a++ {
			s.whiteRow(xw[a*p : a*p+p])
		}
		var sum [4]float64
		for h := 0; h < nv; h++ {
			s.param(b, h, d[:k*k])
			mul(td[:k*k], t, d[:k*k], k, k, k)
			for g := 0; g < nv; g++ {
				s.param(b, g, d[:k*k])
				mul(m[:k*k], td[:k*k], t, k, k, k)
				var m2, m3 [4]float64
				mul(m2[:k*k], m[:k*k], d[:k*k], k, k, k)
				mul(m3[:k*k], m2[:k*k], t, k, k, k)
				axpy(sum[:k*k], s.omega[h*nv+g], m3[:k*k])
			}
		}
		for a := 0; a < k; a++ {
			for c := 0; c < k; c++ {
				for j := 0; j < p; j++ {
					axpy(cov[j*p:j*p+p], sum[a*k+c]*xw[a*p+j], xw[c*p:c*p+p])
				}
			}
		}
	}
	prod := make([]float64, p*p)
	for h := 0; h < nv; h++ {
		for g := 0; g < nv; g++ {
			mul(prod, s.fe[h*p*p:(h+1)*p*p], s.fe[g*p*p:(g+1)*p*p], p, p, p)
			axpy(cov, -s.omega[h*nv+g], prod)
		}
	}
	for i := 0; i < p; i++ {
		for j := 0; j <= i; j++ {
			x := cov[i*p+j] + cov[j*p+i]
			cov[i*p+j], cov[j*p+i] = x, x
		}
		cov[i*p+i]++
	}
	return cov
}
