package files

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unsafe"

	"github.com/trialkit/trialkit/study/text"
)

// MaxSize is the size of the largest file read, in bytes.
const MaxSize = 1 << 30

// Options say what is known of a file before it is read; what they leave out is
// found.
type Options struct {
	// Encoding is one that KnownEncoding knows, Delimiter a single character; both
	// are of texts.
	Encoding, Delimiter string
	// Header is the line, or a sheet's row, of the columns' names; what stands above
	// it is left out. 0 is the first line.
	Header int
	// Sheet is the name of the sheet or member to read.
	Sheet string
	// Columns are names that the header should hold. The delimiter is the one
	// that finds most of them.
	Columns []string
}

// Read makes a table of a file, whatever its format: which one it is its content
// tells, not its name. name is the file's in messages. A file that is no table (a
// page, a picture), one that is damaged, and one with several tables of which
// Options names none is an error that says so; errors are Problems. What is wrong
// inside single fields stays in the table: see Table.Err.
func Read(r io.ReaderAt, size int64, name string, o Options) (*Table, error) {
	head, err := readHead(r, size, name)
	if err != nil {
		return nil, err
	}
	if f, sheets, err := openSheets(r, size, name, head); f != nil {
		if err != nil {
			return nil, err
		}
		return choose(name, f.name, sheets, o)
	}
	fail := func(p Problem) (*Table, error) {
		p.File = name
		return nil, Problems{p}
	}
	if what := foreignFile(head); what != "" {
		return fail(NewProblem(1, 1, what, nil))
	}
	if o.Sheet != "" {
		return fail(NewProblem(0, 0, "problem-sheet-none", text.Args{"sheet": o.Sheet}))
	}
	src, ok := r.(Bytes)
	if !ok {
		src = make([]byte, size)
		if _, err := r.ReadAt(src, 0); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	t, bad := readText(name, src, o)
	if bad != nil {
		return fail(*bad)
	}
	return t, nil
}

// Bytes is a file in memory. Read takes it without a copy: it must not be changed as
// long as the table is used.
type Bytes []byte

// ReadAt is that of io.ReaderAt.
func (b Bytes) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// readHead reads the beginning of a file.
func readHead(r io.ReaderAt, size int64, name string) ([]byte, error) {
	if size > MaxSize {
		return nil, fmt.Errorf("%s: %w", name, ErrTooLarge)
	}
	head := make([]byte, min(size, headSize))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return head, nil
}

// ErrTooLarge is the error of a file larger than MaxSize.
var ErrTooLarge = errors.New("larger than 1 GiB")

// headSize is how many bytes at the beginning of a file tell its format.
const headSize = 4096

// readText makes a table of a text, whose bytes nobody changes any more.
func readText(name string, src []byte, o Options) (*Table, *Problem) {
	content, encoding, bad := decodeBytes(src, o.Encoding, func(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) })
	if bad != nil {
		return nil, bad
	}
	problem := func(line, column int, code string, args text.Args) (*Table, *Problem) {
		p := NewProblem(line, column, code, args)
		return nil, &p
	}
	content, endMark := cutEnd(content)
	if what := foreignText(content); what != "" {
		return problem(1, 1, what, nil)
	}
	bad, invisible := findNoise(content)
	if bad != nil {
		return nil, bad
	}
	if strings.TrimSpace(content) == "" {
		return problem(1, 1, "problem-file-empty", nil)
	}
	t := &Table{file: name, Format: "text", text: content, Encoding: encoding, invisible: invisible, EndMark: endMark,
		castor: strings.Contains(content, castorBegin)}
	stated, offset, line := separatorLine(content)
	t.Separator = o.Delimiter == "" && stated != "" && o.Header == 0
	if o.Delimiter != "" {
		stated = o.Delimiter
	}
	if o.Header > 0 {
		if offset, line, t.Above = headerLine(content, o.Header); offset < 0 {
			return problem(line, 1, "problem-header-beyond", text.Args{"line": o.Header, "lines": line})
		}
	}
	t.Delimiter = findDelimiter(content, offset, stated, o.Columns)
	t.takeText(cutAll(content, offset, t.Delimiter), line, o)
	if t.total() == 0 {
		return problem(1, 1, "problem-file-empty", nil)
	}
	return t, nil
}

// Text returns a file as UTF-8 without byte order mark, or what keeps it from
// being a text.
func Text(src []byte) (string, *Problem) {
	content, _, bad := decodeBytes(src, "", func(b []byte) string { return string(b) })
	if bad == nil {
		bad, _ = findNoise(content)
	}
	return content, bad
}

// Top are the first rows of the file, as though the header were the first of
// them.
func (t *Table) Top() []Row {
	from := t
	if t.sheet == nil {
		from = top(t.text, 0, t.Delimiter)
		from.cuts.lower(1)
	}
	var rows []Row
	for n := range min(from.total(), HeaderLines) {
		rows = append(rows, Row{from, n})
	}
	return rows
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
