// Package opendocument reads the sheets of OpenDocument spreadsheets (.ods, and
// .fods, which is the same in one XML file): typed cells with their places. The
// value of a cell is what the file stores, never the text that it shows; cells
// and rows that the file writes once and counts many times are never set aside
// before they hold something. Source: Open Document Format for Office
// Applications (OpenDocument) Version 1.3, OASIS, parts 2 (packages) and 3
// (schema).
package opendocument

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/trialkit/trialkit/study/internal/grid"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/internal/zipfile"
	"github.com/trialkit/trialkit/study/text"
)

// Namespaces that spreadsheets use.
const (
	officeSpace xmlscan.Space = iota + 1
	tableSpace
	textSpace
	styleSpace
	calcSpace // of LibreOffice
	manifestSpace
	metaSpace
)

const officeAddress = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"

var spaces = map[string]xmlscan.Space{
	officeAddress: officeSpace,
	"urn:oasis:names:tc:opendocument:xmlns:table:1.0":                      tableSpace,
	"urn:oasis:names:tc:opendocument:xmlns:text:1.0":                       textSpace,
	"urn:oasis:names:tc:opendocument:xmlns:style:1.0":                      styleSpace,
	"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": calcSpace,
	"urn:oasis:names:tc:opendocument:xmlns:meta:1.0":                       metaSpace,
	"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0":                   manifestSpace,
}

const (
	mimetype   = "application/vnd.oasis.opendocument."
	calcOne    = "application/vnd.sun.xml.calc" // of OpenOffice.org 1
	zipMagic   = "PK\x03\x04"
	content    = "content.xml"
	manifest   = "META-INF/manifest.xml"
	meta       = "meta.xml"
	flatPart   = ".fods"
	wholesome  = "encrypted-package"
	localNames = 30 // where the name of a zip file's first part stands
)

// Is reports whether a file is an OpenDocument file: one that begins with its
// media type, as the specification wants it, a zip file with its parts in
// another order, or a flat one.
func Is(head []byte, r io.ReaderAt, size int64) bool {
	if !bytes.HasPrefix(head, []byte(zipMagic)) {
		return flat(head)
	}
	if h := head[min(len(head), localNames):]; bytes.HasPrefix(h, []byte("mimetype"+mimetype)) || bytes.HasPrefix(h, []byte("mimetype"+calcOne)) {
		return true
	}
	z, err := zipfile.Open(r, size)
	return err == nil && (z.Has(content) && z.Has(manifest) || z.Has(wholesome))
}

// flat reports whether a file begins as OpenDocument in one XML file.
func flat(head []byte) bool {
	h := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(h, []byte("<")) && bytes.Contains(h, []byte(officeAddress)) && bytes.Contains(h, []byte(":document"))
}

// document is a spreadsheet while it is read.
type document struct {
	*xmlscan.Scanner
	hidden   map[string]bool // styles of tables that are not shown
	filtered map[string]bool // tables with a filter
	sheets   []sheet.Sheet
	budget   grid.Budget
	found    bool // it holds a spreadsheet
	paragraphs
}

// Read reads all sheets, in the file's order. An error is a *sheet.Fault, or the
// reader's own.
func Read(r io.ReaderAt, size int64) ([]sheet.Sheet, error) {
	d := &document{hidden: map[string]bool{}, filtered: map[string]bool{}}
	magic := make([]byte, min(size, int64(len(zipMagic))))
	if _, err := r.ReadAt(magic, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(magic) != zipMagic {
		d.Scanner = xmlscan.New(flatPart, io.NewSectionReader(r, 0, size), spaces)
	} else if err := d.open(r, size); err != nil {
		return nil, err
	}
	if err := d.read(); err != nil {
		return nil, err
	}
	filled := false
	for i := range d.sheets {
		s := &d.sheets[i]
		filled = filled || len(s.Rows) > 0
	}
	if !filled {
		return nil, fault("file-workbook-empty", nil)
	}
	return d.sheets, nil
}

func fault(code string, args text.Args) *sheet.Fault { return &sheet.Fault{Code: code, Args: args} }

// open opens the part with the sheets, unless the file says that it is encrypted
// or something else.
func (d *document) open(r io.ReaderAt, size int64) error {
	z, err := zipfile.Open(r, size)
	if err != nil {
		return err
	}
	if z.Has(wholesome) {
		return fault("file-workbook-password", nil)
	}
	if z.Has("mimetype") {
		m, err := z.Open("mimetype")
		if err != nil {
			return err
		}
		kind := make([]byte, 100)
		n, err := io.ReadFull(m, kind)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return err
		}
		if f := otherKind(string(kind[:n])); f != nil {
			return f
		}
	}
	if z.Has(manifest) {
		if err := encrypted(z); err != nil {
			return err
		}
	}
	if z.Has(meta) {
		s, err := z.XML(meta, spaces)
		if err != nil {
			return err
		}
		if err := writtenBy(s); err != nil {
			return err
		}
	}
	d.Scanner, err = z.XML(content, spaces)
	return err
}

// writtenBy looks for the program that wrote the file. SheetJS writes dates as
// bare numbers of days and says nowhere which numbers are dates: they would be
// read as numbers.
func writtenBy(s *xmlscan.Scanner) error {
	depth := s.Depth()
	for s.Next() && s.Depth() >= depth {
		if s.Kind == xmlscan.Start && s.Space == metaSpace && string(s.Name) == "generator" && s.Next() && s.Kind == xmlscan.Text &&
			bytes.HasPrefix(bytes.TrimSpace(s.Text()), []byte("SheetJS")) {
			return fault("file-ods-serials", text.Args{"program": "SheetJS"})
		}
	}
	return s.Err()
}

// otherKind says what a document of another media type is.
func otherKind(kind string) *sheet.Fault {
	kind = strings.TrimSpace(kind)
	switch {
	case strings.HasPrefix(kind, mimetype+"spreadsheet"), !strings.HasPrefix(kind, "application/"):
		return nil
	case strings.HasPrefix(kind, calcOne):
		return fault("file-ods-old", nil)
	}
	return fault("file-workbook-document", nil)
}

// encrypted looks for a part under a password in the list of parts.
func encrypted(z *zipfile.Archive) error {
	s, err := z.XML(manifest, spaces)
	if err != nil {
		return err
	}
	for s.Next() {
		if s.Kind == xmlscan.Start && s.Space == manifestSpace && string(s.Name) == "encryption-data" {
			return fault("file-workbook-password", nil)
		}
	}
	if f, ok := s.Err().(*sheet.Fault); ok && f.Code == "file-xml-doctype" {
		// The first writers put a document type into this part, which holds no
		// data and is not needed.
		return nil
	}
	return s.Err()
}

// read goes over the document: the styles of tables, and the tables.
func (d *document) read() error {
	if !d.Next() {
		return d.Err()
	}
	root := string(d.Name)
	if d.Space != officeSpace || root != "document-content" && root != "document" {
		return fault("file-workbook-other", text.Args{"part": content})
	}
	if v, ok := d.AttrIn(officeSpace, "mimetype"); ok {
		if f := otherKind(string(v)); f != nil {
			return f
		}
	}
	for d.Next() {
		if d.Kind != xmlscan.Start {
			continue
		}
		name := string(d.Name)
		switch {
		case d.Space == officeSpace && name == "automatic-styles":
			d.styles()
		case d.Space == officeSpace && name == "meta":
			if err := writtenBy(d.Scanner); err != nil {
				return err
			}
		case d.Space == officeSpace && (name == "body" || name == "document-content"):
		case d.Space == officeSpace && name == "spreadsheet":
			d.found = true
			if err := d.spreadsheet(); err != nil {
				return err
			}
		default:
			d.Skip()
		}
	}
	switch {
	case d.Err() != nil:
		return d.Err()
	case !d.found:
		return fault("file-workbook-document", nil)
	}
	return nil
}

// styles finds the styles of tables that are not shown.
func (d *document) styles() {
	depth := d.Depth()
	style := ""
	for d.Next() && d.Depth() >= depth {
		if d.Kind != xmlscan.Start || d.Space != styleSpace {
			continue
		}
		switch string(d.Name) {
		case "style":
			v, _ := d.AttrIn(styleSpace, "name")
			style = string(v)
		case "table-properties":
			if v, ok := d.AttrIn(tableSpace, "display"); ok && string(v) == "false" {
				d.hidden[style] = true
			}
		}
	}
}

// spreadsheet reads the tables. What else stands beside them, such as changes
// that were tracked, is no data.
func (d *document) spreadsheet() error {
	depth := d.Depth()
	var all []*table
	for d.Next() && d.Depth() >= depth {
		if d.Kind != xmlscan.Start {
			continue
		}
		switch {
		case d.Space == tableSpace && string(d.Name) == "table":
			t, err := d.table()
			if err != nil {
				return err
			}
			if !t.linked {
				all = append(all, t)
			}
		case d.Space == tableSpace && string(d.Name) == "database-ranges":
			d.filters()
		default:
			d.Skip()
		}
	}
	if d.Err() != nil {
		return d.Err()
	}
	for _, t := range all {
		t.Filter = t.Filter || d.filtered[t.Out.Name]
		s, f := t.Finish()
		if f != nil {
			f.Sheet, f.Letters = t.Out.Name, true
			return f
		}
		d.sheets = append(d.sheets, *s)
	}
	return nil
}

// filters finds the tables that have a filter.
func (d *document) filters() {
	depth := d.Depth()
	name := ""
	for d.Next() && d.Depth() >= depth {
		if d.Kind != xmlscan.Start || d.Space != tableSpace {
			continue
		}
		switch string(d.Name) {
		case "database-range":
			v, _ := d.AttrIn(tableSpace, "target-range-address")
			name, _, _ = strings.Cut(string(v), ".")
			name = strings.TrimPrefix(name, "$")
			if len(name) > 1 && name[0] == '\'' {
				name = strings.ReplaceAll(strings.Trim(name, "'"), "''", "'")
			}
		case "filter":
			d.filtered[name] = true
		}
	}
}
