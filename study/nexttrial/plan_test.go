package nexttrial_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/nexttrial"
	"github.com/trialkit/trialkit/study/report"
)

const trial = `title: A trial
arms: [{id: a, label: Active}, {id: c, label: Control, control: true}]
visits: [{id: pre}, {id: post, label: Week 6}]
outcomes:
  - {id: pain, label: Pain, unit: cm, range: [0, 10], resolution: 0.1, better: lower, thresholds: [{kind: MCID, value: 2, level: individual, source: s}, {kind: margin, value: 0.9, level: between, source: s}]}
  - {id: good, label: Acceptable, kind: binary, better: higher, thresholds: [{kind: margin, value: 0.1, level: between, source: s}]}
  - {id: pgic, kind: ordinal, levels: [worse, same, better], better: higher}
  - {id: falls, kind: count, better: lower}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {pain: {pre: p0, post: p1}, good: {post: g}, pgic: {post: q}, falls: {post: f}}
  exposure: {falls: t}
`

const pain = "assumed: {pain: {source: Jansen, sd: 2.3, correlation: 0.5, difference: -1.5}, lost: {value: 0.15, source: Jansen}}\n"

func plan(t *testing.T, y string) nexttrial.Plan {
	t.Helper()
	p, err := nexttrial.Read(strings.NewReader(trial+y), "p.yaml", nexttrial.Options{})
	require.NoError(t, err)
	return p
}

// n and power as R's integral has them: 39 analyzed (0.9035, and 0.8956 with 38), 46 randomized.
func TestPlanOfMeans(t *testing.T) {
	p := plan(t, "plans: [{outcome: pain, visit: post, primary: true}]\n"+pain)
	assert.Equal(t, 39, p.Analyzed)
	assert.Equal(t, 46, p.Randomized)
	assert.Equal(t, 92, p.Total)
	require.Len(t, p.Comparisons, 1)
	c := p.Comparisons[0]
	assert.Greater(t, c.Power, 0.9)
	assert.Contains(t, c.Call, "n <- 39; q <- 1;")
	assert.Equal(t, p.Randomized, p.Sensitivity.N[1][1], "the middle of the grid is the plan")
	for i := range p.Sensitivity.N {
		for j := range p.Sensitivity.N[i] {
			if i > 0 {
				assert.GreaterOrEqual(t, p.Sensitivity.N[i][j], p.Sensitivity.N[i-1][j], "a larger SD takes more")
			}
			if j > 0 {
				assert.LessOrEqual(t, p.Sensitivity.N[i][j], p.Sensitivity.N[i][j-1], "a larger effect takes fewer")
			}
		}
	}
	assert.Equal(t, "46 randomized an arm, 39 analyzed: power 0.90", p.String())
}

// The chances of the verdicts are those with which study.Judge gives them to normal
// estimates.
func TestChancesAreThoseOfTheVerdicts(t *testing.T) {
	p := plan(t, "plans: [{outcome: pain, visit: post, primary: true}]\n"+pain)
	c := p.Comparisons[0]
	const trials = 40_000
	benefit, _ := p.Outcome.Verdict()
	for truth, chances := range map[float64][]nexttrial.Chance{-1.5: c.Verdicts, 0: c.None} {
		g, count, sum := rand.New(rand.NewPCG(1, 2)), map[study.Verdict]int{}, 0.0
		for range trials {
			e := stats.Estimate{Value: truth + c.SE*g.NormFloat64(), SE: c.SE, DF: float64(2*p.Analyzed - 3)}
			count[study.Judge(e, 0.95, *benefit, study.LowerIsBetter).Benefit]++
		}
		for _, x := range chances {
			sum += x.P
			assert.InDelta(t, x.P, float64(count[x.Verdict])/trials, 4*math.Sqrt(x.P*(1-x.P)/trials)+1e-4, "%v at %v", x.Verdict, truth)
		}
		assert.InDelta(t, 1, sum, 1e-12)
	}
}

// Every kind of outcome and framework has a plan whose power is reached and written
// in every language and form.
func TestPlansOfEveryKind(t *testing.T) {
	for name, y := range map[string]string{
		"ancova":          "plans: [{outcome: pain, visit: post, primary: true}]\n" + pain,
		"mmrm":            "plans: [{outcome: pain, visit: post, model: mmrm, primary: true}]\n" + pain,
		"change":          "plans: [{outcome: pain, visit: post, model: welch-change}]\n" + pain,
		"non-inferiority": "plans: [{outcome: pain, visit: post, margin: 1}]\nassumed: {pain: {source: x, sd: 2.3, correlation: 0.5, difference: 0}, lost: {value: 0, source: x}}\n",
		"equivalence":     "plans: [{outcome: pain, visit: post, margin: 1, framework: equivalence}]\nassumed: {pain: {source: x, sd: 2.3, difference: 0.1}, lost: {value: 0.1, source: x}}\n",
		"binary":          "plans: [{outcome: good, visit: post}]\nassumed: {good: {source: x, control: 0.4, difference: 0.25}, lost: {value: 0.1, source: x}}\n",
		"binary margin":   "plans: [{outcome: good, visit: post, margin: 0.1}]\nassumed: {good: {source: x, control: 0.8, difference: 0}, lost: {value: 0.1, source: x}}\n",
		"ordinal":         "plans: [{outcome: pgic, visit: post}]\nassumed: {pgic: {source: x, control: [0.2, 0.5, 0.3], odds_ratio: 1.9}, lost: {value: 0.1, source: x}}\n",
		"count":           "plans: [{outcome: falls, visit: post}]\nassumed: {falls: {source: x, control: 0.8, rate_ratio: 0.7, dispersion: 0.4}, lost: {value: 0.1, source: x}}\n",
	} {
		p := plan(t, y)
		c := p.Comparisons[0]
		assert.GreaterOrEqual(t, c.Power, 0.9-1e-9, name)
		assert.Less(t, c.Power, 0.94, "%s: no more participants than that takes", name)
		assert.Equal(t, p.Randomized, p.Sensitivity.N[len(p.Sensitivity.Rows)/2][1], name)
		for _, lang := range []string{"en", "nl"} {
			var b bytes.Buffer
			o := report.Options{Lang: lang}
			require.NoError(t, nexttrial.Text(&b, p, o), name)
			assert.NotContains(t, strings.Join(strings.Fields(b.String()), ""), "{1", name)
			require.NoError(t, nexttrial.Markdown(&b, p, o), name)
			require.NoError(t, nexttrial.HTML(&b, p, o), name)
			assert.False(t, strings.Contains(b.String(), "NaN"), name)
			var docx bytes.Buffer
			require.NoError(t, nexttrial.DOCX(&docx, p, o), name)
			assert.Equal(t, "PK", docx.String()[:2], name)
		}
	}
}

// What cannot be planned is refused where it stands, all at once.
func TestRefusals(t *testing.T) {
	primary := "plans: [{outcome: pain, visit: post, primary: true}]\n"
	for y, want := range map[string][]string{
		primary: {"nothing is assumed of the outcome"},
		primary + "assumed: {pain: {sd: {value: 2.3, source: a trial}, correlation: 0.5, difference: -1.5}, lost: 0.15}\n": {
			"p.yaml:16:66: assumed.pain.correlation: the source is missing", "p.yaml:16:83: assumed.pain.difference: the source is missing", "p.yaml:16:96: assumed.lost: the source is missing"},
		primary + "assumed: {pain: {source: x, sd: 2.3, difference: 1.5}, lost: {value: 0, source: x}}\n":    {"p.yaml:16:50: assumed.pain.difference: 1.5 is to the treated arm's disadvantage"},
		primary + "assumed: {pain: {source: x, sd: 2.3, difference: 0}, lost: {value: 0, source: x}}\n":      {"no difference can be found where none is assumed"},
		primary + "assumed: {pain: {source: x, difference: -1}}\n":                                           {"assumed.pain: sd is missing", "the loss is missing"},
		primary + "assumed: {pain: {source: x, sd: 2.3, difference: -0.001}, lost: {value: 0, source: x}}\n": {"no size up to"},
		primary + "assumed: {pain: {source: x, sd: 2.3, difference: -2}, lost: {value: 0, source: x}}\n":     {"2 is an important change of one patient"},
		primary + "assumed: {pain: {source: pilot, sd: {value: 2, n: 10}, difference: -1.5}}\n":              {"a pilot's effect is not planned with"},
		pain: {"no plan is primary"},
		"plans: [{outcome: pain, visit: post, primary: true, scale: log}]\n" + pain:                                                                                            {"p.yaml:15:60: plans[0].scale: scale: log: what this analysis takes"},
		"plans: [{outcome: good, visit: post, primary: true, effect: risk-ratio}]\nassumed: {good: {source: x, control: 0.4, difference: 0.2}, lost: {value: 0, source: x}}\n": {"plans[0].effect: effect: risk-ratio: what"},
		"plans: [{outcome: pain, visit: post}, {outcome: good, visit: post}]\n" + pain:                                                                                         {"no plan is primary"},
		"plans: [{outcome: pain, visit: overall, model: mmrm, primary: true}]\n" + pain:                                                                                        {"names no visit"},
	} {
		_, err := nexttrial.Read(strings.NewReader(trial+y), "p.yaml", nexttrial.Options{})
		if assert.Error(t, err, y) {
			for _, w := range want {
				assert.Contains(t, err.Error(), w, y)
			}
		}
	}
	_, err := nexttrial.Read(strings.NewReader(trial+primary+pain), "p.yaml", nexttrial.Options{Power: 1})
	assert.ErrorContains(t, err, "is not between")
}

// Ten participants establish no number: the page says so, and over which range.
func TestPilotEstablishesNothing(t *testing.T) {
	p := plan(t, "plans: [{outcome: pain, visit: post, primary: true}]\nassumed: {pain: {sd: {value: 2, n: 10, arms: 2, source: pilot}, correlation: {value: 0.6, n: 10, source: pilot}, difference: {value: -1.5, source: panel}}, lost: {value: 0.15, source: panel}}\n")
	assert.InDelta(t, 2*1.319683094574, p.SD, 1e-9, "the upper 80% limit")
	assert.InDelta(t, 0.3583959691092261, p.Correlation, 1e-12, "Fisher's lower one")
	require.NotNil(t, p.Range)
	assert.False(t, p.Range.Established)
	assert.Less(t, p.Range.Low, p.Randomized)
	assert.Greater(t, p.Range.High, 3*p.Range.Low)
	var b bytes.Buffer
	require.NoError(t, nexttrial.Text(&b, p, report.Options{}))
	assert.Contains(t, b.String(), "No number is established: the SD comes from 10 participants.")
	var codes []string
	for _, n := range p.Notes {
		codes = append(codes, n.Code)
	}
	assert.Equal(t, []string{"next-pilot-sd", "next-pilot-risk", "next-pilot-correlation"}, codes)
	// The same numbers from a trial are taken as they are, with their range.
	p = plan(t, "plans: [{outcome: pain, visit: post, primary: true}]\nassumed: {pain: {sd: {value: 2, n: 120, arms: 2, source: a trial}, difference: {value: -1.5, source: panel}}, lost: {value: 0.15, source: panel}}\n")
	assert.Equal(t, 2.0, p.SD)
	assert.True(t, p.Range.Established)
}

const bothAssumed = "assumed: {pain: {source: x, sd: 2.3, correlation: 0.5, difference: -1.5}, good: {source: x, control: 0.2, difference: 0.55}, lost: {value: 0.1, source: x}}\n"

// Several primary hypotheses are each planned at what is theirs: the same numbers as a
// protocol of one plan at that level and power has, and the largest is the trial's.
func TestPlanOfAFamily(t *testing.T) {
	alone := func(plans string, power float64) nexttrial.Plan {
		p, err := nexttrial.Read(strings.NewReader(trial+plans+bothAssumed), "p.yaml", nexttrial.Options{Power: power})
		require.NoError(t, err)
		return p
	}
	two := "plans: [{id: A, outcome: pain, visit: post}, {id: B, outcome: good, visit: post}]\n"
	for _, c := range []struct {
		primary      string
		level, power float64
		note         string
	}{
		{"{any: [A, B], adjust: bonferroni}", 0.975, 0.9, "next-family-any"},
		{"{any: [A, B], adjust: holm}", 0.975, 0.9, "next-family-any"},
		{"{any: [A, B], adjust: fixed}", 0.95, math.Sqrt(0.9), "next-family-all"},
		{"{all: [A, B]}", 0.95, math.Sqrt(0.9), "next-family-all"},
	} {
		p := alone(two+"primary: "+c.primary+"\n", 0)
		require.Len(t, p.Family, 2, c.primary)
		assert.Equal(t, c.note, p.Notes[0].Code)
		most := 0
		for i, outcome := range []string{"pain", "good"} {
			q := alone(fmt.Sprintf("plans: [{outcome: %s, visit: post, level: %v}]\n", outcome, c.level), c.power)
			h := p.Family[i]
			assert.Equal(t, q.Randomized, h.Randomized, "%s %s", c.primary, outcome)
			assert.GreaterOrEqual(t, h.Power, c.power, "%s %s", c.primary, outcome)
			most = max(most, q.Randomized)
		}
		assert.Equal(t, most, p.Randomized, c.primary)
		for _, lang := range []string{"en", "nl"} {
			var b bytes.Buffer
			require.NoError(t, nexttrial.Text(&b, p, report.Options{Lang: lang}))
			assert.NotContains(t, b.String(), "NaN")
		}
	}
	// Shares that are stated are taken; what gets α later is not sized.
	p := alone(two+"primary: {any: [A, B], adjust: {graph: {weights: {A: 1, B: 0}, transitions: {A: {B: 1}}}}}\n", 0)
	require.Len(t, p.Family, 1)
	assert.Equal(t, "next-family-later", p.Notes[1].Code)
	assert.Equal(t, alone("plans: [{outcome: pain, visit: post}]\n", 0).Randomized, p.Randomized)
}
