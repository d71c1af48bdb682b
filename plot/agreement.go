package plot

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/study"
)

// BlandAltmanOptions are the choices of BlandAltmanWith.
type BlandAltmanOptions struct {
	Options
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	// Outcome names what was measured, and its unit.
	Outcome study.Outcome
	// First and Second name the two measurements: "rater 1", "rater 2".
	First, Second string
	Level         float64 // of the intervals; 0 means 0.95
	// Limits as in assoc.BlandAltmanWith.
	Limits assoc.AgreementOptions
}

// BlandAltman answers "how far apart are two measurements of the same
// participants?". It takes a[i] and b[i] of participant i and draws a − b
// against (a + b)/2. Read the limits of agreement (dashed) first: about 95 % of
// differences lie between them, and whether that is close enough is a clinical
// question, to be answered before looking. Then the bias (line), and whether
// points fan out or slope from left to right: then one pair of limits does not
// hold for all. Shaded: confidence intervals of bias and limits, by package
// stats.
// Convention: Bland & Altman 1999, Stat Methods Med Res 8:135,
// doi:10.1177/096228029900800204.
func BlandAltman(a, b []float64) (*Figure, error) {
	return BlandAltmanWith(a, b, BlandAltmanOptions{})
}

// BlandAltmanWith is BlandAltman with choices.
func BlandAltmanWith(a, b []float64, o BlandAltmanOptions) (*Figure, error) {
	level, err := levelOr95("BlandAltman", o.Level)
	if err != nil {
		return nil, err
	}
	g, err := assoc.BlandAltmanWith(a, b, o.Limits)
	if err != nil {
		return nil, fmt.Errorf("plot: BlandAltman: %w", err)
	}
	t, err := newTheme(o.Options, false, o.Study)
	if err != nil {
		return nil, err
	}
	if o.First == "" {
		o.First = t.say("plot-agreement-first", nil)
	}
	if o.Second == "" {
		o.Second = t.say("plot-agreement-second", nil)
	}
	c := &agreement{t: t, o: o, level: level, of: g, f: &Figure{theme: t}, points: &scatterMarks{theme: t, look: t.plainLook(0), size: pointSize(len(a))}}
	c.f.entitle("plot-agreement-title", map[string]any{"first": o.First, "second": o.Second})
	for i := range a {
		c.points.pts = append(c.points.pts, xy{a[i]/2 + b[i]/2, a[i] - b[i]})
	}
	lower, upper := g.Limits()
	ciLower, ciUpper := g.LimitsCI(level)
	bias := g.BiasCI(level)
	c.lines = []interval{{0, upper, ciUpper.Lo, ciUpper.Hi}, {0, g.Bias, bias.Lo, bias.Hi}, {0, lower, ciLower.Lo, ciLower.Hi}}
	c.frame()
	c.drawLines()
	c.words()
	return c.f, nil
}

// agreement is the chart while it is made.
type agreement struct {
	t      *theme
	o      BlandAltmanOptions
	level  float64
	of     assoc.Agreement
	f      *Figure
	pn     *panel
	points *scatterMarks
	lines  []interval // upper limit, bias, lower limit
}

// frame sets the axes.
func (c *agreement) frame() {
	t := c.t
	c.pn = t.newPanel(0, 0, t.height(50))
	c.f.panels = []*panel{c.pn}
	p := c.pn.plot
	var xs, ys span
	for _, q := range c.points.pts {
		xs.add(q.x)
		ys.add(q.y)
	}
	ys.add(0, c.lines[0].value, c.lines[2].value)
	if len(c.points.pts) >= 5 { // with fewer the limits' intervals leave no room for the data
		ys.add(c.lines[2].lo, c.lines[0].hi)
	}
	lo, hi := niceRange(xs.lo, xs.hi, 6)
	setRange(&p.X, lo, hi)
	lo, hi = niceRange(ys.lo, ys.hi, 6)
	setRange(&p.Y, lo, hi)
	args, of := map[string]any{"first": c.o.First, "second": c.o.Second, "unit": unitAfterComma(c.o.Outcome.Unit)}, ""
	if c.o.Outcome.ID != "" {
		args["outcome"], of = c.o.Outcome.ShortLabel(), "-of"
	}
	room := t.width - t.size()*14
	p.Y.Label.Text = t.across(t.say("plot-agreement-y"+of, args), c.pn.height)
	p.X.Label.Text = t.across(t.say("plot-agreement-x"+of, args), room)
	p.X.Tick.Marker = t.ticksFor(room)
}

// drawLines draws bias and limits with their intervals behind the points, and
// names them right of the data.
func (c *agreement) drawLines() {
	t, x, y := c.t, c.pn.plot.X, c.pn.plot.Y
	band := &bandMarks{color: bandGray}
	for _, l := range c.lines {
		band.rects = append(band.rects, dataRect{x.Min, x.Max, l.lo, l.hi})
	}
	c.pn.add(band)
	if y.Min <= 0 && y.Max >= 0 {
		c.pn.add(&refLine{theme: t, value: 0, color: bandEdge})
	}
	for i, code := range []string{"plot-agreement-upper", "plot-agreement-bias", "plot-agreement-lower"} {
		m := &refLine{theme: t, value: c.lines[i].value, color: inkGray}
		if i != 1 {
			m.dashes = t.dashes(3, 2)
		}
		c.pn.add(m)
		c.pn.side = append(c.pn.side, sideLabel{y: m.value, color: inkGray,
			text: strings.Join(t.wrap(t.text(), t.say(code, nil), t.width*0.18), "\n") + "\n" + t.num(m.value, c.digits())})
	}
	if c.of.SD == 0 {
		c.pn.side = c.pn.side[1:2] // all three are one line
	}
	c.pn.add(c.points)
}

// digits are by the rule of reports: the bias is what has a standard error.
func (c *agreement) digits() int {
	return study.DigitsFor(c.of.SD/math.Sqrt(float64(c.of.N)), 0, c.o.Outcome.Resolution)
}

func (c *agreement) words() {
	t, d := c.t, c.digits()
	estimate := func(l interval) string {
		return t.say("plot-estimate", map[string]any{"value": t.num(l.value, d), "lower": t.limit(l.lo, d), "upper": t.limit(l.hi, d)})
	}
	said := map[string]any{"n": c.of.N, "first": c.o.First, "second": c.o.Second, "level": t.level(c.level), "upper": estimate(c.lines[0]), "bias": estimate(c.lines[1]),
		"lower": estimate(c.lines[2]), "unit": spaced(c.o.Outcome.Unit)}
	c.f.note([]string{t.say("plot-agreement-method", map[string]any{"n": c.of.N, "level": t.level(c.level), "z": t.shortest(c.of.Multiplier)}),
		t.say("plot-agreement-numbers", said)})
	var ys span
	for _, q := range c.points.pts {
		ys.add(q.y)
	}
	if o := c.o.Outcome; o.ID != "" {
		c.f.what = t.say("plot-alt-outcome", map[string]any{"outcome": name(o.Label, o.ID), "answer": c.f.what})
	}
	c.f.tell(t.say("plot-agreement-alt", said), t.say("plot-alt-agreement", map[string]any{"low": t.num(ys.lo, d), "high": t.num(ys.hi, d), "unit": c.o.Outcome.Unit}))
}

// bandEdge is a line that must not be read as data.
var bandEdge = rgb(0xB0B0B0)
