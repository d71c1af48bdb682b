package reftest

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
)

// topicCases are the cases of one topic from all folders.
type topicCases struct {
	name    string
	cases   []*Case
	extra   []string // ids of those from outside the repository
	matched int
	ran     bool
}

// collect reads the topics of all folders. A case that an earlier folder has is
// not taken again; an id may stand twice in one file.
func collect(t *testing.T, folders []string) []*topicCases {
	byName := map[string]*topicCases{}
	var out []*topicCases
	have := map[string]bool{}
	for _, dir := range folders {
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			missing(t, "every reference case in "+dir)
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".json")
			if name == "study" || strings.HasPrefix(name, "study_") || name == "trimmed_means" {
				continue // values for the tests of package study and stats/impute, which have a form of their own
			}
			cases, err := Load(file)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			if byName[name] == nil {
				byName[name] = &topicCases{name: name}
				out = append(out, byName[name])
			}
			tc := byName[name]
			for _, c := range cases {
				if !have[name+" "+c.ID] {
					tc.cases = append(tc.cases, c)
					if dir == Extra() {
						tc.extra = append(tc.extra, c.ID)
					}
				}
			}
			for _, c := range cases {
				have[name+" "+c.ID] = true
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// Run runs every case of every topic, reports each mismatch, and closes with a
// line a topic and a total. A topic without a handler is an error in this
// repository; one of another folder is named and counts its cases as not answered.
func Run(t *testing.T) {
	folders := Folders()
	topics := collect(t, folders)
	used := map[string]int{}
	for _, tc := range topics {
		if len(tc.cases) > 0 {
			t.Run(tc.name, func(t *testing.T) { tc.run(t, used) })
		}
	}
	var b strings.Builder
	m, n, extra := 0, 0, 0
	for _, tc := range topics {
		if !tc.ran {
			continue // left out by -run, or empty
		}
		fmt.Fprintf(&b, "%s: matched %d of %d\n", tc.name, tc.matched, len(tc.cases))
		m, n, extra = m+tc.matched, n+len(tc.cases), extra+len(tc.extra)
	}
	fmt.Fprintf(&b, "total: matched %d of %d\n", m, n)
	switch {
	case len(folders) > 1:
		fmt.Fprintf(&b, "of these %d cases are not in the repository, whose own total is %d less:\n%s", extra, extra, extraCases(topics))
	case folders[0] == Committed():
		fmt.Fprintf(&b, "the cases on data sets of other projects are not counted here: there is no %s\n", Extra())
	}
	for _, f := range Findings() {
		if used[f.Code] > 0 {
			fmt.Fprintf(&b, "finding %s (%s): %d cases: %s\n", f.Code, f.Topic, used[f.Code], f.Text)
		}
	}
	t.Log("\n" + b.String())
}

// extraCases names the cases that a checkout alone does not have.
func extraCases(topics []*topicCases) string {
	var b strings.Builder
	for _, tc := range topics {
		switch {
		case !tc.ran || len(tc.extra) == 0:
		case len(tc.extra) == len(tc.cases):
			fmt.Fprintf(&b, "  %s: all %d\n", tc.name, len(tc.extra))
		default:
			fmt.Fprintf(&b, "  %s: %s\n", tc.name, strings.Join(tc.extra, ", "))
		}
	}
	return b.String()
}

func (tc *topicCases) run(t *testing.T, used map[string]int) {
	tc.ran = true
	h := handler(tc.name)
	if h == nil {
		if slices.ContainsFunc(tc.cases, func(c *Case) bool { return c.Dir == Committed() }) {
			t.Errorf("topic %s: no handler is registered for %d cases of this repository", tc.name, len(tc.cases))
			return
		}
		t.Logf("unknown topic %s: %d cases not answered", tc.name, len(tc.cases))
		return
	}
	for _, c := range tc.cases {
		msg, err := runCase(h, c)
		if errors.Is(err, ErrNoFunction) || errors.Is(err, errUnexplained) {
			t.Logf("%s %s: not matched: %v", tc.name, c.ID, err)
			continue
		}
		if msg != "" {
			t.Errorf("%s %s: not matched: %s", tc.name, c.ID, msg)
			continue
		}
		tc.matched++
		for code := range c.used {
			used[code]++
		}
	}
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
	if c.unreadable != nil {
		return c.unreadable.Error(), c.unreadable
	}
	if err := h(c); err != nil {
		return err.Error(), err
	}
	if miss := c.missed(); len(miss) > 0 {
		c.problems = append(c.problems, "not compared: "+strings.Join(miss, ", "))
	}
	if keys := c.unread(); len(keys) > 0 {
		c.problems = append(c.problems, "inputs not used: "+strings.Join(keys, ", "))
	}
	if len(c.problems) == 0 && len(c.unknown) > 0 {
		return "", fmt.Errorf("%w: %s", errUnexplained, strings.Join(c.unknown, "; "))
	}
	return strings.Join(c.problems, "; "), nil
}
