package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Columns that a narrow figure has no room for are named under it; a wide one has
// them all and says nothing.
func TestLeftOutColumnsAreNamed(t *testing.T) {
	const says = "No room here for the columns"
	for name, first := range map[string]string{"differences": "Dose 30 mg, mean (SD)", "subgroups": "Dose 30 mg, mean (SD)", "meta": "Weight (%)", "forest": "n", "triangulation": ""} {
		tr := randomTrial(2, 3, 30, 0)
		tr.arms[0].Label = "Dose 30 mg"
		if name == "forest" {
			tr.visits[1].Label = "Visit after a holiday"
		}
		rs := tr.results(t)
		wide, err := everyChart(Options{Width: 250})[name](rs)
		require.NoError(t, err, name)
		assert.NotContains(t, wide.Note(), says, name)
		columns := len(wide.panels[0].columns)
		lost := false
		for _, width := range []float64{120, 85, 60, 45} {
			f, err := everyChart(Options{Width: width})[name](rs)
			require.NoError(t, err, name)
			assert.Equal(t, len(f.panels[0].columns) < columns, strings.Contains(f.Note(), says), "%s at %v mm", name, width)
			if len(f.panels[0].columns) < columns {
				lost = true
				assert.Contains(t, f.Note(), first, name)
			}
		}
		assert.True(t, lost, name)
	}
}

// The counts of every arm stand beside the patterns at every width: under letters
// that the legend explains where the names are long.
func TestMissingKeepsItsColumns(t *testing.T) {
	for _, arms := range []int{2, 6} {
		for _, width := range []float64{75, 174} {
			tr := dutch(randomTrial(arms, 4, 20, 0.05))
			f, err := MissingWith(tr.results(t), MissingOptions{Options{Width: width}})
			require.NoError(t, err)
			require.Len(t, f.panels[0].columns, arms+1)
			assert.Empty(t, layoutProblems(f))
			if width == 75 && arms == 6 {
				assert.Contains(t, drawn(f), "f: Schijnbehandeling (placebolaser)")
				assert.Equal(t, "f", f.panels[0].columns[6].header)
			}
		}
	}
}

// A comparison without an estimate, and one without a curve, is named.
func TestLeftOutComparisonsAreNamed(t *testing.T) {
	rs := randomTrial(3, 3, 30, 0).results(t)
	for k := range rs[0].Rows {
		if r := &rs[0].Rows[k]; r.Decides && r.Arm == "a" {
			r.Effect, r.Estimate, r.Lower, r.Upper = nil, math.NaN(), math.NaN(), math.NaN()
		}
	}
	for name, want := range map[string]string{"differences": "Pain (VAS), Dose 30 mg at Week 4", "compatibility": "Dose 30 mg at Week 4", "posterior": "Dose 30 mg at Week 4", "sweep": "Dose 30 mg at Week 4"} {
		f, err := everyChart(Options{})[name](rs)
		require.NoError(t, err, name)
		assert.Contains(t, f.Note(), "Not drawn, for want of an estimate with a bounded interval: "+want+".", name)
	}
	for k := range rs[1].Rows { // an unbounded interval has no curve
		if r := &rs[1].Rows[k]; r.Decides && r.Arm == "b" {
			r.Effect = stats.Estimate{Value: -1, SE: math.Inf(1), DF: 10}
		}
	}
	f, err := Compatibility(rs)
	require.NoError(t, err)
	assert.Contains(t, f.Note(), "Dose 20 mg at Week 8")
}

// Where the counts of the paired plot have no room under its panels they stand in
// the note.
func TestPairedTellsItsCounts(t *testing.T) {
	told := 0
	for _, width := range []float64{75, 85, 174} {
		f, err := PairedEstimationWith(randomTrial(2, 12, 1200, 0.02).results(t), EstimationOptions{Options: Options{Width: width}})
		require.NoError(t, err)
		strips := 0
		for _, p := range f.panels {
			strips += len(p.below)
		}
		notes := strings.Count(f.Note(), "n, ")
		assert.Equal(t, 2, strips+notes, "%v mm", width)
		told += notes
	}
	assert.Positive(t, told)
}
