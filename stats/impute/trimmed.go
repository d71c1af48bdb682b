package impute

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/draws"
)

// TrimmedArm is an arm for TrimmedMeans: the values of those who have one, and how many
// have none and rank worse than every value. Blocks name the randomization block or
// stratum of each of Values and then of each of those that rank worst; nil: none.
type TrimmedArm struct {
	Values []float64
	Worst  int
	Blocks []string
}

func (a TrimmedArm) n() int { return len(a.Values) + a.Worst }

// WorstEnd is the end of the scale that is worst. The zero value is refused.
type WorstEnd int

const (
	WorstIsLow  WorstEnd = 1 + iota // higher values are better
	WorstIsHigh                     // lower values are better
)

// TrimmedOptions are the choices of TrimmedMeans: Worst, and either Share or Adaptive,
// must be made.
type TrimmedOptions struct {
	Worst WorstEnd
	// Share, above 0 and below 1, is cut off the worst end of each arm.
	Share float64
	// Adaptive cuts off as much as the larger of the arms' shares of those that rank
	// worst; in every other arrangement, the larger of its own.
	Adaptive bool
	// Arrangements is how many are counted one by one before random ones take their
	// place; 0 means 200,000. Replicates is how many of these are drawn, 0 means 10,000,
	// and Seed their seed.
	Arrangements float64
	Replicates   int
	Seed         uint64
}

// Notes of TrimmedMeans.
const (
	// NoteTrimmedMonteCarlo: p and interval are Monte Carlo. Args: replicates, seed.
	NoteTrimmedMonteCarlo = "permutation-monte-carlo"
	// NoteTrimmedBlocks: the allocation ratio differs between blocks. The difference is of
	// whole arms, and so partly one between blocks; the test holds all the same.
	NoteTrimmedBlocks = "trimmed-unequal-blocks"
)

// Trimmed is a finished comparison of trimmed means. p-values and interval come from the
// same arrangements.
type Trimmed struct {
	Value float64 // difference, treated − control
	Share float64 // that was cut off each arm
	// Means and Cut by arm, control and treated: the trimmed mean, and the participants
	// cut off, in parts of one where Share times their number is none.
	Means, Cut [2]float64
	// Arrangements is how many are equally likely (+Inf beyond 1e308). Replicates and
	// Seed: of random ones, else 0.
	Arrangements float64
	Replicates   int
	Seed         uint64
	Notes        []stats.Note

	from, to []float64 // of every arrangement, the null values between which it is no less and no more extreme
	value    bool
}

var _ stats.Effect = Trimmed{}

// TrimmedMeans estimates the difference of trimmed means, treated − control, where some
// participants have no value because of what happened to them, and rank worse than
// everybody who has: the same share is cut off the worst end of each arm, those without a
// value first, and the means of the rest are compared. It is a difference of what the
// better part of each arm reached, and needs no assumption about values that do not
// exist; it is no difference of means of all.
//
// Of an arm of n, (1 − share)·n participants are kept; where that is no whole number, the
// last of them counts for the part. An arm of which more than the share rank worst has no
// trimmed mean, and is refused (ErrDomain).
//
// The test re-randomizes: the arms' labels are exchanged in every way that complete
// randomization to these sizes (within blocks, where they are given) could have produced,
// and the arms are trimmed anew; an arrangement in which an arm has more without a value than
// are cut off is the most extreme there is on that side. It is exact for the hypothesis that
// treatment adds the null value to everybody who has a value and changes nothing for the
// others, whatever the distributions, while arrangements number at most
// TrimmedOptions.Arrangements; beyond, seeded random arrangements give p = (b+1)/(m+1)
// (Phipson & Smyth 2010, doi 10.2202/1544-6115.1585), and a note says so. P is twice the
// smaller one-sided p-value.
//
// The interval inverts that test: of every arrangement the null values are found, to nine
// digits of the values' range, beyond which it is as extreme as the trial, so that p(0)
// < α exactly where the interval at 1 − α excludes 0. An end is infinite where no null value
// on its side is rejected, and the interval empty where all are: the numbers of those
// that rank worst alone then tell the arms apart.
//
// The cost of an arrangement is linear in the participants, some twenty passes: 10,000
// arrangements of 100 take a tenth of a second, those of 1,000 some seconds.
//
// Errors: ErrTooFew (an arm of which not one participant is kept), ErrNotFinite, ErrLength
// (Blocks), ErrDomain. It panics where Worst, or one of Share and Adaptive, is not chosen.
//
// Source: Permutt & Li 2017, Trimmed means for symptom trials with dropouts,
// Pharmaceutical Statistics 16:20–28, doi 10.1002/pst.1768. The estimate is that of R's
// tmsens::tm(y ~ arm, GR = "arm", trF = share) where share times n is a whole number.
func TrimmedMeans(treated, control TrimmedArm, o TrimmedOptions) (Trimmed, error) {
	return TrimmedMeansContext(context.Background(), treated, control, o)
}

// TrimmedMeansContext is TrimmedMeans that stops with the context's error.
func TrimmedMeansContext(ctx context.Context, treated, control TrimmedArm, o TrimmedOptions) (Trimmed, error) {
	const fn = "TrimmedMeans"
	if o.Worst != WorstIsLow && o.Worst != WorstIsHigh || (o.Share != 0) == o.Adaptive || o.Replicates < 0 || o.Replicates > 0 && o.Replicates < 1000 {
		panic(fmt.Sprintf("impute.TrimmedMeans: %+v: Worst and one of Share and Adaptive, and 1,000 replicates", o))
	}
	if o.Share != 0 && !(o.Share > 0 && o.Share < 1) {
		return Trimmed{}, bad(fn, "Share", -1, stats.ErrDomain, "%v is not between 0 and 1", o.Share)
	}
	for i, a := range []TrimmedArm{treated, control} {
		name := []string{"treated", "control"}[i]
		switch {
		case a.Worst < 0:
			return Trimmed{}, bad(fn, name, -1, stats.ErrDomain, "%d rank worst", a.Worst)
		case a.Blocks != nil && len(a.Blocks) != a.n() || (a.Blocks == nil) != (control.Blocks == nil):
			return Trimmed{}, bad(fn, name, -1, stats.ErrLength, "%d labels of blocks, %d participants", len(a.Blocks), a.n())
		}
		if err := check.Sample("impute."+fn, name, a.Values, 1); err != nil {
			return Trimmed{}, err
		}
	}
	t := newTrimming(treated, control, o)
	keep, ok := t.kept(control.Worst, treated.Worst)
	for i, a := range []TrimmedArm{control, treated} {
		name := []string{"control", "treated"}[i]
		if float64(len(a.Values)) < keep[i] {
			return Trimmed{}, bad(fn, name, -1, stats.ErrDomain, "%d of %d rank worst, more than are cut off", a.Worst, a.n())
		}
		if !ok || keep[i] < 1 {
			return Trimmed{}, bad(fn, name, -1, stats.ErrTooFew, "of %d participants not one is kept", a.n())
		}
	}
	out := Trimmed{Share: o.Share, value: true, Arrangements: t.arrangements()}
	if o.Adaptive {
		out.Share = max(float64(treated.Worst)/float64(treated.n()), float64(control.Worst)/float64(control.n()))
	}
	means, _ := t.at(t.truth, 0, keep)
	for i, a := range []TrimmedArm{control, treated} {
		out.Means[i], out.Cut[i] = t.sign*means[i]+t.center, float64(a.n())-keep[i]
	}
	out.Value = t.sign * (means[1] - means[0])
	t.value = means[1] - means[0]
	n := t.sizes()
	for b, rows := range t.blocks {
		if t.picks[b]*(n[0]+n[1]) != n[1]*len(rows) {
			out.Notes = append(out.Notes, stats.Note{Code: NoteTrimmedBlocks})
			break
		}
	}
	all := cmp.Or(o.Arrangements, 2e5)
	if out.Arrangements > all {
		out.Replicates, out.Seed = cmp.Or(o.Replicates, 10_000), o.Seed
		out.Notes = append(out.Notes, stats.Note{Code: NoteTrimmedMonteCarlo, Args: map[string]any{"replicates": out.Replicates, "seed": out.Seed}})
	}
	var err error
	if out.from, out.to, err = t.thresholds(ctx, out.Replicates, o.Seed); err != nil {
		return Trimmed{}, err
	}
	return out, nil
}

// trimming is the trial turned so that higher is better, with its center taken off.
type trimming struct {
	o            TrimmedOptions
	sign, center float64
	value        float64
	// treated and control are values in falling order, with the participant's number;
	// those that rank worst have the numbers of worst.
	treated, control []trimmedValue
	worst            []int
	truth            []bool // participant → treated
	blocks           [][]int
	picks            []int // treated in each block
	// step is what null values are rounded to, span the width of the values.
	step, span float64
	digits     float64
}

type trimmedValue struct {
	y  float64
	at int
}

func newTrimming(treated, control TrimmedArm, o TrimmedOptions) *trimming {
	t := &trimming{o: o, sign: 1}
	if o.Worst == WorstIsHigh {
		t.sign = -1
	}
	all := slices.Concat(treated.Values, control.Values)
	lo, hi := slices.Min(all), slices.Max(all)
	t.center, t.span = lo/2+hi/2, hi-lo
	if t.span == 0 {
		t.span = max(1, math.Abs(hi))
	}
	t.digits = math.Pow(10, 9-math.Ceil(math.Log10(max(t.span, 1e-3*math.Abs(hi), 1e-3*math.Abs(lo)))))
	t.step = 1 / t.digits
	index := map[string]int{}
	add := func(a TrimmedArm, dst *[]trimmedValue, is bool) {
		for i := range a.n() {
			at := len(t.truth)
			t.truth = append(t.truth, is)
			if i < len(a.Values) {
				*dst = append(*dst, trimmedValue{t.sign * (a.Values[i] - t.center), at})
			} else {
				t.worst = append(t.worst, at)
			}
			label := ""
			if a.Blocks != nil {
				label = a.Blocks[i]
			}
			b, ok := index[label]
			if !ok {
				b = len(t.blocks)
				index[label] = b
				t.blocks, t.picks = append(t.blocks, nil), append(t.picks, 0)
			}
			t.blocks[b] = append(t.blocks[b], at)
			if is {
				t.picks[b]++
			}
		}
		slices.SortFunc(*dst, func(a, b trimmedValue) int { return cmp.Or(cmp.Compare(b.y, a.y), cmp.Compare(a.at, b.at)) })
	}
	add(treated, &t.treated, true)
	add(control, &t.control, false)
	return t
}

// arrangements is how many there are.
func (t *trimming) arrangements() float64 {
	out := 1.0
	for b, rows := range t.blocks {
		for i := range t.picks[b] {
			out *= float64(len(rows)-i) / float64(i+1)
		}
	}
	return math.Round(out)
}

// sizes are the arms' numbers of participants, control and treated.
func (t *trimming) sizes() [2]int {
	n := 0
	for _, x := range t.truth {
		if x {
			n++
		}
	}
	return [2]int{len(t.truth) - n, n}
}

// kept is how many participants of each arm stay, with so many that rank worst; ok where
// some do.
func (t *trimming) kept(control, treated int) (keep [2]float64, ok bool) {
	n := t.sizes()
	worst := [2]int{control, treated}
	for i := range keep {
		keep[i] = (1 - t.o.Share) * float64(n[i])
		if t.o.Adaptive { // the other arm's share, in whole numbers
			j := i
			if worst[1-i]*n[i] > worst[i]*n[1-i] {
				j = 1 - i
			}
			keep[i] = float64(n[i]*(n[j]-worst[j])) / float64(n[j])
		}
		if whole := math.Round(keep[i]); math.Abs(keep[i]-whole) < 1e-9*whole {
			keep[i] = whole
		}
	}
	return keep, keep[0] > 0 && keep[1] > 0
}

// at gives the trimmed means of an arrangement, control and treated, with null taken from
// the values of the truly treated, and how fast their difference falls as null grows.
func (t *trimming) at(treated []bool, null float64, keep [2]float64) (means [2]float64, slope float64) {
	left := keep
	i, j := 0, 0
	for left[0] > 0 || left[1] > 0 {
		var v trimmedValue
		moved := 0.0
		if j >= len(t.control) || i < len(t.treated) && t.treated[i].y-null >= t.control[j].y {
			v, moved = t.treated[i], 1
			v.y -= null
			i++
		} else {
			v = t.control[j]
			j++
		}
		arm, turn := 0, -1.0
		if treated[v.at] {
			arm, turn = 1, 1
		}
		if w := min(1, left[arm]); w > 0 {
			means[arm] += w * v.y
			slope += turn * moved * w / keep[arm]
			left[arm] -= w
		}
	}
	return [2]float64{means[0] / keep[0], means[1] / keep[1]}, slope
}

// between are the null values at which an arrangement is as extreme as the trial: at
// least as large from the first on, at most as large up to the second. As the null grows
// by one, the trial's own difference falls by one and no arrangement's by more.
func (t *trimming) between(treated []bool) (from, to float64) {
	inf := math.Inf(1)
	worst := [2]int{}
	for _, at := range t.worst {
		if treated[at] {
			worst[1]++
		} else {
			worst[0]++
		}
	}
	keep, ok := t.kept(worst[0], worst[1])
	n := t.sizes()
	over := func(arm int) bool { return float64(n[arm]-worst[arm]) < keep[arm] || worst[arm] == n[arm] }
	switch {
	case over(0) && !over(1):
		return -inf, -inf
	case over(1) && !over(0):
		return inf, inf
	case !ok || over(0):
		return -inf, inf
	}
	ahead := func(null float64) (h, slope float64) { // of the trial
		m, s := t.at(treated, null, keep)
		return m[1] - m[0] - t.value + null, 1 - s
	}
	tolerance := t.step * 1e-4
	_, from = t.crossing(ahead, -tolerance)
	if h, _ := ahead(from + t.step); !math.IsInf(from, 0) && h > tolerance {
		return t.rounded(from), t.rounded(from)
	}
	to, _ = t.crossing(ahead, tolerance)
	return t.rounded(from), t.rounded(to)
}

// rounded is a null value to t.step.
func (t *trimming) rounded(x float64) float64 {
	if math.IsInf(x, 0) {
		return x
	}
	if t.digits < 1 {
		return math.Round(x*t.digits) * (1 / t.digits)
	}
	return math.Round(x*t.digits) / t.digits
}

// crossing finds where a function that never falls, linear in pieces, passes level: just
// before a it is not above it (below, for a level under 0), from b on it is.
func (t *trimming) crossing(f func(float64) (h, slope float64), level float64) (a, b float64) {
	above := func(h float64) bool {
		if level < 0 {
			return h >= level
		}
		return h > level
	}
	a, b = -1.25*t.span, 1.25*t.span
	if h, s := f(a); above(h) { // linear from here on down
		if s < 1e-9 || h <= 0 {
			return math.Inf(-1), math.Inf(-1)
		}
		return a - h/s, a - h/s
	}
	if h, s := f(b); !above(h) {
		if s < 1e-9 || h >= 0 {
			return math.Inf(1), math.Inf(1)
		}
		return b - h/s, b - h/s
	}
	x := (a + b) / 2
	for i := range 300 {
		h, s := f(x)
		if above(h) {
			b = x
		} else {
			a = x
		}
		if b-a <= 0.01*t.step {
			break
		}
		next := x - h/s // the line's zero
		if math.Abs(h) <= math.Abs(level) {
			next = x + math.Copysign(0.005*t.step, level) // there: close the bracket
			if s*0.005*t.step <= 2*math.Abs(level) {
				next = (a + b) / 2
			}
		}
		if !(next > a && next < b) || i%3 == 2 { // many short pieces
			next = (a + b) / 2
		}
		x = next
	}
	return a, b
}

// thresholds are between of all arrangements in ascending order, or of the trial's and
// random ones.
func (t *trimming) thresholds(ctx context.Context, replicates int, seed uint64) (from, to []float64, err error) {
	n := len(t.truth)
	if replicates > 0 {
		from, to = make([]float64, replicates+1), make([]float64, replicates+1)
		from[replicates], to[replicates] = math.Inf(-1), math.Inf(1)
		err = draws.InChunks(ctx, replicates, draws.Chunk, func(id, first, last int) {
			r := draws.New(seed, id)
			treated, order := make([]bool, n), make([]int, n)
			for rep := first; rep < last; rep++ {
				clear(treated)
				for b, rows := range t.blocks {
					order = append(order[:0], rows...)
					for i := range t.picks[b] {
						k := i + int(r.Below(uint32(len(order)-i)))
						order[i], order[k] = order[k], order[i]
						treated[order[i]] = true
					}
				}
				from[rep], to[rep] = t.between(treated)
			}
		})
	} else {
		list := make([]bool, 0, n*int(t.arrangements()))
		now := make([]bool, n)
		var choose func(b, i, left int)
		choose = func(b, i, left int) {
			switch {
			case b == len(t.blocks):
				list = append(list, now...)
			case left == 0:
				next := 0
				if b+1 < len(t.blocks) {
					next = t.picks[b+1]
				}
				choose(b+1, 0, next)
			default:
				for k := i; k+left <= len(t.blocks[b]); k++ {
					now[t.blocks[b][k]] = true
					choose(b, k+1, left-1)
					now[t.blocks[b][k]] = false
				}
			}
		}
		choose(0, 0, t.picks[0])
		total := len(list) / n
		from, to = make([]float64, total), make([]float64, total)
		err = draws.InChunks(ctx, total, draws.Chunk, func(_, first, last int) {
			for k := first; k < last; k++ {
				from[k], to[k] = t.between(list[k*n : (k+1)*n])
			}
		})
	}
	if t.sign < 0 {
		for i := range from {
			from[i], to[i] = -to[i]+0, -from[i]+0
		}
	}
	slices.Sort(from)
	slices.Sort(to)
	return from, to, err
}

// Point returns the difference.
func (r Trimmed) Point() float64 { return r.Value }

// PGreater returns the share of arrangements whose difference is at least the trial's,
// with null taken from every value of the treated.
func (r Trimmed) PGreater(null float64) float64 {
	return float64(sort.Search(len(r.from), func(i int) bool { return r.from[i] > null })) / float64(len(r.from))
}

// PLess returns the share whose difference is at most the trial's.
func (r Trimmed) PLess(null float64) float64 {
	return float64(len(r.to)-sort.SearchFloat64s(r.to, null)) / float64(len(r.to))
}

// P returns twice the smaller of both, at most 1.
func (r Trimmed) P(null float64) float64 {
	return min(1, 2*min(r.PGreater(null), r.PLess(null)))
}

// CI returns the null values whose P is at least 1 − level.
func (r Trimmed) CI(level float64) stats.Interval {
	check.Level(level)
	alpha, n := math.Round((1-level)*1e15)/1e15, len(r.from)
	k := sort.Search(n-1, func(i int) bool { return 2*(float64(i+1)/float64(n)) >= alpha })
	iv := stats.Interval{Lo: r.from[k], Hi: r.to[n-1-k], Level: level}
	switch {
	case math.IsInf(iv.Lo, 1) || math.IsInf(iv.Hi, -1):
		iv.Lo, iv.Hi, iv.LoOpen, iv.HiOpen, iv.Why = r.Value, r.Value, true, true, stats.WhyEmpty
	case math.IsInf(iv.Lo, 0) || math.IsInf(iv.Hi, 0):
		iv.Why = stats.WhyLevel
	}
	return iv
}
