package study

import "github.com/trialkit/trialkit/stats"

// Note is a doubt or an explanation: a code with arguments, whose sentence the
// message catalogue holds in each language.
type Note = stats.Note

// Result answers one question: an outcome at a visit (or at all visits, for a
// repeated-measures plan). It holds everything a figure or a table needs.
type Result struct {
	Plan     Plan
	Outcome  Outcome
	Visit    Visit
	Baseline Visit
	Arms     []Arm // control last
	Level    float64
	// Rows: one per method and active arm against control.
	Rows []Row
	// Within: mean change in each arm, not evidence of a treatment effect.
	Within []Row
	// Summaries per arm × visit (baseline and this visit).
	Summaries []Summary
	LSMeans   []LSMean
	// Responders per arm for each individual-level rule.
	Responders []ResponderRow
	// Records of every participant of the file, sorted by arm and ID.
	Records []Record
	Notes   []Note
}

// Contrast tells a comparison between arms from a change within one. The two
// never stand in one unlabelled column.
type Contrast string

// Contrasts.
const (
	Between Contrast = "between"
	Within  Contrast = "within"
)

// Row is one estimate with its frozen interval and p-value.
type Row struct {
	Outcome, Visit string
	Contrast       Contrast
	Arm, Control   string // Control is "" for within-arm rows
	Method         string // "ancova", "permutation-ancova", "welch-change", …
	// Effect is the live result; nil where it does not exist, and a note says why.
	Effect stats.Effect
	// Frozen numbers at Level; NaN where they do not exist (null in JSON).
	Estimate, SE, DF, Level, Lower, Upper, P float64
	LoOpen, HiOpen                           bool
	// N analyzed, and Randomized (or in the file, where not declared), per arm.
	N, Randomized map[string]int
	// Dropped says who is not in the row and why, per arm.
	Dropped []Dropped
	Primary bool
	// Adjusted is the multiplicity-adjusted p-value; NaN where none was made.
	Adjusted float64
	// Threshold used and the verdict; nil where the outcome has none.
	Threshold *Threshold
	Judgement *Judgement
	Notes     []Note
}

// Dropped is one participant missing from a row.
type Dropped struct{ ID, Arm, Reason string }

// Summary describes one arm at one visit: observed values.
type Summary struct {
	Arm, Visit string
	stats.Description
}

// LSMean is a model's mean for an arm at a visit.
type LSMean struct {
	Arm, Visit string
	stats.Estimate
}

// ResponderRow counts participants who meet a rule.
type ResponderRow struct {
	Outcome, Visit, Arm string
	// Rule: "change" (improvement ≥ threshold, missing left out),
	// "change-randomized" (missing counted as non-responder), "pass", …
	Rule         string
	Threshold    Threshold
	Events, N    int
	Lower, Upper float64 // Clopper–Pearson at Level
	Level        float64
}
