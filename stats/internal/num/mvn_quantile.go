package num

import (
	"context"
	"math"
)

// MVTQuantileUpper is the equicoordinate critical value: c with
// P(max T_i > c) = p, or max |T_i| if twoSided, such that the probability is p
// to 1e-6 up to ten variables: a root on coarse lattices, mended by one Newton
// step on fine ones. Use OneFactorQuantileUpper where the correlation is a
// product: it is exact.
func MVTQuantileUpper(p float64, corr [][]float64, df float64, twoSided bool) float64 {
	return MVTQuantileUpperContext(context.Background(), p, corr, df, twoSided)
}

// MVTQuantileUpperContext is MVTQuantileUpper that ends with ctx: the value is
// then not the quantile.
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
		if p > 0.5 {
			in, _ := MVTContext(ctx, lo, hi, corr, df, tol)
			return in - (1 - p)
		}
		out, _ := MVTOutsideContext(ctx, lo, hi, corr, df, tol)
		return p - out
	}
	if math.IsNaN(at(b, 1)) {
		return math.NaN()
	}
	const coarse = 1e-4
	c, err := Root(func(c float64) float64 { return at(c, coarse) }, a*(1-1e-3)-1e-3, b*(1+1e-3)+1e-3, 1e-5)
	if err != nil {
		return math.NaN()
	}
	h := 2e-2 * (1 + math.Abs(c))
	slope := (at(c+h, coarse) - at(c-h, coarse)) / (2 * h)
	return c - at(c, 1e-6)/slope
}
