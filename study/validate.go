package study

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
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
		out = append(out, f.problem(0, 0))
	}
	return out.Err()
}

// fault is a problem and the path of the field that it is about, such as
// outcomes[0].thresholds[1].value; a key of a map has "@" behind it.
type fault struct {
	path string
	said text.Phrase
}

// problem is the fault at a place, with its path before it.
func (f fault) problem(line, column int) Problem {
	if f.path == "" {
		return files.NewProblem(line, column, f.said.Code, f.said.Args)
	}
	return files.NewProblem(line, column, "problem-at", text.Args{"path": strings.TrimSuffix(f.path, "@"), "text": f.said})
}

// phrase is a message of the catalog with the arguments {1}, {2} ….
func phrase(code string, args ...any) text.Phrase {
	p := text.Phrase{Code: code, Args: text.Args{}}
	for i, a := range args {
		p.Args[strconv.Itoa(i+1)] = a
	}
	return p
}

// checker collects faults.
type checker struct {
	Protocol
	faults []fault
}

// add adds a message of the catalog with the arguments {1}, {2} ….
func (c *checker) add(path, code string, args ...any) {
	c.faults = append(c.faults, fault{path, phrase(code, args...)})
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
		c.add("outcomes", "problem-none-given")
	}
	c.unique("outcomes", "word-outcomes", len(p.Outcomes), func(i int) string { return p.Outcomes[i].ID })
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
			c.add(at, "problem-missing")
			continue
		}
		if s != strings.TrimSpace(s) {
			c.add(at, "problem-space-at-end", s)
		}
		if j, ok := first[s]; ok {
			c.add(at, "problem-declared-twice", phrase(what), s, path, j)
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
				c.add(at+".control", "problem-second-control", a.ID)
			}
		}
		if a.Randomized < 0 {
			c.add(at+".randomized", "problem-negative", a.Randomized)
		}
	}
	if len(c.Arms) < 2 {
		c.add("arms", "problem-arms-few", len(c.Arms))
	}
	if controls == 0 && len(c.Arms) > 0 {
		c.add("arms", "problem-no-control")
	}
	c.unique("arms", "word-arm", len(c.Arms), func(i int) string { return c.Arms[i].ID })

	r := c.Randomization
	switch r.Kind {
	case "", RandomizationUnknown, RandomizationComplete, RandomizationBlocked, RandomizationStratified:
	default:
		c.add("randomization.kind", "problem-unknown-randomization", string(r.Kind))
	}
	switch {
	case r.Block < 0 || r.Block == 1:
		c.add("randomization.block", "problem-block-size")
	case r.Block > 0 && r.Kind == RandomizationComplete:
		c.add("randomization.block", "problem-complete-no-blocks")
	}
	if r.Column != "" && r.Kind == RandomizationComplete {
		c.add("randomization.column", "problem-complete-no-strata")
	}
	c.checkStrata()
}

func (c *checker) checkVisits() {
	if len(c.Visits) == 0 {
		c.add("visits", "problem-none-given")
	}
	c.unique("visits", "word-visits", len(c.Visits), func(i int) string { return c.Visits[i].ID })
	last := -1
	for i, v := range c.Visits {
		if v.ID == "overall" {
			c.add(fmt.Sprintf("visits[%d].id", i), "problem-overall-taken")
		}
		if !v.HasTime {
			continue
		}
		if last >= 0 && v.Time < c.Visits[last].Time {
			c.add(fmt.Sprintf("visits[%d].time", i), "problem-visit-order",
				v.ID, c.Visits[last].ID)
		}
		last = i
	}
	after := c.noBaseline() || c.baselineID() == ""
	for i, v := range c.Visits {
		if after && v.HasTime && v.Time < 0 {
			c.add(fmt.Sprintf("visits[%d].time", i), "problem-visit-time", v.ID)
		}
		after = after || v.ID == c.baselineID()
	}
	if c.Baseline != "" && !c.noBaseline() && !c.hasVisit(c.Baseline) {
		c.add("baseline", "problem-visit-unknown", c.Baseline, c.visitIDs())
	}
}

func (c *checker) checkOutcome(at string, o Outcome) {
	c.checkInstrument(at, o)
	if o.Better != LowerIsBetter && o.Better != HigherIsBetter {
		c.add(at+".better", "problem-better-missing", o.ID)
	}
	for _, x := range []float64{o.Min, o.Max} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			c.add(at+".range", "problem-value-not-a-number", x)
			return
		}
	}
	if o.HasRange() && o.Min >= o.Max {
		c.add(at+".range", "problem-not-below", o.Min, o.Max)
	}
	width := files.Decimal(files.Decimal(o.Max).Minus(files.Decimal(o.Min)))
	switch {
	case !(o.Resolution >= 0) || math.IsInf(o.Resolution, 0):
		c.add(at+".resolution", "problem-not-a-step", o.Resolution)
	case o.HasRange() && o.Min < o.Max && o.Resolution > width.Number:
		c.add(at+".resolution", "problem-step-coarse", o.Resolution, o.Min, o.Max)
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
		c.add(at+".kind", "problem-threshold-kind-missing")
	case !t.Kind.IsChange() && t.Kind != PASS && t.Kind != Percent:
		c.add(at+".kind", "problem-threshold-kind-unknown", string(t.Kind))
	case !finite:
		c.add(at+".value", "problem-value-not-a-number", t.Value)
	case t.Kind == PASS:
		if ranged && (t.Value < o.Min || t.Value > o.Max) {
			c.add(at+".value", "problem-pass-outside", t.Value, o.Min, o.Max)
		}
	case t.Value <= 0:
		c.add(at+".value", "problem-threshold-not-positive", t.Kind, t.Value)
	case ranged && t.Kind.IsChange() && t.Value > width:
		c.add(at+".value", "problem-threshold-too-large", t.Kind, t.Value, width, o.Min, o.Max)
	}
	switch level := t.level(); {
	case level == "":
		c.add(at+".level", "problem-threshold-level-missing")
	case level != Individual && level != BetweenGroup:
		c.add(at+".level", "problem-threshold-level-unknown", string(level))
	case t.Kind == PASS && level != Individual:
		c.add(at+".level", "problem-pass-individual")
	case t.Kind == Margin && level != BetweenGroup:
		c.add(at+".level", "problem-margin-between")
	}
	if t.N < 0 {
		c.add(at+".n", "problem-negative", t.N)
	}
	if t.CI != [2]float64{} && !(t.CI[0] < t.CI[1]) {
		c.add(at+".ci", "problem-not-below", t.CI[0], t.CI[1])
	}
}

func (c *checker) hasOutcome(id string) bool {
	return slices.ContainsFunc(c.Outcomes, func(o Outcome) bool { return o.ID == id })
}

func (c *checker) visitIDs() any {
	return listIDs(c.Visits, func(v Visit) string { return v.ID })
}

func (c *checker) outcomeIDs() any {
	return listIDs(c.Outcomes, func(o Outcome) string { return o.ID })
}

func (c *checker) armIDs() any { return listIDs(c.Arms, func(a Arm) string { return a.ID }) }

// listIDs lists IDs, as an argument of a message.
func listIDs[T any](s []T, id func(T) string) any {
	ids := make([]string, len(s))
	for i, v := range s {
		ids[i] = id(v)
	}
	if len(ids) == 0 {
		return text.Phrase{Code: "word-none-declared"}
	}
	return strings.Join(ids, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := slices.Collect(maps.Keys(m))
	sort.Strings(keys)
	return keys
}
