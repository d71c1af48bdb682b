package files

import (
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// maxField is the longest field read, in bytes: an unclosed quote swallows the
// rest of the file and is better reported than read.
const maxField = 1 << 20

// Field is one field of a row: its content, and the offset of its first
// character (the quote, where there is one) in the text.
type Field struct {
	Text   string
	Offset int
	Quoted bool
}

// Row is a line of the file: its line number and offset, and its fields.
type Row struct {
	Line, Offset, end int
	Fields            []Field
}

// Table is a file in rows and fields. Fields are cut from its text; lines and
// columns are computed when a problem needs them.
type Table struct {
	// Rows begin with the header.
	Rows []Row
	// Delimiter and Encoding are what was found or stated. Separator: the first
	// line names the delimiter (sep=;).
	Delimiter byte
	Encoding  string
	Separator bool
	// Above counts the lines above the header that hold anything. EndMark: a
	// mark of the end of the text was cut off.
	Above   int
	EndMark bool
	// Unseen counts the characters that cannot be seen and were left out of
	// fields; UnseenLine is the line of the first.
	Unseen     map[rune]int
	UnseenLine int

	file, text string
	problems   problemList
	invisible  bool // there are characters that cannot be seen
}

// parseTable cuts src, from offset on (on the given line), into rows: fields
// between delimiters, quoted with " where they hold delimiters, line ends or
// quotes (doubled, or between blanks behind a backslash, as R writes them).
// Between blanks any number of them is one delimiter. Lines without any
// character but blanks are no rows. With limit > 0 it stops after that many
// rows.
func parseTable(file, src string, offset, line int, delimiter byte, limit int) *Table {
	t := &Table{file: file, text: src, Delimiter: delimiter}
	t.parse(offset, line, limit)
	return t
}

func (t *Table) parse(offset, line, limit int) {
	src, delimiter := t.text, t.Delimiter
	var fields []Field
	if limit <= 0 {
		lines := countLines(src)
		fields = make([]Field, 0, strings.Count(src, string(delimiter))+lines+1)
		t.Rows = make([]Row, 0, lines+1)
	}
	starts := []int{}
	flush := func() {
		// Rows share one slice of fields, which may have moved while growing.
		for i := range t.Rows {
			end := len(fields)
			if i+1 < len(starts) {
				end = starts[i+1]
			}
			t.Rows[i].Fields = fields[starts[i]:end:end]
		}
	}
	i := offset
	for i < len(src) && (limit <= 0 || len(t.Rows) < limit) {
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
		r := Row{Line: line, Offset: i}
		starts = append(starts, len(fields))
		for {
			f, next, lines := t.field(r, i, delimiter)
			fields = append(fields, f)
			line += lines
			i = next
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
		r.end = i
		if i < len(src) {
			if src[i] == '\r' && i+1 < len(src) && src[i+1] == '\n' {
				i++
			}
			i++
			line++
		}
		t.Rows = append(t.Rows, r)
	}
	flush()
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

// field reads the field that begins at i; next is the offset of the delimiter
// or line end behind it, lines the number of line ends inside.
func (t *Table) field(r Row, i int, delimiter byte) (f Field, next, lines int) {
	src := t.text
	start := i
	for start < len(src) && src[start] == ' ' {
		start++
	}
	if start == len(src) || src[start] != '"' {
		end := fieldEnd(src, i, delimiter)
		f = Field{Text: t.visible(trimBlank(src[i:end]), r.Line), Offset: i}
		if len(f.Text) > maxField {
			t.Report(r, i, "problem-field-long", text.Args{"n": len(f.Text), "most": maxField})
			f.Text = ""
		}
		return f, end, 0
	}
	f = Field{Offset: start, Quoted: true}
	var b strings.Builder // content before the last doubled quote
	doubled := false
	from := start + 1
	j := from
	for {
		n := strings.IndexByte(src[j:], '"')
		if n < 0 {
			t.Report(r, start, "problem-quote-open", nil)
			return f, len(src), countLines(src[start:])
		}
		j += n
		if delimiter == ' ' && j > from && src[j-1] == '\\' {
			doubled = true
			b.WriteString(src[from:j-1] + "\"")
			j++
			from = j
			continue
		}
		if j+1 < len(src) && src[j+1] == '"' {
			doubled = true
			b.WriteString(src[from : j+1])
			j += 2
			from = j
			continue
		}
		break
	}
	f.Text = src[from:j]
	if doubled {
		b.WriteString(f.Text)
		f.Text = b.String()
	}
	f.Text = t.visible(trimBlank(f.Text), r.Line)
	lines = countLines(src[start:j])
	j++
	end := fieldEnd(src, j, delimiter)
	if trimBlank(src[j:end]) != "" {
		t.Report(r, j, "problem-quote-text", nil)
	}
	if len(f.Text) > maxField {
		t.Report(r, start, "problem-field-long", text.Args{"n": len(f.Text), "most": maxField})
		f.Text = ""
	}
	return f, end, lines
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

// visible is a field without the characters that cannot be seen: with one of
// them behind it, "laser" is another arm that looks the same. Joiners between
// letters belong to the spelling of some languages.
func (t *Table) visible(s string, line int) string {
	if !t.invisible || !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		joiner := (r == '\u200c' || r == '\u200d') && b.Len() > 0 && i+3 < len(s)
		if !hidden(r) || joiner {
			b.WriteRune(r)
			continue
		}
		if t.Unseen == nil {
			t.Unseen, t.UnseenLine = map[rune]int{}, line
		}
		t.Unseen[r]++
	}
	return trimBlank(b.String())
}

// countLines counts line ends: \n, \r\n or \r.
func countLines(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}

// trimBlank removes blanks and no-break spaces around a field.
func trimBlank(s string) string {
	if s == "" || s[0] > ' ' && s[0] < 0x80 && s[len(s)-1] > ' ' && s[len(s)-1] < 0x80 {
		return s
	}
	return strings.TrimSpace(s)
}

// IsEmpty reports whether a row holds nothing but delimiters.
func (r Row) IsEmpty() bool {
	for _, f := range r.Fields {
		if f.Text != "" {
			return false
		}
	}
	return true
}
