package statfile

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// expected is what the file beside a fixture says must come out of it. It was
// made from the table that the fixture was written from.
type expected struct {
	Action  string     `json:"action"`
	Message [][]string `json:"message_must_hold_one_of_each"`
	Sheets  []struct {
		Sheet   string `json:"sheet"`
		Columns []struct {
			Name    string            `json:"name"`
			Label   string            `json:"label"`
			Type    string            `json:"type"`
			Labels  map[string]string `json:"value_labels"`
			Missing []string          `json:"missing_codes"`
			Range   []string          `json:"missing_range"`
		} `json:"columns"`
		Rows [][]any `json:"rows"`
	} `json:"sheets"`
}

const formats = "../../../../shared/formats"

// readAny reads a file of any format of this package.
func readAny(b []byte) ([]sheet.Sheet, error) {
	read := ReadSAV
	if XPT(b) {
		read = ReadXPT
	} else if DTA(b) {
		read = ReadDTA
	}
	return read(bytes.NewReader(b), int64(len(b)))
}

var kinds = map[sheet.Kind]string{sheet.Number: "number", sheet.Text: "text", sheet.Date: "date", sheet.DateTime: "datetime", sheet.Time: "time"}

// The files of the shared folder, in every format of this package, are read as
// the tables they were written from, and the broken ones refused.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob(formats + "/*/*.expected.json")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("the shared folder is not here")
	}
	read := 0
	for _, f := range files {
		name := strings.TrimSuffix(f, ".expected.json")
		if ext := filepath.Ext(name); !slices.Contains([]string{".sav", ".zsav", ".xpt", ".dta"}, ext) {
			continue
		}
		t.Run(filepath.Base(filepath.Dir(name))+"/"+filepath.Base(name), func(t *testing.T) {
			read++
			var want expected
			b, err := os.ReadFile(f)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(b, &want))
			b, err = os.ReadFile(name)
			require.NoError(t, err)
			require.True(t, SAV(b) || XPT(b) || DTA(b), "it is recognized")
			start := time.Now()
			got, err := readAny(b)
			assert.Less(t, time.Since(start), 2*time.Second)
			if want.Action != "load" && err != nil {
				require.IsType(t, &sheet.Fault{}, err)
				for _, words := range want.Message {
					assert.True(t, slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(err.Error()), strings.ToLower(w)) }), "%v in %q", words, err)
				}
				return
			}
			require.NoError(t, err)
			require.NotEqual(t, "refuse", want.Action)
			compare(t, want, got)
		})
	}
	assert.Equal(t, 12+7+6+3+11+4, read)
}

func compare(t *testing.T, want expected, got []sheet.Sheet) {
	if len(want.Sheets) == 0 {
		return // refused or read, as the note of the fixture says
	}
	require.Len(t, got, len(want.Sheets))
	for i, w := range want.Sheets {
		g := got[i]
		assert.Equal(t, w.Sheet, g.Name)
		require.Len(t, g.Columns, len(w.Columns))
		for j, wc := range w.Columns {
			gc := g.Columns[j]
			assert.Equal(t, wc.Name, gc.Name)
			assert.Equal(t, wc.Label, gc.Label)
			assert.Equal(t, wc.Type, kinds[gc.Kind], wc.Name)
			labels := map[string]string{}
			for _, l := range gc.Labels {
				labels[l.Value] = l.Word
			}
			if wc.Labels == nil {
				wc.Labels = map[string]string{}
			}
			assert.Equal(t, wc.Labels, labels, wc.Name)
			assert.Equal(t, wc.Missing, gc.Missing, wc.Name)
			require.Equal(t, wc.Range != nil, gc.Ranged, wc.Name)
			for k, v := range wc.Range {
				assert.Equal(t, float(t, v), gc.Range[k])
			}
		}
		require.Len(t, g.Rows, len(w.Rows))
		for r, row := range w.Rows {
			require.Len(t, g.Rows[r].Cells, len(row))
			assert.Equal(t, r+1, g.Rows[r].Number)
			for j, v := range row {
				cell := g.Rows[r].Cells[j]
				assert.True(t, same(t, v, cell), "%s row %d, %s: %v, not %v", w.Sheet, r+1, w.Columns[j].Name, cell, v)
			}
		}
	}
}

func float(t *testing.T, s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return x
}

// same compares a cell with what a fixture says of it.
func same(t *testing.T, want any, c sheet.Cell) bool {
	switch w := want.(type) {
	case nil:
		return c == sheet.Cell{}
	case string:
		if c.Kind == sheet.Number {
			x, err := strconv.ParseFloat(w, 64)
			return err == nil && x == float(t, c.Text) && !math.Signbit(x-float(t, c.Text))
		}
		return c.Kind != sheet.Empty && c.Kind != sheet.Missing && c.Text == strings.TrimRight(w, " ")
	case map[string]any:
		code, _ := w["missing"].(string)
		if strings.HasPrefix(code, ".") {
			return c == sheet.Cell{Text: code, Kind: sheet.Missing}
		}
		return code == c.Text && c.Kind == sheet.Number
	}
	return false
}
