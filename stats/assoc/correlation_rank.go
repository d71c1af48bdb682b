package assoc

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/rank"
)

// Exact rank correlation tests with ties enumerate all assignments of y's
// ranks to x's; these bound the number of pairs.
const (
	rankCorrelationAuto  = 12  // 2¹² sets of ranks: milliseconds
	rankCorrelationExact = 14  // a second
	kendallUntied        = 100 // inversions without ties: n³ additions
)

// Options are the options of Spearman and Kendall. The zero value is the
// recommended analysis.
type Options struct {
	// Method is rank.Auto, rank.Exact or rank.Asymptotic.
	Method rank.Method
}

// Spearman estimates the rank correlation ρ: Pearson's correlation of the
// mid-ranks of x and of y. Its interval is on Fisher's z scale with
// SE = √((1 + ρ²/2)/(n − 3)) (Bonett & Wright 2000, doi 10.1007/BF02294183), approximate.
//
// The test of independence is exact up to 12 pairs, given the ties: the share
// of all pairings of the ranks whose |ρ| is at least the observed (one-sided:
// whose ρ is). Beyond 12 pairs it is Student's t with n − 2 degrees of freedom,
// but never below the share of perfect pairings, 2/n! without ties, which is
// the p-value where the ranks agree perfectly.
//
// Of perfectly agreeing ranks, ρ = ±1, Fisher's z says nothing. The interval is
// then from 0, which is outside, to ρ where the test of independence rejects at
// its level, else −1 to 1, with Why = WhyPerfect; P(0) is that test's.
//
// It refuses slices of different lengths, fewer than two pairs (asymptotic:
// three), NaN, Inf and a variable that does not vary.
// Source: Spearman (1904), doi 10.2307/1412159; Bonett & Wright (2000),
// doi 10.1007/BF02294183. It agrees with R's cor.test(method = "spearman"), up
// to nine pairs without ties exactly; from ten on R uses an Edgeworth series,
// with ties only the t approximation.
func Spearman(x, y []float64) (Correlation, error) { return SpearmanWith(x, y, Options{}) }

// SpearmanWith is Spearman with options. rank.Exact takes up to 14 pairs
// and refuses more with ErrDomain.
func SpearmanWith(x, y []float64, o Options) (Correlation, error) {
	const fn = "Spearman"
	a, b, exact, err := rankPairs(fn, x, y, o.Method, rankCorrelationExact)
	if err != nil {
		return Correlation{}, err
	}
	n := len(x)
	r, rest := rankProduct(a, b)
	se := math.Inf(1)
	if n > 3 {
		se = math.Sqrt((1 + r*r/2) / float64(n-3))
	}
	out := Correlation{FisherZ: newFisherZ(r, rest, se), N: n}
	s := float64(n) * (float64(n)*float64(n) - 1) / 6 * (1 - r)
	if rest == 0 && r > 0 {
		s = 0
	}
	sign := perfectRanks(a, b)
	switch {
	case exact:
		out.Independence = exactPairing(productCounts(a, b))
	case sign != 0: // where t is infinite
		out.Independence = perfectPairing(b, sign)
	default:
		out.Independence = studentIndependence(r, rest, float64(n-2))
		if o.Method == rank.Auto {
			out.Independence = out.Independence.atLeast(perfectPairing(a, 1)).atLeast(perfectPairing(b, 1))
		}
		out.Independence.Method = rank.Asymptotic
		out.Notes = append(out.Notes, stats.Note{Code: "rank-asymptotic"})
	}
	out.Independence.Statistic = s
	return out.perfectIf(sign, b), nil
}

// Kendall estimates τ_b = (C − D)/√((C + D + T_x)(C + D + T_y)) from the
// numbers of concordant and discordant pairs of pairs and of those tied in one
// variable. Its interval is on Fisher's z scale with SE = √(0.437/(n − 4))
// (Fieller, Hartley & Pearson 1957), approximate, best for |τ| < 0.8.
//
// The test of independence is exact without ties up to 100 pairs and with ties
// up to 12; else C − D is compared with the normal distribution, with the
// tie-corrected variance and no continuity correction. The exact two-sided
// p-value is the share of pairings whose |C − D| is at least the observed.
// Ranks that agree perfectly are treated as Spearman treats them.
//
// It refuses slices of different lengths, fewer than two pairs, NaN, Inf and a
// variable that does not vary.
// Source: Kendall (1938), doi 10.1093/biomet/30.1-2.81, and (1945),
// doi 10.1093/biomet/33.3.239; Fieller et al. (1957), doi 10.1093/biomet/44.3-4.470.
// It agrees with R's cor.test(method = "kendall").
func Kendall(x, y []float64) (Correlation, error) { return KendallWith(x, y, Options{}) }

// KendallWith is Kendall with options. rank.Exact refuses more than 14
// pairs with ties, and more than 100 without, with ErrDomain.
func KendallWith(x, y []float64, o Options) (Correlation, error) {
	const fn = "Kendall"
	limit := rankCorrelationExact
	if len(x) == len(y) && !tiedValues(x) && !tiedValues(y) {
		limit = kendallUntied
	}
	a, b, exact, err := rankPairs(fn, x, y, o.Method, limit)
	if err != nil {
		return Correlation{}, err
	}
	n := len(x)
	p := countPairs(a, b)
	s := p.Concordant - p.Discordant
	px, py := num.ToDD(p.untiedX()), num.ToDD(p.untiedY())
	tau, rest := moments.RatioOfRoots(num.ToDD(s), px, py)
	se := math.Inf(1)
	if n > 4 {
		se = math.Sqrt(0.437 / float64(n-4))
	}
	out := Correlation{FisherZ: newFisherZ(tau, rest, se), N: n}
	sign := perfectRanks(a, b)
	switch {
	case !exact && sign != 0 && o.Method == rank.Auto:
		out.Independence = perfectPairing(b, sign)
		out.Independence.Statistic = p.Concordant
	case exact && limit == kendallUntied:
		out.Independence = exactPairing(inversionCounts(n), int(p.Concordant))
		out.Independence.Statistic = p.Concordant
	case exact:
		out.Independence = exactPairing(kendallCounts(a, b))
		out.Independence.Statistic = p.Concordant
	default:
		z := s / math.Sqrt(kendallVariance(a, b))
		out.Independence = IndependenceTest{Method: rank.Asymptotic, Statistic: z, DF: math.Inf(1),
			two: 2 * num.NormSF(math.Abs(z)), greater: num.NormSF(z), less: num.NormSF(-z)}
		if o.Method == rank.Auto {
			out.Independence = out.Independence.atLeast(perfectPairing(a, 1)).atLeast(perfectPairing(b, 1))
		}
		out.Notes = append(out.Notes, stats.Note{Code: "rank-asymptotic"})
	}
	return out.perfectIf(sign, b), nil
}

// perfectRanks is 1 where two rankings are one, −1 where each is the other's
// reverse, else 0.
func perfectRanks(a, b []int) int {
	same, reversed := true, true
	for i := range a {
		same = same && a[i] == b[i]
		reversed = reversed && a[i] == 2*(len(a)+1)-b[i]
	}
	switch {
	case same:
		return 1
	case reversed:
		return -1
	}
	return 0
}

// perfectIf marks a correlation of ranks that agree perfectly.
func (c Correlation) perfectIf(sign int, b []int) Correlation {
	if sign != 0 {
		t := perfectPairing(b, sign)
		c.perfect = &t
	}
	return c
}

// perfectPairing is the exact test of rankings that agree perfectly: of the n!
// pairings of b with a Π tᵢ! do, t the sizes of b's ties; as many disagree
// perfectly where the ties are the same seen from the other end.
func perfectPairing(b []int, sign int) IndependenceTest {
	ties := tieSizes(b)
	l := -num.LogGamma(float64(len(b)) + 1)
	both := 2.0
	for r, t := range ties {
		l += num.LogGamma(float64(t) + 1)
		if ties[2*(len(b)+1)-r] != t {
			both = 1
		}
	}
	share := math.Exp(l)
	out := IndependenceTest{Method: rank.Exact, two: math.Min(1, both*share), greater: share, less: 1}
	if sign < 0 {
		out.greater, out.less = 1, share
	}
	return out
}

// atLeast keeps approximate p-values from falling below those that only
// perfect agreement has.
func (t IndependenceTest) atLeast(least IndependenceTest) IndependenceTest {
	t.two = math.Max(t.two, least.two)
	t.greater, t.less = math.Max(t.greater, least.greater), math.Max(t.less, least.greater)
	return t
}

// rankPairs checks pairs and returns doubled mid-ranks and whether to be exact.
func rankPairs(fn string, x, y []float64, method rank.Method, limit int) (a, b []int, exact bool, err error) {
	if method < rank.Auto || method > rank.Inverted {
		panic(fmt.Sprintf("assoc.%s: no rank method %d", fn, int(method)))
	}
	if method == rank.Inverted {
		panic("assoc." + fn + ": no numerical inversion")
	}
	min := 2
	if method == rank.Asymptotic && fn == "Spearman" {
		min = 3 // t has n − 2 degrees of freedom
	}
	if err := checkPairs(fn, x, y, min); err != nil {
		return nil, nil, false, err
	}
	a, b = num.DoubledRanks(x), num.DoubledRanks(y)
	if constantRanks(a) {
		return nil, nil, false, check.NoVariation(fn, "x")
	}
	if constantRanks(b) {
		return nil, nil, false, check.NoVariation(fn, "y")
	}
	n := len(x)
	auto := rankCorrelationAuto
	if limit > rankCorrelationExact {
		auto = limit
	}
	if method == rank.Exact && n > limit {
		return nil, nil, false, &stats.SampleError{Func: fn, Arg: "x", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("n = %d, exact up to %d", n, limit)}
	}
	return a, b, method == rank.Exact || method == rank.Auto && n <= auto, nil
}

func constantRanks(r []int) bool {
	for _, v := range r {
		if v != r[0] {
			return false
		}
	}
	return true
}

func tiedValues(x []float64) bool {
	for _, r := range tieSizes(num.DoubledRanks(x)) {
		if r > 1 {
			return true
		}
	}
	return false
}

// tieSizes counts how often each doubled mid-rank occurs.
func tieSizes(r []int) map[int]int {
	m := map[int]int{}
	for _, v := range r {
		m[v]++
	}
	return m
}

// rankProduct is the correlation of doubled mid-ranks and 1 − ρ², from sums of
// whole numbers.
func rankProduct(a, b []int) (r, rest float64) {
	var sa, sb, sab num.DD
	n := len(a)
	for i := range a {
		u, v := float64(a[i]-(n+1)), float64(b[i]-(n+1))
		sa, sb, sab = sa.Add(num.ToDD(u*u)), sb.Add(num.ToDD(v*v)), sab.Add(num.ToDD(u*v))
	}
	return moments.RatioOfRoots(sab, sa, sb)
}

// exactPairing turns counts of the statistic's values lo, lo+1, … into
// p-values, two-sided by distance from the mean.
func exactPairing(counts []float64, obs int) IndependenceTest {
	total, mean := 0.0, 0.0
	for s, c := range counts {
		total += c
		mean += float64(s) * c
	}
	mean /= total
	var t IndependenceTest
	far := math.Abs(float64(obs)-mean) - 1e-9*float64(len(counts))
	for s, c := range counts {
		if s >= obs {
			t.greater += c
		}
		if s <= obs {
			t.less += c
		}
		if math.Abs(float64(s)-mean) >= far {
			t.two += c
		}
	}
	t.Method = rank.Exact
	t.two, t.greater, t.less = math.Min(1, t.two/total), math.Min(1, t.greater/total), math.Min(1, t.less/total)
	return t
}

// productCounts counts, over all pairings of a with b, the values of Σ a·b on
// its lattice, and returns the observed one. A set of b's that the first ranks
// of a have used is a bit mask; the counts of a set are the sum over the last
// one added. Tied b's are used in one order only, which divides all counts by
// the same number.
func productCounts(a, b []int) (counts []float64, obs int) {
	a, b = lowest(a), lowest(b)
	for i := range a {
		obs += a[i] * b[i]
	}
	if len(tieSizes(a)) < len(tieSizes(b)) {
		a, b = b, a
	}
	a, b = sortedInts(a), sortedInts(b)
	n := len(a)
	type partial struct {
		low int // the sum of w[0]
		w   []float64
	}
	sets := make([]*partial, 1<<n)
	sets[0] = &partial{w: []float64{1}}
	for mask := 0; mask < 1<<n-1; mask++ {
		from := sets[mask]
		if from == nil {
			continue
		}
		sets[mask] = nil
		size := bits.OnesCount(uint(mask))
		for j := range n {
			if mask>>j&1 == 1 || j > 0 && b[j] == b[j-1] && mask>>(j-1)&1 == 0 {
				continue
			}
			next := mask | 1<<j
			if sets[next] == nil {
				low, high := productRange(a[:size+1], b, next)
				sets[next] = &partial{low: low, w: make([]float64, high-low+1)}
			}
			into := sets[next]
			at := from.low + a[size]*b[j] - into.low
			for s, c := range from.w {
				into.w[at+s] += c
			}
		}
	}
	all := sets[1<<n-1]
	return append(make([]float64, all.low), all.w...), obs
}

// productRange returns the smallest and the largest Σ a·b of ascending a with the
// set of the ascending b.
func productRange(a, b []int, set int) (low, high int) {
	i := 0
	for j := range b {
		if set>>j&1 == 1 {
			high += a[i] * b[j]
			low += a[len(a)-1-i] * b[j]
			i++
		}
	}
	return low, high
}

// lowest shifts whole numbers to start at zero and divides by their gcd.
func lowest(r []int) []int {
	out := append([]int(nil), r...)
	min := out[0]
	for _, v := range out {
		if v < min {
			min = v
		}
	}
	g := 0
	for i := range out {
		out[i] -= min
		g = num.GCD(g, out[i])
	}
	for i := range out {
		out[i] /= g
	}
	return out
}
