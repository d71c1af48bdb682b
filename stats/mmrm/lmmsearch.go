package mmrm

import (
	"context"
	"math"
)

// transform moves gradient and a Hessian to the free coordinates.
func (s *lmmState) transform(h []float64, q int) (grad, hess []float64) {
	nv := s.nv
	grad, hess = make([]float64, q), append([]float64(nil), s.curv...)
	mul(grad, s.jac, s.grad, q, nv, 1)
	t, o := make([]float64, q*nv), make([]float64, q*q)
	mul(t, s.jac, h, q, nv, nv)
	mulT(o, t, s.jac, q, nv, q)
	axpy(hess, 1, o)
	return grad, hess
}

// maximize runs Newton's method, damped in the metric of the expected
// information, in the interior and, where a variance tends to zero, on the
// boundary of lower rank.
func (c *clusters) maximize(ctx context.Context) (*lmmState, error) {
	s := &lmmState{clusters: c, rank: c.ne}
	phi := []float64{math.Log(c.betweenVar) / 2, math.Log(c.withinVar) / 2}
	if c.ne == 2 {
		b := math.Log(c.betweenVar/2) / 2
		phi = []float64{b, 0, math.Log(c.betweenVar/2) / 2, math.Log(c.withinVar) / 2}
	}
	phi, done, err := s.search(ctx, phi)
	if err != nil {
		return nil, err
	}
	if done {
		return s, nil
	}
	// The covariance lost a rank: continue on the boundary.
	s.singular = true
	last := phi[len(phi)-1]
	if s.rank == 2 {
		// Leading eigenvector, in units in which both effects are alike.
		g := []float64{s.v[0], s.v[1], s.v[1], s.v[2]}
		val, vec := symEigen(g, 2)
		r := math.Sqrt(math.Max(val[1], 1e-8*s.yScale))
		phi = []float64{r * vec[1], r * vec[3], last}
		s.rank = 1
	} else {
		phi = []float64{last}
		s.rank = 0
	}
	if phi, done, err = s.search(ctx, phi); err != nil || done {
		return s, err
	}
	phi = []float64{phi[len(phi)-1]}
	s.rank = 0
	if _, _, err = s.search(ctx, phi); err != nil {
		return nil, err
	}
	return s, nil
}

// search converges from phi, or reports (done false) that the covariance of
// the random effects degenerates.
func (s *lmmState) search(ctx context.Context, phi []float64) (at []float64, done bool, err error) {
	q := len(phi)
	v, _, _ := s.chart(phi, nil)
	fail := func(reason string) error {
		return s.blame(reason)
	}
	if !s.value(v) {
		return nil, false, fail("no starting value for " + s.describe())
	}
	lambda, small := 0.0, 0
	for ; s.iter < 500; s.iter++ {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		s.derivatives()
		_, s.jac, s.curv = s.chart(phi, s.grad)
		grad, hess := s.transform(s.observed, q)
		_, met := s.transform(s.expect, q)
		axpy(met, -1, s.curv)
		f0, slack := s.f, max(1e-13*(math.Abs(s.f)+1), s.noise)
		accepted := false
		for !accepted {
			lh := append([]float64(nil), hess...)
			if lambda > 0 {
				for i := range lh {
					lh[i] += lambda * met[i]
				}
				for i := 0; i < q; i++ {
					lh[i*q+i] += 1e-12 * lambda * float64(s.n)
				}
			}
			if cholesky(lh, q) {
				step := make([]float64, q)
				for i := range step {
					step[i] = -grad[i]
				}
				cholSolve(lh, step, q)
				pred := math.Max(-dot(grad, step), 0)
				s.decrement = math.Sqrt(pred / 2)
				if lambda == 0 && pred < 1e-12 {
					// The last steps converge quadratically; rounding ends them.
					if small++; pred < 1e-24 || small > 4 {
						return phi, true, nil
					}
				}
				big := 0.0
				for _, x := range step {
					big = math.Max(big, math.Abs(x))
				}
				to := append([]float64(nil), phi...)
				axpy(to, 1, step)
				v, _, _ := s.chart(to, nil)
				if (s.rank == 1 && s.ne == 2 || big < 5) && s.value(v) && (s.f < f0 || s.f-f0 <= slack && pred < max(1e-9, slack)) {
					phi, accepted = to, true
					if lambda /= 8; lambda < 1e-3 {
						lambda = 0
					}
					continue
				}
			}
			lambda = math.Max(5*lambda, 0.1)
			if lambda > 1e12 {
				return nil, false, fail("no step improves the likelihood")
			}
		}
		if s.degenerate() {
			return phi, false, nil
		}
	}
	return nil, false, fail("500 iterations")
}

// blame is the error of a search that failed: it names the variance parameter
// that the likelihood has no maximum in, or depends on least.
func (s *lmmState) blame(reason string) error {
	e := &ConvergenceError{Reason: reason, Advice: "fewer random effects", Iterations: s.iter, Gradient: s.decrement,
		Parameter: "variance of the random intercept"}
	residual, top := s.v[s.nv-1], s.v[0]
	if s.ne == 2 {
		slope := s.v[2]
		if slope < top {
			e.Parameter = "variance of the random slope"
		}
		top = math.Max(top, slope)
	}
	if residual < 1e-7*top {
		e.Reason = "the likelihood grows without bound as the residual variance goes to 0: the random effects fit every cluster exactly, or nearly so"
		e.Parameter = "residual variance"
	}
	return e
}

// degenerate reports whether the random effects' covariance is nearly of lower
// rank than it may be.
func (s *lmmState) degenerate() bool {
	s2 := s.v[s.nv-1]
	const eps = 1e-9
	switch {
	case s.rank == 0:
		return false
	case s.ne == 1:
		return s.v[0] < eps*s2
	case s.rank == 1:
		return s.v[0]+s.v[2] < eps*s2
	}
	det := s.v[0]*s.v[2] - s.v[1]*s.v[1]
	return s.v[0] < eps*s2 || s.v[2] < eps*s2 || det < 1e-8*s.v[0]*s.v[2]
}
