package study

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Means and SDs of the changes and their correlations with baseline are R's
// mean(post - pre), sd(post - pre) and cor(pre, post), of participants with both.
func TestSummariesOfChanges(t *testing.T) {
	for name, want := range map[string]map[string][4]float64{
		"anorexia": {"Cont": {26, -0.449999999999999, 7.98870452576637, -0.161416146027532},
			"CBT": {29, 3.00689655172414, 7.30850439236387, 0.491969331124625},
			"FT":  {17, 7.26470588235294, 7.15742107679772, 0.538202962709515}},
		"dropout": {"exercise": {38, -17.1578947368421, 12.1088002748715, 0.645324341960198},
			"advice": {36, -8.94444444444444, 10.3811489714893, 0.794587184134025}},
	} {
		dir := "../testdata/studies/" + name
		ds, err := LoadFiles(dir+"/protocol.yaml", dir+"/data.csv")
		require.NoError(t, err)
		visits := ds.PostVisits(ds.Protocol().Outcomes[0].ID)
		res, err := ds.Analyze(Plan{Outcome: ds.Protocol().Outcomes[0].ID, Visit: visits[len(visits)-1].ID})
		require.NoError(t, err)
		seen := 0
		for _, s := range res.Summaries {
			if s.Visit == res.Baseline.ID {
				assert.Zero(t, s.Pairs)
				assert.True(t, math.IsNaN(s.MeanChange) && math.IsNaN(s.SDChange) && math.IsNaN(s.Correlation), "%s has changed at baseline", s.Arm)
				continue
			}
			seen++
			w := want[s.Arm]
			assert.Equal(t, int(w[0]), s.Pairs, "%s: %s", name, s.Arm)
			assert.InDelta(t, w[1], s.MeanChange, 1e-12)
			assert.InEpsilon(t, w[2], s.SDChange, 1e-12)
			assert.InEpsilon(t, w[3], s.Correlation, 1e-12)
		}
		assert.Len(t, want, seen)
	}
}

// Two pairs always lie on a line, and one has no spread: a number there would
// be read as an estimate.
func TestSummariesOfFew(t *testing.T) {
	res, err := LoadRows(t, SmallProtocol, "a 1 2", "a 2 4", "a 3 ", "c 1 5").Analyze(Plan{Outcome: "y", Visit: "post"})
	require.NoError(t, err)
	for _, s := range res.Summaries {
		if s.Visit == "pre" {
			continue
		}
		assert.True(t, math.IsNaN(s.Correlation), s.Arm)
		assert.Equal(t, map[string]int{"a": 2, "c": 1}[s.Arm], s.Pairs)
		assert.Equal(t, s.Arm == "c", math.IsNaN(s.SDChange), s.Arm)
		assert.Equal(t, map[string]int{"a": 1, "c": 0}[s.Arm], s.Missing)
	}
}
