package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// marksOf collects a panel's marks of one type.
func marksOf[T any](p *panel) []T {
	var out []T
	for _, m := range p.marks {
		if x, ok := m.(T); ok {
			out = append(out, x)
		}
	}
	return out
}

// strokes draws one plotter alone and returns its strokes in data units of
// the panel, the page offset of x not taken away.
func strokes(t *testing.T, f *Figure, i int, m interface {
	Plot(draw.Canvas, *plot.Plot)
}) [][]xy {
	t.Helper()
	l := f.layout()
	s := render.NewScene(l.w, l.h)
	c := draw.Canvas{Canvas: s, Rectangle: l.data[i]}
	p := f.Plot(i)
	m.Plot(c, p)
	var out [][]xy
	for _, k := range s.Marks {
		if k.Kind != render.MarkStroke {
			continue
		}
		var line []xy
		for _, q := range k.Path {
			if q.Type == vg.CloseComp {
				continue
			}
			fx := float64((q.Pos.X - c.Min.X) / (c.Max.X - c.Min.X))
			fy := float64((q.Pos.Y - c.Min.Y) / (c.Max.Y - c.Min.Y))
			line = append(line, xy{p.X.Min + fx*(p.X.Max-p.X.Min), p.Y.Min + fy*(p.Y.Max-p.Y.Min)})
		}
		out = append(out, line)
	}
	return out
}

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
		joined := strokes(t, f, 0, linkMarks{m})[0]
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

func TestChangeMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := Change(rs)
	require.NoError(t, err)
	p := f.panels[0]
	for _, m := range marksOf[*intervalMarks](p) {
		for i, it := range m.items {
			var row study.Row
			for _, r := range rs[i].Within {
				if r.Arm == m.look.arm.ID {
					row = r
				}
			}
			assert.Equal(t, interval{float64(i), row.Estimate, row.Lower, row.Upper}, it)
		}
		got := strokes(t, f, 0, m)
		assert.InDelta(t, m.items[0].lo, got[0][0].y, 0.001)
		assert.InDelta(t, m.items[0].hi, got[0][1].y, 0.001)
	}
	var lines []float64
	for _, m := range marksOf[*refLine](p) {
		lines = append(lines, m.value)
		got := strokes(t, f, 0, m)
		assert.InDelta(t, m.value, got[0][0].y, 0.001)
	}
	assert.Contains(t, lines, 0.0)
	assert.Contains(t, lines, -2.26, "lower is better: the threshold is a fall")
	points := 0
	for _, m := range marksOf[swarms](p)[0] {
		points += len(m.values)
	}
	assert.Equal(t, 20, points)
	// The threshold never runs behind a mean.
	l := f.layout()
	for _, line := range marksOf[*refLine](p) {
		if !line.limited {
			continue
		}
		for _, m := range marksOf[*intervalMarks](p) {
			for _, it := range m.items {
				if it.at == line.at {
					assert.False(t, line.before <= m.offset && m.offset <= line.after, "offset %v in %v..%v", m.offset, line.before, line.after)
				}
			}
		}
	}
	require.NotNil(t, l)
}

func TestChangeThresholdFollowsDirection(t *testing.T) {
	tr := smallTrial()
	tr.outcome = strength()
	tr.outcome.Thresholds = []study.Threshold{{Kind: study.MIC, Value: 1.5, Level: study.Individual}}
	f, err := Change(tr.results(t))
	require.NoError(t, err)
	var lines []float64
	for _, m := range marksOf[*refLine](f.panels[0]) {
		lines = append(lines, m.value)
	}
	assert.Contains(t, lines, 1.5)
	assert.NotContains(t, lines, -1.5)
}

func TestDifferencesMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := Differences(rs)
	require.NoError(t, err)
	p := f.panels[0]
	ms := marksOf[*intervalMarks](p)
	require.Len(t, ms, 2)
	for i, m := range ms {
		row := rs[i].Rows[1]
		require.True(t, row.Decides)
		assert.Equal(t, row.Estimate, m.items[0].value)
		assert.Equal(t, row.Lower, m.items[0].lo)
		assert.Equal(t, row.Upper, m.items[0].hi)
		got := strokes(t, f, 0, m)
		assert.InDelta(t, row.Lower, got[0][0].x, 0.001)
		assert.InDelta(t, row.Upper, got[0][1].x, 0.001)
	}
	b := marksOf[*bandMarks](p)
	require.Len(t, b, 1)
	assert.Equal(t, -1.3, b[0].rects[0].x0)
	assert.Equal(t, 1.3, b[0].rects[0].x1)
	assert.Contains(t, f.Caption(), "(Pain (VAS): margin 1.3\u00a0cm)")

	// A margin of its own for worsening, on the other side; without a margin
	// between arms nothing is shaded, whatever patients are held against.
	for i := range rs {
		rs[i].Outcome.Thresholds = append(rs[i].Outcome.Thresholds[:6:6], study.Threshold{Kind: study.Margin, Value: 0.9, Level: study.BetweenGroup, Worsening: true})
	}
	f, err = Differences(rs)
	require.NoError(t, err)
	band := marksOf[*bandMarks](f.panels[0])[0].rects[0]
	assert.Equal(t, []float64{-1.3, 0.9}, []float64{band.x0, band.x1})
	assert.Contains(t, f.Caption(), "margin 1.3\u00a0cm, for worsening 0.9\u00a0cm")
	for i := range rs {
		rs[i].Outcome.Thresholds = rs[i].Outcome.Thresholds[:5]
	}
	f, err = Differences(rs)
	require.NoError(t, err)
	assert.Empty(t, marksOf[*bandMarks](f.panels[0]))
	assert.NotContains(t, f.Caption(), "Shaded")
}

// What is drawn is the row that decides, whatever the plan's model is called,
// or the method asked for.
func TestDifferencesTakesTheRowThatDecides(t *testing.T) {
	rs := smallTrial().results(t)
	for i := range rs[0].Rows {
		rs[0].Rows[i].Estimate = float64(97 + i)
	}
	f, err := Differences(rs)
	require.NoError(t, err)
	assert.Equal(t, 98.0, marksOf[*intervalMarks](f.panels[0])[0].items[0].value)
	f, err = DifferencesWith(rs, DifferencesOptions{Method: study.MethodWelchChange})
	require.NoError(t, err)
	assert.Equal(t, 99.0, marksOf[*intervalMarks](f.panels[0])[0].items[0].value)
	_, err = DifferencesWith(rs, DifferencesOptions{Method: "guess"})
	assert.ErrorContains(t, err, "guess")
}

// A repeated-measures result holds rows for every visit and their average; the
// charts that draw visits leave it out.
func TestRepeatedMeasuresResult(t *testing.T) {
	rs := smallTrial().results(t)
	all := rs[0]
	all.Visit, all.Plan = study.Visit{}, study.Plan{Outcome: "vas", Model: study.MMRM}
	all.Rows = nil
	for i, v := range []string{"post", "h24", "overall"} {
		row := rs[0].Rows[1]
		row.Visit, row.Method, row.Estimate = v, "mmrm", -float64(i)
		all.Rows = append(all.Rows, row)
	}
	f, err := Differences([]study.Result{rs[0], rs[1], all})
	require.NoError(t, err)
	var labels []string
	for _, r := range f.panels[0].rows {
		labels = append(labels, strings.Join(strings.Fields(r.text), " "))
	}
	const mmrm = " (a mixed model for repeated measures)"
	assert.Equal(t, []string{"Pain (VAS)", "Right after (ANCOVA on baseline and covariates)", "24 h (ANCOVA on baseline and covariates)",
		"Right after" + mmrm, "24 h" + mmrm, "average over visits" + mmrm}, labels)
	assert.Contains(t, f.Caption(), "a mixed model for repeated measures")
	for name, draw := range charts(Options{}) {
		if name == "differences" {
			continue
		}
		with, err := draw(append(rs[:2:2], all))
		require.NoError(t, err)
		without, err := draw(rs)
		require.NoError(t, err)
		assert.Equal(t, string(written(t, without, SVG)), string(written(t, with, SVG)), name)
		_, err = draw([]study.Result{all})
		assert.ErrorContains(t, err, "one visit", name)
	}
}

func TestUnboundedIntervalsEndInArrows(t *testing.T) {
	rs := smallTrial().results(t)
	rs[0].Rows[1].Lower, rs[0].Rows[1].Upper = math.Inf(-1), math.Inf(1)
	f, err := Differences(rs)
	require.NoError(t, err)
	m := marksOf[*intervalMarks](f.panels[0])[0]
	l := f.layout()
	s := render.NewScene(l.w, l.h)
	m.Plot(draw.Canvas{Canvas: s, Rectangle: l.data[0]}, f.Plot(0))
	fills := 0
	for _, k := range s.Marks {
		if k.Kind == render.MarkFill {
			fills++
		}
	}
	assert.Equal(t, 3, fills, "two arrowheads and the marker")
	assert.Contains(t, f.panels[0].columns[len(f.panels[0].columns)-1].cells[0].text, "∞")
	assert.Empty(t, layoutProblems(f))
}

func TestResponderSteps(t *testing.T) {
	// Improvements −1, 2, 2, 5: at least 2 in three of four, at least 5 in one.
	got := responderSteps([]float64{-1, 2, 2, 5}, -2)
	assert.Equal(t, []xy{{-2, 100}, {-1, 100}, {-1, 75}, {2, 75}, {2, 25}, {5, 25}, {5, 0}}, got)
	rs := smallTrial().results(t)
	f, err := Responders(rs)
	require.NoError(t, err)
	for i := range rs {
		var found bool
		for _, m := range marksOf[*refLine](f.panels[i]) {
			found = found || m.upright && m.value == 2.26
		}
		assert.True(t, found, "threshold at 2.26 in panel %d", i)
		for _, m := range marksOf[*stepMarks](f.panels[i]) {
			for _, r := range rs[i].Responders {
				if r.Arm == m.look.arm.ID && r.Headline {
					assert.InDelta(t, 100*float64(r.Events)/float64(r.N), heightAt(m.pts, 2.26), 1e-9)
				}
			}
		}
	}
}

// heightAt reads a step curve at x, where those exactly at x still count.
func heightAt(pts []xy, x float64) float64 {
	y := pts[0].y
	for _, p := range pts {
		if p.x < x {
			y = p.y
		}
	}
	for _, p := range pts {
		if p.x == x {
			return p.y
		}
	}
	if x > pts[len(pts)-1].x {
		return 0
	}
	return y
}

func TestSwarmKeepsSymbolsApart(t *testing.T) {
	ys := []vg.Length{0, 0, 0, 1, 1, 5, 5.5, 9}
	dx := swarm(ys, 3, 100)
	for i := range ys {
		for j := range i {
			d := math.Hypot(float64(ys[i]-ys[j]), float64(dx[i]-dx[j]))
			assert.GreaterOrEqual(t, d, 3*0.999)
		}
	}
	assert.Equal(t, vg.Length(0), dx[7])
}

func TestTicks(t *testing.T) {
	var labels []string
	for _, k := range (Ticks{}).Ticks(-4, 2) {
		if k.Label != "" {
			labels = append(labels, k.Label)
		}
	}
	assert.Equal(t, []string{"−4", "−3", "−2", "−1", "0", "1", "2"}, labels)
	for _, r := range [][2]float64{{0, 1e-7}, {-1e9, 3e9}, {0.1, 0.30000000000000004}, {5, 5.0001}, {-0.003, 0.002}} {
		major := 0
		for _, k := range (Ticks{}).Ticks(r[0], r[1]) {
			assert.GreaterOrEqual(t, k.Value, r[0])
			assert.LessOrEqual(t, k.Value, r[1])
			if k.Label != "" {
				major++
				assert.NotContains(t, k.Label, "-")
				assert.NotEqual(t, "−0", k.Label)
			}
		}
		assert.GreaterOrEqual(t, major, 2, "%v", r)
		assert.LessOrEqual(t, major, 8, "%v", r)
	}
	labels = nil
	for _, k := range (LogTicks{}).Ticks(0.2, 10) {
		if k.Label != "" {
			labels = append(labels, k.Label)
		}
	}
	assert.Equal(t, []string{"0.2", "0.5", "1", "2", "5", "10"}, labels)
	assert.Empty(t, LogTicks{}.Ticks(-1, 10))
	assert.Empty(t, LogTicks{}.Ticks(0, 10))
	labels = nil
	for _, k := range (Ticks{Steps: []float64{1, 2, 6, 12}}).Ticks(0, 24) {
		labels = append(labels, k.Label)
	}
	assert.Equal(t, []string{"0", "6", "12", "18", "24"}, labels)
	lo, hi := niceRange(2.04, 7.1, 6)
	assert.LessOrEqual(t, lo, 2.04)
	assert.GreaterOrEqual(t, hi, 7.1)
	lo, hi = niceRange(0.2, 9.8, 6, 0, 10)
	assert.Equal(t, [2]float64{0, 10}, [2]float64{lo, hi})
	lo, hi = niceRange(3, 3, 6)
	assert.Less(t, lo, hi)
}

// The MCID band of trajectories lies between the mean baseline and the value
// that a participant must reach from there, whichever direction is better.
func TestTrajectoryThreshold(t *testing.T) {
	tr := smallTrial()
	f, err := TrajectoriesWith(tr.results(t), TrajectoriesOptions{Threshold: true})
	require.NoError(t, err)
	// (6.4+5.9+7.1+6.2+5.5 + 6.1+6.8+5.4+7.0+6.0)/10 = 6.24
	assert.InDelta(t, 6.24-2.26, marksOf[*refLine](f.panels[0])[0].value, 1e-9)
	r := marksOf[*bandMarks](f.panels[0])[0].rects[0]
	assert.InDelta(t, 6.24-2.26, r.y0, 1e-9)
	assert.InDelta(t, 6.24, r.y1, 1e-9)
	assert.Contains(t, f.Caption(), "MCID 2.26\u00a0cm")
	assert.Empty(t, layoutProblems(f))
	tr.outcome.Better = study.HigherIsBetter
	f, err = TrajectoriesWith(tr.results(t), TrajectoriesOptions{Threshold: true, Options: Options{Lang: "nl"}})
	require.NoError(t, err)
	assert.InDelta(t, 6.24+2.26, marksOf[*refLine](f.panels[0])[0].value, 1e-9)
	tr.outcome.Thresholds = nil
	_, err = TrajectoriesWith(tr.results(t), TrajectoriesOptions{Threshold: true})
	assert.ErrorContains(t, err, "no threshold for one patient")
}

// Panels are lettered in reading order on request, in lower case for Nature.
func TestLettersOnRequest(t *testing.T) {
	rs := smallTrial().results(t)
	for _, c := range []struct {
		o     Options
		want  []string
		label bool
	}{{Options{}, []string{"", ""}, false}, {Options{Letters: true}, []string{"A", "B"}, true},
		{Options{Letters: true, Style: Nature()}, []string{"a", "b"}, true}} {
		f, err := RespondersWith(rs, RespondersOptions{Options: c.o})
		require.NoError(t, err)
		assert.Equal(t, c.want, f.panelLetters())
		assert.Equal(t, c.label, strings.Contains(string(written(t, f, SVG)), ">"+c.want[0]+"</text>") && c.want[0] != "")
		assert.Empty(t, layoutProblems(f))
	}
}

// Axes of panels in a row stand at one height, whatever lies at their ends.
func TestAxesAlign(t *testing.T) {
	tr := randomTrial(2, 3, 20, 0)
	tr.values[0][0][1] = 0 // on the axis of the first panel alone
	f, err := FollowUp(tr.results(t))
	require.NoError(t, err)
	l := f.layout()
	assert.InDelta(t, float64(l.own[0].bottom), float64(l.own[1].bottom), 1e-6)
	w, h := l.data[0].Max.X-l.data[0].Min.X, l.data[0].Max.Y-l.data[0].Min.Y
	assert.InDelta(t, float64(w), float64(h), 0.5, "square, as both axes have one unit")
}

// Each interval is drawn and written at its row's level, and the figure says
// which: visits planned at 80% and 99%.
func TestIntervalsAtTheirOwnLevels(t *testing.T) {
	rs := smallTrial().results(t)
	want := map[string]interval{}
	for i, level := range []float64{0.8, 0.99} {
		rs[i].Level = level
		for k := range rs[i].Rows {
			row := &rs[i].Rows[k]
			ci := row.Effect.CI(level)
			row.Level, row.Lower, row.Upper = level, ci.Lo, ci.Hi
			if row.Decides {
				want[row.Visit] = interval{0, row.Estimate, ci.Lo, ci.Hi}
			}
		}
	}
	f, err := Differences(rs)
	require.NoError(t, err)
	for i, m := range marksOf[*intervalMarks](f.panels[0]) {
		got := m.items[0]
		got.at = 0
		assert.Equal(t, want[rs[i].Visit.ID], got)
	}
	columns := f.panels[0].columns
	cells := columns[len(columns)-1].cells
	assert.Contains(t, cells[0].text, "(80% CI ")
	assert.Contains(t, cells[1].text, "(99% CI ")
	assert.Contains(t, f.Caption(), "with 80% or 99% CI")
	assert.Contains(t, f.Alt(), "(80% CI ")
	assert.Empty(t, layoutProblems(f))
	for name, draw := range map[string]func([]study.Result) (*Figure, error){"compatibility": Compatibility, "posterior": Posterior} {
		f, err := draw(rs)
		require.NoError(t, err)
		for i, p := range f.panels {
			got := marksOf[*intervalMarks](p)[0].items[0]
			if name == "compatibility" {
				assert.InDelta(t, []float64{0.2, 0.01}[i], got.at, 1e-12)
			}
			got.at = 0
			assert.Equal(t, want[rs[i].Visit.ID], got, name)
		}
		assert.Contains(t, f.Caption(), "80%: Right after; 99%: 24", name)
	}
	for name, draw := range charts(Options{}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		assert.NotContains(t, f.Caption(), "95%", name)
	}
}
