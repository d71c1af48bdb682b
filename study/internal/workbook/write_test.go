package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	mainNS    = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relNS     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageNS = "http://schemas.openxmlformats.org/package/2006/relationships"
)

// bookOf makes a workbook of one sheet, Data: worksheet is what stands in its
// part, texts are the shared ones. Style 1 is a date, 2 a percentage, 3 a date and
// a time, 4 has leading zeros.
func bookOf(t testing.TB, worksheet, texts string) []byte {
	t.Helper()
	rel := func(id, kind, target string) string {
		return fmt.Sprintf(`<Relationship Id="%s" Type="%s/%s" Target="%s"/>`, id, relNS, kind, target)
	}
	override := func(part, kind string) string {
		return `<Override PartName="/xl/` + part + `.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.` + kind + `+xml"/>`
	}
	return packed(t,
		"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
			override("workbook", "sheet.main")+override("worksheets/sheet1", "worksheet")+override("styles", "styles")+override("sharedStrings", "sharedStrings")+`</Types>`,
		"_rels/.rels", `<Relationships xmlns="`+packageNS+`">`+rel("r1", "officeDocument", "xl/workbook.xml")+`</Relationships>`,
		"xl/workbook.xml", `<workbook xmlns="`+mainNS+`" xmlns:r="`+relNS+`"><sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships xmlns="`+packageNS+`">`+rel("r1", "worksheet", "worksheets/sheet1.xml")+rel("r2", "styles", "styles.xml")+rel("r3", "sharedStrings", "sharedStrings.xml")+`</Relationships>`,
		"xl/styles.xml", `<styleSheet xmlns="`+mainNS+`"><numFmts count="1"><numFmt numFmtId="164" formatCode="000"/></numFmts><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="22"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml", `<sst xmlns="`+mainNS+`">`+texts+`</sst>`,
		"xl/worksheets/sheet1.xml", worksheet)
}

// packed makes a zip file of parts: names and contents in turn.
func packed(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		h := &zip.FileHeader{Name: parts[i], Method: zip.Deflate}
		if len(parts[i+1]) < 4<<10 {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		require.NoError(t, err)
		_, err = w.Write([]byte(parts[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// worksheetOf is a sheet's part with what stands in its data, and behind it.
func worksheetOf(data, behind string) string {
	return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + `<worksheet xmlns="` + mainNS + `"><sheetData>` + data + `</sheetData>` + behind + `</worksheet>`
}

// large makes a workbook as Excel writes one: n rows of 10 columns, of which 3 are
// shared texts, 1 is a date and the others are numbers of up to 17 digits.
func large(t testing.TB, n int) []byte {
	var data, texts strings.Builder
	for i := range n {
		fmt.Fprintf(&texts, "<si><t>P%06d</t></si>", i)
	}
	names := []string{"id", "arm", "site", "date", "age", "pain0", "pain6", "walk", "score", "ratio", "active", "placebo", "North", "South", "East"}
	for _, s := range names {
		fmt.Fprintf(&texts, "<si><t>%s</t></si>", s)
	}
	data.WriteString(`<row r="1" spans="1:10">`)
	for j := range 10 {
		fmt.Fprintf(&data, `<c r="%c1" t="s"><v>%d</v></c>`, 'A'+j, n+j)
	}
	data.WriteString("</row>")
	for i := range n {
		r := i + 2
		fmt.Fprintf(&data, `<row r="%d" spans="1:10"><c r="A%d" t="s"><v>%d</v></c><c r="B%d" t="s"><v>%d</v></c><c r="C%d" t="s"><v>%d</v></c><c r="D%d" s="1"><v>%d</v></c>`,
			r, r, i, r, n+10+i%2, r, n+12+i%3, r, 45000+i%700)
		fmt.Fprintf(&data, `<c r="E%d"><v>%d</v></c><c r="F%d"><v>%g</v></c><c r="G%d"><v>%g</v></c><c r="H%d"><v>%g</v></c><c r="I%d"><v>%d</v></c><c r="J%d"><v>%.17g</v></c></row>`,
			r, 30+i%50, r, float64(i%100)/10, r, float64(i*7%100)/10, r, 200+float64(i%3000)/10, r, i%101, r, float64(i%997)/997)
	}
	return bookOf(t, worksheetOf(data.String(), ""), texts.String())
}
