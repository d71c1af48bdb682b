package mmrm

// chart writes the derivatives of the elements of group g in its parameters
// (size × d) and, for the gradient w in the elements, adds the curvature.
func (o *optimum) chart(us bool, g int, jac, w, curv []float64) {
	pb := o.pb
	m, d := pb.m, pb.d
	sig := o.sigma[g*d : g*d+d]
	if !us {
		out := make([]float64, d)
		o.st.eval(fitScale, o.theta[g], out, jac, w, curv)
		return
	}
	l := lowerFactor(sig, m)
	for a := 0; a < m; a++ {
		for b := 0; b <= a; b++ {
			row := jac[elem(a, b)*d:]
			for c := 0; c < m; c++ {
				for e := 0; e <= c; e++ {
					x := l[c*m+a]*l[e*m+b] + l[c*m+b]*l[e*m+a]
					if a == b {
						x /= 2
					}
					row[elem(c, e)] = x
				}
			}
		}
	}
	if curv == nil {
		return
	}
	// tr(LᵀGL·D²), G the gradient as a matrix.
	gm, t := full(w, m), make([]float64, m*m)
	for a := 0; a < m; a++ {
		for b := 0; b < m; b++ {
			if a != b {
				gm[a*m+b] /= 2
			}
		}
	}
	lt := make([]float64, m*m)
	for a := 0; a < m; a++ {
		for b := 0; b < m; b++ {
			lt[a*m+b] = l[b*m+a]
		}
	}
	mul(t, gm, l, m, m, m)
	mul(gm, lt, t, m, m, m)
	for a := 0; a < m; a++ {
		for b := 0; b <= a; b++ {
			for c := 0; c < m; c++ {
				for e := 0; e <= c; e++ {
					x := 0.0
					if b == c {
						x += gm[a*m+e]
					}
					if b == e {
						x += gm[a*m+c]
					}
					if a == c {
						x += gm[b*m+e]
					}
					if a == e {
						x += gm[b*m+c]
					}
					if a == b {
						x /= 2
					}
					if c == e {
						x /= 2
					}
					curv[elem(a, b)*d+elem(c, e)] += x
				}
			}
		}
	}
}

// evaluate computes gradient and Hessian in the parameters, for us in the
// local chart, at the point value was called for.
func (o *optimum) evaluate(us, exact bool, grad, hess []float64) {
	pb := o.pb
	q1, d := o.st.size(), pb.d
	q := q1 * pb.groups
	if !us || o.near {
		o.jac = make([][]float64, 0, pb.groups)
		for g := 0; g < pb.groups; g++ {
			jac := make([]float64, q1*d)
			o.chart(us, g, jac, nil, nil)
			o.jac = append(o.jac, jac)
		}
	}
	o.derivatives()
	if exact {
		o.exact()
	}
	clear(hess)
	curv, jac := make([]float64, q1*q1), make([]float64, q1*d)
	o.chartJac = o.chartJac[:0]
	for g := 0; g < pb.groups; g++ {
		clear(curv)
		w := o.grad[g*d : g*d+d]
		o.chart(us, g, jac, w, curv)
		mul(grad[g*q1:g*q1+q1], jac, w, q1, d, 1)
		for i := 0; i < q1; i++ {
			copy(hess[(g*q1+i)*q+g*q1:(g*q1+i)*q+g*q1+q1], curv[i*q1:i*q1+q1])
		}
		if us {
			o.chartJac = append(o.chartJac, append([]float64(nil), jac...))
		}
	}
	o.toParameters(o.hess, hess)
}

// toParameters adds a Hessian in the coordinates to dst in the parameters.
func (o *optimum) toParameters(h, dst []float64) {
	if o.jac != nil {
		axpy(dst, 1, h)
		return
	}
	pb := o.pb
	d := pb.d
	ne := d * pb.groups
	blk, t, out := make([]float64, d*d), make([]float64, d*d), make([]float64, d*d)
	for g := range o.chartJac {
		for k := range o.chartJac {
			for i := 0; i < d; i++ {
				copy(blk[i*d:i*d+d], h[(g*d+i)*ne+k*d:(g*d+i)*ne+k*d+d])
			}
			mul(t, o.chartJac[g], blk, d, d, d)
			mulT(out, t, o.chartJac[k], d, d, d)
			for i := 0; i < d; i++ {
				axpy(dst[(g*d+i)*ne+k*d:(g*d+i)*ne+k*d+d], 1, out[i*d:i*d+d])
			}
		}
	}
}

// metric writes the expected information in the parameters.
func (o *optimum) metric(dst []float64) {
	h := make([]float64, len(o.hess))
	o.patternHessian(h, metric)
	clear(dst)
	o.toParameters(h, dst)
}

// tryStep evaluates the likelihood a step away from the elements from, and
// returns the parameters there.
func (o *optimum) tryStep(us bool, from, step []float64) ([][]float64, bool) {
	pb := o.pb
	m, d, q1 := pb.m, pb.d, o.st.size()
	to := make([]float64, len(from))
	var theta [][]float64
	for g := 0; g < pb.groups; g++ {
		if !us {
			th := append([]float64(nil), o.theta[g]...)
			axpy(th, 1, step[g*q1:g*q1+q1])
			o.st.eval(fitScale, th, to[g*d:g*d+d], nil, nil, nil)
			theta = append(theta, th)
			continue
		}
		l := lowerFactor(from[g*d:g*d+d], m)
		dm := full(step[g*d:g*d+d], m)
		c, t := make([]float64, m*m), make([]float64, m*m)
		mul(c, dm, dm, m, m, m)
		for i := range c {
			c[i] = c[i]/2 + dm[i]
		}
		for i := 0; i < m; i++ {
			c[i*m+i]++
		}
		mul(t, l, c, m, m, m)
		mulT(c, t, l, m, m, m)
		for a := 0; a < m; a++ {
			for b := 0; b <= a; b++ {
				to[g*d+elem(a, b)] = c[a*m+b]
			}
		}
	}
	for _, x := range to {
		if !finite(x) {
			return nil, false
		}
	}
	return theta, o.value(to)
}

// lowerFactor is the Cholesky factor, zero above the diagonal.
func lowerFactor(sigma []float64, m int) []float64 {
	l := full(sigma, m)
	cholesky(l, m)
	for a := 0; a < m; a++ {
		clear(l[a*m+a+1 : a*m+m])
	}
	return l
}
