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
	// WaldRD is d ± z·√(p₁q₁/n₁ + p₂q₂/n₂); it covers badly in small groups. Where
	// neither arm varies it does not exist, nor do WaldRDCC and HauckAnderson: the
	// interval is then −1 to 1 with Why = WhyNoError.
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
	// mean estimated without and with half a count added. Haldane does not exist
	// where nobody or everybody had the event, as WaldRD.
	Haldane       RiskDifferenceMethod = "haldane"
	JeffreysPerks RiskDifferenceMethod = "jeffreys-perks"
)

// RiskDifferenceOptions choose the method for a risk difference.
type RiskDifferenceOptions struct {
	Method RiskDifferenceMethod // "" means NewcombeScore
}

// RiskDifferenceWith is RiskDifference by the named method; the constants say what
// each is. Point is the observed difference whatever the method.
// It refuses n below 1 (2 for HauckAnderson) and events outside 0 … n, and
// panics for an unknown method.
// It agrees with R's DescTools::BinomDiffCI and SAS PROC FREQ RISKDIFF(CL=).
func RiskDifferenceWith(treated, control Count, o RiskDifferenceOptions) (Risk, error) {
	if o.Method == "" {
		o.Method = NewcombeScore
	}
	return newRisk("RiskDifferenceWith", treated, control, o.Method)
}

func newRisk(fn string, treated, control Count, method RiskDifferenceMethod) (Risk, error) {
	if err := checkArms(fn, treated, control); err != nil {
		return Risk{}, err
	}
	if riskDiffLimits[method] == nil {
		panic(fmt.Sprintf("table.%s: no method %q", fn, method))
	}
	if method == HauckAnderson && min(treated.N, control.N) < 2 {
		return Risk{}, badArms(fn, stats.ErrTooFew, "n = 1, need 2")
	}
	return Risk{treated, control, method}, nil
}

// noError reports that the method's standard error vanishes: its limits are then −1
// and 1 at every level.
func (r Risk) noError() bool {
	t, c := r.Treated, r.Control
	none, all := t.Events+c.Events == 0, t.Events == t.N && c.Events == c.N
	switch r.Method {
	case Haldane:
		return none || all
	case WaldRD, WaldRDCC, HauckAnderson:
		return none || all || t.Events == 0 && c.Events == c.N || t.Events == t.N && c.Events == 0
	}
	return false
}

// limits are the method's ends with a tail beyond each.
func (r Risk) limits(t tail) (lo, hi float64) {
	if r.noError() {
		return -1, 1
	}
	lo, hi = riskDiffLimits[r.Method](r.Treated, r.Control, t)
	return math.Max(-1, lo), math.Min(1, hi)
}

// newcombe joins Wilson's limits of the two proportions. Each lies between its
// proportion and 0 or 1, so that the ends are within −1 and 1.
func newcombe(t, c Count, z float64) (lo, hi float64) {
	p, q := t.Rate(), c.Rate()
	l1, u1 := wilsonZ(t, z)
	l2, u2 := wilsonZ(c, z)
	return p - q - math.Hypot(p-l1, u2-q), p - q + math.Hypot(u1-p, q-l2)
}

// riskDiffLimits holds each method's limits with a tail beyond each.
var riskDiffLimits = map[RiskDifferenceMethod]func(t, c Count, b tail) (lo, hi float64){
	NewcombeScore: func(t, c Count, b tail) (lo, hi float64) { return newcombe(t, c, b.z) },
	NewcombeCC: func(t, c Count, b tail) (lo, hi float64) {
		return hybrid(t, c, t.Rate(), c.Rate(), both(func(c Count) float64 { return math.Max(0, lowerWilsonCC(c, b)) }))
	},
	NewcombeJeffreys: func(t, c Count, b tail) (lo, hi float64) {
		// Unlike lowerJeffreys, the quantile is kept where no event was seen.
		at := func(c Count, p float64) float64 {
			return num.BetaQuantile(p, float64(c.Events)+0.5, float64(c.N-c.Events)+0.5)
		}
		return hybrid(t, c, at(t, 0.5), at(c, 0.5), both(func(c Count) float64 { return at(c, b.p) }))
	},
	WaldRD: func(t, c Count, b tail) (lo, hi float64) { return waldRD(t, c, b, 0, 0, 0) },
	WaldRDCC: func(t, c Count, b tail) (lo, hi float64) {
		return waldRD(t, c, b, 0, 0, (1/float64(t.N)+1/float64(c.N))/2)
	},
	AgrestiCaffo: func(t, c Count, b tail) (lo, hi float64) {
		return waldRD(Count{t.Events + 1, t.N + 2}, Count{c.Events + 1, c.N + 2}, b, 0, 0, 0)
	},
	BrownLiJeffreys: func(t, c Count, b tail) (lo, hi float64) { return waldRD(t, c, b, 0.5, 0, 0) },
	HauckAnderson: func(t, c Count, b tail) (lo, hi float64) {
		return waldRD(t, c, b, 0, 1, 0.5/float64(min(t.N, c.N)))
	},
	MiettinenNurminen: func(t, c Count, b tail) (lo, hi float64) {
		return newTable2(t, c).scoreLimits(twobytwo.RiskDiff, b.z, ScoreOptions{})
	},
	Mee: func(t, c Count, b tail) (lo, hi float64) {
		return newTable2(t, c).scoreLimits(twobytwo.RiskDiff, b.z, ScoreOptions{NoBiasCorrection: true})
	},
	Haldane: func(t, c Count, b tail) (lo, hi float64) {
		return beal(t, c, (t.Rate()+c.Rate())/2, b.z)
	},
	JeffreysPerks: func(t, c Count, b tail) (lo, hi float64) {
		return beal(t, c, (shrunk(t, 0.5)+shrunk(c, 0.5))/2, b.z)
	},
}

// shrunk is the proportion after adding half events and half others.
func shrunk(c Count, half float64) float64 {
	return (float64(c.Events) + half) / (float64(c.N) + 2*half)
}

// waldRD is Wald's interval of proportions with so much added to events and others,
// with n − less below the variances, widened by cc.
func waldRD(t, c Count, b tail, add, less, cc float64) (lo, hi float64) {
	p, q := shrunk(t, add), shrunk(c, add)
	h := b.z*math.Sqrt(p*(1-p)/(float64(t.N)-less)+q*(1-q)/(float64(c.N)-less)) + cc
	return p - q - h, p - q + h
}

// hybrid recovers the limits of a difference from those of each arm (the MOVER
// of Zou & Donner 2008) around the given point estimates.
func hybrid(t, c Count, p, q float64, limits func(Count) (lo, hi float64)) (lo, hi float64) {
	l1, u1 := limits(t)
	l2, u2 := limits(c)
	return p - q - math.Hypot(p-l1, u2-q), p - q + math.Hypot(u1-p, q-l2)
}

// both makes limits of a method's lower one.
func both(lower func(Count) float64) func(Count) (lo, hi float64) {
	return func(c Count) (lo, hi float64) { return lower(c), 1 - lower(c.others()) }
}

// beal inverts a score test in which only the difference is free and the mean
// of the two probabilities is held at psi.
func beal(t, c Count, psi, z float64) (lo, hi float64) {
	d, n, m := t.Rate()-c.Rate(), float64(t.N), float64(c.N)
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
	if err := checkArms(fn, treated, control); err != nil {
		return stats.Estimate{}, err
	}
	p, q := treated.Rate(), control.Rate()
	v := p*(1-p)/float64(treated.N) + q*(1-q)/float64(control.N)
	if v == 0 {
		return stats.Estimate{}, check.NoVariation(fn, "treated, control")
	}
	return stats.Estimate{Value: p - q, SE: math.Sqrt(v), DF: math.Inf(1)}, nil
}
