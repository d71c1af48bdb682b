package study_test

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

func ExampleJudge() {
	pain := study.Outcome{ID: "vas", Unit: "cm", Resolution: 0.1, Better: study.LowerIsBetter}
	mcid := study.Threshold{Value: 2.26, Kind: study.MCID, Level: study.BetweenGroup}
	difference := stats.Estimate{Value: -2.9, SE: 0.9, DF: 7} // active − control

	j := study.Judge(difference, 0.95, mcid, pain.Better)
	fmt.Println(j.Benefit, j.Harm, j.IncludesZero)
	fmt.Println(strings.ReplaceAll(report.Sentence(text.English(), j, pain, 2), "\u00a0", " "))
	// Output:
	// probable definitely-not false
	// Important benefit (2.26 cm or more): probable; the estimate, 2.90 cm, reaches it, the interval's lower end, 0.77 cm, does not (upper end 5.03 cm). Important harm (worse than control by 2.26 cm or more): definitely not; the interval does not reach it.
}

// The weights of girls with anorexia under two therapies and control.
func ExampleDataset_Analyze() {
	ds, err := study.LoadFiles("../testdata/studies/anorexia/protocol.yaml", "../testdata/studies/anorexia/data.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := ds.Analyze(study.Plan{Outcome: "weight", Visit: "after"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range res.Rows {
		if row.Method == "ancova" {
			fmt.Printf("%s − %s: %.3f (%.0f%% CI %.2f to %.2f), n = %d + %d\n",
				row.Arm, row.Control, row.Estimate, 100*row.Level, row.Lower, row.Upper, row.N[row.Arm], row.N[row.Control])
		}
	}
	// Output:
	// FT − Cont: 8.660 (95% CI 4.28 to 13.04), n = 17 + 26
	// CBT − Cont: 4.097 (95% CI 0.32 to 7.88), n = 29 + 26
}

func ExampleDataset_AnalyzeAll() {
	ds, err := study.LoadFiles("../testdata/studies/hilt/protocol.yaml", "../testdata/studies/hilt/data.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	rep, err := ds.AnalyzeAll()
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	if err := report.Text(&b, rep, report.Options{Supplement: true}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(rep.Results), "outcomes × visits")
	fmt.Println(strings.SplitN(b.String(), "\n", 2)[0])
	// Output:
	// 8 outcomes × visits
	// SIMULATED DATA: all values are invented; no number here says anything about a real trial.
}

// A trial that many left before the end, its data simulated: a mixed model for
// repeated measures answers every visit, and their average, from one fit.
func ExampleDataset_Analyze_mmrm() {
	ds, err := study.LoadFiles("../testdata/studies/dropout/protocol.yaml", "../testdata/studies/dropout/data.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := ds.Analyze(study.Plan{Outcome: "pain", Model: study.MMRM, Covariates: []string{"site", "age"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range res.Rows {
		fmt.Printf("%-7s %v, df %.1f, n = %d + %d\n", row.Visit, row.Effect, row.DF, row.N[row.Arm], row.N[row.Control])
	}
	for _, f := range res.Tests[:4] {
		fmt.Printf("%s: F = %.2f on %g and %.1f df, p = %.2g\n", f.Term, f.F, f.DF1, f.DF2, f.P)
	}
	// Output:
	// week2   -3.4 (95% CI -7.5 to 0.6; p = 0.0979; t, 91.3 df), df 91.3, n = 47 + 50
	// week4   -4.4 (95% CI -8.4 to -0.3; p = 0.0361; t, 87.7 df), df 87.7, n = 47 + 50
	// week8   -3.1 (95% CI -8.1 to 1.8; p = 0.21; t, 85.9 df), df 85.9, n = 47 + 50
	// week12  -8.8 (95% CI -13.8 to -3.8; p = 0.0007; t, 78.7 df), df 78.7, n = 47 + 50
	// overall -4.9 (95% CI -8.7 to -1.1; p = 0.0113; t, 88.7 df), df 88.7, n = 47 + 50
	// arm: F = 6.69 on 1 and 88.7 df, p = 0.011
	// visit: F = 8.85 on 3 and 76.5 df, p = 4.2e-05
	// arm:visit: F = 3.20 on 3 and 76.3 df, p = 0.028
	// any-difference: F = 4.05 on 4 and 78.5 df, p = 0.0049
}
