package statstest

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Printed holds the results of the package in the working directory to what
// people and programs read of them: each prints without Go's syntax and marshals,
// its zero value says that it is no result, and every exported struct type is among
// results or in others, which are no results (options, errors).
func Printed(t *testing.T, results []any, others ...string) {
	t.Helper()
	seen := slices.Clone(others)
	for _, r := range results {
		name := strings.TrimPrefix(reflect.TypeOf(r).String(), "*")
		seen = append(seen, name[strings.Index(name, ".")+1:])
		said := fmt.Sprint(r)
		for _, bad := range []string{"0x", "{", "[", "NaN", "-0.0 ", "-0.00 ", "0.00 to 0.00", "%!", "no result"} {
			assert.NotContains(t, said, bad, name)
		}
		b, err := json.Marshal(r)
		require.NoError(t, err, name)
		assert.NotContains(t, []string{"{}", "null", "[]"}, string(b), name)

		zero := reflect.Zero(reflect.TypeOf(r)).Interface()
		if reflect.TypeOf(r).Kind() == reflect.Pointer {
			zero = reflect.New(reflect.TypeOf(r).Elem()).Interface()
		}
		assert.Contains(t, fmt.Sprint(zero), "no result", name)
		b, err = json.Marshal(zero)
		require.NoError(t, err, name)
		assert.NotEqual(t, "{}", string(b), name)
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, s := range g.Specs {
				ty, ok := s.(*ast.TypeSpec)
				if !ok || !ty.Name.IsExported() {
					continue
				}
				if _, ok := ty.Type.(*ast.StructType); ok {
					assert.Contains(t, seen, ty.Name.Name, "a result that no test prints")
				}
			}
		}
	}
}
