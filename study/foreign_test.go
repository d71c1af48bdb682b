package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Files of other kinds get one sentence that says what to do. The beginnings
// are those that the formats' descriptions give.
func TestForeignFiles(t *testing.T) {
	p := Parsed(t, wideProtocol)
	for name, c := range map[string]struct{ begins, says string }{
		"rds":             {"\x1f\x8b\x08\x00\x00", "write.csv"},
		"rds, plain":      {"X\n\x00\x00\x00\x03\x00\x04", "file of R"},
		"RData":           {"RDX3\nX\n", "file of R"},
		"rds, bzip2":      {"BZh91AY&SY", "compressed"},
		"rds, xz":         {"\xfd7zXZ\x00\x00\x04", "compressed"},
		"sas7bdat":        {"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11" + "\x22\x22\x00", "sas7bdat"},
		"xport":           {"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "XPORT"},
		"xport 8":         {"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!", "XPORT"},
		"sav, cut":        {"$FL", "first bytes of a data file"},
		"zip, cut":        {"PK", "first bytes of a data file"},
		"dta, cut":        {"<stata", "first bytes of a data file"},
		"dta":             {"<stata_dta><header><release>118", "Stata"},
		"dta, old":        {"\x72\x02\x01\x00\x04\x00\x0a\x00", "Stata"},
		"dta, Stata 6":    {"\x6c\x02\x01\x00\x04\x00\x0a\x00", "Stata 7"},
		"cport":           {"**COMPRESSED** **COMPRESSED** **COMPRESSED**", "proc cport"},
		"cport, plain":    {"LIB CONTROL X64_7PRO", "proc cport"},
		"sav":             {"$FL2@(#) SPSS DATA FILE", "SPSS"},
		"por":             {strings.Repeat("ASCII SPSS PORT FILE                    ", 5), "SPSS"},
		"PDF":             {"%PDF-1.7\n", "PDF"},
		"xlsx":            {"PK\x03\x04\x14\x00", "workbook"},
		"parquet":         {"PAR1\x15\x04", "Parquet"},
		"sqlite":          {"SQLite format 3\x00", "database"},
		"jpeg":            {"\xff\xd8\xff\xe0\x00\x10JFIF", "picture"},
		"HTML":            {"\ufeff\r\n <!DOCTYPE HTML>\n<html lang=\"en\">", "HTML"},
		"HTML as xls":     {"<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><table>", "HTML"},
		"table alone":     {"<table border=1><tr><td>id</td>", "HTML"},
		"XHTML":           {"<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC ><html>", "HTML"},
		"XML":             {"<?xml version=\"1.0\"?>\n<ODM FileType=\"Snapshot\">", "XML"},
		"JSON":            {"[\n {\"id\": 1, \"arm\": \"a\"}]", "JSON"},
		"JSON, object":    {"{\"data\": [[1, 2]]}", "JSON"},
		"JSON, lists":     {"[[1,2],[3,4]]", "JSON"},
		"NDJSON":          {"{\"id\":1}\n{\"id\":2}\n", "JSON"},
		"JSON, numbers":   {"[1, 2, 3]", "JSON"},
		"JSON, no quotes": {"{id: \"P01\"}", "JSON"},
		"meta first":      {"\r\n <meta charset=\"utf-8\"><table>", "HTML"},
		"style first":     {"<style>td {}</style><table>", "HTML"},
		"comment first":   {"<!-- made by x -->\n<html>", "HTML"},
		"an error":        {"<h1>403 Forbidden</h1>", "HTML"},
		"PHP's warning":   {"<br />\n<b>Warning</b>: mysql", "HTML"},
		"storage error":   {"<Error><Code>AccessDenied</Code></Error>", "XML"},
		"empty zip":       {"PK\x05\x06\x00", "zip"},
		"Excel 4":         {"\x09\x04\x06\x00\x00\x00\x10\x00", "Excel"},
		"SYLK":            {"ID;PWXL;N;E\r\nC;Y1;X1;K\"id\"\r\n", "SYLK"},
		"rds, native":     {"B\n\x03\x00\x00\x00", "file of R"},
		"MATLAB 7.3":      {"MATLAB 7.3 MAT-file, Platform", "MATLAB"},
		"NumPy":           {"\x93NUMPY\x01\x00", "Python"},
		"pickle":          {"\x80\x04\x95\x10\x00", "Python"},
		"LFS":             {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git lfs pull"},
		"git-annex":       {"/annex/objects/MD5E-s12--d41d8cd98f.csv\n", "git annex get"},
	} {
		_, err := Load(strings.NewReader(c.begins), "d.csv", p)
		var problems Problems
		require.ErrorAs(t, err, &problems, name)
		assert.Len(t, problems, 1, name)
		place := "d.csv:1:1: "
		if name == "sav" || name == "xlsx" || strings.HasPrefix(name, "xport") || name == "dta" || name == "dta, old" { // cut files of formats that are read: no line
			place = "d.csv: the "
		}
		assert.Equal(t, place, err.Error()[:11], name)
		assert.Contains(t, err.Error(), c.says, name)
	}
	for _, header := range []string{"[id],arm\n", "{id},arm\n", "<id>,arm\n", "<id>,<b>\n", "ID;P\n", "version,id\n"} {
		_, err := Load(strings.NewReader(header), "d.csv", p)
		assert.NotContains(t, err.Error(), "this is", header)
	}
}

// What programs write around a table changes nothing that is read, and a note
// tells it. The right values are those of the plain file.
func TestTablesAsProgramsWriteThem(t *testing.T) {
	p := Parsed(t, signsProtocol)
	plain := "id,arm,x0,x1,r0,r1,bmi\nP1,a,5.5,4,10,11.5,22.5\nP2,c,6,4.25,12,11,23\nP3,a,7,NA,9,8.5,24\nP4,c,7.5,6,9,8,25\n"
	want, err := Load(strings.NewReader(plain), "d.csv", p)
	require.NoError(t, err)
	require.Empty(t, want.Notes())
	lines := strings.Split(strings.TrimSuffix(plain, "\n"), "\n")
	with := func(header, row func(i int, s string) string) string {
		out := header(0, lines[0]) + "\n"
		for i, l := range lines[1:] {
			out += row(i+1, l) + "\n"
		}
		return out
	}
	same := func(_ int, s string) string { return s }
	each := func(old, sep string) func(int, string) string {
		return func(_ int, s string) string { return strings.ReplaceAll(s, old, sep) }
	}
	quoted := func(_ int, s string) string { return `"` + strings.ReplaceAll(s, ",", `" "`) + `"` }
	for name, c := range map[string]struct{ file, protocol, notes string }{
		"pipe":            {with(each(",", "|"), each(",", "|")), "", ""},
		"spaces":          {with(each(",", " "), each(",", "   ")), "", "columns-by-blanks"},
		"aligned columns": {with(each(",", "\t  "), func(_ int, s string) string { return "  " + strings.ReplaceAll(s, ",", "     ") + "  " }), "  delimiter: space\n", ""},
		"spaces stated":   {with(each(",", " "), each(",", " ")), "  delimiter: space\n", ""},
		"write.table": {with(quoted, func(i int, s string) string {
			return `"` + string(rune('0'+i)) + `" ` + strings.ReplaceAll(s, ",", " ")
		}), "", "row-names columns-by-blanks"},
		"row names, tabs":       {with(each(",", "\t"), func(i int, s string) string { return string(rune('0'+i)) + "\t" + strings.ReplaceAll(s, ",", "\t") }), "", "row-names"},
		"row names, quoted":     {with(same, func(i int, s string) string { return `"r` + string(rune('0'+i)) + `",` + s }), "", "row-names"},
		"row names, bare":       {with(same, func(i int, s string) string { return string(rune('0'+i)) + "," + s }), "", "row-names"},
		"row names with a name": {with(func(_ int, s string) string { return `"",` + s }, func(i int, s string) string { return string(rune('0'+i)) + "," + s }), "", ""},
		"trailing commas":       {with(same, func(_ int, s string) string { return s + "," }), "", "trailing-delimiters"},
		"trailing tabs":         {with(each(",", "\t"), func(_ int, s string) string { return strings.ReplaceAll(s, ",", "\t") + "\t\t" }), "", "trailing-delimiters"},
		"trailing everywhere":   {with(func(_ int, s string) string { return s + ",," }, func(_ int, s string) string { return s + ",," }), "", ""},
		"Ctrl-Z":                {plain + "\x1a", "", "file-end-mark"},
		"Ctrl-Z, padded":        {plain + "\x1a\x00\x00\r\n", "", "file-end-mark"},
		"two marks of order":    {"\ufeff\ufeff" + plain, "", "invisible-characters"},
		"zero width":            {strings.ReplaceAll(plain, "P1,a,", "P1\u200b,\u200ba\u00ad,"), "", "invisible-characters"},
		"zero width in header":  {strings.ReplaceAll(plain, "x0", "x0\u200b"), "", "invisible-characters"},
		"header stated":         {"# made by a program, with \"quotes\n\n;;;\n" + plain, "  header: 4\n", "lines-above-header"},
		"header stated, CR LF":  {strings.ReplaceAll("a title\n"+plain, "\n", "\r\n"), "  header: 2\n", "lines-above-header"},
		"titles":                {"a title, in words\nb\n\n" + plain, "", "header-found"},
		"comments":              {"# made by a program\n" + lines[0] + "\n# by visit, \"all\"\n" + strings.Join(lines[1:], "\n"), "", "header-found comment-lines"},
		"footnotes":             {plain + "\n* at rest\nSource: the ward\n", "", "footnotes"},
		"header stated, first":  {plain, "  header: 1\n", ""},
		"sep and header":        {"sep=;\n" + strings.ReplaceAll(plain, ",", ";"), "  header: 2\n", "lines-above-header"},
		"Qualtrics": {lines[0] + "\nWho?,Which?,a,b,c,d,e\n" + strings.Repeat(`"{""ImportId"":""Q""}",`, 6) + `"{""ImportId"":""Q7""}"` + "\n" +
			strings.Join(lines[1:], "\n"), "", "header-lines-below"},
	} {
		ds, err := Load(strings.NewReader(c.file), "d.csv", Parsed(t, signsProtocol+c.protocol))
		if !assert.NoError(t, err, name) {
			continue
		}
		assert.Equal(t, want.participants, ds.participants, name)
		assert.Equal(t, want.Accounting().RowsUsed, ds.Accounting().RowsUsed, name)
		assert.Equal(t, c.notes, strings.Join(Codes(ds.Notes()), " "), name)
	}
}

// What could mean something else stays a problem, with what to do.
func TestTablesThatAreNotGuessed(t *testing.T) {
	for name, c := range map[string]struct{ file, protocol, want string }{
		"decimal commas without quotes": {"id,arm,x0,x1,r0,r1,bmi\n1,a,5,5,4,1,1,2\n2,c,6,5,4,1,1,2\n", "",
			"d.csv:2:15: too many fields: 8, and the header has 7 (a decimal comma in a file with commas between fields must stand in quotes; names of rows, as R writes them, are left out with row.names = FALSE) (2 times: lines 2, 3)"},
		"the same with an empty last column": {"id,arm,x0,x1,r0,r1,bmi\n1,a,5,5,4,1,1,\n2,c,6,5,4,1,1,\n", "",
			"d.csv:2:15: too many fields: 8, and the header has 7 (nothing stands in the last ones; take the delimiters at the ends of the rows out, unless decimal commas pushed the fields to the right) (2 times: lines 2, 3)"},
		"row names of integers": {"id,arm,x0,x1,r0,r1,bmi\n1,P1,a,5,5,4,1,1\n2,P2,c,6,5,4,1,1\n", "",
			"d.csv:2:16: too many fields: 8, and the header has 7 (a decimal comma in a file with commas between fields must stand in quotes; names of rows, as R writes them, are left out with row.names = FALSE) (2 times: lines 2, 3)"},
		"a field without a name": {"id;arm;x0;x1;r0;r1;bmi\n1;a;5;5;4;1;1;ill\n2;c;6;5;4;1;1;well\n", "",
			"d.csv:2:15: too many fields: 8, and the header has 7 (if the first is the name of the row, as R writes it, write the file with row.names = FALSE) (2 times: lines 2, 3)"},
		"joined files": {"id,arm,x0,x1,r0,r1,bmi\n1,a,5,5,4,1,1\nid,arm,x0,x1,r0,r1,bmi\n2,c,6,5,4,1,1\n", "",
			"d.csv:3:1: the header stands here again, as in files that were joined; take the line out"},
		"second header": {"id,arm,x0,x1,r0,r1,bmi\nWho?,Which?,a,b,c,d,e\n1,a,5,5,4,1,1\n2,c,6,5,4,1,1\n", "",
			"d.csv:2:1: this line looks like a second header, such as questions, labels or units: it has words where numbers should stand and no participant of a known arm; take it out of the file"},
		"units": {"id,arm,x0,x1,r0,r1,bmi\n,,cm,cm,s,s,kg/m2\n1,a,5,5,4,1,1\n2,c,6,5,4,1,1\n", "",
			"d.csv:2:1: this line looks like a second header, such as questions, labels or units: it has words where numbers should stand and no participant of a known arm; take it out of the file"},
		"header beyond": {"id,arm\n1,a\n", "  header: 4\n", "d.csv:2:1: data.header is 4, and the file has 2 lines"},
		"wrong header":  {"id,arm,x0,x1,r0,r1,bmi\n1,a,5,5,4,1,1\n", "  header: 2\n", "d.csv:2:1: line 2, which data.header names, has none of the columns that the protocol names: arm, bmi, id, r0, r1, x0, x1; their names stand on line 1: write header: 1"},
		"titles over names written otherwise": {"a title;;\nb\n\nID;Arm;X0;X1;R0;R1;BMI\n1;a;5;5;4;1;1\n", "",
			"d.csv:1:1: the columns' names stand on line 4; write header: 4 under data, and the lines above are left out"},
		"data behind Ctrl-Z": {"id,arm,x0,x1,r0,r1,bmi\n1,a,5,5,4,1,1\n\x1a2,c,6,5,4,1,1\n", "",
			"d.csv:3:1: control character U+001A: this is not a text file"},
	} {
		_, err := Load(strings.NewReader(c.file), "d.csv", Parsed(t, signsProtocol+c.protocol))
		assert.EqualError(t, err, c.want, name)
	}
}

// Codes that a program wrote as numbers: 1.0 for 1.
func TestCodesAsDecimals(t *testing.T) {
	p := Parsed(t, strings.Replace(strings.Replace(longProtocol, "visit_values: {base: v0,", "arm_values: {1: a, 2: c}\n  visit_values: {1: v0, 2: v1,", 1), "adverse_events: ae", "adverse_events: ae", 1))
	ds, err := Load(strings.NewReader("id,arm,visit,X,Y,Y0,age,site,ae\n1,1.0,1.0,5,,7,50,n,2.0\n1,1.0,2.0,4,6,7,50,n,2.0\n2,2.0,1,5,,8,51,z,0\n2,2.00,2,4,6,8,51,z,0\n"), "d.csv", p)
	require.NoError(t, err)
	q := ds.Participants()
	assert.Equal(t, []string{"a", "c"}, []string{q[0].Arm, q[1].Arm})
	assert.Equal(t, 2, q[0].AdverseEvents)
	v, ok := ds.Value("1", "x", "v1")
	assert.True(t, ok)
	assert.Equal(t, 4.0, v.Number)
	assert.Equal(t, "codes-as-decimals codes-as-decimals", strings.Join(Codes(ds.Notes()), " "))
	assert.Equal(t, map[string]any{"column": "arm", "count": 4, "written": "1.0", "value": "1"}, map[string]any(ds.Notes()[0].Args))
	for s, want := range map[string]string{"1.0": "1", "12,00": "12", "1.5": "1.5", "1.": "1.", ".0": ".0", "a.0": "a.0", "1.0.0": "1.0.0"} {
		assert.Equal(t, want, wholeID(s), s)
	}
}

// A column of words is one problem, with the counts.
func TestColumnsOfWords(t *testing.T) {
	column := func(values string) string { return signsFile(",", map[string]string{"x0": values, "x1": "5"}) }
	for values, want := range map[string]string{
		"None|Mild|Severe|Mild":       `d.csv:2:6: column "x0" has words where numbers should stand: "Mild" (2), "None" (1), "Severe" (1); say which number each means under data.values: {x: {"Mild": …, "Severe": …}}`,
		"0 - none|1 - a little|2=bad": `d.csv:2:6: column "x0" has words where numbers should stand: "0 - none" (2), "1 - a little" (1), "2=bad" (1); say which number each means under data.values: {x: {"0 - none": …, "2=bad": …}}`,
		"5|Mild|4|Severe":             `d.csv:3:6: column "x0" has words among its numbers: "Mild" (1), "Severe" (1); declare those that mean a missing value under data.missing, and say under data.values which number the others mean: {x: {"Mild": …, "Severe": …}}`,
		"5|not done|4|not done":       `d.csv:3:6: x at v0: "not done" is not a number; declare it under data.missing if it means a missing value (2 times: lines 3, 5)`,
		"5|#DIV/0!|#N/A|#REF!": `d.csv:3:6: x at v0: "#DIV/0!" is an error of the spreadsheet, not a number; mend the formula there, or declare it under data.missing if it means a missing value` +
			` (3 times: lines 3, 4 ("#N/A"), 5 ("#REF!"))`,
		"5|€ 12|$3":      `d.csv:3:6: x at v0: "€ 12" is not a number; write the number alone, without a sign of currency (2 times: lines 3, 4 ("$3"))`,
		"5|1-mild|2-bad": `d.csv:3:6: column "x0" has words among its numbers: "1-mild" (1), "2-bad" (1); declare those that mean a missing value under data.missing, and say under data.values which number the others mean: {x: {"1-mild": …, "2-bad": …}}`,
		"5|1-mei|2-okt":  `d.csv:3:6: x at v0: "1-mei" is not a number; it looks like a date or a time, into which spreadsheets turn numbers (2 times: lines 3, 4 ("2-okt"))`,
	} {
		_, err := Load(strings.NewReader(column(values)), "d.csv", Parsed(t, signsProtocol))
		assert.EqualError(t, err, want, values)
	}
	_, err := Load(strings.NewReader(signsFile(",", map[string]string{"bmi": "thin|fat"})), "d.csv", Parsed(t, signsProtocol))
	assert.EqualError(t, err, `d.csv:2:14: column "bmi" has words where numbers should stand: "fat" (2), "thin" (2); the covariate is of kind: category, or its words have to be numbers in the file`)
	// A row whose arm is left out is not read.
	_, err = Load(strings.NewReader(signsFile(",", map[string]string{"x0": "5|4"})+"P9,screen,too ill,moved,1,1,1\n"), "d.csv",
		Parsed(t, signsProtocol+"  arm_values: {screen: \"\"}\n"))
	assert.NoError(t, err)
}
