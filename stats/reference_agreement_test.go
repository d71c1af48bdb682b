package stats_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Register("agreement", refAgreement)
	reftest.Register("icc", refICC)
}

func refAgreement(c *reftest.Case) error {
	if kindOf(c) != "bland_altman" {
		return fmt.Errorf("no mapping for %s", c.ID)
	}
	g, err := stats.BlandAltman(c.Floats("x"), c.Floats("y"))
	if err != nil {
		return refused(c, err, "sd")
	}
	// Differences near zero keep the rounding of the measurements.
	big := 0.0
	for _, v := range append(c.Floats("x"), c.Floats("y")...) {
		big = math.Max(big, math.Abs(v))
	}
	round := 1e-15 * big
	lo, hi := g.Limits()
	ci := g.BiasCI(0.95)
	c.Want("bias", g.Bias, reftest.Tol, round)
	c.Want("sd", g.SD, reftest.Tol, round)
	c.WantVec("loa", []float64{lo, hi}, reftest.Tol, round)
	c.WantVec("bias_ci", []float64{ci.Lo, ci.Hi}, reftest.Tol, round)
	c.Want("loa_se_approx", g.LimitsSE1986(), reftest.Tol, round)
	c.Want("loa_se_exact", g.LimitsSE(), reftest.Tol, round)
	return nil
}

func refICC(c *reftest.Case) error {
	m := c.Matrix("m")
	switch kind := kindOf(c); {
	case kind == "cronbach_alpha":
		a, err := stats.CronbachAlpha(m)
		if err != nil {
			return refused(c, err, "alpha")
		}
		c.Want("alpha", a.Value)
		c.Skip("sem_icc3") // never computed
		return nil
	case strings.HasPrefix(kind, "psych_ICC"):
		r, err := stats.ICCs(m)
		if err != nil {
			return refused(c, err, "ICC.0")
		}
		for form := stats.ICC1; form <= stats.ICC3k; form++ {
			i, e := fmt.Sprint(".", int(form)), r.ICC(form)
			ci := e.CI(0.95)
			c.Want("ICC"+i, e.Value)
			c.Want("F"+i, e.F)
			c.Want("df1"+i, e.DF1)
			c.Want("df2"+i, e.DF2)
			c.Want("p"+i, e.PZero())
			c.Want("lower bound"+i, ci.Lo)
			c.Want("upper bound"+i, ci.Hi)
		}
		return nil
	}
	return fmt.Errorf("no mapping for %s", c.ID)
}
