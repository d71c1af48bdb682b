package study

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/harms"
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

// dropHeaders reports lines under the header that look like more of it; those that
// surely are package files has left out.
func (l *loader) dropHeaders() {
	t, n := l.t, l.t.Len()
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
		if l.isMissing(s) {
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
	digits := func(words ...[]string) bool {
		return slices.ContainsFunc(slices.Concat(words...), files.PlainDigits)
	}
	for _, k := range []struct {
		column int
		known  func(string) bool
		digits bool // some known word is a number: no other can be meant
	}{{l.where.arm, l.knownArm, digits(sortedKeys(l.p.Data.ArmValues), sortedKeys(l.arms))},
		{l.where.visit, knownVisit, digits(sortedKeys(l.p.Data.VisitValues), sortedKeys(l.ds.visits))}} {
		if k.column < 0 || !k.digits {
			continue
		}
		type found struct {
			n     int
			first string
			words map[string]string
		}
		parts := make([]found, l.workers())
		l.inRanges(func(part int, rows iter.Seq2[int, files.Row]) {
			f, last := found{words: map[string]string{}}, ""
			for _, r := range rows {
				if k.column >= r.Len() {
					continue
				}
				s := r.Text(k.column)
				if s == last {
					continue // known
				}
				if whole := codeNumber(s); whole == s || k.known(s) || !k.known(whole) {
					last = s
					continue
				} else {
					f.words[s] = whole
				}
				if f.n++; f.n == 1 {
					f.first = s
				}
			}
			parts[part] = f
		})
		n, first, words := 0, "", map[string]string{}
		for _, f := range parts {
			if n == 0 {
				first = f.first
			}
			n += f.n
			maps.Copy(words, f.words)
		}
		if n > 0 {
			l.t.Replace(k.column, words)
			l.noteFile("codes-as-decimals", text.Args{"column": l.t.Columns[k.column].Name, "count": n,
				"written": first, "value": codeNumber(first)})
		}
	}
}

// meaning is what the words of a file may mean: an ID of the protocol, and the
// words that mean it beside itself.
type meaning struct {
	id    string
	words []string
}

// useLabels lets the file's own words for its values (value labels of SPSS and Stata,
// choices of a dictionary) stand where the protocol has these words and not the codes:
// for arms, visits, outcomes and statuses, and as levels of categories. What the
// protocol says under arm_values, values and so on comes first. A note tells what was
// used; what could mean two things is a problem.
func (l *loader) useLabels() {
	d := l.p.Data
	arms := make([]meaning, len(l.p.Arms))
	for i, a := range l.p.Arms {
		arms[i] = meaning{a.ID, []string{a.Label, a.Short}}
	}
	visits := make([]meaning, len(l.p.Visits))
	for i, v := range l.p.Visits {
		visits[i] = meaning{v.ID, []string{v.Label}}
	}
	outcomes := make([]meaning, len(l.p.Outcomes))
	for i, o := range l.p.Outcomes {
		outcomes[i] = meaning{o.ID, []string{o.Label, o.Short}}
	}
	statuses := make([]meaning, len(d.Status.Values))
	for i, v := range d.Status.Values {
		statuses[i] = meaning{v.Written, nil}
	}
	l.labelsMean(l.where.arm, "data.arm_values", arms, d.ArmValues)
	l.labelsMean(l.where.received, "data.arm_values", append(arms, meaning{receivedNone, nil}), d.ArmValues)
	l.labelsMean(l.where.visit, "data.visit_values", visits, d.VisitValues)
	l.labelsMean(l.where.outcome, "data.outcome_values", outcomes, d.OutcomeValues)
	l.labelsMean(l.where.status, "data.status", statuses, nil)
	if d.Guess.Column != "" {
		guessed := append(arms, meaning{GuessActive, nil}, meaning{GuessUnknown, nil})
		l.labelsMean(l.where.guess, "data.guess.values", guessed, d.Guess.Values)
	}
	for _, c := range l.where.cells {
		if o := l.p.Outcomes[c.outcome]; o.Ordinal() && d.Values[o.ID] == nil {
			levels := make([]meaning, len(o.Levels))
			for i, level := range o.Levels {
				levels[i] = meaning{level, nil}
			}
			l.labelsMean(c.column, "data.values", levels, nil)
		}
	}
	for i, v := range d.Covariates {
		if c := l.where.covariates[i]; v.Kind == Category && d.Values[v.ID] == nil {
			l.labelsMean(c, "data.values", nil, nil)
		}
	}
}

// labelsMean replaces the values of a column, as far as its labels are words for one
// of the meanings; without meanings the labels themselves are what is meant. key is
// the protocol's for what the labels leave open, mapped what stands there.
func (l *loader) labelsMean(column int, key string, meanings []meaning, mapped map[string]string) {
	if column < 0 || len(l.t.Columns[column].Labels) == 0 {
		return
	}
	present := map[string]bool{}
	for r := range l.t.All() {
		if column < r.Len() && l.kept(r) && !l.isMissing(r.Text(column)) {
			present[r.Text(column)] = true
		}
	}
	args := func(value, word string) text.Args {
		return text.Args{"column": l.t.Columns[column].Name, "value": value, "word": word, "key": key}
	}
	words := map[string]string{}   // by value
	meant := map[string][]string{} // values by what they mean
	var pairs []string
	for _, label := range l.t.Columns[column].Labels {
		value, ok := valueOf(label.Value, present)
		if !ok {
			continue
		}
		if meanings == nil {
			words[value] = label.Word
			meant[label.Word] = append(meant[label.Word], value)
			pairs = append(pairs, value+" = "+label.Word)
			continue
		}
		own, known := value, slices.ContainsFunc(meanings, func(m meaning) bool { return m.id == value })
		if _, ok := mapped[value]; ok {
			continue // the protocol has said it
		}
		ids := idsOf(label.Word, meanings, mapped)
		switch {
		case known && len(ids) > 0 && !slices.Contains(ids, own):
			a := args(value, label.Word)
			a["id"], a["other"] = own, ids[0]
			l.report(l.t.Header(), column, "problem-label-contradicts", a)
		case known:
			meant[own] = append(meant[own], value)
		case len(ids) > 1:
			a := args(value, label.Word)
			a["ids"] = text.List(ids, 6)
			l.report(l.t.Header(), column, "problem-label-two-meanings", a)
		case len(ids) == 1:
			words[value] = ids[0]
			meant[ids[0]] = append(meant[ids[0]], value)
			pairs = append(pairs, value+" = "+ids[0])
		}
	}
	for _, id := range sortedKeys(meant) {
		if values := meant[id]; len(values) > 1 {
			a := args(values[0], id)
			a["values"] = text.List(values, 6)
			l.report(l.t.Header(), column, "problem-label-twice", a)
		}
	}
	if len(pairs) == 0 {
		return
	}
	l.t.Replace(column, words)
	for _, rule := range l.where.rows {
		if rule.column == column { // which selects values as the file writes them
			for value, word := range words {
				if rule.values[value] {
					delete(rule.values, value)
					rule.values[word] = true
				}
			}
		}
	}
	var without []string
	for _, value := range sortedKeys(present) {
		if _, ok := words[value]; !ok && meanings == nil {
			without = append(without, value)
		}
	}
	a := text.Args{"column": l.t.Columns[column].Name, "pairs": text.List(pairs, 12)}
	if len(without) > 0 {
		a["without"] = text.List(without, 12)
		l.noteFile("labels-used-partly", a)
		return
	}
	l.noteFile("labels-used", a)
}

// eventLabels lets the file's own words for its values stand in a column of adverse
// events, as useLabels does: labels are what 1 and 2 mean, not the usual 1 for yes. mapped
// is what the protocol says of values, which comes first; key is where it can, of a column
// of yes and no, "" of the terms. A value without a word that would mean what another
// value's word says is a problem.
func (l *loader) eventLabels(t *files.Table, name, key string, mapped map[string]string) {
	column := slices.IndexFunc(t.Columns, func(c files.Column) bool { return c.Name == name })
	if name == "" || column < 0 || len(t.Columns[column].Labels) == 0 {
		return
	}
	present, first := map[string]bool{}, map[string]files.Row{}
	for r := range t.All() {
		if column >= r.Len() {
			continue // which harms.Read reports
		}
		if s := r.Text(column); !l.isMissing(s) && !present[s] {
			present[s], first[s] = true, r
		}
	}
	words, said := map[string]string{}, map[harms.Answer]bool{}
	var pairs, without []string
	for _, label := range t.Columns[column].Labels {
		value, ok := valueOf(label.Value, present)
		if _, stated := mapped[value]; !ok || stated {
			continue
		}
		words[value] = label.Word
		pairs = append(pairs, value+" = "+label.Word)
		said[harms.AnswerOf(label.Word)] = true
	}
	if len(pairs) == 0 {
		return
	}
	for _, value := range sortedKeys(present) {
		_, labeled := words[value]
		if _, stated := mapped[value]; labeled || stated {
			continue
		}
		without = append(without, value)
		if a := harms.AnswerOf(value); key != "" && len(mapped) == 0 && a != harms.Unknown && said[a] {
			t.Report(first[value], column, "problem-event-answer", text.Args{"value": value, "key": key})
		}
	}
	t.Replace(column, words)
	a, code := text.Args{"column": name, "pairs": text.List(pairs, 12)}, "labels-used"
	if len(without) > 0 {
		a["without"], code = text.List(without, 12), "labels-used-partly"
	}
	l.noteFile(code, a)
}

// valueOf is the value of the column that a label is of: as it is written, or the same
// number.
func valueOf(label string, present map[string]bool) (string, bool) {
	if present[label] {
		return label, true
	}
	x, ok := files.ParsePlain(label)
	if !ok {
		return "", false
	}
	for _, value := range sortedKeys(present) {
		if y, ok := files.ParsePlain(value); ok && x.Compare(y) == 0 {
			return value, true
		}
	}
	return "", false
}

// idsOf are the IDs that a word may mean: the one that it is, or that the protocol
// maps it to; else those of which it is a word; else the same whatever the case.
func idsOf(word string, meanings []meaning, mapped map[string]string) []string {
	if _, ok := mapped[word]; ok {
		return []string{word}
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		var ids []string
		for _, m := range meanings {
			if same(m.id, word) || slices.ContainsFunc(m.words, func(w string) bool { return w != "" && same(w, word) }) {
				ids = append(ids, m.id)
			}
		}
		if len(ids) > 0 {
			return ids
		}
	}
	return nil
}

// asCalled is a value for a message, with the file's own word for it.
func (l *loader) asCalled(column int, s string) string {
	for _, label := range l.t.Columns[column].Labels {
		if label.Value == s {
			return s + " (" + label.Word + ")"
		}
	}
	return s
}

// declaredNotes count the values that the file itself says are missing, column by
// column, with the words that the file has for them.
func (l *loader) declaredNotes() []Note {
	if !l.t.SaysMissing() {
		return nil
	}
	var parts []string
	total := 0
	for _, c := range l.usedColumns() {
		count := map[string]int{}
		for r := range l.t.All() {
			if c < r.Len() && l.kept(r) {
				if code := r.Missing(c); code != "" {
					count[code]++
				}
			}
		}
		var codes []string
		for _, code := range sortedKeys(count) {
			s := code
			for _, label := range l.t.Columns[c].Labels {
				if label.Value == code {
					s += " (" + label.Word + ")"
				}
			}
			codes = append(codes, s+" × "+strconv.Itoa(count[code]))
			total += count[code]
		}
		if len(codes) > 0 {
			parts = append(parts, l.t.Columns[c].Name+": "+text.List(codes, 8))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return []Note{{Code: "missing-by-file", Args: map[string]any{"count": total, "columns": strings.Join(parts, "; ")}}}
}

// usedColumns are the columns that the protocol names and the file has, in the file's
// order.
func (l *loader) usedColumns() []int {
	var out []int
	for _, name := range l.p.wantedColumns() {
		if i := slices.IndexFunc(l.t.Columns, func(c files.Column) bool { return c.Name == name }); i >= 0 {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
