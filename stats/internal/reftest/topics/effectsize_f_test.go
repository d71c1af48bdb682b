package topics_test

import (
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
)

// truthNCF is the noncentral F distribution function as a Poisson mixture of
// betas.
func truthNCF(f, df1, df2, ncp float64) float64 {
	x := df1 * f / (df1*f + df2)
	s := 0.0
	top := int(ncp/2 + 40*math.Sqrt(ncp/2+1) + 60)
	for j := 0; j <= top; j++ {
		w := 1.0
		if ncp > 0 {
			lg, _ := math.Lgamma(float64(j) + 1)
			w = math.Exp(-ncp/2 + float64(j)*math.Log(ncp/2) - lg)
		} else if j > 0 {
			break
		}
		s += w * distuv.Beta{Alpha: df1/2 + float64(j), Beta: df2 / 2}.CDF(x)
	}
	return s
}

func truthNCFPivot(f, df1, df2, p float64) float64 {
	if truthNCF(f, df1, df2, 0) < p {
		return 0
	}
	hi := 10.0
	for truthNCF(f, df1, df2, hi) > p {
		hi *= 2
	}
	return statstest.Halve(0, hi, func(l float64) bool { return truthNCF(f, df1, df2, l) > p })
}

func refNCFCI(c *reftest.Case) error {
	v, err := stats.ExplainF(c.Num("F"), c.Num("df1"), c.Num("df2"))
	if err != nil {
		return err
	}
	level := c.Num("conf.level")
	a := (1 - level) / 2
	lo, hi := truthNCFPivot(v.F, v.DF1, v.DF2, 1-a), truthNCFPivot(v.F, v.DF1, v.DF2, a)
	n := v.DF1 + v.DF2 + 1
	ncp, eta, f2 := v.Noncentrality(level), v.Eta2CI(level), v.F2CI(level)
	const finding = "nct-uniroot"
	c.WantTruth("ncp.0", ncp.Lo, lo, finding)
	c.WantTruth("ncp.1", ncp.Hi, hi, finding)
	c.WantTruth("eta2p_ci.0", eta.Lo, lo/(lo+n), finding)
	c.WantTruth("eta2p_ci.1", eta.Hi, hi/(hi+n), finding)
	c.WantTruth("f2_ci.0", f2.Lo, lo/n, finding)
	c.WantTruth("f2_ci.1", f2.Hi, hi/n, finding)
	c.Want("eta2p", v.Eta2)
	c.Want("omega2p", v.Omega2)
	c.Want("epsilon2p", v.Epsilon2)
	return nil
}

// optimized reports whether a noncentrality is what effectsize's optimizer can
// end at: the tail probability to the finding's bound.
func optimized(f, df1, df2, ncp, p float64) bool {
	return math.Abs(truthNCF(f, df1, df2, ncp)-p) <= reftest.BoundOf("effectsize-optimizer")
}

const noLowerLimit = "where F has no lower limit what effectsize's optimizer minimizes has no zero, and the upper limit comes out anywhere"

func refEffectSizeANOVA(c *reftest.Case) error {
	kind := kindOf(c)
	const opt = "effectsize-optimizer"
	if kind == "MBESS_nct" {
		t, df := c.Num("t"), c.Num("df")
		// A paired effect of one unit of scale carries the same pivot.
		s := stats.SMD{Value: t, T: t, DF: df, Scale: 1, J: 1}
		ci := s.CI(0.95)
		wantNCTLimit(c, "Lower.Limit", ci.Lo, 1, t, df, 0.975, 2e-3, opt)
		wantNCTLimit(c, "Upper.Limit", ci.Hi, 1, t, df, 0.025, 2e-3, opt)
		c.WantTruth("Prob.Less.Lower", s.PGreater(ci.Lo), 0.025, opt)
		c.WantTruth("Prob.Greater.Upper", s.PLess(ci.Hi), 0.025, opt)
		return nil
	}
	v, err := stats.ExplainF(c.Num("F"), c.Num("df1"), c.Num("df2"))
	if err != nil {
		return err
	}
	level := 0.9
	if c.Has("conf.level") {
		level = c.Num("conf.level")
	}
	a := (1 - level) / 2
	lo, hi := truthNCFPivot(v.F, v.DF1, v.DF2, 1-a), truthNCFPivot(v.F, v.DF1, v.DF2, a)
	n := v.DF1 + v.DF2 + 1
	switch {
	case kind == "effectsize":
		ci := func(share float64) stats.Interval { return shareCI(share, v.DF1, v.DF2, level) }
		eta := ci(v.Eta2)
		f := stats.Interval{Lo: math.Sqrt(eta.Lo / (1 - eta.Lo)), Hi: math.Sqrt(eta.Hi / (1 - eta.Hi))} // √(λ/df₂)
		c.Want("eta2.Eta2_partial", v.Eta2)
		for path, w := range map[string]float64{"omega2.Omega2_partial": v.Omega2, "epsilon2.Epsilon2_partial": v.Epsilon2} {
			if w < 0 {
				den := v.F*v.DF1 + v.DF2
				if strings.HasPrefix(path, "omega") {
					den++
				}
				c.WantTruthBy(path, w, (v.F-1)*v.DF1/den, "effectsize-omega-clip", reftest.Is(0))
				continue
			}
			c.Want(path, w)
		}
		c.Want("f.Cohens_f_partial", v.CohenF)
		share := func(l float64) float64 { return l / (l + v.DF2) }
		root := func(l float64) float64 { return math.Sqrt(l / v.DF2) }
		for name, x := range map[string]struct {
			ci   stats.Interval
			es   float64
			from func(ncp float64) float64
			ncp  func(limit float64) float64
		}{
			"eta2":     {eta, v.Eta2, share, func(r float64) float64 { return v.DF2 * r / (1 - r) }},
			"omega2":   {ci(v.Omega2), v.Omega2, share, func(r float64) float64 { return v.DF2 * r / (1 - r) }},
			"epsilon2": {ci(v.Epsilon2), v.Epsilon2, share, func(r float64) float64 { return v.DF2 * r / (1 - r) }},
			"f":        {f, v.Eta2, root, func(r float64) float64 { return v.DF2 * r * r }},
		} {
			c.Skip(name + ".CI")
			f := math.Max(0, x.es) / (1 - x.es) * v.DF2 / v.DF1
			for path, end := range map[string][2]float64{".CI_low": {x.ci.Lo, 1 - a}, ".CI_high": {x.ci.Hi, a}} {
				truth := x.from(truthNCFPivot(f, v.DF1, v.DF2, end[1]))
				if r, ok := c.Ref(name + path); ok && truthNCF(f, v.DF1, v.DF2, 0) < 1-a && !optimized(f, v.DF1, v.DF2, x.ncp(r), end[1]) && !reftest.Is(truth)(r) {
					c.Unexplained(name+path, end[0], truth, noLowerLimit)
					continue
				}
				c.WantTruthBy(name+path, end[0], truth, opt, func(r float64) bool {
					return reftest.Is(truth)(r) || optimized(f, v.DF1, v.DF2, x.ncp(r), end[1])
				})
			}
		}
	case strings.HasPrefix(kind, "MBESS_ncf"):
		ci := v.Noncentrality(level)
		c.WantTruth("Upper.Limit", ci.Hi, hi, opt)
		c.WantTruth("Prob.Greater.Upper", num.NCFCDF(v.F, v.DF1, v.DF2, ci.Hi), pAtLimit(hi, a, v), opt)
		if noNumber(c, "Lower.Limit") {
			c.Want("Prob.Less.Lower", math.NaN())
			c.Skip("Lower.Limit")
			if ci.Lo != 0 {
				c.Fail("lower limit %v where none exists", ci.Lo)
			}
			return nil
		}
		c.WantTruth("Lower.Limit", ci.Lo, lo, opt)
		c.WantTruth("Prob.Less.Lower", num.NCFSF(v.F, v.DF1, v.DF2, ci.Lo), a, opt)
	case strings.HasPrefix(kind, "MBESS_pvaf"):
		ci := v.Eta2CI(level)
		c.WantTruth("Lower.Limit.Proportion.of.Variance.Accounted.for", ci.Lo, lo/(lo+n), opt)
		c.WantTruth("Upper.Limit.Proportion.of.Variance.Accounted.for", ci.Hi, hi/(hi+n), opt)
		// The peer's check of its own root.
		c.Skip("Probability.Less.Lower.Limit", "Probability.Greater.Upper.Limit", "Actual.Coverage")
	}
	return nil
}

// pAtLimit is the tail at the upper limit: a, or what is there where the limit
// is 0.
func pAtLimit(hi, a float64, v stats.VarianceExplained) float64 {
	if hi == 0 {
		return truthNCF(v.F, v.DF1, v.DF2, 0)
	}
	return a
}
