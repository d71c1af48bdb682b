package report

import (
	"bytes"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

func ardRows(t testing.TB, r study.Report, lang string) (header []string, at map[string]string) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, ARD(&b, r, Options{Lang: lang}))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	at = map[string]string{}
	for _, row := range rows[1:] {
		key := strings.Join([]string{row[1], row[3], row[4], row[5], row[6], row[7]}, "/")
		require.NotContains(t, at, key, "two lines of one statistic")
		at[key] = row[9]
		assert.Equal(t, strings.Join([]string{row[4], row[3], row[6]}, "/"), row[16], "the analysis, for CDISC")
		assert.Equal(t, row[6]+"/"+row[7], row[17], "its operation")
	}
	return rows[0], at
}

// The numbers are R's: mean, sd, median, quantile(type = 7) and range of
// data.csv; summary and confint of lm(postwt ~ group + prewt).
func TestARD(t *testing.T) {
	r, ok := analyzed(t, "../../testdata/studies/anorexia/protocol.yaml", "../../testdata/studies/anorexia/data.csv")
	require.True(t, ok)
	header, at := ardRows(t, r, "")
	assert.Equal(t, []string{"group1", "group1_level", "group2", "group2_level", "variable", "variable_level", "context", "stat_name",
		"stat_label", "stat", "fmt_fun", "warning", "error"}, header[:13], "the columns of cards")
	assert.Equal(t, []string{"reference", "role", "simulated", "analysis_id", "operation_id"}, header[13:])
	for key, want := range map[string]float64{
		"CBT/after/weight//summary/N":            29,
		"CBT/after/weight//summary/mean":         85.6965517241379,
		"CBT/after/weight//summary/sd":           8.35192376293462,
		"CBT/after/weight//summary/median":       83.9,
		"CBT/after/weight//summary/p25":          81.9,
		"CBT/after/weight//summary/p75":          90.9,
		"CBT/after/weight//summary/min":          71.3,
		"CBT/after/weight//summary/max":          103.6,
		"CBT/after/weight.change//summary/mean":  3.00689655172414,
		"CBT/after/weight//missing/N_miss":       0,
		"/before/weight//summary/N":              72,
		"CBT/after/weight//ancova/estimate":      4.09706552807,
		"CBT/after/weight//ancova/std.error":     1.89349260697,
		"CBT/after/weight//ancova/parameter":     68,
		"CBT/after/weight//ancova/p.value":       0.0339993147205,
		"FT/after/weight//ancova/conf.low":       4.28376666807,
		"FT/after/weight//ancova/conf.high":      13.0364896939,
		"FT/after/weight//mann-whitney-change/n": 17,
	} {
		x, err := strconv.ParseFloat(at[key], 64)
		require.NoError(t, err, key)
		assert.InDelta(t, want, x, 1e-10, key)
	}
	trials(t, func(t *testing.T, _ string, r study.Report) {
		_, en := ardRows(t, r, "en")
		_, nl := ardRows(t, r, "nl")
		assert.Equal(t, en, nl)
		for _, res := range r.Results {
			for _, row := range res.Rows {
				context := string(row.Method)
				if row.Estimand != "" {
					context += "." + row.Estimand
				}
				if row.Set != "" {
					context += "." + row.Set
				}
				if row.Measure.Scale() != study.ScaleUnit { // one method has several effects
					context += "." + string(row.Measure)
				}
				if row.WithoutStrata && row.Measure.Plain() {
					context += ".without-strata"
				}
				assert.Contains(t, slices.Collect(maps.Keys(en)), strings.Join([]string{harmless(row.Arm), harmless(row.Visit), harmless(row.Outcome), "", context, "estimate"}, "/"))
			}
		}
	})
}
