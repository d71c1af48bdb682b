package regress

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// Term is one term of a linear predictor: a numeric covariate, a category, or
// an interaction of those. It is made by Numeric, Category, Visit and
// Interaction, holds its data by reference, and is checked when a model is
// fitted.
type Term struct{ vars []variable }

// variable is a column of data: numeric, or a category with the reference
// level first.
type variable struct {
	name   string
	x      []float64 // numeric
	labels []string  // category
	levels []string  // levels[0] is the reference
	codes  []int
	err    *stats.SampleError
}

func (v *variable) category() bool { return v.labels != nil }

func (v *variable) len() int {
	if v.category() {
		return len(v.labels)
	}
	return len(v.x)
}

// Numeric is a term of one column: the values as they are. Models refuse values
// that are not finite, and with ErrDomain any beyond 1e75 and values that are
// all within 1e-75 of zero but not zero, whose squares leave the range of
// float64.
func Numeric(name string, values []float64) Term {
	return Term{vars: []variable{{name: name, x: values}}}
}

// Category is a term of one column per level but the reference. The reference
// "" is the first level in sorted order (by number where all labels are
// numbers, else as text). A reference that is not among the labels, and an
// empty label, are refused when a model is fitted.
func Category(name string, labels []string, reference string) Term {
	seen := map[string]bool{}
	var levels []string
	for _, l := range labels {
		if !seen[l] {
			seen[l] = true
			levels = append(levels, l)
		}
	}
	sortLevels(levels)
	v := variable{name: name, labels: labels, levels: levels}
	if labels == nil {
		v.labels = []string{}
	}
	if reference != "" {
		k := -1
		for i, l := range levels {
			if l == reference {
				k = i
			}
		}
		if k < 0 {
			v.err = &stats.SampleError{Arg: name, Index: -1, Err: stats.ErrDomain,
				Info: fmt.Sprintf("reference %q is not among the labels", reference)}
		} else {
			copy(levels[1:k+1], levels[:k])
			levels[0] = reference
		}
	}
	v.code()
	return Term{vars: []variable{v}}
}

// Visit is a category whose levels have a declared order (of time); the first
// is the reference. Labels outside the order are refused when a model is
// fitted; levels without data are left out.
func Visit(name string, labels, order []string) Term {
	seen := map[string]bool{}
	for _, l := range labels {
		seen[l] = true
	}
	v := variable{name: name, labels: labels}
	if labels == nil {
		v.labels = []string{}
	}
	for _, l := range order {
		if seen[l] {
			v.levels = append(v.levels, l)
		}
	}
	v.code()
	for i, c := range v.codes {
		if c < 0 {
			v.err = &stats.SampleError{Arg: name, Index: i, Err: stats.ErrDomain,
				Info: fmt.Sprintf("%q is not in the declared order", labels[i])}
			break
		}
	}
	return Term{vars: []variable{v}}
}

// Interaction is the product of terms, as a:b in a formula; it does not
// contain the terms themselves. A variable named twice counts once.
func Interaction(terms ...Term) Term {
	var t Term
	for _, u := range terms {
		for _, v := range u.vars {
			if t.find(v.name) < 0 {
				t.vars = append(t.vars, v)
			}
		}
	}
	return t
}

// Name is the term's name: "baseline", "arm", "arm:visit".
func (t Term) Name() string {
	if len(t.vars) == 0 {
		return "(Intercept)"
	}
	names := make([]string, len(t.vars))
	for i, v := range t.vars {
		names[i] = v.name
	}
	return strings.Join(names, ":")
}

func (t Term) find(name string) int {
	for i, v := range t.vars {
		if v.name == name {
			return i
		}
	}
	return -1
}

// contains reports whether every variable of u is in t.
func (t Term) contains(u Term) bool {
	for _, v := range u.vars {
		if t.find(v.name) < 0 {
			return false
		}
	}
	return true
}

func (v *variable) code() {
	index := map[string]int{}
	for i, l := range v.levels {
		index[l] = i
	}
	v.codes = make([]int, len(v.labels))
	for i, l := range v.labels {
		c, ok := index[l]
		if !ok {
			c = -1
		}
		v.codes[i] = c
	}
}

func sortLevels(levels []string) {
	nums := make(map[string]float64, len(levels))
	for _, l := range levels {
		f, err := strconv.ParseFloat(l, 64)
		if err != nil || math.IsNaN(f) {
			sort.Strings(levels)
			return
		}
		nums[l] = f
	}
	sort.SliceStable(levels, func(i, j int) bool {
		if nums[levels[i]] != nums[levels[j]] {
			return nums[levels[i]] < nums[levels[j]]
		}
		return levels[i] < levels[j]
	})
}

// coding is the way a category becomes columns.
type coding int

const (
	treatmentCoding coding = iota // indicator of each level but the reference
	sumCoding                     // the same, with −1 at the reference
)

// design is the model matrix of a list of terms.
type design struct {
	fn     string // function named in errors
	n      int
	terms  []Term // the intercept, where there is one, is a Term without variables
	names  []string
	cols   [][]float64
	assign []int // term of each column
}

// newDesign checks the terms against n rows and builds the columns.
//
// A category inside a term gives one column per level but the reference where
// the term without it is in the model too, else one per level, so that the
// model spans what its terms say (Chambers & Hastie 1992, section 2.4).
// Within an interaction the first variable's levels vary fastest, as in R.
func newDesign(fn string, n int, terms []Term, intercept bool) (*design, error) {
	d, err := checkedTerms(fn, n, terms, intercept)
	if err != nil {
		return nil, err
	}
	if err := d.build(); err != nil {
		return nil, err
	}
	return d, nil
}

// checkedTerms is newDesign before its columns are built.
func checkedTerms(fn string, n int, terms []Term, intercept bool) (*design, error) {
	d := &design{fn: fn, n: n}
	if intercept {
		d.terms = append(d.terms, Term{})
	}
	for _, t := range terms {
		if len(t.vars) == 0 {
			return nil, &stats.SampleError{Func: fn, Arg: "terms", Index: -1, Err: stats.ErrDomain, Info: "an empty term"}
		}
		for i := range t.vars {
			if err := t.vars[i].check(fn, n); err != nil {
				return nil, err
			}
		}
		for _, u := range d.terms {
			if len(u.vars) == len(t.vars) && u.contains(t) {
				return nil, &stats.SampleError{Func: fn, Arg: t.Name(), Index: -1, Err: stats.ErrSingular, Info: "term given twice"}
			}
		}
		d.terms = append(d.terms, t)
	}
	if len(d.terms) == 0 {
		return nil, &stats.SampleError{Func: fn, Arg: "terms", Index: -1, Err: stats.ErrTooFew, Info: "the model is empty"}
	}
	return d, nil
}

func (d *design) build() error {
	d.names, d.cols, d.assign = d.columns(treatmentCoding)
	for k, t := range d.terms {
		found := false
		for _, a := range d.assign {
			found = found || a == k
		}
		if !found {
			return &stats.SampleError{Func: d.fn, Arg: t.Name(), Index: -1, Err: stats.ErrSingular,
				Info: "aliased with the intercept: only one level"}
		}
	}
	return nil
}

func (v *variable) check(fn string, n int) error {
	if v.err != nil {
		e := *v.err
		e.Func = fn
		return &e
	}
	if v.len() != n {
		return &stats.SampleError{Func: fn, Arg: v.name, Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d values, %d outcomes", v.len(), n)}
	}
	if !v.category() {
		if err := check.Sample(fn, v.name, v.x, 0); err != nil {
			return err
		}
		return check.Scale(fn, v.name, v.x)
	}
	for i, l := range v.labels {
		if l == "" {
			return &stats.SampleError{Func: fn, Arg: v.name, Index: i, Err: stats.ErrDomain, Info: "empty label"}
		}
	}
	return nil
}

// full reports for each variable of term k whether it is coded with a column
// for every level.
func (d *design) full(k int) []bool {
	t := d.terms[k]
	out := make([]bool, len(t.vars))
	for i := range t.vars {
		if !t.vars[i].category() {
			continue
		}
		margin := false
		for _, u := range d.terms {
			if len(u.vars) == len(t.vars)-1 && t.contains(u) && u.find(t.vars[i].name) < 0 {
				margin = true
			}
		}
		// Without an intercept the first category takes its place.
		if !margin && len(t.vars) == 1 {
			for _, u := range d.terms[:k] {
				margin = margin || (len(u.vars) == 1 && u.vars[0].category())
			}
		}
		out[i] = !margin
	}
	return out
}

// cell is what a column multiplies: for each variable of its term the level
// (category) or −1 (numeric).
type cell []int

// cells lists the columns of term k.
func (d *design) cells(k int) []cell {
	t := d.terms[k]
	full := d.full(k)
	out := []cell{{}}
	for i := range t.vars {
		var choices []int
		if t.vars[i].category() {
			for l := range t.vars[i].levels {
				if l > 0 || full[i] {
					choices = append(choices, l)
				}
			}
		} else {
			choices = []int{-1}
		}
		var next []cell
		for _, c := range choices { // later variables vary slowest
			for _, prev := range out {
				next = append(next, append(append(cell{}, prev...), c))
			}
		}
		out = next
	}
	return out
}

// value is the element of a column in a row described by at: the level code or
// the number of the term's variables.
func (c cell) value(t Term, full []bool, code coding, at func(i int) (int, float64)) float64 {
	x := 1.0
	for i := range t.vars {
		l, num := at(i)
		switch {
		case c[i] < 0:
			x *= num
		case l == c[i]:
		case code == sumCoding && !full[i] && l == 0:
			x = -x
		default:
			return 0
		}
	}
	return x
}

func (d *design) columns(code coding) (names []string, cols [][]float64, assign []int) {
	for k, t := range d.terms {
		full := d.full(k)
		main := len(t.vars) == 1 && t.vars[0].category() && (code == treatmentCoding || full[0])
		first := len(cols)
		for _, c := range d.cells(k) {
			names = append(names, c.name(t))
			col := make([]float64, d.n)
			cols, assign = append(cols, col), append(assign, k)
			if main {
				continue
			}
			for i := range col {
				col[i] = c.value(t, full, code, func(k int) (int, float64) {
					v := &t.vars[k]
					if v.category() {
						return v.codes[i], 0
					}
					return 0, v.x[i]
				})
			}
		}
		if main { // a row at a time: there may be hundreds of columns
			if !full[0] {
				first-- // of the reference, which has none
			}
			for i, l := range t.vars[0].codes {
				if l > 0 || full[0] {
					cols[first+l][i] = 1
				}
			}
		}
	}
	return names, cols, assign
}

func (c cell) name(t Term) string {
	if len(t.vars) == 0 {
		return "(Intercept)"
	}
	parts := make([]string, len(t.vars))
	for i, v := range t.vars {
		parts[i] = v.name
		if c[i] >= 0 {
			parts[i] += v.levels[c[i]]
		}
	}
	return strings.Join(parts, ":")
}

// row is the design's row at the given levels and numbers.
func (d *design) row(at func(v *variable) (int, float64)) []float64 { return d.rows()(nil, at) }

// rows is row for many rows, each appended to out.
func (d *design) rows() func(out []float64, at func(v *variable) (int, float64)) []float64 {
	type columns struct {
		full  []bool
		cells []cell
	}
	terms := make([]columns, len(d.terms))
	for k := range d.terms {
		terms[k] = columns{d.full(k), d.cells(k)}
	}
	return func(out []float64, at func(v *variable) (int, float64)) []float64 {
		out = slices.Grow(out, len(d.cols))
		var levels []int
		var numbers []float64
		value := func(i int) (int, float64) { return levels[i], numbers[i] }
		for k, t := range d.terms {
			levels, numbers = levels[:0], numbers[:0]
			for i := range t.vars {
				l, x := at(&t.vars[i])
				levels, numbers = append(levels, l), append(numbers, x)
			}
			if len(t.vars) == 1 && t.vars[0].category() { // there may be hundreds
				for _, c := range terms[k].cells {
					x := 0.0
					if c[0] == levels[0] {
						x = 1
					}
					out = append(out, x)
				}
				continue
			}
			for _, c := range terms[k].cells {
				out = append(out, c.value(t, terms[k].full, treatmentCoding, value))
			}
		}
		return out
	}
}

// factor is the category of the most levels that is a term of its own: the first of its
// columns, its levels, of which the first has no column, and each row's level.
func (d *design) factor() (from, levels int, of []int) {
	for j, k := range d.assign {
		if t := d.terms[k]; (j == 0 || d.assign[j-1] != k) && len(t.vars) == 1 && len(t.vars[0].levels) > levels && !d.full(k)[0] {
			from, levels, of = j, len(t.vars[0].levels), t.vars[0].codes
		}
	}
	return from, levels, of
}

// variables lists the design's variables in order of first appearance.
func (d *design) variables() []*variable {
	var out []*variable
	seen := map[string]bool{}
	for k := range d.terms {
		for i := range d.terms[k].vars {
			v := &d.terms[k].vars[i]
			if !seen[v.name] {
				seen[v.name] = true
				out = append(out, v)
			}
		}
	}
	return out
}
