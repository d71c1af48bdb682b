package topics_test

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mathext"

	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/power"
)

func init() {
	reftest.Exceptions(reftest.Finding{Code: "uniroot-n", Topic: "power", Bound: 2e-3,
		Text: "pwr and rpact stop their search for n at uniroot's default tolerance. Truth: one Newton step from our n with power by quadrature of the noncentral distribution (normal methods: by math.Erfc), critical values by the same quadratures."},
		reftest.Finding{Code: "r-power-noncentral", Topic: "power", Bound: 1e-8,
			Text: "Power through R's pt, pf or pchisq with ncp inherits their absolute errors of 1e-9. Truth: quadrature of the noncentral distribution."})
	reftest.Register("power", refPower)
}

func refPower(c *reftest.Case) error {
	id := c.ID
	get := func(key string, def float64) float64 {
		if c.Has(key) {
			return c.Num(key)
		}
		return def
	}
	oneSided := c.Str("alternative") == "one.sided"
	// solved compares n, or where the peer stopped early checks it against the
	// truth: power as a function of n, computed without the tested code.
	solved := func(path string, n float64, err error, power func(n float64) float64, target float64) error {
		if err != nil {
			if c.ExpectsError() {
				c.Refused(err, "")
				return nil
			}
			return err
		}
		if ref, ok := c.Ref(path); ok && reftest.Close(n, ref, 1e-9, 0) {
			c.Want(path, n)
			return nil
		}
		c.WantTruth(path, n, trueQuantile(target, n, power), "uniroot-n")
		return nil
	}
	value := func(path string, got float64, truth func() float64) {
		wantOr(c, path, got, "r-power-noncentral", truth)
	}
	switch {
	case strings.HasPrefix(id, "t2_n_"), strings.HasPrefix(id, "t2_strict_"), strings.HasPrefix(id, "t_one.sample_"), strings.HasPrefix(id, "t_paired_"):
		d := power.TDesign{Effect: c.Num("delta") / get("sd", 1), OneSided: oneSided, OneTail: !strings.Contains(id, "strict"),
			OneSample: c.Has("type") && c.Str("type") != "two.sample"}
		n, err := d.SolveN(c.Num("power"))
		sides := 2.0
		if oneSided {
			sides = 1
		}
		return solved("n", n, err, func(n float64) float64 {
			return truePowerT(n, d.Effect, 0.05/sides, d.OneSample, !d.OneTail)
		}, c.Num("power"))
	case strings.HasPrefix(id, "t2_power_"):
		d := power.TDesign{N: c.Num("n"), Effect: c.Num("delta") / get("sd", 1)}
		value("strict", d.Power(), func() float64 { return truePowerT(d.N, d.Effect, 0.025, false, true) })
		d.OneTail = true
		value("ts", d.Power(), func() float64 { return truePowerT(d.N, d.Effect, 0.025, false, false) })
		d.OneSided = true
		value("os", d.Power(), func() float64 { return truePowerT(d.N, d.Effect, 0.05, false, false) })
	case strings.HasPrefix(id, "t2n_pwr"):
		n1, n2 := c.Num("n1"), c.Num("n2")
		value("", power.TDesign{N: n1, Ratio: n2 / n1, Effect: c.Num("d")}.Power(), func() float64 {
			return trueTailsT(n1+n2-2, c.Num("d")/math.Sqrt(1/n1+1/n2), 0.025, true)
		})
	case strings.HasPrefix(id, "t1_pwr"):
		value("", power.TDesign{N: c.Num("n"), OneSample: true, Effect: c.Num("d")}.Power(), func() float64 {
			return truePowerT(c.Num("n"), c.Num("d"), 0.025, true, true)
		})
	case strings.HasPrefix(id, "prop_"):
		d := power.ProportionDesign{P1: c.Num("p1"), P2: c.Num("p2")}
		for path, m := range map[string]power.ProportionPower{"power.prop.test": power.PooledZ, "strict": power.PooledZStrict,
			"pwr_arcsine": power.ArcsineH, "wald_unpooled_formula": power.UnpooledZ} {
			d.Method = m
			n, err := d.SolveN(c.Num("power"))
			if err := solved(path, n, err, func(n float64) float64 { return truePowerProportions(m, d.P1, d.P2, n) }, c.Num("power")); err != nil {
				return err
			}
		}
		c.Want("h", power.CohenH(d.P1, d.P2))
	case strings.HasPrefix(id, "noninf_means"):
		q := power.Equivalence{SD: c.Num("sd"), Margin: c.Num("margin"), Diff: c.Num("diff"), Alpha: c.Num("alpha"), NonInferiority: true}
		c.Want("n_per_group_normal", q.NormalN(c.Num("power")))
		n, err := q.SolveN(c.Num("power"))
		for _, path := range []string{"n_t", "rpact"} {
			if err := solved(path, n, err, func(n float64) float64 {
				return truePowerT(n, (q.Margin+q.Diff)/q.SD, q.Alpha, false, false)
			}, c.Num("power")); err != nil {
				return err
			}
		}
	case strings.HasPrefix(id, "equiv_means"):
		q := power.Equivalence{SD: c.Num("sd"), Margin: c.Num("margin"), Diff: get("diff", 0), Alpha: c.Num("alpha")}
		c.Want("n_normal", q.NormalN(c.Num("power")))
	case strings.HasPrefix(id, "noninf_props"):
		d := power.NonInferiorProportions{P1: c.Num("p1"), P2: c.Num("p2"), Margin: c.Num("margin"), Alpha: c.Num("alpha")}
		wald := d
		wald.Wald = true
		w, err := wald.SolveN(c.Num("power"))
		if err != nil {
			return err
		}
		c.Want("n_wald", w)
		s, err := d.SolveN(c.Num("power"))
		if err != nil {
			return err
		}
		c.Want("rpact", s, 1e-8)
	case strings.HasPrefix(id, "anova_"):
		d := power.ANOVADesign{K: c.Int("k"), F: c.Num("f")}
		n, err := d.SolveN(c.Num("power"))
		k := float64(d.K)
		power := func(n float64) float64 { return truePowerF(k-1, k*(n-1), k*n*d.F*d.F) }
		if err := solved("n", n, err, power, c.Num("power")); err != nil {
			return err
		}
		d.N = 20
		value("power20", d.Power(), func() float64 { return power(20) })
	case strings.HasPrefix(id, "f2_"):
		v, err := power.SolveErrorDF(c.Num("u"), c.Num("f2"), 0.05, 0.8)
		return solved("", v, err, func(v float64) float64 {
			return truePowerF(c.Num("u"), v, c.Num("f2")*(c.Num("u")+v+1))
		}, 0.8)
	case strings.HasPrefix(id, "r_"):
		d := power.CorrelationDesign{R: c.Num("r")}
		n, err := d.SolveN(0.8)
		return solved("", n, err, func(n float64) float64 { return truePowerCorrelation(d.R, n) }, 0.8)
	case strings.HasPrefix(id, "chisq_"):
		d := power.ChiSquareDesign{W: c.Num("w"), DF: c.Num("df")}
		n, err := d.SolveN(0.8)
		crit := statstest.Halve(0, 1000, func(x float64) bool { return mathext.GammaIncRegComp(d.DF/2, x/2) > 0.05 })
		return solved("", n, err, func(n float64) float64 { return 1 - trueNCChiSq(crit, d.DF, n*d.W*d.W) }, 0.8)
	case strings.HasPrefix(id, "ancova_deflate"):
		c.Want("", power.ANCOVANormalN(c.Num("delta"), c.Num("sd"), c.Num("rho"), 0.05, 0.9))
	default:
		return fmt.Errorf("no mapping for %s", id)
	}
	return nil
}

// trueTailsT is the power of a t-test with critical value at the upper tail
// alpha, by quadrature over the chi distribution; with both tails if strict.
func trueTailsT(df, ncp, alpha float64, strict bool) float64 {
	below := func(t, ncp float64) float64 {
		return overChi(df, func(s float64) float64 { return cap0(t*s - ncp) })
	}
	crit := trueQuantile(1-alpha, num.TQuantileUpper(alpha, df), func(t float64) float64 { return below(t, 0) })
	p := 1 - below(crit, ncp)
	if strict {
		p += below(-crit, ncp)
	}
	return p
}

func truePowerT(n, effect, alpha float64, oneSample, strict bool) float64 {
	if oneSample {
		return trueTailsT(n-1, math.Sqrt(n)*effect, alpha, strict)
	}
	return trueTailsT(2*(n-1), math.Sqrt(n/2)*effect, alpha, strict)
}

func truePowerF(df1, df2, ncp float64) float64 {
	crit := trueFQuantile(0.95, 0.05, num.FQuantileUpper(0.05, df1, df2), df1, df2)
	return 1 - trueNCF(crit, df1, df2, ncp)
}

// truePowerCorrelation is pwr's: Fisher's z with the bias r/(2(n−1)) and the
// critical r of the t-test.
func truePowerCorrelation(r, n float64) float64 {
	t := trueQuantile(0.975, num.TQuantileUpper(0.025, n-2), func(t float64) float64 {
		return overChi(n-2, func(s float64) float64 { return cap0(t * s) })
	})
	z, crit := math.Atanh(r)+r/(2*(n-1)), math.Atanh(t/math.Sqrt(t*t+n-2))
	w := math.Sqrt(n - 3)
	return cap0((z-crit)*w) + cap0((-z-crit)*w)
}

func truePowerProportions(m power.ProportionPower, p1, p2, n float64) float64 {
	const z = 1.959963984540054
	diff := math.Abs(p1 - p2)
	mean, own := (p1+p2)/2, math.Sqrt(p1*(1-p1)+p2*(1-p2))
	pooled := math.Sqrt(2 * mean * (1 - mean))
	switch m {
	case power.PooledZ:
		return cap0((math.Sqrt(n)*diff - z*pooled) / own)
	case power.PooledZStrict:
		return cap0((math.Sqrt(n)*diff-z*pooled)/own) + cap0(-(math.Sqrt(n)*diff+z*pooled)/own)
	case power.UnpooledZ:
		return cap0(math.Sqrt(n)*diff/own - z)
	}
	h := math.Abs(2*math.Asin(math.Sqrt(p1))-2*math.Asin(math.Sqrt(p2))) * math.Sqrt(n/2)
	return cap0(h-z) + cap0(-h-z)
}
