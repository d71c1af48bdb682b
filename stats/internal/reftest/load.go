package reftest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Folders returns where reference cases are looked for: the folder named by
// TRIALKIT_REFERENCE alone if set, a relative one from the module's root, else
// testdata/reference of the module, which must be there, and shared/reference
// beside it, which need not.
func Folders() []string {
	if dir := os.Getenv("TRIALKIT_REFERENCE"); dir != "" {
		if !filepath.IsAbs(dir) && !fileExists(dir) { // a test runs in its package's folder, not where go test was called
			dir = filepath.Join(ModuleRoot(), dir)
		}
		return []string{dir}
	}
	out := []string{Committed()}
	if fileExists(Extra()) {
		out = append(out, Extra())
	}
	return out
}

// Committed is the folder of reference cases that the repository holds.
func Committed() string { return filepath.Join(ModuleRoot(), "testdata", "reference") }

// Extra is the folder of cases whose data sets are not ours to commit. It
// stands beside a checkout where somebody put it.
func Extra() string { return filepath.Join(ModuleRoot(), "..", "shared", "reference") }

// ModuleRoot is the nearest folder upwards that holds go.mod.
func ModuleRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for {
		if fileExists(filepath.Join(dir, "go.mod")) {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			panic("reftest: no go.mod above the working directory")
		}
		dir = up
	}
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// File returns the path of a file under testdata/reference. Without it the test
// fails, in -short mode it is left out.
func File(tb testing.TB, name string) string {
	tb.Helper()
	p := filepath.Join(Committed(), name)
	if !fileExists(p) {
		missing(tb, p)
	}
	return p
}

// missing is for what the repository should hold: a proof that cannot be run is
// a failure, not a pass.
func missing(tb testing.TB, what string) {
	tb.Helper()
	if testing.Short() {
		tb.Skip(what + " is missing")
	}
	tb.Fatal(what + " is missing: the tests need a checkout of the repository")
}

// DataPath is the path of the data set a case names: in the case's folder, in
// ../data beside it, or, where a folder of cases comes without data, in those of
// Folders.
func (c *Case) DataPath(name string) string {
	dirs := []string{c.Dir, filepath.Join(c.Dir, "..", "data"), Committed(), filepath.Join(Extra(), "..", "data")}
	for _, d := range dirs {
		if p := filepath.Join(d, name); fileExists(p) {
			return p
		}
	}
	panic("no data set " + name)
}

// Load reads the cases of one topic file. A case that cannot be read has no
// handler's answer; its problem is kept.
func Load(file string) ([]*Case, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Cases []json.RawMessage `json:"cases"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	implied, err := supplement()
	if err != nil {
		return nil, err
	}
	var out []*Case
	for i, raw := range doc.Cases {
		c := &Case{}
		if err := json.Unmarshal(raw, c); err != nil {
			c.unreadable = err
			if c.ID == "" {
				c.ID = fmt.Sprint("case ", i)
			}
		}
		c.Topic, c.Dir = strings.TrimSuffix(filepath.Base(file), ".json"), filepath.Dir(file)
		c.leaves, c.seen, c.used, c.read = map[string]any{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
		c.flatten("", c.Expect)
		if c.Extra != nil {
			c.flatten(strings.TrimSuffix(extra, "."), c.Extra)
		}
		for _, e := range implied {
			e.complete(c)
		}
		out = append(out, c)
	}
	shareFirst(out)
	return out, shareData(file, out)
}

// shareFirst gives a case whose input says "as in the first case" the input of the
// first of its set: of the cases whose ids begin alike, up to a slash.
func shareFirst(cases []*Case) {
	first := map[string]json.RawMessage{}
	for _, c := range cases {
		set, _, _ := strings.Cut(c.ID, "/")
		for key, raw := range c.Input {
			at := set + "/" + key
			if as := first[at]; as != nil && strings.HasPrefix(string(raw), `"as in the first case`) {
				c.Input[key] = as
			} else if as == nil {
				first[at] = raw
			}
		}
	}
}

// shareData gives a case whose input "data_as_in" names another of its file that
// one's data, and its events where it has none of its own.
func shareData(file string, cases []*Case) error {
	data, ice := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for _, c := range cases {
		if c.Has("data") {
			data[c.ID], ice[c.ID] = c.Input["data"], c.Input["ice"]
		}
	}
	for _, c := range cases {
		if !c.Has("data_as_in") {
			continue
		}
		id := c.Str("data_as_in")
		if data[id] == nil {
			return fmt.Errorf("%s: case %s has the data of %s, which has none", file, c.ID, id)
		}
		c.Input["data"] = data[id]
		if !c.Has("ice") && ice[id] != nil {
			c.Input["ice"] = ice[id]
		}
	}
	return nil
}

// implied are inputs that the cases on a data set leave unsaid.
type implied struct {
	Topic   string                     `json:"topic"` // or the beginning of topics, before "*"
	Dataset string                     `json:"dataset"`
	Input   map[string]json.RawMessage `json:"input"`
}

// supplement reads them from testdata/reference/supplement/inputs.json.
func supplement() ([]implied, error) {
	file := filepath.Join(Committed(), "supplement", "inputs.json")
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // a folder of cases elsewhere may say everything itself
	}
	if err != nil {
		return nil, err
	}
	var doc struct {
		Inputs []implied `json:"inputs"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return doc.Inputs, nil
}

// complete adds the inputs that a case on this data set does not have.
func (e implied) complete(c *Case) {
	if start, ok := strings.CutSuffix(e.Topic, "*"); c.Topic != e.Topic && !(ok && strings.HasPrefix(c.Topic, start)) {
		return
	}
	var dataset string
	if json.Unmarshal(c.Input["dataset"], &dataset) != nil || dataset != e.Dataset {
		return
	}
	for key, v := range e.Input {
		if !c.Has(key) {
			c.Input[key] = v
			c.read[key] = true // it is needed where a handler looks for it
		}
	}
}

// ExtraFile returns the path of a file that the repository does not hold, as its
// data are not ours to give away, and whether somebody put it beside the
// checkout. What is not there is left out of a list of cases, never a whole
// test.
func ExtraFile(tb testing.TB, name string) (path string, ok bool) {
	tb.Helper()
	path = filepath.Join(ModuleRoot(), "..", "shared", name)
	if !fileExists(path) {
		tb.Logf("%s is not beside the repository: its cases are left out", name)
		return "", false
	}
	return path, true
}
