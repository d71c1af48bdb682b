package page

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A click on a number selects it whole, sign and all, as a double click selects
// a word: browsers break words at a minus, and a number copied without its sign
// says the opposite.

// prose escapes a text; its numbers with a sign can be selected whole.
func prose(s string) string { return markNumbers(s, true) }

// numbers escapes a cell of a column of numbers; each can be selected whole.
func numbers(s string) string { return markNumbers(s, false) }

func markNumbers(s string, signedOnly bool) string {
	if signedOnly && !strings.ContainsRune(s, '−') || !strings.ContainsAny(s, "0123456789") {
		return escapeHTML(s)
	}
	var b strings.Builder
	b.Grow(len(s) + 64)
	last, written := rune(' '), 0
	for i := 0; i < len(s); {
		n := 0
		if !unicode.IsLetter(last) && !unicode.IsDigit(last) && !strings.ContainsRune(".,-/:_", last) {
			n = numberLength(s[i:])
		}
		if n == 0 || signedOnly && !strings.HasPrefix(s[i:], "−") {
			r, size := utf8.DecodeRuneInString(s[i:])
			last = r
			i += size
			continue
		}
		b.WriteString(escapeHTML(s[written:i]) + `<span class="n">` + escapeHTML(s[i:i+n]) + "</span>")
		i += n
		written, last = i, '0'
	}
	b.WriteString(escapeHTML(s[written:]))
	return b.String()
}

// numberLength is how many bytes at the beginning of s are a number: a sign,
// digits with points or commas between them, and a sign of percent or, as in 3/5,
// of how many; 0 where it begins with none, or with a word or a date that begins
// with digits.
func numberLength(s string) int {
	i := 0
	if strings.HasPrefix(s, "−") {
		i = len("−")
	}
	start := i
	for i < len(s) {
		if isDigit(s[i]) || i > start && (s[i] == '.' || s[i] == ',') && i+1 < len(s) && isDigit(s[i+1]) {
			i++
			continue
		}
		break
	}
	if i == start {
		return 0
	}
	switch {
	case strings.HasPrefix(s[i:], "%"):
		i++
	case i+1 < len(s) && s[i] == '/' && isDigit(s[i+1]):
		for i++; i < len(s) && isDigit(s[i]); i++ {
		}
	}
	next, _ := utf8.DecodeRuneInString(s[i:])
	if i < len(s) && (unicode.IsLetter(next) || strings.ContainsRune("-/:_", next)) {
		return 0
	}
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
