package plot

import (
	"fmt"
	"math"
	"sort"

	"github.com/trialkit/trialkit/study"
)

// MeanBarsOptions are the choices of MeanBarsWith.
type MeanBarsOptions struct {
	Options
	// NoParticipants leaves the participants out of the bars.
	NoParticipants bool
}

// MeanBars draws arm means at each visit as bars from zero, because somebody
// asked for bars. WARNING: prefer Trajectories or Change. A bar shows a mean
// and hides the values it came from: very different samples give the same bar,
// its inside suggests values where there may be none, and it needs zero on the
// axis even where zero means nothing. So this chart draws the participants (of 200
// or more, their percentiles) over the bars and a confidence interval, never a standard error, and is drawn by
// no other function on its own. It takes the results of one outcome, a visit
// each. Values must not be negative.
// What is wrong with bars: Weissgerber et al. 2015, PLoS Biol 13:e1002128,
// doi:10.1371/journal.pbio.1002128.
func MeanBars(results []study.Result) (*Figure, error) {
	return MeanBarsWith(results, MeanBarsOptions{})
}

// MeanBarsWith is MeanBars with choices.
func MeanBarsWith(results []study.Result, o MeanBarsOptions) (*Figure, error) {
	c, err := newMeanBars(results, o)
	if err != nil {
		return nil, err
	}
	if err := c.addBars(); err != nil {
		return nil, err
	}
	if err := c.frame(); err != nil {
		return nil, err
	}
	c.drawBars()
	c.words()
	return c.f, nil
}

// meanBars is the chart while it is made.
type meanBars struct {
	drawing
	o         MeanBarsOptions
	pn        *panel
	places    []study.Visit
	ys        span
	most      int // participants of an arm at a visit
	bars      *tileMarks
	swarms    swarms           // before they are many or few
	crowd     crowdMarks       // the participants
	intervals []*intervalMarks // by arm
	rows      []numberRow      // by arm
	notes     []string         // on the axis
}

func newMeanBars(results []study.Result, o MeanBarsOptions) (*meanBars, error) {
	s, err := newSeries("MeanBars", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	c := &meanBars{o: o, places: s.visits()}
	if c.drawing, err = s.draw(o.Options, s.crowded(8), "plot-bars-title"); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLegend(s.arms, c.looks, false)
	c.bars = &tileMarks{theme: c.t}
	c.pn = c.t.newPanel(0, 0, c.t.height(50))
	c.f.panels = []*panel{c.pn}
	c.pn.plot.Y.Label.Text = c.t.toward(outcomeLabel(s.outcome), s.outcome.Better, c.pn.height)
	return c, nil
}

// addBars places the bars, arms side by side at each visit.
func (c *meanBars) addBars() error {
	people := c.s.participants()
	for v := range c.places {
		n := 0
		for _, lines := range people {
			for _, p := range lines {
				if !math.IsNaN(p[v]) {
					n++
				}
			}
		}
		c.crowd.many = c.crowd.many || n >= manyFrom
	}
	wide := 0.8 / float64(len(c.s.arms)) // of a bar, in units of the x axis
	c.ys.add(0)
	for k, a := range c.s.arms {
		l := c.looks[a.ID]
		m, row := &intervalMarks{theme: c.t, look: l, scale: 0.75}, numberRow{look: l}
		for v, visit := range c.places {
			var values []float64
			for _, p := range people[a.ID] {
				if !math.IsNaN(p[v]) {
					values = append(values, p[v])
				}
			}
			sort.Float64s(values)
			if len(values) > 0 && values[0] < 0 {
				return fmt.Errorf("plot: MeanBars: the value %v is negative; a bar from zero says nothing then", values[0])
			}
			shown, err := c.crowd.shown(values)
			if err != nil {
				return err
			}
			c.ys.add(shown...)
			c.most = max(c.most, len(values))
			row.at, row.text = append(row.at, float64(v)), append(row.text, fmt.Sprint(len(values)))
			mean, ok := c.s.mean(a.ID, visit.ID, nil)
			if !ok {
				continue
			}
			mean.at = float64(v) + wide*(float64(k)-float64(len(c.s.arms)-1)/2)
			c.ys.add(mean.value, mean.lo, mean.hi)
			c.bars.tiles = append(c.bars.tiles, tile{dataRect: dataRect{mean.at - wide*0.46, mean.at + wide*0.46, 0, mean.value},
				fill: fade(l.color, 0.2), edge: l.color})
			m.items = append(m.items, mean)
			c.swarms = append(c.swarms, &pointMarks{theme: c.t, look: l, at: mean.at, values: values})
		}
		c.intervals, c.rows = append(c.intervals, m), append(c.rows, row)
	}
	return nil
}

// frame sets the axes, and the room that participants have in and beside a bar.
func (c *meanBars) frame() error {
	t, pn := c.t, c.pn
	_, hi := valueRange(c.s.outcome, c.ys, 6)
	setRange(&pn.plot.Y, 0, hi)
	pn.standOnAxis()
	xs := make([]float64, len(c.places))
	for i := range xs {
		xs[i] = float64(i)
	}
	strip := t.newNumberStrip(t.say("plot-n-header", nil), c.rows)
	c.notes = t.placeVisits(pn, strip, c.places, xs, SpacingEven, 0, 0.5)
	slot := t.changeSlot(pn, strip, len(c.places), len(c.s.arms)) / 2
	few := c.most < crowdFrom || c.crowd.many // they stand beside the interval, others behind it
	for _, p := range c.swarms {
		p.room, p.size = slot*0.8, pointSize(c.most)
		if few {
			p.room, p.offset = slot*0.4, -slot*0.4
		}
		if err := c.crowd.add(p); err != nil {
			return err
		}
	}
	for _, m := range c.intervals {
		m.clear = !few
		if few {
			m.offset = slot * 0.4
		}
	}
	return nil
}

func (c *meanBars) drawBars() {
	c.pn.add(c.bars)
	if !c.o.NoParticipants {
		c.crowd.addTo(c.pn)
	}
	for _, m := range c.intervals {
		c.pn.add(m)
	}
}

func (c *meanBars) words() {
	t, levels := c.t, c.s.levels()
	var foot []string
	if !c.o.NoParticipants {
		foot = append(foot, c.crowd.words(t)...)
	}
	foot = append(foot, t.say("plot-bars-method", map[string]any{"level": levels.words(t)}))
	foot = append(foot, levels.note(t)...)
	foot = append(foot, c.notes...)
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
	c.f.tell(c.s.altDifference(t), append(c.s.altDifferences(t), c.s.altChanges(t))...)
}
