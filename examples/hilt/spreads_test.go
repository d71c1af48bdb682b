package main

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/testdata/studies"
)

// −2.32 ± t(0.975, 8)·SD·√0.4 for SDs of 0.5 to 3 cm, with R's qt: a margin of
// 1 cm is exceeded for certain with the smallest alone.
func TestSpreads(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "hilt/protocol.yaml", "hilt/data.csv")
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	list := spreads(rep.Results[0], 1)
	require.Len(t, list, 6)
	for i, s := range list {
		sd := 0.5 * float64(i+1)
		assert.Equal(t, sd, s.sd)
		assert.InDelta(t, -2.32-2.306004135204166*sd*math.Sqrt(0.4), s.ci.Lo, 1e-12)
	}
	assert.Equal(t, study.Definite, list[0].Benefit)
	assert.Equal(t, study.Probable, list[5].Benefit)
	assert.True(t, list[5].IncludesZero)

	for lang, want := range map[string]string{"en": "Pain", "nl": "Pijn"} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run([]string{"-out", t.TempDir(), "-margin", "1", "-lang", lang}, &stdout, &stderr), stderr.String())
		at := strings.LastIndex(stdout.String(), "√(1/n₁ + 1/n₂)")
		require.Positive(t, at)
		assert.Equal(t, 1+2*9, strings.Count(stdout.String()[at:], "\n"), "two visits: a blank line, a title, a head and six rows")
		assert.Contains(t, stdout.String()[at:], want)
	}
}
