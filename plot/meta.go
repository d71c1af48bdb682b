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
)

// MetaRow is one study of a meta-analysis.
type MetaRow struct {
	Label                  string
	Estimate, Lower, Upper float64
	// Weight in the pooled estimate, in any unit; all 0 where unknown.
	Weight float64
}

// MetaPooled is the pooled estimate, from the meta-analysis that was done.
type MetaPooled struct {
	// Label says the model, such as "REML, Hartung–Knapp"; the row is named
	// "Pooled effect" with it in brackets.
	Label                  string
	Estimate, Lower, Upper float64
	// Prediction interval for the effect in a new setting; both 0 or NaN where
	// there is none.
	PredictLower, PredictUpper float64
	// Heterogeneity between the studies, for the footnote: variance, percentage
	// of variation, and Cochran's Q with its p-value. Not written for QDF = 0.
	Tau2, I2, Q, QDF, QP float64
}

// MetaOptions are the choices of MetaWith.
type MetaOptions struct {
	Options
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	Level float64 // of the intervals; 0 means 0.95
	// Measure names the effect for the axis: "Mean difference (mm)".
	Measure string
	// Unit of the effect, after the numbers in the words of the figure: "mm".
	Unit string
	// Ratio says that effects are ratios: null 1 and a logarithmic axis.
	Ratio bool
	// Better says on which side of the null the treatment is favored; where it is
	// not set no side is.
	Better study.Direction
	// Treatment and Control name what the studies compare, for the words under the
	// axis; without both an arrow says which way is better.
	Treatment, Control string
	// Decimals of estimates; 0 means 2.
	Decimals int
}

// Meta answers "what do the studies say together, and how much do they
// differ?": a forest plot with a square and interval for each study, its area
// in proportion to the study's weight, and a diamond for the pooled estimate,
// as wide as its interval. Read the spread of the squares first; the line under
// the diamond is the prediction interval, in which the effect of a similar new
// study is expected: it, not the diamond, says what to expect elsewhere. Studies
// stand in the order given.
// Convention: Lewis & Clarke 2001, BMJ 322:1479, doi:10.1136/bmj.322.7300.1479;
// prediction intervals, Riley, Higgins & Deeks 2011, BMJ 342:d549,
// doi:10.1136/bmj.d549.
func Meta(studies []MetaRow, pooled ...MetaPooled) (*Figure, error) {
	return MetaWith(studies, pooled, MetaOptions{})
}

// MetaWith is Meta with choices.
func MetaWith(studies []MetaRow, pooled []MetaPooled, o MetaOptions) (*Figure, error) {
	return onePage(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		level, err := levelOr95("Meta", o.Level)
		if err != nil {
			return nil, err
		}
		if err := checkMeta(studies, pooled, o.Ratio); err != nil {
			return nil, err
		}
		t, err := newTheme(o.Options, true, o.Study)
		if err != nil {
			return nil, err
		}
		if o.Decimals == 0 {
			o.Decimals = 2
		}
		c := &meta{t: t, o: o, level: level, studies: studies, pooled: pooled,
			f:     t.figure("plot-meta-title", nil),
			marks: &metaMarks{theme: t, look: t.plainLook(0), diamond: t.plainLook(2).color}}
		for _, s := range studies {
			c.total += s.Weight
		}
		c.placeRows()
		c.drawStudies()
		c.drawPooled()
		c.frame()
		c.words()
		return c.f, nil
	})
}

// meta is the chart while it is made.
type meta struct {
	t         *theme
	o         MetaOptions
	level     float64
	studies   []MetaRow
	pooled    []MetaPooled
	total     float64 // of the weights
	f         *Figure
	pn        *panel
	marks     *metaMarks
	ys        []float64 // of the rows: studies, then pooled
	labels    []string
	xs        span
	estimates textColumn
	weights   textColumn
	alts      []string
	left      []string // a note of columns without room
}

// placeRows sets the rows from the bottom up, in units of the type size.
func (c *meta) placeRows() {
	t, names := c.t, c.t.width*0.3
	if t.opt.dense.close() { // fewer lines, for the price of columns
		names = t.width * 0.5
	}
	for _, s := range c.studies {
		c.labels = append(c.labels, strings.Join(t.wrap(t.text(), s.Label, names), "\n"))
	}
	column := t.width * 0.2 // which the studies may widen, the pooled effects' long names do not
	for _, l := range c.labels {
		column = max(column, t.text().Width(l))
	}
	for _, q := range c.pooled {
		c.labels = append(c.labels, strings.Join(t.balance(t.bold(), t.pooledName(q), column), "\n"))
	}
	c.ys = make([]float64, len(c.labels))
	height := 0.0
	for i, label := range slices.Backward(c.labels) {
		h := 0.55*t.opt.dense.lower() + render.LineHeight*float64(lineCount(label))
		if i >= len(c.studies) {
			h += 0.8 // a diamond and its prediction interval
			if hasPrediction(c.pooled[i-len(c.studies)]) {
				h += 0.4
			}
		}
		c.ys[i] = height + h/2
		height += h
	}
	c.pn = t.newPanel(0, 0, t.size()*vg.Length(height))
	c.f.panels = []*panel{c.pn}
	setRange(&c.pn.plot.Y, 0, height)
	c.pn.hideY()
	c.pn.least = t.size() * forestRoom
	c.estimates.header = t.say("plot-meta-column", map[string]any{"level": t.level(c.level)})
	c.weights = textColumn{header: t.say("plot-meta-weight", nil), right: true}
	c.xs.add(c.null())
}

// pooledName names the row of a pooled estimate.
func (t *theme) pooledName(q MetaPooled) string {
	if q.Label == "" {
		return t.say("plot-meta-pooled", nil)
	}
	return t.say("plot-meta-pooled-by", map[string]any{"model": q.Label})
}

// null is the value of no effect.
func (c *meta) null() float64 {
	if c.o.Ratio {
		return 1
	}
	return 0
}

// write writes an estimate with its interval.
func (c *meta) write(e, lo, hi float64) string {
	return c.t.say("plot-estimate", map[string]any{"value": c.t.num(e, c.o.Decimals),
		"lower": c.t.num(lo, c.o.Decimals), "upper": c.t.num(hi, c.o.Decimals)})
}

func (c *meta) drawStudies() {
	heaviest := 0.0
	for _, s := range c.studies {
		heaviest = math.Max(heaviest, s.Weight)
	}
	for i, s := range c.studies {
		y, side := c.ys[i], 1.0
		if c.total > 0 {
			c.weights.cells = append(c.weights.cells, textCell{y, c.t.num(100*(s.Weight/c.total), 1)})
			side = math.Sqrt(s.Weight / heaviest)
		}
		c.marks.studies = append(c.marks.studies, metaMark{interval{y, s.Estimate, s.Lower, s.Upper}, side})
		c.xs.add(s.Estimate)
		text := c.write(s.Estimate, s.Lower, s.Upper)
		c.estimates.cells = append(c.estimates.cells, textCell{y, text})
		c.pn.rows = append(c.pn.rows, rowLabel{y: y, text: c.labels[i]})
		c.alts = append(c.alts, s.Label+": "+text+".")
	}
}

func (c *meta) drawPooled() {
	for k, q := range c.pooled {
		i := len(c.studies) + k
		t, y, text := c.t, c.ys[i], c.write(q.Estimate, q.Lower, q.Upper)
		d := metaDiamond{interval: interval{y, q.Estimate, q.Lower, q.Upper}}
		c.xs.add(q.Lower, q.Upper)
		alt := t.pooledName(q) + ": " + text + "."
		if hasPrediction(q) {
			d.predict, d.pLo, d.pHi = true, q.PredictLower, q.PredictUpper
			c.xs.add(q.PredictLower, q.PredictUpper)
			alt += " " + c.t.say("plot-meta-alt-prediction", map[string]any{
				"lower": c.t.num(q.PredictLower, c.o.Decimals), "upper": c.t.num(q.PredictUpper, c.o.Decimals)})
		}
		c.marks.pooled = append(c.marks.pooled, d)
		c.estimates.cells = append(c.estimates.cells, textCell{y, text})
		c.pn.rows = append(c.pn.rows, rowLabel{y: y, text: c.labels[i], bold: true})
		c.alts = append(c.alts, alt)
	}
}

// frame sets the x axis and the columns, which give way where the figure is
// narrow, and draws.
func (c *meta) frame() {
	t, pn := c.t, c.pn
	t.metaRange(pn, c.xs, c.studies, c.o.Ratio)
	pn.columns = []textColumn{c.weights, c.estimates}
	if c.total == 0 {
		pn.columns = pn.columns[1:]
	}
	all := pn.columns
	room := func() vg.Length { return t.width - t.rowsWidth(pn.rows) - t.columnsWidth(pn.columns) - t.size()*2 }
	if len(pn.columns) == 2 && room() < t.width*0.3 {
		pn.columns = pn.columns[1:]
	}
	if room() < t.width*0.22 {
		pn.columns = nil
	}
	c.left = t.forestLeft(all, pn.columns)
	if !c.o.Ratio {
		pn.plot.X.Tick.Marker = t.ticksFor(room())
	}
	measure := c.o.Measure
	if measure == "" {
		measure = t.say("plot-meta-axis", nil)
	}
	pn.add(&refLine{theme: t, value: c.null(), upright: true, color: inkGray}, c.marks)
	if c.o.Better != study.BetterUnset {
		pn.below = append(pn.below, t.favors(c.o.Better, c.null(), pairOf(c.o.Treatment, c.o.Control)))
	}
	t.nameAxis(pn, t.across(measure, t.underAxis(room()*1.4)), room())
}

// pairOf are the two arms that studies compare, where both are named.
func pairOf(treatment, control string) []study.Arm {
	if treatment == "" || control == "" {
		return nil
	}
	return []study.Arm{{ID: treatment}, {ID: control, Control: true}}
}

func (c *meta) words() {
	t, level := c.t, map[string]any{"level": c.t.level(c.level)}
	foot := []string{t.say("plot-meta-method", level)}
	if c.total > 0 {
		foot[0] += " " + t.say("plot-meta-squares", nil)
	}
	for _, q := range c.pooled {
		if hasPrediction(q) {
			foot = appendNew(foot, t.say("plot-meta-prediction", level))
		}
		if q.QDF > 0 {
			foot = appendNew(foot, t.say("plot-meta-heterogeneity", map[string]any{"tau2": t.num(q.Tau2, c.o.Decimals),
				"i2": t.num(q.I2, 0), "q": t.num(q.Q, 1), "df": t.shortest(q.QDF), "p": t.pvalue(q.QP)}))
		}
	}
	if c.left != nil { // the caption has their numbers
		c.f.note(append(foot, c.left...), c.alts...)
	} else {
		c.f.note(foot)
	}
	if c.o.Measure != "" {
		c.f.what = t.say("plot-alt-outcome", map[string]any{"outcome": c.o.Measure, "answer": c.f.what})
	}
	c.f.tell(c.answer(), c.alts...)
}

// answer is the pooled estimate, or the spread of the studies without one.
func (c *meta) answer() string {
	t := c.t
	lo, hi := c.studies[0], c.studies[0]
	for _, s := range c.studies {
		if s.Estimate < lo.Estimate {
			lo = s
		}
		if s.Estimate > hi.Estimate {
			hi = s
		}
	}
	said := map[string]any{"k": len(c.studies), "low": t.num(lo.Estimate, c.o.Decimals), "high": t.num(hi.Estimate, c.o.Decimals), "unit": spaced(c.o.Unit)}
	out := []string{t.say("plot-alt-meta", said)}
	for _, q := range c.pooled {
		out = append(out, t.say("plot-alt-pooled", map[string]any{"name": t.pooledName(q), "value": t.num(q.Estimate, c.o.Decimals), "level": t.level(c.level),
			"lower": t.num(q.Lower, c.o.Decimals), "upper": t.num(q.Upper, c.o.Decimals), "unit": spaced(c.o.Unit)}))
	}
	return strings.Join(out, "; ")
}

// pvalue writes a p-value with its relation, on one line.
func (t *theme) pvalue(p float64) string {
	return t.midline(strings.ReplaceAll(t.cat.P(p), " ", "\u00a0"))
}

// MetaOf takes the rows of Meta from a meta-analysis of package stats: labels
// name its studies in order, label the model.
func MetaOf(m stats.Meta, labels []string, label string, level float64) ([]MetaRow, []MetaPooled, error) {
	return metaOf(m, labels, label, level, func(x float64) float64 { return x })
}

// MetaOfRatios is MetaOf for an analysis of logarithms: its rows are ratios.
func MetaOfRatios(m stats.Meta, labels []string, label string, level float64) ([]MetaRow, []MetaPooled, error) {
	return metaOf(m, labels, label, level, math.Exp)
}

func metaOf(m stats.Meta, labels []string, label string, level float64, back func(float64) float64) ([]MetaRow, []MetaPooled, error) {
	if len(m.Studies) == 0 {
		return nil, nil, errors.New("plot: MetaOf: no studies")
	}
	if len(labels) != len(m.Studies) {
		return nil, nil, fmt.Errorf("plot: MetaOf: %d labels for %d studies", len(labels), len(m.Studies))
	}
	if !(level > 0 && level < 1) {
		return nil, nil, fmt.Errorf("plot: MetaOf: confidence level %v is not between 0 and 1", level)
	}
	var rows []MetaRow
	for i, s := range m.Studies {
		s.DF = math.Inf(1) // standard errors are taken as known
		ci := s.CI(level)
		rows = append(rows, MetaRow{labels[i], back(s.Value), back(ci.Lo), back(ci.Hi), m.Weights[i]})
	}
	ci, predict := m.CI(level), m.Prediction(level)
	q := MetaPooled{Label: label, Estimate: back(m.Value), Lower: back(ci.Lo), Upper: back(ci.Hi),
		Tau2: m.Tau2, I2: 100 * m.I2(), Q: m.Q, QDF: m.QDF, QP: m.QP()}
	if finite(predict.Lo, predict.Hi) {
		q.PredictLower, q.PredictUpper = back(predict.Lo), back(predict.Hi)
	}
	return rows, []MetaPooled{q}, nil
}

func hasPrediction(q MetaPooled) bool {
	return finite(q.PredictLower, q.PredictUpper) && (q.PredictLower != 0 || q.PredictUpper != 0)
}

func checkMeta(studies []MetaRow, pooled []MetaPooled, ratio bool) error {
	if len(studies) == 0 {
		return fmt.Errorf("plot: Meta: no studies")
	}
	check := func(what string, e, lo, hi float64) error {
		switch {
		case math.IsNaN(e) || math.IsInf(e, 0) || math.IsNaN(lo) || math.IsNaN(hi) || lo > e || e > hi:
			return fmt.Errorf("plot: Meta: %s: %v (%v to %v) is no estimate inside an interval", what, e, lo, hi)
		case ratio && lo < 0 || ratio && e <= 0:
			return fmt.Errorf("plot: Meta: %s: %v (%v to %v) is no ratio", what, e, lo, hi)
		}
		return nil
	}
	for _, s := range studies {
		if err := check(s.Label, s.Estimate, s.Lower, s.Upper); err != nil {
			return err
		}
		if !finite(s.Weight) || s.Weight < 0 {
			return fmt.Errorf("plot: Meta: %s: weight %v", s.Label, s.Weight)
		}
	}
	for _, q := range pooled {
		if err := check(q.Label, q.Estimate, q.Lower, q.Upper); err != nil {
			return err
		}
		if !finite(q.Lower, q.Upper) || ratio && q.Lower <= 0 {
			return fmt.Errorf("plot: Meta: %s: a diamond needs a finite interval, not %v to %v", q.Label, q.Lower, q.Upper)
		}
		if hasPrediction(q) && (q.PredictLower > q.PredictUpper || ratio && q.PredictLower <= 0) {
			return fmt.Errorf("plot: Meta: %s: prediction interval %v to %v", q.Label, q.PredictLower, q.PredictUpper)
		}
	}
	return nil
}

// metaRange sets the x axis: as far as intervals go, but not farther from the
// null than three times the farthest estimate or pooled limit; arrows say that
// an interval goes on.
func (t *theme) metaRange(pn *panel, xs span, studies []MetaRow, ratio bool) {
	scale, back := func(x float64) float64 { return x }, func(x float64) float64 { return x }
	null := 0.0
	if ratio {
		scale, back = math.Log, math.Exp
	}
	var s span
	s.add(null, scale(xs.lo), scale(xs.hi))
	reach := math.Max(-s.lo, s.hi)
	if reach == 0 {
		reach = 1
	}
	for _, r := range studies {
		for _, x := range []float64{r.Lower, r.Upper} {
			if ratio && x <= 0 {
				x = back(-3 * reach)
			}
			s.add(clamp(scale(x), -3*reach, 3*reach))
		}
	}
	s.add(-0.3*reach, 0.3*reach)
	if !ratio {
		lo, hi := niceRange(s.lo, s.hi, 6)
		setRange(&pn.plot.X, lo, hi)
		return
	}
	pn.plot.X.Scale = plot.LogScale{}
	pn.plot.X.Tick.Marker = LogTicks{Format: t.num}
	setRange(&pn.plot.X, logEnd(back(s.lo), false), logEnd(back(s.hi), true))
}

// logEnd is the 1, 2 or 5 times a power of ten next to x, above or below.
func logEnd(x float64, up bool) float64 {
	e := math.Pow(10, math.Floor(math.Log10(x)+1e-12))
	below, above := e, 10*e
	for _, m := range []float64{5, 2} {
		if m*e >= x*(1-1e-9) {
			above = m * e
		}
	}
	for _, m := range []float64{2, 5, 10} {
		if m*e <= x*(1+1e-9) {
			below = m * e
		}
	}
	if !up {
		return below
	}
	if below >= x*(1-1e-9) {
		return below
	}
	return above
}

// metaMark is a study: its interval and the side of its square, 1 for the
// heaviest.
type metaMark struct {
	interval
	side float64
}

type metaDiamond struct {
	interval
	predict  bool
	pLo, pHi float64
}

// metaMarks draws squares, intervals, diamonds and prediction intervals.
type metaMarks struct {
	theme   *theme
	look    look
	diamond color.Color
	studies []metaMark
	pooled  []metaDiamond
}

// Plot implements plot.Plotter.
func (m *metaMarks) Plot(c draw.Canvas, p *plot.Plot) {
	lk := m.look
	lk.marker = squareMarker
	for _, s := range m.studies {
		if p.X.Scale != nil && s.lo <= 0 { // beyond any logarithmic axis
			if _, log := p.X.Scale.(plot.LogScale); log {
				s.lo = p.X.Min / 2
			}
		}
		line := &intervalMarks{theme: m.theme, look: lk, flat: true, scale: 1e-9, items: []interval{s.interval}}
		line.Plot(c, p)
		at := vg.Point{X: c.X(p.X.Norm(s.value)), Y: c.Y(p.Y.Norm(s.at))}
		r := m.theme.size() * 0.62 * vg.Length(math.Max(s.side, 0.12))
		squareMarker.draw(c, at, r, lk.color, draw.LineStyle{})
	}
	for _, d := range m.pooled {
		y, h := c.Y(p.Y.Norm(d.at)), m.theme.size()*0.55
		x := func(v float64) vg.Length { return c.X(clamp(p.X.Norm(v), 0, 1)) }
		if d.predict {
			y += m.theme.size() * 0.25
			below := y - m.theme.size()*0.95
			sty := draw.LineStyle{Color: m.diamond, Width: m.theme.line(1.9)}
			c.StrokeLine2(sty, x(d.pLo), below, x(d.pHi), below)
			for _, v := range []float64{d.pLo, d.pHi} {
				c.StrokeLine2(sty, x(v), below-m.theme.size()*0.22, x(v), below+m.theme.size()*0.22)
			}
		}
		c.FillPolygon(m.diamond, []vg.Point{{X: x(d.lo), Y: y}, {X: x(d.value), Y: y + h}, {X: x(d.hi), Y: y}, {X: x(d.value), Y: y - h}})
	}
}
