package stats

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// Noncentrality returns the confidence interval of the noncentrality λ of the
// F statistic: the values at which neither tail beyond F is below
// (1 − level)/2. A limit that does not exist is 0. It is exact for normal
// errors and fixed groups.
//
// Source: Steiger 2004, doi:10.1037/1082-989X.9.2.164. Agrees with R's
// MBESS::conf.limits.ncf, which has NA for a limit that does not exist.
func (t FTest) Noncentrality(level float64) Interval {
	checkLevel(level)
	a := (1 - level) / 2
	return Interval{Lo: num.NCFNCP(t.F, t.DF1, t.DF2, 1-a), Hi: num.NCFNCP(t.F, t.DF1, t.DF2, a), Level: level}
}

// Noncentrality returns the confidence interval of the noncentrality of the t
// statistic Value/SE, exact for normal errors: the pivot of standardized
// differences. DF = +Inf gives the normal interval. Agrees with R's
// MBESS::conf.limits.nct.
func (e Estimate) Noncentrality(level float64) Interval {
	checkLevel(level)
	a := (1 - level) / 2
	if math.IsInf(e.DF, 1) {
		z := num.NormQuantile(1 - a)
		return Interval{Lo: e.T(0) - z, Hi: e.T(0) + z, Level: level}
	}
	return Interval{Lo: num.NCTNCP(e.T(0), e.DF, 1-a), Hi: num.NCTNCP(e.T(0), e.DF, a), Level: level}
}

// PopulationEta2CI returns the interval of the population's partial η²,
// λ/(λ + DF1 + DF2 + 1), with DF1 + DF2 + 1 the number of values. An interval
// of level 0.90 excludes 0 if and only if p < 0.05, as the F test has one tail.
// Agrees with R's MBESS::ci.pvaf.
func (t FTest) PopulationEta2CI(level float64) Interval {
	return share(t.Noncentrality(level), t.DF1+t.DF2+1)
}

// PartialEta2CI returns the interval on the scale of PartialEta2, λ/(λ + DF2),
// so that limits and estimate may be compared. Agrees with R's
// effectsize::F_to_eta2(alternative = "two.sided").
func (t FTest) PartialEta2CI(level float64) Interval { return share(t.Noncentrality(level), t.DF2) }

// PartialOmega2CI returns the interval that PartialEta2CI has for the F
// statistic whose η²ₚ equals this test's ω²ₚ (approximate). Agrees with R's
// effectsize::F_to_omega2.
func (t FTest) PartialOmega2CI(level float64) Interval {
	return t.withEta2(t.PartialOmega2()).PartialEta2CI(level)
}

// PartialEpsilon2CI is PartialOmega2CI for ε²ₚ.
func (t FTest) PartialEpsilon2CI(level float64) Interval {
	return t.withEta2(t.PartialEpsilon2()).PartialEta2CI(level)
}

// CohenF returns Cohen's f = √(η²ₚ/(1 − η²ₚ)).
func (t FTest) CohenF() float64 { return math.Sqrt(t.F * t.DF1 / t.DF2) }

// CohenFCI returns the interval √(λ/DF2) on the scale of CohenF. Agrees with
// R's effectsize::F_to_f.
func (t FTest) CohenFCI(level float64) Interval {
	i := t.Noncentrality(level)
	i.Lo, i.Hi = math.Sqrt(i.Lo/t.DF2), math.Sqrt(i.Hi/t.DF2)
	return i
}

// withEta2 is the test with F such that PartialEta2 is e, 0 for negative e.
func (t FTest) withEta2(e float64) FTest {
	t.F = math.Max(0, e) / t.DF1 / ((1 - e) / t.DF2)
	return t
}

func share(i Interval, rest float64) Interval {
	i.Lo, i.Hi = i.Lo/(i.Lo+rest), i.Hi/(i.Hi+rest)
	return i
}

// PartialOmega2CI is FTest.PartialOmega2CI with the model's number of rows.
func (t TermTest) PartialOmega2CI(level float64) Interval {
	return t.withEta2(t.PartialOmega2()).PartialEta2CI(level)
}
