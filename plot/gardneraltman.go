package plot

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// GardnerAltman answers "how do the participants' changes compare between two
// arms, and how large is the difference?" at one visit: left every participant's
// change with the arms' means, right, on an axis of its own whose 0 is at
// control's mean, the difference of the means with its interval and density.
// Read the difference from the right axis, and how it lies to 0 and to the
// dashed threshold. One unit is as long on both axes.
// Convention: Gardner & Altman 1986, BMJ 292:746, doi:10.1136/bmj.292.6522.746;
// Ho et al. 2019, Nat Methods 16:565, doi:10.1038/s41592-019-0470-3.
func GardnerAltman(result study.Result) (*Figure, error) {
	return GardnerAltmanWith(result, EstimationOptions{})
}

// GardnerAltmanWith is GardnerAltman with choices.
func GardnerAltmanWith(result study.Result, o EstimationOptions) (*Figure, error) {
	c, err := newGardnerAltman(result, o)
	if err != nil {
		return nil, err
	}
	c.scale()
	if err := c.divide(o.Width == 0); err != nil {
		return nil, err
	}
	c.drawArms()
	c.drawDifference()
	c.f.finishEstimation(c.t, c.s, c.th, [][]effectCurve{{c.effect}})
	return c.f, nil
}

// gardnerAltman is the chart while it is made.
type gardnerAltman struct {
	drawing
	arms        [2]study.Arm // active, control
	effect      effectCurve
	control     float64 // its mean change, where the right axis has 0
	th          *study.Threshold
	edge        float64 // the threshold on the right axis
	left, right *panel
	free        vg.Length // what axes leave to the two parts
}

func newGardnerAltman(result study.Result, o EstimationOptions) (*gardnerAltman, error) {
	s, err := changing("GardnerAltman", []study.Result{result})
	if err != nil {
		return nil, err
	}
	if err := s.checkEffects("GardnerAltman", o.Effects); err != nil {
		return nil, err
	}
	c := &gardnerAltman{}
	if c.drawing, err = s.draw(o.Options, false, "plot-estimation-title"); err != nil {
		return nil, err
	}
	if c.arms, err = s.pair(o.Arm); err != nil {
		return nil, err
	}
	var ok bool
	if c.effect, ok = estimationEffect(result, c.arms[0].ID, o); !ok {
		return nil, fmt.Errorf("plot: GardnerAltman: %q at visit %q has no difference of mean changes", s.outcome.ID, result.Visit.ID)
	}
	control, ok := s.within(0, c.arms[1].ID)
	if !ok {
		return nil, fmt.Errorf("plot: GardnerAltman: the control arm has no mean change at visit %q", result.Visit.ID)
	}
	c.control, c.effect.look = control.Estimate, c.looks[c.arms[0].ID]
	if c.th = margin(s.outcome); o.NoThreshold {
		c.th = nil
	}
	if c.th != nil {
		c.edge = c.th.Value * s.outcome.Better.Sign()
	}
	return c, nil
}

// scale sets the y axes: one unit is as long on both.
func (c *gardnerAltman) scale() {
	t, s := c.t, c.s
	var ys span
	for _, a := range c.arms {
		ys.add(s.changes(0, a.ID)...)
	}
	lo, hi := cloudReach(c.effect.effect, c.effect.level)
	ys.add(0, c.control+lo, c.control+hi, c.control)
	if c.th != nil {
		ys.add(c.control + c.edge)
	}
	y0, y1 := niceRange(ys.lo, ys.hi, 6)
	c.left, c.right = t.newPanel(0, 0, t.height(55)), t.newPanel(0, 1, t.height(55))
	c.left.weight, c.right.weight = 1, 0.42
	c.f.panels = []*panel{c.left, c.right}
	c.left.title = visitName(s.results[0].Visit)
	left, right := c.left.plot, c.right.plot
	setRange(&left.Y, y0, y1)
	setRange(&right.Y, y0-c.control, y1-c.control)
	setRange(&left.X, -0.5, 1.5)
	setRange(&right.X, -0.4, 0.6)
	left.Y.Label.Text = t.across(t.say("plot-change-axis", map[string]any{"outcome": outcomeLabel(s.outcome)}), c.left.height)
	right.Y.Label.Text = t.across(t.differenceAxis(s.outcome), c.right.height)
	ticks := t.ticks()
	ticks.NoMinor = true
	right.Y.Tick.Marker = ticks
	left.X.Tick.Length, right.X.Tick.Length = 0, 0
	right.X.Tick.Marker = Labels{{Value: 0}} // the axis's label says what it is
}

// divide finds what the axes leave to the two parts, 1 to 0.42, and whether the
// arms' names fit under theirs; a figure of its own width may widen.
func (c *gardnerAltman) divide(widen bool) error {
	t, y := c.t, c.left.plot.Y
	axes := 2*t.tickRoom(y.Min, y.Max) + t.size()*9
	if t.width-axes < t.size()*15 && widen {
		t.width = mm(t.style.Double) // long numbers
	}
	c.free = t.width - axes
	if c.free < t.size()*10 {
		return fmt.Errorf("plot: GardnerAltman: the axes' labels leave no room at a width of %.0f mm", float64(t.width)*render.MMPerPoint)
	}
	for _, a := range c.arms {
		if widestWord(t.text(), armName(a)) > c.nameRoom()*0.95 {
			c.f.legend = t.armLegend([]study.Arm{c.arms[1], c.arms[0]}, c.looks, false)
		}
	}
	return nil
}

// nameRoom is the room of an arm's name.
func (c *gardnerAltman) nameRoom() vg.Length { return c.free * 0.35 }

// drawArms draws the participants with the arms' means: control first, so that
// active stands beside the difference.
func (c *gardnerAltman) drawArms() {
	t, s := c.t, c.s
	var names Labels
	var points swarms
	var means []plot.Plotter
	most := max(len(s.changes(0, c.arms[0].ID)), len(s.changes(0, c.arms[1].ID)))
	for k, a := range []study.Arm{c.arms[1], c.arms[0]} {
		ch, l := s.changes(0, a.ID), c.looks[a.ID]
		label := t.say("plot-n-only", map[string]any{"n": len(ch)})
		if c.f.legend == nil {
			label = strings.Join(t.wrap(t.text(), armName(a), c.nameRoom()), "\n") + "\n" + label
		}
		names = append(names, plot.Tick{Value: float64(k), Label: label})
		points = append(points, &pointMarks{theme: t, look: l, at: float64(k), values: ch, offset: -c.free * 0.015, room: c.free * 0.11, size: pointSize(most)})
		row, ok := s.within(0, a.ID)
		if !ok {
			continue
		}
		at := float64(k) + 0.3
		means = append(means, &intervalMarks{theme: t, look: l, items: []interval{{at, row.Estimate, row.Lower, row.Upper}}})
		c.left.add(&linesMarks{theme: t, color: fade(l.color, 0.5), width: 1,
			lines: [][]xy{{{at, row.Estimate}, {1.5, row.Estimate}}}}) // on to the other axis
	}
	c.left.plot.X.Tick.Marker = names
	c.left.add(points)
	c.left.add(means...)
}

// drawDifference draws the right panel.
func (c *gardnerAltman) drawDifference() {
	t, l, e, ci := c.t, c.effect.look, c.effect.effect, c.effect.ci()
	c.right.add(&refLine{theme: t, value: 0, color: inkGray})
	c.right.add(&linesMarks{theme: t, color: fade(l.color, 0.5), width: 1, lines: [][]xy{{{-0.4, e.Point()}, {0, e.Point()}}}})
	if c.th != nil {
		c.right.add(&refLine{theme: t, value: c.edge, color: inkGray, dashes: t.dashes(3, 2)})
	}
	lo, hi := cloudReach(e, c.effect.level)
	if xs, d := effectDensity(e, lo, hi); xs != nil {
		cloud := &violinMarks{look: l, at: 0, reach: c.free * 0.15, pts: points(xs, d)}
		equalAreas([]*violinMarks{cloud})
		c.right.add(cloud)
	}
	c.right.add(&intervalMarks{theme: t, look: l, items: []interval{{0, e.Point(), ci.Lo, ci.Hi}}})
}

// pair is an active arm and control.
func (s *series) pair(arm string) ([2]study.Arm, error) {
	var out [2]study.Arm
	found := 0
	for _, a := range s.arms {
		switch {
		case a.Control:
			out[1] = a
			found |= 2
		case found&1 == 0 && (arm == "" || arm == a.ID):
			out[0] = a
			found |= 1
		}
	}
	if found != 3 {
		return out, fmt.Errorf("plot: GardnerAltman: no arm %q to compare with control; the active arms are %s", arm, strings.Join(s.activeIDs(), ", "))
	}
	return out, nil
}
