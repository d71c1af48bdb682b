package study

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// clash is two rows of one participant that cannot both hold.
type clash struct {
	kind   clashKind
	q      *person
	r      files.Row
	column int
	line   int // of the earlier row
	what   text.Phrase
	// windowed: of a visit with a window and no time.
	windowed bool
}

type clashKind int

const (
	clashRows  clashKind = iota // a second row in the wide layout
	clashVisit                  // a second row of a visit or value
	clashArm                    // another arm
	clashOnce                   // another block, covariate, count of adverse events or baseline
)

// conflict remembers that a row contradicts an earlier one about what a
// participant has once.
func (l *loader) conflict(r files.Row, q *person, column int, what text.Phrase, line int) {
	l.clashes = append(l.clashes, clash{kind: clashOnce, q: q, r: r, column: column, line: line, what: what})
}

// report reports a clash, or another problem at its place.
func (l *loader) reportClash(c clash, code string, args text.Args) {
	all := text.Args{"participant": c.q.ID, "line": c.line}
	for k, v := range args {
		all[k] = v
	}
	l.report(c.r, c.column, code, all)
}

// reportClashes says what is wrong with rows that cannot both hold: what two
// rows differ in may tell why there are two.
func (l *loader) reportClashes() {
	// Rows of two people or of two knees are no repeats, whatever the protocol says
	// of those.
	own := l.clashes
	if l.clashes = slices.Concat(own, l.repeated); len(l.clashes) == 0 || l.reportNumberedAnew() || l.reportSides() || l.reportNumberedInArms() {
		return
	}
	l.clashes = own
	several := l.clashes[:0:0]
	for _, c := range l.clashes {
		value := c.r.Text(c.column)
		switch c.kind {
		case clashArm:
			l.reportClash(c, "problem-two-arms", text.Args{"other": c.q.Arm, "value": c.what.Args["arm"]})
		case clashOnce:
			if c.what.Code == "word-covariate" && l.p.Data.Layout == Long && !l.hasBaselineVisit() {
				l.reportClash(c, "problem-contradicts-visit", text.Args{"covariate": c.what.Args["id"], "value": value})
			} else {
				l.reportClash(c, "problem-contradicts", text.Args{"what": c.what, "value": value})
			}
		default:
			several = append(several, c)
		}
	}
	l.reportSeveral(several)
}

func (l *loader) hasBaselineVisit() bool {
	_, ok := l.ds.visits[l.p.Baseline]
	return ok
}

// reportSeveral reports participants with several rows for one visit, or
// several in a wide file, and how to come to one.
func (l *loader) reportSeveral(clashes []clash) {
	if len(clashes) == 0 {
		return
	}
	type place struct {
		q    *person
		what string
	}
	at := func(c clash) place {
		if c.kind == clashRows {
			return place{c.q, ""}
		}
		return place{c.q, fmt.Sprint(c.what)}
	}
	n := map[place]int{}
	of := map[place]int{}
	most := 0
	for _, c := range clashes {
		p := at(c)
		if n[p]++; n[p] == 1 {
			of[p] = len(l.several)
			l.several = append(l.several, []files.Row{l.t.RowAt(c.line)})
		}
		l.several[of[p]] = append(l.several[of[p]], c.r)
		most = max(most, n[p]+1)
	}
	hint, found := l.rowsHint()
	told := map[place]bool{}
	for _, c := range clashes {
		p := at(c)
		if told[p] {
			continue
		}
		told[p] = true
		switch {
		case c.kind == clashRows && !found:
			l.reportClash(c, "problem-two-rows", nil)
		case c.kind == clashRows:
			l.reportClash(c, "problem-two-rows-hint", text.Args{"hint": hint})
		case most > 2:
			l.reportClash(c, "problem-rows-for", text.Args{"subject": c.what, "hint": hint, "n": n[p] + 1, "most": most})
		default:
			l.reportClash(c, "problem-two-rows-for", text.Args{"subject": c.what, "hint": hint})
		}
	}
}

// firstOfEach keeps the first clash of each participant.
func firstOfEach(clashes []clash) []clash {
	seen := map[*person]bool{}
	var out []clash
	for _, c := range clashes {
		if !seen[c.q] {
			seen[c.q] = true
			out = append(out, c)
		}
	}
	return out
}

// rowsHint says how to come to one row where there are several: by a column
// that flags it, by leaving out the rows of a repeating instrument or, where the
// rows may be several measurements, by their mean. found tells a hint that the
// file gave.
func (l *loader) rowsHint() (hint text.Phrase, found bool) {
	header := l.t.Columns
	for i, f := range header {
		name := strings.ToLower(f.Name)
		if strings.Contains(name, "repeat") && strings.Contains(name, "instrument") && l.differAt(i, clashRows, clashVisit) {
			return text.Phrase{Code: "hint-rows-repeat", Args: text.Args{"rows": fmt.Sprintf("{%s: [%s]}", protocolWord(f.Name), l.notRepeated(i))}}, true
		}
	}
	if l.p.Data.Repeats == "" && slices.ContainsFunc(l.clashes, func(c clash) bool { return c.kind == clashVisit && c.windowed }) {
		return text.Phrase{Code: "hint-rows-window"}, true
	}
	for i, f := range header {
		if i != l.where.day && l.usable(i) && !named(f.Name, siteWords) && !named(f.Name, sideWords) {
			if flag, ok := l.flag(i); ok {
				return text.Phrase{Code: "hint-rows-flag", Args: text.Args{"column": f.Name, "rows": fmt.Sprintf("{%s: [%s]}", protocolWord(f.Name), protocolWord(flag))}}, true
			}
		}
	}
	for i, f := range header {
		if l.usable(i) && l.differAt(i, clashRows, clashVisit) {
			return text.Phrase{Code: "hint-rows-column", Args: text.Args{"column": f.Name}}, l.p.Data.Layout == Long
		}
	}
	return text.Phrase{Code: "hint-rows-mean"}, false
}

// notRepeated is what a column of repeating instruments holds in rows of none.
func (l *loader) notRepeated(column int) string {
	for _, rows := range l.several {
		for _, r := range rows {
			if s := r.Text(column); l.isMissing(s) {
				return protocolWord(s)
			}
		}
	}
	return protocolWord("")
}

// usable reports whether a column is none that the protocol gives a meaning
// which rows of one participant may differ in.
func (l *loader) usable(column int) bool {
	w := l.where
	if column == w.participant || column == w.arm || column == w.visit || column == w.outcome || column == w.value ||
		slices.Contains(w.within, column) {
		return false
	}
	is := func(c cellColumn) bool { return c.column == column }
	return !slices.ContainsFunc(w.cells, is) && !slices.ContainsFunc(w.baselines, is)
}

// differAt reports whether the rows of every clash of these kinds differ in a
// column, and there are such clashes.
func (l *loader) differAt(column int, kinds ...clashKind) bool {
	any := false
	for _, c := range l.clashes {
		if !slices.Contains(kinds, c.kind) {
			continue
		}
		any = true
		if c.r.Text(column) == l.t.RowAt(c.line).Text(column) {
			return false
		}
	}
	return any
}

// readRows yields the rows that belong to a participant of the trial, with what
// tells them apart in the layout.
func (l *loader) readRows(yield func(r files.Row, id, visit string)) {
	width := len(l.t.Columns)
	for r := range l.t.All() {
		if r.Len() != width || r.IsEmpty() || !l.kept(r) {
			continue
		}
		id, visit := l.participant(r), ""
		if l.find(id) == nil {
			continue
		}
		for _, c := range []int{l.where.visit, l.where.outcome} {
			if c >= 0 {
				visit += "\x00" + r.Text(c)
			}
		}
		if day, ok := l.day(r); ok && l.p.hasWindows() {
			visit += fmt.Sprint("\x00", l.p.windowOf(day))
		}
		yield(r, id, visit)
	}
}

// flag finds the value of a column, among at most three, that exactly one row
// of each participant and visit holds.
func (l *loader) flag(column int) (string, bool) {
	if len(l.clashFlags(column)) == 0 {
		return "", false
	}
	type place struct{ id, visit string }
	places := map[place]bool{}
	held := map[string]map[place]int{}
	l.readRows(func(r files.Row, id, visit string) {
		s, p := r.Text(column), place{id, visit}
		places[p] = true
		if held[s] == nil && len(held) <= 3 {
			held[s] = map[place]int{}
		}
		if held[s] != nil {
			held[s][p]++
		}
	})
	if len(held) > 3 {
		return "", false
	}
	for _, s := range l.clashFlags(column) {
		once := len(held[s]) == len(places)
		for _, n := range held[s] {
			once = once && n == 1
		}
		if once {
			return s, true
		}
	}
	return "", false
}

// clashFlags lists the values of a column that exactly one row holds wherever
// a participant has several for a visit.
func (l *loader) clashFlags(column int) []string {
	var flags []string
	for i := 0; i < len(l.several); i++ {
		n := map[string]int{}
		for _, r := range l.several[i] {
			n[r.Text(column)]++
		}
		if i == 0 {
			for _, s := range sortedKeys(n) {
				if s != "" && n[s] == 1 {
					flags = append(flags, s)
				}
			}
		}
		if flags = slices.DeleteFunc(flags, func(s string) bool { return n[s] != 1 }); len(flags) == 0 {
			break
		}
	}
	return flags
}

// protocolWord writes a word as YAML takes it.
func protocolWord(s string) string {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) < 0
	if plain {
		return s
	}
	return strconv.Quote(s)
}

// armIgnored marks participants whose only arm is one that the protocol leaves
// out.
const armIgnored = -1

// blankArm reports whether a field in the arm's column says nothing: it is
// empty or a code of a missing value.
func (l *loader) blankArm(s string) bool {
	if !l.isMissing(s) {
		return false
	}
	_, isArm := l.arms[s]
	return !isArm
}

// settleArms finds the arm of participants some of whose rows leave it out: it
// stands in whichever of their rows has it, as in exports that write what is
// known once in the first row alone.
func (l *loader) settleArms() {
	c := l.where.arm
	if c < 0 || l.p.Data.Layout != Long || l.where.participant < 0 {
		return
	}
	width := len(l.t.Columns)
	l.settled = map[string]int{}
	blank := map[string]bool{}
	each := func(do func(r files.Row, id string)) {
		for r := range l.t.All() {
			if r.Len() == width && l.kept(r) {
				do(r, l.participant(r))
			}
		}
	}
	if !l.blankArms {
		return // most files have an arm in all rows
	}
	each(func(r files.Row, id string) {
		if l.blankArm(r.Text(c)) {
			blank[id] = true
		}
	})
	each(func(r files.Row, id string) {
		s := r.Text(c)
		if !blank[id] || l.blankArm(s) {
			return
		}
		name, mapped := l.p.Data.ArmValues[s]
		if !mapped {
			name = s
		}
		old, ok := l.settled[id]
		switch arm, known := l.arms[name]; {
		case known && (!ok || old == armIgnored):
			l.settled[id] = arm
		case mapped && name == "" && !ok:
			l.settled[id] = armIgnored
		}
	})
}

// checkArms reports the participants who have no arm in any row.
func (l *loader) checkArms() {
	c := l.where.arm
	if c < 0 {
		return
	}
	for _, q := range l.people {
		if q.Arm == "" && !q.more().armUnread {
			l.report(l.first(q), c, "problem-no-arm-for", text.Args{"participant": q.ID, "values": fmt.Sprintf("{%q: %q}", l.first(q).Text(c), "")})
		}
	}
}
