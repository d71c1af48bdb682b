package report

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// The standard errors are those of page one's examples and edges of the rule.
func TestDecimalsOfAnOutcome(t *testing.T) {
	for _, c := range []struct {
		se         []float64
		file       int
		resolution float64
		want       int
	}{
		{[]float64{2.2}, 1, 0, 1}, {[]float64{0.82, 0.75}, 1, 0.1, 2}, {[]float64{6, 2.6}, 0, 1, 1},
		{[]float64{0.0996}, 0, 0, 2}, {[]float64{0.994}, 0, 0, 2}, {[]float64{0.996}, 0, 0, 1}, {[]float64{9.96}, 0, 0, 0},
		{[]float64{22}, 1, 0, 1}, {[]float64{2200}, 0, 0, 0}, // not fewer than the file's
		{[]float64{1.1}, 5, 0, 1}, {[]float64{22}, 5, 0.01, 2}, // computed numbers; the instrument's steps
		{[]float64{math.NaN()}, 1, 0, 2}, {nil, 0, 0, 2}, // the SD of 0.5 stands in
	} {
		o := study.Outcome{ID: "x", Resolution: c.resolution}
		res := study.Result{Outcome: o, Decimals: c.file, Summaries: []study.Summary{{Description: stats.Description{SD: 0.5}}}}
		for _, se := range c.se {
			row := study.Row{Decides: true, SE: se}
			if !math.IsNaN(se) {
				row.Effect = stats.Estimate{SE: se}
			}
			res.Rows = append(res.Rows, row, study.Row{SE: 1e-9, Effect: stats.Estimate{}})
		}
		r := study.Report{Protocol: study.Protocol{Outcomes: []study.Outcome{o}}, Results: []study.Result{res}}
		assert.Equal(t, c.want, r.Digits("x"), "%+v", c)
	}
}

// walking is the invented trial with everything missing that can be.
func walking(t *testing.T) study.Report {
	ds, _ := tablesTrial(t, readTables(t), "walking")
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

func TestTablesSayWhoIsMissing(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Age, mean (SD)", "Walking (n = 14)", "Percentages are of those with a value.", "Walking program: 2 of 16 randomized never reached the file.",
			"Walking program: 1 of 14 without a value; Usual care: 1 of 13 without a value",
			"Walking program: 1 of 14 without a value; Walking program: 1 observed, not in the difference (no baseline value); Usual care: 1 of 13 without a value",
			"Six-minute walk, m|6 weeks (ANCOVA on baseline)|13 + 12|489 (81)|409 (93)|56 (16 to 96)", "Satisfaction|12 weeks|13 + 13|5.2 (3.9)|4.1 (3.6)|1.2 (−1.9 to 4.2)"},
		"nl": {"Leeftijd, gemiddelde (SD)", "Lopen (n = 14)", "Percentages gelden voor wie een waarde heeft.", "Loopprogramma: 2 van 16 gerandomiseerden bereikten het bestand nooit.",
			"Loopprogramma: 1 van 14 zonder waarde; Gewone zorg: 1 van 13 zonder waarde",
			"Loopprogramma: 1 van 14 zonder waarde; Loopprogramma: 1 gemeten, niet in het verschil (geen beginwaarde); Gewone zorg: 1 van 13 zonder waarde",
			"Zes minuten lopen, m|6 weken (ANCOVA op beginwaarde)|13 + 12|489 (81)|409 (93)|56 (16 tot 96)", "Tevredenheid|12 weken|13 + 13|5,2 (3,9)|4,1 (3,6)|1,2 (−1,9 tot 4,2)"},
	} {
		r := walking(t)
		one, err := Table1Of(r, Table1Options{Lang: lang})
		require.NoError(t, err)
		two, err := ResultsTableWith(r, ResultsTableOptions{Lang: lang})
		require.NoError(t, err)
		got := []string{one.Rows[0].Cells[0].Text, one.Columns[1].Title, one.Notes[0], one.Notes[len(one.Notes)-1], one.Rows[0].Reason, two.Rows[0].Reason}
		for _, i := range []int{0, 2} {
			got = append(got, strings.Join(two.page().Rows[i], "|"))
		}
		assert.Equal(t, want, got)
		assert.Equal(t, "other", one.Rows[5].Level, "an ID in every language")
		mean, ok := two.Rows[0].Cells[3].Number("mean")
		assert.True(t, ok)
		assert.InDelta(t, 489, mean, 0.5)
		planned, err := ResultsTableWith(r, ResultsTableOptions{Lang: lang, Planned: true, Rows: true})
		require.NoError(t, err)
		require.Len(t, planned.Rows, 2, "an arm a row")
		assert.Equal(t, "c", planned.Rows[1].Arm)
	}
	_, err := Table1Of(walking(t), Table1Options{Lang: "xx"})
	assert.Error(t, err)
	_, err = Table1Of(walking(t), Table1Options{Median: []string{"sex"}})
	assert.ErrorContains(t, err, `no number "sex" at baseline`)
	_, err = Table1Of(walking(t), Table1Options{Blinded: true, Standardized: true})
	assert.ErrorContains(t, err, "exclude each other")
	blind, err := Table1Of(walking(t), Table1Options{Blinded: true, Both: []string{"age", "walk"}})
	require.NoError(t, err)
	whole := fmt.Sprint(blind)
	for _, arm := range []string{"Walking", "Usual care", "Walking program"} {
		assert.NotContains(t, whole, arm, "a blinded look names no arm")
	}
	assert.Equal(t, "Age, mean (SD)|62 (10)", strings.Join(blind.page().Rows[0], "|"))
	assert.Equal(t, "2 of 27 without a value", blind.Rows[0].Reason)
	both, err := Table1Of(walking(t), Table1Options{Both: []string{"age"}})
	require.NoError(t, err)
	assert.Equal(t, "Age, median [quartiles]|63 [57 to 69]|62 [59 to 70]", strings.Join(both.page().Rows[1], "|"))
}

// A limit that would read as 0 has one digit more, and a table without the
// analyses is the same as one with them where the decimals agree.
func TestTablesOfATrial(t *testing.T) {
	ds, ok := tablesTrial(t, readTables(t), "strength")
	require.True(t, ok)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	alone := Table1(ds)
	of, err := Table1Of(r, Table1Options{})
	require.NoError(t, err)
	assert.Equal(t, of, alone)
	assert.True(t, alone.Simulated)
	assert.False(t, ResultsTable(walking(t)).Simulated)

	for i := range r.Results[0].Rows {
		r.Results[0].Rows[i].Lower = 0.004
	}
	cell, _ := findCell(ResultsTable(r), "difference", "kg", "", "post", "high", "effect")
	assert.Equal(t, "2.2 (0.004 to 5.0)", cell.Text)
	for i := range r.Results[0].Rows {
		r.Results[0].Rows[i].Level = []float64{0.95, 0.9}[i%2]
	}
	two := ResultsTable(r)
	assert.Equal(t, "Adjusted difference from No training (CI (its level))", two.Columns[5].Title)
	cell, _ = findCell(two, "difference", "kg", "", "post", "low", "effect")
	assert.Regexp(t, `^0\.0 \(9[05]%: 0\.004 to 2\.8\)$`, cell.Text)
}

// A model of all visits analyzes participants who have no value at one.
func TestResultsTableOfAModelOfAllVisits(t *testing.T) {
	ds, err := study.LoadFiles("../../testdata/studies/dropout/protocol.yaml", "../../testdata/studies/dropout/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	two := ResultsTable(r)
	average := 0
	for _, row := range two.Rows {
		if row.Visit == study.OverallVisit {
			average++
			assert.Equal(t, "–", row.Cells[3].Text, "nobody has a value that is an average over visits")
		} else if row.Reason != "" {
			assert.Contains(t, row.Reason, "more in the difference, by their values at other visits")
		}
	}
	assert.Positive(t, average)
	assert.Equal(t, "Adjusted difference (95% CI)", two.Columns[len(two.Columns)-1].Title)
}
