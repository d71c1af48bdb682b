package plot

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// FollowUpOptions are the choices of FollowUpWith.
type FollowUpOptions struct{ Options }

// FollowUp answers "given where participants started, where did they end, and
// does the arm matter?": a panel a visit, the follow-up value against baseline,
// a symbol a participant; of 200 participants or more, a panel a visit and arm, where
// bands hold the middle half and four fifths of groups of participants with about the
// same baseline. On the thin identity line nothing changed. The arms'
// parallel lines are those of the analysis of covariance, over the baselines
// that were observed: their vertical distance is the adjusted difference. Look
// first whether straight parallel lines describe the symbols.
// Convention: Vickers & Altman 2001, BMJ 323:1123,
// doi:10.1136/bmj.323.7321.1123.
func FollowUp(results []study.Result) (*Figure, error) {
	return FollowUpWith(results, FollowUpOptions{})
}

// FollowUpWith is FollowUp with choices.
func FollowUpWith(results []study.Result, o FollowUpOptions) (*Figure, error) {
	s, err := changing("FollowUp", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	return onePageOf(squareDensities, o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newFollowUp(s, o)
		if err != nil {
			return nil, err
		}
		for i := range s.results {
			lines, err := kept(&s.lines, i, "", func() ([]study.BaselineLine, error) { return study.BaselineLines(s.results[i]) })
			if err != nil {
				c.unfitted = true // the footnote says so; the participants stand
			}
			for k := range c.s.arms {
				arms := c.s.arms[k : k+1]
				if !c.facets {
					if arms = c.s.arms; k > 0 {
						break
					}
				}
				if err := c.addPanel(i, k, arms, lines); err != nil {
					return nil, err
				}
			}
		}
		shareY(c.f.panels)
		if o.Height == 0 {
			c.f.square()
		} else {
			for _, pn := range c.f.panels {
				pn.height = mm(o.Height)
			}
		}
		c.words()
		if c.t.opt.dense.grid && o.Height == 0 { // with the words beneath
			c.f.lower(0.4)
		}
		return c.f, nil
	})
}

// followUp is the chart while it is made.
type followUp struct {
	drawing
	lo, hi   float64 // of both axes
	cols     int
	room     vg.Length // a panel's data area
	unfitted bool      // a visit has no lines
	facets   bool      // a panel an arm, where symbols would cover each other
	bands    bool      // of an arm are drawn
	symbols  bool      // of participants are drawn
	alts     []string
	names    []string // of arms, under the panels or above the columns of a grid
}

func newFollowUp(s *series, o FollowUpOptions) (*followUp, error) {
	c := &followUp{}
	var err error
	if c.drawing, err = s.draw(o.Options, len(s.results) > 1, "plot-followup-title"); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLegend(s.arms, c.looks, true)
	var all span
	for _, r := range s.results {
		n := 0
		for _, rec := range r.Records {
			if rec.HasBaseline && rec.HasFollow {
				all.add(rec.Baseline, rec.Follow)
				n++
			}
		}
		c.facets = c.facets || n >= manyFrom && len(s.arms) > 1
	}
	if !all.any {
		return nil, fmt.Errorf("plot: FollowUp: %q has no participant with baseline and visit", s.outcome.ID)
	}
	c.lo, c.hi = valueRange(s.outcome, all, 6)
	// Square panels, as many in a row as leave each its ticks.
	t, n := c.t, len(s.results)
	cols := max(1, min(n, int(float64(t.width/t.size())/(15*t.opt.dense.narrower()))))
	rows := (n + cols - 1) / cols
	c.cols = (n + rows - 1) / rows
	if fit := max(1, int(float64(t.width/t.size())/(13*t.opt.dense.narrower()))); c.facets { // a visit's arms beside each other
		c.cols = min(fit, len(s.arms)*n)
		if fit >= len(s.arms) {
			c.cols = len(s.arms) * min(n, fit/len(s.arms))
		}
	}
	// What the first panel's numbers and the gaps leave each.
	room := func() vg.Length {
		return max((t.width-t.size()*vg.Length(7.2+3.5*float64(c.cols-1)))/vg.Length(c.cols), t.size()*6)
	}
	word := vg.Length(0) // of a panel's title, which no wrapping makes narrower
	for _, r := range s.results {
		word = max(word, widestWord(t.bold(), visitName(r.Visit)))
	}
	for _, a := range s.arms {
		c.names = append(c.names, armName(a))
	}
	if t.opt.dense.grid && !c.facets { // the legend has them
		c.names = c.gridNames(t.size() * 4)
	}
	for k, a := range s.arms {
		word = max(word, widestWord(t.text(), t.say("plot-n-of", map[string]any{"arm": c.names[k], "n": len(s.results[0].Records)})))
		if c.facets {
			word = max(word, widestWord(t.bold(), armName(a)))
		}
	}
	if c.grid() { // two visits beside each other where that leaves the panels wide enough
		c.cols = c.gridColumns(c.cols)
		left := t.width - t.tickRoom(c.lo, c.hi) - t.size()*2
		for c.room = left/vg.Length(c.cols) - t.size()*2.2; c.cols > len(s.arms) && c.room < t.size()*6.5; {
			c.cols -= len(s.arms)
			c.room = left/vg.Length(c.cols) - t.size()*2.2
		}
		c.names = c.gridNames(c.room)
		return c, nil
	}
	for c.cols > 1 && room() < max(word, t.size()*8.5) {
		c.cols--
	}
	c.room = room()
	return c, nil
}

// grid reports whether panels of arms stand in a grid.
func (c *followUp) grid() bool { return c.facets && c.t.opt.dense.grid }

// addPanel draws a visit: participants of some arms, of which the first is arm k, and
// the lines of all.
func (c *followUp) addPanel(i, k int, arms []study.Arm, lines []study.BaselineLine) error {
	t, r, n := c.t, c.s.results[i], len(c.f.panels)
	pn := t.newPanel(n/c.cols, n%c.cols, c.room)
	c.f.panels = append(c.f.panels, pn)
	p := pn.plot
	pn.title = visitName(r.Visit)
	switch {
	case c.grid():
		c.headGrid(pn, k, c.names, visitName(r.Visit))
	case c.facets:
		pn.title = armName(arms[0]) + "\n" + pn.title
	}
	setRange(&p.X, c.lo, c.hi)
	setRange(&p.Y, c.lo, c.hi)
	p.X.Tick.Marker = t.ticksFor(c.room)
	if c.grid() && n+c.cols < len(c.s.results)*len(c.s.arms) { // another panel under it has the numbers
		p.X.Tick.Marker = unnamedTicks{p.X.Tick.Marker}
	}
	x := t.axisAt(c.s.baseline, c.s.outcome)
	c.f.nameX(pn, true, func() string { return t.across(x, c.room) }, x)
	if n%c.cols == 0 {
		c.f.nameYToward(pn, outcomeLabel(c.s.outcome), c.s.outcome.Better)
	}
	pn.add(&linesMarks{theme: t, color: inkGray, width: 0.9, lines: [][]xy{{{c.lo, c.lo}, {c.hi, c.hi}}}})
	if err := c.drawPeople(pn, i, k, arms); err != nil {
		return err
	}
	for _, l := range lines {
		lk := c.looks[l.Arm]
		pn.add(&linesMarks{theme: t, color: lk.color, width: 1.9, dashes: lk.dashes, lines: [][]xy{cutLine(l, c.lo, c.hi)}})
	}
	if len(lines) > 0 && arms[0].ID == c.s.arms[0].ID {
		c.alts = append(c.alts, t.say("plot-followup-alt", map[string]any{"visit": visitName(r.Visit), "slope": t.num(lines[0].Slope, 2)}))
	}
	return nil
}

// drawPeople draws the participants of arms from the first on, and counts them under the
// panel.
func (c *followUp) drawPeople(pn *panel, i, first int, arms []study.Arm) error {
	var ns []string
	var dots []*scatterMarks
	most := 0
	for k, a := range arms {
		m := &scatterMarks{theme: c.t, look: c.looks[a.ID], pts: c.s.placesOf(i, a.ID)}
		most = max(most, len(m.pts))
		code := "plot-n-of"
		if c.facets && c.t.opt.dense.close() {
			code = "plot-n-only" // the title names the arm
		}
		ns = append(ns, c.t.say(code, map[string]any{"arm": c.names[first+k], "n": len(m.pts)}))
		dots = append(dots, m)
	}
	for _, m := range dots {
		if c.facets {
			bands, ok, err := c.t.bandsAlong(m.pts, m.look)
			if err != nil {
				return err
			}
			if ok {
				pn.add(bands...)
				c.bands = true
				continue
			}
		}
		c.symbols = c.symbols || len(m.pts) > 0
		m.size = pointSize(most) * clamp(float64(pn.height/c.t.size())/20, 0.65, 1)
		pn.add(m)
	}
	pn.below = append(pn.below, &textStrip{text: strings.Join(c.t.wrap(c.t.text(), strings.Join(ns, "\n"), c.room), "\n")})
	return nil
}

// placesOf are the participants of an arm in result i by baseline and visit.
func (s *series) placesOf(i int, arm string) []xy {
	out, _ := kept(&s.places, i, arm, func() ([]xy, error) {
		var pts []xy
		for k := range s.results[i].Records {
			if rec := &s.results[i].Records[k]; rec.Arm == arm && rec.HasBaseline && rec.HasFollow {
				pts = append(pts, xy{rec.Baseline, rec.Follow})
			}
		}
		sortPoints(pts)
		return pts, nil
	})
	return out
}

func (c *followUp) words() {
	var foot []string
	switch {
	case c.bands && c.symbols:
		foot = append(foot, c.t.say("plot-followup-bands", nil), c.t.say("plot-followup-small-arms", map[string]any{"n": partsFew * partLeast}))
	case c.bands:
		foot = append(foot, c.t.say("plot-followup-bands", nil))
	default:
		foot = append(foot, c.t.say("plot-followup-symbols", nil))
	}
	foot = append(foot, c.t.say("plot-followup-method", nil))
	if c.facets {
		foot = append(foot, c.t.say("plot-followup-facets", nil))
	}
	if c.unfitted {
		foot = append(foot, c.t.say("plot-followup-unfitted", nil))
	}
	c.f.note(foot)
	c.f.tell(c.s.altDifference(c.t), append(append(c.s.altDifferences(c.t), c.alts...), c.s.altChanges(c.t))...)
}

// axisAt names an axis of values at a visit.
func (t *theme) axisAt(v study.Visit, o study.Outcome) string {
	if o.Unit == "" {
		return visitName(v)
	}
	return visitName(v) + ", " + o.Unit
}

func sortPoints(pts []xy) {
	slices.SortFunc(pts, func(a, b xy) int { // of numbers all, which is quicker to tell
		switch {
		case a.x < b.x || a.x == b.x && a.y < b.y:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
}

// cutLine is an arm's line over its observed baselines, ended where it leaves
// the axes.
func cutLine(l study.BaselineLine, lo, hi float64) []xy {
	x0, x1 := l.Lo, l.Hi
	y := func(x float64) float64 { return l.Intercept + l.Slope*x }
	for _, edge := range []float64{lo, hi} {
		if l.Slope == 0 || (y(x0)-edge)*(y(x1)-edge) >= 0 {
			continue
		}
		x := (edge - l.Intercept) / l.Slope
		if y(x0) < lo || y(x0) > hi {
			x0 = x
		} else {
			x1 = x
		}
	}
	return []xy{{x0, y(x0)}, {x1, y(x1)}}
}
