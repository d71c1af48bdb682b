package num

import (
	"fmt"
	"math"
	"testing"
)

// Two means: the studentized range is √2 |t|.
func TestTukeyTwoMeans(t *testing.T) {
	for _, df := range []float64{0.8, 1, 3, 10.5, 100, 1e5, math.Inf(1)} {
		for _, q := range []float64{0.1, 1, 3, 8, 30} {
			near(t, TukeySF(q, 2, df), 2*TSF(q/math.Sqrt2, df), 1e-12, "SF", q, df)
			near(t, TukeyPDF(q, 2, df), math.Sqrt2*TPDF(q/math.Sqrt2, df), 1e-12, "PDF", q, df)
			lo := 2*TCDF(q/math.Sqrt2, df) - 1
			near(t, TukeyCDF(q, 2, df), lo, 1e-12, "CDF", q, df)
		}
		near(t, TukeyQuantileUpper(0.01, 2, df), math.Sqrt2*TQuantileUpper(0.005, df), 1e-11, "quantile", df)
	}
}

// One comparison with a control is Student's t, k uncorrelated normals a power.
func TestOneFactorSpecial(t *testing.T) {
	for _, df := range []float64{1, 5, 40, math.Inf(1)} {
		near(t, DunnettSF(2.5, 1, df, true), 2*TSF(2.5, df), 1e-12, df)
		near(t, DunnettSF(2.5, 1, df, false), TSF(2.5, df), 1e-12, df)
	}
	for _, c := range []float64{-1, 0.5, 3, 7} {
		near(t, OneFactorCDF(c, []float64{0, 0, 0}, math.Inf(1), false), math.Pow(NormCDF(c), 3), 1e-13, c)
	}
}

func BenchmarkTukeySF(b *testing.B) {
	for _, df := range []float64{3, 20, 200} {
		b.Run(fmt.Sprint(df), func(b *testing.B) {
			for b.Loop() {
				TukeySF(3.7, 5, df)
			}
		})
	}
}

func BenchmarkTukeyQuantileUpper(b *testing.B) {
	for b.Loop() {
		TukeyQuantileUpper(0.05, 5, 20)
	}
}
