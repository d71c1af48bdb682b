package report

import (
	"bytes"
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

func tablesFile(t testing.TB, r study.Report, lang string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, TablesCSV(&b, r, Options{Lang: lang}))
	return b.String()
}

// Every number of the tables is a line. The values are R's: mean and sd of
// data.csv, lm and emmeans as in tables_reference_test.go, table of the knees; the
// texts are those of the page.
func TestTablesCSV(t *testing.T) {
	r, ok := analyzed(t, "../../testdata/studies/hilt/protocol.yaml", "../../testdata/studies/hilt/data.csv")
	require.True(t, ok)
	file := tablesFile(t, r, "en")
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, len(rows), strings.Count(file, "\r\n"), "a line a row")
	header := rows[0]
	at := map[string]string{}
	for _, row := range rows[1:] {
		require.Len(t, row, len(header))
		key := strings.Join(row[:8], "/")
		assert.NotContains(t, at, key, "two lines of one name")
		at[key] = row[8] + "|" + row[9] + "|" + row[10]
		_, err := strconv.ParseFloat(row[8], 64)
		assert.NoError(t, err, "a value is a number: %v", row)
		assert.Equal(t, "true", row[11], "the data are invented, whatever file is passed on")
	}
	for key, want := range map[string][3]string{
		"baseline/age//hilt///mean-sd/mean":                              {"64", "64.0 (9.0)", "5"},
		"baseline/knee//hilt//left/count/count":                          {"4", "4 (80)", "5"},
		"results/jps/post/hilt///mean-sd/sd":                             {"2.6546", "5.08 (2.65)", "5"},
		"results/vas/post/hilt///effect/lower":                           {"-4.42", "−2.49 (−4.42 to −0.55)", "10"},
		"responders/vas/post/hilt//MCID 2.26/change/count":               {"3", "3 (60)", "5"},
		"responders/vas/post/hilt//MCID 2.26/change-difference/estimate": {"60", "", "10"},
		"flow///sham///randomized/count":                                 {"5", "5", "5"},
	} {
		got, ok := at[key]
		if !assert.True(t, ok, key) {
			continue
		}
		cells := strings.Split(got, "|")
		value, _ := strconv.ParseFloat(cells[0], 64)
		wanted, _ := strconv.ParseFloat(want[0], 64)
		assert.InDelta(t, wanted, value, 0.006, key)
		if want[1] != "" {
			assert.Equal(t, want[1], cells[1], key)
		}
		assert.Equal(t, want[2], cells[2], key)
	}
}

// The Dutch file holds the same numbers, as Excel reads them where the decimal sign
// is a comma.
func TestTablesCSVOfADutchExcel(t *testing.T) {
	trials(t, func(t *testing.T, _ string, r study.Report) {
		en, nl := tablesFile(t, r, "en"), tablesFile(t, r, "nl")
		rest, ok := strings.CutPrefix(nl, "\ufeff")
		require.True(t, ok, "without a mark Excel takes UTF-8 for Windows-1252")
		english, err := csv.NewReader(strings.NewReader(en)).ReadAll()
		require.NoError(t, err)
		dutch := csv.NewReader(strings.NewReader(rest))
		dutch.Comma = ';'
		rows, err := dutch.ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, len(english))
		require.NotContains(t, en, "\ufeff")
		for i, row := range rows {
			assert.Equal(t, english[i][8], strings.Replace(row[8], ",", ".", 1))
			assert.NotContains(t, row[8], ".")
			for j, cell := range row {
				if j != 8 && cell != "" {
					assert.NotContains(t, "=+-@\t\r\x00", cell[:1], "a formula: %q", cell)
				}
			}
		}
	})
}

// What a file or a protocol says may be a formula to a spreadsheet; a negative
// number is none and stays a number.
func TestCSVHoldsNoFormulas(t *testing.T) {
	dir := t.TempDir()
	protocol := `
title: Formulas
arms: [{id: =1+1, label: "=cmd|' /C calc'!A0"}, {id: -c, label: "+c", control: true}]
visits: [{id: "@pre"}, {id: +4w}]
outcomes: [{id: -y, label: "=HYPERLINK(\"http://x\")", unit: u, better: lower, thresholds: [{kind: MCID, value: 1, level: individual, source: s}]}]
data: {layout: wide, participant: id, arm: arm, columns: {-y: {"@pre": a, +4w: b}}, covariates: {"=z": {column: z, kind: category}}}
subgroups: ["=z"]
plans: [{outcome: -y, visit: +4w}]
`
	data := "id,arm,a,b,z\n"
	for i := range 12 {
		data += strconv.Itoa(i) + "," + []string{"=1+1", "-c"}[i%2] + "," + strconv.Itoa(i*i%7+3) + "," + strconv.Itoa(i*i%5) + "," + []string{"=2", "@3"}[i/2%2] + "\n"
	}
	require.NoError(t, os.WriteFile(dir+"/p.yaml", []byte(protocol), 0o600))
	require.NoError(t, os.WriteFile(dir+"/d.csv", []byte(data), 0o600))
	r, ok := analyzed(t, dir+"/p.yaml", dir+"/d.csv")
	require.True(t, ok)
	var long bytes.Buffer
	require.NoError(t, CSV(&long, r, Options{}))
	negative, kept := 0, 0
	for name, file := range map[string]string{"tables": tablesFile(t, r, ""), "results": long.String()} {
		rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
		require.NoError(t, err)
		for _, row := range rows[1:] {
			for j, cell := range row {
				if cell == "" {
					continue
				}
				if cell[0] == '\'' {
					kept++
				}
				if strings.ContainsRune("=+-@\t\r\x00", rune(cell[0])) {
					_, err := strconv.ParseFloat(cell, 64)
					assert.NoError(t, err, "%s: %s holds a formula: %q", name, rows[0][j], cell)
					negative++
				}
			}
		}
	}
	assert.Greater(t, negative, 10)
	assert.Greater(t, kept, 50)
}
