package num

import "math"

const (
	halfLog2Pi = 0.91893853320467274178 // ln(2π)/2
	sqrt2Pi    = 2.5066282746310005024
	sqrtPi     = 1.7724538509055160273
	epsilon    = 0x1p-53
)

// stirlingHalf holds stirlingError(i/2), i = 1 … 31, from 40-digit arithmetic.
var stirlingHalf = [...]float64{
	0,
	0.15342640972002734529, 0.08106146679532725822, 0.054814121051917653896,
	0.041340695955409294094, 0.033162873519936287485, 0.027677925684998339149,
	0.023746163656297495971, 0.020790672103765093112, 0.018488450532673185231,
	0.016644691189821192163, 0.015134973221917378874, 0.013876128823070747999,
	0.012810465242920226924, 0.011896709945891770095, 0.011104559758206917327,
	0.010411265261972096497, 0.0097994161261588032984, 0.0092554621827127329177,
	0.008768700134139385463, 0.0083305634333628712565, 0.0079341145643140205472,
	0.007573675487951840795, 0.0072445543013203831795, 0.0069428401072095298657,
	0.0066652470327076824424, 0.0064089941880042070684, 0.0061717122630394576475,
	0.0059513701127588477356, 0.005746216513010115682, 0.005554733551962801371,
	0.0053755990329268344936,
}

// stirlingError is ln Γ(x) − [(x−½) ln x − x + ½ ln 2π], x > 0: what Stirling's
// formula leaves out. Densities written with it lose no digits for large
// arguments, where a difference of log-gammas would lose all of them.
// Loader (2000), Fast and accurate computation of binomial probabilities.
func stirlingError(x float64) float64 {
	if x < 15.75 {
		if h := 2 * x; h == math.Trunc(h) && h >= 1 {
			return stirlingHalf[int(h)]
		}
	}
	if x < 10 {
		if x < 1e-290 {
			return -0.5*math.Log(x) - halfLog2Pi // Γ(x) = 1/x here
		}
		return math.Log(math.Gamma(x) * math.Exp(x) * math.Pow(x, 0.5-x) / sqrt2Pi)
	}
	// Bernoulli series B_2k / (2k(2k−1) x^(2k−1)).
	r := 1 / x
	s := r * r
	return r * (0.083333333333333333333 + s*(-0.0027777777777777777778+s*(0.00079365079365079365079+
		s*(-0.0005952380952380952381+s*(0.00084175084175084175084+s*(-0.0019175269175269175269+
			s*(0.0064102564102564102564-s*0.02955065359477124183)))))))
}

// log1pmx is ln(1+u) − u without cancellation for small u; u > −1.
func log1pmx(u float64) float64 {
	if u < -0.4 || u > 0.5 {
		return math.Log1p(u) - u
	}
	// ln(1+u) = 2 artanh(r), r = u/(2+u), and 2r − u = −u r.
	r := u / (2 + u)
	s := r * r
	sum, pow := 0.0, 1.0
	for k := 3.0; ; k += 2 {
		term := pow / k
		sum += term
		if term < epsilon*sum {
			break
		}
		pow *= s
	}
	return -u*r + 2*r*s*sum
}

// LogGamma is ln Γ(x), x > 0, with full relative precision near its zeros 1
// and 2 as math.Lgamma has, and by Stirling's series for large x.
func LogGamma(x float64) float64 {
	if !(x > 0) {
		return math.NaN()
	}
	if x < 10 {
		v, _ := math.Lgamma(x)
		return v
	}
	if x > 1e300 {
		return x * (math.Log(x) - 1)
	}
	return (x-0.5)*math.Log(x) - x + halfLog2Pi + stirlingError(x)
}

// LogGammaDiff is ln Γ(x+d) − ln Γ(x) for x > 0, x+d > 0, without the
// cancellation of two large log-gammas.
func LogGammaDiff(x, d float64) float64 {
	y := x + d
	if !(x > 0) || !(y > 0) {
		return math.NaN()
	}
	if x < 10 && math.Abs(d) <= 0.5*x {
		// Γ(x+1) = x Γ(x) upwards, so that a small d keeps its digits.
		sum := 0.0
		for ; x < 10; x++ {
			sum += math.Log1p(d / x)
		}
		return LogGammaDiff(x, d) - sum
	}
	if x < 10 || y < 10 {
		return LogGamma(y) - LogGamma(x)
	}
	// (y−½) ln y − (x−½) ln x − d = d ln y + x [ln(1+d/x) − d/x] − ½ ln(1+d/x).
	v := d*math.Log(y) + x*log1pmx(d/x) - 0.5*math.Log1p(d/x)
	if math.Abs(d) < 1e-6*x {
		s := 1 / ((x + d/2) * (x + d/2)) // derivative of the Stirling series
		return v - d*s*(1.0/12-s*(1.0/120-s*(1.0/252-s*(1.0/240-s/132))))
	}
	return v + stirlingError(y) - stirlingError(x)
}

// logGamma1p is ln Γ(1+a), 0 ≤ a < 1.
func logGamma1p(a float64) float64 {
	if a > 0.01 {
		v, _ := math.Lgamma(1 + a)
		return v
	}
	// −γ a + Σ ζ(k) (−a)^k / k.
	return a * (-0.57721566490153286061 + a*(0.82246703342411321824+a*(-0.40068563438653142847+
		a*(0.27058080842778454788+a*(-0.20738555102867398527+a*(0.16955717699740818995-a*0.14404989676884611812))))))
}

// logBeta is ln B(a, b), a, b > 0.
func logBeta(a, b float64) float64 {
	if a > b {
		a, b = b, a
	}
	if a < 1 && b < 10 {
		return LogGamma(a) - LogGammaDiff(b, a)
	}
	if a < 10 {
		return LogGamma(a) - LogGammaDiff(b, a)
	}
	n := a + b
	return a*math.Log(a/n) + b*math.Log1p(-a/n) + 0.5*math.Log(2*math.Pi*(1/a+1/b)) +
		stirlingError(a) + stirlingError(b) - stirlingError(n)
}

// LogChoose is the logarithm of the binomial coefficient n over k for real
// 0 ≤ k ≤ n; −Inf outside.
func LogChoose(n, k float64) float64 {
	switch {
	case math.IsNaN(n) || math.IsNaN(k):
		return math.NaN()
	case k < 0 || k > n:
		return math.Inf(-1)
	case k == 0 || k == n:
		return 0
	}
	m := n - k
	// C(n,k) = n / (k m B(k, m)).
	return math.Log(n/(k*m)) - logBeta(k, m)
}

// Choose is the binomial coefficient n over k, exactly as long as it fits in
// 53 bits, +Inf where it overflows.
func Choose(n, k int) float64 {
	if k < 0 || k > n {
		return 0
	}
	k = min(k, n-k)
	c := 1.0
	for i := 1; i <= k; i++ {
		c = c * float64(n-k+i) / float64(i)
		if c > 1<<52 {
			return math.Exp(LogChoose(float64(n), float64(k)))
		}
	}
	return c
}

// HedgesJ is the exact small-sample correction of a standardized mean
// difference with m > 1 degrees of freedom,
//
//	J(m) = Γ(m/2) / (√(m/2) Γ((m−1)/2)),
//
// by which Cohen's d becomes unbiased; the common 1 − 3/(4m−1) approximates it.
// Infinite m gives 1, m ≤ 1 NaN. Hedges (1981), doi:10.3102/10769986006002107.
func HedgesJ(m float64) float64 {
	if !(m > 1) {
		return math.NaN()
	}
	if math.IsInf(m, 1) {
		return 1
	}
	a, b := m/2, (m-1)/2
	if b >= 0.5 {
		// Stirling's formula for both gammas, with a = b + ½.
		return math.Exp(b*log1pmx(0.5/b) - 0.5*math.Log1p(0.5/b) + stirlingError(a) - stirlingError(b))
	}
	return math.Gamma(a) / (math.Sqrt(a) * math.Gamma(b))
}
