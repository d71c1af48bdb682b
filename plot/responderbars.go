package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/study"
)

// ResponderBarsOptions are the choices of ResponderBarsWith.
type ResponderBarsOptions struct {
	Options
	// Rule picks the responder rows, such as study.RuleChangeRandomized; ""
	// means study.RuleChange.
	Rule string
}

// ResponderBars answers "which share of each arm reached the threshold?": a bar
// an arm at each visit, from 0 to 100%, with the exact (Clopper–Pearson)
// interval and, under it, events of participants. Bars start at 0 because a
// bar's length is what is read; the interval belongs to the arm, and the
// difference between arms is in the results' responder contrasts, quoted in the
// caption.
// Convention: Altman et al. 2000, Statistics with Confidence, ISBN
// 978-0-7279-1375-3; Farrar et al. 2001, doi:10.1016/S0304-3959(01)00349-9.
func ResponderBars(results []study.Result) (*Figure, error) {
	return ResponderBarsWith(results, ResponderBarsOptions{})
}

// ResponderBarsWith is ResponderBars with choices.
func ResponderBarsWith(results []study.Result, o ResponderBarsOptions) (*Figure, error) {
	c, err := newResponderBars(results, o)
	if err != nil {
		return nil, err
	}
	c.addBars()
	c.drawBars()
	c.words()
	return c.f, nil
}

// responderBars is the chart while it is made.
type responderBars struct {
	drawing
	rule      string
	th        study.Threshold
	rows      []map[string]study.ResponderRow // by result and arm
	contrasts [][]study.ResponderContrast     // by result
	pn        *panel
	// By arm.
	bars    []*bandMarks
	edges   []*linesMarks
	marks   []*intervalMarks
	numbers []numberRow
	notes   []string // on the axis
}

func newResponderBars(results []study.Result, o ResponderBarsOptions) (*responderBars, error) {
	s, err := newSeries("ResponderBars", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	c := &responderBars{rule: o.Rule}
	if c.rule == "" {
		c.rule = study.RuleChange
	}
	var known []string
	for _, r := range s.results {
		rows, contrasts := r.RespondersBy(c.rule)
		byArm := map[string]study.ResponderRow{}
		for _, row := range rows {
			byArm[row.Arm], c.th = row, row.Threshold
		}
		c.rows, c.contrasts = append(c.rows, byArm), append(c.contrasts, contrasts)
		for _, row := range r.Responders {
			known = appendNew(known, row.Rule)
		}
	}
	switch {
	case len(known) == 0:
		return nil, fmt.Errorf("plot: ResponderBars: %q has no responders: no threshold of patients", s.outcome.ID)
	case c.th.Kind == "":
		return nil, fmt.Errorf("plot: ResponderBars: %q has no responders by rule %q, but by %s", s.outcome.ID, c.rule, strings.Join(known, ", "))
	}
	if c.drawing, err = s.draw(o.Options, len(s.results)*len(s.arms) > 8, c.code("plot-responderbars-title")); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLegend(s.arms, c.looks, false)
	c.pn = c.t.newPanel(0, 0, c.t.height(45))
	c.f.panels = []*panel{c.pn}
	setRange(&c.pn.plot.Y, 0, 100)
	c.pn.standOnAxis()
	c.pn.plot.Y.Label.Text = c.t.across(c.t.say(c.code("plot-responderbars-y"), map[string]any{"outcome": s.outcome.ShortLabel()}), c.pn.height)
	return c, nil
}

// code is a message's, of those who worsened where they are counted.
func (c *responderBars) code(of string) string {
	if c.rule == study.RuleWorsening {
		return of + "-worsening"
	}
	return of
}

// addBars places the bars, arms side by side at each visit.
func (c *responderBars) addBars() {
	t, arms := c.t, c.s.arms
	width := 0.72 / float64(len(arms))
	for k, a := range arms {
		l := c.looks[a.ID]
		fill := fade(l.color, 0.75)
		if a.Control { // open, as its symbol is
			fill = rgb(0xFFFFFF)
		}
		thin := l
		thin.color = rgb(0x000000)
		c.bars = append(c.bars, &bandMarks{color: fill})
		c.edges = append(c.edges, &linesMarks{theme: t, color: l.color, width: 1.3})
		c.marks = append(c.marks, &intervalMarks{theme: t, look: thin})
		c.numbers = append(c.numbers, numberRow{look: l})
		for i := range c.s.results {
			text := "–"
			if row, ok := c.rows[i][a.ID]; ok {
				text = fmt.Sprintf("%d/%d", row.Events, row.N)
				c.addBar(k, float64(i)+(float64(k)-float64(len(arms)-1)/2)*width, 0.44*width, row)
			}
			c.numbers[k].at, c.numbers[k].text = append(c.numbers[k].at, float64(i)), append(c.numbers[k].text, text)
		}
	}
}

// addBar places the bar of an arm at x with its interval.
func (c *responderBars) addBar(k int, x, half float64, row study.ResponderRow) {
	if row.N == 0 {
		return
	}
	y := 100 * float64(row.Events) / float64(row.N)
	x0, x1 := x-half, x+half
	c.bars[k].rects = append(c.bars[k].rects, dataRect{x0, x1, 0, y})
	c.edges[k].lines = append(c.edges[k].lines, []xy{{x0, 0}, {x0, y}, {x1, y}, {x1, 0}})
	if row.Lower < row.Upper {
		c.marks[k].items = append(c.marks[k].items, interval{x, y, 100 * row.Lower, 100 * row.Upper})
	}
}

func (c *responderBars) drawBars() {
	t := c.t
	visits, xs := c.s.followUps()
	strip := t.newNumberStrip(t.say(c.code("plot-responderbars-strip"), nil), c.numbers)
	c.notes = t.placeVisits(c.pn, strip, visits, xs, SpacingEven, 0, 0.5)
	for k := range c.bars {
		c.pn.add(c.bars[k], c.edges[k])
	}
	for _, m := range c.marks {
		c.pn.add(barIntervals{m})
	}
}

func (c *responderBars) words() {
	t, levels := c.t, c.s.levels()
	foot := []string{t.say("plot-responderbars-method", map[string]any{"level": levels.words(t),
		"rule": t.say("plot-rule-"+c.rule, map[string]any{"threshold": t.thresholdLabel(c.th, c.s.outcome), "kind": string(c.th.Kind), "value": t.shortest(c.th.Value), "unit": c.s.outcome.Unit})})}
	foot = append(foot, levels.note(t)...)
	foot = append(foot, c.notes...)
	var contrasts, alts []string
	for i, r := range c.s.results {
		for _, x := range c.contrasts[i] {
			if math.IsNaN(x.Difference) {
				continue
			}
			contrasts = append(contrasts, t.say("plot-responderbars-contrast", map[string]any{"visit": visitName(r.Visit),
				"arm": armName(c.looks[x.Arm].arm), "control": armName(c.looks[x.Control].arm), "value": t.num(100*x.Difference, 0),
				"lower": t.num(100*x.Lower, 0), "upper": t.num(100*x.Upper, 0), "level": t.level(x.Level),
				"method": t.say("risk-"+string(x.Method), nil)}))
		}
		for _, a := range c.s.arms {
			if row, ok := c.rows[i][a.ID]; ok && row.N > 0 {
				alts = append(alts, t.say("plot-responderbars-alt", map[string]any{"visit": visitName(r.Visit), "arm": armName(a),
					"events": row.Events, "n": row.N, "lower": t.num(100*row.Lower, 0), "upper": t.num(100*row.Upper, 0), "level": t.level(row.Level)}))
			}
		}
	}
	c.f.note(foot, contrasts...)
	c.f.tell(c.answer(), append(alts, contrasts...)...)
}

// answer says how many of each arm are responders at the headline visit.
func (c *responderBars) answer() string {
	t, i := c.t, headline(c.s.results)
	code := "plot-alt-responded"
	if c.rule == study.RuleWorsening {
		code = "plot-alt-worsened"
	}
	shares := t.altShares(c.s.arms, func(arm string) (int, int) { row := c.rows[i][arm]; return row.Events, row.N })
	return t.altAt(c.s.results[i].Visit, t.say(code, map[string]any{"list": shares})+t.altRisks(c.s.arms, c.contrasts[i]))
}

// barIntervals are intervals over bars: a line with short ends, no symbol.
type barIntervals struct{ of *intervalMarks }

// Plot implements plot.Plotter.
func (m barIntervals) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: m.of.look.color, Width: m.of.theme.line(1.3)}
	end := m.of.theme.size() * 0.28
	for _, i := range m.of.items {
		x, lo, hi := c.X(p.X.Norm(i.at)), c.Y(p.Y.Norm(i.lo)), c.Y(p.Y.Norm(i.hi))
		halo := draw.LineStyle{Color: rgb(0xFFFFFF), Width: sty.Width * 2.4}
		c.StrokeLine2(halo, x, lo, x, hi)
		c.StrokeLine2(sty, x, lo, x, hi)
		c.StrokeLine2(sty, x-end, lo, x+end, lo)
		c.StrokeLine2(sty, x-end, hi, x+end, hi)
	}
}
