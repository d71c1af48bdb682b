package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/text"
)

// OverallVisit is the visit of rows that are averages, with equal weights, over
// all visits after baseline.
const OverallVisit = "overall"

// Reasons why a participant is not in a model of all visits.
const (
	reasonNoFollowUp = "dropped-no-follow-up"
	reasonNoValues   = "dropped-no-values"
	reasonIncomplete = "dropped-incomplete"
)

// errNoBaseline: the model knows no change from baseline.
var errNoBaseline = errors.New("study: the model does not use baseline")

// repeated reports whether the model answers all visits in one fit.
func (m Model) repeated() bool {
	return m == MMRM || m == CLDA || m == MixedANOVA || m == LMM
}

// repeatedModel is a fitted model of all visits. Arms and visits are IDs;
// OverallVisit is an average over the visits after baseline.
type repeatedModel interface {
	lsMean(arm, visit string) (stats.Estimate, error)
	// change is the mean change from baseline; errNoBaseline where the model does not
	// use it.
	change(arm, visit string) (stats.Estimate, error)
	difference(arm, control, visit string) (stats.Estimate, error)
	// withheld reports whether an estimate's degrees of freedom are too few for an
	// interval or a p-value; its standard error is then the unadjusted one.
	withheld(e stats.Estimate) bool
	tests() ([]FTest, error)
}

// repeatedFit is one outcome's model of all visits: who is in it, what it
// found, or why it found nothing.
type repeatedFit struct {
	plan     Plan
	outcome  Outcome
	baseline Visit
	visits   []Visit // after baseline, with or without values
	arms     []Arm   // active arms in the protocol's order, control last
	reasons  map[string]string
	observed map[string]map[string]int // visit → arm → participants in the model with a value
	n        map[string]int
	model    repeatedModel
	err      error // why there is no model
	notes    []Note
	strata   strata
	gaps     bool // somebody analyzed has no value at some visit
	by       *repeatedSubgroups
	asking   sync.Mutex // one question to the model at a time
}

// repeatedData is what a model is fitted to: participants in the model, in the
// order of their IDs.
type repeatedData struct {
	people   []*subject
	baseline []cell   // participant → baseline
	values   [][]cell // visit → participant → value
	// base and slots are where these stand among the participants' cells; scale is the
	// plan's.
	base    int
	slots   []int
	scale   Scale
	visits  []Visit // those with values
	arms    []Arm   // those with participants
	control string
	by      *bySubgroup // what the differences depend on; nil: nothing
}

// repeatedKey tells the fits of plans apart: those with one key share a fit.
func repeatedKey(p Plan) string {
	return strings.Join(append([]string{p.Outcome, string(p.Model), p.Covariance, strings.Join(p.CovarianceOrder, ","), fmt.Sprint(p.CovarianceByArm),
		p.DF, p.Baseline, p.Set, string(p.Scale), p.Estimand}, p.Covariates...), "\x00")
}

// repeated fits the plan's model of all visits. What the data cannot give is
// an error in the fit; a returned error stops the analysis.
func (d *Dataset) repeated(ctx context.Context, p Plan) (*repeatedFit, error) {
	f := &repeatedFit{plan: p, baseline: d.BaselineVisit(p.Outcome), visits: d.PostVisits(p.Outcome),
		arms: d.armsControlLast(), reasons: map[string]string{}, observed: map[string]map[string]int{}, n: map[string]int{},
		strata: d.strata}
	f.outcome, _ = d.outcome(p.Outcome)
	data := d.repeatedData(f)
	f.by = newRepeatedSubgroups(*data, f)
	if f.n[data.control] == 0 || len(data.arms) < 2 || len(data.visits) == 0 {
		f.err = errEmpty
		return f, nil
	}
	var err error
	if p.Model == MixedANOVA {
		f.model, err = fitMixed(f, data)
	} else {
		var m *contrastModel
		if m, f.notes, err = fitContrasts(ctx, f, data); m != nil {
			f.model = m
		}
	}
	if err != nil {
		if e := ctx.Err(); e != nil {
			return nil, e
		}
		f.model, f.err = nil, err
	}
	return f, nil
}

// repeatedData decides who is in the model, counts and says why others are not.
func (d *Dataset) repeatedData(f *repeatedFit) *repeatedData {
	p := f.plan
	base, _ := d.slot(p.Outcome, f.baseline.ID)
	data := &repeatedData{control: d.Control().ID, base: base, scale: p.Scale}
	f.observed[f.baseline.ID] = map[string]int{}
	slots := make([]int, len(f.visits))
	for i, v := range f.visits {
		slots[i], _ = d.slot(p.Outcome, v.ID)
		f.observed[v.ID] = map[string]int{}
	}
	// A visit at which nobody was measured is in no model.
	used := make([]bool, len(slots))
	for i := range d.participants {
		for j, s := range slots {
			used[j] = used[j] || d.participants[i].cells[s].ok
		}
	}
	var covariates []Covariate
	for _, id := range p.Covariates {
		c, _ := d.covariate(id)
		covariates = append(covariates, c)
	}
	reason := func(x *subject) string {
		have, all := 0, true
		for j, s := range slots {
			if x.cells[s].ok {
				have++
			} else if used[j] {
				all = false
			}
		}
		baseline := x.cells[base].ok || p.Baseline == NoBaseline
		switch {
		case p.Set == SetAsTreated && !x.treated(d.protocol.Arms):
			return reasonNotTreated
		case p.Set != "" && p.Set != SetAsTreated && !x.Sets[p.Set]:
			return reasonNotInSet
		case p.Model == CLDA && have == 0 && !baseline:
			return reasonNoValues
		case p.Model == CLDA:
		case !baseline && have == 0:
			return reasonNoValues
		case !baseline:
			return reasonMissingBaseline
		case have == 0 && d.answers.anySetAside(x.ID, d):
			return reasonSetAside
		case have == 0:
			return reasonNoFollowUp
		case p.Model == MixedANOVA && !all:
			return reasonIncomplete
		}
		for _, c := range covariates {
			_, number := x.Numbers[c.ID]
			_, category := x.Categories[c.ID]
			if !number && !category {
				return reasonMissingCovariate
			}
		}
		return ""
	}
	for i := range d.participants {
		x := d.participants[i]
		if p.Set == SetAsTreated && x.treated(d.protocol.Arms) {
			moved := *x
			moved.Arm, x = x.Received, &moved
		}
		if f.reasons[x.ID] = reason(x); f.reasons[x.ID] != "" {
			continue
		}
		data.people = append(data.people, x)
		data.baseline = append(data.baseline, p.scaled(x.cells[base]))
		if x.cells[base].ok {
			f.observed[f.baseline.ID][x.Arm]++
		}
		f.n[x.Arm]++
	}
	for j, v := range f.visits {
		if !used[j] {
			continue
		}
		column := make([]cell, len(data.people))
		for i, x := range data.people {
			if column[i] = p.scaled(x.cells[slots[j]]); column[i].ok {
				f.observed[v.ID][x.Arm]++
			} else {
				f.gaps = true
			}
		}
		data.visits, data.slots = append(data.visits, v), append(data.slots, slots[j])
		data.values = append(data.values, column)
	}
	f.observed[OverallVisit] = f.n
	for _, a := range d.protocol.Arms {
		if f.n[a.ID] > 0 {
			data.arms = append(data.arms, a)
		}
	}
	return data
}

// scaled is a cell as the plan compares it: with its logarithm where the plan says so.
func (p Plan) scaled(c cell) cell {
	if p.Scale == ScaleLog && c.ok {
		c.Number = math.Log(c.Number)
	}
	return c
}

// change is that of a participant from baseline to a visit: exact in the decimals of the
// file, but for logarithms.
func (data *repeatedData) change(i, visit int) float64 {
	if data.scale == ScaleLog {
		return data.values[visit][i].Number - data.baseline[i].Number
	}
	x := data.people[i]
	return x.value(data.slots[visit]).Minus(x.value(data.base))
}

// rows are the model's differences at a visit, one per active arm.
func (f *repeatedFit) rows(c *comparison) ([]Row, error) {
	f.asking.Lock()
	defer f.asking.Unlock()
	var out []Row
	for _, a := range c.active() {
		row := c.rowWith(f.plan.Method(), Between, a.ID, func(r *Record) string { return f.reasons[r.ID] })
		for arm := range row.Observed {
			row.Observed[arm] = f.observed[c.visit.ID][arm]
		}
		err := f.err
		if err == nil && f.n[a.ID] == 0 {
			err = errEmpty
		}
		var e stats.Estimate
		if err == nil {
			e, err = f.model.difference(a.ID, c.control().ID, c.visit.ID)
		}
		if err == nil {
			if f.model.withheld(e) {
				c.withhold(&row, e)
			} else {
				c.fill(&row, e)
			}
			row.Notes = append(row.Notes, f.doubts(row)...)
			if f.plan.Model != MixedANOVA && f.strata.any() {
				row.Notes = append(row.Notes, f.strata.notes(c.records)...)
			}
		} else {
			row.Notes = append(row.Notes, f.notes...)
			if err := row.refuse(err); err != nil {
				return nil, err
			}
		}
		row.ignoreStrata(f.strata)
		out = append(out, row)
	}
	return out, nil
}

// doubts are what the model assumes and where its data are thin.
func (f *repeatedFit) doubts(row Row) []Note {
	notes := slices.Clone(f.notes)
	if math.IsInf(row.DF, 1) {
		notes = append(notes, Note{Code: "normal-quantiles"})
	}
	switch {
	case f.plan.Model == MixedANOVA && len(row.Dropped) > 0:
		notes = append(notes, Note{Code: "complete-participants"})
	case f.plan.Model != MixedANOVA && (f.gaps || len(row.Dropped) > 0):
		notes = append(notes, Note{Code: "missing-at-random"})
	}
	return notes
}

// lsMeans are the model's means per arm at the visits given.
func (f *repeatedFit) lsMeans(level float64, visits ...string) []LSMean {
	if f.model == nil || f.plan.Scale == ScaleLog { // whose means are of logarithms
		return nil
	}
	f.asking.Lock()
	defer f.asking.Unlock()
	var out []LSMean
	for _, v := range visits {
		for _, a := range f.arms {
			if f.n[a.ID] == 0 {
				continue
			}
			e, err := f.model.lsMean(a.ID, v)
			if err != nil {
				continue
			}
			m := LSMean{Arm: a.ID, Visit: v, Method: f.plan.Method(), Level: level, N: f.observed[v][a.ID],
				Withheld: f.model.withheld(e), Estimate: e}
			if c, err := f.model.change(a.ID, v); err == nil && v != f.baseline.ID {
				m.Change = &LSMeanChange{f.model.withheld(c), c}
			}
			out = append(out, m)
		}
	}
	return out
}

// allVisits lists the IDs that a model of all visits has means for.
func (f *repeatedFit) allVisits() []string {
	var out []string
	if f.plan.Model == CLDA || (f.plan.Model == MixedANOVA && f.plan.Baseline != NoBaseline) {
		out = append(out, f.baseline.ID)
	}
	for _, v := range f.visits {
		out = append(out, v.ID)
	}
	return append(out, OverallVisit)
}

// tests are the model's F tests, with the outcome and method named.
func (f *repeatedFit) tests() ([]FTest, []Note) {
	if f.model == nil {
		return nil, nil
	}
	f.asking.Lock()
	defer f.asking.Unlock()
	tests, err := f.model.tests()
	for i := range tests {
		tests[i].Outcome, tests[i].Method = f.plan.Outcome, f.plan.Method()
	}
	if err != nil {
		return tests, []Note{{Code: "no-f-test", Args: text.Args{"detail": err.Error()}}}
	}
	return tests, nil
}

// repeatedCache holds the fits of one analysis, so that its visits share them,
// also when they are analyzed at the same time.
type repeatedCache struct {
	mu   sync.Mutex
	fits map[string]func() (*repeatedFit, error)
}

func newRepeatedCache() *repeatedCache {
	return &repeatedCache{fits: map[string]func() (*repeatedFit, error){}}
}

func (cache *repeatedCache) fit(ctx context.Context, d *Dataset, p Plan) (*repeatedFit, error) {
	key := repeatedKey(p)
	cache.mu.Lock()
	f := cache.fits[key]
	if f == nil {
		f = sync.OnceValues(func() (*repeatedFit, error) { return d.repeated(ctx, p) })
		cache.fits[key] = f
	}
	cache.mu.Unlock()
	return f()
}

// analyzeRepeated answers a plan for all visits, or for their average alone,
// from the model. Companions stand with the visits' own results.
func (d *Dataset) analyzeRepeated(ctx context.Context, p Plan, cache *repeatedCache, decides, averageOnly bool) (Result, error) {
	d = d.under(p)
	f, err := cache.fit(ctx, d, p)
	if err != nil {
		return Result{}, err
	}
	res := Result{
		Study: StudyInfo{d.protocol.Title, d.protocol.Registration, d.protocol.Simulated},
		Plan:  p, Outcome: f.outcome, Baseline: f.baseline, Arms: f.arms, Level: p.Level, Decimals: d.Decimals(f.outcome.ID),
		LSMeans: f.lsMeans(p.Level, f.allVisits()...), Diagnostics: Diagnostics{Cook: math.NaN()},
	}
	res.Tests, res.Notes = f.tests()
	if p.Set != "" { // whose means and tests would be taken for everybody's
		res.LSMeans, res.Tests, decides = nil, nil, false
	}
	visits := []Visit{{ID: OverallVisit}}
	if !averageOnly {
		visits = append(slices.Clone(f.visits), visits...)
	}
	for i, v := range visits {
		at := p
		if at.Visit = v.ID; v.ID == OverallVisit {
			at.Visit = f.visits[0].ID
		}
		c := d.comparison(at)
		c.plan, c.visit = p, v
		c.inFamily, _ = d.protocol.member(p)
		if p.Visit != v.ID {
			c.inFamily = nil
		}
		rows, err := f.rows(c)
		if err != nil {
			return Result{}, err
		}
		if err := c.together(ctx, d.protocol, rows, nil, f); err != nil {
			return Result{}, err
		}
		for k := range rows {
			rows[k].Decides = decides
		}
		if v.ID != OverallVisit {
			res.Asked = append(res.Asked, c.asked(d, rows)...)
		}
		part := Result{Study: res.Study, Rows: rows}
		c.judgeRows(&part)
		c.addDoubts(&part, []Plan{p})
		res.Importance = append(res.Importance, c.importanceOf(part.Rows)...)
		res.Rows = append(res.Rows, part.Rows...)
		if v.ID != OverallVisit {
			raw := d.raw(at)
			s := raw.summaries(f.baseline)
			if p.Scale == ScaleLog {
				s = raw.geometric(s)
			}
			if i > 0 { // baseline is said once
				s = slices.DeleteFunc(s, func(s Summary) bool { return s.Visit == f.baseline.ID })
			}
			res.Summaries = append(res.Summaries, s...)
		}
	}
	return res, nil
}

// notConverged explains a likelihood without a maximum.
func notConverged(err error) (Note, bool) {
	var e *mmrm.ConvergenceError
	if !errors.As(err, &e) {
		return Note{}, false
	}
	parameter, advice := e.Parameter, e.Advice
	if parameter == "" {
		parameter = "–"
	}
	if advice == "" {
		advice = "–"
	}
	return Note{Code: "not-converged", Args: text.Args{"reason": e.Reason, "parameter": parameter, "advice": advice}}, true
}

// bySubgroup is what the differences of a model of all visits depend on: the levels of
// a covariate or, where line is set, a number as it is.
type bySubgroup struct {
	g       subgroup
	line    bool
	records []Record // of the model's participants
}

// recordOf is what subgroups and strata need to know of a participant.
func recordOf(x *subject) Record {
	return Record{ID: x.ID, Arm: x.Arm, Block: x.Block, Numbers: x.Numbers, Categories: x.Categories}
}

// says reports whether a covariate of the plan is what the differences depend on, by its
// name or its values. A number stays beside its levels, which do not say all that it says.
func (b *bySubgroup) says(covariate string, people []*subject) bool {
	if covariate == b.g.id {
		return b.line || !b.g.numeric
	}
	return b.line && repeats(covariateOf(covariate, people).Number, b.own(people).Number)
}

// repeatsBaseline reports whether the differences depend on the baseline itself, under a
// covariate's name: the model then has it once. b may be nil.
func (b *bySubgroup) repeatsBaseline(data *repeatedData) bool {
	if b == nil || !b.line {
		return false
	}
	var base []float64
	for _, c := range data.baseline {
		if !c.ok {
			return false
		}
		base = append(base, c.Number)
	}
	return repeats(base, b.own(data.people).Number)
}

// ErrBaselineResponse: clda has the baseline among its responses, and no difference of its
// arms can run along it.
var ErrBaselineResponse = errors.New("study: the model has the baseline among its responses, and its differences cannot run along it")

// strata are the strata's covariates beside the subgroup's.
func (b *bySubgroup) strata(f *repeatedFit) []mmrm.Covariate {
	var out []mmrm.Covariate
	for _, s := range b.g.besides(b.records, f.strata.factors(b.records, false), b.line) {
		out = append(out, mmrm.Covariate{Name: s.name, Category: s.labels, Reference: s.reference, Number: s.x, ByVisit: f.plan.Model != LMM})
	}
	return out
}

// own is the covariate by which the differences vary.
func (b *bySubgroup) own(people []*subject) mmrm.Covariate {
	c := mmrm.Covariate{Name: interactionOf, ByVisit: true, ByArm: true}
	if b.line {
		for _, x := range people {
			c.Number = append(c.Number, x.Numbers[b.g.id])
		}
		return c
	}
	c.Reference = b.g.levels[0]
	for _, r := range b.records {
		c.Category = append(c.Category, b.g.level(r))
	}
	return c
}
