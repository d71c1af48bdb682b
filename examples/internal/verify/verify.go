// Package verify checks trialkit on the machine at hand: it computes reference
// cases anew and compares them with what other programs, certified data sets
// and enumeration gave. Its record can be kept as evidence that an installation
// computes what it should.
//
// The cases are copies of cases in testdata/reference, where the scripts that
// made them stand; a test holds them equal.
package verify

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trialkit/trialkit/study"
)

//go:embed cases.json nist/*
var files embed.FS

// Case is a reference case: what goes in, and the numbers that must come out,
// each by its path in the reference's result ("conf.int.0").
type Case struct {
	Topic     string                     `json:"topic"` // file in testdata/reference
	ID        string                     `json:"id"`
	Check     string                     `json:"check"`     // which function of checks computes it; its name in words is verify-<check> in the catalog
	Source    string                     `json:"source"`    // program and version, or who certified the numbers
	Tolerance float64                    `json:"tolerance"` // relative; absolute where the number is 0
	Input     map[string]json.RawMessage `json:"input"`
	Expect    map[string]float64         `json:"expect"`
}

// Result says how well a case matched.
type Result struct {
	Check     string  `json:"check"`
	Topic     string  `json:"topic"`
	ID        string  `json:"id"`
	Source    string  `json:"source"`
	Numbers   int     `json:"numbers"` // compared
	Digits    int     `json:"digits"`  // in which the worst of them agrees, at most 15
	Tolerance float64 `json:"tolerance"`
	Passed    bool    `json:"passed"`
	// Fault names the first number that differs, or the error; "" where all agree.
	Fault string `json:"fault"`
}

// Record is what a run found, where and when.
type Record struct {
	Program  string    `json:"program"`
	Version  string    `json:"version"`
	Go       string    `json:"go"`
	Platform string    `json:"platform"`
	Time     time.Time `json:"time"`
	Passed   int       `json:"passed"`
	Total    int       `json:"total"`
	Cases    []Result  `json:"cases"`
}

// Cases returns the embedded cases.
func Cases() ([]Case, error) {
	b, err := files.ReadFile("cases.json")
	if err != nil {
		return nil, err
	}
	var cases []Case
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return cases, d.Decode(&cases)
}

// Run computes the cases.
func Run(cases []Case, now time.Time) Record {
	r := Record{Program: "trialkit", Version: study.Version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Time: now.UTC().Truncate(time.Second), Total: len(cases), Cases: []Result{}}
	for _, c := range cases {
		result := c.run()
		if result.Passed {
			r.Passed++
		}
		r.Cases = append(r.Cases, result)
	}
	return r
}

const mostDigits = 15 // of a float64 that a decimal number can name

func (c Case) run() Result {
	got, err := c.compute()
	if err != nil {
		r := c.blank()
		r.Fault = err.Error()
		return r
	}
	return c.compare(got)
}

func (c Case) blank() Result {
	return Result{Check: c.Check, Topic: c.Topic, ID: c.ID, Source: c.Source, Numbers: len(c.Expect), Tolerance: c.Tolerance}
}

// compute turns a panic into an error: a case that the program cannot even read
// or compute is a fault of this case, and the others are still of interest.
func (c Case) compute() (got values, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	check := checks[c.Check]
	if check == nil || len(c.Expect) == 0 {
		return nil, fmt.Errorf("no check %s", c.Check)
	}
	got = values{}
	return got, check(c, got)
}

func (c Case) compare(got values) Result {
	r := c.blank()
	r.Digits = mostDigits
	for _, path := range paths(c.Expect) {
		want := c.Expect[path]
		x, ok := got[path]
		if !ok {
			x = math.NaN()
		}
		r.Digits = min(r.Digits, agree(x, want))
		if r.Fault == "" && !(off(x, want) <= c.Tolerance) {
			r.Fault = fmt.Sprintf("%s: %.15g, not %.15g", path, x, want)
		}
	}
	r.Passed = r.Fault == ""
	return r
}

func paths(m map[string]float64) []string {
	var list []string
	for p := range m {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// off is how far a number is off, relative to what it should be.
func off(got, want float64) float64 {
	if want == 0 {
		return math.Abs(got)
	}
	return math.Abs(got-want) / math.Abs(want)
}

func agree(got, want float64) int {
	d := off(got, want)
	if !(d < 1) { // NaN, too
		return 0
	}
	if d == 0 {
		return mostDigits
	}
	return min(mostDigits, int(-math.Log10(d)))
}

// values are a check's numbers, by path.
type values map[string]float64

func (v values) list(path string, xs ...float64) {
	for i, x := range xs {
		v[fmt.Sprintf("%s.%d", path, i)] = x
	}
}

// in decodes an input; what is not there panics, which run reports.
func (c Case) in(key string, v any) {
	raw, ok := c.Input[key]
	if !ok {
		panic("no input " + key)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		panic(key + ": " + err.Error())
	}
}

func (c Case) floats(key string) (xs []float64) { c.in(key, &xs); return xs }

func (c Case) matrix(key string) (m [][]float64) { c.in(key, &m); return m }

func (c Case) num(key string) (x float64) { c.in(key, &x); return x }

func (c Case) str(key string) (s string) { c.in(key, &s); return s }

// groups splits v by g in the order of first appearance.
func (c Case) groups() (groups [][]float64) {
	var labels, seen []string
	c.in("g", &labels)
	for i, x := range c.floats("v") {
		at := slices.Index(seen, labels[i])
		if at < 0 {
			at = len(seen)
			seen, groups = append(seen, labels[i]), append(groups, nil)
		}
		groups[at] = append(groups[at], x)
	}
	return groups
}

var dataLines = regexp.MustCompile(`(?m)^\s+Data\s.*lines (\d+) to (\d+)`)

func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// nist reads the columns of a file of NIST's, whose header says in which lines
// they stand.
func (c Case) nist() [][]float64 {
	b, err := files.ReadFile(c.str("file"))
	if err != nil {
		panic(err)
	}
	lines := strings.Split(string(b), "\n")
	at := dataLines.FindStringSubmatch(string(b))
	first, last := whole(at[1]), whole(at[2])
	var columns [][]float64
	for _, line := range lines[first-1 : min(last, len(lines))] {
		for i, f := range strings.Fields(line) {
			x, err := strconv.ParseFloat(f, 64)
			if err != nil {
				panic(err)
			}
			if i == len(columns) {
				columns = append(columns, nil)
			}
			columns[i] = append(columns[i], x)
		}
	}
	return columns
}
