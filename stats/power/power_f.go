package power

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// ANOVADesign is a balanced one-way comparison of K groups of N, with Cohen's
// f (the SD of the group means over that within groups). Its power is exact,
// by the noncentral F distribution with λ = f²·K·N.
type ANOVADesign struct {
	K     int
	N, F  float64
	Alpha float64 // 0 means 0.05
}

// Power agrees with R's pwr::pwr.anova.test and power.anova.test.
func (d ANOVADesign) Power() float64 {
	k := float64(d.K)
	return FDesign{DF1: k - 1, DF2: k * (d.N - 1), Lambda: d.F * d.F * k * d.N, Alpha: d.Alpha}.Power()
}

// SolveN returns the participants per group; round up.
func (d ANOVADesign) SolveN(power float64) (float64, error) {
	if err := checkPower("ANOVADesign.SolveN", power, defaultAlpha(d.Alpha), d.F); err != nil {
		return 0, err
	}
	return solveUp("ANOVADesign.SolveN", "N", 1+1e-3, func(n float64) float64 { e := d; e.N = n; return e.Power() }, power)
}

// SolveEffect returns the f detected with the power asked for.
func (d ANOVADesign) SolveEffect(power float64) (float64, error) {
	if err := checkPower("ANOVADesign.SolveEffect", power, defaultAlpha(d.Alpha), 1); err != nil {
		return 0, err
	}
	return solveUp("ANOVADesign.SolveEffect", "F", 1e-9, func(x float64) float64 { e := d; e.F = x; return e.Power() }, power)
}

func defaultAlpha(a float64) float64 {
	if a == 0 {
		return 0.05
	}
	return a
}

// FDesign is any F test with noncentrality Lambda under the alternative.
type FDesign struct{ DF1, DF2, Lambda, Alpha float64 }

// Power returns P(F′ ≥ critical value); NaN without degrees of freedom.
func (d FDesign) Power() float64 {
	if !(d.DF1 > 0) || !(d.DF2 > 0) {
		return math.NaN()
	}
	return num.NCFSF(num.FQuantileUpper(defaultAlpha(d.Alpha), d.DF1, d.DF2), d.DF1, d.DF2, d.Lambda)
}

// SolveErrorDF returns the error degrees of freedom v with which a regression's
// F test of u coefficients has the power asked for: P(F′(u, v; λ) ≥ F(1 − α; u, v)) with
// λ = f²·(u + v + 1), where f² = R²/(1 − R²), or (R² − R₀²)/(1 − R²) beside other
// variables. It assumes normal errors of one variance and fixed values of the
// variables; under these it is exact. Not a whole number: round up.
// Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2nd
// edition, ISBN 0-8058-0283-5, chapter 9 (9.3: λ = f²(u + v + 1)). It agrees with R's
// pwr::pwr.f2.test and, for a design without other variables, SAS PROC POWER MULTREG
// MODEL=FIXED.
func SolveErrorDF(u, f2, alpha, power float64) (float64, error) {
	if err := checkPower("SolveErrorDF", power, defaultAlpha(alpha), f2); err != nil {
		return 0, err
	}
	return solveUp("SolveErrorDF", "v", 1e-3, func(v float64) float64 {
		return FDesign{DF1: u, DF2: v, Lambda: f2 * (u + v + 1), Alpha: alpha}.Power()
	}, power)
}

// CorrelationDesign is a test of no correlation in N pairs when the true one
// is R: Fisher's z with its bias term against the exact critical correlation.
// Approximate. It agrees with R's pwr::pwr.r.test.
type CorrelationDesign struct{ N, R, Alpha float64 }

// Power returns the two-sided power; NaN for N ≤ 3.
func (d CorrelationDesign) Power() float64 {
	if !(d.N > 3) {
		return math.NaN()
	}
	t := num.TQuantileUpper(defaultAlpha(d.Alpha)/2, d.N-2)
	rc := math.Sqrt(t * t / (t*t + d.N - 2))
	r := math.Abs(d.R)
	z, zc, s := math.Atanh(r)+r/(2*(d.N-1)), math.Atanh(rc), math.Sqrt(d.N-3)
	return num.NormSF((zc-z)*s) + num.NormSF((zc+z)*s)
}

// SolveN returns the pairs needed; round up.
func (d CorrelationDesign) SolveN(power float64) (float64, error) {
	if err := checkPower("CorrelationDesign.SolveN", power, defaultAlpha(d.Alpha), d.R); err != nil {
		return 0, err
	}
	// Below four pairs the approximation has left its range.
	return solveUp("CorrelationDesign.SolveN", "N", 4, func(n float64) float64 { e := d; e.N = n; return e.Power() }, power)
}

// ChiSquareDesign is a χ² test with Cohen's effect size w among N observations:
// λ = N·w². Asymptotic. It agrees with R's pwr::pwr.chisq.test.
type ChiSquareDesign struct{ N, W, DF, Alpha float64 }

// Power returns P(χ′² ≥ critical value).
func (d ChiSquareDesign) Power() float64 {
	return num.NCChiSqSF(num.ChiSqQuantileUpper(defaultAlpha(d.Alpha), d.DF), d.DF, d.N*d.W*d.W)
}

// SolveN returns the observations needed; round up.
func (d ChiSquareDesign) SolveN(power float64) (float64, error) {
	if err := checkPower("ChiSquareDesign.SolveN", power, defaultAlpha(d.Alpha), d.W); err != nil {
		return 0, err
	}
	return solveUp("ChiSquareDesign.SolveN", "N", 1e-6, func(n float64) float64 { e := d; e.N = n; return e.Power() }, power)
}
