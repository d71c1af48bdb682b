package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDropout(t *testing.T) {
	t.Chdir(t.TempDir()) // from anywhere
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(nil, &stdout, &stderr), stderr.String())
	assert.Empty(t, stderr.String())
	assert.True(t, strings.HasPrefix(stdout.String(), "SIMULATED DATA"))
	assert.Contains(t, strings.Join(strings.Fields(stdout.String()), " "), "missing at random")
	for _, f := range []string{"report.md", "results.csv", "results.json", "pain-lsmeans.svg", "pain-lsmeans.png", "pain-trajectories.png", "differences.svg"} {
		assert.FileExists(t, filepath.Join("dropout-report", f))
	}
	raw, err := os.ReadFile(filepath.Join("dropout-report", "results.json"))
	require.NoError(t, err)
	var f struct {
		Simulated bool
		Results   []struct {
			Visit, Method           string
			Estimate, SE            float64
			Primary                 bool
			N, Observed, Randomized map[string]int
		}
		Tests   []struct{ Method, Term string }
		LSMeans []struct{ Visit, Arm, Method string } `json:"ls_means"`
	}
	require.NoError(t, json.Unmarshal(raw, &f))
	assert.True(t, f.Simulated)
	truth := map[string]float64{"week2": -3.2, "week4": -5.6, "week8": -7.2, "week12": -8, "overall": -6}
	seen := map[string]int{}
	for _, r := range f.Results {
		if r.Method != "mmrm" && r.Method != "clda" {
			continue
		}
		seen[r.Method]++
		assert.Less(t, math.Abs(r.Estimate-truth[r.Visit]), 2.5*r.SE, "%s at %s is far from the truth", r.Method, r.Visit)
		assert.Equal(t, r.Method == "mmrm" && r.Visit == "week12", r.Primary)
		if r.Visit == "week12" {
			assert.Less(t, r.Observed["advice"], r.N["advice"], "participants without a value at the visit are analyzed too")
		}
	}
	assert.Equal(t, map[string]int{"mmrm": 5, "clda": 5}, seen)
	methods := map[string]bool{}
	for _, x := range f.Tests {
		methods[x.Method+" "+x.Term] = true
	}
	for _, want := range []string{"mmrm arm:visit", "mmrm any-difference", "mmrm site", "clda arm:visit"} {
		assert.True(t, methods[want], want)
	}
	baseline := 0
	for _, l := range f.LSMeans {
		if l.Method == "clda" && l.Visit == "week0" {
			baseline++
		}
	}
	assert.Equal(t, 2, baseline, "cLDA estimates the baseline, per arm the same")
}

// In Dutch the levels of the covariates are Dutch, too.
func TestDropoutInDutch(t *testing.T) {
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"-lang", "nl"}, &stdout, &stderr), stderr.String())
	assert.Contains(t, stdout.String(), "Locatie: noord; zuid; west")
	assert.NotRegexp(t, `\b(north|south|Site|Age|Exercise|Advice|Baseline)\b`, stdout.String())
}
