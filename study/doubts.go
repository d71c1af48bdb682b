package study

import (
	"cmp"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/text"
)

// frozenEffect answers with the interval that the row already holds: exact
// intervals of many participants take time to invert.
type frozenEffect struct {
	stats.Effect
	ci stats.Interval
}

func (f frozenEffect) CI(level float64) stats.Interval {
	if level == f.ci.Level {
		return f.ci
	}
	return f.Effect.CI(level)
}

// rowJudgement judges a row against the outcome's threshold, if it has one; a ratio and a
// probability are on another scale than thresholds, and have no verdict (NoVerdict).
func (c *comparison) rowJudgement(r Row) *Judgement {
	if r.Effect == nil || r.Measure.Plain() {
		return nil
	}
	return c.judgement(frozenEffect{r.Effect, r.interval()})
}

// judgement judges an effect against the outcome's margin, if it has one.
func (c *comparison) judgement(e stats.Effect) *Judgement {
	benefit, worsening := c.outcome.Verdict()
	if benefit == nil {
		return nil
	}
	j := JudgeBoth(e, c.plan.Level, *benefit, worsening, c.outcome.Better)
	return &j
}

// judgeRows gives the deciding rows their verdict. The other rows have none and
// say so.
func (c *comparison) judgeRows(res *Result) {
	benefit, _ := c.outcome.Verdict()
	for i := range res.Rows {
		row := &res.Rows[i]
		row.Threshold = benefit
		if benefit == nil && c.plan.Margin == 0 { // a plan's margin says how large a difference matters
			row.Notes = append(row.Notes, c.outcome.NoVerdict())
		}
		if row.Decides {
			row.Judgement = c.rowJudgement(*row)
			if row.Judgement != nil {
				row.Notes = append(row.Notes, row.Judgement.Notes...)
			} else if benefit != nil && row.Effect != nil && row.Measure.Plain() {
				row.Notes = append(row.Notes, Note{Code: "no-margin-scale", Args: text.Args{"threshold": c.outcome.Shown(benefit.Value), "unit": c.outcome.unitArg()}})
			}
		} else if benefit != nil {
			row.Notes = append(row.Notes, Note{Code: "verdict-from-plan", Args: text.Args{"method": string(c.plan.Method())}})
		}
	}
}

// NoVerdict says why a difference of the outcome's means has no verdict, where
// Verdict finds no threshold for it.
func (o Outcome) NoVerdict() Note {
	switch {
	case o.Binary():
		return Note{Code: "no-margin-shares"}
	case !o.Measured():
		return Note{Code: "no-margin-kind"}
	}
	if patients, _ := o.PatientThreshold(); patients != nil {
		return Note{Code: "no-margin", Args: text.Args{"kind": string(patients.Kind), "threshold": patients.Value, "unit": o.Unit}}
	}
	return Note{Code: "no-threshold"}
}

// addDoubts writes down what a careful reader would hold against the result,
// which the plans gave, the first of them the verdict.
func (c *comparison) addDoubts(res *Result, plans []Plan) {
	for i := range res.Rows {
		row := &res.Rows[i]
		for _, p := range plans {
			if row.answers(p) {
				c.testMargin(row, p)
				row.Notes = append(row.Notes, c.planNotes(*row, p)...)
			}
		}
		if !row.Decides || row.Effect == nil {
			continue
		}
		row.Notes = append(row.Notes, c.companionNotes(*row, res.Rows)...)
		row.Notes = append(row.Notes, floorNotes(*row, res.Floors)...)
		row.Notes = append(row.Notes, blandAltman(*row, res.Within)...)
	}
	simple := res.Within // who is in these is in the companions
	switch {
	case !c.outcome.Measured():
		simple = res.Deciding()
		if n := c.otherwiseTreated(); n > 0 && !c.outcome.Binary() {
			res.Notes = append(res.Notes, Note{Code: "cace-kind", Args: text.Args{"n": n}})
		}
	case !c.outcome.HasBaseline():
		simple = res.RowsBy(MethodWelch)
		res.Notes = append(res.Notes, Note{Code: "no-baseline", Args: text.Args{"outcome": c.outcome.ID}})
	}
	if slices.ContainsFunc(simple, func(r Row) bool { return len(r.Dropped) > 0 }) {
		code := "complete-cases"
		switch {
		case c.plan.Model == TrimmedMeans:
			code = "complete-cases-worst"
		case slices.ContainsFunc(simple, Row.leavesOutSetAside):
			code = "complete-cases-set-aside"
		case c.plan.Model.repeated(), c.plan.Model == GEE, c.plan.Method().imputed():
			code = "complete-cases-beside"
		case !c.outcome.HasBaseline():
			code = "complete-cases-values"
		}
		res.Notes = append(res.Notes, Note{Code: code})
	}
	res.Notes = append(res.Notes, c.actsAsNotes()...)
	res.Notes = append(res.Notes, c.outcome.ThresholdChoice()...)
	if res.Study.Simulated {
		for i := range res.Rows {
			if !math.IsNaN(res.Rows[i].P) {
				res.Rows[i].Notes = append(res.Rows[i].Notes, Note{Code: "simulated-beside"})
			}
		}
		for i := range res.Within {
			if !math.IsNaN(res.Within[i].P) {
				res.Within[i].Notes = append(res.Within[i].Notes, Note{Code: "simulated-beside"})
			}
		}
	}
}

// testMargin is the row's answer to its plan's margin, if it has one.
func (c *comparison) testMargin(r *Row, p Plan) {
	better := c.outcome.Better
	if !(p.Margin > 0) || r.Effect == nil {
		return
	}
	ratio := r.Measure.Scale() == ScaleRatio
	if r.Measure == WinOdds { // turned toward benefit
		better = HigherIsBetter
	}
	var q Equivalence
	var n NonInferiority
	switch equivalence := p.Framework == FrameworkEquivalence; {
	case equivalence && ratio:
		q = TestEquivalenceRatio(r.Effect, r.Level, p.Margin)
	case equivalence:
		q = TestEquivalence(r.Effect, r.Level, p.Margin)
	case ratio:
		n = TestNonInferiorityRatio(r.Effect, r.Level, p.Margin, better)
	default:
		n = TestNonInferiority(r.Effect, r.Level, p.Margin, better)
	}
	if r.Measure == RiskDifference {
		q.Scale, n.Scale = string(RiskDifference), string(RiskDifference)
	}
	if p.Framework == FrameworkEquivalence {
		r.Equivalence = &q
	} else {
		r.NonInferiority = &n
	}
}

// planNotes say what the plan of a row declared, and its answer to the margin.
func (c *comparison) planNotes(row Row, p Plan) []Note {
	var notes []Note
	if row.Set != "" {
		n := Note{Code: "set-not-randomized", Args: text.Args{"set": row.Set}}
		if row.Set == SetAsTreated {
			n = Note{Code: "as-treated-not-randomized"}
		}
		notes = append(notes, n)
	}
	switch {
	case p.Role != RolePrimary, row.Role == RoleAdditional: // an arm that the scheme does not name
	case p.Registered != Registered{}:
		notes = append(notes, Note{Code: "primary-registered", Args: text.Args{"where": p.Registered.Where, "date": p.Registered.Date}})
	default:
		notes = append(notes, Note{Code: "primary-undocumented"})
	}
	if row.NonInferiority != nil {
		notes = append(notes, row.NonInferiority.Note(c.outcome, row.Role))
	}
	if row.Equivalence != nil {
		notes = append(notes, row.Equivalence.Note(c.outcome, row.Role))
	}
	return notes
}

// companionNotes say where another method would have come to another verdict.
func (c *comparison) companionNotes(row Row, rows []Row) []Note {
	var notes []Note
	for _, other := range rows {
		if other.Arm != row.Arm || other.Method == row.Method || other.Set != row.Set || other.Estimand != row.Estimand || other.Target == Compliers || other.Effect == nil || other.Measure.Scale() != row.Measure.Scale() {
			continue
		}
		mine, theirs := row.alone().Contains(row.Measure.Null()), other.IncludesZero()
		switch {
		case mine && !theirs:
			notes = append(notes, Note{Code: "companion-excludes-zero", Args: text.Args{"method": string(other.Method)}})
		case !mine && theirs:
			notes = append(notes, Note{Code: "companion-includes-zero", Args: text.Args{"method": string(other.Method)}})
		}
		if row.Judgement == nil {
			continue
		}
		j, own := c.rowJudgement(other), row.Judgement
		if e, ok := row.Effect.(family.Together); ok { // of the row by itself, as the other is
			own = c.judgement(frozenEffect{e.Alone, row.alone()})
		}
		if j.Benefit != own.Benefit {
			notes = append(notes, Note{Code: "companion-other-benefit", Args: text.Args{
				"method": string(other.Method), "verdict": string(j.Benefit), "instead": string(own.Benefit)}})
		}
		if j.Harm != own.Harm {
			notes = append(notes, Note{Code: "companion-other-harm", Args: text.Args{
				"method": string(other.Method), "verdict": string(j.Harm), "instead": string(own.Harm)}})
		}
	}
	return notes
}

// floorNotes say when the model's p-value is smaller than the exact test could
// have given: that part of the evidence is the normal model's alone.
func floorNotes(row Row, floors []Floor) []Note {
	i := slices.IndexFunc(floors, func(f Floor) bool {
		return f.Method == companionOf[row.Method] && f.Arm == row.Arm
	})
	if i < 0 || !(row.P < floors[i].MinP) {
		return nil
	}
	return []Note{{Code: "rests-on-normal-model", Args: text.Args{"method": string(floors[i].Method), "floor": floors[i].MinP}}}
}

// blandAltman says what it means when one arm's change differs from 0
// "significantly" and the other's does not, while the arms do not differ:
// nothing (Bland & Altman 2011, Trials 12:264).
func blandAltman(row Row, within []Row) []Note {
	if !row.IncludesZero() {
		return nil
	}
	p := map[string]float64{}
	for _, w := range within {
		p[w.Arm] = w.P
	}
	alpha := 1 - row.Level
	a, b := p[row.Arm], p[row.Control]
	switch {
	case a < alpha && b >= alpha:
		return []Note{{Code: "bland-altman", Args: text.Args{"arm": row.Arm, "other": row.Control}}}
	case b < alpha && a >= alpha:
		return []Note{{Code: "bland-altman", Args: text.Args{"arm": row.Control, "other": row.Arm}}}
	}
	return nil
}

// actsAsNotes say what a threshold off the instrument's steps amounts to.
func (c *comparison) actsAsNotes() []Note {
	var notes []Note
	for _, t := range c.outcome.Thresholds {
		if t.Level != Individual || !t.Kind.IsChange() {
			continue
		}
		if acts := t.ActsAs(c.outcome.Resolution); acts != t.Value && changesOnGrid(c.records, c.outcome.Resolution) {
			notes = append(notes, Note{Code: "threshold-acts-as", Args: text.Args{"threshold": t.Value, "acts": acts, "resolution": c.outcome.Resolution}})
		}
	}
	return notes
}

// DoubtKind is what a doubt is about.
type DoubtKind string

// Kinds of doubts, in the order of their weight.
const (
	// DoubtThreshold: another threshold of patients moves a responder count.
	DoubtThreshold DoubtKind = "threshold"
	// DoubtCompanion: another way to compare the arms comes to another answer
	// about 0 (see Agreement).
	DoubtCompanion DoubtKind = "companion"
	// DoubtJoint: the deciding interval leaves out 0, and does not once it covers
	// all arms together.
	DoubtJoint DoubtKind = "joint"
	// DoubtVaries: the difference varies with baseline.
	DoubtVaries DoubtKind = "varies"
	// DoubtAllocation: how patients came into the arms is not stated.
	DoubtAllocation DoubtKind = "allocation"
	// DoubtLost: more than 5 % are lost, or somebody is and no sensitivity analysis
	// is declared.
	DoubtLost DoubtKind = "lost"
	// DoubtSets: another analysis planned with a margin answers otherwise.
	DoubtSets DoubtKind = "sets"
	// DoubtDiagnostics: one participant moves the model, or some cannot improve by
	// the threshold because the scale ends.
	DoubtDiagnostics DoubtKind = "diagnostics"
)

// Doubt is something that changes the reading of an answer.
type Doubt struct {
	Kind                DoubtKind
	Outcome, Visit, Arm string // "" where it concerns all
	// Said: the answer's own sentence names it already, as it does the few
	// companions that do not agree.
	Said bool
	// Notes are what there is to say: codes with numbers and IDs.
	Notes []Note
	// What the doubt is about, by kind: the threshold that judges and the other with
	// their counts, the companions that differ, the joint interval, the slopes.
	Threshold, Other *Threshold
	Counts           []ResponderRow // by Other, control last, among those with both values
	Agreement        *Agreement
	Joint            *JointInterval
	Slopes           *BaselineSlopes
}

// order of the kinds, the weightiest first.
var doubtOrder = []DoubtKind{DoubtThreshold, DoubtCompanion, DoubtJoint, DoubtVaries, DoubtAllocation, DoubtLost, DoubtSets, DoubtDiagnostics}

// lostShare is the share of lost participants above which a doubt stands whatever
// was planned for them.
const lostShare = 0.05

// doubts are those of the comparisons that a plan names, or of all where none
// does. Those of the primary comparisons and of the whole trial come first; each
// part is ordered by kind, then as the results are.
func (r Report) doubts() []Doubt {
	const unplanned = 3
	tier := func(res Result) int {
		least := unplanned
		for _, row := range res.Deciding() {
			switch row.Role {
			case RolePrimary:
				least = min(least, 1)
			case RoleDefault:
			default:
				least = min(least, 2)
			}
		}
		return least
	}
	first := unplanned
	for _, res := range r.Results {
		first = min(first, tier(res))
	}
	type ranked struct {
		Doubt
		tier int
	}
	var found []ranked
	for _, res := range r.Results {
		k := tier(res)
		if k == unplanned && first < unplanned {
			continue
		}
		for _, d := range slices.Concat(res.thresholdDoubts(), res.agreementDoubts(), res.jointDoubts(), res.slopeDoubts(),
			r.lostDoubts(res), res.setDoubts(), res.diagnosticDoubts()) {
			d.Outcome = res.Outcome.ID
			d.Visit = cmp.Or(d.Visit, res.Visit.ID)
			found = append(found, ranked{d, k})
		}
	}
	if rnd := r.Protocol.Randomization; rnd.Kind == RandomizationUnknown && !rnd.Stratified() {
		found = append(found, ranked{Doubt{Kind: DoubtAllocation, Notes: []Note{{Code: "allocation-unstated"}}}, first})
	}
	slices.SortStableFunc(found, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(slices.Index(doubtOrder, a.Kind), slices.Index(doubtOrder, b.Kind)))
	})
	var out []Doubt
	for _, d := range found {
		out = append(out, d.Doubt)
	}
	return out
}

// otherThresholds are the thresholds of one patient's improvement that could have
// judged instead of used: further ones that the outcome declares, and those that
// the registry has for the outcome's instrument and condition.
func (o Outcome) otherThresholds(used Threshold) []Threshold {
	candidates := slices.Clone(o.Thresholds)
	if in, ok := InstrumentByID(o.Instrument); ok && o.Unit == in.Unit {
		candidates = append(candidates, in.ThresholdsFor(o.Condition)...)
	}
	var out []Threshold
	for _, t := range candidates {
		if t.Level != Individual || t.Worsening || !t.Important() || t.Value == used.Value ||
			slices.ContainsFunc(out, func(x Threshold) bool { return x.Value == t.Value }) {
			continue
		}
		out = append(out, t)
	}
	return out
}

// thresholdDoubts compare the numbers of those who improved by each threshold.
func (r Result) thresholdDoubts() []Doubt {
	used, _ := r.Outcome.PatientThreshold()
	if used == nil || !r.Outcome.HasBaseline() {
		return nil
	}
	var out []Doubt
	for _, t := range r.Outcome.otherThresholds(*used) {
		d := Doubt{Kind: DoubtThreshold, Threshold: used, Other: &t}
		for _, a := range r.Arms {
			was := countResponders(r.Outcome, a.ID, r.Records, 0, *used, RuleChange)
			is := countResponders(r.Outcome, a.ID, r.Records, 0, t, RuleChange)
			d.Counts = append(d.Counts, responderRow(r.Outcome, r.Visit.ID, a.ID, RuleChange, t, is, r.Level, false))
			if is != was {
				d.Notes = append(d.Notes, Note{Code: "doubt-threshold", Args: text.Args{"arm": a.ID, "used": used.Value, "with": t.Value,
					"unit": r.Outcome.Unit, "events": is.Events, "was": was.Events, "n": is.N}})
			}
		}
		if len(d.Notes) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// agreementDoubts name the companions that answer otherwise. The answer's own
// sentence names them where fewer than half do.
func (r Result) agreementDoubts() []Doubt {
	var out []Doubt
	for _, a := range r.Agreement() {
		if len(a.Differ) == 0 {
			continue
		}
		d := Doubt{Kind: DoubtCompanion, Arm: a.Arm, Visit: a.Visit, Agreement: &a, Said: a.Few()}
		for _, row := range a.Differ {
			code := "doubt-companion-excludes"
			if row.interval().Contains(a.Null) {
				code = "doubt-companion-includes"
			}
			d.Notes = append(d.Notes, Note{Code: code, Args: text.Args{"arm": row.Arm, "method": string(row.Method), "estimate": row.Estimate,
				"lower": row.Lower, "upper": row.Upper, "null": a.Null}})
		}
		out = append(out, d)
	}
	return out
}

// jointDoubts are of intervals that hold 0 (or the margin) only when they cover
// all arms together.
func (r Result) jointDoubts() []Doubt {
	var out []Doubt
	agreements := r.Agreement()
	for _, row := range r.Deciding() {
		i := slices.IndexFunc(r.Joint, func(j JointInterval) bool { return j.Arm == row.Arm })
		k := slices.IndexFunc(agreements, func(a Agreement) bool { return a.Arm == row.Arm && a.Visit == row.Visit })
		if i < 0 || k < 0 {
			continue
		}
		j, null := r.Joint[i], agreements[k].Null
		if row.interval().Contains(null) || !(j.Lower <= null && null <= j.Upper) {
			continue
		}
		out = append(out, Doubt{Kind: DoubtJoint, Arm: row.Arm, Joint: &j, Notes: []Note{{Code: "doubt-joint",
			Args: text.Args{"arm": row.Arm, "lower": j.Lower, "upper": j.Upper, "null": null}}}})
	}
	return out
}

// slopeDoubts stand where an arm's difference varies with baseline.
func (r Result) slopeDoubts() []Doubt {
	s := r.BaselineSlopes
	if s == nil {
		return nil
	}
	d := Doubt{Kind: DoubtVaries, Slopes: s}
	for _, a := range s.Arms {
		if ci := a.Slope.CI(r.Level); !ci.Contains(0) {
			d.Notes = append(d.Notes, Note{Code: "doubt-varies", Args: text.Args{"arm": a.Arm, "slope": a.Slope.Value, "lower": ci.Lo, "upper": ci.Hi,
				"low": s.Low, "high": s.High, "at_low": a.AtLow.Value, "at_high": a.AtHigh.Value}})
		}
	}
	if len(d.Notes) == 0 {
		return nil
	}
	return []Doubt{d}
}

// lostDoubts count those of all arms who have no value in the deciding rows.
func (r Report) lostDoubts(res Result) []Doubt {
	randomized, observed := map[string]int{}, map[string]int{}
	for _, row := range res.Deciding() {
		for a, n := range row.Randomized {
			randomized[a], observed[a] = n, row.Observed[a]+row.RankWorst(a)
		}
	}
	n, lost := 0, 0
	for a := range randomized {
		n += randomized[a]
		lost += randomized[a] - observed[a]
	}
	planned := slices.ContainsFunc(r.Protocol.Plans, func(p Plan) bool {
		return p.Outcome == res.Outcome.ID && (p.Role == RoleSensitivity || len(p.Sensitivity) > 0)
	})
	code := "doubt-lost"
	switch {
	case lost <= 0:
		return nil
	case !planned:
		code = "doubt-lost-no-sensitivity"
	case float64(lost) <= lostShare*float64(n):
		return nil
	}
	return []Doubt{{Kind: DoubtLost, Notes: []Note{{Code: code, Args: text.Args{"lost": lost, "n": n, "share": float64(lost) / float64(n)}}}}}
}

// setDoubts are of other planned analyses that answer the margin otherwise.
func (r Result) setDoubts() []Doubt {
	var out []Doubt
	for _, row := range r.Deciding() {
		_, mine, ok := row.againstMargin()
		if !ok {
			continue
		}
		for _, other := range r.Rows {
			margin, theirs, ok := other.againstMargin()
			if other.Decides || other.Arm != row.Arm || other.Visit != row.Visit || !ok || mine == theirs || (other.Equivalence == nil) != (row.Equivalence == nil) {
				continue
			}
			code := "doubt-sets-not-shown"
			if theirs {
				code = "doubt-sets-shown"
			}
			args := text.Args{"arm": row.Arm, "method": string(other.Method), "margin": r.Outcome.Shown(margin), "unit": r.Outcome.unitArg()}
			if other.Measure.Scale() == ScaleRatio {
				args["margin"], args["unit"] = margin, ""
			}
			if row.Equivalence != nil {
				code += "-equivalence"
				if other.Measure.Scale() == ScaleRatio {
					code += "-ratio"
					args["lower"], args["upper"] = other.Equivalence.Bounds()
				}
			}
			if other.Set != "" {
				code, args["set"] = code+"-set", other.Set
			}
			out = append(out, Doubt{Kind: DoubtSets, Arm: row.Arm, Visit: row.Visit, Notes: []Note{{Code: code, Args: args}}})
		}
	}
	return out
}

// diagnosticDoubts name what the model or the scale leans on.
func (r Result) diagnosticDoubts() []Doubt {
	d := Doubt{Kind: DoubtDiagnostics, Notes: r.scaleDoubts()}
	for _, id := range r.Diagnostics.Influential {
		d.Notes = append(d.Notes, Note{Code: "doubt-influential", Args: text.Args{"participant": id}})
	}
	for _, f := range r.Diagnostics.Floor {
		if f.N > 0 {
			used, _ := r.Outcome.PatientThreshold()
			d.Notes = append(d.Notes, Note{Code: "doubt-floor", Args: text.Args{"arm": f.Arm, "n": f.N, "of": f.Of, "threshold": used.Value, "unit": r.Outcome.Unit}})
		}
	}
	if len(d.Notes) == 0 {
		return nil
	}
	return []Doubt{d}
}

// scaleDoubts ask of means of few different values, or of a heap of one, whether they are
// means of measurements. Those of an instrument, and so many of a fixed number, are
// known to be what they are.
func (r Result) scaleDoubts() []Note {
	if o := r.Outcome; !o.Measured() || o.Bounded() || o.Instrument != "" {
		return nil
	}
	count, n := map[float64]int{}, 0
	for _, x := range r.Records {
		if x.HasFollow {
			count[x.Follow]++
			n++
		}
	}
	most, heap := heapOf(count)
	switch {
	case n < askedOf || len(count) < 2:
		return nil
	case len(count) <= fewValues:
		return []Note{{Code: "doubt-few-values", Args: text.Args{"count": len(count), "n": n}}}
	case most*heapedPart >= n:
		return []Note{{Code: "doubt-heaped", Args: text.Args{"value": heap, "count": most, "n": n}}}
	}
	return nil
}
