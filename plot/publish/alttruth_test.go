package publish

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

var saidEstimate = regexp.MustCompile(`is (−?\d+\.\d+) cm \((\d+)% CI (−?\d+\.\d+) to (−?\d+\.\d+)\)`)

// said finds the differences in an alt text.
func said(f *plot.Figure, err error) (out [][]string) {
	if err != nil {
		return [][]string{{err.Error()}}
	}
	for _, m := range saidEstimate.FindAllStringSubmatch(strings.ReplaceAll(f.Alt(), "\u00a0", " "), -1) {
		out = append(out, m[1:])
	}
	return out
}

// The difference of every alt text is that of the primary comparison, whichever
// visit it is at, by this test's own least squares.
func TestAltTellsWhatDecides(t *testing.T) {
	for i, c := range truthCases() {
		if i%5 != 0 {
			continue
		}
		for _, primary := range []string{"v1", "v2"} {
			t.Run(c.name()+" "+primary, func(t *testing.T) {
				protocol, data, people := truthTrial(c, uint64(i))
				want := c.answers(people)[c.arms-1:]
				if primary == "v1" {
					protocol = strings.Replace(protocol, ", primary: true}", "}", 1)
					protocol = strings.Replace(protocol, "visit: v1}", "visit: v1, primary: true}", 1)
					want = c.answers(people)[:c.arms-1]
				}
				p, err := study.ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
				require.NoError(t, err)
				ds, err := study.Load(strings.NewReader(data), "data.csv", p)
				require.NoError(t, err)
				r, err := ds.AnalyzeAll()
				require.NoError(t, err)
				for name, got := range map[string][][]string{
					"trajectories": said(plot.Trajectories(r.Results)), "change": said(plot.Change(r.Results)),
					"differences": said(plot.Differences(r.Results)), "bars": said(plot.MeanBars(r.Results)),
					"raincloud": said(plot.Raincloud(r.Results)), "slopegraph": said(plot.Slopegraph(r.Results)),
					"waterfall": said(plot.Waterfall(r.Results)), "followup": said(plot.FollowUp(r.Results)),
					"armpanels": said(plot.ArmPanels(r.Results)), "compatibility": said(plot.Compatibility(r.Results)), "paired": said(plot.PairedEstimation(r.Results)),
				} {
					sameNumbers(t, "alt text of "+name, want, got, true)
				}
				if c.model != "welch-change" { // which estimates no means
					sameNumbers(t, "alt text of LS-mean change", want, said(plot.LSMeanChange(r.Results)), true)
				}
				at := map[string]int{"v1": 0, "v2": 1}[primary]
				sites, err := study.SubgroupsOf(r.Results[at], "site")
				require.NoError(t, err)
				sameNumbers(t, "alt text of subgroups", want, said(plot.Subgroups(r.Results[at], sites)), true)
				sameNumbers(t, "alt text of the distribution", want, said(plot.ECDF(r.Results[at])), true)
				// The estimation plot tells what it draws, then what decides.
				estimation := said(plot.Cumming(r.Results))
				if c.model != "welch-change" || primary == "v1" {
					require.Len(t, estimation, 2*len(want))
					sameNumbers(t, "plan's estimates of the estimation plot", want, estimation[len(want):], true)
				}
				f, err := plot.Posterior(r.Results)
				require.NoError(t, err)
				assert.Equal(t, c.arms-1, strings.Count(f.Alt(), "the probability is "))
			})
		}
	}
}
