package study

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// This file reads what happened to participants after randomization, and asks a plan's
// question of the data as its estimand says: package estimand decides what becomes of
// each value.

// EventCount counts an arm's participants to whom an intercurrent event happened.
type EventCount struct {
	Event, Label string
	N            int
}

// checkIntercurrent checks where the file is said to tell of intercurrent events.
func (c *checker) checkIntercurrent() {
	d := c.Data
	taken := map[string]string{}
	seen := map[string]bool{}
	for _, e := range d.Intercurrent {
		at := "data.intercurrent." + e.ID
		switch ways := btoi(e.Day != "") + btoi(e.Column != "") + btoi(len(e.Columns) > 0); {
		case e.ID == "":
			c.Add(at+"@", "problem-missing")
		case seen[e.ID]:
			c.Add(at+"@", "problem-intercurrent-twice", e.ID)
		case ways == 0:
			c.Add(at, "problem-intercurrent-place")
		case ways > 1:
			c.Add(at, "problem-intercurrent-both")
		}
		seen[e.ID] = true
		if e.Day != "" && len(e.Values) > 0 {
			c.Add(at+".values", "problem-intercurrent-values")
		}
		for _, column := range e.Names() {
			if c.isOutcomeColumn(column) || column == d.Participant || column == d.Arm || column == d.Visit || column == d.Day {
				c.Add(at, "problem-column-other", column)
			} else {
				c.once(taken, at, column)
			}
		}
		for _, visit := range sortedKeys(e.Columns) {
			here := at + ".column." + visit
			switch {
			case d.Layout == Long:
				c.Add(at+".column", "problem-intercurrent-long")
			case !c.hasVisit(visit):
				c.Add(here+"@", "problem-visit-unknown", visit, c.visitIDs())
			case c.baselineVisits()[visit]:
				c.Add(here+"@", "problem-intercurrent-baseline-column", visit)
			case e.Columns[visit] == "":
				c.Add(here, "problem-missing-column")
			}
		}
		for _, word := range sortedKeys(e.Values) {
			if m := e.Values[word]; m != "yes" && m != "no" {
				c.Add(at+".values."+word, "problem-values-binary", m)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// baselineVisits are the visits up to the first that is after baseline for some outcome.
func (p Protocol) baselineVisits() map[string]bool {
	out := map[string]bool{}
	base := p.baselineID()
	if base == "" || p.noBaseline() || !p.hasVisit(base) {
		return out
	}
	for _, v := range p.Visits {
		out[v.ID] = true
		if v.ID == base {
			break
		}
	}
	return out
}

// intercurrentColumns are the fields of a row that tell of an event: visits is nil but
// where columns do so by visit.
type intercurrentColumns struct {
	day, column int
	visits      map[int]int // visit → field
}

// intercurrentSeen is what rows told of an event: the lines of its day and of a yes or
// no of any time, and the first visit that said yes (−1: none).
type intercurrentSeen struct {
	line  int
	day   Value
	yes   bool
	visit int
}

func (l *loader) intercurrentColumns(e estimand.Event, find func(column, what string, args text.Args) int) intercurrentColumns {
	args := text.Args{"id": e.ID}
	c := intercurrentColumns{day: find(e.Day, "word-intercurrent", args), column: find(e.Column, "word-intercurrent", args)}
	for i, v := range l.p.Visits {
		if name := e.Columns[v.ID]; name != "" {
			if c.visits == nil {
				c.visits = map[int]int{}
			}
			c.visits[i] = find(name, "word-intercurrent", args)
		}
	}
	return c
}

// intercurrent reads what a row tells of intercurrent events.
func (l *loader) intercurrent(r files.Row, q *person, visit int) {
	if len(l.where.intercurrent) == 0 {
		return
	}
	q.more()
	if q.seldom.intercurrent == nil {
		q.seldom.intercurrent = make([]intercurrentSeen, len(l.where.intercurrent))
		for i := range q.seldom.intercurrent {
			q.seldom.intercurrent[i].visit = -1
		}
	}
	dated := false
	for i, c := range l.where.intercurrent {
		e, seen := l.p.Data.Intercurrent[i], &q.seldom.intercurrent[i]
		switch {
		case c.day >= 0:
			dated = true
			l.eventDay(r, q, c.day, e, seen)
		case c.column >= 0 && l.p.Data.Layout == Long:
			if yes, ok := l.happened(r, q, c.column, e); ok && yes && visit >= 0 {
				if l.p.baselineVisits()[l.p.Visits[visit].ID] {
					l.report(r, c.column, "problem-intercurrent-baseline", text.Args{"event": e.ID, "visit": l.p.Visits[visit].ID})
				} else if seen.visit < 0 || visit < seen.visit {
					seen.visit = visit
				}
			}
		case c.column >= 0:
			if yes, ok := l.happened(r, q, c.column, e); ok {
				switch {
				case seen.line == 0:
					seen.yes, seen.line = yes, r.Line()
				case seen.yes != yes:
					l.conflict(r, q, c.column, text.Phrase{Code: "word-intercurrent", Args: text.Args{"id": e.ID}}, seen.line)
				}
			}
		}
		for v := range l.p.Visits {
			if field, ok := c.visits[v]; ok && field >= 0 {
				if yes, ok := l.happened(r, q, field, e); ok && yes && (seen.visit < 0 || v < seen.visit) {
					seen.visit = v
				}
			}
		}
	}
	if day, ok := l.day(r); dated && visit >= 0 && ok {
		if q.days == nil {
			q.days = map[int]Value{}
		}
		if was, has := q.days[visit]; !has || l.dayCounts(visit, day, was) {
			q.days[visit] = day
		}
	}
}

// dayCounts reports whether a row's day is the visit's rather than another row's: as
// values count (Repeats), in a window the nearest to its time, else the earlier.
func (l *loader) dayCounts(visit int, day, was Value) bool {
	switch l.repeatRule(visit) {
	case RepeatsLast:
		return day.Compare(was) > 0
	case repeatsNearest:
		planned := l.p.Visits[visit].plannedDay()
		x, y := day.Minus(planned), was.Minus(planned)
		if x, y = max(x, -x), max(y, -y); x != y {
			return x < y
		}
	}
	return day.Compare(was) < 0
}

// eventDay reads the day of an event; rows that tell it must agree.
func (l *loader) eventDay(r files.Row, q *person, column int, e estimand.Event, seen *intercurrentSeen) {
	if l.isMissing(r.Text(column)) {
		return
	}
	v, ok := l.number(r, column, r.Text(column), q.ID, -1, e.Day)
	switch {
	case !ok || v.missing:
	case v.Number < 0:
		l.report(r, column, "problem-intercurrent-before", text.Args{"event": e.ID, "value": r.Text(column)})
	case seen.line == 0:
		seen.day, seen.yes, seen.line = v.Value, true, r.Line()
	case seen.day.Compare(v.Value) != 0:
		l.conflict(r, q, column, text.Phrase{Code: "word-intercurrent", Args: text.Args{"id": e.ID}}, seen.line)
	}
}

// happened reads a yes or no.
func (l *loader) happened(r files.Row, q *person, column int, e estimand.Event) (yes, ok bool) {
	s := r.Text(column)
	if l.isMissing(s) {
		if word, mapped := e.Values[s]; mapped {
			return word == "yes", true
		}
		return false, false
	}
	if yes, ok = e.Happened(s); !ok {
		words := sortedKeys(e.Values)
		if len(words) == 0 {
			words = []string{"yes", "no"}
		}
		l.report(r, column, "problem-intercurrent-word", text.Args{"word": clip(s), "event": e.ID, "words": quotedList(words, 8)})
	}
	return yes, ok
}

// finishIntercurrent gives every participant what happened.
func (l *loader) finishIntercurrent() {
	if len(l.where.intercurrent) == 0 {
		return
	}
	for _, q := range l.people {
		for i, seen := range q.more().seldom.intercurrent {
			o := estimand.Occurrence{Event: l.p.Data.Intercurrent[i].ID}
			switch {
			case seen.visit >= 0:
				o.Visit = l.p.Visits[seen.visit].ID
			case l.where.intercurrent[i].day >= 0 && seen.yes:
				o.Day, o.HasDay = seen.day.Number, true
			case !seen.yes:
				continue
			}
			q.Intercurrent = append(q.Intercurrent, o)
		}
	}
}

// setWords are the sets that an estimand may be asked of.
func (c *checker) setWords() []string {
	return append([]string{SetITT}, sortedKeys(c.Data.Sets)...)
}

// EstimandOf is the estimand that a plan names.
func (p Protocol) EstimandOf(q Plan) (estimand.Estimand, bool) {
	i := slices.IndexFunc(p.Estimands, func(e estimand.Estimand) bool { return e.ID == q.Estimand })
	if i < 0 || q.Estimand == "" {
		return estimand.Estimand{}, false
	}
	return p.Estimands[i], true
}

// checkEstimands checks what is asked, whatever the plans.
func (c *checker) checkEstimands() {
	if c.Estimand != "" && len(c.Estimands) > 0 {
		c.Add("estimands", "problem-estimand-both")
	}
	estimand.Check(&c.Checker, c.Estimands, c.Data.Intercurrent, c.setWords())
}

// checkPlanEstimand refuses a plan that cannot honor the strategies of its estimand.
func (c *checker) checkPlanEstimand(at string, p Plan) {
	if p.Estimand == "" {
		return
	}
	at += ".estimand"
	e, ok := c.EstimandOf(p)
	if !ok {
		c.Add(at, "problem-id-unknown", yamlfile.Phrase("word-estimands"), p.Estimand, yamlfile.ListIDs(c.Estimands, func(e estimand.Estimand) string { return e.ID }))
		return
	}
	switch decides := p.Role == RolePrimary || p.Role == RoleSensitivity; {
	case p.Set != "":
		c.Add(at, "problem-estimand-set")
	case decides && e.Set != "" && e.Set != SetITT:
		c.Add(at, "problem-set-primary", e.Set)
	}
	o, known := c.Outcome(p.Outcome)
	if !known {
		return
	}
	for _, h := range e.Strategies {
		i := slices.IndexFunc(c.Data.Intercurrent, func(x estimand.Event) bool { return x.ID == h.Event })
		if i < 0 {
			continue // which is told of the estimand
		}
		if code, args := c.strategyFault(p, o, h, c.Data.Intercurrent[i]); code != "" {
			c.Add(at, code, append([]any{h.Event}, args...)...)
		}
	}
}

// strategyFault says why a plan cannot honor a strategy; "" where it can.
func (c *checker) strategyFault(p Plan, o Outcome, h estimand.Handling, ev estimand.Event) (string, []any) {
	post := c.postVisits(p.Outcome)
	if ev.Day != "" { // a visit that a file leaves out has no other day
		for _, v := range post {
			if !v.HasTime {
				return "problem-estimand-days", []any{v.ID}
			}
		}
	}
	timed := ev.Day != "" || len(ev.Columns) > 0 || c.Data.Layout == Long
	if h.Strategy == estimand.TreatmentPolicy {
		if !timed && len(post) > 1 && p.Impute.Assume != "" {
			return "problem-estimand-untimed", nil
		}
		return "", nil
	}
	model := c.planDefaults(p).Model
	last := len(post) > 0 && p.Visit == post[len(post)-1].ID
	switch {
	case o.Counted():
		return "problem-estimand-count", nil
	case !timed && len(post) > 1 && !(h.Strategy == estimand.Composite && last && !model.repeated()):
		return "problem-estimand-untimed", nil
	case h.Strategy == estimand.Hypothetical && !o.Measured() && p.Impute.Assume == "":
		return "problem-estimand-hypothetical-kind", nil
	case h.Strategy == estimand.Hypothetical && p.Impute.Assume == "" && model != MMRM && model != CLDA && model != LMM:
		return "problem-estimand-hypothetical-model", []any{string(model)}
	case h.Value == estimand.Worst && o.Measured() && !o.HasRange():
		return "problem-estimand-worst", nil
	case h.Value == estimand.ZeroChange && (!o.Measured() || !c.hasBaseline(o)):
		return "problem-estimand-zero-change", nil
	case h.Value == estimand.TrimmedMean && !o.Measured():
		return "problem-estimand-trimmed-kind", nil
	case h.Value == estimand.TrimmedMean && model != TrimmedMeans:
		return "problem-estimand-trimmed", []any{string(model)}
	}
	return "", nil
}

// askedData is what an estimand made of an outcome's values: Dataset.under has them in
// its cells.
type askedData struct {
	estimand estimand.Estimand
	visits   []Visit           // after baseline
	slots    []int             // of them
	cells    [][]estimand.Cell // participant → visit
}

// use is what became of a participant's value in a slot.
func (a *askedData) use(participant, slot int) estimand.Use {
	if a == nil {
		return ""
	}
	v := slices.Index(a.slots, slot)
	if v < 0 {
		return ""
	}
	return a.cells[participant][v].Use
}

// anySetAside reports whether a value of a participant was set aside.
func (a *askedData) anySetAside(id string, d *Dataset) bool {
	if a == nil {
		return false
	}
	i, _ := d.position(id)
	return slices.ContainsFunc(a.cells[i], func(c estimand.Cell) bool { return c.Use == estimand.SetAside })
}

// under is the data as the plan's estimand asks of its outcome: values after events are
// set aside, given or replaced; d itself where the plan names none.
func (d *Dataset) under(p Plan) *Dataset {
	e, ok := d.protocol.EstimandOf(p)
	if !ok || d.answers != nil {
		return d
	}
	key := e.ID + "\x00" + p.Outcome
	if x, ok := d.asked.Load(key); ok {
		return x.(*Dataset)
	}
	x, _ := d.asked.LoadOrStore(key, d.ask(e, p.Outcome))
	return x.(*Dataset)
}

func (d *Dataset) ask(e estimand.Estimand, outcome string) *Dataset {
	o, _ := d.outcome(outcome)
	a := &askedData{estimand: e, visits: d.PostVisits(outcome)}
	var ids []string
	for _, v := range a.visits {
		slot, _ := d.slot(outcome, v.ID)
		a.slots, ids = append(a.slots, slot), append(ids, v.ID)
	}
	base, based := d.slot(outcome, d.BaselineVisit(outcome).ID)
	out := d.clone(a)
	for _, p := range d.participants {
		observed := make([]bool, len(a.slots))
		for v, slot := range a.slots {
			observed[v] = p.cells[slot].ok
		}
		first := map[string]int{}
		for _, x := range p.Intercurrent {
			first[x.Event] = x.First(ids, d.daysOf(p, a.visits))
		}
		cells := e.Resolve(observed, first)
		moved := p.copied()
		for v, c := range cells {
			switch c.Use {
			case estimand.SetAside, estimand.NoneBefore, estimand.RankedWorst, estimand.LostRankedWorst:
				moved.cells[a.slots[v]] = cell{}
			case estimand.LastBefore:
				moved.take(a.slots[v], p, a.slots[c.From])
			case estimand.Given:
				switch {
				case c.Given == estimand.Worst:
					moved.put(a.slots[v], o.worst())
				case based:
					moved.take(a.slots[v], p, base)
				}
			}
		}
		a.cells, out.participants = append(a.cells, cells), append(out.participants, moved)
	}
	return out
}

// copied is a subject whose values can be changed.
func (x *subject) copied() *subject {
	out := *x
	out.cells = slices.Clone(x.cells)
	if !x.shared {
		own := *x.details
		out.details, own.long = &own, maps.Clone(own.long)
	}
	return &out
}

// take makes a slot hold what another one does.
func (x *subject) take(slot int, from *subject, other int) {
	if x.cells[slot] = from.cells[other]; x.cells[slot].long {
		x.long[slot] = from.long[other]
	}
}

// clone is the data without participants, as they answer an estimand.
func (d *Dataset) clone(a *askedData) *Dataset {
	return &Dataset{protocol: d.protocol, outcomes: d.outcomes, visits: d.visits, strata: d.strata, decimals: d.decimals, accounting: d.accounting,
		events: d.events, source: d.source, notes: d.notes, columns: d.columns, protocolFile: d.protocolFile, randomizationAt: d.randomizationAt, answers: a}
}

// worst is the worst value there is.
func (o Outcome) worst() Value {
	lo, hi := o.Min, o.Max
	switch {
	case o.Binary():
		lo, hi = 0, 1
	case o.Ordinal():
		lo, hi = 1, float64(len(o.Levels))
	}
	if o.Better == LowerIsBetter {
		return files.Decimal(hi)
	}
	return files.Decimal(lo)
}

// daysOf are the days of a participant's visits: of their rows, else of their times; NaN
// where neither is known.
func (d *Dataset) daysOf(p *subject, visits []Visit) []float64 {
	out := make([]float64, len(visits))
	for i, v := range visits {
		out[i] = math.NaN()
		if day, ok := p.days[d.visits[v.ID]]; ok {
			out[i] = day.Number
		} else if v.HasTime {
			out[i] = v.plannedDay().Number
		}
	}
	return out
}

// Asked says what a plan with an estimand did with whom at a visit: the counts of every
// arm add up to those randomized.
type Asked struct {
	Estimand, Outcome, Visit string
	Method                   Method
	Measure                  Measure
	Arms                     []AskedArm // control last
}

// AskedArm is what was done with an arm's participants.
type AskedArm struct {
	Arm                  string
	Randomized, Analyzed int
	Uses                 []UseCount
	// Days are the days under treatment of those with a value while on treatment: up to
	// the event, else to the visit. Nil where no event is handled so, or days are unknown.
	Days *stats.Description
}

// UseCount counts participants of an arm. Reason is why they are not analyzed, a code of
// the message catalog; "" are analyzed, and Use says with what value.
type UseCount struct {
	Use    estimand.Use
	Event  string
	Reason string
	N      int
}

// asked counts what was done with whom, from the rows of the plan's own method.
func (c *comparison) asked(d *Dataset, rows []Row) []Asked {
	a := d.answers
	v := -1
	if a != nil {
		v = slices.IndexFunc(a.visits, func(x Visit) bool { return x.ID == c.visit.ID })
	}
	if v < 0 || len(rows) == 0 {
		return nil
	}
	out := Asked{Estimand: a.estimand.ID, Outcome: c.outcome.ID, Visit: c.visit.ID, Method: rows[0].Method, Measure: rows[0].Measure}
	for _, arm := range c.arms {
		i := slices.IndexFunc(rows, func(r Row) bool { _, ok := r.N[arm.ID]; return ok })
		if i < 0 {
			continue
		}
		left, count := map[string]string{}, map[UseCount]int{}
		for _, x := range rows[i].Dropped {
			if x.Arm == arm.ID && x.ID != "" {
				left[x.ID] = x.Reason
			} else if x.Arm == arm.ID {
				count[UseCount{Reason: x.Reason}]++
			}
		}
		var days []float64
		for k, p := range d.participants {
			if p.Arm != arm.ID {
				continue
			}
			cell := a.cells[k][v]
			key := UseCount{Use: cell.Use, Event: cell.Event, Reason: left[p.ID]}
			count[key]++
			if key.Reason == "" && cell.Use.Value() {
				days = append(days, d.treatedDays(p, cell, v))
			}
		}
		x := AskedArm{Arm: arm.ID, Randomized: rows[i].Randomized[arm.ID], Analyzed: rows[i].N[arm.ID]}
		for key, n := range count {
			key.N = n
			x.Uses = append(x.Uses, key)
		}
		order := estimand.Uses()
		slices.SortFunc(x.Uses, func(p, q UseCount) int {
			return cmp.Or(cmp.Compare(btoi(p.Reason != ""), btoi(q.Reason != "")), cmp.Compare(slices.Index(order, p.Use), slices.Index(order, q.Use)),
				cmp.Compare(p.Event, q.Event), cmp.Compare(p.Reason, q.Reason))
		})
		if a.estimand.Uses(estimand.WhileOnTreatment) && !slices.ContainsFunc(days, math.IsNaN) {
			if s, err := stats.Describe(days); err == nil {
				x.Days = &s
			}
		}
		out.Arms = append(out.Arms, x)
	}
	return []Asked{out}
}

// treatedDays are the days under treatment of a value at a visit.
func (d *Dataset) treatedDays(p *subject, c estimand.Cell, visit int) float64 {
	days := d.daysOf(p, d.answers.visits)
	if c.Use != estimand.LastBefore {
		return days[visit]
	}
	for _, x := range p.Intercurrent {
		if x.Event == c.Event && x.HasDay {
			return x.Day
		}
	}
	return days[c.From]
}
