package stats

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// RankMethod chooses the null distribution of a rank test.
type RankMethod int

const (
	// RankAuto is exact while that is cheap (see the function's comment), beyond
	// by numerical inversion, and normal beyond that; Method and Notes say which
	// was used.
	RankAuto RankMethod = iota
	// RankExact is the exact conditional distribution given the ties; data too
	// large for it are refused with ErrDomain.
	RankExact
	// RankAsymptotic is the normal approximation with tie-corrected variance.
	RankAsymptotic
	// RankInverted is the conditional distribution given the ties by numerical
	// inversion of its generating function. From 100 values on, one-sided tails
	// differ from RankExact's by less than a thousandth and 1e-9 (with fewer than
	// 20 values in an arm, a thousandth and 1e-5); limits are the same unless a
	// p-value comes that close to 1 − level.
	RankInverted
)

// String returns "auto", "exact", "asymptotic" or "inverted".
func (m RankMethod) String() string {
	return [...]string{"auto", "exact", "asymptotic", "inverted"}[m]
}

// RankOptions are the options of MannWhitney. The zero value is the
// recommended analysis. Options that contradict each other panic.
type RankOptions struct {
	Method RankMethod
	// MidP counts only half of the observed arrangement's probability. Not for
	// RankAsymptotic.
	MidP bool
	// NoContinuity drops the continuity correction of one half from the normal
	// approximation. It has no bearing on exact tests.
	NoContinuity bool
}

func (o RankOptions) check() {
	if o.Method < RankAuto || o.Method > RankInverted {
		panic(fmt.Sprintf("stats: no rank method %d", o.Method))
	}
	if o.MidP && o.Method == RankAsymptotic {
		panic("stats: a mid-p value belongs to an exact test, not to RankAsymptotic")
	}
}

// rankTails holds the p-values of a rank test at one null value.
type rankTails struct{ less, greater, two float64 }

// cut is a value at which the ranking of data shifted by a null value changes:
// a difference between two observations, or a mean of two. It is an interval
// because the same decimal difference, computed from different floats, comes
// out with different last digits.
type cut struct{ lo, hi float64 }

// mergeCuts sorts values and merges those that floating-point subtraction of
// decimals cannot tell apart: values within 4 units in the last place of the
// largest observation (scale). Zero is never merged with anything else, since
// a difference of floats is zero only if they are equal. A value within that
// distance of a decimal of 14 significant digits covers the decimal, so that
// 6.2 − 4.4 = 1.7999999999999998 covers 1.8. It reuses v's memory.
func mergeCuts(v []float64, scale float64) []cut {
	sortFloats(v)
	tol := scale * 0x1p-50
	unit := math.Pow(10, math.Floor(-math.Log10(1.8e-15*scale)))
	var out []cut
	for _, x := range v {
		if n := len(out); n > 0 {
			if last := &out[n-1]; x == last.hi || (x-last.hi <= tol && x != 0 && last.hi != 0) {
				last.hi = x
				continue
			}
		}
		out = append(out, cut{x, x})
	}
	for i := range out {
		c := &out[i]
		r := math.Round(c.lo*unit) / unit
		if r == 0 || c.lo == 0 || math.IsInf(unit, 0) || math.IsNaN(r) {
			continue
		}
		if r < c.lo && c.lo-r <= tol && (i == 0 || r > out[i-1].hi) {
			c.lo = r
		}
		if r > c.hi && r-c.hi <= tol && (i == len(out)-1 || r < out[i+1].lo) {
			c.hi = r
		}
	}
	return slices.Clip(slices.Clone(out))
}

// inversion answers questions about a location parameter by a rank test of the
// data shifted by each null value. Between two neighboring cuts the ranking,
// and so the p-value, is constant; at a cut it has additional ties. Position
// 2i+1 is the i-th cut, position 2i the gap below it.
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
	// values returns the multiset of cuts, unsorted, and their scale. Beyond
	// maxCuts kth is asked instead, for the k-th smallest of all pairs, from 0.
	values func() ([]float64, float64)
	kth    func(k int64) float64
	atMost func(x float64) int64 // how many of all pairs are at most x
	pairs  int64                 // how many kth counts
	count  int64                 // how many values returns
	// exactly: normal is test's own p-value.
	exactly bool
	// point is the estimate: the p-value is large there.
	point float64
	// cost is the work of one test in operations, atom the normal
	// approximation's error in standard deviations: half a step of the statistic.
	cost, atom float64

	once  sync.Once
	cuts  []cut
	mu    sync.Mutex
	known map[cut]rankTails
}

// maxCuts is how many cuts are kept in memory.
const maxCuts = 1 << 20

func (v *inversion) sorted() []cut {
	v.once.Do(func() { v.cuts = mergeCuts(v.values()) })
	return v.cuts
}

// prepare sorts the cuts, and returns early with the context's error; sorting
// then ends by itself.
func (v *inversion) prepare(ctx context.Context) error {
	if v.count < maxCuts/16 {
		v.sorted()
		return ctx.Err()
	}
	done := make(chan struct{})
	go func() {
		v.sorted()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// span returns the bounds that stand for position pos in a call of test.
func (v *inversion) span(pos int) cut {
	cuts := v.sorted()
	i := pos / 2
	if pos%2 == 1 {
		return cuts[i]
	}
	c := cut{lo: math.Inf(1), hi: math.Inf(-1)}
	if i < len(cuts) {
		c.lo = cuts[i].lo
	}
	if i > 0 {
		c.hi = cuts[i-1].hi
	}
	return c
}

// position returns the position of a null value.
func (v *inversion) position(null float64) int {
	cuts := v.sorted()
	i, _ := slices.BinarySearchFunc(cuts, null, func(c cut, x float64) int { return cmp.Compare(c.hi, x) })
	if i < len(cuts) && cuts[i].lo <= null {
		return 2*i + 1
	}
	return 2 * i
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
		panic("stats: null value is NaN")
	}
	if null == 0 || v.count > maxCuts {
		return v.tails(ctx, cut{null, null})
	}
	if err := v.prepare(ctx); err != nil {
		return rankTails{}, err
	}
	return v.tails(ctx, v.span(v.position(null)))
}

// rejects reports whether p is below 1 − level, forgiving the rounding of
// 1 − level: at level 0.95 a p-value of exactly 0.05 does not reject.
func rejects(p, level float64) bool { return p < (1-level)-0x1p-52 }

// interval returns the hull of the null values whose two-sided p-value is not
// below 1 − level.
func (v *inversion) interval(ctx context.Context, level float64) (Interval, error) {
	check.Level(level)
	if v.count > maxCuts {
		return v.largeInterval(ctx, level)
	}
	out := Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level}
	if err := v.prepare(ctx); err != nil {
		return out, err
	}
	last := 2 * len(v.sorted())
	seen := map[cut]float64{}
	lo, err := v.outermost(ctx, seen, level, 0, last, 1)
	if err != nil {
		return out, err
	}
	hi, err := v.outermost(ctx, seen, level, last, 0, -1)
	if err != nil {
		return out, err
	}
	if lo > 0 {
		// The lowest accepted position is a cut, or the open gap above one.
		if out.Lo = v.span(lo).lo; lo%2 == 0 {
			out.Lo, out.LoOpen = v.cuts[lo/2-1].hi, true
		}
	}
	if hi < last {
		if out.Hi = v.span(hi).hi; hi%2 == 0 {
			out.Hi, out.HiOpen = v.cuts[hi/2].lo, true
		}
	}
	if lo == 0 || hi == last {
		out.Why = WhyLevel
	}
	return out, nil
}

// largeInterval is interval without a list of cuts. With more than a million
// of them the accepted set has no gaps worth the search: its ends are found by
// halving the ranks of the cuts, and cuts are equal only as floats.
func (v *inversion) largeInterval(ctx context.Context, level float64) (Interval, error) {
	out := Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level}
	var fail error
	accept := func(lo, hi float64) bool {
		p, err := v.decide(ctx, lo, hi, 1-level)
		if err == nil {
			err = ctx.Err()
		}
		if fail == nil {
			fail = err
		}
		return !rejects(p, level)
	}
	below := func(x float64) float64 { return math.Nextafter(x, math.Inf(-1)) }
	above := func(x float64) float64 { return math.Nextafter(x, math.Inf(1)) }
	// The k-th cut from the lower end, or from the upper one.
	for _, up := range []bool{false, true} {
		cutAt := func(k int64) float64 {
			if up {
				k = v.pairs - 1 - k
			}
			return v.kth(k)
		}
		gap := func(x float64) bool { // outside the cut x
			if up {
				return accept(above(x), x)
			}
			return accept(x, below(x))
		}
		if gap(cutAt(0)) && fail == nil {
			out.Why = WhyLevel
			continue
		}
		near := v.nearRank(ctx, level, up)
		k := gallop(near, v.pairs/2, func(k int64) bool {
			if fail != nil {
				return true
			}
			x := cutAt(k)
			return accept(x, x) || gap(x)
		})
		if fail != nil {
			return out, fail
		}
		x := cutAt(k)
		open := false
		if gap(x) { // the gap is inside, the cut beyond it is not
			x, open = cutAt(v.rankFromEnd(x, up)-1), true
		}
		if up {
			out.Hi, out.HiOpen = x, open
		} else {
			out.Lo, out.LoOpen = x, open
		}
	}
	return out, fail
}

// rankFromEnd counts the cuts before x, from the lower end or, up, from the upper.
func (v *inversion) rankFromEnd(x float64, up bool) int64 {
	if up {
		return v.pairs - v.atMost(x)
	}
	return v.atMost(math.Nextafter(x, math.Inf(-1)))
}

// nearRank is the rank, from one end, at which the normal approximation begins to
// accept: where the search for an end of the interval starts. Values are halved
// and not ranks: the value of a rank takes as long as sixty tests.
func (v *inversion) nearRank(ctx context.Context, level float64, up bool) int64 {
	end, middle := v.kth(0), v.kth(v.pairs/2)
	if up {
		end, middle = v.kth(v.pairs-1), v.kth((v.pairs-1)/2)
	}
	out, in := floatOrder(end), floatOrder(middle)
	for out != in && ctx.Err() == nil {
		// Rounded toward the end that is out, so that it moves.
		mid := out + (in-out)/2
		if up {
			mid = out - (out-in)/2
		}
		if x := orderFloat(mid); v.normal(x, x) >= 1-level {
			in = mid
		} else if up {
			out = mid - 1
		} else {
			out = mid + 1
		}
	}
	return min(v.rankFromEnd(orderFloat(in), up), v.pairs/2)
}

// search64 is sort.Search from lo to hi on 64 bits: pairs of 50,000 values
// cannot be counted on 32.
func search64(lo, hi int64, f func(int64) bool) int64 {
	for lo < hi {
		if mid := lo + (hi-lo)/2; f(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// gallop is search64 from 0 to hi that begins at near and takes few steps where the
// answer lies near.
func gallop(near, hi int64, f func(int64) bool) int64 {
	lo, width := int64(0), int64(1)
	if near < hi && !f(near) {
		for lo = near + 1; lo+width < hi && !f(lo+width-1); width *= 2 {
			lo += width
		}
		return search64(lo, min(hi, lo+width), f)
	}
	for hi = near; hi-width > 0 && f(hi-width); width *= 2 {
		hi -= width
	}
	return search64(max(0, hi-width), hi, f)
}

// sortFloats sorts without NaN; many by their bits, eleven at a time, which
// takes a quarter of the time of comparing.
func sortFloats(v []float64) {
	if len(v) < 4096 {
		slices.Sort(v)
		return
	}
	const digit = 11
	a, b := make([]uint64, len(v)), make([]uint64, len(v))
	for i, x := range v {
		a[i] = floatOrder(x)
	}
	for shift := 0; shift < 64; shift += digit {
		var start [1 << digit]int
		for _, u := range a {
			start[u>>shift&(1<<digit-1)]++
		}
		at := 0
		for d, n := range start {
			start[d] = at
			at += n
		}
		for _, u := range a {
			d := u >> shift & (1<<digit - 1)
			b[start[d]] = u
			start[d]++
		}
		a, b = b, a
	}
	for i, u := range a {
		v[i] = orderFloat(u)
	}
}

// scanWork is the number of operations up to which an end of the interval is
// sought by testing every position from the outside.
const scanWork = 3e4

// stillLook is how many positions are looked at beyond one that the
// approximation counts out: ties at a cut can raise a p-value again.
const stillLook = 40

// outermost returns the first position from end a towards end b whose test
// does not reject. The p-value need not rise monotonically on the way. With
// little data every position is tested in turn. Else the normal approximation
// names the place, the exact test is walked from there to the crossing, and
// every position further out is tested whose normal p-value, scaled to agree
// with the exact one at the crossing, comes within a few atoms of 1 − level.
func (v *inversion) outermost(ctx context.Context, seen map[cut]float64, level float64, a, b, step int) (int, error) {
	accept := func(pos int) (bool, float64, error) {
		s := v.span(pos)
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
	if v.cost*float64(n)/3 <= scanWork {
		for pos := a; pos != b; pos += step {
			if ok, _, err := accept(pos); ok || err != nil {
				return pos, err
			}
		}
		return b, nil
	}
	alpha := 1 - level
	// The crossing of the normal approximation, as a step count from a.
	lo, hi := -1, step*(v.position(v.point)-a)
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		s := v.span(a + step*mid)
		if v.normal(s.lo, s.hi) >= alpha {
			hi = mid
		} else {
			lo = mid
		}
	}
	at := hi
	ok, p, err := accept(a + step*at)
	if err != nil {
		return 0, err
	}
	// Bracket the crossing in growing steps, then halve.
	width := 1
	in, outside := at, at
	for ok && outside >= 0 && outside == in { // walk outwards to a rejection
		next := max(outside-width, 0)
		good, q, err := accept(a + step*next)
		if err != nil {
			return 0, err
		}
		if outside = next; good {
			in, p = next, q
			if next == 0 {
				return a, nil
			}
		}
		width *= 2
	}
	for !ok && in < n-1 { // walk inwards to an acceptance
		next := min(in+width, n-1)
		good, q, err := accept(a + step*next)
		if err != nil {
			return 0, err
		}
		if outside = in; good {
			ok, p = true, q
		}
		in = next
		width *= 2
	}
	for in-outside > 1 {
		mid := (in + outside) / 2
		good, q, err := accept(a + step*mid)
		if err != nil {
			return 0, err
		}
		if good {
			in, p = mid, q
		} else {
			outside = mid
		}
	}
	// Look further out.
	s := v.span(a + step*in)
	ratio := p / v.normal(s.lo, s.hi)
	z := num.NormQuantile(1 - alpha/2)
	slack := math.Min(0.2, 3*v.atom*num.NormPDF(z)*2/alpha)
	found := in
	for k, past := outside-1, 0; k >= 0 && past < stillLook; k-- {
		s := v.span(a + step*k)
		if v.normal(s.lo, s.hi)*ratio < alpha*(1-slack) {
			past++
			continue
		}
		good, _, err := accept(a + step*k)
		if err != nil {
			return 0, err
		}
		if good {
			found = k
		}
	}
	return a + step*found, nil
}
