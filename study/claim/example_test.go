package claim_test

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/study/claim"
)

func ExampleParse() {
	const page = `
contrast: between
arms: [{id: laser, n: 24}, {id: sham, control: true, n: 24}]
outcomes: [{id: pain, instrument: VAS-cm, thresholds: [{kind: margin, value: 2, level: between}]}]
results:
  - {outcome: pain, difference: {value: -1.0, ci: [-2.1, 0.1], p: 0.01, adjusted: true}}
`
	c, err := claim.Parse(strings.NewReader(page), "claim.yaml")
	if err != nil {
		panic(err)
	}
	reading, err := c.Read()
	if err != nil {
		panic(err)
	}
	fmt.Println(reading.Results[0].Between[0].Judgements[0].Benefit, reading.Findings[0].Code)

	_, err = claim.Parse(strings.NewReader("arms: [{id: laser, n: 24}]\nresults: [{change: 2}]\n"), "claim.yaml")
	fmt.Println(strings.SplitN(err.Error(), ";", 2)[0])
	// Output:
	// possible claim-ci-p
	// claim.yaml:1:1: contrast: missing
}
