package study

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/harms"
)

// Note is a doubt or an explanation: a code with arguments, whose sentence the
// message catalog holds in each language.
type Note = stats.Note

// Result answers one question: an outcome at a visit, or at all visits, for a
// plan whose model fits them together; Visit is then empty. It holds everything a figure or a table needs.
type Result struct {
	// Study names the trial, so that a figure's caption needs nothing else.
	Study    StudyInfo
	Plan     Plan
	Outcome  Outcome
	Visit    Visit
	Baseline Visit
	Arms     []Arm // control last
	Level    float64
	// Decimals is the most that the file writes behind the decimal sign of the
	// outcome's values, at any visit.
	Decimals int
	// Rows: one per method and active arm against control.
	Rows []Row
	// Within: mean change in each arm, not evidence of a treatment effect.
	Within []Row
	// Summaries per arm × visit (baseline and this visit).
	Summaries []Summary
	LSMeans   []LSMean
	// EffectSizes are standardized differences, without unit.
	EffectSizes []EffectSize
	// Responders per arm: the rows of the first individual change threshold
	// with missing values left out have Rule RuleChange and Headline true.
	Responders []ResponderRow
	// ResponderContrasts compare each active arm's responders with control's.
	ResponderContrasts []ResponderContrast
	// Tests are the joint F tests of a model of all visits.
	Tests []FTest
	// ResponderEffects compare the first individual threshold of change, and of
	// worsening, in every way to count those with missing values.
	ResponderEffects []ResponderEffect
	// Randomized counts each arm's participants (in the file, where the number
	// randomized is not declared).
	Randomized map[string]int
	// Joint are the deciding rows' intervals that hold for all active arms
	// together. There are none with one active arm, and none where the deciding
	// row is not a linear model of all arms with one number of degrees of freedom:
	// Welch's t takes two arms at a time, and in models of all visits and of random
	// strata each difference has degrees of freedom of its own, so that no joint t
	// distribution belongs to them.
	Joint []JointInterval
	// Trends are along the doses of the arms, of the plans that ask for one (Plan.Trend).
	Trends []along.Trend
	// BaselineSlopes says whether the difference varies with baseline; nil without a
	// baseline, or where it or an arm's does not vary, where too few participants
	// are left, and where the deciding row is not a linear model of all arms at one
	// visit: in a model of all visits baseline acts at each of them, and beside
	// Welch's t there is no slope to vary.
	BaselineSlopes *BaselineSlopes
	// Diagnostics of the deciding model and of the scale.
	Diagnostics Diagnostics
	// MissingCases of a binary outcome; none where everybody has a value.
	MissingCases []MissingCase
	// Asked says of each plan with an estimand what was done with whom.
	Asked []Asked
	// Sensitivity answers the plans' other assumptions about those lost.
	Sensitivity []SensitivityRow
	// Lost says who has no value at the visit and what is assumed of them; nil where no
	// plan assumes anything beside its model.
	Lost *Lost
	// Importance holds each judged row against its threshold.
	Importance []Importance
	// Floors say the smallest p-value each exact test could have given.
	Floors []Floor
	// Records of every participant of the file, sorted by arm and ID.
	Records []Record
	Notes   []Note

	own    *comparison // of the plan that decides
	digits *int        // of the whole report's outcome (see Digits)
	// ratePer is that of the whole report's outcome (see RatePer).
	ratePer float64
}

// Digits is how many decimals the outcome's numbers have wherever they are
// printed, in text, tables and figures, means, SDs, differences and limits alike:
// those of the report (see Report.Digits) where AnalyzeAll made the result, and
// otherwise those that the result alone asks for.
func (r Result) Digits() int {
	if r.digits != nil {
		return *r.digits
	}
	return Report{Results: []Result{r}}.Digits(r.Outcome.ID)
}

// Digits is how many decimals an outcome's numbers have everywhere in a report:
// two significant digits of its standard error that decides (the smallest, where
// several do), and not fewer than the file's. Where no estimate decides, the SDs
// at baseline and at the visits stand in for it. Of a binary outcome they are the
// decimals of percentages and percentage points, and an exact or score interval
// stands in for a standard error: its half width over the normal quantile. Of a count they
// are those of its rates, in RatePer units of time at risk.
func (r Report) Digits(outcome string) int {
	se, sd, file := math.Inf(1), math.Inf(1), 0
	o, _ := r.Protocol.Outcome(outcome)
	per := r.RatePer(outcome)
	for _, res := range r.Results {
		if res.Outcome.ID != outcome {
			continue
		}
		if o = res.Outcome; !o.Binary() {
			file = max(file, res.Decimals)
		}
		for _, row := range res.Deciding() {
			if row.Effect != nil && row.SE > 0 && !row.Measure.Plain() {
				se = math.Min(se, o.Shown(row.SE))
			} else if half := (row.Upper - row.Lower) / 2; row.Measure == RiskDifference && half > 0 {
				se = math.Min(se, o.Shown(half/stats.Estimate{SE: 1, DF: math.Inf(1)}.CI(row.Level).Hi))
			}
		}
		for _, s := range res.Summaries {
			if s.SD > 0 {
				sd = math.Min(sd, s.SD)
			}
			if s.Rate != nil && s.Rate.Events > 0 { // a Poisson rate's
				se = math.Min(se, per*s.Rate.Value/math.Sqrt(float64(s.Rate.Events)))
			}
		}
	}
	for _, v := range r.Baseline {
		if v.Outcome && v.ID == outcome {
			file = max(file, v.Decimals)
			if v.All.SD > 0 {
				sd = math.Min(sd, v.All.SD)
			}
		}
	}
	if math.IsInf(se, 1) {
		se = sd
	}
	return DigitsFor(se, file, o.Resolution)
}

// DigitsFor is how many decimals numbers have whose standard error is se, read
// from a file that writes so many decimals, in steps of the instrument's
// resolution (0 where it is not stated): two significant digits of the standard
// error, and not fewer than the resolution's or, without one, the file's.
func DigitsFor(se float64, fileDecimals int, resolution float64) int {
	if resolution > 0 {
		fileDecimals = files.Decimal(resolution).Decimals
	}
	if fileDecimals > mostFileDecimals {
		fileDecimals = 0
	}
	return max(fileDecimals, twoSignificant(se))
}

// Digits is how many decimals the outcome's numbers have where nothing tells their
// standard error, as in a claim without a spread: one more than the instrument
// reads, two where that is not stated.
func (o Outcome) Digits() int {
	if !(o.Resolution > 0) {
		return 2
	}
	return min(files.Decimal(o.Resolution).Decimals+1, 6)
}

// mostFileDecimals is the most that a file's digits count for: behind more of
// them stands a program that wrote out a computed number, and no instrument.
const mostFileDecimals = 3

// twoSignificant is the number of decimals with which a number keeps two
// significant digits; 0 for one that is not above 0.
func twoSignificant(x float64) int {
	if !(x > 0) || math.IsInf(x, 1) {
		return 0
	}
	s := strconv.FormatFloat(x, 'e', 1, 64) // rounded first: 0.0996 is 0.10
	e, err := strconv.Atoi(s[len("1.0e"):])
	if err != nil {
		return 0
	}
	return max(0, 1-e)
}

// Contrast tells a comparison between arms from a change within one. The two
// never stand in one unlabeled column.
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
	Method         Method
	// Planned is the method that the row's plan foresees; Method is another where the
	// data could not carry that one, or where the plan foresees a rule of choice. ""
	// where no plan asks for the row.
	Planned Method
	// Set is that of the row's plan, of data.sets; "" is everybody randomized.
	Set string
	// Estimand is that of the row's plan, of Protocol.Estimands; "" where it names none.
	Estimand string
	// Measure is what the numbers are, and Target of a ratio whom they are about.
	Measure Measure
	Target  Target
	// Role is what the row is for, by its plan. Decides marks the one row of its
	// active arm and visit that gives the answer; it alone has a verdict.
	Role    Role
	Decides bool
	// Effect is the live result; nil where it does not exist, and a note says why.
	Effect stats.Effect
	// Frozen numbers at Level; NaN where they do not exist (null in JSON).
	Estimate, SE, DF, Level, Lower, Upper, P float64
	LoOpen, HiOpen                           bool
	// Alpha is the error that the row's test allows (see Plan.Level).
	Alpha float64
	// N analyzed, and Randomized (or in the file, where not declared), per arm.
	N, Randomized map[string]int
	// Observed counts those of N with a value at the row's visit: a model of all
	// visits analyzes others too.
	Observed map[string]int
	// Dropped says who is not in the row and why, per arm.
	Dropped []Dropped
	// Adjusted is the multiplicity-adjusted p-value; NaN where none was made.
	Adjusted float64
	// Together says that Lower and Upper hold together with the intervals of the other
	// primary hypotheses, by which method; Alone is then the interval by itself, as those
	// of other methods are. "" and nil elsewhere.
	Together family.Method
	Alone    *stats.Interval
	// Hypothesis is what the protocol's scheme decided; nil where the row is none of its.
	Hypothesis *Hypothesis
	// WithoutStrata: the allocation was stratified, and this method cannot take
	// strata. Its label says so.
	WithoutStrata bool
	// NonInferiority answers the plan's margin; nil where it has none.
	NonInferiority *NonInferiority
	// Equivalence answers the margin of a plan of that framework; nil elsewhere.
	Equivalence *Equivalence
	// NNT of a deciding risk difference, at the row's visit.
	NNT *stats.NNT
	// Imputed says what was imputed, and how; nil where nothing was.
	Imputed *Imputed
	// Trimmed says what was cut off each arm; nil but of MethodTrimmedMeans.
	Trimmed *Trimmed
	// Pairs says how pairs of patients compare; nil but of a probability of benefit.
	Pairs *Pairs
	// LeftOut counts participants of N who add nothing within strata: their stratum
	// holds one arm alone.
	LeftOut int
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
	// Pairs counts participants with baseline and visit observed; mean and SD of
	// their changes, and the correlation of visit with baseline, which planners
	// and meta-analysts look for. NaN at baseline, and where it does not exist: an
	// SD of fewer than two pairs, a correlation of fewer than three or of values
	// that do not vary.
	Pairs                             int
	MeanChange, SDChange, Correlation float64
	// Share of a binary outcome, whose mean and SD are NaN; nil of others.
	Share *Share
	// Levels count each category of an ordinal outcome, in order, with NaN as mean and
	// SD; nil of others.
	Levels []LevelCount
	// Rate of a count outcome, with NaN as mean and SD; nil of others.
	Rate *Rate
	// Geometric mean, of results that a plan with ScaleLog decides; nil of others.
	Geometric *Geometric
}

// Geometric is the geometric mean of values above 0, the exponential of their mean
// logarithm, and SD the factor that is the exponential of the logarithms' standard
// deviation (NaN of fewer than two).
type Geometric struct{ Mean, SD float64 }

// LevelCount is how many of those with a value are in a category.
type LevelCount struct {
	Level string
	Count int
}

// Pairs are the shares of pairs of a patient of the active arm and one of control in which
// the first fares better, as well, or worse; within strata they are weighted as their
// probability of benefit is.
type Pairs struct{ Better, Tied, Worse float64 }

// Share is how many of an arm said yes, with Clopper and Pearson's limits.
type Share struct {
	Events, N           int
	Value, Lower, Upper float64 // NaN where nobody has a value
	Level               float64
}

// Digits is how many decimals the share has in percent, wherever it is printed: one
// from 100 participants on, of whom each is less than a percent.
func (s Share) Digits() int {
	if s.N >= 100 {
		return 1
	}
	return 0
}

// MissingCase is what a risk difference would be, had those without a value all
// said what one extreme assumes: best and worst for the active arm. Those who never
// reached the file count. Strata are not taken into account.
type MissingCase struct {
	Outcome, Visit, Arm, Control       string
	Missing                            MissingResponse
	Active, Ctl                        table.Count
	Method                             RiskMethod
	Difference, Lower, Upper, P, Level float64
}

// LSMean is a model's mean for an arm at a visit, for average covariates.
type LSMean struct {
	Arm, Visit string
	Method     Method  // of the rows that it belongs to
	Level      float64 // of those rows
	N          int     // participants analyzed with a value at the visit
	// Withheld says that the mean has too few degrees of freedom for an interval
	// (see codeDegenerate).
	Withheld bool
	stats.Estimate
	// Change is the mean change from baseline for average covariates; nil where the
	// model does not use baseline.
	Change *LSMeanChange
}

// LSMeanChange is a model's mean change from baseline for an arm at a visit. Where
// baseline is a covariate, that is the mean less the baseline at which it stands,
// with the same standard error, as of a model of the changes; where it is a response
// (cLDA), the difference of the two means; and of mixed analysis of variance, the
// mean of the participants' changes.
type LSMeanChange struct {
	Withheld bool // as that of LSMean
	stats.Estimate
}

// StudyInfo identifies the trial in results and captions.
type StudyInfo struct {
	Title        string
	Registration string
	Simulated    bool
}

// EffectSize is a standardized difference between an active arm and control.
type EffectSize struct {
	Outcome, Visit, Arm, Control string
	Measure                      string // "hedges-g-change"; without baseline "hedges-g"
	// Numbers at Level; NaN where they do not exist.
	Estimate, Lower, Upper, Level float64
	Notes                         []Note
}

// Responder rules.
const (
	// RuleChange: improvement ≥ threshold; baseline and visit observed.
	RuleChange = "change"
	// RuleChangeRandomized: the same, of all randomized; missing counts as
	// non-responder.
	RuleChangeRandomized = "change-randomized"
	// RuleWorsening: deterioration ≥ threshold; baseline and visit observed.
	RuleWorsening = "worsening"
	// RulePercent: improvement ≥ threshold percent of baseline.
	RulePercent = "percent"
	// RulePercentRandomized: the same, of all randomized.
	RulePercentRandomized = "percent-randomized"
	// RulePass: the value itself is at or beyond the threshold; visit observed.
	RulePass = "pass"
	// RulePassRandomized: the same, of all randomized.
	RulePassRandomized = "pass-randomized"
)

// ResponderRow counts participants of one arm who meet a rule.
type ResponderRow struct {
	Outcome, Visit, Arm string
	Rule                string // see the Rule constants
	Threshold           Threshold
	// Headline marks the rows of the outcome's first individual change
	// threshold under RuleChange; all others are sensitivity analyses.
	Headline     bool
	Events, N    int
	Lower, Upper float64 // Clopper–Pearson at Level; NaN for N = 0
	Level        float64
}

// ResponderContrast compares responders of an active arm with control's.
type ResponderContrast struct {
	Outcome, Visit, Arm, Control string
	Rule                         string
	Threshold                    Threshold
	// Difference in proportions, active − control, with its interval and DifferenceP,
	// the two-sided p-value of the same Method (see P). NaN, and Method "", where an
	// arm is empty or no stratum tells.
	Method                                       RiskMethod
	Difference, Lower, Upper, Level, DifferenceP float64
	// FisherP is the two-sided p of Fisher's exact test, which asks another question
	// (both margins fixed); NaN where the allocation was stratified (Stratified).
	FisherP    float64
	Stratified bool
	// Pairs says how pairs of patients compare; nil but of a probability of benefit.
	Pairs *Pairs
	// LeftOut counts participants who add nothing to the difference within
	// strata: their stratum has one arm alone, or they never reached the file, so
	// that no stratum of theirs is known, and are all of one arm.
	LeftOut int
	Notes   []Note
}

// Floor is the smallest two-sided p-value that an exact test could have given
// with these data's scores, arm sizes and blocks.
type Floor struct {
	Outcome, Visit, Arm string
	Method              Method
	MinP                float64
}

// Safety is the trial's adverse events: participants with at least one.
type Safety struct {
	// Declared: the protocol names a column of adverse events, and it has an
	// entry for at least one participant.
	Declared bool
	Level    float64
	Arms     []SafetyRow
	// Pooled over arms, meaningful only as "any procedure"; nil with one arm
	// or nothing recorded.
	Pooled    *SafetyRow
	Contrasts []SafetyContrast
	// Events counts by kind and term, where the events have a file or sheet of their own
	// (DataSpec.Events), of which Listed says where every line went; nil without.
	Events *harms.Table
	Listed harms.Listing
	// Set is the set of participants that is counted; "" is everybody in the file.
	Set string
}

// SafetyRow counts the participants of an arm with at least one adverse event
// among those for whom events were recorded. Not recorded is not zero.
type SafetyRow struct {
	Arm                      string // "" when pooled
	Events, N                int    // participants with an event, recorded
	TotalEvents, NotRecorded int
	// Two-sided Clopper–Pearson limits at Level, and the one-sided upper
	// limit at the same level; NaN for N = 0.
	Lower, Upper, UpperOneSided float64
}

// SafetyContrast is the difference in the proportion with an event, active −
// control, with its method's interval. Strata of randomization are not taken into
// account: events are too few within them, and where there are none Mantel and
// Haenszel's difference has no interval.
type SafetyContrast struct {
	Arm, Control             string
	Method                   RiskMethod // "" where an arm is empty
	Difference, Lower, Upper float64
	WithoutStrata            bool // the allocation was stratified
}

// FTest is a joint test of a model's term.
type FTest struct {
	Outcome     string
	Method      Method
	Term        string
	F, DF1, DF2 float64
	P, Epsilon  float64 // Epsilon is NaN where no correction applies
}

// Report is the whole trial's analysis: every outcome at every visit after
// baseline, safety, and where every row of the file went. It knows how to
// write itself as text, Markdown, CSV and JSON (see report.Options).
type Report struct {
	Protocol   Protocol
	Source     Source
	Accounting Accounting
	// Participants are the fingerprints of everyone in the file.
	Participants []Fingerprint
	// Consort is the flow of participants, and who is in which arm.
	Consort Consort
	// Family is what became of the protocol's scheme of primary hypotheses; nil where it
	// declares none.
	Family  *FamilyResult
	Results []Result // by outcome, then visit, in the protocol's order
	Tests   []FTest
	Safety  Safety
	// Adherence and Blinding say how much of the treatment was taken in each arm and
	// whether it was recognized; nil where the file does not tell.
	Adherence []ArmAdherence
	Blinding  []ArmBlinding
	// Baseline is Table 1: who was studied, by arm.
	Baseline []BaselineVariable
	// Subgroups are those that the protocol declares, for every outcome and visit
	// that a plan names (without plans, for all), in the order of the results.
	Subgroups []Subgroups
	// Doubts are what changes the reading of the planned comparisons, the weightiest
	// first (see DoubtKind); Departures are where the analysis departs from the
	// plans, or where what they provide for difficulties was needed: each field of
	// every plan against the rows that answer it (planChecks), who was analyzed
	// against who was randomized, the strata, and the selection of the file's rows.
	// None says that all of these were as planned.
	Doubts     []Doubt
	Departures []Note
	Notes      []Note
}

// codeDegenerate marks an estimate of a mixed model whose degrees of freedom, by
// Kenward and Roger or Satterthwaite, are below mmrm.LeastDF.
const codeDegenerate = mmrm.NoteDegenerate

// withhold freezes an estimate without interval and p-value; the row has no
// Effect to question.
func (r *Row) withhold(e stats.Estimate) {
	r.Estimate, r.SE, r.DF = e.Value, e.SE, e.DF
	r.Notes = append(r.Notes, Note{Code: codeDegenerate, Args: map[string]any{"df": e.DF}})
}

// Withheld reports whether the row has an estimate, but too few degrees of
// freedom for an interval, a p-value or a verdict.
func (r Row) Withheld() bool {
	return slices.ContainsFunc(r.Notes, func(n Note) bool { return n.Code == codeDegenerate })
}

// CI is the mean's interval; NaN at both ends where it is withheld.
func (m LSMean) CI(level float64) stats.Interval { return ciUnless(m.Withheld, m.Estimate, level) }

// CI is the mean change's interval; NaN at both ends where it is withheld.
func (m LSMeanChange) CI(level float64) stats.Interval {
	return ciUnless(m.Withheld, m.Estimate, level)
}

func ciUnless(withheld bool, e stats.Estimate, level float64) stats.Interval {
	if withheld {
		return stats.Interval{Lo: math.NaN(), Hi: math.NaN(), Level: level}
	}
	return e.CI(level)
}

// controlOf is the arm that an active arm is compared with.
func (r Result) controlOf(arm string) (string, error) {
	active := r.Arms[:max(len(r.Arms)-1, 0)] // the control is last
	if !slices.ContainsFunc(active, func(a Arm) bool { return a.ID == arm }) {
		return "", fmt.Errorf("%q is no active arm (active: %s)", arm, known(active, func(a Arm) string { return a.ID }))
	}
	return r.Arms[len(r.Arms)-1].ID, nil
}

// known lists IDs for an error.
func known[T any](list []T, id func(T) string) string {
	ids := make([]string, len(list))
	for i, x := range list {
		ids[i] = strconv.Quote(id(x))
	}
	if len(ids) == 0 {
		return "none"
	}
	return strings.Join(ids, ", ")
}
