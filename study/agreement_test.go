package study

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// factsTrial is a trial of testdata/reference/study_facts.R, whose numbers are R's.
type factsTrial struct {
	CSV, Randomization, Covariates string
	Active                         []string
	Joint, HC3Joint                factsJoint
	Slopes, HC3Slopes              factsSlopes
	Cook                           float64
	CookID                         string
}

type factsJoint struct {
	Estimate, SE, Lower, Upper []float64
	DF                         float64
}

type factsSlopes struct {
	F, DF1, DF2, P, Low, High float64
	Slope, SE                 []float64
	AtLow, AtHigh             struct{ Estimate, SE []float64 }
}

func factsTrials(t *testing.T) map[string]factsTrial {
	t.Helper()
	raw, err := os.ReadFile("../testdata/reference/study_facts.json")
	require.NoError(t, err)
	for _, key := range []string{"hc3_joint", "hc3_slopes", "at_low", "at_high", "cook_id"} {
		raw = []byte(strings.ReplaceAll(string(raw), `"`+key+`"`, `"`+strings.ReplaceAll(key, "_", "")+`"`))
	}
	out := map[string]factsTrial{}
	require.NoError(t, json.Unmarshal(raw, &out))
	return out
}

// load makes the trial's dataset with a plan, the words after its outcome and visit.
func (f factsTrial) load(t *testing.T, plan string) *Dataset {
	t.Helper()
	header, _, _ := strings.Cut(f.CSV, "\n")
	covariates := ""
	if strings.Contains(header, "site") {
		covariates = "site: {column: site, kind: category}"
	}
	if strings.Contains(header, "age") {
		covariates += ", age: {column: age, kind: number}"
		plan += ", covariates: [" + f.Covariates + "]"
	}
	arms := ""
	for _, a := range f.Active {
		arms += "{id: " + a + "}, "
	}
	control := "c"
	if strings.Contains(f.CSV, ",Cont,") {
		control = "Cont"
	}
	p := Parsed(t, `
title: Facts
arms: [`+arms+`{id: `+control+`, control: true}]
randomization: {`+f.Randomization+`}
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {pre: pre, post: post}}, covariates: {`+covariates+`}}
plans: [{outcome: y, visit: post`+plan+`}]
`)
	ds, err := Load(strings.NewReader(f.CSV), "d.csv", p)
	require.NoError(t, err)
	return ds
}

// answer is the result at the trial's one visit.
func answer(t *testing.T, ds *Dataset) Result {
	t.Helper()
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return rep.Results[0]
}

func TestJointIntervalsAndSlopesAgreeWithR(t *testing.T) {
	for name, f := range factsTrials(t) {
		t.Run(name, func(t *testing.T) {
			res := answer(t, f.load(t, ""))
			checkJoint(t, f, f.Joint, res)
			checkSlopes(t, f, f.Slopes, res)
			assert.InDelta(t, f.Cook, res.Diagnostics.Cook, 1e-9)
			assert.Equal(t, f.CookID, res.Diagnostics.CookID)
			assert.Empty(t, res.Diagnostics.Influential)
		})
	}
}

func checkJoint(t *testing.T, f factsTrial, want factsJoint, res Result) {
	t.Helper()
	require.Len(t, res.Joint, len(f.Active))
	for i, a := range f.Active {
		row, j := res.Deciding()[i], res.Joint[i]
		require.Equal(t, [2]string{a, a}, [2]string{row.Arm, j.Arm})
		assert.InDelta(t, want.Estimate[i], row.Estimate, 1e-9)
		assert.InDelta(t, want.SE[i], row.SE, 1e-9)
		assert.Equal(t, want.DF, row.DF)
		assert.Equal(t, row.Estimate, j.Estimate)
		assert.Equal(t, 0.95, j.Level)
		assert.Equal(t, "dunnett", j.Method)
		// mvtnorm's quasi-random integration is good to four or five digits.
		assert.InDelta(t, want.Lower[i], j.Lower, 2e-4)
		assert.InDelta(t, want.Upper[i], j.Upper, 2e-4)
	}
}

func checkSlopes(t *testing.T, f factsTrial, want factsSlopes, res Result) {
	t.Helper()
	s := res.BaselineSlopes
	require.NotNil(t, s)
	for _, x := range [][2]float64{{want.F, s.F}, {want.DF1, s.DF1}, {want.DF2, s.DF2}, {want.P, s.P}, {want.Low, s.Low}, {want.High, s.High}} {
		assert.InDelta(t, x[0], x[1], 1e-9)
	}
	require.Len(t, s.Arms, len(f.Active))
	for i, a := range s.Arms {
		assert.Equal(t, f.Active[i], a.Arm)
		for _, x := range []struct {
			got  stats.Estimate
			e, s float64
		}{{a.Slope, want.Slope[i], want.SE[i]}, {a.AtLow, want.AtLow.Estimate[i], want.AtLow.SE[i]}, {a.AtHigh, want.AtHigh.Estimate[i], want.AtHigh.SE[i]}} {
			assert.InDelta(t, x.e, x.got.Value, 1e-9)
			assert.InDelta(t, x.s, x.got.SE, 1e-9)
			assert.Equal(t, want.DF2, x.got.DF)
		}
	}
}

// The numbers of anorexia as R prints them: lm(postwt ~ group * prewt), and emmeans'
// trt.vs.ctrl with adjust = "mvt", 68 degrees of freedom.
func TestAnorexiaVariesWithBaseline(t *testing.T) {
	res := answer(t, factsTrials(t)["anorexia"].load(t, ""))
	s := res.BaselineSlopes
	assert.InDelta(t, 5.4112, s.F, 5e-5)
	assert.Equal(t, [2]float64{2, 66}, [2]float64{s.DF1, s.DF2})
	assert.InDelta(t, 0.006666, s.P, 5e-7)
	assert.Equal(t, [2]float64{76.5, 88.7}, [2]float64{s.Low, s.High})
	for i, want := range [][2]string{{"-1.3 -6.6 3.9", "10.6 4.9 16.4"}, {"2.6 -3.8 9.0", "15.3 9.0 21.7"}} { // CBT, FT
		for k, e := range []stats.Estimate{s.Arms[i].AtLow, s.Arms[i].AtHigh} {
			ci := e.CI(0.95)
			assert.Equal(t, want[k], fmt.Sprintf("%.1f %.1f %.1f", e.Value, ci.Lo, ci.Hi))
		}
	}
	assert.Equal(t, "-0.188 8.38", fmt.Sprintf("%.3f %.2f", res.Joint[0].Lower, res.Joint[0].Upper))
	assert.Equal(t, "3.697 13.62", fmt.Sprintf("%.3f %.2f", res.Joint[1].Lower, res.Joint[1].Upper))
}

// Of the four other ways to compare the arms of anorexia all leave out 0 for FT, and
// one, re-randomization, for CBT (../shared/page-one.md).
func TestAgreementCountsCompanions(t *testing.T) {
	res := answer(t, factsTrials(t)["anorexia"].load(t, ""))
	a := res.Agreement()
	require.Len(t, a, 2)
	methods := func(rows []Row) []Method {
		var out []Method
		for _, r := range rows {
			out = append(out, r.Method)
		}
		return out
	}
	assert.Equal(t, "CBT", a[0].Arm)
	assert.Equal(t, "post", a[0].Visit)
	assert.Equal(t, []Method{MethodPermutationANCOVA, MethodWelchChange, MethodPermutationChange, MethodMannWhitneyChange}, methods(a[0].Companions))
	assert.Equal(t, 1, a[0].Agree)
	assert.Equal(t, []Method{MethodWelchChange, MethodPermutationChange, MethodMannWhitneyChange}, methods(a[0].Differ))
	assert.Equal(t, 4, a[1].Agree)
	assert.Empty(t, a[1].Differ)

	// A supplementary plan asks another question; a sensitivity analysis asks this
	// one.
	f := factsTrials(t)["anorexia"]
	for role, n := range map[string]int{"supplementary": 3, "sensitivity": 4} {
		res := answer(t, f.load(t, ", role: primary}, {outcome: y, visit: post, model: welch-change, role: "+role))
		assert.Len(t, res.Agreement()[0].Companions, n, role)
	}

	// Of a plan with a margin the margin is asked about: CBT − Cont is 4.10 (0.32 to
	// 7.88) by ANCOVA and 3.5 (−0.7 to 7.6) by Welch, both above −1.
	res = answer(t, f.load(t, ", margin: 1"))
	a = res.Agreement()
	assert.Equal(t, -1.0, a[0].Null)
	assert.Equal(t, 4, a[0].Agree)
}

func TestNoJointIntervalsNorSlopes(t *testing.T) {
	f := factsTrials(t)["anorexia"]
	res := answer(t, f.load(t, ", model: welch-change"))
	assert.Nil(t, res.Joint)
	assert.Nil(t, res.BaselineSlopes)

	ds := LoadRepeated(t, RepeatedProtocol+"plans: [{outcome: y, visit: v1, model: mmrm}]\n", RepeatedTrial(1, 60, 0))
	res = answer(t, ds)
	assert.Equal(t, MethodMMRM, res.Deciding()[0].Method)
	assert.Nil(t, res.Joint)
	assert.Nil(t, res.BaselineSlopes)
	assert.Equal(t, "", res.Diagnostics.CookID)

	res = answer(t, LoadRows(t, SmallProtocol, "a 1 2", "a 2 4", "a 3 3", "c 1 1", "c 2 3", "c 4 2"))
	assert.Nil(t, res.Joint, "one active arm")
	require.NotNil(t, res.BaselineSlopes)
	assert.Equal(t, 2.0, res.BaselineSlopes.DF2)

	res = answer(t, LoadRows(t, SmallProtocol, "a 2 2", "a 2 4", "a 2 3", "c 1 1", "c 2 3", "c 4 2"))
	assert.Nil(t, res.BaselineSlopes, "an arm of one baseline has no slope")
}

// HC3 by R's sandwich and by matrix algebra: the plan's row, its joint intervals and
// its slopes have it; ANCOVA beside it, where it is another plan's, has not.
func TestHC3AgreesWithR(t *testing.T) {
	for name, f := range factsTrials(t) {
		t.Run(name, func(t *testing.T) {
			res := answer(t, f.load(t, ", se: hc3"))
			checkJoint(t, f, f.HC3Joint, res)
			checkSlopes(t, f, f.HC3Slopes, res)
			for i, row := range res.Deciding() {
				assert.Contains(t, Codes(row.Notes), "hc3-errors")
				// t quantile of the residual degrees of freedom, by R's SE
				assert.InDelta(t, stats.Estimate{Value: f.HC3Joint.Estimate[i], SE: f.HC3Joint.SE[i], DF: f.HC3Joint.DF}.CI(0.95).Hi, row.Upper, 1e-9)
			}
			for i, m := range res.LSMeans {
				assert.False(t, math.IsNaN(m.SE), i)
			}
		})
	}
	// With a covariate the plan's row is another than ANCOVA's, which keeps the
	// model's standard errors.
	four := factsTrials(t)["four"]
	res := answer(t, four.load(t, ", se: hc3"))
	for _, row := range res.RowsBy(MethodANCOVA) {
		assert.NotContains(t, Codes(row.Notes), "hc3-errors")
	}
	assert.Len(t, res.RowsBy(MethodANCOVA), 3)
	assert.Equal(t, MethodANCOVAAdjusted, res.Deciding()[0].Method)
}

// A stratum of one participant determines its own effect.
func TestHC3RefusesALoneStratum(t *testing.T) {
	f := factsTrials(t)["strata"]
	f.CSV = strings.Replace(f.CSV, "\n1,a,n,", "\n1,a,lone,", 1)
	f.CSV = strings.Replace(f.CSV, "\n1,a,s,", "\n1,a,lone,", 1)
	f.CSV = strings.Replace(f.CSV, "\n1,a,w,", "\n1,a,lone,", 1)
	require.Contains(t, f.CSV, "lone")
	row := answer(t, f.load(t, ", se: hc3")).Deciding()[0]
	assert.Nil(t, row.Effect)
	assert.Contains(t, Codes(row.Notes), "hc3-alone")
	assert.NotNil(t, answer(t, f.load(t, "")).Deciding()[0].Effect)
}
