package plot

import (
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// ThresholdSweepOptions are the choices of ThresholdSweepWith.
type ThresholdSweepOptions struct {
	Options
	// Method picks the rows; "" means those that decide.
	Method study.Method
}

// ThresholdSweep answers "does the conclusion hang on which MCID one believes?":
// a panel a visit, with every threshold from 0 up on the x axis. The curve is
// the one-sided confidence, 1 − p, that the benefit exceeds the threshold; under
// it, a bar an arm shows the verdict for each threshold by its shade: definite
// where the whole interval reaches it, probable where the estimate does,
// possible where the interval's better end does, definitely not beyond. Read
// where the protocol's threshold (dashed) crosses the bars, and how far it can
// move before the shade changes.
// Convention: Man-Son-Hing et al. 2002, J Gen Intern Med 17:469,
// doi:10.1046/j.1525-1497.2002.11111.x.
func ThresholdSweep(results []study.Result) (*Figure, error) {
	return ThresholdSweepWith(results, ThresholdSweepOptions{})
}

// verdictShades from definite to definitely not.
var verdictShades = []struct {
	verdict study.Verdict
	color   color.NRGBA
}{
	{study.Definite, rgb(0x303030)}, {study.Probable, rgb(0x7C7C7C)}, {study.Possible, rgb(0xBBBBBB)}, {study.DefinitelyNot, rgb(0xEAEAEA)},
}

// ThresholdSweepWith is ThresholdSweep with choices.
func ThresholdSweepWith(results []study.Result, o ThresholdSweepOptions) (*Figure, error) {
	return onePage(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newThresholdSweep(results, o)
		if err != nil {
			return nil, err
		}
		for i := range c.s.results {
			c.addPanel(i)
		}
		c.words()
		return c.f, nil
	})
}

// thresholdSweep is the chart while it is made.
type thresholdSweep struct {
	drawing
	curves  [][]effectCurve // by result
	th      *study.Threshold
	most    int     // curves in a panel
	end     float64 // of the x axis
	cols    int
	alts    []string
	leftOut []string
}

func newThresholdSweep(results []study.Result, o ThresholdSweepOptions) (*thresholdSweep, error) {
	s, err := newSeries("ThresholdSweep", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	c := &thresholdSweep{th: margin(s.outcome), most: 1}
	if c.drawing, err = s.draw(o.Options, len(s.results) > 1, "plot-sweep-title"); err != nil {
		return nil, err
	}
	if c.curves, c.leftOut, err = effectPanels("ThresholdSweep", c.t, s, o.Method); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLines(s)
	for _, v := range verdictShades {
		c.f.legend = append(c.f.legend, legendItem{look: look{color: v.color, marker: squareMarker}, text: c.t.say("verdict-"+string(v.verdict), nil)})
	}
	var xs span
	xs.add(0)
	for _, cs := range c.curves {
		c.most = max(c.most, len(cs))
		for _, x := range cs {
			_, _, possible := study.VerdictBounds(x.effect, x.level, s.outcome.Better)
			xs.add(1.15 * possible)
		}
	}
	if c.th != nil {
		xs.add(1.3 * c.th.Value)
	}
	xs.add(1e-12)
	_, c.end = changeRange(s.outcome, xs, 5)
	c.cols = panelColumns(c.t, len(s.results))
	return c, nil
}

// sweepBar is the height of a bar of verdicts, of the axis' 100%; the bars stand
// under 0%.
const sweepBar = 7.0

// addPanel draws a visit.
func (c *thresholdSweep) addPanel(i int) {
	t, s := c.t, c.s
	pn, room := t.effectFrame(c.f, s, i, c.cols, highPanels(len(s.results), 38, 28), false)
	p := pn.plot
	setRange(&p.X, 0, c.end)
	setRange(&p.Y, -4-sweepBar*float64(c.most), 100)
	p.Y.Tick.Marker = t.percentLabels(pn.height)
	x := t.thresholdAxis(s.outcome)
	c.f.nameX(pn, i+c.cols >= len(s.results), func() string { return t.across(x, room) }, x)
	if i%c.cols == 0 {
		y := t.say("plot-sweep-y", nil)
		c.f.nameY(pn, func(room vg.Length) string { return t.across(y, room) }, y)
	}
	for k, x := range c.curves[i] {
		c.drawVerdicts(pn, i, k)
		var line []xy
		for _, m := range grid(0, c.end, 161) {
			line = append(line, xy{m, 100 * confidenceBeyond(x, s, m)})
		}
		pn.add(&linesMarks{theme: t, color: x.look.color, width: 1.9, dashes: x.look.dashes, lines: [][]xy{line}})
	}
	if c.th != nil {
		pn.add(&refLine{theme: t, value: c.th.Value, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
		pn.top = append(pn.top, topLabel{c.th.Value, t.thresholdLabel(*c.th, s.outcome)})
	}
}

// drawVerdicts draws the bar of an effect: the verdict for every threshold. Where
// it changes is study's to say.
func (c *thresholdSweep) drawVerdicts(pn *panel, i, k int) {
	t, o, x := c.t, c.s.outcome, c.curves[i][k]
	definite, probable, possible := study.VerdictBounds(x.effect, x.level, o.Better)
	y1 := -3 - sweepBar*float64(k)
	cuts := []float64{0, definite, probable, possible, c.end}
	for j, v := range verdictShades {
		x0, x1 := clamp(cuts[j], 0, c.end), clamp(cuts[j+1], 0, c.end)
		if x1 > x0 {
			pn.add(&bandMarks{color: v.color, rects: []dataRect{{x0, x1, y1 - sweepBar + 1.5, y1}}})
		}
	}
	if len(c.curves[i]) > 1 {
		pn.add(&linesMarks{theme: t, color: x.look.color, width: 2, dashes: x.look.dashes, lines: [][]xy{{{0, y1 + 0.4}, {c.end, y1 + 0.4}}}})
	}
	c.alts = append(c.alts, t.say("plot-sweep-alt", map[string]any{"visit": visitName(c.s.results[i].Visit), "arm": armName(x.look.arm), "list": c.verdicts(x)}))
}

// verdicts say up to which threshold each verdict on an effect reaches: one that no
// threshold has is left out.
func (c *thresholdSweep) verdicts(x effectCurve) string {
	definite, probable, possible := study.VerdictBounds(x.effect, x.level, c.s.outcome.Better)
	var out []string
	for i, end := range []float64{definite, probable, possible} {
		if end > 0 {
			out = append(out, c.t.say([]string{"plot-sweep-definite", "plot-sweep-probable", "plot-sweep-possible"}[i],
				map[string]any{"value": c.t.limit(end, digitsOf(c.s.results)), "unit": c.s.outcome.Unit}))
		}
	}
	if out == nil {
		return c.t.say("plot-sweep-none", nil)
	}
	return strings.Join(out, ", ")
}

func (c *thresholdSweep) words() {
	t, levels := c.t, c.s.curveLevels(c.curves)
	foot := append([]string{t.say("plot-sweep-method", map[string]any{"contrast": t.contrast(c.s.arms), "level": levels.words(t), "methods": t.methodsOf(c.curves)})}, levels.note(t)...)
	if c.th != nil {
		foot = append(foot, t.thresholdNote("plot-sweep-threshold", *c.th, c.s.outcome))
	}
	c.f.note(append(foot, t.leftOut(c.leftOut)...))
	c.f.tell(c.answer(), c.alts...)
}

// answer says how far the verdicts of the headline visit reach.
func (c *thresholdSweep) answer() string {
	t, i := c.t, c.s.headCurves(c.curves)
	control := ""
	for _, a := range c.s.arms {
		if a.Control {
			control = armName(a)
		}
	}
	var out []string
	for _, x := range c.curves[i] {
		out = append(out, t.say("plot-alt-sweep", map[string]any{"arm": armName(x.look.arm), "control": control, "list": c.verdicts(x)}))
	}
	return t.altAt(c.s.results[i].Visit, strings.Join(out, "; "))
}

// confidenceBeyond is 1 − p of the one-sided test that the benefit exceeds m.
func confidenceBeyond(c effectCurve, s *series, m float64) float64 {
	if s.outcome.Better.Sign() < 0 {
		return 1 - c.effect.PLess(-m)
	}
	return 1 - c.effect.PGreater(m)
}

func (t *theme) thresholdAxis(o study.Outcome) string {
	return t.say("plot-sweep-x", map[string]any{"outcome": o.ShortLabel(), "unit": unitAfterComma(o.Unit)})
}

// percentLabels labels an axis of percentages that goes on below 0, as far as labels have
// room.
func (t *theme) percentLabels(room vg.Length) Labels {
	var out Labels
	at := []float64{0, 25, 50, 75, 100}
	if room < t.size()*8 {
		at = []float64{0, 50, 100}
	}
	for _, v := range at {
		out = append(out, plot.Tick{Value: v, Label: t.num(v, 0)})
	}
	return out
}
