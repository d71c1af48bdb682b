package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// prose is two words beside each other.
var prose = regexp.MustCompile(`\p{L}{2,}[,;:]? \p{L}{2,}`)

// Errors of the library stay English, but for problems of a protocol or a file:
// these calls make errors and nothing else. Errors of the example programs do not.
var (
	errorCalls = []string{"Errorf", "New", "fail", "bad"}
	markup     = []string{"plot/internal/render/pdf*.go", "plot/internal/render/svg*.go", "study/internal/page/docx*.go", "study/internal/page/html*.go", "examples/gallery/page.go",
		"examples/app/internal/bundle/*.go", "examples/app/internal/desk/claim.go"} // PDF, SVG, DOCX and HTML
	tests = []string{"plot/internal/render/rendertest/*.go", "study/internal/page/htmltest/*.go", "study/internal/sheet/sheettest/*.go", "examples/rooms/main.go"} // what tests say, and a program that is one
	data  = []string{"study/instruments_table.go",                                                                                                                 // the registry: what the sources say, in their words
		"examples/internal/verify/checks.go", "examples/internal/verify/models.go", "examples/internal/verify/verify.go", // names of the reference's numbers
		"study/report/ard.go"} // labels that another program gives its statistics
	formats = []string{"study/files/foreign.go", "study/internal/workbook/foreign.go", // how files of other formats begin
		"study/internal/statfile/sasformat.go"} // what SAS calls its formats
)

// notSentences holds literals that look like prose, by file, and why each may
// stand in the code.
var notSentences = map[string][]string{
	"study/score/score.go":   {"STarT Back"},       // an instrument's name in errors
	"study/files/number.go":  {"not done"},         // what files write for a missing value
	"study/loadkeys.go":      {"std dev"},          // and for a line of sums
	"study/files/dialect.go": {"jan feb"},          // and for months
	"plot/figure.go":         {"has no glyph for"}, // the text of an error type
	// What a data system calls its columns, and YAML of a protocol.
	"study/internal/propose/arms.go":  {"Data Access Group"},
	"study/internal/propose/ask.go":   {"kind: MCID", "level: individual"},
	"study/internal/propose/write.go": {"kind: MCID", "kind: binary", "kind: blocked", "kind: stratified", "kind: unknown", "control: true"},
	"study/internal/statfile/xpt.go":  {"HEADER RECORD"}, // how parts of a SAS transport file begin
	// Why nothing can depart from a field of a plan, for who reads the code.
	"study/nexttrial/designs.go": {"f <- function(se) pt(t, df, %s/se, lower=FALSE)"},
	"study/nexttrial/shares.go":  {"q <- optimize(function(q) dbinom(a, n, q-%s, TRUE)"},
	"study/departures.go":        {"beliefs shown beside", "where the plan was put on record", "of random numbers", "the name of"},
}

// Every sentence comes from the catalog: no other string in study, plot and
// the example programs reads like one.
func TestNoSentencesOutsideTheCatalog(t *testing.T) {
	root := "../.."
	files, used := 0, map[string]bool{}
	for _, dir := range []string{"study", "plot", "examples"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			rel, relErr := filepath.Rel(root, path)
			require.NoError(t, relErr)
			rel = filepath.ToSlash(rel)
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || isOtherFile(rel) {
				return err
			}
			files++
			for _, s := range sentences(t, path, dir == "examples") {
				i := slices.IndexFunc(notSentences[rel], func(part string) bool { return strings.Contains(s, part) })
				if assert.GreaterOrEqual(t, i, 0, "%s: %q belongs into the catalog (study/text)", rel, s) {
					used[rel+notSentences[rel][i]] = true
				}
			}
			return nil
		}))
	}
	assert.Greater(t, files, 100)
	for file, parts := range notSentences {
		for _, p := range parts {
			assert.True(t, used[file+p], "%s no longer holds %q: drop it from the list", file, p)
		}
	}
	assert.Equal(t, []string{"two words"}, sentencesOf(t, "package p\nvar s = \"two words\"\nvar e = fmt.Errorf(\"two words\")", false), "the scanner sees")
}

func isOtherFile(rel string) bool {
	return slices.ContainsFunc(slices.Concat(formats, markup, data, tests), func(pattern string) bool {
		ok, _ := filepath.Match(pattern, rel)
		return ok
	})
}

// sentences lists a file's string literals that read like prose, but for
// those that go into errors (of the library: program is false) and panics.
func sentences(t *testing.T, path string, program bool) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	return literals(f, program)
}

func sentencesOf(t *testing.T, src string, program bool) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "p.go", src, 0)
	require.NoError(t, err)
	return literals(f, program)
}

func literals(f *ast.File, program bool) []string {
	var out []string
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		l, ok := n.(*ast.BasicLit)
		if !ok || l.Kind != token.STRING {
			return true
		}
		if s, err := strconv.Unquote(l.Value); err == nil && prose.MatchString(s) && !inError(stack, program) {
			out = append(out, s)
		}
		return true
	})
	return out
}

func inError(stack []ast.Node, program bool) bool {
	return slices.ContainsFunc(stack, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field: // a struct tag
			return true
		case *ast.CallExpr:
			name := ""
			switch f := n.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			return name == "panic" || !program && slices.Contains(errorCalls, name)
		}
		return false
	})
}
