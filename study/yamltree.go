package study

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// yamlKind is what a YAML node is.
type yamlKind int

const (
	yamlNothing yamlKind = iota // a key without a value
	yamlScalar
	yamlList
	yamlMap
)

// yamlNode is a YAML value with its place. Scalars keep the text that was
// written: an arm called 0, true or NA is called that.
type yamlNode struct {
	kind         yamlKind
	text         string
	quoted       bool
	line, column int
	items        []*yamlNode
	entries      []yamlEntry
}

// yamlEntry is a key of a map and its value.
type yamlEntry struct {
	key          string
	line, column int
	value        *yamlNode
}

// maxYAMLDepth bounds nesting: a protocol needs six levels.
const maxYAMLDepth = 32

// yamlReader turns the parser's tree into yamlNodes.
type yamlReader struct {
	anchors map[string]ast.Node
	open    map[string]bool // aliases being expanded
	nodes   int
	report  func(line, column int, code string, args ...any)
}

// maxYAMLNodes bounds what aliases can unfold to.
const maxYAMLNodes = 20_000

// parseYAML reads one document, or reports why it cannot and returns nil.
func parseYAML(src []byte, report func(line, column int, code string, args ...any)) (n *yamlNode) {
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
	r := &yamlReader{anchors: map[string]ast.Node{}, open: map[string]bool{}, report: report}
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

func (r *yamlReader) read(n ast.Node, depth int) *yamlNode {
	out := &yamlNode{}
	out.line, out.column = place(n)
	if r.nodes++; depth > maxYAMLDepth || r.nodes > maxYAMLNodes {
		if r.nodes <= maxYAMLNodes+1 {
			r.report(out.line, out.column, "problem-yaml-large")
			r.nodes = maxYAMLNodes + 1
		}
		return out
	}
	switch n := n.(type) {
	case *ast.NullNode:
		if t := n.GetToken(); t.Type == token.ImplicitNullType {
			return out
		}
		out.kind, out.text = yamlScalar, n.GetToken().Value
	case *ast.LiteralNode:
		out.kind, out.quoted = yamlScalar, true
		if n.Value != nil {
			out.text = strings.TrimRight(n.Value.Value, "\n")
		}
	case *ast.StringNode:
		t := n.GetToken()
		out.kind, out.text = yamlScalar, t.Value
		out.quoted = t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = yamlScalar, n.GetToken().Value
	case *ast.SequenceNode:
		out.kind = yamlList
		for _, v := range n.Values {
			out.items = append(out.items, r.read(v, depth+1))
		}
	case *ast.MappingNode:
		out.kind = yamlMap
		for _, v := range n.Values {
			r.entry(out, v, depth)
		}
	case *ast.MappingValueNode:
		out.kind = yamlMap
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
			r.report(out.line, out.column, "problem-yaml-alias", name, name)
			return out
		}
		r.open[name] = true
		defer delete(r.open, name)
		return r.read(target, depth+1)
	default:
		r.report(out.line, out.column, "problem-yaml-node", strings.ToLower(fmt.Sprint(n.Type())))
	}
	return out
}

func (r *yamlReader) entry(out *yamlNode, v *ast.MappingValueNode, depth int) {
	e := yamlEntry{}
	e.line, e.column = place(v.Key)
	key := r.read(v.Key, depth+1)
	if key.kind != yamlScalar {
		r.report(e.line, e.column, "problem-yaml-key")
		return
	}
	e.key = key.text
	for _, old := range out.entries {
		if old.key == e.key {
			r.report(e.line, e.column, "problem-yaml-twice", e.key, old.line)
			return
		}
	}
	e.value = r.read(v.Value, depth+1)
	out.entries = append(out.entries, e)
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
