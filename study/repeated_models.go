package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study/text"
)

// This file hands a trial's values to the models of all visits and turns their
// answers into the report's.

// trial is the data in the form that package mmrm reads. With clda the
// baseline may be missing. The data have participants, arms and visits by position
// already: mmrm.TrialFromRows, which reads labels, would look every one up again,
// order participants by them, and know none of a participant without a row.
func (data *repeatedData) trial(f *repeatedFit) *mmrm.Trial {
	t := &mmrm.Trial{Control: data.control}
	arm := map[string]int{}
	for i, a := range data.arms {
		arm[a.ID] = i
		t.Arms = append(t.Arms, a.ID)
	}
	t.Arm = make([]int, len(data.people))
	n := 0
	for i, x := range data.people {
		t.Arm[i] = arm[x.Arm]
		for j := range data.visits {
			if data.values[j][i].ok {
				n++
			}
		}
	}
	t.Values = make([]mmrm.Value, 0, n)
	for j, v := range data.visits {
		t.Visits = append(t.Visits, modelVisit(v.ID))
		for i, c := range data.values[j] {
			if c.ok {
				t.Values = append(t.Values, mmrm.Value{Participant: i, Visit: j, Y: c.Number})
			}
		}
	}
	t.Times = visitTimes(f.baseline, data.visits)
	if f.plan.Baseline != NoBaseline && (f.plan.Model == CLDA || !data.by.repeatsBaseline(data)) {
		t.NoBaseline, t.Baseline = make([]bool, len(data.people)), make([]float64, len(data.people))
		for i, c := range data.baseline {
			t.Baseline[i], t.NoBaseline[i] = c.Number, !c.ok
		}
	}
	t.Covariates = data.covariates(f)
	return t
}

// covariates are the strata, then the plan's own covariates; where the differences
// depend on a subgroup, what that says already is in it once.
func (data *repeatedData) covariates(f *repeatedFit) []mmrm.Covariate {
	out := f.strata.covariates(data.people, f.plan.Model != LMM)
	if data.by != nil {
		out = data.by.strata(f)
	}
	for _, id := range f.plan.Covariates {
		if f.strata.has(id) || data.by != nil && data.by.says(id, data.people) {
			continue
		}
		out = append(out, covariateOf(id, data.people))
	}
	if data.by != nil {
		out = append(out, data.by.own(data.people))
	}
	return out
}

// covariateOf is a covariate of the participants, which all of them have.
func covariateOf(id string, people []*subject) mmrm.Covariate {
	c := mmrm.Covariate{Name: id}
	if len(people) == 0 {
		return c
	}
	if _, ok := people[0].Numbers[id]; ok {
		for _, x := range people {
			c.Number = append(c.Number, x.Numbers[id])
		}
		return c
	}
	for _, x := range people {
		c.Category = append(c.Category, x.Categories[id])
	}
	return c
}

// modelVisit keeps a visit's ID from being taken for the model's baseline.
func modelVisit(id string) string {
	if id == mmrm.BaselineVisit {
		return id + " (visit)"
	}
	return id
}

// visitTimes are the visits' times since baseline as a share of the last one,
// which changes no covariance; nil where one is not stated.
func visitTimes(baseline Visit, visits []Visit) []float64 {
	var zero float64
	if baseline.HasTime {
		zero = float64(baseline.Time)
	}
	var out []float64
	for _, v := range visits {
		if !v.HasTime {
			return nil
		}
		out = append(out, float64(v.Time)-zero)
	}
	if n := len(out); n > 0 && out[n-1] > 0 {
		last := out[n-1]
		for i := range out {
			out[i] /= last
		}
	}
	return out
}

// contrastModel answers from contrasts of a model's coefficients.
type contrastModel struct {
	fit interface {
		LSMeanRow(arm, visit string) ([]float64, error)
		Contrast(l []float64) stats.Estimate
		Unadjusted(l []float64) stats.Estimate
		Degenerate(e stats.Estimate) bool
		BaselineMean() (float64, bool)
		Joint(l [][]float64) (stats.FTest, error)
		InteractionRow(treated, visit, covariate, level string) ([]float64, error)
		DifferenceInRow(treated, visit, covariate, level string) ([]float64, error)
	}
	control    string
	arms       []string
	visits     []string // after baseline, IDs
	baseline   string   // ID of the baseline where it is a response
	clda       bool
	columns    []string
	covariates []string
}

func newContrastModel(f *repeatedFit, data *repeatedData) *contrastModel {
	m := &contrastModel{control: data.control, baseline: f.baseline.ID, clda: f.plan.Model == CLDA, covariates: f.plan.Covariates}
	for _, a := range data.arms {
		m.arms = append(m.arms, a.ID)
	}
	for _, v := range data.visits {
		m.visits = append(m.visits, v.ID)
	}
	return m
}

// row is the contrast that is an arm's mean at a visit.
func (m *contrastModel) row(arm, visit string) ([]float64, error) {
	if visit == OverallVisit {
		sum := make([]float64, len(m.columns))
		for _, v := range m.visits {
			row, err := m.fit.LSMeanRow(arm, modelVisit(v))
			if err != nil {
				return nil, err
			}
			for i, x := range row {
				sum[i] += x / float64(len(m.visits))
			}
		}
		return sum, nil
	}
	for _, v := range m.visits {
		if v == visit {
			return m.fit.LSMeanRow(arm, modelVisit(v))
		}
	}
	if m.clda && visit == m.baseline {
		return m.fit.LSMeanRow(arm, mmrm.BaselineVisit)
	}
	return nil, errEmpty
}

func (m *contrastModel) lsMean(arm, visit string) (stats.Estimate, error) {
	l, err := m.row(arm, visit)
	if err != nil {
		return stats.Estimate{}, err
	}
	return m.estimate(l), nil
}

func (m *contrastModel) change(arm, visit string) (stats.Estimate, error) {
	e, err := m.lsMean(arm, visit)
	base, known := m.fit.BaselineMean()
	switch {
	case err != nil:
	case m.clda: // the rows are there: those of its means
		l, _ := m.row(arm, visit)
		b, _ := m.row(arm, m.baseline)
		e = m.estimate(minusRow(l, b))
	case !known:
		err = errNoBaseline
	default:
		e.Value -= base
	}
	return e, err
}

// estimate is a contrast, with the unadjusted standard error where it has too few
// degrees of freedom for the adjustment to mean anything.
func (m *contrastModel) estimate(l []float64) stats.Estimate {
	e := m.fit.Contrast(l)
	if m.fit.Degenerate(e) {
		return m.fit.Unadjusted(l)
	}
	return e
}

func (m *contrastModel) withheld(e stats.Estimate) bool { return m.fit.Degenerate(e) }

func (m *contrastModel) difference(arm, control, visit string) (stats.Estimate, error) {
	l, err := m.differenceRow(arm, control, visit)
	if err != nil {
		return stats.Estimate{}, err
	}
	return m.estimate(l), nil
}

func (m *contrastModel) differenceRow(arm, control, visit string) ([]float64, error) {
	a, err := m.row(arm, visit)
	if err != nil {
		return nil, err
	}
	b, err := m.row(control, visit)
	if err != nil {
		return nil, err
	}
	return minusRow(a, b), nil
}

func minusRow(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

// tests are joint F tests over the visits after baseline:
//
//	arm             the arms' means, averaged over visits, are equal
//	visit           the visits' means, averaged over arms, are equal
//	arm:visit       the arms' differences are the same at every visit
//	any-difference  no arm differs from control at any visit
//
// and one for each covariate. Means are those of average covariates.
func (m *contrastModel) tests() ([]FTest, error) {
	var arm, visit, inter, any [][]float64
	add := func(dst *[][]float64, l []float64, err error) {
		if err == nil {
			*dst = append(*dst, l)
		}
	}
	for _, a := range m.arms {
		if a == m.control {
			continue
		}
		l, err := m.differenceRow(a, m.control, OverallVisit)
		add(&arm, l, err)
		first, _ := m.differenceRow(a, m.control, m.visits[0])
		for i, v := range m.visits {
			l, err := m.differenceRow(a, m.control, v)
			add(&any, l, err)
			if i > 0 {
				add(&inter, minusRow(l, first), err)
			}
		}
	}
	mean := func(v string) []float64 {
		sum := make([]float64, len(m.columns))
		for _, a := range m.arms {
			l, _ := m.row(a, v)
			for i, x := range l {
				sum[i] += x / float64(len(m.arms))
			}
		}
		return sum
	}
	for _, v := range m.visits[1:] {
		visit = append(visit, minusRow(mean(v), mean(m.visits[0])))
	}
	terms := []struct {
		name string
		l    [][]float64
	}{{"arm", arm}, {"visit", visit}, {"arm:visit", inter}, {"any-difference", any}}
	for _, c := range m.covariates {
		var own [][]float64
		for i, name := range m.columns {
			if name == c || strings.HasPrefix(name, c+"=") {
				l := make([]float64, len(m.columns))
				l[i] = 1
				own = append(own, l)
			}
		}
		terms = append(terms, struct {
			name string
			l    [][]float64
		}{c, own})
	}
	var out []FTest
	var errs []error
	for _, t := range terms {
		if len(t.l) == 0 {
			continue
		}
		test, err := m.fit.Joint(t.l)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.name, err))
			continue
		}
		out = append(out, FTest{Term: t.name, F: test.F, DF1: test.DF1, DF2: test.DF2, P: test.P(), Epsilon: math.NaN()})
	}
	return out, errors.Join(errs...)
}

// Covariance of the linear mixed model's random effects, as a plan names it.
const (
	randomIntercept      = "intercept"
	randomInterceptSlope = "intercept-slope"
)

// lmmDF are the degrees of freedom that a linear mixed model has.
var lmmDF = []mmrm.DF{mmrm.KenwardRoger, mmrm.Satterthwaite, mmrm.Residual, mmrm.Normal}

// fitContrasts fits the plan's model: mmrm, clda or lmm.
func fitContrasts(ctx context.Context, f *repeatedFit, data *repeatedData) (*contrastModel, []Note, error) {
	if f.plan.Model == LMM {
		return fitLMM(ctx, f, data)
	}
	return fitMMRM(ctx, f, data)
}

func fitLMM(ctx context.Context, f *repeatedFit, data *repeatedData) (*contrastModel, []Note, error) {
	spec := mmrm.LMM{Slope: f.plan.Covariance == randomInterceptSlope}
	var err error
	if f.plan.DF != "" {
		if spec.DF, err = mmrm.ParseDF(f.plan.DF); err != nil {
			return nil, nil, err
		}
	}
	t, err := spec.TrialContext(ctx, data.trial(f))
	if err != nil {
		return nil, nil, err
	}
	m := newContrastModel(f, data)
	m.fit, m.columns = t, t.Columns
	return m, t.Notes, nil
}

// fitMMRM fits the structures of the plan's order until one converges with enough
// degrees of freedom for every difference; what failed before it is noted. Where
// none has enough, the first that converged stands, its intervals withheld.
func fitMMRM(ctx context.Context, f *repeatedFit, data *repeatedData) (*contrastModel, []Note, error) {
	order := f.plan.CovarianceOrder
	if len(order) == 0 {
		return fitStructure(ctx, f, data, f.plan.Covariance)
	}
	var notes []Note
	var first *contrastModel
	var firstNotes []Note
	firstName := ""
	for _, name := range order {
		m, own, err := fitStructure(ctx, f, data, name)
		switch {
		case errors.Is(err, stats.ErrNotConverged):
			notes = append(notes, Note{Code: "covariance-not-converged", Args: text.Args{"structure": name}})
			if name == order[len(order)-1] && first == nil {
				return nil, notes, err
			}
			continue
		case err != nil:
			return nil, notes, err
		}
		least := m.leastDF()
		if !m.fit.Degenerate(stats.Estimate{DF: least}) {
			return m, append(append(notes, chosenStructure(name, order)), own...), nil
		}
		notes = append(notes, Note{Code: "covariance-degenerate", Args: text.Args{"structure": name, "df": least}})
		if first == nil {
			first, firstNotes, firstName = m, own, name
		}
	}
	if first == nil {
		return nil, notes, stats.ErrNotConverged
	}
	notes = append(notes, Note{Code: "covariance-none", Args: text.Args{"structure": firstName, "order": strings.Join(order, ", ")}})
	return first, append(notes, firstNotes...), nil
}

func chosenStructure(name string, order []string) Note {
	return Note{Code: "covariance-chosen", Args: text.Args{"structure": name, "order": strings.Join(order, ", ")}}
}

// leastDF is the fewest degrees of freedom of the differences from control at the
// visits and of their average; NaN where one is.
func (m *contrastModel) leastDF() float64 {
	least := math.Inf(1)
	for _, a := range m.arms {
		for _, v := range append(slices.Clone(m.visits), OverallVisit) {
			if a == m.control {
				continue
			}
			if l, err := m.differenceRow(a, m.control, v); err == nil {
				least = math.Min(least, m.fit.Contrast(l).DF)
			}
		}
	}
	return least
}

// fitStructure fits one covariance structure; "" is unstructured.
func fitStructure(ctx context.Context, f *repeatedFit, data *repeatedData, structure string) (*contrastModel, []Note, error) {
	spec := mmrm.Model{ByArm: f.plan.CovarianceByArm}
	var err error
	if structure != "" {
		if spec.Covariance, err = mmrm.ParseCovariance(structure); err != nil {
			return nil, nil, err
		}
	}
	if f.plan.DF != "" {
		if spec.DF, err = mmrm.ParseDF(f.plan.DF); err != nil {
			return nil, nil, err
		}
	}
	fit := spec.MMRMContext
	if f.plan.Model == CLDA {
		fit = spec.CLDAContext
	}
	t, err := fit(ctx, data.trial(f))
	if err != nil {
		return nil, nil, err
	}
	m := newContrastModel(f, data)
	m.fit, m.columns = t, t.Columns
	// Which estimates are degenerate is said of each.
	return m, slices.DeleteFunc(t.Notes, func(n Note) bool { return n.Code == codeDegenerate }), nil
}

// mixedModel is the mixed (arm × visit) analysis of variance over the
// participants without a missing visit. Baseline is one of the visits, so that
// the effect of treatment is arm × visit, and the difference at a visit is that
// of the mean changes from baseline; without a baseline it is that of the
// means. A difference has the error of its own contrast, pooled over all arms
// (n − arms degrees of freedom), which needs no sphericity; the F tests within
// participants are corrected for its lack.
type mixedModel struct {
	plan    Plan
	control string
	// Arm of every participant, and per visit ID their values and what the
	// arms' difference is made of.
	arm            []string
	values, effect map[string]*regress.Fit
	errs           map[string]error
	data           regress.RepeatedData
}

// corrections are the names of a plan's df for a mixed analysis of variance.
var corrections = map[string]regress.Correction{
	"":                   regress.GreenhouseGeisser,
	"greenhouse-geisser": regress.GreenhouseGeisser,
	"huynh-feldt":        regress.HuynhFeldt,
	"lower-bound":        regress.LowerBound,
	"none":               regress.Uncorrected,
}

func fitMixed(f *repeatedFit, data *repeatedData) (repeatedModel, error) {
	m := &mixedModel{plan: f.plan, control: data.control, values: map[string]*regress.Fit{},
		effect: map[string]*regress.Fit{}, errs: map[string]error{}}
	for _, x := range data.people {
		m.arm = append(m.arm, x.Arm)
	}
	based := f.plan.Baseline != NoBaseline
	n := len(data.people)
	var id, arm, visit, order []string
	var y []float64
	add := func(v string, column []cell) []float64 {
		x := make([]float64, n)
		for i, c := range column {
			x[i] = c.Number
			id, arm, visit, y = append(id, data.people[i].ID), append(arm, m.arm[i]), append(visit, v), append(y, c.Number)
		}
		order = append(order, v)
		m.fitAt(m.values, v, x)
		return x
	}
	if based {
		add(baselineLevel, data.baseline)
		m.values[f.baseline.ID] = m.values[baselineLevel]
	}
	k := float64(len(data.visits))
	mean, change := make([]float64, n), make([]float64, n)
	for j, v := range data.visits {
		x := add(v.ID, data.values[j])
		d := x
		if based {
			d = make([]float64, n)
			for i := range d {
				d[i] = data.change(i, j)
			}
		}
		m.fitAt(m.effect, v.ID, d)
		for i := range x {
			mean[i] += x[i] / k
			change[i] += d[i] / k
		}
	}
	m.fitAt(m.values, OverallVisit, mean)
	m.fitAt(m.effect, OverallVisit, change)
	m.data = regress.RepeatedData{ID: id, Y: y,
		Within:  []regress.Term{regress.Visit("visit", visit, order)},
		Between: []regress.Term{regress.Category("arm", arm, data.control)}}
	return m, nil
}

// baselineLevel names baseline among the visits; no visit's ID holds a NUL.
const baselineLevel = "\x00baseline"

// fitAt fits the arms' means of one value per participant.
func (m *mixedModel) fitAt(dst map[string]*regress.Fit, visit string, y []float64) {
	fit, err := regress.Linear(y, regress.Category("arm", m.arm, m.control))
	if err != nil {
		m.errs[visit] = err
		return
	}
	dst[visit] = fit
}

func (m *mixedModel) at(models map[string]*regress.Fit, visit string) (map[string]regress.LSMean, *regress.Fit, error) {
	fit := models[visit]
	if fit == nil {
		if err := m.errs[visit]; err != nil {
			return nil, nil, err
		}
		return nil, nil, errEmpty
	}
	out := map[string]regress.LSMean{}
	for _, l := range fit.LSMeans("arm") {
		out[l.Levels["arm"]] = l
	}
	return out, fit, nil
}

func (m *mixedModel) lsMean(arm, visit string) (stats.Estimate, error) {
	means, _, err := m.at(m.values, visit)
	return means[arm].Estimate, err
}

func (m *mixedModel) change(arm, visit string) (stats.Estimate, error) {
	if m.plan.Baseline == NoBaseline {
		return stats.Estimate{}, errNoBaseline
	}
	means, _, err := m.at(m.effect, visit)
	return means[arm].Estimate, err
}

// withheld: degrees of freedom of least squares are counted, not approximated.
func (m *mixedModel) withheld(stats.Estimate) bool { return false }

func (m *mixedModel) difference(arm, control, visit string) (stats.Estimate, error) {
	means, fit, err := m.at(m.effect, visit)
	if err != nil {
		return stats.Estimate{}, err
	}
	return fit.Compare(means[arm], means[control]), nil
}

// tests are the F tests of arm, visit and arm:visit, degrees of freedom
// corrected for the lack of sphericity by the factor Epsilon.
func (m *mixedModel) tests() ([]FTest, error) {
	fit, err := regress.RepeatedANOVA(m.data)
	if err != nil {
		return nil, err
	}
	var out []FTest
	for _, t := range fit.Tests {
		c := t.CorrectedWith(regress.CorrectionOptions{Kind: corrections[m.plan.DF]})
		test := FTest{Term: t.Term, F: c.F, DF1: c.DF1, DF2: c.DF2, P: c.P(), Epsilon: math.NaN()}
		if t.Sphericity != nil {
			test.Epsilon = c.DF1 / t.DF1
		}
		out = append(out, test)
	}
	return out, nil
}
