package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

var update = flag.Bool("update", false, "rewrite the golden reports in testdata/golden")

// The reports that a researcher reads, word for word. After a change on
// purpose, read them, then run: go test ./examples/hilt -update
func TestGoldenReports(t *testing.T) {
	for _, lang := range []string{"en", "nl"} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run([]string{"-out", t.TempDir(), "-lang", lang, "-supplement"}, &stdout, &stderr), stderr.String())
		// The page is the same whatever the build recorded of its version.
		got := strings.ReplaceAll(stdout.String(), "trialkit "+study.Version(), "trialkit devel")
		golden := filepath.Join("../../testdata/golden", "hilt."+lang+".txt")
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, "see the comment of this test")
	}
}
