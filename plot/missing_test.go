package plot

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
	assert.Contains(t, f.Description(), "Of 7 participants 3 were observed at every visit; 3 have no value at the last visit.")
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

// Names of visits that would stand upright in one column lie level in two.
func TestMissingTakesTwoColumnsForItsNames(t *testing.T) {
	tr := randomTrial(2, 4, 12, 0.02)
	f, err := Missing(tr.results(t))
	require.NoError(t, err)
	narrow, _ := f.Size()
	for i := range tr.visits {
		tr.visits[i].Label = "Nacontrole" + strings.Repeat("e", i)
	}
	f, err = Missing(tr.results(t))
	require.NoError(t, err)
	wide, _ := f.Size()
	assert.Greater(t, wide, narrow)
	assert.Zero(t, f.panels[0].plot.X.Tick.Label.Rotation)
}
