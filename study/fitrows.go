package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// Programs write tables in ways that differ from the rectangle under a header.
// Those that can mean one thing alone are read, and a note says what was left
// out; what could mean something else stays a problem.

func (l *loader) noteFile(code string, args map[string]any) {
	l.fileNotes = append(l.fileNotes, Note{Code: code, Args: args})
}

// headerLine returns the offset of line n, and how many lines above it hold
// anything; an offset of −1 and the number of lines where the text ends before.
func headerLine(content string, n int) (offset, line, above int) {
	for line = 1; line < n; line++ {
		end := strings.IndexAny(content[offset:], "\r\n")
		if end < 0 {
			if offset == len(content) {
				line-- // behind the last line's end
			}
			return -1, line, 0
		}
		if strings.TrimSpace(content[offset:offset+end]) != "" {
			above++
		}
		offset += end + 1
		if content[offset-1] == '\r' && offset < len(content) && content[offset] == '\n' {
			offset++
		}
	}
	if offset >= len(content) {
		return -1, line - 1, 0
	}
	return offset, line, above
}

// fitRows brings the rows under the header.
func (l *loader) fitRows() {
	l.dropHeaders()
	if extra := l.extraFields(); extra > 0 && !l.dropTrailing(extra) && extra == 1 {
		l.dropRowNames()
	}
	l.wholeIDs()
	if t := l.t; len(t.unseen) > 0 {
		n := 0
		var which []string
		for r, k := range t.unseen {
			n += k
			which = append(which, fmt.Sprintf("U+%04X", r))
		}
		slices.Sort(which)
		l.noteFile("invisible-characters", map[string]any{"count": n, "characters": strings.Join(which, ", "), "line": t.unseenLine})
	}
	if l.t.delimiter == ' ' && l.p.Data.Delimiter == "" {
		l.noteFile("columns-by-blanks", nil)
	}
}

// dropHeaders leaves out the lines of questions and codes that a survey's
// export has under its header, and reports a line that looks like one.
func (l *loader) dropHeaders() {
	rows := l.t.rows
	for i := 1; i < min(len(rows), 4); i++ {
		if slices.ContainsFunc(rows[i].fields, func(f field) bool { return strings.HasPrefix(f.text, `{"ImportId"`) }) {
			l.noteFile("header-lines-below", map[string]any{"count": i, "first": rows[1].line, "last": rows[i].line})
			l.t.rows = append(rows[:1:1], rows[i+1:]...)
			return
		}
	}
	if len(rows) < 3 || !l.wordsAlone(rows[1]) || l.wordsAlone(rows[len(rows)-1]) {
		return
	}
	i := 1
	for i < min(len(rows), 4) && l.wordsAlone(rows[i]) {
		l.t.report(rows[i], rows[i].offset, "problem-second-header", nil)
		i++
	}
	l.t.rows = append(rows[:1:1], rows[i:]...)
}

// wordsAlone reports whether a row has words where numbers should stand and no
// participant of a known arm.
func (l *loader) wordsAlone(r row) bool {
	if len(r.fields) != len(l.t.rows[0].fields) {
		return false
	}
	at := func(column int) string {
		if column < 0 {
			return ""
		}
		return r.fields[column].text
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
		if _, number := readNumeral(s); number {
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
	width, extra := len(l.t.rows[0].fields), 0
	for _, r := range l.t.rows[1:] {
		n := len(r.fields) - width
		if r.isEmpty() {
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
	width := len(l.t.rows[0].fields)
	points := l.t.delimiter != ','
	for _, r := range l.t.rows[1:] {
		if r.isEmpty() {
			continue
		}
		if slices.ContainsFunc(r.fields[width:], func(f field) bool { return f.text != "" }) {
			return false
		}
		points = points || l.hasPoint(r, 0)
	}
	if !points {
		return false
	}
	for i, r := range l.t.rows[1:] {
		l.t.rows[i+1].fields = r.fields[:min(len(r.fields), width)]
	}
	l.noteFile("trailing-delimiters", map[string]any{"count": extra})
	return true
}

// hasPoint reports whether one of a row's values has a point, where its fields
// stand shifted by some.
func (l *loader) hasPoint(r row, shift int) bool {
	return slices.ContainsFunc(l.valueColumns(), func(c int) bool { return strings.Contains(r.fields[c+shift].text, ".") })
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
	sure := l.t.delimiter != ','
	for _, r := range l.t.rows[1:] {
		if r.isEmpty() {
			continue
		}
		name := r.fields[0]
		if name.text == "" || seen[name.text] {
			return
		}
		sure = sure || name.quoted || l.hasPoint(r, 1)
		seen[name.text] = true
		if l.knownArm(r.fields[c].text) {
			with++
		}
		if l.knownArm(r.fields[c+1].text) {
			without++
		}
	}
	if with > 0 || without == 0 || !sure {
		return
	}
	for i, r := range l.t.rows[1:] {
		l.t.rows[i+1].fields = r.fields[1:]
	}
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
	if !ok || whole == "" || zeros == "" || !plainDigits(whole) || strings.Trim(zeros, "0") != "" {
		return s
	}
	return whole
}

// codeNumber is wholeID without the zeros that some programs put in front (01).
func codeNumber(s string) string {
	s = wholeID(s)
	if len(s) < 2 || s[0] != '0' || !plainDigits(s) {
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
		n, first := 0, ""
		for _, r := range l.t.rows[1:] {
			if k.column >= len(r.fields) {
				continue
			}
			f := &r.fields[k.column]
			if whole := codeNumber(f.text); whole != f.text && !k.known(f.text) && k.known(whole) {
				if n++; n == 1 {
					first = f.text
				}
				f.text = whole
			}
		}
		if n > 0 {
			l.noteFile("codes-as-decimals", text.Args{"column": l.t.rows[0].fields[k.column].text, "count": n,
				"written": first, "value": codeNumber(first)})
		}
	}
}
