package main

import (
	"bytes"
	"encoding/json"
	"fmt"
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

	"github.com/trialkit/trialkit/study/files"
)

const fixtures = "../../../shared/formats"

// expected is what FILE.expected.json says, made from the table that the fixture was
// written from and never by reading it.
type expected struct {
	Action string
	Words  [][]string `json:"message_must_hold_one_of_each"`
	Limits struct {
		Seconds float64
		MiB     uint64 `json:"memory_mib"`
	}
	Sheets []expectedSheet
}

type expectedSheet struct {
	Sheet, State string
	Hidden       bool
	Grid         [][]string
	HiddenRows   []int `json:"hidden_rows"`
	Columns      []expectedColumn
	Rows         [][]any
}

type expectedColumn struct {
	Name, Label, Type string
	Labels            map[string]string `json:"value_labels"`
	Missing           []string          `json:"missing_codes"`
	Range             []string          `json:"missing_range"`
}

// Every file of the shared folder comes through the command that shows a file: every
// value, name, label, kind, missing code and sheet is as the table it was written
// from, and what must be refused is, in the words that tell why, in time and memory.
func TestFixtures(t *testing.T) {
	names, err := filepath.Glob(fixtures + "/*/*.expected.json")
	require.NoError(t, err)
	if len(names) == 0 {
		t.Skip("../shared/formats")
	}
	require.Greater(t, len(names), 140)
	cells := 0
	for _, name := range names {
		file := strings.TrimSuffix(name, ".expected.json")
		t.Run(strings.TrimPrefix(file, fixtures+"/"), func(t *testing.T) {
			b, err := os.ReadFile(name)
			require.NoError(t, err)
			var want expected
			require.NoError(t, json.Unmarshal(b, &want))
			info, err := os.Stat(file)
			require.NoError(t, err)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			var stdout, stderr bytes.Buffer
			status := run([]string{"-table", file, "-json", "-"}, &stdout, &stderr)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if want.Limits.Seconds > 0 {
				assert.Less(t, took.Seconds(), want.Limits.Seconds)
				assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(info.Size())+64<<20, "bytes allocated")
			}
			if want.Action == "refuse" || status != 0 {
				require.NotZero(t, status)
				require.NotEqual(t, "load", want.Action, stderr.String())
				assert.Empty(t, stdout.String())
				said := strings.ToLower(stderr.String())
				for _, words := range want.Words {
					assert.True(t, slices.ContainsFunc(words, func(w string) bool { return strings.Contains(said, strings.ToLower(w)) }), "%s holds none of %v", said, words)
				}
				return
			}
			var got struct{ Sheets []expectedSheet }
			require.NoError(t, json.Unmarshal(stdout.Bytes(), &got))
			if want.Sheets != nil {
				require.Len(t, got.Sheets, len(want.Sheets))
			}
			for i, w := range want.Sheets {
				cells += w.compare(t, got.Sheets[i], stderr.String())
			}
			// A report takes a sheet alone where there is one.
			visible := slices.DeleteFunc(got.Sheets, func(s expectedSheet) bool { return s.Hidden })
			f, err := os.Open(file)
			require.NoError(t, err)
			defer f.Close()
			table, err := files.Read(f, info.Size(), file, files.Options{})
			if len(visible) > 1 {
				assert.ErrorContains(t, err, visible[1].Sheet, "the first is not taken in silence")
			} else if assert.NoError(t, err) {
				assert.Equal(t, visible[0].Sheet, table.Sheet)
			}
		})
	}
	assert.Greater(t, cells, 9000, "values compared")
}

// compare compares a sheet and returns the number of cells.
func (w expectedSheet) compare(t *testing.T, g expectedSheet, stderr string) (cells int) {
	assert.Equal(t, w.Sheet, g.Sheet)
	assert.Equal(t, w.State == "hidden" || w.State == "veryHidden", g.Hidden)
	for _, n := range w.HiddenRows {
		assert.Contains(t, stderr, strconv.Itoa(n), "hidden rows are told")
	}
	if w.Rows == nil {
		var grid [][]string
		var names []string
		for _, c := range g.Columns {
			names = append(names, c.Name)
		}
		grid = append(grid, names)
		for _, r := range g.Rows {
			var row []string
			for _, c := range r {
				row = append(row, c.(string))
			}
			grid = append(grid, row)
		}
		assert.Equal(t, w.Grid, grid)
		return 0
	}
	at := make([]int, len(w.Columns)) // some expectations name part of the columns
	for j, c := range w.Columns {
		at[j] = j
		if len(g.Columns) > len(w.Columns) {
			at[j] = slices.IndexFunc(g.Columns, func(x expectedColumn) bool { return x.Name == c.Name })
			require.GreaterOrEqual(t, at[j], 0, c.Name)
		}
		if c.Labels == nil {
			g.Columns[at[j]].Labels = noneIfEmpty(g.Columns[at[j]].Labels)
		}
		if !w.asShown(j) {
			assert.Equal(t, c, g.Columns[at[j]])
		}
	}
	// Readers of spreadsheets leave out rows without a value.
	empty := func(row []any) bool { return !slices.ContainsFunc(row, func(v any) bool { return v != nil }) }
	w.Rows, g.Rows = slices.DeleteFunc(w.Rows, empty), slices.DeleteFunc(g.Rows, empty)
	require.Len(t, g.Rows, len(w.Rows))
	for i, row := range w.Rows {
		for j, v := range row {
			var c any
			if at[j] < len(g.Rows[i]) {
				c = g.Rows[i][at[j]]
			}
			assert.True(t, sameCell(v, c, w.Columns[j].Type), "row %d, %s: %v, not %v", i+1, w.Columns[j].Name, c, v)
			cells++
		}
	}
	return cells
}

// asShown reports whether a column of numbers may be read as it is shown (00001) or
// as it is stored: then it may be texts or numbers.
func (w expectedSheet) asShown(column int) bool {
	return slices.ContainsFunc(w.Rows, func(row []any) bool {
		either, ok := row[column].(map[string]any)
		return ok && either["any"] != nil
	})
}

func noneIfEmpty(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}

// sameCell compares a cell with what is expected: numbers as float64, exactly.
func sameCell(want, got any, kind string) bool {
	switch w := want.(type) {
	case nil:
		return got == nil
	case string:
		g, ok := got.(string)
		if !ok {
			return false
		}
		if x, err := strconv.ParseFloat(w, 64); err == nil && kind == "number" {
			y, err := strconv.ParseFloat(g, 64)
			return err == nil && x == y
		}
		// Blanks around a text and carriage returns in it may be left out.
		return strings.TrimSpace(strings.ReplaceAll(w, "\r", "")) == strings.TrimSpace(strings.ReplaceAll(g, "\r", ""))
	case map[string]any:
		if either, ok := w["any"].([]any); ok {
			return slices.ContainsFunc(either, func(x any) bool { return sameCell(x, got, kind) })
		}
		if s, ok := w["text"]; ok {
			return got == s
		}
		return fmt.Sprint(want) == fmt.Sprint(got)
	}
	return false
}
