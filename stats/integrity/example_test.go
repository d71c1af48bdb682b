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
	welch, _ := integrity.WelchPrinted(treated, control)
	student, _ := integrity.StudentPrinted(treated, control)
	fmt.Println(welch)
	fmt.Println("p", student.PRange(0))
	// Output:
	// -1.20 (95% CI -2.38 to -0.02; p = 0.0459; t, 17.9 df); with rounding -1.30 to -1.10, p 0.026 to 0.075
	// p 0.026 to 0.075
}

func ExampleGRIMMER() {
	scores, _ := integrity.GRIMMER("3.44", "2.47", 18, 1)
	binary, _ := integrity.DEBIT("0.26", "0.45", 50)
	sd, _ := integrity.SDRange("3.44", 18, 0, 10, 1)
	fmt.Println(scores)
	fmt.Println(binary)
	fmt.Println("SD", sd)
	// Output:
	// impossible: 3.44 ± 2.47 of n = 18 in steps of 1
	// impossible: proportion 0.26, SD 0.45 of n = 50
	// SD 0.5 to 4.9
}

func ExampleCheckPercent() {
	percent, _ := integrity.CheckPercent("33", table.Count{Events: 7, N: 22})
	fmt.Println(percent)
	c, _ := integrity.CompareSDs(stats.Summary{N: 30, Mean: 5.1, SD: 0.4}, stats.Summary{N: 30, Mean: 5.3, SD: 2.2})
	fmt.Printf("%v, as SE %.2f\n", c, c.AsSE)
	// Output:
	// impossible: 33% for 7 of 22
	// the SDs differ 5.5 times (F test, p < 0.0001): suspect, as SE 2.19
}
