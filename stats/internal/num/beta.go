package num

import "math"

// The beta distribution and the regularized incomplete beta function, behind
// Student's t, F and the binomial. The power term x^a (1−x)^b / B(a,b) is
// written as the deviance from its maximum (Loader 2000), the rest is the
// continued fraction of Didonato and Morris (1992), doi:10.1145/131766.131776,
// or the power series for small shapes. Both tails are computed for
// themselves; relative error about 1e-14, growing to |ln tail|·1e-16 in far
// tails. Where both shapes are above largeShape the integral of largeshape.go
// takes the fraction's place, so that time has a bound.

// logBetaPower is ln[x^a y^b / B(a,b)] with x + y = 1 and d = b x − a y, each
// passed by itself because differences of them lose digits.
func logBetaPower(a, b, x, y, d float64) float64 {
	n := a + b
	var e float64
	if u := d / a; u > -0.5 {
		e = a * log1pmx(u)
	} else {
		e = a*math.Log(x*(n/a)) - d
	}
	if v := -d / b; v > -0.5 {
		e += b * log1pmx(v)
	} else {
		e += b*math.Log(y*(n/b)) + d
	}
	return e - stirlingError(a) - stirlingError(b) + stirlingError(n) + 0.5*math.Log(a/n*b) - halfLog2Pi
}

// betaLowerFactor returns I_x(a,b) / [x^a y^b / B(a,b)]; for x at most about
// a/(a+b), where it converges.
func betaLowerFactor(a, b, x, y, d float64) float64 {
	if b*x < 1 && x < 0.7 && (a < 1 || b < 1) || x < 1e-3 && b*x < 0.7 {
		// x^a/(a B) · a Σ (1−b)_n xⁿ / (n! (a+n)), and y^−b for the factor.
		sum, term := 1/a, 1.0
		for n := 1.0; n < 500; n++ {
			term *= (n - b) / n * x
			add := term / (a + n)
			sum += add
			if math.Abs(add) < epsilon*math.Abs(sum) {
				break
			}
		}
		return sum * math.Exp(-b*log1mx(x, y))
	}
	if math.Min(a, b) > largeShape {
		return betaLargeLower(a, b, x, y, d)
	}
	// The continued fraction 1/(β₀ + α₁/(β₁ + …)), bottom-free by Steed's
	// recurrence: one division a step besides the coefficients'.
	beta := func(m float64) float64 {
		return m + m*(b-m)*x/(a+2*m-1) + (a+m)*(1-d+m*(1+y))/(a+2*m+1)
	}
	den := 1 / (a * (1 - d) / (a + 1))
	del := den
	sum := del
	for m := 1.0; m < 1e8; m++ {
		c := a + 2*m - 1
		alpha := (a + m - 1) / c * ((a + b + m - 1) / c) * m * (b - m) * x * x
		bm := beta(m)
		den = 1 / (bm + alpha*den)
		del *= bm*den - 1
		sum += del
		if !(math.Abs(del) >= 0.25*epsilon*math.Abs(sum)) || del == 0 { // also NaN
			break
		}
	}
	return sum
}

// log1mx is ln y for y = 1 − x, from whichever of the two has the digits.
func log1mx(x, y float64) float64 {
	if x < 0.5 {
		return math.Log1p(-x)
	}
	return math.Log(y)
}

// ibeta returns I_x(a,b) and its complement; a, b > 0 finite, x, y ≥ 0 with
// x + y = 1, d = b x − a y.
func ibeta(a, b, x, y, d float64) (lower, upper float64) {
	switch {
	case x <= 0:
		return 0, 1
	case y <= 0:
		return 1, 0
	}
	if a < 1 && x < 0.5 && b*x < 0.5 {
		if upper = betaUpperSmallA(a, b, x); upper < 0.5 {
			return 1 - upper, upper
		}
		lower = math.Exp(logBetaPower(a, b, x, y, d)) * betaLowerFactor(a, b, x, y, d)
		return lower, 1 - lower
	}
	if d <= 0 && !(b < 1 && y < 0.5 && a*y < 0.5) {
		lower = math.Min(1, math.Exp(logBetaPower(a, b, x, y, d))*betaLowerFactor(a, b, x, y, d))
		return lower, 1 - lower
	}
	upper, lower = ibeta(b, a, y, x, -d)
	return lower, upper
}

// betaUpperSmallA is 1 − I_x(a,b) for a shape a near zero and x below the
// mean, where I_x is near 1: 1 − x^a/(aB)·(1 + a Σ …), the first factor by
// expm1 so that the small difference keeps its digits.
func betaUpperSmallA(a, b, x float64) float64 {
	sum, term := 0.0, 1.0
	for n := 1.0; n < 1e5; n++ {
		term *= (n - b) / n * x
		add := term / (a + n)
		sum += add
		if !(math.Abs(add) >= epsilon*math.Abs(sum)) || term == 0 {
			break
		}
	}
	// x^a Γ(a+b)/(Γ(1+a)Γ(b)) = e^g.
	g := a*math.Log(x) + LogGammaDiff(b, a) - logGamma1p(a)
	return -math.Expm1(g) - a*math.Exp(g)*sum
}

// logIbeta returns ln I_x(a,b), or of its complement, also where the tail
// itself underflows.
func logIbeta(a, b, x, y, d float64, upper bool) float64 {
	if upper {
		a, b, x, y, d = b, a, y, x, -d
	}
	switch {
	case x <= 0:
		return math.Inf(-1)
	case y <= 0:
		return 0
	case d <= 0:
		return math.Min(0, logBetaPower(a, b, x, y, d)+math.Log(betaLowerFactor(a, b, x, y, d)))
	}
	_, c := ibeta(a, b, x, y, d)
	return math.Log1p(-c)
}

// cross is b x − a y to the last bits (Kahan's difference of products).
func cross(a, b, x, y float64) float64 {
	w := a * y
	e := math.FMA(-a, y, w)
	return math.FMA(b, x, -w) + e
}

func badShape(v ...float64) bool {
	for _, s := range v {
		if !(s > 0) {
			return true
		}
	}
	return false
}

// BetaCDF is P(X ≤ x), the regularized incomplete beta function I_x(a,b).
func BetaCDF(x, a, b float64) float64 {
	lo, _ := betaTails(x, a, b)
	return lo
}

// BetaSF is P(X ≥ x) = I_{1−x}(b,a).
func BetaSF(x, a, b float64) float64 {
	_, up := betaTails(x, a, b)
	return up
}

func betaTails(x, a, b float64) (lo, up float64) {
	switch {
	case math.IsNaN(x) || badShape(a, b) || math.IsInf(a, 1) || math.IsInf(b, 1):
		return math.NaN(), math.NaN()
	case x <= 0:
		return 0, 1
	case x >= 1:
		return 1, 0
	}
	y := 1 - x
	return ibeta(a, b, x, y, cross(a, b, x, y))
}

// BetaPDF is the density; +Inf at an end where a shape below 1 makes it so.
func BetaPDF(x, a, b float64) float64 {
	switch {
	case math.IsNaN(x) || badShape(a, b) || math.IsInf(a, 1) || math.IsInf(b, 1):
		return math.NaN()
	case x < 0 || x > 1:
		return 0
	case x == 0 || x == 1:
		s, o := a, b
		if x == 1 {
			s, o = b, a
		}
		switch {
		case s < 1:
			return math.Inf(1)
		case s > 1:
			return 0
		}
		return o // Γ(1+o)/Γ(o)
	}
	y := 1 - x
	return math.Exp(logBetaPower(a, b, x, y, cross(a, b, x, y)) - math.Log(x) - log1mx(x, y))
}

// BetaQuantile returns x with P(X ≤ x) = p.
func BetaQuantile(p, a, b float64) float64 {
	x, _ := betaInverse(p, a, b, false)
	return x
}

// BetaQuantileUpper returns x with P(X ≥ x) = p.
func BetaQuantileUpper(p, a, b float64) float64 {
	x, _ := betaInverse(p, a, b, true)
	return x
}

// betaInverse solves on the scale of the odds v = x/(1−x) and returns x and v.
func betaInverse(p, a, b float64, upper bool) (x, odds float64) {
	if math.IsNaN(p) || p < 0 || p > 1 || badShape(a, b) || math.IsInf(a, 1) || math.IsInf(b, 1) {
		return math.NaN(), math.NaN()
	}
	odds = betaOddsInverse(p, a, b, upper)
	if math.IsInf(odds, 1) {
		return 1, odds
	}
	return odds / (1 + odds), odds
}

func betaOddsInverse(p, a, b float64, upper bool) float64 {
	if p > 0.5 {
		p, upper = 1-p, !upper // exact
	}
	if p == 0 {
		if upper {
			return math.Inf(1)
		}
		return 0
	}
	eval := func(v float64) (tail, slope float64) {
		x, y := v/(1+v), 1/(1+v)
		d := (math.FMA(b, v, -a)) / (1 + v)
		lo, up := ibeta(a, b, x, y, d)
		slope = math.Exp(logBetaPower(a, b, x, y, d))
		if upper {
			return up, slope
		}
		return lo, slope
	}
	return solveTail(p, betaOddsStart(p, a, b, upper), !upper, eval)
}

// betaOddsStart is a first guess: the leading power where a shape is small,
// else Carter's normal approximation on the scale of the log odds.
func betaOddsStart(p, a, b float64, upper bool) float64 {
	if upper {
		return 1 / betaOddsStart(p, b, a, false)
	}
	if a > 1 && b > 1 {
		z := NormQuantile(p)
		la, lb := 1/(2*a-1), 1/(2*b-1)
		h := 2 / (la + lb)
		k := (z*z - 3) / 6
		w := z*math.Sqrt(math.Max(0, h+k))/h + (lb-la)*(k+5.0/6-2/(3*h))
		if v := a / b * math.Exp(2*w); v > 0 && !math.IsInf(v, 1) {
			return v
		}
	}
	// I ≈ x^a/(a B).
	l := (math.Log(p) + math.Log(a) + logBeta(a, b)) / a
	if l < -0.7 {
		return math.Exp(l)
	}
	return a / b
}
