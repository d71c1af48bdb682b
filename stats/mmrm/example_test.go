package mmrm_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/mmrm"
)

// pain is a small invented trial: pain in mm at baseline and three visits; two
// participants miss the last one.
func pain() *mmrm.Trial {
	t := &mmrm.Trial{
		Arms: []string{"placebo", "laser"}, Control: "placebo",
		Visits: []string{"week 2", "week 4", "week 8"}, Times: []float64{2, 4, 8},
	}
	for i, row := range [][]float64{
		{62, 60, 55, 52}, {48, 47, 49, 41}, {71, 66, 60, 63}, {55, 54, 47}, {66, 58, 61, 54},
		{59, 55, 50, 49}, {45, 43, 44, 39}, {68, 67, 61, 60}, {52, 51, 48, 50}, {63, 57, 55, 56},
		{60, 50, 43, 36}, {49, 45, 33, 30}, {70, 59, 52, 41}, {57, 46, 38, 39}, {64, 55, 41},
		{61, 54, 47, 42}, {46, 39, 31, 33}, {69, 60, 48, 45}, {53, 41, 40, 31}, {65, 52, 46, 44},
	} {
		t.Arm = append(t.Arm, i/10)
		t.Baseline = append(t.Baseline, row[0])
		for j, y := range row[1:] {
			t.Values = append(t.Values, mmrm.Value{Participant: i, Visit: j, Y: y})
		}
	}
	return t
}

func ExampleModel_MMRM() {
	fit, err := mmrm.Model{}.MMRM(pain())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range fit.Differences() {
		fmt.Println(d.Visit, d.Estimate)
	}
	fmt.Println("average", fit.Average("laser", "placebo"))
	test, _ := fit.AnyDifference()
	fmt.Println(test)
	// Output:
	// week 2 -6.12 (95% CI -8.30 to -3.94; p < 0.0001)
	// week 4 -11.46 (95% CI -13.81 to -9.10; p < 0.0001)
	// week 8 -13.31 (95% CI -16.33 to -10.29; p < 0.0001)
	// average -10.30 (95% CI -11.60 to -8.99; p < 0.0001)
	// F(3, 14.13) = 98.27, p < 0.0001
}

func ExampleModel_CLDA() {
	fit, err := mmrm.Model{DF: mmrm.KenwardRoger}.CLDA(pain())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("laser, change to week 8:", fit.Change("laser", "week 8"))
	fmt.Println("difference at week 8:", fit.Difference("laser", "placebo", "week 8"))
	// Output:
	// laser, change to week 8: -20.83 (95% CI -23.17 to -18.49; p < 0.0001)
	// difference at week 8: -13.31 (95% CI -16.37 to -10.25; p < 0.0001)
}

func ExampleFit_CompareCovariance() {
	us, err := mmrm.Model{}.MMRM(pain())
	if err != nil {
		fmt.Println(err)
		return
	}
	ar1, err := mmrm.Model{Covariance: mmrm.HeterogeneousAR1}.MMRM(pain())
	if err != nil {
		fmt.Println(err)
		return
	}
	lr, err := us.CompareCovariance(ar1.Fit)
	fmt.Printf("chi-squared %.2f on %d df, p = %.2f, %v\n", lr.ChiSq, lr.DF, lr.P(), err)
	// Output:
	// chi-squared 1.35 on 2 df, p = 0.51, <nil>
}

func ExampleLMM() {
	// Student's sleep data: two drugs, ten patients.
	r := &mmrm.ClusterRows{Columns: []string{"(Intercept)", "drug 2"}}
	for g, y := range [][]float64{
		{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0},
		{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4},
	} {
		for i, v := range y {
			r.Cluster, r.Y = append(r.Cluster, i), append(r.Y, v)
			r.X = append(r.X, []float64{1, float64(g)})
		}
	}
	fit, err := mmrm.LMM{}.Fit(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fit.Coefficients()[1])
	fmt.Printf("ICC %.3f\n", fit.ICC())
	// Output:
	// 1.58 (95% CI 0.70 to 2.46; p = 0.0028)
	// ICC 0.790
}
