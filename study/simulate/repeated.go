package simulate

import (
	"errors"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study"
)

// repeated is the mixed model for repeated measures, or the constrained longitudinal
// analysis: the trial is handed to mmrm as study hands it over, without a file between.
type repeated struct {
	place
	plan     study.Plan
	j        []*judge
	spec     mmrm.Model
	numbers  []int // factors
	category []int
	rest     *whole
	order    []int // arms in the protocol's order → arms of the world
	t        mmrm.Trial

	series  *mmrm.Series // nil: the model is fitted anew in every trial
	sample  mmrm.Sample
	weights []float64
	dummies [][]float64 // of categories, a column for each level but the first
	answers []stats.Estimate
}

// newRepeated is nil for plans that need more: strata, an order of structures, spatial
// ones.
func newRepeated(w *world, q study.Plan, j []*judge) *repeated {
	if w.protocol.Randomization.Stratified() || len(q.CovarianceOrder) > 0 {
		return nil
	}
	e := &repeated{plan: q, j: j, rest: newWhole(w, q, j), spec: mmrm.Model{ByArm: q.CovarianceByArm}}
	var err error
	if q.Covariance != "" {
		if e.spec.Covariance, err = mmrm.ParseCovariance(q.Covariance); err != nil {
			return nil
		}
	}
	if q.DF != "" {
		if e.spec.DF, err = mmrm.ParseDF(q.DF); err != nil {
			return nil
		}
	}
	if e.spec.Covariance == mmrm.SpatialExponential || e.spec.Covariance == mmrm.SpatialGaussian {
		return nil
	}
	e.outcome = slices.IndexFunc(w.outcomes, func(v *variable) bool { return v.ID == q.Outcome })
	e.base = -1
	if e.outcome < 0 {
		return nil
	}
	v := w.outcomes[e.outcome]
	if v.cells[0].base && q.Baseline != study.NoBaseline {
		e.base = 0
	}
	e.visit = -1
	for i, c := range v.cells {
		if c.base {
			continue
		}
		if c.visit == q.Visit {
			e.visit = i
		}
		if c.visit == mmrm.BaselineVisit {
			return nil
		}
		e.t.Visits = append(e.t.Visits, c.visit)
	}
	for _, id := range q.Covariates {
		i := slices.IndexFunc(w.factors, func(f *factor) bool { return f.id == id })
		if i < 0 {
			return nil
		}
		if w.factors[i].category {
			e.category = append(e.category, i)
		} else {
			e.numbers = append(e.numbers, i)
		}
	}
	for _, a := range w.protocol.Arms {
		e.t.Arms = append(e.t.Arms, a.ID)
		e.order = append(e.order, slices.IndexFunc(w.arms, func(b study.Arm) bool { return b.ID == a.ID }))
	}
	e.t.Control = w.arms[len(w.arms)-1].ID
	e.quick(w)
	return e
}

// quick prepares the series that answers most trials.
func (e *repeated) quick(w *world) {
	if e.plan.Model != study.MMRM {
		return
	}
	columns := len(e.numbers)
	for _, i := range e.category {
		columns += len(w.factors[i].levels) - 1
	}
	if e.series = e.spec.Series(len(w.arms), len(e.t.Visits), columns, e.base >= 0); e.series == nil {
		return
	}
	e.sample.Arm = make([]int, w.n)
	for a := range w.arms[:len(w.arms)-1] {
		for p := w.from[a]; p < w.from[a+1]; p++ {
			e.sample.Arm[p] = a + 1
		}
	}
	for range columns - len(e.numbers) {
		e.dummies = append(e.dummies, make([]float64, w.n))
	}
	e.weights = make([]float64, len(e.t.Visits))
	for j, v := range e.t.Visits {
		if e.plan.Visit == study.OverallVisit {
			e.weights[j] = 1 / float64(len(e.weights))
		} else if v == e.plan.Visit {
			e.weights[j] = 1
		}
	}
	e.answers = make([]stats.Estimate, len(w.arms)-1)
}

// quickly answers a trial by the series, if it is sure.
func (e *repeated) quickly(t *trial, out []finding) bool {
	if e.series == nil {
		return false
	}
	w, x := t.w, &e.sample
	first := len(w.outcomes[e.outcome].cells) - len(e.t.Visits)
	x.Y = t.y[e.outcome][first:]
	if seen := t.seen[e.outcome]; seen != nil {
		x.Seen = seen[first:]
		if e.base >= 0 {
			x.Based = seen[e.base]
		}
	}
	if e.base >= 0 {
		x.Baseline = t.y[e.outcome][e.base]
	}
	x.Covariates = x.Covariates[:0]
	for _, i := range e.numbers {
		x.Covariates = append(x.Covariates, t.x[i])
	}
	k := 0
	for _, i := range e.category {
		for l := 1; l < len(w.factors[i].levels); l++ {
			c := e.dummies[k]
			for p, level := range t.level[i] {
				c[p] = 0
				if level == l {
					c[p] = 1
				}
			}
			x.Covariates = append(x.Covariates, c)
			k++
		}
	}
	if !e.series.Fit(x) {
		return false
	}
	for a := range out {
		var ok bool
		if e.answers[a], ok = e.series.Difference(a+1, e.weights); !ok {
			return false
		}
	}
	for a := range out {
		out[a] = e.j[a].estimate(e.answers[a])
	}
	return true
}

func (e *repeated) find(t *trial, out []finding) {
	if e.quickly(t, out) {
		return
	}
	fit, err := e.fit(t)
	if err != nil || fit == nil {
		if t.ctx.Err() != nil {
			return
		}
		var none *mmrm.ConvergenceError
		if errors.As(err, &none) {
			for a := range out {
				out[a] = finding{failure: "not-converged"}
			}
			return
		}
		e.rest.find(t, out) // study says why there is no answer
		return
	}
	control := e.t.Control
	for a := range out {
		l, err := e.contrast(fit, t.w.arms[a].ID, control)
		if err != nil {
			e.rest.find(t, out)
			return
		}
		d := fit.Contrast(l)
		if fit.Degenerate(d) {
			u := fit.Unadjusted(l)
			out[a] = finding{withheld: true, value: u.Value, se: u.SE, df: u.DF}
			continue
		}
		out[a] = e.j[a].estimate(d)
	}
}

// contrast is the difference from control at the plan's visit, or on average.
func (e *repeated) contrast(fit *mmrm.TrialFit, arm, control string) ([]float64, error) {
	var l []float64
	add := func(visit string, weight float64) error {
		x, err := fit.LSMeanRow(arm, visit)
		if err != nil {
			return err
		}
		y, err := fit.LSMeanRow(control, visit)
		if err != nil {
			return err
		}
		if l == nil {
			l = make([]float64, len(x))
		}
		for i := range l {
			l[i] += weight * (x[i] - y[i])
		}
		return nil
	}
	if e.plan.Visit != study.OverallVisit {
		err := add(e.plan.Visit, 1)
		return l, err
	}
	for _, v := range e.t.Visits {
		if err := add(v, 1/float64(len(e.t.Visits))); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// fit is the model of those whom study analyzes; nil where the trial is for study: a
// visit or an arm without values.
func (e *repeated) fit(t *trial) (*mmrm.TrialFit, error) {
	w := t.w
	v := w.outcomes[e.outcome]
	clda := e.plan.Model == study.CLDA
	first := len(v.cells) - len(e.t.Visits)
	x := e.t
	x.Arm, x.Baseline, x.NoBaseline, x.Values = e.t.Arm[:0], e.t.Baseline[:0], e.t.NoBaseline[:0], e.t.Values[:0]
	seen := func(c, p int) bool { return t.seen[e.outcome] == nil || t.seen[e.outcome][c][p] }
	var kept []int
	at := make([]int, len(e.t.Visits))
	for k, a := range e.order {
		n := 0
		for p := w.from[a]; p < w.from[a+1]; p++ {
			some := false
			for j := range e.t.Visits {
				some = some || seen(first+j, p)
			}
			based := e.base >= 0 && seen(e.base, p)
			if clda && !some && !based || !clda && (!some || e.base >= 0 && !based) {
				continue
			}
			x.Arm = append(x.Arm, k)
			kept = append(kept, p)
			n++
			if e.base >= 0 {
				x.Baseline, x.NoBaseline = append(x.Baseline, t.y[e.outcome][e.base][p]), append(x.NoBaseline, !based)
			}
		}
		if n == 0 {
			return nil, nil
		}
	}
	for j := range e.t.Visits {
		y := t.y[e.outcome][first+j]
		for i, p := range kept {
			if seen(first+j, p) {
				x.Values = append(x.Values, mmrm.Value{Participant: i, Visit: j, Y: y[p]})
				at[j]++
			}
		}
		if at[j] == 0 {
			return nil, nil
		}
	}
	for _, i := range e.numbers {
		f := w.factors[i]
		c := mmrm.Covariate{Name: f.id}
		for _, p := range kept {
			c.Number = append(c.Number, f.Mean+f.SD*t.x[i][p])
		}
		x.Covariates = append(x.Covariates, c)
	}
	for _, i := range e.category {
		f := w.factors[i]
		c := mmrm.Covariate{Name: f.id}
		for _, p := range kept {
			c.Category = append(c.Category, f.levels[t.level[i][p]])
		}
		x.Covariates = append(x.Covariates, c)
	}
	e.t.Arm, e.t.Baseline, e.t.NoBaseline, e.t.Values = x.Arm, x.Baseline, x.NoBaseline, x.Values
	x.Arms, x.Visits = slices.Clone(e.t.Arms), slices.Clone(e.t.Visits)
	if clda {
		return e.spec.CLDAContext(t.ctx, &x)
	}
	return e.spec.MMRMContext(t.ctx, &x)
}
