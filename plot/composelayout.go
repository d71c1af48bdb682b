package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
)

// partRoom is what a composed figure asks of a part, so that the data areas of
// all stand in line: the least margins left and right of them, from the part's
// upper edge to the first of them, and from there to the lower end of the last.
type partRoom struct {
	left, right, top, inner vg.Length
	letter                  string // at the part's upper left corner
}

// placedPart is a part's layout and the place of its lower left corner.
type placedPart struct {
	l  *layout
	at vg.Point
}

// stretchMost is how much higher a chart may become to end where its neighbor does.
const stretchMost = 1.5

// legendIndent is the room for the part's letter before its legend.
func (l *layout) legendIndent() vg.Length {
	if l.room.letter == "" || len(l.f.legend) == 0 {
		return 0
	}
	return l.f.theme.bold().Width(l.room.letter) + l.f.theme.size()*0.8
}

// stretch makes the data areas higher, all alike, until they reach from the top of
// the first to the end of the last as far as asked.
func (g *panelGrid) stretch(inner vg.Length, t *theme) {
	var areas, between vg.Length
	for r, m := range g.rows {
		areas += g.heights[r]
		if r > 0 {
			between += t.scaled(panelGapY) + g.rows[r-1].bottom + m.top
		}
	}
	if areas == 0 || inner <= areas+between {
		return
	}
	for r := range g.heights {
		g.heights[r] *= (inner - between) / areas
	}
}

// ends are the upper edge of the first data area and the lower edge of the last,
// from the part's upper edge down.
func (l *layout) ends() (first, last vg.Length) {
	first, last = vg.Length(math.Inf(1)), 0
	for _, d := range l.data {
		first, last = min(first, l.h-d.Max.Y), max(last, l.h-d.Min.Y)
	}
	return first, last
}

// tabular reports whether a part has text left or right of its data that no axis
// has, and whether it is a diagram, which has no axes at all.
func (f *Figure) tabular() (left, right, diagram bool) {
	for _, p := range f.panels {
		left, right = left || len(p.rows) > 0, right || len(p.columns) > 0
		for _, m := range p.marks {
			if _, ok := m.(*flowMarks); ok {
				return true, true, true
			}
		}
	}
	return left, right, false
}

// layoutParts lays every part out by itself, asks each for the room that those
// above, below and beside it need, and sets them in rows.
func (f *Figure) layoutParts() *layout {
	t := f.theme
	l := &layout{f: f, w: t.width}
	rooms, parts := make([]partRoom, len(f.parts)), make([]*layout, len(f.parts))
	names := f.partLetters()
	for i, p := range f.parts {
		rooms[i].letter = names[i]
		if names[i] != "" && len(p.legend) == 0 && p.panels[0].title != "" { // its title stands clear of the letter
			rooms[i].left = t.bold().Width(names[i]) + t.size()*0.6
		}
	}
	for range 3 {
		for i, p := range f.parts {
			if parts[i] == nil || parts[i].room != rooms[i] {
				parts[i] = p.layoutIn(rooms[i])
			}
		}
		if !f.align(rooms, parts) {
			break
		}
	}
	inner := l.w - 2*t.edge()
	y := -t.edge()
	l.legendY = y
	y += t.edge() - t.legendHeight(f.legend, inner)
	for first := 0; first < len(parts); first += f.grid.cols {
		if first > 0 {
			y -= t.scaled(panelGapY)
		}
		row := parts[first:min(first+f.grid.cols, len(parts))]
		x, high := vg.Length(0), vg.Length(0)
		for c, p := range row {
			l.parts = append(l.parts, placedPart{p, vg.Point{X: x, Y: y - p.h}})
			x += f.grid.widths[c] + t.scaled(partGap)
			high = max(high, p.h)
			l.cramped = l.cramped || p.cramped
		}
		y -= high
	}
	l.note = f.noteLines(inner)
	l.noteY = y - t.size()*0.2
	if len(l.note) > 0 {
		y = l.noteY - vg.Length(len(l.note))*t.small()*render.LineHeight
	}
	l.h = -y + t.edge()
	l.legendY += l.h
	l.noteY += l.h
	for i := range l.parts {
		l.parts[i].at.Y += l.h
		l.gather(l.parts[i])
	}
	return l
}

// taken is what the parts lose of their width to those above and below them.
func (f *Figure) taken() []vg.Length {
	out, rooms, parts := make([]vg.Length, len(f.parts)), make([]partRoom, len(f.parts)), make([]*layout, len(f.parts))
	for i, p := range f.parts {
		parts[i] = p.layoutIn(partRoom{})
	}
	f.align(rooms, parts)
	for i, p := range f.parts {
		left, right := edgesOf(p, parts[i])
		out[i] = max(rooms[i].left-left, 0) + max(rooms[i].right-right, 0)
	}
	return out
}

// align asks every part for the room that the others of its column and row have,
// and reports whether one was asked for more than it has.
func (f *Figure) align(rooms []partRoom, parts []*layout) (asked bool) {
	cols := f.grid.cols
	ask := func(have *vg.Length, now, want vg.Length) {
		if want > *have {
			asked = asked || want > now+0.005
			*have = want
		}
	}
	for i, p := range f.parts {
		left, right, diagram := p.tabular()
		l, r := edgesOf(p, parts[i])
		first, last := parts[i].ends()
		for j, q := range f.parts {
			qLeft, qRight, qDiagram := q.tabular()
			ql, qr := edgesOf(q, parts[j])
			if i%cols == j%cols {
				if !left && !qLeft {
					ask(&rooms[j].left, ql, l)
				}
				if !right && !qRight {
					ask(&rooms[j].right, qr, r)
				}
			}
			if i/cols == j/cols && !diagram && !qDiagram {
				qFirst, qLast := parts[j].ends()
				ask(&rooms[j].top, qFirst, first)
				if last-first <= stretchMost*(qLast-qFirst) {
					ask(&rooms[j].inner, qLast-qFirst, last-first)
				}
			}
		}
	}
	return asked
}

// edgesOf are a part's margins left of its first and right of its last data areas.
func edgesOf(f *Figure, l *layout) (left, right vg.Length) {
	last := 0
	for _, p := range f.panels {
		last = max(last, p.col)
	}
	for i, p := range f.panels {
		if p.col == 0 {
			left = max(left, l.outer[i].left)
		}
		if p.col == last {
			right = max(right, l.outer[i].right)
		}
	}
	return left, right
}

// partLetters are the letters of the parts of a figure with several.
func (f *Figure) partLetters() []string {
	out := make([]string, len(f.parts))
	for i := range out {
		if len(out) > 1 {
			out[i] = letter(i, f.theme.style)
		}
	}
	return out
}

// letter is the name of the part or panel with that place in reading order.
func letter(i int, st Style) string {
	if st.LowerLetters {
		return string(rune('a' + i))
	}
	return string(rune('A' + i))
}

// gather adds a part's places to the whole's.
func (l *layout) gather(p placedPart) {
	for _, d := range p.l.data {
		l.data = append(l.data, vg.Rectangle{Min: d.Min.Add(p.at), Max: d.Max.Add(p.at)})
	}
	l.plots, l.own, l.all = append(l.plots, p.l.plots...), append(l.own, p.l.own...), append(l.all, p.l.all...)
	l.reach, l.outer = append(l.reach, p.l.reach...), append(l.outer, p.l.outer...)
	l.titles, l.letters = append(l.titles, p.l.titles...), append(l.letters, p.l.letters...)
}

// drawParts draws a composed figure's parts and a part's letter.
func (l *layout) drawParts(s *render.Scene) {
	for _, p := range l.parts {
		s.Push()
		s.Translate(p.at)
		p.l.draw(s)
		s.Pop()
	}
	if l.room.letter != "" {
		t := l.f.theme
		t.write(draw.NewCanvas(s, l.w, l.h), t.bold(), t.edge(), l.h-t.edge()-t.size(), draw.XLeft, l.room.letter)
	}
}

// ownPanels are the panels that the layout itself draws; those of a composed
// figure are its parts'.
func (l *layout) ownPanels() []*panel {
	if len(l.parts) > 0 {
		return nil
	}
	return l.f.panels
}

// textsCollide reports whether texts of a scene lie over each other or leave the
// page.
func textsCollide(s *render.Scene) bool {
	var boxes []vg.Rectangle
	for _, m := range s.Marks {
		if m.Kind != render.MarkText {
			continue
		}
		b := m.Box()
		r := vg.Rectangle{Min: b[0], Max: b[0]}
		for _, q := range b[1:] {
			r.Min = vg.Point{X: min(r.Min.X, q.X), Y: min(r.Min.Y, q.Y)}
			r.Max = vg.Point{X: max(r.Max.X, q.X), Y: max(r.Max.Y, q.Y)}
		}
		if r.Min.X < 0 || r.Min.Y < 0 || r.Max.X > s.W || r.Max.Y > s.H {
			return true
		}
		for _, q := range boxes {
			if min(r.Max.X, q.Max.X)-max(r.Min.X, q.Min.X) > 0.05 && min(r.Max.Y, q.Max.Y)-max(r.Min.Y, q.Min.Y) > 0.05 {
				return true
			}
		}
		boxes = append(boxes, r)
	}
	return false
}
