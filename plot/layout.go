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
	least    vg.Length // of the data area's width
	weight   float64   // of the column's width; 0 means 1
	title    string    // above the data area, at its left edge
	over     string    // on a line of its own under the title, over the panel and those right of it; " " keeps that free
	overCols int       // how many columns it may reach over
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
	room    partRoom       // asked for by the figure that this one is a part of
	parts   []placedPart   // of a composed figure
}

const (
	pageEdge  = vg.Length(2)  // white at the figure's edges, points
	panelGapX = vg.Length(12) // between columns, scaled
	panelGapY = vg.Length(10) // between rows, scaled
)

// layout computes all places. Margins are measured on the plots themselves, so
// a changed plot is laid out anew.
func (f *Figure) layout() *layout {
	if len(f.parts) > 0 {
		return f.layoutParts()
	}
	return f.layoutIn(partRoom{})
}

// layoutIn is layout with at least the room asked for around the data.
func (f *Figure) layoutIn(room partRoom) *layout {
	l := &layout{f: f, w: f.theme.width, room: room}
	n := len(f.panels)
	frames := make([]*plot.Plot, n)
	l.plots = make([]*plot.Plot, n)
	for i, p := range f.panels {
		l.plots[i], frames[i] = freeze(p.plot)
	}
	l.data, l.titles, l.letters = make([]vg.Rectangle, n), make([][]string, n), f.panelLetters()
	l.own, l.all, l.outer, l.reach = make([]margins, n), make([]margins, n), make([]margins, n), make([]vg.Length, n)
	g := newPanelGrid(f.panels)
	g.divide(l, frames)
	tops := g.stack(l)
	for i, p := range f.panels {
		x, top := g.leftOf(p, f.theme), tops[p.row]+l.h
		l.data[i] = vg.Rectangle{Min: vg.Point{X: x, Y: top - g.heights[p.row]}, Max: vg.Point{X: x + g.widths[p.col], Y: top}}
		l.outer[i] = margins{g.cols[p.col].left, g.cols[p.col].right, g.rows[p.row].top, g.rows[p.row].bottom}
	}
	return l
}

// panelGrid is what the panels of a row and of a column share.
type panelGrid struct {
	cols, rows []margins
	weights    []float64   // of the columns' widths, their sum 1
	widths     []vg.Length // of the columns' data areas
	heights    []vg.Length // of the rows' data areas
}

func newPanelGrid(panels []*panel) *panelGrid {
	rows, cols := 0, 0
	for _, p := range panels {
		rows, cols = max(rows, p.row+1), max(cols, p.col+1)
	}
	g := &panelGrid{cols: make([]margins, cols), rows: make([]margins, rows), weights: make([]float64, cols),
		widths: make([]vg.Length, cols), heights: make([]vg.Length, rows)}
	for _, p := range panels {
		g.weights[p.col] = max(g.weights[p.col], p.weight)
	}
	total := 0.0
	for c := range g.weights {
		if g.weights[c] == 0 {
			g.weights[c] = 1
		}
		total += g.weights[c]
	}
	for c := range g.weights {
		g.weights[c] /= total
	}
	return g
}

// divide divides the width among the columns: the margins depend a little on the
// width that they leave.
func (g *panelGrid) divide(l *layout, frames []*plot.Plot) {
	t, panels := l.f.theme, l.f.panels
	for c, w := range g.weights {
		g.widths[c] = l.w * vg.Length(w) * 0.6
	}
	for range 3 {
		clear(g.cols)
		clear(g.rows)
		l.level = true
		for _, p := range panels {
			l.level = l.level && t.titleClear(p, g.widths[p.col])
		}
		for i, p := range panels {
			l.measure(i, p, frames[i], g.widths[p.col])
			g.cols[p.col] = g.cols[p.col].max(l.all[i])
			g.rows[p.row] = g.rows[p.row].max(l.all[i])
			g.heights[p.row] = max(g.heights[p.row], p.height)
		}
		g.cols[0].left = max(g.cols[0].left, l.room.left)
		g.cols[len(g.cols)-1].right = max(g.cols[len(g.cols)-1].right, l.room.right)
		free := l.w - 2*t.edge() - t.scaled(panelGapX)*vg.Length(max(len(g.cols)-1, 0))
		for _, m := range g.cols {
			free -= m.left + m.right
		}
		l.cramped = t.cramped || free < 5*vg.Length(len(g.cols))
		settled := true
		for c, weight := range g.weights {
			w := max(free*vg.Length(weight), 10)
			settled = settled && w == g.widths[c]
			g.widths[c] = w
		}
		if settled {
			break
		}
	}
	for i, p := range panels {
		w := g.widths[p.col]
		l.cramped = l.cramped || w < p.least || !fits(t.bold(), l.titles[i], w+l.own[i].right+1)
		if t.text().Width(p.over) > g.across(p, t) {
			l.cramped = true
		}
	}
}

// stack sets the heights from the top down, and returns the upper edges of the
// rows' data areas, which the figure's height moves up.
func (g *panelGrid) stack(l *layout) []vg.Length {
	t, inner := l.f.theme, l.w-2*l.f.theme.edge()
	y := -t.edge()
	l.legendY = y
	if n := t.legendHeight(l.f.legend, inner-l.legendIndent()); n > 0 {
		y -= n
	}
	g.stretch(l.room.inner, t)
	tops := make([]vg.Length, len(g.rows))
	for r, m := range g.rows {
		if r > 0 {
			y -= t.scaled(panelGapY)
		}
		y -= m.top
		if r == 0 {
			y = min(y, -l.room.top)
		}
		tops[r] = y
		y -= g.heights[r] + m.bottom
	}
	l.note = l.f.noteLines(inner)
	l.noteY = y - t.size()*0.5
	if len(l.note) > 0 {
		y = l.noteY - vg.Length(len(l.note))*t.small()*render.LineHeight
	}
	l.h = -y + t.edge()
	l.legendY += l.h
	l.noteY += l.h
	return tops
}

// across is the width from a panel's data area to the end of the last that its line
// over them may reach over.
func (g *panelGrid) across(p *panel, t *theme) vg.Length {
	w := g.widths[p.col]
	for c := p.col + 1; c < p.col+p.overCols; c++ {
		w += g.cols[c-1].right + t.scaled(panelGapX) + g.cols[c].left + g.widths[c]
	}
	return w
}

// leftOf is the left edge of a panel's data area.
func (g *panelGrid) leftOf(p *panel, t *theme) vg.Length {
	x := t.edge()
	for c := range p.col {
		x += g.cols[c].left + g.widths[c] + g.cols[c].right + t.scaled(panelGapX)
	}
	return x + g.cols[p.col].left
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
	for _, a := range []*plot.Axis{&whole.X, &whole.Y} {
		if _, is := a.Scale.(plot.LogScale); is {
			a.Scale = logScale{}
			a.Max *= 1 + 3e-12 // far less than is seen: the mean of the ends is then no value of a trial
		}
	}
	frame = &plot.Plot{Title: p.Title, X: whole.X, Y: whole.Y}
	frame.DataCanvas(draw.Canvas{}) // puts the ranges of the axes in order
	whole.X.Min, whole.X.Max = frame.X.Min, frame.X.Max
	whole.Y.Min, whole.Y.Max = frame.Y.Min, frame.Y.Max
	frame.Add(glyphBoxes(whole.GlyphBoxes(whole)))
	return whole, frame
}

// logScale is plot.LogScale with the mean of the ends in the middle. It is there that
// gonum looks how much room an axis's label needs, though it draws it in the middle: on a
// logarithmic axis that mean stands near the end, and the label would need room beyond it.
type logScale struct{ plot.LogScale }

// Normalize implements plot.Normalizer.
func (s logScale) Normalize(lo, hi, x float64) float64 {
	if x == 0.5*(hi+lo) {
		return 0.5
	}
	return s.LogScale.Normalize(lo, hi, x)
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
	named := min(1, len(l.letters[i]))
	if p.row == 0 && len(l.f.legend) == 0 {
		named = max(named, min(1, len(l.room.letter)))
	}
	if p.over != "" {
		l.titles[i] = append(l.titles[i], "")
	}
	if n := max(len(l.titles[i]), named); n > 0 {
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
		all.top += t.topHeight(p.top, width)
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
	indent := l.legendIndent()
	t.drawLegend(page, l.f.legend, t.edge()+indent, l.legendY, l.w-2*t.edge()-indent)
	l.drawParts(s)
	for i, p := range l.ownPanels() {
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
			ty += t.topHeight(p.top, d.Max.X-d.Min.X)
		}
		ty += t.size() * render.LineHeight * vg.Length(max(len(l.titles[i]), 1)-1)
		if l.letters[i] != "" {
			t.write(page, t.bold(), left, ty, draw.XLeft, l.letters[i])
		}
		for k, line := range l.titles[i] {
			if k == len(l.titles[i])-1 && p.over != "" {
				if p.over != " " {
					t.write(page, t.text(), d.Min.X, ty, draw.XLeft, p.over)
				}
				break
			}
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
	parting := *f.theme
	parting.parting = true
	return parting.noWidow(parting.unwidowed(parting.smallText(), note, width))
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
