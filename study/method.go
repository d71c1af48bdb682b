package study

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
	case p.Model == WelchChange, p.Model.repeated():
		return Method(p.Model)
	case len(p.Covariates) > 0:
		return MethodANCOVAAdjusted
	}
	return MethodANCOVA
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
}
