package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// The curves are the plan's own numbers, the lines what it was planned for.
func TestSensitivityMarks(t *testing.T) {
	p := planOf([]study.Result{{Outcome: study.Outcome{ID: "y", Label: "Pain", Unit: "mm", Better: study.LowerIsBetter}}})
	f, err := Sensitivity(p)
	require.NoError(t, err)
	curves := marksOf[*curveMarks](f.panels[0])
	require.Len(t, curves, 3)
	for i, c := range curves {
		require.Len(t, c.pts, len(p.Sensitivity.Curve))
		for k, q := range c.pts {
			assert.Equal(t, xy{p.Sensitivity.Curve[k], 100 * p.Sensitivity.Powers[i][k]}, q)
		}
	}
	refs := marksOf[*refLine](f.panels[0])
	assert.Equal(t, 90.0, refs[0].value)
	assert.Equal(t, -13.2, refs[1].value)
	assert.True(t, refs[1].upright)
	assert.Contains(t, f.Alt(), "SD 18 mm: power is 90% at an effect of −13.2")
}
