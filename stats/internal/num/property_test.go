package num

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// No finite argument may panic, leave [0, 1] or make the tails disagree.
func TestTailsAnyArgument(t *testing.T) {
	args := []float64{0, 1e-300, 1e-12, 0.3, 1, 2.5, 37, 1e4, 1e16, 1e300}
	shapes := []float64{1e-300, 1e-8, 0.5, 1, 7.3, 300, 1e5, 1e19, math.Inf(1)}
	pair := func(name string, lo, up float64, at ...float64) {
		if math.IsNaN(lo) && math.IsNaN(up) {
			return
		}
		require.InDelta(t, 1, lo+up, 1e-12, "%s %v", name, at)
		require.True(t, lo >= 0 && lo <= 1 && up >= 0 && up <= 1, "%s %v: %g %g", name, at, lo, up)
	}
	for _, a := range shapes {
		for _, x := range args {
			pair("t", TCDF(x, a), TSF(x, a), x, a)
			pair("t", TCDF(-x, a), TSF(-x, a), -x, a)
			if a <= 1e5 {
				pair("gamma", GammaCDF(x, a), GammaSF(x, a), x, a)
			}
			for _, b := range shapes {
				if a <= 1e5 && b <= 1e5 || a > 1e18 || b > 1e18 {
					pair("F", FCDF(x, a, b), FSF(x, a, b), x, a, b)
				}
				if a <= 1e5 && b <= 1e5 {
					pair("beta", BetaCDF(math.Min(x, 1), a, b), BetaSF(math.Min(x, 1), a, b), x, a, b)
				}
			}
			for _, d := range []float64{-1e3, -40, -1, 0, 1e-300, 0.5, 40, 1e3} {
				if a >= 0.5 { // fewer make the noncentral t slow
					pair("nct", NCTCDF(x, a, d), NCTSF(x, a, d), x, a, d)
				}
			}
		}
	}
}

// Quantiles invert, and are monotone.
func TestQuantilesInvert(t *testing.T) {
	for _, df := range []float64{0.3, 1, 2, 3.3, 20.4, 20.6, 500, 1e7} {
		last := math.Inf(1)
		for _, p := range []float64{1e-250, 1e-30, 1e-6, 0.024, 0.249, 0.251, 0.4999, 0.5001, 0.9, 1 - 1e-9} {
			x := TQuantileUpper(p, df)
			if !math.IsInf(x, 0) {
				require.Less(t, x, last, "%g %g", p, df)
			}
			last = x
			if !math.IsInf(x, 0) {
				near(t, TSF(x, df), p, 1e-12, "t", p, df)
			}
			if p < 0.5 && df >= 1 {
				near(t, ChiSqSF(ChiSqQuantileUpper(p, df), df), p, 1e-11, "chi-square", p, df)
				near(t, FSF(FQuantileUpper(p, df, 7.5), df, 7.5), p, 1e-11, "F", p, df)
				near(t, FCDF(FQuantile(p, 3, df), 3, df), p, 1e-11, "F lower", p, df)
			}
		}
	}
}

// Summing all probabilities of a discrete distribution gives the tails.
func TestDiscreteTails(t *testing.T) {
	var b, h, q float64
	for k := 0; k <= 40; k++ {
		near(t, BinomSF(k, 40, 0.37)+b, 1, 1e-13, "binomial", k)
		near(t, HyperSF(k, 25, 30, 40)+h, 1, 1e-13, "hypergeometric", k)
		near(t, PoissonSF(k, 9.5)+q, 1, 1e-13, "Poisson", k)
		b += BinomPMF(k, 40, 0.37)
		h += HyperPMF(k, 25, 30, 40)
		q += PoissonPMF(k, 9.5)
		near(t, BinomCDF(k, 40, 0.37), b, 1e-13, "binomial CDF", k)
		near(t, HyperCDF(k, 25, 30, 40), h, 1e-13, "hypergeometric CDF", k)
		near(t, PoissonCDF(k, 9.5), q, 1e-13, "Poisson CDF", k)
	}
}

// J(2k) by the product of whole gammas: J(2) = Γ(1)/(√1 Γ(½)), J(4) = Γ(2)/(√2 Γ(3/2)).
func TestHedgesJ(t *testing.T) {
	near(t, HedgesJ(2), 1/math.Sqrt(math.Pi), 1e-15)
	near(t, HedgesJ(4), math.Sqrt2/math.Sqrt(math.Pi), 1e-15)
	near(t, HedgesJ(1e6), 1-3/(4e6-1), 1e-12)
	require.Equal(t, 1.0, HedgesJ(math.Inf(1)))
	require.Equal(t, 2598960.0, Choose(52, 5))
	near(t, LogChoose(52, 5), math.Log(2598960), 1e-14)
}
