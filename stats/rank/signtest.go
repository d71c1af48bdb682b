package rank

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// MedianShift is the outcome of a sign test: the median of differences with
// exact p-values and intervals. It is made by SignTest.
type MedianShift struct {
	// Notes are doubts about the result: "rank-zeros" (argument n).
	Notes []stats.Note

	d   []float64
	inv *inversion
}

var _ stats.Effect = MedianShift{}

// SignTest tests whether the median of differences is zero: whether positive
// and negative differences are equally frequent (Dixon and Mood 1946,
// doi 10.1080/01621459.1946.10501898). The argument holds one difference a
// participant, such as follow-up − baseline.
//
// Differences equal to the null value are left out; the number of positive
// ones among the rest is binomial with probability one half, without further
// assumptions on the distribution. The p-value is exact, two-sided twice the
// smaller tail. The interval inverts the same test; without ties it runs
// between two order statistics.
//
// One difference is enough; NaN and infinities are refused with ErrNotFinite.
// If all differences equal the null value, p = 1. Agrees with binom.test(sum(d
// > 0), sum(d != 0)) and DescTools::SignTest in R, and with the sign test of SAS
// PROC UNIVARIATE.
func SignTest(diff []float64) (MedianShift, error) {
	if err := check.Sample("SignTest", "diff", diff, 1); err != nil {
		return MedianShift{}, err
	}
	s := MedianShift{d: slices.Clone(diff)}
	slices.Sort(s.d)
	if plus, minus := s.Signs(0); plus+minus < len(s.d) {
		s.Notes = []stats.Note{{Code: "rank-zeros", Args: map[string]any{"n": len(s.d) - plus - minus}}}
	}
	d := s.d
	s.inv = &inversion{
		point: middle(d),
		between: func(lo, hi float64) []float64 {
			from, _ := slices.BinarySearch(d, lo)
			to := sort.Search(len(d), func(i int) bool { return d[i] > hi })
			return slices.Compact(slices.Clone(d[from:max(from, to)]))
		},
		least: d[0], most: d[len(d)-1],
		scale: max(math.Abs(d[0]), math.Abs(d[len(d)-1])),
		test: func(_ context.Context, lo, hi float64) (rankTails, error) {
			plus, minus := countSigns(d, lo, hi)
			return signTails(plus, plus+minus), nil
		},
	}
	s.inv.decide = twoOf(s.inv.test)
	return s, nil
}

// countSigns counts the values of sorted d above hi and below lo.
func countSigns(d []float64, lo, hi float64) (plus, minus int) {
	minus, _ = slices.BinarySearch(d, lo)
	notAbove := sort.Search(len(d), func(i int) bool { return d[i] > hi })
	return len(d) - notAbove, minus
}

// signTails returns the p-values of plus successes among n fair coin tosses.
func signTails(plus, n int) rankTails {
	t := rankTails{less: fairTail(plus, n), greater: fairTail(n-plus, n)}
	t.two = math.Min(1, 2*math.Min(t.less, t.greater))
	return t
}

// fairTail returns P(B ≤ k) for n fair coin tosses.
func fairTail(k, n int) float64 {
	if k >= n {
		return 1
	}
	if n <= 1000 {
		s, c := 1.0, 1.0 // c = n choose i, from its predecessor
		for i := 1; i <= k; i++ {
			c = c * float64(n-i+1) / float64(i)
			s += c
		}
		return math.Ldexp(s, -n)
	}
	return num.BetaSF(0.5, float64(k+1), float64(n-k))
}

// made is the data of a result, which a zero value does not have.
func (s MedianShift) made() *inversion {
	if s.inv == nil {
		panic("rank.MedianShift: a zero value has no data; SignTest makes one")
	}
	return s.inv
}

// Point returns the median of the differences.
func (s MedianShift) Point() float64 {
	s.made()
	return middle(s.d)
}

func middle(sorted []float64) float64 {
	n := len(sorted)
	return sorted[(n-1)/2] + (sorted[n/2]-sorted[(n-1)/2])/2
}

// CI returns the null values that the two-sided test at 1 − level does not
// reject; see Shift.CI for open and infinite ends. It panics unless 0 < level < 1.
func (s MedianShift) CI(level float64) stats.Interval {
	ci, _ := s.made().interval(context.Background(), level)
	return orEmpty(ci, s.Point())
}

// Coverage returns the exact coverage of the interval between order statistics
// that CI(level) is for continuous data, and 1 where that is the whole line.
func (s MedianShift) Coverage(level float64) float64 {
	check.Level(level)
	out := 1.0
	for k := 0; k < len(s.d); k++ {
		p := 2 * fairTail(k, len(s.d))
		if !rejects(p, level) {
			break
		}
		out = 1 - p
	}
	return out
}

// P returns the two-sided p-value of the median null.
func (s MedianShift) P(null float64) float64 { return s.tails(null).two }

// PGreater returns the p-value against "the median is at most null".
func (s MedianShift) PGreater(null float64) float64 { return s.tails(null).greater }

// PLess returns the p-value against "the median is at least null".
func (s MedianShift) PLess(null float64) float64 { return s.tails(null).less }

func (s MedianShift) tails(null float64) rankTails {
	t, _ := s.made().at(context.Background(), null)
	return t
}

// Signs returns the numbers of differences above and below null.
func (s MedianShift) Signs(null float64) (above, below int) { return countSigns(s.d, null, null) }
