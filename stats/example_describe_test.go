package stats_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
)

// Pain of ten people on a visual analog scale, in mm.
var painMM = []float64{34, 52, 47, 61, 55, 38, 49, 70, 44, 90}

// R's default is type 7, SAS's PCTLDEF=5 is type 2.
func ExampleQuantile() {
	r, _ := stats.Quantile(painMM, 0.25, 7)
	sas, _ := stats.Quantile(painMM, 0.25, stats.SASQuantileType(5))
	iqr, _ := stats.IQR(painMM, 7)
	fmt.Println(r, sas, iqr)
	// Output:
	// 44.75 44 14.75
}

func ExampleSD() {
	sd, _ := stats.SD(painMM)
	times := stats.StandardDeviation{Value: 1, DF: 9}.CI(0.95) // the same for any SD of ten values
	cv, _ := stats.CV(painMM)
	fmt.Printf("SD %v\nvariance %v\ntimes %.3f to %.3f; CV %.2f\n", sd, sd.VarianceCI(0.95), times.Lo, times.Hi, cv)
	// Output:
	// SD 16.5 (95% CI 11.3 to 30.0; 9 df)
	// variance 128 to 902
	// times 0.688 to 1.826; CV 0.30
}

// Measures that one extreme value does not move.
func ExampleTrimmed() {
	mean, _ := stats.TrimmedMean(painMM, 0.2)
	t, _ := stats.Trimmed(painMM, 0.2)
	w, _ := stats.Winsorized(painMM, 0.2)
	mad, _ := stats.MAD(painMM)
	five, _ := stats.FiveNumbers(painMM)
	fmt.Println(mean)
	fmt.Println(t)
	fmt.Println(w)
	fmt.Println(mad, five)
	// Output:
	// 51.333333333333336
	// 51.3 (95% CI 41.5 to 61.2; p < 0.0001; t, 5 df)
	// 51.8 (95% CI 41.1 to 62.5; p < 0.0001; t, 5 df)
	// 8.5 [34 44 50.5 61 90]
}

func ExampleGeometricMean() {
	titer := []float64{20, 40, 40, 80, 160, 320}
	g, _ := stats.GeometricMean(titer)
	sd, cv, _ := stats.GeometricSD(titer)
	fmt.Println(g)
	fmt.Printf("%.1f; geometric SD %.2f, CV %.2f\n", g.Point(), sd, cv)
	// Output:
	// 71 (95% CI 24 to 208; p = 0.0002; log t, 5 df)
	// 71.3; geometric SD 2.77, CV 1.35
}

func ExampleSkewness() {
	s, _ := stats.Skewness(painMM, 2) // SAS, SPSS
	k, _ := stats.Kurtosis(painMM, 2)
	fmt.Printf("%.3f %.3f\n", s, k)
	// Output:
	// 1.170 1.578
}

func ExampleDensityWith() {
	h, _ := stats.BandwidthSilverman(painMM)
	sj, _ := stats.BandwidthSJ(painMM)
	c, _ := stats.DensityWith(painMM, stats.DensityOptions{Bandwidth: h, Points: 5, From: 0, To: 100})
	fmt.Printf("%.2f %.2f %.4f\n", h, sj, c.Y)
	// Output:
	// 6.25 8.59 [0.0000 0.0031 0.0294 0.0056 0.0018]
}

// A paper prints a mean with its standard error, or an interval, or a p-value:
// each gives the estimate back.
func ExampleEstimateFromCI() {
	a, _ := stats.SummaryFromSE(24, 41.2, 3.1)
	b, _ := stats.SummaryFromCI(24, stats.Interval{Lo: 45.1, Hi: 57.3, Level: 0.95})
	fmt.Printf("SD %.2f and %.2f\n", a.SD, b.SD)
	e, _ := stats.EstimateFromCI(stats.Interval{Lo: -14.6, Hi: -1.2, Level: 0.95}, 46)
	p, _ := stats.EstimateFromP(-7.9, 0.022, 46)
	fmt.Println(e)
	fmt.Println(p)
	// Output:
	// SD 15.19 and 14.45
	// -7.9 (95% CI -14.6 to -1.2; p = 0.0219; t, 46 df)
	// -7.9 (95% CI -14.6 to -1.2; p = 0.0220; t, 46 df)
}

// A finished estimate answers questions of level and null value.
func ExampleInterval_Excludes() {
	e := stats.Estimate{Value: -7.9, SE: 3.3, DF: 46}
	ci := e.CI(0.95)
	fmt.Println(e, ci)
	fmt.Println(ci.Excludes(0), ci.Contains(-12), ci.Neg())
	fmt.Printf("t %.2f, width %.1f; in cm: %v\n", e.T(0), ci.Width(), e.Neg().Scale(0.1))
	// Output:
	// -7.9 (95% CI -14.5 to -1.3; p = 0.0208; t, 46 df) -14.5 to -1.3
	// true true 1.3 to 14.5
	// t -2.39, width 13.3; in cm: 0.79 (95% CI 0.13 to 1.45; p = 0.0208; t, 46 df)
}
