package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/text"
)

func flowStudy(t *testing.T, name string) study.Report {
	t.Helper()
	dir := "../../testdata/studies/" + name
	ds, err := study.LoadFiles(dir+"/protocol.yaml", dir+"/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

// said is the flow in words, in a language.
func said(t *testing.T, r study.Report, lang string) string {
	t.Helper()
	c, err := text.In(lang)
	require.NoError(t, err)
	r, err = r.In(lang)
	require.NoError(t, err)
	b := &builder{Writer: prose.Writer{C: c}, r: r}
	b.flowText()
	return strings.Join(strings.Fields(b.Doc.Text()), " ")
}

// The numbers are those of the file by awk: state, why, received, and who has a
// value at week 6 or 12.
func TestFlowInWords(t *testing.T) {
	r := flowStudy(t, "flow")
	en := said(t, r, "en")
	for _, s := range []string{
		"214 people were assessed for eligibility and 88 were excluded: Did not meet the criteria: 57; Declined to take part: 24; Knee surgery within three months: 7; Unable to read the questionnaires: 0. 126 were randomized: Supervised exercise 42; Home exercise 42; Advice 42.",
		"Supervised exercise: 38 of 42 received the allocated intervention (received no intervention: 1; received Advice: 1; not recorded: 1; no data in the file: 1); 40 of 42 completed follow-up (lost to follow-up: 0; withdrew (no time): 1; died: 0; no data in the file: 1).",
		"34 of 42 completed follow-up (lost to follow-up (no reason given): 2; lost to follow-up (could not be reached): 1; withdrew (no time): 2; withdrew (more pain): 1; died: 0; no data in the file: 2).",
		"Analyzed for the primary outcome (Pain (VAS), Week 12): Supervised exercise 41 of 42 (no data in the file: 1); Home exercise 41 of 42 (no value after baseline: 1); Advice 36 of 42 (no value after baseline: 4; no data in the file: 2).",
	} {
		assert.Contains(t, en, s)
	}
	nl := said(t, r, "nl")
	assert.Contains(t, nl, "34 van 42 maakten de follow-up af (uit het oog verloren (geen reden vermeld): 2; uit het oog verloren (niet te bereiken): 1; teruggetrokken (geen tijd): 2; teruggetrokken (meer pijn): 1; overleden: 0; geen gegevens in het bestand: 2).")

	// What is not told is said to be so.
	assert.Equal(t, "The file holds 10 randomized participants: Active HILT 5; Placebo HILT 5. Numbers assessed for eligibility were not given. "+
		"The numbers randomized are not stated: those in the file are counted. The file does not record who received the intervention, nor losses to follow-up and their reasons. "+
		"Analyzed for every outcome at every visit: Active HILT 5 of 5; Placebo HILT 5 of 5.", said(t, flowStudy(t, "hilt"), "en"))
	assert.NotContains(t, said(t, flowStudy(t, "anorexia"), "en"), "were randomized")
}

// Every part of the table adds up to the row that it is part of, in every arm.
func TestFlowTableAddsUp(t *testing.T) {
	for _, name := range []string{"flow", "hilt", "anorexia", "dropout"} {
		table := FlowTable(flowStudy(t, name))
		column := map[string][]int{} // by step, and by step and level
		for _, row := range table.Rows {
			require.Len(t, row.Cells, len(table.Columns), name)
			key := strings.Join([]string{row.Statistic, row.Level, row.Variable, row.Visit}, "|")
			require.NotContains(t, column, key, "%s: one row for each", name)
			for _, c := range row.Cells[1:] {
				n, ok := c.Number("count")
				assert.Equal(t, ok, c.Text != "")
				if ok {
					assert.Equal(t, fmt.Sprint(n), c.Text)
				}
				column[key] = append(column[key], int(n))
			}
		}
		at := func(key string, k int) int {
			if column[key] == nil {
				return 0
			}
			return column[key][k]
		}
		arms := len(table.Columns) - 2
		for k := range arms + 1 {
			randomized := at("randomized|||", k)
			for _, steps := range [][]string{{"received|||", "not-received|||", "received-unknown|||"}, {"completed|||", "lost|||"}} {
				if column[steps[0]] == nil {
					continue
				}
				n := 0
				for _, s := range steps {
					n += at(s, k)
				}
				assert.Equal(t, randomized, n, "%s: %v", name, steps)
			}
			for _, row := range table.Rows {
				if where := "||" + row.Variable + "|" + row.Visit; row.Statistic == "analyzed" {
					assert.Equal(t, randomized, at("analyzed"+where, k)+at("not-analyzed"+where, k), "%s: %s", name, row.Cells[0].Text)
				}
				// Parts follow their row, and are no more and no fewer.
				if row.Level == "" && column[row.Statistic+"||"+row.Variable+"|"+row.Visit] != nil {
					parts, sum := 0, 0
					for _, part := range table.Rows {
						if part.Level != "" && part.Statistic == row.Statistic && part.Variable == row.Variable && part.Visit == row.Visit {
							n, _ := part.Cells[k+1].Number("count")
							parts, sum = parts+1, sum+int(n)
						}
					}
					if parts > 0 {
						assert.Equal(t, at(row.Statistic+"||"+row.Variable+"|"+row.Visit, k), sum, "%s: %s", name, row.Cells[0].Text)
					}
				}
			}
		}
		if assessed := column["assessed|||"]; assessed != nil {
			assert.Equal(t, assessed[arms], at("randomized|||", arms)+at("excluded|||", arms), name)
		}
	}
	_, err := FlowTableWith(study.Report{}, FlowTableOptions{Lang: "xx"})
	assert.Error(t, err)
}

// What is not known is null in results.json, and what is nobody is 0.
func TestFlowInJSON(t *testing.T) {
	flow := func(name string) string {
		var b strings.Builder
		require.NoError(t, JSON(&b, flowStudy(t, name), Options{}))
		var f struct{ Flow json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(b.String()), &f))
		var s bytes.Buffer
		require.NoError(t, json.Compact(&s, f.Flow))
		return s.String()
	}
	assert.Contains(t, flow("hilt"), `{"assessed":null,"excluded":[],"randomized":10,"declared":false,"allocated":true,"arms":[{"arm":"hilt","randomized":5,"declared":false,`+
		`"in_file":5,"received":null,"not_received":[],"completed":null,"lost":[],"analyzed":[{"outcome":"vas","visit":"post","role":"additional","n":5,"observed":5,"lost_analyzed":null,"not_analyzed":[]}`)
	s := flow("flow")
	assert.Contains(t, s, `{"assessed":214,"excluded":[{"status":"","reason":"Did not meet the criteria","n":57},`)
	assert.Contains(t, s, `{"status":"died","reason":"","n":0}`)
	assert.Contains(t, s, `{"status":"other-arm","reason":"advice","n":1}`)
	assert.Contains(t, s, `"n":36,"observed":34,"lost_analyzed":2,"not_analyzed":[{"status":"","reason":"dropped-no-follow-up","n":4},{"status":"no-data","reason":"","n":2}]`)
}

// Statuses keep the arms' order, also one that an arm has not; reasons stand by how
// many have them in all arms together, then by name.
func TestFlowReasonsOfAllArms(t *testing.T) {
	of := func(a study.ConsortArm) []study.ReasonCount { return a.Lost }
	b := &builder{r: study.Report{Consort: study.Consort{Arms: []study.ConsortArm{
		{Lost: []study.ReasonCount{{Status: "lost", Reason: "a", N: 2}, {Status: "lost", Reason: "b", N: 1}, {Status: "died"}}},
		{Lost: []study.ReasonCount{{Status: "lost", Reason: "c", N: 2}, {Status: "lost", Reason: "b", N: 2}, {Status: "moved", N: 1}, {Status: "died", N: 1}}},
	}}}}
	assert.Equal(t, []study.ReasonCount{{Status: "lost", Reason: "b", N: 3}, {Status: "lost", Reason: "a", N: 2}, {Status: "lost", Reason: "c", N: 2},
		{Status: "moved", N: 1}, {Status: "died", N: 1}}, b.reasonsOf(of, func(study.ReasonCount) bool { return true }))
}
