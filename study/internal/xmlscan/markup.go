package xmlscan

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Classes of bytes.
const (
	inName    = 1 << iota // may stand in a name; bytes of other scripts are looked at again
	beginName             // may begin one
	blank
	plainText  // stands for itself in a text
	plainValue // stands for itself in a value, but for the quote
)

var classes = func() (c [256]uint8) {
	for b := 'a'; b <= 'z'; b++ {
		c[b] |= inName | beginName
		c[b-'a'+'A'] |= inName | beginName
	}
	for _, b := range "0123456789-." {
		c[b] |= inName
	}
	c['_'] |= inName | beginName
	c[':'] |= inName
	for _, b := range " \t\r\n" {
		c[b] |= blank
	}
	for b := 0x80; b < 0x100; b++ {
		c[b] |= inName | beginName
	}
	for b := 0x20; b < 0x80; b++ {
		if b != '&' && b != '<' {
			c[b] |= plainValue
			if b != ']' {
				c[b] |= plainText
			}
		}
	}
	c['\t'] |= plainText
	c['\n'] |= plainText
	return c
}()

// The functions below read from b, which begins with what they read and ends
// with the window's 0. They return 0 where the window ends first, else how many
// bytes they took, and whether a token was made of them.

// markup reads what begins with <.
func (s *Scanner) markup(b []byte) (int, bool) {
	if len(b) == 2 {
		return 0, false // the window ends behind <
	}
	switch b[1] {
	case '/':
		return s.endTag(b)
	case '!':
		return s.declaration(b)
	case '?':
		return s.instruction(b), false
	}
	return s.startTag(b)
}

// name reads a name from b[i:]; colon is its colon's place, −1 without one.
func (s *Scanner) name(b []byte, i int) (end, colon int) {
	from := i
	colon = -1
	other := false
	for ; classes[b[i]]&inName != 0; i++ {
		if b[i] == ':' {
			if colon >= 0 {
				s.fail("file-xml-damaged", "a name with two colons")
			}
			colon = i
		}
		other = other || b[i] >= 0x80
	}
	if i == len(b)-1 {
		return i, colon
	}
	bad := i == from || classes[b[from]]&beginName == 0 || colon == i-1 || colon >= 0 && classes[b[colon+1]]&beginName == 0
	if other && !bad {
		bad = !otherName(b[from:i])
	}
	if bad {
		s.fail("file-xml-damaged", "a name was expected")
	}
	return i, colon
}

// otherName reports whether letters of other scripts stand in a name.
func otherName(name []byte) bool {
	first := true
	for len(name) > 0 {
		r, n := utf8.DecodeRune(name)
		switch {
		case r == utf8.RuneError && n < 2, r >= 0x80 && !unicode.IsLetter(r) && (first || !unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd)):
			return false
		}
		first = r == ':'
		name = name[n:]
	}
	return true
}

func (s *Scanner) startTag(b []byte) (int, bool) {
	if s.closed {
		s.fail("file-xml-damaged", "something stands behind the end")
		return 0, false
	}
	i, colon := s.name(b, 1)
	full := b[1:i]
	s.attrs = s.attrs[:0]
	declares := false
	for s.fault == nil {
		gap := i
		for classes[b[i]]&blank != 0 {
			i++
		}
		switch c := b[i]; {
		case c == '>', c == '/' && b[i+1] == '>':
			s.empty = c == '/'
			if s.empty {
				i++
			}
			s.open(full, colon-1, declares)
			return i + 1, s.fault == nil
		case i == len(b)-1, c == '/' && i == len(b)-2:
			return 0, false
		case gap == i:
			s.fail("file-xml-damaged", "a tag is not closed")
			return 0, false
		}
		var a attribute
		from := i
		var at int
		if i, at = s.name(b, i); at >= 0 {
			a.prefix, a.local = b[from:at], b[at+1:i]
		} else {
			a.local = b[from:i]
		}
		for classes[b[i]]&blank != 0 {
			i++
		}
		if i == len(b)-1 {
			return 0, false
		}
		if b[i] != '=' {
			s.fail("file-xml-damaged", "an attribute has no value")
			return 0, false
		}
		for i++; classes[b[i]]&blank != 0; i++ {
		}
		if i == len(b)-1 {
			return 0, false
		}
		if i = s.quoted(b, i, &a); i == 0 {
			return 0, false
		}
		declares = declares || string(a.prefix) == "xmlns" || at < 0 && string(a.local) == "xmlns"
		if s.attrs = append(s.attrs, a); len(s.attrs) > MaxAttributes {
			s.fail("file-xml-attributes", "")
		}
	}
	return 0, false
}

// quoted reads an attribute's value, whose quote is at b[i], and returns the
// place behind it.
func (s *Scanner) quoted(b []byte, i int, a *attribute) int {
	quote := b[i]
	if quote != '"' && quote != '\'' {
		s.fail("file-xml-damaged", "a value without quotes")
		return 0
	}
	i++
	from := i
	a.plain = true
	for {
		c := b[i]
		switch {
		case c == quote:
			a.value = b[from:i]
			return i + 1
		case classes[c]&plainValue != 0:
			i++
		case i == len(b)-1:
			return 0
		case c == '<':
			s.fail("file-xml-damaged", "< inside a value")
			return 0
		case c == '&':
			n := s.reference(b[i:])
			if n == 0 {
				return 0
			}
			a.plain = false
			i += n
		default:
			if classes[c]&blank != 0 {
				a.plain = false
			}
			n := s.character(b[i:])
			if n == 0 {
				return 0
			}
			i += n
		}
	}
}

// open enters an element. colon is the colon's place in its full name, less
// than 0 without one.
func (s *Scanner) open(full []byte, colon int, declares bool) {
	s.Kind = Start
	s.rooted = true
	s.opened = append(s.opened, len(s.names))
	s.names = append(s.names, full...)
	if len(s.opened) > MaxDepth {
		s.fail("file-xml-deep", "")
		return
	}
	if declares {
		s.bind()
	}
	s.Space, s.Name = s.standard, full
	if colon > 0 {
		s.Space, s.Name = s.lookUp(full[:colon]), full[colon+1:]
	}
	for i := range s.attrs {
		a := &s.attrs[i]
		if len(a.prefix) > 0 {
			a.space = s.lookUp(a.prefix)
		}
		for j := range s.attrs[:i] {
			if o := &s.attrs[j]; len(o.local) == len(a.local) && bytes.Equal(o.local, a.local) &&
				(bytes.Equal(o.prefix, a.prefix) || a.space != 0 && a.space == o.space && len(a.prefix) > 0 && len(o.prefix) > 0) {
				s.fail("file-xml-damaged", "an attribute stands twice")
			}
		}
	}
}

func (s *Scanner) endTag(b []byte) (int, bool) {
	i, colon := s.name(b, 2)
	full := b[2:i]
	for classes[b[i]]&blank != 0 {
		i++
	}
	switch {
	case s.fault != nil, i == len(b)-1:
		return 0, false
	case b[i] != '>', len(s.opened) == 0, !bytes.Equal(full, s.names[s.opened[len(s.opened)-1]:]):
		s.fail("file-xml-damaged", "an end without its beginning")
		return 0, false
	}
	s.Kind = End
	s.Space, s.Name = s.standard, full
	if colon -= 2; colon > 0 {
		s.Space, s.Name = s.lookUp(full[:colon]), full[colon+1:]
	}
	s.pop()
	return i + 1, true
}

// pop leaves the innermost element.
func (s *Scanner) pop() {
	s.unbind()
	last := len(s.opened) - 1
	s.names = s.names[:s.opened[last]]
	s.opened = s.opened[:last]
	s.closed = last == 0
}

// declaration reads what begins with <!.
func (s *Scanner) declaration(b []byte) (int, bool) {
	rest := b[:len(b)-1]
	begins := func(mark string) bool { return bytes.HasPrefix(rest, []byte(mark)) }
	switch {
	case begins("<!--"):
		end := bytes.Index(rest[4:], []byte("--"))
		switch {
		case end < 0 || 4+end+2 == len(rest):
			return 0, false
		case rest[4+end+2] != '>':
			s.fail("file-xml-damaged", "-- inside a comment")
			return 0, false
		}
		s.valid(rest[4 : 4+end])
		return 4 + end + 3, false
	case begins("<![CDATA["):
		end := bytes.Index(rest[9:], []byte("]]>"))
		if end < 0 {
			return 0, false
		}
		if len(s.opened) == 0 {
			s.fail("file-xml-damaged", "a text outside the document")
			return 0, false
		}
		s.valid(rest[9 : 9+end])
		s.Kind, s.text = Text, rest[9:9+end]
		if bytes.IndexByte(s.text, '\r') >= 0 {
			s.text = lineEnds(s.scratch[:0], s.text)
			s.scratch = s.text
		}
		return 9 + end + 3, true
	case begins("<!DOCTYPE"):
		s.fail("file-xml-doctype", "")
	case len(rest) >= len("<!DOCTYPE"), !strings.HasPrefix("<!DOCTYPE", string(rest)) && !strings.HasPrefix("<![CDATA[", string(rest)) && !strings.HasPrefix("<!--", string(rest)):
		s.fail("file-xml-damaged", "<! without a meaning")
	}
	return 0, false
}

// instruction reads what begins with <?: the XML declaration, and
// instructions for other programs, which are left out.
func (s *Scanner) instruction(b []byte) int {
	end := 2 + bytes.Index(b[2:len(b)-1], []byte("?>"))
	if end < 2 {
		return 0
	}
	i, colon := s.name(b, 2)
	name := b[2:i]
	content := b[i:end]
	s.valid(content)
	switch {
	case s.fault != nil:
	case i > end, colon >= 0, len(content) > 0 && classes[content[0]]&blank == 0:
		s.fail("file-xml-damaged", "an instruction without a name")
	case bytes.EqualFold(name, []byte("xml")):
		if s.rooted || string(name) != "xml" || s.before+int64(s.pos) != s.begin {
			s.fail("file-xml-damaged", "the declaration does not stand first")
			break
		}
		s.declared(content)
	}
	return end + 2
}

// declared looks at the XML declaration: version, encoding and standalone.
func (s *Scanner) declared(content []byte) {
	rest := strings.Trim(string(content), " \t\r\n")
	for seen := ""; rest != ""; {
		name, after, ok := strings.Cut(rest, "=")
		name, after = strings.TrimRight(name, " \t\r\n"), strings.TrimLeft(after, " \t\r\n")
		if !ok || after == "" || after[0] != '"' && after[0] != '\'' {
			s.fail("file-xml-damaged", "the declaration")
			return
		}
		value, after, ok := strings.Cut(after[1:], after[:1])
		switch {
		case !ok, after != "" && classes[after[0]]&blank == 0:
		case name == "version" && seen == "":
			ok = value == "1.0"
		case name == "encoding" && seen == "version":
			if ok = strings.EqualFold(value, "utf-8"); !ok {
				s.fail("file-xml-encoding", value)
				return
			}
		case name == "standalone" && (seen == "version" || seen == "encoding"):
			ok = value == "yes" || value == "no"
		default:
			ok = false
		}
		if !ok {
			s.fail("file-xml-damaged", "the declaration")
			return
		}
		seen, rest = name, strings.TrimLeft(after, " \t\r\n")
	}
}
