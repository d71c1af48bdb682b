package study

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loadTexts loads texts by name, given as name, text, name, text; dictionaries are
// called so.
func loadTexts(t testing.TB, protocol string, nameAndText ...string) (*Dataset, error) {
	t.Helper()
	var in []Input
	for i := 0; i < len(nameAndText); i += 2 {
		in = append(in, Input{Name: nameAndText[i], Reader: strings.NewReader(nameAndText[i+1]), Dictionary: strings.HasPrefix(nameAndText[i], "dict")})
	}
	return LoadInputs(Parsed(t, protocol), in...)
}

const (
	joinLong = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, label: Before}, {id: v1}]
outcomes: [{id: x, range: [0, 10], better: lower}]
data:
  layout: long
  participant: id
  arm: arm
  visit: visit
  columns: {x: x}
  covariates: {w: {column: w, kind: number}}
`
	dm  = "id;arm;w\n1;a;70,5\n2;c;60,0\n3;a;81,25\n"
	vas = "id,visit,x\n1,v0,5\n1,v1,4\n2,v0,6\n2,v1,3\n3,v0,7.5\n3,v1,2\n"
)

// A file of the participants and one of their visits give what one file of both
// gives, in whatever order they are given; each keeps its own signs.
func TestLoadInputsJoins(t *testing.T) {
	want, err := LoadText(t, joinLong, "id,arm,w,visit,x\n1,a,70.5,v0,5\n1,a,70.5,v1,4\n2,c,60.0,v0,6\n2,c,60.0,v1,3\n3,a,81.25,v0,7.5\n3,a,81.25,v1,2\n")
	require.NoError(t, err)
	for _, in := range [][]string{{"dm.csv", dm, "d/vas.csv", vas}, {"d/vas.csv", vas, "dm.csv", dm}, {"dm.csv", shuffled(dm, 3), "vas.csv", shuffled(vas, 4)}} {
		ds, err := loadTexts(t, joinLong, in...)
		require.NoError(t, err)
		assert.Equal(t, want.Participants(), ds.Participants())
		assert.Equal(t, want.Fingerprints(), ds.Fingerprints())
		everyRowOnce(t, ds, 6)
		assert.Equal(t, []Note{{Code: "files-joined", Args: map[string]any{"files": "dm.csv, vas.csv", "column": "id"}}}, ds.Notes())
		assert.Equal(t, "dm.csv, vas.csv", ds.Source().Name)
		require.Len(t, ds.Source().Files, 2)
		for _, f := range ds.Source().Files {
			assert.Len(t, f.SHA256, 64)
			assert.Equal(t, map[string]int{"dm.csv": 3, "vas.csv": 6}[f.Name], f.Rows)
		}
	}
	// The checksum of several files is that of their list, whatever their order.
	a, err := loadTexts(t, joinLong, "dm.csv", dm, "vas.csv", vas)
	require.NoError(t, err)
	b, err := loadTexts(t, joinLong, "vas.csv", vas, "dm.csv", dm)
	require.NoError(t, err)
	assert.Equal(t, a.Source().SHA256, b.Source().SHA256)
	assert.NotContains(t, []string{a.Source().Files[0].SHA256, a.Source().Files[1].SHA256}, a.Source().SHA256)
}

// Who is in one file alone is kept and counted; problems stand where the file has
// them.
func TestLoadInputsAbsent(t *testing.T) {
	ds, err := loadTexts(t, joinLong, "dm.csv", dm+"4;c;\n;;\n", "vas.csv", vas)
	require.NoError(t, err)
	everyRowOnce(t, ds, 8)
	assert.Len(t, ds.Participants(), 4)
	assert.Equal(t, 2, ds.Randomized("c"))
	assert.Contains(t, ds.Notes(), Note{Code: "join-absent", Args: map[string]any{"file": "vas.csv", "count": 1, "of": 4, "participants": "4"}})
	assert.Equal(t, []Exclusion{{5, "4", "row-joined-alone", "dm.csv"}, {6, "", "row-empty", "dm.csv"}}, ds.Accounting().Excluded)

	_, err = loadTexts(t, joinLong, "dm.csv", dm, "vas.csv", vas+"5,v0,1\n")
	assert.ErrorContains(t, err, `vas.csv:8:1: the arm is missing for participant "5"`)
	_, err = loadTexts(t, joinLong, "dm.csv", strings.Replace(dm, "60,0", "heavy", 1), "vas.csv", vas)
	assert.ErrorContains(t, err, "dm.csv:3:5: ")
	_, err = loadTexts(t, joinLong, "dm.csv", dm, "vas.csv", strings.Replace(vas, "7.5", "75", 1))
	assert.ErrorContains(t, err, "vas.csv:6:6: ")
	_, err = loadTexts(t, joinLong, "dm.csv", dm, "vas.csv", strings.Replace(vas, "1,v1", "1,v0", 1))
	assert.ErrorContains(t, err, `vas.csv:3:1: participant "1" has two rows for visit v0 (first on line 2)`)
	_, err = loadTexts(t, joinLong, "dm.csv", strings.Replace(dm, "2;c", "02;c", 1), "vas.csv", vas)
	assert.ErrorContains(t, err, `"02"`, "one person written in two ways")
}

func TestLoadInputsWide(t *testing.T) {
	protocol := strings.Replace(plainWide, "data:\n", "data:\n  files: [{name: b.csv, header: 2}, {name: a.csv}]\n", 1)
	a, b := "id,arm,x0\n1,a,5\n2,c,6\n3,c,7\n", "Week 6\nid,x1\n2,3\n1,4\n9,1\n"
	_, err := loadTexts(t, protocol, "a.csv", a, "b.csv", b)
	assert.ErrorContains(t, err, `the arm is missing for participant "9"`)
	ds, err := loadTexts(t, protocol, "a.csv", a, "b.csv", strings.Replace(b, "9,1\n", "", 1))
	require.NoError(t, err)
	everyRowOnce(t, ds, 3)
	assert.Len(t, ds.Participants(), 3)
	for id, want := range map[string]float64{"1": 4, "2": 3} {
		v, _ := ds.Value(id, "x", "v1")
		assert.Equal(t, want, v.Number)
	}
	_, ok := ds.Value("3", "x", "v1")
	assert.False(t, ok)
}

// data.rows chooses rows of the file that has its column; who has none of them
// there stays randomized.
func TestLoadInputsRows(t *testing.T) {
	// A line of one file is not that of another: participant 4 stands in line 5 of
	// dm.csv, and the value of line 5 of vas.csv is one of two.
	days, err := loadTexts(t, inData(joinLong, "repeats: last", "day: day"), "dm.csv", dm+"4;c;\n", "vas.csv", "id,visit,day,x\n1,v0,1,5\n2,v0,1,6\n3,v0,1,7\n1,v1,8,4\n1,v1,9,3\n2,v1,8,1\n3,v1,8,2\n")
	require.NoError(t, err)
	a := days.Accounting()
	assert.Equal(t, []Exclusion{{5, "4", "row-joined-alone", "dm.csv"}, {5, "1", "row-repeated", "vas.csv"}}, a.Excluded)
	assert.Equal(t, 8, a.RowsRead)
	assert.Equal(t, 6, a.RowsUsed)

	protocol := inData(joinLong, "rows: {form: [vas]}")
	ds, err := loadTexts(t, protocol, "dm.csv", dm, "vas.csv", "id,visit,form,x\n1,v0,vas,5\n1,v0,koos,1\n1,v1,vas,4\n2,v0,vas,6\n3,v0,koos,6\n")
	require.NoError(t, err)
	everyRowOnce(t, ds, 6)
	assert.Len(t, ds.Participants(), 3)
	v, _ := ds.Value("1", "x", "v0")
	assert.Equal(t, 5.0, v.Number)
	// Of a file with a row a participant too.
	protocol = inData(joinLong, "rows: {randomized: [\"1\"]}")
	ds, err = loadTexts(t, protocol, "dm.csv", "id,arm,w,randomized\n1,a,70,1\n2,c,60,1\n3,,50,0\n", "vas.csv", "id,visit,x\n1,v0,5\n2,v0,6\n")
	require.NoError(t, err)
	assert.Len(t, ds.Participants(), 2)
	assert.Equal(t, []Exclusion{{4, "3", "row-not-selected", "dm.csv"}}, ds.Accounting().Excluded)
}

func TestLoadInputsRefuses(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		in         []string
		want       string
	}{
		{"a column in two files", "", []string{"dm.csv", dm, "vas.csv", "id,arm,visit,x\n1,a,v0,5\n"},
			`vas.csv:1:4: column "arm" (arm) stands in two files, at dm.csv:1:4 and at vas.csv:1:4: which is meant cannot be told`},
		{"both with several rows", "", []string{"dm.csv", dm + "2;c;61\n", "vas.csv", vas},
			`vas.csv:1:1: participant "1" has several rows in this file (lines 2 and 3), and some participants have in dm.csv too`},
		{"no participant", "", []string{"dm.csv", "nr;arm;w\n1;a;70\n", "vas.csv", vas}, `dm.csv:1:1: the files are joined by column "id", and this one has none; it has: nr, arm, w`},
		{"a row too short", "", []string{"dm.csv", dm, "vas.csv", vas + "3\n"}, "vas.csv:8:1: "},
		{"not given", "files: [{name: dm.csv}, {name: koos.csv}]", []string{"dm.csv", dm, "vas.csv", vas}, `names "koos.csv", which is not among the files that were given: dm.csv, vas.csv`},
		{"not named", "files: [{name: dm.csv}]", []string{"dm.csv", dm, "vas.csv", vas}, `"vas.csv" is given and data.files does not name it`},
		{"two of a name", "files: [{name: dm.csv}, {name: vas.csv}]", []string{"dm.csv", dm, "1/vas.csv", vas, "2/vas.csv", vas}, `two of the files that were given are called "vas.csv"`},
		{"a header of which", "header: 1", []string{"dm.csv", dm, "vas.csv", vas}, "data.files"},
		{"none", "", nil, "no data file"},
	} {
		protocol := joinLong
		if c.keys != "" {
			protocol = inData(joinLong, c.keys)
		}
		_, err := loadTexts(t, protocol, c.in...)
		assert.ErrorContains(t, err, c.want, c.name)
	}
	for keys, want := range map[string]string{
		"files: [{sheet: A}]": "name is missing", "files: [{name: d/dm.csv}]": "is a path", `files: [{name: "d\\dm.csv"}]`: "is a path",
		"files: [{name: a.xlsx}, {name: a.xlsx}]": "named twice", "files: [{name: a.xlsx}]\n  sheet: A": "write it under data.files",
		"files: [{name: a.csv, path: x}]": "unknown key",
	} {
		_, err := ParseProtocol(strings.NewReader(inData(joinLong, keys)), "p.yaml")
		assert.ErrorContains(t, err, want, keys)
	}
}

// Two sheets of a workbook are joined as two files are: the fixture's arm stands in
// another sheet than the outcomes, and equals the same trial in one text.
func TestSheetsAreJoined(t *testing.T) {
	dir := "../../shared/formats"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/formats")
	}
	p := Protocol{Title: "Knee", Arms: []Arm{{ID: "1"}, {ID: "2", Control: true}}, Visits: []Visit{{ID: "pre"}, {ID: "post"}},
		Outcomes: []Outcome{{ID: "vas", Better: LowerIsBetter}, {ID: "quad", Better: HigherIsBetter}},
		Data: DataSpec{Layout: Wide, Participant: "id", Arm: "arm", Missing: []string{"-99", "-95", "-98"},
			Columns: map[string]map[string]string{"vas": {"pre": "vas_pre", "post": "vas_post"}, "quad": {"pre": "quad_pre", "post": "quad_post"}}}}
	load := func(p Protocol, file string) *Dataset {
		f, err := os.Open(filepath.Join(dir, file))
		require.NoError(t, err)
		defer f.Close()
		ds, err := LoadInputs(p, Input{Name: file, Reader: f})
		require.NoError(t, err, file)
		return ds
	}
	want := load(p, "text/knee.csv")
	for _, file := range []string{"xlsx/knee-armsheet.xlsx", "ods/knee-two-sheets.ods"} {
		p.Data.Files = []DataFile{{Name: filepath.Base(file), Sheet: "Data"}, {Name: filepath.Base(file), Sheet: "Allocation"}}
		ds := load(p, file)
		assert.Equal(t, want.Participants(), ds.Participants(), file)
		assert.Equal(t, []string{"Data", "Allocation"}, []string{ds.Source().Files[0].Sheet, ds.Source().Files[1].Sheet})
		everyRowOnce(t, ds, 12)
	}
}

const dictionaryHeader = `"Variable / Field Name","Form Name","Section Header","Field Type","Field Label","Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max"` + "\n"

const dictionaryTrial = `arms: [{id: a, label: Laser}, {id: c, label: Placebo, control: true}]
visits: [{id: v0, label: Before}, {id: v1}]
outcomes: [{id: x, better: lower}]
data:
  layout: long
  participant: id
  arm: arm
  visit: visit
  columns: {x: x}
  covariates: {w: {column: w, kind: number}, s: {column: s, kind: category}}
`

// A dictionary says what the protocol does not: labels, units, ranges, words of
// values. What both say the protocol decides, and a note says what contradicts it.
func TestLoadDictionary(t *testing.T) {
	const data = "id,arm,visit,x,w,s\n1,1,v0,5,70,0\n1,1,v1,4,70,0\n2,2,v0,6,60,1\n2,2,v1,3,60,1\n"
	const redcap = dictionaryHeader +
		"id,f,,text,ID,,,,,\narm,f,,radio,Group,\"1, Laser | 2, Placebo\",,,,\n" +
		"x,f,,text,<b>Pain</b> (cm),,,number_1dp,0,10\nw,f,,text,Weight,,kg,number,30,200\ns,f,,yesno,Smoker,,,,,\n"
	ds, err := loadTexts(t, dictionaryTrial, "d.csv", data, "dictionary.csv", redcap)
	require.NoError(t, err)
	p := ds.Protocol()
	assert.Equal(t, []any{"Pain", "cm", 0.0, 10.0}, []any{p.Outcomes[0].Label, p.Outcomes[0].Unit, p.Outcomes[0].Min, p.Outcomes[0].Max})
	assert.Equal(t, []any{"Weight", 30.0, 200.0}, []any{p.Data.Covariates[0].Label, p.Data.Covariates[0].Min, p.Data.Covariates[0].Max})
	assert.Equal(t, "a", ds.Participants()[0].Arm)
	assert.Equal(t, "No", ds.Participants()[0].Categories["s"])
	assert.Equal(t, "dictionary.csv", ds.Source().Dictionaries[0].Name)
	for _, want := range []string{"dictionary-labels-used", "dictionary-units", "dictionary-ranges"} {
		assert.Contains(t, Codes(ds.Notes()), want)
	}
	assert.NotContains(t, Codes(ds.Notes()), "dictionary-against")

	// Its range is held.
	_, err = loadTexts(t, dictionaryTrial, "d.csv", strings.Replace(data, "v1,3,", "v1,30,", 1), "dictionary.csv", redcap)
	assert.ErrorContains(t, err, "30 is outside the range 0 to 10")

	// The protocol wins: everything it says stays, and what contradicts it is said.
	own := strings.NewReplacer("{id: x, ", "{id: x, label: VAS, unit: mm, range: [0, 100], ", "{column: w,", "{column: w, range: [40, 150],",
		"  layout: long\n", "  layout: long\n  arm_values: {1: c, 2: a}\n").Replace(dictionaryTrial)
	ds, err = loadTexts(t, own, "d.csv", data, "dictionary.csv", redcap)
	require.NoError(t, err)
	p = ds.Protocol()
	assert.Equal(t, []any{"VAS", "mm", 100.0, 150.0}, []any{p.Outcomes[0].Label, p.Outcomes[0].Unit, p.Outcomes[0].Max, p.Data.Covariates[0].Max})
	assert.Equal(t, "c", ds.Participants()[0].Arm)
	assert.Contains(t, ds.Notes(), Note{Code: "dictionary-against", Args: map[string]any{"file": "dictionary.csv",
		"list": "x: mm – cm; x: [0, 100] – [0, 10]; w: [40, 150] – [30, 200]; arm 1: c – Laser; arm 2: a – Placebo"}})

	// A range that a threshold does not fit into is not taken.
	wide := strings.Replace(dictionaryTrial, "better: lower", "better: lower, thresholds: [{kind: MCID, value: 15, level: individual, source: s}]", 1)
	ds, err = loadTexts(t, wide, "d.csv", data, "dictionary.csv", redcap)
	require.NoError(t, err)
	assert.False(t, ds.Protocol().Outcomes[0].HasRange())
	assert.Contains(t, Codes(ds.Notes()), "dictionary-against")

	// Castor's list of variables, with its options in a file of its own.
	ds, err = loadTexts(t, dictionaryTrial, "d.csv", data,
		"dict-options.csv", "Option group name;Option name;Option value\nArm;Laser;1\nArm;Placebo;2\n",
		"dict-variables.csv", "Form name;Variable name;Field label;Field type;Optiongroup name\nA;arm;Group;radio;Arm\nA;x;Pain (cm);numeric;\n")
	require.NoError(t, err)
	assert.Equal(t, "a", ds.Participants()[0].Arm)
	assert.Equal(t, []string{"Pain", "cm"}, []string{ds.Protocol().Outcomes[0].Label, ds.Protocol().Outcomes[0].Unit})

	_, err = loadTexts(t, dictionaryTrial, "d.csv", data, "dictionary.csv", "a,b\n1,2\n")
	assert.ErrorContains(t, err, "dictionary.csv: this is no dictionary that can be read")
	_, err = loadTexts(t, dictionaryTrial, "d.csv", data, "dictionary.csv", dictionaryHeader+"other,f,,text,Other,,,,,\n")
	assert.ErrorContains(t, err, "describes none of the data's columns: id, arm, visit, x, w, s")
}

// A file system holds dictionaries too.
func TestLoadFSWith(t *testing.T) {
	in := fstest.MapFS{"p.yaml": {Data: []byte(dictionaryTrial)},
		"d.csv":    {Data: []byte("id,arm,visit,x,w,s\n1,1,v0,5,70,0\n1,1,v1,4,70,0\n2,2,v0,6,60,1\n2,2,v1,3,60,1\n")},
		"dict.csv": {Data: []byte(dictionaryHeader + "arm,f,,radio,Group,\"1, Laser | 2, Placebo\",,,,\nx,f,,text,Pain,,,number_1dp,0,10\n")}}
	ds, err := LoadFSWith(in, "p.yaml", []string{"d.csv"}, []string{"dict.csv"})
	require.NoError(t, err)
	assert.Equal(t, 10.0, ds.Protocol().Outcomes[0].Max)
	assert.Equal(t, "dict.csv", ds.Source().Dictionaries[0].Name)
	_, err = LoadFS(in, "p.yaml", "d.csv")
	assert.ErrorContains(t, err, "arm", "1 and 2 are no arms without it")
	_, err = LoadFSWith(in, "p.yaml", []string{"d.csv"}, []string{"none.csv"})
	assert.ErrorContains(t, err, "none.csv")
}
