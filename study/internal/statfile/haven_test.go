package statfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// Files that haven wrote hold the table that it was given: random numbers of all
// sizes to the last bit, reasons of missing values, dates, and long labels
// (testdata/haven.R).
func TestHavenFiles(t *testing.T) {
	b, err := os.ReadFile("testdata/haven.json")
	require.NoError(t, err)
	var want struct {
		Label   string
		Columns []string
		Rows    [][]any
	}
	require.NoError(t, json.Unmarshal(b, &want))
	kinds := []sheet.Kind{sheet.Text, sheet.Number, sheet.Number, sheet.Number, sheet.Number, sheet.Date, sheet.DateTime, sheet.Text}
	for file, labelSize := range map[string]int{"haven8.dta": 80, "haven10.dta": 80, "haven12.dta": 80, "haven13.dta": 81, "haven14.dta": 300, "haven15.dta": 300, "haven5.xpt": 40, "haven8.xpt": 300} {
		b, err := os.ReadFile("testdata/" + file)
		require.NoError(t, err)
		s := read(t, b)
		require.Len(t, s.Columns, len(want.Columns), file)
		for i, c := range s.Columns {
			assert.Equal(t, want.Columns[i], c.Name, file)
			assert.Equal(t, kinds[i], c.Kind, "%s: %s", file, c.Name)
		}
		assert.Equal(t, strings.TrimSpace(want.Label[:min(labelSize, len(want.Label))]), s.Columns[1].Label, file)
		if strings.HasSuffix(file, "dta") {
			assert.Equal(t, []sheet.Label{{Value: "0", Word: "Control"}, {Value: "1", Word: "Treated"}}, s.Columns[4].Labels, file)
		} else {
			assert.Empty(t, s.Columns[4].Labels)
		}
		if file == "haven8.xpt" {
			assert.Equal(t, "LONGNAMEOFTABLE", s.Name)
			assert.Equal(t, "group (TREATMENTGROUP)", s.Notes[1].Args["columns"])
		}
		require.Len(t, s.Rows, len(want.Rows), file)
		for r, row := range want.Rows {
			for i, v := range row {
				c := s.Rows[r].Cells[i]
				if v == "" {
					v = nil // no text and an empty one are the same
				}
				if text, _ := v.(string); i == 1 && strings.HasPrefix(text, ".") {
					v = map[string]any{"missing": text}
				}
				assert.True(t, same(t, v, c), "%s row %d, %s: %v, not %v", file, r+1, want.Columns[i], c, v)
			}
		}
	}
}

// Long texts that haven wrote are read in format 118, and in 119 where their places are
// written as in 118: then a note says so. A cell whose text is not there is still refused.
func TestHavenLongTexts(t *testing.T) {
	for file, notes := range map[string]int{"haven14long.dta": 0, "haven15long.dta": 1} {
		b, err := os.ReadFile("testdata/" + file)
		require.NoError(t, err)
		s := read(t, b)
		require.Len(t, s.Rows, 260)
		for i, r := range s.Rows {
			assert.Equal(t, fmt.Sprint("text ", i+1), r.Cells[1].Text, file)
		}
		require.Len(t, s.Notes, notes, file)
		if notes > 0 {
			assert.Equal(t, "file-stat-note-long-places", s.Notes[0].Code)
			assert.Equal(t, "note", s.Notes[0].Args["columns"])
		}
		at := bytes.Index(b, []byte("GSO")) + 7 // whose text it is: that of row 1
		b[at]++
		_, err = ReadDTA(bytes.NewReader(b), int64(len(b)))
		assert.Error(t, err, file)
	}
}
