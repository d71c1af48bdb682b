// Package examples holds runnable programs, one folder a question. This test
// keeps the project's layers apart.
package examples

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/trialkit/trialkit/"

// mayImport is the design's one direction: stats → study → plot → examples,
// where the arrow is "is imported by". testdata holds data alone.
var mayImport = map[string][]string{
	"stats":    {"stats"},
	"study":    {"stats", "study"},
	"plot":     {"stats", "study", "plot"},
	"examples": {"stats", "study", "plot", "examples", "testdata"},
	"testdata": {"stats", "study", "plot", "testdata"},
}

func TestImportsPointOneWay(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); len(name) > 2 && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		layer := strings.Split(filepath.ToSlash(rel), "/")[0]
		allowed, ok := mayImport[layer]
		if !assert.True(t, ok, "%s is in no layer", rel) {
			return nil
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			inside, ours := strings.CutPrefix(name, module)
			if !ours {
				continue
			}
			to := strings.Split(inside, "/")[0]
			if to == "testdata" && strings.HasSuffix(path, "_test.go") {
				continue // tests may read its studies
			}
			assert.Contains(t, allowed, to, "%s imports %s", rel, name)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, files, 50, "the whole module is read")
}

// The top level stays as it is: everything else finds its room inside.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir("..")
	require.NoError(t, err)
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		switch e.Name() {
		case "stats", "study", "plot", "examples", "testdata", "hilt-report", "gallery":
		default:
			assert.Fail(t, "a new folder at the top level", e.Name())
		}
	}
}
