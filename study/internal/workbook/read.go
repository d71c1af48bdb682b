// Package workbook reads the sheets of Excel workbooks (.xlsx, .xlsm): typed
// cells with their places. Sheets are found by the workbook's own list and its
// relationships, dates by the cells' styles, results of formulas as they are
// stored. What is damaged is a fault with its place, never a shorter table, and
// files that are no such workbook are refused by name with the way out. Source:
// ECMA-376 Office Open XML, parts 1 (SpreadsheetML) and 2 (packages).
package workbook

import (
	"io"
	"strings"

	"github.com/trialkit/trialkit/study/internal/grid"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/internal/zipfile"
	"github.com/trialkit/trialkit/study/text"
)

// Namespaces that workbooks use, transitional and strict ones alike.
const (
	mainSpace xmlscan.Space = iota + 1
	relSpace                // of r:id
	packageSpace
	xmlSpace
)

var spaces = map[string]xmlscan.Space{
	"http://schemas.openxmlformats.org/spreadsheetml/2006/main":           mainSpace,
	"http://purl.oclc.org/ooxml/spreadsheetml/main":                       mainSpace,
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships": relSpace,
	"http://purl.oclc.org/ooxml/officeDocument/relationships":             relSpace,
	"http://schemas.openxmlformats.org/package/2006/relationships":        packageSpace,
	"http://www.w3.org/XML/1998/namespace":                                xmlSpace,
}

// book is an open workbook.
type book struct {
	zip     *zipfile.Archive
	strings []string
	styles  []style
	// date1904: serials count from 1904. flat: from 1899-12-30, without the
	// leap day that 1900 had not.
	date1904, flat bool
	// recalculate: the workbook asks to be calculated anew, so that stored
	// results may never have been calculated.
	recalculate bool
	sheets      []entry
	notes       []text.Phrase // of the whole workbook
	budget      grid.Budget
	days        [1 << 10]struct { // days written before; see from
		number int64
		text   string
	}
}

// entry is a sheet in the workbook's list.
type entry struct {
	name, part string
	hidden     bool
}

// Read reads all sheets of a workbook that hold cells, in the workbook's order.
// An error is a *sheet.Fault.
func Read(r io.ReaderAt, size int64) ([]sheet.Sheet, error) {
	if f := foreign(r, size); f != nil {
		return nil, f
	}
	z, err := zipfile.Open(r, size)
	if err != nil {
		return nil, err
	}
	b := &book{zip: z}
	main, err := b.mainPart()
	if err != nil {
		return nil, err
	}
	if err := b.readParts(main); err != nil {
		return nil, err
	}
	out := make([]sheet.Sheet, 0, len(b.sheets))
	filled := false
	for _, e := range b.sheets {
		s, err := b.readSheet(e)
		if err != nil {
			if f, ok := err.(*sheet.Fault); ok && f.Sheet == "" {
				f.Sheet, f.Letters = e.name, true
			}
			return nil, err
		}
		s.Notes = append(s.Notes, b.notes...)
		filled = filled || len(s.Rows) > 0
		out = append(out, *s)
	}
	if !filled {
		return nil, fault("file-workbook-empty", nil)
	}
	return out, nil
}

func fault(code string, args text.Args) *sheet.Fault { return &sheet.Fault{Code: code, Args: args} }

// mainPart finds the workbook's part by the file's relationships, or says what
// the zip file is instead.
func (b *book) mainPart() (string, error) {
	if f := otherZip(b.zip); f != nil {
		return "", f
	}
	const list = "_rels/.rels"
	rels, err := b.relationships(list, "")
	if err != nil {
		return "", err
	}
	for _, r := range rels {
		if r.kind == "officeDocument" && !r.external {
			return r.target, nil
		}
	}
	return "", fault("file-part-missing", text.Args{"part": "xl/workbook.xml"})
}

// relationship leads from one part to another.
type relationship struct {
	id, kind, target string // kind is the last word of its type
	external         bool
}

// relationships reads a list of them; folder is the one that relative targets
// begin in.
func (b *book) relationships(list, folder string) ([]relationship, error) {
	s, err := b.zip.XML(list, spaces)
	if err != nil {
		return nil, err
	}
	var out []relationship
	for s.Next() {
		if s.Kind != xmlscan.Start || s.Space != packageSpace || string(s.Name) != "Relationship" {
			continue
		}
		var r relationship
		if v, ok := s.Attr("Id"); ok {
			r.id = string(v)
		}
		if v, ok := s.Attr("Type"); ok {
			r.kind = string(v[strings.LastIndexByte(string(v), '/')+1:])
		}
		if v, ok := s.Attr("TargetMode"); ok {
			r.external = string(v) == "External"
		}
		if v, ok := s.Attr("Target"); ok && !r.external {
			r.target = b.resolve(folder, string(v))
		}
		out = append(out, r)
	}
	return out, s.Err()
}
