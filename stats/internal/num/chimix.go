package num

import "math"

// chiMixture is ∫ f(s) g(s) ds, f the density of s = χ/√df with df > 0 degrees
// of freedom: by it a statistic of normals becomes one that is studentized.
// g must be smooth, positive and free of steps narrower than about
// 1/√(2(df+narrow)) on the scale of ln s. There the trapezoidal rule converges
// faster than any power of the step (Trefethen and Weideman 2014,
// doi:10.1137/130932132), and as all terms are positive small results keep
// their relative accuracy.
func chiMixture(df, narrow float64, g func(s float64) float64) float64 {
	if math.IsInf(df, 1) {
		return g(1)
	}
	// On the scale v = ln s the density is e^(c + df·(v + ½ − e^{2v}/2)).
	c := logChiNorm(df)
	// The integrand is analytic for |Im v| < π/4: error e^(−π²/2h) at few df.
	h := math.Min(0.45/math.Sqrt(2*(df+narrow)), 0.13)
	at := func(v float64) (term float64, inside bool) {
		l := c + df*halfExpm2(v)
		if l < -740 {
			return 0, false
		}
		return math.Exp(l) * g(math.Exp(v)), true
	}
	sum, _ := at(0)
	for _, dir := range []float64{1, -1} {
		last, ratio := 0.0, 0.0
		for i := 1; i < 20000; i++ {
			term, inside := at(dir * float64(i) * h)
			sum += term
			if !inside || (term <= last && term < 0.01*epsilon*sum) {
				break
			}
			// To the left the terms end as a geometric series.
			if r := term / last; dir < 0 && i > 20 && r < 1 && math.Abs(r-ratio) < 4*epsilon {
				sum += term * r / (1 - r)
				break
			} else {
				ratio = r
			}
			last = term
		}
	}
	return sum * h
}

// halfExpm2 is v + ½ − e^{2v}/2 = −(e^{2v} − 1 − 2v)/2 ≤ 0.
func halfExpm2(v float64) float64 {
	u := 2 * v
	if math.Abs(u) < 0.1 {
		sum, term := 0.0, u
		for n := 2.0; n < 30; n++ {
			term *= u / n
			sum += term
			if math.Abs(term) < 0.1*epsilon*sum {
				break
			}
		}
		return -sum / 2
	}
	return -(math.Expm1(u) - u) / 2
}

// logChiNorm is ln of the density of ln s at s = 1: 2 (df/2)^(df/2) e^(−df/2) / Γ(df/2).
func logChiNorm(df float64) float64 {
	a := df / 2
	return math.Log(2) + 0.5*math.Log(a) - halfLog2Pi - stirlingError(a)
}
