package stats

import (
	"context"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// UnconditionalOrder is the statistic that orders the tables of an exact
// unconditional test. The zero value is the pooled z statistic.
type UnconditionalOrder string

// Orders.
const (
	// BarnardPooled orders by the z statistic with pooled variance (the score
	// test; usually meant by "Barnard's test").
	BarnardPooled UnconditionalOrder = "z-pooled"
	// BarnardUnpooled orders by the z statistic with separate variances.
	BarnardUnpooled UnconditionalOrder = "z-unpooled"
	// Boschloo orders by Fisher's p-value: two-sided by Fisher's two-sided.
	Boschloo UnconditionalOrder = "boschloo"
	// BoschlooCentral orders by Fisher's one-sided p-values; its two-sided
	// p-value is twice the smaller one-sided one (SciPy's definition).
	BoschlooCentral UnconditionalOrder = "boschloo-central"
)

// UnconditionalTest is an exact test of two proportions with the sample sizes,
// not the number of events, held fixed.
type UnconditionalTest struct {
	Treated, Control Count
	Order            UnconditionalOrder
	// Two, Greater and Less are p-values, each the largest over all common
	// event probabilities; Nuisance is that probability for each.
	Two, Greater, Less                         float64
	TwoNuisance, GreaterNuisance, LessNuisance float64
	// Statistic orders the observed table (z, or Fisher's two-sided p-value).
	Statistic float64
}

// Unconditional tests whether treated and control share one event probability
// by the exact unconditional test of the named order. It is exact like
// Fisher's test and less conservative, because it does not fix the margin that
// the trial did not fix. Boschloo's order is never less powerful than Fisher.
// The maximum over the nuisance probability is found by a grid and golden
// sections of every local peak. Both arms together should stay below about
// 1,000 participants: the work grows with n₁·n₂.
// It refuses n below 1 and events outside 0 … n.
// Source: Barnard (1947), doi 10.1093/biomet/34.1-2.123; Boschloo (1970),
// doi 10.1111/j.1467-9574.1970.tb00104.x.
// It agrees with R's Exact::exact.test and SciPy's barnard_exact and
// boschloo_exact, except where their grids miss the maximum.
func Unconditional(treated, control Count, order UnconditionalOrder) (UnconditionalTest, error) {
	return UnconditionalContext(context.Background(), treated, control, order)
}

// UnconditionalContext is Unconditional that stops with the context's error.
func UnconditionalContext(ctx context.Context, treated, control Count, order UnconditionalOrder) (UnconditionalTest, error) {
	const fn = "Unconditional"
	if err := checkCount(fn, "treated", treated); err != nil {
		return UnconditionalTest{}, err
	}
	if err := checkCount(fn, "control", control); err != nil {
		return UnconditionalTest{}, err
	}
	if order == "" {
		order = BarnardPooled
	}
	n1, n2 := treated.N, control.N
	u := UnconditionalTest{Treated: treated, Control: control, Order: order}
	two, greater, less := unconditionalScores(ctx, n1, n2, order)
	if err := ctx.Err(); err != nil {
		return UnconditionalTest{}, err
	}
	obs := treated.Events*(n2+1) + control.Events
	u.Statistic = greater[obs]
	if order == Boschloo || order == BoschlooCentral {
		u.Statistic = -two[obs]
	}
	grid := newTableGrid(n1, n2)
	u.Greater, u.GreaterNuisance = grid.sup(ctx, greater, greater[obs])
	u.Less, u.LessNuisance = grid.sup(ctx, less, less[obs])
	if order == BoschlooCentral {
		u.Two, u.TwoNuisance = u.Greater, u.GreaterNuisance
		if u.Less < u.Greater {
			u.Two, u.TwoNuisance = u.Less, u.LessNuisance
		}
		u.Two = math.Min(1, 2*u.Two)
	} else {
		u.Two, u.TwoNuisance = grid.sup(ctx, two, two[obs])
	}
	if err := ctx.Err(); err != nil {
		return UnconditionalTest{}, err
	}
	return u, nil
}

// unconditionalScores gives every table (i events of n1, j of n2, at index
// i·(n2+1)+j) a score per alternative; larger is more extreme.
func unconditionalScores(ctx context.Context, n1, n2 int, order UnconditionalOrder) (two, greater, less []float64) {
	size := (n1 + 1) * (n2 + 1)
	two, greater, less = make([]float64, size), make([]float64, size), make([]float64, size)
	a, b := float64(n1), float64(n2)
	for i := 0; i <= n1 && !stopped(ctx); i++ {
		for j := 0; j <= n2; j++ {
			k := i*(n2+1) + j
			switch order {
			case Boschloo, BoschlooCentral:
				f, _ := Fisher(Count{i, n1}, Count{j, n2})
				two[k], greater[k], less[k] = -f.Two, -f.Greater, -f.Less
				continue
			}
			p, q := float64(i)/a, float64(j)/b
			v := p*(1-p)/a + q*(1-q)/b
			if order == BarnardPooled {
				m := float64(i+j) / (a + b)
				v = m * (1 - m) * (1/a + 1/b)
			}
			z := 0.0
			if p != q {
				z = (p - q) / math.Sqrt(v) // v = 0 only for 0 against 1: infinite
			}
			two[k], greater[k], less[k] = math.Abs(z), z, -z
		}
	}
	return two, greater, less
}

// tableGrid holds the log binomial coefficients of all tables.
type tableGrid struct {
	n1, n2 int
	c1, c2 []float64
}

func newTableGrid(n1, n2 int) tableGrid {
	logs := func(n int) []float64 {
		c := make([]float64, n+1)
		for i := range c {
			c[i] = num.LogChoose(float64(n), float64(i))
		}
		return c
	}
	return tableGrid{n1, n2, logs(n1), logs(n2)}
}

// sup returns the largest probability, over the common event probability, of
// the tables whose score reaches the bound.
func (g tableGrid) sup(ctx context.Context, score []float64, bound float64) (p, at float64) {
	n := g.n1 + g.n2
	// Tables with one sum of events share their power of π, so the set is a
	// polynomial with n + 1 coefficients.
	c := make([]float64, n+1)
	tol := 1e-9 * math.Max(1, math.Abs(bound))
	if math.IsInf(bound, 0) {
		tol = 0
	}
	if math.Abs(bound) < 1 {
		tol = 1e-9 * math.Abs(bound)
	}
	for i := 0; i <= g.n1 && !stopped(ctx); i++ {
		for j := 0; j <= g.n2; j++ {
			if score[i*(g.n2+1)+j] >= bound-tol {
				c[i+j] += math.Exp(g.c1[i] + g.c2[j] - num.LogChoose(float64(n), float64(i+j)))
			}
		}
	}
	// c is now the share of each sum's hypergeometric mass in the set.
	f := func(pi float64) float64 {
		s := 0.0
		for k, w := range c {
			if w > 0 {
				s += w * num.BinomPMF(k, n, pi)
			}
		}
		return s
	}
	return maximize01(ctx, f, 4*n+64)
}

// maximize01 finds the largest value of a smooth function on [0, 1]: a grid,
// then golden sections around each of its best local peaks. Once the context
// has ended the answer is worthless.
func maximize01(ctx context.Context, f func(float64) float64, cells int) (value, at float64) {
	v := make([]float64, cells+1)
	for i := range v {
		if stopped(ctx) {
			return 0, 0
		}
		v[i] = f(float64(i) / float64(cells))
		if v[i] > value {
			value, at = v[i], float64(i)/float64(cells)
		}
	}
	var peaks []int
	for i := range v {
		if (i == 0 || v[i] >= v[i-1]) && (i == cells || v[i] >= v[i+1]) {
			peaks = append(peaks, i)
		}
	}
	sort.Slice(peaks, func(a, b int) bool { return v[peaks[a]] > v[peaks[b]] })
	const invPhi = 0.6180339887498949
	for _, i := range peaks[:min(5, len(peaks))] {
		lo, hi := math.Max(0, float64(i-1)/float64(cells)), math.Min(1, float64(i+1)/float64(cells))
		a, b := hi-invPhi*(hi-lo), lo+invPhi*(hi-lo)
		fa, fb := f(a), f(b)
		for range 60 {
			if stopped(ctx) {
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
		}
		for _, x := range []float64{a, b} {
			if y := f(x); y > value {
				value, at = y, x
			}
		}
	}
	return math.Min(1, value), at
}

// RiskDifferenceExact returns Chan and Zhang's exact unconditional interval of
// the risk difference, treated − control: both one-sided tests of size
// (1 − level)/2, tables ordered by the score statistic at each difference,
// p-values maximized over the nuisance probability.
// Exact: the coverage never falls below the level. It is for small trials: it
// refuses n₁·n₂ above 10,000 (ErrDomain), n below 1 and events outside 0 … n.
// Source: Chan & Zhang (1999), Biometrics 55:1202, doi 10.1111/j.0006-341X.1999.01202.x.
// It agrees with SAS PROC FREQ EXACT RISKDIFF(METHOD=SCORE).
func RiskDifferenceExact(treated, control Count, level float64) (Interval, error) {
	return RiskDifferenceExactContext(context.Background(), treated, control, level)
}

// RiskDifferenceExactContext is RiskDifferenceExact that stops with the
// context's error.
func RiskDifferenceExactContext(ctx context.Context, treated, control Count, level float64) (Interval, error) {
	checkLevel(level)
	const fn = "RiskDifferenceExact"
	if err := checkCount(fn, "treated", treated); err != nil {
		return Interval{}, err
	}
	if err := checkCount(fn, "control", control); err != nil {
		return Interval{}, err
	}
	if treated.N*control.N > 10000 {
		return Interval{}, &SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: ErrDomain, Info: "n₁·n₂ is above 10,000"}
	}
	a := (1 - level) / 2
	lo := chanZhangLower(ctx, treated, control, a)
	hi := -chanZhangLower(ctx, control, treated, a)
	if err := ctx.Err(); err != nil {
		return Interval{}, err
	}
	return Interval{Lo: lo, Hi: hi, Level: level}, nil
}

// chanZhangLower is the smallest difference that P(score ≥ observed) ≥ a does
// not reject. The p-value is not monotone in the difference, so a grid finds
// the first accepted cell before halving.
func chanZhangLower(ctx context.Context, t, c Count, a float64) float64 {
	n1, n2 := t.N, c.N
	p := func(d float64) float64 {
		obs := newTable2(t, c).score(riskDiff, d, ScoreOptions{})
		var in [][2]int
		for i := 0; i <= n1; i++ {
			// The score rises with i and falls with j: walk down j.
			for j := 0; j <= n2; j++ {
				if newTable2(Count{i, n1}, Count{j, n2}).score(riskDiff, d, ScoreOptions{}) < obs-1e-9 {
					break
				}
				in = append(in, [2]int{i, j})
			}
		}
		lo, hi := math.Max(0, -d), math.Min(1, 1-d)
		f := func(u float64) float64 {
			q := lo + u*(hi-lo)
			p1 := math.Max(0, math.Min(1, q+d))
			s := 0.0
			for _, ij := range in {
				s += num.BinomPMF(ij[0], n1, p1) * num.BinomPMF(ij[1], n2, q)
			}
			return s
		}
		v, _ := maximize01(ctx, f, 60)
		return v
	}
	const cells = 80
	d := t.Rate() - c.Rate()
	prev := -1.0
	for k := 1; k <= cells && !stopped(ctx); k++ {
		x := -1 + (d+1)*float64(k)/cells
		if p(x) >= a {
			lo, hi := prev, x
			for range 40 {
				if stopped(ctx) {
					break
				}
				if mid := (lo + hi) / 2; p(mid) < a {
					lo = mid
				} else {
					hi = mid
				}
			}
			return hi
		}
		prev = x
	}
	return d
}
