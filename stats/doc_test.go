package stats_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every name and file in the tables of doc.go exists, and every file with
// exported functions is in them.
func TestDocTables(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	names, withFuncs := map[string]bool{}, map[string]string{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					typ := d.Recv.List[0].Type
					if s, ok := typ.(*ast.StarExpr); ok {
						typ = s.X
					}
					name = typ.(*ast.Ident).Name + "." + name
				} else if ast.IsExported(name) {
					withFuncs[file] = name
				}
				names[name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						names[s.Name.Name] = true
					}
				}
			}
		}
	}
	// A row is a question, names from column 51 and files after them.
	word := regexp.MustCompile(`[A-Z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]*)?`)
	source := regexp.MustCompile(`[a-z0-9_/]+\.go`)
	rows := 0
	_, tables, _ := strings.Cut(string(doc), "# Which function")
	for _, line := range strings.Split(tables, "\n") {
		row := []rune(strings.TrimPrefix(line, "//\t"))
		if !strings.HasPrefix(line, "//\t") || len(row) < 52 {
			continue
		}
		rows++
		answer := string(row[51:])
		for _, file := range source.FindAllString(answer, -1) {
			assert.FileExists(t, file)
		}
		answer = source.ReplaceAllString(answer, "")
		for _, name := range word.FindAllString(strings.ReplaceAll(answer, "mmrm.", "mmrm"), -1) {
			if name == "Model" || name == "LMM" { // of package mmrm
				continue
			}
			assert.True(t, names[name], "doc.go names %s", name)
		}
	}
	assert.Greater(t, rows, 60)
	for file, name := range withFuncs {
		assert.True(t, strings.Contains(tables, file), "add a row for %s of %s to the tables of doc.go", name, file)
	}
}
