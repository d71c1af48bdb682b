package simulate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/study"
)

// plansOf are the plans to simulate with everything written out: those given, or else the
// protocol's, or else the default analysis of every outcome at its last visit. A plan of
// every visit is one for each; plans of other sets than everybody randomized are left out,
// since a truth says nothing of who is in them.
func plansOf(p study.Protocol, given []study.Plan) []study.Plan {
	list := given
	if len(list) == 0 {
		list = p.Plans
	}
	if len(list) == 0 {
		for _, o := range p.Outcomes {
			if _, _, after := p.Schedule(o.ID); len(after) > 0 {
				list = append(list, study.Plan{Outcome: o.ID, Visit: after[len(after)-1].ID, Role: study.RoleDefault})
			}
		}
	}
	var out []study.Plan
	for _, q := range list {
		q = p.InFull(q)
		if q.Set != "" {
			continue
		}
		if q.Visit != "" {
			out = append(out, q)
			continue
		}
		_, _, after := p.Schedule(q.Outcome)
		for _, v := range after {
			q.Visit = v.ID
			out = append(out, q)
		}
	}
	slices.SortStableFunc(out, func(a, b study.Plan) int {
		primary := func(q study.Plan) int {
			if q.Role == study.RolePrimary {
				return 0
			}
			return 1
		}
		return cmp.Compare(primary(a), primary(b))
	})
	return out
}

// Ways to find an estimate.
const (
	// ByValues: from the trial's values, by the deciding estimator alone.
	ByValues = "values"
	// ByStatistics: from drawn sufficient statistics.
	ByStatistics = "sufficient-statistics"
	// ByAnalysis: by study's whole analysis of a data set.
	ByAnalysis = "analysis"
)

// estimatorOf chooses how a plan is answered.
func (w *world) estimatorOf(q study.Plan, j []*judge) (e estimator, way string, err error) {
	at, ok := w.place(q)
	if !ok && q.Visit != study.OverallVisit {
		return nil, "", fmt.Errorf("simulate: the truth has no values of %s at %s", q.Outcome, q.Visit)
	}
	if q.Model == byResponders {
		return newResponders(w, q, j), ByValues, nil
	}
	v := w.outcomes[max(at.outcome, 0)]
	switch {
	case q.VarianceByArm: // which only the whole analysis has
	case v.Measured() && (q.Model == study.MMRM || q.Model == study.CLDA):
		if e := newRepeated(w, q, j); e != nil {
			return e, ByValues, nil
		}
	case !ok:
	case v.Measured() && (q.Model == study.Welch || q.Model == study.WelchChange):
		return newWelch(w, q, at, j), ByValues, nil
	case v.Measured() && q.Model == study.ANCOVA:
		if e := newLinear(w, q, at, j); e != nil {
			return e, ByValues, nil
		}
	}
	return newWhole(w, q, j), ByAnalysis, nil
}

// byResponders is the comparison of responders beside the plans, which no plan names: a
// companion in study too.
const byResponders study.Model = "responders"

// methodOf names a plan's method.
func methodOf(q study.Plan) study.Method {
	if q.Model == byResponders {
		return study.Method(byResponders)
	}
	return q.Method()
}

// judges are those of a plan's comparisons, one for each active arm.
func (w *world) judges(q study.Plan) []*judge {
	if q.Model == byResponders {
		return w.responderJudges(q)
	}
	var out []*judge
	for a := range w.arms[:len(w.arms)-1] {
		out = append(out, newJudge(w.protocol, q, w.estimand(q, a)))
	}
	return out
}

// responderPlans are such comparisons, one for each outcome and visit of the plans that
// has a threshold of patients.
func (w *world) responderPlans(plans []study.Plan) []study.Plan {
	var out []study.Plan
	for _, q := range plans {
		r := study.Plan{Outcome: q.Outcome, Visit: q.Visit, Model: byResponders, Level: q.Level, Effect: study.RiskDifference, Role: study.RoleCompanion}
		known := slices.ContainsFunc(out, func(x study.Plan) bool { return x.Outcome == r.Outcome && x.Visit == r.Visit })
		if !known && newResponders(w, r, nil) != nil {
			out = append(out, r)
		}
	}
	return out
}

// responderJudges decide of differences of shares, which the outcome's own thresholds do
// not judge.
func (w *world) responderJudges(q study.Plan) []*judge {
	at, _ := w.place(q)
	th, _ := w.outcomes[at.outcome].PatientThreshold()
	ctl := w.response(at, len(w.arms)-1, th.Value)
	var out []*judge
	for a := range w.arms[:len(w.arms)-1] {
		j := newJudge(w.protocol, q, w.response(at, a, th.Value)-ctl)
		j.benefit, j.sign = nil, 1 // more responders are better
		out = append(out, j)
	}
	return out
}
