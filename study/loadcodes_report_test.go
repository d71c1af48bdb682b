package study_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// Undeclared codes are used as they stand, and a note says where; declared as
// missing, or with a range that holds them, there is none.
func TestUndeclaredCodesAreNoted(t *testing.T) {
	const protocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, label: Strength, better: higher}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v0: x0, v1: x1}}
  covariates: {age: {column: age, kind: number}, sex: {column: sex, kind: category}}
`
	var data strings.Builder
	data.WriteString("id,arm,x0,x1,age,sex\n")
	for i := range 12 {
		row := []string{strconv.Itoa(i + 1), "a", strconv.Itoa(60 + 2*i), strconv.Itoa(62 + 3*i), strconv.Itoa(41 + 3*i), strconv.Itoa(1 + i%2)}
		if i%2 == 1 {
			row[1] = "c"
		}
		switch i {
		case 3:
			row[3], row[4] = "999", "-99.0"
		case 5:
			row[4], row[5] = "-99", "9"
		case 8:
			row[2] = "999"
		}
		data.WriteString(strings.Join(row, ",") + "\n")
	}
	load := func(p string) *study.Dataset {
		ds, err := study.Load(strings.NewReader(data.String()), "d.csv", study.Parsed(t, p))
		require.NoError(t, err)
		return ds
	}
	ds := load(protocol)
	assert.Equal(t, []study.Note{
		{Code: "undeclared-code", Args: map[string]any{"variable": "age", "value": -99.0, "low": 41.0, "high": 74.0, "count": 2, "columns": "age", "lines": "5, 7"}},
		{Code: "undeclared-code-category", Args: map[string]any{"variable": "sex", "value": "9", "count": 1, "columns": "sex", "lines": "7"}},
		{Code: "undeclared-code", Args: map[string]any{"variable": "x", "outcome": "x", "value": 999.0, "low": 60.0, "high": 95.0, "count": 2, "columns": "x0, x1", "lines": "5, 10"}},
	}, ds.Notes())
	v, ok := ds.Value("4", "x", "v1")
	assert.True(t, ok)
	assert.Equal(t, 999.0, v.Number, "never taken as missing by itself")
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for lang, words := range map[string]string{"en": "Strength: 999 lies apart", "nl": "Strength: 999 ligt los"} {
		var text, json strings.Builder
		require.NoError(t, report.Markdown(&text, rep, report.Options{Supplement: true, Lang: lang}))
		require.NoError(t, report.JSON(&json, rep, report.Options{Lang: lang}))
		assert.Contains(t, text.String(), words)
		assert.Contains(t, json.String(), words)
	}

	ds = load(strings.Replace(protocol, "  participant", "  missing: [-99, 999, 9]\n  participant", 1))
	assert.Empty(t, ds.Notes())
	_, ok = ds.Value("4", "x", "v1")
	assert.False(t, ok)

	ds = load(strings.NewReplacer("label: Strength,", "label: Strength, range: [0, 999],",
		"age, kind: number", "age, kind: number, range: [-99, 120]").Replace(protocol))
	require.Len(t, ds.Notes(), 1)
	assert.Equal(t, "sex", ds.Notes()[0].Args["variable"])

	_, err = study.Load(strings.NewReader(data.String()), "d.csv", study.Parsed(t, strings.Replace(protocol, "age, kind: number", "age, kind: number, range: [18, 100]", 1)))
	assert.EqualError(t, err, `d.csv:5:12: age: -99.0 is outside the range 18 to 100 (2 times: lines 5, 7 ("-99"))`)
}
