package study

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// repeatedSubgroupTrial has the variables of testdata/reference/study_subgroups_repeated.R.
func repeatedSubgroupTrial(arms, plan string) string {
	return `arms: [` + arms + `]
visits: [{id: pre}, {id: w1}, {id: w2}, {id: w3}]
randomization: {kind: stratified, strata: [site]}
outcomes: [{id: y, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: pre, w1: w1, w2: w2, w3: w3}}
  covariates: {site: {column: site, kind: category}, sex: {column: sex, kind: category}, age: {column: age, kind: number}}
plans: [{outcome: y, visit: w1, ` + plan + `}, {outcome: y, visit: w2, ` + plan + `}, {outcome: y, visit: w3, ` + plan + `}]
`
}

var repeatedSubgroupArms = map[string]string{"one": "{id: act}, {id: ctl, control: true}", "two": "{id: x}, {id: y}, {id: z, control: true}"}

// Rows, interactions and their F test are R's, of models that R fits: lmer with
// Kenward and Roger's degrees of freedom, gls without.
func TestRepeatedSubgroupsAreThoseOfR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_subgroups_repeated.json")
	require.NoError(t, err)
	type estimate struct {
		Visit, Level, Name, Arm string
		Estimate, SE, DF        float64
	}
	var ref struct {
		Data    map[string]string
		Answers []struct {
			Trial, Model, Covariate string
			Cuts                    []float64
			Rows, Interactions      []estimate
			F                       []struct {
				Visit       string
				F, DF1, DF2 float64
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	require.Len(t, ref.Answers, 12)
	results := map[string]Report{}
	compared := 0
	for _, want := range ref.Answers {
		about := want.Trial + " " + want.Model + " " + want.Covariate + " "
		plan, tol := "model: "+want.Model+", df: satterthwaite, covariance: us", 2e-4 // gls stops early
		if want.Model == "lmm" {
			plan, tol = "model: lmm, df: kenward-roger", 1e-5 // lmer's and pbkrtest's own
		}
		r, ok := results[want.Trial+want.Model]
		if !ok {
			ds, err := Load(strings.NewReader(ref.Data[want.Trial]), "d.csv", Parsed(t, repeatedSubgroupTrial(repeatedSubgroupArms[want.Trial], plan)))
			require.NoError(t, err)
			r, err = ds.AnalyzeAll()
			require.NoError(t, err)
			results[want.Trial+want.Model] = r
		}
		same := func(w estimate, e stats.Estimate, about string) {
			compared++
			assert.InDelta(t, w.Estimate, e.Value, tol*w.SE, about)
			assert.InEpsilon(t, w.SE, e.SE, tol, about)
			if w.DF > 0 {
				assert.InEpsilon(t, w.DF, e.DF, tol, about)
			}
		}
		for _, res := range r.Results {
			if res.Visit.ID == "" {
				continue
			}
			got, err := SubgroupsOf(res, want.Covariate, want.Cuts...)
			require.NoError(t, err)
			require.NoError(t, got.Why, about)
			level := func(l string) string { // R counts intervals
				if k, err := strconv.Atoi(l); err == nil {
					return []string{"< 55", "≥ 55 < 65", "≥ 65"}[k]
				}
				return l
			}
			n := 0
			for _, w := range want.Rows {
				for _, row := range got.Rows {
					if w.Visit == res.Visit.ID && row.Level == level(w.Level) && row.Arm == w.Arm {
						n++
						require.NoError(t, row.Why, about)
						assert.Equal(t, Method(want.Model), row.Method)
						same(w, row.Effect.(stats.Estimate), about+w.Visit+w.Level+w.Arm)
					}
				}
			}
			assert.Len(t, got.Rows, n, about)
			n = 0
			for _, w := range want.Interactions {
				for _, x := range got.Interactions {
					if w.Visit == res.Visit.ID && x.Level == w.Name && x.Arm == w.Arm {
						n++
						same(w, estimateOf(x.Effect), about+w.Visit+w.Name+w.Arm)
					}
				}
			}
			assert.Len(t, got.Interactions, n, about)
			for _, w := range want.F {
				if w.Visit == res.Visit.ID {
					compared++
					assert.InEpsilon(t, w.F, got.Interaction.F, 10*tol, about)
					assert.Equal(t, w.DF1, got.Interaction.DF1, about)
					if w.DF2 > 0 {
						assert.InEpsilon(t, w.DF2, got.Interaction.DF2, 10*tol, about)
					}
				}
			}
			require.Len(t, got.All, len(r.Protocol.Arms)-1)
			assert.Equal(t, res.Deciding()[0].Effect, got.All[0].Effect)
		}
	}
	assert.Equal(t, 225, compared)
}

// completeTrial has a value of everybody at every visit.
func completeTrial(n int, sexOf func(i int) string) string {
	data := "id,arm,site,sex,age,pre,w1,w2,w3\n"
	for i := range n {
		data += fmt.Sprintf("%d,%s,A,%s,%d,%d,%d,%d,%d\n", i, []string{"act", "ctl"}[i%2], sexOf(i), 50+i*7%23, 40+i*5%13, 30+i*11%17, 28+i*3%19, 25+i*13%23)
	}
	return data
}

// With complete data, an unstructured matrix and every term at every visit, each
// visit's model is that visit's least squares, degrees of freedom included.
func TestRepeatedSubgroupsOfCompleteDataAreLeastSquares(t *testing.T) {
	const n = 48
	y := strings.Replace(repeatedSubgroupTrial(repeatedSubgroupArms["one"], "model: mmrm, covariance: us"), "randomization: {kind: stratified, strata: [site]}", "randomization: complete", 1)
	ds, err := Load(strings.NewReader(completeTrial(n, func(i int) string { return []string{"f", "m", "x"}[i/2%3] })), "d.csv", Parsed(t, y))
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for k, v := range []string{"w1", "w2", "w3"} {
		var post, pre []float64
		var arm, sex []string
		for i := range n {
			pre, arm, sex = append(pre, float64(40+i*5%13)), append(arm, []string{"act", "ctl"}[i%2]), append(sex, []string{"f", "m", "x"}[i/2%3])
			post = append(post, []float64{float64(30 + i*11%17), float64(28 + i*3%19), float64(25 + i*13%23)}[k])
		}
		a, s := regress.Category("arm", arm, "ctl"), regress.Category("sex", sex, "f")
		m, err := regress.Linear(post, regress.Numeric("pre", pre), s, a, regress.Interaction(a, s))
		require.NoError(t, err)
		at := func(names ...string) stats.Estimate {
			row := make([]float64, len(m.Names()))
			for i, x := range m.Names() {
				for _, name := range names {
					if x == name {
						row[i]++
					}
				}
			}
			return m.Contrast(row)
		}
		got, err := SubgroupsOf(r.Results[k], "sex")
		require.NoError(t, err)
		require.NoError(t, got.Why)
		for i, want := range []stats.Estimate{at("armact"), at("armact", "armact:sexm"), at("armact", "armact:sexx")} {
			e := got.Rows[i].Effect.(stats.Estimate)
			assert.InDelta(t, want.Value, e.Value, 1e-7, v)
			assert.InEpsilon(t, want.SE, e.SE, 1e-6, v)
			assert.InEpsilon(t, want.DF, e.DF, 1e-5, v)
		}
		f := m.Test("arm:sex").FTest
		assert.InEpsilon(t, f.F, got.Interaction.F, 1e-6, v)
		assert.InEpsilon(t, f.DF2, got.Interaction.DF2, 1e-5, v)
	}
}

// A level in which an arm has nobody is out of the model and says why; the
// interaction is then not tested, and no other model answers in its place. Of one
// level there is nothing to compare.
func TestRepeatedSubgroupsThatCannotBe(t *testing.T) {
	y := repeatedSubgroupTrial(repeatedSubgroupArms["one"], "model: mmrm, covariance: cs")
	answer := func(sexOf func(int) string, data func(string) string) Subgroups {
		ds, err := Load(strings.NewReader(data(completeTrial(40, sexOf))), "d.csv", Parsed(t, y))
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		s, err := SubgroupsOf(r.Results[0], "sex")
		require.NoError(t, err)
		require.NotNil(t, s.All[0].Effect)
		return s
	}
	all := func(s string) string { return s }
	s := answer(func(i int) string {
		if i%2 == 0 && i < 8 {
			return "x" // treated participants alone
		}
		return []string{"f", "m"}[i/2%2]
	}, all)
	require.Len(t, s.Rows, 3)
	assert.Equal(t, []string{"f", "m", "x"}, []string{s.Rows[0].Level, s.Rows[1].Level, s.Rows[2].Level})
	assert.NotNil(t, s.Rows[0].Effect)
	assert.NotNil(t, s.Rows[1].Effect)
	assert.Nil(t, s.Rows[2].Effect)
	assert.ErrorIs(t, s.Rows[2].Why, stats.ErrTooFew)
	assert.ErrorContains(t, s.Rows[2].Why, `nobody in arm "ctl"`)
	assert.Equal(t, 4, s.Rows[2].Treated.N)
	assert.Nil(t, s.Interaction)
	assert.Empty(t, s.Interactions)
	assert.ErrorIs(t, s.Why, stats.ErrTooFew)
	assert.Equal(t, MethodMMRM, s.Rows[2].Method)

	s = answer(func(int) string { return "f" }, all)
	require.Len(t, s.Rows, 1)
	assert.Equal(t, s.All[0].Effect, s.Rows[0].Effect)
	assert.ErrorIs(t, s.Why, errOneLevel)

	r, err := func() (Report, error) {
		ds, err := Load(strings.NewReader(completeTrial(40, func(i int) string { return []string{"f", "m"}[i/2%2] })), "d.csv",
			Parsed(t, y+"subgroups: [sex, {age: [60]}]\n"))
		require.NoError(t, err)
		return ds.AnalyzeAll()
	}()
	require.NoError(t, err)
	require.Len(t, r.Subgroups, 6)
	_, err = declaredSubgroups(canceled(t), r.Protocol, r.Results)
	assert.ErrorIs(t, err, context.Canceled)
}

func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
