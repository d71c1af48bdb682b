package mmrm

import (
	"fmt"
	"math"
	"strings"
)

// failure explains why the search ended: which parameter has no maximum, and
// whether the likelihood is unbounded or does not depend on it.
func (o *optimum) failure(reason string) error {
	e := &ConvergenceError{Reason: reason, Iterations: o.iter, Gradient: o.decrement,
		Advice: "a covariance structure with fewer parameters"}
	// Visits that are nearly alike are no reason: only a likelihood that still
	// rises has no maximum.
	if o.decrement > 1e-2 && (o.edge(e, 1e-4) || o.vanishing(e) || o.collinear(e)) {
		return e
	}
	o.flat(e)
	return e
}

// edge names a correlation that is within the share of the end of its range.
func (o *optimum) edge(e *ConvergenceError, share float64) bool {
	st := o.st
	if st.kind == Unstructured {
		return false
	}
	for g, theta := range o.theta {
		for k := 0; k < st.nk; k++ {
			x, _, _ := st.kappa(fitScale, theta[st.nv+k])
			lo, hi := -1.0, 1.0
			switch st.kind {
			case CompoundSymmetry, HeterogeneousCS:
				lo = -1 / float64(st.m-1)
			case SpatialExponential, SpatialGaussian:
				lo = 0
			}
			end, near := hi, share
			if x-lo < hi-x {
				end = lo
			}
			if end == 0 { // no singular matrix: rounding sets no limit there
				near = max(near, 1e-7)
			}
			if math.Abs(x-end) > near*(hi-lo) {
				continue
			}
			e.Parameter = o.inGroup(st.names[st.nv+k], g)
			e.Reason = fmt.Sprintf("a correlation tends to %.3g, the end of what the structure allows", end)
			switch {
			case end == 0:
				e.Reason = "the range tends to 0: no correlation between visits is left"
				e.Advice = "another structure such as cs or ar1"
			case lo == 0:
				e.Reason = "the range grows without bound: all visits tend to be perfectly correlated"
			}
			return true
		}
	}
	return false
}

// regular refuses an optimum at which inference would divide by zero: a
// correlation at the end of its range, or a parameter that the likelihood
// hardly depends on. inv is the inverse of the information of −2ℓ, in
// coordinates (logarithms, transformed correlations) of which 10⁴ standard
// errors of the likelihood are far beyond any use.
func (o *optimum) regular(inv []float64, q int) error {
	e := &ConvergenceError{Iterations: o.iter, Gradient: o.decrement, Advice: "a covariance structure with fewer parameters"}
	if o.edge(e, leastShare) {
		return e
	}
	for i := 0; i < q; i++ {
		if !(inv[i*q+i] < 1e8) {
			o.flat(e)
			return e
		}
	}
	return nil
}

// inGroup adds the group to a name where each has its own matrix.
func (o *optimum) inGroup(name string, g int) string {
	if o.pb.model.ByArm {
		return name + ", " + o.pb.groupNames[g]
	}
	return name
}

// observed counts the participants of group g with values at all the visits.
func (o *optimum) observed(g int, visits ...int) int {
	n := 0
	for i := range o.pb.pats {
		pt := &o.pb.pats[i]
		has := pt.group == g
		for _, v := range visits {
			found := false
			for _, u := range pt.visit {
				found = found || u == v
			}
			has = has && found
		}
		if has {
			n += pt.n
		}
	}
	return n
}

const fewer = "fewer parameters: a structured covariance such as toeph or ar1h, one matrix for all arms, or fewer covariates by visit"

// vanishing names a variance that tends to zero.
func (o *optimum) vanishing(e *ConvergenceError) bool {
	m, d := o.pb.m, o.pb.d
	worst := 1e-3
	for g := 0; g < o.pb.groups; g++ {
		for j := 0; j < m; j++ {
			x := o.sigma[g*d+elem(j, j)] / o.first[g*d+elem(j, j)]
			if x >= worst {
				continue
			}
			worst = x
			e.Reason = "the likelihood grows without bound as the variance of a visit goes to 0: the means fit its values exactly, or nearly so"
			e.Advice = fewer
			e.Parameter = o.inGroup(fmt.Sprintf("variance at visit %s, %d observations", o.pb.visits[j], o.observed(g, j)), g)
		}
	}
	return worst < 1e-3
}

// shares returns, for the smallest eigenvalue of a group's correlation matrix,
// the eigenvalue and the visits that its combination is of.
func (o *optimum) combination(g int) (value float64, visits []int) {
	m, d := o.pb.m, o.pb.d
	r := full(o.sigma[g*d:g*d+d], m)
	sd := make([]float64, m)
	for a := range sd {
		sd[a] = math.Sqrt(r[a*m+a])
	}
	for i := range r {
		r[i] /= sd[i/m] * sd[i%m]
	}
	val, vec := symEigen(r, m)
	k := 0
	for i, v := range val {
		if v < val[k] {
			k = i
		}
	}
	for a := 0; a < m; a++ {
		if math.Abs(vec[a*m+k]) > 0.1 {
			visits = append(visits, a)
		}
	}
	return math.Max(val[k], 0), visits
}

// collinear names visits of which a combination loses its variance.
func (o *optimum) collinear(e *ConvergenceError) bool {
	worst, at := 1e-3, -1
	var visits []int
	for g := 0; g < o.pb.groups; g++ {
		if x, v := o.combination(g); x < worst {
			worst, at, visits = x, g, v
		}
	}
	if at < 0 {
		return false
	}
	names := make([]string, len(visits))
	for i, v := range visits {
		names[i] = o.pb.visits[v]
	}
	n := o.observed(at, visits...)
	e.Parameter = o.inGroup(fmt.Sprintf("visits %s, %d participants with all of them", strings.Join(names, ", "), n), at)
	e.Advice = fewer
	if n > 0 {
		e.Reason = "the likelihood grows without bound as a combination of visits loses its variance, or that of one visit given the others goes to 0: too few participants for the means and covariances, or visits that repeat each other"
	} else {
		e.Reason = "the best covariance matrix is not positive definite: no participant ties these visits together"
	}
	return true
}

// flat names the parameter along which the likelihood changes least: where
// nothing else is wrong, the data do not determine it.
func (o *optimum) flat(e *ConvergenceError) {
	us := o.st.kind == Unstructured
	q := o.st.size() * o.pb.groups
	grad, hess, met := make([]float64, q), make([]float64, q*q), make([]float64, q*q)
	if !o.value(append([]float64(nil), o.sigma...)) {
		return
	}
	o.evaluate(us, true, grad, hess)
	o.metric(met)
	e.Parameter = o.weakest(hess, met)
	if e.Parameter != "" && (e.Reason == "" || o.decrement < 1e-2) {
		e.Reason = "the likelihood does not depend on a parameter, or hardly: too few observations are left for it once the means are fitted"
		e.Advice = fewer
	}
}

// weakest is the parameter that the smallest eigenvalue of the information h,
// relative to the diagonal of met, belongs to.
func (o *optimum) weakest(h, met []float64) string {
	q1 := o.st.size()
	q := q1 * o.pb.groups
	top := 0.0
	for i := 0; i < q; i++ {
		top = math.Max(top, met[i*q+i])
	}
	scaled, sc := make([]float64, q*q), make([]float64, q)
	for i := range sc {
		sc[i] = math.Sqrt(math.Max(met[i*q+i], 1e-12*top))
	}
	for i := range scaled {
		scaled[i] = h[i] / sc[i/q] / sc[i%q]
		if !finite(scaled[i]) {
			return ""
		}
	}
	val, vec := symEigen(scaled, q)
	k := 0
	for i, v := range val {
		if v < val[k] {
			k = i
		}
	}
	best, at := 0.0, 0
	for i := 0; i < q; i++ {
		if x := math.Abs(vec[i*q+k]); x > best {
			best, at = x, i
		}
	}
	g := at / q1
	if o.st.kind != Unstructured {
		return o.inGroup(o.st.names[at%q1], g)
	}
	// The chart's coordinates mix the elements: take the element that moves
	// most, relative to the standard deviations.
	m, d := o.pb.m, o.pb.d
	move := make([]float64, d)
	for i := 0; i < q1; i++ {
		axpy(move, vec[(g*q1+i)*q+k]/sc[g*q1+i], o.chartJac[g][i*d:i*d+d])
	}
	best, name := 0.0, ""
	for a := 0; a < m; a++ {
		for b := 0; b <= a; b++ {
			s := o.sigma[g*d : g*d+d]
			x := math.Abs(move[elem(a, b)]) / math.Sqrt(s[elem(a, a)]*s[elem(b, b)])
			if x > best*(1+1e-9) {
				best = x
				name = o.st.names[a]
				if a != b {
					name = o.st.names[m+a*(a-1)/2+b]
				}
			}
		}
	}
	return o.inGroup(name, g)
}

// singular is the smallest share of its variance that a visit keeps given the
// earlier ones, or of what it was at the start.
func (o *optimum) singular() float64 {
	m, d := o.pb.m, o.pb.d
	worst := 1.0
	for g := 0; g < o.pb.groups; g++ {
		l := full(o.sigma[g*d:g*d+d], m)
		if !cholesky(l, m) {
			return 0
		}
		for j := 0; j < m; j++ {
			e := g*d + elem(j, j)
			worst = min(worst, l[j*m+j]*l[j*m+j]/o.sigma[e], o.sigma[e]/o.first[e])
		}
	}
	return worst
}

// supported refuses parameters about which no participant says anything, given
// the numbers of values and pairs of values, and variances for which the means
// leave nothing: free is a visit's residual degrees of freedom, left the sum of
// its squared residuals in a group.
func (o *optimum) supported(cnt, left, free []float64, total float64) error {
	st, m, d := o.st, o.pb.m, o.pb.d
	for g := 0; g < o.pb.groups; g++ {
		c := cnt[g*d : g*d+d]
		for j := 0; j < m; j++ {
			if st.nv == 1 {
				continue
			}
			n := c[elem(j, j)]
			name := o.inGroup(fmt.Sprintf("%s, %.0f observations", st.names[j], n), g)
			switch {
			case n == 0:
				return o.unsupported(st.names[j], g)
			case o.pb.model.Method == REML && free[j] < 1e-7*n:
				return &ConvergenceError{Reason: "the means take up every observation of a visit: none is left for its variance",
					Parameter: name, Advice: "one variance for all visits (cs, ar1, toep), or fewer covariates by visit"}
			case left[g*m+j] <= 1e-22*total:
				return &ConvergenceError{Reason: "the likelihood grows without bound as the variance of a visit goes to 0: the means fit its values exactly",
					Parameter: name, Advice: "one variance for all visits (cs, ar1, toep), or the analysis without that visit"}
			}
		}
		for k := 0; k < st.nk; k++ {
			informed := false
			for a := 0; a < m; a++ {
				for b := 0; b < a; b++ {
					informed = informed || c[elem(a, b)] > 0 && st.informs(a, b, k)
				}
			}
			if !informed {
				return o.unsupported(st.names[st.nv+k], g)
			}
		}
	}
	return nil
}

// informs reports whether the covariance of visits a > b depends on
// correlation parameter k.
func (s *structure) informs(a, b, k int) bool {
	switch s.kind {
	case Unstructured:
		return k == a*(a-1)/2+b
	case Toeplitz, HeterogeneousToep:
		return k == a-b-1
	case AnteDependence, HeterogeneousAnte:
		return b <= k && k < a
	}
	return true
}

// unsupported is the error for a parameter about which the data say nothing.
func (o *optimum) unsupported(name string, g int) error {
	return &ConvergenceError{Reason: "no participant informs about a parameter", Parameter: o.inGroup(name, g),
		Advice: "a structured covariance such as toeph or ar1h"}
}

// overAdjusted is the error for Kenward–Roger standard errors that do not
// exist.
func (o *optimum) overAdjusted() error {
	return &ConvergenceError{
		Reason:     "the Kenward–Roger adjustment is larger than the variance it adjusts: too few participants for its approximation",
		Parameter:  fmt.Sprintf("%d participants, %d covariance parameters", o.pb.subjects, o.st.size()*o.pb.groups),
		Iterations: o.iter, Gradient: o.decrement,
		Advice: "fewer covariance parameters, kenward-roger-linear, or satterthwaite",
	}
}
