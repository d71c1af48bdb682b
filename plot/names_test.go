package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// A symbol in a table under an axis has a name: beside it, or in a legend.
func TestSymbolsOfTablesAreNamed(t *testing.T) {
	unnamed := 0
	for _, long := range []string{"", " with supervised strengthening exercise"} {
		tr := smallTrial()
		for i := range tr.arms {
			tr.arms[i].Label += long
		}
		rs := tr.results(t)
		for name, draw := range everyChart(Options{}) {
			f, err := draw(rs)
			if err != nil {
				assert.ErrorIs(t, err, ErrNoRoom, name)
				continue
			}
			for _, p := range f.panels {
				for _, s := range p.below {
					if strip, ok := s.(*numberStrip); ok && !strip.named && !strip.inline {
						unnamed++
						for _, row := range strip.rows {
							assert.Contains(t, drawnWords(f), strings.ReplaceAll(armName(row.look.arm), "\u00a0", " "), name)
							assert.NotEmpty(t, f.legend, name)
						}
					}
				}
			}
		}
	}
	assert.Positive(t, unnamed)
}

// A label longer than its axis takes nothing from the data.
func TestLongAxisLabelsLeaveTheDataTheirRoom(t *testing.T) {
	counts, err := ofKind(smallTrial().results(t), study.KindCount)
	require.NoError(t, err)
	f, err := Differences(counts)
	require.NoError(t, err)
	p := f.panels[0]
	th := f.theme
	data := f.layout().data[0]
	free := th.width - th.rowsWidth(p.rows) - th.columnsWidth(p.columns)
	assert.Greater(t, float64((data.Max.X-data.Min.X)/free), 0.8)
}

// Rates say per what, and how the arms are compared; a curve of a test whose cases
// it tells.
func TestWhatNumbersAreOf(t *testing.T) {
	rs := smallTrial().results(t)
	counts, err := ofKind(rs, study.KindCount)
	require.NoError(t, err)
	f, err := RatesWith(counts, RatesOptions{Time: "months"})
	require.NoError(t, err)
	assert.Contains(t, strings.Join(strings.Fields(f.panels[0].plot.Y.Label.Text), " "), "events per 10 months at risk")
	assert.Contains(t, f.Note(), "The arms are compared by ")
	lines, err := armROC(rs)
	require.NoError(t, err)
	f, err = ROCWith(lines, ROCOptions{Cases: "improved by half"})
	require.NoError(t, err)
	assert.Contains(t, f.Note(), "Cases: improved by half.")
	m, err := changeModel(rs[0])
	require.NoError(t, err)
	f, err = ResidualsWith(m, ResidualsOptions{Response: "Pain, cm"})
	require.NoError(t, err)
	assert.Contains(t, f.panels[1].plot.X.Label.Text, "Pain, cm")
	assert.Contains(t, f.Caption(), "Pain, cm: residuals")
}

// A dashed line is spoken of where there is one.
func TestSweepSpeaksOfItsLine(t *testing.T) {
	with, without := smallTrial(), smallTrial()
	without.outcome.Thresholds = nil
	for _, c := range []struct {
		tr   trial
		said bool
	}{{with, true}, {without, false}} {
		rs := c.tr.results(t)
		f, err := ThresholdSweep(rs)
		require.NoError(t, err)
		assert.Equal(t, margin(rs[0].Outcome) != nil, strings.Contains(f.Note(), "Dashed line"))
	}
}
