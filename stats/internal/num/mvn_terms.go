package num

import (
	"context"
	"math"
	"sync"
)

// gridWork is what one evaluation of a term needs of its own.
type gridWork struct {
	ctx    context.Context
	e      *exit
	g      genz
	nodes  [][]gaussNode
	lo, hi []float64 // of the inner variables, as given
	y      []float64
	leaves int
	ended  bool
}

func (e *exit) newWork(ctx context.Context) *gridWork {
	w := &gridWork{ctx: ctx, e: e}
	if e.inner != nil {
		k := e.inner.n
		w.g = *e.inner
		w.y = make([]float64, k)
		if !e.whole {
			w.lo, w.hi = make([]float64, k), make([]float64, k)
			w.g.lo, w.g.hi = make([]float64, k), make([]float64, k)
		}
	}
	return w
}

// given sets the limits of the inner variables given T_i = t.
func (w *gridWork) given(t float64) {
	w.e.box(t, w.lo, w.hi)
	for i, j := range w.g.perm {
		w.g.lo[i], w.g.hi[i] = w.lo[j], w.hi[j]
	}
}

// dim is the number of coordinates of the term: T_i, s, and the free variables
// of the box but the last.
func (e *exit) dim() int {
	d := 0
	if !e.whole {
		d++
	}
	if e.inner != nil && (e.inner.n > 1 || e.whole) {
		d += e.inner.free - 1
		if e.inner.student {
			d++
		}
	}
	return d
}

// smooth says that the integrand is analytic: no variable is determined by
// others, which makes kinks.
func (e *exit) smooth() bool {
	return len(e.fixRho) == 0 && (e.inner == nil || e.inner.free == e.inner.n)
}

// point is the integrand at a point u of the unit cube.
func (w *gridWork) point(u []float64) float64 {
	e, mass := w.e, 1.0
	if !e.whole {
		t := e.tail.quantile(u[0])
		u, mass = u[1:], e.mass
		for k, r := range e.fixRho {
			if v := math.Copysign(t, r*t); v < e.fixLo[k] || v > e.fixHi[k] {
				return 0
			}
		}
		if e.inner == nil {
			return mass
		}
		w.given(t)
		if w.g.n == 1 {
			return mass * tBetween(w.lo[0], w.hi[0], e.df+1)
		}
	}
	g, s := &w.g, 1.0
	if g.student {
		s = g.chi.quantile(u[0])
		u = u[1:]
	}
	for i := range g.free {
		base, q, up := g.limits(i, s, w.y)
		if mass *= q; mass == 0 {
			return 0
		}
		if i < g.free-1 {
			w.y[i] = truncatedQuantile(base, q, u[i], 1-u[i], up)
		}
	}
	return mass
}

// limits returns the probability q that variable i is within its limits given
// those before, and the normal's probability below the lower one, of the
// mirrored variable if up: so no tail is lost against 1.
func (g *genz) limits(i int, s float64, y []float64) (base, q float64, up bool) {
	row := g.chol[i]
	m, c := 0.0, row[i]
	for k := range i {
		m += row[k] * y[k]
	}
	a, b := (g.lo[i]*s-m)/c, (g.hi[i]*s-m)/c
	for _, j := range g.bound[i] {
		d, r := g.chol[j][i], 0.0
		for k := range i {
			r += g.chol[j][k] * y[k]
		}
		x, z := (g.lo[j]*s-r)/d, (g.hi[j]*s-r)/d
		if d < 0 {
			x, z = z, x
		}
		a, b = math.Max(a, x), math.Min(b, z)
	}
	if !(a < b) {
		return 0, 0, false
	}
	if a > 0 {
		a, b, up = -b, -a, true
	}
	base = normFast(a)
	return base, normFast(b) - base, up
}

// rulesOf are the Gauss rules of the term's coordinates: T_i beyond its limit,
// s, and the variables of the box, each truncated to what its limits typically
// are.
func (e *exit) rulesOf(tail, chi *gaussRules) (rules []*gaussRules) {
	if !e.whole {
		rules = append(rules, tail)
	}
	g := e.inner
	if g == nil || g.n == 1 && !e.whole {
		return rules
	}
	if g.student {
		rules = append(rules, chi)
	}
	for i := range g.free - 1 {
		rules = append(rules, truncatedRules(g.typical[i][0], g.typical[i][1]))
	}
	return rules
}

// product sums the integrand over a product of Gauss rules.
func (e *exit) product(ctx context.Context, rules []*gaussRules, levels []uint8) float64 {
	w := e.newWork(ctx)
	for d, l := range levels {
		w.nodes = append(w.nodes, rules[d].rules[l])
	}
	if e.whole {
		return w.overChi()
	}
	tails := w.nodes[0]
	w.nodes = w.nodes[1:]
	sum := 0.0
	for _, t := range tails {
		w.given(t.x)
		if w.g.n == 1 {
			sum += t.w * tBetween(w.lo[0], w.hi[0], e.df+1)
		} else {
			sum += t.w * w.overChi()
		}
	}
	return e.mass * sum
}

func (w *gridWork) overChi() float64 {
	if !w.g.student {
		return w.inside(0, 1)
	}
	all, sum := w.nodes, 0.0
	w.nodes = all[1:]
	for _, s := range all[0] {
		sum += s.w * w.inside(0, s.x)
	}
	w.nodes = all
	return sum
}

// inside is the probability that the variables from i on are within their
// limits given those before.
func (w *gridWork) inside(i int, s float64) float64 {
	base, q, up := w.g.limits(i, s, w.y)
	if i == w.g.free-1 || q == 0 || w.ended {
		if w.leaves++; w.leaves&1023 == 0 && w.ctx.Err() != nil {
			w.ended = true
		}
		return q
	}
	sum := 0.0
	for n := range w.nodes[i] {
		p := &w.nodes[i][n]
		w.y[i] = truncatedQuantile(base, q, p.low, p.high, up)
		sum += p.w * w.inside(i+1, s)
	}
	return q * sum
}

// Budgets: the points of all sparse grids together, and of one shift of all
// lattices together.
const (
	gridBudget = 4e5
	mvtBudget  = 1 << 20
)

// sumTerms adds the terms up until the error is below goal of the sum: by
// sparse grids, and where these converge slowly by lattices, of each term the
// one with the smaller error.
func sumTerms(ctx context.Context, terms []exit, goal func(p float64) float64) (p, err float64) {
	makeGrids(terms)
	total := func() {
		p, err = 0, 0
		square := 0.0
		for k := range terms {
			e := &terms[k]
			sum, er := e.gridSum, e.gridError
			if !e.exact && (e.grid == nil || e.points > 0 && e.latticeError < e.gridError) {
				square += e.latticeError * e.latticeError
				sum, er = e.latticeSum, 0
			}
			p += sum
			err += er
		}
		err += math.Sqrt(square)
	}
	active := make([]*exit, 0, len(terms))
	for k := range terms {
		if terms[k].grid != nil {
			active = append(active, &terms[k])
		}
	}
	grids := append([]*exit{}, active...)
	share := 1.0 // of the error that is left to grids
	for k := range terms {
		if terms[k].grid == nil && !terms[k].exact {
			share = 0.3
		}
	}
	for len(active) > 0 {
		refineGrids(ctx, active)
		var sum, gridErr, worst, spent float64
		for k := range terms {
			sum += terms[k].gridSum
		}
		for _, e := range grids {
			worst, spent = math.Max(worst, e.gridError), spent+e.grid.spent
			gridErr += e.gridError
		}
		if ctx.Err() != nil || gridErr <= share*goal(sum) || spent > gridBudget {
			break
		}
		active = active[:0]
		for _, e := range grids {
			if e.gridError >= worst/4 && !e.grid.full {
				active = append(active, e)
			}
		}
	}
	total()
	least := goal(p) / 2 / float64(len(terms))
	var spent uint64
	for k := range terms {
		if e := &terms[k]; ctx.Err() == nil && !e.exact && (e.grid == nil || err > goal(p) && e.gridError > least) {
			e.refine(ctx)
			spent += e.points
		}
	}
	for {
		total()
		if ctx.Err() != nil {
			return p, math.Inf(1)
		}
		if err <= goal(p) || spent > mvtBudget {
			return p, err
		}
		// The lattice whose doubling promises most for its cost.
		worst, rank := -1, 0.0
		for k := range terms {
			e := &terms[k]
			if e.points == 0 || e.points >= latticeMost {
				continue
			}
			now := e.latticeError
			if e.grid != nil {
				now = math.Min(now, e.gridError)
			}
			if r := now * now / float64(e.points) / float64(1+e.dim()); r > rank {
				worst, rank = k, r
			}
		}
		if worst < 0 {
			return p, err
		}
		spent += terms[worst].points
		terms[worst].refine(ctx)
	}
}

// makeGrids starts the sparse grids of smooth terms, on all cores.
func makeGrids(terms []exit) {
	var tail, chi *gaussRules
	var last *tailTable
	var wg sync.WaitGroup
	for k := range terms {
		e := &terms[k]
		if e.inner == nil && len(e.fixRho) == 0 {
			e.gridSum, e.exact = e.weight*e.mass, true
			continue
		}
		if !e.smooth() {
			continue
		}
		if e.inner.student && chi == nil {
			chi = chiRules(e.inner.chi)
			chi.grow(gaussMost)
		}
		if !e.whole && e.tail != last {
			tail, last = tailRules(e.tail, e.df), e.tail
			tail.grow(gaussMost)
		}
		tail, chi := tail, chi
		wg.Go(func() { e.grid = newSparseGrid(e.rulesOf(tail, chi)) })
	}
	wg.Wait()
}
