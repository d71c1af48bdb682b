package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden reports in testdata/golden")

// The reports that a researcher reads, word for word. After a change on
// purpose, read them, then run: go test ./examples/hilt -update
func TestGoldenReports(t *testing.T) {
	for _, lang := range []string{"en", "nl"} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run([]string{"-out", t.TempDir(), "-lang", lang}, &stdout, &stderr), stderr.String())
		golden := filepath.Join("../../testdata/golden", "hilt."+lang+".txt")
		if *update {
			require.NoError(t, os.WriteFile(golden, stdout.Bytes(), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), stdout.String(), "see the comment of this test")
	}
}
