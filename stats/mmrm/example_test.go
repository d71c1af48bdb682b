package mmrm_test

import (
	"errors"
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
	average, err := fit.Average("laser", "placebo")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("average", average)
	test, _ := fit.AnyDifference()
	fmt.Println(test)
	// Output:
	// week 2 -6.1 (95% CI -8.3 to -3.9; p < 0.0001; t, 17 df)
	// week 4 -11.5 (95% CI -13.8 to -9.1; p < 0.0001; t, 17 df)
	// week 8 -13.3 (95% CI -16.3 to -10.3; p < 0.0001; t, 14.5 df)
	// average -10.30 (95% CI -11.60 to -8.99; p < 0.0001; t, 17.3 df)
	// F(3, 14.13) = 98.27, p < 0.0001
}

func ExampleModel_CLDA() {
	fit, err := mmrm.Model{DF: mmrm.KenwardRoger}.CLDA(pain())
	if err != nil {
		fmt.Println(err)
		return
	}
	change, err := fit.Change("laser", "week 8")
	fmt.Println("laser, change to week 8:", change, err)
	difference, err := fit.Difference("laser", "placebo", "week 8")
	fmt.Println("difference at week 8:", difference, err)
	// Output:
	// laser, change to week 8: -20.8 (95% CI -23.2 to -18.5; p < 0.0001; t, 20.1 df) <nil>
	// difference at week 8: -13.3 (95% CI -16.4 to -10.3; p < 0.0001; t, 15.4 df) <nil>
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
	fmt.Println(lr, err)
	// Output:
	// chi-squared(2) = 1.35, p = 0.51 <nil>
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
	fmt.Println(fit)
	fmt.Printf("ICC %.3f\n", fit.ICC())
	// Output:
	// LMM, REML, random intercept, kenward-roger: 20 values of 10 clusters, variance 2.848, residual 0.7564
	// coefficient  estimate    SE         95% CI       p    df
	// (Intercept)      0.75  0.60  -0.57 to 2.07    0.24  11.1
	// drug 2           1.58  0.39   0.70 to 2.46  0.0028     9
	// ICC 0.790
}

// Changes from baseline have the same differences as the values themselves.
func ExampleModel_Change() {
	fit, err := mmrm.Model{Covariance: mmrm.Toeplitz}.Change(pain())
	if err != nil {
		fmt.Println(err)
		return
	}
	mean, err := fit.LSMean("laser", "week 8")
	fmt.Println("laser", mean, err)
	difference, err := fit.Difference("laser", "placebo", "week 8")
	fmt.Println("difference", difference, err)
	// Output:
	// laser -20.95 (95% CI -22.69 to -19.22; p < 0.0001; t, 45.1 df) <nil>
	// difference -13.3 (95% CI -15.8 to -10.9; p < 0.0001; t, 45.1 df) <nil>
}

// A design of one's own: the slope of pain over time, the same in all, and a
// difference between the arms.
func ExampleModel_Fit() {
	t := pain()
	rows := &mmrm.Rows{Visits: t.Visits, Times: t.Times, Columns: []string{"mean", "laser", "week"}}
	for _, v := range t.Values {
		rows.Participant = append(rows.Participant, v.Participant)
		rows.Visit = append(rows.Visit, v.Visit)
		rows.Y = append(rows.Y, v.Y)
		rows.X = append(rows.X, []float64{1, float64(t.Arm[v.Participant]), t.Times[v.Visit]})
	}
	fit, err := mmrm.Model{Covariance: mmrm.SpatialExponential}.Fit(rows)
	if err != nil {
		fmt.Println(err)
		return
	}
	slope, _ := fit.Coefficient("week")
	fmt.Println("per week", slope)
	fmt.Printf("variance %.1f, correlation of weeks 2 and 4 %.2f\n", fit.Sigma(0)[0][0], fit.Sigma(0)[0][1]/fit.Sigma(0)[0][0])
	// Output:
	// per week -1.44 (95% CI -1.99 to -0.89; p < 0.0001; t, 46.6 df)
	// variance 53.5, correlation of weeks 2 and 4 0.81
}

// What cannot be fitted says why.
func ExampleConvergenceError() {
	t := pain()
	for i := range t.Values {
		if t.Values[i].Visit == 1 {
			t.Values[i].Y = 50
		}
	}
	_, err := mmrm.Model{}.MMRM(t)
	var conv *mmrm.ConvergenceError
	if errors.As(err, &conv) {
		fmt.Println(conv.Parameter)
		fmt.Println(conv.Reason)
		fmt.Println(conv.Advice)
	}
	// Output:
	// variance week 4, 20 observations
	// the likelihood grows without bound as the variance of a visit goes to 0: the means fit its values exactly
	// one variance for all visits (cs, ar1, toep), or the analysis without that visit
}

// LS-means, the average over visits and the slope difference of one fit.
func ExampleTrialFit() {
	fit, err := mmrm.Model{}.MMRM(pain())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fit)
	fmt.Println(fit.LSMeans())
	slope, err := fit.SlopeDifference("laser", "placebo")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("slope", slope)
	test, err := fit.AnyDifference()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("any difference: F(%.0f, %.1f) = %.2f\n", test.DF1, test.DF2, test.F)
	// Output:
	// MMRM, REML, covariance us, kenward-roger: 58 values of 20 participants, log-likelihood -131.36
	//                          estimate   SE          95% CI         p    df
	// laser − placebo, week 2      -6.1  1.0    -8.3 to -3.9  < 0.0001    17
	// laser − placebo, week 4     -11.5  1.1   -13.8 to -9.1  < 0.0001    17
	// laser − placebo, week 8     -13.3  1.4  -16.3 to -10.3  < 0.0001  14.5
	//                  estimate    SE          95% CI         p    df
	// placebo, week 2     56.00  0.73  54.46 to 57.54  < 0.0001    17
	// laser, week 2       49.88  0.73  48.34 to 51.42  < 0.0001    17
	// placebo, week 4     53.17  0.79  51.50 to 54.83  < 0.0001    17
	// laser, week 4       41.71  0.79  40.05 to 43.38  < 0.0001    17
	// placebo, week 8     51.62  1.00  49.49 to 53.76  < 0.0001  14.5
	// laser, week 8       38.31  1.00  36.17 to 40.44  < 0.0001  14.5
	// slope -1.09 (95% CI -1.68 to -0.51; p = 0.0011; t, 15.7 df)
	// any difference: F(3, 14.1) = 98.27
}
