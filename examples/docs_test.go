package examples

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A package's table of questions stands in its package comment under a heading
// that ends in these words; a row is a question, two or more spaces, and the
// names that answer it, with their files after them if need be.
const tableHeading = "answers which question"

var (
	cellGap    = regexp.MustCompile(`\s{2,}`)
	answerFile = regexp.MustCompile(`[a-z0-9_/]+\.(go|md|yaml)\b`)
	answerName = regexp.MustCompile(`\b([a-z]+\.)?[A-Z]\w*(\.[A-Z]\w*)?`)
	sameAnswer = regexp.MustCompile(`(With|Context|Summary)+$`)
	docLink    = regexp.MustCompile(`\[` + regexp.QuoteMeta(module) + `([a-z/]+)(?:\.([A-Z]\w*(?:\.[A-Z]\w*)?))?\]`)
	apiTop     = regexp.MustCompile(`^(func|type|const|var) (\w+)`)
	apiMember  = regexp.MustCompile(`^(?:method \(\*?(\w+)\) |type (\w+)(?:\[.*?\])? (?:struct|interface), (?:embedded )?)([\w./*]+)`)
)

// exports is what the table of a package is held to.
type exports struct {
	names map[string]bool // Name and Type.Member
	must  []string        // answers to questions: functions, and types that nothing else leads to
}

func exportsOf(lines []string, place string) exports {
	e := exports{names: map[string]bool{}}
	own, typeNames := []string{}, []string{}
	for _, line := range lines {
		decl, ok := strings.CutPrefix(line, place+": ")
		if !ok {
			continue
		}
		own = append(own, decl)
		if m := apiMember.FindStringSubmatch(decl); m != nil {
			member := m[3][strings.LastIndexAny(m[3], "./*")+1:]
			e.names[m[1]+m[2]+"."+member] = true
			continue
		}
		m := apiTop.FindStringSubmatch(decl)
		e.names[m[2]] = true
		switch {
		case m[1] == "func":
			e.must = append(e.must, m[2])
		case m[1] == "type" && !slices.Contains(typeNames, m[2]):
			typeNames = append(typeNames, m[2])
		}
	}
	// A design with methods that is written as a literal is an answer, too.
	for _, name := range typeNames {
		word := regexp.MustCompile(`\b` + name + `\b`)
		self := regexp.MustCompile(`^(method \(\*?` + name + `\)|type ` + name + `\b)`)
		asked, reached := false, false
		for _, decl := range own {
			asked = asked || strings.HasPrefix(decl, "method ("+name+")") || strings.HasPrefix(decl, "method (*"+name+")")
			reached = reached || !self.MatchString(decl) && word.MatchString(decl)
		}
		elsewhere := regexp.MustCompile(`[^\w/]` + regexp.QuoteMeta(place) + `\.` + name + `\b`)
		reached = reached || slices.ContainsFunc(lines, elsewhere.MatchString) // other rooms return it
		if asked && !reached && !e.names[name+".Error"] {
			e.must = append(e.must, name)
		}
	}
	return e
}

// questions returns a package's comment, the answers of the table in it, row by
// row without the question, and whether there is a table.
func questions(t *testing.T, dir string) (comment string, answers []string, ok bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
		require.NoError(t, err)
		if f.Doc == nil || strings.HasSuffix(file, "_test.go") {
			continue
		}
		comment += f.Doc.Text()
		inside := false
		for line := range strings.Lines(f.Doc.Text()) {
			line = strings.TrimRight(line, "\n")
			if heading, is := strings.CutPrefix(line, "# "); is {
				inside = strings.HasSuffix(heading, tableHeading)
				ok = ok || inside
			} else if row, is := strings.CutPrefix(line, "\t"); is && inside {
				if cells := cellGap.Split(row, 2); len(cells) == 2 {
					answers = append(answers, cells[1])
				}
			}
		}
	}
	return comment, answers, ok
}

// tableFaults holds a package's table to what it exports: every name, file and
// link in it exists, and every function is in it, itself or by the function that it
// varies (FWith, FContext and FSummary by F).
func tableFaults(t *testing.T, p listed, all map[string]exports) []string {
	place := strings.TrimPrefix(p.path, module)
	comment, answers, ok := questions(t, p.dir)
	var faults []string
	for _, link := range docLink.FindAllStringSubmatch(comment, -1) {
		if e, ok := all[link[1]]; !ok || link[2] != "" && !e.names[link[2]] {
			faults = append(faults, place+": the link "+link[0]+" leads nowhere")
		}
	}
	if !ok {
		return append(faults, place+`: no table of questions: give its package comment a heading "# Which function `+tableHeading+`"`)
	}
	own, named := all[place], map[string]bool{}
	for _, answer := range answers {
		for _, file := range answerFile.FindAllString(answer, -1) {
			if _, err := filepath.EvalSymlinks(filepath.Join(p.dir, file)); err != nil {
				faults = append(faults, place+": the table names the file "+file+", which is not there")
			}
		}
		for _, name := range answerName.FindAllString(answerFile.ReplaceAllString(answer, ""), -1) {
			e, bare := own, name
			if other, rest, is := strings.Cut(name, "."); is && other == strings.ToLower(other) {
				for at := range all {
					if strings.HasSuffix("/"+at, "/"+other) {
						e, bare = all[at], rest
					}
				}
			}
			if named[name] = true; !e.names[bare] {
				faults = append(faults, place+": the table names "+name+", which is not exported")
			}
		}
	}
	for _, name := range own.must {
		if !named[name] && !named[sameAnswer.ReplaceAllString(name, "")] {
			faults = append(faults, place+": the table does not name "+name)
		}
	}
	return faults
}

// TestQuestionTables holds every public package to its table of questions.
func TestQuestionTables(t *testing.T) {
	packages := list(t, true)
	lines := api(t, packages)
	all := map[string]exports{}
	for _, p := range packages {
		if p.public() {
			place := strings.TrimPrefix(p.path, module)
			all[place] = exportsOf(lines, place)
		}
	}
	for _, p := range packages {
		if !p.public() {
			continue
		}
		for _, fault := range tableFaults(t, p, all) {
			assert.Fail(t, fault)
		}
	}
}
