package workbook

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// trim cuts the blanks behind a text.
func trim(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }

// escaped reports whether a text may hold an escape.
func escaped(b []byte) bool { return bytes.Contains(b, []byte("_x")) }

// unescape replaces _xHHHH_, as workbooks write characters that XML has not,
// by the character of that number in UTF-16. _x005F_ is the sign _ of a text
// that looks like an escape.
func unescape(s string) string {
	i := strings.Index(s, "_x")
	if i < 0 {
		return s
	}
	var b strings.Builder
	for ; i >= 0; i = strings.Index(s, "_x") {
		b.WriteString(s[:i])
		s = s[i:]
		r, ok := escape(s)
		if !ok {
			b.WriteString("_x")
			s = s[2:]
			continue
		}
		s = s[len("_xHHHH_"):]
		if utf16.IsSurrogate(r) {
			low, ok := escape(s)
			if r = utf16.DecodeRune(r, low); ok && r != unicode.ReplacementChar {
				s = s[len("_xHHHH_"):]
			}
		}
		b.WriteRune(r)
	}
	b.WriteString(s)
	return b.String()
}

// escape reads the escape that s begins with.
func escape(s string) (rune, bool) {
	if len(s) < 7 || s[:2] != "_x" || s[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
