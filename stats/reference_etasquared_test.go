package stats_test

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mathext"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{
			Code: "effectsize-ncf", Topic: "anova_oneway, anova_factorial, effect_size_anova",
			Text: "effectsize finds noncentrality limits with an optimizer that stops early: usually by up to 3e-3, by 0.2 in " +
				"k3_onegroupconst (upper limit 0.165 of ω², where ε², larger by 0.01, has 0.390). " +
				"Truth: bisection on the Poisson mixture of beta tails.",
			Bound: 0.21,
		},
		reftest.Finding{
			Code: "pf-ncp", Topic: "effect_size_ncf_ci, effect_size_anova",
			Text: "R's pf(ncp=) errs by up to 1e-9 absolute, and MBESS stops at a tolerance of 1e-9 in the tail, " +
				"so noncentrality limits from both are off by 1e-7 relative. Truth: bisection on the Poisson mixture of beta tails.",
			Bound: 1e-5,
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

// wantEtaCI compares an effectsize interval of level 0.9 of the estimate e:
// limits λ/(λ + df2) at the F that has η² = max(0, e).
func wantEtaCI(c *reftest.Case, table, row string, got stats.Interval, e, d1, d2 float64) {
	if level, ok := c.Ref(table + ".CI" + row); !ok || level != got.Level {
		c.Fail("%s: level %v", table, level)
	}
	c.Skip(table + ".CI" + row)
	f := math.Max(0, e) / d1 / ((1 - e) / d2)
	lo, hi := trueNCP(f, d1, d2, 0.95), trueNCP(f, d1, d2, 0.05)
	c.WantTruth(table+".CI_low"+row, got.Lo, lo/(lo+d2), "effectsize-ncf")
	c.WantTruth(table+".CI_high"+row, got.Hi, hi/(hi+d2), "effectsize-ncf")
}

func etaCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	if kind == "MBESS_nct" {
		return nctLimits(c)
	}
	t := stats.FTest{F: c.Num("F"), DF1: c.Num("df1"), DF2: c.Num("df2")}
	if kind == "effectsize" {
		c.Want("eta2.Eta2_partial", t.PartialEta2())
		c.Want("omega2.Omega2_partial", math.Max(0, t.PartialOmega2()))
		c.Want("epsilon2.Epsilon2_partial", math.Max(0, t.PartialEpsilon2()))
		c.Want("f.Cohens_f_partial", t.CohenF())
		wantEtaCI(c, "eta2", "", t.PartialEta2CI(0.9), t.PartialEta2(), t.DF1, t.DF2)
		wantEtaCI(c, "omega2", "", t.PartialOmega2CI(0.9), t.PartialOmega2(), t.DF1, t.DF2)
		wantEtaCI(c, "epsilon2", "", t.PartialEpsilon2CI(0.9), t.PartialEpsilon2(), t.DF1, t.DF2)
		lo, hi := trueNCP(t.F, t.DF1, t.DF2, 0.95), trueNCP(t.F, t.DF1, t.DF2, 0.05)
		f := t.CohenFCI(0.9)
		c.WantTruth("f.CI_low", f.Lo, math.Sqrt(lo/t.DF2), "effectsize-ncf")
		c.WantTruth("f.CI_high", f.Hi, math.Sqrt(hi/t.DF2), "effectsize-ncf")
		c.Skip("f.CI")
		return nil
	}
	level := c.Num("conf.level")
	a := (1 - level) / 2
	lo, hi := trueNCP(t.F, t.DF1, t.DF2, 1-a), trueNCP(t.F, t.DF1, t.DF2, a)
	switch {
	case strings.HasPrefix(kind, "MBESS_ncf"):
		got := t.Noncentrality(level)
		if ref, ok := c.Ref("Lower.Limit"); ok && math.IsNaN(ref) {
			// MBESS has NA where no noncentrality exists; documented as 0.
			if got.Lo != 0 || lo != 0 {
				c.Fail("lower limit %v, want 0", got.Lo)
			}
			c.Skip("Lower.Limit")
		} else {
			c.WantTruth("Lower.Limit", got.Lo, lo, "pf-ncp")
		}
		c.WantTruth("Upper.Limit", got.Hi, hi, "pf-ncp")
		c.Skip("Prob.Less.Lower", "Prob.Greater.Upper") // how near its search came
	case strings.HasPrefix(kind, "MBESS_pvaf"):
		got := t.PopulationEta2CI(level)
		n := t.DF1 + t.DF2 + 1
		c.WantTruth("Lower.Limit.Proportion.of.Variance.Accounted.for", got.Lo, lo/(lo+n), "pf-ncp")
		c.WantTruth("Upper.Limit.Proportion.of.Variance.Accounted.for", got.Hi, hi/(hi+n), "pf-ncp")
		c.Skip("Probability.Less.Lower.Limit", "Probability.Greater.Upper.Limit", "Actual.Coverage")
	default:
		return fmt.Errorf("unknown case kind %s", kind)
	}
	return nil
}

func ncfCase(c *reftest.Case) error {
	t := stats.FTest{F: c.Num("F"), DF1: c.Num("df1"), DF2: c.Num("df2")}
	level := c.Num("conf.level")
	a := (1 - level) / 2
	lo, hi := trueNCP(t.F, t.DF1, t.DF2, 1-a), trueNCP(t.F, t.DF1, t.DF2, a)
	n := t.DF1 + t.DF2 + 1
	l, e := t.Noncentrality(level), t.PopulationEta2CI(level)
	c.WantTruth("ncp.0", l.Lo, lo, "pf-ncp")
	c.WantTruth("ncp.1", l.Hi, hi, "pf-ncp")
	c.WantTruth("eta2p_ci.0", e.Lo, lo/(lo+n), "pf-ncp")
	c.WantTruth("eta2p_ci.1", e.Hi, hi/(hi+n), "pf-ncp")
	c.WantTruth("f2_ci.0", l.Lo/n, lo/n, "pf-ncp")
	c.WantTruth("f2_ci.1", l.Hi/n, hi/n, "pf-ncp")
	c.Want("eta2p", t.PartialEta2())
	c.Want("omega2p", t.PartialOmega2())
	c.Want("epsilon2p", t.PartialEpsilon2())
	return nil
}

// nctLimits: the interval of a t statistic's noncentrality.
func nctLimits(c *reftest.Case) error {
	e := stats.Estimate{Value: c.Num("t"), SE: 1, DF: c.Num("df")}
	got := e.Noncentrality(0.95)
	truth := func(p float64) float64 { // P(T ≤ t) = p
		lo, hi := e.Value-20, e.Value+20
		for range 80 {
			mid := (lo + hi) / 2
			if noncentralT(e.Value, e.DF, mid) > p {
				lo = mid
			} else {
				hi = mid
			}
		}
		return (lo + hi) / 2
	}
	c.WantTruth("Lower.Limit", got.Lo, truth(0.975), "pf-ncp")
	c.WantTruth("Upper.Limit", got.Hi, truth(0.025), "pf-ncp")
	c.Skip("Prob.Less.Lower", "Prob.Greater.Upper") // how near its search came
	return nil
}

// noncentralT is P(Z + ncp ≤ t·S), S² a chi-squared over its df, by Simpson's
// rule on S.
func noncentralT(t, df, ncp float64) float64 {
	lg, _ := math.Lgamma(df / 2)
	density := func(s float64) float64 {
		if s <= 0 {
			return 0
		}
		return math.Exp(math.Ln2 + df/2*math.Log(df/2) - lg + (df-1)*math.Log(s) - df*s*s/2)
	}
	const n = 8000
	top := 1 + 12/math.Sqrt(2*df) + 2
	h := top / n
	sum := 0.0
	for i := 0; i <= n; i++ {
		w := 2.0
		switch {
		case i == 0 || i == n:
			w = 1
		case i%2 == 1:
			w = 4
		}
		s := float64(i) * h
		sum += w * density(s) * 0.5 * math.Erfc(-(t*s-ncp)/math.Sqrt2)
	}
	return sum * h / 3
}
