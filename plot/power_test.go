package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPowerMarks(t *testing.T) {
	f, err := PowerWith([]PowerLine{{"a", []PowerPoint{{10, 0.3}, {20, 0.5}, {40, 0.85}}}}, PowerOptions{Planned: 30})
	require.NoError(t, err)
	assert.Equal(t, []xy{{10, 30}, {20, 50}, {40, 85}}, marksOf[*curveMarks](f.panels[0])[0].pts)
	refs := marksOf[*refLine](f.panels[0])
	assert.Equal(t, 80.0, refs[0].value)
	assert.Equal(t, 30.0, refs[1].value)
	assert.Contains(t, f.Alt(), "a: power reaches 80% at 40 participants per arm.")
	for name, bad := range map[string][]PowerLine{"none": nil, "one point": {{"a", []PowerPoint{{1, 0.5}}}},
		"falling": {{"a", []PowerPoint{{2, 0.5}, {1, 0.6}}}}, "not a power": {{"a", []PowerPoint{{1, 0.5}, {2, 1.5}}}}} {
		_, err := Power(bad...)
		assert.ErrorContains(t, err, "plot: ", name)
	}
}
