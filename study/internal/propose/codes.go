package propose

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trialkit/trialkit/study/text"
)

// code is a value that may stand for a missing one.
type code struct {
	value   string
	count   int
	columns []string
	low     float64 // of the other numbers
	high    float64
	word    bool
}

// looksMissing reports whether a number of a column is a usual code of a missing
// value that stands apart from the column's other numbers.
func (p *Proposal) looksMissing(f *facts, x float64) bool {
	if !isCode(x) {
		return false
	}
	low, high, n := math.Inf(1), math.Inf(-1), 0
	for s := range f.count {
		if y, _, ok := number(s); ok && !isCode(y) {
			low, high, n = min(low, y), max(high, y), n+1
		}
	}
	if n < 2 {
		return false
	}
	width := max(high-low, 1e-9)
	return x < 0 && low >= 0 || x > high+width || x < low-width
}

// isCode knows 9, 99, 999 …, the codes just below 99 and 999, 7, 8, 77, 88 …, and the
// same below 0.
func isCode(x float64) bool {
	if x != math.Trunc(x) || x == 0 || math.Abs(x) > 1e8 {
		return false
	}
	s := strings.TrimPrefix(short(x), "-")
	nines := strings.TrimLeft(s, "9") // 95 to 98 and 995 to 998 name reasons beside 99 and 999
	return nines == "" || len(s) > 1 && len(nines) == 1 && len(s) > len(nines) && nines >= "5" ||
		strings.Trim(s, "8") == "" || strings.Trim(s, "7") == "" || x < 0 && (s == "1" || s == "6" || s == "66")
}

// isDate reports whether a text is a date as the cells of sheets are written: 2024-04-03.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s[:min(len(s), len(time.DateOnly))])
	return err == nil
}

// findCodes gathers the values of used columns that may mean missing: they are
// asked, never taken.
func (p *Proposal) findCodes() {
	add := func(f *facts, s string, word bool, low, high float64) {
		i := slices.IndexFunc(p.codes, func(c code) bool { return c.value == s })
		if i < 0 {
			i = len(p.codes)
			p.codes = append(p.codes, code{value: s, word: word, low: low, high: high})
		}
		p.codes[i].count += f.count[s]
		p.codes[i].columns = append(p.codes[i].columns, f.Name)
	}
	for _, f := range p.facts {
		number_ := f.role == "outcome" || f.role == "events" || f.role == "covariate" && covariateKind(f.Name) == "number"
		if !number_ || f.Name == p.outcomeCol {
			continue
		}
		for _, s := range f.order {
			x, _, ok := number(s)
			switch {
			case !ok:
				add(f, s, true, 0, 0)
			case p.looksMissing(f, x):
				low, high := math.Inf(1), math.Inf(-1)
				for t := range f.count {
					if y, _, ok := number(t); ok && !p.looksMissing(f, y) {
						low, high = min(low, y), max(high, y)
					}
				}
				add(f, s, false, low, high)
			}
		}
	}
}

// sayLeft lists the columns that the protocol does not use, each with a reason.
func (p *Proposal) sayLeft() {
	for _, f := range p.facts {
		why := ""
		switch {
		case f.Name == "" && f.n == 0:
			continue
		case f.role == "personal":
			why = "propose-left-personal"
		case f.role == "no-name":
			why = "propose-left-name"
		case f.Name == p.rows, hasSuffix(f.Name, "_complete", "Complete?"), fold(f.Name) == "redcaprepeatinstance":
			why = "propose-left-form"
		case f.role == "same-visit", f.role == "same-arm", f.role == "same-outcome":
			why = "propose-left-same"
		case f.role != "":
			continue
		case f.n == 0 && p.repeating[f.Name] != nil:
			p.left = append(p.left, left{f.Name, phrase("propose-left-repeating", text.Args{"forms": text.List(p.repeating[f.Name], 4)})})
			continue
		case f.n == 0:
			why = "propose-left-empty"
		case len(f.order) == 1:
			why = "propose-left-constant"
		case hasToken(f.Name, derivedNames...) && f.numeric():
			why = "propose-left-derived"
		case f.numeric() && len(f.order) == 2:
			why = "propose-left-two"
		case f.numeric() && baselineName(f.Name):
			why = "propose-left-baseline"
		case p.layout == "long" && f.numeric() && p.isClock(f):
			why = "propose-left-clock"
		case p.layout == "long" && f.numeric():
			why = "propose-left-same-number"
		case f.numeric():
			why = "propose-left-number"
		case written(f.order):
			p.left = append(p.left, left{f.Name, phrase("propose-left-written", text.Args{"example": f.order[0]})})
			continue
		default:
			why = "propose-left-text"
		}
		p.left = append(p.left, left{f.Name, phrase(why, text.Args{"n": f.n, "values": len(f.order)})})
	}
}

// aroundNumber finds what is written around a number: its unit behind it, brackets in
// place of a minus sign, or a colon between minutes and seconds.
var aroundNumber = regexp.MustCompile(`^(\(?)[-−]?\d+(?:[.,]\d+)?(:\d\d)*(?:\s*([^\d\s].{0,7}))?$`)

// written is whether values are numbers that a reader of numbers does not take, nine in
// ten of them: all written with the same unit, some in brackets, or as minutes and seconds.
func written(values []string) bool {
	around, plain := map[string]int{}, 0
	for _, v := range values {
		m := aroundNumber.FindStringSubmatch(v)
		switch {
		case m == nil:
		case m[1] == "" && m[2] == "" && m[3] == "":
			plain++
		case m[2] != "":
			around[":"]++
		default:
			around[m[1]+m[3]]++
		}
	}
	most := 0
	for _, n := range around {
		most = max(most, n)
	}
	return most > 0 && 10*(most+plain) >= 9*len(values) && 2*most >= len(values)
}
