package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sentencesProtocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v0: x0, v1: x1}}
`

// Each sentence names the cause alone, and what to write. The sentences were
// written down before the loader had them.
func TestLoadSaysWhatToWrite(t *testing.T) {
	const header = "id,arm,x0,x1\n"
	answers := func(words ...string) string {
		var b strings.Builder
		b.WriteString(header)
		for i, w := range words {
			b.WriteString("P" + string(rune('1'+i)) + "," + string("ac"[i%2]) + ",1," + w + "\n")
		}
		return b.String()
	}
	for name, c := range map[string]struct{ data, keys, want string }{
		"numbers in brackets before words": {answers("(1) nee", "(2) soms", "(1) nee"), "",
			`d.csv:2:8: column "x1" has words where numbers should stand: "(1) nee" (2), "(2) soms" (1); say which number each means under data.values: {x: {"(1) nee": …, "(2) soms": …}}`},
		"ordinals": {answers("1st", "3rd", "3rd"), "",
			`d.csv:2:8: column "x1" has words where numbers should stand: "3rd" (2), "1st" (1); say which number each means under data.values: {x: {"1st": …, "3rd": …}}`},
		"one word among numbers": {answers("2", "Severe", "3"), "",
			`d.csv:3:8: x at v1: "Severe" is not a number; say under data.values which number it means, or declare it under data.missing if it means a missing value`},
		"one numbered word among numbers": {answers("2", "4 = Severe", "4 = Severe"), "",
			`d.csv:3:8: x at v1: "4 = Severe" is not a number; say under data.values which number it means, or declare it under data.missing if it means a missing value (2 times: lines 3, 4)`},
		"numbers with a unit are no words": {answers("39.7 pct", "41.5 pct", "40.1 pct"), "",
			`d.csv:2:8: x at v1: "39.7 pct" is not a number; write the number alone, without unit or sign around it (3 times: lines 2, 3 ("41.5 pct"), 4 ("40.1 pct"))`},
		"percent signs": {answers("%39.7", "41.5％", "40.1%"), "",
			`d.csv:2:8: x at v1: "%39.7" is not a number; write the number alone, without unit or sign around it (3 times: lines 2, 3 ("41.5％"), 4 ("40.1%"))`},
		"fractions": {answers("½", "1½", "1/2"), "",
			`d.csv:2:8: x at v1: "½" is not a number; write a fraction as a decimal number, such as 0.5 (3 times: lines 2, 3 ("1½"), 4 ("1/2"))`},
		"a blank in the wrong place": {answers("1 25", "2", "3"), "",
			`d.csv:2:8: x at v1: "1 25" is not a number; a space stands inside, which is read only between groups of three digits (1 250)`},
		"an unknown arm is not an empty one too": {"id,arm,x0,x1\n1,A,1,2\n2,c,1,2\n", "",
			`d.csv:2:3: unknown arm "A" (a, c; other words are mapped under data.arm_values)`},
		"units in brackets": {"id,arm,x0,x1\n(unit),,(mm),(mm)\n1,a,1,2\n2,c,1,2\n", "",
			"d.csv:2:1: this line looks like a second header, such as questions, labels or units: it has words where numbers should stand and no participant of a known arm; take it out of the file"},
		"a note below": {"id,arm,x0,x1\n1,a,1,2\n2,c,1,2\nthe ward\n", "",
			"d.csv:4:1: one field, and the header has 4; take the line out of the file if it is a note, and complete it if it belongs to the data"},
		"two delimiters": {"id,arm,x0,x1\n1;a;1;2\n2;c;1;2\n", "",
			"d.csv:2:1: too few fields: 1, and the header has 4 (2 times: lines 2, 3)"},
		"delimiters alone below the header": {"id,arm,x0,x1\n,,,\n,,,\n", "", "d.csv:1:1: the file has a header and no rows"},
		"header above": {"a title\nid,arm,x0,x1\n1,a,1,2\n2,c,1,2\n", "  header: 3\n",
			"d.csv:3:1: line 3, which data.header names, has none of the columns that the protocol names: arm, id, x0, x1; their names stand on line 2: write header: 2"},
		"another delimiter stated": {answers("1", "2", "3"), "  delimiter: tab\n",
			"d.csv:1:1: the first line has none of the columns that the protocol names: arm, id, x0, x1; the delimiter that data.delimiter states does not stand in it: leave data.delimiter out, and it is found"},
	} {
		_, err := LoadText(t, sentencesProtocol+c.keys, c.data)
		assert.EqualError(t, err, c.want, name)
	}
}

// 01 is the arm 1 where the protocol knows no 01, and a note says so.
func TestCodesWithZerosInFront(t *testing.T) {
	ds, err := LoadText(t, sentencesProtocol+"  arm_values: {1: a, 0: c}\n", "id,arm,x0,x1\nP1,01,1,2\nP2,00,1,2\nP3,1,4,4\n")
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "c", "a"}, []string{ds.Participants()[0].Arm, ds.Participants()[1].Arm, ds.Participants()[2].Arm})
	assert.Equal(t, map[string]any{"column": "arm", "count": 2, "written": "01", "value": "1"}, map[string]any(ds.Notes()[0].Args))

	ds, err = LoadText(t, sentencesProtocol+"  arm_values: {1: a, \"01\": c}\n", "id,arm,x0,x1\nP1,01,1,2\nP2,1,1,2\n")
	require.NoError(t, err)
	assert.Equal(t, []string{"c", "a"}, []string{ds.Participants()[0].Arm, ds.Participants()[1].Arm})
	assert.NotContains(t, Codes(ds.Notes()), "codes-as-decimals")
}

// One person written as 7 and 7.0 would count twice, with nobody's change.
func TestIDsWithDecimalsAreAlike(t *testing.T) {
	long := strings.Replace(strings.Replace(sentencesProtocol, "layout: wide", "layout: long\n  visit: visit", 1), "{v0: x0, v1: x1}", "x", 1)
	const rows = "7.0,a,v0,1\n8.0,c,v0,2\n7,a,v1,1\n8,c,v1,4\n"
	_, err := LoadText(t, long, "id,arm,visit,x\n"+rows)
	assert.EqualError(t, err, `d.csv:4:1: participant "7" is written "7.0" on line 2; write one person in one way (2 times: lines 4, 5 ("8"))`)
	_, err = LoadText(t, strings.Replace(long, "participant: id", "participant: [site, id]", 1), "site,id,arm,visit,x\n1.0,"+
		strings.Join(strings.Split(strings.TrimSuffix(rows, "\n"), "\n"), "\n1,")+"\n")
	assert.ErrorContains(t, err, `participant "1/7" is written "1.0/7.0" on line 2`)
	for a, b := range map[string]string{"7.5": "7.50", "1.10": "1.1", "S.0": "S", "7.0": "70"} {
		assert.NotEqual(t, foldID(a), foldID(b), a)
	}
}

func TestCategoriesThatAreAlike(t *testing.T) {
	protocol := strings.Replace(sentencesProtocol, "data:\n", "randomization: {kind: blocked, block: 2, column: b}\ndata:\n  covariates: {sex: {column: s, kind: category}}\n", 1)
	ds, err := LoadText(t, protocol, "id,arm,s,b,x0,x1\nP1,a,Male,1,1,2\nP2,c,male,1,1,3\nP3,a,Male,1.0,2,3\nP4,c,female,2,1,5\nP5,a,female,3,1,5\nP6,c,female,3,1,5\n")
	require.NoError(t, err)
	var got []map[string]any
	for _, n := range ds.Notes() {
		if n.Code == "categories-alike" {
			got = append(got, n.Args)
		}
	}
	assert.Equal(t, []map[string]any{
		{"variable": "sex", "first": `"Male"`, "second": `"male"`, "column": "s", "count": 2, "others": 1},
		{"variable": "b", "first": `"1"`, "second": `"1.0"`, "column": "b", "count": 2, "others": 1},
	}, got)
	// Blocks and sites that only look similar are none.
	ds, err = LoadText(t, protocol, "id,arm,s,b,x0,x1\nP1,a,m,1,1,2\nP2,c,f,1,1,3\nP3,a,m,10,2,3\nP4,c,f,10,1,5\n")
	require.NoError(t, err)
	assert.NotContains(t, Codes(ds.Notes()), "categories-alike")
}

// A rule that keeps no row is one problem: nobody is left, in any arm.
func TestRowsThatKeepNothingAreOneProblem(t *testing.T) {
	_, err := LoadText(t, sentencesProtocol+"  rows: {f: [1]}\n", "id,arm,x0,x1,f\nP1,a,1,2,1.0\nP2,c,1,2,0.0\n")
	assert.EqualError(t, err, `d.csv:1:14: data.rows keeps no row: column "f" holds "0.0", "1.0"`)
	_, err = LoadText(t, sentencesProtocol, "sep=;\nid,arm,x0,x1\nP1,a,1,2\nP2,c,1,2\n")
	assert.EqualError(t, err, "d.csv:2:1: line 2 has none of the columns that the protocol names: arm, id, x0, x1; the delimiter that the line above it states (sep=) does not stand in it: take that line out, and the delimiter is found")
}

// A covariate of a later visit is used as the protocol says, and doubted.
func TestCovariateAfterBaseline(t *testing.T) {
	const data = "id,arm,visit,x,w\nP1,a,v0,1,50\nP1,a,v1,2,48\nP2,c,v0,1,60\nP2,c,v1,4,61\n"
	for at, want := range map[string]bool{"v1": true, "v0": false} {
		protocol := strings.Replace(strings.Replace(sentencesProtocol, "layout: wide", "layout: long\n  visit: visit", 1), "{v0: x0, v1: x1}", "x", 1) +
			"  covariates: {w: {column: w, kind: number, at: " + at + "}}\n"
		ds, err := LoadText(t, protocol, data)
		require.NoError(t, err, at)
		assert.Equal(t, want, strings.Contains(strings.Join(Codes(ds.Notes()), " "), "covariate-after-baseline"), at)
	}
}
