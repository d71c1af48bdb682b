package num

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// gaussRules are the Gauss quadratures of one, two, … points of a distribution
// that is known as values at a grid of standard normal deviates: the
// trapezoidal rule on that grid is good to rounding, so the discretized
// Stieltjes procedure (Gautschi 1982, doi:10.1137/0903018) gives the
// recurrence of the orthogonal polynomials.
type gaussRules struct {
	center, scale float64   // the polynomials are those of (x − center)/scale
	a, b          []float64 // recurrence x·p_k = √b_{k+1} p_{k+1} + a_k p_k + √b_k p_{k−1}
	lo, hi        float64   // ends of the grid, standardized
	roots         [][]float64
	rules         [][]gaussNode
	node          func(x float64) gaussNode
}

// gaussNode is a point and its weight; low and high are the shares of the
// distribution below and above it, for a truncated normal only.
type gaussNode struct{ x, w, low, high float64 }

const (
	gaussMost = 32 // points of the largest rule
	gaussStep = 1.0 / 16
	gaussGrid = int(2*chiEnd/gaussStep) + 1
)

// gaussDeviate is the deviate of grid point i, from −9 to 9.
func gaussDeviate(i int) float64 { return -chiEnd + float64(i)*gaussStep }

var gaussWeight = func() (w [gaussGrid]float64) {
	for i := range w {
		w[i] = NormPDF(gaussDeviate(i)) * gaussStep
	}
	return w
}()

// newGaussRules takes the value of each grid point.
func newGaussRules(x []float64, node func(x float64) gaussNode) *gaussRules {
	r := &gaussRules{node: node}
	for i, w := range gaussWeight {
		r.center += w * x[i]
	}
	for i, w := range gaussWeight {
		d := x[i] - r.center
		r.scale += w * d * d
	}
	r.scale = math.Sqrt(r.scale)
	if !(r.scale > 0) { // a point
		r.scale = 1
	}
	n := len(x)
	v, p, before := make([]float64, n), make([]float64, n), make([]float64, n)
	r.lo, r.hi = math.Inf(1), math.Inf(-1)
	for i := range v {
		v[i], p[i] = (x[i]-r.center)/r.scale, 1
		r.lo, r.hi = math.Min(r.lo, v[i]), math.Max(r.hi, v[i])
	}
	root := 0.0
	for range gaussMost {
		a := 0.0
		for i, w := range gaussWeight {
			a += w * v[i] * p[i] * p[i]
		}
		norm := 0.0
		for i, w := range gaussWeight {
			next := (v[i]-a)*p[i] - root*before[i]
			before[i], p[i] = p[i], next
			norm += w * next * next
		}
		if !(norm > 1e-12) {
			r.a, r.b = append(r.a, a), append(r.b, 0)
			break
		}
		root = math.Sqrt(norm)
		for i := range p {
			p[i] /= root
		}
		r.a, r.b = append(r.a, a), append(r.b, norm)
	}
	return r
}

// most is the largest number of points there is a rule for.
func (r *gaussRules) most() int { return len(r.a) }

// grow makes all rules up to n points, as far as there are any: a distribution
// that is a point has that of one. Roots of successive polynomials separate
// each other, which brackets every one of them.
func (r *gaussRules) grow(n int) {
	for len(r.rules) < min(n, r.most()) {
		k := len(r.rules) + 1
		var prev []float64
		if k > 1 {
			prev = r.roots[k-2]
		}
		roots := make([]float64, k)
		rule := make([]gaussNode, k)
		for j := range roots {
			lo, hi := r.lo, r.hi
			if j > 0 {
				lo = prev[j-1]
			}
			if j < k-1 {
				hi = prev[j]
			}
			x := r.root(k, lo, hi)
			roots[j] = x
			rule[j] = r.node(r.center + r.scale*x)
			_, _, rule[j].w = r.poly(k, x)
		}
		total := 0.0
		for _, p := range rule {
			total += p.w
		}
		for j := range rule {
			rule[j].w /= total
		}
		r.roots, r.rules = append(r.roots, roots), append(r.rules, rule)
	}
}

// root is that of the polynomial of degree k between lo and hi, by Newton's
// method kept in the bracket.
func (r *gaussRules) root(k int, lo, hi float64) float64 {
	atHi, _, _ := r.poly(k, hi)
	x := (lo + hi) / 2
	for range 100 {
		p, d, _ := r.poly(k, x)
		if p == 0 {
			return x
		}
		if p > 0 == (atHi > 0) {
			hi = x
		} else {
			lo = x
		}
		next := x - p/d
		if !(next > lo && next < hi) {
			next = (lo + hi) / 2
		}
		if math.Abs(next-x) < 1e-15*(1+math.Abs(x)) {
			return next
		}
		x = next
	}
	return x
}

// poly is the polynomial of degree k at x up to a factor, its derivative, and
// 1/Σ_{j<k} p_j², the Gauss weight where x is a root.
func (r *gaussRules) poly(k int, x float64) (p, deriv, weight float64) {
	p0, p1, d0, d1, sum, root := 0.0, 1.0, 0.0, 0.0, 0.0, 0.0
	for j := range k {
		sum += p1 * p1
		p2 := (x-r.a[j])*p1 - root*p0
		d2 := p1 + (x-r.a[j])*d1 - root*d0
		if root = math.Sqrt(r.b[j]); root > 0 && j < k-1 {
			p2, d2 = p2/root, d2/root
		}
		p0, p1, d0, d1 = p1, p2, d1, d2
	}
	return p1, d1, 1 / sum
}

// truncatedRules are those of a standard normal between a and b.
func truncatedRules(a, b float64) *gaussRules {
	up := a > 0
	lo, hi := a, b
	if up {
		lo, hi = -b, -a
	}
	base := normTail(lo)
	q := normTail(hi) - base
	x := make([]float64, gaussGrid)
	for i := range x {
		x[i] = truncatedQuantile(base, q, normTail(gaussDeviate(i)), normTail(-gaussDeviate(i)), up)
	}
	total := normBetween(a, b)
	return newGaussRules(x, func(x float64) gaussNode {
		return gaussNode{x: x, low: normBetween(a, x) / total, high: normBetween(x, b) / total}
	})
}

// truncatedQuantile is the point of a normal within limits that has the shares
// low and high of it below and above. The lower limit's tail is base, the
// probability within q; up says that both are of the mirrored normal.
func truncatedQuantile(base, q, low, high float64, up bool) float64 {
	if up {
		low = high
	}
	z := mathext.NormalQuantile(math.Min(1, math.Max(0, base+low*q)))
	if up {
		z = -z
	}
	return math.Max(-38, math.Min(38, z))
}

// chiRules are those of s = √(χ²/df).
func chiRules(t *chiTable) *gaussRules {
	x := make([]float64, gaussGrid)
	for i := range x {
		x[i] = t.s[i*int(gaussStep/chiStep)]
	}
	return newGaussRules(x, func(x float64) gaussNode { return gaussNode{x: x} })
}

// tailRules are those of T beyond a limit, polynomials in atan(T/√df): the
// conditional limits of other variables are smooth in the angle.
func tailRules(t *tailTable, df float64) *gaussRules {
	x := make([]float64, gaussGrid)
	root := math.Sqrt(df)
	for i := range x {
		x[i] = math.Sinh(t.v[i*int(gaussStep/chiStep)])
		if !math.IsInf(df, 1) {
			x[i] = math.Atan(x[i] / root)
		}
	}
	sort.Float64s(x)
	if math.IsInf(df, 1) {
		return newGaussRules(x, func(x float64) gaussNode { return gaussNode{x: x} })
	}
	return newGaussRules(x, func(x float64) gaussNode { return gaussNode{x: root * math.Tan(x)} })
}
