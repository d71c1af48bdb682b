package plot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// What is read as one stays on one line, unless a line is too short for it.
func TestWrapKeepsTogether(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	for _, c := range []struct{ text, whole string }{
		{"the limits are (−21.1 to −14.5) of them", "(−21.1 to −14.5)"},
		{"grenzen van (−21,1 tot −14,5) van de", "(−21,1 tot −14,5)"},
		{"a difference, active − control, of the means", "active − control,"},
		{"limits of agreement, bias ±\u00a01.96\u00a0SD, and more", "bias ±\u00a01.96\u00a0SD,"},
		{"the means with their 95% CI and density", "95% CI"},
		{"seen right after and 24 h later on", "24 h"},
		{"lower limit −17.4 (−21.1 to −14.5) of them", "−17.4 (−21.1 to −14.5)"},
		{"is shown dashed: MCID, of", "dashed: MCID,"},
		{"see the threshold MCID 8 on the axis", "MCID 8"},
	} {
		for w := th.text().Width(c.whole); w < th.text().Width(c.text); w += 0.5 {
			lines := th.wrap(th.text(), c.text, w)
			require.Contains(t, strings.Join(lines, "\n"), c.whole, "at %v", w)
			require.Equal(t, c.text, strings.Join(lines, " "))
		}
		for _, line := range th.wrap(th.text(), c.text, 1) {
			assert.NotContains(t, line, " ", "no room: every word alone")
		}
	}
	long := th.fold(th.text(), "Mann–Whitney", th.text().Width("Mann–Whit"))
	assert.Equal(t, []string{"Mann–", "Whitney"}, long, "after the dash")
}

// A note does not end in a line of one word.
func TestNoWidow(t *testing.T) {
	assert.Equal(t, []string{"spaced, not", "to scale."}, noWidow([]string{"spaced, not to", "scale."}))
	assert.Equal(t, []string{"of the arm,", "95% CI shown."}, noWidow([]string{"of the arm, 95% CI", "shown."}))
	for _, stays := range [][]string{{"scale."}, {"is it", "to scale."}, {"−21.1 to −14.5", "m."}, {"alone", "word."}} {
		assert.Equal(t, stays, noWidow(stays))
	}
}

// Labels right of the data begin beside the marks they name.
func TestSideLabelsBesideMarks(t *testing.T) {
	for name, draw := range map[string]func([]study.Result) (*Figure, error){"dropout": Dropout, "trajectories": Trajectories, "change": Change} {
		f, err := draw(smallTrial().results(t))
		require.NoError(t, err)
		p := f.panels[0]
		require.NotEmpty(t, p.side, name)
		l := f.layout()
		right := float64(l.data[0].Max.X + p.reach(l.data[0].Max.X-l.data[0].Min.X))
		first := strings.Split(p.side[0].text, "\n")[0]
		for _, m := range l.render().Marks {
			if m.Kind == render.MarkText && m.Text == first && float64(m.At.X) > right {
				gap := float64(m.At.X) - right
				assert.Less(t, gap, 2.4*float64(f.theme.size()), "%s: %q", name, first)
			}
		}
	}
}

// Panels of a row that have one y axis say its numbers once, and only those that do.
func TestSharedAxes(t *testing.T) {
	for name, draw := range map[string]func([]study.Result) (*Figure, error){
		"followup": FollowUp, "compatibility": Compatibility, "paired": PairedEstimation} {
		f, err := draw(smallTrial().results(t))
		require.NoError(t, err)
		shared := 0
		for _, p := range f.panels {
			y := p.plot.Y
			for _, q := range f.panels {
				if q.row != p.row {
					continue
				}
				assert.Equal(t, [2]float64{q.plot.Y.Min, q.plot.Y.Max}, [2]float64{y.Min, y.Max}, name)
			}
			words := ""
			for _, k := range y.Tick.Marker.Ticks(y.Min, y.Max) {
				words += strings.TrimSpace(k.Label)
			}
			assert.Equal(t, p.col > 0, words == "", "%s: column %d", name, p.col)
			if p.col > 0 {
				shared++
			}
		}
		assert.Positive(t, shared, name)
	}
}

// Titles and the labels of lines share a line of text where they fit.
func TestTitlesBesideTopLabels(t *testing.T) {
	for _, width := range []float64{174, 40} {
		f, err := CompatibilityWith(smallTrial().results(t), CompatibilityOptions{Options: Options{Width: width}})
		require.NoError(t, err)
		y := map[string]vg.Length{}
		for _, m := range f.render().Marks {
			if _, ok := y[m.Text]; m.Kind == render.MarkText && !ok {
				y[m.Text] = m.At.Y
			}
		}
		title := f.panels[0].title
		require.Contains(t, y, title)
		require.Contains(t, y, "margin")
		assert.Equal(t, width == 174, y[title] == y["margin"], "%v mm", width)
		assert.Empty(t, layoutProblems(f))
	}
}

// Names of visits that do not fit beside direct labels send those to a legend
// rather than stand upright.
func TestVisitsStayLevel(t *testing.T) {
	tr := randomTrial(2, 5, 20, 0.05)
	for i := range tr.visits {
		tr.visits[i].Label = fmt.Sprint("Week ", 6*i)
	}
	tr.visits[0].Label = "Baseline"
	f, err := DropoutWith(tr.results(t), DropoutOptions{Options: Options{Style: BMC()}})
	require.NoError(t, err)
	assert.Zero(t, f.panels[0].plot.X.Tick.Label.Rotation)
	assert.Empty(t, layoutProblems(f))
}

// The intervals of a column stand under each other at their parentheses.
func TestIntervalsAlign(t *testing.T) {
	down, up := smallTrial(), smallTrial()
	up.outcome = strength()
	up.values[0], up.values[1] = up.values[1], up.values[0] // positive differences
	f, err := Differences(append(down.results(t), up.results(t)...))
	require.NoError(t, err)
	var at []float64
	for _, m := range f.render().Marks {
		if before, _, ok := strings.Cut(m.Text, "("); m.Kind == render.MarkText && ok && strings.Contains(m.Text, " to ") && len(m.Text) < 40 {
			at = append(at, float64(m.At.X+f.theme.rich.Width(m.Face.Font, before)))
		}
	}
	require.Greater(t, len(at), 3)
	for _, x := range at {
		assert.InDelta(t, at[0], x, 0.05)
	}
}

// Where columns must go, the means go before the numbers analyzed, and the note
// speaks of means only where they stand.
func TestSubgroupColumnsGiveWay(t *testing.T) {
	r := smallTrial().results(t)
	g, err := study.SubgroupsOf(r[len(r)-1], "sex")
	require.NoError(t, err)
	seen := map[int]bool{}
	for width := 90.0; width < 230; width += 5 {
		f, err := SubgroupsWith(r[len(r)-1], SubgroupsOptions{Options: Options{Width: width}}, g)
		require.NoError(t, err)
		n := len(f.panels[0].columns)
		seen[n] = true
		assert.NotEqual(t, 3, n, "one arm's means alone")
		assert.Equal(t, n == 4, strings.Contains(f.footnote, "Means and SDs"), "%v mm", width)
		if n > 1 {
			assert.True(t, strings.HasPrefix(f.panels[0].columns[0].header, "n"), "%v mm", width)
		}
	}
	assert.True(t, seen[2] && seen[4])
	for in, out := range map[string]string{"sex": "Sex", "pH": "pH", "ouder dan 65": "Ouder dan 65", "élevé": "Élevé", "65+": "65+", "": ""} {
		assert.Equal(t, out, capitalized(in))
	}
}

// The numbers under a paired plot count those with baseline and the visit.
func TestPairedNumbers(t *testing.T) {
	rs := randomTrial(2, 4, 30, 0.2).results(t)
	f, err := PairedEstimation(rs)
	require.NoError(t, err)
	s, err := newSeries("test", rs)
	require.NoError(t, err)
	strips := 0
	for i, p := range f.panels {
		for _, b := range p.below {
			strip := b.(*numberStrip)
			strips++
			arm := s.arms[i/2]
			for v := range rs {
				assert.Equal(t, fmt.Sprint(len(s.changes(v, arm.ID))), strip.rows[0].text[v+1])
			}
		}
	}
	assert.Equal(t, len(s.arms), strips)
}

// A comb of minor ticks helps nobody, but an axis's end has its tick.
func TestTicksAreNoComb(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		minor  int
	}{{-25, 5, 0}, {-20, 6, 1}, {0, 15, 12}, {0, 100, 5}} {
		minor := 0
		for _, k := range (Ticks{}).Ticks(c.lo, c.hi) {
			if k.Label == "" {
				minor++
			}
		}
		assert.Equal(t, c.minor, minor, "%v to %v", c.lo, c.hi)
	}
}

// Few participants stand beside the interval in a bar, many behind it with a
// white edge; control's mean is open as in the legend.
func TestBarsKeepIntervalsClear(t *testing.T) {
	for n, few := range map[int]bool{12: true, 13: false} {
		f, err := MeanBars(randomTrial(2, 3, n, 0).results(t))
		require.NoError(t, err)
		for _, m := range marksOf[*intervalMarks](f.panels[0]) {
			assert.Equal(t, few, m.offset > 0, "%d participants", n)
			assert.Equal(t, !few, m.clear)
			assert.Equal(t, m.look.marker == squareMarker, m.look.arm.Control)
		}
		for _, s := range marksOf[swarms](f.panels[0]) {
			for _, p := range s {
				assert.Equal(t, few, p.offset < 0, "%d participants", n)
			}
		}
	}
}

// Each figure says what it is about: the visit, the outcome, the numbers.
func TestFiguresSayWhatTheyShow(t *testing.T) {
	rs := smallTrial().results(t)
	texts := func(f *Figure, err error) string {
		require.NoError(t, err)
		var out []string
		for _, m := range f.render().Marks {
			if m.Kind == render.MarkText {
				out = append(out, m.Text)
			}
		}
		return strings.Join(out, "\n")
	}
	assert.Contains(t, texts(GardnerAltman(rs[1])), "24 h")
	assert.Contains(t, texts(FollowUp(rs)), "Pain (VAS), cm")
	assert.Contains(t, texts(FollowUp(rs[:1])), "Right after")
	assert.Contains(t, texts(ECDF(rs[1])), "Active HILT: n\u00a0=\u00a05")
	cumming, err := Cumming(rs)
	require.NoError(t, err)
	for _, m := range marksOf[*intervalMarks](cumming.panels[1]) {
		assert.Zero(t, m.offset, "one difference stands at its visit")
	}
}
