package publish

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/study"
)

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
