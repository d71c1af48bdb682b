package num

import "math"

// The noncentral t distribution: T = (Z + ncp)/√(χ²/df), df > 0, any real ncp;
// df = +Inf is the normal with mean ncp.
//
// Where t and ncp have one sign both tails are Poisson mixtures of incomplete
// beta functions with positive terms only (Guenther 1978,
// doi:10.1080/00949657808810247; Benton and Krishnamoorthy 2003,
// doi:10.1016/S0167-9473(02)00283-9), summed outwards from their largest
// product. On the far side of zero, where that series cancels, the smaller
// tail is the integral of Φ(t s − ncp) over s = χ/√df. Relative error about
// 1e-13 in both tails, however far, rising to about 1e-10 at noncentralities
// of 1e10. The time has a bound at all arguments.

// nctTails returns P(T ≤ t) and P(T ≥ t).
func nctTails(t, df, ncp float64) (lower, upper float64) {
	switch {
	case math.IsNaN(t) || math.IsNaN(ncp) || math.IsInf(ncp, 0) || !(df > 0):
		return math.NaN(), math.NaN()
	case math.IsInf(t, 1):
		return 1, 0
	case math.IsInf(t, -1):
		return 0, 1
	case math.IsInf(df, 1) || df > 1e18:
		return NormCDF(t - ncp), NormSF(t - ncp)
	case ncp < 0:
		upper, lower = nctTails(-t, df, -ncp)
		return lower, upper
	case ncp == 0:
		return TCDF(t, df), TSF(t, df)
	case t == 0:
		return NormSF(ncp), NormCDF(ncp)
	case t < 0:
		lower = nctOpposite(-t, df, ncp)
		return lower, 1 - lower
	case ncp > 1e14:
		// Z is nothing beside ncp: T is ncp/s, to a relative df/ncp².
		r := ncp / t
		upper, lower = gammaTails(df*r*r/2, df/2)
		return lower, upper
	}
	// Only the smaller tail is summed; the mean tells mostly which it is.
	if t < ncp {
		lower = nctSame(t, df, ncp, false)
		if lower < 0.7 {
			return lower, 1 - lower
		}
		upper = nctSame(t, df, ncp, true)
		return 1 - upper, upper
	}
	upper = nctSame(t, df, ncp, true)
	if upper < 0.7 {
		return 1 - upper, upper
	}
	lower = nctSame(t, df, ncp, false)
	return lower, 1 - lower
}

// nctSame is a tail for t > 0, ncp > 0.
func nctSame(t, df, ncp float64, upper bool) float64 {
	r := t / math.Sqrt(df)
	odds := r * r
	x, y := odds/(1+odds), 1/(1+odds)
	if math.IsInf(odds, 1) {
		x, y = 1, 0
	}
	if y < 1e-300 || x < 1e-300 {
		if upper != (y < 1e-300) {
			return 1
		}
		if upper {
			return 0 // P(T ≥ 1e150)
		}
		return NormSF(ncp)
	}
	lambda := ncp * ncp / 2
	k := betaKernel(0.5, df/2, x, y, odds)
	p := 0.5 * (math.Exp(logMixture(lambda, 0, upper, k)) + math.Exp(logMixture(lambda, 0.5, upper, k)))
	if !upper {
		p += NormSF(ncp)
	}
	return math.Min(p, 1)
}

// nctOpposite is P(T ≤ −t) for t > 0, ncp > 0: ∫ Φ(−(t s + ncp)) f(s) ds.
func nctOpposite(t, df, ncp float64) float64 {
	// About the largest product of the integrand Φ falls with t(ts+ncp); its
	// curvature in ln s is at most that of the normal exponent.
	return chiMixture(df, 0, func(s float64) float64 { return NormSF(t*s + ncp) })
}

// NCTCDF is P(T ≤ t).
func NCTCDF(t, df, ncp float64) float64 { lo, _ := nctTails(t, df, ncp); return lo }

// NCTSF is P(T ≥ t).
func NCTSF(t, df, ncp float64) float64 { _, up := nctTails(t, df, ncp); return up }

// NCTPDF is the density, as the integral of s·φ(ts − ncp) over s = χ/√df about
// its peak.
func NCTPDF(t, df, ncp float64) float64 {
	switch {
	case math.IsNaN(t) || math.IsNaN(ncp) || math.IsInf(ncp, 0) || !(df > 0):
		return math.NaN()
	case math.IsInf(t, 0):
		return 0
	case math.IsInf(df, 1) || df > 1e18:
		return NormPDF(t - ncp)
	case ncp == 0:
		return TPDF(t, df)
	}
	// The exponent is (df+1) ln s − (df s² + (ts−ncp)²)/2 + …; with
	// w² = df + t², u = w s and m = t·ncp/w it is (df+1) ln u − (u−m)²/2.
	w := math.Hypot(math.Sqrt(df), t)
	m := t / w * ncp
	rest := ncp * ncp * (df / (w * w)) / 2 // (ncp² − m²)/2
	n := df + 1
	peak := 0.5 * (m + math.Hypot(m, 2*math.Sqrt(n)))
	if m < 0 {
		peak = 2 * n / (math.Hypot(m, 2*math.Sqrt(n)) - m)
	}
	// In v = ln(u/peak): (n) v − (peak²(e^{2v}−1) − 2 m peak (e^v − 1))/2.
	c := peak * peak
	width := 1 / math.Sqrt(2*c-m*peak)
	h := math.Min(0.4*width, 0.12)
	f := func(v float64) float64 {
		e1 := math.Expm1(v)
		return math.Exp(n*v - 0.5*c*math.Expm1(2*v) + m*peak*e1)
	}
	sum := 1.0
	for _, dir := range []float64{1, -1} {
		for i := 1; i < 100000; i++ {
			term := f(dir * float64(i) * h)
			sum += term
			if term < 0.01*epsilon*sum {
				break
			}
		}
	}
	a := df / 2
	// 2 (df/2)^(df/2)/Γ(df/2) · peak^n w^−n /√(2π) · e^(−(peak−m)²/2 − rest).
	l := logChiNorm(df) + a + n*math.Log(peak/w) - 0.5*(peak-m)*(peak-m) - rest - halfLog2Pi
	return math.Exp(l) * sum * h
}

// NCTQuantile returns t with P(T ≤ t) = p.
func NCTQuantile(p, df, ncp float64) float64 { return nctInverse(p, df, ncp, false) }

// NCTQuantileUpper returns t with P(T ≥ t) = p.
func NCTQuantileUpper(p, df, ncp float64) float64 { return nctInverse(p, df, ncp, true) }

func nctInverse(p, df, ncp float64, upper bool) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df > 0) || math.IsNaN(ncp) || math.IsInf(ncp, 0):
		return math.NaN()
	case p == 0 || p == 1:
		if (p == 0) == upper {
			return math.Inf(1)
		}
		return math.Inf(-1)
	case p > 0.5:
		p, upper = 1-p, !upper
	}
	z := NormQuantile(p)
	if upper {
		z = -z
	}
	if math.IsInf(df, 1) || df > 1e18 {
		return ncp + z
	}
	// Johnson and Welch's normal approximation starts; the unknown is the
	// normal deviate of the tail, nearly straight in asinh(t/√df).
	start := ncp + z*math.Sqrt(1+ncp*ncp/(2*df))
	root := math.Sqrt(df)
	t, err := monotoneRoot(func(w float64) float64 {
		lo, up := nctTails(root*math.Sinh(w), df, ncp)
		return tailDeviate(lo, up) - tailDeviateOf(p, upper)
	}, math.Asinh(start/root), 0.05)
	if err != nil {
		return math.NaN()
	}
	t = root * math.Sinh(t)
	// One step of Newton on the tail itself settles the last digits.
	if d := NCTPDF(t, df, ncp); d > 0 {
		lo, up := nctTails(t, df, ncp)
		step := (p - lo) / d
		if upper {
			step = (up - p) / d
		}
		if math.Abs(step) < 1e-6*(1+math.Abs(t)) {
			t += step
		}
	}
	return t
}

// NCTNCP returns the noncentrality at which P(T ≤ t) = p: the pivot of exact
// intervals for standardized effects. 0 < p < 1.
func NCTNCP(t, df, p float64) float64 { return nctPivot(t, df, p, false) }

// NCTNCPUpper returns the noncentrality at which P(T ≥ t) = p.
func NCTNCPUpper(t, df, p float64) float64 { return nctPivot(t, df, p, true) }

func nctPivot(t, df, p float64, upper bool) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df > 0) || math.IsNaN(t) || math.IsInf(t, 0):
		return math.NaN()
	case p == 0 || p == 1:
		if (p == 0) != upper {
			return math.Inf(1)
		}
		return math.Inf(-1)
	}
	target := tailDeviateOf(p, upper)
	if math.IsInf(df, 1) || df > 1e18 {
		return t - target
	}
	slope := math.Sqrt(1 + t*t/(2*df))
	x, err := monotoneRoot(func(d float64) float64 {
		lo, up := nctTails(t, df, d)
		return target - tailDeviate(lo, up)
	}, t-target*slope, 0.1*slope)
	if err != nil {
		return math.NaN()
	}
	return x
}

// tailDeviate maps a probability, given as both tails, to the normal deviate
// with that lower tail, from the smaller tail.
func tailDeviate(lower, upper float64) float64 {
	if lower <= upper {
		if lower < 1e-308 {
			return -40
		}
		return NormQuantile(lower)
	}
	if upper < 1e-308 {
		return 40
	}
	return -NormQuantile(upper)
}

func tailDeviateOf(p float64, upper bool) float64 {
	if upper {
		return NormQuantileUpper(p)
	}
	return NormQuantile(p)
}
