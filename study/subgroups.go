package study

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// SubgroupRow is an active arm against control within one level of a
// covariate.
type SubgroupRow struct {
	// Level of the covariate; "" for all participants. That of a number is what it
	// runs from (≥ From) and to (< To), as in "≥ 50 < 65"; From and To are infinite
	// at the ends and NaN for a category and for all participants.
	Level        string
	From, To     float64
	Arm, Control string
	// Method of the effect: for all participants what decides the result; within a
	// level the linear model of that level or, where the plan has mmrm, clda or lmm,
	// the plan's model.
	Method Method
	// Effect is the adjusted difference; nil where it does not exist, and Why
	// says why not. Withheld: its degrees of freedom are too few for an interval, and
	// its standard error is the unadjusted one.
	Effect   stats.Effect
	Withheld bool
	Why      error
	// Treated and Reference describe the follow-up values of the two arms.
	Treated, Reference stats.Description
}

// CI is the effect's interval; NaN at both ends where there is none or it is withheld.
func (s SubgroupRow) CI(level float64) stats.Interval {
	if s.Effect == nil || s.Withheld {
		return stats.Interval{Lo: math.NaN(), Hi: math.NaN(), Level: level}
	}
	return s.Effect.CI(level)
}

// SubgroupInteraction is how an active arm's difference from control varies with
// a covariate, on the scale of the difference in means.
type SubgroupInteraction struct {
	Arm, Control string
	// The difference within Level minus that within Reference; both "" for a
	// number: the change of the difference for each unit of it.
	Level, Reference string
	stats.Estimate
}

// Subgroups is the difference between arms within each level of a covariate, and
// whether it depends on the covariate.
type Subgroups struct {
	Outcome, Visit   string
	Covariate, Label string
	Cuts             []float64 // of a number
	Level            float64   // of intervals
	// All is everyone, one row an active arm; Rows by level, then arm.
	All, Rows []SubgroupRow
	// Interaction is the one test whether the difference depends on the covariate,
	// Interactions the estimates that it is about; nil where that cannot be fitted,
	// and Why says why not.
	Interaction  *stats.FTest
	Interactions []SubgroupInteraction
	Why          error
	// Curve is, of a number, the difference at 41 values from the smallest to the largest,
	// as the line of the interaction's model has it, arm by arm, each with an interval of its
	// own; At is the same at the 10th, 50th and 90th percentile (stats.Quantile, type 7).
	// Empty where the interaction was not tested.
	Curve, At []SubgroupPoint
	// NotOffered: subgroups are compared by differences of means, with one residual
	// variance where there is one model of a visit, and the plan's effect is another.
	NotOffered bool
	// Missing participants, who have no value of the covariate.
	Missing int
}

// SubgroupsOf compares the arms within each level of a covariate, and tests
// whether their difference depends on it. A category has its own levels; a number
// needs cuts, where its levels begin (65: below 65, and from 65 on).
//
// Where the plan decides by a linear model or a mixed ANOVA, a row is within a level
// the linear model of the value at the visit on arm, with baseline where the outcome
// has one, the strata and the plan's covariates, of that level's participants alone.
// The interaction is one model of all participants, with one residual variance: value ~ the same + covariate + arm +
// arm:covariate. It has one F test, and its estimates are differences of
// differences (from the first level of a category), which need not be those of
// the levels' own models to the last digit. A number enters that model as it is,
// as a line: its cuts choose the rows that are shown, and no p-value depends on
// them. Standard errors are the plan's (Plan.SE).
//
// Where the plan decides by mmrm, clda or lmm, rows and interaction are the plan's own
// model, of everybody who is in it and has the covariate, with covariate × visit and
// covariate × arm × visit: one covariance matrix, one slope of baseline at each visit,
// the plan's degrees of freedom. Rows are its differences within a level, the F test
// is of the visit's arm × covariate. A level in which an arm has nobody at some visit
// is left out of the model, and the interaction is then not tested. Where the degrees
// of freedom are too few (below mmrm.LeastDF), a difference has no interval and the
// interaction no test.
//
// The interaction alone answers whether the effect differs between levels:
// that one level's interval excludes 0 and another's does not, answers
// nothing. It is about the difference in means: an effect that is alike on
// another scale may differ on this one. The difference among all participants is
// the one that decides the result. Subgroups are exploratory unless they were
// specified beforehand (Protocol.Subgroups).
//
// Assumptions are those of regress.ANCOVA. A level in which the model cannot be
// fitted has a row without an effect. It refuses a covariate that no participant
// has, a number without cuts, and cuts that do not rise.
// Source: Pocock et al. (2002), doi 10.1002/sim.1296. It agrees with R's
// lm(y ~ baseline + arm * covariate): anova's F of the interaction, and its
// coefficients; with a model of all visits, gls or lmer of y ~ visit * arm * covariate
// + visit:baseline.
func SubgroupsOf(r Result, covariate string, cuts ...float64) (Subgroups, error) {
	return subgroupsOf(context.Background(), r, covariate, cuts...)
}

func subgroupsOf(ctx context.Context, r Result, covariate string, cuts ...float64) (Subgroups, error) {
	if !r.Outcome.Measured() || r.Plan.Scale == ScaleLog || r.Plan.VarianceByArm || r.Plan.Model == TrimmedMeans {
		s := Subgroups{Outcome: r.Outcome.ID, Visit: r.Visit.ID, Covariate: covariate, Label: covariate, Cuts: slices.Clone(cuts), Level: r.Level, NotOffered: true}
		for _, v := range r.comparison().known {
			if v.ID == covariate {
				s.Label = cmp.Or(v.Label, v.ID)
			}
		}
		return s, fmt.Errorf("study: subgroups of %q: they are differences of means with one residual variance, and are not offered for this plan (kind %q, scale %q)",
			r.Outcome.ID, r.Outcome.Kind, r.Plan.Scale)
	}
	c := r.comparison()
	s := Subgroups{Outcome: r.Outcome.ID, Visit: r.Visit.ID, Covariate: covariate, Label: covariate, Cuts: slices.Clone(cuts), Level: c.plan.Level}
	var declared []string
	for _, v := range c.known {
		if v.ID == covariate {
			s.Label, declared = v.Label, v.Levels
		}
	}
	for i, x := range cuts {
		if !finite(x) || i > 0 && !(x > cuts[i-1]) {
			return s, fmt.Errorf("study: subgroups of %q: cuts must rise: %v", covariate, cuts)
		}
	}
	g := subgroup{id: covariate, cuts: cuts, numeric: len(cuts) > 0}
	everyone := c.used(c.adjusted())
	asked := everyone
	if c.by != nil {
		everyone, asked = c.by.records(c.visit.ID), c.by.people()
	}
	var used []Record
	for _, rec := range asked {
		if g.has(rec) {
			used = append(used, rec)
		} else {
			s.Missing++
		}
	}
	if len(used) == 0 {
		return s, r.noSubgroup(g)
	}
	g.levels = g.order(declared, used)
	s.All = c.subgroupRows(g, "", everyone)
	for i := range s.All {
		s.All[i].decided(r)
	}
	if c.by != nil {
		return s, s.answered(ctx, c, g, everyone)
	}
	for _, l := range g.levels {
		var of []Record
		for _, rec := range used {
			if g.level(rec) == l {
				of = append(of, rec)
			}
		}
		s.Rows = append(s.Rows, c.subgroupRows(g, l, of)...)
	}
	s.interaction(c, g, used)
	return s, nil
}

// described are rows without an effect: every active arm and control among some records.
func (c *comparison) described(records []Record) []SubgroupRow {
	values := map[string][]float64{}
	for _, rec := range records {
		values[rec.Arm] = append(values[rec.Arm], rec.Follow)
	}
	var out []SubgroupRow
	for _, a := range c.active() {
		row := SubgroupRow{From: math.NaN(), To: math.NaN(), Arm: a.ID, Control: c.control().ID}
		row.Treated, _ = stats.Describe(values[a.ID]) // what is not finite was refused before
		row.Reference, _ = stats.Describe(values[row.Control])
		out = append(out, row)
	}
	return out
}

// subgroup tells a covariate's levels apart.
type subgroup struct {
	id      string
	cuts    []float64
	numeric bool
	levels  []string
}

func (g subgroup) has(r Record) bool {
	if g.numeric {
		_, ok := r.Numbers[g.id]
		return ok
	}
	return r.Categories[g.id] != ""
}

// level names the level that a record belongs to.
func (g subgroup) level(r Record) string {
	if !g.numeric {
		return r.Categories[g.id]
	}
	from, to := g.ends(r.Numbers[g.id])
	return rangeName(from, to)
}

// ends are those of the level of a number.
func (g subgroup) ends(x float64) (from, to float64) {
	from, to = math.Inf(-1), math.Inf(1)
	for _, cut := range g.cuts {
		if x >= cut {
			from = cut
		} else {
			to = min(to, cut)
		}
	}
	return from, to
}

// span is that of a level's name.
func (g subgroup) span(level string) (from, to float64) {
	for _, x := range append([]float64{math.Inf(-1)}, g.cuts...) {
		if from, to = g.ends(x); rangeName(from, to) == level {
			return from, to
		}
	}
	return math.NaN(), math.NaN()
}

func rangeName(from, to float64) string {
	s := ""
	if !math.IsInf(from, -1) {
		s = "≥ " + strconv.FormatFloat(from, 'f', -1, 64)
	}
	if !math.IsInf(to, 1) {
		if s != "" {
			s += " "
		}
		s += "< " + strconv.FormatFloat(to, 'f', -1, 64)
	}
	return s
}

// order is that of the levels that occur: a number's from low to high.
func (g subgroup) order(named []string, used []Record) []string {
	have := map[string]bool{}
	for _, r := range used {
		have[g.level(r)] = true
	}
	if g.numeric {
		named = []string{rangeName(math.Inf(-1), g.cuts[0])}
		for _, cut := range g.cuts {
			named = append(named, rangeName(g.ends(cut)))
		}
	}
	return orderLevels(named, have, false)
}

// noSubgroup is the error of a covariate that nobody has.
func (r Result) noSubgroup(g subgroup) error {
	have := map[string]bool{}
	kind := "category"
	for _, rec := range r.Records {
		for id := range rec.Numbers {
			if id == g.id && !g.numeric {
				return fmt.Errorf("study: subgroups of %q: it is a number; say where its levels begin", g.id)
			}
			if g.numeric {
				have[id] = true
			}
		}
		for id := range rec.Categories {
			if !g.numeric {
				have[id] = true
			}
		}
	}
	if g.numeric {
		kind = "number"
	}
	return fmt.Errorf("study: subgroups of %q at visit %q: no participant has the %s %q (known: %s)",
		r.Outcome.ID, r.Visit.ID, kind, g.id, known(sortedKeys(have), func(s string) string { return s }))
}

// comparison is the result's own, or of a result that Analyze did not make, one
// without strata and covariates.
func (r Result) comparison() *comparison {
	c := comparison{plan: r.Plan, outcome: r.Outcome, visit: r.Visit, arms: r.Arms, records: r.Records}
	if r.own != nil {
		c = *r.own
	}
	c.plan.Level = r.Level
	c.found = map[bool][]Record{} // results are asked from several goroutines
	return &c
}

// adjusted reports whether the plan has covariates.
func (c *comparison) adjusted() bool { return len(c.covariates) > 0 }

// decided gives a row of all participants the answer of the result: there is
// one, whatever is fitted within the levels.
func (s *SubgroupRow) decided(r Result) {
	s.Effect, s.Why = nil, fmt.Errorf("study: no row decides arm %q: %w", s.Arm, stats.ErrTooFew)
	for _, row := range r.Deciding() {
		switch {
		case row.Arm != s.Arm:
		case row.Withheld():
			s.Method, s.Withheld, s.Why = row.Method, true, errFewDF(row.DF)
			s.Effect = stats.Estimate{Value: row.Estimate, SE: row.SE, DF: row.DF}
		default:
			s.Method, s.Effect = row.Method, row.Effect
			if row.Effect != nil {
				s.Why = nil
			}
		}
	}
}

// subgroupRows compares every active arm with control among some records.
func (c *comparison) subgroupRows(g subgroup, level string, records []Record) []SubgroupRow {
	if len(c.arms) == 0 {
		return nil
	}
	var fit *armsFit
	var err error
	if level != "" {
		fit, err = c.fitLevel(records)
	}
	method := c.methods().model
	if c.adjusted() {
		method = c.methods().adjusted
	}
	var out []SubgroupRow
	for _, row := range c.described(records) {
		row.Level, row.Method, row.Why = level, method, err
		if g.numeric && level != "" {
			row.From, row.To = g.ends(records[0].Numbers[g.id])
		}
		switch {
		case fit == nil:
		case fit.n(row.Arm) == 0:
			row.Why = fmt.Errorf("study: nobody in arm %q: %w", row.Arm, stats.ErrTooFew)
		default:
			d, err := fit.difference(row.Arm)
			if row.Why = err; err == nil && !d.Estimable() {
				row.Why = errConfounded
			}
			if row.Why == nil {
				row.Effect = d
			}
		}
		out = append(out, row)
	}
	return out
}

// fitLevel fits a level's own model, with the plan's standard errors. A covariate
// that is the same in everyone of the level, as the subgroup's own is, is the
// intercept there.
func (c *comparison) fitLevel(records []Record) (*armsFit, error) {
	own := *c
	own.covariates = nil
	for _, cov := range c.covariates {
		if slices.ContainsFunc(records, func(r Record) bool {
			return r.Numbers[cov.ID] != records[0].Numbers[cov.ID] || r.Categories[cov.ID] != records[0].Categories[cov.ID]
		}) {
			own.covariates = append(own.covariates, cov)
		}
	}
	fit, err := own.fitArmsOf(records, own.adjusted())
	if err != nil || c.plan.SE != StandardErrorHC3 || fit.linear == nil || fit.robust {
		return fit, err
	}
	m, err := fit.linear.Robust()
	if err != nil {
		return nil, err
	}
	return &armsFit{difference: func(arm string) (stats.Estimate, error) { return m.Difference(arm, c.control().ID) }, n: m.N}, nil
}

// interaction tests and estimates how the differences depend on the covariate.
func (s *Subgroups) interaction(c *comparison, g subgroup, used []Record) {
	var m *regress.Fit
	if s.Interaction, s.Interactions, m, s.Why = c.interaction(g, used); s.Why != nil || !g.numeric {
		return
	}
	names := m.Names()
	s.along(g, used, func(arm string, x float64) (stats.Estimate, bool) {
		i, j := slices.Index(names, interactionArm+arm), slices.Index(names, interactionArm+arm+":"+interactionOf)
		if i < 0 || j < 0 {
			return stats.Estimate{}, false
		}
		row := make([]float64, len(names))
		row[i], row[j] = 1, x
		e := m.Contrast(row)
		return e, e.Estimable()
	})
}

// interaction is also the fit that the answers are from.
func (c *comparison) interaction(g subgroup, used []Record) (*stats.FTest, []SubgroupInteraction, *regress.Fit, error) {
	if len(g.levels) < 2 && !g.numeric {
		return nil, nil, nil, errOneLevel
	}
	m, err := c.interactionModel(g, used, c.strata.factors(used, false))
	if c.strata.any() && err == nil && m.DF() < minStrataDF {
		switch c.strata.rand.Small {
		case IgnoreStrata:
			m, err = c.interactionModel(g, used, nil)
		case MergeStrata:
			m, err = c.interactionModel(g, used, c.strata.factors(used, true))
		}
		if err == nil && m.DF() < minStrataDF && c.strata.rand.Small != IgnoreStrata {
			err = fmt.Errorf("study: strata leave the interaction %v degrees of freedom: %w", m.DF(), stats.ErrTooFew)
		}
	}
	if err != nil {
		return nil, nil, nil, err
	}
	test := m.Test(interactionName).FTest
	robust := c.plan.SE == StandardErrorHC3
	if robust {
		if m, err = m.Robust(); err != nil {
			return nil, nil, nil, err
		}
	}
	levels, reference := []string{""}, ""
	if !g.numeric {
		levels, reference = g.levels[1:], g.levels[0]
	}
	var out []SubgroupInteraction
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
				out = append(out, SubgroupInteraction{Arm: a.ID, Control: c.control().ID, Level: l, Reference: reference, Estimate: e})
			}
			rows = append(rows, row)
		}
	}
	if robust && len(rows) == len(out) && len(rows) > 0 {
		test = m.Joint(rows)
	}
	if len(out) == 0 || len(out) < len(rows) || math.IsNaN(test.P()) {
		return nil, nil, nil, errors.New("study: the interaction cannot be tested")
	}
	return &test, out, m, nil
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
	others := *c
	others.covariates = slices.DeleteFunc(slices.Clone(c.covariates), func(v Covariate) bool {
		y := make([]float64, len(used))
		for i, r := range used {
			y[i] = r.Numbers[v.ID]
		}
		return v.ID == g.id || repeats(y, x)
	})
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

// beside is a stratum's column in a model that has the covariate's levels: a category
// with its reference, or a number.
type beside struct {
	name, reference string
	labels          []string
	x               []float64
}

// besides are the strata in a model that has the covariate's levels:
// one that they determine adds nothing, and of one that determines them there is
// a column for every level but the first of each of theirs. line: the model has a
// number as it is, which says nothing of strata.
func (g subgroup) besides(used []Record, strata []factor, line bool) []beside {
	own := factor{name: g.id, labels: make([]string, len(used)), levels: g.levels}
	for i, r := range used {
		own.labels[i] = g.level(r)
	}
	var out []beside
	for _, f := range strata {
		switch {
		case line:
			out = append(out, beside{name: f.name, labels: f.labels, reference: f.levels[0]})
		case own.determines(f):
		case f.determines(own):
			begun := map[string]bool{}
			for _, l := range f.levels {
				x := make([]float64, len(used))
				of := ""
				for i := range used {
					if f.labels[i] == l {
						x[i], of = 1, own.labels[i]
					}
				}
				if begun[of] {
					out = append(out, beside{name: f.name + "=" + l, x: x})
				}
				begun[of] = true
			}
		default:
			out = append(out, beside{name: f.name, labels: f.labels, reference: f.levels[0]})
		}
	}
	return out
}

// declaredSubgroups answers the protocol's subgroups. One that nobody has a value
// of says so in Why.
func declaredSubgroups(ctx context.Context, p Protocol, results []Result) ([]Subgroups, error) {
	var out []Subgroups
	for _, res := range results {
		if res.Visit.ID == "" || len(p.Plans) > 0 && !p.Planned(res.Outcome.ID, res.Visit.ID) {
			continue
		}
		for _, g := range p.Subgroups {
			s, err := subgroupsOf(ctx, res, g.ID, g.Cuts...)
			if e := ctx.Err(); e != nil {
				return nil, e
			}
			if err != nil {
				s.Why = err
			}
			out = append(out, s)
		}
	}
	return out, nil
}
