package plot_test

import (
	"fmt"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

// resultsOf analyzes an outcome of a trial of testdata/studies.
func resultsOf(trial, outcome string) ([]study.Result, error) {
	ds, err := study.LoadFiles("../testdata/studies/"+trial+"/protocol.yaml", "../testdata/studies/"+trial+"/data.csv")
	if err != nil {
		return nil, err
	}
	r, err := ds.AnalyzeAll()
	if err != nil {
		return nil, err
	}
	var out []study.Result
	for _, res := range r.Results {
		if res.Outcome.ID == outcome {
			out = append(out, res)
		}
	}
	return out, nil
}

func ExampleLSMeanChange() {
	results, err := resultsOf("flow", "pain")
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.LSMeanChange(results)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	// Output:
	// SIMULATED DATA: Pain (VAS): mean change by the model, and difference between arms; at Week 12, the difference Supervised exercise minus Advice is −9.1 mm (95% CI −13.9 to −4.3), in favor of Supervised exercise; the difference Home exercise minus Advice is −2.8 mm (95% CI −7.6 to 2.1), the interval holds 0.
}

func ExampleArmPanels() {
	results, err := resultsOf("hilt", "vas")
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.ArmPanels(results)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Panels(), fig.Title())
	fmt.Println(fig.Alt())
	// Output:
	// 2 Pain (VAS): participants over time, a panel an arm
	// SIMULATED DATA: Pain (VAS): participants over time, a panel an arm; at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleParticipantPanels() {
	results, err := resultsOf("hilt", "vas")
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.ParticipantPanels(results)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Panels(), fig.Note())

	large, err := resultsOf("dropout", "pain")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = plot.ParticipantPanels(large)
	fmt.Println(err)
	// Output:
	// 10 A panel a participant, sorted by change at 24 h, the greatest improvement first.
	// plot: ParticipantPanels: 120 participants are more than the 30 who have a panel each on a page: draw ArmPanels, or name some in ParticipantPanelsOptions.Participants
}
