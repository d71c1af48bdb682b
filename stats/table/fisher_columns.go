package table

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"
	"sync/atomic"

	"github.com/trialkit/trialkit/stats/internal/draws"
)

// This file ends the network of fisher_rxc.go: its last two columns, and the tables drawn where
// it is given up.

// negligible is the log of the share of the observed table's own probability below which
// a group of tables is left out: with 10¹⁰ of them p keeps 15 digits.
const negligible = -60

// lastTwo sums the tables that fill the last two columns with a state's rows. Along a line of
// tables, on which two rows exchange what the others leave them, s is concave: those that count
// stand at its ends.
func (f *fisherNetwork) lastTwo(nd *fisherNode) float64 {
	rem, r := nd.rem, len(nd.rem)
	need := f.cols[len(f.cols)-2]
	// past is sorted: a table counts with those up to limit − s.
	top := nd.past[len(nd.past)-1].s
	sums, sum := make([]float64, len(nd.past)+1), 0.0
	for i, w := range nd.past {
		sum += w.weight * math.Exp(w.s-top)
		sums[i+1] = sum
	}
	scale := top + f.constant
	most := f.limit - nd.past[0].s // beyond it none counts
	// Of s below floor tables are left out, as observed's log probability is limit + constant.
	floor := f.limit + negligible - top - math.Log(sum)
	lf := f.log
	last, other := rem[r-1], rem[r-2]
	rest := make([]int, r+1) // capacity of rows i …
	for i := r - 1; i >= 0; i-- {
		rest[i] = rest[i+1] + rem[i]
	}
	// all is the log of Σ Π 1/cell! over the ways of rows i …
	fixed := make([]float64, r+1)
	for i := r - 1; i >= 0; i-- {
		fixed[i] = fixed[i+1] - lf[rem[i]]
	}
	all := func(i, need int) float64 { return fixed[i] + lf[rest[i]] - lf[need] - lf[rest[i]-need] }
	p := 0.0
	take := func(s float64) {
		j := len(nd.past)
		if s > f.limit-top {
			j = sort.Search(j, func(i int) bool { return s > f.limit-nd.past[i].s })
		}
		p += sums[j] * math.Exp(s+scale)
	}
	line := func(q int, before float64) {
		at := func(k int) float64 { return before - lf[k] - lf[other-k] - lf[q-k] - lf[last-q+k] }
		lo, hi := max(0, q-last), min(q, other)
		mode := min(hi, max(lo, int(float64(other+1)*float64(q+1)/float64(other+last+2))))
		k := lo + sort.Search(mode-lo, func(i int) bool { return at(lo+i) >= floor })
		for ; k <= mode; k++ {
			s := at(k)
			f.took(1)
			if s > most {
				break
			}
			take(s)
		}
		k = hi - sort.Search(hi-mode, func(i int) bool { return at(hi-i) >= floor })
		for ; k > mode; k-- {
			s := at(k)
			f.took(1)
			if s > most {
				break
			}
			take(s)
		}
	}
	var walk func(i, need int, s float64)
	walk = func(i, need int, s float64) {
		if f.took(4); f.stopped() || s+all(i, need) < floor {
			return
		}
		if i == r-2 {
			line(need, s)
			return
		}
		for k := max(0, need-rest[i+1]); k <= min(need, rem[i]); k++ {
			walk(i+1, need-k, s-lf[k]-lf[rem[i]-k])
		}
	}
	walk(0, need, 0)
	return p
}

// mostOfTwo is the largest s of the last two columns. The cells' logarithms are concave, so
// that a table which no exchange between two rows improves is the likeliest.
func (f *fisherNetwork) mostOfTwo(rem []int) float64 {
	need, n := f.cols[len(f.cols)-2], 0
	for _, r := range rem {
		n += r
	}
	k, left := make([]int, len(rem)), need
	for i, r := range rem {
		k[i] = int(float64(r) * float64(need) / float64(n))
		left -= k[i]
	}
	// gain is by how much one more in the first column multiplies the probability.
	gain := func(i int) float64 { return float64(rem[i]-k[i]) / float64(k[i]+1) }
	best := func() (up, down int) { // the row to add to, and to take from
		up, down = -1, -1
		for i := range k {
			if k[i] < rem[i] && (up < 0 || gain(i) > gain(up)) {
				up = i
			}
			if k[i] > 0 && (down < 0 || loss(rem[i], k[i]) < loss(rem[down], k[down])) {
				down = i
			}
		}
		return up, down
	}
	for ; left > 0; left-- {
		up, _ := best()
		k[up]++
	}
	for {
		up, down := best()
		if up < 0 || down < 0 || gain(up) <= loss(rem[down], k[down])*(1+1e-12) {
			break
		}
		k[up]++
		k[down]--
	}
	s := 0.0
	for i, r := range rem {
		s -= f.log[k[i]] + f.log[r-k[i]]
	}
	return s
}

// loss is what the last of k in the first column multiplied the probability by.
func loss(rem, k int) float64 { return float64(rem-k+1) / float64(k) }

// leastOfTwo is the smallest s of the last two columns, or of many rows less than it. The
// unlikeliest table is a vertex: every row but one stands in one column.
func (f *fisherNetwork) leastOfTwo(rem []int) float64 {
	need, n := f.cols[len(f.cols)-2], 0
	whole := 0.0
	for _, r := range rem {
		n += r
		whole -= f.log[r]
	}
	if len(rem) > 8 {
		return math.Max(whole, -f.log[need]-f.log[n-need])
	}
	lo := math.Inf(1)
	for set := range 1 << len(rem) {
		first := 0
		for i, r := range rem {
			first += set >> i & 1 * r
		}
		for i, r := range rem { // in the first column are the set's rows and k of row i
			if k := need - first; set>>i&1 == 0 && k >= 0 && k <= r {
				lo = math.Min(lo, whole+f.log[r]-f.log[k]-f.log[r-k])
			}
		}
	}
	return lo
}

// drawn is the p-value from tables drawn at random with the margins, column by column,
// each cell from its hypergeometric distribution given those before.
func (f *fisherNetwork) drawn(replicates int, seed uint64) float64 {
	var hits atomic.Int64
	_ = draws.InChunks(context.Background(), replicates, 16*draws.Chunk, func(id, from, to int) {
		rng := rand.New(rand.NewPCG(seed, uint64(id)*0x9e3779b97f4a7c15+0x6668))
		left := make([]int, len(f.rows))
		b := 0
		for range to - from {
			copy(left, f.rows)
			n, s := len(f.log)-1, 0.0
			for _, c := range f.cols {
				rest, need := n, c
				for i, l := range left {
					k := f.hypergeometric(rng.Float64(), rest, l, need)
					s -= f.log[k]
					rest, need = rest-l, need-k
					left[i] = l - k
				}
				n -= c
			}
			if s <= f.limit {
				b++
			}
		}
		hits.Add(int64(b))
	})
	return float64(hits.Load()+1) / float64(replicates+1)
}

// hypergeometric is the number of marked among the drawn of n, by inversion of u outward from
// the mode.
func (f *fisherNetwork) hypergeometric(u float64, n, marked, drawn int) int {
	lo, hi := max(0, drawn+marked-n), min(drawn, marked)
	if lo == hi {
		return lo
	}
	lf := f.log
	mode := min(hi, max(lo, int(float64(drawn+1)*float64(marked+1)/float64(n+2))))
	p := math.Exp(lf[marked] - lf[mode] - lf[marked-mode] + lf[n-marked] - lf[drawn-mode] - lf[n-marked-drawn+mode] - lf[n] + lf[drawn] + lf[n-drawn])
	if u -= p; u < 0 {
		return mode
	}
	up, down, above, below := mode, mode, p, p
	for up < hi || down > lo {
		if up < hi {
			above *= float64(marked-up) * float64(drawn-up) / (float64(up+1) * float64(n-marked-drawn+up+1))
			up++
			if u -= above; u < 0 {
				return up
			}
		}
		if down > lo {
			below *= float64(down) * float64(n-marked-drawn+down) / (float64(marked-down+1) * float64(drawn-down+1))
			down--
			if u -= below; u < 0 {
				return down
			}
		}
	}
	return mode // rounding left a hair of u
}
