package statfile

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// xptEvery is a file with all that the reader knows.
func xptEvery() xptWant {
	return xptWant{eight: true, labels: "LABELV9", labelsAt: "%d", members: []xptSet{
		{name: "VISITS_OF_ALL", vars: []xptVar{
			{name: "ID", label: "Participant", size: 4, text: true},
			{name: "PainAtRestInCentimeters", label: strings.Repeat("Pain, ", 12) + "cm", size: 8},
			{name: "SHORT", size: 4}, {name: "SEX", size: 3, format: "SexOfTheParticipant"},
			{name: "DAY", size: 4, format: "yymmdds10."}, {name: "AT", size: 8, format: "E8601DT19.3"}, {name: "CLOCK", size: 8, format: "TIME8."},
			{name: "HOUR", size: 8, format: "TOD5"}, {name: "MONTH", size: 8, format: "MONYY7."}, {name: "REMARK", size: 300, text: true, format: "$CHAR300."},
		}, rows: [][]string{
			{"a", "6.3", "6.3", "1", "23435", "2024833633", "28800", "600", "23435", longText},
			{"b", ".", ".A", ".Z", "._", ".", "100000.25", "2024833633.5", ".B", ""},
			{"c", "1", "1", "1", "1", "1", "86400", "86400", "1", ""},
			{"", "0", "-0.1", "2", "-1", "-1", "-61", "86399.9996", "23435.5", "caf\xe9"},
		}},
		{name: "NONE", vars: []xptVar{{name: "X", label: "y", size: 8}}},
		{name: "TEXTS", vars: []xptVar{{name: "A", size: 1, text: true}, {name: "B", size: 2, text: true}}, rows: [][]string{{"x", "y"}, {"", ""}, {"", "z"}}, counts: fmt.Sprintf("%15d", 3)},
	}}
}

func readAll(t testing.TB, b []byte) []sheet.Sheet {
	t.Helper()
	s, err := readAny(b)
	require.NoError(t, err)
	return s
}

func TestReadXPT(t *testing.T) {
	number := func(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Number} }
	word := func(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Text} }
	missing := func(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Missing} }
	at := func(kind sheet.Kind, s string) sheet.Cell { return sheet.Cell{Text: s, Kind: kind} }
	none := sheet.Cell{}
	// 23435 days behind 1960-01-01 is 2024-02-29 (python: datetime).
	want := [][]sheet.Cell{
		{word("a"), number("6.3"), number("6.3"), number("1"), at(sheet.Date, "2024-02-29"), at(sheet.DateTime, "2024-02-29T13:47:13"),
			at(sheet.Time, "08:00:00"), at(sheet.Time, "00:10:00"), at(sheet.Date, "2024-02-29"), word(longText)},
		{word("b"), none, missing(".A"), missing(".Z"), missing("._"), none, at(sheet.Time, "27:46:40.25"), at(sheet.DateTime, "2024-02-29T13:47:13.5"), missing(".B"), none},
		{word("c"), number("1"), number("1"), number("1"), at(sheet.Date, "1960-01-02"), at(sheet.DateTime, "1960-01-01T00:00:01"), at(sheet.Time, "24:00:00"),
			at(sheet.DateTime, "1960-01-02T00:00:00"), at(sheet.Date, "1960-01-02"), none},
		{none, number("0"), number("-0.1"), number("2"), at(sheet.Date, "1959-12-31"), at(sheet.DateTime, "1959-12-31T23:59:59"), at(sheet.Time, "-00:01:01"),
			at(sheet.Time, "24:00:00"), number("23435.5"), word("café")},
	}
	w := xptEvery()
	s := readAll(t, w.bytes())
	require.Len(t, s, 3)
	assert.Equal(t, []string{"VISITS_OF_ALL", "NONE", "TEXTS"}, []string{s[0].Name, s[1].Name, s[2].Name})
	assert.Equal(t, want, cellsOf(s[0]))
	kinds := []sheet.Kind{sheet.Text, sheet.Number, sheet.Number, sheet.Number, sheet.Date, sheet.DateTime, sheet.Time, sheet.Time, sheet.Date, sheet.Text}
	for i, v := range w.members[0].vars {
		assert.Equal(t, sheet.Column{Name: v.name, Label: v.label, Kind: kinds[i]}, s[0].Columns[i])
	}
	assert.Equal(t, []string{"file-stat-note-rows-uncounted", "file-stat-note-formats", "file-stat-note-encoding-guessed"}, codesOf(s[0]))
	assert.Equal(t, "SEX (SexOfTheParticipant)", s[0].Notes[1].Args["columns"])
	assert.Equal(t, 4, s[0].Notes[0].Args["rows"])
	assert.Empty(t, s[1].Rows)
	assert.NotNil(t, s[1].Columns)
	// The number of rows is stated: no row of blanks is left out, and no note.
	assert.Equal(t, [][]sheet.Cell{{word("x"), word("y")}, {none, none}, {none, word("z")}}, cellsOf(s[2]))
	assert.Equal(t, []string{"file-stat-note-encoding-guessed"}, codesOf(s[2]))

	// Other ways to write the same.
	plain := func(w xptWant) []sheet.Sheet {
		s := readAll(t, w.bytes())
		for i := range s {
			s[i].Notes = nil
		}
		return s
	}
	all := plain(w)
	for _, change := range []func(w *xptWant){
		func(w *xptWant) { w.labelsAt = "%05d0000000000000000000000000" },
		func(w *xptWant) { w.labelsAt = "0000%06d00000000000000000000" },
		func(w *xptWant) { w.labelsAt = "%30d" },
		func(w *xptWant) { w.members[0].counts = fmt.Sprintf("%15d", 4) },
		func(w *xptWant) { w.members[0].counts = "000000000000004" },
		func(w *xptWant) { w.members[0].counts = strings.Repeat(" ", 32) },
		func(w *xptWant) { w.round = true },
	} {
		w := xptEvery()
		change(&w)
		assert.Equal(t, all, plain(w))
	}
	w.labels = "LABELV8" // formats of eight characters
	s = plain(w)
	assert.Equal(t, all[0].Columns[1], s[0].Columns[1])
	w.labels = "" // labels of 40
	assert.Equal(t, w.members[0].vars[1].label[:40], plain(w)[0].Columns[1].Label)

	// Version 5: names of eight characters, as they are.
	w.eight, w.members[2].counts = false, ""
	s = plain(w)
	assert.Equal(t, "VISITS_O", s[0].Name)
	assert.Equal(t, "PainAtRe", s[0].Columns[1].Name)
	assert.Equal(t, want, cellsOf(s[0]))
	w.vms = true
	assert.Equal(t, s, plain(w))
	// Variables may be listed in another order than they lie in.
	w.vms, w.reverse = false, true
	back := plain(w)
	for i := range s[0].Columns {
		j := len(s[0].Columns) - 1 - i
		assert.Equal(t, s[0].Columns[i], back[0].Columns[j])
		assert.Equal(t, s[0].Rows[0].Cells[i], back[0].Rows[0].Cells[j])
	}
}

func codesOf(s sheet.Sheet) (codes []string) {
	for _, n := range s.Notes {
		codes = append(codes, n.Code)
	}
	return codes
}

// Without a count the rows end where the last record may begin to be filled:
// rows of blanks before that are rows, and what may be either is told.
func TestXPTRowsOfBlanks(t *testing.T) {
	texts := func(n int, vars ...xptVar) []byte {
		w := xptWant{members: []xptSet{{name: "A", vars: vars}}}
		for i := range n {
			row := make([]string, len(vars))
			for j, v := range vars {
				if !v.text {
					row[j] = "1"
				} else if i == 0 {
					row[j] = "x"
				}
			}
			w.members[0].rows = append(w.members[0].rows, row)
		}
		return w.bytes()
	}
	word, num := xptVar{name: "W", size: 20, text: true}, xptVar{name: "N", size: 8}
	for _, c := range []struct {
		rows, want, blank int
		vars              []xptVar
	}{
		{4, 1, 3, []xptVar{word}}, // one record: three rows of blanks, or filling
		{5, 5, 3, []xptVar{word}}, // x and three rows before the last record, which holds one row at least
		{1, 1, 3, []xptVar{word}},
		{0, 0, 0, []xptVar{word}},
		{1, 1, 0, []xptVar{word, num}},
		{2, 2, 0, []xptVar{word, num}}, // 56 of 80 bytes: no row of blanks fits
	} {
		s := read(t, texts(c.rows, c.vars...))
		assert.Len(t, s.Rows, c.want, "%d rows", c.rows)
		want := []string{"file-stat-note-rows-uncounted"}
		if c.blank > 0 {
			want = append(want, "file-stat-note-rows-blank")
			assert.Equal(t, c.blank, s.Notes[1].Args["count"])
		}
		assert.Equal(t, want, codesOf(s))
	}
	// A record that is not filled up.
	w := xptWant{unfilled: true, members: []xptSet{{name: "A", vars: []xptVar{num}, rows: [][]string{{"1"}, {"2"}}}}}
	assert.Len(t, read(t, w.bytes()).Rows, 2)
}

func TestXPTFaults(t *testing.T) {
	one := func(counts string, rows int, vars ...xptVar) []byte {
		w := xptWant{eight: true, members: []xptSet{{name: "A", vars: vars, counts: counts}}}
		for range rows {
			w.members[0].rows = append(w.members[0].rows, []string{"1.5"})
		}
		return w.bytes()
	}
	num := xptVar{name: "N", size: 8}
	whole := one("", 12, num)
	patch := func(at int, s string) []byte { b := bytes.Clone(whole); copy(b[at:], s); return b }
	const namestr = 8 * 80
	twice := xptEvery()
	twice.members[1].name = "TEXTS"
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"more rows stated":      {one(fmt.Sprintf("%15d", 13), 12, num), "file-stat-rows-count"},
		"fewer rows stated":     {one(fmt.Sprintf("%15d", 1), 12, num), "file-stat-rows-count"},
		"one row fewer":         {one(fmt.Sprintf("%15d", 11), 12, num), "file-stat-rows-count"},
		"a huge number of rows": {one("999999999999999", 12, num), "file-stat-rows-count"},
		"no number of rows":     {one("noise", 12, num), "file-stat-damaged"},
		"half a row":            {whole[:len(whole)-68], "file-stat-cut"}, // 96 bytes and 64 of filling
		"no data set":           {whole[:240], "file-stat-cut"},
		"no member":             {patch(240, "HEADER RECORD*******MUMBER"), "file-stat-damaged"},
		"size of descriptions":  {patch(240+74, "0139"), "file-stat-damaged"},
		"more variables":        {patch(560+54, "0002"), "file-stat-damaged"},
		"many variables":        {patch(560+54, "9999"), "file-stat-cut"},
		"neither text nor num":  {patch(namestr, "\x00\x03"), "file-stat-damaged"},
		"a number of 9 bytes":   {patch(namestr+4, "\x00\x09"), "file-stat-damaged"},
		"a number of 1 byte":    {patch(namestr+4, "\x00\x01"), "file-stat-damaged"},
		"not where rows begin":  {patch(namestr+84, "\x00\x00\x00\x01"), "file-stat-damaged"},
		"a place below zero":    {patch(namestr+84, "\xff\xff\xff\xff"), "file-stat-damaged"},
		"no variable":           {one("", 0), "file-stat-damaged"},
		"two of one name":       {twice.bytes(), "file-stat-damaged"},
	} {
		_, err := readAny(c.file)
		var fault *sheet.Fault
		if assert.ErrorAs(t, err, &fault, name) {
			assert.Equal(t, c.code, fault.Code, "%s: %v", name, err)
			assert.Contains(t, err.Error(), "SAS XPORT")
		}
	}
}

// A file that lost bytes in its middle is no whole number of records: it is refused, since
// all rows behind have shifted. One that its program did not fill up is read.
func TestXPTShiftedRows(t *testing.T) {
	for size, rows := range map[int]int{8: 12, 13: 9} {
		set := xptSet{name: "A", vars: []xptVar{{name: "N", size: 8}}}
		if size > 8 {
			set.vars = append(set.vars, xptVar{name: "T", size: 5, text: true})
		}
		for range rows {
			set.rows = append(set.rows, []string{"1.5", "a"}[:len(set.vars)])
		}
		whole := xptWant{members: []xptSet{set}}.bytes()
		fill := (80 - size*rows%80) % 80
		at := len(whole) - fill - 20
		for name, b := range map[string][]byte{"less": append(bytes.Clone(whole[:at-8]), whole[at:]...), "more": append(bytes.Clone(whole[:at]), whole[at-8:]...)} {
			_, err := readAny(b)
			assert.Error(t, err, "%d %s", size, name)
		}
		got, err := readAny(whole[:len(whole)-fill])
		require.NoError(t, err)
		assert.Len(t, got[0].Rows, rows)
	}
}

func TestHostileXPT(t *testing.T) {
	w := xptEvery()
	hostile(t, w.bytes(), false)
	w.eight, w.labels, w.members[2].counts = false, "", ""
	hostile(t, w.bytes(), false)
	counted := xptWant{eight: true, members: []xptSet{{name: "A", vars: []xptVar{{name: "N", size: 8}, {name: "T", size: 5, text: true}},
		rows: [][]string{{"1", "a"}, {".A", "b"}, {"3", "c"}}, counts: fmt.Sprintf("%15d", 3)}}}
	hostile(t, counted.bytes(), true)
}
