package mmrm

import "github.com/trialkit/trialkit/stats/internal/wire"

// Methods by their names, in JSON and in text.

// MarshalText writes the name that String returns.
func (c Covariance) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalText writes "REML" or "ML".
func (m Method) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// MarshalText writes the name that String returns.
func (d DF) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalText writes the name that String returns.
func (e Errors) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// MarshalJSON writes the choices, methods by their names.
func (m Model) MarshalJSON() ([]byte, error) {
	return wire.Pairs("covariance", m.Covariance, "by_arm", m.ByArm, "method", m.Method, "df", m.DF,
		"errors", m.Errors).MarshalJSON()
}

// MarshalJSON writes the choices, methods by their names.
func (m LMM) MarshalJSON() ([]byte, error) {
	return wire.Pairs("slope", m.Slope, "method", m.Method, "df", m.DF, "observed", m.Observed).MarshalJSON()
}

func (f *Fit) object() wire.Object {
	groups := make([]any, f.pb.groups)
	for g := range groups {
		groups[g] = f.Sigma(g)
	}
	return wire.Pairs("model", f.Model, "observations", f.Observations, "participants", f.Participants,
		"parameters", f.Parameters, "log_lik", f.LogLik, "iterations", f.Iterations, "coefficients", f.Coefficients(),
		"aliased", f.Aliased, "covariance", f.Cov(), "sigma", groups, "criteria", f.Criteria(), "notes", f.Notes)
}

// MarshalJSON writes model, numbers of values and parameters, log-likelihood,
// coefficients and their covariance, the fitted covariance of the visits (sigma,
// by group) and the notes; a zero value is null.
func (f Fit) MarshalJSON() ([]byte, error) {
	if f.inf == nil {
		return wire.Null, nil
	}
	return f.object().MarshalJSON()
}

func (m *VisitMeans) object() wire.Object {
	left := make([]any, len(m.NoBaseline))
	for i, p := range m.NoBaseline {
		left[i] = p
		if m.trial.Participants != nil {
			left[i] = m.trial.Participants[p]
		}
	}
	return wire.Pairs("arms", m.Arms, "control", m.Control, "visits", m.Visits, "no_baseline", left,
		"ls_means", m.LSMeans(), "differences", m.Differences())
}

// MarshalJSON writes arms, visits, who is left out, LS-means and the
// differences from the control; a zero value is null.
func (m VisitMeans) MarshalJSON() ([]byte, error) {
	if m.fit == nil {
		return wire.Null, nil
	}
	return m.object().MarshalJSON()
}

// MarshalJSON writes what Fit and VisitMeans write; a zero value is null.
func (f TrialFit) MarshalJSON() ([]byte, error) {
	if f.Fit == nil || f.inf == nil {
		return wire.Null, nil
	}
	o := wire.Pairs("analysis", f.kind)
	return append(append(o, f.VisitMeans.object()...), f.Fit.object()...).MarshalJSON()
}

func (f *LMMFit) object() wire.Object {
	return wire.Pairs("model", f.Model, "observations", f.Observations, "clusters", f.Clusters, "log_lik", f.LogLik,
		"iterations", f.Iterations, "coefficients", f.Coefficients(), "covariance", f.Cov(), "random", f.Random,
		"sigma2", f.Sigma2, "singular", f.Singular, "icc", f.ICC(), "criteria", f.Criteria(), "notes", f.Notes)
}

// MarshalJSON writes model, numbers of values and clusters, log-likelihood,
// coefficients and their covariance, the variances and the notes; a zero value
// is null.
func (f LMMFit) MarshalJSON() ([]byte, error) {
	if f.inf == nil {
		return wire.Null, nil
	}
	return f.object().MarshalJSON()
}

// MarshalJSON writes what LMMFit and VisitMeans write; a zero value is null.
func (f LMMTrialFit) MarshalJSON() ([]byte, error) {
	if f.LMMFit == nil || f.inf == nil {
		return wire.Null, nil
	}
	return append(f.VisitMeans.object(), f.LMMFit.object()...).MarshalJSON()
}

// MarshalJSON writes aic, aicc and bic.
func (c Criteria) MarshalJSON() ([]byte, error) {
	return wire.Pairs("aic", c.AIC, "aicc", c.AICc, "bic", c.BIC).MarshalJSON()
}

// MarshalJSON writes the statistic, its degrees of freedom and p.
func (t CovarianceTest) MarshalJSON() ([]byte, error) {
	return wire.Pairs("chi_squared", t.ChiSq, "df", t.DF, "p", t.P()).MarshalJSON()
}

// MarshalJSON writes the residuals of every row.
func (r Residuals) MarshalJSON() ([]byte, error) {
	return wire.Pairs("marginal", r.Marginal, "normalized", r.Normalized, "fitted", r.Fitted).MarshalJSON()
}
