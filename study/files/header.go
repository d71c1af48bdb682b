package files

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Titles, dates of exports and comments stand above the names of the columns in
// many files. The header is the first row that holds most of the names that are
// asked for; where none of them is there, or none is asked for, the first row that
// is filled as the others are.

// findHeader is the place of the header among the first rows; each row is its
// fields.
func findHeader(rows [][]string, wanted []string) int {
	best, most := -1, 0
	for i, r := range rows {
		n := 0
		for _, w := range wanted {
			if slices.Contains(r, w) {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	if best >= 0 {
		return best
	}
	count := make([]int, len(rows))
	widest := 0
	for i, r := range rows {
		for _, s := range r {
			if s != "" {
				count[i]++
			}
		}
		widest = max(widest, count[i])
	}
	return slices.IndexFunc(count, func(n int) bool { return n > 0 && 2*n > widest })
}

// comment reports whether a line is a comment: it begins with # and is not cut
// as the rows are.
func (r Row) comment() bool {
	t := r.t
	if t.sheet != nil || r.n == t.header || r.Len() == len(t.Columns) {
		return false
	}
	from := t.cuts.at[t.cuts.first[r.n]]
	return strings.HasPrefix(t.text[from:], "#")
}

// IsComment reports whether the row is a comment: a line that begins with # and
// has other fields than the header, which does not begin so.
func (r Row) IsComment() bool {
	return r.comment() && !strings.HasPrefix(r.t.Columns[0].Name, "#")
}

// skipTitles finds the header of a text, of which offset and line are the
// beginning, and returns its own and the count of lines above that hold anything.
func skipTitles(src string, offset, line int, delimiter byte, wanted []string) (at, headerLine, above int) {
	t := top(src, offset, delimiter)
	rows := make([][]string, t.total())
	for i := range rows {
		r := Row{t, i}
		if rows[i] = r.Texts(); strings.HasPrefix(src[t.cuts.at[t.cuts.first[i]]:], "#") && i+1 < len(rows) && !slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(rows[i], w) }) {
			rows[i] = nil // a comment
		}
	}
	k := findHeader(rows, wanted)
	if k <= 0 {
		return offset, line, 0
	}
	begin := int(t.cuts.at[t.cuts.first[k]])
	begin = strings.LastIndexAny(src[:begin], "\r\n") + 1 // its blanks too
	return begin, line + int(t.cuts.line[k]), k
}

// placeHeader finds the header of a sheet that does not state its columns, and
// names the columns by it.
func (t *Table) placeHeader(o Options) *Problem {
	s := t.sheet
	if o.Header > 0 {
		t.header = slices.IndexFunc(s.Rows, func(r sheet.Row) bool { return r.Number >= o.Header && filled(r) > 0 })
		if t.header < 0 {
			last := 0
			if len(s.Rows) > 0 {
				last = s.Rows[len(s.Rows)-1].Number
			}
			p := NewProblem(0, 0, "problem-header-beyond", text.Args{"line": o.Header, "lines": last})
			return &p
		}
	} else {
		rows := make([][]string, min(len(s.Rows), HeaderLines))
		for i := range rows {
			for _, c := range s.Rows[i].Cells {
				rows[i] = append(rows[i], trimBlank(c.Text))
			}
		}
		t.header = max(0, findHeader(rows, o.Columns))
	}
	for _, r := range s.Rows[:t.header] {
		if filled(r) > 0 {
			t.Above++
		}
	}
	if t.Above > 0 && o.Header == 0 {
		t.Notes = append(t.Notes, text.Phrase{Code: "header-found", Args: text.Args{"line": s.Rows[t.header].Number, "count": t.Above}})
	}
	t.begin = t.header + 1
	t.nameColumns()
	t.cutFootnotes()
	return nil
}

// nameColumns takes the names from the header, and where names stand over several
// columns, from the row under it too.
func (t *Table) nameColumns() {
	s := t.sheet
	width := 0
	for _, r := range s.Rows[t.header:] {
		for i := len(r.Cells) - 1; i >= width; i-- {
			if r.Cells[i].Kind != sheet.Empty {
				width = i + 1
				break
			}
		}
	}
	t.Columns = make([]Column, width)
	header := s.Rows[t.header].Cells
	for i, c := range header[:min(width, len(header))] {
		t.Columns[i].Name = trimBlank(c.Text)
	}
	if t.begin >= len(s.Rows) {
		return
	}
	// A name over several columns stands in the first of them, or in each.
	over := make([]string, width)
	group := make([]bool, width)
	for i := 1; i < width; i++ {
		name, left := t.Columns[i].Name, t.Columns[i-1].Name
		if left == "" && group[i-1] {
			left = over[i-1]
		}
		if left != "" && (name == "" || name == left) {
			over[i-1], over[i], group[i-1], group[i] = left, left, true, true
		}
	}
	names := map[int]string{}
	for i, c := range s.Rows[t.begin].Cells {
		if c.Kind == sheet.Empty {
			continue
		}
		if i >= width || !group[i] || c.Kind != sheet.Text {
			return
		}
		names[i] = trimBlank(c.Text)
	}
	if len(names) < 2 {
		return
	}
	for i, name := range names {
		t.Columns[i].Name = over[i] + " " + name
	}
	t.Notes = append(t.Notes, text.Phrase{Code: "file-header-two-rows", Args: text.Args{"first": s.Rows[t.header].Number, "second": s.Rows[t.begin].Number}})
	t.begin++
}

// cutFootnotes leaves out sentences under a table: rows at its end in which one
// cell holds several words.
func (t *Table) cutFootnotes() {
	s := t.sheet
	end := len(s.Rows)
	var notes []string
	for ; end > t.begin; end-- {
		r := s.Rows[end-1]
		if n := filled(r); n == 0 {
			continue
		} else if n > 1 || len(t.Columns) < 3 {
			break
		}
		i := slices.IndexFunc(r.Cells, func(c sheet.Cell) bool { return c.Kind != sheet.Empty })
		if r.Cells[i].Kind != sheet.Text || !strings.Contains(trimBlank(r.Cells[i].Text), " ") {
			break
		}
		notes = append(notes, trimBlank(r.Cells[i].Text))
	}
	if len(notes) == 0 || end == t.begin {
		return
	}
	slices.Reverse(notes)
	cut := *s
	cut.Rows = s.Rows[:end]
	t.sheet = &cut
	t.Notes = append(t.Notes, text.Phrase{Code: "file-rows-below", Args: text.Args{"count": len(notes), "words": text.List(notes, 3), "line": s.Rows[end-1].Number + 1}})
}
