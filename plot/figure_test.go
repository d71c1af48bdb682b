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
