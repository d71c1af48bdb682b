package power

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// zDesign is a two-sided normal test whose size n enters as √n: an effect theta with
// the variance v0/n under no effect and v1/n under the effect.
//
//	power = Φ((√n·|θ| − z_{1−α/2}·√v₀) / √v₁),  n = (z_{1−α/2}·√v₀ + z_power·√v₁)² / θ²
//
// Rejections in the wrong direction are left out, as in the published formulas.
type zDesign struct{ theta, v0, v1, alpha float64 }

func (z zDesign) power(n float64) float64 {
	if !(n > 0) {
		return math.NaN()
	}
	return num.NormSF((num.NormQuantileUpper(z.alpha/2)*math.Sqrt(z.v0) - math.Sqrt(n)*math.Abs(z.theta)) / math.Sqrt(z.v1))
}

func (z zDesign) n(fn string, power float64) (float64, error) {
	if err := checkPower(fn, power, z.alpha, z.theta); err != nil {
		return 0, err
	}
	s := num.NormQuantileUpper(z.alpha/2)*math.Sqrt(z.v0) + num.NormQuantileUpper(1-power)*math.Sqrt(z.v1)
	return s * s / (z.theta * z.theta), nil
}

// domain is an argument outside of what a design can have.
func domain(fn, arg string, v any) error {
	return &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(v)}
}

// alphaOf is a design's two-sided size, 0.05 where it is 0.
func alphaOf(fn string, alpha float64) (float64, error) {
	a := defaultAlpha(alpha)
	if !(a > 0 && a < 1) {
		return 0, domain(fn, "Alpha", alpha)
	}
	return a, nil
}

// ratioOf are control participants per treated one, 1 where it is 0.
func ratioOf(fn string, ratio float64) (float64, error) {
	if ratio == 0 {
		return 1, nil
	}
	if !(ratio > 0) || math.IsInf(ratio, 0) {
		return 0, domain(fn, "Ratio", ratio)
	}
	return ratio, nil
}

// must is the value, or NaN where a design is refused: what Power returns then.
func must(x float64, err error) float64 {
	if err != nil {
		return math.NaN()
	}
	return x
}

// powerAt is the power of a design made by form at size n.
func powerAt(form func(fn string) (zDesign, error), n float64) float64 {
	z, err := form("Power")
	return must(z.power(n), err)
}

// solveAt is its size.
func solveAt(fn string, form func(fn string) (zDesign, error), power float64) (float64, error) {
	z, err := form(fn)
	if err != nil {
		return 0, err
	}
	return z.n(fn, power)
}

// SolveFor returns the one unknown of a design, between lo and hi, at which a power
// that rises or falls in it reaches the target: an SD, an ICC, a correlation, a
// rate. The power is that of a copy of the design with the unknown set:
//
//	sd, err := power.SolveFor(0.8, 1, 100, func(sd float64) float64 {
//		return power.ANCOVADesign{N: 40, Effect: 10, SD: sd}.Power()
//	})
//
// The answer has the precision of floats. It refuses bounds that are not in order and
// a target that the power does not pass between them (ErrDomain); where it passes it
// more than once, one of the places is returned.
func SolveFor(target, lo, hi float64, power func(x float64) float64) (float64, error) {
	const fn = "SolveFor"
	if !(lo < hi) || math.IsInf(hi-lo, 0) {
		return 0, domain(fn, "lo, hi", fmt.Sprint(lo, ", ", hi))
	}
	a, b := power(lo)-target, power(hi)-target
	switch {
	case a == 0:
		return lo, nil
	case b == 0:
		return hi, nil
	case !(a*b < 0):
		return 0, domain(fn, "target", fmt.Sprintf("power is %.3g at %v and %.3g at %v", a+target, lo, b+target, hi))
	}
	return num.Bisect(lo, hi, func(x float64) bool { return (power(x)-target)*a > 0 }), nil
}
