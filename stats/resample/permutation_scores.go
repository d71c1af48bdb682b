package resample

import (
	"math"
	"slices"
)

// permGrid finds the step of which all values are whole multiples (or, with
// fromMin, all differences from the smallest value), trying ten decimal places
// from the largest value's first digit on, and thirds, sevenths, ninths, 11ths, 13ths and
// 63rds of them (means of so many trials or items). Values may miss the grid by the rounding of a subtraction of
// decimals: 5.9 − 4.1 counts as 1.8.
// It returns the multiples, which are exact whole numbers.
func permGrid(v []float64, fromMin bool) (w []float64, step permStep, ok bool) {
	size, low := 0.0, math.Inf(1)
	for _, x := range v {
		size, low = math.Max(size, math.Abs(x)), math.Min(low, x)
	}
	span := size // what a step must be told apart from
	if d := slices.Max(v) - low; fromMin && d > 0 {
		span = d
	}
	places := 10
	if size > 0 && size < 1 {
		places += int(math.Ceil(-math.Log10(size)))
	}
	w = make([]float64, len(v))
	for _, div := range []float64{1, 3, 7, 9, 11, 13, 63} {
		scale := div
		for range min(places, 22) { // powers of ten are exact so far
			if roundAll(w, v, scale, span) {
				lo := 0.0
				if fromMin {
					lo = slices.Min(w)
				}
				var g float64
				for i := range w {
					w[i] -= lo
					g = gcdFloat(g, math.Abs(w[i]))
				}
				if g == 0 {
					g = 1
				}
				for i := range w {
					w[i] /= g
				}
				return w, permStep{g, scale}, true
			}
			scale *= 10
		}
	}
	return nil, permStep{1, 1}, false
}

// roundAll sets w to v·scale rounded and reports whether the rounding changed
// no value by more than its own float64 error, a millionth of a step and 1e-8
// of the values' span: what differs by more was not measured as equal.
func roundAll(w, v []float64, scale, span float64) bool {
	noise := math.Min(1e-6, 1e-8*span*scale)
	for i, x := range v {
		s := x * scale
		r := math.Round(s)
		tol := math.Max(noise, 0x1p-50*math.Abs(s))
		if tol > 0.01 || math.Abs(s-r) > tol {
			return false
		}
		w[i] = r
	}
	return true
}

func gcdFloat(a, b float64) float64 {
	if i, j := int64(a), int64(b); a < 1<<53 && b < 1<<53 && float64(i) == a && float64(j) == b {
		for j != 0 { // five times as fast
			i, j = j, i%j
		}
		return float64(i)
	}
	for b != 0 {
		a, b = b, math.Mod(a, b)
	}
	return a
}

// permScores are the pooled values of one block: the treated first.
type permScores struct {
	v     []float64
	nt    int
	index []int // position in treated, then len(treated) + position in control
}

func (s permScores) n() int { return len(s.v) }

// arrangements is the number of ways to choose the treated within the blocks.
func countArrangements(blocks []permScores) float64 {
	m := 1.0
	for _, b := range blocks {
		m *= binomial(b.n(), b.nt)
	}
	return m
}

// logArrangements is its logarithm, where the number itself overflows.
func logArrangements(blocks []permScores) float64 {
	var s float64
	for _, b := range blocks {
		s += logBinomial(b.n(), b.nt)
	}
	return s
}

func logBinomial(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// permFloor counts the arrangements whose difference in means lies farthest
// from its expectation, as a share of all: the smallest two-sided p-value that
// the exact test of these scores can give.
func permFloor(blocks []permScores) float64 {
	var top, bottom, expect, size float64 // sums of the treated
	ways := [2]float64{}                  // logarithms
	for _, b := range blocks {
		s := slices.Clone(b.v)
		slices.Sort(s)
		n := len(s)
		var total float64
		for i, x := range s {
			total += x
			size += math.Abs(x)
			if i < b.nt {
				bottom += x
			}
			if i >= n-b.nt {
				top += x
			}
		}
		expect += total * float64(b.nt) / float64(n)
		if b.nt == 0 || b.nt == n {
			continue
		}
		for side, cut := range []float64{s[n-b.nt], s[b.nt-1]} {
			tied, need := 0, 0
			for i, x := range s {
				if x == cut {
					tied++
					if (side == 0 && i >= n-b.nt) || (side == 1 && i < b.nt) {
						need++
					}
				}
			}
			ways[side] += logBinomial(tied, need)
		}
	}
	up, down := top-expect, expect-bottom
	eps := 1e-12 * size
	if up <= eps && down <= eps {
		return 1 // nothing varies
	}
	all := logArrangements(blocks)
	var p float64
	if up >= down-eps {
		p += math.Exp(ways[0] - all)
	}
	if down >= up-eps {
		p += math.Exp(ways[1] - all)
	}
	if m := countArrangements(blocks); m < 1e15 {
		return math.Round(p*m) / m // a count, freed from the logarithms' rounding
	}
	return p
}
