package study

import (
	"fmt"
	"strings"
)

// maxField is the longest field read, in bytes: an unclosed quote swallows the
// rest of the file and is better reported than read.
const maxField = 1 << 20

// field is one field of a row: its content and the offset of its first
// character (the quote, where there is one) in the text.
type field struct {
	text   string
	offset int
	quoted bool
}

// row is a line of the file: its line number and offset, and its fields.
type row struct {
	line, offset, end int
	fields            []field
}

// table is a parsed file. Fields are cut from text; positions are computed
// when a problem needs them.
type table struct {
	file      string
	text      string
	delimiter byte
	rows      []row
	problems  Problems
	unlisted  int
}

// parseTable cuts text, from offset on (on the given line), into rows: fields
// between delimiters, quoted with " where they hold delimiters, line ends or
// quotes (doubled). Lines without any character but blanks are no rows. With
// limit > 0 it stops after that many rows.
func parseTable(file, text string, offset, line int, delimiter byte, limit int) *table {
	t := &table{file: file, text: text, delimiter: delimiter}
	var fields []field
	if limit <= 0 {
		lines := countLines(text)
		fields = make([]field, 0, strings.Count(text, string(delimiter))+lines+1)
		t.rows = make([]row, 0, lines+1)
	}
	starts := []int{}
	flush := func() {
		// Rows share one slice of fields, which may have moved while growing.
		for i := range t.rows {
			end := len(fields)
			if i+1 < len(starts) {
				end = starts[i+1]
			}
			t.rows[i].fields = fields[starts[i]:end:end]
		}
	}
	i := offset
	for i < len(text) && (limit <= 0 || len(t.rows) < limit) {
		if end := blankLine(text, i); end > i {
			if strings.IndexByte(text[i:end], delimiter) < 0 {
				i = end
				line++
				continue
			}
		}
		r := row{line: line, offset: i}
		starts = append(starts, len(fields))
		for {
			f, next, lines := t.field(r, i, delimiter)
			fields = append(fields, f)
			line += lines
			if i = next; i < len(text) && text[i] == delimiter {
				i++
				continue
			}
			break
		}
		r.end = i
		if i < len(text) {
			if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			i++
			line++
		}
		t.rows = append(t.rows, r)
	}
	flush()
	return t
}

// blankLine returns the offset behind the line that begins at i if it holds
// only blanks, else i.
func blankLine(text string, i int) int {
	for j := i; j < len(text); j++ {
		switch text[j] {
		case ' ', '\t':
		case '\n':
			return j + 1
		case '\r':
			if j+1 < len(text) && text[j+1] == '\n' {
				j++
			}
			return j + 1
		default:
			return i
		}
	}
	return len(text)
}

// field reads the field that begins at i; next is the offset of the delimiter
// or line end behind it, lines the number of line ends inside.
func (t *table) field(r row, i int, delimiter byte) (f field, next, lines int) {
	text := t.text
	start := i
	for start < len(text) && text[start] == ' ' {
		start++
	}
	if start == len(text) || text[start] != '"' {
		end := fieldEnd(text, i, delimiter)
		f = field{text: trimBlank(text[i:end]), offset: i}
		if len(f.text) > maxField {
			t.report(r, i, "a field of %d bytes; at most %d are read", len(f.text), maxField)
			f.text = ""
		}
		return f, end, 0
	}
	f = field{offset: start, quoted: true}
	var b strings.Builder // content before the last doubled quote
	doubled := false
	from := start + 1
	j := from
	for {
		n := strings.IndexByte(text[j:], '"')
		if n < 0 {
			t.report(r, start, "the quote that begins here is never closed")
			return f, len(text), countLines(text[start:])
		}
		j += n
		if j+1 < len(text) && text[j+1] == '"' {
			doubled = true
			b.WriteString(text[from : j+1])
			j += 2
			from = j
			continue
		}
		break
	}
	f.text = text[from:j]
	if doubled {
		b.WriteString(f.text)
		f.text = b.String()
	}
	f.text = trimBlank(f.text)
	lines = countLines(text[start:j])
	j++
	end := fieldEnd(text, j, delimiter)
	if trimBlank(text[j:end]) != "" {
		t.report(r, j, "text behind a closing quote; a quote inside a quoted field is written twice")
	}
	if len(f.text) > maxField {
		t.report(r, start, "a field of %d bytes; at most %d are read", len(f.text), maxField)
		f.text = ""
	}
	return f, end, lines
}

// fieldEnd returns the offset of the delimiter or line end at or behind i.
func fieldEnd(text string, i int, delimiter byte) int {
	for i < len(text) && text[i] != delimiter && text[i] != '\n' && text[i] != '\r' {
		i++
	}
	return i
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

// maxProblems is how many problems of a file are listed; the rest are counted.
const maxProblems = 1000

// report adds a problem at an offset within a row.
func (t *table) report(r row, offset int, format string, args ...any) {
	if len(t.problems) >= maxProblems {
		t.unlisted++
		return
	}
	line, col := lineColumn(t.text[r.offset:offset])
	t.problems = append(t.problems, Problem{File: t.file, Line: r.line + line - 1, Column: col,
		Text: fmt.Sprintf(format, args...)})
}

// err returns all problems, or nil.
func (t *table) err() error {
	err := t.problems.err()
	if t.unlisted > 0 { // behind the sorted ones, with the last one's place
		last := t.problems[len(t.problems)-1]
		last.Text = fmt.Sprintf("and %d more problems in the file", t.unlisted)
		return append(t.problems, last)
	}
	return err
}

// isEmpty reports whether a row holds nothing but delimiters.
func (r row) isEmpty() bool {
	for _, f := range r.fields {
		if f.text != "" {
			return false
		}
	}
	return true
}
