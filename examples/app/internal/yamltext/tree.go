// Package yamltext reads and changes single keys of a YAML text and leaves the rest of
// it as it was written: comments, order, spaces. The page's form and its protocol are
// one thing by it.
package yamltext

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Kind is what a node is.
type Kind int

// Kinds of nodes.
const (
	Scalar Kind = iota
	Map
	List
)

// Node is a value of the text.
type Node struct {
	Kind Kind
	// Text is a scalar's value.
	Text string
	// Entries are those of a map, Items those of a list.
	Entries []Entry
	Items   []*Node
	// Comment is what stands above the key or item in lines of its own.
	Comment string
	// Line is where it begins, from 1.
	Line int

	flow       bool
	start, end int // bytes in the text; a block's end is that of its last line
}

// Entry is a key of a map.
type Entry struct {
	Key   string
	Value *Node
	start int // of the key
}

// Text is a YAML text that was read.
type Text struct {
	Root  *Node
	src   string
	lines []int // where they start
}

// NoFormError is the error of a text with anchors, aliases or tags, and the line of the
// first: a value then does not stand where it is used.
type NoFormError struct{ Line int }

func (e NoFormError) Error() string { return fmt.Sprint("yamltext: &*! ", e.Line) }

// Parse reads a text. What is no YAML is an error.
func Parse(src string) (*Text, error) {
	f, err := parser.ParseBytes([]byte(src), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	t := &Text{src: src, lines: []int{0}}
	for i := range len(src) {
		if src[i] == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	for _, d := range f.Docs {
		if d.Body != nil {
			t.Root, err = t.node(d.Body, false)
			return t, err
		}
	}
	t.Root = &Node{Kind: Map, end: len(src)}
	return t, nil
}

// offset is the byte at which a column of a line stands; columns count characters.
func (t *Text) offset(line, column int) int {
	if line < 1 || line > len(t.lines) {
		return len(t.src)
	}
	i := t.lines[line-1]
	for range column - 1 {
		_, n := utf8.DecodeRuneInString(t.src[i:])
		i += n
	}
	return i
}

func (t *Text) lineAt(offset int) int {
	n := 0
	for n < len(t.lines) && t.lines[n] <= offset {
		n++
	}
	return n
}

// lineEnd is where the line of an offset ends, before its line break.
func (t *Text) lineEnd(offset int) int {
	if i := strings.IndexByte(t.src[offset:], '\n'); i >= 0 {
		return offset + i
	}
	return len(t.src)
}

func (t *Text) node(n ast.Node, inFlow bool) (*Node, error) {
	out := &Node{}
	switch n := n.(type) {
	case *ast.MappingNode:
		out.Kind, out.flow = Map, n.IsFlowStyle
		if n.IsFlowStyle {
			out.start = t.offset(n.Start.Position.Line, n.Start.Position.Column)
			out.end = t.offset(n.End.Position.Line, n.End.Position.Column) + 1
		}
		for _, v := range n.Values {
			if err := t.entry(out, v); err != nil {
				return nil, err
			}
		}
	case *ast.MappingValueNode:
		out.Kind = Map
		if err := t.entry(out, n); err != nil {
			return nil, err
		}
	case *ast.SequenceNode:
		out.Kind, out.flow = List, n.IsFlowStyle
		p := n.Start.Position
		out.start = t.offset(p.Line, p.Column)
		if n.IsFlowStyle {
			out.end = t.offset(n.End.Position.Line, n.End.Position.Column) + 1
		}
		for _, v := range n.Values {
			x, err := t.node(v, n.IsFlowStyle)
			if err != nil {
				return nil, err
			}
			out.Items = append(out.Items, x)
			out.end = max(out.end, x.end)
		}
	case *ast.NullNode, *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode, *ast.LiteralNode:
		p := n.GetToken().Position
		if _, null := n.(*ast.NullNode); !null {
			out.Text = n.GetToken().Value
		}
		if s, ok := n.(*ast.LiteralNode); ok {
			out.Text = s.Value.Value
		}
		out.start = t.offset(p.Line, p.Column)
		out.end = t.scalarEnd(out.start, inFlow)
		if s, ok := n.(*ast.LiteralNode); ok {
			out.end = t.offset(s.Value.GetToken().Position.Line+strings.Count(strings.TrimRight(s.Value.GetToken().Origin, "\n"), "\n"), 1)
			out.end = t.lineEnd(out.end)
		}
	default:
		return nil, NoFormError{n.GetToken().Position.Line}
	}
	out.Line = t.lineAt(out.start)
	if n := len(out.Entries); n > 0 && !out.flow {
		out.start = out.Entries[0].start
	}
	return out, nil
}

func (t *Text) entry(out *Node, v *ast.MappingValueNode) error {
	p := v.Key.GetToken().Position
	e := Entry{Key: v.Key.GetToken().Value, start: t.offset(p.Line, p.Column)}
	var err error
	if e.Value, err = t.node(v.Value, out.flow); err != nil {
		return err
	}
	if v.Value.GetToken().Type == token.ImplicitNullType { // nothing stands there
		p := v.Start.Position // the colon's
		e.Value.start = t.offset(p.Line, p.Column) + 1
		e.Value.end, e.Value.Line = e.Value.start, p.Line
	}
	e.Value.Comment = t.comment(e.start)
	out.Entries = append(out.Entries, e)
	if !out.flow {
		out.end = max(out.end, e.Value.end)
	}
	return nil
}

// scalarEnd is where a scalar on one line ends.
func (t *Text) scalarEnd(start int, inFlow bool) int {
	rest := t.src[start:t.lineEnd(start)]
	if rest == "" {
		return start
	}
	if q := rest[0]; q == '"' || q == '\'' {
		for i := 1; i < len(rest); i++ {
			switch {
			case q == '"' && rest[i] == '\\':
				i++
			case rest[i] == q && q == '\'' && i+1 < len(rest) && rest[i+1] == q:
				i++
			case rest[i] == q:
				return start + i + 1
			}
		}
		return start + len(rest)
	}
	end := len(rest)
	for i := range len(rest) {
		if rest[i] == '#' && i > 0 && (rest[i-1] == ' ' || rest[i-1] == '\t') || inFlow && strings.IndexByte(",]}", rest[i]) >= 0 {
			end = i
			break
		}
	}
	return start + len(strings.TrimRight(rest[:end], " \t\r"))
}

// comment is what stands in lines of comments directly above an offset's line.
func (t *Text) comment(offset int) string {
	var lines []string
	for n := t.lineAt(offset) - 1; n >= 1; n-- {
		s := strings.TrimSpace(t.src[t.lines[n-1]:t.lineEnd(t.lines[n-1])])
		if !strings.HasPrefix(s, "#") {
			break
		}
		lines = append([]string{strings.TrimSpace(strings.TrimPrefix(s, "#"))}, lines...)
	}
	return strings.Join(lines, " ")
}

// Get finds the value of a key in a map; nil where it is not.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// Leaf is a scalar and its path: outcomes[0].better.
type Leaf struct {
	Path, Text string
	Line       int
}

// Leaves lists the scalars of a node in their order.
func (n *Node) Leaves(path string) []Leaf {
	switch n.Kind {
	case Map:
		var out []Leaf
		for _, e := range n.Entries {
			out = append(out, e.Value.Leaves(strings.TrimPrefix(path+"."+e.Key, "."))...)
		}
		return out
	case List:
		var out []Leaf
		for i, x := range n.Items {
			out = append(out, x.Leaves(fmt.Sprintf("%s[%d]", path, i))...)
		}
		return out
	}
	return []Leaf{{path, n.Text, n.Line}}
}
