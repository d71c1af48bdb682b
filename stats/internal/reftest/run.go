package reftest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// Folders returns where reference cases are looked for: the folder named by
// TRIALKIT_REFERENCE alone if set, else testdata/reference of the module and
// shared/reference beside it, as far as they exist.
func Folders() []string {
	if dir := os.Getenv("TRIALKIT_REFERENCE"); dir != "" {
		return []string{dir}
	}
	root := ModuleRoot()
	var out []string
	for _, d := range []string{filepath.Join(root, "testdata", "reference"), filepath.Join(root, "..", "shared", "reference")} {
		if st, err := os.Stat(d); err == nil && st.IsDir() {
			out = append(out, d)
		}
	}
	return out
}

// ModuleRoot is the nearest folder upwards that holds go.mod.
func ModuleRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			panic("reftest: no go.mod above the working directory")
		}
		dir = up
	}
}

// Data returns the path of a data set beside the reference folder, and skips
// the test where it is absent.
func Data(tb testing.TB, name string) string {
	tb.Helper()
	p := filepath.Join(ModuleRoot(), "..", "shared", "data", name)
	if _, err := os.Stat(p); err != nil {
		tb.Skipf("data set %s is not here", name)
	}
	return p
}

// DataPath is the path of the data set a case names: ../data beside its folder,
// or, where a folder of cases comes without data, that of the shared ones.
func (c *Case) DataPath(name string) string {
	p := filepath.Join(c.Dir, "..", "data", name)
	if _, err := os.Stat(p); err != nil {
		if q := filepath.Join(ModuleRoot(), "..", "shared", "data", name); fileExists(q) {
			return q
		}
	}
	return p
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Run runs every case of every topic, reports each mismatch, and closes with a
// line a topic and a total. A topic without a handler counts its cases as not
// matched. A case seen in an earlier folder is not run again.
func Run(t *testing.T) {
	type tally struct{ matched, total int }
	byTopic := map[string]*tally{}
	ran := map[string]bool{}
	used := map[string]int{}
	for _, dir := range Folders() {
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		sort.Strings(files)
		for _, file := range files {
			topic := strings.TrimSuffix(filepath.Base(file), ".json")
			if strings.HasPrefix(topic, "study_") {
				continue // values for the tests of package study, which have a form of their own
			}
			all, err := Load(file)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			var cases []*Case
			for _, c := range all {
				if !ran[topic+" "+c.ID] {
					cases = append(cases, c)
				}
			}
			// An id may stand twice in a file; only another folder's is a copy.
			for _, c := range cases {
				ran[topic+" "+c.ID] = true
			}
			if len(cases) == 0 {
				continue
			}
			tl := byTopic[topic]
			if tl == nil {
				tl = &tally{}
				byTopic[topic] = tl
			}
			t.Run(topic, func(t *testing.T) {
				h := handler(topic)
				for _, c := range cases {
					tl.total++
					if h == nil {
						continue
					}
					msg, err := runCase(h, c)
					if errors.Is(err, ErrNoFunction) || errors.Is(err, errUnexplained) {
						t.Logf("%s %s: not matched: %v", topic, c.ID, err)
						continue
					}
					if msg != "" {
						t.Errorf("%s %s: not matched: %s", topic, c.ID, msg)
						continue
					}
					tl.matched++
					for code := range c.used {
						used[code]++
					}
				}
				if h == nil {
					t.Logf("no handler for topic %s: %d cases not matched", topic, len(cases))
				}
			})
		}
	}
	var topics []string
	for k := range byTopic {
		topics = append(topics, k)
	}
	sort.Strings(topics)
	m, n := 0, 0
	var b strings.Builder
	for _, k := range topics {
		tl := byTopic[k]
		if tl.total == 0 {
			continue // left out by -run
		}
		fmt.Fprintf(&b, "%s: matched %d of %d\n", k, tl.matched, tl.total)
		m, n = m+tl.matched, n+tl.total
	}
	fmt.Fprintf(&b, "total: matched %d of %d\n", m, n)
	if n == 0 {
		t.Skip("no reference cases here")
	}
	for _, f := range Findings() {
		if used[f.Code] > 0 {
			fmt.Fprintf(&b, "finding %s (%s): %d cases: %s\n", f.Code, f.Topic, used[f.Code], f.Text)
		}
	}
	t.Log("\n" + b.String())
}

// ErrNoFunction is returned by a handler for a case that no function of the
// library answers: it is named and counts as not matched, and is no failure of
// what the library does have.
var ErrNoFunction = errors.New("no function for this case")

var errUnexplained = errors.New("the reference is wrong beyond any stated error")

func runCase(h Handler, c *Case) (msg string, err error) {
	defer func() {
		if r := recover(); r != nil {
			msg = fmt.Sprintf("panic: %v", r)
		}
	}()
	if err := h(c); err != nil {
		return err.Error(), err
	}
	if miss := c.missed(); len(miss) > 0 {
		c.problems = append(c.problems, "not compared: "+strings.Join(miss, ", "))
	}
	if len(c.problems) == 0 && len(c.unknown) > 0 {
		return "", fmt.Errorf("%w: %s", errUnexplained, strings.Join(c.unknown, "; "))
	}
	return strings.Join(c.problems, "; "), nil
}
