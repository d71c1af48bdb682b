package opendocument

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

func TestDamage(t *testing.T) {
	doc := tableOf("Data", "seen", rowOf(textOf("a"), textOf("b"))+rowOf(floatOf("1"), typed("float", `office:value="2" table:number-columns-repeated="2"`, "2")))
	sheettest.Hostile(t, file(t, doc), read, func(int) bool { return false })
	flat := "<office:document" + namespaces + "><office:body><office:spreadsheet>" + doc + "</office:spreadsheet></office:body></office:document>"
	sheettest.Hostile(t, []byte(flat), read, func(int) bool { return false })
}

// Small files that would become large are refused before they do, however they
// are made of repetitions, gaps, merged cells and sheets.
func TestBombs(t *testing.T) {
	cell := func(attributes string) string { return typed("float", `office:value="1" `+attributes, "1") }
	times := func(n int, cells string) string {
		return fmt.Sprintf(`<table:table-row table:number-rows-repeated="%d">%s</table:table-row>`, n, cells)
	}
	far := `<table:table-cell table:number-columns-repeated="16000"/>` + floatOf("1")
	var sheets, merged strings.Builder
	for i := range 200 {
		sheets.WriteString(tableOf(fmt.Sprint(i), "seen", times(20000, floatOf("1"))))
		merged.WriteString(rowOf(cell(`table:number-columns-spanned="1" table:number-rows-spanned="1048000"`), strings.Repeat(`<table:table-cell table:number-columns-repeated="300"/>`+floatOf("1"), 5)))
	}
	for name, c := range map[string]struct{ spreadsheet, code string }{
		"cells and rows":  {tableOf("D", "seen", times(1048576, cell(`table:number-columns-repeated="16384"`))), "file-cells-many"},
		"rows":            {tableOf("D", "seen", times(1048576, strings.Repeat(floatOf("1"), 50))), "file-cells-many"},
		"cells":           {tableOf("D", "seen", strings.Repeat(rowOf(cell(`table:number-columns-repeated="16384"`)), 1000)), "file-cells-many"},
		"gaps":            {tableOf("D", "seen", strings.Repeat(rowOf(far), 1000)), "file-cells-many"},
		"gaps repeated":   {tableOf("D", "seen", times(1000, far)), "file-cells-many"},
		"many sheets":     {sheets.String(), "file-cells-many"},
		"a long text":     {tableOf("D", "seen", rowOf(`<table:table-cell office:value-type="string"><text:p>`+strings.Repeat("<text:span>12345678</text:span>", 150_000)+`</text:p></table:table-cell>`)), "file-text-long"},
		"blanks":          {tableOf("D", "seen", rowOf(textOf(strings.Repeat(`<text:s text:c="1000000"/>`, 100)))), "file-text-long"},
		"more blanks":     {tableOf("D", "seen", rowOf(textOf(`<text:s text:c="2000000000"/>`))), "file-text-long"},
		"deep":            {tableOf("D", "seen", strings.Repeat("<table:table-row-group>", 200)), "file-xml-deep"},
		"an inflated one": {tableOf("D", "seen", rowOf(textOf("a"))+"<!--"+strings.Repeat(" ", 60_000_000)+"-->"), "file-part-large"},
	} {
		_, err := sheettest.Frugal(t, file(t, c.spreadsheet), read)
		require.Error(t, err, name)
		assert.Equal(t, c.code, err.(*sheet.Fault).Code, "%s: %v", name, err)
	}
	_, err := sheettest.Frugal(t, file(t, tableOf("D", "seen", merged.String())), read)
	require.NoError(t, err)
}

// Whatever stands in the sheets' part, it is a table or a fault with its place.
func FuzzOpenDocument(f *testing.F) {
	for _, s := range []string{
		tableOf("Data", "seen", rowOf(textOf("a"), textOf("b"))+rowOf(floatOf("1"), typed("float", `office:value="2" table:number-columns-repeated="2"`, "2"))),
		tableOf("Data", "unseen", `<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/><table:table-row table:number-rows-repeated="3">`+
			typed("date", `office:date-value="2024-02-29T10:07:12.9999"`, "x")+typed("time", `office:time-value="PT8H0M0.5S"`, "x")+typed("boolean", `office:boolean-value="true"`, "x")+`</table:table-row>`),
		tableOf("Data", "seen", rowOf(typed("string", `table:number-columns-spanned="2" table:number-rows-spanned="2"`, "a"), `<table:covered-table-cell/>`, typed("string", `table:formula="of:=1/0" calcext:value-type="error"`, "#DIV/0!"))),
		tableOf("Data", "seen", rowOf(textOf(`  a <text:s text:c="3"/><text:span>b</text:span><text:tab/><text:line-break/>`)))} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, spreadsheet string) {
		got, err := read([]byte(body(spreadsheet)))
		if err != nil {
			var fault *sheet.Fault
			if !errors.As(err, &fault) || strings.Contains(fault.Place(), "-") && !strings.Contains(spreadsheet, "-") {
				t.Fatalf("%v", err)
			}
			return
		}
		sheettest.Sound(t, got)
	})
}
