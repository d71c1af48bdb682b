package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/twobytwo"
)

// RiskDifferenceMethod is a way to make an interval for a difference of two
// proportions. The zero value is Newcombe's.
type RiskDifferenceMethod string

// Methods for p₁ − p₂, clipped to [−1, 1]; z is the normal quantile.
const (
	// NewcombeScore combines the arms' Wilson limits: see RiskDifference.
	NewcombeScore RiskDifferenceMethod = "newcombe"
	// NewcombeCC combines continuity-corrected Wilson limits.
	NewcombeCC RiskDifferenceMethod = "newcombe-cc"
	// NewcombeJeffreys combines the quantiles of each arm's Jeffreys posterior
	// around its median.
	NewcombeJeffreys RiskDifferenceMethod = "newcombe-jeffreys"
	// WaldRD is d ± z·√(p₁q₁/n₁ + p₂q₂/n₂); it covers badly in small groups.
	WaldRD RiskDifferenceMethod = "wald"
	// WaldRDCC widens Wald's by ½(1/n₁ + 1/n₂).
	WaldRDCC RiskDifferenceMethod = "wald-cc"
	// AgrestiCaffo is Wald's after adding one event and one non-event to each
	// arm (2000, doi 10.1080/00031305.2000.10474560).
	AgrestiCaffo RiskDifferenceMethod = "agresti-caffo"
	// MiettinenNurminen and Mee invert score tests with and without N/(N−1):
	// see RiskDifferenceScore.
	MiettinenNurminen RiskDifferenceMethod = "miettinen-nurminen"
	Mee               RiskDifferenceMethod = "mee"
	// BrownLiJeffreys is Wald's at (x+½)/(n+1) (Brown & Li 2005,
	// doi 10.1016/j.jspi.2003.09.039).
	BrownLiJeffreys RiskDifferenceMethod = "brown-li-jeffreys"
	// HauckAnderson is Wald's with n−1 and a correction of 1/(2·min n)
	// (1986, doi 10.1080/00031305.1986.10475426).
	HauckAnderson RiskDifferenceMethod = "hauck-anderson"
	// Haldane and JeffreysPerks: Beal (1987, doi 10.2307/2531547), the nuisance
	// mean estimated without and with half a count added.
	Haldane       RiskDifferenceMethod = "haldane"
	JeffreysPerks RiskDifferenceMethod = "jeffreys-perks"
)

// RiskDifferenceCI returns the interval of the risk difference, treated −
// control, by the named method; the constants say what each is.
// It refuses n below 1 (2 for HauckAnderson) and events outside 0 … n, and
// panics for an unknown method.
// It agrees with R's DescTools::BinomDiffCI and SAS PROC FREQ RISKDIFF(CL=).
func RiskDifferenceCI(treated, control Count, level float64, method RiskDifferenceMethod) (stats.Interval, error) {
	check.Level(level)
	const fn = "RiskDifferenceCI"
	if err := check.Count(fn, "treated", treated.Events, treated.N); err != nil {
		return stats.Interval{}, err
	}
	if err := check.Count(fn, "control", control.Events, control.N); err != nil {
		return stats.Interval{}, err
	}
	if method == HauckAnderson && min(treated.N, control.N) < 2 {
		return stats.Interval{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrTooFew, Info: "n = 1, need 2"}
	}
	lo, hi := riskDiffLimits(treated, control, 1-level, method)
	return stats.Interval{Lo: math.Max(-1, lo), Hi: math.Min(1, hi), Level: level}, nil
}

func riskDiffLimits(t, c Count, a float64, method RiskDifferenceMethod) (lo, hi float64) {
	z := zUpper(a)
	p, q, n, m := t.Rate(), c.Rate(), float64(t.N), float64(c.N)
	d := p - q
	wald := func(p, q, n, m, cc float64) (float64, float64) {
		h := z*math.Sqrt(p*(1-p)/n+q*(1-q)/m) + cc
		return p - q - h, p - q + h
	}
	switch method {
	case "", NewcombeScore:
		return Risk{t, c}.limits(z)
	case NewcombeCC:
		return hybrid(t, c, p, q, func(c Count) float64 { return math.Max(0, lowerWilsonCC(c, a)) })
	case NewcombeJeffreys:
		return hybrid(t, c, betaMedian(t), betaMedian(c), func(c Count) float64 {
			// Unlike lowerJeffreys, the quantile is kept where no event was seen.
			return num.BetaQuantile(a/2, float64(c.Events)+0.5, float64(c.N-c.Events)+0.5)
		})
	case WaldRD:
		return wald(p, q, n, m, 0)
	case WaldRDCC:
		return wald(p, q, n, m, (1/n+1/m)/2)
	case AgrestiCaffo:
		return wald((float64(t.Events)+1)/(n+2), (float64(c.Events)+1)/(m+2), n+2, m+2, 0)
	case BrownLiJeffreys:
		return wald((float64(t.Events)+0.5)/(n+1), (float64(c.Events)+0.5)/(m+1), n, m, 0)
	case HauckAnderson:
		return wald(p, q, n-1, m-1, 0.5/math.Min(n, m))
	case MiettinenNurminen:
		return newTable2(t, c).scoreLimits(twobytwo.RiskDiff, z, ScoreOptions{})
	case Mee:
		return newTable2(t, c).scoreLimits(twobytwo.RiskDiff, z, ScoreOptions{NoBiasCorrection: true})
	case Haldane:
		return beal(d, (p+q)/2, n, m, z)
	case JeffreysPerks:
		psi := ((float64(t.Events)+0.5)/(n+1) + (float64(c.Events)+0.5)/(m+1)) / 2
		return beal(d, psi, n, m, z)
	}
	panic(fmt.Sprintf("stats.RiskDifferenceCI: unknown method %q", method))
}

// hybrid recovers the limits of a difference from those of each arm (the MOVER
// of Zou & Donner 2008) around the given point estimates.
func hybrid(t, c Count, p, q float64, lower func(Count) float64) (lo, hi float64) {
	flip := func(c Count) Count { return Count{c.N - c.Events, c.N} }
	l1, u1 := lower(t), 1-lower(flip(t))
	l2, u2 := lower(c), 1-lower(flip(c))
	return p - q - math.Hypot(p-l1, u2-q), p - q + math.Hypot(u1-p, q-l2)
}

func betaMedian(c Count) float64 {
	return num.BetaQuantile(0.5, float64(c.Events)+0.5, float64(c.N-c.Events)+0.5)
}

// beal inverts a score test in which only the difference is free and the mean
// of the two probabilities is held at psi.
func beal(d, psi, n, m, z float64) (lo, hi float64) {
	u, v := (1/n+1/m)/4, (1/n-1/m)/4
	den := 1 + z*z*u
	mid := (d + z*z*v*(1-2*psi)) / den
	w := z / den * math.Sqrt(math.Max(0, u*(4*psi*(1-psi)-d*d)+2*v*(1-2*psi)*d+
		4*z*z*u*u*(1-psi)*psi+z*z*v*v*(1-2*psi)*(1-2*psi)))
	return mid - w, mid + w
}

// RiskDifferenceWald estimates the risk difference with the unpooled standard
// error √(p₁q₁/n₁ + p₂q₂/n₂), normal. Approximate, and poor in small groups; it
// is here because papers print it. It refuses bad counts and two arms of which
// neither varies (ErrNoVariation).
// Source: Newcombe (1998), method 1,
// doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
// It agrees with the interval of R's prop.test(correct = FALSE).
func RiskDifferenceWald(treated, control Count) (stats.Estimate, error) {
	const fn = "RiskDifferenceWald"
	if err := check.Count(fn, "treated", treated.Events, treated.N); err != nil {
		return stats.Estimate{}, err
	}
	if err := check.Count(fn, "control", control.Events, control.N); err != nil {
		return stats.Estimate{}, err
	}
	p, q := treated.Rate(), control.Rate()
	v := p*(1-p)/float64(treated.N) + q*(1-q)/float64(control.N)
	if v == 0 {
		return stats.Estimate{}, check.NoVariation(fn, "treated, control")
	}
	return stats.Estimate{Value: p - q, SE: math.Sqrt(v), DF: math.Inf(1)}, nil
}
