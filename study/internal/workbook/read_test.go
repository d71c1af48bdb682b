package workbook

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

func read(b []byte) ([]sheet.Sheet, error) { return Read(bytes.NewReader(b), int64(len(b))) }

const shared = `<si><t>id</t></si><si><r><t>pa</t></r><r><t xml:space="preserve">in </t></r><rPh><t>hint</t></rPh></si><si><t>a_x005F_x_x000A_b</t></si>`

func one(t *testing.T, data, behind string) sheet.Sheet {
	t.Helper()
	s, err := read(bookOf(t, worksheetOf(data, behind), shared))
	require.NoError(t, err)
	require.Len(t, s, 1)
	return s[0]
}

func TestCells(t *testing.T) {
	s := one(t, `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="D1" t="s"><v>2</v></c></row>`+
		`<row r="3"><c r="A3" s="4"><v>7</v></c><c r="B3"><v>6.2999999999999998</v></c><c r="C3" s="1"/><c r="D3"><v>5.400000E+01</v></c></row>`+
		`<row><c s="1"><v>45351</v></c><c s="3"><v>45351.42167824074</v></c><c t="d"><v>2024-02-29T10:07</v></c><c s="2"><v>0.777</v></c></row>`+
		`<row><c t="b"><v>1</v></c><c t="inlineStr"><is><t>in line</t></is></c><c t="str"><f>A1</f><v>text</v></c><c t="e"><v>#N/A</v></c><c><f>A1</f></c><c t="str"><v></v></c><c s="1"><v>60</v></c></row>`, "")
	assert.Equal(t, "1|t:id|t:pain|-:|t:a_x\nb\n3|n:7|n:6.3|-:|n:54\n4|d:2024-02-29|m:2024-02-29T10:07:13|m:2024-02-29T10:07:00|n:0.777\n5|t:TRUE|t:in line|t:text|e:#N/A|u:|-:|e:1900-02-29\n", sheettest.Cells(s))
	said := sheettest.Said(s)
	assert.Contains(t, said, "shown as percentages (D4 and in all 1)")
	assert.Contains(t, said, "leading zeros by the format 000 (A3 and in all 1)")
}

func TestHiddenAndMergedCells(t *testing.T) {
	s := one(t, `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>pain</v></c></row><row r="2"><c r="B2" t="str"><v>before</v></c><c r="C2" t="str"><v>after</v></c></row>`+
		`<row r="3" hidden="1"><c r="A3"><v>1</v></c><c r="B3"><v>5</v></c><c r="C3"><v>4</v></c></row><row r="4"><c r="B4"><v>6</v></c></row>`,
		`<autoFilter ref="A1:C4"/><mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/><mergeCell ref="A3:A4"/></mergeCells>`)
	assert.Equal(t, "2|t:id|t:pain before|t:pain after\n3|n:1|n:5|n:4\n4|n:1|n:6\n", sheettest.Cells(s))
	said := sheettest.Said(s)
	for _, words := range []string{"a filter hides rows in the workbook (1: 3)", "merged over rows (A1:A2 and in all 2 times)", "the names were joined"} {
		assert.Contains(t, said, words)
	}
}

func TestDamage(t *testing.T) {
	data := `<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>`
	sheettest.Hostile(t, bookOf(t, worksheetOf(data, ""), shared), read, func(int) bool { return false })
	for name, c := range map[string]struct{ data, behind, code, place string }{
		"index":         {`<row r="3"><c r="A3" t="s"><v>9</v></c></row>`, "", "file-cell-shared", "Data!A3"},
		"number":        {`<row r="4"><c r="G4"><v>6.5abc</v></c></row>`, "", "file-cell-number", "Data!G4"},
		"type":          {`<row r="1"><c r="A1" t="x"><v>1</v></c></row>`, "", "file-cell-type", "Data!A1"},
		"style":         {`<row r="1"><c r="A1" s="5"><v>1</v></c></row>`, "", "file-cell-style", "Data!A1"},
		"boolean":       {`<row r="1"><c r="A1" t="b"><v>2</v></c></row>`, "", "file-cell-value", "Data!A1"},
		"date":          {`<row r="1"><c r="A1" t="d"><v>2023-02-29</v></c></row>`, "", "file-cell-value", "Data!A1"},
		"another row":   {`<row r="1"><c r="A2"><v>1</v></c></row>`, "", "file-cell-name", "Data!A1"},
		"to the left":   {`<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>`, "", "file-cell-name", "Data!C1"},
		"rows descend":  {`<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>`, "", "file-row-number", "Data!A2"},
		"row 1,048,577": {`<row r="1048577"><c><v>1</v></c></row>`, "", "file-row-number", "Data"},
		"element":       {`<row r="1"><x/></row>`, "", "file-workbook-element", "Data!A1"},
		"merge":         {data, `<mergeCells><mergeCell ref="B1:A1"/></mergeCells>`, "file-merge", "Data"},
		"nothing":       {`<row r="1"><c r="A1" s="1"/></row>`, "", "file-workbook-empty", ""},
	} {
		_, err := sheettest.Frugal(t, bookOf(t, worksheetOf(c.data, c.behind), shared), read)
		require.Error(t, err, name)
		f := err.(*sheet.Fault)
		assert.Equal(t, c.code+" "+c.place, f.Code+" "+f.Place(), "%s: %v", name, err)
	}
}

// Small files that would become large are refused before they do.
func TestBombs(t *testing.T) {
	var far, merged strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&far, `<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, i+1, i+1)
	}
	for i := range 2000 {
		fmt.Fprintf(&merged, `<mergeCell ref="XFD1:XFD%d"/>`, 1000+i)
	}
	for name, c := range map[string]struct{ data, behind, code string }{
		"cells far out": {far.String(), "", "file-cells-many"},
		"merged cells":  {`<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>` + strings.ReplaceAll(far.String()[len(`<row r="1"><c r="XFD1"><v>1</v></c></row>`):], "XFD", "A"), "<mergeCells>" + merged.String() + "</mergeCells>", "file-cells-many"},
		"a long text":   {`<row r="1"><c r="A1" t="inlineStr"><is>` + strings.Repeat("<r><t>12345678</t></r>", 200_000) + `</is></c></row>`, "", "file-text-long"},
	} {
		_, err := sheettest.Frugal(t, bookOf(t, worksheetOf(c.data, c.behind), shared), read)
		require.Error(t, err, name)
		assert.Equal(t, c.code, err.(*sheet.Fault).Code, "%s: %v", name, err)
	}
	// What the limits allow once is not allowed a sheet at a time.
	part := worksheetOf(far.String()[:strings.Index(far.String(), `<row r="60">`)], "")
	parts := []string{"_rels/.rels", `<Relationships xmlns="` + packageNS + `"><Relationship Id="r" Type="` + relNS + `/officeDocument" Target="w.xml"/></Relationships>`}
	var sheets, rels strings.Builder
	for i := range 50 {
		fmt.Fprintf(&sheets, `<sheet name="S%d" sheetId="%d" r:id="r%d"/>`, i, i, i)
		fmt.Fprintf(&rels, `<Relationship Id="r%d" Type="%s/worksheet" Target="s%d.xml"/>`, i, relNS, i)
		parts = append(parts, fmt.Sprintf("s%d.xml", i), part)
	}
	parts = append(parts, "w.xml", `<workbook xmlns="`+mainNS+`" xmlns:r="`+relNS+`"><sheets>`+sheets.String()+`</sheets></workbook>`, "_rels/w.xml.rels", `<Relationships xmlns="`+packageNS+`">`+rels.String()+`</Relationships>`)
	_, err := sheettest.Frugal(t, packed(t, parts...), read)
	require.Error(t, err)
	assert.Equal(t, "file-cells-many", err.(*sheet.Fault).Code)
}

// Whatever stands in a sheet's part and among the texts, it is a table or a fault
// with its place.
func FuzzWorkbook(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>x</v></c></row><row r="2"><c r="A2" s="3"><v>45351.42167824074</v></c><c r="C2" t="e"><v>#N/A</v></c></row>`, `<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:A3"/></mergeCells>`, shared)
	f.Add(`<row><c s="4"><v>7</v></c><c t="inlineStr"><is><r><t xml:space="preserve"> a </t></r></is></c></row><row hidden="1"><c t="d"><v>2024-02-29T10:07:12.9999</v></c><c><f>A1</f></c></row>`, `<autoFilter ref="A1"/>`, "")
	f.Add(`<row r="9"><c r="XFD9" s="2"><v>-1e-7</v></c></row>`, `<cols><col min="1" max="3" hidden="1"/></cols>`, `<si><t>_x0041_</t></si>`)
	f.Fuzz(func(t *testing.T, data, behind, texts string) {
		got, err := read(bookOf(t, worksheetOf(data, behind), texts))
		if err != nil {
			if _, ok := err.(*sheet.Fault); !ok || err.Error() == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		sheettest.Sound(t, got)
	})
}
