package datasetjson

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

// dataset is a file of every type; its parts can be put in any order.
const (
	head = `"datasetJSONCreationDateTime": "2026-01-02T03:04:05", "datasetJSONVersion": "1.1.0", "itemGroupOID": "IG.T", "records": 2, "name": "T", "label": "All types",
  "sourceSystem": {"name": "x", "version": "1", "more": [{}, [], null, true]}`
	columns = `"columns": [{"itemOID": "a", "name": "S", "label": "A text ", "dataType": "string", "length": 3, "keySequence": 1},
  {"name": "I", "label": "Whole", "dataType": "integer"}, {"name": "F", "label": "", "dataType": "float"}, {"name": "D", "dataType": "double"},
  {"name": "X", "label": "Exact", "dataType": "decimal", "targetDataType": "decimal"}, {"name": "B", "dataType": "boolean"},
  {"name": "DT", "dataType": "date", "targetDataType": "integer", "displayFormat": "E8601DA."}, {"name": "DTM", "dataType": "datetime"}, {"name": "TM", "dataType": "time"}, {"name": "U", "dataType": "URI"}]`
	row1 = `["é\u00e9\ud83d\ude00\n\"\\\/ ", 54, 6.2999999999999998, -0.50, "2.1250", true, "2024-02-29", "2024-02-29T10:07:13.5", "08:00", "https://a.b/c"]`
	row2 = `["", 12345678901234567890, null, 5.4e1, "1,234.50", false, "2024-02", "2024-02-29T10:07:13+02:00", null, null]`
)

func object(members ...string) string { return "{" + strings.Join(members, ",\n ") + "}" }

func rows(r ...string) string { return `"rows": [` + strings.Join(r, ",\n") + "]" }

func one(t *testing.T, src string) sheet.Sheet {
	t.Helper()
	require.True(t, Is([]byte(src)[:min(len(src), 4096)]), "it is recognized")
	s, err := read([]byte(src))
	require.NoError(t, err)
	require.Len(t, s, 1)
	return s[0]
}

func TestEveryType(t *testing.T) {
	s := one(t, object(head, columns, rows(row1, row2)))
	c := func(kind sheet.Kind, text string) sheet.Cell { return sheet.Cell{Kind: kind, Text: text} }
	n, x, none := sheet.Number, sheet.Text, sheet.Cell{}
	assert.Equal(t, []sheet.Row{
		{Number: 1, Cells: []sheet.Cell{c(x, "éé😀\n\"\\/"), c(n, "54"), c(n, "6.3"), c(n, "-0.5"), c(n, "2.1250"), c(x, "TRUE"), c(sheet.Date, "2024-02-29"),
			c(sheet.DateTime, "2024-02-29T10:07:13.5"), c(sheet.Time, "08:00:00"), c(x, "https://a.b/c")}},
		{Number: 2, Cells: []sheet.Cell{none, c(n, "12345678901234567890"), none, c(n, "54"), c(n, "1234.50"), c(x, "FALSE"), c(x, "2024-02"),
			c(sheet.DateTime, "2024-02-29T10:07:13"), none, none}}}, s.Rows)
	assert.Equal(t, "T", s.Name)
	assert.Equal(t, sheet.Column{Name: "S", Label: "A text", Kind: sheet.Text}, s.Columns[0])
	assert.Equal(t, []sheet.Kind{x, n, n, n, n, x, sheet.Date, sheet.DateTime, sheet.Time, x}, func() (k []sheet.Kind) {
		for _, c := range s.Columns {
			k = append(k, c.Kind)
		}
		return k
	}())
	assert.Equal(t, "Times carry a zone (as Z or +02:00), which was left out: 1, the first in row 2, column DTM. The clock time was read.\n"+
		"Dates or times are incomplete and were kept as they are written: 1, the first in row 2, column DT.", sheettest.Said(s))
}

// The order of the attributes, blanks, the form and compression change nothing.
func TestFormsOfOneTable(t *testing.T) {
	want := one(t, object(head, columns, rows(row1, row2)))
	lines := strings.ReplaceAll(object(head, columns), "\n", "") + "\r\n" + row1 + "\n" + row2
	pack := func(w io.WriteCloser, b *bytes.Buffer) string {
		_, err := io.WriteString(w, lines)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.String()
	}
	var z, g bytes.Buffer
	for name, src := range map[string]string{
		"rows first":           object(rows(row1, row2), columns, head),
		"mark":                 "\ufeff \r\n\t" + object(columns, rows(row1, row2), head) + "\n\n",
		"close":                strings.NewReplacer("\n ", "", "\n", "").Replace(object(head, columns, rows(row1, row2))),
		"NDJSON":               lines,
		"NDJSON, mark, end":    "\ufeff" + lines + "\n\n",
		"zlib":                 pack(zlib.NewWriter(&z), &z),
		"gzip, as CDISC's own": pack(gzip.NewWriter(&g), &g),
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, want, one(t, src)) })
	}
}

func TestWhatTheFileSaysIsHeld(t *testing.T) {
	column := func(kind string) string {
		return `"datasetJSONVersion": "1.1", "columns": [{"name": "A", "dataType": "` + kind + `"}]`
	}
	for _, c := range []struct{ src, code, place string }{
		{object(head, columns, rows(row1)), "file-json-records", "1:122"},
		{object(head, columns, rows(row1, row2, row2)), "file-json-records", "1:122"},
		{object(head, columns) + "\n" + row1 + "\n", "file-json-records", "1:122"},
		{object(head, columns, `"rows": null`), "file-json-records", "1:122"},
		{object(head, columns, rows(row1, `["b", 1]`)), "file-json-row-length", "8:1"},
		{object(head, columns, rows(row1, row2[:len(row2)-1]+", 1]")), "file-json-row-length", "8:1"},
		{object(head, columns, rows(row1, `{"S": 1}`)), "file-json-row", "8:1"},
		{object(head, columns, rows(row1)) + "\n" + row2, "file-json-row", "8:1"},
		{object(column("integer"), rows(`["fifty"]`)), "file-json-value", "2:12"},
		{object(column("integer"), rows(`[[1]]`)), "file-json-value", "2:12"},
		{object(column("integer"), rows("[true]")), "file-json-value", "2:12"},
		{object(column("decimal"), rows(`["1,5"]`)), "file-json-value", "2:12"},
		{object(column("decimal"), rows(`["NaN"]`)), "file-json-value", "2:12"},
		{object(column("double"), rows(`["1."]`)), "file-json-value", "2:12"},
		{object(column("boolean"), rows("[1]")), "file-json-value", "2:12"},
		{object(column("boolean"), rows(`["true"]`)), "file-json-value", "2:12"},
		{object(column("string"), rows("[true]")), "file-json-value", "2:12"},
		{object(column("date"), rows("[19782]")), "file-json-value", "2:12"},
		{object(column("date"), rows(`["yesterday"]`)), "file-json-value", "2:12"},
		{object(column("date"), rows(`["2023-02-29"]`)), "file-json-value", "2:12"},
		{object(column("date"), rows(`["29-02-2024"]`)), "file-json-value", "2:12"},
		{object(column("date"), rows(`["10:00"]`)), "file-json-value", "2:12"},
		{object(column("time"), rows(`["2024-02-29"]`)), "file-json-value", "2:12"},
		{object(column("number"), rows()), "file-json-column-type", "1:43"},
		{object(column(""), rows()), "file-json-column-type", "1:43"},
		{`{"datasetJSONVersion": "1.1", "columns": [{"label": "x"}]}`, "file-json-column-name", "1:43"},
		{`{"datasetJSONVersion": "1.1", "columns": [{"name": "A", "dataType": "date"}, {"name": "A", "dataType": "time"}]}`, "file-json-column-twice", "1:78"},
		{`{"datasetJSONVersion": "1.1", "records": 0}`, "file-json-attribute", "1:1"},
		{`{"datasetJSONVersion": 1.1}`, "file-json-attribute", "1:24"},
		{`{"itemGroupOID": "x", "columns": [], "rows": []}`, "file-json-attribute", "1:1"},
		{`{"datasetJSONVersion": "1.1", "columns": [], "columns": []}`, "file-json-member-twice", "1:57"},
		{`{"datasetJSONVersion": "1.0.0", "clinicalData": {}}`, "file-json-version", "1:24"},
		{`{"creationDateTime": "x", "referenceData": {"itemGroupData": {}}}`, "file-json-version", "1:44"},
		{`{"datasetJSONVersion": "2.0"}`, "file-json-version", "1:24"},
		{object(column("double"), rows("[NaN]")), "file-json-word", "2:12"},
		{object(column("double"), rows("[-Infinity]")), "file-json-word", "2:12"},
		{object(column("double"), rows("[nan]")), "file-json-word", "2:12"},
		{object(column("double"), rows("[1,]")), "file-json-no-value", "2:14"},
		{object(column("double"), rows("[,1]")), "file-json-no-value", "2:12"},
		{object(column("double"), rows("[1 2]")), "file-json-expected", "2:14"},
		{object(column("double"), rows("[01]")), "file-json-number", "2:12"},
		{object(column("double"), rows("[.5]")), "file-json-no-value", "2:12"},
		{object(column("double"), rows("[1.]")), "file-json-number", "2:12"},
		{object(column("double"), rows("[1e]")), "file-json-number", "2:12"},
		{object(column("double"), rows("[+1]")), "file-json-no-value", "2:12"},
		{object(column("double"), rows("[1x]")), "file-json-number", "2:12"},
		{object(column("double"), rows("["+strings.Repeat("1", 1001)+"]")), "file-json-number", "2:12"},
		{object(column("string"), rows("[\"a\tb\"]")), "file-json-text", "2:14"},
		{object(column("string"), rows("[\"a\nb\"]")), "file-json-text", "2:14"},
		{object(column("string"), rows(`["\x"]`)), "file-json-text", "2:13"},
		{object(column("string"), rows(`["\u12g4"]`)), "file-json-text", "2:13"},
		{object(column("string"), rows(`["\ud800"]`)), "file-json-text", "2:12"},
		{object(column("string"), rows(`["\ud800\u0041"]`)), "file-json-text", "2:12"},
		{object(column("string"), rows("['a']")), "file-json-no-value", "2:12"},
		{object(column("string"), rows("[\"\xe9\"]")), "file-json-encoding", "2:13"},
		{`{"datasetJSONVersion": "1.1", a: 1}`, "file-json-expected", "1:31"},
		{`{"datasetJSONVersion" "1.1"}`, "file-json-expected", "1:23"},
		{object(column("string"), rows("[\"\xe9\"]"))[:60], "file-json-cut", "1:61"},
		{object(column("string")) + "\n[\"a\"]\n[\"b", "file-json-cut", "3:4"},
		{object(column("string")) + "\n[\"a\"]\n\"b\"", "file-json-row", "3:1"},
		{object(column("string")) + "\n{\"A\": \"b\"}", "file-json-row", "2:1"},
	} {
		_, err := sheettest.Frugal(t, []byte(c.src), read)
		require.Error(t, err, c.src)
		f := err.(*sheet.Fault)
		assert.Equal(t, c.code+" "+c.place, f.Code+" "+f.Place(), "%s: %v", c.src, err)
	}
}

// What differs in form and not in meaning is read, and said.
func TestLooseValues(t *testing.T) {
	s := one(t, `{"datasetJSONVersion": "1.1.3", "name": "T", "records": 4, "columns": [{"name": "I", "dataType": "integer"}, {"name": "S", "dataType": "string"}, {"name": "D", "dataType": "datetime"}],
 "rows": [["007", 1.50, "2024-02-29"], [1e400, "a", "2003---15"], [2.5, "b", "-----T07:15"], [-0, "c  ", "2024-02-29T10"]]}`)
	var got []string
	for _, r := range s.Rows {
		for _, c := range r.Cells {
			got = append(got, fmt.Sprint(c.Kind, " ", c.Text))
		}
	}
	assert.Equal(t, []string{"1 7", "2 1.50", "3 2024-02-29", "1 1e400", "2 a", "2 2003---15", "1 2.5", "2 b", "2 -----T07:15", "1 0", "2 c", "2 2024-02-29T10"}, got)
	assert.Equal(t, "Values that JSON writes as another kind than their column's type were read as the column says: 3, the first in row 1, column I.\n"+
		"Dates or times are incomplete and were kept as they are written: 3, the first in row 2, column D.", sheettest.Said(s))
	s = one(t, `{"datasetJSONVersion": "1.1", "columns": [{"name": "I", "dataType": "integer"}], "rows": [[1]]}`)
	assert.Contains(t, sheettest.Said(s), "does not say how many rows")
	s = one(t, `{"datasetJSONVersion": "1.1", "records": 0, "columns": [{"name": "I", "dataType": "integer"}]}`)
	assert.Len(t, s.Columns, 1)
	assert.Empty(t, s.Rows)
}

// JSON that does not state its columns is named and refused: lists of objects, as
// web programs export them, one object a line, and columns of another kind.
func TestOtherJSON(t *testing.T) {
	for src, code := range map[string]string{
		`[{"a": 1}, {"a": 2}]`:   "problem-file-json 1:1",
		`[{"a": 1`:               "problem-file-json 1:1",
		`{"a": 1}`:               "problem-file-json 1:1",
		"{\"a\": 1}\n{\"a\": 2}": "problem-file-json 1:1",
		`{"data": [{"a": 1}]}`:   "problem-file-json 1:1",
		`{"columns": ["a"], "index": [0], "data": [[1]]}`: "problem-file-json 1:1",
		`{"a": 1`: "file-json-cut 1:8",
	} {
		require.True(t, Is([]byte(src)), src)
		_, err := sheettest.Frugal(t, []byte(src), read)
		require.Error(t, err, src)
		assert.Equal(t, code, err.(*sheet.Fault).Code+" "+err.(*sheet.Fault).Place(), src)
	}
}

func TestIs(t *testing.T) {
	for src, want := range map[string]bool{`{"a":`: true, " \n[ {": true, "\ufeff{\n\"a b\" : 1": true, `{"`: false, "{id},arm": false, "[id]": false, "[1, 2]": false, "": false, `{"a"}`: false,
		"\x78\xda": false, "\x1f\x8b\x08\x00": false} {
		assert.Equal(t, want, Is([]byte(src)), src)
	}
	// A compressed text that is no JSON is not taken.
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, "id,arm\n1,a\n")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	assert.False(t, Is(b.Bytes()))
}
