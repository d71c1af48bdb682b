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
//	permutation-change    difference in mean change, exact
//	mann-whitney-change   Hodges–Lehmann shift of the changes, exact
//	paired-t              mean change within each arm, no evidence of an effect
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
	return d.analyzeVisit(ctx, p)
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
	case ANCOVA, WelchChange:
	case MMRM, CLDA, MixedANOVA, LMM:
		return fail("model %q comes with the repeated-measures models, which this version does not have", p.Model)
	default:
		return fail("unknown model %q", p.Model)
	}
	if _, ok := d.outcome(p.Outcome); !ok {
		return fail("no such outcome in the protocol")
	}
	if p.Visit == "" {
		return fail("name a visit (AnalyzeAll answers a plan for all visits)")
	}
	if !slices.ContainsFunc(d.PostVisits(p.Outcome), func(v Visit) bool { return v.ID == p.Visit }) {
		return fail("no such visit after baseline")
	}
	for _, c := range p.Covariates {
		if _, ok := d.covariate(c); !ok {
			return fail("no covariate %q in the protocol", c)
		}
	}
	if len(p.Covariates) > 0 && p.Model == WelchChange {
		return fail("model %q takes no covariates", p.Model)
	}
	return nil
}

// AnalyzeAll analyzes every outcome at every visit after baseline, whether or
// not a plan names it: plans mark what was specified beforehand and what is
// primary. It adds safety and the account of the data.
func (d *Dataset) AnalyzeAll() (Report, error) {
	return d.AnalyzeAllContext(context.Background())
}

// AnalyzeAllContext is AnalyzeAll that stops with the context's error.
func (d *Dataset) AnalyzeAllContext(ctx context.Context) (Report, error) {
	r := Report{Protocol: d.Protocol(), Source: d.Source(), Accounting: d.Accounting(),
		Notes: append([]Note(nil), d.Notes()...)}
	for i, p := range r.Protocol.Plans {
		if p.Visit != "" {
			continue
		}
		// A plan for all visits is checked at the first: its faults are not
		// those of a visit.
		if visits := d.PostVisits(p.Outcome); len(visits) > 0 {
			p.Visit = visits[0].ID
		}
		if err := d.checkPlan(&p); err != nil {
			return Report{}, fmt.Errorf("study: plan %d: %w", i+1, err)
		}
	}
	for _, p := range r.Protocol.Plans {
		if p.Visit == "" {
			continue
		}
		if err := d.checkPlan(&p); err != nil {
			return Report{}, err
		}
	}
	for _, o := range r.Protocol.Outcomes {
		for _, v := range d.PostVisits(o.ID) {
			res, err := d.analyzeCell(ctx, o.ID, v.ID)
			if err != nil {
				return Report{}, err
			}
			r.Results = append(r.Results, res)
		}
	}
	r.Safety = safetyOf(r.Protocol, d.armsControlLast(), d.participants, 0.95)
	r.Flow = d.flow()
	r.Notes = append(r.Notes, r.trialNotes()...)
	return r, nil
}

// analyzeCell answers all plans of an outcome at a visit in one result: the
// first primary plan leads, or else the first. Rows that a further plan has
// and the leading one does not are added.
func (d *Dataset) analyzeCell(ctx context.Context, outcome, visit string) (Result, error) {
	plans := d.plansFor(outcome, visit)
	lead := Plan{Outcome: outcome, Visit: visit}
	if len(plans) > 0 {
		lead = plans[0]
	}
	res, err := d.AnalyzeContext(ctx, lead)
	if err != nil || len(plans) < 2 {
		return res, err
	}
	for i, p := range plans[1:] {
		for _, q := range plans[:i+1] {
			if planMethod(p) == planMethod(q) {
				return res, fmt.Errorf("study: outcome %q at visit %q: two plans for the method %q; one row cannot answer both",
					outcome, visit, planMethod(p))
			}
		}
		more, err := d.AnalyzeContext(ctx, p)
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

// planMethod is the row that gives the plan its verdict.
func planMethod(p Plan) string {
	switch {
	case p.Model == WelchChange:
		return "welch-change"
	case len(p.Covariates) > 0:
		return "ancova-adjusted"
	}
	return "ancova"
}

// analyzeVisit computes all rows of an outcome at a visit. The plan is checked.
func (d *Dataset) analyzeVisit(ctx context.Context, p Plan) (Result, error) {
	c := d.comparison(p)
	res := Result{
		Study: StudyInfo{d.protocol.Title, d.protocol.Registration, d.protocol.Simulated},
		Plan:  p, Outcome: c.outcome, Visit: c.visit, Baseline: d.BaselineVisit(p.Outcome),
		Arms: c.arms, Level: p.Level, Records: c.sortedRecords(),
	}
	fit, rows, err := c.ancovaRows()
	if err != nil {
		return Result{}, err
	}
	res.Rows = append(res.Rows, rows...)
	res.LSMeans = c.lsMeans(fit)
	if len(p.Covariates) > 0 {
		rows, err := c.adjustedRows()
		if err != nil {
			return Result{}, err
		}
		res.Rows = append(res.Rows, rows...)
	}
	for _, method := range []func(context.Context) ([]Row, []Floor, error){
		c.permutationANCOVARows, c.welchRows, c.permutationChangeRows, c.rankRows,
	} {
		rows, floors, err := method(ctx)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return Result{}, err
		}
		res.Rows = append(res.Rows, rows...)
		res.Floors = append(res.Floors, floors...)
	}
	if res.Within, err = c.withinRows(); err != nil {
		return Result{}, err
	}
	res.Summaries = c.summaries(res.Baseline)
	res.EffectSizes = c.effectSizes()
	res.Responders, res.ResponderContrasts = respondersOf(
		c.outcome, c.visit.ID, c.arms, c.records, c.randomized, p.Level)
	c.judgeRows(&res)
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
