package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

func (c *checker) checkPlans() {
	for i, p := range c.Plans {
		at := fmt.Sprintf("plans[%d]", i)
		c.checkPlan(at, p)
		c.checkPlanOnce(at, i)
		c.checkRole(at, i)
	}
}

// checkRole holds a plan's role against the other plans: one primary for an
// outcome at a visit, and a sensitivity analysis only of such a one. Plans
// compare every active arm, so outcome and visit tell comparisons apart.
func (c *checker) checkRole(at string, i int) {
	p := c.Plans[i]
	samePlace := func(q Plan) bool { return q.Role == RolePrimary && q.Outcome == p.Outcome && q.Visit == p.Visit }
	switch p.Role {
	case "", RoleAdditional, RoleSupplementary:
	case RolePrimary:
		if p.Visit == "" {
			c.Add(at, "problem-primary-visit")
			return
		}
		for j, q := range c.Plans { // each says where the other is
			if j != i && samePlace(q) {
				c.Add(at, "problem-primary-twice", p.Outcome, p.Visit, j)
			}
		}
	case RoleSensitivity:
		if !slices.ContainsFunc(c.Plans, samePlace) {
			c.Add(at, "problem-sensitivity-primary", p.Outcome, cmp.Or(p.Visit, `""`))
		}
	default:
		c.Add(at+".role", "problem-role-unknown", string(p.Role))
	}
}

// checkPlan lists what is wrong with one plan by itself.
func (c *checker) checkPlan(at string, p Plan) {
	known := c.hasOutcome(p.Outcome)
	switch {
	case p.Outcome == "":
		c.Add(at+".outcome", "problem-missing")
	case !known:
		c.Add(at+".outcome", "problem-outcome-unknown", p.Outcome, c.outcomeIDs())
	}
	c.checkPlanVisit(at, p, known)
	switch p.Model {
	case "", ANCOVA, WelchChange, Welch, MMRM, CLDA, MixedANOVA, LMM:
	default:
		c.Add(at+".model", "problem-model-unknown", string(p.Model))
	}
	for _, f := range modelFaults(c.Protocol, p) {
		c.Faults = append(c.Faults, yamlfile.Fault{Path: at + "." + f.Path, Said: f.Said})
	}
	if p.Exact && p.Visit == OverallVisit {
		c.Add(at+".exact", "problem-exact-overall")
	}
	if p.Level != 0 && !(p.Level > 0 && p.Level < 1) {
		c.Add(at+".level", "problem-level", p.Level)
	}
	if !(p.Margin >= 0) || math.IsInf(p.Margin, 0) {
		c.Add(at+".margin", "problem-not-positive", p.Margin)
	} else if o, ok := c.Outcome(p.Outcome); ok && o.HasRange() && o.Min < o.Max && p.Margin > o.Max-o.Min {
		c.Add(at+".margin", "problem-margin-too-large", p.Margin,
			files.Decimal(o.Max).Minus(files.Decimal(o.Min)), o.Min, o.Max)
	}
	for j, x := range p.Priors {
		if !(x.SD > 0) || math.IsInf(x.SD, 1) || !finite(x.Mean) {
			c.Add(fmt.Sprintf("%s.priors[%d].sd", at, j), "problem-prior")
		}
	}
	seen := map[string]bool{}
	for j, id := range p.Covariates {
		cat := fmt.Sprintf("%s.covariates[%d]", at, j)
		switch {
		case !slices.ContainsFunc(c.Data.Covariates, func(v Covariate) bool { return v.ID == id }):
			c.Add(cat, "problem-covariate-unknown", id)
		case seen[id]:
			c.Add(cat, "problem-covariate-twice", id)
		}
		seen[id] = true
	}
	if (p.Registered.Where == "") != (p.Registered.Date == "") {
		c.Add(at+".registered", "problem-registered")
	}
}

// checkPlanOnce refuses a plan whose row an earlier plan has already: two
// answers by one method cannot stand in it. One fit of a model of all visits
// answers a plan for a visit and one for all visits.
func (c *checker) checkPlanOnce(at string, i int) {
	p := c.Plans[i]
	for j, q := range c.Plans[:i] {
		if p.Outcome != q.Outcome || p.Method() != q.Method() || !samePlanRows(p, q) {
			continue
		}
		switch {
		case p.Visit == q.Visit && samePlanTerms(p, q) && slices.Equal(slices.Sorted(slices.Values(p.Covariates)), slices.Sorted(slices.Values(q.Covariates))) &&
			(!p.Model.repeated() || repeatedKey(p) == repeatedKey(q)):
			c.Add(at, "problem-plan-twice", j)
		case p.Model.repeated() && repeatedKey(p) == repeatedKey(q) && p.withDefaults().Level == q.withDefaults().Level:
			continue
		default:
			c.Add(at, "problem-plan-same-row", j, p.Method())
		}
		return
	}
}

// samePlanTerms reports whether two plans' answers are held to the same terms:
// those that differ in them are no repetition, though one row cannot answer both.
func samePlanTerms(p, q Plan) bool {
	p, q = p.withDefaults(), q.withDefaults()
	return p.Level == q.Level && p.Margin == q.Margin && p.Role == q.Role
}

// samePlanRows reports whether two plans of one method ask for a common row.
func samePlanRows(p, q Plan) bool {
	if p.Visit == q.Visit {
		return true
	}
	// "" is all visits, and with a model of all visits their average too.
	return p.Visit == "" || q.Visit == ""
}

func (c *checker) checkPlanVisit(at string, p Plan, known bool) {
	if p.Visit == "" || (p.Visit == OverallVisit && p.Model.repeated()) {
		return
	}
	if p.Visit == OverallVisit && !c.hasVisit(p.Visit) {
		c.Add(at+".visit", "problem-overall-model", string(p.withDefaults().Model))
		return
	}
	if !c.hasVisit(p.Visit) {
		c.Add(at+".visit", "problem-visit-unknown", p.Visit, c.visitIDs())
		return
	}
	if !known {
		return
	}
	if slices.ContainsFunc(c.postVisits(p.Outcome), func(v Visit) bool { return v.ID == p.Visit }) {
		return
	}
	if c.Data.Layout == Wide && c.Data.Columns[p.Outcome][p.Visit] == "" {
		c.Add(at+".visit", "problem-outcome-visit-column", p.Outcome, p.Visit)
		return
	}
	c.Add(at+".visit", "problem-visit-not-after", p.Visit, c.baselineID())
}
