package study

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// columns says where in a row things stand: positions of fields, −1 where the
// protocol names no column or the file lacks it.
type columns struct {
	participant, arm, block, visit, outcome, value, events int
	cells                                                  []cellColumn // wide, or long with a column an outcome
	baselines                                              []cellColumn // baselines held in a column
	covariates                                             []int
}

// cellColumn is a column of an outcome's values; visit is −1 where the row
// says the visit, or for a column baseline.
type cellColumn struct{ column, outcome, visit int }

// wantedColumns lists the columns that the protocol names.
func (p Protocol) wantedColumns() []string {
	d := p.Data
	out := []string{d.Participant, d.Arm}
	for _, c := range []string{d.Visit, d.Outcome, d.Value, d.AdverseEvents, p.Randomization.Column} {
		if c != "" {
			out = append(out, c)
		}
	}
	for _, o := range sortedKeys(d.Columns) {
		for _, v := range sortedKeys(d.Columns[o]) {
			out = append(out, d.Columns[o][v])
		}
	}
	for _, o := range sortedKeys(d.Baseline) {
		out = append(out, d.Baseline[o])
	}
	for _, c := range d.Covariates {
		out = append(out, c.Column)
	}
	return out
}

// noHeader says what is wrong with a file whose first row has none of the
// columns that the protocol names: a title may stand above the header.
func (l *loader) noHeader(rows []row) *Problem {
	wanted := l.p.wantedColumns()
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	found := func(r row) int {
		n := 0
		for _, w := range wanted {
			if slices.ContainsFunc(r.fields, func(f field) bool { return f.text == w || similarName(f.text, w) }) {
				n++
			}
		}
		return n
	}
	if found(rows[0]) > 0 {
		return nil
	}
	for _, r := range rows[1:min(len(rows), 20)] {
		if found(r)*2 > len(wanted) {
			return &Problem{Line: rows[0].line, Column: 1,
				Text: fmt.Sprintf("the columns' names stand on line %d; they must be the first line", r.line)}
		}
	}
	text := "the first line has none of the columns that the protocol names: " + clipList(wanted, 8)
	if len(rows[0].fields) == 1 {
		text += "; no comma, semicolon or tab stands between columns either"
	}
	return &Problem{Line: rows[0].line, Column: 1, Text: text}
}

// clipList lists at most n names.
func clipList(names []string, n int) string {
	if len(names) > n {
		return strings.Join(names[:n], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// findColumns finds the columns in the header and reports those that are
// missing or there twice.
func (l *loader) findColumns(header row) {
	at := map[string]int{}
	twice := map[string]int{}
	for i, f := range header.fields {
		if _, ok := at[f.text]; ok {
			twice[f.text] = i
			continue
		}
		at[f.text] = i
	}
	asked := map[string]bool{}
	find := func(column, what string) int {
		if column == "" {
			return -1
		}
		i, ok := at[column]
		if !asked[column] {
			asked[column] = true
			if !ok {
				l.t.report(header, header.offset, "column %q (%s) is missing%s", column, what, similar(column, header))
			}
			if j, two := twice[column]; two {
				l.t.report(header, header.fields[j].offset, "column %q (%s) stands twice in the header", column, what)
			}
		}
		if !ok {
			return -1
		}
		return i
	}
	d := l.p.Data
	l.where = columns{
		participant: find(d.Participant, "participant"),
		arm:         find(d.Arm, "arm"),
		block:       find(l.p.Randomization.Column, "block or stratum"),
		visit:       find(d.Visit, "visit"),
		outcome:     find(d.Outcome, "outcome"),
		value:       find(d.Value, "value"),
		events:      find(d.AdverseEvents, "adverse events"),
	}
	for i, o := range l.p.Outcomes {
		if c, ok := d.Columns[o.ID][""]; ok {
			l.where.cells = append(l.where.cells, cellColumn{find(c, "outcome "+o.ID), i, -1})
		}
		for j, v := range l.p.Visits {
			if c, ok := d.Columns[o.ID][v.ID]; ok {
				l.where.cells = append(l.where.cells,
					cellColumn{find(c, fmt.Sprintf("outcome %s, visit %s", o.ID, v.ID)), i, j})
			}
		}
		if c, ok := d.Baseline[o.ID]; ok {
			l.where.baselines = append(l.where.baselines, cellColumn{find(c, "baseline of "+o.ID), i, -1})
		}
	}
	for _, c := range d.Covariates {
		l.where.covariates = append(l.where.covariates, find(c.Column, "covariate "+c.ID))
	}
}

// similarName reports whether two names differ only by case, blanks,
// punctuation and signs that cannot be seen.
func similarName(a, b string) bool {
	fold := func(s string) string {
		return strings.ToLower(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("._-", r) {
				return -1
			}
			return r
		}, s))
	}
	return a != "" && fold(a) == fold(b)
}

// similar names the header's field that a missing column may be.
func similar(column string, header row) string {
	for _, f := range header.fields {
		if similarName(f.text, column) {
			return fmt.Sprintf("; the file has %q", f.text)
		}
	}
	if len(header.fields) == 1 {
		return "; no delimiter was found in the header"
	}
	return ""
}
