package num

import "math"

// The noncentral chi-square and F distributions as Poisson mixtures of the
// central ones, λ = ncp/2; df2 = +Inf of F is chi-square over df1. Both tails
// are sums of positive terms outwards from the largest (see logMixture), so
// far tails keep relative accuracy, about 1e-13. Johnson, Kotz and
// Balakrishnan (1995), Continuous Univariate Distributions 2, ch. 29–30.

// mixTails returns both tails of a mixture; below tells that the argument is
// below the mean, so that the lower tail is the smaller.
func mixTails(lambda float64, k mixKernel, below bool) (lower, upper float64) {
	if below {
		lower = math.Exp(logMixture(lambda, 0, false, k))
		if lower < 0.7 {
			return lower, 1 - lower
		}
		upper = math.Exp(logMixture(lambda, 0, true, k))
		return 1 - upper, upper
	}
	upper = math.Exp(logMixture(lambda, 0, true, k))
	if upper < 0.7 {
		return 1 - upper, upper
	}
	lower = math.Exp(logMixture(lambda, 0, false, k))
	return lower, 1 - lower
}

// hugeLambda is the noncentrality above which the normal deviate whose square
// it shifts, or that square as a whole, varies less than the other parts by
// more than float64 tells.
const hugeLambda = 1e28

func ncChiSqTails(x, df, ncp float64) (lower, upper float64) {
	switch {
	case math.IsNaN(x) || badShape(df) || math.IsInf(df, 1) || !(ncp >= 0) || math.IsInf(ncp, 1):
		return math.NaN(), math.NaN()
	case x <= 0:
		return 0, 1
	case math.IsInf(x, 1):
		return 1, 0
	case ncp < 1e-300:
		return gammaTails(x/2, df/2)
	}
	if ncp > hugeLambda {
		d := math.Sqrt(x) - math.Sqrt(ncp)
		return NormCDF(d), NormSF(d)
	}
	return mixTails(ncp/2, gammaKernel(df/2, x/2), x < df+ncp)
}

func ncFTails(f, df1, df2, ncp float64) (lower, upper float64) {
	switch {
	case math.IsNaN(f) || badShape(df1, df2) || math.IsInf(df1, 1) || !(ncp >= 0) || math.IsInf(ncp, 1):
		return math.NaN(), math.NaN()
	case f <= 0:
		return 0, 1
	case math.IsInf(f, 1):
		return 1, 0
	case ncp < 1e-300:
		return fTails(f, df1, df2)
	case math.IsInf(df2, 1) || df2 > 1e18:
		return ncChiSqTails(f*df1, df1, ncp)
	}
	if ncp > hugeLambda {
		upper, lower = gammaTails(ncp/f/df1*df2/2, df2/2)
		return lower, upper
	}
	r := f * (df1 / df2)
	if r > 1e290 {
		return 1, 0
	}
	if r < 1e-290 {
		return 0, 1
	}
	return mixTails(ncp/2, betaKernel(df1/2, df2/2, r/(1+r), 1/(1+r), r), f < 1+ncp/df1)
}

// NCChiSqCDF is P(X ≤ x), X noncentral chi-square with df > 0 and ncp ≥ 0.
func NCChiSqCDF(x, df, ncp float64) float64 { lo, _ := ncChiSqTails(x, df, ncp); return lo }

// NCChiSqSF is P(X ≥ x).
func NCChiSqSF(x, df, ncp float64) float64 { _, up := ncChiSqTails(x, df, ncp); return up }

// NCFCDF is P(X ≤ f), X noncentral F with df1, df2 > 0 and ncp ≥ 0.
func NCFCDF(f, df1, df2, ncp float64) float64 { lo, _ := ncFTails(f, df1, df2, ncp); return lo }

// NCFSF is P(X ≥ f).
func NCFSF(f, df1, df2, ncp float64) float64 { _, up := ncFTails(f, df1, df2, ncp); return up }

// NCChiSqQuantile returns x with P(X ≤ x) = p.
func NCChiSqQuantile(p, df, ncp float64) float64 { return ncChiSqInverse(p, df, ncp, false) }

// NCChiSqQuantileUpper returns x with P(X ≥ x) = p.
func NCChiSqQuantileUpper(p, df, ncp float64) float64 { return ncChiSqInverse(p, df, ncp, true) }

func ncChiSqInverse(p, df, ncp float64, upper bool) float64 {
	if badShape(df) || math.IsInf(df, 1) || !(ncp >= 0) || math.IsInf(ncp, 1) {
		return math.NaN()
	}
	// A scaled chi-square with the same mean and variance starts.
	m := df + ncp
	s := (df + 2*ncp) / m
	return positiveInverse(p, upper, s*2*gammaInverse(math.Min(math.Max(p, 1e-12), 1-1e-12), m/s/2, upper), func(x float64) (float64, float64) {
		return ncChiSqTails(x, df, ncp)
	})
}

// NCFQuantile returns f with P(X ≤ f) = p.
func NCFQuantile(p, df1, df2, ncp float64) float64 { return ncFInverse(p, df1, df2, ncp, false) }

// NCFQuantileUpper returns f with P(X ≥ f) = p.
func NCFQuantileUpper(p, df1, df2, ncp float64) float64 { return ncFInverse(p, df1, df2, ncp, true) }

func ncFInverse(p, df1, df2, ncp float64, upper bool) float64 {
	if badShape(df1, df2) || math.IsInf(df1, 1) || !(ncp >= 0) || math.IsInf(ncp, 1) {
		return math.NaN()
	}
	m := df1 + ncp
	s := m * m / (df1 + 2*ncp)
	start := m / df1 * fInverse(math.Min(math.Max(p, 1e-12), 1-1e-12), s, df2, upper)
	return positiveInverse(p, upper, start, func(f float64) (float64, float64) {
		return ncFTails(f, df1, df2, ncp)
	})
}

// positiveInverse inverts a distribution on (0, ∞) given both tails, on the
// scales of ln x and of the log odds of the tails, where far tails are straight.
func positiveInverse(p float64, upper bool, start float64, tails func(x float64) (lower, upper float64)) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0 || p == 1:
		if (p == 0) == upper {
			return math.Inf(1)
		}
		return 0
	}
	if !(start > 1e-300) || math.IsInf(start, 1) {
		start = 1
	}
	want := math.Log(p) - math.Log1p(-p)
	if upper {
		want = -want
	}
	l, err := monotoneRoot(func(l float64) float64 {
		lo, up := tails(math.Exp(l))
		return logOdds(lo, up) - want
	}, math.Log(start), 0.02)
	if err != nil {
		return math.NaN()
	}
	return math.Exp(l)
}

// logOdds is ln(lower/upper), bounded where a tail underflows.
func logOdds(lower, upper float64) float64 {
	const far = 5e-324
	return math.Log(math.Max(lower, far)) - math.Log(math.Max(upper, far))
}

// NCFNCP returns the noncentrality at which P(X ≤ f) = p, and 0 where even the
// central distribution has less below f (no noncentrality attains p).
func NCFNCP(f, df1, df2, p float64) float64 {
	if badShape(df1, df2) || math.IsInf(df1, 1) {
		return math.NaN()
	}
	return pivotNCP(p, math.Max(1, (f-1)*df1), func(ncp float64) (float64, float64) { return ncFTails(f, df1, df2, ncp) })
}

// NCFShareCI returns the limits λ/(λ + df2) of a sample's share of variance:
// λ pivoted from the F statistic whose η² = F·df1/(F·df1 + df2) is the share,
// 0 where the share is negative. R's effectsize prints these for η², ω² and ε².
func NCFShareCI(share, df1, df2, level float64) (lo, hi float64) {
	f := math.Max(0, share) / (1 - share) * df2 / df1
	a := (1 - level) / 2
	lo, hi = NCFNCP(f, df1, df2, 1-a), NCFNCP(f, df1, df2, a)
	return lo / (lo + df2), hi / (hi + df2)
}

// NCChiSqNCP returns the noncentrality at which P(X ≤ x) = p, 0 where none is.
func NCChiSqNCP(x, df, p float64) float64 {
	if badShape(df) || math.IsInf(df, 1) {
		return math.NaN()
	}
	return pivotNCP(p, math.Max(1, x-df), func(ncp float64) (float64, float64) { return ncChiSqTails(x, df, ncp) })
}

func pivotNCP(p, start float64, tails func(ncp float64) (lower, upper float64)) float64 {
	lo, up := tails(0)
	switch {
	case !(p >= 0 && p <= 1) || math.IsNaN(lo) || math.IsInf(start, 0):
		return math.NaN()
	case p == 0:
		return math.Inf(1)
	}
	want := math.Log(p) - math.Log1p(-p)
	f := func(root float64) float64 {
		lo, up = tails(root * root)
		return want - logOdds(lo, up)
	}
	if p == 1 || f(0) >= 0 {
		return 0
	}
	// On the scale of √ncp, where the pivot is nearly normal.
	hi := math.Sqrt(start)
	for range 200 {
		if f(hi) > 0 {
			break
		}
		hi = hi*1.5 + 0.5
	}
	x, err := Root(f, 0, hi, 0)
	if err != nil {
		return math.NaN()
	}
	return x * x
}
