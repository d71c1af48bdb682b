package regress

import (
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// This file writes results as JSON: what a result answers by default, though it
// holds it unexported.

// MarshalJSON writes the name before what the estimate writes.
func (c Coefficient) MarshalJSON() ([]byte, error) {
	return wire.Join(wire.Pairs("name", c.Name), c.Estimate)
}

// MarshalJSON writes the levels before what the estimate writes.
func (e LSMean) MarshalJSON() ([]byte, error) {
	return wire.Join(wire.Pairs("levels", e.Levels), e.Estimate)
}

// MarshalJSON writes the names of both means, then the estimate with its
// simultaneous interval and p-value, and the adjustment as method.
func (c Comparison) MarshalJSON() ([]byte, error) { return c.json("a", c.A, "b", c.B) }

// MarshalJSON writes both groups' numbers, then what Comparison does.
func (m MeanDifference) MarshalJSON() ([]byte, error) { return m.single.json("a", m.A, "b", m.B) }

func (c Comparison) json(names ...any) ([]byte, error) {
	if c.adjust == "" {
		return wire.Join(wire.Pairs(names...), stats.Estimate{})
	}
	b, err := wire.Effect(c, 0, string(c.adjust), wire.Pairs("se", c.SE, "df", c.DF))
	if err != nil {
		return nil, err
	}
	return wire.Join(wire.Pairs(names...), raw(b))
}

// raw is JSON that is written as it is.
type raw []byte

func (r raw) MarshalJSON() ([]byte, error) { return r, nil }

// MarshalJSON writes the term and its sum of squares before what the test writes.
func (t TermTest) MarshalJSON() ([]byte, error) {
	return wire.Join(wire.Pairs("term", t.Term, "ss", t.SS), t.FTest)
}

// MarshalJSON writes numbers of rows and degrees of freedom, what the model
// explains, coefficients and their covariance; a zero value is null.
func (m Fit) MarshalJSON() ([]byte, error) {
	if m.fit == nil {
		return wire.Null, nil
	}
	errs := "model-based"
	if m.robust != nil {
		errs = string(m.hc)
	}
	return wire.Pairs("n", m.N(), "df", m.df, "rss", m.rss, "sigma", m.Sigma(), "r2", m.R2(), "log_lik", m.LogLik(), "aic", m.AIC(),
		"bic", m.BIC(), "errors", errs, "coefficients", m.Coefficients(), "covariance", m.Cov()).MarshalJSON()
}

// MarshalJSON writes the arms, their means, differences from the control and the
// model; a zero value is null.
func (f ANCOVAFit) MarshalJSON() ([]byte, error) {
	if f.m == nil {
		return wire.Null, nil
	}
	type arm struct {
		Arm  string
		N    int
		Mean stats.Estimate
	}
	var arms []arm
	for _, a := range f.arms {
		arms = append(arms, arm{a, f.counts[a], f.lsMean(a, LSMeansOptions{})})
	}
	return wire.Pairs("control", f.arms[0], "arms", arms, "differences", f.differences(), "model", f.m).MarshalJSON()
}

// MarshalJSON writes the method, numbers of participants and events, coefficients
// (log odds ratios) and their covariance; a zero value is null.
func (m LogisticFit) MarshalJSON() ([]byte, error) {
	if m.basis == nil {
		return wire.Null, nil
	}
	return wire.Pairs("method", m.method(), "n", m.n, "events", m.events(), "log_lik", m.ll, "deviance", m.Deviance(),
		"null_deviance", m.NullDeviance(), "aic", m.AIC(), "coefficients", m.Coefficients(), "covariance", m.Cov()).MarshalJSON()
}

// MarshalJSON writes the name, the estimate, the profile interval and its
// p-value; a zero value is null.
func (p Profile) MarshalJSON() ([]byte, error) {
	if p.c == nil {
		return wire.Null, nil
	}
	if p.c.err != nil { // not estimable
		return Coefficient{p.c.name, p.c.coef}.MarshalJSON()
	}
	b, err := wire.Effect(p, 0, p.c.how)
	if err != nil {
		return nil, err
	}
	return wire.Join(wire.Pairs("name", p.c.name), raw(b))
}

// MarshalJSON writes the choices, number of clusters, correlation, scale,
// coefficients and their covariance; a zero value is null.
func (m GEEFit) MarshalJSON() ([]byte, error) {
	if m.d == nil {
		return wire.Null, nil
	}
	return wire.Pairs("family", m.opts.Family, "correlation", m.opts.Correlation.name(), "errors", m.opts.Errors.name(), "clusters", m.k,
		"waves", m.waves, "alpha", m.alpha, "scale", m.scale, "positive_definite", m.PositiveDefinite(), "coefficients", m.Coefficients(),
		"covariance", m.Cov()).MarshalJSON()
}

// MarshalJSON writes the levels' standardized means and the differences from the
// first, the reference; a zero value is null.
func (g Marginal) MarshalJSON() ([]byte, error) {
	if len(g.Levels) == 0 {
		return wire.Null, nil
	}
	type mean struct {
		Level string
		Mean  stats.Estimate
	}
	type difference struct {
		Level, Reference string
		Difference       stats.Estimate
	}
	var means []mean
	var diffs []difference
	for i, l := range g.Levels {
		means = append(means, mean{l, g.mean(i)})
		if i > 0 {
			diffs = append(diffs, difference{l, g.Levels[0], g.difference(i, 0)})
		}
	}
	return wire.Pairs("errors", g.errs.name(), "means", means, "differences", diffs, "covariance", g.cov).MarshalJSON()
}

// MarshalJSON writes the F test, both sums of squares and the shares explained.
func (o OneWay) MarshalJSON() ([]byte, error) {
	if o == (OneWay{}) {
		return wire.Null, nil
	}
	return wire.Join(o.FTest, wire.Pairs("ss_between", o.SSBetween, "ss_within", o.SSWithin, "eta2", o.Eta2(), "omega2", o.Omega2()))
}

// MarshalJSON writes the term, sums of squares, the test that assumes sphericity,
// and, of an effect within participants, how far from it the data are and the test
// that Greenhouse and Geisser correct.
func (t RepeatedTest) MarshalJSON() ([]byte, error) {
	o := wire.Pairs("ss", t.SS, "error_ss", t.ErrorSS, "generalized_eta2", t.GeneralizedEta2)
	if t.Sphericity != nil {
		o = o.With("sphericity", t.Sphericity, "corrected", t.Corrected())
	}
	return wire.Join(wire.Pairs("term", t.Term), t.FTest, o)
}

// MarshalJSON writes who was analyzed and the tests; a zero value is null.
func (f RepeatedFit) MarshalJSON() ([]byte, error) {
	if len(f.Tests) == 0 {
		return wire.Null, nil
	}
	return wire.Pairs("n", f.N, "dropped", f.Dropped, "tests", f.Tests, "grand_mean", f.grand).MarshalJSON()
}

// MarshalJSON writes the three ε and Mauchly's W with its p-value, null where
// there is none.
func (s Sphericity) MarshalJSON() ([]byte, error) {
	if s == (Sphericity{}) {
		return wire.Null, nil
	}
	o := wire.Fields(s).Without("mauchly", "w")
	if s.Mauchly {
		return o.With("mauchly_w", s.W, "p", s.P()).MarshalJSON()
	}
	return o.With("mauchly_w", nil, "p", nil).MarshalJSON()
}

// MarshalJSON writes the position, both quantiles and the 95% band.
func (q QQPoint) MarshalJSON() ([]byte, error) {
	if q.n == 0 {
		return wire.Null, nil
	}
	return wire.Join(wire.Fields(q), q.Band(0.95))
}

// MarshalText writes the formula as it was written.
func (f Formula) MarshalText() ([]byte, error) { return []byte(f.text), nil }

// MarshalJSON writes the outcome, the columns' names and the rows.
func (d Design) MarshalJSON() ([]byte, error) {
	return wire.Pairs("y", d.Y, "names", d.Names, "x", d.X).MarshalJSON()
}

// MarshalJSON writes the effect with Anderson and Rubin's interval, what it is made of,
// and two-stage least squares.
func (c CACEFit) MarshalJSON() ([]byte, error) {
	if c == (CACEFit{}) {
		return wire.Null, nil
	}
	return wire.Effect(c, 0, caceMethod, wire.Pairs("n", c.N, "itt", c.ITT, "uptake", c.Uptake, "two_stage", c.twoSLS))
}

// MarshalJSON writes the outcome's levels, coefficients, thresholds and the
// log-likelihoods with and without covariates; a zero value is null.
func (m OrdinalFit) MarshalJSON() ([]byte, error) {
	if m.basis == nil {
		return wire.Null, nil
	}
	levels, counts := m.Levels()
	errs := "model-based"
	if m.robust {
		errs = "HC0"
	}
	return wire.Pairs("n", m.n, "levels", wire.Numbers(levels), "counts", counts, "log_lik", m.ll, "null_log_lik", m.NullLogLik(), "errors", errs,
		"coefficients", m.Coefficients(), "thresholds", m.Thresholds()).MarshalJSON()
}

// MarshalJSON writes the test of all coefficients and of each.
func (t BrantTest) MarshalJSON() ([]byte, error) {
	if t.Names == nil {
		return wire.Null, nil
	}
	return wire.Join(t.ChiSquareTest, wire.Pairs("names", t.Names, "each", t.Each))
}

// MarshalJSON writes the model that was fitted, its dispersion and the coefficients; a
// zero value is null.
func (m CountsFit) MarshalJSON() ([]byte, error) {
	if m.g == nil {
		return wire.Null, nil
	}
	alpha, se := m.Alpha()
	return wire.Pairs("n", m.g.n, "events", m.Events(), "model", m.model, "alpha", alpha, "alpha_se", se, "dispersion", m.dispersion, "log_lik", m.ll,
		"errors", m.errs, "coefficients", m.Coefficients()).MarshalJSON()
}

// MarshalJSON writes the dispersion and the coefficients; a zero value is null.
func (f BoundedFit) MarshalJSON() ([]byte, error) {
	if f.g == nil {
		return wire.Null, nil
	}
	return wire.Pairs("n", f.g.n, "dispersion", f.dispersion, "coefficients", f.Coefficients()).MarshalJSON()
}

// MarshalJSON writes the link and the coefficients; a zero value is null.
func (f RiskFit) MarshalJSON() ([]byte, error) {
	if f.g == nil {
		return wire.Null, nil
	}
	return wire.Pairs("n", f.g.n, "link", f.link, "log_lik", f.ll, "coefficients", f.Coefficients()).MarshalJSON()
}
