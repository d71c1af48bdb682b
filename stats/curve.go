package stats

import (
	"fmt"
	"math"
)

// CompatibilityPoint says how compatible the data are with one possible true
// effect.
type CompatibilityPoint struct {
	Effect float64
	// P is the two-sided p-value of that effect, S = −log₂ P its surprise in
	// bits (coin tosses all heads).
	P, S float64
}

// Compatibility returns the p-value function of an effect at equally spaced
// values from lo to hi: all confidence intervals at once (the points with
// P ≥ 1 − level are those inside the interval). With lo = hi = 0 it spans the
// 99.9% interval. Exact effects have steps, so take many points. It panics for
// fewer than two points and where a limit is not finite or lo > hi.
// Source: Poole (1987), doi 10.2105/AJPH.77.2.195; Rafi & Greenland (2020),
// doi 10.1186/s12874-020-01105-9.
func Compatibility(e Effect, lo, hi float64, points int) []CompatibilityPoint {
	if lo == 0 && hi == 0 {
		ci := e.CI(0.999)
		lo, hi = ci.Lo, ci.Hi
	}
	if points < 2 || !(lo <= hi) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		panic(fmt.Sprintf("stats: compatibility at %d points from %v to %v", points, lo, hi))
	}
	out := make([]CompatibilityPoint, points)
	for i := range out {
		x := lo + (hi-lo)*float64(i)/float64(points-1)
		p := e.P(x)
		out[i] = CompatibilityPoint{Effect: x, P: p, S: math.Max(0, -math.Log2(p))}
	}
	return out
}
