// Package sheettest holds readers of file formats against fixtures with a table
// beside them, and against damage. It is for tests.
package sheettest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// open is an argument that a sentence did not get.
var open = regexp.MustCompile(`\{[a-z]+`)

// Reader is a reader of a format.
type Reader func(src []byte) ([]sheet.Sheet, error)

// Expected is what FILE.expected.json says of a fixture. It was made from the
// table that the fixture was written from.
type Expected struct {
	Action string
	Words  [][]string `json:"message_must_hold_one_of_each"`
	Limits struct{ Seconds float64 }
	Sheets []struct {
		Sheet      string
		HiddenRows []int `json:"hidden_rows"`
		Columns    []struct{ Name, Label, Type string }
		Rows       [][]any
	}
}

// Files lists the fixtures of a folder that patterns name; nil where the folder
// is not there.
func Files(t *testing.T, folder string, patterns ...string) []string {
	t.Helper()
	var out []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(folder, p))
		require.NoError(t, err)
		out = append(out, found...)
	}
	return out
}

// Fixture holds a reader to what is expected of a file: its table, or the words
// and the cost of its refusal.
func Fixture(t *testing.T, file string, read Reader) {
	t.Helper()
	src, err := os.ReadFile(file + ".expected.json")
	require.NoError(t, err)
	var want Expected
	require.NoError(t, json.Unmarshal(src, &want))
	src, err = os.ReadFile(file)
	require.NoError(t, err)
	got, err := Frugal(t, src, read)
	if err != nil || want.Action == "refuse" {
		require.Error(t, err)
		require.NotEqual(t, "load", want.Action, "%v", err)
		for _, words := range want.Words {
			holds := false
			for _, w := range words {
				holds = holds || strings.Contains(strings.ToLower(err.Error()), strings.ToLower(w))
			}
			assert.True(t, holds, "%v holds none of %v", err, words)
		}
		return
	}
	Compare(t, want, got)
}

// Frugal reads a file, and holds the reader to 2 seconds and to 64 MB above the
// file's size where it refuses it. An error is a *sheet.Fault that can be said. A
// machine with other work may stand still for long: what is slow is tried again.
func Frugal(t *testing.T, src []byte, read Reader) (got []sheet.Sheet, err error) {
	t.Helper()
	limit := 2 * time.Second
	if underRace { // the detector alone takes ten times as long
		limit *= 10
	}
	var before, after runtime.MemStats
	took := limit
	for try := 0; try < 3 && took >= limit; try++ {
		runtime.ReadMemStats(&before)
		began := time.Now()
		got, err = read(src)
		took = time.Since(began)
		runtime.ReadMemStats(&after)
	}
	if err == nil {
		return got, nil
	}
	var fault *sheet.Fault
	require.ErrorAs(t, err, &fault)
	assert.NotRegexp(t, open, fault.Error())
	assert.Nil(t, got, "no part of a refused file is returned")
	assert.Less(t, took, limit)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(src)+64<<20), "bytes allocated")
	return nil, err
}

// Compare holds sheets to the expected ones. Rows without a value may be absent.
func Compare(t *testing.T, want Expected, got []sheet.Sheet) {
	t.Helper()
	byName := map[string]sheet.Sheet{}
	for _, s := range got {
		byName[s.Name] = s
	}
	require.NotEmpty(t, want.Sheets)
	for _, w := range want.Sheets {
		s, ok := byName[w.Sheet]
		require.True(t, ok, "sheet %q", w.Sheet)
		rows := s.Rows
		if s.Columns == nil {
			require.NotEmpty(t, rows)
			for j, c := range w.Columns {
				assert.Equal(t, c.Name, rows[0].Cells[j].Text)
			}
			rows = rows[1:]
		} else {
			require.Len(t, s.Columns, len(w.Columns))
			for j, c := range w.Columns {
				assert.Equal(t, c.Name, s.Columns[j].Name)
				assert.Equal(t, c.Label, s.Columns[j].Label)
				if s.Columns[j].Kind != sheet.Empty { // the format states it
					assert.Equal(t, c.Type, kinds[s.Columns[j].Kind], c.Name)
				}
			}
		}
		n := 0
		for i, row := range w.Rows {
			if blank(row) && (n == len(rows) || !blankCells(rows[n])) {
				continue
			}
			require.Less(t, n, len(rows), "%s has %d rows", w.Sheet, len(rows))
			for j, v := range row {
				var c sheet.Cell
				if j < len(rows[n].Cells) {
					c = rows[n].Cells[j]
				}
				assert.True(t, Same(v, c, w.Columns[j].Type), "%s, row %d, %s: %v is %q (%d)", w.Sheet, i+1, w.Columns[j].Name, v, c.Text, c.Kind)
			}
			n++
		}
		assert.Equal(t, n, len(rows), "rows of %s", w.Sheet)
		for _, h := range w.HiddenRows {
			assert.Contains(t, Said(s), strconv.Itoa(h))
		}
	}
}

var kinds = map[sheet.Kind]string{sheet.Number: "number", sheet.Text: "text", sheet.Date: "date", sheet.DateTime: "datetime", sheet.Time: "time"}

func blank(row []any) bool {
	for _, v := range row {
		if v != nil {
			return false
		}
	}
	return true
}

func blankCells(r sheet.Row) bool {
	for _, c := range r.Cells {
		if c.Kind != sheet.Empty {
			return false
		}
	}
	return true
}

// Same compares a cell with what is expected of it. A column of numbers or dates
// may hold texts, where the format has no others.
func Same(want any, c sheet.Cell, column string) bool {
	switch want := want.(type) {
	case nil:
		return c == sheet.Cell{}
	case map[string]any:
		if e, ok := want["error"]; ok {
			return c.Kind == sheet.Error && c.Text == e
		}
		if want["uncached"] == true {
			return c.Kind == sheet.Uncached
		}
		if s, ok := want["text"]; ok {
			return c.Kind == sheet.Text && c.Text == s
		}
		for _, one := range want["any"].([]any) {
			if Same(one, c, column) {
				return true
			}
		}
	case string:
		text := c.Kind == sheet.Text && c.Text == strings.TrimRightFunc(want, unicode.IsSpace)
		switch column {
		case "number":
			x, err := strconv.ParseFloat(want, 64)
			y, errCell := strconv.ParseFloat(c.Text, 64)
			return err == nil && errCell == nil && x == y && (c.Kind == sheet.Number || c.Kind == sheet.Text)
		case "date":
			return text || c.Kind == sheet.Date && c.Text == want
		case "datetime":
			return text || c.Kind == sheet.DateTime && c.Text == want
		case "time":
			return text || c.Kind == sheet.Time && c.Text == want
		}
		return text
	}
	return false
}

// Cells writes all cells: a line a row, as number|kind:text.
func Cells(s sheet.Sheet) string {
	signs := map[sheet.Kind]string{sheet.Empty: "-", sheet.Number: "n", sheet.Text: "t", sheet.Date: "d", sheet.DateTime: "m", sheet.Time: "c", sheet.Error: "e", sheet.Uncached: "u"}
	var b strings.Builder
	for _, r := range s.Rows {
		fmt.Fprintf(&b, "%d", r.Number)
		for _, c := range r.Cells {
			fmt.Fprintf(&b, "|%s:%s", signs[c.Kind], c.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Sound holds that rows stand in order, within what a spreadsheet has, and that no cell
// but an empty one is without a text.
func Sound(t *testing.T, sheets []sheet.Sheet) {
	t.Helper()
	for _, s := range sheets {
		last := 0
		for _, r := range s.Rows {
			if r.Number <= last || r.Number > 1<<20 || len(r.Cells) > 1<<14 {
				t.Fatalf("row %d behind %d with %d cells", r.Number, last, len(r.Cells))
			}
			last = r.Number
			for _, c := range r.Cells {
				if (c.Kind == sheet.Empty || c.Kind == sheet.Uncached) != (c.Text == "") {
					t.Fatalf("%v in row %d", c, r.Number)
				}
			}
		}
	}
}

// Said is all notes of a sheet in English.
func Said(s sheet.Sheet) string {
	var out []string
	for _, n := range s.Notes {
		out = append(out, text.English().Say(n.Code, n.Args))
	}
	return strings.Join(out, "\n")
}

// Hostile cuts a sound file at every byte and writes noise over every byte of it:
// each is read, or refused with a fault, in little memory. whole says whether a
// file cut at n may be read.
func Hostile(t *testing.T, src []byte, read Reader, whole func(n int) bool) {
	t.Helper()
	try := func(what string, at int, b []byte) bool {
		got, err := read(b)
		if err != nil {
			var fault *sheet.Fault
			require.ErrorAs(t, err, &fault, "%s at %d", what, at)
			require.False(t, open.MatchString(fault.Error()), "%s at %d: %v", what, at, err)
		}
		return err == nil && got != nil
	}
	for n := range len(src) {
		if try("cut", n, src[:n:n]) {
			require.True(t, whole(n), "read, though cut at %d of %d", n, len(src))
		}
	}
	noise := rand.New(rand.NewPCG(1, 2))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tries := 0
	for at := range src {
		for i, over := range [][]byte{{0xff}, {0}, {'"'}, {'9', '9', '9', '9', '9', '9'}, {'['}, {byte(noise.Uint32()), byte(noise.Uint32())}} {
			if (at+i)%3 > 0 { // each place meets two of them
				continue
			}
			b := bytes.Clone(src)
			copy(b[at:], over)
			try("noise", at, b)
			tries++
		}
	}
	runtime.ReadMemStats(&after)
	assert.Less(t, (after.TotalAlloc-before.TotalAlloc)/uint64(tries), uint64(1<<20), "bytes set aside for a try, on average")
}
