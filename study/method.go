package study

import "github.com/trialkit/trialkit/study/text"

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
	// MethodPairedT is the mean change within an arm.
	MethodPairedT Method = "paired-t"

	MethodMMRM       Method = Method(MMRM)
	MethodCLDA       Method = Method(CLDA)
	MethodMixedANOVA Method = Method(MixedANOVA)
	MethodLMM        Method = Method(LMM)
)

// Method is the method of the rows that answer the plan.
func (p Plan) Method() Method {
	switch {
	case p.Model == WelchChange, p.Model == Welch, p.Model.repeated():
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

// MethodLabel names the row's method in a language, and says where it cannot
// take the strata of the randomization.
func (r Row) MethodLabel(c *text.Catalog) string {
	name := c.Say("method-"+string(r.Method), nil)
	if r.WithoutStrata {
		return c.Say("method-without-strata", text.Args{"method": name})
	}
	return name
}

// repeated reports whether the method is a model of all visits.
func (m Method) repeated() bool { return Model(m).repeated() }

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
