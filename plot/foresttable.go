package plot

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

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
	// Arm gives the row the arm's look; the zero value is black.
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
	// Better says at which side of Null the words "favors active" stand; 0
	// leaves them out.
	Better study.Direction
	Null   float64
	// Band shades the differences too small to matter, from and to; both 0:
	// none.
	Band [2]float64
	// Notes are the sentences of the footnote.
	Notes []string
	// together of the last columns give way at once.
	together int
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
	for _, r := range table.Rows {
		if l := table.levelOf(r); !(l > 0 && l < 1) {
			return nil, fmt.Errorf("plot: Forest: confidence level %v is not between 0 and 1", l)
		}
	}
	if math.IsNaN(table.Null) || math.IsInf(table.Null, 0) || !(table.Band[0] <= table.Band[1]) || math.IsInf(table.Band[1]-table.Band[0], 0) {
		return nil, fmt.Errorf("plot: Forest: null %v, band %v", table.Null, table.Band)
	}
	t, err := newTheme(o.Options, true, table.Study)
	if err != nil {
		return nil, err
	}
	f := &Figure{theme: t, title: t.opt.Title}
	if f.title == "" {
		f.title = table.Title
	}
	looks := t.looks(table.Arms)
	// Rows from the top down; y counts em squares from the bottom.
	labels := make([]string, len(table.Rows))
	grouped := false
	for _, r := range table.Rows {
		grouped = grouped || r.Heading
	}
	var height float64
	ys := make([]float64, len(table.Rows))
	for k := len(table.Rows) - 1; k >= 0; k-- {
		r := table.Rows[k]
		sty, indent := t.rowStyle(rowLabel{bold: r.Heading, indent: grouped && !r.Heading})
		labels[k] = t.rowName(sty, r.Label, t.width*0.3-indent-t.size())
		h := 0.6 + render.LineHeight*float64(lineCount(labels[k]))
		ys[k] = height + h/2
		height += h
	}
	pn := t.newPanel(0, 0, t.size()*vg.Length(math.Max(height, 1)))
	f.panels = []*panel{pn}
	p := pn.plot
	setRange(&p.Y, 0, math.Max(height, 1))
	p.HideY()
	var xs span
	xs.add(table.Null)
	if from, to := table.Band[0], table.Band[1]; from < to {
		xs.add(from, to)
		pn.add(&bandMarks{color: bandGray, rects: []dataRect{{from, to, 0, height}}})
	}
	pn.add(&refLine{theme: t, value: table.Null, upright: true, color: inkGray})
	cols := make([]textColumn, len(table.Columns)+1)
	for c, h := range t.headers(table.Columns...) {
		cols[c] = textColumn{header: h, right: true}
	}
	last := len(table.Columns)
	var ls levels
	for _, r := range table.Rows {
		if r.Effect != nil {
			ls.add(table.levelOf(r), r.Label)
		}
	}
	cols[last] = textColumn{header: t.say("plot-column-difference", map[string]any{"level": ls.words(t)}), paren: true}
	write := t.estimate
	if ls.mixed() { // each says its own
		cols[last].header, write = t.say("plot-column-difference-own", nil), t.estimateAt
	}
	drawn := 0
	var widths span
	var alts []string
	for k, r := range table.Rows {
		pn.rows = append(pn.rows, rowLabel{y: ys[k], text: labels[k], bold: r.Heading, indent: grouped && !r.Heading})
		for c := range table.Columns {
			if c < len(r.Cells) && r.Cells[c] != "" {
				cols[c].cells = append(cols[c].cells, textCell{ys[k], r.Cells[c]})
			}
		}
		if r.Effect == nil {
			continue
		}
		level := table.levelOf(r)
		it := fromEffect(ys[k], r.Effect, level)
		if math.IsNaN(it.value) || math.IsInf(it.value, 0) {
			return nil, fmt.Errorf("plot: Forest: row %d, %q: estimate %v", k, r.Label, it.value)
		}
		row := study.Row{Estimate: it.value, Lower: it.lo, Upper: it.hi, Level: level}
		cols[last].cells = append(cols[last].cells, textCell{ys[k], write(row, table.Decimals)})
		l, ok := looks[r.Arm.ID]
		if !ok {
			l = look{color: rgb(0x000000)}
		}
		scale := 0.8
		if r.Strong {
			scale = 1.15
		}
		pn.add(&intervalMarks{theme: t, look: l, flat: true, scale: scale, items: []interval{it}})
		alts = append(alts, t.say("plot-forest-alt", map[string]any{"label": r.Label, "value": t.estimateAt(row, table.Decimals), "unit": table.Unit}))
		xs.add(it.value)
		widths.add(it.hi - it.lo)
		drawn++
	}
	if drawn == 0 {
		return nil, fmt.Errorf("plot: Forest: no row has an effect")
	}
	// Very wide intervals end in arrows rather than squeeze the others: those
	// more than six times as wide as the narrowest.
	for _, r := range table.Rows {
		if r.Effect != nil {
			ci := r.Effect.CI(table.levelOf(r))
			if !(ci.Hi-ci.Lo > 6*math.Max(widths.lo, 1e-12)) || drawn == 1 {
				xs.add(ci.Lo, ci.Hi)
			}
		}
	}
	reach := math.Max(math.Abs(xs.lo-table.Null), math.Abs(xs.hi-table.Null))
	xs.add(table.Null-0.3*reach, table.Null+0.3*reach)
	lo, hi := niceRange(xs.lo, xs.hi, 6)
	setRange(&p.X, lo, hi)
	// Columns give way from the right where the figure is narrow.
	room := func() vg.Length {
		return t.width - t.rowsWidth(pn.rows) - t.columnsWidth(cols) - t.size()*2
	}
	for gone := max(table.together, 1); len(cols) > 1 && room() < t.width*0.22; gone = 1 {
		kept := max(0, len(cols)-1-gone)
		cols = append(cols[:kept:kept], cols[len(cols)-1])
	}
	pn.columns = cols
	p.X.Tick.Marker = t.ticksFor(room())
	p.X.Label.Text = t.across(table.Axis, room()*1.3)
	if table.Better.Sign() != 0 {
		worse, better := t.say("plot-favors-control", nil), t.say("plot-favors-active", nil)
		if table.Better == study.LowerIsBetter {
			worse, better = better, worse
		}
		pn.below = append(pn.below, &keyStrip{left: worse, right: better, at: table.Null})
	}
	f.footnote = strings.Join(table.Notes, " ")
	f.caption = table.Notes
	f.alt = sentence(f.title) + " " + strings.Join(alts, " ")
	return f, nil
}

// SubgroupsOptions are the choices of SubgroupsWith.
type SubgroupsOptions struct {
	Options
	// NoThreshold leaves the band of the threshold out.
	NoThreshold bool
}

// Subgroups answers "does the difference depend on who the participants are?":
// a forest plot of one result's difference for everyone and within each level
// of each covariate (study.SubgroupsOf). Read the p-value of the interaction
// first: it alone says whether levels differ. Whether one level's interval
// holds 0 says nothing about that, and subgroups that were not specified
// beforehand are exploratory.
// Convention: Wang et al. 2007, N Engl J Med 357:2189,
// doi:10.1056/NEJMsr077003.
func Subgroups(result study.Result, subgroups ...study.Subgroups) (*Figure, error) {
	return SubgroupsWith(result, SubgroupsOptions{}, subgroups...)
}

// SubgroupsWith is Subgroups with choices.
func SubgroupsWith(result study.Result, o SubgroupsOptions, subgroups ...study.Subgroups) (*Figure, error) {
	if len(subgroups) == 0 {
		return nil, fmt.Errorf("plot: Subgroups: no subgroups")
	}
	t, err := newTheme(o.Options, true, result.Study)
	if err != nil {
		return nil, err
	}
	d := decimals(result.Outcome)
	arms := map[string]study.Arm{}
	for _, a := range result.Arms {
		arms[a.ID] = a
	}
	several := len(result.Arms) > 2
	table := ForestTable{Study: result.Study, Arms: result.Arms, Level: result.Level, Unit: result.Outcome.Unit, Decimals: d,
		Better: result.Outcome.Better, Axis: t.differenceAxis(result.Outcome),
		Title:   t.say("plot-subgroups-title", map[string]any{"outcome": name(result.Outcome.Label, result.Outcome.ID), "visit": visitName(result.Visit)}),
		Columns: []string{t.say("plot-subgroups-n", nil), t.say("plot-subgroups-active", nil), t.say("plot-subgroups-control", nil)}, together: 2}
	banded := margin(result.Outcome) != nil && !o.NoThreshold
	if banded {
		table.Band[0], table.Band[1] = band(result.Outcome)
	}
	row := func(r study.SubgroupRow, strong bool) ForestRow {
		label := capitalized(r.Level)
		if strong {
			label = t.say("plot-subgroups-all", nil)
		}
		if several {
			label += ": " + armName(arms[r.Arm])
		}
		return ForestRow{Label: label, Effect: r.Effect, Arm: arms[r.Arm], Strong: strong, Heading: strong,
			Cells: []string{fmt.Sprintf("%d/%d", r.Treated.N, r.Reference.N), t.meanSD(r.Treated, d), t.meanSD(r.Reference, d)}}
	}
	empty, missing := false, 0
	var deciding []string
	for _, r := range subgroups[0].All {
		table.Rows = append(table.Rows, row(r, true))
		if r.Method != study.MethodANCOVA {
			deciding = appendNew(deciding, t.method(r.Method))
		}
	}
	for _, g := range subgroups {
		head := capitalized(g.Covariate)
		if g.Interaction != nil {
			head += t.say("plot-subgroups-interaction", map[string]any{"p": t.pvalue(g.Interaction.P())})
		}
		table.Rows = append(table.Rows, ForestRow{Label: head, Heading: true})
		for _, r := range g.Rows {
			table.Rows = append(table.Rows, row(r, false))
			empty = empty || r.Effect == nil
		}
		missing = max(missing, g.Missing)
	}
	table.Notes = []string{t.say("plot-subgroups-method", map[string]any{"level": t.level(result.Level)})}
	if len(deciding) > 0 {
		table.Notes = append(table.Notes, t.say("plot-subgroups-all-method", map[string]any{"methods": t.join(deciding)}))
	}
	if empty {
		table.Notes = append(table.Notes, t.say("plot-subgroups-empty", nil))
	}
	if missing > 0 {
		table.Notes = append(table.Notes, t.say("plot-subgroups-missing", nil))
	}
	if banded {
		table.Notes = append(table.Notes, t.say("plot-band", map[string]any{"list": t.bandItem(result.Outcome)}))
	}
	notes := table.Notes
	table.Notes = append(notes[:1:1], append([]string{t.say("plot-differences-means", nil)}, notes[1:]...)...)
	f, err := ForestWith(table, ForestOptions{Options: o.Options})
	if err == nil && len(f.panels[0].columns) <= len(table.Columns)-1 { // no room for the means
		f.footnote, f.caption = strings.Join(notes, " "), notes
	}
	return f, err
}

// capitalized begins a row's name with a capital, unless its first word has any
// or a digit: "pH" stays.
func capitalized(s string) string {
	word, _, _ := strings.Cut(s, " ")
	for _, r := range word {
		if !unicode.IsLower(r) && r != '-' {
			return s
		}
	}
	if word == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
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
