package plot

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/plot/internal/render"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// flowMarks is a laid-out flow diagram: boxes, arrows and the stages' names.
type flowMarks struct {
	theme  *theme
	height vg.Length
	boxes  []flowBox
	arrows [][]vg.Point // the last point is the tip
	stages []flowStage
}

// flowStage names a row of boxes, upright at the left.
type flowStage struct {
	vg.Rectangle
	text string
}

func (t *theme) flowStyle(l flowLine) text.Style {
	if l.bold {
		return t.bold()
	}
	return t.text()
}

const flowPad = 0.6 // inside a box, in units of the type size

// flowWrap wraps lines to a box; a word that does not fit is an error.
func (t *theme) flowWrap(lines []flowLine, width vg.Length) ([]flowLine, error) {
	var out []flowLine
	for _, l := range lines {
		sty := t.flowStyle(l)
		room := width - t.size()*vg.Length(2*flowPad+float64(l.indent))
		for _, s := range t.wrap(sty, l.text, room) {
			if sty.Width(s) > room {
				return nil, fmt.Errorf("plot: Flow: a figure of %.0f mm has no room for the words %q in a box; make it wider",
					float64(t.width)*render.MMPerPoint, s)
			}
			out = append(out, flowLine{s, l.indent, l.bold})
		}
	}
	return out, nil
}

func (t *theme) flowHeight(lines []flowLine) vg.Length {
	return t.size() * vg.Length(render.LineHeight*float64(len(lines))+2*flowPad)
}

// layFlow places the diagram's boxes in a width, from the top down.
func (t *theme) layFlow(d Disposition, w Wording, width vg.Length) (*flowMarks, error) {
	em := t.size()
	p := &flowPlacer{theme: t, marks: &flowMarks{theme: t}, left: em * 2.4, gapX: em * 1.2, gapY: em * 2}
	n := vg.Length(len(d.Arms))
	p.each = min((width-p.left-p.gapX*(n-1))/n, em*40)
	p.span = p.each*n + p.gapX*(n-1)
	p.mid = p.left + p.span/2
	randomized, err := p.enroll(d)
	if err != nil {
		return nil, err
	}
	if err := p.placeArms(d, w, randomized); err != nil {
		return nil, err
	}
	return p.marks, nil
}

// flowPlacer places boxes; y is how far down it is, downward negative.
type flowPlacer struct {
	theme      *theme
	marks      *flowMarks
	left       vg.Length // of the boxes, right of the stages
	gapX, gapY vg.Length
	each, span vg.Length // widths of an arm, of all arms
	mid        vg.Length
	y          vg.Length
}

// box adds a box whose top is at y.
func (p *flowPlacer) box(lines []flowLine, x, w, height vg.Length) flowBox {
	b := flowBox{vg.Rectangle{Min: vg.Point{X: x, Y: p.y - height}, Max: vg.Point{X: x + w, Y: p.y}}, lines}
	p.marks.boxes = append(p.marks.boxes, b)
	return b
}

func (p *flowPlacer) arrow(points ...vg.Point) { p.marks.arrows = append(p.marks.arrows, points) }

func (p *flowPlacer) stage(code string, top, bottom vg.Length) {
	p.marks.stages = append(p.marks.stages, flowStage{
		vg.Rectangle{Min: vg.Point{X: 0, Y: bottom}, Max: vg.Point{X: p.theme.size() * 1.6, Y: top}}, p.theme.say(code, nil)})
}

// need is the height of a stage's name.
func (p *flowPlacer) need(code string) vg.Length {
	return p.theme.bold().Width(p.theme.say(code, nil)) + p.theme.size()
}

// enroll places who was assessed, excluded and randomized, and returns the box
// of the last.
func (p *flowPlacer) enroll(d Disposition) (randomized flowBox, err error) {
	t, em := p.theme, p.theme.size()
	central := min(p.span*0.56, em*24)
	middle := func(code string, n int) (flowBox, error) {
		lines, err := t.flowWrap([]flowLine{{text: t.flowCount(code, n, nil), bold: true}}, central)
		if err != nil {
			return flowBox{}, err
		}
		return p.box(lines, p.mid-central/2, central, t.flowHeight(lines)), nil
	}
	if d.Assessed == 0 {
		randomized, err = middle("plot-flow-randomized", d.Randomized)
		p.y = randomized.Min.Y
		return randomized, err
	}
	assessed, err := middle("plot-flow-assessed", d.Assessed)
	if err != nil {
		return flowBox{}, err
	}
	p.y = assessed.Min.Y - p.gapY*0.6
	side := min(p.left+p.span-p.mid-p.gapX, em*26)
	lines, err := t.flowWrap(t.flowReasons("plot-flow-excluded", d.Excluded, 0), side)
	if err != nil {
		return flowBox{}, err
	}
	excluded := p.box(lines, p.mid+p.gapX, side, t.flowHeight(lines))
	row := (excluded.Min.Y + excluded.Max.Y) / 2
	p.arrow(vg.Point{X: p.mid, Y: row}, vg.Point{X: excluded.Min.X, Y: row})
	p.y = excluded.Min.Y - p.gapY*0.6
	p.arrow(vg.Point{X: p.mid, Y: assessed.Min.Y}, vg.Point{X: p.mid, Y: p.y})
	if randomized, err = middle("plot-flow-randomized", d.Randomized); err != nil {
		return flowBox{}, err
	}
	const code = "plot-flow-enrollment"
	p.stage(code, 0, min(randomized.Min.Y, -p.need(code)))
	p.y = randomized.Min.Y
	return randomized, nil
}

// placeArms places the arms side by side, row by row.
func (p *flowPlacer) placeArms(d Disposition, w Wording, randomized flowBox) error {
	t, em := p.theme, p.theme.size()
	arms := make([][3][]flowLine, len(d.Arms))
	for k, a := range d.Arms {
		arms[k] = t.flowArm(a, w)
	}
	above := make([]vg.Length, len(d.Arms)) // lower edges of the boxes above
	for r, code := range []string{"plot-flow-allocation", "plot-flow-follow-up", "plot-flow-analysis"} {
		gap := p.gapY
		if r == 0 {
			gap = p.gapY * 1.4
		}
		bus := p.y - gap/2
		p.y -= gap
		if n := len(p.marks.stages); n > 0 { // stages stand clear of each other
			p.y = min(p.y, p.marks.stages[n-1].Min.Y-em*0.6)
		}
		height := p.need(code) - p.gapY + em*0.8 // the stage's name may reach into the gaps
		for k := range arms {
			lines, err := t.flowWrap(arms[k][r], p.each)
			if err != nil {
				return err
			}
			arms[k][r] = lines
			height = max(height, t.flowHeight(lines))
		}
		for k := range arms {
			x := p.left + vg.Length(k)*(p.each+p.gapX)
			b := p.box(arms[k][r], x, p.each, height)
			top := vg.Point{X: x + p.each/2, Y: b.Max.Y}
			switch from := (vg.Point{X: p.mid, Y: randomized.Min.Y}); {
			case r > 0:
				p.arrow(vg.Point{X: top.X, Y: above[k]}, top)
			case len(arms) == 1:
				p.arrow(from, top)
			default:
				p.arrow(from, vg.Point{X: p.mid, Y: bus}, vg.Point{X: top.X, Y: bus}, top)
			}
			above[k] = b.Min.Y
		}
		over := max(0, (p.need(code)-height)/2)
		p.stage(code, p.y+over, p.y-height-over)
		p.y -= height
		p.marks.height = over - p.y + em*0.2
	}
	return nil
}

// Plot implements plot.Plotter.
func (m *flowMarks) Plot(c draw.Canvas, _ *plot.Plot) {
	t := m.theme
	o := vg.Point{X: c.Min.X, Y: c.Max.Y}
	line := draw.LineStyle{Color: inkGray, Width: t.line(1)}
	rect := func(r vg.Rectangle) vg.Path {
		return vg.Rectangle{Min: r.Min.Add(o), Max: r.Max.Add(o)}.Path()
	}
	for _, a := range m.arrows {
		pts := make([]vg.Point, len(a))
		for i, p := range a {
			pts[i] = p.Add(o)
		}
		tip, from := pts[len(pts)-1], pts[len(pts)-2]
		dx, dy := float64(tip.X-from.X), float64(tip.Y-from.Y)
		h := math.Hypot(dx, dy)
		if h == 0 {
			continue
		}
		ux, uy, r := vg.Length(dx/h), vg.Length(dy/h), t.size()*0.5
		pts[len(pts)-1] = vg.Point{X: tip.X - ux*r*0.5, Y: tip.Y - uy*r*0.5}
		c.StrokeLines(line, pts)
		c.FillPolygon(inkGray, []vg.Point{tip, {X: tip.X - ux*r - uy*r*0.5, Y: tip.Y - uy*r + ux*r*0.5},
			{X: tip.X - ux*r + uy*r*0.5, Y: tip.Y - uy*r - ux*r*0.5}})
	}
	for _, s := range m.stages {
		c.SetColor(bandGray)
		c.Fill(rect(s.Rectangle))
		sty := t.bold()
		sty.Rotation = math.Pi / 2
		sty.XAlign, sty.YAlign = draw.XCenter, draw.YBottom
		c.FillText(sty, vg.Point{X: o.X + (s.Min.X+s.Max.X)/2 + t.size()*0.36, Y: o.Y + (s.Min.Y+s.Max.Y)/2}, s.text)
	}
	for _, b := range m.boxes {
		c.SetLineStyle(line)
		c.Stroke(rect(b.Rectangle))
		x := o.X + b.Min.X + t.size()*flowPad
		spare := b.Max.Y - b.Min.Y - t.flowHeight(b.lines) // where a stage's name made the box higher
		y := o.Y + b.Max.Y - spare/2 - t.size()*(flowPad+0.9)
		for _, l := range b.lines {
			t.write(c, t.flowStyle(l), x+t.size()*vg.Length(l.indent), y, draw.XLeft, l.text)
			y -= t.size() * render.LineHeight
		}
	}
}
