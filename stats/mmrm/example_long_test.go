package mmrm_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/mmrm"
)

// A file with a row per participant and visit: its columns make a trial. A
// missed visit has no row.
func ExampleTrialFromRowsWith() {
	var id, arm, visit []string
	var pain []float64
	for _, r := range []struct {
		id, arm, visit string
		pain           float64
	}{
		{"01", "laser", "start", 62}, {"01", "laser", "week 2", 51}, {"01", "laser", "week 6", 44},
		{"02", "sham", "start", 58}, {"02", "sham", "week 2", 55}, {"02", "sham", "week 6", 50},
		{"03", "laser", "start", 71}, {"03", "laser", "week 2", 60},
		{"04", "sham", "start", 66}, {"04", "sham", "week 2", 66}, {"04", "sham", "week 6", 61},
		{"05", "laser", "start", 49}, {"05", "laser", "week 2", 40}, {"05", "laser", "week 6", 30},
		{"06", "sham", "start", 53}, {"06", "sham", "week 2", 47}, {"06", "sham", "week 6", 49},
		{"07", "laser", "start", 65}, {"07", "laser", "week 2", 48}, {"07", "laser", "week 6", 45},
		{"08", "sham", "start", 70}, {"08", "sham", "week 2", 64},
	} {
		id, arm, visit, pain = append(id, r.id), append(arm, r.arm), append(visit, r.visit), append(pain, r.pain)
	}
	trial, err := mmrm.TrialFromRowsWith(id, arm, visit, pain, mmrm.TrialOptions{Control: "sham", Baseline: "start"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(trial)
	fit, err := mmrm.Model{}.MMRM(trial)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fit)
	// Output:
	// 2 arms (control sham), 2 visits, 14 values of 8 participants
	// MMRM, REML, covariance us, kenward-roger: 14 values of 8 participants, log-likelihood -27.61
	//                       estimate   SE         95% CI       p    df
	// laser − sham, week 2      -8.2  2.4  -14.5 to -2.0  0.0191     5
	// laser − sham, week 6     -13.3  1.6  -18.4 to -8.2  0.0036  3.02
	// notes: mmrm-few-participants
}
