package datasetjson

import (
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Cells that objects lack may be Gaps times as many as those they have, and
// GapRoom more: they cost as much as others.
const (
	Gaps    = 20
	GapRoom = 1 << 20
)

// list is a list of objects while it is read: an object is a row, its members are
// columns.
type list struct {
	*scanner
	lines        bool // an object a line
	columns      []member
	place        map[string]int // of each name, the column
	rows         []sheet.Row
	cells        []sheet.Cell
	store        []sheet.Cell
	filled, gaps int
}

// member is a column of a list of objects.
type member struct {
	name          string
	last          int // the last row that has it
	text, numbers bool
}

// objects reads a list of flat objects, or one a line. Everything else is JSON
// that is no table. A member that an object lacks is no value: R leaves out what
// is missing.
func (s *scanner) objects(lines bool) (*sheet.Sheet, *sheet.Fault) {
	l := &list{scanner: s, lines: lines, place: map[string]int{}}
	if lines {
		for s.fault == nil && s.peek() == '{' {
			l.object()
		}
	} else {
		s.elements(l.object)
	}
	if s.fault == nil && (s.peek() != 0 || s.at < len(s.src) || len(l.columns) == 0 || lines && len(l.rows) < 2) {
		l.noTable()
	}
	if s.fault != nil {
		return nil, s.fault
	}
	out := &sheet.Sheet{Rows: l.rows, Columns: make([]sheet.Column, len(l.columns))}
	for i, m := range l.columns {
		out.Columns[i].Name = m.name
		if m.numbers && !m.text {
			out.Columns[i].Kind = sheet.Number
		}
	}
	if n := len(l.rows)*len(l.columns) - l.filled; n > 0 {
		out.Notes = append(out.Notes, text.Phrase{Code: "file-json-note-absent", Args: text.Args{"count": n}})
	}
	return out, nil
}

// noTable says that this JSON is no table.
func (l *list) noTable() { l.fail(0, "problem-file-json", nil) }

// object reads one row.
func (l *list) object() {
	if l.next() != '{' {
		l.noTable()
		return
	}
	row, position := len(l.rows)+1, 0
	l.cells = l.cells[:0]
	l.members(func(name string) {
		l.next()
		at := l.column(name, position)
		position = at + 1
		if at == MaxColumns {
			l.fail(l.at, "file-json-large", text.Args{"limit": MaxCells})
			return
		}
		m := &l.columns[at]
		if m.last == row {
			l.fail(l.at, "file-json-member-twice", text.Args{"name": name})
			return
		}
		m.last = row
		l.filled++
		for len(l.cells) <= at {
			l.cells = append(l.cells, sheet.Cell{})
			l.gaps++
		}
		l.gaps-- // this one is filled
		l.cells[at] = l.value(m, row)
	})
	if l.gaps > Gaps*l.filled+GapRoom || l.filled+l.gaps > MaxCells {
		l.fail(l.at, "file-json-large", text.Args{"limit": MaxCells})
	}
	if l.fault == nil {
		l.rows = append(l.rows, sheet.Row{Number: row, Cells: l.keep()})
	}
}

// column finds the column of a name, or makes it. Most objects have the same
// members in the same order: position is where it would stand.
func (l *list) column(name string, position int) int {
	if position < len(l.columns) && l.columns[position].name == name {
		return position
	}
	i, known := l.place[name]
	if !known {
		if i = len(l.columns); i == MaxColumns {
			return i
		}
		if strings.TrimSpace(name) == "" {
			l.fail(l.at, "file-json-column-name", text.Args{"n": i + 1})
		}
		l.place[name] = i
		l.columns = append(l.columns, member{name: name})
	}
	return i
}

// value reads the value of a member.
func (l *list) value(m *member, row int) sheet.Cell {
	switch c := l.next(); {
	case c == '"':
		v := trim(l.text())
		m.text = m.text || v != ""
		return cellOf(sheet.Text, v)
	case c == '[' || c == '{':
		if l.lines {
			l.noTable()
		}
		l.fail(l.at, "file-json-nested", text.Args{"column": m.name, "row": row})
		return sheet.Cell{}
	case c == '-' || c >= '0' && c <= '9':
		m.numbers = true
		return cellOf(sheet.Number, sheet.Decimal(l.plain()))
	}
	v := l.plain()
	if v == "null" {
		return sheet.Cell{}
	}
	m.text = true
	return cellOf(sheet.Text, strings.ToUpper(v))
}

func cellOf(kind sheet.Kind, v string) sheet.Cell {
	if v == "" {
		return sheet.Cell{}
	}
	return sheet.Cell{Kind: kind, Text: v}
}

// keep copies the row's cells to where they stay.
func (l *list) keep() []sheet.Cell {
	n := len(l.cells)
	if len(l.store)+n > cap(l.store) {
		l.store = make([]sheet.Cell, 0, max(n, min(16<<10, 2*cap(l.store)+256)))
	}
	from := len(l.store)
	l.store = append(l.store, l.cells...)
	return l.store[from:len(l.store):len(l.store)]
}
