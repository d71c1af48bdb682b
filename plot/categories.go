package plot

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// CategoriesOptions are the choices of CategoriesWith.
type CategoriesOptions struct{ Options }

// Categories answers "how are the patients of each arm spread over the categories, visit by
// visit?" of an ordinal outcome: a bar an arm, from 0 to 100% of those with a value,
// stacked from the lowest category to the highest, which darken in that order, so that
// they are told apart in gray. A number of patients stands where it has room. Read where
// the same shade ends in both arms. It takes the results of one outcome, a visit each;
// the comparison of the arms is drawn by Differences.
// Convention: Robbins & Heiberger 2011, Plotting Likert and Other Rating Scales,
// Proceedings of the Joint Statistical Meetings, 1058–1066.
func Categories(results []study.Result) (*Figure, error) {
	return CategoriesWith(results, CategoriesOptions{})
}

// CategoriesWith is Categories with choices.
func CategoriesWith(results []study.Result, o CategoriesOptions) (*Figure, error) {
	return onePage(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newCategories(results, o)
		if err != nil {
			return nil, err
		}
		c.stack()
		c.frame()
		c.words()
		return c.f, nil
	})
}

// categoriesChart is the chart while it is made.
type categoriesChart struct {
	drawing
	pn     *panel
	places []study.Visit
	shades []color.NRGBA // by level
	bars   *stackMarks
	room   vg.Length // of a whole bar
	ns     textColumn
}

func newCategories(results []study.Result, o CategoriesOptions) (*categoriesChart, error) {
	s, err := anySeries("Categories", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	if !s.outcome.Ordinal() {
		return nil, fmt.Errorf("plot: Categories: outcome %q is not ordinal: it has no categories", s.outcome.ID)
	}
	c := &categoriesChart{places: s.visits()}
	if c.drawing, err = s.draw(o.Options, true, "plot-categories-title"); err != nil {
		return nil, err
	}
	c.shades = c.t.shades(len(s.outcome.Levels))
	for i, l := range s.outcome.Levels {
		c.f.legend = append(c.f.legend, legendItem{text: l, fill: c.shades[i]})
	}
	c.bars = &stackMarks{theme: c.t}
	return c, nil
}

// shades are colors from light to dark, evenly spaced in lightness: blue, or gray in a
// palette of grays.
func (t *theme) shades(n int) []color.NRGBA {
	light, dark := rgb(0xE3EDF7), rgb(0x08305C)
	if t.style.Palette == PaletteGray {
		light, dark = rgb(0xECECEC), rgb(0x303030)
	}
	out := make([]color.NRGBA, n)
	for i := range out {
		f := float64(i) / float64(max(n-1, 1))
		mix := func(a, b uint8) uint8 { return uint8(float64(a) + f*(float64(b)-float64(a)) + 0.5) }
		out[i] = color.NRGBA{mix(light.R, dark.R), mix(light.G, dark.G), mix(light.B, dark.B), 255}
	}
	return out
}

// stack places the bars, an arm's under another's at each visit, the first on top. Heights
// are in units of the type size.
func (c *categoriesChart) stack() {
	t, arms := c.t, c.s.arms
	const gap = 0.3
	thin := math.Max(1.6*t.opt.dense.lower(), render.LineHeight)
	names, visits := make([]string, len(arms)), make([]string, len(c.places))
	height, rows := 0.0, 0.0
	lines := func(s string) float64 { return render.LineHeight * float64(lineCount(s)) }
	for i, a := range arms {
		sty, indent := t.rowStyle(rowLabel{indent: true})
		names[i] = t.rowName(sty, armName(a), t.width*0.31-indent-t.size())
		rows += math.Max(thin, lines(names[i])) + gap
	}
	for i, v := range c.places {
		visits[i] = t.rowName(t.bold(), visitName(v), t.width*headingRoom)
		height += lines(visits[i]) + gap + rows
	}
	c.pn = t.newPanel(0, 0, t.size()*vg.Length(height))
	c.f.panels = []*panel{c.pn}
	setRange(&c.pn.plot.Y, 0, height)
	c.ns = textColumn{header: t.say("plot-categories-n", nil), right: true}
	y := height
	for i, visit := range c.places {
		heading := lines(visits[i]) + gap
		c.pn.rows = append(c.pn.rows, rowLabel{y: y - heading/2, text: visits[i], bold: true, span: true})
		y -= heading
		for k, a := range arms {
			row := math.Max(thin, lines(names[k])) + gap
			c.pn.rows = append(c.pn.rows, rowLabel{y: y - row/2, text: names[k], indent: true})
			s, ok := c.summary(a.ID, visit.ID)
			if ok {
				c.bars.add(s, y-row/2+thin/2, y-row/2-thin/2, c.shades)
			}
			c.ns.cells = append(c.ns.cells, textCell{y - row/2, fmt.Sprint(s.N)})
			y -= row
		}
	}
}

// summary is an arm's at a visit, where anybody has a value.
func (c *categoriesChart) summary(arm, visit string) (study.Summary, bool) {
	for _, r := range c.s.results {
		i := slices.IndexFunc(r.Summaries, func(m study.Summary) bool { return m.Arm == arm && m.Visit == visit && m.N > 0 && m.Levels != nil })
		if r.Visit.ID == visit && i >= 0 {
			return r.Summaries[i], true
		}
	}
	return study.Summary{}, false
}

func (c *categoriesChart) frame() {
	t, pn := c.t, c.pn
	pn.hideY()
	setRange(&pn.plot.X, 0, 100)
	c.ns.width, c.ns.lead = t.columnWidth(c.ns), t.columnLead(c.ns)
	pn.columns = []textColumn{c.ns}
	room := t.width - t.rowsWidth(pn.rows) - t.columnsWidth(pn.columns) - 2*t.edge()
	c.room = room
	pn.plot.X.Tick.Marker = t.ticksFor(room)
	pn.plot.X.Label.Text = t.toward(t.say("plot-categories-axis", map[string]any{"outcome": c.s.outcome.ShortLabel()}), c.s.outcome.Better, room)
	pn.add(c.bars)
}

func (c *categoriesChart) words() {
	t := c.t
	foot := []string{t.say("plot-categories-method", nil)}
	if slices.ContainsFunc(c.bars.tiles, func(x stackTile) bool { return !t.fitsTile(x.n, vg.Length((x.x1-x.x0)/100)*c.room) }) {
		foot = append(foot, t.say("plot-categories-narrow", nil))
	}
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
	var counts []string
	for _, v := range c.places {
		for _, a := range c.s.arms {
			s, ok := c.summary(a.ID, v.ID)
			if !ok {
				continue
			}
			parts := make([]string, len(s.Levels))
			for i, l := range s.Levels {
				parts[i] = fmt.Sprintf("%s %d", c.s.outcome.Levels[i], l.Count)
			}
			counts = append(counts, t.say("plot-alt-categories", map[string]any{"visit": visitName(v), "arm": armName(a), "levels": strings.Join(parts, ", "), "n": s.N}))
		}
	}
	c.f.tell(c.s.altDifference(t), append(c.s.altDifferences(t), counts...)...)
}

// stackMarks draws stacked bars with the numbers of patients that have room in them.
type stackMarks struct {
	theme *theme
	tiles []stackTile
}

type stackTile struct {
	tile
	n string
}

// inkOn is black or white, whichever is told better from a color: above a relative
// luminance of 0.179 black has the greater contrast (W3C, WCAG 2.2, contrast ratio).
func inkOn(fill color.NRGBA) color.NRGBA {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	if 0.2126*linear(fill.R)+0.7152*linear(fill.G)+0.0722*linear(fill.B) > 0.179 {
		return rgb(0x000000)
	}
	return rgb(0xFFFFFF)
}

// fitsTile reports whether a number has room in a part of a width.
func (t *theme) fitsTile(n string, width vg.Length) bool {
	return t.text().Width(n)+t.size()*0.2 <= width
}

// add stacks an arm's categories, in percent of those with a value.
func (m *stackMarks) add(s study.Summary, top, bottom float64, shades []color.NRGBA) {
	done := 0
	for i, l := range s.Levels {
		if l.Count == 0 {
			continue
		}
		from := 100 * float64(done) / float64(s.N)
		done += l.Count
		m.tiles = append(m.tiles, stackTile{tile{dataRect{from, 100 * float64(done) / float64(s.N), bottom, top}, shades[i], inkGray}, fmt.Sprint(l.Count)})
	}
}

// Plot implements plot.Plotter.
func (m *stackMarks) Plot(c draw.Canvas, p *plot.Plot) {
	t := m.theme
	bars := &tileMarks{theme: t}
	for _, x := range m.tiles {
		bars.tiles = append(bars.tiles, x.tile)
	}
	bars.Plot(c, p)
	for _, x := range m.tiles {
		width := c.X(p.X.Norm(x.x1)) - c.X(p.X.Norm(x.x0))
		sty := t.text()
		if !t.fitsTile(x.n, width) {
			continue
		}
		sty.Color = inkOn(x.fill.(color.NRGBA))
		t.write(c, sty, c.X(p.X.Norm((x.x0+x.x1)/2)), c.Y(p.Y.Norm((x.y0+x.y1)/2))-t.size()*0.36, draw.XCenter, x.n)
	}
}
