package study

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// workbookOf writes a workbook of one sheet: numbers as number cells, texts as
// inline strings, errors (#…) as error cells, nil as no cell.
func workbookOf(t *testing.T, rows [][]any) string {
	var cells strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&cells, `<row r="%d">`, i+1)
		for j, v := range row {
			at := sheet.Name(i+1, j+1)
			switch x := v.(type) {
			case nil:
			case string:
				if strings.HasPrefix(x, "#") {
					fmt.Fprintf(&cells, `<c r="%s" t="e"><v>%s</v></c>`, at, x)
				} else {
					fmt.Fprintf(&cells, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, at, x)
				}
			default:
				fmt.Fprintf(&cells, `<c r="%s"><v>%v</v></c>`, at, x)
			}
		}
		cells.WriteString(`</row>`)
	}
	const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	const rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const pack = "http://schemas.openxmlformats.org/package/2006/"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="` + pack + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + pack + `relationships"><Relationship Id="r1" Type="` + rels + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="` + main + `" xmlns:r="` + rels + `"><sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + pack + `relationships"><Relationship Id="r1" Type="` + rels + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", `<worksheet xmlns="` + main + `"><sheetData>` + cells.String() + `</sheetData></worksheet>`},
	} {
		w, err := z.Create(part[0])
		require.NoError(t, err)
		_, err = w.Write([]byte(part[1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

// A number cell is the number that it holds: no decimal sign of its neighbors or of
// the protocol makes thousands of 2.125.
func TestNumberCellsHaveOneReading(t *testing.T) {
	p := OneOutcome(Outcome{ID: "x", Better: LowerIsBetter})
	p.Data.Covariates = []Covariate{{ID: "dose", Column: "dose", Kind: Numeric}}
	rows := [][]any{{"id", "arm", "x0", "x1", "dose"},
		{"1", "a", 2.125, 1.531, 1.25e-7}, {"2", "a", "6,5", 2.875, 1.125}, {"3", "c", 3.125, 1.125, 2.625}, {"4", "c", 4.375, "3,5", 1.375}}
	for _, decimal := range []string{"", ","} {
		p.Data.Decimal = decimal
		ds, err := Load(strings.NewReader(workbookOf(t, rows)), "d.xlsx", p)
		require.NoError(t, err)
		for i, want := range [][]float64{{2.125, 1.531, 1.25e-7}, {6.5, 2.875, 1.125}, {3.125, 1.125, 2.625}, {4.375, 3.5, 1.375}} {
			q := ds.Participants()[i]
			got := []float64{q.Numbers["dose"]}
			for j, v := range []string{"v0", "v1"} {
				x, ok := ds.Value(q.ID, "x", v)
				require.True(t, ok)
				assert.Equal(t, want[j], x.Number, "%s %s, decimal %q", q.ID, v, decimal)
			}
			assert.Equal(t, want[2], got[0])
		}
	}
}

// An error cell is no value, no category and no missing value in silence; declared,
// it is missing.
func TestErrorCellsAreProblems(t *testing.T) {
	p := OneOutcome(Outcome{ID: "x", Better: LowerIsBetter})
	p.Data.Covariates = []Covariate{{ID: "sex", Column: "sex", Kind: Category}}
	rows := [][]any{{"id", "arm", "x0", "x1", "sex"},
		{"1", "a", 2, 1, "f"}, {"2", "a", 5, "#DIV/0!", "m"}, {"3", "c", 3, 4, "#N/A"}, {"4", "c", 4, 3, "f"}}
	_, err := Load(strings.NewReader(workbookOf(t, rows)), "d.xlsx", p)
	assert.ErrorContains(t, err, "d.xlsx:Data!D3: ")
	assert.ErrorContains(t, err, "d.xlsx:Data!E4: ")
	p.Data.Missing = []string{"#DIV/0!", "#N/A"}
	_, err = Load(strings.NewReader(workbookOf(t, rows)), "d.xlsx", p)
	assert.NoError(t, err)
}
