package xmlscan

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// characters reads a text up to the next tag.
func (s *Scanner) characters(b []byte) (int, bool) {
	plain := true
	i := 0
	for b[i] != '<' {
		c := b[i]
		switch {
		case classes[c]&plainText != 0:
			i++
		case i == len(b)-1:
			// A document may end behind its root without another tag.
			if !s.eof || len(s.opened) > 0 {
				return 0, false
			}
			return s.outside(b[:i])
		case c == '&':
			plain = false
			n := s.reference(b[i:])
			if n == 0 {
				return 0, false
			}
			i += n
		case c == ']':
			if bytes.HasPrefix(b[i:], []byte("]]>")) {
				s.fail("file-xml-damaged", "]]> inside a text")
				return 0, false
			}
			i++
		case c == '\r':
			plain = false
			i++
		default:
			n := s.character(b[i:])
			if n == 0 {
				return 0, false
			}
			i += n
		}
	}
	if len(s.opened) == 0 {
		return s.outside(b[:i])
	}
	if i > MaxToken {
		s.fail("file-xml-long", "")
		return 0, false
	}
	s.Kind, s.text = Text, b[:i]
	if !plain {
		s.text = s.decode(s.scratch[:0], s.text, false)
		s.scratch = s.text
	}
	return i, true
}

// outside takes a text outside the root, which may only be blank.
func (s *Scanner) outside(b []byte) (int, bool) {
	for _, c := range b {
		if classes[c]&blank == 0 {
			s.fail("file-xml-damaged", "a text outside the document")
			return 0, false
		}
	}
	return len(b), false
}

// character checks the character that b begins with, which is no plain one.
func (s *Scanner) character(b []byte) int {
	if b[0] < 0x80 {
		if classes[b[0]]&blank == 0 && b[0] < 0x20 {
			s.fail("file-xml-damaged", "a character that XML has not")
			return 0
		}
		return 1
	}
	inside := b[:len(b)-1]
	r, n := utf8.DecodeRune(inside)
	if r == utf8.RuneError && n < 2 && !utf8.FullRune(inside) {
		return 0 // the window cuts it
	}
	if r == utf8.RuneError && n < 2 || !allowed(r) {
		s.fail("file-xml-damaged", "a character that XML has not")
		return 0
	}
	return n
}

// allowed reports whether XML has the character.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}

// valid checks every character of a comment, an instruction or a CDATA section.
func (s *Scanner) valid(b []byte) {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n < 2 || !allowed(r) {
			s.fail("file-xml-damaged", "a character that XML has not")
			return
		}
		b = b[n:]
	}
}

// reference checks the reference that b begins with and returns its length.
func (s *Scanner) reference(b []byte) int {
	const longest = len("&#x0010FFFF;") + 4
	end := bytes.IndexByte(b[:min(len(b)-1, longest)], ';')
	if end < 0 {
		if len(b)-1 < longest && !bytes.ContainsAny(b[1:len(b)-1], "<& \n") {
			return 0
		}
		s.fail("file-xml-entity", "&")
		return 0
	}
	if _, ok := refersTo(b[1:end]); !ok {
		if end > 1 && b[1] == '#' {
			s.fail("file-xml-damaged", "a reference to a character that XML has not")
		} else {
			s.fail("file-xml-entity", string(bytes.ToValidUTF8(b[:end+1], []byte("?"))))
		}
		return 0
	}
	return end + 1
}

// refersTo is the character that a reference stands for, without & and ;.
func refersTo(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	return rune(n), err == nil && n <= utf8.MaxRune && allowed(rune(n))
}

// decode appends a text or a value with its references replaced, with line
// ends as XML gives them on (\n), and in a value with blanks for all of them.
func (s *Scanner) decode(to, b []byte, value bool) []byte {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '&':
			end := i + bytes.IndexByte(b[i:], ';')
			r, _ := refersTo(b[i+1 : end])
			to = utf8.AppendRune(to, r)
			i = end
			continue
		case c == '\r':
			if i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
			c = '\n'
		}
		if value && (c == '\n' || c == '\t') {
			c = ' '
		}
		to = append(to, c)
	}
	return to
}

// lineEnds appends b with \r\n and \r as \n.
func lineEnds(to, b []byte) []byte {
	for i, c := range b {
		if c == '\r' {
			if i+1 < len(b) && b[i+1] == '\n' {
				continue
			}
			c = '\n'
		}
		to = append(to, c)
	}
	return to
}
