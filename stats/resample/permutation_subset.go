package resample

import (
	"math"
	"math/bits"

	"github.com/trialkit/trialkit/stats/internal/draws"
)

// subsetDraw draws uniformly among the subsets of one size of a block's values
// and gives their sum. Each value is first in the subset or not by the toss of
// a coin, 64 values a word, whose sums come from tables of four values; given
// its size such a subset is uniform. Then values chosen at random leave or join
// it until the size is right, which keeps it so. A draw from n values costs n/64
// words and √n single choices, where a shuffle costs n.
type subsetDraw struct {
	v     []float64
	truth []uint64      // the truly treated
	sums  [][16]float64 // of the subsets of values 4i to 4i+3
	size  int           // of the smaller arm, which is drawn
	// The coin's chance is chance/2^digits, close to the size's share of all.
	chance, digits uint
	last           uint64 // the values in the last word
	flip           bool   // the smaller arm is the control arm
	total          float64
	treated        int
}

func newSubsetDraw(b permScores) *subsetDraw {
	n := b.n()
	d := &subsetDraw{v: b.v, treated: b.nt, size: b.nt, truth: make([]uint64, (n+63)/64)}
	d.sums = make([][16]float64, 16*len(d.truth))
	d.last = ^uint64(0) >> (63 - (n-1)%64)
	for i, v := range b.v {
		d.total += v
		if i < b.nt {
			d.truth[i/64] |= 1 << (i % 64)
		}
		for set := range 16 {
			if set>>(i%4)&1 == 1 {
				d.sums[i/4][set] += v
			}
		}
	}
	if 2*b.nt > n {
		d.size, d.flip = n-b.nt, true
	}
	// Five digits leave few values to be moved.
	d.chance, d.digits = uint(math.Round(32*float64(d.size)/float64(n))), 5
	for d.chance%2 == 0 && d.digits > 0 {
		d.chance, d.digits = d.chance/2, d.digits-1
	}
	return d
}

// toss is a word of 64 tosses of the coin: with one more digit of the chance,
// from the last to the first, a toss is an even one or else (digit 1) or and
// (digit 0) the toss so far.
func (d *subsetDraw) toss(r *draws.Rand) uint64 {
	var w uint64
	for i := range d.digits {
		if d.chance>>i&1 == 1 {
			w |= r.Src.Uint64()
		} else {
			w &= r.Src.Uint64()
		}
	}
	return w
}

// draw returns the sum of the arm "treated" of one arrangement and the number
// of truly treated in it. words holds the subset.
func (d *subsetDraw) draw(r *draws.Rand, words []uint64) (sum float64, kept int) {
	count := 0
	var s0, s1 float64
	for i := range words {
		w := d.toss(r)
		if i == len(words)-1 {
			w &= d.last
		}
		words[i] = w
		count += bits.OnesCount64(w)
		sums := d.sums[16*i:][:16]
		for j := 0; w != 0; j += 2 {
			s0 += sums[j&15][w&15]
			s1 += sums[(j+1)&15][w>>4&15]
			w >>= 8
		}
	}
	sum = s0 + s1
	for n := uint32(len(d.v)); count != d.size; {
		i := r.Below(n)
		in := words[i/64]>>(i%64)&1 == 1
		if in == (count < d.size) {
			continue // chosen among those outside to join, among those inside to leave
		}
		words[i/64] ^= 1 << (i % 64)
		if in {
			count--
			sum -= d.v[i]
		} else {
			count++
			sum += d.v[i]
		}
	}
	for i, w := range words {
		kept += bits.OnesCount64(w & d.truth[i])
	}
	if d.flip {
		return d.total - sum, d.treated - kept
	}
	return sum, kept
}
