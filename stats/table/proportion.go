package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// Count is x events among n participants.
type Count struct{ Events, N int }

// Rate returns Events/N.
func (c Count) Rate() float64 { return float64(c.Events) / float64(c.N) }

// Wilson returns the score interval for a proportion: the set of p with
// |p̂ − p| ≤ z·√(p(1−p)/n). Approximate; close to nominal on average from n
// about 10, and never leaves [0, 1].
// It refuses n below 1 and events outside 0 … n.
// Source: Wilson (1927), J Am Stat Assoc 22:209, doi 10.1080/01621459.1927.10502953.
// It agrees with R's prop.test(x, n, correct = FALSE) and SAS
// PROC FREQ BINOMIAL(WILSON).
func Wilson(c Count, level float64) (stats.Interval, error) {
	check.Level(level)
	if err := check.Count("Wilson", "c", c.Events, c.N); err != nil {
		return stats.Interval{}, err
	}
	lo, hi := wilsonZ(c, -num.NormQuantile((1-level)/2))
	return stats.Interval{Lo: lo, Hi: hi, Level: level}, nil
}

// wilsonZ returns the score limits at a normal deviate.
func wilsonZ(c Count, z float64) (lo, hi float64) {
	n, p := float64(c.N), c.Rate()
	mid := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	den := 1 + z*z/n
	// The ends for no and for all events are known; do not leave them to
	// rounding.
	if c.Events > 0 {
		// (mid − half) cancels for small p: use the product of the roots.
		lo = p * p / (mid + half)
	}
	hi = 1
	if c.Events < c.N {
		hi = (mid + half) / den
	}
	return lo, hi
}

// ClopperPearson returns the exact interval for a proportion: the p that
// neither binomial tail of size (1 − level)/2 rejects, by beta quantiles. It
// covers at least nominally for every p, and usually more.
// For no events its lower end is 0 and its upper one 1 − ((1−level)/2)^(1/n).
// It refuses n below 1 and events outside 0 … n.
// Source: Clopper & Pearson (1934), Biometrika 26:404, doi 10.1093/biomet/26.4.404.
// It agrees with R's binom.test and SAS PROC FREQ BINOMIAL(EXACT).
func ClopperPearson(c Count, level float64) (stats.Interval, error) {
	check.Level(level)
	if err := check.Count("ClopperPearson", "c", c.Events, c.N); err != nil {
		return stats.Interval{}, err
	}
	a := (1 - level) / 2
	return stats.Interval{Lo: exactLower(c, a), Hi: 1 - exactLower(Count{c.N - c.Events, c.N}, a), Level: level}, nil
}

// ClopperPearsonUpper returns the exact one-sided upper bound: with 0 of 5
// events and level 0.95, 45.1%. The interval runs from 0 to the bound and is
// marked WhyOneSided. It refuses n below 1 and events outside 0 … n.
// It agrees with R's binom.test(x, n, alternative = "less").
func ClopperPearsonUpper(c Count, level float64) (stats.Interval, error) {
	check.Level(level)
	if err := check.Count("ClopperPearsonUpper", "c", c.Events, c.N); err != nil {
		return stats.Interval{}, err
	}
	return stats.Interval{Lo: 0, Hi: 1 - exactLower(Count{c.N - c.Events, c.N}, 1-level), Level: level, Why: stats.WhyOneSided}, nil
}

// exactLower is the p at which P(X ≥ x) = a: the a quantile of
// Beta(x, n − x + 1).
func exactLower(c Count, a float64) float64 {
	switch {
	case c.Events == 0:
		return 0
	case c.Events == c.N:
		return math.Pow(a, 1/float64(c.N))
	}
	return num.BetaQuantile(a, float64(c.Events), float64(c.N-c.Events+1))
}

// Risk is a difference of two proportions, treated − control, with Newcombe's
// hybrid score interval. Its p-values invert that interval, so that p and
// interval never disagree; the test usually reported for a small table is
// Fisher's, which is another test.
type Risk struct{ Treated, Control Count }

var _ stats.Effect = Risk{}

// RiskDifference compares two proportions, treated − control, by Newcombe's
// hybrid score interval (his method 10), built from the Wilson limits of each
// arm. Approximate, with coverage close to nominal even for small groups; it
// stays within [−1, 1] and exists at 0 and 100%.
// It refuses n below 1 and events outside 0 … n.
// Source: Newcombe (1998), Stat Med 17:873,
// doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
// It agrees with R's DescTools::BinomDiffCI(method = "score") and SAS
// PROC FREQ RISKDIFF(CL=NEWCOMBE).
func RiskDifference(treated, control Count) (Risk, error) {
	if err := check.Count("RiskDifference", "treated", treated.Events, treated.N); err != nil {
		return Risk{}, err
	}
	if err := check.Count("RiskDifference", "control", control.Events, control.N); err != nil {
		return Risk{}, err
	}
	return Risk{treated, control}, nil
}

// Point returns the difference of the observed proportions.
func (r Risk) Point() float64 { return r.Treated.Rate() - r.Control.Rate() }

// CI returns Newcombe's interval.
func (r Risk) CI(level float64) stats.Interval {
	check.Level(level)
	lo, hi := r.limits(-num.NormQuantile((1 - level) / 2))
	return stats.Interval{Lo: lo, Hi: hi, Level: level}
}

func (r Risk) limits(z float64) (lo, hi float64) {
	p1, p2 := r.Treated.Rate(), r.Control.Rate()
	l1, u1 := wilsonZ(r.Treated, z)
	l2, u2 := wilsonZ(r.Control, z)
	d := p1 - p2
	return d - math.Hypot(p1-l1, u2-p2), d + math.Hypot(u1-p1, p2-l2)
}

// z returns the normal deviate at which the limit on null's side touches it.
func (r Risk) z(null float64) float64 {
	d := r.Point()
	if null == d {
		return 0
	}
	gap := func(z float64) float64 {
		lo, hi := r.limits(z)
		if null < d {
			return lo - null
		}
		return null - hi
	}
	lo, hi := 0.0, 1.0
	for gap(hi) > 0 {
		if lo, hi = hi, 2*hi; hi > 1e8 {
			return math.Inf(1) // beyond −1 or 1: no level reaches it
		}
	}
	for range 200 {
		mid := (lo + hi) / 2
		if mid == lo || mid == hi {
			break
		}
		if gap(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// P returns 1 − the level at which the interval first reaches null.
func (r Risk) P(null float64) float64 { return 2 * num.NormSF(r.z(null)) }

// PGreater is the one-sided p-value against a difference of at most null.
func (r Risk) PGreater(null float64) float64 {
	if null <= r.Point() {
		return num.NormSF(r.z(null))
	}
	return num.NormCDF(r.z(null))
}

// PLess is the one-sided p-value against a difference of at least null.
func (r Risk) PLess(null float64) float64 {
	if null >= r.Point() {
		return num.NormSF(r.z(null))
	}
	return num.NormCDF(r.z(null))
}

// String formats the difference in percentage points.
func (r Risk) String() string {
	ci := r.CI(0.95)
	ci.Lo, ci.Hi = 100*ci.Lo, 100*ci.Hi
	return fmt.Sprintf("%s%% (95%% CI %s)", show.Fixed(100*r.Point(), 1), ci.Text(1, "%"))
}
