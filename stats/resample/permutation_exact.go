package resample

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// permTest answers the questions that a finished permutation test is asked.
type permTest interface {
	two(null float64) float64     // two-sided p
	greater(null float64) float64 // one-sided p-values
	less(null float64) float64
	// ends returns the hull of the nulls with p ≥ alpha. An end is infinite
	// where p stays at or above alpha for ever.
	ends(alpha float64) (lo, hi float64)
	// under returns the same test whose answers are cut short, and worthless,
	// once the context has ended: whoever asks looks at the context afterwards.
	under(ctx context.Context) permTest
}

// permPair is one family of arrangements: those that keep k of the treated
// participants, whose sum is a sum of the left row plus one of the right.
type permPair struct {
	l, r *sumRow
	k    float64
}

// permDist is the exact joint distribution of the sum S of the arm "treated"
// and of the number k of truly treated participants in it, over all
// arrangements. Under the hypothesis that treatment adds δ, the deviation of S
// from its expectation is S − e0 − δ(k − ke), and that of the trial itself is
// obs − e0 − δ(kobs − ke). An arrangement deviates at least as far for the δ
// between the roots of
//
//	S − obs + δ(kobs − k) = 0   and   S + obs − 2e0 − δ(k + kobs − 2ke) = 0,
//
// an interval that always holds the δ at which the trial does not deviate at
// all. So the p-value falls on both sides of that δ, and the accepted set is
// an interval with closed ends.
//
// Sums are in steps of the grid, so that comparisons are exact, and den makes
// e0·den and ke·den whole, so that a root is rounded once only: on a grid an
// interval's end is the float64 nearest to the truth.
type permDist struct {
	pairs    []permPair
	total    float64
	obs, e0  float64
	kobs, ke float64
	den      float64
	step     permStep
	tol      float64
	span     float64 // the scores' range, in steps
	loose    bool    // sums are off any grid and equal within tol
	lattice  bool
	ctx      context.Context
}

func (d *permDist) under(ctx context.Context) permTest {
	c := *d
	c.ctx = ctx
	return &c
}

// permStep is the grid's step as a ratio of whole numbers (1/1 off any grid).
type permStep struct{ num, den float64 }

func (u permStep) steps(x float64) float64 { return x * u.den / u.num }

// value is a/b steps.
func (u permStep) value(a, b float64) float64 { return a * u.num / (b * u.den) }

// tolAt is how far sums may miss each other and still count as equal: sums on
// a grid are whole numbers, so this only absorbs the rounding of δ.
func (d *permDist) tolAt(delta float64) float64 {
	return d.tol + 1e-14*math.Abs(delta)*d.kobs
}

func (d *permDist) geLe(lower, upper func(k float64) float64, tol float64) float64 {
	var c float64
	for _, p := range d.pairs {
		if check.Stopped(d.ctx) {
			return 0
		}
		if lower != nil {
			c += pairGE(p.l, p.r, lower(p.k), tol)
		}
		if upper != nil {
			c += pairLE(p.l, p.r, upper(p.k), tol)
		}
	}
	return math.Min(1, c/d.total)
}

func (d *permDist) two(null float64) float64 { return d.twoAt(null, d.step.steps(null)) }

func (d *permDist) twoSteps(delta float64) float64 { return d.twoAt(d.step.value(delta, 1), delta) }

// twoAt is the two-sided p-value at null, which is delta steps.
func (d *permDist) twoAt(null, delta float64) float64 {
	tol := d.tolAt(delta)
	dev := d.obs - d.e0 - delta*(d.kobs-d.ke)
	if math.Abs(dev) <= tol {
		return 1
	}
	side := math.Copysign(1, dev) // +1: own sums from below, mirrored ones from above
	e0, ke := d.whole()
	own := func(k float64) float64 {
		bound, a := d.obs-delta*(d.kobs-k), d.kobs-k
		s := math.Round(bound)
		return d.settle(null, bound, d.obs-s, a, side, side)
	}
	mirror := func(k float64) float64 {
		bound := 2*d.e0 - d.obs + delta*(k+d.kobs-2*d.ke)
		s, b := math.Round(bound), (k+d.kobs)*d.den-2*ke
		return d.settle(null, bound, (s+d.obs)*d.den-2*e0, b, -side, math.Copysign(side, b*side))
	}
	if dev > 0 {
		return d.geLe(own, mirror, tol)
	}
	return d.geLe(mirror, own, tol)
}

// whole are the expectations times den: whole numbers on a grid.
func (d *permDist) whole() (e0, ke float64) {
	e0, ke = d.e0*d.den, d.ke*d.den
	if d.den > 1 {
		e0, ke = math.Round(e0), math.Round(ke)
	}
	return e0, ke
}

// settle decides, on a grid, whether the whole number next to a bound of sums
// (from below where side is 1, from above where it is −1) belongs to them: it
// does where null is the float64 nearest to the root num/den at which that sum
// deviates as far as the trial, or lies beyond it in the direction of rise. So
// the p-value jumps at the very float64 at which the interval ends.
func (d *permDist) settle(null, bound, num, den, side, rise float64) float64 {
	s := math.Round(bound)
	if d.loose || den == 0 || math.Abs(bound-s) > 1e-6 {
		return bound
	}
	if (null-d.step.value(num, den))*rise >= 0 {
		return s - side/2
	}
	return s + side/2
}

func (d *permDist) greater(null float64) float64 {
	delta := d.step.steps(null)
	return d.geLe(func(k float64) float64 { return d.obs - delta*(d.kobs-k) }, nil, d.tolAt(delta))
}

func (d *permDist) less(null float64) float64 {
	delta := d.step.steps(null)
	return d.geLe(nil, func(k float64) float64 { return d.obs - delta*(d.kobs-k) }, d.tolAt(delta))
}

// center is the δ (in units) at which the trial does not deviate.
func (d *permDist) center() float64 { return (d.obs - d.e0) / (d.kobs - d.ke) }

// limit is the share of arrangements that deviate as far at every δ beyond all
// roots: the trial's own and, where it has one, its mirror image.
func (d *permDist) limit(sign float64) float64 {
	var c float64
	for _, p := range d.pairs {
		if p.k == d.kobs {
			c += p.l.total() * p.r.total() // only the trial itself keeps all
			continue
		}
		if b := p.k + d.kobs - 2*d.ke; math.Abs(b) < 1e-9 {
			// the sign of S + obs − 2·e0 decides
			x := 2*d.e0 - d.obs
			if sign > 0 {
				c += pairGE(p.l, p.r, x, d.tol)
			} else {
				c += pairLE(p.l, p.r, x, d.tol)
			}
		}
	}
	return c / d.total
}

func (d *permDist) ends(alpha float64) (lo, hi float64) {
	return d.end(alpha, -1), d.end(alpha, 1)
}

// end brackets the jump of the p-value across alpha on one side by bisection
// and then picks the root that causes it, so that the end is exact.
func (d *permDist) end(alpha, sign float64) float64 {
	if d.limit(sign) >= alpha {
		return sign * math.Inf(1)
	}
	in := d.center()
	step := math.Max(d.span, 1)
	out := in + sign*step
	for d.twoSteps(out) >= alpha {
		in = out
		step *= 2
		out = in + sign*step
		if step > 1e300 {
			return sign * math.Inf(1)
		}
	}
	// On the probit scale the p-value is nearly linear in δ, so interpolation
	// converges fast; bisection takes turns, so that steps cannot stall it.
	probit := func(p float64) float64 { return num.NormQuantile(math.Max(p, 1e-300) / 2) }
	zIn, zOut, want := probit(d.twoSteps(in)), probit(d.twoSteps(out)), probit(alpha)
	narrow := 1e-9 * math.Max(1, math.Max(math.Abs(in)*1e-3, d.span*1e-3))
	if !d.loose {
		narrow = 0.2 / d.kobs // no two sums of a pair have a root in the bracket
	}
	for turn := 0; math.Abs(out-in) > narrow; turn++ {
		mid := in + (out-in)/2
		if turn%3 != 2 && zOut < zIn {
			share := (zIn - want) / (zIn - zOut)
			// A little to the side of the guess that is still far off.
			if share < 0.5 {
				share += 0.02 * math.Abs(share)
			} else {
				share -= 0.02 * math.Abs(1-share)
			}
			if x := in + share*(out-in); share > 0 && share < 1 && x != in && x != out {
				mid = x
			}
		}
		if mid == in || mid == out {
			break
		}
		if p := d.twoSteps(mid); p >= alpha {
			in, zIn = mid, probit(p)
		} else {
			out, zOut = mid, probit(p)
		}
	}
	type root struct{ num, den float64 } // den > 0
	var roots []root
	mid := in + (out-in)/2
	width := math.Abs(out-in) + 4*d.tolAt(mid)
	e0, ke := d.whole()
	for _, p := range d.pairs {
		if a := d.kobs - p.k; a > 0 {
			if s, ok := pairNear(p.l, p.r, d.obs-mid*a, width*a+2*d.tolAt(mid)); ok {
				roots = append(roots, root{d.obs - s, a})
			}
		}
		if b := p.k + d.kobs - 2*d.ke; b > 1e-9 {
			if s, ok := pairNear(p.l, p.r, 2*d.e0-d.obs+mid*b, width*b+2*d.tolAt(mid)); ok {
				roots = append(roots, root{(s+d.obs)*d.den - 2*e0, (p.k+d.kobs)*d.den - 2*ke})
			}
		}
	}
	slices.SortFunc(roots, func(x, y root) int { return cmp.Compare(sign*y.num/y.den, sign*x.num/x.den) })
	// The outermost root that is still accepted; p rises from one to the next.
	i := sort.Search(len(roots), func(i int) bool {
		return d.twoAt(d.step.value(roots[i].num, roots[i].den), roots[i].num/roots[i].den) >= alpha
	})
	if i < len(roots) {
		r := roots[i]
		if d.loose { // what the p-value takes for equal is inside
			r.num += sign * d.tol / 2
		}
		return d.step.value(r.num, r.den)
	}
	return d.step.value(in, 1)
}

// linTest is the permutation test of a statistic that is linear in δ:
// arrangement i deviates by a[i] − δ·g[i], the trial by a0 − δ·g0, and
// |g[i]| ≤ g0. It holds every arrangement (exact) or random ones (mc), in
// which case the trial is counted once more in numerator and denominator
// (Phipson & Smyth 2010, doi 10.2202/1544-6115.1585).
type linTest struct {
	a, g   []float64
	w      []float64 // how many arrangements each stands for; nil: one
	a0, g0 float64
	step   permStep
	always float64
	rel    float64 // deviations this close, relative to a0 and δ·g0, are equal
	loose  bool    // deviations are not whole numbers, so that equality needs rel
	mc     bool
	ctx    context.Context
}

func (t *linTest) under(ctx context.Context) permTest {
	c := *t
	c.ctx = ctx
	return &c
}

// halt looks at the context once in 2¹⁶ arrangements.
func (t *linTest) halt(i int) bool { return i&0xffff == 0 && check.Stopped(t.ctx) }

func (t *linTest) slack(null float64) float64 {
	return t.rel * (math.Abs(t.a0) + math.Abs(null)*t.g0)
}

// weight is the number of arrangements that i stands for, and total that of all.
func (t *linTest) weight(i int) float64 {
	if t.w == nil {
		return 1
	}
	return t.w[i]
}

func (t *linTest) total() float64 {
	if t.w == nil {
		return float64(len(t.a)) + t.always
	}
	n := t.always
	for _, w := range t.w {
		n += w
	}
	return n
}

func (t *linTest) share(c float64) float64 {
	c += t.always
	if t.mc {
		return (c + 1) / (t.total() + 1)
	}
	return c / t.total()
}

func (t *linTest) two(null float64) float64 {
	c := 0.0
	for i := range t.a {
		if l, h := t.far(i); l <= null && null <= h {
			c += t.weight(i)
		}
		if t.halt(i) {
			return 0
		}
	}
	return t.share(c)
}

// far is the interval of nulls at which arrangement i deviates as far as the
// trial.
func (t *linTest) far(i int) (l, h float64) {
	down, up := t.g0-t.g[i], t.g0+t.g[i]
	if down <= 1e-12*t.g0 || up <= 1e-12*t.g0 { // the trial itself, its mirror image
		return math.Inf(-1), math.Inf(1)
	}
	x, y := t.step.value(t.a0-t.a[i], down), t.step.value(t.a0+t.a[i], up)
	l, h = math.Min(x, y), math.Max(x, y)
	if t.loose { // what counts as equal is inside
		low, high := down, up
		if x > y {
			low, high = up, down
		}
		l -= t.step.value(t.slack(t.step.steps(l))/2, low)
		h += t.step.value(t.slack(t.step.steps(h))/2, high)
	}
	return l, h
}

func (t *linTest) greater(null float64) float64 {
	null = t.step.steps(null)
	least := t.a0 - null*t.g0 - t.slack(null)
	c := 0.0
	for i, a := range t.a {
		if a-null*t.g[i] >= least {
			c += t.weight(i)
		}
		if t.halt(i) {
			return 0
		}
	}
	return t.share(c)
}

func (t *linTest) less(null float64) float64 {
	null = t.step.steps(null)
	most := t.a0 - null*t.g0 + t.slack(null)
	c := 0.0
	for i, a := range t.a {
		if a-null*t.g[i] <= most {
			c += t.weight(i)
		}
		if t.halt(i) {
			return 0
		}
	}
	return t.share(c)
}

// ends finds, for every arrangement, the interval of nulls at which it
// deviates as far as the trial, and from these intervals' ends the two order
// statistics at which the p-value crosses alpha.
func (t *linTest) ends(alpha float64) (lo, hi float64) {
	n := len(t.a)
	if t.share(0) >= alpha {
		return math.Inf(-1), math.Inf(1)
	}
	need := 0
	for t.w == nil && need <= n && t.share(float64(need)) < alpha {
		need++
	}
	los, his := make([]float64, n), make([]float64, n)
	for i := range t.a {
		if t.halt(i) {
			return 0, 0
		}
		l, h := t.far(i)
		los[i], his[i] = l, -h
	}
	if t.w != nil {
		return t.reach(los, alpha), -t.reach(his, alpha)
	}
	return selectKth(t.ctx, los, need-1), -selectKth(t.ctx, his, need-1)
}

// reach returns the end up to which weights, from the smallest end on, first
// have a share of at least alpha.
func (t *linTest) reach(ends []float64, alpha float64) float64 {
	order := make([]int, len(ends))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(ends[i], ends[j]) })
	total, c := t.total(), t.always
	for _, i := range order {
		if c += t.w[i]; c/total >= alpha {
			return ends[i]
		}
	}
	return math.Inf(1)
}

// selectKth returns the element that sorting x ascending would put at index k;
// it reorders x.
func selectKth(ctx context.Context, x []float64, k int) float64 {
	lo, hi := 0, len(x)-1
	for lo < hi && !check.Stopped(ctx) {
		mid := lo + (hi-lo)/2
		if x[mid] < x[lo] {
			x[mid], x[lo] = x[lo], x[mid]
		}
		if x[hi] < x[lo] {
			x[hi], x[lo] = x[lo], x[hi]
		}
		if x[hi] < x[mid] {
			x[hi], x[mid] = x[mid], x[hi]
		}
		p := x[mid]
		i, j := lo, hi
		for i <= j {
			for x[i] < p {
				i++
			}
			for x[j] > p {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return x[k]
		}
	}
	return x[k]
}

// permAlpha is 1 − level without the rounding of the subtraction, so that a p
// of exactly 0.05 is not below the alpha of a 95% interval.
func permAlpha(level float64) float64 { return math.Round((1-level)*1e15) / 1e15 }
