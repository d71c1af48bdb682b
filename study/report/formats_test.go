package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
	"github.com/trialkit/trialkit/study/report"
)

// resultsOf analyzes a file and returns results.json.
func resultsOf(t *testing.T, protocol, name string, src []byte) (string, *study.Dataset) {
	t.Helper()
	p, err := study.ParseProtocol(strings.NewReader(protocol), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(bytes.NewReader(src), name, p)
	require.NoError(t, err, name)
	acc := ds.Accounting()
	assert.Equal(t, acc.RowsRead, acc.RowsUsed+len(acc.Excluded), "%s: every row ends in one place", name)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err, name)
	var b bytes.Buffer
	require.NoError(t, report.JSON(&b, rep, report.Options{Lang: "en"}))
	return b.String(), ds
}

// withoutFile is results.json without what tells one file from another.
func withoutFile(t *testing.T, results string) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(results), &out))
	data, ok := out["data"].(map[string]any)
	require.True(t, ok)
	for _, key := range []string{"name", "sha256", "delimiter", "decimal", "encoding", "files"} {
		delete(data, key)
	}
	delete(out, "notes") // on how the file was read: held beside
	return out
}

// The knee trial of the shared folder, as every program and format wrote it, gives the
// same results but for the file's name and hash.
func TestOneTrialInManyFormats(t *testing.T) {
	dir := "../../../shared/formats"
	names, err := filepath.Glob(dir + "/*/knee*.*")
	require.NoError(t, err)
	if len(names) == 0 {
		t.Skip("../shared/formats")
	}
	const protocol = `
title: Knee
arms: [{id: laser, label: Laser}, {id: placebo, label: Placebo, control: true}]
visits: [{id: pre}, {id: post}]
outcomes:
  - {id: vas, label: Pain, unit: cm, range: [0, 10], better: lower}
  - {id: jps, label: Joint position sense, better: lower}
  - {id: quad, label: Quadriceps, better: higher}
data:
  layout: wide
  participant: id
  arm: arm
  arm_values: {1: laser, 2: placebo}
  missing: ["-99", "-95", "-98", NA]
  values: {sex: {0: female, 1: male}}
  covariates: {age: {column: age, kind: number}, sex: {column: sex, kind: category}}
  columns: {vas: {pre: vas_pre, post: vas_post}, jps: {pre: jps_pre, post: jps_post}, quad: {pre: quad_pre, post: quad_post}}
plans: [{outcome: vas, visit: post, primary: true, covariates: [age, sex]}]
`
	// Formats of transport have names in capitals, version 5 of eight letters.
	capitals := strings.NewReplacer("participant: id", "participant: ID", "  arm: arm", "  arm: ARM", "column: age", "column: AGE", "column: sex", "column: SEX",
		"vas_pre", "VAS_PRE", "vas_post", "VAS_POST", "jps_pre", "JPS_PRE", "jps_post", "JPS_POST", "quad_pre", "QUAD_PRE", "quad_post", "QUAD_POST")
	short := strings.NewReplacer("QUAD_POST", "QUAD_POS")
	src, err := os.ReadFile(dir + "/text/knee.csv")
	require.NoError(t, err)
	first, _ := resultsOf(t, protocol, "knee.csv", src)
	want := withoutFile(t, first)
	assert.Len(t, want["data"].(map[string]any)["participants"], 12)
	// Another trial than the table's, a table in two sheets, one with errors, or with
	// ids that lost their zeros; what is refused.
	other := []string{"knee-texts.xlsx", "knee-serials.xlsx", "knee-errors.xlsx", "knee-errors.ods", "knee-armsheet.xlsx", "knee-sheet-per-arm.xlsx", "knee-two-sheets.ods",
		"knee-merged.xlsx", "knee-merged-ids.xlsx", "knee-duplicate.xlsx", "knee-absolute.xlsx", "knee-decimal.json"}
	same := 0
	for _, name := range names {
		base := filepath.Base(name)
		if strings.HasSuffix(base, ".expected.json") || slices.Contains(other, base) || strings.Contains(name, "/refuse/") {
			continue
		}
		b, err := os.ReadFile(name + ".expected.json")
		require.NoError(t, err)
		var e struct{ Action string }
		require.NoError(t, json.Unmarshal(b, &e))
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		if e.Action == "refuse" || refused(t, base, src) {
			continue
		}
		own := protocol
		switch ext := filepath.Ext(base); {
		case ext == ".json", ext == ".dsjc":
			own = capitals.Replace(protocol)
		case strings.HasPrefix(base, "knee-v5"):
			own = short.Replace(capitals.Replace(protocol))
		}
		if strings.Contains(name, "/stat/") { // these declare by themselves what is missing
			own = strings.Replace(own, `  missing: ["-99", "-95", "-98", NA]`+"\n", "", 1)
		}
		got, _ := resultsOf(t, own, base, src)
		assert.Equal(t, want, withoutFile(t, got), base)
		for _, words := range append(tableOf(t, name), base, hashOf(src)) {
			assert.Contains(t, got, words, base)
		}
		same++
	}
	assert.Greater(t, same, 45)
}

func hashOf(src []byte) string {
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:])
}

// tableOf is the sheet or member of a fixture that a report reads, if it has a name.
func tableOf(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(name + ".expected.json")
	require.NoError(t, err)
	var e struct {
		Sheets []struct{ Sheet, State string }
	}
	require.NoError(t, json.Unmarshal(b, &e))
	var out []string
	for _, s := range e.Sheets {
		if s.Sheet != "" && (s.State == "" || s.State == "visible") {
			out = append(out, `"sheet": "`+s.Sheet+`"`)
		}
	}
	return out
}

// refused reports whether a file is one of a format that has no reader.
func refused(t *testing.T, name string, src []byte) bool {
	p, err := study.ParseProtocol(strings.NewReader("arms: [{id: a}, {id: b, control: true}]\nvisits: [{id: v}, {id: w}]\noutcomes: [{id: y, better: lower}]\n"+
		"data: {layout: wide, participant: none, arm: no, columns: {y: {v: n, w: m}}}\n"), "p.yaml")
	require.NoError(t, err)
	_, err = study.Load(bytes.NewReader(src), name, p)
	require.Error(t, err)
	return !strings.Contains(err.Error(), "none")
}

// Page one and the supplement name the sheet beside the file.
func TestReportNamesTheSheet(t *testing.T) {
	src := sheettest.Workbook(t, [][]any{{"id", "arm", "y0", "y1"}, {"1", "a", 5, 3}, {"2", "a", 6, 2}, {"3", "c", 5, 5}, {"4", "c", 6, 7}})
	results, ds := resultsOf(t, "arms: [{id: a}, {id: c, control: true}]\nvisits: [{id: pre}, {id: post}]\noutcomes: [{id: y, better: lower}]\n"+
		"data: {layout: wide, participant: id, arm: arm, columns: {y: {pre: y0, post: y1}}}\n", "d.xlsx", []byte(src))
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, report.Text(&b, rep, report.Options{Supplement: true}))
	hash := hashOf([]byte(src))
	assert.Contains(t, b.String(), "File d.xlsx, sheet Data, SHA-256 "+hash[:6])
	assert.Contains(t, strings.Join(strings.Fields(b.String()), " "), "sheet Data, SHA-256 "+hash)
	assert.Contains(t, results, `"sheet": "Data"`)
}

// Rows in another order change no byte of the results, in any format, and are all
// accounted for.
func TestShuffledRowsInEveryFormat(t *testing.T) {
	const protocol = `
title: Shuffled
arms: [{id: 1}, {id: 2, control: true}]
visits: [{id: 0}, {id: 6}]
outcomes: [{id: y, better: lower}, {id: z, better: higher}]
data:
  layout: long
  participant: ID
  arm: ARM
  visit: VISIT
  columns: {y: Y, z: Z}
  missing: ["-99"]
  covariates: {sex: {column: SEX, kind: category}, age: {column: AGE, kind: number}}
plans: [{outcome: y, visit: 6, primary: true, covariates: [age]}]
`
	names := []string{"ID", "ARM", "VISIT", "Y", "SEX", "AGE", "Z"}
	r := rand.New(rand.NewPCG(14, 1))
	var rows [][]float64
	for i := range 20 {
		for _, visit := range []float64{0, 6} {
			y := float64(r.IntN(100)) / 10
			if visit == 6 && i%7 == 3 {
				y = -99
			}
			if visit == 6 && i%7 == 5 {
				y = math.NaN()
			}
			rows = append(rows, []float64{float64(i + 1), float64(1 + i%2), visit, y, float64(i / 2 % 2), float64(40 + r.IntN(30)), float64(r.IntN(50))})
			if visit == 6 {
				rows[len(rows)-1][5] = rows[len(rows)-2][5]
			}
		}
	}
	lines := func(head, end string, row func(cells []string) string) func([][]float64) []byte {
		return func(rows [][]float64) []byte {
			var out []string
			for _, r := range rows {
				cells := make([]string, len(r))
				for j, x := range r {
					if !math.IsNaN(x) {
						cells[j] = fmt.Sprint(x)
					}
				}
				out = append(out, row(cells))
			}
			return []byte(head + strings.Join(out, end) + "\n")
		}
	}
	columns := make([]string, len(names))
	for i, n := range names {
		columns[i] = fmt.Sprintf(`{"itemOID": "IT.%s", "name": %q, "label": %q, "dataType": "double"}`, n, n, n)
	}
	formats := map[string]func([][]float64) []byte{
		"d.csv": lines(strings.Join(names, ",")+"\n", "\n", func(c []string) string { return strings.Join(c, ",") }),
		"d.txt": lines(strings.Join(names, ";")+"\n", "\n", func(c []string) string { return strings.ReplaceAll(strings.Join(c, ";"), ".", ",") }),
		"d.xlsx": func(rows [][]float64) []byte {
			table := [][]any{{}}
			for _, n := range names {
				table[0] = append(table[0], n)
			}
			for _, r := range rows {
				var row []any
				for _, x := range r {
					if math.IsNaN(x) {
						row = append(row, nil)
					} else {
						row = append(row, x)
					}
				}
				table = append(table, row)
			}
			return []byte(sheettest.Workbook(t, table))
		},
		"d.sav": func(rows [][]float64) []byte {
			var vars []sheettest.SAVColumn
			for _, n := range names {
				vars = append(vars, sheettest.SAVColumn{Name: n})
			}
			vars[3].Missing = []float64{-99}
			vars[4].Values, vars[4].Words = []float64{0, 1}, []string{"Female", "Male"}
			return []byte(sheettest.SAV(vars, rows))
		},
		"d.ndjson": lines(fmt.Sprintf(`{"datasetJSONCreationDateTime": "2026-01-01T00:00:00", "datasetJSONVersion": "1.1", "itemGroupOID": "IG.D", "records": %d, "name": "D", "label": "d", "columns": [%s]}`+"\n",
			len(rows), strings.Join(columns, ", ")), "\n", func(c []string) string {
			for i, s := range c {
				if s == "" {
					c[i] = "null"
				}
			}
			return "[" + strings.Join(c, ", ") + "]"
		}),
	}
	formats["d.xpt"] = func(rows [][]float64) []byte { return []byte(sheettest.XPT(names, rows)) }
	formats["d.dta"] = func(rows [][]float64) []byte { return []byte(sheettest.DTA(names, rows)) }
	formats["d.json"] = func(rows [][]float64) []byte { // the lines of the other one, within one object
		head, body, _ := strings.Cut(strings.TrimSpace(string(formats["d.ndjson"](rows))), "\n")
		return []byte(strings.TrimSuffix(head, "}") + `, "rows": [` + strings.ReplaceAll(body, "\n", ",\n") + "]}")
	}
	const oasis = "urn:oasis:names:tc:opendocument:xmlns:"
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = `<table:table-cell office:value-type="string"><text:p>` + n + `</text:p></table:table-cell>`
	}
	table := lines(`<office:document xmlns:office="`+oasis+`office:1.0" xmlns:table="`+oasis+`table:1.0" xmlns:text="`+oasis+`text:1.0"><office:body><office:spreadsheet><table:table table:name="D"><table:table-row>`+
		strings.Join(texts, "")+"</table:table-row>", "\n", func(c []string) string {
		for i, s := range c {
			if c[i] = "<table:table-cell/>"; s != "" {
				c[i] = `<table:table-cell office:value-type="float" office:value="` + s + `"><text:p>?</text:p></table:table-cell>`
			}
		}
		return "<table:table-row>" + strings.Join(c, "") + "</table:table-row>"
	})
	formats["d.fods"] = func(rows [][]float64) []byte {
		return append(table(rows), "</table:table></office:spreadsheet></office:body></office:document>"...)
	}
	formats["d.ods"] = func(rows [][]float64) []byte {
		content := strings.ReplaceAll(string(formats["d.fods"](rows)), "office:document", "office:document-content")
		return []byte(sheettest.ODS(t, content))
	}
	var first map[string]any
	for _, name := range []string{"d.csv", "d.txt", "d.xlsx", "d.sav", "d.xpt", "d.dta", "d.ndjson", "d.json", "d.fods", "d.ods"} {
		src := formats[name](rows)
		plain, ds := resultsOf(t, protocol, name, src)
		assert.Equal(t, 40, ds.Accounting().RowsRead, name)
		assert.Empty(t, ds.Accounting().Excluded, name)
		if name != "d.sav" { // whose categories have words
			if first == nil {
				first = withoutFile(t, plain)
			}
			assert.Equal(t, first, withoutFile(t, plain), name)
		}
		for range 5 {
			other := slices.Clone(rows)
			r.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
			src := formats[name](other)
			shuffled, _ := resultsOf(t, protocol, name, src)
			assert.Equal(t, bytesBut(t, plain), bytesBut(t, shuffled), name)
		}
	}
}

// bytesBut is results.json without the hash of the file.
func bytesBut(t *testing.T, results string) string {
	t.Helper()
	var out []string
	for l := range strings.Lines(results) {
		if !strings.Contains(l, `"sha256"`) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "")
}
