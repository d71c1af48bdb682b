package table

import (
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// BlakerRatio is the odds ratio of an ExactOddsRatio with Blaker's interval and
// two-sided p-values. It implements Effect; estimate and one-sided p-values are
// those of ExactOddsRatio, as the ordering is one of two-sided tests.
type BlakerRatio struct{ exact ExactOddsRatio }

var _ stats.Effect = BlakerRatio{}

const blakerMethod = "Blaker, exact"

// BlakerOddsRatio estimates the odds ratio conditional on the margins with the
// interval of Blaker's ordering, which lies within that of OddsRatioExact: P is
// the smaller tail plus the largest opposite tail not above it. Exact. CI is the
// smallest interval around the accepted odds ratios; the ordering can reject some
// between its ends.
// It refuses what OddsRatioExact refuses.
// Source: Blaker (2000), Can J Stat 28:783, doi 10.2307/3315916; Fay (2010),
// doi 10.1093/biostatistics/kxp050.
// It agrees with R's exact2x2::blaker.exact, which stops at four decimals.
func BlakerOddsRatio(treated, control Count) (BlakerRatio, error) {
	e, err := newExactOddsRatio("BlakerOddsRatio", treated, control, ExactOptions{})
	return BlakerRatio{e}, err
}

// Point returns the conditional maximum likelihood estimate.
func (b BlakerRatio) Point() float64 { return b.exact.Point() }

// PGreater returns P(X ≥ x) at the odds ratio null.
func (b BlakerRatio) PGreater(null float64) float64 { return b.exact.PGreater(null) }

// PLess returns P(X ≤ x) at the odds ratio null.
func (b BlakerRatio) PLess(null float64) float64 { return b.exact.PLess(null) }

// CI returns the smallest interval around the odds ratios that P accepts. Ends are
// 0 or +Inf where the margins set no bound (WhyZero).
func (b BlakerRatio) CI(level float64) stats.Interval {
	check.Level(level)
	e := b.exact
	ci, obs, most := e.CI(level), e.obs(), len(e.logw)-1
	if obs > 0 {
		ci.Lo = math.Exp(e.blakerLower(obs, 1-level, math.Log(ci.Lo)))
	}
	if obs < most {
		ci.Hi = math.Exp(-e.mirrored().blakerLower(most-obs, 1-level, -math.Log(ci.Hi)))
	}
	return ci
}

// P returns Blaker's p-value of the odds ratio null.
func (b BlakerRatio) P(null float64) float64 {
	e := b.exact
	ge, le := e.PGreater(null), e.PLess(null)
	if !(null > 0) || math.IsInf(null, 1) {
		return math.Min(ge, le) // one table alone is possible there, or none
	}
	p, obs, most := e.probs(math.Log(null)), e.obs(), len(e.logw)-1
	if ge <= le {
		return acceptability(obs, ge, func(k int) float64 { return sum(p[:k+1]) })
	}
	return acceptability(most-obs, le, func(k int) float64 { return sum(p[most-k:]) })
}

// String formats the odds ratio with its 95% interval and the p-value against 1.
func (b BlakerRatio) String() string {
	if len(b.exact.logw) == 0 {
		return show.NoResult
	}
	return ratioText(b, blakerMethod)
}

func sum(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

// acceptability is a tail of x outcomes or more plus the largest opposite tail not
// above it, equal ones but for rounding included.
func acceptability(x int, tail float64, opposite func(k int) float64) float64 {
	p := tail
	if k := sort.Search(x, func(k int) bool { return opposite(k) > tail*(1+1e-7) }); k > 0 {
		p += opposite(k - 1)
	}
	return math.Min(1, p)
}

// blakerP is Blaker's p-value of the probability p0.
func blakerP(c Count, p0 float64) float64 {
	if !(p0 >= 0 && p0 <= 1) {
		return 0 // no probability is
	}
	ge, le := num.BinomSF(c.Events, c.N, p0), num.BinomCDF(c.Events, c.N, p0)
	if ge <= le {
		return acceptability(c.Events, ge, func(k int) float64 { return num.BinomCDF(k, c.N, p0) })
	}
	return acceptability(c.N-c.Events, le, func(k int) float64 { return num.BinomSF(c.N-k, c.N, p0) })
}

// mirrored is the same table with events and non-events exchanged in rank.
func (e ExactOddsRatio) mirrored() ExactOddsRatio {
	r := e
	n := len(e.logw)
	r.logw = make([]float64, n)
	for i := range r.logw {
		r.logw[i] = e.logw[n-1-i]
	}
	return r
}

func (e ExactOddsRatio) blakerLower(obs int, a, start float64) float64 {
	up := func(l float64) float64 { return sum(e.probs(l)[obs:]) }
	down := func(k int, l float64) float64 { return sum(e.probs(l)[:k+1]) }
	return blakerSearch(obs, a, start, logFar, up, down)
}

func lowerBlaker(c Count, t tail) float64 {
	if c.Events == 0 {
		return 0
	}
	return blakerSearch(c.Events, 2*t.p, exactLower(c, t.p), c.Rate(),
		func(p float64) float64 { return num.BinomSF(c.Events, c.N, p) },
		func(k int, p float64) float64 { return num.BinomCDF(k, c.N, p) })
}

// blakerSearch finds the smallest parameter whose acceptability exceeds a. The
// acceptability is the smaller tail plus the largest opposite tail not above
// it; where the opposite tail takes in one more outcome it jumps, and between
// jumps it is smooth, so that it exceeds a first either at a jump or at a root
// between two. x is the observed outcome, counted from the smallest; up is
// P(X ≥ x), down(k) is P(X ≤ k); no parameter below start can be accepted.
func blakerSearch(x int, a, start, end float64, up func(float64) float64, down func(int, float64) float64) float64 {
	// enters is the parameter from which outcomes up to k are in the opposite
	// tail: P(X ≤ k) ≤ P(X ≥ x) from there on.
	enters := func(k int) float64 {
		if down(k, start) <= up(start) {
			return start
		}
		return num.Bisect(start, end, func(p float64) bool { return down(k, p) > up(p) })
	}
	k := -1
	for k+1 < x && enters(k+1) <= start {
		k++
	}
	for from := start; ; k++ {
		to := end
		if k+1 < x {
			to = math.Min(to, enters(k+1))
		}
		acc := func(p float64) float64 {
			v := up(p)
			if k >= 0 {
				v += down(k, p)
			}
			return v
		}
		switch {
		case acc(from) > a:
			return from
		case acc(to) > a:
			return num.Bisect(from, to, func(p float64) bool { return acc(p) <= a })
		case k+1 >= x || to >= end:
			return to
		}
		from = to
	}
}
