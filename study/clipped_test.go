package study_test

import (
	"fmt"
	"math"
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

// imputeData are rows of lossRows as package impute has them.
func imputeData(rows []string) *impute.Data {
	d := &impute.Data{Trial: mmrm.Trial{Arms: []string{"ex", "uc"}, Control: "uc", Visits: []string{"w4", "w12"}}}
	never := func(row string) int { // those without any later value come last, and draws follow the order
		if strings.HasSuffix(row, ",,") {
			return 1
		}
		return 0
	}
	order := slices.Clone(rows[1:])
	slices.SortStableFunc(order, func(a, b string) int { return never(a) - never(b) })
	for p, row := range order {
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
		}
	}
	slices.SortStableFunc(d.Values, func(a, b mmrm.Value) int { return a.Visit - b.Visit })
	return d
}

// analyzed is the difference ex − uc of completed values at the last visit, by least
// squares, pooled by Rubin's rules with the formulas written out.
func analyzed(t *testing.T, d *impute.Data, sets int, values func(m int) []float64) (value, se float64) {
	t.Helper()
	var between, within float64
	var es []stats.Estimate
	arm := make([]float64, len(d.Arm))
	for p, a := range d.Arm {
		arm[p] = float64(1 - a)
	}
	for m := range sets {
		fit, err := regress.Linear(values(m), regress.Numeric("arm", arm), regress.Numeric("baseline", d.Baseline))
		require.NoError(t, err)
		es = append(es, fit.Coefficient("arm"))
	}
	n := float64(sets)
	for _, e := range es {
		value, within = value+e.Value/n, within+e.SE*e.SE/n
	}
	for _, e := range es {
		between += (e.Value - value) * (e.Value - value) / (n - 1)
	}
	return value, math.Sqrt(within + (1+1/n)*between)
}

// With clip: true the curve is that of values imputed, held inside the scale and analyzed
// one by one, and the tipping point where its p-value is 1 − level.
func TestSensitivityHoldsValuesInsideTheScale(t *testing.T) {
	rows := lossRows(60)
	got := sensitivityOf(t, rows, "model: mmrm, sensitivity: [{assume: delta, arm: ex, steps: [0, 80, 10], clip: true}]")[0]
	require.Empty(t, got.Notes)
	d := imputeData(rows)
	fit, err := impute.Model{}.Fit(d)
	require.NoError(t, err)
	draws, err := fit.Draw(impute.DrawOptions{Imputations: got.Imputations, Redraws: got.Imputations / 10})
	require.NoError(t, err)
	im, err := draws.Impute()
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, v := range d.Values {
		if v.Visit == 1 {
			seen[v.Participant] = true
		}
	}
	held := 0.
	at := func(delta float64) (float64, float64) {
		held = 0
		return analyzed(t, d, im.Len(), func(m int) []float64 {
			y := make([]float64, len(d.Arm))
			for p, values := range im.Values(m) {
				if y[p] = values[1]; !seen[p] && d.Arm[p] == 0 {
					if y[p] += delta; y[p] > 100 {
						held++
					}
				}
				if !seen[p] {
					y[p] = math.Max(0, math.Min(100, y[p]))
				}
			}
			return y
		})
	}
	value, se := at(0)
	assert.InDelta(t, value, got.Value, 1e-8)
	assert.InDelta(t, se, got.SE, 1e-8)
	for _, s := range got.Tipping.Curve {
		if math.Mod(s.Delta, 20) == 0 {
			value, se = at(s.Delta)
			assert.InDelta(t, value, s.Value, 1e-8, "delta %v", s.Delta)
			assert.InDelta(t, se, s.SE, 1e-8, "delta %v", s.Delta)
		}
	}
	require.True(t, got.Tipping.Found)
	value, se = at(got.Tipping.Delta)
	assert.InDelta(t, held/float64(im.Len()), got.Tipping.HeldAt["ex"], 1e-9)
	es := stats.Estimate{Value: value, SE: se, DF: got.Tipping.Map.Estimates[10][10].DF}
	assert.InDelta(t, 0.05, es.P(0), 2e-3, "but for the degrees of freedom at another delta")
	last := got.Tipping.Curve[len(got.Tipping.Curve)-1]
	free := sensitivityOf(t, rows, "model: mmrm, sensitivity: [{assume: delta, arm: ex, steps: [0, 80, 10], clip: false}]")[0]
	assert.Less(t, last.Value, free.Tipping.Curve[len(free.Tipping.Curve)-1].Value-1, "what is held moves no further")
	assert.InDelta(t, free.Value, got.Value, 0.2, "few draws are beyond the scale")

	// Far beyond the scale all who are lost have its worst value, and nothing is left to
	// draw where the other arm lost nobody.
	for i, row := range rows {
		if f := strings.Split(row, ","); i > 0 && f[1] == "uc" {
			for v := 3; v < 5; v++ {
				if f[v] == "" {
					f[v] = fmt.Sprint(40 + i%9)
				}
			}
			rows[i] = strings.Join(f, ",")
		}
	}
	whole := sensitivityOf(t, rows, "model: mmrm, sensitivity: [{assume: delta, arm: ex, steps: [0, 400, 100], clip: true}]")[0]
	d, seen = imputeData(rows), map[int]bool{}
	y := make([]float64, len(d.Arm))
	for p := range y {
		y[p] = 100
	}
	for _, v := range d.Values {
		if v.Visit == 1 {
			y[v.Participant] = v.Y
		}
	}
	value, _ = analyzed(t, d, 2, func(int) []float64 { return y })
	end := whole.Tipping.Curve[len(whole.Tipping.Curve)-1]
	assert.InDelta(t, value, end.Value, 1e-9)
	assert.Zero(t, whole.Tipping.HeldAt["uc"])

	const none = "outcomes: [{id: pain, better: lower}]"
	_, err = study.ParseProtocol(strings.NewReader(strings.Replace(lossProtocol, "outcomes: [{id: pain, better: lower, range: [0, 100]}]", none, 1)+
		"plans: [{outcome: pain, visit: w12, sensitivity: [{assume: delta, arm: ex, steps: [0, 1, 0.5], clip: true}]}]\n"), "p.yaml")
	require.ErrorContains(t, err, "an outcome that has a range")
}

// A verdict's first loss is found to the last digits, from the side of the verdict.
func TestFirstLost(t *testing.T) {
	line := differences(func(size map[string]float64) stats.Estimate {
		return stats.Estimate{Value: -5 + 0.5*size["ex"], SE: 1, DF: math.Inf(1)}
	})
	claim := lost.Claim{Level: 0.95, Worse: 1}
	delta, found, err := lost.FirstChange(line, "ex", 20, claim)
	require.NoError(t, err)
	assert.True(t, found)
	assert.InDelta(t, (5-1.959963984540054)/0.5, delta, 1e-7)
	_, found, err = lost.FirstChange(line, "ex", 3, claim)
	require.NoError(t, err)
	assert.False(t, found)
}

type differences func(size map[string]float64) stats.Estimate

func (f differences) At(size map[string]float64) (stats.Estimate, error) { return f(size), nil }
