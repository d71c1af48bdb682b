package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/plot/internal/render"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// flowChart is a flow diagram in words, from the top down.
type flowChart struct {
	assessed, excluded []flowLine // none: the diagram begins at randomization
	randomized         []flowLine
	rows               []flowRow
}

// flowRow is a stage of the trial: one box an arm, side by side.
type flowRow struct {
	stage string
	arms  [][]flowLine
}

// flowLine is a line of a box: what is counted, and its count (−1: none is
// written). Deeper ones are indented; hang marks one that goes on from the line
// before.
type flowLine struct {
	text, what string
	n, indent  int
	hang, bold bool
	span       string   // in place of one count: "12–39", of what stands in whole
	cells      []string // of a table: what stands under each arm
}

// flowLine writes "Randomized (n = 120)".
func (t *theme) flowLine(what string, n, indent int) flowLine {
	l := flowLine{text: what, what: what, n: n, indent: indent}
	if n >= 0 {
		l.text = t.say("plot-flow-n", map[string]any{"what": what, "n": n})
	}
	return l
}

// flowHead is the line that names a box.
func (t *theme) flowHead(what string, n int) flowLine {
	l := t.flowLine(what, n, 0)
	l.bold = true
	return l
}

// flowFigure draws the diagram.
func (t *theme) flowFigure(c flowChart, notes []string) (*Figure, error) {
	f := t.figure("plot-flow-title", nil)
	f.footnote = strings.Join(notes, " ")
	f.tell(t.flowAnswer(c), t.flowAlt(c))
	pn := t.newPanel(0, 0, 0)
	pn.hideAxes()
	setRange(&pn.plot.X, 0, 1)
	setRange(&pn.plot.Y, 0, 1)
	f.panels = []*panel{pn}
	m, err := t.layFlow(c, false)
	fits := func() bool { pn.height = m.height; return !f.TooHigh() }
	if err != nil || m.divided || !fits() {
		if table, failed := t.layFlow(c, true); failed == nil && len(c.rows[0].arms) > 1 {
			beside, usual := m, f.footnote
			m, f.footnote = table, usual+" "+t.say("plot-flow-table", nil)
			if high := !fits(); err == nil && (high || table.divided) {
				if m = beside; high || fits() { // the usual form, unless it alone is too high
					f.footnote = usual
				} else {
					m = table
				}
			}
			err = nil
		}
	}
	if err != nil {
		return nil, err
	}
	f.caption = []string{f.footnote}
	pn.height = m.height
	pn.add(m)
	return f, nil
}

// flowAlt tells every box for who cannot see it, arm by arm; what stands below a
// line follows it in brackets: "Excluded: 31 (declined: 9)."
func (t *theme) flowAlt(c flowChart) string {
	boxes := [][]flowLine{c.assessed, c.excluded, c.randomized}
	if len(c.rows) > 0 {
		for k := range c.rows[0].arms {
			for _, r := range c.rows {
				boxes = append(boxes, r.arms[k])
			}
		}
	}
	var out []string
	for _, b := range boxes {
		for i, j := 0, 0; i < len(b); i = j {
			for j = i + 1; j < len(b) && b[j].indent > b[i].indent; {
				j++
			}
			out = append(out, sentence(t.flowItem(b[i:j])))
		}
	}
	return strings.Join(out, " ")
}

// flowAnswer tells how many were randomized, and what became of each arm.
func (t *theme) flowAnswer(c flowChart) string {
	var out []string
	head := func(b []flowLine) {
		if len(b) > 0 && b[0].n >= 0 {
			out = append(out, t.say("plot-flow-alt", map[string]any{"what": b[0].what, "n": b[0].n}))
		}
	}
	head(c.assessed)
	head(c.randomized)
	if n := len(c.rows); n > 0 {
		for k := range c.rows[0].arms {
			head(c.rows[0].arms[k])
			if n > 1 {
				head(c.rows[n-1].arms[k])
			}
		}
	}
	return strings.Join(out, "; ")
}

// flowItem tells a line and those below it.
func (t *theme) flowItem(lines []flowLine) string {
	s := lines[0].text
	if lines[0].n >= 0 {
		s = t.say("plot-flow-alt", map[string]any{"what": lines[0].what, "n": lines[0].n})
	}
	var below []string
	for i, j := 1, 0; i < len(lines); i = j {
		for j = i + 1; j < len(lines) && lines[j].indent > lines[i].indent; {
			j++
		}
		below = append(below, t.flowItem(lines[i:j]))
	}
	if len(below) > 0 {
		s += " (" + strings.Join(below, "; ") + ")"
	}
	return s
}

// flowBox is a box in points, from the diagram's lower left corner.
type flowBox struct {
	vg.Rectangle
	lines []flowLine // wrapped
}

// flowMarks is a laid-out flow diagram: boxes, arrows and the stages' names.
type flowMarks struct {
	theme  *theme
	height vg.Length
	boxes  []flowBox
	arrows [][]vg.Point // the last point is the tip
	stages []flowStage
	// columns are where the numbers of a table end, from the diagram's left edge.
	columns []vg.Length
	divided bool // a word goes on in the next line
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

// In units of the type size: the margin inside a box, and how far a deeper line
// stands in, with room for its mark.
const flowPad, flowIndent = 0.6, 0.9

// inset is how far the line stands from the box's margin. What goes on from a line
// stands where its words do, or a step in: a mark tells where the next one begins.
func (l flowLine) inset() float64 {
	if l.hang {
		return float64(max(l.indent, 1)) * flowIndent
	}
	return float64(l.indent) * flowIndent
}

// bullet is the mark before a deeper line.
func (l flowLine) bullet() string {
	switch {
	case l.hang || l.indent == 0:
		return ""
	case l.indent == 1:
		return "•"
	}
	return "–"
}

// flowWrap wraps lines to a box. A word that is wider than the box is divided: an
// arm's or a reason's name is the trial's, and may be as long as it likes.
func (t *theme) flowWrap(lines []flowLine, width vg.Length, divided *bool) ([]flowLine, error) {
	var out []flowLine
	for _, l := range lines {
		if l.text == "" { // the heads of columns
			out = append(out, l)
			continue
		}
		sty := t.flowStyle(l)
		full := width - t.size()*2*flowPad
		room := full - t.size()*vg.Length(l.inset())
		if room < t.size()*4 {
			return nil, fmt.Errorf("%w: Flow: a figure of %.0f mm has none for the words %q in a box; make it wider",
				ErrNoRoom, float64(t.width)*render.MMPerPoint, l.text)
		}
		parts := t.wrap(sty, t.divide(sty, l.text, room), room)
		if len(parts) > 1 && l.indent == 0 { // what goes on stands in
			room = full - t.size()*flowIndent
			parts = t.wrap(sty, t.divide(sty, l.text, room), room)
		}
		*divided = *divided || t.divide(sty, l.text, room) != l.text
		for i, s := range parts {
			line := flowLine{text: s, indent: l.indent, hang: i > 0, bold: l.bold}
			if i == 0 {
				line.cells = l.cells
			}
			out = append(out, line)
		}
	}
	return out, nil
}

// divide divides the words of a text that are wider than the room, with a hyphen.
func (t *theme) divide(sty text.Style, s string, room vg.Length) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if sty.Width(w) <= room {
			continue
		}
		var parts []string
		for _, p := range t.fold(sty, w, room-sty.Width("-")) {
			for runes := []rune(p); len(runes) > 0; {
				n := sort.Search(len(runes), func(n int) bool { return sty.Width(string(runes[:n+1])) > room-sty.Width("-") })
				n = min(max(n, 1), len(runes))
				if k := len(parts); k > 0 && !strings.HasSuffix(parts[k-1], "-") {
					parts[k-1] += "-"
				}
				parts, runes = append(parts, string(runes[:n])), runes[n:]
			}
		}
		words[i] = strings.Join(parts, " ")
	}
	return strings.Join(words, " ")
}

func (t *theme) flowHeight(lines []flowLine) vg.Length {
	return t.size() * vg.Length(render.LineHeight*float64(len(lines))+2*flowPad)
}

// layFlow places the diagram's boxes in the figure's width, from the top down: the arms
// beside each other, or each stage as a table of a column an arm.
func (t *theme) layFlow(c flowChart, table bool) (*flowMarks, error) {
	em, width := t.size(), t.width-2*t.edge()-1
	p := &flowPlacer{theme: t, marks: &flowMarks{theme: t}, left: em * 2.4, gapX: em * 1.2, gapY: em * 2}
	n := vg.Length(len(c.rows[0].arms))
	p.each = min((width-p.left-p.gapX*(n-1))/n, em*40)
	p.span = p.each*n + p.gapX*(n-1)
	p.mid = p.left + p.span/2
	rows, column := c.rows, vg.Length(0)
	if table {
		rows, column = t.flowTable(c.rows)
		p.each = p.span
	}
	for k := range c.rows[0].arms {
		tip := p.left + vg.Length(k)*(p.each+p.gapX) + p.each/2
		if table {
			end := p.left + p.span - em*flowPad - (n-1-vg.Length(k))*(column+em)
			p.marks.columns = append(p.marks.columns, end)
			tip = end - column/2
		}
		p.tips = append(p.tips, tip)
	}
	p.words = p.each
	if table {
		p.words -= n * (column + em)
	}
	randomized, err := p.enroll(c)
	if err != nil {
		return nil, err
	}
	if err := p.placeArms(rows, randomized); err != nil {
		return nil, err
	}
	return p.marks, nil
}

// flowTable writes every stage as one box: what is counted once, and the arms' counts
// beside it. The arms are numbered where they are named. It returns the width of a
// column too.
func (t *theme) flowTable(rows []flowRow) (out []flowRow, column vg.Length) {
	n := len(rows[0].arms)
	head := flowLine{bold: true}
	for k := range n {
		head.cells = append(head.cells, strconv.Itoa(k+1))
	}
	for r, row := range rows {
		var lines []flowLine
		all := flowEntry{}
		for k, arm := range row.arms {
			if r == 0 {
				name := arm[0]
				name.text = head.cells[k] + ": " + name.text
				lines, arm = append(lines, name), arm[1:]
			}
			all.merge(arm, k, n)
		}
		if len(all.below) > 0 {
			lines = append(lines, head)
		}
		lines = append(lines, all.lines()...)
		for _, l := range lines {
			for _, s := range l.cells {
				column = max(column, t.flowStyle(l).Width(s))
			}
		}
		out = append(out, flowRow{row.stage, [][]flowLine{lines}})
	}
	return out, column
}

// flowEntry is a line of a table, and those below it.
type flowEntry struct {
	flowLine
	place int // which of several that say the same
	below []*flowEntry
}

// merge adds an arm's lines: what arms have in common stands once, the rest where the
// arm has it.
func (e *flowEntry) merge(lines []flowLine, arm, arms int) {
	at, said := 0, map[string]int{}
	for i, j := 0, 0; i < len(lines); i = j {
		for j = i + 1; j < len(lines) && lines[j].indent > lines[i].indent; {
			j++
		}
		l := lines[i]
		place := said[l.what]
		said[l.what]++
		found := slices.IndexFunc(e.below, func(x *flowEntry) bool { return x.what == l.what && x.place == place })
		if found < 0 {
			found = at
			row := &flowEntry{flowLine: l, place: place}
			row.text, row.cells = l.what, make([]string, arms)
			e.below = slices.Insert(e.below, at, row)
		}
		row := e.below[found]
		row.cells[arm] = l.span
		if l.n >= 0 {
			row.cells[arm] = strconv.Itoa(l.n)
		}
		row.merge(lines[i+1:j], arm, arms)
		at = found + 1
	}
}

// lines are the table's, from the top down. A dash stands where other arms have a count.
func (e *flowEntry) lines() (out []flowLine) {
	for _, row := range e.below {
		if !slices.ContainsFunc(row.cells, func(s string) bool { return s != "" }) {
			row.cells = nil
		}
		for k, s := range row.cells {
			row.cells[k] = cmp.Or(s, "–")
		}
		out = append(append(out, row.flowLine), row.lines()...)
	}
	return out
}

// flowPlacer places boxes; y is how far down it is, downward negative.
type flowPlacer struct {
	theme      *theme
	marks      *flowMarks
	left       vg.Length // of the boxes, right of the stages
	gapX, gapY vg.Length
	each, span vg.Length   // widths of an arm, of all arms
	words      vg.Length   // width for words beside counts
	tips       []vg.Length // where an arm's arrows stand
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

func (p *flowPlacer) stage(name string, top, bottom vg.Length) {
	p.marks.stages = append(p.marks.stages, flowStage{
		vg.Rectangle{Min: vg.Point{X: 0, Y: bottom}, Max: vg.Point{X: p.theme.size() * 1.6, Y: top}}, name})
}

// need is the height of a stage's name.
func (p *flowPlacer) need(name string) vg.Length {
	return p.theme.bold().Width(name) + p.theme.size()
}

// enroll places who was assessed, excluded and randomized, and returns the box
// of the last.
func (p *flowPlacer) enroll(c flowChart) (randomized flowBox, err error) {
	t, em := p.theme, p.theme.size()
	central := min(p.span*0.56, em*24)
	middle := func(content []flowLine) (flowBox, error) {
		lines, err := t.flowWrap(content, central, &p.marks.divided)
		if err != nil {
			return flowBox{}, err
		}
		return p.box(lines, p.mid-central/2, central, t.flowHeight(lines)), nil
	}
	if len(c.assessed) == 0 {
		randomized, err = middle(c.randomized)
		p.y = randomized.Min.Y
		return randomized, err
	}
	assessed, err := middle(c.assessed)
	if err != nil {
		return flowBox{}, err
	}
	p.y = assessed.Min.Y - p.gapY*0.6
	side := min(p.left+p.span-p.mid-p.gapX, em*26)
	lines, err := t.flowWrap(c.excluded, side, &p.marks.divided)
	if err != nil {
		return flowBox{}, err
	}
	excluded := p.box(lines, p.mid+p.gapX, side, t.flowHeight(lines))
	row := (excluded.Min.Y + excluded.Max.Y) / 2
	p.arrow(vg.Point{X: p.mid, Y: row}, vg.Point{X: excluded.Min.X, Y: row})
	p.y = excluded.Min.Y - p.gapY*0.6
	p.arrow(vg.Point{X: p.mid, Y: assessed.Min.Y}, vg.Point{X: p.mid, Y: p.y})
	if randomized, err = middle(c.randomized); err != nil {
		return flowBox{}, err
	}
	name := t.say("plot-flow-enrollment", nil)
	p.stage(name, 0, min(randomized.Min.Y, -p.need(name)))
	p.y = randomized.Min.Y
	return randomized, nil
}

// placeArms places the arms side by side, row by row.
func (p *flowPlacer) placeArms(rows []flowRow, randomized flowBox) error {
	t, em := p.theme, p.theme.size()
	for r, row := range rows {
		arms := make([][]flowLine, len(row.arms))
		gap := p.gapY
		if r == 0 {
			gap = p.gapY * 1.4
		}
		above, bus := p.y, p.y-gap/2
		p.y -= gap
		if n := len(p.marks.stages); n > 0 { // stages stand clear of each other
			p.y = min(p.y, p.marks.stages[n-1].Min.Y-em*0.6)
		}
		height := p.need(row.stage) - p.gapY + em*0.8 // the stage's name may reach into the gaps
		for k := range arms {
			for _, l := range row.arms[k] {
				room := p.each
				if l.cells != nil {
					room = p.words
				}
				lines, err := t.flowWrap([]flowLine{l}, room, &p.marks.divided)
				if err != nil {
					return err
				}
				arms[k] = append(arms[k], lines...)
			}
			height = max(height, t.flowHeight(arms[k]))
		}
		for k := range arms {
			p.box(arms[k], p.left+vg.Length(k)*(p.each+p.gapX), p.each, height)
		}
		for _, x := range p.tips {
			top := vg.Point{X: x, Y: p.y}
			switch from := (vg.Point{X: p.mid, Y: randomized.Min.Y}); {
			case r > 0:
				p.arrow(vg.Point{X: x, Y: above}, top)
			case len(p.tips) == 1:
				p.arrow(from, top)
			default:
				p.arrow(from, vg.Point{X: p.mid, Y: bus}, vg.Point{X: x, Y: bus}, top)
			}
		}
		over := max(0, (p.need(row.stage)-height)/2)
		p.stage(row.stage, p.y+over, p.y-height-over)
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
		y := o.Y + b.Max.Y - t.size()*(flowPad+0.9)
		for _, l := range b.lines {
			if s := l.bullet(); s != "" {
				t.write(c, t.text(), x+t.size()*vg.Length(l.inset()-0.3), y, draw.XRight, s)
			}
			if l.text != "" {
				t.write(c, t.flowStyle(l), x+t.size()*vg.Length(l.inset()), y, draw.XLeft, l.text)
			}
			for k, s := range l.cells {
				t.write(c, t.flowStyle(l), o.X+m.columns[k], y, draw.XRight, s)
			}
			y -= t.size() * render.LineHeight
		}
	}
}
