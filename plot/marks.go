package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The marks of charts: plotters that keep data values. What moves them on the
// page is in points.

// intervalMarks draws an arm's values and intervals, vertical unless flat. Offset moves the marks on the
// page (points), to set arms side by side; their values stay what they are.
type intervalMarks struct {
	theme  *theme
	look   look
	items  []interval
	offset vg.Length
	flat   bool    // values on the x axis
	scale  float64 // of the marker; 0 means 1
	clear  bool    // a white edge, for marks on participants
}

// haloMarks clears a white edge around marks that lie on many thin lines. All
// halos are drawn before any mark, so that none covers another arm's.
type haloMarks struct{ of *intervalMarks }

// Plot implements plot.Plotter.
func (m haloMarks) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: color.White, Width: m.of.theme.line(3.4)}
	y := func(v float64) vg.Length { return c.Y(clamp(p.Y.Norm(v), 0, 1)) }
	var line []vg.Point
	for _, i := range m.of.items {
		x := c.X(p.X.Norm(i.at)) + m.of.offset
		line = append(line, vg.Point{X: x, Y: y(i.value)})
		if !math.IsNaN(i.lo) && !math.IsNaN(i.hi) {
			c.StrokeLine2(sty, x, y(i.lo), x, y(i.hi))
		}
	}
	c.StrokeLines(sty, line)
}

// linkMarks joins the values of interval marks, under the symbols of all arms:
// no line crosses another arm's open symbol.
type linkMarks struct {
	of     *intervalMarks
	strong bool // among lines of the same color
}

// Plot implements plot.Plotter.
func (m linkMarks) Plot(c draw.Canvas, p *plot.Plot) {
	var line []vg.Point
	for _, i := range m.of.items {
		line = append(line, vg.Point{X: c.X(p.X.Norm(i.at)) + m.of.offset, Y: c.Y(p.Y.Norm(i.value))})
	}
	width := m.of.theme.line(1.7)
	if m.strong {
		width = m.of.theme.line(2.6)
	}
	c.StrokeLines(draw.LineStyle{Color: m.of.look.color, Width: width, Dashes: m.of.look.dashes}, line)
}

// Plot implements plot.Plotter.
func (m *intervalMarks) Plot(c draw.Canvas, p *plot.Plot) {
	at := func(pos, v float64) vg.Point {
		if m.flat {
			return vg.Point{X: c.X(p.X.Norm(v)), Y: c.Y(p.Y.Norm(pos)) + m.offset}
		}
		return vg.Point{X: c.X(p.X.Norm(pos)) + m.offset, Y: c.Y(p.Y.Norm(v))}
	}
	sty := draw.LineStyle{Color: m.look.color, Width: m.theme.line(1.5)}
	axis := p.Y
	if m.flat {
		axis = p.X
	}
	for _, i := range m.items {
		if math.IsNaN(i.lo) || math.IsNaN(i.hi) {
			continue
		}
		lo, hi := math.Max(i.lo, axis.Min), math.Min(i.hi, axis.Max)
		if m.clear {
			c.StrokeLines(draw.LineStyle{Color: color.White, Width: m.theme.line(3.4)}, []vg.Point{at(i.at, lo), at(i.at, hi)})
		}
		c.StrokeLines(sty, []vg.Point{at(i.at, lo), at(i.at, hi)})
		if lo > i.lo { // the interval goes on beyond the axis
			m.arrow(c, at(i.at, lo), -1)
		}
		if hi < i.hi {
			m.arrow(c, at(i.at, hi), 1)
		}
	}
	scale := m.scale
	if scale == 0 {
		scale = 1
	}
	for _, i := range m.items {
		switch {
		case i.value < axis.Min:
			m.arrow(c, at(i.at, axis.Min), -1)
		case i.value > axis.Max:
			m.arrow(c, at(i.at, axis.Max), 1)
		default:
			m.theme.drawMarker(c, m.look, at(i.at, i.value), scale)
		}
	}
}

// arrow ends an interval that the axis cuts.
func (m *intervalMarks) arrow(c draw.Canvas, tip vg.Point, dir vg.Length) {
	r := m.theme.size() * 0.4
	pts := []vg.Point{tip, {X: tip.X - r*0.6, Y: tip.Y - dir*r}, {X: tip.X + r*0.6, Y: tip.Y - dir*r}}
	if m.flat {
		pts = []vg.Point{tip, {X: tip.X - dir*r, Y: tip.Y - r*0.6}, {X: tip.X - dir*r, Y: tip.Y + r*0.6}}
	}
	c.FillPolygon(m.look.color, pts)
}

// GlyphBoxes implements plot.GlyphBoxer: room for markers at the edges that
// have no axis. Toward an axis its padding is room enough, and more of it would
// move the axes of some panels and not of others.
func (m *intervalMarks) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	r := m.theme.size() * 0.45
	var out []plot.GlyphBox
	for _, i := range m.items {
		b := plot.GlyphBox{X: p.X.Norm(i.at), Y: p.Y.Norm(i.value), Rectangle: vg.Rectangle{
			Min: vg.Point{X: m.offset - r}, Max: vg.Point{X: m.offset + r, Y: r}}}
		if m.flat {
			b.X, b.Y = p.X.Norm(i.value), p.Y.Norm(i.at)
			b.Rectangle = vg.Rectangle{Max: vg.Point{X: r, Y: m.offset + r}}
		}
		out = append(out, b)
	}
	return out
}

// xy is a point in data units.
type xy struct{ x, y float64 }

// pathMarks draws thin lines, one a participant, broken where a value is
// missing (NaN); a value without neighbors is a dot.
type pathMarks struct {
	theme *theme
	color color.NRGBA
	lines [][]xy
	dots  bool // a dot at every value
}

// Plot implements plot.Plotter.
func (m *pathMarks) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: m.color, Width: m.theme.line(0.84)}
	r := m.theme.line(1.4)
	for _, line := range m.lines {
		var run []vg.Point
		flush := func() {
			if len(run) > 1 {
				c.StrokeLines(sty, run)
			}
			if m.dots || len(run) == 1 {
				for _, q := range run {
					discMarker.draw(c, q, r, m.color, draw.LineStyle{})
				}
			}
			run = nil
		}
		for _, q := range line {
			if math.IsNaN(q.y) {
				flush()
				continue
			}
			run = append(run, vg.Point{X: c.X(p.X.Norm(q.x)), Y: c.Y(p.Y.Norm(q.y))})
		}
		flush()
	}
}

// pointMarks draws points, moved sideways on the page where they would cover
// each other (a beeswarm): never in the direction of their values.
type pointMarks struct {
	theme  *theme
	look   look
	at     float64
	values []float64
	offset vg.Length
	room   vg.Length // half the width the swarm may take
	size   float64
}

// swarmSteps are the shares of their full size to which symbols may shrink.
const swarmSteps = 5

func swarmShare(step int) float64 { return [swarmSteps]float64{1, 0.8, 0.65, 0.5, 0.4}[step] }

// Plot implements plot.Plotter.
func (m *pointMarks) Plot(c draw.Canvas, p *plot.Plot) {
	step, ok := m.fit(c, p)
	m.draw(c, p, step, !ok)
}

// heights of the values on the page.
func (m *pointMarks) heights(c draw.Canvas, p *plot.Plot) []vg.Length {
	ys := make([]vg.Length, len(m.values))
	for i, v := range m.values {
		ys[i] = c.Y(p.Y.Norm(v))
	}
	return ys
}

// layout places the swarm with symbols of a size; ok tells whether it fits.
func (m *pointMarks) layout(ys []vg.Length, step int) (dx []vg.Length, r vg.Length, ok bool) {
	r = m.theme.size() * 0.21 * vg.Length(m.size*swarmShare(step))
	d := 2.3 * r
	if vg.Length(crowd(ys, d))*d*0.8 > 2*m.room {
		return nil, r, false
	}
	dx = swarm(ys, d, m.room-r)
	return dx, r, widest(dx) < m.room-r-1e-6
}

// fit finds the largest symbols whose swarm has room; ok is false when even
// the smallest have none.
func (m *pointMarks) fit(c draw.Canvas, p *plot.Plot) (step int, ok bool) {
	ys := m.heights(c, p)
	for step := range swarmSteps {
		if _, _, ok := m.layout(ys, step); ok {
			return step, true
		}
	}
	return swarmSteps - 1, false
}

// draw draws the swarm; a sample too dense for one stands in rows as wide as
// it is dense.
func (m *pointMarks) draw(c draw.Canvas, p *plot.Plot, step int, dense bool) {
	ys := m.heights(c, p)
	col := fade(m.look.color, 0.55)
	if dense {
		col.A = 90
	}
	dx, r, ok := m.layout(ys, step)
	if !ok {
		dx = rows(ys, 1.6*r, m.room-r)
	}
	x0 := c.X(p.X.Norm(m.at)) + m.offset
	for i, dx := range dx {
		m.look.marker.draw(c, vg.Point{X: x0 + dx, Y: ys[i]}, r, nil, draw.LineStyle{Color: col, Width: m.theme.line(0.9)})
	}
}

// swarms are point marks with symbols of one size and opacity, those of the
// fullest.
type swarms []*pointMarks

// Plot implements plot.Plotter.
func (s swarms) Plot(c draw.Canvas, p *plot.Plot) {
	step, dense := 0, false
	for _, m := range s {
		k, ok := m.fit(c, p)
		step, dense = max(step, k), dense || !ok
	}
	for _, m := range s {
		m.draw(c, p, step, dense)
	}
}

// swarm finds sideways offsets so that symbols of diameter d at heights ys do
// not cover each other: each goes to the free place nearest to the middle. The
// result depends on the heights alone. Beyond room they may touch the edge.
func swarm(ys []vg.Length, d, room vg.Length) []vg.Length {
	out := make([]vg.Length, len(ys))
	order := sortedBy(len(ys), func(a, b int) bool { return ys[a] < ys[b] })
	var placed []int
	for _, i := range order {
		var near []int
		for k := len(placed) - 1; k >= 0; k-- {
			j := placed[k]
			if ys[i]-ys[j] >= d {
				break
			}
			near = append(near, j)
		}
		free := func(x vg.Length) bool {
			for _, j := range near {
				dx, dy := x-out[j], ys[i]-ys[j]
				if dx*dx+dy*dy < d*d*0.9999 {
					return false
				}
			}
			return true
		}
		best, found := vg.Length(0), free(0)
		for _, j := range near {
			dy := float64(ys[i] - ys[j])
			reach := vg.Length(math.Sqrt(math.Max(0, float64(d)*float64(d)-dy*dy)))
			for _, x := range []vg.Length{out[j] + reach, out[j] - reach} {
				if free(x) && (!found || abs(x) < abs(best)-1e-6) {
					best, found = x, true
				}
			}
		}
		out[i] = vg.Length(clamp(float64(best), -float64(room), float64(room)))
		placed = append(placed, i)
	}
	return out
}

// crowd is the largest number of heights within d of each other.
func crowd(ys []vg.Length, d vg.Length) int {
	order := sortedBy(len(ys), func(a, b int) bool { return ys[a] < ys[b] })
	most, first := 0, 0
	for i := range order {
		for ys[order[i]]-ys[order[first]] >= d {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// rows sets symbols side by side in rows of height d, each row as wide as it
// needs up to the room; the fullest rows overlap.
func rows(ys []vg.Length, d, room vg.Length) []vg.Length {
	out := make([]vg.Length, len(ys))
	order := sortedBy(len(ys), func(a, b int) bool { return ys[a] < ys[b] })
	densest := float64(crowd(ys, d))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && ys[order[j]]-ys[order[i]] < d {
			j++
		}
		n := float64(j - i)
		half := min(room*vg.Length(n/densest), d*vg.Length(n-1)/2)
		for k := i; k < j; k++ {
			if n > 1 {
				out[order[k]] = half * vg.Length(2*float64(k-i)/(n-1)-1)
			}
		}
		i = j
	}
	return out
}

func widest(xs []vg.Length) vg.Length {
	var w vg.Length
	for _, x := range xs {
		w = max(w, abs(x))
	}
	return w
}

func abs(x vg.Length) vg.Length {
	if x < 0 {
		return -x
	}
	return x
}

// refLine is a reference line across the data area: at a value of y, or of x
// where upright. A limited one runs from before to after (points on the page)
// beside a place of the other axis.
type refLine struct {
	theme   *theme
	value   float64
	upright bool
	dashes  []vg.Length
	color   color.Color
	limited bool
	at      float64
	before  vg.Length
	after   vg.Length
	gaps    []gap // that an upright line leaves
}

// gap is a part of an axis, in data units.
type gap struct{ lo, hi float64 }

// Plot implements plot.Plotter.
func (m *refLine) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: m.color, Width: m.theme.line(1), Dashes: m.dashes}
	if m.upright {
		lo, hi := c.Min.Y, c.Max.Y
		if m.limited {
			lo, hi = c.Y(p.Y.Norm(m.at))+m.before, c.Y(p.Y.Norm(m.at))+m.after
		}
		x := c.X(p.X.Norm(m.value))
		for _, g := range m.gaps { // from the bottom up
			if below := c.Y(p.Y.Norm(g.lo)); below > lo {
				c.StrokeLine2(sty, x, lo, x, below)
			}
			lo = max(lo, c.Y(p.Y.Norm(g.hi)))
		}
		if hi > lo {
			c.StrokeLine2(sty, x, lo, x, hi)
		}
		return
	}
	lo, hi := c.Min.X, c.Max.X
	if m.limited {
		lo, hi = max(c.X(p.X.Norm(m.at))+m.before, lo), min(c.X(p.X.Norm(m.at))+m.after, hi)
	}
	y := c.Y(p.Y.Norm(m.value))
	c.StrokeLine2(sty, lo, y, hi, y)
}

// labeledAxis draws the line of a y axis from its first label to its last, where its
// range is another axis's and ends between labels.
type labeledAxis struct{ theme *theme }

// Plot implements plot.Plotter.
func (m labeledAxis) Plot(c draw.Canvas, p *plot.Plot) {
	var s span
	for _, k := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if k.Label != "" {
			s.add(k.Value)
		}
	}
	x := c.Min.X - p.Y.Padding
	c.StrokeLine2(draw.LineStyle{Color: p.Y.LineStyle.Color, Width: m.theme.line(1)}, x, c.Y(p.Y.Norm(s.lo)), x, c.Y(p.Y.Norm(s.hi)))
}

// bandMarks shades rectangles behind the data, in data units.
type bandMarks struct {
	color color.Color
	rects []dataRect
}

type dataRect struct{ x0, x1, y0, y1 float64 }

// Plot implements plot.Plotter.
func (m *bandMarks) Plot(c draw.Canvas, p *plot.Plot) {
	for _, r := range m.rects {
		x0, x1 := clamp(p.X.Norm(r.x0), 0, 1), clamp(p.X.Norm(r.x1), 0, 1)
		y0, y1 := clamp(p.Y.Norm(r.y0), 0, 1), clamp(p.Y.Norm(r.y1), 0, 1)
		c.FillPolygon(m.color, []vg.Point{{X: c.X(x0), Y: c.Y(y0)}, {X: c.X(x1), Y: c.Y(y0)},
			{X: c.X(x1), Y: c.Y(y1)}, {X: c.X(x0), Y: c.Y(y1)}})
	}
}

// stripeMarks shades a place of the x axis over the data area's whole height: half
// points on both sides, less where the next place, a gap away, is near.
type stripeMarks struct {
	color color.Color
	at    float64
	half  vg.Length
	gap   float64
}

// Plot implements plot.Plotter.
func (m *stripeMarks) Plot(c draw.Canvas, p *plot.Plot) {
	x := c.X(p.X.Norm(m.at))
	half := min(m.half, 0.45*(c.X(p.X.Norm(m.at+m.gap))-x))
	x0, x1 := max(x-half, c.Min.X), min(x+half, c.Max.X)
	c.FillPolygon(m.color, []vg.Point{{X: x0, Y: c.Min.Y}, {X: x1, Y: c.Min.Y}, {X: x1, Y: c.Max.Y}, {X: x0, Y: c.Max.Y}})
}

// stepMarks draws a step function through its corners, with the arm's dash.
type stepMarks struct {
	theme *theme
	look  look
	pts   []xy
}

// Plot implements plot.Plotter.
func (m *stepMarks) Plot(c draw.Canvas, p *plot.Plot) {
	line := make([]vg.Point, len(m.pts))
	for i, q := range m.pts {
		line[i] = vg.Point{X: c.X(p.X.Norm(q.x)), Y: c.Y(p.Y.Norm(q.y))}
	}
	c.StrokeLines(draw.LineStyle{Color: m.look.color, Width: m.theme.line(1.9), Dashes: m.look.dashes}, line)
}

// rowStripes shades rows across the whole data area; of its rectangles y alone counts.
type rowStripes struct{ rects []dataRect }

// Plot implements plot.Plotter.
func (m *rowStripes) Plot(c draw.Canvas, p *plot.Plot) {
	for _, r := range m.rects {
		y0, y1 := c.Y(p.Y.Norm(r.y0)), c.Y(p.Y.Norm(r.y1))
		c.FillPolygon(stripeGray, []vg.Point{{X: c.Min.X, Y: y0}, {X: c.Max.X, Y: y0}, {X: c.Max.X, Y: y1}, {X: c.Min.X, Y: y1}})
	}
}
