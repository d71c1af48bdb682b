package grid

import (
	"slices"
	"sort"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// fill gives the rows of merged cells the value of the first: it stands there
// once and counts for all of them. Columns beside the first stay empty, as a
// value has one meaning, that of its column; they are told.
func (g *Grid) fill() *sheet.Fault {
	rows := g.Out.Rows
	var down tallyArea
	for _, a := range g.merged {
		i := sort.Search(len(rows), func(i int) bool { return rows[i].Number >= a.top })
		if i == len(rows) || rows[i].Number != a.top || len(rows[i].Cells) < a.left || rows[i].Cells[a.left-1].Kind == sheet.Empty {
			continue
		}
		if a.bottom == a.top {
			continue
		}
		down.add(a)
		value := rows[i].Cells[a.left-1]
		for i++; i < len(rows) && rows[i].Number <= a.bottom; i++ {
			r := &rows[i]
			g.budget.copied += 1 + int64(max(0, a.left-len(r.Cells)))
			if !g.budget.within() {
				return tooMany()
			}
			if n := len(r.Cells); n < a.left {
				r.Cells = slices.Grow(r.Cells, a.left-n)[:a.left]
				clear(r.Cells[n:])
			}
			if r.Cells[a.left-1].Kind == sheet.Empty {
				r.Cells[a.left-1] = value
			}
		}
	}
	if down.n > 0 {
		g.say("file-note-merged-rows", text.Args{"range": down.first, "count": down.n})
	}
	return nil
}

// tellAcross tells the cells that are merged over columns and hold data: not
// the heads that were joined, and not a row's only value, which is a title.
func (g *Grid) tellAcross(heads int) {
	rows := g.Out.Rows
	var across tallyArea
	for _, a := range g.merged {
		i := sort.Search(len(rows), func(i int) bool { return rows[i].Number >= a.top })
		if a.right == a.left || a.top <= heads || i == len(rows) || rows[i].Number != a.top || len(rows[i].Cells) < a.left || rows[i].Cells[a.left-1].Kind == sheet.Empty {
			continue
		}
		for c, cell := range rows[i].Cells {
			if c != a.left-1 && cell.Kind != sheet.Empty {
				across.add(a)
				break
			}
		}
	}
	if across.n > 0 {
		g.say("file-note-merged-columns", text.Args{"range": across.first, "count": across.n})
	}
}

// area is a rectangle of cells, both corners in it.
type area struct{ top, left, bottom, right int }

// tallyArea counts areas and keeps the first.
type tallyArea struct {
	n     int
	first string
}

func (t *tallyArea) add(a area) {
	if t.n == 0 {
		t.first = sheet.Name(a.top, a.left) + ":" + sheet.Name(a.bottom, a.right)
	}
	t.n++
}

// headRows is how far down heads are looked for.
const headRows = 30

// joinHeads joins a head of two rows: where a row of texts has cells merged
// over columns, and texts stand below each of them, the columns are named by
// both ("Pain" over "before" and "after"). A single cell that begins at the
// left and goes over columns is a title, and joins nothing. It returns the row
// of the heads, 0 without one.
func (g *Grid) joinHeads() int {
	rows := g.Out.Rows
	for i := 0; i+1 < len(rows) && i < headRows; i++ {
		if !texts(rows[i]) || !texts(rows[i+1]) {
			return 0
		}
		over := g.headsOver(rows[i], rows[i+1])
		if len(over) == 0 {
			continue
		}
		above := rows[i].Number
		g.join(i, over)
		return above
	}
	return 0
}

// texts reports whether a row holds texts alone.
func texts(r sheet.Row) bool {
	return !slices.ContainsFunc(r.Cells, func(c sheet.Cell) bool { return c.Kind != sheet.Empty && c.Kind != sheet.Text })
}

// headsOver lists the merged cells of a row that head columns named in the row
// below; nil where the row is none of heads.
func (g *Grid) headsOver(above, below sheet.Row) []area {
	if below.Number != above.Number+1 {
		return nil
	}
	var over []area
	for _, a := range g.merged {
		if a.top != above.Number || a.bottom != a.top || a.right == a.left || len(above.Cells) < a.left || above.Cells[a.left-1].Kind != sheet.Text {
			continue
		}
		if a.right > len(below.Cells) {
			return nil
		}
		for c := a.left; c <= a.right; c++ {
			if below.Cells[c-1].Kind != sheet.Text {
				return nil
			}
		}
		over = append(over, a)
	}
	filled := func(c sheet.Cell) bool { return c.Kind != sheet.Empty }
	first := slices.IndexFunc(above.Cells, filled)
	alone := first >= 0 && !slices.ContainsFunc(above.Cells[first+1:], filled)
	if len(over) == 1 && alone && over[0].left == 1+slices.IndexFunc(below.Cells, filled) {
		return nil
	}
	return over
}

// join writes the heads of row i before the names below them and drops the row.
// A head that stands in one cell alone is part of its column's name too, unless
// it is merged down and so stands below already.
func (g *Grid) join(i int, over []area) {
	above, below := g.Out.Rows[i], g.Out.Rows[i+1]
	head := map[int]string{}
	for c, cell := range above.Cells {
		if cell.Kind == sheet.Text {
			head[c+1] = cell.Text
		}
	}
	for _, a := range over {
		for c := a.left; c <= a.right; c++ {
			head[c] = above.Cells[a.left-1].Text
		}
	}
	for len(below.Cells) < len(above.Cells) {
		below.Cells = append(below.Cells, sheet.Cell{})
	}
	for c := range below.Cells {
		cell := &below.Cells[c]
		h := head[c+1]
		switch {
		case h == "" || h == cell.Text:
		case cell.Kind == sheet.Empty:
			*cell = sheet.Cell{Kind: sheet.Text, Text: h}
		default:
			cell.Text = h + " " + cell.Text
		}
	}
	g.Out.Rows[i+1] = below
	g.Out.Rows = slices.Delete(g.Out.Rows, i, i+1)
	first := over[0]
	g.say("file-note-merged-head", text.Args{"above": above.Number, "below": below.Number, "name": below.Cells[first.left-1].Text})
}
