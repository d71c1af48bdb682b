package study

// Verdict is Man-Son-Hing's level of clinical importance.
type Verdict string

// Levels (Man-Son-Hing et al. 2002, J Gen Intern Med 17:469), with estimate b,
// interval [l, u] and threshold M > 0, benefit positive.
const (
	Definite      Verdict = "definite"       // l ≥ M
	Probable      Verdict = "probable"       // l < M ≤ b
	Possible      Verdict = "possible"       // b < M ≤ u
	DefinitelyNot Verdict = "definitely-not" // u < M
)

// Judgement is an effect beside a threshold. A level never stands alone:
// IncludesZero belongs to every sentence made of it.
type Judgement struct {
	Benefit, Harm Verdict
	IncludesZero  bool
	// ImportantBoth: the interval reaches both +M and −M.
	ImportantBoth bool
	Threshold     Threshold // for benefit
	HarmThreshold Threshold // declared for worsening, or the mirrored one
	HarmMirrored  bool
	// Benefit-oriented numbers: larger is better for the patient.
	Value, Lower, Upper, Level float64
	Notes                      []Note
}
