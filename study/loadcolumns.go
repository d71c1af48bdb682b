package study

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/harms"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// columns says where in a row things stand: positions of fields, −1 where the
// protocol names no column or the file lacks it.
type columns struct {
	participant, arm, block, visit, outcome, value, events, day int
	exposures                                                   []cellColumn // times at risk of counts
	cells                                                       []cellColumn // wide, or long with a column an outcome
	baselines                                                   []cellColumn // baselines held in a column
	covariates                                                  []int
	within                                                      []int // columns within which participants are numbered
	sets                                                        []int // columns that sets of participants are made of
	status, reason, received, followed, adherence, guess        int
	intercurrent                                                []intercurrentColumns
	rows                                                        []rowRule
}

// cellColumn is a column of an outcome's values; visit is −1 where the row
// says the visit, or for a column baseline.
type cellColumn struct{ column, outcome, visit int }

// wantedColumns lists the columns that the protocol names.
func (p Protocol) wantedColumns() []string {
	d := p.Data
	out := []string{d.Participant, d.Arm}
	for _, c := range []string{d.Visit, d.Outcome, d.Value, d.AdverseEvents, d.Day, p.Randomization.Column, d.Status.Column, d.Status.Reason, d.Received, d.Events.Exposure, d.Adherence.Column, d.Guess.Column} {
		if c != "" {
			out = append(out, c)
		}
	}
	for _, o := range sortedKeys(d.Columns) {
		for _, v := range sortedKeys(d.Columns[o]) {
			out = append(out, d.Columns[o][v])
		}
	}
	for _, o := range sortedKeys(d.Baseline) {
		out = append(out, d.Baseline[o])
	}
	for _, o := range sortedKeys(d.Exposure) {
		for _, v := range sortedKeys(d.Exposure[o]) {
			out = append(out, d.Exposure[o][v])
		}
	}
	for _, c := range d.Covariates {
		out = append(out, c.Column)
	}
	for _, e := range d.Intercurrent {
		out = append(out, e.Names()...)
	}
	out = append(out, d.setColumns()...)
	return append(append(out, d.Within...), sortedKeys(d.Rows)...)
}

// noHeader says what is wrong with a file whose first row has none of the
// columns that the protocol names: a title may stand above the header.
func (l *loader) noHeader(stated int) *Problem {
	wanted := l.p.wantedColumns()
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	found := func(r files.Row) int {
		n := 0
		for _, w := range wanted {
			if slices.ContainsFunc(r.Texts(), func(s string) bool { return s == w || similarName(s, w) }) {
				n++
			}
		}
		return n
	}
	header := l.t.Header()
	if found(header) > 0 {
		return nil
	}
	for i := range min(l.t.Len(), files.HeaderLines-1) {
		if r := l.t.Row(i); found(r)*2 > len(wanted) {
			p := files.NewProblem(header.Line(), 1, "problem-header-lower", text.Args{"line": r.Line()})
			return &p
		}
	}
	code, args := "problem-no-header", text.Args{"columns": text.List(wanted, 8), "line": stated}
	if l.t.Separator {
		args["line"] = header.Line()
	}
	switch d := l.p.Data; {
	case stated > 0:
		code = "problem-header-wrong"
		for _, r := range l.t.Top() {
			if found(r)*2 > len(wanted) {
				code, args["right"] = "problem-header-above", r.Line()
				break
			}
		}
	case header.Len() == 1 && d.Delimiter != "":
		code = "problem-no-header-stated"
	case header.Len() == 1 && l.t.Separator:
		code = "problem-no-header-separator"
	case header.Len() == 1 && l.t.Format == "text":
		code = "problem-no-header-nor-delimiter"
	}
	p := files.NewProblem(header.Line(), 1, code, args)
	return &p
}

// findColumns finds the columns in the header and reports those that are
// missing or there twice.
func (l *loader) findColumns(header files.Row) {
	at := map[string]int{}
	twice := map[string]int{}
	for i, c := range l.t.Columns {
		if _, ok := at[c.Name]; ok {
			twice[c.Name] = i
			continue
		}
		at[c.Name] = i
	}
	asked := map[string]bool{}
	find := func(column, what string, args text.Args) int {
		if column == "" {
			return -1
		}
		i, ok := at[column]
		if !asked[column] {
			asked[column] = true
			if !ok && !l.quiet {
				code, like := l.similar(column, header)
				l.report(header, -1, code, text.Args{"column": column, "what": text.Phrase{Code: what, Args: args}, "like": like})
			}
			j, two := twice[column]
			switch {
			case !two || l.quiet:
			case l.t.Part(i) != l.t.Part(j):
				l.report(header, j, "problem-column-two-files", text.Args{"column": column,
					"what": text.Phrase{Code: what, Args: args}, "first": l.t.PlaceOf(i), "second": l.t.PlaceOf(j)})
			default:
				l.report(header, j, "problem-column-twice",
					text.Args{"column": column, "what": text.Phrase{Code: what, Args: args}})
			}
		}
		if !ok {
			return -1
		}
		return i
	}
	d := l.p.Data
	l.where = columns{
		participant: find(d.Participant, "word-participant", nil),
		arm:         find(d.Arm, "word-arm", nil),
		block:       find(l.p.Randomization.Column, "word-block-or-stratum", nil),
		visit:       find(d.Visit, "word-visits", nil),
		outcome:     find(d.Outcome, "word-outcomes", nil),
		value:       find(d.Value, "word-value", nil),
		events:      find(d.AdverseEvents, "word-adverse-events", nil),
		day:         find(d.Day, "word-day", nil),
		status:      find(d.Status.Column, "word-status", nil),
		reason:      find(d.Status.Reason, "word-reason", nil),
		received:    find(d.Received, "word-received", nil),
		followed:    find(d.Events.Exposure, "word-exposure", nil),
		adherence:   find(d.Adherence.Column, "word-adherence", nil),
		guess:       find(d.Guess.Column, "word-guess", nil),
	}
	for i, o := range l.p.Outcomes {
		if c, ok := d.Columns[o.ID][""]; ok {
			l.where.cells = append(l.where.cells, cellColumn{find(c, "word-outcome", text.Args{"id": o.ID}), i, -1})
		}
		for j, v := range l.p.Visits {
			if c, ok := d.Columns[o.ID][v.ID]; ok {
				l.where.cells = append(l.where.cells,
					cellColumn{find(c, "word-outcome-visit", text.Args{"outcome": o.ID, "visit": v.ID}), i, j})
			}
		}
		if c, ok := d.Baseline[o.ID]; ok {
			l.where.baselines = append(l.where.baselines, cellColumn{find(c, "word-baseline", text.Args{"outcome": o.ID}), i, -1})
		}
	}
	l.where.exposures = l.exposureColumns(find)
	for _, c := range d.Covariates {
		l.where.covariates = append(l.where.covariates, find(c.Column, "word-covariate", text.Args{"id": c.ID}))
	}
	for _, c := range d.Within {
		i := find(c, "word-participant", nil)
		if l.where.within = append(l.where.within, i); i < 0 {
			l.where.participant = -1 // nobody can be told apart
		}
	}
	for _, e := range d.Intercurrent {
		l.where.intercurrent = append(l.where.intercurrent, l.intercurrentColumns(e, find))
	}
	for _, c := range d.setColumns() {
		l.where.sets = append(l.where.sets, find(c, "word-set", nil))
	}
	for _, c := range sortedKeys(d.Rows) {
		l.where.rows = append(l.where.rows, newRowRule(find(c, "word-rows", nil), c, d.Rows[c]))
	}
}

// similarName reports whether two names differ only by case, blanks,
// punctuation and signs that cannot be seen.
func similarName(a, b string) bool {
	fold := func(s string) string {
		return strings.ToLower(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("._-", r) {
				return -1
			}
			return r
		}, s))
	}
	return a != "" && fold(a) == fold(b)
}

// similar is the message of a missing column, and the header's field that it
// may be.
func (l *loader) similar(column string, header files.Row) (code, like string) {
	for _, name := range header.Texts() {
		if similarName(name, column) {
			return "problem-column-missing-like", name
		}
	}
	if header.Len() == 1 && l.t.Format == "text" {
		return "problem-column-missing-delimiter", ""
	}
	return "problem-column-missing", ""
}

// receivedNone is the word of the file, or of arm_values, for who received no
// arm's treatment.
const receivedNone = "none"

// flow reads {assessed: number, excluded: {reason: number}}; the reasons keep their
// order.
func (d *protocolReader) flow(dst *Screening) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Fields(n, path, yamlfile.Keys{
			"assessed": func(n *yamlfile.Node, path string) {
				d.Whole(&dst.Assessed)(n, path)
				if !d.Bad[path] && dst.Assessed == 0 {
					d.Reject(n, path, "problem-flow-assessed-zero")
				}
			},
			"excluded": func(n *yamlfile.Node, path string) {
				bad := false
				d.MapOf(n, path, "problem-flow-excluded-map", func(reason string, n *yamlfile.Node, path string) {
					r := ReasonCount{Reason: reason}
					d.Whole(&r.N)(n, path)
					dst.Excluded = append(dst.Excluded, r)
					bad = bad || d.Bad[path]
				})
				if bad || d.Bad[path] {
					d.Bad["flow.assessed"] = true // nobody knows what the numbers add up to
				}
			},
		})
	}
}

// status reads {column, values: {what the file writes: status}, reason}; the
// values keep their order.
func (d *protocolReader) status(dst *StatusSpec) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Fields(n, path, yamlfile.Keys{
			"column": d.Text(&dst.Column),
			"reason": d.Text(&dst.Reason),
			"values": func(n *yamlfile.Node, path string) {
				d.MapOf(n, path, "problem-status-map", func(written string, n *yamlfile.Node, path string) {
					v := StatusValue{Written: written}
					d.Text(&v.Status)(n, path)
					dst.Values = append(dst.Values, v)
				})
			},
		})
	}
}

// checkReceived checks the column of the arm received.
func (c *checker) checkReceived() {
	switch name := c.Data.Received; {
	case name == "":
	case name == c.Data.Participant, name == c.Data.Arm, c.isOutcomeColumn(name), name == c.Data.Status.Column:
		c.Add("data.received", "problem-column-other", name)
	}
}

// flowSeen holds where what a participant has once of the flow was read; 0: not,
// negative: what it means was not understood.
type flowSeen struct{ status, reason, received, followed, adherence, guess int }

// flow reads how a participant left and what was received.
func (l *loader) flow(r files.Row, q *person) {
	if w := &l.where; w.status < 0 && w.reason < 0 && w.received < 0 && w.followed < 0 && w.adherence < 0 && w.guess < 0 && len(w.sets) == 0 {
		return
	}
	q.more()
	l.sets(r, q)
	l.say(r, q, l.where.status, "word-status", &q.Status, &q.flow.status, l.statusOf)
	l.say(r, q, l.where.reason, "word-reason", &q.Reason, &q.flow.reason, func(_ files.Row, _ int, s string) (string, bool) {
		return strings.Clone(s), true
	})
	l.say(r, q, l.where.received, "word-received", &q.Received, &q.flow.received, l.receivedOf)
	l.followed(r, q)
	l.adherence(r, q)
	l.say(r, q, l.where.guess, "word-guess", &q.Guess, &q.flow.guess, l.guessOf)
}

// say reads a column that tells one thing of a participant: rows that tell it must
// agree, or leave it out.
func (l *loader) say(r files.Row, q *person, column int, what string, to *string, line *int, meaning func(r files.Row, column int, s string) (string, bool)) {
	if column < 0 || l.isMissing(r.Text(column)) {
		return
	}
	switch s, ok := meaning(r, column, r.Text(column)); {
	case !ok && *line == 0:
		*line = -r.Line() // told, if not understood: checkStatuses says no more of it
	case !ok:
	case *line <= 0:
		*to, *line = s, r.Line()
	case *to != s:
		l.conflict(r, q, column, text.Phrase{Code: what}, *line)
	}
}

func (l *loader) statusOf(r files.Row, column int, s string) (string, bool) {
	values := l.p.Data.Status.Values
	if i := slices.IndexFunc(values, func(v StatusValue) bool { return v.Written == s }); i >= 0 {
		return values[i].Status, true
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = v.Written
	}
	l.report(r, column, "problem-status-unlisted", text.Args{"word": clip(s), "words": quotedList(words, 8)})
	return "", false
}

// receivedOf is the arm that a field says was received. What arm_values leaves out
// is no arm of the trial.
func (l *loader) receivedOf(r files.Row, column int, s string) (string, bool) {
	id, mapped := l.p.Data.ArmValues[s]
	switch {
	case mapped && id == "":
		return receivedNone, true
	case !mapped:
		id = s
	}
	if arm, ok := l.arms[id]; ok {
		return l.p.Arms[arm].ID, true
	}
	if strings.EqualFold(id, receivedNone) {
		return receivedNone, true
	}
	l.report(r, column, "problem-received-unknown",
		text.Args{"word": clip(s), "arms": yamlfile.ListIDs(l.p.Arms, func(a Arm) string { return a.ID })})
	return "", false
}

// checkStatuses gives a status to those whose field is blank, as the protocol says,
// and refuses the others: the flow would not add up.
func (l *loader) checkStatuses() {
	c := l.where.status
	if c < 0 {
		return
	}
	values := l.p.Data.Status.Values
	blank := slices.IndexFunc(values, func(v StatusValue) bool { return v.Written == "" })
	for _, q := range l.people {
		switch {
		case q.more().flow.status != 0:
		case blank >= 0:
			q.Status = values[blank].Status
		default:
			l.report(l.first(q), c, "problem-no-status", text.Args{"participant": q.ID, "values": `{"": completed}`})
		}
	}
}

// checkAssessed holds the numbers before randomization against those in the file,
// where the protocol does not state how many an arm had; n counts the file's.
func (l *loader) checkAssessed(n map[string]int, offset int) {
	f, randomized, stated := l.p.Flow, 0, true
	for _, a := range l.p.Arms {
		if a.Randomized > 0 {
			randomized += a.Randomized
		} else {
			stated = false
			randomized += n[a.ID]
		}
	}
	excluded := sumReasons(f.Excluded)
	if f.Assessed > 0 && !stated && !l.unknownArm && f.Assessed-excluded != randomized { // stated: Validate has seen it
		l.report(l.t.Header(), offset, "problem-flow-file", text.Args{"assessed": f.Assessed, "excluded": excluded,
			"left": f.Assessed - excluded, "randomized": randomized})
	}
}

// flowNotes doubt reasons of participants who completed the trial.
func (l *loader) flowNotes() []Note {
	n, example := 0, ""
	if l.where.reason < 0 {
		return nil
	}
	for _, q := range l.people { // sorted by ID
		if q.Status == StatusCompleted && q.Reason != "" {
			if n++; n == 1 {
				example = q.ID
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []Note{{Code: "reason-of-completed", Args: map[string]any{"count": n, "participant": example, "column": l.p.Data.Status.Reason}}}
}

// eventsInput is the position of the file, among those given, in which adverse events
// have a line each; −1 where none does.
func (l *loader) eventsInput(names []string) (int, error) {
	fail := func(code string, args text.Args) (int, error) {
		p := files.NewProblem(0, 0, code, args)
		p.File = "protocol"
		return -1, Problems{p}
	}
	e := l.p.Data.Events
	switch {
	case !e.Stated():
		return -1, nil
	case e.File == "" && len(names) > 1:
		return fail("problem-events-file", text.Args{"given": text.List(names, 8)})
	case e.File == "":
		return 0, nil
	}
	i := slices.Index(names, e.File)
	switch {
	case i < 0:
		return fail("problem-events-not-given", text.Args{"file": e.File, "given": text.List(names, 8)})
	case slices.Contains(names[i+1:], e.File):
		return fail("problem-file-given-twice", text.Args{"file": e.File})
	}
	return i, nil
}

// readEvents reads the adverse events that have a line each. Who has no line had none.
func (l *loader) readEvents(in []input) error {
	e := l.p.Data.Events
	if !e.Stated() {
		return nil
	}
	names := make([]string, len(in))
	for i, x := range in {
		names[i] = filepath.Base(x.name)
	}
	i, err := l.eventsInput(names)
	if err != nil {
		return err
	}
	if len(e.Participant) == 0 {
		e.Participant = append(slices.Clone(l.p.Data.Within), l.p.Data.Participant)
	}
	wanted := slices.DeleteFunc(append(slices.Clone(e.Participant), e.Term, e.Serious, e.Related, e.Withdrawal, e.Day), func(s string) bool { return s == "" })
	x := in[i]
	t, err := files.Read(files.Bytes(x.src), int64(len(x.src)), x.name, files.Options{Sheet: e.Sheet, Encoding: l.p.Data.Encoding,
		Delimiter: l.p.Data.Delimiter, Header: e.Header, Columns: wanted})
	if err != nil {
		return err
	}
	t.Fit()
	if l.dictionary != nil {
		l.dictionary.Apply(t)
	}
	l.eventLabels(t, e.Term, "", nil)
	for i, c := range []string{e.Serious, e.Related, e.Withdrawal} {
		key := harms.AnswerKeys()[i]
		l.eventLabels(t, c, key, e.Values[key])
	}
	people, left := map[string]string{}, map[string]bool{}
	for _, q := range l.people {
		people[foldID(q.ID)] = q.ID
	}
	for _, x := range l.ds.accounting.Excluded {
		left[x.Participant] = true
	}
	signs := &files.Signs{Name: e.Day, Group: -1}
	if c := slices.IndexFunc(t.Columns, func(c files.Column) bool { return c.Name == e.Day }); c >= 0 {
		for r := range t.All() {
			if r.Len() != len(t.Columns) {
				continue // which harms.Read reports
			}
			if s := r.Text(c); !l.isMissing(s) && !files.PlainDigits(s) {
				signs.Count(s, r.Line(), l.missingValue)
			}
		}
	}
	files.SettleSigns([]*files.Signs{signs}, l.p.Data.Decimal, t.Delimiter)
	list, err := harms.Read(t, e, harms.Reading{Missing: l.missingText, Participant: func(fields []string) (string, bool, string) {
		id := wholeID(fields[0])
		if len(fields) > 1 {
			parts := make([]string, len(fields))
			for i, f := range fields {
				parts[i] = escapeID.Replace(f)
			}
			id = strings.Join(parts, "/")
		}
		if l.find(id) != nil {
			return id, false, ""
		}
		return "", left[id], people[foldID(id)]
	}, Number: func(s string) (float64, bool) {
		if l.isMissing(s) {
			return 0, false
		}
		v, _, fault := signs.Read(s)
		return v.Number, fault.Code == ""
	}})
	if err != nil {
		return err
	}
	l.ds.events = list
	for _, q := range l.people {
		q.own().Events = list.Events[q.ID]
		q.AdverseEvents, q.EventsRecorded = len(q.Events), true
	}
	l.ds.source.Files = append(l.ds.source.Files, SourceFile{Name: names[i], Sheet: t.Sheet, SHA256: x.sum(), Rows: t.Len()})
	for _, n := range t.Notes {
		l.noteFile(n.Code, n.Args)
	}
	if t.Above > 0 {
		l.noteFile("lines-above-header", map[string]any{"count": t.Above, "line": e.Header})
	}
	if list.Alike > 0 {
		l.noteFile("events-alike", text.Args{"count": list.Alike, "file": t.Name()})
	}
	for _, s := range list.Spellings {
		l.noteFile("events-spellings", text.Args{"first": s[0], "second": s[1], "file": t.Name()})
	}
	return nil
}

// missingText reports whether a field stands for a missing value, a numeral as a number.
func (l *loader) missingText(s string) bool {
	if l.isMissing(s) {
		return true
	}
	v, ok := files.ParsePlain(s)
	return ok && len(l.missingNum) > 0 && l.missingValue(v)
}

// followed reads how long a participant was observed; rows that tell it must agree.
func (l *loader) followed(r files.Row, q *person) {
	c := l.where.followed
	if c < 0 || l.isMissing(r.Text(c)) {
		return
	}
	v, ok := l.number(r, c, r.Text(c), q.ID, -1, "exposure")
	switch {
	case !ok || v.missing:
	case !(v.Number > 0):
		l.report(r, c, "problem-exposure", text.Args{"value": r.Text(c)})
	case q.flow.followed == 0:
		q.Exposure, q.flow.followed = v.Number, r.Line()
	case q.Exposure != v.Number:
		l.conflict(r, q, c, text.Phrase{Code: "word-exposure"}, q.flow.followed)
	}
}
