package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"
)

// CompatibilityPoint says how compatible the data are with one possible true
// effect.
type CompatibilityPoint struct {
	Effect float64
	p      float64
}

// P is the two-sided p-value of that effect.
func (c CompatibilityPoint) P() float64 { return c.p }

// S is −log₂ P, the surprise in bits: coin tosses that all show heads.
func (c CompatibilityPoint) S() float64 { return math.Max(0, -math.Log2(c.p)) }

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
		out[i] = CompatibilityPoint{Effect: x, p: e.P(x)}
	}
	return out
}

// String formats the point: "effect -2.5: p = 0.0300, 5.1 bits".
func (c CompatibilityPoint) String() string {
	return fmt.Sprintf("effect %s: p %s, %.1f bits", show.Fixed(c.Effect, show.DecimalsOf(c.Effect)), show.P(c.p), c.S())
}
