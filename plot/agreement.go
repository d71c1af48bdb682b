package plot

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/stats"
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
	first, second := o.First, o.Second
	if first == "" {
		first = t.say("plot-agreement-first", nil)
	}
	if second == "" {
		second = t.say("plot-agreement-second", nil)
	}
	f := &Figure{theme: t}
	f.title = t.titled("plot-agreement-title", map[string]any{"first": first, "second": second})
	pn := t.newPanel(0, 0, t.height(50))
	f.panels = []*panel{pn}
	var xs, ys span
	points := &scatterMarks{theme: t, look: t.plainLook(0)}
	for i := range a {
		q := xy{a[i]/2 + b[i]/2, a[i] - b[i]}
		xs.add(q.x)
		ys.add(q.y)
		points.pts = append(points.pts, q)
	}
	lower, upper := g.Limits()
	lines := []interval{{0, upper, 0, 0}, {0, g.Bias, 0, 0}, {0, lower, 0, 0}}
	ciLower, ciUpper := g.LimitsCI(level)
	bias := g.BiasCI(level)
	for i, ci := range []stats.Interval{ciUpper, bias, ciLower} {
		lines[i].lo, lines[i].hi = ci.Lo, ci.Hi
	}
	ys.add(0, lower, upper)
	if len(a) >= 5 { // with fewer the limits' intervals leave no room for the data
		ys.add(ciLower.Lo, ciUpper.Hi)
	}
	xlo, xhi := niceRange(xs.lo, xs.hi, 6)
	ylo, yhi := niceRange(ys.lo, ys.hi, 6)
	setRange(&pn.plot.X, xlo, xhi)
	setRange(&pn.plot.Y, ylo, yhi)
	args := map[string]any{"first": first, "second": second, "unit": unitAfterComma(o.Outcome.Unit)}
	pn.plot.Y.Label.Text = t.across(t.say("plot-agreement-y", args), pn.height)
	room := t.width - t.size()*14
	pn.plot.X.Label.Text = t.across(t.say("plot-agreement-x", args), room)
	pn.plot.X.Tick.Marker = t.ticksFor(room)

	d := decimals(o.Outcome)
	band := &bandMarks{color: bandGray}
	for _, l := range lines {
		band.rects = append(band.rects, dataRect{xlo, xhi, l.lo, l.hi})
	}
	pn.add(band)
	if ylo <= 0 && yhi >= 0 {
		pn.add(&refLine{theme: t, value: 0, color: bandEdge})
	}
	for i, l := range lines {
		m := &refLine{theme: t, value: l.value, color: inkGray}
		code := "plot-agreement-bias"
		if i != 1 {
			m.dashes = t.dashes(3, 2)
			code = map[int]string{0: "plot-agreement-upper", 2: "plot-agreement-lower"}[i]
		}
		pn.add(m)
		pn.side = append(pn.side, sideLabel{y: l.value, color: inkGray,
			text: strings.Join(t.wrap(t.text(), t.say(code, nil), t.width*0.18), "\n") + "\n" + t.num(l.value, d)})
	}
	if g.SD == 0 {
		pn.side = pn.side[1:2] // all three are one line
	}
	pn.add(points)
	estimate := func(l interval) string {
		return t.say("plot-estimate", map[string]any{"value": t.num(l.value, d), "lower": t.limit(l.lo, d), "upper": t.limit(l.hi, d)})
	}
	said := map[string]any{"n": g.N, "level": t.level(level), "bias": estimate(lines[1]), "lower": estimate(lines[2]),
		"upper": estimate(lines[0]), "unit": spaced(o.Outcome.Unit)}
	foot := []string{t.say("plot-agreement-method", map[string]any{"n": g.N, "level": t.level(level), "z": t.shortest(g.Multiplier)}),
		t.say("plot-agreement-numbers", said)}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title) + " " + t.say("plot-agreement-alt", said)
	return f, nil
}

// bandEdge is a line that must not be read as data.
var bandEdge = rgb(0xB0B0B0)
