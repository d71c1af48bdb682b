package plot

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// Quantity picks what of a record a distribution shows.
type Quantity int

const (
	// OfChange is follow-up − baseline, for participants with both.
	OfChange Quantity = iota
	// OfFollow is the value at the visit.
	OfFollow
	// OfBaseline is the value before treatment.
	OfBaseline
)

// check refuses a quantity that does not exist.
func (q Quantity) check(fn string) error {
	if q < OfChange || q > OfBaseline {
		return fmt.Errorf("plot: %s: no quantity %d", fn, q)
	}
	return nil
}

// HistogramOptions are the choices of HistogramWith.
type HistogramOptions struct {
	Options
	Of Quantity
	// Bins wanted, about; 0 follows from the number of values.
	Bins int
}

// Histogram answers "how are the changes (or values) of one visit distributed
// in each arm?". It takes one result; the arms stand above each other on one
// axis. Read position and spread from arm to arm, not the shape of a small
// arm: with fewer than about 30 values the bars say little, and the dots under
// them, one a participant, say more. Bins are a whole number of the
// instrument's steps wide, so that none holds more possible values than
// another, and hold their lower end.
// Convention: at least as many bins as Sturges 1926, J Am Stat Assoc 21:65,
// doi:10.1080/01621459.1926.10502161.
func Histogram(result study.Result) (*Figure, error) {
	return HistogramWith(result, HistogramOptions{})
}

// HistogramWith is Histogram with choices.
func HistogramWith(result study.Result, o HistogramOptions) (*Figure, error) {
	s, err := newSeries("Histogram", []study.Result{result})
	if err != nil {
		return nil, err
	}
	if err := o.Of.check("Histogram"); err != nil {
		return nil, err
	}
	if o.Bins < 0 || o.Bins > 200 {
		return nil, fmt.Errorf("plot: Histogram: %d bins", o.Bins)
	}
	t, err := newTheme(o.Options, false, result.Study)
	if err != nil {
		return nil, err
	}
	values := make([][]float64, len(s.arms))
	var xs span
	most := 0
	for k, a := range s.arms {
		values[k] = s.quantity(o.Of, a.ID)
		xs.add(values[k]...)
		most = max(most, len(values[k]))
	}
	if !xs.any {
		return nil, fmt.Errorf("plot: Histogram: %q has no participant to show", s.outcome.ID)
	}
	bins := o.Bins
	if bins == 0 {
		bins = int(math.Ceil(math.Log2(float64(most)))) + 1
	}
	start, width, n := histogramBins(xs.lo, xs.hi, bins, s.outcome.Resolution)
	looks := t.looks(s.arms)
	f := &Figure{theme: t}
	f.entitle("plot-histogram-title", map[string]any{"what": t.quantityLabel(o.Of, s)})
	counts := make([][]int, len(s.arms))
	highest := 0
	for k := range s.arms {
		counts[k] = make([]int, n)
		for _, v := range values[k] {
			i := min(max(int(math.Floor((v-start)/width+1e-9)), 0), n-1)
			counts[k][i]++
			highest = max(highest, counts[k][i])
		}
	}
	room := t.width - t.size()*7
	var alts []string
	for k, a := range s.arms {
		pn := t.newPanel(k, 0, t.height(highPanels(len(s.arms), 26, 20)))
		f.panels = append(f.panels, pn)
		pn.title = t.say("plot-n-of", map[string]any{"arm": armName(a), "n": len(values[k])})
		step, _ := tickStep(float64(highest), 4)
		setRange(&pn.plot.Y, 0, outward(float64(highest), math.Max(step, 1), math.Ceil, -1e-9))
		pn.standOnAxis()
		lo, hi := s.binRange(o.Of, start, start+width*float64(n), xs)
		setRange(&pn.plot.X, lo, hi)
		steps := []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}
		pn.plot.Y.Tick.Marker = Ticks{Most: 4, Steps: steps, Format: t.num}
		pn.plot.Y.Label.Text = t.across(t.say("plot-histogram-y", nil), pn.height)
		pn.plot.X.Tick.Marker = t.ticksFor(room)
		if k == len(s.arms)-1 {
			pn.plot.X.Label.Text = t.quantityAxis(o.Of, s, room)
		}
		m := &tileMarks{theme: t}
		lk := looks[a.ID]
		for i, c := range counts[k] {
			if c > 0 {
				m.tiles = append(m.tiles, tile{dataRect: dataRect{math.Max(lo, start+width*float64(i)), math.Min(hi, start+width*float64(i+1)), 0, float64(c)},
					fill: fade(lk.color, 0.25), edge: lk.color})
			}
		}
		pn.add(m, &rugMarks{theme: t, look: lk, values: values[k]})
		if len(values[k]) > 0 {
			alts = append(alts, t.say("plot-histogram-alt", map[string]any{"arm": armName(a), "n": len(values[k]),
				"lo": t.shortest(values[k][0]), "hi": t.shortest(values[k][len(values[k])-1]), "unit": spaced(s.outcome.Unit)}))
		}
	}
	foot := []string{t.say("plot-histogram-method", map[string]any{"width": t.shortest(width), "unit": spaced(s.outcome.Unit)})}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.tell(s.altDistribution(t, o.Of, ""), alts...)
	return f, nil
}

// histogramBins covers [lo, hi] by n bins of a round width, a whole number of
// steps where the instrument has one. Bins begin half a step below a possible
// value then, so that none lies on an edge.
func histogramBins(lo, hi float64, want int, step float64) (start, width float64, n int) {
	if lo == hi {
		width = step
		if width == 0 {
			width = math.Max(1, math.Abs(lo)/10)
		}
		return lo - width/2, width, 1
	}
	width = stepBelow((hi - lo) / float64(want))
	if step > 0 {
		width = math.Max(1, math.Round(width/step)) * step
	}
	start = math.Floor(lo/width+1e-9) * width
	if step > 0 {
		start -= step / 2
	}
	n = int(math.Floor((hi-start)/width+1e-9)) + 1
	return start, width, n
}

// stepBelow is the largest 1, 2 or 5 times a power of ten that is at most x.
func stepBelow(x float64) float64 {
	e := math.Pow(10, math.Floor(math.Log10(x)+1e-9))
	best := e
	for _, m := range []float64{2, 5} {
		if m*e <= x*(1+1e-9) {
			best = m * e
		}
	}
	return best
}

// quantity is the sorted values of an arm in the series' first result.
func (s *series) quantity(of Quantity, arm string) []float64 {
	if of == OfChange {
		return s.changes(0, arm)
	}
	var out []float64
	for _, r := range s.results[0].Records {
		switch {
		case r.Arm != arm:
		case of == OfFollow && r.HasFollow:
			out = append(out, r.Follow)
		case of == OfBaseline && r.HasBaseline:
			out = append(out, r.Baseline)
		}
	}
	sort.Float64s(out)
	return out
}

// quantityRange is the axis of a quantity.
func (s *series) quantityRange(of Quantity, xs span) (lo, hi float64) {
	if of == OfChange {
		return changeRange(s.outcome, xs, 6)
	}
	return valueRange(s.outcome, xs, 6)
}

// binRange is the axis of bins from start to end; one about the instrument's end is
// cut there.
func (s *series) binRange(of Quantity, start, end float64, xs span) (lo, hi float64) {
	lo, hi = niceRange(start, end, 6)
	if o := s.outcome; o.HasRange() {
		if of != OfChange {
			return valueRange(o, xs, 6)
		}
		lo, hi = math.Max(lo, o.Min-o.Max), math.Min(hi, o.Max-o.Min)
	}
	return lo, hi
}

// quantityLabel says "Pain: change from baseline to Week 12".
func (t *theme) quantityLabel(of Quantity, s *series) string {
	code := map[Quantity]string{OfChange: "plot-of-change", OfFollow: "plot-of-follow", OfBaseline: "plot-of-baseline"}[of]
	args := map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID), "visit": visitName(s.results[0].Visit)}
	if of == OfBaseline {
		args["visit"] = visitName(s.baseline)
	}
	return t.say(code, args)
}

// quantityAxis names the axis of a quantity; what was before treatment has no better
// side.
func (t *theme) quantityAxis(of Quantity, s *series, room vg.Length) string {
	label := t.quantityLabel(of, s) + unitAfterComma(s.outcome.Unit)
	if of == OfBaseline {
		return t.across(label, room)
	}
	return t.toward(label, s.outcome.Better, room)
}

// spaced puts a no-break space before a unit, if there is one.
func spaced(unit string) string {
	if unit == "" {
		return ""
	}
	return "\u00a0" + unit
}

func unitAfterComma(unit string) string {
	if unit == "" {
		return ""
	}
	return ", " + unit
}
