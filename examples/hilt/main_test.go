package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHILT(t *testing.T) {
	t.Chdir(t.TempDir()) // from anywhere
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(nil, &stdout, &stderr), stderr.String())
	assert.Empty(t, stderr.String())
	assert.True(t, strings.HasPrefix(stdout.String(), "SIMULATED DATA: all values are invented"))

	want := []string{"report.md", "report.html", "report.docx", "tables.csv", "results.csv", "results.json", "differences.svg", "differences.png", "flow.svg", "flow.png"}
	for _, o := range []string{"vas", "jps", "quad", "ham"} {
		for _, f := range []string{"trajectories", "change", "responders"} {
			want = append(want, o+"-"+f+".svg", o+"-"+f+".png")
		}
	}
	entries, err := os.ReadDir("hilt-report")
	require.NoError(t, err)
	var got []string
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		assert.Greater(t, info.Size(), int64(500), e.Name())
		got = append(got, e.Name())
	}
	assert.ElementsMatch(t, want, got)

	var f struct {
		Simulated bool
		Results   []struct {
			Outcome, Visit, Contrast, Arm, Method string
			Estimate                              float64
		}
	}
	raw, err := os.ReadFile(filepath.Join("hilt-report", "results.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &f))
	assert.True(t, f.Simulated)
	// The simulated active arm falls by exactly what was reported.
	falls := map[string]float64{}
	for _, r := range f.Results {
		if r.Outcome == "vas" && r.Contrast == "within" && r.Arm == "hilt" {
			falls[r.Visit] = r.Estimate
		}
	}
	assert.InDelta(t, -2.66, falls["post"], 1e-12)
	assert.InDelta(t, -3.24, falls["h24"], 1e-12)

	// The second run writes the same bytes.
	before, err := os.ReadFile(filepath.Join("hilt-report", "vas-trajectories.png"))
	require.NoError(t, err)
	require.Zero(t, run([]string{"-out", "again"}, &stdout, &stderr))
	again, err := os.ReadFile(filepath.Join("again", "vas-trajectories.png"))
	require.NoError(t, err)
	assert.Equal(t, before, again)
	raw2, err := os.ReadFile(filepath.Join("again", "results.json"))
	require.NoError(t, err)
	assert.Equal(t, raw, raw2)
}

func TestHILTInDutch(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"-out", t.TempDir(), "-lang", "nl"}, &stdout, &stderr), stderr.String())
	assert.Contains(t, stdout.String(), "GESIMULEERDE GEGEVENS")
	assert.Contains(t, stdout.String(), "2,26")
	assert.Equal(t, 2, run([]string{"-out", t.TempDir(), "-lang", "fr"}, &stdout, &stderr))
}
