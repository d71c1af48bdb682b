package claim

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Unstated is the contrast of a published number of which the text does not
// say whether it is a change within one arm or a difference between arms. It
// is read both ways, side by side; nothing guesses which was meant.
const Unstated study.Contrast = "unstated"

// Claim is what a paper, a poster or a blog says about a trial, in the numbers
// that it prints and with the digits that it prints. Read says what these
// numbers can support and what they cannot. A claim is written in YAML (see
// Parse) or as a Go literal.
type Claim struct {
	Title, Source string
	// Contrast says what the numbers are: Within, Between or Unstated. It has
	// no default, because it is the question on which everything else turns. A
	// result may have its own.
	Contrast study.Contrast
	// Level of intervals; 0 is 0.95.
	Level float64
	// Arms; with two or more, exactly one is the control.
	Arms []Arm
	// Blocks is the size of the randomization's blocks, split evenly; 0 is
	// complete randomization, or unknown.
	Blocks int
	// Outcomes as in a protocol: unit, range, resolution, direction, thresholds.
	Outcomes []study.Outcome
	Results  []Result
	// AdverseEvents are the participants of each arm with at least one.
	AdverseEvents []Count
	// Tests are test statistics printed with their p-values.
	Tests []Test
	// Tallies are counts that should add up to their arm's size.
	Tallies []Tally
	// Quotes are the words in which the text draws its conclusions.
	Quotes []string
	// Effects are true standardized differences for which power, type S and
	// type M errors are shown; nil is 0.5, 0.8 and 1. They must come from
	// outside the data: other trials, or what would matter to patients.
	Effects []float64
	// Translations give the claim's own words (title, labels, visits, a
	// threshold's population) in other languages: language, then word.
	Translations map[string]map[string]string
}

// Arm is an arm of the claim and its size.
type Arm struct {
	ID, Label string
	Control   bool
	N         int
}

// Measure is what the means of a result's groups are.
type Measure string

// Measures.
const (
	// MeasureChange: means of each participant's follow-up − baseline.
	MeasureChange Measure = "change"
	// MeasureScore: means of the values at the visit.
	MeasureScore Measure = "score"
	// MeasureResponders: counts of participants who responded; more are better,
	// whichever way the outcome's score goes. Where the outcome has no scale of
	// which they could be the responders (no unit, range, or 0 or 1 alone, no
	// threshold) and lower is better, they are what is counted as harms.
	MeasureResponders Measure = "responders"
	// MeasureHarms: counts of participants with a harm; fewer are better.
	MeasureHarms Measure = "harms"
)

// counts reports whether the groups are counts of participants.
func (m Measure) counts() bool { return m == MeasureResponders || m == MeasureHarms }

// harms reports whether fewer of those counted are better.
func (r Result) harms(o study.Outcome) bool {
	scale := (o.HasRange() && !binary(o)) || o.Unit != "" || o.Instrument != "" || len(o.Thresholds) > 0
	return r.Measure == MeasureHarms || r.Measure == MeasureResponders && o.Better == study.LowerIsBetter && !scale
}

// Result is one result: a headline number, or the numbers of the arms, or
// a printed comparison, or all of these. All are in the outcome's unit and
// signed: a change is follow-up − baseline, a difference active − control.
type Result struct {
	Outcome, Visit string
	// Contrast of this result; "" is the claim's.
	Contrast study.Contrast
	// Baseline: the result compares the arms before treatment.
	Baseline bool
	// Arm that a headline number belongs to; "" is the first active arm.
	Arm string
	// Change is the headline number, with whatever was printed beside it.
	Change integrity.Printed
	SD, SE integrity.Printed
	CI     [2]integrity.Printed
	P      integrity.PrintedP
	// Percent: Change is a percentage of a baseline value, not in the unit.
	Percent bool
	// ControlChanges are changes of the control arm for which a within-arm
	// number is turned into a difference; nil is none, 10, 20 and 30% of it.
	ControlChanges []float64
	// Measure of the groups.
	Measure    Measure
	Groups     []Group
	Difference Difference
}

// Group is one arm's printed numbers. Of SD, SE, CI and P (of the change
// against none) the first that is stated gives the spread.
type Group struct {
	Arm    string
	N      int // analyzed; 0 is the arm's size
	Mean   integrity.Printed
	SD, SE integrity.Printed
	CI     [2]integrity.Printed
	P      integrity.PrintedP
	// Baseline and BaselineSD are the arm's mean and SD before treatment, for
	// MeasureScore: they give the change, and bounds to its spread.
	Baseline, BaselineSD integrity.Printed
	// Median and Quartiles are kept as printed: no mean and no spread of
	// means follows from them without assumptions.
	Median    integrity.Printed
	Quartiles [2]integrity.Printed
	// Adjusted: the mean is a model's, not that of the values.
	Adjusted bool
	// Events of MeasureResponders and MeasureHarms, and the percentage printed for them.
	Events  int
	Percent integrity.Printed
}

// Difference is a printed comparison of the active arm with control.
type Difference struct {
	Arm   string // "" is the first active arm
	Value integrity.Printed
	SE    integrity.Printed
	CI    [2]integrity.Printed
	P     integrity.PrintedP
	// Test is the method named in print: t-test, Welch, χ², Fisher, or any
	// other words. Only a test that printed groups determine is recomputed
	// against the printed p-value; "" is not named.
	Test string
	// Adjusted: the value is a model's. So is one whose Test names a model,
	// such as ANCOVA or a mixed model.
	Adjusted bool
	NNT      integrity.Printed
	NNTCI    [2]integrity.Printed
}

func (d Difference) stated() bool {
	return d.Value.Stated() || d.P.Stated() || d.CI[0].Stated()
}

// Count is a count of participants in an arm.
type Count struct {
	Arm       string
	Events, N int // N 0 is the arm's size
}

// Test is a printed statistic, such as "F(1, 46) = 3.90", and its p.
type Test struct {
	Label string
	Test  string
	P     integrity.PrintedP
}

// Tally is a table's row of counts for one arm, such as women and men.
type Tally struct {
	Label, Arm string
	N          int // 0 is the arm's size
	Parts      []int
}

// WithInstruments returns the claim with every outcome that names an instrument
// filled from the registry, as Protocol.WithInstruments does. Parse and
// Read call it.
func (c Claim) WithInstruments() Claim {
	c.Outcomes = study.Protocol{Outcomes: c.Outcomes}.WithInstruments().Outcomes
	return c
}

// Validate lists everything wrong with the claim as Problems without lines, or
// returns nil.
func (c Claim) Validate() error {
	var out files.Problems
	for _, f := range c.check() {
		out = append(out, f.Problem(0, 0))
	}
	return out.Err()
}

func (c Claim) level() float64 {
	if c.Level == 0 {
		return 0.95
	}
	return c.Level
}

// alpha is 1 − level in decimals: 1 − 0.95 is not 0.05 in binary.
func (c Claim) alpha() float64 { return math.Round(1e9*(1-c.level())) / 1e9 }

func (c Claim) arm(id string) (Arm, bool) {
	i := slices.IndexFunc(c.Arms, func(a Arm) bool { return a.ID == id })
	if i < 0 {
		return Arm{}, false
	}
	return c.Arms[i], true
}

// control returns the control arm; a claim of one arm has none.
func (c Claim) control() (Arm, bool) {
	i := slices.IndexFunc(c.Arms, func(a Arm) bool { return a.Control })
	if i < 0 {
		return Arm{}, false
	}
	return c.Arms[i], true
}

// firstActive returns the first arm that is not the control.
func (c Claim) firstActive() Arm {
	for _, a := range c.Arms {
		if !a.Control {
			return a
		}
	}
	return Arm{}
}

func (c Claim) outcome(id string) (study.Outcome, bool) {
	i := slices.IndexFunc(c.Outcomes, func(o study.Outcome) bool { return o.ID == id })
	if i < 0 {
		return study.Outcome{}, false
	}
	return c.Outcomes[i], true
}

// checker collects what is wrong with a claim.
type checker struct {
	*yamlfile.Checker
	claim Claim
}

func (c Claim) check() []yamlfile.Fault {
	k := checker{&yamlfile.Checker{}, c}
	k.contrast("contrast", c.Contrast, true)
	if c.Level != 0 && !(c.Level > 0 && c.Level < 1) {
		k.Add("level", "problem-level", c.Level)
	}
	k.checkClaimArms()
	for i, o := range c.Outcomes {
		o.Check(k.Checker, fmt.Sprintf("outcomes[%d]", i))
	}
	if len(c.Outcomes) == 0 && len(c.Results) > 0 {
		k.Add("outcomes", "problem-none-given")
	}
	k.Unique("outcomes", "word-outcomes", len(c.Outcomes), func(i int) string { return c.Outcomes[i].ID })
	if len(c.Results) == 0 && len(c.Tests) == 0 && len(c.Tallies) == 0 && len(c.AdverseEvents) == 0 {
		k.Add("results", "problem-none-given")
	}
	for i, r := range c.Results {
		k.checkResult(fmt.Sprintf("results[%d]", i), r)
	}
	for i, e := range c.AdverseEvents {
		k.count(fmt.Sprintf("adverse_events[%d]", i), e.Arm, e.N, e.Events)
	}
	for i, t := range c.Tests {
		at := fmt.Sprintf("tests[%d]", i)
		if _, err := integrity.ParseReportedTest(t.Test); err != nil {
			k.Add(at+".test", "problem-claim-test", t.Test)
		}
		k.p(at+".p", t.P)
		if !t.P.Stated() {
			k.Add(at+".p", "problem-missing")
		}
	}
	for i, t := range c.Tallies {
		at := fmt.Sprintf("tallies[%d]", i)
		k.count(at, t.Arm, t.N, 0)
		for j, n := range t.Parts {
			if n < 0 {
				k.Add(fmt.Sprintf("%s.parts[%d]", at, j), "problem-negative", n)
			}
		}
		if len(t.Parts) == 0 {
			k.Add(at+".parts", "problem-none-given")
		}
	}
	k.Languages(c.Translations)
	for i, d := range c.Effects {
		if !(math.Abs(d) > 0) || math.IsInf(d, 0) {
			k.Add(fmt.Sprintf("effects[%d]", i), "problem-claim-effect", d)
		}
	}
	return k.Faults
}

func (k checker) contrast(at string, c study.Contrast, needed bool) {
	switch {
	case c == study.Within || c == study.Between || c == Unstated:
	case c == "" && needed:
		k.Add(at, "problem-contrast-missing")
	case c != "":
		k.Add(at, "problem-contrast-unknown", string(c))
	}
}

func (k checker) checkClaimArms() {
	c := k.claim
	if len(c.Arms) == 0 {
		k.Add("arms", "problem-none-given")
	}
	k.Unique("arms", "word-arm", len(c.Arms), func(i int) string { return c.Arms[i].ID })
	controls := 0
	for i, a := range c.Arms {
		if a.N < 1 {
			k.Add(fmt.Sprintf("arms[%d].n", i), "problem-claim-participants", a.N)
		}
		if a.Control {
			controls++
		}
	}
	switch {
	case len(c.Arms) > 1 && controls != 1:
		k.Add("arms", "problem-claim-controls", controls)
	case len(c.Arms) == 1 && controls == 1:
		k.Add("arms[0].control", "problem-claim-only-control")
	}
	if c.Blocks < 0 || c.Blocks%2 != 0 {
		k.Add("blocks", "problem-claim-block", c.Blocks)
	}
}

func (k checker) knownArm(at, id string, needed bool) {
	if _, ok := k.claim.arm(id); !ok && (id != "" || needed) {
		if id == "" {
			k.Add(at, "problem-missing")
			return
		}
		k.Add(at, "problem-arm-unknown", id, yamlfile.ListIDs(k.claim.Arms, func(a Arm) string { return a.ID }))
	}
}

func (k checker) count(at, arm string, n, events int) {
	k.knownArm(at+".arm", arm, true)
	if n < 0 {
		k.Add(at+".n", "problem-negative", n)
		return
	}
	if a, ok := k.claim.arm(arm); ok && n == 0 {
		n = a.N
	}
	if events < 0 || events > n {
		k.Add(at+".events", "problem-claim-events", events, n)
	}
}

func (k checker) num(at string, p integrity.Printed) bool {
	if err := p.Check(); err != nil {
		k.Add(at, "problem-claim-number", string(p))
		return false
	}
	return true
}

func (k checker) spread(at string, p integrity.Printed) {
	if k.num(at, p) && p.Value() < 0 {
		k.Add(at, "problem-negative", p)
	}
}

func (k checker) p(at string, p integrity.PrintedP) {
	if p.Check() != nil {
		k.Add(at, "problem-claim-p", string(p))
	}
}

func (k checker) ci(at string, ci [2]integrity.Printed) {
	ok := k.num(at+"[0]", ci[0]) && k.num(at+"[1]", ci[1])
	switch {
	case !ok || (!ci[0].Stated() && !ci[1].Stated()):
	case !ci[0].Stated() || !ci[1].Stated() || !(ci[0].Value() < ci[1].Value()):
		k.Add(at, "problem-pair")
	}
}

// quartiles are in order, and may be equal.
func (k checker) quartiles(at string, q [2]integrity.Printed) {
	ok := k.num(at+"[0]", q[0]) && k.num(at+"[1]", q[1])
	if ok && (q[0].Stated() || q[1].Stated()) && !(q[0].Value() <= q[1].Value()) {
		k.Add(at, "problem-quartiles")
	}
}

func (k checker) checkResult(at string, r Result) {
	c := k.claim
	switch {
	case r.Outcome == "":
		k.Add(at+".outcome", "problem-missing")
	case !slices.ContainsFunc(c.Outcomes, func(o study.Outcome) bool { return o.ID == r.Outcome }):
		k.Add(at+".outcome", "problem-outcome-unknown", r.Outcome, yamlfile.ListIDs(c.Outcomes, func(o study.Outcome) string { return o.ID }))
	}
	k.contrast(at+".contrast", r.Contrast, false)
	k.knownArm(at+".arm", r.Arm, false)
	contrast := r.Contrast
	if contrast == "" {
		contrast = c.Contrast
	}
	if len(c.Arms) == 1 && (contrast == study.Between || contrast == Unstated) {
		k.Add(at+".contrast", "problem-claim-one-arm-within")
	}
	k.num(at+".change", r.Change)
	k.spread(at+".sd", r.SD)
	k.spread(at+".se", r.SE)
	k.ci(at+".ci", r.CI)
	k.p(at+".p", r.P)
	for j, x := range r.ControlChanges {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			k.Add(fmt.Sprintf("%s.control_changes[%d]", at, j), "problem-value-not-a-number", x)
		}
	}
	d := r.Difference
	k.knownArm(at+".difference.arm", d.Arm, false)
	if a, ok := c.arm(d.Arm); ok && a.Control {
		k.Add(at+".difference.arm", "problem-claim-is-control", d.Arm)
	}
	k.num(at+".difference.value", d.Value)
	k.spread(at+".difference.se", d.SE)
	k.ci(at+".difference.ci", d.CI)
	k.p(at+".difference.p", d.P)
	k.num(at+".difference.nnt", d.NNT)
	k.ci(at+".difference.nnt_ci", d.NNTCI)
	if d.stated() && len(c.Arms) < 2 {
		k.Add(at+".difference", "problem-claim-one-arm")
	}
	if len(r.Groups) > 0 && r.Measure != MeasureChange && r.Measure != MeasureScore && !r.Measure.counts() {
		if r.Measure == "" {
			k.Add(at+".measure", "problem-measure-missing")
		} else {
			k.Add(at+".measure", "problem-measure-unknown", string(r.Measure))
		}
	}
	if !r.Change.Stated() && len(r.Groups) == 0 && !d.stated() {
		k.Add(at, "problem-claim-no-number")
	}
	seen := map[string]bool{}
	for j, g := range r.Groups {
		gat := fmt.Sprintf("%s.groups[%d]", at, j)
		k.count(gat, g.Arm, g.N, g.Events)
		if seen[g.Arm] {
			k.Add(gat+".arm", "problem-claim-arm-twice", g.Arm)
		}
		seen[g.Arm] = true
		k.num(gat+".mean", g.Mean)
		k.spread(gat+".sd", g.SD)
		k.spread(gat+".se", g.SE)
		k.ci(gat+".ci", g.CI)
		k.p(gat+".p", g.P)
		k.num(gat+".percent", g.Percent)
		k.num(gat+".median", g.Median)
		k.quartiles(gat+".quartiles", g.Quartiles)
		k.num(gat+".baseline", g.Baseline)
		k.spread(gat+".baseline_sd", g.BaselineSD)
		if (g.Baseline.Stated() || g.BaselineSD.Stated()) && r.Measure != MeasureScore {
			k.Add(gat+".baseline", "problem-claim-baseline")
		}
		if !g.Mean.Stated() && !g.Median.Stated() && !g.CI[0].Stated() && !g.P.Stated() && (r.Measure == MeasureChange || r.Measure == MeasureScore) {
			k.Add(gat+".mean", "problem-missing")
		}
		if strings.TrimSpace(g.Arm) != "" && !r.Measure.counts() && g.Events != 0 {
			k.Add(gat+".events", "problem-claim-only-events")
		}
	}
}
