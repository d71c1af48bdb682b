package study

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/harms"
)

const eventsProtocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, range: [0, 10], better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  arm_values: {screened: ""}
  columns: {x: {v0: x0, v1: x1}}
  missing: ["-"]
  sets: {began: {began: [yes]}}
  adverse_events: {file: ae.csv, participant: who, term: what, serious: ser, related: rel, withdrawal: wd, day: day,
    values: {related: {maybe: yes, unlikely: no}}, exposure: {column: weeks, unit: weeks}}
`

const eventsData = `id,arm,x0,x1,weeks,began
P1,a,5,4,12,yes
P2,a,6,3,2.5,yes
P3,c,7.5,2,12,no
P4,c,5,5,,yes
S9,screened,5,,,
`

const eventsFile = `who;what;ser;rel;wd;day
P1;Headache;no;maybe;no;3
P1;Headache;no;maybe;no;3
P1;Burn;yes;-;no;10,5
P2;Burn;no;maybe;yes;0
P3;Cold;no;unlikely;no;-4
P3;-;-;-;;
S9;Fall;yes;unlikely;no;1

`

// Every line is an event of a participant or left out for one reason; who has no line
// had no event; the order of the lines changes nothing, nor that of the files.
func TestEventsOfAFile(t *testing.T) {
	want, err := loadTexts(t, eventsProtocol, "data.csv", eventsData, "ae.csv", eventsFile)
	require.NoError(t, err)
	p := want.Participants()
	assert.Equal(t, []harms.Event{{Term: "Headache", Serious: harms.No, Related: harms.Yes, Withdrawal: harms.No, Day: 3, HasDay: true},
		{Term: "Headache", Serious: harms.No, Related: harms.Yes, Withdrawal: harms.No, Day: 3, HasDay: true},
		{Term: "Burn", Serious: harms.Yes, Withdrawal: harms.No, Day: 10.5, HasDay: true}}, p[0].Events)
	assert.Equal(t, []harms.Event{{Term: "Burn", Serious: harms.No, Related: harms.Yes, Withdrawal: harms.Yes, HasDay: true}}, p[1].Events)
	for i, n := range []int{3, 1, 0, 0} {
		assert.Equal(t, n, p[i].AdverseEvents)
		assert.True(t, p[i].EventsRecorded, "no line is no event")
	}
	assert.Equal(t, []float64{12, 2.5, 12, 0}, []float64{p[0].Exposure, p[1].Exposure, p[2].Exposure, p[3].Exposure})
	assert.Equal(t, []harms.Exclusion{{Line: 6, Participant: "P3", Reason: "event-before"}, {Line: 7, Participant: "P3", Reason: "event-nothing-said"}, {Line: 8, Participant: "S9", Reason: "event-not-in-trial"}}, want.events.Excluded)
	assert.Equal(t, 7, want.events.Lines)
	assert.Equal(t, []Note{{Code: "events-alike", Args: map[string]any{"count": 1, "file": "ae.csv"}}}, want.Notes())
	assert.Equal(t, 5, want.Accounting().RowsRead, "those of the data")
	require.Len(t, want.Source().Files, 2)
	assert.Equal(t, 7, want.Source().Files[1].Rows)

	r, err := want.AnalyzeAll()
	require.NoError(t, err)
	any := r.Safety.Events.Rows[0]
	assert.Equal(t, [2]int{2, 0}, [2]int{any.Arms[0].Participants, any.Arms[1].Participants})
	assert.Equal(t, [2]int{4, 0}, [2]int{any.Arms[0].Events, any.Arms[1].Events})
	// Of arm a one had the first event on day 3, the other on day 0: 3/7 of a week.
	assert.InDelta(t, 3./7, any.Arms[0].AtRisk, 1e-12)
	assert.InDelta(t, 12, any.Arms[1].AtRisk, 1e-12)
	assert.Equal(t, 1, any.Arms[1].NotFollowed)
	assert.InDelta(t, 0.8418861, any.Arms[1].Upper, 1e-7, "0 of 2: 1 − √0.025")
	related := r.Safety.Events.Rows[2]
	assert.Equal(t, harms.AnyRelated, related.Kind)
	assert.Equal(t, 0, related.Arms[0].Unknown, "P1's burn is not recorded, and a headache is related")

	for _, in := range [][]string{{"ae.csv", eventsFile, "data.csv", eventsData}, {"data.csv", shuffled(eventsData, 2), "ae.csv", shuffled(eventsFile, 5)}} {
		ds, err := loadTexts(t, eventsProtocol, in...)
		require.NoError(t, err)
		assert.Equal(t, p, ds.Participants())
		assert.Equal(t, want.Fingerprints(), ds.Fingerprints())
	}
	other, err := loadTexts(t, eventsProtocol, "data.csv", eventsData, "ae.csv", strings.Replace(eventsFile, "10,5", "11", 1))
	require.NoError(t, err)
	assert.NotEqual(t, want.Fingerprints()[0], other.Fingerprints()[0], "an event is part of what was read")
	assert.Equal(t, want.Fingerprints()[1:], other.Fingerprints()[1:])

	began, err := loadTexts(t, strings.Replace(eventsProtocol, "term: what", "set: began, term: what", 1), "data.csv", eventsData, "ae.csv", eventsFile)
	require.NoError(t, err)
	r, err = began.AnalyzeAll()
	require.NoError(t, err)
	assert.Equal(t, 1, r.Safety.Events.Rows[0].Arms[1].N, "P3 is not in the set")
	assert.Equal(t, 1, r.Safety.Arms[1].N)
}

// What is wrong has its place and what to do.
func TestEventsRefused(t *testing.T) {
	line := func(with string) string { return "who;what;ser;rel;wd;day\n" + with + "\n" }
	for with, want := range map[string]string{
		"P7;Burn;no;maybe;no;3":   `ae.csv:2:1: participant "P7" is not in the data`,
		"p1;Burn;no;maybe;no;3":   `ae.csv:2:1: participant "p1" is not in the data, where "P1" is`,
		";Burn;no;maybe;no;3":     "ae.csv:2:1: the participant is missing",
		"P1;;no;maybe;no;3":       "ae.csv:2:4: the line has no term",
		"P1;None;;;;":             `ae.csv:2:4: the term "None" says that there was no event`,
		"P1;geen;no;unlikely;no;": `ae.csv:2:4: the term "geen" says`,
		"P1;Burn;2;maybe;no;3":    `ae.csv:2:9: "2" is neither yes nor no; say what it means under data.adverse_events.values.serious`,
		"P1;Burn;no;yes;no;3":     `ae.csv:2:12: "yes" is neither yes nor no; say what it means under data.adverse_events.values.related`,
		"P1;Burn;no;maybe;no;jan": `"jan" is no day since randomization`,
		"P1;Burn;no;maybe;no":     "too few fields: 5, and the header has 6",
	} {
		_, err := loadTexts(t, eventsProtocol, "data.csv", eventsData, "ae.csv", line(with))
		assert.ErrorContains(t, err, want, with)
	}
	for _, c := range [][2]string{
		{"who;what;ser;rel;wd\nP1;Burn;no;maybe;no\n", `column "day" (day of adverse events) is missing`},
	} {
		_, err := loadTexts(t, eventsProtocol, "data.csv", eventsData, "ae.csv", c[0])
		assert.ErrorContains(t, err, c[1])
	}
	_, err := loadTexts(t, eventsProtocol, "data.csv", eventsData)
	assert.ErrorContains(t, err, `data.adverse_events names "ae.csv", which is not among the files that were given: data.csv`)
	_, err = loadTexts(t, eventsProtocol, "ae.csv", eventsFile)
	assert.ErrorContains(t, err, "no data file is given")
	_, err = loadTexts(t, eventsProtocol, "data.csv", strings.Replace(eventsData, "2.5", "0", 1), "ae.csv", eventsFile)
	assert.ErrorContains(t, err, "data.csv:3:10: a time of observation is above 0, and 0 is not")
	_, err = loadTexts(t, strings.Replace(eventsProtocol, "file: ae.csv", "sheet: AE", 1), "data.csv", eventsData, "ae.csv", eventsFile)
	assert.ErrorContains(t, err, "data.adverse_events.file must say which of them")

	for change, want := range map[string][2]string{
		"place":  {"file: ae.csv, ", "write the file, or the sheet"},
		"term":   {"term: what, ", "missing; name the column"},
		"path":   {"file: ae.csv|file: x/ae.csv", "is a path"},
		"twice":  {"wd, day: day|ser, day: day", `column "ser"`},
		"key":    {"values: {related:|values: {severe:", `names no column "severe"`},
		"word":   {"maybe: yes|maybe: perhaps", `"perhaps" is neither yes nor no`},
		"unit":   {", unit: weeks", "write the unit of column \"weeks\" beside it: days, weeks, months or years"},
		"column": {"column: weeks, ", "missing; name the column"},
		"set":    {"term: what|set: pp, term: what", `"pp"`},
		"within": {"participant: who|participant: [site, who]", "must name as many columns as data.participant: 1"},
	} {
		from, to, _ := strings.Cut(want[0], "|")
		require.Contains(t, eventsProtocol, from, change)
		_, err := ParseProtocol(strings.NewReader(strings.Replace(eventsProtocol, from, to, 1)), "p.yaml")
		if assert.ErrorContains(t, err, want[1], change) {
			assert.Regexp(t, `^p\.yaml:\d+:\d+: `, err.Error(), change)
		}
	}
}

// Participants numbered anew in each site, and a sheet of the data's own workbook.
func TestEventsOfASheet(t *testing.T) {
	sheet := func(name string, rows ...string) string {
		var b strings.Builder
		b.WriteString(`<table:table table:name="` + name + `">`)
		for _, r := range rows {
			b.WriteString("<table:table-row>")
			for _, c := range strings.Split(r, ",") {
				b.WriteString(`<table:table-cell office:value-type="string"><text:p>` + c + `</text:p></table:table-cell>`)
			}
			b.WriteString("</table:table-row>")
		}
		return b.String() + "</table:table>"
	}
	book := `<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>` +
		sheet("Pain", "site,id,arm,x0,x1", "N,1,a,5,4", "Z,1,c,6,3", "N,2,c,7,2", "Z,2,a,5,5") +
		sheet("Events", "site,id,what", "N,1,Burn", "Z,2,Burn", "Z,2,Cold") + `</office:spreadsheet></office:body></office:document>`
	ds, err := loadTexts(t, `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, range: [0, 10], better: lower}]
data:
  layout: wide
  participant: [site, id]
  arm: arm
  sheet: Pain
  columns: {x: {v0: x0, v1: x1}}
  adverse_events: {sheet: Events, term: what}
`, "trial.fods", book)
	require.NoError(t, err)
	var got []int
	for _, p := range ds.Participants() {
		got = append(got, p.AdverseEvents)
	}
	assert.Equal(t, []int{1, 0, 0, 2}, got, "N/1, N/2, Z/1, Z/2")
	assert.Equal(t, []string{"Pain", "Events"}, []string{ds.Source().Files[0].Sheet, ds.Source().Files[1].Sheet})
}

// A count in a column and a line for each event say the same.
func TestEventsAsAColumn(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 3))
	for range 20 {
		data, counted, lines := "id,arm,x0,x1\n", "id,arm,x0,x1,n\n", "id,what\n"
		for i := range 12 {
			row := "P" + string(rune('A'+i)) + "," + []string{"a", "c"}[i%2] + ",5,4"
			n := r.IntN(3)
			data += row + "\n"
			counted += row + "," + string(rune('0'+n)) + "\n"
			for range n {
				lines += "P" + string(rune('A'+i)) + ",Burn\n"
			}
		}
		const p = "arms: [{id: a}, {id: c, control: true}]\nvisits: [{id: v0}, {id: v1}]\noutcomes: [{id: x, range: [0, 10], better: lower}]\ndata:\n  layout: wide\n  participant: id\n  arm: arm\n  columns: {x: {v0: x0, v1: x1}}\n"
		if strings.Count(lines, "\n") < 2 {
			continue
		}
		a, err := loadTexts(t, p+"  adverse_events: n\n", "data.csv", counted)
		require.NoError(t, err)
		b, err := loadTexts(t, p+"  adverse_events: {file: ae.csv, term: what}\n", "data.csv", data, "ae.csv", lines)
		require.NoError(t, err)
		ra, err := a.AnalyzeAll()
		require.NoError(t, err)
		rb, err := b.AnalyzeAll()
		require.NoError(t, err)
		rb.Safety.Events, rb.Safety.Listed = nil, harms.Listing{}
		x, _ := json.Marshal(ra.Safety)
		y, _ := json.Marshal(rb.Safety)
		assert.JSONEq(t, string(x), string(y))
	}
}
