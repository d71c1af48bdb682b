package study

import (
	"slices"
	"strings"
	"unicode"

	"github.com/trialkit/trialkit/study/text"
)

// columns says where in a row things stand: positions of fields, −1 where the
// protocol names no column or the file lacks it.
type columns struct {
	participant, arm, block, visit, outcome, value, events int
	cells                                                  []cellColumn // wide, or long with a column an outcome
	baselines                                              []cellColumn // baselines held in a column
	covariates                                             []int
	within                                                 []int // columns within which participants are numbered
	rows                                                   []rowRule
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
	return append(append(out, d.Within...), sortedKeys(d.Rows)...)
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
	for _, r := range rows[1:min(len(rows), headerLines)] {
		if found(r)*2 > len(wanted) {
			p := newProblem(rows[0].line, 1, "problem-header-lower", text.Args{"line": r.line})
			return &p
		}
	}
	code, args := "problem-no-header", text.Args{"columns": clipList(wanted, 8), "line": l.p.Data.Header}
	if l.separator {
		args["line"] = rows[0].line
	}
	switch d := l.p.Data; {
	case d.Header > 0:
		code = "problem-header-wrong"
		for _, r := range parseTable(l.name, l.t.text, 0, 1, l.t.delimiter, headerLines).rows {
			if found(r)*2 > len(wanted) {
				code, args["right"] = "problem-header-above", r.line
				break
			}
		}
	case len(rows[0].fields) == 1 && d.Delimiter != "":
		code = "problem-no-header-stated"
	case len(rows[0].fields) == 1 && l.separator:
		code = "problem-no-header-separator"
	case len(rows[0].fields) == 1:
		code = "problem-no-header-nor-delimiter"
	}
	p := newProblem(rows[0].line, 1, code, args)
	return &p
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
	find := func(column, what string, args text.Args) int {
		if column == "" {
			return -1
		}
		i, ok := at[column]
		if !asked[column] {
			asked[column] = true
			if !ok {
				code, like := similar(column, header)
				l.t.report(header, header.offset, code, text.Args{"column": column, "what": text.Phrase{Code: what, Args: args}, "like": like})
			}
			if j, two := twice[column]; two {
				l.t.report(header, header.fields[j].offset, "problem-column-twice",
					text.Args{"column": column, "what": text.Phrase{Code: what, Args: args}})
			}
		}
		if !ok {
			return -1
		}
		return i
	}
	d := l.p.Data
	l.where = columns{
		participant: find(d.Participant, "word-participant", nil),
		arm:         find(d.Arm, "word-arm", nil),
		block:       find(l.p.Randomization.Column, "word-block-or-stratum", nil),
		visit:       find(d.Visit, "word-visits", nil),
		outcome:     find(d.Outcome, "word-outcomes", nil),
		value:       find(d.Value, "word-value", nil),
		events:      find(d.AdverseEvents, "word-adverse-events", nil),
	}
	for i, o := range l.p.Outcomes {
		if c, ok := d.Columns[o.ID][""]; ok {
			l.where.cells = append(l.where.cells, cellColumn{find(c, "word-outcome", text.Args{"id": o.ID}), i, -1})
		}
		for j, v := range l.p.Visits {
			if c, ok := d.Columns[o.ID][v.ID]; ok {
				l.where.cells = append(l.where.cells,
					cellColumn{find(c, "word-outcome-visit", text.Args{"outcome": o.ID, "visit": v.ID}), i, j})
			}
		}
		if c, ok := d.Baseline[o.ID]; ok {
			l.where.baselines = append(l.where.baselines, cellColumn{find(c, "word-baseline", text.Args{"outcome": o.ID}), i, -1})
		}
	}
	for _, c := range d.Covariates {
		l.where.covariates = append(l.where.covariates, find(c.Column, "word-covariate", text.Args{"id": c.ID}))
	}
	for _, c := range d.Within {
		i := find(c, "word-participant", nil)
		if l.where.within = append(l.where.within, i); i < 0 {
			l.where.participant = -1 // nobody can be told apart
		}
	}
	for _, c := range sortedKeys(d.Rows) {
		l.where.rows = append(l.where.rows, newRowRule(find(c, "word-rows", nil), c, d.Rows[c]))
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

// similar is the message of a missing column, and the header's field that it
// may be.
func similar(column string, header row) (code, like string) {
	for _, f := range header.fields {
		if similarName(f.text, column) {
			return "problem-column-missing-like", f.text
		}
	}
	if len(header.fields) == 1 {
		return "problem-column-missing-delimiter", ""
	}
	return "problem-column-missing", ""
}
