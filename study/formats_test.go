package study

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
)

// The same trial as text, as workbooks of several programs, as SPSS, SAS and Stata files: one
// protocol reads the same values out of each, and a number that the SPSS file
// itself declares missing is missing.
func TestFormatsHoldOneTrial(t *testing.T) {
	dir := "../../shared/formats"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/formats")
	}
	p := Protocol{Title: "Knee", Arms: []Arm{{ID: "1"}, {ID: "2", Control: true}}, Visits: []Visit{{ID: "pre"}, {ID: "post"}},
		Outcomes: []Outcome{{ID: "vas", Better: LowerIsBetter}, {ID: "quad", Better: HigherIsBetter}},
		Data: DataSpec{Layout: Wide, Participant: "id", Arm: "arm", Missing: []string{"-99", "-95", "-98"},
			Columns: map[string]map[string]string{"vas": {"pre": "vas_pre", "post": "vas_post"}, "quad": {"pre": "quad_pre", "post": "quad_post"}}}}
	load := func(file string, p Protocol) []Participant {
		f, err := os.Open(filepath.Join(dir, file))
		require.NoError(t, err)
		defer f.Close()
		ds, err := Load(f, file, p)
		require.NoError(t, err, file)
		return ds.Participants()
	}
	want := load("text/knee.csv", p)
	require.Len(t, want, 12)
	for _, file := range []string{"xlsx/knee-inline.xlsx", "xlsx/knee-openpyxl.xlsx", "xlsx/knee-libreoffice.xlsx", "xlsx/knee-digits.xlsx", "xlsx/knee-hidden.xlsx", "ods/knee-libreoffice.ods", "ods/knee-gnumeric.ods", "ods/knee-dressed.ods", "ods/knee-hidden.ods", "stat/knee-byte.sav", "stat/knee.zsav", "stat/knee-pspp.sav", "stat/knee-v8.xpt", "stat/knee-115.dta", "stat/knee-118-float.dta", "stat/knee-118-big.dta"} {
		assert.Equal(t, want, load(file, p), file)
	}
	p.Data.Missing = nil
	assert.Equal(t, want, load("stat/knee-byte.sav", p), "declared in the file")
}

// What a proposal asks of a file of each format is answered, and the report follows:
// every participant of the table is in it.
func TestProposalsBecomeReports(t *testing.T) {
	dir := "../../shared/formats"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/formats")
	}
	for file, want := range map[string]struct {
		people  int
		control string
		asked   string
	}{
		"text/knee-semicolon.csv":   {12, "2", "control range.jps better.jps threshold.jps range.quad better.quad threshold.quad data.missing"},
		"text/knee-write.table.txt": {12, "2", "control range.jps better.jps threshold.jps range.quad better.quad threshold.quad data.missing"},
		"xlsx/knee-titles.xlsx":     {12, "2", "control range.jps better.jps threshold.jps range.quad better.quad threshold.quad data.missing"},
		"stat/knee-byte.sav":        {12, "2", "control range.jps better.jps threshold.jps range.quad better.quad threshold.quad"},
		"stat/knee-v8.xpt":          {12, "2", "control range.jps better.jps threshold.jps range.quad better.quad threshold.quad"},
		"stat/shoulder-byte.sav":    {14, "B", "control range.spadi better.spadi threshold.spadi range.abd better.abd threshold.abd"},
		"stat/shoulder-118.dta":     {14, "B", "control range.spadi better.spadi threshold.spadi range.abd better.abd threshold.abd"},
		"redcap/raw.csv":            {12, "2", "control range.pain better.pain threshold.pain range.walk better.walk threshold.walk data.missing"},
		"redcap/label.csv":          {12, "Placebo", "control range.Pain, 0-10 better.Pain, 0-10 threshold.Pain, 0-10 threshold.Six-minute walk (m) data.missing"},
	} {
		src, err := os.ReadFile(filepath.Join(dir, file))
		require.NoError(t, err)
		table, err := files.Read(bytes.NewReader(src), int64(len(src)), file, files.Options{})
		require.NoError(t, err)
		p, err := Propose(table)
		require.NoError(t, err, file)
		var asked []string
		for {
			open, err := p.Questions("en")
			require.NoError(t, err)
			if len(open) == 0 {
				break
			}
			q := open[0]
			asked = append(asked, q.ID)
			answer := "none"
			switch kind, _, _ := strings.Cut(q.ID, "."); kind {
			case "control":
				answer = want.control
			case "better":
				answer = "lower"
			case "data":
				answer = strings.Join(q.Options, ", ")
			}
			p, err = p.Answer(q.ID, answer, "en")
			require.NoError(t, err, "%s: %s", file, q.ID)
		}
		assert.Equal(t, want.asked, strings.Join(asked, " "), file)
		y, err := p.YAML("en")
		require.NoError(t, err)
		protocol, err := ParseProtocol(strings.NewReader(y), "p.yaml")
		require.NoError(t, err, y)
		ds, err := Load(bytes.NewReader(src), file, protocol)
		require.NoError(t, err, file)
		assert.Len(t, ds.Participants(), want.people, file)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err, file)
		assert.NotEmpty(t, rep.Results[0].Rows, file)
	}
}

// REDCap's exports, in codes and in labels: every value of every visit, the arm from the
// first row alone, rows of a repeating form left out, and columns of one name that
// nobody uses.
func TestREDCapExports(t *testing.T) {
	dir := "../../shared/formats/redcap/"
	src, err := os.ReadFile(dir + "raw.csv.expected.json")
	if err != nil {
		t.Skip("../shared/formats")
	}
	var want struct {
		Expects struct {
			Participants []struct {
				ID, Arm, Age, Sex string
				Visits            map[string]map[string]*string
			}
			Repeats int `json:"repeat_rows"`
		}
	}
	require.NoError(t, json.Unmarshal(src, &want))
	require.Len(t, want.Expects.Participants, 12)
	for file, data := range map[string]string{
		"raw.csv": "participant: record_id\n  arm: group\n  arm_values: {1: Laser, 2: Placebo}\n  visit: redcap_event_name\n" +
			"  visit_values: {baseline_arm_1: Baseline, week_6_arm_1: Week 6, week_12_arm_1: Week 12}\n  rows: {redcap_repeat_instrument: [\"\"]}\n" +
			"  columns: {pain: pain, walk: walk}\n  values: {sex: {0: Female, 1: Male}}\n  covariates: {age: {column: age, kind: number}, sex: {column: sex, kind: category}}\n",
		"label.csv": "participant: Record ID\n  arm: Allocated group\n  visit: Event Name\n  rows: {Repeat Instrument: [\"\"]}\n" +
			"  columns: {pain: \"Pain, 0-10\", walk: Six-minute walk (m)}\n  covariates: {age: {column: Age (years), kind: number}, sex: {column: Sex, kind: category}}\n",
	} {
		p := Parsed(t, "arms: [{id: Laser}, {id: Placebo, control: true}]\nvisits: [{id: Baseline}, {id: Week 6}, {id: Week 12}]\n"+
			"outcomes: [{id: pain, better: lower}, {id: walk, better: higher}]\ndata:\n  layout: long\n  missing: [\"-9\"]\n  "+data)
		f, err := os.Open(dir + file)
		require.NoError(t, err)
		ds, err := Load(f, file, p)
		f.Close()
		require.NoError(t, err, file)
		acc := ds.Accounting()
		assert.Len(t, acc.Excluded, want.Expects.Repeats, file)
		assert.Equal(t, acc.RowsRead, acc.RowsUsed+len(acc.Excluded), file)
		for i, w := range want.Expects.Participants {
			q := ds.Participants()[i]
			age, _ := q.Number("age")
			sex, _ := q.Category("sex")
			assert.Equal(t, []string{w.ID, w.Arm, w.Age, w.Sex}, []string{q.ID, q.Arm, strconv.FormatFloat(age, 'f', -1, 64), sex}, file)
			for _, visit := range []string{"Baseline", "Week 6", "Week 12"} {
				for _, outcome := range []string{"pain", "walk"} {
					v, ok := ds.Value(q.ID, outcome, visit)
					s := w.Visits[visit][outcome]
					if assert.Equal(t, s != nil, ok, "%s: %s %s %s", file, q.ID, outcome, visit) && ok {
						x, err := strconv.ParseFloat(*s, 64)
						require.NoError(t, err)
						assert.Equal(t, x, v.Number, "%s: %s %s %s", file, q.ID, outcome, visit)
					}
				}
			}
		}
	}
}
