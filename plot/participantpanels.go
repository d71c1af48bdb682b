package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// ParticipantPanelsOptions are the choices of ParticipantPanelsWith.
type ParticipantPanelsOptions struct {
	Options
	// Participants picks participants by ID; nil is everybody.
	Participants []string
	// NoThreshold leaves the line of one patient's threshold out.
	NoThreshold bool
}

// mostPanels is how many participants have a panel each on one page.
const mostPanels = 30

// ParticipantPanels answers "how did every single participant fare?" in a trial of at
// most 30: a small panel a participant, whose heading and color name the arm (where
// the page has no room for such headings, color and symbol), sorted by the change at the visit on which the trial is decided, or at the last. It takes
// the results of one outcome, a visit each. Values stand at their true times. The
// dashed line is where the participant has improved by one patient's threshold from
// baseline on, or for an outcome without baseline the acceptable state; there is none
// where the threshold lies beyond the scale. A panel shows a person, and no panel shows
// an effect: participants change without treatment too. More than 30 are refused: draw
// ArmPanels, or some of them by Participants.
// Convention: individual data as small multiples, Weissgerber et al. 2015, PLoS Biol
// 13:e1002128, doi:10.1371/journal.pbio.1002128.
func ParticipantPanels(results []study.Result) (*Figure, error) {
	return ParticipantPanelsWith(results, ParticipantPanelsOptions{})
}

// ParticipantPanelsWith is ParticipantPanels with choices.
func ParticipantPanelsWith(results []study.Result, o ParticipantPanelsOptions) (*Figure, error) {
	c, err := newParticipantPanels(results, o)
	if err != nil {
		return nil, err
	}
	if !c.fit() { // color and symbol tell the arm too
		c.bare = true
		c.fit()
	}
	c.tell()
	return c.f, nil
}

// fit draws the panels in as many columns as their headings allow, or for want of
// height as the page does. It reports false where barer headings are to be tried.
func (c *participantPanels) fit() bool {
	c.fitColumns()
	l := c.fill()
	for l.cramped && c.cols > 1 {
		c.cols--
		l = c.fill()
	}
	last := c.bare || c.t.opt.Height != 0
	for l.tooHigh() && c.cols < len(c.people) { // more of them in a row
		c.cols++
		if l = c.fill(); l.cramped {
			if c.cols--; last {
				c.fill()
			}
			return last
		}
	}
	return last || !l.tooHigh()
}

// fill draws the panels in as many columns as there are, as high as a page allows.
func (c *participantPanels) fill() *layout {
	rows := (len(c.people) + c.cols - 1) / c.cols
	least := 9.0
	if c.bare {
		least = 7
	}
	return c.f.onPage(c.t.height(26), c.t.height(least), rows, c.draw)
}

// participantPanels is the chart while it is made.
type participantPanels struct {
	drawing
	places []study.Visit
	head   int // the result by whose change they are sorted
	people []person
	gone   []string // IDs without any value
	// The threshold: a change from each one's baseline, or a value.
	th        study.Threshold
	hasTh, of bool // of: from baseline
	lo, hi    float64
	cols      int
	oneLine   bool // a heading
	bare      bool // a heading is the ID alone
	keys      []legendItem
	axis      visitAxis
}

// person is a participant with the values at the places, NaN where there is none.
type person struct {
	id, arm string
	values  []float64
	change  float64 // to the visit that sorts, or without baseline the value there; NaN
}

func newParticipantPanels(results []study.Result, o ParticipantPanelsOptions) (*participantPanels, error) {
	s, err := newSeries("ParticipantPanels", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	c := &participantPanels{places: s.visits(), head: headline(s.results)}
	if err := c.collect(s, o.Participants); err != nil {
		return nil, err
	}
	if c.drawing, err = s.draw(o.Options, len(c.people) > 9, "plot-participantpanels-title"); err != nil {
		return nil, err
	}
	if !o.NoThreshold {
		c.threshold()
	}
	var ys span
	for _, p := range c.people {
		ys.add(p.values...)
		if y, ok := c.line(p); ok {
			ys.add(y)
		}
	}
	c.lo, c.hi = valueRange(s.outcome, ys, 4)
	c.keys = c.t.armLegend(s.arms, c.looks, true)
	if c.hasTh {
		k := c.t.thresholdKey(c.th, s.outcome)
		if c.of {
			k.text = c.t.say("plot-participantpanels-threshold", map[string]any{"threshold": k.text})
		}
		c.keys = append(c.keys, k)
	}
	return c, nil
}

// collect takes the participants asked for, the greatest improvement first.
func (c *participantPanels) collect(s *series, ids []string) error {
	known := map[string]int{}
	first := len(c.places) - len(s.results) // of the visits after baseline
	for i, r := range s.results {
		for _, rec := range r.Records {
			if len(ids) > 0 && !slices.Contains(ids, rec.ID) {
				continue
			}
			k, ok := known[rec.ID]
			if !ok {
				k = len(c.people)
				known[rec.ID] = k
				p := person{id: rec.ID, arm: rec.Arm, change: math.NaN()}
				for range c.places {
					p.values = append(p.values, math.NaN())
				}
				c.people = append(c.people, p)
			}
			p := &c.people[k]
			if rec.HasBaseline && first > 0 {
				p.values[0] = rec.Baseline
			}
			if rec.HasFollow {
				p.values[first+i] = rec.Follow
			}
			switch {
			case i != c.head:
			case first == 0 && rec.HasFollow:
				p.change = rec.Follow
			case first > 0 && rec.HasBaseline && rec.HasFollow:
				p.change = rec.Change
			}
		}
	}
	for _, id := range ids {
		if _, ok := known[id]; !ok {
			return fmt.Errorf("plot: ParticipantPanels: no participant %q", id)
		}
	}
	c.people = slices.DeleteFunc(c.people, func(p person) bool {
		none := !slices.ContainsFunc(p.values, func(x float64) bool { return !math.IsNaN(x) })
		if none {
			c.gone = append(c.gone, p.id)
		}
		return none
	})
	slices.Sort(c.gone)
	if n := len(c.people); n > mostPanels {
		return fmt.Errorf("plot: ParticipantPanels: %d participants are more than the %d who have a panel each on a page: draw ArmPanels, or name some in ParticipantPanelsOptions.Participants", n, mostPanels)
	}
	sign := s.outcome.Better.Sign()
	slices.SortFunc(c.people, func(a, b person) int {
		x, y := math.IsNaN(a.change), math.IsNaN(b.change)
		switch {
		case x != y && x:
			return 1
		case x != y:
			return -1
		case !x && a.change != b.change:
			return cmp.Compare(sign*b.change, sign*a.change)
		}
		return cmp.Compare(a.id, b.id)
	})
	return nil
}

// threshold finds what a participant is held against: study's threshold of one
// patient's change, or without baseline the state that counts.
func (c *participantPanels) threshold() {
	if th, ok := patientThreshold(c.s.outcome); ok && c.s.outcome.HasBaseline() {
		c.th, c.hasTh, c.of = th, true, true
		return
	}
	for _, r := range c.s.results[c.head].Responders {
		if r.Rule == study.RulePass {
			c.th, c.hasTh = r.Threshold, true
			return
		}
	}
}

// line is where a participant has reached the threshold.
func (c *participantPanels) line(p person) (y float64, ok bool) {
	if y = c.th.Value; c.of {
		y = p.values[0] + c.s.outcome.Better.Sign()*c.th.Value
	}
	o := c.s.outcome
	return y, c.hasTh && !math.IsNaN(y) && (!o.HasRange() || y >= o.Min && y <= o.Max)
}

// heading names a participant and the arm, on one line where all have room for that.
func (c *participantPanels) heading(p person) string {
	if c.bare {
		return p.id
	}
	apart := "\n"
	if c.oneLine {
		apart = ", "
	}
	return p.id + apart + c.looks[p.arm].arm.ShortLabel()
}

// fitColumns decides how many panels stand in a row.
func (c *participantPanels) fitColumns() {
	t, n := c.t, len(c.people)
	var words vg.Length
	c.oneLine = false
	for _, p := range c.people {
		words = max(words, widestWord(t.bold(), c.heading(p)))
	}
	c.cols = max(1, min(n, int((t.width-c.left())/max(t.size()*8, words+c.between()))))
	rows := (n + c.cols - 1) / c.cols
	c.cols = (n + rows - 1) / rows // no last row of one where it need not be
}

// left is the room beside the first column.
func (c *participantPanels) left() vg.Length { return c.t.tickRoom(c.lo, c.hi) + c.t.size()*5 }

// between is what two panels of a row have between their data areas: axis and gap.
func (c *participantPanels) between() vg.Length { return c.t.size()*2.1 + c.t.scaled(panelGapX) }

// fitRow decides what a row of panels has room for: headings on one line, and the axis
// of visits.
func (c *participantPanels) fitRow() {
	t := c.t
	room := (t.width-c.left())/vg.Length(c.cols) - c.between()
	c.oneLine = true
	for _, p := range c.people {
		c.oneLine = c.oneLine && t.bold().Width(c.heading(p)) <= room
	}
	spacing := SpacingEven
	if _, _, known := visitTimes(c.places); known {
		spacing = SpacingTime
	}
	c.axis = t.axisOfVisits(c.places, room, 0, c.pad(), spacing, func(vg.Length) bool { return true })
	t.cramped = false // the axis's name reaches under the other panels
}

// nameValues names the upright axes: beside the first column, or where its panels are
// too low for that before the legend.
func (c *participantPanels) nameValues(high vg.Length) (beside string) {
	t, o := c.t, c.s.outcome
	c.f.legend = slices.Clone(c.keys)
	if widestWord(t.text(), outcomeLabel(o), t.say("plot-better", nil)+"mm") <= high {
		if s := t.toward(outcomeLabel(o), o.Better, high); lineCount(s) <= 3 {
			return s
		}
	}
	c.f.legend = append([]legendItem{{plain: true, text: t.directed(outcomeLabel(o), o.Better)}}, c.f.legend...)
	return ""
}

// pad is how far the axis goes on beyond the visits, in places.
func (c *participantPanels) pad() float64 {
	if len(c.places) == 1 {
		return 0.5
	}
	return 0
}

// draw draws the participants in panels of a height, and the note under them.
func (c *participantPanels) draw(high vg.Length) {
	c.addPanels(high)
	c.note()
}

// addPanels draws the participants in panels of a height. Times stand under the last of
// each column, and what they are under the first.
func (c *participantPanels) addPanels(high vg.Length) {
	c.f.panels = nil
	c.fitRow()
	n, beside := len(c.people), c.nameValues(high)
	lo, hi := c.axis.reach(c.pad())
	values, times := Labels(c.t.fewTicks(high).Ticks(c.lo, c.hi)), Labels(c.axis.ticks.Ticks(lo, hi)) // once for all
	c.axis.ticks = times
	for k, p := range c.people {
		t := c.t
		pn := t.newPanel(k/c.cols, k%c.cols, high)
		c.f.panels = append(c.f.panels, pn)
		pn.title = c.heading(p)
		pn.least = t.size() * 4.5
		if pn.col == 0 {
			pn.plot.Y.Label.Text = beside
		}
		setRange(&pn.plot.Y, c.lo, c.hi)
		pn.plot.Y.Tick.Marker = values
		c.axis.label(&pn.plot.X)
		pn.plot.X.Label.Text = ""
		switch {
		case k+c.cols < n:
			pn.plot.X.Tick.Marker = unnamedTicks{times}
		case pn.col == 0 && pn.row == (n-1)/c.cols && c.axis.title != "": // it may reach under others
			title := strings.ReplaceAll(c.axis.title, "\n", " ")
			pn.below = append(pn.below, &textStrip{text: strings.Join(t.wrap(t.text(), title, t.width-c.left()), "\n")})
		}
		setRange(&pn.plot.X, lo, hi)
		pn.setVisits(c.places, c.axis.xs)
		c.drawPerson(pn, p)
	}
	shareY(c.f.panels)
}

// fewTicks are the ticks of an upright axis of a height, clear of each other.
func (t *theme) fewTicks(high vg.Length) Ticks {
	k := t.ticks()
	k.Most = max(1, min(6, int(high/(t.size()*2.2))))
	return k
}

// drawPerson draws a participant's values, broken where one is missing.
func (c *participantPanels) drawPerson(pn *panel, p person) {
	t, l := c.t, c.looks[p.arm]
	if y, ok := c.line(p); ok {
		pn.add(&refLine{theme: t, value: y, color: inkGray, dashes: t.dashes(3, 2)})
	}
	path := &pathMarks{theme: t, color: l.color, lines: [][]xy{nil}}
	dots := &intervalMarks{theme: t, look: l, scale: 0.75}
	for i, y := range p.values {
		path.lines[0] = append(path.lines[0], xy{c.axis.xs[i], y})
		if !math.IsNaN(y) {
			dots.items = append(dots.items, interval{c.axis.xs[i], y, math.NaN(), math.NaN()})
		}
	}
	pn.add(path, dots)
}

func (c *participantPanels) note() {
	t, method := c.t, "plot-participantpanels-method"
	at := visitName(c.s.results[c.head].Visit)
	if !c.s.outcome.HasBaseline() {
		method += "-values"
	}
	foot := []string{t.say(method, map[string]any{"visit": at})}
	last := c.people[len(c.people)-1]
	if math.IsNaN(last.change) {
		foot = append(foot, t.say("plot-participantpanels-last", nil))
	}
	if c.hasTh && slices.ContainsFunc(c.people, func(p person) bool { _, ok := c.line(p); return !ok }) {
		foot = append(foot, t.say("plot-participantpanels-beyond", nil))
	}
	if c.gone != nil {
		foot = append(foot, t.say("plot-participantpanels-gone", map[string]any{"list": strings.Join(c.gone, ", ")}))
	}
	c.f.note(append(foot, c.axis.notes...))
}

// tell answers with the difference between arms, and has every participant's change.
func (c *participantPanels) tell() {
	t, o, alt := c.t, c.s.outcome, "plot-participantpanels-alt"
	at := visitName(c.s.results[c.head].Visit)
	if !o.HasBaseline() {
		alt += "-values"
	}
	more, digits := c.s.altDifferences(t), 0
	for _, p := range c.people { // as the file has them
		if !math.IsNaN(p.change) {
			digits = max(digits, decimalsOf(p.change))
		}
	}
	for _, p := range c.people {
		if !math.IsNaN(p.change) {
			more = append(more, t.say(alt, map[string]any{"id": p.id, "arm": armName(c.looks[p.arm].arm), "visit": at,
				"value": t.num(p.change, digits), "unit": o.Unit}))
		}
	}
	c.f.tell(c.s.altDifference(t), more...)
}
