package resample

import (
	"context"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/internal/draws"
)

// labelBlock is a set of participants among whom pick are treated.
type labelBlock struct {
	rows []int
	pick int
}

// enumerateLabels visits every arrangement and hands leaf its number, from 0 to
// total − 1, and the sum of cells over the treated. The sums of a branch are
// extended by one participant at a time, so rounding does not pile up along the
// way. leaf is called from several goroutines.
func enumerateLabels(ctx context.Context, cells [][]float64, blocks []labelBlock, total int, leaf func(at int, sum []float64)) error {
	type level struct {
		rows  []int
		first bool // first pick of its block: starts anew
		left  int  // picks of the block still to come after this one
	}
	var levels []level
	for _, b := range blocks {
		for i := range b.pick {
			levels = append(levels, level{b.rows, i == 0, b.pick - 1 - i})
		}
	}
	dim := len(cells[0])
	// An arrangement's number is fixed by its first pick, so the cores can share
	// the work without changing a byte.
	starts := len(levels[0].rows) - levels[0].left
	offset := make([]int, starts+1)
	rest := total
	for i := range starts {
		below := binomial(len(levels[0].rows)-1-i, levels[0].left) / binomial(len(levels[0].rows), levels[0].left+1)
		offset[i+1] = offset[i] + int(math.Round(below*float64(rest)))
	}
	return draws.InChunks(ctx, starts, 1, func(_, from, _ int) {
		at := offset[from]
		sums := make([][]float64, len(levels)+1)
		for i := range sums {
			sums[i] = make([]float64, dim)
		}
		var visit func(l, start int)
		visit = func(l, start int) {
			lv := levels[l]
			if lv.first {
				start = 0
			}
			end := len(lv.rows) - lv.left
			if l == 0 {
				start, end = from, from+1
			}
			if l+2 == len(levels) && ctx.Err() != nil {
				return
			}
			s, next := sums[l], sums[l+1]
			for i := start; i < end; i++ {
				for j, x := range cells[lv.rows[i]] {
					next[j] = s[j] + x
				}
				if l+1 == len(levels) {
					leaf(at, next)
					at++
					continue
				}
				visit(l+1, i+1)
			}
		}
		visit(0, 0)
	})
}

// drawLabels is enumerateLabels for random arrangements.
func drawLabels(ctx context.Context, cells [][]float64, blocks []labelBlock, reps int, seed uint64, leaf func(at int, sum []float64)) error {
	return draws.InChunks(ctx, reps, draws.Chunk, func(id, from, to int) {
		r := draws.New(seed, id)
		rows := make([][]int, len(blocks))
		for i, b := range blocks {
			rows[i] = slices.Clone(b.rows)
		}
		sum := make([]float64, len(cells[0]))
		for rep := from; rep < to; rep++ {
			clear(sum)
			for k, b := range blocks {
				rs := rows[k]
				for i := range b.pick {
					j := i + int(r.Below(uint32(len(rs)-i)))
					rs[i], rs[j] = rs[j], rs[i]
					for c, x := range cells[rs[i]] {
						sum[c] += x
					}
				}
			}
			leaf(rep, sum)
		}
	})
}
