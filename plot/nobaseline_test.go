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
