package num

import "math"

// The F distribution with df1, df2 > 0 degrees of freedom (either may be
// +Inf), through the incomplete beta function at x = df1 f/(df1 f + df2), both
// tails for themselves; relative error about 1e-14.

func fTails(f, df1, df2 float64) (lower, upper float64) {
	switch {
	case math.IsNaN(f) || badShape(df1, df2):
		return math.NaN(), math.NaN()
	case f <= 0:
		return 0, 1
	case math.IsInf(f, 1):
		return 1, 0
	case math.IsInf(df1, 1) && math.IsInf(df2, 1):
		if f < 1 {
			return 0, 1
		}
		return 1, 0
	case math.IsInf(df2, 1) || df2 > 1e18:
		return gammaTails(df1*f/2, df1/2)
	case math.IsInf(df1, 1) || df1 > 1e18:
		upper, lower = gammaTails(df2/f/2, df2/2)
		return lower, upper
	}
	x, y, d := fArgs(f, df1, df2)
	return ibeta(df1/2, df2/2, x, y, d)
}

// fArgs returns x, 1 − x and b x − a y = ½ df1 df2 (f−1)/(df1 f + df2).
func fArgs(f, df1, df2 float64) (x, y, d float64) {
	r := f * (df1 / df2)
	if r > 1e300 {
		return 1, 0, df2 / 2
	}
	x, y = r/(1+r), 1/(1+r)
	return x, y, 0.5 * df1 * y * (f - 1)
}

// FCDF is P(X ≤ f).
func FCDF(f, df1, df2 float64) float64 { lo, _ := fTails(f, df1, df2); return lo }

// FSF is P(X ≥ f).
func FSF(f, df1, df2 float64) float64 { _, up := fTails(f, df1, df2); return up }

// FPDF is the density; +Inf at 0 for df1 < 2.
func FPDF(f, df1, df2 float64) float64 {
	switch {
	case math.IsNaN(f) || badShape(df1, df2) || math.IsInf(df1, 1) && math.IsInf(df2, 1):
		return math.NaN()
	case f < 0 || math.IsInf(f, 1):
		return 0
	case math.IsInf(df2, 1) || df2 > 1e18:
		return df1 * ChiSqPDF(df1*f, df1)
	case f == 0 && df1 < 2:
		return math.Inf(1)
	case f == 0 && df1 == 2:
		return 1
	case f == 0:
		return 0
	case math.IsInf(df1, 1) || df1 > 1e18:
		return df2 / f / f * ChiSqPDF(df2/f, df2)
	}
	x, y, d := fArgs(f, df1, df2)
	return math.Exp(logBetaPower(df1/2, df2/2, x, y, d) - math.Log(f))
}

// FQuantile returns f with P(X ≤ f) = p.
func FQuantile(p, df1, df2 float64) float64 { return fInverse(p, df1, df2, false) }

// FQuantileUpper returns f with P(X ≥ f) = p.
func FQuantileUpper(p, df1, df2 float64) float64 { return fInverse(p, df1, df2, true) }

func fInverse(p, df1, df2 float64, upper bool) float64 {
	switch {
	case !(p >= 0 && p <= 1) || badShape(df1, df2):
		return math.NaN()
	case math.IsInf(df1, 1) && math.IsInf(df2, 1):
		return 1
	case math.IsInf(df2, 1) || df2 > 1e18:
		return 2 * gammaInverse(p, df1/2, upper) / df1
	case math.IsInf(df1, 1) || df1 > 1e18:
		return df2 / 2 / gammaInverse(p, df2/2, !upper)
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
	start := betaOddsStart(p, df1/2, df2/2, upper) * (df2 / df1)
	return solveTail(p, start, !upper, func(f float64) (tail, slope float64) {
		x, y, d := fArgs(f, df1, df2)
		lo, up := ibeta(df1/2, df2/2, x, y, d)
		slope = math.Exp(logBetaPower(df1/2, df2/2, x, y, d))
		if upper {
			return up, slope
		}
		return lo, slope
	})
}
