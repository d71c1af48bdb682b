package rank

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// ZeroMethod says what a signed-rank test does with zero differences.
type ZeroMethod int

const (
	// ZerosPratt ranks zeros with the rest and then leaves them out
	// (Pratt 1959, doi 10.1080/01621459.1959.10501526). The default: unlike the
	// others it keeps p-value and interval in step.
	ZerosPratt ZeroMethod = iota
	// ZerosWilcoxon drops zeros before ranking, as Wilcoxon (1945) and R's
	// wilcox.test do. Making a value smaller can then raise the p-value
	// against a positive shift, so accepted null values can leave gaps.
	ZerosWilcoxon
	// ZerosSplit ranks zeros with the rest and counts half of their ranks as
	// positive; under the null hypothesis their signs are random like all others.
	ZerosSplit
)

// SignedRankOptions are the options of SignedRank. The zero value is the
// recommended analysis. Options that contradict each other panic.
type SignedRankOptions struct {
	Zeros ZeroMethod
	// Method, MidP and NoContinuity are as in Options.
	Method       Method
	MidP         bool
	NoContinuity bool
}

// PseudoMedian is the outcome of a Wilcoxon signed-rank test: the
// Hodges–Lehmann estimate of the center of symmetry, with p-values and
// intervals of the test at any null value. It is made by SignedRank.
type PseudoMedian struct {
	// Notes are doubts about the result: "rank-ties", "rank-zeros" (argument n),
	// "rank-inverted", "rank-asymptotic".
	Notes []stats.Note

	point  float64
	method Method
	data   *signedData
}

var _ stats.Effect = PseudoMedian{}

// made is the data of a result, which a zero value does not have.
func (s PseudoMedian) made() *signedData {
	if s.data == nil {
		panic("rank.PseudoMedian: a zero value has no data; SignedRank makes one")
	}
	return s.data
}

// Point returns the pseudo-median: the median of the n(n+1)/2 means of two
// differences, each with itself included (Walsh averages).
func (s PseudoMedian) Point() float64 { return s.point }

// CI returns the confidence interval: the null values that the two-sided test
// at 1 − level does not reject. An end that is itself rejected is open (LoOpen,
// HiOpen). Where the test cannot reject however far the null value, that end is
// infinite and Why is WhyLevel. Where accepted values leave gaps the interval
// is their hull; InGap tells. It panics unless 0 < level < 1.
func (s PseudoMedian) CI(level float64) stats.Interval {
	ci, _ := s.CIContext(context.Background(), level)
	return ci
}

// CIContext is CI under a context, whose error it returns when it ends first.
func (s PseudoMedian) CIContext(ctx context.Context, level float64) (stats.Interval, error) {
	ci, err := s.made().inv.interval(ctx, level)
	return orEmpty(ci, s.Point()), err
}

// P returns the two-sided p-value of the center null: the probability of the
// sign assignments whose rank sum lies at least as far from its expectation as
// the observed one.
func (s PseudoMedian) P(null float64) float64 {
	t, _ := s.made().inv.at(context.Background(), null)
	return t.two
}

// PContext is P under a context, whose error it returns when it ends first.
func (s PseudoMedian) PContext(ctx context.Context, null float64) (float64, error) {
	t, err := s.made().inv.at(ctx, null)
	return t.two, err
}

// PGreater returns the p-value against "the center is at most null".
func (s PseudoMedian) PGreater(null float64) float64 {
	t, _ := s.made().inv.at(context.Background(), null)
	return t.greater
}

// PLess returns the p-value against "the center is at least null".
func (s PseudoMedian) PLess(null float64) float64 {
	t, _ := s.made().inv.at(context.Background(), null)
	return t.less
}

// InGap reports whether null is inside the interval at the level although the
// test rejects it, because accepted values lie on both sides of it. With Pratt's
// zeros this is rare, with Wilcoxon's it is common in small tied samples.
func (s PseudoMedian) InGap(level, null float64) bool {
	return rejects(s.P(null), level) && s.CI(level).Contains(null)
}

// Method returns Exact, Inverted or Asymptotic: what the p-values are.
func (s PseudoMedian) Method() Method { return s.method }

// V returns the sum of the ranks of the positive differences, zeros treated as
// the options say (V in R's wilcox.test with ZerosWilcoxon).
func (s PseudoMedian) V() float64 {
	v2, _ := s.made().scores(0, 0)
	return float64(v2) / 2
}

// Z returns (V − E V)/SD V given ties and zeros, without continuity
// correction; 0 where all differences are zero.
func (s PseudoMedian) Z() float64 {
	off, sd := s.made().moments(0, 0)
	if sd == 0 {
		return 0
	}
	return off / sd
}

// RankBiserial returns the matched-pairs rank-biserial correlation: the sum of
// positive less that of negative ranks, as a share of all ranks (Kerby 2014,
// doi 10.2466/11.IT.3.1); 0 where all differences are zero.
func (s PseudoMedian) RankBiserial() float64 {
	v2, a := s.made().scores(0, 0)
	sum := int64(0)
	for _, v := range a {
		sum += int64(v)
	}
	if sum == 0 {
		return 0
	}
	return float64(2*v2-sum) / float64(sum)
}

// SignedRank tests whether differences are symmetric about zero (Wilcoxon
// 1945, doi 10.2307/3001968) and estimates their center. The argument holds one
// difference a participant, such as follow-up − baseline; for pairs in two
// slices subtract first, rounded to the data's decimals.
//
// Under the null hypothesis every difference is as likely to have the opposite
// sign. The p-value is exact given ties and zeros: the two-sided one is the
// probability of sign assignments whose sum of positive mid-ranks lies at least
// as far from its expectation. Zeros are treated by Pratt's method. The interval
// inverts the same test: at a null value the differences are shifted, ranked
// anew, and those equal to it are zeros. Means of two differences that subtraction
// noise alone tells apart count as one, as in MannWhitney.
//
// Sign assignments are counted up to 200 differences, with Exact up to 1000.
// Beyond, the same distribution comes from numerical inversion of its generating
// function, with a note "rank-inverted" and p-values within a thousandth and 1e-9
// of the count. Beyond 10,000 different values, the normal approximation with
// continuity correction and a note "rank-asymptotic". One difference is enough; NaN and
// infinities are refused with ErrNotFinite. If all differences are zero, p = 1.
//
// Agrees with coin::wilcoxsign_test(zero.method = "Pratt", distribution =
// "exact") in R, and without ties and zeros with wilcox.test(exact = TRUE).
func SignedRank(diff []float64) (PseudoMedian, error) {
	return newSignedRank("SignedRank", diff, SignedRankOptions{})
}

// SignedRankWith is SignedRank with options. R's wilcox.test(exact = FALSE) is
// {Zeros: ZerosWilcoxon, Method: Asymptotic}; SciPy's wilcoxon calls the
// zero methods "pratt", "wilcox" and "zsplit".
func SignedRankWith(diff []float64, o SignedRankOptions) (PseudoMedian, error) {
	return newSignedRank("SignedRankWith", diff, o)
}

// maxSignedN bounds the exact signed-rank test, exactSignedN the one that is
// the default: 5 ms.
const (
	maxSignedN   = 1000
	exactSignedN = 200
)

func newSignedRank(fn string, diff []float64, o SignedRankOptions) (PseudoMedian, error) {
	Options{Method: o.Method, MidP: o.MidP, NoContinuity: o.NoContinuity}.check(fn)
	if o.Zeros < ZerosPratt || o.Zeros > ZerosSplit {
		panic(fmt.Sprintf("rank.%s: no zero method %d", fn, int(o.Zeros)))
	}
	if err := check.Sample(fn, "diff", diff, 1); err != nil {
		return PseudoMedian{}, err
	}
	d := &signedData{d: slices.Clone(diff), opt: o}
	slices.Sort(d.d)
	n := len(d.d)
	if math.Abs(d.d[0]) > math.MaxFloat64/2 || math.Abs(d.d[n-1]) > math.MaxFloat64/2 {
		return PseudoMedian{}, &stats.SampleError{Func: fn, Arg: "diff", Index: -1, Err: stats.ErrDomain, Info: "sums overflow"}
	}
	unique := slices.Compact(slices.Clone(d.d))
	k := int64(len(unique))
	s := PseudoMedian{point: medianWalsh(d.d), data: d, method: o.Method}
	switch {
	case o.Method == Exact && n > maxSignedN:
		return PseudoMedian{}, &stats.SampleError{Func: fn, Arg: "diff", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("n = %d, the exact test takes up to %d", n, maxSignedN)}
	case o.Method == Auto:
		s.method = autoMethod(n <= exactSignedN, int(k))
		s.Notes = append(s.Notes, methodNotes(s.method)...)
	}
	zeros := 0
	for _, v := range d.d {
		if v == 0 {
			zeros++
		}
	}
	if zeros > 0 {
		s.Notes = append(s.Notes, stats.Note{Code: "rank-zeros", Args: map[string]any{"n": zeros}})
	}
	mags := make([]float64, n)
	for i, v := range d.d {
		mags[i] = math.Abs(v)
	}
	slices.Sort(mags)
	for i := 1; i < n; i++ {
		if mags[i] != 0 && mags[i] == mags[i-1] {
			if s.method != Asymptotic { // its sentence names the exact distribution
				s.Notes = append(s.Notes, stats.Note{Code: "rank-ties"})
			}
			break
		}
	}
	fn3 := float64(n) * float64(n) * float64(n)
	d.inv = &inversion{
		test: d.exact, decide: d.decide, normal: d.normal, point: s.point,
		cost:    fn3/2 + 100*float64(n),
		between: func(lo, hi float64) []float64 { return walshBetween(unique, lo, hi) },
		kth:     func(k int64) float64 { return kthWalsh(d.d, k) },
		atMost:  func(v float64) int64 { return splitWalsh(d.d, v).atMost },
		pairs:   int64(n) * int64(n+1) / 2,
		count:   k * (k + 1) / 2,
		least:   d.d[0], most: d.d[n-1],
		scale: max(math.Abs(d.d[0]), math.Abs(d.d[n-1])),
	}
	switch s.method {
	case Asymptotic:
		d.inv.test, d.inv.decide, d.inv.exactly = d.asymptotic, twoOf(d.asymptotic), true
		d.inv.cost = 10 * float64(n)
	case Inverted:
		d.inv.test, d.inv.decide = d.inverted, d.twoSided
	}
	d.inv.atom = 0.5 / math.Sqrt(fn3/12)
	return s, nil
}

// signedData holds the sorted differences of a signed-rank test.
type signedData struct {
	d   []float64
	opt SignedRankOptions
	inv *inversion
}

// scores returns the doubled sum of positive ranks and the doubled ranks whose
// signs are random, when Walsh averages in [lo, hi] equal the null value; lo > hi
// stands for the gap (hi, lo).
func (d *signedData) scores(lo, hi float64) (v2 int64, a []int) {
	n := len(d.d)
	neg := 0 // d[:neg] lie below the null value
	for neg < n && d.d[neg] < lo {
		neg++
	}
	pos := n // d[pos:] lie above
	for pos > neg && d.d[pos-1] > hi {
		pos--
	}
	zeros := pos - neg
	size := n - zeros
	if d.opt.Zeros == ZerosSplit {
		size = n
	}
	a = make([]int, size)
	// Magnitudes ascend with p upwards and with q downwards.
	p, q := a[:n-pos], a[n-pos:n-zeros]
	ownRanks(d.d[pos:], p)
	down := make([]float64, neg)
	for i := range down {
		down[i] = d.d[neg-1-i]
	}
	ownRanks(down, q)
	add := 2 * zeros
	if d.opt.Zeros == ZerosWilcoxon {
		add = 0
	}
	less, notMore := 0, 0 // negatives of smaller, of no larger magnitude
	for i, v := range d.d[pos:] {
		for less < neg && (v+down[less])/2 > hi {
			less++
		}
		for notMore < neg && (v+down[notMore])/2 >= lo {
			notMore++
		}
		p[i] += less + notMore + add
		v2 += int64(p[i])
	}
	less, notMore = 0, 0 // positives of smaller, of no larger magnitude
	for i, v := range down {
		for pos+less < n && (v+d.d[pos+less])/2 < lo {
			less++
		}
		for pos+notMore < n && (v+d.d[pos+notMore])/2 <= hi {
			notMore++
		}
		q[i] += less + notMore + add
	}
	if d.opt.Zeros == ZerosSplit {
		for i := n - zeros; i < n; i++ {
			a[i] = zeros + 1
		}
		v2 += int64(zeros) * int64(zeros+1) / 2
	}
	return v2, a
}

func (d *signedData) exact(ctx context.Context, lo, hi float64) (rankTails, error) {
	obs, a := d.scores(lo, hi)
	dist, err := num.NewSignSum(ctx, a)
	if err != nil {
		return rankTails{}, err
	}
	return centerTails(dist, dist.Total, int(obs), int64(dist.Max), 2, d.opt.MidP), nil
}

// decide is the two-sided p-value for the search of a limit: exact where the
// numerical inversion leaves the side of alpha open.
func (d *signedData) decide(ctx context.Context, lo, hi, alpha float64) (float64, error) {
	if len(d.d) > 100 {
		if p, err := d.invert(ctx, lo, hi, true, true); err != nil || math.Abs(p.two-alpha) > 3e-4*alpha {
			return p.two, err
		}
	}
	t, err := d.exact(ctx, lo, hi)
	return t.two, err
}

// inverted is the test by numerical inversion, twoSided its decision.
func (d *signedData) inverted(ctx context.Context, lo, hi float64) (rankTails, error) {
	return d.invert(ctx, lo, hi, false, false)
}

func (d *signedData) twoSided(ctx context.Context, lo, hi, _ float64) (float64, error) {
	t, err := d.invert(ctx, lo, hi, true, false)
	return t.two, err
}

func (d *signedData) invert(ctx context.Context, lo, hi float64, twoOnly, thorough bool) (rankTails, error) {
	obs, a := d.scores(lo, hi)
	sum := int64(0)
	for _, v := range a {
		sum += int64(v)
	}
	if len(a) == 0 {
		return rankTails{1, 1, 1}, nil
	}
	q := num.NewScoreTail(a, -1)
	q.Thorough = thorough
	return tailsOf(ctx, q, int(obs), sum, 2, d.opt.MidP, twoOnly)
}

// moments returns the doubled V less its expectation, and its standard deviation.
func (d *signedData) moments(lo, hi float64) (off, sd float64) {
	obs, a := d.scores(lo, hi)
	sum, ss := int64(0), 0.0
	for _, v := range a {
		sum += int64(v)
		ss += float64(v) * float64(v)
	}
	return float64(2*obs-sum) / 2, math.Sqrt(ss) / 2
}

func (d *signedData) asymptotic(_ context.Context, lo, hi float64) (rankTails, error) {
	off, sd := d.moments(lo, hi)
	return normalTails(off, sd, d.opt.NoContinuity), nil
}

func (d *signedData) normal(lo, hi float64) float64 {
	if d.inv.exactly {
		off, sd := d.moments(lo, hi)
		return normalTails(off, sd, d.opt.NoContinuity).two
	}
	obs, a := d.scores(lo, hi)
	sum, s2, s4 := int64(0), 0.0, 0.0
	for _, v := range a {
		sum += int64(v)
		q := float64(v) * float64(v)
		s2, s4 = s2+q, s4+q*q
	}
	return edgeworthTwo(float64(2*obs-sum)/2, math.Sqrt(s2)/2, -2*s4/(s2*s2))
}
