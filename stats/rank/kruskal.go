package rank

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// KruskalWallisTest is the outcome of KruskalWallis.
type KruskalWallisTest struct {
	// ChiSquareTest holds H, corrected for ties, with k − 1 degrees of freedom;
	// P is the chi-squared approximation.
	stats.ChiSquareTest
	// MeanRanks and N are the groups' mean mid-ranks and sizes.
	MeanRanks []float64
	N         []int

	ranks [][]int // doubled mid-ranks by group
	ss    float64 // Σ(rank − mean)² of the pooled mid-ranks
}

// KruskalWallis tests whether k samples come from one distribution (Kruskal
// and Wallis 1952, doi 10.1080/01621459.1952.10483441). The statistic is
// H = (N − 1)·Σnᵢ(R̄ᵢ − R̄)²/Σ(r − R̄)² over mid-ranks, which is the usual one with
// its tie correction. P is the chi-squared approximation, poor for groups
// smaller than 5; the p-value of Permutation is exact given the ties up to 2·10⁶
// arrangements, and beyond from drawn ones, which it says.
//
// It needs two groups of one value or more (ErrTooFew), finite values
// (ErrNotFinite), and two different values (ErrNoVariation). Agrees with
// kruskal.test in R and NPAR1WAY WILCOXON in SAS.
func KruskalWallis(groups ...[]float64) (KruskalWallisTest, error) {
	r, err := rankGroups("KruskalWallis", groups)
	if err != nil {
		return KruskalWallisTest{}, err
	}
	out := KruskalWallisTest{ranks: r}
	total := 0
	for _, g := range r {
		total += len(g)
	}
	mid := float64(total+1) / 2
	between := 0.0
	for _, g := range r {
		s := 0.0
		for _, v := range g {
			s += float64(v) / 2
			out.ss += (float64(v)/2 - mid) * (float64(v)/2 - mid)
		}
		mean := s / float64(len(g))
		between += float64(len(g)) * (mean - mid) * (mean - mid)
		out.MeanRanks = append(out.MeanRanks, mean)
		out.N = append(out.N, len(g))
	}
	if out.ss == 0 {
		return KruskalWallisTest{}, &stats.SampleError{Func: "KruskalWallis", Arg: "groups", Index: -1, Err: stats.ErrNoVariation}
	}
	out.ChiSquareTest = stats.ChiSquareTest{X2: float64(total-1) * between / out.ss, DF: float64(len(r) - 1)}
	return out, nil
}

// rankGroups checks groups and returns the doubled mid-ranks of their pooled
// values, group by group in the order given.
func rankGroups(fn string, groups [][]float64) ([][]int, error) {
	if len(groups) < 2 {
		return nil, &stats.SampleError{Func: fn, Arg: "groups", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("%d groups, need 2", len(groups))}
	}
	var all []float64
	for i, g := range groups {
		if err := check.Sample(fn, fmt.Sprintf("groups[%d]", i), g, 1); err != nil {
			return nil, err
		}
		all = append(all, g...)
	}
	r := num.DoubledRanks(all)
	out := make([][]int, len(groups))
	for i, g := range groups {
		out[i], r = r[:len(g):len(g)], r[len(g):]
	}
	return out, nil
}

// EpsilonSquared returns ε² = H/(N − 1), the share of the ranks' variation
// that lies between groups (Tomczak and Tomczak 2014).
func (t KruskalWallisTest) EpsilonSquared() float64 {
	n := 0
	for _, v := range t.N {
		n += v
	}
	return t.X2 / float64(n-1)
}

// PairwiseRank compares the mean ranks of two groups after a rank test.
type PairwiseRank struct {
	A, B int     // group numbers, A < B
	Diff float64 // mean rank of A − mean rank of B
	// Statistic is z (Dunn) or t with DF degrees of freedom (Conover).
	Statistic, DF float64
}

var (
	_ stats.Test = KruskalWallisTest{}
	_ stats.Test = PairwiseRank{}
)

// P returns the two-sided p-value, not adjusted for the number of comparisons: put
// all of them through stats.AdjustP.
func (p PairwiseRank) P() float64 {
	if p.DF == 0 {
		return math.NaN()
	}
	return math.Min(1, 2*num.TSF(math.Abs(p.Statistic), p.DF))
}

// Dunn returns all pairwise comparisons of mean ranks by Dunn's test (1964,
// doi 10.1080/00401706.1964.10490181): z = (R̄ₐ − R̄ᵦ)/√(σ²(1/nₐ + 1/nᵦ)), where σ² is the
// tie-corrected variance of all mid-ranks. P-values are not adjusted. Agrees
// with rstatix::dunn_test, which subtracts the other way round.
func (t KruskalWallisTest) Dunn() []PairwiseRank { return t.pairs(1, math.Inf(1)) }

// Conover returns all pairwise comparisons by the Conover–Iman test (1979, Los
// Alamos report LA-7677-MS): as Dunn's, with the variance left within groups,
// σ²(N − 1 − H)/(N − k), and the t distribution with N − k degrees of freedom.
// It holds its level only when H itself is significant. Where no variation is
// left within groups, P is 0 for pairs that differ. P-values are not adjusted.
// Agrees with DescTools::ConoverTest in R.
func (t KruskalWallisTest) Conover() []PairwiseRank {
	n := 0
	for _, v := range t.N {
		n += v
	}
	df := float64(n - len(t.N))
	if df == 0 {
		return nil // one value a group leaves nothing to estimate the variance from
	}
	return t.pairs(math.Max(0, float64(n-1)-t.X2)/df, df)
}

func (t KruskalWallisTest) pairs(factor, df float64) []PairwiseRank {
	n := 0
	for _, v := range t.N {
		n += v
	}
	var out []PairwiseRank
	for a := range t.N {
		for b := a + 1; b < len(t.N); b++ {
			p := PairwiseRank{A: a, B: b, Diff: t.MeanRanks[a] - t.MeanRanks[b], DF: df}
			se := math.Sqrt(factor * t.ss / float64(n-1) * (1/float64(t.N[a]) + 1/float64(t.N[b])))
			if p.Diff != 0 {
				p.Statistic = p.Diff / se
			}
			out = append(out, p)
		}
	}
	return out
}

// PermOptions limits a permutation p-value of a rank test. The zero value
// enumerates up to 2·10⁶ arrangements (of BrunnerMunzelPermutation, up to as many tables of tied
// values) and else draws 10⁵ at random from seed 0,
// beyond 100 values fewer, 10⁷/N, down to 2,000.
type PermOptions struct {
	MaxArrangements float64
	Replicates      int
	Seed            uint64
}

func (o PermOptions) settle(n int) PermOptions {
	if o.MaxArrangements == 0 {
		o.MaxArrangements = 2e6
	}
	if o.Replicates == 0 {
		o.Replicates = min(100_000, max(2000, 10_000_000/n))
	}
	return o
}

// PermutationTest is a test by rearrangement of the ranks.
type PermutationTest struct {
	// Arrangements is how many were looked at; with MonteCarlo they were drawn
	// at random and the p-value is (b + 1)/(m + 1).
	Arrangements float64
	MonteCarlo   bool

	p float64
}

var _ stats.Test = PermutationTest{}

// P returns the share of arrangements whose statistic is at least the observed one.
// The observed arrangement is one of them, so it is never 0.
func (t PermutationTest) P() float64 {
	if t.Arrangements == 0 {
		return math.NaN()
	}
	return t.p
}

// Permutation is the permutation test of H; its p-value is the share of assignments
// of the pooled mid-ranks to groups of these sizes with at least the observed
// H. Assignments are enumerated up to 2·10⁶ (three groups of five have 756,756), beyond
// drawn at random from seed 0, with a Monte Carlo standard error of 0.0007 at a p of 5 % up
// to 100 values: H is a quadratic form in the groups' sums, whose exact distribution needs
// their joint one, which grows with the product of their ranges. Two groups are better
// served by MannWhitney, which is exact or inverted at any size.
func (t KruskalWallisTest) Permutation() PermutationTest { return t.PermutationWith(PermOptions{}) }

// PermutationWith is Permutation with options; a given seed always gives the same p.
func (t KruskalWallisTest) PermutationWith(o PermOptions) PermutationTest {
	p, _ := t.PermutationContext(context.Background(), o) // fails by its context alone
	return p
}

// PermutationContext is PermutationWith that stops with the context's error.
func (t KruskalWallisTest) PermutationContext(ctx context.Context, o PermOptions) (PermutationTest, error) {
	total := 0
	for _, n := range t.N {
		total += n
	}
	o = o.settle(total)
	var pool []int
	k := len(t.N)
	ways, used := 1.0, 0
	for i, g := range t.ranks {
		pool = append(pool, g...)
		used += t.N[i]
		ways *= num.Choose(used, t.N[i])
	}
	// H is an increasing function of ΣRᵢ²/nᵢ. Sums of different order round
	// differently, so equal values are those within a relative 1e-12.
	crit := func(sum []float64) float64 {
		s := 0.0
		for i, v := range sum {
			s += v * v / float64(t.N[i])
		}
		return s
	}
	sums := make([]float64, k)
	for i, g := range t.ranks {
		for _, v := range g {
			sums[i] += float64(v)
		}
	}
	observed := crit(sums) * (1 - 1e-12)
	clear(sums)
	var hits, seen float64
	if ways <= o.MaxArrangements {
		left := slices.Clone(t.N)
		stopped := false
		var place func(i int)
		place = func(i int) {
			if i == len(pool) {
				seen++
				if crit(sums) >= observed {
					hits++
				}
				stopped = stopped || int64(seen)%4096 == 0 && ctx.Err() != nil
				return
			}
			for g := range left {
				if left[g] == 0 || stopped {
					continue
				}
				left[g]--
				sums[g] += float64(pool[i])
				place(i + 1)
				sums[g] -= float64(pool[i])
				left[g]++
			}
		}
		place(0)
		if stopped {
			return PermutationTest{}, ctx.Err()
		}
		return PermutationTest{p: hits / seen, Arrangements: seen}, nil
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0x6b77))
	for b := range o.Replicates {
		if b%256 == 0 && ctx.Err() != nil {
			return PermutationTest{}, ctx.Err()
		}
		rng.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
		clear(sums)
		at := 0
		for g, n := range t.N {
			for _, v := range pool[at : at+n] {
				sums[g] += float64(v)
			}
			at += n
		}
		if crit(sums) >= observed {
			hits++
		}
	}
	m := float64(o.Replicates)
	return PermutationTest{p: (hits + 1) / (m + 1), Arrangements: m, MonteCarlo: true}, nil
}
