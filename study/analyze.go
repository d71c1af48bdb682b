package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
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
	if err := d.hasLogarithms(p); err != nil {
		return Result{}, err
	}
	cache := newAnalysisCache(newRepeatedCache(), &risks{})
	if p.Visit == "" || p.Visit == OverallVisit {
		return d.analyzeRepeated(ctx, p, cache.fits, true, p.Visit == OverallVisit)
	}
	return d.analyzeVisit(ctx, []Plan{p}, cache)
}

// Answer is what decides in Analyze, and no more: a row for each active arm by the
// plan's own method, with its verdict and its answer to a margin. The companions beside
// it, which take nearly all of Analyze's time, are left out, and with them the notes
// that compare. It is for analyses by the thousand (study/simulate).
func (d *Dataset) Answer(ctx context.Context, p Plan) ([]Row, error) {
	c := &checker{Protocol: d.protocol}
	c.checkPlan("plan", p)
	if p.Visit == "" {
		c.Add("plan.visit", "problem-name-a-visit")
	}
	if len(c.Faults) > 0 {
		return nil, fmt.Errorf("study: Answer: %w", yamlfile.ProblemsOf(c.Faults))
	}
	p = d.protocol.planDefaults(p)
	if err := d.hasLogarithms(p); err != nil {
		return nil, err
	}
	d = d.under(p)
	at := p
	if p.Visit == OverallVisit {
		at.Visit = d.PostVisits(p.Outcome)[0].ID
	}
	own := d.comparison(at)
	if p.Visit == OverallVisit {
		own.plan, own.visit = p, Visit{ID: OverallVisit}
	}
	res := Result{Arms: own.arms}
	if own.outcome.Measured() {
		_, rows, _, err := own.planRows(ctx, d, newRepeatedCache())
		if err != nil {
			return nil, err
		}
		res.Rows = rows
	} else {
		k, err := own.kindRows(&risks{})
		if err != nil {
			return nil, err
		}
		for _, a := range own.active() {
			row, err := k.planned(ctx, a.ID)
			if err != nil {
				return nil, err
			}
			res.Rows = append(res.Rows, row)
		}
	}
	for i := range res.Rows {
		res.Rows[i].Decides = true
	}
	own.judgeRows(&res)
	for i := range res.Rows {
		own.testMargin(&res.Rows[i], p)
	}
	return res.Rows, nil
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
func (c *comparison) visitRows(ctx context.Context, raw *comparison, cache *analysisCache) (*visitRows, error) {
	key := fmt.Sprintf("%s\x00%s\x00%v\x00%d\x00%v\x00%s\x00%s", c.outcome.ID, c.visit.ID, c.plan.Level, c.plan.Seed, c.exact, c.plan.Scale, c.plan.Estimand)
	if v := cache.visits[key]; v != nil {
		return v, nil
	}
	v := &visitRows{}
	names := c.methods()
	beside := *c
	beside.plan.SE, beside.plan.VarianceByArm = "", false // the plan's kind of standard errors is its own row's
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
		if v.within, err = raw.withinRows(); err != nil {
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
	p, whole := plans[0], d
	d = whole.under(p)
	c := d.raw(p)
	if !c.outcome.Measured() {
		return whole.analyzeKind(ctx, plans, cache.risks)
	}
	c.exact = slices.ContainsFunc(plans, func(p Plan) bool { return p.Exact })
	res := Result{
		Study: StudyInfo{d.protocol.Title, d.protocol.Registration, d.protocol.Simulated},
		Plan:  p, Outcome: c.outcome, Visit: c.visit, Baseline: d.BaselineVisit(p.Outcome),
		Arms: c.arms, Level: p.Level, Decimals: d.Decimals(p.Outcome), Records: c.records, Randomized: c.randomized,
	}
	compared := c
	if p.Scale == ScaleLog {
		compared = d.comparisonOf(p, c.records)
		compared.exact = c.exact
	}
	shared, err := compared.visitRows(ctx, c, cache)
	if err != nil {
		return Result{}, err
	}
	res.Rows = copyRows(shared.rows)
	for i := range res.Rows { // shared with plans of other roles
		res.Rows[i].Role = RoleCompanion
	}
	res.LSMeans = slices.Clone(shared.lsMeans)
	for i, q := range plans {
		asked, records := d, c.records
		if q.Estimand != p.Estimand {
			asked = whole.under(q)
			records = asked.recordsByArm(q)
		}
		own := asked.comparisonOf(q, records)
		fit, rows, means, err := own.planRows(ctx, asked, cache.fits)
		if err == nil {
			err = own.familyRows(ctx, asked, rows, fit, cache.fits)
		}
		if err != nil {
			return Result{}, err
		}
		res.add(rows, means, i == 0)
		res.Asked = append(res.Asked, own.asked(asked, rows)...)
		if q.Trend {
			t, err := own.trend(ctx, asked, fit, cache.fits)
			if err != nil {
				return Result{}, err
			}
			res.Trends = append(res.Trends, t)
		}
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
		if q.Scale == ScaleLog { // the scale's end is one of values
			res.Diagnostics.Floor = c.diagnostics(nil).Floor
		}
	}
	if c.outcome.Bounded() { // whose plans are of the values as they are
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
	if err := res.assume(ctx, whole, plans); err != nil {
		return Result{}, err
	}
	c.judgeRows(&res)
	c.addDoubts(&res, plans)
	res.Importance = c.importanceOf(res.Rows)
	if p.Scale == ScaleLog {
		res.Summaries = c.geometric(res.Summaries)
	}
	return res, nil
}

// planRows are the rows of the plan's own method, with its model's means and, of
// a linear model of all arms at the visit, the fit.
func (c *comparison) planRows(ctx context.Context, d *Dataset, fits *repeatedCache) (*armsFit, []Row, []LSMean, error) {
	method := c.plan.Method()
	switch {
	case method.imputed():
		rows, means, err := c.imputedRows(ctx, d)
		return nil, rows, means, err
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
	case method == MethodTrimmedMeans:
		rows, err := c.trimmedRows(ctx, d.answers.estimand)
		return nil, rows, nil, err
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
	if rows[0].Estimand != res.Plan.Estimand {
		set = cmp.Or(set, SetITT) // beside: of everybody, and another question
	}
	scale := rows[0].Measure.Scale()
	same := func(r Row) bool {
		return r.Method == method && r.Set == rows[0].Set && r.Estimand == rows[0].Estimand && r.Measure.Scale() == scale
	}
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
	if set != "" || scale != ScaleUnit { // means are everybody's, and of values as they are
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

// AnalyzeAll analyzes every outcome at every visit after baseline, whether or
// not a plan names it: plans mark what was specified beforehand and what is
// primary. It adds safety and the account of the data.
func (d *Dataset) AnalyzeAll() (Report, error) {
	return d.AnalyzeAllContext(context.Background())
}

// AnalyzeAllContext is AnalyzeAll that stops with the context's error.
func (d *Dataset) AnalyzeAllContext(ctx context.Context) (Report, error) {
	return d.AnalyzeAllTelling(ctx, func(_, _ int) {})
}

// AnalyzeAllTelling is AnalyzeAllContext that tells how many of its parts are
// done, each time one is, from several goroutines.
func (d *Dataset) AnalyzeAllTelling(ctx context.Context, tell func(done, total int)) (Report, error) {
	r := Report{Protocol: d.Protocol(), Source: d.Source(), Accounting: d.Accounting(), Participants: d.Fingerprints(),
		Notes: append([]Note(nil), d.Notes()...)}
	known := &risks{}
	var parts []func() ([]Result, error)
	for _, o := range r.Protocol.Outcomes {
		fits := newRepeatedCache() // the outcome's own, which goes when its last part is done
		for _, v := range d.PostVisits(o.ID) {
			parts = append(parts, func() ([]Result, error) {
				res, err := d.analyzeVisit(ctx, r.Protocol.plansAt(o.ID, v.ID), newAnalysisCache(fits, known))
				return []Result{res}, err
			})
		}
		parts = append(parts, func() ([]Result, error) { return d.analyzeAverages(ctx, o.ID, fits) })
	}
	done, err := inParallel(parts, tell)
	if err != nil {
		return Report{}, err
	}
	for _, results := range done {
		for _, res := range results {
			r.Results = append(r.Results, res)
			r.Tests = append(r.Tests, res.Tests...)
		}
	}
	if err := r.unanswered(d); err != nil {
		return Report{}, err
	}
	randomized := map[string]int{}
	for _, a := range r.Protocol.Arms {
		randomized[a.ID] = d.Randomized(a.ID)
	}
	r.Safety = safetyOf(r.Protocol, d.armsControlLast(), randomized, d.participants, 0.95, known)
	r.Safety.Listed = d.events
	r.Adherence, r.Blinding = d.treatment(0.95)
	r.Baseline = d.Baseline()
	for i, res := range r.Results { // not before all of them and the baseline are known
		digits := r.Digits(res.Outcome.ID)
		r.Results[i].digits, r.Results[i].ratePer = &digits, r.RatePer(res.Outcome.ID)
	}
	if err := r.decideFamily(ctx); err != nil {
		return Report{}, err
	}
	if r.Subgroups, err = declaredSubgroups(ctx, r.Protocol, r.Results); err != nil {
		return Report{}, err
	}
	if r.Consort, err = d.consort(r.Results); err != nil {
		return Report{}, err
	}
	r.Notes = append(r.Notes, r.trialNotes()...)
	r.Doubts, r.Departures = r.doubts(), r.departures()
	return r, nil
}

// maxWorkers bounds how many outcomes × visits are analyzed at a time: an exact
// test may need a hundred megabytes.
const maxWorkers = 4

// inParallel runs the parts, forgets each with what it alone holds, and returns what each gave, in their order: the
// answer does not depend on the number of cores. The error is that of the first
// part that failed.
func inParallel(parts []func() ([]Result, error), tell func(done, total int)) ([][]Result, error) {
	out := make([][]Result, len(parts))
	errs := make([]error, len(parts))
	var next, finished atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	for range min(maxWorkers, runtime.GOMAXPROCS(0), len(parts)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(parts) || failed.Load() {
					return
				}
				if out[i], errs[i] = parts[i](); errs[i] != nil {
					failed.Store(true)
				}
				parts[i] = nil
				tell(int(finished.Add(1)), len(parts))
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// trialNotes are the doubts that concern the whole report.
func (r Report) trialNotes() []Note {
	notes := append(r.multiplicityNotes(), r.Protocol.Doubts()...)
	rnd := r.Protocol.Randomization
	if rnd.Kind == RandomizationUnknown && !rnd.Stratified() {
		notes = append(notes, Note{Code: "allocation-unstated"})
	}
	switch {
	case rnd.Stratified():
		notes = append(notes, Note{Code: "exact-within-blocks", Args: text.Args{"strata": newStrata(r.Protocol, nil).list()}})
	case rnd.Kind == RandomizationComplete:
		notes = append(notes, Note{Code: "exact-complete"})
	case rnd.Kind == RandomizationUnknown:
		notes = append(notes, Note{Code: "exact-allocation-unknown"})
	default:
		notes = append(notes, Note{Code: "exact-exchangeability"})
	}
	if r.Protocol.Simulated {
		notes = append(notes, Note{Code: "simulated-beside"})
	}
	return notes
}

// multiplicityNotes say how often something would be found where there is
// nothing. Of primary comparisons the bound is the sum of their alphas, whatever
// they share; it counts where any one of them would be taken as success, and not
// where all must hold.
func (r Report) multiplicityNotes() []Note {
	var notes []Note
	all, primary := 0, 0
	none, sum, most := 1.0, 0.0, 0.0
	for _, res := range r.Results {
		for _, row := range res.Deciding() {
			all++
			none *= row.Level
			most = math.Max(most, 1-row.Level)
			if row.Role == RolePrimary && row.Effect != nil {
				primary++
				sum += row.Alpha
			}
		}
	}
	if all > 1 {
		notes = append(notes, Note{Code: "multiplicity", Args: text.Args{"k": all, "chance": 1 - none, "least": most}})
	}
	if primary > 1 && r.Protocol.Primary == nil {
		notes = append(notes, Note{Code: "multiplicity-primary", Args: text.Args{"k": primary, "chance": math.Min(sum, 1)}})
	}
	return notes
}

// leastPerVisit is how many participants an arm should have for each visit of an
// unstructured covariance.
const leastPerVisit = 5

// Doubts are what a protocol can be asked about before data are read: an
// unstructured covariance matrix with fewer than five participants an arm for
// each of the model's visits, by the numbers randomized that the arms declare.
func (p Protocol) Doubts() []Note {
	var out []Note
	for _, plan := range p.Plans {
		if plan.Model != MMRM && plan.Model != CLDA {
			continue
		}
		if names := plan.structures(); len(names) > 0 && names[0] != mmrm.Unstructured.String() {
			continue
		}
		visits := len(p.postVisits(plan.Outcome))
		if plan.Model == CLDA {
			visits++
		}
		least, arm := 0, ""
		for _, a := range p.Arms {
			if a.Randomized > 0 && (arm == "" || a.Randomized < least) {
				least, arm = a.Randomized, a.ID
			}
		}
		if arm == "" || visits < 2 || least >= leastPerVisit*visits {
			continue
		}
		n := Note{Code: "unstructured-few", Args: text.Args{"outcome": plan.Outcome, "arm": arm, "n": least, "visits": visits,
			"least": leastPerVisit * visits}}
		if !slices.ContainsFunc(out, func(x Note) bool { return x.Args["outcome"] == plan.Outcome && x.Args["visits"] == visits }) {
			out = append(out, n)
		}
	}
	return out
}
