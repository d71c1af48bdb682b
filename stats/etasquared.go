package stats

import "math"

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

// PartialOmega2CI returns the interval of PartialOmega2 on the sample's scale:
// that of η² for the F statistic whose η² equals this ω²ₚ (0 where that is
// negative). Agrees with R's effectsize::omega_squared of a fitted model.
func (t TermTest) PartialOmega2CI(level float64) Interval {
	o := math.Max(0, t.PartialOmega2())
	eta, _, _, _ := FTest{F: o / t.DF1 / ((1 - o) / t.DF2), DF1: t.DF1, DF2: t.DF2}.Explained().SampleScaleCI(level)
	return eta
}
