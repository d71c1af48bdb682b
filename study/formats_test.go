package study

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The same trial as text, as workbooks of several programs, as SPSS, SAS and Stata files: one
// protocol reads the same values out of each, and a number that the SPSS file
// itself declares missing is missing.
func TestFormatsHoldOneTrial(t *testing.T) {
	dir := "../../shared/formats"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/formats")
	}
	p := Protocol{Title: "Knee", Arms: []Arm{{ID: "1"}, {ID: "2", Control: true}}, Visits: []Visit{{ID: "pre"}, {ID: "post"}},
		Outcomes: []Outcome{{ID: "vas", Better: LowerIsBetter}, {ID: "quad", Better: HigherIsBetter}},
		Data: DataSpec{Layout: Wide, Participant: "id", Arm: "arm", Missing: []string{"-99", "-95", "-98"},
			Columns: map[string]map[string]string{"vas": {"pre": "vas_pre", "post": "vas_post"}, "quad": {"pre": "quad_pre", "post": "quad_post"}}}}
	load := func(file string, p Protocol) []Participant {
		f, err := os.Open(filepath.Join(dir, file))
		require.NoError(t, err)
		defer f.Close()
		ds, err := Load(f, file, p)
		require.NoError(t, err, file)
		return ds.Participants()
	}
	want := load("text/knee.csv", p)
	require.Len(t, want, 12)
	for _, file := range []string{"xlsx/knee-inline.xlsx", "xlsx/knee-openpyxl.xlsx", "xlsx/knee-libreoffice.xlsx", "xlsx/knee-digits.xlsx", "xlsx/knee-hidden.xlsx", "ods/knee-libreoffice.ods", "ods/knee-gnumeric.ods", "ods/knee-dressed.ods", "ods/knee-hidden.ods", "stat/knee-byte.sav", "stat/knee.zsav", "stat/knee-pspp.sav", "stat/knee-v8.xpt", "stat/knee-115.dta", "stat/knee-118-float.dta", "stat/knee-118-big.dta"} {
		assert.Equal(t, want, load(file, p), file)
	}
	p.Data.Missing = nil
	assert.Equal(t, want, load("stat/knee-byte.sav", p), "declared in the file")
}
