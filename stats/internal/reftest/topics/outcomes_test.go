package topics_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
)

func init() { reftest.Register("outcomes", outcomeCase) }

// outcomeCase compares what outcomes.R computed: methods for outcomes of every kind
// that no package in R has as we define them.
func outcomeCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	switch {
	case strings.HasPrefix(kind, "exact_rd"):
		r, err := table.RiskDifferenceExact(table.Count{Events: c.Int("a"), N: c.Int("n1")}, table.Count{Events: c.Int("c"), N: c.Int("n0")})
		if err != nil {
			return err
		}
		null := c.Num("null")
		c.Want("p", r.P(null), 1e-8) // the script's maximum over the nuisance is that of optimize
		c.Want("p_greater", r.PGreater(null), 1e-8)
		c.Want("p_less", r.PLess(null), 1e-8)
		return nil
	case kind == "gcomp_ye":
		return yeCase(c)
	case strings.HasPrefix(kind, "benefit"):
		return benefitCase(c)
	case kind == "anderson_rubin":
		return andersonRubinCase(c)
	case kind == "rate_ratio":
		return rateRatioCase(c)
	case kind == "bang":
		b, err := table.Blinding(table.Guesses{Right: c.Int("right"), Wrong: c.Int("wrong"), Unsure: c.Int("unsure")})
		if err != nil {
			return err
		}
		ci := b.CI(0.95)
		c.Want("estimate", b.Point(), reftest.Tol, 1e-15)
		c.Want("se", b.SE())
		c.Want("lower", ci.Lo)
		c.Want("upper", ci.Hi)
		c.Want("p", b.P(0))
		return nil
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}

func yeCase(c *reftest.Case) error {
	g, err := regress.GComputation(regress.BinaryData{Y: yesNo(c.Floats("y")), Arm: c.Strs("arm"), Control: c.Str("control"),
		Covariates: []regress.Term{regress.Numeric("x", c.Floats("x")), regress.Category("site", c.Strs("site"), "")}})
	if err != nil {
		return err
	}
	rr, or, err := wantRisks(c, g, "a", "c")
	if err != nil {
		return err
	}
	c.Want("rr.estimate", rr.Point())
	c.Want("rr.se_log", rr.Log.SE)
	c.Want("or.estimate", or.Point())
	c.Want("or.se_log", or.Log.SE)
	return nil
}

// andersonRubinCase: the script's limits are roots of refits, good to about 1e-12.
func andersonRubinCase(c *reftest.Case) error {
	f, err := regress.CACE(regress.CACEData{Y: c.Floats("y"), Arm: armNames(c.Floats("z")), Control: "0", Received: c.Floats("d"),
		Covariates: []regress.Term{regress.Numeric("x", c.Floats("x"))}})
	if err != nil {
		return err
	}
	ci := f.CI(0.95)
	c.Want("estimate", f.Point())
	c.Want("lower", ci.Lo)
	c.Want("upper", ci.Hi)
	c.Want("t_at_2", f.T(2))
	c.Want("p0", f.P(0))
	c.Want("p_itt", f.ITT.P(0))
	return nil
}

func benefitCase(c *reftest.Case) error {
	y, z, h := c.Floats("y"), c.Floats("z"), c.Floats("h")
	strata := int(slices.Max(h))
	treated, control := make([][]float64, strata), make([][]float64, strata)
	for i, v := range y {
		k := int(h[i]) - 1
		if z[i] == 1 {
			treated[k] = append(treated[k], v)
		} else {
			control[k] = append(control[k], v)
		}
	}
	b, err := rank.BenefitStratified(treated, control) // which takes the method by the participants
	if err != nil {
		return err
	}
	c.Want("p_benefit", b.Value)
	c.Want("se", b.SE)
	c.Want("p", b.P(0.5))
	if c.HasPath("arrangements") {
		ci := b.CI(0.9)
		c.Want("arrangements", b.Arrangements)
		c.Want("p_greater", b.PGreater(0.5))
		c.Want("p_less", b.PLess(0.5))
		c.Want("lower90", ci.Lo)
		c.Want("upper90", ci.Hi)
		return nil
	}
	ci := b.CI(0.95)
	c.Want("lower", ci.Lo)
	c.Want("upper", ci.Hi)
	c.Want("win_odds", b.WinOdds().Point())
	return nil
}

func rateRatioCase(c *reftest.Case) error {
	x1, t1, x0, t0 := c.Floats("x1"), c.Floats("t1"), c.Floats("x0"), c.Floats("t0")
	var strata []table.RateStratum
	for i := range x1 {
		strata = append(strata, table.RateStratum{Treated: table.PoissonRate{Events: int(x1[i]), Exposure: t1[i]},
			Control: table.PoissonRate{Events: int(x0[i]), Exposure: t0[i]}})
	}
	r, err := table.RateRatioStratified(strata)
	if err != nil {
		return err
	}
	ci := r.CI(0.95)
	c.Want("estimate", r.Point())
	c.Want("lower", ci.Lo)
	c.Want("upper", ci.Hi)
	c.Want("p", r.P(1))
	c.Want("p_greater_08", r.PGreater(0.8))
	c.Want("p_less_08", r.PLess(0.8))
	return nil
}
