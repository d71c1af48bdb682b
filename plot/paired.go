package plot

import (
	"math"
	"strings"

	"github.com/trialkit/trialkit/study"
	"gonum.org/v1/plot/vg"
)

// PairedEstimation answers "how did the participants of each arm change, and
// how large was the mean change?": above, every participant's line from
// baseline over the visits; under it the mean change at each visit with its
// interval and density. It describes change within arms, which holds natural
// course and placebo response besides any effect: it is no comparison of arms,
// for which see Cumming.
// Convention: Ho et al. 2019, Nat Methods 16:565,
// doi:10.1038/s41592-019-0470-3 (paired Cumming plot).
func PairedEstimation(results []study.Result) (*Figure, error) {
	return PairedEstimationWith(results, EstimationOptions{})
}

// PairedEstimationWith is PairedEstimation with choices. Effects with the arm's
// key replace its mean change.
func PairedEstimationWith(results []study.Result, o EstimationOptions) (*Figure, error) {
	return onePage(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newPaired(results, o)
		if err != nil {
			return nil, err
		}
		for k := range c.s.arms {
			if err := c.addPanels(k); err != nil {
				return nil, err
			}
		}
		equalAreas(c.clouds)
		shareY(c.f.panels)
		c.words()
		return c.f, nil
	})
}

// paired is the chart while it is made.
type paired struct {
	drawing
	places   []study.Visit // baseline and the visits
	people   map[string][][]float64
	effects  [][]effectCurve // by arm and result; without effect where there is none
	lo, hi   float64         // of the values
	dlo, dhi float64         // of the changes
	cols     int
	clouds   []*violinMarks
	axis     visitAxis
	many     bool     // quantiles are drawn instead of lines
	counts   []string // of participants, where they have no room under the panel
	medians  string   // of the values, where they are drawn
}

func newPaired(results []study.Result, o EstimationOptions) (*paired, error) {
	s, err := changing("PairedEstimation", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	if err := s.checkEffects("PairedEstimation", o.Effects); err != nil {
		return nil, err
	}
	c := &paired{places: s.visits(), people: s.participants(), effects: make([][]effectCurve, len(s.arms))}
	if c.drawing, err = s.draw(o.Options, len(s.results)*len(s.arms) > 3, "plot-paired-title"); err != nil {
		return nil, err
	}
	var ys, ds span
	ds.add(0)
	for _, lines := range c.people {
		c.many = c.many || len(lines) >= manyFrom
		for _, l := range lines {
			ys.add(l...)
		}
	}
	for k, a := range s.arms {
		for i, r := range s.results {
			e := effectCurve{look: c.looks[a.ID], level: r.Level}
			if given, ok := o.Effects[EstimationKey{a.ID, r.Visit.ID}]; ok {
				e.effect = given
			} else if row, ok := s.within(i, a.ID); ok {
				e.effect, e.row, e.level = row.Effect, row, row.Level
			}
			if e.effect != nil {
				ds.add(cloudReach(e.effect, e.level))
				ds.add(e.effect.Point())
			}
			c.effects[k] = append(c.effects[k], e)
		}
	}
	c.lo, c.hi = valueRange(s.outcome, ys, 6)
	c.dlo, c.dhi = changeRange(s.outcome, ds, 5)
	c.fitColumns()
	return c, nil
}

// fitColumns decides how many arms stand side by side.
func (c *paired) fitColumns() {
	t, arms := c.t, c.s.arms
	taken := t.tickRoom(c.lo, c.hi) + t.size()*5.7
	var words vg.Length
	for _, a := range arms {
		words = max(words, widestWord(t.bold(), armName(a)))
	}
	c.cols = fitColumns(max(1, min(len(arms), int(float64(t.width/t.size())/(12*t.opt.dense.narrower())))), t.width, func(w vg.Length) bool {
		return w-taken > words && (w-taken)/vg.Length(len(c.places)) > t.size()*1.35
	})
}

// addPanels adds an arm's two panels.
func (c *paired) addPanels(k int) error {
	t, a := c.t, c.s.arms[k]
	up := t.newPanel(2*(k/c.cols), k%c.cols, t.height(highPanels(len(c.s.arms), 38, 26)))
	down := t.newPanel(2*(k/c.cols)+1, k%c.cols, t.height(highPanels(len(c.s.arms), 26, 18)))
	c.f.panels = append(c.f.panels, up, down)
	up.title = armName(a)
	if k%c.cols == 0 {
		up.plot.Y.Label.Text = t.toward(outcomeLabel(c.s.outcome), c.s.outcome.Better, up.height)
		down.plot.Y.Label.Text = t.toward(t.changeAxis(c.s.outcome), c.s.outcome.Better, down.height)
	}
	setRange(&up.plot.Y, c.lo, c.hi)
	setRange(&down.plot.Y, c.dlo, c.dhi)
	width := t.width/vg.Length(c.cols) - t.size()*6
	c.nameVisits(up, down, width)
	c.countPeople(down, a, width)
	c.drawEffects(down, k, width)
	return c.drawPeople(up, a)
}

// nameVisits puts the visits under the lower panel; the upper has their ticks.
func (c *paired) nameVisits(up, down *panel, width vg.Length) {
	most := 0
	for _, lines := range c.people {
		most = max(most, len(lines))
	}
	strip := &numberStrip{rows: []numberRow{{text: []string{c.t.num(float64(most), 0)}}}}
	c.axis = c.t.axisOfVisits(c.places, width, 0, 0.45, SpacingAuto, func(gap vg.Length) bool {
		return strip.fits(c.t, gap) && gap > c.t.size()*2 // a density has room
	})
	c.axis.label(&down.plot.X)
	up.plot.X.Tick.Marker = bareTicks{c.axis.ticks}
	lo, hi := c.axis.reach(0.45)
	for _, p := range []*panel{up, down} {
		p.setVisits(c.places, c.axis.xs)
		setRange(&p.plot.X, lo, hi)
	}
}

// drawPeople draws a line a participant, or bands and the median of many.
func (c *paired) drawPeople(up *panel, a study.Arm) error {
	people, l := c.people[a.ID], c.looks[a.ID]
	if c.many {
		for _, p := range []float64{0.1, 0.25} {
			b, err := newQuantileBand(people, len(c.places), p)
			if err != nil {
				return err
			}
			up.add(b.marks(c.t, l, c.axis.xs, 0.22, false)...)
		}
		medians, err := quantilesAt(people, len(c.places), 0.5)
		if err != nil {
			return err
		}
		median := medians[0]
		var line []xy
		for i, y := range median {
			if !math.IsNaN(y) {
				line = append(line, xy{c.axis.xs[i], y})
			}
		}
		c.tellMedians(a, median)
		up.add(&linesMarks{theme: c.t, color: l.color, width: 1.7, dashes: l.dashes, lines: [][]xy{line}})
		return nil
	}
	m := &pathMarks{theme: c.t, color: fade(c.looks[a.ID].color, math.Min(0.75, 1.6*opacity(len(people)))), dots: len(people) <= 40}
	for _, row := range people {
		line := make([]xy, len(row))
		for i, y := range row {
			line[i] = xy{c.axis.xs[i], y}
		}
		m.lines = append(m.lines, line)
	}
	up.add(m)
	return nil
}

// tellMedians says an arm's medians at the visits.
func (c *paired) tellMedians(a study.Arm, median []float64) {
	var out []string
	for i, m := range median {
		if !math.IsNaN(m) {
			out = append(out, c.t.say("plot-alt-median-at", map[string]any{"visit": visitName(c.places[i]), "value": c.t.num(m, digitsOf(c.s.results)), "unit": c.s.outcome.Unit}))
		}
	}
	if out != nil {
		c.medians = strings.TrimSpace(c.medians + " " + c.t.say("plot-alt-medians-of", map[string]any{"arm": armName(a), "list": strings.Join(out, ", ")}))
	}
}

// countPeople writes under the panel how many have baseline and the visit.
func (c *paired) countPeople(down *panel, a study.Arm, width vg.Length) {
	seen := numberRow{look: c.looks[a.ID]}
	for i := range c.places {
		count := 0
		for _, row := range c.people[a.ID] {
			if !math.IsNaN(row[0]) && !math.IsNaN(row[i]) {
				count++
			}
		}
		seen.at, seen.text = append(seen.at, c.axis.xs[i]), append(seen.text, c.t.num(float64(count), 0))
	}
	strip := &numberStrip{header: "n", rows: []numberRow{seen}, inline: true}
	if strip.fits(c.t, c.gap(width)) {
		down.below = append(down.below, strip)
		return
	}
	c.counts = append(c.counts, c.t.say("plot-n-list", map[string]any{"arm": armName(a), "list": strings.Join(seen.text, ", ")}))
}

// gap is the smallest interval between visits on the page.
func (c *paired) gap(width vg.Length) vg.Length {
	lo, hi := c.axis.reach(0.45)
	return vg.Length(smallestPlace(c.axis.xs)/(hi-lo)) * width
}

// drawEffects draws the mean changes with their intervals and densities.
func (c *paired) drawEffects(down *panel, k int, width vg.Length) {
	slot := min(c.gap(width)*0.4, c.t.size()*3.5)
	down.add(&refLine{theme: c.t, value: 0, color: inkGray})
	for i, e := range c.effects[k] {
		if e.effect == nil {
			continue
		}
		from, to := cloudReach(e.effect, e.level)
		if xs, d := effectDensity(e.effect, from, to); xs != nil {
			cloud := &violinMarks{look: e.look, at: c.axis.xs[i+1], reach: slot, pts: points(xs, d)}
			c.clouds = append(c.clouds, cloud)
			down.add(cloud)
		}
		down.add(&intervalMarks{theme: c.t, look: e.look, items: []interval{fromEffect(c.axis.xs[i+1], e.effect, e.level)}})
	}
}

func (c *paired) words() {
	t, levels := c.t, c.s.levels()
	lines := "plot-lines-participants"
	if c.many {
		lines = "plot-quantiles-wide"
	}
	foot := []string{t.say(lines, nil), t.say("plot-paired-method", map[string]any{"level": levels.words(t)})}
	foot = append(foot, c.axis.notes...)
	foot = append(foot, c.counts...)
	c.f.note(append(append(foot, levels.note(t)...), t.say("plot-not-a-comparison", nil)))
	c.f.tell(c.s.altDifference(t), append(c.s.altDifferences(t), c.s.altChanges(t), c.medians)...)
}
