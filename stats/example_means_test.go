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
	// -0.37 (95% CI -1.03 to 0.28; p = 0.25)
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
	// -7.17 (95% CI -13.58 to -0.75; p = 0.0349)
	// -7.17 (95% CI -13.58 to -0.75; p = 0.0349)
}

// A paper prints 41.2 (SD 9.8, n = 24) and 47.9 (SD 11.3, n = 23).
func ExampleWelchSummary() {
	e, _ := stats.WelchSummary(stats.Summary{N: 24, Mean: 41.2, SD: 9.8}, stats.Summary{N: 23, Mean: 47.9, SD: 11.3})
	fmt.Println(e)
	// Output:
	// -6.70 (95% CI -12.93 to -0.47; p = 0.0357)
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

// How far may rounding have moved the p-value?
func ExampleWelchPrinted() {
	treated := stats.PrintedSummary{N: 10, Mean: "3.1", SD: "1.2"}
	control := stats.PrintedSummary{N: 10, Mean: "4.3", SD: "1.3"}
	welch, _ := stats.WelchPrinted(treated, control, 0.95)
	student, _ := stats.StudentPrinted(treated, control, 0.95)
	fmt.Printf("p %.3f to %.3f\n", welch.P.Lo, welch.P.Hi)
	fmt.Printf("p %.3f to %.3f\n", student.P.Lo, student.P.Hi)
	// Output:
	// p 0.026 to 0.075
	// p 0.026 to 0.075
}

func ExampleGRIMMER() {
	ok, _ := stats.GRIMMER("3.44", "2.47", 18, 1)
	binary, _ := stats.DEBIT("0.26", "0.45", 50)
	lo, hi, _ := stats.SDRange("3.44", 18, 0, 10, 1)
	fmt.Println(ok, binary)
	fmt.Printf("SD between %.2f and %.2f\n", lo, hi)
	// Output:
	// false false
	// SD between 0.51 and 4.89
}

func ExampleCheckPercent() {
	ok, _ := stats.CheckPercent("33", stats.Count{Events: 7, N: 22})
	fmt.Println(ok)
	c, _ := stats.CompareSDs(stats.Summary{N: 30, Mean: 5.1, SD: 0.4}, stats.Summary{N: 30, Mean: 5.3, SD: 2.2})
	fmt.Printf("ratio %.1f, suspect %v, as SE %.2f\n", c.Ratio, c.Suspect, c.AsSE)
	// Output:
	// false
	// ratio 5.5, suspect true, as SE 2.19
}

func ExampleLevene() {
	a := []float64{18, 22, 31, 25, 27}
	b := []float64{40, 12, 55, 33, 8}
	c := []float64{21, 24, 22, 30, 19}
	levene, _ := stats.Levene(a, b, c)
	median, _ := stats.BrownForsythe(a, b, c)
	bartlett, _ := stats.Bartlett(a, b, c)
	fligner, _ := stats.Fligner(a, b, c)
	fmt.Println(levene)
	fmt.Println(median)
	fmt.Println(bartlett)
	fmt.Println(fligner)
	// Output:
	// F(2, 12) = 8.31, p = 0.0054
	// F(2, 12) = 5.12, p = 0.0247
	// X²(2) = 10.29, p = 0.0058
	// X²(2) = 4.35, p = 0.11
}

func ExampleAndersonDarling() {
	x := []float64{2.1, 2.4, 2.9, 3.0, 3.3, 3.4, 3.8, 4.4, 5.9, 9.2}
	ad, _ := stats.AndersonDarling(x)
	lf, _ := stats.Lilliefors(x)
	jb, _ := stats.JarqueBera(x)
	skew, _, p, _ := stats.DAgostinoSkewness(x)
	fmt.Printf("A %.3f, D %.3f\n", ad.Statistic, lf.Statistic)
	fmt.Printf("JB %.2f, skewness %.2f (p = %.3f)\n", jb.X2, skew, p)
	// Output:
	// A 0.840, D 0.245
	// JB 5.43, skewness 1.61 (p = 0.008)
}
