package rank

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// What an effect prints and marshals beside its numbers: the test and how its
// p-value was found. What a test prints: its statistic, p and method. In JSON every
// result has its p-value under "p", a zero value is null.

func (s Shift) how() string        { return "Mann–Whitney, " + s.method.String() }
func (s PseudoMedian) how() string { return "Wilcoxon signed ranks, " + s.method.String() }

// String formats the shift with its 95% interval, the p-value against no shift and
// the method.
func (s Shift) String() string {
	if s.data == nil {
		return show.NoResult
	}
	return show.Effect(s, 0, 0, s.how())
}

// MarshalJSON writes the shift, its 95% interval, the p-value against no shift, U, z
// and P(treated > control).
func (s Shift) MarshalJSON() ([]byte, error) {
	if s.data == nil {
		return wire.Null, nil
	}
	return wire.Effect(s, 0, s.how(), wire.Pairs("u", s.U(), "z", s.Z(), "p_superior", s.PSuperior(), "notes", s.Notes))
}

// String formats the pseudo-median with its 95% interval, the p-value against zero
// and the method.
func (s PseudoMedian) String() string {
	if s.data == nil {
		return show.NoResult
	}
	return show.Effect(s, 0, 0, s.how())
}

// MarshalJSON writes the pseudo-median, its 95% interval, the p-value against zero, V
// and z.
func (s PseudoMedian) MarshalJSON() ([]byte, error) {
	if s.data == nil {
		return wire.Null, nil
	}
	return wire.Effect(s, 0, s.how(), wire.Pairs("v", s.V(), "z", s.Z(), "notes", s.Notes))
}

// String formats the median with its 95% interval and the p-value against zero.
func (s MedianShift) String() string {
	if s.inv == nil {
		return show.NoResult
	}
	return show.Effect(s, 0, 0, "sign test, exact")
}

// MarshalJSON writes the median, its 95% interval, the p-value against zero and the
// numbers of differences above and below zero.
func (s MedianShift) MarshalJSON() ([]byte, error) {
	if s.inv == nil {
		return wire.Null, nil
	}
	above, below := s.Signs(0)
	return wire.Effect(s, 0, "sign test, exact", wire.Pairs("above", above, "below", below, "notes", s.Notes))
}

// String formats the probability with its 95% interval, the p-value against one
// half, and the degrees of freedom.
func (s Superiority) String() string {
	if s == (Superiority{}) {
		return show.NoResult
	}
	return show.Effect(s, 0.5, s.SE, "Brunner–Munzel t, "+show.DF(s.DF)+" df")
}

// MarshalJSON writes the probability, its standard error and degrees of freedom, the
// 95% interval and the p-value against one half.
func (s Superiority) MarshalJSON() ([]byte, error) {
	if s == (Superiority{}) {
		return wire.Null, nil
	}
	return wire.Effect(s, 0.5, "Brunner–Munzel", wire.Pairs("se", s.SE, "df", s.DF))
}

// arrangements says how many rearrangements a p-value is a share of.
func arrangements(n float64, random bool) string {
	if random {
		return show.Fixed(n, 0) + " random arrangements"
	}
	if n >= 1e15 {
		return fmt.Sprintf("%.3g arrangements", n)
	}
	return show.Fixed(n, 0) + " arrangements"
}

// String formats the probability with the two-sided p-value of one half.
func (s SuperiorityPerm) String() string {
	if s.Arrangements == 0 {
		return show.NoResult
	}
	return fmt.Sprintf("%s (p %s; studentized permutation, %s)", show.Fixed(s.Value, 3), show.P(s.P()), arrangements(s.Arrangements, s.MonteCarlo))
}

// MarshalJSON writes the probability, the three p-values of one half and how many
// arrangements they come from.
func (s SuperiorityPerm) MarshalJSON() ([]byte, error) {
	if s.Arrangements == 0 {
		return wire.Null, nil
	}
	return wire.Pairs("estimate", s.Value, "null", 0.5, "p", s.P(), "p_greater", s.PGreater(), "p_less", s.PLess(),
		"method", "studentized permutation", "arrangements", s.Arrangements, "monte_carlo", s.MonteCarlo).MarshalJSON()
}

// String formats the p-value with the number of arrangements.
func (t PermutationTest) String() string {
	if t.Arrangements == 0 {
		return show.NoResult
	}
	return "p " + show.P(t.P()) + " (" + arrangements(t.Arrangements, t.MonteCarlo) + ")"
}

// MarshalJSON writes the p-value and how many arrangements it comes from.
func (t PermutationTest) MarshalJSON() ([]byte, error) {
	if t.Arrangements == 0 {
		return wire.Null, nil
	}
	return wire.Pairs("p", t.P(), "method", "permutation").With("arrangements", t.Arrangements, "monte_carlo", t.MonteCarlo).MarshalJSON()
}

// String formats the correlation with its 95% interval.
func (r RankBiserial) String() string {
	switch {
	case r == RankBiserial{}:
		return show.NoResult
	case math.Abs(r.Value) >= 1:
		return show.Fixed(r.Value, 0) + " (no interval: all pairs have one order)"
	}
	ci := r.CI(0.95)
	d := ci.Decimals()
	return fmt.Sprintf("%s (95%% CI %s; Fisher's z)", show.Fixed(r.Value, d), ci.Text(d, ""))
}

// MarshalJSON writes the correlation and its 95% interval.
func (r RankBiserial) MarshalJSON() ([]byte, error) {
	if r == (RankBiserial{}) {
		return wire.Null, nil
	}
	return wire.Join(wire.Pairs("estimate", r.Value), r.CI(0.95), wire.Pairs("method", "Fisher's z"))
}

// line writes a test in one line.
func line(name, statistic string, p float64, method string) string {
	return name + ": " + statistic + ", p " + show.P(p) + " (" + method + ")"
}

// score writes a sum of scores or ranks, which are multiples of a quarter at most
// where ties share them: without zeros at the end.
func score(x float64) string {
	return strings.TrimSuffix(strings.TrimRight(show.Fixed(x, 2), "0"), ".")
}

// String formats the statistic, z and the two-sided p-value.
func (t DispersionTest) String() string {
	if t.name == "" {
		return show.NoResult
	}
	return line(t.name, "statistic "+score(t.Statistic)+", z = "+show.Fixed(t.Z, 2), t.P(), t.Method.String())
}

// MarshalJSON writes the test with its three p-values.
func (t DispersionTest) MarshalJSON() ([]byte, error) {
	if t.name == "" {
		return wire.Null, nil
	}
	return wire.Pairs("test", t.name, "statistic", t.Statistic, "z", t.Z, "p", t.P(), "p_more", t.PMore(), "p_less", t.PLess(),
		"method", t.Method, "notes", t.Notes).MarshalJSON()
}

// String formats J, z and the two-sided p-value.
func (t TrendTest) String() string {
	if t.tails == (rankTails{}) {
		return show.NoResult
	}
	return line("Jonckheere", "J = "+score(t.J)+", z = "+show.Fixed(t.Z, 2), t.P(), t.Method.String())
}

// MarshalJSON writes the test with its three p-values.
func (t TrendTest) MarshalJSON() ([]byte, error) {
	if t.tails == (rankTails{}) {
		return wire.Null, nil
	}
	return wire.Pairs("test", "Jonckheere", "j", t.J, "z", t.Z, "p", t.P(), "p_increasing", t.PIncreasing(), "p_decreasing", t.PDecreasing(),
		"method", t.Method, "notes", t.Notes).MarshalJSON()
}

// String formats z over the strata that count and the two-sided p-value.
func (t StratifiedRankTest) String() string {
	if t.Strata == 0 {
		return show.NoResult
	}
	return line("van Elteren", fmt.Sprintf("z = %s over %d strata", show.Fixed(t.Z, 2), t.Strata), t.P(), "normal")
}

// MarshalJSON writes the test with its three p-values.
func (t StratifiedRankTest) MarshalJSON() ([]byte, error) {
	if t.Strata == 0 {
		return wire.Null, nil
	}
	return wire.Pairs("test", "van Elteren", "z", t.Z, "p", t.P(), "p_greater", t.PGreater(), "p_less", t.PLess(),
		"method", "normal", "strata", t.Strata).MarshalJSON()
}

// String formats H, its degrees of freedom and the chi-squared p-value.
func (t KruskalWallisTest) String() string {
	if t.ranks == nil {
		return show.NoResult
	}
	return line("Kruskal–Wallis", fmt.Sprintf("H(%g) = %s", t.DF, show.Fixed(t.X2, 2)), t.P(), "chi-squared")
}

// MarshalJSON writes H, its degrees of freedom, the chi-squared p-value and the groups'
// mean ranks.
func (t KruskalWallisTest) MarshalJSON() ([]byte, error) {
	if t.ranks == nil {
		return wire.Null, nil
	}
	return wire.Pairs("test", "Kruskal–Wallis", "h", t.X2, "df", t.DF, "p", t.P(), "method", "chi-squared",
		"epsilon_squared", t.EpsilonSquared(), "mean_ranks", t.MeanRanks, "n", t.N).MarshalJSON()
}

// String formats the statistic, its degrees of freedom and the chi-squared p-value.
func (t FriedmanTest) String() string {
	if t.ranks == nil {
		return show.NoResult
	}
	return line("Friedman", fmt.Sprintf("X²(%g) = %s", t.DF, show.Fixed(t.X2, 2)), t.P(), "chi-squared")
}

// MarshalJSON writes the statistic, its degrees of freedom, the chi-squared p-value,
// Kendall's W and the treatments' mean ranks.
func (t FriedmanTest) MarshalJSON() ([]byte, error) {
	if t.ranks == nil {
		return wire.Null, nil
	}
	return wire.Pairs("test", "Friedman", "x2", t.X2, "df", t.DF, "p", t.P(), "method", "chi-squared",
		"w", t.KendallW(), "blocks", t.Blocks, "treatments", t.Treatments, "mean_ranks", t.MeanRanks).MarshalJSON()
}

// String formats F, its degrees of freedom and the p-value.
func (t QuadeTest) String() string {
	if t.blocks == 0 {
		return show.NoResult
	}
	return line("Quade", fmt.Sprintf("F(%g, %g) = %s", t.DF1, t.DF2, show.Fixed(t.F, 2)), t.P(), t.how())
}

func (t QuadeTest) how() string {
	if math.IsInf(t.F, 1) {
		return "all blocks agree"
	}
	return "F"
}

// MarshalJSON writes F, its degrees of freedom and the p-value.
func (t QuadeTest) MarshalJSON() ([]byte, error) {
	if t.blocks == 0 {
		return wire.Null, nil
	}
	return wire.Pairs("test", "Quade", "f", t.F, "df1", t.DF1, "df2", t.DF2, "p", t.P(), "method", t.how(),
		"blocks", t.blocks, "treatments", t.treatments).MarshalJSON()
}

// String formats the difference of the mean ranks and the unadjusted p-value.
func (p PairwiseRank) String() string {
	if p.DF == 0 {
		return show.NoResult
	}
	statistic := "z"
	if !math.IsInf(p.DF, 1) {
		statistic = fmt.Sprintf("t(%g)", p.DF)
	}
	return fmt.Sprintf("groups %d and %d: mean ranks differ by %s, %s = %s, p %s (unadjusted)",
		p.A, p.B, show.Fixed(p.Diff, 2), statistic, show.Fixed(p.Statistic, 2), show.P(p.P()))
}

// MarshalJSON writes the comparison with its unadjusted p-value.
func (p PairwiseRank) MarshalJSON() ([]byte, error) {
	if p.DF == 0 {
		return wire.Null, nil
	}
	return wire.Fields(p).With("p", p.P()).MarshalJSON()
}

func (w WinProbability) how() string {
	s := "Brunner–Munzel on the logit scale, " + string(w.Method)
	if w.Method == BenefitPermutation {
		s = "studentized permutation, " + arrangements(w.Arrangements, w.MonteCarlo)
	}
	if w.Strata > 1 {
		s += fmt.Sprintf("; %d strata", w.Strata)
	}
	return s
}

// String formats the probability with its 95% interval, the p-value against one half
// and the method.
func (w WinProbability) String() string {
	if w.Strata == 0 {
		return show.NoResult
	}
	return show.Effect(w, 0.5, w.SE, w.how())
}

// MarshalJSON writes the probability, its standard error, the 95% interval, the p-value
// against one half, the share of ties and the participants.
func (w WinProbability) MarshalJSON() ([]byte, error) {
	if w.Strata == 0 {
		return wire.Null, nil
	}
	return wire.Effect(w, 0.5, w.how(), wire.Pairs("se", w.SE, "ties", w.Ties, "treated", w.Treated, "control", w.Control, "strata", w.Strata, "dropped", w.Dropped))
}

// String formats the odds with their 95% interval, the p-value against 1 and the method.
func (o WinOdds) String() string {
	if o.Probability.Strata == 0 {
		return show.NoResult
	}
	return show.Effect(o, 1, o.Point()*o.SELog(), o.Probability.how())
}

// MarshalJSON writes the odds, the standard error of their logarithm, the 95% interval
// and the p-value against 1.
func (o WinOdds) MarshalJSON() ([]byte, error) {
	if o.Probability.Strata == 0 {
		return wire.Null, nil
	}
	return wire.Effect(o, 1, o.Probability.how(), wire.Pairs("se_log", o.SELog()))
}
