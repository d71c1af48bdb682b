package publish

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

// A figure that would be higher than a page comes on several, each outcome on one.
func TestHighFiguresComeOnPages(t *testing.T) {
	r, ok := analyzed(t, "hilt", "data.csv")
	require.True(t, ok)
	var results []study.Result
	var outcomes []study.Outcome
	for k := range 24 {
		for _, res := range r.Results {
			if res.Outcome.ID != "vas" {
				continue
			}
			res.Outcome.ID, res.Outcome.Label = fmt.Sprint("o", k), fmt.Sprintf("Outcome %d.", k)
			if len(outcomes) <= k {
				outcomes = append(outcomes, res.Outcome)
			}
			results = append(results, res)
		}
	}
	r.Results, r.Protocol.Outcomes = results, outcomes
	names, told := []string{}, ""
	for _, j := range jobsOf(r, plot.Options{}) {
		if j.kind != Differences {
			continue
		}
		names = append(names, j.name)
		f, err := j.draw()
		require.NoError(t, err)
		assert.False(t, f.TooHigh(), j.name)
		told += f.Description()
	}
	assert.Equal(t, []string{"differences", "differences-2"}, names)
	for _, o := range outcomes {
		assert.Equal(t, 2, strings.Count(told, o.Label), o.Label)
	}
}
