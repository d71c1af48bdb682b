package topics_test

import (
	"math"
	"strconv"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

// firthCase: estimates by formula are held to 1e-8 of their standard errors.
func firthCase(c *reftest.Case, p *regress.Formula, t *dataTable) error {
	const tol = 1e-8
	var y []bool
	for _, s := range t.col("event.") {
		y = append(y, s == "1")
	}
	frame := t.frame(formulaNames(p)[1:]...)
	frame.Numeric("event.", t.floats("event."))
	_, terms, err := frame.Terms(p)
	if err != nil {
		return err
	}
	m, err := regress.LogisticWith(y, terms, regress.LogisticOptions{Firth: true})
	if err != nil {
		return err
	}
	c.Want("n", float64(m.N()))
	c.Want("logLik", m.LogLik(), tol)
	if c.HasPath("penalized_logLik") {
		cov := m.Cov()
		flat := mat.NewSymDense(len(cov), nil)
		for i := range cov {
			for j := range i + 1 {
				flat.SetSym(i, j, cov[i][j])
			}
		}
		var chol mat.Cholesky
		if !chol.Factorize(flat) {
			c.Fail("the covariance is not positive definite")
		}
		c.Want("penalized_logLik", m.LogLik()-chol.LogDet()/2, tol)
	}
	level := levelOf(c)
	for i, name := range columnNames(t, p) {
		k := strconv.Itoa(i)
		co := m.Coefficient(name)
		abs := tol * co.SE
		c.Want("coef."+name, co.Value, tol, abs)
		c.Want("se."+k, co.SE, tol)
		c.Want("z."+k, co.T(0), tol, tol)
		c.Want("p_wald."+k, co.P(0), 1e-7) // the tail magnifies an error of z
		w, profile := co.CI(level), m.Profile(name)
		c.WantVec("wald_ci."+k, []float64{w.Lo, w.Hi}, tol, abs)
		ci, plr := profile.CI(level), profile.P(0)
		c.WantVec("profile_ci."+k, []float64{ci.Lo, ci.Hi}, tol, abs)
		c.Want("p_plr."+k, plr, 1e-7)
		c.Want("chisq_plr."+k, math.Pow(distuv.UnitNormal.Quantile(plr/2), 2), tol, tol)
	}
	return nil
}
