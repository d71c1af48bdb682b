package datasetjson

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// MaxDepth is how deep lists and objects may stand in each other; MaxText is the
// longest text, in bytes.
const (
	MaxDepth = 100
	MaxText  = 1 << 20
)

// scanner walks through a text in JSON (RFC 8259), strictly: what is no JSON is a
// fault with its line. The first fault stays, and every loop asks for it.
type scanner struct {
	src   string
	at    int
	depth int
	fault *sheet.Fault
	// decoded are the texts with escapes, one behind the other.
	decoded strings.Builder
}

// fail ends the walk at a byte of the text.
func (s *scanner) fail(at int, code string, args text.Args) {
	if s.fault != nil {
		return
	}
	before := s.src[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	s.fault = &sheet.Fault{Code: code, Args: args, Row: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(before[start:])}
}

// expected says that a sign is missing.
func (s *scanner) expected(sign string) { s.fail(s.at, "file-json-expected", text.Args{"sign": sign}) }

// cut says that the text ends too early.
func (s *scanner) cut() { s.fail(len(s.src), "file-json-cut", nil) }

// peek goes over blanks and returns the byte that follows; 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.src) {
		switch c := s.src[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// next is peek where something must follow: 0 behind a fault.
func (s *scanner) next() byte {
	if s.fault != nil {
		return 0
	}
	c := s.peek()
	if c == 0 && s.at == len(s.src) {
		s.cut()
	}
	return c
}

// members walks through an object: f reads the value of each member.
func (s *scanner) members(f func(name string)) {
	if !s.enter('{') {
		return
	}
	for s.next() != '}' {
		if s.next() != '"' {
			s.expected(`"`)
			return
		}
		name := s.text()
		if s.next() != ':' {
			s.expected(":")
			return
		}
		s.at++
		if f(name); s.fault != nil || !s.goesOn('}') {
			return
		}
	}
	s.leave()
}

// elements walks through a list: f reads each element.
func (s *scanner) elements(f func()) {
	if !s.enter('[') {
		return
	}
	for s.next() != ']' {
		if f(); s.fault != nil || !s.goesOn(']') {
			return
		}
	}
	s.leave()
}

func (s *scanner) enter(sign byte) bool {
	if s.next() != sign {
		s.expected(string(rune(sign)))
		return false
	}
	s.at++
	if s.depth++; s.depth > MaxDepth {
		s.fail(s.at-1, "file-json-deep", text.Args{"limit": MaxDepth})
	}
	return s.fault == nil
}

func (s *scanner) leave() {
	if s.fault == nil {
		s.at++
		s.depth--
	}
}

// goesOn goes over the comma between two values. It stops in front of the end.
func (s *scanner) goesOn(end byte) bool {
	switch c := s.next(); {
	case c == end:
	case c == ',':
		s.at++
		if s.next() == end {
			s.fail(s.at, "file-json-no-value", nil)
		}
	case s.fault == nil:
		s.expected(", " + string(rune(end)))
	}
	return s.fault == nil
}

// skip goes over a value of any kind.
func (s *scanner) skip() {
	switch c := s.next(); {
	case c == '{':
		s.members(func(string) { s.skip() })
	case c == '[':
		s.elements(s.skip)
	case c == '"':
		s.quoted()
	default:
		s.plain()
	}
}

// plain reads a value without quotes: a number, true, false or null.
func (s *scanner) plain() string {
	c := s.next()
	if s.fault != nil {
		return ""
	}
	from := s.at
	if c == '-' || c >= '0' && c <= '9' {
		s.number()
	} else {
		for s.at < len(s.src) && letter(s.src[s.at]) {
			s.at++
		}
		switch w := s.src[from:s.at]; {
		case w == "true", w == "false", w == "null":
		case w == "":
			s.fail(from, "file-json-no-value", nil)
		case s.at == len(s.src):
			s.cut()
		default:
			s.fail(from, "file-json-word", text.Args{"word": w})
		}
	}
	if s.fault != nil {
		return ""
	}
	return s.src[from:s.at]
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

// number goes over a number.
func (s *scanner) number() {
	from := s.at
	digits := func() bool {
		begin := s.at
		for s.at < len(s.src) && s.src[s.at] >= '0' && s.src[s.at] <= '9' {
			s.at++
		}
		return s.at > begin
	}
	is := func(signs string) bool {
		if s.at < len(s.src) && strings.IndexByte(signs, s.src[s.at]) >= 0 {
			s.at++
			return true
		}
		return false
	}
	if is("-") && s.at < len(s.src) && letter(s.src[s.at]) { // -Infinity
		for s.at < len(s.src) && letter(s.src[s.at]) {
			s.at++
		}
		s.fail(from, "file-json-word", text.Args{"word": s.src[from:s.at]})
		return
	}
	first := s.at
	ok := digits() && (s.src[first] != '0' || s.at == first+1)
	if ok && is(".") {
		ok = digits()
	}
	if ok && is("eE") {
		is("+-")
		ok = digits()
	}
	switch {
	case s.at == len(s.src) && s.depth > 0:
		s.cut()
	case !ok, s.at < len(s.src) && (letter(s.src[s.at]) || s.src[s.at] == '.'):
		s.fail(from, "file-json-number", nil)
	case s.at-from > 1000:
		s.fail(from, "file-json-number", nil)
	}
}

// quoted goes over a text and returns what stands between its quotes; escaped
// tells that it holds escapes.
func (s *scanner) quoted() (raw string, escaped bool) {
	from := s.at
	for i := s.at + 1; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '"':
			s.at = i + 1
			if i-from > MaxText {
				s.fail(from, "file-json-long", nil)
			}
			return s.src[from+1 : i], escaped
		case c == '\\':
			escaped = true
			if i++; i == len(s.src) {
				break
			}
			if !s.escape(i) {
				return "", true
			}
		case c < 0x20:
			s.fail(i, "file-json-text", nil)
			return "", false
		}
	}
	s.cut()
	return "", false
}

// escape checks the escape whose letter is at i.
func (s *scanner) escape(i int) bool {
	switch s.src[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for k := i + 1; k <= i+4; k++ {
			if k >= len(s.src) {
				s.cut()
				return false
			}
			if hex(s.src[k]) < 0 {
				s.fail(i-1, "file-json-text", nil)
				return false
			}
		}
		return true
	}
	s.fail(i-1, "file-json-text", nil)
	return false
}

func hex(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// text reads a text.
func (s *scanner) text() string {
	at := s.at
	raw, escaped := s.quoted()
	if !escaped || s.fault != nil {
		return raw
	}
	if s.decoded.Cap()-s.decoded.Len() < len(raw) {
		s.decoded = strings.Builder{}
		s.decoded.Grow(max(4<<10, len(raw)))
	}
	from := s.decoded.Len()
	for len(raw) > 0 {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			i = len(raw)
		}
		s.decoded.WriteString(raw[:i])
		if raw = raw[i:]; raw == "" {
			break
		}
		r := rune(raw[1])
		raw = raw[2:]
		switch r {
		case 'b':
			r = '\b'
		case 'f':
			r = '\f'
		case 'n':
			r = '\n'
		case 'r':
			r = '\r'
		case 't':
			r = '\t'
		case 'u':
			r, raw = unit(raw), raw[4:]
			if utf16.IsSurrogate(r) {
				if len(raw) < 6 || raw[:2] != "\\u" {
					s.fail(at, "file-json-text", nil)
					return ""
				}
				if r = utf16.DecodeRune(r, unit(raw[2:])); r == utf8.RuneError {
					s.fail(at, "file-json-text", nil)
					return ""
				}
				raw = raw[6:]
			}
		}
		s.decoded.WriteRune(r)
	}
	return s.decoded.String()[from:]
}

// unit is the number of four hexadecimal signs.
func unit(s string) rune {
	return hex(s[0])<<12 | hex(s[1])<<8 | hex(s[2])<<4 | hex(s[3])
}
