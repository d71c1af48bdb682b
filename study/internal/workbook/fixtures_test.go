package workbook

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

const formats = "../../../../shared/formats"

// expected is what FILE.expected.json says.
type expected struct {
	Action string
	Words  [][]string `json:"message_must_hold_one_of_each"`
	Limits struct{ Seconds float64 }
	Sheets []struct {
		Sheet, State string
		Grid         [][]any
		Header       int   `json:"header_row"`
		HeaderRows   []int `json:"header_rows"`
		HiddenRows   []int `json:"hidden_rows"`
		Columns      []struct{ Name, Type string }
		Rows         [][]any
	}
}

// The fixtures that other programs and hand-written XML made, against tables
// that no reader made. The folder is not part of the module: without it the
// same kinds are tested by the files that the other tests make.
func TestFixtures(t *testing.T) {
	if _, err := os.Stat(formats); err != nil {
		t.Skip("the folder of fixtures is not here")
	}
	var files []string
	for _, pattern := range []string{"xlsx/*.xlsx", "xlsx/*.xlsm", "xlsx/*.zip", "refuse/*.xls", "refuse/*.xlsx", "refuse/*.xlsb", "refuse/knee-2003.xml"} {
		found, err := filepath.Glob(filepath.Join(formats, pattern))
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.Greater(t, len(files), 60)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			b, err := os.ReadFile(f + ".expected.json")
			require.NoError(t, err)
			var want expected
			require.NoError(t, json.Unmarshal(b, &want))
			src, err := os.ReadFile(f)
			require.NoError(t, err)
			if !Is(src) {
				return // study/files tells what it is: see its TestFixtures
			}

			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			sheets, err := Read(bytes.NewReader(src), int64(len(src)))
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if err != nil || want.Action == "refuse" && !later[filepath.Base(f)] {
				require.Error(t, err)
				require.NotEqual(t, "load", want.Action, "%v", err)
				for _, words := range want.Words {
					assert.True(t, holdsOne(err.Error(), words), "%v holds none of %v", err, words)
				}
				if want.Limits.Seconds > 0 {
					assert.Less(t, took.Seconds(), want.Limits.Seconds)
					assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(src)+64<<20), "bytes allocated")
				}
				return
			}
			compare(t, want, sheets)
		})
	}
}

// later are refused by who needs the cells: here they only keep their kinds.
var later = map[string]bool{"knee-formulas-nocache.xlsx": true}

func holdsOne(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(strings.ToLower(s), strings.ToLower(w)) {
			return true
		}
	}
	return false
}

func compare(t *testing.T, want expected, got []sheet.Sheet) {
	t.Helper()
	byName := map[string]sheet.Sheet{}
	for _, s := range got {
		byName[s.Name] = s
	}
	require.NotEmpty(t, want.Sheets)
	for _, w := range want.Sheets {
		s, ok := byName[w.Sheet]
		require.True(t, ok, "sheet %s", w.Sheet)
		assert.Equal(t, w.State == "hidden" || w.State == "veryHidden", s.Hidden, w.Sheet)
		if w.Rows == nil {
			for i, row := range w.Grid {
				for j, v := range row {
					assert.Equal(t, v, s.Rows[i].Cells[j].Text)
				}
			}
			continue
		}
		rows := s.Rows
		for len(rows) > 0 && (len(rows[0].Cells) < 2 || rows[0].Number < w.Header) { // titles
			rows = rows[1:]
		}
		if len(w.HeaderRows) > 0 {
			assert.Equal(t, w.HeaderRows[len(w.HeaderRows)-1], rows[0].Number)
		}
		require.GreaterOrEqual(t, len(rows), 1+len(w.Rows))
		for j, c := range w.Columns {
			assert.Equal(t, c.Name, rows[0].Cells[j].Text)
		}
		for i, row := range w.Rows {
			for j, v := range row {
				var c sheet.Cell
				if j < len(rows[i+1].Cells) {
					c = rows[i+1].Cells[j]
				}
				assert.True(t, same(v, c, w.Columns[j].Type), "%s: %s: %v is %q (%d)", w.Sheet, sheet.Name(rows[i+1].Number, j+1), v, c.Text, c.Kind)
			}
		}
		for _, n := range w.HiddenRows {
			assert.Contains(t, said(s), strconv.Itoa(n))
		}
	}
}

// same compares a cell with what is expected of it. A number may be written in
// the workbook as a text, with a comma too, and a text as a number: what they mean is
// found with their column. A moment is one.
func same(want any, c sheet.Cell, column string) bool {
	if m, ok := want.(map[string]any); ok && m["any"] != nil {
		return slices.ContainsFunc(m["any"].([]any), func(one any) bool { return same(one, c, column) })
	}
	text, _ := want.(string)
	switch {
	case column == "number":
		c.Text = strings.ReplaceAll(c.Text, ",", ".")
	case column == "datetime" || column == "time":
		if text != "" && c.Kind == sheet.Text {
			return false
		}
	case c.Kind == sheet.Number:
		if text != "" && column != "date" {
			c.Kind = sheet.Text
		}
	}
	return sheettest.Same(want, c, column)
}
