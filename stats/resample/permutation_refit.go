package resample

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/draws"
)

// refitTest is the permutation test of a statistic that is computed anew for
// every arrangement and null value.
type refitTest struct {
	n  int
	mc bool
	// weight is the number of arrangements that case i of n stands for; nil: one
	// each. all is their sum.
	weight []float64
	all    float64
	// at returns the trial's statistic under a null value, that of arrangement i,
	// and how close two statistics must be to count as equal.
	at func(null float64) (obs float64, stat func(i int) float64, tol float64)
	// steady: no statistic changes by more than the null value does.
	steady       bool
	center, span float64
	ctx          context.Context
}

func (t *refitTest) under(ctx context.Context) permTest {
	c := *t
	c.ctx = ctx
	return &c
}

func (t *refitTest) share(c float64) float64 {
	if t.mc {
		return (c + 1) / float64(t.n+1)
	}
	if t.weight != nil {
		return c / t.all
	}
	return c / float64(t.n)
}

// counted is the share of the cases that are in.
func (t *refitTest) counted(in func(i int) bool) float64 {
	ctx := t.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	const chunk = 4096
	parts := make([]float64, (t.n+chunk-1)/chunk)
	err := draws.InChunks(ctx, t.n, chunk, func(id, from, to int) {
		k, w := 0, 0.0
		for i := from; i < to; i++ {
			switch {
			case !in(i):
			case t.weight == nil:
				k++
			default:
				w += t.weight[i]
			}
		}
		parts[id] = float64(k) + w
	})
	if err != nil {
		return 0
	}
	var c float64
	for _, p := range parts {
		c += p
	}
	return t.share(c)
}

func (t *refitTest) count(null float64, far func(stat, obs, tol float64) bool) float64 {
	obs, stat, tol := t.at(null)
	return t.counted(func(i int) bool { return far(stat(i), obs, tol) })
}

func (t *refitTest) two(null float64) float64 {
	return t.count(null, func(s, obs, tol float64) bool { return math.Abs(s) >= math.Abs(obs)-tol })
}

func (t *refitTest) greater(null float64) float64 {
	return t.count(null, func(s, obs, tol float64) bool { return s >= obs-tol })
}

func (t *refitTest) less(null float64) float64 {
	return t.count(null, func(s, obs, tol float64) bool { return s <= obs+tol })
}

// floor is the share of arrangements with the largest |statistic| at null 0.
func (t *refitTest) floor() float64 {
	if t.mc {
		return t.share(0)
	}
	_, stat, tol := t.at(0)
	size := make([]float64, t.n)
	var top float64
	for i := range size {
		if i&0xfff == 0 && check.Stopped(t.ctx) {
			return 0
		}
		size[i] = math.Abs(stat(i))
		top = math.Max(top, size[i])
	}
	return t.counted(func(i int) bool { return size[i] >= top-tol })
}

// search is two for null values close to one another. Where the statistic is
// steady, |statistic| − |the trial's| changes by at most twice the null value's
// change, so that an arrangement far from being as extreme as the trial stays
// so, and one far beyond it too.
func (t *refitTest) search() func(null float64) float64 {
	if !t.steady {
		return t.two
	}
	type seen struct{ null, beyond float64 }
	last := make([]seen, t.n)
	for i := range last {
		last[i].null = math.Inf(1)
	}
	return func(null float64) float64 {
		obs, stat, tol := t.at(null)
		return t.counted(func(i int) bool {
			s := &last[i]
			// Both sides of the comparison are good to a tolerance.
			if !(math.Abs(s.beyond) > 2*math.Abs(null-s.null)+4*tol) {
				b := math.Abs(stat(i)) - (math.Abs(obs) - tol)
				*s = seen{null, math.Copysign(math.Max(0, math.Abs(b)-4*tol), b)}
				return math.Abs(stat(i)) >= math.Abs(obs)-tol
			}
			return s.beyond > 0
		})
	}
}

// ends looks for the outermost accepted null in steps from outside, and then
// bisects.
func (t *refitTest) ends(alpha float64) (lo, hi float64) {
	two := t.search()
	end := func(sign float64) float64 {
		if two(t.center+sign*1e6*t.span) >= alpha {
			return sign * math.Inf(1)
		}
		far := t.span
		for two(t.center+sign*far) >= alpha {
			far *= 2
		}
		const steps = 16
		in, out := 0.0, far/steps
		for i := steps - 1; i > 0; i-- {
			if x := far * float64(i) / steps; two(t.center+sign*x) >= alpha {
				in, out = x, x+far/steps
				break
			}
		}
		for {
			mid := in + (out-in)/2
			if mid <= in || mid >= out || out-in <= 1e-13*math.Max(t.span, math.Abs(t.center)) {
				break
			}
			if two(t.center+sign*mid) >= alpha {
				in = mid
			} else {
				out = mid
			}
		}
		return t.center + sign*in
	}
	return end(-1), end(1)
}

// refit fills the result for a statistic other than the difference in means.
func (p *Perm) refit(ctx context.Context, blocks []permScores, opt PermOptions) error {
	const fn = "Permutation"
	if opt.Method == PermLattice {
		return &stats.SampleError{Func: fn, Arg: "Method", Index: -1, Err: stats.ErrDomain, Info: "lattice is for means"}
	}
	exact := p.Arrangements <= permStored && opt.Method != PermMonteCarlo
	if opt.Method == PermEnumeration && !exact {
		return &stats.SampleError{Func: fn, Arg: "Method", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%.3g arrangements, at most %.0g are enumerated", p.Arrangements, permStored)}
	}
	scored, step, _ := scoreBlocks(blocks)
	unit := step.value(1, 1)
	var v []float64
	var treated []bool
	var labels []labelBlock
	n1 := 0
	for _, b := range scored {
		l := labelBlock{pick: b.nt}
		for i, x := range b.v {
			l.rows = append(l.rows, len(v))
			v, treated = append(v, x), append(treated, i < b.nt)
		}
		labels = append(labels, l)
		n1 += b.nt
	}
	n0 := len(v) - n1
	t := &refitTest{mc: !exact, n: int(p.Arrangements), span: (slices.Max(v) - slices.Min(v)) * unit}
	p.Method = PermEnumeration
	if !exact {
		t.n, p.Method = opt.replicates(), PermMonteCarlo
	}
	if t.span == 0 {
		t.span = 1
	}
	if opt.Statistic == PermMedian {
		a := newMedianArrangements(v, treated, unit)
		switch {
		case exact && len(labels) == 1:
			t.weight = a.places()
			t.n = len(t.weight)
			for _, w := range t.weight {
				t.all += w
			}
		case exact:
			if err := enumerateLabels(ctx, a.cells(), labels, a.room(t.n), a.keep); err != nil {
				return err
			}
		default:
			a.room(t.n)
			if err := a.draw(ctx, labels, opt.Seed); err != nil {
				return err
			}
		}
		t.at, t.steady = a.at, true
		p.Value, _, _ = t.at(0)
		p.Stat, t.center = p.Value, p.Value
	} else {
		if n1 < 2 || n0 < 2 {
			return &stats.SampleError{Func: fn, Arg: "treated", Index: -1, Err: stats.ErrTooFew,
				Info: fmt.Sprintf("n = %d and %d, a studentized difference needs 2 and 2", n1, n0)}
		}
		a := newWelchArrangements(v, treated, t.n)
		var err error
		if exact {
			err = enumerateLabels(ctx, a.cells(), labels, t.n, a.keep)
		} else {
			err = drawLabels(ctx, a.cells(), labels, t.n, opt.Seed, a.keep)
		}
		if err != nil {
			return err
		}
		t.at = func(null float64) (float64, func(int) float64, float64) { return a.at(null / unit) }
		p.Stat, _, _ = t.at(0)
		p.Value = (a.own.s/float64(n1) - (a.sumAll-a.own.s)/float64(n0)) * unit
		t.center = p.Value
	}
	t.ctx = ctx
	p.MinP = t.floor()
	t.ctx = nil
	p.test = t
	return ctx.Err()
}

// welchSums are an arrangement's sums over its arm "treated": of the values,
// their squares, the values of the truly treated, and the number of these.
// They give Welch's t at any shift.
type welchSums struct{ s, q, x, k float64 }

type welchArrangements struct {
	v             []float64
	z             []float64
	n1, n0        float64
	sumAll, sqAll float64
	sumTrue       float64
	own           welchSums
	arrs          []welchSums
}

func newWelchArrangements(v []float64, treated []bool, n int) *welchArrangements {
	a := &welchArrangements{v: slices.Clone(v), z: make([]float64, len(v)), arrs: make([]welchSums, n)}
	// Centering keeps the squares small; whole numbers stay whole.
	var mean float64
	for _, x := range v {
		mean += x / float64(len(v))
	}
	if math.Abs(mean) >= 1 {
		mean = math.Round(mean)
	}
	for i, x := range v {
		x -= mean
		a.v[i] = x
		a.sumAll += x
		a.sqAll += x * x
		if treated[i] {
			a.z[i] = 1
			a.n1++
			a.own.s += x
			a.own.q += x * x
			a.own.k++
		} else {
			a.n0++
		}
	}
	a.own.x, a.sumTrue = a.own.s, a.own.s
	return a
}

func (a *welchArrangements) cells() [][]float64 {
	out := make([][]float64, len(a.v))
	for i, x := range a.v {
		out[i] = []float64{x, x * x, x * a.z[i], a.z[i]}
	}
	return out
}

func (a *welchArrangements) keep(at int, sum []float64) {
	a.arrs[at] = welchSums{sum[0], sum[1], sum[2], sum[3]}
}

func (a *welchArrangements) at(delta float64) (float64, func(int) float64, float64) {
	// All values' sum and squares after taking delta from the truly treated.
	all := a.sumAll - delta*a.n1
	sq := a.sqAll - 2*delta*a.sumTrue + delta*delta*a.n1
	t := func(w welchSums) float64 {
		s := w.s - delta*w.k
		q := w.q - 2*delta*w.x + delta*delta*w.k
		ss1 := q - s*s/a.n1
		r := all - s
		ss0 := sq - q - r*r/a.n0
		tiny := 1e-13 * (a.sqAll + delta*delta*a.n1)
		if ss1 <= tiny {
			ss1 = 0
		}
		if ss0 <= tiny {
			ss0 = 0
		}
		d := s/a.n1 - r/a.n0
		if math.Abs(d) <= 1e-12*math.Sqrt(a.sqAll+delta*delta*a.n1) {
			return 0
		}
		return d / math.Sqrt(ss1/(a.n1-1)/a.n1+ss0/(a.n0-1)/a.n0)
	}
	obs := t(a.own)
	tol := 1e-10 * math.Max(1, math.Abs(obs))
	if math.IsInf(obs, 0) {
		tol = 0
	}
	return obs, func(i int) float64 { return t(a.arrs[i]) }, tol
}
