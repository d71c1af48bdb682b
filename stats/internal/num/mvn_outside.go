package num

import (
	"context"
	"math"
)

// The probability of leaving a box is that of a first variable to leave it:
// Σ_i P(T_i outside, T_1 … T_{i−1} inside). Each term is an integral over the
// tail of T_i, of t with one degree of freedom more for those before given T_i,
// and carries the small factor P(T_i outside), which scales its error: far fewer
// points do than for the box.

// exit is one term: variable i beyond one of its limits.
type exit struct {
	limit   float64 // T_i > limit, on the scale turned so that this is upward
	mass    float64 // P(T_i > limit)
	weight  float64 // 2 where the other side is its mirror image
	df      float64
	rho, sd []float64 // of the inner variables, given T_i
	lo, hi  []float64
	fixLo   []float64
	fixHi   []float64
	fixRho  []float64
	inner   *genz // nil without inner variables
	tail    *tailTable

	whole bool // not a tail at all: the box itself

	exact              bool // gridSum is the value
	grid               *sparseGrid
	gridSum, gridError float64
	points             uint64 // of the lattice, 0 without one
	sums               [mvtShifts]float64
	latticeSum         float64
	latticeError       float64
}

// MVTOutside is 1 − MVT: the probability that some T_i lies outside lo_i to
// hi_i, and an estimate of its absolute error. Points are added until the
// estimate is below tol (1e-6 for tol ≤ 0), or, where p is below a hundredth,
// below tol times a hundred p: the far tail does not cancel, and has a relative
// error of 1e-4. An estimate above that says that it was not reached. It was for
// all of a hundred random matrices of three to twelve variables, df from three to
// infinity and p from 0.3 to 1e-5, most in a tenth of a second or less on one core;
// probabilities of 0.1 and more for nine to twelve variables that nearly determine
// each other took up to six. The estimate is that of the sparse grids' frontier or
// of eight shifted lattices, times a safety factor, no proven bound: over five
// hundred matrices of two factors the error was above it once in a hundred, never
// above three times it. The matrix may be singular.
func MVTOutside(lo, hi []float64, corr [][]float64, df, tol float64) (p, err float64) {
	return MVTOutsideContext(context.Background(), lo, hi, corr, df, tol)
}

// MVTOutsideContext is MVTOutside that ends with ctx: its error is then +Inf.
func MVTOutsideContext(ctx context.Context, lo, hi []float64, corr [][]float64, df, tol float64) (p, err float64) {
	_, p, err = mvtBoth(ctx, lo, hi, corr, df, tol)
	return p, err
}

// mvtBoth is the probability of the box and its complement, the smaller of them
// without cancellation.
func mvtBoth(ctx context.Context, lo, hi []float64, corr [][]float64, df, tol float64) (in, out, err float64) {
	if !mvtArguments(lo, hi, corr, df) {
		return math.NaN(), math.NaN(), math.NaN()
	}
	if tol <= 0 {
		tol = 1e-6
	}
	if ctx.Err() != nil {
		return 0, 1, math.Inf(1)
	}
	n := len(lo)
	bound := 0.0
	for i := range n {
		if !(lo[i] < hi[i]) {
			return 0, 1, 0
		}
		bound += TSF(hi[i], df) + TCDF(lo[i], df)
	}
	g, ok := newGenz(lo, hi, corr, math.Inf(1))
	if !ok {
		return math.NaN(), math.NaN(), math.NaN()
	}
	if n == 1 {
		return tBetween(lo[0], hi[0], df), math.Min(1, bound), 0
	}
	if n == 2 && g.free == 2 && bound > 1e-3 { // one coordinate given s: nested quadrature
		in = chiMixture(df, 8, g.plane)
		return in, 1 - in, 1e-12
	}
	most := exitsSingular
	if g.free == n {
		most = exitsMost * float64(n)
	}
	if bound < most {
		if terms, ok := exits(lo, hi, corr, df); ok {
			out, err = sumTerms(ctx, terms, func(p float64) float64 { return tol * math.Min(1, 100*p) })
			out, err = math.Min(1, out), err+1e-14*out
			return 1 - out, out, err
		} // else the conditional matrices are rounding; the box itself is not
	}
	if !math.IsInf(df, 1) {
		g.df, g.student, g.chi = df, true, newChiTable(df)
	}
	box := exit{whole: true, inner: g, mass: 1, weight: 1, df: df}
	if box.dim() == 0 {
		in = box.newWork(ctx).point(nil)
		return in, 1 - in, 1e-15
	}
	in, err = sumTerms(ctx, []exit{box}, func(float64) float64 { return tol })
	in = math.Min(1, in)
	return in, 1 - in, err
}

// The terms of leaving the box are added up, and not the box integrated, where
// the sum of the variables' tails is below exitsMost for each, or below
// exitsSingular in all for a singular matrix.
const (
	exitsMost     = 0.6
	exitsSingular = 0.8
)

// exits orders the variables by how likely each is to leave, the likeliest
// first, and returns their terms; not ok where the correlations given one of
// them are lost to rounding.
func exits(lo, hi []float64, corr [][]float64, df float64) (terms []exit, ok bool) {
	n := len(lo)
	order := make([]int, n)
	mirror := true
	for i := range order {
		order[i] = i
		mirror = mirror && lo[i] == -hi[i]
	}
	tail := func(i int) float64 { return TSF(hi[i], df) + TCDF(lo[i], df) }
	exitOrder(order, corr, tail)
	out := []exit{}
	var chi *chiTable
	for m, i := range order {
		for side := 1.0; side >= -1; side -= 2 {
			limit := hi[i]
			if side < 0 {
				limit = -lo[i]
			}
			if math.IsInf(limit, 1) || side < 0 && mirror {
				continue
			}
			e := exit{limit: limit, mass: TSF(limit, df), weight: 1, df: df}
			if e.mass == 0 {
				continue
			}
			if mirror {
				e.weight = 2
			}
			var before []int
			for _, j := range order[:m] {
				r := side * corr[i][j]
				v := (1 - r) * (1 + r)
				if v < 1e-12 {
					e.fixRho = append(e.fixRho, r)
					e.fixLo, e.fixHi = append(e.fixLo, lo[j]), append(e.fixHi, hi[j])
					continue
				}
				before = append(before, j)
				e.rho, e.sd = append(e.rho, r), append(e.sd, math.Sqrt(v))
				e.lo, e.hi = append(e.lo, lo[j]), append(e.hi, hi[j])
			}
			if k := len(before); k > 0 {
				partial := make([][]float64, k)
				a, b := make([]float64, k), make([]float64, k)
				for x := range partial {
					partial[x] = make([]float64, k)
					for y := range partial {
						partial[x][y] = (corr[before[x]][before[y]] - e.rho[x]*e.rho[y]) / e.sd[x] / e.sd[y]
					}
					partial[x][x] = 1
				}
				e.box(e.typical(), a, b)
				e.inner, _ = newGenz(a, b, partial, math.Inf(1))
				if e.inner == nil { // rounding of a matrix that is nearly singular
					return nil, false
				}
				if !math.IsInf(df, 1) && k > 1 {
					if chi == nil { // one table serves all terms
						chi = newChiTable(df + 1)
					}
					e.inner.df, e.inner.student, e.inner.chi = df+1, true, chi
				}
			}
			if last := len(out) - 1; last >= 0 && out[last].limit == limit {
				e.tail = out[last].tail
			} else {
				e.tail = newTailTable(e.limit, e.mass, e.df)
			}
			out = append(out, e)
		}
	}
	return out, true
}

// typical is the median of T_i beyond its limit.
func (e *exit) typical() float64 { return TQuantileUpper(e.mass/2, e.df) }

// box is where the inner variables must be, standardized, given T_i = t.
func (e *exit) box(t float64, lo, hi []float64) {
	scale := 1.0
	if !math.IsInf(e.df, 1) {
		scale = math.Sqrt((e.df + t*t) / (e.df + 1))
	}
	for j := range e.rho {
		lo[j] = (e.lo[j] - e.rho[j]*t) / (e.sd[j] * scale)
		hi[j] = (e.hi[j] - e.rho[j]*t) / (e.sd[j] * scale)
	}
}

// exitOrder puts next the variable of the largest product of its tail and its
// variance given those before it: what is left for the terms of many variables is
// then small.
func exitOrder(order []int, corr [][]float64, tail func(i int) float64) {
	n := len(order)
	l := make([][]float64, n)
	v, t := make([]float64, n), make([]float64, n)
	for i := range n {
		l[i], v[i], t[i] = make([]float64, n), 1, tail(i)
	}
	for m := range order {
		best := m
		for k := m + 1; k < n; k++ {
			if i, j := order[k], order[best]; v[i]*t[i] > v[j]*t[j]*(1+1e-9) {
				best = k
			}
		}
		order[m], order[best] = order[best], order[m]
		p := order[m]
		if v[p] < 1e-9 {
			continue
		}
		root := math.Sqrt(v[p])
		for _, i := range order[m+1:] {
			s := corr[i][p]
			for k := range m {
				s -= l[i][k] * l[p][k]
			}
			l[i][m] = s / root
			v[i] -= l[i][m] * l[i][m]
		}
	}
}
