package num

import (
	"math"
	"testing"
)

func TestNCTTruth(t *testing.T) {
	for _, r := range truth(t, "nct") {
		x, df, d, p, q := r[0], r[1], r[2], r[3], r[4]
		near(t, NCTCDF(x, df, d), p, 5e-14+4*tailRel(p), "CDF", x, df, d)
		near(t, NCTSF(x, df, d), q, 5e-14+4*tailRel(q), "SF", x, df, d)
		near(t, NCTCDF(-x, df, -d), q, 5e-14+4*tailRel(q), "mirrored", x, df, d)
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

func TestNCFTruth(t *testing.T) {
	for _, r := range truth(t, "ncx2") {
		x, df, l, p, q := r[0], r[1], r[2], r[3], r[4]
		near(t, NCChiSqCDF(x, df, l), p, 5e-14+4*tailRel(p), "chi-square CDF", x, df, l)
		near(t, NCChiSqSF(x, df, l), q, 5e-14+4*tailRel(q), "chi-square SF", x, df, l)
		h := 1e-4 * x
		slope := (NCChiSqCDF(x+h, df, l) - NCChiSqCDF(x-h, df, l)) / (2 * h)
		if p < q && slope > 1e-200 {
			near(t, NCChiSqQuantile(p, df, l), x, 1e-12*(1+p/(x*slope)), "quantile", x, df, l)
			near(t, NCChiSqNCP(x, df, p), l, 1e-10*math.Max(1, 1/l), "ncp", x, df, l)
		}
	}
	for _, r := range truth(t, "ncf") {
		x, df1, df2, l, p, q := r[0], r[1], r[2], r[3], r[4], r[5]
		near(t, NCFCDF(x, df1, df2, l), p, 5e-14+4*tailRel(p), "F CDF", x, df1, df2, l)
		near(t, NCFSF(x, df1, df2, l), q, 5e-14+4*tailRel(q), "F SF", x, df1, df2, l)
		if p < 0.5 {
			near(t, NCFCDF(NCFQuantile(p, df1, df2, l), df1, df2, l), p, 1e-12+8*tailRel(p), "F quantile", x, df1, df2, l)
			near(t, NCFNCP(x, df1, df2, p), l, 1e-10*math.Max(1, 1/l), "ncp", x, df1, df2, l)
		}
	}
}
