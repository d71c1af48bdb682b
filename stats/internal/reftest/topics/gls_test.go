package topics_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// glsCase compares with nlme::gls, which stops early: coefficients to 2e-4 of
// their standard error's scale, logLik to 2e-7; its ML standard errors are
// inflated by √(n/(n − p)).
func glsCase(c *reftest.Case) error {
	// The calls hold the formula in a variable; a case that does not list it
	// takes the one of its data set.
	spec := map[string][4]string{
		"fev_data.csv":            {"FEV1 ~ ARMCD * AVISIT", "ARMCD", "AVISIT", "USUBJID"},
		"antidepressant_data.csv": {"CHANGE ~ BASVAL * VISIT + THERAPY * VISIT", "THERAPY", "VISIT", "PATIENT"},
		"BtheB_long.csv":          {"bdi ~ bdi.pre + treatment * month", "treatment", "month", "subject"},
		"cdystonia.csv":           {"twstrs ~ treat * week", "treat", "week", "uid"},
	}[c.Str("dataset")]
	for i, key := range []string{"formula", "arm", "visit", "subject"} {
		if c.Str(key) != "" {
			spec[i] = c.Str(key)
		}
	}
	if cut := strings.LastIndex(spec[0], " | "); cut >= 0 { // with mmrm's covariance term
		spec[3] = strings.TrimSuffix(spec[0][cut+3:], ")")
		spec[0] = spec[0][:strings.LastIndex(spec[0], " + ")]
	}
	if spec[0] == "" {
		return fmt.Errorf("no formula for %s", c.Str("dataset"))
	}
	var coef []string
	for _, p := range c.Paths() {
		if strings.HasPrefix(p, "coef.") {
			coef = append(coef, factorOf.ReplaceAllString(strings.TrimPrefix(p, "coef."), "$1"))
		}
	}
	tr := loadTrial(c, spec[0], spec[1], "", spec[2], spec[2], spec[3], "", coef)
	kind, method, _ := strings.Cut(c.ID[strings.Index(c.ID, "/")+1:], "/")
	m := mmrm.Model{DF: mmrm.Satterthwaite}
	var err error
	if m.Covariance, err = mmrm.ParseCovariance(kind); err != nil {
		return err
	}
	if method == "ML" {
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
	v := tr.rows.Visit[0] // nlme's sigma is the first row's
	c.Want("sigma", math.Sqrt(f.Sigma(0)[v][v]), 2e-4)
	return nil
}
