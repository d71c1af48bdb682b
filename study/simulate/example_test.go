package simulate_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/simulate"
)

// A protocol, what is believed of its patients, and how its own analysis would fare.
func ExampleRun() {
	protocol, err := study.ParseProtocol(strings.NewReader(`
title: Laser for the painful knee
arms: [{id: laser}, {id: sham, control: true}]
visits: [{id: before}, {id: w6}]
outcomes:
  - {id: pain, unit: mm, better: lower, range: [0, 100], resolution: 1,
     thresholds: [{kind: margin, value: 8, level: between}]}
data: {layout: wide, participant: id, arm: arm, columns: {pain: {before: before, w6: after}}}
plans: [{outcome: pain, visit: w6, primary: true}]
`), "protocol.yaml")
	if err != nil {
		log.Fatal(err)
	}
	truth, err := simulate.ParseTruth(strings.NewReader(`
patients: {laser: 60, sham: 60}
outcomes:
  pain:
    means: {laser: {before: 60, w6: 40}, sham: {before: 60, w6: 50}}
    sds: 20
    correlation: 0.5
loss: {by: 0.1}
`), "truth.yaml", protocol)
	if err != nil {
		log.Fatal(err)
	}
	r, err := simulate.Run(context.Background(), protocol, truth, simulate.Options{Trials: 2000, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r)
	// Output:
	// SIMULATED: 2000 trials of the protocol, seed 1 (± Monte Carlo standard error)
	//
	// pain at w6: laser − sham, ANCOVA on baseline
	//   true difference                                                               −10.000
	//   trials that show a difference (power, alpha 0.05)                             83.65 ± 0.83%
	//   of all trials: shown in favor of laser                                        83.65 ± 0.83%
	//   95% intervals that hold the truth                                             94.25 ± 0.52%
	//   bias                                                                          −0.023 ± 0.077
	//   root mean squared error                                                       3.463 ± 0.055
	//   standard deviation of the estimates                                           3.464 ± 0.055
	//   standard error that trials report                                             3.3636 ± 0.0051
	//   importance definite                                                           9.50 ± 0.66%
	//   importance probable                                                           62.9 ± 1.1%
	//   importance possible                                                           26.95 ± 0.99%
	//   importance possible, though the interval allows for no difference             15.65 ± 0.81%
	//   importance definitely not                                                     0.70 ± 0.19%
	//   importance definitely not, though the interval allows for no difference       0.70 ± 0.19%
	//   important harm possible                                                       0.050 ± 0.050%
	//   of the differences shown: with the wrong sign (type S)                        0.00%
	//   of the differences shown: times the true one (type M)                         1.1035 ± 0.0067
}
