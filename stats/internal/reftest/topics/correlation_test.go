package topics_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{
			Code: "r-cor-rounding", Topic: "correlation", Bound: 1e-12,
			Text: "R's cor returns 0.9999999999999998 for pairs on a line, so that 1 − r², and t, z, S and p with it, are made of rounding. Truth: r and 1 − r² in 300-bit arithmetic on the same float64 values (or on the ranks).",
		},
		reftest.Finding{
			Code: "ccc-one-pass", Topic: "correlation",
			Text: "For data like 1e9 + small DescTools::CCC subtracts rounded means and loses eight digits of their difference (bound: four spacings of float64 at the data, over the smaller SD). Truth: moments in 300-bit arithmetic on the same float64 values, then Lin's formulas.",
		},
		reftest.Finding{
			Code: "r-spearman-edgeworth", Topic: "correlation", Bound: 5e-3,
			Text: "From ten pairs on R's exact Spearman test uses an Edgeworth series (AS 89). Truth: all pairings of the ranks, one by one.",
		},
		reftest.Finding{
			Code: "r-kendall-cancellation", Topic: "correlation", Bound: 1e-14,
			Text: "R's exact Kendall test subtracts from one: p-values below 1e-7 lose digits and can be negative. Truth: inversions of permutations counted in whole numbers.",
		})
	reftest.Register("correlation", refCorrelation)
}

// bigMoments are the means and the sums of squares and products about them in
// 300-bit arithmetic.
func bigMoments(x, y []float64) (mx, my, xx, yy, xy *big.Float) {
	f := func(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }
	mean := func(v []float64) *big.Float {
		s := f(0)
		for _, a := range v {
			s.Add(s, f(a))
		}
		return s.Quo(s, f(float64(len(v))))
	}
	mx, my = mean(x), mean(y)
	xx, yy, xy = f(0), f(0), f(0)
	for i := range x {
		dx, dy := f(0).Sub(f(x[i]), mx), f(0).Sub(f(y[i]), my)
		xx.Add(xx, f(0).Mul(dx, dx))
		yy.Add(yy, f(0).Mul(dy, dy))
		xy.Add(xy, f(0).Mul(dx, dy))
	}
	return mx, my, xx, yy, xy
}

// exactCorrelation is r and 1 − r².
func exactCorrelation(x, y []float64) (r, rest float64) {
	_, _, xx, yy, xy := bigMoments(x, y)
	zero := func() *big.Float { return new(big.Float).SetPrec(300) }
	p := zero().Mul(xx, yy)
	q := zero().Quo(zero().Sub(p, zero().Mul(xy, xy)), p)
	rest, _ = q.Float64()
	r, _ = zero().Quo(xy, zero().Sqrt(p)).Float64()
	if rest < 1e-60 { // what is left of exact collinearity in 300 bits
		rest = 0
	}
	return r, rest
}

// exactConcordance is Lin's coefficient and its interval, by the formulas of
// Lin (2000) in r, ρ_c and u.
func exactConcordance(x, y []float64, level float64) (p, lo, hi float64) {
	mx, my, xx, yy, xy := bigMoments(x, y)
	float := func(b *big.Float) float64 { v, _ := b.Float64(); return v }
	n := float64(len(x))
	d := float(new(big.Float).SetPrec(300).Sub(my, mx))
	vx, vy, vxy := float(xx)/n, float(yy)/n, float(xy)/n
	r, rest := exactCorrelation(x, y)
	p = 2 * vxy / (vx + vy + d*d)
	u := d / math.Sqrt(math.Sqrt(vx*vy))
	v := (rest*p*p*(1-p*p)/(r*r) + 2*p*p*p*(1-p)*u*u/r - p*p*p*p*u*u*u*u/(2*r*r)) / (n - 2)
	h := 1.959963984540054 * math.Sqrt(v) / (1 - p*p)
	if level != 0.95 {
		panic("level")
	}
	return p, math.Tanh(math.Atanh(p) - h), math.Tanh(math.Atanh(p) + h)
}

func refCorrelation(c *reftest.Case) error {
	x, y := completePairs(c.Floats("x"), c.Floats("y")) // as R does
	c.Skip("null.value.", "conf.level", "alternative", "method")
	switch kind := kindOf(c); {
	case strings.HasPrefix(kind, "pearson"):
		return refPearson(c, x, y)
	case strings.HasPrefix(kind, "spearman"):
		return refSpearman(c, x, y, kind == "spearman_exact")
	case strings.HasPrefix(kind, "kendall"):
		return refKendall(c, x, y, kind == "kendall_exact")
	case strings.HasPrefix(kind, "ccc"):
		return refConcordance(c, x, y)
	case kind == "somers_gamma":
		return refSomers(c, x, y)
	}
	return fmt.Errorf("no mapping for %s", c.ID)
}

// refused hands a data error of ours to a case in which the peer has no number
// either.
func refused(c *reftest.Case, err error, paths ...string) error {
	for _, p := range paths {
		if !noNumber(c, p) {
			return err
		}
	}
	var s *stats.SampleError
	if !errors.As(err, &s) {
		return err
	}
	c.Refused(err, "")
	return nil
}

func tailOfIndependence(c *reftest.Case, t assoc.IndependenceTest) float64 {
	switch c.Str("alternative") {
	case "less":
		return t.PLess()
	case "greater":
		return t.PGreater()
	}
	return t.P()
}

// trueStudentTail is P(T ≥ t) of the case's alternative, by quadrature.
func trueStudentTail(c *reftest.Case, t, df float64) float64 {
	upper := func(t float64) float64 {
		if math.IsInf(t, 1) {
			return 0
		}
		if math.IsInf(t, -1) {
			return 1
		}
		return overChi(df, func(s float64) float64 { return 0.5 * math.Erfc(t*s/math.Sqrt2) })
	}
	switch c.Str("alternative") {
	case "less":
		return upper(-t)
	case "greater":
		return upper(t)
	}
	return 2 * upper(math.Abs(t))
}

// rounded reports whether a t statistic is what R makes of a correlation that
// is right to a few units of its last place.
func rounded(ref, t, rest float64) bool {
	if math.IsInf(ref, 0) {
		return rest < 1e-14
	}
	return math.Abs(ref/t-1) <= 1e-15/rest || rest < 1e-14 && math.Abs(ref) > 1e6
}

func refPearson(c *reftest.Case, x, y []float64) error {
	p, err := assoc.Pearson(x, y)
	if err != nil {
		return refused(c, err, "p.value")
	}
	r, rest := exactCorrelation(x, y)
	df := float64(len(x) - 2)
	t := r * math.Sqrt(df/rest)
	const finding = "r-cor-rounding"
	wantOr(c, "estimate.cor", p.Value, finding, func() float64 { return r })
	line := rest < 1e-22
	if line {
		c.Skip("parameter.df") // of R's t, which is infinite or made of rounding
	} else {
		c.Want("parameter.df", p.Independence.DF)
	}
	if ref, _ := c.Ref("statistic.t"); !reftest.Close(p.Independence.Statistic, ref, reftest.Tol, 0) {
		got := p.Independence.Statistic
		if rest < 1e-22 && math.Abs(got/t-1) <= 1e-31/rest {
			got = t // 1 − r² below the last digits of double-double arithmetic
		}
		c.WantTruthBy("statistic.t", got, t, finding, func(ref float64) bool { return rounded(ref, t, rest) })
	} else {
		c.Want("statistic.t", p.Independence.Statistic)
	}
	both, beyond := linePairings(x, y, r)
	if line {
		truth := both
		switch alternative := c.Str("alternative"); {
		case (alternative == "less") == (r < 0) && alternative != "two.sided":
			truth = beyond
		case alternative != "two.sided":
			truth = 1
		}
		c.WantTruthBy("p.value", tailOfIndependence(c, p.Independence), truth, noError, func(ref float64) bool { return math.Abs(ref-math.Round(ref)) < 1e-6 })
	} else {
		wantOr(c, "p.value", tailOfIndependence(c, p.Independence), finding, func() float64 { return trueStudentTail(c, t, df) })
	}
	if !c.HasPath("conf.int.0") {
		if ci := p.CI(0.95); ci.Lo != -1 || ci.Hi != 1 || ci.Why != stats.WhySmall {
			c.Fail("interval %v where none exists", ci)
		}
		return nil
	}
	level, _ := c.Ref("conf.level")
	ci := p.CI(level)
	switch c.Str("alternative") {
	case "less":
		ci = p.CI(2*level - 1)
		ci.Lo = -1
	case "greater":
		ci = p.CI(2*level - 1)
		ci.Hi = 1
	}
	if !line {
		c.Want("conf.int.0", ci.Lo)
		c.Want("conf.int.1", ci.Hi)
		return nil
	}
	lo, hi := lineEnds(both < 1-ci.Level, r)
	switch c.Str("alternative") {
	case "less":
		lo = -1
	case "greater":
		hi = 1
	}
	c.WantTruthBy("conf.int.0", ci.Lo, lo, noError, func(ref float64) bool { return reftest.Close(ref, r, 1e-6, 0) || ref == -1 })
	c.WantTruthBy("conf.int.1", ci.Hi, hi, noError, func(ref float64) bool { return reftest.Close(ref, r, 1e-6, 0) || ref == 1 })
	return nil
}

// linePairings are the shares of all pairings that agree, either way and this way, at
// least as well as x and y do.
func linePairings(x, y []float64, r float64) (both, beyond float64) {
	if len(x) > 8 {
		return math.NaN(), math.NaN()
	}
	a, b := statstest.MidRanks(x), statstest.MidRanks(y)
	share := func(f func(v float64) float64) float64 {
		return statstest.SharePairings(a, b, func(b []float64) float64 { return f(statstest.CenteredProduct(a, b)) })
	}
	return share(math.Abs), share(func(v float64) float64 { return math.Copysign(1, r) * v })
}

// lineEnds bounds a coefficient of pairs on a line by its sign, where independence is
// rejected, or not at all.
func lineEnds(rejected bool, r float64) (lo, hi float64) {
	switch {
	case rejected && r > 0:
		return 0, 1
	case rejected:
		return -1, 0
	}
	return -1, 1
}

func refSpearman(c *reftest.Case, x, y []float64, exact bool) error {
	// With ties R warns that it cannot be exact and is not.
	exact = exact && !tied(x) && !tied(y)
	method := rank.Asymptotic
	switch {
	case exact && len(x) <= 14:
		method = rank.Exact
	}
	p, err := assoc.SpearmanWith(x, y, assoc.Options{Method: method})
	if err != nil {
		return refused(c, err, "p.value")
	}
	a, b := statstest.MidRanks(x), statstest.MidRanks(y)
	r, rest := exactCorrelation(a, b)
	n := float64(len(x))
	const finding = "r-cor-rounding"
	wantOr(c, "estimate.rho", p.Value, finding, func() float64 { return r })
	wantOr(c, "statistic.S", p.Independence.Statistic, finding, func() float64 {
		if rest == 0 && r > 0 {
			return 0
		}
		return n * (n*n - 1) / 6 * (1 - r)
	})
	if !exact {
		if both, _ := linePairings(x, y, r); rest == 0 {
			c.WantTruthBy("p.value", p.Independence.P(), both, noError, func(ref float64) bool { return ref < 1e-6 })
			return nil
		}
		wantOr(c, "p.value", p.Independence.P(), finding, func() float64 {
			return trueStudentTail(c, r*math.Sqrt((n-2)/rest), n-2)
		})
		return nil
	}
	if len(x) > 9 { // R's series, beside the exact test
		c.Want("p.value", edgeworthSpearman(math.Round(p.Independence.Statistic), n))
		return nil
	}
	wantOr(c, "p.value", p.Independence.P(), "r-spearman-edgeworth", func() float64 {
		return statstest.SharePairings(a, b, func(b []float64) float64 { return math.Abs(statstest.CenteredProduct(a, b)) })
	})
	return nil
}

func tied(x []float64) bool {
	s := slices.Sorted(slices.Values(x))
	return len(slices.Compact(s)) < len(x)
}

// kendallTail is twice the smaller tail of the number of concordant pairs, in
// whole numbers: orders of n by their inversions, added up digit by digit.
func kendallTail(n, concordant int) float64 {
	counts := []*big.Int{big.NewInt(1)}
	all := big.NewInt(1)
	for k := 2; k <= n; k++ {
		next := make([]*big.Int, len(counts)+k-1)
		for i := range next {
			next[i] = new(big.Int)
			for j := max(0, i-k+1); j <= min(i, len(counts)-1); j++ {
				next[i].Add(next[i], counts[j])
			}
		}
		counts = next
		all.Mul(all, big.NewInt(int64(k)))
	}
	low, high := new(big.Int), new(big.Int)
	for i, v := range counts {
		if i <= concordant {
			low.Add(low, v)
		}
		if i >= concordant {
			high.Add(high, v)
		}
	}
	if low.Cmp(high) > 0 {
		low = high
	}
	p, _ := new(big.Rat).SetFrac(low.Mul(low, big.NewInt(2)), all).Float64()
	return math.Min(1, p)
}

func refKendall(c *reftest.Case, x, y []float64, exact bool) error {
	exact = exact && !noNumber(c, "statistic.T") // with ties R prints z instead
	method := rank.Asymptotic
	if exact {
		method = rank.Exact
	}
	p, err := assoc.KendallWith(x, y, assoc.Options{Method: method})
	if err != nil {
		return refused(c, err, "p.value")
	}
	c.Want("estimate.tau", p.Value)
	if exact {
		c.Want("statistic.T", p.Independence.Statistic)
		wantOr(c, "p.value", p.Independence.P(), "r-kendall-cancellation", func() float64 {
			return kendallTail(len(x), int(p.Independence.Statistic))
		})
		return nil
	} else if len(x) == 2 && noNumber(c, "statistic.z") {
		// R divides 0 by 0 in the triple ties' term; ours is 0 there, as
		// documented by the formula: one pair of pairs, variance 1.
		c.Refused(nil, "z = ±1: the triples' term is zero for n = 2")
		if math.Abs(p.Independence.Statistic) != 1 {
			c.Fail("z %v of one pair", p.Independence.Statistic)
		}
		return nil
	} else {
		c.Want("statistic.z", p.Independence.Statistic)
	}
	c.Want("p.value", p.Independence.P())
	return nil
}

func refConcordance(c *reftest.Case, x, y []float64) error {
	p, err := assoc.LinConcordance(x, y)
	if err != nil {
		return refused(c, err, "upr.ci")
	}
	ci := p.CI(0.95)
	if noNumber(c, "lwr.ci") && noNumber(c, "upr.ci") && p.Value == 1 {
		c.Want("est", p.Value)
		// Lin's z is infinite, and its interval NaN; ours is that of a line.
		c.Skip("lwr.ci", "upr.ci")
		both, _ := linePairings(x, y, 1)
		if lo, hi := lineEnds(both < 0.05, 1); ci.Lo != lo || ci.Hi != hi {
			c.Fail("interval %v of perfect agreement", ci)
		}
		return nil
	}
	if noNumber(c, "est") && hasMissing(c, "x", "y") {
		c.Refused(nil, "DescTools keeps pairs with a missing value; they are absent here")
		return nil
	}
	const finding = "ccc-one-pass"
	est, lo, hi := exactConcordance(x, y, 0.95)
	_, sx, _ := exactMoments(x)
	_, sy, _ := exactMoments(y)
	bound := 4 * spacing(largest(x, y)) / math.Sqrt(math.Min(sx, sy)/float64(len(x)))
	for path, v := range map[string][2]float64{"est": {p.Value, est}, "lwr.ci": {ci.Lo, lo}, "upr.ci": {ci.Hi, hi}} {
		wantOrBy(c, path, v[0], v[1], finding, func(ref float64) bool { return math.Abs(ref-v[1]) <= bound })
	}
	return nil
}

func refSomers(c *reftest.Case, x, y []float64) error {
	p, err := assoc.CountPairs(x, y)
	if err != nil {
		return refused(c, err, "tau_b")
	}
	c.Want("somersD", p.SomersD().Value)
	c.Want("gamma", p.Gamma().Value)
	c.Want("tau_b", p.TauB().Value)
	return nil
}
