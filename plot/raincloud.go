package plot

import (
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// RaincloudOptions are the choices of RaincloudWith.
type RaincloudOptions struct {
	Options
	// NoThreshold leaves the line of the individual threshold out.
	NoThreshold bool
	// CloudFrom is the fewest participants of whom a density is drawn; 0 means
	// 20: of fewer it would show the smoothing more than the data.
	CloudFrom int
}

// Raincloud answers "what is the shape of the participants' changes in each
// arm?": a panel a visit, and in it, for each arm, the density of the changes
// from baseline (half a violin), a box with quartiles, median and range, and
// every participant as a dot. Read the dots first: the cloud above them is a
// smoothed picture, left out for arms of fewer than CloudFrom. Of 200 participants
// or more, arms with a cloud have no dots. Dots are moved up
// and down on the page only.
// Convention: Allen et al. 2021, Wellcome Open Res 4:63,
// doi:10.12688/wellcomeopenres.15191.2.
func Raincloud(results []study.Result) (*Figure, error) {
	return RaincloudWith(results, RaincloudOptions{})
}

// RaincloudWith is Raincloud with choices.
func RaincloudWith(results []study.Result, o RaincloudOptions) (*Figure, error) {
	return onePage(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newRaincloud(results, o)
		if err != nil {
			return nil, err
		}
		for i := range c.s.results {
			if err := c.addPanel(i); err != nil {
				return nil, err
			}
		}
		equalAreas(c.drawn)
		shareSize(c.strips, c.lo, c.hi, c.t.width/vg.Length(c.cols)-c.t.size()*2.5)
		c.words()
		return c.f, nil
	})
}

// raincloud is the chart while it is made.
type raincloud struct {
	drawing
	o      RaincloudOptions
	clouds map[[2]int]stats.DensityCurve // by result and arm
	few    bool                          // an arm is too small for one
	many   bool                          // no rain falls from a cloud
	// The threshold of patients, and where it lies on the axis.
	th     study.Threshold
	hasTh  bool
	line   float64
	lo, hi float64 // of the axis
	cols   int
	strips []*rainMarks
	dry    bool // no arm has rain
	drawn  []*violinMarks
	alts   []string
}

func newRaincloud(results []study.Result, o RaincloudOptions) (*raincloud, error) {
	s, err := changing("Raincloud", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	if o.CloudFrom == 0 {
		o.CloudFrom = 20
	}
	c := &raincloud{o: o, clouds: map[[2]int]stats.DensityCurve{}}
	if c.drawing, err = s.draw(o.Options, len(s.results) > 1, "plot-raincloud-title"); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLegend(s.arms, c.looks, false)
	var xs span
	filled := 0 // arms at visits
	for i := range s.results {
		c.many = c.many || s.paired(i) >= manyFrom
		for k, a := range s.arms {
			ch := s.changes(i, a.ID)
			xs.add(ch...)
			filled += min(len(ch), 1)
			if len(ch) < o.CloudFrom {
				c.few = c.few || len(ch) > 0
				continue
			}
			d, ok, err := cloud(ch)
			if err != nil {
				return nil, fmt.Errorf("plot: Raincloud: %w", err)
			}
			if ok {
				c.clouds[[2]int{i, k}] = d
			}
		}
	}
	if !xs.any {
		return nil, fmt.Errorf("plot: Raincloud: %q has no participant with baseline and visit", s.outcome.ID)
	}
	c.dry = c.many && len(c.clouds) == filled
	xs.add(0)
	c.th, c.hasTh = patientThreshold(s.outcome)
	c.hasTh = c.hasTh && !o.NoThreshold
	c.line = c.th.Value * s.outcome.Better.Sign()
	if c.hasTh {
		xs.add(c.line)
	}
	c.lo, c.hi = changeRange(s.outcome, xs, 6)
	c.cols = panelColumns(c.t, len(s.results))
	return c, nil
}

// cloud is the density of sorted values; ok is false where they have no shape.
func cloud(values []float64) (d stats.DensityCurve, ok bool, err error) {
	// Silverman's rule serves tied values, where Sheather and Jones's
	// equation may have no solution.
	h, err := stats.BandwidthSilverman(values)
	if errors.Is(err, stats.ErrNoVariation) || errors.Is(err, stats.ErrTooFew) {
		return d, false, nil // all alike, or one
	}
	if err != nil {
		return d, false, err
	}
	// The cloud ends with the data: it claims nothing beyond them.
	d, err = stats.DensityWith(values, stats.DensityOptions{Bandwidth: h, Points: 81, From: values[0], To: values[len(values)-1]})
	return d, true, err
}

// addPanel draws a visit.
func (c *raincloud) addPanel(i int) error {
	t, s := c.t, c.s
	high := t.size() * 5.4 // an arm's height on the page, of which its cloud has half
	switch {
	case len(s.results) > 4:
		high = t.size() * 4.4
	case len(s.results) == 1 && len(c.clouds) > 0: // room for their shape
		high = t.size() * 8
	}
	high *= vg.Length(t.opt.dense.lower())
	row, up := high, vg.Length(0)
	switch {
	case len(c.clouds) == 0: // box and rain alone, in the middle
		row, up = high*0.62, high*0.23
	case c.dry: // cloud and box alone
		row, up = high*0.72, -high*0.16
	}
	pn := t.newPanel(i/c.cols, i%c.cols, row*vg.Length(len(s.arms)))
	pn.title = visitName(s.results[i].Visit)
	c.f.panels = append(c.f.panels, pn)
	p := pn.plot
	setRange(&p.X, c.lo, c.hi)
	setRange(&p.Y, 0, float64(len(s.arms)))
	p.HideY()
	pn.below = append(pn.below, edgeRoom{p})
	room := t.width/vg.Length(c.cols) - t.size()*3
	x := t.say("plot-change-axis", map[string]any{"outcome": outcomeLabel(s.outcome)})
	c.f.nameX(pn, i+c.cols >= len(s.results), func() string { return t.toward(x, s.outcome.Better, room) }, t.directed(x, s.outcome.Better))
	p.X.Tick.Marker = t.ticksFor(room)
	pn.add(&refLine{theme: t, value: 0, upright: true, color: inkGray})
	if c.hasTh {
		pn.add(&refLine{theme: t, value: c.line, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
		pn.top = append(pn.top, topLabel{c.line, t.thresholdLabel(c.th, s.outcome)})
	}
	var ns []string
	for k, a := range s.arms {
		ns = append(ns, t.say("plot-n-of", map[string]any{"arm": armName(a), "n": len(s.changes(i, a.ID))}))
		if err := c.drawArm(pn, i, k, high, up); err != nil {
			return err
		}
	}
	pn.below = append(pn.below, &textStrip{text: strings.Join(t.wrap(t.text(), strings.Join(ns, "\n"), room-t.size()), "\n")})
	return nil
}

// drawArm draws an arm's cloud, box and rain in its strip of a height, shifted
// up where no arm has a cloud, and down where none has rain.
func (c *raincloud) drawArm(pn *panel, i, k int, high, up vg.Length) error {
	t, a := c.t, c.s.arms[k]
	at := float64(len(c.s.arms)-1-k) + 0.5
	ch := c.s.changes(i, a.ID)
	if len(ch) == 0 {
		return nil
	}
	d, clouded := c.clouds[[2]int{i, k}]
	if clouded {
		cloud := &violinMarks{look: c.looks[a.ID], at: at, offset: high*0.05 + min(up, 0), reach: high * 0.4, flat: true, pts: points(d.X, d.Y)}
		c.drawn = append(c.drawn, cloud)
		pn.add(cloud)
	}
	box, err := stats.Describe(ch)
	if err != nil {
		return fmt.Errorf("plot: Raincloud: %w", err)
	}
	c.alts = append(c.alts, t.say("plot-alt-box", map[string]any{"visit": visitName(c.s.results[i].Visit), "arm": armName(a), "unit": c.s.outcome.Unit,
		"median": t.num(box.Median, c.digits()), "q1": t.num(box.Q1, c.digits()), "q3": t.num(box.Q3, c.digits()), "min": t.num(box.Min, c.digits()), "max": t.num(box.Max, c.digits())}))
	if len(ch) > 1 {
		pn.add(&boxMarks{theme: t, look: c.looks[a.ID], at: at, offset: up - high*0.06, half: high * 0.055,
			min: box.Min, q1: box.Q1, median: box.Median, q3: box.Q3, max: box.Max})
	}
	if c.many && clouded {
		return nil
	}
	rain := &rainMarks{theme: t, look: c.looks[a.ID], at: at, values: ch, offset: up - high*0.31, room: high * 0.16}
	c.strips = append(c.strips, rain)
	pn.add(rain)
	return nil
}

func (c *raincloud) digits() int { return digitsOf(c.s.results) }

// answer is the arms' medians, which the boxes draw, and the difference that decides.
func (c *raincloud) answer() string {
	i := headline(c.s.results)
	medians := c.t.altMedians("plot-alt-medians", c.s, i, func(arm string) []float64 { return c.s.changes(i, arm) })
	return c.s.altHeadline(c.t, medians)
}

func (c *raincloud) words() {
	t := c.t
	method := "plot-raincloud-method"
	switch {
	case c.dry:
		method += "-many"
	case c.many && len(c.clouds) > 0:
		method += "-many-some"
	}
	foot := []string{t.say(method, nil)}
	if len(c.clouds) > 0 {
		foot = append(foot, t.say("plot-raincloud-clouds", nil))
	}
	switch {
	case c.few && len(c.clouds) > 0:
		foot = append(foot, t.say("plot-raincloud-few", map[string]any{"n": c.o.CloudFrom}))
	case c.few:
		foot = append(foot, t.say("plot-raincloud-none", map[string]any{"n": c.o.CloudFrom}))
	}
	if c.hasTh {
		foot = append(foot, t.thresholdNote("plot-threshold-line", c.th, c.s.outcome))
	}
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
	c.f.tell(c.answer(), append(c.s.altDifferences(t), c.alts...)...)
}

// changeAxis is the label of an axis of changes, with the unit where there is
// one.
func (t *theme) changeAxis(o study.Outcome) string {
	if o.Unit == "" {
		return t.say("plot-change-short-unitless", nil)
	}
	return t.say("plot-change-short", map[string]any{"unit": o.Unit})
}
