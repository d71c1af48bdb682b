package resample

import (
	"context"
	"math/bits"

	"github.com/trialkit/trialkit/stats/internal/draws"
)

// drawMeans draws m arrangements and returns, for each, the sum of the arm
// "treated" and the number of truly treated in it.
func drawMeans(ctx context.Context, blocks []permScores, m int, seed uint64) (sum, kept []float64, err error) {
	var subsets []*subsetDraw
	for _, b := range blocks {
		subsets = append(subsets, newSubsetDraw(b))
	}
	sum, kept = make([]float64, m), make([]float64, m)
	err = draws.InChunks(ctx, m, draws.Chunk, func(id, from, to int) {
		r := draws.New(seed, id)
		for _, d := range subsets {
			words := make([]uint64, len(d.truth))
			for rep := from; rep < to; rep++ {
				s, k := d.draw(r, words)
				sum[rep] += s
				kept[rep] += float64(k)
			}
		}
	})
	return sum, kept, err
}

// drawSigns draws m sets of signs and returns, for each, the sum of the kept
// differences and their number.
func drawSigns(ctx context.Context, d []float64, m int, seed uint64) (sum, kept []float64, err error) {
	sum, kept = make([]float64, m), make([]float64, m)
	err = draws.InChunks(ctx, m, draws.Chunk, func(id, from, to int) {
		r := draws.New(seed, id)
		for rep := from; rep < to; rep++ {
			var s float64
			k := 0
			for i := 0; i < len(d); i += 64 {
				word := r.Src.Uint64()
				part := d[i:min(i+64, len(d))]
				word &= ^uint64(0) >> (64 - len(part))
				k += bits.OnesCount64(word)
				for ; word != 0; word &= word - 1 {
					s += part[bits.TrailingZeros64(word)]
				}
			}
			sum[rep], kept[rep] = s, float64(k)
		}
	})
	return sum, kept, err
}
