package simulate

import (
	"math"

	"github.com/trialkit/trialkit/study"
)

// shape is the distribution of a measurement at a visit in an arm: a latent normal z made
// skew, put on the scale, cut at floor and ceiling and rounded to the grid.
//
//	h(z) = z, or ±(exp(sz − s²/2) − 1)/√(exp(s²) − 1)        mean 0, variance 1
//	y    = round(min(max(loc + scale·h(z), floor), ceiling))
//
// The skewness of h is ±(exp(s²) + 2)√(exp(s²) − 1).
type shape struct {
	loc, scale  float64
	skew, norm  float64 // s with its sign, and 1/√(exp(s²) − 1); 0 is normal
	bounded     bool
	floor, ceil float64
	// Of the grid: values are (first + k·stride)/ten, whole numbers over a power of ten,
	// k from 0 to top where bounded; step = stride/ten, 0 without a grid.
	step, origin       float64
	first, stride, ten float64
	top                float64
}

// newShape is that of an outcome's instrument.
func newShape(o study.Outcome, skewness float64) shape {
	g := shape{bounded: o.HasRange(), floor: o.Min, ceil: o.Max, step: o.Resolution}
	if o.Bounded() {
		g.step = 1
	}
	if g.skew = 0; skewness != 0 {
		g.skew, g.norm = lognormal(skewness)
	}
	if g.step == 0 {
		return g
	}
	if g.bounded {
		g.origin = o.Min
		g.top = math.Floor((o.Max-o.Min)/g.step + 1e-9)
	}
	whole := func(x float64) bool { return math.Abs(x-math.Round(x)) < 1e-9*math.Max(1, math.Abs(x)) }
	for g.ten = 1; g.ten < 1e12 && !(whole(g.step*g.ten) && whole(g.origin*g.ten)); g.ten *= 10 {
	}
	g.first, g.stride = math.Round(g.origin*g.ten), math.Round(g.step*g.ten)
	return g
}

// lognormal finds s for a skewness.
func lognormal(skewness float64) (s, norm float64) {
	of := func(s float64) float64 { e := math.Expm1(s * s); return (e + 3) * math.Sqrt(e) }
	lo, hi := 0.0, 2.0
	for range 100 {
		if mid := (lo + hi) / 2; of(mid) < math.Abs(skewness) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Copysign(hi, skewness), 1 / math.Sqrt(math.Expm1(hi*hi))
}

// h makes a normal number skew.
func (g *shape) h(z float64) float64 {
	if g.skew == 0 {
		return z
	}
	return math.Copysign(g.norm, g.skew) * math.Expm1(g.skew*z-g.skew*g.skew/2)
}

// z is the inverse of h.
func (g *shape) z(v float64) float64 {
	if g.skew == 0 {
		return v
	}
	x := v / math.Copysign(g.norm, g.skew)
	if x <= -1 {
		return math.Inf(-1) * math.Copysign(1, g.skew)
	}
	return (math.Log1p(x) + g.skew*g.skew/2) / g.skew
}

// onScale cuts and rounds.
func (g *shape) onScale(y float64) float64 {
	if g.step > 0 {
		k := math.Floor((y-g.origin)/g.step + 0.5)
		if g.bounded {
			k = min(max(k, 0), g.top)
		}
		return (g.first + k*g.stride) / g.ten
	}
	if g.bounded {
		return min(max(y, g.floor), g.ceil)
	}
	return y
}

// below is the probability of y < x before it is cut.
func (g *shape) below(x, shift float64) float64 { return phi(g.z((x - shift - g.loc) / g.scale)) }

// phi is the standard normal distribution function.
func phi(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// quantile is its inverse.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// moments are mean and SD of the values shown where shift is added to what is latent.
// They are sums over the grid, or Simpson's rule between floor and ceiling; a grid
// without ends adds step²/12 to the variance (Sheppard), to e^(−2π²scale²/step²).
func (g *shape) moments(shift float64) (mean, sd float64) {
	if !g.bounded {
		return g.loc + shift, math.Sqrt(g.scale*g.scale + g.step*g.step/12)
	}
	var m, q float64
	add := func(y, p float64) { m += p * (y - g.floor); q += p * (y - g.floor) * (y - g.floor) }
	if g.step > 0 {
		last := 0.0
		for k := 0.0; k <= g.top; k++ {
			y, next := (g.first+k*g.stride)/g.ten, 1.0
			if k < g.top {
				next = g.below(y+g.step/2, shift)
			}
			add(y, next-last)
			last = next
		}
	} else {
		add(g.floor, g.below(g.floor, shift))
		add(g.ceil, 1-g.below(g.ceil, shift))
		from := max(g.z((g.floor-shift-g.loc)/g.scale), -9)
		to := min(g.z((g.ceil-shift-g.loc)/g.scale), 9)
		const n = 1000
		for i := 0; i <= n && from < to; i++ {
			z := from + (to-from)*float64(i)/n
			w := 2.0 + 2*float64(i&1)
			if i == 0 || i == n {
				w = 1
			}
			add(g.loc+shift+g.scale*g.h(z), w*(to-from)/n/3*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi))
		}
	}
	return g.floor + m, math.Sqrt(max(q-m*m, 0))
}

// calibrate finds loc and scale with which the values shown have mean and SD. For any
// scale the mean grows with loc; along the mean the SD grows with the scale, up to that of
// values at both ends. It is false where the grid is too coarse for so small an SD.
func (g *shape) calibrate(mean, sd float64) bool {
	g.loc, g.scale = mean, sd
	if !g.bounded {
		if v := sd*sd - g.step*g.step/12; v > 0 {
			g.scale = math.Sqrt(v)
			return true
		}
		return false
	}
	width := g.ceil - g.floor
	center := func() float64 {
		lo, hi := g.floor-20*(width+g.scale), g.ceil+20*(width+g.scale)
		for range 80 {
			g.loc = (lo + hi) / 2
			if m, _ := g.moments(0); m < mean {
				lo = g.loc
			} else {
				hi = g.loc
			}
			if hi-lo < 1e-13*width {
				break
			}
		}
		_, s := g.moments(0)
		return s
	}
	lo, hi := 0.0, 2*sd
	for g.scale = hi; center() < sd; g.scale = hi {
		if lo, hi = hi, 2*hi; hi > 1e4*width {
			return false
		}
	}
	for range 60 {
		g.scale = (lo + hi) / 2
		if center() < sd {
			lo = g.scale
		} else {
			hi = g.scale
		}
		if hi-lo < 1e-12*hi {
			break
		}
	}
	m, s := g.moments(0)
	return math.Abs(m-mean) < 1e-6*width && math.Abs(s-sd) < 1e-6*width
}
