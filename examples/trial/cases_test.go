package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// casesFolder holds small trials with what must come of them: files as programs
// write them, with R's numbers.
const casesFolder = "../../testdata/cases"

// check is one entry of expect.json: a kind and what it asks.
type check map[string]json.RawMessage

// TestCases holds the program to every case, with the protocols of keys that
// were proposed when the cases were written (optional) too.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(casesFolder, "*", "expect.json"))
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	for _, f := range folders {
		dir := filepath.Dir(f)
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(f)
			require.NoError(t, err)
			var e struct {
				Command string
				Checks  []check
			}
			require.NoError(t, json.Unmarshal(b, &e))
			fields := strings.Fields(e.Command)
			c := &trialCase{t: t, dir: dir, data: fields[slices.Index(fields, "-data")+1], protocol: "protocol.yaml"}
			assert.Empty(t, c.all(e.Checks))
		})
	}
}

// trialCase is one run of the program.
type trialCase struct {
	t                   *testing.T
	dir, protocol, data string
	ran                 bool
	status              int
	out                 string // both streams
	results             []resultRow
}

type resultRow struct {
	Contrast, Outcome, Visit, Arm, Method string
	Estimate, Lower, Upper, P             *float64
	N                                     map[string]int
	Primary                               bool
}

func (c *trialCase) run(args ...string) (int, string, string) {
	var out, errs strings.Builder
	status := run(append([]string{"-protocol", filepath.Join(c.dir, c.protocol), "-data", filepath.Join(c.dir, c.data)}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

func (c *trialCase) output() string {
	if !c.ran {
		status, out, errs := c.run()
		// Users run the program beside the files.
		c.ran, c.status, c.out = true, status, strings.ReplaceAll(out+errs, c.dir+string(filepath.Separator), "")
	}
	return c.out
}

func (c *trialCase) between() []resultRow {
	if c.results == nil {
		c.results = []resultRow{}
		if status, out, _ := c.run("-json", "-"); status == 0 {
			var r struct{ Results []resultRow }
			require.NoError(c.t, json.Unmarshal([]byte(out), &r))
			c.results = slices.DeleteFunc(r.Results, func(x resultRow) bool { return x.Contrast != "between" })
		}
	}
	return c.results
}

func (c *trialCase) all(checks []check) (faults []string) {
	for _, entry := range checks {
		for _, kind := range slices.Sorted(maps.Keys(entry)) {
			if f := c.one(kind, entry[kind]); f != "" {
				faults = append(faults, kind+": "+f)
			}
		}
	}
	return faults
}

func (c *trialCase) read(raw json.RawMessage, into any) {
	require.NoError(c.t, json.Unmarshal(raw, into))
}

// one returns what is wrong, or "".
func (c *trialCase) one(kind string, raw json.RawMessage) string {
	low := strings.ToLower(c.output())
	lists := func() (out [][]string) { c.read(raw, &out); return out }
	words := func() (out []string) { c.read(raw, &out); return out }
	switch kind {
	case "never", "what":
		return ""
	case "exit":
		zero := string(raw) == "0"
		return unless(zero == (c.status == 0), "status %d: %.300s", c.status, c.out)
	case "value":
		return c.value(raw)
	case "value_any":
		var want []struct{ Estimate, Lower, Upper *float64 }
		c.read(raw, &want)
		for _, r := range c.between() {
			for _, w := range want {
				if r.Primary && near(r.Estimate, w.Estimate, 1e-6) && near(r.Lower, w.Lower, 1e-6) && near(r.Upper, w.Upper, 1e-6) {
					return ""
				}
			}
		}
		return "no primary row has one of these estimates"
	case "n":
		var want map[string]int
		c.read(raw, &want)
		rows := c.between()
		if primary := slices.DeleteFunc(slices.Clone(rows), func(r resultRow) bool { return !r.Primary }); len(primary) > 0 {
			rows = primary
		}
		return unless(slices.ContainsFunc(rows, func(r resultRow) bool { return maps.Equal(r.N, want) }), "no row has n = %v", want)
	case "output_has":
		for _, any := range lists() {
			if !slices.ContainsFunc(any, func(w string) bool { return strings.Contains(low, strings.ToLower(w)) }) {
				return fmt.Sprintf("lacks %v: %.500s", any, c.out)
			}
		}
	case "sentence_has":
		want := lists()
		return unless(slices.ContainsFunc(sentences(c.output()), func(s string) bool {
			return !slices.ContainsFunc(want, func(any []string) bool {
				return !slices.ContainsFunc(any, func(w string) bool { return holds(s, strings.ToLower(w)) })
			})
		}), "no sentence has %v", want)
	case "output_lacks":
		for _, w := range words() {
			if strings.Contains(low, strings.ToLower(w)) {
				return "has " + w
			}
		}
	case "output_lacks_note_about":
		for _, w := range words() {
			number := regexp.MustCompile(`\b` + regexp.QuoteMeta(strings.ToLower(w)) + `\b`)
			for l := range strings.Lines(low) {
				if (strings.Contains(l, "missing") || strings.Contains(l, "code")) && number.MatchString(l) {
					return "a note about " + w
				}
			}
		}
	case "max_problem_lines":
		most, err := strconv.Atoi(string(raw))
		require.NoError(c.t, err)
		n := len(problemLine.FindAllString(c.out, -1))
		return unless(n <= most, "%d lines of problems", n)
	case "figure":
		return c.figure(raw)
	case "either":
		var ways [][]check
		c.read(raw, &ways)
		var faults []string
		for _, way := range ways {
			f := c.all(way)
			if len(f) == 0 {
				return ""
			}
			faults = append(faults, strings.Join(f, "; "))
		}
		return strings.Join(faults, " | ")
	case "optional":
		var o struct {
			Protocol string
			Checks   []check
		}
		c.read(raw, &o)
		other := &trialCase{t: c.t, dir: c.dir, data: c.data, protocol: o.Protocol}
		return strings.Join(other.all(o.Checks), "; ")
	default:
		return "unknown kind of check"
	}
	return ""
}

var problemLine = regexp.MustCompile(`(?m)^\S+\.(?:csv|txt|xls|xml|pdf|rda|sas7bdat|yaml):\d+`)

func unless(ok bool, format string, args ...any) string {
	if ok {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// near is within a tolerance relative to the wanted value, and absolute below 1.
func near(got, want *float64, tolerance float64) bool {
	return got != nil && want != nil && math.Abs(*got-*want) <= tolerance*max(1, math.Abs(*want))
}

func (c *trialCase) value(raw json.RawMessage) string {
	var want struct {
		resultRow
		Tolerance float64
	}
	c.read(raw, &want)
	for _, r := range c.between() {
		if r.Outcome != want.Outcome || r.Visit != want.Visit || r.Arm != want.Arm || r.Method != want.Method {
			continue
		}
		for _, pair := range [][2]*float64{{r.Estimate, want.Estimate}, {r.Lower, want.Lower}, {r.Upper, want.Upper}, {r.P, want.P}} {
			if !near(pair[0], pair[1], want.Tolerance) {
				return fmt.Sprintf("%s, not %s", shown(pair[0]), shown(pair[1]))
			}
		}
		return ""
	}
	return "no such row: " + fmt.Sprintf("%.300s", c.out)
}

func shown(x *float64) string {
	if x == nil {
		return "nothing"
	}
	return fmt.Sprint(*x)
}

var (
	newParagraph = regexp.MustCompile(`\n\s*\n|\n\s*[•\-*] `)
	placeLine    = regexp.MustCompile(`(?m)^\S+:\d+:`)
	blanks       = regexp.MustCompile(`\s+`)
)

// sentences cuts an output into paragraphs, bullets and problems, in lower
// case and without line breaks.
func sentences(out string) []string {
	out = placeLine.ReplaceAllStringFunc(out, func(s string) string { return "\n\n" + s })
	var list []string
	for _, s := range newParagraph.Split(out, -1) {
		list = append(list, strings.ToLower(blanks.ReplaceAllString(s, " ")))
	}
	return list
}

// holds reports whether a sentence holds a word; a number counts as a whole.
func holds(s, w string) bool {
	if w == "" || w[len(w)-1] < '0' || w[len(w)-1] > '9' {
		return strings.Contains(s, w)
	}
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	for from := 0; ; from++ {
		i := strings.Index(s[from:], w)
		if i < 0 {
			return false
		}
		from += i
		if !digit(from+len(w)) && !digit(from-1) && (from == 0 || s[from-1] != '.') {
			return true
		}
	}
}

var (
	altText = regexp.MustCompile(`!\[([^\]]*)\]\([^)]*differences[^)]*\)`)
	svgTag  = regexp.MustCompile(`<[^>]+>`)
	svgText = regexp.MustCompile(`<(?:desc|title)[^>]*>([^<]*)`)
)

// figure looks at the numbers that a figure and its alternative text show.
func (c *trialCase) figure(raw json.RawMessage) string {
	var want struct {
		File         string
		Decimals     int
		Shows, Never struct{ Estimate, Lower, Upper float64 }
	}
	c.read(raw, &want)
	out := c.t.TempDir()
	if status, _, errs := c.run("-out", out); status != 0 {
		return errs
	}
	report, err := os.ReadFile(filepath.Join(out, "report.md"))
	require.NoError(c.t, err)
	svg, err := os.ReadFile(filepath.Join(out, want.File))
	require.NoError(c.t, err)
	all := svgTag.ReplaceAllString(string(svg), " ")
	for _, m := range append(altText.FindAllStringSubmatch(string(report), -1), svgText.FindAllStringSubmatch(string(svg), -1)...) {
		all += " " + m[1]
	}
	all = strings.ReplaceAll(all, "−", "-")
	shows := func(x float64) bool { return strings.Contains(all, strconv.FormatFloat(x, 'f', want.Decimals, 64)) }
	switch {
	case !shows(want.Shows.Estimate) || !shows(want.Shows.Lower) || !shows(want.Shows.Upper):
		return fmt.Sprintf("does not show %+v", want.Shows)
	case shows(want.Never.Lower) && shows(want.Never.Upper):
		return fmt.Sprintf("shows %+v", want.Never)
	}
	return ""
}
