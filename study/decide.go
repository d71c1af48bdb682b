package study

import (
	"cmp"
	"slices"

	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/files"
)

// Role is what a row, or the plan that it answers, is for.
type Role string

// Roles. A plan states the first three, or none: it is then additional.
const (
	// RolePrimary: the comparison on which the trial is decided.
	RolePrimary Role = "primary"
	// RoleSensitivity: the primary's estimand under other assumptions.
	RoleSensitivity Role = "sensitivity"
	// RoleSupplementary: another estimand.
	RoleSupplementary Role = "supplementary"
	// RoleAdditional: planned, without a role.
	RoleAdditional Role = "additional"
	// RoleDefault: no plan names the outcome at this visit, and the default
	// analysis stands in: it was not pre-specified.
	RoleDefault Role = "default"
	// RoleCompanion: computed beside what decides, to show how much depends on
	// the method. No plan asks for it.
	RoleCompanion Role = "companion"
)

// rank orders the plans that address one outcome at one visit: the first
// decides.
func (r Role) rank() int {
	return slices.Index([]Role{RolePrimary, RoleAdditional, RoleDefault, RoleSupplementary, RoleSensitivity}, r)
}

// plansAt returns what answers an outcome at a visit, or with OverallVisit the
// average over visits, the plan that decides first:
//
//  1. plans that name the visit, or all visits;
//  2. where there is none, models of all visits that name another visit or the
//     average: they hold an answer for this one too, as an additional analysis,
//     without the margin of the comparison that they were planned for;
//  3. without any of these, and for a visit alone, the default analysis.
//
// Within 1 and 2 a primary plan goes before an additional, a supplementary and
// a sensitivity one, and then what the protocol lists first. Of plans with one
// method the first stands for all: they are one fit (Validate refuses others).
func (p Protocol) plansAt(outcome, visit string) []Plan {
	var named, other []Plan
	for _, q := range p.Plans {
		if q.Outcome != outcome {
			continue
		}
		q = p.planDefaults(q)
		switch repeated := q.Model.repeated(); {
		case q.Visit == visit, q.Visit == "" && (repeated || visit != OverallVisit):
			named = append(named, q)
		case repeated && visit != OverallVisit:
			other = append(other, q)
		}
	}
	byRole := func(a, b Plan) int { return cmp.Compare(a.Role.rank(), b.Role.rank()) }
	slices.SortStableFunc(named, byRole)
	slices.SortStableFunc(other, byRole)
	for i := range other {
		other[i].Role, other[i].Margin, other[i].Registered = RoleAdditional, 0, Registered{}
	}
	var out []Plan
	if len(named) == 0 {
		named = other
	}
	for _, q := range named {
		if !slices.ContainsFunc(out, func(x Plan) bool { return x.Method() == q.Method() }) {
			q.Visit = visit
			out = append(out, q)
		}
	}
	if len(out) == 0 && visit != OverallVisit {
		out = append(out, p.planDefaults(Plan{Outcome: outcome, Visit: visit, Role: RoleDefault}))
	}
	return out
}

// planDefaults writes out what the plan leaves unsaid, and that its outcome has
// no baseline.
func (p Protocol) planDefaults(q Plan) Plan {
	if o, ok := p.Outcome(q.Outcome); ok && !p.hasBaseline(o) {
		q.Baseline = NoBaseline
	}
	return q.withDefaults()
}

// withDefaults writes out what the plan leaves unsaid.
func (p Plan) withDefaults() Plan {
	if p.Level == 0 {
		p.Level = defaultLevel
	}
	if p.Model == "" {
		p.Model = defaultModel
	}
	if p.Role == "" {
		p.Role = RoleAdditional
	}
	return p
}

// Plans returns what the report answers: the protocol's plans in its order, with
// what they leave unsaid written out, and then, as RoleDefault, the default
// analysis of each outcome and visit that no plan names.
func (r Report) Plans() []Plan {
	var out []Plan
	for _, q := range r.Protocol.Plans {
		out = append(out, r.Protocol.planDefaults(q).withModelDefaults())
	}
	for _, res := range r.Results {
		if res.Plan.Role == RoleDefault {
			out = append(out, res.Plan)
		}
	}
	return out
}

// withModelDefaults writes out covariance and degrees of freedom of a model of
// all visits; other models have neither to choose.
func (p Plan) withModelDefaults() Plan {
	covariance, df := "", ""
	switch p.Model {
	case MMRM, CLDA:
		covariance, df = mmrm.Unstructured.String(), mmrm.KenwardRoger.String()
	case LMM:
		covariance, df = randomIntercept, mmrm.KenwardRoger.String()
	case MixedANOVA:
		df = "greenhouse-geisser"
	}
	if len(p.CovarianceOrder) == 0 {
		p.Covariance = cmp.Or(p.Covariance, covariance)
	}
	p.DF = cmp.Or(p.DF, df)
	return p
}

// StrataOf returns the factors of the allocation that the plan's model has terms
// for, by the IDs of their covariates or the name of their column; none where the
// plan's method cannot take strata. Notes of the rows say where they were merged
// or left out after all.
func (p Protocol) StrataOf(q Plan) []string {
	if !q.Method().takesStrata() {
		return nil
	}
	out := slices.Clone(p.Randomization.Strata)
	if c := p.Randomization.Column; c != "" {
		out = append(out, c)
	}
	return out
}

// defaultLevel is that of intervals where no plan states another.
const defaultLevel = 0.95

// alpha is the error that the plan's test allows: what is left of the level,
// half of it at the one side of a non-inferiority test.
func (p Plan) alpha() float64 {
	rest := files.Decimal(1).Minus(files.Decimal(p.Level))
	if p.Margin > 0 {
		return rest / 2
	}
	return rest
}

// Deciding returns the rows that decide: one for each active arm and visit,
// with or without an estimate. Report, files and figures take them from here.
func (r Result) Deciding() []Row { return r.rows(func(x Row) bool { return x.Decides }) }

// RowsBy returns the rows between arms of a method.
func (r Result) RowsBy(m Method) []Row { return r.rows(func(x Row) bool { return x.Method == m }) }

// Answers are the rows that answer a plan or the default analysis, those that
// decide first, then by role.
func (r Result) Answers() []Row {
	out := r.rows(func(x Row) bool { return x.Decides || x.Role != RoleCompanion })
	slices.SortStableFunc(out, func(a, b Row) int {
		if a.Decides != b.Decides {
			if a.Decides {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Role.rank(), b.Role.rank())
	})
	return out
}

func (r Result) rows(keep func(Row) bool) []Row {
	var out []Row
	for _, x := range r.Rows {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}
