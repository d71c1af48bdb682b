package plot

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// Grays of what is not an arm's.
var (
	inkGray    = rgb(0x4D4D4D) // reference lines and their labels
	bandGray   = rgb(0xE9E9E9) // bands behind data
	stripeGray = rgb(0xF4F4F4) // every other row
)

// crowdFrom is the number of participants from which marks on them have a white
// edge: among fewer nothing needs one, and it would hide participants.
const crowdFrom = 20

// newPanel returns a panel whose plot has the theme's type, lines and ticks:
// axes that stop at the data, ticks outward, no grid, no frame.
func (t *theme) newPanel(row, col int, height vg.Length) *panel {
	p := plot.New()
	p.BackgroundColor = nil // the figure has painted the page
	p.TextHandler = t.rich
	p.Title.TextStyle = t.bold()
	p.Legend.TextStyle = t.text()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		x, y := a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = t.text()
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = x, y
		x, y = a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		a.Label.TextStyle = t.text()
		a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign = x, y
		a.Label.Padding = t.size() * 0.35
		a.LineStyle.Width = t.line(1)
		a.Tick.LineStyle.Width = t.line(1)
		a.Tick.Length = t.size() * 0.45
		a.Padding = t.size() * 0.5
		a.Tick.Marker = t.ticks()
	}
	if t.opt.dense.close() { // no label on another
		k := t.ticks()
		k.Room, k.Width = height, func(string) vg.Length { return t.size() }
		p.Y.Tick.Marker = k
	}
	return &panel{plot: p, row: row, col: col, height: height}
}

// ticks is the theme's ticker.
func (t *theme) ticks() Ticks { return Ticks{Format: t.num} }

// ticksFor are ticks of an x axis about so long.
func (t *theme) ticksFor(room vg.Length) Ticks {
	k := t.ticks()
	k.Room, k.Width = room, t.text().Width
	return k
}

// bareTicks are the ticks of an axis whose numbers stand elsewhere.
type bareTicks struct{ of plot.Ticker }

// Ticks implements plot.Ticker.
func (b bareTicks) Ticks(min, max float64) []plot.Tick {
	out := slices.Clone(b.of.Ticks(min, max)) // Labels are others' too
	for i := range out {
		if out[i].Label != "" {
			out[i].Label = " " // a long tick still
		}
	}
	return out
}

// unnamedTicks are ticks without labels, nor the room for them.
type unnamedTicks struct{ of plot.Ticker }

// Ticks implements plot.Ticker.
func (u unnamedTicks) Ticks(min, max float64) []plot.Tick {
	out := slices.Clone(u.of.Ticks(min, max))
	for i := range out {
		out[i].Label = ""
	}
	return out
}

// shareY leaves the numbers of one y axis to the first panel of each row.
func shareY(panels []*panel) {
	for _, p := range panels {
		if p.col > 0 {
			p.plot.Y.Tick.Marker = bareTicks{p.plot.Y.Tick.Marker}
		}
	}
}

// onPage draws the figure's rows of panels by a function that is given their height,
// and where the figure is higher than a page again, lower, down to the least that can
// be read. A height that is asked for is kept. It returns the last layout.
func (f *Figure) onPage(high, least vg.Length, rows int, draw func(high vg.Length)) *layout {
	for {
		draw(high)
		l := f.layout()
		over := l.h - mm(f.theme.style.MaxHeight)
		if over <= 0 || high <= least || f.theme.opt.Height != 0 {
			return l
		}
		high = max(least, high-over/vg.Length(rows)-1)
	}
}

// density is how much lower and narrower than by default panels are, in shares.
type density struct {
	high, wide float64
	grid       bool // the arms' names stand above columns or in the legend, and the visits' over rows
}

// lower and narrower are 1 where nothing is asked for.
func (d density) lower() float64    { return cmp.Or(d.high, 1) }
func (d density) narrower() float64 { return cmp.Or(d.wide, 1) }

// close reports whether panels are lower than the names of their axes are long: the
// legend has these once.
func (d density) close() bool { return d.high != 0 }

// densities are tried in this order, down to what can still be read.
var densities = []density{{high: 0.8, wide: 1}, {high: 0.8, wide: 0.75}, {high: 0.6, wide: 0.75}, {high: 0.6, wide: 0.6}, {high: 0.45, wide: 0.6},
	{high: 0.45, wide: 0.45}, {high: 0.36, wide: 0.45}}

// gridDensities are tried after those of a chart with a panel an arm and visit, or with
// the arms' names under each.
var gridDensities = []density{{0.8, 0.45, true}, {0.6, 0.45, true}, {0.45, 0.45, true}, {0.36, 0.45, true}}

// squareDensities are tried for panels that are as high as they are wide.
var squareDensities = []density{{1, 1, false}, {1, 0.75, false}, {1, 0.6, false}, {1, 0.45, false}, {1, 0.45, true}}

// onePage draws a figure of many panels, and where it is higher than a page again with
// lower ones, more of them side by side. A height that is asked for is kept. Where
// nothing fits it is the first figure, which says by how much.
func onePage(o Options, draw func(Options) (*Figure, error)) (*Figure, error) {
	return onePageOf(densities, o, draw)
}

// onePageGrid is onePage for a chart that tries gridDensities too.
func onePageGrid(o Options, draw func(Options) (*Figure, error)) (*Figure, error) {
	return onePageOf(slices.Concat(densities, gridDensities), o, draw)
}

func onePageOf(closer []density, o Options, draw func(Options) (*Figure, error)) (*Figure, error) {
	first, err := draw(o)
	if err != nil || o.Height != 0 || !first.perhapsTooHigh() || !first.TooHigh() {
		return first, err
	}
	for _, o.dense = range closer {
		f, err := draw(o)
		if err != nil {
			return nil, err
		}
		if l := f.layout(); !l.cramped && !l.tooHigh() {
			return f, nil
		}
	}
	return first, nil
}

// perhapsTooHigh reports, without a layout, whether the data areas and the text under
// them take so much of a page that the figure may be too high for it.
func (f *Figure) perhapsTooHigh() bool {
	rows := map[int]vg.Length{}
	for _, p := range f.panels {
		h := p.height
		for _, s := range p.below {
			if s, ok := s.(*textStrip); ok {
				h += f.theme.textHeight(s.text)
			}
		}
		rows[p.row] = max(rows[p.row], h)
	}
	sum := vg.Length(0)
	for _, h := range rows {
		sum += h + f.theme.size()*3
	}
	return sum > mm(f.theme.style.MaxHeight)*0.55
}

// nameY names the upright axis beside the first panel of each row, or once before the
// legend where panels are too low for that.
func (f *Figure) nameY(p *panel, beside func(room vg.Length) string, once string) {
	switch {
	case !f.theme.opt.dense.close():
		p.plot.Y.Label.Text = beside(p.height)
	case p.row == 0:
		f.nameOnce("plot-panels-upright", once)
	}
}

// nameX names the other axis under the last panel of each column, or once.
func (f *Figure) nameX(p *panel, last bool, under func() string, once string) {
	switch {
	case !f.theme.opt.dense.close():
		if last {
			p.plot.X.Label.Text = under()
		}
	case p.row == 0 && p.col == 0:
		f.nameOnce("plot-panels-across", once)
	}
}

func (f *Figure) nameOnce(code, axis string) {
	f.legend = append([]legendItem{{plain: true, text: f.theme.say(code, map[string]any{"axis": axis})}}, f.legend...)
}

// directed is the name of an axis with the way that is better in words.
func (t *theme) directed(label string, better study.Direction) string {
	code := "better-lower"
	if better == study.HigherIsBetter {
		code = "better-higher"
	}
	return t.say("plot-participantpanels-axis", map[string]any{"outcome": label, "better": t.say(code, nil)})
}

// nameYToward is nameY of an axis on which one way is better.
func (f *Figure) nameYToward(p *panel, label string, better study.Direction) {
	f.nameY(p, func(room vg.Length) string { return f.theme.toward(label, better, room) }, f.theme.directed(label, better))
}

// armColumns sets arms side by side in a row a visit; where that is too narrow,
// all panels flow.
func (t *theme) armColumns(s *series) int {
	cols := panelColumns(t, len(s.results)*len(s.arms))
	if fit := int(float64(t.width/t.size()) / (13 * t.opt.dense.narrower())); fit >= len(s.arms) {
		cols = len(s.arms) * max(1, min(len(s.results), fit/len(s.arms)))
	}
	return cols
}

// headGrid heads a panel of a grid with the name of its arm, above each column once,
// and with the visit's over the panels of all arms.
func (d *drawing) headGrid(pn *panel, arm int, names []string, visit string) {
	pn.title, pn.over, pn.overCols = "", " ", 1
	if arm == 0 {
		pn.over, pn.overCols = visit, len(d.s.arms)
	}
	if pn.row == 0 {
		pn.title = names[arm]
	}
}

// gridColumns makes columns of panels whole groups of arms. Too few for one are no grid.
func (d *drawing) gridColumns(cols int) int {
	n := len(d.s.arms)
	d.t.cramped = d.t.cramped || cols < n
	return max(n, cols-cols%n)
}

// gridNames are the arms' names above columns of a width: short ones or numbers, which
// the legend explains, where a word of a name is wider.
func (d *drawing) gridNames(room vg.Length) []string {
	var whole, short, numbers []string
	for k, a := range d.s.arms {
		whole, short, numbers = append(whole, armName(a)), append(short, a.ShortLabel()), append(numbers, strconv.Itoa(k+1))
	}
	for _, names := range [][]string{whole, short} {
		if widestWord(d.t.bold(), names...) <= room {
			if !slices.Equal(names, whole) {
				d.explain(names)
			}
			return names
		}
	}
	d.explain(numbers)
	return numbers
}

// explain says in the legend which arm has which name on the figure.
func (d *drawing) explain(names []string) {
	if d.f.legend == nil {
		d.f.legend = d.t.armLegend(d.s.arms, d.looks, false)
	}
	for k, a := range d.s.arms {
		d.f.legend[k].text = d.t.say("plot-arm-key", map[string]any{"key": names[k], "arm": armName(a)})
	}
}

// setRange fixes an axis to [lo, hi].
func setRange(a *plot.Axis, lo, hi float64) { a.Min, a.Max = lo, hi }

// span collects the range of what will be drawn.
type span struct {
	lo, hi float64
	any    bool
}

func (s *span) add(xs ...float64) {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			continue
		}
		if !s.any {
			s.lo, s.hi, s.any = x, x, true
		}
		s.lo, s.hi = math.Min(s.lo, x), math.Max(s.hi, x)
	}
}

// interval is a value with its confidence limits, at a place on the other axis.
// Lo and Hi may be infinite, and NaN where no interval exists.
type interval struct{ at, value, lo, hi float64 }

// fromEffect asks an effect for its value and interval.
func fromEffect(at float64, e stats.Effect, level float64) interval {
	ci := e.CI(level)
	return interval{at, e.Point(), ci.Lo, ci.Hi}
}

// fromDescription is a mean with its t interval; without one for n = 1.
func fromDescription(at float64, d stats.Description, level float64) interval {
	if d.N < 2 || math.IsNaN(d.SE) {
		return interval{at, d.Mean, math.NaN(), math.NaN()}
	}
	return fromEffect(at, stats.Estimate{Value: d.Mean, SE: d.SE, DF: float64(d.N - 1)}, level)
}

// hidden reports whether an interval is so short that its symbol covers it.
func (t *theme) hidden(pn *panel, items []interval) bool {
	for _, i := range items {
		h := pn.height * vg.Length((i.hi-i.lo)/(pn.plot.Y.Max-pn.plot.Y.Min))
		if h < t.size()*0.8 { // false for an interval that does not exist
			return true
		}
	}
	return false
}
