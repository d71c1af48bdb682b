package study

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/text"
)

// delimiters are tried in this order; a pipe has to be stated.
var delimiters = []byte{',', ';', '\t'}

// findDelimiter returns the stated delimiter, or the one under which the first
// row holds most of the columns that the protocol names (then: most fields).
func findDelimiter(src string, offset, line int, stated string, wanted []string) byte {
	if stated != "" {
		return stated[0]
	}
	best, bestFound, bestFields := delimiters[0], -1, 0
	for _, d := range delimiters {
		t := parseTable("", src, offset, line, d, 1)
		if len(t.rows) == 0 {
			continue
		}
		have := map[string]bool{}
		for _, f := range t.rows[0].fields {
			have[f.text] = true
		}
		found := 0
		for _, w := range wanted {
			if have[w] {
				found++
			}
		}
		if found > bestFound || found == bestFound && len(t.rows[0].fields) > bestFields {
			best, bestFound, bestFields = d, found, len(t.rows[0].fields)
		}
	}
	return best
}

// separatorLine reads the line "sep=;" with which spreadsheets begin some
// files, and returns the delimiter, the offset and the line behind it.
func separatorLine(src string) (delimiter string, offset, line int) {
	if len(src) < 5 || !strings.EqualFold(src[:4], "sep=") {
		return "", 0, 1
	}
	rest := src[5:]
	switch {
	case strings.HasPrefix(rest, "\r\n"):
		offset = 7
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r"):
		offset = 6
	default:
		return "", 0, 1
	}
	switch src[4] {
	case ',', ';', '\t', '|':
		return src[4:5], offset, 2
	}
	return "", 0, 1
}

// decimalRule is how the file's numbers are read.
type decimalRule struct {
	// sign is '.' or ','; 0 where nothing decides it: then numbers without a
	// mark are read, and others refused as ambiguous.
	sign byte
	// thousands allows the other sign as separator of thousands. It needs a
	// decimal sign that was stated or shown, not one that is only usual.
	thousands bool
}

// findDecimal decides the decimal sign of all numbers of a file together: what
// is stated, else what the numbers that have only one reading show (12,5 or
// 0.125 or 1.250.000; the majority, should they disagree: the others are then
// reported as no numbers), else the point in a file with commas between
// fields, else nothing.
func findDecimal(stated string, delimiter byte, numbers func(yield func(string) bool)) decimalRule {
	if stated != "" {
		return decimalRule{stated[0], true}
	}
	points, commas := 0, 0
	for s := range numbers {
		n, ok := readNumeral(s)
		if !ok {
			continue
		}
		switch n.evidence() {
		case '.':
			points++
		case ',':
			commas++
		}
	}
	switch {
	case commas > points || commas == points && commas > 0 && delimiter == ';':
		return decimalRule{',', points == 0}
	case points > 0:
		return decimalRule{'.', commas == 0}
	case delimiter == ',':
		return decimalRule{'.', false}
	}
	return decimalRule{}
}

// numberFault says why a field was not read as a number: a message of the
// catalog, "" if it was.
type numberFault struct {
	code string
	args text.Args
}

func faulty(code string) numberFault { return numberFault{code, text.Args{}} }

// read reads a field as a number.
func (r decimalRule) read(s string) (v Value, thousands bool, fault numberFault) {
	n, ok := readNumeral(s)
	if !ok {
		return Value{}, false, notANumber(s)
	}
	e := n.evidence()
	if e == '?' && (r.sign == 0 || r.sign != n.marks[0].sign && !r.thousands) {
		whole, _, _ := n.value(other(n.marks[0].sign))
		part, _, _ := n.value(n.marks[0].sign)
		return Value{}, false, numberFault{"problem-number-ambiguous", text.Args{"read": fmt.Sprint(part.Number), "other": whole.Text()}}
	}
	sign := r.sign
	if sign == 0 {
		sign = '.' // no field with a mark gets here undecided
	}
	v, thousands, ok = n.value(sign)
	if thousands && !r.thousands {
		ok = false
	}
	if ok {
		return v, thousands, numberFault{}
	}
	if e == '.' || e == ',' {
		if e != sign {
			return Value{}, false, numberFault{"problem-number-sign", text.Args{"sign": text.Phrase{Code: signName(sign)}}}
		}
		return Value{}, false, faulty("problem-number-beyond")
	}
	return Value{}, false, notANumber(s)
}

// notANumber says what a field is that is not a number, as far as it shows.
func notANumber(s string) numberFault {
	missing := faulty("problem-number-missing")
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "nan", "inf", "infinity", "na", "n/a", "null", "none", ".":
		return missing
	}
	digits := strings.IndexAny(s, "0123456789")
	if _, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); errors.Is(err, strconv.ErrRange) {
		return faulty("problem-number-beyond")
	}
	switch {
	case digits < 0:
		return missing
	case looksLikeDate(s):
		return faulty("problem-number-date")
	case strings.ContainsAny(s[:1], "<>~≤≥") || strings.HasPrefix(s, "≤") || strings.HasPrefix(s, "≥"):
		return faulty("problem-number-limit")
	case digits == 0 && strings.TrimLeft(s, "0123456789.,") != s && startsWithUnit(strings.TrimLeft(s, "0123456789.,")):
		return faulty("problem-number-unit")
	case strings.ContainsFunc(s, unicode.IsSpace):
		return faulty("problem-number-space")
	}
	return faulty("problem-not-a-number")
}

// startsWithUnit reports whether what follows a number is a word or a sign such
// as %.
func startsWithUnit(rest string) bool {
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r) || strings.ContainsRune("%°*'’\"", r)
}

// looksLikeDate reports whether a field is digits and month names between
// hyphens, slashes or colons: 2024-01-05, 6-apr, 12:30.
func looksLikeDate(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-/:", r) })
	if len(parts) < 2 || len(parts) > 3 || strings.ContainsAny(s[:1], "-/:") {
		return false
	}
	words := 0
	for _, p := range parts {
		letters := strings.TrimRight(p, ".")
		switch {
		case strings.Trim(p, "0123456789") == "":
		case len(letters) >= 3 && len(letters) <= 9 && strings.IndexFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) }) < 0:
			words++
		default:
			return false
		}
	}
	return words == 1 || words == 0 && (len(parts) == 3 || strings.Contains(s, ":"))
}

func signName(sign byte) string {
	if sign == ',' {
		return "word-comma"
	}
	return "word-point"
}
