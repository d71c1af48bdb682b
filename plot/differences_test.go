package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

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
	assert.Contains(t, f.Caption(), "(margin between arms: 1.3\u00a0cm)")

	// A margin of its own for worsening, on the other side; without a margin
	// between arms nothing is shaded, whatever patients are held against.
	for i := range rs {
		rs[i].Outcome.Thresholds = append(rs[i].Outcome.Thresholds[:6:6], study.Threshold{Kind: study.Margin, Value: 0.9, Level: study.BetweenGroup, Worsening: true})
	}
	f, err = Differences(rs)
	require.NoError(t, err)
	band := marksOf[*bandMarks](f.panels[0])[0].rects[0]
	assert.Equal(t, []float64{-1.3, 0.9}, []float64{band.x0, band.x1})
	assert.Contains(t, f.Caption(), "margin between arms: 1.3\u00a0cm, for worsening 0.9\u00a0cm")
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

// An interval that holds together with those of other hypotheses says so wherever it is
// drawn; one by itself does not.
func TestSimultaneousIntervalsAreNamed(t *testing.T) {
	together := ofOutcome(reportOf(t, "lasers", nil), "pain")
	alone := ofOutcome(reportOf(t, "lasers", func(p string) string {
		return strings.Replace(p, "primary: {any: [A], adjust: dunnett}\n", "", 1)
	}), "pain")
	for lang, words := range map[string]string{
		"en": "interval simultaneous with those of the other primary hypotheses (Dunnett)",
		"nl": "interval simultaan met die van de andere primaire hypothesen (Dunnett)",
	} {
		for _, c := range []struct {
			results []study.Result
			want    int
		}{{together, 1}, {alone, 0}} {
			f, err := DifferencesWith(c.results, DifferencesOptions{Options: Options{Lang: lang}})
			require.NoError(t, err)
			assert.Equal(t, c.want, strings.Count(strings.Join(strings.Fields(f.Note()), " "), words), lang)
		}
	}
}

// A margin that a plan tests is on the axis, dashed, in its row's place and said below: a
// difference of shares in percentage points, a ratio on the logarithmic axis.
func TestTestedMarginsAreDrawn(t *testing.T) {
	for _, c := range []struct {
		plan, effect string
		want         []float64
		note         string
	}{
		{"margin: 0.15, primary: true", "", []float64{-15}, "Dashed: margin of non-inferiority, −15\u00a0percentage points."},
		{"margin: 0.15, framework: equivalence, primary: true", "", []float64{-15, 15}, "Dashed: margin of equivalence, −15 and 15\u00a0percentage points."},
		{"margin: 0.4, effect: odds-ratio, scale: ratio, primary: true", "", []float64{0.4}, "Dashed: margin of non-inferiority, 0.4."},
	} {
		r := reportOf(t, "return-to-sport", func(p string) string {
			p = strings.Replace(p, "margin: 0.15, primary: true", c.plan, 1)
			return strings.Replace(p, "  - {outcome: sport, visit: w12, margin: 0.15, set: pp, role: supplementary}\n", "", 1)
		})
		f, err := Differences(r.Results)
		require.NoError(t, err)
		var got []float64
		for _, pn := range f.panels {
			for _, line := range marksOf[*refLine](pn) {
				if line.dashes != nil {
					got = append(got, line.value)
					assert.True(t, pn.plot.X.Min <= line.value && line.value <= pn.plot.X.Max, "%v on the axis", line.value)
				}
			}
		}
		assert.Equal(t, c.want, got, c.plan)
		require.Len(t, f.legend, 1, "the line is named on the figure")
		assert.Equal(t, strings.TrimSuffix(strings.TrimPrefix(c.note, "Dashed: "), "."), f.legend[0].text)
		assert.Contains(t, strings.Join(strings.Fields(strings.ReplaceAll(f.Note(), "\u00a0", "~")), " "), strings.ReplaceAll(c.note, "\u00a0", "~"))
	}
}
