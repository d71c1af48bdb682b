package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// visitPlace is where a visit stands on a panel's x axis.
type visitPlace struct {
	id string
	x  float64
}

// XOfVisit returns where a visit stands on the x axis of a panel, counted from 0
// in reading order, in the axis's own unit: time on a scale of time, the place
// in the order elsewhere. It is for marks of your own on Figure.Plot:
//
//	x, err := fig.XOfVisit(0, "week12")
//	fig.Plot(0).Add(…)
//
// Marks of arms stand on both sides of it, moved on the page only. A panel that
// does not exist, one without an axis of visits and an unknown visit are errors.
func (f *Figure) XOfVisit(panel int, visit string) (float64, error) {
	if panel < 0 || panel >= f.Panels() {
		return 0, f.noPanel("XOfVisit", panel)
	}
	var known []string
	for _, v := range f.panels[panel].visits {
		if v.id == visit {
			return v.x, nil
		}
		known = append(known, v.id)
	}
	if known == nil {
		return 0, fmt.Errorf("plot: Figure.XOfVisit: the x axis of panel %d shows no visits", panel)
	}
	return 0, fmt.Errorf("plot: Figure.XOfVisit: no visit %q in panel %d, which shows %s", visit, panel, strings.Join(known, ", "))
}

// setVisits notes where the visits stand.
func (p *panel) setVisits(visits []study.Visit, xs []float64) {
	p.visits = make([]visitPlace, len(visits))
	for i, v := range visits {
		p.visits[i] = visitPlace{v.ID, xs[i]}
	}
}

// visitAxis is an axis of visits: where they stand, and what is written there.
type visitAxis struct {
	xs    []float64
	ticks plot.Ticker
	title string // of a scale of time
	level bool   // labels are not upright
	notes []string
}

// axisOfVisits decides between true time and equal spacing on an axis of about a
// width, which goes on for pad places beyond the visits: true time with the
// visits' names, then (and where their lines would repeat a word) with their times as
// numbers, then equal spacing. A spacing
// that is asked for is kept; fits tells whether what else stands at the visits
// has room where they are. Beside the width is clear, which marks may reach into.
func (t *theme) axisOfVisits(visits []study.Visit, width, clear vg.Length, pad float64, want Spacing, fits func(gap vg.Length) bool) visitAxis {
	names, even := make([]string, len(visits)), make([]float64, len(visits))
	for i, v := range visits {
		names[i], even[i] = visitName(v), float64(i)
	}
	// Names have half a place of room on both sides, as beside bars, so that they
	// break alike in every chart.
	side, wide := max(pad, 0.5), width+clear
	times, unit, known := visitTimes(visits)
	if known && want != SpacingEven {
		beyond := pad * smallestPlace(times)
		room := vg.Length(smallestPlace(times)/(times[len(times)-1]-times[0]+2*beyond)) * width
		roomy := want == SpacingTime || fits(room)
		labels, named := t.visitLabels(names, times, wide, side*smallestPlace(times))
		if named && roomy && !repeating(labels) {
			return visitAxis{xs: times, ticks: labels, level: true}
		}
		title := t.across(t.say("plot-time-"+unit, nil), width)
		if numbers, ok := t.visitNumbers(times, width, beyond); ok && roomy {
			return visitAxis{xs: times, ticks: numbers, title: title, level: true}
		}
		if named && roomy {
			return visitAxis{xs: times, ticks: labels, level: true}
		}
		if want == SpacingTime { // too close for numbers: even steps
			return visitAxis{xs: times, ticks: t.timeTicks(unit, width), title: title, level: true}
		}
	}
	a := visitAxis{xs: even}
	var labels Labels
	if labels, a.level = t.visitLabels(names, even, wide, side); !a.level { // too long even when wrapped: upright
		for i := range labels {
			labels[i].Label = names[i] + " " // clear of the tick
		}
	}
	a.ticks = labels
	if known && uneven(times) {
		a.notes = append(a.notes, t.say("plot-even", nil))
	}
	return a
}

// repeating reports whether labels in lines begin with the same line: "Week" over 4,
// over 8 and over 12 is said once by an axis of numbers.
func repeating(labels Labels) bool {
	seen := map[string]bool{}
	for _, l := range labels {
		first, _, more := strings.Cut(l.Label, "\n")
		if more && seen[first] {
			return true
		}
		seen[first] = more
	}
	return false
}

// label writes the axis's labels under a panel.
func (a visitAxis) label(x *plot.Axis) {
	x.Tick.Marker, x.Label.Text = a.ticks, a.title
	if !a.level {
		x.Tick.Label.Rotation = math.Pi / 2
		x.Tick.Label.XAlign, x.Tick.Label.YAlign = draw.XRight, draw.YCenter
	}
}

// reach is the axis's range, pad places wider than the visits.
func (a visitAxis) reach(pad float64) (lo, hi float64) {
	pad *= smallestPlace(a.xs)
	return a.xs[0] - pad, a.xs[len(a.xs)-1] + pad
}

// smallestPlace is the smallest interval between places; one alone has 1.
func smallestPlace(xs []float64) float64 {
	if len(xs) < 2 {
		return 1
	}
	return float64(smallestGap(xs))
}

// placeVisits decides the x axis: it sets xs, the axis, its labels and the
// strip of numbers, and returns what the footnote must say about it.
func (t *theme) placeVisits(pn *panel, strip *numberStrip, visits []study.Visit, xs []float64, want Spacing, clear vg.Length, pad float64) []string {
	if len(xs) == 1 { // one place alone has no extent to draw over
		pad = max(pad, 0.5)
	}
	left := vg.Length(0)
	if strip != nil {
		_, left = strip.size(t)
	}
	labels := max(lineCount(pn.plot.Y.Label.Text), 2)
	width := t.width - 2*t.edge() - max(left, t.size()*(3.1+render.LineHeight*vg.Length(labels))) - max(t.sideWidth(pn.side), t.size()*2) - clear - t.opt.taken
	a := t.axisOfVisits(visits, width, clear, pad, want, func(gap vg.Length) bool { return strip == nil || strip.fits(t, gap) })
	a.label(&pn.plot.X)
	copy(xs, a.xs)
	pn.setVisits(visits, xs)
	lo, hi := a.reach(pad)
	setRange(&pn.plot.X, lo, hi)
	notes := a.notes
	if strip == nil {
		return notes
	}
	for i := range strip.rows {
		copy(strip.rows[i].at, xs)
	}
	if strip.fits(t, smallestGap(xs)/vg.Length(hi-lo)*width) {
		pn.below = append(pn.below, strip)
		return notes
	}
	for _, r := range strip.rows {
		notes = append(notes, t.say("plot-n-list", map[string]any{"arm": armName(r.look.arm), "list": strings.Join(r.text, ", ")}))
	}
	return notes
}

// visitNumbers are the times of the visits; ok tells whether they have room, and
// are numbers of at most one decimal.
func (t *theme) visitNumbers(times []float64, width vg.Length, pad float64) (Labels, bool) {
	if !exact(times) {
		return nil, false
	}
	numbers := make([]string, len(times))
	for i, x := range times {
		numbers[i] = t.shortest(roundTo(x, 1))
	}
	return t.visitLabels(numbers, times, width, pad)
}

// exact reports whether times have at most one decimal.
func exact(times []float64) bool {
	return !slices.ContainsFunc(times, func(x float64) bool { return math.Abs(roundTo(x, 1)-x) > 1e-9 })
}

// timeTicks are a scale of time in even steps.
func (t *theme) timeTicks(unit string, width vg.Length) plot.Ticker {
	ticks := t.ticksFor(width)
	ticks.Steps = timeSteps(unit)
	return ticks
}

func smallestGap(xs []float64) vg.Length {
	gap := math.Inf(1)
	for i := 1; i < len(xs); i++ {
		gap = math.Min(gap, xs[i]-xs[i-1])
	}
	return vg.Length(gap)
}

// mostShift is the share of the smallest interval between visits that arms side
// by side take in all: more, and a mark seems to stand at another time.
const mostShift = 0.35

// standApart sets the arms' marks of panel i side by side about their visits, a
// step apart on the page, or less where all of them would take more than
// mostShift of the interval between two visits. The first arm stands left.
func (f *Figure) standApart(i int, arms []*intervalMarks, xs []float64, step vg.Length) {
	place := func(step vg.Length) {
		for k, m := range arms {
			m.offset = step * vg.Length(float64(k)-float64(len(arms)-1)/2)
		}
	}
	place(step)
	if len(arms) < 2 || len(xs) < 2 {
		return
	}
	// Laid out with the full step the data area is no wider than it will be.
	d, axis := f.layout().data[i], f.panels[i].plot.X
	gap := smallestGap(xs) / vg.Length(axis.Max-axis.Min) * (d.Max.X - d.Min.X)
	place(min(step, mostShift*gap/vg.Length(len(arms)-1)))
}

// visitLabels wraps visit names to fit at their places on an axis of a width,
// which goes on for pad beyond them; ok tells whether all do.
func (t *theme) visitLabels(names []string, xs []float64, width vg.Length, pad float64) (Labels, bool) {
	out := make(Labels, len(names))
	place := func(i int) vg.Length {
		return vg.Length((xs[i]-xs[0]+pad)/max(xs[len(xs)-1]-xs[0]+2*pad, 1e-300)) * width
	}
	lines := 1
	rooms := make([]vg.Length, len(names))
	for i, n := range names {
		rooms[i] = 2 * width
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < len(xs) {
				rooms[i] = min(rooms[i], abs(place(j)-place(i)))
			}
		}
		lines = max(lines, len(t.wrap(t.text(), n, rooms[i]-t.size()*0.6)))
	}
	ok := lines <= 3
	var before vg.Length // right edge of the label to the left
	for i, n := range names {
		label := n
		if lines > 1 { // all alike: "Week 8" is not set unlike "Week 12"
			label = strings.Join(t.wrapLines(t.text(), n, rooms[i], lines), "\n")
		}
		half := t.text().Width(label) / 2
		if i > 0 && place(i)-half < before+t.size()*0.3 {
			ok = false
		}
		before = place(i) + half
		out[i] = plot.Tick{Value: xs[i], Label: label}
	}
	return out, ok
}

// visitTimes returns the visits' times in a readable unit; a first visit
// without a time is time 0, when nothing else is.
func visitTimes(visits []study.Visit) (xs []float64, unit string, ok bool) {
	times := make([]time.Duration, len(visits))
	for i, v := range visits {
		if !v.HasTime && i > 0 {
			return nil, "", false
		}
		times[i] = v.Time
		if i > 0 && times[i] <= times[i-1] {
			return nil, "", false
		}
	}
	last := times[len(times)-1] - times[0]
	units := []struct {
		name string
		of   time.Duration
		upTo time.Duration
	}{{"w", 7 * 24 * time.Hour, math.MaxInt64}, {"d", 24 * time.Hour, 28 * 24 * time.Hour}, {"h", time.Hour, 72 * time.Hour}, {"min", time.Minute, 2 * time.Hour}}
	first := 0
	for i, u := range units {
		if last <= u.upTo {
			first = i
		}
	}
	in := func(u time.Duration) (xs []float64) {
		for _, d := range times {
			xs = append(xs, float64(d)/float64(u))
		}
		return xs
	}
	for _, u := range units[first:min(first+2, len(units))] { // the next where it tells them in whole numbers
		if xs := in(u.of); exact(xs) {
			return xs, u.name, true
		}
	}
	return in(units[first].of), units[first].name, true
}

// timeSteps are the steps of a scale of time that people count in; longer
// scales count as numbers do.
func timeSteps(unit string) []float64 {
	switch unit {
	case "min":
		return []float64{1, 2, 5, 10, 15, 30, 60}
	case "h":
		return []float64{1, 2, 3, 4, 6, 12, 24}
	case "d":
		return []float64{1, 2, 7, 14}
	}
	return []float64{1, 2, 4, 8, 12, 13, 26, 52, 104}
}

// uneven reports whether equal spacing misrepresents the times.
func uneven(xs []float64) bool {
	if len(xs) < 3 {
		return false
	}
	gap := (xs[len(xs)-1] - xs[0]) / float64(len(xs)-1)
	for i := 1; i < len(xs); i++ {
		if math.Abs(xs[i]-xs[i-1]-gap) > 0.01*gap {
			return true
		}
	}
	return false
}
