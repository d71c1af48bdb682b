package rank

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// shiftData holds the sorted samples of a rank-sum test.
type shiftData struct {
	x, y []float64
	opt  Options
	inv  *inversion
	cost float64 // of one exact test with ties, in operations

	mu     sync.Mutex
	untied *num.SubsetSum // the distribution without ties, once asked for

	counted func() // told of every count of arrangements, in tests
}

// counts returns twice U and the doubled mid-ranks of x and y when x is shifted
// against y: x lies below y if the difference is below lo, above if it is above
// hi, and is tied in between; lo > hi stands for the gap (hi, lo).
func (d *shiftData) counts(lo, hi float64) (u2 int64, a, b []int) {
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
		u2 += int64(above + notBelow)
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

// moments are rankSumMoments of counts, without a list of the ranks.
func (d *shiftData) moments(lo, hi float64) (obs, mean, sd float64) {
	m, n := float64(len(d.x)), float64(len(d.y))
	total := m + n
	mid := total + 1 // mean of doubled ranks
	ss := 0.0
	above, notBelow := 0, 0
	for i := 0; i < len(d.x); {
		v, j := d.x[i], runEnd(d.x, i)
		for above < len(d.y) && v-d.y[above] > hi {
			above++
		}
		for notBelow < len(d.y) && v-d.y[notBelow] >= lo {
			notBelow++
		}
		r := float64(i + j + 1 + above + notBelow)
		obs += float64(j-i) * r
		ss += float64(j-i) * (r - mid) * (r - mid)
		i = j
	}
	below, notAbove := 0, 0
	for i := 0; i < len(d.y); {
		v, j := d.y[i], runEnd(d.y, i)
		for below < len(d.x) && d.x[below]-v < lo {
			below++
		}
		for notAbove < len(d.x) && d.x[notAbove]-v <= hi {
			notAbove++
		}
		r := float64(i + j + 1 + below + notAbove)
		ss += float64(j-i) * (r - mid) * (r - mid)
		i = j
	}
	return obs, m * mid, math.Sqrt(m * n / (total * (total - 1)) * ss)
}

// runEnd is where the values equal to the i-th end.
func runEnd(v []float64, i int) int {
	j := i + 1
	for j < len(v) && v[j] == v[i] {
		j++
	}
	return j
}

// ownRanks writes the doubled mid-ranks of sorted values among themselves.
func ownRanks(v []float64, r []int) {
	for i := 0; i < len(v); {
		j := runEnd(v, i)
		for k := i; k < j; k++ {
			r[k] = i + j + 1
		}
		i = j
	}
}

// exact is the exact test given the ties. Without ties every null value has
// one distribution, that of the ranks 1 to m + n.
func (d *shiftData) exact(ctx context.Context, lo, hi float64) (rankTails, error) {
	_, a, b := d.counts(lo, hi)
	if hasTies(a, b) && d.cost > exactRankWork && d.opt.Method != Exact {
		return invertedTails(ctx, append(a, b...), len(a), d.opt.MidP, false, false)
	}
	return d.exactRanks(ctx, a, b)
}

func (d *shiftData) exactRanks(ctx context.Context, a, b []int) (rankTails, error) {
	all := append(slices.Clone(a), b...)
	if hasTies(a, b) {
		if d.counted != nil {
			d.counted()
		}
		dist, err := num.NewSubsetSum(ctx, all, len(a))
		if err != nil {
			return rankTails{}, err
		}
		return sumTails(dist, all, len(a), d.opt.MidP), nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.untied == nil {
		dist, err := num.NewSubsetSum(ctx, all, len(a))
		if err != nil {
			return rankTails{}, err
		}
		d.untied = dist
	}
	return sumTails(d.untied, all, len(a), d.opt.MidP), nil
}

// far bounds the two-sided p-value of doubled mid-ranks by Hoeffding's
// inequality (1963, J. Am. Stat. Assoc. 58:13), which holds for draws
// without replacement: where it is below alpha nothing need be computed.
func (d *shiftData) far(lo, hi float64) float64 {
	obs, mean, _ := d.moments(lo, hi)
	least := math.Min(float64(len(d.x)), float64(len(d.y)))
	width := 2 * float64(len(d.x)+len(d.y))
	return 2 * math.Exp(-2*(obs-mean)*(obs-mean)/(least*width*width))
}

// decide is the two-sided p-value for the search of a limit. The exact one is
// computed only where the numerical inversion leaves the side of alpha open.
func (d *shiftData) decide(ctx context.Context, lo, hi, alpha float64) (float64, error) {
	if p := d.far(lo, hi); p < alpha/2 {
		return p, nil
	}
	_, a, b := d.counts(lo, hi)
	if hasTies(a, b) && d.cost > decideRankWork {
		t, err := invertedTails(ctx, append(slices.Clone(a), b...), len(a), d.opt.MidP, true, d.opt.Method == Exact)
		if err != nil || math.Abs(t.two-alpha) > 3e-4*alpha || d.cost > exactRankWork && d.opt.Method != Exact {
			return t.two, err
		}
	}
	t, err := d.exactRanks(ctx, a, b)
	return t.two, err
}

// inverted is the test by numerical inversion, twoSided its decision.
func (d *shiftData) inverted(ctx context.Context, lo, hi float64) (rankTails, error) {
	_, a, b := d.counts(lo, hi)
	return invertedTails(ctx, append(a, b...), len(a), d.opt.MidP, false, false)
}

func (d *shiftData) twoSided(ctx context.Context, lo, hi, alpha float64) (float64, error) {
	if p := d.far(lo, hi); p < alpha/2 {
		return p, nil
	}
	_, a, b := d.counts(lo, hi)
	t, err := invertedTails(ctx, append(a, b...), len(a), d.opt.MidP, true, false)
	return t.two, err
}

// invertedTails are the p-values of the sum of the first m scores (all whose
// sign is random where m is negative: see signedTails) by num.ScoreTail. With
// twoOnly the one-sided ones are left out.
func invertedTails(ctx context.Context, scores []int, m int, midP, twoOnly, thorough bool) (rankTails, error) {
	obs, sum := 0, int64(0)
	for i, v := range scores {
		if i < m {
			obs += v
		}
		sum += int64(v)
	}
	q := num.NewScoreTail(scores, m)
	q.Thorough = thorough
	return tailsOf(ctx, q, obs, int64(m)*sum, int64(len(scores)), midP, twoOnly)
}

// tailsOf questions a ScoreTail as centerTails does a count of arrangements.
// Where the distribution is symmetric the tail opposite is the observed one.
func tailsOf(ctx context.Context, q *num.ScoreTail, obs int, mean, den int64, midP, twoOnly bool) (rankTails, error) {
	var fail error
	ask := func(p float64, err error) float64 {
		if fail == nil {
			fail = err
		}
		return p
	}
	off := den*int64(obs) - mean
	half := 0.0 // of the probability of exactly c
	eq := func(c int) float64 { return (ask(q.GE(ctx, c)) - ask(q.GE(ctx, c+1))) / 2 }
	if midP {
		half = eq(obs)
	}
	var t rankTails
	tail := 0.0 // the observed one
	if off == 0 {
		t.two = 1 - half
		tail = ask(q.LE(ctx, obs)) - half
	} else {
		near, other := q.GE, q.LE
		c := floorQuotient(mean-off, den)
		if off < 0 {
			near, other = q.LE, q.GE
			c = -floorQuotient(off-mean, den)
		}
		tail = ask(near(ctx, obs)) - half
		t.two = tail
		if q.Symmetric() {
			t.two *= 2
		} else {
			t.two += ask(other(ctx, int(c)))
			if midP && c*den == mean-off {
				t.two -= eq(int(c))
			}
		}
	}
	t.two = math.Min(1, t.two)
	switch {
	case twoOnly:
	case off > 0:
		t.less, t.greater = ask(q.LE(ctx, obs))-half, tail
	default:
		t.less, t.greater = tail, ask(q.GE(ctx, obs))-half
	}
	return t, fail
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
	obs, sum := 0, int64(0)
	for i, v := range scores {
		if i < m {
			obs += v
		}
		sum += int64(v)
	}
	return centerTails(dist, dist.Total, obs, int64(m)*sum, int64(len(scores)), midP)
}

// centerTails returns the p-values of an observed sum whose expectation is
// mean/den: two-sided, the share of arrangements at least as far from it.
// Distances are compared as whole numbers.
func centerTails(dist countDist, total float64, obs int, mean, den int64, midP bool) rankTails {
	le, ge := dist.LE(obs), dist.GE(obs)
	off := den*int64(obs) - mean
	two := total
	eq := 0.0
	if midP {
		eq = dist.EQ(obs) / 2
	}
	other, otherEq := 0.0, 0.0 // the tail opposite the observed one
	switch {
	case off > 0:
		c := floorQuotient(mean-off, den)
		other = dist.LE(int(c))
		if midP && c*den == mean-off {
			otherEq = dist.EQ(int(c)) / 2
		}
		two = ge + other
	case off < 0:
		c := -floorQuotient(-(mean - off), den)
		other = dist.GE(int(c))
		if midP && c*den == mean-off {
			otherEq = dist.EQ(int(c)) / 2
		}
		two = le + other
	}
	return rankTails{
		less:    (le - eq) / total,
		greater: (ge - eq) / total,
		two:     math.Min(1, (two-eq-otherEq)/total),
	}
}

func floorQuotient(a, b int64) int64 {
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
	obs, mean, sd := d.moments(lo, hi)
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
	obs, mean, sd := d.moments(lo, hi)
	if d.inv.exactly {
		return normalTails(obs-mean, sd, d.opt.NoContinuity).two
	}
	// Kurtosis without ties, which alter it little.
	m, n := float64(len(d.x)), float64(len(d.y))
	excess := -1.2 * (m*m + n*n + m*n + m + n) / (m * n * (m + n + 1))
	return edgeworthTwo(obs-mean, sd, excess)
}

// edgeworthTwo is the two-sided tail of a doubled symmetric rank statistic with
// its kurtosis: the second term of Edgeworth's series. A guide for searches.
func edgeworthTwo(off, sd, excess float64) float64 {
	z := (math.Abs(off) - 1) / sd
	if sd == 0 || z <= 0 {
		return 1
	}
	return math.Max(0, 2*(num.NormSF(z)+num.NormPDF(z)*excess/24*z*(z*z-3)))
}
