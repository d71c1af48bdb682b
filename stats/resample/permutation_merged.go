package resample

import (
	"context"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
)

// NotePermMerged: p and interval of a permutation test come from counting
// arrangements, of which those with nearly equal sums are taken for one. Args:
// error and share, as in NotePermApprox.
const NotePermMerged = "permutation-merged"

func mergedNote() stats.Note {
	return stats.Note{Code: NotePermMerged, Args: map[string]any{"error": approxFixed, "share": approxShare}}
}

const (
	// mergeFine is the number of cells in a standard deviation of the statistic,
	// with 30 against 30; fewer participants can have finer ones. Sums within a cell
	// are counted as one, their mean. What is lost is the variance within cells,
	// h²/12 for each number added: 1 in 8,000 of the statistic's, which changes a p
	// above 1e-4 by less than a thousandth of it.
	mergeFine = 200
	// mergeFrom is the length up to which a row is kept as it is.
	mergeFrom = 700
	// mergeHeavy is the most that a cell of different sums weighs, as a share of what
	// lies beyond it on the nearer side of its row, and mergeLight one that any cell
	// may weigh, as a share of the row: sums that many subsets share, as among tied
	// values, stay apart, for an observed sum may lie between them.
	mergeHeavy = 0.015
	mergeLight = 1e-5
	// mergeShare is the share of all arrangements up to which neighboring sums of
	// a finished row are joined, however far they are apart.
	mergeShare = 1e-6
	// mergeMost bounds the sums merged: some twenty nanoseconds each, with the
	// questions asked afterwards.
	mergeMost = 8e6
)

// merger adds numbers to rows of sums in which sums within h are joined, or
// within equal where the row is short. (Rounding separates equal sums.)
type merger struct {
	h, equal float64
	last     bool    // only the last row is asked for
	left     float64 // sums that may still be merged
	stop     func() bool

	vals, w       []float64 // the row that is being made
	first, beyond float64   // the last cell's first sum, and the others less it, weighted
	width         float64   // of a cell of this row
	total, passed float64   // weight of this row, and of its sums so far
}

// rows are listRows with sums joined.
func (m *merger) rows(v []float64, kmax int) (rowSet, bool) {
	x := slices.Clone(v)
	slices.Sort(x) // so that rows grow late
	rows := make(rowSet, min(kmax, len(x))+1)
	for k := range rows {
		rows[k] = &sumRow{}
	}
	rows[0] = &sumRow{vals: []float64{0}, w: []float64{1}}
	for i, v := range x {
		least := 1
		if m.last { // smaller rows no longer reach the last
			least = max(1, len(rows)-len(x)+i)
		}
		for k := min(i+1, len(rows)-1); k >= least; k-- {
			m.left -= float64(len(rows[k].w) + len(rows[k-1].w))
			m.total, m.passed = binomial(i+1, k), 0
			m.add(rows[k], rows[k-1], v)
		}
		if m.left < 0 || m.stop() {
			return nil, false
		}
	}
	return rows, true
}

// add makes a ∪ (b + v) of a.
func (m *merger) add(a, b *sumRow, v float64) {
	m.vals, m.w, m.width = m.vals[:0], m.w[:0], m.h
	if len(a.w)+len(b.w) <= mergeFrom {
		m.width = 0
	}
	i, j := 0, 0
	for i < len(a.vals) || j < len(b.vals) {
		if j == len(b.vals) || (i < len(a.vals) && a.vals[i] <= b.vals[j]+v) {
			m.put(a.vals[i], a.w[i])
			i++
		} else {
			m.put(b.vals[j]+v, b.w[j])
			j++
		}
	}
	m.close()
	a.vals, a.w = append(a.vals[:0], m.vals...), append(a.w[:0], m.w...)
}

// put adds a sum that is not below those before it.
func (m *merger) put(x, w float64) {
	if last := len(m.vals) - 1; last >= 0 {
		if d := x - m.first; d <= m.equal || (d <= m.width && m.w[last]+w <= m.most()) {
			m.w[last] += w
			m.passed += w
			m.beyond += d * w
			return
		}
		m.close()
	}
	m.first, m.beyond = x, 0
	m.passed += w
	m.vals, m.w = append(m.vals, x), append(m.w, w)
}

// most is what a cell of different sums may weigh at this place of the row.
func (m *merger) most() float64 {
	return max(mergeLight*m.total, mergeHeavy*min(m.passed, m.total-m.passed))
}

// close moves the last cell to the mean of its sums.
func (m *merger) close() {
	if last := len(m.vals) - 1; last >= 0 && m.beyond != 0 {
		m.vals[last] = m.first + m.beyond/m.w[last]
	}
}

// thin joins neighboring sums of a finished long row that weigh at most most.
func (r *sumRow) thin(most float64) {
	if len(r.w) <= mergeFrom/2 {
		return
	}
	k := -1
	for i, w := range r.w {
		if k >= 0 && r.w[k]+w <= most {
			r.vals[k] += (r.vals[i] - r.vals[k]) * w / (r.w[k] + w)
			r.w[k] += w
			continue
		}
		k++
		r.vals[k], r.w[k] = r.vals[i], w
	}
	r.vals, r.w = r.vals[:k+1], r.w[:k+1]
}

// newMerger is for sums of which pick of the values are drawn, or each with
// chance one half where pick is negative.
func newMerger(ctx context.Context, v []float64, pick int) *merger {
	m := &merger{left: mergeMost, stop: func() bool { return ctx.Err() != nil }}
	for _, x := range v {
		m.equal += 1e-13 * math.Abs(x)
	}
	n := float64(len(v))
	pairs := n * n / 4
	if pick >= 0 {
		pairs = float64(pick) * (n - float64(pick))
	}
	finer := min(4, max(0.6, math.Pow(900/pairs, 0.75)))
	m.h = bulkSD(v) * math.Sqrt(pairs/n) / (mergeFine * finer)
	return m
}

// mergedMeans is pairMeans for one block with nearly equal sums taken for one,
// or nil where even these are too many. Every distribution is that of sums of
// some arrangements, so that p-value and interval agree as exact ones do.
func mergedMeans(ctx context.Context, b permScores) *permDist {
	if logArrangements([]permScores{b}) > 600 {
		return nil // beyond float64
	}
	m := newMerger(ctx, b.v, b.nt)
	keep, ok := m.rows(b.v[:b.nt], b.nt)
	if !ok {
		return nil
	}
	gain, ok := m.rows(b.v[b.nt:], b.nt)
	if !ok {
		return nil
	}
	most := mergeShare * binomial(b.n(), b.nt)
	d := &permDist{span: slices.Max(b.v) - slices.Min(b.v)}
	for k := range keep {
		if j := b.nt - k; j < len(gain) {
			keep[k].thin(most / binomial(b.n()-b.nt, j))
			gain[j].thin(most / binomial(b.nt, k))
			d.add(keep[k], gain[j], k)
		}
	}
	return d
}

// mergedSigns is the like for the differences that keep their sign.
func mergedSigns(ctx context.Context, v []float64) *permDist {
	if len(v) > 900 {
		return nil
	}
	rows, ok := newMerger(ctx, v, -1).rows(v, len(v))
	if !ok {
		return nil
	}
	d := &permDist{span: slices.Max(v) - slices.Min(v)}
	zero := &sumRow{vals: []float64{0}, w: []float64{1}}
	for k, r := range rows {
		r.thin(mergeShare * math.Ldexp(1, len(v)))
		d.add(zero, r, k)
	}
	return d
}

// bulkSD is a standard deviation that a few outliers do not raise: that of
// the middle three quarters of the values, or of all where these are equal.
func bulkSD(v []float64) float64 {
	s := slices.Clone(v)
	slices.Sort(s)
	cut := len(s) / 8
	if mid := plainSD(s[cut : len(s)-cut]); mid > 0 {
		return 1.5 * mid
	}
	return plainSD(s) / 10
}

func plainSD(x []float64) float64 {
	var mean, ss float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		ss += (v - mean) * (v - mean)
	}
	return math.Sqrt(ss / float64(len(x)))
}
