package num

import (
	"context"
	"math"
)

// MVTQuantileUpper is the equicoordinate critical value: c with
// P(max T_i > c) = p, or max |T_i| if twoSided: a root on coarse sums, mended by
// Newton's method on finer ones. The probability at c is p to 1e-6, or 1e-4 of p
// where that is less, up to twelve variables: as good as MVT is there. Use
// OneFactorQuantileUpper where the correlation is a product: it is exact.
func MVTQuantileUpper(p float64, corr [][]float64, df float64, twoSided bool) float64 {
	return MVTQuantileUpperContext(context.Background(), p, corr, df, twoSided)
}

// MVTQuantileUpperContext is MVTQuantileUpper that ends with ctx: it is then
// NaN, or not the quantile.
func MVTQuantileUpperContext(ctx context.Context, p float64, corr [][]float64, df float64, twoSided bool) float64 {
	n := len(corr)
	lo, hi := make([]float64, n), make([]float64, n)
	if !mvtArguments(lo, hi, corr, df) || !(p > 0 && p < 1) {
		return math.NaN()
	}
	share := p
	if twoSided {
		share /= 2
	}
	// Between one comparison and Bonferroni's bound.
	a, b := TQuantileUpper(share, df), TQuantileUpper(share/float64(n), df)
	if n == 1 {
		return a
	}
	at := func(c, tol float64) float64 {
		for i := range n {
			lo[i], hi[i] = math.Inf(-1), c
			if twoSided {
				lo[i] = -c
			}
		}
		in, out, _ := mvtBoth(ctx, lo, hi, corr, df, tol)
		if p > 0.5 {
			return in - (1 - p)
		}
		return p - out
	}
	if math.IsNaN(at(b, 1)) {
		return math.NaN()
	}
	c, err := Root(func(c float64) float64 { return at(c, 1e-4) }, a*(1-1e-3)-1e-3, b*(1+1e-3)+1e-3, 1e-5)
	if err != nil {
		return math.NaN()
	}
	// The slope is good to a percent, so each step leaves a hundredth of the
	// error before it.
	h := 2e-2 * (1 + math.Abs(c))
	slope := (at(c+h, 1e-5) - at(c-h, 1e-5)) / (2 * h)
	for _, tol := range []float64{1e-5, 1e-6} {
		if ctx.Err() != nil {
			return math.NaN()
		}
		c -= at(c, tol) / slope
	}
	return c
}
