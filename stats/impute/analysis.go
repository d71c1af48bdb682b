package impute

import (
	"context"
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/draws"
)

// Analysis is what is asked of the completed data: the analysis of covariance of every
// visit on arm and covariates. The zero value takes the covariates of the imputation
// model and adds no delta.
type Analysis struct {
	// Covariates names those of the data that the analysis has; nil means those of
	// the imputation model, an empty list none.
	Covariates []string
	Delta      Delta
	// Normal takes normal quantiles in place of t: R's rbmi's intervals, too short
	// in small trials.
	Normal bool
}

// design is the analysis of covariance: a row w a participant (intercept, arms but the
// control, covariates less their means).
type design struct {
	f     *Fit
	p     int
	w     []float64 // participant × p
	arm   []int     // arm → its column, −1 for the control
	names []string
	first int // column of the first covariate
}

func (a Analysis) design(fn string, f *Fit) (*design, error) {
	terms := f.terms
	if a.Covariates != nil {
		var err error
		if terms, err = choose(fn, f.all, a.Covariates); err != nil {
			return nil, err
		}
	}
	d := &design{f: f, names: []string{"intercept"}, arm: make([]int, len(f.d.Arms))}
	for i, name := range f.d.Arms {
		d.arm[i] = -1
		if name != f.d.Control {
			d.arm[i] = len(d.names)
			d.names = append(d.names, name)
		}
	}
	d.first = len(d.names)
	for _, t := range terms {
		d.names = append(d.names, t.name)
	}
	d.p = len(d.names)
	n := len(f.d.Arm)
	d.w = make([]float64, n*d.p)
	for p, arm := range f.d.Arm {
		w := d.row(p)
		w[0] = 1
		if c := d.arm[arm]; c >= 0 {
			w[c] = 1
		}
		for c, t := range terms {
			w[d.first+c] = t.x[p]
		}
	}
	if n <= d.p {
		return nil, bad(fn, "Arm", -1, stats.ErrTooFew, "%d participants for %d coefficients", n, d.p)
	}
	return d, nil
}

func (d *design) row(p int) []float64 { return d.w[p*d.p : p*d.p+d.p] }

// sums are the cross-products of a sample: all that its analysis needs.
type sums struct {
	d     *design
	n     float64
	a     []float64   // p × p   Σ w wᵀ
	w     []float64   // p       Σ w
	wz    [][]float64 // kind → p × z
	wy    [][]float64 // kind → p × observed
	total []float64   // p × visits: Σ w y of the values observed
}

func newSums(d *design) *sums {
	s := &sums{d: d, a: make([]float64, d.p*d.p), w: make([]float64, d.p), total: make([]float64, d.p*d.f.visits)}
	for _, k := range d.f.kinds {
		s.wz = append(s.wz, make([]float64, d.p*d.f.nz))
		s.wy = append(s.wy, make([]float64, d.p*len(k.observed)))
	}
	return s
}

// add counts a participant k times more.
func (s *sums) add(i int, k float64) {
	d, f := s.d, s.d.f
	w := d.row(i)
	kd := f.kinds[f.kindOf[i]]
	wz, wy, no := s.wz[f.kindOf[i]], s.wy[f.kindOf[i]], len(kd.observed)
	s.n += k
	axpy(s.w, k, w)
	z := f.z[i*f.nz : i*f.nz+f.nz]
	for c, x := range w {
		if x == 0 {
			continue
		}
		axpy(s.a[c*d.p:c*d.p+d.p], k*x, w)
		axpy(wz[c*f.nz:c*f.nz+f.nz], k*x, z)
		for j, v := range kd.observed {
			y := k * x * f.y[i*f.visits+v]
			wy[c*no+j] += y
			s.total[c*f.visits+v] += y
		}
	}
}

// copyFrom makes s the same as t but for the kinds, of which only k is copied.
func (s *sums) copyFrom(t *sums, k int) {
	s.n = t.n
	copy(s.a, t.a)
	copy(s.w, t.w)
	copy(s.total, t.total)
	copy(s.wz[k], t.wz[k])
	copy(s.wy[k], t.wy[k])
}

// answer is a sample's analysis: least squares means, arm × visit, and what a delta of
// size 1 in each arm adds to them.
type answer struct {
	means  []float64
	slopes [][]float64 // nil where the arm's delta has nothing to add to
	beta   []float64   // visit × p
	inv    []float64   // p × p, (Σ w wᵀ)⁻¹
}

// solve analyzes a sample completed by the formulas.
func (s *sums) solve(fs []formula, profiles [][]float64) (answer, error) {
	d, f := s.d, s.d.f
	p, nv, nz := d.p, f.visits, f.nz
	l := append([]float64(nil), s.a...)
	if !cholesky(l, p) {
		return answer{}, stats.ErrSingular
	}
	for c := range p { // a column that only rounding tells from the others
		if !(l[c*p+c]*l[c*p+c] > 1e-10*s.a[c*p+c]) {
			return answer{}, stats.ErrSingular
		}
	}
	xy := make([]float64, nv*p) // visit × p
	for c := range p {
		for v := range nv {
			xy[v*p+c] = s.total[c*nv+v]
		}
	}
	xd := make([][]float64, len(f.d.Arms))
	for i, k := range f.kinds {
		no := len(k.observed)
		for j, v := range k.missing {
			fc, fb := fs[i].c[j*nz:j*nz+nz], fs[i].b[j*no:j*no+no]
			for c := range p {
				xy[v*p+c] += dot(fc, s.wz[i][c*nz:c*nz+nz]) + dot(fb, s.wy[i][c*no:c*no+no])
			}
		}
		for v, x := range profiles[i] {
			if x == 0 {
				continue
			}
			if xd[k.arm] == nil {
				xd[k.arm] = make([]float64, nv*p)
			}
			for c := range p {
				xd[k.arm][v*p+c] += x * s.wz[i][c*nz]
			}
		}
	}
	a := answer{means: s.means(l, xy), beta: xy, slopes: make([][]float64, len(xd))}
	for arm, x := range xd {
		if x != nil {
			a.slopes[arm] = s.means(l, x)
		}
	}
	a.inv = l
	return a, nil
}

// means solves for the coefficients in place and returns least squares means: every
// covariate at its mean over the sample.
func (s *sums) means(l, xy []float64) []float64 {
	d, nv := s.d, s.d.f.visits
	out := make([]float64, len(d.arm)*nv)
	for v := range nv {
		b := xy[v*d.p : v*d.p+d.p]
		cholSolve(l, b, d.p)
		for arm := range d.arm {
			out[arm*nv+v] = dot(d.at(arm, s), b)
		}
	}
	return out
}

// at is the row of the average participant of a sample in an arm.
func (d *design) at(arm int, s *sums) []float64 {
	out := make([]float64, d.p)
	out[0] = 1
	if c := d.arm[arm]; c >= 0 {
		out[c] = 1
	}
	for c := d.first; c < d.p; c++ {
		out[c] = s.w[c] / s.n
	}
	return out
}

// Analyze imputes conditional means in the data and in every sample, analyzes each, and
// returns estimates whose variance comes from the samples.
func (s *Samples) Analyze(a Analysis) (*Result, error) {
	return s.AnalyzeContext(context.Background(), a)
}

// AnalyzeContext is Analyze that stops when ctx is done.
func (s *Samples) AnalyzeContext(ctx context.Context, a Analysis) (*Result, error) {
	const fn = "Analyze"
	f := s.f
	d, err := a.design(fn, f)
	if err != nil {
		return nil, err
	}
	if err := a.Delta.check(fn, f.d); err != nil {
		return nil, err
	}
	profiles := a.Delta.of(f)
	whole := newSums(d)
	n := len(f.d.Arm)
	for p := range n {
		whole.add(p, 1)
	}
	fs, err := f.formulas(f.par)
	if err != nil {
		return nil, err
	}
	r := &Result{Arms: f.d.Arms, Visits: f.d.Visits, Analysis: a, Participants: n, Bootstrap: s.counts != nil, fit: f, d: d, whole: whole}
	if r.full, err = whole.solve(fs, profiles); err != nil {
		return nil, bad(fn, "Covariates", -1, err, "the analysis has columns that depend on each other")
	}
	r.residual = f.residual(d, &r.full, fs)
	r.missing = make([]bool, f.visits)
	for _, k := range f.kinds {
		for _, v := range k.missing {
			r.missing[v] = true
		}
	}
	if r.atRandom, err = f.residualAtRandom(d, r.residual); err != nil {
		return nil, bad(fn, "Covariates", -1, err, "the analysis has columns that depend on each other")
	}
	r.samples = make([]answer, len(s.pars))
	errs := make([]error, len(s.pars))
	err = draws.InChunks(ctx, len(s.pars), 64, func(_, from, to int) {
		part := newSums(d)
		for k := range f.kinds {
			part.copyFrom(whole, k)
		}
		fs := make([]formula, len(f.kinds))
		var w workspace
		for i := from; i < to; i++ {
			for k, kd := range f.kinds {
				if len(kd.missing) > 0 && errs[i] == nil {
					errs[i] = kd.solve(s.pars[i], f.groupOf, f.nz, f.visits, &fs[k], &w)
				}
			}
			if s.counts == nil {
				part.add(i, -1)
			} else {
				part = newSums(d)
				for p, k := range s.counts[i] {
					if k > 0 {
						part.add(p, float64(k))
					}
				}
			}
			if errs[i] == nil {
				r.samples[i], errs[i] = part.solve(fs, profiles)
				r.samples[i].beta, r.samples[i].inv = nil, nil
			}
			if s.counts == nil {
				part.copyFrom(whole, f.kindOf[i])
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for i, err := range errs {
		switch {
		case err == nil:
		case s.counts == nil:
			return nil, fmt.Errorf("impute.Analyze: the analysis without %s: %w", f.d.name(i), err)
		default:
			return nil, fmt.Errorf("impute.Analyze: the analysis of bootstrap sample %d: %w", i, err)
		}
	}
	for arm := range f.d.Arms {
		if size, ok := a.Delta.Size[f.d.Arms[arm]]; ok && size != 0 {
			r.sizes = append(r.sizes, size)
		} else {
			r.sizes = append(r.sizes, 0)
		}
	}
	return r, nil
}

// residual sums the residual variances of the completed data, with what imputed values
// vary by given the observed ones: Rubin's within-imputation variance for infinitely
// many imputations, without the draws of the parameters.
func (f *Fit) residual(d *design, full *answer, fs []formula) []float64 {
	nv, n := f.visits, len(f.d.Arm)
	out := make([]float64, nv*nv)
	e, hw := make([]float64, nv), make([]float64, d.p)
	for p := range n {
		k, fm := f.kinds[f.kindOf[p]], &fs[f.kindOf[p]]
		w := d.row(p)
		for _, v := range k.observed {
			e[v] = f.y[p*nv+v]
		}
		for i, v := range k.missing {
			e[v] = f.impute(p, k, fm, i)
		}
		for v := range nv {
			e[v] -= dot(w, full.beta[v*d.p:v*d.p+d.p])
		}
		for v := range nv {
			axpy(out[v*nv:v*nv+nv], e[v], e)
		}
		if m := len(k.missing); m > 0 {
			copy(hw, w)
			cholSolve(full.inv, hw, d.p) // inv holds the factor
			free := 1 - dot(w, hw)
			for i, v := range k.missing {
				for j, u := range k.missing {
					out[v*nv+u] += free * fm.v[i*m+j]
				}
			}
		}
	}
	for i := range out {
		out[i] /= float64(n - d.p)
	}
	return out
}

// residualAtRandom is residual with all missing values at random; known is that of the
// strategies.
func (f *Fit) residualAtRandom(d *design, known []float64) ([]float64, error) {
	if !slices.ContainsFunc(f.events, func(e Event) bool { return e.Visit < f.visits && e.Strategy != MAR }) {
		return known, nil
	}
	mar := *f
	mar.events = slices.Clone(f.events)
	for i := range mar.events {
		mar.events[i].Strategy = MAR
	}
	mar.group()
	fs, err := mar.formulas(mar.par)
	if err != nil {
		return nil, err
	}
	of := *d
	of.f = &mar
	whole := newSums(&of)
	for p := range f.d.Arm {
		whole.add(p, 1)
	}
	full, err := whole.solve(fs, make([][]float64, len(mar.kinds)))
	if err != nil {
		return nil, err
	}
	return mar.residual(&of, &full, fs), nil
}

// index finds a label.
func index(fn, arg, label string, list []string) (int, error) {
	i := slices.Index(list, label)
	if i < 0 {
		return 0, bad(fn, arg, -1, stats.ErrDomain, "%q is not among %q", label, list)
	}
	return i, nil
}
