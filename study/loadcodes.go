package study

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/study/files"
)

// A column of numbers for which no range is declared may hold codes of missing
// values (999, −99, 88) that nobody declared. Such a value is never taken as
// missing; a note names it if it is a numeral that is used as a code and stands
// apart from the column's other values:
//
//   - Codes are 7, 8, 9, 77, 88, 99, 96 to 98, any longer run of one of 6, 7,
//     8, 9 or of nines that ends in 5 to 8 (999, 8888, 997), with a decimal sign
//     too if it has three digits and is nines alone (99.9); each of them, −1 to
//     −6, −66 and −111, −222 … with a minus; and the smallest and largest numbers
//     of 16 and 32 bits.
//   - The others are the values that are no codes, and the codes that do not
//     stand apart from them, nearest first. They run from low to high, a width
//     w, with a largest step s between neighbors. There must be five, or three
//     for a code of three digits or more or a negative one.
//   - A code stands apart if its distance from the nearest of the others is at
//     least w (w/2 with a minus and two digits or more) and 3s: 99 among ages of 40
//     to 78 does not, 999 and 99 among 20 to 45 do. Where no other value is negative, −66 and lower codes always do,
//     and −1 to −9 if the distance is above s and at least w/3 (−1 to
//     −6: w/2). The digits 7, 8 and 9 alone need others that are whole numbers, and
//     to be there three times or among ten others or more, none below 1: counts
//     have their real 9.

// codeDigits returns the digits of a numeral that is used as a code of missing
// values, "" for other numbers.
func codeDigits(x float64) string {
	// Nearly all numbers are none, which their last whole digit tells.
	whole, part := math.Modf(math.Abs(x))
	switch last := lastDigit(whole); {
	case part != 0 && last != 9, part == 0 && last < 5 && x >= 0:
		return ""
	}
	if part == 0 && whole > 9 && whole < 96 && int(whole)%11 != 0 {
		return "" // ages
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', -1, 64)
	switch x {
	case math.MaxInt16, math.MinInt16, math.MaxInt32, math.MinInt32:
		return s
	}
	if whole, part, ok := strings.Cut(s, "."); ok {
		if s = whole + part; len(s) < 3 || strings.Trim(s, "9") != "" {
			return ""
		}
		return s
	}
	same := strings.Trim(s, s[:1]) == ""
	switch {
	case len(s) == 1:
		if s >= "7" || x < 0 {
			return s
		}
	case len(s) == 2:
		if same && (s >= "77" || s == "66" && x < 0) || s >= "96" {
			return s
		}
	case same && (x < 0 || s[0] >= '6'), strings.Trim(s[:len(s)-1], "9") == "" && s[len(s)-1] >= '5':
		return s
	}
	return ""
}

// lastDigit is the last one of a whole number.
func lastDigit(whole float64) float64 {
	if whole < 1<<53 {
		return float64(int64(whole) % 10)
	}
	return math.Mod(whole, 10)
}

// others are the values of a column that are no codes, as far as the question
// goes whether a code stands apart from them.
type others struct {
	n        int
	low      float64
	high     float64
	step     float64
	integers bool
}

func newOthers(sorted []float64) others {
	o := others{n: len(sorted), integers: true}
	if o.n == 0 {
		return o
	}
	o.low, o.high = sorted[0], sorted[o.n-1]
	for i, x := range sorted {
		o.integers = o.integers && x == math.Trunc(x)
		if i > 0 {
			o.step = max(o.step, x-sorted[i-1])
		}
	}
	return o
}

// distance of a value outside low to high.
func (o others) distance(x float64) float64 { return max(o.low-x, x-o.high, 0) }

// apart reports whether a code that is n times in the column stands apart.
func (o others) apart(x float64, digits string, n int) bool {
	least := 5
	if len(digits) > 2 || x < 0 && len(digits) > 1 {
		least = 3
	}
	d, w := o.distance(x), o.high-o.low
	if o.n < least || d == 0 {
		return false
	}
	if x < 0 && o.low >= 0 {
		switch {
		case len(digits) > 1 && x <= -66:
			return true
		case len(digits) == 1 && d > o.step && (d >= w/2 || x < -6 && d >= w/3):
			return true
		}
	}
	if x > 0 && len(digits) == 1 && !(o.integers && w > 0 && (n >= 3 || o.low >= 1 && o.n >= 10)) {
		return false
	}
	if x < 0 && len(digits) > 1 {
		w /= 2 // as a number it is rare
	}
	return d >= w && d >= 3*o.step
}

// undeclaredCodes returns the values of a column that look like codes of
// missing values, in order, and the smallest and largest of the others.
func undeclaredCodes(values []float64) (codes []float64, low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	count := map[float64]int{}
	for _, x := range values {
		if codeDigits(x) != "" {
			count[x]++
		} else {
			low, high = min(low, x), max(high, x)
		}
	}
	apart := false
	for x := range count {
		apart = apart || x < low || x > high
	}
	if !apart {
		return nil, low, high // nearly always
	}
	var rest []float64
	for _, x := range values {
		if codeDigits(x) == "" {
			rest = append(rest, x)
		}
	}
	slices.Sort(rest)
	if len(rest) < 3 { // a column of 7, 8 and 9 has no codes to tell apart
		for x, n := range count {
			if len(codeDigits(x)) == 1 {
				rest = append(rest, slices.Repeat([]float64{x}, n)...)
				delete(count, x)
			}
		}
		slices.Sort(rest)
	}
	o := newOthers(rest)
	near := make([]float64, 0, len(count))
	for x := range count {
		near = append(near, x)
	}
	slices.SortFunc(near, func(a, b float64) int { return cmp.Or(cmp.Compare(o.distance(a), o.distance(b)), cmp.Compare(a, b)) })
	for _, x := range near {
		if o.n > 0 && o.apart(x, codeDigits(x), count[x]) {
			codes = append(codes, x)
			continue
		}
		if o.n == 0 {
			o.low, o.high = x, x
		}
		// It belongs to the others; a step across to it is one of theirs.
		o.step = max(o.step, o.distance(x))
		o.low, o.high, o.n = min(o.low, x), max(o.high, x), o.n+count[x]
	}
	slices.Sort(codes)
	return codes, o.low, o.high
}

// numberCounts counts different numbers in a table of a power of two places, half of
// them empty: a map takes three times as long.
type numberCounts struct {
	number []float64
	n      []int
	used   int
}

func newNumberCounts(places int) numberCounts {
	return numberCounts{make([]float64, places), make([]int, places), 0}
}

func (c *numberCounts) add(x float64, n int) {
	h := math.Float64bits(x + 0) // −0 is 0
	h = (h ^ h>>32) * 0x9e3779b97f4a7c15
	i := int(h>>32) & (len(c.n) - 1)
	for c.n[i] > 0 && c.number[i] != x {
		i = (i + 1) & (len(c.n) - 1)
	}
	if c.n[i] == 0 {
		c.used++
	}
	if c.number[i], c.n[i] = x+0, c.n[i]+n; 2*c.used < len(c.n) {
		return
	}
	more := newNumberCounts(4 * len(c.n))
	for i, n := range c.n {
		if n > 0 {
			more.add(c.number[i], n)
		}
	}
	*c = more
}

// undeclaredLevels returns the categories that look like codes of missing
// values: numerals apart from the other categories, which are whole numbers
// too. A 7 or 8 may number a category.
func undeclaredLevels(levels []string) []string {
	var rest []float64
	codes := map[float64]string{}
	for _, s := range levels {
		v, ok := files.ParsePlain(s)
		if !ok || v.Number != math.Trunc(v.Number) {
			return nil
		}
		if x := v.Number; codeDigits(x) != "" && x != 7 && x != 8 {
			codes[x] = s
		} else {
			rest = append(rest, x)
		}
	}
	if len(rest) < 2 {
		return nil
	}
	slices.Sort(rest)
	o := newOthers(rest)
	var out []string
	for x, s := range codes {
		if d := o.distance(x); d > 0 && (x < 0 && o.low >= 0 || d >= o.high-o.low && d >= 3*o.step) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

// codeNotes name the values of covariates, and of outcomes without a range,
// that look like codes of missing values and were used.
func (l *loader) codeNotes() []Note {
	var out []Note
	excluded := sync.OnceValue(func() map[int]bool {
		lines := map[int]bool{}
		for _, e := range l.ds.accounting.Excluded {
			lines[e.Line] = e.Reason != "row-no-value"
		}
		return lines
	})
	for i, v := range l.p.Data.Covariates {
		if c := l.where.covariates[i]; v.Kind == Category {
			levels := map[string]bool{}
			for _, q := range l.people {
				if s, ok := q.Categories[v.ID]; ok {
					levels[s] = true
				}
			}
			for _, s := range undeclaredLevels(sortedKeys(levels)) {
				out = append(out, l.codePlaces("undeclared-code-category", map[string]any{"variable": v.ID, "value": s},
					[]int{c}, excluded, func(r files.Row, c int) bool { return r.Text(c) == s }))
			}
		} else if !v.HasRange() {
			values := make([]float64, 0, len(l.people))
			for _, q := range l.people {
				if x, ok := q.covariate(i).value(l.varying[i].count > 0); ok {
					values = append(values, x.number)
				}
			}
			out = append(out, l.codesOf(v.ID, []int{c}, -1, values, excluded)...)
		}
	}
	if c := l.where.events; c >= 0 {
		var values []float64
		for _, q := range l.people {
			if q.EventsRecorded {
				values = append(values, float64(q.AdverseEvents))
			}
		}
		codes, _, _ := undeclaredCodes(values)
		for _, x := range codes {
			out = append(out, l.codePlaces("undeclared-code-events", map[string]any{"value": x}, []int{c}, excluded, func(r files.Row, c int) bool {
				n, ok := countEvents(r.Text(c))
				return ok && float64(n) == x
			}))
		}
	}
	for i, o := range l.p.Outcomes {
		if o.HasRange() {
			continue
		}
		var values []float64
		var columns []int
		for _, q := range l.people {
			for visit := -1; visit < len(l.p.Visits); visit++ {
				if c := q.cells[slotOf(i, visit, len(l.p.Visits))]; c.ok {
					values = append(values, c.Number)
				}
			}
		}
		for _, c := range slices.Concat(l.where.cells, l.where.baselines) {
			if c.outcome == i {
				columns = append(columns, c.column)
			}
		}
		if l.where.value >= 0 {
			columns = append(columns, l.where.value)
		}
		out = append(out, l.codesOf(o.ID, columns, i, values, excluded)...)
	}
	return out
}

// codesOf writes the notes of one variable; outcome is −1 for a covariate.
func (l *loader) codesOf(variable string, columns []int, outcome int, values []float64, excluded func() map[int]bool) []Note {
	codes, low, high := undeclaredCodes(values)
	var out []Note
	for _, x := range codes {
		args := map[string]any{"variable": variable, "value": x, "low": low, "high": high}
		if outcome >= 0 {
			args["outcome"] = variable
		}
		out = append(out, l.codePlaces("undeclared-code", args, columns, excluded, func(r files.Row, c int) bool {
			if c == l.where.value && outcome >= 0 {
				if i, ok := l.outcomeOf(r.Text(l.where.outcome)); !ok || i != outcome {
					return false
				}
			}
			if outcome >= 0 {
				if v, ok := l.values[outcome].words[r.Text(c)]; ok {
					return v.Number == x
				}
			}
			v, _, fault := l.readNumber(r, c, r.Text(c))
			return fault.Code == "" && v.Number == x
		}))
	}
	return out
}

// codePlaces completes a note with the count, the columns and the first lines
// of a value.
func (l *loader) codePlaces(code string, args map[string]any, columns []int, excluded func() map[int]bool, is func(r files.Row, column int) bool) Note {
	count, unused := 0, excluded()
	var names, lines []string
	seen := map[[2]int]bool{} // of files that were joined, a row may be in several
	for r := range l.t.All() {
		if unused[r.Line()] {
			continue
		}
		for _, c := range columns {
			if !r.Has(c) || !is(r, c) {
				continue
			}
			if at := [2]int{c, r.LineOf(c)}; len(l.t.Parts()) > 1 {
				if seen[at] {
					continue
				}
				seen[at] = true
			}
			if name := l.t.Columns[c].Name; !slices.Contains(names, name) {
				names = append(names, name)
			}
			if line := strconv.Itoa(r.LineOf(c)); count < 5 {
				lines = append(lines, line)
			}
			count++
		}
	}
	if count > len(lines) {
		lines = append(lines, "…")
	}
	slices.Sort(names)
	args["count"], args["columns"], args["lines"] = count, strings.Join(names, ", "), strings.Join(slices.Compact(lines), ", ")
	return Note{Code: code, Args: args}
}
