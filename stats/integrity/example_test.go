package integrity_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/table"
)

// How far may rounding have moved the p-value?
func ExampleWelchPrinted() {
	treated := integrity.PrintedSummary{N: 10, Mean: "3.1", SD: "1.2"}
	control := integrity.PrintedSummary{N: 10, Mean: "4.3", SD: "1.3"}
	welch, _ := integrity.WelchPrinted(treated, control, 0.95)
	student, _ := integrity.StudentPrinted(treated, control, 0.95)
	fmt.Printf("p %.3f to %.3f\n", welch.P.Lo, welch.P.Hi)
	fmt.Printf("p %.3f to %.3f\n", student.P.Lo, student.P.Hi)
	// Output:
	// p 0.026 to 0.075
	// p 0.026 to 0.075
}

func ExampleGRIMMER() {
	ok, _ := integrity.GRIMMER("3.44", "2.47", 18, 1)
	binary, _ := integrity.DEBIT("0.26", "0.45", 50)
	lo, hi, _ := integrity.SDRange("3.44", 18, 0, 10, 1)
	fmt.Println(ok, binary)
	fmt.Printf("SD between %.2f and %.2f\n", lo, hi)
	// Output:
	// false false
	// SD between 0.51 and 4.89
}

func ExampleCheckPercent() {
	ok, _ := integrity.CheckPercent("33", table.Count{Events: 7, N: 22})
	fmt.Println(ok)
	c, _ := integrity.CompareSDs(stats.Summary{N: 30, Mean: 5.1, SD: 0.4}, stats.Summary{N: 30, Mean: 5.3, SD: 2.2})
	fmt.Printf("ratio %.1f, suspect %v, as SE %.2f\n", c.Ratio, c.Suspect, c.AsSE)
	// Output:
	// false
	// ratio 5.5, suspect true, as SE 2.19
}
