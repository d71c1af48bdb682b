package study

import (
	"slices"
	"strings"
	"unicode"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// columns says where in a row things stand: positions of fields, −1 where the
// protocol names no column or the file lacks it.
type columns struct {
	participant, arm, block, visit, outcome, value, events, day int
	cells                                                       []cellColumn // wide, or long with a column an outcome
	baselines                                                   []cellColumn // baselines held in a column
	covariates                                                  []int
	within                                                      []int // columns within which participants are numbered
	status, reason, received                                    int
	rows                                                        []rowRule
}

// cellColumn is a column of an outcome's values; visit is −1 where the row
// says the visit, or for a column baseline.
type cellColumn struct{ column, outcome, visit int }

// wantedColumns lists the columns that the protocol names.
func (p Protocol) wantedColumns() []string {
	d := p.Data
	out := []string{d.Participant, d.Arm}
	for _, c := range []string{d.Visit, d.Outcome, d.Value, d.AdverseEvents, d.Day, p.Randomization.Column, d.Status.Column, d.Status.Reason, d.Received} {
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
func (l *loader) noHeader() *Problem {
	wanted := l.p.wantedColumns()
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	found := func(r files.Row) int {
		n := 0
		for _, w := range wanted {
			if slices.ContainsFunc(r.Texts(), func(s string) bool { return s == w || similarName(s, w) }) {
				n++
			}
		}
		return n
	}
	header := l.t.Header()
	if found(header) > 0 {
		return nil
	}
	for i := range min(l.t.Len(), files.HeaderLines-1) {
		if r := l.t.Row(i); found(r)*2 > len(wanted) {
			p := files.NewProblem(header.Line(), 1, "problem-header-lower", text.Args{"line": r.Line()})
			return &p
		}
	}
	code, args := "problem-no-header", text.Args{"columns": text.List(wanted, 8), "line": l.p.Data.Header}
	if l.t.Separator {
		args["line"] = header.Line()
	}
	switch d := l.p.Data; {
	case d.Header > 0:
		code = "problem-header-wrong"
		for _, r := range l.t.Top() {
			if found(r)*2 > len(wanted) {
				code, args["right"] = "problem-header-above", r.Line()
				break
			}
		}
	case header.Len() == 1 && d.Delimiter != "":
		code = "problem-no-header-stated"
	case header.Len() == 1 && l.t.Separator:
		code = "problem-no-header-separator"
	case header.Len() == 1:
		code = "problem-no-header-nor-delimiter"
	}
	p := files.NewProblem(header.Line(), 1, code, args)
	return &p
}

// findColumns finds the columns in the header and reports those that are
// missing or there twice.
func (l *loader) findColumns(header files.Row) {
	at := map[string]int{}
	twice := map[string]int{}
	for i, c := range l.t.Columns {
		if _, ok := at[c.Name]; ok {
			twice[c.Name] = i
			continue
		}
		at[c.Name] = i
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
				l.t.Report(header, -1, code, text.Args{"column": column, "what": text.Phrase{Code: what, Args: args}, "like": like})
			}
			if j, two := twice[column]; two {
				l.t.Report(header, j, "problem-column-twice",
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
		day:         find(d.Day, "word-day", nil),
		status:      find(d.Status.Column, "word-status", nil),
		reason:      find(d.Status.Reason, "word-reason", nil),
		received:    find(d.Received, "word-received", nil),
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
func similar(column string, header files.Row) (code, like string) {
	for _, name := range header.Texts() {
		if similarName(name, column) {
			return "problem-column-missing-like", name
		}
	}
	if header.Len() == 1 {
		return "problem-column-missing-delimiter", ""
	}
	return "problem-column-missing", ""
}
