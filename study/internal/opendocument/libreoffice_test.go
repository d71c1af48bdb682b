package opendocument

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
	"github.com/trialkit/trialkit/study/internal/workbook"
)

// LibreOffice reads a file with repeated cells and rows, comments, texts that are
// not the values, formulas, errors, and cells merged over rows, and writes what it
// read: as a workbook, whose reader is another one, and as a flat file. All three
// are the same table.
func TestLibreOfficeReadsTheSame(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed")
	}
	program, err := filepath.EvalSymlinks(soffice)
	require.NoError(t, err)
	if calc, _ := filepath.Glob(filepath.Join(filepath.Dir(program), "libsclo.*")); len(calc) == 0 {
		t.Skip("LibreOffice Calc is not installed")
	}
	src := file(t, tableOf("Data", "seen", rowOf(textOf("id"), textOf("name"), textOf("score"), textOf("seen"), textOf("at"), textOf("sum"), textOf("share"))+
		rowOf(typed("float", `office:value="1" table:number-columns-spanned="1" table:number-rows-spanned="2"`, "1"), textOf("a b <text:s/>c"), typed("float", `office:value="6.3"`, "6,3 cm"),
			typed("date", `table:style-name="day" office:date-value="2024-02-29"`, "29-02-24"), typed("time", `table:style-name="clock" office:time-value="PT08H05M00S"`, "8:05"), typed("float", `table:formula="of:=[.C2]*2" office:value="12.6"`, "12.6"),
			typed("percentage", `table:style-name="share" office:value="0.777"`, "77,7%"))+
		rowOf(`<table:covered-table-cell/>`, `<table:table-cell office:value-type="string"><office:annotation><text:p>a comment</text:p></office:annotation><text:p>Büro &amp; <text:span>Räume</text:span></text:p></table:table-cell>`,
			typed("float", `office:value="-0.125"`, "0"), typed("date", `table:style-name="day" office:date-value="1999-12-31"`, "x"), `<table:table-cell/>`, typed("string", `table:formula="of:=1/0" office:string-value="" calcext:value-type="error"`, "#DIV/0!"))+
		`<table:table-row table:number-rows-repeated="4"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`+
		`<table:table-row table:number-rows-repeated="3">`+typed("float", `office:value="2" table:number-columns-repeated="2"`, "2")+typed("float", `office:value="1e-7"`, "0")+`</table:table-row>`+
		`<table:table-row table:number-rows-repeated="1048560"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`))
	want, err := read(src)
	require.NoError(t, err)
	assert.Len(t, want[0].Rows, 6)

	dir := t.TempDir()
	name := filepath.Join(dir, "made.ods")
	require.NoError(t, os.WriteFile(name, src, 0o600))
	convert := func(to string) string {
		out, err := exec.Command(soffice, "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Join(dir, "profile")), "--headless", "--convert-to", to, "--outdir", dir, name).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), " -> ", "it says what it wrote")
		kind, _, _ := strings.Cut(to, ":")
		return filepath.Join(dir, "made."+kind)
	}
	for to, read := range map[string]func(f *os.File, size int64) ([]sheet.Sheet, error){
		"xlsx": func(f *os.File, size int64) ([]sheet.Sheet, error) { return workbook.Read(f, size) },
		"fods": func(f *os.File, size int64) ([]sheet.Sheet, error) { return Read(f, size) },
	} {
		f, err := os.Open(convert(to))
		require.NoError(t, err)
		defer f.Close()
		info, err := f.Stat()
		require.NoError(t, err)
		got, err := read(f, info.Size())
		require.NoError(t, err, to)
		assert.Equal(t, sheettest.Cells(want[0]), sheettest.Cells(got[0]), to)
	}
}
