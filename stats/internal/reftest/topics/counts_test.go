package topics_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/table"
)

func init() {
	reftest.Register("mcnemar", refMcNemar)
	reftest.Register("association", refAssociation)
	reftest.Register("poisson_test", refPoisson)
	reftest.Register("rxc", refRxC)
	reftest.Register("cmh", refCMH)
}

func refMcNemar(c *reftest.Case) error {
	p := table.PairedBinary{Both: c.Int("a"), First: c.Int("b"), Second: c.Int("c"), Neither: c.Int("d")}
	t, err := table.McNemar(p)
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
	case strings.HasPrefix(kind, "exact"):
		c.Want("p.value", t.P())
		or, err := table.PairedOddsRatio(p)
		if err != nil {
			c.Skip("estimate", "conf.int.")
			return nil
		}
		ci := or.CI(levelOf(c))
		c.Want("estimate", or.Point())
		c.WantVec("conf.int", []float64{ci.Lo, ci.Hi})
	case kind == "midp":
		mid, err := table.McNemarWith(p, table.McNemarOptions{MidP: true})
		if err != nil {
			return err
		}
		c.Want("", mid.P())
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
	tab := [][]int{{t.Events, t.N - t.Events}, {k.Events, k.N - k.Events}}
	a, err := table.Associate(t, k)
	ct, err2 := table.ContingencyTable(tab)
	kappa, err3 := assoc.Kappa(tab)
	statistic(c, "phi", math.Abs(a.Phi), err, 1e-9, 1e-14)
	statistic(c, "V", ct.CramersV, err2, 1e-9, 1e-14)
	statistic(c, "yuleQ", a.YuleQ, err, 1e-9, 1e-14)
	statistic(c, "kappa", kappa.Value, err3, 1e-9, 1e-14)
	return nil
}

func refPoisson(c *reftest.Case) error {
	x, exposure := c.Floats("x"), c.Floats("T")
	if len(x) == 2 {
		treated := table.PoissonRate{Events: int(x[0]), Exposure: exposure[0]}
		control := table.PoissonRate{Events: int(x[1]), Exposure: exposure[1]}
		r, err := table.RateRatioExact(treated, control)
		if err != nil {
			if noNumber(c, "estimate.rate ratio") { // 0/0: no events in either arm
				c.Refused(err, "")
				return nil
			}
			return err
		}
		test := r.Binomial(nullOf(c, "r", 1))
		c.Want("estimate.rate ratio", r.Point())
		ci := sided(r.CI, c.Str("alternative"), levelOf(c), 0, math.Inf(1))
		c.WantVec("conf.int", []float64{ci.Lo, ci.Hi})
		c.Want("p.value", pick(c, test.P(), test.PLess(), test.PGreater()))
		c.Skip("statistic.", "parameter.", "conf.level", "null.value.")
		return nil
	}
	r := table.PoissonRate{Events: int(x[0]), Exposure: exposure[0]}
	test, err := table.PoissonTest(r, nullOf(c, "r", 1))
	if err != nil {
		return err
	}
	c.Want("p.value", pick(c, test.P(), test.PLess(), test.PGreater()), 1e-9, 1e-300)
	rate, err := table.Poisson(r)
	if err != nil {
		return err
	}
	ci := sided(rate.CI, c.Str("alternative"), levelOf(c), 0, math.Inf(1))
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
		r, err := table.ContingencyTable(m)
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
		f, err := table.FisherRxC(m)
		if err != nil {
			return err
		}
		c.Want("p.value", f.P())
		if c.HasPath("estimate.odds ratio") && len(m) == 2 && len(m[0]) == 2 {
			t := table.Count{Events: m[0][0], N: m[0][0] + m[0][1]}
			k := table.Count{Events: m[1][0], N: m[1][0] + m[1][1]}
			e, err := table.OddsRatioExact(t, k)
			if err != nil {
				return err
			}
			aLo, aHi := tailsOf(c)
			wantConditional(c, e, newConditional(t, k), "estimate.odds ratio", "conf.int.0", "conf.int.1", aLo, aHi)
			c.Skip("conf.level", "null.value.")
		}
	case kind == "stuart_maxwell", kind == "bowker":
		f := assoc.Bowker
		path := "statistic.McNemar's chi-squared"
		if kind == "stuart_maxwell" {
			f, path = assoc.StuartMaxwell, "statistic.chi-squared"
		}
		if kind == "bowker" && len(m) == 2 { // two categories: McNemar's test, corrected
			t, err := table.McNemar(table.PairedBinary{Both: m[0][0], First: m[0][1], Second: m[1][0], Neither: m[1][1]})
			if err != nil {
				return err
			}
			f = func([][]int) (stats.ChiSquareTest, error) { return t.Corrected, nil }
		}
		x, err := f(m)
		if err != nil {
			if noNumber(c, "p.value") || c.ExpectsError() {
				c.Refused(err, "")
				return nil
			}
			return err
		}
		c.Want(path, x.X2)
		c.Want("parameter.df", x.DF)
		c.Want("p.value", x.P())
	case strings.HasPrefix(kind, "kappa_"):
		w := map[string]assoc.KappaWeights{"Unweighted": assoc.Unweighted, "Equal-Spacing": assoc.EqualSpacing, "Fleiss-Cohen": assoc.FleissCohen}[c.Str("weights")]
		e, err := assoc.KappaWith(m, assoc.KappaOptions{Weights: w})
		if err != nil {
			return err
		}
		c.Want("kappa", e.Value)
		c.Want("lwr.ci", e.CI(0.95).Lo)
		c.Want("upr.ci", e.CI(0.95).Hi)
	case kind == "proptrend":
		var g []table.Count
		for _, r := range m {
			n := 0
			for _, v := range r {
				n += v
			}
			g = append(g, table.Count{Events: r[0], N: n})
		}
		x, err := table.CochranArmitage(g)
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
	c.Unused("dataset") // where the counts come from
	dims, data := c.Floats("x_dims"), c.Floats("data")
	if len(dims) != 3 || dims[0] != 2 || dims[1] != 2 {
		c.Fail("dimensions %v", dims)
		return nil
	}
	var strata []table.Stratum
	for s := 0; s < int(dims[2]); s++ {
		d := data[4*s:] // column-major: a, c, b, d
		strata = append(strata, table.Stratum{
			Treated: table.Count{Events: int(d[0]), N: int(d[0] + d[2])},
			Control: table.Count{Events: int(d[1]), N: int(d[1] + d[3])}})
	}
	call := string(c.Call)
	switch {
	case strings.Contains(call, "BreslowDay"):
		if c.ExpectsError() {
			return refCMHRefusal(c, strata)
		}
		x, err := table.BreslowDay(strata)
		if strings.Contains(call, "correct = TRUE") {
			var t table.StratifiedTest
			t, err = table.MantelHaenszel(strata)
			x = *t.BreslowDay
		}
		if err != nil {
			return err
		}
		c.Want("statistic", x.X2)
		c.Want("p.value", x.P())
	case strings.Contains(call, "exact = TRUE"):
		if c.ExpectsError() {
			return refCMHRefusal(c, strata)
		}
		e, err := table.StratifiedExact(strata)
		if err != nil {
			return err
		}
		c.Want("statistic.S", float64(e.Treated.Events))
		c.Want("p.value", pick(c, e.Fisher().P(), e.PLess(1), e.PGreater(1)))
		truth := convolve(strata)
		aLo, aHi := tailsOf(c)
		wantConditional(c, e, truth, "estimate.common odds ratio", "conf.int.0", "conf.int.1", aLo, aHi)
		c.Skip("conf.level", "null.value.")
	default:
		if c.ExpectsError() {
			return refCMHRefusal(c, strata)
		}
		t, err := table.MantelHaenszel(strata)
		if err != nil {
			return err
		}
		x := t.Corrected
		if strings.Contains(call, "correct = FALSE") {
			x = t.CMH
		}
		c.Want("statistic.Mantel-Haenszel X-squared", x.X2)
		c.Want("parameter.df", x.DF)
		excess := 0.0 // of treated events over their expectation
		for _, s := range strata {
			excess += float64(s.Treated.Events) - float64(s.Treated.N)*float64(s.Treated.Events+s.Control.Events)/float64(s.Treated.N+s.Control.N)
		}
		z := math.Copysign(math.Sqrt(x.X2), excess)
		c.Want("p.value", pick(c, x.P(), normTail(-z), normTail(z)))
		or, err := table.MantelHaenszelOddsRatio(strata)
		if err != nil {
			if v := refOf(c, "estimate.common odds ratio"); v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
				c.Refused(err, "")
				return nil
			}
			return err
		}
		c.Want("estimate.common odds ratio", or.Point())
		ci := sided(or.CI, c.Str("alternative"), levelOf(c), 0, math.Inf(1))
		c.WantVec("conf.int", []float64{ci.Lo, ci.Hi})
		c.Skip("conf.level", "null.value.")
	}
	return nil
}

// refCMHRefusal: R's array of one 2 × 2 table is no array of strata to it.
func refCMHRefusal(c *reftest.Case, strata []table.Stratum) error {
	if len(strata) != 1 {
		return fmt.Errorf("R refuses %d strata: %s", len(strata), c.RefString("error"))
	}
	c.Refused(nil, "one stratum is answered")
	return nil
}

// pick is the p-value of a case's alternative.
func pick(c *reftest.Case, two, less, greater float64) float64 {
	switch c.Str("alternative") {
	case "less":
		return less
	case "greater":
		return greater
	}
	return two
}

// convolve is the conditional distribution of the sum over strata.
func convolve(strata []table.Stratum) *conditional {
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
