package plot

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// RespondersOptions are the choices of RespondersWith.
type RespondersOptions struct {
	Options
	// NoThreshold leaves the line of the individual threshold out.
	NoThreshold bool
	// Bands around the curves; the zero value draws none.
	Bands Bands
}

// Responders answers "which share of each arm improved by at least so much?"
// for every possible amount at once: the cumulative responder curve, a panel a
// visit. Read up from any improvement on the x axis: the height of an arm's
// curve is the percentage of its participants, with baseline and visit
// observed, who improved by that much or more; left of 0 stand those who got
// worse. The curve needs no threshold; where the protocol has one for
// individuals, a line marks it, a symbol the share of each arm there, and the
// shares stand under the panel.
// Convention: Farrar, Dworkin & Max 2006, J Pain Symptom Manage 31:369,
// doi:10.1016/j.jpainsymman.2005.08.018.
func Responders(results []study.Result) (*Figure, error) {
	return RespondersWith(results, RespondersOptions{})
}

// RespondersWith is Responders with choices.
func RespondersWith(results []study.Result, o RespondersOptions) (*Figure, error) {
	s, err := changing("Responders", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	return onePageGrid(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newResponders(s, o)
		if err != nil {
			return nil, err
		}
		for i := range c.s.results {
			if err := c.addPanel(i); err != nil {
				return nil, err
			}
		}
		c.words()
		return c.f, nil
	})
}

// responders is the chart while it is made.
type responders struct {
	drawing
	bands  Bands
	th     study.Threshold
	hasTh  bool
	gains  [][][]float64 // improvements by result and arm, sorted
	lo, hi float64       // of the x axis
	cols   int
	names  []string // of arms under the panels
}

func newResponders(s *series, o RespondersOptions) (*responders, error) {
	if o.Bands < NoBands || o.Bands > BothBands {
		return nil, fmt.Errorf("plot: Responders: no bands %d", o.Bands)
	}
	c := &responders{bands: o.Bands, gains: make([][][]float64, len(s.results))}
	var err error
	if c.drawing, err = s.draw(o.Options, len(s.results) > 1, "plot-responders-title"); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLegend(s.arms, c.looks, true)
	for i := range c.f.legend {
		c.f.legend[i].bare = true
	}
	for _, a := range s.arms {
		c.names = append(c.names, armName(a))
	}
	if c.t.opt.dense.grid { // the legend has them
		c.names = c.gridNames(c.t.size() * 4)
	}
	c.th, c.hasTh = patientThreshold(s.outcome)
	c.hasTh = c.hasTh && !o.NoThreshold
	var xs span
	for i := range s.results {
		c.gains[i] = make([][]float64, len(s.arms))
		for k, a := range s.arms {
			changes := s.changes(i, a.ID) // sorted
			gains := make([]float64, len(changes))
			for j, x := range changes {
				at := j
				if s.outcome.Better == study.LowerIsBetter {
					at = len(changes) - 1 - j
				}
				gains[at] = s.outcome.Better.Sign() * x
			}
			if len(gains) > 0 {
				xs.add(gains[0], gains[len(gains)-1])
			}
			c.gains[i][k] = gains
		}
	}
	if !xs.any {
		return nil, fmt.Errorf("plot: Responders: %q has no participant with baseline and visit", s.outcome.ID)
	}
	xs.add(0)
	if c.hasTh {
		xs.add(c.th.Value)
	}
	c.lo, c.hi = changeRange(s.outcome, xs, 6)
	c.cols = panelColumns(c.t, len(s.results))
	return c, nil
}

// addPanel draws a visit.
func (c *responders) addPanel(i int) error {
	t, s := c.t, c.s
	high := 45.0
	if len(s.results) > 4 {
		high = 32
	}
	pn := t.newPanel(i/c.cols, i%c.cols, t.height(high))
	c.f.panels = append(c.f.panels, pn)
	pn.title = visitName(s.results[i].Visit)
	p := pn.plot
	setRange(&p.X, c.lo, c.hi)
	setRange(&p.Y, 0, 100)
	if i%c.cols == 0 {
		y := t.say("plot-responders-y", nil)
		c.f.nameY(pn, func(room vg.Length) string { return t.across(y, room) }, y)
	}
	room := t.width/vg.Length(c.cols) - t.size()*7
	x := t.say("plot-responders-x", map[string]any{"outcome": s.outcome.ShortLabel(), "unit": unitAfterComma(s.outcome.Unit)})
	c.f.nameX(pn, i+c.cols >= len(s.results), func() string { return t.toward(x, study.HigherIsBetter, room) }, x) // improvement always is
	p.X.Tick.Marker = t.ticksFor(room)
	if c.hasTh {
		pn.add(&refLine{theme: t, value: c.th.Value, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
		pn.top = append(pn.top, topLabel{c.th.Value, t.thresholdLabel(c.th, s.outcome)})
	}
	for _, a := range s.arms {
		if err := c.addBands(pn, i, c.looks[a.ID]); err != nil {
			return fmt.Errorf("plot: Responders: %w", err)
		}
	}
	var ns []string
	var at []*intervalMarks // the threshold
	for k, a := range s.arms {
		n := len(c.gains[i][k])
		said := map[string]any{"arm": c.names[k], "n": n}
		code := "plot-n-of"
		if n > 0 {
			pn.add(&stepMarks{theme: t, look: c.looks[a.ID], pts: responderSteps(c.gains[i][k], c.lo)})
		}
		if n > 0 && c.hasTh {
			share := 100 * float64(s.improved(i, a.ID)) / float64(n)
			code, said["share"] = c.shareCode(), t.num(share, 0)
			at = append(at, &intervalMarks{theme: t, look: c.looks[a.ID], scale: 0.85, items: []interval{{c.th.Value, share, math.NaN(), math.NaN()}}})
		}
		ns = append(ns, t.say(code, said))
	}
	for _, m := range at {
		pn.add(m)
	}
	pn.below = append(pn.below, &textStrip{text: strings.Join(t.wrap(t.text(), strings.Join(ns, "\n"), room), "\n")})
	return nil
}

// shareCode is how an arm's share at the threshold is said under a panel.
func (c *responders) shareCode() string {
	if c.t.opt.dense.close() {
		return "plot-responders-share-short"
	}
	return "plot-responders-share"
}

func (c *responders) words() {
	t := c.t
	foot := []string{t.say("plot-responders-method", nil)}
	if code := map[Bands]string{PointwiseBands: "pointwise", SimultaneousBands: "simultaneous", BothBands: "both"}[c.bands]; code != "" {
		levels := c.s.levels()
		foot = append(foot, t.say("plot-bands-"+code, map[string]any{"level": levels.words(t)}))
		foot = append(foot, levels.note(t)...)
	}
	if c.hasTh {
		foot = append(foot, t.thresholdNote("plot-responders-threshold", c.th, c.s.outcome))
		if t.opt.dense.close() {
			foot = append(foot, t.say("plot-responders-share-note", nil))
		}
	}
	c.f.note(foot)
	c.f.tell(c.answer(), altResponders(t, c.s, c.th, c.hasTh))
}

// answer says how many of each arm reach the threshold; without one, the difference.
func (c *responders) answer() string {
	if !c.hasTh {
		return c.s.altDifference(c.t)
	}
	i := headline(c.s.results)
	return c.t.altAt(c.s.results[i].Visit, c.s.altReached(c.t, i, c.th))
}

// improved counts the participants of an arm in result i whose change reaches the
// threshold. Who does is study's to say.
func (s *series) improved(i int, arm string) int {
	n, _ := kept(&s.reached, i, arm, func() (n int, _ error) {
		for _, r := range s.results[i].Records {
			if r.Arm == arm && r.HasBaseline && r.HasFollow {
				if _, met := s.outcome.Improved(r); met {
					n++
				}
			}
		}
		return n, nil
	})
	return n
}

// responderSteps are the corners of the curve: at improvement x its height is
// 100 times the share of gains ≥ x. Gains are sorted.
func responderSteps(gains []float64, lo float64) []xy {
	n := float64(len(gains))
	pts := []xy{{lo, 100}}
	for i := 0; i < len(gains); {
		j := i
		for j < len(gains) && gains[j] == gains[i] {
			j++
		}
		// Those at exactly x still count at x: the fall comes after it.
		pts = append(pts, xy{gains[i], 100 * (n - float64(i)) / n}, xy{gains[i], 100 * (n - float64(j)) / n})
		i = j
	}
	return pts
}

// panelColumns is how many panels stand side by side.
func panelColumns(t *theme, n int) int {
	em := 21.0 // width of a panel
	if n > 6 {
		em = 16
	}
	em = max(em*t.opt.dense.narrower(), 13) // what stands under a panel has lines of words
	fit := int(math.Max(1, math.Floor(float64(t.width/t.size())/em)))
	c := min(n, fit)
	rows := (n + c - 1) / c
	return (n + rows - 1) / rows
}

// altResponders says the headline responders of each arm and visit.
func altResponders(t *theme, s *series, th study.Threshold, has bool) string {
	if !has {
		return ""
	}
	var out []string
	for _, r := range s.results {
		for _, row := range r.Responders {
			if !row.Headline || row.N == 0 {
				continue
			}
			arm := row.Arm
			for _, a := range s.arms {
				if a.ID == row.Arm {
					arm = armName(a)
				}
			}
			out = append(out, t.say("plot-alt-responders", map[string]any{"visit": visitName(r.Visit), "arm": arm,
				"events": row.Events, "n": row.N, "value": t.shortest(th.Value), "unit": s.outcome.Unit}))
		}
	}
	return strings.Join(out, " ")
}

// Bands says which limits Responders draws around its curves.
type Bands int

const (
	// NoBands draws the curves alone.
	NoBands Bands = iota
	// PointwiseBands shades Clopper–Pearson limits: each holds for one amount,
	// chosen before seeing the curve.
	PointwiseBands
	// SimultaneousBands shades the Dvoretzky–Kiefer–Wolfowitz band, which holds
	// for all amounts at once.
	SimultaneousBands
	// BothBands shades the pointwise limits and outlines the simultaneous band.
	BothBands
)

// addBands adds the marks behind one arm's curve.
func (c *responders) addBands(pn *panel, i int, l look) error {
	if c.bands == NoBands {
		return nil
	}
	curve, err := kept(&c.s.curves, i, l.arm.ID, func() (study.ResponderCurve, error) {
		return study.ResponderCurveOf(c.s.results[i], l.arm.ID)
	})
	if errors.Is(err, stats.ErrTooFew) {
		return nil // an arm of nobody has no curve
	}
	if err != nil {
		return err
	}
	lo, hi := pn.plot.X.Min, pn.plot.X.Max
	edge := func(of func(study.ResponderPoint) float64) []xy {
		from := lo
		var out []xy
		for _, p := range curve.Points {
			to := math.Min(p.Gain, hi)
			out = append(out, xy{from, 100 * of(p)}, xy{to, 100 * of(p)})
			from = to
		}
		return out
	}
	upper, lower := edge(func(p study.ResponderPoint) float64 { return p.Upper }), edge(func(p study.ResponderPoint) float64 { return p.Lower })
	wideUp, wideDown := edge(func(p study.ResponderPoint) float64 { return p.BandUpper }), edge(func(p study.ResponderPoint) float64 { return p.BandLower })
	switch c.bands {
	case SimultaneousBands:
		upper, lower = wideUp, wideDown
	case BothBands:
		pn.add(&linesMarks{theme: c.t, color: fade(l.color, 0.6), width: 0.9, dashes: l.dashes, lines: [][]xy{wideUp, wideDown}})
	}
	area := append([]xy{}, upper...)
	for i := len(lower) - 1; i >= 0; i-- {
		area = append(area, lower[i])
	}
	pn.add(&shadeMarks{color: fade(l.color, 0.16), pts: area})
	return nil
}
