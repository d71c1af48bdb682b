package num

import (
	"context"
	"errors"
	"math"
	"math/big"
	"slices"
	"sync"
)

// ErrTooLarge: the number of arrangements does not fit a float64, so that an
// exact distribution would overflow.
var ErrTooLarge = errors.New("too many arrangements for an exact distribution")

// SubsetSum is the exact distribution of the sum of m of N whole-number scores
// when every subset of size m is equally likely: the null distribution of a
// rank sum, given the ties. Its methods return numbers of subsets as floats,
// exact below 2^53, so that small p-values are exact quotients.
//
// Scores in arithmetic progression (ranks without ties) use the generating
// function of Harding (1984), doi 10.2307/2347656. Others use the shift
// algorithm of Streitberg and Röhmel (1986) on the lower and the upper half of
// the sorted scores separately; a tail is then a sum over the two halves, so
// that states of the whole set are never formed. Only positive terms are added:
// tiny tails keep their relative accuracy.
type SubsetSum struct {
	// Total is the number of subsets.
	Total float64

	base, step int // progression: sums are base + step·u, u = 0..len(cum)-1
	maxU       int
	cum        []float64 // progression: cum[u] subsets have at most the u-th sum, u ≤ maxU/2

	lower, upper *halfSums
	m            int
}

// halfSums holds, for every size k, the counts of sums of k of some scores.
type halfSums struct {
	kmin, kmax int
	base       []int       // smallest sum of size k
	width      []int       // number of sums of size k, from the smallest on
	w          [][]float64 // w[k][i]: subsets of size k with sum base[k]+i; nil until needed
	le, ge     [][]float64 // upper half: cumulated from below and from above
}

// NewSubsetSum returns the distribution of the sum of m of the scores, which
// it does not change. Work is of the order of (m·(N−m))²/6 times the scores'
// mean spacing; it ends early with the context's error.
func NewSubsetSum(ctx context.Context, scores []int, m int) (*SubsetSum, error) {
	n := len(scores)
	d := &SubsetSum{m: m}
	d.Total, _ = new(big.Float).SetInt(new(big.Int).Binomial(int64(n), int64(m))).Float64()
	if d.Total > 1e300 {
		return nil, ErrTooLarge
	}
	a := slices.Clone(scores)
	slices.Sort(a)
	if step, ok := progression(a); ok {
		return d, d.fillProgression(ctx, a[0], step, n)
	}
	// Without their common divisor the sums need fewer cells.
	g := 0
	for _, v := range a {
		g = gcd(g, v-a[0])
	}
	d.base, d.step = m*a[0], max(g, 1)
	for i := n - 1; i >= 0; i-- {
		a[i] = (a[i] - a[0]) / d.step
	}
	half := n / 2
	d.lower = newHalf(a[:half], max(0, m-(n-half)), min(m, half))
	d.upper = newHalf(a[half:], max(0, m-half), min(m, n-half))
	var err error
	if n < 32 { // a goroutine takes as long
		d.lower.fill(ctx, a[:half])
		err = d.upper.fill(ctx, a[half:])
	} else {
		var wg sync.WaitGroup
		var err1 error
		wg.Go(func() { err1 = d.lower.fill(ctx, a[:half]) })
		err = d.upper.fill(ctx, a[half:])
		wg.Wait()
		err = errors.Join(err, err1)
	}
	if err != nil {
		return nil, ctx.Err()
	}
	d.upper.accumulate(ctx)
	return d, ctx.Err()
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// progression reports whether sorted scores rise in equal, positive steps.
func progression(a []int) (step int, ok bool) {
	if len(a) < 2 {
		return 1, true
	}
	step = a[1] - a[0]
	for i := 1; i < len(a); i++ {
		if a[i]-a[i-1] != step {
			return 0, false
		}
	}
	return step, step > 0
}

// fillProgression computes the coefficients of the Gaussian binomial
// [n choose m] up to the middle; the rest is symmetric. Every intermediate
// polynomial is itself a Gaussian binomial [n−m+i choose i].
func (d *SubsetSum) fillProgression(ctx context.Context, a0, step, n int) error {
	m := min(d.m, n-d.m)
	d.step, d.maxU = step, m*(n-m)
	d.base = d.m*a0 + step*d.m*(d.m-1)/2
	c := make([]float64, d.maxU/2+1)
	c[0] = 1
	for i := 1; i <= m; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		// Only sums up to i·(n−m) exist so far.
		top := min(len(c)-1, i*(n-m))
		up := n - m + i
		for u := top; u >= up; u-- {
			c[u] -= c[u-up]
		}
		for u := i; u <= top; u++ {
			c[u] += c[u-i]
		}
	}
	for u := 1; u < len(c); u++ {
		c[u] += c[u-1]
	}
	d.cum = c
	return nil
}

func newHalf(a []int, kmin, kmax int) *halfSums {
	h := &halfSums{kmin: kmin, kmax: kmax, base: make([]int, kmax+1), width: make([]int, kmax+1), w: make([][]float64, kmax+1)}
	n, cells := len(a), 0
	lo, hi := 0, 0
	for k := 0; k <= kmax; k++ {
		h.base[k], h.width[k] = lo, hi-lo+1
		cells += h.width[k]
		if k < n {
			lo += a[k]
			hi += a[n-1-k]
		}
	}
	if cells < 1<<14 { // one piece of memory for small ones
		buf := make([]float64, cells)
		for k, w := range h.width {
			h.w[k], buf = buf[:w:w], buf[w:]
		}
	} else {
		h.w[0] = make([]float64, 1)
	}
	return h
}

// fill runs the shift algorithm over the sorted scores a.
func (h *halfSums) fill(ctx context.Context, a []int) error {
	n := len(a)
	h.w[0][0] = 1
	// top[k] is the largest sum of size k so far.
	top := make([]int, h.kmax+1)
	for i, v := range a {
		// Sizes that can no longer reach kmin are not carried on.
		for k := min(i+1, h.kmax); k >= max(1, h.kmin-(n-1-i)); k-- {
			src := h.w[k-1][:top[k-1]-h.base[k-1]+1]
			if len(src) > 1<<12 && k%8 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if h.w[k] == nil {
				h.w[k] = make([]float64, h.width[k])
			}
			off := v + h.base[k-1] - h.base[k]
			dst := h.w[k][off : off+len(src)]
			for s, c := range src {
				dst[s] += c
			}
			top[k] = top[k-1] + v
		}
	}
	return nil
}

func (h *halfSums) accumulate(ctx context.Context) {
	sizes := make([][]float64, 2*len(h.w))
	h.le, h.ge = sizes[:len(h.w)], sizes[len(h.w):]
	cells := 0
	for _, w := range h.w[h.kmin:] {
		cells += len(w)
	}
	buf := make([]float64, 2*cells)
	for k := h.kmin; k <= h.kmax && ctx.Err() == nil; k++ {
		w := h.w[k]
		le, ge := buf[:len(w):len(w)], buf[len(w):2*len(w):2*len(w)]
		buf = buf[2*len(w):]
		t := 0.0
		for i, c := range w {
			t += c
			le[i] = t
		}
		t = 0
		for i := len(w) - 1; i >= 0; i-- {
			t += w[i]
			ge[i] = t
		}
		h.le[k], h.ge[k] = le, ge
	}
}

// LE returns the number of subsets whose sum is at most c.
func (d *SubsetSum) LE(c int) float64 {
	u := floorDiv(c-d.base, d.step)
	if d.cum != nil {
		return d.cumLE(u)
	}
	t := 0.0
	for k := d.lower.kmin; k <= d.lower.kmax; k++ {
		r := d.m - k
		up := d.upper.le[r]
		last := len(up) - 1
		off := u - d.lower.base[k] - d.upper.base[r]
		for s, f := range d.lower.w[k] {
			if off-s < 0 {
				break
			}
			t += f * up[min(off-s, last)]
		}
	}
	return t
}

// GE returns the number of subsets whose sum is at least c.
func (d *SubsetSum) GE(c int) float64 {
	u := -floorDiv(d.base-c, d.step)
	if d.cum != nil {
		return d.cumLE(d.maxU - u)
	}
	t := 0.0
	for k := d.lower.kmin; k <= d.lower.kmax; k++ {
		r := d.m - k
		up := d.upper.ge[r]
		off := u - d.lower.base[k] - d.upper.base[r]
		w := d.lower.w[k]
		for s := max(0, off-len(up)+1); s < len(w); s++ {
			t += w[s] * up[max(off-s, 0)]
		}
	}
	return t
}

// EQ returns the number of subsets whose sum is c.
func (d *SubsetSum) EQ(c int) float64 {
	if (c-d.base)%d.step != 0 {
		return 0
	}
	u := (c - d.base) / d.step
	if d.cum != nil {
		if u = min(u, d.maxU-u); u < 0 {
			return 0
		}
		if u == 0 {
			return d.cum[0]
		}
		return d.cum[u] - d.cum[u-1]
	}
	t := 0.0
	for k := d.lower.kmin; k <= d.lower.kmax; k++ {
		r := d.m - k
		up := d.upper.w[r]
		off := u - d.lower.base[k] - d.upper.base[r]
		w := d.lower.w[k]
		for s := max(0, off-len(up)+1); s < len(w) && s <= off; s++ {
			t += w[s] * up[off-s]
		}
	}
	return t
}

func (d *SubsetSum) cumLE(u int) float64 {
	switch {
	case u < 0:
		return 0
	case u >= d.maxU:
		return d.Total
	case u < len(d.cum):
		return d.cum[u]
	default: // the complement is the smaller tail
		return d.Total - d.cum[d.maxU-u-1]
	}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}

// SignSum is the exact distribution of the sum of a random subset of
// whole-number scores, each kept with probability one half: the null
// distribution of a signed-rank sum. It is symmetric about half the scores'
// sum. Methods return numbers of subsets, exact below 2^53.
type SignSum struct {
	// Total is the number of subsets, 2^N.
	Total float64
	// Max is the sum of all scores.
	Max int
	cum []float64 // up to Max/2
}

// NewSignSum returns the distribution for scores ≥ 0, at most 1000 of them.
func NewSignSum(ctx context.Context, scores []int) (*SignSum, error) {
	if len(scores) > 1000 {
		return nil, ErrTooLarge
	}
	d := &SignSum{Total: math.Ldexp(1, len(scores))}
	a := slices.Clone(scores)
	slices.Sort(a)
	for _, v := range a {
		d.Max += v
	}
	c := make([]float64, d.Max/2+1)
	c[0] = 1
	top := 0
	for _, v := range a {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		top += v
		for s := min(top, len(c)-1); s >= v; s-- {
			c[s] += c[s-v]
		}
	}
	for s := 1; s < len(c); s++ {
		c[s] += c[s-1]
	}
	d.cum = c
	return d, nil
}

// LE returns the number of subsets whose sum is at most c.
func (d *SignSum) LE(c int) float64 {
	switch {
	case c < 0:
		return 0
	case c >= d.Max:
		return d.Total
	case c < len(d.cum):
		return d.cum[c]
	default:
		return d.Total - d.cum[d.Max-c-1]
	}
}

// GE returns the number of subsets whose sum is at least c.
func (d *SignSum) GE(c int) float64 { return d.LE(d.Max - c) }

// EQ returns the number of subsets whose sum is c.
func (d *SignSum) EQ(c int) float64 {
	if c = min(c, d.Max-c); c < 0 {
		return 0
	}
	if c == 0 {
		return d.cum[0]
	}
	return d.cum[c] - d.cum[c-1]
}
