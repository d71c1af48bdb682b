package datasetjson

import (
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// table is a table while its rows are read.
type table struct {
	*scanner
	d     *document
	out   *sheet.Sheet
	row   int
	cells []sheet.Cell
	store []sheet.Cell

	otherKind, zoned, partial tally
}

// tally counts cells and keeps the first.
type tally struct{ n, row, column int }

func (t *tally) add(row, column int) {
	if t.n == 0 {
		t.row, t.column = row, column
	}
	t.n++
}

// typed gives a column the reader of its values; false for a type that
// Dataset-JSON 1.1 has not.
func (c *column) typed() bool {
	switch c.kind {
	case "string", "URI":
		c.Kind = sheet.Text
	case "boolean":
		c.Kind = sheet.Text
	case "integer", "decimal", "float", "double":
		c.Kind = sheet.Number
	case "date":
		c.Kind = sheet.Date
	case "datetime":
		c.Kind = sheet.DateTime
	case "time":
		c.Kind = sheet.Time
	default:
		return false
	}
	return true
}

// read reads the rows, which the first walk found sound and counted.
func (t *table) read() {
	t.at = max(t.d.rows, t.d.lines)
	if t.at < 0 {
		return
	}
	t.out.Rows = make([]sheet.Row, 0, t.d.count)
	if t.d.lines >= 0 {
		for t.fault == nil && t.peek() == '[' {
			t.readRow()
		}
		return
	}
	t.elements(t.readRow)
}

// readRow reads one row, which has a value for each column.
func (t *table) readRow() {
	t.row++
	t.cells = t.cells[:0]
	t.elements(func() { t.cells = append(t.cells, t.cell(&t.d.columns[len(t.cells)])) })
	if t.fault == nil {
		t.out.Rows = append(t.out.Rows, sheet.Row{Number: t.row, Cells: t.keep()})
	}
}

// keep copies the row's cells to where they stay.
func (t *table) keep() []sheet.Cell {
	n := len(t.cells)
	if len(t.store)+n > cap(t.store) {
		left := (t.d.count - len(t.out.Rows)) * len(t.d.columns)
		t.store = make([]sheet.Cell, 0, max(n, min(16<<10, left)))
	}
	from := len(t.store)
	t.store = append(t.store, t.cells...)
	return t.store[from:len(t.store):len(t.store)]
}

// cell reads one value of a column.
func (t *table) cell(c *column) sheet.Cell {
	at := t.at
	var raw string
	quoted := false
	switch t.next() {
	case '"':
		at, quoted = t.at, true
		raw = t.text()
	case '[', '{':
		t.wrong(t.at, c, t.src[t.at:t.at+1]+"…")
	default:
		at = t.at
		if raw = t.plain(); raw == "null" {
			return sheet.Cell{}
		}
	}
	if raw = trim(raw); t.fault != nil || raw == "" {
		return sheet.Cell{}
	}
	cell, ok := t.value(c, raw, quoted)
	if !ok {
		t.wrong(at, c, raw)
	}
	return cell
}

func trim(s string) string {
	if s == "" || s[len(s)-1] > ' ' && s[len(s)-1] < 0x80 {
		return s
	}
	return strings.TrimRight(s, " \t\r\n\u00a0")
}

// wrong says that a value is not of its column's type.
func (t *table) wrong(at int, c *column, value string) {
	if t.fault != nil {
		return
	}
	if len(value) > 60 {
		value = strings.ToValidUTF8(value[:60], "") + "…"
	}
	t.fail(at, "file-json-value", text.Args{"value": value, "column": c.Name, "type": c.kind, "row": t.row})
}

// value makes a cell of a value, which is not empty.
func (t *table) value(c *column, raw string, quoted bool) (sheet.Cell, bool) {
	word := raw == "true" || raw == "false"
	at := len(t.cells) + 1
	switch c.kind {
	case "string", "URI":
		if !quoted {
			t.otherKind.add(t.row, at)
		}
		return sheet.Cell{Kind: sheet.Text, Text: raw}, quoted || !word
	case "boolean":
		return sheet.Cell{Kind: sheet.Text, Text: strings.ToUpper(raw)}, word && !quoted
	case "integer", "float", "double", "decimal":
		cell, ok := number(c.kind, raw)
		// Files of CDISC itself hold fractions in columns of whole numbers.
		if quoted != (c.kind == "decimal") || c.kind == "integer" && strings.Contains(cell.Text, ".") {
			t.otherKind.add(t.row, at)
		}
		return cell, ok
	}
	m, zone, ok := sheet.Moment(raw)
	if zone && ok {
		t.zoned.add(t.row, at)
	}
	switch {
	case !quoted:
		return m, false
	case !ok && incomplete(raw):
		t.partial.add(t.row, at)
		return sheet.Cell{Kind: sheet.Text, Text: raw}, true
	}
	return m, ok && (m.Kind == sheet.Time) == (c.kind == "time")
}

// number reads a number: as it is written in a column of decimals and of whole
// numbers, else in the shortest form that gives its float64.
func number(kind, raw string) (sheet.Cell, bool) {
	if sheet.Shortest(raw) {
		return sheet.Cell{Kind: sheet.Number, Text: raw}, true
	}
	if kind == "decimal" {
		raw = ungrouped(raw)
	}
	if !numeral(raw) {
		return sheet.Cell{}, false
	}
	digits := raw
	switch {
	case kind == "decimal" && !strings.ContainsAny(raw, "eE"):
	case kind == "integer" && strings.Trim(raw, "-0123456789") == "" && len(raw) > 15:
	default:
		digits = sheet.Decimal(raw)
	}
	return sheet.Cell{Kind: sheet.Number, Text: digits}, true
}

// ungrouped is a decimal without the commas that separate its thousands, which
// the specification allows in texts.
func ungrouped(s string) string {
	if strings.IndexByte(s, ',') < 0 {
		return s
	}
	whole, fraction, _ := strings.Cut(s, ".")
	groups := strings.Split(strings.TrimPrefix(whole, "-"), ",")
	for i, g := range groups {
		if len(g) != 3 && (i > 0 || g == "" || len(g) > 3) {
			return s
		}
	}
	if strings.Contains(fraction, ",") {
		return s
	}
	return strings.ReplaceAll(s, ",", "")
}

// numeral reports whether a text is a number as JSON writes one. It may begin
// with a point or with zeros, as decimals in texts do.
func numeral(s string) bool {
	s = strings.TrimPrefix(s, "-")
	mantissa, exponent := s, ""
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		mantissa, exponent = s[:e], s[e+1:]
		if exponent = strings.TrimLeft(exponent, "+-"); exponent == "" || len(s)-e-1-len(exponent) > 1 {
			return false
		}
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	return whole+fraction != "" && (!point || fraction != "") && strings.Trim(whole+fraction+exponent, "0123456789") == ""
}

// incomplete reports whether a text may be a date or a time that is not wholly
// known, as SDTM writes them: 2003, 2003-12, 2003---15, --12-15, or a range of
// two. A whole date that the calendar has not is none.
func incomplete(s string) bool {
	if strings.Trim(s, "0123456789-:T/.+Z") != "" || !strings.ContainsAny(s, "0123456789") {
		return false
	}
	if strings.Contains(s, "/") {
		from, to, _ := strings.Cut(s, "/")
		return valid(from) && valid(to)
	}
	return valid(s)
}

// valid reports whether the known parts of a date could be right.
func valid(s string) bool {
	if _, _, ok := sheet.Moment(s); ok {
		return true
	}
	day, clock, timed := strings.Cut(s, "T")
	if timed && (len(clock) == 0 || len(clock) > 14) {
		return false
	}
	switch {
	case len(day) == 4:
		return !strings.Contains(day, "-")
	case len(day) == 7 && day[4] == '-' && strings.Trim(day[:4], "0123456789") == "":
		return day[5:] >= "01" && day[5:] <= "12" && day[6] <= '9'
	case len(day) == 10:
		if strings.Trim(day[:4]+day[5:7]+day[8:], "0123456789") != "" {
			return false
		}
		_, _, ok := sheet.Moment(day)
		return ok && timed // a known day at a time that is known in part
	}
	return strings.Contains(day, "--")
}

// note tells what was decided.
func (t *table) note() {
	if t.d.records < 0 {
		t.out.Notes = append(t.out.Notes, text.Phrase{Code: "file-json-note-records"})
	}
	for _, n := range []struct {
		tally
		code string
	}{{t.otherKind, "file-json-note-kind"}, {t.zoned, "file-json-note-zone"}, {t.partial, "file-json-note-incomplete"}} {
		if n.n > 0 {
			t.out.Notes = append(t.out.Notes, text.Phrase{Code: n.code, Args: text.Args{"count": n.n, "row": n.row, "column": t.d.columns[n.column-1].Name}})
		}
	}
}
