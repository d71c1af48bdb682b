package workbook

import (
	"bytes"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/text"
)

// Limits of one workbook. Rows are stored up to their last cell that holds
// something, so that a few cells far out would cost much: cells without content
// may be Gaps times as many as those with content, and GapRoom more.
const (
	MaxRow    = 1 << 20
	MaxColumn = 1 << 14
	MaxCells  = 50_000_000
	Gaps      = 20
	GapRoom   = 1 << 20
)

// worksheet is a sheet while it is read.
type worksheet struct {
	*book
	*xmlscan.Scanner
	out *sheet.Sheet

	row, column   int // of the cell being read
	last          int // the last row's number
	cells         []sheet.Cell
	digits        []byte // texts of the row's numbers, one behind the other
	spans         []span
	store         []sheet.Cell // where rows are kept
	filled, gaps  int
	widest        int
	written, rich []byte

	hiddenRows    []int
	hiddenColumns [][2]int
	filter        bool
	merged        []area
	percent       tally
	zeros         tally
	zerosFormat   int
	stale         tally
}

// span is a number's text in digits.
type span struct{ cell, from, to int }

// tally counts cells and keeps the first.
type tally struct{ n, row, column int }

func (t *tally) add(row, column int) {
	if t.n == 0 {
		t.row, t.column = row, column
	}
	t.n++
}

// readSheet reads one sheet.
func (b *book) readSheet(e entry) (*sheet.Sheet, error) {
	s, err := b.zip.XML(e.part, spaces)
	if err != nil {
		return nil, err
	}
	w := &worksheet{book: b, Scanner: s, out: &sheet.Sheet{Name: e.name, Hidden: e.hidden, Letters: true}}
	if err := w.read(); err != nil {
		if f, ok := err.(*sheet.Fault); ok && f.Row == 0 && w.row > 0 {
			f.Row, f.Column = w.row, max(w.column, 1)
		}
		return nil, err
	}
	w.row, w.column = 0, 0
	datesAlone(w.out.Rows, w.widest)
	if err := w.fill(); err != nil {
		return nil, err
	}
	w.tellAcross(w.joinHeads())
	w.note()
	return w.out, nil
}

// read goes over the sheet's part.
func (w *worksheet) read() error {
	if !w.Next() {
		return w.Err()
	}
	if w.Space != mainSpace || string(w.Name) != "worksheet" {
		return fault("file-workbook-other", text.Args{"part": w.out.Name})
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
			err = w.data()
			w.row, w.column = 0, 0
		case "cols":
			err = w.columns()
		case "mergeCells":
			err = w.merges()
		case "autoFilter":
			w.filter = true
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
			w.hiddenColumns = append(w.hiddenColumns, [2]int{number(w.Scanner, "min"), number(w.Scanner, "max")})
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
	w.column = 0
	at, hidden := w.last+1, false
	for i := range w.Attributes() {
		_, prefixed, name, value := w.Attribute(i)
		switch {
		case prefixed:
		case string(name) == "r":
			n, ok := whole(value)
			if !ok || n <= w.last || n > MaxRow {
				return fault("file-row-number", text.Args{"row": string(value)})
			}
			at = n
		case string(name) == "hidden":
			hidden = string(value) == "1" || string(value) == "true"
		}
	}
	if at > MaxRow {
		return fault("file-row-number", text.Args{"row": at})
	}
	w.row, w.last = at, at
	w.cells, w.digits, w.spans = w.cells[:0], w.digits[:0], w.spans[:0]
	for w.Next() {
		switch {
		case w.Kind == xmlscan.End:
			return w.endRow(hidden)
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

// endRow keeps the row just read, if it holds anything.
func (w *worksheet) endRow(hidden bool) error {
	w.column = 0
	if len(w.cells) == 0 {
		return nil
	}
	if len(w.spans) > 0 {
		all := string(w.digits)
		for _, s := range w.spans {
			w.cells[s.cell].Text = all[s.from:s.to]
		}
	}
	if hidden {
		w.hiddenRows = append(w.hiddenRows, w.row)
	}
	w.widest = max(w.widest, len(w.cells))
	w.out.Rows = append(w.out.Rows, sheet.Row{Number: w.row, Cells: w.keep(w.cells)})
	return nil
}

// keep copies a row's cells to where they stay.
func (w *worksheet) keep(cells []sheet.Cell) []sheet.Cell {
	if len(w.store)+len(cells) > cap(w.store) {
		w.store = make([]sheet.Cell, 0, max(len(cells), min(16<<10, 2*cap(w.store)+256)))
	}
	from := len(w.store)
	w.store = append(w.store, cells...)
	return w.store[from:len(w.store):len(w.store)]
}

// put makes a cell the value at the current place of the row.
func (w *worksheet) put(c sheet.Cell) error {
	gap := w.column - 1 - len(w.cells)
	w.gaps += gap
	w.filled++
	if w.gaps > Gaps*w.filled+GapRoom || w.gaps+w.filled > MaxCells {
		return fault("file-cells-many", text.Args{"limit": MaxCells})
	}
	for range gap {
		w.cells = append(w.cells, sheet.Cell{})
	}
	w.cells = append(w.cells, c)
	return nil
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
	return row, column, ok && i > 0 && column <= MaxColumn && row >= 1 && row <= MaxRow
}

// area is a rectangle of cells, both corners in it.
type area struct{ top, left, bottom, right int }

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
		var a area
		var ok, also bool
		a.top, a.left, ok = place(first)
		a.bottom, a.right, also = place(second)
		if !ok || !also || a.bottom < a.top || a.right < a.left {
			return fault("file-merge", text.Args{"range": string(ref)})
		}
		w.merged = append(w.merged, a)
	}
	return w.Err()
}
