package power

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// ANCOVADesign is a trial of two arms whose outcome is compared by analysis of
// covariance with one baseline value, or with more covariates. Errors are normal
// with one variance, and so is the baseline, which differs between the arms by
// chance. Given the baseline, the test is a t-test on N(1 + Ratio) − 2 −
// Covariates degrees of freedom with noncentrality
//
//	δ / (σ√(1 − ρ²)·√(1/n₁ + 1/n₀)) · √B
//
// where B is what the baseline's chance imbalance leaves, beta distributed with parameters
// (n₁ + n₀ − 1 − q)/2 and q/2 for q covariates; Power is its average over B, exact. The usual
// approximation has B = 1 and promises too much in small trials.
// Source: Shieh (2020), Psychometrika 85:101, doi 10.1007/s11336-019-09692-3; the
// approximation: Borm, Fransen & Lemmens (2007), doi 10.1016/j.jclinepi.2007.02.006.
// With Correlation 0 and many participants it agrees with R's power.t.test(strict = TRUE).
type ANCOVADesign struct {
	// N participants analyzed in the treated arm, not necessarily whole; Ratio control
	// participants per treated one, 0 means 1.
	N, Ratio float64
	// Effect δ and SD within an arm, in the outcome's unit; Correlation of the covariates
	// together with the outcome within an arm (of one baseline, its correlation).
	Effect, SD, Correlation float64
	// Covariates is their number; 0 means 1, the baseline.
	Covariates int
	Alpha      float64 // two-sided; 0 means 0.05
}

func (d ANCOVADesign) check(fn string) error {
	if _, err := alphaOf(fn, d.Alpha); err != nil {
		return err
	}
	if _, err := ratioOf(fn, d.Ratio); err != nil {
		return err
	}
	switch {
	case !(d.SD > 0) || math.IsInf(d.SD, 0):
		return domain(fn, "SD", d.SD)
	case !(math.Abs(d.Correlation) < 1):
		return domain(fn, "Correlation", d.Correlation)
	case d.Covariates < 0:
		return domain(fn, "Covariates", d.Covariates)
	case math.IsNaN(d.Effect) || math.IsInf(d.Effect, 0):
		return domain(fn, "Effect", d.Effect)
	}
	return nil
}

func (d ANCOVADesign) covariates() float64 { return float64(max(1, d.Covariates)) }

// DF are the degrees of freedom of the test.
func (d ANCOVADesign) DF() float64 {
	r := must(ratioOf("ANCOVADesign.DF", d.Ratio))
	return d.N*(1+r) - 2 - d.covariates()
}

// Noncentrality is that without any imbalance, the effect over the standard error.
func (d ANCOVADesign) noncentrality() float64 {
	r := must(ratioOf("", d.Ratio))
	return math.Abs(d.Effect) / (d.SD * math.Sqrt((1-d.Correlation*d.Correlation)*(1/d.N+1/(r*d.N))))
}

// SE is the expected standard error of the adjusted difference: its square is the mean
// of the squared one over the baseline's imbalance.
func (d ANCOVADesign) SE() float64 {
	r, df := must(ratioOf("", d.Ratio)), d.DF()
	if d.check("ANCOVADesign.SE") != nil || !(df > 1) {
		return math.NaN()
	}
	// E(1/B) of Beta(a, b) is (a + b − 1)/(a − 1), a = (df + 1)/2, b = q/2.
	a, b := (df+1)/2, d.covariates()/2
	return d.SD * math.Sqrt((1-d.Correlation*d.Correlation)*(1/d.N+1/(r*d.N))*(a+b-1)/(a-1))
}

// Power returns the probability of rejection, in either direction; NaN for a design
// that is refused or has no degrees of freedom.
func (d ANCOVADesign) Power() float64 {
	df := d.DF()
	if d.check("ANCOVADesign.Power") != nil || !(df > 0) || !(d.N > 0) {
		return math.NaN()
	}
	t := num.TQuantileUpper(defaultAlpha(d.Alpha)/2, df)
	ncp := d.noncentrality()
	given := func(b float64) float64 {
		x := ncp * math.Sqrt(b)
		return num.NCTSF(t, df, x) + num.NCTCDF(-t, df, x)
	}
	if df > 1e5 { // the imbalance is below what matters, and its density too narrow
		return given(1)
	}
	return overImbalance(given, (df+1)/2, d.covariates()/2)
}

// overImbalance averages f over B ~ Beta(a, b). With B = 1 − u² the density of one
// covariate, infinite at 1, is smooth in u.
func overImbalance(f func(b float64) float64, a, b float64) float64 {
	logBeta := num.LogGamma(a) + num.LogGamma(b) - num.LogGamma(a+b)
	g := func(u float64) float64 {
		if u <= 0 && b > 0.5 || u >= 1 {
			return 0
		}
		w := math.Exp((a-1)*math.Log1p(-u*u)-logBeta) * 2
		if b != 0.5 {
			w *= math.Pow(u, 2*b-1)
		}
		return w * f(1-u*u)
	}
	// All but 1e-17 of B lies above its lower quantile.
	top := math.Sqrt(math.Min(1, 1-num.BetaQuantile(1e-17, a, b)))
	return num.Clip01(num.Integrate(g, 0, top, 1e-11))
}

// SolveN returns the N of the treated arm; round up.
func (d ANCOVADesign) SolveN(power float64) (float64, error) {
	const fn = "ANCOVADesign.SolveN"
	if err := d.check(fn); err != nil {
		return 0, err
	}
	if err := checkPower(fn, power, defaultAlpha(d.Alpha), d.Effect); err != nil {
		return 0, err
	}
	r, _ := ratioOf(fn, d.Ratio)
	lo := (2+d.covariates())/(1+r) + 1e-3
	return solveUp(fn, "N", lo, func(n float64) float64 { e := d; e.N = n; return e.Power() }, power)
}

// SolveEffect returns the difference that the design detects with the power asked for.
func (d ANCOVADesign) SolveEffect(power float64) (float64, error) {
	const fn = "ANCOVADesign.SolveEffect"
	d.Effect = 0
	if err := d.check(fn); err != nil {
		return 0, err
	}
	if err := checkPower(fn, power, defaultAlpha(d.Alpha), 1); err != nil {
		return 0, err
	}
	if !(d.DF() > 0) {
		return 0, domain(fn, "N", d.N)
	}
	x, err := solveUp(fn, "Effect", 1e-12, func(x float64) float64 { e := d; e.Effect = x * d.SD; return e.Power() }, power)
	return x * d.SD, err
}

// SolveSD returns the largest SD with which the design has the power asked for.
func (d ANCOVADesign) SolveSD(power float64) (float64, error) {
	if d.Effect == 0 {
		return 0, domain("ANCOVADesign.SolveSD", "Effect", d.Effect)
	}
	d.SD = 1
	x, err := d.SolveEffect(power)
	return math.Abs(d.Effect) / x, err
}
