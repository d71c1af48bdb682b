package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/examples/internal/verify"
)

func TestVerify(t *testing.T) {
	for lang, want := range map[string]string{"en": "cases passed.", "nl": "gevallen geslaagd."} {
		var out, errs strings.Builder
		require.Zero(t, run([]string{"-verify", "-lang", lang}, &out, &errs), errs.String())
		assert.Empty(t, errs.String())
		assert.Contains(t, out.String(), want)
	}
	file := filepath.Join(t.TempDir(), "record.json")
	var out, errs strings.Builder
	require.Zero(t, run([]string{"-verify", "-json", file}, &out, &errs), errs.String())
	assert.Empty(t, out.String())
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	var record verify.Record
	require.NoError(t, json.Unmarshal(b, &record))
	assert.Equal(t, record.Total, record.Passed)
	require.Zero(t, run([]string{"-verify", "-json", "-"}, &out, &errs))
	assert.True(t, json.Valid([]byte(out.String())))
	assert.Equal(t, 1, run([]string{"-verify", "-json", filepath.Join(t.TempDir(), "nowhere", "r.json")}, &out, &errs))
	assert.Equal(t, 2, run([]string{"-verify", "-data", "d.csv"}, &out, &errs), "one or the other")
}

// A number that comes out otherwise is named and ends the program with status 1.
func TestVerifyFindsAWrongNumber(t *testing.T) {
	cases, err := verify.Cases()
	require.NoError(t, err)
	for path, want := range cases[3].Expect {
		cases[3].Expect[path] = want * 1.0001
	}
	var out, errs strings.Builder
	assert.Equal(t, 1, runVerify(cases, "", output.NewFlags("trial", nil, &errs), &out, &errs))
	assert.Contains(t, out.String(), "FAILED: ")
	assert.Contains(t, errs.String(), "anova nist_anova SmLs04: ")
}
