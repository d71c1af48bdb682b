package publish

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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

// Subgroups that the protocol declares are drawn, each planned comparison with all
// of them.
func TestDeclaredSubgroupsAreDrawn(t *testing.T) {
	folder := filepath.Join("..", "..", "testdata", "studies", "dropout")
	protocol, err := os.ReadFile(filepath.Join(folder, "protocol.yaml"))
	require.NoError(t, err)
	p, err := study.ParseProtocol(strings.NewReader(string(protocol)+"\nsubgroups: [site, {age: [60]}]\n"), "protocol.yaml")
	require.NoError(t, err)
	data, err := os.Open(filepath.Join(folder, "data.csv"))
	require.NoError(t, err)
	defer data.Close()
	ds, err := study.Load(data, "data.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	require.NotEmpty(t, r.Subgroups)
	files, undrawn, err := draw(t.Context(), r, plot.Options{}, []Kind{Subgroups}, []plot.Format{plot.SVG})
	require.NoError(t, err)
	require.NoError(t, errors.Join(undrawn...))
	visits := map[string]bool{}
	for _, s := range r.Subgroups {
		visits[s.Outcome+"-"+s.Visit+"-subgroups.svg"] = true
	}
	assert.Len(t, files, len(visits), "one a comparison")
	for _, f := range files {
		assert.True(t, visits[f.Name], f.Name)
		for _, level := range []string{"North", "South", "West", "≥ 60"} {
			assert.Contains(t, string(f.Data), level)
		}
	}
}
