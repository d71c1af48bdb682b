package stats

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// resampleChunk is the number of replicates that share a random stream. It is
// fixed, so results do not depend on how many cores share the work.
const resampleChunk = 128

// permRand draws bounded whole numbers from a PCG stream, two from each 64 bits.
type permRand struct {
	src  rand.PCG
	half uint32
	full bool
}

// newPermRand is the stream of a chunk of replicates.
func newPermRand(seed uint64, chunk int) *permRand {
	r := &permRand{}
	r.src.Seed(seed, uint64(chunk)*0x9e3779b97f4a7c15+1)
	return r
}

func (r *permRand) bits32() uint32 {
	if r.full {
		r.full = false
		return r.half
	}
	u := r.src.Uint64()
	r.half, r.full = uint32(u), true
	return uint32(u >> 32)
}

// below returns a uniform whole number in [0, n), without bias (Lemire 2019,
// doi 10.1145/3230636).
func (r *permRand) below(n uint32) uint32 {
	m := uint64(r.bits32()) * uint64(n)
	if low := uint32(m); low < n {
		for t := -n % n; low < t; low = uint32(m) {
			m = uint64(r.bits32()) * uint64(n)
		}
	}
	return uint32(m >> 32)
}

// maxBatch is the most numbers that one 64-bit draw is split into.
const maxBatch = 8

// batchSize is the number of draws below n that 64 bits give with hardly ever a
// second try: their product stays below 2^44.
func batchSize(n int) int {
	k, prod := 0, 1.0
	for k < maxBatch && prod*float64(n) < 0x1p44 {
		prod *= float64(n)
		k++
	}
	return max(k, 1)
}

// inChunks calls do for every chunk of total replicates on all cores and
// returns the context's error if it ended first. do handles [from, to).
func inChunks(ctx context.Context, total, chunk int, do func(id, from, to int)) error {
	n := (total + chunk - 1) / chunk
	workers := min(runtime.GOMAXPROCS(0), n)
	var next atomic.Int64
	work := func() {
		for ctx.Err() == nil {
			id := int(next.Add(1)) - 1
			if id >= n {
				return
			}
			do(id, id*chunk, min(total, (id+1)*chunk))
		}
	}
	if workers <= 1 {
		work()
		return ctx.Err()
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(work)
	}
	wg.Wait()
	return ctx.Err()
}
