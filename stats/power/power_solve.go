package power

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// solveAlpha returns the size at which a power, increasing in it, reaches the
// target.
func solveAlpha(fn string, power func(alpha float64) float64, target float64) (float64, error) {
	if err := checkPower(fn, target, 0, 1); err != nil {
		return 0, err
	}
	l := num.Bisect(-600, math.Log(1-1e-12), func(l float64) bool { return power(math.Exp(l)) < target })
	return math.Exp(l), nil
}

// SolveAlpha returns the size at which the design has the power asked for. It
// refuses a power outside (0, 1).
func (d ANOVADesign) SolveAlpha(power float64) (float64, error) {
	return solveAlpha("ANOVADesign.SolveAlpha", func(a float64) float64 { e := d; e.Alpha = a; return e.Power() }, power)
}

// SolveEffect returns the correlation detected with the power asked for. It
// refuses a power outside (alpha, 1) and fewer than four pairs.
func (d CorrelationDesign) SolveEffect(power float64) (float64, error) {
	const fn = "CorrelationDesign.SolveEffect"
	if err := checkPower(fn, power, defaultAlpha(d.Alpha), 1); err != nil {
		return 0, err
	}
	if !(d.N > 3) {
		return 0, &stats.SampleError{Func: fn, Arg: "N", Index: -1, Err: stats.ErrTooFew, Info: "four pairs are needed"}
	}
	return num.Bisect(0, 1, func(r float64) bool { e := d; e.R = r; return e.Power() < power }), nil
}

// SolveAlpha returns the size at which the design has the power asked for.
func (d CorrelationDesign) SolveAlpha(power float64) (float64, error) {
	return solveAlpha("CorrelationDesign.SolveAlpha", func(a float64) float64 { e := d; e.Alpha = a; return e.Power() }, power)
}

// SolveEffect returns the w detected with the power asked for.
func (d ChiSquareDesign) SolveEffect(power float64) (float64, error) {
	if err := checkPower("ChiSquareDesign.SolveEffect", power, defaultAlpha(d.Alpha), 1); err != nil {
		return 0, err
	}
	return solveUp("ChiSquareDesign.SolveEffect", "W", 1e-12, func(w float64) float64 { e := d; e.W = w; return e.Power() }, power)
}

// SolveAlpha returns the size at which the design has the power asked for.
func (d ChiSquareDesign) SolveAlpha(power float64) (float64, error) {
	return solveAlpha("ChiSquareDesign.SolveAlpha", func(a float64) float64 { e := d; e.Alpha = a; return e.Power() }, power)
}

// SolveP1 returns the smallest P1 above P2 that the design tells from it with
// the power asked for. It refuses a power that no P1 on that side has (ErrDomain).
func (d ProportionDesign) SolveP1(power float64) (float64, error) {
	return d.solveP1("ProportionDesign.SolveP1", power, 1)
}

// SolveP1Below returns the largest P1 below P2 that the design tells from it.
func (d ProportionDesign) SolveP1Below(power float64) (float64, error) {
	return d.solveP1("ProportionDesign.SolveP1Below", power, 0)
}

// solveP1 looks between P2 and far.
func (d ProportionDesign) solveP1(fn string, power, far float64) (float64, error) {
	if err := checkPower(fn, power, defaultAlpha(d.Alpha), 1); err != nil {
		return 0, err
	}
	at := func(u float64) float64 { e := d; e.P1 = d.P2 + u*(far-d.P2); return e.Power() }
	const edge = 1 - 1e-12
	if !(at(edge) >= power) {
		return 0, &stats.SampleError{Func: fn, Arg: "power", Index: -1, Err: stats.ErrDomain, Info: "no proportion on that side has it"}
	}
	u := num.Bisect(0, edge, func(u float64) bool { return !(at(u) >= power) })
	return d.P2 + u*(far-d.P2), nil
}

// SolveAlpha returns the two-sided size at which the design has the power
// asked for.
func (d ProportionDesign) SolveAlpha(power float64) (float64, error) {
	return solveAlpha("ProportionDesign.SolveAlpha", func(a float64) float64 { e := d; e.Alpha = a; return e.Power() }, power)
}

// SolveMargin returns the margin that the design shows with the power asked
// for when the true difference is Diff.
func (q Equivalence) SolveMargin(power float64) (float64, error) {
	const fn = "Equivalence.SolveMargin"
	if err := checkPower(fn, power, q.alpha(), 1); err != nil {
		return 0, err
	}
	if !(q.N > 1) || !(q.SD > 0) {
		return 0, &stats.SampleError{Func: fn, Arg: "N, SD", Index: -1, Err: stats.ErrDomain}
	}
	// In units of the SD, so that the search does not depend on the unit.
	m, err := solveUp(fn, "Margin", 1e-9, func(m float64) float64 { e := q; e.Margin = m * q.SD; return e.Power() }, power)
	return m * q.SD, err
}

// SolveAlpha returns the one-sided size at which the design has the power
// asked for.
func (q Equivalence) SolveAlpha(power float64) (float64, error) {
	return solveAlpha("Equivalence.SolveAlpha", func(a float64) float64 { e := q; e.Alpha = a; return e.Power() }, power)
}
