package plot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every exported function that draws a figure is called by everyChart's tables, so
// that the tests of layout, style, language and odd trials see a new chart.
func TestEveryChartIsInTheTable(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	drawn, charts := map[string]bool{}, []string{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		switch {
		case name == "charts_test.go":
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && tablesOfCharts[fn.Name.Name] {
					ast.Inspect(fn, func(n ast.Node) bool {
						if call, ok := n.(*ast.CallExpr); ok {
							if id, ok := call.Fun.(*ast.Ident); ok {
								drawn[strings.TrimSuffix(id.Name, "With")] = true
							}
						}
						return true
					})
				}
			}
		case !strings.HasSuffix(name, "_test.go"):
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.IsExported() && drawsFigure(fn.Type) {
					charts = append(charts, fn.Name.Name)
				}
			}
		}
	}
	assert.Greater(t, len(charts), 50)
	for _, name := range charts {
		assert.True(t, drawn[strings.TrimSuffix(name, "With")], "%s is not in the tables of charts_test.go", name)
	}
}

// tablesOfCharts are the functions whose charts everyChart joins.
var tablesOfCharts = map[string]bool{"charts": true, "plainCharts": true, "oneResultCharts": true, "chartsOfKinds": true}

// drawsFigure reports whether a *Figure is among the results.
func drawsFigure(f *ast.FuncType) bool {
	if f.Results == nil {
		return false
	}
	for _, r := range f.Results.List {
		if p, ok := r.Type.(*ast.StarExpr); ok {
			if id, ok := p.X.(*ast.Ident); ok && id.Name == "Figure" {
				return true
			}
		}
	}
	return false
}
