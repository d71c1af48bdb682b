package num

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// NormSF is the upper tail P(Z ≥ z) of the standard normal distribution.
func NormSF(z float64) float64 { return 0.5 * math.Erfc(z/math.Sqrt2) }

// NormCDF is P(Z ≤ z).
func NormCDF(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// NormPDF is the standard normal density.
func NormPDF(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

// NormQuantile is the inverse of NormCDF.
func NormQuantile(p float64) float64 { return mathext.NormalQuantile(p) }

// TSF is the upper tail P(T ≥ t) of Student's t with df > 0 degrees of
// freedom, not necessarily whole; df = +Inf is the normal distribution.
func TSF(t, df float64) float64 {
	if math.IsInf(df, 1) {
		return NormSF(t)
	}
	if t < 0 {
		return 1 - TSF(-t, df)
	}
	return 0.5 * mathext.RegIncBeta(df/2, 0.5, df/(df+t*t))
}

// TCDF is P(T ≤ t).
func TCDF(t, df float64) float64 { return TSF(-t, df) }

// TPDF is the density of Student's t.
func TPDF(t, df float64) float64 {
	if math.IsInf(df, 1) {
		return NormPDF(t)
	}
	a, _ := math.Lgamma((df + 1) / 2)
	b, _ := math.Lgamma(df / 2)
	return math.Exp(a-b-(df+1)/2*math.Log1p(t*t/df)) / math.Sqrt(df*math.Pi)
}

// TQuantileUpper returns t with P(T ≥ t) = p, by Newton's method on the log
// of the tail, which is almost quadratic in t and keeps its digits for tiny p.
func TQuantileUpper(p, df float64) float64 {
	switch {
	case math.IsInf(df, 1):
		return -NormQuantile(p)
	case p == 0.5:
		return 0
	case p > 0.5:
		return -TQuantileUpper(1-p, df)
	}
	t := -NormQuantile(p)
	for range 100 {
		sf := TSF(t, df)
		step := (math.Log(sf) - math.Log(p)) * sf / TPDF(t, df)
		if t+step <= 0 {
			step = -t / 2
		}
		t += step
		if math.Abs(step) <= 1e-15*t {
			break
		}
	}
	return t
}

// TQuantile returns t with P(T ≤ t) = p.
func TQuantile(p, df float64) float64 { return -TQuantileUpper(p, df) }
