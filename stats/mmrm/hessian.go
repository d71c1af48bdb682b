package mmrm

// patternHessian writes Σ_patterns tr(E_e W E_f U) + tr(E_e U E_f W) for every
// pair of coordinates, where E_e = ∂Σ/∂(coordinate e) and U = V − nW/2 for the
// observed, nW/2 − V_Φ for the expected information.
func (s *surface) patternHessian(dst []float64, kind information) {
	pb := s.pb
	clear(dst)
	for i := range pb.pats {
		if pb.ctx.Err() != nil {
			return
		}
		pt := &pb.pats[i]
		k := len(pt.visit)
		u := s.s1[:k*k] // white
		half := float64(pt.n) / 2
		switch {
		case kind == observed:
			copy(u, s.v[i])
			half = -half
		case kind == expected && pb.model.Method == REML:
			for t, x := range s.vphi[i] {
				u[t] = -x
			}
		default:
			clear(u)
		}
		for a := 0; a < k; a++ {
			u[a*k+a] += half
		}
		if s.jac == nil {
			unwhiten(s.s2, s.ci[i], u, s.s3, k)
			s.elementHessian(dst, pt, s.w[i], s.s2[:k*k])
		} else {
			s.parameterHessian(dst, i, u)
		}
	}
	// Local order follows visit order, so only the lower triangle was filled.
	mirror(dst, pb.groups*s.nc)
}

// elementHessian adds a pattern's part in the elements of Σ, where E_e has one
// or two ones.
func (s *surface) elementHessian(dst []float64, pt *pattern, w, u []float64) {
	ne := s.pb.groups * s.pb.d
	k := len(pt.visit)
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

// parameterHessian adds pattern i's part in the parameters of a structure, u
// white: tr(E_h E_l U) + tr(E_l E_h U) of the white slopes E.
func (s *surface) parameterHessian(dst []float64, i int, u []float64) {
	pt := &s.pb.pats[i]
	k, g, nc := len(pt.visit), pt.group, s.nc
	n := s.pb.groups * nc
	if s.we == nil {
		m2 := s.pb.m * s.pb.m
		s.we, s.ue = make([]float64, nc*m2), make([]float64, nc*m2)
	}
	kk := k * k
	for h := 0; h < nc; h++ {
		e := s.we[h*kk : (h+1)*kk]
		s.whiteSlope(i, h, e)
		mul(s.ue[h*kk:(h+1)*kk], u, e, k, k, k) // (E_h U)ᵀ
	}
	for h := 0; h < nc; h++ {
		row := dst[(g*nc+h)*n+g*nc:]
		for l := 0; l <= h; l++ {
			row[l] += dot(s.we[h*kk:(h+1)*kk], s.ue[l*kk:(l+1)*kk]) + dot(s.we[l*kk:(l+1)*kk], s.ue[h*kk:(h+1)*kk])
		}
	}
}

// whiteSlope writes the white ∂Σ/∂(parameter h) at the visits of pattern i.
func (s *surface) whiteSlope(i, h int, e []float64) {
	pt := &s.pb.pats[i]
	k := len(pt.visit)
	s.slope(pt, h, e)
	whiten(e, s.ci[i], e, s.s3, k)
}

// slope writes ∂Σ/∂(parameter h) at a pattern's visits, k × k.
func (s *surface) slope(pt *pattern, h int, e []float64) {
	jac := s.jac[pt.group][h*s.pb.d:]
	off := pt.group * s.pb.d
	for i, x := range pt.elem {
		e[i] = jac[x-off]
	}
}

// exact computes the p × p matrices F_e = L⁻¹(Σ XᵀW E_e W X)L⁻ᵀ and vectors
// b_e, and adds what they give to the Hessian: −tr(F_e F_f) (REML) and
// −2 b_eᵀb_f. derivatives must have been called.
func (s *surface) exact() {
	pb := s.pb
	m, r, p := pb.m, pb.r, pb.p
	mr, nc := m*r, s.nc
	ne := pb.groups * nc
	if s.fe == nil {
		s.fe, s.be = make([]float64, ne*p*p), make([]float64, ne*p)
		s.big = make([]float64, mr*mr)
	}
	// The tensor's entries have the size of W ⊗ W: near singular matrices its
	// sums would lose the digits that the parameters' slopes keep.
	if r2 := r * (r + 1) / 2; s.jac != nil && (s.near || float64(nc)*float64(2*m+r*r) < float64(m*m*(1+r2))/8) {
		s.direct()
	} else {
		s.tensor()
	}
	s.addExact()
}

// tensor computes the matrices F and vectors b from sums over all pairs of
// elements.
func (s *surface) tensor() {
	pb := s.pb
	m, r, p, d := pb.m, pb.r, pb.p, pb.d
	mr, nc := m*r, s.nc
	r2 := r * (r + 1) / 2
	if s.tens == nil {
		s.tens = make([]float64, d*(d+1)/2*r2)
	}
	tens := s.tens
	us := make([]float64, d*mr)
	comb := make([]float64, d*r2+mr)
	gv := make([]float64, m*r)
	zp := make([]float64, r2)
	for g := 0; g < pb.groups; g++ {
		clear(tens)
		clear(us)
		for i := range pb.pats {
			if pb.pats[i].group == g && pb.ctx.Err() == nil {
				s.elementSums(i, g, tens, us, gv, zp)
			}
		}
		for h := 0; h < nc && pb.ctx.Err() == nil; h++ {
			u := comb[d*r2:]
			s.combine(tens, us, g, h, comb[:d*r2], u)
			s.unpack(comb, r2)
			mul(s.tmp, s.bw, s.big, p, mr, mr)
			dst := s.fe[(g*nc+h)*p*p : (g*nc+h+1)*p*p]
			for x := 0; x < p; x++ {
				for y := 0; y <= x; y++ {
					v := dot(s.tmp[x*mr:x*mr+mr], s.bw[y*mr:y*mr+mr])
					dst[x*p+y], dst[y*p+x] = v, v
				}
			}
			mulT(s.be[(g*nc+h)*p:(g*nc+h+1)*p], s.bw, u, p, mr, 1)
		}
	}
}

// addExact adds to the Hessian what the matrices F_e and the vectors b_e give.
func (s *surface) addExact() {
	pb, p := s.pb, s.pb.p
	ne := pb.groups * s.nc
	for e := 0; e < ne && pb.ctx.Err() == nil; e++ {
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

// direct computes the matrices F and vectors b of a few parameters at many
// visits, where the tensor over all pairs of elements would cost more: a
// pattern adds W ∂Σ W ⊗ Σ z zᵀ for each parameter.
func (s *surface) direct() {
	pb := s.pb
	m, r, p, nc := pb.m, pb.r, pb.p, s.nc
	mr := m * r
	big, u := make([]float64, nc*mr*mr), make([]float64, nc*mr)
	gv, e, t, wew := make([]float64, mr), make([]float64, m*m), make([]float64, mr), make([]float64, m*m)
	for g := 0; g < pb.groups; g++ {
		clear(big)
		clear(u)
		for i := range pb.pats {
			pt := &pb.pats[i]
			if pt.group != g || pb.ctx.Err() != nil {
				continue
			}
			k := len(pt.visit)
			ci := s.ci[i]
			mul(gv[:k*r], ci, s.zr[i], k, k, r)
			for h := 0; h < nc; h++ {
				s.whiteSlope(i, h, e[:k*k])
				unwhiten(wew, ci, e, s.s1, k)
				mul(t[:k*r], e[:k*k], gv[:k*r], k, k, r)
				for a, va := range pt.visit {
					dst := u[h*mr+va*r : h*mr+va*r+r]
					for b := a; b < k; b++ { // C⁻ᵀ
						axpy(dst, ci[b*k+a], t[b*r:b*r+r])
					}
					for b, vb := range pt.visit[:a+1] {
						x := wew[a*k+b]
						for v := 0; v < r; v++ {
							o := h*mr*mr + (va*r+v)*mr + vb*r
							axpy(big[o:o+r], x, pt.zz[v*r:v*r+r])
						}
					}
				}
			}
		}
		for h := 0; h < nc && pb.ctx.Err() == nil; h++ {
			q := big[h*mr*mr : (h+1)*mr*mr]
			mirror(q, mr)
			mul(s.tmp, s.bw, q, p, mr, mr)
			mulT(s.fe[(g*nc+h)*p*p:(g*nc+h+1)*p*p], s.tmp, s.bw, p, mr, p)
			mulT(s.be[(g*nc+h)*p:(g*nc+h+1)*p], s.bw, u[h*mr:h*mr+mr], p, mr, 1)
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

// combine sums the tensor and the vectors over the elements, weighted by their
// derivatives in coordinate h of group g; an element of the diagonal counts
// half, because the tensor holds it twice.
func (s *surface) combine(tens, us []float64, g, h int, comb, u []float64) {
	d, mr := s.pb.d, s.pb.m*s.pb.r
	r2 := len(comb) / d
	clear(comb)
	clear(u)
	diag, next := 0, 0
	for e := 0; e < d; e++ {
		onDiag := e == next
		if onDiag {
			diag++
			next += diag + 1
		}
		x := 0.0
		if s.jac == nil {
			if e == h {
				x = 1
			}
		} else {
			x = s.jac[g][h*d+e]
		}
		if x == 0 {
			continue
		}
		axpy(u, x, us[e*mr:e*mr+mr])
		if onDiag {
			x /= 2
		}
		for f := 0; f < d; f++ {
			hi, lo := max(e, f), min(e, f)
			t := (hi*(hi+1)/2 + lo) * r2
			axpy(comb[f*r2:f*r2+r2], x, tens[t:t+r2])
		}
	}
}

// unpack spreads a combination over pairs of visits and features, (m·r)², to
// s.big.
func (s *surface) unpack(comb []float64, r2 int) {
	m, r := s.pb.m, s.pb.r
	mr := m * r
	for j := 0; j < m; j++ {
		for l := 0; l <= j; l++ {
			src := comb[elem(j, l)*r2:]
			t := 0
			for u := 0; u < r; u++ {
				for v := 0; v <= u; v++ {
					x := src[t]
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
