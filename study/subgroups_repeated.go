package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// repeatedSubgroups answers subgroups from a plan's model of all visits, with
// covariate × arm × visit in it. A model is fitted once for each covariate, whatever
// visits are asked about.
type repeatedSubgroups struct {
	data    repeatedData
	fit     *repeatedFit // the plan, without its model
	mu      sync.Mutex
	answers map[string]*subgroupAnswers
}

func newRepeatedSubgroups(data repeatedData, f *repeatedFit) *repeatedSubgroups {
	return &repeatedSubgroups{data: data, answers: map[string]*subgroupAnswers{},
		fit: &repeatedFit{plan: f.plan, outcome: f.outcome, baseline: f.baseline, visits: f.visits, arms: f.arms, strata: f.strata}}
}

// subgroupAnswers are those of one covariate.
type subgroupAnswers struct {
	rows         map[subgroupPlace]subgroupAnswer
	interactions map[string]subgroupInteractions // visit →
}

// subgroupPlace is where a difference is estimated.
type subgroupPlace struct{ visit, level, arm string }

type subgroupAnswer struct {
	stats.Estimate
	withheld bool
	why      error
}

type subgroupInteractions struct {
	estimates []SubgroupInteraction
	test      *stats.FTest
	why       error
	// of a number, and its two places in Subgroups
	curve, at []SubgroupPoint
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

// repeats reports whether x is a + b·y in everybody, to rounding: a model can have one of
// them alone.
func repeats(x, y []float64) bool {
	if len(x) != len(y) || len(x) == 0 {
		return false
	}
	n, mx, my := float64(len(x)), 0.0, 0.0
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	var xx, xy, yy, rest float64
	for i := range x {
		xx, xy, yy = xx+(x[i]-mx)*(x[i]-mx), xy+(x[i]-mx)*(y[i]-my), yy+(y[i]-my)*(y[i]-my)
	}
	if xx == 0 || yy == 0 {
		return false
	}
	for i := range x {
		d := x[i] - mx - xy/yy*(y[i]-my)
		rest += d * d
	}
	return rest <= 1e-18*xx
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

// records are those of the model's participants who have a value at the visit.
func (s *repeatedSubgroups) records(visit string) []Record {
	var out []Record
	for j, v := range s.data.visits {
		if v.ID != visit {
			continue
		}
		for i, c := range s.data.values[j] {
			if c.ok {
				r := recordOf(s.data.people[i])
				r.Follow, r.HasFollow = c.Number, true
				out = append(out, r)
			}
		}
	}
	return out
}

// people are the records of everybody in the model.
func (s *repeatedSubgroups) people() []Record {
	var out []Record
	for _, x := range s.data.people {
		out = append(out, recordOf(x))
	}
	return out
}

// among is the model's data of some participants.
func (data repeatedData) among(keep func(Record) bool) *repeatedData {
	out := repeatedData{visits: data.visits, arms: data.arms, control: data.control, values: make([][]cell, len(data.values))}
	for i, x := range data.people {
		if !keep(recordOf(x)) {
			continue
		}
		out.people, out.baseline = append(out.people, x), append(out.baseline, data.baseline[i])
		for j := range data.values {
			out.values[j] = append(out.values[j], data.values[j][i])
		}
	}
	return &out
}

// empty finds an arm of which nobody in the level has a value at some visit.
func (s *repeatedSubgroups) empty(g subgroup, level string) (arm, visit string, found bool) {
	for j, v := range s.data.visits {
		some := map[string]bool{}
		for i, x := range s.data.people {
			if r := recordOf(x); s.data.values[j][i].ok && g.has(r) && g.level(r) == level {
				some[x.Arm] = true
			}
		}
		for _, a := range s.data.arms {
			if !some[a.ID] {
				return a.ID, v.ID, true
			}
		}
	}
	return "", "", false
}

// of answers a covariate, whose levels are known. Only a context's error is an error:
// what the data cannot give is said where it is missing.
func (s *repeatedSubgroups) of(ctx context.Context, g subgroup) (*subgroupAnswers, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := fmt.Sprint(g.id, "\x00", g.cuts)
	if a := s.answers[key]; a != nil {
		return a, nil
	}
	a := &subgroupAnswers{rows: map[subgroupPlace]subgroupAnswer{}, interactions: map[string]subgroupInteractions{}}
	var whole []string // levels with every arm at every visit
	for _, l := range g.levels {
		arm, visit, empty := s.empty(g, l)
		if !empty {
			whole = append(whole, l)
			continue
		}
		why := fmt.Errorf("study: nobody in arm %q has a value at visit %q: %w", arm, visit, stats.ErrTooFew)
		s.each(func(p subgroupPlace) {
			p.level = l
			a.rows[p] = subgroupAnswer{why: why}
		})
	}
	levels := g
	levels.levels = whole
	data := s.data.among(func(r Record) bool { return g.has(r) && slices.Contains(whole, g.level(r)) })
	m, err := s.fitBy(ctx, data, &bySubgroup{g: levels})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for _, l := range whole {
		s.each(func(p subgroupPlace) {
			p.level = l
			a.rows[p] = m.differenceIn(p, err)
		})
	}
	all := s.data.among(g.has)
	switch line := (&bySubgroup{g: g, line: true}); {
	case g.numeric && s.fit.plan.Model == CLDA && line.repeatsBaseline(all):
		err = ErrBaselineResponse
	case g.numeric:
		m, err = s.fitBy(ctx, all, line)
	case len(g.levels) < 2:
		err = errOneLevel
	case len(whole) < len(g.levels):
		err = fmt.Errorf("study: a level without values of some arm: the interaction cannot be tested: %w", stats.ErrTooFew)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for _, v := range s.data.visits {
		if err != nil {
			a.interactions[v.ID] = subgroupInteractions{why: err}
			continue
		}
		x := m.interactions(g, v.ID, s.active(), s.data.control)
		if g.numeric && x.why == nil {
			of := Subgroups{Interactions: x.estimates}
			of.along(g, slices.DeleteFunc(s.people(), func(r Record) bool { return !g.has(r) }), func(arm string, at float64) (stats.Estimate, bool) {
				return m.differenceAt(arm, s.data.control, v.ID, at)
			})
			x.curve, x.at = of.Curve, of.At
		}
		a.interactions[v.ID] = x
	}
	s.answers[key] = a
	return a, nil
}

// errOneLevel is why a single level has no interaction.
var errOneLevel = errors.New("study: one level only: no interaction")

func (s *repeatedSubgroups) active() []string {
	var out []string
	for _, a := range s.data.arms {
		if a.ID != s.data.control {
			out = append(out, a.ID)
		}
	}
	return out
}

// each calls f for every visit and active arm.
func (s *repeatedSubgroups) each(f func(subgroupPlace)) {
	for _, v := range s.data.visits {
		for _, a := range s.active() {
			f(subgroupPlace{visit: v.ID, arm: a})
		}
	}
}

// subgroupModel is a model of all visits whose differences vary by a covariate.
type subgroupModel struct{ *contrastModel }

func (s *repeatedSubgroups) fitBy(ctx context.Context, data *repeatedData, by *bySubgroup) (subgroupModel, error) {
	if !by.line && len(by.g.levels) == 0 {
		return subgroupModel{}, fmt.Errorf("study: no level has values of every arm at every visit: %w", stats.ErrTooFew)
	}
	for _, x := range data.people {
		by.records = append(by.records, recordOf(x))
	}
	data.by = by
	m, _, err := fitContrasts(ctx, s.fit, data)
	return subgroupModel{m}, err
}

// differenceIn is the difference at one place.
func (m subgroupModel) differenceIn(p subgroupPlace, err error) subgroupAnswer {
	var row []float64
	if err == nil {
		row, err = m.fit.DifferenceInRow(p.arm, modelVisit(p.visit), interactionOf, p.level)
	}
	if err != nil {
		return subgroupAnswer{why: err}
	}
	e := m.fit.Contrast(row)
	if m.fit.Degenerate(e) {
		return subgroupAnswer{Estimate: m.fit.Unadjusted(row), withheld: true, why: errFewDF(e.DF)}
	}
	return subgroupAnswer{Estimate: e}
}

// errFewDF is why an estimate has neither interval nor p.
func errFewDF(df float64) error {
	return fmt.Errorf("study: %.2g degrees of freedom are too few for an interval: %w", df, stats.ErrTooFew)
}

// interactions are the estimates at a visit and their joint test.
func (m subgroupModel) interactions(g subgroup, visit string, arms []string, control string) subgroupInteractions {
	levels, reference := []string{""}, ""
	if !g.numeric {
		levels, reference = g.levels[1:], g.levels[0]
	}
	var out []SubgroupInteraction
	var rows [][]float64
	for _, a := range arms {
		for _, l := range levels {
			row, err := m.fit.InteractionRow(a, modelVisit(visit), interactionOf, l)
			if err != nil {
				return subgroupInteractions{why: err}
			}
			e := m.fit.Contrast(row)
			if m.fit.Degenerate(e) {
				return subgroupInteractions{why: errFewDF(e.DF)}
			}
			rows = append(rows, row)
			out = append(out, SubgroupInteraction{Arm: a, Control: control, Level: l, Reference: reference, Estimate: e})
		}
	}
	test, err := m.fit.Joint(rows)
	if err != nil {
		return subgroupInteractions{why: err}
	}
	return subgroupInteractions{estimates: out, test: &test}
}

// answered takes rows and interaction from the plan's model of all visits.
func (s *Subgroups) answered(ctx context.Context, c *comparison, g subgroup, everyone []Record) error {
	answers, err := c.by.of(ctx, g)
	if err != nil {
		return err
	}
	for _, l := range g.levels {
		var of []Record
		for _, rec := range everyone {
			if g.has(rec) && g.level(rec) == l {
				of = append(of, rec)
			}
		}
		from, to := math.NaN(), math.NaN()
		if g.numeric {
			from, to = g.span(l)
		}
		for _, row := range c.described(of) {
			x := answers.rows[subgroupPlace{c.visit.ID, l, row.Arm}]
			row.Level, row.From, row.To, row.Method = l, from, to, c.plan.Method()
			row.Withheld, row.Why = x.withheld, x.why
			if x.why == nil || x.withheld {
				row.Effect = x.Estimate
			}
			s.Rows = append(s.Rows, row)
		}
	}
	x := answers.interactions[c.visit.ID]
	s.Interaction, s.Interactions, s.Why, s.Curve, s.At = x.test, x.estimates, x.why, x.curve, x.at
	return nil
}

// differenceAt is an arm's difference from control at a visit among those with a value of the
// number that the differences depend on. The contrast of means stands at the number's mean,
// which is what it has at the interaction's coefficient.
func (m subgroupModel) differenceAt(arm, control, visit string, x float64) (stats.Estimate, bool) {
	row, err := m.differenceRow(arm, control, visit)
	if err != nil {
		return stats.Estimate{}, false
	}
	slope, err := m.fit.InteractionRow(arm, modelVisit(visit), interactionOf, "")
	if err != nil {
		return stats.Estimate{}, false
	}
	mean := 0.0
	for i, k := range slope {
		mean += k * row[i]
	}
	for i, k := range slope {
		row[i] += (x - mean) * k
	}
	e := m.fit.Contrast(row)
	return e, e.Estimable() && !m.fit.Degenerate(e)
}

// SubgroupPoint is an active arm's difference from control at a value of a number.
type SubgroupPoint struct {
	Arm string
	At  float64
	stats.Estimate
}

// along fills Curve and At for the arms of the interactions; an arm of which some difference
// cannot be given has none.
func (s *Subgroups) along(g subgroup, used []Record, difference func(arm string, x float64) (stats.Estimate, bool)) {
	var values []float64
	for _, r := range used {
		values = append(values, r.Numbers[g.id])
	}
	if len(values) == 0 {
		return
	}
	lowest, highest := slices.Min(values), slices.Max(values)
	var grid, at []float64
	for i := range trendPoints {
		grid = append(grid, lowest+(highest-lowest)*float64(i)/(trendPoints-1))
	}
	for _, p := range []float64{0.1, 0.5, 0.9} {
		x, err := stats.Quantile(values, p, 7)
		if err != nil { // of finite values, of which there are some
			panic(err)
		}
		at = append(at, x)
	}
	for _, i := range s.Interactions {
		points := func(xs []float64) (out []SubgroupPoint, ok bool) {
			for _, x := range xs {
				e, ok := difference(i.Arm, x)
				if !ok {
					return nil, false
				}
				out = append(out, SubgroupPoint{i.Arm, x, e})
			}
			return out, true
		}
		curve, ok := points(grid)
		three, also := points(at)
		if ok && also {
			s.Curve, s.At = append(s.Curve, curve...), append(s.At, three...)
		}
	}
}
