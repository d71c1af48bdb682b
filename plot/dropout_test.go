package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDropoutMarks(t *testing.T) {
	nan := math.NaN()
	tr := smallTrial()
	tr.values = [][][]float64{{{6, 4, 3}, {6, nan, 3}, {6, 4, nan}, {5, nan, nan}}, {{6, 5, 5}, {nan, 6, 6}}}
	f, err := Dropout(tr.results(t))
	require.NoError(t, err)
	got := map[string][]float64{}
	for _, m := range marksOf[*stepMarks](f.panels[0]) {
		for i := 2; i < len(m.pts); i += 2 { // after each visit's step
			got[m.look.arm.ID] = append(got[m.look.arm.ID], m.pts[i].y)
		}
		assert.Equal(t, []float64{0, 1, 2}, []float64{m.pts[1].x, m.pts[3].x, m.pts[5].x}, "steps stand at the visits")
	}
	assert.Equal(t, []float64{0, 25, 50}, got["hilt"], "a missed visit is no loss")
	assert.Equal(t, []float64{0, 0, 0}, got["sham"])
	// On each curve the arm's symbols, at every visit: gray tells the arms too.
	symbols := marksOf[*intervalMarks](f.panels[0])
	require.Len(t, symbols, 2)
	assert.NotEqual(t, symbols[0].look.marker, symbols[1].look.marker)
	for _, m := range symbols {
		for v, it := range m.items {
			assert.Equal(t, float64(v), it.at)
			assert.Equal(t, got[m.look.arm.ID][v], it.value)
		}
	}
	assert.Equal(t, 0.0, f.Plot(0).Y.Min)
	assert.Contains(t, f.Description(), "Active HILT: 1 of 4 lost by Right after.")
	assert.Contains(t, f.Alt(), "at 24 h, 2 of 4 with Active HILT and 0 of 2 with Placebo HILT had been lost.")
	// The table counts what the curve draws: n − lost.
	rows := f.panels[0].below[0].(*numberStrip).rows
	assert.Equal(t, [][]string{{"4", "3", "2"}, {"2", "2", "2"}}, [][]string{rows[0].text, rows[1].text})
}
