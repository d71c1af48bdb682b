package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlotIsReachable(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	before := written(t, f, SVG)
	f.Plot(0).Y.Label.Text = "Changed by hand"
	after := written(t, f, SVG)
	assert.NotEqual(t, string(before), string(after))
	assert.Contains(t, string(after), "Changed by hand")
	assert.Equal(t, 1, f.Panels())
}

// A panel that is not there is a programmer's mistake, said in words.
func TestPlotOfNoPanel(t *testing.T) {
	f, err := GardnerAltman(smallTrial().results(t)[1])
	require.NoError(t, err)
	require.Equal(t, 2, f.Panels())
	for i, want := range map[int]string{7: "plot: Figure.Plot: panel 7 of a figure with 2 panels (0 to 1)",
		-1: "plot: Figure.Plot: panel -1 of a figure with 2 panels (0 to 1)"} {
		assert.PanicsWithValue(t, want, func() { f.Plot(i) })
	}
	f, err = Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	assert.PanicsWithValue(t, "plot: Figure.Plot: panel 1 of a figure with one panel (0)", func() { f.Plot(1) })
}
