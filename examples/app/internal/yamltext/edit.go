package yamltext

import (
	"fmt"
	"strconv"
	"strings"
)

// Set returns the text with a value in place of a key's or an item's: outcomes[0].better.
// The value is YAML on one line. A key that is not there is added to its map, which
// must be there.
func Set(src, path, value string) (string, error) {
	t, p, err := find(src, path)
	if err != nil {
		return "", err
	}
	if p.at == nil {
		return t.add(p, value)
	}
	start, end := p.at.start, p.at.end
	lead, trail := "", ""
	if start > 0 && src[start-1] == ':' {
		lead = " "
	}
	if p.at.Kind != Scalar && !p.at.flow { // a block begins on a line of its own
		start = strings.LastIndexByte(strings.TrimRight(src[:start], " \t\r\n"), ':') + 1
		if i := t.lineEnd(p.key); i < p.at.start { // comments between key and value go
			start = p.key + len(p.name)
			start += strings.IndexByte(src[start:], ':') + 1
		}
		lead = " "
	}
	return src[:start] + lead + value + trail + src[end:], nil
}

// Delete returns the text without a key or an item, and without the comment above a
// key.
func Delete(src, path string) (string, error) {
	t, p, err := find(src, path)
	if err != nil || p.at == nil {
		return src, err
	}
	start, end := p.key, p.at.end
	if p.parent.flow {
		if i := strings.IndexFunc(src[end:], notBlank); i >= 0 && src[end+i] == ',' {
			end += i + 1
			end += len(src[end:]) - len(strings.TrimLeft(src[end:], " "))
		} else if s := strings.TrimRight(src[:start], " "); strings.HasSuffix(s, ",") {
			start = len(s) - 1
		}
		return src[:start] + src[end:], nil
	}
	line := t.lineAt(start)
	begin := t.lines[line-1]
	if strings.TrimSpace(src[begin:start]) != "" { // behind the dash of an item
		return "", fmt.Errorf("yamltext: %s", path)
	}
	for line > 1 && strings.HasPrefix(strings.TrimSpace(src[t.lines[line-2]:t.lineEnd(t.lines[line-2])]), "#") && p.at.Comment != "" {
		line--
	}
	end = t.lineEnd(end)
	if end < len(src) {
		end++
	}
	return src[:t.lines[line-1]] + src[end:], nil
}

func notBlank(r rune) bool { return r != ' ' && r != '\t' }

// place is where a path leads to: at is nil where its last key is not there.
type place struct {
	parent, at *Node
	name       string
	key        int // where the key or item begins
}

// find follows a path.
func find(src, path string) (*Text, place, error) {
	t, err := Parse(src)
	if err != nil {
		return nil, place{}, err
	}
	p := place{at: t.Root}
	for _, part := range strings.Split(strings.ReplaceAll(path, "[", ".["), ".") {
		if part == "" {
			continue
		}
		if p.at == nil {
			return nil, p, fmt.Errorf("yamltext: %s", path)
		}
		p.parent, p.at, p.name = p.at, nil, part
		if i, ok := index(part); ok {
			if i >= len(p.parent.Items) {
				return nil, p, fmt.Errorf("yamltext: %s", path)
			}
			p.at = p.parent.Items[i]
			p.key = p.at.start
			if !p.parent.flow { // the dash is part of the item
				p.key = strings.LastIndexByte(src[:p.key], '-')
			}
			continue
		}
		for _, e := range p.parent.Entries {
			if e.Key == part {
				p.at, p.key = e.Value, e.start
			}
		}
	}
	return t, p, nil
}

func index(part string) (int, bool) {
	s, ok := strings.CutPrefix(part, "[")
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(strings.TrimSuffix(s, "]"))
	return i, err == nil && i >= 0
}

// add adds a key to a map.
func (t *Text) add(p place, value string) (string, error) {
	m := p.parent
	if m == nil || m.Kind != Map {
		return "", fmt.Errorf("yamltext: %s", p.name)
	}
	if m.flow {
		at := m.end - 1
		lead := ", "
		if len(m.Entries) == 0 {
			lead = ""
		} else {
			at = m.Entries[len(m.Entries)-1].Value.end
		}
		return t.src[:at] + lead + p.name + ": " + value + t.src[at:], nil
	}
	if len(m.Entries) == 0 {
		return strings.TrimRight(t.src, "\n") + "\n" + p.name + ": " + value + "\n", nil
	}
	first, last := m.Entries[0], m.Entries[len(m.Entries)-1]
	indent := first.start - t.lines[t.lineAt(first.start)-1]
	at := t.lineEnd(last.Value.end)
	lead := "\n"
	return t.src[:at] + lead + strings.Repeat(" ", indent) + p.name + ": " + value + t.src[at:], nil
}

// Quote writes a word so that YAML reads it as it is.
func Quote(s string) string {
	plain := s != "" && strings.TrimSpace(s) == s && s != "?" && s != "-"
	for i, r := range s {
		if strings.ContainsRune(",[]{}#&*!|>'\"%@`:\\", r) || r < ' ' || i == 0 && strings.ContainsRune("?-<=~", r) {
			plain = false
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "null", "on", "off", "y", "n":
		plain = false
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		plain = false
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}
