package topics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() { reftest.Register("counts", countModelCase) }

// countModelCase compares models of counts and of risks.
func countModelCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	switch {
	case strings.HasPrefix(kind, "gcomp"):
		return gcompCase(c)
	case kind == "modified_poisson":
		return modifiedPoissonCase(c)
	case strings.HasPrefix(kind, "logbinomial"), strings.HasPrefix(kind, "identity"):
		return riskLinkCase(c, kind)
	case strings.HasPrefix(kind, "poisson_hc"):
		c.Unused("adj") // a covariate that is used is there
		m, err := regress.CountsWith(c.Floats("y"), countTerms(c), regress.CountsOptions{Model: regress.PoissonCounts, Exposure: c.Floats("exposure")})
		if err != nil {
			return err
		}
		coef, hc0 := valuesAndErrors(m.Robust(regress.HC0).Coefficients())
		_, hc1 := valuesAndErrors(m.Robust(regress.HC1).Coefficients())
		c.WantVec("coef", coef)
		c.WantVec("se_hc0", hc0)
		c.WantVec("se_hc1", hc1)
		return nil
	case kind == "poisson_profile":
		m, err := regress.CountsWith(c.Floats("y"), countTerms(c), regress.CountsOptions{Model: regress.PoissonCounts, Exposure: c.Floats("exposure")})
		if err != nil {
			return err
		}
		ci := m.Profile("arm").CI(levelOf(c))
		c.WantVec("rate_ratio_ci", []float64{math.Exp(ci.Lo), math.Exp(ci.Hi)})
		return nil
	case kind == "negbin_profile":
		m, err := regress.Counts(c.Floats("y"), c.Floats("exposure"), countTerms(c)...)
		if err != nil {
			return err
		}
		p := m.Profile("arm")
		ci := p.CI(levelOf(c))
		c.Want("log_rate_ratio", p.Point(), 1e-6) // as in negbinCase
		c.Want("lower", ci.Lo, 1e-6)
		c.Want("upper", ci.Hi, 1e-6)
		return nil
	case strings.HasPrefix(kind, "negbin"):
		return negbinCase(c)
	case strings.HasPrefix(kind, "poisson"), strings.HasPrefix(kind, "quasipoisson"):
		return poissonCase(c)
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}

// countTerms are the arm and, in adjusted cases, the covariate; of the epilepsy trial
// what its call names.
func countTerms(c *reftest.Case) []regress.Term {
	terms := []regress.Term{regress.Numeric("arm", c.Floats("arm"))}
	if c.Has("base") {
		terms = append(terms, regress.Numeric("base", c.Floats("base")))
	}
	return terms
}

// countData reads counts, exposures and terms.
func countData(c *reftest.Case) (y, exposure []float64, terms []regress.Term) {
	if c.Has("dataset") {
		period := fmt.Sprint(c.Num("visit"))
		t := readCase(c)
		at := t.index("period")
		t = &dataTable{names: t.names, rows: slices.DeleteFunc(t.rows, func(r []string) bool { return r[at] != period })}
		arm := make([]float64, len(t.rows))
		for i, v := range t.col("treatment") {
			arm[i] = bool01(v == "Progabide")
		}
		base := t.floats("base")
		for i := range base {
			base[i] = math.Log(base[i] / 4)
		}
		return t.floats("seizure.rate"), nil, []regress.Term{regress.Numeric("arm", arm), regress.Numeric("base", base), regress.Numeric("age", t.floats("age"))}
	}
	c.Unused("adj") // a covariate that is used is there
	return c.Floats("y"), c.Floats("exposure"), countTerms(c)
}

func valuesAndErrors(b regress.Coefficients) (value, se []float64) {
	for _, e := range b {
		value, se = append(value, e.Value), append(se, e.SE)
	}
	return value, se
}

func poissonCase(c *reftest.Case) error {
	y, exposure, terms := countData(c)
	o := regress.CountsOptions{Model: regress.PoissonCounts, Exposure: exposure}
	if c.Has("quasi") && c.Num("quasi") == 1 {
		o.Model = regress.QuasiPoisson
	}
	m, err := regress.CountsWith(y, terms, o)
	if c.ExpectsError() {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	c.Skip("terms.")
	coef, se := valuesAndErrors(m.Coefficients())
	var p, ratio, lower, upper []float64
	for _, b := range m.Coefficients() {
		r := m.RateRatio(b.Name)
		ci := r.CI(0.95)
		p, ratio, lower, upper = append(p, b.P(0)), append(ratio, r.Point()), append(lower, ci.Lo), append(upper, ci.Hi)
	}
	c.WantVec("coef", coef)
	c.WantVec("se", se)
	c.WantVec("p", p)
	c.WantVec("exp_coef", ratio)
	c.WantVec("lower", lower)
	c.WantVec("upper", upper)
	c.Want("deviance", m.Deviance())
	c.Want("dispersion", m.Dispersion())
	c.Want("df_residual", m.DF())
	return nil
}

func negbinCase(c *reftest.Case) error {
	y, exposure, terms := countData(c)
	m, err := regress.Counts(y, exposure, terms...)
	if c.ExpectsError() {
		if err == nil && m.Model() == regress.PoissonCounts {
			c.Refused(nil, "without overdispersion the model is Poisson's, which Model says")
			return nil
		}
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	coef, se := valuesAndErrors(m.Coefficients())
	_, observed := valuesAndErrors(m.Observed().Coefficients())
	var p, ratio, lower, upper []float64
	for k, b := range m.Coefficients() {
		p = append(p, b.P(0))
		if k > 0 {
			r := m.RateRatio(b.Name)
			ci := r.CI(0.95)
			ratio, lower, upper = append(ratio, r.Point()), append(lower, ci.Lo), append(upper, ci.Hi)
		}
	}
	alpha, alphaSE := m.Alpha()
	// The reference's scoring stops where its deviance is settled to 1e-14, which leaves
	// up to 1e-7 of the coefficients; Newton's method on its score goes from there to
	// ours. Its Hessian is numerical.
	const tol = 1e-6
	c.WantVec("coef", coef, tol)
	c.WantVec("se", se, tol)
	c.WantVec("se_observed", observed, tol)
	c.WantVec("rate_ratio", ratio, tol)
	c.WantVec("lower", lower, tol)
	c.WantVec("upper", upper, tol)
	c.WantVec("p", p, tol)
	c.Want("theta", 1/alpha, tol)
	c.Want("theta_se", alphaSE/(alpha*alpha), tol)
	c.Want("loglik", m.LogLik())
	return nil
}

// yesNo turns zeros and ones into events.
func yesNo(x []float64) []bool {
	out := make([]bool, len(x))
	for i, v := range x {
		out[i] = v == 1
	}
	return out
}

// armNames are the labels "0" and "1" of an arm's indicator.
func armNames(x []float64) []string {
	out := make([]string, len(x))
	for i, v := range x {
		out[i] = fmt.Sprint(v)
	}
	return out
}

// gcompCase compares standardized risks with the covariates held fixed. The case
// compares two arms called 0 and 1, as its call says.
func gcompCase(c *reftest.Case) error {
	data := regress.BinaryData{Control: "0", Errors: regress.DeltaErrors}
	if c.Has("dataset") {
		t := readCase(c) // its call: outcome, treatment, and two covariates
		for i, v := range t.col("outcome") {
			data.Y = append(data.Y, v == "1_yes")
			data.Arm = append(data.Arm, fmt.Sprint(bool01(t.col("rx")[i] == "1_indomethacin")))
		}
		data.Covariates = []regress.Term{regress.Numeric("risk", t.floats("risk")), regress.Numeric("age", t.floats("age"))}
	} else {
		if c.Str("vc") == "HC0" {
			data.Errors = regress.DeltaRobustErrors
		}
		data.Y, data.Arm = yesNo(c.Floats("y")), armNames(c.Floats("arm"))
		data.Covariates = []regress.Term{regress.Numeric("z", c.Floats("z")), regress.Numeric("w", c.Floats("w"))}
	}
	g, err := regress.GComputation(data)
	if err != nil {
		return err
	}
	rr, or, err := wantRisks(c, g, "1", "0")
	if err != nil {
		return err
	}
	for path, r := range map[string]stats.Ratio{"rr": rr, "or": or} {
		ci := r.CI(0.95)
		c.Want(path+".estimate", r.Point())
		c.Want(path+".se_log", r.Log.SE)
		c.Want(path+".lower", ci.Lo)
		c.Want(path+".upper", ci.Hi)
	}
	return nil
}

// wantRisks compares standardized risks and their difference; the ratios are for who
// knows what else the case has of them.
func wantRisks(c *reftest.Case, g *regress.Marginal, arm, control string) (rr, or stats.Ratio, err error) {
	var risk, se []float64
	for _, l := range g.Levels {
		e, _ := g.Mean(l)
		risk, se = append(risk, e.Value), append(se, e.SE)
	}
	c.WantVec("risk", risk)
	c.WantVec("risk_se", se)
	rd, err := g.Difference(arm, control)
	if err != nil {
		return rr, or, err
	}
	ci := rd.CI(0.95)
	c.Want("rd.estimate", rd.Value)
	c.Want("rd.se", rd.SE)
	c.Want("rd.lower", ci.Lo)
	c.Want("rd.upper", ci.Hi)
	c.Want("rd.p", rd.P(0))
	rr, err = g.Ratio(arm, control)
	if err != nil {
		return rr, or, err
	}
	or, err = g.OddsRatio(arm, control)
	return rr, or, err
}

// modifiedPoissonCase: Zou's risk ratio of the arm, beside two covariates.
func modifiedPoissonCase(c *reftest.Case) error {
	m, err := regress.CountsWith(c.Floats("y"), []regress.Term{regress.Numeric("arm", c.Floats("arm")), regress.Numeric("z", c.Floats("z")),
		regress.Numeric("w", c.Floats("w"))}, regress.CountsOptions{Model: regress.PoissonCounts})
	if err != nil {
		return err
	}
	robust := m.Robust(regress.HC0)
	coef, hc0 := valuesAndErrors(robust.Coefficients())
	_, hc1 := valuesAndErrors(m.Robust(regress.HC1).Coefficients())
	rr := robust.RateRatio("arm")
	ci := rr.CI(0.95)
	c.WantVec("coef", coef)
	c.WantVec("se_hc0", hc0)
	c.WantVec("se_hc1", hc1)
	c.Want("rr", rr.Point())
	c.Want("lower", ci.Lo)
	c.Want("upper", ci.Hi)
	c.Want("p", rr.P(1))
	return nil
}

func riskLinkCase(c *reftest.Case, kind string) error {
	link, terms := regress.LogRisk, []regress.Term{regress.Numeric("arm", c.Floats("arm"))}
	if strings.HasPrefix(kind, "identity") {
		link = regress.IdentityRisk
	}
	if c.Has("w") {
		terms = append(terms, regress.Numeric("w", c.Floats("w")))
	}
	m, err := regress.RiskRegression(yesNo(c.Floats("y")), link, terms...)
	if err != nil {
		return err
	}
	if c.HasPath("rr") { // two arms alone
		rr := stats.Ratio{Log: m.Coefficient("arm")}
		ci := rr.CI(0.95)
		c.Want("rr", rr.Point())
		c.Want("se_log", rr.Log.SE)
		c.Want("lower", ci.Lo)
		c.Want("upper", ci.Hi)
		return nil
	}
	coef, se := valuesAndErrors(m.Coefficients())
	c.WantVec("coef", coef, 1e-6) // glm's scoring stops as in negbinCase
	c.WantVec("se", se, 1e-6)
	c.Want("loglik", m.LogLik())
	return nil
}
