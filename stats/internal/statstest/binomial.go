package statstest

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Halve returns the boundary between where low holds and where it does not.
func Halve(lo, hi float64, low func(float64) bool) float64 {
	for range 200 {
		if mid := (lo + hi) / 2; low(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// LogChoose is the logarithm of the number of ways to take k of n.
func LogChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// AtLeast is P(X ≥ x) for a binomial X, by the incomplete beta function.
func AtLeast(x, n int, p float64) float64 {
	switch {
	case x <= 0:
		return 1
	case x > n:
		return 0
	}
	return mathext.RegIncBeta(float64(x), float64(n-x+1), p)
}

// BlakerLower is the smallest p whose acceptability exceeds α (that of DescTools
// and of Blaker's own program is the first such point of their steps, which can
// pass over a piece of the set: at 1 of 400 whole pieces are narrower).
func BlakerLower(events, n int, a float64) float64 {
	if events == 0 {
		return 0
	}
	pmf := func(p float64) []float64 {
		b := make([]float64, n+1)
		for j := range b {
			b[j] = math.Exp(LogChoose(n, j) + float64(j)*math.Log(p) + float64(n-j)*math.Log1p(-p))
		}
		return b
	}
	// The acceptability is at most twice the smaller tail, so nothing below
	// Clopper and Pearson's limit can be accepted.
	start := Halve(0, float64(events)/float64(n), func(p float64) bool { return AtLeast(events, n, p) < a/2 })
	return HullStart(start, float64(events)/float64(n), events, pmf, a)
}

// HullStart is the smallest parameter from start to end, at most the estimate,
// whose acceptability exceeds a. The acceptability is the observed outcome's
// smaller tail and the largest opposite one not above it: it jumps where that
// takes in another outcome. Between two jumps 17 points are tried, the ends
// among them; they are enough, because up to the jump the acceptability falls
// and then rises.
func HullStart(start, end float64, x int, pmf func(float64) []float64, a float64) float64 {
	tails := func(p float64, k int) (up, down float64) {
		for j, b := range pmf(p) {
			if j >= x {
				up += b
			}
			if j <= k {
				down += b
			}
		}
		return up, down
	}
	accept := func(p float64) float64 {
		up, down := tails(p, x)
		m, other, s := math.Min(up, down), 0.0, 0.0
		b := pmf(p)
		for i := range b {
			j := i
			if up > down {
				j = len(b) - 1 - i
			}
			if s += b[j]; s > m*(1+1e-13) {
				break
			}
			other = s
		}
		return m + other
	}
	stops := []float64{start}
	for k := range x {
		up, down := tails(start, k)
		if down <= up {
			continue
		}
		if up, down = tails(end, k); down > up {
			break
		}
		stops = append(stops, Halve(start, end, func(p float64) bool { up, down := tails(p, k); return down > up }))
	}
	stops = append(stops, end)
	for i, from := range stops[:len(stops)-1] {
		last := from
		if accept(from) > a {
			return from
		}
		for j := 1; j <= 16; j++ {
			p := from + (stops[i+1]-from)*math.Min(float64(j)/16, 1-1e-12)
			if accept(p) > a {
				return Halve(last, p, func(p float64) bool { return accept(p) <= a })
			}
			last = p
		}
	}
	return end
}
