package resample

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/trialkit/trialkit/stats/internal/draws"
)

// medianArrangements are the arrangements of a difference in medians. A null
// value moves the truly treated as a whole, so that both arms stay in order and
// only the merged order changes.
type medianArrangements struct {
	n1, n0 int
	v      []float64 // the truly treated in order, then the controls in order
	place  []int     // of each participant in v

	// Who is treated, a bit for each place, and the number treated before each
	// word. Where there are marks instead, arrangements are told apart only by
	// them: the places in the merged order that the medians take.
	words  int
	masks  []uint64
	before []uint32
	marks  [][4]int32
}

func newMedianArrangements(v []float64, treated []bool, unit float64) *medianArrangements {
	n := len(v)
	a := &medianArrangements{place: make([]int, n), words: n/64 + 1}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case treated[i] != treated[j]:
			if treated[i] {
				return -1
			}
			return 1
		case v[i] < v[j]:
			return -1
		case v[i] > v[j]:
			return 1
		}
		return 0
	})
	for at, i := range order {
		a.place[i] = at
		a.v = append(a.v, v[i]*unit)
		if treated[i] {
			a.n1++
		}
	}
	a.n0 = n - a.n1
	return a
}

// room makes room for m arrangements, and returns m.
func (a *medianArrangements) room(m int) int {
	a.masks = make([]uint64, m*a.words)
	if a.words > 1 {
		a.before = make([]uint32, m*a.words)
	}
	return m
}

// cellBits places share a cell, whose bits add up exactly in a float64.
const cellBits = 32

// cells hold each participant's bit.
func (a *medianArrangements) cells() [][]float64 {
	out := make([][]float64, len(a.v))
	for i, at := range a.place {
		out[i] = make([]float64, 2*a.words)
		out[i][at/cellBits] = math.Ldexp(1, at%cellBits)
	}
	return out
}

func (a *medianArrangements) keep(k int, sum []float64) {
	mask := a.masks[k*a.words:][:a.words]
	for j := range mask {
		mask[j] = uint64(sum[2*j]) | uint64(sum[2*j+1])<<cellBits
	}
	a.index(k)
}

// index counts the treated before each word.
func (a *medianArrangements) index(k int) {
	if a.before == nil {
		return
	}
	var c uint32
	for j := k * a.words; j < (k+1)*a.words; j++ {
		a.before[j] = c
		c += uint32(bits.OnesCount64(a.masks[j]))
	}
}

// draw fills the room with random arrangements.
func (a *medianArrangements) draw(ctx context.Context, blocks []labelBlock, seed uint64) error {
	var subsets []*subsetDraw
	for _, b := range blocks {
		subsets = append(subsets, newSubsetDraw(permScores{v: make([]float64, len(b.rows)), nt: b.pick}))
	}
	return draws.InChunks(ctx, len(a.masks)/a.words, draws.Chunk, func(id, from, to int) {
		r := draws.New(seed, id)
		for b, d := range subsets {
			words := make([]uint64, len(d.truth))
			for k := from; k < to; k++ {
				d.draw(r, words)
				mask := a.masks[k*a.words:][:a.words]
				for j, w := range words {
					if d.flip {
						w = ^w
						if j == len(words)-1 {
							w &= d.last
						}
					}
					for ; w != 0; w &= w - 1 {
						at := a.place[blocks[b].rows[64*j+bits.TrailingZeros64(w)]]
						mask[at/64] |= 1 << (at % 64)
					}
				}
			}
		}
		for k := from; k < to; k++ {
			a.index(k)
		}
	})
}

// places lists where the medians of all arrangements without blocks can lie in
// the merged order, and returns the number of arrangements of each. In that
// order an arrangement is a path that goes right for a treated and up for a
// control: a median is a step from a known column or row, and between two such
// steps the path is free.
func (a *medianArrangements) places() (weight []float64) {
	lo1, hi1, lo0, hi0 := (a.n1-1)/2, a.n1/2, (a.n0-1)/2, a.n0/2
	type step struct{ x, y, right int }
	ways := func(s [4]step) float64 {
		// Steps are taken in the order of their places; of two at one place, only
		// the same step twice is possible.
		slices.SortFunc(s[:], func(p, q step) int { return p.x + p.y - q.x - q.y })
		w, x, y := 1.0, 0, 0
		for i, p := range s {
			if i > 0 && p == s[i-1] {
				continue
			}
			if p.x < x || p.y < y {
				return 0
			}
			w *= binomial(p.x-x+p.y-y, p.x-x)
			x, y = p.x+p.right, p.y+1-p.right
		}
		return w * binomial(a.n1-x+a.n0-y, a.n1-x)
	}
	last := func(from, to int, one bool) int {
		if one {
			return from
		}
		return to
	}
	for y := 0; y <= a.n0; y++ {
		for yy := y; yy <= last(y, a.n0, lo1 == hi1); yy++ {
			for x := 0; x <= a.n1; x++ {
				// Which step comes first shows in its column and in its row.
				if (x <= lo1) != (y > lo0) || (x <= hi1) != (yy > lo0) {
					continue
				}
				for xx := x; xx <= last(x, a.n1, lo0 == hi0); xx++ {
					w := ways([4]step{{lo1, y, 1}, {hi1, yy, 1}, {x, lo0, 0}, {xx, hi0, 0}})
					if w > 0 {
						weight = append(weight, w)
						a.marks = append(a.marks, [4]int32{int32(lo1 + y), int32(hi1 + yy), int32(x + lo0), int32(xx + hi0)})
					}
				}
			}
		}
	}
	return weight
}

// at is what refitTest asks.
func (a *medianArrangements) at(null float64) (float64, func(int) float64, float64) {
	n := len(a.v)
	value := make([]float64, n) // in the merged order
	who := make([]int, n)       // their places in v
	treated := make([]int, n+1) // the truly treated among the first m
	i, j := 0, a.n1
	for m := range n {
		var x, y float64
		if i < a.n1 {
			x = a.v[i] - null
		}
		if j < n {
			y = a.v[j]
		}
		if j == n || i < a.n1 && x <= y {
			value[m], who[m] = x, i
			i++
		} else {
			value[m], who[m] = y, j
			j++
		}
		treated[m+1] = i
	}
	lo1, hi1, lo0, hi0 := (a.n1-1)/2, a.n1/2, (a.n0-1)/2, a.n0/2
	middle := func(lo, hi float64, one bool) float64 {
		if one {
			return lo
		}
		return (lo + hi) / 2
	}
	own := func(k int) float64 {
		if k < a.n1 {
			return a.v[k] - null
		}
		return a.v[k]
	}
	obs := middle(own(lo1), own(hi1), lo1 == hi1) - middle(own(a.n1+lo0), own(a.n1+hi0), lo0 == hi0)
	tol := 1e-12 * math.Max(math.Abs(value[0]), math.Abs(value[n-1]))
	if a.marks != nil {
		return obs, func(k int) float64 {
			m := a.marks[k]
			return middle(value[m[0]], value[m[1]], lo1 == hi1) - middle(value[m[2]], value[m[3]], lo0 == hi0)
		}, tol
	}
	// pair returns the values lo and hi of an arm of size of.
	pair := func(k, lo, hi, of int, flip uint64) (float64, float64) {
		mask := a.masks[k*a.words:][:a.words]
		var before []uint32
		if a.before != nil {
			before = a.before[k*a.words:][:a.words]
		}
		rank := func(at int) int {
			c := bits.OnesCount64(mask[at>>6] & (1<<(at&63) - 1))
			if before != nil {
				c += int(before[at>>6])
			}
			return c
		}
		in := func(m int) bool {
			at := who[m]
			return (mask[at>>6]>>(at&63)^flip)&1 == 1
		}
		first := rank(a.n1)
		m, c := (2*lo+1)*n/(2*of), 0
		for try := 0; ; try++ {
			// Of the first m, c are in the arm.
			t := treated[m]
			c = rank(t) + rank(a.n1+m-t) - first
			if flip == 1 {
				c = m - c
			}
			if d := lo - c; try == 8 || d >= -4 && d <= 4 {
				break
			} else {
				m = min(max(m+d*n/of, 0), n)
			}
		}
		for c > lo {
			if m--; in(m) {
				c--
			}
		}
		for ; c < lo || !in(m); m++ {
			if in(m) {
				c++
			}
		}
		x := value[m]
		if hi != lo {
			for m++; !in(m); {
				m++
			}
		}
		return x, value[m]
	}
	return obs, func(k int) float64 {
		x1, y1 := pair(k, lo1, hi1, a.n1, 0)
		x0, y0 := pair(k, lo0, hi0, a.n0, 1)
		return middle(x1, y1, lo1 == hi1) - middle(x0, y0, lo0 == hi0)
	}, tol
}
