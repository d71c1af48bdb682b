// Package reftest runs reference cases (values computed by R, SAS, NIST or
// exact arithmetic) against this library and counts what matches.
//
// A handler is registered for a topic (a JSON file's name without ".json").
// It calls the library and hands every number to the case with Want; when it
// returns, a numeric leaf of the case's "expect" that was neither compared nor
// set aside with Skip makes the case not matched, and so does an input that it
// neither read nor set aside with Unused. Nothing is matched by omission, and
// nothing that tells one data set from another stands in this package.
package reftest

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// Tol is the relative tolerance that holds unless a comparison names a looser
// one, with its reason beside it.
const Tol = 1e-9

// Handler compares one case. A panic or a returned error is a mismatch.
type Handler func(c *Case) error

var handlers = map[string]Handler{}

// Register sets the handler of a topic, or of all topics that begin alike
// where the name ends in "*". Two handlers for a topic panic.
func Register(topic string, h Handler) {
	if handlers[topic] != nil {
		panic("reftest: two handlers for topic " + topic)
	}
	handlers[topic] = h
}

// handler finds a topic's handler: its own, else the one with the longest
// beginning, where a topic "gee_trials" is one of "gee".
func handler(topic string) Handler {
	if h := handlers[topic]; h != nil {
		return h
	}
	for n := len(topic) - 1; n >= 0; n-- {
		if h := handlers[topic[:n]+"*"]; h != nil {
			return h
		}
		if topic[n] == '_' && handlers[topic[:n]] != nil {
			return handlers[topic[:n]]
		}
	}
	return nil
}

// Finding is an error of a reference: which, how large, and what the truth is.
type Finding struct {
	Code  string
	Topic string
	Text  string  // what is wrong with the reference and how the truth is known
	Bound float64 // the reference's stated error, relative (absolute below 1); 0 where every use checks what the reference computes instead
	None  bool    // the reference has no number: it divides by zero or stops with an error
}

// maxBound is the largest error a finding may state. Where a reference is
// further off than that it computes something else, and WantTruthBy checks
// that it does.
const maxBound = 1e-2

// findings is filled by Exceptions.
var findings = map[string]Finding{}

// Exceptions adds rows to the one table of references that are wrong or
// approximate.
func Exceptions(fs ...Finding) {
	for _, f := range fs {
		if !(f.Bound >= 0 && f.Bound <= maxBound) {
			panic("reftest: finding " + f.Code + " states no usable bound")
		}
		findings[f.Code] = f
	}
}

// BoundOf is the stated error of a finding, for a rule of its own.
func BoundOf(code string) float64 { return findings[code].Bound }

// Findings returns the table, by code.
func Findings() []Finding {
	var out []Finding
	for _, f := range findings {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Code < out[j].Code })
	return out
}

// Case is one reference case.
type Case struct {
	Topic  string                     `json:"-"`
	Dir    string                     `json:"-"` // folder of the topic's file
	ID     string                     `json:"id"`
	Input  map[string]json.RawMessage `json:"input"`
	Call   json.RawMessage            `json:"call"`
	Expect any                        `json:"expect"`
	Note   any                        `json:"note"`
	Extra  any                        `json:"extra"` // more results, at paths that begin "extra.": nothing misses them

	leaves     map[string]any // numeric, string "NaN"/"Inf" and null leaves by path
	seen       map[string]bool
	read       map[string]bool // inputs that the handler has read or set aside
	problems   []string
	unreadable error           // the case is not in the form of one
	unknown    []string        // wrong references that nothing explains
	used       map[string]bool // findings used
}

// Has reports whether the input has the key.
func (c *Case) Has(key string) bool { _, ok := c.Input[key]; return ok }

// In decodes an input into v; a missing key or a wrong type panics, which the
// runner reports as a mismatch of this case.
func (c *Case) In(key string, v any) {
	raw, ok := c.Input[key]
	if !ok {
		panic("no input " + key)
	}
	c.read[key] = true
	if err := json.Unmarshal(raw, v); err != nil {
		panic("input " + key + ": " + err.Error())
	}
}

// Unused sets inputs aside that say in words what others hold, or where they
// come from. An input that a handler neither reads nor sets aside makes the
// case not matched: what it asks for may be another analysis.
func (c *Case) Unused(keys ...string) {
	for _, k := range keys {
		c.read[k] = true
	}
}

// unread lists the inputs that nothing has read.
func (c *Case) unread() []string {
	var out []string
	for k := range c.Input {
		if !c.read[k] {
			out = append(out, k)
		}
	}
	sort.Strings(out)
	return out
}

// Floats returns a numeric input: an array, or a scalar as an array of one.
// null, "NaN", "Inf" and "-Inf" become NaN and infinities.
func (c *Case) Floats(key string) []float64 {
	var v any
	c.In(key, &v)
	xs, ok := v.([]any)
	if !ok {
		xs = []any{v}
	}
	out := make([]float64, len(xs))
	for i, x := range xs {
		f, ok := toFloat(x)
		if !ok {
			panic(fmt.Sprintf("input %s[%d] is not a number: %v", key, i, x))
		}
		out[i] = f
	}
	return out
}

// Matrix returns a numeric input given as an array of rows.
func (c *Case) Matrix(key string) [][]float64 {
	var raw [][]any
	c.In(key, &raw)
	out := make([][]float64, len(raw))
	for i, r := range raw {
		out[i] = make([]float64, len(r))
		for j, x := range r {
			out[i][j], _ = toFloat(x)
		}
	}
	return out
}

// Num returns a scalar numeric input (or the only element of an array).
func (c *Case) Num(key string) float64 {
	f := c.Floats(key)
	if len(f) != 1 {
		panic(fmt.Sprintf("input %s has %d values, want 1", key, len(f)))
	}
	return f[0]
}

// Int returns a whole-number input.
func (c *Case) Int(key string) int { return int(math.Round(c.Num(key))) }

// Str returns a string input, "" when absent.
func (c *Case) Str(key string) string {
	if !c.Has(key) {
		return ""
	}
	var s string
	c.In(key, &s)
	return s
}

// Strs returns an input of strings; numbers are formatted.
func (c *Case) Strs(key string) []string {
	var v []any
	c.In(key, &v)
	out := make([]string, len(v))
	for i, x := range v {
		out[i] = fmt.Sprint(x)
	}
	return out
}

// Paths returns the paths of all leaves of expect, sorted.
func (c *Case) Paths() []string {
	var out []string
	for p := range c.leaves {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// HasPath reports whether expect has the leaf.
func (c *Case) HasPath(path string) bool { _, ok := c.leaves[path]; return ok }

// Ref returns the reference value at a path ("conf.int.0" is the first element
// of conf.int; "" is a bare number), and whether it is there and numeric.
func (c *Case) Ref(path string) (float64, bool) {
	v, ok := c.leaves[path]
	if !ok {
		return 0, false
	}
	return toFloat(v)
}

// RefString returns a string leaf.
func (c *Case) RefString(path string) string {
	s, _ := c.leaves[path].(string)
	return s
}

// ExpectsError reports whether the peer refused this case.
func (c *Case) ExpectsError() bool { return c.HasPath("error") }

// Refused marks a case in which the peer or the reference has no answer and
// ours is the typed error err, or a defined answer documented at the function
// (why says which).
func (c *Case) Refused(err error, why string) {
	if err == nil && why == "" {
		c.problems = append(c.problems, "neither a typed error nor a documented answer")
	}
	for p := range c.leaves {
		c.seen[p] = true
	}
	for key := range c.Input { // what was asked of a test that there is none of
		c.read[key] = true
	}
}

// Want compares got with the leaf at path: relative tolerance Tol or tol[0];
// absolute below 1e-300 and, with tol[1], absolute tol[1] near zero.
func (c *Case) Want(path string, got float64, tol ...float64) {
	c.seen[path] = true
	ref, ok := c.Ref(path)
	if !ok {
		c.problems = append(c.problems, fmt.Sprintf("%q: reference has no number there", path))
		return
	}
	rel, abs := Tol, 1e-300
	if len(tol) > 0 {
		rel = tol[0]
	}
	if len(tol) > 1 {
		abs = tol[1]
	}
	if !Close(got, ref, rel, abs) {
		c.problems = append(c.problems, fmt.Sprintf("%q: got %.17g, reference %.17g (rel %.2g)", path, got, ref, relErr(got, ref)))
	}
}

// WantVec compares a vector with the array at path.
func (c *Case) WantVec(path string, got []float64, tol ...float64) {
	n := 0
	for p := range c.leaves {
		if path == "" && !strings.HasPrefix(p, extra) || path != "" && strings.HasPrefix(p, path+".") {
			n++
		}
	}
	if n != len(got) {
		c.problems = append(c.problems, fmt.Sprintf("%q: got %d values, reference %d", path, len(got), n))
		return
	}
	for i, g := range got {
		p := strconv.Itoa(i)
		if path != "" {
			p = path + "." + p
		}
		c.Want(p, g, tol...)
	}
}

// WantTruth is for a leaf where the reference is known to be wrong: got must
// meet the truth (a formula, quadrature, enumeration or another case, computed
// independently of got) at Tol, and the reference must be within the
// finding's stated bound of the truth.
func (c *Case) WantTruth(path string, got, truth float64, finding string) {
	c.WantTruthOn(path, got, truth, finding, nil)
}

// WantTruthOn is WantTruth where the finding's bound holds on another scale:
// the one on which the peer's search has its tolerance.
func (c *Case) WantTruthOn(path string, got, truth float64, finding string, scale func(float64) float64) {
	c.seen[path] = true
	f, ok := findings[finding]
	if !ok {
		c.problems = append(c.problems, "no finding "+finding)
		return
	}
	c.used[finding] = true
	if !Close(got, truth, Tol, 1e-12) {
		c.problems = append(c.problems, fmt.Sprintf("%q: got %.17g, truth %.17g", path, got, truth))
	}
	ref, ok := c.Ref(path)
	if !ok || math.IsNaN(ref) {
		if !f.None {
			c.problems = append(c.problems, fmt.Sprintf("%q: the reference has no number, which the finding %s does not explain", path, finding))
		}
		return
	}
	a, b := ref, truth
	if scale != nil {
		a, b = scale(ref), scale(truth)
	}
	if a != b && !(math.Abs(a-b) <= f.Bound*math.Max(1, math.Abs(b))) {
		c.problems = append(c.problems, fmt.Sprintf("%q: reference %.17g differs from truth %.17g by more than the finding %s allows", path, ref, truth, finding))
	}
}

// WantTruthWithin is WantTruth where the bound on the reference's error follows
// from the case's own data.
func (c *Case) WantTruthWithin(path string, got, truth float64, finding string, bound float64) {
	c.WantTruthBy(path, got, truth, finding, func(ref float64) bool {
		return Close(ref, truth, Tol, bound*math.Max(1, math.Abs(truth)))
	})
}

// WantTruthBy is WantTruth where the size of the reference's error depends on
// the case: holds says whether the reference is what the finding's cause
// produces, and takes the place of the stated bound. It sees NaN as well.
func (c *Case) WantTruthBy(path string, got, truth float64, finding string, holds func(ref float64) bool) {
	c.seen[path] = true
	if _, ok := findings[finding]; !ok {
		c.problems = append(c.problems, "no finding "+finding)
		return
	}
	c.used[finding] = true
	if !Close(got, truth, Tol, 1e-12) {
		c.problems = append(c.problems, fmt.Sprintf("%q: got %.17g, truth %.17g", path, got, truth))
	}
	f := findings[finding]
	if ref, ok := c.Ref(path); !ok && !f.None {
		c.problems = append(c.problems, fmt.Sprintf("%q: the reference has no number, which the finding %s does not explain", path, finding))
	} else if ok && !holds(ref) {
		c.problems = append(c.problems, fmt.Sprintf("%q: reference %.17g (truth %.17g) is not what the finding %s explains", path, ref, truth, finding))
	}
}

// Unexplained compares got with the truth where the reference is wrong by more
// than any finding bounds: the case counts as not matched and is named, but is
// no failure of the library's as long as got meets the truth.
func (c *Case) Unexplained(path string, got, truth float64, why string) {
	c.seen[path] = true
	if !Close(got, truth, Tol, 1e-12) {
		c.problems = append(c.problems, fmt.Sprintf("%q: got %.17g, truth %.17g", path, got, truth))
	}
	ref, _ := c.Ref(path)
	c.unknown = append(c.unknown, fmt.Sprintf("%q: reference %.17g, truth %.17g: %s", path, ref, truth, why))
}

// Is returns a rule for WantTruthBy: the reference is v, what the finding says
// it computes, at Tol or tol[0], or within tol[1] of it.
func Is(v float64, tol ...float64) func(ref float64) bool {
	rel, abs := Tol, 1e-12
	if len(tol) > 0 {
		rel = tol[0]
	}
	if len(tol) > 1 {
		abs = tol[1]
	}
	return func(ref float64) bool { return Close(ref, v, rel, abs) }
}

// Skip sets a leaf aside that holds no statistic of ours (a label, an input
// repeated, the peer's iteration count). A path ending in "." skips all below.
func (c *Case) Skip(paths ...string) {
	for _, path := range paths {
		for p := range c.leaves {
			if p == path || (strings.HasSuffix(path, ".") && strings.HasPrefix(p, path)) {
				c.seen[p] = true
			}
		}
	}
}

// Fail records a mismatch in words.
func (c *Case) Fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *Case) flatten(prefix string, v any) {
	join := func(k string) string {
		if prefix == "" {
			return k
		}
		return prefix + "." + k
	}
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			c.flatten(join(k), x)
		}
	case []any:
		for i, x := range v {
			c.flatten(join(strconv.Itoa(i)), x)
		}
	default:
		c.leaves[prefix] = v
	}
}

// extra begins the paths of a case's further results.
const extra = "extra."

// missed returns the numeric leaves that no comparison touched.
func (c *Case) missed() []string {
	var out []string
	for p, v := range c.leaves {
		if c.seen[p] || strings.HasPrefix(p, extra) {
			continue
		}
		if _, ok := toFloat(v); ok && v != nil {
			out = append(out, p)
		}
	}
	sort.Strings(out)
	return out
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case nil:
		return math.NaN(), true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		switch v {
		case "NaN":
			return math.NaN(), true
		case "Inf":
			return math.Inf(1), true
		case "-Inf":
			return math.Inf(-1), true
		}
	}
	return 0, false
}

// Close compares two numbers: equal, both NaN, or within rel·max or abs.
func Close(a, b, rel, abs float64) bool {
	if a == b || (math.IsNaN(a) && math.IsNaN(b)) {
		return true
	}
	if math.IsInf(a, 0) || math.IsInf(b, 0) || math.IsNaN(a) || math.IsNaN(b) {
		return false
	}
	d := math.Abs(a - b)
	return d <= abs || d <= rel*math.Max(math.Abs(a), math.Abs(b))
}

func relErr(a, b float64) float64 {
	return math.Abs(a-b) / math.Max(math.Abs(a), math.Abs(b))
}
