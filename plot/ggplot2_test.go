package plot

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/testdata/studies"
)

// lookBesideGgplot2 writes the six figures that testdata/ggplot2.R draws of the same
// data, to be looked at beside those.
func lookBesideGgplot2(t *testing.T, dir string) {
	analyzed := func(name, outcome string, more ...string) (of, all []study.Result) {
		ds, err := study.LoadFS(studies.FS, name+"/protocol.yaml", append([]string{name + "/data.csv"}, more...)...)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		for _, r := range rep.Results {
			if r.Outcome.ID == outcome {
				of = append(of, r)
			}
		}
		return of, rep.Results
	}
	hilt, hiltAll := analyzed("hilt", "vas")
	heel, _ := analyzed("shockwave", "pain", "shockwave/ae.csv")
	m := mustFig(t)
	for name, f := range map[string]*Figure{
		"trajectories": m(Trajectories(hilt)), "gardneraltman": m(GardnerAltman(hilt[1])), "forest": m(Differences(hiltAll)),
		"responders": m(Responders(heel)), "raincloud": m(Raincloud(heel)), "waterfall": m(Waterfall(heel)),
	} {
		require.NoError(t, f.Save(filepath.Join(dir, "ours-"+name+".png")))
	}
}
