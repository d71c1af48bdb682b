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
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/lost"
)

// R imputes again, and analyzes again, at every delta and without each participant:
// testdata/reference/noninferiority_tipping.R. Where the limit reaches the margin the
// verdict flips.
func TestNonInferiorityTippingAgainstR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/noninferiority_tipping.json")
	require.NoError(t, err)
	var ref struct {
		Data []struct {
			ID, Arm string
			Y0      float64
			Y1      *float64
		}
		Margin float64
		At     []struct{ Delta, Estimate, SE float64 }
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	csv := "id,arm,y0,y1\n"
	for _, x := range ref.Data {
		y := ""
		if x.Y1 != nil {
			y = fmt.Sprint(*x.Y1)
		}
		csv += fmt.Sprintf("%s,%s,%v,%s\n", x.ID, x.Arm, x.Y0, y)
	}
	p, err := study.ParseProtocol(strings.NewReader(fmt.Sprintf(`arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: y, better: lower, range: [0, 100]}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v0: y0, v1: y1}}}
plans: [{outcome: y, visit: v1, margin: %v, primary: true, sensitivity: [{assume: delta, arm: a, steps: [0, 12, 1]}]}]
`, ref.Margin)), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(csv), "d.csv", p)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	row := rep.Results[0].Sensitivity[0]
	curve := map[float64]lost.Step{}
	for _, s := range row.Tipping.Curve {
		curve[math.Round(1e6*s.Delta)/1e6] = s
	}
	// R's estimate is a line in delta and its variance a parabola, here through three
	// points; the others lie on them.
	line := func(x float64) float64 {
		a, b := ref.At[0], ref.At[5]
		return a.Estimate + (b.Estimate-a.Estimate)*(x-a.Delta)/(b.Delta-a.Delta)
	}
	variance := func(x float64) float64 {
		sum := 0.
		for _, i := range []int{0, 2, 5} {
			w := ref.At[i].SE * ref.At[i].SE
			for _, j := range []int{0, 2, 5} {
				if i != j {
					w *= (x - ref.At[j].Delta) / (ref.At[i].Delta - ref.At[j].Delta)
				}
			}
			sum += w
		}
		return sum
	}
	for _, x := range ref.At {
		assert.InDelta(t, x.Estimate, curve[x.Delta].Value, 1e-8, "delta %v", x.Delta)
		assert.InDelta(t, x.SE, curve[x.Delta].SE, 1e-8, "delta %v", x.Delta)
		assert.InDelta(t, x.SE, math.Sqrt(variance(x.Delta)), 1e-8)
		if x.Delta == ref.Margin {
			assert.InDelta(t, x.Estimate, row.Tipping.AtMargin.Value, 1e-8)
			assert.InDelta(t, x.SE, row.Tipping.AtMargin.SE, 1e-8)
		}
	}
	require.True(t, row.Tipping.Significant)
	require.True(t, row.Tipping.Found)
	at := row.Tipping.Delta
	e := stats.Estimate{Value: line(at), SE: math.Sqrt(variance(at)), DF: row.DF}
	assert.InDelta(t, ref.Margin, e.CI(0.95).Hi, 1e-7, "the upper limit is the margin")
	for _, x := range ref.At {
		e := stats.Estimate{Value: x.Estimate, SE: x.SE, DF: row.DF}
		assert.Equal(t, x.Delta < at, study.TestNonInferiority(e, 0.95, ref.Margin, study.LowerIsBetter).Shown, "delta %v", x.Delta)
	}
}

// The same with two visits and a gap: the data without each participant are given to the
// model again, completed at the delta, and analyzed by least squares.
func TestNonInferiorityTippingOneByOne(t *testing.T) {
	rows := lossRows(60)
	got := sensitivityOf(t, rows, "model: mmrm, margin: 4, sensitivity: [{assume: delta, arm: ex, steps: [0, 60, 1]}]")[0]
	d := imputeData(rows)
	once := func(d *impute.Data, delta float64) float64 {
		fit, err := impute.Model{}.Fit(d)
		require.NoError(t, err)
		cells, err := fit.Cells()
		require.NoError(t, err)
		y, arm := make([]float64, len(d.Arm)), make([]float64, len(d.Arm))
		for _, v := range d.Values {
			if v.Visit == 1 {
				y[v.Participant] = v.Y
			}
		}
		for p, a := range d.Arm {
			arm[p] = float64(1 - a)
		}
		for _, c := range cells {
			if c.Visit == 1 {
				y[c.Participant] = c.Mean + delta*arm[c.Participant]
			}
		}
		ols, err := regress.Linear(y, regress.Numeric("arm", arm), regress.Numeric("baseline", d.Baseline))
		require.NoError(t, err)
		return ols.Coefficient("arm").Value
	}
	without := func(k int) *impute.Data {
		out := *d
		out.Arm, out.Baseline = slices.Delete(slices.Clone(d.Arm), k, k+1), slices.Delete(slices.Clone(d.Baseline), k, k+1)
		out.Values, out.Events = nil, nil
		moved := func(p int) int {
			if p > k {
				return p - 1
			}
			return p
		}
		for _, v := range d.Values {
			if v.Participant != k {
				out.Values = append(out.Values, mmrm.Value{Participant: moved(v.Participant), Visit: v.Visit, Y: v.Y})
			}
		}
		for _, e := range d.Events {
			if e.Participant != k {
				e.Participant = moved(e.Participant)
				out.Events = append(out.Events, e)
			}
		}
		return &out
	}
	at := func(delta float64) stats.Estimate {
		n := len(d.Arm)
		left, mean, ss := make([]float64, n), 0., 0.
		for k := range n {
			left[k] = once(without(k), delta)
			mean += left[k] / float64(n)
		}
		for _, x := range left {
			ss += (x - mean) * (x - mean)
		}
		return stats.Estimate{Value: once(d, delta), SE: math.Sqrt(float64(n-1) / float64(n) * ss), DF: got.DF}
	}
	require.True(t, got.Tipping.Significant)
	require.True(t, got.Tipping.Found)
	e := at(got.Tipping.Delta)
	assert.InDelta(t, 4, e.CI(0.95).Hi, 1e-5, "the upper limit is the margin")
	e = at(4)
	assert.InDelta(t, e.Value, got.Tipping.AtMargin.Value, 1e-6)
	assert.InDelta(t, e.SE, got.Tipping.AtMargin.SE, 1e-5)
}
