package assoc

import (
	"math"
	"math/bits"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// PairCounts says how the pairs of observations of two ordinal variables are
// ordered; the measures of ordinal association are quotients of these counts.
type PairCounts struct {
	N                      int
	Concordant, Discordant float64
	TiedX                  float64 // tied in x only
	TiedY                  float64 // tied in y only
	TiedBoth               float64

	// For each observation: concordant minus discordant partners, their number,
	// and how many observations (itself among them) share its x and its y.
	diff, strict, sameX, sameY []float64
}

func (p PairCounts) untiedX() float64 { return p.Concordant + p.Discordant + p.TiedY }
func (p PairCounts) untiedY() float64 { return p.Concordant + p.Discordant + p.TiedX }

// OrdinalMeasure is a measure of ordinal association with its large-sample
// standard error and a normal pivot; its interval is cut to −1 to 1. Where all
// strict pairs are concordant (or all discordant) the standard error vanishes:
// the interval is then −1 to 1 with Why = WhyNoError, and every p-value 1.
type OrdinalMeasure struct{ Value, SE float64 }

var _ stats.Effect = OrdinalMeasure{}

// Point returns the measure.
func (o OrdinalMeasure) Point() float64 { return o.Value }

// CI returns Value ± z·SE, cut to −1 to 1.
func (o OrdinalMeasure) CI(level float64) stats.Interval {
	if o.SE == 0 {
		return noInterval(-1, level)
	}
	ci := normal(o.Value, o.SE).CI(level)
	ci.Lo, ci.Hi = math.Max(-1, ci.Lo), math.Min(1, ci.Hi)
	return ci
}

// P returns the two-sided p-value of the hypothesis that the measure is null.
func (o OrdinalMeasure) P(null float64) float64 { return ask(o.Value, o.SE, null, stats.Estimate.P) }

// PGreater is the one-sided p-value against a measure of at most null.
func (o OrdinalMeasure) PGreater(null float64) float64 {
	return ask(o.Value, o.SE, null, stats.Estimate.PGreater)
}

// PLess is the one-sided p-value against a measure of at least null.
func (o OrdinalMeasure) PLess(null float64) float64 {
	return ask(o.Value, o.SE, null, stats.Estimate.PLess)
}

// CountPairs compares all pairs of observations (x[i], y[i]) of two variables
// whose values have an order; distances between values do not matter. Ask the
// result for Gamma, TauB or SomersD. It looks at n² pairs.
//
// It refuses slices of different lengths, fewer than two observations, NaN,
// Inf and a variable that does not vary.
// Source: Goodman & Kruskal (1979), Measures of Association for Cross
// Classifications, doi 10.1007/978-1-4612-9995-0.
// It agrees with SAS PROC FREQ MEASURES and DescTools::ConDisPairs in R.
func CountPairs(x, y []float64) (PairCounts, error) {
	const fn = "CountPairs"
	if err := checkPairs(fn, x, y, 2); err != nil {
		return PairCounts{}, err
	}
	a, b := num.DoubledRanks(x), num.DoubledRanks(y)
	if constantRanks(a) {
		return PairCounts{}, check.NoVariation(fn, "x")
	}
	if constantRanks(b) {
		return PairCounts{}, check.NoVariation(fn, "y")
	}
	return countPairs(a, b), nil
}

func countPairs(a, b []int) PairCounts {
	n := len(a)
	p := PairCounts{N: n}
	slots := make([]float64, 4*n)
	p.diff, p.strict, p.sameX, p.sameY = slots[:n], slots[n:2*n], slots[2*n:3*n], slots[3*n:]
	for i := range a {
		p.sameX[i]++
		p.sameY[i]++
		for j := i + 1; j < n; j++ {
			x, y := a[i]-a[j], b[i]-b[j]
			if x == 0 {
				p.sameX[i]++
				p.sameX[j]++
			}
			if y == 0 {
				p.sameY[i]++
				p.sameY[j]++
			}
			switch {
			case x == 0 && y == 0:
				p.TiedBoth++
				continue
			case x == 0:
				p.TiedX++
				continue
			case y == 0:
				p.TiedY++
				continue
			}
			s := 1.0
			if (x > 0) != (y > 0) {
				s = -1
				p.Discordant++
			} else {
				p.Concordant++
			}
			p.diff[i] += s
			p.diff[j] += s
			p.strict[i]++
			p.strict[j]++
		}
	}
	return p
}

// Gamma returns Goodman and Kruskal's γ = (C − D)/(C + D), with the asymptotic
// standard error of Brown & Benedetti (1977, doi 10.1080/01621459.1977.10480995).
// Of two variables that vary some pair is ordered in both, so that γ exists.
// It agrees with DescTools::GoodmanKruskalGamma and PROC FREQ MEASURES.
func (p PairCounts) Gamma() OrdinalMeasure {
	strict := p.Concordant + p.Discordant
	g := (p.Concordant - p.Discordant) / strict
	// The influence of an observation on C − D − γ(C + D), both counted twice.
	return p.measure(g, 2*strict, func(i int) float64 { return 2 * (p.diff[i] - g*p.strict[i]) })
}

// SomersD returns Somers' D of x given y, (C − D)/(C + D + T_x): x is the
// response, y the predictor whose ties do not count. With a binary y it is
// 2·AUC − 1. For the other direction exchange the variables.
// Source: Somers (1962), doi 10.2307/2090408. It agrees with
// DescTools::SomersDelta(x, y) and, as D(R|C), with PROC FREQ MEASURES.
func (p PairCounts) SomersD() OrdinalMeasure {
	d := (p.Concordant - p.Discordant) / p.untiedY()
	n := float64(p.N)
	return p.measure(d, 2*p.untiedY(), func(i int) float64 { return 2 * (p.diff[i] - d*(n-p.sameY[i])) })
}

// TauB returns Kendall's τ_b with its asymptotic standard error, which unlike
// that of Kendall holds away from independence; see there for the test.
func (p PairCounts) TauB() OrdinalMeasure {
	x, y := 2*p.untiedX(), 2*p.untiedY()
	w := math.Sqrt(x * y)
	t := 2 * (p.Concordant - p.Discordant) / w
	n := float64(p.N)
	return p.measure(t, w, func(i int) float64 {
		return 2*p.diff[i] - t*w*((n-p.sameX[i])/x+(n-p.sameY[i])/y)
	})
}

// measure is value with SE = √(Σ influence²)/scale.
func (p PairCounts) measure(value, scale float64, influence func(i int) float64) OrdinalMeasure {
	ss, big := 0.0, 0.0
	for i := range p.diff {
		f := influence(i)
		ss += f * f
		big = math.Max(big, math.Abs(p.diff[i]))
	}
	se := math.Sqrt(ss) / scale
	if math.Sqrt(ss) <= 1e-12*big { // all influences are rounding
		se = 0
	}
	return OrdinalMeasure{value, se}
}

// kendallVariance is the variance of C − D when all pairings are equally
// likely, given the ties (Kendall 1970, Rank Correlation Methods, ch. 4).
func kendallVariance(a, b []int) float64 {
	sums := func(r []int) (v, pairs, triples float64) {
		for _, k := range tieSizes(r) {
			t := float64(k)
			v += t * (t - 1) * (2*t + 5)
			pairs += t * (t - 1)
			triples += t * (t - 1) * (t - 2)
		}
		return
	}
	n := float64(len(a))
	va, pa, ta := sums(a)
	vb, pb, tb := sums(b)
	v := (n*(n-1)*(2*n+5)-va-vb)/18 + pa*pb/(2*n*(n-1))
	if n > 2 {
		v += ta * tb / (9 * n * (n - 1) * (n - 2))
	}
	return v
}

// inversionCounts returns, as shares, how many orders of n values have 0, 1, …
// concordant pairs: products of uniform steps.
func inversionCounts(n int) []float64 {
	c := []float64{1}
	for k := 2; k <= n; k++ {
		next := make([]float64, len(c)+k-1)
		for s, v := range c {
			for j := range k {
				next[s+j] += v / float64(k)
			}
		}
		c = next
	}
	return c
}

// kendallCounts counts the values of C − D, moved by the number of pairs, over
// all pairings of a with b, and returns the observed one. x values are added
// in ascending groups of ties; a bit mask holds which y's earlier groups took.
func kendallCounts(a, b []int) (counts []float64, obs int) {
	p := countPairs(a, b)
	n := len(a)
	pairs := n * (n - 1) / 2
	obs = pairs + int(p.Concordant-p.Discordant)
	var below, above [rankCorrelationExact]uint
	for i := range b {
		for j := range b {
			if b[j] < b[i] {
				below[i] |= 1 << j
			}
			if b[j] > b[i] {
				above[i] |= 1 << j
			}
		}
	}
	sa := sortedInts(a)
	sets := map[uint][]float64{0: make([]float64, 2*pairs+1)}
	sets[0][pairs] = 1
	all := uint(1)<<n - 1
	for i := 0; i < n; {
		g := 1
		for i+g < n && sa[i+g] == sa[i] {
			g++
		}
		i += g
		next := map[uint][]float64{}
		for mask, from := range sets {
			free := all &^ mask
			for sub := free; sub > 0; sub = (sub - 1) & free {
				if bits.OnesCount(sub) != g {
					continue
				}
				shift := 0
				for m := sub; m > 0; m &= m - 1 {
					j := bits.TrailingZeros(m)
					shift += bits.OnesCount(mask&below[j]) - bits.OnesCount(mask&above[j])
				}
				into := next[mask|sub]
				if into == nil {
					into = make([]float64, 2*pairs+1)
					next[mask|sub] = into
				}
				// Counts are whole numbers, so the order of a map is no matter.
				for s, c := range from {
					if c != 0 {
						into[s+shift] += c
					}
				}
			}
		}
		sets = next
	}
	return sets[all], obs
}

func sortedInts(v []int) []int {
	s := slices.Clone(v)
	slices.Sort(s)
	return s
}
