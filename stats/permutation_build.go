package stats

import (
	"cmp"
	"context"
	"slices"
)

// Limits of an exact distribution: about 3 s of work and 1 GB.
const (
	permMaxOps   = 3e9
	permMaxCells = 4e7
)

func newSumBudget(ctx context.Context) *sumBudget {
	return &sumBudget{ops: permMaxOps, cells: permMaxCells, stop: func() bool { return ctx.Err() != nil }}
}

// exactMeans returns the exact distribution of the treated sum, or nil where
// neither the grid nor enumeration is affordable (or the forced method is not).
// Lists of sums are tried first while they are small: for few participants they
// are shorter than the grid.
func exactMeans(ctx context.Context, blocks []permScores, grid bool, arrangements float64, force PermMethod) (*permDist, error) {
	var lists float64
	for _, b := range blocks {
		lists += listCells(b.nt, b.nt) + listCells(b.n()-b.nt, b.nt)
	}
	try := func(dense bool) (*permDist, error) {
		d := pairMeans(ctx, blocks, dense)
		return d, ctx.Err()
	}
	enumerable := arrangements <= permEnumerate || lists <= 4e6
	switch {
	case force == PermLattice && !grid, force == PermEnumeration && !enumerable:
		return nil, nil
	case force == PermLattice:
		return try(true)
	case force == PermEnumeration:
		return try(false)
	case enumerable && (!grid || lists <= 4096 || lists < denseCells(blocks)):
		if d, err := try(false); d != nil || err != nil {
			return d, err
		}
	}
	if grid {
		return try(true)
	}
	return nil, nil
}

// listCells is the number of subsets of n numbers with at most kmax of them.
func listCells(n, kmax int) float64 {
	var c float64
	for k := 0; k <= min(n, kmax); k++ {
		c += binomial(n, k)
	}
	return c
}

// denseCells is the work of the dense rows, roughly, in units of a list cell.
func denseCells(blocks []permScores) float64 {
	var c float64
	for _, b := range blocks {
		n := float64(b.n())
		c += n * n * n * (slices.Max(b.v) - slices.Min(b.v)) / 200
	}
	return c
}

// pairMeans builds the distribution as pairs of rows. With one block, a row of
// treated sums meets a row of control sums. With more, each block's joint rows
// are joined into two halves of about equal size, which meet.
func pairMeans(ctx context.Context, blocks []permScores, dense bool) *permDist {
	bud := newSumBudget(ctx)
	rows := func(v []float64, kmax int) (rowSet, bool) {
		s := slices.Clone(v)
		slices.Sort(s)
		if dense {
			return denseRows(s, min(kmax, len(s)), bud)
		}
		return listRows(s, min(kmax, len(s)), bud)
	}
	d := &permDist{lattice: dense}
	for _, b := range blocks {
		d.span = max(d.span, slices.Max(b.v)-slices.Min(b.v))
	}
	var sets []rowSet
	for _, b := range blocks {
		keep, ok := rows(b.v[:b.nt], b.nt)
		if !ok {
			return nil
		}
		gain, ok := rows(b.v[b.nt:], b.nt)
		if !ok {
			return nil
		}
		if len(blocks) == 1 {
			for k := range keep {
				if j := b.nt - k; j < len(gain) {
					d.add(keep[k], gain[j], k)
				}
			}
			return d
		}
		set := make(rowSet, b.nt+1)
		for k := range keep {
			j := b.nt - k
			if j >= len(gain) {
				continue
			}
			if !bud.spend(float64(len(keep[k].w))*float64(len(gain[j].w)), float64(len(keep[k].w)+len(gain[j].w))) {
				return nil
			}
			set[k] = convolve(keep[k], gain[j])
		}
		sets = append(sets, set)
	}
	slices.SortStableFunc(sets, func(a, b rowSet) int { return cmp.Compare(b.size(), a.size()) })
	var half [2]rowSet
	for _, s := range sets {
		i := 0
		if half[1] == nil || (half[0] != nil && half[1].size() < half[0].size()) {
			i = 1
		}
		if half[0] == nil {
			i = 0
		}
		var ok bool
		if half[i], ok = joinSets(half[i], s, bud); !ok {
			return nil
		}
	}
	for i, l := range half[0] {
		for j, r := range half[1] {
			if l != nil && r != nil {
				d.add(l, r, i+j)
			}
		}
	}
	return d
}

func (d *permDist) add(l, r *sumRow, k int) {
	l.accumulate()
	r.accumulate()
	d.pairs = append(d.pairs, permPair{l, r, float64(k)})
	d.total += l.le[len(l.w)] * r.le[len(r.w)]
}
