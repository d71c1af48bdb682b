// Package twobytwo holds what the score tests, the exact intervals and the sample
// sizes of two proportions share: estimates under a restriction, and rows of
// binomial probabilities.
package twobytwo

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// Tiny is where binomial probabilities end: below it float64 loses digits.
const Tiny = 1e-300

// BinomialRow is room for the probabilities of 0 … n events.
type BinomialRow struct {
	p        []float64
	up, down []float64 // (n − k)/(k + 1) and its inverse
}

func NewBinomialRow(n int) BinomialRow {
	r := BinomialRow{make([]float64, n+1), make([]float64, n), make([]float64, n)}
	for k := range n {
		r.up[k], r.down[k] = float64(n-k)/float64(k+1), float64(k+1)/float64(n-k)
	}
	return r
}

// Fill returns the probabilities of 0 … n events at pi, outward from the
// likeliest number; those beyond the first below the floor are left at 0.
func (r BinomialRow) Fill(pi, floor float64) []float64 {
	n := len(r.up)
	mode := min(n, int(float64(n+1)*pi))
	r.p[mode] = num.BinomPMF(mode, n, pi)
	k, odds := mode, (1-pi)/pi
	for ; k > 0 && r.p[k] > floor; k-- {
		r.p[k-1] = r.p[k] * (r.down[k-1] * odds)
	}
	clear(r.p[:k])
	k, odds = mode, pi/(1-pi)
	for ; k < n && r.p[k] > floor; k++ {
		r.p[k+1] = r.p[k] * (r.up[k] * odds)
	}
	clear(r.p[k+1:])
	return r.p
}

// Contrast is what compares two probabilities.
type Contrast int

const (
	RiskDiff Contrast = iota
	RiskRatio
	OddsRatio
)

// Restricted returns the probabilities that maximize the likelihood among
// those whose contrast is theta (Miettinen & Nurminen 1985), and their
// complements, each computed by itself so that neither loses its digits.
func (t Table) Restricted(k Contrast, theta float64) (p1, q1, p2, q2 float64) {
	m, n := t.X1+t.X2, t.N1+t.N2
	switch k {
	case RiskRatio:
		// The score equation is a quadratic in p2.
		a := n * theta
		b := t.N1*theta + t.X1 + t.N2 + t.X2*theta
		p2 = 2 * m / (b + math.Sqrt(math.Max(0, b*b-4*a*m)))
		p1 = math.Min(1, theta*p2)
		return p1, 1 - p1, p2, 1 - p2
	case OddsRatio:
		p2 = oddsRoot(t.N1, t.N2, m, theta)
		q2 = oddsRoot(t.N1, t.N2, n-m, 1/theta)
		den := q2 + p2*theta
		return p2 * theta / den, q2 / den, p2, q2
	}
	p2 = t.restrictedControl(theta)
	p1 = p2 + theta
	return p1, 1 - p1, p2, 1 - p2
}

// restrictedControl is the control probability that maximizes the likelihood
// when the difference of the probabilities is theta, |theta| < 1. The log
// likelihood is concave, so that its slope has one sign change; it is found by
// Newton steps, kept inside a bracket, from Miettinen and Nurminen's closed
// form, which by itself has lost half its digits at the ends.
func (t Table) restrictedControl(theta float64) float64 {
	if theta == 0 {
		return (t.X1 + t.X2) / (t.N1 + t.N2)
	}
	y1, y2 := t.N1-t.X1, t.N2-t.X2
	slope := func(q float64) (g, down float64) {
		if t.X1 > 0 {
			r := 1 / (q + theta)
			g, down = g+t.X1*r, down+t.X1*r*r
		}
		if y1 > 0 {
			r := 1 / (1 - q - theta)
			g, down = g-y1*r, down+y1*r*r
		}
		if t.X2 > 0 {
			r := 1 / q
			g, down = g+t.X2*r, down+t.X2*r*r
		}
		if y2 > 0 {
			r := 1 / (1 - q)
			g, down = g-y2*r, down+y2*r*r
		}
		return g, down
	}
	lo, hi := math.Max(0, -theta), math.Min(1, 1-theta)
	// The best value can be an end, where no event that happened has
	// probability 0 (the slope there would be infinite, of either sign by
	// rounding).
	if possible := t.X2 == 0 || theta < 0; possible && (t.X1 == 0 || theta > 0) {
		if g, _ := slope(lo); g <= 0 {
			return lo
		}
	}
	if possible := y2 == 0 || theta > 0; possible && (y1 == 0 || theta < 0) {
		if g, _ := slope(hi); g >= 0 {
			return hi
		}
	}
	q := t.restrictedCubic(theta)
	for range 200 {
		if !(q > lo && q < hi) {
			if q = lo + (hi-lo)/2; q <= lo || q >= hi {
				break
			}
		}
		g, down := slope(q)
		if g > 0 {
			lo = q
		} else {
			hi = q
		}
		next := q + g/down
		if math.Abs(next-q) <= 4e-16*q {
			return q
		}
		q = next
	}
	return hi
}

// restrictedCubic is the root of the likelihood's cubic by cosines (Miettinen
// & Nurminen 1985, appendix 1).
func (t Table) restrictedCubic(theta float64) float64 {
	n, m := t.N1+t.N2, t.X1+t.X2
	l2 := ((t.N1+2*t.N2)*theta - n - m) / (3 * n)
	l1 := ((t.N2*theta-n-2*t.X2)*theta + m) / n
	l0 := t.X2 * theta * (1 - theta) / n
	v := l2*l2*l2 - l1*l2/2 + l0/2
	u := math.Copysign(math.Sqrt(math.Max(0, l2*l2-l1/3)), v)
	if u == 0 {
		return -l2
	}
	return 2*u*math.Cos((math.Pi+math.Acos(math.Max(-1, math.Min(1, v/(u*u*u)))))/3) - l2
}

// oddsRoot is the control probability at which m events are expected when the
// odds ratio is theta: the root in [0, 1] of a quadratic, in the form that
// does not cancel.
func oddsRoot(n1, n2, m, theta float64) float64 {
	a := n2 * (theta - 1)
	b := n1*theta + n2 - m*(theta-1)
	r := math.Sqrt(math.Max(0, b*b+4*a*m))
	if b < 0 {
		return (r - b) / (2 * a)
	}
	return 2 * m / (b + r)
}

// Table is two binomial samples: x1 of n1 treated, x2 of n2 controls.
type Table struct{ X1, N1, X2, N2 float64 }
