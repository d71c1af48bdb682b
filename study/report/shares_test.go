package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/testdata/studies"
)

// Of yes and no there is one truth: the table's cell, the page's answer and
// results.json have the numbers of the row that decides, counted here from the file, and
// nothing has a mean.
func TestSharesAreOneTruth(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "return-to-sport/protocol.yaml", "return-to-sport/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	raw, err := studies.FS.ReadFile("return-to-sport/data.csv")
	require.NoError(t, err)
	yes, n := map[string]float64{}, map[string]float64{}
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n")[1:] {
		f := strings.Split(line, ";")
		switch f[6] { // sport12
		case "ja":
			yes[f[1]]++
			n[f[1]]++
		case "nee":
			n[f[1]]++
		}
	}
	want := yes["thuis"]/n["thuis"] - yes["praktijk"]/n["praktijk"]

	var b bytes.Buffer
	require.NoError(t, JSON(&b, r, Options{}))
	var file struct {
		Results []struct {
			Visit, Effect, Scale, Set string
			Decides                   bool
			Estimate                  float64
		}
		Summaries []struct {
			Visit, Arm string
			Mean       *float64
			Events     int
			Share      float64
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &file))
	decided := 0
	for _, x := range file.Results {
		if x.Decides && x.Visit == "w12" {
			decided++
			assert.Equal(t, []string{"risk-difference", "proportion", "itt"}, []string{x.Effect, x.Scale, x.Set})
			assert.InDelta(t, want, x.Estimate, 1e-15)
		}
	}
	assert.Equal(t, 1, decided)
	for _, s := range file.Summaries {
		assert.Nil(t, s.Mean, "yes and no have no mean")
		if s.Visit == "w12" && s.Arm == "home" {
			assert.Equal(t, yes["thuis"]/n["thuis"], s.Share)
			assert.Equal(t, yes["thuis"], float64(s.Events))
		}
	}
	for _, lang := range []string{"en", "nl"} {
		table, err := ResultsTableWith(r, ResultsTableOptions{Lang: lang})
		require.NoError(t, err)
		b.Reset()
		require.NoError(t, Text(&b, r, Options{Lang: lang}))
		page := strings.Join(strings.Fields(b.String()), " ")
		cells := 0
		for _, row := range table.Rows {
			if row.Visit != "w12" {
				continue
			}
			for _, c := range row.Cells {
				if x, ok := c.Number("estimate"); ok {
					assert.InDelta(t, 100*want, x, 1e-12, "the table is in percentage points")
					assert.Contains(t, page, c.Text)
					cells++
				}
				if _, ok := c.Number("percent"); ok {
					assert.Contains(t, page, c.Text)
					cells++
				}
			}
		}
		assert.Equal(t, 3, cells)
		for _, mean := range []string{"mean return", "gemiddelde van terug"} {
			assert.NotContains(t, strings.ToLower(page), mean)
		}
		lower, _ := table.Rows[1].Cells[len(table.Rows[1].Cells)-1].Number("lower")
		assert.Negative(t, lower)
	}
}
