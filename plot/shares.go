package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"

	"github.com/trialkit/trialkit/study"
)

// SharesOptions are the choices of SharesWith.
type SharesOptions struct{ Options }

// Shares answers "how many of each arm said yes, visit by visit?" of a binary
// outcome: the share of those with a value, with Clopper and Pearson's interval, on an
// axis from 0 to 100%, and under it the counts. It takes the results of one outcome, a
// visit each. The difference between the arms is drawn by Differences: that one
// interval lies apart from another is no test of it.
// Intervals: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404.
func Shares(results []study.Result) (*Figure, error) {
	return SharesWith(results, SharesOptions{})
}

// SharesWith is Shares with choices.
func SharesWith(results []study.Result, o SharesOptions) (*Figure, error) {
	c, err := newShares(results, o)
	if err != nil {
		return nil, err
	}
	c.place()
	c.frame()
	c.words()
	return c.f, nil
}

// ratioDecimals are those of ratios, and of probabilities of benefit.
const ratioDecimals = 2

// shownRow is a row with its numbers as they are printed: of shares in percentage
// points.
func shownRow(o study.Outcome, row study.Row) study.Row {
	if row.Measure.Scale() != study.ScaleProportion {
		return row
	}
	row.Measure = ""
	row.Estimate, row.Lower, row.Upper = o.Shown(row.Estimate), o.Shown(row.Lower), o.Shown(row.Upper)
	return row
}

// measureOf is what the numbers of a panel of a forest plot are: "" differences, else
// probabilities of benefit or a kind of ratio.
func measureOf(g []forestRow) study.Measure {
	for _, r := range g {
		if !r.heading && r.row.Measure.Plain() {
			return r.row.Measure
		}
	}
	return ""
}

// measure names a probability or a kind of ratio; a difference needs no name.
func (t *theme) measure(m study.Measure) string {
	if !m.Plain() {
		return ""
	}
	return t.say("measure-"+string(m), nil)
}

// plainOf tells whether there are probabilities or ratios among the groups, and whether
// there are differences.
func plainOf(groups [][]forestRow) (plain, differences bool) {
	for _, g := range groups {
		plain, differences = plain || measureOf(g) != "", differences || measureOf(g) == ""
	}
	return plain, differences
}

// toward is the direction in which a measure favors the active arm.
func toward(m study.Measure, o study.Outcome) study.Direction {
	if (study.Row{Measure: m, Estimate: m.Null() + 1}).Gain(o) > 0 {
		return study.HigherIsBetter
	}
	return study.LowerIsBetter
}

// forestRange sets the axis of a panel, with room on both sides of no difference, so that
// each has its words. A ratio's is logarithmic, and its intervals that reach 0 are cut.
func (t *theme) forestRange(p *plot.Plot, m study.Measure, o study.Outcome, xs span, marks []*intervalMarks, margins []*refLine) {
	if m.Scale() == study.ScaleRatio {
		var s span
		for _, mark := range marks {
			s.add(math.Log(mark.items[0].value))
		}
		reach := math.Max(math.Log(20), 3*math.Max(-s.lo, s.hi)) // longer ones end in an arrow
		s.add(-0.2, 0.2)
		for _, mark := range marks {
			for _, x := range []float64{mark.items[0].lo, mark.items[0].hi} {
				s.add(clamp(math.Log(math.Max(x, 0)), -reach, reach))
			}
		}
		for _, m := range margins {
			s.add(math.Log(m.value))
		}
		p.X.Scale = plot.LogScale{}
		p.X.Tick.Marker = LogTicks{Format: t.num}
		setRange(&p.X, logEnd(math.Exp(s.lo), false), logEnd(math.Exp(s.hi), true))
		for _, mark := range marks {
			if it := &mark.items[0]; it.lo <= 0 { // beyond any logarithmic axis
				it.lo = p.X.Min / 2
			}
		}
		return
	}
	null := m.Null()
	reach := math.Max(null-xs.lo, xs.hi-null)
	xs.add(null-0.3*reach, null+0.3*reach)
	lo, hi := changeRange(o, xs, 6)
	if m.Plain() {
		lo, hi = niceRange(clamp(xs.lo, 0, 1), clamp(xs.hi, 0, 1), 6, 0, 1)
	}
	setRange(&p.X, lo, hi)
}

// sharesChart is the chart while it is made.
type sharesChart struct {
	drawing
	what      string // plot-shares or plot-rates
	time      string // at risk, by name
	pn        *panel
	places    []study.Visit
	most      span             // of rates
	intervals []*intervalMarks // by arm
	rows      []numberRow      // by arm
	notes     []string         // on the axis
}

func newShares(results []study.Result, o SharesOptions) (*sharesChart, error) {
	s, err := anySeries("Shares", results)
	if err != nil {
		return nil, err
	}
	if !s.outcome.Binary() {
		return nil, fmt.Errorf("plot: Shares: outcome %q is not binary: it has no shares of yes", s.outcome.ID)
	}
	return s.sharesChart(o.Options, "plot-shares", "")
}

// sharesChart begins a chart of shares, or of rates: what is the beginning of the codes of
// its words, time that of rates.
func (s *series) sharesChart(o Options, what, time string) (*sharesChart, error) {
	c := &sharesChart{places: s.visits(), what: what, time: time}
	var err error
	if c.drawing, err = s.draw(o, s.crowded(8), what+"-title"); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLegend(s.arms, c.looks, false)
	c.pn = c.t.newPanel(0, 0, c.t.height(50))
	c.f.panels = []*panel{c.pn}
	c.pn.plot.Y.Label.Text = c.t.toward(c.t.say(c.code("axis"), map[string]any{"outcome": outcomeLabel(s.outcome), "time": time, "per": s.results[0].RatePer()}), s.outcome.Better, c.pn.height)
	return c, nil
}

// Rates answers "how often did it happen in each arm, visit by visit?" of a count outcome:
// the events per units of time at risk, with the exact interval of Poisson counts, and under
// it events and time. It takes the results of one outcome, a visit each. The ratio of the
// rates is drawn by Differences: that one interval lies apart from another is no test of it,
// and where patients differ in how often it happens to them the intervals are too short,
// which the note says.
// Intervals: Garwood 1936, doi:10.1093/biomet/28.3-4.437.
func Rates(results []study.Result) (*Figure, error) { return RatesWith(results, RatesOptions{}) }

// RatesOptions are the choices of RatesWith.
type RatesOptions struct {
	Options
	// Time names the time at risk, "months": rates are per ten or more of it
	// (study.Result.RatePer). Without it the axis says "units of time"
	// (study.Protocol.TimeAtRisk).
	Time string
}

// RatesWith is Rates with choices.
func RatesWith(results []study.Result, o RatesOptions) (*Figure, error) {
	s, err := anySeries("Rates", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	if !s.outcome.Counted() {
		return nil, fmt.Errorf("plot: Rates: outcome %q is no count: it has no rates", s.outcome.ID)
	}
	c, err := s.sharesChart(o.Options, "plot-rates", o.Time)
	if err != nil {
		return nil, err
	}
	c.place()
	c.frame()
	c.words()
	return c.f, nil
}

// place puts the arms' shares side by side at each visit.
func (c *sharesChart) place() {
	wide := 0.5 / float64(len(c.s.arms))
	for k, a := range c.s.arms {
		l := c.looks[a.ID]
		m, row := &intervalMarks{theme: c.t, look: l}, numberRow{look: l}
		for v, visit := range c.places {
			text := "–"
			if i, words, ok := c.shown(a.ID, visit.ID); ok {
				i.at, text = float64(v)+wide*(float64(k)-float64(len(c.s.arms)-1)/2), words
				m.items = append(m.items, i)
				c.most.add(i.lo, i.hi)
			}
			row.at, row.text = append(row.at, float64(v)), append(row.text, text)
		}
		c.intervals, c.rows = append(c.intervals, m), append(c.rows, row)
	}
}

// shown is an arm's share or rate at a visit with the counts under it, where anybody has a
// value.
func (c *sharesChart) shown(arm, visit string) (i interval, words string, ok bool) {
	s := c.summary(arm, visit)
	switch {
	case s.Share != nil:
		return interval{0, 100 * s.Share.Value, 100 * s.Share.Lower, 100 * s.Share.Upper}, fmt.Sprintf("%d/%d", s.Share.Events, s.Share.N), true
	case s.Rate != nil:
		per := c.s.results[0].RatePer()
		return interval{0, per * s.Rate.Value, per * s.Rate.Lower, per * s.Rate.Upper}, fmt.Sprintf("%d/%s", s.Rate.Events, c.t.exposure(*s.Rate)), true
	}
	return interval{}, "", false
}

// code is one of the chart's words, of rates with the time's name where it is known.
func (c *sharesChart) code(word string) string {
	if c.time != "" {
		word += "-time"
	}
	return c.what + "-" + word
}

// exposure is a sum of times at risk, whole or with a decimal.
func (t *theme) exposure(r study.Rate) string {
	if r.Exposure == math.Trunc(r.Exposure) {
		return t.num(r.Exposure, 0)
	}
	return t.num(r.Exposure, 1)
}

// summary is an arm's at a visit, empty where nobody has a value.
func (c *sharesChart) summary(arm, visit string) study.Summary {
	for _, r := range c.s.results {
		i := slices.IndexFunc(r.Summaries, func(m study.Summary) bool { return m.Arm == arm && m.Visit == visit && m.N > 0 })
		if r.Visit.ID == visit && i >= 0 {
			return r.Summaries[i]
		}
	}
	return study.Summary{}
}

func (c *sharesChart) frame() {
	t, pn := c.t, c.pn
	setRange(&pn.plot.Y, 0, 100)
	if c.what == "plot-rates" {
		_, hi := niceRange(0, c.most.hi, 5)
		setRange(&pn.plot.Y, 0, hi)
	}
	pn.standOnAxis()
	xs := make([]float64, len(c.places))
	for i := range xs {
		xs[i] = float64(i)
	}
	c.notes = t.placeVisits(pn, t.newNumberStrip(t.say(c.code("header"), map[string]any{"time": c.time}), c.rows), c.places, xs, SpacingEven, 0, 0.5)
	for _, m := range c.intervals {
		pn.add(m)
	}
}

func (c *sharesChart) words() {
	t, levels := c.t, c.s.levels()
	foot := []string{t.say(c.what+"-method", map[string]any{"level": levels.words(t)})}
	var methods []string
	for _, r := range c.s.results {
		for _, row := range r.Deciding() {
			methods = appendNew(methods, t.rowMethod(row))
		}
	}
	if methods != nil {
		foot = append(foot, t.say("plot-shares-compared", map[string]any{"methods": t.join(methods)}))
	}
	foot = append(append(foot, levels.note(t)...), c.notes...)
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
	c.f.tell(c.s.altDifference(t), append(c.s.altDifferences(t), c.altShares()...)...)
}

// altShares says the counts at each visit, a sentence each.
func (c *sharesChart) altShares() (out []string) {
	for _, v := range c.places {
		said, code := "", "plot-alt-yes"
		if c.what == "plot-rates" {
			code = "plot-alt-events"
			var parts []string
			for _, a := range c.s.arms {
				if r := c.summary(a.ID, v.ID).Rate; r != nil {
					parts = append(parts, c.t.say("plot-alt-rate", map[string]any{"events": r.Events, "exposure": c.t.exposure(*r) + spaced(c.time), "arm": armName(a)}))
				}
			}
			said = strings.Join(parts, ", ")
		} else {
			said = c.t.altShares(c.s.arms, func(arm string) (events, n int) {
				if s := c.summary(arm, v.ID).Share; s != nil {
					return s.Events, s.N
				}
				return 0, 0
			})
		}
		if said != "" {
			out = append(out, sentence(capital(c.t.altAt(v, c.t.say(code, map[string]any{"counts": said})))))
		}
	}
	return out
}
