package files

import (
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// Programs write tables in ways that differ from the rectangle under a header.
// Those that can mean one thing alone are read, and a note of the table says what
// was left out.

func (t *Table) say(code string, args text.Args) {
	t.Notes = append(t.Notes, text.Phrase{Code: code, Args: args})
}

// surveyHeaders leaves out the rows of questions and codes that a survey's export
// has under its header (Qualtrics). The questions become the columns' labels.
func (t *Table) surveyHeaders() {
	for i := range min(t.Len(), 3) {
		if !slices.ContainsFunc(t.Row(i).Texts(), func(s string) bool { return strings.HasPrefix(s, `{"ImportId"`) }) {
			continue
		}
		if questions := t.Row(0); i > 0 {
			for c := range min(questions.Len(), len(t.Columns)) {
				t.Columns[c].Label = questions.Text(c)
			}
		}
		t.say("header-lines-below", text.Args{"count": i + 1, "first": t.Row(0).Line(), "last": t.Row(i).Line()})
		t.SkipRows(i + 1)
		return
	}
}

// Fit brings the fields of all rows under the header where no protocol tells what
// they hold: it leaves out empty fields behind the header's last, and names of rows
// in front of its first, as R writes them. They are so where every row has one field
// more, and the first ones all differ and stand in quotes or count from 1. Between
// commas a decimal comma without quotes makes one field more too: then a number of
// the table must have a point. What is left out stands in Notes.
func (t *Table) Fit() {
	extra := t.extraFields()
	if extra == 0 {
		return
	}
	points := t.Delimiter != ','
	trailing, quoted, counted := true, true, true
	names := map[string]bool{}
	n := 0
	for r := range t.All() {
		if r.IsEmpty() {
			continue
		}
		n++
		for i := len(t.Columns); i < r.Len(); i++ {
			trailing = trailing && r.Text(i) == ""
		}
		names[r.Text(0)] = true
		quoted = quoted && r.Quoted(0)
		counted = counted && r.Text(0) == strconv.Itoa(n)
		for i := 0; i < r.Len() && !points; i++ {
			x, ok := readNumeral(r.Text(i))
			points = ok && x.evidence() == '.'
		}
	}
	switch {
	case !points:
	case trailing:
		t.SkipFields(0, extra)
		t.say("trailing-delimiters", text.Args{"count": extra})
	case extra == 1 && len(names) == n && !names[""] && (quoted || counted):
		t.SkipFields(1, 0)
		t.say("row-names", nil)
	}
}

// extraFields returns by how many fields all rows are longer than the header; 0
// where they are not, or differ.
func (t *Table) extraFields() int {
	if t.sheet != nil {
		return 0
	}
	extra := 0
	for r := range t.All() {
		n := r.Len() - len(t.Columns)
		if r.IsEmpty() {
			continue
		}
		if n <= 0 || extra != 0 && n != extra {
			return 0
		}
		extra = n
	}
	return extra
}
