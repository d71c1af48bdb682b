package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// reading is a number as read; missing if it is a declared code for that.
type reading struct {
	Value
	missing bool
}

// number reads a field that has to be a number and, for an outcome (−1: a
// covariate), checks it against the instrument. what is the visit or covariate.
// s is what stands there.
func (l *loader) number(r files.Row, column int, s, id string, outcome int, what string) (reading, bool) {
	if outcome >= 0 && l.values[outcome].words != nil {
		v, ok, unlisted := l.values[outcome].mapped(s, func() (Value, bool) {
			v, _, fault := l.readNumber(r, column, s)
			return v, fault.Code == "" && !l.missingValue(v)
		})
		switch {
		case ok:
			return l.checked(r, column, s, id, outcome, what, v)
		case unlisted && !l.missingNumber(r, column, s):
			l.report(r, column, "problem-value-unlisted", text.Args{"subject": l.subject(outcome, what), "word": clip(s),
				"outcome": l.p.Outcomes[outcome].ID, "words": quotedList(sortedKeys(l.values[outcome].words), 8)})
			l.spoil(outcome)
			return reading{}, false
		}
	}
	v, thousands, fault := l.readNumber(r, column, s)
	if fault.Code != "" {
		if rule := l.signRule(r, column); rule != nil && rule.words.told && files.IsWord(s) {
			l.spoil(outcome)
			return reading{}, false
		}
		if outcome >= 0 && files.IsWord(s) && !files.AbsentWord(s) {
			fault.Code = "problem-number-word"
		}
		fault.Args["subject"], fault.Args["value"] = l.subject(outcome, what), strings.ReplaceAll(clip(s), "\u00a0", " ")
		l.report(r, column, fault.Code, fault.Args)
		l.spoil(outcome)
		return reading{}, false
	}
	if l.missingValue(v) {
		return reading{missing: true}, true
	}
	if thousands {
		l.thousands = append(l.thousands, oddValue{strings.Clone(id), outcome, what, v, strings.Clone(s)})
	}
	if outcome < 0 {
		return reading{Value: v}, true
	}
	return l.checked(r, column, s, id, outcome, what, v)
}

// missingNumber reports whether a field is a declared code of a missing value
// written as another numeral.
func (l *loader) missingNumber(r files.Row, column int, s string) bool {
	v, _, fault := l.readNumber(r, column, s)
	return fault.Code == "" && l.missingValue(v)
}

// mostCount is the largest number of events of one participant.
const mostCount = 1e6

// checked holds an outcome's value against its instrument.
func (l *loader) checked(r files.Row, column int, s, id string, outcome int, what string, v Value) (reading, bool) {
	o := &l.p.Outcomes[outcome]
	if o.Binary() && v.Number != 0 && v.Number != 1 {
		l.report(r, column, "problem-not-binary", text.Args{"subject": l.subject(outcome, what), "value": asRead(s, v), "outcome": o.ID,
			"hint": fmt.Sprintf("{%s: {%q: yes, %q: no}}", o.ID, "…", "…")})
		l.spoil(outcome)
		return reading{}, false
	}
	if o.Counted() && (v.Number < 0 || v.Number != math.Trunc(v.Number) || v.Number > mostCount) {
		l.report(r, column, "problem-not-a-count", text.Args{"subject": l.subject(outcome, what), "value": asRead(s, v), "outcome": o.ID})
		l.spoil(outcome)
		return reading{}, false
	}
	if o.Bounded() && v.Number != math.Trunc(v.Number) {
		l.report(r, column, "problem-not-bounded", text.Args{"subject": l.subject(outcome, what), "value": asRead(s, v), "outcome": o.ID, "max": o.Max})
		l.spoil(outcome)
		return reading{}, false
	}
	if o.HasRange() && (v.Number < o.Min || v.Number > o.Max) {
		l.report(r, column, "problem-outside-range", text.Args{"subject": l.subject(outcome, what),
			"value": asRead(s, v), "min": o.Min, "max": o.Max})
		l.spoil(outcome)
		return reading{}, false
	}
	if g := l.grids[outcome]; g.ok && !v.OnGrid(g.origin, g.step) {
		l.offGrid = append(l.offGrid, oddValue{id: strings.Clone(id), outcome: outcome, visit: what, value: v})
	}
	return reading{Value: v}, true
}

// hasLogarithm reports a value of 0 or below that a plan would take the logarithm of: at
// its visit, at all of them, or at baseline (also −1: in a column of its own).
func (l *loader) hasLogarithm(r files.Row, column int, s string, outcome, visit int, v Value) bool {
	if v.Number > 0 || outcome < 0 {
		return true
	}
	o, name := l.p.Outcomes[outcome], ""
	if visit >= 0 {
		name = l.p.Visits[visit].ID
	}
	for _, q := range l.p.Plans {
		if q.Outcome != o.ID || q.Scale != ScaleLog {
			continue
		}
		if l.p.takesLogarithm(q, o, name, visit < 0 || name == l.p.baselineVisit(o)) {
			l.report(r, column, "problem-log-value", text.Args{"subject": l.subject(outcome, name), "value": asRead(s, v), "outcome": o.ID})
			l.spoil(outcome)
			return false
		}
	}
	return true
}

// takesLogarithm reports whether a plan with ScaleLog takes the logarithm of an outcome's
// values at a visit, or at baseline.
func (p Protocol) takesLogarithm(q Plan, o Outcome, visit string, baseline bool) bool {
	q = p.planDefaults(q)
	if baseline {
		return q.Baseline != NoBaseline && q.Model != Welch
	}
	return q.Model.repeated() || q.Visit == "" || q.Visit == visit
}

// readNumber reads a row's field by its column's signs. The column holds
// numbers of rows that are read: findSigns has seen it.
func (l *loader) readNumber(r files.Row, column int, s string) (v Value, thousands bool, fault text.Phrase) {
	if v, ok := r.Number(column); ok {
		return v, false, text.Phrase{}
	}
	if rule := l.signRule(r, column); rule != nil {
		return rule.Read(s)
	}
	return (&files.Signs{}).Read(s)
}

// subject names what a number is of: an outcome, perhaps at a visit, or a
// covariate.
func (l *loader) subject(outcome int, what string) any {
	switch {
	case outcome < 0:
		return what
	case what == "":
		return l.p.Outcomes[outcome].ID
	}
	return text.Phrase{Code: "word-outcome-at", Args: text.Args{"outcome": l.p.Outcomes[outcome].ID, "visit": what}}
}

// asRead is a value for a message: as the file writes it, and as it was read
// where that differs.
func asRead(s string, v Value) any {
	if s == v.Text() {
		return clip(s)
	}
	return text.Phrase{Code: "word-read-as", Args: text.Args{"value": clip(s), "read": v.Text()}}
}

// spoil remembers that an outcome has values that could not be read.
func (l *loader) spoil(outcome int) {
	if outcome >= 0 {
		l.spoiled[outcome] = true
	}
}

// checkWhole checks what only the whole file shows.
func (l *loader) checkWhole() {
	header := l.t.Header()
	place := func(column int) int {
		if column < 0 {
			return -1
		}
		return column
	}
	// Who stands in rows that could not be read is not known.
	if !l.checkRowsKept() {
		return // nobody is left to say anything of
	}
	l.reportClashes()
	l.checkArms()
	l.checkStatuses()
	l.checkCovariates()
	if l.where.arm >= 0 && l.where.participant >= 0 && l.unread == 0 && len(l.clashes) == 0 {
		n := map[string]int{}
		for i, in := range l.countArms() {
			n[l.p.Arms[i].ID] = in
		}
		for _, a := range l.p.Arms {
			switch {
			case n[a.ID] == 0 && l.unknownArm: // which is where they are, most often
			case n[a.ID] == 0:
				l.report(header, place(l.where.arm), "problem-arm-empty", text.Args{"arm": a.ID})
			case a.Randomized > 0 && n[a.ID] > a.Randomized:
				l.report(header, place(l.where.arm), "problem-arm-beyond-randomized",
					text.Args{"arm": a.ID, "found": n[a.ID], "randomized": a.Randomized})
			}
		}
		l.checkAssessed(n, place(l.where.arm))
	}
	l.checkAlike()
	l.checkSides()
	if c := l.where.block; c >= 0 {
		for _, q := range l.people {
			if q.more().blockLine == 0 {
				l.report(l.first(q), c, "problem-no-block", text.Args{"participant": q.ID})
			}
		}
	}
	l.checkStrata()
	l.checkKinds()
	for i, o := range l.p.Outcomes {
		column, visit, known := l.baselineColumn(i)
		if !known || l.unknownVisit || l.spoiled[i] || len(l.people) == 0 {
			continue
		}
		slot := slotOf(i, visit, len(l.p.Visits))
		if !slices.ContainsFunc(l.people, func(q *person) bool { return q.cells[slot].ok }) {
			l.report(header, place(column), "problem-no-baseline-value", text.Args{"outcome": o.ID})
		}
	}
}

// countArms counts the participants of each arm.
func (l *loader) countArms() []int {
	n := make([]int, len(l.p.Arms))
	for _, q := range l.people {
		if i := slices.IndexFunc(l.p.Arms, func(a Arm) bool { return a.ID == q.Arm }); i >= 0 {
			n[i]++
		}
	}
	return n
}

// checkAlike refuses IDs that differ only in case, blanks, leading zeros or
// the decimals of a whole number: they are one person written in two ways, who would count twice.
func (l *loader) checkAlike() {
	if !l.ids.alike { // where two have one hash, the texts themselves decide
		return
	}
	first := map[string]*person{}
	for _, q := range l.people {
		key := foldID(q.ID)
		p, ok := first[key]
		if !ok {
			first[key] = q
			continue
		}
		l.report(l.first(q), l.where.participant,
			"problem-written-twice", text.Args{"participant": q.ID, "other": p.ID, "line": l.first(p).Line()})
	}
}

// foldID is an ID in lower case, without blanks, the zeros that begin its
// numbers and those of a whole number written with decimals (1.0).
func foldID(id string) string {
	if strings.ContainsAny(id, ".,") {
		parts := strings.Split(id, "/")
		for i, p := range parts {
			parts[i] = wholeID(p)
		}
		id = strings.Join(parts, "/")
	}
	digit := func(i int) bool { return i >= 0 && i < len(id) && id[i] >= '0' && id[i] <= '9' }
	plain := true // most IDs are
	for i := 0; i < len(id) && plain; i++ {
		c := id[i]
		plain = c < 0x80 && c > ' ' && !(c >= 'A' && c <= 'Z') && !(c == '0' && !digit(i-1) && digit(i+1))
	}
	if plain {
		return id
	}
	var b strings.Builder
	for i, r := range id {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		case r == '0' && digit(i+1) && !digit(i-1), r == '0' && digit(i+1) && zerosBefore(id[:i]):
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// appendFolded appends foldID(id).
func appendFolded(b []byte, id string) []byte {
	begin, digits, zeros := len(b), false, false // in a number, and all zeros so far
	for i := 0; i < len(id); i++ {
		c := id[i]
		digit := c >= '0' && c <= '9'
		switch {
		case c >= 0x80 || c < ' ' || c == '.' || c == ',':
			return append(b[:begin], foldID(id)...)
		case c == '0' && (!digits || zeros) && i+1 < len(id) && id[i+1] >= '0' && id[i+1] <= '9':
			digits, zeros = true, true
			continue
		case c == ' ':
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, c)
		}
		digits, zeros = digit, false
	}
	return b
}

// zerosBefore reports whether the number that s ends in is zeros so far.
func zerosBefore(s string) bool {
	s = strings.TrimRight(s, "0")
	return s == "" || s[len(s)-1] < '0' || s[len(s)-1] > '9'
}

// baselineColumn returns the column and visit (−1: held in a column) of an
// outcome's baseline; known is false if the file lacks what says so.
func (l *loader) baselineColumn(outcome int) (column, visit int, known bool) {
	for _, b := range l.where.baselines {
		if b.outcome == outcome {
			return b.column, -1, b.column >= 0
		}
	}
	base := l.p.baselineVisit(l.p.Outcomes[outcome])
	if base == "" {
		return 0, 0, false // nothing to find
	}
	visit = l.ds.visits[base]
	if l.p.Data.Layout == Long && l.where.visit < 0 && (l.p.Data.Visit != "" || l.where.day < 0) {
		return 0, 0, false
	}
	if c := l.where.value; c >= 0 {
		return c, visit, l.where.outcome >= 0
	}
	for _, c := range l.where.cells {
		if c.outcome == outcome && (c.visit < 0 || c.visit == visit) {
			return c.column, visit, c.column >= 0
		}
	}
	return 0, 0, false
}

// notes tells the doubts about values, one note an outcome.
func (l *loader) notes() []Note {
	var out []Note
	first := func(odd []oddValue, note func(first oddValue, n int)) {
		slices.SortFunc(odd, func(a, b oddValue) int {
			return cmp.Or(cmp.Compare(a.outcome, b.outcome), compareIDs(a.id, b.id), cmp.Compare(a.visit, b.visit), a.value.Compare(b.value), cmp.Compare(a.text, b.text))
		})
		for i := 0; i < len(odd); {
			n := 1
			for i+n < len(odd) && odd[i+n].outcome == odd[i].outcome {
				n++
			}
			note(odd[i], n)
			i += n
		}
	}
	first(l.offGrid, func(v oddValue, n int) {
		o := l.p.Outcomes[v.outcome]
		out = append(out, Note{Code: "off-resolution", Args: map[string]any{"outcome": o.ID, "count": n,
			"resolution": o.Resolution, "value": v.value.Text(), "participant": v.id}})
	})
	first(l.thousands, func(v oddValue, n int) {
		args := map[string]any{"variable": v.visit, "count": n, "written": v.text, "value": v.value.Text(), "participant": v.id}
		if v.outcome >= 0 {
			args["variable"], args["outcome"] = l.p.Outcomes[v.outcome].ID, l.p.Outcomes[v.outcome].ID
		}
		out = append(out, Note{Code: "thousands-separator", Args: args})
	})
	out = slices.Concat(out, l.fileNotes, l.declaredNotes(), l.signNotes, l.covariateNotes(), l.codeNotes(), l.windowNotes(), l.repeatNotes(), l.rowNotes(), l.siteNotes(), l.flowNotes(), l.alikeNotes(), l.unusedBaselines())
	if len(l.other) > 0 {
		rows := 0
		for _, n := range l.other {
			rows += n
		}
		out = append(out, Note{Code: "rows-of-other-outcomes", Args: map[string]any{"count": rows,
			"outcomes": strings.Join(sortedKeys(l.other), ", ")}})
	}
	return out
}

// clip shortens a field for a message.
func clip(s string) string {
	if len(s) <= 40 {
		return s
	}
	return strings.ToValidUTF8(s[:40], "") + "…"
}

// adherence reads how much of the treatment was taken; rows that tell it must agree.
func (l *loader) adherence(r files.Row, q *person) {
	c := l.where.adherence
	if c < 0 || l.isMissing(r.Text(c)) {
		return
	}
	v, ok := l.number(r, c, r.Text(c), q.ID, -1, l.p.Data.Adherence.Column)
	planned := l.p.Data.Adherence.Planned
	switch {
	case !ok || v.missing:
	case v.Number < 0 || planned > 0 && v.Number > planned:
		code := "problem-adherence"
		if planned > 0 {
			code = "problem-adherence-planned"
		}
		l.report(r, c, code, text.Args{"value": r.Text(c), "planned": planned})
	case q.flow.adherence == 0:
		q.Adherence, q.HasAdherence, q.flow.adherence = v.Number, true, r.Line()
	case q.Adherence != v.Number:
		l.conflict(r, q, c, text.Phrase{Code: "word-adherence"}, q.flow.adherence)
	}
}

// guessOf is the treatment that a field names: what data.guess says it means, else an
// arm as the arms' own column has it.
func (l *loader) guessOf(r files.Row, column int, s string) (string, bool) {
	id, mapped := l.p.Data.Guess.Values[s]
	if !mapped {
		if id, mapped = l.p.Data.ArmValues[s]; !mapped || id == "" {
			id = s
		}
	}
	if l.p.isGuess(id) {
		return id, true
	}
	l.report(r, column, "problem-guess-unknown", text.Args{"word": clip(s), "arms": yamlfile.ListIDs(l.p.Arms, func(a Arm) string { return a.ID })})
	return "", false
}

// exposureSeen is a participant's time at risk at a visit, and the line that says it.
type exposureSeen struct {
	Value
	line int
}

// exposureColumns are the columns of data.exposure, with their outcomes and visits.
func (l *loader) exposureColumns(find func(column, what string, args text.Args) int) (out []cellColumn) {
	for i, o := range l.p.Outcomes {
		for _, visit := range sortedKeys(l.p.Data.Exposure[o.ID]) {
			at := -1
			if l.p.Data.Layout == Wide {
				id := visit
				if post := l.p.postVisits(o.ID); id == "" && len(post) > 0 {
					id = post[0].ID
				}
				at = slices.IndexFunc(l.p.Visits, func(v Visit) bool { return v.ID == id })
			}
			out = append(out, cellColumn{find(l.p.Data.Exposure[o.ID][visit], "word-risk-time", text.Args{"outcome": o.ID}), i, at})
		}
	}
	return out
}

// exposures reads the times at risk that a row of a visit holds, of one outcome (−1: of
// all).
func (l *loader) exposures(r files.Row, q *person, visit, outcome int) {
	for _, c := range l.where.exposures {
		at := c.visit
		if l.p.Data.Layout == Long {
			at = visit
		}
		if c.column < 0 || at < 0 || outcome >= 0 && c.outcome != outcome || q == nil || !r.Has(c.column) || l.isMissing(r.Text(c.column)) {
			continue
		}
		o := l.p.Outcomes[c.outcome].ID
		what := l.t.Columns[c.column].Name
		v, ok := l.number(r, c.column, r.Text(c.column), q.ID, -1, what)
		if !ok || v.missing {
			continue
		}
		if !(v.Number > 0) {
			l.report(r, c.column, "problem-risk-time", text.Args{"subject": what, "value": v.Text(), "outcome": o})
			continue
		}
		if q.more().exposure == nil {
			q.exposure = map[int]exposureSeen{}
		}
		slot := slotOf(c.outcome, at, len(l.p.Visits))
		if old, twice := q.exposure[slot]; twice && old.Compare(v.Value) != 0 {
			l.conflict(r, q, c.column, text.Phrase{Code: "word-risk-time", Args: text.Args{"outcome": o}}, old.line)
			continue
		}
		q.exposure[slot] = exposureSeen{v.Value, r.Line()}
	}
}
