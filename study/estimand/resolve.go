package estimand

import "strconv"

func itoa(i int) string { return strconv.Itoa(i) }

// Use is what an estimand does with a participant's value at a visit.
type Use string

// Uses.
const (
	// Observed: there is a value, and no event before it.
	Observed Use = "observed"
	// ObservedAfter: there is one after an event of treatment policy.
	ObservedAfter Use = "observed-after"
	// SetAside: the visit is after an event of a hypothetical strategy, whether or not
	// there is a value.
	SetAside Use = "set-aside"
	// Given: it is after one of a composite strategy, which gives a value.
	Given Use = "given"
	// RankedWorst: it is after one of a composite strategy that has trimmed means, and
	// there is no value: the participant ranks worse than everybody who has one. LostRankedWorst:
	// the same, as there is no value and Estimand.Lost says so.
	RankedWorst     Use = "ranked-worst"
	LostRankedWorst Use = "lost-worst"
	// LastBefore: it is after one of while on treatment, and the last value before the
	// event stands for it; NoneBefore: there was none after baseline.
	LastBefore Use = "last-before"
	NoneBefore Use = "none-before"
	// Absent: there is no value, and no event before it; AbsentAfter: there is none after
	// an event of treatment policy.
	Absent      Use = "absent"
	AbsentAfter Use = "absent-after"
)

// Uses are all, in the order in which reports count them.
var uses = []Use{Observed, ObservedAfter, LastBefore, Given, RankedWorst, LostRankedWorst, SetAside, NoneBefore, AbsentAfter, Absent}

// Uses returns all uses in the order in which reports count them.
func Uses() []Use { return append([]Use(nil), uses...) }

// Value reports whether the participant has a value that is used.
func (u Use) Value() bool {
	switch u {
	case Observed, ObservedAfter, Given, LastBefore:
		return true
	}
	return false
}

// Worst reports whether the participant has no value, and ranks worst.
func (u Use) Worst() bool { return u == RankedWorst || u == LostRankedWorst }

// Cell is what becomes of a participant's value at a visit.
type Cell struct {
	Use   Use
	Event string // that decides; "" where none does
	Given Value  // of Given
	From  int    // of LastBefore: the visit whose value stands for it
}

// rank orders strategies at one visit: which decides.
var rank = map[Strategy]int{Composite: 0, WhileOnTreatment: 1, Hypothetical: 2}

// Resolve says what becomes of a participant's values at the visits after baseline, in
// their order. observed tells where there is one; first is the first visit after each of
// the participant's events (Occurrence.First), by ID. Events that the estimand does not
// name change nothing.
func (e Estimand) Resolve(observed []bool, first map[string]int) []Cell {
	n := len(observed)
	decides, at := Handling{}, n
	policy := make([]string, n) // the first event of treatment policy before each visit
	for _, h := range e.Strategies {
		v, happened := first[h.Event]
		if !happened || v >= n {
			continue
		}
		if h.Strategy == TreatmentPolicy {
			for ; v < n; v++ {
				if was := policy[v]; was == "" || first[was] > first[h.Event] {
					policy[v] = h.Event
				}
			}
			continue
		}
		if v < at || v == at && rank[h.Strategy] < rank[decides.Strategy] {
			decides, at = h, v
		}
	}
	last := -1
	for v := range at {
		if observed[v] {
			last = v
		}
	}
	out := make([]Cell, n)
	for v := range out {
		c := &out[v]
		switch {
		case v >= at:
			c.Event = decides.Event
			switch decides.Strategy {
			case Hypothetical:
				c.Use = SetAside
			case Composite:
				if c.Use, c.Given = Given, decides.Value; c.Given == TrimmedMean {
					c.Use = RankedWorst
				}
			default:
				if c.Use, c.From = LastBefore, last; last < 0 {
					c.Use = NoneBefore
				}
			}
		case policy[v] != "":
			if c.Use, c.Event = AbsentAfter, policy[v]; observed[v] {
				c.Use = ObservedAfter
			}
		case observed[v]:
			c.Use = Observed
		default:
			c.Use = Absent
		}
		if e.Lost == LostWorst && (c.Use == Absent || c.Use == AbsentAfter || c.Use == NoneBefore) {
			c.Use, c.Event = LostRankedWorst, ""
		}
	}
	return out
}
