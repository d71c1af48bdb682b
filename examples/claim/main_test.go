package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func page(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(args, &stdout, &stderr), stderr.String())
	assert.Empty(t, stderr.String())
	return strings.Join(strings.Fields(stdout.String()), " ")
}

// The blog's page says what the numbers need, in both languages.
func TestBlog(t *testing.T) {
	t.Chdir(t.TempDir()) // from anywhere
	en := page(t)
	for _, s := range []string{
		"does not say whether its numbers are changes within an arm or differences between arms",
		"change if the standard deviation (SD) of change is below 2.14 cm", "is below 0.32 cm",
		"pooled SD of change below 1.82 cm", "only with an SD below 0.27 cm",
		"2.16 cm < 1.48 cm possible at most",
		"p below 0.0079", "below 0.0625", "difference of 2.02 SDs",
		"up to 45% could have one", "Hanley & Lippman-Hand 1983", "inpatients after knee replacement",
	} {
		assert.Contains(t, en, s)
	}
	nl := page(t, "-lang", "nl")
	for _, s := range []string{"kleiner is dan 2,14 cm", "kleiner dan 1,82 cm", "hooguit mogelijk", "Pijn (VAS), direct erna", "0,0079"} {
		assert.Contains(t, nl, s)
	}
	assert.NotContains(t, nl, "right after")
	assert.NotContains(t, nl, "2.66", "Dutch numbers have a comma")
	assert.Contains(t, page(t, "-markdown"), "# One session")
}

func TestOtherFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "claim.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`
title: two arms
contrast: between
arms: [{id: a, n: 20}, {id: b, control: true, n: 20}]
outcomes: [{id: pain, unit: mm, better: lower}]
results:
  - {outcome: pain, measure: change, groups: [{arm: a, mean: -20.0, sd: 10.0}, {arm: b, mean: -5.0, sd: 12.0}]}
`), 0o600))
	assert.Contains(t, page(t, "-claim", file), "−15.0 mm (95% CI −22.1 to −7.9; p = 0.0001;")

	require.NoError(t, os.WriteFile(file, []byte("title: x\narms: [{id: a, n: 0}]\n"), 0o600))
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run([]string{"-claim", file}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), file+":2:19: arms[0].n: 0 is not a number of participants")
	assert.Contains(t, stderr.String(), "contrast: missing; write within")

	stderr.Reset()
	assert.Equal(t, 1, run([]string{"-claim", filepath.Join(t.TempDir(), "none.yaml")}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "none.yaml")
	assert.Equal(t, 2, run([]string{"stray"}, &stdout, &stderr))
	assert.Equal(t, 2, run([]string{"-lang", "xx"}, &stdout, &stderr))
}
