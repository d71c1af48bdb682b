package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Protocols of the three layouts for small files.
const (
	wideProtocol = `arms: [{id: a, randomized: 3}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes:
  - {id: x, range: [0, 10], resolution: 0.5, better: lower}
  - {id: y, better: higher}
randomization: {kind: blocked, column: block}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v0: x0, v1: x1}, y: {v0: y0, v1: y1}}
  missing: [NA, -99]
  arm_values: {A: a, screen: ""}
  covariates: {age: {column: age, kind: number}, site: {column: site, kind: category}}
  adverse_events: ae
`
	longProtocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, better: lower}, {id: y, better: lower}]
data:
  layout: long
  participant: id
  arm: arm
  visit: visit
  columns: {x: X, y: Y}
  baseline: {y: Y0}
  visit_values: {base: v0, unscheduled: ""}
  covariates: {age: {column: age, kind: number}, site: {column: site, kind: category}}
  adverse_events: ae
`
	valueProtocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, better: lower}, {id: y, better: lower}]
data:
  layout: long
  participant: id
  arm: arm
  visit: visit
  outcome: test
  value: val
  baseline: {y: base}
  outcome_values: {XX: x, skip: ""}
`
	wideHeader  = "id,arm,block,x0,x1,y0,y1,age,site,ae\n"
	wideRows    = "1,a,1,5,4,10,11,50,n,0\n2,c,1,5,4,10,11,51,z,0\n"
	longHeader  = "id,arm,visit,X,Y,Y0,age,site,ae\n"
	longRows    = "1,a,v0,5,,7,50,n,0\n1,a,v1,4,6,7,50,n,0\n2,c,v0,5,,8,51,z,0\n2,c,v1,4,6,8,51,z,0\n"
	valueHeader = "id,arm,visit,test,val,base\n"
	valueRows   = "1,a,v0,XX,5,\n1,a,v1,y,4,9\n2,c,v0,x,5,\n2,c,v1,y,4,9\n"
)

func Parsed(t testing.TB, yaml string) Protocol {
	t.Helper()
	p, err := ParseProtocol(strings.NewReader(yaml), "p.yaml")
	require.NoError(t, err)
	return p
}

func TestLoadProblems(t *testing.T) {
	wide, long, value := Parsed(t, wideProtocol), Parsed(t, longProtocol), Parsed(t, valueProtocol)
	for _, p := range []struct {
		p    Protocol
		data string
	}{{wide, wideHeader + wideRows}, {long, longHeader + longRows}, {value, valueHeader + valueRows}} {
		_, err := Load(strings.NewReader(p.data), "d.csv", p.p)
		require.NoError(t, err)
	}
	for _, c := range []struct {
		name string
		p    Protocol
		data string
		want string
	}{
		{"empty file", wide, "", "d.csv:1:1: the file is empty"},
		{"blank file", wide, "\ufeff \r\n\n", "d.csv:1:1: the file is empty"},
		{"header alone", wide, wideHeader, "d.csv:1:1: the file has a header and no rows"},
		{"workbook", wide, "PK\x03\x04\x14\x00", "d.csv: the file is damaged or incomplete: it begins as a zip file, as workbooks do, and cannot be read as one (not a valid zip file); get it again from where it came from, or open it in the program that wrote it and save it anew"},
		{"title above the header", wide, "Knee study\n" + strings.ToUpper(wideHeader) + wideRows,
			"d.csv:1:1: the columns' names stand on line 2; write header: 2 under data, and the lines above are left out"},
		{"another file", wide, "Not found\n",
			"d.csv:1:1: the first line has none of the columns that the protocol names: ae, age, arm, block, id, site, x0, x1, …" +
				"; no comma, semicolon, tab or pipe stands between columns either"},
		{"line of totals", wide, wideHeader + wideRows + "Mean:,a,1,5,4,10,11,50,n,\nTOTAL,,,99,99,,,,,\n",
			`d.csv:4:1: "Mean:" is no participant but a line that sums up others; take it out of the file (2 times: lines 4, 5 ("TOTAL"))`},
		{"one person written twice", wide, wideHeader + "P1,a,1,5,4,10,11,50,n,0\nP2,c,1,5,4,10,11,51,z,0\np1,a,1,5,4,10,11,50,n,0\nP02,c,1,5,4,10,11,51,z,0\nP20,c,1,5,4,10,11,51,z,0\n",
			`d.csv:4:1: participant "p1" is written "P1" on line 2; write one person in one way (2 times: lines 4, 5 ("P02"))`},
		{"delimiters at the end", wide, wideHeader + wideRows + "3,a,1,5,4,10,11,50,n,0,,\n",
			"d.csv:4:24: too many fields: 12, and the header has 10 (nothing stands in the last ones; take the delimiters at the ends of the rows out, unless decimal commas pushed the fields to the right)"},
		{"what spreadsheets hold for numbers", wide, wideHeader +
			"1,a,1,6.4 cm,6-Apr,12:30,<0.1,61%,n,0\n2,c,1,#N/B,2024-01-05,1\u00a0061,~6,six,z,0\n3,c,1,6.4±1,5-6,6..4,1/2/24,≥3,z,0\n",
			`d.csv:2:7: x at v0: "6.4 cm" is not a number; write the number alone, without unit or sign around it
d.csv:2:14: x at v1: "6-Apr" is not a number; it looks like a date or a time, into which spreadsheets turn numbers (2 times: lines 2, 3 ("2024-01-05"))
d.csv:2:20: y at v0: "12:30" is not a number; it looks like a date or a time, into which spreadsheets turn numbers
d.csv:2:26: y at v1: "<0.1" is not a number; what lies below or above a limit cannot be computed with (2 times: lines 2, 3 ("~6"))
d.csv:2:31: age: "61%" is not a number; write the number alone, without unit or sign around it
d.csv:3:7: x at v0: "#N/B" is an error of the spreadsheet, not a number; mend the formula there, or declare it under data.missing if it means a missing value
d.csv:3:32: age: "six" is not a number; declare it under data.missing if it means a missing value
d.csv:4:7: x at v0: "6.4±1" is not a number; correct it, or declare it under data.missing if it means a missing value
d.csv:4:13: x at v1: "5-6" is not a number; correct it, or declare it under data.missing if it means a missing value
d.csv:4:17: y at v0: "6..4" is not a number; correct it, or declare it under data.missing if it means a missing value
d.csv:4:22: y at v1: "1/2/24" is not a number; it looks like a date or a time, into which spreadsheets turn numbers
d.csv:4:29: age: "≥3" is not a number; what lies below or above a limit cannot be computed with`},
		{"missing columns", wide, "id,arm,block,X_0,x1,y1,age,site,ae\n1,a,1,5,4,11,50,n,0\n2,c,1,5,4,11,51,z,0\n",
			`d.csv:1:1: column "x0" (outcome x, visit v0) is missing; the file has "X_0"
d.csv:1:1: column "y0" (outcome y, visit v0) is missing`},
		{"column twice", wide, "id,arm,block,x0,x1,x0,y0,y1,age,site,ae\n1,a,1,5,4,5,1,1,50,n,0\n2,c,1,5,4,5,1,1,51,z,0\n",
			`d.csv:1:20: column "x0" (outcome x, visit v0) stands twice in the header`},
		{"too few fields", wide, wideHeader + wideRows + "3,a,1,5\n", "d.csv:4:1: too few fields: 4, and the header has 10"},
		{"too many fields", wide, wideHeader + wideRows + "3,a,1,5,4,10,11,50,n,0,9,9\n",
			"d.csv:4:24: too many fields: 12, and the header has 10 (a decimal comma in a file with commas between fields must stand in quotes; names of rows, as R writes them, are left out with row.names = FALSE)"},
		{"binary noise", wide, wideHeader + "1,a\x00\x01\x02", "d.csv:2:4: control character U+0000: this is not a text file"},
		{"picture", wide, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "d.csv:1:1: this is a picture, not a text file; ask for the table that it shows"},
		{"open quote", wide, wideHeader + wideRows + "3,\"a,1,5\n\n", "d.csv:4:1: too few fields: 2, and the header has 10\n" +
			"d.csv:4:3: the quote that begins here is never closed"},
		{"text behind quote", wide, wideHeader + wideRows + "\"3\"b,a,1,5,4,10,11,50,n,0\n",
			"d.csv:4:4: text behind a closing quote; a quote inside a quoted field is written twice"},
		{"arm without participants", wide, wideHeader + "1,a,1,5,4,10,11,50,n,0\n", `d.csv:1:4: arm "c" has no participants`},
		{"more than randomized", wide, wideHeader + wideRows + "3,a,1,5,4,10,11,50,n,0\n4,a,1,5,4,10,11,50,n,0\n5,a,1,5,4,10,11,50,n,0\n",
			`d.csv:1:4: arm "a" has 4 participants, and the protocol says 3 were randomized to it`},
		{"duplicate participant", wide, wideHeader + wideRows + "1,c,1,5,4,10,11,50,n,0\n",
			`d.csv:4:1: participant "1" has two rows (first on line 2), and a wide file has one for each participant; keep one, correct the ID of the other or, where one was measured several times, say data.repeats: mean, or first or last with data.day
d.csv:4:3: participant "1" is in two arms: a on line 2, c here`},
		{"unknown arm", wide, wideHeader + wideRows + "3,b,1,5,4,10,11,50,n,0\n", `d.csv:4:3: unknown arm "b" (a, c; other words are mapped under data.arm_values)`},
		{"no arm, no participant", wide, wideHeader + wideRows + ",,1,5,4,10,11,50,n,0\n",
			"d.csv:4:1: the participant is missing\nd.csv:4:2: the arm is missing"},
		{"no block", wide, wideHeader + wideRows + "3,a,NA,5,4,10,11,50,n,0\n", `d.csv:4:5: participant "3": the block or stratum is missing`},
		{"out of range", wide, wideHeader + wideRows + "3,a,1,11,-0.5,10,11,50,n,0\n",
			"d.csv:4:7: x at v0: 11 is outside the range 0 to 10\nd.csv:4:10: x at v1: -0.5 is outside the range 0 to 10"},
		{"not a number", wide, wideHeader + "1,a,1,5.5,4,NaN,Inf,50,n,0\n2,c,1,5,\"12,3\",1e999,n/a,51 y,z,0\n",
			`d.csv:2:13: y at v0: "NaN" is not a number; declare it under data.missing if it means a missing value
d.csv:2:17: y at v1: "Inf" is not a number; declare it under data.missing if it means a missing value (2 times: lines 2, 3 ("n/a"))
d.csv:3:9: x at v1: 12,3, read as 12.3, is outside the range 0 to 10
d.csv:3:16: y at v0: "1e999" is beyond the numbers that can be computed with
d.csv:3:26: age: "51 y" is not a number; write the number alone, without unit or sign around it`},
		{"two decimal signs", wide, strings.ReplaceAll(wideHeader, ",", ";") + "1;a;1;5,5;4,5;1,2;1.3;50;n;0\n2;c;1;5;4;1;1.250.5;51;z;0\n",
			`d.csv:3:13: y at v1: "1.250.5" is not a number; correct it, or declare it under data.missing if it means a missing value`},
		{"ambiguous number", wide, strings.ReplaceAll(wideHeader, ",", ";") + "1;a;1;5;4;1.250;7;50;n;0\n2;c;1;5;4;1;1,500;51;z;0\n",
			`d.csv:2:11: y at v0: "1.250" may be 1.25 or 1250: nothing in column "y0" shows its decimal sign; state data.decimal, or the range of what is measured
d.csv:3:13: y at v1: "1,500" may be 1.5 or 1500: nothing in column "y1" shows its decimal sign; state data.decimal, or the range of what is measured`},
		{"ambiguous in quotes", wide, wideHeader + "1,a,1,5,4,\"1,250\",7,50,n,0\n2,c,1,5,4,1,7,51,z,0\n",
			`d.csv:2:11: y at v0: "1,250" may be 1.25 or 1250: nothing in column "y0" shows its decimal sign; state data.decimal, or the range of what is measured`},
		{"adverse events", wide, wideHeader + "1,a,1,5,4,10,11,50,n,-1\n2,c,1,5,4,10,11,51,z,headache\n",
			`d.csv:2:22: adverse events: "-1" is neither a count nor yes or no (2 times: lines 2, 3 ("headache"))`},
		{"no baseline", wide, wideHeader + "1,a,1,,4,-99.0,11,50,n,0\n2,c,1,NA,4,10,11,51,z,0\n",
			`d.csv:1:14: outcome "x" has no baseline value for anyone`},
		{"line numbers behind embedded newlines", wide, "id,arm,block,x0,x1,y0,y1,age,site,ae\r\n" +
			"1,a,1,5,4,10,11,50,\"n\r\nm\nè\",0\r\n\r\n2,c,1,5,4,10,11,51,\"z\nü\",bad\r\n3,q,1,5,4,1,1,1,z,0\r\n",
			`d.csv:7:4: adverse events: "bad" is neither a count nor yes or no
d.csv:8:3: unknown arm "q" (a, c; other words are mapped under data.arm_values)`},
		{"duplicate visit", long, longHeader + longRows + "1,a,base,5,,7,50,n,0\n",
			`d.csv:6:1: participant "1" has two rows for visit v0 (first on line 2); one row a participant and visit counts: choose rows with data.rows, or say data.repeats: mean, or first or last with data.day`},
		{"conflicts", long, longHeader + "1,a,v0,5,,7,50,n,0\n2,c,v0,5,,8,51,z,0\n1,c,v1,4,6,7.5,52,m,1\n",
			`d.csv:4:3: participant "1" is in two arms: a on line 2, c here
d.csv:4:12: participant "1": baseline of y "7.5" contradicts line 2
d.csv:4:21: participant "1": adverse events "1" contradicts line 2`},
		{"unknown visit", long, longHeader + longRows + "1,a,v9,5,,7,50,n,0\n2,c,,5,,8,51,z,0\n",
			"d.csv:6:5: unknown visit \"v9\" (v0, v1; other words are mapped under data.visit_values)\nd.csv:7:5: the visit is missing"},
		{"no baseline anywhere", long, longHeader + "1,a,v1,4,6,,50,n,0\n2,c,v1,4,6,,51,z,0\n",
			"d.csv:1:14: outcome \"x\" has no baseline value for anyone\nd.csv:1:18: outcome \"y\" has no baseline value for anyone"},
		{"duplicate value", value, valueHeader + valueRows + "2,c,v0,XX,,\n",
			`d.csv:6:1: participant "2" has two rows for outcome x at visit v0 (first on line 4); one row a participant and visit counts: choose rows with data.rows, or say data.repeats: mean, or first or last with data.day`},
		{"missing outcome", value, valueHeader + valueRows + "2,c,v0,,1,\n", `d.csv:6:8: the outcome is missing`},
		{"outcome never there", value, valueHeader + "1,a,v0,X,5,\n1,a,v1,y,4,9\n2,c,v1,y,4,9\n",
			`d.csv:1:19: outcome "x" has no baseline value for anyone`},
		{"baseline of its own outcome", value, valueHeader + valueRows + "2,c,v0,y,1,10\n",
			`d.csv:6:12: participant "2": baseline of y "10" contradicts line 5`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(strings.NewReader(c.data), "d.csv", c.p)
			var problems Problems
			require.ErrorAs(t, err, &problems)
			assert.Equal(t, c.want, err.Error())
		})
	}
}
