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
	assert.Contains(t, f.Alt(), "SD 18\u00a0mm: power is 90% at an effect of −13.2\u00a0mm")
	assert.Equal(t, "planned: −13.2\u00a0mm", f.panels[0].top[0].text)
}

// A difference of shares is drawn in percentage points, as the page writes it.
func TestSensitivityOfShares(t *testing.T) {
	p := planOf([]study.Result{{Outcome: study.Outcome{ID: "y", Label: "Well", Kind: study.KindBinary, Better: study.HigherIsBetter}}})
	p.Outcome.Kind = study.KindBinary
	p.Sensitivity.By, p.Sensitivity.Rows = "share", []float64{0.56, 0.7, 0.875}
	p.Sensitivity.Curve, p.Sensitivity.Effects = []float64{0, 0.12, 0.24}, []float64{0.09, 0.12, 0.15}
	p.Sensitivity.Powers = [][]float64{{0.05, 0.8, 0.99}, {0.05, 0.9, 0.99}, {0.05, 0.95, 0.99}}
	f, err := Sensitivity(p)
	require.NoError(t, err)
	assert.Equal(t, []xy{{0, 5}, {12, 90}, {24, 99}}, marksOf[*curveMarks](f.panels[0])[1].pts)
	assert.Equal(t, 12.0, marksOf[*refLine](f.panels[0])[1].value)
	assert.Contains(t, f.panels[0].plot.X.Label.Text, "percentage points")
	assert.Contains(t, f.Alt(), "70% in control: power is 90% at an effect of 12 points")
}
