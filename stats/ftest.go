package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// FTest is an F statistic with its degrees of freedom, which need not be
// whole.
type FTest struct{ F, DF1, DF2 float64 }

// P returns P(F ≥ the observed) under the null hypothesis.
func (t FTest) P() float64 { return fUpper(t.F, t.DF1, t.DF2) }

// PartialEta2 returns η²ₚ = F·DF1/(F·DF1 + DF2), the share of variation not
// explained by other terms that this one explains.
func (t FTest) PartialEta2() float64 {
	if math.IsInf(t.F, 1) {
		return 1
	}
	return t.F * t.DF1 / (t.F*t.DF1 + t.DF2)
}

// PartialOmega2 returns ω²ₚ = (F − 1)·DF1/(F·DF1 + DF2 + 1), less biased than
// PartialEta2, taking DF1 + DF2 + 1 as the number of values; negative values
// are 0.
func (t FTest) PartialOmega2() float64 {
	return math.Max(0, (t.F-1)*t.DF1/(t.F*t.DF1+t.DF2+1))
}

// PartialEpsilon2 returns ε²ₚ = (F − 1)·DF1/(F·DF1 + DF2); negative values
// are 0.
func (t FTest) PartialEpsilon2() float64 {
	return math.Max(0, (t.F-1)*t.DF1/(t.F*t.DF1+t.DF2))
}

// String formats the test: "F(2, 68) = 7.87, p = 0.0008".
func (t FTest) String() string {
	return fmt.Sprintf("F(%.4g, %.4g) = %.2f, p %s", t.DF1, t.DF2, t.F, formatP(t.P()))
}

// fUpper is the upper tail of the F distribution, written for the tail.
func fUpper(f, d1, d2 float64) float64 {
	switch {
	case f <= 0:
		return 1
	case math.IsInf(f, 1):
		return 0
	}
	return mathext.RegIncBeta(d2/2, d1/2, d2/(d2+d1*f))
}

// ChiSquareTest is a statistic that is approximately chi-squared with DF
// degrees of freedom under the null hypothesis.
type ChiSquareTest struct{ X2, DF float64 }

// P returns P(X² ≥ the observed).
func (t ChiSquareTest) P() float64 { return chi2Upper(t.X2, t.DF) }

// String formats the test: "X²(2) = 4.61, p = 0.10".
func (t ChiSquareTest) String() string {
	return fmt.Sprintf("X²(%.4g) = %.2f, p %s", t.DF, t.X2, formatP(t.P()))
}

func chi2Upper(x, df float64) float64 {
	switch {
	case x <= 0:
		return 1
	case math.IsInf(x, 1):
		return 0
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}
