package impute

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/trialkit/trialkit/stats"
)

// redraws is how often thresholds that are drawn out of order are drawn again.
const redraws = 1000

// ordered draws one of k ordered levels by proportional odds,
//
//	logit P(level ≤ j) = θ_j − xβ,
//
// with thresholds and slopes from their large-sample normal distribution, as far as the
// thresholds are in order, then levels by their probabilities.
func (e *equation) ordered(rng *rand.Rand, k int) ([]float64, error) {
	x, y, w := e.augmented(k)
	if len(e.x) < e.p+k {
		return nil, bad("Chained", e.name, -1, stats.ErrTooFew, "%d values observed for %d coefficients", len(e.x), e.p+k-2)
	}
	m := cumulative{x: x, y: y, w: w, k: k, p: e.p}
	par, factor, err := m.fit(e)
	if err != nil {
		return nil, err
	}
	e.start = par
	var drawn []float64
	for try := 0; ; try++ {
		if try == redraws {
			return nil, bad("Chained", e.name, -1, stats.ErrNotConverged, "no thresholds in order in %d draws", redraws)
		}
		drawn = slices.Clone(par)
		axpy(drawn, 1, precisionDraw(rng, factor, len(par)))
		if slices.IsSorted(drawn[:k-1]) {
			break
		}
	}
	out := make([]float64, len(e.at))
	for t, r := range e.at {
		eta, u, s := dot(r[1:], drawn[k-1:]), rng.Float64(), 0
		for s < k-1 && u >= expit(drawn[s]-eta) {
			s++
		}
		out[t] = float64(s)
	}
	return out, nil
}

// cumulative is a weighted proportional-odds model; its parameters are k − 1 thresholds,
// then the slopes of x without its intercept.
type cumulative struct {
	x    [][]float64
	y, w []float64
	k, p int
}

// fit maximizes the likelihood, which is concave in the thresholds and slopes, by
// Newton's method with halved steps; factor is that of the information.
func (m cumulative) fit(e *equation) (par, factor []float64, err error) {
	q := m.k - 1 + m.p - 1
	par, factor = make([]float64, q), make([]float64, q*q)
	total, below := 0.0, make([]float64, m.k)
	for i, l := range m.y {
		total += m.w[i]
		below[int(l)] += m.w[i]
	}
	sum := 0.0
	for j := range m.k - 1 { // the shares of those at or below each level
		sum += below[j]
		par[j] = math.Log(sum / (total - sum))
	}
	if len(e.start) == q {
		copy(par, e.start)
	}
	g, info := make([]float64, q), make([]float64, q*q)
	ll := m.derivatives(par, g, info)
	for range 100 {
		copy(factor, info)
		if !independent(factor, q) {
			return nil, nil, e.dependent()
		}
		cholSolve(factor, g, q)
		step := 0.0
		for _, s := range g {
			step = max(step, math.Abs(s))
		}
		next := slices.Clone(par)
		scale := 1.0
		for ; scale > 1e-10; scale /= 2 {
			copy(next, par)
			axpy(next, scale, g)
			if up := m.derivatives(next, nil, nil); up >= ll-1e-12*math.Abs(ll) {
				break
			}
		}
		par = next
		if step < 1e-6 {
			return par, factor, nil // Newton's next step would be its square
		}
		ll = m.derivatives(par, g, info)
	}
	return nil, nil, bad("Chained", e.name, -1, stats.ErrNotConverged, "its proportional-odds model")
}

// derivatives returns the log likelihood, −∞ where thresholds are not in order, and fills
// in its gradient and the negative of its second derivatives unless g is nil.
//
// Of a level between thresholds a < b the likelihood is F(b) − F(a); with F the logistic
// distribution d log(F(b) − F(a)) = (f(b) db − f(a) da)/(F(b) − F(a)).
func (m cumulative) derivatives(par, g, info []float64) float64 {
	q, k := len(par), m.k
	for j := 1; j < k-1; j++ {
		if !(par[j] > par[j-1]) {
			return math.Inf(-1)
		}
	}
	if g != nil {
		clear(g)
		clear(info)
	}
	ll := 0.0
	for i, r := range m.x {
		s := int(m.y[i])
		eta := dot(r[1:], par[k-1:])
		// From above and from below, so that neither tail loses its digits.
		var fa, fb float64 // densities at the thresholds below and above
		var pr float64
		switch {
		case s == 0:
			pr = expit(par[0] - eta)
			fb = pr * expit(eta-par[0])
		case s == k-1:
			pr = expit(eta - par[k-2])
			fa = pr * expit(par[k-2]-eta)
		default:
			a, b := par[s-1]-eta, par[s]-eta
			if a > 0 { // the upper tail: F(b) − F(a) = F(−a) − F(−b)
				pr = expit(-a) - expit(-b)
			} else {
				pr = expit(b) - expit(a)
			}
			fa, fb = expit(a)*expit(-a), expit(b)*expit(-b)
		}
		if !(pr > 0) {
			return math.Inf(-1)
		}
		ll += m.w[i] * math.Log(pr)
		if g == nil {
			continue
		}
		// Of log pr: first and second derivatives by the thresholds a and b.
		ga, gb := -fa/pr, fb/pr
		var da, db float64 // derivatives of the densities, f(1 − 2F)
		if s > 0 {
			da = fa * (1 - 2*expit(par[s-1]-eta))
		}
		if s < k-1 {
			db = fb * (1 - 2*expit(par[s]-eta))
		}
		haa, hbb, hab := -da/pr-ga*ga, db/pr-gb*gb, -ga*gb
		// η enters both thresholds with −1.
		for c, v := range r[1:] {
			g[k-1+c] -= m.w[i] * (ga + gb) * v
		}
		if s > 0 {
			g[s-1] += m.w[i] * ga
			info[(s-1)*q+s-1] -= m.w[i] * haa
			for c, v := range r[1:] {
				info[(k-1+c)*q+s-1] += m.w[i] * (haa + hab) * v
			}
		}
		if s < k-1 {
			g[s] += m.w[i] * gb
			info[s*q+s] -= m.w[i] * hbb
			for c, v := range r[1:] {
				info[(k-1+c)*q+s] += m.w[i] * (hbb + hab) * v
			}
		}
		if s > 0 && s < k-1 {
			info[s*q+s-1] -= m.w[i] * hab
		}
		h := -m.w[i] * (haa + hbb + 2*hab)
		for c, v := range r[1:] {
			axpy(info[(k-1+c)*q+k-1:(k-1+c)*q+k-1+c+1], h*v, r[1:c+2])
		}
	}
	if g != nil {
		for a := range q { // the upper triangle
			for b := range a {
				info[b*q+a] = info[a*q+b]
			}
		}
	}
	return ll
}

// expit is the logistic distribution function.
func expit(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}
