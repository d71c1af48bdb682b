package study

import (
	"cmp"
	"slices"

	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/files"
)

// Model is the analysis that gives a plan its verdict.
type Model string

// Models. The zero value is ANCOVA on baseline; of an outcome without baseline it
// is the linear model of its values on arm. MMRM, CLDA, MixedANOVA and LMM
// answer all visits in one fit: a plan without a visit has a row for each and
// for their average, a plan with one has that visit's rows.
const (
	ANCOVA      Model = "ancova"
	WelchChange Model = "welch-change"
	Welch       Model = "welch" // of the values; for outcomes without baseline
	MMRM        Model = "mmrm"
	CLDA        Model = "clda"
	MixedANOVA  Model = "mixed-anova"
	LMM         Model = "lmm"
	// Proportions is that of binary outcomes: the shares of yes, compared by a method
	// that the numbers randomized, strata and covariates choose (see MethodProportions).
	Proportions Model = "proportions"
	// GEE is that of binary outcomes at several visits together: marginal odds ratios at each
	// visit (MethodGEE).
	GEE Model = "gee"
	// Benefit is the default of ordinal outcomes: the probability that a patient of the
	// active arm fares better. ProportionalOdds is their regression, which takes covariates.
	Benefit          Model = "probability-of-benefit"
	ProportionalOdds Model = "proportional-odds"
	// NegativeBinomial is that of counts, with the logarithm of exposure.
	NegativeBinomial Model = "negative-binomial"
	// TrimmedMeans is that of plans whose estimand has a composite strategy with trimmed
	// means (MethodTrimmedMeans), and of no others.
	TrimmedMeans Model = "trimmed-means"
	defaultModel       = ANCOVA
)

// models are all of them, as protocols may name them.
var models = []string{string(ANCOVA), string(WelchChange), string(Welch), string(MMRM), string(CLDA), string(MixedANOVA), string(LMM), string(Proportions), string(GEE),
	string(Benefit), string(ProportionalOdds), string(NegativeBinomial), string(TrimmedMeans)}

// NoBaseline says that there is no baseline, or that a plan does not use it.
const NoBaseline = "none"

// Plan is what was specified beforehand for one comparison, as plain data that
// can be printed and stored. Its zero value, with an outcome and a visit, is
// the recommended analysis: every active arm against control, ANCOVA on
// baseline, 95% intervals, not primary.
type Plan struct {
	// ID names the plan where several are primary (Protocol.Primary).
	ID      string
	Outcome string
	// Visit is the visit's ID; "" means all visits after baseline, and for a
	// model of all visits OverallVisit means their average.
	Visit string
	Model Model
	// Level of intervals; 0 means 0.95.
	Level float64
	// Covariates are IDs of protocol covariates to adjust for beside baseline and
	// the strata of randomization.
	Covariates []string
	// Covariance structure and degrees of freedom of the models of all visits.
	// MMRM and CLDA: "us" (the default), "cs", "csh", "ar1", "ar1h", "toep",
	// "toeph", "ad", "adh", "sp_exp", "sp_gau"; "kenward-roger" (the default)
	// and the other names of mmrm.DF. LMM: "intercept" (the default) or
	// "intercept-slope"; "kenward-roger", "satterthwaite", "residual", "normal".
	// MixedANOVA: DF is the correction of its F tests, "greenhouse-geisser" (the
	// default), "huynh-feldt", "lower-bound" or "none".
	Covariance, DF string
	// CovarianceOrder, instead of Covariance, is an order of structures fixed
	// beforehand (MMRM, CLDA): the first that converges with at least
	// mmrm.LeastDF degrees of freedom for every difference is taken. The estimates
	// and p-values have no part in the choice.
	CovarianceOrder []string
	// CovarianceByArm gives every arm a covariance matrix of its own (MMRM,
	// CLDA).
	CovarianceByArm bool
	// Baseline is NoBaseline for a model of all visits that does not use the
	// baseline (MMRM, LMM, MixedANOVA); "" means that it does. Plans for an
	// outcome without baseline have NoBaseline by default.
	Baseline string
	// SE is how the standard errors of ANCOVA, and of the linear model without a
	// baseline, are computed: StandardErrorModel (also ""), from one residual
	// variance, or StandardErrorHC3, which allows each participant another, with
	// the model's residual degrees of freedom: approximate, and closest to its level
	// among its kind in small samples. MacKinnon & White 1985,
	// doi 10.1016/0304-4076(85)90158-7; Long & Ervin 2000,
	// doi 10.1080/00031305.2000.10474549.
	SE string
	// VarianceByArm gives every arm a residual variance of its own in ANCOVA, and in the
	// linear model without a baseline: generalized least squares by restricted maximum
	// likelihood, with Satterthwaite's degrees of freedom for each difference. Of two arms
	// alone it is Welch's t. Models of all visits have CovarianceByArm. It agrees with R's
	// gls(weights = varIdent(form = ~ 1 | arm)) and SAS PROC MIXED's repeated / group = arm
	// with ddfm = satterthwaite.
	VarianceByArm bool
	// Trend asks beside the differences from control how the adjusted mean changes along
	// the doses of the arms (Result.Trends): of ANCOVA and the models of all visits but
	// MixedANOVA, of outcomes that are compared by means.
	Trend bool
	// Scale is ScaleLog where the logarithms of a continuous outcome are compared, its
	// baseline's too: the answer is a ratio of geometric means, and values of 0 and below
	// are refused where they stand. It is ScaleRatio where the margin of a plan with a ratio
	// as Effect is one. "": differences.
	Scale Scale
	// Set is the participants that the plan is asked of, of data.sets; "" and SetITT are
	// everybody randomized. What another set gives stands beside: it is not protected
	// by randomization, and never decides.
	Set string
	// Estimand names one of Protocol.Estimands: what becomes of values after intercurrent
	// events. Its set is then the plan's.
	Estimand string
	// Impute says what is assumed of missing values, and how they are imputed. The zero
	// value imputes nothing: what is missing is left to the model.
	Impute Imputing
	// Variance is the one that decides with j2r, cr or cir, which a primary plan must say:
	// VarianceRepeatedSampling (of the estimate over trials) or
	// VarianceInformationAnchored (not below that under missing at random); "" is the
	// latter.
	Variance string
	// Effect is the measure that decides, where the outcome's kind offers several: of
	// a binary one RiskDifference (also ""), RiskRatio or OddsRatio (of the model GEE this alone), of an ordinal one
	// ProbabilityBetter (also "") or WinOdds, and OddsRatio of the model ProportionalOdds; of
	// counts RateRatio; of a plan with ScaleLog GeometricMeanRatio (also "").
	Effect Measure
	// Framework is what the plan wants to show; "" is not stated, and with a Margin
	// non-inferiority.
	Framework Framework
	// Margin for non-inferiority or, symmetric, for equivalence, in the outcome's unit (of a binary outcome a
	// difference of shares), > 0; 0 means none. With a Scale it is a ratio, on the side of
	// harm: 1.25 where lower is better, 0.8 where higher is; of equivalence either, for both.
	Margin float64
	// Priors are the analyst's own beliefs about the effect, beside the flat,
	// skeptical and enthusiastic ones that are always shown.
	Priors []Prior
	// Sensitivity are other assumptions about the values of those lost, each of which
	// gives the same comparison once more (Result.Sensitivity): of ANCOVA and MMRM at
	// a visit, of a continuous outcome with a baseline.
	Sensitivity []Assumption
	// Role is primary (the comparison on which the trial was decided),
	// sensitivity, supplementary, or "": additional. A primary plan needs
	// Registered, or the report says that pre-specification is undocumented.
	Role       Role
	Registered Registered
	// Seed of Monte Carlo companions; the zero value is a fixed seed.
	Seed uint64
	// Exact has the permutation and rank tests of the plan's outcome and visits
	// computed exactly however long that takes, where it can be done at all;
	// false: only where it takes some hundredths of a second.
	Exact bool
}

// TrimmedMeanDifference is the difference of trimmed means (MethodTrimmedMeans).
const TrimmedMeanDifference Measure = "trimmed-mean-difference"

// Framework is what a plan wants to show.
type Framework string

// Frameworks.
const (
	FrameworkSuperiority    Framework = "superiority"
	FrameworkNonInferiority Framework = "non-inferiority"
	FrameworkEquivalence    Framework = "equivalence"
)

// Choices of Plan.SE.
const (
	StandardErrorModel = "model"
	StandardErrorHC3   = "hc3"
)

// Registered says where and when a plan was put on record.
type Registered struct{ Where, Date string }

// Method is how a row's estimate was computed. It names the row wherever the
// row goes: results.json, tables, notes, figures.
type Method string

// Methods of the rows of one visit. Those of the models of all visits have the
// model's name.
const (
	// MethodANCOVA is follow-up on arm and baseline, one model over all arms;
	// MethodANCOVAAdjusted has the plan's covariates too.
	MethodANCOVA         Method = Method(ANCOVA)
	MethodANCOVAAdjusted Method = "ancova-adjusted"
	// MethodPermutationANCOVA refits that model to re-randomized arms.
	MethodPermutationANCOVA Method = "permutation-ancova"
	// MethodWelchChange is Welch's t of the changes; MethodPermutationChange and
	// MethodMannWhitneyChange are the exact tests of the changes.
	MethodWelchChange       Method = Method(WelchChange)
	MethodPermutationChange Method = "permutation-change"
	MethodMannWhitneyChange Method = "mann-whitney-change"
	// Of an outcome without baseline the values at the visit are compared: a
	// linear model of arm (and strata; MethodLinearAdjusted has the plan's
	// covariates too), Welch's t, and the exact tests.
	MethodLinear         Method = "linear"
	MethodLinearAdjusted Method = "linear-adjusted"
	MethodWelch          Method = Method(Welch)
	MethodPermutation    Method = "permutation"
	MethodMannWhitney    Method = "mann-whitney"
	// MethodCACE is the effect in compliers by Anderson and Rubin's test (regress.CACE, of
	// yes or no table.RiskDifferenceCompliers), beside the others where participants
	// received another treatment than that of their arm (DataSpec.Received). No plan names
	// it.
	MethodCACE Method = "cace"
	// MethodConditionalMean imputes missing values by their means given the others, with
	// the jackknife; MethodMultipleImputation pools the analyses of completed data. See
	// Imputing.
	MethodConditionalMean    Method = "conditional-mean"
	MethodMultipleImputation Method = "multiple-imputation"
	// MethodTrimmedMeans compares the means of what is left when a share of the worst is
	// cut off each arm, participants who rank worst by the plan's estimand first
	// (impute.TrimmedMeans): of changes from baseline, or of the values of an outcome that
	// has none. p and interval are by re-randomization, within strata.
	MethodTrimmedMeans Method = Method(TrimmedMeans)
	// Of outcomes that are no measurements values are drawn by chained equations
	// (EngineChained), and each completed data set is analyzed by one of the methods below, which
	// all have a standard error, on the logarithm of a ratio and the logit of a probability:
	// shares (foreseen without covariates) within strata by Mantel and Haenszel, else as they
	// are; g-computation; the probability of benefit; proportional odds.
	MethodImputedProportions    Method = MethodMultipleImputation + "-proportions"
	MethodImputedMantelHaenszel Method = MethodMultipleImputation + "-mantel-haenszel"
	MethodImputedShares         Method = MethodMultipleImputation + "-shares"
	MethodImputedGComputation   Method = MethodMultipleImputation + "-g-computation"
	MethodImputedBenefit        Method = MethodMultipleImputation + "-probability-of-benefit"
	MethodImputedOdds           Method = MethodMultipleImputation + "-proportional-odds"
	// MethodPairedT is the mean change within an arm.
	MethodPairedT Method = "paired-t"

	// MethodProportions is what a plan for a binary outcome without covariates
	// foresees: by what is known before any event, within the strata of randomization
	// MethodMantelHaenszel, otherwise MethodExact while the product of both arms'
	// numbers randomized is at most 2,500, and MethodScore beyond; with a margin there
	// MethodFarringtonManning.
	MethodProportions Method = Method(Proportions)
	// MethodExact is the exact unconditional test of Chan and Zhang.
	MethodExact Method = "exact-unconditional"
	// MethodScore is the score method of Miettinen and Nurminen, MethodFarringtonManning
	// the same without their factor N/(N − 1), which a margin is tested by.
	MethodScore             Method = "miettinen-nurminen"
	MethodFarringtonManning Method = "farrington-manning"
	// MethodMantelHaenszel pools over strata, a difference with Sato's variance.
	MethodMantelHaenszel Method = "mantel-haenszel"
	// MethodGComputation is foreseen by a plan with covariates: the shares that a
	// logistic model of arm, strata and covariates expects with everybody in each arm
	// (regress.LogisticFit.Marginal, errors of Ye et al.); MethodLogistic is the odds
	// ratio of that model itself, given its terms.
	MethodGComputation Method = "g-computation"
	MethodLogistic     Method = "logistic"

	// MethodGEE is the odds ratio at a visit of generalized estimating equations of all visits
	// after baseline (regress.GEE): logit of the mean on visit, arm by visit, strata and
	// covariates, exchangeable working correlation, Mancl and DeRouen's standard errors with
	// t of participants less coefficients. It is marginal over what differs between
	// participants beside strata and covariates, and takes values to be missing
	// completely at random. Beside it is the difference of shares by the same model
	// (regress.GEEFit.Standardized).
	MethodGEE Method = Method(GEE)

	// MethodBenefit estimates the probability of benefit within the strata of
	// randomization (rank.BenefitStratified), MethodProportionalOdds the odds ratio of a
	// proportional-odds model (regress.Ordinal, by profile likelihood).
	MethodBenefit          Method = Method(Benefit)
	MethodProportionalOdds Method = Method(ProportionalOdds)

	// MethodNegativeBinomial is a rate ratio of a negative binomial model (regress.Counts,
	// by profile likelihood), MethodPoisson the same where the counts vary no more than
	// Poisson's. MethodExactRates is the conditional exact ratio, within small strata
	// (table.RateRatioStratified), with an arm without events or fewer than ten in all.
	MethodNegativeBinomial Method = Method(NegativeBinomial)
	MethodPoisson          Method = "poisson"
	MethodExactRates       Method = "exact-rate-ratio"

	// MethodQuasiBinomial is the odds ratio of a quasi-binomial model (regress.Bounded),
	// beside the difference of means of a bounded outcome.
	MethodQuasiBinomial Method = "quasi-binomial"

	MethodMMRM       Method = Method(MMRM)
	MethodCLDA       Method = Method(CLDA)
	MethodMixedANOVA Method = Method(MixedANOVA)
	MethodLMM        Method = Method(LMM)
)

// Method is the method of the rows that answer the plan.
func (p Plan) Method() Method {
	switch {
	case p.Impute.Assume != "" && p.Model.ofKind():
		p.Impute = Imputing{}
		return MethodMultipleImputation + "-" + p.Method()
	case p.Impute.Assume != "" && p.drawn():
		return MethodMultipleImputation
	case p.Impute.Assume != "":
		return MethodConditionalMean
	case p.Model == Proportions && len(p.Covariates) > 0:
		return MethodGComputation
	case p.Model == WelchChange, p.Model == Welch, p.Model == TrimmedMeans, p.Model.ofKind(), p.Model.repeated():
		return Method(p.Model)
	case p.Baseline == NoBaseline && len(p.Covariates) > 0:
		return MethodLinearAdjusted
	case p.Baseline == NoBaseline:
		return MethodLinear
	case len(p.Covariates) > 0:
		return MethodANCOVAAdjusted
	}
	return MethodANCOVA
}

// Repeated reports whether the method is a model of all visits, which answers all of
// them in one fit.
func (m Method) Repeated() bool { return Model(m).repeated() }

// takesStrata reports whether the method can compare arms within the strata of
// the allocation.
func (m Method) takesStrata() bool {
	switch m {
	case MethodWelch, MethodWelchChange, MethodMannWhitney, MethodMannWhitneyChange, MethodMixedANOVA:
		return false
	}
	return true
}

// companionOf is the exact test whose floor a model's p-value is held against.
var companionOf = map[Method]Method{
	MethodANCOVA:         MethodPermutationANCOVA,
	MethodANCOVAAdjusted: MethodPermutationANCOVA,
	MethodWelchChange:    MethodPermutationChange,
	MethodMMRM:           MethodPermutationANCOVA,
	MethodCLDA:           MethodPermutationANCOVA,
	MethodLMM:            MethodPermutationANCOVA,
	MethodMixedANOVA:     MethodPermutationChange,
	MethodLinear:         MethodPermutation,
	MethodLinearAdjusted: MethodPermutation,
	MethodWelch:          MethodPermutation,

	MethodConditionalMean:    MethodPermutationANCOVA,
	MethodMultipleImputation: MethodPermutationANCOVA,
}

// simpleMethods are the methods of an outcome's rows at a visit.
type simpleMethods struct{ model, adjusted, welch, permutation, rank Method }

// methods are those of the comparison: of changes, or without a baseline of the
// values themselves.
func (c *comparison) methods() simpleMethods {
	if !c.outcome.HasBaseline() {
		return simpleMethods{MethodLinear, MethodLinearAdjusted, MethodWelch, MethodPermutation, MethodMannWhitney}
	}
	return simpleMethods{MethodANCOVA, MethodANCOVAAdjusted, MethodWelchChange, MethodPermutationChange, MethodMannWhitneyChange}
}

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
	var named, other, beside []Plan
	for _, q := range p.Plans {
		if q.Outcome != outcome {
			continue
		}
		q = p.planDefaults(q)
		if q.Set != "" {
			if q.Visit == visit || q.Visit == "" {
				beside = append(beside, q)
			}
			continue
		}
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
		other[i].Framework, other[i].Sensitivity, other[i].ID, other[i].Trend = "", nil, "", false
		if other[i].Scale == ScaleRatio { // which is the margin's
			other[i].Scale = ""
		}
	}
	var out []Plan
	if len(named) == 0 {
		named = other
	}
	for _, q := range named {
		if !slices.ContainsFunc(out, func(x Plan) bool {
			return x.Method() == q.Method() && x.Effect == q.Effect && x.Set == q.Set && x.Estimand == q.Estimand
		}) {
			q.Visit = visit
			out = append(out, q)
		}
	}
	if len(out) == 0 && visit != OverallVisit {
		out = append(out, p.planDefaults(Plan{Outcome: outcome, Visit: visit, Role: RoleDefault}))
	}
	for _, q := range beside { // of another set: never first
		if visit != OverallVisit || q.Model.repeated() {
			q.Visit = visit
			out = append(out, q)
		}
	}
	return out
}

// Planned reports whether a plan names the outcome at the visit, or at all visits. The
// visit of a result about all visits, "", is their average (OverallVisit).
func (p Protocol) Planned(outcome, visit string) bool {
	visit = cmp.Or(visit, OverallVisit)
	return slices.ContainsFunc(p.Plans, func(q Plan) bool {
		return q.Outcome == outcome && (q.Visit == visit || q.Visit == "")
	})
}

// planDefaults writes out what the plan leaves unsaid, and that its outcome has
// no baseline.
func (p Protocol) planDefaults(q Plan) Plan {
	if e, ok := p.EstimandOf(q); ok {
		q.Set = e.Set
		if e.Trims() {
			q.Model = cmp.Or(q.Model, TrimmedMeans)
		}
	}
	if o, ok := p.Outcome(q.Outcome); ok {
		if !p.hasBaseline(o) {
			q.Baseline = NoBaseline
		}
		o.kindDefaults(&q)
		if q.Scale == ScaleLog && o.Measured() {
			q.Effect = cmp.Or(q.Effect, GeometricMeanRatio)
		}
		if o.Bounded() && !q.VarianceByArm && (q.Model == "" || q.Model == ANCOVA) && p.Randomization.Small != RandomStrata {
			q.SE = cmp.Or(q.SE, StandardErrorHC3) // whose variance depends on the mean
		}
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
	if p.Set == SetITT {
		p.Set = ""
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
			out = append(out, res.Plan.withModelDefaults())
		}
	}
	return out
}

// InFull is the plan with what it leaves unsaid written out, as Report.Plans has it.
func (p Protocol) InFull(q Plan) Plan { return p.planDefaults(q).withModelDefaults() }

// Alpha is the error that the plan's test allows: what is left of its level, and of a
// test against a margin half of that.
func (p Plan) Alpha() float64 { return p.withDefaults().alpha() }

// withModelDefaults writes out how a linear model's standard errors are computed,
// and covariance and degrees of freedom of a model of all visits; other models
// have none of these to choose.
func (p Plan) withModelDefaults() Plan {
	covariance, df := "", ""
	switch p.Model {
	case ANCOVA:
		p.SE = cmp.Or(p.SE, StandardErrorModel)
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

// RowsBy returns the rows between arms of a method, of everybody randomized, under the
// estimand of the plan that decides.
func (r Result) RowsBy(m Method) []Row {
	return r.rows(func(x Row) bool { return x.Method == m && x.Set == "" && x.Estimand == r.Plan.Estimand })
}

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
