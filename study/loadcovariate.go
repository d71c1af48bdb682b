package study

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

func covariateWord(id string) text.Phrase {
	return text.Phrase{Code: "word-covariate", Args: text.Args{"id": id}}
}

// covariateSeen is what a participant's rows say of a covariate: the first
// value, that of the visit which counts, and whether they differ.
type covariateSeen struct {
	first             covariateValue
	written           string // the first value as the file writes it
	firstLine, atLine uint32
	*covariateSeldom  // nil: the visit's value, if there is one, is the first
}

// covariateSeldom is what few participants have.
type covariateSeldom struct {
	at      covariateValue
	several []repeat // at the visit that counts, where one of several may
	differs bool
}

func (s *covariateSeen) more() *covariateSeldom {
	if s.covariateSeldom == nil {
		s.covariateSeldom = &covariateSeldom{at: s.first}
	}
	return s.covariateSeldom
}

// put keeps the value of the visit that counts.
func (s *covariateSeen) put(value covariateValue, line int) {
	if s.atLine = uint32(line); s.covariateSeldom != nil || value != s.first {
		s.more().at = value
	}
}

// atVisit is the value of the visit that counts.
func (s *covariateSeen) atVisit() covariateValue {
	if s.covariateSeldom == nil {
		return s.first
	}
	return s.at
}

func (s *covariateSeen) differ() bool { return s.covariateSeldom != nil && s.differs }

// covariateValue is a number, or a category's text.
type covariateValue struct {
	number float64
	text   string
}

// varying counts the participants whose rows differ in a covariate.
type varying struct {
	count, without int
	example        *person
}

// covariateVisit is the visit whose value of a covariate counts where visits
// differ, −1 where there is none.
func (l *loader) covariateVisit(i int) int {
	if l.covariateAt == nil {
		for i := range l.p.Data.Covariates {
			l.covariateAt = append(l.covariateAt, l.findCovariateVisit(i))
		}
	}
	return l.covariateAt[i]
}

func (l *loader) findCovariateVisit(i int) int {
	at := l.p.Data.Covariates[i].At
	if at == "" {
		at = l.p.Baseline
	}
	if v, ok := l.ds.visits[at]; ok && l.p.Data.Layout == Long {
		return v
	}
	return -1
}

// covariate reads a row's value of a covariate.
func (l *loader) covariate(r files.Row, q *person, i, column, visit int) {
	s, v := r.Text(column), &l.p.Data.Covariates[i]
	if l.isMissing(s) {
		return
	}
	at := l.covariateVisit(i)
	if v.At != "" && visit != at {
		return // another visit's value is not used
	}
	seen := q.covariate(i)
	here := at >= 0 && visit == at
	if seen.firstLine > 0 && s == seen.written && !here {
		return // as in the row before
	}
	value := covariateValue{text: s}
	var exact Value
	thousands := len(l.thousands)
	if v.Kind == Numeric {
		var x reading
		var ok bool
		if l.quickText {
			x.Number, x.Decimals, ok = l.signs[column].Short(s)
		}
		if !ok {
			x, ok = l.number(r, column, s, q.ID, -1, v.ID)
		}
		if !ok || x.missing {
			return
		}
		if v.HasRange() && (x.Number < v.Min || x.Number > v.Max) {
			l.report(r, column, "problem-outside-range", text.Args{"subject": v.ID, "value": asRead(s, x.Value), "min": v.Min, "max": v.Max})
			return
		}
		value, exact = covariateValue{number: x.Number}, x.Value
		l.ds.decimals[i] = max(l.ds.decimals[i], x.Decimals)
	}
	if v.Kind == Category {
		if levels := l.p.Data.Values[v.ID]; levels != nil && !l.p.hasOutcome(v.ID) {
			level, ok := levelOf(levels, s)
			if !ok {
				l.report(r, column, "problem-level-unlisted", text.Args{"covariate": v.ID, "word": clip(s),
					"words": quotedList(sortedKeys(levels), 8)})
				return
			}
			value.text = level
		}
	}
	switch {
	case seen.firstLine == 0:
		value.text = l.level(value.text)
		if seen.first, seen.firstLine = value, uint32(r.Line()); thousands == len(l.thousands) { // which counts them
			seen.written = s
		}
	case seen.first == value:
		value = seen.first // share the text
	default:
		value.text = l.level(value.text)
		seen.more().differs = true
		if at < 0 {
			l.conflict(r, q, column, covariateWord(v.ID), int(seen.firstLine))
			return
		}
	}
	switch {
	case !here:
	case l.repeatRule(at) != RepeatsRefuse:
		more := seen.more()
		more.several = append(more.several, l.repeat(r, exact, value.text))
	case seen.atLine == 0:
		seen.put(value, r.Line())
	case seen.atVisit() != value:
		l.conflict(r, q, column, covariateWord(v.ID), int(seen.atLine))
	}
}

// level is a category's level in one text for all participants.
func (l *loader) level(s string) string {
	if s == "" {
		return ""
	}
	if level, ok := l.levels[s]; ok {
		return level
	}
	s = strings.Clone(s)
	if l.levels == nil {
		l.levels = map[string]string{}
	}
	l.levels[s] = s
	return s
}

// levelOf is the level that a field means: as data.values has it, a numeral as
// the number that it is, or the level as it is written.
func levelOf(levels map[string]string, s string) (string, bool) {
	if level, ok := levels[s]; ok {
		return level, true
	}
	if x, ok := files.ParsePlain(s); ok {
		for _, word := range sortedKeys(levels) {
			if y, ok := files.ParsePlain(word); ok && x.Compare(y) == 0 {
				return levels[word], true
			}
		}
		return "", false
	}
	for _, level := range levels {
		if level == s {
			return s, true
		}
	}
	return "", false
}

// finishCovariates gives everyone the value of each covariate that counts: the
// only one that the rows tell or, where any participant's rows differ, that of
// the visit. A value of another visit then counts for nobody: one measured
// after randomization may be an effect of treatment.
func (l *loader) finishCovariates() {
	for i := range l.p.Data.Covariates {
		w := &l.varying[i]
		for _, q := range l.people {
			if q.covariate(i).differ() {
				if w.count++; w.example == nil {
					w.example = q
				}
			}
		}
		for _, q := range l.people {
			if _, ok := q.covariate(i).value(w.count > 0); !ok && q.covariate(i).firstLine > 0 {
				w.without++
			}
		}
	}
	l.inPeople(func(_ int, people []*person) { l.shareValues(people) })
}

// shareValues gives participants with the same values one map: Participants and Records
// copy it for who asks.
func (l *loader) shareValues(people []*person) {
	numbers, categories := map[string]map[string]float64{}, map[string]map[string]string{}
	var a, b []byte
	for _, q := range people {
		a, b = a[:0], b[:0]
		for i := range l.p.Data.Covariates {
			switch value, ok := q.covariate(i).value(l.varying[i].count > 0); {
			case !ok:
			case l.p.Data.Covariates[i].Kind == Category:
				b = binary.AppendUvarint(b, uint64(i))
				b = binary.AppendUvarint(b, uint64(len(value.text)))
				b = append(b, value.text...)
			default:
				a = binary.AppendUvarint(a, uint64(i))
				a = binary.BigEndian.AppendUint64(a, math.Float64bits(value.number))
			}
		}
		if q.Numbers = numbers[string(a)]; q.Numbers == nil && len(a) > 0 {
			q.Numbers = map[string]float64{}
			l.eachCovariate(q, func(v *Covariate, x covariateValue) {
				if v.Kind != Category {
					q.Numbers[v.ID] = x.number
				}
			})
			if len(numbers) < mostShared {
				numbers[string(a)] = q.Numbers
			}
		}
		if q.Categories = categories[string(b)]; q.Categories == nil && len(b) > 0 {
			q.Categories = map[string]string{}
			l.eachCovariate(q, func(v *Covariate, x covariateValue) {
				if v.Kind == Category {
					q.Categories[v.ID] = x.text
				}
			})
			if len(categories) < mostShared {
				categories[string(b)] = q.Categories
			}
		}
	}
}

// mostShared is how many sets of values are looked for to be shared.
const mostShared = 1 << 12

func (l *loader) eachCovariate(q *person, do func(v *Covariate, x covariateValue)) {
	for i := range l.p.Data.Covariates {
		if x, ok := q.covariate(i).value(l.varying[i].count > 0); ok {
			do(&l.p.Data.Covariates[i], x)
		}
	}
}

// value is the value that counts; varies tells that some participant's rows
// differ in the covariate.
func (s *covariateSeen) value(varies bool) (covariateValue, bool) {
	if varies {
		return s.atVisit(), s.atLine > 0
	}
	return s.first, s.firstLine > 0
}

// varies reports whether some participant's rows differ in a covariate.
func (l *loader) varies(i int) bool {
	return slices.ContainsFunc(l.people, func(q *person) bool { return q.covariate(i).differ() })
}

// checkCovariates refuses a covariate that differs between visits and that
// nobody has at the visit that counts.
func (l *loader) checkCovariates() {
	for i, v := range l.p.Data.Covariates {
		at, c := l.covariateVisit(i), l.where.covariates[i]
		if at < 0 || c < 0 {
			continue
		}
		differs, any := false, false
		for _, q := range l.people {
			differs = differs || q.covariate(i).differ()
			any = any || q.covariate(i).atLine > 0
		}
		if (differs || v.At != "") && !any {
			l.report(l.t.Header(), c, "problem-covariate-nowhere",
				text.Args{"covariate": v.ID, "visit": l.p.Visits[at].ID})
		}
	}
}

// covariateNotes say which value counts of covariates that differ between
// visits, and doubt those of a visit after the baseline.
func (l *loader) covariateNotes() []Note {
	var out []Note
	base, hasBase := l.ds.visits[l.p.Baseline]
	for i, w := range l.varying {
		if v := l.p.Data.Covariates[i]; v.At != "" && hasBase && l.ds.visits[v.At] > base {
			out = append(out, Note{Code: "covariate-after-baseline", Args: map[string]any{"covariate": v.ID,
				"visit": l.p.Visits[l.ds.visits[v.At]].ID}})
		}
		if w.count == 0 {
			continue
		}
		v := l.p.Data.Covariates[i]
		args := map[string]any{"covariate": v.ID, "column": v.Column, "count": w.count, "participant": w.example.ID,
			"visit": l.p.Visits[l.covariateVisit(i)].ID, "without": w.without}
		code := "covariate-varies"
		if w.without > 0 {
			code = "covariate-varies-absent"
		}
		out = append(out, Note{Code: code, Args: args})
	}
	return out
}

// alikeNotes doubt categories, blocks among them, that differ only in how they
// are written: one of them, taken as two, changes the model.
func (l *loader) alikeNotes() []Note {
	var out []Note
	look := func(variable string, column int, of func(q *person) string) {
		count := map[string]int{}
		for _, q := range l.people {
			if s := of(q); s != "" {
				count[s]++
			}
		}
		if len(count) == len(l.people) {
			return // each has one of its own
		}
		first := map[string]string{}
		for _, s := range sortedKeys(count) {
			key := foldID(s)
			f, ok := first[key]
			if !ok {
				first[key] = s
				continue
			}
			out = append(out, Note{Code: "categories-alike", Args: map[string]any{"variable": variable, "first": strconv.Quote(f),
				"second": strconv.Quote(s), "column": l.t.Columns[column].Name, "count": count[f], "others": count[s]}})
		}
	}
	for i, v := range l.p.Data.Covariates {
		if c := l.where.covariates[i]; v.Kind == Category && c >= 0 {
			look(v.ID, c, func(q *person) string { return q.Categories[v.ID] })
		}
	}
	if c := l.where.reason; c >= 0 {
		look(l.p.Data.Status.Reason, c, func(q *person) string { return q.Reason })
	}
	if c := l.where.block; c >= 0 {
		look(l.p.Randomization.Column, c, func(q *person) string { return q.Block })
	}
	return out
}

// Sets of participants, as the analysis is asked of them. SetITT, everybody
// randomized, always exists; the others are those whose row holds one of the values in
// each of a set's columns (DataSpec.Sets). Randomization protects the first alone.
const (
	SetITT = "itt"
	// SetAsTreated are those who received an arm's treatment, in that arm
	// (DataSpec.Received).
	SetAsTreated = "as-treated"
)

// checkSets checks the columns and values that sets are made of.
func (c *checker) checkSets() {
	for _, id := range sortedKeys(c.Data.Sets) {
		at := "data.sets." + id
		switch {
		case id == "" || id == SetITT || id == SetAsTreated:
			c.Add(at+"@", "problem-set-taken", id)
		case len(c.Data.Sets[id]) == 0:
			c.Add(at, "problem-rows-empty")
		}
		for _, column := range sortedKeys(c.Data.Sets[id]) {
			switch {
			case column == "":
				c.Add(at+"."+column+"@", "problem-missing-column")
			case len(c.Data.Sets[id][column]) == 0:
				c.Add(at+"."+column, "problem-rows-empty")
			case c.isOutcomeColumn(column) || column == c.Data.Arm || column == c.Data.Participant:
				c.Add(at+"."+column+"@", "problem-set-column", column)
			}
		}
	}
}

// checkPlanSet checks a plan's set: another than that of all randomized stands beside
// it and never decides.
func (c *checker) checkPlanSet(at string, p Plan) {
	switch _, known := c.Data.Sets[p.Set]; {
	case p.Set == "" || p.Set == SetITT:
		return
	case p.Set == SetAsTreated && c.Data.Received == "":
		c.Add(at+".set", "problem-set-as-treated")
	case !known && p.Set != SetAsTreated:
		c.Add(at+".set", "problem-set-unknown", p.Set, strings.Join(append([]string{SetITT}, sortedKeys(c.Data.Sets)...), ", "))
	case p.Role == RolePrimary:
		c.Add(at+".set", "problem-set-primary", p.Set)
	case p.Role == RoleSensitivity:
		c.Add(at+".set", "problem-set-sensitivity", p.Set)
	}
}

// setColumns are the columns that sets are made of, each once.
func (d DataSpec) setColumns() []string {
	var out []string
	for _, id := range sortedKeys(d.Sets) {
		for _, column := range sortedKeys(d.Sets[id]) {
			if !slices.Contains(out, column) {
				out = append(out, column)
			}
		}
	}
	slices.Sort(out)
	return out
}

// sets reads the columns that sets are made of; rows that tell one must agree.
func (l *loader) sets(r files.Row, q *person) {
	if q.sets == nil {
		q.sets = make([]setSeen, len(l.where.sets))
	}
	for i, c := range l.where.sets {
		l.say(r, q, c, "word-set", &q.sets[i].value, &q.sets[i].line, func(_ files.Row, _ int, s string) (string, bool) { return strings.Clone(s), true })
	}
}

// setSeen is what a column said of a participant, and where.
type setSeen struct {
	value string
	line  int
}

// finishSets finds who is in which set. A participant of whom a column says nothing is
// not in the sets that it makes.
func (l *loader) finishSets() {
	columns := l.p.Data.setColumns()
	if len(columns) == 0 {
		return
	}
	for _, q := range l.people {
		q.Sets = map[string]bool{}
		for id, of := range l.p.Data.Sets {
			in := true
			for column, values := range of {
				seen := q.sets[slices.Index(columns, column)]
				in = in && seen.line > 0 && l.meansOne(l.where.sets[slices.Index(columns, column)], seen.value, values)
			}
			if in {
				q.Sets[id] = true
			}
		}
	}
}

// meansOne reports whether a value of a column is one of those listed, as the file writes
// it or by its word for it.
func (l *loader) meansOne(column int, value string, list []string) bool {
	if slices.Contains(list, value) {
		return true
	}
	for _, label := range l.t.Columns[column].Labels {
		if label.Value == value && slices.Contains(list, label.Word) || label.Word == value && slices.Contains(list, label.Value) {
			return true
		}
	}
	return false
}

// treated reports whether the participant received an arm's treatment.
func (p *subject) treated(arms []Arm) bool {
	return slices.ContainsFunc(arms, func(a Arm) bool { return a.ID == p.Received })
}

// asTreated are records in the arms whose treatment was received, by arm (in the order
// given), then ID; who received none, or of whom it is not recorded, stays.
func asTreated(records []Record, arms []Arm) []Record {
	out := slices.Clone(records)
	place := map[string]int{}
	for i, a := range arms {
		place[a.ID] = i
	}
	for i, r := range out {
		if _, ok := place[r.Received]; ok {
			out[i].Arm = r.Received
		}
	}
	slices.SortStableFunc(out, func(a, b Record) int {
		return cmp.Or(cmp.Compare(place[a.Arm], place[b.Arm]), compareIDs(a.ID, b.ID))
	})
	return out
}
