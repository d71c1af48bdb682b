package study

import (
	"context"
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Analyze answers one plan: an outcome at a visit after baseline. Whatever the
// plan's model, every row that the visit allows is computed; the plan's own
// decides (Row.Decides), and the others are companions beside it:
//
//	ancova                follow-up ~ baseline + arm, one model over all arms
//	ancova-adjusted       the same with the plan's covariates
//	permutation-ancova    arms re-randomized, the model refitted, |t| compared
//	welch-change          Welch's t of the changes
//	permutation-change    difference in mean change, exact (up to about 80 a
//	                      group on a scale of 101 steps; then approximate, and
//	                      its note says so, unless the plan says exact)
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
	c := &checker{Protocol: d.protocol}
	c.checkPlan("plan", p)
	if p.Visit == "" && !p.Model.repeated() {
		c.Add("plan.visit", "problem-name-a-visit")
	}
	if len(c.Faults) > 0 {
		return Result{}, fmt.Errorf("study: Analyze: %w", yamlfile.ProblemsOf(c.Faults))
	}
	p = d.protocol.planDefaults(p)
	cache := newAnalysisCache(newRepeatedCache(), &risks{})
	if p.Visit == "" || p.Visit == OverallVisit {
		return d.analyzeRepeated(ctx, p, cache.fits, true, p.Visit == OverallVisit)
	}
	return d.analyzeVisit(ctx, []Plan{p}, cache)
}

// analyzeAverages answers the plans about the average over visits, in one
// result per model; the first plan decides.
func (d *Dataset) analyzeAverages(ctx context.Context, outcome string, fits *repeatedCache) ([]Result, error) {
	var out []Result
	for i, p := range d.protocol.plansAt(outcome, OverallVisit) {
		res, err := d.analyzeRepeated(ctx, p, fits, i == 0, true)
		if err != nil {
			return nil, err
		}
		out = append(out, res)
	}
	return out, nil
}

// analysisCache holds what several plans for one outcome and visit share.
type analysisCache struct {
	fits   *repeatedCache
	visits map[string]*visitRows
	risks  *risks
}

func newAnalysisCache(fits *repeatedCache, risks *risks) *analysisCache {
	return &analysisCache{fits, map[string]*visitRows{}, risks}
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
	key := fmt.Sprintf("%s\x00%s\x00%v\x00%d\x00%v", c.outcome.ID, c.visit.ID, c.plan.Level, c.plan.Seed, c.exact)
	if v := cache.visits[key]; v != nil {
		return v, nil
	}
	v := &visitRows{}
	names := c.methods()
	beside := *c
	beside.plan.SE = "" // the plan's kind of standard errors is its own row's
	fit, rows, err := beside.modelRows(names.model, false)
	if err != nil {
		return nil, err
	}
	v.rows, v.lsMeans = rows, c.lsMeans(names.model, fit)
	companions := []func(context.Context) ([]Row, []Floor, error){c.welchRows, c.permutationChangeRows, c.rankRows}
	if c.outcome.HasBaseline() {
		companions = slices.Insert(companions, 0, c.permutationANCOVARows)
	}
	for _, method := range companions {
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
	if c.outcome.HasBaseline() {
		if v.within, err = c.withinRows(); err != nil {
			return nil, err
		}
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

// analyzeVisit computes all rows of an outcome at a visit. The first of the
// plans, which are checked and have their defaults, decides; the further ones
// add the rows of their methods.
func (d *Dataset) analyzeVisit(ctx context.Context, plans []Plan, cache *analysisCache) (Result, error) {
	p := plans[0]
	c := d.comparison(p)
	if !c.outcome.Measured() {
		return d.analyzeKind(ctx, plans, cache.risks)
	}
	c.exact = slices.ContainsFunc(plans, func(p Plan) bool { return p.Exact })
	res := Result{
		Study: StudyInfo{d.protocol.Title, d.protocol.Registration, d.protocol.Simulated},
		Plan:  p, Outcome: c.outcome, Visit: c.visit, Baseline: d.BaselineVisit(p.Outcome),
		Arms: c.arms, Level: p.Level, Decimals: d.Decimals(p.Outcome), Records: c.records, Randomized: c.randomized,
	}
	shared, err := c.visitRows(ctx, cache)
	if err != nil {
		return Result{}, err
	}
	res.Rows = copyRows(shared.rows)
	for i := range res.Rows { // shared with plans of other roles
		res.Rows[i].Role = RoleCompanion
	}
	res.LSMeans = slices.Clone(shared.lsMeans)
	for i, q := range plans {
		own := d.comparisonOf(q, c.records)
		fit, rows, means, err := own.planRows(ctx, d, cache.fits)
		if err != nil {
			return Result{}, err
		}
		res.add(rows, means, i == 0)
		if i > 0 {
			continue
		}
		res.own = own
		if res.Joint, err = own.joint(ctx, fit); err != nil {
			return Result{}, err
		}
		if res.BaselineSlopes, err = own.baselineSlopes(fit); err != nil {
			return Result{}, err
		}
		res.Diagnostics = own.diagnostics(fit)
	}
	if c.outcome.Bounded() {
		rows, err := res.own.boundedRows()
		if err != nil {
			return Result{}, err
		}
		res.Rows = append(res.Rows, rows...)
	}
	res.Floors = slices.Clone(shared.floors)
	res.Within = copyRows(shared.within)
	res.Summaries = c.summaries(res.Baseline)
	res.EffectSizes = c.effectSizes()
	res.Responders, res.ResponderContrasts = respondersOf(
		c.outcome, c.visit.ID, c.arms, c.records, c.randomized, p.Level, cache.risks)
	if res.ResponderEffects, err = res.responderEffects(cache.risks); err != nil {
		return Result{}, err
	}
	compliers, err := res.own.caceRows()
	if err != nil {
		return Result{}, err
	}
	res.Rows = append(res.Rows, compliers...)
	for _, q := range plans {
		rows, err := d.sensitivity(ctx, q)
		if err != nil {
			return Result{}, err
		}
		res.Sensitivity = append(res.Sensitivity, rows...)
	}
	c.judgeRows(&res)
	c.addDoubts(&res, plans)
	res.Importance = c.importanceOf(res.Rows)
	return res, nil
}

// planRows are the rows of the plan's own method, with its model's means and, of
// a linear model of all arms at the visit, the fit.
func (c *comparison) planRows(ctx context.Context, d *Dataset, fits *repeatedCache) (*armsFit, []Row, []LSMean, error) {
	method := c.plan.Method()
	switch {
	case method.Repeated():
		fit, err := fits.fit(ctx, d, c.plan)
		if err != nil {
			return nil, nil, nil, err
		}
		if c.plan.Model != MixedANOVA {
			c.by = fit.by
		}
		rows, err := fit.rows(c)
		return nil, rows, fit.lsMeans(c.plan.Level, c.visit.ID), err
	case method == c.methods().welch:
		rows, _, err := c.welchRows(ctx)
		return nil, rows, nil, err
	}
	fit, rows, err := c.modelRows(method, method == c.methods().adjusted)
	return fit, rows, c.lsMeans(method, fit), err
}

// add puts a plan's rows in the place of its method's; what has none comes
// behind ANCOVA's, where it is the same with covariates, or else first, behind
// earlier plans'.
func (res *Result) add(rows []Row, means []LSMean, decides bool) {
	if len(rows) == 0 {
		return
	}
	method := rows[0].Method
	set := rows[0].Set
	same := func(r Row) bool { return r.Method == method && r.Set == set }
	i := slices.IndexFunc(res.Rows, same)
	switch {
	case i < 0 && set != "": // of another set: behind all of everybody
		i = len(res.Rows)
	case i < 0:
		before := func(r Row) bool { return r.Method.Repeated() }
		switch method {
		case MethodANCOVAAdjusted:
			before = func(r Row) bool { return r.Method.Repeated() || r.Method == MethodANCOVA }
		case MethodLinearAdjusted:
			before = func(r Row) bool { return r.Method.Repeated() || r.Method == MethodLinear }
		}
		if i = slices.IndexFunc(res.Rows, func(r Row) bool { return !before(r) }); i < 0 {
			i = len(res.Rows)
		}
	}
	for k := range rows {
		rows[k].Decides = decides
	}
	res.Rows = slices.Insert(slices.DeleteFunc(res.Rows, same), i, rows...)
	if set != "" { // means are everybody's
		return
	}
	sameMean := func(l LSMean) bool { return l.Method == method }
	i = max(slices.IndexFunc(res.LSMeans, sameMean), 0)
	res.LSMeans = slices.Insert(slices.DeleteFunc(res.LSMeans, sameMean), i, means...)
}

// armsControlLast returns the active arms in the protocol's order, then the
// control.
func (d *Dataset) armsControlLast() []Arm {
	return append(slices.Clone(d.ActiveArms()), d.Control())
}

func (d *Dataset) outcome(id string) (Outcome, bool) { return d.protocol.Outcome(id) }

func (d *Dataset) covariate(id string) (Covariate, bool) {
	for _, c := range d.protocol.Data.Covariates {
		if c.ID == id {
			return c, true
		}
	}
	return Covariate{}, false
}
