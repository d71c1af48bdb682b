package opendocument

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/grid"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/text"
)

// cell is what the tag of a cell says.
type cell struct {
	kind         string // its value type
	value        []byte // of a number, a date, a time or a boolean
	text         []byte // of a text that is stored beside the one shown
	valued       bool
	texted       bool
	formula      bool
	failed       bool // LibreOffice says that its formula gave an error
	across, down int
}

// readCell reads one cell, which may count for several.
func (t *table) readCell() error {
	t.Column++
	n, err := t.repeated("number-columns-repeated")
	if err != nil {
		return err
	}
	c := &t.cell
	*c = cell{value: c.value[:0], text: c.text[:0], across: 1, down: 1}
	if c.across, err = t.repeated("number-columns-spanned"); err != nil {
		return err
	}
	if c.down, err = t.repeated("number-rows-spanned"); err != nil {
		return err
	}
	for i := range t.Attributes() {
		space, _, name, value := t.Attribute(i)
		switch {
		case space == officeSpace && string(name) == "value-type":
			c.kind = kindOf(value)
		case space == officeSpace && (string(name) == "value" || string(name) == "date-value" || string(name) == "time-value" || string(name) == "boolean-value"):
			c.value, c.valued = append(c.value[:0], value...), true
		case space == officeSpace && string(name) == "string-value":
			c.text, c.texted = append(c.text, value...), true
		case space == calcSpace && string(name) == "value-type":
			c.failed = string(value) == "error"
		case space == tableSpace && string(name) == "formula":
			c.formula = true
		}
	}
	shown, err := t.shown(t.Scanner)
	if err != nil {
		return err
	}
	before := t.Len()
	if f := t.put(shown); f != nil {
		return f
	}
	last := t.Column + n - 1
	if t.Len() > before {
		if last > grid.MaxColumn {
			return fault("file-cell-name", text.Args{"name": sheet.Name(t.Row, last)})
		}
		if c.across > 1 || c.down > 1 {
			t.Merge(t.Row, t.Column, min(t.Row+c.down-1, grid.MaxRow), min(t.Column+c.across-1, grid.MaxColumn))
		}
		if f := t.Again(n - 1); f != nil {
			return f
		}
	}
	t.Column = min(last, grid.MaxColumn)
	return nil
}

// kindOf keeps a value type without a copy of it.
func kindOf(v []byte) string {
	for _, k := range []string{"float", "string", "date", "percentage", "time", "currency", "boolean", "void"} {
		if string(v) == k {
			return k
		}
	}
	return string(v)
}

// put makes the cell, where it holds anything. shown is the text that the
// spreadsheet shows for it.
func (t *table) put(shown []byte) *sheet.Fault {
	c := &t.cell
	if c.failed || c.formula && isError(shown) {
		if len(shown) == 0 {
			shown = []byte("#ERROR!")
		}
		return t.Put(sheet.Cell{Kind: sheet.Error, Text: string(shown)})
	}
	switch c.kind {
	case "", "void":
		if c.formula && len(shown) == 0 {
			return t.Put(sheet.Cell{Kind: sheet.Uncached})
		}
		return t.PutText(string(shown))
	case "string":
		if c.texted {
			shown = bytes.TrimRight(c.text, " \t\r\n\u00a0")
		}
		return t.PutText(string(shown))
	}
	if !c.valued || len(c.value) == 0 {
		switch {
		case c.formula:
			return t.Put(sheet.Cell{Kind: sheet.Uncached})
		case len(shown) == 0:
			return nil
		}
		return fault("file-ods-value", text.Args{"value": string(shown), "type": c.kind})
	}
	v := strings.TrimSpace(string(c.value))
	switch c.kind {
	case "float", "currency", "percentage":
		return t.number(v, shown)
	case "boolean":
		if v == "true" || v == "false" {
			return t.PutText(strings.ToUpper(v))
		}
	case "date":
		if m, _, ok := sheet.Moment(v); ok && m.Kind != sheet.Time {
			return t.Put(m)
		}
	case "time":
		if ms, ok := duration(v); ok {
			return t.Put(sheet.Cell{Kind: sheet.Time, Text: clock(ms)})
		}
	default:
		return fault("file-cell-type", text.Args{"type": c.kind})
	}
	return fault("file-cell-value", text.Args{"value": v})
}

// number puts a number as it is stored.
func (t *table) number(v string, shown []byte) *sheet.Fault {
	if t.cell.kind == "percentage" {
		t.Add(&t.Percent)
	}
	// 7 that is shown as 007 is a number of a participant, perhaps.
	if len(shown) > len(v) && shown[0] == '0' && strings.TrimLeft(string(shown), "0") == strings.TrimLeft(v, "0") && !strings.Contains(v, ".") {
		t.Add(&t.Zeros)
		t.ZerosFormat = len(shown)
	}
	if sheet.Shortest(v) {
		return t.PutDigits([]byte(v))
	}
	if strings.Trim(v, "0123456789+-.eE") != "" {
		return fault("file-cell-number", text.Args{"value": v})
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return fault("file-cell-number", text.Args{"value": v})
	}
	_, f := t.PutNumber(x)
	return f
}

// errors are what spreadsheets show for a formula that has no result.
var errorsShown = map[string]bool{"#DIV/0!": true, "#N/A": true, "#NAME?": true, "#NULL!": true, "#NUM!": true, "#REF!": true, "#VALUE!": true}

func isError(shown []byte) bool {
	s := string(shown)
	if digits, ok := strings.CutPrefix(s, "Err:"); ok {
		return digits != "" && strings.Trim(digits, "0123456789") == ""
	}
	return errorsShown[s]
}

// duration reads a time as ISO 8601 writes a duration, PT10H22M00S, in
// milliseconds, rounded. Months and years have no length.
func duration(s string) (ms int64, ok bool) {
	s, negative := strings.CutPrefix(s, "-")
	s, ok = strings.CutPrefix(s, "P")
	units := []struct {
		sign    byte
		seconds float64
	}{{'D', 86400}, {'T', 0}, {'H', 3600}, {'M', 60}, {'S', 1}}
	total, parts := 0.0, 0
	for next := 0; s != "" && ok; {
		i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if i < 0 {
			return 0, false
		}
		k := next
		for k < len(units) && units[k].sign != s[i] {
			k++
		}
		if k == len(units) || units[k].sign == 'T' != (i == 0) || next <= 1 && k > 1 {
			return 0, false
		}
		if i > 0 {
			x, err := strconv.ParseFloat(s[:i], 64)
			if err != nil || units[k].sign != 'S' && strings.Contains(s[:i], ".") {
				return 0, false
			}
			total += x * units[k].seconds
			parts++
		}
		next, s = k+1, s[i+1:]
	}
	if !ok || parts == 0 || total > 1e9 {
		return 0, false
	}
	ms = int64(math.Round(total * 1000))
	if negative {
		ms = -ms
	}
	return ms, true
}

func clock(ms int64) string {
	if ms < 0 {
		return "-" + sheet.Clock(-ms)
	}
	return sheet.Clock(ms)
}

// paragraphs reads the text that a cell shows.
type paragraphs struct {
	buf   []byte
	blank bool // a blank is due, unless the paragraph ends or has just begun
	begun bool // the paragraph holds something
}

// shown reads to the end of the cell. Comments, pictures and what else stands in
// a cell are no part of its text.
func (p *paragraphs) shown(s *xmlscan.Scanner) ([]byte, error) {
	p.buf = p.buf[:0]
	depth, n := s.Depth(), 0
	for s.Next() {
		switch {
		case s.Kind == xmlscan.End && s.Depth() < depth:
			return bytes.TrimRight(p.buf, " \t\r\n\u00a0"), nil
		case s.Kind != xmlscan.Start:
		case s.Space == textSpace && (string(s.Name) == "p" || string(s.Name) == "h"):
			if n++; n > 1 {
				p.buf = append(p.buf, '\n')
			}
			p.blank, p.begun = false, false
			if err := p.paragraph(s); err != nil {
				return nil, err
			}
		case s.Space == textSpace && (string(s.Name) == "list" || string(s.Name) == "list-item" || string(s.Name) == "section"):
		default:
			s.Skip()
		}
	}
	return nil, s.Err()
}

// paragraph appends the text of a paragraph or of a part of it. Blanks that
// follow each other count once, and not at all at its begin; text:s are the ones
// that count.
func (p *paragraphs) paragraph(s *xmlscan.Scanner) error {
	for s.Next() {
		switch {
		case s.Kind == xmlscan.End:
			return nil
		case s.Kind == xmlscan.Text:
			p.add(s.Text())
			if len(p.buf) > xmlscan.MaxToken {
				return fault("file-text-long", nil)
			}
		case s.Space != textSpace:
			s.Skip() // comments, pictures
		default:
			if err := p.part(s); err != nil {
				return err
			}
		}
	}
	return s.Err()
}

// part appends what an element inside a paragraph stands for.
func (p *paragraphs) part(s *xmlscan.Scanner) error {
	switch string(s.Name) {
	case "s":
		n := 1
		if v, ok := s.AttrIn(textSpace, "c"); ok {
			n, _ = strconv.Atoi(string(v))
		}
		if n < 0 || n > xmlscan.MaxToken-min(len(p.buf), xmlscan.MaxToken) {
			return fault("file-text-long", nil)
		}
		p.flush()
		p.buf = append(p.buf, strings.Repeat(" ", n)...)
		p.begun = true
	case "tab":
		p.flush()
		p.buf = append(p.buf, '\t')
	case "line-break":
		p.blank = false
		p.buf = append(p.buf, '\n')
	case "note", "ruby-text", "tracked-changes", "bookmark", "soft-page-break":
	default: // spans, links, fields
		return p.paragraph(s)
	}
	s.Skip()
	return nil
}

func (p *paragraphs) add(b []byte) {
	for _, c := range b {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			p.blank = p.begun
			continue
		}
		p.flush()
		p.buf = append(p.buf, c)
		p.begun = true
	}
}

func (p *paragraphs) flush() {
	if p.blank {
		p.buf = append(p.buf, ' ')
		p.blank = false
	}
}
