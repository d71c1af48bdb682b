package mic_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/mic"
)

// Twenty patients' fall in pain (mm, larger is better) and whether they called
// themselves better.
func ExampleMinimalImportantChange() {
	m, err := mic.MinimalImportantChange(mic.Data{
		Change:   []float64{-8, -3, 0, 0, 2, 4, 5, 9, 12, 14, 3, 8, 11, 15, 18, 20, 22, 25, 31, 36},
		Improved: []bool{false, false, false, false, false, false, false, false, false, false, true, true, true, true, true, true, true, true, true, true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)
	youden, _ := m.Method(mic.Youden)
	fmt.Println(youden)
	// Output:
	// 10 of 20 improved; anchor r = 0.69, AUC 0.90
	// method               change        95% CI   n
	// mean-change            18.9  11.6 to 26.2  10
	// mean-difference        15.4   7.2 to 23.6  20
	// roc-youden             14.5   2.5 to 17.0  20
	// roc-closest-corner     10.0   2.5 to 17.0  20
	// roc-sens-spec          10.0   4.0 to 14.5  20
	// limit-95               14.7   7.2 to 19.3  10
	// predictive             10.2   -Inf to Inf  20
	// predictive-adjusted    10.2   -Inf to Inf  20
	// roc-youden: 14.5 (95% CI 2.5 to 17.0; n = 20)
}

// The anchor's ratings are not wholly reliable: the predictive method that
// corrects for it is asked for by naming their reliability.
func ExampleMinimalImportantChangeWith() {
	m, err := mic.MinimalImportantChangeWith(mic.Data{
		Change:   []float64{-8, -3, 0, 0, 2, 4, 5, 9, 3, 8, 11, 15, 18, 20, 22, 25, 31, 36, 12, 14},
		Improved: []bool{false, false, false, false, false, false, false, false, true, true, true, true, true, true, true, true, true, true, true, true},
	}, mic.Options{AnchorReliability: 0.7, Replicates: 200, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, method := range []mic.Method{mic.Predictive, mic.PredictiveReliable} {
		x, ok := m.Method(method)
		fmt.Printf("%s: %.2f %v\n", method, x.Value, ok)
	}
	// Output:
	// predictive: 7.67 true
	// predictive-reliability: 5.47 true
}
