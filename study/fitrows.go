package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// Programs write tables in ways that differ from the rectangle under a header.
// Those that can mean one thing alone are read, and a note says what was left
// out; what could mean something else stays a problem.

func (l *loader) noteFile(code string, args map[string]any) {
	l.fileNotes = append(l.fileNotes, Note{Code: code, Args: args})
}

// fitRows brings the rows under the header.
func (l *loader) fitRows() {
	l.dropHeaders()
	if extra := l.extraFields(); extra > 0 && !l.dropTrailing(extra) && extra == 1 {
		l.dropRowNames()
	}
	l.wholeIDs()
	if t := l.t; len(t.Unseen) > 0 {
		n := 0
		var which []string
		for r, k := range t.Unseen {
			n += k
			which = append(which, fmt.Sprintf("U+%04X", r))
		}
		slices.Sort(which)
		l.noteFile("invisible-characters", map[string]any{"count": n, "characters": strings.Join(which, ", "), "line": t.UnseenLine})
	}
	if l.t.Delimiter == ' ' && l.p.Data.Delimiter == "" {
		l.noteFile("columns-by-blanks", nil)
	}
}

// dropHeaders leaves out the lines of questions and codes that a survey's
// export has under its header, and reports a line that looks like one.
func (l *loader) dropHeaders() {
	t, n := l.t, l.t.Len()
	for i := range min(n, 3) {
		if slices.ContainsFunc(t.Row(i).Texts(), func(s string) bool { return strings.HasPrefix(s, `{"ImportId"`) }) {
			l.noteFile("header-lines-below", map[string]any{"count": i + 1, "first": t.Row(0).Line(), "last": t.Row(i).Line()})
			t.SkipRows(i + 1)
			return
		}
	}
	if n < 2 || !l.wordsAlone(t.Row(0)) || l.wordsAlone(t.Row(n-1)) {
		return
	}
	i := 0
	for i < min(n, 3) && l.wordsAlone(t.Row(i)) {
		t.Report(t.Row(i), -1, "problem-second-header", nil)
		i++
	}
	t.SkipRows(i)
}

// wordsAlone reports whether a row has words where numbers should stand and no
// participant of a known arm.
func (l *loader) wordsAlone(r files.Row) bool {
	if r.Len() != len(l.t.Columns) {
		return false
	}
	at := func(column int) string {
		if column < 0 {
			return ""
		}
		return r.Text(column)
	}
	id := at(l.where.participant)
	if arm := at(l.where.arm); l.knownArm(arm) || arm == "" && id != "" && strings.IndexByte("([", id[0]) < 0 {
		return false
	}
	words := 0
	for _, c := range l.valueColumns() {
		s := at(c)
		if l.missing[s] {
			continue
		}
		if files.IsNumeral(s) {
			return false
		}
		words++
	}
	return words > 0
}

// knownArm reports whether the protocol knows the word for an arm.
func (l *loader) knownArm(s string) bool {
	if _, mapped := l.p.Data.ArmValues[s]; mapped {
		return true
	}
	_, ok := l.arms[s]
	return ok
}

// extraFields returns by how many fields all rows are longer than the header;
// 0 where they are not, or differ.
func (l *loader) extraFields() int {
	width, extra := len(l.t.Columns), 0
	for r := range l.t.All() {
		n := r.Len() - width
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

// dropTrailing leaves out the empty fields that all rows have behind the
// header's last. Between commas they may also be what decimal commas without
// quotes pushed to the right, unless the numbers have points.
func (l *loader) dropTrailing(extra int) bool {
	width := len(l.t.Columns)
	points := l.t.Delimiter != ','
	for r := range l.t.All() {
		if r.IsEmpty() {
			continue
		}
		for i := width; i < r.Len(); i++ {
			if r.Text(i) != "" {
				return false
			}
		}
		points = points || l.hasPoint(r, 0)
	}
	if !points {
		return false
	}
	l.t.SkipFields(0, extra)
	l.noteFile("trailing-delimiters", map[string]any{"count": extra})
	return true
}

// hasPoint reports whether one of a row's values has a point, where its fields
// stand shifted by some.
func (l *loader) hasPoint(r files.Row, shift int) bool {
	return slices.ContainsFunc(l.valueColumns(), func(c int) bool { return strings.Contains(r.Text(c+shift), ".") })
}

// valueColumns lists the columns of the outcomes' values.
func (l *loader) valueColumns() []int {
	var out []int
	for _, c := range l.where.cells {
		if c.column >= 0 {
			out = append(out, c.column)
		}
	}
	if l.where.value >= 0 {
		out = append(out, l.where.value)
	}
	return out
}

// dropRowNames leaves out the first field of each row where the header has
// none: the names of the rows, as R writes them. They are all different, and
// the rows have known arms without them and not with them. Between commas,
// where a decimal comma without quotes makes one field more too, they stand in
// quotes or the numbers have points.
func (l *loader) dropRowNames() {
	c := l.where.arm
	if c < 0 {
		return
	}
	seen := map[string]bool{}
	with, without := 0, 0
	sure := l.t.Delimiter != ','
	for r := range l.t.All() {
		if r.IsEmpty() {
			continue
		}
		name := r.Text(0)
		if name == "" || seen[name] {
			return
		}
		sure = sure || r.Quoted(0) || l.hasPoint(r, 1)
		seen[name] = true
		if l.knownArm(r.Text(c)) {
			with++
		}
		if l.knownArm(r.Text(c + 1)) {
			without++
		}
	}
	if with > 0 || without == 0 || !sure {
		return
	}
	l.t.SkipFields(1, 0)
	l.noteFile("row-names", nil)
}

// wholeID is 1 for 1.0 and 1,0: programs that hold a column of codes with gaps
// as numbers write it so.
func wholeID(s string) string {
	if len(s) < 3 || s[len(s)-1] != '0' {
		return s
	}
	whole, zeros, ok := strings.Cut(s, ".")
	if !ok {
		whole, zeros, ok = strings.Cut(s, ",")
	}
	if !ok || whole == "" || zeros == "" || !files.PlainDigits(whole) || strings.Trim(zeros, "0") != "" {
		return s
	}
	return whole
}

// codeNumber is wholeID without the zeros that some programs put in front (01).
func codeNumber(s string) string {
	s = wholeID(s)
	if len(s) < 2 || s[0] != '0' || !files.PlainDigits(s) {
		return s
	}
	if s = strings.TrimLeft(s, "0"); s == "" {
		return "0"
	}
	return s
}

// wholeIDs reads 1.0 and 01 as 1 in the columns of arms and visits where the protocol
// knows 1 and not 1.0.
func (l *loader) wholeIDs() {
	knownVisit := func(s string) bool {
		_, mapped := l.p.Data.VisitValues[s]
		_, ok := l.ds.visits[s]
		return mapped || ok
	}
	for _, k := range []struct {
		column int
		known  func(string) bool
	}{{l.where.arm, l.knownArm}, {l.where.visit, knownVisit}} {
		if k.column < 0 {
			continue
		}
		n, first, words := 0, "", map[string]string{}
		for r := range l.t.All() {
			if k.column >= r.Len() {
				continue
			}
			s := r.Text(k.column)
			if whole := codeNumber(s); whole != s && !k.known(s) && k.known(whole) {
				if n++; n == 1 {
					first = s
				}
				words[s] = whole
			}
		}
		if n > 0 {
			l.t.Replace(k.column, words)
			l.noteFile("codes-as-decimals", text.Args{"column": l.t.Columns[k.column].Name, "count": n,
				"written": first, "value": codeNumber(first)})
		}
	}
}
