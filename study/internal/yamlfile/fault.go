package yamlfile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// ProblemsOf are faults as Problems without lines.
func ProblemsOf(faults []Fault) error {
	var out files.Problems
	for _, f := range faults {
		out = append(out, f.Problem(0, 0))
	}
	return out.Err()
}

// Fault is a problem and the path of the field that it is about, such as
// outcomes[0].thresholds[1].value; a key of a map has "@" behind it.
type Fault struct {
	Path string
	Said text.Phrase
}

// Problem is the fault at a place, with its path before it.
func (f Fault) Problem(line, column int) files.Problem {
	if f.Path == "" {
		return files.NewProblem(line, column, f.Said.Code, f.Said.Args)
	}
	return files.NewProblem(line, column, "problem-at", text.Args{"path": strings.TrimSuffix(f.Path, "@"), "text": f.Said})
}

// Phrase is a message of the catalog with the arguments {1}, {2} ….
func Phrase(code string, args ...any) text.Phrase {
	p := text.Phrase{Code: code, Args: text.Args{}}
	for i, a := range args {
		p.Args[strconv.Itoa(i+1)] = a
	}
	return p
}

// Checker collects faults.
type Checker struct{ Faults []Fault }

// Add adds a message of the catalog with the arguments {1}, {2} ….
func (c *Checker) Add(path, code string, args ...any) {
	c.Faults = append(c.Faults, Fault{path, Phrase(code, args...)})
}

// Unique checks that IDs are given, and given once.
func (c *Checker) Unique(path, what string, n int, id func(i int) string) {
	first := map[string]int{}
	for i := range n {
		s, at := id(i), fmt.Sprintf("%s[%d].id", path, i)
		if s == "" {
			c.Add(at, "problem-missing")
			continue
		}
		if s != strings.TrimSpace(s) {
			c.Add(at, "problem-space-at-end", s)
		}
		if j, ok := first[s]; ok {
			c.Add(at, "problem-declared-twice", Phrase(what), s, path, j)
			continue
		}
		first[s] = i
	}
}

// Languages refuses translations into languages without a catalog: they would be said
// nowhere.
func (c *Checker) Languages(t map[string]map[string]string) {
	langs := text.Languages()
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		if !slices.Contains(langs, lang) {
			c.Add("translations."+lang, "problem-language-unknown", lang, ListIDs(langs, func(s string) string { return s }))
		}
	}
}

// ListIDs lists IDs, as an argument of a message.
func ListIDs[T any](s []T, id func(T) string) any {
	ids := make([]string, len(s))
	for i, v := range s {
		ids[i] = id(v)
	}
	if len(ids) == 0 {
		return text.Phrase{Code: "word-none-declared"}
	}
	return strings.Join(ids, ", ")
}
