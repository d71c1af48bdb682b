package files

import (
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// maxField is the longest field read, in bytes: an unclosed quote swallows the
// rest of the file and is better reported than read.
const maxField = 1 << 20

// cuts say where the rows and fields of a text begin. Four bytes a field are
// all that is kept: a field's content is cut from the text when it is asked for.
type cuts struct {
	// at holds where each field begins and, behind the last one of a row, one more
	// than where that ends; so a field ends one before the next entry.
	at   []uint32
	rows int
	// As long as all rows have so many entries, and stand line below line, these and the
	// line of the first are all that is kept.
	stride  int
	topLine uint32
	// Else first is the place in at of each row's first field, and the length of at
	// behind the last row; line is each row's.
	first, line []uint32
	most        int // rows expected
	// escaped: there are quotes inside quotes, or something around them; else a field
	// that begins with a quote is all that stands between its first and last character.
	escaped bool
	// ragged: a field is not just what stands between its delimiters, or its quotes: at
	// its ends there are blanks or characters that may be blanks. quotes: some are in
	// quotes.
	ragged, quotes bool
	faults         []cutFault
	end, lines     int // where cutting stopped, and the line ends passed until there
}

// cutFault is what is wrong with a field: a message of the catalog.
type cutFault struct {
	row, field, offset int
	code               string
	args               text.Args
}

// begin is the place in at of a row's first field.
func (c *cuts) begin(row int) int {
	if c.first == nil {
		return row * c.stride
	}
	return int(c.first[row])
}

// lineOf is a row's line.
func (c *cuts) lineOf(row int) int {
	if c.line == nil {
		return row + int(c.topLine)
	}
	return int(c.line[row])
}

// addRow ends a row that began at an entry of at.
func (c *cuts) addRow(begin, line int) {
	if c.rows == 0 {
		c.stride, c.topLine = len(c.at)-begin, uint32(line)
	}
	if c.first == nil && (len(c.at)-begin != c.stride || line != c.lineOf(c.rows)) {
		c.spread(max(c.most, c.rows+1))
	}
	if c.first != nil {
		c.first, c.line = append(c.first, uint32(begin)), append(c.line, uint32(line))
	}
	c.rows++
}

// spread keeps the place and line of each row, with room for so many.
func (c *cuts) spread(rows int) {
	first, line := make([]uint32, 0, rows+1), make([]uint32, 0, rows)
	for n := range c.rows {
		first, line = append(first, uint32(c.begin(n))), append(line, uint32(c.lineOf(n)))
	}
	c.first, c.line = first, line
}

// lower moves all rows down by so many lines.
func (c *cuts) lower(lines int) {
	c.topLine += uint32(lines)
	for i := range c.line {
		c.line[i] += uint32(lines)
	}
}

// cut cuts the rows that begin in src[from:to] into fields between delimiters,
// quoted with " where they hold delimiters, line ends or quotes (doubled, or
// between blanks behind a backslash, as R writes them). Between blanks any number
// of them is one delimiter. Lines without any character but blanks are no rows.
// With limit > 0 it stops after that many rows. from is the beginning of a line;
// lines count from 0.
func cut(src string, from, to int, delimiter byte, limit int) *cuts {
	c := &cuts{}
	if limit <= 0 {
		fields, rows := mostCuts(src[from:to], delimiter)
		*c = newCuts(fields, rows)
	}
	c.cut(src, from, to, delimiter, limit)
	return c
}

// mostCuts is how many entries of at, and how many rows, cutting a text makes at most,
// but for a row that runs on behind its end: none is more where it has no quotes and no
// blank lines.
func mostCuts(src string, delimiter byte) (fields, rows int) {
	rows = strings.Count(src, "\n")
	if returns := strings.Count(src, "\r"); returns > 0 {
		rows += returns - strings.Count(src, "\r\n")
	}
	if n := len(src); n > 0 && src[n-1] != '\n' && src[n-1] != '\r' {
		rows++
	}
	return strings.Count(src, string(rune(delimiter))) + 2*rows, rows
}

// newCuts has room for so many.
func newCuts(fields, rows int) cuts {
	return cuts{at: make([]uint32, 0, fields), most: rows}
}

func (c *cuts) cut(src string, from, to int, delimiter byte, limit int) {
	var stop [256]bool
	stop['\n'], stop['\r'], stop[delimiter] = true, true, true
	if delimiter == ' ' {
		c.ragged = true
		for b := range ' ' {
			stop[b] = true
		}
	}
	i, line := from, 0
	for i < to && (limit <= 0 || c.rows < limit) {
		if src[i] <= ' ' {
			if end := blankLine(src, i); end > i {
				if delimiter == ' ' || strings.IndexByte(src[i:end], delimiter) < 0 {
					i = end
					line++
					continue
				}
			}
			if delimiter == ' ' {
				i = skipBlanks(src, i)
			}
		}
		row, from, top := c.rows, len(c.at), line
		for field := 0; ; field++ {
			begin := i
			c.at = append(c.at, uint32(i))
			if i < len(src) && (src[i] == '"' || src[i] == ' ' && quoteAt(src, i) >= 0) {
				start, n := quoteAt(src, i), 0
				c.escaped = c.escaped || start > i
				i, n = c.quoted(src, start, delimiter, row, field)
				line += n
			}
			for i < len(src) && !stop[src[i]] {
				i++
			}
			if i > begin {
				a, z := begin, i-1
				if src[a] == '"' {
					c.quotes = true
					a, z = a+1, z-1
					c.ragged = c.ragged || z < begin || src[i-1] != '"'
				}
				if a <= z && plainEnd[src[a]]&plainEnd[src[z]] == 0 {
					c.ragged = true
				}
			}
			if i-begin > maxField {
				c.checkLong(src, begin, i, delimiter, row, field)
			}
			if delimiter == ' ' {
				if i = skipBlanks(src, i); i < len(src) && src[i] != '\n' && src[i] != '\r' {
					continue
				}
			} else if i < len(src) && src[i] == delimiter {
				i++
				continue
			}
			break
		}
		c.at = append(c.at, uint32(i+1))
		c.addRow(from, top)
		if i < len(src) {
			if src[i] == '\r' && i+1 < len(src) && src[i+1] == '\n' {
				i++
			}
			i++
			line++
		}
	}
	if c.first != nil {
		c.first = append(c.first, uint32(len(c.at)))
	}
	c.end, c.lines = i, line
}

// plainEnd is 1 for the bytes that are no blank, and no part of a character that may be.
var plainEnd = func() (plain [256]uint8) {
	for b := '!'; b < 0x80; b++ {
		plain[b] = 1
	}
	return plain
}()

// quoteAt is the offset of the quote with which a field begins that begins at
// i, −1 where it has none.
func quoteAt(src string, i int) int {
	for i < len(src) && src[i] == ' ' {
		i++
	}
	if i < len(src) && src[i] == '"' {
		return i
	}
	return -1
}

// quoted passes over a field's quotes; start is the first. It returns the offset
// behind the last one, and the line ends between them.
func (c *cuts) quoted(src string, start int, delimiter byte, row, field int) (next, lines int) {
	end, lines, escaped := closingQuote(src, start, delimiter)
	c.escaped = c.escaped || escaped
	if end < 0 {
		c.faults = append(c.faults, cutFault{row, field, start, "problem-quote-open", nil})
		return len(src), lines
	}
	next = end + 1
	if next < len(src) && src[next] != delimiter && src[next] != '\n' && src[next] != '\r' {
		c.escaped = true
		if behind := fieldEnd(src, next, delimiter); trimBlank(src[next:behind]) != "" {
			c.faults = append(c.faults, cutFault{row, field, next, "problem-quote-text", nil})
		}
	}
	return next, lines
}

// closingQuote is the offset of the quote that ends the one at start, −1 where
// the text ends before; how many lines end between them; and whether there are quotes
// that end nothing.
func closingQuote(src string, start int, delimiter byte) (end, lines int, escaped bool) {
	for j := start + 1; j < len(src); j++ {
		switch src[j] {
		case '"':
			switch {
			case delimiter == ' ' && j > start+1 && src[j-1] == '\\':
				escaped = true
			case j+1 < len(src) && src[j+1] == '"':
				j++
				escaped = true
			default:
				return j, lines, escaped
			}
		case '\n':
			lines++
		case '\r':
			if j+1 == len(src) || src[j+1] != '\n' {
				lines++
			}
		}
	}
	return -1, lines, escaped
}

func (c *cuts) checkLong(src string, begin, end int, delimiter byte, row, field int) {
	if n := len(content(src[begin:end], delimiter)); n > maxField {
		c.faults = append(c.faults, cutFault{row, field, begin, "problem-field-long", text.Args{"n": n, "most": maxField}})
	}
}

// content is what a field holds: without the blanks around it and its quotes.
func content(s string, delimiter byte) string {
	start := quoteAt(s, 0)
	if start < 0 {
		return trimBlank(s)
	}
	end, _, _ := closingQuote(s, start, delimiter)
	if end < 0 {
		return "" // reported
	}
	inner := s[start+1 : end]
	if !strings.Contains(inner, `"`) {
		return trimBlank(inner)
	}
	var b strings.Builder
	for i := 0; i < len(inner); i++ {
		if i+1 < len(inner) && inner[i+1] == '"' && (inner[i] == '"' || inner[i] == '\\' && delimiter == ' ') {
			i++
		}
		b.WriteByte(inner[i])
	}
	return trimBlank(b.String())
}

// skipBlanks returns the offset of the first character from i on that is
// neither a space nor a tab.
func skipBlanks(src string, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\t') {
		i++
	}
	return i
}

// blankLine returns the offset behind the line that begins at i if it holds
// only blanks, else i.
func blankLine(src string, i int) int {
	for j := i; j < len(src); j++ {
		switch src[j] {
		case ' ', '\t':
		case '\n':
			return j + 1
		case '\r':
			if j+1 < len(src) && src[j+1] == '\n' {
				j++
			}
			return j + 1
		default:
			return i
		}
	}
	return len(src)
}

// fieldEnd returns the offset of the delimiter or line end at or behind i.
func fieldEnd(src string, i int, delimiter byte) int {
	if delimiter == ' ' {
		for i < len(src) && src[i] > ' ' {
			i++
		}
		return i
	}
	for i < len(src) && src[i] != delimiter && src[i] != '\n' && src[i] != '\r' {
		i++
	}
	return i
}

// trimBlank removes blanks and no-break spaces around a field.
func trimBlank(s string) string {
	if s == "" || s[0] > ' ' && s[0] < 0x80 && s[len(s)-1] > ' ' && s[len(s)-1] < 0x80 {
		return s
	}
	return strings.TrimSpace(s)
}
