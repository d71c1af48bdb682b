// Package grid keeps the cells of a spreadsheet while a reader meets them, under
// one policy of limits for all formats, and then decides what is the same in all
// of them: merged cells, heads of two rows, columns of dates, hidden rows and
// columns. What is decided is said in the sheet's notes.
package grid

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Limits of one file. Rows are stored up to their last cell that holds
// something, so that a few cells far out would cost much: cells without content
// may be Gaps times as many as those with content, and GapRoom more. The same
// holds for cells that stand once in the file and count for many.
const (
	MaxRow    = 1 << 20
	MaxColumn = 1 << 14
	MaxCells  = 50_000_000
	Gaps      = 20
	GapRoom   = 1 << 20
)

// Budget counts what the sheets of one file cost together.
type Budget struct{ filled, gaps, copied int64 }

// within reports whether the limits hold.
func (b *Budget) within() bool {
	room := Gaps*b.filled + GapRoom
	return b.gaps <= room && b.copied <= room && b.filled+b.gaps+b.copied <= MaxCells
}

// Grid is a sheet while it is read. Rows and cells come in their order.
type Grid struct {
	Out *sheet.Sheet
	// Row and Column are the place of the cell being read, from 1.
	Row, Column int
	// Filter: the sheet has a filter, which hides rows.
	Filter bool
	// Percent, Zeros and Stale are cells to tell of: shown as percentages, shown
	// with leading zeros by a format of ZerosFormat signs, and results that the
	// workbook asks to calculate anew.
	Percent, Zeros, Stale Tally
	ZerosFormat           int

	cells         []sheet.Cell
	digits        []byte // texts of the row's numbers, one behind the other
	spans         []span
	store         []sheet.Cell // where rows are kept
	budget        *Budget
	widest        int
	hiddenRows    []int
	hiddenCount   int
	hiddenColumns [][2]int
	merged        []area
}

// span is a number's text in digits.
type span struct{ cell, from, to int }

// Tally counts cells and keeps the first.
type Tally struct{ n, row, column int }

// Add counts the cell at the current place.
func (g *Grid) Add(t *Tally) {
	if t.n == 0 {
		t.row, t.column = g.Row, g.Column
	}
	t.n++
}

// New begins a sheet of a file.
func New(b *Budget, name string, hidden bool) *Grid {
	return &Grid{budget: b, Out: &sheet.Sheet{Name: name, Hidden: hidden, Letters: true}}
}

// Begin begins the row of a number.
func (g *Grid) Begin(row int) {
	g.Row, g.Column = row, 0
	g.cells, g.digits, g.spans = g.cells[:0], g.digits[:0], g.spans[:0]
}

// Len is the number of the row's cells so far, with the empty ones before them.
func (g *Grid) Len() int { return len(g.cells) }

// Put makes a cell the value at the current place of the row.
func (g *Grid) Put(c sheet.Cell) *sheet.Fault {
	gap := g.Column - 1 - len(g.cells)
	g.budget.gaps += int64(gap)
	g.budget.filled++
	if gap > 0 && !g.budget.within() || g.budget.filled > MaxCells {
		return tooMany()
	}
	for range gap {
		g.cells = append(g.cells, sheet.Cell{})
	}
	g.cells = append(g.cells, c)
	return nil
}

// Again puts the cell just put so many times more.
func (g *Grid) Again(times int) *sheet.Fault {
	g.budget.copied += int64(times)
	if !g.budget.within() {
		return tooMany()
	}
	last := len(g.cells) - 1
	number := len(g.spans) > 0 && g.spans[len(g.spans)-1].cell == last
	for range times {
		g.Column++
		g.cells = append(g.cells, g.cells[last])
		if number {
			s := g.spans[len(g.spans)-1]
			s.cell++
			g.spans = append(g.spans, s)
		}
	}
	return nil
}

// Repeat makes the row just ended stand in so many rows more.
func (g *Grid) Repeat(times int, hidden bool) *sheet.Fault {
	if len(g.cells) == 0 {
		return nil
	}
	g.budget.copied += int64(times) * int64(len(g.cells)+1) // a row costs about a cell itself
	if !g.budget.within() {
		return tooMany()
	}
	rows := slices.Grow(g.Out.Rows, times)
	for range times {
		g.Row++
		if hidden {
			g.hide(g.Row)
		}
		rows = append(rows, sheet.Row{Number: g.Row, Cells: g.keep(g.cells)})
	}
	g.Out.Rows = rows
	return nil
}

func tooMany() *sheet.Fault {
	return &sheet.Fault{Code: "file-cells-many", Args: text.Args{"limit": MaxCells}}
}

// PutText puts a text; an empty one is no cell.
func (g *Grid) PutText(s string) *sheet.Fault {
	if s == "" {
		return nil
	}
	return g.Put(sheet.Cell{Kind: sheet.Text, Text: s})
}

// PutDigits puts a number that is in its shortest form already.
func (g *Grid) PutDigits(v []byte) *sheet.Fault {
	from := len(g.digits)
	g.digits = append(g.digits, v...)
	return g.spanned(from)
}

// PutNumber puts a number, and returns the length of its text.
func (g *Grid) PutNumber(x float64) (int, *sheet.Fault) {
	from := len(g.digits)
	g.digits = sheet.AppendNumber(g.digits, x)
	return len(g.digits) - from, g.spanned(from)
}

func (g *Grid) spanned(from int) *sheet.Fault {
	if f := g.Put(sheet.Cell{Kind: sheet.Number}); f != nil {
		return f
	}
	g.spans = append(g.spans, span{len(g.cells) - 1, from, len(g.digits)})
	return nil
}

// End keeps the row just read, if it holds anything.
func (g *Grid) End(hidden bool) {
	g.Column = 0
	if len(g.cells) == 0 {
		return
	}
	if len(g.spans) > 0 {
		all := string(g.digits)
		for _, s := range g.spans {
			g.cells[s.cell].Text = all[s.from:s.to]
		}
	}
	if hidden {
		g.hide(g.Row)
	}
	g.widest = max(g.widest, len(g.cells))
	g.Out.Rows = append(g.Out.Rows, sheet.Row{Number: g.Row, Cells: g.keep(g.cells)})
}

// keep copies a row's cells to where they stay.
func (g *Grid) keep(cells []sheet.Cell) []sheet.Cell {
	if len(g.store)+len(cells) > cap(g.store) {
		g.store = make([]sheet.Cell, 0, max(len(cells), min(16<<10, 2*cap(g.store)+256)))
	}
	from := len(g.store)
	g.store = append(g.store, cells...)
	return g.store[from:len(g.store):len(g.store)]
}

// hide tells of a hidden row: the first ones by their numbers.
func (g *Grid) hide(row int) {
	if g.hiddenCount++; len(g.hiddenRows) < maxNamed {
		g.hiddenRows = append(g.hiddenRows, row)
	}
}

// Place gives a fault the place of the cell or row being read.
func (g *Grid) Place(f *sheet.Fault) *sheet.Fault {
	if f != nil && f.Row == 0 && g.Row > 0 {
		f.Row, f.Column = g.Row, max(g.Column, 1)
	}
	return f
}

// HideColumns tells of hidden columns.
func (g *Grid) HideColumns(from, to int) {
	if len(g.hiddenColumns) < MaxColumn {
		g.hiddenColumns = append(g.hiddenColumns, [2]int{from, to})
	}
}

// Merge merges a rectangle of cells, both corners in it.
func (g *Grid) Merge(top, left, bottom, right int) {
	g.merged = append(g.merged, area{top, left, bottom, right})
}

// Finish decides what needs the whole sheet, and returns it.
func (g *Grid) Finish() (*sheet.Sheet, *sheet.Fault) {
	g.Row, g.Column = 0, 0
	g.datesAlone()
	if f := g.fill(); f != nil {
		return nil, f
	}
	g.tellAcross(g.joinHeads())
	g.note()
	return g.Out, nil
}

// midnight ends a date-time that may be a date.
const midnight = "T00:00:00"

// datesAlone makes dates of the date-times of columns in which every one is
// midnight: their format shows a time, and there is none.
func (g *Grid) datesAlone() {
	const alone, timed = 1, 2
	columns := make([]uint8, g.widest)
	for _, r := range g.Out.Rows {
		for c, cell := range r.Cells {
			if cell.Kind != sheet.DateTime {
				continue
			}
			if strings.HasSuffix(cell.Text, midnight) {
				columns[c] = max(columns[c], alone)
			} else {
				columns[c] = timed
			}
		}
	}
	for _, r := range g.Out.Rows {
		for c := range r.Cells {
			if cell := &r.Cells[c]; cell.Kind == sheet.DateTime && columns[c] == alone {
				*cell = sheet.Cell{Kind: sheet.Date, Text: strings.TrimSuffix(cell.Text, midnight)}
			}
		}
	}
}
