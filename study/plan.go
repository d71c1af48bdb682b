package study

// Model is the analysis that gives a plan its verdict.
type Model string

// Models. The zero value is ANCOVA on baseline; of an outcome without baseline it
// is the linear model of its values on arm. MMRM, CLDA, MixedANOVA and LMM
// answer all visits in one fit: a plan without a visit has a row for each and
// for their average, a plan with one has that visit's rows.
const (
	ANCOVA       Model = "ancova"
	WelchChange  Model = "welch-change"
	Welch        Model = "welch" // of the values; for outcomes without baseline
	MMRM         Model = "mmrm"
	CLDA         Model = "clda"
	MixedANOVA   Model = "mixed-anova"
	LMM          Model = "lmm"
	defaultModel       = ANCOVA
)

// NoBaseline says that there is no baseline, or that a plan does not use it.
const NoBaseline = "none"

// Plan is what was specified beforehand for one comparison, as plain data that
// can be printed and stored. Its zero value, with an outcome and a visit, is
// the recommended analysis: every active arm against control, ANCOVA on
// baseline, 95% intervals, not primary.
type Plan struct {
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
	// Margin for non-inferiority, in the outcome's unit, > 0; 0 means none.
	Margin float64
	// Priors are the analyst's own beliefs about the effect, beside the flat,
	// skeptical and enthusiastic ones that are always shown.
	Priors []Prior
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

// Registered says where and when a plan was put on record.
type Registered struct{ Where, Date string }
