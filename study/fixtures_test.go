package study

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fixtures holds one table in many formats; each file has what must come out,
// made from the table and not by reading the file.
const fixtures = "../testdata/formats/"

const kneeFixture = `arms: [{id: "1"}, {id: "2", control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: vas, better: lower}, {id: jps, better: lower}, {id: quad, better: higher}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {vas: {pre: vas_pre, post: vas_post}, jps: {pre: jps_pre, post: jps_post}, quad: {pre: quad_pre, post: quad_post}}
  covariates: {age: {column: age, kind: number}}
`

func TestTextFixtures(t *testing.T) {
	for _, c := range []struct{ file, protocol, notes string }{
		{"text/knee.csv", kneeFixture, ""},
		{"text/knee-semicolon.csv", kneeFixture, ""},
		{"text/knee.tab", kneeFixture, ""},
		{"text/knee-pipe.txt", kneeFixture, ""},
		{"text/knee.txt", kneeFixture, "columns-by-blanks"},
		{"text/knee.txt", kneeFixture + "  delimiter: space\n", ""},
		{"text/knee-aligned.txt", kneeFixture + "  missing: [NA]\n", "columns-by-blanks"},
		{"text/knee-write.table.txt", kneeFixture + "  missing: [NA]\n", "row-names columns-by-blanks"},
		{"castor/castor.csv", `arms: [{id: Laser}, {id: Sham, control: true}]
visits: [{id: base}, {id: w6}]
outcomes: [{id: pain, better: lower}]
data: {layout: wide, participant: Participant Id, arm: Randomization Group, columns: {pain: {base: pain_base, w6: pain_w6}}}
`, "missing-by-file"},
		{"qualtrics/qualtrics.csv", `arms: [{id: "1"}, {id: "2", control: true}]
visits: [{id: start}, {id: now}]
outcomes: [{id: pain, better: lower}]
data: {layout: wide, participant: Q1, arm: Q2, columns: {pain: {start: Q4, now: Q3_1}}}
`, "header-lines-below"},
	} {
		b, err := os.ReadFile(fixtures + c.file + ".expected.json")
		require.NoError(t, err)
		var want struct {
			Sheets []struct {
				Columns []struct{ Name string }
				Rows    [][]any
			}
		}
		require.NoError(t, json.Unmarshal(b, &want))
		f, err := os.Open(fixtures + c.file)
		require.NoError(t, err)
		p := Parsed(t, c.protocol)
		if strings.HasPrefix(c.protocol, kneeFixture) {
			p = withArmCodes(p, want.Sheets[0].Rows)
		}
		ds, err := Load(f, filepath.Base(c.file), p)
		f.Close()
		if !assert.NoError(t, err, c.file) {
			continue
		}
		at := map[string]int{}
		for i, col := range want.Sheets[0].Columns {
			at[col.Name] = i
		}
		assert.Len(t, ds.Participants(), len(want.Sheets[0].Rows), c.file)
		n := 0
		for _, row := range want.Sheets[0].Rows {
			for outcome, visits := range p.Data.Columns {
				for visit, column := range visits {
					got, ok := ds.Value(row[at[p.Data.Participant]].(string), outcome, visit)
					text, _ := row[at[column]].(string)
					x, err := strconv.ParseFloat(text, 64)
					if !assert.Equal(t, err == nil, ok, "%s: %v %s", c.file, row[0], column) || !ok {
						continue
					}
					assert.Equal(t, x, got.Number, "%s: %v %s", c.file, row[0], column)
					n++
				}
			}
		}
		assert.Greater(t, n, 15, c.file)
		notes := slices.DeleteFunc(Codes(ds.Notes()), func(code string) bool { return code == "undeclared-code" }) // of -99, which is another test's
		assert.Equal(t, c.notes, strings.Join(notes, " "), c.file)
	}
}

// withArmCodes gives a protocol the table's codes of arms; the first is the
// control.
func withArmCodes(p Protocol, rows [][]any) Protocol {
	p.Arms = nil
	for _, r := range rows {
		code, _ := r[1].(string)
		known := false
		for _, a := range p.Arms {
			known = known || a.ID == code
		}
		if !known && code != "" {
			p.Arms = append(p.Arms, Arm{ID: code, Label: code, Control: len(p.Arms) == 0})
		}
	}
	return p
}
