package plot

import (
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
	assert.Equal(t, dataRect{-1.3, 1.3, 0, f.Plot(0).Y.Max}, marksOf[*bandMarks](f.panels[0])[0].rects[0])
	_, err = Subgroups(r)
	assert.ErrorContains(t, err, "no subgroups")
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
