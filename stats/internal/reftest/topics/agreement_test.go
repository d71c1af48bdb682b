package topics_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Exceptions(reftest.Finding{Code: "psych-exact-agreement", Topic: "icc",
		Text: "Where residuals are exactly zero psych's F is 1e31, the ratio to their rounding. Truth: zero in whole numbers, so F is infinite and p zero."})
	reftest.Register("agreement", refAgreement)
	reftest.Register("icc", refICC)
}

func refAgreement(c *reftest.Case) error {
	if kindOf(c) != "bland_altman" {
		return fmt.Errorf("no mapping for %s", c.ID)
	}
	g, err := assoc.BlandAltman(c.Floats("x"), c.Floats("y"))
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
	wantEndsOrNone(c, "bias_ci.0", "bias_ci.1", ci, math.Inf(-1), math.Inf(1), g.Bias, 0, reftest.Tol, round)
	c.Want("loa_se_approx", g.SD*math.Sqrt(3/float64(g.N)), reftest.Tol, round)
	c.Want("loa_se_exact", g.LimitsSE(), reftest.Tol, round)
	return nil
}

// sameRowMeans reports whether all participants have one mean.
func sameRowMeans(m [][]float64) bool {
	sum := func(r []float64) *big.Rat {
		s := new(big.Rat)
		for _, v := range r {
			s.Add(s, new(big.Rat).SetFloat64(v))
		}
		return s
	}
	for _, r := range m {
		if sum(r).Cmp(sum(m[0])) != 0 {
			return false
		}
	}
	return true
}

// exactResiduals reports whether ratings agree within each participant, or else
// differ by amounts of the rater alone.
func exactResiduals(m [][]float64, within bool) bool {
	q := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
	for _, r := range m {
		for j := range r {
			own := new(big.Rat).Sub(q(r[j]), q(r[0]))
			if within && own.Sign() != 0 || own.Cmp(new(big.Rat).Sub(q(m[0][j]), q(m[0][0]))) != 0 {
				return false
			}
		}
	}
	return true
}

func refICC(c *reftest.Case) error {
	m := c.Matrix("m")
	switch kind := kindOf(c); {
	case kind == "cronbach_alpha":
		a, err := assoc.CronbachAlpha(m)
		if err != nil {
			return refused(c, err, "alpha")
		}
		c.Want("alpha", a.Value)
		c.Skip("sem_icc3") // never computed
		return nil
	case strings.HasPrefix(kind, "psych_ICC"):
		r, err := assoc.ICCs(m)
		if errors.Is(err, stats.ErrNoVariation) && sameRowMeans(m) {
			c.Refused(err, "") // psych's numbers are rounding
			return nil
		}
		if err != nil {
			return refused(c, err, "ICC.0")
		}
		for form := assoc.ICC1; form <= assoc.ICC3k; form++ {
			i, e := fmt.Sprint(".", int(form)), r.ICC(form)
			ci := e.CI(0.95)
			c.Want("ICC"+i, e.Value, reftest.Tol, 1e-14)
			c.Want("df1"+i, e.Zero.DF1)
			c.Want("df2"+i, e.Zero.DF2)
			if f, _ := c.Ref("F" + i); math.IsInf(e.Zero.F, 1) && f > 1e25 {
				// Residuals of exactly zero, rounding in aov.
				if !exactResiduals(m, form == assoc.ICC1 || form == assoc.ICC1k) {
					c.Fail("F is infinite without exact agreement")
				}
				c.WantTruthBy("F"+i, e.Zero.F, math.Inf(1), "psych-exact-agreement", func(f float64) bool { return f > 1e25 })
				c.WantTruthBy("p"+i, e.Zero.P(), 0, "psych-exact-agreement", func(p float64) bool { return p < 1e-12 })
			} else {
				c.Want("F"+i, e.Zero.F, reftest.Tol, 1e-14)
				c.Want("p"+i, e.Zero.P())
			}
			c.Want("lower bound"+i, ci.Lo)
			c.Want("upper bound"+i, ci.Hi)
		}
		return nil
	}
	return fmt.Errorf("no mapping for %s", c.ID)
}
