package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// scatterMarks draws small symbols at points of the data.
type scatterMarks struct {
	theme *theme
	look  look
	pts   []xy
	size  float64 // 0 means 1
	solid bool    // for the few that matter
	thin  bool    // none on the page within a third of a radius of the one before
}

func (m *scatterMarks) radius() vg.Length {
	s := m.size
	if s == 0 {
		s = 1
	}
	return m.theme.size() * 0.24 * vg.Length(s)
}

// Plot implements plot.Plotter.
func (m *scatterMarks) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: fade(m.look.color, 0.7), Width: m.theme.line(1)}
	var face color.Color = fade(m.look.color, 0.12)
	if m.solid {
		sty.Color, face = m.look.color, m.look.color
	}
	if len(m.pts) >= manyFrom { // beneath so many a face is not seen
		face = nil
	}
	r, last := m.radius(), vg.Point{X: vg.Inch * -1e6}
	for _, q := range m.pts {
		at := vg.Point{X: c.X(p.X.Norm(q.x)), Y: c.Y(p.Y.Norm(q.y))}
		if m.thin && abs(at.X-last.X) < r/3 && abs(at.Y-last.Y) < r/3 {
			continue
		}
		last = at
		m.look.marker.draw(c, at, r, face, sty)
	}
}

// GlyphBoxes implements plot.GlyphBoxer: room for symbols at the edges that have
// no axis.
func (m *scatterMarks) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	if len(m.pts) == 0 {
		return nil
	}
	r := m.radius()
	right, top := m.pts[0], m.pts[0] // the others reach less far
	for _, q := range m.pts {
		if p.X.Norm(q.x) > p.X.Norm(right.x) {
			right = q
		}
		if p.Y.Norm(q.y) > p.Y.Norm(top.y) {
			top = q
		}
	}
	box := func(q xy) plot.GlyphBox {
		return plot.GlyphBox{X: p.X.Norm(q.x), Y: p.Y.Norm(q.y), Rectangle: vg.Rectangle{Max: vg.Point{X: r, Y: r}}}
	}
	return []plot.GlyphBox{box(right), box(top)}
}

// curveMarks draws a line through points of the data.
type curveMarks struct {
	theme  *theme
	color  color.Color
	dashes []vg.Length
	width  float64 // in units of the style's line; 0 means 1.9
	pts    []xy
}

// Plot implements plot.Plotter.
func (m *curveMarks) Plot(c draw.Canvas, p *plot.Plot) {
	w := m.width
	if w == 0 {
		w = 1.9
	}
	line := make([]vg.Point, len(m.pts))
	for i, q := range m.pts {
		line[i] = vg.Point{X: c.X(p.X.Norm(q.x)), Y: c.Y(p.Y.Norm(q.y))}
	}
	c.StrokeLines(draw.LineStyle{Color: m.color, Width: m.theme.line(w), Dashes: m.dashes}, line)
}

// shadeMarks fills a polygon of the data.
type shadeMarks struct {
	color color.Color
	pts   []xy
}

// Plot implements plot.Plotter.
func (m *shadeMarks) Plot(c draw.Canvas, p *plot.Plot) {
	line := make([]vg.Point, len(m.pts))
	for i, q := range m.pts {
		line[i] = vg.Point{X: c.X(clamp(p.X.Norm(q.x), 0, 1)), Y: c.Y(clamp(p.Y.Norm(q.y), 0, 1))}
	}
	c.FillPolygon(m.color, line)
}

// tileMarks draws rectangles of the data with an edge, each in its color; nil
// is a tile of the edge alone. Gap is white between tiles, on the page.
type tileMarks struct {
	theme *theme
	tiles []tile
	gap   vg.Length
}

type tile struct {
	dataRect
	fill, edge color.Color
}

// Plot implements plot.Plotter.
func (m *tileMarks) Plot(c draw.Canvas, p *plot.Plot) {
	for _, t := range m.tiles {
		x0, x1 := c.X(p.X.Norm(t.x0))+m.gap, c.X(p.X.Norm(t.x1))-m.gap
		y0, y1 := c.Y(p.Y.Norm(t.y0))+m.gap, c.Y(p.Y.Norm(t.y1))-m.gap
		var path vg.Path
		path.Move(vg.Point{X: x0, Y: y0})
		path.Line(vg.Point{X: x1, Y: y0})
		path.Line(vg.Point{X: x1, Y: y1})
		path.Line(vg.Point{X: x0, Y: y1})
		path.Close()
		if t.fill != nil {
			c.SetColor(t.fill)
			c.Fill(path)
		}
		if t.edge != nil {
			c.SetLineStyle(draw.LineStyle{Color: t.edge, Width: m.theme.line(1)})
			c.Stroke(path)
		}
	}
}

// textMarks writes words inside the data area, centered at points of the data
// and moved on the page.
type textMarks struct {
	theme *theme
	items []textItem
}

type textItem struct {
	xy
	text   string
	color  color.Color
	dx, dy vg.Length
	left   bool // begins at the point
	small  bool
}

// Plot implements plot.Plotter.
func (m *textMarks) Plot(c draw.Canvas, p *plot.Plot) {
	for _, i := range m.items {
		sty, size := m.theme.text(), m.theme.size()
		if i.small {
			sty, size = m.theme.smallText(), m.theme.small()
		}
		if i.color != nil {
			sty.Color = i.color
		}
		align := draw.XCenter
		if i.left {
			align = draw.XLeft
		}
		m.theme.write(c, sty, c.X(p.X.Norm(i.x))+i.dx, c.Y(p.Y.Norm(i.y))+i.dy-size*0.36, align, i.text)
	}
}

// square gives a figure's panels data areas as high as they are wide, which
// charts whose axes have one unit need.
func (f *Figure) square() {
	for range 3 {
		l, settled := f.layout(), true
		for i, p := range f.panels {
			w := l.data[i].Max.X - l.data[i].Min.X
			settled = settled && w == p.height
			p.height = w
		}
		if settled {
			break
		}
	}
}

// lower makes panels lower, down to a share of their height, where the figure is higher
// than a page.
func (f *Figure) lower(least float64) {
	rows := 0
	for _, p := range f.panels {
		rows = max(rows, p.row+1)
	}
	cut := max(0, f.layout().h-mm(f.theme.style.MaxHeight)) / vg.Length(rows)
	for _, p := range f.panels {
		p.height = max(p.height*vg.Length(least), p.height-cut)
	}
}

// finite reports whether all numbers are.
func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// hideAxes leaves a panel without axes, for charts that are tables or diagrams.
func (p *panel) hideAxes() {
	p.plot.HideAxes()
	for _, a := range []*plot.Axis{&p.plot.X, &p.plot.Y} {
		a.Padding = 0
	}
}

// standOnAxis lets bars stand on the x axis.
func (p *panel) standOnAxis() { p.plot.X.Padding = 0 }

// hideY leaves a panel without a y axis.
func (p *panel) hideY() {
	a := &p.plot.Y
	a.LineStyle.Width, a.Tick.LineStyle.Width, a.Padding = 0, 0, 0
	a.Tick.Marker = Labels{}
}

// rugMarks draws a tick for every value on the x axis, inside the data area.
type rugMarks struct {
	theme  *theme
	look   look
	values []float64
}

// Plot implements plot.Plotter.
func (m *rugMarks) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: fade(m.look.color, 0.8), Width: m.theme.line(1)}
	y := c.Y(p.Y.Norm(p.Y.Min))
	for _, v := range m.values {
		x := c.X(p.X.Norm(v))
		c.StrokeLine2(sty, x, y, x, y+m.theme.size()*0.45)
	}
}
