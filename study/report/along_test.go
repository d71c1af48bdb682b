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

// The numbers are those of R, testdata/reference/study_along.json: slope −0.0468, SE 0.0299
// on 86 degrees of freedom, so 95% CI −0.106 to 0.013 and p 0.12; departure p 0.22.
func TestTheTrendIsSaid(t *testing.T) {
	raw, err := studies.FS.ReadFile("lasers/protocol.yaml")
	require.NoError(t, err)
	p, err := study.ParseProtocol(strings.NewReader(strings.NewReplacer("arms:\n", "dose_unit: J\narms:\n", "{id: hilt,", "{id: hilt, dose: 12,",
		"{id: lllt,", "{id: lllt, dose: 3,", "{id: sham,", "{id: sham, dose: 0,", "{id: A, outcome: pain, visit: w12}", "{id: A, outcome: pain, visit: w12, trend: true}").Replace(string(raw))), "p.yaml")
	require.NoError(t, err)
	data, err := studies.FS.Open("lasers/data.csv")
	require.NoError(t, err)
	defer data.Close()
	ds, err := study.Load(data, "data.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for lang, want := range map[string][]string{
		"en": {"Along the dose (0, 3, 12 J; decides nothing): −0.047 cm for each J (95% CI −0.106 to 0.013), the interval holds 0.", "mean, HILT (12 J) 32 4.55 (4.03 to 5.07)",
			"change for each J 90 −0.047 (−0.106 to 0.013) 0.12", "change from 0 J to 12 J, along the −0.56 (−1.27 to 0.15) line", "departure from a straight line (F 0.22 test)"},
		"nl": {"Langs de dosis (0, 3, 12 J; beslist niets): −0,047 cm per J (95%-BI −0,106 tot 0,013), het interval bevat 0.", "verandering per J 90 −0,047 (−0,106 tot 0,013) 0,12"},
	} {
		var b bytes.Buffer
		require.NoError(t, Text(&b, r, Options{Lang: lang, Supplement: true}))
		for _, s := range want {
			assert.Contains(t, strings.ReplaceAll(unwrapped(b.String()), "\u00a0", " "), s)
		}
		b.Reset()
		require.NoError(t, Text(&b, r, Options{Lang: lang}))
		assert.LessOrEqual(t, strings.Count(b.String(), "\n"), pageLines)
		assert.NotContains(t, b.String(), "0.22")
	}
	var b bytes.Buffer
	require.NoError(t, JSON(&b, r, Options{}))
	var file struct {
		Trends []struct {
			Outcome, Visit, Method string
			Unit                   string `json:"dose_unit"`
			Slope, Whole           struct{ Estimate, Lower float64 }
			Arms                   []struct {
				Arm  string
				Dose float64
				N    int
			}
			Departure struct{ P float64 }
			Why       *string
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &file))
	require.Len(t, file.Trends, 1)
	x := file.Trends[0]
	assert.Equal(t, []string{"pain", "w12", "ancova", "J"}, []string{x.Outcome, x.Visit, x.Method, x.Unit})
	assert.InDelta(t, -0.0468055254136516, x.Slope.Estimate, 1e-10)
	assert.InDelta(t, 0.218560187160908, x.Departure.P, 1e-10)
	assert.Equal(t, 12.0, x.Arms[2].Dose)
	assert.Nil(t, x.Why)
}

// Without a trend there is neither section nor table.
func TestNoTrendNoTable(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "falls/protocol.yaml", "falls/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	table, err := TrendTable(r, "nl")
	require.NoError(t, err)
	assert.Empty(t, table.Rows)
	_, err = TrendTable(r, "xx")
	assert.Error(t, err)
}
