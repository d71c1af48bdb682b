package study_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/study"
)

const exampleProtocol = `
title: A small trial
arms: [{id: active}, {id: control, control: true}]
visits: [{id: before}, {id: after, time: 24h}]
outcomes:
  - {id: pain, unit: cm, range: [0, 10], resolution: 0.1, better: lower}
data:
  layout: wide
  participant: id
  arm: group
  columns: {pain: {before: pain_pre, after: pain_post}}
  missing: [n.v.t.]
  arm_values: {TRT: active, PBO: control}
`

// A file as a Dutch spreadsheet exports it: semicolons and decimal commas.
func ExampleLoad() {
	protocol, err := study.ParseProtocol(strings.NewReader(exampleProtocol), "protocol.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	file := strings.NewReader("id;group;pain_pre;pain_post\r\n1;TRT;5,9;4,1\r\n2;PBO;6,2;n.v.t.\r\n3;TRT;6,2;4,4\r\n")
	ds, err := study.Load(file, "data.csv", protocol)
	if err != nil {
		fmt.Println(err)
		return
	}
	src := ds.Source()
	fmt.Printf("delimiter %q, decimal sign %q, %s\n", src.Delimiter, src.Decimal, src.Encoding)
	for _, r := range ds.Records("pain", "after") {
		if r.HasFollow {
			fmt.Println(r.ID, r.Arm, r.Change)
		} else {
			fmt.Println(r.ID, r.Arm, "missing")
		}
	}
	// Output:
	// delimiter ";", decimal sign ",", UTF-8
	// 1 active -1.8
	// 2 control missing
	// 3 active -1.8
}

// Everything wrong with a file comes in one error, each problem with its place.
func ExampleProblems() {
	protocol, err := study.ParseProtocol(strings.NewReader(exampleProtocol), "protocol.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	file := strings.NewReader("id,group,pain_pre,pain_post\n1,TRT,5.9,41\n2,PBO,6.2,?\n2,XXX,6.2,5\n")
	_, err = study.Load(file, "data.csv", protocol)
	fmt.Println(err)
	var problems study.Problems
	fmt.Println(errors.As(err, &problems), len(problems))
	// Output:
	// data.csv:2:11: pain at after: 41 is outside the range 0 to 10
	// data.csv:3:11: pain at after: "?" is not a number
	// data.csv:4:1: participant "2" has two rows (first on line 3)
	// data.csv:4:3: unknown arm "XXX" (active, control)
	// true 4
}

// An unknown key, a missing direction and an impossible threshold.
func ExampleParseProtocol() {
	src := strings.Replace(exampleProtocol, "better: lower", "thresholds: [{kind: MCID, value: 22.6, level: individual}]", 1)
	_, err := study.ParseProtocol(strings.NewReader("titel: x"+src), "protocol.yaml")
	fmt.Println(err)
	// Output:
	// protocol.yaml:1:1: unknown key "titel"; known here: arms, baseline, data, estimand, outcomes, plans, randomization, registration, simulated, title, translations, visits
	// protocol.yaml:6:5: outcomes[0].better: missing for outcome "pain"; write lower or higher
	// protocol.yaml:6:92: outcomes[0].thresholds[0].value: MCID 22.6 exceeds 10, the largest change on the range 0 to 10
}
