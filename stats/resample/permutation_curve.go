package resample

import (
	"context"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// curve is a p-value that falls on either side of mid, from 1, over some se.
type curve struct {
	p       func(delta float64) float64
	mid, se float64
	guide   func(delta float64) float64 // much the same and cheap, or nil
	ctx     context.Context
}

// curveClose is how close, relatively, a crossing is found: p is rounded to about as much.
const curveClose = 1e-11

// crossing encloses the δ on one side of mid where the curve crosses alpha: the
// p-value is at least alpha at in and less at out.
func (c curve) crossing(alpha, sign float64) (in, out float64) {
	// On the probit scale the p-value is nearly linear in δ.
	above := func(delta float64) float64 { return probitAbove(c.p(delta), alpha) }
	if c.guide != nil {
		if in, out, ok := c.guided(alpha, sign, above); ok {
			return in, out
		}
	}
	in, fin := c.mid, -num.NormQuantile(alpha/2)
	out = c.mid + sign*fin*c.se
	fout := above(out)
	for fout >= 0 {
		in, fin = out, fout
		out = c.mid + 2*(out-c.mid)
		if fout = above(out); check.Stopped(c.ctx) || math.Abs(out-c.mid) > 1e300 {
			return sign * math.Inf(1), sign * math.Inf(1)
		}
	}
	for turn := 0; math.Abs(out-in) > curveClose*(math.Abs(out)+math.Abs(out-c.mid)) && !check.Stopped(c.ctx); turn++ {
		x := in + (out-in)*fin/(fin-fout)
		// A little outside, then inside, the guess, so that both ends close in.
		if nudge := curveClose / 4 * (math.Abs(out) + math.Abs(out-c.mid)) * sign; turn%2 == 0 {
			x += nudge
		} else {
			x -= nudge
		}
		if turn%8 == 7 || (x-in)*(x-out) >= 0 {
			x = in + (out-in)/2
		}
		if x == in || x == out {
			break
		}
		if f := above(x); f >= 0 {
			in, fin = x, f
		} else {
			out, fout = x, f
		}
	}
	return in, out
}

// probitAbove is how far p lies above alpha, both two-sided, in normal deviates.
func probitAbove(p, alpha float64) float64 {
	return num.NormQuantile(math.Min(1, math.Max(p, 1e-300))/2) - num.NormQuantile(alpha/2)
}

// guided is crossing where the p-value less the guide's, in deviates, is taken for a
// straight line, so that few p-values are asked for. It gives up where that does not close in.
func (c curve) guided(alpha, sign float64, above func(float64) float64) (in, out float64, ok bool) {
	guide := func(delta float64) float64 { return probitAbove(c.guide(delta), alpha) }
	in, out = c.mid, sign*math.Inf(1)
	var last, off, slope float64
	for turn := range 14 {
		// Where guide and line together are 0.
		f := func(x float64) float64 { return guide(x) + off + slope*(x-last) }
		a, fa := c.mid, f(c.mid)
		b := c.mid + sign*c.se
		fb := f(b)
		for k := 0; fb >= 0; k++ {
			if !(fa > 0) || k == 40 {
				return 0, 0, false
			}
			a, fa = b, fb
			b = c.mid + 2*(b-c.mid)
			fb = f(b)
		}
		for k := 0; k < 60 && math.Abs(b-a) > 1e-13*(math.Abs(b)+math.Abs(b-c.mid)); k++ {
			x := a + (b-a)*fa/(fa-fb)
			if k%3 == 2 || !((x-a)*(x-b) < 0) {
				x = a + (b-a)/2
			}
			if x == a || x == b {
				break
			}
			if v := f(x); v >= 0 {
				a, fa = x, v
			} else {
				b, fb = x, v
			}
			if math.Min(fa, -fb) == 0 {
				break
			}
		}
		x := a
		if -fb < fa {
			x = b
		}
		// A little outside, then inside, so that both ends close in.
		if nudge := curveClose / 4 * (math.Abs(x) + math.Abs(x-c.mid)) * sign; turn%2 == 0 {
			x += nudge
		} else {
			x -= nudge
		}
		if !((x-in)*sign > 0 && (out-x)*sign > 0) {
			if math.IsInf(out, 0) {
				return 0, 0, false
			}
			x = in + (out-in)/2
		}
		h := above(x)
		if check.Stopped(c.ctx) || math.IsNaN(h) {
			return 0, 0, false
		}
		now := h - guide(x)
		if turn > 0 && math.Abs(x-last) > 1e-9*c.se {
			slope = (now - off) / (x - last)
		}
		last, off = x, now
		if h >= 0 {
			in = x
		} else {
			out = x
		}
		if !math.IsInf(out, 0) && math.Abs(out-in) <= curveClose*(math.Abs(out)+math.Abs(out-c.mid)) {
			return in, out, true
		}
	}
	return 0, 0, false
}
