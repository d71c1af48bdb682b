package topics_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Register("roc", refROC)
}

func refROC(c *reftest.Case) error {
	if strings.HasSuffix(c.ID, "delong_test") {
		return refDeLongTest(c)
	}
	response, predictor := c.Floats("response"), c.Floats("predictor")
	sign := 1.0
	if c.Str("direction") == ">" {
		sign = -1
	}
	var cases, controls []float64
	for i, v := range predictor {
		if math.IsNaN(v) || math.IsNaN(response[i]) {
			continue // as pROC does
		}
		if response[i] == 1 {
			cases = append(cases, sign*v)
		} else {
			controls = append(controls, sign*v)
		}
	}
	r, err := assoc.ROC(cases, controls)
	if err != nil {
		return err
	}
	c.Want("auc", r.AUC)
	if noNumber(c, "delong_var") && math.IsNaN(r.Var) {
		c.Skip("delong_var", "ci95.", "ci90.") // one case or control
	} else {
		c.Want("delong_var", r.Var)
		for path, level := range map[string]float64{"ci95": 0.95, "ci90": 0.9} {
			ci := r.CI(level)
			c.Want(path+".1", r.AUC, reftest.Tol, 1e-12)
			wantEndsOrNone(c, path+".0", path+".2", ci, 0, 1, r.AUC, 0, reftest.Tol, 1e-12)
		}
	}
	var thresholds, sens, spec []float64
	for i := len(r.Points) - 1; i >= 0; i-- {
		p := r.Points[i]
		thresholds = append(thresholds, sign*p.Threshold)
		sens, spec = append(sens, p.Sensitivity), append(spec, p.Specificity)
	}
	c.WantVec("thresholds", thresholds)
	c.WantVec("sens", sens, reftest.Tol, 1e-15)
	c.WantVec("spec", spec, reftest.Tol, 1e-15)
	c.Want("partial_auc_90_100", r.PartialAUC(0.9, 1), reftest.Tol, 1e-15)

	best := r.BestYouden()
	cols := map[string][]float64{}
	for i := len(best) - 1; i >= 0; i-- {
		p := best[i]
		v := p.Predictive(r.Prevalence())
		for name, x := range map[string]float64{"threshold": sign * p.Threshold, "specificity": p.Specificity,
			"sensitivity": p.Sensitivity, "youden": p.Youden() + 1, "ppv": v.Positive, "npv": v.Negative,
			"accuracy": v.Accuracy} {
			cols[name] = append(cols[name], x)
		}
	}
	for name, v := range cols {
		path := "youden." + name
		if len(v) == 1 {
			c.Want(path, v[0], reftest.Tol, 1e-15)
		} else {
			c.WantVec(path, v, reftest.Tol, 1e-15)
		}
	}
	return nil
}

var rocCall = regexp.MustCompile(`roc\(\w+\$([\w.]+), \w+\$([\w.]+), levels = c\(\\"([^"]*)\\", \\"([^"]*)\\"\), direction = \\"<\\"`)

// refDeLongTest compares the two markers of the data set that the call names.
func refDeLongTest(c *reftest.Case) error {
	t := readCase(c)
	calls := rocCall.FindAllStringSubmatch(string(c.Call), -1)
	if len(calls) != 2 {
		return fmt.Errorf("%w: not two curves in %s", reftest.ErrNoFunction, c.Call)
	}
	curve := func(call []string) (assoc.ROCCurve, error) {
		var cases, controls []float64
		outcome := t.col(call[1])
		for i, v := range t.floats(call[2]) {
			switch outcome[i] {
			case call[4]:
				cases = append(cases, v)
			case call[3]:
				controls = append(controls, v)
			}
		}
		return assoc.ROC(cases, controls)
	}
	a, err := curve(calls[0])
	if err != nil {
		return err
	}
	b, err := curve(calls[1])
	if err != nil {
		return err
	}
	d, err := assoc.CompareROC(a, b)
	if err != nil {
		return err
	}
	ci := d.CI(0.95)
	c.Want("Z", d.T(0))
	c.Want("p", d.P(0))
	c.Want("cov", d.Covariance)
	c.WantVec("ci_diff", []float64{ci.Lo, ci.Hi})
	return nil
}
