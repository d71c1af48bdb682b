package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const planned = `
title: Laser for the painful knee
arms: [{id: laser}, {id: sham, control: true}]
visits: [{id: before}, {id: w6}]
outcomes: [{id: pain, unit: mm, better: lower, range: [0, 100], resolution: 1, thresholds: [{kind: margin, value: 8, level: between}]}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {before: before, w6: after}}}
assumed: {pain: {source: Jansen 2021, sd: 20, correlation: 0.5, control: 50, difference: -10}, lost: {value: 0.1, source: Jansen 2021}}
plans: [{outcome: pain, visit: w6, primary: true}]
`

// The command simulates what the protocol assumes, in parts too, in both languages.
func TestSimulate(t *testing.T) {
	dir := t.TempDir()
	protocol := filepath.Join(dir, "protocol.yaml")
	require.NoError(t, os.WriteFile(protocol, []byte(planned), 0o600))
	call := func(status int, args ...string) (string, string) {
		t.Helper()
		var out, errs strings.Builder
		got := run(append([]string{"-simulate", "400", "-protocol", protocol}, args...), &out, &errs)
		require.Equal(t, status, got, errs.String())
		return out.String(), errs.String()
	}
	page, _ := call(0, "-patients", "40", "-seed", "2")
	assert.Contains(t, page, "SIMULATED: 400 trials of the protocol, seed 2")
	assert.Contains(t, page, "true difference")
	dutch, _ := call(0, "-patients", "40", "-seed", "2", "-lang", "nl")
	assert.Contains(t, dutch, "GESIMULEERD: 400 onderzoeken")
	assert.Equal(t, strings.Count(page, "\n"), strings.Count(dutch, "\n"))

	parts := filepath.Join(dir, "parts")
	one, _ := call(0, "-patients", "40", "-seed", "2", "-shard", "2/3", "-out", parts)
	assert.Equal(t, filepath.Join(parts, "shard-2-of-3.json")+"\n", one)
	all, _ := call(0, "-patients", "40", "-seed", "2", "-shard", "3", "-out", parts)
	assert.Equal(t, page, all)
	json, _ := call(0, "-patients", "40", "-json", "-")
	assert.Contains(t, json, `"power": [`)

	truth := filepath.Join(dir, "truth.yaml")
	require.NoError(t, os.WriteFile(truth, []byte("patients: {laser: 20, sham: 20}\noutcomes: {pain: {means: {laser: {before: 50, w6: 45}, sham: 50}, sds: 70}}\n"), 0o600))
	_, said := call(1, "-truth", truth)
	assert.Contains(t, said, "truth.yaml:2:")
	assert.Contains(t, said, "larger than the scale allows")
	_, said = call(1) // how many patients?
	assert.Contains(t, said, "patients.laser")
	call(2, "-shard", "4/3", "-out", parts)
	call(2, "-shard", "1/3")
	call(2, "-data", "d.csv")
	call(2, "-out", parts)
}
