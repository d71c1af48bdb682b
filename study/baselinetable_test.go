package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// paperProtocol has the keys that a paper's page needs.
const paperProtocol = `title: Laser
population: adults with knee pain
arms:
  - {id: a, label: Active laser, short: Active}
  - {id: c, label: Placebo laser, control: true}
visits: [{id: v0}, {id: v1}]
outcomes:
  - {id: x, label: Pain on a visual analog scale, short: Pain, unit: cm, better: lower}
  - {id: y, better: lower, baseline: none}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v0: x0, v1: x1}, y: {v1: y1}}
  missing: [NA]
  values: {sex: {2: male, 1: female, 3: other}}
  covariates:
    age: {column: age, label: Age at entry, kind: number, range: [18, 100]}
    sex: {column: sex, label: Sex, kind: category}
    grade: {column: grade, kind: category}
plans:
  - {outcome: x, visit: v1, se: hc3}
subgroups: [sex, {age: [50, 65]}]
translations:
  nl: {adults with knee pain: volwassenen met kniepijn, Active: Actief, Pain: Pijn, Age at entry: Leeftijd, male: man, "Sex": Geslacht}
`

func TestProtocolKeysOfAPaper(t *testing.T) {
	p := Parsed(t, paperProtocol)
	assert.Equal(t, "adults with knee pain", p.Population)
	assert.Equal(t, []string{"Active", "Placebo laser"}, []string{p.Arms[0].ShortLabel(), p.Arms[1].ShortLabel()})
	assert.Equal(t, []string{"Pain", "y"}, []string{p.Outcomes[0].ShortLabel(), p.Outcomes[1].ShortLabel()})
	assert.Equal(t, Covariate{ID: "age", Column: "age", Label: "Age at entry", Kind: Numeric, Min: 18, Max: 100}, p.Data.Covariates[0])
	assert.Equal(t, []string{"male", "female", "other"}, p.Data.Covariates[1].Levels, "as data.values lists them")
	assert.Equal(t, []Subgroup{{ID: "sex"}, {ID: "age", Cuts: []float64{50, 65}}}, p.Subgroups)
	assert.Equal(t, StandardErrorHC3, p.Plans[0].SE)
	alone := Parsed(t, strings.Replace(paperProtocol, "[sex, {age: [50, 65]}]", "{age: [65]}", 1))
	assert.Equal(t, []Subgroup{{ID: "age", Cuts: []float64{65}}}, alone.Subgroups)

	c := p.clone()
	c.Subgroups[1].Cuts[0], c.Data.Covariates[1].Levels[0] = 0, "?"
	assert.Equal(t, Parsed(t, paperProtocol), p, "a clone shares nothing")

	for old, bad := range map[string]string{
		"[sex, {age: [50, 65]}]": `[height] | subgroups[0]: unknown covariate "height"
[sex, sex] | subgroups[1]: covariate "sex" is named twice
[{sex: [1]}] | subgroups[0]: "sex" is a category; cuts are those of a number
[{age: [65, 50]}] | subgroups[0]: cuts must rise, and 50 stands behind 65
[{age: [65, 65]}] | subgroups[0]: cuts must rise, and 65 stands behind 65
[{age: [18]}] | subgroups[0]: a cut at 18 leaves a level empty: the range is 18 to 100
[{age: [old]}] | subgroups[0].cuts[0]: "old" is not a number
{age: [65], sex: [1]} | p.yaml:23:24: subgroups[1]: "sex" is a category; cuts are those of a number
[{age: [65], sex: [1]}, sex] | p.yaml:23:36: subgroups[2]: covariate "sex" is named twice
[{age: [65], sex: [1]}, sex] | p.yaml:23:25: subgroups[1]: "sex" is a category; cuts are those of a number
[[age]] | subgroups[0]: must be text
{age: } | subgroups[0]: "age" has no cuts; write where its levels begin`,
		"se: hc3": `se: hc1 | plans[0].se: unknown choice "hc1" (model, hc3)
model: mmrm, se: hc3 | plans[0].se: model mmrm has standard errors of its own; se is a choice of ancova
model: welch-change, se: model | plans[0].se: model welch-change has standard errors of its own`,
		"sex: {2: male, 1: female, 3: other}": `age: {2: male} | data.values.age: "age" is a covariate in numbers
sex: {} | data.values.sex: is empty; write what the file writes and what it means
sex: {NA: male} | data.values.sex.NA: "NA" is also declared under data.missing
sex: {2: } | data.values.sex.2: missing; write the level that "2" means`,
		"population: adults": `population: [adults]  # | population: must be text`,
	} {
		for line := range strings.Lines(bad) {
			with, want, _ := strings.Cut(strings.TrimSpace(line), " | ")
			require.Contains(t, paperProtocol, old)
			_, err := ParseProtocol(strings.NewReader(strings.Replace(paperProtocol, old, with, 1)), "p.yaml")
			assert.ErrorContains(t, err, want, with)
		}
	}
	p.Randomization = Randomization{Kind: RandomizationStratified, Strata: []string{"sex"}, Small: RandomStrata}
	assert.ErrorContains(t, p.Validate(), "plans[0].se: robust standard errors have no form beside strata with a random intercept")
}

const paperData = `id,arm,x0,x1,y1,age,sex,grade
1,a,6.5,5.1,1,61,1,II
2,a,7.25,6,NA,70,2,I
3,a,NA,3,2,NA,2,10
4,c,5,5,2,55,1.0,9
5,c,8,NA,1,64,NA,9
6,c,6,4,1,72,female,
`

// The numbers are those of R's mean, sd, quantile(type = 7) and table.
func TestBaselineDescribesEverybodyInTheFile(t *testing.T) {
	ds, err := Load(strings.NewReader(paperData), "d.csv", Parsed(t, paperProtocol))
	require.NoError(t, err)
	b := ds.Baseline()
	require.Len(t, b, 4, "the outcome without a baseline is not in it")
	ids := []string{}
	for _, v := range b {
		ids = append(ids, v.ID)
		require.Len(t, v.Arms, 2)
		assert.Equal(t, "a", v.Arms[0].Arm)
		assert.Equal(t, "c", v.Arms[1].Arm, "control last")
		assert.Equal(t, v.All.N, v.Arms[0].N+v.Arms[1].N)
		assert.Equal(t, 6, v.All.N+v.All.Missing)
	}
	assert.Equal(t, []string{"age", "sex", "grade", "x"}, ids)

	age := b[0]
	assert.Equal(t, []any{"Age at entry", Numeric, 0, 2, 1}, []any{age.Label, age.Kind, age.Decimals, age.Arms[0].N, age.Arms[0].Missing})
	assert.InDeltaSlice(t, []float64{65.5, 6.363961030678928, 65.5, 63.25, 67.75, 61, 70}, numbersOf(age.Arms[0]), 1e-12)
	assert.InDeltaSlice(t, []float64{64.4, 6.8774995456197595, 64, 61, 70, 55, 72}, numbersOf(age.All), 1e-12)

	sex := b[1]
	assert.Equal(t, []string{"male", "female", "other"}, sex.Levels)
	assert.Equal(t, [][]int{{2, 1, 0}, {0, 2, 0}, {2, 3, 0}}, [][]int{sex.Arms[0].Counts, sex.Arms[1].Counts, sex.All.Counts},
		"1.0 is 1, and a level may stand as it is")
	assert.Equal(t, 1, sex.Arms[1].Missing)
	assert.True(t, math.IsNaN(sex.All.Mean))
	assert.Equal(t, []string{"9", "10", "I", "II"}, b[2].Levels, "natural order")

	x := b[3]
	assert.Equal(t, []any{"Pain on a visual analog scale", "Pain", "cm", true, 2}, []any{x.Label, x.Short, x.Unit, x.Outcome, x.Decimals})
	assert.InDeltaSlice(t, []float64{6.333333333333333, 1.5275252316519468, 6, 5.5, 7, 5, 8}, numbersOf(x.Arms[1]), 1e-12,
		"participant 5 has no value after baseline and is counted")

	_, err = Load(strings.NewReader(strings.Replace(paperData, "female", "vrouw", 1)), "d.csv", Parsed(t, paperProtocol))
	assert.ErrorContains(t, err, `sex: "vrouw" is not among the words of data.values.sex`)

	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(b), fmt.Sprint(rep.Baseline)) // NaN equals nothing
	assert.Equal(t, 2, rep.Results[0].Decimals)
	nl, err := rep.In("nl")
	require.NoError(t, err)
	assert.Equal(t, []string{"volwassenen met kniepijn", "Actief", "Pijn", "Leeftijd", "Leeftijd", "Geslacht", "man"},
		[]string{nl.Protocol.Population, nl.Protocol.Arms[0].Short, nl.Results[0].Outcome.Short, nl.Protocol.Data.Covariates[0].Label,
			nl.Baseline[0].Label, nl.Baseline[1].Label, nl.Baseline[1].Levels[0]})
	assert.Equal(t, "male", rep.Baseline[1].Levels[0], "the report itself is left as it is")
}

func numbersOf(s BaselineSummary) []float64 {
	return []float64{s.Mean, s.SD, s.Median, s.Q1, s.Q3, s.Min, s.Max}
}

// Swapped arms change the sign, another origin and unit nothing; a level of two is the
// other's negative, so one is given; shares and means agree on 0 and 1 but for n − 1.
func TestImbalances(t *testing.T) {
	number := func(m1, s1, m0, s0 float64) float64 {
		v := BaselineVariable{Kind: Numeric, Arms: []BaselineSummary{{Arm: "a", N: 10, Mean: m1, SD: s1}, {Arm: "c", N: 40, Mean: m0, SD: s0}}}
		return v.Imbalances()[0].Value
	}
	assert.InDelta(t, 2/math.Sqrt(12.5), number(7, 3, 5, 4), 1e-15)
	assert.Equal(t, -number(7, 3, 5, 4), number(5, 4, 7, 3))
	assert.InDelta(t, number(7, 3, 5, 4), number(-14+100, 6, -10+100, 8)*-1, 1e-15)
	assert.True(t, math.IsNaN(number(7, 0, 5, 0)), "no spread to measure in")
	assert.True(t, math.IsNaN(number(7, math.NaN(), 5, 1)), "one participant")

	v := BaselineVariable{Kind: Category, Levels: []string{"no", "yes"}, Arms: []BaselineSummary{
		{Arm: "a", N: 8, Counts: []int{6, 2}}, {Arm: "b", N: 0, Counts: []int{0, 0}}, {Arm: "c", N: 10, Counts: []int{5, 5}}}}
	got := v.Imbalances()
	require.Len(t, got, 2)
	assert.Equal(t, Imbalance{Arm: "a", Control: "c", Level: "yes", Value: -0.25 / math.Sqrt((0.1875+0.25)/2), ByChance: math.Sqrt(1.0/8 + 1.0/10)}, got[0])
	assert.True(t, math.IsNaN(got[1].Value), "nobody is in the arm")
	v.Levels = append(v.Levels, "unknown")
	for i := range v.Arms {
		v.Arms[i].Counts = append(v.Arms[i].Counts, 0)
	}
	got = v.Imbalances()
	require.Len(t, got, 6)
	assert.Equal(t, -got[0].Value, got[1].Value)
	assert.True(t, math.IsNaN(got[2].Value), "nobody has the level")
	assert.Nil(t, BaselineVariable{}.Imbalances())
}

func ExampleBaselineVariable_Imbalances() {
	age := BaselineVariable{Label: "Age", Kind: Numeric, Arms: []BaselineSummary{
		{Arm: "laser", N: 50, Mean: 63, SD: 8}, {Arm: "advice", N: 48, Mean: 61, SD: 9}}}
	for _, d := range age.Imbalances() {
		fmt.Printf("%s − %s: %.2f, by chance about ±%.2f\n", d.Arm, d.Control, d.Value, d.ByChance)
	}
	// Output:
	// laser − advice: 0.23, by chance about ±0.20
}
