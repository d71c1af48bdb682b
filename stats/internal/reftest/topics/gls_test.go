package topics_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// sigmaAt finds the visit whose standard deviation a note on preparation calls
// sigma.
var sigmaAt = regexp.MustCompile(`standard deviation at the visit (\w+)`)

// glsCase compares with nlme::gls, which stops early: coefficients to 2e-4 of
// their standard error's scale, logLik to 2e-7; its ML standard errors are
// inflated by √(n/(n − p)).
func glsCase(c *reftest.Case) error {
	s, err := mmrmSpec(c)
	if err != nil {
		return err
	}
	if s.formula == "" {
		return fmt.Errorf("the case names no formula")
	}
	c.Unused("gls", "CALL") // R's words for covariance
	var coef []string
	for _, p := range c.Paths() {
		if strings.HasPrefix(p, "coef.") {
			coef = append(coef, factorOf.ReplaceAllString(strings.TrimPrefix(p, "coef."), "$1"))
		}
	}
	tr := loadTrial(c, s, coef)
	m := mmrm.Model{DF: mmrm.Satterthwaite}
	if s.covariance == "" { // it stands between the data set and the method
		s.covariance = strings.Split(c.ID, "/")[1]
	}
	if m.Covariance, err = mmrm.ParseCovariance(s.covariance); err != nil {
		return fmt.Errorf("%w: %v", reftest.ErrNoFunction, err)
	}
	if c.Str("method") == "ML" {
		m.Method = mmrm.ML
	}
	f, err := m.Fit(tr.rows)
	if err != nil {
		return err
	}
	c.Want("logLik", f.LogLik, 2e-7)
	if ref, _ := c.Ref("logLik"); f.LogLik < ref-1e-6 {
		c.Fail("logLik %v is lower than the reference %v", f.LogLik, ref)
	}
	c.Want("AIC", f.CriteriaFor(f.Parameters+len(coef)).AIC, 2e-7)
	scale := 1.0
	if m.Method == mmrm.ML {
		n := float64(f.Observations)
		scale = math.Sqrt(n / (n - float64(len(coef))))
	}
	cov := f.CovModel()
	for _, n := range coef {
		i := columnOf(f.Columns, n)
		e, _ := f.Coefficient(f.Columns[i])
		c.Want("coef."+n, e.Value, 2e-4, 2e-4*e.SE)
		c.Want(fmt.Sprintf("se.%d", i), math.Sqrt(cov[i][i])*scale, 2e-4)
	}
	if c.HasPath("extra.maximum.logLik") { // another program's numbers at the maximum itself
		c.Want("extra.maximum.logLik", f.LogLik, 1e-9)
		for k, e := range f.Coefficients() {
			c.Want(fmt.Sprint("extra.maximum.estimate.", k), e.Value, 1e-6, 1e-6*e.SE)
			c.Want(fmt.Sprint("extra.maximum.se_likelihood.", k), math.Sqrt(cov[k][k]), 1e-6)
		}
	}
	v := tr.rows.Visit[0] // nlme's sigma is the first row's
	if said := sigmaAt.FindStringSubmatch(c.Str("prep")); said != nil {
		v = slices.Index(tr.visits, said[1])
	}
	c.Want("sigma", math.Sqrt(f.Sigma(0)[v][v]), 2e-4)
	return nil
}
