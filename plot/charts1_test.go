package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

func TestRaincloudMarks(t *testing.T) {
	rs := randomTrial(2, 2, 30, 0).results(t)
	f, err := Raincloud(rs)
	require.NoError(t, err)
	s, err := newSeries("", rs)
	require.NoError(t, err)
	clouds, boxes, rain := marksOf[*violinMarks](f.panels[0]), marksOf[*boxMarks](f.panels[0]), marksOf[*rainMarks](f.panels[0])
	require.Len(t, clouds, 2)
	for k, a := range s.arms {
		ch := s.changes(0, a.ID)
		assert.Equal(t, ch, rain[k].values, "every participant")
		d, err := stats.Describe(ch)
		require.NoError(t, err)
		assert.Equal(t, [5]float64{d.Min, d.Q1, d.Median, d.Q3, d.Max},
			[5]float64{boxes[k].min, boxes[k].q1, boxes[k].median, boxes[k].q3, boxes[k].max})
		assert.InDelta(t, d.Min, clouds[k].pts[0].x, 1e-12, "no cloud beyond the data")
		assert.InDelta(t, d.Max, clouds[k].pts[len(clouds[k].pts)-1].x, 1e-12)
		// Dots move up and down only: what is drawn is at the values.
		centers := strokes(t, f, 0, rain[k])
		require.Len(t, centers, len(ch))
	}
	few, err := Raincloud(smallTrial().results(t))
	require.NoError(t, err)
	assert.Empty(t, marksOf[*violinMarks](few.panels[0]), "five participants have no shape")
	assert.Contains(t, few.Caption(), "fewer than 20")
}

func TestGardnerAltmanMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := GardnerAltman(rs[1])
	require.NoError(t, err)
	left, right := f.Plot(0), f.Plot(1)
	var means [2]interval // active, control
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		means[m.look.index] = m.items[0]
	}
	d := marksOf[*intervalMarks](f.panels[1])[0].items[0]
	welch := rs[1].Rows[2]
	require.Equal(t, study.MethodWelchChange, welch.Method)
	assert.Equal(t, interval{0, welch.Estimate, welch.Lower, welch.Upper}, d)
	assert.Contains(t, f.Caption(), "The analysis that decides is another: ANCOVA on baseline and covariates.")
	// The axes hang together: control's mean is 0, the active arm's mean is at
	// the difference, and a unit is as long on both.
	assert.InDelta(t, left.Y.Norm(means[1].value), right.Y.Norm(0), 1e-12)
	assert.InDelta(t, left.Y.Norm(means[0].value), right.Y.Norm(d.value), 1e-12)
	l := f.layout()
	assert.Equal(t, l.data[0].Min.Y, l.data[1].Min.Y)
	assert.Equal(t, l.data[0].Max.Y, l.data[1].Max.Y)
	// The margin between arms is on the side of benefit.
	lines := marksOf[*refLine](f.panels[1])
	assert.Equal(t, -1.3, lines[1].value)

	boot, err := stats.BootstrapWith([]float64{-3.3, -3.1, -2.9, -3.6, -3.3}, []float64{-0.2, -1.2, -0.4, -0.4, -0.8}, stats.BootOptions{Replicates: 999})
	require.NoError(t, err)
	f, err = GardnerAltmanWith(rs[1], EstimationOptions{Effects: map[EstimationKey]stats.Effect{{"hilt", "h24"}: boot}})
	require.NoError(t, err)
	assert.Contains(t, f.Caption(), "by bootstrap")
	assert.Equal(t, fromEffect(0, boot, 0.95), marksOf[*intervalMarks](f.panels[1])[0].items[0])
	require.Len(t, marksOf[*violinMarks](f.panels[1]), 1)

	_, err = GardnerAltmanWith(rs[1], EstimationOptions{Arm: "nobody"})
	assert.ErrorContains(t, err, "nobody")
	one := smallTrial()
	one.values = [][][]float64{{{6, 4, 3}}, {{5, 5, 5}}}
	_, err = GardnerAltman(one.results(t)[0])
	assert.ErrorContains(t, err, "no difference")
}

func TestCummingMarks(t *testing.T) {
	rs := randomTrial(3, 3, 12, 0).results(t)
	f, err := Cumming(rs)
	require.NoError(t, err)
	n := 0
	for _, m := range marksOf[*intervalMarks](f.panels[1]) {
		it := m.items[0]
		for _, row := range rs[int(it.at)].Rows {
			if row.Method == study.MethodWelchChange && row.Arm == m.look.arm.ID {
				assert.Equal(t, interval{it.at, row.Estimate, row.Lower, row.Upper}, it)
			}
		}
		n++
	}
	assert.Equal(t, 4, n, "two active arms at two visits")
	assert.Equal(t, f.Plot(0).X.Min, f.Plot(1).X.Min)
	assert.Equal(t, f.Plot(0).X.Max, f.Plot(1).X.Max)

	f, err = PairedEstimation(rs)
	require.NoError(t, err)
	s, err := newSeries("", rs)
	require.NoError(t, err)
	for k, a := range s.arms {
		down := marksOf[*intervalMarks](f.panels[2*k+1])
		require.Len(t, down, 2)
		for i, m := range down {
			row, ok := s.within(i, a.ID)
			require.True(t, ok)
			assert.Equal(t, interval{float64(i + 1), row.Estimate, row.Lower, row.Upper}, m.items[0])
		}
	}
	assert.Contains(t, f.Caption(), "do not test")
}

func TestSlopegraphMarks(t *testing.T) {
	f, err := Slopegraph(smallTrial().results(t))
	require.NoError(t, err)
	require.Equal(t, 4, f.Panels())
	paths := marksOf[*pathMarks](f.panels[0]) // pale, strong
	require.Len(t, paths, 2)
	assert.Equal(t, [][]xy{{{0, 7.1}, {1, 4.9}}}, paths[0].lines, "2.2 falls short of 2.26")
	assert.Len(t, paths[1].lines, 4)
	m := marksOf[*intervalMarks](f.panels[0])[0]
	assert.InDelta(t, 6.22, m.items[0].value, 1e-12)
	assert.InDelta(t, 3.56, m.items[1].value, 1e-12)
}

func TestWaterfallMarks(t *testing.T) {
	f, err := Waterfall(smallTrial().results(t))
	require.NoError(t, err)
	short, reach := marksOf[*bandMarks](f.panels[0])[0], marksOf[*bandMarks](f.panels[0])[1]
	assert.Equal(t, []dataRect{{0.1, 0.9, -2.2, 0}}, short.rects, "the worst first, short of the threshold")
	require.Len(t, reach.rects, 4)
	last := -2.26
	for _, r := range reach.rects {
		assert.LessOrEqual(t, r.y0, last, "from worst to best")
		last = r.y0
	}
	assert.Equal(t, -2.26, marksOf[*refLine](f.panels[0])[1].value)
	assert.Contains(t, f.Alt(), "4 of 5 reached the threshold; 0 got worse")
	// A change of nothing is still seen.
	assert.Len(t, marksOf[*scatterMarks](f.panels[1])[0].pts, 1)
}

func TestResponderBarsMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := ResponderBars(rs)
	require.NoError(t, err)
	bars, marks := marksOf[*bandMarks](f.panels[0]), marksOf[barIntervals](f.panels[0])
	assert.Equal(t, 80.0, bars[0].rects[0].y1)
	assert.Equal(t, 0.0, bars[0].rects[0].y0, "a bar begins at 0")
	ci, err := stats.ClopperPearson(stats.Count{Events: 4, N: 5}, 0.95)
	require.NoError(t, err)
	it := marks[0].of.items[0]
	assert.Equal(t, []float64{80, 100 * ci.Lo, 100 * ci.Hi}, []float64{it.value, it.lo, it.hi})
	assert.Equal(t, 0.0, marks[1].of.items[0].value)
	_, err = ResponderBarsWith(rs, ResponderBarsOptions{Rule: study.RulePass})
	assert.ErrorContains(t, err, "pass")
}

func TestResponderBands(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := RespondersWith(rs, RespondersOptions{Bands: BothBands})
	require.NoError(t, err)
	p := f.panels[0]
	c, err := study.ResponderCurveOf(rs[0], "hilt")
	require.NoError(t, err)
	area, edges := marksOf[*shadeMarks](p)[0], marksOf[*linesMarks](p)[0]
	for i, q := range c.Points {
		to := math.Min(q.Gain, f.Plot(0).X.Max)
		assert.Equal(t, xy{to, 100 * q.Upper}, area.pts[2*i+1])
		assert.Equal(t, xy{to, 100 * q.Lower}, area.pts[len(area.pts)-2-2*i])
		assert.Equal(t, xy{to, 100 * q.BandUpper}, edges.lines[0][2*i+1])
		assert.Equal(t, xy{to, 100 * q.BandLower}, edges.lines[1][2*i+1])
	}
	_, err = RespondersWith(rs, RespondersOptions{Bands: 9})
	assert.Error(t, err)
}

func TestFollowUpMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := FollowUp(rs)
	require.NoError(t, err)
	curves := marksOf[*linesMarks](f.panels[0])
	require.Len(t, curves, 3, "identity and two arms")
	assert.Equal(t, curves[0].lines[0][0].x, curves[0].lines[0][0].y)
	lines, err := study.BaselineLines(rs[0])
	require.NoError(t, err)
	for i, l := range lines {
		got := curves[i+1].lines[0]
		assert.InDelta(t, l.Intercept+l.Slope*l.Lo, got[0].y, 1e-12)
		assert.InDelta(t, l.Intercept+l.Slope*l.Hi, got[1].y, 1e-12)
	}
	assert.Len(t, marksOf[*scatterMarks](f.panels[0])[0].pts, 5)
	cut := cutLine(study.BaselineLine{Intercept: 0, Slope: 2, Lo: 1, Hi: 10}, 0, 10)
	assert.Equal(t, []xy{{1, 2}, {5, 10}}, cut, "a line ends at the axes")
}

func TestEffectCurves(t *testing.T) {
	rs := smallTrial().results(t)
	row := rs[1].Rows[1]
	require.True(t, row.Decides)
	e := row.Effect.(stats.Estimate)

	f, err := Compatibility(rs)
	require.NoError(t, err)
	line := marksOf[*linesMarks](f.panels[1])[0].lines[0]
	best := xy{}
	for _, q := range line {
		assert.InDelta(t, e.P(q.x), q.y, 1e-12)
		if q.y > best.y {
			best = q
		}
	}
	assert.Equal(t, xy{e.Value, 1}, best, "the curve peaks at the estimate")
	bar := marksOf[*intervalMarks](f.panels[1])[0].items[0]
	assert.InDelta(t, 0.05, bar.at, 1e-12)
	assert.InDelta(t, bar.at, e.P(bar.lo), 1e-9, "the bar's ends lie on the curve")

	f, err = ThresholdSweep(rs)
	require.NoError(t, err)
	ci := e.CI(0.95)
	bands := marksOf[*bandMarks](f.panels[1])
	require.Len(t, bands, 4)
	assert.Equal(t, []float64{-ci.Hi, -e.Value, -ci.Lo}, []float64{bands[0].rects[0].x1, bands[1].rects[0].x1, bands[2].rects[0].x1})
	curve := marksOf[*linesMarks](f.panels[1])[0].lines[0]
	for _, q := range curve {
		assert.InDelta(t, 100*(1-e.PLess(-q.x)), q.y, 1e-9)
	}

	f, err = Posterior(rs)
	require.NoError(t, err)
	area := marksOf[*shadeMarks](f.panels[1])[0]
	for _, q := range area.pts {
		assert.LessOrEqual(t, q.x, -1.3+1e-12, "shaded on the side of benefit")
	}
	assert.Contains(t, f.Alt(), f.theme.percent(e.PGreater(-1.3)))
	given := PosteriorCurve{Arm: "hilt", Visit: "h24", Prior: "skeptical", Posterior: stats.Estimate{Value: -2, SE: 0.4, DF: math.Inf(1)}}
	f, err = PosteriorWith(rs, PosteriorOptions{Curves: []PosteriorCurve{given}})
	require.NoError(t, err)
	assert.Contains(t, f.Caption(), "Prior: skeptical")
	assert.Equal(t, -2.0, marksOf[*intervalMarks](f.panels[1])[0].items[0].value)
	for _, bad := range []PosteriorCurve{{}, {Arm: "sham", Visit: "h24", Prior: "x", Posterior: given.Posterior},
		{Arm: "hilt", Visit: "h24", Posterior: given.Posterior}} {
		_, err = PosteriorWith(rs, PosteriorOptions{Curves: []PosteriorCurve{bad}})
		assert.ErrorContains(t, err, "plot: Posterior")
	}
}

func TestForestRows(t *testing.T) {
	table := ForestTable{Title: "x", Level: 0.95, Columns: []string{"n"}, Rows: []ForestRow{
		{Label: "Head", Heading: true},
		{Label: "a", Effect: stats.Estimate{Value: -1, SE: 0.5, DF: 20}, Cells: []string{"12"}},
		{Label: "b", Effect: stats.Estimate{Value: 1, SE: 50, DF: 20}, Cells: []string{"3"}}}}
	f, err := Forest(table)
	require.NoError(t, err)
	marks := marksOf[*intervalMarks](f.panels[0])
	require.Len(t, marks, 2)
	assert.Equal(t, fromEffect(marks[0].items[0].at, table.Rows[1].Effect, 0.95), marks[0].items[0])
	assert.Greater(t, marks[0].items[0].at, marks[1].items[0].at, "rows from the top down")
	assert.Less(t, f.Plot(0).X.Max, 10.0, "one wide interval does not squeeze the others")
	assert.Equal(t, marks[0].items[0].at, f.panels[0].columns[0].cells[0].y)
	assert.Empty(t, layoutProblems(f))
	_, err = Forest(ForestTable{Level: 0.95, Rows: table.Rows[:1]})
	assert.ErrorContains(t, err, "no row")
	_, err = Forest(ForestTable{Rows: table.Rows})
	assert.ErrorContains(t, err, "level")

	r := randomTrial(2, 2, 30, 0).results(t)[0]
	g, err := study.SubgroupsOf(r, "sex")
	require.NoError(t, err)
	f, err = Subgroups(r, g)
	require.NoError(t, err)
	marks = marksOf[*intervalMarks](f.panels[0])
	require.Len(t, marks, 3, "all, and two levels")
	assert.Equal(t, g.Rows[1].Effect.Point(), marks[2].items[0].value)
	assert.Contains(t, f.panels[0].rows[1].text, "interaction p")
	assert.Equal(t, dataRect{-1.3, 1.3, 0, f.Plot(0).Y.Max}, marksOf[*bandMarks](f.panels[0])[0].rects[0])
	_, err = Subgroups(r)
	assert.ErrorContains(t, err, "no subgroups")
}

// Swarms of the rain leave their strip nowhere, however many they are.
func TestRainStaysInItsStrip(t *testing.T) {
	f, err := Raincloud(randomTrial(2, 2, 1000, 0).results(t))
	require.NoError(t, err)
	l := f.layout()
	for _, m := range marksOf[*rainMarks](f.panels[0]) {
		s := render.NewScene(l.w, l.h)
		c := draw.Canvas{Canvas: s, Rectangle: l.data[0]}
		m.Plot(c, f.Plot(0))
		y := c.Y(f.Plot(0).Y.Norm(m.at)) + m.offset
		for _, k := range s.Marks {
			for _, q := range k.Path {
				if q.Type == vg.CloseComp {
					continue
				}
				assert.LessOrEqual(t, math.Abs(float64(q.Pos.Y-y)), float64(m.room)+1)
			}
		}
	}
}

// The charts of one result draw something true of odd data, or return an
// error that says so.
func TestOddSingleResults(t *testing.T) {
	for name, tr := range oddTrials() {
		rs := tr.results(t)
		for chart, draw := range oneResultCharts(Options{}) {
			t.Run(name+"/"+chart, func(t *testing.T) {
				f, err := draw(rs[len(rs)-1])
				if err != nil {
					assert.Contains(t, err.Error(), "plot: ")
					return
				}
				assert.Empty(t, layoutProblems(f))
				assert.NotContains(t, string(written(t, f, SVG)), "NaN")
			})
		}
	}
}
