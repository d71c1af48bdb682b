package study

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
)

// Files as programs write them (testdata/formats/awkward): the proposal says what it
// does not know, and with its questions answered the report reads what the file holds.
func TestAwkwardFilesAreProposed(t *testing.T) {
	const folder = "../testdata/formats/awkward/"
	for _, c := range []struct {
		file, sheet string
		answers     map[string]string // by question; others are answered none
		edit        *strings.Replacer // of the protocol, as a person would
		says        []string          // by the proposal
		people      int
		outcome     string
		values      map[string]float64 // by participant and visit; -1: missing
		refuses     string
	}{
		{file: "redcap-repeats.csv", answers: map[string]string{"control": "1"}, people: 12, outcome: "koos_pain",
			says:   []string{"nprs: has values in rows of a repeating form alone (pain_diary)", `rows: {redcap_repeat_instrument: [""]}`},
			values: map[string]float64{"1 baseline_arm_1": 51, "1 week_6_arm_1": 66, "12 week_6_arm_1": 72}},
		{file: "sheets.tsv", answers: map[string]string{"control": "Usual care", "better.walk_test": "higher"}, people: 12, outcome: "walk_test",
			says: []string{"have two readings", "not among the values told here"}, refuses: "may be 1.15 or 1150"},
		{file: "sheets.tsv", answers: map[string]string{"control": "Usual care", "better.walk_test": "higher"}, people: 12, outcome: "walk_test",
			edit: strings.NewReplacer("  layout: wide\n", "  layout: wide\n  decimal: \".\"\n"), values: map[string]float64{"P-01 before": 870, "P-01 after": 1150}},
		{file: "back.sav", answers: map[string]string{"control": "Advice"}, people: 8, outcome: "odi",
			says: []string{"instrument: ODI", "label: Na 6 weken"}, values: map[string]float64{"1 0": 44, "1 1": 30, "5 1": -1}},
		{file: "neck.dta", answers: map[string]string{"control": "2", "instrument.ndi": "NDI"}, people: 14, outcome: "ndi",
			says: []string{"Personal data: dob", ".R = refused", "label: Dry needling"}, values: map[string]float64{"K01 t0": 14, "K01 t1": 6, "K02 t1": 16, "K03 t1": -1, "K08 t1": -1}},
		{file: "merged.xlsx", answers: map[string]string{"control": "Sham"}, people: 12, outcome: "spadi",
			says: []string{"the head is made of two rows"}, values: map[string]float64{"S01 before": 79, "S01 after": 26}},
		{file: "numbers.xlsx", sheet: "Ankle trial", answers: map[string]string{"control": "Control"}, people: 14, outcome: "faam",
			says: []string{"The names of the columns were found on line 2"}, values: map[string]float64{"A1 baseline": 45, "A1 8weeks": 94, "A2 8weeks": 74}},
		{file: "hospital.csv", answers: map[string]string{"control": "Gebruikelijke zorg"}, people: 16, outcome: "vas",
			says:   []string{"The names of the columns were found on line 5", "Rows under the table that hold one remark each were left out: 2, the first on line 23", "Open questions: 1."},
			values: map[string]float64{"P001 voor": 5, "P001 na": 3, "P016 na": 4}},
		{file: "below.csv", answers: map[string]string{"control": "B", "data.missing": "none"}, people: 16, outcome: "crp",
			says: []string{"<5: 4 × in crp_post, which otherwise holds numbers"}, refuses: `"<5" is not a number`},
		{file: "previews.csv", answers: map[string]string{"data.rows": "IP Address", "control": "Usual care", "outcomes": "Q2_2"}, people: 15, outcome: "Q2_2",
			says: []string{"Status: Survey Preview × 1, IP Address × 15", "rows: ?", "Personal data: IPAddress"}, values: map[string]float64{"R_P002 after": 4, "R_P006 after": 4}},
		{file: "weighted.sav", answers: map[string]string{"control": "Ctrl"}, people: 10, outcome: "pain",
			says: []string{"SPSS counts the rows of this file by the weights in w; here each row counts once"}, values: map[string]float64{"1 baseline": 5, "6 week6": -1, "10 week6": 3}},
		{file: "ranges.sav", answers: map[string]string{"control": "2", "data.missing": "-95"}, people: 16, outcome: "pain",
			says:   []string{"-95: 1 × in pain_post; the other values are", "Personal data: dob", "label: Shockwave therapy"},
			values: map[string]float64{"P001 pre": 38, "P003 pre": -1, "P005 post": -1, "P006 post": -1, "P016 post": 56}},
		{file: "swiss.csv", answers: map[string]string{"control": "Sham"}, people: 16, outcome: "kraft", says: []string{"values 1170.2 to 1623.5"},
			values: map[string]float64{"P001 vorher": 1350.5, "P001 nachher": 1170.25}},
		{file: "formats.xlsx", answers: map[string]string{"control": "Sham"}, people: 14, outcome: "grip",
			says: []string{"numbers are shown as percentages", "change: a change or difference, which is computed anew"}, values: map[string]float64{"1 pre": 3.049, "1 post": 0.2}},
		{file: "dates.xlsx", answers: map[string]string{"control": "Placebo", "data.missing": "none"}, says: []string{"2024-04-03: 1 × in pain1, a date among numbers"}, refuses: "2024-04-03"},
		{file: "spelled.xlsx", answers: map[string]string{"control": "Placebo"}, people: 20, outcome: "vas",
			says:   []string{"HILT, hilt, Hilt differ only in how they are written", "write arm_values: {placebo: Placebo} under data"},
			values: map[string]float64{"P01 pre": 80, "P02 post": 47},
			edit: strings.NewReplacer("  - {id: hilt}\n", "", "  - {id: placebo}\n", "", "  - {id: PLACEBO}\n", "", "  - {id: Hilt}\n", "",
				"  layout: wide\n", "  layout: wide\n  arm_values: {hilt: HILT, Hilt: HILT, placebo: Placebo, PLACEBO: Placebo}\n")},
		{file: "totals.xlsx", answers: map[string]string{"data.participant": "id", "data.arm": "group", "control": "Placebo"}, says: []string{"Mean, SD: lines that sum up others are no participants"}, refuses: "participant"},
	} {
		src, err := os.ReadFile(folder + c.file)
		require.NoError(t, err)
		table, err := files.Read(bytes.NewReader(src), int64(len(src)), c.file, files.Options{Sheet: c.sheet})
		require.NoError(t, err, c.file)
		p, err := Propose(table)
		require.NoError(t, err, c.file)
		y, err := p.YAML("en")
		require.NoError(t, err)
		for _, want := range c.says {
			assert.Contains(t, strings.Join(strings.Fields(strings.ReplaceAll(y, "#", " ")), " "), strings.Join(strings.Fields(want), " "), c.file)
		}
		for {
			open, err := p.Questions("en")
			require.NoError(t, err)
			if len(open) == 0 {
				break
			}
			q := open[0]
			answer, ok := c.answers[q.ID]
			if !ok {
				if answer = "none"; strings.HasPrefix(q.ID, "better.") {
					answer = "lower"
				}
			}
			p, err = p.Answer(q.ID, answer, "en")
			require.NoError(t, err, "%s: %s", c.file, q.ID)
		}
		y, err = p.YAML("en")
		require.NoError(t, err)
		if c.edit != nil {
			y = c.edit.Replace(y)
		}
		protocol, err := ParseProtocol(strings.NewReader(y), "p.yaml")
		require.NoError(t, err, y)
		ds, err := Load(bytes.NewReader(src), c.file, protocol)
		if c.refuses != "" {
			assert.ErrorContains(t, err, c.refuses, c.file)
			continue
		}
		require.NoError(t, err, c.file)
		assert.Len(t, ds.Participants(), c.people, c.file)
		for at, want := range c.values {
			id, visit, _ := strings.Cut(at, " ")
			v, ok := ds.Value(id, c.outcome, visit)
			assert.Equal(t, want >= 0, ok, "%s: %s", c.file, at)
			if ok {
				assert.Equal(t, want, v.Number, "%s: %s", c.file, at)
			}
		}
		_, err = ds.AnalyzeAll()
		assert.NoError(t, err, c.file)
	}
}

// A row of units under the header is nobody's, and the sheet that tells of an export is
// not taken for the data.
func TestAwkwardFilesAreRefused(t *testing.T) {
	for file, want := range map[string]string{"twice.csv": "twice.csv:10:1: the header stands here again, as in files that were joined",
		"knees.csv":    `knees.csv:3:6: participant "P001" has two rows (first on line 2), which column "side" tells apart (L, R)`,
		"total.csv":    `total.csv:18:1: "Mean" is no participant but a line that sums up others`,
		"notes.xlsx":   "several sheets hold data: Data, Notes",
		"commas.csv":   "commas.csv:2:12: too many fields: 6, and the header has 4 (a decimal comma",
		"german.csv":   "german.csv:2:1: this line looks like a second header, such as questions, labels or units",
		"numbers.xlsx": "several sheets hold data: Export Summary, Ankle trial"} {
		src, err := os.ReadFile("../testdata/formats/awkward/" + file)
		require.NoError(t, err)
		table, err := files.Read(bytes.NewReader(src), int64(len(src)), file, files.Options{})
		if err == nil {
			_, err = Propose(table)
		}
		assert.ErrorContains(t, err, want)
	}
	// Without that row all is read: decimal commas, umlauts, moments in German.
	src, err := os.ReadFile("../testdata/formats/awkward/german.csv")
	require.NoError(t, err)
	lines := bytes.SplitAfter(src, []byte("\n"))
	plain := string(bytes.Join(append(lines[:1:1], lines[2:]...), nil))
	y, err := proposeText(t, "german.csv", plain).YAML("en")
	require.NoError(t, err)
	for _, want := range []string{"arm: Gruppe", "id: Übung", "vas: {vorher: VAS vorher, nachher: VAS nachher}", "Alter: {column: Alter, kind: number}"} {
		assert.Contains(t, y, want)
	}
}

// Titles of groups among the participants are told, and the arm is asked.
func TestTitlesOfGroups(t *testing.T) {
	src, err := os.ReadFile("../testdata/formats/awkward/stacked.csv")
	require.NoError(t, err)
	y, err := proposeText(t, "stacked.csv", string(src)).YAML("en")
	require.NoError(t, err)
	assert.Contains(t, y, `2 rows hold nothing else, such as "Group A: laser"`)
	assert.Contains(t, y, "arms: ?")
}
