package num

import (
	"context"
	"math"
)

// smooth says that the integrand is analytic: no variable is determined by
// others, which makes kinks.
func (g *genz) smooth() bool { return g.free == g.n }

// boxGrid is the integrand of a box, and of one term of leaving it, over
// products of Gauss rules for T_i beyond its limit, s, and the variables of the
// box but the last, each truncated to what its limits typically are.
type boxGrid struct {
	e     *exit // nil: the box alone
	g     *genz // nil: nothing inside
	rules []*gaussRules
}

func (b *boxGrid) coordinates() []*gaussRules { return b.rules }

func newBoxGrid(e *exit, g *genz, tail, chi *gaussRules) *boxGrid {
	b := &boxGrid{e: e, g: g}
	if e != nil {
		b.rules = append(b.rules, tail)
	}
	if g != nil && g.n > 1 {
		if g.student {
			b.rules = append(b.rules, chi)
		}
		for i := range g.free - 1 {
			b.rules = append(b.rules, truncatedRules(g.typical[i][0], g.typical[i][1]))
		}
	}
	return b
}

// gridWork is what one evaluation of a product rule needs of its own.
type gridWork struct {
	ctx    context.Context
	g      genz
	nodes  [][]gaussNode
	y      []float64
	leaves int
	ended  bool
}

func (b *boxGrid) product(ctx context.Context, levels []uint8) float64 {
	w := &gridWork{ctx: ctx}
	for d, l := range levels {
		w.nodes = append(w.nodes, b.rules[d].rules[l])
	}
	if b.g != nil {
		w.g = *b.g
		w.y = make([]float64, b.g.n)
	}
	if b.e == nil {
		return w.overChi()
	}
	tails := w.nodes[0]
	w.nodes = w.nodes[1:]
	if b.g == nil {
		return b.e.mass
	}
	k := b.g.n
	lo, hi := make([]float64, k), make([]float64, k)
	w.g.lo, w.g.hi = make([]float64, k), make([]float64, k)
	sum := 0.0
	for _, t := range tails {
		b.e.box(t.x, lo, hi)
		if k == 1 {
			sum += t.w * tBetween(lo[0], hi[0], b.e.df+1)
			continue
		}
		for i, j := range w.g.perm {
			w.g.lo[i], w.g.hi[i] = lo[j], hi[j]
		}
		sum += t.w * w.overChi()
	}
	return b.e.mass * sum
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
	g := &w.g
	m, row := 0.0, g.chol[i]
	for k := range i {
		m += row[k] * w.y[k]
	}
	a, b := (g.lo[i]*s-m)/row[i], (g.hi[i]*s-m)/row[i]
	if !(a < b) || w.ended {
		return 0
	}
	up := a > 0
	if up {
		a, b = -b, -a
	}
	base := normTail(a)
	q := normTail(b) - base
	if i == g.free-1 || q == 0 {
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

// gridBudget is the number of points of all sparse grids together.
const gridBudget = 2e6

// exitGrids sums the terms of leaving a box over sparse grids. Those that are
// exact or that reach their share of the error are done.
func exitGrids(ctx context.Context, terms []exit, tol float64) (p, err float64) {
	var chi *gaussRules
	var tail *gaussRules
	var last *tailTable
	var grids []*sparseGrid
	for k := range terms {
		e := &terms[k]
		if e.inner == nil && len(e.fixRho) == 0 {
			e.gridSum, e.done = e.mass, true
			continue
		}
		if len(e.fixRho) > 0 || !e.inner.smooth() {
			continue
		}
		if e.inner.student && chi == nil {
			chi = chiRules(e.inner.chi)
		}
		if e.tail != last {
			tail, last = tailRules(e.tail, e.df), e.tail
		}
		e.grid = newSparseGrid(newBoxGrid(e, e.inner, tail, chi))
		grids = append(grids, e.grid)
	}
	active := grids
	for {
		refineGrids(ctx, active, 8)
		p, err = 0, 0
		worst, spent := 0.0, 0.0

		for k := range terms {
			e := &terms[k]
			if e.grid != nil {
				e.gridSum, e.gridError = e.grid.integral()
				e.gridError *= e.weight
				worst = math.Max(worst, e.gridError)
				spent += e.grid.spent
			}
			p += e.weight * e.gridSum
			err += e.gridError
		}
		if ctx.Err() != nil || len(grids) == 0 {
			break
		}
		goal := tol * math.Min(1, 100*p)
		if err <= goal || spent > gridBudget || worst == 0 {
			break
		}
		active = nil
		for k := range terms {
			if e := &terms[k]; e.grid != nil && e.gridError >= worst/4 {
				active = append(active, e.grid)
			}
		}
	}
	if !allGrids(terms) {
		err = math.Inf(1)
	}
	return math.Min(1, p), err
}

func allGrids(terms []exit) bool {
	for k := range terms {
		if !terms[k].done && terms[k].grid == nil {
			return false
		}
	}
	return true
}
