package plot

import (
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

func TestROCMarks(t *testing.T) {
	c, err := stats.ROC([]float64{3, 5, 5, 8, 9}, []float64{1, 2, 5, 4})
	require.NoError(t, err)
	f, err := ROC(ROCLine{Label: "score", Curve: c})
	require.NoError(t, err)
	curves := marksOf[*curveMarks](f.panels[0])
	require.Len(t, curves, 2)
	assert.Equal(t, []xy{{0, 0}, {1, 1}}, curves[0].pts, "the diagonal")
	require.Len(t, curves[1].pts, len(c.Points))
	var area float64 // of what is drawn, by trapezoids
	for i, q := range curves[1].pts {
		assert.Equal(t, xy{1 - c.Points[i].Specificity, c.Points[i].Sensitivity}, q)
		if i > 0 {
			p := curves[1].pts[i-1]
			area += (q.x - p.x) * (q.y + p.y) / 2
		}
	}
	assert.InDelta(t, c.AUC, area, 1e-12)
	var want []xy
	for _, q := range c.BestYouden() {
		want = append(want, xy{1 - q.Specificity, q.Sensitivity})
	}
	assert.Equal(t, want, marksOf[*scatterMarks](f.panels[0])[0].pts)
	l := f.layout()
	assert.InDelta(t, float64(l.data[0].Max.X-l.data[0].Min.X), float64(l.data[0].Max.Y-l.data[0].Min.Y), 0.5, "square")

	f, err = ROCWith([]ROCLine{{Curve: c, Cutoffs: []stats.ROCPoint{}}}, ROCOptions{})
	require.NoError(t, err)
	assert.Empty(t, marksOf[*scatterMarks](f.panels[0])[0].pts)
	_, err = ROC()
	assert.ErrorContains(t, err, "0 curves")
	_, err = ROC(ROCLine{})
	assert.ErrorContains(t, err, "no points")
	_, err = ROCWith([]ROCLine{{Curve: c}}, ROCOptions{Level: 95})
	assert.ErrorContains(t, err, "level")
	perfect, err := stats.ROC([]float64{3, 4}, []float64{1, 2})
	require.NoError(t, err)
	f, err = ROC(ROCLine{Curve: perfect})
	require.NoError(t, err)
	assert.Contains(t, f.Alt(), "AUC 1.00 (no interval)")
}

func TestResidualMarks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var x, y []float64
	for i := range 30 {
		x = append(x, float64(i%10))
		y = append(y, 2+0.5*x[i]+rng.NormFloat64())
	}
	m, err := stats.Linear(y, stats.Numeric("x", x))
	require.NoError(t, err)
	f, err := Residuals(m)
	require.NoError(t, err)
	require.Equal(t, 3, f.Panels())
	std := m.Standardized()
	qq, err := stats.NormalQQ(std, 0.95)
	require.NoError(t, err)
	for i, p := range marksOf[*scatterMarks](f.panels[0])[0].pts {
		assert.Equal(t, xy{qq[i].Theoretical, qq[i].Sample}, p)
	}
	band := marksOf[*shadeMarks](f.panels[0])[0].pts
	for i, q := range qq {
		assert.Equal(t, xy{q.Theoretical, q.Upper}, band[i])
		assert.Equal(t, xy{q.Theoretical, q.Lower}, band[len(band)-1-i])
	}
	for i := range std {
		assert.Equal(t, xy{m.Fitted()[i], std[i]}, marksOf[*scatterMarks](f.panels[1])[0].pts[i])
		assert.Equal(t, xy{m.Leverage()[i], std[i]}, marksOf[*scatterMarks](f.panels[2])[0].pts[i])
	}
	// A point on the contour of distance d has Cook's distance d.
	for _, q := range cookContour(0.5, 2, 1, 0.9, -10, 10) {
		assert.InDelta(t, 0.5, q.y*q.y/2*q.x/(1-q.x), 1e-12)
	}
	// Contours are drawn where a participant comes near one, else in words.
	assert.NotEmpty(t, dashed(f.panels[2]))
	for i := range 170 {
		x, y = append(x, float64(i%10)), append(y, 2+rng.NormFloat64())
	}
	m, err = stats.Linear(y, stats.Numeric("x", x))
	require.NoError(t, err)
	require.Less(t, slices.Max(m.CooksDistance()), 0.25)
	f, err = Residuals(m)
	require.NoError(t, err)
	assert.Empty(t, dashed(f.panels[2]))
	assert.Contains(t, f.Caption(), "Largest Cook’s distance 0.")
	x, y = append(x, 60), append(y, 9)
	m, err = stats.Linear(y, stats.Numeric("x", x))
	require.NoError(t, err)
	require.Greater(t, slices.Max(m.CooksDistance()), 0.5)
	f, err = Residuals(m)
	require.NoError(t, err)
	assert.NotEmpty(t, dashed(f.panels[2]))
	assert.Contains(t, f.Caption(), "Dashed: Cook’s distance ½ and 1")

	exact, err := stats.Linear([]float64{1, 2, 3, 4}, stats.Numeric("x", []float64{1, 2, 3, 4}))
	if err == nil && exact.Sigma() == 0 {
		_, err = Residuals(exact)
		assert.ErrorContains(t, err, "exactly")
	}
	_, err = Residuals(nil)
	assert.Error(t, err)
}

// dashed are a panel's dashed curves.
func dashed(p *panel) (out []*curveMarks) {
	for _, m := range marksOf[*curveMarks](p) {
		if len(m.dashes) > 0 {
			out = append(out, m)
		}
	}
	return out
}

func TestMissingMarks(t *testing.T) {
	nan := math.NaN()
	tr := smallTrial()
	tr.values = [][][]float64{{{6, 4, 3}, {6, 4, 3}, {6, nan, nan}, {5, nan, 2}}, {{6, 5, 5}, {6, nan, nan}, {7, nan, nan}}}
	f, err := Missing(tr.results(t))
	require.NoError(t, err)
	tiles := marksOf[*tileMarks](f.panels[0])[0].tiles
	require.Len(t, tiles, 3*3)
	var got []bool
	for _, tl := range tiles {
		got = append(got, tl.fill != nil)
	}
	// 3 complete, 3 dropped out after baseline (the complete first), 1 missed a visit.
	assert.Equal(t, []bool{true, true, true, true, false, false, true, false, true}, got)
	assert.Equal(t, dataRect{-0.5, 0.5, 2, 3}, tiles[0].dataRect, "the commonest on top")
	var cells [][]string
	for _, c := range f.panels[0].columns {
		var col []string
		for _, cell := range c.cells {
			col = append(col, cell.text)
		}
		cells = append(cells, col)
	}
	assert.Equal(t, [][]string{{"3", "3", "1"}, {"2", "1", "1"}, {"1", "2", "0"}}, cells, "all, active, control")
	assert.Contains(t, f.Alt(), "Of 7 participants 3 were observed at every visit; 3 have no value at the last visit.")
}

func TestMissingCountsRarePatterns(t *testing.T) {
	tr := randomTrial(2, 12, 200, 0)
	rng := rand.New(rand.NewPCG(5, 5))
	for _, arm := range tr.values {
		for _, p := range arm {
			for v := 1; v < len(p); v++ {
				if rng.Float64() < 0.15 {
					p[v] = math.NaN()
				}
			}
		}
	}
	f, err := Missing(tr.results(t))
	require.NoError(t, err)
	all := f.panels[0].columns[0]
	assert.Len(t, all.cells, mostPatterns+1)
	sum := 0
	for _, c := range all.cells {
		sum += atoi(t, c.text)
	}
	assert.Equal(t, 400, sum, "nobody is left out")
}

func TestDropoutMarks(t *testing.T) {
	nan := math.NaN()
	tr := smallTrial()
	tr.values = [][][]float64{{{6, 4, 3}, {6, nan, 3}, {6, 4, nan}, {5, nan, nan}}, {{6, 5, 5}, {nan, 6, 6}}}
	f, err := Dropout(tr.results(t))
	require.NoError(t, err)
	got := map[string][]float64{}
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		for _, i := range m.items {
			got[m.look.arm.ID] = append(got[m.look.arm.ID], i.value)
		}
	}
	assert.Equal(t, []float64{100, 75, 50}, got["hilt"], "a missed visit is no dropout")
	assert.Equal(t, []float64{100, 100, 100}, got["sham"])
	assert.Equal(t, 0.0, f.Plot(0).Y.Min)
	assert.Contains(t, f.Alt(), "Active HILT: 2 of 4 were observed at 24 h.")
}

func TestCorrelationMarks(t *testing.T) {
	cov := [][]float64{{4, 3, -1}, {3, 9, 0}, {-1, 0, 1}}
	f, err := CorrelationsWith([]string{"a", "b", "c"}, cov, CorrelationsOptions{Outcome: vas})
	require.NoError(t, err)
	words := map[xy]string{}
	for _, i := range marksOf[*textMarks](f.panels[0])[0].items {
		words[i.xy] = i.text
	}
	assert.Equal(t, map[xy]string{{0, 2}: "2.0", {1, 1}: "3.0", {2, 0}: "1.0", // standard deviations
		{0, 1}: "0.50", {0, 0}: "−0.50", {1, 0}: "0.00"}, words)
	assert.Len(t, marksOf[*tileMarks](f.panels[0])[0].tiles, 6)
	dark, light, other := f.theme.shade(0.9), f.theme.shade(0.2), f.theme.shade(-0.9)
	lum := func(c interface {
		RGBA() (r, g, b, a uint32)
	}) uint32 {
		r, g, b, _ := c.RGBA()
		return r + g + b
	}
	assert.Less(t, lum(dark), lum(light))
	assert.NotEqual(t, dark, other)
	for _, p := range []Palette{OkabeIto, PaletteJAMA, PaletteNEJM, PaletteLancet, PaletteGrey} {
		th, err := newTheme(Options{Style: Style{Palette: p}}, false, study.StudyInfo{})
		require.NoError(t, err)
		for _, r := range []float64{-1, 1} { // the numbers are black on all
			assert.GreaterOrEqual(t, blackContrast(th.shade(r).(color.NRGBA)), 6.5, "%q, %v", p, r)
		}
	}
	for name, bad := range map[string][][]float64{"rows": {{1}}, "ragged": {{1, 0}, {0}}, "variance": {{1, 0}, {0, 0}},
		"asymmetric": {{1, 0.5}, {0.4, 1}}, "too strong": {{1, 2}, {2, 1}}, "NaN": {{1, math.NaN()}, {0, 1}}} {
		_, err := Correlations([]string{"a", "b"}, bad)
		assert.ErrorContains(t, err, "plot: ", name)
	}
	_, err = Correlations(nil, nil)
	assert.Error(t, err)
	f, err = Correlations([]string{"a", "b"}, [][]float64{{1, 0.3}, {0.3, 1}})
	require.NoError(t, err)
	assert.Len(t, marksOf[*textMarks](f.panels[0])[0].items, 1, "the diagonal of a correlation matrix says nothing")
}

func TestPowerMarks(t *testing.T) {
	f, err := PowerWith([]PowerLine{{"a", []PowerPoint{{10, 0.3}, {20, 0.5}, {40, 0.85}}}}, PowerOptions{Planned: 30})
	require.NoError(t, err)
	assert.Equal(t, []xy{{10, 30}, {20, 50}, {40, 85}}, marksOf[*curveMarks](f.panels[0])[0].pts)
	refs := marksOf[*refLine](f.panels[0])
	assert.Equal(t, 80.0, refs[0].value)
	assert.Equal(t, 30.0, refs[1].value)
	assert.Contains(t, f.Alt(), "a: power reaches 80% at n = 40.")
	for name, bad := range map[string][]PowerLine{"none": nil, "one point": {{"a", []PowerPoint{{1, 0.5}}}},
		"falling": {{"a", []PowerPoint{{2, 0.5}, {1, 0.6}}}}, "not a power": {{"a", []PowerPoint{{1, 0.5}, {2, 1.5}}}}} {
		_, err := Power(bad...)
		assert.ErrorContains(t, err, "plot: ", name)
	}
}

func TestDistributionMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := HistogramWith(rs[1], HistogramOptions{Of: OfFollow})
	require.NoError(t, err)
	values := map[int][]float64{0: {2.2, 2.6, 2.8, 3.1, 4.2}, 1: {5.0, 5.2, 5.6, 5.9, 6.6}}
	for k, p := range f.panels {
		assert.Equal(t, values[k], marksOf[*rugMarks](p)[0].values)
		n := 0.0
		for _, tl := range marksOf[*tileMarks](p)[0].tiles {
			inside := 0.0
			for _, v := range values[k] {
				if v >= tl.x0 && v < tl.x1 {
					inside++
				}
			}
			assert.Equal(t, inside, tl.y1, "the bar counts what lies between its sides")
			assert.Zero(t, tl.y0)
			n += tl.y1
		}
		assert.Equal(t, 5.0, n)
	}
	f, err = ECDFWith(rs[1], ECDFOptions{Of: OfFollow})
	require.NoError(t, err)
	steps := marksOf[*stepMarks](f.panels[0])[0].pts
	for i, v := range values[0] {
		assert.Equal(t, xy{v, 20 * float64(i)}, steps[1+2*i])
		assert.Equal(t, xy{v, 20 * float64(i+1)}, steps[2+2*i])
	}
}

func TestHistogramBins(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 300 {
		step := []float64{0, 0.1, 1, 5}[rng.IntN(4)]
		lo := math.Round(100*rng.NormFloat64()) * 0.1
		hi := lo + float64(1+rng.IntN(300))*0.1
		if step > 0 {
			lo, hi = math.Round(lo/step)*step, math.Round(hi/step)*step
		}
		if lo == hi {
			continue
		}
		start, width, n := histogramBins(lo, hi, 7, step)
		assert.LessOrEqual(t, start, lo+1e-9)
		assert.Greater(t, start+width*float64(n), hi-1e-9)
		assert.Greater(t, start+width, lo-1e-9, "no empty bin before the data")
		if step > 0 {
			assert.InDelta(t, math.Round(width/step), width/step, 1e-9, "whole steps wide")
		}
	}
	_, _, n := histogramBins(5, 5, 7, 0)
	assert.Equal(t, 1, n)
}

func TestBarMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := MeanBars(rs)
	require.NoError(t, err)
	tiles := marksOf[*tileMarks](f.panels[0])[0].tiles
	require.Len(t, tiles, 6)
	k := 0
	for a, arm := range []string{"hilt", "sham"} {
		for _, v := range []string{"baseline", "post", "h24"} {
			s := find(t, rs, arm, v)
			assert.Equal(t, [2]float64{0, s.Mean}, [2]float64{tiles[k].y0, tiles[k].y1})
			k++
		}
		m := marksOf[*intervalMarks](f.panels[0])[a]
		ci := stats.Estimate{Value: find(t, rs, arm, "h24").Mean, SE: find(t, rs, arm, "h24").SE, DF: 4}.CI(0.95)
		assert.Equal(t, ci.Lo, m.items[2].lo, "a confidence interval, not a standard error")
		assert.Equal(t, ci.Hi, m.items[2].hi)
	}
	assert.Zero(t, f.Plot(0).Y.Min)
	tr := smallTrial()
	tr.outcome.Min, tr.outcome.Max = 0, 0
	tr.values[0][0][1] = -1
	_, err = MeanBars(tr.results(t))
	assert.ErrorContains(t, err, "negative")
}

func TestBlandAltmanMarks(t *testing.T) {
	a, b := []float64{10, 12, 15, 11, 18, 20}, []float64{11, 12, 13, 12, 16, 21}
	f, err := BlandAltman(a, b)
	require.NoError(t, err)
	g, err := stats.BlandAltman(a, b)
	require.NoError(t, err)
	for i, q := range marksOf[*scatterMarks](f.panels[0])[0].pts {
		assert.Equal(t, xy{(a[i] + b[i]) / 2, a[i] - b[i]}, q)
	}
	lower, upper := g.Limits()
	var lines []float64
	for _, m := range marksOf[*refLine](f.panels[0]) {
		lines = append(lines, m.value)
	}
	assert.Equal(t, []float64{0, upper, g.Bias, lower}, lines)
	cl, cu := g.LimitsCI(0.95)
	bias := g.BiasCI(0.95)
	for i, ci := range []stats.Interval{cu, bias, cl} {
		r := marksOf[*bandMarks](f.panels[0])[0].rects[i]
		assert.Equal(t, [2]float64{ci.Lo, ci.Hi}, [2]float64{r.y0, r.y1})
	}
	_, err = BlandAltman(a, b[:3])
	assert.ErrorIs(t, err, stats.ErrLength)
	f, err = BlandAltman([]float64{1, 2, 3}, []float64{1, 2, 3})
	require.NoError(t, err)
	assert.Empty(t, layoutProblems(f))
}

func TestMetaMarks(t *testing.T) {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -0.5, SE: 0.2}, {Value: -0.1, SE: 0.1}, {Value: 0.2, SE: 0.3}})
	require.NoError(t, err)
	rows, pooled, err := MetaOf(m, []string{"A", "B", "C"}, "REML", 0.95, true)
	require.NoError(t, err)
	f, err := MetaWith(rows, pooled, MetaOptions{Ratio: true, Better: study.LowerIsBetter})
	require.NoError(t, err)
	marks := marksOf[*metaMarks](f.panels[0])[0]
	heaviest := math.Max(m.Weights[0], math.Max(m.Weights[1], m.Weights[2]))
	for i, s := range marks.studies {
		ci := stats.Estimate{Value: m.Studies[i].Value, SE: m.Studies[i].SE, DF: math.Inf(1)}.CI(0.95)
		assert.Equal(t, [3]float64{math.Exp(m.Studies[i].Value), math.Exp(ci.Lo), math.Exp(ci.Hi)}, [3]float64{s.value, s.lo, s.hi})
		assert.InDelta(t, m.Weights[i]/heaviest, s.side*s.side, 1e-12, "areas are in proportion to weights")
	}
	ci, pi := m.CI(0.95), m.Prediction(0.95)
	d := marks.pooled[0]
	assert.Equal(t, [5]float64{math.Exp(m.Value), math.Exp(ci.Lo), math.Exp(ci.Hi), math.Exp(pi.Lo), math.Exp(pi.Hi)},
		[5]float64{d.value, d.lo, d.hi, d.pLo, d.pHi})
	assert.Equal(t, 1.0, marksOf[*refLine](f.panels[0])[0].value, "no effect is a ratio of 1")
	assert.Empty(t, layoutProblems(f))
	for name, bad := range map[string][]MetaRow{"none": nil, "outside": {{"A", 1, 2, 3, 1}}, "NaN": {{"A", math.NaN(), 2, 3, 1}},
		"weight": {{"A", 1, 0, 3, -1}}} {
		_, err := Meta(bad)
		assert.ErrorContains(t, err, "plot: ", name)
	}
	_, err = MetaWith([]MetaRow{{"A", -1, -2, 3, 1}}, nil, MetaOptions{Ratio: true})
	assert.ErrorContains(t, err, "ratio")
	f, err = Meta([]MetaRow{{"A", -1, math.Inf(-1), 3, 0}})
	require.NoError(t, err)
	assert.Empty(t, layoutProblems(f))
}

func TestLogEnd(t *testing.T) {
	for _, c := range []struct{ x, below, above float64 }{{0.3, 0.2, 0.5}, {1, 1, 1}, {7, 5, 10}, {0.05, 0.05, 0.05}, {1.01, 1, 2}} {
		assert.InDelta(t, c.below, logEnd(c.x, false), 1e-12)
		assert.InDelta(t, c.above, logEnd(c.x, true), 1e-12)
	}
}
