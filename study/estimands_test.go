package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/estimand"
)

const eventsWide = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, time: 0d}, {id: v1, time: 4w}, {id: v2, time: 12w}]
outcomes: [{id: y, better: lower, range: [0, 100]}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {v0: y0, v1: y1, v2: y2}}
  intercurrent:
    stopped: {day: stop, label: Stopped}
    rescue: {column: resc, values: {"1": yes, "0": no, "": no}}
    other: {column: {v1: o1, v2: o2}}
`

func TestIntercurrentEventsAreLoaded(t *testing.T) {
	ds, err := LoadText(t, eventsWide, "id,arm,y0,y1,y2,stop,resc,o1,o2\nA,a,50,40,30,28,1,no,yes\nB,c,50,40,30,,,no,no\nC,a,50,40,30,0,0,yes,no\nD,c,50,40,30,,0,,\n")
	require.NoError(t, err)
	people := ds.Participants()
	assert.Equal(t, []estimand.Occurrence{{Event: "stopped", Day: 28, HasDay: true}, {Event: "rescue"}, {Event: "other", Visit: "v2"}}, people[0].Intercurrent)
	assert.Empty(t, people[1].Intercurrent)
	assert.Equal(t, []estimand.Occurrence{{Event: "stopped", HasDay: true}, {Event: "other", Visit: "v1"}}, people[2].Intercurrent)
	assert.Empty(t, people[3].Intercurrent)
	flow := ds.Flow()
	assert.Equal(t, []EventCount{{"stopped", "Stopped", 2}, {"rescue", "rescue", 1}, {"other", "other", 2}}, flow.Arms[0].Intercurrent)
	assert.Equal(t, []EventCount{{"stopped", "Stopped", 0}, {"rescue", "rescue", 0}, {"other", "other", 0}}, flow.Arms[1].Intercurrent)
}

const eventsLong = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, time: 0d}, {id: v1, time: 4w}, {id: v2, time: 12w}]
outcomes: [{id: y, better: lower, range: [0, 100]}]
data:
  layout: long
  participant: id
  arm: arm
  visit: v
  columns: {y: y}
  day: day
  intercurrent: {stopped: {day: stop}, rescue: {column: resc}}
`

func TestIntercurrentEventsOfRows(t *testing.T) {
	rows := "id,arm,v,y,day,stop,resc\nA,a,v0,5,0,,no\nA,a,v1,5,30,29,no\nA,a,v2,5,90,29,yes\nB,c,v0,5,0,,\nB,c,v1,5,28,,yes\nB,c,v2,5,84,,no\n"
	ds, err := LoadText(t, eventsLong, rows)
	require.NoError(t, err)
	p := ds.Participants()
	assert.Equal(t, []estimand.Occurrence{{Event: "stopped", Day: 29, HasDay: true}, {Event: "rescue", Visit: "v2"}}, p[0].Intercurrent)
	assert.Equal(t, []estimand.Occurrence{{Event: "rescue", Visit: "v1"}}, p[1].Intercurrent)
	assert.Equal(t, 30.0, ds.participants[0].days[1].Number)
	for _, bad := range []struct{ rows, want string }{
		{strings.Replace(rows, "A,a,v0,5,0,,no", "A,a,v0,5,0,,yes", 1), "2:13: event rescue: yes at v0, which is not after baseline"},
		{strings.Replace(rows, "30,29", "30,-2", 1), "3:13: event stopped: day -2 is before randomization"},
		{strings.Replace(rows, "30,29", "30,x", 1), "3:13"},
		{strings.Replace(rows, "30,29", "30,31", 1), "stopped"},
		{strings.Replace(rows, "28,,yes", "28,,maybe", 1), `6:14: event rescue: "maybe" is neither yes nor no`},
		{strings.ReplaceAll(rows, "stop,", "stap,"), `column "stop" (intercurrent event stopped) is missing`},
	} {
		_, err := LoadText(t, eventsLong, bad.rows)
		assert.ErrorContains(t, err, bad.want)
	}
}

func TestIntercurrentEventsAreChecked(t *testing.T) {
	for decl, want := range map[string]string{
		"{stopped: {}}":                                "by the column of its day",
		"{stopped: {day: s, column: r}}":               "not both",
		"{stopped: {day: y}}":                          "y",
		"{stopped: {day: s, values: {1: yes}}}":        "a day needs none",
		"{stopped: {column: r, values: {1: perhaps}}}": "neither yes nor no",
		"{stopped: {column: {v1: r}}}":                 "one column tells of the event by visit",
		"{stopped: {day: s}, gone: {day: s}}":          "s",
		"[stopped]":                                    "must be a map",
	} {
		protocol := strings.Replace(eventsLong, "{stopped: {day: stop}, rescue: {column: resc}}", decl, 1)
		_, err := ParseProtocol(strings.NewReader(protocol), "p.yaml")
		require.ErrorContains(t, err, want, decl)
		assert.ErrorContains(t, err, "p.yaml:11", decl)
	}
	_, err := ParseProtocol(strings.NewReader(strings.Replace(eventsWide, "{v1: o1, v2: o2}", "{v0: o1, v9: o2}", 1)), "p.yaml")
	require.ErrorContains(t, err, "v0 is not after baseline")
	assert.ErrorContains(t, err, "v9")
}
