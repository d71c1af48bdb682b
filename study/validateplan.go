package study

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/estimand"
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
		} else if !slices.ContainsFunc(c.Plans, func(q Plan) bool { return samePlace(q) && q.Estimand == p.Estimand }) {
			c.Add(at+".estimand", "problem-sensitivity-estimand")
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
	c.checkPlanSet(at, p)
	c.checkPlanEstimand(at, p)
	if p.Model != "" && !slices.Contains(models, string(p.Model)) {
		c.Add(at+".model", "problem-model-unknown", string(p.Model), strings.Join(models, ", "))
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
	switch p.Framework {
	case "":
	case FrameworkSuperiority:
		if p.Margin > 0 {
			c.Add(at+".margin", "problem-framework-superiority")
		}
	case FrameworkNonInferiority, FrameworkEquivalence:
		if p.Margin == 0 {
			c.Add(at+".framework", "problem-framework-margin", string(p.Framework))
		}
	default:
		c.Add(at+".framework", "problem-framework-unknown", string(p.Framework))
	}
	if o, ok := c.Outcome(p.Outcome); !(p.Margin >= 0) || math.IsInf(p.Margin, 0) {
		c.Add(at+".margin", "problem-not-positive", p.Margin)
	} else if p.Scale != "" { // a ratio, which marginScaleFaults checks
	} else if ok && o.Binary() && p.Margin >= 1 {
		c.Add(at+".margin", "problem-kind-share", p.Margin)
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
	c.checkImpute(at, p)
	c.checkSensitivity(at, p)
	c.checkTrend(at, p)
}

// checkPlanOnce refuses a plan whose row an earlier plan has already: two
// answers by one method cannot stand in it. One fit of a model of all visits
// answers a plan for a visit and one for all visits.
func (c *checker) checkPlanOnce(at string, i int) {
	p := c.Plans[i]
	for j, q := range c.Plans[:i] {
		p, q := c.planDefaults(p), c.planDefaults(q)
		if p.Outcome != q.Outcome || p.Method() != q.Method() || p.Effect != q.Effect || p.Set != q.Set || p.Estimand != q.Estimand || !samePlanRows(p, q) {
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
	return p.Level == q.Level && p.Margin == q.Margin && p.Role == q.Role && p.SE == q.SE && p.Framework == q.Framework && p.Scale == q.Scale && p.VarianceByArm == q.VarianceByArm
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

// modelFaults lists what is wrong with the choices of a plan's model, each
// under the plan's key that it is about. Outcome and visits may be unknown.
func modelFaults(p Protocol, plan Plan) []yamlfile.Fault {
	var out []yamlfile.Fault
	add := func(key, code string, args ...any) {
		out = append(out, yamlfile.Fault{Path: key, Said: yamlfile.Phrase(code, args...)})
	}
	unknown := func(key, what, name string, names []string) {
		add(key, "problem-id-unknown", yamlfile.Phrase(what), name, strings.Join(names, ", "))
	}
	model := plan.Model
	if model == "" {
		model = defaultModel
	}
	e, _ := p.EstimandOf(plan)
	if e.Trims() && plan.Model == "" {
		model = TrimmedMeans
	}
	o, known := p.Outcome(plan.Outcome)
	if known {
		faults, other := kindFaults(plan, o)
		if plan.Model == GEE && o.Binary() && len(p.postVisits(o.ID)) < 2 {
			faults = append(faults, yamlfile.Fault{Path: "model", Said: yamlfile.Phrase("problem-gee-visits", o.ID)})
		}
		if other {
			return faults
		}
	}
	based := !known || p.hasBaseline(o)
	spatial := false
	switch model {
	case MMRM, CLDA:
		for _, name := range plan.structures() {
			c, err := mmrm.ParseCovariance(name)
			if err != nil {
				unknown("covariance", "word-structure", name, covarianceNames())
			}
			spatial = spatial || err == nil && (c == mmrm.SpatialExponential || c == mmrm.SpatialGaussian)
		}
		if plan.DF != "" {
			if _, err := mmrm.ParseDF(plan.DF); err != nil {
				unknown("df", "word-method", plan.DF, dfNames())
			}
		}
	case LMM:
		switch plan.Covariance {
		case "", randomIntercept:
		case randomInterceptSlope:
			spatial = true
		default:
			unknown("covariance", "word-random-effects", plan.Covariance, []string{randomIntercept, randomInterceptSlope})
		}
		var names []string
		for _, d := range lmmDF {
			names = append(names, d.String())
		}
		if plan.DF != "" && !slices.Contains(names, plan.DF) {
			unknown("df", "word-method", plan.DF, names)
		}
	case MixedANOVA:
		if plan.Covariance != "" {
			add("covariance", "problem-anova-covariance")
		}
		if _, ok := corrections[plan.DF]; !ok {
			unknown("df", "word-correction", plan.DF, []string{"greenhouse-geisser", "huynh-feldt", "lower-bound", "none"})
		}
		if len(plan.Covariates) > 0 {
			add("covariates", "problem-anova-covariates")
		}
	case ANCOVA, WelchChange, Welch, TrimmedMeans:
		switch {
		case model == TrimmedMeans && !e.Trims():
			add("model", "problem-trimmed-estimand")
		case model == TrimmedMeans && plan.Scale == ScaleLog:
			add("scale", "problem-trimmed-log")
		case model != ANCOVA && len(plan.Covariates) > 0:
			add("covariates", "problem-model-covariates", string(model))
		case model == WelchChange && !based:
			add("model", "problem-welch-change", plan.Outcome)
		case model == Welch && based:
			add("model", "problem-welch-values")
		}
		for _, key := range []struct{ name, value string }{{"covariance", plan.Covariance}, {"df", plan.DF}, {"baseline", plan.Baseline}} {
			if key.value != "" && !(key.name == "baseline" && key.value == NoBaseline && !based) {
				add(key.name, "problem-model-choice", string(model))
			}
		}
	}
	switch plan.SE {
	case "", StandardErrorModel, StandardErrorHC3:
		switch {
		case plan.SE != "" && model != ANCOVA:
			add("se", "problem-se-model", string(model))
		case plan.SE == StandardErrorHC3 && p.Randomization.Small == RandomStrata:
			add("se", "problem-se-random")
		}
	default:
		unknown("se", "word-choice", plan.SE, []string{StandardErrorModel, StandardErrorHC3})
	}
	switch {
	case !plan.VarianceByArm:
	case model == MMRM, model == CLDA:
		add("variance_by_arm", "problem-variance-by-arm-visits", string(model))
	case model != ANCOVA:
		add("variance_by_arm", "problem-variance-by-arm", string(model))
	case plan.SE != "":
		add("se", "problem-variance-by-arm-se")
	case p.Randomization.Small == RandomStrata:
		add("variance_by_arm", "problem-variance-by-arm-random")
	}
	if len(plan.CovarianceOrder) > 0 && (plan.Covariance != "" || model != MMRM && model != CLDA) {
		add("covariance", "problem-covariance-order")
	}
	if plan.CovarianceByArm && model != MMRM && model != CLDA {
		add("covariance_by_arm", "problem-covariance-by-arm")
	}
	if model.repeated() {
		switch {
		case model == CLDA && !based:
			add("model", "problem-clda-none", plan.Outcome)
		case plan.Baseline != "" && plan.Baseline != NoBaseline:
			unknown("baseline", "word-choice", plan.Baseline, []string{NoBaseline})
		case plan.Baseline == NoBaseline && model == CLDA:
			add("baseline", "problem-clda-baseline")
		}
	}
	if spatial {
		out = append(out, timeFaults(p, plan)...)
	}
	return out
}

// timeFaults says which visits lack the time that a structure by time needs.
func timeFaults(p Protocol, plan Plan) []yamlfile.Fault {
	visits := p.postVisits(plan.Outcome)
	var without []string
	for _, v := range visits {
		if !v.HasTime {
			without = append(without, v.ID)
		}
	}
	if len(without) > 0 {
		return []yamlfile.Fault{{Path: "covariance", Said: yamlfile.Phrase("problem-times-missing", strings.Join(plan.structures(), ", "), strings.Join(without, ", "))}}
	}
	var before []Visit
	if plan.Model == CLDA {
		before = []Visit{{ID: "baseline", HasTime: true}}
		o, _ := p.Outcome(plan.Outcome)
		if i := slices.IndexFunc(p.Visits, func(v Visit) bool { return v.ID == p.baselineVisit(o) && v.HasTime }); i >= 0 {
			before[0] = p.Visits[i]
		}
	}
	all := append(before, visits...)
	for i := 1; i < len(all); i++ {
		if all[i].Time <= all[i-1].Time {
			return []yamlfile.Fault{{Path: "covariance", Said: yamlfile.Phrase("problem-times-equal", strings.Join(plan.structures(), ", "), all[i-1].ID, all[i].ID)}}
		}
	}
	return nil
}

// structures are the covariance structures that the plan names, in order.
func (p Plan) structures() []string {
	if len(p.CovarianceOrder) > 0 {
		return p.CovarianceOrder
	}
	if p.Covariance == "" {
		return nil
	}
	return []string{p.Covariance}
}

func covarianceNames() []string {
	var out []string
	for c := mmrm.Unstructured; c <= mmrm.SpatialGaussian; c++ {
		out = append(out, c.String())
	}
	return out
}

func dfNames() []string {
	var out []string
	for d := mmrm.KenwardRoger; d <= mmrm.Normal; d++ {
		out = append(out, d.String())
	}
	return out
}

// Imputing is how a plan imputes missing values: those of everybody randomized, by a
// mixed model of all visits, and the analysis of covariance of the completed values. A
// missing baseline is the mean of all who have one.
//
// Values set aside by a hypothetical strategy are imputed as missing at random. Those
// missing after an event of treatment policy are imputed as Events say, else from
// retrieved dropouts (those of the arm observed after the event) where every arm has ten
// of them, else as Assume says.
type Imputing struct {
	// Assume is a strategy of stats/impute (see Assumption); "" imputes nothing.
	Assume string
	// Engine is EngineConditional, conditional means with the jackknife, which serves
	// linear summaries alone, EngineBayes or EngineBootstrap, multiple imputation; "" is
	// the first, or the second where the variance is information-anchored. Of an outcome that
	// is no measurement it is EngineChained (also ""), under mar alone: multiple imputation
	// by chained equations from arm, strata, covariates and the outcome's earlier visits.
	Engine string
	// Reference is the arm that J2R, CR and CIR look to; "" is the control. References say
	// it arm by arm.
	Reference  string
	References map[string]string
	// Events are other assumptions about values missing after an event of treatment
	// policy; AssumeRetrieved asks for retrieved dropouts whatever their number.
	Events []EventAssumption
}

// EventAssumption is what is assumed of values missing after an event.
type EventAssumption struct{ Event, Assume string }

// Words of Imputing and Plan.Variance.
const (
	EngineConditional = "conditional"
	EngineBayes       = "bayes"
	EngineBootstrap   = "bootstrap"
	EngineChained     = "chained"

	AssumeRetrieved = "retrieved"

	VarianceRepeatedSampling    = "repeated-sampling"
	VarianceInformationAnchored = "information-anchored"
)

// checkImpute refuses an imputation that cannot answer the plan.
func (c *checker) checkImpute(at string, p Plan) {
	m := p.Impute
	at += ".impute"
	if m.Assume == "" {
		if m.Engine != "" || m.Reference != "" || len(m.References) > 0 || len(m.Events) > 0 {
			c.Add(at+".assume", "problem-missing")
		}
		if p.Variance != "" {
			c.Add(strings.TrimSuffix(at, ".impute")+".variance", "problem-impute-variance-needless")
		}
		return
	}
	o, known := c.Outcome(p.Outcome)
	if known && len(kindModels[o.Kind]) > 0 {
		c.checkImputeKind(at, p, o)
		return
	}
	if model := c.planDefaults(p).Model; model != ANCOVA && model != MMRM || known && (!o.Measured() || !c.hasBaseline(o)) || p.SE == StandardErrorHC3 ||
		p.Scale == ScaleLog || p.VarianceByArm || p.Baseline == NoBaseline || p.Visit == "" || p.Visit == OverallVisit || cmp.Or(c.planDefaults(p).Set, SetITT) != SetITT {
		c.Add(at, "problem-impute-plan")
		return
	}
	if len(p.CovarianceOrder) > 1 {
		c.Add(strings.TrimSuffix(at, ".impute")+".covariance", "problem-impute-covariance")
	}
	if !assumption(m.Assume) {
		c.Add(at+".assume", "problem-impute-assume", m.Assume)
	}
	if m.Engine == EngineChained {
		c.Add(at+".engine", "problem-impute-chained")
	} else if !slices.Contains([]string{"", EngineConditional, EngineBayes, EngineBootstrap}, m.Engine) {
		c.Add(at+".engine", "problem-impute-engine", m.Engine)
	}
	if name := cmp.Or(p.Covariance, slices.Concat(p.CovarianceOrder, []string{mmrm.Unstructured.String()})[0]); m.Engine == EngineBayes && name != mmrm.Unstructured.String() {
		c.Add(at+".engine", "problem-impute-bayes", name)
	}
	c.checkReference(at, m.Reference, m.References)
	variance := strings.TrimSuffix(at, ".impute") + ".variance"
	switch based := p.referenceBased(); {
	case p.Variance != "" && p.Variance != VarianceRepeatedSampling && p.Variance != VarianceInformationAnchored:
		c.Add(variance, "problem-impute-variance-unknown", p.Variance)
	case !based && p.Variance != "":
		c.Add(variance, "problem-impute-variance-needless")
	case based && p.Variance == "" && p.Role == RolePrimary:
		c.Add(at, "problem-impute-variance-missing")
	case p.Variance == VarianceInformationAnchored && m.Engine == EngineConditional:
		c.Add(variance, "problem-impute-variance-conditional")
	case p.Variance == VarianceRepeatedSampling && m.Engine != "" && m.Engine != EngineConditional:
		c.Add(variance, "problem-impute-variance-drawn", m.Engine)
	case based && p.Variance == "" && p.Role == RoleSensitivity && m.Engine == EngineConditional:
		c.Add(at+".engine", "problem-impute-variance-sensitivity")
	}
	e, _ := c.EstimandOf(p)
	for i, x := range m.Events {
		here := fmt.Sprintf("%s.events.%s", at, x.Event)
		h, ok := e.Of(x.Event)
		switch {
		case !ok:
			c.Add(here+"@", "problem-impute-event", x.Event)
		case h.Strategy != estimand.TreatmentPolicy:
			c.Add(here, "problem-impute-event-strategy", x.Event, string(h.Strategy))
		case x.Assume != AssumeRetrieved && !assumption(x.Assume):
			c.Add(here, "problem-impute-assume", x.Assume)
		case slices.ContainsFunc(m.Events[:i], func(y EventAssumption) bool { return y.Event == x.Event }):
			c.Add(here+"@", "problem-assumption-twice", x.Event)
		}
	}
}

// assumption reports whether a word is one of the assumptions about missing values.
func assumption(s string) bool {
	x, err := impute.ParseStrategy(s)
	return err == nil && x != impute.Given && x != impute.Retrieved
}

// checkReference refuses an arm that looks to itself: with one reference for all, every
// arm that is compared does.
func (c *checker) checkReference(at, reference string, references map[string]string) {
	arms, control := map[string]bool{}, ""
	for _, a := range c.Arms {
		arms[a.ID] = true
		if a.Control {
			control = a.ID
		}
	}
	switch {
	case reference == "":
	case !arms[reference]:
		c.Add(at+".reference", "problem-assumption-arm", reference)
	case reference != control:
		c.Add(at+".reference", "problem-assumption-own-reference", reference, control)
	}
	for _, arm := range sortedKeys(references) {
		here := at + ".reference." + arm
		switch ref := references[arm]; {
		case !arms[arm]:
			c.Add(here+"@", "problem-assumption-arm", arm)
		case !arms[ref]:
			c.Add(here, "problem-assumption-arm", ref)
		case arm == ref:
			c.Add(here, "problem-assumption-self", arm)
		case arm == control:
			c.Add(here+"@", "problem-assumption-control", arm)
		}
	}
}

// checkSensitivity holds other assumptions about missing values against what the plan
// asks.
func (c *checker) checkSensitivity(at string, p Plan) {
	if len(p.Sensitivity) == 0 {
		return
	}
	o, known := c.Outcome(p.Outcome)
	binary, ordinal := known && o.Binary(), known && o.Ordinal()
	whole := p.Visit != "" && p.Visit != OverallVisit && cmp.Or(c.planDefaults(p).Set, SetITT) == SetITT
	switch model := c.planDefaults(p).Model; {
	case binary && (!whole || p.Model == GEE || !onlyMAR(p.Sensitivity) &&
		(len(p.Covariates) > 0 || c.Randomization.Stratified() || cmp.Or(p.Effect, RiskDifference) != RiskDifference)):
		c.Add(at+".sensitivity", "problem-assumption-shares")
		return
	case ordinal && !(whole && onlyMAR(p.Sensitivity)):
		c.Add(at+".sensitivity", "problem-assumption-ordinal")
		return
	case !binary && !ordinal && (!whole || model != ANCOVA && model != MMRM || known && (!o.Measured() || !c.hasBaseline(o)) || p.Scale == ScaleLog || p.VarianceByArm || p.Baseline == NoBaseline):
		c.Add(at+".sensitivity", "problem-assumption-plan")
		return
	}
	arm := func(id string) bool { return slices.ContainsFunc(c.Arms, func(a Arm) bool { return a.ID == id }) }
	for i, x := range p.Sensitivity {
		here := fmt.Sprintf("%s.sensitivity[%d]", at, i)
		delta := x.Assume == AssumeDelta
		c.checkReference(here, x.Reference, x.References)
		switch {
		case binary && !slices.Contains([]string{impute.MAR.String(), AssumeBest, AssumeWorst, AssumeIMOR, AssumeTipping}, x.Assume):
			c.Add(here+".assume", "problem-assumption-unknown-binary", x.Assume)
		case !binary && !delta && !assumption(x.Assume) && x.Assume != AssumeLOCF && x.Assume != AssumeWOCF:
			c.Add(here+".assume", "problem-assumption-unknown", x.Assume)
		case x.Clip && (!delta || known && !o.HasRange()):
			c.Add(here+".clip", "problem-assumption-clip")
		case (x.Odds != nil) != (x.Assume == AssumeIMOR):
			c.Add(here, "problem-assumption-odds")
		case !delta && (x.Arm != "" && x.Assume != AssumeTipping || x.Steps != nil || x.Visits != ""):
			c.Add(here, "problem-assumption-delta-keys", x.Assume)
		case (delta || binary || ordinal || x.Assume == AssumeLOCF || x.Assume == AssumeWOCF) && (x.Reference != "" || len(x.References) > 0):
			c.Add(here+".reference", "problem-assumption-reference-delta", x.Assume)
		case (delta || x.Assume == AssumeTipping) && !arm(x.Arm):
			c.Add(here+".arm", "problem-assumption-arm", x.Arm)
		case delta && !(len(x.Steps) == 3 && x.Steps[0] >= 0 && x.Steps[1] > x.Steps[0] && x.Steps[2] > 0 && (x.Steps[1]-x.Steps[0])/x.Steps[2] <= 1000):
			c.Add(here+".steps", "problem-assumption-steps")
		case delta && p.Margin > 0 && !p.nonInferior() && x.Steps[0] != 0:
			c.Add(here+".steps", "problem-assumption-equivalence")
		}
		for _, id := range sortedKeys(x.Odds) {
			switch o := x.Odds[id]; {
			case !arm(id):
				c.Add(here+".odds."+id+"@", "problem-assumption-arm", id)
			case !(o > 0 && finite(o)):
				c.Add(here+".odds."+id, "problem-assumption-odds")
			}
		}
		if slices.ContainsFunc(p.Sensitivity[:i], func(y Assumption) bool {
			return y.Assume == x.Assume && y.Arm == x.Arm && y.Visits == x.Visits && maps.Equal(y.References, x.References) && maps.Equal(y.Odds, x.Odds)
		}) {
			c.Add(here, "problem-assumption-twice", x.Assume)
		}
	}
}
