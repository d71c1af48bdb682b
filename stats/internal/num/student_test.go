package num

import (
	"math"
	"testing"
)

func TestNormTruth(t *testing.T) {
	for _, r := range truth(t, "normsf") {
		z, p := r[0], r[1]
		near(t, NormSF(z), p, 2e-15, "SF", z)
		near(t, NormCDF(-z), p, 2e-15, "CDF", z)
		if z > -3 {
			near(t, NormLogSF(z), math.Log(p), 4e-15, "log SF", z)
		}
		if z > -2 && z != 1e-9 {
			near(t, NormQuantileUpper(p), z, 2e-15, "quantile", z)
		}
	}
	near(t, NormQuantile(1e-300), -37.0470962993612, 1e-14)
}

func TestTTruth(t *testing.T) {
	for _, r := range truth(t, "tsf") {
		x, df, p := r[0], r[1], r[2]
		near(t, TSF(x, df), p, tailRel(p), "TSF", x, df)
		if x > 0.1 { // else the tail does not determine t
			cond := p / (x * TPDF(x, df)) // relative change of t for that of p
			near(t, TQuantileUpper(p, df), x, (4e-15+tailRel(p))*(1+cond), "TQuantileUpper", x, df)
		}
	}
}

func BenchmarkTQuantileUpper(b *testing.B) {
	for _, df := range []float64{3.7, 9, 18, 57.3, 1e4} {
		b.Run("", func(b *testing.B) {
			for b.Loop() {
				TQuantileUpper(0.025, df)
			}
		})
	}
}

func BenchmarkTSF(b *testing.B) {
	for _, df := range []float64{3.7, 9, 18, 57.3, 1e4} {
		b.Run("", func(b *testing.B) {
			for b.Loop() {
				TSF(2.3, df)
			}
		})
	}
}
