package study_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/lost"
)

const lossProtocol = `
arms: [{id: ex}, {id: uc, control: true}]
visits: [{id: pre}, {id: w4}, {id: w12}]
outcomes: [{id: pain, better: lower, range: [0, 100]}]
data:
  layout: wide
  participant: id
  arm: group
  columns: {pain: {pre: pre, w4: w4, w12: w12}}
`

// lossRows is a trial of n participants: two of five of the exercise arm and one of five
// of the other are lost, some before any later value; one value is a gap.
func lossRows(n int) []string {
	rows := []string{"id,group,pre,w4,w12"}
	for i := range n {
		arm := i % 2
		pre := 50 + i*i*7%31
		w4, w12 := fmt.Sprint(pre-6-4*arm+i*13%11), fmt.Sprint(pre-10-9*arm+i*17%13)
		switch k := i / 2 % 5; {
		case k == 0 && i%3 == 0:
			w4, w12 = "", ""
		case k == 0, k == 1 && arm == 1:
			w12 = ""
		case i == 13:
			w4 = ""
		}
		rows = append(rows, fmt.Sprintf("P%02d,%s,%d,%s,%s", i, []string{"uc", "ex"}[arm], pre, w4, w12))
	}
	return rows
}

func sensitivityOf(t *testing.T, rows []string, plan string) []study.SensitivityRow {
	t.Helper()
	p, err := study.ParseProtocol(strings.NewReader(lossProtocol+"plans: [{outcome: pain, visit: w12, "+plan+"}]\n"), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(strings.Join(rows, "\n")+"\n"), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var out []study.SensitivityRow
	for _, res := range r.Results {
		if res.Visit.ID != "w12" {
			assert.Empty(t, res.Sensitivity, "the plan names one visit")
		}
		out = append(out, res.Sensitivity...)
	}
	return out
}

// What study hands to stats/impute: the same trial written out by hand.
func TestSensitivityOfATrial(t *testing.T) {
	rows := lossRows(60)
	got := sensitivityOf(t, rows, "model: mmrm, sensitivity: [{assume: mar}, {assume: j2r, reference: uc}, {assume: delta, arm: ex, steps: [0, 60, 1]}]")
	require.Len(t, got, 3)
	d := &impute.Data{Trial: mmrm.Trial{Arms: []string{"ex", "uc"}, Control: "uc", Visits: []string{"w4", "w12"}}}
	lost := map[string]int{}
	for p, row := range rows[1:] {
		f := strings.Split(row, ",")
		var y [3]float64
		last := 0
		for v, s := range f[2:] {
			if _, err := fmt.Sscan(s, &y[v]); err == nil {
				if v > 0 {
					d.Values = append(d.Values, mmrm.Value{Participant: p, Visit: v - 1, Y: y[v]})
				}
				last = v
			}
		}
		d.Arm = append(d.Arm, map[string]int{"ex": 0, "uc": 1}[f[1]])
		d.Baseline = append(d.Baseline, y[0])
		if last < 2 {
			d.Events = append(d.Events, impute.Event{Participant: p, Visit: last})
			lost[f[1]]++
		}
	}
	fit, err := impute.Model{}.Fit(d)
	require.NoError(t, err)
	s, err := fit.Jackknife()
	require.NoError(t, err)
	r, err := s.Analyze(impute.Analysis{})
	require.NoError(t, err)
	want, err := r.Difference("ex", "uc", "w12")
	require.NoError(t, err)
	assert.InDelta(t, want.Value, got[0].Value, 1e-9)
	assert.InEpsilon(t, want.SE, got[0].SE, 1e-7)
	assert.InDelta(t, want.CI(0.95).Lo, got[0].Lower, 1e-6)
	assert.Equal(t, lost, got[0].Lost)
	assert.Equal(t, map[string]int{"ex": 30, "uc": 30}, got[0].N)
	assert.Zero(t, got[0].Imputations)
	// Jump to reference: the conditional mean, within the noise of 200 imputations, and
	// nearer to no difference.
	jump, err := s.Under(impute.J2R)
	require.NoError(t, err)
	rj, err := jump.Analyze(impute.Analysis{})
	require.NoError(t, err)
	cm, err := rj.Difference("ex", "uc", "w12")
	require.NoError(t, err)
	assert.InDelta(t, cm.Value, got[1].Value, 0.25*cm.SE)
	assert.GreaterOrEqual(t, got[1].Imputations, 200)
	assert.Less(t, math.Abs(got[1].Value), math.Abs(got[0].Value))
	// The tipping point is a delta at which p is 0.05, toward worse: more pain.
	p := got[2].Tipping
	require.NotNil(t, p)
	require.True(t, p.Significant)
	require.True(t, p.Found)
	tip, err := r.Tipping("ex", "uc", "w12")
	require.NoError(t, err)
	at, err := tip.At(map[string]float64{"ex": p.Delta})
	require.NoError(t, err)
	assert.InDelta(t, 0.05, at.P(0), 1e-6)
	assert.Positive(t, p.Delta)

	shuffled := append([]string{rows[0]}, rows[31:]...)
	shuffled = append(shuffled, rows[1:31]...)
	again := sensitivityOf(t, shuffled, "model: mmrm, sensitivity: [{assume: mar}, {assume: j2r, reference: uc}, {assume: delta, arm: ex, steps: [0, 60, 1]}]")
	assert.InDelta(t, got[1].Value, again[1].Value, 1e-9, "the order of the file does not show")
}

// Under a margin the tipping point is where the interval reaches the margin, on the side
// of harm: the limit there is the margin itself, a step before it is not. Turned scores
// (100 − pain, higher is better) have the same one. At a delta of the margin the
// difference is that of the values imputed with that delta.
func TestTippingPointOfNonInferiority(t *testing.T) {
	const plan = "model: mmrm, margin: 6, sensitivity: [{assume: delta, arm: ex, steps: [0, 60, 1], clip: false}, {assume: j2r}]"
	rows := lossRows(60)
	got := sensitivityOf(t, rows, plan)
	p := got[0].Tipping
	require.True(t, p.Significant && p.Found)
	assert.Equal(t, 6.0, got[0].Null)
	limit := func(s study.SensitivityRow, delta float64) float64 {
		for _, x := range s.Tipping.Curve {
			if math.Abs(x.Delta-delta) < 1e-9 {
				return x.Upper
			}
		}
		t.Fatalf("no step of %v", delta)
		return 0
	}
	below, above := math.Floor(p.Delta), math.Ceil(p.Delta)
	assert.Less(t, limit(got[0], below), 6.0)
	assert.Greater(t, limit(got[0], above), 6.0)
	to0 := sensitivityOf(t, rows, "model: mmrm, sensitivity: [{assume: delta, arm: ex, steps: [0, 60, 1]}]")[0].Tipping
	assert.Greater(t, p.Delta, to0.Delta, "the margin is beyond 0")
	assert.Nil(t, to0.AtMargin)
	assert.Equal(t, 6.0, p.AtMargin.Delta)
	assert.InDelta(t, limit(got[0], 6), p.AtMargin.Upper, 1e-9)
	for i, row := range p.Map.Verdicts {
		for j, v := range row {
			e := p.Map.Estimates[i][j]
			ci := e.CI(0.95)
			assert.Equal(t, [3]bool{ci.Hi < 6, ci.Lo <= 6 && ci.Hi >= 6, ci.Lo > 6}, [3]bool{v == lost.Better, v == lost.Neither, v == lost.Worse})
		}
	}
	assert.Equal(t, got[1].Upper < 6, got[1].Verdict(study.Outcome{Better: study.LowerIsBetter}) == lost.Better)
	var turned []string
	for i, row := range rows {
		f := strings.Split(row, ",")
		for k := 2; k < 5 && i > 0; k++ {
			if x, err := strconv.ParseFloat(f[k], 64); err == nil {
				f[k] = fmt.Sprint(100 - x)
			}
		}
		turned = append(turned, strings.Join(f, ","))
	}
	q, err := study.ParseProtocol(strings.NewReader(strings.Replace(lossProtocol, "better: lower", "better: higher", 1)+"plans: [{outcome: pain, visit: w12, "+plan+"}]\n"), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(strings.Join(turned, "\n")+"\n"), "d.csv", q)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for _, res := range r.Results {
		for _, row := range res.Sensitivity {
			if row.Tipping == nil {
				continue
			}
			assert.Equal(t, -6.0, row.Null)
			assert.InDelta(t, p.Delta, row.Tipping.Delta, 1e-6)
			assert.InDelta(t, -p.AtMargin.Value, row.Tipping.AtMargin.Value, 1e-6)
			shown, ok := res.Shows(row)
			assert.True(t, shown && ok)
		}
	}
}

// Small arms have no imputations; ANCOVA takes the same assumptions.
func TestSensitivityOfFew(t *testing.T) {
	got := sensitivityOf(t, lossRows(16), "sensitivity: [{assume: mar}, {assume: cir}, {assume: lmcf}]")
	require.Len(t, got, 3)
	require.Len(t, got[2].Notes, 1)
	assert.Equal(t, "assumption-no-mean", got[2].Notes[0].Code, "somebody has no value after baseline")
	assert.Empty(t, got[0].Notes)
	require.Len(t, got[1].Notes, 1)
	assert.Equal(t, "assumption-too-few", got[1].Notes[0].Code)
	assert.True(t, math.IsNaN(got[1].Value))
}

func TestSensitivityIsChecked(t *testing.T) {
	for plan, want := range map[string]string{
		"model: clda, sensitivity: [{assume: mar}]":                                                        "ancova or mmrm",
		"sensitivity: [{assume: best}]":                                                                    "unknown assumption",
		"sensitivity: [{assume: given}]":                                                                   "unknown assumption",
		"sensitivity: [{assume: j2r, reference: ex}]":                                                      "compared itself",
		"sensitivity: [{assume: j2r, reference: none}]":                                                    "no arm",
		"sensitivity: [{assume: j2r, steps: [0, 1, 1]}]":                                                   "belong to assume: delta",
		"sensitivity: [{assume: delta, arm: ex}]":                                                          "steps",
		"sensitivity: [{assume: delta, arm: ex, steps: [-1, 1, 0.5]}]":                                     "0 or more for worse",
		"sensitivity: [{assume: delta, steps: [0, 1, 0.5]}]":                                               "no arm",
		"sensitivity: [{assume: delta, arm: ex, reference: uc, steps: [0, 1, 0.5]}]":                       "no reference",
		"sensitivity: [{assume: mar}, {assume: mar}]":                                                      "twice",
		"margin: 5, framework: equivalence, sensitivity: [{assume: delta, arm: ex, steps: [0.5, 1, 0.5]}]": "let the steps begin at 0",
	} {
		_, err := study.ParseProtocol(strings.NewReader(lossProtocol+"plans: [{outcome: pain, visit: w12, "+plan+"}]\n"), "p.yaml")
		require.ErrorContains(t, err, want, plan)
		assert.ErrorContains(t, err, "p.yaml:", plan)
	}
}

// An order of structures is that of the imputing model too: the first that converges is
// used and named, and gives what that structure alone gives.
func TestSensitivityFollowsTheOrderOfStructures(t *testing.T) {
	const asks = ", sensitivity: [{assume: mar}]"
	listed := sensitivityOf(t, lossRows(60), "model: mmrm, covariance: [ar1, us]"+asks)[0]
	alone := sensitivityOf(t, lossRows(60), "model: mmrm, covariance: ar1"+asks)[0]
	other := sensitivityOf(t, lossRows(60), "model: mmrm, covariance: us"+asks)[0]
	assert.Equal(t, "ar1", listed.Covariance)
	assert.Equal(t, "us", other.Covariance)
	assert.Equal(t, alone, listed)
	assert.NotEqual(t, other.Value, listed.Value)
}
