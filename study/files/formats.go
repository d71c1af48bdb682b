package files

import (
	"errors"
	"fmt"
	"io"

	"github.com/trialkit/trialkit/study/internal/datasetjson"
	"github.com/trialkit/trialkit/study/internal/opendocument"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/statfile"
	"github.com/trialkit/trialkit/study/internal/workbook"
	"github.com/trialkit/trialkit/study/text"
)

// format is a format that has a reader of its own.
type format struct {
	name string
	is   func(head []byte) bool
	read func(r io.ReaderAt, size int64) ([]sheet.Sheet, error)
}

// formats are tried in this order. Others are texts, or refused by name; see
// foreignFile.
var formats = []format{
	{"spss", statfile.SAV, statfile.ReadSAV},
	{"xpt", statfile.XPT, statfile.ReadXPT},
	{"dta", statfile.DTA, statfile.ReadDTA},
	{"xlsx", workbook.Is, workbook.Read},
	{"json", datasetjson.Is, datasetjson.Read},
}

// ods is told from other zip files by what is in it.
var ods = format{name: "ods", read: opendocument.Read}

// recognize finds the format of a file by its first bytes, and of a zip file by
// its parts; nil: none of them.
func recognize(head []byte, r io.ReaderAt, size int64) *format {
	if opendocument.Is(head, r, size) {
		return &ods
	}
	for i := range formats {
		if formats[i].is(head) {
			return &formats[i]
		}
	}
	return nil
}

// openSheets reads all sheets of a file that has a reader of its own; f is nil for
// other files. Errors are Problems.
func openSheets(r io.ReaderAt, size int64, name string, head []byte) (f *format, sheets []sheet.Sheet, err error) {
	if f = recognize(head, r, size); f == nil {
		return nil, nil, nil
	}
	if sheets, err = f.read(r, size); err != nil {
		var fault *sheet.Fault
		if errors.As(err, &fault) {
			return f, nil, Problems{fromFault(name, fault)}
		}
		return f, nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, sheets, nil
}

// Tables makes a table of every sheet or member of a file, hidden and empty ones
// too, in the file's order; of a text it makes one. It is for a look at a file
// before anyone says which sheet is meant; with Options.Sheet it returns that one
// alone. Errors are those of Read.
func Tables(r io.ReaderAt, size int64, name string, o Options) ([]*Table, error) {
	one := func() ([]*Table, error) {
		t, err := Read(r, size, name, o)
		if err != nil {
			return nil, err
		}
		return []*Table{t}, nil
	}
	if o.Sheet != "" {
		return one()
	}
	head, err := readHead(r, size, name)
	if err != nil {
		return nil, err
	}
	f, sheets, err := openSheets(r, size, name, head)
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return one()
	}
	var out []*Table
	for i := range sheets {
		s := &sheets[i]
		if len(s.Rows) == 0 && s.Columns == nil {
			out = append(out, &Table{file: name, Format: f.name, Sheet: s.Name, Hidden: s.Hidden, sheet: s, Notes: s.Notes})
			continue
		}
		t, err := readable(name, f.name, s, o)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// choose makes the table of the sheet that is stated, or of the only visible one
// with data. Of several the first is never taken in silence.
func choose(file, format string, sheets []sheet.Sheet, o Options) (*Table, error) {
	fail := func(code string, args text.Args) (*Table, error) {
		p := NewProblem(0, 0, code, args)
		p.File = file
		return nil, Problems{p}
	}
	var names, hidden []string
	var found []*sheet.Sheet
	for i := range sheets {
		s := &sheets[i]
		names = append(names, s.Name)
		switch {
		case o.Sheet != "" && s.Name == o.Sheet:
			return readable(file, format, s, o)
		case len(s.Rows) == 0 && s.Columns == nil:
		case s.Hidden:
			hidden = append(hidden, s.Name)
		default:
			found = append(found, s)
		}
	}
	switch {
	case o.Sheet != "":
		return fail("problem-sheet-unknown", text.Args{"sheet": o.Sheet, "sheets": text.List(names, 12)})
	case len(found) > 1:
		var several []string
		for _, s := range found {
			several = append(several, s.Name)
		}
		return fail("problem-sheets-several", text.Args{"sheets": text.List(several, 12)})
	case len(found) == 0 && len(hidden) > 0:
		return fail("problem-sheets-hidden", text.Args{"sheets": text.List(hidden, 12)})
	case len(found) == 0:
		return fail("problem-file-empty", nil)
	}
	t, err := readable(file, format, found[0], o)
	if err == nil && len(hidden) > 0 {
		t.Notes = append(t.Notes, text.Phrase{Code: "sheets-hidden", Args: text.Args{"sheet": t.Sheet, "sheets": text.List(hidden, 12)}})
	}
	return t, err
}

// readable makes a table of a sheet whose cells all have a known value: a formula
// without a stored result is no missing value.
func readable(file, format string, s *sheet.Sheet, o Options) (*Table, error) {
	var bad Problems
	for _, r := range s.Rows {
		for i, c := range r.Cells {
			if c.Kind == sheet.Uncached && len(bad) < 3 {
				bad = append(bad, fromFault(file, &sheet.Fault{Code: "problem-cell-uncached", Sheet: s.Name, Row: r.Number, Column: i + 1, Letters: s.Letters}))
			}
		}
	}
	if len(bad) > 0 {
		return nil, bad.Err()
	}
	return fromSheet(file, format, s, o.Header, o.Columns)
}
