package statfile

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// count reads the number of rows. Zeros in all columns are what writes a file
// before it knows the number; a SAS zero has blanks in front.
func (m *xptMember) count(c *cursor, rest []byte) {
	s := strings.TrimSpace(string(rest[:15]))
	if s == "" || s == "000000000000000" {
		return
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		c.damage()
		return
	}
	m.stated = n
}

// layOut checks that the variables lie in a row one behind the other, in
// whatever order they are listed: what overlaps would be read twice.
func (m *xptMember) layOut(c *cursor) {
	order := make([]*xptVariable, len(m.vars))
	for i := range m.vars {
		order[i] = &m.vars[i]
	}
	slices.SortStableFunc(order, func(a, b *xptVariable) int { return a.at - b.at })
	for _, v := range order {
		if v.at != m.size || v.size < 1 || !v.text && (v.size < 2 || v.size > 8) {
			c.part = "variable"
			c.damage()
			return
		}
		m.size += v.size
	}
	if m.size == 0 {
		c.part = "variable"
		c.damage()
	}
}

// findRows finds where the rows end: at the header of the next member, or of
// the file. A file that does not state their number has as many as fit before
// its last record is filled with blanks.
func (m *xptMember) findRows(c *cursor) {
	m.at = c.at
	end := len(c.b)
	begin := xptHeader("MEMB")[:24] // of either version
	for p := c.at; p+xptRecord <= len(c.b); p += xptRecord {
		if c.b[p] == 'H' && bytes.HasPrefix(c.b[p:], begin) {
			end = p
			break
		}
	}
	c.at = end
	m.data = c.b[m.at:end]
	whole := int64(len(m.data) / m.size)
	rest := func(n int64) []byte { return m.data[int(n)*m.size:] }
	// A row with a number is never all blanks.
	numbers := slices.ContainsFunc(m.vars, func(v xptVariable) bool { return !v.text })
	// Blanks fill the last record, or nothing does, as some programs write it. What is
	// neither has lost or won bytes in its middle, and the rows behind have shifted.
	if short := len(c.b) % xptRecord; end == len(c.b) && short > 0 &&
		(len(m.data)%m.size > 0 || whole > 0 && numbers && isBlank(rest(whole - 1)[:m.size])) {
		c.fault = cut("rows", int64(end-short), xptRecord, int64(short))
		return
	}
	if n := m.stated; n >= 0 {
		for whole > 0 && numbers && isBlank(rest(whole - 1)[:m.size]) {
			whole--
		}
		if n > whole || n < whole && len(rest(n)) >= xptRecord || !isBlank(rest(n)) {
			c.fault = wrongCount(n, whole)
			return
		}
		m.rows = int(n)
		return
	}
	left := rest(whole)
	if len(left) >= xptRecord || !isBlank(left) {
		c.fault = cut("rows", int64(end-len(left)), int64(m.size), int64(len(left)))
		return
	}
	for whole > 0 && len(rest(whole-1)) < xptRecord && isBlank(rest(whole - 1)[:m.size]) {
		whole--
		m.blank++
	}
	m.rows = int(whole)
}

func isBlank(b []byte) bool {
	for _, c := range b {
		if c != ' ' {
			return false
		}
	}
	return true
}

// xptSheets makes the sheets of all members.
func xptSheets(members []xptMember, set *charset) ([]sheet.Sheet, seen, *sheet.Fault) {
	var all seen
	sheets := make([]sheet.Sheet, len(members))
	for i := range members {
		found, fault := members[i].sheet(&sheets[i], set)
		if fault != nil {
			return nil, all, fault
		}
		all.add(found)
	}
	return sheets, all, nil
}

// sheet makes the columns and rows of a member.
func (m *xptMember) sheet(s *sheet.Sheet, set *charset) (seen, *sheet.Fault) {
	p := &printer{set: set}
	s.Name = p.text(m.name)
	s.Columns = []sheet.Column{}
	fields := make([]xptField, len(m.vars))
	var unknown []string
	for i, v := range m.vars {
		column := sheet.Column{Name: p.text(v.name), Label: p.text(v.label), Kind: sheet.Text}
		kind, known := sasFormat(v.format, v.text)
		if !v.text {
			column.Kind = kind.kind
		}
		if !known {
			unknown = append(unknown, column.Name+" ("+p.text([]byte(v.format))+")")
		}
		fields[i] = xptField{at: v.at, to: v.at + v.size, text: v.text, sasKind: kind}
		s.Columns = append(s.Columns, column)
	}
	note := func(code string, args text.Args) { s.Notes = append(s.Notes, text.Phrase{Code: code, Args: args}) }
	if m.stated < 0 {
		note("file-stat-note-rows-uncounted", text.Args{"rows": m.rows})
	}
	// A number is never all blanks.
	if m.blank > 0 && !slices.ContainsFunc(fields, func(f xptField) bool { return !f.text }) {
		note("file-stat-note-rows-blank", text.Args{"count": m.blank})
	}
	if unknown != nil {
		note("file-stat-note-formats", text.Args{"columns": text.List(unknown, 12)})
	}
	rows, found, fault := table(m.rows, len(fields), set, func(p *printer, lo, hi int, cells []sheet.Cell) *sheet.Fault {
		for r := lo; r < hi; r++ {
			row := m.data[r*m.size : (r+1)*m.size]
			for i := range fields {
				fields[i].cell(p, row, &cells[(r-lo)*len(fields)+i])
			}
		}
		return nil
	})
	s.Rows = rows
	found.add(p.seen)
	return found, fault
}

// xptField is where a cell stands in a row, and what it is.
type xptField struct {
	at, to int
	text   bool
	sasKind
}

// cell makes a cell of a row.
func (f *xptField) cell(p *printer, row []byte, c *sheet.Cell) {
	b := row[f.at:f.to]
	if f.text {
		if c.Text = p.text(b); c.Text != "" {
			c.Kind = sheet.Text
		}
		return
	}
	var bits uint64
	if len(b) == 8 {
		bits = binary.BigEndian.Uint64(b)
	} else {
		for i, x := range b {
			bits |= uint64(x) << (56 - 8*i)
		}
	}
	if bits<<8 == 0 {
		if code := b[0]; code == '.' {
			return
		} else if code == '_' || code >= 'A' && code <= 'Z' {
			*c = sheet.Cell{Text: reasons[code-'A'], Kind: sheet.Missing}
			return
		}
		bits = 0
	}
	if f.kind == sheet.Number {
		*c = sheet.Cell{Text: p.ibm(bits, len(b)), Kind: sheet.Number}
		return
	}
	x, _ := ibmFloat(bits)
	kind := f.kind
	if f.ofDay && (x < 0 || x >= f.clock.units) {
		kind = sheet.DateTime
	}
	*c = p.cell(x, f.clock, kind)
}

// reasons are the texts of special missing values, from A; that of "_" stands
// where ASCII has it.
var reasons = func() (out ['_' - 'A' + 1]string) {
	for i := range out {
		out[i] = "." + string(rune('A'+i))
	}
	return out
}()
