package plot

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// GardnerAltman answers "how do the participants' changes compare between the arms,
// and how large is the difference?" at one visit: left every participant's change
// with the arms' means, right, on an axis of its own whose 0 is at control's
// mean, the difference of each active arm's mean from it with its interval and
// density. Read the difference from the right axis, and how it lies to 0 and to
// the dashed threshold. One unit is as long on both axes. Cumming shows several
// visits.
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
	if err := c.scale(); err != nil {
		return nil, err
	}
	if err := c.divide(o.Width == 0); err != nil {
		return nil, err
	}
	if err := c.drawArms(); err != nil {
		return nil, err
	}
	c.drawDifferences()
	var people []string
	if len(c.crowd.bars) > 0 {
		people = c.crowd.words(c.t)
	}
	c.f.finishEstimation(c.t, c.s, c.th, [][]effectCurve{c.effects}, c.leftOut, people)
	return c.f, nil
}

// gardnerAltman is the chart while it is made.
type gardnerAltman struct {
	drawing
	arms        []study.Arm   // control, then the active arms
	effects     []effectCurve // of the active arms
	leftOut     []string      // active arms without one
	crowd       crowdMarks    // the participants
	control     float64       // its mean change, where the right axis has 0
	th          *study.Threshold
	edge        float64 // the threshold on the right axis
	left, right *panel
	slot, gap   vg.Length // of an arm, left and right
	named       bool      // the arms' names stand under them
}

func newGardnerAltman(result study.Result, o EstimationOptions) (*gardnerAltman, error) {
	s, err := changing("GardnerAltman", []study.Result{result})
	if err != nil {
		return nil, err
	}
	if err := s.checkEffects("GardnerAltman", o.Effects); err != nil {
		return nil, err
	}
	c := &gardnerAltman{crowd: crowdMarks{many: s.paired(0) >= manyFrom}}
	if c.arms, err = s.controlFirst(o.Arm); err != nil {
		return nil, err
	}
	if c.drawing, err = s.draw(o.Options, len(c.arms) > 2, "plot-estimation-title"); err != nil {
		return nil, err
	}
	for _, a := range c.arms[1:] {
		e, ok := estimationEffect(result, a.ID, o)
		if !ok {
			c.leftOut = append(c.leftOut, armName(a))
			continue
		}
		e.look = c.looks[a.ID]
		c.effects = append(c.effects, e)
	}
	if c.effects == nil {
		return nil, fmt.Errorf("plot: GardnerAltman: %q at visit %q has no difference of mean changes", s.outcome.ID, result.Visit.ID)
	}
	control, ok := s.within(0, c.arms[0].ID)
	if !ok {
		return nil, fmt.Errorf("plot: GardnerAltman: the control arm has no mean change at visit %q", result.Visit.ID)
	}
	c.control = control.Estimate
	if c.th = margin(s.outcome); o.NoThreshold {
		c.th = nil
	}
	if c.th != nil {
		c.edge = c.th.Value * s.outcome.Better.Sign()
		c.f.legend = append(c.f.legend, c.t.thresholdKey(*c.th, s.outcome))
	}
	return c, nil
}

// scale sets the y axes: one unit is as long on both.
func (c *gardnerAltman) scale() error {
	t, s := c.t, c.s
	var ys span
	for _, a := range c.arms {
		shown, err := c.crowd.shown(s.changes(0, a.ID))
		if err != nil {
			return err
		}
		ys.add(shown...)
	}
	ys.add(0, c.control)
	for _, e := range c.effects {
		lo, hi := cloudReach(e.effect, e.level)
		ys.add(c.control+lo, c.control+hi)
	}
	if c.th != nil {
		ys.add(c.control + c.edge)
	}
	y0, y1 := changeRange(s.outcome, ys, 6)
	c.left, c.right = t.newPanel(0, 0, t.height(55)), t.newPanel(0, 1, t.height(55))
	c.left.weight, c.right.weight = 0.5*float64(len(c.arms)), 0.42*float64(len(c.effects))
	c.f.panels = []*panel{c.left, c.right}
	c.left.title = visitName(s.results[0].Visit)
	left, right := c.left.plot, c.right.plot
	setRange(&left.Y, y0, y1)
	setRange(&right.Y, y0-c.control, y1-c.control)
	setRange(&left.X, -0.5, float64(len(c.arms))-0.5)
	setRange(&right.X, -0.4, float64(len(c.effects))-0.4)
	left.Y.Label.Text = t.toward(t.say("plot-change-axis", map[string]any{"outcome": outcomeLabel(s.outcome)}), s.outcome.Better, c.left.height)
	right.Y.Label.Text = t.towardArm(t.differenceAxis(s.outcome, c.arms), s.outcome.Better, c.arms, c.right.height)
	ticks := t.ticks()
	ticks.NoMinor = true
	right.Y.Tick.Marker = ticks
	right.Y.LineStyle.Width = 0
	c.right.add(labeledAxis{t})
	left.X.Tick.Length, right.X.Tick.Length = 0, 0
	return nil
}

// divide finds what the axes leave to each arm, and whether the arms' names fit
// under theirs; a figure of its own width may widen. The names of the axes stand in the
// legend where they leave the arms too little.
func (c *gardnerAltman) divide(widen bool) error {
	t, y := c.t, c.left.plot.Y
	labels := lineCount(c.left.plot.Y.Label.Text) + lineCount(c.right.plot.Y.Label.Text)
	whole := vg.Length(c.left.weight + c.right.weight)
	slots := func() {
		axes := 2*t.tickRoom(y.Min, y.Max) + t.size()*(4.5+render.LineHeight*vg.Length(labels))
		free := max(t.width-axes, 0)
		c.slot, c.gap = free*0.5/whole, free*0.42/whole
	}
	if slots(); c.slot < t.size()*5.2 && widen {
		t.width = mm(t.style.Double) // long numbers
		slots()
	}
	least := t.size() * 3.5
	for _, a := range c.arms {
		least = max(least, (t.text().Width(c.count(a))+t.size()*0.3)*1.05) // a slot is a little narrower than its share
	}
	if c.slot < least {
		c.left.plot.Y.Label.Text, c.right.plot.Y.Label.Text, labels = "", "", 0
		o := c.s.outcome
		c.f.nameOnce("plot-axis-right", t.directed(t.differenceAxis(o, c.arms), o.Better))
		c.f.nameOnce("plot-axis-left", t.directed(t.say("plot-change-axis", map[string]any{"outcome": outcomeLabel(o)}), o.Better))
		slots()
	}
	if c.slot < least {
		return fmt.Errorf("%w: GardnerAltman of %d arms at %.0f mm; set Width, or Arm for one active arm", ErrNoRoom,
			len(c.arms), float64(t.width)*render.MMPerPoint)
	}
	room := c.slot
	if len(c.effects) > 1 { // names under the differences too
		room = c.gap
	}
	c.named = true
	for _, a := range c.arms {
		c.named = c.named && widestWord(t.text(), armName(a)) <= c.nameRoom(room)
	}
	if !c.named {
		c.f.legend = append(t.armLegend(c.arms, c.looks, false), c.f.legend...)
	}
	return nil
}

// count is how many participants of an arm are drawn.
func (c *gardnerAltman) count(a study.Arm) string {
	return c.t.say("plot-n-only", map[string]any{"n": len(c.s.changes(0, a.ID))})
}

// nameRoom is what a slot has for a name, clear of the next.
func (c *gardnerAltman) nameRoom(slot vg.Length) vg.Length {
	return min(slot*0.95, slot-c.t.size()*0.5)
}

// armLabel is what stands under an arm in a room: its name, unless the legend has it.
func (c *gardnerAltman) armLabel(a study.Arm, room vg.Length) string {
	if !c.named {
		return ""
	}
	return strings.Join(c.t.wrap(c.t.text(), armName(a), c.nameRoom(room)), "\n")
}

// drawArms draws the participants with the arms' means: control first, so that
// a single active arm stands beside the difference.
func (c *gardnerAltman) drawArms() error {
	t, s := c.t, c.s
	var names Labels
	var means []plot.Plotter
	most, lines := 0, 0
	for _, a := range c.arms {
		most, lines = max(most, len(s.changes(0, a.ID))), max(lines, lineCount(c.armLabel(a, c.slot)))
	}
	for k, a := range c.arms {
		ch, l, label := s.changes(0, a.ID), c.looks[a.ID], c.count(a)
		if c.named {
			name := c.armLabel(a, c.slot) // the numbers of all arms stand on one line
			label = name + strings.Repeat("\n", lines-lineCount(name)+1) + label
		}
		names = append(names, plot.Tick{Value: float64(k), Label: label})
		if err := c.crowd.add(&pointMarks{theme: t, look: l, at: float64(k), values: ch, offset: -c.slot * 0.04, room: c.slot * 0.31, size: pointSize(most)}); err != nil {
			return err
		}
		row, ok := s.within(0, a.ID)
		if !ok {
			continue
		}
		at := float64(k) + 0.3
		means = append(means, &intervalMarks{theme: t, look: l, items: []interval{{at, row.Estimate, row.Lower, row.Upper}}})
		if k == 0 || len(c.arms) == 2 { // on to the other axis
			c.left.add(&linesMarks{theme: t, color: fade(l.color, 0.5), width: 1,
				lines: [][]xy{{{at, row.Estimate}, {c.left.plot.X.Max, row.Estimate}}}})
		}
	}
	c.left.plot.X.Tick.Marker = names
	c.crowd.addTo(c.left)
	c.left.add(means...)
	return nil
}

// drawDifferences draws the right panel.
func (c *gardnerAltman) drawDifferences() {
	t := c.t
	c.right.add(&refLine{theme: t, value: 0, color: inkGray})
	if c.th != nil {
		c.right.add(&refLine{theme: t, value: c.edge, color: inkGray, dashes: t.dashes(3, 2)})
	}
	var names Labels
	var clouds []*violinMarks
	for k, x := range c.effects {
		at, l, e, ci := float64(k), x.look, x.effect, x.ci()
		tick := plot.Tick{Value: at} // of one difference the axis's label says what it is
		if len(c.effects) > 1 {
			tick.Label = c.armLabel(l.arm, c.gap)
		} else {
			c.right.add(&linesMarks{theme: t, color: fade(l.color, 0.5), width: 1, lines: [][]xy{{{-0.4, e.Point()}, {0, e.Point()}}}})
		}
		names = append(names, tick)
		lo, hi := cloudReach(e, x.level)
		if xs, d := effectDensity(e, lo, hi); xs != nil {
			clouds = append(clouds, &violinMarks{look: l, at: at, reach: c.gap * 0.5, pts: points(xs, d)})
			c.right.add(clouds[len(clouds)-1])
		}
		c.right.add(&intervalMarks{theme: t, look: l, items: []interval{{at, e.Point(), ci.Lo, ci.Hi}}})
	}
	equalAreas(clouds)
	c.right.plot.X.Tick.Marker = names
}

// controlFirst is control, then the active arms or the one that is asked for.
func (s *series) controlFirst(arm string) ([]study.Arm, error) {
	var control, active []study.Arm
	for _, a := range s.arms {
		switch {
		case a.Control:
			control = append(control, a)
		case arm == "" || arm == a.ID:
			active = append(active, a)
		}
	}
	if len(control) != 1 || active == nil {
		return nil, fmt.Errorf("plot: GardnerAltman: no arm %q to compare with control; the active arms are %s", arm, strings.Join(s.activeIDs(), ", "))
	}
	return append(control, active...), nil
}
