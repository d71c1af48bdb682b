package plot

import (
	"image/color"
	"math"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/plot/internal/render"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// sideLabel is a label right of the data area, at the height of what it names.
type sideLabel struct {
	y     float64 // data value
	text  string  // may have several lines
	color color.Color
	bold  bool
	arrow int  // +1 an upward, −1 a downward arrow before the text
	fixed bool // never joined to its place by a leader
}

const sideGap = vg.Length(4) // between data area and labels

// sideWidth is the room the labels need.
func (t *theme) sideWidth(ls []sideLabel) vg.Length {
	var w vg.Length
	for _, l := range ls {
		lw := t.sideStyle(l).Width(l.text)
		if l.arrow != 0 {
			lw += t.size()
		}
		w = max(w, lw)
	}
	if w == 0 {
		return 0
	}
	return w + t.scaled(sideGap) + t.leader(ls)
}

// leader is the room for leaders: needed where two labels want one place.
func (t *theme) leader(ls []sideLabel) vg.Length {
	if len(ls) < 2 {
		return 0
	}
	return t.scaled(5)
}

func (t *theme) sideStyle(l sideLabel) text.Style {
	s := t.text()
	if l.bold {
		s = t.bold()
	}
	s.Color = l.color
	if t.style.BlackText {
		s.Color = color.Black
	}
	return s
}

func lineCount(s string) int { return strings.Count(s, "\n") + 1 }

func (t *theme) textHeight(s string) vg.Length {
	return t.size() * render.LineHeight * vg.Length(lineCount(s))
}

// drawSide places labels as near to their values as their heights allow and
// joins the moved ones to their place by a leader.
func (t *theme) drawSide(c draw.Canvas, p *plot.Plot, ls []sideLabel, data vg.Rectangle, x vg.Length) {
	if len(ls) == 0 {
		return
	}
	area := draw.Canvas{Canvas: c.Canvas, Rectangle: data}
	want, half := make([]float64, len(ls)), make([]float64, len(ls))
	for i, l := range ls {
		want[i] = float64(area.Y(p.Y.Norm(l.y)))
		half[i] = float64(t.textHeight(l.text)+t.size()*0.25) / 2
	}
	got := spread(want, half, float64(data.Min.Y)-float64(t.size())/2, float64(data.Max.Y)+float64(t.size())/2)
	tx := x + t.scaled(sideGap) + t.leader(ls)
	for i, l := range ls {
		sty := t.sideStyle(l)
		y := vg.Length(got[i])
		lx := tx
		if l.arrow != 0 {
			t.drawArrow(c, vg.Point{X: tx + t.size()*0.3, Y: y}, float64(l.arrow), l.color)
			lx += t.size()
		}
		base := y + t.textHeight(l.text)/2 - t.size()*0.93
		for _, line := range strings.Split(l.text, "\n") {
			t.write(c, sty, lx, base, draw.XLeft, line)
			base -= t.size() * render.LineHeight
		}
		if d := got[i] - want[i]; math.Abs(d) > 1.5 && !l.fixed {
			c.StrokeLines(draw.LineStyle{Color: l.color, Width: 0.5}, []vg.Point{
				{X: x + 1.5, Y: vg.Length(want[i])}, {X: tx - 1.5, Y: y}})
		}
	}
}

// drawArrow draws a vertical arrow of one em; dir is +1 upward, −1 downward.
func (t *theme) drawArrow(c draw.Canvas, mid vg.Point, dir float64, col color.Color) {
	h, d := t.size()*0.45, vg.Length(dir)
	c.SetLineStyle(draw.LineStyle{Color: col, Width: t.line(1.2)})
	var p vg.Path
	p.Move(vg.Point{X: mid.X, Y: mid.Y - d*h})
	p.Line(vg.Point{X: mid.X, Y: mid.Y + d*h*0.5})
	c.Stroke(p)
	c.FillPolygon(col, []vg.Point{{X: mid.X, Y: mid.Y + d*h},
		{X: mid.X - h*0.5, Y: mid.Y + d*h*0.25}, {X: mid.X + h*0.5, Y: mid.Y + d*h*0.25}})
}

// spread moves intervals of half-widths half, centered where wanted, as little
// as needed (least squares) so that none overlap and all lie in [lo, hi] when
// there is room. The order is that of the wanted places.
func spread(want, half []float64, lo, hi float64) []float64 {
	n := len(want)
	idx := make([]int, n)
	for i := range idx {
		idx[i] = i
	}
	sort.SliceStable(idx, func(a, b int) bool { return want[idx[a]] < want[idx[b]] })
	type block struct {
		first, last int // in idx
		pos, size   float64
	}
	place := func(first, last int) block {
		// Center of the block: the mean of what each member wants of it.
		var off, sum float64
		for k := first; k <= last; k++ {
			sum += want[idx[k]] - off - half[idx[k]]
			off += 2 * half[idx[k]]
		}
		start := sum / float64(last-first+1)
		start = math.Max(lo, math.Min(start, hi-off))
		return block{first, last, start, off}
	}
	var bs []block
	for k := range idx {
		b := place(k, k)
		for len(bs) > 0 && bs[len(bs)-1].pos+bs[len(bs)-1].size > b.pos+1e-9 {
			b = place(bs[len(bs)-1].first, b.last)
			bs = bs[:len(bs)-1]
		}
		bs = append(bs, b)
	}
	out := make([]float64, n)
	for _, b := range bs {
		at := b.pos
		for k := b.first; k <= b.last; k++ {
			out[idx[k]] = at + half[idx[k]]
			at += 2 * half[idx[k]]
		}
	}
	return out
}

// drawMarker draws an arm's symbol: the active arms' filled, control's open.
func (t *theme) drawMarker(c draw.Canvas, l look, at vg.Point, scale float64) {
	r := t.size() * 0.33 * vg.Length(scale)
	face := color.Color(l.color)
	if l.arm.Control {
		face = color.White
	}
	l.marker.draw(c, at, r, face, draw.LineStyle{Color: l.color, Width: t.line(1.3)})
}

// topLabel stands over the data area, at what it names.
type topLabel struct {
	x    float64 // data value
	text string
}

// titleClear reports whether a panel's title and the labels over its data fit on
// one line. Labels without a title need a line of their own.
func (t *theme) titleClear(p *panel, width vg.Length) bool {
	if len(p.top) == 0 {
		return true
	}
	end := t.bold().Width(p.title) + t.size()
	if p.title == "" || end > width {
		return false
	}
	for _, l := range p.top {
		if t.smallText().Width(l.text) > width {
			return false // it takes several lines
		}
		w := t.smallText().Width(l.text) / 2
		x := width * vg.Length(p.plot.X.Norm(l.x))
		if max(min(x, width-w), w)-w < end {
			return false
		}
	}
	return true
}

// topLines wraps a label over a data area to its width.
func (t *theme) topLines(l topLabel, width vg.Length) []string {
	return t.balance(t.smallText(), l.text, width)
}

// topHeight is how much the labels over a data area of a width need.
func (t *theme) topHeight(ls []topLabel, width vg.Length) (h vg.Length) {
	for _, l := range ls {
		h = max(h, t.size()*render.LineHeight*vg.Length(len(t.topLines(l, width))))
	}
	return h
}

// drawTop centers labels on their values, kept inside the panel.
func (t *theme) drawTop(c draw.Canvas, p *plot.Plot, ls []topLabel, data vg.Rectangle, y, page vg.Length) {
	area := draw.Canvas{Canvas: c.Canvas, Rectangle: data}
	sty := t.smallText()
	sty.Color = inkGray
	for _, l := range ls {
		lines := t.topLines(l, data.Max.X-data.Min.X)
		for i, line := range lines {
			w := sty.Width(line) / 2
			x := area.X(p.X.Norm(l.x))
			x = max(min(x, data.Max.X-w, page-w), data.Min.X+w)
			t.write(c, sty, x, y+t.size()*render.LineHeight*vg.Length(len(lines)-1-i), draw.XCenter, line)
		}
	}
}

// rowLabel names a row left of the data area, aligned at the panel's left edge.
type rowLabel struct {
	y      float64 // data value
	text   string
	bold   bool
	indent bool
	deep   bool // a step further in
	span   bool // a heading that goes on over the data area
}

func (t *theme) rowStyle(l rowLabel) (text.Style, vg.Length) {
	sty, indent := t.text(), vg.Length(0)
	if l.bold {
		sty = t.bold()
	}
	if l.indent {
		indent = t.size()
	}
	if l.deep {
		indent += t.size()
	}
	return sty, indent
}

func (t *theme) rowsWidth(ls []rowLabel) vg.Length {
	var w vg.Length
	for _, l := range ls {
		if l.span {
			continue
		}
		sty, indent := t.rowStyle(l)
		w = max(w, indent+sty.Width(l.text)+t.size())
	}
	return w
}

func (t *theme) drawRows(c draw.Canvas, p *plot.Plot, ls []rowLabel, data vg.Rectangle, left vg.Length) {
	area := draw.Canvas{Canvas: c.Canvas, Rectangle: data}
	for _, l := range ls {
		sty, indent := t.rowStyle(l)
		y := area.Y(p.Y.Norm(l.y)) + t.textHeight(l.text)/2 - t.size()*0.93
		for _, line := range strings.Split(l.text, "\n") {
			t.write(c, sty, left+indent, y, draw.XLeft, line)
			y -= t.size() * render.LineHeight
		}
	}
}

// headers wraps the names of columns of numbers: all into as many lines as the
// longest needs. The space in "n (active/ control)" is where it may break, and is
// not printed where it does not.
func (t *theme) headers(names ...string) []string {
	out := t.alike(names, t.width*0.12)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "/ ", "/")
	}
	return out
}

// alike wraps bold names into as many lines as the longest needs: "Active HILT" is
// not set unlike "Placebo HILT".
func (t *theme) alike(names []string, room vg.Length) []string {
	lines := 1
	for _, n := range names {
		lines = max(lines, len(t.wrap(t.bold(), n, room)))
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.Join(t.wrapLines(t.bold(), n, room, lines), "\n")
	}
	return out
}

// textColumn is a column of text right of a forest plot, a cell a row.
type textColumn struct {
	header string
	cells  []textCell
	right  bool      // aligned at the right
	paren  bool      // aligned at the opening parenthesis
	lead   vg.Length // before that parenthesis, at least; equal in the panels of a figure
	width  vg.Length // at least; equal in the panels of a figure
}

type textCell struct {
	y    float64 // data value
	text string
}

const columnGap = vg.Length(8)

func (t *theme) columnWidth(c textColumn) vg.Length {
	w := max(c.width, t.bold().Width(c.header))
	lead := t.columnLead(c)
	for _, cell := range c.cells {
		w = max(w, c.indent(t, lead, cell)+t.text().Width(cell.text))
	}
	return w
}

// columnLead is the widest text before a parenthesis in a column.
func (t *theme) columnLead(c textColumn) vg.Length {
	lead := c.lead
	for _, cell := range c.cells {
		lead = max(lead, c.beforeParen(t, cell))
	}
	return lead
}

func (c textColumn) beforeParen(t *theme, cell textCell) vg.Length {
	if !c.paren {
		return 0
	}
	before, _, _ := strings.Cut(cell.text, "(")
	return t.text().Width(before)
}

// indent moves a cell's parenthesis under those of the others.
func (c textColumn) indent(t *theme, lead vg.Length, cell textCell) vg.Length {
	if !c.paren {
		return 0
	}
	return lead - c.beforeParen(t, cell)
}

func (t *theme) columnsWidth(cs []textColumn) vg.Length {
	var w vg.Length
	for _, c := range cs {
		w += t.scaled(columnGap) + t.columnWidth(c)
	}
	return w
}

func headerLines(cs []textColumn) int {
	n := 0
	for _, c := range cs {
		if c.header != "" {
			n = max(n, lineCount(c.header))
		}
	}
	return n
}

func (t *theme) drawColumns(c draw.Canvas, p *plot.Plot, cs []textColumn, data vg.Rectangle, x, top vg.Length) {
	area := draw.Canvas{Canvas: c.Canvas, Rectangle: data}
	for _, col := range cs {
		x += t.scaled(columnGap)
		w, at, align := t.columnWidth(col), x, draw.XLeft
		if col.right {
			at, align = x+w, draw.XRight
		}
		lead := t.columnLead(col)
		lines := strings.Split(col.header, "\n")
		for i, line := range lines {
			up := vg.Length(len(lines)-1-i) * t.size() * render.LineHeight
			t.write(c, t.bold(), at, top+t.size()*0.55+up, align, line)
		}
		for _, cell := range col.cells {
			t.write(c, t.text(), at+col.indent(t, lead, cell), area.Y(p.Y.Norm(cell.y))-t.size()*0.35, align, cell.text)
		}
		x += w
	}
}
