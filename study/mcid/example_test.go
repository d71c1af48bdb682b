package mcid_test

import (
	"fmt"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/mcid"
)

// Ten patients' change in pain (mm, lower is better) and their rating of
// change, from 1 on an important improvement.
func ExampleTriangulate() {
	tr, err := mcid.Triangulate(mcid.AnchorStudy{
		Outcome: study.Outcome{ID: "vas", Label: "Pain", Unit: "mm", Resolution: 1, Better: study.LowerIsBetter},
		Change:  []float64{-31, -24, -22, -20, -15, -14, -12, -5, 0, 3},
		Rating:  []float64{2, 1, 1, 0, 1, 1, 0, 0, -1, 0},
		From:    1,
		Test:    []float64{50, 62, 71, 44},
		Retest:  []float64{53, 60, 66, 45},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, method := range []string{"roc-youden", "predictive", mcid.MDC95} {
		r, _ := tr.Row(method)
		fmt.Printf("%s: %.1f (%s-based)\n", r.Method, r.Value, r.Evidence)
	}
	_, ok := tr.Threshold(mcid.SEM1)
	fmt.Println("SEM as a threshold:", ok)
	// Output:
	// roc-youden: 13.0 (anchor-based)
	// predictive: 14.6 (anchor-based)
	// mdc-95: 6.9 (distribution-based)
	// SEM as a threshold: false
}
