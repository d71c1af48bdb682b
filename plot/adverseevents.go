package plot

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/harms"
)

// EventOrder is how the terms of adverse events stand.
type EventOrder string

// Orders. The zero value is ByDifference.
const (
	// ByDifference: the term that is most in excess under an active arm at the top.
	ByDifference EventOrder = "difference"
	// ByFrequency: the term of the most participants of all arms at the top.
	ByFrequency EventOrder = "frequency"
)

// AdverseEventsOptions are the choices of AdverseEventsWith.
type AdverseEventsOptions struct {
	Options
	Order EventOrder
	// Most is how many terms are drawn, the most frequent; 0 means 30. Fewer are where
	// the page is not high enough. The note names the others.
	Most int
}

// mostTerms are drawn where nothing else is asked for.
const mostTerms = 30

// AdverseEvents answers "which adverse events were there in each arm, and how far are
// the arms apart?" from a trial's report whose events have a line each
// (study.DataSpec.Events). Left: participants with at least one event of a term, in
// percent of the arm, with Clopper and Pearson's interval, also where nobody had one.
// Right: the differences active − control in percentage points with their intervals;
// to the right of the line are more participants under the active arm. Above the terms
// stand any event and the kinds that the file tells apart. Terms stand by their
// difference, the largest excess at the top; of several active arms the largest counts.
// Nothing is tested: among many terms some differ by chance.
// Convention: the dot plot of Amit, Heiberger & Lane 2008, Pharmaceutical Statistics
// 7:20, doi:10.1002/pst.254, with differences in place of relative risks, which do not
// exist where an arm has no event.
func AdverseEvents(r study.Report) (*Figure, error) {
	return AdverseEventsWith(r, AdverseEventsOptions{})
}

// AdverseEventsWith is AdverseEvents with choices. The report's words are drawn as they
// are: Report.In has them in another language.
func AdverseEventsWith(r study.Report, o AdverseEventsOptions) (*Figure, error) {
	for {
		c, err := newAdverseEvents(r, o)
		if err != nil {
			return nil, err
		}
		c.place()
		c.drawRisks()
		c.drawDifferences()
		c.fitColumns()
		c.words()
		if c.terms <= 1 || !c.f.TooHigh() {
			return c.f, nil
		}
		o.Most = c.terms - 1 // the note, which names the others, has its lines too
	}
}

// eventsChart is the chart while it is made.
type eventsChart struct {
	t           *theme
	f           *Figure
	o           AdverseEventsOptions
	table       harms.Table
	arms        []study.Arm // the control last
	looks       map[string]look
	rows        []harms.Row // drawn, from the top
	terms       int         // of them
	rest        []harms.Row // terms that are not
	labels      []string
	ys          []float64 // of the rows, in em from the bottom
	left, right *panel
	columns     []textColumn // dropped for want of room
}

func newAdverseEvents(r study.Report, o AdverseEventsOptions) (*eventsChart, error) {
	if r.Safety.Events == nil || len(r.Safety.Events.Rows) == 0 {
		return nil, errors.New("plot: AdverseEvents: the report has no adverse events by term; data.adverse_events names a file in which each has a line")
	}
	switch o.Order {
	case "", ByDifference, ByFrequency:
	default:
		return nil, fmt.Errorf("plot: AdverseEvents: no order %q (there are %s and %s)", o.Order, ByDifference, ByFrequency)
	}
	if o.Most < 0 {
		return nil, fmt.Errorf("plot: AdverseEvents: %d terms", o.Most)
	}
	p := r.Protocol
	t, err := newTheme(o.Options, true, study.StudyInfo{Title: p.Title, Registration: p.Registration, Simulated: p.Simulated})
	if err != nil {
		return nil, err
	}
	c := &eventsChart{t: t, o: o, table: *r.Safety.Events}
	for _, a := range c.table.Rows[0].Arms {
		i := slices.IndexFunc(p.Arms, func(x study.Arm) bool { return x.ID == a.Arm })
		if i < 0 {
			return nil, fmt.Errorf("plot: AdverseEvents: arm %q is none of the protocol's", a.Arm)
		}
		c.arms = append(c.arms, p.Arms[i])
	}
	c.looks = t.looks(c.arms)
	c.f = t.figure("plot-events-title", nil)
	c.f.legend = t.armLegend(c.arms, c.looks, false)
	for i, a := range c.table.Rows[0].Arms {
		c.f.legend[i].text = t.say("plot-n-of", map[string]any{"arm": armName(c.arms[i]), "n": a.N})
	}
	c.pick()
	return c, nil
}

// pick chooses the rows that are drawn, and their order.
func (c *eventsChart) pick() {
	var terms []harms.Row
	for _, row := range c.table.Rows {
		if row.Kind == harms.OfTerm {
			terms = append(terms, row) // the most frequent first
		} else {
			c.rows = append(c.rows, row)
		}
	}
	// Legend, axis and notes take about a fifth of the page at least.
	room := c.t.style.MaxHeight * 0.8 / render.MMPerPoint / float64(c.t.size())
	for _, row := range c.rows {
		room -= c.height(row)
	}
	n := 0
	for n < min(len(terms), cmp.Or(c.o.Most, mostTerms)) {
		if room -= c.height(terms[n]); room < 0 && n > 0 {
			break
		}
		n++
	}
	c.terms = n
	drawn := slices.Clone(terms[:n])
	c.rest = terms[n:]
	if c.o.Order != ByFrequency {
		slices.SortStableFunc(drawn, func(a, b harms.Row) int { return cmp.Compare(excess(b), excess(a)) })
	}
	c.rows = append(c.rows, drawn...)
}

// excess is the largest difference of a row; −2 where there is none.
func excess(r harms.Row) float64 {
	most := -2.0
	for _, c := range r.Contrasts {
		if c.Difference > most {
			most = c.Difference
		}
	}
	return most
}

// label is the name of a row.
func (c *eventsChart) label(r harms.Row) (string, bool) {
	if r.Kind == harms.OfTerm {
		return r.Term, false
	}
	return c.t.say("harms-kind-"+string(r.Kind), nil), true
}

// wrapped is a row's name in lines.
func (c *eventsChart) wrapped(r harms.Row) string {
	text, bold := c.label(r)
	sty, _ := c.t.rowStyle(rowLabel{bold: bold})
	return c.t.rowName(sty, text, c.t.width*0.27)
}

// height of a row in em: its name's lines, or its arms' marks.
func (c *eventsChart) height(r harms.Row) float64 {
	return math.Max(0.5+render.LineHeight*float64(lineCount(c.wrapped(r))), 0.7+0.62*float64(len(c.arms)))
}

// place makes the panels, with the rows from the top down.
func (c *eventsChart) place() {
	t := c.t
	c.ys = make([]float64, len(c.rows))
	c.labels = make([]string, len(c.rows))
	height := 0.0
	for k, r := range slices.Backward(c.rows) {
		h := c.height(r)
		c.labels[k], c.ys[k] = c.wrapped(r), height+h/2
		height += h
	}
	c.left, c.right = t.newPanel(0, 0, t.size()*vg.Length(height)), t.newPanel(0, 1, t.size()*vg.Length(height))
	c.f.panels = []*panel{c.left, c.right}
	for k, r := range c.rows {
		_, bold := c.label(r)
		c.left.rows = append(c.left.rows, rowLabel{y: c.ys[k], text: c.labels[k], bold: bold})
	}
	for _, pn := range c.f.panels {
		setRange(&pn.plot.Y, 0, height)
		pn.plot.HideY()
		pn.least = t.size() * forestRoom
	}
	var stripes []dataRect // every other row, so that the eye finds its line
	for k := 1; k < len(c.rows); k += 2 {
		half := c.height(c.rows[k]) / 2
		stripes = append(stripes, dataRect{0, 1, c.ys[k] - half, c.ys[k] + half})
	}
	for _, pn := range c.f.panels {
		pn.add(&rowStripes{rects: stripes})
	}
}

// offset moves an arm's mark up or down from the middle of its row.
func (c *eventsChart) offset(k, of int) vg.Length {
	return c.t.size() * 0.62 * vg.Length(float64(of-1)/2-float64(k))
}

// drawRisks draws each arm's percentages.
func (c *eventsChart) drawRisks() {
	t, pn := c.t, c.left
	var xs span
	xs.add(0)
	for i, a := range c.arms {
		m := &intervalMarks{theme: t, look: c.looks[a.ID], flat: true, scale: 0.75, offset: c.offset(i, len(c.arms))}
		for k, r := range c.rows {
			if x := r.Arms[i]; x.N > 0 {
				it := interval{c.ys[k], 100 * float64(x.Participants) / float64(x.N), 100 * x.Lower, 100 * x.Upper}
				m.items = append(m.items, it)
				xs.add(it.value, it.hi)
			}
		}
		pn.add(m)
	}
	lo, hi := niceRange(0, math.Min(xs.hi, 100), 5, 0, 100)
	setRange(&pn.plot.X, lo, hi)
}

// drawDifferences draws active − control, against the line of none.
func (c *eventsChart) drawDifferences() {
	t, pn := c.t, c.right
	pn.add(&refLine{theme: t, value: 0, upright: true, color: inkGray})
	var xs span
	xs.add(0)
	active := len(c.arms) - 1
	for i := range active {
		m := &intervalMarks{theme: t, look: c.looks[c.arms[i].ID], flat: true, scale: 0.75, offset: c.offset(i, active)}
		for k, r := range c.rows {
			if x := r.Contrasts[i]; finite(x.Difference) {
				it := interval{c.ys[k], 100 * x.Difference, 100 * x.Lower, 100 * x.Upper}
				m.items = append(m.items, it)
				xs.add(it.value, it.lo, it.hi)
			}
		}
		pn.add(m)
	}
	reach := math.Max(-xs.lo, xs.hi)
	xs.add(-0.3*reach, 0.3*reach)
	lo, hi := niceRange(xs.lo, xs.hi, 5, -100, 100)
	setRange(&pn.plot.X, lo, hi)
}

// estimate writes a difference with its interval, in percentage points.
func (c *eventsChart) estimate(x harms.Contrast) string {
	if !finite(x.Difference) {
		return "–"
	}
	return c.t.estimate(study.Row{Estimate: 100 * x.Difference, Lower: 100 * x.Lower, Upper: 100 * x.Upper, Level: c.table.Level}, 0, 0)
}

// counted writes the participants of the arms, "22/2".
func counted(r harms.Row) string {
	parts := make([]string, len(r.Arms))
	for i, a := range r.Arms {
		parts[i] = fmt.Sprint(a.Participants)
	}
	return strings.Join(parts, "/")
}

// fitColumns adds the numbers at the right, of two arms where there is room, and the
// words of the axes.
func (c *eventsChart) fitColumns() {
	t := c.t
	heads := make([]string, len(c.arms))
	for i, a := range c.arms {
		heads[i] = a.ShortLabel()
	}
	columns := []textColumn{{header: t.headers(t.say("plot-events-column", map[string]any{"arms": strings.Join(heads, "/ ")}))[0], right: true}}
	for k, r := range c.rows {
		columns[0].cells = append(columns[0].cells, textCell{c.ys[k], counted(r)})
	}
	if len(c.arms) == 2 {
		columns = append(columns, textColumn{header: t.say("plot-column-difference", map[string]any{"level": t.level(c.table.Level)}), paren: true})
		for k, r := range c.rows {
			columns[1].cells = append(columns[1].cells, textCell{c.ys[k], c.estimate(r.Contrasts[0])})
		}
	}
	_, control := sides(c.arms)
	more := t.say("plot-events-more-row", nil)
	if len(c.arms) == 2 {
		more = t.say("plot-events-more", map[string]any{"arm": c.arms[0].ShortLabel()})
	}
	label := t.say("plot-events-difference", map[string]any{"control": control.ShortLabel()})
	word := widestWord(t.text(), label, more)
	room := func(cols []textColumn) vg.Length {
		return (t.width - t.rowsWidth(c.left.rows) - t.columnsWidth(cols) - t.size()*4.8) / 2
	}
	kept := columns
	for len(kept) > 0 && room(kept) < max(t.width*0.16, word) {
		kept = kept[1:] // the counts give way first
	}
	c.right.columns = kept
	if len(kept) < len(columns) {
		c.columns = columns
	}
	wide := room(kept)
	c.left.plot.X.Tick.Marker, c.right.plot.X.Tick.Marker = t.ticksFor(wide), t.ticksFor(wide)
	c.left.plot.X.Label.Text = t.across(t.say("plot-events-risk", nil), wide)
	c.right.plot.X.Label.Text = t.across(label, wide) + "\n" + t.across(more+"\u00a0→", wide)
}

func (c *eventsChart) words() {
	t := c.t
	level := t.level(c.table.Level)
	var methods []string
	for _, r := range c.rows {
		for _, x := range r.Contrasts {
			if x.Method != "" {
				methods = appendNew(methods, t.say("risk-"+x.Method, nil))
			}
		}
	}
	foot := []string{t.say("plot-events-method", map[string]any{"level": level})}
	if methods != nil {
		foot = append(foot, t.say("plot-events-differences", map[string]any{"contrast": t.contrast(c.arms), "level": level, "methods": t.join(methods)}))
	}
	order := "plot-events-by-difference"
	switch {
	case c.o.Order == ByFrequency:
		order = "plot-events-by-frequency"
	case len(c.arms) > 2:
		order = "plot-events-by-differences"
	}
	foot = append(foot, t.say(order, map[string]any{"arm": armName(c.arms[0]), "control": armName(c.arms[len(c.arms)-1])}))
	if len(c.rest) > 0 {
		list := make([]string, len(c.rest))
		for i, r := range c.rest {
			list[i] = r.Term
		}
		shown := list[:min(len(list), restNamed)]
		code := "plot-events-rest"
		if len(shown) < len(list) {
			code = "plot-events-rest-more"
		}
		foot = append(foot, t.say(code, map[string]any{"n": len(list), "most": c.rest[0].Total(), "list": strings.Join(shown, "; "), "more": len(list) - len(shown)}))
	}
	if c.columns != nil {
		foot = append(foot, t.columnsLeft(c.columns, c.right.columns)...)
	}
	c.f.note(foot, t.say("plot-events-untested", nil))
	var more []string
	for _, r := range c.rows[1:] {
		name, _ := c.label(r)
		more = append(more, sentence(t.say("plot-events-alt-row", map[string]any{"event": name, "counts": c.counts(r)})))
	}
	c.f.tell(t.say("plot-events-alt", map[string]any{"counts": c.counts(c.rows[0])}), more...)
}

// restNamed of the terms that are not drawn are named in the note.
const restNamed = 30

// counts says a row's participants in every arm, and the differences.
func (c *eventsChart) counts(r harms.Row) string {
	var parts []string
	for i, a := range r.Arms {
		parts = append(parts, c.t.say("plot-events-alt-arm", map[string]any{"events": a.Participants, "n": a.N, "arm": armName(c.arms[i])}))
	}
	for i, x := range r.Contrasts {
		if finite(x.Difference) {
			parts = append(parts, c.t.say("plot-events-alt-difference", map[string]any{"arm": armName(c.arms[i]), "control": armName(c.arms[len(c.arms)-1]),
				"value": c.t.estimateAt(study.Row{Estimate: 100 * x.Difference, Lower: 100 * x.Lower, Upper: 100 * x.Upper, Level: c.table.Level}, 0, 0)}))
		}
	}
	return strings.Join(parts, ", ")
}
