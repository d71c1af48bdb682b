package study

import (
	"context"
	"fmt"
	"slices"
)

// Analyze answers one plan: an outcome at a visit after baseline. Whatever the
// plan's model, every row that the visit allows is computed; the plan's model
// alone gives the verdict, and the others are sensitivity analyses beside it:
//
//	ancova                follow-up ~ baseline + arm, one model over all arms
//	ancova-adjusted       the same with the plan's covariates
//	permutation-ancova    arms re-randomized, the model refitted, |t| compared
//	welch-change          Welch's t of the changes
//	permutation-change    difference in mean change, exact (up to about 380 a
//	                      group on a scale of 101 steps; then Monte Carlo, and
//	                      its note says so)
//	mann-whitney-change   Hodges–Lehmann shift of the changes, exact (up to
//	                      200 × 200; then the normal approximation, and its
//	                      note says so)
//	paired-t              mean change within each arm, no evidence of an effect
//	mmrm, clda, lmm,      the plan's model of all visits, if it is one: the
//	mixed-anova           visit's rows from the one fit
//
// A plan for a model of all visits may leave the visit out: the result then
// has that model's rows of every visit and of their average, its LS-means and
// F tests, and nothing else.
//
//	mmrm         post-baseline values on arm × visit + baseline × visit +
//	             covariates; everybody with a baseline and a later value
//	clda         values, baseline among them with one mean for all arms
//	lmm          as mmrm, with a random intercept (and slope) of participants
//	mixed-anova  arm × visit among participants without a missing visit
//
// Every active arm is compared with the declared control, active − control,
// over the participants whose baseline and visit were observed. A number that
// the data cannot give is NaN in its row, which says why; that is no error.
// Errors are plans that the protocol or the library cannot answer.
func (d *Dataset) Analyze(p Plan) (Result, error) {
	return d.AnalyzeContext(context.Background(), p)
}

// AnalyzeContext is Analyze that stops with the context's error.
func (d *Dataset) AnalyzeContext(ctx context.Context, p Plan) (Result, error) {
	if err := d.checkPlan(&p); err != nil {
		return Result{}, err
	}
	return d.analyzePlan(ctx, p, newAnalysisCache(newRepeatedCache()))
}

// analyzePlan is Analyze for a checked plan.
func (d *Dataset) analyzePlan(ctx context.Context, p Plan, cache *analysisCache) (Result, error) {
	if p.Model.repeated() && (p.Visit == "" || p.Visit == OverallVisit) {
		return d.analyzeRepeated(ctx, p, cache.fits, p.Visit == OverallVisit)
	}
	return d.analyzeVisit(ctx, p, cache)
}

// checkPlan fills the plan's defaults and refuses what cannot be answered.
func (d *Dataset) checkPlan(p *Plan) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("study: plan for outcome %q at visit %q: %s", p.Outcome, p.Visit, fmt.Sprintf(format, args...))
	}
	if p.Level == 0 {
		p.Level = 0.95
	}
	if !(p.Level > 0 && p.Level < 1) {
		return fail("level %v is not between 0 and 1", p.Level)
	}
	if p.Margin < 0 {
		return fail("margin %v is negative", p.Margin)
	}
	if p.Model == "" {
		p.Model = defaultModel
	}
	switch p.Model {
	case ANCOVA, WelchChange, MMRM, CLDA, MixedANOVA, LMM:
	default:
		return fail("unknown model %q", p.Model)
	}
	if _, ok := d.outcome(p.Outcome); !ok {
		return fail("no such outcome in the protocol")
	}
	for _, f := range modelFaults(d.protocol, *p) {
		return fail("%s: %s", f.path, f.text)
	}
	if p.Model.repeated() && (p.Visit == "" || p.Visit == OverallVisit) {
		return d.checkCovariates(*p, fail)
	}
	if p.Visit == "" {
		return fail("name a visit (AnalyzeAll answers a plan for all visits)")
	}
	if !slices.ContainsFunc(d.PostVisits(p.Outcome), func(v Visit) bool { return v.ID == p.Visit }) {
		return fail("no such visit after baseline")
	}
	return d.checkCovariates(*p, fail)
}

func (d *Dataset) checkCovariates(p Plan, fail func(string, ...any) error) error {
	for _, c := range p.Covariates {
		if _, ok := d.covariate(c); !ok {
			return fail("no covariate %q in the protocol", c)
		}
	}
	return nil
}

// analyzeCell answers all plans of an outcome at a visit in one result: the
// first primary plan leads, or else the first. Rows that a further plan has
// and the leading one does not are added.
func (d *Dataset) analyzeCell(ctx context.Context, outcome, visit string, cache *analysisCache) (Result, error) {
	plans := d.plansFor(outcome, visit)
	lead := Plan{Outcome: outcome, Visit: visit}
	if len(plans) > 0 {
		lead = plans[0]
	}
	if err := d.checkPlan(&lead); err != nil {
		return Result{}, err
	}
	res, err := d.analyzeVisit(ctx, lead, cache)
	if err != nil || len(plans) < 2 {
		return res, err
	}
	for i, p := range plans[1:] {
		// Two plans of one method are one fit, for a visit and for all of them;
		// Validate refuses others.
		if slices.ContainsFunc(plans[:i+1], func(q Plan) bool { return planMethod(p) == planMethod(q) }) {
			continue
		}
		if err := d.checkPlan(&p); err != nil {
			return res, err
		}
		more, err := d.analyzeVisit(ctx, p, cache)
		if err != nil {
			return res, err
		}
		for _, row := range more.Rows {
			i := slices.IndexFunc(res.Rows, func(r Row) bool { return r.Method == row.Method && r.Arm == row.Arm })
			switch {
			case i < 0:
				res.Rows = append(res.Rows, row)
			case row.Method == planMethod(p):
				res.Rows[i] = row
			}
		}
		for _, l := range more.LSMeans {
			if l.Method == string(p.Model) && p.Model.repeated() {
				res.LSMeans = append(res.LSMeans, l)
			}
		}
		res.Importance = append(res.Importance, more.Importance...)
	}
	return res, nil
}

// plansFor returns the plans of an outcome at a visit, primary ones first.
func (d *Dataset) plansFor(outcome, visit string) []Plan {
	var primary, other []Plan
	for _, p := range d.protocol.Plans {
		if p.Outcome != outcome || (p.Visit != "" && p.Visit != visit) {
			continue
		}
		p.Visit = visit
		if p.Primary {
			primary = append(primary, p)
		} else {
			other = append(other, p)
		}
	}
	return append(primary, other...)
}

// analyzeAverages answers the plans of models of all visits for an outcome
// about the average over visits, in one result per model.
func (d *Dataset) analyzeAverages(ctx context.Context, outcome string, fits *repeatedCache) ([]Result, error) {
	var out []Result
	seen := map[string]bool{}
	for _, p := range d.averagePlans(outcome) {
		if seen[planMethod(p)] {
			continue
		}
		seen[planMethod(p)] = true
		if err := d.checkPlan(&p); err != nil {
			return nil, err
		}
		res, err := d.analyzeRepeated(ctx, p, fits, true)
		if err != nil {
			return nil, err
		}
		out = append(out, res)
	}
	return out, nil
}

// averagePlans are the outcome's plans with a row for the average over visits,
// primary ones first.
func (d *Dataset) averagePlans(outcome string) []Plan {
	var out []Plan
	for _, p := range d.protocol.Plans {
		if p.Outcome == outcome && p.Model.repeated() && (p.Visit == "" || p.Visit == OverallVisit) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Plan) int {
		switch {
		case a.Primary == b.Primary:
			return 0
		case a.Primary:
			return -1
		}
		return 1
	})
	return out
}

// planMethod is the row that gives the plan its verdict.
func planMethod(p Plan) string {
	switch {
	case p.Model == WelchChange, p.Model.repeated():
		return string(p.Model)
	case len(p.Covariates) > 0:
		return "ancova-adjusted"
	}
	return "ancova"
}

// analysisCache holds what several plans for one outcome and visit share.
type analysisCache struct {
	fits   *repeatedCache
	visits map[string]*visitRows
}

func newAnalysisCache(fits *repeatedCache) *analysisCache {
	return &analysisCache{fits, map[string]*visitRows{}}
}

// visitRows are the rows at a visit that do not depend on the plan's model.
type visitRows struct {
	rows    []Row
	within  []Row
	lsMeans []LSMean
	floors  []Floor
}

// visitRows computes them, or finds them computed for another plan.
func (c *comparison) visitRows(ctx context.Context, cache *analysisCache) (*visitRows, error) {
	key := fmt.Sprintf("%s\x00%s\x00%v\x00%d", c.outcome.ID, c.visit.ID, c.plan.Level, c.plan.Seed)
	if v := cache.visits[key]; v != nil {
		return v, nil
	}
	v := &visitRows{}
	fit, rows, err := c.ancovaRows()
	if err != nil {
		return nil, err
	}
	v.rows, v.lsMeans = rows, c.lsMeans(fit)
	for _, method := range []func(context.Context) ([]Row, []Floor, error){
		c.permutationANCOVARows, c.welchRows, c.permutationChangeRows, c.rankRows,
	} {
		rows, floors, err := method(ctx)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		v.rows = append(v.rows, rows...)
		v.floors = append(v.floors, floors...)
	}
	if v.within, err = c.withinRows(); err != nil {
		return nil, err
	}
	cache.visits[key] = v
	return v, nil
}

// copyRows returns rows whose notes can be added to.
func copyRows(rows []Row) []Row {
	out := slices.Clone(rows)
	for i := range out {
		out[i].Notes = slices.Clone(out[i].Notes)
	}
	return out
}

// analyzeVisit computes all rows of an outcome at a visit. The plan is checked.
func (d *Dataset) analyzeVisit(ctx context.Context, p Plan, cache *analysisCache) (Result, error) {
	c := d.comparison(p)
	res := Result{
		Study: StudyInfo{d.protocol.Title, d.protocol.Registration, d.protocol.Simulated},
		Plan:  p, Outcome: c.outcome, Visit: c.visit, Baseline: d.BaselineVisit(p.Outcome),
		Arms: c.arms, Level: p.Level, Records: c.sortedRecords(), Randomized: c.randomized,
	}
	if p.Model.repeated() {
		fit, err := cache.fits.fit(ctx, d, p)
		if err != nil {
			return Result{}, err
		}
		if res.Rows, err = fit.rows(c); err != nil {
			return Result{}, err
		}
		res.LSMeans = fit.lsMeans(p.Visit)
	}
	shared, err := c.visitRows(ctx, cache)
	if err != nil {
		return Result{}, err
	}
	rows := copyRows(shared.rows)
	if len(p.Covariates) > 0 {
		adjusted, err := c.adjustedRows()
		if err != nil {
			return Result{}, err
		}
		rows = slices.Insert(rows, len(c.active()), adjusted...) // behind ANCOVA's
	}
	for i := range rows {
		rows[i].Primary = p.Primary && rows[i].Method == planMethod(p)
	}
	res.Rows = append(res.Rows, rows...)
	res.LSMeans = append(res.LSMeans, shared.lsMeans...)
	res.Floors = slices.Clone(shared.floors)
	res.Within = copyRows(shared.within)
	res.Summaries = c.summaries(res.Baseline)
	res.EffectSizes = c.effectSizes()
	res.Responders, res.ResponderContrasts = respondersOf(
		c.outcome, c.visit.ID, c.arms, c.records, c.randomized, p.Level)
	if res.ResponderEffects, err = res.responderEffects(); err != nil {
		return Result{}, err
	}
	c.judgeRows(&res)
	res.Importance = c.importanceOf(res.Rows)
	c.addDoubts(&res)
	if d.protocol.Simulated {
		res.Sweep = c.sweep()
	}
	return res, nil
}

// flow counts each arm's participants, control last.
func (d *Dataset) flow() []ArmFlow {
	var out []ArmFlow
	for _, a := range d.armsControlLast() {
		f := ArmFlow{Arm: a.ID, Randomized: d.Randomized(a.ID), Declared: a.Randomized > 0}
		for _, x := range d.participants {
			if x.Arm == a.ID {
				f.InFile++
			}
		}
		out = append(out, f)
	}
	return out
}

// armsControlLast returns the active arms in the protocol's order, then the
// control.
func (d *Dataset) armsControlLast() []Arm {
	return append(slices.Clone(d.ActiveArms()), d.Control())
}

func (d *Dataset) outcome(id string) (Outcome, bool) {
	for _, o := range d.protocol.Outcomes {
		if o.ID == id {
			return o, true
		}
	}
	return Outcome{}, false
}

func (d *Dataset) covariate(id string) (Covariate, bool) {
	for _, c := range d.protocol.Data.Covariates {
		if c.ID == id {
			return c, true
		}
	}
	return Covariate{}, false
}
