package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A page is planned without data; what is missing is named with its place.
func TestPlan(t *testing.T) {
	dir := t.TempDir()
	protocol := filepath.Join(dir, "p.yaml")
	text := `title: A trial
arms: [{id: a, label: Active}, {id: c, label: Control, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: pain, unit: cm, range: [0, 10], better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {pre: p0, post: p1}}}
plans: [{outcome: pain, visit: post, primary: true}]
`
	require.NoError(t, os.WriteFile(protocol, []byte(text+"assumed: {pain: {source: x, sd: 2.3, correlation: 0.5, difference: -1.5}, lost: {value: 0.15, source: x}}\n"), 0o600))
	var out, errs bytes.Buffer
	folder := filepath.Join(dir, "plan")
	require.Zero(t, run([]string{"-plan", "-protocol", protocol, "-out", folder}, &out, &errs), errs.String())
	assert.Contains(t, out.String(), "46 participants are randomized to each arm")
	assert.FileExists(t, filepath.Join(folder, "plan.docx"))
	out.Reset()
	require.Zero(t, run([]string{"-plan", "-protocol", protocol, "-power", "0.8"}, &out, &errs), errs.String())
	assert.Contains(t, out.String(), "power 80%")
	require.NoError(t, os.WriteFile(protocol, []byte(text+"assumed: {pain: {sd: 2.3, difference: -1.5}, lost: 0.15}\n"), 0o600))
	assert.Equal(t, 1, run([]string{"-plan", "-protocol", protocol}, &out, &errs))
	assert.Contains(t, errs.String(), "p.yaml:7:22: assumed.pain.sd: the source is missing")
	assert.Equal(t, 2, run([]string{"-plan", "-protocol", protocol, "-data", "x.csv"}, &out, &errs))
}
