package study_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// flowProtocol is a trial of two arms with all that the flow of participants can
// be told from.
const flowProtocol = `
title: Flow
arms:
  - {id: a, label: Active, randomized: 6}
  - {id: c, label: Control, control: true, randomized: 5}
flow: {assessed: 20, excluded: {did not meet criteria: 6, declined: 3, other: 0}}
visits: [{id: pre}, {id: post}]
outcomes: [{id: pain, better: lower}]
data:
  layout: wide
  participant: id
  arm: group
  columns: {pain: {pre: pre, post: post}}
  arm_values: {1: a, 2: c}
  missing: [x]
  status: {column: state, values: {1: completed, 2: lost, 3: moved away, 4: died}, reason: why}
  received: got
plans: [{outcome: pain, visit: post, primary: true}]
translations: {nl: {did not meet criteria: voldeed niet aan de criteria, moved away: verhuisd, tired: moe}}
`

const flowData = `id,group,got,state,why,pre,post
p1,1,1,1,,5,3
p2,1,1,1,,6,4
p3,1,2,2,tired,7,
p4,1,none,2,,6,5
p5,1,x,2,tired,6,
p6,2,2,1,,5,5
p7,2,2,3,,6,6
p8,2,2,1,,7,8
p9,2,2,1,,,5
`

func loadFlow(t *testing.T, protocol, data string) (*study.Dataset, error) {
	t.Helper()
	p, err := study.ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	if err != nil {
		return nil, err
	}
	return study.Load(strings.NewReader(data), "data.csv", p)
}

// The counts are those of the rows above, by hand.
func TestConsortCountsEveryone(t *testing.T) {
	ds, err := loadFlow(t, flowProtocol, flowData)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	want := study.Consort{
		Assessed: 20, HasAssessed: true, Randomized: 11, Declared: true, Allocated: true,
		Excluded: []study.ReasonCount{{Reason: "did not meet criteria", N: 6}, {Reason: "declined", N: 3}, {Reason: "other"}},
		Arms: []study.ConsortArm{
			{Arm: "a", Randomized: 6, Declared: true, InFile: 5, HasReceived: true, Received: 2,
				NotReceived: []study.ReasonCount{{Status: "none", N: 1}, {Status: "other-arm", Reason: "c", N: 1},
					{Status: "unrecorded", N: 1}, {Status: "no-data", N: 1}},
				HasStatus: true, Completed: 2,
				Lost: []study.ReasonCount{{Status: "lost", Reason: "tired", N: 2}, {Status: "lost", N: 1}, {Status: "moved away"},
					{Status: "died"}, {Status: "no-data", N: 1}},
				Analyzed: []study.ConsortAnalyzed{{Outcome: "pain", Visit: "post", Role: study.RolePrimary, N: 3, Observed: 3, LostAnalyzed: 1,
					Left: []study.ReasonCount{{Reason: "dropped-missing-visit", N: 2}, {Status: "no-data", N: 1}}}}},
			{Arm: "c", Randomized: 5, Declared: true, InFile: 4, HasReceived: true, Received: 4,
				NotReceived: []study.ReasonCount{{Status: "no-data", N: 1}},
				HasStatus:   true, Completed: 3,
				Lost: []study.ReasonCount{{Status: "lost"}, {Status: "moved away", N: 1}, {Status: "died"}, {Status: "no-data", N: 1}},
				Analyzed: []study.ConsortAnalyzed{{Outcome: "pain", Visit: "post", Role: study.RolePrimary, N: 3, Observed: 3, LostAnalyzed: 1,
					Left: []study.ReasonCount{{Reason: "dropped-missing-baseline", N: 1}, {Status: "no-data", N: 1}}}}},
		}}
	assert.Equal(t, want, rep.Consort)

	// Shuffled rows change nothing.
	lines := strings.Split(strings.TrimSpace(flowData), "\n")
	for i, j := 1, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	ds, err = loadFlow(t, flowProtocol, strings.Join(lines, "\n"))
	require.NoError(t, err)
	again, err := ds.AnalyzeAll()
	require.NoError(t, err)
	assert.Equal(t, want, again.Consort)

	// The trial's own words are translated; those of the package are the catalog's.
	nl, err := rep.In("nl")
	require.NoError(t, err)
	c, err := text.In("nl")
	require.NoError(t, err)
	say := func(list []study.ReasonCount) (out []string) {
		for _, r := range list {
			out = append(out, r.Say(c, nl.Protocol.Arms))
		}
		return out
	}
	assert.Equal(t, []string{"voldeed niet aan de criteria", "declined", "other"}, say(nl.Consort.Excluded))
	assert.Equal(t, []string{"uit het oog verloren (moe)", "uit het oog verloren", "verhuisd", "overleden", "geen gegevens in het bestand"}, say(nl.Consort.Arms[0].Lost))
	assert.Equal(t, []string{"kreeg geen interventie", "kreeg Control", "niet vastgelegd", "geen gegevens in het bestand"}, say(nl.Consort.Arms[0].NotReceived))
	assert.Equal(t, want, rep.Consort, "translation leaves the report as it is")
}

// A trial that says nothing of the flow has the file's.
func TestConsortOfAFileAlone(t *testing.T) {
	p := strings.NewReplacer("flow: {assessed: 20, excluded: {did not meet criteria: 6, declined: 3, other: 0}}\n", "",
		", randomized: 6", "", ", randomized: 5", "", "  status: {column: state, values: {1: completed, 2: lost, 3: moved away, 4: died}, reason: why}\n  received: got\n", "").Replace(flowProtocol)
	ds, err := loadFlow(t, p, flowData)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	a := rep.Consort.Arms[0]
	assert.False(t, rep.Consort.HasAssessed || rep.Consort.Declared || rep.Consort.Allocated || a.HasStatus || a.HasReceived)
	assert.Equal(t, 9, rep.Consort.Randomized)
	assert.Equal(t, 5, a.Randomized)
	assert.Equal(t, -1, a.Analyzed[0].LostAnalyzed)
	assert.Empty(t, a.Lost)
}

// Whatever does not add up, or says nothing clear, is refused with its place.
func TestFlowIsRefused(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"assessed", "assessed: 20", "assessed: 21", "protocol.yaml:6:18: flow.assessed: 21 assessed − 9 excluded = 12, but the arms have 11 randomized"},
		{"no assessed", "assessed: 20, ", "", "protocol.yaml:6:7: flow.assessed: participants were excluded before randomization, and flow.assessed does not say how many were assessed"},
		{"zero", "assessed: 20", "assessed: 0", "protocol.yaml:6:18: flow.assessed: nobody was assessed"},
		{"negative", "declined: 3", "declined: -3", "protocol.yaml:6:69: flow.excluded.declined: -3 is negative"},
		{"no number", "declined: 3", "declined: three", "protocol.yaml:6:69: flow.excluded.declined:"},
		{"a list", "excluded: {did not meet criteria: 6, declined: 3, other: 0}", "excluded: [6, 3]", "protocol.yaml:6:32: flow.excluded: must be a map from reason"},
		{"undeclared arm", ", randomized: 6", "", "data.csv:1:4: flow: 20 assessed − 9 excluded = 11, but 10 were randomized"},
		{"no completed", "1: completed", "1: finished", "protocol.yaml:16:35: data.status.values: none of the values means completed"},
		{"no meaning", "2: lost", "2:", "data.status.values.2: the status that \"2\" means is missing"},
		{"taken", "2: lost", "2: no-data", "protocol.yaml:16:53: data.status.values.2: \"no-data\" has a meaning of its own"},
		{"missing code", "2: lost", "x: lost", "data.status.values.x: \"x\" is also declared under data.missing"},
		{"no values", ", values: {1: completed, 2: lost, 3: moved away, 4: died}", "", "protocol.yaml:16:11: data.status: values are missing"},
		{"no column", "column: state, ", "", "data.status.column:"},
		{"outcome as status", "column: state", "column: post", "protocol.yaml:16:20: data.status.column: column \"post\" is already used for something else"},
		{"arm as received", "received: got", "received: group", "protocol.yaml:17:13: data.received: column \"group\" is already used for something else"},
		{"lacks the column", "column: state", "column: staet", "data.csv:1:1: "},
		{"status unknown", "p4,1,none,2", "p4,1,none,9", "data.csv:5:11: \"9\" is not among the values of data.status (\"1\", \"2\", \"3\", \"4\")"},
		{"status absent", "p4,1,none,2", "p4,1,none,", "data.csv:5:11: participant \"p4\": the status is missing"},
		{"received unknown", "p4,1,none", "p4,1,7", "data.csv:5:6: unknown arm received \"7\""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			protocol, data := strings.Replace(flowProtocol, c.old, c.new, 1), strings.Replace(flowData, c.old, c.new, 1)
			require.NotEqual(t, flowProtocol+flowData, protocol+data)
			_, err := loadFlow(t, protocol, data)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n", "one problem for one cause")
		})
	}
}

// In a long file a participant's status stands in any of the rows, which must agree;
// a blank means what the protocol says where no row tells.
func TestFlowOfALongFile(t *testing.T) {
	const protocol = `
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: pain, better: lower}]
data:
  layout: long
  participant: id
  arm: arm
  visit: visit
  columns: {pain: pain}
  status: {column: end, values: {gone: lost, "": completed, done: completed}, reason: why}
  received: got
`
	const data = `id,arm,visit,pain,end,why,got
1,a,pre,5,,,a
1,a,post,4,,,
2,a,pre,6,,,a
2,a,post,5,done,,a
3,a,pre,7,,Moved,None
3,a,post,,gone,,
4,c,pre,5,,,c
4,c,post,6,,said no,c
5,c,pre,6,gone,moved,
6,c,pre,7,done,,a
6,c,post,7,done,,a
`
	ds, err := loadFlow(t, protocol, data)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	a, c := rep.Consort.Arms[0], rep.Consort.Arms[1]
	assert.Equal(t, []any{2, []study.ReasonCount{{Status: "lost", Reason: "Moved", N: 1}}, 2, []study.ReasonCount{{Status: "none", N: 1}}},
		[]any{a.Completed, a.Lost, a.Received, a.NotReceived})
	assert.Equal(t, []any{2, []study.ReasonCount{{Status: "lost", Reason: "moved", N: 1}}, 1,
		[]study.ReasonCount{{Status: "other-arm", Reason: "a", N: 1}, {Status: "unrecorded", N: 1}}}, []any{c.Completed, c.Lost, c.Received, c.NotReceived})
	var said []string
	for _, n := range ds.Notes() {
		said = append(said, text.English().Say(n.Code, n.Args))
	}
	assert.Contains(t, said, "Column why gives a reason for 1 of the participants who completed the trial, such as 4. A reason of someone who completed is not told.")
	assert.Contains(t, strings.Join(said, "\n"), `why: the categories "Moved" and "moved" differ only in capitals`)

	_, err = loadFlow(t, protocol, strings.Replace(data, "6,c,post,7,done,,a", "6,c,post,7,gone,,c", 1))
	assert.ErrorContains(t, err, `data.csv:12:12: participant "6": status "gone" contradicts line 11`)
	assert.ErrorContains(t, err, `data.csv:12:18: participant "6": arm received "c" contradicts line 11`)
	_, err = loadFlow(t, strings.Replace(protocol, `"": completed, `, "", 1), data)
	assert.ErrorContains(t, err, `data.csv:2:11: participant "1": the status is missing; where a blank means one, write it under data.status.values: {"": completed}`)
}

// A protocol that was handed out or in shares nothing with the dataset's.
func TestFlowIsCopied(t *testing.T) {
	ds, err := loadFlow(t, flowProtocol, flowData)
	require.NoError(t, err)
	p := ds.Protocol()
	p.Flow.Excluded[0].N, p.Data.Status.Values[0].Status = 99, "gone"
	assert.Equal(t, 6, ds.Protocol().Flow.Excluded[0].N)
	assert.Equal(t, study.StatusCompleted, ds.Protocol().Data.Status.Values[0].Status)
}
