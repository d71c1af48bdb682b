package num

import (
	"math"
	"testing"
)

func TestNCTTruth(t *testing.T) {
	for _, r := range truth(t, "nct") {
		x, df, d, p, q := r[0], r[1], r[2], r[3], r[4]
		near(t, NCTCDF(x, df, d), p, 1e-14+4*tailRel(p), "CDF", x, df, d)
		near(t, NCTSF(x, df, d), q, 1e-14+4*tailRel(q), "SF", x, df, d)
		near(t, NCTCDF(-x, df, -d), q, 1e-14+4*tailRel(q), "mirrored", x, df, d)
		if math.Min(p, q) > 1e-200 {
			pdf := NCTPDF(x, df, d)
			tol := 1e-12 * (1 + math.Min(p, q)/(x*pdf))
			if p < q {
				near(t, NCTQuantile(p, df, d), x, tol, "quantile", x, df, d)
				near(t, NCTNCP(x, df, p), d, 1e-12*math.Max(1, (1+x)/math.Abs(d)), "ncp", x, df, d)
			} else {
				near(t, NCTQuantileUpper(q, df, d), x, tol, "upper quantile", x, df, d)
				near(t, NCTNCPUpper(x, df, q), d, 1e-12*math.Max(1, (1+x)/math.Abs(d)), "upper ncp", x, df, d)
			}
		}
	}
	for _, r := range truth(t, "nctpdf") {
		near(t, NCTPDF(r[0], r[1], r[2]), r[3], 1e-13, "PDF", r)
	}
}

func BenchmarkNCTSF(b *testing.B) {
	for _, d := range []float64{-2, 0.5, 2.5, 11, 38, 200} {
		b.Run("", func(b *testing.B) {
			for b.Loop() {
				NCTSF(2.3, 38, d)
			}
		})
	}
}

func BenchmarkNCTNCP(b *testing.B) {
	for b.Loop() {
		NCTNCP(2.3, 38, 0.025)
	}
}
