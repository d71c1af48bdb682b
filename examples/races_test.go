package examples

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// .ci/run looks for races only where there can be any: in rooms that start goroutines
// or that guard what goroutines share. The list there is complete.
func TestRoomsWithGoroutinesAreRaced(t *testing.T) {
	script, err := os.ReadFile("../.ci/run")
	require.NoError(t, err)
	var raced []string
	for _, line := range strings.Split(strings.ReplaceAll(string(script), "\n  ", " "), "\n") {
		if strings.HasPrefix(line, "races=") || strings.HasPrefix(line, "go test -race") {
			raced = append(raced, strings.Fields(strings.NewReplacer(`races="`, "", `"`, "").Replace(line))...)
		}
	}
	require.Contains(t, raced, "./study")

	rooms := 0
	for _, top := range []string{"stats", "study", "plot", "examples"} {
		require.NoError(t, filepath.WalkDir("../"+top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			at := token.NoPos
			for _, i := range file.Imports {
				if strings.HasPrefix(i.Path.Value, `"sync`) {
					at = i.Pos()
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if g, ok := n.(*ast.GoStmt); ok {
					at = g.Pos()
				}
				return true
			})
			if at.IsValid() {
				room, _ := filepath.Rel("..", filepath.Dir(path))
				rooms++
				assert.Contains(t, raced, "./"+filepath.ToSlash(room), "%s starts or guards goroutines", set.Position(at))
			}
			return nil
		}))
	}
	assert.Greater(t, rooms, 10, "files that start or guard goroutines")
}
