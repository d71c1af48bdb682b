package num

import "math"

// Student's t distribution with df > 0 degrees of freedom, not necessarily
// whole; df = +Inf is the normal. From df 20.5 on the tail is the normal-like
// expansion of incomplete gammas in 1/(df−½)² (Didonato and Morris 1992,
// doi:10.1145/131766.131776, section 9, for b = ½), below it and far out the
// incomplete beta function. Relative error about 1e-15 in the body, 1e-13 at
// tails of 1e-300.

// tExpansion holds c_n Γ(2n+½), c_n the coefficients of w^2n in
// (sinh(w/2)/(w/2))^(−½), from 40-digit arithmetic; tCoef the c_n.
var tExpansion = [...]float64{
	1.7724538509055160273, -0.027694591420398687927, 0.0045436439049091597379,
	-0.0022684412650253319823, 0.0023813113254072916999, -0.0043121970170413152049,
	0.011971574326433578521, -0.047212783415139238143, 0.25085088354451093066,
}

var tCoef = [...]float64{
	1, -0.020833333333333333333, 0.000390625, -7.8796709656084656085e-6,
	1.6967665791721781305e-7, -3.8050641917219065657e-9, 8.7483775963154073041e-11,
	-2.0445233594119738176e-12, 4.8333517979677044083e-14, -1.1524341017673859239e-15,
	2.7660520435993700423e-17, -6.6742819508916599512e-19, 1.6174550771815798882e-20,
}

// tTails returns P(T ≥ t) and the density at t ≥ 0, finite df.
func tTails(t, df float64) (sf, pdf float64) {
	r := t / math.Sqrt(df)
	l := math.Log1p(r * r)
	if df >= 20.5 && l <= 0.8 {
		return tLarge(l, df)
	}
	a := df / 2
	if r > 1e8 {
		// P = ½ x^a / (a B(a,½)), x = 1/r², exact to the last bit out here.
		sf = 0.5 * math.Exp(-df*math.Log(r)-math.Log(a)-logBeta(a, 0.5))
		return sf, sf * df / t
	}
	w := df + t*t
	x, y := df/w, t*t/w
	d := 0.5 * (df / w) * (1 - t) * (1 + t)
	if y == 0 {
		x, y, d = 1, 0, a
	}
	// t times the density is the power term x^a y^½ / B.
	pdf = tDensity(t, df)
	if d <= 0 {
		return 0.5 * t * pdf * betaLowerFactor(a, 0.5, x, y, d), pdf
	}
	return 0.5 - 0.5*t*pdf*betaLowerFactor(0.5, a, y, x, -d), pdf
}

// tLarge is the expansion; l = ln(1+t²/df).
func tLarge(l, df float64) (sf, pdf float64) {
	T := df/2 - 0.25
	u := T * l
	s := math.Sqrt(u)
	e := math.Exp(-u)
	g := sqrtPi * math.Erfc(s)
	if s > 1 {
		g -= math.FMA(-s, s, u) * e / s // rounding of the root
	}
	q := 1 / (T * T)
	sum, norm := g, tExpansion[0]
	pow := 1.0
	up := s * e / u // u^(k−½) e^−u at k = 0
	if u == 0 {
		up = 0
	}
	k := 0.5
	for n := 1; n < len(tCoef); n++ {
		// Γ(k+2, u) = (k+1)(k Γ(k,u) + u^k e^−u) + u^(k+1) e^−u.
		up *= u
		if n == 1 {
			up = s * e
		}
		g = (k + 1) * (k*g + up)
		up *= u
		g += up
		k += 2
		pow *= q
		add := tCoef[n] * g * pow
		sum += add
		if n < len(tExpansion) {
			norm += tExpansion[n] * pow
		}
		if math.Abs(add) < 0.5*epsilon*sum && math.Abs(tCoef[n])*pow*math.Abs(tExpansion[min(n, len(tExpansion)-1)]) < 1e-14 {
			break
		}
	}
	return 0.5 * sum / norm, math.Sqrt(T/df) * e * math.Exp(-0.75*l) / norm
}

func tDensity(t, df float64) float64 {
	a := df / 2
	r := t / math.Sqrt(df)
	l := math.Log1p(r * r)
	if math.Abs(r) > 1e150 {
		l = 2 * math.Log(math.Abs(r))
	}
	// Γ(a+½)/(Γ(a)√(2πa))·2^… by Stirling's formula for the ratio.
	lr := a*log1pmx(0.5/a) + stirlingError(a+0.5) - stirlingError(a)
	if a < 1e-3 {
		lr = LogGamma(a+0.5) - LogGamma(a) - 0.5*math.Log(a)
	}
	return math.Exp(lr-(a+0.5)*l) / sqrt2Pi
}

// TSF is the upper tail P(T ≥ t).
func TSF(t, df float64) float64 {
	switch {
	case math.IsNaN(t) || !(df > 0):
		return math.NaN()
	case math.IsInf(df, 1) || df > 1e18:
		return NormSF(t)
	case math.IsInf(t, 1):
		return 0
	case t < 0:
		return 1 - TSF(-t, df)
	}
	sf, _ := tTails(t, df)
	return sf
}

// TCDF is P(T ≤ t).
func TCDF(t, df float64) float64 { return TSF(-t, df) }

// TPDF is the density.
func TPDF(t, df float64) float64 {
	switch {
	case math.IsNaN(t) || !(df > 0):
		return math.NaN()
	case math.IsInf(df, 1) || df > 1e18:
		return NormPDF(t)
	case math.IsInf(t, 0):
		return 0
	}
	return tDensity(t, df)
}

// TQuantileUpper returns t with P(T ≥ t) = p, by Halley's method: on the
// logarithms of tail and t in the tail (a straight line far out), on the area
// between 0 and t near the center.
func TQuantileUpper(p, df float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df > 0):
		return math.NaN()
	case p == 0:
		return math.Inf(1)
	case p == 0.5:
		return 0
	case p > 0.5:
		return -TQuantileUpper(1-p, df)
	case math.IsInf(df, 1) || df > 1e18:
		return NormQuantileUpper(p)
	case df == 1:
		return 1 / math.Tan(math.Pi*p)
	case df == 2:
		return (1 - 2*p) / math.Sqrt(2*p*(1-p))
	case p > 0.25:
		return tCentralQuantile(0.5-p, df)
	}
	t := tStart(p, df)
	for range 60 {
		if math.IsInf(t, 1) {
			return t
		}
		sf, pdf := tTails(t, df)
		h := math.Log1p((sf - p) / p)
		if sf < p/2 || sf > 2*p {
			h = math.Log(sf / p)
		}
		k := t * pdf / sf
		if t > 1e8*math.Sqrt(df) {
			k = df // the density may underflow where the tail does not
		}
		step := h / k
		// H″/H′ of H = ln sf as a function of ln t.
		curv := 1 - (df+1)/(1+df/(t*t)) + k
		step /= math.Max(0.5, 1+0.5*step*curv)
		t += t * math.Expm1(math.Max(-5, step))
		if math.Abs(step) < 1e-6 { // the error is the cube of it
			break
		}
	}
	return t
}

// tStart is a first guess for the upper quantile, p ≤ ¼.
func tStart(p, df float64) float64 {
	z := NormQuantileUpper(p)
	if math.IsNaN(z) || math.IsInf(z, 0) {
		z = 38.5
	}
	t := math.Inf(1)
	if df > 1 {
		T := df/2 - 0.25
		t = math.Sqrt(df * math.Expm1(z*z/(2*T)))
	}
	if df < 20.5 {
		// The leading term of the tail is above it: ½ x^a/(aB).
		a := df / 2
		f := math.Exp(0.5*math.Log(df) - (math.Log(2*p)+math.Log(a)+logBeta(a, 0.5))/df)
		// Where x is not small the term overshoots; its correction to first order.
		r := f * f / df
		if g := f * math.Sqrt(math.Max(0.05, 1-(df+1)/(df+2)/r)); g < t || df <= 1 {
			t = g
		}
	}
	return math.Max(t, 1e-3)
}

// tCentralQuantile returns t with P(0 < T < t) = q, 0 < q ≤ ¼.
func tCentralQuantile(q, df float64) float64 {
	return solveTail(q, q/tDensity(0, df), true, func(t float64) (float64, float64) {
		w := df + t*t
		var area float64
		switch {
		case df >= 20.5:
			area = tCentralArea(t, df)
		case t > 1e10:
			area = 0.5 - TSF(t, df)
		default:
			up, _ := ibeta(0.5, df/2, t*t/w, df/w, 0.5*(df/w)*(t-1)*(t+1))
			area = 0.5 * up
		}
		return area, t * tDensity(t, df)
	})
}

// tCentralArea is P(0 < T < t) for small t and df ≥ 20, by the series in
// t²/(df+t²) of the incomplete beta function; all terms are positive.
func tCentralArea(t, df float64) float64 {
	y := t * t / (df + t*t)
	sum, term := 1.0, 1.0
	for n := 1.0; n < 1e4; n++ {
		term *= y * (df + 2*n - 1) / (2*n + 1)
		sum += term
		if term < epsilon*sum {
			break
		}
	}
	return tDensity(t, df) * t * sum
}

// TQuantile returns t with P(T ≤ t) = p.
func TQuantile(p, df float64) float64 {
	t := TQuantileUpper(p, df)
	if t == 0 {
		return 0
	}
	return -t
}
