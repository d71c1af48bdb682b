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
	if f.plan.Baseline != NoBaseline {
		t.NoBaseline, t.Baseline = make([]bool, len(data.people)), make([]float64, len(data.people))
		for i, c := range data.baseline {
			t.Baseline[i], t.NoBaseline[i] = c.Number, !c.ok
		}
	}
	t.Covariates = f.strata.covariates(data.people, f.plan.Model != LMM)
	for _, id := range f.plan.Covariates {
		if f.strata.has(id) {
			continue
		}
		c := mmrm.Covariate{Name: id}
		if len(data.people) > 0 {
			if _, ok := data.people[0].Numbers[id]; ok {
				for _, x := range data.people {
					c.Number = append(c.Number, x.Numbers[id])
				}
			} else {
				for _, x := range data.people {
					c.Category = append(c.Category, x.Categories[id])
				}
			}
		}
		t.Covariates = append(t.Covariates, c)
	}
	return t
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
		Joint(l [][]float64) (stats.FTest, error)
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

func fitLMM(ctx context.Context, f *repeatedFit, data *repeatedData) (repeatedModel, []Note, error) {
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
func fitMMRM(ctx context.Context, f *repeatedFit, data *repeatedData) (repeatedModel, []Note, error) {
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
