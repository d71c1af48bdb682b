package mmrm

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// This file prints models and fits: a line on what was fitted, then a table.

// String names the choices: "REML, covariance us, kenward-roger".
func (m Model) String() string {
	s := fmt.Sprintf("%s, covariance %s", m.Method, m.Covariance)
	if m.ByArm {
		s += " by arm"
	}
	if m.Errors != ModelBased {
		s += ", " + m.Errors.String() + " errors"
	}
	return s + ", " + m.DF.String()
}

// String names the choices: "REML, random intercept, kenward-roger".
func (m LMM) String() string {
	s := m.Method.String() + ", random intercept"
	if m.Slope {
		s += " and slope"
	}
	s += ", " + m.DF.String()
	if m.Observed {
		s += " (observed information)"
	}
	return s
}

// String returns "model-based", "CR0", "CR2" or "CR3".
func (e Errors) String() string {
	if names := [...]string{"model-based", "CR0", "CR2", "CR3"}; e >= 0 && int(e) < len(names) {
		return names[e]
	}
	return fmt.Sprintf("Errors(%d)", int(e))
}

// String says what the trial holds: "2 arms (control placebo), 3 visits, 58
// values of 20 participants".
func (t Trial) String() string {
	if len(t.Arms) == 0 && len(t.Values) == 0 {
		return "no trial"
	}
	return fmt.Sprintf("%d arms (control %s), %d visits, %d values of %d participants",
		len(t.Arms), t.Control, len(t.Visits), len(t.Values), len(t.Arm))
}

// doubts is a line with the codes of notes, "" where there are none.
func doubts(notes []stats.Note) string {
	if len(notes) == 0 {
		return ""
	}
	codes := make([]string, len(notes))
	for i, n := range notes {
		codes[i] = n.Code
	}
	return "\nnotes: " + strings.Join(codes, ", ")
}

func (f *Fit) summary() string {
	return fmt.Sprintf("%s: %d values of %d participants, log-likelihood %s",
		f.Model, f.Observations, f.Participants, show.Fixed(f.LogLik, 2))
}

// String prints what was fitted and the table of coefficients.
func (f Fit) String() string {
	if f.inf == nil {
		return show.NoResult
	}
	return f.summary() + "\n" + f.Coefficients().String() + doubts(f.Notes)
}

// String prints the differences from the control as a table.
func (m VisitMeans) String() string { return m.differences().String() }

// differences are none for a zero value.
func (m *VisitMeans) differences() Cells {
	if m.fit == nil {
		return nil
	}
	return m.Differences()
}

// String prints what was fitted and the table of differences from the control.
func (f TrialFit) String() string {
	if f.Fit == nil || f.inf == nil {
		return show.NoResult
	}
	return f.kind + ", " + f.summary() + "\n" + f.differences().String() + doubts(f.Notes)
}

func (f *LMMFit) summary() string {
	s := fmt.Sprintf("LMM, %s: %d values of %d clusters, ", f.Model, f.Observations, f.Clusters)
	if f.Model.Slope {
		s += fmt.Sprintf("variances %s (intercept), %s (slope), covariance %s", show.Digits(f.Random[0][0], 4),
			show.Digits(f.Random[1][1], 4), show.Digits(f.Random[0][1], 4))
	} else {
		s += "variance " + show.Digits(f.Random[0][0], 4)
	}
	return s + ", residual " + show.Digits(f.Sigma2, 4)
}

// String prints what was fitted and the table of coefficients.
func (f LMMFit) String() string {
	if f.inf == nil {
		return show.NoResult
	}
	return f.summary() + "\n" + f.Coefficients().String() + doubts(f.Notes)
}

// String prints what was fitted and the table of differences from the control.
func (f LMMTrialFit) String() string {
	if f.LMMFit == nil || f.inf == nil {
		return show.NoResult
	}
	return f.summary() + "\n" + f.differences().String() + doubts(f.Notes)
}

// String prints the criteria on a line.
func (c Criteria) String() string {
	if c == (Criteria{}) {
		return show.NoResult
	}
	return fmt.Sprintf("AIC %s, AICc %s, BIC %s", show.Fixed(c.AIC, 2), show.Fixed(c.AICc, 2), show.Fixed(c.BIC, 2))
}

// String prints the statistic, its degrees of freedom and p.
func (t CovarianceTest) String() string {
	if t.DF == 0 {
		return show.NoResult
	}
	return fmt.Sprintf("chi-squared(%d) = %s, p %s", t.DF, show.Fixed(t.ChiSq, 2), show.P(t.P()))
}

// String prints the range of the residuals.
func (r Residuals) String() string {
	if len(r.Marginal) == 0 {
		return show.NoResult
	}
	row := func(name string, x []float64) []string {
		lo, hi := x[0], x[0]
		for _, v := range x {
			lo, hi = min(lo, v), max(hi, v)
		}
		return []string{name, show.Digits(lo, 4), show.Digits(hi, 4)}
	}
	return fmt.Sprintf("residuals of %d values\n", len(r.Marginal)) + show.Table([]string{"", "least", "greatest"},
		[][]string{row("marginal", r.Marginal), row("normalized", r.Normalized), row("fitted values", r.Fitted)})
}
