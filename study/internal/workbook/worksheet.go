package workbook

import (
	"bytes"

	"github.com/trialkit/trialkit/study/internal/grid"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/text"
)

// worksheet is a sheet while it is read.
type worksheet struct {
	*book
	*xmlscan.Scanner
	*grid.Grid
	last          int // the last row's number
	written, rich []byte
}

// readSheet reads one sheet.
func (b *book) readSheet(e entry) (*sheet.Sheet, error) {
	s, err := b.zip.XML(e.part, spaces)
	if err != nil {
		return nil, err
	}
	w := &worksheet{book: b, Scanner: s, Grid: grid.New(&b.budget, e.name, e.hidden)}
	if err := w.read(); err != nil {
		if f, ok := err.(*sheet.Fault); ok {
			w.Place(f)
		}
		return nil, err
	}
	out, f := w.Finish()
	return out, asError(f)
}

// read goes over the sheet's part.
func (w *worksheet) read() error {
	if !w.Next() {
		return w.Err()
	}
	if w.Space != mainSpace || string(w.Name) != "worksheet" {
		return fault("file-workbook-other", text.Args{"part": w.Out.Name})
	}
	for w.Next() {
		if w.Kind != xmlscan.Start {
			continue
		}
		if w.Space != mainSpace {
			w.Skip()
			continue
		}
		var err error
		switch string(w.Name) {
		case "sheetData":
			if err = w.data(); err == nil {
				w.Row, w.Column = 0, 0 // what is wrong behind the rows is wrong in none of them
			}
		case "cols":
			err = w.columns()
		case "mergeCells":
			err = w.merges()
		case "autoFilter":
			w.Filter = true
			w.Skip()
		default:
			w.Skip()
		}
		if err != nil {
			return err
		}
	}
	return w.Err()
}

// columns finds the hidden ones.
func (w *worksheet) columns() error {
	for w.Next() && w.Depth() >= 2 {
		if w.Kind == xmlscan.Start && w.Space == mainSpace && string(w.Name) == "col" && on(w.Scanner, "hidden", false) {
			w.HideColumns(number(w.Scanner, "min"), number(w.Scanner, "max"))
		}
	}
	return w.Err()
}

// data reads the rows.
func (w *worksheet) data() error {
	for w.Next() {
		switch {
		case w.Kind == xmlscan.End:
			return nil
		case w.Kind != xmlscan.Start:
		case w.Space == mainSpace && string(w.Name) == "row":
			if err := w.readRow(); err != nil {
				return err
			}
		default:
			return w.unexpected()
		}
	}
	return w.Err()
}

// unexpected refuses an element where none like it belongs: what it holds might
// be data.
func (w *worksheet) unexpected() error {
	return fault("file-workbook-element", text.Args{"element": string(w.Name)})
}

func (w *worksheet) readRow() error {
	w.Column = 0
	at, hidden := w.last+1, false
	for i := range w.Attributes() {
		_, prefixed, name, value := w.Attribute(i)
		switch {
		case prefixed:
		case string(name) == "r":
			n, ok := whole(value)
			if !ok || n <= w.last || n > grid.MaxRow {
				return fault("file-row-number", text.Args{"row": string(value)})
			}
			at = n
		case string(name) == "hidden":
			hidden = string(value) == "1" || string(value) == "true"
		}
	}
	if at > grid.MaxRow {
		return fault("file-row-number", text.Args{"row": at})
	}
	w.last = at
	w.Begin(at)
	for w.Next() {
		switch {
		case w.Kind == xmlscan.End:
			w.End(hidden)
			return nil
		case w.Kind != xmlscan.Start:
		case w.Space == mainSpace && string(w.Name) == "c":
			if err := w.readCell(); err != nil {
				return err
			}
		case string(w.Name) == "extLst":
			w.Skip()
		default:
			return w.unexpected()
		}
	}
	return w.Err()
}

// whole reads a whole number without a sign.
func whole(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// place reads a cell's name, such as B7.
func place(name []byte) (row, column int, ok bool) {
	i := 0
	for ; i < len(name) && i < 4; i++ {
		c := name[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		column = 26*column + int(c-'A') + 1
	}
	row, ok = whole(name[i:])
	return row, column, ok && i > 0 && column <= grid.MaxColumn && row >= 1 && row <= grid.MaxRow
}

// merges reads which cells are merged.
func (w *worksheet) merges() error {
	for w.Next() && w.Depth() >= 2 {
		if w.Kind != xmlscan.Start || w.Space != mainSpace || string(w.Name) != "mergeCell" {
			continue
		}
		ref, _ := w.Attr("ref")
		first, second, two := bytes.Cut(ref, []byte(":"))
		if !two {
			continue
		}
		top, left, ok := place(first)
		bottom, right, also := place(second)
		if !ok || !also || bottom < top || right < left {
			return fault("file-merge", text.Args{"range": string(ref)})
		}
		w.Merge(top, left, bottom, right)
	}
	return w.Err()
}
