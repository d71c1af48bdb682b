package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/study"
)

// LostCoursesOptions are the choices of LostCoursesWith.
type LostCoursesOptions struct {
	Options
	Spacing Spacing
}

// LostCourses answers "how would those lost have gone on, and what is assumed of them?":
// a panel an arm, with the mean course of the participants observed at the visit, and
// that of the others under each assumption of the plan and its sensitivity analyses. It
// takes a result of a plan that imputes or has such analyses. Each line is of the same
// participants throughout. Read first whether those lost were other than those who
// stayed while both were seen, then how far the assumptions part at the last visit.
// Convention: reference-based imputation shown as mean profiles, Carpenter, Roger &
// Kenward 2013, doi:10.1080/10543406.2013.834911.
func LostCourses(result study.Result) (*Figure, error) {
	return LostCoursesWith(result, LostCoursesOptions{})
}

// LostCoursesWith is LostCourses with choices.
func LostCoursesWith(result study.Result, o LostCoursesOptions) (*Figure, error) {
	c, err := newLostCourses(result, o)
	if err != nil {
		return nil, err
	}
	t := c.t
	rows := (len(c.arms) + c.cols - 1) / c.cols
	least := max(t.height(20), widestWord(t.text(), outcomeLabel(c.s.outcome), t.say("plot-better", nil)+"mm"))
	fit := func() {
		c.f.onPage(t.height(50), least, rows, func(high vg.Length) {
			c.f.panels = nil
			for k := range c.arms {
				c.addPanel(k, high)
			}
		})
	}
	fit()
	c.words()
	if c.f.perhapsTooHigh() && c.f.TooHigh() { // with the words beneath
		fit()
	}
	return c.f, nil
}

// lostCourses is the chart while it is made.
type lostCourses struct {
	drawing
	result study.Result
	who    string // those lost, in words
	aside  string // the ending of codes where values are set aside
	arms   []study.Arm
	places []study.Visit
	kinds  []string // assumptions, in the order of the courses
	axis   visitAxis
	cols   int
	lo, hi float64
}

func newLostCourses(result study.Result, o LostCoursesOptions) (*lostCourses, error) {
	s, err := newSeries("LostCourses", []study.Result{result})
	if err != nil {
		return nil, err
	}
	if err := o.Spacing.check("LostCourses"); err != nil {
		return nil, err
	}
	if result.Lost == nil || len(result.Lost.Assumed) == 0 {
		return nil, fmt.Errorf("plot: LostCourses: nobody is lost of %q at visit %q, or its plan assumes nothing of them", result.Outcome.ID, result.Visit.ID)
	}
	c := &lostCourses{result: result, aside: setAside(result)}
	for _, a := range s.arms {
		if result.Lost.N[a.ID] > 0 {
			c.arms = append(c.arms, a)
		}
	}
	if c.drawing, err = s.draw(o.Options, len(c.arms) > 1, "plot-lostcourses-title"+c.aside); err != nil {
		return nil, err
	}
	c.places = result.Lost.Visits
	c.who = c.t.say("plot-lost-who"+c.aside, nil)
	var ys span
	for _, a := range c.arms {
		for _, m := range result.Lost.Stayed[a.ID] {
			ys.add(m.Value)
		}
	}
	for _, x := range result.Lost.Assumed {
		c.kinds = appendNew(c.kinds, x.Assume)
		ys.add(x.Means...)
	}
	t := c.t
	c.lo, c.hi = valueRange(s.outcome, ys, 6)
	c.cols = fitColumns(max(1, min(len(c.arms), int(t.width/t.size()/14))), t.width, func(w vg.Length) bool {
		return w > t.size()*6+max(widestWord(t.bold(), armNames(c.arms)...), vg.Length(len(c.places))*t.size()*1.4) // visits' names may stand upright
	})
	c.axis = t.axisOfVisits(c.places, t.width/vg.Length(c.cols)-t.size()*6, 0, c.pad(), o.Spacing, func(gap vg.Length) bool { return gap > t.size() })
	c.f.legend = []legendItem{{look: look{color: inkGray, marker: discMarker}, text: t.say("plot-lostcourses-stayed", map[string]any{"visit": visitName(result.Visit)}), line: true}}
	for i, kind := range c.kinds {
		c.f.legend = append(c.f.legend, legendItem{look: c.lookOf(i), text: t.say("plot-lostcourses-assumed", map[string]any{"who": c.who, "assumption": c.assumption(kind)}), line: true})
	}
	return c, nil
}

func (c *lostCourses) pad() float64 { return 0.25 }

// assumption names what is assumed of those lost.
func (c *lostCourses) assumption(kind string) string {
	least, most := math.Inf(1), 0.0
	for _, x := range c.result.Lost.Assumed {
		if x.Assume == kind {
			least, most = min(least, x.Delta), max(most, x.Delta)
		}
	}
	code := "plot-assume-" + kind
	if least != most { // of several arms
		code += "-steps"
	}
	return c.t.say(code, map[string]any{"delta": c.t.num(most, c.result.Digits()), "unit": c.s.outcome.Unit})
}

// lookOf is that of an assumption's lines, open where those who stayed are filled.
func (c *lostCourses) lookOf(i int) look {
	l := c.t.plainLook(i + 1)
	l.color = inkGray
	return l
}

// addPanel draws an arm.
func (c *lostCourses) addPanel(k int, high vg.Length) {
	t, a, courses := c.t, c.arms[k], c.result.Lost
	pn := t.newPanel(k/c.cols, k%c.cols, high)
	c.f.panels = append(c.f.panels, pn)
	pn.title = t.say("plot-lostcourses-panel"+c.aside, map[string]any{"arm": armName(a), "lost": t.shareOf(courses.Lost[a.ID], courses.N[a.ID])})
	if pn.col == 0 {
		pn.plot.Y.Label.Text = t.toward(outcomeLabel(c.s.outcome), c.s.outcome.Better, high)
	}
	setRange(&pn.plot.Y, c.lo, c.hi)
	c.axis.label(&pn.plot.X)
	if k+c.cols < len(c.arms) {
		pn.plot.X.Tick.Marker, pn.plot.X.Label.Text = unnamedTicks{c.axis.ticks}, ""
	}
	lo, hi := c.axis.reach(c.pad())
	setRange(&pn.plot.X, lo, hi)
	pn.setVisits(c.places, c.axis.xs)
	l := c.looks[a.ID]
	var drawn []*intervalMarks
	for i, kind := range c.kinds {
		for _, x := range courses.Assumed {
			if x.Arm == a.ID && x.Assume == kind {
				m := &intervalMarks{theme: t, look: c.lookOf(i)}
				m.look.color = l.color
				for v, y := range x.Means {
					m.items = append(m.items, interval{c.axis.xs[v], y, math.NaN(), math.NaN()})
				}
				drawn = append(drawn, m)
			}
		}
	}
	stayed := &intervalMarks{theme: t, look: look{color: l.color, marker: discMarker}}
	for v, m := range courses.Stayed[a.ID] {
		if m.N > 0 {
			stayed.items = append(stayed.items, interval{c.axis.xs[v], m.Value, math.NaN(), math.NaN()})
		}
	}
	drawn = append(drawn, stayed)
	for _, m := range drawn {
		pn.add(linkMarks{of: m})
	}
	for _, m := range drawn {
		pn.add(m)
	}
}

func (c *lostCourses) words() {
	t, d, courses := c.t, c.result.Digits(), c.result.Lost
	var counts, answers, alts []string
	last := len(courses.Visits) - 1
	for _, a := range c.arms {
		counts = append(counts, t.say("plot-lost-of", map[string]any{"arm": armName(a), "lost": t.shareOf(courses.Lost[a.ID], courses.N[a.ID])}))
		for _, x := range courses.Assumed {
			if x.Arm != a.ID {
				continue
			}
			alts = append(alts, t.say("plot-lostcourses-alt", map[string]any{"who": c.who, "arm": armName(a), "assumption": c.assumption(x.Assume), "value": t.num(x.Means[last], d),
				"unit": c.s.outcome.Unit, "visit": visitName(c.result.Visit)}))
			if x.Assume == impute.MAR.String() && courses.Stayed[a.ID][last].N > 0 {
				answers = append(answers, t.say("plot-lostcourses-answer", map[string]any{"arm": armName(a), "stayed": t.num(courses.Stayed[a.ID][last].Value, d),
					"unit": c.s.outcome.Unit, "lost": t.num(x.Means[last], d), "n": courses.Lost[a.ID]}))
			}
		}
	}
	c.f.note([]string{t.say("plot-lostcourses-method", map[string]any{"who": c.who}), t.say("plot-lost-counts"+c.aside, map[string]any{"visit": visitName(c.result.Visit), "list": strings.Join(slices.Compact(counts), "; ")})})
	c.f.tell(t.altAt(c.result.Visit, strings.Join(answers, "; ")), alts...)
}
