package harms

import (
	"cmp"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/table"
)

// Kind is what a row counts.
type Kind string

// Kinds of rows.
const (
	Any           Kind = "any"
	AnySerious    Kind = "serious"
	AnyRelated    Kind = "related"
	AnyWithdrawal Kind = "withdrawal"
	OfTerm        Kind = "term"
)

// Person is a participant who is counted.
type Person struct {
	Arm    string
	Events []Event
	// Exposure is how long the person was followed; 0 means not recorded.
	Exposure float64
}

// Difference is a compared pair of proportions, active − control.
type Difference struct {
	Method                 string
	Estimate, Lower, Upper float64
}

// Options say how the table is made.
type Options struct {
	Spec  Spec
	Arms  []string // the control last
	Level float64
	// Compare compares an active arm with the control; ok is false where that is
	// impossible.
	Compare func(active, control table.Count, arm, against string) (d Difference, ok bool)
}

// Table is the adverse events of a trial by arm.
type Table struct {
	Level float64
	// Unit of the time of observation, "" where none is recorded; Timed tells whether
	// days of events are.
	Unit  Unit
	Timed bool
	// Rows are any event, the kinds that the file records (serious, related, led to
	// withdrawal), and each term: that of the most participants first, then by name.
	Rows []Row
}

// Row counts one kind of event, or one term, in every arm.
type Row struct {
	Kind Kind
	Term string // of OfTerm
	// Arms in the order of Options; Contrasts are one for each active arm.
	Arms      []Count
	Contrasts []Contrast
}

// Total is how many participants of all arms had the event.
func (r Row) Total() int {
	n := 0
	for _, a := range r.Arms {
		n += a.Participants
	}
	return n
}

// Count is an arm's: participants with at least one event of all N of the arm, and
// their events.
type Count struct {
	Arm             string
	Participants, N int
	Events          int
	// Unknown are participants of whom an event is not recorded to be of the kind or
	// not, and none is. They are not among Participants: not recorded is not no.
	Unknown int
	// Lower and Upper are Clopper and Pearson's limits of the risk, at Table.Level:
	// also where nobody had the event. NaN for N = 0.
	Lower, Upper float64
	// Exposure is the time of observation of all those of whom it is recorded, and
	// NotFollowed counts the others. EventRate is events in a unit of it, which has no
	// interval: one person's events are not independent. All NaN without a record.
	Exposure    float64
	NotFollowed int
	EventRate   float64
	// AtRisk is the time until the first event, or until the end of observation, and
	// Incidence the participants with an event in a unit of it, with Garwood's exact
	// limits; NaN without days, and where a first day is not recorded.
	AtRisk, Incidence, IncidenceLower, IncidenceUpper float64
}

// Contrast is the difference in the proportion with an event, active − control; NaN
// where it cannot be had.
type Contrast struct {
	Arm, Control             string
	Method                   string
	Difference, Lower, Upper float64
}

// kinds are the rows before the terms, with what makes an event one of them; nil where
// the file does not record it.
func kinds(s Spec) []struct {
	kind Kind
	is   func(Event) Answer
} {
	type row = struct {
		kind Kind
		is   func(Event) Answer
	}
	out := []row{{Any, func(Event) Answer { return Yes }}}
	if s.Serious != "" {
		out = append(out, row{AnySerious, func(e Event) Answer { return e.Serious }})
	}
	if s.Related != "" {
		out = append(out, row{AnyRelated, func(e Event) Answer { return e.Related }})
	}
	if s.Withdrawal != "" {
		out = append(out, row{AnyWithdrawal, func(e Event) Answer { return e.Withdrawal }})
	}
	return out
}

// New makes the table. People without events are counted: who has no line had no event.
//
// The risk is participants with at least one event of those in the arm; a person with
// three headaches is one participant and three events. Limits are Clopper and Pearson's
// (table.ClopperPearson), so that an arm without an event has its upper limit. The
// incidence rate counts first events in the time at risk of one, min(day of the first,
// time observed), with limits exact for a constant hazard (table.Poisson; Garwood 1936,
// doi 10.1093/biomet/28.3-4.437). Nothing is tested: with many terms some differ by
// chance alone.
func New(people []Person, o Options) Table {
	t := Table{Level: o.Level, Timed: o.Spec.Day != ""}
	if o.Spec.Exposure != "" {
		t.Unit = o.Spec.Unit
	}
	for _, k := range kinds(o.Spec) {
		t.Rows = append(t.Rows, t.row(people, o, Row{Kind: k.kind}, k.is))
	}
	seen := map[string]bool{}
	first := len(t.Rows)
	for _, p := range people {
		for _, e := range p.Events {
			if seen[e.Term] {
				continue
			}
			seen[e.Term] = true
			t.Rows = append(t.Rows, t.row(people, o, Row{Kind: OfTerm, Term: e.Term}, func(x Event) Answer {
				if x.Term == e.Term {
					return Yes
				}
				return No
			}))
		}
	}
	slices.SortFunc(t.Rows[first:], func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Total(), a.Total()), cmp.Compare(a.Term, b.Term))
	})
	return t
}

// row counts the events that are of a kind.
func (t Table) row(people []Person, o Options, r Row, is func(Event) Answer) Row {
	for _, arm := range o.Arms {
		c := Count{Arm: arm}
		untimed := false
		for _, p := range people {
			if p.Arm != arm {
				continue
			}
			c.N++
			n, unknown, begin, timed := 0, false, math.Inf(1), true
			for _, e := range p.Events {
				switch is(e) {
				case Unknown:
					unknown = true
				case Yes:
					n++
					timed = timed && e.HasDay
					begin = math.Min(begin, e.Day)
				}
			}
			switch {
			case n > 0:
				c.Participants++
			case unknown:
				c.Unknown++
			}
			c.Events += n
			if !(p.Exposure > 0) {
				c.NotFollowed++
				continue
			}
			c.Exposure += p.Exposure
			c.EventRate += float64(n) // divided below
			if n == 0 {
				c.AtRisk += p.Exposure
				continue
			}
			c.Incidence++
			untimed = untimed || !timed
			c.AtRisk += math.Min(p.Exposure, begin/t.Unit.perDay())
		}
		t.limits(&c, untimed)
		r.Arms = append(r.Arms, c)
	}
	control := r.Arms[len(r.Arms)-1]
	for _, a := range r.Arms[:len(r.Arms)-1] {
		x := Contrast{Arm: a.Arm, Control: control.Arm, Difference: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
		if d, ok := o.Compare(table.Count{Events: a.Participants, N: a.N}, table.Count{Events: control.Participants, N: control.N}, a.Arm, control.Arm); ok {
			x.Method, x.Difference, x.Lower, x.Upper = d.Method, d.Estimate, d.Lower, d.Upper
		}
		r.Contrasts = append(r.Contrasts, x)
	}
	return r
}

// perDay is a unit's length in days; 1 where there is none, and no rate either.
func (u Unit) perDay() float64 {
	if d := u.Days(); d > 0 {
		return d
	}
	return 1
}

// limits fills in what the counts give.
func (t Table) limits(c *Count, untimed bool) {
	nan := math.NaN()
	c.Lower, c.Upper, c.IncidenceLower, c.IncidenceUpper = nan, nan, nan, nan
	if p, err := table.ClopperPearson(table.Count{Events: c.Participants, N: c.N}); err == nil {
		ci := p.CI(t.Level)
		c.Lower, c.Upper = ci.Lo, ci.Hi
	}
	if t.Unit == "" || c.Exposure == 0 {
		c.Exposure, c.EventRate, c.AtRisk, c.Incidence, c.NotFollowed = nan, nan, nan, nan, 0
		return
	}
	c.EventRate /= c.Exposure
	first := int(c.Incidence)
	c.Incidence = nan
	rate, err := table.Poisson(table.PoissonRate{Events: first, Exposure: c.AtRisk})
	if !t.Timed || untimed || err != nil {
		c.AtRisk = nan
		return
	}
	ci := rate.CI(t.Level)
	c.Incidence, c.IncidenceLower, c.IncidenceUpper = rate.Point(), ci.Lo, ci.Hi
}
