package workbook

import (
	"bytes"
	"net/url"
	"path"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/text"
)

// resolve is the name of the part that a target means, seen from a folder.
// Targets are addresses: signs in them may be written as %20.
func (b *book) resolve(folder, target string) string {
	name := func(t string) string {
		t, _, _ = strings.Cut(t, "#")
		if !strings.HasPrefix(t, "/") {
			t = folder + "/" + t
		}
		return strings.TrimPrefix(path.Clean("/"+t), "/")
	}
	if plain := name(target); b.zip.Has(plain) {
		return plain
	}
	if t, err := url.PathUnescape(target); err == nil {
		return name(t)
	}
	return name(target)
}

// readParts reads the workbook's list of sheets, the shared texts and the
// styles.
func (b *book) readParts(main string) error {
	folder, file := path.Split(main)
	rels, err := b.relationships(folder+"_rels/"+file+".rels", folder)
	if err != nil {
		return err
	}
	of := map[string]relationship{}
	for _, r := range rels {
		of[r.id] = r
	}
	if err := b.list(main, of); err != nil {
		return err
	}
	for _, r := range rels {
		switch r.kind {
		case "sharedStrings":
			err = b.sharedStrings(r.target)
		case "styles":
			err = b.readStyles(r.target)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list reads the workbook's part: its settings and its sheets in their order.
func (b *book) list(main string, of map[string]relationship) error {
	s, err := b.zip.XML(main, spaces)
	if err != nil {
		return err
	}
	root := false
	for s.Next() {
		if s.Kind != xmlscan.Start || s.Space != mainSpace {
			continue
		}
		switch string(s.Name) {
		case "workbook":
			root = s.Depth() == 1
		case "workbookPr":
			b.date1904 = b.date1904 || on(s, "date1904", false)
			b.flat = b.flat || !on(s, "dateCompatibility", true)
		case "calcPr":
			b.recalculate = on(s, "fullCalcOnLoad", false)
		case "sheet":
			if err := b.add(s, of); err != nil {
				return err
			}
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	if !root {
		return fault("file-workbook-other", text.Args{"part": main})
	}
	if len(b.sheets) == 0 {
		return fault("file-workbook-empty", nil)
	}
	if b.date1904 {
		b.notes = append(b.notes, text.Phrase{Code: "file-note-1904"})
	}
	return nil
}

// add takes one sheet of the list. Sheets without cells, as charts are, are left
// out and told.
func (b *book) add(s *xmlscan.Scanner, of map[string]relationship) error {
	var e entry
	if v, ok := s.Attr("name"); ok {
		e.name = unescape(string(v))
	}
	if v, ok := s.Attr("state"); ok {
		e.hidden = string(v) != "visible"
	}
	id, _ := s.AttrIn(relSpace, "id")
	r, ok := of[string(id)]
	switch {
	case !ok || r.external:
		return &sheet.Fault{Code: "file-sheet-missing", Args: text.Args{"sheet": e.name}}
	case r.kind == "worksheet":
		if !b.zip.Has(r.target) {
			return &sheet.Fault{Code: "file-part-missing", Args: text.Args{"part": r.target}, Sheet: e.name, Letters: true}
		}
		e.part = r.target
		b.sheets = append(b.sheets, e)
	default:
		b.notes = append(b.notes, text.Phrase{Code: "file-note-other-sheet", Args: text.Args{"sheet": e.name, "kind": r.kind}})
	}
	return nil
}

// on reads a yes or no of the element just begun.
func on(s *xmlscan.Scanner, name string, unless bool) bool {
	v, ok := s.Attr(name)
	if !ok {
		return unless
	}
	return string(v) == "1" || string(v) == "true" || string(v) == "on"
}

// sharedStrings reads the texts that cells refer to by number.
func (b *book) sharedStrings(part string) error {
	s, err := b.zip.XML(part, spaces)
	if err != nil {
		return err
	}
	var all []byte
	var ends []int
	for s.Next() {
		if s.Kind != xmlscan.Start || s.Space != mainSpace || s.Depth() != 2 || string(s.Name) != "si" {
			continue
		}
		if all, err = richText(s, all); err != nil {
			return err
		}
		ends = append(ends, len(all))
	}
	if err := s.Err(); err != nil {
		return err
	}
	// The texts share one string: a workbook has many short ones.
	joined := string(all)
	b.strings = make([]string, len(ends))
	from := 0
	for i, end := range ends {
		b.strings[i] = trim(joined[from:end])
		from = end
	}
	return nil
}

// richText appends the text of an element (si, is) to a buffer: its own and
// that of its runs, without the phonetic hints of Asian texts.
func richText(s *xmlscan.Scanner, to []byte) ([]byte, error) {
	depth, from := s.Depth(), len(to)
	for s.Next() {
		switch {
		case s.Kind == xmlscan.End && s.Depth() < depth:
			if escaped(to[from:]) {
				to = append(to[:from], unescape(string(to[from:]))...)
			}
			return to, nil
		case s.Kind != xmlscan.Start:
		case s.Space == mainSpace && string(s.Name) == "t":
			var err error
			if to, err = content(s, to); err != nil {
				return to, err
			}
			if len(to)-from > xmlscan.MaxToken {
				return to, fault("file-text-long", nil)
			}
		case s.Space == mainSpace && string(s.Name) == "r":
		default:
			s.Skip()
		}
	}
	return to, s.Err()
}

// content appends the text of the element just begun. Blanks around it count
// where the file says so.
func content(s *xmlscan.Scanner, to []byte) ([]byte, error) {
	keep, _ := s.AttrIn(xmlSpace, "space")
	preserve := string(keep) == "preserve"
	depth, from := s.Depth(), len(to)
	for s.Next() {
		switch s.Kind {
		case xmlscan.Text:
			to = append(to, s.Text()...)
			if len(to)-from > xmlscan.MaxToken {
				return to, fault("file-text-long", nil)
			}
		case xmlscan.Start:
			s.Skip()
		case xmlscan.End:
			if s.Depth() < depth {
				if !preserve {
					to = append(to[:from], bytes.Trim(to[from:], " \t\n\r")...)
				}
				return to, nil
			}
		}
	}
	return to, s.Err()
}
