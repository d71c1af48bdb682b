package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/twobytwo"
)

// StratifiedScore is a risk difference, treated − control, common to strata or
// averaged over them, by the score test of its strata. It implements Effect: p-values
// and interval come from one test.
type StratifiedScore struct {
	// Strata are those that have both arms; Dropped is how many others there were,
	// which say nothing of a difference.
	Strata  []Stratum
	Dropped int

	options ScoreOptions
	point   float64
}

var _ stats.Effect = StratifiedScore{}

// RiskDifferenceStratified compares two proportions over strata by the score method
// of Miettinen & Nurminen with fixed Mantel–Haenszel weights w = n₁n₀/n, divided by
// their sum:
//
//	Z(Δ) = (Σ w(p₁ − p₀) − Δ)/√(Σ w² n/(n − 1) (p̃₁(1 − p̃₁)/n₁ + p̃₀(1 − p̃₀)/n₀)),
//
// where p̃₁ = p̃₀ + Δ maximize the likelihood of a stratum. It assumes that
// participants of a stratum are alike but for their arm; where the difference varies
// between strata it is that of their weighted average. Approximate, by the normal
// distribution: the numbers over all strata must be large, those of a stratum may be
// small. Non-inferiority by a margin is PGreater(−margin), equivalence both
// PGreater(−margin) and PLess(margin).
//
// Other programs iterate Miettinen and Nurminen's own weights, which depend on Δ, and
// differ in the third digit. A stratum without one of the arms is left out and counted
// in Dropped. It refuses no strata, bad counts, and strata of which none has both arms
// (ErrTooFew).
// Source: Miettinen & Nurminen (1985), doi 10.1002/sim.4780040211.
// It agrees with R's lrstat::mnRiskDiffCI and metalite.ae::rate_compare(weight = "cmh").
func RiskDifferenceStratified(strata []Stratum) (StratifiedScore, error) {
	return RiskDifferenceStratifiedWith(strata, ScoreOptions{})
}

// RiskDifferenceStratifiedWith is RiskDifferenceStratified with options. Without the
// factor n/(n − 1) it is Farrington and Manning's test in strata.
func RiskDifferenceStratifiedWith(strata []Stratum, o ScoreOptions) (StratifiedScore, error) {
	const fn = "RiskDifferenceStratified"
	if err := checkStrata(fn, strata); err != nil {
		return StratifiedScore{}, err
	}
	s := StratifiedScore{options: o}
	for _, st := range strata {
		if st.Treated.N > 0 && st.Control.N > 0 {
			s.Strata = append(s.Strata, st)
		} else {
			s.Dropped++
		}
	}
	if len(s.Strata) == 0 {
		return StratifiedScore{}, &stats.SampleError{Func: fn, Arg: "strata", Index: -1, Err: stats.ErrTooFew, Info: "no stratum has both arms"}
	}
	var d, w float64
	for _, st := range s.Strata {
		n, m := float64(st.Treated.N), float64(st.Control.N)
		w += n * m / (n + m)
		d += (float64(st.Treated.Events)*m - float64(st.Control.Events)*n) / (n + m)
	}
	s.point = d / w
	return s, nil
}

// Point returns the weighted average of the observed differences.
func (s StratifiedScore) Point() float64 { return s.point }

// Z returns the score statistic at null; ±Inf beyond −1 and 1, where no difference is.
func (s StratifiedScore) Z(null float64) float64 {
	switch {
	case null < -1:
		return math.Inf(1)
	case null > 1:
		return math.Inf(-1)
	}
	var w, v float64
	for _, st := range s.Strata {
		t := newTable2(st.Treated, st.Control)
		n := t.N1 + t.N2
		p1, q1, p2, q2 := t.Restricted(twobytwo.RiskDiff, null)
		h := t.N1 * t.N2 / n
		e := p1*q1/t.N1 + p2*q2/t.N2
		if !s.options.NoBiasCorrection {
			e *= n / (n - 1)
		}
		w += h
		v += h * h * e
	}
	if d := s.point - null; math.Abs(d) < 1e-15 {
		return 0
	} else if v = math.Max(0, v); v > 0 {
		return d * w / math.Sqrt(v)
	} else {
		return math.Inf(1) * d
	}
}

// P returns the two-sided p-value of the score test.
func (s StratifiedScore) P(null float64) float64 { return 2 * num.NormSF(math.Abs(s.Z(null))) }

// PGreater is the one-sided p-value against a difference of at most null.
func (s StratifiedScore) PGreater(null float64) float64 { return num.NormSF(s.Z(null)) }

// PLess is the one-sided p-value against a difference of at least null.
func (s StratifiedScore) PLess(null float64) float64 { return num.NormCDF(s.Z(null)) }

// CI returns the differences that the score test does not reject. A stratum without
// any event, or with nothing else, has variance 0 at no difference and only there, so
// that strata like that can reject 0 and accept more beyond it: Why is then WhyGaps,
// and Gaps say what is rejected between the ends.
func (s StratifiedScore) CI(level float64) stats.Interval {
	check.Level(level)
	z := -num.NormQuantile((1 - level) / 2)
	lo, hi, below := s.accepted(-1, z)
	from, to, above := s.accepted(1, z)
	ci := stats.Interval{Lo: lo, Hi: to, Level: level}
	switch {
	case below && above && hi < from && math.Abs(s.Z(0)) > z:
		return ci.WithGaps([]stats.Gap{{Lo: hi, Hi: from}})
	case !below:
		ci.Lo = from
	case !above:
		ci.Hi = hi
	}
	return ci
}

// accepted is the part of the accepted set between 0 and end, which is −1 or 1. The
// variance is concave there, and a square over it has one valley: the part is an
// interval around the bottom.
func (s StratifiedScore) accepted(end, z float64) (lo, hi float64, some bool) {
	bottom := s.point
	if s.point*end <= 0 {
		bottom = s.valley(end)
	}
	if math.Abs(s.Z(bottom)) > z {
		return 0, 0, false
	}
	rejects := func(null float64) bool { return math.Abs(s.Z(null)) > z }
	inner, outer := 0.0, end
	if rejects(0) {
		inner = edge(bottom, 0, rejects)
	}
	if rejects(end) {
		outer = edge(bottom, end, rejects)
	}
	return math.Min(inner, outer), math.Max(inner, outer), true
}

// edge is where rejection begins on the way from an accepted value to a rejected one.
func edge(accepted, rejected float64, rejects func(float64) bool) float64 {
	t := num.Bisect(0, 1, func(t float64) bool { return !rejects(accepted + t*(rejected-accepted)) })
	return accepted + t*(rejected-accepted)
}

// valley is where |Z| is least between 0 and end, by golden sections.
func (s StratifiedScore) valley(end float64) float64 {
	const invPhi = 0.6180339887498949
	f := func(t float64) float64 { return math.Abs(s.Z(t * end)) }
	lo, hi := 0.0, 1.0
	a, b := hi-invPhi, lo+invPhi
	fa, fb := f(a), f(b)
	for range 80 {
		if fa <= fb {
			hi, b, fb = b, a, fa
			a = hi - invPhi*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + invPhi*(hi-lo)
			fb = f(b)
		}
	}
	if f(0) <= math.Min(fa, fb) {
		return 0
	}
	return end * (lo + hi) / 2
}

func (s StratifiedScore) method() string {
	name := fmt.Sprintf("Miettinen–Nurminen score in %d strata", len(s.Strata))
	if s.options.NoBiasCorrection {
		name = fmt.Sprintf("score in %d strata, without N/(N − 1)", len(s.Strata))
	}
	return name
}

// String formats the difference in percentage points.
func (s StratifiedScore) String() string {
	if len(s.Strata) == 0 {
		return show.NoResult
	}
	return percentText(s, s.method())
}
