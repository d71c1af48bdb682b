package stats

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// Effect is a finished result that can be questioned: whatever has a value and
// an interval stands behind it. Level, null value and tail are questions to
// the result, not options of the function that made it. An effect's p-value
// and interval come from one test, so they cannot contradict each other.
type Effect interface {
	// Point is the estimate.
	Point() float64
	// CI is the two-sided confidence interval at the level, such as 0.95.
	CI(level float64) Interval
	// P is the two-sided p-value of the hypothesis that the truth is null.
	P(null float64) float64
	// PGreater is the one-sided p-value against "the truth is at most null":
	// small values say that the effect exceeds null.
	PGreater(null float64) float64
	// PLess is the one-sided p-value against "the truth is at least null".
	PLess(null float64) float64
}

// Test is the result of a test whose null hypothesis leaves nothing to choose. P is
// its p-value, two-sided where the statistic has two sides.
type Test interface{ P() float64 }

// Estimate is a value with a standard error, whose pivot
// (Value − truth)/SE follows Student's t distribution with DF degrees of
// freedom; DF = +Inf means the normal distribution. DF need not be whole.
//
// An Estimate with SE = 0 is taken at its word: its interval is the point
// itself, and its p-values are 0, 1 or (one-sided, at the null) 1.
// The functions of this package never return one; they return ErrNoVariation.
type Estimate struct{ Value, SE, DF float64 }

var _ Effect = Estimate{}

// Point returns the estimate's value.
func (e Estimate) Point() float64 { return e.Value }

// CI returns Value ± t·SE, where t is the (1+level)/2 quantile of Student's t
// distribution with DF degrees of freedom. It panics unless 0 < level < 1.
func (e Estimate) CI(level float64) Interval {
	check.Level(level)
	if e.SE == 0 {
		return Interval{Lo: e.Value, Hi: e.Value, Level: level}
	}
	h := num.TQuantileUpper((1-level)/2, e.DF) * e.SE
	return Interval{Lo: e.Value - h, Hi: e.Value + h, Level: level}
}

// P returns the two-sided p-value 2·P(T ≥ |Value − null|/SE).
func (e Estimate) P(null float64) float64 {
	if e.SE == 0 {
		if e.Value == null {
			return 1
		}
		return 0
	}
	return 2 * num.TSF(math.Abs(e.Value-null)/e.SE, e.DF)
}

// PGreater returns P(T ≥ (Value − null)/SE): the p-value for superiority
// (null = 0) or non-inferiority (null = −margin) where larger is better.
func (e Estimate) PGreater(null float64) float64 {
	if e.SE == 0 {
		if e.Value > null {
			return 0
		}
		return 1
	}
	return num.TSF((e.Value-null)/e.SE, e.DF)
}

// PLess returns P(T ≤ (Value − null)/SE).
func (e Estimate) PLess(null float64) float64 {
	return Estimate{Value: -e.Value, SE: e.SE, DF: e.DF}.PGreater(-null)
}

// T returns the test statistic (Value − null)/SE.
func (e Estimate) T(null float64) float64 { return (e.Value - null) / e.SE }

// Neg returns the estimate with its sign turned, as for control − treated.
func (e Estimate) Neg() Estimate { return Estimate{Value: -e.Value, SE: e.SE, DF: e.DF} }

// Scale returns the estimate in other units: value and standard error times k.
func (e Estimate) Scale(k float64) Estimate {
	return Estimate{Value: k * e.Value, SE: math.Abs(k) * e.SE, DF: e.DF}
}

// String formats the estimate with its 95% interval, the p-value against no effect
// and the distribution they come from: "-3.67 (95% CI -5.72 to -1.62; p = 0.0100;
// t, 7.58 df)". It has two significant digits of the standard error.
func (e Estimate) String() string {
	switch {
	case e == Estimate{}:
		return show.NoResult
	case math.IsInf(e.DF, 1):
		return show.Effect(e, 0, e.SE, "normal")
	}
	return show.Effect(e, 0, e.SE, "t, "+show.DF(e.DF)+" df")
}

// Interval is the set of null values that a test at Level does not reject.
// Ends belong to the set unless LoOpen or HiOpen says otherwise, as happens
// with rank tests of tied data. An end is infinite where the data set no
// bound; Why then holds the code of the reason (see the Why constants).
type Interval struct {
	Lo, Hi         float64
	Level          float64
	LoOpen, HiOpen bool
	Why            string

	gaps *[]Gap // a pointer, so that intervals can be compared
}

// Reasons for an interval that is unbounded, empty, missing or more than the
// accepted set.
const (
	// WhyLevel: no outcome of the exact test has a p-value below 1 − level.
	WhyLevel = "level-unattainable"
	// WhyEmpty: every null value has a p-value below 1 − level, as discrete tests
	// of few values can have at low levels; the ends, both open, are the estimate.
	WhyEmpty = "empty"
	// WhyZero: a zero count leaves a ratio without bound on that side.
	WhyZero = "zero-count"
	// WhyUnbounded: what the effect is divided by (a mean, a difference of uptake) is
	// not told from 0 at this level, so that no value on that side is rejected.
	WhyUnbounded = "divisor-may-be-zero"
	// WhyGaps: the test rejects some null values between the ends: see Gaps.
	WhyGaps = "gaps"
	// WhyOneSided: the interval bounds the effect from one side by design.
	WhyOneSided = "one-sided"
	// WhySmall: the sample has too few observations for a standard error, and the
	// interval spans all possible values.
	WhySmall = "sample-too-small"
	// WhyNoError: the standard error vanishes at this estimate, as at the end of a
	// coefficient's range, which is no certainty but a formula that has nothing to
	// say; the interval spans all possible values, and every null has p = 1.
	WhyNoError = "no-standard-error"
	// WhyFailed: a maximization on the way did not converge; the ends are NaN.
	WhyFailed = "not-converged"
)

// Gap is an open interval of null values that a test rejects between two that
// it does not.
type Gap struct{ Lo, Hi float64 }

// Gaps lists the null values between the ends that the test rejects, ascending.
func (i Interval) Gaps() []Gap {
	if i.gaps == nil {
		return nil
	}
	return *i.gaps
}

// WithGaps is the interval without the null values of the gaps, which the test
// rejects between the ends.
func (i Interval) WithGaps(g []Gap) Interval {
	i.gaps = nil
	if len(g) > 0 {
		i.gaps, i.Why = &g, WhyGaps
	}
	return i
}

// Excludes reports whether null is rejected: outside the interval, minding open
// ends, or in one of its gaps.
func (i Interval) Excludes(null float64) bool {
	for _, g := range i.Gaps() {
		if g.Lo < null && null < g.Hi {
			return true
		}
	}
	return null < i.Lo || null > i.Hi || (i.LoOpen && null == i.Lo) || (i.HiOpen && null == i.Hi)
}

// Contains reports whether null is inside the interval.
func (i Interval) Contains(null float64) bool { return !i.Excludes(null) }

// Width returns Hi − Lo.
func (i Interval) Width() float64 { return i.Hi - i.Lo }

// Neg returns the interval of the quantity with its sign turned.
func (i Interval) Neg() Interval {
	i.Lo, i.Hi = -i.Hi, -i.Lo
	i.LoOpen, i.HiOpen = i.HiOpen, i.LoOpen
	var gaps []Gap
	for _, g := range i.Gaps() {
		gaps = append([]Gap{{-g.Hi, -g.Lo}}, gaps...)
	}
	return i.WithGaps(gaps)
}

// Decimals is how many decimals suit the interval's ends: two significant digits of
// the standard error that a normal interval of this width has. It is −1 for one
// without width or bound, and for a zero value.
func (i Interval) Decimals() int {
	if !(i.Level > 0 && i.Level < 1) {
		return -1
	}
	return show.Decimals(i.Width() / (2 * num.NormQuantileUpper((1-i.Level)/2)))
}

// String formats the interval: "-5.72 to -1.62", with "(" or ")" at open ends,
// "empty" where no value is accepted, "none" where it was not found or no standard
// error exists and "no result" for a zero value.
func (i Interval) String() string {
	if i == (Interval{}) {
		return show.NoResult
	}
	d := i.Decimals()
	if d < 0 && math.IsInf(i.Lo, 0) {
		d = show.DecimalsOf(i.Hi)
	} else if d < 0 {
		d = show.DecimalsOf(i.Lo)
	}
	s := i.Text(d, "")
	if i.LoOpen && i.Why != WhyEmpty {
		s = "(" + s
	}
	if i.HiOpen && i.Why != WhyEmpty {
		s += ")"
	}
	return s
}

// Text formats the interval with so many decimals, unit behind both ends and
// without a mark for open ones.
func (i Interval) Text(decimals int, unit string) string {
	switch i.Why {
	case WhyEmpty:
		return "empty"
	case WhyFailed, WhyNoError:
		return "none"
	}
	return show.Fixed(i.Lo, decimals) + unit + " to " + show.Fixed(i.Hi, decimals) + unit
}

// Density returns the density at x of the estimate's confidence distribution:
// Student's t with DF degrees of freedom about Value with scale SE. Its central
// area of 95% is the 95% interval. With a flat prior it is the posterior
// density. Where SE = 0 it is +Inf at Value and 0 elsewhere.
// Source: Xie & Singh (2013), doi 10.1111/insr.12000.
func (e Estimate) Density(x float64) float64 {
	if e.SE == 0 {
		if x == e.Value {
			return math.Inf(1)
		}
		return 0
	}
	return num.TPDF((x-e.Value)/e.SE, e.DF) / e.SE
}

// Estimable reports whether the data determine the estimate. A model whose
// design does not, for a cell without data, gives NaN in its place.
func (e Estimate) Estimable() bool { return !math.IsNaN(e.Value) }
