package mmrm

import "math"

// unfold writes a vector of the coefficients in features by visit.
func (s *Series) unfold(dst, x []float64) {
	own, r := s.own, s.r
	for j := range s.m {
		copy(dst[j*r:j*r+own], x[j*own:j*own+own])
		copy(dst[j*r+own:j*r+r], x[s.m*own:])
	}
}

// fold is the transpose: what belongs to a covariate is summed over the visits.
func (s *Series) fold(dst, x []float64) {
	own, r := s.own, s.r
	if own == r {
		copy(dst, x)
		return
	}
	rest := dst[s.m*own:]
	clear(rest)
	for j := range s.m {
		copy(dst[j*own:j*own+own], x[j*r:j*r+own])
		for k := range rest {
			rest[k] += x[j*r+own+k]
		}
	}
}

// position is where feature k of visit j stands among the coefficients.
func (s *Series) position(j, k int) int {
	if k < s.own {
		return j*s.own + k
	}
	return s.m*s.own + k - s.own
}

// spread adds x[a, b]·Σzzᵀ of a pattern for symmetric x, k × k, to the lower triangle of
// a matrix of the coefficients.
func (s *Series) spread(dst []float64, pt *sums, x []float64) {
	own, r, p := s.own, s.r, s.p
	k := len(pt.visit)
	for a, va := range pt.visit {
		for b, vb := range pt.visit[:a+1] {
			c := x[a*k+b]
			for u := range own {
				row := dst[(va*own+u)*p+vb*own : (va*own+u)*p+vb*own+own]
				for t, v := range pt.zz[u*r : u*r+own] {
					row[t] += c * v
				}
			}
		}
	}
	if own == r {
		return
	}
	total := 0.0
	for a, va := range pt.visit {
		sum := 0.0
		for _, c := range x[a*k : a*k+k] {
			sum += c
		}
		total += sum
		for u := own; u < r; u++ {
			row := dst[(s.m*own+u-own)*p+va*own:]
			for t, v := range pt.zz[u*r : u*r+own] {
				row[t] += sum * v
			}
		}
	}
	for u := own; u < r; u++ {
		row := dst[(s.m*own+u-own)*p+s.m*own:]
		for t, v := range pt.zz[u*r+own : u*r+u+1] {
			row[t] += total * v
		}
	}
}

// evaluate computes coefficients and gradient at Σ, and reports whether that could be
// done with digits to spare.
func (s *Series) evaluate() bool {
	m, r, p, own, mr := s.m, s.r, s.p, s.own, s.mr
	clear(s.a)
	clear(s.hx)
	for i := range s.used {
		pt := &s.pats[i]
		k := len(pt.visit)
		l := pt.t1[:k*k]
		for a, va := range pt.visit {
			for b, vb := range pt.visit[:a+1] {
				l[a*k+b] = s.sigma[va*m+vb]
			}
		}
		if !clearly(l, k, 1e-4) {
			return false
		}
		w := pt.w[:k*k]
		cholInverse(l, w, pt.t2[:k*k], k)
		s.spread(s.a, pt, w)
		for a, va := range pt.visit {
			hx := s.hx[va*r : va*r+r]
			for b := range k {
				c := w[a*k+b]
				for u, v := range pt.zy[b*r : b*r+r] {
					hx[u] += c * v
				}
			}
		}
	}
	copy(s.l, s.a)
	if !clearly(s.l, p, 1e-6) {
		return false
	}
	// li = L⁻¹, phi its cross-product.
	li := s.li
	for j := range p {
		li[j*p+j] = 1 / s.l[j*p+j]
	}
	for i := 1; i < p; i++ {
		row, lrow := li[i*p:i*p+i], s.l[i*p:i*p+i]
		clear(row)
		for k, x := range lrow {
			lk := li[k*p : k*p+k+1]
			for j, y := range lk {
				row[j] -= x * y
			}
		}
		x := li[i*p+i]
		for j := range row {
			row[j] *= x
		}
	}
	phi := s.phi
	clear(phi)
	for i := range p {
		row := li[i*p : i*p+i+1]
		for a, x := range row {
			out := phi[a*p : a*p+a+1]
			for b := range out {
				out[b] += x * row[b]
			}
		}
	}
	mirror(phi, p)
	g := s.g
	if own == r {
		copy(g, phi)
	} else {
		for j := range m {
			for u := range r {
				from := phi[s.position(j, u)*p:]
				to := g[(j*r+u)*mr:]
				for l := range m {
					for v := range r {
						to[l*r+v] = from[s.position(l, v)]
					}
				}
			}
		}
	}
	s.fold(s.w, s.hx)
	for i := range p {
		s.beta[i] = dot(phi[i*p:i*p+p], s.w)
	}
	s.unfold(s.c, s.beta)
	clear(s.grad)
	for i := range s.used {
		pt := &s.pats[i]
		k := len(pt.visit)
		zr := pt.zr
		for a, va := range pt.visit {
			ca := s.c[va*r : va*r+r]
			for u := range r {
				x := pt.zy[a*r+u]
				for t, v := range pt.zz[u*r : u*r+r] {
					x -= v * ca[t]
				}
				zr[a*r+u] = x
			}
		}
		res, v := pt.t1[:k*k], pt.v[:k*k]
		for a, va := range pt.visit {
			ca := s.c[va*r : va*r+r]
			for b, vb := range pt.visit[:a+1] {
				cb := s.c[vb*r : vb*r+r]
				x := pt.yy[a*m+b]
				for u, c := range ca {
					x -= c*pt.zy[b*r+u] + cb[u]*zr[a*r+u]
				}
				for u := range r {
					o := (va*r+u)*mr + vb*r
					gr := g[o : o+r]
					for t, y := range pt.zz[u*r : u*r+r] {
						x += y * gr[t]
					}
				}
				res[a*k+b], res[b*k+a] = x, x
			}
		}
		w := pt.w[:k*k]
		square(pt.t2[:k*k], w, res, k)
		square(v, pt.t2[:k*k], w, k)
		for a := range k {
			for b := range a + 1 {
				x := pt.n*w[a*k+b] - (v[a*k+b]+v[b*k+a])/2
				if a != b {
					x *= 2
				}
				s.grad[pt.elem[a*k+b]] += x
			}
		}
	}
	return true
}

// square writes the product of two k × k matrices.
func square(dst, a, b []float64, k int) {
	for i := range k {
		ai, di := a[i*k:i*k+k], dst[i*k:i*k+k]
		for j := range di {
			x := 0.0
			for t, v := range ai {
				x += v * b[t*k+j]
			}
			di[j] = x
		}
	}
}

// clearly is Cholesky's factor of a matrix that keeps the share of every diagonal
// element.
func clearly(a []float64, n int, share float64) bool {
	for i := range n {
		ai := a[i*n : i*n+n]
		for j := range i {
			aj := a[j*n : j*n+j+1]
			x := ai[j]
			for k, y := range aj[:j] {
				x -= ai[k] * y
			}
			ai[j] = x / aj[j]
		}
		all := ai[i]
		x := all
		for _, y := range ai[:i] {
			x -= y * y
		}
		if !(x > share*all) || math.IsInf(x, 0) {
			return false
		}
		ai[i] = math.Sqrt(x)
	}
	return true
}

// curvature fills the Hessian of −2ℓ in the elements of Σ. Where it need not be exact,
// what the estimation of the means takes from it is put at its share in complete data.
func (s *Series) curvature(exact bool) {
	p, r, d, mr := s.p, s.r, s.d, s.mr
	clear(s.hess)
	clear(s.u)
	total := 0.0
	for i := range s.used {
		pt := &s.pats[i]
		total += pt.n
		k := len(pt.visit)
		w, u := pt.w[:k*k], pt.t1[:k*k]
		for a := range k {
			for b := range a + 1 {
				x := (pt.v[a*k+b]+pt.v[b*k+a])/2 - pt.n/2*w[a*k+b]
				u[a*k+b], u[b*k+a] = x, x
			}
		}
		s.elements(pt, w, u)
		// Σ XᵀW E W r, in features by visit.
		gv := pt.t2
		for b := range k {
			row := gv[b*r : b*r+r]
			clear(row)
			for c := range k {
				x := w[b*k+c]
				for t, v := range pt.zr[c*r : c*r+r] {
					row[t] += x * v
				}
			}
		}
		for a := range k {
			for b := range a + 1 {
				to := s.u[pt.elem[a*k+b]*mr:]
				ga, gb := gv[a*r:a*r+r], gv[b*r:b*r+r]
				for j, vj := range pt.visit {
					x, y := w[j*k+a], w[j*k+b]
					if a == b {
						y = 0
					}
					row := to[vj*r : vj*r+r]
					for t := range row {
						row[t] += x*gb[t] + y*ga[t]
					}
				}
			}
		}
	}
	if !exact {
		share := 1 - float64(s.own)/total
		for i := range s.hess {
			s.hess[i] *= share
		}
	}
	for e := range d {
		s.fold(s.q, s.u[e*mr:e*mr+mr])
		be := s.be[e*p : e*p+p]
		for i := range p {
			x := 0.0
			for k, v := range s.li[i*p : i*p+i+1] {
				x += v * s.q[k]
			}
			be[i] = x
		}
	}
	half := p * (p + 1) / 2
	if exact {
		s.slopes()
	}
	for e := range d {
		for f := range e + 1 {
			x := 2 * dot(s.be[e*p:e*p+p], s.be[f*p:f*p+p])
			if exact {
				x += dot(s.fe[e*half:(e+1)*half], s.fe[f*half:(f+1)*half])
			}
			x = s.hess[e*d+f] - x
			s.hess[e*d+f], s.hess[f*d+e] = x, x
		}
	}
}

// elements adds tr(E_e W E_f U) + tr(E_e U E_f W) of a pattern to the lower triangle.
func (s *Series) elements(pt *sums, w, u []float64) {
	k, d := len(pt.visit), s.d
	for a := range k {
		wa, ua := w[a*k:a*k+k], u[a*k:a*k+k]
		for b := range a + 1 {
			wb, ub := w[b*k:b*k+k], u[b*k:b*k+k]
			row := s.hess[pt.elem[a*k+b]*d:]
			ke := 1.0
			if a == b {
				ke = 0.5
			}
			for c := range a + 1 {
				top := c
				if c == a {
					top = b
				}
				wac, wbc, uac, ubc := wa[c], wb[c], ua[c], ub[c]
				ec := pt.elem[c*k : c*k+k]
				for e := range top + 1 {
					x := wbc*ua[e] + ubc*wa[e] + wb[e]*uac + ub[e]*wac +
						wac*ub[e] + uac*wb[e] + wa[e]*ubc + ua[e]*wbc
					if c == e {
						x *= 0.5
					}
					row[ec[e]] += ke * x
				}
			}
		}
	}
}

// slopes computes F_e = L⁻¹(Σ XᵀW E_e W X)L⁻ᵀ, lower triangles, off the diagonal times √2
// so that their inner products are traces.
func (s *Series) slopes() {
	p := s.p
	half := p * (p + 1) / 2
	for e := range s.d {
		a, b := s.at[2*e], s.at[2*e+1]
		te := s.te
		clear(te)
		for i := range s.used {
			pt := &s.pats[i]
			if pt.key>>a&1 == 0 || pt.key>>b&1 == 0 {
				continue
			}
			k := len(pt.visit)
			ia, ib := 0, 0
			for t, v := range pt.visit {
				if v == a {
					ia = t
				}
				if v == b {
					ib = t
				}
			}
			w, x := pt.w, pt.t1[:k*k]
			wa, wb := w[ia*k:ia*k+k], w[ib*k:ib*k+k]
			for u := range k {
				for v := range k {
					if x[u*k+v] = wa[u] * wb[v]; ia != ib {
						x[u*k+v] += wb[u] * wa[v]
					}
				}
			}
			s.spread(te, pt, x)
		}
		mirror(te, p)
		fe := s.fe[e*half : (e+1)*half]
		row := s.q
		t := 0
		for i := range p {
			clear(row)
			for k, x := range s.li[i*p : i*p+i+1] {
				for j, y := range te[k*p : k*p+i+1] {
					row[j] += x * y
				}
			}
			for j := range i + 1 {
				x := 0.0
				for k, y := range s.li[j*p : j*p+j+1] {
					x += y * row[k]
				}
				if j < i {
					x *= math.Sqrt2
				}
				fe[t] = x
				t++
			}
		}
	}
}
