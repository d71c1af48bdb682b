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
	Parameter  string  // the covariance parameter to blame, "" if none can be named
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
	omega     []float64   // covariance of the coordinates: 2·(observed information of −2ℓ)⁻¹
	sigmaCov  []float64   // the same of the elements of Σ
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
	start, err := o.start(us)
	if err != nil {
		return nil, err
	}
	if !s.value(start) {
		return nil, &ConvergenceError{Reason: "no positive definite starting value", Advice: "a simpler covariance structure"}
	}
	maxIter := pb.model.MaxIter
	if maxIter == 0 {
		maxIter = 200
	}
	q := st.size() * pb.groups
	grad, hess, lh := make([]float64, q), make([]float64, q*q), make([]float64, q*q)
	met, step := make([]float64, q*q), make([]float64, q)
	cheap := o.costly()
	lambda, small := 0.0, 0
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o.evaluate(us, !cheap, grad, hess)
		f0, from := s.f, append([]float64(nil), s.sigma...)
		haveMetric, moved, accepted := false, false, false
		for !accepted {
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
				if lambda == 0 && pred < 1e-14 {
					// Newton's last steps converge at once; where rounding
					// keeps them from it, a few are enough.
					small++
				}
				if lambda == 0 && (pred < 1e-18 || small > 5) {
					if !cheap {
						o.finish(hess, lh, q)
						return o, nil
					}
					cheap, small = false, 0 // look again with the exact Hessian
					o.iter--
					break
				}
				moved = true
				theta, ok := o.tryStep(us, from, step)
				if ok && (s.f < f0 || s.f-f0 <= 1e-13*(math.Abs(f0)+1) && pred < 1e-10) {
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
				return nil, o.failure("no step improves the likelihood")
			}
		}
		if o.iter++; o.iter > maxIter {
			return nil, o.failure(fmt.Sprintf("stopped after %d iterations", maxIter))
		}
		if _, share := o.singular(); share < 1e-6 {
			return nil, o.failure("")
		}
	}
}

// failure explains why the search ended: most often because the likelihood
// has no maximum.
func (o *optimum) failure(reason string) error {
	name, share := o.singular()
	e := &ConvergenceError{Reason: reason, Parameter: name, Iterations: o.iter, Gradient: o.decrement,
		Advice: "a covariance structure with fewer parameters"}
	if share < 1e-3 {
		e.Reason = "the likelihood grows without bound as the variance of a visit given the earlier ones goes to 0: too few observations there for its means and covariances"
		e.Advice = "fewer parameters: a structured covariance such as cs, ar1h or toeph, one matrix for all arms, or fewer covariates by visit"
	}
	return e
}

// singular names the visit whose variance given the earlier visits is the
// smallest share of its variance, and returns the share.
func (o *optimum) singular() (string, float64) {
	m, d := o.pb.m, o.pb.d
	worst, name := 1.0, ""
	for g := 0; g < o.pb.groups; g++ {
		l := full(o.sigma[g*d:g*d+d], m)
		if !cholesky(l, m) {
			return name, 0
		}
		for j := 0; j < m; j++ {
			x := l[j*m+j] * l[j*m+j] / o.sigma[g*d+elem(j, j)]
			if x >= worst {
				continue
			}
			n := 0
			for _, pt := range o.pb.pats {
				for _, v := range pt.visit {
					if v == j && pt.group == g {
						n += pt.n
					}
				}
			}
			worst, name = x, fmt.Sprintf("visit %s, %d observations", o.pb.visits[j], n)
			if o.pb.model.ByArm {
				name += ", " + o.pb.groupNames[g]
			}
		}
	}
	return name, worst
}

// finish inverts the observed information at the optimum.
func (o *optimum) finish(hess, l []float64, q int) {
	inv, work := make([]float64, q*q), make([]float64, q*q)
	cholInverse(l, inv, work, q)
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
	o.omega, o.sigmaCov = o.spread(inv)
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

// start forms the covariance of least-squares residuals over the pairs of
// visits observed, which for complete data and a design that is the same at
// every visit is the REML estimate itself.
func (o *optimum) start(us bool) ([]float64, error) {
	pb := o.pb
	m, d := pb.m, pb.d
	sum, cnt := make([]float64, pb.groups*d), make([]float64, pb.groups*d)
	for i := range pb.pats {
		pt := &pb.pats[i]
		k := len(pt.visit)
		for a := 0; a < k; a++ {
			for b := 0; b <= a; b++ {
				sum[pt.elem[a*k+b]] += pt.yy[a*k+b]
				cnt[pt.elem[a*k+b]] += float64(pt.n)
			}
		}
	}
	total := make([]float64, m) // observations per visit
	pooled := 0.0
	for g := 0; g < pb.groups; g++ {
		for j := 0; j < m; j++ {
			total[j] += cnt[g*d+elem(j, j)]
			pooled += sum[g*d+elem(j, j)]
		}
	}
	pooled /= float64(pb.rows - pb.p)
	shrink := make([]float64, m)
	for j := range shrink {
		shrink[j] = 1
		if pb.model.Method == REML && total[j] > 0 {
			shrink[j] = math.Max(1-pb.lev[j]/total[j], 1/total[j])
		}
	}
	for g := 0; g < pb.groups; g++ {
		any := false
		for a := 0; a < m; a++ {
			for b := 0; b <= a; b++ {
				e := g*d + elem(a, b)
				any = any || cnt[e] > 0
				if us && cnt[e] == 0 {
					return nil, o.unsupported(g, a, b)
				}
				if cnt[e] > 0 {
					sum[e] /= cnt[e] * math.Sqrt(shrink[a]*shrink[b])
				}
				if a == b && !(sum[e] > 1e-6*pooled) {
					sum[e] = 1e-6 * pooled
					if cnt[e] == 0 {
						sum[e] = pooled
					}
				}
			}
		}
		if !any {
			return nil, bad("Fit", "Group", -1, stats.ErrTooFew, "%q has no observations", o.pb.groupNames[g])
		}
		o.damp(sum[g*d : g*d+d])
	}
	if us {
		o.theta = nil
		return sum, nil
	}
	out := make([]float64, len(sum))
	for g := 0; g < pb.groups; g++ {
		th := o.st.start(sum[g*d : g*d+d])
		for try := 0; ; try++ {
			o.st.eval(fitScale, th, out[g*d:g*d+d], nil, nil, nil)
			if positive(out[g*d:g*d+d], m) {
				break
			}
			if try == 40 {
				return nil, &ConvergenceError{Reason: "no positive definite starting value", Advice: "another covariance structure"}
			}
			for k := o.st.nv; k < len(th); k++ {
				th[k] *= 0.8
			}
		}
		o.theta = append(o.theta, th)
	}
	return out, nil
}

// unsupported is the error for a covariance about which the data say nothing.
func (o *optimum) unsupported(g, a, b int) error {
	name := o.st.names[a]
	if a != b {
		name = o.st.names[o.pb.m+a*(a-1)/2+b]
	}
	if o.pb.model.ByArm {
		name += ", " + o.pb.groupNames[g]
	}
	return &ConvergenceError{Reason: "no participant informs about a parameter", Parameter: name,
		Advice: "a structured covariance such as csh, ar1h or toeph"}
}

// damp shrinks the covariances until the matrix is clearly positive definite.
func (o *optimum) damp(sigma []float64) {
	m := o.pb.m
	for t := 1.0; t > 0.05; t -= 0.1 {
		ok := positive(sigma, m)
		if ok {
			// The smallest conditional variance must not be negligible.
			l := full(sigma, m)
			cholesky(l, m)
			for j := 0; j < m; j++ {
				ok = ok && l[j*m+j]*l[j*m+j] > 1e-3*sigma[elem(j, j)]
			}
		}
		if ok {
			return
		}
		for a := 0; a < m; a++ {
			for b := 0; b < a; b++ {
				sigma[elem(a, b)] *= (t - 0.1) / t
			}
		}
	}
	for a := 0; a < m; a++ {
		for b := 0; b < a; b++ {
			sigma[elem(a, b)] = 0
		}
	}
}

// full spreads the elements of a symmetric matrix.
func full(sigma []float64, m int) []float64 {
	out := make([]float64, m*m)
	for a := 0; a < m; a++ {
		for b := 0; b <= a; b++ {
			out[a*m+b], out[b*m+a] = sigma[elem(a, b)], sigma[elem(a, b)]
		}
	}
	return out
}

func positive(sigma []float64, m int) bool { return cholesky(full(sigma, m), m) }

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
	if !us {
		o.jac = o.jac[:0]
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
