// Package examples holds runnable programs, one folder a question. This test
// keeps the project's layers apart.
package examples

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/trialkit/trialkit/"

// mayImport is the map of rooms: which packages of this module each one may
// import. The layers point one way, stats → study → plot → examples, where the
// arrow is "is imported by"; inside a layer the rooms are named one by one. A
// name that ends in /... stands for a room and all below it.
var mayImport = map[string][]string{
	"stats":           {"stats/internal/..."},
	"stats/rank":      {"stats", "stats/internal/..."},
	"stats/regress":   {"stats", "stats/internal/..."},
	"stats/table":     {"stats", "stats/internal/..."},
	"stats/resample":  {"stats", "stats/regress", "stats/internal/..."},
	"stats/assoc":     {"stats", "stats/rank", "stats/internal/..."},
	"stats/power":     {"stats", "stats/table", "stats/internal/..."},
	"stats/integrity": {"stats", "stats/table", "stats/internal/..."},
	"stats/mmrm":      {"stats", "stats/regress", "stats/internal/..."},
	"stats/impute":    {"stats", "stats/mmrm", "stats/regress", "stats/internal/..."},
	"stats/mic":       {"stats", "stats/assoc", "stats/rank", "stats/regress", "stats/resample", "stats/internal/..."},
	// Inside, helpers may use helpers, and know nothing of the rooms.
	"stats/internal/...":       {"stats/internal/..."},
	"stats/internal/statstest": {"stats/..."}, // helpers of tests may build what they test

	// files imports stats, never the reverse: a table makes a frame or a trial.
	"study/text":  {},
	"study/files": {"stats", "stats/regress", "stats/mmrm", "study/text", "study/internal/yamlfile", "study/internal/sheet", "study/internal/statfile", "study/internal/workbook", "study/internal/datasetjson", "study/internal/opendocument"},
	// Readers of formats return sheets; files makes tables of them.
	"study/internal/sheet":           {"study/text"},
	"study/internal/sheet/sheettest": {"study/internal/sheet", "study/text"},
	"study/internal/propose":         {"study/files", "study/internal/sheet", "study/text"},
	"study/internal/statfile":        {"study/internal/sheet", "study/text"},
	"study/internal/datasetjson":     {"study/internal/sheet", "study/text"},
	"study/internal/xmlscan":         {"study/internal/sheet", "study/text"},
	"study/internal/zipfile":         {"study/internal/sheet", "study/internal/xmlscan", "study/text"},
	"study/internal/workbook":        {"study/internal/grid", "study/internal/sheet", "study/internal/xmlscan", "study/internal/zipfile", "study/text"},
	"study/internal/opendocument":    {"study/internal/grid", "study/internal/sheet", "study/internal/xmlscan", "study/internal/zipfile", "study/text"},
	"study/internal/grid":            {"study/internal/sheet", "study/text"},
	"study/internal/yamlfile":        {"study/files", "study/text"},
	"study/internal/page":            {"study/text"},
	"study/internal/page/htmltest":   {},
	"study/internal/wire":            {},
	"study/internal/build":           {},
	"study/internal/prose":           {"study", "study/internal/page", "study/text"},
	"study/assumed":                  {"stats/power", "study/internal/yamlfile"},
	"study/estimand":                 {"study/internal/yamlfile"},
	"study/harms":                    {"stats/...", "study/files", "study/text", "study/internal/wire"},
	"study/family":                   {"stats", "stats/regress", "stats/resample"},
	"study/lost":                     {"stats", "stats/impute"},
	"study/along":                    {"stats", "stats/rank", "stats/regress", "stats/table"},
	"study/score":                    {"stats/...", "study/files", "study/text", "study/internal/..."},
	"study":                          {"stats/...", "study/along", "study/assumed", "study/estimand", "study/family", "study/files", "study/harms", "study/lost", "study/score", "study/text", "study/internal/..."},
	"study/report":                   {"stats/...", "study", "study/along", "study/estimand", "study/family", "study/files", "study/harms", "study/lost", "study/text", "study/internal/..."},
	"study/claim":                    {"stats/...", "study", "study/files", "study/report", "study/text", "study/internal/..."},
	"study/simulate":                 {"stats/...", "study", "study/assumed", "study/files", "study/text", "study/internal/..."},
	"study/nexttrial":                {"stats/...", "study", "study/assumed", "study/family", "study/report", "study/text", "study/internal/..."},
	"study/mcid":                     {"stats/...", "study", "study/files", "study/report", "study/text", "study/internal/..."},

	// Charts take results; how they come into a report is publish's.
	"plot/internal/render":            {},
	"plot/internal/render/rendertest": {"plot/internal/render"},
	"plot/internal/chromiumtest":      {},
	"plot":                            {"stats/...", "study", "study/along", "study/claim", "study/family", "study/harms", "study/lost", "study/mcid", "study/nexttrial", "study/score", "study/text", "plot/internal/render"},
	"plot/publish":                    {"plot", "study", "study/along", "study/claim", "study/family", "study/mcid", "study/nexttrial", "study/report", "study/text"},

	"examples/...": {"stats/...", "study/...", "plot/...", "examples/...", "testdata/..."},
	"testdata/...": {"stats/...", "study/...", "plot/...", "testdata/..."},
}

// testsOnly are packages for tests: no other code imports them.
var testsOnly = []string{"stats/internal/reftest", "stats/internal/statstest", "stats/internal/stoptest",
	"plot/internal/render/rendertest", "plot/internal/chromiumtest", "study/internal/page/htmltest", "study/internal/sheet/sheettest"}

// room finds the row of a package: its own, else that of the nearest folder
// above it that speaks for all below.
func room(place string) (allowed []string, ok bool) {
	if allowed, ok = mayImport[place]; ok {
		return allowed, true
	}
	for dir := place; dir != "."; dir = path.Dir(dir) {
		if allowed, ok = mayImport[dir+"/..."]; ok {
			return allowed, true
		}
	}
	return nil, false
}

// covered reports whether a list of rooms holds the package.
func covered(list []string, place string) bool {
	return slices.ContainsFunc(list, func(name string) bool {
		under, all := strings.CutSuffix(name, "/...")
		return name == place || all && (under == place || strings.HasPrefix(place, under+"/"))
	})
}

// misplaced says what is wrong with an import, "" where nothing is. A test may
// import every room of its own layer and of those before it, test helpers and
// the studies in testdata.
func misplaced(from, to string, test bool) string {
	allowed, ok := room(from)
	if !ok {
		return fmt.Sprintf("package %s is not on the map of rooms: add a row to mayImport, and to CONTRIBUTING.md, that says what it may import", from)
	}
	layers := []string{"stats", "study", "plot", "examples"}
	layer := func(place string) int { return slices.Index(layers, strings.Split(place, "/")[0]) }
	switch {
	case test && layer(to) >= 0 && layer(from) >= layer(to), test && strings.HasPrefix(to, "testdata/"):
		return ""
	case !test && covered(testsOnly, to) && !covered(testsOnly, from):
		return fmt.Sprintf("%s imports %s, which is for tests", from, to)
	case !covered(allowed, to):
		return fmt.Sprintf("%s imports %s: the map of rooms does not let it (mayImport in examples/layers_test.go)", from, to)
	}
	return ""
}

func TestImportsPointOneWay(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); len(name) > 2 && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", file)
		if err != nil {
			return err
		}
		from := path.Dir(filepath.ToSlash(rel))
		if _, ok := room(from); !ok {
			assert.Fail(t, misplaced(from, from, false))
			return nil
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if to, ours := strings.CutPrefix(name, module); ours {
				if wrong := misplaced(from, to, strings.HasSuffix(file, "_test.go")); wrong != "" {
					assert.Fail(t, wrong, rel)
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, files, 50, "the whole module is read")
}

// Every room on the map is there: a row that nothing needs any more goes.
func TestEveryRoomOfTheMapExists(t *testing.T) {
	for place := range mayImport {
		assert.DirExists(t, filepath.Join("..", filepath.FromSlash(strings.TrimSuffix(place, "/..."))))
	}
}

// A listing of a folder stays readable: at most so many files that are no tests.
func TestRoomsStaySmall(t *testing.T) {
	most := func(place string) int {
		switch {
		case place == "plot": // one chart a file
			return 70
		case strings.HasPrefix(place, "stats/"):
			return 35
		}
		return 50
	}
	for _, p := range list(t, false) {
		files, err := filepath.Glob(filepath.Join(p.dir, "*.go"))
		require.NoError(t, err)
		place, n := strings.TrimPrefix(p.path, module), 0
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				n++
			}
		}
		assert.LessOrEqual(t, n, most(place), "%s has %d files: move what belongs together into a room of its own", place, n)
	}
}

// The map itself is held to imports that it must refuse and imports that it
// must let pass.
func TestMapOfRooms(t *testing.T) {
	for _, c := range []struct {
		from, to string
		test, ok bool
	}{
		{"stats", "study", false, false},
		{"stats", "study", true, false},
		{"stats", "stats/rank", false, false},
		{"stats", "stats/rank", true, true},
		{"stats/rank", "stats", false, true},
		{"stats/rank", "stats/internal/num", false, true},
		{"stats/rank", "stats/internal/statstest", false, false},
		{"stats/rank", "stats/internal/statstest", true, true},
		{"stats/table", "stats/resample", false, false},
		{"stats/internal/check", "stats", false, false},
		{"study/files", "study", false, false},
		{"study/files", "stats/mmrm", false, true},
		{"study", "study/report", false, false},
		{"study", "study/report", true, true},
		{"study", "plot", true, false},
		{"study/report", "study", false, true},
		{"plot", "study/report", false, false},
		{"plot/publish", "study/report", false, true},
		{"plot", "examples/internal/flags", true, false},
		{"study", "testdata/studies", false, false},
		{"study", "testdata/studies", true, true},
		{"examples/trial", "plot/publish", false, true},
		{"stats/nowhere", "stats", false, false},
	} {
		assert.Equal(t, c.ok, misplaced(c.from, c.to, c.test) == "", "%+v", c)
	}
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
