package plot

import (
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// looked saves a figure where somebody wants to look at it.
func looked(t *testing.T, f *Figure, name string) {
	t.Helper()
	if dir := os.Getenv("TRIALKIT_LOOK"); dir != "" {
		require.NoError(t, f.Save(filepath.Join(dir, name+".png")))
	}
}

// An arm's panel holds that arm's participants, value by value, and their means; both
// panels have one axis.
func TestArmPanels(t *testing.T) {
	tr := smallTrial()
	tr.values[0][1][1] = math.NaN()
	f, err := ArmPanels(tr.results(t))
	require.NoError(t, err)
	require.Equal(t, 2, f.Panels())
	for k, pn := range f.panels {
		assert.Equal(t, tr.arms[k].Label, pn.title)
		assert.Equal(t, [2]float64{0, 10}, [2]float64{pn.plot.Y.Min, pn.plot.Y.Max})
		paths := marksOf[*pathMarks](pn)
		require.Len(t, paths, 1)
		require.Len(t, paths[0].lines, 5)
		var x [3]float64
		for v, visit := range tr.visits {
			x[v], err = f.XOfVisit(k, visit.ID)
			require.NoError(t, err)
		}
		for i, line := range paths[0].lines {
			for v, q := range line {
				assert.Equal(t, x[v], q.x)
				if math.IsNaN(tr.values[k][i][v]) {
					assert.True(t, math.IsNaN(q.y))
				} else {
					assert.Equal(t, tr.values[k][i][v], q.y)
				}
			}
		}
		means := marksOf[*intervalMarks](pn)
		require.Len(t, means, 1)
		require.Len(t, means[0].items, 3)
		for v, m := range means[0].items {
			sum, n := 0.0, 0.0
			for _, p := range tr.values[k] {
				if !math.IsNaN(p[v]) {
					sum, n = sum+p[v], n+1
				}
			}
			assert.Equal(t, x[v], m.at)
			assert.InDelta(t, sum/n, m.value, 1e-12)
			assert.InDelta(t, m.value-m.lo, m.hi-m.value, 1e-12)
		}
	}
	strip := f.panels[0].below[0].(*numberStrip)
	assert.Equal(t, []string{"5", "4", "5"}, strip.rows[0].text)
	assert.Contains(t, f.Description(), "Active HILT: mean Baseline 6.22\u00a0cm")
	looked(t, f, "armpanels")
	f, err = ArmPanelsWith(dutch(randomTrial(6, 8, 20, 0.03)).results(t), ArmPanelsOptions{Options: Options{Lang: "nl", Width: 85}})
	require.NoError(t, err)
	_, h := f.Size()
	assert.LessOrEqual(t, h, 235.0)
	looked(t, f, "armpanels-six")
}

// Medians have the interval of order statistics, checked against its definition: the
// largest k with P(Binomial(n, ½) < k) ≤ α/2; of five there is none, which is said.
func TestArmPanelsOfMedians(t *testing.T) {
	tr := randomTrial(2, 3, 20, 0)
	f, err := ArmPanelsWith(tr.results(t), ArmPanelsOptions{Medians: true})
	require.NoError(t, err)
	for k, pn := range f.panels {
		for v, m := range marksOf[*intervalMarks](pn)[0].items {
			var xs []float64
			for _, p := range tr.values[k] {
				xs = append(xs, p[v])
			}
			sort.Float64s(xs)
			// n = 20: P(X ≤ 5) = 0.0207 ≤ 0.025 < P(X ≤ 6) = 0.0577, so the 6th and the
			// 15th value.
			assert.InDelta(t, (xs[9]+xs[10])/2, m.value, 1e-12)
			assert.Equal(t, [2]float64{xs[5], xs[14]}, [2]float64{m.lo, m.hi})
		}
	}
	assert.Contains(t, f.Caption(), "the arm’s median with its interval of at least 95%")
	f, err = ArmPanelsWith(smallTrial().results(t), ArmPanelsOptions{Medians: true})
	require.NoError(t, err)
	for _, m := range marksOf[*intervalMarks](f.panels[0])[0].items {
		assert.True(t, math.IsNaN(m.lo) && math.IsNaN(m.hi))
	}
	assert.Contains(t, f.Note(), "Without an interval, of which so few participants allow none: Active HILT at Baseline")
}

// Of 200 and more in an arm, bands at the quantiles of the very values.
func TestArmPanelsOfMany(t *testing.T) {
	tr := randomTrial(2, 3, 210, 0.02)
	f, err := ArmPanels(tr.results(t))
	require.NoError(t, err)
	for k, pn := range f.panels {
		assert.Empty(t, marksOf[*pathMarks](pn))
		bands := marksOf[*shadeMarks](pn)
		require.Len(t, bands, 2)
		for j, p := range []float64{0.1, 0.25} {
			require.Len(t, bands[j].pts, 6)
			for v := range 3 {
				var xs []float64
				for _, q := range tr.values[k] {
					if !math.IsNaN(q[v]) {
						xs = append(xs, q[v])
					}
				}
				assert.InDelta(t, quantile7(xs, 1-p), bands[j].pts[v].y, 1e-12)
				assert.InDelta(t, quantile7(xs, p), bands[j].pts[5-v].y, 1e-12)
			}
		}
	}
	assert.Contains(t, f.Caption(), "10th to the 90th percentile")
	assert.NotContains(t, f.Caption(), "Thin lines")
	looked(t, f, "armpanels-many")
	few, err := ArmPanels(randomTrial(2, 3, 199, 0).results(t))
	require.NoError(t, err)
	assert.Len(t, marksOf[*pathMarks](few.panels[0])[0].lines, 199)
}

// A panel a participant: values at their times, the greatest improvement first, and a
// line where one patient's threshold is reached.
func TestParticipantPanels(t *testing.T) {
	tr := smallTrial()
	tr.values[0][2][1] = math.NaN() // a gap
	tr.values[1][0][2] = math.NaN() // no change to 24 h
	tr.values[1][3] = []float64{1.5, 1.2, 1.4}
	tr.values[1][4] = []float64{math.NaN(), math.NaN(), math.NaN()}
	f, err := ParticipantPanels(tr.results(t))
	require.NoError(t, err)
	require.Equal(t, 9, f.Panels(), "one has no value at all")
	type who struct {
		title  string
		change float64
		values []float64
	}
	var want []who
	for k, a := range tr.arms {
		for i, v := range tr.values[k] {
			if !math.IsNaN(v[1]) || !math.IsNaN(v[2]) {
				want = append(want, who{a.ID + "00" + string(rune('0'+i)) + ", " + a.Label, math.Round((v[2]-v[0])*1e6) / 1e6, v})
			}
		}
	}
	sort.SliceStable(want, func(i, j int) bool {
		a, b := want[i].change, want[j].change
		return a < b || math.IsNaN(b) && !math.IsNaN(a)
	})
	for i, pn := range f.panels {
		w := want[i]
		assert.Equal(t, w.title, strings.ReplaceAll(pn.title, "\n", ", "))
		line := marksOf[*pathMarks](pn)[0].lines[0]
		require.Len(t, line, 3)
		for v, x := range []float64{0, 0.5, 24} { // hours
			assert.InDelta(t, x, line[v].x, 1e-12)
			if math.IsNaN(w.values[v]) {
				assert.True(t, math.IsNaN(line[v].y))
			} else {
				assert.Equal(t, w.values[v], line[v].y)
			}
		}
		lines := marksOf[*refLine](pn)
		if w.values[0] < 2.26 {
			assert.Empty(t, lines, "beyond the scale")
			continue
		}
		require.Len(t, lines, 1)
		assert.InDelta(t, w.values[0]-2.26, lines[0].value, 1e-12)
	}
	assert.Equal(t, "MCID, one patient: 2.26\u00a0cm, from the participant’s baseline", f.legend[2].text)
	for _, s := range []string{"sorted by change at 24 h", "Participants without it come last.", "Not shown, for want of any value: sham004.", "the threshold lies beyond the scale"} {
		assert.Contains(t, f.Note(), s)
	}
	assert.Contains(t, f.Description(), "hilt003 (Active HILT): change at 24 h −3.6\u00a0cm.")
	assert.NotContains(t, f.Description(), "sham000")
	assert.Empty(t, layoutProblems(f))
	looked(t, f, "participants")

	tr = smallTrial()
	tr.outcome.Better = study.HigherIsBetter
	f, err = ParticipantPanelsWith(tr.results(t), ParticipantPanelsOptions{Participants: []string{"sham001", "hilt000"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"sham001, Placebo HILT", "hilt000, Active HILT"}, []string{strings.ReplaceAll(f.panels[0].title, "\n", ", "), strings.ReplaceAll(f.panels[1].title, "\n", ", ")})
	assert.InDelta(t, 6.8+2.26, marksOf[*refLine](f.panels[0])[0].value, 1e-12)
}

// Without a baseline the acceptable state is the line, and the value sorts.
func TestParticipantPanelsWithoutBaseline(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(`
title: t
arms: [{id: x, label: Laser}, {id: y, label: Sham, control: true}]
visits: [{id: a, label: Week 1}, {id: b, label: Week 2}]
baseline: none
outcomes: [{id: o, label: Pain, unit: mm, range: [0, 100], better: lower, thresholds: [{kind: PASS, value: 40, level: individual}]}]
data: {layout: wide, participant: id, arm: arm, columns: {o: {a: a, b: b}}}
`), "p")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader("id,arm,a,b\n1,x,50,30\n2,y,60,55\n3,x,45,20\n4,y,70,64\n"), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	f, err := ParticipantPanels(r.Results)
	require.NoError(t, err)
	var order []string
	for _, pn := range f.panels {
		order = append(order, strings.FieldsFunc(pn.title, func(r rune) bool { return r == ',' || r == '\n' })[0])
		assert.Equal(t, 40.0, marksOf[*refLine](pn)[0].value)
	}
	assert.Equal(t, []string{"3", "1", "2", "4"}, order)
	assert.Contains(t, f.legend[2].text, "PASS, one patient: 40")
	assert.Contains(t, f.Note(), "sorted by the value at Week 2")
}

// More than thirty are refused by name, with the way out; thirty lie on a page at every
// width.
func TestParticipantPanelsOnAPage(t *testing.T) {
	_, err := ParticipantPanels(randomTrial(2, 4, 16, 0).results(t))
	assert.EqualError(t, err, "plot: ParticipantPanels: 32 participants are more than the 30 who have a panel each on a page: draw ArmPanels, or name some in ParticipantPanelsOptions.Participants")
	_, err = ParticipantPanelsWith(smallTrial().results(t), ParticipantPanelsOptions{Participants: []string{"hilt001", "nobody"}})
	assert.EqualError(t, err, `plot: ParticipantPanels: no participant "nobody"`)
	for _, lang := range []string{"en", "nl"} {
		for _, arms := range []int{2, 3} {
			tr := randomTrial(arms, 6, 30/arms, 0.05)
			if lang == "nl" {
				tr = dutch(tr)
			}
			rs := tr.results(t)
			for _, width := range []float64{75, 85, 120, 174} {
				f, err := ParticipantPanelsWith(rs, ParticipantPanelsOptions{Options: Options{Lang: lang, Width: width}})
				require.NoError(t, err)
				assert.Equal(t, 30, f.Panels())
				_, h := f.Size()
				if lang == "en" && width > 100 || width == 174 {
					assert.LessOrEqual(t, h, 235.0, "%s, %d arms, %v mm", lang, arms, width)
				}
				if f.layout().cramped {
					assert.Less(t, width, 174.0)
					continue
				}
				assert.Empty(t, layoutProblems(f), "%s, %d arms, %v mm", lang, arms, width)
				if f.TooHigh() {
					t.Logf("%s, %d arms, %v mm: %.0f mm high", lang, arms, width, h)
					continue
				}
				looked(t, f, "participants-"+lang+string(rune('0'+arms))+"-"+string(rune('a'+int(width/40))))
			}
		}
	}
}
