package plot

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// Ticks is a plot.Ticker with steps of 1, 2, 5 or 25 times a power of ten, a
// true minus sign, the language's decimal sign, equal decimals on all labels, and
// minor ticks between. The axis's ends are labeled, too, where that takes no more
// decimals: labels of steps that would stand close to them give way.
type Ticks struct {
	// Most labels wanted; 0 means 6.
	Most int
	// Format writes a value with so many decimals; nil: plain digits.
	Format func(x float64, decimals int) string
	// Steps to choose from, ascending, instead of the round ones; without
	// minor ticks.
	Steps []float64
	// NoMinor leaves minor ticks out.
	NoMinor bool
	// Room is the axis's length; where it and Width are given, fewer labels
	// are written when they would touch.
	Room  vg.Length
	Width func(label string) vg.Length
}

var _ plot.Ticker = Ticks{}

// tickStep returns the smallest round step that gives at most n+1 labels over
// the span, with the count of minor parts that suits it.
func tickStep(span float64, n int) (step float64, minor int) {
	raw := span / float64(n)
	mag := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, c := range []struct {
		f     float64
		minor int
	}{{1, 2}, {2, 2}, {2.5, 5}, {5, 5}, {10, 2}} {
		if c.f == 2.5 && mag > 0.5 && mag < 5 {
			continue // 2.5 itself, where whole numbers are read
		}
		if c.f*mag >= raw*(1-1e-9) {
			return c.f * mag, c.minor
		}
	}
	return 10 * mag, 2
}

// step is the step for at most n+1 labels, from Steps while they last.
func (t Ticks) step(span float64, n int) (step float64, minor int) {
	for _, s := range t.Steps {
		if s >= span/float64(n)*(1-1e-9) {
			return s, 1
		}
	}
	return tickStep(span, n)
}

// Ticks implements plot.Ticker.
func (t Ticks) Ticks(min, max float64) []plot.Tick {
	if !(max > min) || math.IsInf(max-min, 0) {
		return []plot.Tick{{Value: min, Label: t.label(min, 0)}}
	}
	n := t.Most
	if n == 0 {
		n = 6
	}
	step, parts := t.step(max-min, n)
	for n > 1 && !t.clear(min, max, step) {
		n--
		step, parts = t.step(max-min, n)
	}
	decimals := tickDecimals(step)
	small := step / float64(parts)
	var out []plot.Tick
	eps := 1e-9 * (max - min)
	round := func(v float64) bool { return math.Abs(v-roundTo(v, decimals)) < eps }
	near := func(v, end float64) bool {
		d := math.Abs(v - end)
		return d > eps && round(end) && (d < 0.65*step || d < t.pitch(min, max, step))
	}
	comb := parts > 2 && max-min > 3*step // of minor ticks: only the axis's ends keep theirs
	for i := math.Ceil((min - eps) / small); i*small <= max+eps; i++ {
		v := i * small
		if math.Mod(i, float64(parts)) != 0 {
			if !t.NoMinor && !comb && v > min+eps && v < max-eps {
				out = append(out, plot.Tick{Value: v})
			}
			continue
		}
		v = roundTo(math.Round(v/step)*step, decimals)
		if near(v, min) || near(v, max) {
			if !t.NoMinor {
				out = append(out, plot.Tick{Value: v})
			}
			continue
		}
		out = append(out, plot.Tick{Value: clamp(v, min, max), Label: t.label(v, decimals)})
	}
	for _, end := range []float64{min, max} {
		at := slices.IndexFunc(out, func(k plot.Tick) bool { return math.Abs(k.Value-end) <= eps })
		if at < 0 && round(end) {
			out = append(out, plot.Tick{Value: end, Label: t.label(roundTo(end, decimals), decimals)})
		}
	}
	slices.SortFunc(out, func(a, b plot.Tick) int { return cmp.Compare(a.Value, b.Value) })
	return out
}

// clear reports whether labels a step apart stand clear of each other.
func (t Ticks) clear(min, max, step float64) bool { return t.pitch(min, max, step) < step }

// pitch is how far apart labels have to be, in units of the axis.
func (t Ticks) pitch(min, max, step float64) float64 {
	if t.Room == 0 || t.Width == nil {
		return 0
	}
	w, d := 0.0, tickDecimals(step)
	for _, v := range []float64{math.Ceil(min/step) * step, math.Floor(max/step) * step} {
		w = math.Max(w, float64(t.Width(t.label(v, d))))
	}
	return w * 1.35 / float64(t.Room) * (max - min)
}

func (t Ticks) label(v float64, decimals int) string {
	if t.Format != nil {
		return t.Format(v, decimals)
	}
	return strings.Replace(strconv.FormatFloat(v, 'f', decimals, 64), "-", "−", 1)
}

// stepDecimals is how many decimals the multiples of a round step need.
func stepDecimals(step float64) int {
	d := -int(math.Floor(math.Log10(step) + 1e-9))
	return max(0, d)
}

// tickDecimals is stepDecimals, with one more for steps of 2.5.
func tickDecimals(step float64) int {
	d := stepDecimals(step)
	if x := step * math.Pow10(d); math.Abs(x-math.Round(x)) > 1e-6 {
		d++
	}
	return d
}

func roundTo(x float64, decimals int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
	if err != nil {
		return x
	}
	return r + 0 // no negative zero
}

func clamp(x, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, x)) }

// LogTicks is a plot.Ticker for an axis with plot.LogScale: labels at 1, 2 and
// 5 times powers of ten, at powers of ten and the axis's ends alone on a long one,
// minor ticks between.
type LogTicks struct {
	// Format writes a value with so many decimals; nil: plain digits.
	Format func(x float64, decimals int) string
}

// Ticks implements plot.Ticker; a range that is not positive has no ticks.
func (t LogTicks) Ticks(min, max float64) []plot.Tick {
	if !(min > 0 && max > min) || math.IsInf(max, 0) {
		return nil
	}
	long := math.Log10(max/min) > 2.5
	apart := 0.12 * math.Log10(max/min) // of labels, in decades
	var out []plot.Tick
	for e := math.Floor(math.Log10(min)); e <= math.Ceil(math.Log10(max)); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, e)
			if v < min*(1-1e-9) || v > max*(1+1e-9) {
				continue
			}
			k := plot.Tick{Value: clamp(v, min, max)}
			end := math.Min(math.Log10(v/min), math.Log10(max/v)) // to the nearer one
			named := m == 1 && (!long || end < 1e-9 || end > apart) || !long && (m == 2 || m == 5)
			if named || long && end < 1e-9 {
				k.Label = Ticks{Format: t.Format}.label(v, int(math.Max(0, -e)))
			}
			out = append(out, k)
		}
	}
	return out
}

// niceRange widens [lo, hi] to round ticks, so that an axis begins and ends
// with a label. Of the ranges whose own ticks end so it takes the one with the
// least empty. It never leaves the instrument's range when the data do not.
func niceRange(lo, hi float64, n int, bounds ...float64) (float64, float64) {
	if lo > hi {
		return 0, 1
	}
	if lo == hi {
		pad := math.Abs(lo) / 10
		if pad == 0 {
			pad = 1
		}
		lo, hi = lo-pad, hi+pad
	}
	inside := len(bounds) == 2 && lo >= bounds[0] && hi <= bounds[1]
	if span := hi - lo; inside { // an end of the instrument that is near is the axis's end
		if lo-bounds[0] <= span/4 {
			lo = bounds[0]
		}
		if bounds[1]-hi <= span/4 {
			hi = bounds[1]
		}
	}
	bestLo, bestHi, least := lo, hi, math.Inf(1)
	step, _ := tickStep(hi-lo, n)
	for range 5 {
		a, b := outward(lo, step, math.Floor, 1e-9), outward(hi, step, math.Ceil, -1e-9)
		if inside {
			a, b = math.Max(a, bounds[0]), math.Min(b, bounds[1])
		}
		own, _ := tickStep(b-a, n)
		if empty := lo - a + b - hi; math.Abs(own-step) < 1e-9*step && empty < least {
			bestLo, bestHi, least = a, b, empty
		}
		step, _ = tickStep(1.01*step*float64(n), n) // the next
	}
	return bestLo, bestHi
}

// niceRange is niceRange for as many labels as have room on the axis.
func (t Ticks) niceRange(lo, hi float64) (float64, float64) {
	for n := 6; n > 1; n-- {
		a, b := niceRange(lo, hi, n)
		if step, _ := tickStep(b-a, n); t.clear(a, b, step) {
			return a, b
		}
	}
	return niceRange(lo, hi, 6)
}

// valueRange is the axis of an outcome's values: the instrument's whole range, beyond
// which there is nothing, and short of which an axis would seem to end with it. Only
// of values that take less than a third of it the part around them is shown.
// Intervals that go on beyond the range are cut.
func valueRange(o study.Outcome, xs span, n int) (lo, hi float64) {
	if !o.HasRange() {
		return niceRange(xs.lo, xs.hi, n)
	}
	lo, hi = clamp(xs.lo, o.Min, o.Max), clamp(xs.hi, o.Min, o.Max)
	if hi-lo >= (o.Max-o.Min)/3 {
		return o.Min, o.Max
	}
	return niceRange(lo, hi, n, o.Min, o.Max)
}

// changeRange is the axis of changes or differences of an outcome's values, which are
// no larger than the instrument's range is wide. Intervals and curves that go on
// beyond are cut.
func changeRange(o study.Outcome, xs span, n int) (lo, hi float64) {
	most := o.Max - o.Min
	switch {
	case o.Binary(): // differences of percentages
		most = 100
	case !o.HasRange():
		return niceRange(xs.lo, xs.hi, n)
	}
	return niceRange(clamp(xs.lo, -most, most), clamp(xs.hi, -most, most), n, -most, most)
}

// outward rounds x to a multiple of step.
func outward(x, step float64, round func(float64) float64, eps float64) float64 {
	return roundTo(round(x/step+eps)*step, tickDecimals(step))
}

// Labels is a plot.Ticker that puts given labels at given values.
type Labels []plot.Tick

// Ticks implements plot.Ticker.
func (l Labels) Ticks(_, _ float64) []plot.Tick { return l }
