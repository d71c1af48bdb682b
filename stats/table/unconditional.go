package table

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/twobytwo"
)

// UnconditionalOrder is the statistic that orders the tables of an exact
// unconditional test. The zero value is the pooled z statistic.
type UnconditionalOrder string

// Orders. For the first three the two-sided p-value is twice the smaller
// one-sided one, at most 1: it agrees with the intervals that invert one-sided
// tests, RiskDifferenceExact's among them. The others order both tails at once.
const (
	// BarnardPooled orders by the z statistic with pooled variance (the score
	// test; usually meant by "Barnard's test"). Its p-values are those of
	// RiskDifferenceExact at no difference.
	BarnardPooled UnconditionalOrder = "z-pooled"
	// BarnardUnpooled orders by the z statistic with separate variances.
	BarnardUnpooled UnconditionalOrder = "z-unpooled"
	// BoschlooCentral orders by Fisher's one-sided p-values (SciPy's
	// definition).
	BoschlooCentral UnconditionalOrder = "boschloo-central"
	// BarnardPooledAbs and BarnardUnpooledAbs order by |z|: the two-sided tests
	// of R's Exact and SciPy's barnard_exact. No interval goes with them, and
	// they can reject what one that inverts one-sided tests contains.
	BarnardPooledAbs   UnconditionalOrder = "z-pooled-abs"
	BarnardUnpooledAbs UnconditionalOrder = "z-unpooled-abs"
	// Boschloo orders by Fisher's p-value: two-sided by Fisher's two-sided, for
	// which the same holds.
	Boschloo UnconditionalOrder = "boschloo"
)

// UnconditionalOptions choose the order of the tables.
type UnconditionalOptions struct {
	Order UnconditionalOrder // "" means BarnardPooled
}

// UnconditionalTest is an exact test of two proportions with the sample sizes,
// not the number of events, held fixed.
type UnconditionalTest struct {
	Treated, Control Count
	Order            UnconditionalOrder
	// The nuisances are the common event probabilities at which the p-values, the
	// largest over all of them, are found (that of a doubled two-sided one is its
	// smaller side's).
	Nuisance, NuisanceGreater, NuisanceLess float64
	// Statistic orders the observed table (z, or Fisher's two-sided p-value).
	Statistic float64

	two, greater, less float64
}

var _ stats.Test = UnconditionalTest{}

// P returns the two-sided p-value.
func (u UnconditionalTest) P() float64 { return u.two }

// PGreater returns the one-sided p-value: small values say that the treated
// probability is the larger one.
func (u UnconditionalTest) PGreater() float64 { return u.greater }

// PLess returns the one-sided p-value of the other side.
func (u UnconditionalTest) PLess() float64 { return u.less }

// String formats the test with its order and its one-sided p-values.
func (u UnconditionalTest) String() string {
	if u.Order == "" {
		return show.NoResult
	}
	return pText("exact unconditional test ("+string(u.Order)+")", u.two, u.greater, u.less)
}

// unconditionalTables is the largest n₁·n₂ that Unconditional takes.
const unconditionalTables = 10_000_000

// Unconditional tests whether treated and control share one event probability
// by the exact unconditional test, ordered by the pooled z statistic. It is exact like
// Fisher's test and less conservative, because it does not fix the margin that
// the trial did not fix. Boschloo's order is never less powerful than Fisher.
// The maximum over the nuisance probability is found by a grid and golden
// sections of every local peak.
// It refuses n₁·n₂ above 10 million (ErrDomain), where RiskDifferenceScore
// takes its place; n below 1 and events outside 0 … n. It panics for an unknown
// order.
// Source: Barnard (1947), doi 10.1093/biomet/34.1-2.123; Boschloo (1970),
// doi 10.1111/j.1467-9574.1970.tb00104.x.
// It agrees with R's Exact::exact.test and SciPy's barnard_exact and
// boschloo_exact, except where their grids miss the maximum.
func Unconditional(treated, control Count) (UnconditionalTest, error) {
	return UnconditionalContext(context.Background(), treated, control, UnconditionalOptions{})
}

// UnconditionalWith is Unconditional with options.
func UnconditionalWith(treated, control Count, o UnconditionalOptions) (UnconditionalTest, error) {
	return UnconditionalContext(context.Background(), treated, control, o)
}

// UnconditionalContext is UnconditionalWith that stops with the context's error.
func UnconditionalContext(ctx context.Context, treated, control Count, o UnconditionalOptions) (UnconditionalTest, error) {
	const fn = "Unconditional"
	if err := checkArms(fn, treated, control); err != nil {
		return UnconditionalTest{}, err
	}
	if float64(treated.N)*float64(control.N) > unconditionalTables {
		return UnconditionalTest{}, badArms(fn, stats.ErrDomain, "n₁·n₂ is above 10 million: use RiskDifferenceScore")
	}
	order := o.Order
	if order == "" {
		order = BarnardPooled
	}
	u := UnconditionalTest{Treated: treated, Control: control, Order: order}
	two, greater, less := u.shares(ctx)
	u.greater, u.NuisanceGreater = greater.largest(ctx)
	u.less, u.NuisanceLess = less.largest(ctx)
	switch order {
	case BarnardPooledAbs, BarnardUnpooledAbs, Boschloo:
		u.two, u.Nuisance = two.largest(ctx)
	default:
		u.two, u.Nuisance = u.greater, u.NuisanceGreater
		if u.less < u.greater {
			u.two, u.Nuisance = u.less, u.NuisanceLess
		}
		u.two = math.Min(1, 2*u.two)
	}
	if err := ctx.Err(); err != nil {
		return UnconditionalTest{}, err
	}
	return u, nil
}

// shares fills in the observed statistic and returns, for each sum of events,
// which share of its tables is at least as far out as the observed one, either
// way, up and down: given the sum, the shares are hypergeometric whatever the
// common probability.
func (u *UnconditionalTest) shares(ctx context.Context) (two, greater, less sumShares) {
	n1, n2 := u.Treated.N, u.Control.N
	two, greater, less = make(sumShares, n1+n2+1), make(sumShares, n1+n2+1), make(sumShares, n1+n2+1)
	var z func(i, j int) float64
	var exact ExactTest
	switch u.Order {
	case BarnardPooled, BarnardPooledAbs, BarnardUnpooled, BarnardUnpooledAbs:
		z = zStatistic(n1, n2, u.Order == BarnardPooled || u.Order == BarnardPooledAbs)
		u.Statistic = z(u.Treated.Events, u.Control.Events)
	case Boschloo, BoschlooCentral:
		exact, _ = Fisher(u.Treated, u.Control) // the counts have been checked
		u.Statistic = exact.two
	default:
		panic(fmt.Sprintf("table.Unconditional: no order %q", u.Order))
	}
	for s := range two {
		if check.Stopped(ctx) {
			break
		}
		lo, w := hypergeometric(n1, n2, s)
		total := 0.0
		for _, v := range w {
			total += v
		}
		if z == nil {
			two[s], greater[s], less[s] = fisherShares(w, total, exact)
			continue
		}
		for k, v := range w {
			score := z(lo+k, s-lo-k)
			if reaches(score, u.Statistic) {
				greater[s] += v
			}
			if reaches(-score, -u.Statistic) {
				less[s] += v
			}
			if reaches(math.Abs(score), math.Abs(u.Statistic)) {
				two[s] += v
			}
		}
		for _, share := range []sumShares{two, greater, less} {
			share[s] = math.Min(1, share[s]/total)
		}
	}
	return two, greater, less
}

// reaches is score ≥ bound but for rounding.
func reaches(score, bound float64) bool {
	return score >= bound || score >= bound-scoreTie*math.Abs(bound)
}

// zStatistic is the z statistic of i events of n1 against j of n2.
func zStatistic(n1, n2 int, pooled bool) func(i, j int) float64 {
	a, b := float64(n1), float64(n2)
	return func(i, j int) float64 {
		p, q := float64(i)/a, float64(j)/b
		v := p*(1-p)/a + q*(1-q)/b
		if pooled {
			m := float64(i+j) / (a + b)
			v = m * (1 - m) * (1/a + 1/b)
		}
		if p == q {
			return 0
		}
		return (p - q) / math.Sqrt(v) // v = 0 only for 0 against 1: infinite
	}
}

// fisherShares are the shares of the tables with one sum of events, of weights
// w, whose own Fisher p-values are no larger than the observed ones.
func fisherShares(w []float64, total float64, obs ExactTest) (two, greater, less float64) {
	const tie = 1 + 1e-9
	for below, k := 0.0, 0; k < len(w); k++ {
		if below += w[k]; below > obs.less*tie*total {
			break
		}
		less = below / total
	}
	for above, k := 0.0, len(w)-1; k >= 0; k-- {
		if above += w[k]; above > obs.greater*tie*total {
			break
		}
		greater = above / total
	}
	// The weights rise to the mode and fall: the smallest are taken from either
	// end, those that count as equally likely together.
	for i, j, sum := 0, len(w)-1, 0.0; i <= j; {
		as := math.Min(w[i], w[j]) * (1 + 1e-7)
		for ; i <= j && w[i] <= as; i++ {
			sum += w[i]
		}
		for ; j >= i && w[j] <= as; j-- {
			sum += w[j]
		}
		if sum > obs.two*tie*total {
			break
		}
		two = sum / total
	}
	return math.Min(1, two), math.Min(1, greater), math.Min(1, less)
}

// sumShares is, for each sum of both arms' events, the share of its tables that
// is in a set.
type sumShares []float64

// largest is the largest probability of the set over the common probability of
// an event, and where it is.
func (c sumShares) largest(ctx context.Context) (p, at float64) {
	n := len(c) - 1
	row := twobytwo.NewBinomialRow(n)
	f := func(pi float64) float64 {
		p, s := row.Fill(pi, twobytwo.Tiny), 0.0
		for k, w := range c {
			s += w * p[k]
		}
		return s
	}
	cells := int(math.Ceil(math.Pi / 2 / nuisanceStep(n)))
	grid := make([]float64, cells+1)
	for i := range grid {
		r := math.Sin(math.Pi / 2 * float64(i) / float64(cells))
		grid[i] = r * r
	}
	return largest(ctx, f, grid, math.Inf(1))
}

// largest returns the largest value of f between the first and the last point
// of a grid that follows its course, and where it is: the best point, or a
// golden section around a local peak that may hide a better one. It is content
// with any value above enough. Once the context has ended the answer is
// worthless.
func largest(ctx context.Context, f func(float64) float64, grid []float64, enough float64) (value, at float64) {
	v := make([]float64, len(grid))
	for i, x := range grid {
		if check.Stopped(ctx) {
			return 0, 0
		}
		if v[i] = f(x); v[i] > value {
			if value, at = v[i], x; value > enough {
				return value, at
			}
		}
	}
	// With points at 0.4 standard deviations of the angle a peak is less than a
	// tenth above the higher of its neighbors.
	least := 0.9 * value
	if !math.IsInf(enough, 1) {
		least = math.Max(least, 0.9*enough)
	}
	const invPhi = 0.6180339887498949
	for i := range v {
		l, r := max(0, i-1), min(len(v)-1, i+1)
		flat := l < i && i < r && math.Min(v[l], v[r]) > v[i]*(1-1e-14)
		if v[i] < least || v[i] < v[l] || v[i] < v[r] || flat {
			continue
		}
		lo, hi := grid[l], grid[r]
		a, b := hi-invPhi*(hi-lo), lo+invPhi*(hi-lo)
		fa, fb := f(a), f(b)
		for range 40 {
			if check.Stopped(ctx) {
				return 0, 0
			}
			if fa > fb {
				hi, b, fb = b, a, fa
				a = hi - invPhi*(hi-lo)
				fa = f(a)
			} else {
				lo, a, fa = a, b, fb
				b = lo + invPhi*(hi-lo)
				fb = f(b)
			}
			if fa > value {
				value, at = fa, a
			}
			if fb > value {
				value, at = fb, b
			}
			if value > enough {
				return value, at
			}
		}
	}
	return math.Min(1, value), at
}
