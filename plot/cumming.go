package plot

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// Cumming answers "how do the participants' changes compare between arms, and
// how large are the differences?" for any number of arms and visits: above,
// every participant's change with the arms' means and intervals; under it, on
// an axis of its own, each active arm's difference from control with its
// interval and density. Read the lower part: the intervals above describe arms.
// Convention: Cumming 2012, Understanding the New Statistics, ISBN
// 978-0-415-87968-2; Ho et al. 2019, Nat Methods 16:565,
// doi:10.1038/s41592-019-0470-3.
func Cumming(results []study.Result) (*Figure, error) {
	return CummingWith(results, EstimationOptions{})
}

// CummingWith is Cumming with choices.
func CummingWith(results []study.Result, o EstimationOptions) (*Figure, error) {
	upper, err := drawChange("Cumming", results, ChangeOptions{Options: o.Options, NoThreshold: true})
	if err != nil {
		return nil, err
	}
	c := &cumming{drawing: upper.drawing, o: o}
	if err := c.s.checkEffects("Cumming", o.Effects); err != nil {
		return nil, err
	}
	c.f.entitle("plot-estimation-title", map[string]any{"outcome": name(c.s.outcome.Label, c.s.outcome.ID)})
	c.frame()
	if err := c.drawEffects(); err != nil {
		return nil, err
	}
	c.f.finishEstimation(c.t, c.s, c.th, c.curves, c.leftOut, upper.pointNotes())
	return c.f, nil
}

// cumming is the chart while its lower part is made.
type cumming struct {
	drawing
	o      EstimationOptions
	lower  *panel
	th     *study.Threshold
	curves [][]effectCurve // by result
	// leftOut are arms at visits without a difference.
	leftOut []string
}

// frame adds the lower panel under the upper, on the same axis of visits.
func (c *cumming) frame() {
	t, upper := c.t, c.f.panels[0]
	c.lower = t.newPanel(1, 0, t.height(36))
	c.f.panels = append(c.f.panels, c.lower)
	upper.side = nil
	upper.plot.Y.Label.Text = t.toward(t.say("plot-change-axis", map[string]any{"outcome": outcomeLabel(c.s.outcome)}), c.s.outcome.Better, upper.height)
	c.lower.visits = upper.visits
	x, above := &c.lower.plot.X, upper.plot.X
	x.Tick.Marker, x.Tick.Label = above.Tick.Marker, above.Tick.Label
	setRange(x, above.Min, above.Max)
	c.lower.plot.Y.Label.Text = t.towardArm(t.differenceAxis(c.s.outcome, c.s.arms), c.s.outcome.Better, c.s.arms, c.lower.height)
	if c.th = margin(c.s.outcome); c.o.NoThreshold {
		c.th = nil
	}
}

// drawEffects draws each active arm's difference at each visit.
func (c *cumming) drawEffects() error {
	t, s := c.t, c.s
	var active []study.Arm
	for _, a := range s.arms {
		if !a.Control {
			active = append(active, a)
		}
	}
	slot := min((t.width-t.size()*8)/vg.Length(len(s.results))*0.8/vg.Length(max(len(active), 1)), t.size()*6)
	var ys span
	ys.add(0)
	var marks []plot.Plotter
	var clouds []*violinMarks
	c.curves = make([][]effectCurve, len(s.results))
	for i, r := range s.results {
		at, err := c.f.XOfVisit(0, r.Visit.ID)
		if err != nil {
			return err
		}
		for k, a := range active {
			e, ok := estimationEffect(r, a.ID, c.o)
			if !ok {
				c.leftOut = append(c.leftOut, t.armAt(a, r.Visit))
				continue
			}
			offset := slot * (vg.Length(k) - vg.Length(len(active)-1)/2)
			if len(active) > 1 {
				offset -= slot * 0.15 // interval and density in the middle of their slot
			}
			e.look = c.looks[a.ID]
			c.curves[i] = append(c.curves[i], e)
			lo, hi := cloudReach(e.effect, e.level)
			ys.add(lo, hi, e.effect.Point())
			if xs, d := effectDensity(e.effect, lo, hi); xs != nil {
				cloud := &violinMarks{look: e.look, at: at, offset: offset, reach: slot * 0.5, pts: points(xs, d)}
				clouds, marks = append(clouds, cloud), append(marks, cloud)
			}
			marks = append(marks, &intervalMarks{theme: t, look: e.look, offset: offset, items: []interval{fromEffect(at, e.effect, e.level)}})
		}
	}
	if marks == nil {
		return fmt.Errorf("plot: Cumming: %q has no difference of mean changes", s.outcome.ID)
	}
	equalAreas(clouds)
	edge := 0.0
	if c.th != nil {
		edge = c.th.Value * s.outcome.Better.Sign()
		ys.add(edge)
	}
	y0, y1 := changeRange(s.outcome, ys, 5)
	setRange(&c.lower.plot.Y, y0, y1)
	c.lower.add(&refLine{theme: t, value: 0, color: inkGray})
	if c.th != nil {
		c.lower.add(&refLine{theme: t, value: edge, color: inkGray, dashes: t.dashes(3, 2)})
		c.f.legend = append(c.f.legend, t.thresholdKey(*c.th, s.outcome))
	}
	c.lower.add(marks...)
	return nil
}
