package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

func TestTrajectoryMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := Trajectories(rs)
	require.NoError(t, err)
	arms := marksOf[*intervalMarks](f.panels[0])
	require.Len(t, arms, 2)
	offsets := map[vg.Length]bool{}
	for _, m := range arms {
		offsets[m.offset] = true
		require.Len(t, m.items, 3)
		for i, v := range []string{"baseline", "post", "h24"} {
			s := find(t, rs, m.look.arm.ID, v)
			want := stats.Estimate{Value: s.Mean, SE: s.SE, DF: float64(s.N - 1)}
			ci := want.CI(0.95)
			assert.Equal(t, interval{float64(i), s.Mean, ci.Lo, ci.Hi}, m.items[i])
		}
		// What is drawn: the joining line, and an interval each.
		joined := strokes(t, f, 0, linkMarks{of: m})[0]
		got := strokes(t, f, 0, m)
		for i, it := range m.items {
			assert.InDelta(t, it.value, joined[i].y, 0.001, "the dodge changes no value")
			line := got[i]
			assert.InDelta(t, it.lo, line[0].y, 0.001)
			assert.InDelta(t, it.hi, line[1].y, 0.001)
			assert.Equal(t, line[0].x, line[1].x)
		}
	}
	assert.Len(t, offsets, 2, "arms stand side by side")
	n := 0
	for _, m := range marksOf[*pathMarks](f.panels[0]) {
		n += len(m.lines)
	}
	assert.Equal(t, 10, n, "every participant is drawn")
}

func find(t *testing.T, rs []study.Result, arm, visit string) study.Summary {
	t.Helper()
	for _, r := range rs {
		for _, s := range r.Summaries {
			if s.Arm == arm && s.Visit == visit {
				return s
			}
		}
	}
	t.Fatalf("no summary of %s at %s", arm, visit)
	return study.Summary{}
}

func TestTrajectoriesOfLSMeans(t *testing.T) {
	rs := smallTrial().results(t)
	model := rs[0]
	model.LSMeans, model.Level = nil, 0.9
	model.Plan.Model = study.MMRM
	for _, a := range model.Arms {
		for i, v := range []string{"post", "h24"} {
			model.LSMeans = append(model.LSMeans, study.LSMean{Arm: a.ID, Visit: v, Method: study.MethodMMRM, Level: 0.9,
				Estimate: stats.Estimate{Value: 4 + float64(i), SE: 0.3, DF: 7.5}})
		}
	}
	f, err := TrajectoriesWith(rs, TrajectoriesOptions{LSMeans: &model})
	require.NoError(t, err)
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		require.Len(t, m.items, 3, "baseline is observed, the visits are the model's")
		ci := stats.Estimate{Value: 5, SE: 0.3, DF: 7.5}.CI(0.9) // the model's level, not the visits'
		assert.Equal(t, interval{2, 5, ci.Lo, ci.Hi}, m.items[2])
	}
	assert.Contains(t, f.Caption(), "LS-means")
}

// The mean of one value has no interval; a missing visit breaks the line.
func TestSmallestSamples(t *testing.T) {
	tr := smallTrial()
	tr.values = [][][]float64{{{6, math.NaN(), 3}}, {{5, 5, 5}, {6, 6, 6}}}
	f, err := Trajectories(tr.results(t))
	require.NoError(t, err)
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		if m.look.arm.ID == "hilt" {
			require.Len(t, m.items, 2, "no mean where nobody was seen")
			for _, i := range m.items {
				assert.True(t, math.IsNaN(i.lo) && math.IsNaN(i.hi))
			}
		}
	}
	for _, m := range marksOf[*pathMarks](f.panels[0]) {
		for _, line := range m.lines {
			if len(line) == 3 && line[0].y == 6 && line[2].y == 3 {
				assert.True(t, math.IsNaN(line[1].y))
			}
		}
	}
}

// The means of another outcome's model would stand on this outcome's axis.
func TestLSMeansOfAnotherOutcomeAreRefused(t *testing.T) {
	rs := smallTrial().results(t)
	other := rs[0]
	other.Outcome = strength()
	other.LSMeans = []study.LSMean{{Arm: "hilt", Visit: "post", Level: 0.95}}
	_, err := TrajectoriesWith(rs, TrajectoriesOptions{LSMeans: &other})
	assert.EqualError(t, err, `plot: Trajectories: LSMeans are of outcome "quad", the results of "vas"`)
}
