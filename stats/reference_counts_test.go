package stats_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Register("mcnemar", refMcNemar)
	reftest.Register("association", refAssociation)
	reftest.Register("poisson_test", refPoisson)
	reftest.Register("rxc", refRxC)
	reftest.Register("cmh", refCMH)
}

func refMcNemar(c *reftest.Case) error {
	p := stats.PairedBinary{Both: c.Int("a"), First: c.Int("b"), Second: c.Int("c"), Neither: c.Int("d")}
	t, err := stats.McNemar(p)
	if err != nil {
		return err
	}
	switch kind := kindOf(c); {
	case strings.HasPrefix(kind, "mcnemar_cc"):
		x := t.ChiSquare
		if c.Num("correct") == 1 {
			x = t.Corrected
		}
		if p.First+p.Second == 0 {
			c.Refused(nil, "0 and p = 1 without discordant pairs, as the doc comment says; R divides 0 by 0")
			return nil
		}
		c.Want("statistic.McNemar's chi-squared", x.X2)
		c.Want("parameter.df", x.DF)
		c.Want("p.value", x.P())
	case kind == "exact":
		c.Want("p.value", t.Exact)
		or, ci, err := t.OddsRatio(0.95)
		if err != nil {
			c.Skip("estimate", "conf.int.")
			return nil
		}
		c.Want("estimate", or)
		c.WantVec("conf.int", []float64{ci.Lo, ci.Hi})
	case kind == "midp":
		c.Want("", t.MidP)
	}
	return nil
}

func refAssociation(c *reftest.Case) error {
	t, k := twoCounts(c)
	if kindOf(c) == "nnt_formula" {
		d := t.Rate() - k.Rate()
		v, _ := stats.NewNNT(d, stats.Interval{Lo: d, Hi: d, Level: 0.95}, 1).Point()
		c.Want("", v)
		return nil
	}
	table := [][]int{{t.Events, t.N - t.Events}, {k.Events, k.N - k.Events}}
	a, err := stats.Associate(t, k)
	ct, err2 := stats.ContingencyTable(table)
	kappa, err3 := stats.Kappa(table, stats.Unweighted)
	statistic(c, "phi", math.Abs(a.Phi), err, 1e-9, 1e-14)
	statistic(c, "V", ct.CramersV, err2, 1e-9, 1e-14)
	statistic(c, "yuleQ", a.YuleQ, err, 1e-9, 1e-14)
	statistic(c, "kappa", kappa.Value, err3, 1e-9, 1e-14)
	return nil
}

func refPoisson(c *reftest.Case) error {
	x, exposure := c.Floats("x"), c.Floats("T")
	if len(x) == 2 {
		v, ci, test, err := stats.RateRatioExact(stats.PoissonRate{Events: int(x[0]), Exposure: exposure[0]},
			stats.PoissonRate{Events: int(x[1]), Exposure: exposure[1]}, 0.95)
		if err != nil {
			return err
		}
		c.Want("estimate.rate ratio", v)
		c.WantVec("conf.int", []float64{ci.Lo, ci.Hi})
		c.Want("p.value", test.Two)
		c.Skip("statistic.", "parameter.", "conf.level", "null.value.")
		return nil
	}
	r := stats.PoissonRate{Events: int(x[0]), Exposure: exposure[0]}
	rate := 1.0
	if c.Has("r") {
		rate = c.Num("r")
	}
	two, ge, le, err := stats.PoissonTest(r, rate)
	if err != nil {
		return err
	}
	p := two
	switch c.Str("alternative") {
	case "less":
		p = le
	case "greater":
		p = ge
	}
	c.Want("p.value", p, 1e-9, 1e-300)
	ci, err := stats.PoissonCI(r, 0.95)
	if err != nil {
		return err
	}
	c.WantVec("conf.int", []float64{ci.Lo, ci.Hi})
	c.Want("estimate.event rate", r.Rate())
	c.Skip("statistic.", "parameter.", "conf.level", "null.value.")
	return nil
}

func intTable(m [][]float64) [][]int {
	out := make([][]int, len(m))
	for i := range m {
		for _, v := range m[i] {
			out[i] = append(out[i], int(v))
		}
	}
	return out
}

func refRxC(c *reftest.Case) error {
	m := intTable(c.Matrix("m"))
	switch kind := kindOf(c); {
	case kind == "chisq", kind == "cramersV":
		r, err := stats.ContingencyTable(m)
		if err != nil {
			return err
		}
		if kind == "cramersV" {
			c.Want("", r.CramersV)
			return nil
		}
		c.Want("statistic", r.Pearson.X2)
		c.Want("df", r.Pearson.DF)
		c.Want("p.value", r.Pearson.P())
		for i := range m {
			c.WantVec(fmt.Sprintf("expected.%d", i), r.Expected[i])
			c.WantVec(fmt.Sprintf("stdres.%d", i), r.StdResiduals[i], 1e-9, 1e-13)
		}
	case kind == "fisher":
		p, err := stats.FisherRxC(m)
		if err != nil {
			return err
		}
		c.Want("p.value", p)
	case kind == "stuart_maxwell", kind == "bowker":
		f := stats.Bowker
		path := "statistic.McNemar's chi-squared"
		if kind == "stuart_maxwell" {
			f, path = stats.StuartMaxwell, "statistic.chi-squared"
		}
		x, err := f(m)
		if err != nil {
			return err
		}
		c.Want(path, x.X2)
		c.Want("parameter.df", x.DF)
		c.Want("p.value", x.P())
	case strings.HasPrefix(kind, "kappa_"):
		w := map[string]stats.KappaWeights{"Unweighted": stats.Unweighted, "Equal-Spacing": stats.EqualSpacing, "Fleiss-Cohen": stats.FleissCohen}[c.Str("weights")]
		e, err := stats.Kappa(m, w)
		if err != nil {
			return err
		}
		c.Want("kappa", e.Value)
		c.Want("lwr.ci", e.CI(0.95).Lo)
		c.Want("upr.ci", e.CI(0.95).Hi)
	case kind == "proptrend":
		var g []stats.Count
		for _, r := range m {
			n := 0
			for _, v := range r {
				n += v
			}
			g = append(g, stats.Count{Events: r[0], N: n})
		}
		x, err := stats.CochranArmitage(g, nil)
		if err != nil {
			return err
		}
		c.Want("statistic.X-squared", x.X2)
		c.Want("parameter.df", x.DF)
		c.Want("p.value", x.P())
	}
	return nil
}

func refCMH(c *reftest.Case) error {
	dims, data := c.Floats("x_dims"), c.Floats("data")
	if len(dims) != 3 || dims[0] != 2 || dims[1] != 2 {
		c.Fail("dimensions %v", dims)
		return nil
	}
	var strata []stats.Stratum
	for s := 0; s < int(dims[2]); s++ {
		d := data[4*s:] // column-major: a, c, b, d
		strata = append(strata, stats.Stratum{
			Treated: stats.Count{Events: int(d[0]), N: int(d[0] + d[2])},
			Control: stats.Count{Events: int(d[1]), N: int(d[1] + d[3])}})
	}
	call := string(c.Call)
	switch {
	case strings.Contains(call, "BreslowDay"):
		x, err := stats.BreslowDay(strata)
		if strings.Contains(call, "correct = TRUE") {
			var t stats.StratifiedTest
			t, err = stats.MantelHaenszel(strata)
			x = *t.BreslowDay
		}
		if err != nil {
			return err
		}
		c.Want("statistic", x.X2)
		c.Want("p.value", x.P())
	case strings.Contains(call, "exact = TRUE"):
		e, err := stats.StratifiedExact(strata, false)
		if err != nil {
			return err
		}
		c.Want("statistic.S", float64(e.Treated.Events))
		c.Want("p.value", e.TwoSided())
		truth := convolve(strata)
		wantConditional(c, e, truth, "estimate.common odds ratio", "conf.int.0", "conf.int.1", 0.025, 0.025)
		c.Skip("conf.level", "null.value.")
	default:
		t, err := stats.MantelHaenszel(strata)
		if err != nil {
			return err
		}
		x := t.Corrected
		if strings.Contains(call, "correct = FALSE") {
			x = t.CMH
		}
		c.Want("statistic.Mantel-Haenszel X-squared", x.X2)
		c.Want("parameter.df", x.DF)
		c.Want("p.value", x.P())
		or, err := stats.MantelHaenszelOddsRatio(strata)
		if err != nil {
			return err
		}
		c.Want("estimate.common odds ratio", or.Point())
		c.WantVec("conf.int", []float64{or.CI(0.95).Lo, or.CI(0.95).Hi})
		c.Skip("conf.level", "null.value.")
	}
	return nil
}

// convolve is the conditional distribution of the sum over strata.
func convolve(strata []stats.Stratum) *conditional {
	out := &conditional{logw: []float64{0}}
	for _, s := range strata {
		d := newConditional(s.Treated, s.Control)
		next := make([]float64, len(out.logw)+len(d.logw)-1)
		for i := range next {
			top := math.Inf(-1)
			for j := range d.logw {
				if k := i - j; k >= 0 && k < len(out.logw) {
					top = math.Max(top, out.logw[k]+d.logw[j])
				}
			}
			sum := 0.0
			for j := range d.logw {
				if k := i - j; k >= 0 && k < len(out.logw) {
					sum += math.Exp(out.logw[k] + d.logw[j] - top)
				}
			}
			next[i] = top + math.Log(sum)
		}
		out.logw, out.lo, out.x = next, out.lo+d.lo, out.x+s.Treated.Events
	}
	return out
}
