package examples

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/testdata/compare"
)

// twoResults has the forms of results.json.
const twoResults = `{"version": "v1", "results": [{"outcome": "pain", "estimate": -2.5, "n": {"a": 5, "c": 5}, "decides": true, "p": null},
 {"outcome": "sleep", "estimate": 1e-7, "n": {"a": 4, "c": 5}, "decides": false, "p": 0.04}], "notes": ["one", "two"]}`

// Every kind of difference is told with its place, and rounding is not one.
func TestCompareDifferences(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"-2.5", "-2.50000000025", ""},
		{"-2.5", "-2.500000025", "results[0].estimate: -2.5 ≠ -2.500000025"},
		{"1e-7", "0.00000010000000001", ""},
		{"1e-7", "1.00000001e-7", "results[1].estimate: 1e-7 ≠ 1.00000001e-7"},
		{"1e-7", "-1e-7", "results[1].estimate: 1e-7 ≠ -1e-7"},
		{"1e-7", "0", "results[1].estimate: 1e-7 ≠ 0"},
		{`"a": 4`, `"a": 5`, "results[1].n.a: 4 ≠ 5"},
		{`"a": 4`, `"b": 4`, "results[1].n.a ≠ results[1].n.b"},
		{"true", "false", "results[0].decides: true ≠ false"},
		{"null", "0.5", "results[0].p: null ≠ 0.5"},
		{`"sleep"`, `"slip"`, `results[1].outcome: "sleep" ≠ "slip"`},
		{`"one", "two"`, `"two", "one"`, `notes[0]: "one" ≠ "two"`},
		{`, "two"`, ``, "notes[1] ≠ notes"},
		{`"version": "v1", `, ``, "version ≠ results"},
		{"-2.5", "{}", "results[0].estimate: -2.5 ≠ {"},
		{"-2.5", `"-2.5"`, `results[0].estimate: -2.5 ≠ "-2.5"`},
	} {
		got, err := compare.Differences([]byte(twoResults), []byte(strings.Replace(twoResults, c.from, c.to, 1)), compare.Tolerance)
		require.NoError(t, err)
		if c.want == "" {
			assert.Empty(t, got, c.to)
			continue
		}
		require.NotEmpty(t, got, c.to)
		assert.Equal(t, c.want, got[0])
	}
	_, err := compare.Differences([]byte(twoResults), []byte(twoResults[:60]), compare.Tolerance)
	assert.Error(t, err, "a file cut short")
	_, err = compare.Differences([]byte(twoResults), []byte("{"), compare.Tolerance)
	assert.Error(t, err)
}

// The status says whether the files are the same.
func TestCompareRun(t *testing.T) {
	dir := t.TempDir()
	write := func(name, s string) string {
		name = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(name, []byte(s), 0o600))
		return name
	}
	one, same, other := write("1", twoResults), write("2", strings.Replace(twoResults, "-2.5", "-2.4999999999", 1)), write("3", strings.Replace(twoResults, "5", "6", 1))
	var out bytes.Buffer
	assert.Equal(t, 0, compare.Run([]string{one, same}, &out, &out))
	assert.Empty(t, out.String())
	assert.Equal(t, 1, compare.Run([]string{one, other}, &out, &out))
	assert.Contains(t, out.String(), "results[0].estimate")
	assert.Equal(t, 2, compare.Run([]string{one}, &out, &out))
	assert.Equal(t, 2, compare.Run([]string{one, filepath.Join(dir, "none")}, &out, &out))
}
