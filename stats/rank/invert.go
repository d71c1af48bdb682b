package rank

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Method chooses the null distribution of a rank test.
type Method int

const (
	// Auto is exact while that is cheap (see the function's comment), beyond
	// by numerical inversion, and normal beyond that; Method and Notes say which
	// was used.
	Auto Method = iota
	// Exact is the exact conditional distribution given the ties; data too
	// large for it are refused with ErrDomain.
	Exact
	// Asymptotic is the normal approximation with tie-corrected variance.
	Asymptotic
	// Inverted is the conditional distribution given the ties by numerical
	// inversion of its generating function. From 100 values on, one-sided tails
	// differ from Exact's by less than a thousandth and 1e-9 (with fewer than
	// 20 values in an arm, a thousandth and 1e-5); limits are the same unless a
	// p-value comes that close to 1 − level.
	Inverted
)

// String returns "auto", "exact", "asymptotic" or "inverted".
func (m Method) String() string {
	if m < Auto || m > Inverted {
		panic(fmt.Sprintf("rank.Method: no method %d", int(m)))
	}
	return [...]string{"auto", "exact", "asymptotic", "inverted"}[m]
}

// Options are the options of MannWhitney. The zero value is the
// recommended analysis. Options that contradict each other panic.
type Options struct {
	Method Method
	// MidP counts only half of the observed arrangement's probability. Not for
	// Asymptotic.
	MidP bool
	// NoContinuity drops the continuity correction of one half from the normal
	// approximation. It has no bearing on exact tests.
	NoContinuity bool
}

// check panics in the name of fn for options that contradict each other.
func (o Options) check(fn string) {
	fn = "rank." + fn
	if o.Method < Auto || o.Method > Inverted {
		panic(fmt.Sprintf("%s: no method %d", fn, int(o.Method)))
	}
	if o.MidP && o.Method == Asymptotic {
		panic(fn + ": a mid-p value belongs to an exact test, not to rank.Asymptotic")
	}
}

// rankTails holds the p-values of a rank test at one null value. The zero value
// is no test: one of the tails is at least one half.
type rankTails struct{ less, greater, two float64 }

// orNone is a p-value of these tails, NaN where there was no test.
func (t rankTails) orNone(p float64) float64 {
	if t == (rankTails{}) {
		return math.NaN()
	}
	return p
}

// inversion answers questions about a location parameter by a rank test of the
// data shifted by each null value.
type inversion struct {
	// test returns the p-values when differences below lo count as negative,
	// those above hi as positive, and those in [lo, hi] as ties; lo > hi stands
	// for the gap between hi and lo.
	test func(ctx context.Context, lo, hi float64) (rankTails, error)
	// decide returns the two-sided p-value of test, or, where that is dear, one
	// that falls on the same side of alpha.
	decide func(ctx context.Context, lo, hi, alpha float64) (float64, error)
	// normal is an approximation of the two-sided p-value, cheap, and used only
	// to decide which exact ones are worth computing.
	normal func(lo, hi float64) float64
	// between lists the values in [lo, hi] at which cuts lie, unsorted; how often
	// a value occurs does not move a cut. kth is the k-th smallest, from 0, of all
	// pairs, and atMost counts those that are at most x.
	between func(lo, hi float64) []float64
	kth     func(k int64) float64
	atMost  func(x float64) int64
	pairs   int64
	// least and most are the ends of all values, scale the size of the largest
	// observation, and count how many values between lists at most.
	least, most, scale float64
	count              int64
	// exactly: normal is test's own p-value.
	exactly bool
	// point is the estimate: the p-value is large there.
	point float64
	// cost is the work of one test in operations, atom the normal
	// approximation's error in standard deviations: half a step of the statistic.
	cost, atom float64

	once  sync.Once
	every cutRun
	mu    sync.Mutex
	known map[cut]rankTails
}

// tails returns the p-values for a span, from memory if asked before.
func (v *inversion) tails(ctx context.Context, s cut) (rankTails, error) {
	v.mu.Lock()
	t, ok := v.known[s]
	v.mu.Unlock()
	if ok {
		return t, nil
	}
	t, err := v.test(ctx, s.lo, s.hi)
	if err != nil {
		return t, err
	}
	v.mu.Lock()
	if v.known == nil {
		v.known = map[cut]rankTails{}
	}
	v.known[s] = t
	v.mu.Unlock()
	return t, nil
}

// at returns the p-values at a null value. At zero no cuts are needed: a
// difference is zero or it is not.
func (v *inversion) at(ctx context.Context, null float64) (rankTails, error) {
	if math.IsNaN(null) {
		panic("rank: P of a null value that is NaN")
	}
	if err := ctx.Err(); err != nil {
		return rankTails{}, err
	}
	s := cut{null, null}
	if null != 0 {
		near := v.run(null, null)
		if pos := near.position(null); pos%2 == 1 {
			s = near.span(pos)
		} else { // the gap that null lies in: no value equals it
			s.lo = math.Nextafter(null, math.Inf(1))
		}
	}
	return v.tails(ctx, s)
}

// rejects reports whether p is below 1 − level, forgiving the rounding of
// 1 − level: at level 0.95 a p-value of exactly 0.05 does not reject.
func rejects(p, level float64) bool { return p < (1-level)-0x1p-52 }

// interval returns the hull of the null values whose two-sided p-value is not
// below 1 − level.
func (v *inversion) interval(ctx context.Context, level float64) (stats.Interval, error) {
	check.Level(level)
	out := stats.Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level}
	if err := ctx.Err(); err != nil {
		return out, err
	}
	seen := map[cut]float64{}
	low, lo, err := v.limit(ctx, seen, level, false)
	if err != nil {
		return out, err
	}
	high, hi, err := v.limit(ctx, seen, level, true)
	if err != nil {
		return out, err
	}
	// An end's position is a cut, or the open gap inside one.
	switch {
	case lo%2 == 1:
		out.Lo = low.cuts[lo/2].lo
	case lo > 0:
		out.Lo, out.LoOpen = low.cuts[lo/2-1].hi, true
	default:
		out.Why = stats.WhyLevel
	}
	switch {
	case hi%2 == 1:
		out.Hi = high.cuts[hi/2].hi
	case hi < 2*len(high.cuts):
		out.Hi, out.HiOpen = high.cuts[hi/2].lo, true
	default:
		out.Why = stats.WhyLevel
	}
	return out, nil
}

// limit returns one end of the accepted positions and the cuts that it counts.
// Where there are many, only those around the crossing of the normal
// approximation are listed, more of them if the search runs beyond.
func (v *inversion) limit(ctx context.Context, seen map[cut]float64, level float64, up bool) (cutRun, int, error) {
	if v.count <= listedCuts {
		r := v.all()
		pos, _, err := v.outermost(ctx, r, seen, level, up)
		return r, pos, err
	}
	first, last := v.crossing(level, up)
	for width := int64(512); ; width *= 4 {
		if err := ctx.Err(); err != nil {
			return cutRun{}, 0, err
		}
		r := v.run(v.kth(max(0, first-width)), v.kth(min(v.pairs-1, last+width)))
		if len(r.cuts) < 3*stillLook && !(r.first && r.last) {
			continue
		}
		if pos, within, err := v.outermost(ctx, r, seen, level, up); within || err != nil {
			return r, pos, err
		}
	}
}

// crossing returns the first and the last rank of the value at which the normal
// approximation begins to accept: the distance from the middle rank, in standard
// deviations, is scaled until it is the quantile asked for. Ties, whose share
// changes with the null value, make that no closed form.
func (v *inversion) crossing(level float64, up bool) (first, last int64) {
	z := num.NormQuantile((1 + level) / 2)
	middle := float64(v.pairs) / 2
	off := z * 0.5 / v.atom
	for range 4 {
		k := max(0, int64(middle-off))
		if up {
			k = v.pairs - 1 - k
		}
		x := v.kth(k)
		first, last = v.atMost(math.Nextafter(x, math.Inf(-1))), v.atMost(x)-1
		at := -num.NormQuantile(v.normal(x, x) / 2)
		if !(at > 0) || math.IsInf(at, 1) {
			break
		}
		next := math.Abs(middle-float64(first+last+1)/2) * z / at
		if math.Abs(next-off) < 64 {
			break
		}
		off = next
	}
	return first, last
}

// scanWork is the number of operations up to which an end of the interval is
// sought by testing every position from the outside.
const scanWork = 3e4

// stillLook is how many positions are looked at beyond one that the
// approximation counts out: ties at a cut can raise a p-value again.
const stillLook = 40

// outermost returns the first position, from the lower end of the run or from the
// upper one, whose test does not reject, and whether the run was long enough to
// tell. The p-value need not rise monotonically on the way. With
// little data every position is tested in turn. Else the normal approximation
// names the place, the exact test is walked from there to the crossing, and
// every position further out is tested whose normal p-value, scaled to agree
// with the exact one at the crossing, comes within a few atoms of 1 − level.
func (v *inversion) outermost(ctx context.Context, r cutRun, seen map[cut]float64, level float64, up bool) (pos int, within bool, err error) {
	// The gap at an end is known only where no cut lies beyond it.
	a, b, step := 0, 2*len(r.cuts), 1
	if !r.first {
		a++
	}
	if !r.last {
		b--
	}
	outer, inner := r.first, r.last
	if up {
		a, b, step, outer, inner = b, a, -1, inner, outer
	}
	accept := func(pos int) (bool, float64, error) {
		s := r.span(pos)
		p, ok := seen[s]
		if !ok {
			var err error
			if p, err = v.decide(ctx, s.lo, s.hi, 1-level); err != nil {
				return false, p, err
			}
			seen[s] = p
		}
		return !rejects(p, level), p, nil
	}
	n := step*(b-a) + 1 // positions
	if outer && inner && v.cost*float64(n)/3 <= scanWork {
		for pos := a; pos != b; pos += step {
			if ok, _, err := accept(pos); ok || err != nil {
				return pos, true, err
			}
		}
		return b, true, nil
	}
	alpha := 1 - level
	// The crossing of the normal approximation, as a step count from a.
	lo, hi := -1, min(n-1, max(0, step*(r.position(v.point)-a)))
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		s := r.span(a + step*mid)
		if v.normal(s.lo, s.hi) >= alpha {
			hi = mid
		} else {
			lo = mid
		}
	}
	at := hi
	ok, p, err := accept(a + step*at)
	if err != nil {
		return 0, false, err
	}
	// Bracket the crossing in growing steps, then halve.
	width := 1
	in, outside := at, at
	for ok && outside >= 0 && outside == in { // walk outwards to a rejection
		next := max(outside-width, 0)
		good, q, err := accept(a + step*next)
		if err != nil {
			return 0, false, err
		}
		if outside = next; good {
			in, p = next, q
			if next == 0 {
				return a, outer, nil
			}
		}
		width *= 2
	}
	for !ok && in < n-1 { // walk inwards to an acceptance
		next := min(in+width, n-1)
		good, q, err := accept(a + step*next)
		if err != nil {
			return 0, false, err
		}
		if outside = in; good {
			ok, p = true, q
		}
		in = next
		width *= 2
	}
	if !ok && !inner {
		return 0, false, nil
	}
	for in-outside > 1 {
		mid := (in + outside) / 2
		good, q, err := accept(a + step*mid)
		if err != nil {
			return 0, false, err
		}
		if good {
			in, p = mid, q
		} else {
			outside = mid
		}
	}
	// Look further out.
	s := r.span(a + step*in)
	ratio := p / v.normal(s.lo, s.hi)
	z := num.NormQuantile(1 - alpha/2)
	slack := math.Min(0.2, 3*v.atom*num.NormPDF(z)*2/alpha)
	found := in
	past := 0
	for k := outside - 1; k >= 0 && past < stillLook; k-- {
		s := r.span(a + step*k)
		if v.normal(s.lo, s.hi)*ratio < alpha*(1-slack) {
			past++
			continue
		}
		good, _, err := accept(a + step*k)
		if err != nil {
			return 0, false, err
		}
		if good {
			found = k
		}
	}
	return a + step*found, outer || past == stillLook, nil
}
