package study

// Model is the analysis that gives a plan its verdict.
type Model string

// Models. The zero value is ANCOVA on baseline.
const (
	ANCOVA       Model = "ancova"
	WelchChange  Model = "welch-change"
	MMRM         Model = "mmrm"
	CLDA         Model = "clda"
	MixedANOVA   Model = "mixed-anova"
	LMM          Model = "lmm"
	defaultModel       = ANCOVA
)

// Plan is what was specified beforehand for one comparison, as plain data that
// can be printed and stored. Its zero value, with an outcome and a visit, is
// the recommended analysis: every active arm against control, ANCOVA on
// baseline, 95% intervals, not primary.
type Plan struct {
	Outcome string
	// Visit is the visit's ID; "" means all visits after baseline.
	Visit string
	Model Model
	// Level of intervals; 0 means 0.95.
	Level float64
	// Covariates are IDs of protocol covariates to adjust for beside baseline.
	Covariates []string
	// Covariance structure and degrees of freedom of repeated-measures models
	// ("us", "cs", … ; "kenward-roger", "satterthwaite", …).
	Covariance, DF string
	// Margin for non-inferiority, in the outcome's unit, > 0; 0 means none.
	Margin float64
	// Primary marks the comparison on which the trial was decided. It needs
	// Registered, or the report says that pre-specification is undocumented.
	Primary    bool
	Registered Registered
	// Seed of Monte Carlo companions; the zero value is a fixed seed.
	Seed uint64
}

// Registered says where and when a plan was put on record.
type Registered struct{ Where, Date string }
