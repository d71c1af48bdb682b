package plot

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/lost"
)

// TippingOptions are the choices of TippingWith and TippingMapWith.
type TippingOptions struct{ Options }

// Tipping answers "how much worse than predicted may those lost be before the
// conclusion goes?": the difference between the arms, with its interval, over how much
// worse the lost of one arm were than predicted as missing at random, those of the
// other being as predicted. It takes a result with a delta analysis (assume: delta), a
// panel each. Read where the interval reaches 0, or the margin of a non-inferiority plan,
// the dashed upright line: is a loss as bad as that believable? Judged is the model that
// predicts the missing values, which the foot says, and where the plan's row disagrees.
// Convention: delta adjustment with a tipping point, Carpenter, Roger & Kenward 2013,
// doi:10.1080/10543406.2013.834911.
func Tipping(result study.Result) (*Figure, error) { return TippingWith(result, TippingOptions{}) }

// TippingWith is Tipping with choices.
func TippingWith(result study.Result, o TippingOptions) (*Figure, error) {
	c, err := newTipping("Tipping", result, o, "plot-tipping-title", func(study.SensitivityRow) string { return "" })
	if err != nil {
		return nil, err
	}
	var ys span
	ys.add(0)
	for _, row := range c.rows {
		ys.add(bounds(row)...)
		for _, s := range row.Tipping.Curve {
			ys.add(s.Lower, s.Upper)
		}
	}
	lo, hi := changeRange(c.s.outcome, ys, 6)
	fit := func() {
		c.f.onPage(c.t.height(50), c.t.height(25), (len(c.rows)+c.cols-1)/c.cols, func(high vg.Length) {
			c.f.panels, c.alts = nil, nil
			for i := range c.rows {
				c.addCurve(i, high, lo, hi)
			}
		})
	}
	if c.margin != "" {
		code := map[string]string{"-margin": "plot-lsmeanchange-noninferiority", "-equivalence": "plot-lsmeanchange-equivalence"}[c.margin]
		c.f.legend = append(c.f.legend, legendItem{look: look{color: inkGray, dashes: c.t.dashes(1, 1.5)}, line: true, bare: true,
			text: c.t.say(code, map[string]any{"value": c.marginArgs()["margin"], "unit": c.s.outcome.Unit})})
	}
	fit()
	foot := []string{c.t.say("plot-tipping-method", map[string]any{"who": c.who, "level": c.t.level(result.Level)})}
	if slices.ContainsFunc(c.rows, func(r study.SensitivityRow) bool { return r.Tipping.Found || r.Tipping.FoundBetter }) {
		foot = append(foot, c.t.say("plot-tipping-line"+c.margin, map[string]any{"alpha": c.t.shortest(roundTo(1-result.Level, 6))}))
	}
	if c.margin != "" {
		foot = append(foot, c.t.say("plot-tipping"+c.margin, c.marginArgs()))
	}
	foot = append(append(foot, c.held()...), c.judged()...)
	c.f.note(append(foot, c.lostNote()...))
	if c.f.perhapsTooHigh() && c.f.TooHigh() { // with the words beneath
		fit()
	}
	c.f.tell(c.t.altAt(result.Visit, strings.Join(c.answers(), "; ")), c.alts...)
	return c.f, nil
}

// held says that imputed values are held inside the scale.
func (c *tipping) held() []string {
	if c.rows[0].Tipping.Held == nil {
		return nil
	}
	return []string{c.t.say("plot-tipping-held", map[string]any{"m": c.rows[0].Imputations})}
}

// tipping is the chart while it is made.
type tipping struct {
	drawing
	result study.Result
	who    string // those lost, in words
	aside  string // the ending of codes where values are set aside
	margin string // and where the plan is one of non-inferiority, or of equivalence
	rows   []study.SensitivityRow
	cols   int
	alts   []string
}

// newTipping takes the delta analyses with an answer, one of each key, of the first's claim.
func newTipping(fn string, result study.Result, o TippingOptions, title string, key func(study.SensitivityRow) string) (*tipping, error) {
	s, err := newSeries(fn, []study.Result{result})
	if err != nil {
		return nil, err
	}
	c := &tipping{result: result}
	seen := map[string]bool{}
	for _, row := range result.Sensitivity {
		if row.Tipping == nil || len(row.Notes) > 0 || seen[key(row)] {
			continue
		}
		if len(c.rows) > 0 && (row.Null != c.rows[0].Null || row.Equivalence != c.rows[0].Equivalence) { // another plan's claim, which these words are not about
			continue
		}
		seen[key(row)] = key(row) != ""
		c.rows = append(c.rows, row)
	}
	if len(c.rows) == 0 {
		return nil, fmt.Errorf("plot: %s: %q at visit %q has no delta analysis with an estimate", fn, result.Outcome.ID, result.Visit.ID)
	}
	c.aside = setAside(result)
	switch {
	case c.rows[0].Equivalence > 0:
		c.margin = "-equivalence"
		if fn == "Tipping" {
			title += c.margin
		}
	case c.rows[0].Null != 0:
		c.margin = "-margin"
	}
	if c.drawing, err = s.draw(o.Options, len(c.rows) > 1, title+c.aside); err != nil {
		return nil, err
	}
	c.who = c.t.say("plot-lost-who"+c.aside, nil)
	c.cols = panelColumns(c.t, len(c.rows))
	return c, nil
}

// setAside is the ending of codes where values of some are set aside.
func setAside(r study.Result) string {
	if r.Lost != nil && r.Lost.SetAside > 0 {
		return "-aside"
	}
	return ""
}

// marginArgs are a margin's in words.
func (c *tipping) marginArgs() map[string]any {
	return map[string]any{"margin": c.t.shortest(roundTo(math.Abs(c.rows[0].Null)+c.rows[0].Equivalence, 9)), "unit": c.s.outcome.Unit}
}

// bounds are the margins of a row's plan: none, one or two.
func bounds(row study.SensitivityRow) []float64 {
	switch {
	case row.Equivalence > 0:
		return []float64{-row.Equivalence, row.Equivalence}
	case row.Null != 0:
		return []float64{row.Null}
	}
	return nil
}

// judged says which model judges, and where the plan's own row does not agree with it.
func (c *tipping) judged() []string {
	out := []string{c.t.say("plot-tipping-judged", nil)}
	for _, row := range c.rows {
		if shown, ok := c.result.Shows(row); ok && shown != row.Tipping.Significant {
			return append(out, c.t.say("plot-tipping-disagrees", nil))
		}
	}
	return out
}

// heading names a panel where there are several.
func (c *tipping) heading(row study.SensitivityRow) string {
	if len(c.rows) == 1 {
		return ""
	}
	return c.t.say("plot-contrast", map[string]any{"arm": c.short(row.Arm), "control": c.short(row.Control)})
}

func (c *tipping) short(arm string) string {
	for _, a := range c.s.arms {
		if a.ID == arm {
			return a.ShortLabel()
		}
	}
	return arm
}

// addCurve draws a delta analysis.
func (c *tipping) addCurve(i int, high vg.Length, lo, hi float64) {
	t, row := c.t, c.rows[i]
	p := row.Tipping
	pn := t.newPanel(i/c.cols, i%c.cols, high)
	c.f.panels = append(c.f.panels, pn)
	pn.title = c.heading(row)
	from, to := niceRange(p.From, p.To, 6)
	setRange(&pn.plot.X, from, to)
	setRange(&pn.plot.Y, lo, hi)
	room := t.width/vg.Length(c.cols) - t.size()*7
	pn.plot.X.Tick.Marker = t.ticksFor(room)
	pn.plot.X.Label.Text = t.across(capital(t.say("plot-tipping-x"+c.twoSided(), map[string]any{"who": c.who, "arm": c.short(p.Arm), "unit": unitAfterComma(c.s.outcome.Unit)})), room)
	if i%c.cols == 0 {
		pn.plot.Y.Label.Text = t.towardArm(t.outcomeDifferenceAxis(c.s.outcome, c.s.arms), c.s.outcome.Better, c.s.arms, high)
	}
	l := c.looks[row.Arm]
	var line, upper, lower []xy
	for _, s := range p.Curve {
		line, upper, lower = append(line, xy{s.Delta, s.Value}), append(upper, xy{s.Delta, s.Upper}), append(lower, xy{s.Delta, s.Lower})
	}
	area := slices.Clone(upper)
	for _, q := range slices.Backward(lower) {
		area = append(area, q)
	}
	pn.add(&shadeMarks{color: fade(l.color, 0.18), pts: area},
		&linesMarks{theme: t, color: fade(l.color, 0.6), width: 0.9, lines: [][]xy{upper, lower}},
		&refLine{theme: t, value: 0, color: inkGray})
	for _, at := range bounds(row) {
		pn.add(&refLine{theme: t, value: at, color: inkGray, dashes: t.dashes(1, 1.5)})
	}
	upright := func(at float64) {
		pn.add(&refLine{theme: t, value: at, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
	}
	top := func(at float64, code string) {
		pn.top = append(pn.top, topLabel{at, t.say(code, map[string]any{"alpha": t.shortest(roundTo(1-row.Level, 6)), "unit": c.s.outcome.Unit,
			"delta": t.num(p.Delta, c.result.Digits()), "better": t.num(p.Better, c.result.Digits())})})
	}
	worse := p.Found && p.Significant
	if worse {
		upright(p.Delta)
	}
	if p.FoundBetter {
		upright(-p.Better)
	}
	switch {
	case worse && p.FoundBetter: // one label, as two would run into each other
		top((p.Delta-p.Better)/2, "plot-tipping-at-equivalence-both")
	case worse:
		top(p.Delta, "plot-tipping-at"+c.margin)
	case p.FoundBetter:
		top(-p.Better, "plot-tipping-at-equivalence-better")
	}
	pn.add(&linesMarks{theme: t, color: l.color, width: 1.9, lines: [][]xy{line}})
	first, last := p.Curve[0], p.Curve[len(p.Curve)-1]
	for _, s := range []lost.Step{first, last} {
		c.alts = append(c.alts, capital(t.say("plot-tipping-alt"+c.twoSided(), map[string]any{"who": c.who, "delta": t.shortest(s.Delta), "arm": c.short(p.Arm), "unit": c.s.outcome.Unit,
			"value":      t.estimateAt(study.Row{Estimate: s.Value, Lower: s.Lower, Upper: s.Upper, Level: row.Level}, c.result.Digits()),
			"difference": t.say("plot-contrast", map[string]any{"arm": c.short(row.Arm), "control": c.short(row.Control)})})))
	}
}

// answers say where significance is lost.
func (c *tipping) answers() []string {
	var out []string
	for _, row := range c.rows {
		p := row.Tipping
		code, delta := "plot-tipping-none", p.To
		switch {
		case !p.Significant:
			code = "plot-tipping-never"
		case p.Found:
			code, delta = "plot-tipping-lost", p.Delta
		}
		out = append(out, c.t.say(code+c.margin, map[string]any{"who": c.who, "lost": c.t.shareOf(row.Lost[p.Arm], row.N[p.Arm]), "arm": c.short(p.Arm),
			"delta": c.t.num(delta, c.result.Digits()), "unit": c.s.outcome.Unit, "better": c.better(p), "alpha": c.t.shortest(roundTo(1-row.Level, 6)),
			"comparison": c.t.say("plot-contrast", map[string]any{"arm": c.short(row.Arm), "control": c.short(row.Control)})}))
	}
	return out
}

// better says from which delta on equivalence is lost where they are better than predicted.
func (c *tipping) better(p *study.TippingPoint) string {
	switch {
	case c.margin != "-equivalence":
		return ""
	case p.FoundBetter:
		return c.t.say("plot-tipping-better", map[string]any{"delta": c.t.num(p.Better, c.result.Digits()), "unit": c.s.outcome.Unit})
	}
	return c.t.say("plot-tipping-better-none", map[string]any{"delta": c.t.num(-p.From, c.result.Digits()), "unit": c.s.outcome.Unit})
}

// twoSided is the ending of codes where deltas go toward better too.
func (c *tipping) twoSided() string {
	if c.margin == "-equivalence" {
		return c.margin
	}
	return ""
}

// shareOf writes "22 of 60".
func (t *theme) shareOf(k, n int) string { return t.cat.Say("of", map[string]any{"n": k, "of": n}) }

// lostNote counts those lost by arm.
func (c *tipping) lostNote() []string {
	row := c.rows[0]
	var parts []string
	for _, a := range c.s.arms {
		if row.N[a.ID] > 0 {
			parts = append(parts, c.t.say("plot-lost-of", map[string]any{"arm": a.ShortLabel(), "lost": c.t.shareOf(row.Lost[a.ID], row.N[a.ID])}))
		}
	}
	return []string{c.t.say("plot-lost-counts"+c.aside, map[string]any{"visit": visitName(c.result.Visit), "list": strings.Join(parts, "; ")})}
}

// TippingMap answers "and if those lost were other than predicted in both arms?": a tile
// for each of 21 × 21 combinations, shaded by what the interval says of the difference;
// lines join equal p-values. The cross is where all are as predicted. Read along the
// diagonal first: there both arms' lost are worse by the same amount. The corner at the
// upper left is the worst for the active arm: its lost are worse than predicted, those
// of control better.
// Convention: enhanced tipping-point displays, Liublinska & Rubin 2014, Stat Med
// 33:4170.
func TippingMap(result study.Result) (*Figure, error) {
	return TippingMapWith(result, TippingOptions{})
}

// TippingMapWith is TippingMap with choices.
func TippingMapWith(result study.Result, o TippingOptions) (*Figure, error) {
	c, err := newTipping("TippingMap", result, o, "plot-tippingmap-title", func(r study.SensitivityRow) string { return r.Arm + "\x00" + r.Visits })
	if err != nil {
		return nil, err
	}
	t := c.t
	fit := func() {
		c.f.onPage(t.height(70), t.height(30), (len(c.rows)+c.cols-1)/c.cols, func(high vg.Length) {
			c.f.panels, c.alts = nil, nil
			for i := range c.rows {
				c.addMap(i, high)
			}
		})
	}
	fit()
	alpha := t.shortest(roundTo(1-result.Level, 6))
	active, control := sides(c.s.arms)
	arm := t.say("plot-tippingmap-panel", nil)
	if len(active) == 1 {
		arm = active[0].ShortLabel()
	}
	for _, v := range []lost.Verdict{lost.Equivalent, lost.Better, lost.Neither, lost.Worse} {
		code, name := "plot-favors", arm
		if v == lost.Equivalent && c.margin != "-equivalence" || (v == lost.Better || v == lost.Worse) && c.margin == "-equivalence" && !c.holds(v) {
			continue
		}
		switch {
		case c.margin == "-equivalence":
			code = map[lost.Verdict]string{lost.Equivalent: "plot-tippingmap-equivalent", lost.Better: "plot-tippingmap-beyond-better", lost.Neither: "plot-tippingmap-not-equivalent", lost.Worse: "plot-tippingmap-beyond"}[v]
		case c.margin != "":
			code = map[lost.Verdict]string{lost.Better: "plot-tippingmap-not-inferior", lost.Neither: "plot-tippingmap-not-shown", lost.Worse: "plot-tippingmap-beyond"}[v]
		case v == lost.Neither:
			code = "plot-tippingmap-neither"
		case v == lost.Worse:
			name = control.ShortLabel()
		}
		c.f.legend = append(c.f.legend, legendItem{fill: c.shade(v), dotted: c.dotted(v), text: t.say(code, map[string]any{"arm": name, "alpha": alpha})})
	}
	for k, p := range contourP(result.Level) {
		if slices.ContainsFunc(c.f.panels, func(pn *panel) bool { return hasContour(pn, k) }) {
			l := t.plainLook(k)
			c.f.legend = append(c.f.legend, legendItem{look: look{color: color.NRGBA{A: 255}, dashes: l.dashes}, text: "p = " + t.shortest(roundTo(p/c.sides(), 6)), line: true, bare: true})
		}
	}
	foot := []string{t.say("plot-tippingmap-method"+c.margin, map[string]any{"who": c.who, "alpha": alpha})}
	if c.margin != "" {
		foot = append(foot, t.say("plot-tippingmap"+c.margin, c.marginArgs()))
	}
	c.f.note(append(append(append(foot, c.held()...), c.judged()...), c.lostNote()...))
	if c.f.perhapsTooHigh() && c.f.TooHigh() { // with the words beneath
		fit()
	}
	c.f.tell(t.altAt(result.Visit, strings.Join(c.answers(), "; ")), c.alts...)
	return c.f, nil
}

// sides are how many a p-value has: one of non-inferiority, whose hypothesis is on a side.
func (c *tipping) sides() float64 {
	if c.margin != "" {
		return 2
	}
	return 1
}

// holds reports whether a verdict is on a map.
func (c *tipping) holds(v lost.Verdict) bool {
	return slices.ContainsFunc(c.rows, func(r study.SensitivityRow) bool {
		return slices.ContainsFunc(r.Tipping.Map.Verdicts, func(vs []lost.Verdict) bool { return slices.Contains(vs, v) })
	})
}

// dotted reports whether a verdict's tiles have a dot besides: of equivalence the active
// arm's color says what is to be shown, and better by more than the margin is that color
// with a dot, which gray and any printer keep.
func (c *tipping) dotted(v lost.Verdict) bool { return v == lost.Better && c.margin == "-equivalence" }

// shade is a verdict's: the color of the arm that is favored, or of the active arm what
// the plan is to show; apart in gray too.
func (c *tipping) shade(v lost.Verdict) color.NRGBA {
	active, control := sides(c.s.arms)
	switch v {
	case lost.Better, lost.Equivalent:
		return fade(c.looks[active[0].ID].color, 0.45)
	case lost.Worse:
		return fade(c.looks[control.ID].color, 0.55)
	}
	return bandGray
}

// contourP are the p-values that lines join: 1 − level, and a fifth and a fiftieth of it
// (0.05, 0.01, 0.001).
func contourP(level float64) []float64 {
	alpha := 1 - level
	return []float64{alpha, alpha / 5, alpha / 50}
}

// contourMarks are lines of one p-value.
type contourMarks struct {
	linesMarks
	p float64
	k int
}

func hasContour(pn *panel, k int) bool {
	return slices.ContainsFunc(pn.marks, func(m plot.Plotter) bool { x, ok := m.(*contourMarks); return ok && x.k == k })
}

// addMap draws the map of an arm against control.
func (c *tipping) addMap(i int, high vg.Length) {
	t, row := c.t, c.rows[i]
	m := row.Tipping.Map
	pn := t.newPanel(i/c.cols, i%c.cols, high)
	c.f.panels = append(c.f.panels, pn)
	pn.title = c.heading(row)
	half := (m.Deltas[1] - m.Deltas[0]) / 2
	end := m.Deltas[len(m.Deltas)-1]
	from, to := niceRange(-end, end, 6)
	setRange(&pn.plot.X, from, to)
	setRange(&pn.plot.Y, from, to)
	room := t.width/vg.Length(c.cols) - t.size()*7
	axis := func(arm string, room vg.Length) string {
		return t.across(capital(t.say("plot-tippingmap-axis", map[string]any{"who": c.who, "outcome": c.s.outcome.ShortLabel(), "arm": c.short(arm), "unit": unitAfterComma(c.s.outcome.Unit)})), room)
	}
	pn.plot.X.Tick.Marker = t.ticksFor(room)
	pn.plot.X.Label.Text, pn.plot.Y.Label.Text = axis(m.Control, room), axis(m.Arm, high)
	tiles := &tileMarks{theme: t, gap: t.line(0.5)}
	dots := &intervalMarks{theme: t, look: look{color: color.NRGBA{A: 255}, marker: discMarker}, scale: 0.45}
	count := map[lost.Verdict]int{}
	for a, y := range m.Deltas {
		for b, x := range m.Deltas {
			v := m.Verdicts[a][b]
			count[v]++
			r := dataRect{max(x-half, -end), min(x+half, end), max(y-half, -end), min(y+half, end)}
			tiles.tiles = append(tiles.tiles, tile{r, c.shade(v), nil})
			if c.dotted(v) {
				dots.items = append(dots.items, interval{(r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2, math.NaN(), math.NaN()})
			}
		}
	}
	pn.add(tiles)
	if len(dots.items) > 0 {
		pn.add(dots)
	}
	for k, p := range contourP(m.Level) {
		if lines := contours(m, p); len(lines) > 0 {
			pn.add(&contourMarks{linesMarks{theme: t, color: color.NRGBA{A: 255}, width: 1.2, dashes: t.plainLook(k).dashes, lines: lines}, p, k})
		}
	}
	pn.add(&intervalMarks{theme: t, look: look{color: color.NRGBA{A: 255}, marker: plusMarker}, items: []interval{{0, 0, math.NaN(), math.NaN()}}, scale: 1.3})
	c.alts = append(c.alts, t.say("plot-tippingmap-alt"+c.margin, map[string]any{"comparison": t.say("plot-contrast", map[string]any{"arm": c.short(row.Arm), "control": c.short(row.Control)}),
		"arm": nameOfArm(c.s.arms, row.Arm), "control": nameOfArm(c.s.arms, row.Control), "better": count[lost.Better], "neither": count[lost.Neither], "worse": count[lost.Worse], "equivalent": count[lost.Equivalent], "end": t.shortest(end), "unit": c.s.outcome.Unit,
		"all": len(m.Deltas) * len(m.Deltas)}))
}

// contours are the lines on which the two-sided p-value against the map's null, or of
// equivalence twice the larger of the two one-sided ones, is p: of each square of the
// grid, its sides' points by linear interpolation of |t| between corners of one sign, and
// joined across the square.
func contours(m *lost.Map, p float64) [][]xy {
	var out [][]xy
	half := make([][]float64, len(m.Deltas)) // of intervals of that level; a corner has four squares and two sides
	for a := range half {
		for b := range m.Deltas {
			e := m.Estimates[a][b]
			half[a] = append(half[a], e.SE*stats.Estimate{SE: 1, DF: e.DF}.CI(1-p).Hi)
		}
	}
	signs := []float64{-1, 1}
	if m.Equivalence > 0 { // one region, between two margins
		signs = signs[:1]
	}
	for _, sign := range signs {
		at := func(a, b int) float64 { // positive inside the contour's significant side
			if m.Equivalence > 0 {
				return m.Equivalence - math.Abs(m.Estimates[a][b].Value) - half[a][b]
			}
			return sign*(m.Estimates[a][b].Value-m.Null) - half[a][b]
		}
		for a := range len(m.Deltas) - 1 {
			for b := range len(m.Deltas) - 1 {
				corner := [4][2]int{{a, b}, {a, b + 1}, {a + 1, b + 1}, {a + 1, b}}
				var pts []xy
				for s := range 4 {
					from, to := corner[s], corner[(s+1)%4]
					u, v := at(from[0], from[1]), at(to[0], to[1])
					if (u > 0) == (v > 0) {
						continue
					}
					f := u / (u - v)
					x0, y0, x1, y1 := m.Deltas[from[1]], m.Deltas[from[0]], m.Deltas[to[1]], m.Deltas[to[0]]
					pts = append(pts, xy{x0 + f*(x1-x0), y0 + f*(y1-y0)})
				}
				for len(pts) >= 2 {
					out = append(out, []xy{pts[0], pts[1]})
					pts = pts[2:]
				}
			}
		}
	}
	return chained(out)
}

// chained joins pieces that share an end into lines, so that dashes run through.
func chained(pieces [][]xy) [][]xy {
	near := func(a, b xy) bool { return math.Abs(a.x-b.x)+math.Abs(a.y-b.y) < 1e-9 }
	var out [][]xy
	for len(pieces) > 0 {
		line := pieces[0]
		pieces = pieces[1:]
		for grown := true; grown; {
			grown = false
			for i, s := range pieces {
				first, last := line[0], line[len(line)-1]
				switch {
				case near(last, s[0]):
					line = append(line, s[1])
				case near(last, s[1]):
					line = append(line, s[0])
				case near(first, s[1]):
					line = append([]xy{s[0]}, line...)
				case near(first, s[0]):
					line = append([]xy{s[1]}, line...)
				default:
					continue
				}
				pieces = slices.Delete(slices.Clone(pieces), i, i+1)
				grown = true
				break
			}
		}
		out = append(out, line)
	}
	return out
}
