package plot

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Ticks is a plot.Ticker with steps of 1, 2 or 5 times a power of ten, a true
// minus sign, the language's decimal sign, equal decimals on all labels, and
// minor ticks between.
type Ticks struct {
	// Most labels wanted; 0 means 6.
	Most int
	// Format writes a value with so many decimals; nil: plain digits.
	Format func(x float64, decimals int) string
	// Steps to choose from, ascending, instead of 1, 2 and 5 times powers of
	// ten; without minor ticks.
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
	}{{1, 2}, {2, 2}, {5, 5}, {10, 2}} {
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
	decimals := stepDecimals(step)
	small := step / float64(parts)
	var out []plot.Tick
	eps := 1e-9 * (max - min)
	comb := parts > 2 && max-min > 3*step // of minor ticks: only the axis's ends keep theirs
	for i := math.Ceil((min - eps) / small); i*small <= max+eps; i++ {
		v := i * small
		if math.Mod(i, float64(parts)) != 0 {
			if end := v < min+eps || v > max-eps; !t.NoMinor && (end || !comb) {
				out = append(out, plot.Tick{Value: clamp(v, min, max)})
			}
			continue
		}
		v = roundTo(math.Round(v/step)*step, decimals)
		out = append(out, plot.Tick{Value: clamp(v, min, max), Label: t.label(v, decimals)})
	}
	return out
}

// clear reports whether labels a step apart stand clear of each other.
func (t Ticks) clear(min, max, step float64) bool {
	if t.Room == 0 || t.Width == nil {
		return true
	}
	d := stepDecimals(step)
	w := math.Max(float64(t.Width(t.label(math.Ceil(min/step)*step, d))), float64(t.Width(t.label(math.Floor(max/step)*step, d))))
	return w*1.35 < step/(max-min)*float64(t.Room)
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

func roundTo(x float64, decimals int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
	if err != nil {
		return x
	}
	return r + 0 // no negative zero
}

func clamp(x, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, x)) }

// LogTicks is a plot.Ticker for an axis with plot.LogScale: labels at 1, 2 and
// 5 times powers of ten, at powers of ten alone on a long axis, minor ticks
// between.
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
	var out []plot.Tick
	for e := math.Floor(math.Log10(min)); e <= math.Ceil(math.Log10(max)); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, e)
			if v < min*(1-1e-9) || v > max*(1+1e-9) {
				continue
			}
			k := plot.Tick{Value: clamp(v, min, max)}
			if m == 1 || !long && (m == 2 || m == 5) {
				k.Label = Ticks{Format: t.Format}.label(v, int(math.Max(0, -e)))
			}
			out = append(out, k)
		}
	}
	return out
}

// niceRange widens [lo, hi] to round ticks, so that an axis begins and ends
// with a label, or with a minor tick where a label would cost more than an
// eighth of the axis. Of the ranges whose own ticks end so it takes the one with the
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
	span := hi - lo
	if inside { // an end of the instrument that is near is the axis's end
		if lo-bounds[0] <= span/4 {
			lo = bounds[0]
		}
		if bounds[1]-hi <= span/4 {
			hi = bounds[1]
		}
		span = hi - lo
	}
	step, _ := tickStep(span, n)
	wider, _ := tickStep(1.01*step*float64(n), n)
	bestLo, bestHi, least := lo, hi, math.Inf(1)
	for _, s := range []float64{step, wider} {
		_, parts := tickStep(s*float64(n), n)
		grids := []struct{ step, cost float64 }{{s, 0}, {s / float64(parts), 0.12 * span}, {0, 0.4 * span}}
		for _, ga := range grids {
			for _, gb := range grids {
				a, b := outward(lo, ga.step, math.Floor, 1e-9), outward(hi, gb.step, math.Ceil, -1e-9)
				if inside {
					a, b = math.Max(a, bounds[0]), math.Min(b, bounds[1])
				}
				if own, _ := tickStep(b-a, n); math.Abs(own-s) > 1e-9*s {
					continue // its ticks would be others
				}
				if cost := lo - a + b - hi + ga.cost + gb.cost; cost < least-1e-9*span {
					bestLo, bestHi, least = a, b, cost
				}
			}
		}
	}
	return bestLo, bestHi
}

// outward rounds x to a multiple of step; 0 leaves it.
func outward(x, step float64, round func(float64) float64, eps float64) float64 {
	if step == 0 {
		return x
	}
	return roundTo(round(x/step+eps)*step, stepDecimals(step))
}

// Labels is a plot.Ticker that puts given labels at given values.
type Labels []plot.Tick

// Ticks implements plot.Ticker.
func (l Labels) Ticks(_, _ float64) []plot.Tick { return l }
