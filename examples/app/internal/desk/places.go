package desk

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/examples/app/internal/yamltext"
)

// placed finds for each problem its cell in the tables that are shown, and the key of
// the protocol that reads the cell's column or that the problem stands at.
func (d *Desk) placed(list []Problem, protocol string) []Problem {
	t, err := yamltext.Parse(protocol)
	if err != nil {
		return list
	}
	leaves := t.Root.Leaves("")
	for i := range list {
		p := &list[i]
		if p.File == protocolName {
			for _, l := range leaves {
				if l.Line == p.Line {
					p.Key, p.At = l.Path, l.Line
					break
				}
			}
			continue
		}
		column := d.cell(p)
		for _, l := range leaves {
			if column != "" && l.Text == column && strings.HasPrefix(l.Path, "data.") {
				p.Key, p.At = l.Path, l.Line
				break
			}
		}
	}
	return list
}

// cell finds the cell of a problem, and returns its column's name.
func (d *Desk) cell(p *Problem) string {
	for _, t := range d.tables {
		if t.File() != p.File || p.Line == 0 || t.Sheet != "" && !strings.HasPrefix(p.Place, t.Sheet+"!") {
			continue
		}
		row := 0
		for r := range t.All() {
			if r.Line() == p.Line {
				for c := range r.Len() {
					if at := r.Place(c); at.Line == p.Line && at.Column == p.Column && c < len(t.Columns) {
						if row < shown {
							p.Row, p.Cell = row, c
						}
						return t.Columns[c].Name
					}
				}
				if row < shown {
					p.Row = row
				}
				return ""
			}
			if !r.IsEmpty() {
				row++
			}
		}
		for c := range t.Columns { // in the header
			if at := t.Header().Place(c); at.Line == p.Line && at.Column == p.Column {
				return t.Columns[c].Name
			}
		}
	}
	return ""
}

// unused are the columns of the tables that are shown and that no key of a protocol
// names.
func (d *Desk) unused(protocol string) []string {
	out := []string{}
	t, err := yamltext.Parse(protocol)
	if err != nil {
		return out
	}
	leaves := t.Root.Leaves("")
	for _, table := range d.tables {
		for _, c := range table.Columns {
			named := slices.ContainsFunc(leaves, func(l yamltext.Leaf) bool { return l.Text == c.Name })
			if c.Name != "" && !named && !slices.Contains(out, c.Name) {
				out = append(out, c.Name)
			}
		}
	}
	return out
}
