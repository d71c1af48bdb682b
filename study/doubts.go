package study

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
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

// rowJudgement judges a row against the outcome's threshold, if it has one.
func (c *comparison) rowJudgement(r Row) *Judgement {
	if r.Effect == nil {
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
	j := judgeDifference(e, c.plan.Level, *benefit, worsening, c.outcome.Better)
	return &j
}

// judgeRows gives the deciding rows their verdict. The other rows have none and
// say so.
func (c *comparison) judgeRows(res *Result) {
	benefit, _ := c.outcome.Verdict()
	for i := range res.Rows {
		row := &res.Rows[i]
		row.Threshold = benefit
		if benefit == nil {
			row.Notes = append(row.Notes, noVerdict(c.outcome))
		}
		if row.Decides {
			row.Judgement = c.rowJudgement(*row)
			if row.Judgement != nil {
				row.Notes = append(row.Notes, row.Judgement.Notes...)
			}
		} else if benefit != nil {
			row.Notes = append(row.Notes, Note{Code: "verdict-from-plan", Args: text.Args{"method": string(c.plan.Method())}})
		}
	}
}

// noVerdict says why a difference of means has none.
func noVerdict(o Outcome) Note {
	if patients, _ := o.PatientThreshold(); patients != nil {
		return Note{Code: "no-margin", Args: text.Args{"kind": string(patients.Kind), "threshold": patients.Value, "unit": unitSuffix(o)}}
	}
	return Note{Code: "no-threshold"}
}

// addDoubts writes down what a careful reader would hold against the result,
// which the plans gave, the first of them the verdict.
func (c *comparison) addDoubts(res *Result, plans []Plan) {
	for i := range res.Rows {
		row := &res.Rows[i]
		for _, p := range plans {
			if row.Method == p.Method() {
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
	if slices.ContainsFunc(res.Within, func(r Row) bool { return len(r.Dropped) > 0 }) {
		code := "complete-cases"
		if c.plan.Model.repeated() {
			code = "complete-cases-beside"
		}
		res.Notes = append(res.Notes, Note{Code: code})
	}
	res.Notes = append(res.Notes, c.actsAsNotes()...)
	res.Notes = append(res.Notes, thresholdChoiceNote(c.outcome)...)
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

// planNotes say what the plan of a row declared, and its answer to the margin.
func (c *comparison) planNotes(row Row, p Plan) []Note {
	var notes []Note
	switch {
	case p.Role != RolePrimary:
	case p.Registered != Registered{}:
		notes = append(notes, Note{Code: "primary-registered", Args: text.Args{"where": p.Registered.Where, "date": p.Registered.Date}})
	default:
		notes = append(notes, Note{Code: "primary-undocumented"})
	}
	if p.Margin > 0 && row.Effect != nil {
		notes = append(notes, c.marginNote(row.interval(), p.Margin))
	}
	return notes
}

// companionNotes say where another method would have come to another verdict.
func (c *comparison) companionNotes(row Row, rows []Row) []Note {
	var notes []Note
	for _, other := range rows {
		if other.Arm != row.Arm || other.Method == row.Method || other.Effect == nil {
			continue
		}
		mine, theirs := row.IncludesZero(), other.IncludesZero()
		switch {
		case mine && !theirs:
			notes = append(notes, Note{Code: "companion-excludes-zero", Args: text.Args{"method": string(other.Method)}})
		case !mine && theirs:
			notes = append(notes, Note{Code: "companion-includes-zero", Args: text.Args{"method": string(other.Method)}})
		}
		if row.Judgement == nil {
			continue
		}
		j := c.rowJudgement(other)
		if j.Benefit != row.Judgement.Benefit {
			notes = append(notes, Note{Code: "companion-other-benefit", Args: text.Args{
				"method": string(other.Method), "verdict": string(j.Benefit), "instead": string(row.Judgement.Benefit)}})
		}
		if j.Harm != row.Judgement.Harm {
			notes = append(notes, Note{Code: "companion-other-harm", Args: text.Args{
				"method": string(other.Method), "verdict": string(j.Harm), "instead": string(row.Judgement.Harm)}})
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

// marginNote answers a declared non-inferiority margin: the interval's worse
// end against −margin, improvement positive.
func (c *comparison) marginNote(ci stats.Interval, margin float64) Note {
	if c.outcome.Better == LowerIsBetter {
		ci = ci.Neg()
	}
	code := "noninferiority-not-shown"
	if ci.Excludes(-margin) && ci.Lo >= -margin {
		code = "noninferiority-shown"
	}
	return Note{Code: code, Args: text.Args{"margin": margin}}
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

// trialNotes are the doubts that concern the whole report.
func (r Report) trialNotes() []Note {
	var notes []Note
	chance := func(k int) float64 { return -math.Expm1(float64(k) * math.Log1p(-0.05)) }
	if k := r.comparisons(); k > 1 {
		notes = append(notes, Note{Code: "multiplicity", Args: text.Args{"k": k, "chance": chance(k)}})
	}
	if k := r.primaryComparisons(); k > 1 {
		notes = append(notes, Note{Code: "multiplicity-primary", Args: text.Args{"k": k, "chance": chance(k)}})
	}
	switch rnd := r.Protocol.Randomization; {
	case rnd.Column != "":
		notes = append(notes, Note{Code: "exact-within-blocks", Args: text.Args{"column": rnd.Column}})
	case rnd.Kind == RandomizationComplete:
		notes = append(notes, Note{Code: "exact-complete"})
	default:
		notes = append(notes, Note{Code: "exact-exchangeability"})
	}
	if r.Protocol.Simulated {
		notes = append(notes, Note{Code: "simulated-beside"})
	}
	return notes
}

// primaryComparisons counts the rows that are primary, each of which has a
// p-value of its own.
func (r Report) primaryComparisons() int {
	k := 0
	for _, res := range r.Results {
		for _, row := range res.Rows {
			if row.Role == RolePrimary && row.Effect != nil {
				k++
			}
		}
	}
	return k
}

// comparisons counts the differences between arms that the report judges or
// could: one per outcome, visit and active arm.
func (r Report) comparisons() int {
	k := 0
	for _, res := range r.Results {
		k += len(res.Arms) - 1
	}
	return k
}
