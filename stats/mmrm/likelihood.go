package mmrm

import "math"

// surface evaluates −2·log-likelihood (without its constant) and its
// derivatives in the elements of Σ at one point. Its buffers are allocated
// once; an evaluation costs the same for any number of participants.
type surface struct {
	pb    *problem
	sigma []float64 // groups × d elements of Σ
	f     float64

	w    [][]float64 // pattern → k × k, Σ⁻¹ of its visits
	v    [][]float64 // pattern → WMW, M = Σ (r rᵀ + X Φ Xᵀ); without the Φ part for ML
	vphi [][]float64 // pattern → W (Σ XΦXᵀ) W
	zr   [][]float64 // pattern → k × r, Σ z r_j

	h, a, l, tmp []float64 // XᵀWX in features and in coefficients, its factor
	hx, beta, c  []float64
	bw           []float64 // p × (m·r): L⁻¹B̃, so that Φ becomes the identity
	g            []float64 // (m·r)²: BᵀΦB

	grad, hess []float64 // groups·d and its square
	fe         []float64 // element → p × p: L⁻¹ (Σ XᵀW E W X) L⁻ᵀ
	be         []float64 // element → p: L⁻¹ Σ XᵀW E W r
	s1, s2, s3 []float64
	big        []float64
	tens       []float64
}

func newSurface(pb *problem) *surface {
	m, r, p := pb.m, pb.r, pb.p
	mr, e := m*r, pb.groups*pb.d
	s := &surface{pb: pb, sigma: make([]float64, e),
		h: make([]float64, mr*mr), a: make([]float64, p*p), l: make([]float64, p*p),
		tmp: make([]float64, max(p, mr)*max(mr, p)), hx: make([]float64, mr), beta: make([]float64, p),
		c: make([]float64, mr), bw: make([]float64, p*mr), g: make([]float64, mr*mr),
		grad: make([]float64, e), hess: make([]float64, e*e),
		s1: make([]float64, m*m), s2: make([]float64, m*m), s3: make([]float64, max(m, r)*max(m, r))}
	total := 0
	for _, pt := range pb.pats {
		k := len(pt.visit)
		total += 3*k*k + k*r
	}
	buf := make([]float64, total)
	take := func(n int) []float64 { x := buf[:n:n]; buf = buf[n:]; return x }
	for _, pt := range pb.pats {
		k := len(pt.visit)
		s.w, s.v, s.vphi, s.zr = append(s.w, take(k*k)), append(s.v, take(k*k)), append(s.vphi, take(k*k)), append(s.zr, take(k*r))
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
	f := -pb.logW
	for i := range pb.pats {
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
		cholInverse(s.s1, w, s.s2, k)
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
	return finite(f)
}

// derivatives fills the gradient and the part of the Hessian that a pattern
// gives by itself; value must have been called. What is left out, through Φ's
// and β's dependence on Σ, is of the order p/n of it and is added by exact.
func (s *surface) derivatives() {
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
	clear(s.hess)
	for i := range pb.pats {
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
		sandwich(s.v[i], w, res, s.s3, k)
		sandwich(s.vphi[i], w, mphi, s.s3, k)
		if pb.model.Method == REML {
			axpy(s.v[i], 1, s.vphi[i])
		}
		n := float64(pt.n)
		for a := 0; a < k; a++ {
			for b := 0; b <= a; b++ {
				x := n*w[a*k+b] - s.v[i][a*k+b]
				if a != b {
					x *= 2
				}
				s.grad[pt.elem[a*k+b]] += x
			}
		}
	}
	s.patternHessian(s.hess, observed)
}

// sandwich writes W·M·W for symmetric k × k matrices.
func sandwich(dst, w, m, tmp []float64, k int) {
	mul(tmp, w, m, k, k, k)
	mul(dst, tmp, w, k, k, k)
}

// information says which second derivative of −2ℓ patternHessian forms.
type information int

const (
	observed information = iota
	expected             // its expectation
	metric               // the expectation without the REML term: always positive semidefinite
)

// patternHessian writes Σ_patterns tr(E_e W E_f U) + tr(E_e U E_f W) for every
// pair of elements, where E_e = ∂Σ/∂σ_e and U = V − nW/2 for the observed,
// nW/2 − V_Φ for the expected information.
func (s *surface) patternHessian(dst []float64, kind information) {
	pb := s.pb
	ne := pb.groups * pb.d
	clear(dst)
	for i := range pb.pats {
		pt := &pb.pats[i]
		k := len(pt.visit)
		w, u := s.w[i], s.s1[:k*k]
		half := float64(pt.n) / 2
		for t := range u {
			switch {
			case kind == observed:
				u[t] = s.v[i][t] - half*w[t]
			case kind == expected && pb.model.Method == REML:
				u[t] = half*w[t] - s.vphi[i][t]
			default:
				u[t] = half * w[t]
			}
		}
		for a := 0; a < k; a++ {
			wa, ua := w[a*k:a*k+k], u[a*k:a*k+k]
			for b := 0; b <= a; b++ {
				wb, ub := w[b*k:b*k+k], u[b*k:b*k+k]
				row := dst[pt.elem[a*k+b]*ne:]
				ke := 1.0
				if a == b {
					ke = 0.5
				}
				for c := 0; c <= a; c++ {
					top := c
					if c == a {
						top = b
					}
					wac, wbc, uac, ubc := wa[c], wb[c], ua[c], ub[c]
					ec := pt.elem[c*k : c*k+k]
					for d := 0; d <= top; d++ {
						x := wbc*ua[d] + ubc*wa[d] + wb[d]*uac + ub[d]*wac +
							wac*ub[d] + uac*wb[d] + wa[d]*ubc + ua[d]*wbc
						if c == d {
							x *= 0.5
						}
						row[ec[d]] += ke * x
					}
				}
			}
		}
	}
	// Local order follows visit order, so only the lower triangle was filled.
	mirror(dst, ne)
}

// exact computes the p × p matrices F_e = L⁻¹(Σ XᵀW E_e W X)L⁻ᵀ and vectors
// b_e, and adds what they give to the Hessian: −tr(F_e F_f) (REML) and
// −2 b_eᵀb_f. derivatives must have been called.
func (s *surface) exact() {
	pb := s.pb
	m, r, p, d := pb.m, pb.r, pb.p, pb.d
	mr, ne := m*r, pb.groups*pb.d
	if s.fe == nil {
		s.fe, s.be = make([]float64, ne*p*p), make([]float64, ne*p)
		s.big = make([]float64, mr*mr)
	}
	r2 := r * (r + 1) / 2
	if s.tens == nil {
		s.tens = make([]float64, d*(d+1)/2*r2)
	}
	tens := s.tens
	us := make([]float64, d*mr)
	gv := make([]float64, m*r)
	zp := make([]float64, r2)
	for g := 0; g < pb.groups; g++ {
		clear(tens)
		clear(us)
		for i := range pb.pats {
			if pb.pats[i].group == g {
				s.elementSums(i, g, tens, us, gv, zp)
			}
		}
		for a := 0; a < m; a++ {
			for b := 0; b <= a; b++ {
				e := elem(a, b)
				s.unpack(tens, e, r2)
				mul(s.tmp, s.bw, s.big, p, mr, mr)
				dst := s.fe[(g*d+e)*p*p : (g*d+e+1)*p*p]
				for x := 0; x < p; x++ {
					for y := 0; y <= x; y++ {
						v := dot(s.tmp[x*mr:x*mr+mr], s.bw[y*mr:y*mr+mr])
						dst[x*p+y], dst[y*p+x] = v, v
					}
				}
				mulT(s.be[(g*d+e)*p:(g*d+e+1)*p], s.bw, us[e*mr:e*mr+mr], p, mr, 1)
			}
		}
	}
	for e := 0; e < ne; e++ {
		for f := 0; f <= e; f++ {
			x := 2 * dot(s.be[e*p:e*p+p], s.be[f*p:f*p+p])
			if pb.model.Method == REML {
				x += dot(s.fe[e*p*p:(e+1)*p*p], s.fe[f*p*p:(f+1)*p*p])
			}
			s.hess[e*ne+f] -= x
			if e != f {
				s.hess[f*ne+e] -= x
			}
		}
	}
}

// elementSums adds pattern i to the tensor of W_ja W_lb + W_jb W_la times
// Σ z zᵀ, indexed by the pairs of elements (a, b) and (j, l), in which it is
// symmetric, and to the vectors Σ XᵀW E W r in features.
func (s *surface) elementSums(i, g int, tens, us, gv, zp []float64) {
	pb := s.pb
	pt := &pb.pats[i]
	r, mr, off := pb.r, pb.m*pb.r, g*pb.d
	k := len(pt.visit)
	w := s.w[i]
	r2 := len(zp)
	t := 0
	for u := 0; u < r; u++ {
		copy(zp[t:], pt.zz[u*r:u*r+u+1])
		t += u + 1
	}
	for a := 0; a < k; a++ {
		wa := w[a*k : a*k+k]
		for b := 0; b <= a; b++ {
			wb := w[b*k : b*k+k]
			e := pt.elem[a*k+b] - off
			base := e * (e + 1) / 2
			for c := 0; c <= a; c++ {
				top := c
				if c == a {
					top = b
				}
				for d := 0; d <= top; d++ {
					f := pt.elem[c*k+d] - off
					x := wa[c]*wb[d] + wa[d]*wb[c]
					axpy(tens[(base+f)*r2:(base+f)*r2+r2], x, zp)
				}
			}
		}
	}
	for b := 0; b < k; b++ {
		dst := gv[b*r : b*r+r]
		clear(dst)
		for c := 0; c < k; c++ {
			axpy(dst, w[b*k+c], s.zr[i][c*r:c*r+r])
		}
	}
	for a := 0; a < k; a++ {
		for b := 0; b <= a; b++ {
			u := us[(pt.elem[a*k+b]-off)*mr:]
			ke := 1.0
			if a == b {
				ke = 0.5
			}
			for j, vj := range pt.visit {
				axpy(u[vj*r:vj*r+r], ke*w[j*k+a], gv[b*r:b*r+r])
				axpy(u[vj*r:vj*r+r], ke*w[j*k+b], gv[a*r:a*r+r])
			}
		}
	}
}

// unpack writes Σ WE_eW ⊗ z zᵀ for element e, (m·r)², to s.big.
func (s *surface) unpack(tens []float64, e, r2 int) {
	m, r := s.pb.m, s.pb.r
	mr := m * r
	a := int((math.Sqrt(float64(8*e+1)) - 1) / 2)
	ke := 1.0
	if e == elem(a, a) {
		ke = 0.5
	}
	for j := 0; j < m; j++ {
		for l := 0; l <= j; l++ {
			f := elem(j, l)
			hi, lo := max(e, f), min(e, f)
			src := tens[(hi*(hi+1)/2+lo)*r2:]
			t := 0
			for u := 0; u < r; u++ {
				for v := 0; v <= u; v++ {
					x := ke * src[t]
					t++
					s.big[(j*r+u)*mr+l*r+v] = x
					s.big[(j*r+v)*mr+l*r+u] = x
					s.big[(l*r+u)*mr+j*r+v] = x
					s.big[(l*r+v)*mr+j*r+u] = x
				}
			}
		}
	}
}
