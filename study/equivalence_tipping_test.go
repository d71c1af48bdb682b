package study_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/lost"
)

// equivalenceProtocol is that of testdata/reference/equivalence_tipping.R, with more keys of
// its plan.
const equivalenceProtocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: y, better: %s, range: [0, 100]}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v0: y0, v1: y1}}}
plans: [{outcome: y, visit: v1, margin: %v, framework: equivalence, primary: true, sensitivity: [%s]}]
`

// R imputes again, and analyzes again, at every pair of deltas and without each participant:
// where one limit reaches its margin equivalence is lost, toward worse and toward better,
// and the map's verdicts are those of two one-sided tests of R's estimates.
func TestEquivalenceTippingAgainstR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/equivalence_tipping.json")
	require.NoError(t, err)
	var ref struct {
		Data []struct {
			ID, Arm string
			Y0      float64
			Y1      *float64
		}
		Margin float64
		At     []struct{ A, C, Estimate, SE float64 }
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	of := func(better, sensitivity string, mirrored bool) study.SensitivityRow {
		csv := "id,arm,y0,y1\n"
		for _, x := range ref.Data {
			y0, y := x.Y0, ""
			if mirrored {
				y0 = 100 - y0
			}
			if x.Y1 != nil {
				if y = fmt.Sprint(*x.Y1); mirrored {
					y = fmt.Sprint(100 - *x.Y1)
				}
			}
			csv += fmt.Sprintf("%s,%s,%v,%s\n", x.ID, x.Arm, y0, y)
		}
		p, err := study.ParseProtocol(strings.NewReader(fmt.Sprintf(equivalenceProtocol, better, ref.Margin, sensitivity)), "p.yaml")
		require.NoError(t, err)
		ds, err := study.Load(strings.NewReader(csv), "d.csv", p)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		return rep.Results[0].Sensitivity[0]
	}
	row := of("lower", "{assume: delta, arm: a, steps: [0, 20, 1]}", false)
	tip := row.Tipping
	require.True(t, tip.Significant && tip.Found && tip.FoundBetter)
	assert.Equal(t, []float64{-20, 20, ref.Margin, -20, 20}, []float64{tip.From, tip.To, tip.Margin, tip.Curve[0].Delta, tip.Curve[len(tip.Curve)-1].Delta})
	assert.Nil(t, tip.AtMargin)

	along := map[float64]stats.Estimate{} // R's where control is as predicted
	seen := map[lost.Verdict]int{}
	for _, x := range ref.At {
		e := stats.Estimate{Value: x.Estimate, SE: x.SE, DF: row.DF}
		if x.C == 0 {
			along[x.A] = e
			k := slices.IndexFunc(tip.Curve, func(s lost.Step) bool { return math.Abs(s.Delta-x.A) < 1e-9 })
			assert.InDelta(t, x.Estimate, tip.Curve[k].Value, 1e-8, "delta %v", x.A)
			assert.InDelta(t, x.SE, tip.Curve[k].SE, 1e-8, "delta %v", x.A)
			assert.Equal(t, -tip.Better < x.A && x.A < tip.Delta, study.TestEquivalence(e, 0.95, ref.Margin).Shown, "delta %v", x.A)
		}
		i, j := int(x.A+20)/2, int(x.C+20)/2
		assert.InDelta(t, x.Estimate, tip.Map.Estimates[i][j].Value, 1e-8, "%v", x)
		assert.InDelta(t, x.SE, tip.Map.Estimates[i][j].SE, 1e-8, "%v", x)
		want, ci := lost.Neither, e.CI(0.95)
		switch {
		case study.TestEquivalence(e, 0.95, ref.Margin).Shown:
			want = lost.Equivalent
		case ci.Lo > ref.Margin:
			want = lost.Worse
		case ci.Hi < -ref.Margin:
			want = lost.Better
		}
		assert.Equal(t, want, tip.Map.Verdicts[i][j], "%v", x)
		seen[want]++
	}
	assert.Greater(t, seen[lost.Equivalent], 10)
	assert.Greater(t, seen[lost.Neither], 10)

	// R's estimate is a line in delta and its variance a parabola: through three points.
	at := func(delta float64) stats.Interval {
		e := stats.Estimate{DF: row.DF}
		variance := 0.
		for _, i := range []float64{-20, 0, 20} {
			w := 1.
			for _, j := range []float64{-20, 0, 20} {
				if i != j {
					w *= (delta - j) / (i - j)
				}
			}
			e.Value += w * along[i].Value
			variance += w * along[i].SE * along[i].SE
		}
		e.SE = math.Sqrt(variance)
		return e.CI(0.95)
	}
	assert.InDelta(t, ref.Margin, at(tip.Delta).Hi, 1e-7, "toward worse the upper limit is the margin")
	assert.InDelta(t, -ref.Margin, at(-tip.Better).Lo, 1e-7, "toward better the lower")

	// The scale turned round changes no delta, and of control the sides change places.
	turned := of("higher", "{assume: delta, arm: a, steps: [0, 20, 1]}", true).Tipping
	assert.InDelta(t, tip.Delta, turned.Delta, 1e-8)
	assert.InDelta(t, tip.Better, turned.Better, 1e-8)
	assert.Equal(t, tip.Map.Verdicts, turned.Map.Verdicts)
	other := of("lower", "{assume: delta, arm: c, steps: [0, 20, 1]}", false).Tipping
	require.True(t, other.FoundBetter)
	assert.InDelta(t, ref.Margin, other.Map.Equivalence, 0)
	assert.False(t, other.Found, "the estimate is nearer the margin that is reached where control does better")

	// Within the scale nothing moves further, and the search agrees with itself.
	held := of("lower", "{assume: delta, arm: a, steps: [0, 20, 1], clip: true}", false).Tipping
	require.True(t, held.Found)
	assert.InDelta(t, tip.Delta, held.Delta, 1.5)
	for _, s := range held.Curve {
		e := study.TestEquivalence(s.Estimate, 0.95, ref.Margin)
		assert.Equal(t, s.Delta < held.Delta && (!held.FoundBetter || s.Delta > -held.Better), e.Shown, "delta %v", s.Delta)
	}
}

// A claim of equivalence has four answers, those of its interval.
func TestVerdictOfEquivalence(t *testing.T) {
	for _, worse := range []float64{1, -1} {
		c := lost.Claim{Level: 0.95, Equivalence: 3, Worse: worse}
		for _, x := range []struct {
			value, se float64
			want      lost.Verdict
		}{{0, 1, lost.Equivalent}, {0.9, 1, lost.Equivalent}, {1.1, 1, lost.Neither}, {0, 2, lost.Neither}, {4, 1, lost.Neither}, {5.1, 1, lost.Worse}, {-5.1, 1, lost.Better}, {-4, 1, lost.Neither}, {math.NaN(), 1, lost.Neither}} {
			e := stats.Estimate{Value: worse * x.value, SE: x.se, DF: math.Inf(1)}
			assert.Equal(t, x.want, c.Verdict(e), "%v", x)
			ci := e.CI(0.95)
			row := study.SensitivityRow{Estimate: e, Lower: ci.Lo, Upper: ci.Hi, Level: 0.95, Equivalence: 3}
			better := study.LowerIsBetter
			if worse < 0 {
				better = study.HigherIsBetter
			}
			assert.Equal(t, x.want, row.Verdict(study.Outcome{Better: better}), "%v", x)
		}
	}
}

// Steps that do not begin at 0 leave a gap between the two sides.
func TestEquivalenceStepsBeginAtZero(t *testing.T) {
	_, err := study.ParseProtocol(strings.NewReader(fmt.Sprintf(equivalenceProtocol, "lower", 7, "{assume: delta, arm: a, steps: [1, 20, 1]}")), "p.yaml")
	require.ErrorContains(t, err, "let the steps begin at 0")
}
