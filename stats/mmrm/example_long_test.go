package mmrm_test

import (
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/stats/mmrm"
)

// A file with a row per participant and visit becomes a Trial: IDs and visits
// turn into indices, baseline rows into Baseline, and a missed visit has no row.
func ExampleTrial() {
	rows := []struct {
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
	}
	trial := mmrm.Trial{Arms: []string{"laser", "sham"}, Control: "sham", Visits: []string{"week 2", "week 6"}}
	index := map[string]int{}
	for _, r := range rows {
		i, known := index[r.id]
		if !known {
			i = len(index)
			index[r.id] = i
			trial.Arm = append(trial.Arm, slices.Index(trial.Arms, r.arm))
			trial.Baseline = append(trial.Baseline, 0)
			trial.NoBaseline = append(trial.NoBaseline, true) // until its row comes
		}
		if r.visit == "start" {
			trial.Baseline[i], trial.NoBaseline[i] = r.pain, false
			continue
		}
		trial.Values = append(trial.Values, mmrm.Value{Participant: i, Visit: slices.Index(trial.Visits, r.visit), Y: r.pain})
	}
	fit, err := mmrm.Model{}.MMRM(&trial)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fit.Difference("laser", "sham", "week 6"))
	// Output:
	// -13.3 (95% CI -18.4 to -8.2; p = 0.0036; t, 3.02 df) <nil>
}
