package datasetjson

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

func packed(t testing.TB, src string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := io.WriteString(w, src)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestDamage(t *testing.T) {
	src := object(head, columns, rows(row1, row2))
	sheettest.Hostile(t, []byte(src), read, func(int) bool { return false })
	lines := strings.ReplaceAll(object(head, columns), "\n", "") + "\n" + row1 + "\n" + row2
	sheettest.Hostile(t, []byte(lines), read, func(int) bool { return false })
	sheettest.Hostile(t, packed(t, lines), read, func(int) bool { return false })
}

func TestBombs(t *testing.T) {
	meta := `{"datasetJSONVersion": "1.1", "records": 1, "columns": [{"name": "A", "dataType": "double"}], "rows": `
	for name, c := range map[string]struct{ src, code string }{
		"deep":                {strings.Repeat("[", 10<<20), "problem-file-json"},
		"deep lists in rows":  {meta + strings.Repeat("[", 10<<20), "file-json-deep"},
		"deep objects":        {strings.Repeat(`{"a":`, 2<<20), "file-json-deep"},
		"a row of many":       {meta + "[[" + strings.Repeat("0,", 5<<20) + "0]]}", "file-json-row-length"},
		"many rows":           {meta + "[" + strings.Repeat("[],", 3<<20) + "[]]}", "file-json-records"},
		"a long text":         {meta + `[["` + strings.Repeat("x", 5<<20) + `"]]}`, "file-json-long"},
		"a long number":       {meta + "[[" + strings.Repeat("1", 5<<20) + "]]}", "file-json-number"},
		"blanks":              {meta + strings.Repeat(" ", 10<<20), "file-json-cut"},
		"escapes":             {meta + `[["` + strings.Repeat(`\u0041`, 1<<20) + `"]]}`, "file-json-long"},
		"packed zeros":        {string(packed(t, `{"datasetJSONVersion": "1.1", "columns": [`+strings.Repeat(" ", 100<<20))), "file-json-inflated"},
		"packed, cut":         {string(packed(t, meta+"[[1]]}")[:60]), "file-json-packed"},
		"noise behind an {":   {`{"` + strings.Repeat("\xf3\x8a\x01", 2<<20), "file-json-encoding"},
		"noise, and no UTF-8": {`{"a": ` + strings.Repeat("\x01\x02", 2<<20), "file-json-no-value"},
	} {
		_, err := sheettest.Frugal(t, []byte(c.src), read)
		require.Error(t, err, name)
		assert.Equal(t, c.code, err.(*sheet.Fault).Code, "%s: %.200s", name, err.Error())
	}
	// A number that no float64 comes near costs what it is long.
	s := one(t, meta+"[[1e999999999]]}")
	assert.Equal(t, "1e999999999", s.Rows[0].Cells[0].Text)
}

type broken struct{ *strings.Reader }

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errors.New("the disk") }

func TestErrorsOfTheFileItself(t *testing.T) {
	_, err := Read(broken{}, 100)
	assert.EqualError(t, err, "the disk")
	_, err = Read(strings.NewReader("{"), 100000)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "the file became shorter")
}

// Whatever the bytes, they are a table or a fault; what is taken, encoding/json
// takes too, and sees the same texts.
func FuzzDatasetJSON(f *testing.F) {
	for _, s := range []string{object(head, columns, rows(row1, row2)), object(rows(row1), columns), strings.ReplaceAll(object(head, columns), "\n", "") + "\n" + row1 + "\n" + row2,
		`[{"id": "001", "pain": 6.30, "ok": true}, {"id": "\u00e9\ud83d\ude00", "note": null}]`, `{"datasetJSONVersion": "1.0.0"}`, string(packed(f, object(columns)+"\n"+row1))} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := read(src)
		if err != nil {
			var fault *sheet.Fault
			if !errors.As(err, &fault) || strings.ContainsAny(fault.Place(), "-") {
				t.Fatalf("%v", err)
			}
			return
		}
		s := got[0]
		cells := 0
		for i, r := range s.Rows {
			if r.Number != i+1 || len(r.Cells) > len(s.Columns) {
				t.Fatalf("row %d: %v", i, r)
			}
			for _, c := range r.Cells {
				if (c.Kind == sheet.Empty) != (c.Text == "") {
					t.Fatalf("row %d: %v", i, c)
				}
				if c.Kind != sheet.Empty {
					cells++
				}
			}
		}
		if compressed(src[:min(len(src), 4096)]) {
			return
		}
		// The values that encoding/json sees in the rows.
		d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(src, []byte(mark))))
		d.UseNumber() // a float64 has not every exponent
		values := 0
		for {
			var v any
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("taken, but %v", err)
			}
			values += count(v)
		}
		if cells != values {
			t.Fatalf("%d values, and %d cells", values, cells)
		}
	})
}

// count counts the values of all rows that are not empty.
func count(v any) (n int) {
	switch v := v.(type) {
	case map[string]any:
		if _, dataset := v["datasetJSONVersion"].(string); dataset {
			rows, _ := v["rows"].([]any)
			for _, r := range rows {
				n += count(r)
			}
			return n
		}
	case []any:
		for _, x := range v {
			n += count(x)
		}
	case string:
		if trim(v) != "" {
			return 1
		}
	case nil:
	default:
		return 1
	}
	return n
}
