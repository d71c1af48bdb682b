package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// This file reads the time at risk of counts, and compares the rates of a count outcome at
// a visit: by a negative binomial model with the logarithm of exposure, and the strata and
// covariates where every stratum can have an effect of its own; by the conditional exact
// rate ratio, within small strata, where events are few or an arm has none.

// exposureSeen is a participant's time at risk at a visit, and the line that says it.
type exposureSeen struct {
	Value
	line int
}

// checkExposure checks where the time at risk of counts stands.
func (c *checker) checkExposure() {
	d := c.Data
	for _, id := range sortedKeys(d.Exposure) {
		at := "data.exposure." + id
		o, known := c.Outcome(id)
		switch {
		case !known:
			c.Add(at+"@", "problem-outcome-unknown", id, c.outcomeIDs())
			continue
		case !o.Counted():
			c.Add(at+"@", "problem-exposure-kind", id)
			continue
		}
		columns, visits := d.Exposure[id], c.postVisits(id)
		_, plain := columns[""]
		for _, visit := range sortedKeys(columns) {
			place := at
			if visit != "" {
				place += "." + visit
			}
			switch {
			case columns[visit] == "":
				c.Add(place, "problem-missing-column")
			case c.isOutcomeColumn(columns[visit]), columns[visit] == d.Participant, columns[visit] == d.Arm:
				c.Add(place, "problem-column-other", columns[visit])
			case visit == "" && d.Layout == Wide && len(visits) > 1:
				c.Add(place, "problem-exposure-visits", id)
			case visit != "" && d.Layout == Long:
				c.Add(place+"@", "problem-long-one-column")
			case visit != "" && !slices.ContainsFunc(visits, func(v Visit) bool { return v.ID == visit }):
				c.Add(place+"@", "problem-visit-unknown", visit, yamlfile.ListIDs(visits, func(v Visit) string { return v.ID }))
			}
		}
		for _, v := range visits {
			if _, ok := columns[v.ID]; !ok && !plain && d.Layout == Wide {
				c.Add(at, "problem-exposure-visit", id, v.ID)
			}
		}
	}
	for i, o := range c.Outcomes {
		if _, ok := d.Exposure[o.ID]; !ok && o.Counted() {
			c.Add(fmt.Sprintf("outcomes[%d].kind", i), "problem-exposure-missing", o.ID)
		}
	}
}

// exposureColumns are the columns of data.exposure, with their outcomes and visits.
func (l *loader) exposureColumns(find func(column, what string, args text.Args) int) (out []cellColumn) {
	for i, o := range l.p.Outcomes {
		for _, visit := range sortedKeys(l.p.Data.Exposure[o.ID]) {
			at := -1
			if l.p.Data.Layout == Wide {
				id := visit
				if post := l.p.postVisits(o.ID); id == "" && len(post) > 0 {
					id = post[0].ID
				}
				at = slices.IndexFunc(l.p.Visits, func(v Visit) bool { return v.ID == id })
			}
			out = append(out, cellColumn{find(l.p.Data.Exposure[o.ID][visit], "word-risk-time", text.Args{"outcome": o.ID}), i, at})
		}
	}
	return out
}

// exposures reads the times at risk that a row of a visit holds, of one outcome (−1: of
// all).
func (l *loader) exposures(r files.Row, q *person, visit, outcome int) {
	for _, c := range l.where.exposures {
		at := c.visit
		if l.p.Data.Layout == Long {
			at = visit
		}
		if c.column < 0 || at < 0 || outcome >= 0 && c.outcome != outcome || q == nil || !r.Has(c.column) || l.isMissing(r.Text(c.column)) {
			continue
		}
		o := l.p.Outcomes[c.outcome].ID
		what := l.t.Columns[c.column].Name
		v, ok := l.number(r, c.column, r.Text(c.column), q.ID, -1, what)
		if !ok || v.missing {
			continue
		}
		if !(v.Number > 0) {
			l.report(r, c.column, "problem-risk-time", text.Args{"subject": what, "value": v.Text(), "outcome": o})
			continue
		}
		if q.more().exposure == nil {
			q.exposure = map[int]exposureSeen{}
		}
		slot := slotOf(c.outcome, at, len(l.p.Visits))
		if old, twice := q.exposure[slot]; twice && old.Compare(v.Value) != 0 {
			l.conflict(r, q, c.column, text.Phrase{Code: "word-risk-time", Args: text.Args{"outcome": o}}, old.line)
			continue
		}
		q.exposure[slot] = exposureSeen{v.Value, r.Line()}
	}
}

// fewEvents is how many events a model of counts needs, in all.
const fewEvents = 10

// rateRows is a comparison of rates by one plan.
type rateRows struct {
	*comparison
	// model is of all arms with events; nil where few events, small strata or the lack of
	// a fit leave the conditional exact ratio.
	model *regress.CountsFit
	why   []Note
}

func (c *comparison) newRates() (*rateRows, error) {
	s := &rateRows{comparison: c}
	var err error
	s.model, s.why, err = c.countModel()
	return s, err
}

// countModel fits the negative binomial model, or says why not.
func (c *comparison) countModel() (*regress.CountsFit, []Note, error) {
	events, all := map[string]int{}, 0
	used := slices.Clone(c.used(true))
	for _, r := range used {
		events[r.Arm] += int(r.Follow)
		all += int(r.Follow)
	}
	used = slices.DeleteFunc(used, func(r Record) bool { return events[r.Arm] == 0 })
	switch {
	case all < fewEvents:
		return nil, []Note{{Code: "rates-few", Args: text.Args{"events": all, "least": fewEvents}}}, nil
	case events[c.control().ID] == 0, events[c.control().ID] == all: // or no other arm has any
		return nil, []Note{{Code: "rates-none"}}, nil
	case c.smallStratum(c.used(true)):
		return nil, []Note{{Code: "rates-small-strata", Args: text.Args{"least": leastInStratum}}}, nil
	}
	y, exposure := make([]float64, len(used)), make([]float64, len(used))
	for i, r := range used {
		y[i], exposure[i] = r.Follow, r.Exposure
	}
	m, err := regress.Counts(y, exposure, c.terms(used, true)...)
	switch {
	case err == nil:
		return m, nil, nil
	case noFit(err):
		return nil, []Note{{Code: "rates-no-fit", Args: text.Args{"detail": err.Error()}}}, nil
	}
	return nil, nil, err
}

func (s *rateRows) planned(ctx context.Context, arm string) (Row, error) {
	if s.model == nil {
		row := s.exactRates(arm, false)
		row.Notes = append(slices.Clone(s.why), row.Notes...)
		return s.answer(row), nil
	}
	m := s.model
	if !slices.Contains(m.Names(), interactionArm+arm) { // no events, or nobody
		row := s.exactRates(arm, false)
		row.Notes = append([]Note{{Code: "rates-none"}}, row.Notes...)
		return s.answer(row), nil
	}
	row := s.kindRow(MethodNegativeBinomial, arm, RateRatio, true)
	if m.Model() == regress.PoissonCounts {
		row.Method = MethodPoisson
		row.Notes = append(row.Notes, Note{Code: "rates-poisson"})
	} else {
		alpha, _ := m.Alpha()
		row.Notes = append(row.Notes, Note{Code: "rates-alpha", Args: text.Args{"alpha": alpha}})
	}
	err := row.fillProfile(ctx, m.Coefficient(interactionArm+arm), m.Profile(interactionArm+arm))
	return s.answer(row), err
}

func (s *rateRows) beside(_ context.Context, arm string) ([]Row, error) {
	out := []Row{s.exactRates(arm, false)}
	if s.strata.any() {
		out = append(out, s.exactRates(arm, true))
	}
	return out, nil
}

func (s *rateRows) means() []LSMean { return nil }

// exactRates is the conditional exact ratio: within the strata of randomization, unless it
// is to be without.
func (s *rateRows) exactRates(arm string, without bool) Row {
	row := s.kindRow(MethodExactRates, arm, RateRatio, false)
	row.WithoutStrata = without
	order := []string{}
	strata := map[string]*table.RateStratum{}
	n := map[string]int{}
	for k, a := range []string{row.Arm, row.Control} {
		for _, r := range s.complete(a, false) {
			cell := r.Stratum
			if without {
				cell = ""
			}
			x := strata[cell]
			if x == nil {
				x = &table.RateStratum{}
				strata[cell], order = x, append(order, cell)
			}
			rate := &x.Treated
			if k == 1 {
				rate = &x.Control
			}
			rate.Events += int(r.Follow)
			rate.Exposure += r.Exposure
			n[cell]++
		}
	}
	var both []table.RateStratum
	for _, cell := range order {
		if x := strata[cell]; x.Treated.Exposure > 0 && x.Control.Exposure > 0 {
			both = append(both, *x)
		} else {
			row.LeftOut += n[cell]
		}
	}
	if row.LeftOut > 0 && len(both) > 0 {
		row.Notes = append(row.Notes, Note{Code: "rates-one-arm", Args: text.Args{"n": row.LeftOut}})
	}
	var e stats.Effect
	var err error
	switch {
	case len(both) == 0:
		row.Notes = append(row.Notes, Note{Code: "empty-arm"})
		return row
	case !slices.ContainsFunc(both, func(s table.RateStratum) bool { return s.Treated.Events+s.Control.Events > 0 }):
		row.Notes = append(row.Notes, Note{Code: "rates-no-events"})
		return row
	case len(both) == 1: // of any number of events
		e, err = table.RateRatioExact(both[0].Treated, both[0].Control)
	default:
		e, err = table.RateRatioStratified(both)
	}
	if err != nil {
		row.Notes = append(row.Notes, Note{Code: "not-computable", Args: text.Args{"detail": err.Error()}})
		return row
	}
	row.fill(e)
	row.Notes = append(row.Notes, Note{Code: "rates-exact"})
	return row
}

// TimeAtRisk is the column of an outcome's time at risk at a visit, in the words of a
// catalog: a rate is per one of it. It is "" for an outcome that is no count.
func (p Protocol) TimeAtRisk(outcome, visit string, c *text.Catalog) string {
	columns := p.Data.Exposure[outcome]
	name := cmp.Or(columns[visit], columns[""])
	return cmp.Or(c.Own(p.Translations)[name], name)
}

// Rate is how many events an arm had in its time at risk, with exact limits that take the
// counts to vary as Poisson's do.
type Rate struct {
	Events              int
	Exposure            float64
	Value, Lower, Upper float64 // NaN where nobody has a value
	Level               float64
}

// RatePer is in how many units of time at risk an outcome's rates are printed everywhere in a
// report: the power of ten, 10 or more, in which the smallest rate above 0 of any arm at any
// visit is at least 1 (100 where there is none).
func (r Report) RatePer(outcome string) float64 {
	least := math.Inf(1)
	for _, res := range r.Results {
		for _, s := range res.Summaries {
			if res.Outcome.ID == outcome && s.Rate != nil && s.Rate.Value > 0 {
				least = math.Min(least, s.Rate.Value)
			}
		}
	}
	if math.IsInf(least, 1) {
		return 100
	}
	per := 10.0
	for per*least < 1 && per < 1e12 {
		per *= 10
	}
	return per
}

// RatePer is that of the report where AnalyzeAll made the result, and otherwise that which
// the result alone asks for.
func (r Result) RatePer() float64 {
	if r.ratePer > 0 {
		return r.ratePer
	}
	return Report{Results: []Result{r}}.RatePer(r.Outcome.ID)
}

// newRate sums up records.
func newRate(records []Record, level float64) *Rate {
	r := &Rate{Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN(), Level: level}
	for _, x := range records {
		r.Events += int(x.Follow)
		r.Exposure += x.Exposure
	}
	if e, err := table.Poisson(table.PoissonRate{Events: r.Events, Exposure: r.Exposure}); err == nil {
		ci := e.CI(level)
		r.Value, r.Lower, r.Upper = e.Point(), ci.Lo, ci.Hi
	}
	return r
}

// boundedRows are the odds ratios of a quasi-binomial model of arm, baseline, strata and
// covariates, beside the difference of means of a bounded outcome.
func (c *comparison) boundedRows() ([]Row, error) {
	used := c.used(true)
	y, of := make([]float64, len(used)), make([]float64, len(used))
	for i, r := range used {
		y[i], of[i] = r.Follow, c.outcome.Max
	}
	small := c.smallStratum(used)
	terms := c.terms(used, !small)
	if c.outcome.HasBaseline() {
		before := make([]float64, len(used))
		for i, r := range used {
			before[i] = r.Baseline
		}
		terms = append(terms, regress.Numeric(baselineTerm, before))
	}
	m, err := regress.Bounded(y, of, terms...)
	if err != nil && !noFit(err) {
		return nil, err
	}
	var out []Row
	for _, a := range c.active() {
		row := c.kindRow(MethodQuasiBinomial, a.ID, OddsRatio, true)
		row.Target, row.WithoutStrata = Conditional, small
		switch {
		case row.N[row.Arm] == 0 || row.N[row.Control] == 0:
			row.Notes = append(row.Notes, Note{Code: "empty-arm"})
		case err != nil:
			row.Notes = append(row.Notes, Note{Code: "not-computable", Args: text.Args{"detail": err.Error()}})
		default:
			if e := m.OddsRatio(interactionArm + a.ID); e.Log.Estimable() && e.Log.SE > 0 {
				row.fill(e)
			} else {
				row.Notes = append(row.Notes, Note{Code: "not-computable", Args: text.Args{"detail": errConfounded.Error()}})
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// baselineTerm is the name of the baseline in a model; no covariate has it.
const baselineTerm = "baseline\x00"
