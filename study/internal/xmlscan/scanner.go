// Package xmlscan reads XML token by token, strictly and with little work a
// byte: the sheets of a workbook are hundreds of megabytes of small elements.
// A document that is not well-formed is an error, never a shorter document. A
// document type and entities of its own are refused, and depth, attributes and
// the length of one token are bounded, so that a file of bad intent costs
// nothing. Source: XML 1.0 (fifth edition) and Namespaces in XML 1.0 of W3C.
package xmlscan

import (
	"bytes"
	"io"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Limits of one document.
const (
	MaxDepth      = 100
	MaxAttributes = 100
	// MaxToken is the longest text, tag or comment, in bytes.
	MaxToken = 1 << 20
)

// Kind is what a token is.
type Kind uint8

// Kinds of tokens. An element without content is a Start and an End.
const (
	Start Kind = iota + 1
	End
	Text
)

// Space is the number of a namespace as New was told it. 0 stands for all
// others, and for none.
type Space int

// attribute is one attribute of the last start tag, cut from the window.
type attribute struct {
	prefix, local, value []byte
	space                Space
	plain                bool // nothing in the value stands for something else
}

// Scanner reads one document. Name, Space and what the methods return hold
// until the next call of Next.
type Scanner struct {
	Kind  Kind
	Name  []byte // the local name
	Space Space

	part   string
	r      io.Reader
	spaces map[string]Space

	// buf[pos:end] is what was read and not yet seen; buf[end] is 0, which
	// stops every loop.
	buf      []byte
	pos, end int
	before   int64 // bytes before buf[0]
	begin    int64 // where the document begins, behind a byte order mark
	eof      bool

	text    []byte // of a Text token
	scratch []byte
	attrs   []attribute
	empty   bool // an End without a tag follows

	names    []byte // full names of the open elements, one behind the other
	opened   []int  // where each begins
	closed   bool   // the root's end was seen
	rooted   bool
	bindings []binding
	standard Space // the namespace of names without prefix
	memo     [16]memo

	fault error
}

// New returns a scanner of the document that r holds. part is its name in
// messages; spaces numbers the namespaces that the caller wants to know, by
// their addresses, from 1.
func New(part string, r io.Reader, spaces map[string]Space) *Scanner {
	s := &Scanner{part: part, r: r, spaces: spaces, buf: make([]byte, 64<<10)}
	s.bindings = append(s.bindings, binding{prefix: "xml", space: spaces["http://www.w3.org/XML/1998/namespace"]})
	return s
}

// Err is what ended the document before its end: a *sheet.Fault, or what its
// reader returned. It is nil behind a whole document.
func (s *Scanner) Err() error { return s.fault }

// Depth counts the open elements; a Start token's own element counts, an End
// token's does not.
func (s *Scanner) Depth() int { return len(s.opened) }

// Next goes to the next token. It returns false at the end and at an error.
func (s *Scanner) Next() bool {
	if s.fault != nil {
		return false
	}
	if s.empty {
		s.empty = false
		s.Kind = End
		s.pop()
		return true
	}
	for {
		if s.pos == s.end && !s.more() {
			if s.fault == nil && !s.closed {
				s.fail("file-xml-cut", "")
			}
			return false
		}
		var n int
		var token bool
		if s.buf[s.pos] == '<' {
			n, token = s.markup(s.buf[s.pos : s.end+1])
		} else {
			n, token = s.characters(s.buf[s.pos : s.end+1])
		}
		switch {
		case s.fault != nil:
			return false
		case n == 0: // the token goes on behind the window
			if s.end-s.pos > MaxToken {
				s.fail("file-xml-long", "")
				return false
			}
			if !s.more() {
				if s.fault == nil {
					s.fail("file-xml-cut", "")
				}
				return false
			}
		default:
			s.pos += n
			if token {
				return true
			}
		}
	}
}

// more reads on behind the window; false at the end of the document.
func (s *Scanner) more() bool {
	if s.eof {
		return false
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.before += int64(s.pos)
		s.end -= s.pos
		s.pos = 0
	}
	if s.end >= len(s.buf)/2 {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	first := s.before == 0 && s.end == 0
	for range 100 {
		n, err := s.r.Read(s.buf[s.end : len(s.buf)-1])
		s.end += n
		s.buf[s.end] = 0
		if err == io.EOF {
			s.eof = true
		} else if err != nil {
			s.fault = err
			return false
		}
		// A byte order mark has to be seen as a whole.
		if first && (s.end >= 3 || s.eof) {
			first = false
			if !s.mark() {
				return false
			}
		}
		if !first && n > 0 && s.end > s.pos || s.eof {
			return s.end > s.pos
		}
	}
	s.fault = io.ErrNoProgress
	return false
}

// mark leaves out a byte order mark.
func (s *Scanner) mark() bool {
	head := s.buf[:s.end]
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		s.pos, s.begin = 3, 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("<\x00")), bytes.HasPrefix(head, []byte("\x00<")):
		s.fail("file-xml-encoding", "UTF-16")
		return false
	}
	return true
}

// fail ends the document with a fault.
func (s *Scanner) fail(code, detail string) {
	if s.fault == nil {
		s.fault = &sheet.Fault{Code: code, Args: text.Args{"part": s.part, "byte": int(s.before) + s.pos, "detail": detail}}
	}
}

// Text is the text of a Text token. The text of one element may come in
// several tokens.
func (s *Scanner) Text() []byte { return s.text }

// Attr returns the value of an attribute without prefix of the last Start.
func (s *Scanner) Attr(name string) (value []byte, ok bool) {
	for i := range s.attrs {
		if a := &s.attrs[i]; len(a.prefix) == 0 && string(a.local) == name {
			return s.value(a), true
		}
	}
	return nil, false
}

// AttrIn returns the value of an attribute in a namespace.
func (s *Scanner) AttrIn(space Space, name string) (value []byte, ok bool) {
	for i := range s.attrs {
		if a := &s.attrs[i]; len(a.prefix) > 0 && a.space == space && string(a.local) == name {
			return s.value(a), true
		}
	}
	return nil, false
}

// Attributes counts the attributes of the last Start; Attribute returns one of
// them, where prefixed says whether its name has a prefix.
func (s *Scanner) Attributes() int { return len(s.attrs) }

// Attribute returns the attribute at i.
func (s *Scanner) Attribute(i int) (space Space, prefixed bool, name, value []byte) {
	a := &s.attrs[i]
	return a.space, len(a.prefix) > 0, a.local, s.value(a)
}

func (s *Scanner) value(a *attribute) []byte {
	if a.plain {
		return a.value
	}
	a.value, a.plain = s.decode(nil, a.value, true), true
	return a.value
}

// Skip goes to the End of the element whose Start was the last token.
func (s *Scanner) Skip() bool {
	depth := s.Depth()
	for s.Next() {
		if s.Kind == End && s.Depth() < depth {
			return true
		}
	}
	return false
}
