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
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		for _, i := range m.items {
			got[m.look.arm.ID] = append(got[m.look.arm.ID], i.value)
		}
	}
	assert.Equal(t, []float64{100, 75, 50}, got["hilt"], "a missed visit is no dropout")
	assert.Equal(t, []float64{100, 100, 100}, got["sham"])
	assert.Equal(t, 0.0, f.Plot(0).Y.Min)
	assert.Contains(t, f.Description(), "Active HILT: 2 of 4 were observed at 24 h.")
}
