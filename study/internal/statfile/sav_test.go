package statfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

// longText has 300 bytes, none of which says where it stands twice.
var longText = func() string {
	var b strings.Builder
	for i := 0; b.Len() < 300; i++ {
		fmt.Fprintf(&b, "%d,", i)
	}
	return b.String()[:300]
}()

// savEvery is a file with all that the reader knows.
func savEvery(order binary.ByteOrder, compression, cases int) savWant {
	return savWant{order: order, compression: compression, cases: cases,
		vars: []savVar{
			{name: "ID", label: "Participant", width: 4, format: 1, missing: 1, codes: []any{pad("none", 8)}},
			{name: "VAS", label: "Pain, °", format: 5, missing: 2, codes: []any{-99.0, 998.5}},
			{name: "RANGED", format: 5, missing: -3, codes: []any{-99.0, -90.0, 77.0}},
			{name: "DAY", format: 20}, {name: "AT", format: 22}, {name: "CLOCK", format: 21}, {name: "SPAN", format: 25},
			{name: "LONG", label: "Remark", width: 255, format: 1}, {name: "LONG0", width: 48, format: 1},
			{name: "WORD", width: 12, format: 1},
		},
		between: func(p *packer) {
			// Labels of a number, and of a text of eight bytes and less.
			p.put(3, 2, -99.0, "\x08Not done       ", 1.5, "\x03one\x00\x00\x00\x00", 4, 1, 2)
			p.put(3, 1, pad("a", 8), "\x05Alpha\x00\x00", 4, 1, 1)
			p.put(6, 1, pad("a line of documentation", 80))
			in := &packer{order: p.order}
			p.record(13, 1, []byte("ID=Participant\tVAS=vas_post\tLONG=Remark_of_the_assessor\tWORD=word"))
			p.record(14, 1, []byte("LONG=00300\x00\t"))
			p.record(20, 1, []byte("windows-1252"))
			in.sized("word").put(12, 1).sized(pad("b", 12)).sized("Second")
			p.record(21, 1, in.Bytes())
			in = &packer{order: p.order}
			in.sized("word").put([]byte{1}, 8, pad("x", 8))
			p.record(22, 1, in.Bytes())
			p.record(99, 4, make([]byte, 12)) // of a later version
		},
		rows: [][]any{
			{"a", 6.3, 1.0, 13928544000.0, 13928580433.0, 28800.0, 100000.25, longText[:255], longText[255:], "b"},
			{"bé", -99.0, -95.0, 13928544060.0, nil, nil, -61.0, "", "", "caf\xe9"},
			{"", nil, 77.0, -1e15, 0.0, 86399.9996, math.Inf(1), strings.Repeat("x", 255), "", "x"},
			{"none", 1e300, 1.0 / 3, nil, 12219379200.5, 0.0, math.NaN(), "", "y", " z"},
			{"abcd", 0.30000000000000004, 1e-7, nil, nil, nil, nil, "", "", ""},
		}}
}

func cellsOf(s sheet.Sheet) [][]sheet.Cell {
	var out [][]sheet.Cell
	for _, r := range s.Rows {
		out = append(out, r.Cells)
	}
	return out
}

func read(t testing.TB, b []byte) sheet.Sheet {
	t.Helper()
	s, err := readAny(b)
	require.NoError(t, err)
	require.Len(t, s, 1)
	return s[0]
}

func TestReadSAV(t *testing.T) {
	number := func(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Number} }
	word := func(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Text} }
	none := sheet.Cell{}
	// 13928544000 s behind 1582-10-14 is 2024-02-29 (python: datetime).
	want := [][]sheet.Cell{
		{word("a"), number("6.3"), number("1"), {Text: "2024-02-29", Kind: sheet.Date}, {Text: "2024-02-29T10:07:13", Kind: sheet.DateTime},
			{Text: "08:00:00", Kind: sheet.Time}, {Text: "27:46:40.25", Kind: sheet.Time}, word(longText), word("b")},
		{word("bÃ©"), number("-99"), number("-95"), {Text: "2024-02-29T00:01:00", Kind: sheet.DateTime}, none, none, {Text: "-00:01:01", Kind: sheet.Time}, none, word("café")},
		{none, none, number("77"), number("-1000000000000000"), {Text: "1582-10-14T00:00:00", Kind: sheet.DateTime}, {Text: "24:00:00", Kind: sheet.Time},
			{Text: "+Inf", Kind: sheet.Error}, word(strings.Repeat("x", 255)), word("x")},
		{word("none"), number("1e+300"), number("0.3333333333333333"), none, {Text: "1970-01-01T00:00:00.5", Kind: sheet.DateTime}, {Text: "00:00:00", Kind: sheet.Time},
			{Text: "NaN", Kind: sheet.Error}, word(strings.Repeat(" ", 255) + "y"), word(" z")},
		{word("abcd"), number("0.30000000000000004"), number("1e-07"), none, none, none, none, none, none},
	}
	columns := []sheet.Column{
		{Name: "Participant", Label: "Participant", Kind: sheet.Text, Labels: []sheet.Label{{Value: "a", Word: "Alpha"}}, Missing: []string{"none"}},
		{Name: "vas_post", Label: "Pain, Â°", Kind: sheet.Number, Labels: []sheet.Label{{Value: "-99", Word: "Not done"}, {Value: "1.5", Word: "one"}}, Missing: []string{"-99", "998.5"}},
		{Name: "RANGED", Kind: sheet.Number, Missing: []string{"77"}, Ranged: true, Range: [2]float64{-99, -90}},
		{Name: "DAY", Kind: sheet.Date}, {Name: "AT", Kind: sheet.DateTime}, {Name: "CLOCK", Kind: sheet.Time}, {Name: "SPAN", Kind: sheet.Time},
		{Name: "Remark_of_the_assessor", Label: "Remark", Kind: sheet.Text},
		{Name: "word", Kind: sheet.Text, Labels: []sheet.Label{{Value: "b", Word: "Second"}}, Missing: []string{"x"}},
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for compression := range 3 {
			for _, cases := range []int{5, -1} {
				s := read(t, savEvery(order, compression, cases).bytes(t))
				assert.Equal(t, want, cellsOf(s), "%v, compression %d", order, compression)
				assert.Equal(t, columns, s.Columns)
				assert.Equal(t, "Windows-1252", s.Encoding)
				assert.Empty(t, s.Notes)
			}
		}
	}
}

// A file that states no encoding is UTF-8 if all its texts are that, else
// Windows-1252, and says so.
func TestSAVWithoutEncoding(t *testing.T) {
	file := func(text string, page int) []byte {
		return savWant{order: binary.LittleEndian, cases: 1, vars: []savVar{{name: "T", width: 8, format: 1}}, rows: [][]any{{text}},
			between: func(p *packer) {
				if page != 0 {
					in := &packer{order: p.order}
					p.record(3, 4, in.put(16, 0, 0, -1, 1, 1, 2, page).Bytes())
				}
			}}.bytes(t)
	}
	for _, c := range []struct {
		text           string
		page           int
		want, encoding string
		note           string
	}{
		{"plain", 0, "plain", "UTF-8", ""},
		{"caf\xc3\xa9", 0, "café", "UTF-8", "file-stat-note-encoding-utf8"},
		{"caf\xe9", 0, "café", "Windows-1252", "file-stat-note-encoding-guessed"},
		{"cafe bl\xe9", 0, "cafe blé", "Windows-1252", "file-stat-note-encoding-guessed"}, // no begun UTF-8
		{"caf\xe9", 3, "café", "Windows-1252", "file-stat-note-encoding-guessed"},
		{"caf\xe9", 1252, "café", "Windows-1252", ""},
		{"\xcb\xf9\xe1", 1253, "Λωα", "Windows-1253", ""},
		{"\xa3\xb3", 28592, "Łł", "ISO-8859-2", ""},
		{"\x82\xa0", 932, "あ", "Windows-932", ""},
		{"caf\xe9", 65001, "caf�", "UTF-8", "file-stat-note-characters"},
	} {
		if len(c.text) > 8 {
			c.text, c.want = c.text[len(c.text)-8:], c.want[len(c.want)-9:]
		}
		s := read(t, file(c.text, c.page))
		assert.Equal(t, c.want, s.Rows[0].Cells[0].Text)
		assert.Equal(t, c.encoding, s.Encoding, c.text)
		if c.note == "" {
			assert.Empty(t, s.Notes)
		} else if assert.Len(t, s.Notes, 1, c.text) {
			assert.Equal(t, c.note, s.Notes[0].Code)
		}
	}
	_, err := readAny(file("x", 12345))
	assert.ErrorContains(t, err, "CP12345")
}

// Counts that are not true, codes that do not fit and blocks that lie are
// faults of the catalog.
func TestSAVFaults(t *testing.T) {
	numbers := func(cases, compression int, rows ...[]any) []byte {
		return savWant{order: binary.LittleEndian, cases: cases, compression: compression, vars: []savVar{{name: "A"}, {name: "B"}}, rows: rows}.bytes(t)
	}
	patch := func(b []byte, at int, v byte) []byte { b = bytes.Clone(b); b[at] = v; return b }
	two := [][]any{{1.0, 2.5}, {3.0, nil}}
	whole := numbers(2, 1, two...)
	data := bytes.Index(whole, []byte("\xe7\x03\x00\x00")) + 8
	z := numbers(2, 2, two...)
	packed := bytes.Index(z, []byte("\xe7\x03\x00\x00")) + 8 + 24 + 6
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"fewer cases than stated":          {numbers(3, 0, two...), "file-stat-rows-count"},
		"more cases than stated":           {numbers(1, 0, two...), "file-stat-rows-count"},
		"fewer, compressed":                {numbers(3, 1, two...), "file-stat-rows-count"},
		"more, compressed":                 {numbers(1, 1, two...), "file-stat-rows-count"},
		"half a case":                      {numbers(-1, 0, two...)[:len(numbers(-1, 0, two...))-8], "file-stat-cut"},
		"half a case, compressed":          {numbers(-1, 1, []any{1.0, 2.0}, []any{3.0}), "file-stat-cut"},
		"more than two cases":              {append(numbers(2, 0, two...), 0, 0, 64), "file-stat-damaged"},
		"two and a half, compressed":       {numbers(2, 1, []any{1.0, 2.5}, []any{3.0, nil}, []any{4.0}), "file-stat-damaged"},
		"blanks in a number":               {patch(whole, data, 254), "file-stat-damaged"},
		"layout":                           {patch(whole, 64, 9), "file-stat-damaged"},
		"compression":                      {patch(whole, 72, 7), "file-stat-damaged"},
		"a record of an unknown type":      {patch(whole, 176, 8), "file-stat-damaged"},
		"a bit of the compressed bytes":    {patch(z, packed, z[packed]^1), "file-stat-damaged"},
		"a block that is larger than told": {patch(z, len(z)-8, z[len(z)-8]-1), "file-stat-damaged"},
		"no data behind the compression":   {z[:len(z)-20], "file-stat-cut"},
	} {
		_, err := readAny(c.file)
		var fault *sheet.Fault
		if assert.ErrorAs(t, err, &fault, name) {
			assert.Equal(t, c.code, fault.Code, "%s: %v", name, err)
		}
	}
}

// What fills the file up behind the last case is no case; a weight variable is told.
func TestSAVFillAndWeight(t *testing.T) {
	w := savWant{order: binary.LittleEndian, cases: 1, vars: []savVar{{name: "A"}, {name: "TEXT", width: 12}, {name: "W"}}, rows: [][]any{{1.0, "a", 2.0}}}
	for _, compression := range []int{0, 1} {
		w.compression = compression
		for _, fill := range []string{"", "\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\x00\x00"} {
			got, err := readAny(append(w.bytes(t), fill...))
			require.NoError(t, err)
			assert.Len(t, got[0].Rows, 1)
			assert.NotContains(t, sheettest.Said(got[0]), "weights")
		}
		b := w.bytes(t)
		b[76] = 4 // the text takes two places
		got, err := readAny(b)
		require.NoError(t, err)
		assert.Contains(t, sheettest.Said(got[0]), "SPSS counts the rows of this file by the weights in W; here each row counts once.")
	}
}

func TestHostileSAV(t *testing.T) {
	for compression := range 3 {
		hostile(t, savEvery(binary.LittleEndian, compression, 5).bytes(t), true)
	}
	hostile(t, savEvery(binary.BigEndian, 1, -1).bytes(t), false)
}

// A small file in which many variables share many words does not fill memory.
func TestSAVSharedWords(t *testing.T) {
	const n = 4000
	w := savWant{order: binary.LittleEndian, cases: 0}
	for i := range n {
		w.vars = append(w.vars, savVar{name: fmt.Sprint("V", i)})
	}
	w.between = func(p *packer) {
		p.put(3, n)
		for i := range n {
			p.put(float64(i), "\x07another")
		}
		p.put(4, n)
		for i := range n {
			p.put(i + 1)
		}
	}
	_, err := readAny(w.bytes(t))
	assert.ErrorContains(t, err, "the list of value labels")
}
