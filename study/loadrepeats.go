package study

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// This file says which value counts where several rows have one of a participant
// at a visit, and which visit a row is of where days tell it. The order of the
// rows decides nothing.

// Repeats says what counts where several rows of a participant hold a value of an
// outcome at one visit (in the wide layout: where a participant has several rows).
type Repeats string

// Choices for repeated rows. The zero value refuses them, but for the visits that
// have a window and a time: there the day nearest to that time counts, and of two
// equally near the earlier.
const (
	RepeatsRefuse Repeats = "refuse"
	// RepeatsMean takes the mean of the values; it belongs to continuous outcomes.
	RepeatsMean Repeats = "mean"
	// RepeatsFirst and RepeatsLast take the value of the earliest and of the latest
	// day (DataSpec.Day). Without a day nothing tells which row is the first: two
	// values of one day are a problem, and so is a row without a day.
	RepeatsFirst Repeats = "first"
	RepeatsLast  Repeats = "last"
	// repeatsNearest is what counts in a window.
	repeatsNearest Repeats = "nearest"
)

// repeat is a value that may be one of several, and its row's day.
type repeat struct {
	value Value
	text  string // of a covariate that is a category
	day   Value
	dated bool
	row   files.Row
}

// repeatRule is what counts at a visit; −1: in no visit's column.
func (l *loader) repeatRule(visit int) Repeats {
	if r := l.p.Data.Repeats; r != "" {
		return r
	}
	if visit >= 0 && l.p.Visits[visit].HasWindow && l.p.Visits[visit].HasTime {
		return repeatsNearest
	}
	return RepeatsRefuse
}

// put keeps a value of an outcome (slot) at a visit.
func (l *loader) put(q *person, slot, visit int, v Value, r files.Row) {
	if l.repeatRule(visit) == RepeatsRefuse {
		q.subject.put(slot, v)
		return
	}
	if q.more().several == nil {
		q.several = map[int][]repeat{}
	}
	q.several[slot] = append(q.several[slot], l.repeat(r, v, ""))
}

func (l *loader) repeat(r files.Row, v Value, text string) repeat {
	day, dated := l.day(r)
	return repeat{v, text, day, dated, r}
}

// day is a row's day since randomization; ok is false where it has none.
func (l *loader) day(r files.Row) (v Value, ok bool) {
	c := l.where.day
	if c < 0 || l.isMissing(r.Text(c)) {
		return Value{}, false
	}
	v, _, fault := l.readNumber(r, c, r.Text(c))
	return v, fault.Code == "" && !l.missingValue(v)
}

// readDay is day with what is wrong reported.
func (l *loader) readDay(r files.Row, id string) (v Value, ok, bad bool) {
	c := l.where.day
	if c < 0 || l.isMissing(r.Text(c)) {
		return Value{}, false, false
	}
	x, read := l.number(r, c, r.Text(c), id, -1, "data.day")
	return x.Value, read && !x.missing, !read
}

// repeatTally counts what repeats decided, for a note.
type repeatTally struct {
	cells, values int
	id            string // the first participant in sorted order
	visit         string
}

// chosen are the rows whose values count, and those that have one that does not.
type chosen struct{ taken, left map[files.Row]bool }

// settleRepeats finds the value that counts of each participant, outcome and visit.
func (l *loader) settleRepeats() {
	l.tallies = map[Repeats]*repeatTally{}
	if l.p.Data.Repeats == "" && !l.p.hasWindows() {
		return
	}
	c := chosen{map[files.Row]bool{}, map[files.Row]bool{}}
	visits := len(l.p.Visits)
	for _, q := range l.people {
		for _, slot := range sortedInts(q.more().several) {
			outcome, visit := slot/(visits+1), slot%(visits+1)-1
			l.settle(&c, q, slot, visit, l.outcomeAt(outcome, visit))
		}
		for i := range l.p.Data.Covariates {
			if s := q.covariate(i); s.covariateSeldom != nil && len(s.several) > 0 {
				l.settleCovariate(q, i, s)
			}
		}
	}
	if len(c.left) == 0 {
		return
	}
	for r := range l.t.All() {
		if c.left[r] && !c.taken[r] {
			l.exclude(r, l.participant(r), "row-repeated")
		}
	}
	slices.SortStableFunc(l.ds.accounting.Excluded, func(a, b Exclusion) int { return cmp.Compare(a.Line, b.Line) })
}

func sortedInts[V any](m map[int]V) []int {
	out := make([]int, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// outcomeAt names an outcome's value in a message.
func (l *loader) outcomeAt(outcome, visit int) text.Phrase {
	args := text.Args{"outcome": l.p.Outcomes[outcome].ID}
	if visit < 0 {
		return text.Phrase{Code: "word-baseline", Args: args}
	}
	args["visit"] = l.p.Visits[visit].ID
	return text.Phrase{Code: "word-outcome-at-visit", Args: args}
}

// settle keeps the value that counts among several of a slot, if one does.
func (l *loader) settle(c *chosen, q *person, slot, visit int, what text.Phrase) {
	several, rule := q.several[slot], l.repeatRule(visit)
	if len(several) == 1 {
		c.taken[several[0].row] = true
		q.put(slot, several[0].value)
		return
	}
	t := l.tallies[rule]
	if t == nil {
		t = &repeatTally{}
		l.tallies[rule] = t
	}
	if t.id == "" || compareIDs(q.ID, t.id) < 0 {
		t.id, t.visit = q.ID, ""
		if visit >= 0 {
			t.visit = l.p.Visits[visit].ID
		}
	}
	t.cells++
	t.values += len(several)
	if rule == RepeatsMean {
		for _, x := range several {
			c.taken[x.row] = true
		}
		v, decimals := meanValue(several)
		q.put(slot, v)
		q.cells[slot].mean, q.cells[slot].decimals = true, decimals
		return
	}
	i, ok := l.choose(q, several, rule, visit, what)
	for k, x := range several {
		if k == i {
			c.taken[x.row] = true
		} else {
			c.left[x.row] = true
		}
	}
	if ok {
		q.put(slot, several[i].value)
	}
}

// meanValue is the mean of decimals, rounded once, and the most decimals they have.
func meanValue(several []repeat) (mean Value, decimals int8) {
	sum := new(big.Rat)
	for _, x := range several {
		sum.Add(sum, x.value.Rat())
		decimals = max(decimals, int8(min(x.value.Decimals, 100)))
	}
	f, _ := sum.Quo(sum, new(big.Rat).SetInt64(int64(len(several)))).Float64()
	return files.Decimal(f), decimals
}

// choose finds the value that counts by the days. Two of one day, and one without a
// day whose turn cannot be told, are problems.
func (l *loader) choose(q *person, several []repeat, rule Repeats, visit int, what text.Phrase) (best int, ok bool) {
	planned := Value{}
	if visit >= 0 {
		planned = l.p.Visits[visit].plannedDay()
	}
	before := func(a, b repeat) int { // < 0: a counts rather than b
		switch {
		case a.dated != b.dated && rule == repeatsNearest:
			if a.dated {
				return -1
			}
			return 1
		case !a.dated || !b.dated:
			return 0
		case rule == RepeatsLast:
			return b.day.Compare(a.day)
		case rule == RepeatsFirst:
			return a.day.Compare(b.day)
		}
		x, y := a.day.Minus(planned), b.day.Minus(planned)
		return cmp.Or(cmp.Compare(max(x, -x), max(y, -y)), a.day.Compare(b.day))
	}
	for i, x := range several {
		if before(x, several[best]) < 0 {
			best = i
		}
	}
	for i, x := range several {
		other := several[best]
		undated := !x.dated || !other.dated
		if i == best || before(x, other) != 0 || undated && rule == repeatsNearest && other.dated {
			continue
		}
		a, b := other.row, x.row
		if a.Line() > b.Line() {
			a, b = b, a
		}
		if l.repeatTold == nil {
			l.repeatTold = map[files.Row]bool{}
		}
		if l.repeatTold[b] { // for another outcome
			return best, false
		}
		l.repeatTold[b] = true
		args := text.Args{"participant": q.ID, "line": a.Line(), "subject": what}
		if !undated {
			args["day"] = x.day.Text()
			l.report(b, l.where.day, "problem-repeats-same-day", args)
		} else {
			l.report(b, l.where.day, "problem-repeats-no-day", args)
		}
		return best, false
	}
	return best, true
}

// settleCovariate finds the value of a covariate at the visit that counts, as that
// of an outcome is found; categories have no mean.
func (l *loader) settleCovariate(q *person, i int, s *covariateSeen) {
	visit := l.covariateVisit(i)
	v := l.p.Data.Covariates[i]
	set := func(x repeat) {
		s.put(covariateValue{number: x.value.Number, text: x.text}, x.row.Line())
	}
	other := slices.IndexFunc(s.several, func(x repeat) bool {
		return x.text != s.several[0].text || x.value.Compare(s.several[0].value) != 0
	})
	rule := l.repeatRule(visit)
	switch {
	case other < 0:
		set(s.several[0])
	case rule != RepeatsMean:
		if k, ok := l.choose(q, s.several, rule, visit, covariateWord(v.ID)); ok {
			set(s.several[k])
		}
	case v.Kind == Numeric:
		x := s.several[0]
		x.value, _ = meanValue(s.several)
		set(x)
	default:
		l.conflict(s.several[other].row, q, l.where.covariates[i], covariateWord(v.ID), s.several[0].row.Line())
	}
}

// repeatNotes say what several rows were settled by.
func (l *loader) repeatNotes() []Note {
	var out []Note
	for _, n := range []struct {
		rule Repeats
		code string
	}{{RepeatsMean, "repeats-mean"}, {RepeatsFirst, "repeats-first"}, {RepeatsLast, "repeats-last"}, {repeatsNearest, "repeats-nearest"}} {
		if t := l.tallies[n.rule]; t != nil {
			out = append(out, Note{Code: n.code, Args: map[string]any{"count": t.cells, "values": t.values,
				"left": t.values - t.cells, "participant": t.id}})
		}
	}
	return out
}

// windowTally counts rows for a note, with the first participant in sorted order.
type windowTally struct {
	count           int
	id, word, visit string
}

func (t *windowTally) add(id, word, visit string) {
	t.count++
	if c := cmp.Or(compareIDs(id, t.id), cmp.Compare(word, t.word), cmp.Compare(visit, t.visit)); t.count == 1 || c < 0 {
		t.id, t.word, t.visit = id, word, visit
	}
}

// join adds what another tally counts.
func (t *windowTally) join(o windowTally) {
	if n := t.count + o.count; o.count > 0 {
		t.add(o.id, o.word, o.visit)
		t.count = n
	}
}

// windowTallies count the rows whose day is in no window, those without a day, and
// those that the day puts at another visit than the one they name.
type windowTallies struct{ outside, undated, moved windowTally }

func (p Protocol) hasWindows() bool {
	return slices.ContainsFunc(p.Visits, func(v Visit) bool { return v.HasWindow })
}

// plannedDay is the day of a visit's time.
func (v Visit) plannedDay() Value {
	return files.Decimal(float64(v.Time) / float64(24*time.Hour))
}

// windowOf is the visit whose window holds a day, −1 where none does. In two of
// them it is that of the nearer time, of two equally near the earlier.
func (p Protocol) windowOf(day Value) int {
	best := -1
	far := func(i int) float64 {
		x := day.Minus(p.Visits[i].plannedDay())
		return max(x, -x)
	}
	for i, v := range p.Visits {
		if v.HasWindow && day.Number >= v.Window[0] && day.Number <= v.Window[1] && (best < 0 || far(i) < far(best)) {
			best = i
		}
	}
	return best
}

// windowVisit is the visit that a row's day is of. The visit that the row names
// counts where that has no window, or where the row has no day.
func (l *loader) windowVisit(r files.Row, id, word string, named int) (visit int, reason string) {
	if named >= 0 && !l.p.Visits[named].HasWindow {
		return named, ""
	}
	day, dated, bad := l.readDay(r, id)
	switch {
	case bad:
		l.unknownVisit = true
		return -1, ""
	case !dated && named >= 0:
		return named, ""
	case !dated:
		l.windows.undated.add(id, "", "")
		return -1, "row-no-day"
	}
	best := l.p.windowOf(day)
	switch {
	case best < 0:
		l.windows.outside.add(id, day.Text(), "")
		return -1, "row-outside-windows"
	case named >= 0 && named != best:
		l.windows.moved.add(id, word, l.p.Visits[best].ID)
	}
	return best, ""
}

// windowNotes say which rows the windows left out or moved.
func (l *loader) windowNotes() []Note {
	var out []Note
	for _, n := range []struct {
		code string
		windowTally
	}{{"rows-outside-windows", l.windows.outside}, {"rows-without-day", l.windows.undated}, {"rows-by-day", l.windows.moved}} {
		if n.count > 0 {
			out = append(out, Note{Code: n.code, Args: map[string]any{"count": n.count, "participant": n.id, "written": n.word, "visit": n.visit}})
		}
	}
	return out
}

// checkRepeats checks what is said of repeated rows and windows.
func (c *checker) checkRepeats() {
	d := c.Data
	switch d.Repeats {
	case "", RepeatsRefuse:
	case RepeatsMean:
		for _, o := range c.Outcomes {
			if o.Kind != "" && o.Kind != KindContinuous {
				c.Add("data.repeats", "problem-repeats-mean", o.ID, string(o.Kind))
			}
		}
	case RepeatsFirst, RepeatsLast:
		if d.Day == "" {
			c.Add("data.repeats", "problem-repeats-order", string(d.Repeats))
		}
	default:
		c.Add("data.repeats", "problem-repeats-unknown", string(d.Repeats))
	}
	for i, v := range c.Visits {
		at := fmt.Sprintf("visits[%d].window", i)
		switch {
		case !v.HasWindow:
			if c.hasWindows() && d.Layout == Long && d.Visit == "" {
				c.Add(fmt.Sprintf("visits[%d]", i), "problem-window-missing", v.ID)
			}
			continue
		case !finite(v.Window[0]) || !finite(v.Window[1]) || v.Window[0] > v.Window[1]:
			c.Add(at, "problem-window-order", v.Window[0], v.Window[1])
			continue
		case d.Layout == Wide:
			c.Add(at, "problem-long-only")
			continue
		case d.Day == "":
			c.Add(at, "problem-window-no-day")
			continue
		}
		if day := v.plannedDay(); v.HasTime && (day.Number < v.Window[0] || day.Number > v.Window[1]) {
			c.Add(at, "problem-window-time", day.Number, v.Window[0], v.Window[1])
		}
		for _, w := range c.Visits[:i] {
			if w.HasWindow && v.Window[0] <= w.Window[1] && w.Window[0] <= v.Window[1] && !(v.HasTime && w.HasTime) {
				c.Add(at, "problem-windows-overlap", v.ID, w.ID)
				break
			}
		}
	}
}
