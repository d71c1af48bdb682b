package files

import (
	"slices"
	"strings"
	"unicode"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// lowerHeader finds the header under titles. Where names of columns are wanted and
// the first row has none of them, it is the first row that has more than half. Where
// none are, and the first row has something in fewer than half as many columns as
// another one, it is the first row with words, and no numbers, in more than half.
// Where no row is that, the first one stays. A note says what was left out.
func (t *Table) lowerHeader(wanted []string) {
	n := min(t.total()-t.header, HeaderLines)
	texts := make([][]string, n)
	filled := make([]int, n)
	most := 0
	for i := range texts {
		r := Row{t, t.header + i}
		for c := range r.held() {
			s := r.heldText(c)
			texts[i] = append(texts[i], s)
			if s != "" {
				filled[i]++
			}
		}
		most = max(most, filled[i])
	}
	wanted = slices.Clone(wanted)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	found := func(i int) int {
		n := 0
		for _, w := range wanted {
			if slices.Contains(texts[i], w) {
				n++
			}
		}
		return n
	}
	isHeader := func(i int) bool {
		if len(wanted) > 0 {
			return found(i)*2 > len(wanted)
		}
		return filled[i]*2 > most && !slices.ContainsFunc(texts[i], IsNumeral)
	}
	if n == 0 || len(wanted) > 0 && found(0) > 0 || len(wanted) == 0 && filled[0]*2 >= most {
		return
	}
	for i := 1; i < n; i++ {
		if !isHeader(i) {
			continue
		}
		above := 0
		for k := range i {
			if filled[k] > 0 {
				above++
			}
		}
		t.header += i
		t.begin = t.header + 1
		t.say("header-found", text.Args{"line": Row{t, t.header}.Line(), "count": above})
		return
	}
}

// held is how many fields or cells a row has that may be a header, and heldText what
// stands in one: the columns have no names yet.
func (r Row) held() int {
	if r.t.sheet != nil {
		return len(r.t.sheet.Rows[r.n].Cells)
	}
	return r.fields()
}

func (r Row) heldText(i int) string {
	if r.t.sheet != nil {
		return trimBlank(r.t.sheet.Rows[r.n].Cells[i].Text)
	}
	return r.Text(i)
}

// dropComments leaves out the rows of a text that begin with # and have another
// number of fields than the header, where no row of as many fields begins so.
func (t *Table) dropComments() {
	if strings.IndexByte(t.text, '#') < 0 { // which is quicker found than the beginnings of lines
		return
	}
	comment := map[int]bool{}
	first := 0
	for r := range t.All() {
		if t.text[t.cuts.at[t.cuts.begin(r.n)]] != '#' {
			continue
		}
		if r.fields() == len(t.Columns) {
			return
		}
		if comment[r.n] = true; len(comment) == 1 {
			first = r.Line()
		}
	}
	if len(comment) == 0 {
		return
	}
	t.cuts.drop(func(row int) bool { return comment[row] })
	t.say("comment-lines", text.Args{"count": len(comment), "line": first})
}

// drop leaves out rows of a text.
func (c *cuts) drop(row func(int) bool) {
	kept := &cuts{escaped: c.escaped, ragged: c.ragged, quotes: c.quotes, faults: c.faults, end: c.end, lines: c.lines}
	for n := range c.rows {
		if row(n) {
			continue
		}
		begin := len(kept.at)
		kept.at = append(kept.at, c.at[c.begin(n):c.begin(n+1)]...)
		kept.addRow(begin, c.lineOf(n))
	}
	if kept.first != nil {
		kept.first = append(kept.first, uint32(len(kept.at)))
	}
	*c = *kept
}

// drop leaves out rows.
func (t *Table) drop(row func(n int) bool) {
	if t.sheet == nil {
		t.cuts.drop(row)
		return
	}
	s := *t.sheet
	s.Rows = nil
	for n, r := range t.sheet.Rows {
		if !row(n) {
			s.Rows = append(s.Rows, r)
		}
	}
	t.sheet = &s
}

// dropFootnotes leaves out the last rows of a table of three columns or more that
// hold one cell, which is a remark: it begins with a sign of footnotes or with a word
// such as Note:, or it stands below an empty row and has three words or a colon; rows
// of several words right below one of these belong to it.
func (t *Table) dropFootnotes() {
	if len(t.Columns) < 3 {
		return
	}
	end, first := t.total(), 0
	for n := t.total() - 1; n > t.begin; n-- {
		r, above := Row{t, n}, Row{t, n - 1}
		s, only := r.only()
		if !only {
			break
		}
		if s == "" { // perhaps between remarks
			continue
		}
		gap := above.isBlank() || t.sheet != nil && above.Line() < r.Line()-1 || t.sheet == nil && r.belowBlank()
		switch words := len(strings.Fields(s)); {
		case isRemark(s) || gap && (words > 2 || words > 1 && strings.Contains(s, ":")):
			end, first = n, r.Line()
		case words < 2:
			n = t.begin // perhaps a participant of whom nothing else is known
		}
	}
	if end == t.total() {
		return
	}
	count := 0
	for n := end; n < t.total(); n++ {
		if !(Row{t, n}).isBlank() {
			count++
		}
	}
	t.say("footnotes", text.Args{"count": count, "line": first})
	t.drop(func(row int) bool { return row >= end })
}

// belowBlank reports whether a line without anything stands above a row of a text.
func (r Row) belowBlank() bool {
	above := strings.TrimRight(r.t.text[:r.t.cuts.at[r.t.cuts.begin(r.n)]], " \t")
	end := strings.TrimSuffix(strings.TrimSuffix(above, "\n"), "\r")
	end = strings.TrimRight(end, " \t")
	return end != "" && (end[len(end)-1] == '\n' || end[len(end)-1] == '\r')
}

// only is the text of the one cell of a row that holds anything, "" where none does;
// false where several do.
func (r Row) only() (s string, ok bool) {
	for i := range r.Len() {
		if r.Raw(i) == "" {
			continue
		}
		if s != "" {
			return "", false
		}
		s = r.Raw(i)
		if k := r.Kind(i); k != sheet.Text {
			return "", false
		}
	}
	return s, true
}

// isRemark reports whether a text begins as footnotes do.
func isRemark(s string) bool {
	if strings.ContainsAny(s[:1], "*#") || strings.HasPrefix(s, "†") || strings.HasPrefix(s, "‡") || strings.HasPrefix(s, "§") {
		return true
	}
	word, _, ok := strings.Cut(s, ":")
	return ok && slices.Contains([]string{"note", "notes", "source", "legend", "noot", "opmerking", "bron", "legenda"},
		strings.ToLower(strings.TrimFunc(word, unicode.IsSpace)))
}

// Castor writes its codes of missing values so.
const castorBegin, castorEnd = "##USER_MISSING_", "##"

func isCastor(s string) bool {
	code, ok := strings.CutPrefix(s, castorBegin)
	if !ok {
		return false
	}
	code, ok = strings.CutSuffix(code, castorEnd)
	return ok && code != "" && PlainDigits(code)
}
