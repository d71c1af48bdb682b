package nexttrial_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/trialkit/trialkit/study/nexttrial"
)

func ExampleRead() {
	protocol := `title: A trial
arms: [{id: a, label: Active}, {id: c, label: Control, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: pain, unit: cm, range: [0, 10], better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {pre: p0, post: p1}}}
plans: [{outcome: pain, visit: post, primary: true}]
assumed: {pain: {source: Jansen 2021, sd: 2.3, correlation: 0.5, difference: -1.5}, lost: {value: 0.15, source: Jansen 2021}}
`
	p, err := nexttrial.Read(strings.NewReader(protocol), "protocol.yaml", nexttrial.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p)
	// Output: 46 randomized an arm, 39 analyzed: power 0.90
}
