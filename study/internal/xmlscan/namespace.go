package xmlscan

// binding is a prefix that an open element declared.
type binding struct {
	prefix string
	space  Space
	depth  int
}

// memo keeps what a prefix was bound to when it was last looked up.
type memo struct {
	prefix string
	space  Space
}

// bind takes the namespaces that the tag just read declares.
func (s *Scanner) bind() {
	s.memo = [16]memo{}
	for i := range s.attrs {
		a := &s.attrs[i]
		b := binding{depth: len(s.opened)}
		switch {
		case string(a.prefix) == "xmlns":
			b.prefix = string(a.local)
		case len(a.prefix) > 0 || string(a.local) != "xmlns":
			continue
		}
		address := s.value(a)
		if b.prefix != "" && len(address) == 0 || b.prefix == "xmlns" {
			s.fail("file-xml-damaged", "a prefix without a namespace")
			return
		}
		b.space = s.spaces[string(address)]
		s.bindings = append(s.bindings, b)
		if b.prefix == "" {
			s.standard = b.space
		}
	}
}

// unbind forgets what the innermost element declared.
func (s *Scanner) unbind() {
	n := len(s.bindings)
	for n > 0 && s.bindings[n-1].depth == len(s.opened) && s.bindings[n-1].depth > 0 {
		n--
	}
	if n == len(s.bindings) {
		return
	}
	s.bindings = s.bindings[:n]
	s.memo = [16]memo{}
	s.standard = 0
	for _, b := range s.bindings {
		if b.prefix == "" {
			s.standard = b.space
		}
	}
}

// lookUp is the namespace of a prefix.
func (s *Scanner) lookUp(prefix []byte) Space {
	m := &s.memo[(int(prefix[0])+3*int(prefix[len(prefix)-1])+5*len(prefix))%len(s.memo)]
	if string(prefix) == m.prefix {
		return m.space
	}
	if string(prefix) == "xmlns" {
		return 0
	}
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].prefix == string(prefix) {
			*m = memo{prefix: s.bindings[i].prefix, space: s.bindings[i].space}
			return m.space
		}
	}
	s.fail("file-xml-damaged", "a prefix without a namespace")
	return 0
}
