package mmrm

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

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
		if o.jac != nil && 2*o.nc < k {
			o.fewParameters(pt, w, u)
		} else {
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
		}
		if second != nil {
			for x := range u {
				u[x] -= second[pt.elem[x]] / 4
			}
		}
		sandwich(o.s2[:k*k], w, u, o.s3[:k*k], k)
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

// fewParameters writes Σ_hl V_hl E_h W E_l of a pattern for a structure of few
// parameters.
func (o *optimum) fewParameters(pt *pattern, w, u []float64) {
	k, nc := len(pt.visit), o.nc
	n := nc * o.pb.groups
	e, sum, t, x := make([]float64, k*k), make([]float64, k*k), make([]float64, k*k), make([]float64, k*k)
	clear(u)
	for h := 0; h < nc; h++ {
		clear(sum)
		for l := 0; l < nc; l++ {
			o.slope(pt, l, e)
			axpy(sum, o.omega[(pt.group*nc+h)*n+pt.group*nc+l], e)
		}
		o.slope(pt, h, e)
		mul(t, e, w, k, k, k)
		mul(x, t, sum, k, k, k)
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
	ne := pb.groups * d
	for g := 0; g < pb.groups; g++ {
		sc, theta := fitScale, []float64(nil)
		var wpar []float64
		if st.kind == Unstructured { // KenwardRogerMMRM: invert the Jacobian
			theta = st.factorTheta(o.sigma[g*d : g*d+d])
			jac := make([]float64, d*d)
			st.eval(fitScale, theta, make([]float64, d), jac, nil, nil)
			var inv, cov mat.Dense
			if err := inv.Inverse(mat.NewDense(d, d, jac)); err != nil {
				return nil, &ConvergenceError{Reason: "the Cholesky parameters are not identified", Iterations: o.iter}
			}
			blk := mat.NewDense(d, d, nil)
			for i := 0; i < d; i++ {
				for j := 0; j < d; j++ {
					blk.Set(i, j, o.omega[(g*d+i)*ne+g*d+j])
				}
			}
			cov.Mul(inv.T(), blk)
			var w mat.Dense
			w.Mul(&cov, &inv)
			wpar = w.RawMatrix().Data
		} else {
			theta = o.theta[g]
			wpar = make([]float64, q*q)
			for i := 0; i < q; i++ {
				copy(wpar[i*q:i*q+q], o.omega[(g*q+i)*q*pb.groups+g*q:])
			}
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

// factorTheta is the unstructured matrix in mmrm's coordinates: logarithms of
// the Cholesky factor's diagonal, then its rows divided by it.
func (s *structure) factorTheta(sigma []float64) []float64 {
	m := s.m
	l := lowerFactor(sigma, m)
	th := make([]float64, s.size())
	for a := 0; a < m; a++ {
		th[a] = math.Log(l[a*m+a])
		for b := 0; b < a; b++ {
			th[m+a*(a-1)/2+b] = l[a*m+b] / l[a*m+a]
		}
	}
	return th
}
