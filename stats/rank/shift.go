package rank

import (
	"context"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// Shift is the outcome of a Mann–Whitney test: the Hodges–Lehmann estimate of
// the location shift treated − control, with p-values and intervals of the
// rank-sum test at any null shift. It is made by MannWhitney.
type Shift struct {
	// Notes are doubts about the result: "rank-ties" (ties between the samples
	// or within one, exactly accounted for), "rank-inverted" (too many data to count
	// arrangements), "rank-asymptotic" (too many for either).
	Notes []stats.Note

	point  float64
	method Method
	data   *shiftData
}

var _ stats.Effect = Shift{}

// made is the data of a result, which a zero value does not have.
func (s Shift) made() *shiftData {
	if s.data == nil {
		panic("rank.Shift: a zero value has no data; MannWhitney makes one")
	}
	return s.data
}

// Point returns the Hodges–Lehmann estimate: the median of all m·n differences
// of a treated and a control value.
func (s Shift) Point() float64 { return s.point }

// CI returns the confidence interval: the null shifts that the two-sided test
// at 1 − level does not reject. An end that is itself rejected is open (LoOpen,
// HiOpen). Where the test cannot reject however far the shift, that end is
// infinite and Why is WhyLevel. If the accepted shifts leave a gap (which ties
// can cause), the interval is their hull; InGap tells. It panics unless
// 0 < level < 1.
func (s Shift) CI(level float64) stats.Interval {
	ci, _ := s.CIContext(context.Background(), level)
	return ci
}

// CIContext is CI under a context, whose error it returns when it ends first.
func (s Shift) CIContext(ctx context.Context, level float64) (stats.Interval, error) {
	ci, err := s.made().inv.interval(ctx, level)
	return orEmpty(ci, s.Point()), err
}

// P returns the two-sided p-value of a shift by null: the probability of the
// arrangements whose rank sum lies at least as far from its expectation as
// the observed one.
func (s Shift) P(null float64) float64 {
	t, _ := s.made().inv.at(context.Background(), null)
	return t.two
}

// PContext is P under a context, whose error it returns when it ends first.
func (s Shift) PContext(ctx context.Context, null float64) (float64, error) {
	t, err := s.made().inv.at(ctx, null)
	return t.two, err
}

// PGreater returns the p-value against "the shift is at most null": the
// probability of a rank sum of the treated at least as large.
func (s Shift) PGreater(null float64) float64 {
	t, _ := s.made().inv.at(context.Background(), null)
	return t.greater
}

// PLess returns the p-value against "the shift is at least null".
func (s Shift) PLess(null float64) float64 {
	t, _ := s.made().inv.at(context.Background(), null)
	return t.less
}

// InGap reports whether null is inside the interval at the level although the
// test rejects it, because accepted shifts lie on both sides of it.
func (s Shift) InGap(level, null float64) bool {
	return rejects(s.P(null), level) && s.CI(level).Contains(null)
}

// Method returns Exact, Inverted or Asymptotic: what the p-values are.
func (s Shift) Method() Method { return s.method }

// U returns the Mann–Whitney statistic of the treated: the number of pairs in
// which the treated value is the larger, ties counting one half (W in R's
// wilcox.test).
func (s Shift) U() float64 {
	u2, _, _ := s.made().counts(0, 0)
	return float64(u2) / 2
}

// RankSum returns the sum of the treated's mid-ranks in the pooled sample.
func (s Shift) RankSum() float64 {
	m := float64(len(s.made().x))
	return s.U() + m*(m+1)/2
}

// Z returns the standardized rank sum, (W − E W)/SD W given the ties, without
// continuity correction; 0 where all values are equal. Positive: the treated
// tend to be larger.
func (s Shift) Z() float64 {
	_, a, b := s.made().counts(0, 0)
	obs, mean, sd := rankSumMoments(a, b)
	if sd == 0 {
		return 0
	}
	return (obs - mean) / sd
}

// PSuperior returns the estimate of P(treated > control) + ½P(treated =
// control): U/(m·n), the common-language effect size.
func (s Shift) PSuperior() float64 {
	return s.U() / (float64(len(s.made().x)) * float64(len(s.made().y)))
}

// RankBiserial returns the rank-biserial correlation, 2·PSuperior − 1, which is
// also Cliff's delta.
func (s Shift) RankBiserial() float64 {
	mn := float64(len(s.made().x)) * float64(len(s.made().y))
	return (2*s.U() - mn) / mn
}

// MannWhitney tests whether treated values tend to be larger or smaller than
// control values (Wilcoxon 1945, doi 10.2307/3001968; Mann and Whitney 1947,
// doi 10.1214/aoms/1177730491) and estimates by how much they are shifted
// (Hodges and Lehmann 1963, doi 10.1214/aoms/1177704172).
//
// Under the null hypothesis the two samples come from one distribution, so
// that every assignment of the pooled values to arms is equally likely; the
// estimate and interval assume in addition that the distributions differ by a
// shift alone. The p-value is exact given the ties, with mid-ranks: the
// two-sided one is the probability of arrangements whose rank sum lies at
// least as far from its expectation. It comes from the shift algorithm of
// Streitberg and Röhmel (1986), without ties from Harding's generating
// function (1984, doi 10.2307/2347656). The interval inverts this same test,
// so p < 1 − level if and only if the interval excludes the null (see Shift.CI).
//
// Values are compared exactly as given. Differences of a treated and a control
// value are taken for equal if they differ by no more than the rounding of the
// subtraction (four units in the last place of the largest value), so that
// 5.9 − 4.1 and 6.2 − 4.4 are one null value; a difference that the caller has
// already computed in floats (a change from baseline) should be rounded to the
// data's decimals before.
//
// Arrangements are counted while that takes up to some 5 ms: up to 74 + 74
// values with ties ((m·n)²/6 ≤ 5·10⁶), 215 + 215 without (null values that
// themselves make ties are then inverted). Beyond, the same distribution comes
// from numerical inversion of its generating function, with a note
// "rank-inverted": see Inverted for its error. Beyond 10,000 different
// values, the normal approximation with continuity correction and a note
// "rank-asymptotic". Exact counts whatever the time and memory, up to 10³⁰⁰
// arrangements.
//
// Each sample needs one value; NaN and infinities are refused with
// ErrNotFinite. Constant samples are no error: if all values are equal, p = 1.
//
// Agrees with coin::wilcox_test(distribution = "exact") in R, with
// wilcox.test(exact = TRUE) where there are no ties, and with EXACT WILCOXON
// in SAS PROC NPAR1WAY.
func MannWhitney(treated, control []float64) (Shift, error) {
	return newShift("MannWhitney", treated, control, Options{})
}

// MannWhitneyWith is MannWhitney with options.
//
// The asymptotic test compares (|W − E W| − ½)/SD W with the normal
// distribution, SD W being tie-corrected; NoContinuity leaves the ½ away. Its
// interval inverts that test too and so ends at differences of two values; R's
// wilcox.test(exact = FALSE, conf.int = TRUE) finds the same ends by a root
// search with a tolerance of 1e-4, and reports as estimate another root rather
// than the median of the differences.
func MannWhitneyWith(treated, control []float64, o Options) (Shift, error) {
	return newShift("MannWhitneyWith", treated, control, o)
}

// Bounds of the rank-sum test. Exact p-values are computed up to exactRankWork
// operations, 5 ms; a limit is sought by exact ones up to decideRankWork, and
// beyond by numerical inversion wherever that settles the side of alpha.
// maxRankLog is the logarithm of the number of arrangements that fit a float64,
// maxInverted the number of different values that inversion takes.
const (
	exactRankWork  = 5e6
	decideRankWork = 1e6
	maxRankLog     = 300 * math.Ln10
	maxInverted    = 10_000
)

func newShift(fn string, treated, control []float64, o Options) (Shift, error) {
	o.check(fn)
	if err := check.Sample(fn, "treated", treated, 1); err != nil {
		return Shift{}, err
	}
	if err := check.Sample(fn, "control", control, 1); err != nil {
		return Shift{}, err
	}
	d := &shiftData{x: slices.Clone(treated), y: slices.Clone(control), opt: o}
	slices.Sort(d.x)
	slices.Sort(d.y)
	if math.IsInf(d.x[len(d.x)-1]-d.y[0], 0) || math.IsInf(d.x[0]-d.y[len(d.y)-1], 0) {
		return Shift{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrDomain,
			Info: "differences overflow"}
	}
	s := Shift{point: medianDifference(d.x, d.y), data: d, method: o.Method}
	mn := float64(len(d.x)) * float64(len(d.y))
	_, a, b := d.counts(0, 0)
	ties := hasTies(a, b)
	d.cost = mn * mn / 6
	ux, uy := slices.Compact(slices.Clone(d.x)), slices.Compact(slices.Clone(d.y))
	least := float64(min(len(a), len(b)))
	cheap := d.cost <= exactRankWork || !ties && least*mn <= 2*exactRankWork
	lg, _ := math.Lgamma(float64(len(a) + len(b) + 1))
	lx, _ := math.Lgamma(float64(len(a) + 1))
	ly, _ := math.Lgamma(float64(len(b) + 1))
	tooLarge := lg-lx-ly > maxRankLog
	switch {
	case o.Method == Exact && tooLarge:
		return Shift{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrDomain,
			Info: "too many arrangements for the exact test"}
	case o.Method == Auto:
		s.method = autoMethod(cheap && !tooLarge, len(ux)+len(uy))
		s.Notes = append(s.Notes, methodNotes(s.method)...)
	}
	if ties && s.method != Asymptotic { // its sentence names the exact distribution
		s.Notes = append(s.Notes, stats.Note{Code: "rank-ties"})
	}
	d.inv = &inversion{
		test: d.exact, decide: d.decide, normal: d.normal, point: s.point,
		cost:    d.cost + 100*float64(len(a)+len(b)),
		between: func(lo, hi float64) []float64 { return differencesBetween(ux, uy, lo, hi) },
		kth:     func(k int64) float64 { return kthDifference(d.x, d.y, k) },
		atMost:  func(v float64) int64 { return splitDifferences(d.x, d.y, v).atMost },
		pairs:   int64(len(d.x)) * int64(len(d.y)),
		count:   int64(len(ux)) * int64(len(uy)),
		least:   d.x[0] - d.y[len(d.y)-1], most: d.x[len(d.x)-1] - d.y[0],
		scale: max(math.Abs(d.x[0]), math.Abs(d.x[len(d.x)-1]), math.Abs(d.y[0]), math.Abs(d.y[len(d.y)-1])),
	}
	switch s.method {
	case Asymptotic:
		d.inv.test, d.inv.decide, d.inv.exactly = d.asymptotic, twoOf(d.asymptotic), true
		d.inv.cost = 10 * float64(len(a)+len(b))
	case Inverted:
		d.inv.test, d.inv.decide = d.inverted, d.twoSided
	}
	// Half a step of U in units of its standard deviation.
	d.inv.atom = 0.5 / math.Sqrt(mn*float64(len(a)+len(b)+1)/12)
	return s, nil
}

// autoMethod is what Auto stands for.
func autoMethod(exact bool, different int) Method {
	switch {
	case exact:
		return Exact
	case different <= maxInverted:
		return Inverted
	}
	return Asymptotic
}

// methodNotes are the notes that a method chosen by size leaves.
func methodNotes(m Method) []stats.Note {
	switch m {
	case Inverted:
		return []stats.Note{{Code: "rank-inverted"}}
	case Asymptotic:
		return []stats.Note{{Code: "rank-asymptotic"}}
	}
	return nil
}

// twoOf decides by a test that is cheap.
func twoOf(test func(context.Context, float64, float64) (rankTails, error)) func(context.Context, float64, float64, float64) (float64, error) {
	return func(ctx context.Context, lo, hi, _ float64) (float64, error) {
		t, err := test(ctx, lo, hi)
		return t.two, err
	}
}

func hasTies(a, b []int) bool {
	seen := make([]bool, 2*(len(a)+len(b))+2)
	for _, s := range [][]int{a, b} {
		for _, v := range s {
			if seen[v] || v%2 == 1 {
				return true
			}
			seen[v] = true
		}
	}
	return false
}

// orEmpty returns the interval i, or, where a search from either side found
// nothing accepted, the empty one at the estimate.
func orEmpty(i stats.Interval, point float64) stats.Interval {
	if i.Lo < i.Hi || (i.Lo == i.Hi && !i.LoOpen && !i.HiOpen) {
		return i
	}
	return stats.Interval{Lo: point, Hi: point, LoOpen: true, HiOpen: true, Level: i.Level, Why: stats.WhyEmpty}
}
