package study

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// A trial of doses from its protocol and data to the report, held against R
// (testdata/reference/study_training.R): differences, Dunnett's adjusted p, the trend along
// the doses, the departure from a straight line, Jonckheere's test and the moderator.
func TestTrialOfDosesAgreesWithR(t *testing.T) {
	type estimate struct{ Estimate, SE, DF, Lower, Upper, P float64 }
	var want struct {
		N           []int
		Differences []estimate
		DunnettP    []float64 `json:"dunnett_p"`
		Trend       estimate
		Departure   struct{ F, P float64 }
		Jonckheere  struct{ J, Z, P float64 }
		Moderator   []estimate
		Interaction struct{ F, P float64 }
	}
	raw, err := os.ReadFile("../testdata/reference/study_training.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &want))
	ds, err := LoadFiles(studies+"training/protocol.yaml", studies+"training/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	require.Len(t, r.Results, 1)
	res := r.Results[0]
	near := func(w estimate, e stats.Estimate) {
		t.Helper()
		assert.InEpsilon(t, w.Estimate, e.Value, 1e-9)
		assert.InEpsilon(t, w.SE, e.SE, 1e-9)
		assert.Equal(t, w.DF, e.DF)
		assert.InEpsilon(t, w.P, e.P(0), 1e-8)
		assert.InEpsilon(t, w.Lower, e.CI(0.95).Lo, 1e-8)
		assert.InEpsilon(t, w.Upper, e.CI(0.95).Hi, 1e-8)
	}
	arms := []string{"one", "two", "three"}
	rows := map[string]Row{}
	for _, row := range res.Deciding() {
		rows[row.Arm] = row
	}
	require.Len(t, rows, 3)
	for k, arm := range arms {
		row := rows[arm]
		assert.InEpsilon(t, want.Differences[k].Estimate, row.Estimate, 1e-9)
		assert.InEpsilon(t, want.Differences[k].P, row.P, 1e-8)
		assert.InDelta(t, want.DunnettP[k], row.Adjusted, 5e-4, "R's is drawn")
		assert.Equal(t, []int{want.N[k+1], want.N[0]}, []int{row.N[arm], row.N["advice"]})
		assert.False(t, row.Hypothesis.Shown)
	}
	require.Len(t, res.Trends, 1)
	trend := res.Trends[0]
	near(want.Trend, trend.Slope)
	require.NotNil(t, trend.Bend)
	assert.InEpsilon(t, want.Departure.F, trend.Bend.F, 1e-9)
	assert.InEpsilon(t, want.Departure.P, trend.Bend.P(), 1e-9)
	require.NotNil(t, trend.Jonckheere)
	assert.Equal(t, want.Jonckheere.J, trend.Jonckheere.J)
	assert.InEpsilon(t, want.Jonckheere.Z, trend.Jonckheere.Z, 1e-12)
	assert.InEpsilon(t, want.Jonckheere.P, trend.Jonckheere.P(), 0.03, "ours is exact given the ties, R's the normal approximation")
	require.Len(t, r.Subgroups, 1)
	sub := r.Subgroups[0]
	require.NotNil(t, sub.Interaction)
	assert.InEpsilon(t, want.Interaction.F, sub.Interaction.F, 1e-9)
	assert.InEpsilon(t, want.Interaction.P, sub.Interaction.P(), 1e-8)
	for _, x := range sub.Interactions {
		for k, arm := range arms {
			if x.Arm == arm {
				near(want.Moderator[k], estimateOf(x.Effect))
			}
		}
	}
	assert.Len(t, sub.Interactions, 3)
	assert.NotEmpty(t, sub.Curve)
}

// A trend is no hypothesis of a family, and a family that names one says so at its place.
func TestTrendIsNoHypothesis(t *testing.T) {
	raw, err := os.ReadFile(studies + "training/protocol.yaml")
	require.NoError(t, err)
	for members, want := range map[string]string{"[A.three, A.trend]": `p.yaml:26:26: primary.any[1]: "A.trend": a trend along the doses`, "[A.three, B.trend]": `no plan has the id "B.trend"`} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(string(raw), "{any: [A], adjust: dunnett}", "{any: "+members+", adjust: holm}", 1)), "p.yaml")
		assert.ErrorContains(t, err, want)
	}
}
