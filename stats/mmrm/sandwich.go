package mmrm

import "math"

// sandwichParts is the empirical covariance of the coefficients in whitened
// coordinates, and what its Satterthwaite degrees of freedom need.
type sandwichParts struct {
	cov []float64
	p   int
	x   [][]float64 // participant → k × p: x̃
	ax  [][]float64 // participant → k × p: A x̃
}

// sandwich forms Σ_i x̃_iᵀA_i ẽ_i ẽ_iᵀA_i x̃_i, where x̃ and ẽ are a participant's
// rows and residuals divided by Σ's Cholesky factor and the columns whitened,
// so that leverages are H_i = x̃_i x̃_iᵀ, and A_i = (I − H_i)^−a with a = 0, ½, 1.
// A direction a participant alone determines (leverage 1) gets weight 0.
func (o *optimum) sandwich(kind Errors) (*sandwichParts, error) {
	pb := o.pb
	m, r, p := pb.m, pb.r, pb.p
	mr := m * r
	sp := &sandwichParts{cov: make([]float64, p*p), p: p}
	chol := make([][]float64, len(pb.pats))
	for i := range pb.pats {
		pt := &pb.pats[i]
		k := len(pt.visit)
		chol[i] = make([]float64, k*k)
		for j, e := range pt.elem {
			chol[i][j] = o.sigma[e]
		}
		cholesky(chol[i], k)
	}
	keep := pb.model.DF == Satterthwaite
	xBuf, axBuf := make([]float64, m*p), make([]float64, m*p)
	e, h := make([]float64, m), make([]float64, m*m)
	vx, score := make([]float64, p), make([]float64, p)
	for i := 0; i < pb.ft.n; i++ {
		if i%1024 == 0 && pb.ctx.Err() != nil {
			return nil, pb.ctx.Err()
		}
		if pb.patOf[i] < 0 {
			continue
		}
		pt := &pb.pats[pb.patOf[i]]
		k := len(pt.visit)
		l := chol[pb.patOf[i]]
		z := pb.ft.z[i*r : i*r+r]
		if keep { // the df need every participant's rows
			xBuf, axBuf = make([]float64, k*p), make([]float64, k*p)
		}
		x, h := xBuf[:k*p], h[:k*k]
		for a, va := range pt.visit {
			for c := 0; c < p; c++ {
				x[a*p+c] = dot(o.bw[c*mr+va*r:c*mr+va*r+r], z)
			}
			e[a] = pb.y[pb.at[i*m+va]] - dot(o.c[va*r:va*r+r], z)
			for b := 0; b < a; b++ {
				axpy(x[a*p:a*p+p], -l[a*k+b], x[b*p:b*p+p])
				e[a] -= l[a*k+b] * e[b]
			}
			for c := 0; c < p; c++ {
				x[a*p+c] /= l[a*k+a]
			}
			e[a] /= l[a*k+a]
		}
		ax := x
		if kind != CR0 {
			mulT(h, x, x, k, p, k)
			for t := range h {
				h[t] = -h[t]
			}
			for t := 0; t < k; t++ {
				h[t*k+t]++
			}
			val, vec := symEigen(h, k)
			ax = axBuf[:k*p]
			clear(ax)
			for t, v := range val {
				if v < 1e-10 {
					continue
				}
				s := 1 / v
				if kind == CR2 {
					s = 1 / math.Sqrt(v)
				}
				clear(vx)
				for a := 0; a < k; a++ {
					axpy(vx, vec[a*k+t], x[a*p:a*p+p])
				}
				for a := 0; a < k; a++ {
					axpy(ax[a*p:a*p+p], s*vec[a*k+t], vx)
				}
			}
		}
		clear(score)
		for a := 0; a < k; a++ {
			axpy(score, e[a], ax[a*p:a*p+p])
		}
		for c, v := range score {
			axpy(sp.cov[c*p:c*p+p], v, score)
		}
		if keep {
			sp.x, sp.ax = append(sp.x, x), append(sp.ax, ax)
		}
	}
	return sp, nil
}

// df is the Satterthwaite degrees of freedom of Bell and McCaffrey (2002):
// the squared mean over half the variance of Σ_i (g_iᵀe)², e standard normal
// and g_i = (I − H)_i A_i x̃_i w.
func (sp *sandwichParts) df(w []float64) float64 {
	p := sp.p
	t, gram := make([]float64, p), make([]float64, p*p)
	trace, sq := 0.0, 0.0
	for i, x := range sp.x {
		ax := sp.ax[i]
		clear(t)
		own := 0.0
		for a := 0; a < len(x); a += p {
			v := dot(ax[a:a+p], w)
			own += v * v
			axpy(t, v, x[a:a+p])
		}
		tt := dot(t, t)
		trace += own - tt
		sq += own*own - 2*own*tt
		for c, v := range t {
			axpy(gram[c*p:c*p+p], v, t)
		}
	}
	sq += dot(gram, gram)
	return trace * trace / sq
}
