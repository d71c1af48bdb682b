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

// rowJudgement judges a row against the outcome's threshold, if it has one; of a
// ratio no threshold is declared.
func (c *comparison) rowJudgement(r Row) *Judgement {
	if r.Effect == nil || r.Measure.Scale() == ScaleRatio {
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
		if benefit == nil {
			row.Notes = append(row.Notes, c.outcome.NoVerdict())
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

// NoVerdict says why a difference of the outcome's means has no verdict, where
// Verdict finds no threshold for it.
func (o Outcome) NoVerdict() Note {
	if o.Binary() {
		return Note{Code: "no-margin-shares"}
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
				if p.Framework == FrameworkEquivalence && row.Effect != nil {
					q := TestEquivalence(row.Effect, row.Level, p.Margin)
					if row.Measure == RiskDifference {
						q.Scale = string(RiskDifference)
					}
					row.Equivalence = &q
				} else if p.Margin > 0 && row.Effect != nil {
					n := TestNonInferiority(row.Effect, row.Level, p.Margin, c.outcome.Better)
					if row.Measure == RiskDifference {
						n.Scale = string(RiskDifference)
					}
					row.NonInferiority = &n
				}
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
	case !c.outcome.HasBaseline():
		simple = res.RowsBy(MethodWelch)
		res.Notes = append(res.Notes, Note{Code: "no-baseline", Args: text.Args{"outcome": c.outcome.ID}})
	}
	if slices.ContainsFunc(simple, func(r Row) bool { return len(r.Dropped) > 0 }) {
		code := "complete-cases"
		switch {
		case c.plan.Model.repeated():
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

// planNotes say what the plan of a row declared, and its answer to the margin.
func (c *comparison) planNotes(row Row, p Plan) []Note {
	var notes []Note
	if row.Set != "" {
		notes = append(notes, Note{Code: "set-not-randomized", Args: text.Args{"set": row.Set}})
	}
	switch {
	case p.Role != RolePrimary:
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
		if other.Arm != row.Arm || other.Method == row.Method || other.Set != row.Set || other.Effect == nil || other.Measure.Scale() != row.Measure.Scale() {
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
