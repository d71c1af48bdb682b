package resample

import (
	"math"
	"slices"
)

// sumRow is the distribution of a sum over a family of subsets: w[i] subsets
// have the i-th sum. A dense row holds every whole number from base upwards; a
// list row holds the sums that occur, sorted, in vals. Weights are counts,
// times a power of two where counts would overflow.
type sumRow struct {
	base float64   // dense: the sum of w[0]
	vals []float64 // list: the sums; nil marks a dense row
	w    []float64
	ge   []float64 // ge[i] = w[i] + w[i+1] + …; one longer than w
	le   []float64 // le[i] = w[0] + … + w[i−1]
}

// rowSet holds a row for every subset size; nil where the size cannot occur.
type rowSet []*sumRow

// accumulate fills ge and le. Both tails are summed from their own end, so
// that a tiny tail keeps its digits.
func (r *sumRow) accumulate() {
	if r == nil || r.ge != nil {
		return
	}
	n := len(r.w)
	buf := make([]float64, 2*(n+1))
	r.ge, r.le = buf[:n+1], buf[n+1:]
	for i := n - 1; i >= 0; i-- {
		r.ge[i] = r.ge[i+1] + r.w[i]
	}
	for i, x := range r.w {
		r.le[i+1] = r.le[i] + x
	}
}

func (r *sumRow) total() float64 {
	var t float64
	for _, x := range r.w {
		t += x
	}
	return t
}

// sumBudget limits the work and memory of an exact distribution.
type sumBudget struct {
	ops, cells float64
	stop       func() bool
}

// spend books work and cells and reports whether both are still affordable.
func (b *sumBudget) spend(ops, cells float64) bool {
	b.ops -= ops
	b.cells -= cells
	return b.ops >= 0 && b.cells >= 0 && !(b.stop != nil && b.stop())
}

// spendConvolve books the work of convolve: lists have to be sorted.
func (b *sumBudget) spendConvolve(x, y *sumRow) bool {
	prod := float64(len(x.w)) * float64(len(y.w))
	if x.vals != nil {
		return b.spend(20*prod, 2*prod)
	}
	return b.spend(prod, float64(len(x.w)+len(y.w)))
}

// scaleEvery is the number of items after which dense counts are multiplied by
// 2^−scaleEvery, which is exact and keeps them from overflowing.
const scaleEvery = 256

// denseRows returns the distribution of the sum of k of the whole numbers x
// (sorted ascending) for every k up to kmax. Counts are scaled by 2^−scaleEvery
// for every scaleEvery numbers. It is the shift algorithm of Streitberg &
// Röhmel (1986) on rows that grow only as far as the first i numbers reach.
func denseRows(x []float64, kmax int, b *sumBudget) (rowSet, bool) {
	n := len(x)
	ops, cells := denseWork(x, kmax, b.ops)
	if !b.spend(ops+cellWork*cells, cells) {
		return nil, false
	}
	pre := prefixSums(x)
	buf := make([]float64, int(cells))
	rows := make(rowSet, kmax+1)
	flat := make([]sumRow, kmax+1)
	at := 0
	for k := range rows {
		m := int(pre[n]-pre[n-k]-pre[k]) + 1
		flat[k] = sumRow{base: pre[k], w: buf[at : at+m : at+m]}
		rows[k] = &flat[k]
		at += m
	}
	rows[0].w[0] = 1
	for i, v := range x {
		for k := min(i+1, kmax); k >= 1; k-- {
			m := int(pre[i]-pre[i-k+1]-pre[k-1]) + 1 // sums of k−1 of the first i
			off := int(v - x[k-1])
			src := rows[k-1].w[:m]
			dst := rows[k].w[off : off+m]
			for s, c := range src {
				dst[s] += c
			}
		}
		if b.stop != nil && b.stop() {
			return nil, false
		}
		if (i+1)%scaleEvery == 0 {
			f := math.Ldexp(1, -scaleEvery)
			for s := range buf {
				buf[s] *= f
			}
		}
	}
	return rows, true
}

// cellWork is the work that each cell of dense rows means for the questions
// asked later, in additions: an interval asks some twenty times.
const cellWork = 20

// denseWork is the number of additions and cells of denseRows, or of a part of
// it that is more than most.
func denseWork(x []float64, kmax int, most float64) (ops, cells float64) {
	n := len(x)
	if float64(n)*float64(kmax)/2 > most { // the rows alone
		return math.Inf(1), math.Inf(1)
	}
	pre := prefixSums(x)
	for k := 0; k <= kmax; k++ {
		cells += pre[n] - pre[n-k] - pre[k] + 1
	}
	for i := n; i >= 1 && ops+cellWork*cells <= most; i-- { // the widest first
		for k := 0; k <= min(i, kmax); k++ {
			ops += pre[i] - pre[i-k] - pre[k] + 1
		}
	}
	return ops, cells
}

func prefixSums(x []float64) []float64 {
	pre := make([]float64, len(x)+1)
	for i, v := range x {
		pre[i+1] = pre[i] + v
	}
	return pre
}

// listRows returns the sums of k of x, sorted, for every k up to kmax, whatever
// the numbers: half of a full enumeration, by merging.
func listRows(x []float64, kmax int, b *sumBudget) (rowSet, bool) {
	n := len(x)
	var cells float64
	for k := 0; k <= min(kmax, n); k++ {
		cells += binomial(n, k)
	}
	if !b.spend(4*cells, cells) {
		return nil, false
	}
	rows := make(rowSet, kmax+1)
	rows[0] = &sumRow{vals: []float64{0}, w: []float64{1}}
	for i, v := range x {
		for k := min(i+1, kmax); k >= 1; k-- {
			rows[k] = mergeShifted(rows[k], rows[k-1], v)
		}
		if b.stop != nil && b.stop() {
			return nil, false
		}
	}
	return rows, true
}

// mergeShifted returns a ∪ (b + v), adding the weights of equal sums.
func mergeShifted(a, b *sumRow, v float64) *sumRow {
	na := 0
	if a != nil {
		na = len(a.vals)
	}
	nb := 0
	if b != nil {
		nb = len(b.vals)
	}
	buf := make([]float64, 2*(na+nb))
	vals, w := buf[:na+nb], buf[na+nb:]
	i, j, m := 0, 0, 0
	for i < na && j < nb {
		x, y := a.vals[i], b.vals[j]+v
		switch {
		case x < y:
			vals[m], w[m] = x, a.w[i]
			i++
		case x > y:
			vals[m], w[m] = y, b.w[j]
			j++
		default:
			vals[m], w[m] = x, a.w[i]+b.w[j]
			i++
			j++
		}
		m++
	}
	for ; i < na; i++ {
		vals[m], w[m] = a.vals[i], a.w[i]
		m++
	}
	for ; j < nb; j++ {
		vals[m], w[m] = b.vals[j]+v, b.w[j]
		m++
	}
	return &sumRow{vals: vals[:m], w: w[:m]}
}

// convolve returns the distribution of the sum of two independent rows.
func convolve(a, b *sumRow) *sumRow {
	if a.vals == nil {
		out := &sumRow{base: a.base + b.base, w: make([]float64, len(a.w)+len(b.w)-1)}
		for i, x := range a.w {
			if x == 0 {
				continue
			}
			dst := out.w[i : i+len(b.w)]
			for j, y := range b.w {
				dst[j] += x * y
			}
		}
		return out
	}
	if out := convolveWhole(a, b); out != nil {
		return out
	}
	type cell struct{ v, w float64 }
	cs := make([]cell, 0, len(a.w)*len(b.w))
	for i, x := range a.vals {
		for j, y := range b.vals {
			cs = append(cs, cell{x + y, a.w[i] * b.w[j]})
		}
	}
	slices.SortFunc(cs, func(p, q cell) int {
		switch {
		case p.v < q.v:
			return -1
		case p.v > q.v:
			return 1
		}
		return 0
	})
	out := &sumRow{}
	for _, c := range cs {
		if m := len(out.vals); m > 0 && out.vals[m-1] == c.v {
			out.w[m-1] += c.w
			continue
		}
		out.vals, out.w = append(out.vals, c.v), append(out.w, c.w)
	}
	return out
}

// convolveWhole is convolve for lists of whole numbers that lie so close that
// counting is less work than sorting, or nil.
func convolveWhole(a, b *sumRow) *sumRow {
	first := a.vals[0] + b.vals[0]
	span := a.vals[len(a.vals)-1] + b.vals[len(b.vals)-1] - first
	if span > 10*float64(len(a.w))*float64(len(b.w)) || !whole(a.vals) || !whole(b.vals) {
		return nil
	}
	at := make([]int, len(b.vals))
	for j, y := range b.vals {
		at[j] = int(y - b.vals[0])
	}
	count := make([]float64, int(span)+1)
	for i, x := range a.vals {
		dst := count[int(x-a.vals[0]):]
		for j, k := range at {
			dst[k] += a.w[i] * b.w[j]
		}
	}
	out := &sumRow{}
	for i, w := range count {
		if w > 0 {
			out.vals, out.w = append(out.vals, first+float64(i)), append(out.w, w)
		}
	}
	return out
}

func whole(x []float64) bool {
	for _, v := range x {
		if v != math.Trunc(v) {
			return false
		}
	}
	return true
}

// addRows returns the mixture a + b; either may be nil.
func addRows(a, b *sumRow) *sumRow {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.vals != nil:
		return mergeShifted(a, b, 0)
	}
	lo := math.Min(a.base, b.base)
	hi := math.Max(a.base+float64(len(a.w)), b.base+float64(len(b.w)))
	out := &sumRow{base: lo, w: make([]float64, int(hi-lo))}
	for i, x := range a.w {
		out.w[i+int(a.base-lo)] += x
	}
	for i, x := range b.w {
		out.w[i+int(b.base-lo)] += x
	}
	return out
}

// joinSets returns the distribution of the sum for the union of two
// independent families, by total subset size.
func joinSets(a, b rowSet, bud *sumBudget) (rowSet, bool) {
	if a == nil {
		return b, true
	}
	out := make(rowSet, len(a)+len(b)-1)
	for i, ra := range a {
		if ra == nil {
			continue
		}
		for j, rb := range b {
			if rb == nil {
				continue
			}
			if !bud.spendConvolve(ra, rb) {
				return nil, false
			}
			out[i+j] = addRows(out[i+j], convolve(ra, rb))
		}
	}
	out.rescale()
	return out, true
}

// rescale keeps the counts of many joined blocks from overflowing; a power of
// two changes no digit.
func (s rowSet) rescale() {
	top := 0.0
	for _, r := range s {
		if r != nil {
			top = math.Max(top, slices.Max(r.w))
		}
	}
	if top < 0x1p200 {
		return
	}
	for _, r := range s {
		if r != nil {
			for i := range r.w {
				r.w[i] *= 0x1p-200
			}
		}
	}
}

// size is the number of cells of the set.
func (s rowSet) size() int {
	n := 0
	for _, r := range s {
		if r != nil {
			n += len(r.w)
		}
	}
	return n
}

// pairGE returns the weight of pairs whose sums add up to at least x, where a
// sum short of x by no more than tol counts.
func pairGE(l, r *sumRow, x, tol float64) float64 {
	var t float64
	nl, nr := len(l.w), len(r.w)
	if l.vals == nil {
		// Right index must be at least j for left index 0, one less for each further.
		j := math.Ceil(x-tol) - l.base - r.base
		if j <= 0 {
			return l.le[nl] * r.ge[0]
		}
		if j > float64(nl+nr-2) {
			return 0
		}
		j0 := int(j)
		first := max(0, j0-nr) // below, no right sum is large enough
		for i := first; i < min(nl, j0); i++ {
			t += l.w[i] * r.ge[j0-i]
		}
		if j0 < nl {
			t += l.ge[j0] * r.ge[0]
		}
		return t
	}
	j := nr
	for i := range nl {
		need := x - tol - l.vals[i]
		for j > 0 && r.vals[j-1] >= need {
			j--
		}
		t += l.w[i] * r.ge[j]
	}
	return t
}

// pairLE is pairGE for sums of at most x.
func pairLE(l, r *sumRow, x, tol float64) float64 {
	var t float64
	nl, nr := len(l.w), len(r.w)
	if l.vals == nil {
		j := math.Floor(x+tol) - l.base - r.base // right index at most j − i
		if j < 0 {
			return 0
		}
		if j >= float64(nl+nr-2) {
			return l.le[nl] * r.ge[0]
		}
		j0 := int(j)
		full := max(0, j0-nr+1) // left indices below accept every right sum
		full = min(full, nl)
		t = l.le[full] * r.ge[0]
		for i := full; i < min(nl, j0+1); i++ {
			t += l.w[i] * r.le[j0-i+1]
		}
		return t
	}
	j := nr
	for i := range nl {
		most := x + tol - l.vals[i]
		for j > 0 && r.vals[j-1] > most {
			j--
		}
		t += l.w[i] * r.le[j]
	}
	return t
}

// pairNear returns a sum of the pair within tol of x.
func pairNear(l, r *sumRow, x, tol float64) (float64, bool) {
	if l.vals == nil {
		s := math.Round(x)
		return s, math.Abs(s-x) <= tol
	}
	j := len(r.vals)
	for i := range l.vals {
		for j > 0 && l.vals[i]+r.vals[j-1] >= x-tol {
			j--
		}
		if j < len(r.vals) {
			if s := l.vals[i] + r.vals[j]; s <= x+tol {
				return s, true
			}
		}
	}
	return 0, false
}

// binomial is C(n, k), exact below 2^53 and rounded beyond.
func binomial(n, k int) float64 {
	if k < 0 || k > n {
		return 0
	}
	k = min(k, n-k)
	c := 1.0
	for i := 1; i <= k; i++ {
		c = c * float64(n-k+i) / float64(i)
		if c < 1<<53 {
			c = math.Round(c)
		}
	}
	return c
}
