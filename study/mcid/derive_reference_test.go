package mcid

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/mic"
	"github.com/trialkit/trialkit/study"
)

// Every method of deriving a minimal important change, for improvement and for
// worsening, against testdata/reference/study_mic.R.
func TestTriangulationAgreesWithR(t *testing.T) {
	src, err := os.ReadFile("../../testdata/reference/study_mic.json")
	require.NoError(t, err)
	var ref struct {
		Studies []struct {
			Worsening                        bool
			Reliability                      float64
			Change, Rating, Baseline, Retest []float64
			Spearman, AUC, ES, SRM           float64
			Values                           map[string]float64
			Intervals                        map[string][2]float64
		}
	}
	require.NoError(t, json.Unmarshal(src, &ref))
	require.Len(t, ref.Studies, 5)
	for i, c := range ref.Studies {
		s := AnchorStudy{Outcome: study.Outcome{ID: "vas", Unit: "mm", Resolution: 1, Better: study.LowerIsBetter}, Change: c.Change, Rating: c.Rating,
			Baseline: c.Baseline, Test: c.Baseline[:len(c.Retest)], Retest: c.Retest, Worsening: c.Worsening, AnchorReliability: c.Reliability,
			From: 1, Slight: []float64{1}, Unchanged: []float64{0}}
		if c.Worsening {
			s.From, s.Slight = -1, []float64{-1}
		}
		tr, err := Triangulate(s)
		require.NoError(t, err)
		require.Len(t, c.Values, 17)
		for method, want := range c.Values {
			row, ok := tr.Row(method)
			require.True(t, ok, "study %d: %s", i, method)
			assert.InDelta(t, want, row.Value, 1e-9*(1+math.Abs(want)), "study %d: %s", i, method)
			if ci, ok := c.Intervals[method]; ok {
				assert.InDelta(t, ci[0], row.Lower, 1e-9*(1+math.Abs(ci[0])), method)
				assert.InDelta(t, ci[1], row.Upper, 1e-9*(1+math.Abs(ci[1])), method)
			} else {
				assert.LessOrEqual(t, row.Lower, row.Value, method)
				assert.GreaterOrEqual(t, row.Upper, row.Value, method)
			}
		}
		assert.InDelta(t, c.Spearman, tr.Anchor.Value, 1e-12)
		assert.InDelta(t, c.AUC, tr.AUC.Value, 1e-12)
		assert.InDelta(t, c.ES, tr.EffectSize, 1e-12)
		assert.InDelta(t, c.SRM, tr.ResponseMean, 1e-12)
		low := false
		for _, r := range tr.Rows {
			for _, n := range r.Notes {
				low = low || n.Code == mic.NoteLowAUC
			}
		}
		assert.Equal(t, c.AUC < 0.7, low, "study %d: the warning of a low area, %v", i, c.AUC)
	}
}
