package num

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

const (
	sqrt2Hi = 1.41421356237309504880
	sqrt2Lo = -9.66729331345291345e-17 // √2 − float64(√2)
)

// The standard normal distribution. Tails come from math.Erfc with a
// correction for the rounding of z/√2, which alone would cost z² ulp in the
// tail; relative error about 1e-15 down to the smallest normal number.

// NormSF is the upper tail P(Z ≥ z).
func NormSF(z float64) float64 {
	w := z / math.Sqrt2
	sf := 0.5 * math.Erfc(w)
	if z > 1 && z < 39 {
		d := math.FMA(-w, sqrt2Hi, z) - w*sqrt2Lo // z − √2 w
		sf -= d * NormPDF(z)
	}
	return sf
}

// NormCDF is P(Z ≤ z).
func NormCDF(z float64) float64 { return NormSF(-z) }

// NormPDF is the standard normal density.
func NormPDF(z float64) float64 {
	s := z * z
	if s > 1500 {
		return 0
	}
	// exp(−z²/2) with the rounding error of z² put back.
	return math.Exp(-s/2) * (1 - 0.5*math.FMA(z, z, -s)) / sqrt2Pi
}

// NormLogSF is ln P(Z ≥ z), finite as far as z² is.
func NormLogSF(z float64) float64 {
	switch {
	case z < 0:
		return math.Log1p(-NormSF(-z))
	case z < 30:
		return math.Log(NormSF(z))
	}
	return -z*z/2 - math.Log(z) - halfLog2Pi + math.Log(millsFraction(z))
}

// NormLogCDF is ln P(Z ≤ z).
func NormLogCDF(z float64) float64 { return NormLogSF(-z) }

// millsFraction is z·(1 − Φ(z))/φ(z) for z ≥ 5, by its asymptotic series
// 1 − 1/z² + 3/z⁴ − … cut at the smallest term (below 1e-16 from z = 9 on).
func millsFraction(z float64) float64 {
	r := 1 / (z * z)
	sum, term := 1.0, 1.0
	for k := 1.0; k < 60; k += 2 {
		next := -term * k * r
		if math.Abs(next) >= math.Abs(term) {
			break
		}
		term = next
		sum += term
		if math.Abs(term) < epsilon {
			break
		}
	}
	return sum
}

// NormQuantile returns z with P(Z ≤ z) = p: gonum's rational approximation
// and one step of Halley's method on the tail. It is −Inf at 0, +Inf at 1 and
// NaN outside [0, 1].
func NormQuantile(p float64) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	case p > 0.5:
		return -NormQuantile(1 - p) // 1 − p is exact
	}
	z := mathext.NormalQuantile(p)
	if p > 0.4 || p < 1e-305 {
		return z // relative accuracy about the center is that of the start
	}
	d := (NormCDF(z) - p) / NormPDF(z)
	return z - d/(1+0.5*d*z)
}

// NormQuantileUpper returns z with P(Z ≥ z) = p.
func NormQuantileUpper(p float64) float64 {
	if p == 0.5 {
		return 0
	}
	return -NormQuantile(p)
}
