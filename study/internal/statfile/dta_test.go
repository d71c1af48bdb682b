package statfile

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// dtaEvery is a file with all that the reader knows.
func dtaEvery(release int, order binary.ByteOrder) dtaWant {
	w := dtaWant{release: release, order: order,
		vars: []dtaVar{
			{name: "id", label: "Participant", format: "%4s", kind: 4}, {name: "vas", label: "Pain", format: "%9.0g", set: "pain", kind: asDouble},
			{name: "short", format: "%9.0g", kind: asFloat}, {name: "visit", format: "%8.0g", set: "visits", kind: asByte},
			{name: "walk", format: "%8.0g", set: "pain", kind: asInt}, {name: "count", format: "%12.0g", kind: asLong},
			{name: "day", format: "%td", kind: asInt}, {name: "at", format: "%tc", kind: asDouble}, {name: "clock", format: "%-tcHH:MM", kind: asDouble},
			{name: "leap", format: "%tC", kind: asDouble}, {name: "week", format: "%tw", kind: asInt}, {name: "month", format: "%tm", kind: asFloat},
		},
		sets: []dtaSet{{"visits", []int{0, 1}, []string{"Before", "After 6 weeks"}}, {"pain", []int{-99, 2147483621 + 1, 7}, []string{"Not asked", "Ill", "Seven"}}, {"none", nil, nil}},
		rows: [][]any{
			{"a", 6.3, 6.3, 0.0, 32740.0, 2147483620.0, 23435.0, 2024833633000.0, 36000000.0, 2024833633000.0 + 27000, 3328.0, 769.0},
			{"abcd", dot(1), dot(1), dot(1), dot(26), dot(2), dot(0), dot(3), 2024833633000.0, 1798848000000.0 + 26500, -1.0, -1.0},
			{"", dot(0), dot(0), dot(0), dot(0), dot(0), -32767.0, -1.0, dot(0), dot(0), dot(0), 1.5},
			{"é", -1e300, 16777216.0, 100.0, -32767.0, -2147483647.0, 0.0, 0.4, -1.0, 0.0, 51.0, 11.0},
		}}
	if release >= 117 {
		w.vars = append(w.vars, dtaVar{name: "remark", label: "Remark", format: "%9s", kind: strL})
		for i, s := range []any{longText, "", []byte("caf\xc3\xa9"), longText} {
			w.rows[i] = append(w.rows[i], s)
		}
	}
	return w
}

var dtaReleases = []int{113, 114, 115, 117, 118, 119}

func TestReadDTA(t *testing.T) {
	number := func(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Number} }
	word := func(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Text} }
	missing := func(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Missing} }
	at := func(kind sheet.Kind, s string) sheet.Cell { return sheet.Cell{Text: s, Kind: kind} }
	none := sheet.Cell{}
	// Days, milliseconds and leap seconds: python's datetime, and IERS Bulletin C.
	want := [][]sheet.Cell{
		{word("a"), number("6.3"), number("6.3"), number("0"), number("32740"), number("2147483620"), at(sheet.Date, "2024-02-29"), at(sheet.DateTime, "2024-02-29T13:47:13"),
			at(sheet.Time, "10:00:00"), at(sheet.DateTime, "2024-02-29T13:47:13"), at(sheet.Date, "2024-01-01"), at(sheet.Date, "2024-02-01")},
		{word("abcd"), missing(".A"), missing(".A"), missing(".A"), missing(".Z"), missing(".B"), none, missing(".C"),
			at(sheet.DateTime, "2024-02-29T13:47:13"), at(sheet.DateTime, "2016-12-31T23:59:60.5"), at(sheet.Date, "1959-12-24"), at(sheet.Date, "1959-12-01")},
		{none, none, none, none, none, none, at(sheet.Date, "1870-04-15"), at(sheet.DateTime, "1959-12-31T23:59:59.999"), none, none, none, number("1.5")},
		{word("é"), number("-1e+300"), number("16777216"), number("100"), number("-32767"), number("-2147483647"), at(sheet.Date, "1960-01-01"), at(sheet.DateTime, "1960-01-01T00:00:00"),
			at(sheet.DateTime, "1959-12-31T23:59:59.999"), at(sheet.DateTime, "1960-01-01T00:00:00"), at(sheet.Date, "1960-12-23"), at(sheet.Date, "1960-12-01")},
	}
	pain := []sheet.Label{{Value: "-99", Word: "Not asked"}, {Value: "7", Word: "Seven"}}
	columns := []sheet.Column{{Name: "id", Label: "Participant", Kind: sheet.Text}, {Name: "vas", Label: "Pain", Kind: sheet.Number, Labels: pain},
		{Name: "short", Kind: sheet.Number}, {Name: "visit", Kind: sheet.Number, Labels: []sheet.Label{{Value: "0", Word: "Before"}, {Value: "1", Word: "After 6 weeks"}}},
		{Name: "walk", Kind: sheet.Number, Labels: pain}, {Name: "count", Kind: sheet.Number}, {Name: "day", Kind: sheet.Date}, {Name: "at", Kind: sheet.DateTime},
		{Name: "clock", Kind: sheet.Time}, {Name: "leap", Kind: sheet.DateTime}, {Name: "week", Kind: sheet.Date}, {Name: "month", Kind: sheet.Date}}
	long := []sheet.Cell{word(longText), none, word("café"), word(longText)}
	for _, release := range dtaReleases {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			want, columns := want, columns
			notes := []string{"file-stat-note-periods", "file-stat-note-missing-words", "file-stat-note-encoding-utf8"}
			if release >= 117 {
				columns = append(columns[:12:12], sheet.Column{Name: "remark", Label: "Remark", Kind: sheet.Text})
				want = slices.Clone(want)
				for i := range want {
					want[i] = append(slices.Clip(want[i]), long[i])
				}
			}
			if release >= 118 {
				notes = notes[:2]
			}
			s := read(t, dtaEvery(release, order).bytes())
			require.Equal(t, columns, s.Columns, "%d %v", release, order)
			require.Equal(t, want, cellsOf(s), "%d %v", release, order)
			assert.Equal(t, notes, codesOf(s))
			assert.Equal(t, "week, month", s.Notes[0].Args["columns"])
			assert.Equal(t, "vas .A = Ill, walk .A = Ill", s.Notes[1].Args["words"])
			assert.Equal(t, "UTF-8", s.Encoding)
			assert.Empty(t, s.Name)
		}
	}
}

// Every kind of number has a single dot and 26 letters above its largest value.
func TestDTAMissing(t *testing.T) {
	for kind, most := range map[int]float64{asByte: 100, asInt: 32740, asLong: 2147483620, asFloat: 0x1.fffffep126, asDouble: 0x1.fffffffffffffp1022} {
		w := dtaWant{release: 118, order: binary.LittleEndian, vars: []dtaVar{{name: "v", kind: kind}}, rows: [][]any{{most}}}
		for d := range dot(27) {
			w.rows = append(w.rows, []any{d})
		}
		s := read(t, w.bytes())
		assert.Equal(t, sheet.Number, s.Rows[0].Cells[0].Kind)
		assert.Equal(t, sheet.Cell{}, s.Rows[1].Cells[0])
		for i := range 26 {
			assert.Equal(t, sheet.Cell{Text: "." + string(rune('A'+i)), Kind: sheet.Missing}, s.Rows[2+i].Cells[0])
		}
	}
}

// A file that states no encoding is read as what its texts are.
func TestDTAEncoding(t *testing.T) {
	for _, c := range []struct {
		release              int
		text, want, encoding string
		note                 string
	}{
		{115, "plain", "plain", "UTF-8", ""},
		{115, "caf\xe9", "café", "Windows-1252", "file-stat-note-encoding-guessed"},
		{117, "caf\xe9", "café", "Windows-1252", "file-stat-note-encoding-guessed"},
		{117, "café", "café", "UTF-8", "file-stat-note-encoding-utf8"},
		{118, "café", "café", "UTF-8", ""},
		{118, "caf\xe9", "caf�", "UTF-8", "file-stat-note-characters"},
	} {
		s := read(t, dtaWant{release: c.release, order: binary.LittleEndian, vars: []dtaVar{{name: "t", kind: 8}}, rows: [][]any{{c.text + "\x00\xff"}}}.bytes())
		assert.Equal(t, c.want, s.Rows[0].Cells[0].Text)
		assert.Equal(t, c.encoding, s.Encoding)
		if c.note == "" {
			assert.Empty(t, s.Notes)
		} else {
			assert.Equal(t, []string{c.note}, codesOf(s))
		}
	}
}

// Formats of dates, as Stata's help lists them ("help datetime display formats").
func TestDTAFormats(t *testing.T) {
	for format, want := range map[string]sheet.Kind{
		"%9.0g": sheet.Number, "%-9.2f": sheet.Number, "%td": sheet.Date, "%-td": sheet.Date, "%d": sheet.Date, "%dD/N/CY": sheet.Date, "%tdCCYY-NN-DD": sheet.Date,
		"%tc": sheet.DateTime, "%tC": sheet.DateTime, "%tcDDmonCCYY_HH:MM:SS.sss": sheet.DateTime, "%tcMonth": sheet.DateTime, "%tcdd": sheet.DateTime,
		"%tcHH:MM:SS": sheet.Time, "%tchh:MM_am": sheet.Time, "%tCHH:MM:SS.ss": sheet.Time, "%-tcHh:mm_a.m.": sheet.Time,
		"%tw": sheet.Date, "%tm": sheet.Date, "%tmCCYY-NN": sheet.Date, "%tq": sheet.Date, "%th": sheet.Date, "%ty": sheet.Number, "%tg": sheet.Number, "%tbnyse": sheet.Number,
		"": sheet.Number, "%": sheet.Number, "%t": sheet.Number, "%-": sheet.Number, "%9s": sheet.Number, "td": sheet.Number,
	} {
		assert.Equal(t, want, dtaFormat(format).kind, format)
	}
	p := &printer{set: utf8Set}
	for _, c := range []struct {
		format string
		x      float64
		want   string
	}{
		{"%tw", 0, "1960-01-01"}, {"%tw", 51, "1960-12-23"}, {"%tw", 52, "1961-01-01"}, {"%tw", -52, "1959-01-01"}, {"%tq", 257, "2024-04-01"}, {"%tq", -1, "1959-10-01"},
		{"%th", 129, "2024-07-01"}, {"%tm", 769, "2024-02-01"}, {"%tm", 1e5, "100000"}, {"%tm", 1e300, "1e+300"}, {"%ty", 2024, "2024"}, {"%tbx", 12, "12"},
		{"%td", 23435.5, "23435.5"}, {"%td", 1e9, "1000000000"},
		{"%tC", 1e300, "1e+300"}, {"%tCHH:MM", 36000000, "10:00:00"}, {"%tCHH:MM", 1798848000000 + 26000, "2016-12-31T23:59:60"},
		// The seconds around the first leap second and the last: 1972-06-30 is day 4564.
		{"%tC", 4565*86400e3 - 1, "1972-06-30T23:59:59.999"}, {"%tC", 4565 * 86400e3, "1972-06-30T23:59:60"}, {"%tC", 4565*86400e3 + 999, "1972-06-30T23:59:60.999"}, {"%tC", 4565*86400e3 + 1000, "1972-07-01T00:00:00"},
		{"%tC", 1798848000000 + 25999, "2016-12-31T23:59:59.999"}, {"%tC", 1798848000000 + 27000, "2017-01-01T00:00:00"},
	} {
		k := dtaFormat(c.format)
		assert.Equal(t, c.want, p.stata(c.x, &k).Text, "%v as %s", c.x, c.format)
	}
	s := read(t, dtaWant{release: 118, order: binary.LittleEndian, vars: []dtaVar{{name: "b", format: "%tbx", kind: asInt}}}.bytes())
	assert.Equal(t, []string{"file-stat-note-business-days"}, codesOf(s))
}

func TestDTAFaults(t *testing.T) {
	whole := func(release int) []byte { return dtaEvery(release, binary.LittleEndian).bytes() }
	replace := func(release int, from, to string) []byte {
		b := whole(release)
		require.Contains(t, string(b), from)
		return bytes.Replace(b, []byte(from), []byte(to), 1)
	}
	stated := func(release int, n int64) []byte {
		w := dtaEvery(release, binary.LittleEndian)
		w.n = n
		return w.bytes()
	}
	lost := dtaEvery(118, binary.BigEndian).bytes()
	lost[bytes.Index(lost, []byte("GSO"))+6]++
	nothing := func(n int64) []byte { return dtaWant{release: 118, order: binary.LittleEndian, n: n}.bytes() }
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"release 120":              {replace(118, "<release>118", "<release>120"), "file-stat-release"},
		"release 116":              {replace(118, "<release>118", "<release>116"), "file-stat-release"},
		"no release":               {replace(118, "<release>118", "<release>x18"), "file-stat-damaged"},
		"byte order":               {replace(118, "LSF", "XSF"), "file-stat-damaged"},
		"more observations":        {stated(117, 5), "file-stat-damaged"}, // into what follows
		"many observations":        {stated(115, 5000), "file-stat-cut"},
		"2^40 observations":        {stated(118, 1<<40), "file-stat-cut"},
		"2^62 observations":        {stated(119, 1<<62), "file-stat-cut"},
		"fewer than none":          {stated(118, -1), "file-stat-damaged"},
		"fewer observations":       {stated(118, 2), "file-stat-damaged"},
		"no variable":              {nothing(3), "file-stat-damaged"},
		"a type that is none":      {replace(118, "<variable_types>\x04\x00", "<variable_types>\xff\x7f"), "file-stat-damaged"},
		"a long text is not there": {lost, "file-stat-damaged"},
		"kind of a long text":      {replace(117, "\x82", "\x80"), "file-stat-damaged"},
		"a word beyond the words":  {replace(115, "\x0e\x00\x00\x00\x00\x00\x00\x00", "\xee\x00\x00\x00\x00\x00\x00\x00"), "file-stat-damaged"},
		"no end":                   {whole(118)[:len(whole(118))-1], "file-stat-cut"},
	} {
		_, err := readAny(c.file)
		var fault *sheet.Fault
		if assert.ErrorAs(t, err, &fault, name) {
			assert.Equal(t, c.code, fault.Code, "%s: %v", name, err)
			assert.Contains(t, err.Error(), "Stata")
		}
	}
	s := readAll(t, nothing(0))
	assert.Empty(t, s[0].Rows)
	w := dtaWant{release: 117, order: binary.LittleEndian, vars: []dtaVar{{name: "b", kind: strL}}, rows: [][]any{{[]byte("a\x00b")}, {[]byte("\xff\xfe")}}}
	assert.Equal(t, [][]sheet.Cell{{{Text: "(binary)", Kind: sheet.Error}}, {{Text: "(binary)", Kind: sheet.Error}}}, cellsOf(read(t, w.bytes())))
}

func TestHostileDTA(t *testing.T) {
	for _, release := range dtaReleases {
		w := dtaEvery(release, binary.LittleEndian)
		// Fields of names are long: two variables are enough to be cut.
		w.vars = []dtaVar{w.vars[1], w.vars[0]}
		for i, row := range w.rows {
			w.rows[i] = []any{row[1], row[0]}
			if release >= 117 {
				w.vars[1].kind = strL
			}
		}
		hostile(t, w.bytes(), release >= 117)
	}
}

// Words that stand in one another do not become more than the file.
func TestDTAWordsInWords(t *testing.T) {
	p := &packer{order: binary.LittleEndian}
	const n = 20000
	p.put(8+8*n+n).zeros("set", 129).put("\x00\x00\x00", n, n, make([]byte, 8*n), strings.Repeat("x", n))
	b := dtaWant{release: 118, order: binary.LittleEndian, vars: []dtaVar{{name: "v", set: "set", kind: asByte}}, sets: []dtaSet{{name: "set"}}}.bytes()
	from := bytes.Index(b, []byte("<lbl>")) + 5
	b = slices.Concat(b[:from], p.Bytes(), b[bytes.Index(b, []byte("</lbl>")):])
	_, err := readAny(b)
	assert.ErrorContains(t, err, "damaged")
}
