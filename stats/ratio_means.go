package stats

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// MeanRatio is a ratio of two means, treated over control, by Sasabuchi's test of it
// and Fieller's interval, which inverts that test. It implements Effect.
type MeanRatio struct {
	Treated, Control Summary
	df, s2           float64
}

var _ Effect = MeanRatio{}

// RatioOfMeans compares two means by their ratio, treated over control, of values that
// are not logarithms: non-inferiority and equivalence by a share of the control mean
// are PGreater and PLess of the result. A ratio θ is tested by
//
//	T(θ) = (ȳ₁ − θȳ₀)/√(s²(1/n₁ + θ²/n₀)),  n₁ + n₀ − 2 df,
//
// with s² the pooled variance: exact for normal values of one variance. The ratios that
// are not rejected make an interval where the control mean differs from 0 at its level,
// and otherwise reach infinity: all numbers (Why is WhyUnbounded) or all but a piece in
// the middle (WhyGaps). It refuses what Student refuses, and a control mean of 0
// (ErrDomain).
// Source: Fieller (1954), doi 10.1111/j.2517-6161.1954.tb00159.x; Sasabuchi (1988).
// It agrees with R's mratios::ttestratio(var.equal = TRUE).
func RatioOfMeans(treated, control []float64) (MeanRatio, error) {
	const fn = "RatioOfMeans"
	if _, err := Student(treated, control); err != nil {
		return MeanRatio{}, check.Renamed(fn, err)
	}
	t, err := Summarize(treated)
	if err != nil {
		return MeanRatio{}, check.Renamed(fn, err)
	}
	c, err := Summarize(control)
	if err != nil {
		return MeanRatio{}, check.Renamed(fn, err)
	}
	if c.Mean == 0 {
		return MeanRatio{}, &SampleError{Func: fn, Arg: "control", Index: -1, Err: ErrDomain, Info: "its mean is 0"}
	}
	r := MeanRatio{Treated: t, Control: c, df: float64(t.N + c.N - 2)}
	ss := func(s Summary) float64 {
		if s.N < 2 {
			return 0
		}
		return float64(s.N-1) * s.SD * s.SD
	}
	r.s2 = (ss(t) + ss(c)) / r.df
	return r, nil
}

// Point returns the ratio of the observed means.
func (r MeanRatio) Point() float64 { return r.Treated.Mean / r.Control.Mean }

// DF returns the degrees of freedom.
func (r MeanRatio) DF() float64 { return r.df }

// T returns the test statistic at the ratio null, positive where the observed ratio is
// the larger.
func (r MeanRatio) T(null float64) float64 {
	n, m := float64(r.Treated.N), float64(r.Control.N)
	if math.IsInf(null, 0) { // what the statistic tends to
		return -math.Copysign(1, null) * math.Abs(r.Control.Mean) / math.Sqrt(r.s2/m)
	}
	d := (r.Treated.Mean - null*r.Control.Mean) / math.Hypot(math.Sqrt(r.s2/n), null*math.Sqrt(r.s2/m))
	return math.Copysign(1, r.Control.Mean) * d
}

// P returns the two-sided p-value of a ratio of null.
func (r MeanRatio) P(null float64) float64 { return 2 * num.TSF(math.Abs(r.T(null)), r.df) }

// PGreater is the one-sided p-value against a ratio of at most null.
func (r MeanRatio) PGreater(null float64) float64 { return num.TSF(r.T(null), r.df) }

// PLess is the one-sided p-value against a ratio of at least null.
func (r MeanRatio) PLess(null float64) float64 { return num.TSF(-r.T(null), r.df) }

// CI returns the ratios that the test does not reject.
func (r MeanRatio) CI(level float64) Interval {
	check.Level(level)
	q := num.TQuantileUpper((1-level)/2, r.df)
	y, x := r.Treated.Mean, r.Control.Mean
	v, w := q*math.Sqrt(r.s2/float64(r.Treated.N)), q*math.Sqrt(r.s2/float64(r.Control.N))
	return RatioInterval(y, x, v, w, 0, level)
}

// RatioInterval is the set of all θ that a test of θ = y/x accepts whose statistic is
// y − θx with a variance that is quadratic in θ (Fieller's): those with
//
//	(y − θx)² ≤ sy² − 2θ·syx·sy·sx + θ²sx²
//
// where sy and sx are the standard errors of y and x times the quantile, and syx is
// their correlation. It is an interval, with Why = WhyUnbounded where it has no end on
// one side or on both, and with one gap (WhyGaps) where it is all numbers but a piece
// in the middle.
func RatioInterval(y, x, sy, sx, syx, level float64) Interval {
	ux, uy := math.Max(math.Abs(x), sx), math.Max(math.Abs(y), sy) // units in which no square overflows
	if uy == 0 {
		return Interval{Level: level}
	}
	unit := uy / ux
	x, sx, y, sy = x/ux, sx/ux, y/uy, sy/uy
	a, b, c := (x-sx)*(x+sx), x*y-syx*sy*sx, (y-sy)*(y+sy)
	lo, hi, gap, some := num.QuadraticSet(a, b, c)
	lo, hi = lo*unit, hi*unit
	ci := Interval{Lo: lo, Hi: hi, Level: level}
	switch {
	case !some: // y/x itself is always accepted: rounding at a set of one point
		ci.Lo, ci.Hi = unit*y/x, unit*y/x
	case gap:
		ci = Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level}.WithGaps([]Gap{{Lo: lo, Hi: hi}})
	case math.IsInf(lo, 0) || math.IsInf(hi, 0):
		ci.Why = WhyUnbounded
	}
	return ci
}

const meanRatioMethod = "Fieller"

// String formats the ratio with its 95% interval and the p-value against 1.
func (r MeanRatio) String() string {
	if r == (MeanRatio{}) {
		return show.NoResult
	}
	ci := r.CI(0.95)
	d := max(0, ci.Decimals())
	if math.IsInf(ci.Width(), 1) {
		d = show.DecimalsOf(r.Point())
	}
	return fmt.Sprintf("%s (95%% CI %s; p %s; %s, %s df)", show.Fixed(r.Point(), d), ci.Text(d, ""), show.P(r.P(1)), meanRatioMethod, show.DF(r.df))
}

// MarshalJSON writes the ratio with its 95% interval, the p-value against 1 and both
// samples.
func (r MeanRatio) MarshalJSON() ([]byte, error) {
	if r == (MeanRatio{}) {
		return wire.Null, nil
	}
	return wire.Effect(r, 1, meanRatioMethod, wire.Pairs("df", r.df, "treated", r.Treated, "control", r.Control))
}
