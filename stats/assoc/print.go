package assoc

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// Coefficients take their decimals from the interval, whose width tells their
// precision where a standard error is on another scale. One without an interval says
// so rather than print it without width or from end to end. In JSON a zero value is
// null.

// alone writes a value without an interval and the reason.
func alone(value float64, reason string) string {
	return show.Fixed(value, show.DecimalsOf(value)) + " (no interval: " + reason + ")"
}

// withCI writes a value with its 95% interval and what follows.
func withCI(value float64, ci stats.Interval, rest string) string {
	d := ci.Decimals()
	if d < 0 {
		d = show.DecimalsOf(value)
	}
	return fmt.Sprintf("%s (95%% CI %s; %s)", show.Fixed(value, d), ci.Text(d, ""), rest)
}

func (f FisherZ) none() bool {
	return f.Value == 0 && f.SE == 0 && f.perfect == nil
}

// tell writes the coefficient, and rest after its interval.
func (f FisherZ) tell(rest string) string {
	switch {
	case f.perfect != nil && f.perfect.two >= 0.05:
		return alone(f.Value, "perfect agreement of so few pairs")
	case f.perfect != nil:
	case math.IsInf(f.SE, 1):
		return alone(f.Value, "too few pairs")
	}
	return withCI(f.Value, f.CI(0.95), rest)
}

// String formats the coefficient with its 95% interval and the p-value against zero.
func (f FisherZ) String() string {
	if f.none() {
		return show.NoResult
	}
	return f.tell("p " + show.P(f.P(0)) + "; Fisher's z")
}

// MarshalJSON writes the coefficient, its 95% interval and the p-value against zero,
// and z and its standard error.
func (f FisherZ) MarshalJSON() ([]byte, error) {
	if f.none() {
		return wire.Null, nil
	}
	return wire.Effect(f, 0, "Fisher's z", wire.Pairs("z", f.Z, "se_z", f.SE))
}

// String formats the coefficient with its 95% interval, and the test of independence.
func (c Correlation) String() string {
	if c.N == 0 {
		return show.NoResult
	}
	return c.tell("Fisher's z") + "; independence: " + c.Independence.String()
}

// MarshalJSON writes the coefficient, its 95% interval, the p-value of Fisher's z
// against zero, and the test of independence.
func (c Correlation) MarshalJSON() ([]byte, error) {
	if c.N == 0 {
		return wire.Null, nil
	}
	return wire.Effect(c, 0, "Fisher's z", wire.Pairs("z", c.Z, "se_z", c.SE, "n", c.N, "independence", c.Independence, "notes", c.Notes))
}

// String formats the statistic, the p-value and the method.
func (t IndependenceTest) String() string {
	switch {
	case t.none():
		return show.NoResult
	case t.DF == 0:
		return "p " + show.P(t.P()) + " (" + t.Method.String() + ")"
	case math.IsInf(t.DF, 1):
		return fmt.Sprintf("z = %s, p %s", show.Fixed(t.Statistic, 2), show.P(t.P()))
	}
	return fmt.Sprintf("t = %s, %s df, p %s", show.Fixed(t.Statistic, 2), show.DF(t.DF), show.P(t.P()))
}

// MarshalJSON writes the statistic, its degrees of freedom, the three p-values and
// the method.
func (t IndependenceTest) MarshalJSON() ([]byte, error) {
	if t.none() {
		return wire.Null, nil
	}
	return wire.Pairs("statistic", t.Statistic, "df", t.DF, "p", t.P(), "p_greater", t.PGreater(), "p_less", t.PLess(), "method", t.Method).MarshalJSON()
}

// String formats the coefficient with its 95% interval, correlation and accuracy.
func (c Concordance) String() string {
	if c.N == 0 {
		return show.NoResult
	}
	return c.tell(fmt.Sprintf("Fisher's z; correlation %s, accuracy %s", show.Fixed(c.Pearson, 3), show.Fixed(c.Accuracy, 3)))
}

// MarshalJSON writes the coefficient, its 95% interval and its parts.
func (c Concordance) MarshalJSON() ([]byte, error) {
	if c.N == 0 {
		return wire.Null, nil
	}
	return wire.Effect(c, 0, "Fisher's z", wire.Pairs("z", c.Z, "se_z", c.SE, "n", c.N, "correlation", c.Pearson, "accuracy", c.Accuracy,
		"scale_shift", c.ScaleShift, "location_shift", c.LocationShift))
}

// String formats the bias with its 95% interval and the limits of agreement.
func (g Agreement) String() string {
	if g.N == 0 {
		return show.NoResult
	}
	lo, hi := g.Limits()
	if g.SD == 0 {
		return "bias " + alone(g.Bias, "the differences do not vary")
	}
	d := show.Decimals(g.SD / math.Sqrt(float64(g.N)))
	return fmt.Sprintf("bias %s (95%% CI %s; t, %d df), limits of agreement %s to %s (%s SD)", show.Fixed(g.Bias, d), g.BiasCI(0.95).Text(d, ""), g.N-1,
		show.Fixed(lo, d), show.Fixed(hi, d), strings.TrimRight(show.Fixed(g.Multiplier, 4), "0"))
}

// MarshalJSON writes bias and limits of agreement with their 95% intervals.
func (g Agreement) MarshalJSON() ([]byte, error) {
	if g.N == 0 {
		return wire.Null, nil
	}
	lo, hi := g.Limits()
	ciLo, ciHi := g.LimitsCI(0.95)
	return wire.Join(wire.Pairs("n", g.N, "estimate", g.Bias, "sd", g.SD), g.BiasCI(0.95), wire.Pairs("method", "Bland–Altman",
		"multiplier", g.Multiplier, "lower_limit", lo, "lower_limit_ci", ciLo, "upper_limit", hi, "upper_limit_ci", ciHi))
}

// String formats the SEM with its 95% interval and the minimal detectable change.
func (m MeasurementError) String() string {
	switch {
	case m.DF == 0:
		return show.NoResult
	case m.SEM == 0 || math.IsInf(m.DF, 1):
		reason := "degrees of freedom unknown"
		if m.SEM == 0 {
			reason = "no error was seen"
		}
		return "SEM " + alone(m.SEM, reason)
	}
	ci := m.CI(0.95)
	d := max(0, ci.Decimals())
	return fmt.Sprintf("SEM %s (95%% CI %s; chi-squared, %s df), MDC95 %s", show.Fixed(m.SEM, d), ci.Text(d, ""), show.DF(m.DF), show.Fixed(m.MDC(0.95), d))
}

// MarshalJSON writes the SEM with its 95% interval and the minimal detectable change
// at 95%.
func (m MeasurementError) MarshalJSON() ([]byte, error) {
	if m.DF == 0 {
		return wire.Null, nil
	}
	return wire.Join(wire.Pairs("estimate", m.SEM, "df", m.DF), m.CI(0.95), wire.Pairs("method", "chi-squared", "mdc95", m.MDC(0.95)))
}

// String formats the mean squares of participants, raters and what is left.
func (r Reliability) String() string {
	if r.Participants == 0 {
		return show.NoResult
	}
	n, k := r.Participants, r.Raters
	row := func(name string, df int, ms float64) []string {
		return []string{name, fmt.Sprint(df), show.Fixed(ms, show.DecimalsOf(ms))}
	}
	return show.Table([]string{"source", "df", "mean square"}, [][]string{
		row("participants", n-1, r.MSParticipants), row("raters", k-1, r.MSRaters), row("residual", (n-1)*(k-1), r.MSError)})
}

// MarshalJSON writes the numbers of participants and raters, the mean squares and
// the six coefficients with their 95% intervals.
func (r Reliability) MarshalJSON() ([]byte, error) {
	if r.Participants == 0 {
		return wire.Null, nil
	}
	var all []ICC
	for f := ICC1; f <= ICC3k; f++ {
		all = append(all, r.ICC(f))
	}
	return wire.Fields(r).With("coefficients", all).MarshalJSON()
}

// String formats the coefficient with its name, 95% interval and the p-value against
// zero.
func (c ICC) String() string {
	switch {
	case c.none():
		return show.NoResult
	case c.perfect():
		return c.name() + ": " + alone(c.Value, "the ratings agree throughout")
	}
	return c.name() + ": " + withCI(c.Value, c.CI(0.95), "p "+show.P(c.P(0))+"; F")
}

func (c ICC) none() bool { return c.r.Participants == 0 }

func (c ICC) name() string {
	if c.alpha {
		return "Cronbach's α"
	}
	return c.Form.String()
}

// MarshalJSON writes the coefficient with its form, 95% interval, the p-value against
// zero and the F test of zero.
func (c ICC) MarshalJSON() ([]byte, error) {
	if c.none() {
		return wire.Null, nil
	}
	return wire.Effect(c, 0, "F", wire.Pairs("form", c.name(), "zero", c.Zero))
}

// String formats the test: "F(5, 15) = 11.03, p < 0.0001".
func (t ZeroTest) String() string {
	if t.DF1 == 0 {
		return show.NoResult
	}
	return fmt.Sprintf("F(%g, %g) = %s, p %s", t.DF1, t.DF2, show.Fixed(t.F, 2), show.P(t.P()))
}

// MarshalJSON writes F, its degrees of freedom and p.
func (t ZeroTest) MarshalJSON() ([]byte, error) {
	if t.DF1 == 0 {
		return wire.Null, nil
	}
	return wire.Fields(t).With("p", t.P()).MarshalJSON()
}

// String formats κ with its 95% interval, the p-value against zero and the weights.
func (a RaterAgreement) String() string {
	switch {
	case a.Weights == "":
		return show.NoResult
	case a.SE == 0:
		return "κ " + alone(a.Value, "the large-sample standard error is 0")
	}
	return "κ " + show.Effect(a, 0, a.SE, string(a.Weights)+", normal")
}

// MarshalJSON writes κ with its standard error, 95% interval, the p-value against
// zero and the shares of agreement.
func (a RaterAgreement) MarshalJSON() ([]byte, error) {
	if a.Weights == "" {
		return wire.Null, nil
	}
	return wire.Effect(a, 0, "normal", wire.Fields(a).Without("value"))
}

// String formats the numbers of pairs.
func (p PairCounts) String() string {
	if p.N == 0 {
		return show.NoResult
	}
	all := p.Concordant + p.Discordant + p.TiedX + p.TiedY + p.TiedBoth
	return fmt.Sprintf("%.0f pairs of %d: %.0f concordant, %.0f discordant, %.0f tied in x, %.0f in y, %.0f in both",
		all, p.N, p.Concordant, p.Discordant, p.TiedX, p.TiedY, p.TiedBoth)
}

// MarshalJSON writes the numbers of pairs and the three measures.
func (p PairCounts) MarshalJSON() ([]byte, error) {
	if p.N == 0 {
		return wire.Null, nil
	}
	return wire.Fields(p).With("gamma", p.Gamma(), "somers_d", p.SomersD(), "tau_b", p.TauB()).MarshalJSON()
}

// String formats the measure with its 95% interval and the p-value against zero.
func (o OrdinalMeasure) String() string {
	switch {
	case o == OrdinalMeasure{}:
		return show.NoResult
	case o.SE == 0:
		return alone(o.Value, "the large-sample standard error is 0")
	}
	return show.Effect(o, 0, o.SE, "normal")
}

// MarshalJSON writes the measure with its standard error, 95% interval and the
// p-value against zero.
func (o OrdinalMeasure) MarshalJSON() ([]byte, error) {
	if o == (OrdinalMeasure{}) {
		return wire.Null, nil
	}
	return wire.Effect(o, 0, "normal", wire.Pairs("se", o.SE))
}

// String formats the AUC with its 95% interval and the p-value against one half.
func (r ROCCurve) String() string {
	people := fmt.Sprintf("; %d cases, %d controls", r.Cases, r.Controls)
	switch {
	case r.Points == nil:
		return show.NoResult
	case math.IsNaN(r.Var):
		return "AUC " + alone(r.AUC, "one case or one control") + people
	case r.Var == 0:
		return "AUC " + alone(r.AUC, "DeLong's variance is 0") + people
	}
	return "AUC " + show.Effect(r, 0.5, math.Sqrt(r.Var), "DeLong") + people
}

// MarshalJSON writes the AUC with its 95% interval, the p-value against one half and
// the points of the curve.
func (r ROCCurve) MarshalJSON() ([]byte, error) {
	if r.Points == nil {
		return wire.Null, nil
	}
	return wire.Effect(r, 0.5, "DeLong", wire.Pairs("var", r.Var, "cases", r.Cases, "controls", r.Controls, "points", r.Points))
}

// String formats the point: "≥ 4.5: sensitivity 0.80, specificity 0.75".
func (p ROCPoint) String() string {
	if p == (ROCPoint{}) {
		return show.NoResult
	}
	return fmt.Sprintf("≥ %.6g: sensitivity %s, specificity %s", p.Threshold, show.Fixed(p.Sensitivity, 2), show.Fixed(p.Specificity, 2))
}

// MarshalJSON writes threshold, sensitivity and specificity.
func (p ROCPoint) MarshalJSON() ([]byte, error) {
	if p == (ROCPoint{}) {
		return wire.Null, nil
	}
	return wire.Fields(p).MarshalJSON()
}

// String formats the predictive values and the accuracy.
func (v PredictiveValues) String() string {
	if v == (PredictiveValues{}) {
		return show.NoResult
	}
	return fmt.Sprintf("predictive value of a case %s, of a control %s; accuracy %s", show.Fixed(v.Positive, 2), show.Fixed(v.Negative, 2), show.Fixed(v.Accuracy, 2))
}

// MarshalJSON writes the predictive values and the accuracy.
func (v PredictiveValues) MarshalJSON() ([]byte, error) {
	if v == (PredictiveValues{}) {
		return wire.Null, nil
	}
	return wire.Fields(v).MarshalJSON()
}

// String formats the difference of the areas with its 95% interval and the p-value
// against none.
func (d ROCDifference) String() string {
	if d == (ROCDifference{}) {
		return show.NoResult
	}
	return show.Effect(d, 0, d.SE, "DeLong")
}

// MarshalJSON writes the difference with its standard error, 95% interval, the
// p-value against none and the covariance of the areas.
func (d ROCDifference) MarshalJSON() ([]byte, error) {
	if d == (ROCDifference{}) {
		return wire.Null, nil
	}
	return wire.Effect(d, 0, "DeLong", wire.Pairs("se", d.SE, "covariance", d.Covariance))
}
