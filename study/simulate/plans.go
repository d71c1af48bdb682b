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
	v := w.outcomes[max(at.outcome, 0)]
	switch {
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
