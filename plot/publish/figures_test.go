package publish

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

// A report begins with who took part and with the answer.
func TestOrderOfFigures(t *testing.T) {
	var names []string
	outcome := study.Outcome{ID: "pain"}
	report := study.Report{Protocol: study.Protocol{Outcomes: []study.Outcome{outcome}}, Results: []study.Result{{Outcome: outcome}}}
	for _, j := range jobsOf(report, plot.Options{}) {
		names = append(names, j.name)
	}
	require.Greater(t, len(names), 2)
	assert.Equal(t, []string{"flow", "differences", "pain-trajectories"}, names[:3])
}

// The means drawn are those of the model that decides, wherever it stands.
func TestModelOfVisits(t *testing.T) {
	means := []study.LSMean{{Arm: "a", Visit: "v"}}
	visit := study.Result{Visit: study.Visit{ID: "v"}, LSMeans: means}
	first := study.Result{LSMeans: means, Rows: []study.Row{{Method: study.MethodLMM}}}
	decides := study.Result{LSMeans: means, Rows: []study.Row{{Method: study.MethodMMRM, Contrast: study.Between, Decides: true}}}
	assert.Nil(t, modelOfVisits(nil))
	assert.Nil(t, modelOfVisits([]study.Result{visit, {Rows: decides.Rows}}), "no means of a model of all visits")
	results := []study.Result{visit, first}
	assert.Same(t, &results[1], modelOfVisits(results))
	results = append(results, decides)
	assert.Same(t, &results[2], modelOfVisits(results))
}
