package mmrm

import "math"

// surface evaluates −2·log-likelihood (without its constant) and its
// derivatives in the elements of Σ at one point. Its buffers are allocated
// once; an evaluation costs the same for any number of participants.
type surface struct {
	pb    *problem
	sigma []float64 // groups × d elements of Σ
	f     float64

	noise float64 // how far rounding may have moved f

	// A pattern's matrices. With C the Cholesky factor of its visits' Σ, those
	// marked white are C⁻¹(·)C⁻ᵀ: multiplying by W on both sides would square
	// the condition number of Σ, and with it the rounding error.
	w    [][]float64 // k × k, Σ⁻¹
	ci   [][]float64 // k × k, C⁻¹
	v    [][]float64 // white M = Σ (r rᵀ + X Φ Xᵀ); without the Φ part for ML
	vphi [][]float64 // white Σ XΦXᵀ
	zr   [][]float64 // k × r, Σ z r_j

	h, a, l, tmp []float64 // XᵀWX in features and in coefficients, its factor
	hx, beta, c  []float64
	bw           []float64 // p × (m·r): L⁻¹B̃, so that Φ becomes the identity
	g            []float64 // (m·r)²: BᵀΦB

	// Coordinates of the derivatives: the elements of Σ themselves, or, where
	// jac is set, parameters of a structure, of which there are fewer.
	nc  int         // a group's coordinates
	jac [][]float64 // group → nc × d: derivatives of the elements; nil for elements

	// near says that Σ is near singular: an unstructured matrix then takes the
	// coordinates of its local chart too, in which nothing large cancels.
	near bool

	grad       []float64 // −2ℓ in the elements
	hess       []float64 // in the coordinates, without the curvature of Σ in them
	fe         []float64 // coordinate → p × p: L⁻¹ (Σ XᵀW ∂Σ W X) L⁻ᵀ
	be         []float64 // coordinate → p: L⁻¹ Σ XᵀW ∂Σ W r
	s1, s2, s3 []float64
	big        []float64
	tens       []float64
	we, ue     []float64
}

func newSurface(pb *problem, nc int) *surface {
	m, r, p := pb.m, pb.r, pb.p
	mr, e := m*r, pb.groups*pb.d
	s := &surface{pb: pb, nc: nc, sigma: make([]float64, e),
		h: make([]float64, mr*mr), a: make([]float64, p*p), l: make([]float64, p*p),
		tmp: make([]float64, max(p, mr)*max(mr, p)), hx: make([]float64, mr), beta: make([]float64, p),
		c: make([]float64, mr), bw: make([]float64, p*mr), g: make([]float64, mr*mr),
		grad: make([]float64, e), hess: make([]float64, pb.groups*nc*pb.groups*nc),
		s1: make([]float64, m*m), s2: make([]float64, m*m), s3: make([]float64, max(m, r)*max(m, r))}
	total := 0
	for _, pt := range pb.pats {
		k := len(pt.visit)
		total += 4*k*k + k*r
	}
	buf := make([]float64, total)
	take := func(n int) []float64 { x := buf[:n:n]; buf = buf[n:]; return x }
	for _, pt := range pb.pats {
		k := len(pt.visit)
		s.w, s.ci, s.v = append(s.w, take(k*k)), append(s.ci, take(k*k)), append(s.v, take(k*k))
		s.vphi, s.zr = append(s.vphi, take(k*k)), append(s.zr, take(k*r))
	}
	return s
}

// value evaluates −2ℓ at the elements sigma and reports whether every Σ, the
// whole matrix of each group, is positive definite.
func (s *surface) value(sigma []float64) bool {
	pb := s.pb
	m, r, p := pb.m, pb.r, pb.p
	mr := m * r
	copy(s.sigma, sigma)
	for g := 0; g < pb.groups; g++ {
		full := s.s1
		for a := 0; a < m; a++ {
			for b := 0; b <= a; b++ {
				full[a*m+b] = sigma[g*pb.d+elem(a, b)]
			}
		}
		if !cholesky(full, m) {
			return false
		}
	}
	clear(s.h)
	clear(s.hx)
	f, size := -pb.logW, 0.0
	for i := range pb.pats {
		if pb.ctx.Err() != nil {
			return false
		}
		pt := &pb.pats[i]
		k := len(pt.visit)
		for j, e := range pt.elem {
			s.s1[j] = sigma[e]
		}
		if !cholesky(s.s1, k) {
			return false
		}
		f += float64(pt.n) * cholLogDet(s.s1, k)
		w := s.w[i]
		cholInverse(s.s1, w, s.ci[i], k)
		for j, e := range pt.elem {
			size += math.Abs(w[j]) * (math.Abs(pt.yy[j]) + float64(pt.n)*math.Abs(sigma[e]))
		}
		for a, va := range pt.visit {
			for b := 0; b <= a; b++ {
				vb, x := pt.visit[b], w[a*k+b]
				for u := 0; u < r; u++ {
					axpy(s.h[(va*r+u)*mr+vb*r:(va*r+u)*mr+vb*r+r], x, pt.zz[u*r:u*r+r])
				}
			}
			f += dot(w[a*k:a*k+k], pt.yy[a*k:a*k+k])
			hx := s.hx[va*r : va*r+r]
			for b := 0; b < k; b++ {
				axpy(hx, w[a*k+b], pt.zy[b*r:b*r+r])
			}
		}
	}
	mirror(s.h, mr)
	mul(s.tmp, pb.b, s.h, p, mr, mr)
	mulT(s.a, s.tmp, pb.b, p, mr, p)
	copy(s.l, s.a)
	if !cholesky(s.l, p) {
		return false
	}
	mul(s.beta, pb.b, s.hx, p, mr, 1)
	forwardSolve(s.l, s.beta, p)
	f -= dot(s.beta, s.beta)
	for i := p - 1; i >= 0; i-- {
		x := s.beta[i]
		for k := i + 1; k < p; k++ {
			x -= s.l[k*p+i] * s.beta[k]
		}
		s.beta[i] = x / s.l[i*p+i]
	}
	if pb.model.Method == REML {
		f += cholLogDet(s.l, p) + 2*pb.logR
	}
	s.f = f
	s.noise = 0x1p-52 * (size + math.Abs(f))
	return finite(f)
}

// derivatives fills the gradient and the part of the Hessian that a pattern
// gives by itself; value must have been called, and jac set for the point. What is left out, through Φ's
// and β's dependence on Σ, is of the order p/n of it and is added by exact.
func (s *surface) derivatives() {
	s.gradient()
	if s.pb.ctx.Err() == nil {
		s.patternHessian(s.hess, observed)
	}
}

// gradient fills the gradient, and the patterns' white matrices.
func (s *surface) gradient() {
	pb := s.pb
	m, r, p := pb.m, pb.r, pb.p
	mr := m * r
	pb.fitted(s.beta, s.c)
	// bw = L⁻¹B̃, row by row.
	for i := 0; i < p; i++ {
		row := s.bw[i*mr : i*mr+mr]
		copy(row, pb.b[i*mr:i*mr+mr])
		for k := 0; k < i; k++ {
			axpy(row, -s.l[i*p+k], s.bw[k*mr:k*mr+mr])
		}
		x := 1 / s.l[i*p+i]
		for t := range row {
			row[t] *= x
		}
	}
	clear(s.g)
	for i := 0; i < p; i++ {
		row := s.bw[i*mr : i*mr+mr]
		for t, v := range row {
			if v != 0 {
				axpy(s.g[t*mr:t*mr+t+1], v, row[:t+1])
			}
		}
	}
	mirror(s.g, mr)
	clear(s.grad)
	for i := range pb.pats {
		if pb.ctx.Err() != nil {
			return
		}
		pt := &pb.pats[i]
		k := len(pt.visit)
		w, zr := s.w[i], s.zr[i]
		for a, va := range pt.visit {
			ca := s.c[va*r : va*r+r]
			for u := 0; u < r; u++ {
				zr[a*r+u] = pt.zy[a*r+u] - dot(pt.zz[u*r:u*r+r], ca)
			}
		}
		res, mphi := s.s1, s.s2
		for a, va := range pt.visit {
			ca := s.c[va*r : va*r+r]
			for b := 0; b <= a; b++ {
				vb := pt.visit[b]
				cb := s.c[vb*r : vb*r+r]
				x := pt.yy[a*k+b] - dot(ca, pt.zy[b*r:b*r+r]) - dot(cb, zr[a*r:a*r+r])
				res[a*k+b], res[b*k+a] = x, x
				x = 0
				for u := 0; u < r; u++ {
					o := (va*r+u)*mr + vb*r
					x += dot(pt.zz[u*r:u*r+r], s.g[o:o+r])
				}
				mphi[a*k+b], mphi[b*k+a] = x, x
			}
		}
		whiten(s.v[i], s.ci[i], res, s.s3, k)
		whiten(s.vphi[i], s.ci[i], mphi, s.s3, k)
		if pb.model.Method == REML {
			axpy(s.v[i], 1, s.vphi[i])
		}
		n := float64(pt.n)
		unwhiten(res, s.ci[i], s.v[i], s.s3, k)
		for a := 0; a < k; a++ {
			for b := 0; b <= a; b++ {
				x := n*w[a*k+b] - res[a*k+b]
				if a != b {
					x *= 2
				}
				s.grad[pt.elem[a*k+b]] += x
			}
		}
	}
}

// whiten writes C⁻¹·M·C⁻ᵀ for a symmetric M, given ci = C⁻¹. The halves are
// averaged: what rounding leaves between them would not cancel any more once
// one half is read for both.
func whiten(dst, ci, m, tmp []float64, k int) {
	mul(tmp, ci, m, k, k, k)
	mulT(dst, tmp, ci, k, k, k)
	for a := 0; a < k; a++ {
		for b := 0; b < a; b++ {
			x := (dst[a*k+b] + dst[b*k+a]) / 2
			dst[a*k+b], dst[b*k+a] = x, x
		}
	}
}

// unwhiten writes C⁻ᵀ·M·C⁻¹, which is W(CMCᵀ)W.
func unwhiten(dst, ci, m, tmp []float64, k int) {
	mul(tmp, m, ci, k, k, k)
	clear(dst[:k*k])
	for a := 0; a < k; a++ {
		for b, x := range ci[a*k : a*k+k] {
			if x != 0 {
				axpy(dst[b*k:b*k+k], x, tmp[a*k:a*k+k])
			}
		}
	}
}

// information says which second derivative of −2ℓ patternHessian forms.
type information int

const (
	observed information = iota
	expected             // its expectation
	metric               // the expectation without the REML term: always positive semidefinite
)
