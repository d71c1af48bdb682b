package study

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"

	"github.com/trialkit/trialkit/stats"
)

// Prior is what is believed of an effect before the data: normal with Mean and
// SD, in the outcome's unit and turned so that benefit is positive. SD = +Inf
// is the flat prior, under which every effect is equally likely, however
// large. A flat prior is never shown without the skeptical one beside it.
type Prior struct {
	Name     string // "flat", "skeptical", "enthusiastic", or the user's own
	Mean, SD float64
}

// z95 is the normal quantile of 95%.
const z95 = 1.6448536269514722

// FlatPrior makes the posterior follow from the data alone.
func FlatPrior() Prior { return Prior{Name: "flat", SD: math.Inf(1)} }

// SkepticalPrior expects no effect and gives an effect beyond the threshold
// m > 0 a probability of 5% (Spiegelhalter, Freedman & Parmar 1994,
// J R Stat Soc A 157:357, doi 10.2307/2983527).
func SkepticalPrior(m float64) Prior { return Prior{Name: "skeptical", SD: priorSD(m)} }

// EnthusiasticPrior expects an effect of m > 0 and gives an effect below 0 a
// probability of 5% (the same source).
func EnthusiasticPrior(m float64) Prior { return Prior{Name: "enthusiastic", Mean: m, SD: priorSD(m)} }

func priorSD(m float64) float64 {
	if !(m > 0) || math.IsInf(m, 1) {
		panic(fmt.Sprintf("study: prior for threshold %v; it must be above 0", m))
	}
	return m / z95
}

// Posterior is the distribution of an effect given the data and a prior,
// turned so that benefit is positive. It is not the probability that the
// treatment works: it is as good as the prior and the model are.
type Posterior struct {
	Prior  Prior
	effect stats.Estimate // benefit positive
	// normal prior and t likelihood
	edges  []float64
	panels []float64 // integrals between the edges
	top    float64   // log of the kernel's largest value met
	tol    float64
	total  float64
}

// NewPosterior combines an estimate (treated − control) with a prior. The
// likelihood of an effect δ is that of its pivot, (Value − δ)/SE on DF degrees
// of freedom. With the flat prior the posterior is Value + SE·t(DF), exact for
// normal data; with a normal prior and DF = +Inf it is normal, and otherwise
// the product of both is integrated by adaptive Gauss–Legendre quadrature
// (relative error about 1e-12). It panics where better is unset, SE is not
// above 0 or the prior's SD is not.
// With DF = +Inf it agrees with the conjugate normal formula.
func NewPosterior(e stats.Estimate, better Direction, prior Prior) *Posterior {
	benefitOf(e, better)
	if !(e.SE > 0) || !(prior.SD > 0) || !finite(prior.Mean) {
		panic(fmt.Sprintf("study: NewPosterior: standard error %v and prior %+v; need both SDs above 0", e.SE, prior))
	}
	if better == LowerIsBetter {
		e = e.Neg()
	}
	p := &Posterior{Prior: prior, effect: e}
	switch {
	case math.IsInf(prior.SD, 1):
	case math.IsInf(e.DF, 1):
		w, v := 1/(e.SE*e.SE), 1/(prior.SD*prior.SD)
		p.effect = stats.Estimate{Value: (w*e.Value + v*prior.Mean) / (w + v), SE: 1 / math.Sqrt(w+v), DF: e.DF}
	default:
		p.prepare()
	}
	return p
}

// logKernel is the log of prior × likelihood, but for a constant.
func (p *Posterior) logKernel(x float64) float64 {
	z, d := (x-p.effect.Value)/p.effect.SE, (x-p.Prior.Mean)/p.Prior.SD
	return -(p.effect.DF+1)/2*math.Log1p(z*z/p.effect.DF) - d*d/2
}

// prepare places panels where the kernel can bend. Beyond 39 prior SDs outside
// both centers the kernel is below 1e-330 of its value at the nearer one.
func (p *Posterior) prepare() {
	v, m := p.effect.Value, p.Prior.Mean
	lo, hi := math.Min(v, m)-39*p.Prior.SD, math.Max(v, m)+39*p.Prior.SD
	p.edges = []float64{lo, hi, v, m}
	for k := 0.25; k < 80; k *= 2 {
		p.edges = append(p.edges, v-k*p.effect.SE, v+k*p.effect.SE, m-k*p.Prior.SD, m+k*p.Prior.SD)
	}
	// Between the centers a panel an SE or prior SD wide, if 64 are enough.
	between := math.Min(64, math.Ceil(math.Abs(v-m)/math.Min(p.effect.SE, p.Prior.SD)))
	for k := 1.0; k < between; k++ {
		p.edges = append(p.edges, m+(v-m)*k/between)
	}
	p.edges = slices.DeleteFunc(p.edges, func(x float64) bool { return x < lo || x > hi })
	slices.Sort(p.edges)
	p.edges = slices.Compact(p.edges)
	p.top = math.Inf(-1)
	for _, x := range p.edges {
		p.top = math.Max(p.top, p.logKernel(x))
	}
	p.panels = make([]float64, len(p.edges)-1)
	rough := 0.0
	for i := range p.panels {
		p.panels[i] = gauss20(p.kernel, p.edges[i], p.edges[i+1])
		rough += p.panels[i]
	}
	p.tol = 1e-14 * rough
	for i, whole := range p.panels {
		p.panels[i] = refine(p.kernel, p.edges[i], p.edges[i+1], whole, p.tol, 30)
		p.total += p.panels[i]
	}
}

func (p *Posterior) kernel(x float64) float64 { return math.Exp(p.logKernel(x) - p.top) }

// panel integrates the kernel within one panel.
func (p *Posterior) panel(a, b float64) float64 {
	return refine(p.kernel, a, b, gauss20(p.kernel, a, b), p.tol, 30)
}

// mass integrates the kernel from a to b: whole panels and the parts of two.
func (p *Posterior) mass(a, b float64) float64 {
	sum := 0.0
	for i, whole := range p.panels {
		lo, hi := math.Max(a, p.edges[i]), math.Min(b, p.edges[i+1])
		switch {
		case lo >= hi:
		case lo == p.edges[i] && hi == p.edges[i+1]:
			sum += whole
		default:
			sum += p.panel(lo, hi)
		}
	}
	return sum
}

// gaussX and gaussW are the nodes and weights of 20-point Gauss–Legendre
// quadrature on −1 … 1.
var gaussX, gaussW = func() (x, w []float64) {
	x, w = make([]float64, 20), make([]float64, 20)
	quad.Legendre{}.FixedLocations(x, w, -1, 1)
	return x, w
}()

func gauss20(f func(float64) float64, a, b float64) float64 {
	mid, half := (a+b)/2, (b-a)/2
	s := 0.0
	for i, x := range gaussX {
		s += gaussW[i] * f(mid+half*x)
	}
	return s * half
}

// refine halves a panel until halves and whole agree.
func refine(f func(float64) float64, a, b, whole, tol float64, depth int) float64 {
	mid := (a + b) / 2
	l, r := gauss20(f, a, mid), gauss20(f, mid, b)
	if depth == 0 || math.Abs(l+r-whole) <= math.Max(tol, 1e-15*math.Abs(whole)) {
		return l + r
	}
	return refine(f, a, mid, l, tol, depth-1) + refine(f, mid, b, r, tol, depth-1)
}

// Greater returns the posterior probability of an effect above c: of benefit
// for c = 0, of important benefit for c = the threshold.
func (p *Posterior) Greater(c float64) float64 {
	if p.edges == nil {
		return p.effect.PLess(c)
	}
	return p.mass(c, math.Inf(1)) / p.total
}

// Less returns the posterior probability of an effect below c.
func (p *Posterior) Less(c float64) float64 {
	if p.edges == nil {
		return p.effect.PGreater(c)
	}
	return p.mass(math.Inf(-1), c) / p.total
}

// Within returns the posterior probability of an effect between −m and m, too
// small to matter either way.
func (p *Posterior) Within(m float64) float64 {
	if !(m > 0) {
		return 0
	}
	if p.edges == nil {
		// The difference of two small tails keeps small probabilities.
		if p.effect.Value >= 0 {
			return math.Max(0, p.Less(m)-p.Less(-m))
		}
		return math.Max(0, p.Greater(-m)-p.Greater(m))
	}
	return p.mass(-m, m) / p.total
}

// CurvePoint is a point of a curve to draw.
type CurvePoint struct{ X, Y float64 }

// Curve returns n ≥ 2 points of the posterior's density from lo to hi.
func (p *Posterior) Curve(lo, hi float64, n int) []CurvePoint {
	if n < 2 || !(lo < hi) {
		panic(fmt.Sprintf("study: a curve of %d points from %v to %v", n, lo, hi))
	}
	out := make([]CurvePoint, n)
	for i := range out {
		x := lo + (hi-lo)*float64(i)/float64(n-1)
		out[i] = CurvePoint{x, p.Density(x)}
	}
	return out
}

// Density returns the posterior density at an effect x.
func (p *Posterior) Density(x float64) float64 {
	if p.edges != nil {
		return math.Exp(p.logKernel(x)-p.top) / p.total
	}
	return p.effect.Density(x)
}

// finite reports whether x is a number that a table or a file can hold.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
