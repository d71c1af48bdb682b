package stats_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
)

// The dried plants of R's PlantGrowth, ctrl and trt1.
func ExampleStudent() {
	treated := []float64{4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69}
	control := []float64{4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14}
	student, _ := stats.Student(treated, control)
	yuen, _ := stats.Yuen(treated, control, 0.2)
	v, _ := stats.CompareVariances(treated, control)
	fmt.Println(student)
	fmt.Printf("trimmed %.3f\n", yuen.Value)
	fmt.Printf("variances %.2f (p = %.3f)\n", v.Ratio, v.P(1))
	// Output:
	// -0.37 (95% CI -1.03 to 0.28; p = 0.25; t, 18 df)
	// trimmed -0.445
	// variances 1.85 (p = 0.372)
}

func ExampleMean() {
	change := []float64{-12, -3, -8, 2, -15, -7}
	mean, _ := stats.Mean(change)
	summary, _ := stats.Summarize(change)
	same, _ := stats.MeanSummary(summary)
	fmt.Println(mean)
	fmt.Println(same)
	// Output:
	// -7.2 (95% CI -13.6 to -0.8; p = 0.0349; t, 5 df)
	// -7.2 (95% CI -13.6 to -0.8; p = 0.0349; t, 5 df)
}

// A paper prints 41.2 (SD 9.8, n = 24) and 47.9 (SD 11.3, n = 23).
func ExampleWelchSummary() {
	e, _ := stats.WelchSummary(stats.Summary{N: 24, Mean: 41.2, SD: 9.8}, stats.Summary{N: 23, Mean: 47.9, SD: 11.3})
	fmt.Println(e)
	// Output:
	// -6.7 (95% CI -12.9 to -0.5; p = 0.0357; t, 43.5 df)
}

// From standard errors, intervals and p-values to something that can be tested.
func ExampleSummaryFromSE() {
	a, _ := stats.SummaryFromSE(24, 41.2, 2.0)
	b, _ := stats.SummaryFromCI(23, stats.Interval{Lo: 43.0, Hi: 52.8, Level: 0.95})
	fmt.Printf("SD %.2f and %.2f\n", a.SD, b.SD)
	fromCI, _ := stats.EstimateFromCI(stats.Interval{Lo: -12.9, Hi: -0.5, Level: 0.95}, 43)
	fromP, _ := stats.EstimateFromP(-6.7, 0.035, 43)
	fmt.Printf("SE %.2f and %.2f\n", fromCI.SE, fromP.SE)
	// Output:
	// SD 9.80 and 11.33
	// SE 3.07 and 3.08
}

func ExampleAndersonDarling() {
	x := []float64{2.1, 2.4, 2.9, 3.0, 3.3, 3.4, 3.8, 4.4, 5.9, 9.2}
	ad, _ := stats.AndersonDarling(x)
	lf, _ := stats.Lilliefors(x)
	jb, _ := stats.JarqueBera(x)
	skew, _ := stats.DAgostinoSkewness(x)
	fmt.Printf("A %.3f, D %.3f\n", ad.Statistic, lf.Statistic)
	fmt.Printf("JB %.2f, skewness %.2f (p = %.3f)\n", jb.X2, skew.Skewness, skew.P())
	// Output:
	// A 0.840, D 0.245
	// JB 5.43, skewness 1.61 (p = 0.008)
}
