package study

import (
	"slices"

	"github.com/trialkit/trialkit/study/files"
)

// signRule is how a column's numbers are read: for a column that holds several
// outcomes, the numbers of one of them. Its Group is the outcome's position;
// −1 is a covariate.
type signRule struct {
	files.Signs
	words wordTally
}

// findSigns decides the decimal signs of all columns of numbers.
func (l *loader) findSigns() {
	l.signs = make([]*signRule, len(l.t.Rows[0].Fields))
	var rules []*signRule
	rule := func(column, outcome int) *signRule {
		r := &signRule{Signs: files.Signs{Name: l.t.Rows[0].Fields[column].Text, Group: outcome}}
		if outcome >= 0 {
			o := l.p.Outcomes[outcome]
			r.Ranged, r.Low, r.High = o.HasRange(), o.Min, o.Max
		}
		rules = append(rules, r)
		return r
	}
	var columns []int
	add := func(column, outcome int) {
		if column >= 0 && l.signs[column] == nil {
			l.signs[column] = rule(column, outcome)
			columns = append(columns, column)
		}
	}
	for _, c := range l.where.cells {
		add(c.column, c.outcome)
	}
	for _, b := range l.where.baselines {
		add(b.column, b.outcome)
	}
	for i, c := range l.where.covariates {
		if l.p.Data.Covariates[i].Kind == Numeric {
			add(c, -1)
			if v := l.p.Data.Covariates[i]; c >= 0 && v.HasRange() && l.signs[c].Group < 0 {
				l.signs[c].Ranged, l.signs[c].Low, l.signs[c].High = true, v.Min, v.Max
			}
		}
	}
	if c := l.where.value; c >= 0 {
		columns = append(columns, c)
		for i := range l.p.Outcomes {
			r := rule(c, i)
			r.Name += " (" + l.p.Outcomes[i].ID + ")"
			l.valueSigns = append(l.valueSigns, r)
		}
	}
	slices.Sort(columns)
	var missing func(Value) bool
	if len(l.missingNum) > 0 {
		missing = l.missingValue
	}
	for _, row := range l.t.Rows[1:] {
		if len(row.Fields) != len(l.signs) || !l.kept(row) {
			continue
		}
		for _, c := range columns {
			r, s := l.signRule(row, c), row.Fields[c].Text
			switch {
			case r == nil || l.missing[s]:
			case files.PlainDigits(s):
				r.words.numbers++
			default:
				l.countSigns(r, row, row.Fields[c], missing)
			}
		}
	}
	l.reportWords(rules)
	columnSigns := make([]*files.Signs, len(rules))
	for i, r := range rules {
		columnSigns[i] = &r.Signs
	}
	decimal, doubts := files.SettleSigns(columnSigns, l.p.Data.Decimal, l.t.Delimiter)
	l.ds.source.Decimal = decimal
	for _, d := range doubts {
		l.signNotes = append(l.signNotes, Note{Code: d.Code, Args: d.Args})
	}
}

// signRule returns the rule by which a row's column is read, nil for the rows
// of outcomes that are not analyzed.
func (l *loader) signRule(row files.Row, column int) *signRule {
	if column != l.where.value {
		return l.signs[column]
	}
	c := l.where.outcome
	if c < 0 {
		return nil
	}
	if outcome, ok := l.outcomeOf(row.Fields[c].Text); ok {
		return l.valueSigns[outcome]
	}
	return nil
}

// outcomeOf finds the outcome that a row names.
func (l *loader) outcomeOf(s string) (outcome int, ok bool) {
	id, mapped := l.p.Data.OutcomeValues[s]
	if !mapped {
		id = s
	}
	outcome, ok = l.ds.outcomes[id]
	return outcome, ok
}

func (l *loader) countSigns(r *signRule, row files.Row, f files.Field, missing func(Value) bool) {
	switch {
	case r.Count(f.Text, row.Line, missing):
		r.words.numbers++
	case !l.leftOut(row):
		r.words.add(row, f)
	}
}

// missingValue reports whether a number is a declared code of a missing value.
func (l *loader) missingValue(v Value) bool {
	return slices.ContainsFunc(l.missingNum, func(m Value) bool { return m.Compare(v) == 0 })
}
