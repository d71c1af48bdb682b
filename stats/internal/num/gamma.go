package num

import "math"

// The gamma distribution with unit scale and, through it, chi-square and
// Poisson. Power term as the deviance from its maximum (Loader 2000), the rest
// a power series below the mean and Legendre's continued fraction above
// (DLMF 8.7.1, 8.9.2), or for large shapes the integral of largeshape.go; both
// tails for themselves. Relative error about 1e-14, in far tails
// |ln tail|·1e-16. Time is bounded.

// logGammaPower is ln[x^a e^−x / Γ(a)].
func logGammaPower(a, x float64) float64 {
	u := (x - a) / a
	var e float64
	if u > -0.5 {
		e = a * log1pmx(u)
	} else {
		e = a*math.Log(x/a) - (x - a)
	}
	return e - stirlingError(a) + 0.5*math.Log(a) - halfLog2Pi
}

// gammaLowerFactor is P(a,x) / [x^a e^−x / Γ(a)], for x up to about a.
func gammaLowerFactor(a, x float64) float64 {
	if a > largeShape {
		return gammaLargeLower(a, x)
	}
	sum, term := 1.0, 1.0
	for n := 1.0; n < 1e9; n++ {
		term *= x / (a + n)
		sum += term
		if !(term >= 0.5*epsilon*sum) {
			break
		}
	}
	return sum / a
}

// gammaUpperFactor is Q(a,x) / [x^a e^−x / Γ(a)], for x ≥ a, x not small.
func gammaUpperFactor(a, x float64) float64 {
	if a > largeShape {
		return gammaLargeUpper(a, x)
	}
	b := x + 1 - a
	den := 1 / b
	del := den
	sum := del
	for n := 1.0; n < 1e9; n++ {
		b += 2
		alpha := n * (a - n)
		den = 1 / (b + alpha*den)
		del *= b*den - 1
		sum += del
		if !(math.Abs(del) >= 0.25*epsilon*math.Abs(sum)) || del == 0 { // also NaN
			break
		}
	}
	return sum
}

// gammaUpperSmall is Q(a,x) for a < 1 and x below about 1: 1 − x^a/Γ(1+a)·(1 +
// a Σ (−x)ⁿ/((a+n) n!)), the leading difference by expm1.
func gammaUpperSmall(a, x float64) float64 {
	g := a*math.Log(x) - logGamma1p(a)
	sum, term := 0.0, 1.0
	for n := 1.0; n < 200; n++ {
		term *= -x / n
		add := term / (a + n)
		sum += add
		if math.Abs(add) < epsilon*math.Abs(sum) || term == 0 {
			break
		}
	}
	return -math.Expm1(g) - a*math.Exp(g)*sum
}

// gammaTails returns P(a,x) and Q(a,x).
func gammaTails(x, a float64) (lower, upper float64) {
	switch {
	case math.IsNaN(x) || badShape(a) || math.IsInf(a, 1):
		return math.NaN(), math.NaN()
	case x <= 0:
		return 0, 1
	case math.IsInf(x, 1):
		return 1, 0
	case a < 1 && x < 1.1:
		if upper = gammaUpperSmall(a, x); upper < 0.5 {
			return 1 - upper, upper
		}
		lower = math.Exp(logGammaPower(a, x)) * gammaLowerFactor(a, x)
		return lower, 1 - lower
	case x < a:
		lower = math.Min(1, math.Exp(logGammaPower(a, x))*gammaLowerFactor(a, x))
		return lower, 1 - lower
	}
	upper = math.Min(1, math.Exp(logGammaPower(a, x))*gammaUpperFactor(a, x))
	return 1 - upper, upper
}

// logGammaTail is the logarithm of P(a,x) or Q(a,x), finite where they
// underflow.
func logGammaTail(x, a float64, upper bool) float64 {
	p, c := gammaTails(x, a)
	if upper {
		p, c = c, p
	}
	switch {
	case p > 1e-290 && p < 0.5:
		return math.Log(p)
	case p >= 0.5:
		return math.Log1p(-c)
	case x <= 0 || math.IsInf(x, 1):
		return math.Inf(-1)
	case upper:
		return logGammaPower(a, x) + math.Log(gammaUpperFactor(a, x))
	}
	return logGammaPower(a, x) + math.Log(gammaLowerFactor(a, x))
}

// GammaCDF is P(X ≤ x) for the gamma distribution of the given shape and scale 1.
func GammaCDF(x, shape float64) float64 { lo, _ := gammaTails(x, shape); return lo }

// GammaSF is P(X ≥ x).
func GammaSF(x, shape float64) float64 { _, up := gammaTails(x, shape); return up }

// GammaPDF is the density; +Inf at 0 for a shape below 1.
func GammaPDF(x, shape float64) float64 {
	switch {
	case math.IsNaN(x) || badShape(shape) || math.IsInf(shape, 1):
		return math.NaN()
	case x < 0 || math.IsInf(x, 1):
		return 0
	case x == 0 && shape < 1:
		return math.Inf(1)
	case x == 0 && shape == 1:
		return 1
	case x == 0:
		return 0
	}
	return math.Exp(logGammaPower(shape, x) - math.Log(x))
}

// GammaQuantile returns x with P(X ≤ x) = p.
func GammaQuantile(p, shape float64) float64 { return gammaInverse(p, shape, false) }

// GammaQuantileUpper returns x with P(X ≥ x) = p.
func GammaQuantileUpper(p, shape float64) float64 { return gammaInverse(p, shape, true) }

func gammaInverse(p, a float64, upper bool) float64 {
	if !(p >= 0 && p <= 1) || badShape(a) || math.IsInf(a, 1) {
		return math.NaN()
	}
	if p > 0.5 {
		p, upper = 1-p, !upper // exact
	}
	if p == 0 {
		if upper {
			return math.Inf(1)
		}
		return 0
	}
	// Wilson and Hilferty's cube root, or the ends of the distribution.
	z := NormQuantile(p)
	if upper {
		z = -z
	}
	c := 1 - 1/(9*a) + z/(3*math.Sqrt(a))
	x := a * c * c * c
	if !upper && (c < 0.3 || a < 0.5) {
		x = math.Exp((math.Log(p) + math.Log(a) + LogGamma(a)) / a)
	} else if upper && a < 0.5 {
		x = math.Max(1e-3, -math.Log(p)-LogGamma(a))
		if p > 0.1*a {
			x = math.Min(x, math.Exp(math.Max(-600, (math.Log1p(-p)+math.Log(a)+LogGamma(a))/a)))
		}
	}
	return solveTail(p, x, !upper, func(v float64) (tail, slope float64) {
		lo, up := gammaTails(v, a)
		slope = math.Exp(logGammaPower(a, v))
		if upper {
			return up, slope
		}
		return lo, slope
	})
}

// ChiSqCDF is P(X ≤ x) for chi-square with df > 0 degrees of freedom.
func ChiSqCDF(x, df float64) float64 { return GammaCDF(x/2, df/2) }

// ChiSqSF is P(X ≥ x).
func ChiSqSF(x, df float64) float64 { return GammaSF(x/2, df/2) }

// ChiSqPDF is the density.
func ChiSqPDF(x, df float64) float64 { return GammaPDF(x/2, df/2) / 2 }

// ChiSqQuantile returns x with P(X ≤ x) = p.
func ChiSqQuantile(p, df float64) float64 { return 2 * GammaQuantile(p, df/2) }

// ChiSqQuantileUpper returns x with P(X ≥ x) = p.
func ChiSqQuantileUpper(p, df float64) float64 { return 2 * GammaQuantileUpper(p, df/2) }
