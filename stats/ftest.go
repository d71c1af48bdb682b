package stats

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/show"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// FTest is an F statistic with its degrees of freedom, which need not be
// whole.
type FTest struct{ F, DF1, DF2 float64 }

// P returns P(F ≥ the observed) under the null hypothesis.
func (t FTest) P() float64 { return num.FSF(t.F, t.DF1, t.DF2) }

// PartialEta2 returns η²ₚ = F·DF1/(F·DF1 + DF2), the share of variation not
// explained by other terms that this one explains.
func (t FTest) PartialEta2() float64 {
	if math.IsInf(t.F, 1) {
		return 1
	}
	return t.F * t.DF1 / (t.F*t.DF1 + t.DF2)
}

// PartialOmega2 returns ω²ₚ = (F − 1)·DF1/(F·DF1 + DF2 + 1), less biased than
// PartialEta2, taking DF1 + DF2 + 1 as the number of values. It is negative
// where F < 1; some report 0 then, which brings the bias back (Okada 2017,
// doi:10.3758/s13428-016-0760-y).
func (t FTest) PartialOmega2() float64 {
	return (t.F - 1) * t.DF1 / (t.F*t.DF1 + t.DF2 + 1)
}

// PartialEpsilon2 returns ε²ₚ = (F − 1)·DF1/(F·DF1 + DF2), negative where
// F < 1 as PartialOmega2 is.
func (t FTest) PartialEpsilon2() float64 {
	return (t.F - 1) * t.DF1 / (t.F*t.DF1 + t.DF2)
}

// String formats the test: "F(2, 68) = 7.87, p = 0.0008".
func (t FTest) String() string {
	switch {
	case t == FTest{}:
		return show.NoResult
	case math.IsNaN(t.F):
		return show.Fixed(t.F, 0)
	}
	return fmt.Sprintf("F(%.4g, %.4g) = %.2f, p %s", t.DF1, t.DF2, t.F, show.P(t.P()))
}

// ChiSquareTest is a statistic that is approximately chi-squared with DF
// degrees of freedom under the null hypothesis.
type ChiSquareTest struct{ X2, DF float64 }

// P returns P(X² ≥ the observed).
func (t ChiSquareTest) P() float64 { return num.ChiSqSF(t.X2, t.DF) }

// String formats the test: "X²(2) = 4.61, p = 0.10".
func (t ChiSquareTest) String() string {
	switch {
	case t == ChiSquareTest{}:
		return show.NoResult
	case math.IsNaN(t.X2):
		return show.Fixed(t.X2, 0)
	}
	return fmt.Sprintf("X²(%.4g) = %.2f, p %s", t.DF, t.X2, show.P(t.P()))
}

// Explained returns the test's effect sizes with their intervals: η²ₚ, ω²ₚ,
// ε²ₚ and Cohen's f. It panics for a test whose F is not finite, which none of
// this package is.
func (t FTest) Explained() VarianceExplained {
	v, err := ExplainF(t.F, t.DF1, t.DF2)
	if err != nil {
		panic(err)
	}
	return v
}
