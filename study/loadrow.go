package study

import (
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// person collects what rows say about a participant.
type person struct {
	*subject
	*seldom // nil until it is needed
	// in holds what rows say of the person, who is the at-th there.
	in      *folder
	at      uint32
	row     uint32 // the place of the first one
	armLine uint32
}

// folder holds what rows say of many people.
type folder struct {
	// seen holds the line of each row by visit, or by cell where a row is a
	// value, to find duplicates.
	seen       []uint32
	covariates []covariateSeen
	people     int
	visits     int // entries of seen a person
	each       int // covariates a person
}

// seen is the line of the row of a visit, or of a cell.
func (q *person) seen(i int) *uint32 {
	return &q.in.seen[int(q.at)*q.in.visits+i]
}

// covariate is what rows say of covariate i.
func (q *person) covariate(i int) *covariateSeen {
	return &q.in.covariates[int(q.at)*q.in.each+i]
}

// first is the first row of a participant.
func (l *loader) first(q *person) files.Row { return l.t.Row(int(q.row)) }

// seldom is what few files tell of a participant, and where it was read.
type seldom struct {
	blockLine, eventsLine int
	armUnread             bool             // a row's arm is unknown, which was reported
	baselineLine          []int            // per outcome
	several               map[int][]repeat // by slot, where one of several values may count
	flow                  flowSeen
	sets                  []setSeen // by column
	intercurrent          []intercurrentSeen
}

// more is the participant with room for what few files tell.
func (q *person) more() *person {
	if q.seldom == nil {
		q.seldom = &seldom{}
		q.own()
	}
	return q
}

// row reads one row of the file into the person it belongs to.
func (l *loader) row(r files.Row) {
	t, number := l.t, ""
	n, want := r.Len(), len(t.Columns)
	if c := l.where.participant; c >= 0 && c < n {
		number = r.Text(c)
	}
	if number == "" && r.IsEmpty() {
		l.exclude(r, "", "row-empty")
		return
	}
	if n != want {
		l.unread++
		if n > want {
			l.report(r, want, extraFields(t, r, want), text.Args{"n": n, "want": want})
		} else if n == 1 && !strings.ContainsAny(r.Text(0), ",;\t|") {
			l.report(r, -1, "problem-fields-one", text.Args{"want": want})
		} else {
			l.report(r, -1, "problem-fields-few", text.Args{"n": n, "want": want})
		}
		return
	}
	word := "" // of the arm, as number is of the participant, as they stand there
	if c := l.where.arm; c >= 0 {
		word = r.Text(c)
	}
	id := l.idOf(r, number)
	if !l.kept(r) {
		l.exclude(r, id, "row-not-selected")
		return
	}
	if l.isHeader(number, word) {
		l.report(r, -1, "problem-header-again", nil)
		return
	}
	l.errorFields(r, number)
	if c := l.where.participant; c >= 0 {
		if id == "" {
			l.noParticipant(r)
		} else if isSummary(number) {
			l.report(r, c, "problem-summary-line", text.Args{"value": number})
			return
		}
	}
	arm, ignored := l.arm(r, id, word)
	if ignored {
		l.exclude(r, id, "row-arm-ignored")
		return
	}
	blank := l.where.arm >= 0 && l.blankArm(word)
	q := l.person(r, id, arm, blank)
	if q != nil && arm < 0 && l.where.arm >= 0 && !blank {
		q.more().armUnread = true
	}
	visit, reason := l.visit(r, id)
	l.once(r, q, visit)
	if l.p.Data.Layout == Long && l.where.value >= 0 {
		reason = l.valueRow(r, q, visit, reason)
	} else {
		reason = l.cells(r, q, visit, reason)
	}
	if reason != "" {
		l.exclude(r, id, reason)
	}
}

// errorFields reports the errors of a spreadsheet where words stand: they would be
// participants, blocks and categories like others. Numbers and arms report their own.
func (l *loader) errorFields(r files.Row, number string) {
	said := func(c int, s string) {
		if files.IsSheetError(s) && !l.isMissing(s) {
			l.report(r, c, "problem-sheet-error", text.Args{"value": s, "column": l.t.Columns[c].Name})
		}
	}
	check := func(c int) {
		if c >= 0 {
			said(c, r.Text(c))
		}
	}
	said(l.where.participant, number)
	for _, c := range l.where.within {
		check(c)
	}
	check(l.where.block)
	for i, c := range l.where.covariates {
		if l.p.Data.Covariates[i].Kind == Category {
			check(c)
		}
	}
}

// isHeader reports whether a row is the header once more, as in files that were
// joined.
func (l *loader) isHeader(number, arm string) bool {
	return l.where.participant >= 0 && l.where.arm >= 0 && number == l.p.Data.Participant && arm == l.p.Data.Arm
}

func (l *loader) exclude(r files.Row, id, reason string) {
	x := Exclusion{Line: r.Line(), Participant: strings.Clone(id), Reason: reason}
	if len(l.t.Parts()) > 1 {
		x.File = r.File()
	}
	l.ds.accounting.Excluded = append(l.ds.accounting.Excluded, x)
}

// arm reads the row's arm: its position in the protocol, −1 after a problem or
// where the row leaves it to others.
func (l *loader) arm(r files.Row, participant, s string) (arm int, ignored bool) {
	c := l.where.arm
	if c < 0 {
		return -1, false
	}
	if arm, ok := l.armWords.get(s); ok {
		return arm, false
	}
	if l.blankArm(s) {
		if arm, ok := l.settled[participant]; ok {
			return arm, arm == armIgnored
		}
	}
	id, mapped := l.p.Data.ArmValues[s]
	if !mapped && l.blankArm(s) {
		id, mapped = l.p.Data.ArmValues[""]
	}
	switch {
	case mapped && id == "":
		return -1, true
	case !mapped:
		id = s
	}
	arm, ok := l.arms[id]
	switch {
	case ok:
		if !l.blankArm(s) {
			l.armWords.put(s, arm)
		}
		return arm, false
	case l.isMissing(s) && participant != "": // checkArms sees to it
	case l.isMissing(s):
		l.report(r, c, "problem-no-arm", nil)
	default:
		l.unknownArm = true
		l.report(r, c, "problem-unknown-arm",
			text.Args{"word": l.asCalled(c, s), "arms": yamlfile.ListIDs(l.p.Arms, func(a Arm) string { return a.ID })})
	}
	return -1, false
}

// visit reads the row's visit in the long layout: its position in the
// protocol, −1 after a problem or with the reason why the row is excluded.
func (l *loader) visit(r files.Row, participant string) (visit int, reason string) {
	c, windows := l.where.visit, l.where.day >= 0 && l.p.hasWindows()
	if c >= 0 && !r.Has(c) || windows && !r.Has(l.where.day) {
		return -1, "row-joined-alone"
	}
	if c < 0 {
		if windows {
			return l.windowVisit(r, participant, "", -1)
		}
		return -1, ""
	}
	s := r.Text(c)
	if visit, ok := l.visitWords.get(s); ok {
		return visit, ""
	}
	id, mapped := l.p.Data.VisitValues[s]
	switch {
	case mapped && id == "":
		return -1, "row-visit-ignored"
	case !mapped:
		id = s
	}
	visit, ok := l.ds.visits[id]
	switch {
	case windows && ok:
		return l.windowVisit(r, participant, s, visit)
	case windows:
		return l.windowVisit(r, participant, s, -1)
	case ok:
		l.visitWords.put(s, visit)
		return visit, ""
	case s == "":
		l.report(r, c, "problem-no-visit", nil)
	default:
		l.unknownVisit = true
		l.report(r, c, "problem-unknown-visit",
			text.Args{"word": l.asCalled(c, s), "visits": yamlfile.ListIDs(l.p.Visits, func(v Visit) string { return v.ID })})
	}
	return -1, ""
}

// person returns the row's participant, nil after a problem with its ID.
// blank tells that its row leaves the arm to others.
func (l *loader) person(r files.Row, id string, arm int, blank bool) *person {
	if id == "" {
		return nil
	}
	q := l.last // rows of one participant stand together in most files
	at, hash := 0, uint64(0)
	if q == nil || q.ID != id {
		if at, hash = l.ids.place(id, l.people); l.ids.entries[at] != 0 {
			q = l.people[uint32(l.ids.entries[at])-1]
		} else {
			q = nil
		}
	}
	if q == nil {
		q = l.newPerson()
		q.row = uint32(r.Index())
		q.ID = l.slabs.ownID(id)
		l.people = append(l.people, q)
		l.ids.add(at, hash, l.people)
	} else if l.p.Data.Layout == Wide {
		l.second(clash{kind: clashRows, q: q, r: r, column: l.where.participant, line: l.first(q).Line()}, -1)
	}
	l.last = q
	if arm >= 0 {
		switch name := l.p.Arms[arm].ID; {
		case blank: // settled by another row
			q.Arm = name
		case q.armLine == 0:
			q.Arm, q.armLine = name, uint32(r.Line())
		case q.Arm != name:
			l.clashes = append(l.clashes, clash{kind: clashArm, q: q, r: r, column: l.where.arm, line: int(q.armLine), what: text.Phrase{Code: "word-arm", Args: text.Args{"arm": name}}})
		}
	}
	return q
}

// slabs are blocks out of which people are cut: a hundred thousand small allocations
// take longer than reading the rows.
type slabs struct {
	people   []person
	subjects []subject
	cells    []cell
	in       *folder
	ids      strings.Builder
}

// ownID is an ID that is not part of the file's text, which is then free.
func (s *slabs) ownID(id string) string {
	if s.ids.Cap()-s.ids.Len() < len(id) {
		s.ids = strings.Builder{}
		s.ids.Grow(max(len(id), 1<<13))
	}
	s.ids.WriteString(id)
	return s.ids.String()[s.ids.Len()-len(id):]
}

// newPerson cuts one more off the slabs; new ones are larger the more people there are.
func (l *loader) newPerson() *person {
	s, slots := &l.slabs, len(l.p.Outcomes)*(len(l.p.Visits)+1)
	if len(s.people) == 0 {
		n := min(16+len(l.people), 1024)
		s.people, s.subjects, s.cells, s.in = make([]person, n), make([]subject, n), make([]cell, n*slots), l.newFolder(n)
	}
	q := &s.people[0]
	q.subject, q.in, q.at = &s.subjects[0], s.in, uint32(s.in.people-len(s.people))
	q.cells, q.details = s.cells[:slots:slots], l.nothing
	s.people, s.subjects, s.cells = s.people[1:], s.subjects[1:], s.cells[slots:]
	return q
}

// newFolder has room for so many people.
func (l *loader) newFolder(people int) *folder {
	f := &folder{people: people, each: len(l.p.Data.Covariates)}
	switch {
	case l.p.Data.Layout == Wide:
	case l.where.value >= 0:
		f.visits = len(l.p.Outcomes) * (len(l.p.Visits) + 1)
	default:
		f.visits = len(l.p.Visits)
	}
	f.seen, f.covariates = make([]uint32, people*f.visits), make([]covariateSeen, people*f.each)
	return f
}

// wordCache remembers what the few words of a column mean.
type wordCache struct {
	n     int
	words [8]string
	means [8]int
}

func (c *wordCache) get(s string) (int, bool) {
	for i := range c.n {
		if c.words[i] == s {
			return c.means[i], true
		}
	}
	return 0, false
}

func (c *wordCache) put(s string, means int) {
	if c.n < len(c.words) {
		c.words[c.n], c.means[c.n] = s, means
		c.n++
	}
}

// once reads what a participant has once: block, covariates, adverse events.
// Rows that repeat it must agree; where q is nil it is only checked.
func (l *loader) once(r files.Row, q *person, visit int) {
	if q == nil {
		q = &person{subject: &subject{details: l.nothing}, in: l.newFolder(1)}
	}
	if c := l.where.block; c >= 0 {
		q.more()
		switch s := r.Text(c); {
		case l.isMissing(s): // another row may tell; checkWhole sees to it
		case q.blockLine == 0:
			q.Block, q.blockLine = l.level(s), r.Line()
		case q.Block != s:
			l.conflict(r, q, c, text.Phrase{Code: "word-block"}, q.blockLine)
		}
	}
	for i, c := range l.where.covariates {
		if c >= 0 {
			l.covariate(r, q, i, c, visit)
		}
	}
	l.flow(r, q)
	l.intercurrent(r, q, visit)
	if c := l.where.events; c >= 0 && !l.isMissing(r.Text(c)) {
		q.more()
		n, ok := countEvents(r.Text(c))
		switch {
		case !ok:
			l.report(r, c, "problem-adverse-events", text.Args{"value": r.Text(c)})
		case q.eventsLine == 0:
			q.AdverseEvents, q.EventsRecorded, q.eventsLine = n, true, r.Line()
		case q.AdverseEvents != n:
			l.conflict(r, q, c, text.Phrase{Code: "word-adverse-events"}, q.eventsLine)
		}
	}
}

// countEvents reads a number of adverse events: a whole number, or a word for
// none or for at least one (counted as one).
func countEvents(s string) (int, bool) {
	switch strings.ToLower(s) {
	case "no", "none", "nee", "geen", "n", "false":
		return 0, true
	case "yes", "ja", "y", "j", "true":
		return 1, true
	}
	n, err := strconv.Atoi(wholeID(s)) // 2.0, as programs write a column with gaps
	return n, err == nil && n >= 0 && n < 1e6 && s[0] != '+' && s[0] != '-'
}

// cells reads a row of the wide layout, or of the long one with a column an
// outcome, and returns why it is excluded, or "".
func (l *loader) cells(r files.Row, q *person, visit int, reason string) string {
	long := l.p.Data.Layout == Long
	any := false
	for _, c := range l.where.baselines {
		if l.baseline(r, q, c) && !long {
			any = true
		}
	}
	for _, c := range l.where.cells {
		at := c.visit
		if long {
			at = visit
		}
		if reason == "" && l.cell(r, q, c.column, c.outcome, at) {
			any = true
		}
	}
	if reason == "" {
		l.exposures(r, q, visit, -1)
	}
	if reason == "" && !any {
		return "row-no-value" // as rows of other instruments at the visit
	}
	if long && q != nil && visit >= 0 {
		l.duplicate(r, q, visit, -1, visit)
	}
	return reason
}

// valueRow reads a row that holds one value of one outcome.
func (l *loader) valueRow(r files.Row, q *person, visit int, reason string) string {
	outcome := -1
	if c := l.where.outcome; c >= 0 && r.Has(c) {
		s := r.Text(c)
		var ok bool
		if outcome, ok = l.outcomeOf(s); !ok {
			if _, mapped := l.p.Data.OutcomeValues[s]; s == "" && !mapped {
				l.report(r, c, "problem-no-outcome", nil)
			}
			l.other[s]++
			return "row-other-outcome"
		}
	}
	for _, c := range l.where.baselines {
		if c.outcome == outcome {
			l.baseline(r, q, c)
		}
	}
	if reason != "" {
		return reason
	}
	if outcome >= 0 && visit >= 0 && q != nil {
		l.duplicate(r, q, slotOf(outcome, visit, len(l.p.Visits)), outcome, visit)
	}
	if outcome >= 0 {
		l.exposures(r, q, visit, outcome)
	}
	if !l.cell(r, q, l.where.value, outcome, visit) {
		return "row-no-value"
	}
	return ""
}

// duplicate finds a second row for a visit, or for an outcome (−1: all) at it.
func (l *loader) duplicate(r files.Row, q *person, slot, outcome, visit int) {
	if seen := q.seen(slot); *seen == 0 {
		*seen = uint32(r.Line())
	} else {
		what := text.Phrase{Code: "word-visit", Args: text.Args{"id": l.p.Visits[visit].ID}}
		if outcome >= 0 {
			what = text.Phrase{Code: "word-outcome-at-visit", Args: text.Args{"outcome": l.p.Outcomes[outcome].ID, "visit": l.p.Visits[visit].ID}}
		}
		l.second(clash{kind: clashVisit, q: q, r: r, column: l.where.participant, line: int(*seen), what: what,
			windowed: l.p.Visits[visit].HasWindow}, visit)
	}
}

// second remembers a second row where one counts: a problem, unless the protocol
// says which.
func (l *loader) second(c clash, visit int) {
	if l.repeatRule(visit) == RepeatsRefuse {
		l.clashes = append(l.clashes, c)
	} else {
		l.repeated = append(l.repeated, c)
	}
}

// cell reads an outcome's value; it reports whether one stands there.
func (l *loader) cell(r files.Row, q *person, column, outcome, visit int) bool {
	if column < 0 {
		return false
	}
	s, name := r.Text(column), ""
	if l.isMissing(s) {
		return false
	}
	if outcome >= 0 && l.quick != nil && l.quick[outcome].ok {
		rule, of := l.signs[column], &l.quick[outcome]
		if column == l.where.value {
			rule = l.valueSigns[outcome]
		}
		if x, decimals, ok := rule.Short(s); ok && x >= of.low && x <= of.high {
			if q != nil && visit >= 0 {
				q.cells[slotOf(outcome, visit, len(l.p.Visits))] = cell{Number: x, Decimals: int16(decimals), ok: true}
			}
			return true
		}
	}
	id := ""
	if visit >= 0 {
		name = l.p.Visits[visit].ID
	}
	if q != nil {
		id = q.ID
	}
	v, ok := l.number(r, column, s, id, outcome, name)
	if ok && v.missing {
		return false
	}
	ok = ok && l.hasLogarithm(r, column, s, outcome, visit, v.Value)
	if ok && q != nil && visit >= 0 && outcome >= 0 {
		l.put(q, slotOf(outcome, visit, len(l.p.Visits)), visit, v.Value, r)
	}
	return true
}

// baseline reads a baseline that is held in a column; it reports whether one
// stands there.
func (l *loader) baseline(r files.Row, q *person, c cellColumn) bool {
	if c.column < 0 {
		return false
	}
	s, id := r.Text(c.column), ""
	if l.isMissing(s) {
		return false
	}
	if q != nil {
		id = q.ID
	}
	v, ok := l.number(r, c.column, s, id, c.outcome, "")
	ok = ok && (v.missing || l.hasLogarithm(r, c.column, s, c.outcome, -1, v.Value))
	if !ok || v.missing || q == nil {
		return !v.missing
	}
	slot := slotOf(c.outcome, -1, len(l.p.Visits))
	old := q.value(slot)
	switch {
	case l.p.Data.Layout == Wide: // a value of the row like its others
		l.put(q, slot, -1, v.Value, r)
	case !q.cells[slot].ok:
		q.put(slot, v.Value)
		if q.more().baselineLine == nil {
			q.baselineLine = make([]int, len(l.p.Outcomes))
		}
		q.baselineLine[c.outcome] = r.Line()
	case old.Compare(v.Value) != 0:
		l.conflict(r, q, c.column, text.Phrase{Code: "word-baseline", Args: text.Args{"outcome": l.p.Outcomes[c.outcome].ID}}, q.baselineLine[c.outcome])
	case v.Decimals > old.Decimals:
		// 25 and 25.0 agree; keep the finer, whatever the rows' order.
		q.put(slot, v.Value)
	}
	return true
}
