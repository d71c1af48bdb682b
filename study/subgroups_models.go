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
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/text"
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
	var m subgroupModel
	var err error
	if len(g.levels) > 0 {
		m, err = s.fitBy(ctx, data, &bySubgroup{g: levels})
	}
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
		x := m.interactions(g, v.ID, s.active(), s.data.control, s.effect)
		if g.numeric && x.why == nil {
			of := Subgroups{Interactions: x.estimates}
			of.along(g, slices.DeleteFunc(s.people(), func(r Record) bool { return !g.has(r) }), func(arm string, at float64) (stats.Effect, bool) {
				e, ok := m.differenceAt(arm, s.data.control, v.ID, at)
				return s.effect(e), ok
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

// effect is an estimate on the plan's scale.
func (s *repeatedSubgroups) effect(e stats.Estimate) stats.Effect {
	return (&comparison{plan: s.fit.plan}).effect(e)
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
func (m subgroupModel) interactions(g subgroup, visit string, arms []string, control string, effect func(stats.Estimate) stats.Effect) subgroupInteractions {
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
			out = append(out, SubgroupInteraction{Arm: a, Control: control, Level: l, Reference: reference, Effect: effect(e)})
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
				row.Effect = c.effect(x.Estimate)
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

// interaction tests and estimates how the differences depend on the covariate.
func (s *Subgroups) interaction(c *comparison, g subgroup, used []Record) {
	if len(g.levels) < 2 && !g.numeric {
		s.Why = errOneLevel
		return
	}
	var difference func(arm string, x float64) (stats.Estimate, bool)
	if c.plan.VarianceByArm {
		difference, s.Why = s.varianceInteraction(c, g, used)
	} else {
		difference, s.Why = s.linearInteraction(c, g, used)
	}
	if s.Why != nil {
		s.Interaction, s.Interactions = nil, nil
	} else if g.numeric {
		s.along(g, used, func(arm string, x float64) (stats.Effect, bool) {
			e, ok := difference(arm, x)
			return c.effect(e), ok
		})
	}
}

// inStrata fits a model with the strata, or as the protocol says where they are small.
func (c *comparison) inStrata(used []Record, fit func(strata []factor) (df float64, err error)) error {
	df, err := fit(c.strata.factors(used, false))
	if !c.strata.any() || err != nil || df >= minStrataDF {
		return err
	}
	switch c.strata.rand.Small {
	case IgnoreStrata:
		_, err = fit(nil)
		return err
	case MergeStrata:
		df, err = fit(c.strata.factors(used, true))
	}
	if err == nil && df < minStrataDF {
		err = fmt.Errorf("study: strata leave the interaction %v degrees of freedom: %w", df, stats.ErrTooFew)
	}
	return err
}

// linearInteraction is that of a model with one residual variance, or HC3; it returns the
// differences along a number.
func (s *Subgroups) linearInteraction(c *comparison, g subgroup, used []Record) (func(arm string, x float64) (stats.Estimate, bool), error) {
	var m *regress.Fit
	err := c.inStrata(used, func(strata []factor) (df float64, err error) {
		if m, err = c.interactionModel(g, used, strata); err == nil {
			df = m.DF()
		}
		return df, err
	})
	if err != nil {
		return nil, err
	}
	test := m.Test(interactionName).FTest
	robust := c.plan.SE == StandardErrorHC3
	if robust {
		if m, err = m.Robust(); err != nil {
			return nil, err
		}
	}
	levels, reference := []string{""}, ""
	if !g.numeric {
		levels, reference = g.levels[1:], g.levels[0]
	}
	var rows [][]float64
	names := m.Names()
	for _, a := range c.active() {
		for _, l := range levels {
			i := slices.Index(names, interactionArm+a.ID+":"+interactionOf+l)
			if i < 0 {
				continue // nobody in the arm
			}
			row := make([]float64, len(names))
			row[i] = 1
			e := m.Contrast(row)
			if e.Estimable() {
				s.Interactions = append(s.Interactions, SubgroupInteraction{Arm: a.ID, Control: c.control().ID, Level: l, Reference: reference, Effect: c.effect(e)})
			}
			rows = append(rows, row)
		}
	}
	if robust && len(rows) == len(s.Interactions) && len(rows) > 0 {
		test = m.Joint(rows)
	}
	if len(s.Interactions) == 0 || len(s.Interactions) < len(rows) || math.IsNaN(test.P()) {
		return nil, errors.New("study: the interaction cannot be tested")
	}
	s.Interaction = &test
	return func(arm string, x float64) (stats.Estimate, bool) {
		i, j := slices.Index(names, interactionArm+arm), slices.Index(names, interactionArm+arm+":"+interactionOf)
		if i < 0 || j < 0 {
			return stats.Estimate{}, false
		}
		row := make([]float64, len(names))
		row[i], row[j] = 1, x
		e := m.Contrast(row)
		return e, e.Estimable()
	}, nil
}

// varianceInteraction is that of a model with a residual variance of each arm.
func (s *Subgroups) varianceInteraction(c *comparison, g subgroup, used []Record) (func(arm string, x float64) (stats.Estimate, bool), error) {
	of := mmrm.Covariate{Name: interactionOf, ByArm: true}
	x := make([]float64, len(used))
	for i, r := range used {
		x[i] = r.Numbers[g.id]
		if !g.numeric {
			of.Category = append(of.Category, g.level(r))
		}
	}
	if of.Number, of.Reference = x, ""; !g.numeric {
		of.Number, of.Reference = nil, g.levels[0]
	}
	own := c.otherwise(g, used, x)
	var m subgroupModel
	err := c.inStrata(used, func(strata []factor) (float64, error) {
		with := []mmrm.Covariate{of}
		for _, b := range g.besides(used, strata, g.numeric) {
			with = append(with, mmrm.Covariate{Name: b.name, Category: b.labels, Reference: b.reference, Number: b.x})
		}
		t, err := own.varianceTrial(used, own.adjusted(), strata, with)
		if err != nil {
			return 0, err
		}
		if t.Baseline != nil && g.numeric && repeats(t.Baseline, x) {
			t.Baseline = nil
		}
		fit, err := varianceModel().MMRM(t)
		if err != nil {
			return 0, err
		}
		m = subgroupModel{&contrastModel{fit: fit, visits: []string{interactionOf}, columns: fit.Columns}}
		return float64(len(used) - len(fit.Columns)), nil
	})
	if err != nil {
		return nil, err
	}
	var arms []string
	for _, a := range c.active() {
		if slices.ContainsFunc(used, func(r Record) bool { return r.Arm == a.ID }) {
			arms = append(arms, a.ID)
		}
	}
	i := m.interactions(g, interactionOf, arms, c.control().ID, c.effect)
	s.Interaction, s.Interactions = i.test, i.estimates
	return func(arm string, x float64) (stats.Estimate, bool) {
		return m.differenceAt(arm, c.control().ID, interactionOf, x)
	}, i.why
}

// Names of the interaction's variables, which no covariate has: an ID holds no
// NUL.
const (
	interactionArm  = "arm\x00"
	interactionOf   = "covariate\x00"
	interactionName = interactionArm + ":" + interactionOf
)

// interactionModel is value ~ baseline + strata + covariates + covariate + arm +
// arm:covariate. What the covariate says already, or says what it says, such as a
// stratum that is the covariate or the baseline under another name, is in it once.
func (c *comparison) interactionModel(g subgroup, used []Record, strata []factor) (*regress.Fit, error) {
	var of regress.Term
	x := make([]float64, len(used)) // a category has no numbers, and repeats none
	for i, r := range used {
		x[i] = r.Numbers[g.id]
	}
	if g.numeric {
		of = regress.Numeric(interactionOf, x)
	} else {
		labels := make([]string, len(used))
		for i, r := range used {
			labels[i] = g.level(r)
		}
		of = regress.Category(interactionOf, labels, g.levels[0])
	}
	others := c.otherwise(g, used, x)
	var blocks []regress.Term
	for _, b := range g.besides(used, strata, g.numeric) {
		if b.x != nil {
			blocks = append(blocks, regress.Numeric(b.name, b.x))
		} else {
			blocks = append(blocks, regress.Category(b.name, b.labels, b.reference))
		}
	}
	data := others.armsData(used, others.adjusted(), blocks)
	arm := regress.Category(interactionArm, data.Arm, data.Control)
	terms := []regress.Term{of}
	if data.Baseline != nil && !repeats(data.Baseline, x) {
		terms = append(terms, regress.Numeric("baseline\x00", data.Baseline))
	}
	terms = append(append(terms, data.Covariates...), arm, regress.Interaction(arm, of))
	return regress.Linear(data.Y, terms...)
}

// vary takes the interaction from a model fitted by maximum likelihood, whose coefficients
// are logarithms of ratios.
func (s *Subgroups) vary(ctx context.Context, c *comparison, g subgroup, used []Record, strata bool, fit func(terms ...regress.Term) (along.Fit, error)) error {
	d, x, reference, cells := c.moderated(g, used), make([]float64, len(used)), "", factor{name: stratumTerm, labels: make([]string, len(used))}
	for i, r := range used {
		x[i], cells.labels[i] = r.Numbers[g.id], r.Stratum
	}
	if !g.numeric {
		reference = g.levels[0]
	}
	cells.levels = slices.Compact(slices.Sorted(slices.Values(cells.labels)))
	if strata = strata && c.strata.any(); strata && len(cells.levels) > 1 {
		for _, b := range g.besides(used, []factor{cells}, g.numeric) {
			if b.x != nil {
				d.Others = append(d.Others, regress.Numeric(b.name, b.x))
			} else {
				d.Others = append(d.Others, regress.Category(b.name, b.labels, b.reference))
			}
		}
	}
	d.Others = append(d.Others, c.otherwise(g, used, x).covariateTerms(used, strata)...)
	v, err := along.Vary(d, fit)
	if err == nil {
		err = v.Settled(ctx, s.Level)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, regress.ErrSeparation), errors.Is(err, along.ErrNotEstimable):
		s.Why = reason("subgroups-separated", nil)
		return nil
	case err != nil && noFit(err):
		s.Why = reason("subgroups-no-fit", text.Args{"detail": err.Error()})
		return nil
	case err != nil:
		return err
	}
	s.Chi2, s.WithoutStrata = &v.Test, c.strata.any() && !strata
	for _, i := range v.Interactions {
		s.Interactions = append(s.Interactions, SubgroupInteraction{i.Arm, c.control().ID, i.Level, reference, profileRatio{i.Log, i.Wald.SE}})
	}
	if g.numeric {
		s.along(g, used, func(arm string, at float64) (stats.Effect, bool) {
			e, ok := v.At(arm, at)
			return stats.Ratio{Log: e}, ok
		})
	}
	return nil
}

// moderated are the arms and the moderator of records.
func (c *comparison) moderated(g subgroup, used []Record) along.Moderated {
	d := along.Moderated{Control: c.control().ID}
	for _, a := range c.active() {
		d.Active = append(d.Active, a.ID)
	}
	for _, r := range used {
		if d.Arm = append(d.Arm, r.Arm); g.numeric {
			d.Number = append(d.Number, r.Numbers[g.id])
		} else {
			d.Level, d.Levels = append(d.Level, g.level(r)), g.levels
		}
	}
	return d
}
