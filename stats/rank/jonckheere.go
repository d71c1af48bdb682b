package rank

import (
	"context"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// TrendTest is the outcome of Jonckheere.
type TrendTest struct {
	// J is the number of pairs from different groups whose later group has the
	// larger value, ties counting one half.
	J float64
	// Z is (J − E J)/SD J given the ties, without continuity correction; 0 where
	// all values are equal.
	Z float64
	// Method is Exact or Asymptotic.
	Method Method
	Notes  []stats.Note

	tails rankTails
}

var _ stats.Test = TrendTest{}

// P returns the two-sided p-value: the probability of a J at least as far from its
// expectation. It is never below 1/(arrangements of the values in groups) where
// Method is Exact.
func (t TrendTest) P() float64 { return t.tails.orNone(t.tails.two) }

// PIncreasing returns the one-sided p-value against "values do not rise from group
// to group": small ones say that they rise.
func (t TrendTest) PIncreasing() float64 { return t.tails.orNone(t.tails.greater) }

// PDecreasing returns the one-sided p-value against "values do not fall".
func (t TrendTest) PDecreasing() float64 { return t.tails.orNone(t.tails.less) }

// Jonckheere tests for a trend over ordered groups (Terpstra 1952; Jonckheere
// 1954, doi 10.1093/biomet/41.1-2.133), such as rising doses. Groups are given in
// their order. Under the null hypothesis all samples come from one
// distribution. The p-value is exact given the ties, two-sided as the
// probability of a J at least as far from its expectation. The exact
// distribution is built up value by value over the numbers already placed in each
// group; where that takes more than about 10⁸ operations (some 20 values in
// each of three groups; Exact takes a hundred times that), the normal approximation is used with a note
// "rank-asymptotic".
//
// It needs two groups of one value (ErrTooFew) and finite values
// (ErrNotFinite); if all values are equal, p = 1. Agrees with
// clinfun::jonckheere.test and DescTools::JonckheereTerpstraTest in R and with
// EXACT JT in SAS PROC FREQ.
func Jonckheere(groups ...[]float64) (TrendTest, error) {
	return JonckheereWith(groups, Options{})
}

// JonckheereWith is Jonckheere with options. It has no numerical inversion and
// panics for Inverted.
func JonckheereWith(groups [][]float64, o Options) (TrendTest, error) {
	return JonckheereContext(context.Background(), groups, o)
}

// JonckheereContext is JonckheereWith that stops with the context's error.
func JonckheereContext(ctx context.Context, groups [][]float64, o Options) (TrendTest, error) {
	o.check("Jonckheere")
	if o.Method == Inverted {
		panic("rank.Jonckheere: no numerical inversion")
	}
	r, err := rankGroups("Jonckheere", groups)
	if err != nil {
		return TrendTest{}, err
	}
	k := len(r)
	n := make([]int, k)
	total := 0
	for i, g := range r {
		n[i] = len(g)
		total += len(g)
	}
	// Tie blocks in ascending order.
	count := make([]int, 2*total+1)
	j2 := int64(0) // outgrows 32 bits at some 46,000 values
	for i, g := range r {
		if i > 0 {
			j2 += twiceAbove(g, count)
		}
		for _, v := range g {
			count[v]++
		}
	}
	var blocks []int
	for _, c := range count {
		if c > 0 {
			blocks = append(blocks, c)
		}
	}
	pairs := int64(total) * int64(total)
	for _, v := range n {
		pairs -= int64(v) * int64(v)
	}
	t := TrendTest{J: float64(j2) / 2, Method: Exact}
	mean := float64(pairs) / 4
	sd := jonckheereSD(n, blocks, total)
	if sd > 0 {
		t.Z = (t.J - mean) / sd
	}
	work := jonckheereWork(n, blocks, pairs)
	switch {
	case o.Method == Asymptotic:
		t.Method = Asymptotic
	case o.Method == Exact && work > 1e10:
		return TrendTest{}, &stats.SampleError{Func: "Jonckheere", Arg: "groups", Index: -1, Err: stats.ErrDomain,
			Info: "too many arrangements for the exact test"}
	case o.Method == Auto && work > 1e8:
		t.Method = Asymptotic
		t.Notes = append(t.Notes, stats.Note{Code: "rank-asymptotic"})
	}
	if len(blocks) < total && t.Method != Asymptotic { // the note's sentence names the exact distribution
		t.Notes = append(t.Notes, stats.Note{Code: "rank-ties"})
	}
	if t.Method == Asymptotic {
		t.tails = normalTails(2*(t.J-mean), 2*sd, o.NoContinuity)
	} else {
		d, err := jonckheereDist(ctx, n, blocks)
		if err != nil {
			return TrendTest{}, err
		}
		t.tails = centerTails(d, d.total, int(j2), pairs, 2, o.MidP)
	}
	return t, nil
}

// twiceAbove counts twice the pairs in which a value of g exceeds one of those
// counted by doubled rank, ties once.
func twiceAbove(g, count []int) int64 {
	s := slices.Clone(g)
	slices.Sort(s)
	sum, below, at := int64(0), 0, 0
	for _, v := range s {
		for ; at < v; at++ {
			below += count[at]
		}
		sum += int64(2*below + count[v])
	}
	return sum
}

// jonckheereSD is the standard deviation of J given tie blocks (Kendall 1970,
// Rank Correlation Methods).
func jonckheereSD(n, blocks []int, total int) float64 {
	sum := func(v []int, f func(x float64) float64) float64 {
		s := 0.0
		for _, x := range v {
			s += f(float64(x))
		}
		return s
	}
	f5 := func(x float64) float64 { return x * (x - 1) * (2*x + 5) }
	f3 := func(x float64) float64 { return x * (x - 1) * (x - 2) }
	f2 := func(x float64) float64 { return x * (x - 1) }
	nn := float64(total)
	v := (f5(nn) - sum(n, f5) - sum(blocks, f5)) / 72
	if total > 2 {
		v += sum(n, f3) * sum(blocks, f3) / (36 * f3(nn))
	}
	v += sum(n, f2) * sum(blocks, f2) / (8 * f2(nn))
	return math.Sqrt(math.Max(0, v))
}

// jonckheereWork estimates the operations of jonckheereDist.
func jonckheereWork(n, blocks []int, pairs int64) float64 {
	states := 1.0
	for _, v := range n {
		states *= float64(v + 1)
	}
	// Each state passes a few ways of dividing the next block, each a row of sums.
	ways := 0.0
	for _, b := range blocks {
		ways = math.Max(ways, num.Choose(b+len(n)-1, len(n)-1))
	}
	return states * ways * float64(pairs) / 4
}

// rowDist is a distribution on whole numbers from 0.
type rowDist struct {
	w     []float64
	total float64
}

func (d rowDist) LE(c int) float64 {
	s := 0.0
	for i := 0; i <= min(c, len(d.w)-1); i++ {
		s += d.w[i]
	}
	return s
}

func (d rowDist) GE(c int) float64 {
	s := 0.0
	for i := len(d.w) - 1; i >= max(c, 0); i-- {
		s += d.w[i]
	}
	return s
}

func (d rowDist) EQ(c int) float64 {
	if c < 0 || c >= len(d.w) {
		return 0
	}
	return d.w[c]
}

// jonckheereDist returns the distribution of 2J. A state is how many values
// each group has received; a tie block is divided among the groups in every
// possible way, each as often as its multinomial coefficient.
func jonckheereDist(ctx context.Context, n, blocks []int) (rowDist, error) {
	k := len(n)
	stride := make([]int, k)
	size := 1
	for i, v := range n {
		stride[i] = size
		size *= v + 1
	}
	cur := make([][]float64, size)
	cur[0] = []float64{1}
	have, give := make([]int, k), make([]int, k)
	for _, block := range blocks {
		if err := ctx.Err(); err != nil {
			return rowDist{}, err
		}
		next := make([][]float64, size)
		for state, row := range cur {
			if row == nil {
				continue
			}
			if err := ctx.Err(); err != nil {
				return rowDist{}, err
			}
			for i := range n {
				have[i] = state / stride[i] % (n[i] + 1)
			}
			var divide func(g, left, to, add int, ways float64)
			divide = func(g, left, to, add int, ways float64) {
				if g == k {
					if left > 0 {
						return
					}
					if need := len(row) + add; len(next[to]) < need {
						next[to] = append(next[to], make([]float64, need-len(next[to]))...)
					}
					dst := next[to][add : add+len(row)]
					for s, w := range row {
						dst[s] += ways * w
					}
					return
				}
				below, tied := 0, 0
				for h := range g {
					below += have[h]
					tied += give[h]
				}
				for a := 0; a <= min(left, n[g]-have[g]); a++ {
					give[g] = a
					divide(g+1, left-a, to+a*stride[g], add+a*(2*below+tied), ways*num.Choose(left, a))
				}
			}
			divide(0, block, state, 0, 1)
		}
		cur = next
	}
	d := rowDist{w: cur[size-1]}
	for _, w := range d.w {
		d.total += w
	}
	return d, nil
}
