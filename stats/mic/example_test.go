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
	for _, method := range []mic.Method{mic.Youden, mic.Predictive} {
		x, _ := m.Method(method)
		fmt.Printf("%s: %.1f\n", method, x.Value)
	}
	fmt.Printf("AUC %.2f, anchor r = %.2f\n", m.ROC.AUC, m.Anchor.Value)
	// Output:
	// roc-youden: 14.5
	// predictive: 10.2
	// AUC 0.90, anchor r = 0.69
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
