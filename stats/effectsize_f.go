package stats

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/internal/show"

	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// VarianceExplained holds the effect sizes of an F test of a between-subjects
// effect: all partial when the model has other terms.
type VarianceExplained struct {
	F, DF1, DF2 float64
	// Eta2 = F·df₁/(F·df₁ + df₂) is biased upward; Omega2 and Epsilon2 are
	// nearly unbiased (negative estimates are kept). CohenF = √(η²/(1 − η²)).
	Eta2, Omega2, Epsilon2, CohenF float64
}

// ExplainF turns an F statistic into effect sizes. It refuses a negative or
// non-finite F and degrees of freedom that are not positive (ErrDomain).
// Source: Cohen (1988); Olejnik & Algina (2003), doi 10.1037/1082-989X.8.4.434;
// Kelley (1935) for ε².
// It agrees with R's effectsize::F_to_eta2, F_to_omega2, F_to_epsilon2, F_to_f.
func ExplainF(f, df1, df2 float64) (VarianceExplained, error) {
	if !(f >= 0) || math.IsInf(f, 1) || !(df1 > 0) || !(df2 > 0) {
		return VarianceExplained{}, &SampleError{Func: "ExplainF", Arg: "f, df1, df2", Index: -1, Err: ErrDomain}
	}
	v := VarianceExplained{F: f, DF1: df1, DF2: df2}
	v.Eta2, v.Omega2, v.Epsilon2 = v.shares(f)
	v.CohenF = math.Sqrt(f * df1 / df2)
	return v, nil
}

func (v VarianceExplained) shares(f float64) (eta, omega, epsilon float64) {
	x := f * v.DF1
	return x / (x + v.DF2), (f - 1) * v.DF1 / (x + v.DF2 + 1), (f - 1) * v.DF1 / (x + v.DF2)
}

// Noncentrality returns the interval of the F distribution's noncentrality λ,
// by pivoting; an end that does not exist is 0. Exact for normal errors.
// It agrees with R's MBESS::conf.limits.ncf, which gives NA instead of 0.
func (v VarianceExplained) Noncentrality(level float64) Interval {
	check.Level(level)
	a := (1 - level) / 2
	return Interval{Lo: num.NCFNCP(v.F, v.DF1, v.DF2, 1-a), Hi: num.NCFNCP(v.F, v.DF1, v.DF2, a), Level: level}
}

// Eta2CI returns the interval of the population's share of variance,
// λ/(λ + n) with n = df₁ + df₂ + 1 (Steiger 2004). 90% is customary, because
// its lower end is above 0 exactly when p < 0.05. R's effectsize prints
// λ/(λ + df₂) instead, which is on the scale of the sample's η².
// Source: Steiger (2004), doi 10.1037/1082-989X.9.2.164.
// It agrees with R's MBESS::ci.pvaf.
func (v VarianceExplained) Eta2CI(level float64) Interval {
	ci := v.Noncentrality(level)
	n := v.DF1 + v.DF2 + 1
	return Interval{Lo: ci.Lo / (ci.Lo + n), Hi: ci.Hi / (ci.Hi + n), Level: level}
}

// F2CI returns the interval of Cohen's f² = λ/n.
func (v VarianceExplained) F2CI(level float64) Interval {
	ci := v.Noncentrality(level)
	n := v.DF1 + v.DF2 + 1
	return Interval{Lo: ci.Lo / n, Hi: ci.Hi / n, Level: level}
}

// String formats the shares of variance: "η² 0.233 (90% CI 0.017 to 0.402), ω² 0.171,
// ε² 0.176, f 0.551".
func (v VarianceExplained) String() string {
	if v == (VarianceExplained{}) {
		return show.NoResult
	}
	return fmt.Sprintf("η² %.3f (90%% CI %s), ω² %s, ε² %s, f %.3f", v.Eta2, v.Eta2CI(0.9).Text(3, ""),
		show.Fixed(v.Omega2, 3), show.Fixed(v.Epsilon2, 3), v.CohenF)
}
