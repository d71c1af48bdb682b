package plot

import (
	"image/color"
	"strings"

	"github.com/trialkit/trialkit/plot/internal/render"
	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panel is one plot of a figure with what stands around its data area.
type panel struct {
	plot     *plot.Plot
	row, col int
	height   vg.Length // of the data area
	weight   float64   // of the column's width; 0 means 1
	title    string    // above the data area, at its left edge
	letter   string    // A, B, … at the panel's left edge
	marks    []plot.Plotter
	below    []strip     // under the axis, from the top down
	side     []sideLabel // right of the data area, at a value of y
	columns  []textColumn
	top      []topLabel // over the data area, at a value of x
	rows     []rowLabel // left of the data area, at a value of y
	visits   []visitPlace
}

// add adds plotters and keeps them in reach of the tests.
func (p *panel) add(ps ...plot.Plotter) {
	p.plot.Add(ps...)
	p.marks = append(p.marks, ps...)
}

// reach is how far the panel's marks stand out over the right edge of a data
// area of a width.
func (p *panel) reach(width vg.Length) (r vg.Length) {
	for _, m := range p.marks {
		if g, ok := m.(plot.GlyphBoxer); ok {
			for _, b := range g.GlyphBoxes(p.plot) {
				r = max(r, vg.Length(b.X-1)*width+b.Rectangle.Max.X)
			}
		}
	}
	return r
}

// strip is a band under a panel's axis, such as the numbers of participants.
type strip interface {
	// height of the band and the room it needs left of the data area.
	size(t *theme) (height, left vg.Length)
	// draw draws it; data is the data area, top the band's upper edge, left
	// the panel's left edge.
	draw(t *theme, c draw.Canvas, p *plot.Plot, data vg.Rectangle, left, top vg.Length)
}

// margins is the room around a data area.
type margins struct{ left, right, top, bottom vg.Length }

func (m margins) max(n margins) margins {
	return margins{max(m.left, n.left), max(m.right, n.right), max(m.top, n.top), max(m.bottom, n.bottom)}
}

// layout holds the places of everything in a figure.
type layout struct {
	f       *Figure
	w, h    vg.Length
	plots   []*plot.Plot // the panels', as they are now
	legendY vg.Length    // upper edge
	noteY   vg.Length    // upper edge
	note    []string
	data    []vg.Rectangle // data area per panel
	own     []margins      // of the gonum plot alone
	all     []margins      // with titles, strips and labels
	reach   []vg.Length    // of the panels' marks over the right edge
	outer   []margins      // the widest of the panel's row and column
	titles  [][]string     // of the panels, wrapped
	level   bool           // titles stand on the line of the labels over the data
	letters []string       // of the panels
	cramped bool           // the labels leave no room for data
}

const (
	pageEdge  = vg.Length(2)  // white at the figure's edges, points
	panelGapX = vg.Length(12) // between columns, scaled
	panelGapY = vg.Length(10) // between rows, scaled
)

// layout computes all places. Margins are measured on the plots themselves, so
// a changed plot is laid out anew.
func (f *Figure) layout() *layout {
	t := f.theme
	l := &layout{f: f, w: t.width}
	rows, cols := 0, 0
	for _, p := range f.panels {
		rows, cols = max(rows, p.row+1), max(cols, p.col+1)
	}
	frames := make([]*plot.Plot, len(f.panels))
	l.plots = make([]*plot.Plot, len(f.panels))
	for i, p := range f.panels {
		l.plots[i], frames[i] = freeze(p.plot)
	}
	l.data = make([]vg.Rectangle, len(f.panels))
	l.own = make([]margins, len(f.panels))
	l.all = make([]margins, len(f.panels))
	l.reach = make([]vg.Length, len(f.panels))
	l.outer = make([]margins, len(f.panels))
	l.titles = make([][]string, len(f.panels))
	l.letters = f.panelLetters()
	weights := make([]float64, cols)
	var total float64
	for _, p := range f.panels {
		weights[p.col] = max(weights[p.col], p.weight)
	}
	for c := range weights {
		if weights[c] == 0 {
			weights[c] = 1
		}
		total += weights[c]
	}
	widths := make([]vg.Length, cols)
	for c := range widths {
		widths[c] = l.w * vg.Length(weights[c]/total) * 0.6
	}
	inner := l.w - 2*t.edge()
	colM, rowM, rowH := make([]margins, cols), make([]margins, rows), make([]vg.Length, rows)
	for range 3 { // the margins depend a little on the width they leave
		clear(colM)
		clear(rowM)
		l.level = true
		for _, p := range f.panels {
			l.level = l.level && t.titleClear(p, widths[p.col])
		}
		for i, p := range f.panels {
			l.measure(i, p, frames[i], widths[p.col])
			colM[p.col] = colM[p.col].max(l.all[i])
			rowM[p.row] = rowM[p.row].max(l.all[i])
			rowH[p.row] = max(rowH[p.row], p.height)
		}
		free := inner - t.scaled(panelGapX)*vg.Length(max(cols-1, 0))
		for _, m := range colM {
			free -= m.left + m.right
		}
		settled := true
		for c := range widths {
			w := max(free*vg.Length(weights[c]/total), 10)
			l.cramped = free < 5*vg.Length(cols)
			settled = settled && w == widths[c]
			widths[c] = w
		}
		if settled {
			break
		}
	}
	// Heights, from the top down.
	y := -t.edge()
	l.legendY = y
	if n := t.legendHeight(f.legend, inner); n > 0 {
		y -= n
	}
	tops := make([]vg.Length, rows)
	for r := range rows {
		if r > 0 {
			y -= t.scaled(panelGapY)
		}
		y -= rowM[r].top
		tops[r] = y
		y -= rowH[r] + rowM[r].bottom
	}
	l.note = f.noteLines(inner)
	l.noteY = y - t.size()*0.5
	if len(l.note) > 0 {
		y = l.noteY - vg.Length(len(l.note))*t.small()*render.LineHeight
	}
	l.h = -y + t.edge()
	l.legendY += l.h
	l.noteY += l.h
	for i, p := range f.panels {
		x := t.edge()
		for c := range p.col {
			x += colM[c].left + widths[c] + colM[c].right + t.scaled(panelGapX)
		}
		x += colM[p.col].left
		top := tops[p.row] + l.h
		l.data[i] = vg.Rectangle{Min: vg.Point{X: x, Y: top - rowH[p.row]}, Max: vg.Point{X: x + widths[p.col], Y: top}}
		l.outer[i] = margins{colM[p.col].left, colM[p.col].right, rowM[p.row].top, rowM[p.row].bottom}
	}
	return l
}

// panelLetters are the panels' own letters, or by the options those of their
// reading order.
func (f *Figure) panelLetters() []string {
	out := make([]string, len(f.panels))
	order := sortedBy(len(f.panels), func(a, b int) bool {
		p, q := f.panels[a], f.panels[b]
		return p.row < q.row || p.row == q.row && p.col < q.col
	})
	for n, i := range order {
		out[i] = f.panels[i].letter
		if out[i] == "" && f.theme.opt.Letters && len(order) > 1 && n < 26 {
			out[i] = string(rune('A' + n))
		}
		if f.theme.style.LowerLetters {
			out[i] = strings.ToLower(out[i])
		}
	}
	return out
}

// freeze returns a plot as it is now, which works out its ticks once: gonum asks
// for them a dozen times. The frame is the plot without its data, to be measured.
func freeze(p *plot.Plot) (whole, frame *plot.Plot) {
	whole = new(*p)
	whole.X.Tick.Marker = &tickMemo{of: p.X.Tick.Marker}
	whole.Y.Tick.Marker = &tickMemo{of: p.Y.Tick.Marker}
	frame = &plot.Plot{Title: p.Title, X: whole.X, Y: whole.Y}
	frame.DataCanvas(draw.Canvas{}) // puts the ranges of the axes in order
	whole.X.Min, whole.X.Max = frame.X.Min, frame.X.Max
	whole.Y.Min, whole.Y.Max = frame.Y.Min, frame.Y.Max
	frame.Add(glyphBoxes(whole.GlyphBoxes(whole)))
	return whole, frame
}

// tickMemo is a ticker that remembers its last answer, for one layout.
type tickMemo struct {
	of       plot.Ticker
	min, max float64
	ticks    []plot.Tick
}

// Ticks implements plot.Ticker.
func (m *tickMemo) Ticks(min, max float64) []plot.Tick {
	if m.ticks == nil || min != m.min || max != m.max {
		m.min, m.max, m.ticks = min, max, m.of.Ticks(min, max)
	}
	return m.ticks
}

// glyphBoxes stands for plotters where only their extent matters.
type glyphBoxes []plot.GlyphBox

// Plot implements plot.Plotter.
func (glyphBoxes) Plot(draw.Canvas, *plot.Plot) {}

// GlyphBoxes implements plot.GlyphBoxer.
func (b glyphBoxes) GlyphBoxes(*plot.Plot) []plot.GlyphBox { return b }

// measure finds the margins of panel i, of which frame is the plot's frame, for
// a data area of the given width.
func (l *layout) measure(i int, p *panel, frame *plot.Plot, width vg.Length) {
	t := l.f.theme
	own := ownMargins(frame, width, p.height)
	all := own
	l.titles[i] = t.fold(t.bold(), p.title, width+own.right)
	if n := max(len(l.titles[i]), min(1, len(l.letters[i]))); n > 0 {
		all.top += t.size() * (0.45 + render.LineHeight*vg.Length(n))
	}
	for _, s := range p.below {
		h, left := s.size(t)
		all.bottom += h
		all.left = max(all.left, left)
	}
	if len(p.side) > 0 { // beside the marks: the axis's last label is below
		l.reach[i] = p.reach(width)
		all.right = max(all.right, l.reach[i]+t.sideWidth(p.side))
	}
	all.right += t.columnsWidth(p.columns)
	if n := headerLines(p.columns); n > 0 {
		all.top = max(all.top, own.top+t.size()*(0.6+render.LineHeight*vg.Length(n)))
	}
	if len(p.top) > 0 && !l.level {
		all.top += t.size() * render.LineHeight
	}
	all.left = max(all.left, own.left+t.rowsWidth(p.rows))
	l.own[i], l.all[i] = own, all
}

// ownMargins measures a gonum plot around a data area of a given size.
func ownMargins(p *plot.Plot, w, h vg.Length) margins {
	m := margins{left: 20, bottom: 150} // generous: too small a canvas would turn the axes over
	for range 3 {
		c := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: w + m.left + m.right, Y: h + m.top + m.bottom}}}
		d := p.DataCanvas(c)
		last := m
		m = margins{d.Min.X, c.Max.X - d.Max.X, c.Max.Y - d.Max.Y, d.Min.Y}
		if !finite(float64(m.left), float64(m.right), float64(m.top), float64(m.bottom)) {
			// One label reaches over both ends of an axis: look at a longer one.
			if !(w <= 1e5) { // NaN too
				return margins{}
			}
			return ownMargins(p, 3*w, 3*h)
		}
		if m == last {
			break
		}
	}
	return m
}

func (l *layout) draw(s *render.Scene) {
	t := l.f.theme
	page := draw.NewCanvas(s, l.w, l.h)
	t.drawLegend(page, l.f.legend, t.edge(), l.legendY, l.w-2*t.edge())
	for i, p := range l.f.panels {
		d, m, pl := l.data[i], l.own[i], l.plots[i]
		sub := draw.Canvas{Canvas: s, Rectangle: vg.Rectangle{
			Min: vg.Point{X: d.Min.X - m.left, Y: d.Min.Y - m.bottom},
			Max: vg.Point{X: d.Max.X + m.right, Y: d.Max.Y + m.top}}}
		pl.Draw(sub)
		left := d.Min.X - l.outer[i].left
		top := d.Min.Y - m.bottom
		for _, st := range p.below {
			h, _ := st.size(t)
			st.draw(t, page, pl, d, left, top)
			top -= h
		}
		t.drawColumns(page, pl, p.columns, d, d.Max.X+l.outer[i].right-t.columnsWidth(p.columns), d.Max.Y+m.top)
		t.drawRows(page, pl, p.rows, d, left)
		up := t.size() * 0.3
		if l.level && p.title != "" {
			up = t.size() * 0.55
		}
		t.drawTop(page, pl, p.top, d, d.Max.Y+m.top+up, l.w)
		t.drawSide(page, pl, p.side, d, d.Max.X+l.reach[i])
		ty := d.Max.Y + m.top + t.size()*0.55
		if len(p.top) > 0 && !l.level {
			ty += t.size() * render.LineHeight
		}
		ty += t.size() * render.LineHeight * vg.Length(max(len(l.titles[i]), 1)-1)
		if l.letters[i] != "" {
			t.write(page, t.bold(), left, ty, draw.XLeft, l.letters[i])
		}
		for _, line := range l.titles[i] {
			t.write(page, t.bold(), d.Min.X, ty, draw.XLeft, line)
			ty -= t.size() * render.LineHeight
		}
	}
	y := l.noteY - t.small()
	for _, line := range l.note {
		t.write(page, t.smallText(), t.edge(), y, draw.XLeft, line)
		y -= t.small() * render.LineHeight
	}
}

// noteLines is the footnote, wrapped.
func (f *Figure) noteLines(width vg.Length) []string {
	note := f.footnote
	if f.theme.opt.NoFootnote {
		note = ""
	}
	if f.theme.study.Simulated {
		note = sentence(f.theme.say("simulated", nil)) + " " + note
	}
	return noWidow(f.theme.unwidowed(f.theme.smallText(), note, width))
}

// Type sizes.
func (t *theme) size() vg.Length  { return vg.Length(t.style.Size) }
func (t *theme) small() vg.Length { return vg.Length(render.Round01(t.style.Size * 0.93)) }

// scaled is a gap given in points at 7.5 pt type.
func (t *theme) scaled(x vg.Length) vg.Length { return x * t.size() / 7.5 }

// edge is the white at the figure's edges, wider around large type.
func (t *theme) edge() vg.Length { return max(pageEdge, t.scaled(pageEdge)) }

func (t *theme) line(k float64) vg.Length { return vg.Length(t.style.Line * k) }

func (t *theme) text() text.Style {
	return text.Style{Color: color.Black, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: t.size()},
		Handler: t.rich}
}

func (t *theme) smallText() text.Style {
	s := t.text()
	s.Font.Size = t.small()
	return s
}

func (t *theme) bold() text.Style {
	s := t.text()
	s.Font.Weight = xfont.WeightBold
	return s
}

// write draws one line with its baseline at y.
func (t *theme) write(c draw.Canvas, sty text.Style, x, y vg.Length, align draw.XAlignment, s string) {
	sty.XAlign, sty.YAlign = align, draw.YBottom
	c.FillText(sty, vg.Point{X: x, Y: y}, s)
}
