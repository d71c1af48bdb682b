// Package yamlfile reads protocols and claims from YAML: values with their
// places, and everything that is wrong with them at once, each at its place.
package yamlfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Kind is what a YAML node is.
type Kind int

const (
	Nothing Kind = iota // a key without a value
	Scalar
	List
	Map
)

// Node is a YAML value with its place. Scalars keep the text that was
// written: an arm called 0, true or NA is called that.
type Node struct {
	Kind         Kind
	Text         string
	quoted       bool
	Line, Column int
	Items        []*Node
	Entries      []Entry
}

// Entry is a key of a map and its value.
type Entry struct {
	Key          string
	Line, Column int
	Value        *Node
}

// maxYAMLDepth bounds nesting: a protocol needs six levels.
const maxYAMLDepth = 32

// treeReader turns the parser's tree into yamlNodes.
type treeReader struct {
	anchors map[string]ast.Node
	open    map[string]bool // aliases being expanded
	nodes   int
	report  func(line, column int, code string, args ...any)
}

// maxYAMLNodes bounds what aliases can unfold to.
const maxYAMLNodes = 20_000

// parse reads one document, or reports why it cannot and returns nil.
func parse(src []byte, report func(line, column int, code string, args ...any)) (n *Node) {
	defer func() {
		// The parser is foreign code and the file anyone's.
		if r := recover(); r != nil {
			report(1, 1, "problem-yaml-panic", r)
			n = nil
		}
	}()
	if line, why := tooMuch(string(src)); line > 0 {
		report(line, 1, why, maxYAMLLines)
		return nil
	}
	f, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		if line, column := indentTab(string(src)); line > 0 {
			report(line, column, "problem-yaml-tab")
			return nil
		}
		var e yaml.Error
		if errors.As(err, &e) && e.GetToken() != nil && e.GetToken().Position != nil {
			report(e.GetToken().Position.Line, e.GetToken().Position.Column, "problem-yaml", e.GetMessage())
		} else {
			report(1, 1, "problem-yaml", strings.TrimSpace(err.Error()))
		}
		return nil
	}
	var docs []ast.Node
	for _, d := range f.Docs {
		if d.Body != nil {
			docs = append(docs, d.Body)
		}
	}
	if len(docs) == 0 {
		report(1, 1, "problem-protocol-empty")
		return nil
	}
	if len(docs) > 1 {
		line, col := place(docs[1])
		report(line, col, "problem-yaml-second")
		return nil
	}
	r := &treeReader{anchors: map[string]ast.Node{}, open: map[string]bool{}, report: report}
	return r.read(docs[0], 0)
}

// place returns where a node begins.
func place(n ast.Node) (line, column int) {
	switch m := n.(type) {
	case *ast.MappingNode:
		if len(m.Values) > 0 && !m.IsFlowStyle {
			return place(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return place(m.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 1, 1
}

func (r *treeReader) read(n ast.Node, depth int) *Node {
	out := &Node{}
	out.Line, out.Column = place(n)
	if r.nodes++; depth > maxYAMLDepth || r.nodes > maxYAMLNodes {
		if r.nodes <= maxYAMLNodes+1 {
			r.report(out.Line, out.Column, "problem-yaml-large")
			r.nodes = maxYAMLNodes + 1
		}
		return out
	}
	switch n := n.(type) {
	case *ast.NullNode:
		if t := n.GetToken(); t.Type == token.ImplicitNullType {
			return out
		}
		out.Kind, out.Text = Scalar, n.GetToken().Value
	case *ast.LiteralNode:
		out.Kind, out.quoted = Scalar, true
		if n.Value != nil {
			out.Text = strings.TrimRight(n.Value.Value, "\n")
		}
	case *ast.StringNode:
		t := n.GetToken()
		out.Kind, out.Text = Scalar, t.Value
		out.quoted = t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.Kind, out.Text = Scalar, n.GetToken().Value
	case *ast.SequenceNode:
		out.Kind = List
		for _, v := range n.Values {
			out.Items = append(out.Items, r.read(v, depth+1))
		}
	case *ast.MappingNode:
		out.Kind = Map
		for _, v := range n.Values {
			r.entry(out, v, depth)
		}
	case *ast.MappingValueNode:
		out.Kind = Map
		r.entry(out, n, depth)
	case *ast.TagNode:
		if n.Value == nil {
			return out
		}
		return r.read(n.Value, depth+1)
	case *ast.AnchorNode:
		if n.Value == nil {
			return out
		}
		r.anchors[n.Name.GetToken().Value] = n.Value
		return r.read(n.Value, depth+1)
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		target, ok := r.anchors[name]
		if !ok || r.open[name] {
			r.report(out.Line, out.Column, "problem-yaml-alias", name, name)
			return out
		}
		r.open[name] = true
		defer delete(r.open, name)
		return r.read(target, depth+1)
	default:
		r.report(out.Line, out.Column, "problem-yaml-node", strings.ToLower(fmt.Sprint(n.Type())))
	}
	return out
}

func (r *treeReader) entry(out *Node, v *ast.MappingValueNode, depth int) {
	e := Entry{}
	e.Line, e.Column = place(v.Key)
	key := r.read(v.Key, depth+1)
	if key.Kind != Scalar {
		r.report(e.Line, e.Column, "problem-yaml-key")
		return
	}
	e.Key = key.Text
	for _, old := range out.Entries {
		if old.Key == e.Key {
			r.report(e.Line, e.Column, "problem-yaml-twice", e.Key, old.Line)
			return
		}
	}
	e.Value = r.read(v.Value, depth+1)
	out.Entries = append(out.Entries, e)
}

// maxYAMLLines bounds the lines of a protocol.
const maxYAMLLines = 10_000

// tooMuch returns the first line at which brackets, or list and key marks on
// one line, nest deeper than a protocol can need, or at which there are too
// many lines; 0 if there is none. The parser calls itself for each level and
// takes time with the square of the lines, so this has to be known before.
func tooMuch(src string) (line int, why string) {
	depth := 0
	for text := range strings.Lines(src) {
		line++
		marks := 0
		for rest := strings.TrimLeft(text, " "); len(rest) > 1 && (rest[0] == '-' || rest[0] == '?') && rest[1] == ' '; marks++ {
			rest = strings.TrimLeft(rest[2:], " ")
		}
		for i := 0; i < len(text); i++ {
			switch text[i] {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
		}
		switch {
		case marks > maxYAMLDepth || depth > 8*maxYAMLDepth:
			return line, "problem-yaml-deep"
		case line > maxYAMLLines:
			return line, "problem-protocol-lines"
		}
	}
	return 0, ""
}

// indentTab returns the place of the first tab before a line's first word,
// which is what a file that cannot be read most often has; 0 if there is none.
func indentTab(src string) (line, column int) {
	n := 0
	for text := range strings.Lines(src) {
		n++
		rest := strings.TrimLeft(text, " ")
		if word := strings.TrimSpace(rest); strings.HasPrefix(rest, "\t") && word != "" && word[0] != '#' {
			return n, len(text) - len(rest) + 1
		}
	}
	return 0, 0
}

func (n *Node) Has(key string) bool {
	for _, e := range n.Entries {
		if e.Key == key {
			return true
		}
	}
	return false
}
