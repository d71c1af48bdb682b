package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/harms"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

const labelsProtocol = `
title: Labels
arms: [{id: laser}, {id: sham, label: Placebo, control: true}]
visits: [{id: v0, label: Before}, {id: v1, label: Week 6}]
outcomes: [{id: y, better: lower}]
data:
  layout: long
  participant: ID
  arm: ARM
  visit: VISIT
  columns: {y: Y}
  covariates: {sex: {column: SEX, kind: category}}
`

var labelsColumns = []sheettest.SAVColumn{
	{Name: "ID"},
	{Name: "ARM", Label: "Allocated treatment", Values: []float64{1, 2, 3}, Words: []string{"Laser", "Placebo", "never used"}},
	{Name: "VISIT", Values: []float64{0, 1}, Words: []string{"Before", "Week 6"}},
	{Name: "Y", Label: "Pain (cm)", Missing: []float64{-99, -98}, Values: []float64{-99}, Words: []string{"Not done"}},
	{Name: "SEX", Values: []float64{0, 1}, Words: []string{"Female", "Male"}},
}

func labelsRows() [][]float64 {
	return [][]float64{{1, 1, 0, 7.5, 0}, {1, 1, 1, 5, 0}, {2, 2, 0, 6.5, 1}, {2, 2, 1, 6, 1}, {3, 1, 0, 8, 1}, {3, 1, 1, -99, 1},
		{4, 2, 0, 7, 0}, {4, 2, 1, -98, 0}, {5, 1, 0, 6, 0}, {5, 1, 1, -99, 0}}
}

// The words that a file has for its values are used by themselves: for arms, visits and
// categories; what it declares missing is, and is counted by its code and word.
func TestLabelsOfTheFileAreUsed(t *testing.T) {
	ds, err := LoadText(t, labelsProtocol, sheettest.SAV(labelsColumns, labelsRows()))
	require.NoError(t, err)
	q := ds.Participants()
	require.Len(t, q, 5)
	assert.Equal(t, []string{"laser", "sham", "laser"}, []string{q[0].Arm, q[1].Arm, q[2].Arm})
	for id, want := range map[string][2]string{"1": {"Female", "5"}, "2": {"Male", "6"}, "3": {"Male", ""}} {
		p := participantOf(t, ds, id)
		sex, _ := p.Category("sex")
		assert.Equal(t, want[0], sex)
		v, ok := ds.Value(id, "y", "v1")
		assert.Equal(t, want[1] != "", ok, id)
		if ok {
			assert.Equal(t, want[1], v.Text())
		}
	}
	var got []string
	for _, n := range ds.Notes() {
		got = append(got, fmt.Sprint(n.Code, " ", n.Args["column"], " ", n.Args["pairs"], n.Args["columns"], " ", n.Args["count"]))
	}
	assert.Equal(t, []string{"labels-used ARM 1 = laser, 2 = sham<nil> <nil>", "labels-used VISIT 0 = v0, 1 = v1<nil> <nil>",
		"labels-used SEX 0 = Female, 1 = Male<nil> <nil>", "missing-by-file <nil> <nil>Y: -98 × 1, -99 (Not done) × 2 3"}, got)
	var labels []string
	for _, c := range ds.FileColumns() {
		labels = append(labels, c.Name+" "+c.Label)
	}
	assert.Equal(t, []string{"ARM Allocated treatment", "VISIT ", "Y Pain (cm)", "SEX "}, labels)
	assert.Equal(t, ds.Accounting().RowsRead, ds.Accounting().RowsUsed+len(ds.Accounting().Excluded))
}

// What the protocol says of values comes before the file's words for them.
func TestProtocolComesBeforeLabels(t *testing.T) {
	for keys, want := range map[string][2]string{
		"  arm_values: {1: sham, 2: laser}\n":              {"sham", "Female"},
		"  arm_values: {Laser: sham, Placebo: laser}\n":    {"sham", "Female"},
		"  values: {sex: {0: w, 1: m}}\n":                  {"laser", "w"},
		"  rows: {SEX: [0], VISIT: [0, 1], ARM: [1, 2]}\n": {"laser", "Female"},
	} {
		ds, err := LoadText(t, labelsProtocol+keys, sheettest.SAV(labelsColumns, labelsRows()))
		require.NoError(t, err, keys)
		q := participantOf(t, ds, "1")
		sex, _ := q.Category("sex")
		assert.Equal(t, want, [2]string{q.Arm, sex}, keys)
		if strings.Contains(keys, "rows") {
			assert.Len(t, ds.Participants(), 3)
			assert.NotContains(t, Codes(ds.Notes()), "rows-value-absent")
		}
	}
}

// Words that may mean two things are refused, with the key that says which.
func TestLabelsThatAreNotSure(t *testing.T) {
	with := func(column int, words ...string) []sheettest.SAVColumn {
		out := append([]sheettest.SAVColumn{}, labelsColumns...)
		out[column].Words, out[column].Values = words, out[column].Values[:len(words)]
		return out
	}
	for name, c := range map[string]struct {
		protocol string
		columns  []sheettest.SAVColumn
		want     string
	}{
		"another arm's word": {strings.Replace(labelsProtocol, "{id: laser}, {id: sham,", "{id: 2, label: Laser}, {id: 1,", 1), labelsColumns,
			`d.csv: the file calls 1 of column ARM "Laser", which is 2 in the protocol, where 1 is something else; say under data.arm_values what 1 means`},
		"a word of two arms": {strings.Replace(labelsProtocol, "{id: laser},", "{id: laser}, {id: LASER},", 1), labelsColumns,
			`d.csv: the file calls 1 of column ARM "Laser", which may be laser, LASER of the protocol; say under data.arm_values what 1 means`},
		"two values, one word": {labelsProtocol, with(4, "Other", "Other"), `d.csv: the file calls several values of column SEX "Other": 0, 1; say under data.values what each means`},
		"two values, one arm":  {labelsProtocol, with(1, "laser", "LASER"), `d.csv: the file calls several values of column ARM "laser": 1, 2; say under data.arm_values what each means`},
		"a word that nobody knows": {labelsProtocol, with(1, "Ultrasound", "Placebo"),
			`d.csv:1:2: unknown arm "1 (Ultrasound)" (laser, sham; other words are mapped under data.arm_values)`},
	} {
		_, err := LoadText(t, c.protocol, sheettest.SAV(c.columns, labelsRows()))
		assert.ErrorContains(t, err, c.want, name)
	}
	// A value without a word stays as it is, and is said.
	ds, err := LoadText(t, labelsProtocol, sheettest.SAV(with(4, "Female"), labelsRows()))
	require.NoError(t, err)
	q := participantOf(t, ds, "2")
	sex, _ := q.Category("sex")
	assert.Equal(t, "1", sex)
	assert.Contains(t, Codes(ds.Notes()), "labels-used-partly")
}

// A file of adverse events says by its own words what 1 and 2 mean, and they are not read
// as the usual 1 for yes; the protocol's words come first. So it is with sets and guesses.
func TestLabelsOfEventsSetsAndGuesses(t *testing.T) {
	const protocol = labelsProtocol + `  sets: {pp: {KEPT: [ok]}, women: {SEX: [0]}}
  guess: {column: THINKS}
  adverse_events: {file: ae.sav, participant: ID, term: TERM, serious: SER, related: REL}
`
	columns := append(append([]sheettest.SAVColumn{}, labelsColumns...),
		sheettest.SAVColumn{Name: "KEPT", Values: []float64{1, 2}, Words: []string{"ok", "not"}},
		sheettest.SAVColumn{Name: "THINKS", Values: []float64{1, 2, 3}, Words: []string{"Laser", "Placebo", "unknown"}})
	rows := labelsRows()
	for i, r := range rows {
		rows[i] = append(r, 1+float64(i/2%2), 1+float64(i/2%3))
	}
	events := []sheettest.SAVColumn{{Name: "ID"}, {Name: "TERM", Values: []float64{1, 2}, Words: []string{"Burn", "Headache"}},
		{Name: "SER", Values: []float64{1, 2}, Words: []string{"No", "Yes"}},
		{Name: "REL", Values: []float64{0, 1, 2}, Words: []string{"no", "yes", "possibly"}}}
	lines := [][]float64{{1, 1, 1, 0}, {1, 2, 2, 1}, {3, 1, 1, 0}}
	load := func(protocol string, events []sheettest.SAVColumn, lines [][]float64) (*Dataset, error) {
		return loadTexts(t, protocol, "d.sav", sheettest.SAV(columns, rows), "ae.sav", sheettest.SAV(events, lines))
	}
	ds, err := load(protocol, events, lines)
	require.NoError(t, err)
	q := participantOf(t, ds, "1")
	assert.Equal(t, []harms.Event{{Term: "Burn", Serious: harms.No, Related: harms.No}, {Term: "Headache", Serious: harms.Yes, Related: harms.Yes}}, q.Events)
	assert.Equal(t, []harms.Event{{Term: "Burn", Serious: harms.No, Related: harms.No}}, participantOf(t, ds, "3").Events)
	assert.Contains(t, ds.Notes(), Note{Code: "labels-used", Args: map[string]any{"column": "SER", "pairs": "1 = No, 2 = Yes"}})
	for id, want := range map[string][3]string{"1": {"pp", "women", "laser"}, "2": {"", "", "sham"}, "3": {"pp", "", "unknown"}, "4": {"", "women", "laser"}} {
		q := participantOf(t, ds, id)
		assert.Equal(t, []any{want[0] != "", want[1] != "", want[2]}, []any{q.Sets["pp"], q.Sets["women"], q.Guess}, id)
	}

	lines[1][3] = 2
	_, err = load(protocol, events, lines)
	assert.ErrorContains(t, err, `"possibly" is neither yes nor no; say what it means under data.adverse_events.values.related`)
	for _, values := range []string{"{possibly: yes, yes: yes, no: no}", "{0: no, 1: yes, 2: yes}"} {
		ds, err = load(strings.Replace(protocol, "related: REL", "related: REL, values: {related: "+values+"}", 1), events, lines)
		require.NoError(t, err, values)
		assert.Equal(t, harms.Yes, participantOf(t, ds, "1").Events[1].Related, values)
	}
	lines[1][3], lines[1][2] = 1, 0 // 1 is No: 0, which has no word, cannot be another no
	_, err = load(protocol, events, lines)
	assert.ErrorContains(t, err, `"0" is neither yes nor no; say what it means under data.adverse_events.values.serious`)
}

// Who is asked which of 1 and 2 is the control reads the file's words for them, and may
// answer with one.
func TestQuestionsShowLabels(t *testing.T) {
	p := proposeText(t, "d.sav", sheettest.SAV(labelsColumns, labelsRows()))
	open, err := p.Questions("en")
	require.NoError(t, err)
	require.Equal(t, "control", open[0].ID)
	assert.Equal(t, [][]string{{"1", "2"}, {"Laser", "Placebo"}}, [][]string{open[0].Options, open[0].Words})
	p, err = p.Answer("control", "placebo", "en")
	require.NoError(t, err)
	y, err := p.YAML("en")
	require.NoError(t, err)
	assert.Contains(t, y, "{id: 2, label: Placebo, control: true}")
	_, err = p.Answer("control", "1", "en")
	assert.Error(t, err, "it is answered")
}

func participantOf(t testing.TB, ds *Dataset, id string) Participant {
	t.Helper()
	i, ok := ds.position(id)
	require.True(t, ok, id)
	return ds.participants[i].public()
}
