package files

import (
	"io"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Sheets makes a table of every sheet or member of a file, hidden ones too; of
// one alone where Options names it. A text is one table without a name.
func Sheets(r io.ReaderAt, size int64, name string, o Options) ([]*Table, error) {
	format, sheets, err := open(r, size, name)
	if err != nil {
		return nil, err
	}
	if format == nil {
		t, err := Read(r, size, name, o)
		if err != nil {
			return nil, err
		}
		return []*Table{t}, nil
	}
	if o.Sheet != "" {
		t, err := choose(name, format.name, sheets, o)
		if err != nil {
			return nil, err
		}
		return []*Table{t}, nil
	}
	if !slices.ContainsFunc(sheets, holdsAnything) {
		p := NewProblem(0, 0, "problem-file-empty", nil)
		p.File = name
		return nil, Problems{p}
	}
	var out []*Table
	for i := range sheets {
		t, err := fromSheet(name, format.name, &sheets[i], o)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// choose makes the table of the sheet that is stated, or of the only one that
// holds a table. Where several do, the one that has all columns that are asked
// for; else nobody knows which is meant.
func choose(file, format string, sheets []sheet.Sheet, o Options) (*Table, error) {
	fail := func(code string, args text.Args) (*Table, error) {
		p := NewProblem(0, 0, code, args)
		p.File = file
		return nil, Problems{p}
	}
	all := func(is func(s sheet.Sheet) bool) (names []string) {
		for _, s := range sheets {
			if is(s) {
				names = append(names, s.Name)
			}
		}
		return names
	}
	if o.Sheet != "" {
		for _, same := range []func(s string) bool{
			func(s string) bool { return s == o.Sheet },
			func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(o.Sheet)) },
		} {
			if i := slices.IndexFunc(sheets, func(s sheet.Sheet) bool { return same(s.Name) }); i >= 0 {
				return fromSheet(file, format, &sheets[i], o)
			}
		}
		return fail("file-sheet-unknown", text.Args{"sheet": o.Sheet, "sheets": text.List(all(func(sheet.Sheet) bool { return true }), 20)})
	}
	var with []*sheet.Sheet // those that hold a table
	for _, is := range []func(sheet.Sheet) bool{holdsTable, holdsAnything} {
		for i := range sheets {
			if !sheets[i].Hidden && is(sheets[i]) {
				with = append(with, &sheets[i])
			}
		}
		if len(with) > 0 {
			break
		}
	}
	switch {
	case len(with) == 0 && slices.ContainsFunc(sheets, holdsAnything):
		return fail("file-sheets-hidden", text.Args{"sheets": text.List(all(func(s sheet.Sheet) bool { return s.Hidden }), 20)})
	case len(with) == 0:
		return fail("problem-file-empty", nil)
	}
	var tables []*Table
	for _, s := range with {
		t, err := fromSheet(file, format, s, o)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	if len(tables) > 1 {
		var whole []*Table
		for _, t := range tables {
			if len(o.Columns) > 0 && len(t.lacking(o.Columns)) == 0 {
				whole = append(whole, t)
			}
		}
		if len(whole) != 1 {
			return nil, Problems{severalSheets(file, tables, o.Columns)}
		}
		tables = whole
	}
	t := tables[0]
	if len(sheets) > 1 {
		t.Notes = append([]text.Phrase{{Code: "file-sheet-read", Args: text.Args{"sheet": t.Sheet,
			"sheets": text.List(all(func(s sheet.Sheet) bool { return s.Name != t.Sheet }), 20)}}}, t.Notes...)
		if hidden := all(func(s sheet.Sheet) bool { return s.Hidden }); len(hidden) > 0 {
			t.Notes[0].Code = "file-sheet-read-hidden"
			t.Notes[0].Args["hidden"] = text.List(hidden, 20)
		}
	}
	return t, nil
}

// severalSheets asks which of several sheets is meant, and says which of the
// wanted columns stand in some of them alone.
func severalSheets(file string, tables []*Table, wanted []string) Problem {
	var names []string
	for _, t := range tables {
		names = append(names, t.Sheet)
	}
	args := text.Args{"sheets": text.List(names, 20)}
	code := "file-sheets-several"
	for _, w := range wanted {
		var has []string
		for _, t := range tables {
			if len(t.lacking([]string{w})) == 0 {
				has = append(has, t.Sheet)
			}
		}
		if len(has) > 0 && len(has) < len(tables) {
			code, args["column"], args["has"] = "file-sheets-several-column", w, text.List(has, 20)
			break
		}
	}
	p := NewProblem(0, 0, code, args)
	p.File = file
	return p
}

// lacking lists the names that are none of the table's columns.
func (t *Table) lacking(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == n }) {
			out = append(out, n)
		}
	}
	return out
}

func filled(r sheet.Row) int {
	n := 0
	for _, c := range r.Cells {
		if c.Kind != sheet.Empty {
			n++
		}
	}
	return n
}

func holdsAnything(s sheet.Sheet) bool {
	return len(s.Columns) > 0 || slices.ContainsFunc(s.Rows, func(r sheet.Row) bool { return filled(r) > 0 })
}

// holdsTable reports whether a sheet has columns and a row under them.
func holdsTable(s sheet.Sheet) bool {
	if s.Columns != nil {
		return len(s.Columns) > 0
	}
	rows := 0
	for _, r := range s.Rows {
		if filled(r) > 1 {
			if rows++; rows > 1 {
				return true
			}
		}
	}
	return false
}
