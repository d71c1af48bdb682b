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

// What a trial gives by default: the means of a model only where a model of all visits
// decides, and no figure of the same data once more; that is drawn on request.
func TestFiguresOfTrials(t *testing.T) {
	for trial, want := range map[string]struct {
		outcome string
		kinds   []Kind
	}{
		"hilt":            {"vas", []Kind{Trajectories, Change, Responders}},
		"dropout":         {"pain", []Kind{Trajectories, Change, Responders, LSMeans, Missing, "week12-lost", "week12-tipping", "week12-tippingmap"}},
		"flow":            {"pain", []Kind{Trajectories, Change, Responders, LSMeans}}, // of which one visit is planned
		"return-to-sport": {"sport", []Kind{Shares}},
	} {
		folder := filepath.Join("..", "..", "testdata", "studies", trial)
		ds, err := study.LoadFiles(filepath.Join(folder, "protocol.yaml"), filepath.Join(folder, "data.csv"))
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		of := func(kinds []Kind) (got []Kind, files []File) {
			files, undrawn, err := draw(t.Context(), r, plot.Options{}, kinds, []plot.Format{plot.SVG})
			require.NoError(t, err)
			for _, err := range undrawn {
				assert.ErrorContains(t, err, "participants are more than the 30", trial)
			}
			for _, f := range files {
				if k, ok := strings.CutPrefix(strings.TrimSuffix(f.Name, ".svg"), want.outcome+"-"); ok {
					got = append(got, Kind(k))
				}
			}
			return got, files
		}
		got, files := of(DefaultKinds())
		assert.ElementsMatch(t, want.kinds, got, trial)
		for _, f := range files {
			if strings.Contains(f.Name, "lsmeans") {
				assert.Contains(t, f.Caption, "difference, ")
			}
		}
		more := map[string][]Kind{"hilt": {Arms, Participants}, "dropout": {Arms}, "flow": {Arms}}[trial]
		got, _ = of(Kinds())
		assert.ElementsMatch(t, append(want.kinds, more...), got, trial)
	}
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
