package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/text"
)

// anorexiaWith is the anorexia trial with another plan.
func anorexiaWith(t *testing.T, plan string) *Dataset {
	t.Helper()
	dir := "../testdata/studies/anorexia/"
	raw, err := os.ReadFile(dir + "protocol.yaml")
	require.NoError(t, err)
	protocol := strings.Replace(string(raw), "{outcome: weight, visit: after}", "{outcome: weight, visit: after, "+plan+"}", 1)
	p, err := ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	require.NoError(t, err)
	data, err := os.ReadFile(dir + "data.csv")
	require.NoError(t, err)
	ds, err := Load(bytes.NewReader(data), "data.csv", p)
	require.NoError(t, err)
	return ds
}

// Ratios of geometric means, and residual variances by arm, agree with R:
// testdata/reference/study_scales.R.
func TestScalesAgreeWithR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_scales.json")
	require.NoError(t, err)
	var ref struct {
		Rows []struct {
			Method, Plan, Arm                 string
			Estimate, SE, DF, Lower, Upper, P float64
		}
		Geometric []struct {
			Arm              string
			Mean, SD, Before float64
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	require.Len(t, ref.Rows, 8)
	for _, w := range ref.Rows {
		at := w.Plan + ", " + w.Arm
		rep, err := anorexiaWith(t, w.Plan).AnalyzeAll()
		require.NoError(t, err, at)
		res := rep.Results[0]
		for _, row := range res.Deciding() {
			if row.Arm != w.Arm {
				continue
			}
			near := 1e-10
			if strings.Contains(w.Plan, "variance_by_arm") {
				near = 1e-7 // both iterate
			}
			assert.Equal(t, w.Method, string(row.Method), at)
			for _, x := range [][2]float64{{w.Estimate, row.Estimate}, {w.SE, row.SE}, {w.DF, row.DF}, {w.Lower, row.Lower}, {w.Upper, row.Upper}, {w.P, row.P}} {
				assert.InEpsilon(t, x[0], x[1], near, at)
			}
			log := strings.Contains(w.Plan, "log")
			assert.Equal(t, log, row.Measure == GeometricMeanRatio, at)
			assert.Equal(t, log, row.Measure.Scale() == ScaleRatio, at)
		}
		assert.Empty(t, rep.Departures, at)
		if !strings.Contains(w.Plan, "log") {
			continue
		}
		for _, g := range ref.Geometric {
			for _, s := range res.Summaries {
				if s.Arm == g.Arm && s.Visit == "after" {
					assert.InEpsilon(t, g.Mean, s.Geometric.Mean, 1e-12)
					assert.InEpsilon(t, g.SD, s.Geometric.SD, 1e-12)
				} else if s.Arm == g.Arm {
					assert.InEpsilon(t, g.Before, s.Geometric.Mean, 1e-12)
				}
			}
		}
	}
}

// scalesProtocol has one continuous outcome.
func scalesProtocol(plan, more string) string {
	return `
title: Scales
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: mid}, {id: post}]
outcomes: [{id: y, kind: continuous, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: y0, mid: y1, post: y2}}
  covariates: {site: {column: site, kind: category}, age: {column: age, kind: number}}
plans: [{outcome: y, visit: post` + plan + `}]
` + more
}

// scalesFile invents values; scale multiplies the active arm's and control's.
func scalesFile(seed uint64, n int, scale float64) string {
	r := rand.New(rand.NewPCG(seed, 22))
	csv := "id,arm,y0,y1,y2,site,age\n"
	for i := range n {
		arm, spread := "a", 0.3
		if i%2 == 1 {
			arm, spread = "c", 0.7
		}
		x := math.Exp(1 + 0.4*r.NormFloat64())
		y := func() float64 { return scale * x * math.Exp(spread*r.NormFloat64()) }
		csv += fmt.Sprintf("%03d,%s,%.4f,%.4f,%.4f,s%d,%d\n", i+1, arm, scale*x, y(), y(), r.IntN(2), 30+r.IntN(40))
	}
	return csv
}

func scalesRows(t testing.TB, plan, more, csv string) (Row, Result) {
	t.Helper()
	p, err := ParseProtocol(strings.NewReader(scalesProtocol(plan, more)), "protocol.yaml")
	require.NoError(t, err)
	ds, err := Load(strings.NewReader(csv), "data.csv", p)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for _, res := range rep.Results {
		if res.Visit.ID == "post" {
			require.Len(t, res.Deciding(), 1)
			return res.Deciding()[0], res
		}
	}
	t.Fatal("no result")
	return Row{}, Result{}
}

// A ratio does not depend on the unit, swapping the arms inverts it, its interval leaves
// out 1 where p is below 0.05, and all methods beside it are ratios.
func TestLogScaleProperties(t *testing.T) {
	for seed := range uint64(20) {
		for _, plan := range []string{", scale: log", ", scale: log, model: welch-change", ", scale: log, variance_by_arm: true", ", scale: log, covariates: [age]",
			", scale: log, model: mmrm", ", scale: log, model: clda", ", scale: log, model: lmm", ", scale: log, model: mixed-anova"} {
			csv := scalesFile(seed, 24, 1)
			row, res := scalesRows(t, plan, "", csv)
			require.NotNil(t, row.Effect, plan)
			assert.Equal(t, GeometricMeanRatio, row.Measure, plan)
			assert.Equal(t, row.P < 0.05, !row.IncludesZero(), plan)
			assert.InEpsilon(t, row.Estimate, row.Effect.Point(), 1e-14)
			assert.InDelta(t, row.P, row.Effect.P(1), 1e-12)
			other, _ := scalesRows(t, plan, "", scalesFile(seed, 24, 1000))
			assert.InEpsilon(t, row.Estimate, other.Estimate, 2e-4, "four decimals are read: %s", plan)
			swapped := strings.NewReplacer(",a,", ",c,", ",c,", ",a,").Replace(csv)
			turned, _ := scalesRows(t, plan, "", swapped)
			near := 1e-9
			if strings.Contains(plan, "mm") || strings.Contains(plan, "clda") || strings.Contains(plan, "variance") {
				near = 1e-6
			}
			assert.InEpsilon(t, 1/row.Estimate, turned.Estimate, near, plan)
			assert.InEpsilon(t, 1/row.Lower, turned.Upper, near, plan)
			for _, x := range res.Rows {
				if x.Effect != nil && x.Contrast == Between {
					assert.Equal(t, ScaleRatio, x.Measure.Scale(), "%s beside %s", x.Method, plan)
					assert.Positive(t, x.Estimate)
				}
			}
			for _, w := range res.Within { // changes of values, not of logarithms
				assert.Equal(t, MeanChange, w.Measure)
			}
			assert.Empty(t, res.LSMeans, "means of logarithms are no means")
		}
	}
}

// The log plan is the plan of logarithms: a file of logarithms gives the same numbers.
func TestLogScaleIsThePlanOfLogarithms(t *testing.T) {
	csv := scalesFile(5, 30, 1)
	lines := strings.Split(strings.TrimSpace(csv), "\n")
	for i, l := range lines[1:] {
		f := strings.Split(l, ",")
		for k := 2; k <= 4; k++ {
			var x float64
			_, err := fmt.Sscan(f[k], &x)
			require.NoError(t, err)
			f[k] = fmt.Sprintf("%.16g", math.Log(x))
		}
		lines[i+1] = strings.Join(f, ",")
	}
	logs := strings.Join(lines, "\n") + "\n"
	for _, plan := range []string{"", ", model: welch-change", ", covariates: [age, site]", ", variance_by_arm: true", ", model: mmrm", ", model: clda", ", se: hc3"} {
		_, ratio := scalesRows(t, plan+", scale: log", "", csv)
		_, plain := scalesRows(t, plan, "", logs)
		for _, x := range ratio.Rows {
			for _, y := range plain.Rows {
				if x.Method != y.Method || x.Effect == nil {
					continue
				}
				at := fmt.Sprint(plan, " ", x.Method)
				near := 1e-9
				if strings.Contains(plan, "m") { // those that iterate
					near = 1e-7
				}
				assert.InEpsilon(t, math.Exp(y.Estimate), x.Estimate, near, at)
				assert.InEpsilon(t, math.Exp(y.Lower), x.Lower, near, at)
				assert.InEpsilon(t, math.Exp(y.Upper), x.Upper, near, at)
				assert.InEpsilon(t, y.P, x.P, 1e-6, at)
				assert.InDelta(t, y.Effect.PGreater(0.1), x.Effect.PGreater(math.Exp(0.1)), 1e-6, at)
			}
		}
	}
}

// Values that have no logarithm are refused where they stand, and only where a plan would
// take it.
func TestLogScaleRefusesValues(t *testing.T) {
	load := func(plan, csv string) error {
		p, err := ParseProtocol(strings.NewReader(scalesProtocol(plan, "")), "protocol.yaml")
		require.NoError(t, err)
		_, err = Load(strings.NewReader(csv), "data.csv", p)
		return err
	}
	file := func(y0, y1, y2 string) string {
		return "id,arm,y0,y1,y2,site,age\n1,a,1,2,3,s,50\n2,c," + y0 + "," + y1 + "," + y2 + ",s,50\n3,a,2,2,1,s,50\n4,c,2,3,1,s,40\n"
	}
	for _, c := range []struct{ plan, y0, y1, y2, place string }{
		{", scale: log", "0", "1", "2", "data.csv:3:5:"},
		{", scale: log", "1", "0", "2", ""},
		{", scale: log", "1", "1", "-2", "data.csv:3:9:"},
		{", scale: log, model: mmrm", "1", "0", "2", "data.csv:3:7:"},
		{", scale: log, model: mmrm, baseline: none", "0", "1", "2", ""},
		{"", "0", "0", "-1", ""},
	} {
		err := load(c.plan, file(c.y0, c.y1, c.y2))
		if c.place == "" {
			assert.NoError(t, err, c)
			continue
		}
		require.Error(t, err, c)
		assert.Contains(t, err.Error(), c.place)
		assert.Contains(t, err.Error(), "has no logarithm")
	}
}

// A plan that is none of the protocol's finds the value when it is asked.
func TestLogScaleOfAnotherPlan(t *testing.T) {
	p, err := ParseProtocol(strings.NewReader(scalesProtocol("", "")), "protocol.yaml")
	require.NoError(t, err)
	ds, err := Load(strings.NewReader(strings.Replace(scalesFile(3, 12, 1), "\n001,a,", "\n001,a,-", 1)), "data.csv", p)
	require.NoError(t, err)
	for _, ask := range []func(Plan) error{
		func(q Plan) error { _, err := ds.Analyze(q); return err },
		func(q Plan) error { _, err := ds.Answer(t.Context(), q); return err },
	} {
		assert.ErrorContains(t, ask(Plan{Outcome: "y", Visit: "post", Scale: ScaleLog}), `of participant "001" at "pre"`)
	}
}

// What a plan cannot have is refused where it stands.
func TestScalesRefused(t *testing.T) {
	for _, c := range []struct{ base, plan, want string }{
		{"y", ", scale: log, effect: mean-difference", "plans[0].effect: effect mean-difference is not for"},
		{"y", ", effect: geometric-mean-ratio", "plans[0].effect: effect geometric-mean-ratio is not for"},
		{"y", ", scale: ratio, margin: 1.2", "plans[0].scale: scale: ratio says that a margin is a ratio"},
		{"y", ", scale: log, margin: 0.8", "plans[0].margin: a margin of 0.8 lies on the side of benefit"},
		{"y", ", scale: log, margin: 1", "a ratio of 1 is no difference"},
		{"y", ", scale: log, sensitivity: [{assume: j2r}]", "plans[0].sensitivity"},
		{"y", ", variance_by_arm: true, model: mmrm", "write covariance_by_arm: true"},
		{"y", ", variance_by_arm: true, model: welch-change", "variance_by_arm is a choice of ancova"},
		{"y", ", variance_by_arm: true, se: hc3", "leave se out"},
		{"binary", ", scale: log", "scale: log compares logarithms of measurements, and the outcome is binary"},
		{"binary", ", variance_by_arm: true", "plans[0].variance_by_arm"},
		{"binary", ", scale: ratio, margin: 0.8", "the plan's effect is risk-difference"},
		{"binary", ", effect: risk-ratio, scale: ratio", "the plan has none"},
		{"binary", ", effect: risk-ratio, scale: ratio, margin: 0.8", "lies on the side of benefit"},
		{"count", ", scale: log", "the outcome is count"},
		{"ordinal", ", effect: win-odds, scale: ratio, margin: 1.2", "lies on the side of benefit"},
	} {
		text := scalesProtocol(c.plan, "")
		switch c.base {
		case "binary":
			text = strings.Replace(strings.Replace(text, "kind: continuous", "kind: binary, baseline: none", 1), "pre: y0, ", "", 1)
		case "count":
			text = strings.Replace(strings.Replace(text, "kind: continuous", "kind: count, baseline: none", 1), "pre: y0, mid: y1, ", "", 1)
			text = strings.Replace(text, "  covariates:", "  exposure: {y: months}\n  covariates:", 1)
		case "ordinal":
			text = strings.Replace(strings.Replace(text, "kind: continuous", "kind: ordinal, levels: [no, some, much], baseline: none", 1), "pre: y0, ", "", 1)
		}
		_, err := ParseProtocol(strings.NewReader(text), "protocol.yaml")
		require.Error(t, err, c)
		assert.Contains(t, err.Error(), c.want)
		assert.Regexp(t, `protocol\.yaml:1[23]:\d+: plans`, err.Error())
	}
}

// Of two arms alone the model with a variance of each is Welch's t.
func TestVarianceByArmIsWelch(t *testing.T) {
	for seed := range uint64(20) {
		csv := strings.NewReplacer("y0,y1,y2", "x,y1,y2").Replace(scalesFile(seed, 15, 1))
		protocol := strings.Replace(strings.Replace(scalesProtocol(", variance_by_arm: true", ""), "pre: y0, mid: y1, ", "", 1), "kind: continuous", "baseline: none", 1)
		p, err := ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
		require.NoError(t, err)
		ds, err := Load(strings.NewReader(csv), "data.csv", p)
		require.NoError(t, err)
		row, res := decided(t, ds)
		welch := res.RowsBy(MethodWelch)[0]
		require.NotNil(t, row.Effect)
		assert.Equal(t, MethodLinear, row.Method)
		assert.Contains(t, Codes(row.Notes), "variance-by-arm")
		assert.InEpsilon(t, welch.Estimate, row.Estimate, 1e-9)
		assert.InEpsilon(t, welch.SE, row.SE, 1e-8)
		assert.InEpsilon(t, welch.DF, row.DF, 1e-7)
		assert.InEpsilon(t, welch.P, row.P, 1e-6)
	}
}

// A margin that is a ratio is the test of the ratio's own interval: shown where the interval
// at 1 − 2α leaves the margin out.
func TestRatioMargins(t *testing.T) {
	e := stats.Ratio{Log: stats.Estimate{Value: math.Log(0.95), SE: 0.1, DF: math.Inf(1)}}
	for _, level := range []float64{0.9, 0.95} {
		ci := e.CI(level)
		for _, m := range []float64{0.7, 0.75, 0.8, 0.9} {
			n := TestNonInferiorityRatio(e, level, m, HigherIsBetter)
			assert.Equal(t, ci.Lo > m, n.Shown)
			assert.Equal(t, "lower", n.Side)
			assert.Equal(t, m, n.Bound(HigherIsBetter))
			turned := TestNonInferiorityRatio(stats.Ratio{Log: stats.Estimate{Value: -e.Log.Value, SE: 0.1, DF: math.Inf(1)}}, level, 1/m, LowerIsBetter)
			assert.InDelta(t, n.P, turned.P, 1e-14)
			assert.Equal(t, "upper", turned.Side)
			q := TestEquivalenceRatio(e, level, m)
			assert.Equal(t, ci.Lo > m && ci.Hi < 1/m, q.Shown)
			assert.InDelta(t, q.P, TestEquivalenceRatio(e, level, 1/m).P, 1e-14)
		}
	}
	assert.Panics(t, func() { TestNonInferiorityRatio(e, 0.95, 1.2, HigherIsBetter) })
	assert.Panics(t, func() { TestEquivalenceRatio(e, 0.95, 1) })

	// By the plan, of each kind: the row's interval decides as the test does.
	r := rand.New(rand.NewPCG(15, 40))
	for range 40 {
		var a, c, ca, cc []string
		for range 60 {
			a, c = append(a, fmt.Sprint(r.IntN(2))), append(c, fmt.Sprint(min(1, r.IntN(3))))
			ca, cc = append(ca, fmt.Sprintf("%d/%d", r.IntN(4), 3+r.IntN(9))), append(cc, fmt.Sprintf("%d/%d", r.IntN(5), 3+r.IntN(9)))
		}
		for _, effect := range []string{"risk-ratio", "odds-ratio"} {
			row, _ := decided(t, loadBinary(t, binaryProtocol(", effect: "+effect+", scale: ratio, margin: 0.8", ""), append(kindRowsOf("a", a, nil), kindRowsOf("c", c, nil)...)))
			require.NotNil(t, row.NonInferiority)
			assert.Equal(t, "ratio", row.NonInferiority.Scale)
			assert.Equal(t, row.Lower > 0.8, row.NonInferiority.Shown)
		}
		row, _ := decided(t, loadCounts(t, countsProtocol(", scale: ratio, margin: 1.3", ""), append(kindRowsOf("a", ca, nil), kindRowsOf("c", cc, nil)...)))
		require.NotNil(t, row.NonInferiority)
		assert.Equal(t, row.Upper < 1.3, row.NonInferiority.Shown)
		row, _ = decided(t, loadCounts(t, countsProtocol(", scale: ratio, margin: 1.3, framework: equivalence", ""), append(kindRowsOf("a", ca, nil), kindRowsOf("c", cc, nil)...)))
		require.NotNil(t, row.Equivalence)
		assert.Equal(t, row.Upper < 1.3 && row.Lower > 1/1.3, row.Equivalence.Shown)
	}
}

// The trial of testdata/studies with a per-protocol set: where its set and everybody
// randomized answer the margin otherwise, that is a doubt, in words of both languages.
func TestSetsOfNonInferiorityDisagree(t *testing.T) {
	dir := "../testdata/studies/return-to-sport/"
	raw, err := os.ReadFile(dir + "protocol.yaml")
	require.NoError(t, err)
	data, err := os.ReadFile(dir + "data.csv")
	require.NoError(t, err)
	for _, c := range []struct {
		margin string
		doubts int
	}{{"0.15", 0}, {"0.08", 1}} {
		p, err := ParseProtocol(strings.NewReader(strings.ReplaceAll(string(raw), "margin: 0.15", "margin: "+c.margin)), "protocol.yaml")
		require.NoError(t, err)
		ds, err := Load(bytes.NewReader(data), "data.csv", p)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		var found []Note
		for _, d := range rep.Doubts {
			if d.Kind == DoubtSets {
				found = append(found, d.Notes...)
			}
		}
		require.Len(t, found, c.doubts, "margin %s", c.margin)
		for _, n := range found {
			assert.Equal(t, "doubt-sets-shown-set", n.Code)
			assert.Equal(t, "pp", n.Args["set"])
			for _, lang := range []string{"en", "nl"} {
				catalog, err := text.In(lang)
				require.NoError(t, err)
				assert.Contains(t, catalog.Say(n.Code, n.Args), "pp")
			}
		}
	}
}

// Changes of logarithms are not rounded to the decimals of the file: with whole numbers
// the ratio of a mixed analysis of variance is that of the geometric means of y2/y0.
func TestMixedModelOfLogarithms(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 22))
	csv := "id,arm,y0,y1,y2,site,age\n"
	logs, n := map[string]float64{}, map[string]float64{}
	for i := range 24 {
		arm := []string{"a", "c"}[i%2]
		y := []int{5 + r.IntN(20), 5 + r.IntN(20), 5 + r.IntN(20)}
		csv += fmt.Sprintf("%03d,%s,%d,%d,%d,s1,40\n", i+1, arm, y[0], y[1], y[2])
		logs[arm] += math.Log(float64(y[2]) / float64(y[0]))
		n[arm]++
	}
	row, _ := scalesRows(t, ", scale: log, model: mixed-anova", "", csv)
	assert.InEpsilon(t, math.Exp(logs["a"]/n["a"]-logs["c"]/n["c"]), row.Estimate, 1e-12)
}
