package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
)

// Summary is a sample as a paper prints it: size, mean and standard deviation.
type Summary struct {
	N        int
	Mean, SD float64
}

// Summarize reduces a sample to its summary, the SD with divisor n − 1, in
// compensated sums. It refuses fewer than two values, NaN, Inf and values beyond
// 1e152; values that do not vary have an SD of 0.
// Source: Chan, Golub & LeVeque (1983), doi 10.1080/00031305.1983.10483115, for
// the correction of the two-pass sum. It agrees with R's mean(x) and sd(x).
func Summarize(x []float64) (Summary, error) {
	if err := check.Moments("Summarize", "x", x, 2); err != nil {
		return Summary{}, err
	}
	m, ss := moments.Of(x)
	return Summary{N: len(x), Mean: m, SD: math.Sqrt(ss / float64(len(x)-1))}, nil
}

// Mean estimates the mean of a population from a sample: x̄ with SE = s/√n on
// n − 1 degrees of freedom. Exact if the values are independent and normal,
// approximate otherwise by the central limit theorem.
// It refuses fewer than two values, NaN, Inf, and values that do not vary.
// Source: Student (1908), Biometrika 6:1, doi 10.1093/biomet/6.1.1.
// It agrees with R's t.test(x) and SAS PROC TTEST.
func Mean(x []float64) (Estimate, error) {
	if err := check.Moments("Mean", "x", x, 2); err != nil {
		return Estimate{}, err
	}
	return oneSample("Mean", "x", x)
}

func oneSample(fn, arg string, x []float64) (Estimate, error) {
	m, ss := moments.Of(x)
	n := float64(len(x))
	se := math.Sqrt(ss / (n - 1) / n)
	if moments.Constant(se, m) {
		return Estimate{}, check.NoVariation(fn, arg)
	}
	return Estimate{Value: m, SE: se, DF: n - 1}, nil
}

// MeanSummary is Mean from a published size, mean and SD: the same estimate to
// the digits that were printed. It refuses n below 2, numbers that are not
// finite, a negative SD and an SD of 0 (ErrNoVariation).
// Source: Student (1908), doi 10.1093/biomet/6.1.1.
// It agrees with R's BSDA::tsum.test(mean, sd, n).
func MeanSummary(x Summary) (Estimate, error) {
	if err := check.Summary("MeanSummary", "x", x.N, x.Mean, x.SD, 2); err != nil {
		return Estimate{}, err
	}
	n := float64(x.N)
	if moments.Constant(x.SD/math.Sqrt(n), x.Mean) {
		return Estimate{}, check.NoVariation("MeanSummary", "x")
	}
	return Estimate{Value: x.Mean, SE: x.SD / math.Sqrt(n), DF: n - 1}, nil
}

// Paired estimates the mean of the differences after[i] − before[i] of the
// same participants, in the same order: the paired t-test, on n − 1 degrees of
// freedom. Exact if the differences are independent and normal.
//
// It is a change within people, not a comparison of groups; without a control
// arm it cannot tell treatment from time. It refuses slices of different
// lengths, fewer than two pairs, NaN, Inf, and differences that do not vary.
// Source: Student (1908), doi 10.1093/biomet/6.1.1.
// It agrees with R's t.test(after, before, paired = TRUE).
func Paired(after, before []float64) (Estimate, error) {
	if len(after) != len(before) {
		return Estimate{}, &SampleError{Func: "Paired", Arg: "before", Index: -1, Err: ErrLength,
			Info: fmt.Sprintf("%d after, %d before", len(after), len(before))}
	}
	if err := check.Moments("Paired", "after", after, 2); err != nil {
		return Estimate{}, err
	}
	if err := check.Moments("Paired", "before", before, 2); err != nil {
		return Estimate{}, err
	}
	d := make([]float64, len(after))
	big := 0.0
	for i := range d {
		d[i] = after[i] - before[i]
		big = math.Max(big, math.Abs(after[i]))
	}
	e, err := oneSample("Paired", "after − before", d)
	if err == nil && moments.Constant(e.SE, big) {
		return Estimate{}, check.NoVariation("Paired", "after − before")
	}
	return e, err
}

// Student estimates the difference of two means, treated − control, with the
// variances pooled: SE = s_p·√(1/n₁ + 1/n₂) on n₁ + n₂ − 2 degrees of freedom.
// Exact if both groups are normal with one variance; prefer Welch, which does
// not assume that and loses almost nothing when it holds.
// It refuses an empty group, fewer than three values in all, NaN, Inf, and
// groups that both do not vary.
// Source: Student (1908), doi 10.1093/biomet/6.1.1; Fisher (1925).
// It agrees with R's t.test(treated, control, var.equal = TRUE).
func Student(treated, control []float64) (Estimate, error) {
	return twoSamples("Student", treated, control, 1, studentSummary)
}

// Welch estimates the difference of two means, treated − control, allowing
// each group its own variance: SE = √(s₁²/n₁ + s₂²/n₂), with the degrees of
// freedom of Welch and Satterthwaite. Approximate; its size is close to
// nominal from about five a group.
// It refuses fewer than two values in a group, NaN, Inf, and groups that both
// do not vary.
// Source: Welch (1947), Biometrika 34:28, doi 10.1093/biomet/34.1-2.28.
// It agrees with R's t.test(treated, control).
func Welch(treated, control []float64) (Estimate, error) {
	return twoSamples("Welch", treated, control, 2, welchSummary)
}

// StudentSummary is Student from published numbers. A group of one may have
// any SD; it is not used. It refuses an empty group, fewer than three values in
// all, numbers that are not finite, a negative SD, and SDs that are both 0.
// Source: Student (1908), doi 10.1093/biomet/6.1.1.
// It agrees with R's BSDA::tsum.test(var.equal = TRUE) and SAS PROC TTEST on
// summary statistics (_STAT_), pooled.
func StudentSummary(treated, control Summary) (Estimate, error) {
	return fromSummaries("StudentSummary", treated, control, 1, studentSummary)
}

// WelchSummary is Welch from published numbers. It refuses n below 2, numbers
// that are not finite, a negative SD, and SDs that are both 0.
// Source: Welch (1947), doi 10.1093/biomet/34.1-2.28.
// It agrees with R's BSDA::tsum.test(var.equal = FALSE) and SAS PROC TTEST on
// summary statistics, Satterthwaite. Where the numbers are rounded see
// WelchPrinted; for a standard error or an interval instead of an SD see
// SummaryFromSE and SummaryFromCI.
func WelchSummary(treated, control Summary) (Estimate, error) {
	return fromSummaries("WelchSummary", treated, control, 2, welchSummary)
}

type summaryTest func(fn string, t, c varSummary) (Estimate, error)

// varSummary carries the sum of squares, so that no square root is taken and
// squared again between data and estimate.
// The mean is mean + low.
type varSummary struct{ n, mean, low, ss float64 }

func meanDifference(t, c varSummary) float64 { return (t.mean - c.mean) + (t.low - c.low) }

func twoSamples(fn string, treated, control []float64, min int, test summaryTest) (Estimate, error) {
	if err := check.Moments(fn, "treated", treated, min); err != nil {
		return Estimate{}, err
	}
	if err := check.Moments(fn, "control", control, min); err != nil {
		return Estimate{}, err
	}
	var t, c varSummary
	t.n, c.n = float64(len(treated)), float64(len(control))
	t.mean, t.low, t.ss = moments.Parts(treated)
	c.mean, c.low, c.ss = moments.Parts(control)
	return test(fn, t, c)
}

func fromSummaries(fn string, treated, control Summary, min int, test summaryTest) (Estimate, error) {
	if err := check.Summary(fn, "treated", treated.N, treated.Mean, treated.SD, min); err != nil {
		return Estimate{}, err
	}
	if err := check.Summary(fn, "control", control.N, control.Mean, control.SD, min); err != nil {
		return Estimate{}, err
	}
	conv := func(s Summary) varSummary {
		v := varSummary{n: float64(s.N), mean: s.Mean}
		if s.N > 1 {
			v.ss = float64(s.N-1) * s.SD * s.SD
		}
		return v
	}
	return test(fn, conv(treated), conv(control))
}

func studentSummary(fn string, t, c varSummary) (Estimate, error) {
	df := t.n + c.n - 2
	if df < 1 {
		return Estimate{}, &SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: ErrTooFew,
			Info: "three values are needed in all"}
	}
	se := math.Sqrt((t.ss + c.ss) / df * (1/t.n + 1/c.n))
	if moments.Constant(se, t.mean, c.mean) {
		return Estimate{}, check.NoVariation(fn, "treated, control")
	}
	return Estimate{Value: meanDifference(t, c), SE: se, DF: df}, nil
}

func welchSummary(fn string, t, c varSummary) (Estimate, error) {
	vt, vc := t.ss/(t.n-1)/t.n, c.ss/(c.n-1)/c.n
	v := vt + vc
	se := math.Sqrt(v)
	if moments.Constant(se, t.mean, c.mean) {
		return Estimate{}, check.NoVariation(fn, "treated, control")
	}
	// Shares, not squares of variances: they neither overflow nor vanish.
	a, b := vt/v, vc/v
	df := 1 / (a*a/(t.n-1) + b*b/(c.n-1))
	return Estimate{Value: meanDifference(t, c), SE: se, DF: df}, nil
}

// String formats the summary: "5.52 (SD 1.23), n = 10".
func (s Summary) String() string {
	if s == (Summary{}) {
		return show.NoResult
	}
	d := show.DecimalsOf(s.Mean, s.SD/math.Sqrt(float64(s.N)))
	return fmt.Sprintf("%s (SD %s), n = %d", show.Fixed(s.Mean, d), show.Fixed(s.SD, d), s.N)
}
