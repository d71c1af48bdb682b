package table

import (
	"context"
	"math"

	"github.com/trialkit/trialkit/stats/internal/twobytwo"
)

// upperTail is P(score ≥ the observed one) of a table of two arms, as a
// function of the difference Δ of their probabilities and of the control one.
//
// The score rises with the treated events and falls with the controls', so the
// tables with a score of c or more are, for each number of treated events i,
// those with fewer than cut[i] control events, and cut never falls with i. Such
// a set's probability rises with the treated arm's probability and falls with
// the control arm's; its largest value over the latter rises with Δ. The score
// itself falls with Δ. Both are what the search for a limit rests on.
type upperTail struct {
	ctx    context.Context
	n1, n2 int
	obs    table2
	step   float64 // of the nuisance grid, an angle

	cut, other []int
	row1, row2 twobytwo.BinomialRow
	grid       []float64
	best       float64 // where above last found enough
}

func newUpperTail(ctx context.Context, treated, control Count) *upperTail {
	n1, n2 := treated.N, control.N
	return &upperTail{ctx: ctx, n1: n1, n2: n2, obs: newTable2(treated, control), step: nuisanceStep(max(n1, n2)),
		cut: make([]int, n1+1), row1: twobytwo.NewBinomialRow(n1), row2: twobytwo.NewBinomialRow(n2), best: 0.5}
}

// p is the p-value at the difference d.
func (u *upperTail) p(d float64) float64 {
	switch {
	case d < -1:
		return 0
	case d > 1:
		return 1
	}
	return u.largestOf(u.at(d), d)
}

// largestOf is the set's probability at the difference d, at its largest.
func (u *upperTail) largestOf(cut []int, d float64) float64 {
	v, _ := largest(u.ctx, u.prob(cut, d, twobytwo.Tiny), u.nuisance(d), math.Inf(1))
	return v
}

// above reports whether the set's probability can exceed a at the difference d.
func (u *upperTail) above(cut []int, d, a float64) bool {
	f := u.prob(cut, d, 1e-20*a)
	lo, hi := math.Max(0, -d), math.Min(1, 1-d)
	if f(lo+u.best*(hi-lo)) > a { // the place of last time is a good guess
		return true
	}
	v, at := largest(u.ctx, f, u.nuisance(d), a)
	if v > a && hi > lo {
		u.best = (at - lo) / (hi - lo)
	}
	return v > a
}

// at is the set of tables at least as far out as the observed one at d.
func (u *upperTail) at(d float64) []int { return u.tables(d, u.score(u.obs, d)) }

// narrow is a range of differences in which no table is taken to pass the
// observed one in the order and to fall back again.
const narrow = 1e-4

// most holds every table that is in the set at some difference in [a, b], least
// only such as are in it at all of them.
func (u *upperTail) most(a, b float64) []int {
	if b-a > narrow || a == -1 { // at −1 all scores but one are infinite
		return u.tables(a, u.score(u.obs, b))
	}
	return u.both(a, b, func(x, y int) int { return max(x, y) })
}

func (u *upperTail) least(a, b float64) []int {
	if b-a <= narrow {
		return u.both(a, b, func(x, y int) int { return min(x, y) })
	}
	cut := u.tables(b, u.score(u.obs, a))
	// The observed table is in every set, and with equal arms so is the one in
	// which arms and events have both changed places: their scores are equal.
	x1, x2 := int(u.obs.X1), int(u.obs.X2)
	for i := x1; i <= u.n1; i++ {
		cut[i] = max(cut[i], x2+1)
	}
	if u.n1 == u.n2 {
		for i := u.n1 - x2; i <= u.n1; i++ {
			cut[i] = max(cut[i], u.n2-x1+1)
		}
	}
	return cut
}

// both joins the sets at a and at b.
func (u *upperTail) both(a, b float64, join func(x, y int) int) []int {
	u.other = append(u.other[:0], u.at(a)...)
	cut := u.at(b)
	for i, c := range u.other {
		cut[i] = join(c, cut[i])
	}
	return cut
}

func (u *upperTail) score(t table2, d float64) float64 {
	return t.score(twobytwo.RiskDiff, d, ScoreOptions{NoBiasCorrection: true})
}

// tables fills cut with the tables whose score at d reaches the bound, but for
// rounding: a score is good to about 1e-13, and equal ones are common.
func (u *upperTail) tables(d, bound float64) []int {
	bound -= scoreTie * math.Max(1, math.Abs(bound))
	t, j := u.obs, 0
	for i := range u.cut {
		for t.X1 = float64(i); j <= u.n2; j++ {
			if t.X2 = float64(j); u.score(t, d) < bound {
				break
			}
		}
		u.cut[i] = j
	}
	return u.cut
}

// scoreTie is the relative difference below which scores count as equal.
const scoreTie = 1e-11

// prob is the probability of the tables in cut as a function of the control
// arm's probability, but for events less likely than the floor.
func (u *upperTail) prob(cut []int, d, floor float64) func(q float64) float64 {
	return func(q float64) float64 {
		b1 := u.row1.Fill(math.Max(0, math.Min(1, q+d)), floor)
		b2 := u.row2.Fill(q, floor)
		s, below, j := 0.0, 0.0, 0
		for i, c := range cut {
			for ; j < c; j++ {
				below += b2[j]
			}
			s += b1[i] * below
		}
		return s
	}
}

// nuisance are the control probabilities to try at the difference d: the angle
// asin √p of neither arm moves by more than a step from one to the next.
func (u *upperTail) nuisance(d float64) []float64 {
	lo, hi := math.Max(0, -d), math.Min(1, 1-d)
	next := func(p float64) float64 {
		a := math.Asin(math.Sqrt(math.Max(0, math.Min(1, p)))) + u.step
		if a >= math.Pi/2 {
			return 1
		}
		s := math.Sin(a)
		return s * s
	}
	u.grid = u.grid[:0]
	for q := lo; q < hi; {
		u.grid = append(u.grid, q)
		to := math.Min(next(q), next(q+d)-d)
		if to <= q { // less than the last digit
			break
		}
		q = to
	}
	u.grid = append(u.grid, hi)
	return u.grid
}

// nuisanceStep is 0.4 standard deviations of a proportion's angle, the scale on
// which the probability of a set of tables changes.
func nuisanceStep(n int) float64 { return 0.2 / math.Sqrt(float64(n)) }
