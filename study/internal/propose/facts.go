package propose

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/files"
)

// facts are what the cells of a column show.
type facts struct {
	*Column
	role     string
	n        int // cells with a value
	numbers  int // of them numerals, but for codes that the file declares missing
	count    map[string]int
	order    []string // distinct values, as they first stand
	low      float64
	high     float64
	decimals int // most digits behind the decimal sign
	long     bool
}

func newFacts(c *Column) *facts {
	f := &facts{Column: c, count: map[string]int{}, low: math.Inf(1), high: math.Inf(-1)}
	for _, s := range c.Cells {
		if s == "" || slices.Contains(c.Missing, s) {
			continue
		}
		f.n++
		if f.count[s]++; f.count[s] == 1 {
			f.order = append(f.order, s)
		}
		if x, digits, ok := number(s); ok {
			f.numbers++
			f.low, f.high, f.decimals = min(f.low, x), max(f.high, x), max(f.decimals, digits)
		}
		f.long = f.long || len(s) > 60
	}
	return f
}

// number reads a cell as a number with either decimal sign, and counts its
// decimals. It serves guesses alone; Load has the rules.
func number(s string) (x float64, decimals int, ok bool) {
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	v, ok := files.ParsePlain(s)
	if !ok {
		return 0, 0, false
	}
	if i := strings.IndexByte(s, '.'); i >= 0 {
		decimals = len(s) - i - 1
	}
	return v.Number, decimals, true
}

// hasTwoReadings reports whether a numeral is one thousand or a fraction: 1.250.
func hasTwoReadings(s string) bool {
	_, _, fault := (&files.Signs{}).Read(s)
	return fault.Code == "problem-number-ambiguous"
}

// words are the values that are no numerals, as they first stand.
func (f *facts) words() []string {
	var out []string
	for _, s := range f.order {
		if _, _, ok := number(s); !ok {
			out = append(out, s)
		}
	}
	return out
}

// numeric reports whether the column holds numbers: its words, if any, may all stand
// for a missing value, or are so few that they must be a code, a slip or a value below
// what can be measured (<5); which of them they are is asked.
func (f *facts) numeric() bool {
	if f.numbers == 0 || len(f.Labels) > 0 && len(f.order) <= 10 && f.labeled() {
		return false
	}
	if f.numbers >= 6 && f.numbers*4 >= f.n*3 {
		return true
	}
	for _, w := range f.words() {
		if !files.AbsentWord(w) && !isErrorWord(w) {
			return false
		}
	}
	return true
}

// isErrorWord knows the errors of workbooks and the codes of a data system, which
// are no answers.
func isErrorWord(w string) bool {
	return strings.HasPrefix(w, "#") || strings.HasPrefix(w, "##USER_MISSING") || w == "."
}

// labeled reports whether the file has a word for every value but one or none:
// then they are answers, and no amounts.
func (f *facts) labeled() bool {
	without := 0
	for _, s := range f.order {
		if f.word(s) == "" {
			without++
		}
	}
	return without == 0
}

// word is the file's label of a value, "" if it has none.
func (f *facts) word(value string) string {
	for _, l := range f.Labels {
		if l.Value == value {
			return l.Word
		}
	}
	return ""
}

// whole reports whether all numbers are whole.
func (f *facts) whole() bool {
	for s := range f.count {
		if x, _, ok := number(s); ok && x != math.Trunc(x) {
			return false
		}
	}
	return true
}

// constantWithin reports whether each of the groups holds one value of the column;
// without: some group has none.
func (f *facts) constantWithin(groups []string) (constant, without bool) {
	value := map[string]string{}
	seen := map[string]bool{}
	for i, s := range f.Cells {
		g := groups[i]
		seen[g] = true
		if s == "" {
			continue
		}
		if v, ok := value[g]; ok && v != s {
			return false, false
		}
		value[g] = s
	}
	return true, len(value) < len(seen)
}

// sortedValues are the distinct values, numbers by size and before words.
func (f *facts) sortedValues() []string {
	out := slices.Clone(f.order)
	slices.SortStableFunc(out, func(a, b string) int {
		x, _, okA := number(a)
		y, _, okB := number(b)
		switch {
		case okA && okB:
			return cmp.Compare(x, y)
		case okA:
			return -1
		case okB:
			return 1
		}
		return 0
	})
	return out
}

// seen rounds a value of the file for a comment: five digits tell its size.
func seen(x float64) float64 {
	if math.IsInf(x, 0) {
		return 0
	}
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 5, 64), 64)
	return y
}

func short(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
