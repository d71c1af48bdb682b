package plot

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// An outcome that was not measured before treatment has no place for a baseline
// on the axis, and charts of changes refuse it: an empty one would say that
// nobody changed.
func TestWithoutBaseline(t *testing.T) {
	data := "id,arm,a,b\n"
	for i := range 12 {
		data += fmt.Sprintf("%d,%s,%d,%d\n", i, []string{"x", "y"}[i%2], 3+i%5, 2+i%7)
	}
	p, err := study.ParseProtocol(strings.NewReader(`
title: t
arms: [{id: x}, {id: y, control: true}]
visits: [{id: a}, {id: b}]
outcomes: [{id: o, better: higher, baseline: none}]
data: {layout: wide, participant: id, arm: arm, columns: {o: {a: a, b: b}}}
`), "p")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(data), "d", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	require.Len(t, r.Results, 2)
	fig, err := Trajectories(r.Results)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, fig.Write(&b, SVG))
	svg := b.String()
	for _, n := range []string{">6<", ">a<", ">b<"} {
		assert.Contains(t, svg, n)
	}
	paths := marksOf[*pathMarks](fig.panels[0])
	require.Len(t, paths, 2)
	for _, m := range paths {
		require.Len(t, m.lines, 6)
		for _, l := range m.lines {
			assert.Len(t, l, 2, "a place for each visit")
		}
	}
	for name, draw := range map[string]func() (*Figure, error){
		"Change":        func() (*Figure, error) { return Change(r.Results) },
		"Raincloud":     func() (*Figure, error) { return Raincloud(r.Results) },
		"Waterfall":     func() (*Figure, error) { return Waterfall(r.Results) },
		"GardnerAltman": func() (*Figure, error) { return GardnerAltman(r.Results[0]) },
		"Slopegraph":    func() (*Figure, error) { return Slopegraph(r.Results) },
		"FollowUp":      func() (*Figure, error) { return FollowUp(r.Results) },
		"Responders":    func() (*Figure, error) { return Responders(r.Results) },
	} {
		_, err := draw()
		assert.ErrorContains(t, err, "not measured before treatment", name)
	}
}

// One visit and no baseline: the axis has a single place, and yet an extent.
func TestOneVisitWithoutBaseline(t *testing.T) {
	for _, at := range []string{"", ", time: 4w"} {
		p, err := study.ParseProtocol(strings.NewReader(`
title: t
arms: [{id: x}, {id: y, control: true}]
visits: [{id: b, label: Late`+at+`}]
baseline: none
outcomes: [{id: o, better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {o: {b: b}}}
`), "p")
		require.NoError(t, err)
		data := "id,arm,b\n"
		for i := range 12 {
			data += fmt.Sprintf("%d,%s,%d\n", i, []string{"x", "y"}[i%2], 2+i%7)
		}
		ds, err := study.Load(strings.NewReader(data), "d", p)
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		var drawn []string
		for name, draw := range everyChart(Options{}) {
			f, err := draw(r.Results)
			if err != nil {
				assert.ErrorContains(t, err, "plot: ", name)
				continue
			}
			drawn = append(drawn, name)
			svg := string(written(t, f, SVG))
			assert.NotContains(t, svg, "NaN", name)
			if name == "trajectories" {
				assert.Contains(t, svg, ">Late<")
			}
			w, h := f.Size()
			assert.True(t, w > 20 && h > 10 && h < 300, "%s is %.0f × %.0f mm", name, w, h)
		}
		assert.ElementsMatch(t, []string{"armmedians", "armpanels", "bars", "categories", "compatibility", "compose", "consort", "correlations", "differences", "doses",
			"dropout", "ecdf", "events", "flow", "forest", "hypotheses", "lostcourses", "lsmeanchange", "missing", "moderator", "participantpanels", "posterior", "power", "rates", "sensitivity", "shares", "sweep", "tipping", "tippingmap", "trajectories", "triangulation"}, drawn, "what needs no change from a baseline")
	}
}
