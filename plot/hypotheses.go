package plot

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/family"
)

// Hypotheses answers "how were the primary hypotheses tested together, and which are
// shown?" from a trial's report: the graph of its scheme. Read a box as a hypothesis with
// the share of α that it began with, its adjusted p-value and the answer; gray boxes are
// shown. An arrow says which part of that share goes to another hypothesis when its own is
// shown. Of schemes by a graph and in a fixed order, which is a chain; others have no
// graph, and are refused.
//
// Convention: Bretz, Maurer, Brannath & Posch 2009, doi:10.1002/sim.3495.
func Hypotheses(r study.Report) (*Figure, error) { return HypothesesWith(r, Options{}) }

// HypothesesWith is Hypotheses with choices. The report's words are drawn as they are:
// Report.In has them in another language.
func HypothesesWith(r study.Report, o Options) (*Figure, error) {
	g, err := hypothesisGraph(r.Family)
	if err != nil {
		return nil, err
	}
	p := r.Protocol
	t, err := newTheme(o, true, study.StudyInfo{Title: p.Title, Registration: p.Registration, Simulated: p.Simulated})
	if err != nil {
		return nil, err
	}
	f := t.figure("plot-hypotheses-title", nil)
	m := &graphMarks{theme: t, graph: g}
	var answer, more []string
	for i, h := range r.Family.Hypotheses {
		name := hypothesisName(t, r, h)
		said := t.midline(t.say(hypothesisAnswer(h), map[string]any{"p": h.Adjusted}))
		m.shown = append(m.shown, h.Shown)
		m.lines = append(m.lines, []flowLine{{text: name, bold: true}, {text: t.say("plot-hypotheses-share", map[string]any{"share": t.share(g.Weights[i])})}, {text: said}})
		answer = append(answer, t.say("plot-hypotheses-alt", map[string]any{"name": name, "answer": said}))
		for j, w := range g.Transitions[i] {
			if w > 0 {
				more = append(more, t.say("plot-hypotheses-edge", map[string]any{"from": name, "to": hypothesisName(t, r, r.Family.Hypotheses[j]), "share": t.share(w)}))
			}
		}
	}
	note := append(commonOf(t, r), t.midline(t.say("plot-hypotheses-note", map[string]any{"alpha": r.Family.Alpha})))
	if slices.Contains(m.shown, true) {
		note = append(note, t.say("plot-hypotheses-gray", nil))
	}
	f.note(note)
	f.tell(strings.Join(answer, "; "), more...)
	if err := m.lay(t.width - 2*t.edge() - 1); err != nil {
		return nil, err
	}
	pn := t.newPanel(0, 0, 0)
	pn.hideAxes()
	setRange(&pn.plot.X, 0, 1)
	setRange(&pn.plot.Y, 0, 1)
	pn.height = m.height
	pn.add(m)
	f.panels = []*panel{pn}
	return f, nil
}

// hypothesisGraph is the scheme's graph as declared.
func hypothesisGraph(f *study.FamilyResult) (stats.TestGraph, error) {
	switch {
	case f == nil:
		return stats.TestGraph{}, errors.New("plot: Hypotheses: the protocol declares no scheme of primary hypotheses")
	case !f.Scheme.All && f.Scheme.Adjust == family.Fixed:
		return stats.FixedSequence(len(f.Hypotheses)), nil
	case f.Scheme.All || f.Scheme.Adjust != family.GraphMethod:
		return stats.TestGraph{}, fmt.Errorf("plot: Hypotheses: a scheme by %q has no graph", f.Scheme.Adjust)
	}
	var names []string
	for _, h := range f.Hypotheses {
		names = append(names, h.ID)
	}
	return f.Scheme.TestGraph(names), nil
}

// share writes a weight with the digits it has, at most three.
func (t *theme) share(x float64) string { return t.shortest(roundTo(x, 3)) }

// hypothesisName is its outcome, visit and arm, as far as they differ among all.
func hypothesisName(t *theme, r study.Report, h study.Hypothesis) string {
	w := flowWriter{theme: t, r: r}
	var outcomes, visits, arms []string
	for _, x := range r.Family.Hypotheses {
		outcomes, visits, arms = appendNew(outcomes, x.Outcome), appendNew(visits, x.Visit), appendNew(arms, x.Arm)
	}
	var parts []string
	if len(outcomes) > 1 {
		parts = append(parts, w.outcome(h.Outcome))
	}
	if len(visits) > 1 {
		parts = append(parts, w.visit(h.Visit))
	}
	if len(arms) > 1 {
		for _, a := range r.Protocol.Arms {
			if a.ID == h.Arm {
				parts = append(parts, a.ShortLabel())
			}
		}
	}
	return strings.Join(parts, ", ")
}

// commonOf says of which outcome, visit and arm all hypotheses are: the boxes name what
// differs.
func commonOf(t *theme, r study.Report) []string {
	w, h := flowWriter{theme: t, r: r}, r.Family.Hypotheses[0]
	var parts []string
	same := func(of func(study.Hypothesis) string, name string) {
		if !slices.ContainsFunc(r.Family.Hypotheses, func(x study.Hypothesis) bool { return of(x) != of(h) }) {
			parts = append(parts, name)
		}
	}
	same(func(x study.Hypothesis) string { return x.Outcome }, w.outcome(h.Outcome))
	same(func(x study.Hypothesis) string { return x.Visit }, w.visit(h.Visit))
	if len(parts) == 0 {
		return nil
	}
	return []string{t.say("plot-hypotheses-of", map[string]any{"list": strings.Join(parts, ", ")})}
}

// hypothesisAnswer is the code of what became of it.
func hypothesisAnswer(h study.Hypothesis) string {
	switch {
	case h.Against:
		return "plot-hypotheses-against"
	case h.Shown:
		return "plot-hypotheses-shown"
	case !h.Tested:
		return "plot-hypotheses-untested"
	}
	return "plot-hypotheses-not-shown"
}

// graphMarks is a graph of hypotheses: boxes in two rows, and arrows between them.
type graphMarks struct {
	theme  *theme
	graph  stats.TestGraph
	lines  [][]flowLine
	shown  []bool
	boxes  []flowBox
	edges  []graphEdge
	height vg.Length
}

// graphEdge is an arrow; its label stands nearer to where it comes from.
type graphEdge struct {
	from, to int
	points   []vg.Point
	label    string
	at       vg.Point
}

// lay places the boxes from the upper left, and the arrows between their edges.
func (m *graphMarks) lay(width vg.Length) error {
	t, n := m.theme, len(m.lines)
	em := t.size()
	cols := n
	if n > 3 || width < em*45 && n > 2 {
		cols = (n + 1) / 2
	}
	gapX, gapY, bulge := em*5, em*7.5, em*3.5
	each := min((width-gapX*vg.Length(cols-1))/vg.Length(cols), em*16)
	left := (width - each*vg.Length(cols) - gapX*vg.Length(cols-1)) / 2
	high := vg.Length(0)
	var wrapped [][]flowLine
	for _, l := range m.lines {
		lines, err := t.flowWrap(l, each, new(bool))
		if err != nil {
			return err
		}
		wrapped, high = append(wrapped, lines), max(high, t.flowHeight(lines))
	}
	rows := (n + cols - 1) / cols
	above := em * 0.5 // arrows that pass a box bulge beyond the rows
	if cols > 2 {
		above += bulge
	}
	for i, lines := range wrapped {
		x, y := left+(each+gapX)*vg.Length(i%cols), -above-(high+gapY)*vg.Length(i/cols)
		m.boxes = append(m.boxes, flowBox{vg.Rectangle{Min: vg.Point{X: x, Y: y - high}, Max: vg.Point{X: x + each, Y: y}}, lines})
	}
	below := em * 0.5
	if rows > 1 {
		below = above
	}
	m.height = above + below + high*vg.Length(rows) + gapY*vg.Length(rows-1)
	for i := range m.boxes {
		for j, w := range m.graph.Transitions[i] {
			if w > 0 {
				m.edges = append(m.edges, m.edge(i, j, cols, bulge, w))
			}
		}
	}
	m.placeLabels()
	return nil
}

// placeLabels puts each label on its arrow where it is clear of the tips of arrows and of
// labels that stand already, nearer to where the arrow comes from; where no place is,
// where least is covered.
func (m *graphMarks) placeLabels() {
	em := m.theme.size()
	var taken []vg.Rectangle
	around := func(p vg.Point, w, h vg.Length) vg.Rectangle {
		return vg.Rectangle{Min: vg.Point{X: p.X - w, Y: p.Y - h}, Max: vg.Point{X: p.X + w, Y: p.Y + h}}
	}
	for _, e := range m.edges {
		taken = append(taken, around(e.points[len(e.points)-1], em*0.65, em*0.65))
	}
	for _, b := range m.boxes {
		taken = append(taken, b.Rectangle)
	}
	for i := range m.edges {
		e := &m.edges[i]
		w, h := m.half(e.label), em*0.65
		least := math.Inf(1)
		var best vg.Rectangle
		for _, s := range []float64{0.3, 0.35, 0.25, 0.4, 0.2, 0.45, 0.15, 0.5, 0.55, 0.1, 0.6, 0.65, 0.7, 0.75} {
			p := e.along(s)
			r, covered := around(p, w, h), 0.0
			for _, x := range taken {
				dx, dy := min(r.Max.X, x.Max.X)-max(r.Min.X, x.Min.X), min(r.Max.Y, x.Max.Y)-max(r.Min.Y, x.Min.Y)
				if dx > 0 && dy > 0 {
					covered += float64(dx * dy)
				}
			}
			if covered < least {
				least, best, e.at = covered, r, p
			}
		}
		taken = append(taken, best)
	}
}

// half is half the width that a label clears on its arrow.
func (m *graphMarks) half(label string) vg.Length {
	return max(m.theme.text().Width(label)/2+m.theme.size()*0.25, m.theme.size()*0.8)
}

// along is the point at a share of the way, of its pieces.
func (e graphEdge) along(s float64) vg.Point {
	x := s * float64(len(e.points)-1)
	k := int(x)
	rest := vg.Length(x - float64(k))
	a, b := e.points[k], e.points[k+1]
	return vg.Point{X: a.X + (b.X-a.X)*rest, Y: a.Y + (b.Y-a.Y)*rest}
}

// edge is a straight arrow, moved to its right so that the way back does not lie on it,
// or one that passes boxes of its row in a bow.
func (m *graphMarks) edge(i, j, cols int, bulge vg.Length, w float64) graphEdge {
	e := graphEdge{from: i, to: j, label: m.theme.share(w)}
	a, b := m.boxes[i].Rectangle, m.boxes[j].Rectangle
	em := m.theme.size()
	if i/cols == j/cols && max(i, j)-min(i, j) > 1 {
		y, side := a.Max.Y, vg.Length(1)
		if i/cols > 0 {
			y, side = a.Min.Y, -1
		}
		step := vg.Length(1)
		if j < i {
			step = -1
		}
		depth, in := bulge*1.6, em*1.5 // the way back lies below
		if j < i {
			depth, in = bulge, em*3
		}
		from, to := vg.Point{X: mid(a.Min.X, a.Max.X) + step*in, Y: y}, vg.Point{X: mid(b.Min.X, b.Max.X) - step*in, Y: y}
		for k := range 25 {
			s := vg.Length(k) / 24
			e.points = append(e.points, vg.Point{X: from.X + (to.X-from.X)*s, Y: y + side*depth*2*s*(1-s)})
		}
		return e
	}
	from, to := vg.Point{X: mid(a.Min.X, a.Max.X), Y: mid(a.Min.Y, a.Max.Y)}, vg.Point{X: mid(b.Min.X, b.Max.X), Y: mid(b.Min.Y, b.Max.Y)}
	d := to.Sub(from)
	h := vg.Length(math.Hypot(float64(d.X), float64(d.Y)))
	off := vg.Point{X: d.Y / h * em * 0.9, Y: -d.X / h * em * 0.9}
	from, to = from.Add(off), to.Add(off)
	start, end := leaves(a, from, d), leaves(b, to, vg.Point{X: -d.X, Y: -d.Y})
	e.points = []vg.Point{start, end}
	return e
}

func mid(a, b vg.Length) vg.Length { return (a + b) / 2 }

// leaves is where a way from a point inside a box in a direction comes to its edge.
func leaves(box vg.Rectangle, from, d vg.Point) vg.Point {
	s := math.Inf(1)
	for _, side := range [][2]vg.Length{{box.Min.X - from.X, d.X}, {box.Max.X - from.X, d.X}, {box.Min.Y - from.Y, d.Y}, {box.Max.Y - from.Y, d.Y}} {
		if k := float64(side[0] / side[1]); side[1] != 0 && k > 0 {
			s = math.Min(s, k)
		}
	}
	return vg.Point{X: from.X + d.X*vg.Length(s), Y: from.Y + d.Y*vg.Length(s)}
}

// Plot implements plot.Plotter.
func (m *graphMarks) Plot(c draw.Canvas, _ *plot.Plot) {
	t := m.theme
	o := vg.Point{X: c.Min.X, Y: c.Max.Y}
	line := draw.LineStyle{Color: inkGray, Width: t.line(1)}
	for _, e := range m.edges {
		pts := make([]vg.Point, len(e.points))
		for i, p := range e.points {
			pts[i] = p.Add(o)
		}
		tip, from := pts[len(pts)-1], pts[len(pts)-2]
		h := math.Hypot(float64(tip.X-from.X), float64(tip.Y-from.Y))
		ux, uy, r := vg.Length(float64(tip.X-from.X)/h), vg.Length(float64(tip.Y-from.Y)/h), t.size()*0.6
		pts[len(pts)-1] = vg.Point{X: tip.X - ux*r*0.5, Y: tip.Y - uy*r*0.5}
		c.StrokeLines(line, pts)
		c.FillPolygon(inkGray, []vg.Point{tip, {X: tip.X - ux*r - uy*r*0.5, Y: tip.Y - uy*r + ux*r*0.5},
			{X: tip.X - ux*r + uy*r*0.5, Y: tip.Y - uy*r - ux*r*0.5}})
	}
	for _, e := range m.edges { // over all lines
		at, sty := e.at.Add(o), t.text()
		w, h := m.half(e.label), t.size()*0.6
		c.SetColor(color.White)
		c.Fill(vg.Rectangle{Min: vg.Point{X: at.X - w, Y: at.Y - h}, Max: vg.Point{X: at.X + w, Y: at.Y + h}}.Path())
		t.write(c, sty, at.X, at.Y-t.size()*0.36, draw.XCenter, e.label)
	}
	for i, b := range m.boxes {
		r := vg.Rectangle{Min: b.Min.Add(o), Max: b.Max.Add(o)}
		if m.shown[i] {
			c.SetColor(bandGray)
			c.Fill(r.Path())
		}
		c.SetLineStyle(line)
		c.Stroke(r.Path())
		y := r.Max.Y - t.size()*(flowPad+0.9)
		for _, l := range b.lines {
			t.write(c, t.flowStyle(l), mid(r.Min.X, r.Max.X), y, draw.XCenter, l.text)
			y -= t.size() * render.LineHeight
		}
	}
}
