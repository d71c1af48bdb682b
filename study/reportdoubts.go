package study

import (
	"cmp"
	"slices"

	"github.com/trialkit/trialkit/study/text"
)

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
			randomized[a], observed[a] = n, row.Observed[a]
		}
	}
	n, lost := 0, 0
	for a := range randomized {
		n += randomized[a]
		lost += randomized[a] - observed[a]
	}
	planned := slices.ContainsFunc(r.Protocol.Plans, func(p Plan) bool { return p.Outcome == res.Outcome.ID && p.Role == RoleSensitivity })
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
			if row.Equivalence != nil {
				code += "-equivalence"
			}
			args := text.Args{"arm": row.Arm, "method": string(other.Method), "margin": r.Outcome.Shown(margin), "unit": r.Outcome.unitArg()}
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
	d := Doubt{Kind: DoubtDiagnostics}
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
