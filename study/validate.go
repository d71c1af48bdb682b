package study

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/study/assumed"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Validate lists everything wrong with the protocol as Problems without lines,
// or returns nil. ParseProtocol and Load call it.
func (p Protocol) Validate() error {
	return yamlfile.ProblemsOf(p.check())
}

// checker collects what is wrong with a protocol.
type checker struct {
	Protocol
	yamlfile.Checker
}

// check lists everything wrong with the protocol, in a fixed order.
// Outcomes count with what their instruments fill in.
func (p Protocol) check() []yamlfile.Fault {
	c := &checker{Protocol: p.WithInstruments().withPrimary()}
	c.checkArms()
	c.checkVisits()
	for i, o := range c.Outcomes {
		o.Check(&c.Checker, fmt.Sprintf("outcomes[%d]", i))
	}
	if len(p.Outcomes) == 0 {
		c.Add("outcomes", "problem-none-given")
	}
	c.Unique("outcomes", "word-outcomes", len(p.Outcomes), func(i int) string { return p.Outcomes[i].ID })
	c.checkFlow()
	c.checkData()
	c.checkEstimands()
	c.checkPlans()
	c.checkFamily()
	c.checkSubgroups()
	c.checkAssumed()
	c.Languages(p.Translations)
	return c.Faults
}

func (c *checker) checkArms() {
	controls := 0
	for i, a := range c.Arms {
		at := fmt.Sprintf("arms[%d]", i)
		if a.Control {
			if controls++; controls > 1 {
				c.Add(at+".control", "problem-second-control", a.ID)
			}
		}
		if a.Randomized < 0 {
			c.Add(at+".randomized", "problem-negative", a.Randomized)
		}
	}
	if len(c.Arms) < 2 {
		c.Add("arms", "problem-arms-few", len(c.Arms))
	}
	if controls == 0 && len(c.Arms) > 0 {
		c.Add("arms", "problem-no-control")
	}
	c.Unique("arms", "word-arm", len(c.Arms), func(i int) string { return c.Arms[i].ID })

	r := c.Randomization
	switch r.Kind {
	case "", RandomizationUnknown, RandomizationComplete, RandomizationBlocked, RandomizationStratified:
	default:
		c.Add("randomization.kind", "problem-unknown-randomization", string(r.Kind))
	}
	switch {
	case r.Block < 0 || r.Block == 1:
		c.Add("randomization.block", "problem-block-size")
	case r.Block > 0 && r.Kind == RandomizationComplete:
		c.Add("randomization.block", "problem-complete-no-blocks")
	}
	if r.Column != "" && r.Kind == RandomizationComplete {
		c.Add("randomization.column", "problem-complete-no-strata")
	}
	c.checkStrata()
}

func (c *checker) checkVisits() {
	if len(c.Visits) == 0 {
		c.Add("visits", "problem-none-given")
	}
	c.Unique("visits", "word-visits", len(c.Visits), func(i int) string { return c.Visits[i].ID })
	last := -1
	for i, v := range c.Visits {
		if v.ID == "overall" {
			c.Add(fmt.Sprintf("visits[%d].id", i), "problem-overall-taken")
		}
		if !v.HasTime {
			continue
		}
		if last >= 0 && v.Time < c.Visits[last].Time {
			c.Add(fmt.Sprintf("visits[%d].time", i), "problem-visit-order",
				v.ID, c.Visits[last].ID)
		}
		last = i
	}
	after := c.noBaseline() || c.baselineID() == ""
	for i, v := range c.Visits {
		if after && v.HasTime && v.Time < 0 {
			c.Add(fmt.Sprintf("visits[%d].time", i), "problem-visit-time", v.ID)
		}
		after = after || v.ID == c.baselineID()
	}
	if c.Baseline != "" && !c.noBaseline() && !c.hasVisit(c.Baseline) {
		c.Add("baseline", "problem-visit-unknown", c.Baseline, c.visitIDs())
	}
}

// Check adds what is wrong with the outcome at a path; a protocol and a claim have
// the same.
func (o Outcome) Check(c *yamlfile.Checker, at string) {
	if !o.checkKind(c, at) {
		return
	}
	o.checkInstrument(c, at)
	if o.Better != LowerIsBetter && o.Better != HigherIsBetter {
		c.Add(at+".better", "problem-better-missing", o.ID)
	}
	for _, x := range []float64{o.Min, o.Max} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			c.Add(at+".range", "problem-value-not-a-number", x)
			return
		}
	}
	if o.HasRange() && o.Min >= o.Max {
		c.Add(at+".range", "problem-not-below", o.Min, o.Max)
	}
	width := files.Decimal(files.Decimal(o.Max).Minus(files.Decimal(o.Min)))
	switch {
	case !(o.Resolution >= 0) || math.IsInf(o.Resolution, 0):
		c.Add(at+".resolution", "problem-not-a-step", o.Resolution)
	case o.HasRange() && o.Min < o.Max && o.Resolution > width.Number:
		c.Add(at+".resolution", "problem-step-coarse", o.Resolution, o.Min, o.Max)
	}
	for i, t := range o.Thresholds {
		t.check(c, fmt.Sprintf("%s.thresholds[%d]", at, i), o, width.Number)
	}
}

func (t Threshold) check(c *yamlfile.Checker, at string, o Outcome, width float64) {
	finite := !math.IsNaN(t.Value) && !math.IsInf(t.Value, 0)
	ranged := o.HasRange() && o.Min < o.Max
	switch {
	case t.Kind == "":
		c.Add(at+".kind", "problem-threshold-kind-missing")
	case !t.Kind.IsChange() && t.Kind != PASS && t.Kind != Percent:
		c.Add(at+".kind", "problem-threshold-kind-unknown", string(t.Kind))
	case !finite:
		c.Add(at+".value", "problem-value-not-a-number", t.Value)
	case t.Kind == PASS:
		if ranged && (t.Value < o.Min || t.Value > o.Max) {
			c.Add(at+".value", "problem-pass-outside", t.Value, o.Min, o.Max)
		}
	case t.Value <= 0:
		c.Add(at+".value", "problem-threshold-not-positive", t.Kind, t.Value)
	case ranged && t.Kind.IsChange() && t.Value > width:
		c.Add(at+".value", "problem-threshold-too-large", t.Kind, t.Value, width, o.Min, o.Max)
	}
	switch level := t.level(); {
	case level == "":
		c.Add(at+".level", "problem-threshold-level-missing")
	case level != Individual && level != BetweenGroup:
		c.Add(at+".level", "problem-threshold-level-unknown", string(level))
	case t.Kind == PASS && level != Individual:
		c.Add(at+".level", "problem-pass-individual")
	case t.Kind == Margin && level != BetweenGroup:
		c.Add(at+".level", "problem-margin-between")
	}
	if t.N < 0 {
		c.Add(at+".n", "problem-negative", t.N)
	}
	if t.CI != [2]float64{} && !(t.CI[0] < t.CI[1]) {
		c.Add(at+".ci", "problem-not-below", t.CI[0], t.CI[1])
	}
}

// checkAssumed checks what was believed beforehand against arms and outcomes.
func (c *checker) checkAssumed() {
	var known []assumed.Known
	for _, o := range c.Outcomes {
		k := assumed.Known{ID: o.ID, Kind: string(o.Kind), Min: o.Min, Max: o.Max, Levels: o.Levels, Baseline: c.hasBaseline(o)}
		for _, t := range o.Thresholds {
			switch {
			case !t.Kind.IsChange():
			case t.level() == Individual:
				k.Individual = append(k.Individual, t.Value)
			default:
				k.Between = append(k.Between, t.Value)
			}
		}
		known = append(known, k)
	}
	var treated []string
	for _, a := range c.Arms {
		if !a.Control {
			treated = append(treated, a.ID)
		}
	}
	c.Assumed.Check(&c.Checker, known, treated)
}

func (p Protocol) hasOutcome(id string) bool {
	return slices.ContainsFunc(p.Outcomes, func(o Outcome) bool { return o.ID == id })
}

// checkSubgroups checks that subgroups are covariates, and cuts those of a number.
func (c *checker) checkSubgroups() {
	seen := map[string]bool{}
	for i, g := range c.Subgroups {
		at := fmt.Sprintf("subgroups[%d]", i)
		k := slices.IndexFunc(c.Data.Covariates, func(v Covariate) bool { return v.ID == g.ID })
		switch {
		case k < 0:
			c.Add(at, "problem-covariate-unknown", g.ID)
			continue
		case seen[g.ID]:
			c.Add(at, "problem-covariate-twice", g.ID)
		}
		seen[g.ID] = true
		switch v := c.Data.Covariates[k]; {
		case v.Kind == Category && len(g.Cuts) > 0:
			c.Add(at, "problem-cuts-category", g.ID)
		case v.Kind == Numeric && g.Cuts != nil && len(g.Cuts) == 0: // a key without a value
			c.Add(at, "problem-cuts-missing", g.ID)
		default:
			for j, x := range g.Cuts {
				switch {
				case !finite(x):
					c.Add(at, "problem-value-not-a-number", x)
				case j > 0 && !(x > g.Cuts[j-1]):
					c.Add(at, "problem-cuts-order", g.Cuts[j-1], x)
				case v.HasRange() && !(x > v.Min && x <= v.Max):
					c.Add(at, "problem-cut-outside", x, v.Min, v.Max)
				}
			}
		}
	}
}

func (c *checker) visitIDs() any {
	return yamlfile.ListIDs(c.Visits, func(v Visit) string { return v.ID })
}

func (c *checker) outcomeIDs() any {
	return yamlfile.ListIDs(c.Outcomes, func(o Outcome) string { return o.ID })
}

func (c *checker) armIDs() any { return yamlfile.ListIDs(c.Arms, func(a Arm) string { return a.ID }) }

func sortedKeys[V any](m map[string]V) []string {
	keys := slices.Collect(maps.Keys(m))
	sort.Strings(keys)
	return keys
}

// checkFamily lists what is wrong with the scheme of primary hypotheses. Places are those of
// the protocol's keys: primary.any[1] is its second member.
func (c *checker) checkFamily() {
	s := c.Primary
	for i, q := range c.Plans {
		if q.ID != "" && slices.ContainsFunc(c.Plans[:i], func(x Plan) bool { return x.ID == q.ID }) {
			c.Add(fmt.Sprintf("plans[%d].id", i), "problem-plan-id-twice", q.ID)
		}
	}
	if s == nil {
		return
	}
	list := "any"
	if s.All {
		list = "all"
	}
	if len(s.Members) == 0 {
		c.Add("primary", "problem-family-none")
		return
	}
	before, seen := len(c.Faults), map[familyMember]bool{}
	for i, m := range s.Members {
		at := fmt.Sprintf("primary.%s[%d]", list, i)
		plan, arm := c.memberPlan(m)
		if plan < 0 {
			code := "problem-family-plan"
			if id, ok := strings.CutSuffix(m, ".trend"); ok {
				if i, _ := c.memberPlan(id); i >= 0 {
					code = "problem-family-trend"
				}
			}
			c.Add(at, code, m, c.planIDs())
			continue
		}
		of := c.activeArms()
		if arm != "" {
			of = []string{arm}
		}
		if slices.ContainsFunc(of, func(a string) bool { return seen[familyMember{plan: plan, arm: a}] }) {
			c.Add(at, "problem-family-twice", m)
		}
		for _, a := range of {
			seen[familyMember{plan: plan, arm: a}] = true
		}
		if q := c.Plans[plan]; q.Role != RolePrimary {
			c.Add(at, "problem-family-role", m, string(q.Role), plan)
		}
	}
	for i, q := range c.Plans {
		if q.Role == RolePrimary && !slices.ContainsFunc(c.family(), func(m familyMember) bool { return m.plan == i }) {
			c.Add(fmt.Sprintf("plans[%d]", i), "problem-family-both", yamlfile.Phrase("word-primary-key"))
		}
	}
	c.checkFamilyAlpha()
	if len(c.Faults) > before {
		return
	}
	members := c.family()
	if len(members) < 2 {
		c.Add("primary."+list, "problem-family-one")
		return
	}
	switch {
	case s.All && s.Adjust != "":
		c.Add("primary.adjust", "problem-family-all-adjust")
	case s.All:
	case s.Adjust == "":
		c.Add("primary", "problem-family-adjust-missing", strings.Join(family.Methods(), ", "))
	case !slices.Contains(family.Methods(), string(s.Adjust)):
		c.Add("primary.adjust", "problem-id-unknown", yamlfile.Phrase("word-method"), string(s.Adjust), strings.Join(family.Methods(), ", "))
	case s.Adjust.Joint():
		c.checkFamilyJoint(members)
	case s.Adjust == family.WestfallYoung:
		c.checkFamilyPermuted(members)
	default:
		c.checkFamilyShares(members)
	}
}

// planIDs lists the IDs of plans that have one.
func (c *checker) planIDs() string {
	var out []string
	for _, q := range c.Plans {
		if q.ID != "" {
			out = append(out, q.ID)
		}
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, ", ")
}

// checkFamilyAlpha holds the scheme's α against the level of its plans: an interval and the
// test that it belongs to have one error.
func (c *checker) checkFamilyAlpha() {
	alpha := c.familyAlpha()
	if !(alpha > 0 && alpha < 1) {
		c.Add("primary.alpha", "problem-family-alpha", alpha)
		return
	}
	level := files.Decimal(1).Minus(files.Decimal(alpha))
	done := map[int]bool{}
	for _, m := range c.family() {
		if l := c.Plans[m.plan].Level; !done[m.plan] && l > 0 && math.Abs(l-level) > 1e-12 {
			c.Add(fmt.Sprintf("plans[%d].level", m.plan), "problem-family-level", l, alpha, level)
		}
		done[m.plan] = true
	}
}

// checkFamilyJoint refuses hypotheses whose differences have no joint distribution.
func (c *checker) checkFamilyJoint(members []familyMember) {
	s, first := c.Primary, c.planDefaults(c.Plans[members[0].plan])
	var plans []int
	for _, m := range members {
		if !slices.Contains(plans, m.plan) {
			plans = append(plans, m.plan)
		}
	}
	o, known := c.Outcome(first.Outcome)
	linear := known && o.Measured() && first.Model == ANCOVA && !first.VarianceByArm && c.Randomization.Small != RandomStrata
	for _, i := range plans {
		if q := c.Plans[i]; q.Margin > 0 {
			c.Add(fmt.Sprintf("plans[%d].margin", i), "problem-family-margin", string(s.Adjust))
			return
		} else if q.Impute.Assume != "" { // their differences are of many models
			c.Add(fmt.Sprintf("plans[%d].impute", i), "problem-family-impute", string(s.Adjust))
			return
		}
	}
	switch {
	case len(plans) == 1 && linear:
		if len(members) < len(c.activeArms()) {
			c.Add("primary.any", "problem-family-dunnett-arms", string(s.Adjust))
		}
	case s.Adjust == family.Dunnett && len(plans) > 1:
		c.Add("primary.adjust", "problem-family-dunnett-plans")
	case s.Adjust == family.Dunnett:
		c.Add("primary.adjust", "problem-family-dunnett-model", first.ID)
	default:
		for _, i := range plans {
			if q := c.planDefaults(c.Plans[i]); q.Model != MMRM && q.Model != CLDA && q.Model != LMM || repeatedKey(q) != repeatedKey(first) {
				c.Add("primary.adjust", "problem-family-max-t", q.ID)
				return
			}
		}
	}
}

// checkFamilyPermuted refuses hypotheses that no one exchange of arms tests, and plans
// whose comparison is none that a permutation is of.
func (c *checker) checkFamilyPermuted(members []familyMember) {
	first := c.planDefaults(c.Plans[members[0].plan])
	for _, m := range members {
		q := c.planDefaults(c.Plans[m.plan])
		o, known := c.Outcome(q.Outcome)
		at := fmt.Sprintf("plans[%d]", m.plan)
		switch {
		case m.arm != members[0].arm:
			c.Add("primary.any", "problem-family-permuted-arms", members[0].arm, m.arm)
		case q.Margin > 0:
			c.Add(at+".margin", "problem-family-margin", string(c.Primary.Adjust))
		case q.Impute.Assume != "":
			c.Add(at+".impute", "problem-family-permuted-impute", string(c.Primary.Adjust))
		case q.Set != "" && q.Set != SetITT:
			c.Add(at+".set", "problem-family-permuted-set", string(c.Primary.Adjust), q.Set)
		case known && !o.Measured() || q.Model != first.Model || q.Model != ANCOVA && q.Model != WelchChange || q.Scale == ScaleLog || q.VarianceByArm ||
			q.SE == StandardErrorHC3 || c.Randomization.Small == RandomStrata || q.Visit == OverallVisit:
			c.Add("primary.adjust", "problem-family-permuted-plan", q.ID)
		default:
			continue
		}
		return
	}
}

// sharesOver is how far shares may add up beyond 1 by rounding: three thirds.
const sharesOver = 1e-9

// checkFamilyShares checks the shares of α and how they travel.
func (c *checker) checkFamilyShares(members []familyMember) {
	s := c.Primary
	at := "primary.adjust." + string(s.Adjust)
	var ids []string
	for _, m := range members {
		ids = append(ids, m.id)
	}
	known := strings.Join(ids, ", ")
	shares := func(at string, of map[string]float64, none string) {
		sum := 0.0
		for _, k := range sortedKeys(of) {
			switch x := of[k]; {
			case !slices.Contains(ids, k):
				c.Add(at+"."+k+"@", "problem-family-hypothesis", k, known)
			case k == none:
				c.Add(at+"."+k+"@", "problem-family-itself", k)
			case !(x >= 0 && x <= 1):
				c.Add(at+"."+k, "problem-family-share", x)
			default:
				sum += x
			}
		}
		if sum > 1+sharesOver {
			c.Add(at, "problem-family-sum", files.Decimal(math.Round(sum*1e9)/1e9).Number)
		}
	}
	switch s.Adjust {
	case family.Bonferroni:
		if len(s.Graph.Weights) == 0 {
			return
		}
		shares(at+".weights", s.Graph.Weights, "")
		for _, id := range ids {
			if !(s.Graph.Weights[id] > 0) {
				c.Add(at+".weights", "problem-family-no-share", id)
			}
		}
	case family.GraphMethod:
		if len(s.Graph.Weights) == 0 {
			c.Add("primary.adjust", "problem-family-no-weights", known)
			return
		}
		shares(at+".weights", s.Graph.Weights, "")
		for _, from := range sortedKeys(s.Graph.Transitions) {
			if !slices.Contains(ids, from) {
				c.Add(at+".transitions."+from+"@", "problem-family-hypothesis", from, known)
				continue
			}
			shares(at+".transitions."+from, s.Graph.Transitions[from], from)
		}
		for _, id := range s.Graph.Unreached(ids) {
			c.Add(at, "problem-family-unreached", id)
		}
	}
}

// checkImputeKind is checkImpute of an outcome that is no measurement.
func (c *checker) checkImputeKind(at string, p Plan, o Outcome) {
	m := p.Impute
	switch {
	case o.Counted():
		c.Add(at, "problem-impute-counts")
	case p.Model == GEE || p.Visit == "" || p.Visit == OverallVisit || cmp.Or(c.planDefaults(p).Set, SetITT) != SetITT:
		c.Add(at, "problem-impute-kind-plan")
	case m.Assume != impute.MAR.String():
		c.Add(at+".assume", "problem-impute-kind-assume", m.Assume)
	case m.Engine == EngineConditional:
		c.Add(at+".engine", "problem-impute-kind-conditional")
	case m.Engine != "" && m.Engine != EngineChained:
		c.Add(at+".engine", "problem-impute-kind-engine", m.Engine)
	case m.Reference != "" || len(m.References) > 0:
		c.Add(at+".reference", "problem-impute-kind-keys")
	case len(m.Events) > 0:
		c.Add(at+".events", "problem-impute-kind-keys")
	case p.Variance != "":
		c.Add(strings.TrimSuffix(at, ".impute")+".variance", "problem-impute-variance-needless")
	}
}

// onlyMAR reports whether all assumptions are that values are missing at random.
func onlyMAR(list []Assumption) bool {
	return !slices.ContainsFunc(list, func(x Assumption) bool { return x.Assume != impute.MAR.String() })
}
