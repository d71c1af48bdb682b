package plot

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// LoveOptions are the choices of LoveWith.
type LoveOptions struct{ Options }

// Love answers "how alike were the arms before treatment?": of every variable of
// Table 1 the standardized difference of each active arm from control (see
// study.BaselineVariable.Imbalances), in the order of the table, a category's levels
// each by itself. The dashed lines at −0.1 and 0.1 are a convention of observational
// studies, where a larger difference asks for adjustment. In a randomized trial
// imbalances are chance, whatever their size: the note says how large chance alone
// makes them in arms of this size. No p-value belongs to this figure, and no
// covariate should be chosen by it: the plan names those that matter for the outcome.
// Convention: Love plot, Austin 2009, Stat Med 28:3083, doi:10.1002/sim.3697.
func Love(r study.Report) (*Figure, error) { return LoveWith(r, LoveOptions{}) }

// LoveWith is Love with choices. The report's words are drawn as they are: Report.In
// has them in another language.
func LoveWith(r study.Report, o LoveOptions) (*Figure, error) {
	p := r.Protocol
	active, _ := sides(p.Arms)
	t, err := newTheme(o.Options, len(active) > 1, study.StudyInfo{Title: p.Title, Registration: p.Registration, Simulated: p.Simulated})
	if err != nil {
		return nil, err
	}
	c := &love{t: t, f: t.figure("plot-love-title", nil), arms: p.Arms, active: active, looks: t.looks(p.Arms)}
	if len(active) == 0 || len(active) == len(p.Arms) {
		return nil, errors.New("plot: Love: the report compares no arm with a control")
	}
	for _, v := range r.Baseline {
		c.addVariable(v)
	}
	if c.drawn == 0 {
		return nil, fmt.Errorf("plot: Love: none of the %d baseline variables has a standardized difference", len(r.Baseline))
	}
	c.placeRows()
	c.drawMarks()
	c.scale()
	c.words()
	return c.f, nil
}

// loveMark is the reference that Austin 2009 names.
const loveMark = 0.1

// love is the chart while it is made.
type love struct {
	t         *theme
	f         *Figure
	pn        *panel
	arms      []study.Arm
	active    []study.Arm
	looks     map[string]look
	rows      []loveRow
	ys        []float64
	gaps      []gap    // of headings, from the bottom up
	leftOut   []string // variables without a difference
	drawn     int      // differences
	beyond    int      // of them, the reference
	largest   float64  // of them, by size
	largestAt string   // in words
	chance    span     // standard deviations
	alts      []string
}

// loveRow is a line: a heading, or a variable or level with a difference an arm.
type loveRow struct {
	label   string
	heading bool
	under   bool // a heading
	values  []study.Imbalance
}

// addVariable adds a variable's lines, and its words.
func (c *love) addVariable(v study.BaselineVariable) {
	label := name(v.Label, v.ID)
	if v.Short != "" {
		label = v.Short
	}
	byLevel := map[string][]study.Imbalance{}
	for _, d := range v.Imbalances() {
		if finite(d.Value) {
			byLevel[d.Level] = append(byLevel[d.Level], d)
		}
	}
	if len(byLevel) == 0 {
		c.leftOut = append(c.leftOut, label)
		return
	}
	several := v.Kind == study.Category && len(v.Levels) > 2
	if several {
		c.rows = append(c.rows, loveRow{label: label, heading: true})
	}
	for _, l := range append([]string{""}, v.Levels...) {
		ds := byLevel[l]
		if len(ds) == 0 {
			continue
		}
		row := loveRow{label: label, under: several, values: ds}
		full := label
		if l != "" {
			full = c.t.say("plot-love-level", map[string]any{"variable": label, "level": l})
			if row.label = full; several {
				row.label = l
			}
		}
		c.rows = append(c.rows, row)
		for _, d := range ds {
			c.tell(full, d)
		}
	}
}

// tell counts a difference, and says it for who cannot see it.
func (c *love) tell(label string, d study.Imbalance) {
	said := c.t.say("plot-love-alt-one", map[string]any{"variable": label, "arm": nameOfArm(c.arms, d.Arm),
		"control": nameOfArm(c.arms, d.Control), "value": c.t.num(d.Value, 2)})
	c.alts = append(c.alts, sentence(said))
	c.chance.add(d.ByChance)
	c.drawn++
	if math.Abs(d.Value) > loveMark {
		c.beyond++
	}
	if c.largestAt == "" || math.Abs(d.Value) > math.Abs(c.largest) {
		c.largest, c.largestAt = d.Value, said
	}
}

// placeRows sets the lines from the top down; y counts em squares from the bottom.
func (c *love) placeRows() {
	t, height := c.t, 0.0
	c.ys = make([]float64, len(c.rows))
	labels := make([]rowLabel, len(c.rows))
	for k, r := range slices.Backward(c.rows) {
		l := rowLabel{text: r.label, bold: r.heading, indent: r.under, span: r.heading}
		sty, indent := t.rowStyle(l)
		room := t.width*0.38 - indent - t.size()
		if r.heading {
			room = t.width * headingRoom
		}
		l.text = t.rowName(sty, r.label, room)
		h := 0.6 + render.LineHeight*float64(lineCount(l.text))
		if !r.heading {
			h = max(h, 0.9+float64(c.step()/t.size())*float64(len(c.active)))
		} else {
			c.gaps = append(c.gaps, gap{height, height + h})
		}
		c.ys[k] = height + h/2
		l.y = c.ys[k]
		labels[k] = l
		height += h
	}
	c.pn = t.newPanel(0, 0, t.size()*vg.Length(height))
	c.f.panels = []*panel{c.pn}
	setRange(&c.pn.plot.Y, 0, height)
	c.pn.plot.HideY()
	c.pn.least = t.size() * forestRoom
	c.pn.rows = labels
}

// step is how far arms stand apart on a line.
func (c *love) step() vg.Length {
	if len(c.active) == 1 {
		return 0
	}
	return c.t.size() * 0.62
}

// drawMarks draws the lines of no difference and of the reference, and an arm's
// differences above each other on the page.
func (c *love) drawMarks() {
	t := c.t
	c.pn.add(&refLine{theme: t, value: 0, upright: true, color: inkGray, gaps: c.gaps})
	for _, x := range []float64{-loveMark, loveMark} {
		c.pn.add(&refLine{theme: t, value: x, upright: true, color: inkGray, dashes: t.dashes(3, 2), gaps: c.gaps})
	}
	for k, a := range c.active {
		m := &intervalMarks{theme: t, look: c.looks[a.ID], flat: true, scale: 0.85, offset: c.step() * vg.Length(float64(len(c.active)-1)/2-float64(k))}
		column := textColumn{header: t.say("plot-love-column", nil), right: true}
		if len(c.active) > 1 {
			column.header = a.ShortLabel()
		}
		for i, r := range c.rows {
			for _, d := range r.values {
				if d.Arm == a.ID {
					m.items = append(m.items, interval{c.ys[i], d.Value, math.NaN(), math.NaN()})
					column.cells = append(column.cells, textCell{c.ys[i], t.num(d.Value, 2)})
				}
			}
		}
		c.pn.add(m)
		c.pn.columns = append(c.pn.columns, column)
	}
	var heads []string
	for _, col := range c.pn.columns {
		heads = append(heads, col.header)
	}
	for i, h := range t.headers(heads...) {
		c.pn.columns[i].header = h
	}
	if len(c.active) > 1 {
		c.f.legend = t.armLegend(c.active, c.looks, false)
	}
	c.f.legend = append(c.f.legend, legendItem{look: look{color: inkGray, dashes: t.dashes(3, 2)}, line: true, bare: true,
		text: t.say("plot-love-key", map[string]any{"value": t.num(loveMark, 1)})})
}

// scale sets the x axis, as far on both sides, and leaves the columns of numbers out
// where they leave the data no room.
func (c *love) scale() {
	t, pn := c.t, c.pn
	reach := math.Max(math.Abs(c.largest), 2.5*loveMark)
	room := func() vg.Length { return t.width - t.rowsWidth(pn.rows) - t.columnsWidth(pn.columns) - t.size()*2 }
	if room() < t.width*0.3 {
		pn.columns = nil // the numbers are in the description
	}
	ticks := t.ticksFor(room())
	pn.plot.X.Tick.Marker = ticks
	lo, hi := ticks.niceRange(-reach, reach)
	setRange(&pn.plot.X, lo, hi)
	t.nameAxis(pn, t.across(t.say("plot-love-axis", map[string]any{"contrast": t.contrast(c.arms)}), min(t.width*0.7, room()*1.5)), room())
	_, control := sides(c.arms)
	key := &keyStrip{left: t.say("plot-love-higher", map[string]any{"arm": control.ShortLabel()})}
	if key.right = t.say("plot-love-higher-other", nil); len(c.active) == 1 {
		key.right = t.say("plot-love-higher", map[string]any{"arm": c.active[0].ShortLabel()})
	}
	pn.below = append(pn.below, key)
}

func (c *love) words() {
	t := c.t
	code, said := "plot-love-chance", map[string]any{"value": t.num(c.chance.hi, 2)}
	if low := t.num(c.chance.lo, 2); low != said["value"] {
		code, said["low"] = "plot-love-chance-range", low
	}
	foot := []string{t.say("plot-love-method", nil), t.say("plot-love-convention", map[string]any{"value": t.num(loveMark, 1)}), t.say(code, said)}
	if len(c.leftOut) > 0 {
		foot = append(foot, t.say("plot-love-left-out", map[string]any{"list": t.join(c.leftOut)}))
	}
	c.f.note(foot)
	c.f.tell(t.say("plot-love-alt", map[string]any{"n": c.drawn, "beyond": c.beyond, "value": t.num(loveMark, 1), "largest": c.largestAt}), c.alts...)
}
