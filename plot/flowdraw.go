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
	m := &flowMarks{theme: t}
	em := t.size()
	left := em * 2.4 // of the boxes, right of the stages
	gapX, gapY := em*1.2, em*2
	n := vg.Length(len(d.Arms))
	each := (width - left - gapX*(n-1)) / n
	each = min(each, em*40)
	span := each*n + gapX*(n-1)
	mid := left + span/2
	y := vg.Length(0) // downward negative, shifted at the end
	box := func(lines []flowLine, x, w, height vg.Length) flowBox {
		return flowBox{vg.Rectangle{Min: vg.Point{X: x, Y: y - height}, Max: vg.Point{X: x + w, Y: y}}, lines}
	}
	stage := func(code string, top, bottom vg.Length) {
		m.stages = append(m.stages, flowStage{vg.Rectangle{Min: vg.Point{X: 0, Y: bottom}, Max: vg.Point{X: em * 1.6, Y: top}}, t.say(code, nil)})
	}
	need := func(code string) vg.Length { return t.bold().Width(t.say(code, nil)) + em }

	// Enrollment.
	central := min(span*0.56, em*24)
	var randomized flowBox
	top := y
	if d.Assessed > 0 {
		lines, err := t.flowWrap([]flowLine{{text: t.flowCount("plot-flow-assessed", d.Assessed, nil), bold: true}}, central)
		if err != nil {
			return nil, err
		}
		a := box(lines, mid-central/2, central, t.flowHeight(lines))
		m.boxes = append(m.boxes, a)
		y = a.Min.Y - gapY*0.6
		side := left + span - mid - gapX
		side = min(side, em*26)
		lines, err = t.flowWrap(t.flowReasons("plot-flow-excluded", d.Excluded, 0), side)
		if err != nil {
			return nil, err
		}
		e := box(lines, mid+gapX, side, t.flowHeight(lines))
		m.boxes = append(m.boxes, e)
		row := (e.Min.Y + e.Max.Y) / 2
		m.arrows = append(m.arrows, []vg.Point{{X: mid, Y: row}, {X: e.Min.X, Y: row}})
		y = e.Min.Y - gapY*0.6
		m.arrows = append(m.arrows, []vg.Point{{X: mid, Y: a.Min.Y}, {X: mid, Y: y}})
	}
	lines, err := t.flowWrap([]flowLine{{text: t.flowCount("plot-flow-randomized", d.Randomized, nil), bold: true}}, central)
	if err != nil {
		return nil, err
	}
	randomized = box(lines, mid-central/2, central, t.flowHeight(lines))
	if d.Assessed > 0 {
		stage("plot-flow-enrollment", top, min(randomized.Min.Y, top-need("plot-flow-enrollment")))
		if bottom := top - need("plot-flow-enrollment"); bottom < randomized.Min.Y {
			m.stages[0].Min.Y = bottom
		}
	}
	m.boxes = append(m.boxes, randomized)
	y = randomized.Min.Y

	// The arms, row by row.
	arms := make([][3][]flowLine, len(d.Arms))
	for k, a := range d.Arms {
		arms[k] = t.flowArm(a, w)
	}
	above := make([]vg.Length, len(d.Arms)) // lower edges of the boxes above
	for r, code := range []string{"plot-flow-allocation", "plot-flow-follow-up", "plot-flow-analysis"} {
		gap := gapY
		if r == 0 {
			gap = gapY * 1.4
		}
		bus := y - gap/2
		if len(m.stages) > 0 { // stages stand clear of each other
			y = min(y-gap, m.stages[len(m.stages)-1].Min.Y-em*0.6)
		} else {
			y -= gap
		}
		height := need(code) - gapY + em*0.8 // the stage's name may reach into the gaps
		for k := range arms {
			lines, err := t.flowWrap(arms[k][r], each)
			if err != nil {
				return nil, err
			}
			arms[k][r] = lines
			height = max(height, t.flowHeight(lines))
		}
		for k := range arms {
			x := left + vg.Length(k)*(each+gapX)
			b := box(arms[k][r], x, each, height)
			m.boxes = append(m.boxes, b)
			center := x + each/2
			switch {
			case r > 0:
				m.arrows = append(m.arrows, []vg.Point{{X: center, Y: above[k]}, {X: center, Y: b.Max.Y}})
			case len(arms) == 1:
				m.arrows = append(m.arrows, []vg.Point{{X: mid, Y: randomized.Min.Y}, {X: center, Y: b.Max.Y}})
			default:
				m.arrows = append(m.arrows, []vg.Point{{X: mid, Y: randomized.Min.Y}, {X: mid, Y: bus}, {X: center, Y: bus}, {X: center, Y: b.Max.Y}})
			}
			above[k] = b.Min.Y
		}
		over := max(0, (need(code)-height)/2)
		stage(code, y+over, y-height-over)
		y -= height
		m.height = over - y + em*0.2
	}
	return m, nil
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
