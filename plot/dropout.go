package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"

	"github.com/trialkit/trialkit/study"
)

// DropoutOptions are the choices of DropoutWith.
type DropoutOptions struct {
	Options
	Spacing Spacing
}

// Dropout answers "how many participants did each arm lose, and when?". It takes the
// results of one outcome, a visit each, and draws the share of each arm's participants
// in the file that was lost by each visit, as a step curve. A participant is lost from
// the first visit on after which the outcome was never observed, so that a missed
// visit is no loss; the step stands at that visit, as nothing tells when between two
// visits somebody left. The table under the axis counts those who were still there:
// what the curve says, in numbers. Read whether the curves part: that the arms lose
// unlike participants is what harms a comparison.
// Convention: numbers still observed under the axis, Pocock, Clayton & Altman 2002,
// Lancet 359:1686, doi:10.1016/S0140-6736(02)08594-X.
func Dropout(results []study.Result) (*Figure, error) {
	return DropoutWith(results, DropoutOptions{})
}

// DropoutWith is Dropout with choices.
func DropoutWith(results []study.Result, o DropoutOptions) (*Figure, error) {
	s, err := anySeries("Dropout", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	if err := o.Spacing.check("Dropout"); err != nil {
		return nil, err
	}
	c := &dropout{o: o, places: s.visits(), lost: make([][]float64, len(s.arms)), still: make([][]int, len(s.arms)),
		n: make([]int, len(s.arms)), rows: make([]numberRow, len(s.arms))}
	if c.drawing, err = s.draw(o.Options, len(c.places) > 6, "plot-dropout-title"); err != nil {
		return nil, err
	}
	people := s.participants()
	for k, a := range s.arms {
		c.count(k, people[a.ID])
	}
	c.addPanel()
	c.nameArms()
	c.drawLosses()
	c.f.note(append([]string{c.t.say("plot-dropout-method", nil)}, c.notes...))
	c.f.tell(c.answer(), c.alts...)
	return c.f, nil
}

// dropout is the chart while it is made.
type dropout struct {
	drawing
	o      DropoutOptions
	pn     *panel
	places []study.Visit
	xs     []float64   // of the places
	lost   [][]float64 // percentages by arm and place
	still  [][]int     // participants still there
	n      []int       // by arm
	rows   []numberRow // still there, by arm
	alts   []string
	notes  []string // on the axis
}

// addPanel begins the panel, anew where it was laid out before.
func (c *dropout) addPanel() {
	c.pn = c.t.newPanel(0, 0, c.t.height(42))
	c.f.panels = []*panel{c.pn}
	var ys span
	ys.add(0, 10) // of few losses a whole axis would be filled
	for k := range c.lost {
		ys.add(c.lost[k]...)
		if n := len(c.lost[k]); n > 0 {
			c.pn.side = append(c.pn.side, c.t.armSide(c.lost[k][n-1], c.looks[c.s.arms[k].ID]))
		}
	}
	_, hi := niceRange(0, ys.hi, 5, 0, 100)
	setRange(&c.pn.plot.Y, 0, hi)
	c.pn.plot.Y.Label.Text = c.t.across(c.t.say("plot-dropout-y", map[string]any{"outcome": c.s.outcome.ShortLabel()}), c.pn.height)
	c.xs = make([]float64, len(c.places))
	for i := range c.xs {
		c.xs[i] = float64(i)
	}
}

// count counts the participants of an arm who were still there at each visit: seen
// then or later.
func (c *dropout) count(k int, people [][]float64) {
	still := make([]int, len(c.places))
	for _, row := range people {
		for v := range row {
			if slices.ContainsFunc(row[v:], func(x float64) bool { return !math.IsNaN(x) }) {
				still[v]++
			}
		}
	}
	a, n, end := c.s.arms[k], len(people), len(c.places)-1
	c.still[k], c.n[k], c.rows[k].look = still, n, c.looks[a.ID]
	for v := range c.places {
		c.rows[k].at, c.rows[k].text = append(c.rows[k].at, float64(v)), append(c.rows[k].text, fmt.Sprint(still[v]))
		if n > 0 {
			c.lost[k] = append(c.lost[k], 100*float64(n-still[v])/float64(n))
		}
	}
	if n > 0 {
		for v := range c.places[:end] {
			c.alts = append(c.alts, c.t.say("plot-dropout-alt", map[string]any{"arm": armName(a), "lost": n - still[v], "n": n, "visit": visitName(c.places[v])}))
		}
	}
}

// answer says how many each arm had lost by the end.
func (c *dropout) answer() string {
	last := len(c.places) - 1
	return c.t.altAt(c.places[last], c.t.say("plot-alt-lost", map[string]any{"list": c.t.altShares(c.s.arms, func(arm string) (lost, n int) {
		k := slices.IndexFunc(c.s.arms, func(a study.Arm) bool { return a.ID == arm })
		return c.n[k] - c.still[k][last], c.n[k]
	})}))
}

// nameArms puts labels at the end of the lines, or a legend: also where level
// names of visits are worth one.
func (c *dropout) nameArms() {
	strip := c.t.newNumberStrip(c.t.say("plot-dropout-strip", nil), c.rows)
	place := func() {
		c.notes = c.t.placeVisits(c.pn, strip, c.places, c.xs, c.o.Spacing, 0, 0.3)
	}
	direct := strip.named && c.t.sideFits(c.pn.side, c.pn.height)
	if !direct {
		c.pn.side = nil
	}
	place()
	if direct = direct && (c.pn.plot.X.Tick.Label.Rotation == 0 || c.pn.side == nil); direct {
		return
	}
	if c.pn.side != nil {
		c.addPanel()
		c.pn.side = nil
		place()
	}
	c.f.legend = c.t.armLegend(c.s.arms, c.looks, true)
}

// drawLosses draws the curves from left to right, control's dashes over the lines of the
// others, which show between them: a step at the first visit without. The arms' symbols
// stand at the visits, on all curves, control's the lowest, whose corners show.
func (c *dropout) drawLosses() {
	var symbols []plot.Plotter
	for k, a := range c.s.arms {
		if len(c.lost[k]) == 0 {
			continue
		}
		pts := []xy{{c.pn.plot.X.Min, 0}}
		at := 0.0
		m := &intervalMarks{theme: c.t, look: c.looks[a.ID], scale: 0.75}
		for v, y := range c.lost[k] {
			m.items = append(m.items, interval{c.xs[v], y, math.NaN(), math.NaN()})
			pts = append(pts, xy{c.xs[v], at}, xy{c.xs[v], y})
			at = y
		}
		c.pn.add(&stepMarks{theme: c.t, look: c.looks[a.ID], pts: append(pts, xy{c.pn.plot.X.Max, at})})
		symbols = append(symbols, m)
	}
	slices.Reverse(symbols)
	c.pn.add(symbols...)
}
