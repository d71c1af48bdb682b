package rank

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// FriedmanTest is the outcome of Friedman.
type FriedmanTest struct {
	// ChiSquareTest holds the tie-corrected statistic with k − 1 degrees of
	// freedom; its P is the chi-squared approximation.
	stats.ChiSquareTest
	// Blocks and Treatments are the numbers n and k.
	Blocks, Treatments int
	// MeanRanks are the treatments' mean within-block mid-ranks.
	MeanRanks []float64

	ranks [][]int // doubled, by block
}

// Friedman tests whether k related measurements, such as visits of the same
// participants, have one distribution (Friedman 1937,
// doi 10.1080/01621459.1937.10503522). blocks[i][j] is treatment or visit j in
// participant i. Values are ranked within participants, with mid-ranks and the
// tie correction. P is the chi-squared approximation; Exact gives the permutation
// p-value and ImanDavenport the better approximation.
//
// It needs two blocks and two treatments (ErrTooFew), rows of one length
// (ErrLength), finite values (ErrNotFinite), and two different values in some
// block (ErrNoVariation). Agrees with friedman.test in R; W with
// DescTools::KendallW(correct = TRUE).
func Friedman(blocks [][]float64) (FriedmanTest, error) {
	r, err := rankBlocks("Friedman", blocks)
	if err != nil {
		return FriedmanTest{}, err
	}
	n, k := len(r), len(r[0])
	t := FriedmanTest{Blocks: n, Treatments: k, ranks: r}
	sums, squares := make([]int64, k), int64(0)
	for _, b := range r {
		for j, v := range b {
			sums[j] += int64(v)
			squares += int64(v-k-1) * int64(v-k-1)
		}
	}
	if squares == 0 {
		return FriedmanTest{}, &stats.SampleError{Func: "Friedman", Arg: "blocks", Index: -1, Err: stats.ErrNoVariation,
			Info: "every block is constant"}
	}
	between := 0.0
	for _, s := range sums {
		d := float64(s - int64(n)*int64(k+1))
		between += d * d
		t.MeanRanks = append(t.MeanRanks, float64(s)/2/float64(n))
	}
	t.ChiSquareTest = stats.ChiSquareTest{X2: float64(k-1) * between / float64(squares), DF: float64(k - 1)}
	return t, nil
}

// rankBlocks checks blocks and returns doubled mid-ranks within each.
func rankBlocks(fn string, blocks [][]float64) ([][]int, error) {
	if len(blocks) < 2 {
		return nil, &stats.SampleError{Func: fn, Arg: "blocks", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("%d blocks, need 2", len(blocks))}
	}
	out := make([][]int, len(blocks))
	for i, b := range blocks {
		if err := check.Sample(fn, fmt.Sprintf("blocks[%d]", i), b, 2); err != nil {
			return nil, err
		}
		if len(b) != len(blocks[0]) {
			return nil, &stats.SampleError{Func: fn, Arg: "blocks", Index: i, Err: stats.ErrLength,
				Info: fmt.Sprintf("%d values, the first has %d", len(b), len(blocks[0]))}
		}
		out[i] = num.DoubledRanks(b)
	}
	return out, nil
}

// KendallW returns the coefficient of concordance, χ²/(n(k − 1)): 1 where all
// blocks order the treatments alike, 0 where there is no agreement.
func (t FriedmanTest) KendallW() float64 { return t.X2 / (float64(t.Blocks) * t.DF) }

// ImanDavenport returns F = (n − 1)χ²/(n(k − 1) − χ²) with k − 1 and (n − 1)(k − 1)
// degrees of freedom (1980, doi 10.1080/03610928008827904). Under full
// concordance F is infinite.
func (t FriedmanTest) ImanDavenport() stats.FTest {
	n := float64(t.Blocks)
	return stats.FTest{F: (n - 1) * t.X2 / (n*t.DF - t.X2), DF1: t.DF, DF2: (n - 1) * t.DF}
}

// Conover returns all pairwise comparisons of treatments by Conover's t test
// on the rank sums (Practical Nonparametric Statistics, 3rd ed., section 5.8), with
// (n − 1)(k − 1) degrees of freedom. P-values are not adjusted.
func (t FriedmanTest) Conover() []PairwiseRank {
	n, k := float64(t.Blocks), float64(t.Treatments)
	a, s2 := 0.0, 0.0 // Σ squared ranks, Σ squared rank sums
	for _, b := range t.ranks {
		for _, v := range b {
			a += float64(v) * float64(v) / 4
		}
	}
	for _, m := range t.MeanRanks {
		s2 += n * m * n * m
	}
	df := (n - 1) * (k - 1)
	se := math.Sqrt(math.Max(0, 2*(n*a-s2)/df)) / n
	var out []PairwiseRank
	for i := range t.MeanRanks {
		for j := i + 1; j < t.Treatments; j++ {
			p := PairwiseRank{A: i, B: j, Diff: t.MeanRanks[i] - t.MeanRanks[j], DF: df}
			if p.Diff != 0 {
				p.Statistic = p.Diff / se
			}
			out = append(out, p)
		}
	}
	return out
}

// maxFriedmanStates bounds the exact distribution, friedmanSteps the work of
// Exact: one step extends one vector of rank sums by one order of a block.
const (
	maxFriedmanStates = 2_000_000
	friedmanSteps     = 8_000_000
)

// Exact is the permutation test; its p-value is the share of rearrangements within
// blocks with at least the observed statistic, given the ties. It refuses with
// ErrDomain what takes more than about half a second (untied, beyond 190 blocks for
// k = 3, 36 for k = 4, 12 for k = 5, 5 for k = 6): ExactContext goes on.
func (t FriedmanTest) Exact() (PermutationTest, error) {
	return t.exact(context.Background(), friedmanSteps)
}

// ExactContext is Exact that stops with the context's error and refuses only
// what needs more than two million different vectors of rank sums at once (about
// k = 3 with 500 blocks, k = 4 with 40, k = 5 with 12), which takes minutes.
func (t FriedmanTest) ExactContext(ctx context.Context) (PermutationTest, error) {
	return t.exact(ctx, math.MaxInt)
}

func (t FriedmanTest) exact(ctx context.Context, limit int) (PermutationTest, error) {
	k := t.Treatments
	tooLarge := &stats.SampleError{Func: "FriedmanTest.Exact", Arg: "blocks", Index: -1, Err: stats.ErrDomain, Info: "too many arrangements"}
	if k > 8 {
		return PermutationTest{}, tooLarge
	}
	crit := func(s [8]int32) int64 {
		c := int64(0)
		for j := range k {
			d := int64(s[j]) - int64(t.Blocks)*int64(k+1)
			c += d * d
		}
		return c
	}
	// The statistic is symmetric in the treatments, so a state is a sorted vector.
	// States stand in the order in which they were met, so that probabilities
	// are added in the same order in every run.
	type state struct {
		sums [8]int32
		p    float64
	}
	cur := []state{{p: 1}}
	var observed [8]int32
	all := 1.0
	for _, b := range t.ranks {
		orders := distinctOrders(b)
		w := 1 / float64(len(orders))
		all *= float64(len(orders))
		var next []state
		place := make(map[[8]int32]int, len(cur))
		if limit -= len(cur) * len(orders); limit < 0 {
			return PermutationTest{}, tooLarge
		}
		steps := 0
		for _, s := range cur {
			for _, o := range orders {
				if steps++; steps%8192 == 1 && ctx.Err() != nil {
					return PermutationTest{}, ctx.Err()
				}
				v := s.sums
				for j, r := range o {
					v[j] += int32(r)
				}
				slices.Sort(v[:k])
				i, met := place[v]
				if !met {
					i = len(next)
					place[v] = i
					next = append(next, state{sums: v})
				}
				next[i].p += s.p * w
			}
			if len(next) > maxFriedmanStates {
				return PermutationTest{}, tooLarge
			}
		}
		cur = next
		for j, r := range b {
			observed[j] += int32(r)
		}
	}
	at := crit(observed)
	var ps []float64
	for _, s := range cur {
		if crit(s.sums) >= at {
			ps = append(ps, s.p)
		}
	}
	slices.Sort(ps)
	sum := 0.0
	for _, p := range ps {
		sum += p
	}
	return PermutationTest{Arrangements: all, p: math.Min(1, sum)}, nil
}

// distinctOrders returns the distinct permutations of r.
func distinctOrders(r []int) [][]int {
	a := slices.Clone(r)
	slices.Sort(a)
	out := [][]int{slices.Clone(a)}
	for {
		i := len(a) - 2
		for i >= 0 && a[i] >= a[i+1] {
			i--
		}
		if i < 0 {
			return out
		}
		j := len(a) - 1
		for a[j] <= a[i] {
			j--
		}
		a[i], a[j] = a[j], a[i]
		slices.Reverse(a[i+1:])
		out = append(out, slices.Clone(a))
	}
}

// QuadeTest is the outcome of Quade: an F statistic, +Inf where all blocks
// order the treatments alike.
type QuadeTest struct {
	stats.FTest
	blocks, treatments int
}

var (
	_ stats.Test = FriedmanTest{}
	_ stats.Test = QuadeTest{}
)

// P returns P(F ≥ the observed); under full concordance, where F has no
// distribution, (1/k!)^(n−1), the chance that all blocks agree.
func (t QuadeTest) P() float64 {
	if math.IsInf(t.F, 1) {
		lg, _ := math.Lgamma(float64(t.treatments + 1))
		return math.Exp(-lg * float64(t.blocks-1))
	}
	return t.FTest.P()
}

// Quade tests the same hypothesis as Friedman, giving blocks with a larger
// range more weight (Quade 1979, doi 10.1080/01621459.1979.10481670); it needs
// measurements whose ranges can be compared between blocks. blocks[i][j] is
// treatment j in block i. Approximate (F with k − 1 and (n − 1)(k − 1) degrees of
// freedom). Refuses what Friedman refuses. Agrees with quade.test in R, except
// that data without any variation within blocks are ErrNoVariation here.
func Quade(blocks [][]float64) (QuadeTest, error) {
	r, err := rankBlocks("Quade", blocks)
	if err != nil {
		return QuadeTest{}, err
	}
	n, k := len(r), len(r[0])
	ranges := make([]float64, n)
	for i, b := range blocks {
		ranges[i] = slices.Max(b) - slices.Min(b)
	}
	// All scores are whole multiples of one quarter: sums of them are exact.
	// Their squares outgrow 64 bits from some 30,000 blocks on.
	var a, b num.Wide
	sums := make([]int64, k)
	for i, q := range num.DoubledRanks(ranges) {
		for j, v := range r[i] {
			s := int64(q) * int64(v-k-1)
			a = a.AddSquare(s)
			sums[j] += s
		}
	}
	for _, s := range sums {
		b = b.AddSquare(s)
	}
	if a == (num.Wide{}) {
		return QuadeTest{}, &stats.SampleError{Func: "Quade", Arg: "blocks", Index: -1, Err: stats.ErrNoVariation, Info: "every block is constant"}
	}
	t := QuadeTest{blocks: n, treatments: k}
	t.FTest = stats.FTest{F: float64(n-1) * b.Float() / a.Mul(uint64(n)).Sub(b).Float(), DF1: float64(k - 1), DF2: float64(n-1) * float64(k-1)}
	return t, nil
}
