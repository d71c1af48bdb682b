package study

import (
	"cmp"
	"slices"
	"time"

	"github.com/trialkit/trialkit/study/assumed"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/harms"
)

// Protocol is a trial as data: who was compared, when, on what, and where in
// the file it stands. Written in YAML (see ParseProtocol) or as a Go literal;
// both give the same value. Validate lists everything wrong with it at once.
type Protocol struct {
	Title        string
	Registration string // NCT number or the like; may be empty
	// Simulated marks invented data. It puts SIMULATED into titles, captions
	// and results, and a warning beside every p-value and verdict.
	Simulated bool
	// Population says who was studied, in words; empty means not stated.
	Population string
	// Estimand in words (ICH E9(R1)); empty means that none is stated.
	Estimand string
	// Estimands say what is asked of participants to whom something of
	// DataSpec.Intercurrent happened; plans name them. Beside them Estimand is empty.
	Estimands     []estimand.Estimand
	Arms          []Arm
	DoseUnit      string // of the arms' doses; may be empty
	Randomization Randomization
	Visits        []Visit
	// Baseline is the ID of the visit before treatment; empty means the first,
	// NoBaseline that there was none: nothing is then adjusted for baseline.
	Baseline string
	Outcomes []Outcome
	Data     DataSpec
	// Flow says who was assessed and excluded before randomization.
	Flow Screening
	// Plans says what was specified beforehand. Outcomes × visits without a
	// plan are analyzed all the same, as exploratory.
	Plans []Plan
	// Primary are several primary hypotheses, by their plans' IDs, and how they are tested
	// together; nil: none are declared, and a plan alone may be primary.
	Primary *family.Scheme
	// Subgroups are the covariates within whose levels effects were to be
	// compared, as specified beforehand.
	Subgroups []Subgroup
	// Assumed is what was believed beforehand, for planning and simulation alone: no
	// analysis reads it.
	Assumed assumed.Spec
	// Translations give the trial's own words (title, labels, units) in other
	// languages: language, then word. See Report.In.
	Translations map[string]map[string]string
}

// Arm is one randomized group. Exactly one arm is the control.
type Arm struct {
	ID, Label string
	// Short is a shorter label, for the heads of tables; empty: the label.
	Short   string
	Control bool
	// Randomized is the number of participants randomized to the arm, so that
	// those who never reached the file are counted; 0 means not stated.
	Randomized int
	// Dose is how much of the treatment the arm gets, in Protocol.DoseUnit, where HasDose:
	// plans with Trend look along it.
	Dose    float64
	HasDose bool
}

// RandomizationKind says how arms were assigned, which decides what an exact
// test may enumerate.
type RandomizationKind string

// Kinds of randomization. The zero value means unknown.
const (
	RandomizationUnknown    RandomizationKind = "unknown"
	RandomizationComplete   RandomizationKind = "complete"
	RandomizationBlocked    RandomizationKind = "blocked"
	RandomizationStratified RandomizationKind = "stratified"
)

// Randomization describes the assignment. Strata, and the blocks or strata that
// Column names, are in every model and companion: exact tests exchange labels
// within them, linear models have an effect for each, responders are compared
// within them. A block size alone does not say who belonged to which block and
// restricts nothing, which a note says.
type Randomization struct {
	Kind RandomizationKind
	// Block is the block size; 0 means unknown.
	Block int
	// Column of the data file that names each participant's block or stratum.
	Column string
	// Strata are the IDs of the covariates, as used at randomization, that the
	// allocation was stratified by.
	Strata []string
	// Cross gives the models an effect for every cell of the crossed strata.
	// Without it each column has its main effect, unless the allocation ratio
	// differs between cells by more than blocks allow.
	Cross bool
	// Small says what is done where the strata would leave a linear model fewer
	// than five residual degrees of freedom, which is otherwise refused; Reason
	// says why.
	Small  SmallStrata
	Reason string
}

// SmallStrata is what becomes of strata that are too many for the participants.
type SmallStrata string

// Choices for small strata. The zero value refuses the analysis.
const (
	// IgnoreStrata leaves them out of the model; it needs a reason.
	IgnoreStrata SmallStrata = "ignore"
	// MergeStrata joins those without both arms, or with fewer than four
	// participants, into one.
	MergeStrata SmallStrata = "merge"
	// RandomStrata gives the cells of the crossed strata a random intercept, with
	// Kenward–Roger inference.
	RandomStrata SmallStrata = "random"
)

// Stratified reports whether the protocol names strata or blocks of participants.
func (r Randomization) Stratified() bool { return r.Column != "" || len(r.Strata) > 0 }

// Visit is one time of measurement. Time is the time since treatment; HasTime
// tells a stated zero from a time that was not given. Window, where HasWindow, are
// the first and the last day since randomization (DataSpec.Day) of the visit's rows.
type Visit struct {
	ID, Label string
	Time      time.Duration
	HasTime   bool
	Window    [2]float64
	HasWindow bool
}

// Direction says which way an outcome improves. The zero value is refused.
type Direction int

// Directions.
const (
	BetterUnset Direction = iota
	LowerIsBetter
	HigherIsBetter
)

// Sign is +1 where higher is better and −1 where lower is better: a difference
// times Sign is a benefit where positive.
func (d Direction) Sign() float64 {
	if d == LowerIsBetter {
		return -1
	}
	return 1
}

// String returns "lower" or "higher".
func (d Direction) String() string {
	switch d {
	case LowerIsBetter:
		return "lower"
	case HigherIsBetter:
		return "higher"
	}
	return "unset"
}

// Outcome is one measured quantity and its instrument.
type Outcome struct {
	ID, Label, Unit string
	// Short is a shorter label, for tables; empty: the label.
	Short string
	// Kind is what the values are; "" is a measurement, unless the values look like
	// something else, which is asked. An outcome that is no measurement has no unit,
	// range or baseline, and its margins between arms are differences of shares,
	// 0.1 for ten percentage points.
	Kind OutcomeKind
	// Levels are the categories of an ordinal outcome, the first the lowest.
	Levels []string
	// Instrument names an entry of the instrument registry, which fills the
	// fields that are left empty.
	Instrument string
	// Condition chooses among the instrument's thresholds by the patients they
	// were found in (see Instrument.Conditions); empty takes its defaults.
	Condition string
	// Min and Max are the instrument's range; both zero means no range stated.
	// A value outside is refused.
	Min, Max float64
	// Resolution is the step of the scale (0.1 for a VAS read in mm and
	// written in cm); 0 means not stated. A value between steps is a note.
	Resolution float64
	Better     Direction
	// Baseline is NoBaseline for an outcome that was not measured before
	// treatment, the ID of the visit that is its baseline, or "" for the
	// protocol's.
	Baseline   string
	Thresholds []Threshold
}

// HasRange reports whether the instrument's range is stated.
func (o Outcome) HasRange() bool { return o.Min != 0 || o.Max != 0 }

// ThresholdKind is what a threshold claims to mark.
type ThresholdKind string

// Kinds of thresholds.
const (
	MCID    ThresholdKind = "MCID"    // minimal clinically important difference
	MIC     ThresholdKind = "MIC"     // minimal important change
	MDC     ThresholdKind = "MDC"     // minimal detectable change: measurement error
	SEM     ThresholdKind = "SEM"     // based on the standard error of measurement
	PASS    ThresholdKind = "PASS"    // patient acceptable symptom state: a value, not a change
	Percent ThresholdKind = "percent" // change in percent of baseline
	Margin  ThresholdKind = "margin"  // between-group margin
)

// IsChange reports whether the threshold is a change in the outcome's unit.
func (k ThresholdKind) IsChange() bool {
	return k == MCID || k == MIC || k == MDC || k == SEM || k == Margin
}

// ThresholdLevel says what a threshold was defined for.
type ThresholdLevel string

// Levels. An MCID is defined for one patient's change; a between-group margin
// for a difference of means. The zero value is refused.
const (
	Individual   ThresholdLevel = "individual"
	BetweenGroup ThresholdLevel = "between"
)

// Threshold is a value of clinical importance and where it comes from.
type Threshold struct {
	Value float64
	Kind  ThresholdKind
	Level ThresholdLevel
	// Worsening marks a threshold for deterioration; otherwise improvement.
	Worsening bool
	// Condition is the registry's word for the population, such as "knee-oa".
	Condition  string
	Population string
	Method     string
	N          int
	CI         [2]float64
	Source     string
	// Registered: filled from the registry of instruments; Verified then says
	// whether its value was checked in the source.
	Registered, Verified bool
}

// Layout of the data file.
type Layout string

// Layouts.
const (
	Wide Layout = "wide" // one row a participant
	Long Layout = "long" // one row a participant and visit, or a value
)

// DataSpec says where things stand in the file.
type DataSpec struct {
	Layout      Layout
	Participant string // column
	// Within names the columns within which participants are numbered anew,
	// such as the site: a participant is then known by all of them together,
	// in YAML participant: [site, id].
	Within []string
	Arm    string // column
	Visit  string // column; long layout
	// Outcome and Value are the columns of the long layout with a row a value
	// (PARAMCD, AVAL). Otherwise Columns says where each outcome stands.
	Outcome, Value string
	// Columns maps outcome ID to visit ID to column in the wide layout; in the
	// long layout the inner map has the one key "" and the outcome's column.
	Columns map[string]map[string]string
	// Missing lists the codes of missing values; an empty field is always one.
	Missing []string
	// ArmValues, VisitValues and OutcomeValues map what the file writes to IDs
	// of the protocol, where they differ.
	ArmValues, VisitValues, OutcomeValues map[string]string
	// Values maps outcome ID to what the file writes to the number it means,
	// written with a decimal point, where an outcome stands in words; and a
	// category covariate's ID to what the file writes to the level it means.
	Values map[string]map[string]string
	// Rows keeps only those rows of the file that hold one of the values in
	// each of the columns; the others are excluded and counted.
	Rows map[string][]string
	// Baseline maps outcome ID to the column that holds its baseline value,
	// where baseline is a column and not a visit.
	Baseline   map[string]string
	Covariates []Covariate
	// Exposure maps the ID of a count outcome to visit ID to the column of its time at risk;
	// the inner map has the one key "" where a column holds it for all visits: in the
	// long layout, or where there is one visit.
	Exposure map[string]map[string]string
	// Intercurrent says where the file tells of what ended or changed a participant's
	// treatment after randomization.
	Intercurrent []estimand.Event
	// AdverseEvents is the column with each participant's number of adverse
	// events (a whole number, or yes/no); empty field: not recorded.
	AdverseEvents string
	// Events says where adverse events have a line each, in a file or sheet of their
	// own; then AdverseEvents is empty.
	Events harms.Spec
	// Repeats says what counts where several rows hold a value of one participant
	// and visit; "" refuses them, outside of windows.
	Repeats Repeats
	// Day is the column of each row's day since randomization, for windows of
	// visits and for the first and last of repeated rows.
	Day string
	// Status says where the file tells how each participant left the trial.
	Status StatusSpec
	// Sets are participants that an analysis is asked of beside everybody randomized:
	// set ID to column to the values that belong to it. Who has one of the values in
	// each of the columns is in the set.
	Sets map[string]map[string][]string
	// Received is the column of the arm whose treatment each participant received,
	// read as Arm is; the word none means no arm's. It is told in the flow of
	// participants and changes no analysis.
	Received string
	// Adherence says where the file tells how much of the treatment each participant
	// took, and Guess which treatment they took it for.
	Adherence AdherenceSpec
	Guess     GuessSpec
	// Delimiter, Decimal ("." or ",") and Encoding state the file's dialect;
	// what is empty is detected and reported. Decimal settles what is ambiguous:
	// a column whose numbers have the other sign alone keeps it.
	Delimiter, Decimal, Encoding string
	// Files names the files, where there are several, or several sheets of one; they
	// are joined by participant. See LoadInputs.
	Files []DataFile
	// Sheet is the name of a workbook's sheet; "" is the only one with data.
	Sheet string
	// Header is the line of the columns' names, counted from 1; 0 means the
	// first line that is not blank.
	Header int
}

// CovariateKind is number or category.
type CovariateKind string

// Kinds of covariates.
const (
	Numeric  CovariateKind = "number"
	Category CovariateKind = "category"
)

// Covariate is a baseline characteristic to adjust for or to describe.
type Covariate struct {
	ID, Column string
	// Label is what tables call it; empty: the ID.
	Label string
	Kind  CovariateKind
	// Levels is the order in which a category's levels are listed: in YAML that
	// of data.values. Levels that it does not name follow in natural order (2
	// before 10).
	Levels []string
	// Min and Max are the range of a number; both zero means none stated. A
	// value outside is refused.
	Min, Max float64
	// At is the visit whose value counts, in the long layout. Empty means any
	// row that has it, or the baseline visit where the visits differ.
	At string
}

// HasRange reports whether the range is stated.
func (c Covariate) HasRange() bool { return c.Min != 0 || c.Max != 0 }

// Subgroup is a covariate within whose levels effects are compared. A number
// is cut into levels: below the first cut, from each cut to below the next, and
// from the last one on; without cuts it stays a number, along which the effect runs as a
// line.
type Subgroup struct {
	ID   string // of the covariate
	Cuts []float64
}

// ShortLabel is what tables call the arm: its short label, else its label or ID.
func (a Arm) ShortLabel() string { return cmp.Or(a.Short, a.Label, a.ID) }

// ShortLabel is what tables call the outcome: its short label, else its label or
// ID.
func (o Outcome) ShortLabel() string { return cmp.Or(o.Short, o.Label, o.ID) }

// withDefaults returns a copy with the stated defaults written out: labels are
// IDs, unknown randomization says so, the first visit is baseline, a PASS is
// individual and a margin between groups.
func (p Protocol) withDefaults() Protocol {
	p = p.clone().withPrimary()
	for i, a := range p.Arms {
		if a.Label == "" {
			p.Arms[i].Label = a.ID
		}
	}
	if p.Randomization.Kind == "" {
		p.Randomization.Kind = RandomizationUnknown
	}
	for i, v := range p.Visits {
		if v.Label == "" {
			p.Visits[i].Label = v.ID
		}
	}
	p.Baseline = p.baselineID()
	for i, c := range p.Data.Covariates {
		if c.Label == "" {
			p.Data.Covariates[i].Label = c.ID
		}
	}
	for i, o := range p.Outcomes {
		if o.Label == "" {
			p.Outcomes[i].Label = o.ID
		}
		if !p.hasBaseline(o) {
			p.Outcomes[i].Baseline = NoBaseline
		}
		for j, t := range o.Thresholds {
			p.Outcomes[i].Thresholds[j].Level = t.level()
		}
	}
	return p
}

// level returns the threshold's level: the stated one, or the only one its
// kind can have.
func (t Threshold) level() ThresholdLevel {
	switch {
	case t.Level != "":
		return t.Level
	case t.Kind == PASS:
		return Individual
	case t.Kind == Margin:
		return BetweenGroup
	}
	return ""
}

// baselineID is the visit before treatment of outcomes that say nothing else;
// "" where every outcome says where its baseline is, or that it has none.
func (p Protocol) baselineID() string {
	if p.Baseline != "" {
		return p.Baseline
	}
	for _, o := range p.Outcomes {
		if _, ok := p.Data.Baseline[o.ID]; !ok && o.Baseline == "" && len(p.Visits) > 0 {
			return p.Visits[0].ID
		}
	}
	return ""
}

// hasBaseline reports whether the outcome was measured before treatment: at a
// visit, or in a column of its own.
func (p Protocol) hasBaseline(o Outcome) bool {
	if _, column := p.Data.Baseline[o.ID]; column {
		return true
	}
	if o.Baseline == "" {
		return !p.noBaseline() && o.Measured()
	}
	return o.Baseline != NoBaseline
}

// hasVisit reports whether a visit has the ID.
func (p Protocol) hasVisit(id string) bool {
	return slices.ContainsFunc(p.Visits, func(v Visit) bool { return v.ID == id })
}

// baselineVisit is the ID of the visit that is an outcome's baseline; "" where
// it has none, or one in a column.
func (p Protocol) baselineVisit(o Outcome) string {
	if _, column := p.Data.Baseline[o.ID]; column || !p.hasBaseline(o) {
		return ""
	}
	if o.Baseline != "" {
		return o.Baseline
	}
	return p.baselineID()
}

// Schedule returns when an outcome is measured: the ID of the visit that is its
// baseline ("" where the baseline is held in a column; based is false where there is
// none), and the visits after it.
func (p Protocol) Schedule(outcome string) (baseline string, based bool, after []Visit) {
	o, ok := p.Outcome(outcome)
	if !ok {
		return "", false, nil
	}
	return p.baselineVisit(o), p.hasBaseline(o), p.postVisits(outcome)
}

// noBaseline reports whether the protocol says that nothing was measured before
// treatment; an outcome may still have a baseline in a column.
func (p Protocol) noBaseline() bool {
	if p.Baseline != NoBaseline {
		return false
	}
	return !p.hasVisit(NoBaseline)
}

// postVisits returns an outcome's visits after its baseline. An outcome that was
// not measured before treatment has those after the protocol's baseline.
func (p Protocol) postVisits(outcome string) []Visit {
	base, after := p.baselineID(), p.noBaseline()
	if o, ok := p.Outcome(outcome); ok && (o.Baseline != "" || p.baselineVisit(o) == "") {
		if v := p.baselineVisit(o); v != "" {
			base = v
		}
		if _, column := p.Data.Baseline[outcome]; column {
			after = true
		}
	}
	after = after || base == ""
	var out []Visit
	for _, v := range p.Visits {
		measured := true
		if p.Data.Layout == Wide {
			_, measured = p.Data.Columns[outcome][v.ID]
		}
		if after && measured {
			out = append(out, v)
		}
		after = after || v.ID == base
	}
	return out
}

func (p Protocol) Outcome(id string) (Outcome, bool) {
	for _, o := range p.Outcomes {
		if o.ID == id {
			return o, true
		}
	}
	return Outcome{}, false
}

// HasBaseline reports whether the outcome was measured before treatment. It is
// true of a Result's or Dataset's outcomes where it holds; an outcome read from a
// protocol alone may leave it to the protocol.
func (o Outcome) HasBaseline() bool { return o.Baseline != NoBaseline }
