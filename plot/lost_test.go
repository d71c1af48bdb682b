package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/lost"
)

// worseBy is a made-up difference: value at no delta, 0.4 more for each unit by which
// the active arm's lost are worse and 0.4 less for control's.
func worseBy(value, se, active, control float64) stats.Estimate {
	return stats.Estimate{Value: value + 0.4*(active-control), SE: math.Sqrt(se*se + 0.01*(active*active+control*control)), DF: 40}
}

// withLost gives the last result an answer to what is assumed of those lost, made up but
// for the arms' means.
func withLost(rs []study.Result) study.Result {
	r := rs[len(rs)-1]
	_, control := sides(r.Arms)
	l := &study.Lost{Courses: &lost.Courses{N: map[string]int{}, Lost: map[string]int{}, Observed: map[string][]lost.Mean{}, Stayed: map[string][]lost.Mean{}}}
	s := &series{results: rs, outcome: r.Outcome, arms: r.Arms, baseline: r.Baseline}
	l.Visits = s.visits()
	worse := -r.Outcome.Better.Sign()
	for k, a := range r.Arms {
		l.N[a.ID], l.Lost[a.ID] = 40, 10+k
		var means []float64
		for v := range l.Visits {
			y := 6 - 0.3*float64(v)
			if r.Outcome.HasRange() {
				y = r.Outcome.Min + (r.Outcome.Max-r.Outcome.Min)*(0.6-0.03*float64(v))
			}
			l.Stayed[a.ID] = append(l.Stayed[a.ID], lost.Mean{Value: y, N: 30 - k})
			means = append(means, y+0.2*worse)
		}
		l.Observed[a.ID] = l.Stayed[a.ID]
		l.Assumed = append(l.Assumed, lost.Course{Arm: a.ID, Assume: "mar", Means: means})
		if a.Control {
			continue
		}
		l.Assumed = append(l.Assumed, lost.Course{Arm: a.ID, Assume: "j2r", Reference: control.ID, Means: means})
		value := -1.2 * worse
		e := worseBy(value, 0.4, 0, 0)
		ci := e.CI(r.Level)
		row := study.SensitivityRow{Assumption: study.Assumption{Assume: study.AssumeDelta, Arm: a.ID, Steps: []float64{0, 4, 0.5}}, Arm: a.ID, Control: control.ID,
			Visit: r.Visit.ID, Level: r.Level, Estimate: e, Lower: ci.Lo, Upper: ci.Hi, N: l.N, Lost: l.Lost,
			Tipping: &study.TippingPoint{Arm: a.ID, Significant: true, Delta: 0.5, Found: true, To: 4, SD: 1, Map: &lost.Map{Arm: a.ID, Control: control.ID, Level: r.Level}}}
		for i := range 41 {
			d := float64(i) / 10
			e := worseBy(value, 0.4, worse*d, 0)
			ci := e.CI(r.Level)
			row.Tipping.Curve = append(row.Tipping.Curve, lost.Step{Delta: d, Estimate: e, Lower: ci.Lo, Upper: ci.Hi})
		}
		m := row.Tipping.Map
		for i := -10; i <= 10; i++ {
			m.Deltas = append(m.Deltas, 0.4*float64(i))
		}
		for _, x := range m.Deltas {
			var es []stats.Estimate
			var vs []lost.Verdict
			for _, y := range m.Deltas {
				e := worseBy(value, 0.4, worse*x, worse*y)
				es, vs = append(es, e), append(vs, lost.VerdictOf(e, r.Level, worse))
			}
			m.Estimates, m.Verdicts = append(m.Estimates, es), append(m.Verdicts, vs)
		}
		r.Sensitivity = append(r.Sensitivity, row)
	}
	r.Lost = l
	return r
}

// The curve goes through the estimates of its steps, the band through their limits; the
// dashed line stands at the tipping point alone.
func TestTippingMarks(t *testing.T) {
	r := withLost(smallTrial().results(t))
	f, err := Tipping(r)
	require.NoError(t, err)
	require.Len(t, f.panels, 1)
	p := f.panels[0]
	lines := marksOf[*linesMarks](p)
	require.Len(t, lines, 2)
	curve, limits := lines[1].lines[0], lines[0].lines
	for i, s := range r.Sensitivity[0].Tipping.Curve {
		assert.Equal(t, xy{s.Delta, s.Value}, curve[i])
		assert.Equal(t, []xy{{s.Delta, s.Upper}, {s.Delta, s.Lower}}, []xy{limits[0][i], limits[1][i]})
	}
	assert.InDelta(t, -1.2+0.4*4, curve[40].y, 1e-12, "worse is up where lower is better")
	upright := func(p *panel) (at []float64) {
		for _, l := range marksOf[*refLine](p) {
			if l.upright {
				at = append(at, l.value)
			}
		}
		return at
	}
	assert.Equal(t, []float64{0.5}, upright(p))
	assert.Equal(t, "p ≥ 0.05 from 0.50\u00a0cm", p.top[0].text, "a line says what it is")
	assert.Contains(t, f.Alt(), "at 24 h, Active HILT − Placebo HILT: significance (p < 0.05) is lost if those lost in Active HILT (10 of 40) are at least 0.50\u00a0cm worse than predicted")
	r.Sensitivity[0].Tipping.Found = false
	f, err = Tipping(r)
	require.NoError(t, err)
	assert.Empty(t, upright(f.panels[0]))
	assert.NotContains(t, f.Caption(), "Dashed")
	assert.Contains(t, f.Alt(), "is not lost if")
	r.Sensitivity = nil
	_, err = Tipping(r)
	assert.ErrorContains(t, err, "no delta analysis")
}

// A tile a combination, in its verdict's shade; the contour of the level parts the
// shades, and every contour stands where the p-value is its own.
func TestTippingMapMarks(t *testing.T) {
	r := withLost(smallTrial().results(t))
	f, err := TippingMap(r)
	require.NoError(t, err)
	p := f.panels[0]
	tiles := marksOf[*tileMarks](p)[0].tiles
	require.Len(t, tiles, 21*21)
	m := r.Sensitivity[0].Tipping.Map
	shades := map[lost.Verdict]any{}
	for a, y := range m.Deltas {
		for b, x := range m.Deltas {
			tl := tiles[21*a+b]
			assert.True(t, tl.x0 <= x && x <= tl.x1 && tl.x1-tl.x0 < 0.41, "control on x")
			assert.True(t, tl.y0 <= y && y <= tl.y1 && tl.y1-tl.y0 < 0.41, "the active arm on y")
			v := lost.Neither
			if e := worseBy(-1.2, 0.4, y, x); e.P(0) < 0.05 {
				if v = lost.Worse; e.Value < 0 {
					v = lost.Better
				}
			}
			if shades[v] == nil {
				shades[v] = tl.fill
			}
			assert.Equal(t, shades[v], tl.fill)
		}
	}
	assert.Len(t, shades, 3)
	assert.NotEqual(t, shades[lost.Better], shades[lost.Worse])
	cs := marksOf[*contourMarks](p)
	require.Len(t, cs, 3)
	for k, want := range []float64{0.05, 0.01, 0.001} {
		assert.InDelta(t, want, cs[k].p, 1e-15)
		n := 0
		for _, l := range cs[k].lines {
			for _, q := range l {
				n++
				// Between grid points |t| is interpolated, not the estimates.
				assert.InEpsilon(t, want, worseBy(-1.2, 0.4, q.y, q.x).P(0), 0.05, "%v", q)
			}
		}
		assert.Greater(t, n, 20)
	}
	cross := marksOf[*intervalMarks](p)
	assert.Equal(t, []float64{0, 0}, []float64{cross[0].items[0].at, cross[0].items[0].value})
	assert.Contains(t, f.Description(), "of 441 combinations")
}

// A line an assumption and arm, of the means given; no line of an arm to which the
// assumption says nothing of its own.
func TestLostCoursesMarks(t *testing.T) {
	r := withLost(smallTrial().results(t))
	r.Lost.Assumed[1].Means = []float64{6, 5.5, 5}
	f, err := LostCourses(r)
	require.NoError(t, err)
	require.Len(t, f.panels, 2)
	values := func(p *panel) (out [][]float64) {
		for _, m := range marksOf[*intervalMarks](p) {
			var ys []float64
			for _, it := range m.items {
				ys = append(ys, it.value)
			}
			out = append(out, ys)
		}
		return out
	}
	active := values(f.panels[0])
	require.Len(t, active, 3)
	assert.Equal(t, r.Lost.Assumed[0].Means, active[0])
	assert.Equal(t, []float64{6, 5.5, 5}, active[1])
	assert.Equal(t, r.Lost.Stayed["hilt"][2].Value, active[2][2])
	assert.Len(t, values(f.panels[1]), 2)
	assert.Equal(t, "Placebo HILT (11 of 40 lost)", f.panels[1].title)
	assert.Contains(t, f.Description(), "Active HILT, those lost, jump to reference: 5.00")
	looks := map[marker]bool{}
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		looks[m.look.marker] = true
	}
	assert.Len(t, looks, 3, "gray tells them apart")
	r.Lost.SetAside = 3
	f, err = LostCourses(r)
	require.NoError(t, err)
	assert.Equal(t, "Placebo HILT (11 of 40 lost or set aside)", f.panels[1].title)
	r.Lost = nil
	_, err = LostCourses(r)
	assert.ErrorContains(t, err, "nobody is lost")
}

// Of equivalence the curve has both margins and both tipping points, and the map a fourth
// verdict: a dot besides the color; its contour is where one of the two tests has its p.
func TestTippingOfEquivalence(t *testing.T) {
	r := withLost(smallTrial().results(t))
	row := &r.Sensitivity[0]
	p := row.Tipping
	row.Equivalence, p.Margin, p.Map.Equivalence, p.Better, p.FoundBetter, p.From = 0.8, 0.8, 0.8, 0.25, true, -p.To
	claim := lost.Claim{Level: 0.95, Equivalence: 0.8, Worse: 1}
	count := map[lost.Verdict]int{}
	for a, es := range p.Map.Estimates {
		for b := range es {
			es[b].Value, es[b].SE = 3*es[b].Value+3.6, es[b].SE/2 // so that all four are on it
			v := claim.Verdict(es[b])
			p.Map.Verdicts[a][b] = v
			count[v]++
		}
	}
	require.Len(t, count, 4)
	f, err := Tipping(r)
	require.NoError(t, err)
	var flat, upright []float64
	for _, l := range marksOf[*refLine](f.panels[0]) {
		if l.upright {
			upright = append(upright, l.value)
		} else {
			flat = append(flat, l.value)
		}
	}
	assert.Equal(t, []float64{0, -0.8, 0.8}, flat)
	assert.Equal(t, []float64{0.5, -0.25}, upright)
	require.Len(t, f.panels[0].top, 1)
	assert.Equal(t, "margin reached from 0.25\u00a0cm better and from 0.50\u00a0cm worse", f.panels[0].top[0].text)
	assert.Contains(t, f.Alt(), "are at least 0.50\u00a0cm worse than predicted; it is no longer shown if they are at least 0.25\u00a0cm better")

	f, err = TippingMap(r)
	require.NoError(t, err)
	var legend []string
	for _, it := range f.legend {
		legend = append(legend, it.text)
		assert.Equal(t, it.text == "better by more than the margin", it.dotted)
	}
	assert.Equal(t, []string{"equivalence shown", "better by more than the margin", "equivalence not shown", "worse by more than the margin"}, legend[:4])
	dots := marksOf[*intervalMarks](f.panels[0])[0]
	assert.Len(t, dots.items, count[lost.Better])
	cs := marksOf[*contourMarks](f.panels[0])
	require.NotEmpty(t, cs)
	for _, c := range cs {
		for _, l := range c.lines {
			for _, q := range l { // interpolated between grid points, in the estimate's unit
				e := worseBy(-1.2, 0.4, q.y, q.x)
				e.Value, e.SE = 3*e.Value+3.6, e.SE/2
				ci := e.CI(1 - c.p)
				assert.InDelta(t, 0.8, max(-ci.Lo, ci.Hi), 0.03, "%v at p %v", q, c.p)
			}
		}
	}
	assert.Contains(t, f.Description(), "of 441 combinations")
}
