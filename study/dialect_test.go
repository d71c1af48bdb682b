package study

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// content is everything of a Dataset that does not tell where it stood.
func content(ds *Dataset) any {
	a := ds.Accounting()
	reasons := map[string]int{}
	for _, e := range a.Excluded {
		reasons[e.Participant+" "+e.Reason]++
	}
	return []any{ds.protocol.Arms, ds.participants, ds.index, ds.notes, a.RowsRead, a.RowsUsed, reasons}
}

// The rows of a trial whose text has what makes dialects hard: delimiters,
// quotes, line ends and accents in fields.
var dialectRows = [][]string{
	{"id", "arm", "block", "x0", "x1", "y0", "y1", "age", "site", "ae", "remark"},
	{"p10", "A", "é1", "5.5", "4", "-10.25", "11", "50.5", "Café \"Zoé\"", "0", "a,b;c\td"},
	{"p9", "c", "é1", "NA", "3.5", "0.125", "", "51", "Zürich", "ja", "two\nlines"},
	{"p2", "c", "é2", "10", "0", "-99", "17.5", "", "Zürich", "", ""},
	{"p3", "screen", "", "", "", "", "", "", "", "", "left out"},
	{"", "", "", "", "", "", "", "", "", "", ""},
	{"p1", "a", "é2", "2.25", "", "1234.5", "1e-3", "63", "NA", "3", "\"\""},
}

func TestDialects(t *testing.T) {
	p := Parsed(t, wideProtocol)
	var want any
	n := 0
	for _, delimiter := range []string{",", ";", "\t"} {
		for _, decimal := range []string{".", ","} {
			for _, newline := range []string{"\n", "\r\n", "\r"} {
				for _, encoding := range []string{"UTF-8", "UTF-8 BOM", "UTF-16LE", "UTF-16BE", "UTF-16LE bare", "UTF-16BE bare", "Windows-1252"} {
					for _, quoted := range []bool{false, true} {
						text := ""
						for i, row := range dialectRows {
							fields := make([]string, len(row))
							for j, f := range row {
								if i > 0 && j >= 3 && j <= 7 {
									f = strings.ReplaceAll(f, ".", decimal)
								}
								f = strings.ReplaceAll(f, "\n", newline)
								if quoted || strings.ContainsAny(f, delimiter+"\"\r\n") {
									f = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
								}
								fields[j] = f
							}
							text += strings.Join(fields, delimiter) + newline
						}
						text += newline + "  " + newline // trailing empty lines
						name := fmt.Sprintf("%q %q %q %s %v", delimiter, decimal, newline, encoding, quoted)
						ds, err := Load(bytes.NewReader(encoded(text, encoding)), "d.csv", p)
						require.NoError(t, err, name)
						assert.Equal(t, delimiter, ds.Source().Delimiter, name)
						assert.Equal(t, decimal, ds.Source().Decimal, name)
						assert.Equal(t, strings.Fields(encoding)[0], ds.Source().Encoding, name)
						if want == nil {
							want = content(ds)
							assert.Len(t, ds.Participants(), 4)
							assert.Equal(t, 6, ds.Accounting().RowsRead)
							assert.Equal(t, []Exclusion{{6, "p3", "row-arm-ignored", ""}, {7, "", "row-empty", ""}}, ds.Accounting().Excluded)
						}
						assert.Equal(t, want, content(ds), name)
						n++
					}
				}
			}
		}
	}
	assert.Equal(t, 3*2*3*7*2, n)
}

func encoded(text, encoding string) []byte {
	var out []byte
	switch name, bare, _ := strings.Cut(encoding, " "); name {
	case "UTF-8":
		if bare != "" {
			return []byte("\ufeff" + text)
		}
		return []byte(text)
	case "Windows-1252": // the accents used here are those of Latin-1
		for _, r := range text {
			out = append(out, byte(r))
		}
	default:
		if bare == "" {
			text = "\ufeff" + text
		}
		for _, u := range utf16.Encode([]rune(text)) {
			if name == "UTF-16LE" {
				out = append(out, byte(u), byte(u>>8))
			} else {
				out = append(out, byte(u>>8), byte(u))
			}
		}
	}
	return out
}

// What is stated is held to.
func TestStatedDialect(t *testing.T) {
	rows := "1;a;1;5;4;1.250;7;50;n;0\n2;c;1;5;4;1;7;51;z;0\n"
	data := strings.ReplaceAll(wideHeader, ",", ";") + rows
	for decimal, want := range map[string]float64{"point": 1.25, "comma": 1250} {
		ds, err := Load(strings.NewReader(data), "d.csv", Parsed(t, strings.Replace(wideProtocol, "layout", "decimal: "+decimal+"\n  layout", 1)))
		require.NoError(t, err)
		v, _ := ds.Value("1", "y", "v0")
		assert.Equal(t, want, v.Number)
		assert.Len(t, ds.Notes(), map[string]int{"point": 0, "comma": 1}[decimal], "a separator of thousands is told")
	}
	// A number of another column does not show that 1.250 is a thousand.
	ds, err := Load(strings.NewReader(strings.Replace(data, ";7;50;", ";7;50,5;", 1)), "d.csv", Parsed(t, wideProtocol))
	assert.Nil(t, ds)
	assert.ErrorContains(t, err, `d.csv:2:11: y at v0: "1.250" may be 1.25 or 1250`)

	for key, message := range map[string]string{
		"delimiter: comma":       `the first line has none of the columns that the protocol names: ae, age, arm, block, id, site, x0, x1, …; the delimiter that data.delimiter states does not stand in it: leave data.delimiter out, and it is found`,
		"encoding: utf-16le":     "UTF-16 text ends in half a character",
		"encoding: windows-1252": "",
	} {
		_, err := Load(strings.NewReader(strings.Replace(data, "1.250", "1", 1)), "d.csv",
			Parsed(t, strings.Replace(wideProtocol, "layout", key+"\n  layout", 1)))
		if message == "" {
			assert.NoError(t, err, key)
			continue
		}
		assert.ErrorContains(t, err, message, key)
	}
	_, err = Load(strings.NewReader("\ufeffid\n1\n"), "d.csv",
		Parsed(t, strings.Replace(wideProtocol, "layout", "encoding: windows-1252\n  layout", 1)))
	assert.ErrorContains(t, err, "d.csv:1:1: the file begins with the mark of UTF-8, but Windows-1252 is stated")
	_, err = Load(strings.NewReader("id\n1,\xff\n"), "d.csv", Parsed(t, strings.Replace(wideProtocol, "layout", "encoding: utf-8\n  layout", 1)))
	assert.ErrorContains(t, err, "d.csv:2:3: byte 0xff is not UTF-8")

	// A spreadsheet's first line.
	ds, err = Load(strings.NewReader("sep=;\r\n"+strings.Replace(data, "1.250", "1", 1)+"3;q\n"), "d.csv", Parsed(t, wideProtocol))
	assert.Nil(t, ds)
	assert.EqualError(t, err, "d.csv:5:1: too few fields: 2, and the header has 10")
}

// Shuffled rows give the identical Dataset.
func TestRowOrderIsIrrelevant(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	longer := longRows + "10,a,unscheduled,,1.5,,,n,\n10,a,base,7.50,8,7.0,50.0,,1\n10,a,v1,7,8,7.00,50,n,\n"
	for _, c := range []struct{ protocol, header, rows string }{
		{wideProtocol, wideHeader, wideRows + "10,A,2,5.3,4.7,,1,50,,\n3,c,2,,,,,,,\n"},
		{longProtocol, longHeader, longer},
		{valueProtocol, valueHeader, valueRows + "1,a,v0,other,4,\n1,a,v0,y,,9.0\n2,c,v1,skip,8,\n"},
	} {
		p := Parsed(t, c.protocol)
		want, err := Load(strings.NewReader(c.header+c.rows), "d.csv", p)
		require.NoError(t, err)
		a := want.Accounting()
		assert.Equal(t, a.RowsRead, a.RowsUsed+len(a.Excluded))
		rows := strings.SplitAfter(strings.TrimSuffix(c.rows, "\n"), "\n")
		rows[len(rows)-1] += "\n"
		for range 50 {
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			ds, err := Load(strings.NewReader(c.header+strings.Join(rows, "")), "d.csv", p)
			require.NoError(t, err)
			require.Equal(t, content(want), content(ds))
		}
	}
}

// Every row is in one place, with its reason.
func TestAccounting(t *testing.T) {
	ds, err := Load(strings.NewReader(longHeader+longRows+
		"1,a,unscheduled,9,9,7,50,n,0\n,,,,,,,,\n3,c,v0,,,6,40,z,no\n3,c,v1,,2,6,40,z,nee\n"), "d.csv", Parsed(t, longProtocol))
	require.NoError(t, err)
	assert.Equal(t, Accounting{RowsRead: 8, RowsUsed: 5, Excluded: []Exclusion{
		{6, "1", "row-visit-ignored", ""}, {7, "", "row-empty", ""}, {8, "3", "row-no-value", ""}}}, ds.Accounting())
	recs := ds.Records("y", "v1")
	require.Len(t, recs, 3)
	assert.Equal(t, Record{ID: "3", Arm: "c", Baseline: 6, Follow: 2, Change: -4, HasBaseline: true, HasFollow: true,
		Numbers: map[string]float64{"age": 40}, Categories: map[string]string{"site": "z"}}, recs[2])
	x := ds.Records("x", "v1")[2]
	assert.False(t, x.HasBaseline || x.HasFollow)
	assert.Equal(t, "", ds.BaselineVisit("y").ID, "held in a column")
	assert.Len(t, ds.PostVisits("y"), 2, "then every visit is after baseline")
	assert.Len(t, ds.PostVisits("x"), 1)
	assert.Nil(t, ds.Records("z", "v1"))
	assert.Nil(t, ds.Records("x", "v7"))

	ds, err = Load(strings.NewReader(valueHeader+valueRows+"2,c,v0,other,8,\n2,c,v0,skip,8,\n2,c,v0,y,,\n"), "d.csv", Parsed(t, valueProtocol))
	require.NoError(t, err)
	assert.Equal(t, Accounting{RowsRead: 7, RowsUsed: 4, Excluded: []Exclusion{
		{6, "2", "row-other-outcome", ""}, {7, "2", "row-other-outcome", ""}, {8, "2", "row-no-value", ""}}}, ds.Accounting())
	assert.Equal(t, "other, skip", ds.Notes()[0].Args["outcomes"])
}

// A value off the instrument's resolution is a note, counted per outcome.
func TestOffResolution(t *testing.T) {
	ds, err := Load(strings.NewReader(wideHeader+"1,a,1,5.3,4,10,11,50,n,0\n2,c,1,5,4.51,10,11,51,z,0\n"), "d.csv", Parsed(t, wideProtocol))
	require.NoError(t, err)
	require.Len(t, ds.Notes(), 1)
	n := ds.Notes()[0]
	assert.Equal(t, "off-resolution", n.Code)
	assert.Equal(t, map[string]any{"outcome": "x", "count": 2, "resolution": 0.5, "value": "5.3", "participant": "1"}, n.Args)
}

// What callers get they may change; the Dataset stays.
func TestDatasetIsImmutable(t *testing.T) {
	ds := loadStudy(t, "hilt")
	ds.Protocol().Data.Columns["vas"]["post"] = "?"
	ds.Protocol().Outcomes[0].Thresholds[0].Value = 0
	ds.Participants()[0].Numbers["age"] = 0
	ds.Records("vas", "post")[0].Categories["knee"] = "?"
	ds.Arms()[0].ID = "?"
	assert.Equal(t, content(loadStudy(t, "hilt")), content(ds))
	assert.Equal(t, loadStudy(t, "hilt").protocol, ds.protocol)
}

// A long file may name the block, a covariate and the events in one row only.
func TestOnceInLongFiles(t *testing.T) {
	p := Parsed(t, strings.Replace(longProtocol, "data:", "randomization: {kind: blocked, column: site}\ndata:", 1))
	ds, err := Load(strings.NewReader(longHeader+"1,a,v0,5,,7,50,n,2\n1,a,v1,4,6,,,,\n2,c,v0,5,,,,,\n2,c,v1,4,6,8,51,z,0\n"), "d.csv", p)
	require.NoError(t, err)
	q := ds.Participants()
	assert.Equal(t, []string{"n", "z"}, []string{q[0].Block, q[1].Block})
	assert.Equal(t, []float64{50, 51}, []float64{q[0].Numbers["age"], q[1].Numbers["age"]})
	assert.Equal(t, []int{2, 0}, []int{q[0].AdverseEvents, q[1].AdverseEvents})
	assert.True(t, q[1].EventsRecorded)
	v, ok := ds.Value("2", "y", "")
	assert.True(t, ok)
	assert.Equal(t, 8.0, v.Number)
	_, err = Load(strings.NewReader(longHeader+longRows+"3,a,v1,4,6,1,50,,2\n"), "d.csv", p)
	assert.EqualError(t, err, `d.csv:6:17: participant "3": the block or stratum is missing`)
}
