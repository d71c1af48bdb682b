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
	// Treated and Reference describe the follow-up values of the two arms that are compared:
	// with ScaleLog their logarithms, of a binary outcome 0 and 1.
	Treated, Reference stats.Description
}

// CI is the effect's interval; NaN at both ends where there is none or it is withheld.
func (s SubgroupRow) CI(level float64) stats.Interval {
	if s.Effect == nil || s.Withheld {
		return stats.Interval{Lo: math.NaN(), Hi: math.NaN(), Level: level}
	}
	return s.Effect.CI(level)
}

// SubgroupInteraction is how an active arm's effect against control varies with
// a covariate, on the scale of Subgroups.Interacts.
type SubgroupInteraction struct {
	Arm, Control string
	// The effect within Level against that within Reference; both "" for a
	// number: its change for each unit of it.
	Level, Reference string
	// Effect is a difference of effects or, where Subgroups.Interacts is a ratio, a ratio
	// of ratios (of probabilities of benefit that of their odds).
	Effect stats.Effect
}

// StandardError is that of the effect, of a ratio that of its logarithm, and its degrees of
// freedom.
func (x SubgroupInteraction) StandardError() (se, df float64) { return standardErrorOf(x.Effect) }

// Subgroups is the difference between arms within each level of a covariate, and
// whether it depends on the covariate.
type Subgroups struct {
	Outcome, Visit   string
	Covariate, Label string
	Cuts             []float64 // of a number
	Level            float64   // of intervals
	// Measure is that of All and Rows, Interacts the one that the interaction is about, and
	// Curve and At: it is another where the plan's has no model (see SubgroupsOf).
	Measure, Interacts Measure
	// All is everyone, one row an active arm; Rows by level, then arm.
	All, Rows []SubgroupRow
	// Interaction is the one test whether the effect depends on the covariate, an F test of
	// a model of means, or Chi2 that of another effect;
	// Interactions are the estimates that it is about. They are nil where that cannot be
	// fitted, and Why says why not.
	Interaction  *stats.FTest
	Chi2         *stats.ChiSquareTest
	Interactions []SubgroupInteraction
	Why          error
	// WithoutStrata: the model of the interaction has no strata, some of which hold fewer
	// than 5 of an arm.
	WithoutStrata bool
	// Curve is, of a number, the effect at 41 values from the smallest to the largest,
	// as the line of the interaction's model has it, arm by arm, each with an interval of its
	// own; At is the same at the 10th, 50th and 90th percentile (stats.Quantile, type 7).
	// Empty where the interaction was not tested.
	Curve, At []SubgroupPoint
	// NotOffered: the plan's effect has no subgroups, and Why says why.
	NotOffered bool
	// Missing participants, who have no value of the covariate.
	Missing int
}

// Number reports whether the covariate is a number, whose interaction is along a line.
func (s Subgroups) Number() bool {
	return len(s.Cuts) > 0 || len(s.Interactions) > 0 && s.Interactions[0].Level == ""
}

// Tested is the p-value of the one test of the interaction; ok is false where there is none.
func (s Subgroups) Tested() (p float64, ok bool) {
	switch {
	case s.Interaction != nil:
		return s.Interaction.P(), true
	case s.Chi2 != nil:
		return s.Chi2.P(), true
	}
	return math.NaN(), false
}

// TestedBy is how the interaction was tested: by an F test ("f"), by likelihood ratio
// ("likelihood-ratio") or by the standard errors of independent levels ("wald"); "" where
// it was not.
func (s Subgroups) TestedBy() string {
	switch {
	case s.Interaction != nil:
		return "f"
	case s.Chi2 == nil || len(s.Interactions) == 0:
		return ""
	}
	switch s.Interactions[0].Effect.(type) {
	case stats.Estimate, stats.Ratio:
		return "wald"
	}
	return "likelihood-ratio"
}

// Reason says in a note why there is no test of the interaction, where that has a name.
func (s Subgroups) Reason() (n Note, ok bool) {
	var m *modelError
	ok = errors.As(s.Why, &m)
	if ok {
		n = m.note
	}
	return n, ok
}

// SubgroupsOf compares the arms within each level of a covariate, and tests
// whether their difference depends on it. A category has its own levels; a number
// has them where cuts say where its levels begin (65: below 65, and from 65 on), and
// without cuts no rows, but an interaction and a curve.
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
// With ScaleLog the same are ratios of geometric means, and an interaction is a ratio of
// ratios; with VarianceByArm every arm has a residual variance of its own.
//
// Of the other kinds of outcomes a row is the plan's own estimate of that level's
// participants alone, by the numbers randomized in it, and the interaction is tested by
// likelihood ratio (χ², approximate), its estimates have profile-likelihood intervals:
//
//   - binary: on the plan's scale, without strata and covariates by table.Interaction and
//     table.Homogeneity; with strata as differences of the levels' Mantel–Haenszel
//     estimates, by their standard errors (Wald); with covariates by the logistic model with
//     arm × covariate, as a ratio of odds ratios. GEE has none, nor have trimmed means.
//   - count: by the negative binomial model (Poisson's, where α is 0) with arm × covariate,
//     as a ratio of rate ratios.
//   - ordinal: as a ratio of win odds of independent levels, by the standard errors of their
//     logits (Wald), or of a plan of proportional odds by that model with arm × covariate.
//     Wald's test finds an interaction that is not there, on five categories, in 2 to 5
//     levels of 8 an arm, in 2.7 to 4.1 % of 4,000 trials, of 15 in 3.2 to 4.5 %, of 30 in
//     4.5 to 4.6 %, of 8 against 24 in 5.9 to 6.2 % (study/along, TestSeparateHoldsItsSize).
//
// A number enters a model of all participants as a line: the logistic model of a binary
// outcome, that of proportional odds of an ordinal one, and its effects are odds ratios
// whatever the plan's are. Arms share their control in a level: where levels are
// compared by their own estimates, several active arms have estimates, and no test.
//
// The interaction alone answers whether the effect differs between levels:
// that one level's interval excludes no effect and another's does not, answers
// nothing. It is about one scale (Subgroups.Interacts): an effect that is alike on
// another scale may differ on this one. The difference among all participants is
// the one that decides the result. Subgroups are exploratory unless they were
// specified beforehand (Protocol.Subgroups).
//
// Assumptions are those of regress.ANCOVA. A level in which the model cannot be
// fitted has a row without an effect. It refuses a covariate that no participant
// has, and cuts that do not rise.
// Source: Pocock et al. (2002), doi 10.1002/sim.1296. It agrees with R's
// lm(y ~ baseline + arm * covariate): anova's F of the interaction, and its
// coefficients; with a model of all visits, gls or lmer of y ~ visit * arm * covariate
// + visit:baseline.
func SubgroupsOf(r Result, covariate string, cuts ...float64) (Subgroups, error) {
	return subgroupsOf(context.Background(), r, covariate, cuts...)
}

func subgroupsOf(ctx context.Context, r Result, covariate string, cuts ...float64) (Subgroups, error) {
	c := r.comparison()
	s := Subgroups{Outcome: r.Outcome.ID, Visit: r.Visit.ID, Covariate: covariate, Label: covariate, Cuts: slices.Clone(cuts), Level: c.plan.Level,
		Measure: c.measure()}
	s.Interacts = s.Measure
	g := subgroup{id: covariate, cuts: cuts, numeric: len(cuts) > 0}
	var declared []string
	for _, v := range c.known {
		if v.ID == covariate {
			s.Label, declared, g.numeric = cmp.Or(v.Label, v.ID), v.Levels, g.numeric || v.Kind == Numeric
		}
	}
	for i, x := range cuts {
		if !finite(x) || i > 0 && !(x > cuts[i-1]) {
			return s, fmt.Errorf("study: subgroups of %q: cuts must rise: %v", covariate, cuts)
		}
	}
	switch c.plan.Model {
	case GEE:
		s.NotOffered = true
		return s, reason("subgroups-gee", nil)
	case TrimmedMeans:
		s.NotOffered = true
		return s, reason("subgroups-trimmed", nil)
	}
	model := c.adjusted()
	for _, row := range r.Deciding() {
		model = model && (r.Outcome.Measured() || row.Method.modelsKind())
	}
	everyone := c.used(model)
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
		rows := c.subgroupRows
		if !c.outcome.Measured() {
			rows = func(g subgroup, level string, of []Record) []SubgroupRow { return c.kindSubgroup(ctx, g, level, of) }
		}
		s.Rows = append(s.Rows, rows(g, l, of)...)
	}
	switch {
	case ctx.Err() != nil:
		return s, ctx.Err()
	case c.outcome.Measured():
		s.interaction(c, g, used)
		return s, nil
	case len(g.levels) < 2 && !g.numeric:
		s.Why = errOneLevel
		return s, nil
	case c.outcome.Binary():
		return s, s.sharesVary(ctx, c, g, used, model)
	case c.outcome.Counted():
		return s, s.ratesVary(ctx, c, g, used)
	}
	return s, s.levelsVary(ctx, c, g, used)
}

// effect is an estimate on the plan's scale: of logarithms it is a ratio.
func (c *comparison) effect(e stats.Estimate) stats.Effect {
	if c.plan.Scale == ScaleLog {
		return stats.Ratio{Log: e}
	}
	return e
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
	if g.numeric && len(g.cuts) == 0 {
		return nil
	}
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
	if g.numeric {
		kind = "number"
	}
	for _, rec := range r.Records {
		for id := range rec.Numbers {
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
			if row.Why == nil && fit.withheld != nil && fit.withheld(d) {
				row.Withheld, row.Why = true, errFewDF(d.DF)
				row.Effect = c.effect(d)
			}
			if row.Why == nil {
				row.Effect = c.effect(d)
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
	own := c.varying(records)
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

// varying is the comparison with those of its covariates that differ among the records.
func (c *comparison) varying(records []Record) *comparison {
	own := *c
	own.covariates = nil
	for _, cov := range c.covariates {
		if slices.ContainsFunc(records, func(r Record) bool {
			return r.Numbers[cov.ID] != records[0].Numbers[cov.ID] || r.Categories[cov.ID] != records[0].Categories[cov.ID]
		}) {
			own.covariates = append(own.covariates, cov)
		}
	}
	return &own
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

// SubgroupPoint is an active arm's effect against control at a value of a number.
type SubgroupPoint struct {
	Arm    string
	At     float64
	Effect stats.Effect
}

// StandardError is that of the effect, of a ratio that of its logarithm, and its degrees of
// freedom.
func (p SubgroupPoint) StandardError() (se, df float64) { return standardErrorOf(p.Effect) }

// along fills Curve and At for the arms of the interactions; an arm of which some difference
// cannot be given has none.
func (s *Subgroups) along(g subgroup, used []Record, effect func(arm string, x float64) (stats.Effect, bool)) {
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
				e, ok := effect(i.Arm, x)
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
