package topics_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/mmrm"
)

func init() { reftest.Register("mmrm_spatial", spatialCase) }

// spatialCase compares sp_exp and sp_gau with nlme::gls, whose optimizer
// reaches 2e-6 of the standard errors.
func spatialCase(c *reftest.Case) error {
	kind, method, _ := strings.Cut(c.ID, "/")
	times := c.Floats("times")
	k := len(times)
	r := &mmrm.Rows{Times: times, Y: c.Floats("y")}
	for j := range times {
		r.Visits = append(r.Visits, fmt.Sprint(times[j]))
		r.Columns = append(r.Columns, fmt.Sprintf("v%d", j+1))
	}
	for j := range times {
		r.Columns = append(r.Columns, fmt.Sprintf("arm:v%d", j+1))
	}
	id, visit, arm := c.Floats("id"), c.Floats("visit"), c.Floats("arm")
	for i := range r.Y {
		j := int(visit[i]) - 1
		x := make([]float64, 2*k)
		x[0], x[j], x[k+j] = 1, 1, arm[i]
		r.Participant, r.Visit, r.X = append(r.Participant, int(id[i])-1), append(r.Visit, j), append(r.X, x)
	}
	m := mmrm.Model{DF: mmrm.Satterthwaite}
	var err error
	if m.Covariance, err = mmrm.ParseCovariance(kind); err != nil {
		return err
	}
	if method == "ML" {
		m.Method = mmrm.ML
	}
	f, err := m.Fit(r)
	if err != nil {
		return err
	}
	c.Want("logLik", f.LogLik, 1e-9)
	if ref, _ := c.Ref("logLik"); f.LogLik < ref-1e-6 {
		c.Fail("logLik %v is lower than the reference %v", f.LogLik, ref)
	}
	for i, e := range f.Coefficients() {
		c.Want(fmt.Sprintf("coef.%d", i), e.Value, 1e-5, 1e-5*e.SE)
		c.Want(fmt.Sprintf("se.%d", i), e.SE, 1e-5)
	}
	s := f.Sigma(0)
	sigma := math.Sqrt(s[0][0])
	c.Want("sigma", sigma, 1e-5)
	d, rho := times[1]-times[0], s[1][0]/s[0][0]
	tau := -d / math.Log(rho)
	if kind == "sp_gau" {
		tau = math.Sqrt(-d * d / math.Log(rho))
	}
	c.Want("range", tau, 1e-4)
	return nil
}
