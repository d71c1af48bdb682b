package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// ForestRow is a line of a forest plot.
type ForestRow struct {
	Label string
	// Heading rows are bold; those under them are indented. A heading may have
	// an estimate too.
	Heading bool
	// Effect is drawn with its interval; nil: none. Level is the interval's; 0
	// means the table's.
	Effect stats.Effect
	Level  float64
	// Cells are the texts of the table's columns; fewer leave the last empty.
	Cells []string
	// Arm gives the row the arm's look; the zero value is a neutral gray.
	Arm study.Arm
	// Strong draws the symbol larger: the estimate for everyone.
	Strong bool
}

// ForestTable is what Forest draws.
type ForestTable struct {
	Study study.StudyInfo
	Title string
	// Arms of the study, which give rows their look.
	Arms []study.Arm
	Rows []ForestRow
	// Columns are the headers of the text columns at the right. The last
	// column, of estimates with intervals, is added by itself.
	Columns []string
	Level   float64
	// Axis names the x axis; Unit and Decimals are those of the estimates.
	Axis, Unit string
	Decimals   int
	// Better says at which side of Null the active arm is favored, by its name where
	// Arms has two; 0 leaves it out.
	Better study.Direction
	Null   float64
	// Band shades the differences too small to matter, from and to; both 0:
	// none. BandLabel says by kind, level and value what it is: "margin between
	// arms: 8 mm"; a band without a label is refused.
	Band      [2]float64
	BandLabel string
	// Notes are the sentences of the footnote.
	Notes []string
	// together of the last columns give way at once.
	together int
	// marks are differences beside Null that no limit is rounded onto.
	marks []float64
	// of is the outcome whose differences the rows are; its range ends the axis.
	of study.Outcome
	// measure is what the rows are, where it is no difference in the outcome's unit.
	measure study.Measure
	// answer is the main answer for the alt text, where the caller knows it.
	answer string
}

// levelOf is the level of a row's interval.
func (table ForestTable) levelOf(r ForestRow) float64 {
	if r.Level != 0 {
		return r.Level
	}
	return table.Level
}

// ForestOptions are the choices of ForestWith.
type ForestOptions struct{ Options }

// Forest answers "how large is the effect in each of these rows, and how sure
// is it?" for any rows: subgroups, outcomes, sensitivity analyses. Read where an
// interval lies to the line of no effect and to the shaded band; columns at the
// right hold the numbers. An interval that leaves the axis ends in an arrow.
// Convention: Lewis & Clarke 2001, BMJ 322:1479,
// doi:10.1136/bmj.322.7300.1479.
func Forest(table ForestTable) (*Figure, error) { return ForestWith(table, ForestOptions{}) }

// ForestWith is Forest with choices.
func ForestWith(table ForestTable, o ForestOptions) (*Figure, error) {
	return onePage(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		if err := table.check(); err != nil {
			return nil, err
		}
		t, err := newTheme(o.Options, true, table.Study)
		if err != nil {
			return nil, err
		}
		c := &forest{t: t, table: table, f: &Figure{theme: t, title: t.opt.Title, what: cmp.Or(table.Title, table.Axis)}, looks: t.looks(table.Arms), told: map[int]string{}}
		if c.f.title == "" {
			c.f.title = table.Title
		}
		c.placeRows()
		c.heads()
		if err := c.drawRows(); err != nil {
			return nil, err
		}
		c.scale()
		c.fitColumns()
		c.f.note(append(slices.Clone(table.Notes), c.left...), c.inCaption()...)
		c.f.tell(c.answer(), c.alts...)
		return c.f, nil
	})
}

func (table ForestTable) check() error {
	drawn := false
	for _, r := range table.Rows {
		if l := table.levelOf(r); !(l > 0 && l < 1) {
			return fmt.Errorf("plot: Forest: confidence level %v is not between 0 and 1", l)
		}
		drawn = drawn || r.Effect != nil
	}
	if math.IsNaN(table.Null) || math.IsInf(table.Null, 0) || !(table.Band[0] <= table.Band[1]) || math.IsInf(table.Band[1]-table.Band[0], 0) {
		return fmt.Errorf("plot: Forest: null %v, band %v", table.Null, table.Band)
	}
	if table.Band[0] < table.Band[1] && table.BandLabel == "" {
		return fmt.Errorf("plot: Forest: the band from %v to %v has no label", table.Band[0], table.Band[1])
	}
	if !drawn {
		return fmt.Errorf("plot: Forest: no row has an effect")
	}
	return nil
}

// forest is the chart while it is made.
type forest struct {
	t       *theme
	table   ForestTable
	f       *Figure
	pn      *panel
	looks   map[string]look
	grouped bool      // there are headings
	ys      []float64 // of the rows
	gaps    []gap     // of headings, from the bottom up
	labels  []string
	columns []textColumn
	write   func(study.Row, int, ...float64) string // an estimate in the last column
	drawn   []*intervalMarks
	alts    []string
	left    []string       // a note of columns without room
	told    map[int]string // the estimates of rows
}

// placeRows sets the rows from the top down; y counts em squares from the bottom.
func (c *forest) placeRows() {
	t, rows := c.t, c.table.Rows
	c.grouped = slices.ContainsFunc(rows, func(r ForestRow) bool { return r.Heading })
	c.labels, c.ys = make([]string, len(rows)), make([]float64, len(rows))
	height := 0.0
	for k, r := range slices.Backward(rows) {
		sty, indent := t.rowStyle(rowLabel{bold: r.Heading, indent: c.grouped && !r.Heading})
		room := t.width*0.3 - indent - t.size()
		if r.spans() {
			room = t.width * headingRoom
		}
		c.labels[k] = t.rowName(sty, r.Label, room)
		h := 0.6*t.opt.dense.lower() + render.LineHeight*float64(lineCount(c.labels[k]))
		if r.spans() {
			c.gaps = append(c.gaps, gap{height, height + h})
		}
		c.ys[k] = height + h/2
		height += h
	}
	c.pn = t.newPanel(0, 0, t.size()*vg.Length(math.Max(height, 1)))
	c.f.panels = []*panel{c.pn}
	setRange(&c.pn.plot.Y, 0, math.Max(height, 1))
	c.pn.plot.HideY()
	c.pn.least = t.size() * forestRoom
	if from, to := c.table.Band[0], c.table.Band[1]; from < to {
		c.pn.add(&bandMarks{color: bandGray, rects: bandRows(from, to, height, c.gaps)})
		c.f.legend = []legendItem{bandKey(c.table.BandLabel)}
	}
	c.pn.add(&refLine{theme: t, value: c.table.Null, upright: true, color: inkGray, gaps: c.gaps})
}

// In forests: the share of the figure's width that a heading may take, which goes on
// over the data area, and the least width of that, in type sizes.
const headingRoom, forestRoom = 0.9, 4.5

// spans reports whether a row is a heading alone, which has the whole line.
func (r ForestRow) spans() bool { return r.Heading && r.Effect == nil }

// bandRows are the parts of a band from 0 to a height between gaps.
func bandRows(from, to, height float64, gaps []gap) (out []dataRect) {
	at := 0.0
	for _, g := range append(slices.Clone(gaps), gap{height, height}) {
		if g.lo > at {
			out = append(out, dataRect{from, to, at, g.lo})
		}
		at = g.hi
	}
	return out
}

// heads are the columns' headers, the estimates' last: with its level where all
// have one, otherwise each says its own.
func (c *forest) heads() {
	t := c.t
	for _, h := range t.headers(c.table.Columns...) {
		c.columns = append(c.columns, textColumn{header: h, right: true})
	}
	var ls levels
	for _, r := range c.table.Rows {
		if r.Effect != nil {
			ls.add(c.table.levelOf(r), r.Label)
		}
	}
	head := "plot-column-difference"
	if c.table.measure.Plain() {
		head = "plot-column-effect"
	}
	last := textColumn{header: t.say(head, map[string]any{"level": ls.words(t)}), paren: true}
	c.write = t.estimate
	if ls.mixed() {
		last.header, c.write = t.say(head+"-own", nil), t.estimateAt
	}
	c.columns = append(c.columns, last)
}

func (c *forest) drawRows() error {
	for k, r := range c.table.Rows {
		y := c.ys[k]
		c.pn.rows = append(c.pn.rows, rowLabel{y: y, text: c.labels[k], bold: r.Heading, indent: c.grouped && !r.Heading, span: r.spans()})
		for i, text := range r.Cells[:min(len(r.Cells), len(c.table.Columns))] {
			if text != "" {
				c.columns[i].cells = append(c.columns[i].cells, textCell{y, text})
			}
		}
		if r.Effect == nil {
			continue
		}
		level, decimals, marks := c.table.levelOf(r), c.table.Decimals, append([]float64{c.table.Null}, c.table.marks...)
		it := fromEffect(y, r.Effect, level)
		if !finite(it.value) {
			return fmt.Errorf("plot: Forest: row %d, %q: estimate %v", k, r.Label, it.value)
		}
		if c.table.measure == study.RiskDifference {
			it.value, it.lo, it.hi = c.table.of.Shown(it.value), c.table.of.Shown(it.lo), c.table.of.Shown(it.hi)
		}
		row := study.Row{Estimate: it.value, Lower: it.lo, Upper: it.hi, Level: level}
		last := &c.columns[len(c.columns)-1]
		last.cells = append(last.cells, textCell{y, c.write(row, decimals, marks...)})
		l, ok := c.looks[r.Arm.ID]
		if !ok {
			l = c.t.plainLook(0)
		}
		scale := 0.8
		if r.Strong {
			scale = 1.15
		}
		mark := &intervalMarks{theme: c.t, look: l, flat: true, scale: scale, items: []interval{it}}
		c.pn.add(mark)
		c.drawn = append(c.drawn, mark)
		c.told[k] = c.t.estimateAt(row, decimals, marks...)
		c.alts = append(c.alts, c.t.say("plot-forest-alt", map[string]any{"label": r.Label, "value": c.told[k], "unit": c.table.Unit}))
	}
	return nil
}

// scale sets the x axis. Very wide intervals end in arrows rather than squeeze
// the others: those more than six times as wide as the narrowest.
func (c *forest) scale() {
	null := c.table.Null
	var xs, widths span
	xs.add(null)
	if from, to := c.table.Band[0], c.table.Band[1]; from < to {
		xs.add(from, to)
	}
	for _, m := range c.drawn {
		xs.add(m.items[0].value)
		widths.add(m.items[0].hi - m.items[0].lo)
	}
	for _, m := range c.drawn {
		i := m.items[0]
		if !(i.hi-i.lo > 6*math.Max(widths.lo, 1e-12)) || len(c.drawn) == 1 {
			xs.add(i.lo, i.hi)
		}
	}
	if c.table.measure.Plain() {
		c.t.forestRange(c.pn.plot, c.table.measure, c.table.of, xs, c.drawn, nil)
		return
	}
	reach := math.Max(math.Abs(xs.lo-null), math.Abs(xs.hi-null))
	xs.add(null-0.3*reach, null+0.3*reach)
	lo, hi := changeRange(c.table.of, xs, 6)
	setRange(&c.pn.plot.X, lo, hi)
}

// fitColumns lets columns give way from the right where the figure is narrow, and
// names the x axis in what room there is.
func (c *forest) fitColumns() {
	t, pn, cols := c.t, c.pn, c.columns
	pn.columns = cols
	room := func() vg.Length {
		return t.width - t.rowsWidth(pn.rows) - t.columnsWidth(cols) - t.size()*2
	}
	for gone := max(c.table.together, 1); len(cols) > 1 && room() < t.width*0.22; gone = 1 {
		kept := max(0, len(cols)-1-gone)
		cols = append(cols[:kept:kept], cols[len(cols)-1])
	}
	if room() < pn.least {
		cols = nil
	}
	c.left, c.f.columns = t.forestLeft(pn.columns, cols), pn.columns
	pn.columns = cols
	if _, log := pn.plot.X.Scale.(plot.LogScale); !log {
		pn.plot.X.Tick.Marker = t.ticksFor(room())
	}
	if c.table.Better != study.BetterUnset {
		pn.below = append(pn.below, t.favors(c.table.Better, c.table.Null, c.table.Arms))
	}
	t.nameAxis(pn, t.across(c.table.Axis, t.underAxis(room()*1.3)), room())
}

// forestLeft is columnsLeft, which says where the estimates are that have no column.
func (t *theme) forestLeft(all, kept []textColumn) []string {
	left := t.columnsLeft(all, kept)
	if len(kept) == 0 {
		left = append(left, t.say("plot-estimates-in-caption", nil))
	}
	return left
}

// inCaption are the estimates that only the caption has room for.
func (c *forest) inCaption() []string {
	if len(c.pn.columns) > 0 {
		return nil
	}
	return c.alts
}

// answer is what the caller says, or the row for everyone, or else the lowest and
// the highest of the estimates.
func (c *forest) answer() string {
	if c.table.answer != "" {
		return c.table.answer
	}
	lo, hi := -1, -1
	say := func(k int) string {
		r, label := c.table.Rows[k], c.table.Rows[k].Label
		for _, up := range slices.Backward(c.table.Rows[:k]) {
			if up.Heading && !r.Heading {
				if strings.Contains(c.f.what, up.Label) { // said already
					break
				}
				label = up.Label + ", " + label
				break
			}
		}
		return c.t.say("plot-alt-forest", map[string]any{"label": label, "value": c.told[k], "unit": c.table.Unit})
	}
	at := func(k int) float64 { return c.table.Rows[k].Effect.Point() }
	for k, r := range c.table.Rows {
		switch {
		case r.Effect == nil:
			continue
		case r.Strong:
			return say(k)
		}
		if lo < 0 || at(k) < at(lo) {
			lo = k
		}
		if hi < 0 || at(k) > at(hi) {
			hi = k
		}
	}
	if lo == hi {
		return say(lo)
	}
	answer := c.t.say("plot-alt-range", map[string]any{"n": len(c.alts), "low": say(lo), "high": say(hi)})
	if c.table.Axis == "" {
		return answer
	}
	return c.t.say("plot-alt-outcome", map[string]any{"outcome": c.table.Axis, "answer": answer}) // which minus which
}

// meanSD writes "4.2 (1.1)"; the SD of one value does not exist.
func (t *theme) meanSD(d stats.Description, decimals int) string {
	switch {
	case d.N == 0:
		return ""
	case d.N == 1:
		return t.num(d.Mean, decimals)
	}
	return t.num(d.Mean, decimals) + " (" + t.num(d.SD, decimals) + ")"
}
