package table

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/twobytwo"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// A table2 is two binomial samples with the score tests of their contrasts.
type table2 struct{ twobytwo.Table }

func newTable2(t, c Count) table2 {
	return table2{twobytwo.Table{X1: float64(t.Events), N1: float64(t.N), X2: float64(c.Events), N2: float64(c.N)}}
}

// score is the standardized distance of the data from theta, decreasing in
// theta.
func (t table2) score(k twobytwo.Contrast, theta float64, o ScoreOptions) float64 {
	p1, q1, p2, q2 := t.Restricted(k, theta)
	v1, v2 := p1*q1/t.N1, p2*q2/t.N2
	var diff, v float64
	switch k {
	case twobytwo.RiskDiff:
		diff, v = t.X1/t.N1-t.X2/t.N2-theta, v1+v2
	case twobytwo.RiskRatio:
		diff, v = t.X1/t.N1-theta*t.X2/t.N2, v1+theta*theta*v2
	case twobytwo.OddsRatio:
		// The score is diff·(1/w1 + 1/w2), its variance 1/w1 + 1/w2.
		w1, w2 := t.N1*p1*q1, t.N2*p2*q2
		if t.X1 < t.N1/2 {
			diff = t.X1 - t.N1*p1
		} else {
			diff = t.N1*q1 - (t.N1 - t.X1)
		}
		v = 1 / (1/w1 + 1/w2)
		if o.OddsRatioBias {
			diff -= (p1 - p2) / (w1 + w2) * v
		}
	}
	if !o.NoBiasCorrection {
		n := t.N1 + t.N2
		v *= n / (n - 1)
	}
	if math.Abs(diff) < 1e-15 {
		return 0
	}
	return diff / math.Sqrt(math.Max(0, v))
}

// unbounded reports whether the observed ratio, 0 or infinity, has no bound on
// that side.
func (t table2) unbounded(k twobytwo.Contrast) (zero, infinite bool) {
	return t.X1 == 0 || (k == twobytwo.OddsRatio && t.X2 == t.N2), t.X2 == 0 || (k == twobytwo.OddsRatio && t.X1 == t.N1)
}

// scoreLimits inverts the score test at normal deviate z.
func (t table2) scoreLimits(k twobytwo.Contrast, z float64, o ScoreOptions) (lo, hi float64) {
	switch k {
	case twobytwo.RiskDiff:
		d := t.X1/t.N1 - t.X2/t.N2
		lo = num.Bisect(-1, d, func(th float64) bool { return th <= -1 || t.score(k, th, o) > z })
		hi = num.Bisect(d, 1, func(th float64) bool { return th <= d || t.score(k, th, o) > -z })
		return lo, hi
	}
	// Ratios are searched on the log scale.
	at := func(l float64) float64 { return t.score(k, math.Exp(l), o) }
	lo, hi = 0, math.Inf(1)
	const far = 100
	zero, infinite := t.unbounded(k)
	if !zero && at(-far) > z {
		lo = math.Exp(num.Bisect(-far, far, func(l float64) bool { return at(l) > z }))
	}
	if !infinite && at(far) < -z {
		hi = math.Exp(num.Bisect(-far, far, func(l float64) bool { return at(l) > -z }))
	}
	return lo, hi
}

// ScoreTest compares two proportions by the score test of Miettinen &
// Nurminen: the difference, ratio or odds ratio of treated to control, with
// p-values and an interval from one test. It implements Effect; null values
// are on the contrast's own scale (0 for the difference, 1 for the ratios).
type ScoreTest struct {
	Treated, Control Count
	kind             twobytwo.Contrast
	options          ScoreOptions
}

var _ stats.Effect = ScoreTest{}

// ScoreOptions chooses the score test's variance.
type ScoreOptions struct {
	// NoBiasCorrection leaves out the factor N/(N − 1): the tests of
	// Farrington & Manning (1990) and Mee (1984) for the difference and of
	// Koopman (1984) for the ratio.
	NoBiasCorrection bool
	// OddsRatioBias subtracts the score's bias at the restricted estimates from
	// the odds ratio's score (Laud 2018, doi 10.1002/pst.1855; the default of
	// R's ratesci). Ignored by the other contrasts.
	OddsRatioBias bool
}

// RiskDifferenceScore is Miettinen & Nurminen's score method for the risk
// difference, treated − control. Approximate; close to nominal from about ten
// an arm, and the usual choice for non-inferiority of proportions.
// It refuses n below 1 and events outside 0 … n.
// Source: Miettinen & Nurminen (1985), Stat Med 4:213, doi 10.1002/sim.4780040211.
// It agrees with R's ratesci::scoreci(skew = FALSE) and SAS PROC FREQ
// RISKDIFF(CL=MN).
func RiskDifferenceScore(treated, control Count) (ScoreTest, error) {
	return RiskDifferenceScoreWith(treated, control, ScoreOptions{})
}

// RiskDifferenceScoreWith is RiskDifferenceScore with options.
func RiskDifferenceScoreWith(treated, control Count, o ScoreOptions) (ScoreTest, error) {
	return newScoreTest("RiskDifferenceScore", treated, control, twobytwo.RiskDiff, o)
}

// RiskRatioScore is the score method for the ratio of risks, treated over
// control. Ends are 0 or +Inf where an arm without events sets no bound.
// It refuses what RiskDifferenceScore refuses, and a table without any event
// (ErrDomain), in which no ratio is worse than another.
// Source: Koopman (1984), doi 10.2307/2531405; Miettinen & Nurminen (1985),
// doi 10.1002/sim.4780040211.
// It agrees with R's ratesci::scoreci(contrast = "RR", skew = FALSE) and SAS
// PROC FREQ RELRISK(CL=SCORE).
func RiskRatioScore(treated, control Count) (ScoreTest, error) {
	return RiskRatioScoreWith(treated, control, ScoreOptions{})
}

// RiskRatioScoreWith is RiskRatioScore with options.
func RiskRatioScoreWith(treated, control Count, o ScoreOptions) (ScoreTest, error) {
	t, err := newScoreTest("RiskRatioScore", treated, control, twobytwo.RiskRatio, o)
	if err == nil && treated.Events+control.Events == 0 {
		return ScoreTest{}, noEvents("RiskRatioScore")
	}
	return t, err
}

// OddsRatioScore is the score method for the odds ratio. It refuses what
// RiskRatioScore refuses, and a table in which everybody had the event.
// Source: Miettinen & Nurminen (1985), doi 10.1002/sim.4780040211; Cornfield (1956).
// It agrees with R's ratesci::scoreci(contrast = "OR", skew = FALSE).
func OddsRatioScore(treated, control Count) (ScoreTest, error) {
	return OddsRatioScoreWith(treated, control, ScoreOptions{})
}

// OddsRatioScoreWith is OddsRatioScore with options.
func OddsRatioScoreWith(treated, control Count, o ScoreOptions) (ScoreTest, error) {
	t, err := newScoreTest("OddsRatioScore", treated, control, twobytwo.OddsRatio, o)
	m := treated.Events + control.Events
	if err == nil && (m == 0 || m == treated.N+control.N) {
		return ScoreTest{}, noEvents("OddsRatioScore")
	}
	return t, err
}

func noEvents(fn string) error {
	return badArms(fn, stats.ErrDomain, "nobody or everybody had the event")
}

func newScoreTest(fn string, treated, control Count, k twobytwo.Contrast, o ScoreOptions) (ScoreTest, error) {
	if err := checkArms(fn, treated, control); err != nil {
		return ScoreTest{}, err
	}
	return ScoreTest{treated, control, k, o}, nil
}

// Point returns the observed contrast, +Inf for a ratio with nothing below.
func (s ScoreTest) Point() float64 {
	p, q := s.Treated.Rate(), s.Control.Rate()
	switch s.kind {
	case twobytwo.RiskRatio:
		return p / q
	case twobytwo.OddsRatio:
		return p * (1 - q) / ((1 - p) * q)
	}
	return p - q
}

// CI inverts the two-sided score test.
func (s ScoreTest) CI(level float64) stats.Interval {
	check.Level(level)
	lo, hi := newTable2(s.Treated, s.Control).scoreLimits(s.kind, -num.NormQuantile((1-level)/2), s.options)
	ci := stats.Interval{Lo: lo, Hi: hi, Level: level}
	if math.IsInf(hi, 1) || (s.kind != twobytwo.RiskDiff && lo == 0) {
		ci.Why = stats.WhyZero
	}
	return ci
}

// Z returns the score statistic at null.
func (s ScoreTest) Z(null float64) float64 {
	if s.kind != twobytwo.RiskDiff && null >= 0 {
		// A ratio of 0 or infinity fits data without events on that side.
		t := newTable2(s.Treated, s.Control)
		zero, infinite := t.unbounded(s.kind)
		switch {
		case null == 0 && zero, math.IsInf(null, 1) && infinite:
			return 0
		case null == 0:
			return math.Inf(1)
		case math.IsInf(null, 1):
			return math.Inf(-1)
		}
	}
	if null < -1 || (s.kind != twobytwo.RiskDiff && null < 0) {
		return math.Inf(1)
	}
	if s.kind == twobytwo.RiskDiff && null > 1 {
		return math.Inf(-1)
	}
	t := newTable2(s.Treated, s.Control)
	z := t.score(s.kind, null, s.options)
	if s.kind == twobytwo.OddsRatio && s.options.OddsRatioBias {
		// The bias outgrows the score far out, where an observed ratio of 0 or
		// infinity is evidence against nothing.
		if zero, infinite := t.unbounded(s.kind); zero {
			z = math.Min(z, 0)
		} else if infinite {
			z = math.Max(z, 0)
		}
	}
	return z
}

// P returns the two-sided p-value of the score test.
func (s ScoreTest) P(null float64) float64 { return 2 * num.NormSF(math.Abs(s.Z(null))) }

// PGreater is the one-sided p-value against a contrast of at most null.
func (s ScoreTest) PGreater(null float64) float64 { return num.NormSF(s.Z(null)) }

// PLess is the one-sided p-value against a contrast of at least null.
func (s ScoreTest) PLess(null float64) float64 { return num.NormCDF(s.Z(null)) }

// null is the contrast of equal arms.
func (s ScoreTest) null() float64 {
	if s.kind == twobytwo.RiskDiff {
		return 0
	}
	return 1
}

// String formats the contrast with its 95% interval and the p-value against equal
// arms; a difference in percentage points.
func (s ScoreTest) String() string {
	switch {
	case s == (ScoreTest{}):
		return show.NoResult
	case s.kind == twobytwo.RiskDiff:
		return percentText(s, s.method())
	}
	return ratioText(s, s.method())
}

func (s ScoreTest) method() string {
	switch {
	case s.options.OddsRatioBias && s.kind == twobytwo.OddsRatio:
		return "score, its bias corrected"
	case s.options.NoBiasCorrection:
		return "score, without N/(N − 1)"
	}
	return "Miettinen–Nurminen score"
}
