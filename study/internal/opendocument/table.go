package opendocument

import (
	"github.com/trialkit/trialkit/study/internal/grid"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/text"
)

// table is a sheet while it is read.
type table struct {
	*document
	*grid.Grid
	row, column int  // of the last row and column written
	linked      bool // it holds what was last seen of another file's sheet
	cell        cell
}

// table reads one sheet.
func (d *document) table() (*table, error) {
	name, _ := d.AttrIn(tableSpace, "name")
	style, _ := d.AttrIn(tableSpace, "style-name")
	t := &table{document: d, Grid: grid.New(&d.budget, string(name), d.hidden[string(style)])}
	if err := t.inside(false); err != nil {
		if f, ok := err.(*sheet.Fault); ok {
			if t.Place(f); f.Sheet == "" {
				f.Sheet, f.Letters = t.Out.Name, true
			}
		}
		return nil, err
	}
	t.Row, t.Column = 0, 0
	return t, nil
}

// inside reads rows and columns, which may stand in groups and heads. hidden: the
// group is folded.
func (t *table) inside(hidden bool) error {
	for t.Next() {
		switch {
		case t.Kind == xmlscan.End:
			return nil
		case t.Kind != xmlscan.Start:
			continue
		case t.Space != tableSpace:
			t.Skip() // forms, shapes, page breaks, formats
			continue
		}
		var err error
		switch string(t.Name) {
		case "table-row":
			err = t.readRow(hidden)
		case "table-column":
			err = t.readColumn(hidden)
		case "table-row-group", "table-column-group":
			v, ok := t.AttrIn(tableSpace, "display")
			err = t.inside(hidden || ok && string(v) == "false")
		case "table-header-rows", "table-rows", "table-header-columns", "table-columns":
			err = t.inside(hidden)
		case "table-source":
			t.linked = true
			t.Skip()
		case "title", "desc", "scenario", "shapes", "named-expressions", "table-protection", "background-image", "insertion-cut-off", "table-template":
			t.Skip()
		default:
			err = t.unexpected()
		}
		if err != nil {
			return err
		}
	}
	return t.Err()
}

// unexpected refuses an element where none like it belongs: what it holds might
// be data.
func (t *table) unexpected() error {
	return fault("file-workbook-element", text.Args{"element": string(t.Name)})
}

// repeated reads how many times an element counts.
func (t *table) repeated(name string) (int, error) {
	v, ok := t.AttrIn(tableSpace, name)
	if !ok {
		return 1, nil
	}
	n := 0
	for _, c := range v {
		if c < '0' || c > '9' || n > 1<<24 {
			n = 0
			break
		}
		n = 10*n + int(c-'0')
	}
	if n == 0 {
		return 0, fault("file-ods-repeat", text.Args{"value": string(v)})
	}
	return n, nil
}

// unseen reports whether the row or column just begun is not shown.
func (t *table) unseen() bool {
	v, _ := t.AttrIn(tableSpace, "visibility")
	switch string(v) {
	case "filter":
		t.Filter = true
		return true
	case "collapse":
		return true
	}
	return false
}

func (t *table) readColumn(hidden bool) error {
	n, err := t.repeated("number-columns-repeated")
	if err != nil {
		return err
	}
	if t.unseen() || hidden {
		t.HideColumns(t.column+1, t.column+n)
	}
	t.column = min(t.column+n, grid.MaxColumn)
	t.Skip()
	return nil
}

func (t *table) readRow(hidden bool) error {
	t.Begin(t.row + 1)
	n, err := t.repeated("number-rows-repeated")
	if err != nil {
		return err
	}
	hidden = t.unseen() || hidden
	for t.Next() {
		switch {
		case t.Kind == xmlscan.End:
			return t.endRow(n, hidden)
		case t.Kind != xmlscan.Start:
		case t.Space == tableSpace && (string(t.Name) == "table-cell" || string(t.Name) == "covered-table-cell"):
			if err := t.readCell(); err != nil {
				return err
			}
		case t.Space == tableSpace:
			return t.unexpected()
		default:
			t.Skip()
		}
	}
	return t.Err()
}

// endRow keeps the row n times, if it holds anything.
func (t *table) endRow(n int, hidden bool) error {
	rows := len(t.Out.Rows)
	if t.End(hidden); len(t.Out.Rows) > rows {
		if t.row+n > grid.MaxRow {
			return fault("file-row-number", text.Args{"row": t.row + n})
		}
		if f := t.Repeat(n-1, hidden); f != nil {
			return f
		}
	}
	t.row = min(t.row+n, grid.MaxRow)
	return nil
}
