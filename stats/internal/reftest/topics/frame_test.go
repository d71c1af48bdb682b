package topics_test

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats/regress"
)

// formulaNames lists the response and variables of a formula.
func formulaNames(f *regress.Formula) []string {
	out := []string{f.Response}
	seen := map[string]bool{f.Response: true}
	for _, t := range f.Terms {
		for _, v := range t.Vars {
			if !seen[v.Name] {
				seen[v.Name] = true
				out = append(out, v.Name)
			}
		}
	}
	return out
}

// localeOrder is the order of R's usual locale, which looks at case last.
func localeOrder(a, b string) int {
	if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
		return c
	}
	return strings.Compare(b, a)
}

func firstLevel(labels []string) string { return slices.MinFunc(labels, localeOrder) }

var factorOf = regexp.MustCompile(`factor\(([\w.]+)\)`)

// coefNames returns R's names of coefficients with factor(x) written as x.
func coefNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = factorOf.ReplaceAllString(n, "$1")
	}
	return out
}

// frameFor makes a frame of a formula's variables: categories with the case's
// levels, and where it names none as R's coefficients show them: numeric where a coefficient has the bare name, else a category whose
// reference is the level without a coefficient.
func (t *dataTable) frameFor(names, coef []string) *regress.Frame {
	parts := map[string]bool{}
	for _, k := range coefNames(coef) {
		for _, p := range strings.Split(k, ":") {
			parts[p] = true
		}
	}
	f := &regress.Frame{}
	for i, n := range names {
		if t.levels[n] != nil {
			f.Visit(n, t.col(n), t.levels[n])
			continue
		}
		if i == 0 || parts[n] {
			f.Numeric(n, t.floats(n))
			continue
		}
		f.Category(n, t.col(n), t.referenceLevel(n, parts))
	}
	return f
}

func (t *dataTable) referenceLevel(name string, parts map[string]bool) string {
	var without []string
	for _, l := range t.col(name) {
		if !parts[name+l] {
			without = append(without, l)
		}
	}
	if len(without) == 0 { // every level has a coefficient: no intercept
		without = t.col(name)
	}
	return firstLevel(without)
}

var (
	callOf  = regexp.MustCompile(`(I|log|sqrt|exp)\(([^()]*)\)`)
	binary  = regexp.MustCompile(`^\s*([\w.]+)\s*(\^|\*|/|-|\+|==|>=|<=|>|<)\s*("[^"]*"|[\w.]+)\s*$`)
	notName = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// transformed adds a column for every transformation that the formula applies
// to a variable, as log(x), I(x^2) or I(y == "good"), names it in the formula,
// and returns what R calls each.
func (t *dataTable) transformed(formula string) (out *dataTable, text string, rName map[string]string) {
	out, rName = &dataTable{names: slices.Clone(t.names), levels: t.levels}, map[string]string{}
	for _, r := range t.rows {
		out.rows = append(out.rows, slices.Clone(r))
	}
	text = callOf.ReplaceAllStringFunc(formula, func(s string) string {
		name := "f." + strings.Trim(notName.ReplaceAllString(s, "."), ".")
		if _, ok := rName[name]; ok {
			return name
		}
		rName[name] = s
		m := callOf.FindStringSubmatch(s)
		out.names = append(out.names, name)
		for i, r := range t.rows {
			out.rows[i] = append(out.rows[i], t.evaluate(m[1], m[2], r))
		}
		return name
	})
	return out, text, rName
}

// evaluate is one transformation of one row; "" where a variable is missing.
func (t *dataTable) evaluate(fn, arg string, row []string) string {
	value := func(s string) string {
		for i, n := range t.names {
			if n == s {
				return row[i]
			}
		}
		return strings.Trim(s, `"`)
	}
	num := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic("cannot evaluate " + fn + "(" + arg + ")")
		}
		return v
	}
	text := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	m := binary.FindStringSubmatch(arg)
	if m == nil {
		m = []string{"", strings.TrimSpace(arg), "+", "0"}
	}
	a, b := value(m[1]), value(m[3])
	if missing(a) || missing(b) {
		return ""
	}
	truth := func(ok bool) string {
		if ok {
			return "1"
		}
		return "0"
	}
	if m[2] == "==" {
		return truth(a == b)
	}
	x, y := num(a), num(b)
	switch m[2] {
	case ">":
		return truth(x > y)
	case "<":
		return truth(x < y)
	case ">=":
		return truth(x >= y)
	case "<=":
		return truth(x <= y)
	case "^":
		x = math.Pow(x, y)
	case "*":
		x *= y
	case "/":
		x /= y
	case "-":
		x -= y
	case "+":
		x += y
	}
	switch fn {
	case "log":
		x = math.Log(x)
	case "sqrt":
		x = math.Sqrt(x)
	case "exp":
		x = math.Exp(x)
	}
	return text(x)
}

// frame makes a frame of the columns: categories with the case's levels,
// numeric where every value is a number.
func (t *dataTable) frame(names ...string) *regress.Frame {
	f := &regress.Frame{}
	for _, n := range names {
		switch {
		case t.levels[n] != nil:
			f.Visit(n, t.col(n), t.levels[n])
		case t.numeric(n):
			f.Numeric(n, t.floats(n))
		default:
			f.Category(n, t.col(n), firstLevel(t.col(n)))
		}
	}
	return f
}

// middle says how emmeans takes numeric variables of two values: as categories,
// so at the middle of the two, where the library takes the mean.
type middle struct {
	names  []string // of the columns
	factor map[string]float64
}

func newMiddle(names []string, t *dataTable, vars []string) middle {
	m := middle{names, map[string]float64{}}
	for _, n := range vars {
		if !slices.Contains(names, n) || t.levels[n] != nil {
			continue
		}
		x := t.floats(n)
		lo, hi, mean, two := slices.Min(x), slices.Max(x), 0.0, true
		for _, v := range x {
			mean += v / float64(len(x))
			two = two && (v == lo || v == hi)
		}
		if two && lo < hi && mean != 0 {
			m.factor[n] = (lo + hi) / 2 / mean
		}
	}
	return m
}

// newGrid says where emmeans takes transformed variables: at the transformation
// of the variables' means.
func newGrid(names []string, t *dataTable, rName map[string]string) middle {
	m := middle{names, map[string]float64{}}
	row := make([]string, len(t.names))
	mean := func(n string) float64 {
		s := 0.0
		for _, v := range t.floats(n) {
			s += v / float64(len(t.rows))
		}
		return s
	}
	for i, n := range t.names {
		row[i] = t.rows[0][i]
		if t.numeric(n) {
			row[i] = strconv.FormatFloat(mean(n), 'g', -1, 64)
		}
	}
	for n, r := range rName {
		f := callOf.FindStringSubmatch(r)
		if !slices.Contains(names, n) || f == nil || !t.numeric(n) {
			continue
		}
		at, err := strconv.ParseFloat(t.evaluate(f[1], f[2], row), 64)
		if err != nil {
			panic(err)
		}
		m.factor[n] = at / mean(n)
	}
	return m
}

// row moves a least squares mean from the means of such variables to the
// middle.
func (m middle) row(row []float64) []float64 {
	out := slices.Clone(row)
	for i, n := range m.names {
		for _, p := range strings.Split(n, ":") {
			if f, ok := m.factor[p]; ok {
				out[i] *= f
			}
		}
	}
	return out
}
