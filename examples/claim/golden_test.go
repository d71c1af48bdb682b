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
	"github.com/trialkit/trialkit/study/text"
)

var update = flag.Bool("update", false, "rewrite the golden pages in testdata/golden")

// The blog's page, word for word, in the languages that have a golden page;
// in others it can be written. After a wanted change:
//
//	go test ./examples/claim -run Golden -update
func TestGoldenPages(t *testing.T) {
	for _, lang := range text.Languages() {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run([]string{"-lang", lang}, &stdout, &stderr), stderr.String())
		// The page is the same whatever the build recorded of its version.
		got := strings.ReplaceAll(stdout.String(), "trialkit "+study.Version(), "trialkit devel")
		golden := filepath.Join("../../testdata/golden", "claim."+lang+".txt")
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want, err := os.ReadFile(golden)
		if os.IsNotExist(err) && lang != "en" && lang != "nl" {
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, string(want), got, lang)
	}
}
