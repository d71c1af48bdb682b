package files

import (
	"iter"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Column is what a file says of a column: its name, and where the format has
// them a label, a kind, words for its values and codes that stand for missing
// ones.
type Column = sheet.Column

// Table is a file, or a sheet of one, in rows and cells. What stands in a cell is
// cut from the file's text when it is asked for, and so are places.
type Table struct {
	// Columns are those of the header.
	Columns []Column
	// Format is the file's: "text", "xlsx" and so on. Sheet is the name of the
	// sheet or member, "" where the file is one table.
	Format, Sheet string
	// Hidden: the workbook hides the sheet.
	Hidden bool
	// Delimiter and Encoding are what was found or stated. Separator: the first
	// line names the delimiter (sep=;).
	Delimiter byte
	Encoding  string
	Separator bool
	// Above counts the lines above the header that hold anything. EndMark: a
	// mark of the end of the text was cut off.
	Above   int
	EndMark bool
	// Unseen counts the characters that cannot be seen and were left out of
	// fields; UnseenLine is the line of the first.
	Unseen     map[rune]int
	UnseenLine int
	// Notes tell what was decided: messages of the catalog.
	Notes []text.Phrase

	file     string
	problems problemList

	// A text.
	text         string
	cuts         *cuts
	bare, quotes bool // see setBare
	invisible    bool // there are characters that cannot be seen
	castor       bool // there are codes of missing values as Castor writes them
	// A sheet; nil for a text.
	sheet *sheet.Sheet
	// Tables that were joined; nil where none were.
	joined *joined

	header int // the header's place among the rows; −1: the format states the columns
	begin  int // the place of the first row of data
	lead   int // fields of each row that are left out in front, and behind
	trail  int
	// replaced are, by column, words that stand for others.
	replaced map[int]map[string]string
}

// Row is a row of a table: the header, or one of the rows under it.
type Row struct {
	t *Table
	n int // among all rows; −1 is the header that the format states
}

// Index is the row's place under the header: r is r's table's Row(r.Index()).
func (r Row) Index() int { return r.n - r.t.begin }

// File is the file's name, as it stands in messages.
func (t *Table) File() string { return t.file }

// Len is the number of rows under the header.
func (t *Table) Len() int { return t.total() - t.begin }

// total counts the rows of the file, with all that stands above the first one.
func (t *Table) total() int {
	if t.joined != nil {
		return len(t.joined.rows) / len(t.joined.parts)
	}
	if t.sheet != nil {
		return len(t.sheet.Rows)
	}
	return t.cuts.rows
}

// Header is the row of the columns' names.
func (t *Table) Header() Row { return Row{t, t.header} }

// Row is row i, from 0, under the header.
func (t *Table) Row(i int) Row { return Row{t, t.begin + i} }

// All yields the rows under the header.
func (t *Table) All() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for n := t.begin; n < t.total(); n++ {
			if !yield(Row{t, n}) {
				return
			}
		}
	}
}

// RowAt finds the row that begins on a line; of tables that were joined, on a line of
// the one with several rows a participant.
func (t *Table) RowAt(line int) Row {
	last := t.total()
	if t.joined != nil {
		last = t.joined.ordered
	}
	n := sort.Search(last, func(n int) bool { return Row{t, n}.Line() >= line })
	return Row{t, n}
}

// SkipRows leaves out the first n rows under the header.
func (t *Table) SkipRows(n int) { t.begin += n }

// SkipFields leaves out so many fields in front of each row under the header
// and behind it.
func (t *Table) SkipFields(lead, trail int) {
	t.lead, t.trail = t.lead+lead, t.trail+trail
	t.setBare()
}

// setBare finds whether fields are what stands between their delimiters, or quotes.
func (t *Table) setBare() {
	t.bare = t.cuts != nil && !t.cuts.ragged && !t.cuts.escaped && !t.invisible && !t.castor && t.lead == 0 && t.replaced == nil
	t.quotes = t.cuts != nil && t.cuts.quotes
}

// Replace makes words of a column stand for others from now on.
func (t *Table) Replace(column int, words map[string]string) {
	if t.joined != nil {
		at := t.joined.at[column]
		t.joined.parts[at.part].Replace(at.column, words)
		return
	}
	if t.replaced == nil {
		t.replaced = map[int]map[string]string{}
	}
	t.replaced[column] = words
	t.setBare()
}

// Line is the number of the row's line in a text, of the row in a sheet, and of
// the case in a file of cases; 0 for a header that the format states.
func (r Row) Line() int {
	switch {
	case r.n < 0:
		return 0
	case r.t.joined != nil:
		_, part := r.t.joined.known(r.n)
		return part.Line()
	case r.t.sheet != nil:
		return r.t.sheet.Rows[r.n].Number
	}
	return r.t.cuts.lineOf(r.n)
}

// Len is the number of the row's fields. Cells of a sheet that are not there are
// empty ones.
func (r Row) Len() int {
	t := r.t
	if r.n == t.header || t.sheet != nil || t.joined != nil {
		return len(t.Columns)
	}
	return max(0, r.fields()-t.lead-t.trail)
}

// fields counts the row's fields in the text.
func (r Row) fields() int { return r.t.cuts.begin(r.n+1) - r.t.cuts.begin(r.n) - 1 }

// bounds are where a field of a row begins and ends in the text.
func (r Row) bounds(i int) (from, to uint32) {
	t := r.t
	k := t.cuts.begin(r.n) + i
	if r.n != t.header {
		k += t.lead
	}
	return t.cuts.at[k], t.cuts.at[k+1] - 1
}

// Text is what stands in a field: without quotes and the blanks around it; ""
// where it holds nothing or a value that the file says is missing; see Missing.
func (r Row) Text(i int) string {
	if t := r.t; t.bare {
		k := t.cuts.begin(r.n) + i
		s := t.text[t.cuts.at[k] : t.cuts.at[k+1]-1]
		if t.quotes && len(s) > 1 && s[0] == '"' {
			return s[1 : len(s)-1]
		}
		return s
	}
	return r.foundText(i)
}

// foundText is Text where a field is not just what stands between its delimiters.
func (r Row) foundText(i int) string {
	t := r.t
	if t.sheet != nil {
		return r.cellText(i)
	}
	if t.joined != nil {
		return r.joinedText(i)
	}
	from, to := r.bounds(i)
	s := t.text[from:to]
	if !t.invisible && t.replaced == nil && !t.castor && s != "" {
		if a, z := s[0], s[len(s)-1]; a > ' ' && a != '"' && a < 0x80 && z > ' ' && z < 0x80 {
			return s
		}
	}
	if s = t.clean(i, content(t.text[from:to], t.Delimiter), nil); t.castor && r.n != t.header && isCastor(s) {
		return ""
	}
	return s
}

// clean is a word without the characters that cannot be seen, which unseen is
// told, and as what it stands for.
func (t *Table) clean(column int, s string, unseen func(rune)) string {
	if t.invisible {
		s = visible(s, unseen)
	}
	if to, ok := t.replaced[column][s]; ok {
		return to
	}
	return s
}

// Quoted reports whether a field stands in quotes.
func (r Row) Quoted(i int) bool {
	if r.t.sheet != nil || r.t.joined != nil {
		return false
	}
	from, to := r.bounds(i)
	return quoteAt(r.t.text[from:to], 0) >= 0
}

// IsEmpty reports whether a row holds nothing but delimiters.
func (r Row) IsEmpty() bool {
	for i := range r.Len() {
		if r.Text(i) != "" {
			return false
		}
	}
	return true
}

// Texts are all fields of the row.
func (r Row) Texts() []string {
	out := make([]string, r.Len())
	for i := range out {
		out[i] = r.Text(i)
	}
	return out
}

// place is where a field, or with −1 the row, begins.
func (r Row) place(column int) Place {
	t := r.t
	if t.sheet != nil {
		return r.cellPlace(column)
	}
	begin := int(t.cuts.at[t.cuts.begin(r.n)])
	offset := begin
	if column >= 0 {
		from, to := r.bounds(column)
		offset = int(from)
		if q := quoteAt(t.text[from:to], 0); q > 0 {
			offset += q
		}
	}
	return t.textPlace(r.n, offset)
}

// textPlace is the place of an offset in a row of the text.
func (t *Table) textPlace(row, offset int) Place {
	begin := t.cuts.at[t.cuts.begin(row)]
	// A row's first field may begin behind blanks.
	start := strings.LastIndexAny(t.text[:begin], "\r\n") + 1
	line, column := lineColumn(t.text[start:offset])
	return Place{Line: t.cuts.lineOf(row) + line - 1, Column: column}
}

// Place is where a field of a row stands in its file, and with −1 where the row does. A
// table that was joined has no places of its own: see Table.Parts.
func (r Row) Place(column int) Place {
	if r.t.joined != nil {
		return Place{}
	}
	return r.place(column)
}

// Err returns what is wrong with single fields, and what Report added, as
// Problems; nil if nothing is.
func (t *Table) Err() error { return t.problems.err() }

// Report adds a problem with a field of a row, or with the row where column is
// −1: a message of the catalog. Arguments named as in varies belong to the place.
func (t *Table) Report(r Row, column int, code string, args text.Args) {
	if t.joined != nil {
		t.reportJoined(r, column, code, args)
		return
	}
	t.problems.add(t.file, column, code, args, func() Place { return r.place(column) })
}

// visible is a field without the characters that cannot be seen: with one of
// them behind it, "laser" is another arm that looks the same. Joiners between
// letters belong to the spelling of some languages.
func visible(s string, unseen func(rune)) string {
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		joiner := (r == '\u200c' || r == '\u200d') && b.Len() > 0 && i+3 < len(s)
		if !hidden(r) || joiner {
			b.WriteRune(r)
			continue
		}
		if unseen != nil {
			unseen(r)
		}
	}
	return trimBlank(b.String())
}

// takeText makes the table of a text that was cut: its names, and what is wrong
// with its fields.
func (t *Table) takeText(c *cuts, line int, o Options) {
	t.cuts, t.begin = c, 1
	c.lower(line)
	t.setBare()
	if c.rows == 0 {
		return
	}
	if len(c.faults) == 0 && o.Header == 0 {
		t.lowerHeader(o.Columns)
	}
	for i := range t.Header().fields() {
		t.Columns = append(t.Columns, Column{Name: t.Header().Text(i)})
	}
	for _, f := range c.faults {
		t.problems.add(t.file, f.field, f.code, f.args, func() Place { return t.textPlace(f.row, f.offset) })
	}
	if len(c.faults) == 0 {
		t.dropComments()
		t.surveyHeaders()
		t.dropFootnotes()
	}
	if t.invisible {
		t.countUnseen()
	}
}

// countUnseen counts the characters that cannot be seen in all fields.
func (t *Table) countUnseen() {
	for n := range t.total() {
		r := Row{t, n}
		for i := range r.fields() {
			from, to := r.bounds(i)
			visible(content(t.text[from:to], t.Delimiter), func(c rune) {
				if t.Unseen == nil {
					t.Unseen, t.UnseenLine = map[rune]int{}, r.Line()
				}
				t.Unseen[c]++
			})
		}
	}
}
