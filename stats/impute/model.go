package impute

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// Model is the imputation model: a mixed model for repeated measures with a mean for
// every arm and visit, baseline × visit and the covariates. The zero value is the
// analysis that most plans mean: unstructured covariance shared by the arms, REML, all
// covariates, the control arm as reference.
type Model struct {
	Covariance mmrm.Covariance // every structure of mmrm
	ByArm      bool            // a covariance matrix of its own for every arm
	Method     mmrm.Method     // REML or ML
	// Covariates names those of the data that the model has ("baseline" for the
	// baseline); nil means all, an empty list none. One that is an effect of the
	// protocol's analysis belongs in both models.
	Covariates []string
	// References is arm → the arm that J2R, CR and CIR look to; an arm not named, the
	// control among them, looks to the control.
	References map[string]string
}

// Fit is a fitted imputation model with the data it imputes. It does not change.
type Fit struct {
	Model Model
	// Observations is how many values the model was fitted to, Missing how many are
	// imputed, Incomplete how many participants have a missing value.
	Observations, Missing, Incomplete int

	mmrm   *mmrm.Fit
	d      *Data
	visits int
	all    []term  // of the data
	terms  []term  // of the model
	y0     float64 // taken from all values
	nz     int     // intercept, covariates, value carried forward
	z      []float64
	y      []float64 // participant × visit: observed values that count, else 0
	has    []bool
	events []Event // participant → event; Visit is the number of visits without one
	ref    []int
	kinds  []*kind
	kindOf []int
	par    *params
	rowOf  []int   // participant → its index among the model's, −1 without values there
	off    [][]int // arm and kind of event → visit → column of what Retrieved adds, from the last terms on; −1: none
	offs   int     // such columns
	of     []int   // kinds of events, of Retrieved
}

// Fit fits the imputation model by maximum likelihood to the values that are in it
// (see Event), assuming that values are missing at random given those and the
// covariates, and normal errors. Participants without any value take no part in the
// fit and are imputed all the same, from the mean of their covariates.
//
// It refuses data that do not fit together, NaN and infinities, a baseline that is
// missing, an arm or level without a value that informs about it, and what
// mmrm.Model.Fit refuses, with a *stats.SampleError or a *mmrm.ConvergenceError.
func (m Model) Fit(d *Data) (*Fit, error) { return m.FitContext(context.Background(), d) }

// FitContext is Fit that stops when ctx is done.
func (m Model) FitContext(ctx context.Context, d *Data) (*Fit, error) {
	const fn = "Fit"
	if err := d.check(fn); err != nil {
		return nil, err
	}
	all, err := d.terms(fn)
	if err != nil {
		return nil, err
	}
	f := &Fit{Model: m, d: d, visits: len(d.Visits), all: all}
	if f.terms, err = choose(fn, all, m.Covariates); err != nil {
		return nil, err
	}
	if f.ref, err = m.references(fn, d); err != nil {
		return nil, err
	}
	n := len(d.Arm)
	f.arrange()
	if err := f.shifts(fn); err != nil {
		return nil, err
	}
	rows := f.rows()
	switch m.Covariance {
	case mmrm.SpatialExponential, mmrm.SpatialGaussian:
		if len(d.Times) != len(d.Visits) {
			return nil, bad(fn, "Times", -1, stats.ErrLength, "%v needs a time for each of %d visits", m.Covariance, len(d.Visits))
		}
	}
	model := mmrm.Model{Covariance: m.Covariance, ByArm: m.ByArm, Method: m.Method, DF: mmrm.Normal}
	if f.mmrm, err = model.FitContext(ctx, rows); err != nil {
		return nil, fmt.Errorf("the imputation model: %w", err)
	}
	f.Observations = f.mmrm.Observations
	f.par = f.newParams()
	f.fill(f.par, coefficients(f.mmrm), func(g int, dst []float64) {
		for a, row := range f.mmrm.Sigma(g) {
			copy(dst[a*f.visits:], row)
		}
	})
	f.group()
	for p := range n {
		missing := false
		for v := range f.visits {
			if !f.has[p*f.visits+v] {
				f.Missing++
				missing = true
			}
		}
		if missing {
			f.Incomplete++
		}
	}
	return f, nil
}

func coefficients(f *mmrm.Fit) []float64 {
	out := make([]float64, len(f.Columns))
	for i, c := range f.Coefficients() {
		out[i] = c.Estimate.Value
	}
	return out
}

// arrange fills the tables of values and covariates.
func (f *Fit) arrange() {
	d, n := f.d, len(f.d.Arm)
	f.y, f.has = make([]float64, n*f.visits), make([]bool, n*f.visits)
	f.events = make([]Event, n)
	for p := range f.events {
		f.events[p] = Event{Participant: p, Visit: f.visits}
	}
	for _, e := range d.Events {
		f.events[e.Participant] = e
	}
	var observed []float64
	for _, v := range d.Values {
		if e := f.events[v.Participant]; e.aside() && v.Visit >= e.Visit {
			continue
		}
		i := v.Participant*f.visits + v.Visit
		f.y[i], f.has[i] = v.Y, true
		observed = append(observed, v.Y)
	}
	f.y0 = mean(observed)
	for i := range f.y {
		if f.has[i] {
			f.y[i] -= f.y0
		}
	}
	f.nz = len(f.terms) + 2
	f.z = make([]float64, n*f.nz)
	for p := range n {
		z := f.z[p*f.nz : p*f.nz+f.nz]
		z[0] = 1
		for c, t := range f.terms {
			z[1+c] = t.x[p]
		}
		z[f.nz-1] = f.carried(p)
	}
}

// carried is the value that BOCF and Given put in for a participant.
func (f *Fit) carried(p int) float64 {
	switch {
	case f.events[p].Strategy == Given:
		return f.events[p].Value - f.y0
	case f.d.Baseline != nil && !f.d.Change:
		return f.d.Baseline[p] - f.y0
	}
	return -f.y0
}

// inModel reports whether the value of a participant at a visit is one the model is
// fitted to.
func (f *Fit) inModel(p, v int) bool {
	e := f.events[p]
	return f.has[p*f.visits+v] && (v < e.Visit || e.Strategy == MAR || e.Strategy == Retrieved)
}

// shifts decides which visits of an arm, after events of a kind, have an amount of their
// own that Retrieved adds.
func (f *Fit) shifts(fn string) error {
	for _, e := range f.events {
		if e.Strategy == Retrieved && e.Visit < f.visits && !slices.Contains(f.of, e.Kind) {
			f.of = append(f.of, e.Kind)
		}
	}
	slices.Sort(f.of)
	for a := range f.d.Arms {
		for _, of := range f.of {
			after, before := make([]int, f.visits), make([]int, f.visits)
			needs := -1
			for p, arm := range f.d.Arm {
				if arm != a {
					continue
				}
				for v := range f.visits {
					mine := f.events[p].Strategy == Retrieved && f.events[p].Kind == of && v >= f.events[p].Visit
					switch {
					case mine && f.has[p*f.visits+v]:
						after[v]++
					case mine:
						needs = p
					case f.inModel(p, v) && (f.events[p].Strategy != Retrieved || v < f.events[p].Visit):
						before[v]++
					}
				}
			}
			own := make([]int, f.visits)
			for v := range own {
				if own[v] = -1; after[v] >= 2 && before[v] >= 2 {
					own[v] = f.offs
					f.offs++
				}
			}
			column := make([]int, f.visits)
			some := false
			for v := range column {
				column[v] = -1
				for _, u := range append(span(v, f.visits), reversed(v)...) {
					if own[u] >= 0 {
						column[v], some = own[u], true
						break
					}
				}
			}
			if !some && needs >= 0 {
				return bad(fn, "Events", -1, stats.ErrTooFew, "%s: at no visit have two of %q a value after the event", f.d.name(needs), f.d.Arms[a])
			}
			f.off = append(f.off, column)
		}
	}
	return nil
}

// offOf is the row of what Retrieved adds for a participant.
func (f *Fit) offOf(p int) int {
	return f.d.Arm[p]*len(f.of) + max(slices.Index(f.of, f.events[p].Kind), 0)
}

// span lists from to below to; reversed those below from, the nearest first.
func span(from, to int) []int {
	var out []int
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

func reversed(from int) []int {
	out := span(0, from)
	slices.Reverse(out)
	return out
}

// rows writes the design: a mean for every arm and visit, then the covariates.
func (f *Fit) rows() *mmrm.Rows {
	d, n := f.d, len(f.d.Arm)
	r := &mmrm.Rows{Visits: d.Visits, Times: d.Times, Groups: d.Arms}
	for _, a := range d.Arms {
		for _, v := range d.Visits {
			r.Columns = append(r.Columns, a+", "+v)
		}
	}
	for _, t := range f.terms {
		if !t.byVisit {
			r.Columns = append(r.Columns, t.name)
			continue
		}
		for _, v := range d.Visits {
			r.Columns = append(r.Columns, t.name+", "+v)
		}
	}
	terms := len(r.Columns)
	for i := range f.offs {
		r.Columns = append(r.Columns, fmt.Sprintf("after the event, %d", i+1))
	}
	f.rowOf = make([]int, n)
	next := 0
	for p := range n {
		f.rowOf[p] = -1
		for v := range f.visits {
			if !f.inModel(p, v) {
				continue
			}
			if f.rowOf[p] < 0 {
				f.rowOf[p] = next
				next++
				r.Group = append(r.Group, d.Arm[p])
			}
			x := make([]float64, len(r.Columns))
			x[d.Arm[p]*f.visits+v] = 1
			at := len(d.Arms) * f.visits
			for _, t := range f.terms {
				if t.byVisit {
					x[at+v] = t.x[p]
					at += f.visits
				} else {
					x[at] = t.x[p]
					at++
				}
			}
			if e := f.events[p]; e.Strategy == Retrieved && v >= e.Visit {
				if c := f.off[f.offOf(p)][v]; c >= 0 {
					x[terms+c] = 1
				}
			}
			r.Participant, r.Visit = append(r.Participant, f.rowOf[p]), append(r.Visit, v)
			r.Y, r.X = append(r.Y, f.y[p*f.visits+v]), append(r.X, x)
		}
	}
	return r
}

func (f *Fit) groups() int {
	if f.Model.ByArm {
		return len(f.d.Arms)
	}
	return 1
}

// groupOf is the covariance matrix of an arm.
func (f *Fit) groupOf(arm int) int {
	if f.Model.ByArm {
		return arm
	}
	return 0
}

func (f *Fit) newParams() *params {
	par := &params{}
	for range f.d.Arms {
		par.mean = append(par.mean, make([]float64, f.visits*f.nz))
	}
	for range f.off {
		par.off = append(par.off, make([]float64, f.visits))
	}
	for range f.groups() {
		par.sigma = append(par.sigma, make([]float64, f.visits*f.visits))
	}
	return par
}

// fill writes the coefficients as means of arms and visits.
func (f *Fit) fill(par *params, beta []float64, sigma func(g int, dst []float64)) {
	for a, mean := range par.mean {
		for v := range f.visits {
			row := mean[v*f.nz : v*f.nz+f.nz]
			row[0] = beta[a*f.visits+v]
			at := len(f.d.Arms) * f.visits
			for c, t := range f.terms {
				if t.byVisit {
					row[1+c] = beta[at+v]
					at += f.visits
				} else {
					row[1+c] = beta[at]
					at++
				}
			}
		}
	}
	for a := range par.off {
		for v, c := range f.off[a] {
			if c >= 0 {
				par.off[a][v] = beta[len(beta)-f.offs+c]
			}
		}
	}
	for g := range par.sigma {
		sigma(g, par.sigma[g])
	}
}

// group sorts the participants into kinds, in the order of their first member.
func (f *Fit) group() {
	type key struct {
		arm, event, off int
		strategy        Strategy
		observed        string
	}
	index := map[key]int{}
	f.kindOf = make([]int, len(f.d.Arm))
	f.kinds = nil
	for p, arm := range f.d.Arm {
		pattern := make([]byte, f.visits)
		for v := range pattern {
			pattern[v] = '0'
			if f.has[p*f.visits+v] {
				pattern[v] = '1'
			}
		}
		e := f.events[p]
		off := 0
		if e.Strategy == Retrieved {
			off = f.offOf(p)
		}
		k := key{arm, e.Visit, off, e.Strategy, string(pattern)}
		i, ok := index[k]
		if !ok {
			i = len(f.kinds)
			index[k] = i
			kd := &kind{arm: arm, ref: f.ref[arm], event: e.Visit, strategy: e.Strategy, off: off}
			for v, b := range pattern {
				if b == '1' {
					kd.observed = append(kd.observed, v)
				} else {
					kd.missing = append(kd.missing, v)
				}
			}
			f.kinds = append(f.kinds, kd)
		}
		f.kindOf[p] = i
		f.kinds[i].members = append(f.kinds[i].members, p)
	}
}

// Under returns the fit with the strategy for every event: the imputation model stays.
// It is refused where the model would be fitted to other values, that is where values
// after an event are kept and one of the two strategies is MAR or Given.
func (f *Fit) Under(s Strategy) (*Fit, error) {
	d := f.d.Under(s)
	if err := d.check("Under"); err != nil {
		return nil, err
	}
	out := *f
	out.d = d
	out.events = slices.Clone(f.events)
	out.z = slices.Clone(f.z)
	given := make([]bool, len(f.events)) // participants with a value that Given removes and the others keep
	for _, v := range d.Values {
		e := f.events[v.Participant]
		given[v.Participant] = given[v.Participant] || v.Visit >= e.Visit && !e.SetAside
	}
	if s == Retrieved || f.off != nil {
		return nil, bad("Under", "Events", -1, stats.ErrDomain, "retrieved dropouts have a mean of their own in the model: fit it again")
	}
	for i := range out.events {
		e := &out.events[i]
		if e.Visit == f.visits {
			continue
		}
		again := given[i] && (e.Strategy == Given) != (s == Given)
		e.Strategy = s
		out.z[i*f.nz+f.nz-1] = out.carried(i)
		for v := e.Visit; v < f.visits; v++ {
			if again || f.has[i*f.visits+v] && out.inModel(i, v) != f.inModel(i, v) {
				return nil, bad("Under", "Events", i, stats.ErrDomain,
					"%s has values after the event, which %v and %v put to different use: fit the model again", d.name(i), f.events[i].Strategy, s)
			}
		}
	}
	out.group()
	return &out, nil
}

// Cell is a value that was imputed.
type Cell struct {
	Participant, Visit int
	// Mean is the conditional mean given the participant's values and covariates,
	// with delta where there is one; SD the standard deviation around it.
	Mean, SD float64
}

// Cells returns the conditional means of the missing values, by participant and visit,
// without delta.
func (f *Fit) Cells() ([]Cell, error) { return f.cells(f.par) }

func (f *Fit) cells(par *params) ([]Cell, error) {
	fs, err := f.formulas(par)
	if err != nil {
		return nil, err
	}
	var out []Cell
	for p := range f.d.Arm {
		k, fm := f.kinds[f.kindOf[p]], &fs[f.kindOf[p]]
		for i, v := range k.missing {
			out = append(out, Cell{Participant: p, Visit: v, Mean: f.y0 + f.impute(p, k, fm, i), SD: fm.sd(i, len(k.missing))})
		}
	}
	return out, nil
}

// impute is the conditional mean of missing visit i (by index of the kind's).
func (f *Fit) impute(p int, k *kind, fm *formula, i int) float64 {
	s := dot(fm.c[i*f.nz:i*f.nz+f.nz], f.z[p*f.nz:p*f.nz+f.nz])
	no := len(k.observed)
	for j, o := range k.observed {
		s += fm.b[i*no+j] * f.y[p*f.visits+o]
	}
	return s
}

// formulas solves every kind that has something missing.
func (f *Fit) formulas(par *params) ([]formula, error) {
	out := make([]formula, len(f.kinds))
	var w workspace
	for i, k := range f.kinds {
		if len(k.missing) == 0 {
			continue
		}
		if err := k.solve(par, f.groupOf, f.nz, f.visits, &out[i], &w); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sd is the conditional standard deviation of missing visit i of m.
func (f *formula) sd(i, m int) float64 { return math.Sqrt(max(f.v[i*m+i], 0)) }

// Means returns the fitted means of an arm at the visits for the average participant
// of the trial (every covariate at its mean over all participants).
func (f *Fit) Means(arm string) ([]float64, error) {
	a := slices.Index(f.d.Arms, arm)
	if a < 0 {
		return nil, bad("Means", "arm", -1, stats.ErrDomain, "%q is not among the arms %q", arm, f.d.Arms)
	}
	out := make([]float64, f.visits)
	for v := range out {
		out[v] = f.y0 + f.par.mean[a][v*f.nz]
	}
	return out, nil
}

// Slope returns the fitted effect of a number among the covariates at the visits.
func (f *Fit) Slope(covariate string) ([]float64, error) {
	for c, t := range f.terms {
		if t.name != covariate {
			continue
		}
		out := make([]float64, f.visits)
		for v := range out {
			out[v] = f.par.mean[0][v*f.nz+1+c]
		}
		return out, nil
	}
	return nil, bad("Slope", "covariate", -1, stats.ErrDomain, "no covariate %q in the model", covariate)
}

// Sigma returns the fitted covariance of an arm's visits.
func (f *Fit) Sigma(arm string) (stats.Matrix, error) {
	a := slices.Index(f.d.Arms, arm)
	if a < 0 {
		return nil, bad("Sigma", "arm", -1, stats.ErrDomain, "%q is not among the arms %q", arm, f.d.Arms)
	}
	return f.mmrm.Sigma(f.groupOf(a)), nil
}

// LogLik returns the model's restricted or full log-likelihood.
func (f *Fit) LogLik() float64 { return f.mmrm.LogLik }
