package plot

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

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
	band := marksOf[*bandMarks](f.panels[0])[0].rects
	require.Len(t, band, 2, "below and above the heading of the covariate")
	assert.Equal(t, []float64{-1.3, 1.3, 0, f.Plot(0).Y.Max}, []float64{band[0].x0, band[1].x1, band[0].y0, band[1].y1})
	line := marksOf[*refLine](f.panels[0])[0]
	assert.Equal(t, []gap{{band[0].y1, band[1].y0}}, line.gaps, "no line runs through a heading")
	_, err = Subgroups(r)
	assert.ErrorContains(t, err, "no subgroups")
}

// Of several arms the rows stand under the name of their visit, and a heading does
// not widen the column of names: it goes on over the data area, where no line is.
func TestDifferencesOfSeveralArmsAreGroupedByVisit(t *testing.T) {
	tr := randomTrial(3, 3, 20, 0)
	rs := tr.results(t)
	f, err := Differences(rs)
	require.NoError(t, err)
	var names []string
	for _, r := range f.panels[0].rows {
		names = append(names, r.text)
		assert.Equal(t, r.text == "Pain (VAS)" || strings.HasPrefix(r.text, "Week"), r.span, r.text)
		assert.Equal(t, r.text == "Pain (VAS)", r.bold, r.text)
	}
	assert.Equal(t, []string{"Pain (VAS)", "Week 4", "Dose 30 mg", "Dose 20 mg", "Week 8", "Dose 30 mg", "Dose 20 mg"}, names)
	assert.Empty(t, layoutProblems(f))
	left := f.layout().data[0].Min.X
	tr.outcome.Label = "Pain at rest in the more painful knee over the last week (visual analogue scale)"
	g, err := Differences(tr.results(t))
	require.NoError(t, err)
	assert.Equal(t, left, g.layout().data[0].Min.X, "the heading sets no width")
	assert.Equal(t, tr.outcome.Label, g.panels[0].rows[0].text, "in one line")
	assert.Empty(t, layoutProblems(g))
	for _, line := range strokes(t, g, 0, marksOf[*refLine](g.panels[0])[0]) {
		for _, r := range g.panels[0].rows {
			if r.span {
				assert.False(t, line[0].y < r.y && r.y < line[1].y, "the line of no difference runs through %q", r.text)
			}
		}
	}
}

// No chart breaks a word: it is drawn whole, or the figure is refused as too narrow.
func TestNoWordIsBroken(t *testing.T) {
	const word = "Elektromyografiebiofeedbackapparatuur"
	for where, change := range map[string]func(*trial){
		"arm":     func(tr *trial) { tr.arms[0].Label = word },
		"outcome": func(tr *trial) { tr.outcome.Label = word },
		"visit":   func(tr *trial) { tr.visits[1].Label = word },
	} {
		tr := randomTrial(2, 3, 20, 0)
		change(&tr)
		rs := tr.results(t)
		refused := 0
		for _, width := range []float64{50, 85, 174} {
			for name, draw := range everyChart(Options{Width: width}) {
				if name == "flow" || name == "consort" { // which hyphenate in their boxes
					continue
				}
				f, err := draw(rs)
				if err != nil {
					continue
				}
				if err := f.Write(io.Discard, SVG); errors.Is(err, ErrNoRoom) {
					refused++
					continue
				}
				for _, m := range f.render().Marks {
					if strings.Contains(m.Text, "Elektro") || strings.Contains(m.Text, "apparatuur") {
						assert.Contains(t, m.Text, word, "%s, %s at %v mm", where, name, width)
					}
				}
			}
		}
		assert.Positive(t, refused, where)
	}
}

// A table without a direction tells no side which arm it favors.
func TestForestWithoutDirectionFavorsNobody(t *testing.T) {
	table := forestOf(smallTrial().results(t))
	f, err := Forest(table)
	require.NoError(t, err)
	assert.NotContains(t, drawn(f), "favors")
	table.Better = study.LowerIsBetter
	f, err = Forest(table)
	require.NoError(t, err)
	assert.Contains(t, drawn(f), "favors")
}
