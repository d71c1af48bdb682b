package plot

import (
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/plot/internal/render"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// numberStrip is a table under the axis: a row an arm, a number under each
// place of the x axis, as under a survival curve.
type numberStrip struct {
	header string
	rows   []numberRow
	named  bool // arms by name, not by symbol alone
	inline bool // one row, of the panel's own arm: the header stands before it
}

type numberRow struct {
	look look
	at   []float64
	text []string
}

// newNumberStrip names the arms where that takes at most a quarter of the figure's
// width. Otherwise their symbols stand for them, which a legend names.
func (t *theme) newNumberStrip(header string, rows []numberRow) *numberStrip {
	s := &numberStrip{header: header, rows: rows, named: true}
	for _, r := range rows {
		if t.text().Width(armName(r.look.arm))+t.size()*2 > t.width*0.26 {
			s.named = false
		}
	}
	return s
}

func (s *numberStrip) size(t *theme) (height, left vg.Length) {
	if s.inline {
		return t.size() * (render.LineHeight + 0.3), t.text().Width(s.header) + t.size()*0.5
	}
	for _, r := range s.rows {
		w := t.size() * 1.2
		if s.named {
			w += t.text().Width(armName(r.look.arm)) + t.size()*0.8
		}
		left = max(left, w)
		for i := range r.text {
			if i == 0 { // half of the first number stands left of its place
				left = max(left, w+t.text().Width(r.text[0])/2)
			}
		}
	}
	return t.size() * (render.LineHeight*vg.Length(1+len(s.rows)) + 0.7), left
}

func (s *numberStrip) draw(t *theme, c draw.Canvas, p *plot.Plot, data vg.Rectangle, left, top vg.Length) {
	area := draw.Canvas{Canvas: c.Canvas, Rectangle: data}
	y := top - t.size()*1.55
	if s.inline {
		y = top - t.size()*1.15
		t.write(c, t.text(), data.Min.X-t.size()*0.5, y, draw.XRight, s.header)
		y += t.size() * render.LineHeight
	} else {
		t.write(c, t.text(), left, y, draw.XLeft, s.header)
	}
	for _, r := range s.rows {
		y -= t.size() * render.LineHeight
		if !s.inline {
			t.drawMarker(c, r.look, vg.Point{X: left + t.size()*0.4, Y: y + t.size()*0.36}, 0.8)
		}
		if s.named {
			t.write(c, t.text(), left+t.size()*1.2, y, draw.XLeft, armName(r.look.arm))
		}
		for i, txt := range r.text {
			t.write(c, t.text(), area.X(p.X.Norm(r.at[i])), y, draw.XCenter, txt)
		}
	}
}

// fits reports whether the numbers stand clear of each other when neighboring
// places are gap points apart.
func (s *numberStrip) fits(t *theme, gap vg.Length) bool {
	for _, r := range s.rows {
		for _, txt := range r.text {
			if t.text().Width(txt)+t.size()*0.4 > gap {
				return false
			}
		}
	}
	return true
}

// keyStrip says under the axis what the two sides of a value mean: "← favors
// Active HILT   favors Placebo HILT →", on two lines where one is too short.
type keyStrip struct {
	left, right string
	at          float64 // x value that parts them
}

// texts are the words of both sides with their arrows, in lines; stacked says that
// they stand below each other.
func (s *keyStrip) texts(t *theme) (before, after []string, stacked bool) {
	room := t.width - 2*t.edge()
	if s.left != "" {
		before = t.balance(t.text(), "←\u00a0"+s.left, room)
	}
	if s.right != "" {
		after = t.balance(t.text(), s.right+"\u00a0→", room)
	}
	width := t.text().Width(strings.Join(before, "\n")) + t.text().Width(strings.Join(after, "\n"))
	return before, after, len(before) > 1 || len(after) > 1 || width+t.size()*2 > room
}

func (s *keyStrip) size(t *theme) (height, left vg.Length) {
	before, after, stacked := s.texts(t)
	lines := 1
	if stacked {
		lines = len(before) + len(after)
	}
	return t.size() * (1.5 + render.LineHeight*vg.Length(lines-1)), 0
}

func (s *keyStrip) draw(t *theme, c draw.Canvas, p *plot.Plot, data vg.Rectangle, left, top vg.Length) {
	area := draw.Canvas{Canvas: c.Canvas, Rectangle: data}
	x, y := area.X(clamp(p.X.Norm(s.at), 0, 1)), top-t.size()*1.1
	before, after, stacked := s.texts(t)
	if stacked {
		for _, line := range before {
			t.write(c, t.text(), left, y, draw.XLeft, line)
			y -= t.size() * render.LineHeight
		}
		for _, line := range after {
			t.write(c, t.text(), t.width-t.edge(), y, draw.XRight, line)
			y -= t.size() * render.LineHeight
		}
		return
	}
	gap := t.size() * 0.6
	for _, s := range before {
		x = max(x, left+t.text().Width(s)+gap)
	}
	for _, s := range after {
		x = min(x, t.width-t.edge()-t.text().Width(s)-gap)
	}
	for _, s := range before {
		t.write(c, t.text(), x-gap, y, draw.XRight, s)
	}
	for _, s := range after {
		t.write(c, t.text(), x+gap, y, draw.XLeft, s)
	}
}

// underAxis is the room of a label under an axis: what the axis has, but not less than
// half of the page.
func (t *theme) underAxis(room vg.Length) vg.Length { return max(room, t.width*0.55) }

// nameAxis names the x axis of a panel whose data area has about so much room. A label
// that is longer stands under the axis by itself, so that it takes nothing from the data.
func (t *theme) nameAxis(p *panel, label string, room vg.Length) {
	p.plot.X.Label.Text = label
	if t.text().Width(label) > room {
		p.plot.X.Label.Text = ""
		p.below = slices.Insert(p.below, 0, strip(&axisStrip{label}))
	}
}

// axisStrip is an axis's label that may be longer than the axis: centered under it, on
// the page.
type axisStrip struct{ text string }

func (s *axisStrip) size(t *theme) (height, left vg.Length) {
	return t.textHeight(s.text) + t.size()*0.15, 0
}

func (s *axisStrip) draw(t *theme, c draw.Canvas, _ *plot.Plot, data vg.Rectangle, _, top vg.Length) {
	half := t.text().Width(s.text) / 2
	x, y := max(min((data.Min.X+data.Max.X)/2, t.width-t.edge()-half), t.edge()+half), top-t.size()*1.1
	for _, line := range strings.Split(s.text, "\n") {
		t.write(c, t.text(), x, y, draw.XCenter, line)
		y -= t.size() * render.LineHeight
	}
}

// textStrip is lines of text under the axis, from the data area's left edge.
type textStrip struct{ text string }

func (s *textStrip) size(t *theme) (height, left vg.Length) {
	return t.textHeight(s.text) + t.size()*0.4, 0
}

func (s *textStrip) draw(t *theme, c draw.Canvas, _ *plot.Plot, data vg.Rectangle, _, top vg.Length) {
	y := top - t.size()*1.3
	for _, line := range strings.Split(s.text, "\n") {
		t.write(c, t.text(), data.Min.X, y, draw.XLeft, line)
		y -= t.size() * render.LineHeight
	}
}

// sortedBy returns 0…n−1 in the order of less, stable.
func sortedBy(n int, less func(a, b int) bool) []int {
	idx := make([]int, n)
	for i := range idx {
		idx[i] = i
	}
	sort.SliceStable(idx, func(a, b int) bool { return less(idx[a], idx[b]) })
	return idx
}
