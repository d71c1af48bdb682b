package regress

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// This file prints fits: a line on what was fitted, then a table.

// Coefficients are the estimates of a model's coefficients, in their order.
type Coefficients []Coefficient

// LSMeans are least squares means, in the order of their levels.
type LSMeans []LSMean

// Comparisons are the differences of one family.
type Comparisons []Comparison

// MeanDifferences are the differences of one family of groups.
type MeanDifferences []MeanDifference

// TermTests are the F tests of a model's terms, in their order.
type TermTests []TermTest

// table prints a row for each of n results; none are no result.
func table(header []string, n int, row func(i int) []string) string {
	if n == 0 {
		return show.NoResult
	}
	rows := make([][]string, n)
	for i := range rows {
		rows[i] = row(i)
	}
	return show.Table(header, rows)
}

// named puts a name before what is printed; a zero value has none.
func named(name, s string) string {
	if name == "" {
		return s
	}
	return name + ": " + s
}

// String prints the coefficient on a line.
func (c Coefficient) String() string { return named(c.Name, c.Estimate.String()) }

// String prints the coefficients as a table.
func (c Coefficients) String() string {
	return table(show.EstimateHeader("coefficient"), len(c), func(i int) []string {
		return show.EstimateRow(c[i].Name, c[i].Estimate, c[i].SE, c[i].DF)
	})
}

// label joins the levels that a mean is for, in the order in which they were asked
// for.
func (e LSMean) label() string {
	parts := make([]string, len(e.names))
	for i, n := range e.names {
		parts[i] = e.Levels[n]
	}
	return strings.Join(parts, ", ")
}

// String prints the mean on a line.
func (e LSMean) String() string { return named(e.label(), e.Estimate.String()) }

// String prints the means as a table.
func (e LSMeans) String() string {
	return table(show.EstimateHeader(""), len(e), func(i int) []string {
		return show.EstimateRow(e[i].label(), e[i].Estimate, e[i].SE, e[i].DF)
	})
}

var adjustments = map[stats.Adjustment]string{stats.NoAdjustment: "not adjusted", stats.Bonferroni: "Bonferroni",
	stats.Sidak: "Šidák", Tukey: "Tukey", Dunnett: "Dunnett", Scheffe: "Scheffé", SingleStepT: "max-T"}

// by is how the interval is adjusted.
func (c Comparison) by() string { return adjustments[c.adjust] }

// label names both means, or the one estimate that there is.
func (c Comparison) label() string {
	if c.B == "" {
		return c.A
	}
	return c.A + " − " + c.B
}

// String prints the difference on a line: "FT − Cont: 8.66 (95% CI 0.03 to 17.30;
// p = 0.0491; Tukey, 52 df)".
func (c Comparison) String() string {
	if c.adjust == "" {
		return show.NoResult
	}
	return c.label() + ": " + show.Effect(c, 0, c.SE, c.by()+", "+show.DF(c.DF)+" df")
}

// String prints the differences as a table with their simultaneous intervals.
func (c Comparisons) String() string {
	if len(c) == 0 {
		return show.NoResult
	}
	return table(show.EstimateHeader(c[0].by()), len(c), func(i int) []string {
		return show.EstimateRow(c[i].label(), c[i], c[i].SE, c[i].DF)
	})
}

func (m MeanDifference) label() string {
	if m.B < 0 {
		return fmt.Sprintf("group %d − control", m.A)
	}
	return fmt.Sprintf("group %d − group %d", m.A, m.B)
}

// String prints the difference on a line, with its simultaneous interval.
func (m MeanDifference) String() string {
	if m.single.adjust == "" {
		return show.NoResult
	}
	return m.label() + ": " + show.Effect(m, 0, m.SE, m.single.by()+", "+show.DF(m.DF)+" df")
}

// String prints the differences as a table with their simultaneous intervals.
func (m MeanDifferences) String() string {
	if len(m) == 0 {
		return show.NoResult
	}
	return table(show.EstimateHeader(m[0].single.by()), len(m), func(i int) []string {
		return show.EstimateRow(m[i].label(), m[i], m[i].SE, m[i].DF)
	})
}

// String prints the test on a line: "arm: F(2, 68) = 7.87, p = 0.0008".
func (t TermTest) String() string { return named(t.Term, t.FTest.String()) }

// String prints the tests as a table.
func (t TermTests) String() string {
	return table([]string{"term", "SS", "df", "error df", "F", "p"}, len(t), func(i int) []string {
		return testRow(t[i].Term, t[i].SS, t[i].FTest)
	})
}

// testRow is a row of a table of F tests.
func testRow(term string, ss float64, t stats.FTest) []string {
	if math.IsNaN(t.F) {
		return []string{term, show.Fixed(t.F, 0), "", "", "", ""}
	}
	return []string{term, show.Digits(ss, 4), show.DF(t.DF1), show.DF(t.DF2), show.Fixed(t.F, 2), pValue(t.P())}
}

func pValue(p float64) string { return strings.TrimPrefix(show.P(p), "= ") }

// String prints what was fitted and the table of coefficients.
func (m Fit) String() string {
	if m.fit == nil {
		return show.NoResult
	}
	s := fmt.Sprintf("linear model: %d rows, residual SD %s on %s df, R² %.2f", m.N(), show.Digits(m.Sigma(), 4),
		show.DF(m.df), m.R2())
	if m.robust != nil {
		s += fmt.Sprintf(", %s errors", m.hc)
	}
	return s + "\n" + m.Coefficients().String()
}

// differences are those of all other arms from the control.
func (f *ANCOVAFit) differences() Comparisons {
	var out Comparisons
	for _, a := range f.arms[1:] {
		out = append(out, Comparison{A: a, B: f.arms[0], Estimate: f.difference(a, f.arms[0]), adjust: stats.NoAdjustment})
	}
	return out
}

// String prints what was fitted and the table of differences from the control.
func (f ANCOVAFit) String() string {
	if f.m == nil {
		return show.NoResult
	}
	return fmt.Sprintf("ANCOVA: %d participants, residual SD %s on %s df\n", f.m.N(), show.Digits(f.ResidualSD(), 4),
		show.DF(f.DF())) + f.differences().String()
}

func (m *LogisticFit) method() string {
	if m.firth {
		return "Firth"
	}
	return "maximum likelihood"
}

// events is the number of participants with the outcome.
func (m *LogisticFit) events() int {
	k := 0.0
	for i, y := range m.y {
		k += m.count[i] * y
	}
	return int(k)
}

// String prints what was fitted and the table of coefficients, which are log odds
// ratios.
func (m LogisticFit) String() string {
	if m.basis == nil {
		return show.NoResult
	}
	return fmt.Sprintf("logistic regression (%s): %d participants, %d events, log-likelihood %s\n", m.method(), m.n, m.events(),
		show.Fixed(m.ll, 2)) + m.Coefficients().String()
}

// String prints the coefficient with its profile interval.
func (p Profile) String() string {
	switch {
	case p.c == nil:
		return show.NoResult
	case p.c.err != nil:
		return p.c.name + ": " + show.Fixed(math.NaN(), 0)
	}
	return p.c.name + ": " + show.Effect(p, 0, p.se(), p.c.how)
}

// name is the correlation's, of which the zero value has none.
func (c WorkingCorrelation) name() string {
	if c == Exchangeable {
		return "exchangeable"
	}
	return string(c)
}

// name is the errors', of which the zero value has none.
func (e GEEErrors) name() string {
	if e == ManclDeRouenErrors {
		return "mancl-derouen"
	}
	return string(e)
}

// String prints what was fitted and the table of coefficients, on the link's scale.
func (m GEEFit) String() string {
	if m.d == nil {
		return show.NoResult
	}
	s := fmt.Sprintf("GEE: %s, %d clusters, %s correlation", m.opts.Family, m.k, m.opts.Correlation.name())
	if len(m.alpha) == 1 {
		s += " " + show.Fixed(m.alpha[0], 3)
	}
	s += fmt.Sprintf(", %s errors", m.opts.Errors.name())
	if m.indefinite {
		s += "\nthe working correlation is not positive definite"
	}
	return s + "\n" + m.Coefficients().String()
}

func (e MarginalErrors) name() string {
	if e == YeErrors {
		return "ye"
	}
	return string(e)
}

// String prints the standardized means and their differences from the reference.
func (g Marginal) String() string {
	if len(g.Levels) == 0 {
		return show.NoResult
	}
	var rows [][]string
	for i, l := range g.Levels {
		e := g.mean(i)
		row := show.EstimateRow(l, e, e.SE, e.DF)
		row[4] = "" // whether a mean is 0 is nobody's question
		rows = append(rows, row)
	}
	for i, l := range g.Levels[1:] {
		e := g.difference(i+1, 0)
		rows = append(rows, show.EstimateRow(l+" − "+g.Levels[0], e, e.SE, e.DF))
	}
	return "standardized means, " + g.errs.name() + " errors\n" + show.Table(show.EstimateHeader(""), rows)
}

// String prints the F test with the sums of squares.
func (o OneWay) String() string {
	if o == (OneWay{}) {
		return show.NoResult
	}
	return fmt.Sprintf("%v; sums of squares %s between, %s within", o.FTest, show.Digits(o.SSBetween, 4), show.Digits(o.SSWithin, 4))
}

// String prints the test on a line, with the corrected p-value of an effect within
// participants.
func (t RepeatedTest) String() string {
	s := named(t.Term, t.FTest.String())
	if t.Sphericity != nil {
		s += fmt.Sprintf("; Greenhouse–Geisser ε %.3f, p %s", t.Sphericity.GreenhouseGeisser, show.P(t.Corrected().P()))
	}
	return s
}

// String prints who was analyzed and the table of tests, p of effects within
// participants also corrected by Greenhouse and Geisser.
func (f RepeatedFit) String() string {
	if len(f.Tests) == 0 {
		return show.NoResult
	}
	s := fmt.Sprintf("repeated-measures ANOVA: %d participants", f.N)
	if len(f.Dropped) > 0 {
		s += fmt.Sprintf(", %d left out as incomplete", len(f.Dropped))
	}
	return s + "\n" + table([]string{"term", "SS", "df", "error df", "F", "p", "GG ε", "GG p"}, len(f.Tests), func(i int) []string {
		t := f.Tests[i]
		row := append(testRow(t.Term, t.SS, t.FTest), "", "")
		if t.Sphericity != nil {
			row[6], row[7] = fmt.Sprintf("%.3f", t.Sphericity.GreenhouseGeisser), pValue(t.Corrected().P())
		}
		return row
	})
}

// String prints the corrections and Mauchly's test.
func (s Sphericity) String() string {
	if s == (Sphericity{}) {
		return show.NoResult
	}
	out := fmt.Sprintf("ε %.3f (Greenhouse–Geisser), %.3f (Huynh–Feldt), at least %.3f", s.GreenhouseGeisser, s.HuynhFeldt, s.LowerBound)
	if s.Mauchly {
		out += fmt.Sprintf("; Mauchly's W = %s, p %s", show.Digits(s.W, 3), show.P(s.P()))
	}
	return out
}

// String prints the value with the band of its normal quantile.
func (q QQPoint) String() string {
	if q.n == 0 {
		return show.NoResult
	}
	return fmt.Sprintf("value %s at normal quantile %.2f (95%% of standard normal values %v)", show.Digits(q.Sample, 4), q.Theoretical, q.Band(0.95))
}

// String prints the term's name.
func (t Term) String() string { return t.Name() }

// String prints the formula as it was written.
func (f Formula) String() string { return f.text }

// String prints the design's size and columns.
func (d Design) String() string {
	if len(d.Names) == 0 {
		return "no design"
	}
	return fmt.Sprintf("%d rows of %s", len(d.X), strings.Join(d.Names, ", "))
}

// String prints what was fitted, the coefficients, which are log odds ratios of a higher
// value, and the thresholds.
func (m OrdinalFit) String() string {
	if m.basis == nil {
		return show.NoResult
	}
	errs := ""
	if m.robust {
		errs = ", HC0 errors"
	}
	s := fmt.Sprintf("proportional odds: %d participants in %d categories, log-likelihood %s%s\n", m.n, len(m.levels), show.Fixed(m.ll, 2), errs)
	if len(m.d.names) > 1 {
		s += m.Coefficients().String() + "\n"
	}
	return s + m.Thresholds().String()
}

// String prints what was fitted and the coefficients, logarithms of rate ratios.
func (m CountsFit) String() string {
	if m.g == nil {
		return show.NoResult
	}
	s := fmt.Sprintf("%s: %d participants, %d events", strings.ReplaceAll(string(m.model), "-", " "), m.g.n, m.Events())
	switch {
	case m.model == NegativeBinomial:
		s += ", α " + show.Digits(m.alpha, 3)
	case m.model == QuasiPoisson:
		s += ", φ " + show.Digits(m.dispersion, 3)
	case m.chosen:
		s += ", α 0"
	}
	if m.errs != "" {
		s += "; " + m.errs
	}
	return s + "\n" + m.Coefficients().String()
}

// String prints what was fitted and the coefficients, log odds ratios.
func (f BoundedFit) String() string {
	if f.g == nil {
		return show.NoResult
	}
	return fmt.Sprintf("quasi-binomial: %d participants, φ %s\n", f.g.n, show.Digits(f.dispersion, 3)) + f.Coefficients().String()
}

// String prints what was fitted and the coefficients on the link's scale.
func (f RiskFit) String() string {
	if f.g == nil {
		return show.NoResult
	}
	return fmt.Sprintf("binomial, %s link: %d participants\n", f.link, f.g.n) + f.Coefficients().String()
}

// String prints the test of all coefficients and of each.
func (t BrantTest) String() string {
	if t.Names == nil {
		return show.NoResult
	}
	s := "proportional odds (Brant): " + t.ChiSquareTest.String()
	for i, e := range t.Each {
		s += "; " + t.Names[i] + ": " + e.String()
	}
	return s
}

const caceMethod = "Anderson–Rubin"

// String prints the effect with its interval and the difference in uptake.
func (c CACEFit) String() string {
	if c == (CACEFit{}) {
		return show.NoResult
	}
	return show.Effect(c, 0, c.twoSLS.SE, fmt.Sprintf("%s, %s df; uptake %v", caceMethod, show.DF(c.ITT.DF), c.Uptake.CI(0.95)))
}
