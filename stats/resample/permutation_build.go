package resample

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// permMaxCells is the most memory of an exact distribution, about 1 GB, and
// permForced what is allowed beyond the limits where it is asked for by name.
const (
	permMaxCells = 4e7
	permForced   = 4
	permMaxOps   = 9e10
)

func newSumBudget(ctx context.Context, opt PermOptions) *sumBudget {
	b := &sumBudget{ops: opt.additions(), cells: permMaxCells, stop: func() bool { return ctx.Err() != nil }}
	if opt.Method != PermAuto {
		b.ops = permMaxOps
		b.cells *= permForced
	}
	return b
}

// permLists is the largest number of listed half-sums.
const permLists = 3e5

// exactMeans returns the exact distribution of the treated sum, or nil where
// neither the grid nor enumeration is affordable (or the forced method is not).
// Lists of sums are preferred while they are short: for few participants, or
// small blocks, they are shorter than the grid.
func exactMeans(ctx context.Context, blocks []permScores, grid bool, arrangements float64, opt PermOptions) (*permDist, error) {
	var lists, largest float64
	for _, b := range blocks {
		lists += listCells(b.nt, b.nt) + listCells(b.n()-b.nt, b.nt)
		largest = max(largest, binomial(b.n(), b.nt))
	}
	listable := lists <= permLists
	if opt.Method == PermAuto {
		listable = listable && lists*permListWork <= opt.additions()
	}
	if len(blocks) > 1 {
		// Blocks are joined into two halves; on a grid equal sums merge.
		listable = largest <= 1e4 && (grid || arrangements <= permLists*permLists)
		if opt.Method == PermAuto { // joined lists are sorted
			listable = listable && 2*halfCells(blocks, grid, arrangements)*2*permListWork <= opt.additions()
			if grid && listable {
				room := halfCells(blocks, grid, math.Inf(1))
				listable = room > math.Sqrt(arrangements) || 2*joinWork(blocks) <= opt.additions()
			}
		}
	}
	try := func(dense bool) (*permDist, error) {
		d := pairMeans(blocks, dense, newSumBudget(ctx, opt))
		return d, ctx.Err()
	}
	switch opt.Method {
	case PermLattice:
		if !grid {
			return nil, nil
		}
		return try(true)
	case PermEnumeration:
		if !listable {
			return nil, nil
		}
		return try(false)
	}
	if listable && (!grid || len(blocks) > 1 || lists <= 4096 || lists < denseCells(blocks)) {
		if d, err := try(false); d != nil || err != nil {
			return d, err
		}
	}
	if grid && (opt.Method != PermAuto || joinWork(blocks) <= opt.additions()) {
		return try(true)
	}
	return nil, nil
}

// joinWork is the number of additions that joining blocks on a grid takes, about, and the
// questions asked later of all pairs of their rows.
func joinWork(blocks []permScores) (work float64) {
	if len(blocks) == 1 {
		return 0 // nothing to join
	}
	room, kept := [2]float64{1, 1}, [2]float64{1, 1}
	for i, b := range blocks {
		k := float64(min(b.nt, b.n()-b.nt))
		r := k * (slices.Max(b.v) - slices.Min(b.v)) / 2
		work += room[i%2] * kept[i%2] * (r + 1) * (k/2 + 1)
		room[i%2] += r
		kept[i%2] += k / 2
	}
	return work + 4*kept[0]*kept[1]*(room[0]+room[1])*cellWork
}

// permListWork is the work of a listed half-sum, for p-value and interval, in additions.
const permListWork = 100

// halfCells is the number of sums of half of the blocks, by how many treated they keep: those
// of all their arrangements, of which on a grid no more differ than it has room for.
func halfCells(blocks []permScores, grid bool, arrangements float64) float64 {
	c := math.Sqrt(arrangements)
	if grid {
		var room, kept float64
		for _, b := range blocks {
			k := float64(min(b.nt, b.n()-b.nt))
			room += k * (slices.Max(b.v) - slices.Min(b.v)) / 2
			kept += k / 2
		}
		c = min(c, (room+1)*(kept+1))
	}
	return c
}

// listCells is the number of subsets of n numbers with at most kmax of them.
func listCells(n, kmax int) float64 {
	c, all := 1.0, 1.0
	for k := 1; k <= min(n, kmax) && all < 1e300; k++ {
		if c = c * float64(n-k+1) / float64(k); c < 1<<53 {
			c = math.Round(c)
		}
		all += c
	}
	return all
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
func pairMeans(blocks []permScores, dense bool, bud *sumBudget) *permDist {
	rows := func(v []float64, kmax int) (rowSet, bool) {
		s := slices.Clone(v)
		slices.Sort(s)
		if dense {
			return denseRows(s, min(kmax, len(s)), bud)
		}
		return listRows(s, min(kmax, len(s)), bud)
	}
	d := &permDist{lattice: dense}
	var work float64
	for _, b := range blocks {
		d.span = max(d.span, slices.Max(b.v)-slices.Min(b.v))
		for _, v := range [][]float64{b.v[:b.nt], b.v[b.nt:]} {
			if dense && work <= bud.ops { // learned before any of it is done
				s := slices.Clone(v)
				slices.Sort(s)
				ops, cells := denseWork(s, min(b.nt, len(s)), bud.ops)
				work += ops + cellWork*cells
			}
		}
	}
	if work > bud.ops {
		return nil
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
			if !bud.spendConvolve(keep[k], gain[j]) {
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
				if !bud.spend(cellWork*float64(len(l.w)+len(r.w)), 0) {
					return nil
				}
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

// listMeans lists every arrangement, where an arm is too small beside the other
// for half-sums to be fewer. expect and kept are the expectations times den.
func listMeans(ctx context.Context, blocks []permScores, total int, expect, kept, den float64) (*linTest, error) {
	var cells [][]float64
	var labels []labelBlock
	for _, b := range blocks {
		l := labelBlock{pick: b.nt}
		for i, v := range b.v {
			z := 0.0
			if i < b.nt {
				z = 1
			}
			l.rows = append(l.rows, len(cells))
			cells = append(cells, []float64{v, z})
		}
		labels = append(labels, l)
	}
	if den > 1 {
		expect, kept = math.Round(expect), math.Round(kept)
	}
	t := &linTest{a: make([]float64, total), g: make([]float64, total), rel: 1e-12, loose: den == 1}
	err := enumerateLabels(ctx, cells, labels, total, func(at int, sum []float64) {
		t.a[at], t.g[at] = sum[0]*den-expect, sum[1]*den-kept
	})
	return t, err
}
