package table

import (
	"context"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// ExactRisk is a difference of two proportions, treated − control, by the exact
// unconditional test of Chan and Zhang. It implements Effect: the interval is
// made of the differences that the p-values accept.
type ExactRisk struct {
	Treated, Control Count
}

var _ stats.Effect = ExactRisk{}

const exactRiskMethod = "Chan–Zhang, exact unconditional"

// exactRiskTables is the largest n₁·n₂ that RiskDifferenceExact takes.
const exactRiskTables = 10_000

// RiskDifferenceExact compares two proportions, treated − control, with both
// sample sizes fixed and nothing else. At each difference Δ the tables are
// ordered by the score statistic with the likelihood's estimates under Δ (that
// of RiskDifferenceScore; its N/(N − 1) changes no order). PGreater(Δ) and
// PLess(Δ) are the probabilities of a table at least as far out, each the
// largest over the probability that Δ leaves free; P is min(1, 2·min) of the
// two, and CI the smallest interval around {Δ: P(Δ) > 1 − level}. That set can
// have gaps, because p jumps where tables change places: see CI.
//
// Exact: no p-value is below α more often than α, and the interval covers at
// least at its level, whatever both probabilities are. A limit is correct to
// 1e-11. It is for small trials: it refuses n₁·n₂ above 10,000 (ErrDomain), for
// which RiskDifferenceScore is close; and n below 1 and events outside 0 … n.
// Source: Chan & Zhang (1999), Biometrics 55:1202, doi 10.1111/j.0006-341X.1999.01202.x.
// It agrees with SAS PROC FREQ EXACT RISKDIFF(METHOD=SCORE) and R's
// lrstat::riskDiffExactCI.
func RiskDifferenceExact(treated, control Count) (ExactRisk, error) {
	const fn = "RiskDifferenceExact"
	if err := checkArms(fn, treated, control); err != nil {
		return ExactRisk{}, err
	}
	if float64(treated.N)*float64(control.N) > exactRiskTables {
		return ExactRisk{}, badArms(fn, stats.ErrDomain, "n₁·n₂ is above 10,000: use RiskDifferenceScore")
	}
	return ExactRisk{treated, control}, nil
}

// Point returns the difference of the observed proportions.
func (r ExactRisk) Point() float64 { return r.Treated.Rate() - r.Control.Rate() }

// P returns twice the smaller one-sided p-value at the difference null, at most 1;
// it is 0 outside −1 to 1, where no difference is.
func (r ExactRisk) P(null float64) float64 {
	return math.Min(1, 2*math.Min(r.PGreater(null), r.PLess(null)))
}

// PGreater is the one-sided p-value against a difference of at most null.
func (r ExactRisk) PGreater(null float64) float64 {
	return newUpperTail(context.Background(), r.Treated, r.Control).p(null)
}

// PLess is the one-sided p-value against a difference of at least null.
func (r ExactRisk) PLess(null float64) float64 {
	return newUpperTail(context.Background(), r.Control, r.Treated).p(-null)
}

// CI returns the smallest interval around the differences with a p-value above
// 1 − level. Where it holds differences that the test rejects, Why is WhyGaps
// and Gaps are where they are (12 of 32 against 6 of 7: no difference has p =
// 0.037, 0.9 points have 0.05), so that Excludes agrees with P. Why is WhyEmpty
// where the test rejects every difference, as it can at levels far below one
// half.
func (r ExactRisk) CI(level float64) stats.Interval {
	ci, _ := r.CIContext(context.Background(), level) // without an end there is no error
	return ci
}

// CIContext is CI that stops with the context's error: 2 against 5000
// participants can take two seconds. A p-value takes a tenth of a second at most.
func (r ExactRisk) CIContext(ctx context.Context, level float64) (stats.Interval, error) {
	check.Level(level)
	s := riskSearch{
		ctx: ctx, a: (1 - level) / 2,
		greater: newUpperTail(ctx, r.Treated, r.Control),
		less:    newUpperTail(ctx, r.Control, r.Treated),
	}
	// No difference and the observed one get their turn exactly: tables tie
	// there that tie nowhere near.
	stops := []float64{-1, math.Min(0, r.Point()), math.Max(0, r.Point()), 1}
	lo, some := s.first(stops)
	s.greater, s.less = s.less, s.greater
	hi, _ := s.first([]float64{-1, -stops[2], -stops[1], 1})
	s.greater, s.less = s.less, s.greater
	hi = -hi
	ci := stats.Interval{Lo: lo, Hi: hi, Level: level}
	switch {
	case !some:
		p := r.Point()
		ci = stats.Interval{Lo: p, Hi: p, LoOpen: true, HiOpen: true, Level: level, Why: stats.WhyEmpty}
	default:
		ci = ci.WithGaps(s.gaps(lo, hi, stops[1:3]))
	}
	if err := ctx.Err(); err != nil {
		return stats.Interval{}, err
	}
	return ci, nil
}

// String formats the difference in percentage points.
func (r ExactRisk) String() string {
	if r == (ExactRisk{}) {
		return show.NoResult
	}
	return percentText(r, exactRiskMethod)
}

// riskStep is how close the search comes to a limit.
const riskStep = 1e-12

// riskSearch looks for differences that both one-sided tests accept at a each.
type riskSearch struct {
	ctx           context.Context
	a             float64
	greater, less *upperTail
}

func (s *riskSearch) accepts(d float64) bool {
	return s.greater.above(s.greater.at(d), d, s.a) && s.less.above(s.less.at(-d), -d, s.a)
}

// mayAccept is false only where no difference in [a, b] is accepted.
func (s *riskSearch) mayAccept(a, b float64) bool {
	return s.greater.above(s.greater.most(a, b), b, s.a) && s.less.above(s.less.most(-b, -a), -a, s.a)
}

// mustAccept is true only where every difference in [a, b] is accepted.
func (s *riskSearch) mustAccept(a, b float64) bool {
	return s.greater.above(s.greater.least(a, b), a, s.a) && s.less.above(s.less.least(-b, -a), -b, s.a)
}

// first returns the smallest accepted difference between the first and the last
// stop; every stop is tried itself.
func (s *riskSearch) first(stops []float64) (float64, bool) {
	for i, b := range stops[1:] {
		if d, ok := s.firstIn(stops[i], b); ok {
			return d, true
		}
	}
	return 0, false
}

// firstIn halves until a part can be ruled out or is as narrow as a step.
func (s *riskSearch) firstIn(a, b float64) (float64, bool) {
	if check.Stopped(s.ctx) || !s.mayAccept(a, b) {
		return 0, false
	}
	if b-a <= riskStep {
		if s.accepts(a) {
			return a, true
		}
		return b, s.accepts(b)
	}
	if b-a <= narrow {
		if d, ok, one := s.firstOfOne(a, b); one {
			return d, ok
		}
	}
	mid := a + (b-a)/2
	if d, ok := s.firstIn(a, mid); ok {
		return d, true
	}
	return s.firstIn(mid, b)
}

// firstOfOne is firstIn where each tail has one set of tables throughout [a, b]
// (one is false elsewhere). Its largest probability then rises with the difference
// for greater and falls for less, so that the first accepted one is where the first
// of them passes a, if the second still does there.
func (s *riskSearch) firstOfOne(a, b float64) (d float64, ok, one bool) {
	set := slices.Clone(s.greater.at(a))
	if !slices.Equal(set, s.greater.at(b)) {
		return 0, false, false
	}
	less := slices.Clone(s.less.at(-b))
	if !slices.Equal(less, s.less.at(-a)) {
		return 0, false, false
	}
	excess := func(d float64) float64 { return s.greater.largestOf(set, d) - s.a }
	fa, fb := excess(a), excess(b)
	switch {
	case fb <= 0:
		return 0, false, true
	case fa > 0:
		b = a
	}
	// False position; a side that stays twice counts half (Illinois), and every
	// third step halves the interval.
	for step, kept := 1, 0; b-a > riskStep && !check.Stopped(s.ctx); step++ {
		x := a + (b-a)*fa/(fa-fb)
		if step%3 == 0 || !(x > a && x < b) {
			x = a + (b-a)/2
			if !(x > a && x < b) {
				break
			}
		}
		if f := excess(x); f > 0 {
			b, fb = x, f
			if kept == 1 {
				fa /= 2
			}
			kept = 1
		} else {
			a, fa = x, f
			if kept == -1 {
				fb /= 2
			}
			kept = -1
		}
	}
	return b, s.less.above(less, -b, s.a), true
}

// gapStep is the width below which no gap is looked for, and to which the ends
// of one are right.
const gapStep = 1e-6

// gaps lists what lies between lo and hi and is rejected; at the stops the
// answer can differ from that on either side.
func (s *riskSearch) gaps(lo, hi float64, stops []float64) []stats.Gap {
	var out []stats.Gap
	from := lo + 10*riskStep
	for _, stop := range append(stops, hi) {
		if to := stop - 10*riskStep; stop > lo && to > from && stop <= hi {
			out = s.gapsIn(out, from, to)
			from = stop + 10*riskStep
		}
	}
	// Two that meet at a rejected stop are one.
	merged := out[:0]
	for _, g := range out {
		if last := len(merged) - 1; last >= 0 && g.Lo-merged[last].Hi < 2*gapStep && !s.accepts((g.Lo+merged[last].Hi)/2) {
			merged[last].Hi = g.Hi
			continue
		}
		merged = append(merged, g)
	}
	return merged
}

// gapsIn appends the gaps in [a, b], halving what is neither accepted nor
// rejected throughout.
func (s *riskSearch) gapsIn(out []stats.Gap, a, b float64) []stats.Gap {
	if check.Stopped(s.ctx) || s.mustAccept(a, b) {
		return out
	}
	if b-a <= gapStep || !s.mayAccept(a, b) {
		if s.accepts(a + (b-a)/2) {
			return out
		}
		if last := len(out) - 1; last >= 0 && out[last].Hi == a {
			out[last].Hi = b
			return out
		}
		return append(out, stats.Gap{Lo: a, Hi: b})
	}
	mid := a + (b-a)/2
	return s.gapsIn(s.gapsIn(out, a, mid), mid, b)
}
