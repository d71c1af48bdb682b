package stats

import (
	"context"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// shiftData holds the sorted samples of a rank-sum test.
type shiftData struct {
	x, y []float64
	opt  RankOptions
	inv  *inversion
}

func (d *shiftData) differences() ([]float64, float64) {
	out := make([]float64, 0, len(d.x)*len(d.y))
	for _, a := range d.x {
		for _, b := range d.y {
			out = append(out, a-b)
		}
	}
	return out, max(math.Abs(d.x[0]), math.Abs(d.x[len(d.x)-1]), math.Abs(d.y[0]), math.Abs(d.y[len(d.y)-1]))
}

// counts returns twice U and the doubled mid-ranks of x and y when x is shifted
// against y: x lies below y if the difference is below lo, above if it is above
// hi, and is tied in between; lo > hi stands for the gap (hi, lo).
func (d *shiftData) counts(lo, hi float64) (u2 int, a, b []int) {
	buf := make([]int, len(d.x)+len(d.y))
	a, b = buf[:len(d.x):len(d.x)], buf[len(d.x):]
	ownRanks(d.x, a)
	ownRanks(d.y, b)
	above, notBelow := 0, 0 // control values that x lies above, or not below
	for i, v := range d.x {
		for above < len(d.y) && v-d.y[above] > hi {
			above++
		}
		for notBelow < len(d.y) && v-d.y[notBelow] >= lo {
			notBelow++
		}
		u2 += above + notBelow
		a[i] += above + notBelow
	}
	below, notAbove := 0, 0 // treated values below y, or not above
	for j, v := range d.y {
		for below < len(d.x) && d.x[below]-v < lo {
			below++
		}
		for notAbove < len(d.x) && d.x[notAbove]-v <= hi {
			notAbove++
		}
		b[j] += below + notAbove
	}
	return u2, a, b
}

// ownRanks writes the doubled mid-ranks of sorted values among themselves.
func ownRanks(v []float64, r []int) {
	for i := 0; i < len(v); {
		j := i + 1
		for j < len(v) && v[j] == v[i] {
			j++
		}
		for k := i; k < j; k++ {
			r[k] = i + j + 1
		}
		i = j
	}
}

// exact is the exact test given the ties.
func (d *shiftData) exact(ctx context.Context, lo, hi float64) (rankTails, error) {
	_, a, b := d.counts(lo, hi)
	all := append(slices.Clone(a), b...)
	dist, err := num.NewSubsetSum(ctx, all, len(a))
	if err != nil {
		return rankTails{}, err
	}
	return sumTails(dist, all, len(a), d.opt.MidP), nil
}

// countDist is a null distribution as numbers of arrangements.
type countDist interface {
	LE(c int) float64
	GE(c int) float64
	EQ(c int) float64
}

// sumTails questions the distribution of the sum of m scores; the first m of
// scores are the observed ones.
func sumTails(dist *num.SubsetSum, scores []int, m int, midP bool) rankTails {
	obs, sum := 0, 0
	for i, v := range scores {
		if i < m {
			obs += v
		}
		sum += v
	}
	return centerTails(dist, dist.Total, obs, m*sum, len(scores), midP)
}

// centerTails returns the p-values of an observed sum whose expectation is
// mean/den: two-sided, the share of arrangements at least as far from it.
// Distances are compared as whole numbers.
func centerTails(dist countDist, total float64, obs, mean, den int, midP bool) rankTails {
	le, ge := dist.LE(obs), dist.GE(obs)
	off := den*obs - mean
	two := total
	eq := 0.0
	if midP {
		eq = dist.EQ(obs) / 2
	}
	other, otherEq := 0.0, 0.0 // the tail opposite the observed one
	switch {
	case off > 0:
		c := floorQuotient(mean-off, den)
		other = dist.LE(c)
		if midP && c*den == mean-off {
			otherEq = dist.EQ(c) / 2
		}
		two = ge + other
	case off < 0:
		c := -floorQuotient(-(mean - off), den)
		other = dist.GE(c)
		if midP && c*den == mean-off {
			otherEq = dist.EQ(c) / 2
		}
		two = le + other
	}
	return rankTails{
		less:    (le - eq) / total,
		greater: (ge - eq) / total,
		two:     math.Min(1, (two-eq-otherEq)/total),
	}
}

func floorQuotient(a, b int) int {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}

// rankSumMoments returns the observed doubled rank sum of a, its expectation
// and its standard deviation over assignments of the pooled ranks.
func rankSumMoments(a, b []int) (obs, mean, sd float64) {
	m, n := float64(len(a)), float64(len(b))
	total := m + n
	mid := total + 1 // mean of doubled ranks
	ss := 0.0
	for _, v := range a {
		obs += float64(v)
		ss += (float64(v) - mid) * (float64(v) - mid)
	}
	for _, v := range b {
		ss += (float64(v) - mid) * (float64(v) - mid)
	}
	return obs, m * mid, math.Sqrt(m * n / (total * (total - 1)) * ss)
}

func (d *shiftData) asymptotic(_ context.Context, lo, hi float64) (rankTails, error) {
	_, a, b := d.counts(lo, hi)
	obs, mean, sd := rankSumMoments(a, b)
	return normalTails(obs-mean, sd, d.opt.NoContinuity), nil
}

// normalTails is the normal approximation of a doubled rank statistic that
// lies off from its expectation, with a continuity correction of half a rank.
func normalTails(off, sd float64, noContinuity bool) rankTails {
	if sd == 0 {
		return rankTails{1, 1, 1}
	}
	c := 1.0
	if noContinuity {
		c = 0
	}
	return rankTails{
		less:    num.NormCDF((off + c) / sd),
		greater: num.NormSF((off - c) / sd),
		two:     math.Min(1, 2*num.NormSF((math.Abs(off)-c)/sd)),
	}
}

func (d *shiftData) normal(lo, hi float64) float64 {
	_, a, b := d.counts(lo, hi)
	obs, mean, sd := rankSumMoments(a, b)
	return normalTails(obs-mean, sd, d.opt.NoContinuity || d.opt.Method != RankAsymptotic).two
}

// medianDifference returns the median of all differences of sorted x and y.
func medianDifference(x, y []float64) float64 {
	n := len(x) * len(y)
	hi := kthDifference(x, y, n/2)
	if n%2 == 1 {
		return hi
	}
	lo := kthDifference(x, y, n/2-1)
	return lo + (hi-lo)/2
}

// kthDifference returns the k-th smallest (from 0) difference of sorted x and
// y by bisection over the floats themselves: 64 counts, no list of differences.
func kthDifference(x, y []float64, k int) float64 {
	atMost := func(v float64) int {
		c, j := 0, 0
		for _, b := range y {
			for j < len(x) && x[j]-b <= v {
				j++
			}
			c += j
		}
		return c
	}
	lo, hi := floatOrder(x[0]-y[len(y)-1]), floatOrder(x[len(x)-1]-y[0])
	for lo < hi {
		mid := lo + (hi-lo)/2
		if atMost(orderFloat(mid)) > k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return orderFloat(lo)
}

// floatOrder maps floats to unsigned integers in the same order; orderFloat is
// its inverse.
func floatOrder(v float64) uint64 {
	b := math.Float64bits(v + 0) // −0 and 0 are one
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

func orderFloat(u uint64) float64 {
	if u>>63 == 1 {
		return math.Float64frombits(u &^ (1 << 63))
	}
	return math.Float64frombits(^u)
}
