package files

import (
	"slices"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// cell is a cell of a sheet; one that is not there is empty.
func (r Row) cell(i int) sheet.Cell {
	cells := r.t.sheet.Rows[r.n].Cells
	if i += r.t.lead; i < len(cells) {
		return cells[i]
	}
	return sheet.Cell{}
}

// cellText is what a cell holds: "" for a value that the file declares missing.
func (r Row) cellText(i int) string {
	t := r.t
	if r.n < 0 || r.n == t.header {
		return t.Columns[i].Name
	}
	c := r.cell(i)
	if c.Kind == sheet.Missing || c.Kind == sheet.Uncached || declared(&t.Columns[i], c) {
		return ""
	}
	return t.clean(i, trimBlank(c.Text), nil)
}

// Kind is what a cell of a sheet is. All fields of a text are texts.
func (r Row) Kind(i int) sheet.Kind {
	if r.t.joined != nil {
		return r.joinedKind(i)
	}
	if r.t.sheet == nil || r.n < 0 || r.n == r.t.header {
		return sheet.Text
	}
	return r.cell(i).Kind
}

// Number is the number that a number cell of a sheet holds. It has one reading,
// whatever signs stand in other cells; ok is false for a text.
func (r Row) Number(i int) (v Value, ok bool) {
	if r.Kind(i) != sheet.Number {
		return Value{}, false
	}
	return ParsePlain(r.Text(i))
}

// Raw is what a cell holds, declared missing or not.
func (r Row) Raw(i int) string {
	if code := r.Missing(i); code != "" {
		return code
	}
	if r.t.sheet == nil || r.n < 0 || r.n == r.t.header {
		if r.t.joined != nil && r.Has(i) {
			s, k, _ := r.of(i)
			return s.Raw(k)
		}
		return r.Text(i)
	}
	return r.cell(i).Text
}

// Missing is the code for which a cell's value is missing by the file's own word:
// "-99" or ".A", in a text that Castor wrote ##USER_MISSING_95##; "" where it is not.
func (r Row) Missing(i int) string {
	if r.t.castor && r.n != r.t.header {
		from, to := r.bounds(i)
		if s := content(r.t.text[from:to], r.t.Delimiter); isCastor(s) {
			return s
		}
	}
	if r.t.sheet == nil || r.n < 0 || r.n == r.t.header {
		if r.t.joined != nil && r.n >= 0 && r.Has(i) {
			s, k, _ := r.of(i)
			return s.Missing(k)
		}
		return ""
	}
	if c := r.cell(i); c.Kind == sheet.Missing || declared(&r.t.Columns[i], c) {
		return c.Text
	}
	return ""
}

// SaysMissing reports whether the file can say of values that they are missing: see
// Row.Missing.
func (t *Table) SaysMissing() bool {
	for _, part := range t.Parts() {
		if part.sheet != nil || part.castor {
			return true
		}
	}
	return false
}

// declared reports whether the column's codes or range of missing values hold a
// cell's value.
func declared(c *Column, v sheet.Cell) bool {
	if len(c.Missing) == 0 && !c.Ranged {
		return false
	}
	if slices.Contains(c.Missing, v.Text) {
		return true
	}
	if !c.Ranged || v.Kind != sheet.Number {
		return false
	}
	x, ok := ParsePlain(v.Text)
	return ok && x.Number >= c.Range[0] && x.Number <= c.Range[1]
}

// cellPlace is where a cell, or with −1 the row, stands.
func (r Row) cellPlace(column int) Place {
	t := r.t
	row := r.Line()
	if row == 0 { // the format states the columns: there is no place
		return Place{At: t.Sheet}
	}
	at := sheet.Fault{Sheet: t.Sheet, Row: row, Column: max(column, 0) + t.lead + 1, Letters: t.sheet.Letters}
	return Place{Line: row, Column: at.Column, At: at.Place()}
}

// fromFault is a reader's fault as a problem of the file.
func fromFault(file string, f *sheet.Fault) Problem {
	p := NewProblem(f.Row, f.Column, f.Code, f.Args)
	p.File, p.At = file, f.Place()
	return p
}

// fromSheet makes a table of a sheet. Where the format does not state the columns
// the header stands in one of the rows, of which header is the number; 0 is found:
// see lowerHeader.
func fromSheet(file, format string, s *sheet.Sheet, header int, wanted []string) (*Table, error) {
	t := &Table{file: file, Format: format, Sheet: s.Name, Hidden: s.Hidden, sheet: s, Encoding: s.Encoding, Notes: slices.Clone(s.Notes)}
	fail := func(code string, args text.Args) (*Table, error) {
		p := NewProblem(0, 0, code, args)
		p.File, p.At = file, s.Name
		return nil, Problems{p}
	}
	if s.Columns != nil {
		t.Columns, t.header = s.Columns, -1
		return t, nil
	}
	empty := func(r sheet.Row) bool {
		return !slices.ContainsFunc(r.Cells, func(c sheet.Cell) bool { return c.Kind != sheet.Empty })
	}
	t.header = slices.IndexFunc(s.Rows, func(r sheet.Row) bool { return r.Number >= header && !empty(r) })
	if t.header < 0 {
		return fail("problem-file-empty", nil)
	}
	if header > 0 {
		for _, r := range s.Rows[:t.header] {
			if !empty(r) {
				t.Above++
			}
		}
	}
	t.begin = t.header + 1
	if header == 0 {
		t.lowerHeader(wanted)
	}
	width := widest(s.Rows[t.header:])
	t.Columns = make([]Column, width)
	for i, c := range s.Rows[t.header].Cells[:min(width, len(s.Rows[t.header].Cells))] {
		t.Columns[i].Name = trimBlank(c.Text)
	}
	t.surveyHeaders()
	t.dropFootnotes()
	return t, nil
}

// widest is how many columns of some rows hold anything.
func widest(rows []sheet.Row) int {
	width := 0
	for _, r := range rows {
		for i, c := range r.Cells {
			if c.Kind != sheet.Empty {
				width = max(width, i+1)
			}
		}
	}
	return width
}
