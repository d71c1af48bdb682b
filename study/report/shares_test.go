package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
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

// Of ordered categories there is one truth: table, page and results.json have the row's
// probability of benefit, and its pairs and counts are those of the file, counted here.
func TestLevelsAreOneTruth(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "shoulder/protocol.yaml", "shoulder/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	raw, err := studies.FS.ReadFile("shoulder/data.csv")
	require.NoError(t, err)
	values := map[string]map[string][]string{} // centre, arm
	counts := map[string]map[string]int{}      // arm, category
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n")[1:] {
		f := strings.Split(line, ",")
		if f[5] == "" {
			continue
		}
		if values[f[1]] == nil {
			values[f[1]] = map[string][]string{}
		}
		values[f[1]][f[2]] = append(values[f[1]][f[2]], f[5])
		if counts[f[2]] == nil {
			counts[f[2]] = map[string]int{}
		}
		counts[f[2]][f[5]]++
	}
	var sum, better, tied, weight float64
	for _, arms := range values { // digits sort as numbers
		x, y := arms["exercise"], arms["advice"]
		w := float64(len(x)) * float64(len(y)) / float64(len(x)+len(y)+1)
		weight += w
		for _, a := range x {
			for _, b := range y {
				each := w / float64(len(x)*len(y))
				switch {
				case a > b:
					better, sum = better+each, sum+each
				case a == b:
					tied, sum = tied+each, sum+each/2
				}
			}
		}
	}
	want := sum / weight

	var b bytes.Buffer
	require.NoError(t, JSON(&b, r, Options{}))
	var file struct {
		Results []struct {
			Visit, Effect, Scale string
			Decides              bool
			Estimate             float64
			Pairs                *struct{ Better, Tied, Worse float64 }
		}
		Summaries []struct {
			Visit, Arm string
			Mean       *float64
			Levels     []struct {
				Level string
				Count int
			}
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &file))
	decided := 0
	for _, x := range file.Results {
		if x.Decides && x.Visit == "w12" {
			decided++
			assert.Equal(t, []string{"probability-of-benefit", "probability"}, []string{x.Effect, x.Scale})
			assert.InDelta(t, want, x.Estimate, 1e-12)
			require.NotNil(t, x.Pairs)
			assert.InDelta(t, better/weight, x.Pairs.Better, 1e-12)
			assert.InDelta(t, tied/weight, x.Pairs.Tied, 1e-12)
		}
	}
	assert.Equal(t, 1, decided)
	for _, s := range file.Summaries {
		assert.Nil(t, s.Mean, "categories have no mean")
		require.Len(t, s.Levels, 7)
		if s.Visit == "w12" {
			assert.Equal(t, "very much worse", s.Levels[0].Level)
			assert.Equal(t, counts[s.Arm]["5"], s.Levels[4].Count)
		}
	}
	for lang, words := range map[string][]string{
		"en": {"better 13, much better 13, very much better 6 of 41 with Supervised exercise", "P(better) 0.59 (0.46 to 0.70)", "fares better in 46%, both fare alike in 24%", "van Elteren"},
		"nl": {"beter 13, veel beter 13, heel veel beter 6 van 41 met Begeleide oefentherapie", "P(beter) 0,59 (0,46 tot 0,70)", "beter af in 46%, zijn beide gelijk in 24%", "Van Elteren"},
	} {
		table, err := ResultsTableWith(r, ResultsTableOptions{Lang: lang})
		require.NoError(t, err)
		levels := 0
		for _, row := range table.Rows {
			if row.Visit == "w12" && row.Statistic == "count" {
				levels++
				assert.NotEmpty(t, row.Level)
			}
			if n, ok := row.Cells[len(row.Cells)-1].Number("estimate"); ok && row.Visit == "w12" {
				assert.InDelta(t, want, n, 1e-12)
			}
		}
		assert.Equal(t, 7, levels, "a row a category")
		b.Reset()
		require.NoError(t, Text(&b, r, Options{Lang: lang}))
		page := strings.ReplaceAll(strings.Join(strings.Fields(b.String()), " "), "\u00a0", " ")
		for _, w := range words {
			assert.Contains(t, page, w)
		}
		assert.NotContains(t, strings.ToLower(page), "mean perceived effect")
		b.Reset()
		require.NoError(t, Check(&b, ds, Options{Lang: lang}))
		assert.Contains(t, b.String(), map[string]string{"en": "much worse", "nl": "veel slechter"}[lang])
	}
}

// Of counts there is one truth: events and time at risk of the file, counted here, stand in
// table, page and results.json, with the row's ratio of rates.
func TestRatesAreOneTruth(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "falls/protocol.yaml", "falls/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	raw, err := studies.FS.ReadFile("falls/data.csv")
	require.NoError(t, err)
	events, months := map[string]float64{}, map[string]float64{}
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n")[1:] {
		f := strings.Split(line, ",")
		m, err := strconv.ParseFloat(f[4], 64)
		require.NoError(t, err)
		n, err := strconv.ParseFloat(f[5], 64)
		require.NoError(t, err)
		events[f[1]], months[f[1]] = events[f[1]]+n, months[f[1]]+m
	}
	var b bytes.Buffer
	require.NoError(t, JSON(&b, r, Options{}))
	var file struct {
		Results []struct {
			Outcome, Effect, Scale, Method string
			Decides                        bool
			Estimate                       float64
		}
		Summaries []struct {
			Outcome, Arm   string
			Mean           *float64
			Events         int
			Exposure, Rate float64
			Lower          float64 `json:"rate_lower"`
			Upper          float64 `json:"rate_upper"`
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &file))
	want := 0.0
	for _, x := range file.Results {
		if x.Decides && x.Outcome == "falls" {
			want = x.Estimate
			assert.Equal(t, []string{"rate-ratio", "ratio", "negative-binomial"}, []string{x.Effect, x.Scale, x.Method})
		}
	}
	for _, s := range file.Summaries {
		assert.Nil(t, s.Mean, "counts in unequal times have no mean")
		if s.Outcome == "falls" {
			assert.Equal(t, events[s.Arm], float64(s.Events))
			assert.InDelta(t, months[s.Arm], s.Exposure, 1e-9)
			assert.InDelta(t, events[s.Arm]/months[s.Arm], s.Rate, 1e-12)
			assert.True(t, s.Lower < s.Rate && s.Rate < s.Upper)
		}
	}
	for lang, words := range map[string][]string{
		"en": {"58 in 675.5 months (8.6 per 100 months) with Balance exercise; 79 in 654 months (12.1 per 100 months)", "Everybody has a count. At risk for less than the longest, 12 months: 16 of 120; the shortest 1.", "0.71 (95% CI 0.45 to 1.10; p = 0.12), the interval holds 1", "58/675.5 (8.6)", "Falls, rate per 100 months", "IRR 0.71", "negative binomial model of arm, Age and strata (Sex)"},
		"nl": {"58 in 675,5 maanden (8,6 per 100 maanden) met Balansoefeningen", "Iedereen heeft een telling. Korter gevolgd dan het langst, 12 maanden: 16 van 120; het kortst 1.", "0,71 (95%-BI 0,45 tot 1,10; p = 0,12), het interval bevat 1", "58/675,5 (8,6)", "Vallen, per 100 maanden", "IRR 0,71"},
	} {
		table, err := ResultsTableWith(r, ResultsTableOptions{Lang: lang})
		require.NoError(t, err)
		found := 0
		for _, row := range table.Rows {
			for _, c := range row.Cells {
				if x, ok := c.Number("estimate"); ok && row.Variable == "falls" {
					assert.InDelta(t, want, x, 1e-12)
					found++
				}
			}
		}
		assert.Equal(t, 1, found)
		b.Reset()
		require.NoError(t, Text(&b, r, Options{Lang: lang}))
		page := strings.ReplaceAll(strings.Join(strings.Fields(b.String()), " "), "\u00a0", " ")
		for _, w := range words {
			assert.Contains(t, page, w)
		}
	}
}

// A plan's margin says how large a difference matters: no note says that none is declared.
func TestAPlansMarginIsDeclared(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "return-to-sport/protocol.yaml", "return-to-sport/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for _, res := range r.Results {
		for _, row := range res.Rows {
			without := slices.ContainsFunc(row.Notes, func(n study.Note) bool { return n.Code == "no-margin-shares" })
			assert.Equal(t, res.Visit.ID == "w6", without, "%s %s", res.Visit.ID, row.Method)
		}
	}
}
