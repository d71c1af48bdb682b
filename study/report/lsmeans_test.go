package report_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// The supplement has the means that a model of all visits estimates, and beside them
// the mean changes: as many as results.json, −8.1 where R's gls has −8.1 (cLDA, Week 2,
// testdata/reference/study_lsmeans.json). Baseline has no change from itself.
func TestMeanChangesInTheSupplement(t *testing.T) {
	ds, err := study.LoadFiles("../../testdata/studies/dropout/protocol.yaml", "../../testdata/studies/dropout/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, report.Markdown(&b, r, report.Options{Supplement: true}))
	_, tables, ok := strings.Cut(b.String(), "## Means of the models of all visits")
	require.True(t, ok)
	assert.Contains(t, tables, "| Visit | Arm | Mean | 95% CI | Mean change | 95% CI | n |")
	_, clda, _ := strings.Cut(tables, ": cLDA")
	assert.Regexp(t, regexp.MustCompile(`\| Baseline \| Exercise \| 60\.7 \| 57\.9 to 63\.5 \|  \|  \| 60 \|`), clda)
	assert.Regexp(t, regexp.MustCompile(`\| Week 2 \| Exercise \| 52\.6 \| [^|]* \| −8\.1 \| −11\.0 to −5\.1 \| 45 \|`), clda)
}
