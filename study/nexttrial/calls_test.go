package nexttrial_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study/nexttrial"
)

// What R answered of TestPlanOfRepeatedMeasures' call.
const (
	repeatedN = 36
	repeatedR = 0.907766437777
)

// called are plans of every kind whose call in R was run: what R 4.2.2 answered (rpact
// 3.3.4 for shares with a margin). TRIALKIT_CALLS=FILE writes the calls.
var called = []struct {
	name, plan string
	analyzed   int
	r          float64
}{
	{"ancova", "plans: [{outcome: pain, visit: post, primary: true}]\n" + pain, 39, 0.903282950584},
	{"change", "plans: [{outcome: pain, visit: post, model: welch-change}]\n" + pain, 51, 0.903467211627},
	{"not worse", "plans: [{outcome: pain, visit: post, margin: 1}]\nassumed: {pain: {source: x, sd: 2.3, correlation: 0.5, difference: 0}, lost: {value: 0, source: x}}\n", 85, 0.90047962906},
	{"not worse, change", "plans: [{outcome: pain, visit: post, margin: 1, model: welch-change}]\nassumed: {pain: {source: x, sd: 2.3, correlation: 0.5, difference: 0.1}, lost: {value: 0, source: x}}\n", 139, 0.901620014975},
	{"equivalence", "plans: [{outcome: pain, visit: post, margin: 1.5, framework: equivalence}]\nassumed: {pain: {source: x, sd: 2.3, correlation: 0.5, difference: 0.1}, lost: {value: 0.1, source: x}}\n", 49, 0.903241438605},
	{"equivalence, change", "plans: [{outcome: pain, visit: post, margin: 1.5, framework: equivalence, model: welch-change}]\nassumed: {pain: {source: x, sd: 2.3, correlation: 0.5, difference: 0.1}, lost: {value: 0.1, source: x}}\n", 64, 0.901555495983},
	{"shares, exact", "plans: [{outcome: good, visit: post}]\nassumed: {good: {source: x, control: 0.3, difference: 0.4}, lost: {value: 0.1, source: x}}\n", 33, 0.900075412204},
	{"shares", "plans: [{outcome: good, visit: post}]\nassumed: {good: {source: x, control: 0.4, difference: 0.25}, lost: {value: 0.1, source: x}}\n", 82, 0.901175504625},
	{"shares, many", "plans: [{outcome: good, visit: post}]\nassumed: {good: {source: x, control: 0.4, difference: 0.1}, lost: {value: 0.1, source: x}}\n", 519, 0.900529019762},
	{"shares, not worse, exact", "plans: [{outcome: good, visit: post, margin: 0.2}]\nassumed: {good: {source: x, control: 0.9, difference: 0.02}, lost: {value: 0, source: x}}\n", 43, 0.904765572549},
	{"shares, not worse", "plans: [{outcome: good, visit: post, margin: 0.1}]\nassumed: {good: {source: x, control: 0.8, difference: 0}, lost: {value: 0.1, source: x}}\n", 340, 0.900194108508},
	{"levels", "plans: [{outcome: pgic, visit: post}]\nassumed: {pgic: {source: x, control: [0.2, 0.5, 0.3], odds_ratio: 1.9}, lost: {value: 0.1, source: x}}\n", 182, 0.90020126076},
	{"counts", "plans: [{outcome: falls, visit: post}]\nassumed: {falls: {source: x, control: 0.8, rate_ratio: 0.7, dispersion: 0.4}, lost: {value: 0.1, source: x}}\n", 317, 0.900171512663},
}

// twoVisits is the trial of plan_test.go with a visit between.
const twoVisits = `title: A trial
arms: [{id: a, label: Active}, {id: c, label: Control, control: true}]
visits: [{id: pre}, {id: w3}, {id: w6}, {id: post}]
outcomes: [{id: pain, label: Pain, unit: cm, range: [0, 10], better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {pre: p0, w3: p3, w6: p6, post: p1}},
  values: {site: {a: a, b: b, c: c, d: d}},
  covariates: {age: {column: age, kind: number}, site: {column: site, kind: category}, sex: {column: sex, kind: category}}}
plans: [{outcome: pain, visit: post, primary: true, model: mmrm%s}]
assumed: {pain: {source: x, sd: 2.3, correlation: 0.5, between_visits: %s, difference: -1.5}, lost: {value: 0.3, source: x}}
`

// Those lost count for what their earlier values say: the variance at the last visit of
// 0.3 lost over three visits, with one correlation of 0.7 between visits that is 0.6 given
// the baseline, is what R's call of the plan says of it; with no correlation beyond the
// baseline's it is that of those who stay.
func TestPlanOfRepeatedMeasures(t *testing.T) {
	read := func(covariates, between string) nexttrial.Plan {
		p, err := nexttrial.Read(strings.NewReader(fmt.Sprintf(twoVisits, covariates, between)), "p.yaml", nexttrial.Options{})
		require.NoError(t, err)
		return p
	}
	alone := read("", "0.25") // (0.25 − 0.5²)/(1 − 0.5²) = 0
	assert.Equal(t, 39, alone.Analyzed)
	p := read("", "0.7")
	assert.Less(t, p.Randomized, alone.Randomized)
	assert.Equal(t, repeatedN, p.Analyzed)
	assert.InDelta(t, repeatedR, p.Comparisons[0].Power, 1e-6)
	t.Log(p.Comparisons[0].Call)
	assert.Equal(t, "next-repeated-loss", p.Notes[0].Code)
	// A number takes a degree of freedom, four levels take three, a list that is not
	// declared one, with a note.
	q := read(", covariates: [age, site, sex]", "0.7")
	assert.Contains(t, q.Comparisons[0].Call, "q <- 6;")
	assert.Contains(t, codes(q), "next-levels")
	_, err := nexttrial.Read(strings.NewReader(fmt.Sprintf(twoVisits, "", "-0.5")), "p.yaml", nexttrial.Options{})
	assert.ErrorContains(t, err, "does not go with one of 0.5")
}

func codes(p nexttrial.Plan) (out []string) {
	for _, n := range p.Notes {
		out = append(out, n.Code)
	}
	return out
}

// Small arms are planned by the exact test: the first size with the power, and that from which
// on it lasts, are those of every size counted; every size from there on has it.
func TestSmallSharesArePlannedByTheirTest(t *testing.T) {
	p := plan(t, called[6].plan)
	c := p.Comparisons[0]
	assert.Greater(t, c.First, 0)
	assert.LessOrEqual(t, c.First, c.Needed)
	assert.Contains(t, codes(p), "next-exact-small")
	for _, n := range []int{c.First - 1, c.First, c.Needed - 1, c.Needed, c.Needed + 1, c.Needed + 2, c.Needed + 3} {
		got, err := power.ExactProportions{N: n, P1: 0.7, P2: 0.3, Test: power.UnconditionalTest}.Power()
		require.NoError(t, err)
		assert.Equal(t, n == c.First || n >= c.Needed, got >= 0.9, "%d: %v", n, got)
	}
}

// Simultaneous intervals of changes are planned with the SD of changes.
func TestDunnettOfChanges(t *testing.T) {
	y := strings.Replace(trial, "arms: [", "arms: [{id: b, label: Other}, ", 1)
	read := func(model string) nexttrial.Plan {
		p, err := nexttrial.Read(strings.NewReader(y+"plans: [{outcome: pain, visit: post, model: "+model+"}]\nassumed: {pain: {source: x, sd: 2.3, correlation: 0.7, difference: -1.5}, lost: {value: 0, source: x}}\n"), "p.yaml", nexttrial.Options{})
		require.NoError(t, err)
		return p
	}
	p := read("welch-change")
	want, err := power.DunnettDesign{Effects: []float64{-1.5 / (2.3 * math.Sqrt(0.6)), -1.5 / (2.3 * math.Sqrt(0.6))}}.SolveN(0.9)
	require.NoError(t, err)
	assert.Equal(t, int(math.Ceil(want)), p.Dunnett)
	assert.Greater(t, p.Dunnett, p.Randomized)
	assert.Greater(t, read("ancova").Dunnett, 0)
}

func TestCallsGiveThePower(t *testing.T) {
	file := os.Getenv("TRIALKIT_CALLS")
	out := ""
	for _, c := range called {
		p := plan(t, c.plan)
		x := p.Comparisons[0]
		out += fmt.Sprintf("cat(%q, %d, format(suppressWarnings({%s}), digits=12), %q, \"\\n\")\n", c.name, p.Analyzed, x.Call, fmt.Sprintf("%.12g", x.Power))
		assert.Equal(t, c.analyzed, p.Analyzed, c.name)
		assert.InDelta(t, c.r, x.Power, 1e-6, "%s: %s", c.name, x.Call)
	}
	if file != "" {
		assert.NoError(t, os.WriteFile(file, []byte(out), 0o644))
	}
}
