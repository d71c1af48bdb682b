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

func TestExampleStudy(t *testing.T) {
	figure := filepath.Join(t.TempDir(), "mcid.svg")
	for lang, want := range map[string][]string{
		"en": {"SIMULATED DATA", "no evidence of importance", "Predictive, adjusted for reliability", "19.7 mm"},
		"nl": {"GESIMULEERDE GEGEVENS", "geen bewijs van belang", "gecorrigeerd voor betrouwbaarheid", "19,7 mm"},
	} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run([]string{"-lang", lang, "-figure", figure}, &stdout, &stderr), stderr.String())
		for _, w := range want {
			assert.Contains(t, strings.ReplaceAll(stdout.String(), "\u00a0", " "), w)
		}
		assert.FileExists(t, figure)
	}
}

func write(t *testing.T, data string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "d.csv")
	require.NoError(t, os.WriteFile(p, []byte(data), 0o600))
	return p
}

// The same study with commas, with semicolons and decimal commas, and with
// its rows in another order gives the same page.
func TestDialects(t *testing.T) {
	page := func(data string) string {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run([]string{"-data", write(t, data), "-better", "higher"}, &stdout, &stderr), stderr.String())
		return stdout.String()
	}
	a := page("change,rating\n0.5,0\n1.5,0\n2.5,1\n1.0,0\n3.5,1\n0.7,1\n")
	assert.Equal(t, a, page("\ufeffchange;rating\n0,5;0\n1,5;0\n2,5;1\n1,0;0\n3,5;1\n0,7;1\n"))
	assert.Equal(t, a, page("rating,change\r\n1,0.7\r\n0,0.5\r\n0,1.5\r\n1,2.5\r\n0,1.0\r\n1,3.5\r\n"))
	assert.NotContains(t, a, "SIMULATED")
	b := page("change,rating\n0.5,0\n1.5,0\n,1\n2.5,1\n1.0,0\n3.5,1\n0.7,1\n0.1,\n")
	assert.Contains(t, b, "left out because a value is missing: 2")
}

func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		data, want string
		args       []string
		status     int
	}{
		"no number":   {"change,rating\n1,0\nx,1\n2,y\n", "d.csv:3:1: ", nil, 1},
		"two at once": {"change,rating\n1,0\nx,1\nü,y\n", "d.csv:4:3: ", nil, 1},
		"no column":   {"delta,rating\n1,0\n", "d.csv:1:1: there is no column “change”", nil, 1},
		"empty":       {"", "d.csv:1:1: the file is empty", nil, 1},
		"all better":  {"change,rating\n1,1\n2,1\n3,1\n", "no variation", nil, 1},
		"from":        {"change,rating\n1,1\n2,2\n3,3\n", "is required", nil, 1},
		"usage":       {"change,rating\n1,0\n", "usage: mcid", []string{"-test", "change"}, 2},
		"rating":      {"change,rating\n1,0\n", "not a number", []string{"-slight", "1,x"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			args := append([]string{"-data", write(t, c.data), "-better", "higher"}, c.args...)
			assert.Equal(t, c.status, run(args, &stdout, &stderr))
			assert.Contains(t, stderr.String(), c.want)
			assert.Empty(t, stdout.String())
		})
	}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run([]string{"-data", filepath.Join(t.TempDir(), "nowhere.csv"), "-better", "lower"}, &stdout, &stderr))
	assert.Equal(t, 2, run([]string{"-data", "x.csv"}, &stdout, &stderr))
	assert.Equal(t, 2, run([]string{"-lang", "xx"}, &stdout, &stderr))
}
