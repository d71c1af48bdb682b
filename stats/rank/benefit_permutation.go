package rank

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// permDistribution is the studentized statistic's distribution over assignments to the
// arms within strata, at one half.
type permDistribution struct {
	t            []float64 // different values, ascending
	up, down     []float64 // the shares of at least and at most each
	arrangements float64
	random       bool
}

// statTie is the relative difference up to which two statistics are the same number but
// for rounding.
const statTie = 1e-10

func sameStat(a, b float64) bool {
	return a == b || !math.IsInf(a, 0) && math.Abs(a-b) <= statTie*math.Max(1, math.Abs(a))
}

// arrangement is one way to assign a stratum: its probability of benefit, the variance
// and how likely it is.
type arrangement struct{ p, v, share float64 }

func newPermDistribution(ctx context.Context, strata []ordered, o BenefitOptions, observed float64) (*permDistribution, error) {
	if o.MaxArrangements == 0 {
		o.MaxArrangements = 2e5
	}
	if o.Replicates == 0 {
		o.Replicates = 20_000
	}
	tables, all := 1.0, 1.0
	for i := range strata {
		tables *= strata[i].tables(o.MaxArrangements)
		all *= num.Choose(strata[i].m+strata[i].n, strata[i].m)
	}
	var values []weighted
	d := &permDistribution{arrangements: all}
	var err error
	if tables <= o.MaxArrangements {
		values, err = everyArrangement(ctx, strata)
	} else {
		d.random, d.arrangements = true, float64(o.Replicates)
		values, err = randomArrangements(ctx, strata, o, observed)
	}
	if err != nil {
		return nil, err
	}
	d.fill(values)
	return d, nil
}

type weighted struct{ t, share float64 }

// fill sorts the values and adds up their shares from both ends.
func (d *permDistribution) fill(values []weighted) {
	slices.SortFunc(values, func(a, b weighted) int {
		switch {
		case a.t < b.t:
			return -1
		case a.t > b.t:
			return 1
		}
		return 0
	})
	var share []num.DD
	for _, v := range values {
		if k := len(d.t) - 1; k >= 0 && sameStat(d.t[k], v.t) {
			share[k] = share[k].Add(num.ToDD(v.share))
			continue
		}
		d.t, share = append(d.t, v.t), append(share, num.ToDD(v.share))
	}
	// A share of exactly α must not fall below it by rounding, on either side of which
	// interval and p-value would part.
	const nudge = 1 + 1e-12
	n := len(d.t)
	d.up, d.down = make([]float64, n), make([]float64, n)
	var sum num.DD
	for k := range n {
		sum = sum.Add(share[k])
		d.down[k] = math.Min(1, sum.Float()*nudge)
	}
	sum = num.DD{}
	for k := n - 1; k >= 0; k-- {
		sum = sum.Add(share[k])
		d.up[k] = math.Min(1, sum.Float()*nudge)
	}
}

// upper is the share of statistics that are at least t; beyond the largest it stays
// that of the largest, as no arrangement speaks for less.
func (d *permDistribution) upper(t float64) float64 {
	k := sort.Search(len(d.t), func(k int) bool { return d.t[k] >= t || sameStat(d.t[k], t) })
	return d.up[min(k, len(d.t)-1)]
}

// lower is the share of statistics that are at most t.
func (d *permDistribution) lower(t float64) float64 {
	k := sort.Search(len(d.t), func(k int) bool { return d.t[k] > t && !sameStat(d.t[k], t) })
	return d.down[max(k-1, 0)]
}

// accepted are the least and the largest statistic with at least so much on their
// outer sides, infinite where the outermost arrangements have that much.
func (d *permDistribution) accepted(tail float64) (lo, hi float64) {
	n := len(d.t)
	lo, hi = math.Inf(-1), math.Inf(1)
	if d.down[0] < tail {
		lo = d.t[min(n-1, sort.Search(n, func(k int) bool { return d.down[k] >= tail }))]
	}
	if d.up[n-1] < tail {
		hi = d.t[max(0, n-1-sort.Search(n, func(k int) bool { return d.up[n-1-k] >= tail }))]
	}
	return lo, hi
}

// tables is how many ways there are to divide the participants at each value between
// the arms, or anything above most.
func (s ordered) tables(most float64) float64 {
	few := min(s.m, s.n)
	ways := make([]float64, few+1)
	ways[0] = 1
	for _, c := range s.both {
		next := make([]float64, few+1)
		for j, w := range ways {
			if w == 0 {
				continue
			}
			for a := 0; a <= min(c, few-j); a++ {
				next[j+a] = math.Min(next[j+a]+w, 1e300)
			}
		}
		ways = next
	}
	return ways[few]
}

// everyArrangement combines all tables of all strata.
func everyArrangement(ctx context.Context, strata []ordered) ([]weighted, error) {
	lists := make([][]arrangement, len(strata))
	for i := range strata {
		lists[i] = strata[i].arrangements()
	}
	var out []weighted
	var err error
	var walk func(i int, sum vanElterenSum, share float64)
	walk = func(i int, sum vanElterenSum, share float64) {
		if err != nil {
			return
		}
		if i == len(strata) {
			if len(out)%4096 == 0 {
				err = ctx.Err()
			}
			out = append(out, weighted{sum.statistic(), share})
			return
		}
		for _, a := range lists[i] {
			next := sum
			next.add(&strata[i], a.p, a.v)
			walk(i+1, next, share*a.share)
		}
	}
	walk(0, vanElterenSum{}, 1)
	return out, err
}

// arrangements lists the tables of a stratum with their hypergeometric probabilities.
func (s ordered) arrangements() []arrangement {
	var out []arrangement
	treated := make([]int, len(s.both))
	rest := make([]int, len(s.both)+1) // participants at this value and beyond
	for k := len(s.both) - 1; k >= 0; k-- {
		rest[k] = rest[k+1] + s.both[k]
	}
	all := num.Choose(s.m+s.n, s.m)
	var walk func(k, left int, ways float64)
	walk = func(k, left int, ways float64) {
		if k == len(s.both) {
			p, v, _ := s.measure(treated)
			out = append(out, arrangement{p, v, ways / all})
			return
		}
		for a := max(0, left-rest[k+1]); a <= min(left, s.both[k]); a++ {
			treated[k] = a
			walk(k+1, left-a, ways*num.Choose(s.both[k], a))
		}
	}
	walk(0, s.m, 1)
	return out
}

// randomArrangements draws assignments within strata; the observed one counts as well.
func randomArrangements(ctx context.Context, strata []ordered, o BenefitOptions, observed float64) ([]weighted, error) {
	rng := rand.New(rand.NewPCG(o.Seed, 0x62656e))
	decks := make([]drawnArm, len(strata))
	for i := range strata {
		decks[i] = newDrawnArm(&strata[i])
	}
	share := 1 / float64(o.Replicates+1)
	out := []weighted{{observed, share}}
	for b := range o.Replicates {
		if b%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var sum vanElterenSum
		for i := range strata {
			p, v := decks[i].draw(rng)
			sum.add(&strata[i], p, v)
		}
		out = append(out, weighted{sum.statistic(), share})
	}
	return out, nil
}

// drawnArm draws the smaller arm of a stratum and measures the assignment in time that does
// not grow with the other arm.
type drawnArm struct {
	*ordered
	at    []int   // the value of each participant
	cum   []int64 // participants below each value
	few   int     // participants of the smaller arm
	drawn []int
}

func newDrawnArm(s *ordered) drawnArm {
	d := drawnArm{ordered: s, few: min(s.m, s.n), cum: make([]int64, len(s.both)+1)}
	for k, c := range s.both {
		for range c {
			d.at = append(d.at, k)
		}
		d.cum[k+1] = d.cum[k] + int64(c)
	}
	d.drawn = make([]int, d.few)
	return d
}

// draw is ordered.measure of a random assignment.
func (d *drawnArm) draw(rng *rand.Rand) (p, v float64) {
	for k := range d.few {
		j := k + rng.IntN(len(d.at)-k)
		d.at[k], d.at[j] = d.at[j], d.at[k]
		d.drawn[k] = d.at[k]
	}
	slices.Sort(d.drawn)
	few, many := int64(d.few), int64(len(d.at)-d.few)
	// each calls f with each value that was drawn, how often, and how many were before, and with
	// the run of participants up to it who were not.
	each := func(f func(k int, a, above int64), run func(c, above int64)) {
		last := int64(0)
		for i := 0; i < len(d.drawn); {
			k, j := d.drawn[i], i
			for j < len(d.drawn) && d.drawn[j] == k {
				j++
			}
			run(d.cum[k]-last, int64(i))
			f(k, int64(j-i), int64(i))
			last, i = d.cum[k+1], j
		}
		run(d.cum[len(d.both)]-last, few)
	}
	var sx int64 // twice the sum of the drawn placements
	each(func(k int, a, above int64) {
		sx += a * (2*(d.cum[k]-above) + int64(d.both[k]) - a)
	}, func(_, _ int64) {})
	pairs := few * many
	if p = float64(sx) / 2 / float64(pairs); d.few < d.m {
		p = float64(2*pairs-sx) / 2 / float64(pairs)
	}
	if d.m < 2 || d.n < 2 {
		return p, 0
	}
	var vx, vy num.DD
	sy := 2*pairs - sx
	add := func(v *num.DD, x, times int64) {
		if times > 0 {
			e := num.ToDD(float64(x))
			*v = v.Add(e.Mul(e).MulFloat(float64(times)))
		}
	}
	each(func(k int, a, above int64) {
		b := int64(d.both[k]) - a
		add(&vx, few*(2*(d.cum[k]-above)+b)-sx, a)
		add(&vy, many*(2*above+a)-sy, b)
	}, func(c, above int64) { add(&vy, many*2*above-sy, c) })
	f, m := float64(few), float64(many)
	return p, vx.Float()/(f*f)/(4*m*m)/(f-1)/f + vy.Float()/(m*m)/(4*f*f)/(m-1)/m
}
