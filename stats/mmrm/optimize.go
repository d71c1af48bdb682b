package mmrm

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// ConvergenceError reports a likelihood whose maximum was not found, or that
// has none. It matches stats.ErrNotConverged.
type ConvergenceError struct {
	Reason     string  // what happened
	Parameter  string  // the covariance parameter or the visits to blame, with their observations
	Advice     string  // what to try
	Iterations int     // spent
	Gradient   float64 // Newton decrement there: the distance to the optimum in standard errors
}

func (e *ConvergenceError) Error() string {
	s := "mmrm: no convergence: " + e.Reason
	if e.Parameter != "" {
		s += " (" + e.Parameter + ")"
	}
	if e.Advice != "" {
		s += "; try " + e.Advice
	}
	return s
}

func (e *ConvergenceError) Unwrap() error { return stats.ErrNotConverged }

// optimum is where the search ended.
type optimum struct {
	*surface
	st        *structure
	theta     [][]float64 // group → parameters in the fit scale; nil for us
	chartJac  [][]float64 // us: group → local chart × elements
	thetaCov  []float64   // covariance of the parameters, for us of the local chart: 2·(observed information of −2ℓ)⁻¹
	omega     []float64   // the same of the coordinates
	sigmaCov  []float64   // the same of the elements of Σ
	first     []float64   // elements of Σ at the start
	iter      int
	decrement float64
	condition float64
}

func newOptimum(pb *problem, st *structure) *optimum {
	if st.kind == Unstructured {
		return &optimum{surface: newSurface(pb, pb.d), st: st}
	}
	o := &optimum{surface: newSurface(pb, st.size()), st: st}
	o.jac = make([][]float64, 0, pb.groups)
	return o
}

// maximize finds the maximum of the likelihood by Newton's method in a trust
// region whose metric is the expected information: steps solve
// (H + λM)δ = −g with λ = 0 near the optimum. Unstructured matrices move by
// Σ ← L(I + D + D²/2)Lᵀ, which is positive definite for every symmetric D.
func maximize(ctx context.Context, pb *problem, st *structure) (*optimum, error) {
	o := newOptimum(pb, st)
	s, us := o.surface, st.kind == Unstructured
	found := false
	for _, most := range []float64{1 - 1e-9, 0.95} {
		start, err := o.start(us, most)
		if err != nil {
			return nil, err
		}
		o.first = append(o.first[:0], start...)
		if found = s.value(start); found {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, &ConvergenceError{Reason: "no positive definite starting value", Advice: "a simpler covariance structure"}
	}
	if err := o.climb(ctx); err != nil {
		return nil, err
	}
	return o, nil
}

// climb is the search of maximize from the point at which value was called last.
func (o *optimum) climb(ctx context.Context) error {
	pb, st, s := o.pb, o.st, o.surface
	us := st.kind == Unstructured
	maxIter := pb.model.MaxIter
	if maxIter == 0 {
		maxIter = 1000
	}
	q := st.size() * pb.groups
	grad, hess, lh := make([]float64, q), make([]float64, q*q), make([]float64, q*q)
	met, step := make([]float64, q*q), make([]float64, q)
	cheap := o.costly()
	lambda, small, last := 0.0, 0, math.Inf(1)
	for {
		o.near = o.near || o.singular() < 1e-4
		o.evaluate(us, !cheap, grad, hess)
		f0, from := s.f, append([]float64(nil), s.sigma...)
		slack := max(1e-13*(math.Abs(f0)+1), s.noise)
		haveMetric, moved, accepted := false, false, false
		for !accepted {
			if err := ctx.Err(); err != nil {
				return err
			}
			copy(lh, hess)
			if lambda > 0 {
				if !haveMetric {
					if moved {
						s.value(from)
					}
					o.metric(met)
					haveMetric = true
				}
				axpy(lh, lambda, met)
			}
			if cholesky(lh, q) {
				for i := range step {
					step[i] = -grad[i]
				}
				cholSolve(lh, step, q)
				pred := math.Max(-dot(grad, step), 0)
				o.decrement = math.Sqrt(pred / 2)
				if lambda == 0 && pred < max(1e-14, s.noise*s.noise) {
					// Newton's last steps converge at once; where rounding
					// keeps them from it, a few are enough.
					small++
				}
				// Near the optimum each step shortens the next. One that does
				// not has come as close as rounding allows.
				stuck := lambda == 0 && pred < min(1e-10, s.noise) && pred > last/4
				if last = math.Inf(1); lambda == 0 {
					last = pred
				}
				if lambda == 0 && (pred < leastMove || small > 5 || stuck) {
					if !cheap {
						return o.finish(hess, lh, q)
					}
					cheap, small, last = false, 0, math.Inf(1) // look again with the exact Hessian
					o.iter--
					break
				}
				moved = true
				theta, ok := o.tryStep(us, from, step)
				// A step that promises less than rounding hides is taken on
				// the gradient's word.
				if ok && (s.f < f0 || s.f-f0 <= slack && pred < max(1e-10, slack)) {
					o.theta = theta
					accepted = true
					if f0-s.f < 0.1*pred && pred > 1e-9 {
						lambda = math.Max(4*lambda, 0.25)
					} else if lambda /= 8; lambda < 1e-3 {
						lambda = 0
					}
					continue
				}
			}
			lambda = math.Max(5*lambda, 0.1)
			if lambda > 1e12 {
				s.value(from)
				return o.failure("no step improves the likelihood")
			}
		}
		if o.iter++; o.iter > maxIter {
			return o.failure(fmt.Sprintf("stopped after %d iterations", maxIter))
		}
		if o.singular() < leastShare {
			return o.failure("")
		}
	}
}

// leastShare is the share of its variance, given the earlier visits, below which
// float64 no longer tells a small one from none.
const leastShare = 1e-11

// finish inverts the observed information at the optimum.
func (o *optimum) finish(hess, l []float64, q int) error {
	inv, work := make([]float64, q*q), make([]float64, q*q)
	cholInverse(l, inv, work, q)
	if err := o.regular(inv, q); err != nil {
		return err
	}
	// Condition number, in the maximum norm, of the information scaled to unit
	// diagonal.
	a, b := 0.0, 0.0
	for i := 0; i < q; i++ {
		x, y := 0.0, 0.0
		for j := 0; j < q; j++ {
			sc := math.Sqrt(hess[i*q+i] * hess[j*q+j])
			x += math.Abs(hess[i*q+j]) / sc
			y += math.Abs(inv[i*q+j]) * sc
		}
		a, b = math.Max(a, x), math.Max(b, y)
	}
	o.condition = a * b
	for i := range inv {
		inv[i] *= 2
	}
	o.thetaCov = inv
	o.omega, o.sigmaCov = o.spread(inv)
	return nil
}

// spread turns a covariance of the parameters into those of the coordinates
// and of the elements.
func (o *optimum) spread(cov []float64) (coord, elements []float64) {
	pb := o.pb
	q1, d := o.st.size(), pb.d
	q, ne := q1*pb.groups, d*pb.groups
	jac := o.jac
	if jac == nil {
		jac = o.chartJac
	}
	out := make([]float64, ne*ne)
	blk, t := make([]float64, q1*q1), make([]float64, q1*d)
	b := make([]float64, d*d)
	for g := range jac {
		for k := range jac {
			for i := 0; i < q1; i++ {
				copy(blk[i*q1:i*q1+q1], cov[(g*q1+i)*q+k*q1:])
			}
			mul(t, blk, jac[k], q1, q1, d)
			clear(b)
			for i := 0; i < q1; i++ {
				for e := 0; e < d; e++ {
					axpy(b[e*d:e*d+d], jac[g][i*d+e], t[i*d:i*d+d])
				}
			}
			for i := 0; i < d; i++ {
				copy(out[(g*d+i)*ne+k*d:(g*d+i)*ne+k*d+d], b[i*d:i*d+d])
			}
		}
	}
	if o.jac == nil {
		return out, out
	}
	return cov, out
}

// costly reports whether F_e is worth avoiding until the end.
func (o *optimum) costly() bool {
	pb := o.pb
	mr := pb.m * pb.r
	work := 0
	for _, pt := range pb.pats {
		dk := len(pt.visit) * (len(pt.visit) + 1) / 2
		work += dk * dk * pb.r * pb.r / 4
	}
	work += pb.groups * o.nc * (pb.p*mr*mr + pb.p*pb.p*mr)
	return work > 500000 && pb.subjects > 10*pb.p
}
