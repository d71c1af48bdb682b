package study

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// The invented trials of testdata/reference/study_subgroups.R.
var subgroupTrials = map[string]string{"one": `arms: [{id: act}, {id: ctl, control: true}]
visits: [{id: pre}, {id: post}]
randomization: {kind: stratified, strata: [site]}
outcomes: [{id: y, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: pre, post: post}}
  values: {grade: {2: 2, 3: 3, 10: 10}}
  covariates: {site: {column: site, kind: category}, sex: {column: sex, label: Sex, kind: category}, grade: {column: grade, kind: category},
    age: {column: age, kind: number}, bmi: {column: bmi, kind: number}}
plans: [{outcome: y, visit: post, covariates: [bmi], se: model}]
subgroups: [sex, {age: [55, 65]}]
`, "two": `arms: [{id: x}, {id: y}, {id: z, control: true}]
visits: [{id: post}]
baseline: none
outcomes: [{id: v, better: higher}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {v: {post: post}}
  covariates: {sex: {column: sex, kind: category}, age: {column: age, kind: number}}
`, "three": `arms: [{id: act}, {id: ctl, control: true}]
visits: [{id: pre}, {id: post}]
randomization: {kind: stratified, strata: [site, sex], cross: true}
outcomes: [{id: y, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: pre, post: post}}
  covariates: {site: {column: site, kind: category}, sex: {column: sex, kind: category}}
`}

type subgroupEstimate struct {
	Name, Level, Arm               string
	Estimate, SE, DF, Lower, Upper float64
	N, Reference                   int
	F, DF1, DF2, P                 float64
}

func TestSubgroupsAreThoseOfR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_subgroups.json")
	require.NoError(t, err)
	var ref struct {
		Data    map[string]string
		Answers []struct {
			Trial, Covariate   string
			Cuts               []float64
			Robust             bool
			Missing            int
			Rows, Interactions []subgroupEstimate
			F                  subgroupEstimate
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	require.Len(t, ref.Answers, 9)
	for _, want := range ref.Answers {
		about := want.Trial + " " + want.Covariate
		protocol := subgroupTrials[want.Trial]
		if want.Robust {
			about += " robust"
			protocol = strings.Replace(protocol, "se: model", "se: hc3", 1)
		}
		ds, err := Load(strings.NewReader(ref.Data[want.Trial]), "d.csv", Parsed(t, protocol))
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		got, err := SubgroupsOf(r.Results[0], want.Covariate, want.Cuts...)
		require.NoError(t, err)
		require.NoError(t, got.Why, about)
		assert.Equal(t, want.Missing, got.Missing, about)

		same := func(w subgroupEstimate, e stats.Effect, about string) {
			x := e.(stats.Estimate)
			assert.InEpsilon(t, w.Estimate, x.Value, 1e-9, about)
			assert.InEpsilon(t, w.SE, x.SE, 1e-9, about)
			assert.Equal(t, w.DF, x.DF, about)
			assert.InEpsilon(t, w.Lower, x.CI(0.95).Lo, 1e-9, about)
			assert.InEpsilon(t, w.Upper, x.CI(0.95).Hi, 1e-9, about)
		}
		require.Len(t, got.Rows, len(want.Rows), about)
		for _, w := range want.Rows {
			level := w.Level
			if len(want.Cuts) > 0 { // R counts the intervals
				k, err := strconv.Atoi(level)
				require.NoError(t, err)
				level = []string{"< " + num(want.Cuts[0]), "≥ " + num(want.Cuts[0]), "≥ " + num(want.Cuts[len(want.Cuts)-1])}[k]
				if k == 1 && len(want.Cuts) == 2 {
					level += " < " + num(want.Cuts[1])
				}
			}
			found := 0
			for _, row := range got.Rows {
				if row.Level == level && row.Arm == w.Arm {
					found++
					require.NoError(t, row.Why, about+level)
					assert.Equal(t, []int{w.N, w.Reference}, []int{row.Treated.N, row.Reference.N}, about+level)
					same(w, row.Effect, about+level)
				}
			}
			assert.Equal(t, 1, found, about+level)
		}
		require.Len(t, got.Interactions, len(want.Interactions), about)
		for _, w := range want.Interactions { // "sexm:armact", "armx:sexm"
			found := 0
			for _, i := range got.Interactions {
				if w.Name == want.Covariate+i.Level+":arm"+i.Arm || w.Name == "arm"+i.Arm+":"+want.Covariate+i.Level {
					found++
					same(w, i.Effect, about+w.Name)
				}
			}
			assert.Equal(t, 1, found, about+w.Name)
		}
		assert.InEpsilon(t, want.F.F, got.Interaction.F, 1e-8, about)
		assert.Equal(t, []float64{want.F.DF1, want.F.DF2}, []float64{got.Interaction.DF1, got.Interaction.DF2}, about)
		assert.InEpsilon(t, want.F.P, got.Interaction.P(), 1e-8, about)

		// Everyone is the deciding row, whatever the levels' models say.
		assert.Equal(t, r.Results[0].Deciding()[0].Effect, got.All[0].Effect)
		if want.Trial == "one" && !want.Robust {
			require.Len(t, r.Subgroups, 2, "those that the protocol declares")
			assert.Equal(t, []string{"sex", "Sex", "y", "post"}, []string{r.Subgroups[0].Covariate, r.Subgroups[0].Label, r.Subgroups[0].Outcome, r.Subgroups[0].Visit})
			assert.Equal(t, []float64{55, 65}, r.Subgroups[1].Cuts)
			assert.Equal(t, []float64{math.Inf(-1), 55, 65}, []float64{r.Subgroups[1].Rows[0].From, r.Subgroups[1].Rows[1].From, r.Subgroups[1].Rows[2].From})
			assert.Equal(t, math.Inf(1), r.Subgroups[1].Rows[2].To)
			nl, err := r.In("nl")
			require.NoError(t, err)
			assert.Equal(t, "Sex", nl.Subgroups[0].Label)
		}
	}
}

func estimateOf(e stats.Effect) stats.Estimate { return e.(stats.Estimate) }

func num(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// What cannot be answered says so: cuts that do not rise, a number without cuts,
// a level with one arm.
func TestSubgroupsThatCannotBe(t *testing.T) {
	data := "id,arm,site,sex,grade,age,bmi,pre,post\n"
	for i := range 24 {
		grade := "2"
		if i%2 == 0 && i < 8 {
			grade = "3" // treated participants alone
		}
		data += strings.Join([]string{strconv.Itoa(i), []string{"act", "ctl"}[i%2], "A", "f", grade, strconv.Itoa(50 + i*7%11), "25",
			strconv.Itoa(40 + i*5%13), strconv.Itoa(30 + i*3%17)}, ",") + "\n"
	}
	ds, err := Load(strings.NewReader(data), "d.csv", Parsed(t, subgroupTrials["one"]))
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for _, c := range []struct {
		covariate string
		cuts      []float64
		want      string
	}{
		{"age", []float64{65, 55}, "cuts must rise"},
		{"age", []float64{math.NaN()}, "cuts must rise"},
		{"sex", []float64{1}, `no participant has the number "sex" (known: "age", "bmi")`},
		{"height", nil, `no participant has the category "height" (known: "grade", "sex", "site")`},
	} {
		_, err := SubgroupsOf(r.Results[0], c.covariate, c.cuts...)
		assert.ErrorContains(t, err, c.want)
	}
	g, err := SubgroupsOf(r.Results[0], "grade")
	require.NoError(t, err)
	assert.ErrorIs(t, g.Rows[1].Why, stats.ErrDomain, "no control with grade 3")
	assert.Nil(t, g.Rows[1].Effect)
	assert.Nil(t, g.Interaction)
	assert.Empty(t, g.Interactions)
	assert.Error(t, g.Why)
	one, err := SubgroupsOf(r.Results[0], "sex")
	require.NoError(t, err)
	assert.ErrorContains(t, one.Why, "one level only")
	require.Len(t, r.Subgroups, 2)
	assert.Error(t, r.Subgroups[0].Why)
}

// A covariate that the subgroups are of is constant within each of them: a level's
// model is then, by the intercept, that of a plan without it, and not refused.
func TestSubgroupsOfACovariateInTheModel(t *testing.T) {
	data := "id,arm,site,sex,grade,age,bmi,pre,post\n"
	for i := range 40 {
		data += strings.Join([]string{strconv.Itoa(i), []string{"act", "ctl"}[i%2], "A", []string{"f", "m"}[i/2%2], "2", strconv.Itoa(50 + i*7%11), "25",
			strconv.Itoa(40 + i*5%13), strconv.Itoa(30 + i*3%17)}, ",") + "\n"
	}
	rows := func(covariates string) []SubgroupRow {
		y := strings.Replace(subgroupTrials["one"], "covariates: [bmi]", "covariates: ["+covariates+"]", 1)
		y = strings.Replace(y, "randomization: {kind: stratified, strata: [site]}", "randomization: complete", 1)
		ds, err := Load(strings.NewReader(data), "d.csv", Parsed(t, y))
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		g, err := SubgroupsOf(r.Results[0], "sex")
		require.NoError(t, err)
		return g.Rows
	}
	without, with := rows("age"), rows("age, sex")
	require.Len(t, with, 2)
	for i, row := range with {
		require.NoError(t, row.Why, row.Level)
		require.NotNil(t, row.Effect, row.Level)
		want, got := without[i].Effect.CI(0.95), row.Effect.CI(0.95)
		assert.InDelta(t, want.Lo, got.Lo, 1e-9, row.Level)
		assert.InDelta(t, want.Hi, got.Hi, 1e-9, row.Level)
	}
}

// A number that is the baseline, or a covariate of the plan in another unit, is in the
// interaction's model once; with clda, whose response it is, the reason is that. Numbers
// are those of R 4: i <- 0:23; y0 <- 40 + (i*7) %% 31; act <- as.numeric(i %% 2 == 0);
// y <- 20 + (i*5) %% 11 + (i*i) %% 7 + ifelse(act == 1, 0, (i*7) %% 31);
// f <- lm(y ~ y0*act); anova(lm(y ~ y0 + act), f), and f's difference at
// quantile(y0, c(.1, .5, .9)).
func TestSubgroupsAlongTheBaseline(t *testing.T) {
	data := "id,arm,y0,inches,y\n"
	for i := range 24 {
		y0, y, arm := 40+i*7%31, 20+i*5%11+i*i%7, "act"
		if i%2 == 1 {
			y, arm = y+i*7%31, "ctl"
		}
		data += strings.Join([]string{strconv.Itoa(i), arm, strconv.Itoa(y0), strconv.FormatFloat(float64(y0)/2.54, 'f', -1, 64), strconv.Itoa(y)}, ",") + "\n"
	}
	for plan, outcome := range map[string]string{"": "pre: y0, post: y", ", covariates: [inches], se: model": "post: y", ", model: mmrm": "pre: y0, post: y", ", model: clda": "pre: y0, post: y"} {
		y := `arms: [{id: act}, {id: ctl, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {` + outcome + `}}
  covariates: {base: {column: y0, kind: number}, inches: {column: inches, kind: number}}
plans: [{outcome: y, visit: post, se: model` + strings.ReplaceAll(plan, ", se: model", "") + `}]
subgroups: [{base: [55]}, {inches: [20]}]
`
		if strings.Contains(plan, "model: ") && !strings.Contains(plan, "se: model") {
			y = strings.Replace(y, ", se: model", "", 1)
		}
		if outcome == "post: y" {
			y = strings.Replace(y, "better: lower", "better: lower, baseline: none", 1)
		}
		ds, err := Load(strings.NewReader(data), "d.csv", Parsed(t, y))
		require.NoError(t, err, plan)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err, plan)
		require.Len(t, rep.Subgroups, 2)
		for k, s := range rep.Subgroups {
			if strings.Contains(plan, "clda") {
				assert.ErrorIs(t, s.Why, ErrBaselineResponse)
				assert.Nil(t, s.Interaction)
				continue
			}
			unit := []float64{1, 1 / 2.54}[k]
			require.NoError(t, s.Why, plan)
			assert.InEpsilon(t, 30.0973450436066, s.Interaction.F, 1e-9, plan)
			assert.InEpsilon(t, 2.27234085416871e-05, s.Interaction.P(), 1e-8, plan)
			require.Len(t, s.Interactions, 1)
			assert.InEpsilon(t, -0.930642712550606/unit, s.Interactions[0].Effect.Point(), 1e-9, plan)
			assert.InEpsilon(t, 0.169636337502863/unit, estimateOf(s.Interactions[0].Effect).SE, 1e-9, plan)
			require.Len(t, s.At, 3, plan)
			for i, w := range [][3]float64{{42.6, -4.16374156545213, 2.5636048996668}, {54.5, -15.2383898448043, 1.56068567420989}, {67.4, -27.2436808367072, 2.67544246902788}} {
				assert.InEpsilon(t, w[0]*unit, s.At[i].At, 1e-12)
				assert.InEpsilon(t, w[1], s.At[i].Effect.Point(), 1e-9, plan)
				assert.InEpsilon(t, w[2], estimateOf(s.At[i].Effect).SE, 1e-9, plan)
			}
		}
	}
}
