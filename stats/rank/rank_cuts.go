package rank

import (
	"cmp"
	"math"
	"slices"
)

// cut is a value at which the ranking of data shifted by a null value changes:
// a difference between two observations, or a mean of two. It is an interval
// because the same decimal difference, computed from different floats, comes
// out with different last digits.
type cut struct{ lo, hi float64 }

// cutRun is a run of neighboring cuts. Between two of them the ranking, and so
// the p-value, is constant; at a cut it has additional ties. Position 2i+1 is the
// i-th cut of the run, position 2i the gap below it.
type cutRun struct {
	cuts        []cut
	first, last bool // no cut lies below the run, or above it
}

// span returns the bounds that stand for position pos in a call of test.
func (r cutRun) span(pos int) cut {
	i := pos / 2
	if pos%2 == 1 {
		return r.cuts[i]
	}
	c := cut{lo: math.Inf(1), hi: math.Inf(-1)}
	if i < len(r.cuts) {
		c.lo = r.cuts[i].lo
	}
	if i > 0 {
		c.hi = r.cuts[i-1].hi
	}
	return c
}

// position returns the position of a null value.
func (r cutRun) position(null float64) int {
	i, _ := slices.BinarySearchFunc(r.cuts, null, func(c cut, x float64) int { return cmp.Compare(c.hi, x) })
	if i < len(r.cuts) && r.cuts[i].lo <= null {
		return 2*i + 1
	}
	return 2 * i
}

// rounding is the relative error of a subtraction: four units in the last place.
const rounding = 0x1p-50

// listedCuts is the number of values up to which an interval lists all cuts.
const listedCuts = 1 << 13

// all is the run of all cuts.
func (v *inversion) all() cutRun {
	v.once.Do(func() {
		v.every = cutRun{mergeCuts(v.between(math.Inf(-1), math.Inf(1)), v.scale), true, true}
	})
	return v.every
}

// run returns the cuts that [lo, hi] meets and some around them, each as it is
// among all cuts: the values are listed so far out that what lies beyond can
// neither be merged with them nor keep a cut from covering a decimal.
func (v *inversion) run(lo, hi float64) cutRun {
	margin := math.Max(2*rounding*v.scale, math.SmallestNonzeroFloat64)
	lo, hi = lo-2*margin, hi+2*margin
	for step := 2 * margin; ; step *= 2 {
		x := v.between(lo, hi)
		below, above := lo, hi
		for _, d := range x {
			if d-lo <= margin && lo > v.least {
				below = lo - step
			}
			if hi-d <= margin && hi < v.most {
				above = hi + step
			}
		}
		if below == lo && above == hi {
			return cutRun{mergeCuts(x, v.scale), lo <= v.least, hi >= v.most}
		}
		lo, hi = below, above
	}
}

// mergeCuts sorts values and merges those that floating-point subtraction of
// decimals cannot tell apart: values within 4 units in the last place of the
// largest observation (scale). Zero is never merged with anything else, since
// a difference of floats is zero only if they are equal. A value within that
// distance of a decimal of 14 significant digits covers the decimal, so that
// 6.2 − 4.4 = 1.7999999999999998 covers 1.8. It reuses v's memory.
func mergeCuts(v []float64, scale float64) []cut {
	sortFloats(v)
	tol := rounding * scale
	unit := math.Pow(10, math.Floor(-math.Log10(1.8e-15*scale)))
	different := 1
	for i := 1; i < len(v); i++ {
		if v[i] != v[i-1] {
			different++
		}
	}
	out := make([]cut, 0, different)
	for _, x := range v {
		if n := len(out); n > 0 {
			if last := &out[n-1]; x == last.hi || (x-last.hi <= tol && x != 0 && last.hi != 0) {
				last.hi = x
				continue
			}
		}
		out = append(out, cut{x, x})
	}
	for i := range out {
		c := &out[i]
		r := math.Round(c.lo*unit) / unit
		if r == 0 || c.lo == 0 || math.IsInf(unit, 0) || math.IsNaN(r) {
			continue
		}
		if r < c.lo && c.lo-r <= tol && (i == 0 || r > out[i-1].hi) {
			c.lo = r
		}
		if r > c.hi && r-c.hi <= tol && (i == len(out)-1 || r < out[i+1].lo) {
			c.hi = r
		}
	}
	return out
}

// sortFloats sorts without NaN; many by their bits, eleven at a time, which
// takes a quarter of the time of comparing.
func sortFloats(v []float64) {
	if len(v) < 4096 {
		slices.Sort(v)
		return
	}
	const digit = 11
	a, b := make([]uint64, len(v)), make([]uint64, len(v))
	for i, x := range v {
		a[i] = floatOrder(x)
	}
	for shift := 0; shift < 64; shift += digit {
		var start [1 << digit]int
		for _, u := range a {
			start[u>>shift&(1<<digit-1)]++
		}
		at := 0
		for d, n := range start {
			start[d] = at
			at += n
		}
		for _, u := range a {
			d := u >> shift & (1<<digit - 1)
			b[start[d]] = u
			start[d]++
		}
		a, b = b, a
	}
	for i, u := range a {
		v[i] = orderFloat(u)
	}
}
