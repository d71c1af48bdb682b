// Package datasetjson reads tables in JSON: CDISC Dataset-JSON 1.1, its NDJSON
// and its compressed form (.dsjc). What the file says of its columns is kept and
// held: a value that is not of its column's type, a row of another length and a
// number of rows that is not the one stated are faults with their places. Other
// JSON is refused by name. Source: Dataset-JSON,
// Dataset-NDJSON and Compressed Dataset-JSON Specification v1.1, CDISC; RFC 8259.
package datasetjson

import (
	"errors"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Limits of one table.
const (
	MaxColumns = 1 << 14
	MaxCells   = 50_000_000
)

// mark is a byte order mark.
const mark = "\ufeff"

// Is reports whether a file begins as one in JSON, or as its compressed form.
func Is(head []byte) bool { return begins(head) || compressed(head) }

// begins reports whether a text begins as an object or a list of objects does.
func begins(head []byte) bool {
	s := strings.TrimLeft(strings.TrimPrefix(string(head), mark), " \t\r\n")
	if s == "" || s[0] != '{' && s[0] != '[' {
		return false
	}
	rest := strings.TrimLeft(s[1:], " \t\r\n")
	if s[0] == '[' {
		return strings.HasPrefix(rest, "{")
	}
	name, ok := strings.CutPrefix(rest, `"`)
	if !ok {
		return false
	}
	_, behind, ok := strings.Cut(name, `"`)
	return ok && strings.HasPrefix(strings.TrimLeft(behind, " \t\r\n"), ":")
}

// Read reads the one table of a file. An error is a *sheet.Fault, or the
// reader's own.
func Read(r io.ReaderAt, size int64) ([]sheet.Sheet, error) {
	src, err := load(r, size)
	if err != nil {
		return nil, err
	}
	s, fault := parse(src)
	if fault != nil {
		return nil, fault
	}
	s.Encoding = "UTF-8"
	return []sheet.Sheet{*s}, nil
}

func parse(src string) (*sheet.Sheet, *sheet.Fault) {
	src = strings.TrimPrefix(src, mark)
	s := &scanner{src: src}
	if at := notUTF8(src); at >= 0 {
		s.fail(at, "file-json-encoding", nil)
		return nil, s.fault
	}
	if s.next() == '[' {
		return nil, noTable()
	}
	d := s.document()
	switch {
	case s.fault != nil:
		return nil, s.fault
	case d.version != "":
		return d.sheet(s)
	}
	return nil, noTable()
}

// noTable says that this JSON is no table: it does not tell which columns there
// are and what they hold.
func noTable() *sheet.Fault { return &sheet.Fault{Code: "problem-file-json", Row: 1, Column: 1} }

// notUTF8 is the first byte that is no UTF-8, −1 without one.
func notUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") {
			return i
		}
	}
	return -1
}

// load holds the whole file in memory: texts of cells are cut from it, and rows
// may stand before the columns that they belong to.
func load(r io.ReaderAt, size int64) (string, error) {
	if size < 0 || size > math.MaxInt/2 {
		return "", &sheet.Fault{Code: "file-json-large", Args: text.Args{"limit": MaxCells}}
	}
	head := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if compressed(head) {
		return unpack(r, size)
	}
	var b strings.Builder
	b.Grow(int(size))
	n, err := io.Copy(&b, io.NewSectionReader(r, 0, size))
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return b.String(), err
}
