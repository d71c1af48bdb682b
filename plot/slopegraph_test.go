package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSlopegraphMarks(t *testing.T) {
	f, err := Slopegraph(smallTrial().results(t))
	require.NoError(t, err)
	require.Equal(t, 4, f.Panels())
	paths := marksOf[*pathMarks](f.panels[0]) // pale, strong
	require.Len(t, paths, 2)
	assert.Equal(t, [][]xy{{{0, 7.1}, {1, 4.9}}}, paths[0].lines, "2.2 falls short of 2.26")
	assert.Len(t, paths[1].lines, 4)
	m := marksOf[*intervalMarks](f.panels[0])[0]
	assert.InDelta(t, 6.22, m.items[0].value, 1e-12)
	assert.InDelta(t, 3.56, m.items[1].value, 1e-12)
}
