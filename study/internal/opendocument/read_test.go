package opendocument

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

const namespaces = ` xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"` +
	` xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
	` xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"` +
	` xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"` +
	` xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3"`

const styles = `<office:automatic-styles><style:style style:name="seen" style:family="table"><style:table-properties table:display="true"/></style:style>` +
	`<style:style style:name="unseen" style:family="table"><style:table-properties table:display="false"/></style:style>` +
	// LibreOffice takes a value for a date where the cell's style is one of dates.
	`<number:date-style style:name="N1"><number:day/><number:text>-</number:text><number:month/><number:text>-</number:text><number:year/></number:date-style>` +
	`<number:time-style style:name="N2"><number:hours/><number:text>:</number:text><number:minutes number:style="long"/></number:time-style>` +
	`<number:percentage-style style:name="N3"><number:number number:decimal-places="1"/><number:text>%</number:text></number:percentage-style>` +
	`<style:style style:name="day" style:family="table-cell" style:data-style-name="N1"/><style:style style:name="clock" style:family="table-cell" style:data-style-name="N2"/>` +
	`<style:style style:name="share" style:family="table-cell" style:data-style-name="N3"/>` +
	`</office:automatic-styles>`

// body is a document with what stands in its spreadsheet.
func body(spreadsheet string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n<office:document-content" + namespaces + ">" + styles + "<office:body><office:spreadsheet>" + spreadsheet +
		"</office:spreadsheet></office:body></office:document-content>"
}

func tableOf(name, style, rows string) string {
	return `<table:table table:name="` + name + `" table:style-name="` + style + `">` + rows + "</table:table>"
}

func rowOf(cells ...string) string {
	return "<table:table-row>" + strings.Join(cells, "") + "</table:table-row>"
}

func textOf(s string) string {
	return `<table:table-cell office:value-type="string"><text:p>` + s + `</text:p></table:table-cell>`
}

func floatOf(v string) string {
	return `<table:table-cell office:value-type="float" office:value="` + v + `"><text:p>` + v + `</text:p></table:table-cell>`
}

// typed is a cell of a type and with attributes, which shows something.
func typed(kind, attributes, shown string) string {
	return `<table:table-cell office:value-type="` + kind + `" ` + attributes + `><text:p>` + shown + `</text:p></table:table-cell>`
}

const mime = "application/vnd.oasis.opendocument.spreadsheet"

// pack makes a file of parts; the media type stands first.
func pack(t testing.TB, kind string, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, method uint16, content string) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = w.Write([]byte(content))
		require.NoError(t, err)
	}
	if kind != "" {
		add("mimetype", zip.Store, kind)
	}
	for i := 0; i < len(parts); i += 2 {
		add(parts[i], zip.Deflate, parts[i+1])
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

const list = `<?xml version="1.0"?><manifest:manifest` + namespaces + `><manifest:file-entry manifest:full-path="/" manifest:media-type="` + mime + `"/>` +
	`<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`

func file(t testing.TB, spreadsheet string) []byte {
	return pack(t, mime, "content.xml", body(spreadsheet), "META-INF/manifest.xml", list)
}

func is(src []byte) bool { return Is(src[:min(len(src), 4096)], bytes.NewReader(src), int64(len(src))) }

// one reads a file of one sheet.
func one(t *testing.T, rows string) sheet.Sheet {
	t.Helper()
	src := file(t, tableOf("Data", "seen", rows))
	require.True(t, is(src))
	s, err := read(src)
	require.NoError(t, err)
	require.Len(t, s, 1)
	return s[0]
}

func TestValuesAreThoseStored(t *testing.T) {
	s := one(t, rowOf(textOf("a"), textOf("b"))+
		rowOf(typed("float", `office:value="6.2999999999999998"`, "6,3 cm"), typed("float", `office:value="-1.5E+2"`, "-150"), typed("float", `office:value="-0"`, "0"), typed("float", `office:value="7"`, "007"))+
		rowOf(typed("percentage", `office:value="0.777"`, "77,7%"), typed("currency", `office:currency="EUR" office:value="60"`, "€ 60,00"), typed("boolean", `office:boolean-value="true"`, "WAAR"),
			typed("boolean", `office:boolean-value="false"`, "ONWAAR"))+
		rowOf(typed("date", `office:date-value="2024-02-29"`, "29-02-24"), typed("date", `office:date-value="2024-02-29T10:07:12.999999999"`, "x"), typed("time", `office:time-value="PT08H00M00S"`, "8 uur"),
			typed("time", `office:time-value="PT30H15M0.25S"`, "30:15"), typed("time", `office:time-value="P1DT1H"`, "25:00"), typed("time", `office:time-value="-PT0H5M"`, "x"))+
		rowOf(typed("string", `office:string-value="stored "`, "shown"), typed("string", `office:string-value=""`, "shown"), textOf("  a  b<text:s text:c=\"2\"/>c<text:tab/>d<text:line-break/>e "), `<table:table-cell><text:p>bare</text:p></table:table-cell>`)+
		rowOf(`<table:table-cell office:value-type="string"><office:annotation><dc:creator>x</dc:creator><text:p>no value</text:p></office:annotation><text:p>one <text:span>bold <text:a>link</text:a></text:span>, `+
			`<text:ruby><text:ruby-base>base</text:ruby-base><text:ruby-text>hint</text:ruby-text></text:ruby><text:note><text:note-body><text:p>foot</text:p></text:note-body></text:note></text:p>`+
			`<text:p>tw<office:annotation><text:p>no value</text:p></office:annotation><draw:frame><draw:text-box/></draw:frame>o</text:p><draw:frame><text:p>picture</text:p></draw:frame></table:table-cell>`))
	assert.Equal(t, "1|t:a|t:b\n2|n:6.3|n:-150|n:0|n:7\n3|n:0.777|n:60|t:TRUE|t:FALSE\n4|d:2024-02-29|m:2024-02-29T10:07:13|c:08:00:00|c:30:15:00.25|c:25:00:00|c:-00:05:00\n"+
		"5|t:stored|-:|t:a b  c\td\ne|t:bare\n6|t:one bold link, base\ntwo\n", sheettest.Cells(s))
	said := sheettest.Said(s)
	assert.Contains(t, said, "shown as percentages (A3 and in all 1)")
	assert.Contains(t, said, "leading zeros by the format 000 (D2 and in all 1)")
}

func TestFormulasAndErrors(t *testing.T) {
	s := one(t, rowOf(
		typed("float", `table:formula="of:=1+1" office:value="2"`, "2"),
		typed("string", `table:formula="of:=&quot;&quot;" office:string-value=""`, ""),
		`<table:table-cell table:formula="of:=A1"/>`,
		`<table:table-cell table:formula="of:=A1" office:value-type="float"/>`,
		typed("string", `table:formula="of:=1/0" office:string-value="" calcext:value-type="error"`, "#DIV/0!"),
		typed("float", `table:formula="of:=NA()" office:value="0"`, "#N/A"),
		typed("float", `table:formula="of:=X" office:value="0"`, "Err:508"),
		textOf("#N/A"),
		typed("float", `table:formula="of:=1" office:value="3"`, "###"),
		typed("float", `calcext:value-type="error" office:value="0"`, "")))
	assert.Equal(t, "1|n:2|-:|u:|u:|e:#DIV/0!|e:#N/A|e:Err:508|t:#N/A|n:3|e:#ERROR!\n", sheettest.Cells(s))
}

// What the file writes once and counts many times is there as many times, and
// empty cells and rows are counted alone.
func TestRepeatedCells(t *testing.T) {
	empty := `<table:table-cell table:number-columns-repeated="3"/>`
	s := one(t, `<table:table-column table:number-columns-repeated="16384"/>`+
		rowOf(textOf("a"), textOf("b"), textOf("c"))+
		rowOf(empty, typed("float", `office:value="2.5" table:number-columns-repeated="3"`, "2,5"), textOf("x"), `<table:table-cell table:number-columns-repeated="16377"/>`)+
		`<table:table-row table:number-rows-repeated="1000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`+
		`<table:table-row table:number-rows-repeated="3">`+floatOf("1")+typed("string", `table:number-columns-repeated="2"`, "z")+`</table:table-row>`+
		rowOf(textOf("last"))+
		`<table:table-row table:number-rows-repeated="1047570"><table:table-cell table:style-name="x" table:number-columns-repeated="16384"/></table:table-row>`)
	assert.Equal(t, "1|t:a|t:b|t:c\n2|-:|-:|-:|n:2.5|n:2.5|n:2.5|t:x\n1003|n:1|t:z|t:z\n1004|n:1|t:z|t:z\n1005|n:1|t:z|t:z\n1006|t:last\n", sheettest.Cells(s))
	// Rows made of one are rows of their own.
	s.Rows[2].Cells[0].Text = "changed"
	assert.Equal(t, "1", s.Rows[3].Cells[0].Text)
}

func TestHiddenPartsAreSaid(t *testing.T) {
	rows := `<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/><table:table-column-group table:display="false"><table:table-column/></table:table-column-group>` +
		`<table:table-header-rows>` + rowOf(textOf("a"), textOf("b"), textOf("c"), textOf("d"), textOf("e")) + `</table:table-header-rows>` +
		`<table:table-row table:visibility="collapse">` + floatOf("1") + `</table:table-row>` +
		`<table:table-row-group table:display="false">` + rowOf(floatOf("2")) + `<table:table-row-group>` + rowOf(floatOf("3")) + `</table:table-row-group></table:table-row-group>` + rowOf(floatOf("4"))
	s := one(t, rows)
	assert.Len(t, s.Rows, 5)
	assert.Equal(t, "rows are hidden in the workbook (3: 2, 3, 4); they are data and were read as the others\ncolumns are hidden in the workbook (3: B, C, D); they were read as the others", sheettest.Said(s))
	s = one(t, strings.Replace(rows, `"collapse">`+floatOf("1"), `"filter">`+floatOf("1"), 1))
	assert.Contains(t, sheettest.Said(s), "a filter hides rows")

	all, err := read(file(t, tableOf("One", "unseen", rowOf(textOf("a")))+tableOf("Two", "seen", rowOf(textOf("b")))+
		tableOf("'file:///home/x.ods'#$S", "unseen", `<table:table-source table:table-name="S"/>`+rowOf(textOf("c")))+
		`<table:tracked-changes><table:deletion><table:table-cell><text:p>gone</text:p></table:table-cell></table:deletion></table:tracked-changes>`+
		`<table:database-ranges><table:database-range table:target-range-address="Two.A1:Two.B9"><table:filter/></table:database-range></table:database-ranges>`))
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.True(t, all[0].Hidden)
	assert.False(t, all[1].Hidden)
	assert.True(t, all[0].Letters)
}

func TestMergedCells(t *testing.T) {
	covered := `<table:covered-table-cell/>`
	head := rowOf(typed("string", `table:number-columns-spanned="1" table:number-rows-spanned="2"`, "id"), typed("string", `table:number-columns-spanned="2" table:number-rows-spanned="1"`, "pain"), covered) +
		rowOf(covered, textOf("before"), textOf("after"))
	s := one(t, head+rowOf(typed("float", `office:value="1" table:number-columns-spanned="1" table:number-rows-spanned="2"`, "1"), floatOf("5"), floatOf("4"))+rowOf(covered, floatOf("6"), floatOf("3")))
	assert.Equal(t, "2|t:id|t:pain before|t:pain after\n3|n:1|n:5|n:4\n4|n:1|n:6|n:3\n", sheettest.Cells(s))
	assert.Contains(t, sheettest.Said(s), "the names were joined")
	assert.Contains(t, sheettest.Said(s), "merged over rows (A1:A2 and in all 2 times)")
}

func TestRefusals(t *testing.T) {
	doc := tableOf("Data", "seen", rowOf(textOf("a"))+rowOf(floatOf("1")))
	encryption := strings.Replace(list, `media-type="text/xml"/>`, `media-type="text/xml"><manifest:encryption-data/></manifest:file-entry>`, 1)
	sheetJS := `<office:document-meta` + namespaces + `><office:meta><meta:generator>SheetJS 0.20</meta:generator></office:meta></office:document-meta>`
	flat := func(kind, meta string) []byte {
		return []byte("<office:document" + namespaces + ` office:mimetype="` + kind + `">` + meta + "<office:body><office:spreadsheet>" + doc + "</office:spreadsheet></office:body></office:document>")
	}
	cell := func(c string) []byte {
		return file(t, tableOf("Data", "seen", rowOf(textOf("a"))+rowOf(textOf("b"), c)))
	}
	for name, c := range map[string]struct {
		src         []byte
		code, place string
	}{
		"password":         {pack(t, mime, "content.xml", "noise", "META-INF/manifest.xml", encryption), "file-workbook-password", ""},
		"wholly encrypted": {pack(t, mime, "encrypted-package", "noise"), "file-workbook-password", ""},
		"a letter":         {pack(t, "application/vnd.oasis.opendocument.text", "content.xml", body(doc), "META-INF/manifest.xml", list), "file-workbook-document", ""},
		"a letter, unsaid": {pack(t, "", "content.xml", strings.ReplaceAll(body(doc), "spreadsheet", "text"), "META-INF/manifest.xml", list), "file-workbook-document", ""},
		"OpenOffice.org 1": {pack(t, "application/vnd.sun.xml.calc", "content.xml", body(doc), "META-INF/manifest.xml", list), "file-ods-old", ""},
		"SheetJS":          {pack(t, mime, "content.xml", body(doc), "meta.xml", sheetJS, "META-INF/manifest.xml", list), "file-ods-serials", ""},
		"SheetJS, flat":    {flat(mime, `<office:meta><office:meta><meta:generator>SheetJS 0.18.5</meta:generator></office:meta></office:meta>`), "file-ods-serials", ""},
		"a flat letter":    {flat("application/vnd.oasis.opendocument.text", ""), "file-workbook-document", ""},
		"no content":       {pack(t, mime, "META-INF/manifest.xml", list), "file-part-missing", ""},
		"another XML":      {pack(t, mime, "content.xml", "<a/>", "META-INF/manifest.xml", list), "file-workbook-other", ""},
		"no cells":         {file(t, tableOf("Data", "seen", rowOf(`<table:table-cell/>`))), "file-workbook-empty", ""},
		"no tables":        {file(t, ""), "file-workbook-empty", ""},
		"a document type":  {pack(t, mime, "content.xml", strings.Replace(body(doc), "<office:document-content", "<!DOCTYPE a [<!ENTITY b 'c'>]><office:document-content", 1)), "file-xml-doctype", ""},
		"XML breaks off":   {pack(t, mime, "content.xml", body(doc)[:len(body(doc))-60]), "file-xml-cut", ""},
		"not a number":     {cell(typed("float", `office:value="6.5abc"`, "6.5")), "file-cell-number", "Data!B2"},
		"NaN":              {cell(typed("float", `office:value="NaN"`, "NaN")), "file-cell-number", "Data!B2"},
		"out of range":     {cell(typed("float", `office:value="1e999"`, "1e999")), "file-cell-number", "Data!B2"},
		"no date":          {cell(typed("date", `office:date-value="2023-02-29"`, "x")), "file-cell-value", "Data!B2"},
		"a time as a date": {cell(typed("date", `office:date-value="10:00"`, "x")), "file-cell-value", "Data!B2"},
		"months":           {cell(typed("time", `office:time-value="P1M"`, "x")), "file-cell-value", "Data!B2"},
		"half an hour":     {cell(typed("time", `office:time-value="PT0.5H"`, "x")), "file-cell-value", "Data!B2"},
		"a bare number":    {cell(typed("time", `office:time-value="PT5"`, "x")), "file-cell-value", "Data!B2"},
		"hours as days":    {cell(typed("time", `office:time-value="P5H"`, "x")), "file-cell-value", "Data!B2"},
		"nothing":          {cell(typed("time", `office:time-value="PT"`, "x")), "file-cell-value", "Data!B2"},
		"perhaps":          {cell(typed("boolean", `office:boolean-value="maybe"`, "x")), "file-cell-value", "Data!B2"},
		"another type":     {cell(typed("fraction", `office:value="1"`, "x")), "file-cell-type", "Data!B2"},
		"a value shown":    {cell(typed("float", "", "5")), "file-ods-value", "Data!B2"},
		"repeat 0":         {cell(`<table:table-cell table:number-columns-repeated="0"/>`), "file-ods-repeat", "Data!B2"},
		"repeat -1":        {cell(`<table:table-cell table:number-columns-repeated="-1"/>`), "file-ods-repeat", "Data!B2"},
		"repeat huge":      {cell(`<table:table-cell table:number-columns-repeated="99999999999999999999"/>`), "file-ods-repeat", "Data!B2"},
		"row repeat":       {file(t, tableOf("Data", "seen", `<table:table-row table:number-rows-repeated="x">`+textOf("a")+`</table:table-row>`)), "file-ods-repeat", "Data!A1"},
		"too far right":    {cell(`<table:table-cell table:number-columns-repeated="16384"/>` + floatOf("1")), "file-cell-name", "Data!XFE2"},
		"too far down":     {file(t, tableOf("Data", "seen", rowOf(textOf("a"))+`<table:table-row table:number-rows-repeated="1048575"/>`+rowOf(textOf("b")))), "file-row-number", "Data!A1048577"},
		"a row in a row":   {file(t, tableOf("Data", "seen", rowOf(rowOf(textOf("a"))))), "file-workbook-element", "Data!A1"},
		"a table in one":   {file(t, tableOf("Data", "seen", rowOf(textOf("a"))+tableOf("In", "seen", ""))), "file-workbook-element", "Data!A1"},
	} {
		require.True(t, is(c.src), name)
		_, err := sheettest.Frugal(t, c.src, read)
		require.Error(t, err, name)
		f := err.(*sheet.Fault)
		assert.Equal(t, c.code+" "+c.place, f.Code+" "+f.Place(), "%s: %v", name, err)
	}
	// Flat files of others, and a zip file whose parts stand in another order.
	want, err := read(file(t, doc))
	require.NoError(t, err)
	for name, src := range map[string][]byte{"flat": flat(mime, `<office:meta><meta:generator>LibreOffice/7.4</meta:generator></office:meta>`),
		"another order": pack(t, "", "META-INF/manifest.xml", list, "content.xml", body(doc), "mimetype", mime)} {
		require.True(t, is(src), name)
		got, err := read(src)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
	for _, other := range []string{"", "PK\x03\x04", "<html>", `<?xml version="1.0"?><a/>`, "id,arm\n"} {
		assert.False(t, is([]byte(other)), other)
	}
}
