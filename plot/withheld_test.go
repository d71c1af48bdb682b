package plot_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

// A difference with too few degrees of freedom is drawn as a point; its interval,
// −13,662 to 13,668 by the t distribution, stands nowhere. The file has whole
// numbers and the standard errors are above 10, so that no decimals are written.
func TestWithheldIntervalIsNotDrawn(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(`
title: Sparse
arms: [{id: a}, {id: c, control: true}]
visits: [{id: v1}, {id: v2}, {id: v3}]
baseline: none
outcomes: [{id: y, range: [0, 105], better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v1: y1, v2: y2, v3: y3}}}
plans: [{outcome: y, model: mmrm}]
`), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader("id,arm,y1,y2,y3\n1,c,63,66,70\n2,c,44,36,66\n3,c,62,51,63\n4,a,36,,68\n5,a,55,83,26\n6,a,77,40,31\n"), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	f, err := plot.Differences(r.Results)
	require.NoError(t, err)
	assert.Contains(t, f.Description(), "difference 3 (–).")
	assert.NotContains(t, f.Description(), "136")
	var svg bytes.Buffer
	require.NoError(t, f.Write(&svg, plot.SVG))
	assert.NotContains(t, svg.String(), "NaN")
}
