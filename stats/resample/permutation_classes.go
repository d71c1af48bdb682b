package resample

import (
	"context"
	"math"
	"slices"
)

// permClasses groups the arrangements of a refitted model: outcome and
// covariates on coarse grids have few different sums, and arrangements that
// treat as many of the truly treated and have the same sums have the same |t|.
type permClasses struct {
	key    []float64 // of each participant: its steps on every grid, as digits
	base   []float64 // the digits' place values, the first 1
	cols   [][]float64
	pick   int
	chance float64 // of the commonest class of sums, about
}

const (
	// classesChance is the chance of a class from which on ties with the trial
	// change p by more than a smooth approximation may.
	classesChance = 4e-3
	// classesMost bounds the classes merged.
	classesMost = 4e6 // twenty times as many where exactness is asked for
)

// newPermClasses returns nil where a column is off any grid or the grids'
// steps are too many. columns are the outcome, the covariates' design and whether
// treated, of the block's participants.
func newPermClasses(columns [][]float64, pick int) *permClasses {
	n := len(columns[0])
	c := &permClasses{key: make([]float64, n), pick: pick, chance: 1}
	place := 1.0
	share := float64(pick) * float64(n-pick) / float64(n*(n-1))
	var q [][]float64
	for j, col := range columns {
		if slices.Min(col) == slices.Max(col) {
			continue
		}
		steps, _, grid := permGrid(col, true)
		if !grid {
			return nil
		}
		rest := slices.Clone(steps)
		var mean float64
		for _, x := range rest {
			mean += x / float64(n)
		}
		for i := range rest {
			rest[i] -= mean
		}
		left := projectOut(rest, q)
		norm := math.Sqrt(dotFloats(rest, rest))
		if !left {
			continue // the others tell it
		}
		if j < len(columns)-1 { // whether treated is no matter under no effect
			c.chance /= math.Max(1, norm*math.Sqrt(2*math.Pi*share))
		}
		for i := range rest {
			rest[i] /= norm
		}
		q = append(q, rest)
		for i, s := range steps {
			c.key[i] += place * s
		}
		top := slices.Clone(steps)
		slices.Sort(top)
		most := 0.0
		for _, s := range top[n-pick:] {
			most += s
		}
		c.base, c.cols = append(c.base, place), append(c.cols, steps)
		if place *= most + 1; place > 1<<50 {
			return nil
		}
	}
	return c
}

// count returns the classes' sums, a row a class in the order of cols, and how
// many arrangements each has, or nothing where they are too many.
func (c *permClasses) count(ctx context.Context, most float64) (sums [][]float64, ways []float64) {
	m := &merger{last: true, left: most, stop: func() bool { return ctx.Err() != nil }}
	rows, ok := m.rows(c.key, c.pick)
	if !ok {
		return nil, nil
	}
	last := rows[c.pick]
	flat := make([]float64, len(last.w)*len(c.cols))
	for _, key := range last.vals {
		sum := flat[:len(c.cols):len(c.cols)]
		flat = flat[len(c.cols):]
		for j := len(c.base) - 1; j >= 0; j-- {
			sum[j] = math.Floor(key / c.base[j])
			key -= sum[j] * c.base[j]
		}
		sums = append(sums, sum)
	}
	return sums, last.w
}

// linear returns the coefficients by which each of targets, over the
// participants, is a combination of the columns, and its mean less theirs: a
// class's sum of the target is that of the combination.
func (c *permClasses) linear(targets [][]float64) (coef [][]float64, level []float64) {
	n := float64(len(c.key))
	centered := func(x []float64) ([]float64, float64) {
		var mean float64
		for _, v := range x {
			mean += v / n
		}
		out := make([]float64, len(x))
		for i, v := range x {
			out[i] = v - mean
		}
		return out, mean
	}
	d := len(c.cols)
	q, r := make([][]float64, d), make([][]float64, d) // cols = q·r
	means := make([]float64, d)
	for j, col := range c.cols {
		q[j], means[j] = centered(col)
		r[j] = make([]float64, j+1)
		for range 2 {
			for l := range j {
				k := dotFloats(q[j], q[l])
				r[j][l] += k
				for i := range q[j] {
					q[j][i] -= k * q[l][i]
				}
			}
		}
		r[j][j] = math.Sqrt(dotFloats(q[j], q[j]))
		for i := range q[j] {
			q[j][i] /= r[j][j]
		}
	}
	for _, t := range targets {
		x, mean := centered(t)
		b := make([]float64, d)
		for j := d - 1; j >= 0; j-- {
			b[j] = dotFloats(x, q[j])
			for l := j + 1; l < d; l++ {
				b[j] -= r[l][j] * b[l]
			}
			b[j] /= r[j][j]
			mean -= b[j] * means[j]
		}
		coef, level = append(coef, b), append(level, mean)
	}
	return coef, level
}

// classify fills t with the classes of arrangements of block b.
func (m *permModel) classify(ctx context.Context, c *permClasses, b labelBlock, t *linTest, forced bool) bool {
	most := classesMost
	if forced {
		most *= 20
	}
	sums, ways := c.count(ctx, most)
	if sums == nil {
		return false
	}
	targets := make([][]float64, len(m.cells[0]))
	for j := range targets {
		for _, i := range b.rows {
			targets[j] = append(targets[j], m.cells[i][j])
		}
	}
	coef, level := c.linear(targets)
	t.rel = 1e-10 // sums are combined anew
	t.a, t.g, t.w = make([]float64, len(ways)), make([]float64, len(ways)), ways
	cell := make([]float64, len(targets))
	for i, sum := range sums {
		for j := range cell {
			cell[j] = level[j]*float64(b.pick) + dotFloats(coef[j], sum)
		}
		t.a[i], t.g[i] = m.deviation(cell, float64(b.pick))
	}
	return true
}

// tied reports whether arrangements within blocks tie so often that no smooth
// curve is near. Columns that do not vary within blocks tell no arrangements apart.
func (m *permModel) tied(blocks []labelBlock) bool {
	var columns [][]float64
	pick := 0
	for _, b := range blocks {
		pick += b.pick
	}
	for _, x := range m.raw {
		var all []float64
		varies := false
		for _, b := range blocks {
			for _, i := range b.rows {
				varies = varies || x[i] != x[b.rows[0]]
				all = append(all, x[i])
			}
		}
		if varies {
			columns = append(columns, all)
		}
	}
	c := newPermClasses(columns, pick)
	return c != nil && c.chance > classesChance
}
