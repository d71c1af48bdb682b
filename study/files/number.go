package files

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// numeral is a field that looks like a number, taken apart: sign, the marks
// between its digits, and an exponent.
type numeral struct {
	negative bool
	digits   string // all digits of the mantissa
	marks    []mark
	exponent int
	hasExp   bool
}

// mark is a point, a comma, an apostrophe or a blank (' and ' ' whatever its
// form) and the count of digits before it.
type mark struct {
	sign byte
	at   int
}

// thousandMarks are the signs that separate thousands and nothing else:
// apostrophes as in Switzerland, blanks as in France, whatever their form.
var thousandMarks = map[rune]byte{'\'': '\'', '’': '\'', '‘': '\'', 'ʼ': '\'', '´': '\'', '`': '\'', '′': '\'', ' ': ' ', '\u00a0': ' ',
	'\u2002': ' ', '\u2003': ' ', '\u2004': ' ', '\u2005': ' ', '\u2006': ' ', '\u2007': ' ', '\u2008': ' ', '\u2009': ' ',
	'\u200a': ' ', '\u202f': ' ', '\u205f': ' '}

// readNumeral takes a field apart; false if it holds anything but a sign,
// digits, marks between them and a decimal exponent.
func readNumeral(s string) (n numeral, ok bool) {
	for _, minus := range []string{"-", "−", "–"} { // as typed and as typeset
		if strings.HasPrefix(s, minus) {
			n.negative, s = true, s[len(minus):]
			break
		}
	}
	if !n.negative {
		s = strings.TrimPrefix(s, "+")
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > 400 || e < -400 {
			return n, false
		}
		n.exponent, n.hasExp, s = e, true, s[:i]
	}
	plain := true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c == '.' || c == ',' || c == ' ' || c == '\'' || c == '`' || c >= 0x80:
			plain = false
		default:
			return n, false
		}
	}
	if plain {
		n.digits = s
		return n, s != ""
	}
	if len(s) > 1000 {
		return n, false
	}
	var buf [32]byte
	digits := buf[:0]
	for _, r := range s {
		switch sign, thousands := thousandMarks[r]; {
		case r == '.' || r == ',':
			n.marks = append(n.marks, mark{byte(r), len(digits)})
		case thousands:
			n.marks = append(n.marks, mark{sign, len(digits)})
		case r < 0x80:
			digits = append(digits, byte(r))
		default:
			return n, false
		}
	}
	n.digits = string(digits)
	return n, n.digits != ""
}

// IsNumeral reports whether a field looks like a number, in some reading.
func IsNumeral(s string) bool {
	_, ok := readNumeral(s)
	return ok
}

// grouping reports whether a mark separates thousands and nothing else.
func (m mark) grouping() bool { return m.sign == '\'' || m.sign == ' ' }

// simpleNumeral is a numeral as most are: a minus, up to 15 digits and at most
// one point or comma. It is read without the rest of this file, which takes
// several times as long.
type simpleNumeral struct {
	digits   int64
	decimals int
	sign     byte // the mark; 0 if there is none
	open     bool // the mark may separate thousands
}

// readSimple reads a simple numeral; false for other fields.
func readSimple(s string) (n simpleNumeral, ok bool) {
	start, mark := 0, -1
	if strings.HasPrefix(s, "-") {
		start = 1
	}
	for i := start; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n.digits = n.digits*10 + int64(c-'0')
		case (c == '.' || c == ',') && mark < 0:
			mark, n.sign = i, c
		default:
			return n, false
		}
		if i >= exactDigits {
			return n, false
		}
	}
	count := len(s) - start
	if mark >= 0 {
		count--
		n.decimals = len(s) - mark - 1
		n.open = n.decimals == 3 && mark-start >= 1 && mark-start <= 3 && s[start] != '0'
	}
	if start > 0 {
		n.digits = -n.digits
	}
	return n, count > 0
}

func (n simpleNumeral) value() Value {
	return Value{Number: float64(n.digits) / pow10[n.decimals], Decimals: n.decimals}
}

// thousands is the other reading of an open one.
func (n simpleNumeral) thousands() Value { return Value{Number: float64(n.digits)} }

// grouped reports whether the marks, all of one sign, can separate thousands:
// one to three digits (not 0 alone), then groups of three up to end.
func (n numeral) grouped(marks []mark, end int) bool {
	first := marks[0].at
	if n.hasExp || first < 1 || first > 3 || n.digits[0] == '0' {
		return false
	}
	for i, m := range marks {
		next := end
		if i+1 < len(marks) {
			next = marks[i+1].at
		}
		if next-m.at != 3 || m.sign != marks[0].sign {
			return false
		}
	}
	return true
}

// evidence says which decimal sign the numeral shows: '.' or ',' where only
// that reading exists, 0 where it shows none, '?' where both exist (1.250),
// and '!' where no reading does.
func (n numeral) evidence() byte {
	switch k := len(n.marks); {
	case k == 0:
		return 0
	case n.marks[0].grouping(): // 1'250 or 1 250,5
		rest, end := n.marks, len(n.digits)
		sign := byte(0)
		if last := n.marks[k-1]; !last.grouping() {
			rest, end, sign = n.marks[:k-1], last.at, last.sign
		}
		if !n.grouped(rest, end) {
			return '!'
		}
		return sign
	case k == 1:
		if n.grouped(n.marks, len(n.digits)) {
			return '?'
		}
		return n.marks[0].sign
	}
	last := n.marks[len(n.marks)-1]
	if n.grouped(n.marks, len(n.digits)) { // 1.250.000
		return other(last.sign)
	}
	if rest := n.marks[:len(n.marks)-1]; !last.grouping() && last.sign != rest[0].sign && n.grouped(rest, last.at) { // 1.250,5
		return last.sign
	}
	return '!'
}

// thousandsSign returns the sign, a point or a comma, that the numeral shows
// to separate thousands beyond doubt: beside the other sign (1.250,5) or twice
// (1.250.000); else 0.
func (n numeral) thousandsSign() byte {
	if len(n.marks) < 2 || n.marks[0].grouping() {
		return 0
	}
	return n.marks[0].sign
}

// other returns the other decimal sign.
func other(sign byte) byte {
	if sign == '.' {
		return ','
	}
	return '.'
}

// value reads the numeral with a decimal sign; the other sign may separate
// thousands. thousands reports that it does; false that it is not a number in
// this reading, or none that a float64 can hold.
func (n numeral) value(decimal byte) (v Value, thousands, ok bool) {
	point := len(n.digits)
	marks := n.marks
	if k := len(marks); k > 0 && marks[k-1].sign == decimal {
		point = marks[k-1].at
		marks = marks[:k-1]
	}
	if len(marks) > 0 {
		if marks[0].sign == decimal || !n.grouped(marks, point) {
			return Value{}, false, false
		}
		thousands = true
	}
	v, ok = makeValue(n.negative, n.digits, len(n.digits)-point-n.exponent)
	return v, thousands, ok
}

// makeValue is ±digits · 10^−decimals as a Value.
func makeValue(negative bool, digits string, decimals int) (Value, bool) {
	if decimals < 0 {
		digits += strings.Repeat("0", -decimals)
		decimals = 0
	}
	if len(digits) <= exactDigits && decimals < len(pow10) {
		// Both are exact in float64, so the division rounds once.
		var x int64
		for i := 0; i < len(digits); i++ {
			x = x*10 + int64(digits[i]-'0')
		}
		v := Value{Number: float64(x) / pow10[decimals], Decimals: decimals}
		if negative && x != 0 {
			v.Number = -v.Number
		}
		return v, true
	}
	if len(digits) <= decimals {
		digits = strings.Repeat("0", decimals-len(digits)+1) + digits
	}
	whole := strings.TrimLeft(digits[:len(digits)-decimals], "0")
	if whole == "" {
		whole = "0"
	}
	text := whole
	if decimals > 0 {
		text += "." + digits[len(digits)-decimals:]
	}
	zero := strings.Trim(text, "0.") == ""
	if negative && !zero {
		text = "-" + text
	}
	x, err := strconv.ParseFloat(text, 64)
	// A number too small for a float64 would silently become zero or lose its
	// digits.
	if err != nil || math.IsInf(x, 0) || !zero && math.Abs(x) < 0x1p-1022 {
		return Value{}, false
	}
	v := Value{Number: x + 0, Decimals: decimals}
	if significantDigits(text) > exactDigits || decimals >= len(pow10) {
		v.text = text
	}
	return v, true
}

// PlainDigits reports whether a field shows nothing about signs.
func PlainDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// plainNumber reads a number with a decimal point, as protocols write it.
func ParsePlain(s string) (Value, bool) {
	n, ok := readNumeral(s)
	if !ok {
		return Value{}, false
	}
	v, thousands, ok := n.value('.')
	return v, ok && !thousands
}

// IsWord reports whether a field that is no number is an answer in words,
// perhaps behind its number, and no date, unit, limit or error.
func IsWord(s string) bool {
	if strings.HasPrefix(s, "#") {
		return false
	}
	if notANumber(s).Code == "problem-number-missing" {
		return true
	}
	if inner, ok := strings.CutPrefix(s, "("); ok { // (1) a little
		s = inner
	}
	rest := strings.TrimLeft(s, "0123456789")
	mark := strings.TrimLeft(rest, " \t")
	if rest == s || mark == "" || looksLikeDate(s) {
		return false
	}
	switch mark {
	case "st", "nd", "rd", "th":
		return true
	}
	if !strings.ContainsRune("-–—:=.)(", []rune(mark)[0]) || mark[0] == '.' && strings.Trim(mark[1:2], "0123456789") == "" {
		return false // 39.7 pct
	}
	return strings.ContainsFunc(mark, unicode.IsLetter)
}

// AbsentWord reports whether a word is a common one for a missing value.
func AbsentWord(s string) bool {
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "nan", "inf", "infinity", "na", "n/a", "n.a.", "n.v.t.", "null", "none", ".", "-", "?", "missing", "not done":
		return true
	}
	return false
}
