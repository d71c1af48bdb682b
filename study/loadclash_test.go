package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const plainWide = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, range: [0, 10], better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v0: x0, v1: x1}}
`

// Rows that cannot both hold are one problem a cause, which says what two rows
// of one participant differ in and what to write.
func TestLoadRowsThatClash(t *testing.T) {
	rows := func(header string, lines ...string) string { return header + "\n" + strings.Join(lines, "\n") + "\n" }
	sites := func(column, a, b string) string {
		var out []string
		for i := range 4 {
			out = append(out, fmt.Sprintf("%s,%d,%s,5,4", a, i+1, []string{"a", "c"}[i%2]))
		}
		for i := range 4 {
			out = append(out, fmt.Sprintf("%s,%d,%s,6,3", b, i+1, []string{"a", "c"}[(i+i/2)%2]))
		}
		return rows(column+",id,arm,x0,x1", out...)
	}
	for _, c := range []struct{ name, protocol, data, want string }{
		{"numbered anew in each site", plainWide, sites("centre", "N", "S"),
			`d.csv:6:3: participant "1" stands under "N" of column "centre" on line 2 and under "S" here: participants seem to be numbered anew in each centre; write data.participant: [centre, id] (4 times: lines 6, 7 ("2"), 8 ("3"), …)`},
		{"numbered anew in another column", plainWide, sites("batch", "N", "S"),
			`d.csv:6:3: participant "1" stands under "N" of column "batch" on line 2 and under "S" here: participants seem to be numbered anew in each batch; write data.participant: [batch, id] (4 times: lines 6, 7 ("2"), 8 ("3"), …)`},
		{"or one person in two rows", plainWide, strings.NewReplacer("S,3,c", "S,3,a", "S,4,a", "S,4,c").Replace(sites("batch", "N", "S")),
			`d.csv:6:3: participant "1" stands under "N" of column "batch" on line 2 and under "S" here: if participants are numbered anew in each batch, write data.participant: [batch, id]; if the rows are of one person, keep one of them (4 times: lines 6, 7 ("2"), 8 ("3"), …)`},
		{"site, long", plainLong, rows("site,id,arm,visit,x", "N,1,a,v0,5", "N,1,a,v1,4", "N,2,c,v0,5", "N,2,c,v1,4", "S,1,c,v0,6", "S,1,c,v1,3", "S,2,a,v0,6", "S,2,a,v1,3"),
			`d.csv:6:3: participant "1" stands under "N" of column "site" on line 2 and under "S" here: participants seem to be numbered anew in each site; write data.participant: [site, id] (2 times: lines 6, 8 ("2"))`},
		{"numbered anew in each arm", plainWide, rows("id,arm,x0,x1", "1,a,5,4", "2,a,6,4", "1,c,5,4", "2,c,5,4"),
			`d.csv:4:1: participant "1" stands under "a" of column "arm" on line 2 and under "c" here: participants seem to be numbered anew in each arm; write data.participant: [arm, id] (2 times: lines 4, 5 ("2"))`},
		{"a name that YAML needs in quotes", plainLong, rows("study site,id,arm,visit,x", "N,1,a,v0,5", "N,1,a,v1,4", "N,2,c,v0,5", "N,2,c,v1,4", "S,1,c,v0,6", "S,1,c,v1,3"),
			`d.csv:6:3: participant "1" stands under "N" of column "study site" on line 2 and under "S" here: participants seem to be numbered anew in each study site; write data.participant: ["study site", id]`},
		{"knees in two arms", plainWide, rows("id,knee,arm,x0,x1", "1,L,a,5,4", "1,R,c,6,4", "2,L,c,5,4", "2,R,a,5,4", "3,L,a,5,4", "3,R,c,5,4"),
			`d.csv:3:1: participant "1" has two rows (first on line 2), which column "knee" tells apart (L, R): two sides of one person are not two participants; choose one a person by the rule that the protocol states, with data.rows and a column that says which; an analysis of both needs a model of two sides a person, which trialkit does not have yet (3 times: lines 3, 5 ("2"), 7 ("3"))`},
		{"two knees", plainWide, rows("id,knee,arm,x0,x1", "1,L,a,5,4", "1,R,a,6,4", "2,L,c,5,4", "3,L,a,5,4", "3,R,a,5,4"),
			`d.csv:3:1: participant "1" has two rows (first on line 2), which column "knee" tells apart (L, R): two sides of one person are not two participants; choose one a person by the rule that the protocol states, with data.rows and a column that says which; an analysis of both needs a model of two sides a person, which trialkit does not have yet (2 times: lines 3, 6 ("3"))`},
		{"sides by their words", plainWide, rows("id,s,arm,x0,x1", "1,links,a,5,4", "1,rechts,a,6,4", "2,links,c,5,4"),
			`d.csv:3:1: participant "1" has two rows (first on line 2), which column "s" tells apart (links, rechts): two sides of one person are not two participants; choose one a person by the rule that the protocol states, with data.rows and a column that says which; an analysis of both needs a model of two sides a person, which trialkit does not have yet`},
		{"twice the same row", plainWide, rows("id,knee,arm,x0,x1", "1,L,a,5,4", "1,L,a,5,4", "2,L,c,5,4"),
			`d.csv:3:1: participant "1" has two rows (first on line 2), and a wide file has one for each participant; keep one, correct the ID of the other or, where one was measured several times, say data.repeats: mean, or first or last with data.day`},
		{"repeating instrument, wide", plainWide, rows("id,redcap_repeat_instrument,redcap_repeat_instance,arm,x0,x1", "1,,,a,5,4", "1,ae,1,,,", "1,ae,2,,,", "2,,,c,5,4"),
			`d.csv:3:1: participant "1" has two rows (first on line 2); rows of repeating instruments are left out by data.rows: {redcap_repeat_instrument: [""]}`},
		{"repeating instrument with values", plainLong, rows("id,redcap_repeat_instrument,arm,visit,x", "1,,a,v0,5", "1,,,v1,4", "1,pain,,v1,3", "1,pain,,v1,2", "2,,c,v0,5"),
			`d.csv:4:1: participant "1" has 3 rows for visit v1 (first on line 3; up to 3 rows in the file); rows of repeating instruments are left out by data.rows: {redcap_repeat_instrument: [""]}`},
		{"a flag", plainLong, rows("id,arm,visit,x,flag", "1,a,v0,5,N", "1,a,v0,6,Y", "1,a,v1,6,Y", "2,c,v0,5,Y"),
			`d.csv:3:1: participant "1" has two rows for visit v0 (first on line 2); if column "flag" says which row counts, write data.rows: {flag: [Y]}`},
		{"a repeating instrument as R writes it", inData(plainLong, "missing: [NA]"), rows("id,redcap_repeat_instrument,arm,visit,x", "1,NA,a,v0,5", "1,pain,NA,v0,3", "2,NA,c,v0,5"),
			`d.csv:3:1: participant "1" has two rows for visit v0 (first on line 2); rows of repeating instruments are left out by data.rows: {redcap_repeat_instrument: [NA]}`},
		{"a flag that is not in every visit", plainLong, rows("id,arm,visit,x,flag", "1,a,v0,5,N", "1,a,v0,6,Y", "1,a,v1,6,N", "2,c,v0,5,Y"),
			`d.csv:3:1: participant "1" has two rows for visit v0 (first on line 2); column "flag" tells them apart: choose one row a visit with data.rows, or say data.repeats: mean, or first or last with data.day`},
		{"a column that numbers the ratings", plainLong, rows("id,arm,visit,x,day", "1,a,v0,5,1", "1,a,v0,6,2", "1,a,v0,6,3", "1,a,v0,7,4", "1,a,v1,6,1", "2,c,v0,5,1", "2,c,v0,5,2"),
			`d.csv:3:1: participant "1" has 4 rows for visit v0 (first on line 2; up to 4 rows in the file); column "day" tells them apart: choose one row a visit with data.rows, or say data.repeats: mean, or first or last with data.day (2 times: lines 3, 8 ("2"))`},
		{"nothing tells them apart", plainLong, rows("id,arm,visit,x", "1,a,v0,5", "1,a,v0,6", "1,a,v1,6", "2,c,v0,5"),
			`d.csv:3:1: participant "1" has two rows for visit v0 (first on line 2); one row a participant and visit counts: choose rows with data.rows, or say data.repeats: mean, or first or last with data.day`},
		{"two arms in many", plainLong, rows("id,arm,visit,x,w", "1,a,v0,5,0", "1,c,v1,5,6", "2,c,v0,5,0", "2,a,v1,5,6", "3,c,v0,5,0", "3,a,v1,5,6", "4,c,v0,5,0", "4,a,v1,5,6"),
			`d.csv:3:3: participant "1" is in two arms: a on line 2, c here (4 times: lines 3, 5 ("2"), 7 ("3"), …)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadText(t, c.protocol, c.data)
			assert.EqualError(t, err, c.want)
			problems, ok := err.(Problems)
			if assert.True(t, ok) {
				dutch, err := problems.In("nl")
				assert.NoError(t, err)
				assert.NotEqual(t, problems.Error(), dutch.Error())
			}
		})
	}
	// What the message proposes loads.
	for _, c := range []struct{ protocol, data string }{
		{strings.Replace(plainWide, "participant: id", "participant: [centre, id]", 1), sites("centre", "N", "S")},
		{inData(plainLong, "rows: {flag: [Y]}"), rows("id,arm,visit,x,flag", "1,a,v0,5,N", "1,a,v0,6,Y", "1,a,v1,6,Y", "2,c,v0,5,Y")},
		{inData(plainWide, `rows: {redcap_repeat_instrument: [""]}`), rows("id,redcap_repeat_instrument,arm,x0,x1", "1,,a,5,4", "1,ae,,,", "2,,c,5,4")},
	} {
		ds, err := LoadText(t, c.protocol, c.data)
		if assert.NoError(t, err) {
			everyRowOnce(t, ds, strings.Count(c.data, "\n")-1)
		}
	}
}

// A row without a value is no second row for a visit: other instruments stand
// in it. It is counted.
func TestLoadRowsOfOtherInstruments(t *testing.T) {
	ds, err := LoadText(t, plainLong, "id,arm,visit,x,diary\n1,a,v0,,1\n1,,v0,5,\n1,,v0,,3\n1,,v1,4,\n2,c,v0,6,\n")
	assert.NoError(t, err)
	everyRowOnce(t, ds, 5)
	assert.Equal(t, []Exclusion{{2, "1", "row-no-value", ""}, {4, "1", "row-no-value", ""}}, ds.Accounting().Excluded)
	v, ok := ds.Value("1", "x", "v0")
	assert.True(t, ok)
	assert.Equal(t, 5.0, v.Number)
}

func TestColumnNames(t *testing.T) {
	for name, want := range map[string][2]bool{
		"site": {true, false}, "SITEID": {true, false}, "Study Site": {true, false}, "hospital_name": {true, false}, "centre2": {true, false},
		"Ziekenhuis": {true, false}, "country": {true, false}, "composite": {}, "clinical_score": {}, "stadium": {}, "landmark": {},
		"knee": {false, true}, "index_knee": {false, true}, "eye_id": {false, true}, "early": {}, "handedness": {}, "legacy": {}, "kant": {false, true}, "": {},
	} {
		assert.Equal(t, want, [2]bool{named(name, siteWords), named(name, sideWords)}, name)
	}
}

// Two people with one number whose visits fit together are taken as one, which
// a note doubts.
func TestLoadSiteChanges(t *testing.T) {
	const data = "site,id,arm,visit,x\nN,1,a,v0,5\nS,1,a,v1,4\nN,2,c,v0,6\n,2,c,v1,3\nS,3,a,v0,6\n"
	ds, err := LoadText(t, plainLong, data)
	assert.NoError(t, err)
	assert.Equal(t, []Note{{Code: "site-changes", Args: map[string]any{"column": "site", "count": 1, "participant": "1", "first": "N", "second": "S", "list": "[site, id]"}}}, ds.Notes())
	ds, err = LoadText(t, strings.Replace(plainLong, "participant: id", "participant: [site, id]", 1), strings.Replace(data, "\n,2", "\nN,2", 1))
	assert.NoError(t, err)
	assert.Empty(t, ds.Notes())
	assert.Len(t, ds.Participants(), 4)
}

// Two sides of one person may also stand as two participants, or as columns of one
// outcome.
func TestTwoSidesOfOnePerson(t *testing.T) {
	rows := func(ids ...string) string {
		s := "id,arm,x0,x1\n"
		for i, id := range ids {
			s += fmt.Sprintf("%s,%s,5,%d\n", id, []string{"a", "c"}[i/2%2], i%5)
		}
		return s
	}
	for _, c := range []struct {
		ids  []string
		want string
	}{
		{[]string{"1_left", "1_right", "2_left", "3_left"}, `d.csv:3:1: "1_left" and "1_right" seem to be the two sides of one person, and so are 1 pairs`},
		{[]string{"P1 Links", "P1 Rechts", "P2 Links", "P2 Rechts"}, `and so are 2 pairs`},
		{[]string{"P01R", "P01L", "P02L", "P02R", "P03L"}, `and so are 2 pairs`},
		{[]string{"01-L", "01-R", "02-L", "02-R"}, `and so are 2 pairs`},
		// No evidence: letters that are more than sides, or sides of nobody twice.
		{[]string{"P01L", "P01R", "P02L", "P02K"}, ""},
		{[]string{"JL", "JR", "AL", "AR"}, ""},
		{[]string{"P01L", "P02R", "P03L", "P04L"}, ""},
		{[]string{"bright", "bleft", "A", "B"}, ""},
		{[]string{"1_left", "2_right", "3_left", "4_left"}, ""},
	} {
		_, err := LoadText(t, plainWide, rows(c.ids...))
		if c.want == "" {
			assert.NoError(t, err, "%v", c.ids)
		} else {
			assert.ErrorContains(t, err, c.want, "%v", c.ids)
		}
	}
	for columns, ok := range map[string]bool{"{x: {v0: x0_left, v1: x1_right}}": false, "{x: {v0: LeftX0, v1: right x1}}": false,
		"{x: {v0: x0_L, v1: x1_R}}": false, "{x: {v0: x0_left, v1: x1_left}}": true, "{x: {v0: xl, v1: xr}}": true,
		"{x: {v0: x_right_0, v1: x_right_1}}": true, "{x: {v0: left_right_0, v1: left_right_1}}": true} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(plainWide, "{x: {v0: x0, v1: x1}}", columns, 1)), "p.yaml")
		if ok {
			assert.NoError(t, err, columns)
		} else {
			assert.ErrorContains(t, err, "both sides of the body", columns)
		}
	}
}
