package study

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// issueProtocol is a protocol with every key the format has.
const issueProtocol = `title: Single-session HILT in knee osteoarthritis
registration: NCT06632119
simulated: true
estimand: hypothetical
arms:
  - {id: hilt, label: Active HILT, randomized: 6}
  - {id: sham, label: Placebo HILT, control: true}
randomization: {kind: blocked, block: unknown, column: block}   # complete | blocked
visits:                                  # the first is baseline
  - {id: baseline, label: Baseline}
  - {id: post, label: Right after, time: 30m}
  - {id: h24, label: 24 h, time: 24h}    # m, h, d, w
  - {id: w6, time: 6w}
outcomes:
  - id: vas
    label: Pain (VAS)
    unit: cm
    range: [0, 10]
    resolution: 0.1
    better: lower
    thresholds:
      - {kind: MCID, value: 2.26, level: individual, source: "…", population: knees, method: anchor, n: 100, ci: [1.9, 2.6]}
      - {kind: PASS, value: 3, level: individual, worsening: false}
  - {id: quad, better: higher, instrument: dynamometry}
data:
  layout: wide
  participant: id
  arm: group
  columns:
    vas: {baseline: vas_pre, post: vas_post, h24: vas_24h}
    quad: {post: q1}
  baseline: {quad: q0}
  missing: ["", NA, n.v.t., -99]
  arm_values: {0: sham, true: hilt, NA: ""}
  covariates: {age: {column: age, kind: number}, site: {column: site, kind: category}}
  adverse_events: ae
  delimiter: semicolon
  decimal: comma
  encoding: windows-1252
plans:
  - {outcome: vas, visit: post}
  - outcome: vas
    visit: h24
    model: mmrm
    level: 0.9
    covariates: [age, site]
    covariance: us
    df: kenward-roger
    margin: 1.5
    primary: true
    registered: {where: NCT06632119, date: 2024-10-01}
    seed: 18446744073709551615
`

func issueLiteral() Protocol {
	return Protocol{
		Title: "Single-session HILT in knee osteoarthritis", Registration: "NCT06632119",
		Simulated: true, Estimand: "hypothetical",
		Arms: []Arm{{ID: "hilt", Label: "Active HILT", Randomized: 6},
			{ID: "sham", Label: "Placebo HILT", Control: true}},
		Randomization: Randomization{Kind: RandomizationBlocked, Column: "block"},
		Visits: []Visit{{ID: "baseline", Label: "Baseline"},
			{ID: "post", Label: "Right after", Time: 30 * time.Minute, HasTime: true},
			{ID: "h24", Label: "24 h", Time: 24 * time.Hour, HasTime: true},
			{ID: "w6", Time: 6 * 7 * 24 * time.Hour, HasTime: true}},
		Outcomes: []Outcome{{ID: "vas", Label: "Pain (VAS)", Unit: "cm", Max: 10, Resolution: 0.1, Better: LowerIsBetter,
			Thresholds: []Threshold{{Kind: MCID, Value: 2.26, Level: Individual, Source: "…", Population: "knees",
				Method: "anchor", N: 100, CI: [2]float64{1.9, 2.6}},
				{Kind: PASS, Value: 3, Level: Individual}}},
			{ID: "quad", Better: HigherIsBetter, Instrument: "dynamometry"}},
		Data: DataSpec{Layout: Wide, Participant: "id", Arm: "group",
			Columns: map[string]map[string]string{"vas": {"baseline": "vas_pre", "post": "vas_post", "h24": "vas_24h"},
				"quad": {"post": "q1"}},
			Baseline:      map[string]string{"quad": "q0"},
			Missing:       []string{"", "NA", "n.v.t.", "-99"},
			ArmValues:     map[string]string{"0": "sham", "true": "hilt", "NA": ""},
			Covariates:    []Covariate{{ID: "age", Column: "age", Kind: Numeric}, {ID: "site", Column: "site", Kind: Category}},
			AdverseEvents: "ae", Delimiter: ";", Decimal: ",", Encoding: "windows-1252"},
		Plans: []Plan{{Outcome: "vas", Visit: "post"},
			{Outcome: "vas", Visit: "h24", Model: MMRM, Level: 0.9, Covariates: []string{"age", "site"},
				Covariance: "us", DF: "kenward-roger", Margin: 1.5, Role: RolePrimary,
				Registered: Registered{"NCT06632119", "2024-10-01"}, Seed: 1<<64 - 1}},
	}
}

func TestProtocolYAMLIsTheLiteral(t *testing.T) {
	p, err := ParseProtocol(strings.NewReader(issueProtocol), "p.yaml")
	require.NoError(t, err)
	assert.Equal(t, issueLiteral(), p)
	assert.NoError(t, issueLiteral().Validate())
	fsys := fstest.MapFS{"a/p.yaml": {Data: []byte("\ufeff" + strings.ReplaceAll(issueProtocol, "\n", "\r\n"))}}
	q, err := ReadProtocol(fsys, "a/p.yaml")
	require.NoError(t, err)
	assert.Equal(t, p, q, "a byte order mark and CRLF change nothing")
	_, err = ReadProtocol(fsys, "b.yaml")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// baseProtocol is a small valid protocol; tests edit it.
const baseProtocol = `arms:
  - {id: a}
  - {id: c, control: true}
visits:
  - {id: v0}
  - {id: v1}
outcomes:
  - {id: x, range: [0, 10], better: lower}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v0: x0, v1: x1}}
`

func TestProtocolProblems(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"unknown key":        {"arms:", "titel: T\narms:", []string{`titel:|unknown key "titel"; known here: arms, assumed, baseline, data,`}},
		"unknown nested key": {"{id: a}", "{id: a, lable: A}", []string{`lable:|unknown key "lable" in arms[0]; known here: control, dose, id, label, randomized, short`}},
		"missing better":     {", better: lower", "", []string{`{id:|outcomes[0].better: missing for outcome "x"; write lower or higher`}},
		"wrong better":       {"better: lower", "better: less", []string{`less|outcomes[0].better: "less" is neither lower nor higher`}},
		"two controls":       {"{id: a}", "{id: a, control: true}", []string{`true|arms[1].control: a second control arm ("c")`}},
		"no control":         {", control: true", "", []string{`- {id|arms: no control arm`}},
		"duplicate arm":      {"{id: a}", "{id: c}", []string{`c|arms[1].id: arm "c" is declared twice (first as arms[0])`}},
		"duplicate visit":    {"{id: v1}", "{id: v0}", []string{`v0|visits[1].id: visit "v0" is declared twice`, `unknown visit "v1" (v0, v0)`}},
		"duplicate key":      {"  - {id: v0}", "  - {id: v0, id: v1}", []string{`id:|"id" is written twice (first on line 5)`}},
		"threshold too large": {"better: lower}", "better: lower, thresholds: [{kind: MCID, value: 10.1, level: individual}]}",
			[]string{`10.1|outcomes[0].thresholds[0].value: MCID 10.1 exceeds 10, the largest change on the range 0 to 10`}},
		"threshold zero": {"better: lower}", "better: lower, thresholds: [{kind: MIC, value: 0, level: between}]}",
			[]string{`outcomes[0].thresholds[0].value: MIC 0 is not above 0`}},
		"threshold negative": {"better: lower}", "better: lower, thresholds: [{kind: MDC, value: -2.26, level: between}]}",
			[]string{`outcomes[0].thresholds[0].value: MDC -2.26 is not above 0`}},
		"threshold without value": {"better: lower}", "better: lower, thresholds: [{kind: MDC, level: between}]}",
			[]string{`outcomes[0].thresholds[0].value: MDC 0 is not above 0`}},
		"PASS outside": {"better: lower}", "better: lower, thresholds: [{kind: PASS, value: 11, level: individual}]}",
			[]string{`11|outcomes[0].thresholds[0].value: PASS 11 is outside the range 0 to 10`}},
		"threshold level": {"better: lower}", "better: lower, thresholds: [{kind: MCID, value: 1}]}",
			[]string{`{kind:|outcomes[0].thresholds[0].level: missing; write individual or between`}},
		"threshold kind": {"better: lower}", "better: lower, thresholds: [{kind: big, value: 1, level: individual}]}",
			[]string{`big|outcomes[0].thresholds[0].kind: unknown kind "big"`}},
		"range":            {"[0, 10]", "[10, 0]", []string{"[10|outcomes[0].range: 10 is not below 0"}},
		"range of zeros":   {"[0, 10]", "[0, 0]", []string{"[0|outcomes[0].range: 0 is not below 0"}},
		"range of three":   {"[0, 10]", "[0, 10, 20]", []string{"[0|outcomes[0].range: must be two numbers: [low, high]"}},
		"range text":       {"[0, 10]", "[0, ten]", []string{`ten|outcomes[0].range[1]: "ten" is not a number`}},
		"resolution":       {"[0, 10]", "[0, 10], resolution: 11", []string{"11|outcomes[0].resolution: 11 is coarser than the range"}},
		"time unit":        {"{id: v1}", "{id: v1, time: 30}", []string{`30|visits[1].time: "30" is not a time: write a number and m, h, d or w`}},
		"time order":       {"{id: v1}", "{id: v1, time: 1h}\n  - {id: v2, time: 30m}", []string{`30m|visits[2].time: visit "v2" is earlier than visit "v1"`}},
		"overall":          {"{id: v1}", "{id: overall}", []string{`"overall" is the name of the average`, `unknown visit "v1"`, `no visit after baseline`}},
		"baseline visit":   {"visits:", "baseline: v9\nvisits:", []string{`v9|baseline: unknown visit "v9" (v0, v1)`}},
		"baseline twice":   {"data:\n", "baseline: v0\ndata:\n  baseline: v1\n", []string{`v1|data.baseline: "v1" contradicts the top-level baseline "v0"`, `no visit after baseline`}},
		"baseline outcome": {"  layout", "  baseline: {y: b}\n  layout", []string{`y:|data.baseline.y: unknown outcome "y" (x)`}},
		"no baseline column": {"{v0: x0, v1: x1}", "{v1: x1}",
			[]string{`{v1:|data.columns.x: outcome "x" has no baseline: no column for visit "v0" and none under data.baseline`}},
		"nothing after baseline": {"{v0: x0, v1: x1}", "{v0: x0}", []string{`{id:|outcomes[0]: outcome "x" has no visit after baseline`}},
		"column outcome":         {"columns: {x:", "columns: {y: {v0: y0}, x:", []string{`y:|data.columns.y: unknown outcome "y" (x)`}},
		"column visit":           {"v1: x1", "v1: x1, v9: x9", []string{`v9:|data.columns.x.v9: unknown visit "v9" (v0, v1)`}},
		"column twice":           {"v1: x1", "v1: x0", []string{`x0|data.columns.x.v1: column "x0" is already named by data.columns.x.v0`}},
		"column missing":         {"v1: x1", "v1: ", []string{`data.columns.x.v1: missing; name the column`}},
		"outcome unplaced":       {"outcomes:", "outcomes:\n  - {id: y, better: lower}", []string{`data.columns: outcome "y" has no column`}},
		"layout":                 {"layout: wide", "layout: tall", []string{`tall|data.layout: unknown layout "tall" (wide, long)`}},
		"no layout":              {"  layout: wide\n", "", []string{`data.layout: missing`}},
		"no participant":         {"  participant: id\n", "", []string{`layout:|data.participant: missing; name the column`}},
		"long without visit":     {"layout: wide", "layout: long", []string{`data.visit: missing; name the column`, `v0:|data.columns.x.v0: the long layout has one column an outcome`, `data.columns.x.v1: the long layout`}},
		"wide with visit":        {"layout: wide", "layout: wide\n  visit: v", []string{`data.visit: belongs to the long layout`}},
		"wide plain column":      {"{v0: x0, v1: x1}", "x0", []string{`data.columns.x: the wide layout needs a column a visit`}},
		"arm value":              {"  layout", "  arm_values: {T: z}\n  layout", []string{`z|data.arm_values.T: unknown arm "z" (a, c)`}},
		"covariate kind":         {"  layout", "  covariates: {age: {column: age, kind: count}}\n  layout", []string{`data.covariates[0].kind: "count" is neither number nor category`}},
		"covariate column":       {"  layout", "  covariates: {age: {kind: number}}\n  layout", []string{`age:|data.covariates[0].column: missing; name the column`}},
		"decimal":                {"  layout", "  decimal: ;\n  layout", []string{`;|data.decimal: unknown decimal sign ";"`}},
		"delimiter":              {"  layout", "  delimiter: x\n  layout", []string{`data.delimiter: unknown delimiter "x"`}},
		"encoding":               {"  layout", "  encoding: ebcdic\n  layout", []string{`data.encoding: unknown encoding "ebcdic"`}},
		"plan outcome":           {"data:", "plans:\n  - {outcome: y, visit: v1}\ndata:", []string{`y|plans[0].outcome: unknown outcome "y" (x)`}},
		"plan visit":             {"data:", "plans:\n  - {outcome: x, visit: v9}\ndata:", []string{`v9|plans[0].visit: unknown visit "v9" (v0, v1)`}},
		"plan at baseline":       {"data:", "plans:\n  - {outcome: x, visit: v0}\ndata:", []string{`plans[0].visit: visit "v0" is not after baseline ("v0")`}},
		"plan model":             {"data:", "plans:\n  - {outcome: x, model: anova}\ndata:", []string{`plans[0].model: unknown model "anova"`}},
		"plan level":             {"data:", "plans:\n  - {outcome: x, level: 95}\ndata:", []string{`plans[0].level: 95 is not a confidence level`}},
		"plan covariate":         {"data:", "plans:\n  - {outcome: x, covariates: [age]}\ndata:", []string{`age|plans[0].covariates[0]: unknown covariate "age"`}},
		"plan twice":             {"data:", "plans:\n  - {outcome: x}\n  - {outcome: x, model: ancova}\ndata:", []string{`{outcome:|plans[1]: the same plan as plans[0]`}},
		"exact":                  {"data:", "plans:\n  - {outcome: x, exact: maybe}\ndata:", []string{`maybe|plans[0].exact: `}},
		"exact overall":          {"data:", "plans:\n  - {outcome: x, visit: overall, model: mmrm, exact: true}\ndata:", []string{`plans[0].exact: the average over visits has no permutation or rank tests`}},
		"registered":             {"data:", "plans:\n  - {outcome: x, visit: v1, primary: true, registered: {where: here}}\ndata:", []string{`plans[0].registered: needs both where and date`}},
		"randomization":          {"visits:", "randomization: {kind: coin, block: 1}\nvisits:", []string{`randomization.kind: unknown kind "coin"`, `randomization.block: a block has at least two participants`}},
		"block of words":         {"visits:", "randomization: {kind: blocked, block: four}\nvisits:", []string{`four|randomization.block: "four" is not a whole number`}},
		"list for map":           {"  - {id: a}", "  - [a]", []string{`[a|arms[0]: must be a map with keys (control, dose, id, label, randomized, short)`, `arms[0].id: missing`}},
		"map for list":           {"arms:\n  - {id: a}\n  - {id: c, control: true}", "arms: {id: a}", []string{`arms: must be a list`}},
		"plan level zero":        {"data:", "plans:\n  - {outcome: x, level: 0}\ndata:", []string{`0|plans[0].level: 0 is not above 0; leave the key out`}},
		"plan margin zero":       {"data:", "plans:\n  - {outcome: x, margin: 0}\ndata:", []string{`0|plans[0].margin: 0 is not above 0; leave the key out`}},
		"plan margin too large":  {"data:", "plans:\n  - {outcome: x, margin: 11}\ndata:", []string{`11|plans[0].margin: 11 exceeds 10, the largest difference on the range 0 to 10`}},
		"one row, two plans":     {"data:", "plans:\n  - {outcome: x}\n  - {outcome: x, visit: v1, primary: true}\ndata:", []string{`{outcome:|plans[1]: plans[0] has the same outcome, visit and method (ancova)`}},
		"one fit, two choices":   {"data:", "plans:\n  - {outcome: x, model: mmrm}\n  - {outcome: x, model: mmrm, visit: overall, covariance: cs}\ndata:", []string{`{outcome:|plans[1]: plans[0] has the same outcome, visit and method (mmrm)`}},
		"time before treatment":  {"{id: v1}", "{id: v1, time: -30m}", []string{`-30m|visits[1].time: visit "v1" is after baseline, and its time is before treatment`}},
		"not a map":              {baseProtocol, "id,arm,x0,x1\n1,a,2,3\n", []string{`this is no protocol: it must be a map with keys`}},
		"tab":                    {"  layout", "\tlayout", []string{"\tlayout|a tab before the first word of a line: YAML is indented with spaces"}},
		"syntax":                 {"visits:", "visits: [", []string{`cannot be read as YAML (`}},
		"second document":        {"data:", "---\ndata:", []string{`a second YAML document begins here`}},
		"alias":                  {"{id: a}", "*b", []string{`*b|*b refers to no &b above it`, `arms[0].id: missing`}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, baseProtocol, c.old)
			src := strings.Replace(baseProtocol, c.old, c.new, 1)
			_, err := ParseProtocol(strings.NewReader(src), "p.yaml")
			var problems Problems
			require.ErrorAs(t, err, &problems)
			assert.Len(t, problems, len(c.want), "%v", err)
			// "token|text": the problem's place is where the token begins.
			for _, w := range c.want {
				token, text, placed := strings.Cut(w, "|")
				if !placed {
					assert.ErrorContains(t, err, w)
					continue
				}
				found := ""
				for _, p := range problems {
					if strings.HasPrefix(p.Text, text) {
						found = strings.Split(src, "\n")[p.Line-1][p.Column-1:]
					}
				}
				assert.True(t, strings.HasPrefix(found, token), "%s stands at %q: %v", w, found, err)
			}
			nl, err := problems.In("nl")
			require.NoError(t, err)
			for i, p := range problems {
				assert.NotEqual(t, p.Text, nl[i].Text, "problems speak Dutch")
				assert.Equal(t, "p.yaml", p.File)
				assert.Positive(t, p.Line)
				assert.Positive(t, p.Column)
			}
		})
	}
}

// Everything wrong comes in one error, and the Go literal has the same
// problems without lines.
func TestProtocolAllProblemsAtOnce(t *testing.T) {
	yaml := strings.NewReplacer("{id: a}", "{id: a, control: true}", "better: lower",
		"thresholds: [{kind: MCID, value: 12, level: individual}, {kind: PASS, value: -1}]",
		"v1: x1", "v1: x1, v7: x7").Replace(baseProtocol) + "plans: [{outcome: z, visit: v1}]\nfoo: 1\n"
	_, err := ParseProtocol(strings.NewReader(yaml), "p.yaml")
	var problems Problems
	require.ErrorAs(t, err, &problems)
	assert.Equal(t, `p.yaml:3:22: arms[1].control: a second control arm ("c"); exactly one arm is the control
p.yaml:8:5: outcomes[0].better: missing for outcome "x"; write lower or higher
p.yaml:8:62: outcomes[0].thresholds[0].value: MCID 12 exceeds 10, the largest change on the range 0 to 10
p.yaml:8:106: outcomes[0].thresholds[1].value: PASS -1 is outside the range 0 to 10
p.yaml:13:33: data.columns.x.v7: unknown visit "v7" (v0, v1)
p.yaml:14:19: plans[0].outcome: unknown outcome "z" (x)
p.yaml:15:1: unknown key "foo"; known here: arms, assumed, baseline, data, dose_unit, estimand, estimands, flow, outcomes, plans, population, primary, randomization, registration, simulated, subgroups, title, translations, visits`,
		err.Error())

	p := Protocol{
		Arms:   []Arm{{ID: "a", Control: true}, {ID: "c", Control: true}},
		Visits: []Visit{{ID: "v0"}, {ID: "v1"}},
		Outcomes: []Outcome{{ID: "x", Max: 10, Thresholds: []Threshold{{Kind: MCID, Value: 12, Level: Individual},
			{Kind: PASS, Value: -1}}}},
		Data: DataSpec{Layout: Wide, Participant: "id", Arm: "arm",
			Columns: map[string]map[string]string{"x": {"v0": "x0", "v1": "x1", "v7": "x7"}}},
		Plans: []Plan{{Outcome: "z", Visit: "v1"}},
	}
	var literal Problems
	require.True(t, errors.As(p.Validate(), &literal))
	var texts, want []string
	for _, q := range literal {
		assert.Zero(t, q.Line)
		texts = append(texts, q.Error())
	}
	place := regexp.MustCompile(`^p\.yaml:\d+:\d+: `)
	for _, q := range problems[:len(problems)-1] { // a literal has no unknown keys
		want = append(want, place.ReplaceAllString(q.Error(), ""))
	}
	assert.ElementsMatch(t, want, texts)
	_, err = Load(strings.NewReader("id\n"), "d.csv", p)
	assert.ErrorContains(t, err, "protocol: arms[1].control: a second control arm")
}

// The largest change of the range is allowed, computed in decimals: 1.2 − 0.9
// is less than 0.3 in floats.
func TestThresholdAtTheEdge(t *testing.T) {
	for _, c := range [][2]string{{"[0, 10]", "10"}, {"[0.9, 1.2]", "0.3"}, {"[-5, 5]", "10"}} {
		for _, kind := range []string{"MCID", "MIC", "MDC", "margin"} {
			src := strings.Replace(baseProtocol, "[0, 10]", c[0]+", thresholds: [{kind: "+kind+", value: "+c[1]+", level: between}]", 1)
			_, err := ParseProtocol(strings.NewReader(src), "p.yaml")
			assert.NoError(t, err, "%v %s", c, kind)
		}
	}
	lo, hi := 0.9, 1.2
	assert.Less(t, hi-lo, 0.3, "what floats find")
	for _, pass := range []string{"0", "10"} {
		src := strings.Replace(baseProtocol, "[0, 10]", "[0, 10], thresholds: [{kind: PASS, value: "+pass+"}]", 1)
		_, err := ParseProtocol(strings.NewReader(src), "p.yaml")
		assert.NoError(t, err)
	}
}

func TestProtocolEmptyAndForeign(t *testing.T) {
	for _, src := range []string{"", "# nothing\n", "just text", "- a\n", "{", "a: [1,2", "\x00\x01", "\xff\xfe\x00", "a: &x\n  b: *x\n",
		strings.Repeat("[", 100_000), strings.Repeat("a: {", 1000), strings.Repeat("- ", 50_000), strings.Repeat("a:\n", 40_000),
		"a: &a [" + strings.Repeat("*a, ", 9000) + "]", "x: &x {y: *x}\nz: *x", strings.Repeat("x", 128<<10+1)} {
		_, err := ParseProtocol(strings.NewReader(src), "p.yaml")
		var problems Problems
		assert.ErrorAs(t, err, &problems, "%.20q", src)
	}
}

func TestParseTime(t *testing.T) {
	for s, want := range map[string]time.Duration{"30m": 30 * time.Minute, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour,
		"6w": 42 * 24 * time.Hour, "1.5h": 90 * time.Minute, "0": 0, "0m": 0, "-2w": -14 * 24 * time.Hour, "52 w": 364 * 24 * time.Hour} {
		d, ok := parseTime(s)
		assert.True(t, ok, s)
		assert.Equal(t, want, d, s)
	}
	for _, s := range []string{"", "m", "3", "3mo", "3s", "1e9w", "NaNh", "1h30m", "0x1p2h"} {
		_, ok := parseTime(s)
		assert.False(t, ok, s)
	}
}

func FuzzParseProtocol(f *testing.F) {
	f.Add(issueProtocol)
	f.Add(paperProtocol)
	f.Add(baseProtocol)
	f.Fuzz(func(t *testing.T, src string) {
		p, err := ParseProtocol(strings.NewReader(src), "p.yaml")
		if err == nil && p.Validate() != nil {
			t.Fatal("parsed, but not valid")
		}
	})
}

// The keys under data of rows, values, participants and covariates: YAML and
// Go literal agree, and what contradicts itself is refused at its place.
func TestProtocolDataKeys(t *testing.T) {
	const base = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, range: [0, 4], better: lower}]
data:
  layout: long
  participant: [country, site, id]
  arm: arm
  visit: visit
  columns: {x: x}
  missing: [NA]
  values: {x: {none: 0, " mild ": 1, 7: 4}}
  rows: {instrument: "", flag: [Y, yes]}
  covariates:
    age: {column: age, kind: number, range: [18, 100.5], at: v1}
    site: {column: site, kind: category}
`
	p, err := ParseProtocol(strings.NewReader(base), "p.yaml")
	require.NoError(t, err)
	literal := Protocol{
		Arms: []Arm{{ID: "a"}, {ID: "c", Control: true}}, Visits: []Visit{{ID: "v0"}, {ID: "v1"}},
		Outcomes: []Outcome{{ID: "x", Max: 4, Better: LowerIsBetter}},
		Data: DataSpec{Layout: Long, Within: []string{"country", "site"}, Participant: "id", Arm: "arm", Visit: "visit",
			Columns: map[string]map[string]string{"x": {"": "x"}}, Missing: []string{"NA"},
			Values:     map[string]map[string]string{"x": {"none": "0", "mild": "1", "7": "4"}},
			Rows:       map[string][]string{"instrument": {""}, "flag": {"Y", "yes"}},
			Covariates: []Covariate{{ID: "age", Column: "age", Kind: Numeric, Min: 18, Max: 100.5, At: "v1"}, {ID: "site", Column: "site", Kind: Category}}},
	}
	assert.Equal(t, literal, p)
	assert.NoError(t, literal.Validate())
	one, err := ParseProtocol(strings.NewReader(strings.Replace(base, "[country, site, id]", "[id]", 1)), "p.yaml")
	require.NoError(t, err)
	assert.Equal(t, "id", one.Data.Participant)
	assert.Empty(t, one.Data.Within)

	c := p.clone()
	c.Data.Within[0], c.Data.Values["x"]["none"], c.Data.Rows["flag"][0] = "?", "?", "?"
	assert.Equal(t, literal, p, "a clone shares nothing")

	for _, c := range []struct{ old, with, want string }{
		{"[country, site, id]", "[]", "p.yaml:6:16: data.participant: must be a column, or a list of columns such as [site, id]"},
		{"[country, site, id]", "[site, '', id]", "p.yaml:6:23: data.participant[1]: missing; name the column"},
		{"[country, site, id]", "[id, site, id]", `p.yaml:6:27: data.participant[2]: column "id" stands twice in the list`},
		{"[country, site, id]", "[visit, id]", `p.yaml:6:17: data.participant[0]: column "visit" changes within a participant and cannot tell participants apart`},
		{"[country, site, id]", "[x, id]", `p.yaml:6:17: data.participant[0]: column "x" changes within a participant and cannot tell participants apart`},
		{"[country, site, id]", "[site, arm]", `p.yaml:7:8: data.arm: column "arm" is already named by data.participant[1]`},
		{"[country, site, id]", "[site, [id]]", "p.yaml:6:23: data.participant[1]: must be text"},
		{"values: {x:", "values: {y:", `p.yaml:11:12: data.values.y: unknown outcome "y" (x)`},
		{"values: {x:", "values: {age:", `p.yaml:11:12: data.values.age: "age" is a covariate in numbers; values are those of an outcome or of a category`},
		{"none: 0", "NA: 0", `p.yaml:11:16: data.values.x.NA: "NA" is also declared under data.missing`},
		{"none: 0", `"": 0`, `p.yaml:11:16: data.values.x.: an empty field is always missing`},
		{"none: 0", "none: ", `p.yaml:11:21: data.values.x.none: missing; write the number that "none" means, or declare it under data.missing`},
		{"none: 0", "none: zero", `p.yaml:11:22: data.values.x.none: "zero" is not a number`},
		{"none: 0", "none: 5", `p.yaml:11:22: data.values.x.none: 5 is outside the range 0 to 4`},
		{"none: 0", "7.0: 0", `p.yaml:11:16: data.values.x.7.0: "7.0" is the same number as "7"`},
		{"values: {x: {none: 0, \" mild \": 1, 7: 4}}", "values: {x: {}}", "p.yaml:11:15: data.values.x: is empty; write what the file writes and what it means"},
		{"values: {x: {none: 0, \" mild \": 1, 7: 4}}", "values: [x]", "p.yaml:11:11: data.values: must be a map from an outcome or a category to a map from what the file writes to what it means"},
		{"flag: [Y, yes]", "flag: []", "p.yaml:12:32: data.rows.flag: lists no values; write those of the rows to keep"},
		{"flag: [Y, yes]", "x: [1]", `p.yaml:12:26: data.rows.x: column "x" holds an outcome: rows chosen by it would choose the result`},
		{"rows: {instrument: \"\", flag: [Y, yes]}", "rows: flag", "p.yaml:12:9: data.rows: must be a map from column to the list of values of the rows to keep"},
		{"range: [18, 100.5]", "range: [100, 18]", "p.yaml:14:45: data.covariates[0].range: 100 is not below 18"},
		{"range: [18, 100.5]", "range: [18]", "p.yaml:14:45: data.covariates[0].range: must be two numbers: [low, high]"},
		{"kind: category", "kind: category, range: [0, 1]", `p.yaml:15:49: data.covariates[1].range: belongs to a number; covariate "site" is a category`},
		{"at: v1", "at: v9", `p.yaml:14:62: data.covariates[0].at: unknown visit "v9" (v0, v1)`},
		{"at: v1", "visit: v1", `p.yaml:14:58: unknown key "visit" in data.covariates[0]; known here: at, column, kind, label, range`},
		{"rows:", "row:", `p.yaml:12:3: unknown key "row" in data; known here: adherence, adverse_events, arm, arm_values, baseline, columns, covariates, day, decimal, delimiter, encoding, exposure, files, guess, header, intercurrent, layout, missing, outcome, outcome_values, participant, received, repeats, rows, sets, sheet, status, value, values, visit, visit_values`},
	} {
		t.Run(c.with, func(t *testing.T) {
			require.Contains(t, base, c.old)
			_, err := ParseProtocol(strings.NewReader(strings.Replace(base, c.old, c.with, 1)), "p.yaml")
			assert.EqualError(t, err, c.want)
		})
	}
	wide := strings.NewReplacer("layout: long", "layout: wide", "  visit: visit\n", "", "{x: x}", "{x: {v0: x0, v1: x1}}").Replace(base)
	_, err = ParseProtocol(strings.NewReader(wide), "p.yaml")
	assert.EqualError(t, err, "p.yaml:13:62: data.covariates[0].at: belongs to the long layout; this one is wide")
}
