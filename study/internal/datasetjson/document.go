package datasetjson

import (
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// document is a Dataset-JSON file taken apart: what it says of itself, and where
// its rows are.
type document struct {
	version string
	cdisc   bool // it has attributes of Dataset-JSON
	name    string
	records int64 // −1 where the file does not say
	stated  int   // the place of what it says
	columns []column
	rows    int // the place of the list of rows; −1 without one
	count   int // of rows
	first   row // the first row
	other   row // the first that is not as long as the first
	lines   int // the place of the first row in NDJSON; −1 in JSON
}

// row is a row as the first walk sees it.
type row struct{ number, at, values int }

// column is what a file says of a column.
type column struct {
	sheet.Column
	kind string // dataType
	at   int    // where it stands
}

// document goes over the whole text, so that it is known to be sound before a
// cell is kept.
func (s *scanner) document() *document {
	d := &document{records: -1, rows: -1, lines: -1}
	seen := map[string]bool{}
	s.members(func(name string) {
		s.next()
		at := s.at
		if seen[name] {
			s.fail(at, "file-json-member-twice", text.Args{"name": name})
			return
		}
		seen[name] = true
		switch name {
		case "datasetJSONVersion":
			d.version = s.word(name)
			if v := d.version; s.fault == nil && v != "1.1" && !strings.HasPrefix(v, "1.1.") {
				s.fail(at, "file-json-version", text.Args{"version": v})
			}
		case "clinicalData", "referenceData": // of version 1.0
			if s.skip(); s.fault == nil && s.src[at] == '{' {
				s.fail(at, "file-json-version", text.Args{"version": "1.0"})
				d.version = "1.0"
			}
		case "name":
			if s.next() == '"' {
				d.name = s.text()
			} else {
				s.skip()
			}
		case "records":
			d.records, d.stated = s.whole(), at
		case "columns":
			s.columns(d)
		case "rows":
			if s.next() == '[' {
				d.rows = s.at
			}
			s.eachRow(d)
		case "datasetJSONCreationDateTime", "itemGroupOID":
			d.cdisc = true
			s.skip()
		default:
			s.skip()
		}
	})
	if s.fault == nil && d.version == "" && d.cdisc {
		s.fail(0, "file-json-attribute", text.Args{"name": "datasetJSONVersion"})
	}
	if s.fault != nil {
		return d
	}
	if s.peek() != 0 || s.at < len(s.src) {
		d.lines = s.at
		for s.fault == nil && s.peek() == '[' {
			s.countRow(d)
		}
		if s.fault == nil && s.at < len(s.src) && d.version != "" {
			s.fail(s.at, "file-json-row", text.Args{"row": d.count + 1})
		}
	}
	return d
}

// eachRow goes over the list of rows.
func (s *scanner) eachRow(d *document) {
	if s.next() != '[' {
		s.skip()
		return
	}
	s.elements(func() { s.countRow(d) })
}

// countRow goes over a row and counts its values; −1 of what is no list.
func (s *scanner) countRow(d *document) {
	d.count++
	r := row{number: d.count, values: -1}
	list := s.next() == '['
	if r.at = s.at; list {
		r.values = 0
		s.elements(func() {
			r.values++
			s.skip()
		})
	} else {
		s.skip()
	}
	switch {
	case d.count == 1:
		d.first = r
	case d.other.number == 0 && r.values != d.first.values:
		d.other = r
	}
}

// word reads a text that must be one.
func (s *scanner) word(name string) string {
	if s.next() != '"' {
		s.fail(s.at, "file-json-attribute", text.Args{"name": name})
		return ""
	}
	return s.text()
}

// whole reads a whole number; −1 for anything else.
func (s *scanner) whole() int64 {
	from := s.at
	s.skip()
	if s.fault != nil {
		return -1
	}
	n, err := strconv.ParseInt(strings.TrimSpace(s.src[from:s.at]), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// columns reads what the file says of its columns. A file that is no
// Dataset-JSON may have columns of another kind, so that nothing is held yet.
func (s *scanner) columns(d *document) {
	if s.next() != '[' {
		s.skip()
		return
	}
	s.elements(func() {
		c := column{}
		if s.next() != '{' {
			s.skip()
			return
		}
		c.at = s.at
		s.members(func(name string) {
			if s.next() != '"' {
				s.skip()
				return
			}
			switch v := s.text(); name {
			case "name":
				c.Name = trim(v)
			case "label":
				c.Label = trim(v)
			case "dataType":
				c.kind = v
			}
		})
		d.columns = append(d.columns, c)
	})
}

// check holds what the file says of its columns.
func (d *document) check(s *scanner) {
	names := map[string]int{}
	for i := range d.columns {
		c := &d.columns[i]
		n := i + 1
		switch {
		case c.Name == "":
			s.fail(c.at, "file-json-column-name", text.Args{"n": n})
		case !c.typed():
			s.fail(c.at, "file-json-column-type", text.Args{"column": c.Name, "type": c.kind})
		case names[c.Name] > 0:
			s.fail(c.at, "file-json-column-twice", text.Args{"column": c.Name, "first": names[c.Name], "second": n})
		}
		names[c.Name] = n
	}
	switch {
	case len(d.columns) == 0:
		s.fail(0, "file-json-attribute", text.Args{"name": "columns"})
	case d.rows >= 0 && d.lines >= 0:
		s.fail(d.lines, "file-json-row", text.Args{"row": d.count + 1})
	case d.records >= 0 && d.records != int64(d.count):
		s.fail(d.stated, "file-json-records", text.Args{"stated": d.records, "found": d.count})
	case d.count > 0 && d.first.values != len(d.columns):
		d.wrongLength(s, d.first)
	case d.other.number > 0:
		d.wrongLength(s, d.other)
	case len(d.columns) > MaxColumns, int64(d.count)*int64(len(d.columns)) > MaxCells:
		s.fail(0, "file-json-large", text.Args{"limit": MaxCells})
	}
}

// wrongLength says that a row is not as long as it should be.
func (d *document) wrongLength(s *scanner, r row) {
	if r.values < 0 {
		s.fail(r.at, "file-json-row", text.Args{"row": r.number})
	}
	s.fail(r.at, "file-json-row-length", text.Args{"row": r.number, "found": r.values, "columns": len(d.columns)})
}

// sheet makes the table.
func (d *document) sheet(s *scanner) (*sheet.Sheet, *sheet.Fault) {
	if d.check(s); s.fault != nil {
		return nil, s.fault
	}
	out := &sheet.Sheet{Name: d.name, Columns: make([]sheet.Column, len(d.columns))}
	for i, c := range d.columns {
		out.Columns[i] = c.Column
	}
	t := &table{scanner: s, d: d, out: out}
	if t.read(); s.fault != nil {
		return nil, s.fault
	}
	t.note()
	return out, nil
}
