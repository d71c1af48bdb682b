package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// ArmPanelsOptions are the choices of ArmPanelsWith.
type ArmPanelsOptions struct {
	Options
	Spacing Spacing
	// Medians draws medians with their distribution-free intervals instead of means.
	Medians bool
}

// ArmPanels answers "how did the participants of each arm go over time?" without one
// arm's lines over another's: a panel an arm, all on one axis. It takes the results of
// one outcome, a visit each. Read the thin lines first: each is a participant; of 200
// or more in an arm, bands hold the participants between the 10th and the 90th and
// between the 25th and the 75th percentile instead. Large symbols are the arm's means
// with confidence intervals, or its medians. Distances between panels compare nothing:
// the difference between arms is in Differences and LSMeanChange.
// Convention: small multiples of individual data where lines of several groups would
// cover each other, Weissgerber et al. 2015, PLoS Biol 13:e1002128,
// doi:10.1371/journal.pbio.1002128.
func ArmPanels(results []study.Result) (*Figure, error) {
	return ArmPanelsWith(results, ArmPanelsOptions{})
}

// ArmPanelsWith is ArmPanels with choices.
func ArmPanelsWith(results []study.Result, o ArmPanelsOptions) (*Figure, error) {
	c, err := newArmPanels(results, o)
	if err != nil {
		return nil, err
	}
	rows := (len(c.s.arms) + c.cols - 1) / c.cols
	t := c.t
	least := max(t.height(12), widestWord(t.text(), outcomeLabel(c.s.outcome), t.say("plot-better", nil)+"mm")) // the axis has its name
	c.f.onPage(t.height(50), least, rows, c.draw)
	c.tell()
	return c.f, nil
}

// armPanels is the chart while it is made.
type armPanels struct {
	drawing
	o       ArmPanelsOptions
	places  []study.Visit
	people  map[string][][]float64
	centers [][]interval // by arm: means or medians; their places are those of the visits
	bands   [][]quantileBand
	many    bool
	lo, hi  float64 // of the y axis
	cols    int
	axis    visitAxis
	counts  []string // of participants, where they have no room under the panel
	bare    []string // medians without an interval
}

func newArmPanels(results []study.Result, o ArmPanelsOptions) (*armPanels, error) {
	s, err := newSeries("ArmPanels", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	if err := o.Spacing.check("ArmPanels"); err != nil {
		return nil, err
	}
	c := &armPanels{o: o, places: s.visits(), people: s.participants(), centers: make([][]interval, len(s.arms)), bands: make([][]quantileBand, len(s.arms))}
	if c.drawing, err = s.draw(o.Options, len(s.arms) > 1, "plot-armpanels-title"); err != nil {
		return nil, err
	}
	for _, lines := range c.people {
		c.many = c.many || len(lines) >= manyFrom
	}
	var ys span
	for k, a := range s.arms {
		if err := c.center(k, a); err != nil {
			return nil, err
		}
		for _, m := range c.centers[k] {
			ys.add(m.value, m.lo, m.hi)
		}
		if !c.many {
			for _, l := range c.people[a.ID] {
				ys.add(l...)
			}
			continue
		}
		for _, p := range []float64{0.1, 0.25} {
			b, err := newQuantileBand(c.people[a.ID], len(c.places), p)
			if err != nil {
				return nil, err
			}
			c.bands[k] = append(c.bands[k], b)
			ys.add(b.lower...)
			ys.add(b.upper...)
		}
	}
	c.lo, c.hi = valueRange(s.outcome, ys, 6)
	c.fitColumns()
	return c, nil
}

// center finds an arm's means, or medians, at the visits.
func (c *armPanels) center(k int, a study.Arm) error {
	for i, v := range c.places {
		if !c.o.Medians {
			if m, ok := c.s.mean(a.ID, v.ID, nil); ok {
				m.at = float64(i)
				c.centers[k] = append(c.centers[k], m)
			}
			continue
		}
		var xs []float64
		for _, l := range c.people[a.ID] {
			if !math.IsNaN(l[i]) {
				xs = append(xs, l[i])
			}
		}
		if len(xs) == 0 {
			continue
		}
		m, err := stats.Median(xs)
		if err != nil {
			return fmt.Errorf("plot: ArmPanels: %w", err)
		}
		ci := m.CI(c.s.levelAt(v.ID))
		if !finite(ci.Lo, ci.Hi) { // the level is out of reach of so few
			c.bare = append(c.bare, c.t.armAt(a, v))
			ci.Lo, ci.Hi = math.NaN(), math.NaN()
		}
		c.centers[k] = append(c.centers[k], interval{float64(i), m.Point(), ci.Lo, ci.Hi})
	}
	return nil
}

// fitColumns decides how many arms stand side by side, and the axis of visits.
func (c *armPanels) fitColumns() {
	t, arms := c.t, c.s.arms
	taken := t.tickRoom(c.lo, c.hi) + t.size()*5.7
	var words vg.Length
	most := 0
	for _, a := range arms {
		words = max(words, widestWord(t.bold(), armName(a)))
		most = max(most, len(c.people[a.ID]))
	}
	c.cols = fitColumns(max(1, min(len(arms), int(t.width/t.size()/12))), t.width, func(w vg.Length) bool {
		return w-taken > words && (w-taken)/vg.Length(len(c.places)) > t.size()*1.35
	})
	rows := (len(arms) + c.cols - 1) / c.cols
	c.cols = (len(arms) + rows - 1) / rows // none stands alone where two could
	strip := &numberStrip{rows: []numberRow{{text: []string{t.num(float64(most), 0)}}}}
	c.axis = t.axisOfVisits(c.places, c.room(), 0, c.pad(), c.o.Spacing, func(gap vg.Length) bool { return strip.fits(t, gap) })
}

// room is the width of a panel's data area, about.
func (c *armPanels) room() vg.Length { return c.t.width/vg.Length(c.cols) - c.t.size()*6 }

// pad is how far the axis goes on beyond the visits, in places.
func (c *armPanels) pad() float64 {
	if len(c.places) == 1 {
		return 0.5
	}
	return 0.25
}

// draw draws the arms in panels of a height, and the note under them.
func (c *armPanels) draw(high vg.Length) {
	c.addPanels(high)
	c.note()
}

// addPanels draws the arms in panels of a height.
func (c *armPanels) addPanels(high vg.Length) {
	c.f.panels, c.counts = nil, nil
	for k, a := range c.s.arms {
		t := c.t
		pn := t.newPanel(k/c.cols, k%c.cols, high)
		c.f.panels = append(c.f.panels, pn)
		pn.title = armName(a)
		if pn.col == 0 {
			pn.plot.Y.Label.Text = t.toward(outcomeLabel(c.s.outcome), c.s.outcome.Better, high)
		}
		setRange(&pn.plot.Y, c.lo, c.hi)
		c.axis.label(&pn.plot.X)
		if k+c.cols < len(c.s.arms) { // the one under it has the names
			pn.plot.X.Tick.Marker, pn.plot.X.Label.Text = unnamedTicks{c.axis.ticks}, ""
		}
		lo, hi := c.axis.reach(c.pad())
		setRange(&pn.plot.X, lo, hi)
		pn.setVisits(c.places, c.axis.xs)
		c.count(pn, a)
		c.drawArm(pn, k, a)
	}
	shareY(c.f.panels)
}

// count writes under the panel how many have a value at each visit.
func (c *armPanels) count(pn *panel, a study.Arm) {
	row := numberRow{look: c.looks[a.ID], at: c.axis.xs}
	for i := range c.places {
		n := 0
		for _, l := range c.people[a.ID] {
			if !math.IsNaN(l[i]) {
				n++
			}
		}
		row.text = append(row.text, c.t.num(float64(n), 0))
	}
	lo, hi := c.axis.reach(c.pad())
	strip := &numberStrip{header: "n", rows: []numberRow{row}, inline: true}
	if strip.fits(c.t, vg.Length(smallestPlace(c.axis.xs)/(hi-lo))*c.room()) {
		pn.below = append(pn.below, strip)
		last := len(row.text) - 1
		pn.add(endRoom{row.at[last], c.t.text().Width(row.text[last]) / 2})
		return
	}
	c.counts = append(c.counts, c.t.say("plot-n-list", map[string]any{"arm": armName(a), "list": strings.Join(row.text, ", ")}))
}

// drawArm draws an arm's participants, and on them its means.
func (c *armPanels) drawArm(pn *panel, k int, a study.Arm) {
	t, l, people := c.t, c.looks[a.ID], c.people[a.ID]
	for _, b := range c.bands[k] {
		pn.add(b.marks(t, l, c.axis.xs, 0.22, false)...)
	}
	if !c.many {
		m := &pathMarks{theme: t, color: fade(l.color, math.Min(0.75, 1.3*opacity(len(people)))), dots: len(people) <= 40}
		for _, row := range people {
			line := make([]xy, len(row))
			for i, y := range row {
				line[i] = xy{c.axis.xs[i], y}
			}
			m.lines = append(m.lines, line)
		}
		pn.add(m)
	}
	m := &intervalMarks{theme: t, look: l}
	for _, i := range c.centers[k] {
		i.at = c.axis.xs[int(i.at)]
		m.items = append(m.items, i)
	}
	if !c.many && len(people) >= crowdFrom {
		pn.add(haloMarks{m})
	}
	pn.add(linkMarks{of: m}, m)
}

func (c *armPanels) note() {
	t, levels := c.t, c.s.levels()
	lines, centers := "plot-lines-participants", "plot-armpanels-means"
	if c.many {
		lines = "plot-armpanels-bands"
	}
	if c.o.Medians {
		centers = "plot-armpanels-medians"
	}
	foot := []string{t.say(lines, nil), t.say(centers, map[string]any{"level": levels.words(t)})}
	foot = append(foot, levels.note(t)...)
	if c.bare != nil {
		foot = append(foot, t.say("plot-armpanels-bare", map[string]any{"list": t.join(c.bare)}))
	}
	foot = append(foot, t.hiddenNote(c.f.panels[0], c.centers)...)
	foot = append(foot, c.axis.notes...)
	foot = append(foot, c.counts...)
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
}

// tell answers with the difference between arms, and has every mean or median.
func (c *armPanels) tell() {
	t, alt := c.t, "plot-armpanels-alt"
	if c.o.Medians {
		alt += "-medians"
	}
	more := c.s.altDifferences(t)
	for k, a := range c.s.arms {
		var list []string
		for _, m := range c.centers[k] {
			list = append(list, t.say("plot-alt-median-at", map[string]any{"visit": visitName(c.places[int(m.at)]),
				"value": t.num(m.value, digitsOf(c.s.results)), "unit": c.s.outcome.Unit}))
		}
		if list != nil {
			more = append(more, t.say(alt, map[string]any{"arm": armName(a), "list": strings.Join(list, ", ")}))
		}
	}
	c.f.tell(c.s.altDifference(t), more...)
}
