package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
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
