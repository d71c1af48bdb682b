package plot

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// ChangeOptions are the choices of ChangeWith.
type ChangeOptions struct {
	Options
	// NoThreshold leaves the line of the individual threshold out.
	NoThreshold bool
}

// Change answers "by how much did each participant change, at each visit?".
// It takes the results of one outcome, a visit each. Read the small symbols
// first: each is one participant's change from baseline (of 200 participants or
// more, bars hold the middle half and four fifths of each arm); the large symbol
// beside them is the arm's mean with its confidence interval, from the
// within-arm row of the result. The dashed line is the threshold for one
// patient's improvement: it belongs to the small symbols, not to the means.
// Convention: Weissgerber et al. 2015, PLoS Biol 13:e1002128,
// doi:10.1371/journal.pbio.1002128.
func Change(results []study.Result) (*Figure, error) { return ChangeWith(results, ChangeOptions{}) }

// ChangeWith is Change with choices.
func ChangeWith(results []study.Result, o ChangeOptions) (*Figure, error) {
	c, err := drawChange("Change", results, o)
	if err != nil {
		return nil, err
	}
	return c.f, nil
}

// drawChange draws the chart for itself and as the upper part of Cumming.
func drawChange(fn string, results []study.Result, o ChangeOptions) (*change, error) {
	c, err := newChange(fn, results, o)
	if err != nil {
		return nil, err
	}
	if err := c.scale(); err != nil {
		return nil, err
	}
	c.nameVisits()
	if err := c.drawMarks(); err != nil {
		return nil, err
	}
	c.words()
	return c, nil
}

// change is the chart while it is made.
type change struct {
	drawing
	pn    *panel
	rows  []numberRow  // by arm
	means [][]interval // by arm
	most  int          // participants of an arm at a visit
	crowd crowdMarks   // the participants
	// The threshold of patients, and where it lies on the axis.
	th    study.Threshold
	hasTh bool
	line  float64
	slot  vg.Length // width of an arm at a visit
	notes []string  // on the axis
}

func newChange(fn string, results []study.Result, o ChangeOptions) (*change, error) {
	s, err := changing(fn, results, o.Visits...)
	if err != nil {
		return nil, err
	}
	c := &change{rows: make([]numberRow, len(s.arms)), means: make([][]interval, len(s.arms))}
	if c.drawing, err = s.draw(o.Options, s.crowded(8), "plot-change-title"); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLegend(s.arms, c.looks, false)
	for k, a := range s.arms {
		c.rows[k].look = c.looks[a.ID]
		for i := range s.results {
			n := len(s.changes(i, a.ID))
			c.most = max(c.most, n)
			c.crowd.many = c.crowd.many || s.paired(i) >= manyFrom
			c.rows[k].at = append(c.rows[k].at, float64(i))
			c.rows[k].text = append(c.rows[k].text, c.t.num(float64(n), 0))
			if row, ok := s.within(i, a.ID); ok {
				c.means[k] = append(c.means[k], interval{float64(i), row.Estimate, row.Lower, row.Upper})
			}
		}
	}
	if c.most == 0 {
		return nil, fmt.Errorf("plot: %s: %q has no participant with baseline and visit", fn, s.outcome.ID)
	}
	c.th, c.hasTh = patientThreshold(s.outcome)
	c.hasTh = c.hasTh && !o.NoThreshold
	c.line = c.th.Value * s.outcome.Better.Sign()
	c.pn = c.t.newPanel(0, 0, c.t.height(50))
	c.f.panels = []*panel{c.pn}
	return c, nil
}

// scale sets the y axis, and right of the data which way is better, and the
// threshold.
func (c *change) scale() error {
	t, pn, o := c.t, c.pn, c.s.outcome
	pn.plot.Y.Label.Text = t.across(t.say("plot-change-axis", map[string]any{"outcome": outcomeLabel(o)}), pn.height)
	var ys span
	ys.add(0)
	for k, a := range c.s.arms {
		for i := range c.s.results {
			shown, err := c.crowd.shown(c.s.changes(i, a.ID))
			if err != nil {
				return err
			}
			ys.add(shown...)
		}
		for _, m := range c.means[k] {
			ys.add(m.value, m.lo, m.hi)
		}
	}
	if c.hasTh {
		ys.add(c.line)
	}
	lo, hi := changeRange(o, ys, 6)
	setRange(&pn.plot.Y, lo, hi)
	end, arrow := hi, 1
	if o.Better == study.LowerIsBetter {
		end, arrow = lo, -1
	}
	pn.side = append(pn.side, sideLabel{y: end, text: t.say("plot-better", nil), color: inkGray, arrow: arrow, fixed: true})
	if c.hasTh {
		pn.side = append(pn.side, t.thresholdSide(c.line, c.th, o))
	}
	return nil
}

// nameVisits sets the x axis and divides it among the arms.
func (c *change) nameVisits() {
	visits, xs := c.s.followUps()
	strip := c.t.newNumberStrip(c.t.say("plot-n-header", nil), c.rows)
	c.notes = c.t.placeVisits(c.pn, strip, visits, xs, SpacingEven, 0, 0.5) // half a place of room on both sides
	c.slot = c.t.changeSlot(c.pn, strip, len(c.s.results), len(c.s.arms))
}

// drawMarks draws arms side by side at each visit: the participants, and the mean
// right of them. Reference lines lie under the data.
func (c *change) drawMarks() error {
	t, slot := c.t, c.slot
	c.pn.add(&refLine{theme: t, value: 0, color: inkGray})
	var lines, arms []plot.Plotter
	for k, a := range c.s.arms {
		center := slot * vg.Length(float64(k)-float64(len(c.s.arms)-1)/2)
		for i := range c.s.results {
			if c.hasTh { // behind the participants, not behind the mean
				lines = append(lines, &refLine{theme: t, value: c.line, color: inkGray, dashes: t.dashes(2.5, 1.5),
					at: float64(i), before: center - slot*0.46, after: center + slot*0.22, limited: true})
			}
			if err := c.crowd.add(&pointMarks{theme: t, look: c.looks[a.ID], at: float64(i), values: c.s.changes(i, a.ID),
				offset: center - slot*0.12, room: slot * 0.33, size: pointSize(c.most)}); err != nil {
				return err
			}
		}
		arms = append(arms, &intervalMarks{theme: t, look: c.looks[a.ID], items: c.means[k], offset: center + slot*0.34})
	}
	c.pn.add(lines...)
	c.crowd.addTo(c.pn)
	c.pn.add(arms...)
	return nil
}

// pointNotes say what the symbols are.
func (c *change) pointNotes() []string {
	return append(append(c.crowd.words(c.t), c.t.say("plot-mean-change-ci", map[string]any{"level": c.s.levels().words(c.t)})), c.notes...)
}

func (c *change) words() {
	t, levels := c.t, c.s.levels()
	foot := append(c.pointNotes(), levels.note(t)...)
	if c.hasTh {
		foot = append(foot, t.thresholdNote("plot-threshold-line", c.th, c.s.outcome))
	}
	foot = append(foot, t.hiddenNote(c.pn, c.means)...)
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
	c.f.tell(c.s.altDifference(t), append(c.s.altDifferences(t), c.s.altChanges(t))...)
}

// crowded reports whether the participants of all arms at all visits ask for two
// columns: for more groups than given, or half as many of large ones.
func (s *series) crowded(groups int) bool {
	n := len(s.results) * len(s.arms)
	return n > groups || 2*n > groups && len(s.results[0].Records) > 30*len(s.arms)
}

// changeSlot is the width on the page that one arm has at one visit.
func (t *theme) changeSlot(pn *panel, strip *numberStrip, visits, arms int) vg.Length {
	_, left := strip.size(t)
	width := t.width - 2*t.edge() - max(left, t.size()*5.5) - t.sideWidth(pn.side)
	return min(width/vg.Length(visits)*0.86/vg.Length(arms), t.size()*8)
}

// pointSize shrinks symbols when there are many.
func pointSize(n int) float64 { return clamp(math.Sqrt(60/math.Max(float64(n), 1)), 0.45, 1) }
