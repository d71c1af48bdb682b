package study

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/lost"
)

// BaselineVariable describes the participants before treatment in one variable,
// for Table 1: a covariate, or an outcome's value at baseline.
type BaselineVariable struct {
	ID, Label, Unit string
	// Short is an outcome's shorter label; it may be empty.
	Short   string
	Outcome bool
	Kind    CovariateKind
	// Levels of a category: as the protocol orders them, and otherwise in natural
	// order (2 before 10).
	Levels []string
	// Decimals is the most that the file writes behind the decimal sign: of an
	// outcome at any visit.
	Decimals int
	Arms     []BaselineSummary // active arms in the protocol's order, control last
	All      BaselineSummary

	instrument string // of an outcome, whose label the catalog may have
}

// BaselineSummary describes one arm, or everybody, in one variable. What does not
// exist is NaN: all numbers of a category, the SD of one value.
type BaselineSummary struct {
	Arm string // "" for all arms together
	// N participants in the file have a value, Missing have none.
	N, Missing int
	// SD has divisor N − 1; Q1 and Q3 are quartiles of type 7 of Hyndman & Fan
	// (1996), R's default (see stats.Describe).
	Mean, SD, Median, Q1, Q3, Min, Max float64
	// Counts of a category, by the variable's levels.
	Counts []int
}

// Baseline describes who was studied, by arm and together: the covariates in the
// protocol's order, then the outcomes with a baseline. It counts everybody in
// the file who has a value, analyzed or not; those randomized who never reached
// the file are not known here. No variable is tested: randomized arms differ by
// chance alone, and a p-value of that answers no question.
func (d *Dataset) Baseline() []BaselineVariable {
	arms := d.armsControlLast()
	var out []BaselineVariable
	for i, c := range d.protocol.Data.Covariates {
		v := BaselineVariable{ID: c.ID, Label: c.Label, Kind: c.Kind, Decimals: d.decimals[i]}
		if c.Kind == Category {
			v.Levels = d.levels(c)
			place := map[string]int{}
			for k, l := range v.Levels {
				place[l] = k
			}
			at := func(p *subject) (int, bool) { k, ok := place[p.Categories[c.ID]]; return k, ok }
			for _, a := range arms {
				v.Arms = append(v.Arms, d.countLevels(a.ID, len(v.Levels), at))
			}
			v.All = d.countLevels("", len(v.Levels), at)
		} else {
			d.describeArms(&v, arms, func(p *subject) (float64, bool) { return p.Number(c.ID) })
		}
		out = append(out, v)
	}
	for _, o := range d.protocol.Outcomes {
		if !o.HasBaseline() {
			continue
		}
		slot, ok := d.slot(o.ID, d.BaselineVisit(o.ID).ID)
		if !ok {
			continue
		}
		v := BaselineVariable{ID: o.ID, Label: o.Label, Short: o.Short, Unit: o.Unit, Outcome: true, Kind: Numeric,
			Decimals: d.Decimals(o.ID), instrument: o.Instrument}
		d.describeArms(&v, arms, func(p *subject) (float64, bool) { return p.cells[slot].Number, p.cells[slot].ok })
		out = append(out, v)
	}
	return out
}

// Imbalance is how far an active arm's participants stood from control's before
// treatment, in units of the variable's spread.
type Imbalance struct {
	Arm, Control string
	// Level of a category, against all its others; "" of a number.
	Level string
	// Value is (m₁ − m₀)/√((s₁² + s₀²)/2), arm − control, of means m and variances s²
	// with divisor n − 1; of a category's level of its shares p, with s² = p(1 − p).
	// NaN where both variances are 0, or an arm has nobody, or one with a number.
	Value float64
	// ByChance is the standard deviation that random allocation alone gives Value in
	// large samples, √(1/n₁ + 1/n₀).
	ByChance float64
}

// Imbalances are the standardized differences of the active arms from control in a
// variable, arms in the protocol's order. A category has one a level; one with two
// levels has one of the second, as the first is its negative. It describes the
// participants that the file has: no assumption, exact, and no test of
// randomization, whose imbalances are chance by construction. That 0.1 is small is a
// convention of observational studies; in small trials chance alone goes beyond it.
// Austin 2009, Stat Med 28:3083, doi:10.1002/sim.3697, sections 3.1 and 3.3.
// It agrees, but for the sign that those omit, with tableone's ExtractSmd in R for
// numbers and two levels, and with binary variables of a level each for more.
func (v BaselineVariable) Imbalances() []Imbalance {
	if len(v.Arms) < 2 {
		return nil
	}
	control := v.Arms[len(v.Arms)-1]
	var out []Imbalance
	for _, a := range v.Arms[:len(v.Arms)-1] {
		d := Imbalance{Arm: a.Arm, Control: control.Arm, ByChance: math.Sqrt(1/float64(a.N) + 1/float64(control.N))}
		if v.Kind != Category {
			d.Value = standardized(a.Mean-control.Mean, a.SD*a.SD, control.SD*control.SD)
			out = append(out, d)
			continue
		}
		for k, l := range v.Levels {
			if k == 0 && len(v.Levels) == 2 {
				continue
			}
			p, q := float64(a.Counts[k])/float64(a.N), float64(control.Counts[k])/float64(control.N)
			d.Level, d.Value = l, standardized(p-q, p*(1-p), q*(1-q))
			out = append(out, d)
		}
	}
	return out
}

func standardized(difference, v1, v0 float64) float64 {
	if v1+v0 == 0 { // nobody differs from the others of their arm: no unit to measure in
		return math.NaN()
	}
	return difference / math.Sqrt((v1+v0)/2)
}

// VariableDigits is how many decimals a variable's numbers have in the report's tables:
// an outcome's own, and of a covariate two significant digits of the SD of all,
// not fewer than the file's.
func (r Report) VariableDigits(v BaselineVariable) int {
	if v.Outcome {
		return r.Digits(v.ID)
	}
	return DigitsFor(v.All.SD, v.Decimals, 0)
}

// Decimals is the most that the file writes behind the decimal sign of an
// outcome's values, at any visit; 0 for an unknown outcome.
func (d *Dataset) Decimals(outcome string) int {
	o, ok := d.outcomes[outcome]
	if !ok {
		return 0
	}
	most := 0
	for i := range d.participants {
		for _, c := range d.participants[i].cells[slotOf(o, -1, len(d.visits)):slotOf(o+1, -1, len(d.visits))] {
			switch {
			case c.ok && c.mean:
				most = max(most, int(c.decimals))
			case c.ok:
				most = max(most, int(c.Decimals))
			}
		}
	}
	return most
}

// levels are a category's, those that the protocol orders first.
func (d *Dataset) levels(c Covariate) []string {
	have := map[string]bool{}
	for i := range d.participants {
		if l, ok := d.participants[i].Category(c.ID); ok {
			have[l] = true
		}
	}
	return orderLevels(c.Levels, have, true)
}

// orderLevels puts those that the protocol names first, in its order, and then
// the others that there are in natural order; all: also those that nobody has.
func orderLevels(named []string, have map[string]bool, all bool) []string {
	var out []string
	for _, l := range named {
		if all || have[l] {
			out = append(out, l)
		}
	}
	var others []string
	for _, l := range sortedKeys(have) {
		if !slices.Contains(named, l) {
			others = append(others, l)
		}
	}
	slices.SortStableFunc(others, compareIDs)
	return append(out, others...)
}

// countLevels counts an arm's participants by level; "" is all arms.
func (d *Dataset) countLevels(arm string, levels int, at func(*subject) (int, bool)) BaselineSummary {
	nan := math.NaN()
	s := BaselineSummary{Arm: arm, Counts: make([]int, levels), Mean: nan, SD: nan, Median: nan, Q1: nan, Q3: nan, Min: nan, Max: nan}
	for i := range d.participants {
		p := d.participants[i]
		if arm != "" && p.Arm != arm {
			continue
		}
		if k, ok := at(p); ok {
			s.Counts[k]++
			s.N++
		} else {
			s.Missing++
		}
	}
	return s
}

// describeArms describes a number in every arm and in all.
func (d *Dataset) describeArms(v *BaselineVariable, arms []Arm, of func(*subject) (float64, bool)) {
	describe := func(arm string) BaselineSummary {
		s := BaselineSummary{Arm: arm}
		var x []float64
		for i := range d.participants {
			p := d.participants[i]
			if arm != "" && p.Arm != arm {
				continue
			}
			if y, ok := of(p); ok {
				x = append(x, y)
			} else {
				s.Missing++
			}
		}
		s.N = len(x)
		e, err := stats.Describe(x)
		if err != nil { // beyond 1e152, where the square overflows: no number exists
			nan := math.NaN()
			e = stats.Description{Mean: nan, SD: nan, Median: nan, Q1: nan, Q3: nan, Min: nan, Max: nan}
		}
		s.Mean, s.SD, s.Median, s.Q1, s.Q3, s.Min, s.Max = e.Mean, e.SD, e.Median, e.Q1, e.Q3, e.Min, e.Max
		return s
	}
	for _, a := range arms {
		v.Arms = append(v.Arms, describe(a.ID))
	}
	v.All = describe("")
}

// Lost says who has no value at a plan's visit, or none that its estimand uses.
type Lost struct {
	*lost.Courses
	Visits []Visit // those of the courses: baseline first, the plan's last
	// SetAside counts those of the lost whose value the estimand sets aside, or of whom
	// it uses none.
	SetAside int
	// Baseline describes those lost and the others before treatment.
	Baseline []LostVariable
}

// LostVariable describes, by arm (control last), the participants with a value at the
// visit and those without one in a variable of the baseline table. Both are observed: who
// was lost is compared with who stayed, and nothing is tested.
type LostVariable struct {
	BaselineVariable
	Stayed, Lost []BaselineSummary
}

// lost describes those without a value and predicts how they would have gone on: as
// missing at random, as the plan imputes them, and under its sensitivity analyses. An
// assumption that cannot be fitted has no course, its row says why. A delta is the last of
// its steps; held inside a scale (Clip) it has no course, as it is one of drawn values.
func (d *Dataset) lost(ctx context.Context, p Plan) (*Lost, error) {
	o, _ := d.outcome(p.Outcome)
	if !o.Measured() || len(p.Sensitivity) == 0 && p.Impute.Assume == "" {
		return nil, nil
	}
	at := func(s string) *imputable {
		strategy, err := impute.ParseStrategy(s)
		if err != nil {
			strategy = impute.MAR
		}
		return d.imputable(p, p.Method().imputed(), func(why loss, event string) impute.Strategy {
			if after, err := impute.ParseStrategy(p.Impute.of(event)); err == nil && why == lostAfter && s == p.Impute.Assume {
				return after
			}
			if why == lostAside { // the estimand says what is assumed of these
				return impute.MAR
			}
			return strategy
		})
	}
	in := at(impute.MAR.String())
	visit := slices.Index(in.data.Visits, in.visits[p.Visit])
	if visit < 0 || slices.Contains(in.data.NoBaseline, true) {
		return nil, nil
	}
	out := &Lost{Courses: lost.Observe(in.data, visit), Visits: []Visit{d.BaselineVisit(p.Outcome)}}
	for _, name := range in.data.Visits[:visit+1] {
		for _, v := range d.PostVisits(p.Outcome) {
			if in.visits[v.ID] == name {
				out.Visits = append(out.Visits, v)
			}
		}
	}
	assumed := []Assumption{{Assume: impute.MAR.String()}}
	if p.Impute.Assume != "" {
		assumed = append(assumed, Assumption{Assume: p.Impute.Assume, Reference: p.Impute.Reference, References: p.Impute.References})
	}
	for i, x := range append(assumed, p.Sensitivity...) {
		again := func(y Assumption) bool {
			return y.Assume == x.Assume && y.Reference == x.Reference && maps.Equal(y.References, x.References) && y.Arm == x.Arm && y.Visits == x.Visits
		}
		if x.Assume == AssumeLOCF || x.Assume == AssumeWOCF {
			filled, err := o.carrying(x).Fill(in.data)
			if err != nil {
				return nil, err
			}
			out.Carry(x.Assume, filled)
			continue
		}
		if _, err := impute.ParseStrategy(x.Assume); err != nil && x.Assume != AssumeDelta || x.Clip || slices.ContainsFunc(append(assumed, p.Sensitivity...)[:i], again) {
			continue
		}
		in := at(x.Assume)
		if in.noMean() {
			continue
		}
		fit, _, err := d.fitImputation(ctx, p, x.Reference, x.References, in.data)
		if e := ctx.Err(); e != nil {
			return nil, e
		}
		if err != nil {
			continue
		}
		if x.Assume == AssumeDelta {
			if err := out.Worse(x.course(), x.Arm, fit, x.delta(-o.Better.Sign()*x.Steps[1])); err != nil {
				return nil, err
			}
			continue
		}
		based := Plan{Impute: Imputing{Assume: x.Assume}}.referenceBased()
		if err := out.Assume(x.Assume, fit, func(arm string) string {
			if !based {
				return ""
			}
			return cmp.Or(x.References[arm], x.Reference, d.Control().ID)
		}); err != nil {
			return nil, err
		}
	}
	slot, _ := d.slot(p.Outcome, p.Visit)
	if d.answers != nil {
		at := slices.IndexFunc(d.answers.visits, func(v Visit) bool { return v.ID == p.Visit })
		for _, x := range in.people {
			k, _ := d.position(x.ID)
			if use := d.answers.cells[k][at].Use; !x.cells[slot].ok && (use == estimand.SetAside || use == estimand.NoneBefore) {
				out.SetAside++
			}
		}
	}
	group := func(seen bool) []BaselineVariable {
		part := &Dataset{protocol: d.protocol, outcomes: d.outcomes, visits: d.visits, decimals: d.decimals}
		for _, x := range in.people {
			if x.cells[slot].ok == seen {
				part.participants = append(part.participants, x)
			}
		}
		return part.Baseline()
	}
	stayed, gone := group(true), group(false)
	for i, v := range d.Baseline() {
		x := LostVariable{BaselineVariable: v}
		for k, a := range v.Arms {
			x.Stayed = append(x.Stayed, stayed[i].Arms[k].under(a.Arm, stayed[i].Levels, v.Levels))
			x.Lost = append(x.Lost, gone[i].Arms[k].under(a.Arm, gone[i].Levels, v.Levels))
		}
		out.Baseline = append(out.Baseline, x)
	}
	return out, nil
}

// in says them in the dictionary's language.
func (l *Lost) in(d dictionary) *Lost {
	if l == nil {
		return nil
	}
	out := *l
	out.Visits, out.Baseline = slices.Clone(l.Visits), slices.Clone(l.Baseline)
	for i := range out.Visits {
		out.Visits[i] = d.visit(out.Visits[i])
	}
	for i := range out.Baseline {
		out.Baseline[i].BaselineVariable = d.baseline(out.Baseline[i].BaselineVariable)
	}
	return &out
}

// under gives counts by levels as counts by others, of which those are some.
func (s BaselineSummary) under(arm string, levels, others []string) BaselineSummary {
	if s.Arm = arm; s.Counts == nil {
		return s
	}
	counts := make([]int, len(others))
	for k, l := range levels {
		counts[slices.Index(others, l)] = s.Counts[k]
	}
	s.Counts = counts
	return s
}

// BaselineLine is an arm's line in the analysis of covariance: the follow-up
// value expected at a baseline value is Intercept + Slope·baseline.
type BaselineLine struct {
	Arm              string
	Intercept, Slope float64
	Lo, Hi           float64 // observed baselines: the line says nothing beyond
	N                int
}

// BaselineLines returns the parallel lines that ANCOVA on baseline (see
// regress.ANCOVA) fits to a result's participants with baseline and visit
// observed, in the order of the arms. Their vertical distance is the adjusted
// difference. It returns ANCOVA's error where the model cannot be fitted.
func BaselineLines(r Result) ([]BaselineLine, error) {
	n := len(r.Records)
	data := regress.ANCOVAData{Arm: make([]string, 0, n), Y: make([]float64, 0, n), Baseline: make([]float64, 0, n)}
	ends := make([][2]float64, len(r.Arms))
	for k, a := range r.Arms {
		if a.Control {
			data.Control = a.ID
		}
		lo, hi := math.Inf(1), math.Inf(-1)
		for i := range r.Records {
			rec := &r.Records[i]
			if rec.Arm != a.ID || !rec.HasBaseline || !rec.HasFollow {
				continue
			}
			lo, hi = min(lo, rec.Baseline), max(hi, rec.Baseline)
			data.Arm = append(data.Arm, a.ID)
			data.Y = append(data.Y, rec.Follow)
			data.Baseline = append(data.Baseline, rec.Baseline)
		}
		ends[k] = [2]float64{lo, hi}
	}
	f, err := regress.ANCOVA(data)
	if err != nil {
		return nil, fmt.Errorf("study: lines of %q at visit %q: %w", r.Outcome.ID, r.Visit.ID, err)
	}
	mean, err := stats.Mean(data.Baseline)
	if err != nil {
		return nil, err
	}
	slope := f.Slope().Value
	var out []BaselineLine
	for k, a := range r.Arms {
		if f.N(a.ID) == 0 {
			continue
		}
		l, err := f.LSMean(a.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, BaselineLine{Arm: a.ID, Slope: slope, Intercept: l.Value - slope*mean.Value,
			Lo: ends[k][0], Hi: ends[k][1], N: f.N(a.ID)})
	}
	return out, nil
}

// AdherenceSpec says where the file tells how much of the treatment each participant
// took, such as sessions attended. Planned is how much that should have been; 0 is not
// stated.
type AdherenceSpec struct {
	Column  string
	Planned float64
}

// GuessSpec says where the file tells which treatment participants took theirs for.
// Values are what the file writes for an arm's ID, GuessActive or GuessUnknown; what
// they do not name is read as the arms are.
type GuessSpec struct {
	Column string
	Values map[string]string
}

// Guesses that are no arm's ID.
const (
	// GuessActive: an active treatment, not which of them.
	GuessActive = "active"
	// GuessUnknown: does not know.
	GuessUnknown = "unknown"
)

// ArmAdherence describes how much of the treatment an arm's participants took; of
// Description Missing counts those of whom it is not recorded.
type ArmAdherence struct {
	Arm string
	stats.Description
	// Planned is what was planned, and Full counts those who took all of it; 0 where the
	// protocol does not say.
	Planned float64
	Full    int
}

// ArmBlinding is Bang's blinding index of an arm (table.Blinding): the share of right
// guesses less that of wrong ones, 0 where all guess at random, 1 where all know. A
// guess of GuessActive is right in every active arm; one of another active arm is
// wrong. Index and limits are NaN where nobody was asked; the limits are −1 and 1 where
// all answers are of one kind, which tells no error.
type ArmBlinding struct {
	Arm string
	table.Guesses
	NotRecorded                int
	Index, Lower, Upper, Level float64
}

// treatment describes adherence and blinding by arm, the control last; nil where the
// protocol names no column, or the file has no entry.
func (d *Dataset) treatment(level float64) (adherence []ArmAdherence, blinding []ArmBlinding) {
	taken, guessed := 0, 0
	for _, a := range d.armsControlLast() {
		x, y := ArmAdherence{Arm: a.ID, Planned: d.protocol.Data.Adherence.Planned}, ArmBlinding{Arm: a.ID, Level: level}
		var values []float64
		missing := 0
		for _, p := range d.participants {
			if p.Arm != a.ID {
				continue
			}
			if p.HasAdherence {
				values = append(values, p.Adherence)
			} else {
				missing++
			}
			if p.HasAdherence && x.Planned > 0 && p.Adherence == x.Planned {
				x.Full++
			}
			switch {
			case p.Guess == "":
				y.NotRecorded++
			case p.Guess == a.ID, p.Guess == GuessActive && !a.Control:
				y.Right++
			case p.Guess == GuessUnknown:
				y.Unsure++
			default:
				y.Wrong++
			}
		}
		x.Description, _ = stats.Describe(values) // of finite numbers, as they are loaded
		x.Missing = missing
		taken, guessed = taken+len(values), guessed+y.N()
		y.Index, y.Lower, y.Upper = math.NaN(), math.NaN(), math.NaN()
		if index, err := table.Blinding(y.Guesses); err == nil {
			ci := index.CI(level)
			y.Index, y.Lower, y.Upper = index.Point(), ci.Lo, ci.Hi
		}
		adherence, blinding = append(adherence, x), append(blinding, y)
	}
	if taken == 0 {
		adherence = nil
	}
	if guessed == 0 {
		blinding = nil
	}
	return adherence, blinding
}
