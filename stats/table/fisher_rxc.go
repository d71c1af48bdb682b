package table

import (
	"context"
	"fmt"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// FisherRxCTest is Fisher's exact test of an r×c table.
type FisherRxCTest struct {
	Rows, Columns, N int
	p                float64
}

var _ stats.Test = FisherRxCTest{}

// P returns the p-value.
func (t FisherRxCTest) P() float64 { return t.p }

// String formats the test: "Fisher's exact test of 4 × 4, n = 104: p = 0.78".
func (t FisherRxCTest) String() string {
	if t == (FisherRxCTest{}) {
		return show.NoResult
	}
	return fmt.Sprintf("%s of %d × %d, n = %d: p %s", FisherExact, t.Rows, t.Columns, t.N, show.P(t.p))
}

// FisherRxC tests the independence of rows and columns by Fisher's exact test: P is
// the probability, given both margins, of tables no likelier than the observed (to a
// relative 1e-7). Exact. The tables are not listed one by one: columns are added in
// turn, states that share the rows still to fill are merged, and states whose
// completions are all likelier or all unlikelier than the observed are settled
// at once (the network algorithm). The work still grows steeply with n and the
// number of cells, a 3 × 3 table of 400 takes seconds, and no other method steps in:
// use FisherRxCContext to be able to stop, ContingencyTable where n is large.
// It refuses what ContingencyTable refuses.
// Source: Freeman & Halton (1951), doi 10.1093/biomet/38.1-2.141; Mehta & Patel
// (1983), doi 10.2307/2288652.
// It agrees with R's fisher.test and SAS PROC FREQ EXACT FISHER.
func FisherRxC(counts [][]int) (FisherRxCTest, error) {
	return FisherRxCContext(context.Background(), counts)
}

// FisherRxCContext is FisherRxC until ctx ends, whose error it then returns.
func FisherRxCContext(ctx context.Context, counts [][]int) (FisherRxCTest, error) {
	rows, cols, n, err := margins("FisherRxC", counts)
	if err != nil {
		return FisherRxCTest{}, err
	}
	out := FisherRxCTest{Rows: len(rows), Columns: len(cols), N: int(n)}
	// Fewer rows make fewer states: put the shorter side in the rows.
	if len(rows) > len(cols) {
		rows, cols = cols, rows
	}
	f := fisherNetwork{ctx: ctx, bounds: map[string][2]float64{}}
	for _, c := range cols {
		f.cols = append(f.cols, int(c))
	}
	// Large columns first: they leave few ways for the rest.
	sort.Sort(sort.Reverse(sort.IntSlice(f.cols)))
	rem := make([]int, len(rows))
	for i, r := range rows {
		rem[i] = int(r)
	}
	sort.Ints(rem)
	// A table's probability is Π rows!·Π cols!/(n!·Π cells!). Work with
	// s = −Σ log cell!; the constant turns it into a log probability.
	constant := -num.LogFactorial(int(n))
	for _, r := range rows {
		constant += num.LogFactorial(int(r))
	}
	for _, c := range cols {
		constant += num.LogFactorial(int(c))
	}
	f.constant = constant
	obs := 0.0
	for _, row := range counts {
		for _, k := range row {
			obs -= num.LogFactorial(k)
		}
	}
	f.limit = obs + 1e-7
	p, err := f.run(rem)
	if err != nil {
		return FisherRxCTest{}, err
	}
	out.p = math.Min(1, p)
	return out, nil
}

type fisherNetwork struct {
	ctx      context.Context
	cols     []int
	limit    float64 // tables with s at most this count
	constant float64
	bounds   map[string][2]float64
}

// node is a state of one stage: the rows still to fill (sorted, because only
// their sizes matter) and the ways that lead there, by their partial s.
type node struct {
	rem  []int
	past map[int64]weightedPast
}

// weightedPast merges paths whose partial sums agree to 1e-9: weight is the
// number of paths, s their common partial sum.
type weightedPast struct{ s, weight float64 }

func (f *fisherNetwork) run(rem []int) (float64, error) {
	stage := map[string]*node{key(rem): {rem, map[int64]weightedPast{0: {0, 1}}}}
	p := 0.0
	for c := range f.cols {
		next := map[string]*node{}
		names := make([]string, 0, len(stage))
		for k := range stage {
			names = append(names, k)
		}
		sort.Strings(names) // sums in one order give one result
		for _, name := range names {
			if err := f.ctx.Err(); err != nil {
				return 0, err
			}
			nd := stage[name]
			fill(nd.rem, f.cols[c], func(left []int, s float64) {
				sorted := append([]int(nil), left...)
				sort.Ints(sorted)
				lo, hi := f.bound(sorted, c+1)
				k := key(sorted)
				for _, id := range sortedPasts(nd.past) {
					w := nd.past[id]
					t := w.s + s
					switch {
					case t+lo > f.limit: // every completion is likelier
					case t+hi <= f.limit: // every completion counts
						p += w.weight * math.Exp(t+f.completions(sorted, c+1)+f.constant)
					default:
						to := next[k]
						if to == nil {
							to = &node{sorted, map[int64]weightedPast{}}
							next[k] = to
						}
						b := int64(math.Round(t * 1e9))
						old := to.past[b]
						if old.weight == 0 {
							old.s = t
						}
						old.weight += w.weight
						to.past[b] = old
					}
				}
			})
		}
		stage = next
	}
	return p, nil
}

func sortedPasts(m map[int64]weightedPast) []int64 {
	out := make([]int64, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Slice(out, func(a, b int) bool { return out[a] < out[b] })
	return out
}

func key(rem []int) string {
	b := make([]byte, 0, 4*len(rem))
	for _, r := range rem {
		b = append(b, byte(r), byte(r>>8), byte(r>>16), byte(r>>24))
	}
	return string(b)
}

// completions is the log of Σ Π 1/cell! over all ways to fill columns c … with
// the rows left: Π-multinomial, N!/(Π rem!·Π cols!).
func (f *fisherNetwork) completions(rem []int, c int) float64 {
	n, s := 0, 0.0
	for _, r := range rem {
		n += r
		s -= num.LogFactorial(r)
	}
	for _, k := range f.cols[c:] {
		s -= num.LogFactorial(k)
	}
	return s + num.LogFactorial(n)
}

// bound returns the smallest and the largest s = −Σ log cell! of the ways to
// fill columns c … with the rows left.
func (f *fisherNetwork) bound(rem []int, c int) (lo, hi float64) {
	switch len(f.cols) - c {
	case 0:
		return 0, 0
	case 1:
		s := 0.0
		for _, r := range rem {
			s -= num.LogFactorial(r)
		}
		return s, s
	}
	k := key(rem) + string(rune(c))
	if b, ok := f.bounds[k]; ok {
		return b[0], b[1]
	}
	lo, hi = math.Inf(1), math.Inf(-1)
	fill(rem, f.cols[c], func(left []int, s float64) {
		sorted := append([]int(nil), left...)
		sort.Ints(sorted)
		l, h := f.bound(sorted, c+1)
		lo, hi = math.Min(lo, s+l), math.Max(hi, s+h)
	})
	f.bounds[k] = [2]float64{lo, hi}
	return lo, hi
}

// fill calls visit with what the rows have left after each way to put total
// into one column, and with −Σ log cell! of that column.
func fill(rem []int, total int, visit func(left []int, s float64)) {
	left := append([]int(nil), rem...)
	rest := make([]int, len(rem)+1) // capacity of rows i …
	for i := len(rem) - 1; i >= 0; i-- {
		rest[i] = rest[i+1] + rem[i]
	}
	var walk func(i, need int, s float64)
	walk = func(i, need int, s float64) {
		if i == len(rem) {
			visit(left, s)
			return
		}
		for k := max(0, need-rest[i+1]); k <= min(need, rem[i]); k++ {
			left[i] = rem[i] - k
			walk(i+1, need-k, s-num.LogFactorial(k))
		}
		left[i] = rem[i]
	}
	walk(0, total, 0)
}
