package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// The invented trials of testdata/reference/study_tables.R.
const walkingTrial = `title: Walking
arms: [{id: w, label: Walking program, short: Walking, randomized: 16}, {id: c, label: Usual care, control: true}]
visits: [{id: pre, label: Before}, {id: post, label: 6 weeks}, {id: late, label: 12 weeks}]
outcomes:
  - {id: walk, label: Six-minute walk, unit: m, better: higher}
  - {id: score, label: Satisfaction, better: higher, baseline: none}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {walk: {pre: pre, post: post, late: late}, score: {late: score}}
  values: {sex: {2: male, 1: female, 3: other}}
  covariates: {age: {column: age, label: Age, kind: number}, sex: {column: sex, label: Sex, kind: category}}
plans: [{outcome: walk, visit: late, covariates: [age]}]
translations: {nl: {Walking: Lopen, Before: Vooraf, 6 weeks: 6 weken, 12 weeks: 12 weken, Six-minute walk: Zes minuten lopen, Satisfaction: Tevredenheid, Walking program: Loopprogramma, Usual care: Gewone zorg, Age: Leeftijd, Sex: Geslacht, male: man, female: vrouw, other: anders}}
`

const strengthTrial = `title: Strength
simulated: true
arms: [{id: high, label: High load}, {id: low, label: Low load}, {id: none, label: No training, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: kg, label: Grip, unit: kg, better: higher}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {kg: {pre: pre, post: post}}
  covariates: {bmi: {column: bmi, kind: number}, grade: {column: grade, kind: category}}
`

// tablesReference is what R made.
type tablesReference struct {
	Data map[string]string
	Rows []struct {
		Study, Table, Variable, Level, Visit, Arm, Statistic, Text string
		N                                                          int
	}
}

func readTables(t testing.TB) tablesReference {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/reference/study_tables.json")
	require.NoError(t, err)
	var ref tablesReference
	require.NoError(t, json.Unmarshal(raw, &ref))
	return ref
}

// tablesTrial loads one of its trials, whose analyses are all ANCOVA; false where
// its data are not at hand.
func tablesTrial(t testing.TB, ref tablesReference, name string) (*study.Dataset, bool) {
	t.Helper()
	if data, ok := ref.Data[name]; ok {
		p, err := study.ParseProtocol(strings.NewReader(map[string]string{"walking": walkingTrial, "strength": strengthTrial}[name]), name+".yaml")
		require.NoError(t, err)
		ds, err := study.Load(strings.NewReader(data), name+".csv", p)
		require.NoError(t, err)
		return ds, true
	}
	dir := filepath.Join("../../testdata/studies", name)
	file := filepath.Join(dir, "data.csv")
	if other, ok := map[string]string{"btheb": "BtheB.csv", "fev": "fev_data.csv"}[name]; ok {
		if file = filepath.Join("../../../shared/data", other); !fileThere(file) {
			t.Logf("%s is not beside the repository: its trial is left out", other)
			return nil, false
		}
	}
	p, err := study.ReadProtocol(os.DirFS(dir), "protocol.yaml")
	require.NoError(t, err)
	p.Plans = p.Plans[:1]
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	ds, err := study.Load(f, name+".csv", p)
	require.NoError(t, err)
	return ds, true
}

func fileThere(path string) bool { _, err := os.Stat(path); return err == nil }

// Every cell of Table 1 and of the table of results reads as R prints it.
func TestTablesAreThoseOfR(t *testing.T) {
	ref := readTables(t)
	type tables struct{ mean, median, results Table }
	made := map[string]*tables{}
	compared := map[string]int{}
	for _, want := range ref.Rows {
		x, ok := made[want.Study]
		if !ok {
			if ds, there := tablesTrial(t, ref, want.Study); there {
				r, err := ds.AnalyzeAll()
				require.NoError(t, err)
				x = &tables{results: ResultsTable(r)}
				x.mean, err = Table1Of(r, Table1Options{Overall: true, Standardized: true})
				require.NoError(t, err)
				var numbers []string
				for _, v := range r.Baseline {
					if v.Kind == study.Numeric {
						numbers = append(numbers, v.ID)
					}
				}
				x.median, err = Table1Of(r, Table1Options{Overall: true, Median: numbers})
				require.NoError(t, err)
			}
			made[want.Study] = x
		}
		if x == nil {
			continue
		}
		table, key, statistic := x.results, "value", want.Statistic
		switch {
		case want.Statistic == "difference":
			key, statistic = "difference", "effect"
		case want.Statistic == "standardized":
			table, key, statistic = x.mean, "standardized", ""
		case want.Statistic == "median-quartiles":
			table = x.median
		case want.Table == "1":
			table = x.mean
		default:
			statistic = ""
		}
		cell, ok := findCell(table, key, want.Variable, want.Level, want.Visit, want.Arm, statistic)
		if assert.True(t, ok, "%+v", want) {
			assert.Equal(t, want.Text, cell.Text, "%+v", want)
			assert.Equal(t, want.N, cell.N, "%+v", want)
			compared[want.Study]++
		}
	}
	t.Log(compared)
	assert.GreaterOrEqual(t, len(compared), 3)
}

// findCell finds the cell of a row and an arm's column, or in a table with the
// arms in rows the cell of the arm's row; with no statistic the variable's first
// row that is about values.
func findCell(t Table, key, variable, level, visit, arm, statistic string) (TableCell, bool) {
	for _, r := range t.Rows {
		if r.Variable != variable || r.Level != level || r.Visit != visit || statistic != "" && r.Statistic != statistic || r.Arm != "" && r.Arm != arm {
			continue
		}
		for i, c := range t.Columns {
			if c.Key == key && (c.Arm == arm || r.Arm == arm && arm != "") {
				return r.Cells[i], true
			}
		}
	}
	return TableCell{}, false
}
