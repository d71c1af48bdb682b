package plot

import (
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
