package topics_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// Studentized range, Dunnett and noncentral distributions.

func init() {
	reftest.Register("dist_mpmath_tukey", distMpmathTukey)
	reftest.Register("dist_scipy_tukey", distScipyTukey)
	reftest.Register("dist_tukey", distTukey)
	reftest.Register("dist_tukey_integrate", distTukeyIntegrate)
	reftest.Register("dist_mvt", distMVT)
	reftest.Register("dist_noncentral", distNoncentral)
}

func distMpmathTukey(c *reftest.Case) error {
	k, v := c.Int("k"), c.Num("v")
	// The reference is stated to expected_atol (1e-11 or 1e-9).
	atol, _ := c.Ref("expected_atol")
	c.Skip("expected_atol", "expected_rtol")
	c.Unused("expected_atol", "expected_rtol") // the same
	var got float64
	switch {
	case strings.HasPrefix(c.ID, "cdf"):
		got = num.TukeyCDF(c.Num("q"), k, v)
	case strings.HasPrefix(c.ID, "pdf"):
		got = num.TukeyPDF(c.Num("q"), k, v)
	case strings.HasPrefix(c.ID, "moment"):
		got = num.TukeyMoment(c.Num("m"), k, v)
	default:
		return fmt.Errorf("unknown id")
	}
	c.Want("mp_result", got, reftest.Tol, atol)
	return nil
}

func distScipyTukey(c *reftest.Case) error {
	k, df := c.Int("k"), c.Num("df")
	c.WantVec("sf", each(c, "q", func(q float64) float64 { return num.TukeySF(q, k, df) }))
	c.WantVec("ppf", each(c, "p", func(p float64) float64 { return num.TukeyQuantile(p, k, df) }))
	return nil
}

func distTukey(c *reftest.Case) error {
	k, df := c.Int("nmeans"), c.Num("df")
	finding := "r-tukey"
	if df < 4 {
		finding = "r-tukey-few-df"
	}
	if strings.HasPrefix(c.ID, "ptukey") {
		return eachOr(c, "q", func(q float64) float64 { return num.TukeyCDF(q, k, df) }, finding,
			func(q, _ float64) float64 { return trueTukey(q, float64(k), df) })
	}
	bound := reftest.BoundOf(finding)
	for i, p := range c.Floats("p") {
		path, got := strconv.Itoa(i), num.TukeyQuantile(p, k, df)
		if ref, _ := c.Ref(path); reftest.Close(got, ref, reftest.Tol, 1e-300) {
			c.Want(path, got)
			continue
		}
		truth := trueQuantile(p, got, func(q float64) float64 { return trueTukey(q, float64(k), df) })
		c.WantTruthBy(path, got, truth, finding, func(ref float64) bool {
			return math.IsNaN(ref) && finding == "r-tukey" || math.Abs(trueTukey(ref, float64(k), df)-p) <= bound
		})
	}
	return nil
}

func distTukeyIntegrate(c *reftest.Case) error {
	k, df := c.Int("k"), c.Num("df")
	if c.Has("q") {
		c.WantVec("", each(c, "q", func(q float64) float64 { return num.TukeyCDF(q, k, df) }))
		return nil
	}
	c.WantVec("", each(c, "p", func(p float64) float64 { return num.TukeyQuantile(p, k, df) }))
	return nil
}

func distMVT(c *reftest.Case) error {
	k, df := c.Int("k"), c.Num("df")
	if c.Has("q") {
		c.WantVec("", each(c, "q", func(q float64) float64 { return num.DunnettCDF(q, k, df, true) }))
		return nil
	}
	c.Want("", num.DunnettQuantileUpper(c.Num("alpha"), k, df, true))
	return nil
}

func distNoncentral(c *reftest.Case) error {
	ncp := c.Num("ncp")
	name, _, _ := strings.Cut(c.ID, "_")
	const finding = "r-noncentral"
	df := 0.0
	if c.Has("df") {
		df = c.Num("df")
	}
	nct := func(q float64) float64 { return trueNCT(q, df, ncp) }
	chi := func(q float64) float64 { return trueNCChiSq(q, df, ncp) }
	switch name {
	case "pnct":
		return eachOr(c, "q", func(q float64) float64 { return num.NCTCDF(q, df, ncp) }, finding,
			func(q, _ float64) float64 { return nct(q) })
	case "qnct":
		return eachOr(c, "p", func(p float64) float64 { return num.NCTQuantile(p, df, ncp) }, finding,
			func(p, got float64) float64 { return trueQuantile(p, got, nct) })
	case "pncchisq":
		return eachOr(c, "q", func(q float64) float64 { return num.NCChiSqCDF(q, df, ncp) }, finding,
			func(q, _ float64) float64 { return chi(q) })
	case "qncchisq":
		return eachOr(c, "p", func(p float64) float64 { return num.NCChiSqQuantile(p, df, ncp) }, finding,
			func(p, got float64) float64 { return trueQuantile(p, got, chi) })
	case "pncf":
		a, b := c.Num("df1"), c.Num("df2")
		return eachOr(c, "q", func(q float64) float64 { return num.NCFCDF(q, a, b, ncp) }, finding,
			func(q, _ float64) float64 { return trueNCF(q, a, b, ncp) })
	case "qncf":
		a, b := c.Num("df1"), c.Num("df2")
		return eachOr(c, "p", func(p float64) float64 { return num.NCFQuantile(p, a, b, ncp) }, finding,
			func(p, got float64) float64 {
				return trueQuantile(p, got, func(q float64) float64 { return trueNCF(q, a, b, ncp) })
			})
	}
	return fmt.Errorf("unknown id")
}

// eachOr is wantOr over the elements of an input.
func eachOr(c *reftest.Case, key string, f func(float64) float64, finding string, truth func(x, got float64) float64) error {
	xs := c.Floats(key)
	for i, x := range xs {
		path := strconv.Itoa(i)
		if len(xs) == 1 && c.HasPath("") {
			path = ""
		}
		got := f(x)
		wantOr(c, path, got, finding, func() float64 { return truth(x, got) })
	}
	return nil
}
