package study

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/study/estimand"
)

// comparison is one outcome at one visit, with everything that the methods
// need: who is in which arm, who is observed, who is missing and why.
type comparison struct {
	plan       Plan
	outcome    Outcome
	visit      Visit
	arms       []Arm // active arms in the protocol's order, control last
	randomized map[string]int
	records    []Record // everyone in the file, by arm (control last), then ID
	covariates []Covariate
	strata     strata
	known      []Covariate // all of the protocol's
	// exact: companions may take any time.
	exact bool
	// inFamily are the hypotheses of the protocol's scheme that the plan is of.
	inFamily []familyMember
	// by: subgroups by the plan's model of all visits; nil: by linear models.
	by *repeatedSubgroups
	// found: what used has found before, with covariates or without.
	found map[bool][]Record
	// data holds the values of other visits.
	data *Dataset
}

func (d *Dataset) comparison(p Plan) *comparison { return d.comparisonOf(p, d.recordsByArm(p)) }

// comparisonOf is comparison with the plan's records at hand.
func (d *Dataset) comparisonOf(p Plan, records []Record) *comparison {
	c := &comparison{data: d, plan: p, arms: d.armsControlLast(), randomized: map[string]int{},
		records: records, found: map[bool][]Record{}, strata: d.strata, known: d.protocol.Data.Covariates}
	c.outcome, _ = d.outcome(p.Outcome)
	c.inFamily, _ = d.protocol.member(p)
	for _, v := range d.protocol.Visits {
		if v.ID == p.Visit {
			c.visit = v
		}
	}
	for _, a := range c.arms {
		c.randomized[a.ID] = d.Randomized(a.ID)
	}
	if p.Set == SetAsTreated { // counted are those of the file, where they are treated
		c.records = asTreated(records, c.arms)
		clear(c.randomized)
		for _, r := range c.records {
			c.randomized[r.Arm]++
		}
	}
	for _, id := range p.Covariates {
		cov, _ := d.covariate(id)
		c.covariates = append(c.covariates, cov)
	}
	if p.Scale == ScaleLog {
		c.records = logged(c.records)
	}
	return c
}

// raw is the plan's comparison of the values as they are.
func (d *Dataset) raw(p Plan) *comparison {
	if p.Scale == ScaleLog {
		p.Scale = ""
	}
	return d.comparison(p)
}

// logged are the records with the logarithms of baseline and value, which the loader has
// seen to be above 0.
func logged(records []Record) []Record {
	out := slices.Clone(records)
	for i := range out {
		r := &out[i]
		if r.HasBaseline {
			r.Baseline = math.Log(r.Baseline)
		}
		if r.HasFollow {
			r.Follow = math.Log(r.Follow)
		}
		if r.HasBaseline && r.HasFollow {
			r.Change = r.Follow - r.Baseline
		}
	}
	return out
}

// hasLogarithms refuses a plan with ScaleLog that is none of the protocol's, so that the
// loader has not seen whether the outcome's values are above 0.
func (d *Dataset) hasLogarithms(p Plan) error {
	if p.Scale != ScaleLog {
		return nil
	}
	o, _ := d.outcome(p.Outcome)
	base := d.BaselineVisit(p.Outcome)
	for _, v := range append(d.PostVisits(p.Outcome), base) {
		slot, ok := d.slot(p.Outcome, v.ID)
		ok = ok && d.protocol.takesLogarithm(p, o, v.ID, v.ID == base.ID)
		for _, x := range d.participants {
			if ok && x.cells[slot].ok && !(x.cells[slot].Number > 0) {
				return fmt.Errorf("study: scale: log: %q of participant %q at %q is %v, which has no logarithm", p.Outcome, x.ID, v.ID, x.cells[slot].Number)
			}
		}
	}
	return nil
}

// geometric adds the geometric means of baseline and visit to summaries of these.
func (c *comparison) geometric(list []Summary) []Summary {
	for i := range list {
		s := &list[i]
		var logs []float64
		for j := range c.records {
			switch r := &c.records[j]; {
			case r.Arm != s.Arm:
			case s.Visit == c.visit.ID && r.HasFollow:
				logs = append(logs, math.Log(r.Follow))
			case s.Visit != c.visit.ID && r.HasBaseline:
				logs = append(logs, math.Log(r.Baseline))
			}
		}
		if len(logs) > 0 {
			d := described(logs)
			s.Geometric = &Geometric{math.Exp(d.Mean), math.Exp(d.SD)}
		}
	}
	return list
}

// fill freezes an effect into a row of the comparison: of logarithms it is a ratio.
func (c *comparison) fill(r *Row, e stats.Effect) {
	if c.plan.Scale != ScaleLog {
		r.fill(e)
		return
	}
	c.fillWith(r, e, e.CI(r.Level), e.P(0))
}

// fillWith is fill with interval and p-value already asked for.
func (c *comparison) fillWith(r *Row, e stats.Effect, ci stats.Interval, p float64) {
	if c.plan.Scale != ScaleLog {
		r.fillWith(e, ci, p)
		return
	}
	ci.Lo, ci.Hi = math.Exp(ci.Lo), math.Exp(ci.Hi)
	if est, ok := e.(stats.Estimate); ok {
		r.fillWith(stats.Ratio{Log: est}, ci, p)
		return
	}
	r.fillWith(exponential{e}, ci, p)
}

// withhold freezes an estimate without interval and p-value.
func (c *comparison) withhold(r *Row, e stats.Estimate) {
	if r.withhold(e); c.plan.Scale == ScaleLog {
		r.Estimate = math.Exp(e.Value)
	}
}

// exponential is the ratio of an effect on logarithms.
type exponential struct{ log stats.Effect }

// Point returns the ratio.
func (x exponential) Point() float64 { return math.Exp(x.log.Point()) }

// CI returns the exponentials of the limits.
func (x exponential) CI(level float64) stats.Interval {
	ci := x.log.CI(level)
	ci.Lo, ci.Hi = math.Exp(ci.Lo), math.Exp(ci.Hi)
	return ci
}

// P returns the two-sided p-value, PGreater and PLess the one-sided ones.
func (x exponential) P(null float64) float64 { return x.log.P(logRatio(null)) }

// PGreater returns that of H0 ratio ≤ null.
func (x exponential) PGreater(null float64) float64 { return x.log.PGreater(logRatio(null)) }

// PLess returns that of H0 ratio ≥ null.
func (x exponential) PLess(null float64) float64 { return x.log.PLess(logRatio(null)) }

func (c *comparison) control() Arm  { return c.arms[len(c.arms)-1] }
func (c *comparison) active() []Arm { return c.arms[:len(c.arms)-1] }

// Reasons why a participant is not in a row; codes of the message catalog.
const (
	reasonNeverInFile      = "dropped-never-in-file"
	reasonMissingBaseline  = "dropped-missing-baseline"
	reasonMissingVisit     = "dropped-missing-visit"
	reasonMissingBoth      = "dropped-missing-both"
	reasonMissingCovariate = "dropped-missing-covariate"
	reasonMissingValue     = "dropped-missing-value"    // of an outcome without baseline
	reasonMissingExposure  = "dropped-missing-exposure" // of a count
	reasonNotInSet         = "dropped-not-in-set"
	reasonSetAside         = "dropped-set-aside"        // after an intercurrent event
	reasonRankedWorst      = "dropped-ranked-worst"     // by an estimand of trimmed means
	reasonNoneBefore       = "dropped-none-before"      // no value before the event
	reasonNotTreated       = "dropped-not-treated"      // no arm's treatment, or not recorded
	reasonReceivedUnknown  = "dropped-received-unknown" // of the effect in compliers
)

// missing says why the record cannot be in a row, or "": it needs a value at the
// visit and, where the outcome has one, at baseline.
func (c *comparison) missing(r *Record, covariates bool) string {
	based := c.outcome.HasBaseline()
	switch {
	case c.plan.Set == SetAsTreated:
		if r.Received != r.Arm {
			return reasonNotTreated
		}
	case c.plan.Set != "" && !r.Sets[c.plan.Set]:
		return reasonNotInSet
	}
	switch {
	case !r.HasFollow && r.Use.Worst():
		return reasonRankedWorst
	case !r.HasFollow && r.Use == estimand.SetAside && (!based || r.HasBaseline):
		return reasonSetAside
	case !r.HasFollow && r.Use == estimand.NoneBefore && (!based || r.HasBaseline):
		return reasonNoneBefore
	case !based && !r.HasFollow:
		return reasonMissingValue
	case c.outcome.Counted() && !r.HasExposure:
		return reasonMissingExposure
	case !based:
	case !r.HasBaseline && !r.HasFollow:
		return reasonMissingBoth
	case !r.HasBaseline:
		return reasonMissingBaseline
	case !r.HasFollow:
		return reasonMissingVisit
	}
	if covariates && !c.hasCovariates(r) {
		return reasonMissingCovariate
	}
	return ""
}

func (c *comparison) hasCovariates(r *Record) bool {
	for _, cov := range c.covariates {
		ok := false
		if cov.Kind == Category {
			_, ok = r.Categories[cov.ID]
		} else {
			_, ok = r.Numbers[cov.ID]
		}
		if !ok {
			return false
		}
	}
	return true
}

// used are the records of all arms that a row can use, by arm (control last), then
// ID. They are not to be changed.
func (c *comparison) used(covariates bool) []Record {
	if out, ok := c.found[covariates]; ok {
		return out
	}
	n := 0
	for i := range c.records {
		if c.missing(&c.records[i], covariates) == "" {
			n++
		}
	}
	out := make([]Record, 0, n)
	for i := range c.records {
		if c.missing(&c.records[i], covariates) == "" {
			out = append(out, c.records[i])
		}
	}
	c.found[covariates] = out
	return out
}

// complete returns those of an arm.
func (c *comparison) complete(arm string, covariates bool) []Record {
	all := c.used(covariates)
	from := 0
	for from < len(all) && all[from].Arm != arm {
		from++
	}
	to := from
	for to < len(all) && all[to].Arm == arm {
		to++
	}
	return all[from:to:to]
}

// compared returns the values of an arm that the simple methods compare, changes
// from baseline or, of an outcome without baseline, the values at the visit, and
// the strata that labels are exchanged in (nil where there are none).
func (c *comparison) compared(arm string) (x []float64, blocks []string) {
	used := c.complete(arm, false)
	x = make([]float64, 0, len(used))
	based := c.outcome.HasBaseline()
	for i := range used {
		r := &used[i]
		if based {
			x = append(x, r.Change)
		} else {
			x = append(x, r.Follow)
		}
		if c.strata.any() {
			blocks = append(blocks, r.Stratum)
		}
	}
	return x, blocks
}

// row starts a row for an active arm against control, or (contrast Within) for
// one arm: numbers analyzed, who is missing, and no estimate yet.
func (c *comparison) row(method Method, contrast Contrast, arm string, covariates bool) Row {
	return c.rowWith(method, contrast, arm, func(r *Record) string { return c.missing(r, covariates) })
}

// rowWith is row for a method that says itself who is missing from it.
func (c *comparison) rowWith(method Method, contrast Contrast, arm string, missing func(*Record) string) Row {
	nan := math.NaN()
	measure := measureOf(method)
	if c.plan.Scale == ScaleLog {
		measure = map[Measure]Measure{MeanDifference: GeometricMeanRatio, LocationDifference: LocationRatio}[measure]
	}
	r := Row{Outcome: c.outcome.ID, Visit: c.visit.ID, Contrast: contrast, Arm: arm, Method: method, Planned: method, Set: c.plan.Set, Estimand: c.plan.Estimand, Measure: measure,
		Estimate: nan, SE: nan, DF: nan, Level: c.plan.Level, Alpha: c.plan.alpha(), Role: RoleCompanion, Lower: nan, Upper: nan, P: nan, Adjusted: nan,
		N: map[string]int{}, Randomized: map[string]int{}, Observed: map[string]int{}}
	arms := []string{arm}
	if contrast == Between {
		r.Control = c.control().ID
		arms = append(arms, r.Control)
		if method == c.plan.Method() {
			r.Role = c.plan.Role
		}
	}
	for _, a := range arms {
		inFile, n := 0, 0
		for i := range c.records {
			rec := &c.records[i]
			if rec.Arm != a {
				continue
			}
			inFile++
			if reason := missing(rec); reason != "" {
				r.Dropped = append(r.Dropped, Dropped{ID: rec.ID, Arm: a, Reason: reason})
			} else {
				n++
			}
		}
		r.N[a] = n
		r.Observed[a] = r.N[a]
		r.Randomized[a] = c.randomized[a]
		never := reasonNeverInFile
		if c.plan.Set != "" { // nothing is known that would put them in it
			never = reasonNotInSet
		}
		for range c.randomized[a] - inFile {
			r.Dropped = append(r.Dropped, Dropped{Arm: a, Reason: never})
		}
	}
	return r
}

// fill freezes an effect into the row.
func (r *Row) fill(e stats.Effect) { r.fillWith(e, e.CI(r.Level), e.P(r.Measure.Null())) }

// fillWith is fill with interval and p-value already asked for.
func (r *Row) fillWith(e stats.Effect, ci stats.Interval, p float64) {
	r.Effect = e
	r.Estimate, r.Lower, r.Upper = e.Point(), ci.Lo, ci.Hi
	r.LoOpen, r.HiOpen = ci.LoOpen, ci.HiOpen
	r.P = p
	if r.SE, r.DF = standardErrorOf(e); math.IsNaN(r.DF) {
		r.Notes = append(r.Notes, Note{Code: "no-standard-error"})
	}
	if math.IsInf(ci.Lo, 0) || math.IsInf(ci.Hi, 0) {
		code := "interval-unbounded"
		if ci.Why == stats.WhyLevel {
			code = "interval-level-unattainable"
		}
		r.Notes = append(r.Notes, Note{Code: code, Args: map[string]any{"level": r.Level}})
	}
	if ci.Why == stats.WhyEmpty {
		r.Notes = append(r.Notes, Note{Code: "interval-empty", Args: map[string]any{"level": r.Level}})
	}
}

// completeCases are the notes about participants with both values.
var completeCases = []string{"complete-cases", "complete-cases-beside", "complete-cases-values", "complete-cases-set-aside", "complete-cases-worst"}

// SharedNotes are the result's notes that concern the row: what complete cases
// assume is no matter of a row that uses incomplete ones.
func (res Result) SharedNotes(row Row) []Note {
	if !row.Method.Repeated() && !row.Method.imputed() {
		return res.Notes
	}
	return slices.DeleteFunc(slices.Clone(res.Notes), func(n Note) bool {
		return slices.Contains(completeCases, n.Code)
	})
}

// interval is the row's frozen interval.
func (r Row) interval() stats.Interval {
	return stats.Interval{Lo: r.Lower, Hi: r.Upper, Level: r.Level, LoOpen: r.LoOpen, HiOpen: r.HiOpen}
}

// IncludesZero reports whether no effect is inside the row's interval. A row
// without an effect includes nothing.
func (r Row) IncludesZero() bool {
	return r.Effect != nil && r.interval().Contains(r.Measure.Null())
}

// answers reports whether the row is one that answers a plan.
func (r Row) answers(p Plan) bool {
	if !p.Model.ofKind() { // which foresee a measure, and a choice among methods
		return r.Method == p.Method() && r.Set == p.Set && r.Estimand == p.Estimand && (r.Measure.Scale() == ScaleRatio) == (p.Scale == ScaleLog)
	}
	return r.Contrast == Between && r.Planned == p.Method() && r.Set == p.Set && r.Estimand == p.Estimand && (p.Effect == "" || p.Effect == r.Measure)
}

// measureOf is what a method of measurements compares.
func measureOf(m Method) Measure {
	return cmp.Or(map[Method]Measure{MethodMannWhitney: LocationDifference, MethodMannWhitneyChange: LocationDifference,
		MethodPairedT: MeanChange, MethodTrimmedMeans: TrimmedMeanDifference}[m], MeanDifference)
}

// refuse explains why the row has no estimate. An error that the data's shape
// does not explain is returned.
func (r *Row) refuse(err error) error {
	code := ""
	var model *modelError
	if errors.As(err, &model) {
		r.Notes = append(r.Notes, model.note)
		return nil
	}
	if n, ok := notConverged(err); ok {
		r.Notes = append(r.Notes, n)
		return nil
	}
	switch {
	case err == nil:
		return nil
	case r.Contrast == Between && (r.N[r.Arm] == 0 || r.N[r.Control] == 0):
		code = "empty-arm"
	case r.Contrast == Within && r.N[r.Arm] == 0:
		code = "empty-arm"
	case errors.Is(err, stats.ErrTooFew):
		code = "too-few"
	case errors.Is(err, stats.ErrNoVariation):
		code = "no-variation"
	case errors.Is(err, stats.ErrSingular):
		code = "singular"
	case errors.Is(err, stats.ErrDomain), errors.Is(err, stats.ErrNotConverged):
		code = "not-computable"
	default:
		return err
	}
	r.Notes = append(r.Notes, Note{Code: code, Args: map[string]any{"detail": err.Error()}})
	return nil
}

// errEmpty stands for the error of a method that was not even tried.
var errEmpty = &stats.SampleError{Func: "Analyze", Arg: "arm", Index: -1, Err: stats.ErrTooFew, Info: "n = 0"}

// loss is why a participant has no value.
type loss int

const (
	lostToFollowUp loss = iota // after the last value, without an event
	lostAfter                  // after an event of treatment policy
	lostAside                  // set aside by a hypothetical strategy, or not before an event
)

// imputable are a plan's outcome at all visits, of everybody who is imputed.
type imputable struct {
	data    *impute.Data
	people  []*subject
	visits  map[string]string // visit → its name in the data
	reasons map[string]string // of those who are not among them
	filled  int               // baselines that are the mean
}

// noMean reports whether somebody has no mean to carry forward.
func (in *imputable) noMean() bool {
	return slices.ContainsFunc(in.data.Events, func(e impute.Event) bool { return e.Strategy == impute.LMCF && e.Visit == 0 })
}

// imputable takes everybody with a baseline and the covariates, or with fill everybody
// with these, whose missing baselines are then the mean of all; strategy says what is
// assumed of those lost. Values that an estimand gives are given.
func (d *Dataset) imputable(p Plan, fill bool, strategy func(why loss, event string) impute.Strategy) *imputable {
	p.Model = MMRM
	f := &repeatedFit{plan: p, baseline: d.BaselineVisit(p.Outcome), visits: d.PostVisits(p.Outcome), arms: d.armsControlLast(),
		reasons: map[string]string{}, observed: map[string]map[string]int{}, n: map[string]int{}, strata: d.strata}
	data := d.repeatedData(f)
	base, _ := d.slot(p.Outcome, f.baseline.ID)
	for _, x := range d.participants { // those without any later value are imputed too
		switch f.reasons[x.ID] {
		case reasonNoFollowUp, reasonSetAside:
		case reasonMissingBaseline, reasonNoValues:
			if !fill {
				continue
			}
		default:
			continue
		}
		whole := true
		for _, id := range p.Covariates {
			_, number := x.Numbers[id]
			_, category := x.Categories[id]
			whole = whole && (number || category)
		}
		if !whole {
			f.reasons[x.ID] = reasonMissingCovariate
			continue
		}
		f.reasons[x.ID] = ""
		data.people, data.baseline = append(data.people, x), append(data.baseline, x.cells[base])
		for j, v := range data.visits {
			slot, _ := d.slot(p.Outcome, v.ID)
			data.values[j] = append(data.values[j], x.cells[slot])
		}
	}
	out := &imputable{data: &impute.Data{Trial: *data.trial(f)}, people: data.people, visits: map[string]string{}, reasons: f.reasons}
	for _, v := range data.visits {
		out.visits[v.ID] = modelVisit(v.ID)
	}
	mean := math.NaN()
	if fill {
		for _, none := range out.data.NoBaseline {
			out.filled += btoi(none)
		}
		if values, m, err := impute.MeanBaseline(out.data.Baseline, out.data.NoBaseline); err == nil && out.filled > 0 {
			out.data.Baseline, out.data.NoBaseline, mean = values, make([]bool, len(values)), m
		}
	}
	for i, x := range data.people {
		out.data.Participants = append(out.data.Participants, x.ID)
		if e := d.lossOf(x, i, data.visits, data.values, mean, strategy); e.Visit < len(data.visits) {
			out.data.Events = append(out.data.Events, e)
		}
	}
	return out
}

// lossOf is from which visit on a participant's values are missing or given, and what is
// assumed of them. mean is the baseline of who has none, whose change of 0 ends there.
func (d *Dataset) lossOf(x *subject, i int, visits []Visit, values [][]cell, mean float64, strategy func(why loss, event string) impute.Strategy) impute.Event {
	last := 0 // the visit after the last value
	for v := range visits {
		if values[v][i].ok {
			last = v + 1
		}
	}
	e := impute.Event{Participant: i, Visit: last, Strategy: strategy(lostToFollowUp, "")}
	if d.answers == nil {
		return e
	}
	k, _ := d.position(x.ID)
	policy, aside := false, false
	for v, visit := range visits {
		c := d.answers.cells[k][slices.IndexFunc(d.answers.visits, func(w Visit) bool { return w.ID == visit.ID })]
		switch {
		case c.Use == estimand.Given || c.Use == estimand.LastBefore:
			if values[v][i].ok {
				return impute.Event{Participant: i, Visit: v, Strategy: impute.Given, Value: values[v][i].Number}
			}
			if c.Use == estimand.Given && finite(mean) {
				return impute.Event{Participant: i, Visit: v, Strategy: impute.Given, Value: mean}
			}
		case policy || aside:
		case c.Use == estimand.ObservedAfter || c.Use == estimand.AbsentAfter:
			policy, e = true, impute.Event{Participant: i, Visit: v, Strategy: strategy(lostAfter, c.Event),
				Kind: slices.IndexFunc(d.answers.estimand.Strategies, func(h estimand.Handling) bool { return h.Event == c.Event })}
		case c.Use == estimand.SetAside || c.Use == estimand.NoneBefore:
			aside, e = true, impute.Event{Participant: i, Visit: v, Strategy: strategy(lostAside, c.Event)}
		}
	}
	return e
}
