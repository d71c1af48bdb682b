package study

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
)

// Validate lists everything wrong with the protocol as Problems without lines,
// or returns nil. ParseProtocol and Load call it.
func (p Protocol) Validate() error {
	return problemsOf(p.check())
}

// problemsOf are faults as Problems without lines.
func problemsOf(faults []fault) error {
	var out Problems
	for _, f := range faults {
		out = append(out, Problem{Text: f.text})
	}
	return out.err()
}

// fault is a problem and the path of the field that it is about, such as
// outcomes[0].thresholds[1].value; a key of a map has "@" behind it.
type fault struct{ path, text string }

// checker collects faults.
type checker struct {
	Protocol
	faults []fault
}

const notBelow = "%v is not below %v"

func (c *checker) add(path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = strings.TrimSuffix(path, "@") + ": " + text
	}
	c.faults = append(c.faults, fault{path, text})
}

// check lists everything wrong with the protocol, in a fixed order.
// Outcomes count with what their instruments fill in.
func (p Protocol) check() []fault {
	c := &checker{Protocol: p.WithInstruments()}
	c.checkArms()
	c.checkVisits()
	for i, o := range c.Outcomes {
		c.checkOutcome(fmt.Sprintf("outcomes[%d]", i), o)
	}
	if len(p.Outcomes) == 0 {
		c.add("outcomes", "none are given")
	}
	c.unique("outcomes", "outcome", len(p.Outcomes), func(i int) string { return p.Outcomes[i].ID })
	c.checkData()
	c.checkPlans()
	c.checkTranslations(p.Translations)
	return c.faults
}

// unique checks that IDs are given, and given once.
func (c *checker) unique(path, what string, n int, id func(i int) string) {
	first := map[string]int{}
	for i := range n {
		s, at := id(i), fmt.Sprintf("%s[%d].id", path, i)
		if s == "" {
			c.add(at, "missing")
			continue
		}
		if s != strings.TrimSpace(s) {
			c.add(at, "%q begins or ends with a space", s)
		}
		if j, ok := first[s]; ok {
			c.add(at, "%s %q is declared twice (first as %s[%d])", what, s, path, j)
			continue
		}
		first[s] = i
	}
}

func (c *checker) checkArms() {
	controls := 0
	for i, a := range c.Arms {
		at := fmt.Sprintf("arms[%d]", i)
		if a.Control {
			if controls++; controls > 1 {
				c.add(at+".control", "a second control arm (%q); exactly one arm is the control", a.ID)
			}
		}
		if a.Randomized < 0 {
			c.add(at+".randomized", "%d is negative", a.Randomized)
		}
	}
	if len(c.Arms) < 2 {
		c.add("arms", "at least two arms are compared, %d given", len(c.Arms))
	}
	if controls == 0 && len(c.Arms) > 0 {
		c.add("arms", "no control arm; exactly one arm has control: true")
	}
	c.unique("arms", "arm", len(c.Arms), func(i int) string { return c.Arms[i].ID })

	r := c.Randomization
	switch r.Kind {
	case "", RandomizationUnknown, RandomizationComplete, RandomizationBlocked, RandomizationStratified:
	default:
		c.add("randomization.kind", "unknown kind %q (complete, blocked, stratified, unknown)", string(r.Kind))
	}
	switch {
	case r.Block < 0 || r.Block == 1:
		c.add("randomization.block", "a block has at least two participants, or is unknown")
	case r.Block > 0 && r.Kind == RandomizationComplete:
		c.add("randomization.block", "complete randomization has no blocks")
	}
	if r.Column != "" && r.Kind == RandomizationComplete {
		c.add("randomization.column", "complete randomization has no blocks or strata")
	}
}

func (c *checker) checkVisits() {
	if len(c.Visits) == 0 {
		c.add("visits", "none are given")
	}
	c.unique("visits", "visit", len(c.Visits), func(i int) string { return c.Visits[i].ID })
	last := -1
	for i, v := range c.Visits {
		if v.ID == "overall" {
			c.add(fmt.Sprintf("visits[%d].id", i), `"overall" is the name of the average over visits`)
		}
		if !v.HasTime {
			continue
		}
		if last >= 0 && v.Time < c.Visits[last].Time {
			c.add(fmt.Sprintf("visits[%d].time", i), "visit %q is earlier than visit %q before it; visits stand in order of time",
				v.ID, c.Visits[last].ID)
		}
		last = i
	}
	after := c.noBaseline() || c.baselineID() == ""
	for i, v := range c.Visits {
		if after && v.HasTime && v.Time < 0 {
			c.add(fmt.Sprintf("visits[%d].time", i), "visit %q is after baseline, and its time is before treatment", v.ID)
		}
		after = after || v.ID == c.baselineID()
	}
	if c.Baseline != "" && !c.noBaseline() && !c.hasVisit(c.Baseline) {
		c.add("baseline", "unknown visit %q (%s)", c.Baseline, c.visitIDs())
	}
}

func (c *checker) checkOutcome(at string, o Outcome) {
	c.checkInstrument(at, o)
	if o.Better != LowerIsBetter && o.Better != HigherIsBetter {
		c.add(at+".better", "missing for outcome %q; write lower or higher", o.ID)
	}
	for _, x := range []float64{o.Min, o.Max} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			c.add(at+".range", "%v is not a number", x)
			return
		}
	}
	if o.HasRange() && o.Min >= o.Max {
		c.add(at+".range", notBelow, o.Min, o.Max)
	}
	width := decimalValue(decimalDiff(decimalValue(o.Max), decimalValue(o.Min)))
	switch {
	case !(o.Resolution >= 0) || math.IsInf(o.Resolution, 0):
		c.add(at+".resolution", "%v is not a step of a scale", o.Resolution)
	case o.HasRange() && o.Min < o.Max && o.Resolution > width.Number:
		c.add(at+".resolution", "%v is coarser than the range %v to %v", o.Resolution, o.Min, o.Max)
	}
	for i, t := range o.Thresholds {
		c.checkThreshold(fmt.Sprintf("%s.thresholds[%d]", at, i), o, t, width.Number)
	}
}

func (c *checker) checkThreshold(at string, o Outcome, t Threshold, width float64) {
	finite := !math.IsNaN(t.Value) && !math.IsInf(t.Value, 0)
	ranged := o.HasRange() && o.Min < o.Max
	switch {
	case t.Kind == "":
		c.add(at+".kind", "missing; write MCID, MIC, MDC, SEM, PASS, percent or margin")
	case !t.Kind.IsChange() && t.Kind != PASS && t.Kind != Percent:
		c.add(at+".kind", "unknown kind %q (MCID, MIC, MDC, SEM, PASS, percent, margin)", string(t.Kind))
	case !finite:
		c.add(at+".value", "%v is not a number", t.Value)
	case t.Kind == PASS:
		if ranged && (t.Value < o.Min || t.Value > o.Max) {
			c.add(at+".value", "PASS %v is outside the range %v to %v", t.Value, o.Min, o.Max)
		}
	case t.Value <= 0:
		c.add(at+".value", "%s %v is not above 0; a threshold for change is a positive number, better says its direction", t.Kind, t.Value)
	case ranged && t.Kind.IsChange() && t.Value > width:
		c.add(at+".value", "%s %v exceeds %v, the largest change on the range %v to %v", t.Kind, t.Value, width, o.Min, o.Max)
	}
	switch level := t.level(); {
	case level == "":
		c.add(at+".level", "missing; write individual or between")
	case level != Individual && level != BetweenGroup:
		c.add(at+".level", "unknown level %q (individual, between)", string(level))
	case t.Kind == PASS && level != Individual:
		c.add(at+".level", "a PASS is one patient's state: individual")
	case t.Kind == Margin && level != BetweenGroup:
		c.add(at+".level", "a margin is for a difference between groups: between")
	}
	if t.N < 0 {
		c.add(at+".n", "%d is negative", t.N)
	}
	if t.CI != [2]float64{} && !(t.CI[0] < t.CI[1]) {
		c.add(at+".ci", notBelow, t.CI[0], t.CI[1])
	}
}

func (c *checker) hasVisit(id string) bool {
	return slices.ContainsFunc(c.Visits, func(v Visit) bool { return v.ID == id })
}

func (c *checker) hasOutcome(id string) bool {
	return slices.ContainsFunc(c.Outcomes, func(o Outcome) bool { return o.ID == id })
}

func (c *checker) visitIDs() string {
	return listIDs(c.Visits, func(v Visit) string { return v.ID })
}

func (c *checker) outcomeIDs() string {
	return listIDs(c.Outcomes, func(o Outcome) string { return o.ID })
}

func (c *checker) armIDs() string { return listIDs(c.Arms, func(a Arm) string { return a.ID }) }

func listIDs[T any](s []T, id func(T) string) string {
	ids := make([]string, len(s))
	for i, v := range s {
		ids[i] = id(v)
	}
	if len(ids) == 0 {
		return "none declared"
	}
	return strings.Join(ids, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := slices.Collect(maps.Keys(m))
	sort.Strings(keys)
	return keys
}
