package study

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// in returns a protocol with lines added under data.
func inData(protocol string, lines ...string) string {
	return strings.Replace(protocol, "data:\n", "data:\n  "+strings.Join(lines, "\n  ")+"\n", 1)
}

func LoadText(t testing.TB, protocol, data string) (*Dataset, error) {
	t.Helper()
	return Load(strings.NewReader(data), "d.csv", Parsed(t, protocol))
}

// shuffledRows returns the data with its rows in another order.
func shuffledRows(data string, r *rand.Rand) string {
	lines := strings.SplitAfter(strings.TrimSuffix(data, "\n")+"\n", "\n")
	rows := lines[1 : len(lines)-1]
	rows = slices.Clone(rows)
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return lines[0] + strings.Join(rows, "")
}

// everyRowOnce checks that each row is used or excluded for one reason.
func everyRowOnce(t *testing.T, ds *Dataset, rows int) {
	t.Helper()
	a := ds.Accounting()
	assert.Equal(t, rows, a.RowsRead)
	assert.Equal(t, rows, a.RowsUsed+len(a.Excluded))
	lines := map[int]bool{}
	for _, e := range a.Excluded {
		assert.False(t, lines[e.Line], "line %d twice", e.Line)
		lines[e.Line] = true
	}
}

const plainLong = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, label: Before}, {id: v1}]
outcomes: [{id: x, range: [0, 10], better: lower}]
data:
  layout: long
  participant: id
  arm: arm
  visit: visit
  columns: {x: x}
`

func TestLoadRows(t *testing.T) {
	const data = "id,arm,visit,x,flag,form\n1,a,v0,5,Y,\n1,a,v1,4,Y,\n1,a,v1,77,,\n2,c,v0,6,Y,\n2,c,v1,3,Y,\n2,c,v1,x,Y,ae\n,,,,,\n,?,,,,ae\n"
	ds, err := LoadText(t, inData(plainLong, "rows: {flag: [Y, yes], form: ['']}"), data)
	require.NoError(t, err)
	everyRowOnce(t, ds, 8)
	assert.Equal(t, []Exclusion{{4, "1", "row-not-selected", ""}, {7, "2", "row-not-selected", ""}, {8, "", "row-empty", ""}, {9, "", "row-not-selected", ""}}, ds.Accounting().Excluded)
	v, ok := ds.Value("1", "x", "v1")
	assert.True(t, ok)
	assert.Equal(t, 4.0, v.Number)
	assert.Equal(t, []Note{{Code: "rows-value-absent", Args: map[string]any{"column": "flag", "values": `"yes"`}}}, ds.Notes())

	for _, c := range []struct{ rows, want string }{
		{"rows: {flag: [y]}", `d.csv:1:16: data.rows keeps no row: column "flag" holds "", "Y"`},
		{"rows: {flag: ['', ''], form: [ae], arm: [c]}", "d.csv:1:1: data.rows keeps no row: none has the values of all its columns"},
		{"rows: {Flag: [Y]}", `d.csv:1:1: column "Flag" (data.rows) is missing; the file has "flag"`},
	} {
		_, err := LoadText(t, inData(plainLong, c.rows), data)
		require.Error(t, err, c.rows)
		assert.Contains(t, err.Error(), c.want)
	}
}

// Rows that are left out show nothing: neither a decimal sign nor a participant.
func TestLoadRowsLeaveNothingBehind(t *testing.T) {
	const data = "id;arm;visit;x;f\n1;a;v0;5,5;y\n1;a;v1;4,5;y\n2;c;v0;6,5;y\n2;c;v1;3,125;y\n3;q;v9;1.250;n\n"
	ds, err := LoadText(t, inData(plainLong, "rows: {f: y}"), data)
	require.NoError(t, err)
	v, _ := ds.Value("2", "x", "v1")
	assert.Equal(t, 3.125, v.Number)
	assert.Len(t, ds.Participants(), 2)
}

func TestLoadOutcomeValues(t *testing.T) {
	const protocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, range: [0, 4], better: lower}, {id: y, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v1: x1}, y: {v0: y0, v1: y1}}
  baseline: {x: xb}
  missing: [unknown, -9]
  values: {x: {None: 0, "1 - a little": 1, "some, or more": 2.5, Much: 4}, y: {1: 0, 2: 10}}
`
	const header = "id,arm,xb,x1,y0,y1\n"
	ds, err := LoadText(t, protocol, header+"1,a,Much,\"some, or more\",1,2.0\n2,c,1 - a little,3,2,-9.0\n3,c,None,unknown,1,\n")
	require.NoError(t, err)
	for _, c := range []struct {
		id, outcome, visit string
		want               float64
		ok                 bool
	}{{"1", "x", "", 4, true}, {"1", "x", "v1", 2.5, true}, {"2", "x", "", 1, true}, {"2", "x", "v1", 3, true}, {"3", "x", "", 0, true},
		{"3", "x", "v1", 0, false}, {"1", "y", "v0", 0, true}, {"1", "y", "v1", 10, true}, {"2", "y", "v1", 0, false}, {"3", "y", "v1", 0, false}} {
		v, ok := ds.Value(c.id, c.outcome, c.visit)
		assert.Equal(t, c.ok, ok, "%v", c)
		assert.Equal(t, c.want, v.Number, "%v", c)
	}
	_, err = LoadText(t, protocol, header+"1,a,Much,none,1,2\n2,c,Much,5,2,3\n3,c,None,NONE,1,2\n4,c,None,none,1,2\n")
	assert.EqualError(t, err, `d.csv:2:10: x at v1: "none" is not among the words of data.values.x ("1 - a little", "Much", "None", "some, or more"); add it there, or declare it under data.missing (2 times: lines 2, 5)
d.csv:3:10: x at v1: 5 is outside the range 0 to 4
d.csv:3:14: y at v1: "3" is not among the words of data.values.y ("1", "2"); add it there, or declare it under data.missing
d.csv:4:10: x at v1: "NONE" is not among the words of data.values.x ("1 - a little", "Much", "None", "some, or more"); add it there, or declare it under data.missing`)
}

func TestLoadParticipantOfTwoColumns(t *testing.T) {
	const data = "site,id,arm,visit,x\nN,1,a,v0,5\nN,1,a,v1,4\nS,1,c,v0,6\nS,1,c,v1,3\nS/2,1,a,v0,7\nS,2/1,c,v0,8\n"
	ds, err := LoadText(t, strings.Replace(plainLong, "participant: id", "participant: [site, id]", 1), data)
	require.NoError(t, err)
	var ids []string
	for _, q := range ds.Participants() {
		ids = append(ids, q.ID)
	}
	assert.Equal(t, []string{"N/1", "S/1", `S/2\/1`, `S\/2/1`}, ids, "no two participants share an ID")
	v, ok := ds.Value("S/1", "x", "v1")
	assert.True(t, ok)
	assert.Equal(t, 3.0, v.Number)

	for _, c := range []struct{ data, want string }{
		{strings.Replace(data, "S,1,c,v1", ",1,c,v1", 1), `d.csv:5:1: the participant is missing: column "site", which tells participants apart together with "id", is empty`},
		{strings.Replace(data, "S,1,c,v1", "S,,c,v1", 1), "d.csv:5:3: the participant is missing"},
		{strings.Replace(data, "S,1,c,v1", "s,1,c,v1", 1), `d.csv:5:3: participant "s/1" is written "S/1" on line 4; write one person in one way`},
		{strings.Replace(data, "site,id", "place,id", 1), `d.csv:1:1: column "site" (participant) is missing`},
	} {
		_, err := LoadText(t, strings.Replace(plainLong, "participant: id", "participant: [site, id]", 1), c.data)
		assert.EqualError(t, err, c.want)
	}
}

// The arm stands in whichever of a participant's rows has it, in any order of
// the rows.
func TestLoadArmOfAnyRow(t *testing.T) {
	const data = "id,arm,visit,x\n1,,v0,5\n1,a,v1,4\n2,c,v0,6\n2,NA,v1,3\n3,,v0,7\n3,,v1,2\n4,out,v0,9\n4,,v1,1\n5,a,v0,5\n5,out,v1,5\n"
	protocol := inData(plainLong, "missing: [NA]", `arm_values: {out: ""}`)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		ds, err := LoadText(t, inData(plainLong, "missing: [NA]", `arm_values: {out: "", "": ""}`), shuffledRows(data, r))
		require.NoError(t, err)
		everyRowOnce(t, ds, 10)
		arms := map[string]string{}
		for _, q := range ds.Participants() {
			arms[q.ID] = q.Arm
		}
		assert.Equal(t, map[string]string{"1": "a", "2": "c", "5": "a"}, arms)
		assert.Equal(t, 5, ds.Accounting().RowsUsed)
		for _, e := range ds.Accounting().Excluded {
			assert.Equal(t, "row-arm-ignored", e.Reason)
		}
	}
	_, err := LoadText(t, protocol, data)
	assert.EqualError(t, err, `d.csv:6:3: the arm is missing for participant "3"; rows of people who were never randomized (screen failures) are left out and counted by data.arm_values: {"": ""}`)
	_, err = LoadText(t, protocol, strings.ReplaceAll(data, "3,,", "3,NA,"))
	assert.ErrorContains(t, err, `data.arm_values: {"NA": ""}`)
	_, err = LoadText(t, inData(plainLong, "missing: [NA]", `arm_values: {out: "", "": ""}`), strings.Replace(data, "2,NA,v1", "2,a,v1", 1))
	assert.EqualError(t, err, `d.csv:5:3: participant "2" is in two arms: c on line 4, a here`)
	// An arm that is called as a missing value is written is an arm.
	ds, err := LoadText(t, strings.Replace(inData(plainLong, "missing: [NA]"), "id: a}", "id: NA}", 1), "id,arm,visit,x\n1,NA,v0,5\n1,,v1,5\n2,c,v0,5\n")
	require.NoError(t, err)
	assert.Equal(t, "NA", ds.Participants()[0].Arm)
}

// What a participant has once is taken from any row; what differs between
// visits is taken at baseline, or at the visit that the protocol names.
func TestLoadCovariateAtVisit(t *testing.T) {
	const data = "id,arm,visit,x,weight,site,age\n" +
		"1,a,v0,5,70.0,n,50\n1,a,v1,4,72,n,\n" +
		"2,c,v0,6,80,s,\n2,c,v1,3,80,s,61\n" +
		"3,a,v0,6,,n,52\n3,a,v1,3,91,n,\n" +
		"4,c,v0,6,60,n,53\n4,c,v1,3,,s,53\n" +
		"5,c,odd,6,58,n,53\n5,c,v1,3,,n,53\n"
	protocol := func(at string) string {
		return inData(plainLong, `visit_values: {odd: ""}`,
			"covariates: {weight: {column: weight, kind: number"+at+"}, site: {column: site, kind: category}, age: {column: age, kind: number}}")
	}
	type person struct {
		weight, age float64
		site        string
	}
	r := rand.New(rand.NewPCG(1, 2))
	for at, want := range map[string]map[string]person{
		"":         {"1": {70, 50, "n"}, "2": {80, 61, "s"}, "3": {0, 52, "n"}, "4": {60, 53, "n"}, "5": {0, 53, ""}},
		", at: v0": {"1": {70, 50, "n"}, "2": {80, 61, "s"}, "3": {0, 52, "n"}, "4": {60, 53, "n"}, "5": {0, 53, ""}},
		", at: v1": {"1": {72, 50, "n"}, "2": {80, 61, "s"}, "3": {91, 52, "n"}, "4": {0, 53, "n"}, "5": {0, 53, ""}},
	} {
		for range 10 {
			ds, err := LoadText(t, protocol(at), shuffledRows(data, r))
			require.NoError(t, err)
			got := map[string]person{}
			for _, q := range ds.Participants() {
				got[q.ID] = person{q.Numbers["weight"], q.Numbers["age"], q.Categories["site"]}
			}
			assert.Equal(t, want, got, at)
			notes := map[string]map[string]any{}
			for _, n := range ds.Notes() {
				if n.Code == "covariate-after-baseline" {
					assert.Equal(t, ", at: v1", at)
					assert.Equal(t, "weight", n.Args["covariate"])
					continue
				}
				notes[n.Args["covariate"].(string)] = n.Args
				assert.Equal(t, "covariate-varies-absent", n.Code)
			}
			if at == "" {
				assert.Equal(t, map[string]any{"covariate": "weight", "column": "weight", "count": 1, "participant": "1", "visit": "v0", "without": 2}, notes["weight"])
			} else {
				assert.NotContains(t, notes, "weight", "the protocol says it")
			}
			assert.Equal(t, map[string]any{"covariate": "site", "column": "site", "count": 1, "participant": "4", "visit": "v0", "without": 1}, notes["site"])
			assert.NotContains(t, notes, "age")
		}
	}
	for _, c := range []struct{ protocol, data, want string }{
		{protocol(""), strings.NewReplacer("v0,5,70.0", "v0,5,", "v0,6,80", "v0,6,", "v0,6,60", "v0,6,", "odd,6,58", "odd,6,59").Replace(data) + "5,c,v0,6,,n,53\n5,c,odd,6,60,n,53\n",
			`d.csv:1:16: nobody has a value of covariate weight at visit "v0"; name the visit whose value counts: data.covariates.weight.at`},
		{protocol(""), data + "1,a,v0,,71,n,50\n", `d.csv:12:9: participant "1": covariate weight "71" contradicts line 2`},
		{strings.Replace(protocol(""), "visits:", "baseline: none\nvisits:", 1), data,
			`d.csv:3:10: participant "1": covariate weight "72" contradicts line 2; name the visit whose value counts: data.covariates.weight.at
d.csv:9:11: participant "4": covariate site "s" contradicts line 8; name the visit whose value counts: data.covariates.site.at`},
	} {
		_, err := LoadText(t, c.protocol, c.data)
		assert.EqualError(t, err, c.want)
	}
}

// A stratum that is known at a later visit alone, of a covariate that differs
// between visits, is not known.
func TestLoadStratumAtBaseline(t *testing.T) {
	protocol := strings.Replace(inData(plainLong, "covariates: {severity: {column: kl, kind: category}}"),
		"visits:", "randomization: {kind: stratified, strata: [severity]}\nvisits:", 1)
	const data = "id,arm,visit,x,kl\n1,a,v0,5,2\n1,a,v1,4,3\n2,c,v0,6,2\n2,c,v1,3,2\n3,a,v0,6,\n3,a,v1,6,2\n"
	_, err := LoadText(t, protocol, data)
	assert.EqualError(t, err, `d.csv:6:10: participant "3": stratum severity is missing; it was known at randomization`)
	ds, err := LoadText(t, protocol, strings.Replace(data, "v1,4,3", "v1,4,2", 1))
	require.NoError(t, err)
	assert.Equal(t, "2", ds.Participants()[2].Categories["severity"], "where it never differs, any row tells it")
}

// A covariate's range leaves one reading of its numbers, as an outcome's does.
func TestLoadCovariateRangeAndSigns(t *testing.T) {
	const data = "id;arm;visit;x;speed\n1;a;v0;5;1.250\n2;c;v0;6;0,8\n2;c;v1;6;\n1;a;v1;6;\n"
	covariate := func(r string) string {
		return inData(plainLong, "covariates: {speed: {column: speed, kind: number"+r+"}}")
	}
	ds, err := LoadText(t, covariate(", range: [0, 3]"), data)
	require.NoError(t, err)
	assert.Equal(t, 1.25, ds.Participants()[0].Numbers["speed"])
	_, err = LoadText(t, covariate(""), data)
	assert.ErrorContains(t, err, "d.csv:2:10:")
}

func TestCompareIDs(t *testing.T) {
	ids := []string{"", "01", "1", "2", "P1", "P2", "P10", "P10a", "p1"}
	for i, a := range ids {
		for j, b := range ids {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			got := compareIDs(a, b)
			assert.Equal(t, want, max(-1, min(1, got)), "%q %q", a, b)
		}
	}
}
