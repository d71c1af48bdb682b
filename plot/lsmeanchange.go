package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// LSMeanChangeOptions are the choices of LSMeanChangeWith.
type LSMeanChangeOptions struct {
	Options
	Spacing Spacing
	// Method picks the means and the differences; "" means those that decide.
	Method study.Method
	// NoThreshold leaves the lines of margins and thresholds between arms out.
	NoThreshold bool
}

// LSMeanChange answers "how far did each arm change by the model that decides, and how
// far are the arms apart, at each visit?" from the results of one outcome, a visit
// each. Read the lower part: the model's difference active − control at each visit
// with its interval, against the line of no difference and, where they are declared,
// the margin and the threshold between arms. The upper part has the same model's mean
// change from baseline in each arm, for average covariates (LS-mean); an outcome
// without baseline has its LS-means there. The shaded visit is the primary comparison;
// under the axis stand the numbers analyzed. An estimate with too few degrees of
// freedom is drawn without its interval, which the note says. A method that estimates
// no means, such as Welch's t, is refused.
// Convention: a measurement repeated over time, with the intervals, the numbers and
// the difference between arms that its reader needs: Pocock, Travison & Wruck 2007,
// Trials 8:36, doi:10.1186/1745-6215-8-36.
func LSMeanChange(results []study.Result) (*Figure, error) {
	return LSMeanChangeWith(results, LSMeanChangeOptions{})
}

// LSMeanChangeWith is LSMeanChange with choices.
func LSMeanChangeWith(results []study.Result, o LSMeanChangeOptions) (*Figure, error) {
	c, err := newLSMeanChange(results, o)
	if err != nil {
		return nil, err
	}
	c.frame()
	c.scale()
	c.drawBelow()
	c.drawAbove()
	c.words()
	return c.f, nil
}

// lsMeanChange is the chart while it is made.
type lsMeanChange struct {
	drawing
	o            LSMeanChangeOptions
	changes      bool            // the means are of changes
	rows         [][]study.Row   // by result: what is drawn of its differences
	means        [][]interval    // by arm; their places are those of the results
	diffs        [][]interval    // by arm, none of control's
	numbers      []numberRow     // by arm, of the model's participants with a value
	places       []study.Visit   // on the axis
	xs           []float64       // of them
	lines        []thresholdLine // across the differences
	upper, lower *panel
	methods      []string // in words
	levels       *levels
	withheld     []string // estimates without an interval
	absent       []string // what has no estimate
	notes        []string // on the axis
}

// thresholdLine is a line at a difference that margins or thresholds mark; at are the
// results whose rows it belongs to, nil for all.
type thresholdLine struct {
	y    float64
	text string
	at   []int
}

func newLSMeanChange(results []study.Result, o LSMeanChangeOptions) (*lsMeanChange, error) {
	s, err := newSeries("LSMeanChange", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	if err := o.Spacing.check("LSMeanChange"); err != nil {
		return nil, err
	}
	c := &lsMeanChange{o: o, levels: &levels{}, rows: make([][]study.Row, len(s.results)), means: make([][]interval, len(s.arms)), diffs: make([][]interval, len(s.arms))}
	if c.drawing, err = s.draw(o.Options, len(s.results) > 4, "plot-lsmeanchange-title"); err != nil {
		return nil, err
	}
	c.changes = s.outcome.HasBaseline() && c.allChanges()
	if !c.changes {
		c.f.entitle("plot-lsmeanchange-title-values", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	}
	c.places, _ = s.followUps()
	if c.changes {
		c.places = s.visits()
	}
	c.numbers = make([]numberRow, len(s.arms))
	for k, a := range s.arms {
		c.numbers[k].look = c.looks[a.ID]
	}
	any := false
	for i := range s.results {
		for _, row := range c.rowsOf(i) {
			if finite(row.Estimate) {
				c.rows[i] = append(c.rows[i], row)
			}
		}
		any = any || len(c.rows[i]) > 0
	}
	if !any {
		return nil, noRows("LSMeanChange", s.results, o.Method)
	}
	for i, r := range s.results {
		c.collect(i, r)
	}
	if !slices.ContainsFunc(c.means, func(m []interval) bool { return len(m) > 0 }) {
		return nil, fmt.Errorf("plot: LSMeanChange: %q is decided by %s, which estimates no mean of an arm: draw Change and Differences", s.outcome.ID, c.methodOf(0))
	}
	return c, nil
}

// rowsOf are the rows between arms of the method at the visit of result i, also of a
// model of all visits, with those that have no estimate.
func (c *lsMeanChange) rowsOf(i int) []study.Row {
	of := func(r study.Result) []study.Row {
		if c.o.Method != "" {
			return r.RowsBy(c.o.Method)
		}
		return r.Deciding()
	}
	rows := of(c.s.results[i])
	for _, r := range c.s.overall {
		for _, row := range of(r) {
			if len(rows) == 0 && row.Visit == c.s.results[i].Visit.ID {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// methodOf is the method of result i's rows, or where it has none its plan's.
func (c *lsMeanChange) methodOf(i int) study.Method {
	if rows := c.rowsOf(i); len(rows) > 0 {
		return rows[0].Method
	}
	if c.o.Method != "" {
		return c.o.Method
	}
	return c.s.results[i].Plan.Method()
}

// meansOf are the model's means at the visit of result i.
func (c *lsMeanChange) meansOf(i int) (out []study.LSMean) {
	r, method := c.s.results[i], c.methodOf(i)
	for _, x := range append([]study.Result{r}, c.s.overall...) {
		for _, m := range x.LSMeans {
			if m.Method == method && m.Visit == r.Visit.ID && finite(m.Value) && len(out) < len(c.s.arms) {
				out = append(out, m)
			}
		}
	}
	return out
}

// allChanges reports whether every mean to draw has a change from baseline.
func (c *lsMeanChange) allChanges() bool {
	for i := range c.s.results {
		if slices.ContainsFunc(c.meansOf(i), func(m study.LSMean) bool { return m.Change == nil }) {
			return false
		}
	}
	return true
}

// collect takes the numbers of result i, places by its index.
func (c *lsMeanChange) collect(i int, r study.Result) {
	at := float64(i)
	means := c.meansOf(i)
	for k, a := range c.s.arms {
		text := "–"
		j := slices.IndexFunc(means, func(m study.LSMean) bool { return m.Arm == a.ID })
		if j < 0 {
			c.absent = append(c.absent, c.t.armAt(a, r.Visit))
		} else {
			m := means[j]
			value, ci, held := m.Value, m.CI(m.Level), m.Withheld
			if c.changes {
				value, ci, held = m.Change.Value, m.Change.CI(m.Level), m.Change.Withheld
			}
			c.means[k] = append(c.means[k], interval{at, value, ci.Lo, ci.Hi})
			c.levels.add(m.Level, visitName(r.Visit))
			if held {
				c.withheld = append(c.withheld, c.t.armAt(a, r.Visit))
			}
			text = fmt.Sprint(m.N)
		}
		c.numbers[k].at, c.numbers[k].text = append(c.numbers[k].at, at), append(c.numbers[k].text, text)
		for _, row := range c.rows[i] {
			if row.Arm != a.ID {
				continue
			}
			c.diffs[k] = append(c.diffs[k], interval{at, row.Estimate, row.Lower, row.Upper})
			c.levels.add(row.Level, visitName(r.Visit))
			c.methods = appendNew(c.methods, c.t.rowMethod(row))
			if row.Withheld() {
				c.withheld = append(c.withheld, c.t.say("plot-lsmeanchange-contrast", map[string]any{"contrast": c.contrastOf(a), "visit": visitName(r.Visit)}))
			}
		}
	}
	c.absent = append(c.absent, c.t.withoutEstimate(r, c.o.Method, func(string) string { return visitName(r.Visit) })...)
}

// contrastOf writes an active arm's comparison.
func (c *lsMeanChange) contrastOf(a study.Arm) string {
	_, control := sides(c.s.arms)
	return c.t.say("plot-contrast", map[string]any{"arm": a.ShortLabel(), "control": control.ShortLabel()})
}

// frame places the panels, one axis of visits under both.
func (c *lsMeanChange) frame() {
	t := c.t
	c.upper, c.lower = t.newPanel(0, 0, t.height(46)), t.newPanel(1, 0, t.height(36))
	c.f.panels = []*panel{c.upper, c.lower}
	c.nameAxes()
	c.nameThresholds()
	for k, a := range c.s.arms {
		if n := len(c.means[k]); n > 0 {
			c.upper.side = append(c.upper.side, t.armSide(c.means[k][n-1].value, c.looks[a.ID]))
		}
	}
	strip := t.newNumberStrip(t.say("plot-lsmeanchange-n", nil), c.numbers)
	if len(c.s.arms) > 3 || !strip.named || !t.sideFits(c.upper.side, c.upper.height) {
		c.upper.side = nil
		c.f.legend = append(t.armLegend(c.s.arms, c.looks, true), c.f.legend...)
	}
	c.xs = make([]float64, len(c.places))
	for i := range c.xs {
		c.xs[i] = float64(i)
	}
	before := len(c.places) - len(c.s.results) // of the results: baseline
	for k := range c.numbers {
		for i := range c.numbers[k].at {
			c.numbers[k].at[i] += float64(before)
		}
		if before > 0 {
			c.numbers[k].at, c.numbers[k].text = append([]float64{0}, c.numbers[k].at...), append([]string{""}, c.numbers[k].text...)
		}
	}
	strip.rows = c.numbers
	wider := max(t.sideWidth(c.upper.side)-t.sideWidth(c.lower.side), 0)
	c.notes = t.placeVisits(c.lower, strip, c.places, c.xs, c.o.Spacing, wider+c.dodge()*vg.Length(len(c.s.arms)), 0.25)
	x, above := c.lower.plot.X, &c.upper.plot.X
	above.Tick.Marker = bareTicks{x.Tick.Marker}
	setRange(above, x.Min, x.Max)
	c.upper.setVisits(c.places, c.xs)
	for _, all := range [][][]interval{c.means, c.diffs} {
		for _, items := range all {
			for i := range items {
				items[i].at = c.xs[int(items[i].at)+before]
			}
		}
	}
}

// dodge is how far the arms' marks stand apart on the page.
func (c *lsMeanChange) dodge() vg.Length { return c.t.size() * 0.62 }

// nameThresholds finds what the differences are held against, and puts its names
// beside the lines, or in the legend where they have no room.
func (c *lsMeanChange) nameThresholds() {
	if c.o.NoThreshold {
		return
	}
	t, o := c.t, c.s.outcome
	sign := o.Better.Sign()
	if benefit, worsening := o.Verdict(); benefit != nil {
		c.lines = append(c.lines, thresholdLine{y: sign * benefit.Value, text: t.thresholdLabel(*benefit, o)})
		if worsening != nil {
			c.lines = append(c.lines, thresholdLine{y: -sign * worsening.Value,
				text: t.say("plot-lsmeanchange-worse", map[string]any{"threshold": t.thresholdLabel(*worsening, o)})})
		}
	}
	for i := range c.s.results {
		for _, row := range c.rows[i] {
			if m := row.NonInferiority; m != nil {
				c.addMargin(i, -sign*m.Margin, "plot-lsmeanchange-noninferiority", m.Margin)
			}
			if m := row.Equivalence; m != nil {
				c.addMargin(i, m.Margin, "plot-lsmeanchange-equivalence", m.Margin)
				c.addMargin(i, -m.Margin, "plot-lsmeanchange-equivalence", m.Margin)
			}
		}
	}
	for _, l := range c.lines {
		c.lower.side = append(c.lower.side, sideLabel{y: l.y, color: inkGray, text: strings.Join(t.wrap(t.text(), l.text, t.width*0.2), "\n")})
	}
	if !t.sideFits(c.lower.side, c.lower.height) {
		c.lower.side = nil
		for i, l := range c.lines {
			c.f.legend = append(c.f.legend, legendItem{look: look{color: inkGray, dashes: c.dashesOf(i)}, line: true, bare: true, text: l.text})
		}
	}
}

// addMargin adds the margin of a row of result i, once a line.
func (c *lsMeanChange) addMargin(i int, y float64, code string, margin float64) {
	text := c.t.say(code, map[string]any{"value": c.t.shortest(margin), "unit": c.s.outcome.Unit})
	for k := range c.lines {
		if l := &c.lines[k]; l.y == y && l.text == text {
			if !slices.Contains(l.at, i) {
				l.at = append(l.at, i)
			}
			return
		}
	}
	c.lines = append(c.lines, thresholdLine{y, text, []int{i}})
}

// dashesOf tell the lines of several thresholds apart; the note has their names.
func (c *lsMeanChange) dashesOf(i int) []vg.Length {
	return c.t.dashes([][]vg.Length{{3, 2}, {1, 1.5}, {5, 1.5, 1, 1.5}}[i%3]...)
}

// nameAxes says what the y axes show.
func (c *lsMeanChange) nameAxes() {
	t, o := c.t, c.s.outcome
	code := "plot-lsmeanchange-values"
	if c.changes {
		code = "plot-lsmeanchange-axis"
	}
	c.upper.plot.Y.Label.Text = t.toward(t.say(code, map[string]any{"outcome": outcomeLabel(o)}), o.Better, c.upper.height)
	words := ""
	if active, _ := sides(c.s.arms); len(active) > 1 {
		words = t.say("plot-lsmeanchange-favors", nil)
	}
	label := t.differenceAxis(o, c.s.arms)
	if words != "" {
		c.lower.plot.Y.Label.Text = t.pointed(label, c.lower.height, o.Better, words)
	} else {
		c.lower.plot.Y.Label.Text = t.towardArm(label, o.Better, c.s.arms, c.lower.height)
	}
}

// scale sets the y axes by what will be drawn.
func (c *lsMeanChange) scale() {
	o := c.s.outcome
	var ys, ds span
	for _, items := range c.means {
		for _, m := range items {
			ys.add(m.value, m.lo, m.hi)
		}
	}
	axis := valueRange
	if c.changes {
		axis = changeRange
		ys.add(0)
	}
	lo, hi := axis(o, ys, 5)
	setRange(&c.upper.plot.Y, lo, hi)
	ds.add(0)
	for _, items := range c.diffs {
		for _, d := range items {
			ds.add(d.value, d.lo, d.hi)
		}
	}
	for _, l := range c.lines {
		ds.add(l.y)
	}
	lo, hi = changeRange(o, ds, 5)
	setRange(&c.lower.plot.Y, lo, hi)
}

// primary are the results on whose rows the trial is decided.
func (c *lsMeanChange) primary() (out []int) {
	for i := range c.s.results {
		if slices.ContainsFunc(c.rows[i], func(r study.Row) bool { return r.Decides && r.Role == study.RolePrimary }) {
			out = append(out, i)
		}
	}
	return out
}

// place is where result i stands on the axis.
func (c *lsMeanChange) place(i int) float64 { return c.xs[len(c.places)-len(c.s.results)+i] }

// drawBelow draws the differences over the lines that they are held against.
func (c *lsMeanChange) drawBelow() {
	t := c.t
	for _, i := range c.primary() {
		for _, pn := range c.f.panels {
			pn.add(c.stripe(i))
		}
		c.upper.top = append(c.upper.top, topLabel{c.place(i), t.say("plot-lsmeanchange-primary", nil)})
	}
	c.lower.add(&refLine{theme: t, value: 0, color: inkGray})
	for k, l := range c.lines {
		m := refLine{theme: t, value: l.y, color: inkGray, dashes: c.dashesOf(k)}
		if l.at == nil || len(l.at) == len(c.s.results) {
			c.lower.add(&m)
			continue
		}
		for _, i := range l.at { // the other visits have no such margin
			m.limited, m.at, m.before, m.after = true, c.place(i), -t.size()*1.6, t.size()*1.6
			part := m
			c.lower.add(&part)
		}
	}
	var marks []*intervalMarks
	for k, a := range c.s.arms {
		if !a.Control {
			m := &intervalMarks{theme: t, look: c.looks[a.ID], items: c.diffs[k]}
			marks = append(marks, m)
			c.lower.add(m)
		}
	}
	c.f.standApart(1, marks, c.xs, c.dodge())
}

// stripe shades a visit.
func (c *lsMeanChange) stripe(i int) *stripeMarks {
	return &stripeMarks{color: bandGray, at: c.place(i), half: c.t.size() * 1.8, gap: smallestPlace(c.xs)}
}

// drawAbove draws the arms' means; a line of changes begins at baseline with none.
func (c *lsMeanChange) drawAbove() {
	t := c.t
	if c.changes {
		c.upper.add(&refLine{theme: t, value: 0, color: inkGray})
	}
	var marks, links []*intervalMarks
	for k, a := range slices.Backward(c.s.arms) {
		m := &intervalMarks{theme: t, look: c.looks[a.ID], items: c.means[k]}
		link := *m
		if c.changes && len(m.items) > 0 {
			link.items = append([]interval{{c.xs[0], 0, math.NaN(), math.NaN()}}, m.items...)
		}
		marks, links = append(marks, m), append(links, &link)
	}
	for _, l := range links {
		c.upper.add(linkMarks{of: l})
	}
	for _, m := range marks {
		c.upper.add(m)
	}
	slices.Reverse(marks)
	slices.Reverse(links)
	c.f.standApart(0, marks, c.xs, c.dodge())
	for k := range links {
		links[k].offset = marks[k].offset
	}
}

func (c *lsMeanChange) words() {
	t := c.t
	of := "plot-lsmeanchange-method"
	if !c.changes {
		of += "-values"
	}
	foot := []string{t.say(of, map[string]any{"methods": t.join(c.methods), "level": c.levels.words(t), "contrast": t.contrast(c.s.arms)})}
	foot = append(foot, c.levels.note(t)...)
	if len(c.primary()) > 0 {
		foot = append(foot, t.say("plot-lsmeanchange-shaded", nil))
	}
	for i, l := range c.lines {
		foot = append(foot, t.say("plot-lsmeanchange-"+[]string{"dashed", "dotted", "dashdotted"}[i%3], map[string]any{"line": l.text}))
	}
	foot = append(foot, c.analyzedNote()...)
	if c.withheld != nil {
		foot = append(foot, t.say("plot-lsmeanchange-withheld", map[string]any{"list": t.join(c.withheld)}))
	}
	foot = append(foot, t.leftOut(c.absent)...)
	foot = append(foot, t.hiddenNote(c.upper, c.means)...)
	foot = append(foot, c.notes...)
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
	head := headline(c.s.results)
	for i := range c.rows { // the last visit with a difference
		if len(c.rows[head]) == 0 && len(c.rows[i]) > 0 && !slices.ContainsFunc(c.rows[i+1:], func(rs []study.Row) bool { return len(rs) > 0 }) {
			head = i
		}
	}
	var more []string
	for i, r := range c.s.results {
		if i != head && len(c.rows[i]) > 0 {
			more = append(more, sentence(capital(t.altAt(r.Visit, t.altRows(r, c.rows[i])))))
		}
	}
	r := c.s.results[head]
	c.f.tell(t.altAt(r.Visit, t.altRows(r, c.rows[head])), append(more, c.altMeans()...)...)
}

// analyzedNote says whom a model of all visits analyzes beside those counted.
func (c *lsMeanChange) analyzedNote() []string {
	for i := range c.rows {
		for _, row := range c.rows[i] {
			for arm, n := range row.Observed {
				if n == row.N[arm] {
					continue
				}
				var list []string
				for _, a := range c.s.arms {
					for _, x := range c.rows[i] {
						if n, ok := x.N[a.ID]; ok {
							list = appendNew(list, c.t.say("plot-lsmeanchange-of", map[string]any{"arm": armName(a), "n": n}))
						}
					}
				}
				return []string{c.t.say("plot-lsmeanchange-analyzed", map[string]any{"list": c.t.join(list)})}
			}
		}
	}
	return nil
}

// altMeans says the arms' means at each visit, a sentence each.
func (c *lsMeanChange) altMeans() (out []string) {
	t, d := c.t, digitsOf(c.s.results)
	code := "plot-lsmeanchange-alt"
	if !c.changes {
		code += "-values"
	}
	for i, r := range c.s.results {
		for _, m := range c.meansOf(i) {
			e, ci, held := m.Estimate, m.CI(m.Level), m.Withheld
			if c.changes {
				e, ci, held = m.Change.Estimate, m.Change.CI(m.Level), m.Change.Withheld
			}
			said := map[string]any{"value": t.num(e.Value, d), "unit": c.s.outcome.Unit}
			value := t.say("plot-alt-value-alone", said)
			if !held && finite(ci.Lo, ci.Hi) {
				said["level"], said["lower"], said["upper"] = t.level(m.Level), t.limit(ci.Lo, d), t.limit(ci.Hi, d)
				value = t.say("plot-alt-value", said)
			}
			out = append(out, t.say(code, map[string]any{"visit": visitName(r.Visit), "arm": nameOfArm(c.s.arms, m.Arm), "value": value}))
		}
	}
	return out
}
