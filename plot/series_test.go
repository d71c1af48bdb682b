package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// A repeated-measures result holds rows for every visit and their average; the
// charts that draw visits leave it out.
func TestRepeatedMeasuresResult(t *testing.T) {
	rs := smallTrial().results(t)
	all := rs[0]
	all.Visit, all.Plan = study.Visit{}, study.Plan{Outcome: "vas", Model: study.MMRM}
	all.Rows = nil
	for i, v := range []string{"post", "h24", "overall"} {
		row := rs[0].Rows[1]
		row.Visit, row.Method, row.Estimate = v, "mmrm", -float64(i)
		all.Rows = append(all.Rows, row)
	}
	f, err := Differences([]study.Result{rs[0], rs[1], all})
	require.NoError(t, err)
	var labels []string
	for _, r := range f.panels[0].rows {
		labels = append(labels, strings.Join(strings.Fields(r.text), " "))
	}
	const mmrm = " (a mixed model for repeated measures)"
	assert.Equal(t, []string{"Pain (VAS)", "Right after (ANCOVA on baseline and covariates)", "24 h (ANCOVA on baseline and covariates)",
		"Right after" + mmrm, "24 h" + mmrm, "average over visits" + mmrm}, labels)
	assert.Contains(t, f.Caption(), "a mixed model for repeated measures")
	for name, draw := range charts(Options{}) {
		if name == "differences" {
			continue
		}
		with, err := draw(append(rs[:2:2], all))
		require.NoError(t, err)
		without, err := draw(rs)
		require.NoError(t, err)
		assert.Equal(t, string(written(t, without, SVG)), string(written(t, with, SVG)), name)
		_, err = draw([]study.Result{all})
		assert.ErrorContains(t, err, "one visit", name)
	}
}

// The order of results' records changes nothing.
func TestOrderOfRecordsIsIrrelevant(t *testing.T) {
	a := smallTrial().results(t)
	b := smallTrial().results(t)
	for i := range b {
		for j, k := 0, len(b[i].Records)-1; j < k; j, k = j+1, k-1 {
			b[i].Records[j], b[i].Records[k] = b[i].Records[k], b[i].Records[j]
		}
	}
	for name, draw := range charts(Options{}) {
		f, err := draw(a)
		require.NoError(t, err)
		g, err := draw(b)
		require.NoError(t, err)
		assert.Equal(t, string(written(t, f, SVG)), string(written(t, g, SVG)), name)
	}
}
