package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// DropoutOptions are the choices of DropoutWith.
type DropoutOptions struct {
	Options
	Spacing Spacing
}

// Dropout answers "how many participants were still in the trial at each
// visit, and did the arms lose them alike?". It takes the results of one
// outcome, a visit each. A participant counts as still in the trial at a visit
// if the outcome was observed then or at a later one, so a missed visit is not
// dropout; the percentage is of the arm's participants in the file. Read
// whether the lines part: that the arms lose unlike participants is what harms
// a comparison. The table counts the values observed at each visit.
// Convention: numbers observed under the axis, Pocock, Clayton & Altman 2002,
// Lancet 359:1686, doi:10.1016/S0140-6736(02)08594-X.
func Dropout(results []study.Result) (*Figure, error) {
	return DropoutWith(results, DropoutOptions{})
}

// DropoutWith is Dropout with choices.
func DropoutWith(results []study.Result, o DropoutOptions) (*Figure, error) {
	s, err := anySeries("Dropout", results)
	if err != nil {
		return nil, err
	}
	if err := o.Spacing.check("Dropout"); err != nil {
		return nil, err
	}
	c := &dropout{o: o, places: s.visits(), shares: make([][]interval, len(s.arms)), rows: make([]numberRow, len(s.arms))}
	if c.drawing, err = s.draw(o.Options, len(c.places) > 6, "plot-dropout-title"); err != nil {
		return nil, err
	}
	people := s.participants()
	c.addPanel()
	for k, a := range s.arms {
		c.count(k, people[a.ID])
	}
	c.nameArms()
	arms := c.drawShares()
	c.f.note(append([]string{c.t.say("plot-dropout-method", nil)}, c.notes...))
	c.f.tell(c.answer(), c.alts...)
	c.f.standApart(0, arms, c.xs, c.dodge())
	return c.f, nil
}

// dropout is the chart while it is made.
type dropout struct {
	drawing
	o      DropoutOptions
	pn     *panel
	places []study.Visit
	xs     []float64    // of the places
	shares [][]interval // still there, by arm
	rows   []numberRow  // seen, by arm
	alts   []string
	notes  []string // on the axis
}

// addPanel begins the panel, anew where it was laid out before.
func (c *dropout) addPanel() {
	c.pn = c.t.newPanel(0, 0, c.t.height(42))
	c.f.panels = []*panel{c.pn}
	setRange(&c.pn.plot.Y, 0, 100)
	c.pn.plot.Y.Label.Text = c.t.across(c.t.say("plot-dropout-y", map[string]any{"outcome": c.s.outcome.ShortLabel()}), c.pn.height)
	c.xs = make([]float64, len(c.places))
	for i := range c.xs {
		c.xs[i] = float64(i)
	}
}

// count counts the participants of an arm who were seen at each visit, and who
// were still there: seen then or later.
func (c *dropout) count(k int, people [][]float64) {
	still, seen := make([]int, len(c.places)), make([]int, len(c.places))
	for _, row := range people {
		last := -1
		for v, x := range row {
			if !math.IsNaN(x) {
				seen[v]++
				last = v
			}
		}
		for v := range last + 1 {
			still[v]++
		}
	}
	a, n, end := c.s.arms[k], len(people), len(c.places)-1
	c.rows[k].look = c.looks[a.ID]
	for v := range c.places {
		c.rows[k].at, c.rows[k].text = append(c.rows[k].at, float64(v)), append(c.rows[k].text, fmt.Sprint(seen[v]))
		if n > 0 {
			c.shares[k] = append(c.shares[k], interval{float64(v), 100 * float64(still[v]) / float64(n), math.NaN(), math.NaN()})
		}
	}
	if n > 0 {
		c.alts = append(c.alts, c.t.say("plot-dropout-alt", map[string]any{"arm": armName(a), "still": still[end],
			"n": n, "visit": visitName(c.places[end])}))
		c.pn.side = append(c.pn.side, c.t.armSide(c.shares[k][end].value, c.looks[a.ID]))
	}
}

// answer says how many of each arm were there at the end.
func (c *dropout) answer() string {
	people, last := c.s.participants(), len(c.places)-1
	return c.t.altAt(c.places[last], c.t.say("plot-alt-still", map[string]any{"list": c.t.altShares(c.s.arms, func(arm string) (still, n int) {
		for _, row := range people[arm] {
			if !math.IsNaN(row[last]) {
				still++
			}
		}
		return still, len(people[arm])
	})}))
}

// nameArms puts labels at the end of the lines, or a legend: also where level
// names of visits are worth one.
func (c *dropout) nameArms() {
	strip := c.t.newNumberStrip(c.t.say("plot-n-header", nil), c.rows)
	place := func() {
		c.notes = c.t.placeVisits(c.pn, strip, c.places, c.xs, c.o.Spacing, c.dodge()*vg.Length(len(c.s.arms)), 0)
	}
	direct := c.t.sideFits(c.pn.side, c.pn.height)
	if !direct {
		c.pn.side = nil
	}
	place()
	if direct = direct && (c.pn.plot.X.Tick.Label.Rotation == 0 || c.pn.side == nil); direct {
		return
	}
	if c.pn.side != nil {
		c.addPanel()
		place()
	}
	c.f.legend = c.t.armLegend(c.s.arms, c.looks, true)
}

// dodge is how far the arms' symbols stand apart on the page.
func (c *dropout) dodge() vg.Length { return c.t.size() * 0.7 }

// drawShares draws the lines, then the symbols, which it returns by arm.
func (c *dropout) drawShares() []*intervalMarks {
	var arms []*intervalMarks
	for k, a := range slices.Backward(c.s.arms) {
		for i := range c.shares[k] {
			c.shares[k][i].at = c.xs[i]
		}
		m := &intervalMarks{theme: c.t, look: c.looks[a.ID], items: c.shares[k], scale: 0.85}
		c.pn.add(linkMarks{m})
		arms = append(arms, m)
	}
	for _, m := range arms {
		c.pn.add(m)
	}
	slices.Reverse(arms)
	return arms
}
