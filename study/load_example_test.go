package study_test

import (
	"errors"
	"fmt"
	"strings"
	"testing/fstest"
	"time"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
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
	var problems files.Problems
	fmt.Println(errors.As(err, &problems), len(problems))
	// Output:
	// data.csv:2:11: pain at after: 41 is outside the range 0 to 10
	// data.csv:3:11: pain at after: "?" is not a number; declare it under data.missing if it means a missing value
	// data.csv:4:1: participant "2" has two rows (first on line 3), and a wide file has one for each participant; keep one, correct the ID of the other or, where one was measured several times, say data.repeats: mean, or first or last with data.day
	// data.csv:4:3: unknown arm "XXX" (active, control; other words are mapped under data.arm_values)
	// true 4
}

// An unknown key, a missing direction and an impossible threshold.
func ExampleParseProtocol() {
	src := strings.Replace(exampleProtocol, "better: lower", "thresholds: [{kind: MCID, value: 22.6, level: individual}]", 1)
	_, err := study.ParseProtocol(strings.NewReader("titel: x"+src), "protocol.yaml")
	fmt.Println(err)
	// Output:
	// protocol.yaml:1:1: unknown key "titel"; known here: arms, assumed, baseline, data, dose_unit, estimand, estimands, flow, outcomes, plans, population, primary, randomization, registration, simulated, subgroups, title, translations, visits
	// protocol.yaml:6:5: outcomes[0].better: missing for outcome "pain"; write lower or higher
	// protocol.yaml:6:92: outcomes[0].thresholds[0].value: MCID 22.6 exceeds 10, the largest change on the range 0 to 10
}

// A protocol and data inside the program, or anywhere else that is an fs.FS.
func ExampleLoadFS() {
	files := fstest.MapFS{
		"trial/protocol.yaml": {Data: []byte(exampleProtocol)},
		"trial/data.csv":      {Data: []byte("id,group,pain_pre,pain_post\n1,TRT,5.9,4.1\n2,PBO,6.2,n.v.t.\n")},
	}
	ds, err := study.LoadFS(files, "trial/protocol.yaml", "trial/data.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range ds.Participants() {
		v, ok := ds.Value(p.ID, "pain", "after")
		fmt.Println(p.ID, p.Arm, v.Number, ok)
	}
	// Output:
	// 1 active 4.1 true
	// 2 control 0 false
}

// The protocol as a Go literal; the data come from any io.Reader.
func ExampleProtocol() {
	p := study.Protocol{
		Title:         "A small trial",
		Arms:          []study.Arm{{ID: "active"}, {ID: "control", Control: true}},
		Randomization: study.Randomization{Kind: study.RandomizationComplete},
		Visits:        []study.Visit{{ID: "before"}, {ID: "after", Time: 24 * time.Hour, HasTime: true}},
		Outcomes: []study.Outcome{{ID: "pain", Unit: "cm", Max: 10, Resolution: 0.1, Better: study.LowerIsBetter,
			Thresholds: []study.Threshold{{Kind: study.MCID, Value: 1.5, Level: study.Individual}, // of patients
				{Kind: study.Margin, Value: 1.2, Level: study.BetweenGroup}}}}, // of the difference in means
		Data: study.DataSpec{Layout: study.Wide, Participant: "id", Arm: "group",
			Columns: map[string]map[string]string{"pain": {"before": "pre", "after": "post"}}},
		Plans: []study.Plan{{Outcome: "pain", Visit: "after"}},
	}
	data := strings.NewReader("id,group,pre,post\n" +
		"1,active,5.9,4.1\n2,active,6.2,4.4\n3,active,7.0,5.0\n4,control,6.2,6.0\n5,control,5.5,5.8\n6,control,6.9,6.6\n")
	ds, err := study.Load(data, "data.csv", p)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := ds.Analyze(p.Plans[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	row := result.Deciding()[0]
	fmt.Printf("%s, %s − %s: %v\n", row.Method, row.Arm, row.Control, row.Effect)
	fmt.Println(row.Judgement.Benefit, row.IncludesZero())
	for _, r := range result.Responders[:2] {
		fmt.Printf("%s: %d of %d\n", r.Arm, r.Events, r.N)
	}
	// Output:
	// ancova, active − control: -1.74 (95% CI -2.08 to -1.41; p = 0.0005; t, 3 df)
	// definite false
	// active: 3 of 3
	// control: 0 of 3
}
