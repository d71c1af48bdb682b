package plot

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// oddTrials are the shapes that real and unreal files take.
func oddTrials() map[string]trial {
	nan := math.NaN()
	out := map[string]trial{}
	for _, arms := range []int{2, 3, 4} {
		for _, visits := range []int{2, 3, 12} {
			for _, n := range []int{3, 40} {
				out[fmt.Sprintf("%d arms, %d visits, %d each", arms, visits, n)] = randomTrial(arms, visits, n, 0.03)
			}
		}
	}
	out["2,000 participants"] = randomTrial(2, 4, 1000, 0.05)

	identical := smallTrial()
	identical.values = [][][]float64{{{5, 5, 5}, {5, 5, 5}}, {{5, 5, 5}, {5, 5, 5}}}
	out["identical values"] = identical

	zero := smallTrial()
	zero.values = [][][]float64{{{5, 3, 3}, {6, 4, 4}}, {{5, 5, 5}, {7, 7, 7}}}
	out["zero variance of change"] = zero

	one := smallTrial()
	one.values = [][][]float64{{{6, 4, 3}}, {}}
	out["one participant"] = one

	missing := smallTrial()
	missing.values = [][][]float64{{{6, nan, 3}, {5, nan, 2}}, {{6, nan, 6}, {7, nan, 6}}}
	out["a visit without values"] = missing

	gaps := smallTrial()
	gaps.values = [][][]float64{{{6, nan, 3}, {nan, 4, nan}, {5, 4, nan}}, {{6, 5, 6}, {nan, nan, 2}, {7, nan, nan}}}
	out["gaps"] = gaps

	huge := smallTrial()
	huge.outcome.Min, huge.outcome.Max, huge.outcome.Resolution = 0, 0, 0
	for k := range huge.values {
		for i := range huge.values[k] {
			for v := range huge.values[k][i] {
				huge.values[k][i][v] *= 1e7
			}
		}
	}
	out["huge values"] = huge

	tiny := smallTrial()
	tiny.outcome.Min, tiny.outcome.Max, tiny.outcome.Resolution = 0, 0, 0
	tiny.outcome.Thresholds = nil
	tiny.outcome.Unit = ""
	for k := range tiny.values {
		for i := range tiny.values[k] {
			for v := range tiny.values[k][i] {
				tiny.values[k][i][v] *= 1e-4
			}
		}
	}
	out["tiny values, no unit, no range, no threshold"] = tiny
	return out
}

// Each shape draws something, in every format, or returns an error; never a
// panic, never an empty file, never NaN.
func TestOddTrials(t *testing.T) {
	for name, tr := range oddTrials() {
		rs := tr.results(t)
		for chart, draw := range charts(Options{}) {
			t.Run(name+"/"+chart, func(t *testing.T) {
				f, err := draw(rs)
				if err != nil {
					assert.Contains(t, err.Error(), "plot: ")
					t.Log(err)
					return
				}
				s := f.render()
				for _, m := range s.Marks {
					for _, c := range m.Path {
						assert.False(t, math.IsNaN(float64(c.Pos.X+c.Pos.Y)) || math.IsInf(float64(c.Pos.X+c.Pos.Y), 0))
					}
				}
				assert.Empty(t, layoutProblems(f))
				assert.NotContains(t, string(written(t, f, SVG)), "NaN")
				assert.NotContains(t, pageContent(t, written(t, f, PDF)), "NaN")
			})
		}
	}
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

func TestRefusals(t *testing.T) {
	rs := smallTrial().results(t)
	other := smallTrial()
	other.outcome = strength()
	otherArms := smallTrial()
	otherArms.arms = []study.Arm{{ID: "x", Label: "X"}, {ID: "sham", Label: "Placebo", Control: true}}
	nan := smallTrial().results(t)
	nan[0].Records[0].Follow = math.NaN()
	empty := smallTrial().results(t)
	for i := range empty {
		empty[i].Records = nil
	}
	level := smallTrial().results(t)
	level[0].Level = 0
	for i := range level[0].Rows {
		level[0].Rows[i].Level = 0
	}
	for name, c := range map[string]struct {
		rs   []study.Result
		want string
	}{
		"none":       {nil, "no results"},
		"outcomes":   {[]study.Result{rs[0], other.results(t)[1]}, "one outcome"},
		"arms":       {[]study.Result{rs[0], otherArms.results(t)[1]}, "other arms"},
		"twice":      {[]study.Result{rs[0], rs[0]}, "two results"},
		"not finite": {nan, "NaN"},
		"no values":  {empty, "no values"},
		"level":      {level, "level"},
	} {
		for chart, draw := range charts(Options{}) {
			if chart == "differences" && name != "none" && name != "level" {
				continue // it draws rows, of any outcomes
			}
			_, err := draw(c.rs)
			assert.ErrorContains(t, err, c.want, "%s %s", name, chart)
		}
	}
	for _, o := range []Options{{Lang: "xx"}, {Width: 5}, {Width: math.NaN()}, {Height: -1}, {Style: Style{Size: 1}},
		{Style: Style{Palette: "rainbow"}}, {Style: Style{DPI: 1e6}}, {Style: Style{Line: 99}}, {Style: Style{Single: 1}}} {
		for chart, draw := range charts(o) {
			_, err := draw(rs)
			assert.ErrorContains(t, err, "plot: ", "%s %+v", chart, o)
		}
	}
}

// The order of results' records changes nothing.
func TestOrderOfRecordsIsIrrelevant(t *testing.T) {
	a := smallTrial().results(t)
	b := smallTrial().results(t)
	for i := range b {
		for j, k := 0, len(b[i].Records)-1; j < k; j, k = j+1, k-1 {
			b[i].Records[j], b[i].Records[k] = b[i].Records[k], b[i].Records[j]
		}
	}
	for name, draw := range charts(Options{}) {
		f, err := draw(a)
		require.NoError(t, err)
		g, err := draw(b)
		require.NoError(t, err)
		assert.Equal(t, string(written(t, f, SVG)), string(written(t, g, SVG)), name)
	}
}
