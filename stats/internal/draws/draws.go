// Package draws holds the random streams of resampling: the same draws for a seed
// whatever the number of cores.
package draws

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// Chunk is the number of replicates that share a random stream. It is
// fixed, so results do not depend on how many cores share the work.
const Chunk = 128

// Rand draws bounded whole numbers from a PCG stream, two from each 64 bits.
type Rand struct {
	Src  rand.PCG
	half uint32
	full bool
}

// New is the stream of a chunk of replicates.
func New(seed uint64, chunk int) *Rand {
	r := &Rand{}
	r.Src.Seed(seed, uint64(chunk)*0x9e3779b97f4a7c15+1)
	return r
}

func (r *Rand) bits32() uint32 {
	if r.full {
		r.full = false
		return r.half
	}
	u := r.Src.Uint64()
	r.half, r.full = uint32(u), true
	return uint32(u >> 32)
}

// Below returns a uniform whole number in [0, n), without bias (Lemire 2019,
// doi 10.1145/3230636).
func (r *Rand) Below(n uint32) uint32 {
	m := uint64(r.bits32()) * uint64(n)
	if low := uint32(m); low < n {
		for t := -n % n; low < t; low = uint32(m) {
			m = uint64(r.bits32()) * uint64(n)
		}
	}
	return uint32(m >> 32)
}

// MaxBatch is the most numbers that one 64-bit draw is split into.
const MaxBatch = 8

// BatchSize is the number of draws below n that 64 bits give with hardly ever a
// second try: their product stays below 2^44.
func BatchSize(n int) int {
	k, prod := 0, 1.0
	for k < MaxBatch && prod*float64(n) < 0x1p44 {
		prod *= float64(n)
		k++
	}
	return max(k, 1)
}

// InChunks calls do for every chunk of total replicates on all cores and
// returns the context's error if it ended first. do handles [from, to).
func InChunks(ctx context.Context, total, chunk int, do func(id, from, to int)) error {
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
