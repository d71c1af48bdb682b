package sheettest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// Workbook writes a workbook of one sheet: numbers as number cells, texts as
// inline strings, errors (#…) as error cells, nil as no cell.
func Workbook(t testing.TB, rows [][]any) string {
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

// ODS writes an OpenDocument spreadsheet of this content.
func ODS(t testing.TB, content string) string {
	t.Helper()
	var b strings.Builder
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", content}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: part[0]}) // stored, as the first part must be
		require.NoError(t, err)
		_, err = io.WriteString(w, part[1])
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

// SAVColumn is a numeric variable of an SPSS file to be written: its codes of missing
// values, and words for values.
type SAVColumn struct {
	Name, Label string
	Missing     []float64
	Values      []float64
	Words       []string
}

// SAV writes an uncompressed SPSS system file of numbers, as the PSPP developer's
// guide describes it; NaN is system-missing.
func SAV(columns []SAVColumn, rows [][]float64) string {
	var b strings.Builder
	put := func(values ...any) {
		for _, v := range values {
			switch v := v.(type) {
			case string:
				b.WriteString(v)
			case int:
				b.Write(binary.LittleEndian.AppendUint32(nil, uint32(int32(v))))
			case float64:
				if math.IsNaN(v) {
					v = -math.MaxFloat64
				}
				b.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
			}
		}
	}
	pad := func(s string, n int) string { return s + strings.Repeat(" ", n-len(s)) }
	put("$FL2", pad("@(#) SPSS DATA FILE test", 60), 2, len(columns), 0, 0, len(rows), 100.0, pad("01 Jan 26", 9), "12:00:00", pad("", 64), "\x00\x00\x00")
	for _, c := range columns {
		labeled := 0
		if c.Label != "" {
			labeled = 1
		}
		const format = 5<<16 | 8<<8 | 2 // F8.2
		put(2, 0, labeled, len(c.Missing), format, format, pad(c.Name, 8))
		if labeled == 1 {
			put(len(c.Label), c.Label, strings.Repeat("\x00", -len(c.Label)&3))
		}
		for _, x := range c.Missing {
			put(x)
		}
	}
	for i, c := range columns {
		if len(c.Words) == 0 {
			continue
		}
		put(3, len(c.Words))
		for k, w := range c.Words {
			put(c.Values[k], string(byte(len(w))), pad(w, (len(w)+8)/8*8-1))
		}
		put(4, 1, i+1)
	}
	put(999, 0)
	for _, r := range rows {
		for _, x := range r {
			put(x)
		}
	}
	return b.String()
}
