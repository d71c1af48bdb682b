package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Each interval is drawn and written at its row's level, and the figure says
// which: visits planned at 80% and 99%.
func TestIntervalsAtTheirOwnLevels(t *testing.T) {
	rs := smallTrial().results(t)
	want := map[string]interval{}
	for i, level := range []float64{0.8, 0.99} {
		rs[i].Level = level
		for k := range rs[i].Rows {
			row := &rs[i].Rows[k]
			ci := row.Effect.CI(level)
			row.Level, row.Lower, row.Upper = level, ci.Lo, ci.Hi
			if row.Decides {
				want[row.Visit] = interval{0, row.Estimate, ci.Lo, ci.Hi}
			}
		}
	}
	f, err := Differences(rs)
	require.NoError(t, err)
	for i, m := range marksOf[*intervalMarks](f.panels[0]) {
		got := m.items[0]
		got.at = 0
		assert.Equal(t, want[rs[i].Visit.ID], got)
	}
	columns := f.panels[0].columns
	cells := columns[len(columns)-1].cells
	assert.Contains(t, cells[0].text, "(80% CI ")
	assert.Contains(t, cells[1].text, "(99% CI ")
	assert.Contains(t, f.Caption(), "with 80% or 99% CI")
	assert.Contains(t, f.Description(), "(80% CI ")
	assert.Empty(t, layoutProblems(f))
	for name, draw := range map[string]func([]study.Result) (*Figure, error){"compatibility": Compatibility, "posterior": Posterior} {
		f, err := draw(rs)
		require.NoError(t, err)
		for i, p := range f.panels {
			got := marksOf[*intervalMarks](p)[0].items[0]
			if name == "compatibility" {
				assert.InDelta(t, []float64{0.2, 0.01}[i], got.at, 1e-12)
			}
			got.at = 0
			assert.Equal(t, want[rs[i].Visit.ID], got, name)
		}
		assert.Contains(t, f.Caption(), "80%: Right after; 99%: 24", name)
	}
	for name, draw := range charts(Options{}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		assert.NotContains(t, f.Caption(), "95%", name)
	}
}
