package study

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/study/assumed"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Validate lists everything wrong with the protocol as Problems without lines,
// or returns nil. ParseProtocol and Load call it.
func (p Protocol) Validate() error {
	return yamlfile.ProblemsOf(p.check())
}

// checker collects what is wrong with a protocol.
type checker struct {
	Protocol
	yamlfile.Checker
}

// check lists everything wrong with the protocol, in a fixed order.
// Outcomes count with what their instruments fill in.
func (p Protocol) check() []yamlfile.Fault {
	c := &checker{Protocol: p.WithInstruments()}
	c.checkArms()
	c.checkVisits()
	for i, o := range c.Outcomes {
		o.Check(&c.Checker, fmt.Sprintf("outcomes[%d]", i))
	}
	if len(p.Outcomes) == 0 {
		c.Add("outcomes", "problem-none-given")
	}
	c.Unique("outcomes", "word-outcomes", len(p.Outcomes), func(i int) string { return p.Outcomes[i].ID })
	c.checkFlow()
	c.checkData()
	c.checkPlans()
	c.checkSubgroups()
	c.checkAssumed()
	c.Languages(p.Translations)
	return c.Faults
}

func (c *checker) checkArms() {
	controls := 0
	for i, a := range c.Arms {
		at := fmt.Sprintf("arms[%d]", i)
		if a.Control {
			if controls++; controls > 1 {
				c.Add(at+".control", "problem-second-control", a.ID)
			}
		}
		if a.Randomized < 0 {
			c.Add(at+".randomized", "problem-negative", a.Randomized)
		}
	}
	if len(c.Arms) < 2 {
		c.Add("arms", "problem-arms-few", len(c.Arms))
	}
	if controls == 0 && len(c.Arms) > 0 {
		c.Add("arms", "problem-no-control")
	}
	c.Unique("arms", "word-arm", len(c.Arms), func(i int) string { return c.Arms[i].ID })

	r := c.Randomization
	switch r.Kind {
	case "", RandomizationUnknown, RandomizationComplete, RandomizationBlocked, RandomizationStratified:
	default:
		c.Add("randomization.kind", "problem-unknown-randomization", string(r.Kind))
	}
	switch {
	case r.Block < 0 || r.Block == 1:
		c.Add("randomization.block", "problem-block-size")
	case r.Block > 0 && r.Kind == RandomizationComplete:
		c.Add("randomization.block", "problem-complete-no-blocks")
	}
	if r.Column != "" && r.Kind == RandomizationComplete {
		c.Add("randomization.column", "problem-complete-no-strata")
	}
	c.checkStrata()
}

func (c *checker) checkVisits() {
	if len(c.Visits) == 0 {
		c.Add("visits", "problem-none-given")
	}
	c.Unique("visits", "word-visits", len(c.Visits), func(i int) string { return c.Visits[i].ID })
	last := -1
	for i, v := range c.Visits {
		if v.ID == "overall" {
			c.Add(fmt.Sprintf("visits[%d].id", i), "problem-overall-taken")
		}
		if !v.HasTime {
			continue
		}
		if last >= 0 && v.Time < c.Visits[last].Time {
			c.Add(fmt.Sprintf("visits[%d].time", i), "problem-visit-order",
				v.ID, c.Visits[last].ID)
		}
		last = i
	}
	after := c.noBaseline() || c.baselineID() == ""
	for i, v := range c.Visits {
		if after && v.HasTime && v.Time < 0 {
			c.Add(fmt.Sprintf("visits[%d].time", i), "problem-visit-time", v.ID)
		}
		after = after || v.ID == c.baselineID()
	}
	if c.Baseline != "" && !c.noBaseline() && !c.hasVisit(c.Baseline) {
		c.Add("baseline", "problem-visit-unknown", c.Baseline, c.visitIDs())
	}
}

// Check adds what is wrong with the outcome at a path; a protocol and a claim have
// the same.
func (o Outcome) Check(c *yamlfile.Checker, at string) {
	if !o.checkKind(c, at) {
		return
	}
	o.checkInstrument(c, at)
	if o.Better != LowerIsBetter && o.Better != HigherIsBetter {
		c.Add(at+".better", "problem-better-missing", o.ID)
	}
	for _, x := range []float64{o.Min, o.Max} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			c.Add(at+".range", "problem-value-not-a-number", x)
			return
		}
	}
	if o.HasRange() && o.Min >= o.Max {
		c.Add(at+".range", "problem-not-below", o.Min, o.Max)
	}
	width := files.Decimal(files.Decimal(o.Max).Minus(files.Decimal(o.Min)))
	switch {
	case !(o.Resolution >= 0) || math.IsInf(o.Resolution, 0):
		c.Add(at+".resolution", "problem-not-a-step", o.Resolution)
	case o.HasRange() && o.Min < o.Max && o.Resolution > width.Number:
		c.Add(at+".resolution", "problem-step-coarse", o.Resolution, o.Min, o.Max)
	}
	for i, t := range o.Thresholds {
		t.check(c, fmt.Sprintf("%s.thresholds[%d]", at, i), o, width.Number)
	}
}

func (t Threshold) check(c *yamlfile.Checker, at string, o Outcome, width float64) {
	finite := !math.IsNaN(t.Value) && !math.IsInf(t.Value, 0)
	ranged := o.HasRange() && o.Min < o.Max
	switch {
	case t.Kind == "":
		c.Add(at+".kind", "problem-threshold-kind-missing")
	case !t.Kind.IsChange() && t.Kind != PASS && t.Kind != Percent:
		c.Add(at+".kind", "problem-threshold-kind-unknown", string(t.Kind))
	case !finite:
		c.Add(at+".value", "problem-value-not-a-number", t.Value)
	case t.Kind == PASS:
		if ranged && (t.Value < o.Min || t.Value > o.Max) {
			c.Add(at+".value", "problem-pass-outside", t.Value, o.Min, o.Max)
		}
	case t.Value <= 0:
		c.Add(at+".value", "problem-threshold-not-positive", t.Kind, t.Value)
	case ranged && t.Kind.IsChange() && t.Value > width:
		c.Add(at+".value", "problem-threshold-too-large", t.Kind, t.Value, width, o.Min, o.Max)
	}
	switch level := t.level(); {
	case level == "":
		c.Add(at+".level", "problem-threshold-level-missing")
	case level != Individual && level != BetweenGroup:
		c.Add(at+".level", "problem-threshold-level-unknown", string(level))
	case t.Kind == PASS && level != Individual:
		c.Add(at+".level", "problem-pass-individual")
	case t.Kind == Margin && level != BetweenGroup:
		c.Add(at+".level", "problem-margin-between")
	}
	if t.N < 0 {
		c.Add(at+".n", "problem-negative", t.N)
	}
	if t.CI != [2]float64{} && !(t.CI[0] < t.CI[1]) {
		c.Add(at+".ci", "problem-not-below", t.CI[0], t.CI[1])
	}
}

// checkAssumed checks what was believed beforehand against arms and outcomes.
func (c *checker) checkAssumed() {
	var known []assumed.Known
	for _, o := range c.Outcomes {
		k := assumed.Known{ID: o.ID, Kind: string(o.Kind), Min: o.Min, Max: o.Max, Levels: o.Levels, Baseline: c.hasBaseline(o)}
		for _, t := range o.Thresholds {
			switch {
			case !t.Kind.IsChange():
			case t.level() == Individual:
				k.Individual = append(k.Individual, t.Value)
			default:
				k.Between = append(k.Between, t.Value)
			}
		}
		known = append(known, k)
	}
	var treated []string
	for _, a := range c.Arms {
		if !a.Control {
			treated = append(treated, a.ID)
		}
	}
	c.Assumed.Check(&c.Checker, known, treated)
}

func (p Protocol) hasOutcome(id string) bool {
	return slices.ContainsFunc(p.Outcomes, func(o Outcome) bool { return o.ID == id })
}

// checkSubgroups checks that subgroups are covariates, numbers with cuts.
func (c *checker) checkSubgroups() {
	seen := map[string]bool{}
	for i, g := range c.Subgroups {
		at := fmt.Sprintf("subgroups[%d]", i)
		k := slices.IndexFunc(c.Data.Covariates, func(v Covariate) bool { return v.ID == g.ID })
		switch {
		case k < 0:
			c.Add(at, "problem-covariate-unknown", g.ID)
			continue
		case seen[g.ID]:
			c.Add(at, "problem-covariate-twice", g.ID)
		}
		seen[g.ID] = true
		switch v := c.Data.Covariates[k]; {
		case v.Kind == Category && len(g.Cuts) > 0:
			c.Add(at, "problem-cuts-category", g.ID)
		case v.Kind == Numeric && len(g.Cuts) == 0:
			c.Add(at, "problem-cuts-missing", g.ID)
		default:
			for j, x := range g.Cuts {
				switch {
				case !finite(x):
					c.Add(at, "problem-value-not-a-number", x)
				case j > 0 && !(x > g.Cuts[j-1]):
					c.Add(at, "problem-cuts-order", g.Cuts[j-1], x)
				case v.HasRange() && !(x > v.Min && x <= v.Max):
					c.Add(at, "problem-cut-outside", x, v.Min, v.Max)
				}
			}
		}
	}
}

func (c *checker) visitIDs() any {
	return yamlfile.ListIDs(c.Visits, func(v Visit) string { return v.ID })
}

func (c *checker) outcomeIDs() any {
	return yamlfile.ListIDs(c.Outcomes, func(o Outcome) string { return o.ID })
}

func (c *checker) armIDs() any { return yamlfile.ListIDs(c.Arms, func(a Arm) string { return a.ID }) }

func sortedKeys[V any](m map[string]V) []string {
	keys := slices.Collect(maps.Keys(m))
	sort.Strings(keys)
	return keys
}
