package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

func TestMetaMarks(t *testing.T) {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -0.5, SE: 0.2}, {Value: -0.1, SE: 0.1}, {Value: 0.2, SE: 0.3}})
	require.NoError(t, err)
	rows, pooled, err := MetaOfRatios(m, []string{"A", "B", "C"}, "REML", 0.95)
	require.NoError(t, err)
	f, err := MetaWith(rows, pooled, MetaOptions{Ratio: true, Better: study.LowerIsBetter})
	require.NoError(t, err)
	marks := marksOf[*metaMarks](f.panels[0])[0]
	heaviest := math.Max(m.Weights[0], math.Max(m.Weights[1], m.Weights[2]))
	for i, s := range marks.studies {
		ci := stats.Estimate{Value: m.Studies[i].Value, SE: m.Studies[i].SE, DF: math.Inf(1)}.CI(0.95)
		assert.Equal(t, [3]float64{math.Exp(m.Studies[i].Value), math.Exp(ci.Lo), math.Exp(ci.Hi)}, [3]float64{s.value, s.lo, s.hi})
		assert.InDelta(t, m.Weights[i]/heaviest, s.side*s.side, 1e-12, "areas are in proportion to weights")
	}
	ci, pi := m.CI(0.95), m.Prediction(0.95)
	d := marks.pooled[0]
	assert.Equal(t, [5]float64{math.Exp(m.Value), math.Exp(ci.Lo), math.Exp(ci.Hi), math.Exp(pi.Lo), math.Exp(pi.Hi)},
		[5]float64{d.value, d.lo, d.hi, d.pLo, d.pHi})
	assert.Equal(t, 1.0, marksOf[*refLine](f.panels[0])[0].value, "no effect is a ratio of 1")
	assert.Empty(t, layoutProblems(f))
	for name, bad := range map[string][]MetaRow{"none": nil, "outside": {{"A", 1, 2, 3, 1}}, "NaN": {{"A", math.NaN(), 2, 3, 1}},
		"weight": {{"A", 1, 0, 3, -1}}} {
		_, err := Meta(bad)
		assert.ErrorContains(t, err, "plot: ", name)
	}
	_, err = MetaWith([]MetaRow{{"A", -1, -2, 3, 1}}, nil, MetaOptions{Ratio: true})
	assert.ErrorContains(t, err, "ratio")
	f, err = Meta([]MetaRow{{"A", -1, math.Inf(-1), 3, 0}})
	require.NoError(t, err)
	assert.Empty(t, layoutProblems(f))
}

func TestLogEnd(t *testing.T) {
	for _, c := range []struct{ x, below, above float64 }{{0.3, 0.2, 0.5}, {1, 1, 1}, {7, 5, 10}, {0.05, 0.05, 0.05}, {1.01, 1, 2}} {
		assert.InDelta(t, c.below, logEnd(c.x, false), 1e-12)
		assert.InDelta(t, c.above, logEnd(c.x, true), 1e-12)
	}
}

// The row of the pooled estimate says that it is one, with or without a model.
func TestPooledRowIsNamed(t *testing.T) {
	for label, want := range map[string][2]string{"": {"Pooled effect", "Gepoold effect"}, "REML": {"Pooled effect (REML)", "Gepoold effect (REML)"}} {
		for i, lang := range []string{"en", "nl"} {
			f, err := MetaWith([]MetaRow{{"A", -1, -2, 0, 1}}, []MetaPooled{{Label: label, Estimate: -1, Lower: -2, Upper: 0}}, MetaOptions{Options: Options{Lang: lang}})
			require.NoError(t, err)
			rows := f.panels[0].rows
			assert.Equal(t, want[i], rows[len(rows)-1].text)
			assert.Contains(t, f.Description(), want[i]+": ")
		}
	}
}
