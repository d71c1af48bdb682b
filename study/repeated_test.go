package study_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// With complete data and no structure imposed on the covariance, the model
// with baseline × visit is each visit's own ANCOVA, degrees of freedom
// included.
func TestMMRMOfCompleteDataIsANCOVA(t *testing.T) {
	ds := study.LoadRepeated(t, study.RepeatedProtocol, study.RepeatedTrial(1, 31, 0))
	for _, v := range []string{"v1", "v2", "v3"} {
		res, err := ds.Analyze(study.Plan{Outcome: "y", Visit: v, Model: study.MMRM})
		require.NoError(t, err)
		for _, arm := range []string{"a", "b"} {
			m, _ := study.FindRow(res, "mmrm", arm)
			a, _ := study.FindRow(res, "ancova", arm)
			for _, x := range [][2]float64{{a.Estimate, m.Estimate}, {a.SE, m.SE}, {a.DF, m.DF}, {a.Lower, m.Lower}, {a.Upper, m.Upper}, {a.P, m.P}} {
				assert.InEpsilon(t, x[0], x[1], 1e-8, "%s %s", v, arm)
			}
			assert.Equal(t, a.N, m.N)
			assert.Equal(t, a.N, m.Observed)
			assert.NotContains(t, study.Codes(m.Notes), "missing-at-random")
			assert.NotNil(t, m.Judgement, "the plan's row has the verdict")
			assert.Nil(t, a.Judgement)
		}
	}
}

// The order of the file's rows and of the arms changes nothing.
func TestRepeatedOrder(t *testing.T) {
	rows := study.RepeatedTrial(2, 45, 0.2)
	shuffled := append([]string(nil), rows...)
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	other := strings.Replace(study.RepeatedProtocol, "[{id: a}, {id: b}, {id: c, control: true}]", "[{id: c, control: true}, {id: b}, {id: a}]", 1)
	for _, m := range []study.Plan{{Model: study.MMRM, Covariates: []string{"site"}}, {Model: study.CLDA, Covariance: "toeph"}, {Model: study.LMM, DF: "satterthwaite"},
		{Model: study.LMM, Covariance: "intercept-slope"}, {Model: study.MixedANOVA}, {Model: study.MMRM, Covariance: "sp_exp", Baseline: study.NoBaseline}} {
		m.Outcome = "y"
		first, err := study.LoadRepeated(t, study.RepeatedProtocol, rows).Analyze(m)
		require.NoError(t, err)
		require.Len(t, first.Rows, 8, "two arms, three visits and their average")
		second, err := study.LoadRepeated(t, study.RepeatedProtocol, shuffled).Analyze(m)
		require.NoError(t, err)
		for i, r := range first.Rows {
			assert.Equal(t, r.Effect, second.Rows[i].Effect, "%v: shuffled rows give the same bits", m)
		}
		assert.Equal(t, fmt.Sprint(first.Tests), fmt.Sprint(second.Tests))
		third, err := study.LoadRepeated(t, other, rows).Analyze(m)
		require.NoError(t, err)
		for _, r := range first.Rows {
			require.NotNil(t, r.Effect, "%v: %v", m, r.Notes)
			x := study.RepeatedRow(t, third, r.Visit, r.Arm)
			for _, c := range [][2]float64{{r.Estimate, x.Estimate}, {r.SE, x.SE}, {r.DF, x.DF}} {
				assert.InEpsilon(t, c[0], c[1], 1e-6, "%v at %s: arms in another order", m.Model, r.Visit)
			}
			assert.Equal(t, r.N, x.N)
		}
		require.NotEmpty(t, first.Tests)
		for i, f := range first.Tests {
			assert.InEpsilon(t, f.P, third.Tests[i].P, 1e-5, f.Term)
		}
	}
}

// Exchanging the labels of control and an arm turns the sign.
func TestRepeatedSwap(t *testing.T) {
	rows := study.RepeatedTrial(4, 40, 0.15)
	var two []string
	for _, r := range rows {
		if !strings.Contains(r, ",b,") {
			two = append(two, r)
		}
	}
	ab := strings.Replace(study.RepeatedProtocol, "{id: b}, ", "", 1)
	ba := strings.Replace(study.RepeatedProtocol, "[{id: a}, {id: b}, {id: c, control: true}]", "[{id: a, control: true}, {id: c}]", 1)
	for _, m := range []study.Model{study.MMRM, study.CLDA, study.LMM, study.MixedANOVA} {
		first, err := study.LoadRepeated(t, ab, two).Analyze(study.Plan{Outcome: "y", Model: m})
		require.NoError(t, err)
		second, err := study.LoadRepeated(t, ba, two).Analyze(study.Plan{Outcome: "y", Model: m})
		require.NoError(t, err)
		for _, v := range []string{"v1", "v2", "v3", study.OverallVisit} {
			x, y := study.RepeatedRow(t, first, v, "a"), study.RepeatedRow(t, second, v, "c")
			assert.InDelta(t, x.Estimate, -y.Estimate, 1e-6)
			assert.InEpsilon(t, x.P, y.P, 1e-5)
		}
	}
}

// AnalyzeAll: the visits' rows are those of the one fit, the average has its
// own result, and the report holds to what every report promises.
func TestAnalyzeAllRepeated(t *testing.T) {
	for _, plan := range []string{
		"{outcome: y, model: mmrm, covariates: [site]}",
		"{outcome: y, model: clda, covariance: ar1h, df: satterthwaite}",
		"{outcome: y, model: lmm, covariance: intercept-slope}",
		"{outcome: y, model: mixed-anova, df: huynh-feldt}",
		"{outcome: y, model: mmrm, df: normal}",
		"{outcome: y, model: mmrm}, {outcome: y, visit: v3, model: mmrm, primary: true, registered: {where: NCT1, date: 2020-01-01}}",
		"{outcome: y, model: mmrm}, {outcome: y}, {outcome: y, model: mixed-anova}",
		"{outcome: y, visit: overall, model: mmrm, primary: true}",
	} {
		ds := study.LoadRepeated(t, study.RepeatedProtocol+"plans: ["+plan+"]\n", study.RepeatedTrial(5, 60, 0.2))
		r := analyzeAll(t, ds)
		p := r.Protocol.Plans[0]
		all, err := ds.Analyze(p)
		require.NoError(t, err)
		require.NotEmpty(t, r.Tests, plan)
		found := 0
		for _, res := range r.Results {
			for _, row := range res.Rows {
				if row.Method != p.Method() || row.Arm != "a" {
					continue
				}
				found++
				if p.Visit == "" {
					assert.Equal(t, study.RepeatedRow(t, all, row.Visit, "a").Effect, row.Effect)
				}
				assert.Positive(t, row.N["a"])
				assert.LessOrEqual(t, row.Observed["a"], row.N["a"])
				assert.Equal(t, row.Decides, row.Judgement != nil, "%s at %s", plan, row.Visit)
				assert.True(t, row.Decides, "%s at %s: the first, or the only, model of all visits", plan, row.Visit)
				dropped := 0
				for _, d := range row.Dropped {
					if d.Arm == "a" {
						dropped++
					}
				}
				assert.Equal(t, row.Randomized["a"], row.N["a"]+dropped, "everybody is in or dropped")
			}
		}
		assert.Equal(t, 4, found, "%s: at three visits and on average", plan)
	}
}

// Participants with a baseline and one later value are in the model; missing
// values are said to be missing at random and not complete cases.
func TestMMRMParticipants(t *testing.T) {
	rows := study.RepeatedTrial(6, 45, 0)
	rows[0] = "0,a,x,50,,,"      // nothing after baseline
	rows[1] = "1,b,x,,60,61,62"  // no baseline
	rows[2] = "2,c,x,50,51,,"    // one value
	rows[3] = "3,a,,50,51,52,53" // no covariate
	rows[4] = "4,b,x,,,,"        // nothing
	ds := study.LoadRepeated(t, study.RepeatedProtocol, rows)
	reasons := func(p study.Plan) (map[string]string, study.Row) {
		p.Outcome = "y"
		res, err := ds.Analyze(p)
		require.NoError(t, err)
		out := map[string]string{}
		for _, r := range res.Rows {
			for _, d := range r.Dropped {
				out[d.ID] = d.Reason
			}
		}
		return out, study.RepeatedRow(t, res, "v3", "a")
	}
	got, row := reasons(study.Plan{Model: study.MMRM, Covariates: []string{"site"}})
	assert.Equal(t, map[string]string{"0": "dropped-no-follow-up", "1": "dropped-missing-baseline", "3": "dropped-missing-covariate", "4": "dropped-no-values"}, got)
	assert.Equal(t, map[string]int{"a": 13, "c": 15}, row.N)
	assert.Equal(t, map[string]int{"a": 13, "c": 14}, row.Observed)
	assert.Contains(t, study.Codes(row.Notes), "missing-at-random")
	got, _ = reasons(study.Plan{Model: study.MMRM})
	assert.Equal(t, map[string]string{"0": "dropped-no-follow-up", "1": "dropped-missing-baseline", "4": "dropped-no-values"}, got)
	got, _ = reasons(study.Plan{Model: study.MMRM, Baseline: study.NoBaseline})
	assert.Equal(t, map[string]string{"0": "dropped-no-follow-up", "4": "dropped-no-follow-up"}, got)
	got, _ = reasons(study.Plan{Model: study.CLDA})
	assert.Equal(t, map[string]string{"4": "dropped-no-values"}, got)
	all, err := ds.Analyze(study.Plan{Outcome: "y", Model: study.CLDA})
	require.NoError(t, err)
	n := map[string]int{}
	for _, l := range all.LSMeans {
		n[l.Visit+" "+l.Arm] = l.N
	}
	assert.Equal(t, []int{15, 13, 15, 14, 15}, []int{n["v0 a"], n["v0 b"], n["v0 c"], n["v1 a"], n["overall a"]})
	got, row = reasons(study.Plan{Model: study.MixedANOVA})
	assert.Equal(t, map[string]string{"0": "dropped-no-follow-up", "1": "dropped-missing-baseline", "2": "dropped-incomplete", "4": "dropped-no-values"}, got)
	assert.NotContains(t, study.Codes(row.Notes), "missing-at-random")

	res, err := ds.Analyze(study.Plan{Outcome: "y", Visit: "v2", Model: study.MMRM})
	require.NoError(t, err)
	assert.Contains(t, study.Codes(res.Notes), "complete-cases-beside")
	m, _ := study.FindRow(res, "mmrm", "a")
	assert.NotContains(t, study.Codes(res.SharedNotes(m)), "complete-cases-beside")
}

// What cannot be fitted is a row without numbers whose note says what to try.
func TestMMRMThatCannotBeFitted(t *testing.T) {
	rows := []string{"1,a,x,5,4,3,2", "2,a,y,6,5,5,4", "3,c,x,7,6,5,5", "4,c,y,5,5,6,4", "5,a,x,6,3,4,4", "6,c,x,4,4,5,3"}
	two := strings.Replace(study.RepeatedProtocol, "{id: b}, ", "", 1) + "plans: [{outcome: y, model: mmrm}]\n"
	row, ok := study.FindRow(analyzeAll(t, study.LoadRepeated(t, two, rows)).Results[0], "mmrm", "a")
	require.True(t, ok)
	assert.NotNil(t, row.Effect)
	assert.Contains(t, study.Codes(row.Notes), "mmrm-few-participants")
	r := analyzeAll(t, study.LoadRepeated(t, two, rows[:4]))
	row, ok = study.FindRow(r.Results[0], "mmrm", "a")
	require.True(t, ok)
	assert.Nil(t, row.Effect)
	assert.True(t, math.IsNaN(row.Estimate) && math.IsNaN(row.P))
	assert.Contains(t, study.Codes(row.Notes), "not-converged")
	assert.Contains(t, text.English().Say(row.Notes[0].Code, row.Notes[0].Args), "What to try: fewer parameters")
	// An arm that lost everybody leaves the others their answer.
	lost := append(study.RepeatedTrial(7, 24, 0), "90,a,x,,1,2,3")
	for i, l := range lost {
		if strings.Contains(l, ",b,") {
			lost[i] = strings.Join(strings.Split(l, ",")[:4], ",") + ",,,"
		}
	}
	for _, m := range []study.Model{study.MMRM, study.LMM, study.MixedANOVA} {
		res, err := study.LoadRepeated(t, study.RepeatedProtocol, lost).Analyze(study.Plan{Outcome: "y", Model: m})
		require.NoError(t, err)
		assert.NotNil(t, study.RepeatedRow(t, res, "v2", "a").Effect, m)
		b := study.RepeatedRow(t, res, "v2", "b")
		assert.Nil(t, b.Effect)
		assert.Contains(t, study.Codes(b.Notes), "empty-arm")
	}
}

func TestPlanFaults(t *testing.T) {
	for want, plan := range map[string]string{
		`p.yaml:13:43: plans[0].covariance: unknown structure "unstructured" (us, cs,`:                  "{outcome: y, model: mmrm, covariance: unstructured}",
		`plans[0].df: unknown method "kr" (kenward-roger,`:                                              "{outcome: y, model: clda, df: kr}",
		`plans[0].df: unknown method "between-within" (kenward-roger, satterthwaite, residual, normal)`: "{outcome: y, model: lmm, df: between-within}",
		`plans[0].covariance: unknown random effects "us"`:                                              "{outcome: y, model: lmm, covariance: us}",
		`plans[0].baseline: clda has the baseline among its responses`:                                  "{outcome: y, model: clda, baseline: none}",
		`plans[0].baseline: unknown choice "v1" (none)`:                                                 "{outcome: y, model: mmrm, baseline: v1}",
		`plans[0].covariates: a mixed analysis of variance takes none`:                                  "{outcome: y, model: mixed-anova, covariates: [site]}",
		`plans[0].df: unknown correction "gg"`:                                                          "{outcome: y, model: mixed-anova, df: gg}",
		`plans[0].covariance: model ancova has no such choice`:                                          "{outcome: y, covariance: us}",
		`plans[0].covariance_by_arm: only mmrm and clda`:                                                "{outcome: y, model: lmm, covariance_by_arm: true}",
		`plans[0].visit: overall is the average over`:                                                   "{outcome: y, visit: overall}",
	} {
		_, err := study.ParseProtocol(strings.NewReader(study.RepeatedProtocol+"plans:\n  - "+plan+"\n"), "p.yaml")
		assert.ErrorContains(t, err, want)
	}
	timeless := strings.NewReplacer(", time: 1w", "", ", time: 2w", "").Replace(study.RepeatedProtocol)
	for _, c := range []string{"model: mmrm, covariance: sp_exp", "model: clda, covariance: sp_gau", "model: lmm, covariance: intercept-slope"} {
		_, err := study.ParseProtocol(strings.NewReader(timeless+"plans: [{outcome: y, "+c+"}]\n"), "p.yaml")
		assert.ErrorContains(t, err, "needs the visits' times; visit v1, v2 has none")
	}
	none := strings.Replace(study.RepeatedProtocol, "visits:", "baseline: none\nvisits:", 1)
	_, err := study.ParseProtocol(strings.NewReader(none+"plans: [{outcome: y, model: clda}]\n"), "p.yaml")
	assert.ErrorContains(t, err, "mmrm can do without")
	ds := study.LoadRepeated(t, none+"plans: [{outcome: y, model: mmrm, baseline: none}]\n", study.RepeatedTrial(8, 30, 0.1))
	r := analyzeAll(t, ds)
	assert.Len(t, r.Results, 5, "four visits and their average")
}

func TestRepeatedStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	ds := study.LoadRepeated(t, study.RepeatedProtocol, study.RepeatedTrial(9, 30, 0.2))
	for _, m := range []study.Model{study.MMRM, study.CLDA, study.LMM} {
		_, err := ds.AnalyzeContext(ctx, study.Plan{Outcome: "y", Model: m})
		assert.ErrorIs(t, err, context.Canceled)
	}
}

// Data from which nothing can be concluded give rows without numbers, and a
// report; never a panic, a NaN in a file or an error.
func TestRepeatedOfDegenerateData(t *testing.T) {
	two := strings.Replace(study.RepeatedProtocol, "{id: b}, ", "", 1)
	constant := []string{}
	for i := range 12 {
		constant = append(constant, fmt.Sprintf("%d,%s,x,5,5,5,5", i, string("ac"[i%2])))
	}
	arms := []string{}
	for i := range 12 {
		arms = append(arms, fmt.Sprintf("%d,%s,x,5,%d,%d,%d", i, string("ac"[i%2]), i%2, 2*(i%2), 3*(i%2)))
	}
	for name, rows := range map[string][]string{
		"one each":          {"1,a,x,5,4,3,2", "2,c,y,6,5,5,4"},
		"two each":          {"1,a,x,5,4,3,2", "2,c,y,6,5,5,4", "3,a,x,4,4,2,2", "4,c,y,6,7,5,5"},
		"constant":          constant,
		"arms differ only":  arms,
		"nobody came back":  {"1,a,x,5,,,", "2,c,y,6,,,", "3,a,x,4,,,", "4,c,y,6,,,"},
		"active lost":       {"1,a,x,5,,,", "2,c,y,6,5,4,3", "3,a,x,4,,,", "4,c,y,6,5,5,6", "5,c,x,4,5,4,4"},
		"control lost":      {"1,a,x,5,4,4,5", "2,c,y,6,,,", "3,a,x,4,5,5,6", "4,c,y,6,,,"},
		"a visit lost":      {"1,a,x,5,4,,5", "2,c,y,6,5,,4", "3,a,x,4,5,,6", "4,c,y,6,4,,3", "5,a,x,7,4,,4", "6,c,x,3,4,,6", "7,a,y,2,4,,1", "8,c,y,5,5,,7"},
		"an arm at a visit": {"1,a,x,5,4,,5", "2,c,y,6,5,3,4", "3,a,x,4,5,,6", "4,c,y,6,4,2,3", "5,a,x,7,4,,4", "6,c,x,3,4,5,6", "7,a,y,2,4,,1", "8,c,y,5,5,6,7"},
		"disjoint visits":   {"1,a,x,5,4,,", "2,c,y,6,5,,", "3,a,x,4,,5,", "4,c,y,6,,4,", "5,a,x,7,,,4", "6,c,x,3,,,5", "7,a,y,2,4,,", "8,c,y,5,5,,", "9,a,x,3,,6,", "10,c,y,5,,7,", "11,a,y,4,,,3", "12,c,y,6,,,6"},
		"one visit":         {"1,a,x,5,4,,", "2,c,y,6,5,,", "3,a,x,4,5,,", "4,c,y,6,4,,", "5,a,x,7,4,,", "6,c,x,3,4,,"},
		"same baseline":     {"1,a,x,5,4,3,2", "2,c,y,5,5,5,4", "3,a,x,5,4,2,2", "4,c,y,5,7,5,5", "5,a,x,5,3,4,4", "6,c,x,5,6,4,7"},
		"covariate is arm":  {"1,a,x,5,4,3,2", "2,c,y,6,5,5,4", "3,a,x,4,4,2,2", "4,c,y,6,7,5,5", "5,a,x,6,3,4,4", "6,c,y,4,6,4,7"},
		"huge":              {"1,a,x,5e9,4e9,3e9,2e9", "2,c,y,6e9,5e9,5e9,4e9", "3,a,x,4e9,4e9,2e9,2e9", "4,c,y,6e9,7e9,5e9,5e9", "5,a,x,6e9,3e9,4e9,4e9", "6,c,x,4e9,6e9,4e9,7e9"},
	} {
		for _, plan := range []string{"model: mmrm", "model: mmrm, covariates: [site]", "model: mmrm, covariance: toeph, covariance_by_arm: true, df: between-within",
			"model: mmrm, baseline: none, covariance: sp_gau", "model: clda, covariance: cs", "model: lmm", "model: lmm, covariance: intercept-slope, df: satterthwaite",
			"model: mixed-anova", "model: mixed-anova, baseline: none, df: none"} {
			t.Run(name+"/"+plan, func(t *testing.T) {
				analyzeAll(t, study.LoadRepeated(t, two+"plans: [{outcome: y, "+plan+"}]\n", rows))
			})
		}
	}
}
