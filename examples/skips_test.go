package examples

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// skipsFor names what a test may be left out for, by its file: a program that is
// not installed, or a variable that asks for it.
var skipsFor = map[string]string{
	"plot/pdf_test.go":                                "pdftotext",
	"plot/fixture_test.go":                            "TRIALKIT_LOOK",
	"plot/chromium_test.go":                           "chromium, DejaVu fonts",
	"plot/publish/htmlprint_test.go":                  "pdftotext",
	"plot/publish/htmlbrowser_test.go":                "chromium, TRIALKIT_AXE, TRIALKIT_LOOK",
	"plot/publish/htmlpaste_test.go":                  "soffice, Calc",
	"stats/impute/simulation_test.go":                 "TRIALKIT_SIMULATE",
	"study/completed_reference_test.go":               "TRIALKIT_SIMULATE",
	"stats/mmrm/simulation_test.go":                   "TRIALKIT_SIMULATE",
	"study/simulate/shard_test.go":                    "mount",
	"study/report/docx_writer_test.go":                "soffice",
	"study/internal/opendocument/libreoffice_test.go": "soffice, Calc",

	// Files that other programs wrote and this repository does not hold; tests
	// beside them make files of the same kinds.
	"study/internal/datasetjson/fixtures_test.go":  "../shared/formats",
	"study/internal/statfile/fixtures_test.go":     "../shared/formats",
	"study/internal/propose/public_test.go":        "../shared/data and ../shared/formats",
	"examples/app/browser/way_test.go":             "../shared/formats",
	"examples/app/browser/browser_test.go":         "chromium",
	"examples/trial/fixtures_test.go":              "../shared/formats",
	"study/report/formats_test.go":                 "../shared/formats",
	"study/formats_test.go":                        "../shared/formats",
	"study/internal/workbook/fixtures_test.go":     "../shared/formats",
	"study/internal/opendocument/fixtures_test.go": "../shared/formats",
	"study/loadfiles_test.go":                      "../shared/formats",
	"study/lost_reference_test.go":                 "../shared/data and ../shared/reference-next",
}

// A proof that is left out in silence proves nothing: a test is skipped for a
// missing program, for a variable that is not set or in -short mode, and never
// because a file of the repository is not there.
func TestNothingIsSkippedInSilence(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	found := map[string]bool{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		short := map[ast.Node]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.IfStmt); ok && asksShort(s.Cond) {
				ast.Inspect(s.Body, func(n ast.Node) bool { short[n] = true; return true })
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || short[n] {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !strings.HasPrefix(f.Sel.Name, "Skip") {
				return true
			}
			if x, ok := f.X.(*ast.Ident); !ok || x.Name != "t" && x.Name != "tb" {
				return true
			}
			why := skipsFor[rel]
			found[rel] = true
			assert.NotEmpty(t, why, "%s skips a test", set.Position(n.Pos()))
			return true
		})
		return nil
	}))
	for file, why := range skipsFor {
		assert.True(t, found[file], "%s skips nothing for %s any more", file, why)
	}
}

// asksShort reports whether a condition is testing.Short(), perhaps with more.
func asksShort(e ast.Expr) bool {
	short := false
	ast.Inspect(e, func(n ast.Node) bool {
		if f, ok := n.(*ast.SelectorExpr); ok && f.Sel.Name == "Short" {
			short = true
		}
		return true
	})
	return short
}
