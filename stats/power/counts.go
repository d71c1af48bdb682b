package power

import "math"

// CountVariance names the variance of the log rate ratio under no effect.
type CountVariance string

// Variances of Zhu & Lakkis, by their numbers.
const (
	CountReference CountVariance = "reference" // 1: both arms have the control's rate
	CountTrue      CountVariance = "true"      // 2: both arms have their true rates
	CountPooled    CountVariance = "pooled"    // 3: the rate of both arms together
)

// CountDesign is a trial of two arms whose counts of events in a time at risk are
// compared by a negative binomial model:
//
//	n₀ = (z_{1−α/2}√V₀ + z_power√V₁)² / log²RR
//	V₁ = (1/r₀ + 1/(A·r₁))/t + (1 + A)k/A,  A = n₁/n₀
//
// with rates r, time at risk t and dispersion k (variance μ + k·μ²; 0: Poisson). V₀ is V₁ with
// the rates that Variance names. Asymptotic; everybody has the same time at risk.
// Source: Zhu & Lakkis (2014), Stat Med 33:376, doi 10.1002/sim.5947, who recommend
// methods 2 and 3.
type CountDesign struct {
	// N participants in the treated arm; Ratio control participants per treated one, 0 means 1.
	N, Ratio float64
	// Rate of the control arm's events per unit of time, RateRatio treated over control.
	Rate, RateRatio float64
	// Dispersion k, and Time at risk of each participant.
	Dispersion, Time float64
	Alpha            float64       // two-sided; 0 means 0.05
	Variance         CountVariance // "" means CountTrue
}

func (d CountDesign) form(fn string) (zDesign, error) {
	a, err := alphaOf(fn, d.Alpha)
	if err != nil {
		return zDesign{}, err
	}
	r, err := ratioOf(fn, d.Ratio)
	if err != nil {
		return zDesign{}, err
	}
	switch {
	case !(d.Rate > 0) || math.IsInf(d.Rate, 0):
		return zDesign{}, domain(fn, "Rate", d.Rate)
	case !(d.RateRatio > 0) || math.IsInf(d.RateRatio, 0):
		return zDesign{}, domain(fn, "RateRatio", d.RateRatio)
	case !(d.Dispersion >= 0) || math.IsInf(d.Dispersion, 0):
		return zDesign{}, domain(fn, "Dispersion", d.Dispersion)
	case !(d.Time > 0) || math.IsInf(d.Time, 0):
		return zDesign{}, domain(fn, "Time", d.Time)
	}
	treated := d.Rate * d.RateRatio
	// The variance of n₁ participants in the treated arm and r·n₁ in control, times n₁.
	of := func(r1, r0 float64) float64 { return (1/r1+1/(r*r0))/d.Time + (1+1/r)*d.Dispersion }
	z := zDesign{math.Log(d.RateRatio), 0, of(treated, d.Rate), a}
	switch d.Variance {
	case "", CountTrue:
		z.v0 = z.v1
	case CountReference:
		z.v0 = of(d.Rate, d.Rate)
	case CountPooled:
		m := (r*d.Rate + treated) / (1 + r)
		z.v0 = of(m, m)
	default:
		return zDesign{}, domain(fn, "Variance", d.Variance)
	}
	return z, nil
}

// Power returns the power; NaN for a design that is refused.
func (d CountDesign) Power() float64 { return powerAt(d.form, d.N) }

// SolveN returns the participants in the treated arm; round up.
func (d CountDesign) SolveN(power float64) (float64, error) {
	return solveAt("CountDesign.SolveN", d.form, power)
}
