package study

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/text"
)

// Every code that the rooms of study or stats can put into a note, and every
// code that the report says, has a sentence.
func TestEveryCodeHasASentence(t *testing.T) {
	patterns := []*regexp.Regexp{
		regexp.MustCompile(`Code: *"([^"]+)"`),
		regexp.MustCompile(`\bNote[A-Z]\w* *= *"([^"]+)"`),
		regexp.MustCompile(`\bcode :?= "([^"]+)"`),
		regexp.MustCompile(`\breason[A-Z]\w* *= *"([^"]+)"`),
		regexp.MustCompile(`noteFile\("([^"]+)"`),
		regexp.MustCompile(`"((?:problem|word|decimal-sign)-[a-z0-9-]+)"`),
		regexp.MustCompile(`\b(?:say|Say|[hH]eading|[pP]aragraph|item)\("([^"]+)"[,)]`),
	}
	found := 0
	for _, dir := range []string{".", "../stats"} {
		require.NoError(t, filepath.WalkDir(dir, func(f string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(f, ".go") || strings.HasSuffix(f, "_test.go") || filepath.Dir(f) == "text" {
				return err
			}
			src, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			for _, p := range patterns {
				for _, m := range p.FindAllStringSubmatch(string(src), -1) {
					found++
					assert.True(t, text.English().Has(m[1]), "%s: no sentence for %q", f, m[1])
				}
			}
			return nil
		}))
	}
	assert.Greater(t, found, 80, "the patterns find the codes")
}
