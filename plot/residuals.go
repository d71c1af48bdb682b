package plot

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study"
)

// ResidualsOptions are the choices of ResidualsWith.
type ResidualsOptions struct {
	Options
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	// Response names what the model explains, with its unit, for the axis of fitted
	// values: "Pain (VAS) at week 12, mm".
	Response string
	// Level of the envelope of the quantile plot; 0 means 0.95.
	Level float64
}

// Residuals answers "do the assumptions of a linear model hold well enough?"
// for a model such as ANCOVA's. Panel A sets standardized residuals against
// normal quantiles: points near the line, inside the envelope but for about
// one in twenty, look like a normal sample. Panel B sets them against fitted
// values: read whether their spread or middle changes from left to right.
// Panel C sets them against leverage: points beyond a dashed line (Cook's
// distance ½ or 1) move the model by themselves. Read A last: in a trial,
// unequal spread and single influential participants matter more than shape.
// No test belongs to this figure, and no method should be chosen by it. Of 200
// participants or more, B has bands of groups with about the same fitted value, and
// symbols beyond ±3, and C the participants with the largest Cook's distances.
// Convention: Cook & Weisberg 1982, Residuals and Influence in Regression;
// envelope of regress.NormalQQ.
func Residuals(m *regress.Fit) (*Figure, error) {
	return ResidualsWith(m, ResidualsOptions{})
}

// ResidualsWith is Residuals with choices.
func ResidualsWith(m *regress.Fit, o ResidualsOptions) (*Figure, error) {
	c, err := newResiduals(m, o)
	if err != nil {
		return nil, err
	}
	c.drawQuantiles()
	if err := c.drawFitted(); err != nil {
		return nil, err
	}
	c.drawLeverage()
	c.words()
	return c.f, nil
}

// residuals is the chart while it is made.
type residuals struct {
	t        *theme
	f        *Figure
	m        *regress.Fit
	response string // by name
	level    float64
	std      []float64 // standardized residuals
	qq       []regress.QQPoint
	cook     []float64
	band     []stats.Interval // of each of the points banded
	banded   []int
	outside  int     // points outside of theirs
	lo, hi   float64 // of the y axis
	contours bool    // of Cook's distance are drawn
	bands    bool    // stand for the many of panel B
}

func newResiduals(m *regress.Fit, o ResidualsOptions) (*residuals, error) {
	level, err := levelOr95("Residuals", o.Level)
	if err != nil {
		return nil, err
	}
	if m == nil || m.N() == 0 {
		return nil, errors.New("plot: Residuals: no model")
	}
	if m.Sigma() == 0 {
		return nil, errors.New("plot: Residuals: the model fits every value exactly; there are no residuals to judge")
	}
	t, err := newTheme(o.Options, true, o.Study)
	if err != nil {
		return nil, err
	}
	c := &residuals{t: t, f: t.figure(namedCode("plot-residuals-title", o.Response), map[string]any{"response": o.Response}), m: m, response: o.Response, level: level, std: m.Standardized()}
	if c.qq, err = regress.NormalQQ(c.std); err != nil {
		return nil, fmt.Errorf("plot: Residuals: %w", err)
	}
	c.cook = m.CooksDistance()
	c.envelope()
	var ys span
	ys.add(-2, 2)
	ys.add(c.std...)
	for _, b := range c.band {
		ys.add(b.Lo, b.Hi)
	}
	c.lo, c.hi = niceRange(ys.lo, ys.hi, 6)
	return c, nil
}

// envelope asks each point of the quantile plot for its interval; among many, the
// points at both ends and some between, which draw the same shape. The ends of the
// intervals rise from point to point, so that the intervals of two points tell of one
// between them, or it is asked too.
func (c *residuals) envelope() {
	n := len(c.qq)
	step := max(1, n/manyFrom)
	for i := range n {
		if i < 20 || i >= n-20 || i%step == 0 {
			c.banded, c.band = append(c.banded, i), append(c.band, c.qq[i].Band(c.level))
		}
	}
	for k, i := range c.banded {
		if c.band[k].Excludes(c.qq[i].Sample) {
			c.outside++
		}
		if k == 0 {
			continue
		}
		before, after := c.band[k-1], c.band[k]
		for _, q := range c.qq[c.banded[k-1]+1 : i] {
			switch {
			case q.Sample > after.Lo && q.Sample < before.Hi: // inside of both, so of its own
			case q.Sample < before.Lo || q.Sample > after.Hi || q.Band(c.level).Excludes(q.Sample):
				c.outside++
			}
		}
	}
}

// namedCode is the code of a message that says a name, where there is one.
func namedCode(code, name string) string {
	if name == "" {
		return code
	}
	return code + "-of"
}

// addPanel begins the next panel.
func (c *residuals) addPanel(title, x string, xs span) *panel {
	t, i, cols := c.t, len(c.f.panels), 3
	if t.width < t.size()*48 {
		cols = 1
	}
	room := t.width/vg.Length(cols) - t.size()*7
	pn := t.newPanel(i/cols, i%cols, t.height(42))
	pn.letter, pn.title = string(rune('A'+i)), t.say(title, nil)
	lo, hi := niceRange(xs.lo, xs.hi, 5)
	setRange(&pn.plot.X, lo, hi)
	setRange(&pn.plot.Y, c.lo, c.hi)
	pn.plot.X.Label.Text = t.across(t.say(x, map[string]any{"response": c.response}), room)
	pn.plot.X.Tick.Marker = t.ticksFor(room)
	if i%cols == 0 {
		pn.plot.Y.Label.Text = t.across(t.say("plot-residuals-y", nil), pn.height)
	}
	c.f.panels = append(c.f.panels, pn)
	return pn
}

// many tells whether participants are too many for a symbol each in panels B and C.
func (c *residuals) many() bool { return len(c.std) >= manyFrom }

// points are the residuals to keep, at their places on an x axis for all.
func (c *residuals) points(at []float64, keep func(i int) bool) (*scatterMarks, span) {
	var xs span
	xs.add(at...)
	m := &scatterMarks{theme: c.t, look: c.t.plainLook(0), size: pointSize(len(at))}
	for i, x := range at {
		if !keep(i) {
			continue
		}
		m.pts = append(m.pts, xy{x, c.std[i]})
	}
	return m, xs
}

// drawQuantiles draws panel A: normal quantiles, with the envelope behind.
func (c *residuals) drawQuantiles() {
	var xs span
	points := &scatterMarks{theme: c.t, look: c.t.plainLook(0), size: pointSize(len(c.qq)), thin: c.many()}
	band := &shadeMarks{color: bandGray}
	for _, q := range c.qq {
		xs.add(q.Theoretical)
		points.pts = append(points.pts, xy{q.Theoretical, q.Sample})
	}
	for k, i := range c.banded {
		band.pts = append(band.pts, xy{c.qq[i].Theoretical, c.band[k].Hi})
	}
	for k, i := range slices.Backward(c.banded) {
		band.pts = append(band.pts, xy{c.qq[i].Theoretical, c.band[k].Lo})
	}
	ends := math.Min(math.Max(-xs.lo, xs.hi), math.Min(-c.lo, c.hi))
	line := &curveMarks{theme: c.t, color: inkGray, width: 1, pts: []xy{{-ends, -ends}, {ends, ends}}}
	c.addPanel("plot-residuals-qq", "plot-residuals-qq-x", xs).add(band, line, points)
}

// residualFar is how far from 0 a residual has its own symbol among many.
const residualFar = 3

// drawFitted draws panel B: fitted values.
func (c *residuals) drawFitted() error {
	fitted := c.m.Fitted()
	points, xs := c.points(fitted, func(i int) bool { return !c.many() || math.Abs(c.std[i]) > residualFar })
	pn := c.addPanel("plot-residuals-fitted", namedCode("plot-residuals-fitted-x", c.response), xs)
	if c.many() {
		all, _ := c.points(fitted, func(int) bool { return true })
		sortPoints(all.pts)
		bands, ok, err := c.t.bandsAlong(all.pts, c.t.plainLook(0))
		switch {
		case err != nil:
			return err
		case !ok: // a few groups of one fitted value each
			points = all
		}
		c.bands = ok
		pn.add(bands...)
	}
	pn.add(&refLine{theme: c.t, value: 0, color: inkGray}, points)
	return nil
}

// cookMost is how many participants panel C shows of many.
const cookMost = 100

// drawLeverage draws panel C: leverage, with contours of Cook's distance
// d = r²/p · h/(1 − h).
func (c *residuals) drawLeverage() {
	least, cook := 0.0, c.cook
	if c.many() {
		least = slices.Sorted(slices.Values(cook))[len(cook)-cookMost]
	}
	points, xs := c.points(c.m.Leverage(), func(i int) bool { return cook[i] >= least })
	xs.add(0)
	pn := c.addPanel("plot-residuals-leverage", "plot-residuals-leverage-x", xs)
	pn.add(&refLine{theme: c.t, value: 0, color: inkGray})
	p, nearest := float64(len(c.m.Names())), largest(cook)
	for _, d := range []float64{0.5, 1} {
		for _, sign := range []float64{-1, 1} {
			// One in the corner, with no participant near it, says nothing.
			if contour := cookContour(d, p, sign, pn.plot.X.Max, c.lo, c.hi); len(contour) > 25 || len(contour) > 1 && nearest >= d/2 {
				c.contours = true
				pn.add(&curveMarks{theme: c.t, color: inkGray, dashes: c.t.dashes(2.5, 1.5), width: 1, pts: contour})
			}
		}
	}
	pn.add(points)
}

func (c *residuals) words() {
	t, n := c.t, len(c.std)
	far, cook := 0, c.cook
	for _, d := range cook {
		if d > 1 {
			far++
		}
	}
	contours := "plot-residuals-cook"
	if !c.contours {
		contours = "plot-residuals-far"
	}
	level := t.level(c.level)
	var many []string
	if c.bands {
		many = append(many, t.say("plot-residuals-bands", map[string]any{"far": residualFar}))
	}
	if c.many() {
		many = append(many, t.say("plot-residuals-most", map[string]any{"n": cookMost}))
	}
	c.f.note(append(append([]string{t.say("plot-residuals-method", map[string]any{"n": n, "level": level})}, many...),
		t.say(contours, map[string]any{"largest": t.num(largest(cook), 2)}), t.say("plot-residuals-use", nil)))
	c.f.tell(t.say("plot-residuals-alt", map[string]any{"n": n, "outside": c.outside,
		"level": level, "largest": t.num(largest(c.std), 1), "far": far}), t.say("plot-residuals-far", map[string]any{"largest": t.num(largest(cook), 2)}))
}

// cookContour is the part of r = ±√(d·p·(1 − h)/h) inside the data area.
func cookContour(d, p, sign, hMax, lo, hi float64) []xy {
	var out []xy
	for i := 1; i <= 100; i++ {
		h := hMax * float64(i) / 100
		if h >= 1 {
			break
		}
		r := sign * math.Sqrt(d*p*(1-h)/h)
		if r >= lo && r <= hi {
			out = append(out, xy{h, r})
		}
	}
	return out
}

// largest is the value farthest from 0.
func largest(xs []float64) float64 {
	var out float64
	for _, x := range xs {
		if math.Abs(x) > math.Abs(out) {
			out = x
		}
	}
	return out
}
