package topics_test

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Exceptions(reftest.Finding{
		Code: "effectsize-ncf", Topic: "anova_oneway, anova_factorial",
		Text: "effectsize finds noncentrality limits with an optimizer that stops early (see effectsize-optimizer). " +
			"Truth: bisection on the Poisson mixture of beta tails.",
	})
}

// mixtureBelow is P(F ≤ f) for noncentrality l: beta tails weighed by Poisson
// probabilities, added up outward from their largest.
func mixtureBelow(f, d1, d2, l float64) float64 {
	x := d1 * f / (d1*f + d2)
	if l == 0 {
		return mathext.RegIncBeta(d1/2, d2/2, x)
	}
	weight := func(j int) float64 {
		lg, _ := math.Lgamma(float64(j) + 1)
		return math.Exp(-l/2 + float64(j)*math.Log(l/2) - lg)
	}
	mode := int(l / 2)
	s := 0.0
	for j := mode; j >= 0; j-- {
		w := weight(j)
		s += w * mathext.RegIncBeta(d1/2+float64(j), d2/2, x)
		if w < 1e-20 {
			break
		}
	}
	for j := mode + 1; ; j++ {
		w := weight(j)
		s += w * mathext.RegIncBeta(d1/2+float64(j), d2/2, x)
		if w < 1e-20 {
			return s
		}
	}
}

// trueNCP bisects for the noncentrality with P(F ≤ f) = p, 0 where none is.
func trueNCP(f, d1, d2, p float64) float64 {
	if mixtureBelow(f, d1, d2, 0) <= p {
		return 0
	}
	lo, hi := 0.0, 1.0
	for mixtureBelow(f, d1, d2, hi) > p {
		lo, hi = hi, 2*hi
	}
	for range 80 {
		mid := (lo + hi) / 2
		if mixtureBelow(f, d1, d2, mid) > p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// shareCI is the interval on the sample's scale that effectsize prints.
func shareCI(share, df1, df2, level float64) stats.Interval {
	lo, hi := num.NCFShareCI(share, df1, df2, level)
	return stats.Interval{Lo: lo, Hi: hi, Level: level}
}

// wantEtaCI compares an effectsize interval of level 0.9 of the estimate e:
// limits λ/(λ + df2) at the F that has η² = max(0, e).
func wantEtaCI(c *reftest.Case, table, row string, got stats.Interval, e, d1, d2 float64) {
	if level, ok := c.Ref(table + ".CI" + row); !ok || level != got.Level {
		c.Fail("%s: level %v", table, level)
	}
	c.Skip(table + ".CI" + row)
	f := math.Max(0, e) / d1 / ((1 - e) / d2)
	lo, hi := trueNCP(f, d1, d2, 0.95), trueNCP(f, d1, d2, 0.05)
	for path, v := range map[string][3]float64{".CI_low": {got.Lo, lo, 0.95}, ".CI_high": {got.Hi, hi, 0.05}} {
		truth := v[1] / (v[1] + d2)
		if r, ok := c.Ref(table + path + row); ok && mixtureBelow(f, d1, d2, 0) < 0.95 && !optimized(f, d1, d2, d2*r/(1-r), v[2]) && !reftest.Is(truth)(r) {
			c.Unexplained(table+path+row, v[0], truth, noLowerLimit)
			continue
		}
		c.WantTruthBy(table+path+row, v[0], truth, "effectsize-ncf", func(r float64) bool {
			return reftest.Is(truth)(r) || optimized(f, d1, d2, d2*r/(1-r), v[2])
		})
	}
}
