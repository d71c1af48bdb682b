package plot

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// WaterfallOptions are the choices of WaterfallWith.
type WaterfallOptions struct {
	Options
	// NoThreshold leaves the responder lines out.
	NoThreshold bool
}

// Waterfall answers "how did each single participant fare?": a panel a visit
// and arm, a bar a participant, from the worst change to the best. Read how
// many bars pass the dashed responder line, and how many go the wrong way; the
// numbers under each panel count both. Bars are participants, so that nothing
// is averaged; a participant without baseline or visit has no bar. Improvement
// is drawn in the direction in which the outcome improves.
// Convention: Gillespie 2012, Perspect Clin Res 3:106,
// doi:10.4103/2229-3485.100663.
func Waterfall(results []study.Result) (*Figure, error) {
	return WaterfallWith(results, WaterfallOptions{})
}

// WaterfallWith is Waterfall with choices.
func WaterfallWith(results []study.Result, o WaterfallOptions) (*Figure, error) {
	s, err := changing("Waterfall", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	return onePageGrid(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newWaterfall(s, o)
		if err != nil {
			return nil, err
		}
		for i := range c.s.results {
			for k := range c.s.arms {
				c.addPanel(i, k)
			}
		}
		shareY(c.f.panels)
		if c.beside {
			sideOfRows(c.f.panels, c.cols, c.t.thresholdSide(c.s.outcome.Better.Sign()*c.th.Value, c.th, c.s.outcome))
		}
		c.words()
		return c.f, nil
	})
}

// waterfall is the chart while it is made.
type waterfall struct {
	drawing
	th        study.Threshold
	hasTh     bool
	lo, hi    float64 // of the changes' axis
	cols      int
	room      vg.Length // a panel's data area
	beside    bool      // the threshold's label stands beside the rows
	unchanged bool      // somebody's change is 0 and marked
	names     []string  // of arms, above the columns of a grid
	alts      []string
}

func newWaterfall(s *series, o WaterfallOptions) (*waterfall, error) {
	c := &waterfall{}
	var err error
	if c.drawing, err = s.draw(o.Options, len(s.results)*len(s.arms) > 2, "plot-waterfall-title"); err != nil {
		return nil, err
	}
	c.th, c.hasTh = patientThreshold(s.outcome)
	c.hasTh = c.hasTh && !o.NoThreshold
	var ys span
	for i := range s.results {
		for _, a := range s.arms {
			ys.add(s.changes(i, a.ID)...)
		}
	}
	if !ys.any {
		return nil, fmt.Errorf("plot: Waterfall: %q has no participant with baseline and visit", s.outcome.ID)
	}
	ys.add(0)
	if c.hasTh {
		ys.add(s.outcome.Better.Sign() * c.th.Value)
	}
	c.lo, c.hi = changeRange(s.outcome, ys, 6)
	t := c.t
	numbers, gap := t.tickRoom(c.lo, c.hi), t.size()*3
	if !t.opt.dense.close() {
		numbers += t.size() * render.LineHeight * vg.Length(lineCount(t.waterfallAxis(s.outcome, t.height(28))))
	}
	word := widestWord(t.bold(), t.say(c.countsCode(), map[string]any{"events": 0, "n": 0, "worse": 0}))
	for _, a := range s.arms {
		if !t.opt.dense.grid {
			word = max(word, widestWord(t.bold(), armName(a)))
		}
	}
	c.cols = fitColumns(t.armColumns(s), t.width, func(w vg.Length) bool { return w-numbers-gap > word })
	if t.opt.dense.grid {
		c.cols = c.gridColumns(c.cols)
	}
	left := t.width - numbers                                               // the first panel of a row has the axis for all
	if c.beside = c.hasTh && !t.opt.dense.close(); c.beside && c.cols > 1 { // under one panel alone the counts go on below its label
		left -= t.sideWidth([]sideLabel{t.thresholdSide(0, c.th, s.outcome)})
	}
	c.room = max(left/vg.Length(c.cols)-gap, word)
	if t.opt.dense.grid {
		c.names = c.gridNames(c.room)
	}
	return c, nil
}

// addPanel draws an arm at a visit.
func (c *waterfall) addPanel(visit, arm int) {
	t, n, a := c.t, len(c.f.panels), c.s.arms[arm]
	high := 38.0
	if len(c.s.results)*len(c.s.arms) > 6 {
		high = 28
	}
	pn := t.newPanel(n/c.cols, n%c.cols, t.height(high))
	c.f.panels = append(c.f.panels, pn)
	changes := c.s.improvements(visit, a.ID)
	p := pn.plot
	p.HideX()
	setRange(&p.X, 0, float64(max(len(changes), 1)))
	setRange(&p.Y, c.lo, c.hi)
	if n%c.cols == 0 {
		c.f.nameYToward(pn, t.say("plot-change-axis", map[string]any{"outcome": outcomeLabel(c.s.outcome)}), c.s.outcome.Better)
	}
	v := visitName(c.s.results[visit].Visit)
	switch {
	case t.opt.dense.grid:
		c.headGrid(pn, arm, c.names, v)
	default:
		pn.title = armName(a) + "\n" + v
	}
	counts := c.drawBars(pn, a, changes)
	pn.below = append(pn.below, &textStrip{text: strings.Join(t.clauses(t.text(), counts, c.room), "\n")})
	c.alts = append(c.alts, t.say("plot-waterfall-alt", map[string]any{"visit": v, "arm": armName(a), "counts": counts}))
}

func (t *theme) waterfallAxis(o study.Outcome, room vg.Length) string {
	return t.toward(t.say("plot-change-axis", map[string]any{"outcome": outcomeLabel(o)}), o.Better, room)
}

// drawBars draws a bar a participant and returns the counts in words. Paler bars
// fall short of the threshold. More than 100 bars touch each other: those of one color
// are one shape then, with the bars' outline.
func (c *waterfall) drawBars(pn *panel, a study.Arm, changes []improvement) string {
	t, l := c.t, c.looks[a.ID]
	const gap = 0.1
	touching := len(changes) > 100
	short := &bandMarks{color: fade(l.color, 0.35)}
	reach := &bandMarks{color: fade(l.color, 0.85)}
	zero := &scatterMarks{theme: t, look: l, size: 0.6}
	events, worse, sign := 0, 0, c.s.outcome.Better.Sign()
	for k, x := range changes {
		m := short
		if x.met || !c.hasTh {
			m = reach
		}
		if x.met {
			events++
		}
		if sign*x.change < 0 {
			worse++
		}
		if x.change == 0 { // a bar without height is still a participant
			zero.pts = append(zero.pts, xy{float64(k) + 0.5, 0})
		}
		bar := dataRect{float64(k) + gap, float64(k+1) - gap, min(0, x.change), max(0, x.change)}
		if touching {
			bar.x0, bar.x1 = float64(k), float64(k+1)
		}
		m.rects = append(m.rects, bar)
	}
	if touching {
		pn.add(outlined(short), outlined(reach))
	} else {
		pn.add(short, reach)
	}
	pn.add(&refLine{theme: t, value: 0, color: inkGray})
	args := map[string]any{"events": events, "n": len(changes), "worse": worse}
	if c.hasTh {
		pn.add(&refLine{theme: t, value: sign * c.th.Value, color: inkGray, dashes: t.dashes(3, 2)})
	}
	if len(zero.pts) > 0 && !touching {
		pn.add(zero)
		c.unchanged = true
	}
	return t.say(c.countsCode(), args)
}

// countsCode is how the counts under a panel are said.
func (c *waterfall) countsCode() string {
	code := "plot-waterfall-counts"
	if !c.hasTh {
		code += "-plain"
	}
	if c.t.opt.dense.close() {
		code += "-short"
	}
	return code
}

// outlined is the outline of bars that touch each other and stand on 0, from left to
// right: there and back.
func outlined(m *bandMarks) *shadeMarks {
	out := &shadeMarks{color: m.color}
	for i, r := range m.rects {
		y := r.y0 + r.y1 // one of them is 0
		if n := len(out.pts); i > 0 && m.rects[i-1].x1 == r.x0 && out.pts[n-1].y == y {
			out.pts[n-1].x = r.x1
			continue
		} else if i > 0 && m.rects[i-1].x1 != r.x0 { // others stand between them
			out.pts = append(out.pts, xy{out.pts[n-1].x, 0}, xy{r.x0, 0})
		}
		out.pts = append(out.pts, xy{r.x0, y}, xy{r.x1, y})
	}
	if n := len(out.pts); n > 0 {
		out.pts = append(out.pts, xy{out.pts[n-1].x, 0}, xy{out.pts[0].x, 0})
	}
	return out
}

func (c *waterfall) words() {
	t := c.t
	foot := []string{t.say("plot-waterfall-method", nil)}
	if c.hasTh {
		foot = append(foot, t.thresholdNote("plot-waterfall-threshold", c.th, c.s.outcome))
	}
	if c.unchanged {
		foot = append(foot, t.say("plot-waterfall-unchanged", nil))
	}
	if t.opt.dense.close() {
		foot = append(foot, t.say(c.countsCode()+"-note", nil))
	}
	c.f.note(foot)
	c.f.tell(c.answer(), append(c.s.altDifferences(t), c.alts...)...)
}

// answer says how many of each arm reach the threshold, and the difference.
func (c *waterfall) answer() string {
	if !c.hasTh {
		return c.s.altDifference(c.t)
	}
	i := headline(c.s.results)
	return c.s.altHeadline(c.t, c.s.altReached(c.t, i, c.th))
}

// improvement is one participant's change, and whether it reaches the
// threshold of patients.
type improvement struct {
	id     string
	change float64
	met    bool
}

// improvements are the participants' changes of an arm in result i, the worst
// first. Who reaches the threshold is study's to say.
func (s *series) improvements(i int, arm string) []improvement {
	out, _ := kept(&s.ranked, i, arm, func() ([]improvement, error) {
		var out []improvement
		for _, r := range s.results[i].Records {
			if r.Arm == arm && r.HasBaseline && r.HasFollow {
				_, met := s.outcome.Improved(r)
				out = append(out, improvement{r.ID, r.Change, met})
			}
		}
		sign := s.outcome.Better.Sign()
		slices.SortFunc(out, func(a, b improvement) int { // of numbers all
			switch x, y := sign*a.change, sign*b.change; {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return strings.Compare(a.id, b.id)
		})
		return slices.Clip(out), nil
	})
	return out
}
