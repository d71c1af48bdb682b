package mmrm

import "math"

// useExpected replaces the covariance of the coordinates by that from the
// expected information, ½[Σ tr(WE_eWE_f) − 2tr(ΦQ_ef) + tr(ΦP_eΦP_f)]. The
// standard errors of Σ keep the observed information.
func (o *optimum) useExpected() (elements []float64, err error) {
	pb := o.pb
	p, ne := pb.p, pb.groups*o.nc
	h := make([]float64, ne*ne)
	o.patternHessian(h, expected)
	if pb.model.Method == REML {
		for e := 0; e < ne; e++ {
			for f := 0; f < ne; f++ {
				h[e*ne+f] += dot(o.fe[e*p*p:(e+1)*p*p], o.fe[f*p*p:(f+1)*p*p])
			}
		}
	}
	q := o.st.size() * pb.groups
	info, inv, work := make([]float64, q*q), make([]float64, q*q), make([]float64, q*q)
	o.toParameters(h, info)
	if !cholesky(info, q) {
		clear(info) // the factorization overwrote it
		o.toParameters(h, info)
		return nil, &ConvergenceError{Reason: "the expected information is singular", Iterations: o.iter,
			Parameter: o.weakest(info, info), Advice: "a covariance structure with fewer parameters, or the observed information"}
	}
	cholInverse(info, inv, work, q)
	for i := range inv {
		inv[i] *= 2
	}
	o.thetaCov = inv
	o.omega, elements = o.spread(inv)
	return elements, nil
}

// kenwardRoger returns the adjusted covariance of the coefficients in whitened
// coordinates, I + 2Σ_ef ω_ef(Q_ef − P_eP_f − R_ef/4). Since Σ ω_ef E_e W E_f
// can be summed inside a pattern first, the Q of d² pairs cost one k × k
// matrix a pattern.
//
// elements is the covariance of the elements of Σ that belongs to o.omega.
func (o *optimum) kenwardRoger(df DF, elements []float64) ([]float64, error) {
	pb := o.pb
	m, r, p := pb.m, pb.r, pb.p
	mr, ne, nc := m*r, pb.groups*pb.d, pb.groups*o.nc
	second, err := o.secondDerivatives(df)
	if err != nil {
		return nil, err
	}
	h := make([]float64, mr*mr)
	for i := range pb.pats {
		if err := pb.ctx.Err(); err != nil {
			return nil, err
		}
		pt := &pb.pats[i]
		k := len(pt.visit)
		w := o.w[i]
		u := o.s1[:k*k]
		switch {
		case o.jac != nil && (o.near || 2*o.nc < k):
			o.fewParameters(i, u)
		default:
			for x := 0; x < k; x++ {
				for y := 0; y < k; y++ {
					t := 0.0
					for b := 0; b < k; b++ {
						row := elements[pt.elem[x*k+b]*ne:]
						for c := 0; c < k; c++ {
							t += row[pt.elem[c*k+y]] * w[b*k+c]
						}
					}
					u[x*k+y] = t
				}
			}
			whiten(u, o.ci[i], u, o.s3, k)
		}
		if second != nil {
			for x := range u {
				o.s2[x] = second[pt.elem[x]] / 4
			}
			whiten(o.s2[:k*k], o.ci[i], o.s2[:k*k], o.s3, k)
			axpy(u, -1, o.s2[:k*k])
		}
		unwhiten(o.s2[:k*k], o.ci[i], u, o.s3, k)
		for a, va := range pt.visit {
			for b, vb := range pt.visit {
				x := (o.s2[a*k+b] + o.s2[b*k+a]) / 2
				for v := 0; v < r; v++ {
					t := (va*r+v)*mr + vb*r
					axpy(h[t:t+r], x, pt.zz[v*r:v*r+r])
				}
			}
		}
	}
	cov := make([]float64, p*p)
	t := make([]float64, p*mr)
	mul(t, o.bw, h, p, mr, mr)
	mulT(cov, t, o.bw, p, mr, p)
	// The F are symmetric: sums run over their lower triangles.
	half := p * (p + 1) / 2
	low := make([]float64, nc*half)
	for e := 0; e < nc; e++ {
		for i := 0; i < p; i++ {
			copy(low[e*half+i*(i+1)/2:], o.fe[e*p*p+i*p:e*p*p+i*p+i+1])
		}
	}
	packed, sum, prod := make([]float64, half), make([]float64, p*p), make([]float64, p*p)
	for e := 0; e < nc; e++ {
		if err := pb.ctx.Err(); err != nil {
			return nil, err
		}
		clear(packed)
		for f := 0; f < nc; f++ {
			if x := o.omega[e*nc+f]; x != 0 {
				axpy(packed, x, low[f*half:(f+1)*half])
			}
		}
		for i := 0; i < p; i++ {
			copy(sum[i*p:], packed[i*(i+1)/2:i*(i+1)/2+i+1])
		}
		mirror(sum, p)
		mul(prod, o.fe[e*p*p:(e+1)*p*p], sum, p, p, p)
		axpy(cov, -1, prod)
	}
	for i := 0; i < p; i++ {
		for j := 0; j <= i; j++ {
			x := cov[i*p+j] + cov[j*p+i]
			cov[i*p+j], cov[j*p+i] = x, x
		}
		cov[i*p+i]++
	}
	return cov, nil
}

// fewParameters writes Σ_hl V_hl E_h E_l of pattern i for white slopes E.
func (o *optimum) fewParameters(i int, u []float64) {
	pt := &o.pb.pats[i]
	k, nc := len(pt.visit), o.nc
	n, kk := nc*o.pb.groups, k*k
	e, sum, x := make([]float64, nc*kk), make([]float64, kk), make([]float64, kk)
	for h := 0; h < nc; h++ {
		o.whiteSlope(i, h, e[h*kk:(h+1)*kk])
	}
	clear(u)
	for h := 0; h < nc; h++ {
		clear(sum)
		for l := 0; l < nc; l++ {
			axpy(sum, o.omega[(pt.group*nc+h)*n+pt.group*nc+l], e[l*kk:(l+1)*kk])
		}
		mul(x, e[h*kk:(h+1)*kk], sum, k, k, k)
		axpy(u, 1, x)
	}
}

// secondDerivatives is Σ_hl w_hl ∂²σ_e/∂θ_h∂θ_l for every element, in the
// parameters that the method prescribes; nil where it is zero.
func (o *optimum) secondDerivatives(df DF) ([]float64, error) {
	pb, st := o.pb, o.st
	d, q := pb.d, st.size()
	if df == KenwardRogerLinear || (df != KenwardRogerMMRM && st.linear()) {
		return nil, nil
	}
	out := make([]float64, pb.groups*d)
	for g := 0; g < pb.groups; g++ {
		sc, theta := fitScale, []float64(nil)
		wpar := make([]float64, q*q)
		for i := 0; i < q; i++ {
			copy(wpar[i*q:i*q+q], o.thetaCov[(g*q+i)*q*pb.groups+g*q:])
		}
		if st.kind == Unstructured { // KenwardRogerMMRM
			var move []float64
			theta, move = st.factorTheta(o.sigma[g*d : g*d+d])
			t := make([]float64, q*q)
			mul(t, move, wpar, q, q, q)
			mulT(wpar, t, move, q, q, q)
		} else {
			theta = o.theta[g]
			if df != KenwardRogerMMRM {
				sas, dd := st.convert(fitScale, sasScale, theta)
				for i := range dd {
					for j := range dd {
						wpar[i*q+j] *= dd[i] * dd[j]
					}
				}
				sc, theta = sasScale, sas
			}
		}
		w, curv, sig := make([]float64, d), make([]float64, q*q), make([]float64, d)
		for e := 0; e < d; e++ {
			clear(w)
			clear(curv)
			w[e] = 1
			st.eval(sc, theta, sig, nil, w, curv)
			out[g*d+e] = dot(curv, wpar)
		}
	}
	return out, nil
}

// factorTheta is the unstructured matrix in mmrm's coordinates, logarithms of
// the Cholesky factor's diagonal, then its rows divided by it; and what they
// move, q × q, by the coordinates of the chart Σ = L(I + D)Lᵀ: the factor moves
// by L times the lower triangle of D, its diagonal halved.
func (s *structure) factorTheta(sigma []float64) (th, move []float64) {
	m, q := s.m, s.size()
	l := lowerFactor(sigma, m)
	th, move = make([]float64, q), make([]float64, q*q)
	for a := 0; a < m; a++ {
		th[a] = math.Log(l[a*m+a])
		move[a*q+elem(a, a)] = 0.5
		for b := 0; b < a; b++ {
			k := m + a*(a-1)/2 + b
			th[k] = l[a*m+b] / l[a*m+a]
			for c := b; c <= a; c++ {
				half := 1.0
				if c == b {
					half = 0.5
				}
				move[k*q+elem(c, b)] += half * l[a*m+c] / l[a*m+a]
			}
			move[k*q+elem(a, a)] -= 0.5 * th[k]
		}
	}
	return th, move
}
