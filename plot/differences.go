package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// DifferencesOptions are the choices of DifferencesWith.
type DifferencesOptions struct {
	Options
	// Method picks the rows; "" means those that decide.
	Method study.Method
	// NoThreshold leaves the bands of the thresholds out.
	NoThreshold bool
}

// Differences answers "how large is the difference between the arms, for each
// outcome at each visit, and how sure is it?": a forest plot of treated −
// control with confidence intervals, a panel for each unit, range of the
// instrument and direction of benefit, each in its natural unit. Read where an interval lies relative to
// the line of no difference; the shaded band holds differences smaller than
// the margin declared between arms, where there is one: a threshold for one
// patient's change is no measure of a difference of means. Probabilities of
// benefit and ratios have panels of their own, beside the line of 0.5 and, on a
// logarithmic axis, of 1. Columns at the right give numbers analyzed and estimates
// with intervals.
// Convention: Lewis & Clarke 2001, BMJ 322:1479,
// doi:10.1136/bmj.322.7300.1479.
func Differences(results []study.Result) (*Figure, error) {
	return DifferencesWith(results, DifferencesOptions{})
}

// forestRow is a line of the plot: an estimate, or a heading without one.
type forestRow struct {
	label   string
	heading bool
	visitOf bool // a heading of a visit, under that of the outcome
	row     study.Row
	visit   string // in words
	several bool   // the outcome has several active arms
	outcome study.Outcome
	unit    string // of the row's numbers
	digits  int    // of its numbers
	means   int    // of means and SDs
	look    look
	banded  bool // the outcome has a margin to shade
	// What was observed at the visit in the row's arm and in control.
	treated, reference study.Summary
}

// DifferencesWith is Differences with choices.
func DifferencesWith(results []study.Result, o DifferencesOptions) (*Figure, error) {
	if len(results) == 0 {
		return nil, fmt.Errorf("plot: Differences: no results")
	}
	t, err := newTheme(o.Options, true, results[0].Study)
	if err != nil {
		return nil, err
	}
	if err := visitsKnown("Differences", results, o.Visits); err != nil {
		return nil, err
	}
	results = atVisits(results, o.Visits)
	f := t.figure("plot-differences-title", nil)
	groups, err := forestGroups(t, results, o)
	if err != nil {
		return nil, err
	}
	var banded []study.Outcome
	t.fitForest(groups)
	levels, err := forestLevels(groups)
	if err != nil {
		return nil, err
	}
	column, code := "difference", "plot-differences-method"
	switch plain, differences := plainOf(groups); {
	case plain && differences:
		column, code = "effect", "plot-effects-method"
	case plain:
		column, code = "effect", "plot-effects-method-plain"
	}
	for i, g := range groups {
		pn, band := t.forestPanel(i, g, levels, results[0].Arms, valuesOf(groups), column)
		f.panels = append(f.panels, pn)
		banded = append(banded, band...)
	}
	means, left := t.fitForestColumns(f.panels)
	var methods []string
	var alts []string
	for _, g := range groups {
		for _, r := range g {
			if r.heading {
				continue
			}
			methods = appendNew(methods, t.rowMethod(r.row))
			code := "plot-alt-difference"
			if r.row.Measure.Plain() {
				code = "plot-alt-effect"
			}
			if r.several {
				code += "-arm"
			}
			alts = append(alts, t.say(code, map[string]any{
				"outcome": name(r.outcome.Label, r.outcome.ID), "visit": r.visit, "arm": armName(r.look.arm), "control": nameOfArm(results[0].Arms, r.row.Control),
				"value": t.estimateAt(r.row, r.digits, r.marks()...), "unit": r.unit, "measure": t.measure(r.row.Measure)}))
		}
	}
	foot := []string{t.say(code, map[string]any{
		"contrast": t.contrast(results[0].Arms), "level": levels.words(t), "methods": t.join(methods)})}
	if means {
		foot = append(foot, t.say("plot-differences-means"+valuesOf(groups), nil))
	}
	if f.legend = t.bandKeys(banded); len(banded) > 0 {
		foot = append(foot, t.bandsNote(f.legend))
	}
	if tested := t.testedMargins(groups); tested != nil {
		foot = append(foot, t.say("plot-differences-margin", map[string]any{"list": strings.Join(tested, "; ")}))
		f.legend = append(f.legend, t.marginKeys(tested)...)
	}
	foot = append(foot, left...)
	var told []string
	if len(f.panels[0].columns) == 0 {
		foot, told = append(foot, t.say("plot-estimates-in-caption", nil)), alts
	}
	var absent []string
	for _, r := range results {
		absent = append(absent, t.withoutEstimate(r, o.Method, func(id string) string { return t.visitLabel(id, results) })...)
	}
	foot = append(foot, t.leftOut(absent)...)
	foot = append(foot, t.notAsked(results)...)
	f.note(foot, told...)
	f.tellDifferences(results, o.Method, alts)
	return f, nil
}

// forestGroups sorts rows into panels by unit, the instrument's range and direction
// of benefit, in the order in which they come.
func forestGroups(t *theme, results []study.Result, o DifferencesOptions) ([][]forestRow, error) {
	type key struct {
		unit     string
		min, max float64
		outcome  string // without unit and range nothing says that two share an axis
		better   study.Direction
		measure  study.Measure // of a probability or a ratio
	}
	var keys []key
	groups := map[key][]forestRow{}
	last := map[key]string{}
	for _, r := range results {
		if r.Outcome.Better == study.BetterUnset {
			return nil, fmt.Errorf("plot: Differences: outcome %q does not say which direction is better", r.Outcome.ID)
		}
		k := key{unit: r.Outcome.ShownUnit(t.cat), better: r.Outcome.Better}
		switch {
		case r.Outcome.HasRange() && !r.Outcome.Binary():
			k.min, k.max = r.Outcome.Min, r.Outcome.Max
		case k.unit == "":
			k.outcome = r.Outcome.ID
		}
		looks := t.looks(r.Arms)
		rows := shownRows(r, o.Method)
		if len(rows) == 0 {
			continue
		}
		if m := rows[0].Measure; m.Plain() {
			k = key{measure: m, better: toward(m, r.Outcome)}
		}
		if _, ok := groups[k]; !ok {
			keys = append(keys, k)
		}
		if last[k] != r.Outcome.ID {
			groups[k] = append(groups[k], forestRow{label: name(r.Outcome.Label, r.Outcome.ID), heading: true, outcome: r.Outcome})
			last[k] = r.Outcome.ID
		}
		for _, row := range rows {
			if row.Measure != rows[0].Measure && (row.Measure.Plain() || k.measure != "") {
				return nil, fmt.Errorf("plot: Differences: %q has rows of a %s and of a %s, which share no axis", r.Outcome.ID, rows[0].Measure, row.Measure)
			}
			row = shownRow(r.Outcome, row)
			l := looks[row.Arm]
			label := t.visitLabel(row.Visit, results)
			visit := label
			if len(r.Arms) > 2 { // the arms of a visit under its name
				if g := groups[k]; lastVisit(g) != row.Visit {
					groups[k] = append(g, forestRow{label: visit, heading: true, visitOf: true, outcome: r.Outcome})
				}
				label = armName(l.arm)
			}
			fr := forestRow{label: label, row: row, visit: visit, several: len(r.Arms) > 2, outcome: r.Outcome, unit: k.unit, digits: r.Digits(), means: r.Digits(), look: l}
			if k.measure != "" {
				fr.digits = ratioDecimals
			}
			for _, m := range r.Summaries {
				switch {
				case m.Visit != row.Visit:
				case m.Arm == row.Arm:
					fr.treated = m
				case m.Arm == row.Control:
					fr.reference = m
				}
			}
			fr.banded = margin(r.Outcome) != nil && !o.NoThreshold && k.measure == ""
			groups[k] = append(groups[k], fr)
		}
	}
	var out [][]forestRow
	for _, k := range keys {
		t.tellMethods(groups[k])
		out = append(out, groups[k])
	}
	if len(out) == 0 {
		return nil, noRows("Differences", results, o.Method)
	}
	return out, nil
}

// atVisits picks the rows of some visits, also from results about all at once.
func atVisits(results []study.Result, visits []string) []study.Result {
	if len(visits) == 0 {
		return results
	}
	var out []study.Result
	for _, r := range results {
		if r.Visit.ID != "" && !slices.Contains(visits, r.Visit.ID) {
			continue
		}
		r.Rows = slices.DeleteFunc(slices.Clone(r.Rows), func(row study.Row) bool { return !slices.Contains(visits, row.Visit) })
		out = append(out, r)
	}
	return out
}

// forestLevels are the levels of the rows' intervals.
func forestLevels(groups [][]forestRow) (*levels, error) {
	l := &levels{}
	for _, g := range groups {
		for _, r := range g {
			if r.heading {
				continue
			}
			if !(r.row.Level > 0 && r.row.Level < 1) {
				return nil, fmt.Errorf("plot: Differences: %s at %q has confidence level %v", r.outcome.ID, r.row.Visit, r.row.Level)
			}
			l.add(r.row.Level, "")
		}
	}
	return l, nil
}

// tellMethods adds the method to the labels where a panel has several.
func (t *theme) tellMethods(g []forestRow) {
	var methods []study.Method
	for _, r := range g {
		if !r.heading && !slices.Contains(methods, r.row.Method) {
			methods = append(methods, r.row.Method)
		}
	}
	for i := range g {
		if len(methods) > 1 && !g[i].heading {
			g[i].label += " (" + t.rowMethod(g[i].row) + ")"
		}
	}
}

// shownRows are the rows between arms to draw: those that decide, or those of
// the method asked for. A row without an estimate has nothing to draw.
func shownRows(r study.Result, method study.Method) []study.Row {
	rows := r.Deciding()
	if method != "" {
		rows = r.RowsBy(method)
	}
	return slices.DeleteFunc(rows, func(x study.Row) bool { return math.IsNaN(x.Estimate) })
}

// noRows says that no row compares arms by a method, and by which some do.
func noRows(fn string, results []study.Result, method study.Method) error {
	if method == "" {
		return fmt.Errorf("plot: %s: no row compares arms", fn)
	}
	var known []string
	for _, r := range results {
		for _, row := range r.Rows {
			known = appendNew(known, string(row.Method))
		}
	}
	if known == nil {
		known = []string{"none"}
	}
	return fmt.Errorf("plot: %s: no row compares arms by method %q; there are %s", fn, method, strings.Join(known, ", "))
}

// visitLabel names a row's visit, also in a result about all visits.
func (t *theme) visitLabel(id string, results []study.Result) string {
	for _, r := range results {
		if r.Visit.ID == id && id != "" {
			return visitName(r.Visit)
		}
	}
	if id == "overall" {
		return t.say("plot-overall", nil)
	}
	return id
}

// forestPanel draws one group; it returns the outcomes that have a band.
func (t *theme) forestPanel(i int, g []forestRow, levels *levels, arms []study.Arm, values, column string) (pn *panel, banded []study.Outcome) {
	// y counts em squares from the bottom, so that a row is as high as its label.
	ys := make([]float64, len(g))
	var height float64
	for k := len(g) - 1; k >= 0; k-- {
		h := forestRowHeight(g[k])
		ys[k] = height + h/2
		height += h
	}
	pn = t.newPanel(i, 0, t.size()*vg.Length(height))
	p := pn.plot
	setRange(&p.Y, 0, height)
	pn.least = t.size() * forestRoom
	var xs span
	measure := measureOf(g)
	null := measure.Null()
	xs.add(null)
	var marks []*intervalMarks
	var tested []*refLine // margins of their rows
	var shade bandMarks
	var gaps []gap // of headings, from the bottom up
	estimates := textColumn{header: t.say("plot-column-"+column, map[string]any{"level": levels.words(t)}), paren: true}
	write := t.estimate
	if levels.mixed() { // each says its own
		estimates.header, write = t.say("plot-column-"+column+"-own", nil), t.estimateAt
	}
	heads := t.headers(t.armColumnHeads(arms, values)...)
	head := func(i int) textColumn { return textColumn{header: heads[i], right: true} }
	ns, treated, reference := head(0), head(1), head(2)
	for k, r := range g {
		y, half := ys[k], forestRowHeight(r)/2
		pn.rows = append(pn.rows, r.place(y))
		if r.heading {
			gaps = append([]gap{{y - half, y + half}}, gaps...)
			continue
		}
		xs.add(r.row.Estimate, r.row.Lower, r.row.Upper)
		marks = append(marks, &intervalMarks{theme: t, look: r.look, flat: true, scale: 0.85,
			items: []interval{{y, r.row.Estimate, r.row.Lower, r.row.Upper}}})
		estimates.cells = append(estimates.cells, textCell{y, write(r.row, r.digits, r.marks()...)})
		// n is of the means beside it, as in the report's table: a model of all
		// visits also uses participants without a value at this one.
		n, m := r.treated.N, r.reference.N
		if n == 0 || m == 0 {
			n, m = r.row.N[r.row.Arm], r.row.N[r.row.Control]
		}
		ns.cells = append(ns.cells, textCell{y, fmt.Sprintf("%d/%d", n, m)})
		treated.cells = append(treated.cells, textCell{y, t.observed(r.treated, r.means)})
		reference.cells = append(reference.cells, textCell{y, t.observed(r.reference, r.means)})
		for _, x := range r.margins() {
			xs.add(x)
			tested = append(tested, &refLine{theme: t, value: x, upright: true, color: inkGray, dashes: []vg.Length{t.line(3), t.line(2)}, gaps: []gap{{0, y - half}, {y + half, height}}})
		}
		if r.banded {
			from, to, _ := r.outcome.TooSmall()
			from, to = r.outcome.Shown(from), r.outcome.Shown(to)
			if n := len(shade.rects); n > 0 && shade.rects[n-1].x0 == from && shade.rects[n-1].x1 == to && math.Abs(shade.rects[n-1].y0-y-half) < 1e-9 {
				shade.rects[n-1].y0 = y - half // one band without a seam
			} else {
				shade.rects = append(shade.rects, dataRect{from, to, y - half, y + half})
			}
			xs.add(from, to)
			if len(banded) == 0 || banded[len(banded)-1].ID != r.outcome.ID {
				banded = append(banded, r.outcome)
			}
		}
	}
	pn.columns = []textColumn{ns, treated, reference, estimates}
	for c := range pn.columns {
		col := &pn.columns[c]
		col.width, col.lead = t.columnWidth(*col), t.columnLead(*col)
		if i > 0 {
			col.header = ""
		}
	}
	t.forestRange(p, measure, g[0].outcome, xs, marks, tested)
	p.Y.LineStyle.Width = 0
	p.Y.Tick.LineStyle.Width = 0
	p.Y.Tick.Marker = Labels{}
	p.Y.Padding = 0
	if len(shade.rects) > 0 {
		shade.color = bandGray
		pn.add(&shade)
	}
	pn.add(&refLine{theme: t, value: null, upright: true, color: inkGray, gaps: gaps})
	for _, m := range tested {
		pn.add(m)
	}
	for _, m := range marks {
		pn.add(m)
	}
	p.X.Label.Text = t.differenceAxis(g[0].outcome, arms)
	if measure != "" {
		p.X.Label.Text = t.say("plot-axis-"+string(measure), nil)
	}
	pn.below = append(pn.below, t.favors(toward(measure, g[0].outcome), null, arms))
	return pn, banded
}

// fitForestColumns gives the panels the text columns that leave the plot room,
// in the same places in each, and their x axes words and ticks that fit. It
// tells whether the arms' means are among the columns, and which are left out.
func (t *theme) fitForestColumns(panels []*panel) (means bool, left []string) {
	all, filled := panels[0].columns, false
	for _, p := range panels {
		for _, cell := range p.columns[1].cells {
			filled = filled || cell.text != ""
		}
	}
	for c := range panels[0].columns {
		for _, p := range panels {
			first, col := &panels[0].columns[c], p.columns[c]
			first.lead, first.width = max(first.lead, col.lead), max(first.width, col.width)
		}
		for _, p := range panels { // a longer lead may widen a column
			p.columns[c].lead = panels[0].columns[c].lead
			panels[0].columns[c].width = max(panels[0].columns[c].width, t.columnWidth(p.columns[c]))
		}
		for _, p := range panels {
			p.columns[c].width = panels[0].columns[c].width
		}
	}
	var rows vg.Length
	for _, p := range panels {
		rows = max(rows, t.rowsWidth(p.rows))
	}
	choices := []struct {
		columns []int
		room    vg.Length // the least for the plot, of the figure's width
	}{{[]int{0, 1, 2, 3}, 0.22}, {[]int{0, 3}, 0.33}, {[]int{3}, t.size() * forestRoom / t.width}, {nil, 0}}
	if !filled {
		choices = choices[1:]
	}
	for _, choice := range choices {
		pick := func(p *panel) (out []textColumn) {
			for _, c := range choice.columns {
				out = append(out, p.columns[c])
			}
			return out
		}
		room := t.width - rows - t.columnsWidth(pick(panels[0])) - t.size()*2
		if room < t.width*choice.room {
			continue
		}
		for _, p := range panels {
			p.columns = pick(p)
			x := &p.plot.X
			t.nameAxis(p, t.across(x.Label.Text, t.underAxis(room*1.6)), room)
			if _, log := x.Scale.(plot.LogScale); !log {
				x.Tick.Marker = t.ticksFor(room)
			}
		}
		return len(choice.columns) == 4, t.columnsLeft(all, panels[0].columns)
	}
	return false, nil
}

// valuesOf tells what is observed of the outcomes: means (""), shares, both, rates, or
// rates among others.
func valuesOf(groups [][]forestRow) string {
	means, shares, rates := false, false, false
	for _, g := range groups {
		for _, r := range g {
			means, shares, rates = means || r.outcome.Measured(), shares || r.outcome.Binary(), rates || r.outcome.Counted()
		}
	}
	switch {
	case rates && (means || shares):
		return "-kinds"
	case rates:
		return "-rates"
	case means && shares:
		return "-both"
	case shares:
		return "-shares"
	}
	return ""
}

// marks are what the row's limits are held against, as they are printed.
func (r forestRow) marks() []float64 {
	marks := r.row.Marks(r.outcome)
	for i := range marks {
		if !r.row.Measure.Plain() {
			marks[i] = r.outcome.Shown(marks[i])
		}
	}
	return marks
}

// observed is an arm's mean (SD), or of a binary outcome its count and percentage.
func (t *theme) observed(s study.Summary, digits int) string {
	switch {
	case s.Levels != nil: // of which there is a figure
		return ""
	case s.Rate != nil && s.N > 0:
		return fmt.Sprintf("%d/%s", s.Rate.Events, t.exposure(*s.Rate))
	case s.Share == nil:
		return t.meanSD(s.Description, digits)
	}
	if s.N == 0 {
		return ""
	}
	return t.say("share-cell", map[string]any{"events": s.Share.Events, "n": s.N, "percent": t.num(100*s.Share.Value, s.Share.Digits())})
}

// forestRowHeight is a row's height in units of the type size.
func forestRowHeight(r forestRow) float64 { return 0.6 + render.LineHeight*float64(lineCount(r.label)) }

// rowMethod names a row's method, and says where it cannot take strata and where its
// interval holds together with those of the other primary hypotheses.
func (t *theme) rowMethod(r study.Row) string {
	s := t.method(r.Method)
	if r.WithoutStrata {
		s = t.say("method-without-strata", map[string]any{"method": s})
	}
	if r.Together != "" {
		s = t.say("plot-method-together", map[string]any{"method": s, "adjust": t.say("adjust-"+string(r.Together), nil)})
	}
	return s
}

// method names a method, by its code where the catalog has no words.
func (t *theme) method(m study.Method) string {
	if c := "plot-method-" + string(m); t.cat.Has(c) {
		return t.say(c, nil)
	}
	return string(m)
}

// place is the row's name at a height: headings have the whole line, visits are
// not bold.
func (r forestRow) place(y float64) rowLabel {
	return rowLabel{y: y, text: r.label, bold: r.heading && !r.visitOf, indent: !r.heading || r.visitOf, deep: !r.heading && r.several, span: r.heading}
}

// lastVisit is the visit of the last row, "" after a heading of an outcome.
func lastVisit(g []forestRow) string {
	if len(g) == 0 {
		return ""
	}
	return g[len(g)-1].row.Visit
}

// fitForest wraps row labels to a third of the figure's width.
func (t *theme) fitForest(groups [][]forestRow) {
	for _, g := range groups {
		for i, r := range g {
			sty, indent := t.rowStyle(r.place(0))
			room := t.width*0.31 - indent - t.size()
			if r.heading {
				room = t.width * headingRoom
			}
			g[i].label = t.rowName(sty, r.label, room)
		}
	}
}

// estimate writes "−2.90 (−5.00 to −0.80)".
func (t *theme) estimate(r study.Row, decimals int, marks ...float64) string {
	if r.Withheld() {
		return t.say("plot-estimate-withheld", map[string]any{"value": t.num(r.Estimate, decimals)})
	}
	if math.IsNaN(r.Lower) || math.IsNaN(r.Upper) {
		return t.num(r.Estimate, decimals)
	}
	return t.say("plot-estimate", map[string]any{"value": t.num(r.Estimate, decimals),
		"lower": t.limit(r.Lower, decimals, marks...), "upper": t.limit(r.Upper, decimals, marks...)})
}

// estimateAt is estimate that names the interval's level.
func (t *theme) estimateAt(r study.Row, decimals int, marks ...float64) string {
	if math.IsNaN(r.Lower) || math.IsNaN(r.Upper) {
		return t.estimate(r, decimals, marks...)
	}
	return t.say("plot-estimate-level", map[string]any{"value": t.num(r.Estimate, decimals), "level": t.level(r.Level),
		"lower": t.limit(r.Lower, decimals, marks...), "upper": t.limit(r.Upper, decimals, marks...)})
}

func appendNew(xs []string, x string) []string {
	for _, y := range xs {
		if y == x {
			return xs
		}
	}
	return append(xs, x)
}
