package impute_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
)

// clippedTrial is an invented trial of 44 people with losses in both arms.
func clippedTrial(t *testing.T) *impute.Data {
	r := rand.New(rand.NewPCG(5, 5))
	var id, arm, visit []string
	var y []float64
	for p := range 44 {
		level := 55 + 8*r.NormFloat64()
		for v := range 3 {
			if v > 0 && p%4 == 1 && (v == 2 || p%8 == 1) {
				break
			}
			id = append(id, fmt.Sprintf("P%02d", p))
			arm = append(arm, []string{"exercise", "usual care"}[p/2%2])
			visit, y = append(visit, []string{"start", "week 4", "week 12"}[v]), append(y, math.Round(level-float64(v*(5-3*(p/2%2)))+5*r.NormFloat64()))
		}
	}
	trial, err := mmrm.TrialFromRowsWith(id, arm, visit, y, mmrm.TrialOptions{Control: "usual care", Baseline: "start"})
	require.NoError(t, err)
	d := &impute.Data{Trial: *trial}
	for p := range trial.Participants {
		if p%4 == 1 {
			e := impute.Event{Participant: p, Visit: 1}
			if p%8 == 1 {
				e.Visit = 0
			}
			d.Events = append(d.Events, e)
		}
	}
	return d
}

// Every completed data set held inside the scale and analyzed by itself, by least squares
// of package regress, and Rubin's rules written out.
func TestClippedAgainstDataSetsOneByOne(t *testing.T) {
	d := clippedTrial(t)
	fit, err := impute.Model{}.Fit(d)
	require.NoError(t, err)
	draws, err := fit.Draw(impute.DrawOptions{Imputations: 30, Seed: 4})
	require.NoError(t, err)
	im, err := draws.Impute()
	require.NoError(t, err)
	for _, shape := range []impute.Shape{impute.Constant, impute.AddingUp} {
		a := impute.Analysis{Delta: impute.Delta{Shape: shape}}
		const low, high = 34, 58.
		c, err := im.Clipped(a, "exercise", "usual care", "week 12", low, high)
		require.NoError(t, err)
		before := 0.
		for _, size := range []float64{0, 6, 15, 40} {
			got, err := c.At(map[string]float64{"exercise": size})
			require.NoError(t, err)
			add, err := fit.Deltas(impute.Delta{Size: map[string]float64{"exercise": size}, Shape: shape})
			require.NoError(t, err)
			observed := map[int]bool{}
			for _, x := range d.Values {
				if d.Visits[x.Visit] == "week 12" {
					observed[x.Participant] = true
				}
			}
			held := 0.
			var es []stats.Estimate
			for m := range im.Len() {
				values := im.Values(m)
				y, arm := make([]float64, len(values)), make([]float64, len(values))
				for p := range values {
					y[p] = values[p][1] + add[p][1]
					if !observed[p] && (y[p] < low || y[p] > high) {
						y[p] = math.Max(low, math.Min(high, y[p]))
						if d.Arms[d.Arm[p]] == "exercise" {
							held++
						}
					}
					if d.Arms[d.Arm[p]] == "exercise" {
						arm[p] = 1
					}
				}
				ols, err := regress.Linear(y, regress.Numeric("arm", arm), regress.Numeric("baseline", d.Baseline))
				require.NoError(t, err)
				es = append(es, ols.Coefficient("arm"))
			}
			mean, within, between := 0., 0., 0.
			n := float64(len(es))
			for _, e := range es {
				mean, within = mean+e.Value/n, within+e.SE*e.SE/n
			}
			for _, e := range es {
				between += (e.Value - mean) * (e.Value - mean) / (n - 1)
			}
			assert.InDelta(t, mean, got.Value, 1e-9, "%v %v", shape, size)
			assert.InDelta(t, math.Sqrt(within+(1+1/n)*between), got.SE, 1e-9, "%v %v", shape, size)
			assert.InDelta(t, held/n, got.Held["exercise"], 1e-12)
			if size > 0 {
				assert.LessOrEqual(t, got.Value-before, size, "what is held moves no further")
			}
			before = got.Value
		}
	}
	wide, err := im.Clipped(impute.Analysis{}, "exercise", "usual care", "week 12", -1e4, 1e4)
	require.NoError(t, err)
	free, err := im.Analyze(impute.Analysis{Delta: impute.Delta{Size: map[string]float64{"exercise": 7}}})
	require.NoError(t, err)
	want, err := free.Difference("exercise", "usual care", "week 12")
	require.NoError(t, err)
	got, err := wide.At(map[string]float64{"exercise": 7})
	require.NoError(t, err)
	assert.InDelta(t, want.Value, got.Value, 1e-9, "nothing is beyond so wide a range")
	assert.InDelta(t, want.SE, got.SE, 1e-9)
	assert.Zero(t, got.Held["exercise"])
	_, err = im.Clipped(impute.Analysis{}, "exercise", "usual care", "week 12", 5, 5)
	require.ErrorIs(t, err, stats.ErrDomain)
	_, err = im.Clipped(impute.Analysis{Delta: impute.Delta{Observed: true}}, "exercise", "usual care", "week 12", 0, 5)
	require.ErrorIs(t, err, stats.ErrDomain)
	_, err = wide.At(map[string]float64{"nobody": 1})
	require.ErrorIs(t, err, stats.ErrDomain)
}
