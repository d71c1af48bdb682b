package plot

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/stats"
)

// linesMarks draws lines through points in data units.
type linesMarks struct {
	theme  *theme
	color  color.Color
	width  float64 // in the style's line widths
	dashes []vg.Length
	lines  [][]xy
}

// Plot implements plot.Plotter.
func (m *linesMarks) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: m.color, Width: m.theme.line(m.width), Dashes: m.dashes}
	for _, l := range m.lines {
		pts := make([]vg.Point, len(l))
		for i, q := range l {
			pts[i] = vg.Point{X: c.X(clamp(p.X.Norm(q.x), 0, 1)), Y: c.Y(clamp(p.Y.Norm(q.y), 0, 1))}
		}
		c.StrokeLines(sty, pts)
	}
}

// violinMarks is a density beside a place of the other axis: pts are values
// and their densities. A density as high as top reaches so far on the page:
// marks with one top and one reach have equal areas. Values lie on the y axis,
// on the x axis where flat.
type violinMarks struct {
	look   look
	at     float64
	offset vg.Length
	reach  vg.Length
	flat   bool
	top    float64
	pts    []xy // value, density
}

// Plot implements plot.Plotter.
func (m *violinMarks) Plot(c draw.Canvas, p *plot.Plot) {
	if len(m.pts) < 2 || !(m.top > 0) {
		return
	}
	at := func(v float64, d vg.Length) vg.Point {
		if m.flat {
			return vg.Point{X: c.X(clamp(p.X.Norm(v), 0, 1)), Y: c.Y(p.Y.Norm(m.at)) + m.offset + d}
		}
		return vg.Point{X: c.X(p.X.Norm(m.at)) + m.offset + d, Y: c.Y(clamp(p.Y.Norm(v), 0, 1))}
	}
	axis := p.Y
	if m.flat {
		axis = p.X
	}
	var poly []vg.Point
	first, last := 0.0, 0.0
	for _, q := range m.pts { // what lies beyond the axis is cut
		if q.x < axis.Min || q.x > axis.Max {
			continue
		}
		if poly == nil {
			first = q.x
			poly = append(poly, at(first, 0))
		}
		last = q.x
		poly = append(poly, at(q.x, m.reach*vg.Length(q.y/m.top)))
	}
	if len(poly) < 3 {
		return
	}
	poly = append(poly, at(last, 0))
	c.FillPolygon(fade(m.look.color, 0.3), poly)
}

// boxMarks is a flat box plot: quartiles, median, and whiskers to the range.
type boxMarks struct {
	theme                    *theme
	look                     look
	at                       float64
	offset                   vg.Length
	half                     vg.Length
	min, q1, median, q3, max float64
}

// Plot implements plot.Plotter.
func (m *boxMarks) Plot(c draw.Canvas, p *plot.Plot) {
	y := c.Y(p.Y.Norm(m.at)) + m.offset
	x := func(v float64) vg.Length { return c.X(p.X.Norm(v)) }
	sty := draw.LineStyle{Color: m.look.color, Width: m.theme.line(1.1)}
	c.StrokeLine2(sty, x(m.min), y, x(m.q1), y)
	c.StrokeLine2(sty, x(m.q3), y, x(m.max), y)
	box := []vg.Point{{X: x(m.q1), Y: y - m.half}, {X: x(m.q3), Y: y - m.half}, {X: x(m.q3), Y: y + m.half}, {X: x(m.q1), Y: y + m.half}}
	c.FillPolygon(color.White, box)
	c.StrokeLines(sty, append(box, box[0]))
	sty.Width = m.theme.line(2.4)
	c.StrokeLine2(sty, x(m.median), y-m.half, x(m.median), y+m.half)
}

// rainMarks draws values on the x axis as dots in a strip under a place of the
// y axis, moved up and down on the page where they would cover each other.
type rainMarks struct {
	theme  *theme
	look   look
	at     float64
	values []float64
	offset vg.Length
	room   vg.Length // half the strip's height
	step   int       // of the symbols' size, one for the whole figure
}

// layout places the dots, given their places on the x axis, with symbols of a
// size; ok tells whether they fit.
func (m *rainMarks) layout(xs []vg.Length, step int) (dy []vg.Length, r vg.Length, ok bool) {
	r = m.theme.size() * 0.21 * vg.Length(swarmShare(step))
	if vg.Length(crowd(xs, 2.3*r))*2.3*r*0.8 > 2*m.room {
		return nil, r, false
	}
	dy = swarm(xs, 2.3*r, m.room-r)
	return dy, r, widest(dy) < m.room-r-1e-6
}

// shareSize gives strips the size of symbols that the fullest has room for, on
// an axis from lo to hi of about the given length.
func shareSize(strips []*rainMarks, lo, hi float64, length vg.Length) {
	step := 0
	for _, m := range strips {
		xs := make([]vg.Length, len(m.values))
		for i, v := range m.values {
			xs[i] = vg.Length((v-lo)/(hi-lo)) * length
		}
		for ; step < swarmSteps-1; step++ {
			if _, _, ok := m.layout(xs, step); ok {
				break
			}
		}
	}
	for _, m := range strips {
		m.step = step
	}
}

// Plot implements plot.Plotter.
func (m *rainMarks) Plot(c draw.Canvas, p *plot.Plot) {
	xs := make([]vg.Length, len(m.values))
	for i, v := range m.values {
		xs[i] = c.X(p.X.Norm(v))
	}
	dy, r, ok := m.layout(xs, m.step)
	if !ok {
		dy = rows(xs, 1.6*r, m.room-r)
	}
	y := c.Y(p.Y.Norm(m.at)) + m.offset
	for i, d := range dy {
		m.look.marker.draw(c, vg.Point{X: xs[i], Y: y + d}, r, nil,
			draw.LineStyle{Color: fade(m.look.color, 0.6), Width: m.theme.line(0.9)})
	}
}

// points are the values of a density with their heights.
func points(xs, ys []float64) []xy {
	out := make([]xy, len(xs))
	for i := range xs {
		out[i] = xy{xs[i], ys[i]}
	}
	return out
}

// equalAreas gives the densities of a figure one scale, that of the highest:
// each scaled to its own would make a wide one look like much.
func equalAreas(ms []*violinMarks) {
	top := 0.0
	for _, m := range ms {
		for _, q := range m.pts {
			top = math.Max(top, q.y)
		}
	}
	for _, m := range ms {
		m.top = top
	}
}

// grid spaces n values from lo to hi.
func grid(lo, hi float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = lo + (hi-lo)*float64(i)/float64(n-1)
	}
	return out
}

// effectDensity is the density that an estimation plot draws of an effect, at
// points over its 99.9% interval, without the tails that are thinner than a
// line; nil where the effect has none.
func effectDensity(e any, lo, hi float64) (xs, ys []float64) {
	d, ok := e.(interface{ Density(float64) float64 })
	if !ok || !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil, nil
	}
	xs = grid(lo, hi, 161)
	top := 0.0
	for _, x := range xs {
		ys = append(ys, d.Density(x))
		top = math.Max(top, ys[len(ys)-1])
	}
	first, last := 0, len(xs)-1
	for first < last && ys[first+1] < 0.012*top {
		first++
	}
	for last > first && ys[last-1] < 0.012*top {
		last--
	}
	return xs[first : last+1], ys[first : last+1]
}

// cloudReach are the limits of what an estimation plot draws of an effect: its
// interval and its density.
func cloudReach(e stats.Effect, level float64) (lo, hi float64) {
	lo, hi = curveReach(e, level)
	xs, _ := effectDensity(e, lo, hi)
	if xs == nil {
		return lo, hi
	}
	ci := e.CI(level)
	lo, hi = xs[0], xs[len(xs)-1]
	if finite(ci.Lo, ci.Hi) {
		lo, hi = math.Min(lo, ci.Lo), math.Max(hi, ci.Hi)
	}
	return lo, hi
}

// edgeRoom is a strip without height that leaves room left of the data area
// for half of the first label of an x axis whose y axis is hidden.
type edgeRoom struct{ of *plot.Plot }

func (s edgeRoom) size(t *theme) (height, left vg.Length) {
	for _, k := range s.of.X.Tick.Marker.Ticks(s.of.X.Min, s.of.X.Max) {
		if k.Label != "" {
			return 0, t.text().Width(k.Label)/2 + t.size()*0.2
		}
	}
	return 0, 0
}

func (edgeRoom) draw(*theme, draw.Canvas, *plot.Plot, vg.Rectangle, vg.Length, vg.Length) {}

// endRoom is room for the half of a last number under an axis that reaches over the
// data area's right edge.
type endRoom struct {
	at   float64
	half vg.Length
}

// Plot implements plot.Plotter.
func (endRoom) Plot(draw.Canvas, *plot.Plot) {}

// GlyphBoxes implements plot.GlyphBoxer.
func (m endRoom) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	return []plot.GlyphBox{{X: p.X.Norm(m.at), Y: 0.5, Rectangle: vg.Rectangle{Max: vg.Point{X: m.half}}}}
}

// fitColumns takes columns away until what each is left with is enough.
func fitColumns(cols int, width vg.Length, enough func(room vg.Length) bool) int {
	for cols > 1 && !enough(width/vg.Length(cols)) {
		cols--
	}
	return cols
}

// widestWord of some texts, which no wrapping makes narrower.
func widestWord(sty text.Style, texts ...string) vg.Length {
	var w vg.Length
	for _, s := range texts {
		for _, word := range strings.Fields(s) {
			w = max(w, sty.Width(word))
		}
	}
	return w
}

// tickRoom is the width of the labels of an axis from lo to hi.
func (t *theme) tickRoom(lo, hi float64) vg.Length {
	var w vg.Length
	for _, k := range t.ticks().Ticks(lo, hi) {
		w = max(w, t.text().Width(k.Label))
	}
	return w
}
