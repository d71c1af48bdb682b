package files

import (
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// Options say what is known of a text file before it is read; what they leave
// out is found.
type Options struct {
	// Encoding is one that KnownEncoding knows, Delimiter a single character.
	Encoding, Delimiter string
	// Header is the line of the columns' names; what stands above it is left
	// out. 0 is the first line.
	Header int
	// Columns are names that the header should hold. The delimiter is the one
	// that finds most of them.
	Columns []string
}

// Read cuts a text file into rows and fields. name is the file's in messages.
// A file that is no table of text (a workbook, a page, a picture) is an error
// that says what it is; errors are Problems. What is wrong inside single fields
// stays in the table: see Table.Err.
func Read(name string, src []byte, o Options) (*Table, error) {
	fail := func(p Problem) (*Table, error) {
		p.File = name
		return nil, Problems{p}
	}
	if what := foreignFile(src); what != "" {
		return fail(NewProblem(1, 1, what, nil))
	}
	content, encoding, bad := decodeBytes(src, o.Encoding)
	if bad != nil {
		return fail(*bad)
	}
	content, endMark := cutEnd(content)
	if what := foreignText(content); what != "" {
		return fail(NewProblem(1, 1, what, nil))
	}
	bad, invisible := findNoise(content)
	if bad != nil {
		return fail(*bad)
	}
	if strings.TrimSpace(content) == "" {
		return fail(NewProblem(1, 1, "problem-file-empty", nil))
	}
	t := &Table{file: name, text: content, Encoding: encoding, invisible: invisible, EndMark: endMark}
	stated, offset, line := separatorLine(content)
	t.Separator = o.Delimiter == "" && stated != "" && o.Header == 0
	if o.Delimiter != "" {
		stated = o.Delimiter
	}
	if o.Header > 0 {
		if offset, line, t.Above = headerLine(content, o.Header); offset < 0 {
			return fail(NewProblem(line, 1, "problem-header-beyond", text.Args{"line": o.Header, "lines": line}))
		}
	}
	t.Delimiter = findDelimiter(content, offset, line, stated, o.Columns)
	t.parse(offset, line, 0)
	if len(t.Rows) == 0 {
		return fail(NewProblem(1, 1, "problem-file-empty", nil))
	}
	return t, nil
}

// Text returns a file as UTF-8 without byte order mark, or what keeps it from
// being a text.
func Text(src []byte) (string, *Problem) {
	content, _, bad := decodeBytes(src, "")
	if bad == nil {
		bad, _ = findNoise(content)
	}
	return content, bad
}

// Top cuts the first lines of the file, as though the header were the first of
// them.
func (t *Table) Top() []Row {
	return parseTable(t.file, t.text, 0, 1, t.Delimiter, HeaderLines).Rows
}

// headerLine returns the offset of line n, and how many lines above it hold
// anything; an offset of −1 and the number of lines where the text ends before.
func headerLine(content string, n int) (offset, line, above int) {
	for line = 1; line < n; line++ {
		end := strings.IndexAny(content[offset:], "\r\n")
		if end < 0 {
			if offset == len(content) {
				line-- // behind the last line's end
			}
			return -1, line, 0
		}
		if strings.TrimSpace(content[offset:offset+end]) != "" {
			above++
		}
		offset += end + 1
		if content[offset-1] == '\r' && offset < len(content) && content[offset] == '\n' {
			offset++
		}
	}
	if offset >= len(content) {
		return -1, line - 1, 0
	}
	return offset, line, above
}
