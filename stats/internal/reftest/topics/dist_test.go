package topics_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"gonum.org/v1/gonum/mathext"
)

// Distribution topics: the id's prefix names the function.

func init() {
	reftest.Register("dist_norm", distNorm)
	reftest.Register("dist_t", distT)
	reftest.Register("dist_chisq", distChiSq)
	reftest.Register("dist_f", distF)
	reftest.Register("dist_beta", distBeta)
	reftest.Register("dist_gamma", distGamma)
	reftest.Register("dist_discrete", distDiscrete)
	reftest.Register("dist_mpmath", distMpmath)
}

// each maps f over an input.
func each(c *reftest.Case, key string, f func(float64) float64) []float64 {
	var out []float64
	for _, x := range c.Floats(key) {
		out = append(out, f(x))
	}
	return out
}

// upper reports whether the case's expression asks for the upper tail.
func upper(c *reftest.Case) bool {
	call := strings.ReplaceAll(string(c.Call), " ", "")
	return strings.Contains(c.ID, "upper") || strings.Contains(call, "lower.tail=F")
}

func distNorm(c *reftest.Case) error {
	if c.Has("p") {
		q := num.NormQuantile
		if upper(c) {
			q = num.NormQuantileUpper
		}
		c.WantVec("", each(c, "p", q))
		return nil
	}
	for path, f := range map[string]func(float64) float64{"p": num.NormCDF, "logp": num.NormLogCDF, "upper": num.NormSF} {
		if c.HasPath(path) || c.HasPath(path+".0") {
			c.WantVec(path, each(c, "q", f))
		}
	}
	return nil
}

func distT(c *reftest.Case) error {
	df := c.Num("df")
	switch {
	case strings.HasPrefix(c.ID, "pt_upper"):
		c.WantVec("", each(c, "q", func(q float64) float64 { return num.TSF(q, df) }))
	case strings.HasPrefix(c.ID, "pt_"):
		c.WantVec("", each(c, "q", func(q float64) float64 { return num.TCDF(q, df) }))
	case strings.HasPrefix(c.ID, "qt_"):
		q := func(p float64) float64 { return num.TQuantile(p, df) }
		if upper(c) {
			q = func(p float64) float64 { return num.TQuantileUpper(p, df) }
		}
		// R's median of t with a small df is 3e-16, not 0.
		c.WantVec("", each(c, "p", q), reftest.Tol, 1e-15)
	default:
		return fmt.Errorf("unknown id")
	}
	return nil
}

func distChiSq(c *reftest.Case) error {
	df := c.Num("df")
	switch {
	case strings.HasPrefix(c.ID, "pchisq_upper"):
		c.WantVec("", each(c, "q", func(q float64) float64 { return num.ChiSqSF(q, df) }))
	case strings.HasPrefix(c.ID, "pchisq"):
		c.WantVec("", each(c, "q", func(q float64) float64 { return num.ChiSqCDF(q, df) }))
	case strings.HasPrefix(c.ID, "qchisq"):
		q := func(p float64) float64 { return num.ChiSqQuantile(p, df) }
		if upper(c) {
			q = func(p float64) float64 { return num.ChiSqQuantileUpper(p, df) }
		}
		c.WantVec("", each(c, "p", q))
	default:
		return fmt.Errorf("unknown id")
	}
	return nil
}

func distF(c *reftest.Case) error {
	a, b := c.Num("df1"), c.Num("df2")
	switch {
	case strings.HasPrefix(c.ID, "pf_upper"):
		c.WantVec("", each(c, "q", func(q float64) float64 { return num.FSF(q, a, b) }))
	case strings.HasPrefix(c.ID, "pf_"):
		c.WantVec("", each(c, "q", func(q float64) float64 { return num.FCDF(q, a, b) }))
	case strings.HasPrefix(c.ID, "qf_") && upper(c):
		return eachQF(c, func(p float64) (low, up, got float64) { return 1 - p, p, num.FQuantileUpper(p, a, b) }, a, b)
	case strings.HasPrefix(c.ID, "qf_"):
		return eachQF(c, func(p float64) (low, up, got float64) { return p, 1 - p, num.FQuantile(p, a, b) }, a, b)
	default:
		return fmt.Errorf("unknown id")
	}
	return nil
}

// eachQF compares quantiles of F; R's own is judged by the probability below it.
func eachQF(c *reftest.Case, of func(p float64) (low, up, got float64), a, b float64) error {
	ps := c.Floats("p")
	for i, p := range ps {
		path := strconv.Itoa(i)
		if len(ps) == 1 && c.HasPath("") {
			path = ""
		}
		low, up, got := of(p)
		if ref, _ := c.Ref(path); reftest.Close(got, ref, reftest.Tol, 1e-300) {
			c.Want(path, got)
			continue
		}
		truth := trueFQuantile(low, up, got, a, b)
		c.WantTruthBy(path, got, truth, "r-qf", func(ref float64) bool {
			if math.Abs(ref-truth) <= 2.3e-16*math.Max(1, b/a) {
				return true // (1/qbeta − 1)·df2/df1
			}
			below, above := 0.0, 1.0
			switch {
			case ref <= 0:
			case a <= b && b > 4e5: // R takes degrees of freedom beyond 400,000 for infinite
				below, above = mathext.GammaIncReg(a/2, a*ref/2), mathext.GammaIncRegComp(a/2, a*ref/2)
			case a > 4e5:
				below, above = mathext.GammaIncRegComp(b/2, b/ref/2), mathext.GammaIncReg(b/2, b/ref/2)
			default:
				below, above = trueF(ref, a, b)
			}
			return math.Abs(below-low) <= reftest.BoundOf("r-qf") && math.Abs(above-up) <= reftest.BoundOf("r-qf")
		})
	}
	return nil
}

func distBeta(c *reftest.Case) error {
	a, b := c.Num("a"), c.Num("b")
	if c.Has("p") {
		c.WantVec("", each(c, "p", func(p float64) float64 { return num.BetaQuantile(p, a, b) }))
		return nil
	}
	c.WantVec("p", each(c, "x", func(x float64) float64 { return num.BetaCDF(x, a, b) }))
	c.WantVec("d", each(c, "x", func(x float64) float64 { return num.BetaPDF(x, a, b) }))
	return nil
}

func distGamma(c *reftest.Case) error {
	a := c.Num("shape")
	q := each(c, "p", func(p float64) float64 { return num.GammaQuantile(p, a) })
	c.WantVec("q", q)
	var p []float64
	for _, x := range q {
		p = append(p, num.GammaCDF(x, a))
	}
	c.WantVec("p", p)
	c.Want("lgamma", num.LogGamma(a))
	c.Want("digamma", mathext.Digamma(a))
	return nil
}

func distDiscrete(c *reftest.Case) error {
	count := func(f func(k int) float64) []float64 {
		return each(c, "k", func(k float64) float64 { return f(int(k)) })
	}
	switch {
	case c.Has("prob"):
		n, p := c.Int("n"), c.Num("prob")
		c.WantVec("d", count(func(k int) float64 { return num.BinomPMF(k, n, p) }))
		c.WantVec("p", count(func(k int) float64 { return num.BinomCDF(k, n, p) }))
	case c.Has("lambda"):
		l := c.Num("lambda")
		c.WantVec("d", count(func(k int) float64 { return num.PoissonPMF(k, l) }))
		c.WantVec("p", count(func(k int) float64 { return num.PoissonCDF(k, l) }))
	case c.Has("kk"):
		m, nn, kk := c.Int("m"), c.Int("nn"), c.Int("kk")
		c.WantVec("d", count(func(k int) float64 { return num.HyperPMF(k, m, nn, kk) }))
		c.WantVec("p", count(func(k int) float64 { return num.HyperCDF(k, m, nn, kk) }))
	default:
		return fmt.Errorf("unknown inputs")
	}
	return nil
}

func distMpmath(c *reftest.Case) error {
	id, _, _ := strings.Cut(c.ID, "_")
	par := func(k string) float64 {
		if !c.Has(k) {
			return math.NaN()
		}
		return c.Num(k)
	}
	df, df1, df2, ncp := par("df"), par("df1"), par("df2"), par("ncp")
	f := map[string]func(q float64) float64{
		"nct":   func(q float64) float64 { return num.NCTCDF(q, df, ncp) },
		"ncx2":  func(q float64) float64 { return num.NCChiSqCDF(q, df, ncp) },
		"ncf":   func(q float64) float64 { return num.NCFCDF(q, df1, df2, ncp) },
		"t":     func(q float64) float64 { return num.TSF(q, df) },
		"chisq": func(q float64) float64 { return num.ChiSqSF(q, df) },
		"f":     func(q float64) float64 { return num.FSF(q, df1, df2) },
		"norm":  num.NormSF,
	}[id]
	if f == nil {
		return fmt.Errorf("unknown id")
	}
	if id == "ncx2" {
		return eachOr(c, "q", f, "mpmath-series", func(q, _ float64) float64 { return trueNCChiSq(q, df, ncp) })
	}
	c.WantVec("", each(c, "q", f))
	return nil
}
