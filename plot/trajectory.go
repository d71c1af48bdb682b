package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// Spacing of visits on the x axis.
type Spacing int

const (
	// SpacingAuto is true time where every visit has one: under the visits' names,
	// or under numbers where these have no room. Where numbers would touch it is
	// equal spacing, which the footnote says.
	SpacingAuto Spacing = iota
	SpacingEven
	SpacingTime
)

// check refuses a spacing that does not exist.
func (x Spacing) check(fn string) error {
	if x < SpacingAuto || x > SpacingTime {
		return fmt.Errorf("plot: %s: no spacing %d", fn, x)
	}
	return nil
}

// TrajectoriesOptions are the choices of TrajectoriesWith.
type TrajectoriesOptions struct {
	Options
	Spacing Spacing
	// LSMeans, a repeated-measures result of the same outcome, replaces the
	// observed means by its model's means.
	LSMeans *study.Result
	// NoParticipants leaves the thin lines out.
	NoParticipants bool
}

// Trajectories answers "how did each participant, and each arm on average,
// go from baseline on?". It takes the results of one outcome, a visit each, in
// order. Read the thin lines first: each is a participant; of 200 or more, a
// band an arm holds the middle half instead. Symbols are the
// arms' means with confidence intervals, set side by side on the page (their
// values are not moved); the table counts the values behind each. The
// intervals describe arms; the difference between arms is in Differences.
// Convention: individual data beside means where n is small (Weissgerber et
// al. 2015, PLoS Biol 13:e1002128, doi:10.1371/journal.pbio.1002128).
func Trajectories(results []study.Result) (*Figure, error) {
	return TrajectoriesWith(results, TrajectoriesOptions{})
}

// TrajectoriesWith is Trajectories with choices.
func TrajectoriesWith(results []study.Result, o TrajectoriesOptions) (*Figure, error) {
	c, err := newTrajectories(results, o)
	if err != nil {
		return nil, err
	}
	if err := c.scale(); err != nil {
		return nil, err
	}
	c.nameArms()
	c.drawPeople()
	arms := c.drawMeans()
	c.words()
	c.f.standApart(0, arms, c.xs, c.dodge())
	return c.f, nil
}

// trajectories is the chart while it is made.
type trajectories struct {
	drawing
	o      TrajectoriesOptions
	pn     *panel
	places []study.Visit // on the axis
	xs     []float64     // of them
	means  [][]interval  // by arm; their places are those of the visits
	people map[string][][]float64
	lines  int // of people
	// bands hold the middle half of each arm, instead of many lines.
	bands map[string]quantileBand
	notes []string // on the axis
}

func newTrajectories(results []study.Result, o TrajectoriesOptions) (*trajectories, error) {
	s, err := newSeries("Trajectories", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	if err := s.checkLSMeans(o.LSMeans); err != nil {
		return nil, err
	}
	if err := o.Spacing.check("Trajectories"); err != nil {
		return nil, err
	}
	c := &trajectories{o: o, places: s.visits()}
	title := "plot-trajectories-title"
	if o.LSMeans != nil {
		title += "-model"
	}
	if c.drawing, err = s.draw(o.Options, len(c.places) > 6, title); err != nil {
		return nil, err
	}
	c.xs = make([]float64, len(c.places))
	c.means = make([][]interval, len(s.arms))
	for i, v := range c.places {
		c.xs[i] = float64(i)
		for k, a := range s.arms {
			if m, ok := s.mean(a.ID, v.ID, o.LSMeans); ok {
				m.at = float64(i) // index; its place comes with the axis
				c.means[k] = append(c.means[k], m)
			}
		}
	}
	if !o.NoParticipants {
		c.people = s.participants()
	}
	for _, lines := range c.people {
		c.lines += len(lines)
	}
	if c.lines >= manyFrom {
		c.bands = map[string]quantileBand{}
		for id, lines := range c.people {
			if c.bands[id], err = newQuantileBand(lines, len(c.places), 0.25); err != nil {
				return nil, err
			}
		}
		c.people, c.lines = nil, 0
	}
	c.pn = c.t.newPanel(0, 0, c.t.height(50))
	c.f.panels = []*panel{c.pn}
	return c, nil
}

// checkLSMeans refuses means that are not of this outcome's model.
func (s *series) checkLSMeans(ls *study.Result) error {
	if ls == nil {
		return nil
	}
	if ls.Outcome.ID != s.outcome.ID {
		return fmt.Errorf("plot: Trajectories: LSMeans are of outcome %q, the results of %q", ls.Outcome.ID, s.outcome.ID)
	}
	if !slices.ContainsFunc(ls.LSMeans, func(m study.LSMean) bool { return m.Method == ls.Plan.Method() }) {
		return fmt.Errorf("plot: Trajectories: LSMeans hold no means of a model of %q", s.outcome.ID)
	}
	return nil
}

// scale sets the y axis by what will be drawn.
func (c *trajectories) scale() error {
	c.pn.plot.Y.Label.Text = c.t.toward(outcomeLabel(c.s.outcome), c.s.outcome.Better, c.pn.height)
	var ys span
	for _, items := range c.means {
		for _, m := range items {
			ys.add(m.value, m.lo, m.hi)
		}
	}
	for _, lines := range c.people {
		for _, l := range lines {
			ys.add(l...)
		}
	}
	for _, b := range c.bands {
		ys.add(b.lower...)
		ys.add(b.upper...)
	}
	if !ys.any {
		return fmt.Errorf("plot: Trajectories: %q has no values to draw", c.s.outcome.ID)
	}
	lo, hi := valueRange(c.s.outcome, ys, 6)
	setRange(&c.pn.plot.Y, lo, hi)
	return nil
}

// nameArms puts labels at the end of the lines, or a legend, and the visits with
// their numbers under the axis; then the means know their places.
func (c *trajectories) nameArms() {
	t, pn, arms := c.t, c.pn, c.s.arms
	for k, a := range arms {
		if n := len(c.means[k]); n > 0 {
			pn.side = append(pn.side, t.armSide(c.means[k][n-1].value, c.looks[a.ID]))
		}
	}
	strip := t.newNumberStrip(t.say("plot-n-header", nil), c.s.numberRows(c.looks, c.places))
	if !strip.named || !t.sideFits(pn.side, pn.height) {
		pn.side = nil
		c.f.legend = t.armLegend(arms, c.looks, true)
	}
	c.notes = t.placeVisits(pn, strip, c.places, c.xs, c.o.Spacing, c.dodge()*vg.Length(len(arms)), 0)
	for _, items := range c.means {
		for i := range items {
			items[i].at = c.xs[int(items[i].at)]
		}
	}
}

// dodge is how far the arms' means stand apart on the page.
func (c *trajectories) dodge() vg.Length { return c.t.size() * 0.62 }

// drawPeople draws the thin lines behind, control's first.
func (c *trajectories) drawPeople() {
	for _, a := range slices.Backward(c.s.arms) {
		if b, ok := c.bands[a.ID]; ok {
			c.pn.add(b.marks(c.t, c.looks[a.ID], c.xs, 0.16, true)...)
			continue
		}
		m := &pathMarks{theme: c.t, color: fade(c.looks[a.ID].color, opacity(c.lines)), dots: c.lines <= 40}
		for _, row := range c.people[a.ID] {
			line := make([]xy, len(row))
			for i, y := range row {
				line[i] = xy{c.xs[i], y}
			}
			m.lines = append(m.lines, line)
		}
		c.pn.add(m)
	}
}

// drawMeans draws the means on top: their halos, then their lines, then their
// symbols. It returns those by arm.
func (c *trajectories) drawMeans() []*intervalMarks {
	var arms []*intervalMarks
	for k, a := range slices.Backward(c.s.arms) {
		m := &intervalMarks{theme: c.t, look: c.looks[a.ID], items: c.means[k]}
		if c.lines >= crowdFrom {
			c.pn.add(haloMarks{m})
		}
		arms = append(arms, m)
	}
	for _, m := range arms {
		c.pn.add(linkMarks{of: m})
	}
	for _, m := range arms {
		c.pn.add(m)
	}
	slices.Reverse(arms)
	return arms
}

func (c *trajectories) words() {
	t := c.t
	var foot []string
	switch {
	case c.bands != nil:
		foot = append(foot, t.say("plot-quantiles-middle", nil))
	case !c.o.NoParticipants:
		foot = append(foot, t.say("plot-lines-participants", nil))
	}
	code, levels := "plot-mean-ci", c.s.levels()
	if c.o.LSMeans != nil { // one model, one level
		code, levels.of = "plot-lsmean-ci", []float64{c.o.LSMeans.Level}
	}
	foot = append(foot, t.say(code, map[string]any{"level": levels.words(t)}))
	foot = append(foot, levels.note(t)...)
	foot = append(foot, t.hiddenNote(c.pn, c.means)...)
	foot = append(foot, c.notes...)
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
	c.f.tell(c.s.altDifference(t), append(c.s.altDifferences(t), c.s.altChanges(t))...)
}

// armSide is an arm's name at the end of its line.
func (t *theme) armSide(y float64, l look) sideLabel {
	return sideLabel{y: y, color: l.color, text: strings.Join(t.wrap(t.text(), armName(l.arm), t.width*0.2), "\n")}
}

// hiddenNote says that symbols cover intervals, where they do.
func (t *theme) hiddenNote(pn *panel, means [][]interval) []string {
	for _, items := range means {
		if t.hidden(pn, items) {
			return []string{t.say("plot-interval-hidden", nil)}
		}
	}
	return nil
}

// mean is an arm's mean at a visit, observed or the model's.
func (s *series) mean(arm, visit string, ls *study.Result) (interval, bool) {
	if ls != nil {
		for _, m := range ls.LSMeans {
			if m.Arm == arm && m.Visit == visit && m.Method == ls.Plan.Method() {
				ci := m.CI(m.Level)
				return interval{0, m.Value, ci.Lo, ci.Hi}, true
			}
		}
		if visit != s.baseline.ID {
			return interval{}, false
		}
	}
	m, ok := s.summary(arm, visit)
	if !ok {
		return interval{}, false
	}
	return fromDescription(0, m.Description, s.levelAt(visit)), true
}

// numberRows counts the values behind each mean.
func (s *series) numberRows(looks map[string]look, visits []study.Visit) []numberRow {
	var rows []numberRow
	for _, a := range s.arms {
		r := numberRow{look: looks[a.ID]}
		for i, v := range visits {
			m, ok := s.summary(a.ID, v.ID)
			if !ok {
				m.N = 0
			}
			r.at, r.text = append(r.at, float64(i)), append(r.text, fmt.Sprint(m.N))
		}
		rows = append(rows, r)
	}
	return rows
}

// opacity of thin lines: what many lines make dark, few may show.
func opacity(n int) float64 {
	return clamp(0.42*math.Pow(25/math.Max(float64(n), 25), 0.6), 0.025, 0.42)
}

// armLegend is a legend of all arms.
func (t *theme) armLegend(arms []study.Arm, looks map[string]look, line bool) []legendItem {
	var out []legendItem
	for _, a := range arms {
		out = append(out, legendItem{look: looks[a.ID], text: armName(a), line: line})
	}
	return out
}

// sideFits reports whether side labels fit beside a data area of height h and
// leave it most of the figure's width.
func (t *theme) sideFits(ls []sideLabel, h vg.Length) bool {
	var sum vg.Length
	for _, l := range ls {
		sum += t.textHeight(l.text) + t.size()*0.25
	}
	return sum <= h && t.sideWidth(ls) <= t.width*0.27
}
